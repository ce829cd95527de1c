//! Finds entries, keys and values of a list of mappings again in the text of a YAML file.
//!
//! The YAML library gives values without places. This scan reads block style by its indentation, and only guesses
//! (first occurrence of the text) in flow style; it never fails, it only points less exactly.

use std::ops::Range;

/// The entries of a list of mappings.
pub(super) struct Entries<'a> {
    text: &'a str,
    /// Byte range of each entry, dash included.
    ranges: Vec<Range<usize>>,
}

impl<'a> Entries<'a> {
    /// Finds the entries: lines that begin with a dash, at the indentation of the first one.
    pub(super) fn scan(text: &'a str) -> Entries<'a> {
        let mut starts = Vec::new();
        let mut indent = None;
        for (at, line) in lines(text) {
            let trimmed = line.trim_start_matches(['\u{feff}', ' ']);
            let depth = line.len() - trimmed.len();
            if (trimmed.starts_with("- ") || trimmed.trim_end() == "-") && *indent.get_or_insert(depth) == depth {
                starts.push(at + depth);
            }
        }
        let ends = starts.iter().skip(1).copied().chain([text.len()]);
        let ranges = starts.iter().copied().zip(ends).map(|(s, e)| s..e).collect();
        Entries { text, ranges }
    }

    /// Byte range of a whole entry, to the start of the next one; the whole text when it was not found.
    pub(super) fn range(&self, index: usize) -> Range<usize> {
        self.ranges.get(index).cloned().unwrap_or(0..self.text.len())
    }

    /// First line of an entry.
    pub(super) fn entry(&self, index: usize) -> Range<usize> {
        let range = self.range(index);
        let end = self.text[range.clone()].find('\n').map_or(range.end, |n| range.start + n);
        range.start..end
    }

    /// Line of an entry, from 1.
    pub(super) fn line(&self, index: usize) -> usize {
        self.text[..self.range(index).start].matches('\n').count() + 1
    }

    /// A key of an entry, or the entry's first line.
    pub(super) fn key(&self, index: usize, key: &str) -> Range<usize> {
        self.find_key(index, key).unwrap_or_else(|| self.entry(index))
    }

    /// A value of an entry, searched after its key; else the key; else the entry's first line.
    pub(super) fn value(&self, index: usize, key: &str, value: &str) -> Range<usize> {
        let range = self.range(index);
        let from = self.find_key(index, key).map_or(range.start, |k| k.end);
        let value = value.trim();
        let found = if value.is_empty() { None } else { self.text[from..range.end].find(value) };
        match found {
            Some(n) => from + n..from + n + value.len(),
            None => self.key(index, key),
        }
    }

    /// The value of a key as it is written, without a comment.
    pub(super) fn raw(&self, index: usize, key: &str) -> Option<String> {
        let end = self.find_key(index, key)?.end;
        let rest = self.text[end..].lines().next()?.trim_start().strip_prefix(':')?;
        let rest = rest.split(" #").next().unwrap_or(rest).split([',', '}']).next().unwrap_or(rest);
        Some(rest.trim().to_owned())
    }

    /// Finds a key: at the beginning of a line of the entry, after the dash, or after `{` or `,`.
    pub(super) fn find_key(&self, index: usize, key: &str) -> Option<Range<usize>> {
        let range = self.range(index);
        let area = &self.text[range.clone()];
        area.match_indices(key).find_map(|(at, _)| {
            let before = area[..at].trim_end_matches([' ', '"', '\'']);
            let after = area[at + key.len()..].trim_start_matches(['"', '\'', ' ']);
            let opens = before.is_empty() || before.ends_with(['\n', '-', '{', ',']);
            (opens && after.starts_with(':')).then(|| range.start + at..range.start + at + key.len())
        })
    }
}

/// Iterates over lines with the byte offset of each.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        Some((start, line.trim_end_matches(['\n', '\r'])))
    })
}

/// Gives the byte offset of a line and column (both from 1, columns in characters).
pub(super) fn offset(text: &str, line: usize, column: usize) -> usize {
    let Some((start, line)) = lines(text).nth(line.saturating_sub(1)) else { return text.len() };
    start + line.char_indices().nth(column.saturating_sub(1)).map_or(line.len(), |(i, _)| i)
}

/// Finds a full-width colon right after a word at the beginning of a line.
pub(super) fn wide_colon(text: &str) -> Option<Range<usize>> {
    lines(text).find_map(|(at, line)| {
        let key = line.trim_start_matches([' ', '-']);
        let word = key.bytes().take_while(|b| b.is_ascii_alphabetic() || *b == b'_').count();
        let colon = at + line.len() - key.len() + word;
        (word > 0 && key[word..].starts_with('：')).then(|| colon..colon + '：'.len_utf8())
    })
}

/// Finds an anchor or alias, by which a small file can stand for a huge one.
pub(super) fn alias(text: &str) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut quote = 0_u8;
    for (at, &b) in bytes.iter().enumerate() {
        let before = if at == 0 { b'\n' } else { bytes[at - 1] };
        match b {
            b'\n' => quote = 0,
            b'"' | b'\'' if quote == b => quote = 0,
            b'"' | b'\'' if quote == 0 && matches!(before, b' ' | b'\n' | b'[' | b'{' | b',' | b':') => quote = b,
            b'#' if quote == 0 && matches!(before, b' ' | b'\n') => quote = b'#',
            b'&' | b'*' if quote == 0 && matches!(before, b' ' | b'\n' | b'[' | b'{' | b',') => {
                let name = bytes[at + 1..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
                // A star alone, or before Chinese text, is text.
                if name > 0 {
                    return Some(at..at + 1 + name);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "# cities\n- id: lanzhou\n  name: 兰州   # label\n  aliases: [金城]\n\n- {id: xining, name: 西宁}\n";

    #[test]
    fn finds_entries_keys_and_values() {
        let entries = Entries::scan(TEXT);
        assert_eq!(entries.ranges.len(), 2);
        assert_eq!((entries.line(0), entries.line(1)), (2, 6));
        assert_eq!(&TEXT[entries.value(0, "aliases", "金城")], "金城");
        assert_eq!(&TEXT[entries.value(1, "name", "西宁")], "西宁");
        assert_eq!(&TEXT[entries.key(1, "nothing")], "- {id: xining, name: 西宁}");
        assert_eq!(entries.raw(0, "name").as_deref(), Some("兰州"));
        assert_eq!(entries.raw(1, "id").as_deref(), Some("xining"));
    }

    #[test]
    fn finds_anchors_and_not_stars() {
        assert_eq!(alias("a: &x [1]\nb: *x\n"), Some(3..5));
        assert_eq!(alias("- a & b\n- '*x'\n- \"&y\" # *z\n- R&D\n"), None);
    }
}
