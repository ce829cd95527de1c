//! Where one text stands in another: matching blocks, and the small edits between them.
//!
//! A set of shared grams cannot tell a rewritten copy (a word changed every twenty characters, everything there) from a
//! follow-up report (half of it there word for word). Blocks joined over small edits can: the copy is covered from end to
//! end. Blocks may stand in another order, and a place of one text may answer to several of the other (doubled texts).

use std::ops::Range;

/// Characters that must agree to open a block.
const SEED: usize = 4;
/// A block away from the last one must be at least this long, since short ones agree by chance.
const JUMP: usize = 6;
/// A chain of blocks with fewer agreeing characters than this is chance.
const CHAIN: usize = 10;
/// The longest edit between two blocks of a chain, in characters.
const EDIT: usize = 16;
/// How far the lengths of the two sides of an edit may differ.
const SLACK: usize = 10;
/// Places of one seed that are tried.
const PLACES: usize = 12;

/// A stretch that agrees: `a..a+len` in one text, `b..b+len` in the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) a: usize,
    pub(crate) b: usize,
    pub(crate) len: usize,
}

/// A small edit between two blocks of one chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    pub(crate) a: Range<usize>,
    pub(crate) b: Range<usize>,
}

/// How two texts answer to each other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Alignment {
    pub(crate) blocks: Vec<Block>,
    pub(crate) edits: Vec<Edit>,
    /// For each character of the first text: stands in the second, as it is or edited.
    pub(crate) covered_a: Vec<bool>,
    /// The same for the second text.
    pub(crate) covered_b: Vec<bool>,
}

/// The places of every seed of one text.
struct Index {
    heads: Vec<u32>,
    next: Vec<u32>,
    mask: usize,
}

fn seed(chars: &[char]) -> usize {
    let h = chars[..SEED].iter().fold(0u64, |h, &c| (h ^ c as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23));
    (h ^ (h >> 32)) as usize
}

impl Index {
    fn new(text: &[char]) -> Self {
        let count = text.len().saturating_sub(SEED - 1);
        let size = (count * 2).next_power_of_two().max(2);
        let mut index = Index { heads: vec![0; size], next: vec![0; count], mask: size - 1 };
        for at in (0..count).rev() {
            let slot = seed(&text[at..]) & index.mask;
            index.next[at] = std::mem::replace(&mut index.heads[slot], at as u32 + 1);
        }
        index
    }

    fn places(&self, chars: &[char]) -> impl Iterator<Item = usize> + '_ {
        let first = self.heads[seed(chars) & self.mask];
        std::iter::successors(Some(first), |&at| Some(*self.next.get((at as usize).checked_sub(1)?)?))
            .take_while(|&at| at > 0)
            .map(|at| at as usize - 1)
    }
}

fn agreeing(a: &[char], b: &[char]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

fn is_edit(last: &Block, a: usize, b: usize) -> bool {
    let (from_a, from_b) = (last.a + last.len, last.b + last.len);
    b >= from_b && a - from_a <= EDIT && b - from_b <= EDIT && (a - from_a).abs_diff(b - from_b) <= SLACK
}

/// Finds the block that opens at `at` of the first text, preferring one that goes on where the last ended.
fn best(a: &[char], b: &[char], index: &Index, at: usize, last: Option<&Block>) -> Option<Block> {
    let near = |place: usize| last.is_some_and(|last| is_edit(last, at, place));
    let worth = |place: usize| {
        let len = agreeing(&a[at..], &b[place..]);
        let enough = len >= JUMP || (len >= SEED && near(place));
        enough.then_some((near(place), len, std::cmp::Reverse(place)))
    };
    let far = index.places(&a[at..]).take(PLACES);
    let local = last.into_iter().flat_map(|last| {
        let from = (last.b + last.len).min(b.len());
        let expected = from + (at - last.a - last.len);
        [expected].into_iter().filter(move |&place| place + SEED <= b.len())
    });
    let (_, len, std::cmp::Reverse(place)) = far.chain(local).filter_map(worth).max()?;
    Some(Block { a: at, b: place, len })
}

/// Lengthens a block to the left, over what agrees before it and belongs to no earlier block.
fn grow_left(a: &[char], b: &[char], block: &mut Block, floor: (usize, usize)) {
    while block.a > floor.0 && block.b > floor.1 && a[block.a - 1] == b[block.b - 1] {
        (block.a, block.b, block.len) = (block.a - 1, block.b - 1, block.len + 1);
    }
}

/// Aligns two folded texts. Time grows with the sum of their lengths.
pub(crate) fn align(a: &[char], b: &[char]) -> Alignment {
    let index = Index::new(b);
    let mut blocks: Vec<Block> = Vec::new();
    let mut at = 0;
    while at + SEED <= a.len() {
        let last = blocks.last();
        let Some(mut block) = best(a, b, &index, at, last) else {
            at += 1;
            continue;
        };
        let edit = last.is_some_and(|last| is_edit(last, block.a, block.b));
        let floor = last.map_or((0, 0), |last| (last.a + last.len, if edit { last.b + last.len } else { 0 }));
        grow_left(a, b, &mut block, floor);
        at = block.a + block.len;
        blocks.push(block);
    }
    finish(a.len(), b.len(), blocks)
}

/// Joins blocks to chains, drops chance ones, marks what is covered.
fn finish(len_a: usize, len_b: usize, blocks: Vec<Block>) -> Alignment {
    let mut out = Alignment { covered_a: vec![false; len_a], covered_b: vec![false; len_b], ..Alignment::default() };
    for chain in blocks.chunk_by(|last, next| is_edit(last, next.a, next.b)) {
        let matched: usize = chain.iter().map(|block| block.len).sum();
        if matched < CHAIN.min(len_a.min(len_b)) {
            continue;
        }
        out.edits.extend(
            chain.windows(2).map(|two| Edit { a: two[0].a + two[0].len..two[1].a, b: two[0].b + two[0].len..two[1].b }),
        );
        let (first, last) = (chain[0], chain[chain.len() - 1]);
        out.covered_a[first.a..last.a + last.len].fill(true);
        out.covered_b[first.b..last.b + last.len].fill(true);
        out.blocks.extend_from_slice(chain);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aligned(a: &str, b: &str) -> Alignment {
        align(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>())
    }

    fn share(covered: &[bool]) -> f64 {
        covered.iter().filter(|&&c| c).count() as f64 / covered.len() as f64
    }

    #[test]
    fn covers_a_rewritten_text_and_names_its_edits() {
        let found = aligned(
            "全市科技工作会议昨日在金城宾馆隆重召开各县区负责人",
            "全市科技工作会议今天在金城宾馆热烈召开各县区负责人",
        );
        assert!((share(&found.covered_a) - 1.0).abs() < 1e-9);
        assert_eq!(found.edits.len(), 2);
        assert_eq!(found.edits[0], Edit { a: 8..10, b: 8..10 });
    }

    #[test]
    fn finds_blocks_in_another_order_and_texts_doubled() {
        let (one, two) = ("一二三四五六七八九十甲乙丙丁", "天地玄黄宇宙洪荒日月盈昃辰宿列张");
        let found = aligned(&format!("{one}{two}"), &format!("{two}{one}"));
        assert!(share(&found.covered_a) > 0.99 && share(&found.covered_b) > 0.99);
        let found = aligned(&format!("{one}{one}"), one);
        assert!(share(&found.covered_a) > 0.99 && share(&found.covered_b) > 0.99);
    }

    #[test]
    fn does_not_call_chance_a_match_and_survives_short_texts() {
        let found = aligned("今天的天气预报很好我们一起去爬山", "关于今天的天气明日再说各单位要认真落实");
        assert!(share(&found.covered_a) < 0.5);
        for (a, b) in [("", ""), ("甲", "甲"), ("甲乙丙", "甲乙丙丁戊")] {
            assert!(aligned(a, b).blocks.is_empty());
        }
    }
}
