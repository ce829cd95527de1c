//! Stage *lay out*: editions to the whole list of files to be.
//!
//! Takes the editions; gives a [`Site`]: an ordered map from output path to [`Page`]. A page is an output path and a
//! small value that says what stands there. No HTML yet, and no copy of a term's list in each of its pages. Two pages
//! that claim one path are refused here, before a byte is written.

mod article;
mod bodies;
mod depends;
mod feed;
mod json_ld;
mod links;
mod lists;
mod pager;
mod places;
mod plain;
mod terms;
#[cfg(test)]
mod variables;
mod view;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use crate::article::Rights;
use crate::config::Config;
use crate::corpus::{Corpus, Redirect};
use crate::diagnostic::{Checked, Diagnostic};
use crate::digest::Digest;
use crate::edition::Edition;
use crate::media::{self, Media};
use crate::search;
use crate::source::{Attachment, Shelf};
use crate::taxonomy::TermId;
use crate::theme::Theme;

pub use view::{Notes, Prepared, Views};

/// What stands at an output path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `/`: links to the editions.
    Chooser,
    /// `/404.html`.
    NotFound,
    /// The home page of an edition.
    Home,
    /// An article: index into the corpus.
    Article(usize),
    /// A withdrawn article: index into the corpus' withdrawn ones.
    Tombstone(usize),
    /// The list of a taxonomy's terms.
    Terms(String),
    /// The articles of a term: taxonomy, term, position of the page from 1.
    Term(String, TermId, usize),
    /// The articles of a city and a program, and the position of the page.
    Cross(TermId, TermId, usize),
    /// City × program.
    Matrix,
    /// A year, and the position of the page.
    Year(u16, usize),
    /// All years and months.
    Archive,
    /// Articles without a date, and the position of the page.
    Undated(usize),
    /// The search page.
    Search,
    /// Atom of an edition, or of one of its terms.
    Feed(Option<(String, TermId)>),
    /// JSON Feed of an edition, or of one of its terms.
    JsonFeed(Option<(String, TermId)>),
    /// All feeds of an edition.
    Opml,
    /// A page that leads elsewhere: site-relative path.
    Redirect(String),
    /// A file of the search index, and the digest of what it depends on.
    Index(Digest),
    /// The sitemap, and the digest of all addresses and days in it.
    Sitemap(Digest),
    /// Bytes as they are.
    Bytes(Vec<u8>),
    /// A file of the site, copied.
    File(PathBuf),
    /// A smaller copy of a picture: where the picture lies, its name in messages, and the copy.
    Picture(PathBuf, String, media::Copy),
}

/// One file to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// What stands there.
    pub kind: Kind,
    /// Index of its edition; the default one for what belongs to all.
    pub edition: usize,
    /// Who claims the path: a file of the site, or what the page is.
    pub claimed_by: String,
}

/// The whole list of files to be.
pub struct Site {
    /// The settings.
    pub config: Arc<Config>,
    /// The editions, in the order of the settings.
    pub editions: Arc<[Edition]>,
    /// Pictures and other files of articles.
    pub media: Media,
    /// Where the texts are.
    pub shelf: Arc<Shelf>,
    /// What facts and texts are made with: terms, glossary, settings of conversion.
    pub made_with: Digest,
    /// The search index.
    pub index: Option<search::Plan>,
    /// Output path, with `/` and no leading one, to page.
    pub pages: BTreeMap<String, Page>,
    /// Cross pages: city, program and their articles.
    pub crosses: BTreeMap<(TermId, TermId), Vec<usize>>,
    /// Year to the articles of that year, the newest first.
    pub years: BTreeMap<u16, Vec<usize>>,
    /// Articles without a date.
    pub undated: Vec<usize>,
    /// ID to place in the corpus, of articles and of the copies merged into them.
    addresses: BTreeMap<String, usize>,
    /// The terms of articles by number.
    places: places::Places,
}

impl Site {
    /// The address of a published article below its edition, by ID.
    pub fn address_of(&self, id: &str) -> Option<&str> {
        self.addresses.get(id).map(|&at| self.corpus().entries[at].address.as_str())
    }

    fn corpus(&self) -> &Corpus {
        &self.editions[0].corpus
    }
}

/// What the published bodies refer to: paths below the content folder, and below `static/` with a leading `/`. What only
/// drafts refer to stays at home.
pub fn referred(corpus: &Corpus) -> BTreeSet<String> {
    let articles = corpus.entries.iter().map(|entry| &entry.facts).chain(&corpus.hand_made);
    let whole = articles.filter(|facts| !matches!(facts.article.rights, Some(Rights::Link | Rights::Excerpt)));
    whole.flat_map(links::referred).collect()
}

/// What pages stand on besides the editions.
pub struct Ground<'a> {
    /// The settings.
    pub config: &'a Arc<Config>,
    /// The theme.
    pub theme: &'a Theme,
    /// Pictures and other files of articles.
    pub media: Media,
    /// Where the texts are.
    pub shelf: &'a Arc<Shelf>,
    /// Digest of what facts are made with.
    pub made_with: Digest,
    /// Files copied as they are.
    pub statics: &'a [Attachment],
}

/// Lays out all pages but those of the search index, which [`Claims::complete`] adds with all that gives way to others.
pub fn lay_out<'a>(editions: Arc<[Edition]>, ground: Ground<'a>) -> Claims<'a> {
    let Ground { config, theme, media, shelf, made_with, statics } = ground;
    let corpus = Arc::clone(&editions[0].corpus);
    let mut site = Site {
        config: Arc::clone(config),
        editions,
        media,
        shelf: Arc::clone(shelf),
        made_with,
        index: None,
        pages: BTreeMap::new(),
        crosses: lists::crosses(&corpus, config),
        years: BTreeMap::new(),
        undated: Vec::new(),
        addresses: BTreeMap::new(),
        places: places::Places::new(&corpus, &config.taxonomies),
    };
    for (at, entry) in corpus.entries.iter().enumerate() {
        site.addresses.insert(entry.article.id.clone(), at);
        site.addresses.extend(entry.copies.iter().map(|copy| (copy.id.clone(), at)));
        match entry.article.date {
            Some(date) => site.years.entry(date.year()).or_default().push(at),
            None => site.undated.push(at),
        }
    }
    let mut claims = Claims { site, statics, diagnostics: Vec::new() };
    for at in 0..config.editions.len() {
        claims.edition(at);
    }
    claims.shared(theme);
    claims
}

/// Files of `static/` that take the place of what the build would write.
const OVERRIDABLE: &[&str] = &["robots.txt", "_headers", "_redirects", "CNAME", "favicon.ico", "404.html"];

/// A site in the making: who claims which path.
pub struct Claims<'a> {
    site: Site,
    statics: &'a [Attachment],
    diagnostics: Vec<Diagnostic>,
}

impl Claims<'_> {
    /// Lays out the files of the search index, if the site has one, and what stands where nothing else does.
    pub fn complete(mut self, index: Option<search::Plan>) -> Checked<Site> {
        let edition = self.site.config.default_edition;
        for (path, digest) in index.iter().flat_map(|plan| plan.files()) {
            self.claim(path.clone(), edition, Kind::Index(*digest), "the search index");
        }
        self.site.index = index;
        self.redirects();
        self.statics();
        self.files_and_folders();
        Checked { value: self.site, diagnostics: self.diagnostics }
    }

    fn claim(&mut self, path: String, edition: usize, kind: Kind, claimed_by: impl Into<String>) {
        let page = Page { kind, edition, claimed_by: claimed_by.into() };
        match self.site.pages.entry(path) {
            Entry::Vacant(free) => {
                free.insert(page);
            }
            Entry::Occupied(taken) => {
                self.diagnostics.push(rivals(taken.key(), &page.claimed_by, &taken.get().claimed_by));
            }
        }
    }

    fn edition(&mut self, at: usize) {
        let corpus = Arc::clone(&self.site.editions[at].corpus);
        let home = format!("{}/", self.site.editions[at].config.id);
        let per_page = self.site.config.per_page;
        self.claim(format!("{home}index.html"), at, Kind::Home, "the home page");
        for (number, entry) in corpus.entries.iter().enumerate() {
            self.claim(
                format!("{home}{}index.html", entry.address),
                at,
                Kind::Article(number),
                entry.article.path.as_ref(),
            );
        }
        for (number, entry) in corpus.withdrawn.iter().enumerate() {
            self.claim(
                format!("{home}{}index.html", entry.address),
                at,
                Kind::Tombstone(number),
                entry.article.path.as_ref(),
            );
        }
        for taxonomy in &self.site.config.taxonomies.clone() {
            self.claim(
                format!("{home}{taxonomy}/index.html"),
                at,
                Kind::Terms(taxonomy.clone()),
                format!("the list of the taxonomy {taxonomy}"),
            );
            let Some(terms) = corpus.terms.get(taxonomy) else { continue };
            for (id, used) in terms {
                let base = format!("{home}{taxonomy}/{id}/");
                let who = format!("the page of the {taxonomy} {id}");
                for position in 1..=pager::pages(used.entries.len(), per_page) {
                    let path = format!("{}index.html", pager::url(&base, position, used.entries.len(), per_page));
                    self.claim(path, at, Kind::Term(taxonomy.clone(), id.clone(), position), who.as_str());
                }
                if self.site.config.feeds {
                    self.feeds(at, &base, Some((taxonomy.clone(), id.clone())), &who);
                }
            }
        }
        self.crosses(at, &home);
        self.time(at, &home);
        if lists::has_matrix(&self.site.config) {
            self.claim(format!("{home}matrix/index.html"), at, Kind::Matrix, "the matrix page");
        }
        self.claim(format!("{home}archive/index.html"), at, Kind::Archive, "the archive page");
        if self.site.config.search {
            self.claim(format!("{home}search/index.html"), at, Kind::Search, "the search page");
        }
        if self.site.config.feeds {
            self.feeds(at, &home, None, "the feed");
            self.claim(format!("{home}feeds.opml"), at, Kind::Opml, "the list of feeds");
        }
    }

    fn feeds(&mut self, at: usize, base: &str, term: Option<(String, TermId)>, who: &str) {
        if self.site.config.json_feeds {
            self.claim(format!("{base}feed.json"), at, Kind::JsonFeed(term.clone()), who);
        }
        self.claim(format!("{base}feed.xml"), at, Kind::Feed(term), who);
    }

    fn crosses(&mut self, at: usize, home: &str) {
        let per_page = self.site.config.per_page;
        let pairs: Vec<(TermId, TermId, usize)> = self
            .site
            .crosses
            .iter()
            .map(|((city, program), entries)| (city.clone(), program.clone(), entries.len()))
            .collect();
        for (city, program, count) in pairs {
            let base = format!("{home}city/{city}/program/{program}/");
            for position in 1..=pager::pages(count, per_page) {
                let path = format!("{}index.html", pager::url(&base, position, count, per_page));
                self.claim(path, at, Kind::Cross(city.clone(), program.clone(), position), "a cross page");
            }
        }
    }

    fn time(&mut self, at: usize, home: &str) {
        let per_page = self.site.config.per_page;
        let years: Vec<(u16, usize)> = self.site.years.iter().map(|(year, entries)| (*year, entries.len())).collect();
        for (year, count) in years {
            let base = format!("{home}{year:04}/");
            for position in 1..=pager::pages(count, per_page) {
                let path = format!("{}index.html", pager::url(&base, position, count, per_page));
                self.claim(path, at, Kind::Year(year, position), format!("the page of the year {year}"));
            }
        }
        let count = self.site.undated.len();
        for position in 1..=pager::pages(count, per_page).min(if count == 0 { 0 } else { usize::MAX }) {
            let path = format!("{}index.html", pager::url(&format!("{home}undated/"), position, count, per_page));
            self.claim(path, at, Kind::Undated(position), "the page of undated articles");
        }
    }

    /// What belongs to all editions.
    fn shared(&mut self, theme: &Theme) {
        let edition = self.site.config.default_edition;
        self.claim("index.html".into(), edition, Kind::Chooser, "the chooser");
        self.claim("404.html".into(), edition, Kind::NotFound, "the page for what is not found");
        for (path, bytes) in &theme.assets {
            self.claim(path.clone(), edition, Kind::Bytes(bytes.clone()), "an asset of the theme");
        }
        self.media(edition);
        for (path, kind) in plain::files(&self.site) {
            self.claim(path, edition, kind, "the build");
        }
    }

    /// The files beside articles, and the smaller copies of all pictures.
    fn media(&mut self, edition: usize) {
        let files: BTreeMap<String, media::File> =
            self.site.media.files().map(|file| (file.output.clone(), file.clone())).collect();
        for (output, file) in files {
            // What lies in `static/` is claimed there.
            if output.starts_with(media::FOLDER) {
                self.claim(output, edition, Kind::File(file.file.clone()), "a picture of an article");
            }
            for copy in file.copies {
                let kind = Kind::Picture(file.file.clone(), file.shown.clone(), copy.clone());
                // One picture may lie in two places.
                self.site.pages.entry(copy.output).or_insert(Page {
                    kind,
                    edition,
                    claimed_by: "a picture of an article".to_owned(),
                });
            }
        }
    }

    fn redirects(&mut self) {
        let edition = self.site.config.default_edition;
        let corpus = Arc::clone(&self.site.editions[0].corpus);
        for redirect in &corpus.redirects {
            let path = plain::redirect_path(&redirect.from);
            if let Some(other) = self.site.pages.get(&path) {
                let message = format!("the old address `/{}` is taken by {}", redirect.from, other.claimed_by);
                self.diagnostics.push(
                    Diagnostic::error("address-taken", redirect.path.as_str(), message)
                        .at(redirect.line, 1)
                        .help("remove it from `aliases`: a page stands there"),
                );
                continue;
            }
            self.claim(path, edition, Kind::Redirect(redirect.to.clone()), redirect.path.as_str());
        }
        self.below_old_terms(&corpus);
    }

    /// What stood below the address of a renamed term: later pages of its list, and its pages with other terms.
    ///
    /// These lead on by pages only and by no rules for hosts, whose number hosts limit.
    fn below_old_terms(&mut self, corpus: &Corpus) {
        // Programs first, so that a page of a city and a program leads on when both have new names.
        for programs in [true, false] {
            for redirect in &corpus.redirects {
                let at = self.site.pages.get(&format!("{}index.html", redirect.to));
                let Some(Page { kind: Kind::Term(taxonomy, new, 1), .. }) = at else { continue };
                if (taxonomy == "program") == programs {
                    for (from, to) in self.moved(redirect, taxonomy, new) {
                        self.lead_on(&from, &to, &redirect.path);
                    }
                }
            }
        }
    }

    /// Old and new address of each list of a renamed term.
    fn moved(&self, redirect: &Redirect, taxonomy: &str, new: &TermId) -> Vec<(String, String)> {
        let mut moved = vec![(redirect.from.clone(), redirect.to.clone())];
        let names = redirect.from.trim_end_matches('/').rsplit_once('/');
        if let (true, Some((folder, old))) = (taxonomy == "program", names) {
            let home = folder.split('/').next().unwrap_or_default();
            let crosses = self.site.crosses.keys().filter(|(_, program)| program == new);
            moved.extend(crosses.map(|(city, _)| {
                let at = |program: &str| format!("{home}/city/{city}/program/{program}/");
                (at(old), at(new.as_str()))
            }));
        }
        moved
    }

    /// Leads from all below an old address to its place below the new one, but where something else stands now.
    fn lead_on(&mut self, from: &str, to: &str, claimed_by: &str) {
        let below = self.site.pages.range(to.to_owned()..).take_while(|(path, _)| path.starts_with(to));
        let lists = below.filter_map(|(path, page)| {
            let target = match &page.kind {
                Kind::Term(..) | Kind::Cross(..) => path.trim_end_matches("index.html").to_owned(),
                Kind::Redirect(further) if path.ends_with("/index.html") => further.clone(),
                _ => return None,
            };
            Some((format!("{from}{}", &path[to.len()..]), target))
        });
        let edition = self.site.config.default_edition;
        for (path, target) in lists.collect::<Vec<_>>() {
            let kind = Kind::Redirect(target);
            self.site.pages.entry(path).or_insert(Page { kind, edition, claimed_by: claimed_by.to_owned() });
        }
    }

    fn statics(&mut self) {
        let edition = self.site.config.default_edition;
        for file in self.statics {
            let page = Page { kind: Kind::File(file.file.clone()), edition, claimed_by: file.shown.clone() };
            match self.site.pages.get(&file.path) {
                Some(other) if !OVERRIDABLE.contains(&file.path.as_str()) => {
                    self.diagnostics.push(
                        Diagnostic::error(
                            "address-taken",
                            file.shown.as_str(),
                            format!("`/{}` is already written by {}", file.path, other.claimed_by),
                        )
                        .help("rename the file"),
                    );
                }
                _ => {
                    self.site.pages.insert(file.path.clone(), page);
                }
            }
        }
    }

    /// A path cannot be a file and the folder of another file.
    fn files_and_folders(&mut self) {
        let mut found = Vec::new();
        // The last path none of whose folders is a file. Neighbours share folders, which are looked at once.
        let mut clear = "";
        for (path, page) in &self.site.pages {
            let known = path.bytes().zip(clear.bytes()).take_while(|(a, b)| a == b).count();
            let before = found.len();
            for (at, _) in path.match_indices('/').filter(|&(at, _)| at >= known) {
                if let Some(other) = self.site.pages.get(&path[..at]) {
                    found.push(
                        Diagnostic::error(
                            "address-taken",
                            page.claimed_by.as_str(),
                            format!(
                                "`/{path}` needs `/{}` to be a folder, but {} makes it a file",
                                &path[..at],
                                other.claimed_by
                            ),
                        )
                        .help("change one of the two addresses"),
                    );
                }
            }
            if found.len() == before {
                clear = path;
            }
        }
        self.diagnostics.extend(found);
    }
}

fn rivals(path: &str, new: &str, old: &str) -> Diagnostic {
    // The file of an editor is named first: a page of the build cannot be renamed.
    let (file, other) = if old.contains('/') && !new.contains('/') { (old, new) } else { (new, old) };
    let address = path.trim_end_matches("index.html");
    Diagnostic::error("address-taken", file, format!("its address `/{address}` is also claimed by {other}"))
        .help("change the `slug:`, or the name of the file")
}
