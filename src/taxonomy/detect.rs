//! Says what a text is about: which cities, programs and other terms, with score and evidence.
//!
//! Takes a title, a Markdown body and the name of a source; gives terms. Built once from [`Taxonomies`], then shared.
//! One pass over the folded text finds all spellings, the longest winning; the words around a name and its place say
//! how much each mention counts. Knows no article and no file.

mod context;
mod find;
pub(super) mod scan;
mod spun;
mod weigh;

use serde::Serialize;

use super::term::TermId;
use super::trie::Trie;
use find::{Crossings, Senses};
use scan::{Places, Scanned};

/// What is looked at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Text<'a> {
    /// The title; may be empty.
    pub title: &'a str,
    /// The body, as Markdown.
    pub body: &'a str,
    /// The name of the source, which says whose city 我市 is.
    pub source: Option<&'a str>,
}

/// Where a mention stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Where {
    /// In the title.
    Title,
    /// At the beginning of the body.
    Lead,
    /// Further down.
    Body,
    /// In the name of the source.
    Source,
}

/// One mention that counts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evidence {
    /// The words of the text.
    pub text: String,
    /// In which part they stand.
    #[serde(rename = "where")]
    pub place: Where,
    /// How many characters of that part stand before them; lead and body count from the beginning of the body.
    pub offset: usize,
}

/// A term a text is about.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tag {
    /// The taxonomy.
    pub taxonomy: String,
    /// The term.
    pub term: TermId,
    /// How sure it is, from 0 to 1; tags below one half are not given.
    pub score: f32,
    /// The mentions, in order, at most eight.
    pub evidence: Vec<Evidence>,
}

/// How many mentions are kept as evidence for one tag.
const MOST_EVIDENCE: usize = 8;

/// What detection knows about a term.
#[derive(Clone, Debug)]
struct Info {
    taxonomy: u16,
    id: TermId,
    /// What is needed for a tag depends on the kind of taxonomy.
    kind: TermKind,
    /// Province or country of a built-in city.
    region: Option<u16>,
    parent: Option<u32>,
    /// City of a program.
    city: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TermKind {
    /// A city in China, or one a site added.
    City,
    /// A county.
    County,
    /// A city elsewhere, whose name makes nicknames.
    World,
    /// A program or a term of the site's own taxonomies: a name of its own.
    Named,
    /// A tag: a word of the language, which must be prominent.
    Word,
}

/// Finds terms in texts.
#[derive(Clone, Debug)]
pub struct Detector {
    taxonomies: Vec<String>,
    infos: Vec<Info>,
    trie: Trie,
    senses: Senses,
    crossings: Crossings,
}

impl Detector {
    /// Detects the terms of a text, sorted by taxonomy, then the surest first.
    pub fn detect(&self, text: &Text<'_>) -> Vec<Tag> {
        let [title, body, source] = scan(text, Places::Wanted);
        let quoted = |w: &weigh::Weighed| {
            let mut evidence: Vec<Evidence> =
                w.mentions.iter().take(MOST_EVIDENCE).map(|m| quote(text, &title, &body, &source, m)).collect();
            evidence.dedup();
            evidence
        };
        weigh::weigh(self, &title, &body, &source).iter().map(|w| self.tag(w, quoted(w))).collect()
    }

    /// Detects the same terms without quoting the evidence, for which much of a text would be counted through again.
    pub fn tags(&self, text: &Text<'_>) -> Vec<Tag> {
        let [title, body, source] = scan(text, Places::Unwanted);
        weigh::weigh(self, &title, &body, &source).iter().map(|w| self.tag(w, Vec::new())).collect()
    }

    fn tag(&self, weighed: &weigh::Weighed, evidence: Vec<Evidence>) -> Tag {
        let info = &self.infos[weighed.term as usize];
        let taxonomy = self.taxonomies[usize::from(info.taxonomy)].clone();
        Tag { taxonomy, term: info.id.clone(), score: weighed.score, evidence }
    }
}

fn scan(text: &Text<'_>, places: Places) -> [Scanned; 3] {
    let source = text.source.unwrap_or("");
    [Scanned::title(text.title, places), Scanned::body(text.body, places), Scanned::title(source, places)]
}

/// Quotes the words of a mention from the text.
fn quote(text: &Text<'_>, title: &Scanned, body: &Scanned, source: &Scanned, m: &weigh::Mention) -> Evidence {
    let (scanned, whole) = match m.place {
        Where::Title => (title, text.title),
        Where::Lead | Where::Body => (body, text.body),
        Where::Source => (source, text.source.unwrap_or("")),
    };
    let offset = scanned.at.get(m.start).map_or(0, |&at| at as usize);
    let last = m.end.checked_sub(1).and_then(|i| scanned.at.get(i)).map_or(offset, |&at| at as usize);
    let text = whole.chars().skip(offset).take(last + 1 - offset).collect();
    Evidence { text, place: m.place, offset }
}
