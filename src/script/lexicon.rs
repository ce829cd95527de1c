//! The words of Chinese news: how common they are, how each script writes them.
//!
//! Takes the bytes of `data/lexicon/lexicon.bin`, laid out by `tools/lexicon/build.py`; gives look-ups. Words are known
//! by folded characters, so both scripts find them. Knows nothing of sentences.
//!
//! Layout, little-endian, padded to four bytes: magic, format; the characters, most used first; by character the usual
//! Traditional form (bit 24: others exist), the cost as a word of its own and in names, the base of longer words; the double array;
//! the costs of words; the forms of words that are not written character by character; pairs of Traditional characters that Taiwan writes
//! otherwise; the phrases for Simplified; the words of the regions.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use super::bits::{Bits, pair};
use super::chars::fold_char;
use super::tables::{Codes, Reader, strings};

static BLOB: &[u8] = include_bytes!("../../data/lexicon/lexicon.bin");

/// The cost of a character that is no word: about that of one in a hundred million.
const UNKNOWN: u8 = 147;

/// The cost of what stands in no name.
const NO_NAME: u8 = u8::MAX;

/// What a character is in a person's name.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Family = 0,
    First = 1,
    Second = 2,
    Only = 3,
}

/// Bits for pairs of characters inside words: most pairs of neighbours that are in no word have none.
const INNER: usize = 1 << 21;

/// Returns the base of the node that a unit of the double array leads to, 0 for none.
#[inline(always)]
fn base(unit: u64) -> usize {
    (unit >> 16) as usize & 0xffff | ((unit >> 56) as usize) << 16
}

/// A phrase for Simplified: what it looks like, what it becomes.
pub(super) type Phrase = (Vec<char>, Vec<char>);

/// All that is known of words.
pub(super) struct Lexicon {
    /// By code point of the first plane: the code of the folded character.
    codes: Vec<u16>,
    far: Codes,
    /// By code.
    pub(super) usual: Vec<char>,
    doubtful: Vec<bool>,
    /// By code.
    folded: Vec<char>,
    single: Vec<u8>,
    /// By code: the costs as a family name, as the first or second of two given characters, as the only one.
    names: [Vec<u8>; 4],
    bases: Vec<u32>,
    units: Vec<u64>,
    /// By value.
    costs: &'static [u8],
    /// By value: which form, 0 for none.
    forms: Vec<u16>,
    /// The forms one behind the other, and where each begins.
    texts: Vec<char>,
    starts: Vec<u32>,
    /// Characters that some phrase for Simplified writes otherwise than usual.
    pub(super) special: Vec<char>,
    pub(super) phrases: BTreeMap<char, Vec<Phrase>>,
    /// Words of a region, what is replaced and what replaces it: Taiwan, Hong Kong, and backwards for both; then the
    /// same four for words that only software texts use so.
    pub(super) vocabulary: [Vec<(String, String)>; 8],
    /// See [`Lexicon::inner`].
    inner: OnceLock<Bits>,
    /// By code point of the first plane: the usual Traditional form, for characters of Simplified text.
    direct: Vec<u16>,
    /// By code point of the first plane: the usual Simplified form.
    hans: Vec<u16>,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| read().unwrap_or_else(empty));

/// Returns the lexicon, read on first use.
pub(super) fn lexicon() -> &'static Lexicon {
    &LEXICON
}

fn empty() -> Lexicon {
    Lexicon {
        codes: vec![0; 0x1_0000],
        far: Codes::new(&[]),
        usual: vec!['\0'],
        doubtful: vec![false],
        folded: vec!['\0'],
        single: vec![UNKNOWN],
        names: [const { Vec::new() }; 4].map(|_: Vec<u8>| vec![NO_NAME]),
        bases: vec![0],
        units: Vec::new(),
        costs: &[],
        forms: vec![0],
        texts: Vec::new(),
        starts: vec![0],
        special: Vec::new(),
        phrases: BTreeMap::new(),
        vocabulary: [const { Vec::new() }; 8],
        inner: OnceLock::new(),
        direct: vec![0; 0x1_0000],
        hans: vec![0; 0x1_0000],
    }
}

fn read() -> Option<Lexicon> {
    let mut l = empty();
    let mut r = Reader::new(BLOB);
    if r.bytes(8) != b"JFLEXICO" || r.u32() != 3 {
        return None;
    }
    let count = r.len();
    let chars: Vec<u32> = r.u32s(count).collect();
    l.folded.extend(chars.iter().map(|&c| char::from_u32(c).unwrap_or('\0')));
    for usual in r.u32s(count) {
        l.usual.push(char::from_u32(usual & 0xff_ffff).unwrap_or('\0'));
        l.doubtful.push(usual >> 24 != 0);
    }
    l.single.extend_from_slice(r.bytes(count));
    for table in &mut l.names {
        table.extend_from_slice(r.bytes(count));
    }
    l.bases.extend(r.u32s(count));
    let count = r.len();
    l.units = r.u64s(count).chunks_exact(8).map(|b| b.first_chunk().map_or(0, |b| u64::from_le_bytes(*b))).collect();
    let count = r.len();
    l.costs = r.bytes(count);
    l.forms = vec![0; count + 1];
    let count = r.len();
    for (i, value) in r.u32s(count).enumerate() {
        if let Some(slot) = l.forms.get_mut(value as usize) {
            *slot = u16::try_from(i + 1).unwrap_or(0);
        }
    }
    for text in strings(r.pool()) {
        l.texts.extend(std::str::from_utf8(text).unwrap_or("").chars());
        l.starts.push(u32::try_from(l.texts.len()).unwrap_or(u32::MAX));
    }
    let count = r.len();
    let flat: Vec<char> = r.u32s(count.saturating_mul(2)).map(|c| char::from_u32(c).unwrap_or('\0')).collect();
    let norm: BTreeMap<char, char> = flat.chunks_exact(2).map(|p| (p[0], p[1])).collect();
    let count = r.len();
    l.special = r.u32s(count).filter_map(char::from_u32).collect();
    let (patterns, forms) = (texts(&mut r), texts(&mut r));
    for list in &mut l.vocabulary {
        let (from, to) = (r.pool(), r.pool());
        let owned = |s: &[u8]| String::from_utf8_lossy(s).into_owned();
        list.extend(strings(from).map(owned).zip(strings(to).map(owned)));
    }
    for (pattern, form) in patterns.into_iter().zip(forms) {
        if let Some(&first) = pattern.first() {
            l.phrases.entry(first).or_default().push((pattern, form));
        }
    }
    l.phrases.values_mut().for_each(|list| list.sort_by_key(|(pattern, _)| std::cmp::Reverse(pattern.len())));
    l.far = Codes::new(&chars);
    l.fill_direct(&norm);
    Some(l)
}

fn texts(r: &mut Reader) -> Vec<Vec<char>> {
    strings(r.pool()).map(|s| std::str::from_utf8(s).unwrap_or("").chars().collect()).collect()
}

impl Lexicon {
    /// Fills what is looked up by character rather than by folded character; `norm` has what Taiwan writes otherwise.
    fn fill_direct(&mut self, norm: &BTreeMap<char, char>) {
        // Radicals, characters, compatibility forms; nothing else belongs to a script.
        for point in (0x2e80..0x2fe0u32).chain(0x3000..0x3010).chain(0x3400..0xa000).chain(0xf900..0xfb00) {
            let Some(c) = char::from_u32(point) else { continue };
            let folded = fold_char(c);
            let code = self.far.of(folded as u32);
            self.codes[point as usize] = code;
            let own = if folded == c { self.usual[usize::from(code)] } else { '\0' };
            let hant = if own != '\0' { own } else { norm.get(&c).copied().unwrap_or(c) };
            self.direct[point as usize] = u16::try_from(hant as u32).unwrap_or(0);
            let hans = if matches!(c, '祇' | '覆' | '藉') { c } else { folded };
            self.hans[point as usize] = u16::try_from(hans as u32).unwrap_or(0);
        }
    }

    /// Shows the codes of each word that writes a character otherwise than usual, with the place of that character.
    pub(super) fn bent(&self, mut show: impl FnMut(&[u16], usize)) {
        let mut codes = Vec::new();
        for span in self.starts.windows(2) {
            let text = self.texts.get(span[0] as usize..span[1] as usize).unwrap_or(&[]);
            codes.clear();
            codes.extend(text.iter().map(|&c| self.code(c)));
            for (at, c) in text.iter().enumerate() {
                if self.usual.get(usize::from(codes[at])) != Some(c) {
                    show(&codes, at);
                }
            }
        }
    }

    /// Tells whether a word that `codes` begins with writes the character at a place otherwise than usual.
    pub(super) fn bends(&self, codes: impl Iterator<Item = u16>, at: usize, usual: char) -> bool {
        let mut bends = false;
        self.words(codes, |len, value, _| bends |= len > at && self.form(value).is_some_and(|form| form[at] != usual));
        bends
    }

    /// Returns the code of a character after folding, 0 if no word has it.
    #[inline]
    pub(super) fn code(&self, c: char) -> u16 {
        match self.codes.get(c as usize) {
            Some(&code) => code,
            None => self.far.of(fold_char(c) as u32),
        }
    }

    /// The same for a code point of the first plane.
    #[inline(always)]
    pub(super) fn code_near(&self, point: usize) -> u16 {
        self.codes.get(point).copied().unwrap_or(0)
    }

    /// Returns a folded character by its code; `c` is what stands there, for what has none.
    #[inline]
    pub(super) fn folded(&self, code: u16, c: char) -> char {
        match self.folded.get(usize::from(code)) {
            Some(&folded) if code != 0 => folded,
            _ => fold_char(c),
        }
    }

    /// Tells whether a character can be written in more than one way.
    #[inline]
    pub(super) fn is_doubtful(&self, code: u16) -> bool {
        self.doubtful.get(usize::from(code)).copied().unwrap_or(false)
    }

    /// Returns the usual Taiwan form of a character as it stands: 发 to 發, 爲 to 為, 髮 to itself.
    #[inline]
    pub(super) fn hant(&self, c: char) -> char {
        match self.direct.get(c as usize) {
            Some(&form) if form != 0 => char::from_u32(u32::from(form)).unwrap_or(c),
            _ if fold_char(c) != c => c,
            _ => match self.usual.get(usize::from(self.far.of(c as u32))) {
                Some(&form) if form != '\0' => form,
                _ => c,
            },
        }
    }

    /// Returns the usual Simplified form of a character.
    #[inline]
    pub(super) fn hans(&self, c: char) -> char {
        match self.hans.get(c as usize) {
            Some(&form) if form != 0 => char::from_u32(u32::from(form)).unwrap_or(c),
            _ => fold_char(c),
        }
    }

    /// Returns the cost of a character as a word of its own.
    #[inline]
    pub(super) fn single(&self, code: u16) -> u32 {
        u32::from(self.single.get(usize::from(code)).copied().unwrap_or(UNKNOWN)).max(1)
    }

    /// Returns the cost of a character as a part of a person's name, if it can be that.
    #[inline]
    pub(super) fn name(&self, part: Part, code: u16) -> Option<u32> {
        let cost = self.names[part as usize].get(usize::from(code)).copied().unwrap_or(NO_NAME);
        (cost != NO_NAME).then_some(u32::from(cost))
    }

    /// Returns how many characters a name of a person that begins with these codes may have, if it may be one; rather
    /// more than fewer.
    #[inline]
    pub(super) fn may_name(&self, first: u16, second: u16, third: u16) -> Option<usize> {
        self.name(Part::Family, first)?;
        if self.name(Part::First, second).is_some() && self.name(Part::Second, third).is_some() {
            return Some(3);
        }
        self.name(Part::Only, second).map(|_| 2)
    }

    /// Returns the pairs of codes that stand side by side in some word, as [`pair`] makes one number of them; some more
    /// are in it. Made when first wanted.
    pub(super) fn inner(&self) -> &Bits {
        self.inner.get_or_init(|| {
            // No two nodes share a base, so a base names the character of its node.
            let mut owner = vec![0u16; self.units.len()];
            let mut own = |base: usize, code: u16| {
                if let Some(slot) = owner.get_mut(base) {
                    *slot = code;
                }
            };
            self.bases.iter().enumerate().for_each(|(code, &base)| own(base as usize, code as u16));
            self.units.iter().for_each(|&unit| own(base(unit), unit as u16));
            let mut inner = Bits::new(INNER);
            for (at, &unit) in self.units.iter().enumerate().filter(|(_, unit)| **unit as u16 != 0) {
                let before = at.checked_sub(usize::from(unit as u16)).map_or(0, |base| owner[base]);
                inner.put(pair(before, unit as u16));
            }
            inner
        })
    }

    /// Calls `found(length, value, cost)` for each word of two or more characters that `codes` begins with.
    #[inline]
    pub(super) fn words(&self, mut codes: impl Iterator<Item = u16>, found: impl FnMut(usize, u32, u32)) {
        let (Some(first), Some(second)) = (codes.next(), codes.next()) else { return };
        self.words_from(self.head(first, second), codes, found);
    }

    /// Returns the unit of the double array that two codes lead to, 0 if no word begins with them.
    ///
    /// The table is larger than the nearer caches. Asking for many of them at once lets the processor wait for all
    /// together.
    #[inline(always)]
    pub(super) fn head(&self, first: u16, second: u16) -> u64 {
        let base = self.bases.get(usize::from(first)).map_or(0, |&base| base as usize);
        let unit = self.units.get(base + usize::from(second)).copied().unwrap_or(0);
        if base != 0 && second != 0 && unit as u16 == second { unit } else { 0 }
    }

    /// The same as [`Lexicon::words`] for what [`Lexicon::head`] gave; `codes` are those behind the first two.
    #[inline]
    pub(super) fn words_from(
        &self,
        head: u64,
        mut codes: impl Iterator<Item = u16>,
        mut found: impl FnMut(usize, u32, u32),
    ) {
        let (mut unit, mut len) = (head, 2);
        while unit != 0 {
            let value = (unit >> 32) as u32 & 0xff_ffff;
            if value != 0 {
                found(len, value, self.cost(value));
            }
            let next = base(unit);
            let Some(code) = codes.next().filter(|code| *code != 0 && next != 0) else { return };
            unit = self.units.get(next + usize::from(code)).copied().filter(|unit| *unit as u16 == code).unwrap_or(0);
            len += 1;
        }
    }

    fn cost(&self, value: u32) -> u32 {
        u32::from(self.costs.get(value as usize - 1).copied().unwrap_or(u8::MAX))
    }

    /// Returns the form of a word that is not written character by character.
    pub(super) fn form(&self, value: u32) -> Option<&[char]> {
        let form = usize::from(*self.forms.get(value as usize)?);
        let start = *self.starts.get(form.checked_sub(1)?)? as usize;
        self.texts.get(start..*self.starts.get(form)? as usize)
    }
}
