//! The lines of a YAML mapping: finds keys at one depth, appends to lists, sets values; leaves everything else.

use std::ops::Range;

use super::EditError;
use crate::taxonomy::yaml;

/// The text of one mapping, whose keys stand at one indentation; in an entry of a list the dash counts as a blank.
pub(super) struct Block {
    text: String,
    indent: usize,
}

impl Block {
    /// Wraps the text of a mapping whose keys are indented by `indent` characters.
    pub(super) fn new(text: &str, indent: usize) -> Block {
        Block { text: text.to_owned(), indent }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn text_mut(&mut self) -> &mut String {
        &mut self.text
    }

    /// Removes all but comments at the end, which belong to what follows.
    pub(super) fn clear(&mut self) {
        let end = self.content_end();
        self.text = self.text[end..].trim_start_matches(['\n', '\r']).to_owned();
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.line_of(key).is_some()
    }

    /// Lists the plain values of a key, whether one or a list.
    pub(super) fn values(&self, key: &str) -> Vec<String> {
        let source = if self.indent == 0 { self.text.clone() } else { self.text.replacen('-', " ", 1) };
        let value = serde_yaml::from_str::<serde_yaml::Value>(&source).ok();
        super::texts(value.as_ref().and_then(|v| v.get(key)))
    }

    /// Gives the range of the line of a key, without its line end.
    fn line_of(&self, key: &str) -> Option<Range<usize>> {
        yaml::lines(&self.text).find_map(|(at, line)| {
            let plain = line.replacen("- ", "  ", usize::from(self.indent > 0 && at == 0));
            let depth = plain.len() - plain.trim_start().len();
            let rest = plain.trim_start().strip_prefix(key)?;
            (depth == self.indent && rest.starts_with(':')).then(|| at..at + line.len())
        })
    }

    /// Replaces the plain value of a key, keeping a comment.
    pub(super) fn set(&mut self, key: &str, value: &str) {
        let Some(line) = self.line_of(key) else { return };
        let Some(colon) = self.text[line.clone()].find(&format!("{key}:")).map(|n| line.start + n + key.len() + 1)
        else {
            return;
        };
        let (from, to) = self.value_range(colon, line.end);
        self.text.replace_range(from..to, &format!("{}{value}", if from == colon { " " } else { "" }));
    }

    /// Sets the plain value of a key, adding the key at the end where there is none.
    pub(super) fn put(&mut self, key: &str, value: &str) -> Result<(), EditError> {
        let Some(line) = self.line_of(key) else {
            if self.text.trim_start().starts_with('{') {
                return Err(EditError::Layout("the front matter stands in braces"));
            }
            let newline = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
            let at = self.content_end();
            let before = if at == 0 || self.text[..at].ends_with('\n') { "" } else { newline };
            self.text.insert_str(at, &format!("{before}{key}: {value}{newline}"));
            return Ok(());
        };
        let below = self.text[line.end..].trim_start_matches(['\r', '\n']);
        if below.starts_with([' ', '\t']) || below.starts_with("- ") {
            return Err(EditError::Layout("the value stands on several lines"));
        }
        self.set(key, value);
        Ok(())
    }

    /// Range of the value after a colon, without blanks and comment.
    fn value_range(&self, colon: usize, end: usize) -> (usize, usize) {
        let rest = &self.text[colon..end];
        let body = comment(rest).map_or(rest, |n| &rest[..n]);
        let trimmed = body.trim();
        let from = colon + (body.len() - body.trim_start().len());
        if trimmed.is_empty() { (colon, colon) } else { (from, from + trimmed.len()) }
    }

    /// Adds texts to the list of a key, making the key or the list where there is none.
    pub(super) fn append(&mut self, key: &str, texts: &[String]) -> Result<(), EditError> {
        if texts.is_empty() {
            return Ok(());
        }
        let items: Vec<String> = texts.iter().map(|t| scalar(t)).collect();
        let newline = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
        let Some(line) = self.line_of(key) else {
            if self.text.trim_start_matches(['-', ' ']).starts_with('{') {
                return Err(EditError::Layout("an entry stands in braces"));
            }
            let at = self.content_end();
            let before = if at == 0 || self.text[..at].ends_with('\n') { "" } else { newline };
            let entry = format!("{before}{}{key}: [{}]{newline}", " ".repeat(self.indent), items.join(", "));
            self.text.insert_str(at, &entry);
            return Ok(());
        };
        let colon = line.start + self.text[line.clone()].find(&format!("{key}:")).unwrap_or(0) + key.len() + 1;
        let (from, to) = self.value_range(colon, line.end);
        let value = self.text[from..to].to_owned();
        if value.starts_with('[') {
            let close = closing(&self.text, from).ok_or(EditError::Layout("a list has no end"))?;
            let inner = self.text[from + 1..close].trim_end();
            let at = from + 1 + inner.len();
            let comma = if inner.trim().is_empty() || inner.ends_with(',') { "" } else { ", " };
            self.text.insert_str(at, &format!("{comma}{}", items.join(", ")));
        } else if value.starts_with(['|', '>', '{', '&', '*']) {
            return Err(EditError::Layout("a list is written as something else"));
        } else if !value.is_empty() && !matches!(value.as_str(), "~" | "null") {
            self.text.replace_range(from..to, &format!("[{value}, {}]", items.join(", ")));
        } else if let Some((end, depth)) = self.last_item(line.end) {
            let list: String = items.iter().map(|i| format!("{}- {i}{newline}", " ".repeat(depth))).collect();
            let before = if self.text[..end].ends_with('\n') { "" } else { newline };
            self.text.insert_str(end, &format!("{before}{list}"));
        } else {
            let space = if from == colon { " " } else { "" };
            self.text.replace_range(from..to, &format!("{space}[{}]", items.join(", ")));
        }
        Ok(())
    }

    /// Removes texts from the list of a key.
    pub(super) fn remove(&mut self, key: &str, gone: &dyn Fn(&str) -> bool) -> Result<(), EditError> {
        let kept: Vec<String> = self.values(key);
        if !kept.iter().any(|v| gone(v)) {
            return Ok(());
        }
        let Some(line) = self.line_of(key) else { return Ok(()) };
        let colon = line.start + self.text[line.clone()].find(&format!("{key}:")).unwrap_or(0) + key.len() + 1;
        let (from, to) = self.value_range(colon, line.end);
        if self.text[from..to].starts_with('[') {
            let close = closing(&self.text, from).ok_or(EditError::Layout("a list has no end"))?;
            let inner = &self.text[from + 1..close];
            let items: Vec<&str> = pieces(inner).into_iter().filter(|p| !gone(unquote(p))).collect();
            let list = format!("[{}]", items.join(", "));
            self.text.replace_range(from..=close, &list);
            return Ok(());
        }
        if from < to {
            self.text.replace_range(from..to, "[]");
            return Ok(());
        }
        let mut out = String::new();
        let mut in_list = false;
        for whole in self.text.split_inclusive('\n') {
            let trimmed = whole.trim();
            let start = out.len();
            out.push_str(whole);
            if whole.trim_start().trim_start_matches("- ").starts_with(&format!("{key}:")) {
                in_list = true;
            } else if in_list && trimmed.starts_with("- ") {
                let item = &trimmed[2..];
                let item = comment(item).map_or(item, |at| &item[..at]);
                if gone(unquote(item.trim())) {
                    out.truncate(start);
                }
            } else if in_list && !trimmed.is_empty() && !trimmed.starts_with('#') {
                in_list = false;
            }
        }
        self.text = out;
        Ok(())
    }

    /// Replaces one value of a key, whether one or a list; where the new one stands already, the old one goes.
    pub(super) fn swap(&mut self, key: &str, old: &str, new: &str) -> Result<(), EditError> {
        let values = self.values(key);
        if !values.iter().any(|value| value == old) {
            return Ok(());
        }
        if values.iter().any(|value| value == new) {
            return self.remove(key, &|value| value == old);
        }
        let Some(line) = self.line_of(key) else { return Ok(()) };
        let colon = line.start + self.text[line.clone()].find(&format!("{key}:")).unwrap_or(0) + key.len() + 1;
        let (from, to) = self.value_range(colon, line.end);
        let range = if self.text[from..to].starts_with('[') {
            let close = closing(&self.text, from).ok_or(EditError::Layout("a list has no end"))?;
            let piece = pieces(&self.text[from + 1..close]).into_iter().find(|piece| unquote(piece) == old);
            piece.map(|piece| self.range_of(piece))
        } else if from < to {
            (unquote(&self.text[from..to]) == old).then_some(from..to)
        } else {
            let end = self.last_item(line.end).map_or(line.end, |(end, _)| end);
            yaml::lines(&self.text[line.end..end]).find_map(|(_, item)| {
                let item = item.trim_start().strip_prefix("- ")?;
                let item = comment(item).map_or(item, |at| &item[..at]).trim();
                (unquote(item) == old).then(|| self.range_of(item))
            })
        };
        let range = range.ok_or(EditError::Layout("a list is written as something else"))?;
        self.text.replace_range(range, new);
        Ok(())
    }

    /// Gives the place of a part of this text.
    fn range_of(&self, part: &str) -> Range<usize> {
        let start = part.as_ptr() as usize - self.text.as_ptr() as usize;
        start..start + part.len()
    }

    /// Finds the end of the last item of a block list below a key, and its indentation.
    fn last_item(&self, after: usize) -> Option<(usize, usize)> {
        let start = self.text[after..].find('\n').map(|n| after + n + 1)?;
        let mut last = None;
        for (at, line) in yaml::lines(&self.text[start..]) {
            let trimmed = line.trim_start();
            let depth = line.len() - trimmed.len();
            if (trimmed.starts_with("- ") || trimmed == "-")
                && depth >= self.indent
                && last.is_none_or(|(_, d)| d == depth)
            {
                let end = start + at + line.len();
                let end = self.text[end..].find('\n').map_or(self.text.len(), |n| end + n + 1);
                last = Some((end, depth));
            } else if !trimmed.is_empty() && !trimmed.starts_with('#') {
                break;
            }
        }
        last
    }

    /// The end of the last line that is neither blank nor a comment at the margin of what follows.
    fn content_end(&self) -> usize {
        let mut end = 0;
        for (at, line) in yaml::lines(&self.text) {
            let trimmed = line.trim();
            let comment =
                trimmed.starts_with('#') && (self.indent > 0 && line.len() - line.trim_start().len() < self.indent);
            if !trimmed.is_empty() && !comment {
                let stop = at + line.len();
                end = self.text[stop..].find('\n').map_or(self.text.len(), |n| stop + n + 1);
            }
        }
        end
    }
}

/// Finds the text between the fences of each front matter: byte ranges, in order.
pub(super) fn fences(text: &str) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut open: Option<usize> = None;
    let mut seen_text = false;
    for (at, line) in yaml::lines(text) {
        let fence = line.trim_start_matches('\u{feff}').trim_end() == "---";
        match open {
            None if fence && (!seen_text || followed_by_key(&text[at + line.len()..])) => {
                let start = at + line.len();
                open = Some(text[start..].find('\n').map_or(text.len(), |n| start + n + 1));
            }
            Some(start) if fence => {
                out.push(start..at.max(start));
                open = None;
            }
            _ => {}
        }
        seen_text |= !line.trim().trim_start_matches('\u{feff}').is_empty();
    }
    out
}

/// Tells whether front matter, and not a rule, begins: the next line is a key, and a fence follows.
fn followed_by_key(rest: &str) -> bool {
    let mut lines = rest.lines().skip(1);
    let key = lines.next().is_some_and(|l| {
        l.split_once(':').is_some_and(|(k, _)| {
            k.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') && !k.is_empty()
        })
    });
    key && lines.take(200).any(|l| l.trim_end() == "---")
}

/// Cuts a list into what stands before it and its entries.
pub(super) fn entries(text: &str) -> (String, Vec<Block>) {
    let mut head = String::new();
    let mut blocks: Vec<Block> = Vec::new();
    let mut indent = None;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_start_matches(' ');
        let depth = line.len() - trimmed.len();
        if (trimmed.starts_with("- ") || trimmed.trim_end() == "-") && *indent.get_or_insert(depth) == depth {
            let keys = depth + 1 + (trimmed[1..].len() - trimmed[1..].trim_start_matches(' ').len());
            blocks.push(Block::new(line, keys));
        } else {
            match blocks.last_mut() {
                Some(block) => block.text.push_str(line),
                None => head.push_str(line),
            }
        }
    }
    (head, blocks)
}

/// Finds where a comment begins.
fn comment(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut before = ' ';
    for (i, c) in text.char_indices() {
        match quote {
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None if (c == '"' || c == '\'') && matches!(before, ' ' | '[' | ',' | '{') => quote = Some(c),
            None if c == '#' && before.is_whitespace() => return Some(i),
            None => {}
        }
        before = c;
    }
    None
}

/// Finds the bracket that closes the list opened at `open`.
fn closing(text: &str, open: usize) -> Option<usize> {
    let mut quote = None;
    let mut before = ' ';
    for (i, c) in text[open + 1..].char_indices() {
        match quote {
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None if (c == '"' || c == '\'') && matches!(before, ' ' | '[' | ',' | '\n') => quote = Some(c),
            None if c == ']' => return Some(open + 1 + i),
            None if c == '[' || c == '{' => return None,
            None => {}
        }
        before = c;
    }
    None
}

/// Cuts the inside of a list at its commas.
fn pieces(inner: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let (mut start, mut quote) = (0, None);
    for (i, c) in inner.char_indices() {
        match quote {
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None if (c == '"' || c == '\'') && inner[start..i].trim().is_empty() => quote = Some(c),
            None if c == ',' => {
                out.push(inner[start..i].trim());
                start = i + 1;
            }
            None => {}
        }
    }
    out.push(inner[start..].trim());
    out.retain(|p| !p.is_empty());
    out
}

fn unquote(text: &str) -> &str {
    let bare = |q: char| text.strip_prefix(q).and_then(|t| t.strip_suffix(q));
    bare('"').or_else(|| bare('\'')).unwrap_or(text)
}

/// Writes a text as a YAML scalar that also fits into a list in brackets.
pub(super) fn scalar(text: &str) -> String {
    let first = text.chars().next();
    let plain = first.is_some_and(|c| c.is_alphabetic() || fold_quote(c))
        && !text.contains([':', '#', ',', '[', ']', '{', '}', '"', '\'', '\n', '\\'])
        && !text.ends_with(' ')
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
        );
    if plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "''").replace('\n', " ")) }
}

fn fold_quote(c: char) -> bool {
    matches!(c, '“' | '「' | '《' | '『')
}

/// Makes a unified diff of two texts that differ in a few places.
pub(super) fn diff(old: &str, new: &str) -> String {
    if old == new {
        return String::new();
    }
    let a: Vec<&str> = old.lines().collect();
    let b: Vec<&str> = new.lines().collect();
    let mut out = String::new();
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            (i, j) = (i + 1, j + 1);
            continue;
        }
        let (di, dj) = meet(&a[i..], &b[j..]);
        out.push_str(&format!("@@ -{},{} +{},{} @@\n", i + 1, di, j + 1, dj));
        a[i..i + di].iter().for_each(|l| out.push_str(&format!("-{l}\n")));
        b[j..j + dj].iter().for_each(|l| out.push_str(&format!("+{l}\n")));
        (i, j) = (i + di, j + dj);
    }
    out
}

/// Finds the nearest pair of equal lines: how many lines to pass over on each side.
fn meet(a: &[&str], b: &[&str]) -> (usize, usize) {
    const FAR: usize = 400;
    for sum in 1..a.len().min(FAR) + b.len().min(FAR) {
        for i in sum.saturating_sub(b.len().saturating_sub(1))..=sum.min(a.len().saturating_sub(1)) {
            if let (Some(x), Some(y)) = (a.get(i), b.get(sum - i))
                && x == y
            {
                return (i, sum - i);
            }
        }
    }
    (a.len(), b.len())
}
