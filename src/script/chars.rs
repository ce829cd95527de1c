//! Facts about single characters: which script they belong to, what they fold to.
//!
//! Takes a character, gives a fact. The facts come from OpenCC's character tables (`data/opencc/chars.bin`).

static BLOB: &[u8] = include_bytes!("../../data/opencc/chars.bin");

const HANS_ONLY: u8 = 1;
const HANT_ONLY: u8 = 2;

/// The first plane, where nearly all text is.
const PLANE: usize = 0x1_0000;

/// Folded forms of the first plane; 0: the character itself. Made by the compiler: every text of a site is folded
/// several times, and a table that need not be made is one load.
static FOLD: [u16; PLANE] = fold_table();

/// Folds to a character outside the first plane: see [`FAR`].
const ELSEWHERE: u16 = 0xffff;

/// Flags of the first plane.
static FLAGS: [u8; PLANE] = flag_table();

/// Pairs of which one is outside the first plane, sorted.
static FAR: [(u32, u32); PAIRS.far] = far_pairs();

/// Characters outside the first plane with a flag, sorted by flag, then by character.
static FAR_FLAGS: [(u8, u32); HANS.far + HANT.far] = far_flags();

/// A list in the file: where it begins, how many it holds, and how many of them concern other planes.
#[derive(Clone, Copy)]
struct Stretch {
    start: usize,
    count: usize,
    far: usize,
}

const HANS: Stretch = stretch(0, 1);
const HANT: Stretch = stretch(HANS.start + 4 * HANS.count, 1);
const PAIRS: Stretch = stretch(HANT.start + 4 * HANT.count, 2);

const fn word(at: usize) -> u32 {
    u32::from_le_bytes([BLOB[at], BLOB[at + 1], BLOB[at + 2], BLOB[at + 3]])
}

/// Measures the list of tuples of `width` words that begins with its length at `at`.
const fn stretch(at: usize, width: usize) -> Stretch {
    let (start, count) = (at + 4, word(at) as usize);
    let mut far = 0;
    let mut tuple = 0;
    while tuple < count {
        let first = start + 4 * width * tuple;
        far += (word(first) as usize >= PLANE || word(first + 4 * (width - 1)) as usize >= PLANE) as usize;
        assert!(width > 1 || tuple == 0 || word(first - 4) < word(first), "lists of characters are sorted");
        tuple += 1;
    }
    Stretch { start, count, far }
}

const fn flag_table() -> [u8; PLANE] {
    let mut table = [0; PLANE];
    let mut list = 0;
    while list < 2 {
        let (stretch, flag) = if list == 0 { (HANS, HANS_ONLY) } else { (HANT, HANT_ONLY) };
        let mut at = 0;
        while at < stretch.count {
            let c = word(stretch.start + 4 * at) as usize;
            if c < PLANE {
                table[c] |= flag;
            }
            at += 1;
        }
        list += 1;
    }
    table
}

const fn far_flags() -> [(u8, u32); HANS.far + HANT.far] {
    let mut far = [(0, 0); HANS.far + HANT.far];
    let (mut done, mut list) = (0, 0);
    while list < 2 {
        let (stretch, flag) = if list == 0 { (HANS, HANS_ONLY) } else { (HANT, HANT_ONLY) };
        let mut at = stretch.count - stretch.far;
        while at < stretch.count {
            far[done] = (flag, word(stretch.start + 4 * at));
            done += 1;
            at += 1;
        }
        list += 1;
    }
    far
}

const fn fold_table() -> [u16; PLANE] {
    let mut table = [0; PLANE];
    let mut at = 0;
    while at < PAIRS.count {
        let (from, to) = (word(PAIRS.start + 8 * at) as usize, word(PAIRS.start + 8 * at + 4));
        if from < PLANE {
            table[from] = if (to as usize) < ELSEWHERE as usize { to as u16 } else { ELSEWHERE };
        }
        at += 1;
    }
    table
}

const fn far_pairs() -> [(u32, u32); PAIRS.far] {
    let mut far = [(0, 0); PAIRS.far];
    let (mut done, mut at) = (0, 0);
    while at < PAIRS.count {
        let (from, to) = (word(PAIRS.start + 8 * at), word(PAIRS.start + 8 * at + 4));
        if from as usize >= PLANE || to as usize >= PLANE {
            // The file holds a few sorted lists one after another, so little moves.
            let mut place = done;
            while place > 0 && far[place - 1].0 > from {
                far[place] = far[place - 1];
                place -= 1;
            }
            far[place] = (from, to);
            done += 1;
        }
        at += 1;
    }
    far
}

#[inline]
fn flags(c: char) -> u8 {
    match FLAGS.get(c as usize) {
        Some(&flags) => flags,
        None => [HANS_ONLY, HANT_ONLY]
            .into_iter()
            .filter(|&flag| FAR_FLAGS.binary_search(&(flag, c as u32)).is_ok())
            .fold(0, |all, flag| all | flag),
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

/// The same for a code point of the first plane.
#[inline(always)]
pub(super) fn only_near(point: u32) -> (bool, bool) {
    let flags = FLAGS.get(point as usize).copied().unwrap_or(0);
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
#[inline]
pub fn fold_char(c: char) -> char {
    match FOLD.get(c as usize) {
        Some(0) => c,
        Some(&folded) if folded != ELSEWHERE => char::from_u32(u32::from(folded)).unwrap_or(c),
        _ => fold_far(c),
    }
}

#[cold]
fn fold_far(c: char) -> char {
    match FAR.binary_search_by_key(&(c as u32), |pair| pair.0) {
        Ok(at) => char::from_u32(FAR[at].1).unwrap_or(c),
        Err(_) => c,
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
    fn knows_other_planes() {
        assert_eq!(fold_char('\u{35f2}'), '\u{20d7e}');
        assert!(FAR.is_sorted_by(|a, b| a.0 < b.0) && FAR_FLAGS.is_sorted());
        assert!(FAR.iter().all(|&(from, to)| char::from_u32(from).map(fold_char) == char::from_u32(to)));
        assert!(FAR_FLAGS.iter().all(|&(flag, c)| char::from_u32(c).is_some_and(|c| flags(c) & flag != 0)));
        assert!(!is_hans_only('\u{10ffff}') && fold_char('\u{10ffff}') == '\u{10ffff}');
    }

    #[test]
    fn knows_the_script_of_a_character() {
        assert!(is_hans_only('发') && is_hant_only('發') && !is_hans_only('后') && !is_hant_only('后'));
        assert!(!is_hans_only('a') && !is_hant_only('里'));
    }
}
