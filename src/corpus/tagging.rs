//! Terms of an article: those its front matter names, and those its text is about.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::{refuse_at, warn_at};
use crate::article::Article;
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::facts::{Facts, Found};
use crate::slug;
use crate::taxonomy::{Resolution, Taxonomies, TermId};

/// Who says that an article carries a term.
#[derive(Clone, Debug, PartialEq)]
pub enum By {
    /// The front matter, as written there.
    FrontMatter(String),
    /// The text, with a score from 0 to 1.
    Detected(f32),
}

/// One term of one article.
#[derive(Clone, Debug, PartialEq)]
pub struct Tagged {
    /// The taxonomy.
    pub taxonomy: String,
    /// The term.
    pub id: TermId,
    /// Who says so.
    pub by: By,
}

/// What one article says about terms, before written names are resolved.
pub(super) struct Claims {
    facts: Arc<Facts>,
    /// The terms written in it and in its copies, where those bring any.
    joined: Option<BTreeMap<String, Vec<String>>>,
}

impl Claims {
    /// Those of an article; `joined` are the terms written in it and in its copies, where those bring any.
    pub(super) fn new(facts: &Arc<Facts>, joined: Option<BTreeMap<String, Vec<String>>>) -> Self {
        Claims { facts: Arc::clone(facts), joined }
    }

    /// The names of terms as written, by taxonomy.
    fn written(&self) -> &BTreeMap<String, Vec<String>> {
        self.joined.as_ref().unwrap_or(&self.facts.article.terms)
    }

    /// What the text is about. Front matter always wins: a taxonomy the editor filled in is complete.
    fn detected(&self) -> impl Iterator<Item = &Found> {
        self.facts.found.iter().filter(|found| !self.written().contains_key(&found.taxonomy))
    }
}

/// Names of terms that no taxonomy knows, by taxonomy and the ID made for them.
pub(super) type Minted = BTreeMap<String, BTreeMap<TermId, String>>;

/// The terms of all articles.
pub(super) struct Settled {
    /// By article.
    pub(super) terms: Vec<Vec<Tagged>>,
    /// The names of new terms.
    pub(super) minted: Minted,
    /// What there is to say about names.
    pub(super) remarks: Vec<Diagnostic>,
}

/// Resolves the written names of all articles and sorts each article's terms.
pub(super) fn settle(claims: &[Claims], taxonomies: &Taxonomies, config: &Config) -> Settled {
    let resolver = Resolver::new(claims, taxonomies, config);
    let each: Vec<(Vec<Tagged>, Noticed)> =
        claims.par_iter().with_min_len(64).map(|claims| resolver.settle(claims)).collect();
    let mut settled = Settled { terms: Vec::with_capacity(each.len()), minted: Minted::new(), remarks: Vec::new() };
    for (terms, noticed) in each {
        settled.terms.push(terms);
        settled.remarks.extend(noticed.remarks);
        for (taxonomy, id, written) in noticed.minted {
            settled.minted.entry(taxonomy).or_default().entry(id).or_insert(written);
        }
    }
    settled
}

/// What is noticed while the names of one article are resolved.
#[derive(Default)]
struct Noticed {
    /// Taxonomy, ID and name of each new term.
    minted: Vec<(String, TermId, String)>,
    remarks: Vec<Diagnostic>,
}

fn push_new(terms: &mut Vec<Tagged>, term: Tagged) {
    if !terms.iter().any(|other| other.taxonomy == term.taxonomy && other.id == term.id) {
        terms.push(term);
    }
}

struct Resolver<'a> {
    taxonomies: &'a Taxonomies,
    config: &'a Config,
    /// Free names and the IDs made for them, by taxonomy.
    free: BTreeMap<&'a str, BTreeMap<String, TermId>>,
}

impl<'a> Resolver<'a> {
    /// Makes IDs for all free names of the site at once, so that they do not depend on the order of files.
    fn new(claims: &[Claims], taxonomies: &'a Taxonomies, config: &'a Config) -> Self {
        let mut resolver = Resolver { taxonomies, config, free: BTreeMap::new() };
        for taxonomy in &config.taxonomies {
            let written = claims
                .iter()
                .flat_map(Claims::written)
                .filter(|(key, _)| *key == taxonomy || taxonomy == "tag" && *key == "category")
                .flat_map(|(_, names)| names);
            // One by one: few names are written often, and collecting sorts all of them.
            let mut names: BTreeSet<&str> = BTreeSet::new();
            written.for_each(|name| {
                names.insert(name);
            });
            let minted = taxonomies.mint(taxonomy, names, &slug::from_title);
            resolver.free.insert(taxonomy, minted.into_iter().map(|(name, id)| (name.to_owned(), id)).collect());
        }
        resolver
    }

    /// The terms of one article, by taxonomy in the order of the settings, then by ID.
    fn settle(&self, claims: &Claims) -> (Vec<Tagged>, Noticed) {
        let (mut settled, mut noticed) = (Vec::new(), Noticed::default());
        for (taxonomy, names) in claims.written() {
            let terms =
                names.iter().filter_map(|name| self.resolve(&claims.facts.article, taxonomy, name, &mut noticed));
            terms.for_each(|term| push_new(&mut settled, term));
        }
        for Found { taxonomy, term, score } in claims.detected() {
            if self.config.taxonomies.contains(taxonomy) {
                let by = By::Detected(*score);
                push_new(&mut settled, Tagged { taxonomy: taxonomy.clone(), id: term.clone(), by });
            }
        }
        let rank = |name: &str| self.config.taxonomies.iter().position(|known| known == name).unwrap_or(usize::MAX);
        settled.sort_by(|a, b| rank(&a.taxonomy).cmp(&rank(&b.taxonomy)).then_with(|| a.id.cmp(&b.id)));
        (settled, noticed)
    }

    fn resolve(&self, article: &Article, key: &str, written: &str, noticed: &mut Noticed) -> Option<Tagged> {
        let (taxonomy, id) = if key == "category" {
            self.category(written)?
        } else {
            (key, self.known(article, key, written, &mut noticed.remarks))
        };
        if !self.config.taxonomies.iter().any(|known| known == taxonomy) {
            return None;
        }
        let by = By::FrontMatter(written.to_owned());
        if let Some(id) = id {
            return Some(Tagged { taxonomy: taxonomy.to_owned(), id, by });
        }
        let Some(id) = self.free.get(taxonomy).and_then(|names| names.get(written)) else {
            noticed.remarks.push(warn_at(
                article,
                key_of(article, taxonomy),
                "term-invalid",
                format!("{taxonomy} `{}` leaves no letter to name it by; left out", short(written)),
                "write the name of a term",
            ));
            return None;
        };
        if taxonomy != "tag" {
            noticed.remarks.push(unknown_term(article, taxonomy, written, id));
        }
        noticed.minted.push((taxonomy.to_owned(), id.clone(), written.to_owned()));
        Some(Tagged { taxonomy: taxonomy.to_owned(), id: id.clone(), by })
    }

    fn known(
        &self,
        article: &Article,
        taxonomy: &str,
        written: &str,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<TermId> {
        match self.taxonomies.meaning(taxonomy, written) {
            Resolution::Term(id) => Some(id.clone()),
            Resolution::Unknown => None,
            Resolution::Ambiguous(ids) => {
                let names: Vec<String> = ids.iter().map(|id| format!("`{}`", id.as_str())).collect();
                diagnostics.push(refuse_at(
                    article,
                    key_of(article, taxonomy),
                    "term-ambiguous",
                    format!("{taxonomy} `{}` may be {}", short(written), names.join(" or ")),
                    "write the ID of the term that is meant",
                ));
                None
            }
        }
    }

    /// A category that names a city or program is one; any other is a tag.
    fn category(&self, written: &str) -> Option<(&'a str, Option<TermId>)> {
        let found = self.config.taxonomies.iter().find_map(|taxonomy| {
            self.taxonomies.resolve(taxonomy, written).map(|id| (taxonomy.as_str(), Some(id.clone())))
        });
        found.or_else(|| self.config.taxonomies.iter().find(|name| *name == "tag").map(|name| (name.as_str(), None)))
    }
}

fn unknown_term(article: &Article, taxonomy: &str, written: &str, id: &TermId) -> Diagnostic {
    warn_at(
        article,
        key_of(article, taxonomy),
        "term-unknown",
        format!("{taxonomy} `{}` is in no taxonomy; made `{}` of it", short(written), id.as_str()),
        &format!("correct the name, or add it to content/_data/taxonomies/{taxonomy}.yaml"),
    )
}

/// The key under which an article names terms of a taxonomy.
fn key_of<'a>(article: &Article, taxonomy: &'a str) -> &'a str {
    let plural = match taxonomy {
        "city" => "cities",
        "program" => "programs",
        "tag" => "tags",
        other => other,
    };
    if article.places.iter().any(|place| place.key == plural) { plural } else { taxonomy }
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}
