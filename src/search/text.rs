//! What of an article is searched: its title and its text, as published.

use std::borrow::Cow;

use super::fold::Folder;
use crate::article::Rights;
use crate::corpus::Entry;
use crate::edition::Edition;
use crate::markdown::{self, Image, Links};
use crate::source::Shelf;

/// Places before this one belong to the title, unless it is longer.
pub(super) const TITLE: usize = 64;

/// Places before this one belong to title and lead.
pub(super) const LEAD: usize = TITLE + 200;

/// Folds an entry: the title, filled up to [`TITLE`], then the text.
///
/// Editions differ by script, which folding removes; where they differ by more (hand-made versions, words chosen by
/// marks) the texts of all are searched.
pub(super) fn of_entry(editions: &[Edition], entry: &Entry, shelf: &Shelf) -> Vec<u16> {
    let mut folder = Folder::new();
    folder.push(&entry.article.title);
    let special = !entry.hand_made.is_empty() || entry.facts.marked;
    if special {
        for edition in editions {
            folder.end();
            folder.push(&edition.heading(entry).title);
        }
    }
    while folder.units.len() < TITLE {
        folder.units.push(0);
    }
    folder.end();
    match entry.article.rights {
        Some(Rights::Link) => {}
        Some(Rights::Excerpt) => folder.push(&entry.facts.summary),
        _ if special => {
            let mut seen: Vec<String> = Vec::new();
            for edition in editions {
                let text = edition.facts(entry).text(shelf);
                let body = edition.body(entry, &text).into_owned();
                if !seen.contains(&body) {
                    folder.end();
                    add_body(&body, &mut folder);
                    seen.push(body);
                }
            }
        }
        _ => add_body(&entry.facts.text(shelf), &mut folder),
    }
    folder.units
}

/// Tells whether Markdown would make more than paragraphs of a text.
fn has_marks(text: &str) -> bool {
    text.bytes()
        .any(|b| matches!(b, b'*' | b'_' | b'`' | b'[' | b']' | b'<' | b'>' | b'&' | b'#' | b'|' | b'\\' | b'~'))
}

/// Adds the text a reader sees.
fn add_body(body: &str, folder: &mut Folder) {
    let mut parts = body.split(markdown::MORE);
    if parts.clone().any(has_marks) {
        return add_html(&markdown::render(body, None, &Everything).html, folder);
    }
    for paragraph in parts.by_ref().flat_map(|part| part.split("\n\n")) {
        folder.end();
        folder.push(paragraph);
    }
}

/// Keeps all links and pictures, so that their texts stay and their addresses go with the tags.
struct Everything;

impl Links for Everything {
    fn link<'a>(&self, written: &'a str) -> Option<Cow<'a, str>> {
        Some(Cow::Borrowed(written))
    }

    fn image<'a>(&self, _: &'a str) -> Option<Image<'a>> {
        Some(Image::plain(Cow::Borrowed("x")))
    }
}

/// Tags that do not end a stretch of text.
const INLINE: &[&str] = &[
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark", "q", "rp", "rt",
    "ruby", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var", "wbr",
];

/// Adds the text of sanitised HTML.
fn add_html(html: &str, folder: &mut Folder) {
    folder.end();
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        folder.push(&rest[..at]);
        let tail = &rest[at..];
        rest = if tail.starts_with('<') {
            let end = end_of_tag(tail);
            let name = tail[1..end].trim_start_matches('/');
            let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
            if !INLINE.contains(&name) {
                folder.end();
            }
            &tail[end..]
        } else {
            entity(tail, folder)
        };
    }
    folder.push(rest);
}

/// The place behind a tag; a `>` inside a quoted attribute does not end it.
fn end_of_tag(tail: &str) -> usize {
    let mut quote = None;
    for (at, b) in tail.bytes().enumerate().skip(1) {
        match (quote, b) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(b),
            (Some(open), b) if open == b => quote = None,
            _ => {}
        }
    }
    tail.len()
}

/// Adds the character of an entity, those that the renderer and the sanitiser write; gives what follows it.
fn entity<'t>(tail: &'t str, folder: &mut Folder) -> &'t str {
    let known = [("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " ")];
    for (written, text) in known {
        if let Some(rest) = tail.strip_prefix(written) {
            folder.push(text);
            return rest;
        }
    }
    folder.push("&");
    &tail[1..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(body: &str) -> String {
        let mut folder = Folder::new();
        add_body(body, &mut folder);
        String::from_utf16(&folder.units).unwrap().replace('\0', "|")
    }

    #[test]
    fn takes_what_a_reader_sees() {
        assert_eq!(shown("第一段\n續行。\n\n第二段"), "第一段续行|第二段");
        assert_eq!(shown("甲**乙**[丙](https://a.example/x)丁\n\n![圖](y.png)"), "甲乙丙丁");
        assert_eq!(shown("# 題\n\n文<b title=\"a>b\">本</b>A&amp;B<script>alert(1)</script>"), "题|文本a&b");
        assert_eq!(shown("甲\n\n<!-- more -->\n\n乙"), "甲|乙");
    }
}
