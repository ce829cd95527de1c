//! The form in which two texts are compared: one script, one width, lower case, letters and digits only.
//!
//! Takes any text and gives characters. Nothing made here is ever published. Two forms exist: [`fold`], which is stable
//! and whose SHA-256 tells whether an editor's decision is stale, and the form for comparison inside this room, which also
//! leaves out markup and writes one word for a class of words that rewriting or regional conversion puts for each other.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memchr2;
use unicode_normalization::UnicodeNormalization;

use super::sketch::{hash_long, mix};

/// Left out of the folded text.
const DROP: u16 = 0;
/// Folds to more than one character, or lies outside the table.
const SLOW: u16 = 1;
/// ASCII white space: left out, and no part of the text as written either.
const SPACE: u16 = 2;

static ONE_SCRIPT: &str = include_str!("../../data/dedupe/one-script.tsv");

/// The folded form of each character of the Basic Multilingual Plane.
static TABLE: LazyLock<Box<[u16; 0x1_0000]>> = LazyLock::new(table);

fn table() -> Box<[u16; 0x1_0000]> {
    let mut table = Box::new([DROP; 0x1_0000]);
    for code in 0..=u16::MAX {
        table[usize::from(code)] = match code {
            // Ideographs and Hangul syllables are letters without case or compatibility forms.
            0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xAC00..=0xD7A3 => code,
            0xD800..=0xF8FF => DROP,
            _ => char::from_u32(u32::from(code)).map_or(DROP, quick),
        };
    }
    for &(from, to) in SCRIPT.iter() {
        if let Ok(from) = u16::try_from(u32::from(from)) {
            table[from as usize] = u16::try_from(u32::from(to)).unwrap_or(SLOW);
        }
    }
    table
}

fn quick(c: char) -> u16 {
    if c.is_ascii_whitespace() {
        return SPACE;
    }
    let mut all = slow(c);
    match (all.next(), all.next()) {
        (None, _) => DROP,
        (Some(one), None) => u16::try_from(u32::from(one)).unwrap_or(SLOW),
        _ => SLOW,
    }
}

/// Pairs of characters outside and inside the table, sorted by the first.
static SCRIPT: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
    let mut pairs: Vec<(char, char)> = ONE_SCRIPT
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
        .filter_map(|(from, to)| Some((from.chars().next()?, to.chars().next()?)))
        .collect();
    pairs.sort_unstable();
    pairs
});

/// Gives the character that stands for both ways of writing one: the only place that knows about scripts.
fn one_script(c: char) -> char {
    match SCRIPT.binary_search_by_key(&c, |pair| pair.0) {
        Ok(at) => SCRIPT[at].1,
        Err(_) => c,
    }
}

fn slow(c: char) -> impl Iterator<Item = char> {
    std::iter::once(c).nfkc().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).map(one_script)
}

/// Folds a text: one script, NFKC, lower case, without punctuation and white space.
///
/// ```
/// assert_eq!(jianfan::dedupe::fold::fold("蘭州　ＮＥＷＳ，第③期"), "兰州news第3期");
/// ```
pub fn fold(text: &str) -> String {
    let table = &*TABLE;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match table.get(c as usize).copied().unwrap_or(SLOW) {
            DROP | SPACE => {}
            SLOW => out.extend(slow(c)),
            quick => out.extend(char::from_u32(u32::from(quick))),
        }
    }
    out
}

/// A text folded for comparison, with all that one walk over it can tell.
#[derive(Default)]
pub(crate) struct Folded {
    /// Without markup, each word of a class of synonyms as the first of its class.
    pub(crate) chars: Vec<char>,
    /// Where each line begins: byte of the text and place in `chars`.
    pub(crate) lines: Vec<(usize, usize)>,
    /// Hash of the text as written, white space aside.
    pub(crate) raw: Written,
    /// Hash of where the white space stands.
    pub(crate) spaces: u64,
    /// Hash of `chars` before synonyms were replaced.
    pub(crate) folded: u64,
    /// Words that were replaced.
    pub(crate) odd: usize,
}

const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;

/// The hash of characters in order, in two walks that take turns: one step of a walk takes as long as all else that is done
/// with a character. The second number is that of the walk whose turn was last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Written(u64, u64);

impl Written {
    #[inline]
    fn then(self, c: char) -> Self {
        Written(self.1, (self.0.rotate_left(5) ^ c as u64).wrapping_mul(FACTOR))
    }

    /// The hash of all characters.
    pub(crate) fn hash(self) -> u64 {
        mix(mix(self.0).wrapping_add(self.1))
    }
}

/// Characters that are folded before they are put to the others.
const BLOCK: usize = 64;

impl Folded {
    /// Folds a text.
    pub(crate) fn new(text: &str) -> Self {
        let mut out = Folded {
            chars: Vec::with_capacity(text.len() / 3 + 8),
            lines: Vec::with_capacity(text.len() / 128 + 2),
            ..Folded::default()
        };
        out.lines.push((0, 0));
        let mut at = 0;
        while at < text.len() {
            let stop = memchr2(b'<', b']', &text.as_bytes()[at..]).map_or(text.len(), |found| at + found);
            out.plain(text, at..stop);
            at = stop;
            if at < text.len() {
                let end = at + markup(&text[at..]);
                out.left_out(text, at..end);
                at = end;
            }
        }
        out.folded = hash_long(&out.chars);
        out.odd = super::synonyms::replace(&mut out.chars, &mut out.lines);
        out
    }

    /// Folds a stretch without markup.
    fn plain(&mut self, text: &str, range: Range<usize>) {
        let mut rest = &text[range.clone()];
        loop {
            rest = self.quick(rest);
            let mut chars = rest.chars();
            let Some(c) = chars.next() else { break };
            rest = chars.as_str();
            if !c.is_ascii_whitespace() {
                self.raw = self.raw.then(c);
                self.chars.extend(slow(c));
                continue;
            }
            self.space(self.raw, c);
            if c == '\n' {
                self.lines.push((range.end - rest.len(), self.chars.len()));
            }
        }
    }

    /// Folds the characters before the first that needs a second look, and gives what stands from there on.
    #[inline(never)]
    fn quick<'t>(&mut self, text: &'t str) -> &'t str {
        let table = &*TABLE;
        let mut raw = self.raw;
        let mut rest = text.chars();
        let mut stopped = None;
        while stopped.is_none() {
            let (mut block, mut taken) = (['\0'; BLOCK], 0);
            for _ in 0..BLOCK {
                let before = rest.as_str();
                let c = rest.next().unwrap_or('\n');
                let quick = table.get(c as usize).copied().unwrap_or(SLOW);
                if quick == SLOW || quick == SPACE {
                    stopped = Some(before);
                    break;
                }
                raw = raw.then(c);
                // What is left out is overwritten: no processor foresees where punctuation stands.
                block[taken % BLOCK] = char::from_u32(u32::from(quick)).unwrap_or(c);
                taken += usize::from(quick != DROP);
            }
            self.chars.extend_from_slice(&block[..taken]);
        }
        self.raw = raw;
        stopped.unwrap_or_default()
    }

    /// Walks over markup, which is a part of the text as written only.
    fn left_out(&mut self, text: &str, range: Range<usize>) {
        for (at, c) in text[range.clone()].char_indices() {
            if c.is_ascii_whitespace() {
                self.space(self.raw, c);
            } else {
                self.raw = self.raw.then(c);
            }
            if c == '\n' {
                self.lines.push((range.start + at + 1, self.chars.len()));
            }
        }
    }

    fn space(&mut self, before: Written, c: char) {
        self.spaces = (self.spaces.rotate_left(7) ^ before.1 ^ c as u64).wrapping_mul(FACTOR);
    }
}

/// Folds a text for comparison: without markup, each word of a class of synonyms as the first of its class.
pub(crate) fn comparable(text: &str) -> Vec<char> {
    Folded::new(text).chars
}

/// The longest tag, comment or link target that is left out, in bytes.
const LONGEST_MARKUP: usize = 500;

/// Gives how many bytes to leave out at a `<` or `]`, at least 1: a tag, a comment, the target of a link.
fn markup(text: &str) -> usize {
    let bytes = text.as_bytes();
    let close = match (bytes[0], bytes.get(1)) {
        (b'<', Some(c)) if c.is_ascii_alphabetic() || matches!(c, b'/' | b'!') => b'>',
        (b']', Some(b'(')) => b')',
        _ => return 1,
    };
    bytes.iter().take(LONGEST_MARKUP).position(|&b| b == close).map_or(1, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        comparable(text).into_iter().collect()
    }

    #[test]
    fn brings_scripts_and_widths_together() {
        assert_eq!(fold("臺灣的後面，著作 ＡＢＣ１２ ㎡"), fold("台湾的后面 着作abc12m2"));
        assert_eq!(fold("  \n，。！"), "");
        assert_eq!(fold("𠀀𣎴"), "𠀀𣎴");
    }

    #[test]
    fn leaves_markup_out_of_comparisons() {
        assert_eq!(shown("甲<!-- more -->乙<img src=\"x\">[丙](http://a.b/c)丁 1<2 ]"), "甲乙丙丁12");
        assert_eq!(shown("<"), "");
        assert_eq!(shown("a ]("), "a");
    }

    #[test]
    fn meets_regional_words() {
        assert_eq!(shown("這個軟體的視窗"), shown("这个软件的窗口"));
    }

    #[test]
    fn folds_letters_of_the_shortened_ranges_as_all_others() {
        for code in (0x3400..=0xD7A3).step_by(7) {
            let Some(c) = char::from_u32(code) else { continue };
            assert_eq!(fold(&c.to_string()), slow(c).collect::<String>(), "{c}");
        }
    }

    #[test]
    fn keeps_the_lines_of_a_text_whose_words_are_replaced() {
        let text = "两市互助\n园区事情<a\nb>\n再譬如\n";
        let folded = Folded::new(text);
        let lines: Vec<String> = folded
            .lines
            .iter()
            .enumerate()
            .map(|(n, line)| {
                let end = folded.lines.get(n + 1).map_or(folded.chars.len(), |next| next.1);
                folded.chars[line.1..end].iter().collect()
            })
            .collect();
        assert_eq!(lines, ["两市合作", "园区工作", "", "再例如", ""]);
        assert!(folded.lines.iter().skip(1).all(|line| text.as_bytes()[line.0 - 1] == b'\n'));
        assert_eq!(folded.odd, 3);
    }

    #[test]
    fn tells_texts_apart_that_differ_in_white_space_alone() {
        let (a, b, c) = (Folded::new("甲 乙丙"), Folded::new("甲乙 丙"), Folded::new("甲乙\n丙"));
        assert!(a.raw == b.raw && b.raw == c.raw);
        assert!(a.spaces != b.spaces && b.spaces != c.spaces);
    }
}
