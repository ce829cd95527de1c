//! The form in which names and texts are compared: one script, one width, one case.
//!
//! Folding keeps one character for one character, so that places in the folded text are places in the text.

use crate::script;

/// Folds one character: Simplified, half width, lower case.
pub fn fold_char(c: char) -> char {
    let c = match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' => ' ',
        // One word in two regions: 矽谷 and 硅谷.
        '矽' => '硅',
        c => c,
    };
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    script::fold_char(c)
}

/// Finishes folding a character that follows another: Taiwan writes 計畫 where others write 計劃.
///
/// Both arguments are folded; the result is too.
pub fn settle(before: char, c: char) -> char {
    if c == '画' && matches!(before, '计' | '企' | '规') { '划' } else { c }
}

/// Folds a name: as [`fold_char`], without quotation marks, spaces between Chinese characters and invisible characters.
pub fn fold_name(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars() {
        if is_ignored(c) {
            continue;
        }
        let c = fold_char(c);
        if c.is_whitespace() {
            gap = true;
            continue;
        }
        if gap && c.is_ascii_alphanumeric() && out.ends_with(|d: char| d.is_ascii_alphanumeric()) {
            out.push(' ');
        }
        gap = false;
        let before = out.chars().next_back().unwrap_or(' ');
        out.push(settle(before, c));
    }
    out
}

/// Tells whether a character is passed over in comparison: quotation marks and invisible characters.
pub fn is_ignored(c: char) -> bool {
    is_quote(c)
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}' | '\u{fe00}'..='\u{fe0f}')
}

/// Tells whether a character is a quotation mark or a title mark.
pub fn is_quote(c: char) -> bool {
    matches!(
        c,
        '“' | '”'
            | '‘'
            | '’'
            | '「'
            | '」'
            | '『'
            | '』'
            | '《'
            | '》'
            | '〈'
            | '〉'
            | '"'
            | '\''
            | '＂'
            | '〝'
            | '〞'
            | '﹁'
            | '﹂'
    )
}

/// Tells whether a character is a Chinese one.
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}' | '〇')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_scripts_width_case_and_quotes() {
        assert_eq!(fold_name("“隴原英才”計劃"), "陇原英才计划");
        assert_eq!(fold_name("科學園ＩＤＥＡＴＩＯＮ計劃"), "科学园ideation计划");
        assert_eq!(fold_name("蘭\u{200b}州"), "兰州");
        assert_eq!(fold_name("晶創計畫"), fold_name("晶创计划"));
        assert_eq!(fold_name("台灣矽谷"), "台湾硅谷");
        assert_eq!(fold_name("Silicon  Valley"), "silicon valley");
        assert_eq!(fold_name("兰州 科技（硅谷）"), "兰州科技(硅谷)");
    }
}
