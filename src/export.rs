//! The whole archive as data, for other programs and for spreadsheets.
//!
//! Takes a laid-out site; gives a row for each published article: what its page shows, in all editions, as much of it as
//! its rights allow. Pure but for reading texts again.

use serde_json::{Map, Value, json};

use crate::corpus::Entry;
use crate::markdown;
use crate::page::Site;
use crate::script::Origin;

/// One article as JSON.
pub fn row(site: &Site, at: usize) -> Value {
    let corpus = &site.editions[0].corpus;
    let entry = &corpus.entries[at];
    let article = &entry.article;
    let source = article.source.as_ref();
    let moment = |moment: Option<crate::article::date::Moment>| moment.map(|moment| moment.to_string());
    let copies = entry.copies.iter().map(|copy| {
        let head = &copy.article;
        json!({
            "id": copy.id,
            "source": head.source.as_ref().map(|source| &source.name),
            "url": head.original_url,
            "date": moment(head.date),
        })
    });
    let mut row = json!({
        "id": article.id,
        "address": entry.address,
        "date": moment(article.date),
        "updated": moment(article.updated),
        "authors": article.authors,
        "editor": article.editor,
        "source": source.map(|source| &source.name),
        "source_url": source.and_then(|source| source.url.as_ref()),
        "original_url": article.original_url,
        "script": script(entry.facts.script),
        "rights": article.rights.unwrap_or_default().as_str(),
        "noindex": article.noindex,
        "terms": terms(site, entry),
        "copies": copies.collect::<Vec<_>>(),
    });
    let mut editions = Map::new();
    for edition in site.editions.iter() {
        let text = edition.facts(entry).text(&site.shelf);
        let heading = edition.heading(entry);
        let url = format!("{}{}/{}", site.config.absolute_root(), edition.config.id, entry.address);
        let text = markdown::plain(&edition.body(entry, &text), usize::MAX);
        editions.insert(
            edition.config.id.clone(),
            json!({"lang": edition.config.lang, "url": url, "title": heading.title, "summary": heading.summary, "text": text}),
        );
    }
    row["editions"] = Value::Object(editions);
    row
}

fn script(origin: Origin) -> Option<&'static str> {
    match origin {
        Origin::Hans => Some("hans"),
        Origin::Hant => Some("hant"),
        Origin::Mixed => Some("mixed"),
        Origin::Auto => None,
    }
}

/// Taxonomy to the ids of its terms.
fn terms(site: &Site, entry: &Entry) -> Value {
    let mut all = Map::new();
    for taxonomy in &site.config.taxonomies {
        let ids = entry.terms.iter().filter(|term| term.taxonomy == *taxonomy).map(|term| term.id.as_str());
        all.insert(taxonomy.clone(), ids.collect());
    }
    Value::Object(all)
}

/// The first line of a table.
pub fn csv_head(site: &Site) -> String {
    let mut cells: Vec<String> = FIELDS.iter().map(|field| (*field).to_owned()).collect();
    cells.extend(site.config.taxonomies.iter().cloned());
    for edition in site.editions.iter() {
        cells.extend(WORDS.iter().map(|word| format!("{word}_{}", edition.config.id)));
    }
    line(cells)
}

/// Columns that are the same in all editions.
const FIELDS: &[&str] = &[
    "id",
    "address",
    "date",
    "updated",
    "authors",
    "editor",
    "source",
    "source_url",
    "original_url",
    "script",
    "rights",
];

/// Columns of each edition.
const WORDS: &[&str] = &["url", "title", "summary", "text"];

/// One article as a line of a table.
pub fn csv_row(site: &Site, at: usize) -> String {
    let row = row(site, at);
    let mut cells: Vec<String> = FIELDS.iter().map(|field| cell(&row[*field])).collect();
    cells.extend(site.config.taxonomies.iter().map(|taxonomy| cell(&row["terms"][taxonomy])));
    for edition in site.editions.iter() {
        cells.extend(WORDS.iter().map(|word| cell(&row["editions"][&edition.config.id][*word])));
    }
    line(cells)
}

fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join("; "),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn line(cells: Vec<String>) -> String {
    let mut line = cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",");
    line.push_str("\r\n");
    line
}

/// A cell as RFC 4180 wants it, that no spreadsheet takes for a formula.
fn quoted(cell: &str) -> String {
    // A program that opens the table would run what begins so; an apostrophe makes text of it.
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
    if formula || cell.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", cell.replace('"', "\"\""));
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(quoted("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(quoted("-1+1"), "\"'-1+1\"");
        assert_eq!(quoted("兰州, 2019"), "\"兰州, 2019\"");
        assert_eq!(quoted("兰州"), "兰州");
        assert_eq!(line(vec!["a".into(), "b\nc".into()]), "a,\"b\nc\"\r\n");
    }
}
