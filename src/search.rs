//! Search across scripts: a static index that a browser reads piece by piece.
//!
//! Takes the editions and the glossary; gives files as output path and bytes. Texts are folded to one form (see [`fold`]),
//! so that 蘭州 finds 兰州, and every pair of neighbouring characters is a *gram* whose list says in which articles and
//! where it stands. A query of any length is answered exactly from the lists of the grams that cover it. Must not know
//! templates or the disk.
//!
//! | file | holds |
//! |---|---|
//! | `search/index.json` | how many articles, shards and characters; the fold of Chinese characters; words for one thing |
//! | `search/g/N.bin` | the lists of the grams whose hash is N |
//! | `search/p/KEY.bin` | the places of one very frequent gram, needed only by queries of three or more characters |
//! | `search/EDITION/N.json` | title, address, date and source of the articles from N × `per` on |
//! | `search/EDITION/facets.json` | which articles have which city, program, year, script and source |
//!
//! Articles are numbered as in the corpus, the newest first, so the order of a list is its order by date. Withdrawn
//! articles and drafts are not in the corpus' entries and so never here.

mod bits;
mod documents;
mod facets;
pub mod fold;
mod grams;
mod text;
mod variants;

use rayon::prelude::*;
use serde_json::json;

use crate::edition::Edition;
use crate::script::glossary::Glossary;
use crate::source::Shelf;

/// Version of the file formats; the script of the theme refuses others.
const VERSION: u32 = 1;

/// A file of the index: output path and bytes.
pub type File = (String, Vec<u8>);

/// Builds the index of a site.
pub fn build(editions: &[Edition], glossary: &Glossary, shelf: &Shelf) -> Vec<File> {
    let Some(first) = editions.first() else { return Vec::new() };
    let corpus = &first.corpus;
    let texts: Vec<Vec<u16>> = corpus.entries.par_iter().map(|entry| text::of_entry(editions, entry, shelf)).collect();
    let texts = grams::Texts::new(texts);
    let tag = documents::tag(corpus);
    let index = grams::index(&texts, tag);
    let words = variants::list(corpus, glossary, &|word| index.may_hold(word));
    let (from, to) = fold::pairs(&|unit| index.has_unit(unit));
    let mut files = Vec::new();
    for edition in editions {
        files.extend(documents::files(edition, tag));
        files.push(facets::file(edition, tag));
    }
    let manifest = json!({
        "version": VERSION,
        "tag": tag,
        "articles": corpus.entries.len(),
        "per": documents::PER_FILE,
        "length": texts.mean_length(),
        "shards": index.shards,
        "title": text::TITLE,
        "lead": text::LEAD,
        "from": from,
        "to": to,
        "words": words,
    });
    files.extend(index.files);
    files.push(("search/index.json".into(), json_bytes(&manifest)));
    files
}

/// JSON that stays data wherever it is put: no markup, no control characters.
fn json_bytes(value: &serde_json::Value) -> Vec<u8> {
    let json = value.to_string();
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('\n');
    out.into_bytes()
}

/// Text without control characters.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}
