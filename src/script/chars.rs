//! Facts about single characters: which script they belong to, what they fold to.
//!
//! Takes a character, gives a fact. The facts come from OpenCC's character tables (`data/opencc/chars.bin`).

use std::sync::LazyLock;

use super::tables::Reader;

static BLOB: &[u8] = include_bytes!("../../data/opencc/chars.bin");

const HANS_ONLY: u8 = 1;
const HANT_ONLY: u8 = 2;

struct Table {
    /// Flags by code point, of the first plane.
    flags: Vec<u8>,
    /// Folded characters by code point, of the first plane; 0: itself, or see `far`.
    fold: Vec<u16>,
    /// The same for the other planes, and for results there, sorted.
    far: Vec<(char, char)>,
    /// Flags of the other planes, sorted.
    far_flags: Vec<(char, u8)>,
}

static TABLE: LazyLock<Table> = LazyLock::new(read);

fn read() -> Table {
    let mut table = Table { flags: vec![0; 0x1_0000], fold: vec![0; 0x1_0000], far: Vec::new(), far_flags: Vec::new() };
    let mut r = Reader::new(BLOB);
    for flag in [HANS_ONLY, HANT_ONLY] {
        let count = r.len();
        for c in r.u32s(count) {
            match table.flags.get_mut(c as usize) {
                Some(slot) => *slot |= flag,
                None => table.far_flags.extend(char::from_u32(c).map(|c| (c, flag))),
            }
        }
    }
    let count = r.len();
    let flat: Vec<u32> = r.u32s(count.saturating_mul(2)).collect();
    for pair in flat.chunks_exact(2) {
        match (table.fold.get_mut(pair[0] as usize), u16::try_from(pair[1])) {
            (Some(slot), Ok(folded)) => *slot = folded,
            _ => table.far.extend(char::from_u32(pair[0]).zip(char::from_u32(pair[1]))),
        }
    }
    table.far.sort_unstable();
    table.far_flags.sort_unstable();
    table
}

fn flags(c: char) -> u8 {
    let table = &*TABLE;
    match table.flags.get(c as usize) {
        Some(&flags) => flags,
        None => table.far_flags.binary_search_by_key(&c, |p| p.0).map_or(0, |at| table.far_flags[at].1),
    }
}

/// Tells whether a character is written in Simplified text only (OpenCC's tables change it whenever they convert).
pub fn is_hans_only(c: char) -> bool {
    flags(c) & HANS_ONLY != 0
}

/// Tells whether a character is written in Traditional text only.
pub fn is_hant_only(c: char) -> bool {
    flags(c) & HANT_ONLY != 0
}

/// Tells both at once: whether Simplified text only, and whether Traditional text only, writes a character.
#[inline]
pub(super) fn is_only(c: char) -> (bool, bool) {
    // Nothing below the radicals belongs to a script.
    let flags = if c < '\u{2e80}' { 0 } else { flags(c) };
    (flags & HANS_ONLY != 0, flags & HANT_ONLY != 0)
}

/// Folds a character for comparison: Traditional and regional forms, radicals and compatibility forms become the
/// Simplified character, every other character stays.
///
/// One character gives one character, so offsets in characters survive. It is no conversion: 乾 folds to 干 in 乾隆 too.
///
/// ```
/// use jianfan::script::fold_char;
/// assert_eq!("産業裏爲⼒⺠".chars().map(fold_char).collect::<String>(), "产业里为力民");
/// ```
pub fn fold_char(c: char) -> char {
    if c < '\u{2e80}' {
        return c;
    }
    let table = &*TABLE;
    match table.fold.get(c as usize) {
        Some(&folded) if folded != 0 => char::from_u32(u32::from(folded)).unwrap_or(c),
        _ if table.far.is_empty() => c,
        _ => table.far.binary_search_by_key(&c, |p| p.0).map_or(c, |at| table.far[at].1),
    }
}

/// Tells whether a character is a Chinese character.
pub(super) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{323af}' | '\u{f900}'..='\u{faff}'
        | '\u{3007}' | '\u{2e80}'..='\u{2fd5}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_both_scripts_to_one() {
        let pairs = [
            ("頭髮發現後面", "头发发现后面"),
            ("着急著名", "着急着名"),
            ("說説", "说说"),
            ("衞星内没温", "卫星内没温"),
        ];
        for (hant, hans) in pairs {
            let fold = |s: &str| s.chars().map(fold_char).collect::<String>();
            assert_eq!(fold(hant), fold(hans));
        }
    }

    #[test]
    fn knows_the_script_of_a_character() {
        assert!(is_hans_only('发') && is_hant_only('發') && !is_hans_only('后') && !is_hant_only('后'));
        assert!(!is_hans_only('a') && !is_hant_only('里'));
    }
}
