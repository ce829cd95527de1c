//! Words for one thing, and characters for one: 人工智能 and 人工智慧 find the same articles, as 蘭州 and 兰州 do.
//!
//! The words are from the glossary and the names of terms of the site, then the built-in list of regional words; the
//! characters are those that folding changes. Only what the texts can hold is written out, so the texts are [`Watch`]ed
//! for it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::fold::{PAIRS, fold};
use super::{grams, mix};
use crate::corpus::Corpus;
use crate::script::glossary::Glossary;

/// Regional words, folded: Taiwan or Hong Kong, then the mainland.
static REGIONAL: &str = include_str!("../../data/dedupe/regional.tsv");

/// What is looked for in all texts.
pub(super) struct Watch {
    /// Who asks for the first also finds the second.
    words: BTreeSet<(Vec<u16>, Vec<u16>)>,
    /// The grams of the words, sorted.
    grams: Vec<u32>,
    /// The grams and their places in `grams`, sorted by the upper bits of their hashes.
    by_hash: Vec<(u32, u32, u32)>,
    /// The units that characters fold to, sorted.
    units: Vec<u16>,
    digest: u64,
}

impl Watch {
    /// Lists what to look for.
    pub(super) fn new(corpus: &Corpus, glossary: &Glossary) -> Self {
        let mut words = BTreeSet::new();
        let mut both = |a: &str, b: &str| {
            add(&mut words, a, b);
            add(&mut words, b, a);
        };
        for (hans, hant) in corpus.taxonomies.glossary_names() {
            both(hans, hant);
        }
        for (regional, mainland) in REGIONAL.lines().filter_map(|line| line.split_once('\t')) {
            both(regional, mainland);
        }
        for (written, asked) in glossary.equivalents() {
            add(&mut words, asked, written);
        }
        let grams: BTreeSet<u32> = words.iter().flat_map(|(_, written)| grams_of(written)).collect();
        let mut units = [0; 2];
        let units: BTreeSet<u16> = PAIRS.iter().flat_map(|pair| pair.1.encode_utf16(&mut units).to_vec()).collect();
        let grams: Vec<u32> = grams.into_iter().collect();
        let mut by_hash: Vec<(u32, u32, u32)> =
            (0..).zip(&grams).map(|(at, &gram)| (upper(grams::hash(gram)), gram, at)).collect();
        by_hash.sort_unstable();
        let digest = grams.iter().fold(units.len() as u64, |digest, &gram| mix::mix(digest, u64::from(gram)));
        Watch { words, grams, by_hash, units: units.into_iter().collect(), digest }
    }

    /// Tells whether two watches look for the same.
    pub(super) fn digest(&self) -> u64 {
        self.digest
    }

    /// Words of 64 bits that what was seen takes.
    pub(super) fn words(&self) -> usize {
        (self.grams.len() + self.units.len()).div_ceil(64)
    }

    /// What is still looked for: bits by the upper bits of the hash of a gram, so that most grams of a text are done with
    /// after one look.
    pub(super) fn open(&self) -> Vec<u64> {
        let mut open = vec![0u64; 1 << (UPPER - 6)];
        for (hash, ..) in &self.by_hash {
            open[(hash >> 6) as usize] |= 1 << (hash & 63);
        }
        open
    }

    /// Notes a gram; what was seen is no longer looked for.
    #[inline]
    pub(super) fn gram(&self, gram: u32, hash: u32, open: &mut [u64], seen: &mut [u64]) {
        let hash = upper(hash);
        if open[(hash >> 6) as usize] >> (hash & 63) & 1 == 1 {
            self.look(gram, hash, open, seen);
        }
    }

    #[inline(never)]
    fn look(&self, gram: u32, hash: u32, open: &mut [u64], seen: &mut [u64]) {
        let first = self.by_hash.partition_point(|watched| watched.0 < hash);
        let alike = || self.by_hash[first..].iter().take_while(|watched| watched.0 == hash);
        for (_, _, at) in alike().filter(|watched| watched.1 == gram) {
            set(seen, *at as usize);
        }
        if alike().all(|(_, _, at)| bit(seen, *at as usize)) {
            open[(hash >> 6) as usize] &= !(1 << (hash & 63));
        }
    }

    /// Notes the units of a text.
    pub(super) fn units(&self, occur: &[bool], seen: &mut [u64]) {
        for (at, &unit) in (self.grams.len()..).zip(&self.units) {
            seen[at / 64] |= u64::from(occur[usize::from(unit)]) << (at % 64);
        }
    }

    /// The pairs of words of which the texts can hold the second: `[a, b]`, and `[a, b, 1]` where the texts can hold
    /// both and either finds the other.
    pub(super) fn held_words(&self, seen: &[u64]) -> Vec<Value> {
        let held =
            |word: &[u16]| grams_of(word).all(|gram| self.grams.binary_search(&gram).is_ok_and(|at| bit(seen, at)));
        let all: BTreeSet<&(Vec<u16>, Vec<u16>)> = self.words.iter().filter(|(_, written)| held(written)).collect();
        let mutual = |(asked, written): &(Vec<u16>, Vec<u16>)| all.contains(&(written.clone(), asked.clone()));
        let mut pairs = Vec::new();
        for &pair in &all {
            let (asked, written) = (String::from_utf16_lossy(&pair.0), String::from_utf16_lossy(&pair.1));
            match mutual(pair) {
                true if pair.0 < pair.1 => pairs.push(json!([asked, written, 1])),
                true => {}
                false => pairs.push(json!([asked, written])),
            }
        }
        pairs
    }

    /// The characters that fold to one the texts hold, and what they become.
    pub(super) fn held_characters(&self, seen: &[u64]) -> (String, String) {
        let held = |unit: u16| self.units.binary_search(&unit).is_ok_and(|at| bit(seen, self.grams.len() + at));
        PAIRS.iter().filter(|pair| pair.1.encode_utf16(&mut [0; 2]).iter().all(|&unit| held(unit))).copied().unzip()
    }
}

/// Bits of a hash that are asked for first.
const UPPER: u32 = 18;

/// The upper bits of a hash.
#[inline]
fn upper(hash: u32) -> u32 {
    hash >> (32 - UPPER)
}

fn set(bits: &mut [u64], at: usize) {
    bits[at / 64] |= 1 << (at % 64);
}

fn bit(bits: &[u64], at: usize) -> bool {
    bits[at / 64] >> (at % 64) & 1 == 1
}

fn grams_of(word: &[u16]) -> impl Iterator<Item = u32> + '_ {
    word.windows(2).map(|pair| u32::from(pair[0]) << 16 | u32::from(pair[1]))
}

fn add(pairs: &mut BTreeSet<(Vec<u16>, Vec<u16>)>, asked: &str, written: &str) {
    let (asked, written) = (fold(asked), fold(written));
    let whole = |word: &[u16]| word.len() > 1 && !word.contains(&0);
    if asked != written && whole(&asked) && whole(&written) {
        pairs.insert((asked, written));
    }
}
