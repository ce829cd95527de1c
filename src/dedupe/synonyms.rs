//! Words that stand for one another in rewritten and regionally converted texts, for comparison only.
//!
//! A class of words is folded to one of them. Boundaries of words do not matter here: both texts are treated alike, so a
//! replacement inside another word happens in both.

use std::collections::BTreeMap;
use std::sync::LazyLock;

static SPUN: &str = include_str!("../../data/dedupe/spun.txt");
static REGIONAL: &str = include_str!("../../data/dedupe/regional.tsv");

struct Words {
    /// By first character: where its words begin in `list`, plus 1; 0 for none.
    first: Box<[u16]>,
    /// By a hash of their first two characters, whether there may be words that begin with them: most places of a text
    /// are done with after one look.
    pairs: Box<[u64; 1024]>,
    /// Sorted by first character, longest first.
    list: Vec<(Vec<char>, Vec<char>)>,
}

/// A bit in [`Words::pairs`].
fn pair(first: char, second: char) -> usize {
    ((first as u32).wrapping_mul(0x9E37) ^ second as u32) as usize & 0xFFFF
}

impl Words {
    /// Tells whether there may be words that begin with two characters.
    fn may_be(&self, first: char, second: char) -> bool {
        let pair = pair(first, second);
        self.pairs[pair >> 6] >> (pair & 63) & 1 == 1
    }

    /// Gives the longest word that a text begins with, and what stands for it.
    fn at(&self, rest: &[char]) -> Option<&(Vec<char>, Vec<char>)> {
        let first = *rest.first()?;
        let start = self.first.get(first as usize).copied().unwrap_or(0);
        let list = self.list.get(usize::from(start).checked_sub(1)?..)?;
        list.iter().take_while(|(from, _)| from[0] == rest[0]).find(|(from, _)| rest.starts_with(from))
    }
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let list = words();
    let mut first = vec![0u16; 0x1_0000].into_boxed_slice();
    for (at, (from, _)) in list.iter().enumerate().rev() {
        if let Some(slot) = first.get_mut(from[0] as usize) {
            *slot = u16::try_from(at + 1).unwrap_or(0);
        }
    }
    let mut pairs = Box::new([0u64; 1024]);
    for (from, _) in &list {
        let pair = pair(from[0], from[1]);
        pairs[pair >> 6] |= 1 << (pair & 63);
    }
    Words { first, pairs, list }
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
    let mut list: Vec<(Vec<char>, Vec<char>)> =
        map.into_iter().map(|(from, to)| (from.chars().collect(), to.chars().collect())).collect();
    // A word has two characters at least; single ones are `fold`'s affair.
    list.retain(|(from, _)| from.len() > 1);
    list.sort_by(|a: &(Vec<char>, _), b| (a.0[0], b.0.len(), &a.0).cmp(&(b.0[0], a.0.len(), &b.0)));
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
        let found = if words.may_be(text[at], text[at + 1]) { words.at(&text[at..]) } else { None };
        if let Some((from, to)) = found {
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
