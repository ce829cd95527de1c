//! Tells which doubtful characters need words to be decided, by what stands beside them.
//!
//! Takes a character's flags and the codes of those around it. Most doubtful characters stand beside none with which a
//! word or a rule would write them otherwise; no clause is cut for them.

use std::sync::LazyLock;

use super::bits::{Bits, pair};
use super::lexicon::{Lexicon, lexicon};
use super::rules;

/// A code that no character has, for digits: what stands behind a number may be a measure.
const DIGIT: u16 = u16::MAX;

static DOUBT: LazyLock<Doubt> = LazyLock::new(|| {
    let lexicon = lexicon();
    let (mut bent, mut ruled) = (Bits::new(1 << 19), Bits::new(1 << 17));
    let mut ahead = vec![0; lexicon.usual.len()];
    lexicon.bent(|codes, at| {
        codes[at.saturating_sub(1)..].windows(2).take(1 + at.min(1)).for_each(|p| bent.put(pair(p[0], p[1])));
        if let Some(ahead) = ahead.get_mut(usize::from(codes[at])) {
            *ahead = at.max(*ahead);
        }
    });
    let code = |c: char| if c.is_ascii_digit() { DIGIT } else { lexicon.code(c) };
    rules::neighbours(|before, behind| ruled.put(pair(before.map_or(0, code), behind.map_or(0, code))));
    Doubt { bent, ruled, ahead, lexicon }
});

/// What is known of doubts.
pub(super) struct Doubt {
    /// Pairs of codes that stand side by side in a word which writes one of them otherwise than usual.
    bent: Bits,
    /// Pairs of codes of which a rule may write one otherwise than usual.
    ruled: Bits,
    /// By code: how many characters stand before it, at most, in a word that writes it otherwise than usual.
    ahead: Vec<usize>,
    lexicon: &'static Lexicon,
}

/// Returns what is known of doubts, made on first use.
pub(super) fn doubt() -> &'static Doubt {
    &DOUBT
}

impl Doubt {
    /// Tells whether a word or a rule may write a doubtful character otherwise than it is written by itself; rather yes
    /// than no.
    ///
    /// `named` tells whether it is written otherwise in names, `counted` whether a digit stands before it; `code` gives
    /// the codes of the characters so many steps away, in the clause and before it.
    #[inline]
    pub(super) fn stays(&self, named: bool, counted: bool, code: impl Fn(isize) -> u16) -> bool {
        let (before, own, behind) = (code(-1), code(0), code(1));
        let ahead = if counted { DIGIT } else { before };
        if self.ruled.has(pair(ahead, own)) || self.ruled.has(pair(own, behind)) {
            return true;
        }
        let bent = self.bent.has(pair(before, own)) || self.bent.has(pair(own, behind));
        if bent && self.bends(own, &code) {
            return true;
        }
        let name = |at: isize| self.lexicon.may_name(code(at), code(at + 1), code(at + 2));
        named && (name(0).is_some() || name(-1).is_some() || name(-2).is_some_and(|len| len > 2))
    }

    /// Tells whether some word at a doubtful character writes it otherwise than usual.
    fn bends(&self, own: u16, code: &impl Fn(isize) -> u16) -> bool {
        let (Some(&ahead), Some(&usual)) = (self.ahead.get(usize::from(own)), self.lexicon.usual.get(usize::from(own)))
        else {
            return false;
        };
        let known = (1..=ahead).take_while(|&at| code(-(at as isize)) != 0).count();
        (0..=known).any(|at| self.lexicon.bends((-(at as isize)..).map(code), at, usual))
    }
}
