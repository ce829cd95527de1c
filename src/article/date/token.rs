//! Cuts a line into the pieces dates are made of: numbers, units, names of months and days, marks.
//!
//! Full-width forms, compatibility characters and Chinese numerals come out as what they mean; nothing is decided
//! about dates here.

use super::words::{LATIN, MONTHS, WEEKDAYS, WORDS};

/// A half of the day, or a part of one, as written beside a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Period {
    /// Before noon: 上午, 早上, am.
    Morning,
    /// Before dawn: 凌晨.
    SmallHours,
    /// About noon: 中午.
    Noon,
    /// After noon: 下午, pm.
    Afternoon,
    /// After dark: 晚上.
    Evening,
}

/// The calendar a year is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Era {
    /// 公元, 西元.
    Common,
    /// 民國: year 1 is 1912.
    Republic,
    /// 農曆: cannot be turned into a day without an almanac.
    Lunar,
}

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A number: its value, the number of its digits (0 for 二十一 and the like).
    Number {
        value: u64,
        digits: u8,
        chinese: bool,
    },
    Year,
    FirstYear,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    Half,
    Quarter,
    Period(Period),
    /// 1 is Monday.
    Weekday(i8),
    MonthName(u64),
    Era(Era),
    /// `st`, `nd`, `rd`, `th`, `of`.
    Ordinal,
    /// The `T` between day and time.
    T,
    /// The `W` of ISO 8601 weeks.
    W,
    /// The zones an abbreviation may stand for, in minutes east of Greenwich.
    Zone(&'static [i16]),
    /// 时间, 发布, published …: may stand before a date.
    Label,
    /// 昨天, yesterday, 3小时前.
    Relative,
    Space,
    /// Characters that are not seen, such as zero-width spaces.
    Unseen,
    /// Marks that turn the direction of writing.
    Turn,
    Mark(char),
    Other,
}

/// A piece and its byte range.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// The characters that [`WORDS`] begin with, a bit each by the low bits of their code: most text needs no look at the table.
const BEGIN_WORDS: Heads = Heads::of_words();

struct Heads([u64; 16]);

impl Heads {
    const fn of_words() -> Heads {
        let mut bits = [0; 16];
        let mut at = 0;
        while at < WORDS.len() {
            let bytes = WORDS[at].0.as_bytes();
            // Every word begins with a character of three bytes, whose last two hold its low ten bits and more.
            let low = ((bytes[1] as usize & 0xf) << 6) | (bytes[2] as usize & 0x3f);
            bits[low / 64] |= 1 << (low % 64);
            at += 1;
        }
        Heads(bits)
    }

    fn has(&self, c: char) -> bool {
        let low = c as usize % 1024;
        self.0[low / 64] & (1 << (low % 64)) != 0
    }
}

/// Cuts a text into tokens that cover it whole, in order.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let (kind, length) = token(&text[at..], out.last());
        out.push(Token { kind, from: at, to: at + length });
        at += length;
    }
    out
}

/// Reads the token a non-empty text begins with, and its length in bytes.
fn token(rest: &str, before: Option<&Token>) -> (Kind, usize) {
    let c = rest.chars().next().map_or(' ', plain);
    if c.is_ascii_digit() {
        return arabic(rest);
    }
    if c.is_ascii_alphabetic() {
        return latin(rest, before);
    }
    if let Some(found) = weekday(rest).or_else(|| word(rest)).or_else(|| chinese_number(rest)) {
        return found;
    }
    let kind = match c {
        ' ' | '\t' | '\n' | '\r' => Kind::Space,
        '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => Kind::Unseen,
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => Kind::Turn,
        c if c.is_alphanumeric() => Kind::Other,
        c => Kind::Mark(c),
    };
    (kind, rest.chars().next().map_or(1, char::len_utf8))
}

/// Turns full-width and look-alike characters into the plain ones that dates are written with.
fn plain(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => '-',
        '\u{2236}' | '\u{fe55}' | '\u{fe13}' => ':',
        '\u{2044}' | '\u{2215}' => '/',
        '·' | '・' | '•' | '‧' | '。' | '\u{ff61}' => '.',
        '、' | '\u{fe50}' => ',',
        '〔' | '【' | '〈' => '(',
        '〕' | '】' | '〉' => ')',
        // Kangxi radicals and compatibility ideographs, as copied from some PDF files.
        '\u{2f47}' => '日',
        '\u{2f49}' => '月',
        '\u{f98e}' => '年',
        '\u{2f00}' => '一',
        '\u{2f06}' => '二',
        '\u{2f0b}' => '八',
        '\u{2f17}' => '十',
        c => c,
    }
}

/// Reads a run of digits, ASCII or full-width; an `O` between digits is a zero (2O19年).
fn arabic(rest: &str) -> (Kind, usize) {
    let (mut value, mut digits, mut length) = (0u64, 0u8, 0);
    let mut chars = rest.char_indices().peekable();
    while let Some((at, raw)) = chars.next() {
        let mut c = plain(raw);
        if matches!(c, 'O' | 'o') && chars.peek().is_some_and(|&(_, next)| plain(next).is_ascii_digit()) {
            c = '0';
        }
        let Some(digit) = c.to_digit(10) else { break };
        value = value.saturating_mul(10).saturating_add(u64::from(digit));
        digits = digits.saturating_add(1);
        length = at + raw.len_utf8();
    }
    (Kind::Number { value, digits, chinese: false }, length)
}

/// Reads a run of Latin letters, and the dots inside `a.m.`.
fn latin(rest: &str, before: Option<&Token>) -> (Kind, usize) {
    let mut name = String::new();
    let mut length = 0;
    for (at, raw) in rest.char_indices() {
        let c = plain(raw).to_ascii_lowercase();
        let dot = c == '.'
            && matches!(name.as_str(), "a" | "p")
            && rest[at..].chars().nth(1).is_some_and(|m| m == 'm' || m == 'M');
        if !(c.is_ascii_alphabetic() || dot) || name.len() > 12 {
            break;
        }
        name.push(c);
        length = at + raw.len_utf8();
    }
    // `T` and `W` are joined to a number; `O` begins no number but may stand in one (二O二二), which reads it itself.
    if let Some(&(_, kind)) = LATIN.iter().find(|(word, _)| *word == name) {
        let joined = before.is_some_and(|t| matches!(t.kind, Kind::Number { .. } | Kind::Mark('-')));
        let needs = matches!(kind, Kind::T | Kind::W | Kind::Ordinal) && name != "of";
        return (if needs && !joined { Kind::Other } else { kind }, length);
    }
    let named = |table: &[&str]| {
        let full = table.iter().position(|full| *full == name);
        full.or_else(|| table.iter().position(|full| name.len() >= 3 && name.len() <= 5 && full.starts_with(&name)))
    };
    if let Some(month) = named(&MONTHS) {
        return (Kind::MonthName(month as u64 + 1), length);
    }
    match named(&WEEKDAYS) {
        Some(day) => (Kind::Weekday(day as i8 + 1), length),
        None => (Kind::Other, length.max(1)),
    }
}

/// Reads 星期四, 周四, 礼拜天.
fn weekday(rest: &str) -> Option<(Kind, usize)> {
    let after = ["星期", "禮拜", "礼拜", "周", "週"].iter().find_map(|name| rest.strip_prefix(name))?;
    let c = after.chars().next()?;
    let day = match c {
        '日' | '天' => 7,
        c => i8::try_from("一二三四五六".chars().position(|d| d == c)?).ok()? + 1,
    };
    Some((Kind::Weekday(day), rest.len() - after.len() + c.len_utf8()))
}

fn word(rest: &str) -> Option<(Kind, usize)> {
    let first = rest.chars().next()?;
    let folded = plain(first);
    if first != folded {
        let one = |word: &str| word.chars().eq([folded]);
        return WORDS.iter().find(|(word, _)| one(word)).map(|&(_, kind)| (kind, first.len_utf8()));
    }
    if !BEGIN_WORDS.has(first) {
        return None;
    }
    WORDS.iter().find(|(word, _)| rest.starts_with(word)).map(|&(word, kind)| (kind, word.len()))
}

/// Gives the value of a Chinese digit; plain and financial forms, and the round signs that stand for zero.
fn chinese_digit(c: char) -> Option<u64> {
    Some(match plain(c) {
        '〇' | '○' | '零' | '◯' | 'O' | 'o' | '0' | 'О' | 'Ο' => 0,
        '一' | '壹' | '弌' => 1,
        '二' | '貳' | '贰' | '两' | '兩' => 2,
        '三' | '叁' | '參' | '叄' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陸' | '陆' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
}

/// Gives the weight of 十 百 千, or the tens that one character stands for (廿 is 20).
fn chinese_weight(c: char) -> Option<u64> {
    Some(match plain(c) {
        '十' | '拾' => 10,
        '百' | '佰' => 100,
        '千' | '仟' => 1000,
        '廿' | '卄' => 20,
        '卅' => 30,
        _ => return None,
    })
}

/// Reads 二〇一九 digit by digit and 二十一 by weights.
fn chinese_number(rest: &str) -> Option<(Kind, usize)> {
    let (mut spelled, mut total, mut digit) = (0u64, 0u64, 0u64);
    let (mut digits, mut weighted, mut length) = (0u8, false, 0);
    for (at, c) in rest.char_indices() {
        if let Some(value) = chinese_digit(c) {
            (digit, digits) = (value, digits.saturating_add(1));
            spelled = spelled.saturating_mul(10).saturating_add(value);
        } else if let Some(weight) = chinese_weight(c) {
            weighted = true;
            let add = if matches!(weight, 20 | 30) { weight } else { digit.max(1).saturating_mul(weight) };
            (total, digit) = (total.saturating_add(add), 0);
        } else {
            break;
        }
        length = at + c.len_utf8();
    }
    let kind = if weighted {
        Kind::Number { value: total.saturating_add(digit), digits: 0, chinese: true }
    } else {
        Kind::Number { value: spelled, digits, chinese: true }
    };
    (length > 0).then_some((kind, length))
}
