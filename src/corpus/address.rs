//! Where each article lives, and where its old addresses lead.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Entry, Use, refuse_at, warn_at};
use crate::addresses::{self, Recorded};
use crate::article::Article;
use crate::article::date::Moment;
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::slug::{self, Slug};
use crate::taxonomy::{Taxonomies, TermId, edit};

/// An old address and where it leads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Redirect {
    /// Site-relative path without a leading slash, `old/1/` or `2018/old.html`.
    pub from: String,
    /// Site-relative path of a page, without a leading slash.
    pub to: String,
    /// The file that asked for it.
    pub path: String,
    /// Line of the key that asked for it.
    pub line: usize,
}

/// Who holds an address.
struct Holder {
    at: usize,
    explicit: bool,
}

/// Gives every entry its address and collects the redirects.
///
/// Equal explicit slugs are an error naming both files; equal derived ones get `-2`, `-3` by date and path.
pub(super) fn assign(
    entries: &mut [Entry],
    withdrawn: &mut [Entry],
    config: &Config,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Redirect> {
    let mut all: Vec<&mut Entry> = entries.iter_mut().chain(withdrawn.iter_mut()).collect();
    let articles: Vec<Arc<Article>> = all.iter().map(|entry| Arc::clone(&entry.article)).collect();
    let mut order: Vec<usize> = (0..all.len()).collect();
    // Explicit slugs take their addresses first; derived ones make way, the earliest article keeping the plain one.
    order.sort_by_cached_key(|&at| {
        let article = &articles[at];
        (article.slug.is_none(), article.date, article.path.as_ref(), article.id.as_str())
    });
    let mut holders: BTreeMap<String, Holder> = BTreeMap::new();
    let mut next = BTreeMap::new();
    for at in order {
        let slug = slug_of(&all[at].article);
        let mut address = address(config, &slug, all[at].article.date);
        if let Some(holder) = holders.get(&address) {
            let (article, other) = (&all[at].article, &all[holder.at].article);
            let numbered = numbered(config, &slug, article.date, &holders, &mut next);
            diagnostics.push(if article.slug.is_some() && holder.explicit {
                same_slug(article, other, &slug)
            } else {
                slug_taken(article, other, &slug, &numbered.0)
            });
            address = numbered.1;
        }
        holders.insert(address.clone(), Holder { at, explicit: all[at].article.slug.is_some() });
        all[at].address = address;
    }
    redirects(&all, config, &holders, diagnostics)
}

fn slug_taken(article: &Article, other: &Article, slug: &Slug, instead: &Slug) -> Diagnostic {
    let message = format!("`{slug}` is taken by `{}`; published as `{instead}`", other.path);
    warn_at(article, "slug", "slug-taken", message, "write a `slug:` of its own")
}

fn same_slug(article: &Article, other: &Article, slug: &Slug) -> Diagnostic {
    let place = other.places.iter().find(|place| place.key == "slug").map_or(other.line, |place| place.line);
    refuse_at(
        article,
        "slug",
        "address-taken",
        format!("slug `{slug}` is also given by `{}`, line {place}", other.path),
        "change one of the two slugs",
    )
}

/// The slug of an article: given, else the file's name if that is ASCII, else the pinyin of its title.
fn slug_of(article: &Article) -> Slug {
    if let Some(slug) = &article.slug {
        return slug.clone();
    }
    let first_of_file = !article.id.contains('#');
    let stem = article.id.rsplit('/').next().unwrap_or(&article.id);
    // Every second file of an archive is called `index`; its folder says more.
    let stem = if stem == "index" { article.id.rsplit('/').nth(1).unwrap_or(stem) } else { stem };
    if first_of_file && stem.is_ascii() {
        return slug_of_stem(stem);
    }
    slug_of_title(&article.title)
}

/// The slug of a file's name, which is ASCII.
fn slug_of_stem(stem: &str) -> Slug {
    slug::check(stem).unwrap_or_else(|_| slug_of_title(stem))
}

fn slug_of_title(title: &str) -> Slug {
    slug::check(&slug::from_title(title)).expect("a slug made from a title is valid")
}

fn address(config: &Config, slug: &Slug, date: Option<Moment>) -> String {
    let Some(date) = date else { return format!("undated/{slug}/") };
    let mut address = String::new();
    for segment in config.permalink.split('/').filter(|segment| !segment.is_empty()) {
        match segment {
            ":year" => address.push_str(&format!("{:04}", date.year())),
            ":month" => address.push_str(&format!("{:02}", date.month())),
            ":day" => address.push_str(&format!("{:02}", date.day_of_month())),
            ":slug" => address.push_str(slug.as_str()),
            word => address.push_str(word),
        }
        address.push('/');
    }
    address
}

/// The next free address with `-2`, `-3` … behind the slug; `next` remembers where the search for each slug ended.
fn numbered(
    config: &Config,
    slug: &Slug,
    date: Option<Moment>,
    holders: &BTreeMap<String, Holder>,
    next: &mut BTreeMap<String, usize>,
) -> (Slug, String) {
    let number = next.entry(address(config, slug, date)).or_insert(2);
    // A slug of the greatest length has to make room for its number.
    let base = slug.as_str().get(..slug::LONGEST_WRITTEN - 12).unwrap_or(slug.as_str());
    loop {
        let candidate = slug::check(&format!("{base}-{number}"));
        *number += 1;
        if let Ok(candidate) = candidate {
            let address = address(config, &candidate, date);
            if !holders.contains_key(&address) {
                return (candidate, address);
            }
        }
    }
}

/// The longest path of an alias, in bytes; file systems take 255 a segment.
const LONGEST_ALIAS: usize = 240;

fn redirects(
    all: &[&mut Entry],
    config: &Config,
    holders: &BTreeMap<String, Holder>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Redirect> {
    let mut redirects: Vec<Redirect> = Vec::new();
    for entry in all {
        let article = &entry.article;
        let line = article.places.iter().find(|place| place.key == "aliases").map_or(article.line, |place| place.line);
        for alias in &entry.aliases {
            match check_alias(alias) {
                Ok(from) => {
                    let edition = config
                        .editions
                        .iter()
                        .find(|edition| from.starts_with(&format!("{}/", edition.id)))
                        .unwrap_or(config.default_edition());
                    let to = format!("{}/{}", edition.id, entry.address);
                    if from != to {
                        redirects.push(Redirect { from, to, path: article.path.to_string(), line });
                    }
                }
                Err(problem) => diagnostics.push(refuse_at(
                    article,
                    "aliases",
                    "alias-invalid",
                    format!("alias `{}`: {problem}", alias.chars().take(60).collect::<String>()),
                    "write a path of this site, such as `/2018/old-address/`",
                )),
            }
        }
        // A copy in the same file never had an address of its own.
        for copy in entry.copies.iter().filter(|copy| copy.path != article.path) {
            let (slug, date) = &copy.address_hint;
            let stem = copy.id.rsplit('/').next().unwrap_or_default();
            let own_file = stem.is_ascii() && !stem.contains('#');
            let slug = slug
                .clone()
                .unwrap_or_else(|| if own_file { slug_of_stem(stem) } else { slug_of_title(&copy.article.title) });
            let old = address(config, &slug, *date);
            if old != entry.address && !holders.contains_key(&old) {
                redirects.extend(config.editions.iter().map(|edition| Redirect {
                    from: format!("{}/{old}", edition.id),
                    to: format!("{}/{}", edition.id, entry.address),
                    path: copy.path.to_string(),
                    line: 1,
                }));
            }
        }
    }
    redirects.sort();
    redirects.dedup_by(|a, b| a.from == b.from && a.to == b.to);
    refuse_rivals(redirects, diagnostics)
}

/// The old addresses of renamed and merged terms, and of their feeds, where articles carry the term that took over.
pub(super) fn of_terms(
    terms: &BTreeMap<String, BTreeMap<TermId, Use>>,
    taxonomies: &Taxonomies,
    config: &Config,
    taken: &[Redirect],
) -> Vec<Redirect> {
    let mut redirects = Vec::new();
    for (taxonomy, old, new) in edit::redirects(taxonomies) {
        // A free tag may have got the old id; its page stands there.
        let used = terms.get(&taxonomy).is_some_and(|terms| terms.contains_key(&new) && !terms.contains_key(&old));
        if !used {
            continue;
        }
        let file = config.content_dir.join("_data/taxonomies").join(format!("{taxonomy}.yaml"));
        for edition in &config.editions {
            for page in ["", "feed.xml"].into_iter().take(if config.feeds { 2 } else { 1 }) {
                let address = |id: &TermId| format!("{}/{taxonomy}/{id}/{page}", edition.id);
                redirects.push(Redirect { from: address(&old), to: address(&new), path: config.shown(&file), line: 1 });
            }
        }
    }
    // What an article asks for goes first.
    redirects.retain(|redirect| !taken.iter().any(|other| same_place(&other.from, &redirect.from)));
    redirects
}

/// Recorded addresses of articles that have moved; one whose article is gone is worth a word.
pub(super) fn recorded(
    entries: &[Entry],
    withdrawn: &[Entry],
    recorded: &[Recorded],
    taken: &[Redirect],
    config: &Config,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Redirect> {
    if recorded.is_empty() {
        return Vec::new();
    }
    let all = || entries.iter().chain(withdrawn);
    let standing: BTreeSet<&str> = all().map(|entry| entry.address.as_str()).collect();
    let mut of_id: BTreeMap<&str, &str> = BTreeMap::new();
    for entry in all() {
        of_id.insert(&entry.article.id, &entry.address);
        of_id.extend(entry.copies.iter().map(|copy| (copy.id.as_str(), entry.address.as_str())));
    }
    let taken: BTreeSet<&str> = taken.iter().map(|redirect| redirect.from.as_str()).collect();
    let file = config.shown(&config.content_dir.join("_data").join(addresses::FILE));
    let mut redirects = Vec::new();
    for Recorded { address, id, line } in recorded {
        let from = |edition: &str| format!("{edition}/{address}");
        let kept = config.editions.iter().any(|edition| taken.contains(from(&edition.id).as_str()));
        if standing.contains(address.as_str()) || kept {
            continue;
        }
        let Some(to) = of_id.get(id.as_str()) else {
            let message = format!("`/{address}` was published, and its article `{id}` is gone");
            diagnostics.push(Diagnostic::warning("address-dropped", file.as_str(), message).at(*line, 1).help(
                "bring the article back with `withdrawn: reason`, or write the address into `aliases:` of the one that took its place, or delete this line",
            ));
            continue;
        };
        redirects.extend(config.editions.iter().map(|edition| Redirect {
            from: from(&edition.id),
            to: format!("{}/{to}", edition.id),
            path: file.clone(),
            line: *line,
        }));
    }
    redirects.dedup_by(|a, b| a.from == b.from);
    redirects
}

fn same_place(a: &str, b: &str) -> bool {
    a.trim_end_matches("index.html").trim_end_matches('/') == b.trim_end_matches("index.html").trim_end_matches('/')
}

/// Two articles cannot both own one old address.
fn refuse_rivals(redirects: Vec<Redirect>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Redirect> {
    let mut kept: Vec<Redirect> = Vec::with_capacity(redirects.len());
    for redirect in redirects {
        match kept.last().filter(|last| last.from == redirect.from) {
            Some(last) => diagnostics.push(
                Diagnostic::error(
                    "address-taken",
                    redirect.path.as_str(),
                    format!("the old address `/{}` is also given by `{}`", redirect.from, last.path),
                )
                .at(redirect.line, 1)
                .help("keep it in one of the two articles"),
            ),
            None => kept.push(redirect),
        }
    }
    kept
}

/// Reads an alias as a path inside the site.
fn check_alias(alias: &str) -> Result<String, &'static str> {
    let path = alias.strip_prefix('/').unwrap_or(alias);
    if path.is_empty() {
        return Err("the home page cannot be an old address");
    }
    if path.len() > LONGEST_ALIAS {
        return Err("too long");
    }
    if path.starts_with('/') || path.contains("//") || path.contains("://") {
        return Err("not a path of this site");
    }
    if path.split('/').any(|segment| matches!(segment, "." | "..") || segment.starts_with('.')) {
        return Err("segments that begin with a dot lead elsewhere");
    }
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '~' | '+' | ',' | '@');
    if !path.chars().all(plain) {
        return Err("holds a character that addresses should not have");
    }
    Ok(path.to_owned())
}
