//! The form in which two texts are compared: one script, one width, lower case, letters and digits only.
//!
//! Takes any text and gives characters. Nothing made here is ever published. Two forms exist: [`fold`], which is stable
//! and whose SHA-256 tells whether an editor's decision is stale, and the form for comparison inside this room, which also
//! leaves out markup and writes one word for a class of words that rewriting or regional conversion puts for each other.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

/// Left out of the folded text.
const DROP: char = '\0';
/// Folds to more than one character, or lies outside the table.
const SLOW: char = '\u{1}';

static ONE_SCRIPT: &str = include_str!("../../data/dedupe/one-script.tsv");

/// The folded form of each character of the Basic Multilingual Plane.
static TABLE: LazyLock<Box<[char]>> = LazyLock::new(table);

fn table() -> Box<[char]> {
    (0..=0xFFFFu32).map(|code| char::from_u32(code).map_or(DROP, quick)).collect()
}

fn quick(c: char) -> char {
    let mut all = slow(c);
    match (all.next(), all.next()) {
        (None, _) => DROP,
        (Some(one), None) => one,
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

fn each(text: &str, mut push: impl FnMut(char)) {
    for c in text.chars() {
        let folded = TABLE.get(c as usize).copied().unwrap_or(SLOW);
        match folded {
            DROP => {}
            SLOW => slow(c).for_each(&mut push),
            c => push(c),
        }
    }
}

/// Folds a text: one script, NFKC, lower case, without punctuation and white space.
///
/// ```
/// assert_eq!(jianfan::dedupe::fold::fold("蘭州　ＮＥＷＳ，第③期"), "兰州news第3期");
/// ```
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    each(text, |c| out.push(c));
    out
}

/// Folds a text for comparison: without markup, each word of a class of synonyms as the first of its class.
pub(crate) fn comparable(text: &str) -> Vec<char> {
    let mut out = Vec::with_capacity(text.len() / 3 + 8);
    let mut rest = text;
    while let Some(at) = rest.find(['<', ']']) {
        let skipped = at + markup(&rest[at..]);
        each(&rest[..at], |c| out.push(c));
        rest = &rest[skipped..];
    }
    each(rest, |c| out.push(c));
    super::synonyms::replace(&mut out);
    out
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
}
