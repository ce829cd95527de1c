//! The text of one entry of an export, a feed or a scraper's file: HTML or plain text, without a page around it.

use super::boilerplate::Boilerplate;
use super::fields::Fields;
use super::{Imported, html, page, text};

/// Reads the text of an entry; `line` is where it begins in its file.
pub(super) fn read(path: &str, content: &str, line: usize, learned: &Boilerplate) -> Imported {
    let mut repairs = Vec::new();
    let mut lines = if is_html(content) {
        let (lines, found) = html::fragment(content);
        repairs = found;
        lines
    } else {
        text::lines(content, &mut repairs)
    };
    for one in &mut lines {
        one.number += line - 1;
    }
    for repair in &mut repairs {
        repair.line += line - 1;
    }
    let mut draft = page::read(path, lines, Fields { title: Some(String::new()), ..Fields::default() }, learned);
    draft.fields.title = None;
    draft.repairs.extend(repairs);
    text::article(draft)
}

/// Tells HTML from plain text: it has tags that close, or breaks.
fn is_html(content: &str) -> bool {
    let lower = content.to_ascii_lowercase();
    ["</p>", "</div>", "<br", "</a>", "</span>", "<p>", "<img", "</li>", "</h"].iter().any(|tag| lower.contains(tag))
}
