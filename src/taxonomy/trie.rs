//! Finds, at a place in a folded text, the spellings that begin there.
//!
//! A trie whose first two steps are one look-up: its nodes stand level by level in one flat table, so that the children of
//! each lie side by side. It is built in about a millisecond for ten thousand names, so that the names of a site need no
//! preparation. Most places of a text begin no name, and one bit tells.

use crate::starts::{BLOCK, starts};

/// What a spelling stands for: an index into a table of the owner.
pub(super) type Value = u32;

const NONE: u32 = u32::MAX;

/// A set of spellings.
#[derive(Clone, Debug)]
pub(super) struct Trie {
    /// Spellings of one character, sorted.
    singles: Vec<(u16, Value)>,
    /// Bits by the first two characters of spellings; see [`pair_hash`].
    pairs: Box<[u64; 1 << (PAIR_BITS - 6)]>,
    /// Open addressing by the same hash: two characters and their node, [`FREE`] for none.
    heads: Vec<(u32, u32)>,
    /// The nodes of two characters and of more, those of fewer characters first, children of one node side by side.
    nodes: Vec<Node>,
    /// The last character of each node.
    labels: Vec<u16>,
}

/// What is known of the beginning of spellings.
#[derive(Clone, Copy, Debug)]
struct Node {
    /// The spelling that ends here, or [`NONE`].
    value: Value,
    /// Its first child; the last one is before the first of the next node.
    children: u32,
}

/// Marks a free place among the heads.
const FREE: (u32, u32) = (0, NONE);

/// Bits for pairs of characters: few enough to stay in a near cache, many enough to be mostly unset.
const PAIR_BITS: u32 = 19;

#[inline]
fn pair(first: u16, second: u16) -> u32 {
    u32::from(first) << 16 | u32::from(second)
}

#[inline]
fn pair_hash(pair: u32) -> u32 {
    pair.wrapping_mul(0x9e37_79b1)
}

/// Builds a [`Trie`].
#[derive(Clone, Debug, Default)]
pub(super) struct TrieBuilder {
    spellings: Vec<(Vec<u16>, Value)>,
}

impl TrieBuilder {
    /// Adds a folded spelling; characters beyond the basic plane cannot be matched and leave it out.
    pub(super) fn add(&mut self, folded: &str, value: Value) {
        let units: Option<Vec<u16>> = folded.chars().map(|c| u16::try_from(c as u32).ok()).collect();
        if let Some(units) = units.filter(|u| !u.is_empty()) {
            self.spellings.push((units, value));
        }
    }

    /// Makes the trie; a spelling added twice keeps its last value.
    pub(super) fn build(mut self) -> Trie {
        self.spellings.sort_by(|a, b| a.0.cmp(&b.0));
        let mut spellings: Vec<(&[u16], Value)> = Vec::with_capacity(self.spellings.len());
        let mut singles: Vec<(u16, Value)> = Vec::new();
        for (units, value) in &self.spellings {
            match (units.as_slice(), spellings.last_mut(), singles.last_mut()) {
                (&[unit], _, Some(last)) if last.0 == unit => last.1 = *value,
                (&[unit], ..) => singles.push((unit, *value)),
                (units, Some(last), _) if last.0 == units => last.1 = *value,
                (units, ..) => spellings.push((units, *value)),
            }
        }
        let mut trie = Trie {
            singles,
            pairs: Box::new([0; 1 << (PAIR_BITS - 6)]),
            heads: Vec::new(),
            nodes: Vec::new(),
            labels: Vec::new(),
        };
        trie.grow(&spellings);
        trie
    }
}

impl Trie {
    /// Makes the nodes of sorted spellings of two characters and more, level by level.
    fn grow(&mut self, spellings: &[(&[u16], Value)]) {
        let heads: Vec<&[(&[u16], Value)]> = spellings.chunk_by(|a, b| a.0[..2] == b.0[..2]).collect();
        self.heads = vec![FREE; (heads.len() * 2).next_power_of_two()];
        for head in &heads {
            self.add_head(pair(head[0].0[0], head[0].0[1]));
            self.labels.push(head[0].0[1]);
        }
        let (mut level, mut depth) = (heads, 2);
        while !level.is_empty() {
            let mut below = Vec::new();
            for node in level {
                // A spelling stands before those that go on from it.
                let own = node.first().filter(|first| first.0.len() == depth);
                let children = self.labels.len() as u32;
                self.nodes.push(Node { value: own.map_or(NONE, |own| own.1), children });
                for child in node[usize::from(own.is_some())..].chunk_by(|a, b| a.0[depth] == b.0[depth]) {
                    self.labels.push(child[0].0[depth]);
                    below.push(child);
                }
            }
            (level, depth) = (below, depth + 1);
        }
        self.nodes.push(Node { value: NONE, children: self.labels.len() as u32 });
    }

    /// Gives the next node, of two characters, its bit and its place.
    fn add_head(&mut self, pair: u32) {
        let bit = pair_hash(pair) >> (32 - PAIR_BITS);
        self.pairs[bit as usize / 64] |= 1 << (bit % 64);
        let node = self.labels.len() as u32;
        let mut at = self.first_place(pair);
        while self.heads[at] != FREE {
            at = (at + 1) & (self.heads.len() - 1);
        }
        self.heads[at] = (pair, node);
    }

    fn first_place(&self, pair: u32) -> usize {
        (pair_hash(pair) >> 8) as usize & (self.heads.len() - 1)
    }

    /// Tells whether two characters may begin a spelling.
    #[inline]
    fn may_begin(&self, first: u16, second: u16) -> bool {
        let bit = pair_hash(pair(first, second)) >> (32 - PAIR_BITS);
        self.pairs[bit as usize / 64] >> (bit % 64) & 1 == 1
    }

    /// Calls `each` with every place of a text where a spelling of two characters or more may begin, in order.
    #[inline]
    pub(super) fn places(&self, units: &[u16], mut each: impl FnMut(usize)) {
        for from in (0..units.len()).step_by(BLOCK) {
            starts(&units[from..], |first, second| self.may_begin(first, second)).for_each(|at| each(from + at));
        }
    }

    /// Calls `found` with length and value of each spelling at the beginning of `units`, shortest first.
    #[inline]
    pub(super) fn walk(&self, units: &[u16], mut found: impl FnMut(usize, Value)) {
        if let Some(first) = units.first().filter(|_| !self.singles.is_empty())
            && let Ok(at) = self.singles.binary_search_by_key(first, |single| single.0)
        {
            found(1, self.singles[at].1);
        }
        let &[first, second, ref rest @ ..] = units else { return };
        let Some(mut node) = self.head(first, second) else { return };
        let mut depth = 2;
        let mut rest = rest.iter();
        loop {
            let Node { value, children } = self.nodes[node];
            if value != NONE {
                found(depth, value);
            }
            let children = children as usize..self.nodes[node + 1].children as usize;
            let Some(unit) = rest.next() else { return };
            match self.labels[children.clone()].binary_search(unit) {
                Ok(at) => node = children.start + at,
                Err(_) => return,
            }
            depth += 1;
        }
    }

    /// Gives the node of two characters.
    #[inline]
    fn head(&self, first: u16, second: u16) -> Option<usize> {
        let wanted = pair(first, second);
        let mut at = self.first_place(wanted);
        loop {
            match self.heads[at] {
                FREE => return None,
                (pair, node) if pair == wanted => return Some(node as usize),
                _ => at = (at + 1) & (self.heads.len() - 1),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(trie: &Trie, text: &str) -> Vec<(usize, Value)> {
        let units: Vec<u16> = text.encode_utf16().collect();
        let mut out = Vec::new();
        trie.walk(&units, |n, v| out.push((n, v)));
        out
    }

    #[test]
    fn finds_all_spellings_at_a_place() {
        let mut builder = TrieBuilder::default();
        for (i, s) in ["兰州", "兰州新区", "西宁", "", "兰州"].iter().enumerate() {
            builder.add(s, i as u32);
        }
        let trie = builder.build();
        assert_eq!(at(&trie, "兰州新区"), [(2, 4), (4, 1)]);
        assert_eq!(at(&trie, "西"), []);
        assert_eq!(at(&trie, "兰新"), []);
        let units: Vec<u16> = "在兰州和西宁".encode_utf16().collect();
        let mut places = Vec::new();
        trie.places(&units, |at| places.push(at));
        assert_eq!(places, [1, 4]);
        assert_eq!(at(&trie, ""), []);
        assert_eq!(at(&TrieBuilder::default().build(), "兰州"), []);
        let mut builder = TrieBuilder::default();
        builder.add("宁", 7);
        builder.add("宁夏", 8);
        let trie = builder.build();
        assert_eq!(at(&trie, "宁"), [(1, 7)]);
        assert_eq!(at(&trie, "宁夏"), [(1, 7), (2, 8)]);
    }

    proptest! {
        #[test]
        fn finds_what_a_list_finds(spellings in proptest::collection::vec("[甲乙丙a]{0,5}", 0..20), text in "[甲乙丙a]{0,90}") {
            let mut builder = TrieBuilder::default();
            for (i, spelling) in spellings.iter().enumerate() {
                builder.add(spelling, i as u32);
            }
            let trie = builder.build();
            let units: Vec<u16> = text.encode_utf16().collect();
            let spellings: Vec<Vec<u16>> = spellings.iter().map(|s| s.encode_utf16().collect()).collect();
            let mut begun = vec![false; units.len()];
            trie.places(&units, |at| begun[at] = true);
            for at in 0..units.len() {
                let mut found = Vec::new();
                trie.walk(&units[at..], |n, value| found.push((n, value)));
                let last = |n: usize| (0..).zip(&spellings).filter(|(_, s)| **s == units[at..at + n]).last();
                let listed: Vec<(usize, u32)> =
                    (1..=units.len() - at).filter_map(|n| last(n).map(|(value, _)| (n, value))).collect();
                prop_assert!(begun[at] || listed.iter().all(|(n, _)| *n == 1));
                prop_assert_eq!(found, listed);
            }
        }
    }
}
