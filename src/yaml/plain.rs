//! The mappings that nearly every article has, read without the YAML library: `key: text`, `key: "text"`,
//! `key: [text, text]` and lists of `- text`, a line each.
//!
//! Takes only what can mean one thing in any YAML, and leaves all else to the library: a word that may be a number, a switch
//! or nothing, an escape, a comment, a line that goes on, a key given twice.

use std::ops::Range;

use serde_yaml::Value;

use super::{Entry, Mapping};

/// The longest key; YAML itself ends at 1,024 characters.
const LONGEST_KEY: usize = 64;

/// Reads the mapping in `range` of a file; none when it is not of the plainest kind.
pub(super) fn read(file: &str, range: &Range<usize>) -> Option<Mapping> {
    let mut mapping = Mapping::default();
    let mut at = range.start;
    // The last key, as long as items of a list may follow it, and their indentation.
    let mut open: Option<Option<usize>> = None;
    for line in file[range.clone()].split_inclusive('\n') {
        let start = at;
        at += line.len();
        let line = line.strip_suffix('\n').unwrap_or(line);
        let indent = line.len() - line.trim_start_matches(' ').len();
        if let Some(item) = line[indent..].strip_prefix("- ") {
            let first = open.filter(|first| first.is_none_or(|first| first == indent))?;
            let item = scalar(item)?;
            match (first, &mut mapping.entries.last_mut()?.value) {
                (None, value) => *value = Value::Sequence(vec![item]),
                (Some(_), Value::Sequence(items)) => items.push(item),
                _ => return None,
            }
            open = Some(Some(indent));
            continue;
        }
        let (entry, opens) = entry(line, start)?;
        if mapping.find(&entry.key).is_some() {
            return None;
        }
        mapping.entries.push(entry);
        open = opens.then_some(None);
    }
    Some(mapping)
}

/// Reads `key: value`, or `key:` behind which a list may follow.
fn entry(line: &str, start: usize) -> Option<(Entry, bool)> {
    let (key, rest) = line.split_once(':')?;
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if key.len() > LONGEST_KEY || !key.starts_with(|c: char| c.is_ascii_alphabetic()) || !key.bytes().all(word) {
        return None;
    }
    let key_span = start..start + key.len();
    let written = rest.trim_matches(' ');
    if !is_text(key) || !(rest.is_empty() || rest.starts_with(' ')) {
        return None;
    }
    let (value, value_span) = if written.is_empty() {
        (Value::Null, key_span.clone())
    } else {
        let from = start + line.len() - rest.trim_start_matches(' ').len();
        (list(written).or_else(|| scalar(written))?, from..from + written.len())
    };
    Some((Entry { key: key.to_owned(), value, key_span, value_span }, written.is_empty()))
}

/// Reads `[text, text]`.
fn list(written: &str) -> Option<Value> {
    let inside = written.strip_prefix('[')?.strip_suffix(']')?.trim_matches(' ');
    if inside.is_empty() {
        return Some(Value::Sequence(Vec::new()));
    }
    if inside.contains([':', '#', '[', ']', '{', '}', '"', '\'']) {
        return None;
    }
    inside.split(',').map(|item| plain(item.trim_matches(' '))).collect::<Option<Vec<Value>>>().map(Value::Sequence)
}

/// Reads text with or without quotes.
fn scalar(written: &str) -> Option<Value> {
    let written = written.trim_matches(' ');
    for quote in ['"', '\''] {
        if let Some(rest) = written.strip_prefix(quote) {
            let text = rest.strip_suffix(quote).filter(|text| !text.contains([quote, '\\']) && is_printed(text))?;
            return Some(Value::String(text.to_owned()));
        }
    }
    plain(written)
}

/// Reads text without quotes.
fn plain(written: &str) -> Option<Value> {
    let begins = written.starts_with(|c: char| c.is_ascii_alphanumeric() || c > '\u{ff}');
    let goes_on = written.ends_with(':') || written.contains(": ") || written.contains(" #");
    (begins && !goes_on && is_printed(written) && is_text(written)).then(|| Value::String(written.to_owned()))
}

/// Tells whether a plain scalar is text in any YAML: no number, switch or nothing, no date of its own kind.
fn is_text(written: &str) -> bool {
    // Whatever is of another kind is short and without such characters.
    let other = |byte: u8| !byte.is_ascii() || matches!(byte, b' ' | b'/');
    let names = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    written.bytes().any(other)
        || written.starts_with(|c: char| c.is_ascii_alphabetic())
            && !names.iter().any(|name| name.eq_ignore_ascii_case(written))
}

/// Tells whether all characters may stand in YAML, and none is white space but the plain space.
fn is_printed(text: &str) -> bool {
    text.chars().all(|c| matches!(c, ' '..='~' | '\u{a1}'..='\u{fffd}' | '\u{10000}'..) && !is_rare(c))
}

fn is_rare(c: char) -> bool {
    c == '\u{feff}' || c > '~' && c.is_whitespace()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Mapping, read_by_library};
    use super::*;

    const PARTS: &[&str] = &[
        "title: ",
        "date: ",
        "tags: ",
        "a_1: ",
        "source:",
        "slug: ",
        "null: ",
        "y: ",
        "甲: ",
        "a b: ",
        "\n",
        "\n",
        "\n",
        "\n- ",
        "\n  - ",
        "- ",
        "  ",
        "[",
        "]",
        ", ",
        ",",
        "\"",
        "'",
        "甲乙",
        "丙 丁",
        "2020-04-08 13:50:00",
        "2020-04-08",
        "a004261",
        "12",
        "0x1f",
        "1e3",
        ".5",
        "true",
        "Null",
        "no",
        "~",
        "https://news.example.com/2020/",
        ":",
        ": ",
        " #",
        "#",
        "&a",
        "*a",
        "!",
        "|",
        ">",
        "%",
        "@",
        "`",
        "{",
        "}",
        "-",
        "?",
        "\\",
        "\u{3000}",
        "\u{2028}",
        "\u{a0}",
        "\u{85}",
        "\t",
        "“引”",
        "---",
        "...",
        "\u{feff}",
        "𠀀",
    ];

    fn shown(mapping: &Mapping) -> String {
        format!("{mapping:?}")
    }

    proptest! {
        #[test]
        fn reads_as_the_library_does(parts in prop::collection::vec(prop::sample::select(PARTS), 0..12)) {
            let text = parts.concat();
            if let Some(mapping) = read(&text, &(0..text.len())) {
                let by_library = read_by_library("a.md", &text, 0..text.len());
                prop_assert_eq!(Some(shown(&mapping)), by_library.ok().map(|mapping| shown(&mapping)), "{}", text);
            }
        }

        #[test]
        fn reads_lines_as_the_library_does(
            values in prop::collection::vec((0..9usize, "[甲a1 \"':#,.0-]{0,8}", "[甲a1 ,.-]{0,8}"), 0..5),
        ) {
            let line = |(number, (kind, one, other)): (usize, &(usize, String, String))| match kind {
                0 => format!("k{number}: \"{one}\"\n"),
                1 => format!("k{number}: '{one}'\n"),
                2 => format!("k{number}: [{one}, {other}]\n"),
                3 => format!("k{number}:\n- {one}\n- {other}\n"),
                4 => format!("k{number}:\n  - {one}\n  - {other}\n"),
                5 => format!("k{number}:\n"),
                6 => format!("k{number}:  {one} \n"),
                _ => format!("k{number}: {one}{other}\n"),
            };
            let text: String = values.iter().enumerate().map(line).collect();
            if let Some(mapping) = read(&text, &(0..text.len())) {
                let by_library = read_by_library("a.md", &text, 0..text.len());
                prop_assert_eq!(Some(shown(&mapping)), by_library.ok().map(|mapping| shown(&mapping)), "{}", text);
            }
        }
    }

    #[test]
    fn takes_what_articles_have() {
        let text = "title: \"甲：乙\"\ndate: 2020-04-08 13:50:00\nsource: 晨报\ndraft:\nslug: a1\ntags: [专利, 招商]\ncity:\n  - 兰州\n";
        let mapping = read(text, &(0..text.len())).expect("all of it is plain");
        assert_eq!(mapping.entries.len(), 7);
        assert_eq!(&text[mapping.find("tags").unwrap().value_span.clone()], "[专利, 招商]");
        for other in [
            "a: 12",
            "a: true",
            "a: b # c",
            "a: |",
            "a: 1\na: 2",
            "a: b\n  c",
            "a: 'it''s'",
            "# a",
            "a:b",
            "a: \"\\n\"",
        ] {
            assert!(read(other, &(0..other.len())).is_none(), "{other}");
        }
    }
}
