//! One story, one article: which documents tell the same story, and which only look alike.
//!
//! Takes documents and gives a [`Report`]: clusters that may be merged, pairs an editor should look at, reports that
//! follow one another. Knows nothing of sites, files or Markdown front matter, prints nothing, and never changes a text.
//!
//! The way of a document: [`survey`] folds it ([`fold`]) once and keeps about a kilobyte, and what it says twice
//! ([`doubled`]); [`cluster`] collapses equal texts, finds candidate pairs in the sketches (`candidates`, with its bands and
//! their reasons), counts from the sketches what is common property (`frequency`), fetches the two texts of each pair again,
//! aligns them (`align`) and judges (`verdict`, where the thresholds and their reasons are). Which member of a cluster stands
//! for the story is `canonical`'s rule. [`cluster_remembering`] asks a [`Memory`] before it fetches a text. Archives beyond
//! one machine leave as a table ([`Export`]).

use std::borrow::Cow;

use serde::Serialize;

mod align;
pub mod bulk;
mod bytes;
mod candidates;
mod canonical;
pub mod decisions;
pub mod diff;
pub mod doubled;
mod export;
pub mod fold;
mod frequency;
mod gather;
pub mod html;
mod likeness;
mod memory;
mod parquet;
mod report;
mod sketch;
mod synonyms;
mod verdict;

pub use canonical::Preferences;
pub use decisions::Decisions;
pub use export::{Export, candidate_pairs};
pub use gather::{cluster, cluster_by, cluster_remembering};
pub use memory::Memory;
pub use sketch::{Sketch, Survey, VERSION, sketch, survey, text_hash};

/// One document to compare.
#[derive(Clone, Copy, Debug, Default)]
pub struct Document<'a> {
    /// A name that no other document has.
    pub id: &'a str,
    /// Markdown or plain body.
    pub text: &'a str,
    /// The title, a hint.
    pub title: Option<&'a str>,
    /// An ISO date, of which the day is read; a hint.
    pub date: Option<&'a str>,
    /// Where it comes from.
    pub source: Option<&'a str>,
}

/// Gives back the bodies of documents, which are not kept while sketches are compared.
pub trait Texts: Sync {
    /// Gives the body of the document whose sketch stands at `index`.
    fn text(&self, index: usize) -> Cow<'_, str>;
}

impl<T: AsRef<str> + Sync> Texts for [T] {
    fn text(&self, index: usize) -> Cow<'_, str> {
        Cow::Borrowed(self[index].as_ref())
    }
}

impl<T: AsRef<str> + Sync> Texts for Vec<T> {
    fn text(&self, index: usize) -> Cow<'_, str> {
        self.as_slice().text(index)
    }
}

/// What was found. Indices are places in the slice of sketches.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Documents that tell one story, two or more each, by the canonical one.
    pub clusters: Vec<Cluster>,
    /// Pairs that are not merged and worth a look, most alike first.
    pub review: Vec<ReviewPair>,
    /// Pairs of different reports on one matter, the earlier one first.
    pub follow_ups: Vec<(usize, usize)>,
}

/// One story in several documents.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// In order of preference: the first is the canonical one.
    pub members: Vec<Member>,
}

/// One document of a cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Place of its sketch.
    pub index: usize,
    /// Share of the smaller of this and the canonical text that the two have in common, from 0 to 1.
    pub containment: f64,
    /// How it was made.
    pub kind: Kind,
}

/// How a copy differs from the canonical document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The same text, white space aside.
    Exact,
    /// The same text in the other script, another width or with other punctuation.
    Script,
    /// Edited, cut, rewritten or wrapped.
    Near,
    /// Holds its text more than once.
    Doubled,
}

/// Two documents an editor should look at.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewPair {
    /// Place of the first, the one whose id is smaller.
    pub a: usize,
    /// Place of the second.
    pub b: usize,
    /// Share of the smaller text's own part that stands in the other, from 0 to 1.
    pub containment: f64,
    /// The longest sentences both have.
    pub evidence: Vec<String>,
    /// Whether numbers differ where the words around them agree.
    pub numbers_differ: bool,
    /// What differs there, as the two texts have it.
    pub conflicts: Vec<(String, String)>,
}
