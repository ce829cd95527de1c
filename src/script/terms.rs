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

/// A set of codes, a bit each.
pub(super) struct Codes(Box<[u64; 1024]>);

impl Codes {
    #[inline(always)]
    pub(super) fn has(&self, code: u16) -> bool {
        self.0[usize::from(code) / 64] >> (code % 64) & 1 != 0
    }
}

/// All terms of an edition.
pub(super) struct Terms {
    /// Sorted by key; found by the first character.
    entries: Vec<Entry>,
    /// The codes of the characters of each key.
    codes: Vec<Vec<u16>>,
    /// The first two characters of each key, `\0` for none.
    heads: Vec<(char, char)>,
    /// The codes of the first characters of terms, a bit each.
    firsts: Codes,
    /// The codes of the first two characters of terms, as [`pair`] makes one number of them.
    pairs: Bits,
    /// Characters that a term which may change Simplified text begins with.
    stirs: Bits,
    /// Whether some term has one character only.
    short: bool,
}

impl Terms {
    /// Takes what is looked for; the first entry of a key counts.
    pub(super) fn new(mut entries: Vec<Entry>) -> Self {
        entries.sort_by(|a, b| a.key.cmp(&b.key));
        entries.dedup_by(|a, b| a.key == b.key);
        // No clause has other characters than those.
        let wordy = |c: &char| c.is_ascii_alphanumeric() || is_han(*c) || lexicon().code(*c) != 0;
        entries.retain(|e| !e.key.is_empty() && e.key.iter().all(wordy));
        let (mut stirs, mut pairs) = (Bits::new(1 << 16), Bits::new(1 << 16));
        let mut firsts = Codes(Box::new([0; 1024]));
        for entry in &entries {
            // Without terms the lexicon need not even be read.
            let lexicon = lexicon();
            let code = |at: usize| entry.key.get(at).map_or(0, |&c| lexicon.code(c));
            pairs.put(pair(code(0), code(1)));
            firsts.0[usize::from(code(0)) / 64] |= 1 << (code(0) % 64);
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
        let heads = entries.iter().map(|e| (e.key[0], e.key.get(1).copied().unwrap_or('\0'))).collect();
        let codes = entries.iter().map(|e| e.key.iter().map(|&c| lexicon().code(c)).collect()).collect();
        Terms { entries, codes, heads, firsts, pairs, stirs, short }
    }

    /// Tells whether there is no term.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns the codes of characters that terms begin with.
    #[inline(always)]
    pub(super) fn firsts(&self) -> &Codes {
        &self.firsts
    }

    /// Tells whether a term may begin with two characters, known by their codes, of which the second may be missing;
    /// rather yes than no.
    #[inline(always)]
    pub(super) fn may_begin(&self, first: u16, second: u16) -> bool {
        self.firsts.has(first) && (self.short || self.pairs.has(pair(first, second)))
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
        let Some(first) = at(0).map(|(c, _)| fold_char(c)) else { return };
        // Characters of one code fold to one character; of those without a code nothing is known.
        let is = |(c, code): (char, u16), (k, known): (char, u16)| code == known && (code != 0 || fold_char(c) == k);
        let mut look = |head: (char, char)| {
            let from = self.heads.partition_point(|h| *h < head);
            for (i, _) in self.heads.iter().enumerate().skip(from).take_while(|(_, h)| **h == head) {
                let (entry, codes) = (&self.entries[i], &self.codes[i]);
                let mut key = entry.key.iter().copied().zip(codes.iter().copied()).enumerate().skip(2);
                let literal = || entry.literal.iter().flatten().enumerate();
                if key.all(|(i, k)| at(i).is_some_and(|c| is(c, k)))
                    && literal().all(|(i, &l)| at(i).is_some_and(|(c, _)| c == l))
                {
                    found(entry.key.len(), i as u32 + 1);
                }
            }
        };
        if self.short {
            look((first, '\0'));
        }
        look((first, at(1).map_or('\0', |(c, _)| fold_char(c))));
    }
}
