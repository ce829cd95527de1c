//! Pages saved as plain text.

use super::boilerplate::Boilerplate;
use super::clean::{self, Readings};
use super::fields::Fields;
use super::line::Line;
use super::page::{self, Draft};
use super::verdict::verdict;
use super::{Imported, Repair};

/// Reads a page of plain text.
pub(super) fn read(path: &str, text: &str, learned: &Boilerplate) -> Imported {
    let mut repairs = Vec::new();
    let lines = lines(text, &mut repairs);
    let mut draft = page::read(path, lines, Fields::default(), learned);
    draft.repairs.append(&mut repairs);
    article(draft)
}

/// Cuts a text into cleaned lines.
pub(super) fn lines(text: &str, repairs: &mut Vec<Repair>) -> Vec<Line> {
    let readings = Readings::count(text);
    split(text).enumerate().map(|(at, raw)| Line::plain(at + 1, &clean::line(raw, at + 1, readings, repairs))).collect()
}

/// Splits at every kind of line end.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.split('\n')
        .flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split(['\r', '\u{85}', '\u{2028}', '\u{2029}']))
}

/// Makes the article of a draft.
pub(super) fn article(mut draft: Draft) -> Imported {
    draft.repairs.sort_by_key(|repair| repair.line);
    let body = draft.to_markdown();
    let script = verdict(&body).to_owned();
    let fields = draft.fields;
    Imported {
        title: fields.title,
        date: fields.date,
        source: fields.source,
        original_url: fields.original_url,
        author: fields.author,
        editor: fields.editor,
        tags: fields.tags,
        script,
        body,
        removed: draft.removed,
        repairs: draft.repairs,
        warnings: draft.warnings,
        copies: draft.copies,
        ..Imported::default()
    }
}
