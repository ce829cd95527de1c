//! The form in which queries and texts meet: one script, one width, lower case; marks of punctuation end a stretch.
//!
//! Takes text, gives UTF-16 units, because those are the characters of the script that reads them; 0 stands between two
//! stretches. The script of the theme folds queries by the same rules, so a change here is a change there.
//!
//! - Letters and digits of any script stay, after NFKC, lower case and [`fold_char`].
//! - `+ # %` stay behind a Latin letter or digit (C++, 30%), and `. , - / : & @ _ '` between two (3.5, 2019-02).
//! - White space ends a stretch between two Latin words and between two Chinese ones; a line end between two Chinese
//!   characters, and white space between Latin and Chinese, is nothing.
//! - Characters without a width are nothing. Everything else ends a stretch.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use crate::script::fold_char;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
enum Class {
    Latin,
    Word,
    Behind,
    Between,
    Space,
    Line,
    Nothing,
    Break,
    Slow,
}

const CLASSES: [Class; 9] = [
    Class::Latin,
    Class::Word,
    Class::Behind,
    Class::Between,
    Class::Space,
    Class::Line,
    Class::Nothing,
    Class::Break,
    Class::Slow,
];

/// Unit and class of each character of the first plane.
static TABLE: LazyLock<Vec<(u16, u8)>> = LazyLock::new(|| {
    (0..=0xffffu32)
        .map(|point| {
            let Some(c) = char::from_u32(point) else { return (0, Class::Break as u8) };
            // Most of the plane is neither composed of others nor has it cases.
            if matches!(c, '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
                && let Ok(unit) = u16::try_from(u32::from(one_form(c)))
            {
                return (unit, class(c) as u8);
            }
            let mut folded = slow(c);
            match (folded.next(), folded.next()) {
                (None, _) => (0, Class::Nothing as u8),
                (Some(one), None) => match u16::try_from(u32::from(one)) {
                    Ok(unit) => (unit, class(one) as u8),
                    Err(_) => (0, Class::Slow as u8),
                },
                _ => (0, Class::Slow as u8),
            }
        })
        .collect()
});

fn slow(c: char) -> impl Iterator<Item = char> {
    std::iter::once(c).nfkc().flat_map(char::to_lowercase).map(one_form)
}

/// The character that stands for all ways to write it.
///
/// Elements whose Taiwan character is another than the mainland's (National Academy for Educational Research, and
/// GB 3102.8) are not two ways to write one character, but always the same thing.
fn one_form(c: char) -> char {
    match c {
        '矽' => '硅',
        '砈' => '砹',
        '鉲' => '锎',
        '鉳' => '锫',
        '鈽' => '钚',
        '鋂' => '镅',
        '鍅' => '钫',
        '鍩' => '锘',
        '鎝' => '锝',
        '鎦' => '镥',
        '錼' => '镎',
        '鑀' => '锿',
        c => fold_char(c),
    }
}

fn class(c: char) -> Class {
    match c {
        'a'..='z' | '0'..='9' => Class::Latin,
        '+' | '#' | '%' => Class::Behind,
        '.' | ',' | '-' | '/' | ':' | '&' | '@' | '_' | '\'' => Class::Between,
        '\n' | '\r' => Class::Line,
        '\u{ad}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2060}'..='\u{2064}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' => Class::Nothing,
        c if c.is_whitespace() => Class::Space,
        c if c.is_alphanumeric() => Class::Word,
        _ => Class::Break,
    }
}

/// Stands before a block. No text folds to it, because control characters end a stretch.
pub(super) const NEXT_BLOCK: u16 = 1;

/// What stands before the next character.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pending {
    Nothing,
    Space,
    Line,
    Sign(u16),
    Break,
}

/// Folds text piece by piece.
pub(super) struct Folder {
    /// The folded text.
    pub(super) units: Vec<u16>,
    pending: Pending,
    last: Class,
}

/// A place to come back to.
pub(super) struct Mark(usize, Pending, Class);

impl Folder {
    /// Begins with an empty text, and room for so many units.
    pub(super) fn with_capacity(units: usize) -> Self {
        Folder { units: Vec::with_capacity(units), pending: Pending::Nothing, last: Class::Break }
    }

    /// Marks where the text ends now.
    pub(super) fn mark(&self) -> Mark {
        Mark(self.units.len(), self.pending, self.last)
    }

    /// Forgets what was added since.
    pub(super) fn back_to(&mut self, mark: Mark) {
        self.units.truncate(mark.0);
        (self.pending, self.last) = (mark.1, mark.2);
    }

    /// Ends the stretch.
    pub(super) fn end(&mut self) {
        self.pending = Pending::Break;
    }

    /// Ends the stretch and begins a block.
    pub(super) fn next_block(&mut self) {
        self.end();
        self.units.push(NEXT_BLOCK);
    }

    /// Adds text.
    pub(super) fn push(&mut self, text: &str) {
        let table = &*TABLE;
        for c in text.chars() {
            let (unit, class) = table.get(c as usize).copied().unwrap_or((0, Class::Slow as u8));
            // Most characters of a text are Chinese and stand behind another one.
            if class == Class::Word as u8 && self.pending == Pending::Nothing {
                self.units.push(unit);
                self.last = Class::Word;
                continue;
            }
            match CLASSES[usize::from(class)] {
                Class::Slow => slow(c).for_each(|c| self.far(c)),
                class => self.unit(unit, class),
            }
        }
    }

    fn far(&mut self, c: char) {
        let class = class(c);
        let mut buffer = [0; 2];
        for &mut unit in c.encode_utf16(&mut buffer) {
            self.unit(unit, class);
        }
    }

    fn unit(&mut self, unit: u16, class: Class) {
        match class {
            Class::Latin | Class::Word => {
                self.settle(class);
                self.units.push(unit);
                self.last = class;
            }
            Class::Behind if self.pending == Pending::Nothing && matches!(self.last, Class::Latin | Class::Behind) => {
                self.units.push(unit);
                self.last = Class::Behind;
            }
            Class::Between if self.pending == Pending::Nothing && self.last == Class::Latin => {
                self.pending = Pending::Sign(unit);
            }
            Class::Space | Class::Line => {
                self.pending = match (self.pending, class) {
                    (Pending::Nothing | Pending::Space, Class::Space) => Pending::Space,
                    (Pending::Nothing | Pending::Space | Pending::Line, _) => Pending::Line,
                    _ => Pending::Break,
                }
            }
            Class::Nothing => {}
            _ => self.pending = Pending::Break,
        }
    }

    /// Writes what stands between the last character and the next.
    fn settle(&mut self, next: Class) {
        let latin = self.last != Class::Word && next == Class::Latin;
        let chinese = self.last == Class::Word && next == Class::Word;
        let ends = match self.pending {
            Pending::Nothing => false,
            Pending::Space => latin || chinese,
            Pending::Line => latin,
            Pending::Sign(sign) if latin => {
                self.units.push(sign);
                false
            }
            Pending::Sign(_) | Pending::Break => true,
        };
        if ends && self.units.last().is_some_and(|&unit| unit > NEXT_BLOCK) {
            self.units.push(0);
        }
        self.pending = Pending::Nothing;
    }
}

/// Folds a text: stretches of UTF-16 units with a 0 between two.
pub fn fold(text: &str) -> Vec<u16> {
    let mut folder = Folder::with_capacity(text.len() / 3);
    folder.push(text);
    folder.units
}

/// The Chinese characters that folding changes, and what they become, in the order of the former.
pub(super) static PAIRS: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
    let stable = |c: char| std::iter::once(c).nfkc().eq([c]);
    let pairs = ('\u{2e80}'..='\u{323af}').map(|c| (c, one_form(c)));
    pairs.filter(|&(c, folded)| c != folded && stable(c)).collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        String::from_utf16(&fold(text)).unwrap().replace('\0', "|")
    }

    #[test]
    fn folds_scripts_widths_and_case() {
        assert_eq!(shown("蘭州　ＮＥＷＳ，第③期"), "兰州news|第3期");
        assert_eq!(shown("矽谷"), shown("硅谷"));
        assert_eq!(shown("𠀀㎡"), "𠀀m2");
    }

    #[test]
    fn the_table_says_what_the_rules_say() {
        for c in (0..=0xffff).filter_map(char::from_u32).filter(|c| (*c as usize).is_multiple_of(7) || *c < '\u{3000}')
        {
            let mut by_rule = Folder::with_capacity(0);
            slow(c).for_each(|c| by_rule.far(c));
            let mut by_table = Folder::with_capacity(0);
            by_table.push(c.encode_utf8(&mut [0; 4]));
            assert_eq!(by_rule.units, by_table.units, "{c:?}");
        }
    }

    #[test]
    fn ends_stretches_where_readers_would() {
        assert_eq!(shown("科技 創新\n成果，轉化"), "科技|创新成果|转化");
        assert_eq!(shown("2019 年 AI 技術 Silicon Valley"), "2019年ai技术silicon|valley");
        assert_eq!(shown("3.5% C++、12,000 a/b。"), "3.5%|c++|12,000|a/b");
        assert_eq!(shown("（一）《日報》 - x"), "一|日报|x");
        assert_eq!(shown("兰\u{200b}州\u{feff}"), "兰州");
    }
}
