//! Front matter of every generator: YAML, TOML, JSON, Pelican's header lines, and what is almost one of them.
//!
//! Takes the text of a file, gives its articles as pairs of a mapping and a body. A file may hold several, pasted one
//! after another. Front matter that its own generator would refuse is read line by line, with a warning.

use serde_yaml::{Mapping, Value};

use crate::diagnostic::Diagnostic;

/// One article of a file: what its front matter says, and the lines below it.
#[derive(Clone, Debug, Default)]
pub(super) struct Part<'a> {
    pub(super) matter: Mapping,
    pub(super) body: &'a str,
    /// Line of the file at which the body begins, from 1.
    pub(super) line: usize,
    /// The front matter as written, empty when there was none.
    pub(super) source: &'a str,
    /// Line of the file at which it begins, from 1.
    pub(super) source_line: usize,
}

impl Part<'_> {
    /// Tells on which line of the file the front matter holds a text; its first line when nowhere.
    pub(super) fn line_of(&self, text: &str) -> usize {
        let at = self.source.lines().position(|line| !text.is_empty() && line.contains(text));
        self.source_line + at.unwrap_or(0)
    }
}

/// Longest front matter, in lines; a longer one is a text between two rules.
const LONGEST: usize = 400;

/// Cuts a file into its articles.
pub(super) fn split<'a>(path: &str, text: &'a str, diagnostics: &mut Vec<Diagnostic>) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while let Some(found) = matter(rest, parts.is_empty()) {
        let matter = found.read(path, line, diagnostics);
        let (source, source_line) = (found.source, line + found.skipped);
        line += rest[..found.end].matches('\n').count();
        rest = &rest[found.end..];
        let end = next_article(rest).unwrap_or(rest.len());
        parts.push(Part { matter, body: &rest[..end], line, source, source_line });
        line += rest[..end].matches('\n').count();
        rest = &rest[end..];
        if rest.is_empty() {
            return parts;
        }
    }
    if parts.is_empty() {
        parts.push(Part { body: rest, line, ..Part::default() });
    }
    parts
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Yaml,
    Toml,
    Json,
    Lines,
}

struct Found<'a> {
    kind: Kind,
    source: &'a str,
    /// Lines before `source`, below the place `matter` looked at.
    skipped: usize,
    /// Where the body begins.
    end: usize,
}

impl Found<'_> {
    fn read(&self, path: &str, line: usize, diagnostics: &mut Vec<Diagnostic>) -> Mapping {
        let first = line + self.skipped;
        let read = match self.kind {
            Kind::Yaml => serde_yaml::from_str::<Option<Mapping>>(self.source)
                .map(Option::unwrap_or_default)
                .map_err(|e| e.to_string()),
            Kind::Toml => toml::from_str::<toml::Table>(self.source)
                .map(|table| from_toml(&table))
                .map_err(|e| e.message().to_owned()),
            Kind::Json => serde_json::from_str::<Mapping>(self.source).map_err(|e| e.to_string()),
            Kind::Lines => return by_line(self.source, path, first, diagnostics),
        };
        match read {
            Ok(mapping) => mapping,
            Err(message) => {
                let message = message.lines().next().unwrap_or_default().to_owned();
                diagnostics.push(
                    Diagnostic::warning(
                        "import-front-matter",
                        path,
                        format!("this front matter is broken ({message}); it was read line by line"),
                    )
                    .at(first, 1)
                    .help("compare the fields of the new article with this page"),
                );
                by_line(self.source, path, first, diagnostics)
            }
        }
    }
}

/// Recognises front matter at the head of a text.
fn matter(text: &str, first: bool) -> Option<Found<'_>> {
    let blank: usize = text.len() - text.trim_start_matches(['\n', '\r', ' ', '\u{feff}']).len();
    let skipped = text[..blank].matches('\n').count();
    let at = &text[blank..];
    let (head, below) = at.split_once('\n')?;
    let fence = head.trim_end();
    match fence {
        "---" | "+++" | ";;;" => {
            let closing: &[&str] = if fence == "---" { &["---", "..."] } else { std::slice::from_ref(&fence) };
            let Some((length, end)) = fenced(below, closing) else {
                // The closing fence is missing: keys up to the first blank line are front matter.
                let found = header_lines(below, skipped + 1).filter(|_| first && fence == "---")?;
                return Some(Found { end: text.len() - below.len() + found.end, ..found });
            };
            let kind = match fence {
                "---" => Kind::Yaml,
                "+++" => Kind::Toml,
                _ => Kind::Json,
            };
            let source = &below[..length];
            if kind == Kind::Yaml && !looks_like_yaml(source) {
                return None;
            }
            Some(Found { kind, source, skipped: skipped + 1, end: text.len() - below.len() + end })
        }
        _ if !first => None,
        "{" => {
            let close =
                at.find("\n}\n").map(|close| close + 2).or_else(|| at.find("\n}\r\n").map(|close| close + 2))?;
            Some(Found { kind: Kind::Json, source: &at[..close], skipped, end: blank + close })
        }
        _ => header_lines(at, skipped).map(|mut found| {
            found.end += blank;
            found
        }),
    }
}

/// Finds the closing fence: the length of what stands before it, and where the text goes on.
fn fenced(below: &str, closing: &[&str]) -> Option<(usize, usize)> {
    let mut at = 0;
    for line in below.split_inclusive('\n').take(LONGEST) {
        if closing.contains(&line.trim_end()) {
            return Some((at, at + line.len()));
        }
        at += line.len();
    }
    None
}

/// Tells front matter from a text between two rules: it begins with a key.
fn looks_like_yaml(source: &str) -> bool {
    let mut lines = source.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    lines.next().is_none_or(|line| key_of(line).is_some())
}

/// Splits `key: value` at a colon of either width; keys are words without spaces.
fn key_of(line: &str) -> Option<(&str, &str)> {
    let at = line.find([':', '：'])?;
    let key = line[..at].trim_matches(['"', '\'', ' ', '\t']);
    let value = &line[at + line[at..].chars().next().map_or(1, char::len_utf8)..];
    let is_word =
        !key.is_empty() && key.len() <= 40 && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    (is_word && (value.is_empty() || !value.starts_with("//"))).then_some((key, value.trim()))
}

/// Pelican's `Title: …` lines up to a blank one, and Hexo posts whose first fence is missing.
fn header_lines(text: &str, skipped: usize) -> Option<Found<'_>> {
    const KEYS: &[&str] = &[
        "title",
        "date",
        "category",
        "tags",
        "slug",
        "author",
        "authors",
        "summary",
        "status",
        "modified",
        "lang",
        "layout",
        "categories",
        "source",
        "permalink",
    ];
    let (mut at, mut known) = (0, 0);
    for (count, line) in text.split_inclusive('\n').enumerate() {
        let trimmed = line.trim_end();
        let done = trimmed.is_empty() || (trimmed == "---" && count > 0);
        if done || count >= 60 {
            let has_title =
                text[..at].lines().any(|line| key_of(line).is_some_and(|(key, _)| key.eq_ignore_ascii_case("title")));
            return (known >= 2 && has_title).then(|| Found {
                kind: Kind::Lines,
                source: &text[..at],
                skipped,
                end: at + line.len(),
            });
        }
        match key_of(trimmed) {
            Some((key, _)) if trimmed.is_ascii() || key.is_ascii() => {
                known += usize::from(KEYS.contains(&key.to_ascii_lowercase().as_str()));
            }
            _ if count > 0 && (line.starts_with([' ', '\t', '-'])) => {}
            _ => return None,
        }
        at += line.len();
    }
    None
}

/// Finds where another article begins inside a body: a fence, keys with a title or a date, a fence.
fn next_article(body: &str) -> Option<usize> {
    let mut at = 0;
    let mut code = false;
    for line in body.split_inclusive('\n') {
        let trimmed = line.trim_end();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            code = !code;
        }
        if !code && matches!(trimmed, "---" | "+++") {
            let below = &body[at + line.len()..];
            if let Some((length, _)) = fenced(below, std::slice::from_ref(&trimmed))
                && is_matter(&below[..length], trimmed)
            {
                return Some(at);
            }
        }
        at += line.len();
    }
    None
}

fn is_matter(source: &str, fence: &str) -> bool {
    let separator: &[char] = if fence == "---" { &[':', '：'] } else { &['='] };
    let mut named = false;
    let mut lines = source.lines().filter(|line| !line.trim().is_empty()).peekable();
    if lines.peek().is_none() || source.lines().count() > 60 {
        return false;
    }
    lines.all(|line| {
        let key = line.split(separator).next().unwrap_or_default().trim().to_ascii_lowercase();
        named |= matches!(key.as_str(), "title" | "date");
        line.starts_with([' ', '\t', '-', '#', ']'])
            || (line.contains(separator) && key.len() <= 40 && !key.contains(' '))
    }) && named
}

/// Reads front matter line by line, the way a person would.
fn by_line(source: &str, path: &str, first: usize, diagnostics: &mut Vec<Diagnostic>) -> Mapping {
    let mut map = Mapping::new();
    let mut last: Option<Value> = None;
    for (at, line) in source.lines().enumerate() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') || matches!(trimmed, "{" | "}" | "---") {
            continue;
        }
        if let (Some(item), Some(key)) = (trimmed.strip_prefix("- "), &last) {
            let slot = map.entry(key.clone()).or_insert(Value::Null);
            match slot {
                Value::Sequence(items) => items.push(Value::from(unquote(item))),
                _ => *slot = Value::Sequence(vec![Value::from(unquote(item))]),
            }
            continue;
        }
        let pair = key_of(trimmed).or_else(|| trimmed.split_once('=').map(|(key, value)| (key.trim(), value.trim())));
        match pair {
            Some((key, value)) if !line.starts_with([' ', '\t']) || last.is_none() => {
                let key = Value::from(key.to_ascii_lowercase());
                if !map.contains_key(&key) || map.get(&key) == Some(&Value::Null) {
                    map.insert(key.clone(), value_of(value));
                }
                last = Some(key);
            }
            _ => {
                diagnostics.push(
                    Diagnostic::warning(
                        "import-front-matter",
                        path,
                        format!("this line of the front matter was not understood: `{trimmed}`"),
                    )
                    .at(first + at, 1)
                    .help("add it to the new article by hand if it matters"),
                );
            }
        }
    }
    map
}

fn value_of(text: &str) -> Value {
    let text = text.trim_end_matches(',');
    if let Some(inner) = text.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
        let items = inner.split([',', '，']).map(unquote).filter(|item| !item.is_empty());
        return Value::Sequence(items.map(Value::from).collect());
    }
    match text {
        "" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => Value::from(unquote(text)),
    }
}

fn unquote(text: &str) -> String {
    let text = text.trim();
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|inner| inner.strip_suffix(quote)) {
            return inner.to_owned();
        }
    }
    text.trim_start_matches(['"', '“']).trim_end_matches(['"', '”']).to_owned()
}

fn from_toml(table: &toml::Table) -> Mapping {
    table.iter().map(|(key, value)| (Value::from(key.clone()), toml_value(value))).collect()
}

fn toml_value(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::from(text.clone()),
        toml::Value::Integer(number) => Value::from(*number),
        toml::Value::Float(number) => Value::from(*number),
        toml::Value::Boolean(truth) => Value::from(*truth),
        toml::Value::Datetime(moment) => Value::from(moment.to_string()),
        toml::Value::Array(items) => Value::Sequence(items.iter().map(toml_value).collect()),
        toml::Value::Table(table) => Value::Mapping(from_toml(table)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> (Mapping, String, usize) {
        let mut diagnostics = Vec::new();
        let parts = split("a.md", text, &mut diagnostics);
        assert_eq!(parts.len(), 1, "{text}");
        (parts[0].matter.clone(), parts[0].body.to_owned(), parts[0].line)
    }

    #[test]
    fn reads_every_kind() {
        for text in [
            "---\ntitle: 题\ndate: 2021-01-02\n---\n文\n",
            "+++\ntitle = \"题\"\ndate = 2021-01-02\n+++\n文\n",
            "{\n\"title\": \"题\",\n\"date\": \"2021-01-02\"\n}\n文\n",
            "Title: 题\nDate: 2021-01-02\n\n文\n",
            "title: 题\ndate: 2021-01-02\n---\n文\n",
            "---\ntitle：题\ndate：2021-01-02\n---\n文\n",
            "---\ntitle: 题\ndate: 2021-01-02\n\n文\n",
            "---\ntitle: 题\ndate: 2021-01-02\nbad: [a\n---\n文\n",
        ] {
            let (matter, body, _) = one(text);
            assert_eq!(matter.get("title"), Some(&Value::from("题")), "{text}");
            assert_eq!(matter.get("date").and_then(Value::as_str), Some("2021-01-02"), "{text}");
            assert_eq!(body.trim(), "文", "{text}");
        }
    }

    #[test]
    fn leaves_text_between_rules_alone() {
        assert!(one("文\n\n---\n\n文: 不是键\n\n---\n").0.is_empty());
        assert!(one("标题一行\n\n正文。\n").0.is_empty());
    }

    #[test]
    fn splits_files_with_several_articles() {
        let text = "---\ntitle: 甲\n---\n文甲\n---\ntitle: 乙\ndate: 2020-01-01\n---\n文乙\n";
        let parts = split("a.md", text, &mut Vec::new());
        assert_eq!(
            parts.iter().map(|part| (part.body.trim(), part.line)).collect::<Vec<_>>(),
            [("文甲", 4), ("文乙", 9)]
        );
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(---\n)?([a-z]{1,5}: ?\\PC{0,10}\n|---\n|\\+\\+\\+\n|\\PC{0,8}\n){0,8}") {
            split("a", &text, &mut Vec::new());
        }
    }
}
