//! Search across scripts: a static index that a browser reads piece by piece.
//!
//! Takes what is known of each article's text ([`Facts`], made while the text is at hand), the editions and the glossary;
//! gives a [`Plan`]: every file of the index with a digest, and the bytes of those that are asked for. Texts are folded to
//! one form (see [`fold`]), so that 蘭州 finds 兰州, and every pair of neighbouring characters is a *gram* whose list says
//! in which articles and where it stands. A query of any length is answered exactly from the lists of the grams that cover
//! it. Must not know templates or the disk.
//!
//! | file | holds |
//! |---|---|
//! | `search/index.json` | how many articles and shards; the fold of Chinese characters; words for one thing; which version each other file has |
//! | `search/g/N.bin` | the lists of the grams whose hash is in the Nth part of all hashes (format: `search/grams.rs`) |
//! | `search/EDITION/N.json` | `v`, and title, address, date and source of the articles from N × `per` on |
//! | `search/EDITION/facets.json` | which articles have which city, program, year, script and source |
//!
//! # Few files change
//!
//! The files are a function of the site alone, and yet an edit changes few of them. Articles are numbered from the oldest
//! on (those without a date first, ties by ID from the last on), so that a new one changes no other's number. Places are
//! counted within blocks of 128: a title, a paragraph, a row of a table begins at a multiple of it, so that a longer
//! sentence moves what stands behind it in its own paragraph only, unless that grows over such a border. No file but the
//! manifest says anything of all articles: codes are made for what a shard holds.
//!
//! # Versions
//!
//! The manifest has for each shard and each file of documents two characters, twelve bits of the digest of what the file
//! depends on, in the digits of base64url. A file is asked for with `?v=` and these; it begins with its own digest (16
//! bits of a shard, `v` of a file of documents), so that one that a host or a cache has kept too long is noticed.
//!
//! Withdrawn articles and drafts are not in the corpus' entries and so never here; of articles whose rights are `excerpt`
//! or `link` only what their pages show.

mod bits;
mod documents;
mod encode;
mod facets;
pub mod fold;
mod grams;
mod kept;
mod mix;
mod places;
mod plan;
mod splice;
mod text;
mod variants;

pub use kept::{Again, Kept, Store};
pub use plan::{Plan, State, number, plan};
pub use text::{Facts, facts, facts_and_addresses};

/// Version of the file formats; the script of the theme refuses others.
pub const VERSION: u32 = 2;

/// A file of the index: output path and bytes.
pub type File = (String, Vec<u8>);

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
