//! Words that stand for one another in rewritten and regionally converted texts, for comparison only.
//!
//! A class of words is folded to one of them. Boundaries of words do not matter here: both texts are treated alike, so a
//! replacement inside another word happens in both.

use std::collections::BTreeMap;
use std::sync::LazyLock;

static SPUN: &str = include_str!("../../data/dedupe/spun.txt");
static REGIONAL: &str = include_str!("../../data/dedupe/regional.tsv");

/// A word and what stands for it.
struct Word {
    /// Hash of its first two characters.
    pair: u16,
    from: Vec<char>,
    to: Vec<char>,
}

struct Words {
    /// By the hash of two characters, whether there may be words that begin with them: most places of a text are done with
    /// after one look.
    pairs: Box<[u64; 1024]>,
    /// By the same hash, where such words begin in `list`.
    starts: Box<[u16]>,
    /// Sorted by hash, then longest first.
    list: Vec<Word>,
}

#[expect(clippy::cast_possible_truncation, reason = "16 bits are wanted")]
fn pair(first: char, second: char) -> u16 {
    ((first as u32).wrapping_mul(0x9E37) ^ second as u32) as u16
}

impl Words {
    /// Gives the longest word that a text begins with, and what stands for it.
    #[inline]
    fn at(&self, rest: &[char]) -> Option<&Word> {
        let &[first, second, ..] = rest else { return None };
        let pair = pair(first, second);
        let may_be = self.pairs[usize::from(pair >> 6)] >> (pair & 63) & 1 == 1;
        if may_be { self.find(pair, rest) } else { None }
    }

    fn find(&self, pair: u16, rest: &[char]) -> Option<&Word> {
        let list = self.list.get(usize::from(self.starts[usize::from(pair)])..)?;
        let begins = |word: &&Word| word.from.len() <= rest.len() && word.from.iter().zip(rest).all(|(a, b)| a == b);
        list.iter().take_while(|word| word.pair == pair).find(begins)
    }
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let word = |(from, to): (Vec<char>, Vec<char>)| Word { pair: pair(from[0], from[1]), from, to };
    let mut list: Vec<Word> = words().into_iter().map(word).collect();
    list.sort_by(|a, b| (a.pair, b.from.len(), &a.from).cmp(&(b.pair, a.from.len(), &b.from)));
    let mut starts = vec![0u16; 0x1_0000].into_boxed_slice();
    let mut pairs = Box::new([0u64; 1024]);
    for (at, word) in list.iter().enumerate().rev() {
        starts[usize::from(word.pair)] = u16::try_from(at).unwrap_or(u16::MAX);
        pairs[usize::from(word.pair >> 6)] |= 1 << (word.pair & 63);
    }
    Words { pairs, starts, list }
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
    let words = &*WORDS;
    let mut out = Vec::new();
    // For each word: where it began, where it ended, and where its replacement ends.
    let mut replaced: Vec<[usize; 3]> = Vec::new();
    let (mut copied, mut at) = (0, 0);
    while at + 1 < text.len() {
        if let Some(Word { from, to, .. }) = words.at(&text[at..]) {
            if copied == 0 {
                out.reserve(text.len() + text.len() / 8);
            }
            out.extend_from_slice(&text[copied..at]);
            out.extend_from_slice(to);
            replaced.push([at, at + from.len(), out.len()]);
            at += from.len();
            copied = at;
        } else {
            at += 1;
        }
    }
    if copied > 0 {
        out.extend_from_slice(&text[copied..]);
        *text = out;
    }
    let mut next = 0;
    for line in lines.iter_mut() {
        while replaced.get(next).is_some_and(|word| word[0] < line.1) {
            next += 1;
        }
        if let Some(&[_, end, new_end]) = next.checked_sub(1).and_then(|last| replaced.get(last)) {
            // A line that begins inside a word begins after it.
            line.1 = new_end + line.1.saturating_sub(end);
        }
    }
    replaced.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_word_and_the_longest() {
        let words = &*WORDS;
        for Word { from, .. } in &words.list {
            assert!(words.at(from).is_some_and(|word| word.from == *from), "{from:?}");
            let mut longer = from.clone();
            longer.push('甲');
            assert!(words.at(&longer).is_some_and(|word| word.from.starts_with(from)), "{from:?}");
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
}
