//! In how many documents a gram stands, and so which parts of a text are its own.
//!
//! Heads, feet, templates and quotations are what many documents share; no list of them is needed. Counted are
//! representatives, not files: thirty copies of one story are one document here, otherwise a story that was copied often
//! would pass for boilerplate and be lost.
//!
//! Counts come from the samples that sketches hold, so that no text is read for them. What lies between two sampled grams is
//! as common as the rarer of the two ([`between`]). A long text is sampled thinly: a gram is counted only in documents whose
//! rate admits it. In a short text, whose samples are dense, the thin grams therefore speak for what lies between them too.

use std::sync::atomic::{AtomicU16, Ordering};

use rayon::prelude::*;

use super::sketch::{GRAM, Sketch, grams, hash_steps, sampled};

/// A gram in more documents than this belongs to none of them.
pub(crate) const COMMON: u16 = 20;
/// A text with fewer grams of its own is looked at with a higher bound.
const OWN: usize = 30;
/// A stretch of rare grams no longer than this between common ones is a slot of a template: a date, a name, a count.
const SLOT: usize = 24;
/// Counts beyond this are all the same.
const FULL: u16 = u16::MAX - 1024;
/// The thinnest samples that speak for what lies between them in texts of denser ones: thinner ones stand too far apart.
const THIN: u8 = 5;

/// Rounds a count to a step, so that one more document rarely changes anything: powers of two up to 16, then 20 and what
/// doubling makes of it. The bounds ([`COMMON`], four times that, …) are steps.
fn step(count: u16) -> u16 {
    if count <= COMMON {
        return 1 << count.clamp(1, 16).ilog2();
    }
    let mut step = COMMON;
    while step < count && step < FULL {
        step = step.saturating_mul(2);
    }
    step
}

/// How common the sampled grams of some documents are: the ones that are compared, which are few.
#[derive(Default)]
pub(crate) struct Frequency {
    /// The grams asked for, each in the first free place from the one its hash gives.
    grams: Vec<u32>,
    counts: Vec<AtomicU16>,
    /// Which grams may be among them, one bit by hash: most grams of most documents are done with after one look.
    asked: Vec<u64>,
}

/// No gram.
const NONE: u32 = u32::MAX;

/// How common the sampled grams of one document are, in the order of its samples.
pub(crate) struct Profile {
    pub(crate) steps: Vec<u16>,
    /// Equal for equal profiles.
    pub(crate) hash: u64,
}

impl Frequency {
    /// Counts in how many of the documents of `counted` the grams of those of `compared` stand.
    pub(crate) fn new<'s>(compared: impl Iterator<Item = &'s Sketch> + Clone, counted: &[&Sketch]) -> Self {
        let samples: usize = compared.clone().map(|sketch| sketch.samples.len()).sum();
        let size = (samples * 2).next_power_of_two().max(64);
        let mut out = Frequency {
            grams: vec![NONE; size],
            counts: (0..size).map(|_| AtomicU16::new(0)).collect(),
            asked: vec![0; size / 8],
        };
        for &gram in compared.flat_map(|sketch| &sketch.samples) {
            out.ask(gram);
        }
        counted.par_iter().with_min_len(1024).for_each(|sketch| {
            for &gram in sketch.samples.iter().filter(|&&gram| out.may_be_asked(gram)) {
                if let Some(place) = out.place(gram) {
                    out.add(place);
                }
            }
        });
        out
    }

    fn ask(&mut self, gram: u32) {
        let (word, bit) = self.bit(gram);
        self.asked[word] |= bit;
        let mut place = self.first(gram);
        while self.grams[place] != NONE && self.grams[place] != gram {
            place = (place + 1) & (self.grams.len() - 1);
        }
        self.grams[place] = gram;
    }

    fn first(&self, gram: u32) -> usize {
        (gram.wrapping_mul(0x9E37_79B1) >> 7) as usize & (self.grams.len() - 1)
    }

    fn bit(&self, gram: u32) -> (usize, u64) {
        let turned = gram.wrapping_mul(0x85EB_CA77);
        ((turned >> 6) as usize & (self.asked.len() - 1), 1 << (turned & 63))
    }

    fn may_be_asked(&self, gram: u32) -> bool {
        let (word, bit) = self.bit(gram);
        self.asked[word] & bit != 0
    }

    fn place(&self, gram: u32) -> Option<usize> {
        if self.grams.is_empty() {
            return None;
        }
        let mut place = self.first(gram);
        while self.grams[place] != gram {
            if self.grams[place] == NONE {
                return None;
            }
            place = (place + 1) & (self.grams.len() - 1);
        }
        Some(place)
    }

    fn add(&self, place: usize) {
        // Beyond the highest step nothing changes, so that no count runs over.
        if self.counts[place].load(Ordering::Relaxed) < FULL {
            self.counts[place].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Gives the profile of a document; all of one that is not compared passes for rare.
    pub(crate) fn profile(&self, sketch: &Sketch) -> Profile {
        let count = |&gram: &u32| self.place(gram).map_or(1, |place| self.counts[place].load(Ordering::Relaxed));
        let steps: Vec<u16> = sketch.samples.iter().map(count).map(step).collect();
        Profile { hash: hash_steps(&steps), steps }
    }
}

impl Profile {
    /// Gives for each gram of the document's text how common it is.
    pub(crate) fn counts(&self, sketch: &Sketch, chars: &[char]) -> Vec<u16> {
        let mut known: Vec<(usize, u32, u16)> = Vec::with_capacity(sketch.samples.len() * 2);
        for (at, gram) in grams(chars).enumerate().filter(|&(_, gram)| sampled(gram, sketch.rate)) {
            let step = sketch.samples.binary_search(&gram).map_or(1, |place| self.steps[place]);
            known.push((at, gram, step));
        }
        let length = chars.len().saturating_sub(GRAM - 1);
        let mut out = vec![1; length];
        let (Some(&first), Some(&last)) = (known.first(), known.last()) else { return out };
        if known.iter().all(|gram| gram.2 == 1) {
            return out;
        }
        out[..first.0].fill(first.2);
        out[last.0..].fill(last.2);
        between(&known, usize::MAX, &mut out);
        for thin in sketch.rate + 1..=THIN {
            known.retain(|gram| sampled(gram.1, thin));
            between(&known, SLOT.max(4 << thin), &mut out);
        }
        out
    }
}

/// Makes what lies between two known grams at least as common as the rarer of them, unless they are too far apart.
fn between(known: &[(usize, u32, u16)], farthest: usize, out: &mut [u16]) {
    known.iter().for_each(|&(at, _, step)| out[at] = out[at].max(step));
    for two in known.windows(2) {
        let (from, to, rarer) = (two[0].0 + 1, two[1].0, two[0].2.min(two[1].2));
        if rarer > 1 && to - from < farthest {
            out[from..to].iter_mut().for_each(|count| *count = (*count).max(rarer));
        }
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
    use super::super::fold::comparable;
    use super::super::{Document, sketch};
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
    fn rounds_counts_to_steps_that_end_at_the_bounds() {
        let steps: Vec<u16> = [0, 1, 3, 16, 20, 21, 40, 41, 80, 81, 320, 321].into_iter().map(step).collect();
        assert_eq!(steps, [1, 1, 2, 16, 16, 40, 40, 80, 80, 160, 320, 640]);
        assert!(step(u16::MAX) >= FULL);
    }

    /// A text that shares nothing with one of another seed.
    fn prose(seed: u64, length: usize) -> String {
        let next = |n: &u64| Some(n.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
        let numbers = std::iter::successors(Some(seed), next).skip(8);
        numbers.take(length).filter_map(|n| char::from_u32(0x4E00 + (n >> 33) as u32 % 20_000)).collect()
    }

    #[test]
    fn finds_a_foot_of_long_and_short_texts_in_both() {
        let foot = prose(1, 160);
        let texts: Vec<String> =
            (2..50).map(|n| format!("{}{foot}", prose(n, if n < 45 { 2400 } else { 120 }))).collect();
        let sketches: Vec<Sketch> =
            texts.iter().map(|text| sketch(&Document { text, ..Document::default() })).collect();
        let all: Vec<&Sketch> = sketches.iter().collect();
        let frequency = Frequency::new(sketches.iter(), &all);
        for (at, text) in texts.iter().enumerate() {
            let chars = comparable(text);
            let counts = frequency.profile(all[at]).counts(all[at], &chars);
            let own = own(&counts, COMMON);
            let story = chars.len() - comparable(&foot).len();
            assert!(own[..story - 30].iter().all(|&own| own), "{at}");
            let foot = own[story..].iter().filter(|&&own| !own).count();
            assert!(foot > 100, "{at}: {foot} of the foot are common");
        }
    }
}
