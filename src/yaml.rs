//! YAML mappings whose keys know their place.
//!
//! The YAML reader places an error at the start of the mapping it failed in, and reports only the first. So front
//! matter and settings are read to a plain mapping here, and each field is then checked by itself, at the place of
//! its own key. Knows no stage.

mod plain;

use std::collections::BTreeMap;
use std::ops::Range;

use serde_yaml::Value;

use crate::diagnostic::Diagnostic;

/// One key of a top-level mapping, its value and where both stand in the file.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key as text; other scalars as they were spelled.
    pub key: String,
    /// The value as YAML reads it.
    pub value: Value,
    /// Bytes of the key in the file.
    pub key_span: Range<usize>,
    /// Bytes of the first line of the value in the file; of the key when the value begins further down.
    pub value_span: Range<usize>,
}

/// A top-level mapping in the order of its keys.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    /// The entries, in the order of the file.
    pub entries: Vec<Entry>,
}

impl Mapping {
    /// Finds a key.
    pub fn find(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }
}

/// Reads the mapping in `range` of a file; empty text is an empty mapping.
///
/// # Errors
/// One placed diagnostic when the YAML is broken or is no mapping.
pub fn read_mapping(path: &str, file: &str, range: Range<usize>) -> Result<Mapping, Diagnostic> {
    match plain::read(file, &range) {
        Some(mapping) => Ok(mapping),
        None => read_by_library(path, file, range),
    }
}

fn read_by_library(path: &str, file: &str, range: Range<usize>) -> Result<Mapping, Diagnostic> {
    let text = &file[range.clone()];
    if let Some(refusal) = refuse(path, file, &range) {
        return Err(refusal);
    }
    let value: Value = serde_yaml::from_str(text).map_err(|error| explain(path, file, &range, &error))?;
    let mapping = match value {
        Value::Null => return Ok(Mapping::default()),
        Value::Mapping(mapping) => mapping,
        _ => {
            if let Some(found) = full_width_colon(file, &range) {
                return Err(explain_colon(path, file, found));
            }
            return Err(Diagnostic::error(
                "yaml-not-a-mapping",
                path,
                "expected `key: value` lines, found something else",
            )
            .span(file, first_line(file, &range))
            .help("write one `key: value` a line"));
        }
    };
    let places = key_places(file, &range);
    let mut by_name: BTreeMap<&str, &Place> = BTreeMap::new();
    for place in &places {
        by_name.entry(&place.name).or_insert(place);
    }
    let entries = mapping.into_iter().map(|(key, value)| place_entry(key, value, &by_name, &range)).collect();
    Ok(Mapping { entries })
}

fn place_entry(key: Value, value: Value, places: &BTreeMap<&str, &Place>, range: &Range<usize>) -> Entry {
    let key = match key {
        Value::String(text) => text,
        other => serde_yaml::to_string(&other).unwrap_or_default().trim().to_owned(),
    };
    let found = places.get(key.as_str());
    let key_span = found.map_or(range.start..range.start, |place| place.key.clone());
    let value_span = found.map_or(key_span.clone(), |place| place.value.clone());
    Entry { key, value, key_span, value_span }
}

struct Place {
    name: String,
    key: Range<usize>,
    value: Range<usize>,
}

/// Finds the keys that begin in the first column.
fn key_places(file: &str, range: &Range<usize>) -> Vec<Place> {
    let mut places = Vec::new();
    let mut at = range.start;
    for line in file[range.clone()].split_inclusive('\n') {
        let start = at;
        at += line.len();
        let line = line.trim_end();
        if line.starts_with([' ', '\t', '#', '-']) {
            continue;
        }
        if let Some((name, key_len, colon)) = split_key(line) {
            let value = line[colon + 1..].trim_start();
            let value_start = start + line.len() - value.len();
            let key = start..start + key_len;
            let value = if value.is_empty() { key.clone() } else { value_start..value_start + scalar_len(value) };
            places.push(Place { name, key, value });
        }
    }
    places
}

/// Splits `key: value` into the key's name, its length in bytes and the place of the colon.
fn split_key(line: &str) -> Option<(String, usize, usize)> {
    if let Some(quote @ ('"' | '\'')) = line.chars().next() {
        let end = line[1..].find(quote)? + 1;
        let colon = end + 1 + line[end + 1..].find(':')?;
        return Some((line[1..end].to_owned(), end + 1, colon));
    }
    let colon = line.match_indices(':').map(|(at, _)| at).find(|&at| {
        let rest = &line[at + 1..];
        rest.is_empty() || rest.starts_with([' ', '\t'])
    })?;
    let key = line[..colon].trim_end();
    Some((key.to_owned(), key.len(), colon))
}

/// Length of a scalar without a trailing comment.
fn scalar_len(value: &str) -> usize {
    if value.starts_with(['"', '\'']) {
        return value.len();
    }
    value.find(" #").map_or(value.len(), |at| value[..at].trim_end().len())
}

fn first_line(file: &str, range: &Range<usize>) -> Range<usize> {
    let text = &file[range.clone()];
    let skipped = text.len() - text.trim_start().len();
    let start = range.start + skipped;
    let end = file[start..range.end.max(start)].find('\n').map_or(range.end, |at| start + at);
    start..end.max(start)
}

/// The deepest nesting of brackets a data file may have; real ones need three or four.
const DEEPEST: usize = 64;

/// The most anchors (`&name`) and aliases (`*name`) of a data file; aliases of aliases grow exponentially.
const ALIASES: usize = 64;

/// Refuses what would cost the reader more than an honest file ever does.
fn refuse(path: &str, file: &str, range: &Range<usize>) -> Option<Diagnostic> {
    let text = &file[range.clone()];
    if let Some(at) = text.find('\0') {
        let at = range.start + at;
        return Some(
            Diagnostic::error("control-character", path, "a NUL character")
                .span(file, at..at + 1)
                .help("remove it; the file may be damaged"),
        );
    }
    let mut depth = 0usize;
    let mut aliases = 0usize;
    let mut line_indent_steps = 0usize;
    let mut before = b'\n';
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            // Anchors cost the reader as much as the aliases that name them.
            b'*' | b'&' if matches!(before, b' ' | b'[' | b',' | b'\n' | b'\t') && names_follow(text, at) => {
                aliases += 1
            }
            b'-' if matches!(before, b' ' | b'\n') => line_indent_steps += 1,
            b'\n' => line_indent_steps = 0,
            _ => {}
        }
        if depth > DEEPEST || line_indent_steps > DEEPEST || aliases > ALIASES {
            let at = range.start + at;
            let what = if aliases > ALIASES {
                "too many anchors or aliases (`&name`, `*name`)"
            } else {
                "brackets or lists nested too deeply"
            };
            return Some(
                Diagnostic::error("yaml-too-complex", path, what)
                    .span(file, at..at + 1)
                    .help("write the values out plainly; articles need no more than a list in a list"),
            );
        }
        before = byte;
    }
    None
}

/// Tells a name from a sign that stands alone, as in `R & D`.
fn names_follow(text: &str, at: usize) -> bool {
    text.as_bytes().get(at + 1).is_some_and(|next| !next.is_ascii_whitespace())
}

/// Places a reader's error and says what editors usually did.
fn explain(path: &str, file: &str, range: &Range<usize>, error: &serde_yaml::Error) -> Diagnostic {
    let mut at = range.start + error.location().map_or(0, |location| location.index().min(range.len()));
    while !file.is_char_boundary(at) {
        at -= 1;
    }
    let message = strip_location(&error.to_string());
    if let Some(found) = full_width_colon(file, range) {
        return explain_colon(path, file, found);
    }
    if let Some(span) = leading_tab(file, range) {
        return Diagnostic::error("yaml-tab", path, "a tab where YAML wants spaces")
            .span(file, span.clone())
            .fix(file, span, "  ")
            .help("indent with spaces");
    }
    let key = message.strip_prefix("duplicate entry with key ").map(|key| key.trim_matches('"').to_owned());
    if let Some(key) = key {
        let span = key_places(file, range).into_iter().filter(|place| place.name == key).map(|place| place.key).nth(1);
        return Diagnostic::error("yaml-duplicate-key", path, format!("`{key}` is given twice"))
            .span(file, span.unwrap_or(at..at))
            .help("keep one of the two lines");
    }
    let span = line_around(file, at, range);
    Diagnostic::error("yaml-syntax", path, format!("not valid YAML: {message}"))
        .span(file, span.clone())
        .help(syntax_help(file[span].trim()))
}

fn syntax_help(line: &str) -> String {
    let value = line.split_once(':').map_or(line, |(_, value)| value).trim();
    if value.starts_with(['@', '`', '%', '&', '*', '!', '[', '{', '"', '\'', '|', '>']) || value.contains(": ") {
        return "put the whole value between double quotes, with `\\\"` for a quote inside".to_owned();
    }
    "check the quotes, brackets and indentation around this place".to_owned()
}

fn strip_location(message: &str) -> String {
    let cut = message.find(" at line ").unwrap_or(message.len());
    message[..cut].trim_end_matches(',').replace('`', "'")
}

fn explain_colon(path: &str, file: &str, (span, key): (Range<usize>, String)) -> Diagnostic {
    let gap = if file[span.end..].starts_with([' ', '\n']) { ":" } else { ": " };
    Diagnostic::error("yaml-full-width-colon", path, format!("full-width colon `：` after `{key}`"))
        .span(file, span.clone())
        .fix(file, span, gap)
        .help(format!("write `{key}: ` with an ASCII colon and a space"))
}

/// Finds `key：value` at the start of a line.
fn full_width_colon(file: &str, range: &Range<usize>) -> Option<(Range<usize>, String)> {
    let mut at = range.start;
    for line in file[range.clone()].split_inclusive('\n') {
        if let Some(colon) = line.find('：') {
            let key = line[..colon].trim();
            if !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
                return Some((at + colon..at + colon + '：'.len_utf8(), key.to_owned()));
            }
        }
        at += line.len();
    }
    None
}

fn leading_tab(file: &str, range: &Range<usize>) -> Option<Range<usize>> {
    let mut at = range.start;
    for line in file[range.clone()].split_inclusive('\n') {
        let blank = line.len() - line.trim_start_matches([' ', '\t']).len();
        if let Some(tab) = line[..blank].find('\t') {
            return Some(at + tab..at + tab + 1);
        }
        at += line.len();
    }
    None
}

fn line_around(file: &str, at: usize, range: &Range<usize>) -> Range<usize> {
    let start = file[..at].rfind('\n').map_or(0, |n| n + 1).max(range.start);
    let end = file[at..].find('\n').map_or(file.len(), |n| at + n).min(range.end).max(start);
    if start == end && start > range.start {
        let previous = file[..start - 1].rfind('\n').map_or(range.start, |n| n + 1).max(range.start);
        return previous..start - 1;
    }
    let indent = file[start..end].len() - file[start..end].trim_start().len();
    start + indent..end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::render;

    fn read(text: &str) -> Result<Mapping, String> {
        read_mapping("a.md", text, 0..text.len()).map_err(|d| render(&d))
    }

    #[test]
    fn places_keys_and_values() {
        let text = "title: 甲  # note\n'tags': [a]\nlist:\n  - x\n";
        let mapping = read(text).unwrap();
        let places: Vec<_> =
            mapping.entries.iter().map(|e| (&text[e.key_span.clone()], &text[e.value_span.clone()])).collect();
        assert_eq!(places, [("title", "甲"), ("'tags'", "[a]"), ("list", "list")]);
    }

    #[test]
    fn explains_what_editors_do() {
        assert!(read("title： 甲\n").unwrap_err().contains("full-width colon"));
        assert!(read("a: 1\na: 2\n").unwrap_err().starts_with("a.md:2:1: error[yaml-duplicate-key]"));
        assert!(read("title: 'a'b'\n").unwrap_err().contains("between double quotes"));
        assert!(read("a:\n\t- b\n").unwrap_err().contains("yaml-tab"));
        assert!(read("- a\n").unwrap_err().contains("yaml-not-a-mapping"));
        assert!(read("").unwrap().entries.is_empty());
    }

    #[test]
    fn refuses_bombs_quickly() {
        assert!(read(&format!("a: {}", "[".repeat(10_000))).unwrap_err().contains("yaml-too-complex"));
        assert!(read(&format!("a: [{}]", "*x,".repeat(100))).unwrap_err().contains("yaml-too-complex"));
    }
}
