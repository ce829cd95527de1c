//! Facts: all that later stages know of a text, made once while the text is at hand.
//!
//! Stage between *parse* and *gather*. Takes the articles of one file and a [`Desk`] (what facts are made with: settings,
//! terms, converters); gives [`Facts`], after which the text is dropped. Pure, and of one article each: must not know the
//! others, so that a fact stays true until its file, or the desk, changes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::article::{self, Article, DeclaredScript, Rights, Written};
use crate::config::{Config, EditionConfig};
use crate::data::Data;
use crate::dedupe::doubled::Doubled;
use crate::dedupe::{self, Document};
use crate::diagnostic::{Checked, Diagnostic};
use crate::digest::Digest;
use crate::markdown;
use crate::script::detect::{self, Verdict};
use crate::script::{Converter, Origin, Script, Target};
use crate::search;
use crate::source::{self, Shelf};
use crate::taxonomy::{Detector, TermId, Text};

/// The words of one article's list entry in one edition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Heading {
    /// Title.
    #[serde(deserialize_with = "stored::text")]
    pub title: String,
    /// Summary, plain text.
    #[serde(deserialize_with = "stored::text")]
    pub summary: String,
    /// Name of the source, or empty.
    pub source: String,
}

/// A term a text is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// The taxonomy.
    pub taxonomy: String,
    /// The term.
    pub term: TermId,
    /// How sure it is, from 0 to 1.
    pub score: f32,
}

/// What is known of one article without its text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// The article.
    pub article: Arc<Article>,
    /// What its body says twice, which is published once.
    pub repeated: Option<Doubled>,
    /// Line on which the repetition begins.
    pub repeated_line: usize,
    /// The script its text is seen to be in.
    pub seen: Verdict,
    /// The script its text is taken to be in.
    pub script: Origin,
    /// Summary in the script of the source.
    #[serde(deserialize_with = "stored::text")]
    pub summary: String,
    /// Characters a reader reads.
    pub length: usize,
    /// Its words in lists, by edition.
    pub headings: Vec<Arc<Heading>>,
    /// The terms its text is about.
    pub found: Vec<Found>,
    /// What is compared to find its copies; none when copies are not looked for.
    pub sketch: Option<dedupe::Sketch>,
    /// Addresses of links and pictures, as written.
    pub addresses: Vec<String>,
    /// Whether title or body hold marks that give editions words of their own.
    pub marked: bool,
    /// What search knows of its text; none when the site has no search.
    pub search: Option<search::Kept>,
    /// Digest of its file, whose path and place in it are known too: what all facts follow from.
    #[serde(skip)]
    pub digest: Digest,
}

/// How texts are read back from where they are remembered.
mod stored {
    use std::fmt;

    use serde::de::{Deserialize, Deserializer, Error, Visitor};

    /// Reads a text as [`String`] would, which takes several times as long to see that Chinese is UTF-8.
    pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)
        } else {
            deserializer.deserialize_bytes(Bytes)
        }
    }

    struct Bytes;

    impl Visitor<'_> for Bytes {
        type Value = String;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text")
        }

        fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<String, E> {
            simdutf8::basic::from_utf8(bytes).map(str::to_owned).map_err(E::custom)
        }
    }
}

impl Facts {
    /// The Markdown body, what it says twice said once.
    pub fn text(&self, shelf: &Shelf) -> Arc<str> {
        let body = shelf.body(&self.article);
        match &self.repeated {
            // A body that could not be read again is a trouble of the shelf, not of ours.
            Some(doubled) if !body.is_empty() => doubled.without(&body).into(),
            _ => body,
        }
    }
}

/// Facts that others are made from.
struct Begun<'w> {
    article: Article,
    /// Its body as written.
    body: &'w str,
    repeated: Option<Doubled>,
    /// Its body, what it says twice said once.
    text: Cow<'w, str>,
    sketch: dedupe::Sketch,
    seen: Verdict,
    script: Origin,
    summary: String,
    marked: bool,
}

impl Begun<'_> {
    fn repeated_line(&self) -> usize {
        let first = self.repeated.as_ref().and_then(|doubled| doubled.drop.first()).map_or(0, |range| range.start);
        self.article.body_line + self.body[..first].matches('\n').count()
    }
}

/// What facts are made with.
pub struct Desk {
    config: Arc<Config>,
    detector: Option<Detector>,
    converters: Vec<Arc<Converter>>,
    /// Digest of all that facts depend on besides the texts.
    pub digest: Digest,
}

impl Desk {
    /// Prepares the detector and a converter for each edition.
    pub fn new(config: &Arc<Config>, data: &Data) -> Self {
        let converter = |edition: &EditionConfig| {
            let target = match edition.script {
                Script::Hans => Target::Hans,
                Script::Hant => Target::Hant(edition.region),
            };
            let options = config.convert.options();
            Arc::new(Converter::new(target, &data.glossary, options))
        };
        let (detector, converters) = rayon::join(
            || config.tagging.then(|| Detector::new(&data.shared.taxonomies)),
            || config.editions.iter().map(converter).collect(),
        );
        let digest = Digest::of_value(&(PROGRAM, settings(config), data.digest));
        Desk { config: Arc::clone(config), detector, converters, digest }
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// A file as messages show it.
    pub fn shown(&self, file: &Path) -> String {
        self.config.shown(file)
    }

    /// The converter of each edition.
    pub fn converters(&self) -> &[Arc<Converter>] {
        &self.converters
    }

    /// Makes the facts of some articles, step by step: what one step reads again for each text stays in the nearer caches.
    pub fn facts(&self, written: &[&Written]) -> Vec<Facts> {
        let surveys: Vec<_> = written.iter().map(|written| survey(&written.article, &written.body)).collect();
        let begun: Vec<Begun> =
            written.iter().zip(surveys).map(|(written, survey)| self.begin(written, survey)).collect();
        let found: Vec<_> = begun.iter().map(|begun| self.found(&begun.article, &begun.text)).collect();
        let searched: Vec<_> = begun.iter().map(|begun| self.searched(begun)).collect();
        let headings: Vec<_> =
            begun.iter().map(|begun| self.headings(&begun.article, begun.script, &begun.summary)).collect();
        let made = begun.into_iter().zip(found).zip(searched).zip(headings);
        made.map(|(((begun, found), (search, addresses)), headings)| Facts {
            repeated_line: begun.repeated_line(),
            seen: begun.seen,
            script: begun.script,
            length: markdown::reading_length(&begun.text),
            headings,
            found,
            sketch: self.config.dedupe.then_some(begun.sketch),
            addresses: addresses.unwrap_or_else(|| markdown::addresses(&begun.text)),
            search: search.map(search::Kept::from),
            marked: begun.marked,
            repeated: begun.repeated,
            summary: begun.summary,
            article: Arc::new(begun.article),
            digest: Digest::default(),
        })
        .collect()
    }

    fn searched(&self, begun: &Begun) -> (Option<search::Facts>, Option<Vec<String>>) {
        let Begun { article, text, marked, script, summary, .. } = begun;
        let search = self.config.search.then(|| searched(&self.converters, article, text, *marked, *script, summary));
        search.map_or((None, None), |(facts, addresses)| (Some(facts), addresses))
    }

    fn begin<'w>(&self, written: &'w Written, survey: dedupe::Survey) -> Begun<'w> {
        let Written { article, body } = written;
        let mut article = article.clone();
        // What an article says of itself goes before what the settings say of its source.
        let source = article.source.as_ref().map(|source| source.name.as_str());
        article.rights = article.rights.or_else(|| self.config.rights_of(source));
        let dedupe::Survey { doubled: repeated, sketch } = survey;
        let repeated = repeated.filter(|_| self.config.dedupe);
        let text = repeated.as_ref().map_or(Cow::Borrowed(body.as_str()), |doubled| Cow::Owned(doubled.without(body)));
        let seen = detect::detect(&text).verdict;
        let script = origin(article.script, seen);
        let summary = match &article.summary {
            Some(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
            // Of an article that is only linked to, nothing is published but what its editor wrote for it.
            None if article.rights == Some(Rights::Link) => String::new(),
            None => markdown::summary(&text, 120),
        };
        let marked = holds_mark(&article.title) || holds_mark(&text);
        Begun { article, body, repeated, text, sketch, seen, script, summary, marked }
    }

    /// Makes what search reads of an article again, from its file.
    pub fn search_again(&self, shelf: &Arc<Shelf>) -> search::Again {
        let (converters, shelf) = (self.converters.clone(), Arc::clone(shelf));
        Arc::new(move |facts| {
            searched(&converters, &facts.article, &facts.text(&shelf), facts.marked, facts.script, &facts.summary).0
        })
    }

    fn headings(&self, article: &Article, script: Origin, summary: &str) -> Vec<Arc<Heading>> {
        let heading = |converter: &Arc<Converter>| {
            let text = |text: &str| match article.convert {
                true => converter.text(text, script).into_owned(),
                false => text.to_owned(),
            };
            Arc::new(Heading {
                title: text(&article.title),
                summary: text(summary),
                source: article.source.as_ref().map(|source| text(&source.name)).unwrap_or_default(),
            })
        };
        self.converters.iter().map(heading).collect()
    }

    fn found(&self, article: &Article, body: &str) -> Vec<Found> {
        let source = article.source.as_ref().map(|source| source.name.as_str());
        let tags =
            self.detector.iter().flat_map(|detector| detector.tags(&Text { title: &article.title, body, source }));
        tags.map(|tag| Found { taxonomy: tag.taxonomy, term: tag.term, score: tag.score }).collect()
    }
}

/// What search knows of an article, and the addresses in its text if they were met on the way.
fn searched(
    converters: &[Arc<Converter>],
    article: &Article,
    text: &str,
    marked: bool,
    script: Origin,
    summary: &str,
) -> (search::Facts, Option<Vec<String>>) {
    let marked = article.convert && marked;
    let version =
        |converter: &Arc<Converter>| (converter.text(&article.title, script), converter.markdown(text, script).text);
    let versions: Vec<_> = converters.iter().filter(|_| marked).map(version).collect();
    search::facts_and_addresses(&article.title, text, article.rights, summary, &versions)
}

/// The program that makes the facts: a digest of all it was made from.
pub const PROGRAM: &str = env!("JIANFAN_PROGRAM");

/// The settings that facts may depend on, as text: all but those that only pages and files depend on.
fn settings(config: &Config) -> String {
    let none = Config::defaults(&config.root);
    let settings = Config {
        title: none.title,
        description: none.description,
        base_url: none.base_url,
        output: none.output,
        static_dir: none.static_dir,
        theme: none.theme,
        theme_options: none.theme_options,
        per_page: none.per_page,
        permalink: none.permalink,
        host: none.host,
        publish: none.publish,
        feeds: none.feeds,
        facets_min: none.facets_min,
        ..config.clone()
    };
    settings.told()
}

/// Finds what an article's text says twice, and sketches the rest.
pub fn survey(article: &Article, text: &str) -> dedupe::Survey {
    let date = article.date.map(|date| date.to_string());
    let mut survey = dedupe::survey(&Document {
        id: &article.id,
        text,
        title: Some(&article.title),
        date: date.as_deref(),
        source: article.source.as_ref().map(|source| source.name.as_str()),
    });
    // Listings repeat themselves on purpose.
    survey.doubled = survey.doubled.filter(|doubled| !doubled.drop.iter().any(|range| touches_code(text, range)));
    survey
}

/// Tells whether a text holds a mark that gives editions words of their own, for all that a look at it can tell.
fn holds_mark(text: &str) -> bool {
    memchr::memchr_iter(b'{', text.as_bytes()).any(|at| text[..at].ends_with('-'))
}

/// Tells whether any line of a range stands in a fenced block of code, or fences one.
fn touches_code(text: &str, range: &std::ops::Range<usize>) -> bool {
    let (mut at, mut inside) = (0, false);
    text[..range.end].split_inclusive('\n').any(|line| {
        let fence = line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~");
        let touched = at >= range.start && (inside || fence);
        inside ^= fence;
        at += line.len();
        touched
    })
}

/// The script a text is in: as declared, else as seen.
pub(crate) fn origin(declared: Option<DeclaredScript>, seen: Verdict) -> Origin {
    match (declared, seen) {
        // A text declared to be in one script and seen to be in the other would be published unconverted.
        (Some(DeclaredScript::Hans), Verdict::Hant) => Origin::Hant,
        (Some(DeclaredScript::Hant), Verdict::Hans) => Origin::Hans,
        (Some(DeclaredScript::Hans), _) => Origin::Hans,
        (Some(DeclaredScript::Hant), _) => Origin::Hant,
        (Some(DeclaredScript::Mixed), _) => Origin::Mixed,
        (None, Verdict::Hans) => Origin::Hans,
        (None, Verdict::Hant) => Origin::Hant,
        (None, Verdict::Mixed) => Origin::Mixed,
        (None, Verdict::Unknown) => Origin::Auto,
    }
}

/// What is known of one file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OfSource {
    /// Path below the content folder without extension; empty when the file could not be read.
    pub id: String,
    /// The file as messages show it.
    pub path: String,
    /// The facts of its articles.
    pub facts: Vec<Arc<Facts>>,
    /// How many of its articles are not readable.
    pub failed: usize,
    /// What there is to say about it.
    #[serde(with = "crate::diagnostic::stored")]
    pub diagnostics: Vec<Diagnostic>,
}

/// What is known of all files.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The facts of all articles, by file and place in it.
    pub facts: Vec<Arc<Facts>>,
    /// How many files were read as text.
    pub sources: usize,
    /// How many articles could not be read.
    pub failed: usize,
}

/// Makes the facts of some files' articles; their bodies go to the shelf or are dropped.
pub fn of_bytes<'f>(files: impl Iterator<Item = (&'f Path, Vec<u8>)>, desk: &Desk, shelf: &Shelf) -> Vec<OfSource> {
    let (mut sources, written): (Vec<OfSource>, Vec<Vec<Written>>) =
        files.map(|(file, bytes)| parsed(file, bytes, desk)).unzip();
    let mut facts = desk.facts(&written.iter().flatten().collect::<Vec<_>>()).into_iter().map(Arc::new);
    for (source, written) in sources.iter_mut().zip(written) {
        source.facts = facts.by_ref().take(written.len()).collect();
        for (facts, written) in source.facts.iter().zip(written) {
            shelf.keep(&facts.article, written.body);
        }
    }
    sources
}

/// Reads the articles of a file; the facts of them are still to be made.
fn parsed(file: &Path, bytes: Vec<u8>, desk: &Desk) -> (OfSource, Vec<Written>) {
    let mut diagnostics = Vec::new();
    let source = match source::of_bytes(&desk.config, file, bytes) {
        Ok(source) => source.drain_into(&mut diagnostics),
        Err(diagnostic) => return (OfSource::unread(desk.config.shown(file), diagnostic), Vec::new()),
    };
    let parsed = article::parse(&source, &desk.config.time_zone, &desk.config.taxonomies).drain_into(&mut diagnostics);
    let of_source =
        OfSource { id: source.id, path: source.path, facts: Vec::new(), failed: parsed.failed, diagnostics };
    (of_source, parsed.articles)
}

impl OfSource {
    /// Gives the facts, which nobody has seen yet, the digest of their file.
    pub fn with_digest(mut self, content: Digest) -> Self {
        for (at, facts) in self.facts.iter_mut().enumerate() {
            Arc::make_mut(facts).digest = Digest::of_value(&(&self.path, content, at));
        }
        self
    }

    /// What search knows of the texts, which nobody has seen yet.
    pub(crate) fn searched(&mut self) -> impl Iterator<Item = &mut search::Kept> {
        self.facts.iter_mut().filter_map(|facts| Arc::make_mut(facts).search.as_mut())
    }

    /// A file of which nothing is known but what is wrong with it.
    pub fn unread(path: String, diagnostic: Diagnostic) -> Self {
        OfSource { path, failed: 1, diagnostics: vec![diagnostic], ..OfSource::default() }
    }
}

/// Brings the facts of all files together; two files with one ID (`a.md` and `a.markdown`) are refused.
pub fn collect(sources: Vec<Arc<OfSource>>, refused: usize) -> Checked<Known> {
    let mut diagnostics = Vec::new();
    let mut known = Known { failed: refused, ..Known::default() };
    let mut by_id: BTreeMap<String, String> = BTreeMap::new();
    for source in sources {
        // Where nobody keeps them for another round they are moved.
        let mut source = Arc::unwrap_or_clone(source);
        diagnostics.append(&mut source.diagnostics);
        if source.id.is_empty() {
            known.failed += source.failed;
            continue;
        }
        if let Some(first) = by_id.get(&source.id) {
            diagnostics.push(source::same_id(&source.id, first, &source.path));
            known.failed += 1;
            continue;
        }
        known.sources += 1;
        known.failed += source.failed;
        known.facts.append(&mut source.facts);
        by_id.insert(source.id, source.path);
    }
    Checked { value: known, diagnostics }
}
