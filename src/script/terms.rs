//! Finds the terms of a glossary in a stretch of characters.
//!
//! Takes what an edition looks for; gives, for a place, the terms that begin there. Both scripts find a term: keys are
//! folded.

use super::bits::{Bits, pair};
use super::cells::is_odd_in_hans;
use super::chars::{fold_char, is_han};
use super::lexicon::lexicon;

/// A term of the glossary as the matcher wants it.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Folded characters.
    pub(super) key: Vec<char>,
    /// What it is written; `None`: as it stands.
    pub(super) to: Option<String>,
    /// The source must look exactly like this.
    pub(super) literal: Option<Vec<char>>,
}

/// All terms of an edition.
pub(super) struct Terms {
    /// Sorted by head, then by key.
    entries: Vec<Entry>,
    /// The codes of the characters of each key.
    codes: Vec<Vec<u16>>,
    /// The codes of the first two characters of each key, 0 for none, in one number.
    heads: Vec<u32>,
    /// The codes of the first characters of terms, a bit each.
    firsts: Bits,
    /// The same of the second characters.
    seconds: Bits,
    /// The codes of the first two characters of terms, as [`pair`] makes one number of them.
    pairs: Bits,
    /// Characters that a term which may change Simplified text begins with.
    stirs: Bits,
    /// Whether some term has one character only.
    short: bool,
    /// Whether each has a first and a second character with a code.
    paired: bool,
}

impl Terms {
    /// Takes what is looked for; the first entry of a key counts.
    pub(super) fn new(mut entries: Vec<Entry>) -> Self {
        entries.sort_by(|a, b| a.key.cmp(&b.key));
        entries.dedup_by(|a, b| a.key == b.key);
        // No clause has other characters than those.
        let wordy = |c: &char| c.is_ascii_alphanumeric() || is_han(*c) || lexicon().code(*c) != 0;
        entries.retain(|e| !e.key.is_empty() && e.key.iter().all(wordy));
        let codes = |e: Entry| (e.key.iter().map(|&c| lexicon().code(c)).collect(), e);
        let mut coded: Vec<(Vec<u16>, Entry)> = entries.into_iter().map(codes).collect();
        let two = |codes: &[u16]| (codes[0], codes.get(1).copied().unwrap_or(0));
        coded.sort_by_key(|(codes, _)| two(codes));
        let (codes, entries): (Vec<Vec<u16>>, Vec<Entry>) = coded.into_iter().unzip();
        let mut heads = Vec::with_capacity(entries.len());
        // So many bits that no code shares one with another.
        let [mut stirs, mut pairs, mut firsts, mut seconds] = [(); 4].map(|()| Bits::new(1 << 16));
        for (entry, codes) in entries.iter().zip(&codes) {
            let (first, second) = two(codes);
            heads.push(head(first, second));
            pairs.put(pair(first, second));
            firsts.put(first.into());
            seconds.put(second.into());
            let harmless = match &entry.literal {
                Some(literal) => {
                    literal.iter().any(|&c| is_odd_in_hans(c))
                        || entry.to.as_deref().is_none_or(|to| to.chars().eq(literal.iter().copied()))
                }
                None => entry.to.is_none(),
            };
            if !harmless {
                stirs.put(entry.literal.as_ref().map_or(entry.key[0], |l| l[0]) as u32);
            }
        }
        let short = entries.iter().any(|e| e.key.len() == 1);
        let paired = !firsts.has(0) && !seconds.has(0);
        Terms { entries, codes, heads, firsts, seconds, pairs, stirs, short, paired }
    }

    /// Tells whether there is no term.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Tells whether a term may begin with a character, known by its code; rather yes than no.
    #[inline(always)]
    pub(super) fn may_begin_with(&self, first: u16) -> bool {
        self.firsts.has(first.into())
    }

    /// Tells whether a character, known by its code, may be the second one of a term; rather yes than no.
    pub(super) fn may_go_on_with(&self, second: u16) -> bool {
        self.seconds.has(second.into())
    }

    /// Tells whether each term can be told by the codes of its first two characters.
    pub(super) fn are_paired(&self) -> bool {
        self.paired
    }

    /// The same for two characters, of which the second may be missing.
    #[inline(always)]
    pub(super) fn may_begin(&self, first: u16, second: u16) -> bool {
        self.may_begin_with(first) && (self.short || self.pairs.has(pair(first, second)))
    }

    /// Tells whether a term that changes Simplified text may begin with a character; rather yes than no.
    #[inline(always)]
    pub(super) fn may_stir(&self, c: char) -> bool {
        self.stirs.has(c as u32)
    }

    /// Returns what a term is written, by the number that [`Terms::find`] gave.
    pub(super) fn written(&self, number: u32) -> Option<&str> {
        self.entries.get(number as usize - 1)?.to.as_deref()
    }

    /// Calls `found(length, number)` for each term that characters begin with; `at` gives them one by one, each with its
    /// code in the lexicon.
    pub(super) fn find(&self, at: impl Fn(usize) -> Option<(char, u16)>, mut found: impl FnMut(usize, u32)) {
        let Some((_, first)) = at(0) else { return };
        let second = at(1).map_or(0, |(_, code)| code);
        // Characters of one code fold to one character; of those without a code nothing is known.
        let is = |(c, code): (char, u16), (k, known): (char, u16)| code == known && (code != 0 || fold_char(c) == k);
        let known = if first != 0 && second != 0 { 2 } else { 0 };
        let mut look = |head: u32, known: usize| {
            let from = self.heads.partition_point(|h| *h < head);
            for (i, _) in self.heads.iter().enumerate().skip(from).take_while(|(_, h)| **h == head) {
                let (entry, codes) = (&self.entries[i], &self.codes[i]);
                let mut key = entry.key.iter().copied().zip(codes.iter().copied()).enumerate().skip(known);
                let literal = || entry.literal.iter().flatten().enumerate();
                if key.all(|(i, k)| at(i).is_some_and(|c| is(c, k)))
                    && literal().all(|(i, &l)| at(i).is_some_and(|(c, _)| c == l))
                {
                    found(entry.key.len(), i as u32 + 1);
                }
            }
        };
        if self.short && second != 0 {
            look(head(first, 0), 0);
        }
        look(head(first, second), known);
    }
}

/// Makes one number of the codes of two characters.
fn head(first: u16, second: u16) -> u32 {
    u32::from(first) << 16 | u32::from(second)
}
