//! How a stretch of Chinese falls into words, and how unusual they are.
//!
//! Knows no sentences: words count by their own frequency, and the cut with the least cost wins. For what must tell a
//! word from characters that only stand beside each other.

use super::lexicon::lexicon;

/// The longest word that is looked up, in characters.
const LONGEST: usize = 12;

/// A word: where it begins and how long it is, in characters, and its cost, about eight times the negative natural
/// logarithm of its frequency; 147 for a character nothing is known of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// Index of its first character.
    pub start: usize,
    /// Characters.
    pub length: usize,
    /// The rarer, the higher.
    pub cost: u32,
}

/// Cuts a text into words.
///
/// ```
/// let text: Vec<char> = "建设科技创新基地".chars().collect();
/// let words = jianfan::script::cost::words(&text);
/// assert!(words.iter().all(|word| word.length >= 2));
/// ```
pub fn words(text: &[char]) -> Vec<Word> {
    let lexicon = lexicon();
    let codes: Vec<u16> = text.iter().map(|c| lexicon.code(*c)).collect();
    // Per position: the least cost of the text up to it, and the last word of that cut.
    let mut best: Vec<(u32, Word)> = vec![(u32::MAX, Word { start: 0, length: 0, cost: 0 }); text.len() + 1];
    best[0].0 = 0;
    for start in 0..text.len() {
        let before = best[start].0;
        let mut take = |length: usize, cost: u32| {
            let total = before.saturating_add(cost);
            if total < best[start + length].0 {
                best[start + length] = (total, Word { start, length, cost });
            }
        };
        take(1, lexicon.single(codes[start]));
        lexicon.words(codes[start..].iter().copied().take(LONGEST), |length, _, cost| take(length, cost));
    }
    let mut words = Vec::new();
    let mut end = text.len();
    while end > 0 {
        let word = best[end].1;
        words.push(word);
        end = word.start;
    }
    words.reverse();
    words
}
