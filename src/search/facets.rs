//! Which articles have which city, program, year, script of origin and source: one file an edition.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use super::documents::PER_FILE;
use super::{File, json_bytes, number, plain};
use crate::corpus::Entry;
use crate::edition::Edition;
use crate::script::Origin;

/// Makes the file: for each facet its values, each with ID, name and the articles as gaps;
/// `documents` are the versions of the files that say what the articles are.
pub(super) fn file(edition: &Edition, documents: &str) -> File {
    let year = |entry: &Entry| {
        Some(match entry.article.date {
            Some(date) => (format!("{:04}", date.year()), format!("{}年", date.year())),
            None => (UNDATED.to_owned(), edition.text("日期不详", Origin::Hans).into_owned()),
        })
    };
    let facets = [
        terms(edition, "city"),
        terms(edition, "program"),
        facet("year", edition, &year),
        facet("script", edition, &|entry| script(entry).map(|id| (id.to_owned(), String::new()))),
        sources(edition),
    ];
    named(edition, documents, "facets", &facets)
}

/// Makes the file that lists of tags need besides: which articles have which tag. Tags are many, and asked for rarely.
pub(super) fn tags(edition: &Edition, documents: &str) -> File {
    named(edition, documents, "tags", &[terms(edition, "tag")])
}

fn named(edition: &Edition, documents: &str, name: &str, facets: &[String]) -> File {
    let mut json = String::from("{\"documents\":");
    quote(documents, &mut json);
    let count = edition.corpus.entries.len();
    let _ = writeln!(json, ",\"articles\":{count},\"per\":{PER_FILE},\"facets\":[{}]}}", facets.join(","));
    (format!("search/{}/{name}.json", edition.config.id), json.into_bytes())
}

/// Writes a string of JSON that stays data wherever it is put.
fn quote(text: &str, json: &mut String) {
    let quoted = json_bytes(&Value::from(text));
    json.push_str(String::from_utf8_lossy(&quoted).trim_end_matches('\n'));
}

/// Writes a facet: its values, each with the numbers of its articles, ascending.
fn written<'v>(id: &str, values: impl Iterator<Item = (&'v str, &'v str, Vec<usize>)>) -> String {
    let mut json = String::from("{\"id\":");
    quote(id, &mut json);
    json.push_str(",\"values\":[");
    for (at, (id, name, numbers)) in values.enumerate() {
        json.push_str(if at == 0 { "[" } else { ",[" });
        quote(id, &mut json);
        json.push(',');
        quote(name, &mut json);
        json.push_str(",[");
        let mut next = 0;
        for (at, number) in numbers.into_iter().enumerate() {
            let _ = write!(json, "{}{}", if at == 0 { "" } else { "," }, number - next);
            next = number + 1;
        }
        json.push_str("]]");
    }
    json.push_str("]}");
    json
}

/// The year of articles without a date.
const UNDATED: &str = "undated";

fn script(entry: &Entry) -> Option<&'static str> {
    match entry.facts.script {
        Origin::Hans => Some("hans"),
        Origin::Hant => Some("hant"),
        Origin::Mixed => Some("mixed"),
        Origin::Auto => None,
    }
}

fn terms(edition: &Edition, taxonomy: &str) -> String {
    let used = edition.corpus.terms.get(taxonomy).into_iter().flatten();
    let names: Vec<_> = used.map(|(id, used)| (id, plain(edition.label(taxonomy, id)), &used.entries)).collect();
    let numbers = |entries: &[usize]| numbers(edition, entries.iter().copied());
    written(taxonomy, names.iter().map(|(id, name, entries)| (id.as_str(), name.as_str(), numbers(entries))))
}

fn facet(id: &str, edition: &Edition, value: &dyn Fn(&Entry) -> Option<(String, String)>) -> String {
    let mut found: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    for (at, entry) in edition.corpus.entries.iter().enumerate() {
        if let Some(key) = value(entry) {
            found.entry(key).or_default().push(at);
        }
    }
    let numbers = |entries: &[usize]| numbers(edition, entries.iter().copied());
    written(id, found.iter().map(|((id, name), entries)| (id.as_str(), name.as_str(), numbers(entries))))
}

/// Sources have no IDs of their own; both editions share the folded name as one.
fn sources(edition: &Edition) -> String {
    let mut ids: BTreeMap<&str, String> = BTreeMap::new();
    let mut found: BTreeMap<String, (String, Vec<usize>)> = BTreeMap::new();
    for (at, (entry, heading)) in edition.corpus.entries.iter().zip(&edition.headings).enumerate() {
        let Some(source) = &entry.article.source else { continue };
        let fold = || String::from_utf16_lossy(&super::fold::fold(&source.name)).replace('\0', "-");
        let id = ids.entry(&source.name).or_insert_with(fold);
        match found.get_mut(id.as_str()) {
            Some((_, entries)) => entries.push(at),
            None if id.is_empty() => {}
            None => {
                found.insert(id.clone(), (plain(&heading.source), vec![at]));
            }
        }
    }
    let numbers = |entries: &[usize]| numbers(edition, entries.iter().copied());
    written("source", found.iter().map(|(id, (name, entries))| (id.as_str(), name.as_str(), numbers(entries))))
}

/// The numbers of some entries, ascending.
fn numbers(edition: &Edition, entries: impl IntoIterator<Item = usize>) -> Vec<usize> {
    let mut numbers: Vec<usize> = entries.into_iter().map(|entry| number(&edition.corpus, entry)).collect();
    numbers.sort_unstable();
    numbers
}
