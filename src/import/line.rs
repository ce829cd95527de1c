//! A line of a page, cleaned, with its folded form.

use super::fold::fold_line;

/// What markup says about a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Hint {
    /// Nothing.
    #[default]
    None,
    /// It stands in navigation, a sidebar, a footer or the like.
    Outside,
    /// It is made of links only.
    Links,
    /// It is a heading; 1 is the title of the page.
    Heading(u8),
    /// It describes a picture.
    Caption,
    /// It is a picture.
    Picture,
    /// It stays as it is: code, a table, a list.
    Kept,
}

/// One line.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    /// From 1, in the file.
    pub(super) number: usize,
    /// As it reads, trimmed and repaired.
    pub(super) text: String,
    /// Folded, character by character.
    pub(super) fold: String,
    /// As Markdown, when the source has markup; plain text is escaped otherwise.
    pub(super) markdown: Option<String>,
    /// What markup says.
    pub(super) hint: Hint,
}

impl Line {
    /// Makes a line of plain text.
    pub(super) fn plain(number: usize, text: &str) -> Self {
        let text = text.trim();
        Line { number, text: text.to_owned(), fold: fold_line(text), markdown: None, hint: Hint::None }
    }

    /// Length in characters.
    pub(super) fn length(&self) -> usize {
        self.text.chars().count()
    }

    /// The line as Markdown.
    pub(super) fn to_markdown(&self) -> String {
        self.markdown.clone().unwrap_or_else(|| escape(&self.text))
    }
}

/// Escapes a line of plain text so that Markdown shows it as it is.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let bytes = text.as_bytes();
    for (at, c) in text.char_indices() {
        let next = bytes.get(at + c.len_utf8()).copied().unwrap_or(b' ');
        let special = match c {
            '\\' => next.is_ascii_punctuation(),
            '*' | '`' => true,
            '_' => at == 0 || !bytes[at - 1].is_ascii_alphanumeric() || !next.is_ascii_alphanumeric(),
            '<' => next.is_ascii_alphabetic() || matches!(next, b'/' | b'!' | b'?'),
            '&' => next.is_ascii_alphabetic() || next == b'#',
            '[' => text[at..].contains("](") || (at == 0 && text.contains("]:")),
            '~' => next == b'~',
            _ => false,
        };
        if special {
            out.push('\\');
        }
        out.push(c);
    }
    escape_start(out)
}

/// Escapes what means something only at the beginning of a line.
pub(super) fn escape_start(text: String) -> String {
    let bytes = text.as_bytes();
    let blank = |at: usize| bytes.get(at).is_none_or(|b| *b == b' ' || *b == b'\t');
    let at = match bytes.first() {
        Some(b'#') => blank(bytes.iter().take_while(|b| **b == b'#').count()).then_some(0),
        Some(b'>' | b'|') => Some(0),
        Some(b'-' | b'+' | b'=') => {
            let run = bytes.iter().take_while(|b| **b == bytes[0] || **b == b' ').count();
            (blank(1) || run == bytes.len()).then_some(0)
        }
        Some(b'0'..=b'9') => {
            let digits = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
            (digits <= 9 && matches!(bytes.get(digits), Some(b'.' | b')')) && blank(digits + 1)).then_some(digits)
        }
        _ => None,
    };
    match at {
        Some(at) => format!("{}\\{}", &text[..at], &text[at..]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_markdown_would_read() {
        for (text, escaped) in [
            ("# 一", "\\# 一"),
            ("#一#", "#一#"),
            ("1. 一", "1\\. 一"),
            ("1.一", "1.一"),
            ("- 一", "\\- 一"),
            ("——一", "——一"),
            ("a*b*", "a\\*b\\*"),
            ("1<2, a<b>", "1<2, a\\<b>"),
            ("R&D和&amp;", "R\\&D和\\&amp;"),
            ("snake_case", "snake_case"),
            ("---", "\\---"),
        ] {
            assert_eq!(escape(text), escaped);
        }
    }
}
