//! Folding of one line for comparison: Simplified characters, half width, lower case.
//!
//! Every character of a line folds to exactly one character, so that positions in the folded line are positions in the
//! line itself. Knows nothing of pages.

use crate::script::fold_char;

/// Folds one character: compatibility width first, then case, then script.
pub(super) fn fold(c: char) -> char {
    match c {
        '\u{3000}' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\t' => ' ',
        '\u{2502}' | '\u{4e28}' | '\u{ffe8}' => '|',
        '\u{2236}' | '\u{fe55}' => ':',
        '\u{2215}' | '\u{2044}' => '/',
        '〔' | '［' | '【' | '〖' => '[',
        '〕' | '］' | '】' | '〗' => ']',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).map_or(c, |narrow| narrow.to_ascii_lowercase()),
        c if c.is_ascii() => c.to_ascii_lowercase(),
        c => fold_char(c),
    }
}

/// Folds a line, character by character.
pub(super) fn fold_line(text: &str) -> String {
    text.chars().map(fold).collect()
}

/// Folds a text down to what two copies of it have in common: no white space, no punctuation, no Markdown marks.
pub(super) fn fold_bare(text: &str) -> String {
    text.chars().map(fold).filter(|c| c.is_alphanumeric()).collect()
}

/// Tells whether a character is a Chinese one.
pub(super) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}' | '〇' | '々')
}

/// Tells whether a character ends a sentence, or closes what holds the end of one.
pub(super) fn is_terminal(c: char) -> bool {
    matches!(
        c,
        '。' | '！'
            | '？'
            | '!'
            | '?'
            | '…'
            | '；'
            | ';'
            | '：'
            | ':'
            | '”'
            | '」'
            | '』'
            | '）'
            | ')'
            | '"'
            | '’'
            | '﹔'
            | '~'
            | '～'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_one_to_one() {
        let text = "發佈時間：２０２１　ＡＢ【來源】";
        assert_eq!(fold_line(text).chars().count(), text.chars().count());
        assert_eq!(fold_line(text), "发布时间:2021 ab[来源]");
    }
}
