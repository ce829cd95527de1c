//! What a page depends on, as a digest: if it is that of the last build, the page need not be made again.
//!
//! A template sees what the files beside this one make of entries, headings, names of terms and the values an edition
//! shares. Each digest takes those in whole: an entry by the digest of all facts of its file and of all that was decided
//! about it, an edition by all settings, the theme and the program. What a page may show more is a reason to widen the
//! digest here; a page of a kind that is not listed here is always made.

use std::hash::Hash;

use rayon::prelude::*;
use siphasher::sip128::SipHasher13;

use super::{Kind, Page, Site, feed, pager};
use crate::corpus::{By, Entry};
use crate::digest::Digest;
use crate::edition::Edition;
use crate::facts::PROGRAM;
use crate::taxonomy::TermId;
use crate::theme::Theme;

/// Digests of what pages are made from, taken once.
pub(super) struct Depends {
    editions: Vec<OfEdition>,
}

struct OfEdition {
    /// All that every page of the edition sees.
    shared: Digest,
    /// Each entry as lists show it and as its own page shows it, neighbours aside.
    entries: Vec<Digest>,
    /// What of each entry is counted over a whole list: its month, and its terms by name.
    counted: Vec<Digest>,
}

impl Depends {
    pub(super) fn new(site: &Site, theme: &Theme) -> Self {
        let corpus = site.corpus();
        let decided: Vec<Digest> = corpus.entries.par_iter().map(|entry| decided(site, entry)).collect();
        let settings = site.config.told();
        let taxonomies: Vec<&String> = corpus.terms.keys().collect();
        let shared = Digest::of_value(&(PROGRAM, settings, theme.digest, site.made_with, taxonomies));
        let of_edition = |edition: &Edition| OfEdition {
            shared: Digest::of_value(&(shared, edition.index)),
            entries: shown(site, edition, &decided),
            counted: all_counted(site, edition),
        };
        Depends { editions: site.editions.iter().map(of_edition).collect() }
    }

    /// The digest of what a page depends on, the places its body leads to aside; none for a page that is always made.
    pub(super) fn of(&self, site: &Site, path: &str, page: &Page) -> Option<Digest> {
        let mut of_page = OfPage {
            site,
            edition: &site.editions[page.edition],
            digests: &self.editions[page.edition],
            hasher: SipHasher13::new(),
        };
        of_page.digests.shared.hash(&mut of_page.hasher);
        path.hash(&mut of_page.hasher);
        of_page.take(&page.kind)?;
        Some(of_page.hasher.into())
    }
}

/// An entry, what was decided about it included.
fn decided(site: &Site, entry: &Entry) -> Digest {
    let mut hasher = SipHasher13::new();
    (entry.facts.digest, &entry.address).hash(&mut hasher);
    for term in &entry.terms {
        (&term.taxonomy, &term.id).hash(&mut hasher);
        match &term.by {
            By::FrontMatter(written) => written.hash(&mut hasher),
            By::Detected(score) => score.to_bits().hash(&mut hasher),
        }
    }
    if !entry.copies.is_empty() {
        format!("{:?}", entry.copies).hash(&mut hasher);
    }
    for &at in &entry.hand_made {
        site.corpus().hand_made[at].digest.hash(&mut hasher);
    }
    hasher.into()
}

/// Entries in the words of an edition.
fn shown(site: &Site, edition: &Edition, decided: &[Digest]) -> Vec<Digest> {
    let labels: Vec<&str> = site.places.terms().iter().map(|(taxonomy, id)| edition.label(taxonomy, id)).collect();
    let digest = |(at, heading): (usize, &std::sync::Arc<crate::facts::Heading>)| {
        let mut hasher = SipHasher13::new();
        (&decided[at], heading).hash(&mut hasher);
        site.places.of(at).iter().for_each(|place| labels[place.term].hash(&mut hasher));
        hasher.into()
    };
    edition.headings.par_iter().enumerate().map(digest).collect()
}

/// What is counted of each entry.
fn all_counted(site: &Site, edition: &Edition) -> Vec<Digest> {
    let term = |(taxonomy, id): &(String, TermId)| Digest::of_value(&(taxonomy, id, edition.label(taxonomy, id)));
    let terms: Vec<Digest> = site.places.terms().iter().map(term).collect();
    let counted = |(at, entry): (usize, &Entry)| {
        let mut hasher = SipHasher13::new();
        entry.article.date.map(|date| (date.year(), date.month())).hash(&mut hasher);
        site.places.of(at).iter().for_each(|place| terms[place.term].hash(&mut hasher));
        hasher.into()
    };
    edition.corpus.entries.par_iter().enumerate().map(counted).collect()
}

/// The digest of one page in the making.
struct OfPage<'a> {
    site: &'a Site,
    edition: &'a Edition,
    digests: &'a OfEdition,
    hasher: SipHasher13,
}

impl OfPage<'_> {
    /// Takes in all that a page of a kind shows.
    fn take(&mut self, kind: &Kind) -> Option<()> {
        match kind {
            Kind::Article(at) => self.article(*at),
            Kind::Term(taxonomy, id, position) => {
                self.edition.label(taxonomy, id).hash(&mut self.hasher);
                let terms = self.edition.corpus.terms.get(taxonomy);
                let entries = terms.and_then(|terms| terms.get(id)).map_or(&[][..], |used| &used.entries);
                self.list(entries, *position);
            }
            Kind::Cross(city, program, position) => {
                (self.edition.label("city", city), self.edition.label("program", program)).hash(&mut self.hasher);
                let key = (city.clone(), program.clone());
                self.list(self.site.crosses.get(&key).map_or(&[][..], |entries| entries), *position);
            }
            Kind::Year(year, position) => {
                let years = &self.site.years;
                let before = years.range(..year).next_back().map(|(year, _)| year);
                let after = years.range(year + 1..).next().map(|(year, _)| year);
                (before, after).hash(&mut self.hasher);
                self.list(years.get(year).map_or(&[][..], |entries| entries), *position);
            }
            Kind::Undated(position) => self.list(&self.site.undated, *position),
            Kind::Feed(Some((taxonomy, id))) => {
                self.edition.label(taxonomy, id).hash(&mut self.hasher);
                let terms = self.edition.corpus.terms.get(taxonomy);
                let entries = terms.and_then(|terms| terms.get(id)).map_or(&[][..], |used| &used.entries);
                self.entries(&entries[..entries.len().min(feed::ENTRIES)]);
            }
            Kind::Feed(None) => {
                let newest: Vec<usize> = (0..self.edition.corpus.entries.len().min(feed::ENTRIES)).collect();
                self.entries(&newest);
            }
            Kind::Index(digest) | Kind::Sitemap(digest) => digest.hash(&mut self.hasher),
            _ => return None,
        }
        Some(())
    }

    fn entries(&mut self, entries: &[usize]) {
        entries.len().hash(&mut self.hasher);
        entries.iter().for_each(|&at| self.digests.entries[at].hash(&mut self.hasher));
    }

    fn article(&mut self, at: usize) {
        let entry = &self.edition.corpus.entries[at];
        self.digests.entries[at].hash(&mut self.hasher);
        for (other, relation) in &entry.related {
            (*relation as u8, self.digests.entries[*other]).hash(&mut self.hasher);
        }
        // The articles before and after it within each of its terms.
        for place in self.site.places.of(at) {
            [place.newer, place.older].map(|at| at.map(|at| self.digests.entries[at])).hash(&mut self.hasher);
        }
    }

    /// A page of a list: its own entries, and on the first page what is said of all of them.
    fn list(&mut self, entries: &[usize], position: usize) {
        let per_page = self.site.config.per_page;
        pager::seen(position, entries.len(), per_page).hash(&mut self.hasher);
        self.entries(&entries[pager::range(position, entries.len(), per_page)]);
        if position != 1 {
            return;
        }
        entries.len().hash(&mut self.hasher);
        // Years, months and the terms that occur together are counted over all entries.
        entries.iter().for_each(|&at| self.digests.counted[at].hash(&mut self.hasher));
    }
}

impl Site {
    /// Where a path below the content folder leads: to an article, to a file, or nowhere.
    pub(super) fn leads_to(&self, target: &str) -> Digest {
        let id = target.strip_suffix(".md").or_else(|| target.strip_suffix(".markdown"));
        // What is asked for below `static/` begins with a `/`, and may be a page.
        let page = target.strip_prefix('/').is_some_and(|below| self.pages.contains_key(below));
        let file =
            self.media.find(target).map(|file| (&file.output, &file.shown, file.size, format!("{:?}", file.copies)));
        Digest::of_value(&(self.address_of(id.unwrap_or(target)), file, page))
    }
}
