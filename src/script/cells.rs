//! What each character means to one conversion: what it becomes by itself, and whether that needs a second look.
//!
//! Takes a target and an origin; gives a table by code point, made when first wanted. Knows nothing of words.

use std::sync::OnceLock;

use super::chars::{fold_char, is_han, is_hans_only, is_hant_only};
use super::core::quote;
use super::lexicon::{Lexicon, lexicon};
use super::names;
use super::opencc::OpenCc;
use super::output::{length, pack};
use super::{Origin, Region, Target};

/// What one character means.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cell {
    /// What it becomes by itself, packed.
    pub(super) text: u32,
    /// Its code in the lexicon, after folding.
    pub(super) code: u16,
    pub(super) flags: u16,
}

impl Cell {
    /// Words are made of such characters.
    pub(super) const WORDY: u16 = 1;
    /// To Traditional: written in more than one way. To Simplified: some phrase writes it otherwise than usual.
    pub(super) const DOUBTFUL: u16 = 2;
    /// A phrase for Simplified may begin here.
    pub(super) const PHRASE: u16 = 4;
    /// To Traditional: doubtful, and it stands otherwise than folded.
    pub(super) const UNFOLDED: u16 = 8;
    /// To Traditional: doubtful, and written otherwise in names of people.
    pub(super) const NAMED: u16 = 16;
    /// A quotation mark of the other script.
    pub(super) const QUOTE: u16 = 32;
    /// Not as long as what it becomes by itself.
    pub(super) const UNEVEN: u16 = 64;
}

/// The cells of one conversion.
pub(super) struct Cells {
    target: Target,
    origin: Origin,
    near: Box<[Cell]>,
}

static CELLS: [OnceLock<Cells>; 9] = [const { OnceLock::new() }; 9];

impl Cells {
    /// Returns the table of a conversion; `origin` must be settled.
    pub(super) fn of(target: Target, origin: Origin) -> &'static Cells {
        let row = match target {
            Target::Hans => 0,
            Target::Hant(Region::Tw) => 1,
            Target::Hant(Region::Hk) => 2,
        };
        let column = match origin {
            Origin::Hans => 0,
            Origin::Hant => 1,
            Origin::Auto | Origin::Mixed => 2,
        };
        CELLS[row * 3 + column].get_or_init(|| {
            let of = |point: u32| char::from_u32(point).map_or_else(Cell::default, |c| cell(target, origin, c));
            Cells { target, origin, near: (0..0x1_0000).map(of).collect() }
        })
    }

    /// Returns the cell of a code point of the first plane.
    #[inline(always)]
    pub(super) fn near(&self, point: u32) -> Cell {
        self.near.get(point as usize).copied().unwrap_or_default()
    }

    /// Returns the cell of a character.
    #[inline(always)]
    pub(super) fn get(&self, c: char) -> Cell {
        match self.near.get(c as usize) {
            Some(cell) => *cell,
            None => self.far(c),
        }
    }

    #[cold]
    fn far(&self, c: char) -> Cell {
        cell(self.target, self.origin, c)
    }
}

fn cell(target: Target, origin: Origin, c: char) -> Cell {
    // Neither below the radicals nor between the characters and their compatibility forms is anything converted.
    if c < '\u{2e80}' || ('\u{a000}'..'\u{f900}').contains(&c) || ('\u{fb00}'..='\u{ffff}').contains(&c) {
        return Cell { text: pack(c), code: 0, flags: flag(quote(c, target).is_some(), Cell::QUOTE) };
    }
    let lexicon = lexicon();
    let code = lexicon.code(c);
    let wordy = code != 0 || is_han(c);
    let (to, more) = match target {
        Target::Hans => {
            let doubtful = lexicon.special.binary_search(&c).is_ok();
            let looked_at = origin != Origin::Hans;
            let shown = if doubtful { c } else { lexicon.hans(c) };
            let phrase = looked_at && lexicon.phrases.contains_key(&shown);
            (simplified(lexicon, origin, c), flag(looked_at && doubtful, Cell::DOUBTFUL) | flag(phrase, Cell::PHRASE))
        }
        Target::Hant(_) => {
            let folded = fold_char(c);
            let more = flag(folded != c, Cell::UNFOLDED) | flag(names::form(folded).is_some(), Cell::NAMED);
            let doubtful = flag(lexicon.is_doubtful(code), Cell::DOUBTFUL | more);
            (regional(target, traditional(lexicon, origin, c)), doubtful)
        }
    };
    let (own, text) = (pack(c), if wordy { pack(to) } else { pack(c) });
    let uneven = flag(length(own) != length(text), Cell::UNEVEN);
    let quote = flag(quote(c, target).is_some(), Cell::QUOTE);
    Cell { text, code, flags: flag(wordy, Cell::WORDY) | more | uneven | quote }
}

/// Returns a flag that is set, or not.
fn flag(on: bool, flag: u16) -> u16 {
    if on { flag } else { 0 }
}

fn simplified(lexicon: &Lexicon, origin: Origin, c: char) -> char {
    if origin == Origin::Hans && !is_odd_in_hans(c) { c } else { lexicon.hans(c) }
}

/// Returns the usual Taiwan form of a character.
///
/// In declared Traditional text a character that both scripts have is right as it stands: 皇后.
pub(super) fn traditional(lexicon: &Lexicon, origin: Origin, c: char) -> char {
    let stands = origin == Origin::Hant && fold_char(c) == c && !is_hans_only(c);
    if stands { c } else { lexicon.hant(c) }
}

/// Tells whether no Simplified text is written with a character.
pub(super) fn is_odd_in_hans(c: char) -> bool {
    is_hant_only(c) || matches!(c, '\u{2e80}'..='\u{2fdf}' | '\u{f900}'..='\u{faff}')
}

/// Returns what the region writes for a Taiwan form; nothing that only Simplified text has comes out.
pub(super) fn regional(target: Target, c: char) -> char {
    local(target, if is_hans_only(c) { lexicon().hant(fold_char(c)) } else { c })
}

/// The same for a character that a word is known to be written with: 并州 keeps what otherwise only Simplified text has.
pub(super) fn local(target: Target, c: char) -> char {
    if target != Target::Hant(Region::Hk) {
        return c;
    }
    static PAIRS: OnceLock<Vec<(char, char)>> = OnceLock::new();
    let pairs = PAIRS.get_or_init(hong_kong);
    pairs.binary_search_by_key(&c, |p| p.0).map_or(c, |at| pairs[at].1)
}

/// What Hong Kong writes for a Taiwan form, sorted: OpenCC's Taiwan table backwards, then its Hong Kong one.
fn hong_kong() -> Vec<(char, char)> {
    let (Some(back), Some(on)) = (OpenCc::named("tw2t"), OpenCc::named("t2hk")) else { return Vec::new() };
    // All of them in one text, a line each.
    let all: String = ('\u{4e00}'..='\u{9fff}').filter(|&c| c != '著').flat_map(|c| [c, '\n']).collect();
    let written = on.convert(&back.convert(&all));
    let chars = all.lines().zip(written.lines()).filter_map(|(c, hk)| Some((c.chars().next()?, hk.chars().next()?)));
    let mut pairs: Vec<(char, char)> = chars.filter(|(c, hk)| c != hk).collect();
    pairs.push(('著', '着'));
    pairs.sort_unstable();
    pairs
}
