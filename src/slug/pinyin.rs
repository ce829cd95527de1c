//! Readings of Chinese characters, chosen by the words they stand in.
//!
//! The tables are used in place; `tools/pinyin/build.py` makes them and describes their layout.

use std::sync::LazyLock;

/// The tables; data/pinyin says where they come from.
static BLOB: &[u8] = include_bytes!("../../data/pinyin/tables.bin");

const FIRST: u32 = 0x3400;

const SECTIONS: usize = 6;

/// The longest word of the tables, in characters.
const LONGEST_WORD: usize = 12;

struct Tables {
    syllables: Vec<&'static str>,
    readings: &'static [u8],
    folding: &'static [u8],
    index: &'static [u8],
    words: &'static [u8],
    costs: &'static [u8],
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let mut at = 4 + SECTIONS * 4;
    let mut sections = (0..SECTIONS).map(|n| {
        let length = u32_at(BLOB, 4 + 4 * n) as usize;
        let section = BLOB.get(at..at + length).unwrap_or_default();
        at += length;
        section
    });
    let mut next = || sections.next().unwrap_or_default();
    let syllables = std::str::from_utf8(next()).unwrap_or_default().split('\n').collect();
    Tables { syllables, readings: next(), folding: next(), index: next(), words: next(), costs: next() }
});

/// Tells whether a character has a reading.
pub(super) fn is_known(c: char) -> bool {
    c == '〇' || TABLES.number(fold(c)) != 0
}

/// Reads a run of characters, one syllable each; unknown ones are left out.
pub(super) fn read(run: &[char]) -> Vec<&'static str> {
    let run: Vec<char> = run.iter().map(|&c| fold(c)).collect();
    let mut best = vec![Step { cost: u32::MAX, word: None, from: 0 }; run.len() + 1];
    best[0].cost = 0;
    for from in 0..run.len() {
        let cost = best[from].cost;
        improve(&mut best, from + 1, Step { cost: cost + TABLES.cost(run[from]), word: None, from });
        for word in TABLES.words_at(&run[from..]) {
            improve(&mut best, from + word.length, Step { cost: cost + word.cost, word: Some(word), from });
        }
    }
    let mut numbers: Vec<u16> = run.iter().map(|&c| TABLES.number(c)).collect();
    let mut at = run.len();
    while at > 0 {
        let step = best[at];
        if let Some(word) = step.word {
            for odd in word.odd.chunks_exact(3) {
                if let Some(number) = numbers.get_mut(step.from + usize::from(odd[0])) {
                    *number = u16::from_le_bytes([odd[1], odd[2]]);
                }
            }
        }
        at = step.from;
    }
    numbers.into_iter().zip(run).filter_map(|(number, c)| TABLES.syllable(number, c)).collect()
}

/// The cheapest way to a place in the run: its last word, and where that begins.
#[derive(Clone, Copy)]
struct Step {
    cost: u32,
    word: Option<Word>,
    from: usize,
}

fn improve(best: &mut [Step], at: usize, step: Step) {
    // Ties keep the way found first, from the longer last word.
    if let Some(known) = best.get_mut(at)
        && step.cost < known.cost
    {
        *known = step;
    }
}

/// A word of the tables: its length in characters, its cost, and the readings in which it departs from the plain ones.
#[derive(Clone, Copy)]
struct Word {
    length: usize,
    cost: u32,
    odd: &'static [u8],
}

impl Tables {
    fn number(&self, c: char) -> u16 {
        slot(c).map_or(0, |slot| u16_at(self.readings, slot * 2))
    }

    /// Gives what a character costs that stands in no listed word.
    fn cost(&self, c: char) -> u32 {
        slot(c).and_then(|slot| self.costs.get(slot)).map_or(u32::from(u8::MAX), |&cost| u32::from(cost))
    }

    fn syllable(&self, number: u16, c: char) -> Option<&'static str> {
        match usize::from(number).checked_sub(1) {
            Some(at) => self.syllables.get(at).copied(),
            None => (c == '〇').then_some("ling"),
        }
    }

    /// Gives the words a run begins with.
    fn words_at<'a>(&self, run: &'a [char]) -> impl Iterator<Item = Word> + use<'a> {
        let mut rest = self.bucket(run.first().copied().unwrap_or('\0'));
        std::iter::from_fn(move || {
            while let [length, cost, odd, after @ ..] = rest {
                let (length, odd) = (usize::from(*length), usize::from(*odd) * 3);
                let (odd, after) = after.split_at_checked(odd)?;
                let (chars, after) = after.split_at_checked(length.checked_sub(1)? * 2)?;
                rest = after;
                let spelled = chars.chunks_exact(2).map(|pair| u32::from(u16::from_le_bytes([pair[0], pair[1]])));
                if length <= run.len().min(LONGEST_WORD) && spelled.eq(run[1..length].iter().map(|&c| c as u32)) {
                    return Some(Word { length, cost: u32::from(*cost), odd });
                }
            }
            None
        })
    }

    /// Gives the words that begin with a character.
    fn bucket(&self, first: char) -> &'static [u8] {
        let entry = |n: usize| (u32::from(u16_at(self.index, n * 6)), u32_at(self.index, n * 6 + 2) as usize);
        let count = self.index.len() / 6;
        let Some(at) = search(count, first as u32, |n| entry(n).0) else { return &[] };
        let end = if at + 1 < count { entry(at + 1).1 } else { self.words.len() };
        self.words.get(entry(at).1..end).unwrap_or_default()
    }
}

/// Gives the place of a character in the flat tables.
fn slot(c: char) -> Option<usize> {
    (c as u32).checked_sub(FIRST).map(|slot| slot as usize)
}

/// Turns a Traditional character to the Simplified one, for reading only.
fn fold(c: char) -> char {
    let table = TABLES.folding;
    let found = search(table.len() / 4, c as u32, |n| u32::from(u16_at(table, n * 4)));
    found.and_then(|at| char::from_u32(u32::from(u16_at(table, at * 4 + 2)))).unwrap_or(c)
}

/// Finds a key among `count` sorted ones.
fn search(count: usize, key: u32, at: impl Fn(usize) -> u32) -> Option<usize> {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low.midpoint(high);
        match at(middle).cmp(&key) {
            std::cmp::Ordering::Equal => return Some(middle),
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
        }
    }
    None
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |b| u16::from_le_bytes([b[0], b[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}
