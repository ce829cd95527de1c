//! Which articles have which city, program, year, script of origin and source: one file an edition.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::documents::PER_FILE;
use super::{File, json_bytes, number, plain};
use crate::corpus::Entry;
use crate::edition::Edition;
use crate::script::Origin;

/// Makes the file: for each facet its values, each with ID, name and the articles as gaps;
/// `documents` are the versions of the files that say what the articles are.
pub(super) fn file(edition: &Edition, documents: &str) -> File {
    let facets = json!([
        terms(edition, "city"),
        terms(edition, "program"),
        facet("year", edition, &|entry| Some(match entry.article.date {
            Some(date) => (format!("{:04}", date.year()), format!("{}年", date.year())),
            None => (UNDATED.to_owned(), edition.text("日期不详", Origin::Hans).into_owned()),
        })),
        facet("script", edition, &|entry| script(entry).map(|id| (id.to_owned(), String::new()))),
        sources(edition),
    ]);
    named(edition, documents, "facets", &facets)
}

/// Makes the file that lists of tags need besides: which articles have which tag. Tags are many, and asked for rarely.
pub(super) fn tags(edition: &Edition, documents: &str) -> File {
    named(edition, documents, "tags", &json!([terms(edition, "tag")]))
}

fn named(edition: &Edition, documents: &str, name: &str, facets: &Value) -> File {
    let value =
        json!({"documents": documents, "articles": edition.corpus.entries.len(), "per": PER_FILE, "facets": facets});
    (format!("search/{}/{name}.json", edition.config.id), json_bytes(&value))
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

fn terms(edition: &Edition, taxonomy: &str) -> Value {
    let values = edition.corpus.terms.get(taxonomy).into_iter().flatten().map(|(id, used)| {
        json!([id.as_str(), plain(edition.label(taxonomy, id)), gaps(edition, used.entries.iter().copied())])
    });
    json!({"id": taxonomy, "values": values.collect::<Vec<_>>()})
}

fn facet(id: &str, edition: &Edition, value: &dyn Fn(&Entry) -> Option<(String, String)>) -> Value {
    let mut found: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    for (at, entry) in edition.corpus.entries.iter().enumerate() {
        if let Some(key) = value(entry) {
            found.entry(key).or_default().push(at);
        }
    }
    let values = found.into_iter().map(|((id, name), entries)| json!([id, name, gaps(edition, entries)]));
    json!({"id": id, "values": values.collect::<Vec<_>>()})
}

/// Sources have no IDs of their own; both editions share the folded name as one.
fn sources(edition: &Edition) -> Value {
    let mut found: BTreeMap<String, (String, Vec<usize>)> = BTreeMap::new();
    for (at, (entry, heading)) in edition.corpus.entries.iter().zip(&edition.headings).enumerate() {
        let Some(source) = &entry.article.source else { continue };
        let id = String::from_utf16_lossy(&super::fold::fold(&source.name)).replace('\0', "-");
        if id.is_empty() {
            continue;
        }
        found.entry(id).or_insert_with(|| (plain(&heading.source), Vec::new())).1.push(at);
    }
    let values = found.into_iter().map(|(id, (name, entries))| json!([id, name, gaps(edition, entries)]));
    json!({"id": "source", "values": values.collect::<Vec<_>>()})
}

/// The numbers of some entries, ascending, as differences.
fn gaps(edition: &Edition, entries: impl IntoIterator<Item = usize>) -> Vec<usize> {
    let mut numbers: Vec<usize> = entries.into_iter().map(|entry| number(&edition.corpus, entry)).collect();
    numbers.sort_unstable();
    let mut next = 0;
    numbers
        .into_iter()
        .map(|number| {
            let gap = number - next;
            next = number + 1;
            gap
        })
        .collect()
}
