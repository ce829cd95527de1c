//! Repairs inside a line: invisible characters, compatibility radicals, injected readings, strings against copying.
//!
//! Takes one line of a page, gives it back repaired with what was done. Knows no fields and no page furniture: a
//! repair here is right wherever the line stands.

use unicode_normalization::UnicodeNormalization;

use super::Repair;
use super::fold::is_han;

/// What a page as a whole says about readings in brackets.
///
/// One reading after a rare character is an editor's gloss; many after common ones are injected. The same holds for
/// strings of signs: one is a formula perhaps, many are not.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Readings {
    marked: usize,
    plain: usize,
    /// Whether strings against copying stand on the page for certain; doubtful ones are believed then.
    noise: bool,
}

impl Readings {
    /// Counts the readings in brackets of a page.
    pub(super) fn count(text: &str) -> Self {
        let noise = text.lines().any(|line| without_noise(line, false).is_some());
        let mut readings = Readings { noise, ..Readings::default() };
        if !text.contains(['(', '（']) {
            return readings;
        }
        let chars: Vec<char> = text.chars().collect();
        let mut at = 0;
        while at < chars.len() {
            match reading_at(&chars, at) {
                Some((end, true)) => (readings.marked, at) = (readings.marked + 1, end),
                Some((end, false)) => (readings.plain, at) = (readings.plain + 1, end),
                None => at += 1,
            }
        }
        readings
    }
}

/// Repairs one line; `number` counts from 1.
pub(super) fn line(raw: &str, number: usize, readings: Readings, repairs: &mut Vec<Repair>) -> String {
    let mut text = visible(raw);
    step(&mut text, number, "compatibility character", repairs, radicals);
    if readings.marked + readings.plain > 0 {
        step(&mut text, number, "injected reading", repairs, |text| without_readings(text, readings));
    }
    step(&mut text, number, "string against copying", repairs, |text| without_noise(text, readings.noise));
    text
}

fn step(
    text: &mut String,
    line: usize,
    why: &'static str,
    repairs: &mut Vec<Repair>,
    repair: impl Fn(&str) -> Option<String>,
) {
    if let Some(after) = repair(text) {
        repairs.push(Repair { line, before: text.clone(), after: after.clone(), why });
        *text = after;
    }
}

/// Drops what nobody sees and makes every kind of space a plain one.
fn visible(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in raw.chars() {
        match c {
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}' => {}
            '\t' => out.push('\t'),
            c if c.is_control() => {}
            // At the head of a line such spaces indent a paragraph; as plain ones they would make it code.
            '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' if out.trim().is_empty() => {}
            '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// The members of the radical supplement that Unicode gives no compatibility mapping, with what is meant by them.
const SUPPLEMENT: &str = "⺁厂⺄乙⺅亻⺆冂⺈刀⺉刂⺊卜⺋㔾⺌小⺍小⺎尢⺏尣⺐尢⺑尢⺒巳⺓幺⺔彐⺕彐⺖忄⺗㣺⺘扌⺙攵⺛旡⺜曰⺝月⺞歺\
⺟母⺠民⺡氵⺢氺⺣灬⺤爫⺥爫⺦丬⺧牛⺨犭⺩王⺪疋⺫目⺬示⺭礻⺮竹⺯糹⺰纟⺱罓⺲罒⺳网⺴网⺵网⺶羊⺷羊⺸羊⺹耂⺺聿⺻肀⺼肉⺽臼⺾艹⺿艹⻀艹\
⻁虎⻂衤⻃覀⻄西⻅见⻆角⻇角⻈讠⻉贝⻊足⻋车⻌辶⻍辶⻎辶⻏阝⻐钅⻑長⻒镸⻓长⻔门⻕阜⻖阝⻗雨⻘青⻙韦⻚页⻛风⻜飞⻝食⻞飠⻟飠⻠饣⻡首⻢马⻣骨⻤鬼\
⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻫斉⻬齐⻭歯⻮齿⻯竜⻰龙⻱亀⻲龟";

/// Replaces radicals and compatibility ideographs that stand for ordinary characters.
fn radicals(text: &str) -> Option<String> {
    let odd = |c: char| matches!(c, '\u{2e80}'..='\u{2fdf}' | '\u{f900}'..='\u{faff}' | '\u{2f800}'..='\u{2fa1f}');
    if !text.chars().any(odd) {
        return None;
    }
    let repaired: String = text
        .chars()
        .map(|c| {
            if !odd(c) {
                return c;
            }
            let mut pairs = SUPPLEMENT.chars();
            while let (Some(from), Some(to)) = (pairs.next(), pairs.next()) {
                if from == c {
                    return to;
                }
            }
            std::iter::once(c).nfkc().next().unwrap_or(c)
        })
        .collect();
    (repaired != text).then_some(repaired)
}

const TONES: &str = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ";

/// Recognises a bracketed reading at `at`: where it ends, and whether it carries a tone mark.
fn reading_at(chars: &[char], at: usize) -> Option<(usize, bool)> {
    if !matches!(chars.get(at)?, '(' | '（') || at == 0 {
        return None;
    }
    let close = (at + 1..chars.len().min(at + 12)).find(|&i| matches!(chars[i], ')' | '）'))?;
    let inside: String = chars[at + 1..close].iter().filter(|c| **c != ' ').collect();
    if inside.is_empty() {
        return None;
    }
    if inside.chars().all(|c| matches!(c, '\u{3105}'..='\u{312f}' | 'ˊ' | 'ˇ' | 'ˋ' | '˙')) {
        return Some((close + 1, true));
    }
    let marked = inside.chars().any(|c| TONES.contains(c) || matches!(c, '\u{300}'..='\u{30c}'));
    let bare: String =
        inside.nfd().filter(|c| !matches!(c, '\u{300}'..='\u{30c}')).collect::<String>().replace('ɡ', "g");
    is_syllable(&bare.nfc().collect::<String>()).then_some((close + 1, marked))
}

/// Tells whether lower-case letters without tone marks are one syllable of Mandarin in pinyin.
fn is_syllable(letters: &str) -> bool {
    const INITIALS: &[&str] = &[
        "zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "r", "z", "c", "s",
        "y", "w", "",
    ];
    const FINALS: &[&str] = &[
        "a", "o", "e", "i", "u", "v", "ü", "ai", "ei", "ao", "ou", "an", "en", "ang", "eng", "ong", "er", "ia", "ie",
        "iao", "iu", "ian", "in", "iang", "ing", "iong", "ua", "uo", "uai", "ui", "uan", "un", "uang", "ue", "üe",
        "ve", "ê",
    ];
    letters.chars().count() <= 6
        && INITIALS
            .iter()
            .filter_map(|initial| letters.strip_prefix(initial))
            .any(|rest| FINALS.contains(&rest) || (rest.is_empty() && matches!(letters, "m" | "n" | "ng" | "r")))
        && letters.len() > 1
}

/// Tells whether nobody needs a reading for a character: it is among the common ones of GB 2312 or Big5.
fn is_common(c: char) -> bool {
    let mut buffer = [0; 4];
    let text = c.encode_utf8(&mut buffer);
    let (gb, _, _) = encoding_rs::GBK.encode(text);
    let (big, _, _) = encoding_rs::BIG5.encode(text);
    matches!(*gb, [0xb0..=0xd7, 0xa1..=0xfe]) || matches!(*big, [0xa4..=0xc6, _])
}

/// Cuts injected readings out of a line.
fn without_readings(text: &str, page: Readings) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let (mut out, mut at, mut found) = (String::with_capacity(text.len()), 0, false);
    while at < chars.len() {
        let reading = if at > 0 && is_han(chars[at - 1]) { reading_at(&chars, at) } else { None };
        let Some((mut end, marked)) = reading else {
            out.push(chars[at]);
            at += 1;
            continue;
        };
        let mut doubled = false;
        while let Some((next, _)) = reading_at(&chars, end) {
            (end, doubled) = (next, true);
        }
        let many = page.marked >= 3 || page.plain >= 6;
        let injected = doubled || many || (marked && is_common(chars[at - 1]) && page.marked >= 2);
        if injected {
            found = true;
        } else {
            out.extend(&chars[at..end]);
        }
        at = end;
    }
    found.then_some(out)
}

/// Cuts runs of short meaningless ASCII words (`4 x0 k2 F ^- a4 L f# M`), as forums put them into hidden elements.
fn without_noise(text: &str, known: bool) -> Option<String> {
    let is_ascii = |c: char| matches!(c, ' '..='~');
    let mut out = String::new();
    let mut kept = 0;
    let mut start = 0;
    while let Some(offset) = text[start..].find(is_ascii) {
        let from = start + offset;
        let to = text[from..].find(|c| !is_ascii(c)).map_or(text.len(), |n| from + n);
        if is_noise(&text[from..to], known) {
            out.push_str(text[kept..from].trim_end());
            kept = to;
        }
        start = to;
    }
    if kept == 0 {
        return None;
    }
    out.push_str(&text[kept..]);
    Some(out)
}

fn is_noise(run: &str, known: bool) -> bool {
    if run.len() < 9 {
        return false;
    }
    let words: Vec<&str> = run.split(' ').filter(|w| !w.is_empty()).collect();
    if words.len() < 5 || words.iter().any(|w| w.len() > 3) {
        return false;
    }
    let has_mark = |w: &str| w.bytes().any(|b| b.is_ascii_punctuation());
    let has_sign = |w: &str| w.bytes().any(|b| b.is_ascii_alphanumeric());
    let mixed = words
        .iter()
        .filter(|w| {
            (has_mark(w) && has_sign(w))
                || (w.len() > 1 && w.bytes().any(|b| b.is_ascii_digit()) && w.bytes().any(|b| b.is_ascii_alphabetic()))
        })
        .count();
    let weird = run.bytes().filter(|b| b"^~|{}\\;$#*@&!_\"'`+:?<>[]()".contains(b)).count();
    let odd = b"^~|{}\\;$#*@&!_\"'`".iter().filter(|mark| run.as_bytes().contains(mark)).count();
    (mixed * 3 >= words.len() && weird >= 2) || (known && odd >= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, after: &str) {
        let mut repairs = Vec::new();
        assert_eq!(line(before, 1, Readings::count(before), &mut repairs), after);
        assert_eq!(repairs.is_empty(), before == after || before.contains('\u{200b}'));
    }

    #[test]
    fn drops_injected_readings_and_keeps_glosses() {
        check("西寧中關(guān)村企業(yè )園(yuán)區", "西寧中關村企業園區");
        check("建設(shè)高(gao)(gao)地(dì)", "建設高地");
        check("企业（ㄧㄝˋ）园区（ㄑㄩ）开（ㄎㄞ）", "企业园区开");
        check("记者李翀(chōng)报道", "记者李翀(chōng)报道");
        check("本报讯(he)说", "本报讯(he)说");
        check("人工智能(AI)和(bn)", "人工智能(AI)和(bn)");
    }

    #[test]
    fn cuts_strings_against_copying() {
        check("只做一件事。4 x0 k2 F ^- a4 L f# M", "只做一件事。");
        check("\" R: i$ h3 u- e* |! _. u. k' K/ n 先到的人", "先到的人");
        check("9 Z\" q; w2 V! s5 B# t, {", "");
        check("设 x + y = 3 z 时", "设 x + y = 3 z 时");
        check("型号 A1 B2 C3 D4 E5 在售", "型号 A1 B2 C3 D4 E5 在售");
    }

    #[test]
    fn replaces_radicals() {
        check("⼈⺠⼀⻋", "人民一车");
        check("甲\u{200b}乙", "甲乙");
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,60}") {
            line(&text, 1, Readings::count(&text), &mut Vec::new());
        }
    }
}
