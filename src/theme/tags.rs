//! Finds the tags of a template without parsing them.
//!
//! The engine offers no walk over its syntax tree; what [`super::steps`] and [`super::lints`] need is only where tags
//! stand and how they begin.

use std::ops::Range;

/// A `{% … %}` or `{{ … }}` of a template.
pub(super) struct Tag<'t> {
    /// Where it stands, in bytes.
    pub(super) range: Range<usize>,
    /// Whether it prints a value.
    pub(super) prints: bool,
    /// What is between the marks, without the signs that trim.
    pub(super) inner: &'t str,
}

impl<'t> Tag<'t> {
    /// The first word: `for`, `set`, …
    pub(super) fn word(&self) -> &'t str {
        let end = self.inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(self.inner.len());
        &self.inner[..end]
    }

    /// Tells whether blanks after it are trimmed.
    pub(super) fn trims(&self, text: &str) -> bool {
        text[..self.range.end - 2].ends_with('-')
    }
}

/// The tags of a template in their order; none after one that is not closed. Comments and raw blocks hold none.
pub(super) fn tags(text: &str) -> Vec<Tag<'_>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find('{').map(|n| at + n) {
        match bytes.get(open + 1) {
            Some(b'#') => match text[open + 2..].find("#}") {
                Some(n) => at = open + 2 + n + 2,
                None => break,
            },
            Some(&mark @ (b'{' | b'%')) => {
                let Some(end) = close(bytes, open + 2, if mark == b'{' { b'}' } else { b'%' }) else { break };
                let inner = text[open + 2..end - 2].trim_start_matches('-').trim_end_matches('-').trim();
                let tag = Tag { range: open..end, prints: mark == b'{', inner };
                at = end;
                if !tag.prints && tag.word() == "raw" {
                    match end_of_raw(text, end) {
                        Some(end) => at = end,
                        None => break,
                    }
                }
                found.push(tag);
            }
            _ => at = open + 1,
        }
    }
    found
}

/// The end of a tag: `%}` or `}}` outside of strings.
pub(super) fn close(bytes: &[u8], from: usize, mark: u8) -> Option<usize> {
    let mut string = None;
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        match string {
            Some(_) if byte == b'\\' => at += 1,
            Some(quote) if byte == quote => string = None,
            Some(_) => {}
            None if matches!(byte, b'"' | b'\'' | b'`') => string = Some(byte),
            None if byte == mark && bytes.get(at + 1) == Some(&b'}') => return Some(at + 2),
            None => {}
        }
        at += 1;
    }
    None
}

fn end_of_raw(text: &str, from: usize) -> Option<usize> {
    text[from..].match_indices("{%").find_map(|(n, _)| {
        let tag = from + n + 2;
        let rest = text[tag..].trim_start_matches('-').trim_start();
        rest.starts_with("endraw").then(|| text[tag..].find("%}").map(|n| tag + n + 2))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_tags() {
        let text = "{# {{ no }} #}a{{- x ~ \"}}\" -}}{% for a in b %}{% raw %}{{ no }}{% endraw %}{ x }{% if";
        let inner: Vec<&str> = tags(text).iter().map(|tag| tag.inner).collect();
        assert_eq!(inner, ["x ~ \"}}\"", "for a in b", "raw"]);
        assert!(tags(text)[0].trims(text) && tags(text)[1].word() == "for");
    }
}
