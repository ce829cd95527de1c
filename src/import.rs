//! Reads raw pages into articles: not a stage of the build, but what fills `content/` before one.
//!
//! [`read`] takes the bytes of one saved page, dump or export and gives clean articles, with every removed line and
//! every repair on record; it is pure. [`run`] is the side that touches the disk. Must not know taxonomies, editions
//! or themes: terms are found when the site is built, so that they improve with the gazetteer.

mod anchor;
mod boilerplate;
mod clean;
mod core;
mod date;
mod decode;
mod diff;
mod entry;
mod feed;
mod fields;
mod fold;
mod front_matter;
mod furniture;
mod html;
mod inputs;
mod jsonl;
mod line;
mod markdown;
mod names;
mod output;
mod page;
mod repeat;
mod run;
mod shortcode;
mod sniff;
mod store;
mod text;
mod verdict;
mod wxr;
mod xml;

use std::str::FromStr;

use serde::Serialize;

use crate::diagnostic::{Checked, Diagnostic};

pub use boilerplate::Boilerplate;
pub use output::to_article;
pub use run::{Entry, Hooks, ImportError, Options, Outcome, Report, run};

/// What kind of file a page is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Decided by name and content.
    #[default]
    Auto,
    /// A page saved as plain text.
    Text,
    /// A web page.
    Html,
    /// Markdown, with or without front matter.
    Markdown,
    /// A post of Hexo.
    Hexo,
    /// A page of Hugo.
    Hugo,
    /// A post of Jekyll.
    Jekyll,
    /// An article of Pelican.
    Pelican,
    /// A WordPress export.
    Wxr,
    /// An RSS or Atom file.
    Feed,
    /// One JSON object a line, or an array of them, as scrapers write it.
    Jsonl,
}

/// The names of the formats on the command line.
pub const FORMATS: &[(&str, Format)] = &[
    ("auto", Format::Auto),
    ("text", Format::Text),
    ("html", Format::Html),
    ("markdown", Format::Markdown),
    ("hexo", Format::Hexo),
    ("hugo", Format::Hugo),
    ("jekyll", Format::Jekyll),
    ("pelican", Format::Pelican),
    ("wxr", Format::Wxr),
    ("feed", Format::Feed),
    ("jsonl", Format::Jsonl),
];

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        FORMATS.iter().find(|(known, _)| *known == name).map(|(_, format)| *format).ok_or_else(|| {
            let known: Vec<&str> = FORMATS.iter().map(|(known, _)| *known).collect();
            format!("unknown format `{name}`; known are {}", known.join(", "))
        })
    }
}

/// The bytes of one file.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// Its path as given.
    pub name: &'a str,
    /// What it holds, undecoded.
    pub bytes: &'a [u8],
}

/// A line that is not in the article any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Removed {
    /// Line of the page, from 1.
    pub line: usize,
    /// What stood there.
    pub text: String,
    /// Why it went.
    pub why: &'static str,
}

/// A line that reads differently now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Repair {
    /// Line of the page, from 1.
    pub line: usize,
    /// How it read.
    pub before: String,
    /// How it reads.
    pub after: String,
    /// What was repaired.
    pub why: &'static str,
}

/// One article of a page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Imported {
    /// The title the page gives; `None` when it gives none.
    pub title: Option<String>,
    /// ISO 8601, to the minute where a time is given, with an offset where the page states one.
    pub date: Option<String>,
    /// Last change, as `date`.
    pub updated: Option<String>,
    /// Name of the publication.
    pub source: Option<String>,
    /// Where the page was published.
    pub original_url: Option<String>,
    /// Reporters.
    pub author: Vec<String>,
    /// The editor in charge.
    pub editor: Option<String>,
    /// `hans`, `hant` or `mixed`; empty for a text without Chinese.
    pub script: String,
    /// Tags the page itself states.
    pub tags: Vec<String>,
    /// Categories the page itself states.
    pub categories: Vec<String>,
    /// Slug the page itself states.
    pub slug: Option<String>,
    /// Former addresses.
    pub aliases: Vec<String>,
    /// Whether the source calls it unpublished.
    pub draft: bool,
    /// Whatever else the front matter of the source says, in its order.
    pub extra: serde_yaml::Mapping,
    /// Clean Markdown, ending in a line end.
    pub body: String,
    /// Lines left out, by line.
    pub removed: Vec<Removed>,
    /// Lines repaired, by line.
    pub repairs: Vec<Repair>,
    /// What an editor should look at.
    pub warnings: Vec<Diagnostic>,
    /// Which article of its file this is, from 1.
    pub item: usize,
    /// How many further copies of it the file held, folded into this one.
    pub copies: usize,
}

/// Reads all articles of one page.
///
/// A page that cannot be read gives no article and an error saying why; nothing is lost in silence.
pub fn read(page: &Page<'_>, format: Format, learned: &Boilerplate) -> Checked<Vec<Imported>> {
    let mut diagnostics = Vec::new();
    let Some(text) = decode::decode(page, &mut diagnostics) else {
        return Checked { value: Vec::new(), diagnostics };
    };
    let mut articles = match sniff::format(page.name, &text, format) {
        Format::Html => vec![html::read(page.name, &text, learned)],
        Format::Markdown | Format::Hexo | Format::Hugo | Format::Jekyll | Format::Pelican => {
            markdown::read(page.name, &text, learned, &mut diagnostics)
        }
        Format::Wxr => wxr::read(page.name, &text, learned, &mut diagnostics),
        Format::Feed => feed::read(page.name, &text, learned, &mut diagnostics),
        Format::Jsonl => jsonl::read(page.name, &text, learned, &mut diagnostics),
        Format::Text | Format::Auto => vec![text::read(page.name, &text, learned)],
    };
    for (index, article) in articles.iter_mut().enumerate() {
        article.item = index + 1;
        diagnostics.append(&mut article.warnings.clone());
    }
    Checked { value: articles, diagnostics }
}

/// Notes what a page adds to what a run learns; `None` for what is no page of text.
pub(crate) fn sight(page: &Page<'_>, format: Format) -> Option<boilerplate::Sighting> {
    let text = decode::decode(page, &mut Vec::new())?;
    match sniff::format(page.name, &text, format) {
        Format::Text => Some(boilerplate::Sighting::of(text.lines())),
        Format::Html => Some(boilerplate::Sighting::of(html::texts(&text).iter().map(String::as_str))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_formats_by_name() {
        assert_eq!("wxr".parse(), Ok(Format::Wxr));
        assert!("docx".parse::<Format>().is_err_and(|error| error.contains("hexo")));
    }

    #[test]
    fn tells_formats_apart() {
        for (name, text, expected) in [
            ("a.txt", "标题\n\n正文。\n", Format::Text),
            ("a.txt", "---\ntitle: 题\n---\n文\n", Format::Markdown),
            ("a.txt", "<!DOCTYPE html><html>", Format::Html),
            ("a.md", "文\n", Format::Markdown),
            ("a.xml", "<?xml version='1.0'?><rss xmlns:wp='http://wordpress.org/export/1.2/'>", Format::Wxr),
            ("a.xml", "<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'>", Format::Feed),
            ("a.jsonl", "{}", Format::Jsonl),
            ("stdin", "{\"text\": \"文\"}\n", Format::Jsonl),
        ] {
            assert_eq!(sniff::format(name, text, Format::Auto), expected, "{name} {text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn reads_any_bytes(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200), at in 0..FORMATS.len()) {
            read(&Page { name: "a", bytes: &bytes }, FORMATS[at].1, &Boilerplate::none());
        }

        #[test]
        fn reads_any_text(text in "(\\PC{0,12}[\n。：，、|>]?){0,30}", at in 0..FORMATS.len()) {
            let articles = read(&Page { name: "a.txt", bytes: text.as_bytes() }, FORMATS[at].1, &Boilerplate::none()).value;
            for article in articles {
                to_article(&article);
            }
        }
    }
}
