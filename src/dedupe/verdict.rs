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

/// Characters lost or added that mean nothing: more may be a name.
const LOST: usize = 2;
/// From so many characters on, what one text lacks is a phrase or sentence dropped, not a name.
const DROPPED: usize = 6;

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
pub(crate) struct Known {
    /// The stories in which two words were swapped.
    pairs: BTreeMap<(String, String), BTreeSet<u32>>,
    /// How often a word was swapped for whatever, in stories.
    words: BTreeMap<String, usize>,
}

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
        for swap in l.swaps.iter().filter(|swap| !swap.0.is_empty() && !swap.1.is_empty()) {
            if self.pairs.entry(ordered(swap)).or_default().insert(story) {
                *self.words.entry(swap.0.clone()).or_default() += 1;
                *self.words.entry(swap.1.clone()).or_default() += 1;
            }
        }
    }

    /// Counts the swaps that may be more than a rewriter's habit.
    fn strange(&self, l: &Likeness, hint: Hint) -> usize {
        l.swaps.iter().filter(|swap| !self.harmless(swap, hint)).count()
    }

    fn harmless(&self, swap: &(String, String), hint: Hint) -> bool {
        let (x, y) = swap;
        if x.is_empty() || y.is_empty() {
            let count = x.chars().count() + y.chars().count();
            return count <= LOST || (count >= DROPPED && hint == Hint::For);
        }
        let little = |class: &&str| x.chars().chain(y.chars()).all(|c| class.contains(c));
        LITTLE.iter().any(little) || self.habit(swap)
    }

    /// A habit recurs, and one of the two words is hardly swapped for others: a name is swapped for any other name.
    fn habit(&self, swap: &(String, String)) -> bool {
        let stories = self.pairs.get(&ordered(swap)).map_or(0, BTreeSet::len);
        let faithful = |word: &String| self.words.get(word).is_some_and(|&all| stories * 2 > all);
        stories >= HABIT && (faithful(&swap.0) || faithful(&swap.1))
    }
}

/// Tells whether numbers contradict each other too often for two copies of one text.
fn contradicted(l: &Likeness) -> bool {
    let slots = l.agreeing + l.conflicts.len();
    slots >= 3 && l.conflicts.len() * 4 > slots
}

/// The longest stretch that a near-exact copy may have for itself: pages of one frame differ in a longer one.
const STRANGER: usize = 30;

/// Judges before common text is known: true for copies that answer to each other from end to end.
pub(crate) fn near_exact(l: &Likeness) -> bool {
    let whole = l.whole.min(l.whole_back) >= 0.85 && l.stranger <= STRANGER && l.own >= SHORT;
    whole && !contradicted(l) && l.swaps.len() * 20 <= l.matched
}

/// How much title and day say that two texts are one story.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Hint {
    /// Another title, or months between.
    Against,
    /// Nothing known.
    Nothing,
    /// The same title within days.
    For,
}

fn hint(hints: &Hints) -> Hint {
    match (hints.title, hints.days) {
        (Some(title), days) if title >= 0.8 && days.is_none_or(|days| days <= 3) => Hint::For,
        (Some(title), _) if title < 0.3 => Hint::Against,
        (_, Some(days)) if days > 30 => Hint::Against,
        _ => Hint::Nothing,
    }
}

/// Judges a pair by its likeness in what is the texts' own, with the help of title and date.
pub(crate) fn judge(l: &Likeness, hints: &Hints, known: &Known) -> Verdict {
    if l.containment < 0.35 {
        return Verdict::Unrelated;
    }
    let hint = hint(hints);
    if contradicted(l) {
        return if slip(l, known) && hint == Hint::For { Verdict::Review } else { Verdict::Apart };
    }
    if l.generic > 0 && !whole(l) {
        return if hint == Hint::For && l.whole >= 0.5 { Verdict::Review } else { Verdict::Unrelated };
    }
    if l.matched < SHORT {
        return judge_short(l, hint, known);
    }
    // A text that is a small part of another one is quoted there, unless the titles agree.
    let quoted = l.back < QUOTED && hint != Hint::For;
    if l.containment >= needed(hint) && !quoted { Verdict::Same } else { Verdict::Review }
}

/// How common the rest of a text must be, against what it shares with another, to be the wrapping of that.
const WRAPPING: f64 = 0.5;

/// Judges texts that have hardly anything of their own, a notice or a much copied story in a common frame: the shorter one must
/// stand whole in the longer one, and be the story there and not the frame.
fn whole(l: &Likeness) -> bool {
    let framed = l.rest >= WRAPPING;
    l.whole >= 0.9 && (framed || l.whole_back >= 0.85) && l.swaps.len() * 15 <= l.matched
}

/// Below this share of the larger text the smaller one is a part of it, not a copy cut short.
const QUOTED: f64 = 0.2;

/// The containment from which two texts are one story.
fn needed(hint: Hint) -> f64 {
    match hint {
        Hint::For => 0.55,
        Hint::Nothing => 0.85,
        Hint::Against => 0.92,
    }
}

/// Tells a digit lost in copying from another number: one conflict in which one side lacks one digit of the other.
fn slip(l: &Likeness, known: &Known) -> bool {
    let lacks = |long: &str, short: &str| {
        (0..long.len()).any(|at| {
            long.is_char_boundary(at) && long.is_ascii() && format!("{}{}", &long[..at], &long[at + 1..]) == short
        })
    };
    matches!(l.conflicts.as_slice(), [(x, y)] if lacks(x, y) || lacks(y, x))
        && l.containment > 0.9
        && known.strange(l, Hint::For) == 0
}

/// Judges short texts, where one number or name makes another notice.
fn judge_short(l: &Likeness, hint: Hint, known: &Known) -> Verdict {
    if !l.conflicts.is_empty() {
        return if slip(l, known) && hint == Hint::For { Verdict::Review } else { Verdict::Apart };
    }
    let quoted = l.back < QUOTED && hint == Hint::Against;
    // A number that one of them lacks may be the one in which two notices differ.
    let lacking = l.missing > 0 && hint != Hint::For;
    match (known.strange(l, hint), l.containment >= needed(hint)) {
        (0, true) if !quoted && !lacking => Verdict::Same,
        _ => Verdict::Review,
    }
}
