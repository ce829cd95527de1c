//! Stage *convert*: the corpus in one script.
//!
//! Takes the corpus and the settings of an edition; gives the [`Edition`]: titles, summaries, names and labels in its
//! script. Bodies are converted one by one when their page is written, so that they need not be kept. Term IDs and
//! slugs are shared between editions, labels are not; that is what lets a page link to its twin.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::article::Rights;
use crate::config::{Config, EditionConfig};
use crate::corpus::{Corpus, Entry};
use crate::facts::Facts;
use crate::markdown;
use crate::script::{Converter, Explained, Origin, Script};
use crate::taxonomy::TermId;

pub use crate::facts::Heading;

/// The corpus in one script.
pub struct Edition {
    /// Its settings.
    pub config: EditionConfig,
    /// Its place among the editions.
    pub index: usize,
    /// All that is published.
    pub corpus: Arc<Corpus>,
    /// Title of the site.
    pub title: String,
    /// Description of the site.
    pub description: String,
    /// The words of each entry, in the order of the corpus.
    pub headings: Vec<Arc<Heading>>,
    /// Names of terms, by taxonomy and ID.
    labels: BTreeMap<String, BTreeMap<TermId, String>>,
    converter: Arc<Converter>,
}

/// Converts everything but the bodies: the edition at `index` of the settings, with its converter.
pub fn convert(corpus: &Arc<Corpus>, config: &Config, index: usize, converter: &Arc<Converter>) -> Edition {
    let mut made = Edition {
        config: config.editions[index].clone(),
        index,
        corpus: Arc::clone(corpus),
        title: converter.text(&config.title, Origin::Auto).into_owned(),
        description: converter.text(&config.description, Origin::Auto).into_owned(),
        headings: Vec::new(),
        labels: BTreeMap::new(),
        converter: Arc::clone(converter),
    };
    made.headings = corpus.entries.iter().map(|entry| made.heading(entry)).collect();
    made.labels = made.name_terms();
    made
}

impl Edition {
    /// The hand-made version of an entry in this edition's script.
    pub fn hand_made<'c>(&'c self, entry: &Entry) -> Option<&'c Arc<Facts>> {
        let mut made = entry.hand_made.iter().map(|&at| &self.corpus.hand_made[at]);
        made.find(|facts| {
            matches!((facts.script, self.config.script), (Origin::Hans, Script::Hans) | (Origin::Hant, Script::Hant))
        })
    }

    /// Whose text an entry shows here: that of its hand-made version, else its own.
    pub fn facts<'c>(&'c self, entry: &'c Entry) -> &'c Arc<Facts> {
        self.hand_made(entry).unwrap_or(&entry.facts)
    }

    /// Plain text in this edition's script.
    pub fn text<'t>(&self, text: &'t str, origin: Origin) -> Cow<'t, str> {
        self.converter.text(text, origin)
    }

    /// Text of an entry, left as written when its editor says so.
    pub fn text_of<'t>(&self, entry: &Entry, text: &'t str) -> Cow<'t, str> {
        if entry.article.convert { self.text(text, entry.facts.script) } else { Cow::Borrowed(text) }
    }

    /// The words of an entry's place in lists.
    pub fn heading(&self, entry: &Entry) -> Arc<Heading> {
        let own = &entry.facts.headings[self.index];
        match self.hand_made(entry) {
            Some(made) => Arc::new(Heading {
                title: made.article.title.clone(),
                summary: made.summary.clone(),
                source: own.source.clone(),
            }),
            None => Arc::clone(own),
        }
    }

    /// The Markdown body of an entry in this edition's script, as much of it as its rights allow; `text` is that of
    /// [`Edition::facts`], read again.
    pub fn body<'t>(&self, entry: &'t Entry, text: &'t str) -> Cow<'t, str> {
        match entry.article.rights {
            Some(Rights::Link) => return Cow::Borrowed(""),
            Some(Rights::Excerpt) => return Cow::Owned(markdown::escape(&self.text_of(entry, &entry.facts.summary))),
            _ => {}
        }
        if !entry.article.convert || self.hand_made(entry).is_some() {
            return Cow::Borrowed(text);
        }
        self.converter.markdown(text, entry.facts.script).text
    }

    /// What converting an entry repairs, and where the converter is unsure.
    pub fn explain(&self, entry: &Entry, text: &str) -> Explained {
        if !entry.article.convert || self.hand_made(entry).is_some() {
            return Explained::default();
        }
        self.converter.explain(text, entry.facts.script)
    }

    /// The language tag of an entry's text where it differs from the edition's own.
    pub fn foreign_lang(&self, entry: &Entry) -> &'static str {
        if entry.article.convert {
            return "";
        }
        match (entry.facts.script, self.config.script) {
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
