//! Front matter to checked fields: each key by itself, placed at its own line.

mod value;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_yaml::Value;

use super::date::{self, Moment};
use super::split::Piece;
use super::{Article, BodyAt, Correction, DeclaredScript, KeyPlace, Origin, Rights, TitleFrom, Written};
use crate::config::nearest;
use crate::diagnostic::{Checked, Diagnostic};
use crate::digest::Digest;
use crate::markdown;
use crate::slug::{self, Slug};
use crate::source::Source;
use crate::yaml::{self, Entry, Mapping};

/// The longest title, in characters; more is cut with a warning.
const LONGEST_TITLE: usize = 300;

/// The most terms one article may carry; more is a list pasted by accident.
const MOST_TERMS: usize = 200;

/// The most old addresses one article may have: each becomes a page.
const MOST_ALIASES: usize = 200;

pub(crate) const KEYS: &[&str] = &[
    "title",
    "date",
    "updated",
    "author",
    "authors",
    "editor",
    "source",
    "original_url",
    "url",
    "city",
    "cities",
    "program",
    "programs",
    "tags",
    "tag",
    "categories",
    "category",
    "slug",
    "aliases",
    "script",
    "convert",
    "draft",
    "summary",
    "canonical",
    "duplicate_of",
    "distinct_from",
    "edition_of",
    "rights",
    "noindex",
    "withdrawn",
    "corrections",
];

/// Keys that editors write in Chinese, and what they mean.
const TRANSLATED: &[(&str, &str)] = &[
    ("标题", "title"),
    ("標題", "title"),
    ("题目", "title"),
    ("日期", "date"),
    ("时间", "date"),
    ("時間", "date"),
    ("作者", "author"),
    ("来源", "source"),
    ("來源", "source"),
    ("编辑", "editor"),
    ("編輯", "editor"),
    ("责任编辑", "editor"),
    ("标签", "tags"),
    ("標籤", "tags"),
    ("分类", "categories"),
    ("分類", "categories"),
    ("城市", "city"),
    ("摘要", "summary"),
    ("项目", "program"),
    ("項目", "program"),
    ("草稿", "draft"),
];

/// Keys whose places later stages need.
const PLACED: &[&str] = &[
    "title",
    "date",
    "city",
    "cities",
    "program",
    "programs",
    "tags",
    "categories",
    "slug",
    "aliases",
    "script",
    "canonical",
    "duplicate_of",
    "distinct_from",
    "edition_of",
    "source",
];

/// The reader of one article's front matter.
pub(super) struct Reader<'a> {
    path: &'a Arc<str>,
    text: &'a str,
    as_written: bool,
    zone: &'a TimeZone,
    taxonomies: &'a [String],
    mapping: Mapping,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(path: &'a Arc<str>, source: &'a Source, zone: &'a TimeZone, taxonomies: &'a [String]) -> Self {
        let Source { text, as_written, .. } = source;
        let (mapping, diagnostics) = (Mapping::default(), Vec::new());
        Reader { path, text, as_written: *as_written, zone, taxonomies, mapping, diagnostics }
    }

    /// Reads one piece; none when its YAML is broken or there is nothing in it.
    pub(super) fn read(mut self, id: String, piece: &Piece) -> Checked<Option<Written>> {
        match yaml::read_mapping(self.path, self.text, piece.front.clone()) {
            Ok(mapping) => self.mapping = mapping,
            Err(diagnostic) => {
                return Checked { value: None, diagnostics: vec![diagnostic] };
            }
        }
        let value = self.article(id, piece);
        Checked { value, diagnostics: self.diagnostics }
    }

    fn article(&mut self, id: String, piece: &Piece) -> Option<Written> {
        let body = self.text[piece.body.clone()].to_owned();
        let line = |at: usize| self.text[..at].bytes().filter(|&b| b == b'\n').count() + 1;
        let first = if piece.front.is_empty() { piece.body.start } else { piece.front.start };
        let (line, body_line) = (line(first), line(piece.body.start));
        let (title, title_from) = self.title(&body, piece)?;
        let extra = self.extra();
        self.warn_of_missing_date(piece);
        let body_at =
            BodyAt { bytes: piece.body.clone(), as_written: self.as_written, digest: Digest::of(body.as_bytes()) };
        let article = Article {
            id,
            path: Arc::clone(self.path),
            line,
            title,
            title_from,
            date: self.date("date"),
            updated: self.date("updated"),
            authors: self.people(),
            editor: self.line("editor"),
            source: self.source(),
            original_url: self.original_url(),
            terms: self.terms(),
            slug: self.slug(),
            aliases: self.aliases(),
            script: self.script(),
            convert: self.switch("convert", true),
            draft: self.switch("draft", false),
            summary: self.text_of("summary").filter(|text| !text.trim().is_empty()),
            canonical: self.reference("canonical").or_else(|| self.reference("duplicate_of")),
            distinct_from: self.list("distinct_from"),
            edition_of: self.reference("edition_of"),
            rights: self.rights(),
            noindex: self.switch("noindex", false),
            withdrawn: self.withdrawn(),
            corrections: self.corrections(),
            extra,
            body_line,
            body_at,
            places: self.places(),
        };
        Some(Written { article, body })
    }

    fn title(&mut self, body: &str, piece: &Piece) -> Option<(String, TitleFrom)> {
        let written = self.line("title").unwrap_or_default();
        if !is_invisible(&written) {
            return Some((self.short_title(written), TitleFrom::FrontMatter));
        }
        let (found, from) = match markdown::first_heading(body) {
            Some(heading) if !is_invisible(&heading) => (heading, TitleFrom::Heading),
            _ => (markdown::first_sentence(body, 40), TitleFrom::Sentence),
        };
        let place = self.mapping.find("title").map(|entry| entry.key_span.clone());
        let place = place.unwrap_or(piece.body.start.min(self.text.len())..piece.body.start.min(self.text.len()));
        if is_invisible(&found) {
            let (message, help) = if body.trim_start().starts_with('<') {
                ("a web page, not an article: nothing is published", "run `jianfan import --from html` on it")
            } else {
                ("neither title nor text: nothing to publish", "write the article, or delete the file")
            };
            let diagnostic = Diagnostic::warning("empty-article", self.path.as_ref(), message);
            self.diagnostics.push(diagnostic.span(self.text, place).help(help));
            return None;
        }
        self.diagnostics.push(
            Diagnostic::warning("title-missing", self.path.as_ref(), format!("no title; took `{}`", clip(&found, 40)))
                .span(self.text, place)
                .help("write `title:` in the front matter"),
        );
        Some((self.short_title(found), from))
    }

    fn short_title(&mut self, title: String) -> String {
        if title.chars().count() <= LONGEST_TITLE {
            return title;
        }
        self.warn(
            "title",
            "title-long",
            format!("a title of {} characters, cut to {LONGEST_TITLE}", title.chars().count()),
            "move the text into the body",
        );
        clip(&title, LONGEST_TITLE)
    }

    fn date(&mut self, key: &str) -> Option<Moment> {
        let written = self.line(key)?;
        if is_invisible(&written) {
            return None;
        }
        match date::parse(&written, self.zone) {
            Ok(read) => {
                if let Some(meant) = read.repaired {
                    self.mend(
                        key,
                        "date-repaired",
                        format!("{key} `{}` read as `{meant}`", clip(&written, 60)),
                        &format!("write `{key}: {meant}`"),
                        &meant.to_string(),
                    );
                }
                Some(read.at)
            }
            Err(error) => {
                self.complain(
                    key,
                    "date-unreadable",
                    format!("{key} `{}`: {error}", clip(&written, 60)),
                    &error.help(),
                );
                None
            }
        }
    }

    /// An article without a date is published among the undated, which is worth a word.
    fn warn_of_missing_date(&mut self, piece: &Piece) {
        let has = |key: &str| self.mapping.find(key).is_some_and(|entry| !entry.value.is_null());
        if has("date") || has("edition_of") || self.switch_is_on("draft") {
            return;
        }
        let place = piece.front.start.min(self.text.len());
        self.diagnostics.push(
            Diagnostic::warning("date-missing", self.path.as_ref(), "no date: published among the undated")
                .span(self.text, place..place)
                .help("write `date: 2019-02-21 06:56` in the front matter"),
        );
    }

    fn switch_is_on(&self, key: &str) -> bool {
        self.mapping.find(key).is_some_and(|entry| entry.value == Value::Bool(true))
    }

    fn people(&mut self) -> Vec<String> {
        let mut people = self.list("author");
        people.extend(self.list("authors"));
        people.retain(|name| !matches!(name.as_str(), "None" | "none" | "null" | "nan" | "unknown" | "佚名"));
        people
    }

    fn source(&mut self) -> Option<Origin> {
        let entry = self.mapping.find("source")?.clone();
        if let Value::Mapping(mapping) = &entry.value {
            let text = |key: &str| mapping.get(key).and_then(Value::as_str).map(clean_line);
            let name = text("name").unwrap_or_default();
            let url = text("url").and_then(|url| self.absolute("source", &url));
            if name.is_empty() {
                self.complain(
                    "source",
                    "wrong-type",
                    "`source` without a name".to_owned(),
                    "write `source: {name: 兰州日报, url: \"https://…\"}`",
                );
                return None;
            }
            return Some(Origin { name, url });
        }
        let name = self.line("source")?;
        (!is_invisible(&name)).then_some(Origin { name, url: None })
    }

    fn original_url(&mut self) -> Option<String> {
        if let Some(url) = self.line("original_url").filter(|url| !url.is_empty()) {
            return self.absolute("original_url", &url);
        }
        let url = self.line("url").filter(|url| !url.is_empty())?;
        self.absolute("url", &url)
    }

    /// Takes an address only if it is one a reader may follow.
    fn absolute(&mut self, key: &str, url: &str) -> Option<String> {
        let web = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        let plain = !url.chars().any(|c| c.is_control() || c.is_whitespace() || "<>\"`{}|\\^".contains(c));
        if web.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/')) && plain && url.len() <= 2000 {
            return Some(url.to_owned());
        }
        self.warn(
            key,
            "url-ignored",
            format!("`{}` is no absolute address; left out", clip(url, 60)),
            "write the whole address, with `https://`",
        );
        None
    }

    fn terms(&mut self) -> BTreeMap<String, Vec<String>> {
        let mut terms: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let own: Vec<(String, String)> = self.taxonomies.iter().map(|name| (name.clone(), name.clone())).collect();
        let builtin = [
            ("city", "city"),
            ("cities", "city"),
            ("program", "program"),
            ("programs", "program"),
            ("tag", "tag"),
            ("tags", "tag"),
            ("category", "category"),
            ("categories", "category"),
        ];
        let mut keys: Vec<(String, String)> =
            builtin.map(|(key, taxonomy)| (key.to_owned(), taxonomy.to_owned())).to_vec();
        keys.extend(own.into_iter().filter(|(key, _)| !builtin.iter().any(|(known, _)| known == key)));
        for (key, taxonomy) in keys {
            let mut list = self.list(&key);
            let mut seen = BTreeSet::new();
            list.retain(|term| seen.insert(term.clone()));
            if list.len() > MOST_TERMS {
                self.complain(
                    &key,
                    "too-many-terms",
                    format!("{} terms in `{key}`", list.len()),
                    &format!("an article carries at most {MOST_TERMS}"),
                );
                list.truncate(MOST_TERMS);
            }
            if !list.is_empty() {
                terms.entry(taxonomy).or_default().extend(list);
            }
        }
        terms
    }

    fn slug(&mut self) -> Option<Slug> {
        let written = self.line("slug").filter(|text| !text.is_empty())?;
        match slug::check(&written) {
            Ok(slug) => {
                if slug.as_str() != written {
                    self.mend(
                        "slug",
                        "slug-mended",
                        format!("slug `{}` became `{slug}`", clip(&written, 60)),
                        &format!("write `slug: {slug}`"),
                        slug.as_str(),
                    );
                }
                Some(slug)
            }
            Err(error) => {
                let help = error.help(&written);
                self.complain("slug", "slug-invalid", format!("slug `{}`: {error}", clip(&written, 60)), &help);
                None
            }
        }
    }

    fn aliases(&mut self) -> Vec<String> {
        let mut aliases = self.list("aliases");
        if aliases.len() > MOST_ALIASES {
            self.complain(
                "aliases",
                "too-many-aliases",
                format!("{} old addresses in `aliases`", aliases.len()),
                &format!(
                    "an article has at most {MOST_ALIASES}; lead whole folders elsewhere in the settings of the host"
                ),
            );
            aliases.truncate(MOST_ALIASES);
        }
        aliases
    }

    fn script(&mut self) -> Option<DeclaredScript> {
        match self.line("script")?.as_str() {
            "hans" => Some(DeclaredScript::Hans),
            "hant" => Some(DeclaredScript::Hant),
            "mixed" => Some(DeclaredScript::Mixed),
            "" => None,
            other => {
                let other = clip(other, 40);
                self.complain(
                    "script",
                    "wrong-value",
                    format!("`script` is `{other}`"),
                    "write `hans`, `hant` or `mixed`, or leave it out",
                );
                None
            }
        }
    }

    fn rights(&mut self) -> Option<Rights> {
        match self.line("rights")?.as_str() {
            "full" => Some(Rights::Full),
            "excerpt" => Some(Rights::Excerpt),
            "link" => Some(Rights::Link),
            "" => None,
            other => {
                let other = clip(other, 40);
                self.complain(
                    "rights",
                    "wrong-value",
                    format!("`rights` is `{other}`"),
                    "write `full`, `excerpt` or `link`",
                );
                None
            }
        }
    }

    /// A reason; `true` alone withdraws without one, `false` does not.
    fn withdrawn(&mut self) -> Option<String> {
        match self.mapping.find("withdrawn").map(|entry| &entry.value) {
            None | Some(Value::Null | Value::Bool(false)) => None,
            Some(Value::Bool(true)) => Some(String::new()),
            Some(_) => self.line("withdrawn"),
        }
    }

    fn corrections(&mut self) -> Vec<Correction> {
        let Some(entry) = self.mapping.find("corrections").cloned() else { return Vec::new() };
        let list = match &entry.value {
            Value::Null => return Vec::new(),
            Value::Sequence(list) => list.clone(),
            other => vec![other.clone()],
        };
        let mut corrections = Vec::new();
        for item in &list {
            let (text, written) = match item {
                Value::String(text) => (Some(clean_line(text)), None),
                other => {
                    (other.get("text").and_then(Value::as_str).map(clean_line), other.get("date").map(value::spelled))
                }
            };
            let Some(text) = text else {
                self.complain(
                    "corrections",
                    "wrong-type",
                    "a correction without `text`".to_owned(),
                    "write `- {date: 2024-05-01, text: \"…\"}`",
                );
                continue;
            };
            let date = written.filter(|written| !is_invisible(written)).and_then(|written| {
                date::parse(&written, self.zone)
                    .map_err(|error| {
                        let message = format!("date `{}` of a correction: {error}", clip(&written, 60));
                        self.complain("corrections", "date-unreadable", message, &error.help());
                    })
                    .map(|read| read.at)
                    .ok()
            });
            corrections.push(Correction { date, text });
        }
        corrections
    }

    fn extra(&mut self) -> BTreeMap<String, serde_json::Value> {
        let mut extra = BTreeMap::new();
        for entry in self.mapping.entries.clone() {
            if KEYS.contains(&entry.key.as_str()) || self.taxonomies.contains(&entry.key) {
                continue;
            }
            if let Some((_, known)) = TRANSLATED.iter().find(|(word, _)| *word == entry.key) {
                self.diagnostics.push(
                    Diagnostic::warning("unknown-key", self.path.as_ref(), format!("unknown key `{}`", entry.key))
                        .span(self.text, entry.key_span.clone())
                        .fix(self.text, entry.key_span.clone(), *known)
                        .help(format!("write `{known}:`; keys are English")),
                );
            }
            // Only what looks like a slip of the pen is worth a word; keys of other programs are kept in silence.
            if let Some(known) = nearest(&entry.key, KEYS).filter(|known| known.len() > 3 && near(known, &entry.key)) {
                self.diagnostics.push(
                    Diagnostic::warning(
                        "unknown-key",
                        self.path.as_ref(),
                        format!("unknown key `{}`", clip(&entry.key, 40)),
                    )
                    .span(self.text, entry.key_span.clone())
                    .help(format!("did you mean `{known}`? Unknown keys reach templates as `extra`")),
                );
            }
            if let Ok(json) = serde_json::to_value(&entry.value) {
                extra.insert(entry.key, json);
            }
        }
        extra
    }

    fn reference(&mut self, key: &str) -> Option<String> {
        self.line(key).filter(|text| !text.is_empty())
    }

    fn switch(&mut self, key: &str, default: bool) -> bool {
        let Some(entry) = self.mapping.find(key) else { return default };
        match &entry.value {
            Value::Bool(on) => *on,
            Value::Null => default,
            other => {
                let written = clip(&value::spelled(other), 40);
                self.complain(
                    key,
                    "wrong-type",
                    format!("`{key}` is `{written}`, not true or false"),
                    &format!("write `{key}: true` or `{key}: false`, without quotes"),
                );
                default
            }
        }
    }

    /// A value on one line: control characters and line ends become spaces.
    fn line(&mut self, key: &str) -> Option<String> {
        self.text_of(key).map(|text| clean_line(&text))
    }

    /// A scalar as text, in its source spelling when YAML took it for something else.
    fn text_of(&mut self, key: &str) -> Option<String> {
        let entry = self.mapping.find(key)?.clone();
        match &entry.value {
            Value::Null => None,
            Value::String(text) => {
                if text.contains(|c: char| c.is_control() && !c.is_whitespace()) {
                    self.warn(
                        key,
                        "control-character",
                        format!("an invisible control character in `{key}`; left out"),
                        "write the value again by hand",
                    );
                }
                Some(text.clone())
            }
            Value::Number(_) | Value::Bool(_) => Some(self.spelling(&entry)),
            Value::Tagged(tagged) => {
                let text = value::spelled(&tagged.value);
                self.warn(
                    key,
                    "yaml-tag",
                    format!("`{}` before the value of `{key}` is a YAML tag", tagged.tag),
                    "put the value between double quotes",
                );
                Some(if text.is_empty() { self.spelling(&entry) } else { text })
            }
            Value::Sequence(_) | Value::Mapping(_) => {
                self.complain(
                    key,
                    "wrong-type",
                    format!("`{key}` is a list or mapping, not text"),
                    &format!("write `{key}: \"…\"` on one line"),
                );
                None
            }
        }
    }

    fn spelling(&mut self, entry: &Entry) -> String {
        let raw = &self.text[entry.value_span.clone()];
        let spelled =
            if entry.value_span == entry.key_span { value::spelled(&entry.value) } else { raw.trim().to_owned() };
        if matches!(entry.key.as_str(), "title" | "slug" | "author" | "source" | "editor") {
            self.mend(
                &entry.key.clone(),
                "not-text",
                format!("`{}` is no text in YAML; kept as `{}`", entry.key, clip(&spelled, 40)),
                "put it between double quotes",
                &format!("\"{spelled}\""),
            );
        }
        spelled
    }

    /// A string, a list of strings, or nothing.
    fn list(&mut self, key: &str) -> Vec<String> {
        let Some(entry) = self.mapping.find(key).cloned() else { return Vec::new() };
        let items = match &entry.value {
            Value::Null => return Vec::new(),
            Value::Sequence(items) => items.clone(),
            Value::Mapping(_) => {
                self.complain(
                    key,
                    "wrong-type",
                    format!("`{key}` is a mapping, not a list"),
                    &format!("write `{key}: [a, b]`"),
                );
                return Vec::new();
            }
            _ => return self.line(key).into_iter().filter(|text| !is_invisible(text)).collect(),
        };
        let mut list = Vec::new();
        for item in &items {
            self.list_item(key, item, &mut list);
        }
        list
    }

    fn list_item(&mut self, key: &str, item: &Value, list: &mut Vec<String>) {
        match item {
            Value::Sequence(inner) if !inner.iter().any(|value| value.is_sequence() || value.is_mapping()) => {
                // Hexo writes nested categories as a list in a list.
                list.extend(
                    inner.iter().map(|value| clean_line(&value::spelled(value))).filter(|text| !is_invisible(text)),
                );
            }
            Value::Mapping(_) | Value::Sequence(_) | Value::Tagged(_) => {
                self.complain(
                    key,
                    "wrong-type",
                    format!("an entry of `{key}` is no text"),
                    &format!("write `{key}: [a, b]`"),
                );
            }
            _ => {
                let text = clean_line(&value::spelled(item));
                if is_invisible(&text) {
                    self.warn(key, "empty-value", format!("an empty entry in `{key}`"), "remove it");
                } else {
                    list.push(text);
                }
            }
        }
    }

    fn places(&self) -> Vec<KeyPlace> {
        let entries = self
            .mapping
            .entries
            .iter()
            .filter(|entry| PLACED.contains(&entry.key.as_str()) || self.taxonomies.contains(&entry.key));
        entries
            .map(|entry| {
                let placed = Diagnostic::error("", "", "").span(self.text, entry.value_span.clone());
                KeyPlace { key: entry.key.clone(), line: placed.line, column: placed.column }
            })
            .collect()
    }

    fn warn(&mut self, key: &str, code: &'static str, message: String, help: &str) {
        let diagnostic = Diagnostic::warning(code, self.path.as_ref(), message).help(help);
        self.push_at(key, diagnostic);
    }

    /// Warns of a value that has but one right spelling.
    fn mend(&mut self, key: &str, code: &'static str, message: String, help: &str, right: &str) {
        let diagnostic = Diagnostic::warning(code, self.path.as_ref(), message).help(help);
        let place = self.mapping.find(key).filter(|entry| entry.value_span != entry.key_span);
        let diagnostic = match place {
            Some(entry) => diagnostic.fix(self.text, entry.value_span.clone(), right),
            None => diagnostic,
        };
        self.push_at(key, diagnostic);
    }

    fn complain(&mut self, key: &str, code: &'static str, message: String, help: &str) {
        let diagnostic = Diagnostic::error(code, self.path.as_ref(), message).help(help);
        self.push_at(key, diagnostic);
    }

    fn push_at(&mut self, key: &str, diagnostic: Diagnostic) {
        let placed = match self.mapping.find(key) {
            Some(entry) => diagnostic.span(self.text, entry.value_span.clone()),
            None => diagnostic,
        };
        self.diagnostics.push(placed);
    }
}

/// Tells whether two keys differ by a slip of one or two letters.
fn near(known: &str, written: &str) -> bool {
    written.len() > 2 && known.len().abs_diff(written.len()) <= 1 && known.bytes().next() == written.bytes().next()
}

/// One line: line ends and control characters become single spaces.
fn clean_line(text: &str) -> String {
    if !text.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')) {
        return text.trim().to_owned();
    }
    let spaced: String = text
        .chars()
        .map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') { ' ' } else { c })
        .collect();
    spaced.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Tells whether a reader would see nothing.
fn is_invisible(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{3164}' | '\u{ad}'))
}

/// At most `most` characters of a text.
fn clip(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}
