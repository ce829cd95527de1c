//! Stage *convert*: the corpus in one script.
//!
//! Takes the corpus and the settings of an edition; gives the [`Edition`]: titles, summaries, names and labels in its
//! script. Bodies are converted one by one when their page is written, so that they need not be kept. Term IDs and
//! slugs are shared between editions, labels are not; that is what lets a page link to its twin.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::article::{Article, Rights};
use crate::config::{Config, EditionConfig};
use crate::corpus::{Corpus, Entry, origin};
use crate::markdown;
use crate::script::glossary::Glossary;
use crate::script::{Converter, Explained, Options, Origin, Script, Target};
use crate::taxonomy::TermId;

/// The words of one article's list entry.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heading {
    /// Title.
    pub title: String,
    /// Summary, plain text.
    pub summary: String,
    /// Name of the source, or empty.
    pub source: String,
}

/// The corpus in one script.
pub struct Edition<'a> {
    /// Its settings.
    pub config: &'a EditionConfig,
    /// All that is published.
    pub corpus: &'a Corpus,
    /// Title of the site.
    pub title: String,
    /// Description of the site.
    pub description: String,
    /// The words of each entry, in the order of the corpus.
    pub headings: Vec<Heading>,
    /// Names of terms, by taxonomy and ID.
    labels: BTreeMap<String, BTreeMap<TermId, String>>,
    converter: Converter,
}

/// Converts everything but the bodies.
pub fn convert<'a>(
    corpus: &'a Corpus,
    config: &'a Config,
    edition: &'a EditionConfig,
    glossary: &Glossary,
) -> Edition<'a> {
    let target = match edition.script {
        Script::Hans => Target::Hans,
        Script::Hant => Target::Hant(edition.region),
    };
    let options = Options { vocabulary: config.convert.vocabulary, quotes: config.convert.quotes };
    let converter = Converter::new(target, glossary, options);
    let mut made = Edition {
        config: edition,
        corpus,
        title: converter.text(&config.title, Origin::Auto).into_owned(),
        description: converter.text(&config.description, Origin::Auto).into_owned(),
        headings: Vec::new(),
        labels: BTreeMap::new(),
        converter,
    };
    made.headings = corpus.entries.par_iter().map(|entry| made.heading(entry)).collect();
    made.labels = made.name_terms();
    made
}

impl Edition<'_> {
    /// The hand-made version of an entry in this edition's script.
    pub fn hand_made(&self, entry: &Entry) -> Option<&Article> {
        let mut made = entry.hand_made.iter().map(|&at| &self.corpus.hand_made[at]);
        made.find(|article| {
            matches!((origin(article), self.config.script), (Origin::Hans, Script::Hans) | (Origin::Hant, Script::Hant))
        })
    }

    /// Plain text in this edition's script.
    pub fn text<'t>(&self, text: &'t str, origin: Origin) -> Cow<'t, str> {
        self.converter.text(text, origin)
    }

    /// Text of an entry, left as written when its editor says so.
    pub fn text_of<'t>(&self, entry: &Entry, text: &'t str) -> Cow<'t, str> {
        if entry.article.convert { self.text(text, entry.script) } else { Cow::Borrowed(text) }
    }

    /// The words of an entry's place in lists.
    pub fn heading(&self, entry: &Entry) -> Heading {
        let source = entry
            .article
            .source
            .as_ref()
            .map(|source| self.text_of(entry, &source.name).into_owned())
            .unwrap_or_default();
        if let Some(made) = self.hand_made(entry) {
            let summary = made.summary.clone().unwrap_or_else(|| markdown::summary(&made.body, 120));
            return Heading { title: made.title.clone(), summary, source };
        }
        Heading {
            title: self.text_of(entry, &entry.article.title).into_owned(),
            summary: self.text_of(entry, &entry.summary).into_owned(),
            source,
        }
    }

    /// The Markdown body of an entry in this edition's script, as much of it as its rights allow.
    pub fn body<'e>(&'e self, entry: &'e Entry) -> Cow<'e, str> {
        match entry.article.rights {
            Some(Rights::Link) => return Cow::Borrowed(""),
            Some(Rights::Excerpt) => return Cow::Owned(markdown::escape(&self.text_of(entry, &entry.summary))),
            _ => {}
        }
        if let Some(made) = self.hand_made(entry) {
            return Cow::Borrowed(&made.body);
        }
        if !entry.article.convert {
            return Cow::Borrowed(&entry.article.body);
        }
        self.converter.markdown(&entry.article.body, entry.script).text
    }

    /// What converting an entry repairs, and where the converter is unsure.
    pub fn explain(&self, entry: &Entry) -> Explained {
        if !entry.article.convert || self.hand_made(entry).is_some() {
            return Explained::default();
        }
        self.converter.explain(&entry.article.body, entry.script)
    }

    /// The language tag of an entry's text where it differs from the edition's own.
    pub fn foreign_lang(&self, entry: &Entry) -> &'static str {
        if entry.article.convert {
            return "";
        }
        match (entry.script, self.config.script) {
            (Origin::Hans, Script::Hant) => "zh-Hans",
            (Origin::Hant, Script::Hans) => "zh-Hant",
            (Origin::Mixed, _) => "zh",
            _ => "",
        }
    }

    /// The name of a term.
    pub fn label<'s>(&'s self, taxonomy: &str, id: &'s TermId) -> &'s str {
        self.labels.get(taxonomy).and_then(|terms| terms.get(id)).map_or(id.as_str(), String::as_str)
    }

    fn name_terms(&self) -> BTreeMap<String, BTreeMap<TermId, String>> {
        let mut labels = BTreeMap::new();
        for (taxonomy, terms) in &self.corpus.terms {
            let names = terms.keys().map(|id| (id.clone(), self.name_term(taxonomy, id))).collect();
            labels.insert(taxonomy.clone(), names);
        }
        labels
    }

    fn name_term(&self, taxonomy: &str, id: &TermId) -> String {
        let Some(term) = self.corpus.taxonomies.get(taxonomy, id) else {
            let written = self.corpus.minted.get(taxonomy).and_then(|names| names.get(id));
            return written.map_or_else(|| id.to_string(), |name| self.text(name, Origin::Auto).into_owned());
        };
        // A name may have been given in one script for both, so the other half is converted too.
        match self.config.script {
            Script::Hans => self.text(&term.name.hans, Origin::Hans).into_owned(),
            Script::Hant if term.name.hant == term.name.hans => self.text(&term.name.hant, Origin::Auto).into_owned(),
            Script::Hant => self.text(&term.name.hant, Origin::Hant).into_owned(),
        }
    }
}
