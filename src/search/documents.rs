//! What a result shows of an article before its page is read (title, address, date, source), and the manifest.

use serde_json::json;

use super::variants::Watch;
use super::{File, VERSION, facets, json_bytes, mix, plan, text};
use crate::edition::Edition;

/// Articles of one file. A first result page touches several files, so they are small.
pub(super) const PER_FILE: usize = 64;

/// All files but the shards, whose digests are given.
pub(super) fn files(editions: &[Edition], shards: &[u64], watch: &Watch, seen: &[u64]) -> Vec<File> {
    let (from, to) = watch.held_characters(seen);
    let mut files = Vec::new();
    let mut documents = serde_json::Map::new();
    for edition in editions {
        let mut codes = String::new();
        for (at, rows) in rows(edition).chunks(PER_FILE).enumerate() {
            let rows = rows.join(",\n");
            let code = mix::code(mix::of_bytes(rows.as_bytes(), 0));
            let file = format!("{{\"v\":\"{code}\",\"articles\":[\n{rows}\n]}}\n");
            files.push((format!("search/{}/{at}.json", edition.config.id), file.into_bytes()));
            codes.push_str(&code);
        }
        files.push(facets::file(edition, &codes));
        files.push(facets::tags(edition, &codes));
        documents.insert(edition.config.id.to_string(), codes.into());
    }
    let manifest = json!({
        "version": VERSION,
        "articles": editions.first().map_or(0, |edition| edition.corpus.entries.len()),
        "per": PER_FILE,
        "shards": shards.len(),
        "title": text::TITLE,
        "lead": text::LEAD,
        "from": from,
        "to": to,
        "words": watch.held_words(seen),
        "v": shards.iter().map(|&digest| mix::code(digest)).collect::<String>(),
        "documents": documents,
    });
    files.push(("search/index.json".into(), json_bytes(&manifest)));
    files
}

/// A row of JSON for each article, by number: title, address, day, source; and the language where it is another than
/// the edition's.
fn rows(edition: &Edition) -> Vec<String> {
    let corpus = &edition.corpus;
    let row = |number: usize| {
        let at = plan::entry(corpus, number);
        let (entry, heading) = (&corpus.entries[at], &edition.headings[at]);
        let day = entry.article.date.map_or_else(String::new, |date| date.day().to_string());
        let mut row = String::with_capacity(160);
        let lang = edition.foreign_lang(entry);
        for (at, text) in [&heading.title, &entry.address, &day, &heading.source]
            .into_iter()
            .map(String::as_str)
            .chain([lang])
            .enumerate()
        {
            if at == 4 && text.is_empty() {
                break;
            }
            row.push_str(if at == 0 { "[\"" } else { "\",\"" });
            quote(text, &mut row);
        }
        row.push_str("\"]");
        row
    };
    (0..corpus.entries.len()).map(row).collect()
}

/// Writes the inside of a string of JSON that is data wherever it is put, without control characters.
fn quote(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
}
