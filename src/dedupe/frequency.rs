//! In how many documents a gram stands, and so which parts of a text are its own.
//!
//! Heads, feet, templates and quotations are what many documents share; no list of them is needed. Counted are
//! representatives, not files: thirty copies of one story are one document here, otherwise a story that was copied often
//! would pass for boilerplate and be lost.

use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};

use rayon::prelude::*;

use super::sketch::{GRAM, grams};

/// A gram in more documents than this belongs to none of them.
pub(crate) const COMMON: u16 = 20;
/// A text with fewer grams of its own is looked at with a higher bound.
const OWN: usize = 30;
/// A stretch of rare grams no longer than this between common ones is a slot of a template: a date, a name, a count.
const SLOT: usize = 24;
/// Counts beyond this are all the same.
const FULL: u16 = u16::MAX - 1024;

/// Bits in the list of watched grams for each of them.
const BITS: usize = 16;

/// Counts of the grams that are asked for, by hash; a count may be too high where two grams meet, which the bound leaves
/// room for. Only grams of documents that will be compared are watched: the others need no place in the table.
pub(crate) struct Frequency {
    counts: Vec<AtomicU16>,
    watched: Vec<AtomicU64>,
}

impl Frequency {
    /// Makes an empty table for texts with so many grams together, of which so many are watched; about a byte for every
    /// gram if all are.
    pub(crate) fn new(grams: usize, watched: usize) -> Self {
        let bits = (watched.max(1 << 12) * BITS).next_power_of_two().min(1 << 32);
        let size = ((watched + grams / BITS).min(grams / 2).max(1 << 12)).next_power_of_two().min(1 << 30);
        Frequency {
            counts: (0..size).into_par_iter().map(|_| AtomicU16::new(0)).collect(),
            watched: (0..bits / 64).into_par_iter().map(|_| AtomicU64::new(0)).collect(),
        }
    }

    fn slot(&self, gram: u32) -> &AtomicU16 {
        &self.counts[gram as usize & (self.counts.len() - 1)]
    }

    /// Where a gram stands in the list of watched ones. The places in both tables differ, so that grams meeting in the one
    /// need not meet in the other.
    fn bit(&self, gram: u32) -> (&AtomicU64, u64) {
        let turned = gram.wrapping_mul(0x9E37_79B9).rotate_left(16);
        (&self.watched[(turned >> 6) as usize & (self.watched.len() - 1)], 1 << (turned & 63))
    }

    /// Watches the grams of a document, before any is counted.
    pub(crate) fn watch(&self, chars: &[char]) {
        for gram in grams(chars) {
            let (word, bit) = self.bit(gram);
            if word.load(Ordering::Relaxed) & bit == 0 {
                word.fetch_or(bit, Ordering::Relaxed);
            }
        }
    }

    fn each(&self, chars: &[char], change: impl Fn(&AtomicU16)) {
        let watched = |gram: &u32| {
            let (word, bit) = self.bit(*gram);
            word.load(Ordering::Relaxed) & bit != 0
        };
        let mut all: Vec<u32> = grams(chars).filter(watched).collect();
        all.sort_unstable();
        all.dedup();
        all.into_iter().map(|gram| self.slot(gram)).filter(|slot| slot.load(Ordering::Relaxed) < FULL).for_each(change);
    }

    /// Counts each gram of a document once.
    pub(crate) fn add(&self, chars: &[char]) {
        self.each(chars, |slot| {
            slot.fetch_add(1, Ordering::Relaxed);
        });
    }

    /// Takes back what [`Self::add`] counted: the document has turned out to be a copy.
    pub(crate) fn take_back(&self, chars: &[char]) {
        self.each(chars, |slot| {
            slot.fetch_sub(1, Ordering::Relaxed);
        });
    }

    /// Gives for each gram of a text in how many documents it stands.
    pub(crate) fn of(&self, chars: &[char]) -> Vec<u16> {
        grams(chars).map(|gram| self.slot(gram).load(Ordering::Relaxed)).collect()
    }
}

/// Gives the bound at which a text keeps something of its own: [`COMMON`], or four times that as often as needed.
///
/// A story with a thousand copies in many wrappings is common itself, but less so than its wrappings.
pub(crate) fn bound(counts: &[u16]) -> u16 {
    let mut bound = COMMON;
    while bound < FULL && own(counts, bound).iter().filter(|&&own| own).count() < OWN {
        bound = bound.saturating_mul(4);
    }
    bound
}

/// Tells for each character whether it is the text's own under a bound.
pub(crate) fn own(counts: &[u16], bound: u16) -> Vec<bool> {
    let mut own: Vec<bool> = counts.iter().map(|&count| count <= bound).collect();
    let mut at = 0;
    while at < own.len() {
        let run = own[at..].iter().take_while(|&&o| o == own[at]).count();
        let inside = at > 0 && at + run < own.len();
        if own[at] && inside && run <= SLOT {
            own[at..at + run].fill(false);
        }
        at += run;
    }
    let last = own.last().copied().unwrap_or(true);
    if !own.is_empty() {
        own.extend(std::iter::repeat_n(last, GRAM - 1));
    }
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closes_slots_inside_common_text() {
        let counts: Vec<u16> = [vec![50; 30], vec![1; 10], vec![50; 30], vec![1; 60]].concat();
        let own = own(&counts, COMMON);
        assert_eq!(own.len(), counts.len() + GRAM - 1);
        assert!(own[..70].iter().all(|&o| !o) && own[70..].iter().all(|&o| o));
    }

    #[test]
    fn raises_the_bound_until_something_is_left() {
        assert_eq!(bound(&[vec![500; 100], vec![70; 40]].concat()), 80);
        assert_eq!(bound(&[3; 100]), COMMON);
        assert!(bound(&[]) >= FULL);
    }

    #[test]
    fn counts_documents_not_occurrences() {
        let frequency = Frequency::new(100, 100);
        let text: Vec<char> = "甲乙丙丁戊甲乙丙丁戊".chars().collect();
        frequency.watch(&text);
        frequency.add(&text);
        frequency.add(&text);
        assert!(frequency.of(&text).iter().all(|&count| count >= 2));
        assert_eq!(frequency.of(&text)[0], 2);
        frequency.take_back(&text);
        assert_eq!(frequency.of(&text)[0], 1);
    }
}
