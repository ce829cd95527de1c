//! What a result shows of an article before its page is read: title, address, date, source.

use serde_json::json;
use sha2::{Digest, Sha256};

use super::{File, json_bytes, plain};
use crate::corpus::Corpus;
use crate::edition::Edition;

/// Articles of one file. A first result page touches up to ten files, so they are small.
pub(super) const PER_FILE: usize = 48;

/// A number that changes when an article comes, goes or moves, so that no file is read against another build's numbering.
pub(super) fn tag(corpus: &Corpus) -> u32 {
    let mut hash = Sha256::new();
    for entry in &corpus.entries {
        hash.update(entry.address.as_bytes());
        hash.update([0]);
    }
    let digest = hash.finalize();
    u32::from_le_bytes([digest[0], digest[1], digest[2], digest[3]])
}

/// The files of an edition.
pub(super) fn files(edition: &Edition, tag: u32) -> Vec<File> {
    let rows: Vec<serde_json::Value> = edition
        .corpus
        .entries
        .iter()
        .zip(&edition.headings)
        .map(|(entry, heading)| {
            let day = entry.article.date.map_or_else(String::new, |date| date.day().to_string());
            json!([plain(&heading.title), entry.address, day, plain(&heading.source), edition.foreign_lang(entry)])
        })
        .collect();
    rows.chunks(PER_FILE)
        .enumerate()
        .map(|(number, rows)| {
            let path = format!("search/{}/{number}.json", edition.config.id);
            (path, json_bytes(&json!({"tag": tag, "articles": rows})))
        })
        .collect()
}
