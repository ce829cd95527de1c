//! What articles say of each other: copies, hand-made editions, distinct ones.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use super::{refuse_at, warn_at};
use crate::article::{Article, DeclaredScript};
use crate::diagnostic::Diagnostic;
use crate::script::Script;
use crate::script::detect::Verdict;

/// The references of all articles, by index.
#[derive(Default)]
pub(super) struct Links {
    /// `canonical`: the article each one is a copy of.
    pub(super) canonical: BTreeMap<usize, usize>,
    /// `edition_of`: the article each one is the hand-made version of.
    pub(super) edition_of: BTreeMap<usize, usize>,
    /// `distinct_from`: pairs that are never merged.
    pub(super) distinct: Vec<(usize, usize)>,
}

/// Finds articles by ID, path or slug.
struct Names<'a> {
    by_name: BTreeMap<&'a str, usize>,
    drafts: BTreeMap<&'a str, ()>,
}

impl<'a> Names<'a> {
    fn new(articles: &[&'a Article], drafts: &[&'a Article]) -> Self {
        let mut by_name = BTreeMap::new();
        for (at, article) in articles.iter().enumerate().rev() {
            if let Some(slug) = &article.slug {
                by_name.insert(slug.as_str(), at);
            }
        }
        for (at, article) in articles.iter().enumerate().rev() {
            by_name.insert(article.path.as_ref(), at);
            by_name.insert(article.path.split_once('/').map_or("", |(_, rest)| rest), at);
        }
        for (at, article) in articles.iter().enumerate() {
            by_name.insert(article.id.as_str(), at);
        }
        let drafts = drafts.iter().map(|draft| (draft.id.as_str(), ())).collect();
        Names { by_name, drafts }
    }

    fn find(&self, written: &str) -> Option<usize> {
        let written = written.trim_start_matches("./").trim_start_matches('/');
        self.by_name.get(written).or_else(|| self.by_name.get(written.trim_end_matches(".md"))).copied()
    }
}

/// Resolves the references of all articles; what leads nowhere or in a circle is a diagnostic. `seen` tells the script
/// an article's text is seen to be in.
pub(super) fn resolve(
    articles: &[&Article],
    drafts: &[&Article],
    seen: &dyn Fn(usize) -> Verdict,
    diagnostics: &mut Vec<Diagnostic>,
) -> Links {
    // Most sites have no article that names another.
    let names = LazyCell::new(|| Names::new(articles, drafts));
    let mut links = Links::default();
    for (at, article) in articles.iter().enumerate() {
        if let Some(written) = &article.canonical {
            resolve_one(articles, &names, at, written, canonical_key(article), diagnostics)
                .map(|to| links.canonical.insert(at, to));
        }
        if let Some(written) = &article.edition_of {
            let to = resolve_one(articles, &names, at, written, "edition_of", diagnostics);
            let script = |at: usize| script_of(articles[at], seen(at));
            if let Some(to) = to.filter(|&to| other_script(article, articles[to], script(at), script(to), diagnostics))
            {
                links.edition_of.insert(at, to);
            }
        }
        for written in &article.distinct_from {
            match names.find(written) {
                Some(to) if to != at => links.distinct.push((at, to)),
                _ => diagnostics.push(warn_at(
                    article,
                    "distinct_from",
                    "reference-unknown",
                    format!("`distinct_from` names `{written}`, which is no other article"),
                    "write the ID of an article: its path below the content folder, without `.md`",
                )),
            }
        }
    }
    refuse_circles(articles, &mut links.canonical, "canonical", diagnostics);
    refuse_circles(articles, &mut links.edition_of, "edition_of", diagnostics);
    refuse_withdrawn(articles, &links, diagnostics);
    links
}

fn canonical_key(article: &Article) -> &'static str {
    if article.places.iter().any(|place| place.key == "canonical") { "canonical" } else { "duplicate_of" }
}

fn resolve_one(
    articles: &[&Article],
    names: &Names<'_>,
    at: usize,
    written: &str,
    key: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<usize> {
    let article = articles[at];
    let help = "write the ID of a published article: its path below the content folder, without `.md`";
    match names.find(written) {
        Some(to) if to == at => {
            diagnostics.push(refuse_at(
                article,
                key,
                "reference-self",
                format!("`{key}` names the article itself"),
                help,
            ));
            None
        }
        Some(to) => Some(to),
        None if names.drafts.contains_key(written) => {
            diagnostics.push(refuse_at(
                article,
                key,
                "reference-draft",
                format!("`{key}` names `{written}`, which is a draft: the text would vanish"),
                help,
            ));
            None
        }
        None => {
            diagnostics.push(refuse_at(
                article,
                key,
                "reference-unknown",
                format!("`{key}` names `{written}`, and there is no such article"),
                help,
            ));
            None
        }
    }
}

/// A hand-made edition must be in the other script than its article.
fn other_script(
    made: &Article,
    of: &Article,
    made_in: Option<Script>,
    of_in: Option<Script>,
    diagnostics: &mut Vec<Diagnostic>,
) -> bool {
    if made_in.is_some() && made_in == of_in {
        let message = format!("`edition_of` names `{}`, which is in the same script", of.path);
        diagnostics.push(refuse_at(
            made,
            "edition_of",
            "edition-same-script",
            message,
            "write `script:` if the detection is wrong, else use `canonical:`",
        ));
        return false;
    }
    true
}

/// The script of a hand-made edition or its article; none when the text does not tell.
fn script_of(article: &Article, seen: Verdict) -> Option<Script> {
    match article.script {
        Some(DeclaredScript::Hans) => return Some(Script::Hans),
        Some(DeclaredScript::Hant) => return Some(Script::Hant),
        _ => {}
    }
    match seen {
        Verdict::Hans => Some(Script::Hans),
        Verdict::Hant => Some(Script::Hant),
        _ => None,
    }
}

/// Follows each chain; a circle is refused, naming every article in it.
fn refuse_circles(
    articles: &[&Article],
    links: &mut BTreeMap<usize, usize>,
    key: &str,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut bad = Vec::new();
    for &start in links.keys() {
        let mut at = start;
        let mut steps = 0;
        while let Some(&next) = links.get(&at) {
            at = next;
            steps += 1;
            if at == start || steps > links.len() {
                bad.push(start);
                break;
            }
        }
    }
    for at in bad {
        let Some(to) = links.remove(&at) else { continue };
        let article = articles[at];
        let key = if key == "canonical" { canonical_key(article) } else { key };
        let message =
            format!("`{key}` goes round in a circle: `{}` and `{}` name each other", article.path, articles[to].path);
        diagnostics.push(refuse_at(article, key, "reference-circle", message, "remove the key from one of them"));
    }
}

/// A copy of a withdrawn article would vanish with it.
fn refuse_withdrawn(articles: &[&Article], links: &Links, diagnostics: &mut Vec<Diagnostic>) {
    for (&at, &to) in &links.canonical {
        if articles[to].withdrawn.is_some() && articles[at].withdrawn.is_none() {
            let article = articles[at];
            let message = format!(
                "`{}` names `{}`, which is withdrawn: the text would vanish",
                canonical_key(article),
                articles[to].path
            );
            diagnostics.push(refuse_at(
                article,
                canonical_key(article),
                "reference-withdrawn",
                message,
                "name a published article, or withdraw this one too",
            ));
        }
    }
}
