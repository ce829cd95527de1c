//! What conversion repaired in texts of mixed script, for the report of a build.
//!
//! Takes a site that is laid out; gives, for each article of mixed script and each edition, what is published otherwise
//! than it stands, and where an editor should look. Such articles are few, and their texts are read again for this.

use rayon::prelude::*;
use serde::Serialize;

use crate::page::Site;
use crate::script::{Explained, Origin};

/// The repairs of one article in one edition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Repaired {
    /// The article.
    pub id: String,
    /// Its file.
    pub path: String,
    /// The edition.
    pub edition: String,
    /// What was changed, where it is unsure, what is quoted in the other script.
    #[serde(flatten)]
    pub told: Explained,
}

/// Lists the repairs of all articles of mixed script, in the order of the corpus.
pub(crate) fn list(site: &Site) -> Vec<Repaired> {
    let Some(first) = site.editions.first() else { return Vec::new() };
    let mixed: Vec<_> = first.corpus.entries.iter().filter(|entry| entry.facts.script == Origin::Mixed).collect();
    let of = |entry: &&crate::corpus::Entry| {
        let text = entry.facts.text(&site.shelf);
        let told = |edition: &crate::edition::Edition| {
            let told = edition.explain(entry, &text);
            let (id, path) = (entry.article.id.to_string(), entry.article.path.to_string());
            (told != Explained::default()).then(|| Repaired { id, path, edition: edition.config.id.to_string(), told })
        };
        site.editions.iter().filter_map(told).collect::<Vec<_>>()
    };
    mixed.par_iter().map(of).collect::<Vec<_>>().concat()
}
