//! Inside one article: a text pasted twice, a lead repeated.
//!
//! Works on blocks (paragraphs or lines) and compares them folded. Of each block that stands there again later, one is kept: the last of a
//! repeated lead, since the lead belongs to the text that goes on after it, the first of a text pasted twice.

use std::collections::BTreeMap;
use std::ops::Range;

use super::fold;

/// What to leave out of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubled {
    /// Byte ranges of the body, in order, none touching the next.
    pub drop: Vec<Range<usize>>,
    /// What was found.
    pub shape: Shape,
}

/// How a text repeats itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The whole text, or nearly, stands there again.
    Pasted,
    /// The beginning stands there again.
    Lead,
}

/// Folded characters a repeated stretch must have: slogans and captions may be repeated on purpose.
const STRETCH: usize = 40;

/// Finds what one body holds more than once; `None` for a text that says everything once.
pub fn inside(body: &str) -> Option<Doubled> {
    let blocks = blocks(body);
    let mut first: BTreeMap<&[char], usize> = BTreeMap::new();
    let mut repeats: Vec<(usize, usize)> = Vec::new();
    for (at, (_, folded)) in blocks.iter().enumerate().filter(|(_, b)| b.1.len() >= 4) {
        match first.get(folded.as_slice()) {
            Some(&earlier) => repeats.push((earlier, at)),
            None => drop(first.insert(folded, at)),
        }
    }
    let length = |at: usize| blocks[at].1.len();
    let repeated: usize = repeats.iter().map(|r| length(r.1)).sum();
    if repeated < STRETCH {
        return None;
    }
    let drop = repeats.iter().map(|r| blocks[r.1].0.clone()).collect();
    Some(Doubled { drop, shape: Shape::Pasted })
}

/// The lines of a body that say something, as byte ranges and folded.
fn blocks(body: &str) -> Vec<(Range<usize>, Vec<char>)> {
    let mut at = 0;
    let mut out = Vec::new();
    for line in body.split_inclusive('\n') {
        let range = at..at + line.len();
        at = range.end;
        let folded = fold::comparable(line);
        if !folded.is_empty() {
            out.push((range, folded));
        }
    }
    out
}
