//! Tells which doubtful characters need words to be decided, by what stands beside them.
//!
//! Takes a character's flags and the codes of those around it. Most doubtful characters stand beside none with which a
//! word or a rule would write them otherwise; no clause is cut for them.

use std::sync::LazyLock;

use super::bits::{Bits, pair};
use super::cells::Cell;
use super::lexicon::{Lexicon, lexicon};
use super::rules;

/// A code that no character has, for digits: what stands behind a number may be a measure.
const DIGIT: u16 = u16::MAX;

/// Pairs of codes of which a word or a rule may write one otherwise than usual.
static PAIRS: LazyLock<Bits> = LazyLock::new(|| {
    let lexicon = lexicon();
    let mut pairs = Bits::new(1 << 19);
    lexicon.bent(|before, behind| pairs.put(pair(before, behind)));
    let code = |c: char| if c.is_ascii_digit() { DIGIT } else { lexicon.code(c) };
    rules::neighbours(|before, behind| pairs.put(pair(before.map_or(0, code), behind.map_or(0, code))));
    pairs
});

/// What is known of doubts.
pub(super) struct Doubt {
    pairs: &'static Bits,
    lexicon: &'static Lexicon,
}

impl Doubt {
    pub(super) fn new() -> Self {
        Doubt { pairs: &PAIRS, lexicon: lexicon() }
    }

    /// Tells whether a word or a rule may write a doubtful character otherwise than it is written by itself; rather yes
    /// than no.
    ///
    /// `code` gives the codes of the characters so many steps away, in the clause and before it; `counted` tells whether
    /// a digit stands before the character.
    #[inline]
    pub(super) fn stays(&self, flags: u16, counted: bool, code: impl Fn(isize) -> u16) -> bool {
        let (own, behind) = (code(0), code(1));
        let before = if counted { DIGIT } else { code(-1) };
        if flags & Cell::UNFOLDED != 0 || self.pairs.has(pair(before, own)) || self.pairs.has(pair(own, behind)) {
            return true;
        }
        let named = |at: isize| self.lexicon.may_name(code(at), code(at + 1), code(at + 2));
        flags & Cell::NAMED != 0 && (named(0).is_some() || named(-1).is_some() || named(-2).is_some_and(|len| len > 2))
    }
}
