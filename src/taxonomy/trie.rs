//! Finds, at a place in a folded text, the spellings that begin there.
//!
//! A trie over small character classes, its edges in one flat table: built in about a millisecond for ten thousand
//! names, so that the names of a site need no preparation. Most characters of a text begin no name and cost one look-up.

/// What a spelling stands for: an index into a table of the owner.
pub(super) type Value = u32;

const NONE: u32 = u32::MAX;

/// A set of spellings.
#[derive(Clone, Debug)]
pub(super) struct Trie {
    /// Class of each character of the basic plane, 0 for those in no spelling.
    classes: Vec<u16>,
    /// Child of the root by class.
    root: Vec<u32>,
    /// Open addressing: node, class and child in one number, 0 for none; the fewer bytes, the nearer the memory.
    edges: Vec<u64>,
    mask: usize,
    values: Vec<Value>,
    /// Bits by the first two characters of spellings; see [`pair`].
    pairs: Vec<u64>,
    /// Whether a spelling has one character only.
    single: bool,
}

/// Bits for pairs of characters: few enough to stay in a near cache, many enough to be mostly unset.
const PAIR_BITS: u32 = 19;

/// The bit of two characters: most places in a text begin no spelling, and one look tells.
#[inline]
fn pair(first: u16, second: u16) -> (usize, u64) {
    let hash = (u32::from(first) << 16 | u32::from(second)).wrapping_mul(0x9e37_79b1) >> (32 - PAIR_BITS);
    (hash as usize / 64, 1 << (hash % 64))
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
    pub(super) fn build(self) -> Trie {
        let mut classes = vec![0_u16; 65536];
        let mut count = 0_u16;
        let mut total = 1_usize;
        for (units, _) in &self.spellings {
            total += units.len();
            for &u in units {
                let slot = &mut classes[usize::from(u)];
                if *slot == 0 {
                    count += 1;
                    *slot = count;
                }
            }
        }
        let size = (total * 2).next_power_of_two();
        let mut trie = Trie {
            classes,
            root: vec![NONE; usize::from(count) + 1],
            edges: vec![0; size],
            mask: size - 1,
            values: vec![NONE],
            pairs: vec![0; 1 << (PAIR_BITS - 6)],
            single: false,
        };
        for (units, value) in &self.spellings {
            trie.insert(units, *value);
        }
        trie
    }
}

impl Trie {
    fn insert(&mut self, units: &[u16], value: Value) {
        match *units {
            [first, second, ..] => {
                let (word, bit) = pair(first, second);
                self.pairs[word] |= bit;
            }
            _ => self.single = true,
        }
        let mut node = 0_u32;
        for (depth, &u) in units.iter().enumerate() {
            let class = self.classes[usize::from(u)];
            let next = self.values.len() as u32;
            if next > MOST {
                return;
            }
            let child = if depth == 0 {
                let slot = &mut self.root[usize::from(class)];
                if *slot == NONE {
                    *slot = next;
                }
                *slot
            } else {
                let key = key(node, class);
                let slot = self.slot(key);
                if self.edges[slot] == 0 {
                    self.edges[slot] = key | u64::from(next);
                }
                child(self.edges[slot])
            };
            if child == next {
                self.values.push(NONE);
            }
            node = child;
        }
        self.values[node as usize] = value;
    }

    fn slot(&self, key: u64) -> usize {
        let mut at = ((key >> 24).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize & self.mask;
        while self.edges[at] != 0 && self.edges[at] & !u64::from(MOST) != key {
            at = (at + 1) & self.mask;
        }
        at
    }

    /// Gives the first place at or after `from` where a spelling may begin, or the length of `units`.
    #[inline]
    pub(super) fn next(&self, units: &[u16], from: usize) -> usize {
        if self.single {
            return from;
        }
        let rest = units.get(from..).unwrap_or(&[]);
        let may_begin = |two: &[u16]| {
            let (word, bit) = pair(two[0], two[1]);
            self.pairs[word] & bit != 0
        };
        rest.windows(2).position(may_begin).map_or(units.len(), |at| from + at)
    }

    /// Calls `found` with length and value of each spelling at the beginning of `units`, shortest first.
    #[inline]
    pub(super) fn walk(&self, units: &[u16], mut found: impl FnMut(usize, Value)) {
        let Some(&first) = units.first() else { return };
        let (word, bit) = pair(first, units.get(1).copied().unwrap_or(0));
        if self.pairs[word] & bit == 0 && !self.single {
            return;
        }
        let mut node = self.root[usize::from(self.classes[usize::from(first)])];
        let mut depth = 1;
        while node != NONE {
            let value = self.values[node as usize];
            if value != NONE {
                found(depth, value);
            }
            let Some(&u) = units.get(depth) else { return };
            let class = self.classes[usize::from(u)];
            if class == 0 {
                return;
            }
            match self.edges[self.slot(key(node, class))] {
                0 => return,
                edge => node = child(edge),
            }
            depth += 1;
        }
    }
}

/// The last node there may be; a spelling that needs further ones is not found. Sixteen million characters of names are
/// more than any site has.
const MOST: u32 = (1 << 24) - 1;

/// The part of an edge that says where it begins and what it is.
fn key(node: u32, class: u16) -> u64 {
    u64::from(node) << 40 | u64::from(class) << 24
}

/// Where an edge leads.
fn child(edge: u64) -> u32 {
    edge as u32 & MOST
}

#[cfg(test)]
mod tests {
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
        assert_eq!((trie.next(&units, 0), trie.next(&units, 2), trie.next(&units, 5)), (1, 4, 6));
        assert_eq!(at(&trie, ""), []);
        assert_eq!(at(&TrieBuilder::default().build(), "兰州"), []);
        let mut builder = TrieBuilder::default();
        builder.add("宁", 7);
        builder.add("宁夏", 8);
        let trie = builder.build();
        assert_eq!(at(&trie, "宁"), [(1, 7)]);
        assert_eq!(at(&trie, "宁夏"), [(1, 7), (2, 8)]);
    }
}
