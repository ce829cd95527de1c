//! The thresholds: when two texts are one story, when an editor should look, when they are kept apart.

use std::collections::{BTreeMap, BTreeSet};

use super::likeness::{Hints, Likeness};

/// What is to be done with a pair.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// One story.
    Same,
    /// Perhaps one story.
    Review,
    /// Alike, but something says that they are two.
    Apart,
    /// Nothing in common worth a word.
    Unrelated,
}

/// Below so many own characters one word can be the whole difference between two notices.
pub(crate) const SHORT: usize = 200;
/// A word swapped for another one in this many stories is a habit of a rewriter, not a name.
const HABIT: usize = 2;

/// Little words that rewriters put for one another; too short to be folded.
const LITTLE: [&str; 12] = [
    "和与同及跟",
    "此该这本",
    "用使以",
    "把将",
    "来至到",
    "可能会",
    "在于",
    "后之",
    "中当",
    "的地得之",
    "时候",
    "更愈越",
];

/// Swaps of words that are known to mean nothing, learned from long texts that are certainly copies.
#[derive(Default)]
pub(crate) struct Known(BTreeMap<(String, String), BTreeSet<u32>>);

fn ordered(swap: &(String, String)) -> (String, String) {
    let (x, y) = swap.clone();
    if x <= y { (x, y) } else { (y, x) }
}

impl Known {
    /// Learns the swaps of a pair of long texts that answer to each other; `story` tells one story from another.
    pub(crate) fn learn(&mut self, story: u32, l: &Likeness) {
        if l.own < SHORT || l.containment < 0.9 || contradicted(l) {
            return;
        }
        for swap in &l.swaps {
            self.0.entry(ordered(swap)).or_default().insert(story);
        }
    }

    /// Counts the swaps that may be more than a rewriter's habit.
    fn strange(&self, l: &Likeness) -> usize {
        l.swaps.iter().filter(|swap| !self.harmless(swap)).count()
    }

    fn harmless(&self, swap: &(String, String)) -> bool {
        let (x, y) = swap;
        if x.is_empty() || y.is_empty() {
            return x.chars().count() + y.chars().count() <= 2;
        }
        let little = |class: &&str| x.chars().chain(y.chars()).all(|c| class.contains(c));
        LITTLE.iter().any(little) || self.0.get(&ordered(swap)).is_some_and(|s| s.len() >= HABIT)
    }
}

/// Tells whether numbers contradict each other too often for two copies of one text.
fn contradicted(l: &Likeness) -> bool {
    let slots = l.agreeing + l.conflicts.len();
    slots >= 3 && l.conflicts.len() * 4 > slots
}

/// Judges before common text is known: true for copies that answer to each other from end to end.
pub(crate) fn near_exact(l: &Likeness) -> bool {
    l.whole >= 0.85 && l.whole_back >= 0.85 && l.own >= SHORT && !contradicted(l) && l.swaps.len() * 20 <= l.matched
}

/// Judges a pair by its likeness in what is the texts' own, with the help of title and date.
pub(crate) fn judge(l: &Likeness, hints: &Hints, known: &Known) -> Verdict {
    if l.containment < 0.35 {
        return Verdict::Unrelated;
    }
    if contradicted(l) {
        return Verdict::Apart;
    }
    if l.matched < SHORT {
        return judge_short(l, hints, known);
    }
    if l.containment >= 0.8 {
        return Verdict::Same;
    }
    let titled = hints.title.is_some_and(|t| t >= 0.8) && hints.days.is_none_or(|d| d <= 3);
    if l.containment >= 0.6 && titled {
        return Verdict::Same;
    }
    Verdict::Review
}

/// Judges short texts, where one number or name makes another notice.
fn judge_short(l: &Likeness, hints: &Hints, known: &Known) -> Verdict {
    if !l.conflicts.is_empty() {
        return Verdict::Apart;
    }
    let strange = known.strange(l);
    if strange > 0 {
        return Verdict::Review;
    }
    let titled = hints.title.is_some_and(|t| t >= 0.8) && hints.days.is_none_or(|d| d <= 3);
    if l.containment >= 0.85 || (titled && l.containment >= 0.6) {
        return Verdict::Same;
    }
    Verdict::Review
}
