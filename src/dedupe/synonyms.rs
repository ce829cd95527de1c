//! Words that stand for one another in rewritten and regionally converted texts, for comparison only.
//!
//! A class of words is folded to one of them. Boundaries of words do not matter here: both texts are treated alike, so a
//! replacement inside another word happens in both.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::slice::IterMut;
use std::sync::LazyLock;

use crate::starts::{BLOCK, Starts, starts};

static SPUN: &str = include_str!("../../data/dedupe/spun.txt");
static REGIONAL: &str = include_str!("../../data/dedupe/regional.tsv");

/// A word and what stands for it, side by side in [`Words::chars`].
#[derive(Clone, Copy)]
struct Word {
    start: u16,
    from: u8,
    to: u8,
}

/// All words, in little memory, so that it stays near the processor.
struct Words {
    /// By the hash of two characters, whether there are words that may begin with them: most places of a text are done with
    /// after one look.
    pairs: Box<[u64; 1024]>,
    /// How many bits are set before each number of `pairs`.
    before: Box<[u16; 1024]>,
    /// For each bit that is set, in order, where its words begin in `list`; the last one is the length of `list`.
    starts: Vec<u16>,
    /// Sorted by hash, then longest first.
    list: Vec<Word>,
    chars: Vec<char>,
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "16 bits are wanted")]
fn pair(first: char, second: char) -> u16 {
    ((first as u32).wrapping_mul(0x9E37) ^ second as u32) as u16
}

impl Words {
    /// Tells whether a word may begin with two characters that have this hash.
    #[inline]
    fn may_begin(&self, pair: u16) -> bool {
        self.pairs[usize::from(pair >> 6)] >> (pair & 63) & 1 == 1
    }

    /// Gives the longest word that a text begins with, and what stands for it.
    fn at(&self, rest: &[char]) -> Option<(&[char], &[char])> {
        let &[first, second, ..] = rest else { return None };
        let pair = pair(first, second);
        if !self.may_begin(pair) {
            return None;
        }
        let number = usize::from(pair >> 6);
        let below = self.pairs[number] & ((1 << (pair & 63)) - 1);
        let rank = usize::from(self.before[number]) + below.count_ones() as usize;
        let list = &self.list[usize::from(self.starts[rank])..usize::from(self.starts[rank + 1])];
        // Words are so short that calling for a comparison takes longer than comparing.
        let begins = |from: &[char]| from.len() <= rest.len() && from.iter().zip(rest).all(|(a, b)| a == b);
        list.iter().map(|word| self.parts(*word)).find(|(from, _)| begins(from))
    }

    fn parts(&self, word: Word) -> (&[char], &[char]) {
        let both = &self.chars[usize::from(word.start)..][..usize::from(word.from + word.to)];
        both.split_at(usize::from(word.from))
    }

    /// Gives the first [`BLOCK`] places of a text where a word may begin.
    #[inline]
    fn places(&self, text: &[char]) -> Starts {
        starts(text, |first, second| self.may_begin(pair(first, second)))
    }
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut all = words();
    all.sort_by(|(a, _), (b, _)| (pair(a[0], a[1]), b.len(), a).cmp(&(pair(b[0], b[1]), a.len(), b)));
    let mut words = Words {
        pairs: Box::new([0; 1024]),
        before: Box::new([0; 1024]),
        starts: Vec::new(),
        list: Vec::new(),
        chars: Vec::new(),
    };
    let small = "the words of this program are few and short";
    for one in all.chunk_by(|(a, _), (b, _)| pair(a[0], a[1]) == pair(b[0], b[1])) {
        let pair = pair(one[0].0[0], one[0].0[1]);
        words.pairs[usize::from(pair >> 6)] |= 1 << (pair & 63);
        words.starts.push(u16::try_from(words.list.len()).expect(small));
        for (from, to) in one {
            let start = u16::try_from(words.chars.len()).expect(small);
            let [from_len, to_len] = [from, to].map(|word| u8::try_from(word.len()).expect(small));
            words.list.push(Word { start, from: from_len, to: to_len });
            words.chars.extend(from.iter().chain(to));
        }
    }
    words.starts.push(u16::try_from(words.list.len()).expect(small));
    let mut before = 0;
    for (number, bits) in words.pairs.iter().enumerate() {
        words.before[number] = before;
        before += bits.count_ones() as u16;
    }
    words
});

fn words() -> Vec<(Vec<char>, Vec<char>)> {
    let mut map: BTreeMap<String, String> = BTreeMap::new();
    for line in SPUN.lines().filter(|line| !line.starts_with('#')) {
        let mut class = line.split_whitespace();
        let head = class.next().unwrap_or_default();
        map.extend(class.map(|word| (word.to_owned(), head.to_owned())));
    }
    for (from, to) in REGIONAL.lines().filter_map(|line| line.split_once('\t')) {
        let to = map.get(to).cloned().unwrap_or_else(|| to.to_owned());
        map.entry(from.to_owned()).or_insert(to);
    }
    let chars = |(from, to): (String, String)| (from.chars().collect(), to.chars().collect());
    let mut list: Vec<(Vec<char>, Vec<char>)> = map.into_iter().map(chars).collect();
    // A word has two characters at least; single ones are `fold`'s affair.
    list.retain(|(from, _)| from.len() > 1);
    list
}

/// Replaces every word of a class by the first of the class, longest match first, from left to right, and moves the places
/// of `lines` along. Gives the number of words that did not stand for their class: rewriting multiplies them.
pub(crate) fn replace(text: &mut Vec<char>, lines: &mut [(usize, usize)]) -> usize {
    let lines = lines.iter_mut().peekable();
    let mut out = Replaced { chars: Vec::new(), copied: 0, end: 0, new_end: 0, words: 0, lines };
    let words = &*WORDS;
    for from in (0..text.len()).step_by(BLOCK) {
        for place in words.places(&text[from..]) {
            let at = from + place;
            if at >= out.end
                && let Some(word) = words.at(&text[at..])
            {
                out.word(text, at, word);
            }
        }
    }
    out.finish(text)
}

/// A text whose words have been replaced up to a place.
struct Replaced<'l> {
    /// The text up to the last word whose replacement is longer or shorter; others are replaced where they stand.
    chars: Vec<char>,
    /// How much of the text stands in `chars`.
    copied: usize,
    /// Where the last word ended.
    end: usize,
    /// Where its replacement ends.
    new_end: usize,
    words: usize,
    /// The lines that begin after the last word began.
    lines: Peekable<IterMut<'l, (usize, usize)>>,
}

impl Replaced<'_> {
    fn word(&mut self, text: &mut [char], at: usize, (from, to): (&[char], &[char])) {
        self.lines_to(at);
        let end = at + from.len();
        if from.len() == to.len() {
            text[at..end].copy_from_slice(to);
        } else {
            if self.copied == 0 {
                self.chars.reserve(text.len() + text.len() / 8);
            }
            self.chars.extend_from_slice(&text[self.copied..at]);
            self.chars.extend_from_slice(to);
            self.copied = end;
        }
        (self.end, self.new_end) = (end, self.chars.len() + end - self.copied);
        self.words += 1;
    }

    /// Moves the lines that begin up to a place; one that begins inside a word begins after it.
    fn lines_to(&mut self, at: usize) {
        while let Some(line) = self.lines.next_if(|line| line.1 <= at) {
            line.1 = self.new_end + line.1.saturating_sub(self.end);
        }
    }

    fn finish(mut self, text: &mut Vec<char>) -> usize {
        self.lines_to(usize::MAX);
        if self.copied > 0 {
            self.chars.extend_from_slice(&text[self.copied..]);
            *text = self.chars;
        }
        self.words
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn finds_every_word_and_the_longest() {
        let words = &*WORDS;
        for word in &words.list {
            let (from, _) = words.parts(*word);
            assert!(words.at(from).is_some_and(|word| word.0 == from), "{from:?}");
            let mut longer = from.to_vec();
            longer.push('甲');
            assert_eq!(words.places(&longer).next(), Some(0), "{from:?}");
            assert!(words.at(&longer).is_some_and(|word| word.0.starts_with(from)), "{from:?}");
        }
    }

    #[test]
    fn replaces_by_class_and_leaves_the_rest() {
        let folded = |text: &str| {
            let mut chars: Vec<char> = text.chars().collect();
            replace(&mut chars, &mut []);
            chars.into_iter().collect::<String>()
        };
        assert_eq!(folded("两市互助推进事情"), folded("两市合作推进工作"));
        assert_eq!(folded("甲乙丙"), "甲乙丙");
        assert_eq!(folded(""), "");
        assert_eq!(folded("工"), "工");
    }

    proptest! {
        #[test]
        fn replaces_as_one_place_after_another_is_looked_at(
            picks in proptest::collection::vec((0..WORDS.list.len(), "[一事情工]{0,3}"), 0..40),
            cuts in proptest::collection::vec(0..150_usize, 0..12),
        ) {
            let text: Vec<char> =
                picks.iter().flat_map(|(at, between)| WORDS.parts(WORDS.list[*at]).0.iter().copied().chain(between.chars())).collect();
            let mut cuts: Vec<(usize, usize)> = cuts.into_iter().map(|cut| (0, cut.min(text.len()))).collect();
            cuts.sort_unstable();
            let (mut expected, mut moved, mut count, mut at) = (Vec::new(), cuts.clone(), 0, 0);
            let mut place = vec![0; text.len() + 1];
            while at < text.len() {
                let (taken, put) = match WORDS.at(&text[at..]) {
                    Some((from, to)) => (from.len(), to.to_vec()),
                    None => (1, vec![text[at]]),
                };
                count += usize::from(WORDS.at(&text[at..]).is_some());
                expected.extend(put);
                place[at + 1..=at + taken].fill(expected.len());
                at += taken;
            }
            moved.iter_mut().for_each(|cut| cut.1 = place[cut.1]);
            let mut replaced = text;
            prop_assert_eq!(replace(&mut replaced, &mut cuts), count);
            prop_assert_eq!(replaced, expected);
            prop_assert_eq!(cuts, moved);
        }
    }
}
