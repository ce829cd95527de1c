//! Stage *parse*: one source to its articles.
//!
//! Takes a [`Source`]; gives checked [`Article`]s. Having an [`Article`] means every field is valid; no later stage
//! checks again. A source may hold several articles pasted one after another (seed 004 holds two). Pure; must not know
//! the other articles.

pub mod date;
mod front_matter;
mod split;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::diagnostic::{Checked, Diagnostic};
use crate::digest::Digest;
use crate::slug::Slug;
use crate::source::Source;
use date::Moment;
#[cfg(test)]
pub(crate) use front_matter::KEYS;

/// Who published an article first.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Origin {
    /// Name of the paper, agency or site.
    pub name: String,
    /// Its address.
    pub url: Option<String>,
}

/// The script an editor declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeclaredScript {
    /// Simplified.
    Hans,
    /// Traditional.
    Hant,
    /// Both in one text.
    Mixed,
}

/// How much of an article is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Rights {
    /// All of it.
    #[default]
    Full,
    /// The summary and a link to the original.
    Excerpt,
    /// Title and link.
    Link,
}

impl Rights {
    /// The word used in front matter.
    pub fn as_str(self) -> &'static str {
        match self {
            Rights::Full => "full",
            Rights::Excerpt => "excerpt",
            Rights::Link => "link",
        }
    }
}

/// A correction shown with the article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// When it was made.
    pub date: Option<Moment>,
    /// What was corrected.
    pub text: String,
}

/// Where the title came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TitleFrom {
    /// The front matter.
    FrontMatter,
    /// The first heading of the body, which is then not repeated there.
    Heading,
    /// The first sentence.
    Sentence,
}

/// A key of the front matter and where it stands, for what later stages have to say about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPlace {
    /// The key.
    pub key: String,
    /// Line from 1, from the top of the file.
    pub line: usize,
    /// Column of the value in characters, from 1.
    pub column: usize,
}

/// Where the body of an article stands: enough to read it again, and to see that it is still the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyAt {
    /// Bytes of the decoded text of the file.
    pub bytes: Range<usize>,
    /// Whether the file holds the decoded text byte for byte, so that the body can be read without the rest.
    pub as_written: bool,
    /// Digest of the body.
    pub digest: Digest,
}

/// One article with checked fields. Its body is not kept with it: see [`Written`] and [`crate::facts`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Article {
    /// Path under the content folder without extension; `#2`, `#3` for further articles of one file.
    pub id: String,
    /// The file, below the root of the site.
    pub path: Arc<str>,
    /// Line of the file on which the article begins.
    pub line: usize,
    /// Title, one line.
    pub title: String,
    /// Where the title came from.
    pub title_from: TitleFrom,
    /// When it was published.
    pub date: Option<Moment>,
    /// When it was last changed.
    pub updated: Option<Moment>,
    /// Its writers.
    pub authors: Vec<String>,
    /// The editor named by the source.
    pub editor: Option<String>,
    /// Who published it first.
    pub source: Option<Origin>,
    /// Its address there.
    pub original_url: Option<String>,
    /// Terms as written, by taxonomy (`category` for those of no taxonomy).
    pub terms: BTreeMap<String, Vec<String>>,
    /// The slug, when given.
    pub slug: Option<Slug>,
    /// Old addresses, as written.
    pub aliases: Vec<String>,
    /// The script, when declared.
    pub script: Option<DeclaredScript>,
    /// Whether the text may be converted.
    pub convert: bool,
    /// Not to be published yet.
    pub draft: bool,
    /// The summary, when given.
    pub summary: Option<String>,
    /// The article this one is a copy of: ID, path or slug.
    pub canonical: Option<String>,
    /// Articles this one must not be merged with.
    pub distinct_from: Vec<String>,
    /// The article of which this is the hand-made version in the other script.
    pub edition_of: Option<String>,
    /// How much is published.
    pub rights: Option<Rights>,
    /// Keep it out of search engines.
    pub noindex: bool,
    /// Why it was withdrawn.
    pub withdrawn: Option<String>,
    /// Corrections, as given.
    pub corrections: Vec<Correction>,
    /// Keys this program does not know, for templates.
    #[serde(with = "as_json")]
    pub extra: BTreeMap<String, serde_json::Value>,
    /// Line of the file on which the body begins.
    pub body_line: usize,
    /// Where the body stands in its file.
    pub body_at: BodyAt,
    /// Where the keys stand.
    pub places: Vec<KeyPlace>,
}

impl Article {
    /// When its page changed last: by an update or a correction, else when it was published.
    pub fn changed(&self) -> Option<Moment> {
        let corrected = self.corrections.iter().filter_map(|correction| correction.date).max();
        self.updated.max(self.date).max(corrected)
    }

    /// Places a diagnostic at a key of this article's front matter, else at the article's first line.
    pub fn place(&self, key: &str, diagnostic: Diagnostic) -> Diagnostic {
        match self.places.iter().find(|place| place.key == key) {
            Some(place) => diagnostic.at(place.line, place.column),
            None => diagnostic.at(self.line, 1),
        }
    }
}

/// Values of any shape as JSON text, for formats that do not describe themselves.
mod as_json {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer, de, ser};
    use serde_json::Value;

    pub(super) fn serialize<S: Serializer>(map: &BTreeMap<String, Value>, to: S) -> Result<S::Ok, S::Error> {
        if map.is_empty() {
            return to.serialize_str("");
        }
        to.serialize_str(&serde_json::to_string(map).map_err(ser::Error::custom)?)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, Value>, D::Error> {
        let text = String::deserialize(from)?;
        if text.is_empty() {
            return Ok(BTreeMap::new());
        }
        serde_json::from_str(&text).map_err(de::Error::custom)
    }
}

/// An article together with its text, as it was just read.
#[derive(Clone, Debug)]
pub struct Written {
    /// The article.
    pub article: Article,
    /// The Markdown body.
    pub body: String,
}

impl std::ops::Deref for Written {
    type Target = Article;

    fn deref(&self) -> &Article {
        &self.article
    }
}

/// The articles of one source.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// Those that are whole.
    pub articles: Vec<Written>,
    /// How many had errors; each has a diagnostic.
    pub failed: usize,
}

/// Reads the articles of one source.
///
/// Dates without a zone are read in `zone`; `taxonomies` are the names accepted as keys for terms.
pub fn parse(source: &Source, zone: &TimeZone, taxonomies: &[String]) -> Checked<Parsed> {
    let mut parsed = Parsed::default();
    let mut diagnostics = Vec::new();
    let path: Arc<str> = source.path.as_str().into();
    match split::split(&source.path, &source.text) {
        Ok(pieces) => {
            let pieces = pieces.drain_into(&mut diagnostics);
            for (number, piece) in pieces.iter().enumerate() {
                let id = if number == 0 { source.id.clone() } else { format!("{}#{}", source.id, number + 1) };
                let reader = front_matter::Reader::new(&path, source, zone, taxonomies);
                let checked = reader.read(id, piece);
                let errors = checked.has_errors();
                match checked.drain_into(&mut diagnostics) {
                    Some(article) if !errors => parsed.articles.push(article),
                    // Nothing was written there, so nothing is lost.
                    None if !errors => {}
                    _ => parsed.failed += 1,
                }
            }
        }
        Err(diagnostic) => {
            parsed.failed += 1;
            diagnostics.push(diagnostic);
        }
    }
    Checked { value: parsed, diagnostics }
}
