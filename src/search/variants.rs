//! Words for one thing: 人工智能 and 人工智慧 find the same articles.
//!
//! From the glossary and the names of terms of the site, then the built-in list of regional words. Only those whose
//! other words the texts can hold are written out.

use std::collections::BTreeSet;

use super::fold::fold;
use crate::corpus::Corpus;
use crate::script::glossary::Glossary;

/// Regional words, folded: Taiwan or Hong Kong, then the mainland.
static REGIONAL: &str = include_str!("../../data/dedupe/regional.tsv");

/// Lists pairs: who asks for the first also finds the second.
pub(super) fn list(corpus: &Corpus, glossary: &Glossary, held: &dyn Fn(&[u16]) -> bool) -> Vec<(String, String)> {
    let mut pairs = BTreeSet::new();
    let mut both = |a: &str, b: &str| {
        add(&mut pairs, a, b, held);
        add(&mut pairs, b, a, held);
    };
    for (hans, hant) in corpus.taxonomies.glossary_names() {
        both(hans, hant);
    }
    for (regional, mainland) in REGIONAL.lines().filter_map(|line| line.split_once('\t')) {
        both(regional, mainland);
    }
    for (written, asked) in glossary.equivalents() {
        add(&mut pairs, asked, written, held);
    }
    pairs.into_iter().collect()
}

fn add(pairs: &mut BTreeSet<(String, String)>, asked: &str, written: &str, held: &dyn Fn(&[u16]) -> bool) {
    let (asked, written) = (fold(asked), fold(written));
    let whole = |word: &[u16]| word.len() > 1 && !word.contains(&0);
    if asked != written && whole(&asked) && whole(&written) && held(&written) {
        pairs.insert((String::from_utf16_lossy(&asked), String::from_utf16_lossy(&written)));
    }
}
