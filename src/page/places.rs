//! The terms that articles have, by number, and where each article stands in the lists of its own.
//!
//! Pages, list entries and digests ask for the terms of an article again and again; the corpus knows them by name only.

use std::ops::Range;

use crate::corpus::Corpus;
use crate::taxonomy::TermId;

/// The terms of a site, numbered by taxonomy and ID, and the places of its articles.
#[derive(Default)]
pub(super) struct Places {
    terms: Vec<(String, TermId)>,
    of_entries: Vec<Box<[Place]>>,
}

/// The place of an article in the list of one of its terms.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Number of the term.
    pub(super) term: usize,
    /// The article before it in time: index into the corpus.
    pub(super) older: Option<usize>,
    /// The article after it.
    pub(super) newer: Option<usize>,
}

impl Places {
    /// `taxonomies` are those of the settings, in their order.
    pub(super) fn new(corpus: &Corpus, taxonomies: &[String]) -> Self {
        let mut terms = Vec::new();
        let mut found: Vec<Vec<Place>> =
            corpus.entries.iter().map(|entry| Vec::with_capacity(entry.terms.len())).collect();
        for (taxonomy, of_taxonomy) in &corpus.terms {
            for (id, used) in of_taxonomy {
                for (at, &entry) in used.entries.iter().enumerate() {
                    let newer = at.checked_sub(1).map(|at| used.entries[at]);
                    found[entry].push(Place { term: terms.len(), older: used.entries.get(at + 1).copied(), newer });
                }
                terms.push((taxonomy.clone(), id.clone()));
            }
        }
        // An entry has its terms in the order of the settings, those of one taxonomy by ID.
        let rank = |(taxonomy, _): &(String, TermId)| taxonomies.iter().position(|known| known == taxonomy);
        let ranks: Vec<Option<usize>> = terms.iter().map(rank).collect();
        for (entry, places) in corpus.entries.iter().zip(&mut found) {
            places.sort_unstable_by_key(|place| (ranks[place.term], place.term));
            debug_assert!(places.iter().zip(&entry.terms).all(|(place, term)| terms[place.term].1 == term.id));
        }
        Places { terms, of_entries: found.into_iter().map(Vec::into_boxed_slice).collect() }
    }

    /// The places of an entry, in the order of its terms.
    pub(super) fn of(&self, entry: usize) -> &[Place] {
        self.of_entries.get(entry).map_or(&[], |places| places)
    }

    /// All terms, in the order of their numbers.
    pub(super) fn terms(&self) -> &[(String, TermId)] {
        &self.terms
    }

    /// The numbers of the terms of a taxonomy.
    pub(super) fn of_taxonomy(&self, taxonomy: &str) -> Range<usize> {
        let from = self.terms.partition_point(|(there, _)| there.as_str() < taxonomy);
        from..from + self.terms[from..].partition_point(|(there, _)| there == taxonomy)
    }

    /// The taxonomy of a term.
    pub(super) fn taxonomy(&self, place: &Place) -> &str {
        &self.terms[place.term].0
    }

    /// The number of a term.
    pub(super) fn number(&self, taxonomy: &str, id: &TermId) -> Option<usize> {
        self.terms.binary_search_by(|(there, other)| (there.as_str(), other).cmp(&(taxonomy, id))).ok()
    }
}
