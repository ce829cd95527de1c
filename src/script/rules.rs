//! What characters become by their neighbours: measures, surnames, places.
//!
//! Takes a cut clause and a place in it; gives the Traditional form, or nothing if the usual one will do. These are the
//! characters that stand by themselves where no word of the lexicon decides, and two words that a number decides.

use super::clause::Word;
use super::names;

/// Surnames whose character is written otherwise when it is no name, with the form of the name.
const SURNAMES: [(char, char); 9] = [
    ('于', '于'),
    ('余', '余'),
    ('游', '游'),
    ('涂', '涂'),
    ('钟', '鍾'),
    ('后', '后'),
    ('党', '党'),
    ('种', '种'),
    ('丑', '丑'),
];

/// A cut clause, by folded characters.
pub(super) struct Cut<'a> {
    pub(super) chars: &'a [char],
    /// Its words, or those around the places that are asked for.
    pub(super) words: &'a [Word],
    /// What stands before the clause, folded.
    pub(super) before: Option<char>,
}

impl Cut<'_> {
    /// Returns what stands before place `at`, folded.
    fn before(&self, at: usize) -> Option<char> {
        if at == 0 { self.before } else { self.char(at - 1) }
    }

    /// Returns word `at` in folded characters.
    fn word(&self, at: usize) -> String {
        let Some(w) = self.words.get(at) else { return String::new() };
        self.chars[w.start..w.start + w.len].iter().collect()
    }

    fn char(&self, at: usize) -> Option<char> {
        self.chars.get(at).copied()
    }

    fn begins_with_title(&self, from: usize) -> bool {
        let rest = self.chars.get(from..).unwrap_or(&[]);
        let short = matches!(rest.first(), Some('氏' | '姓' | '某' | '总' | '老')) && rest.get(1) != Some(&'体');
        short || names::title(rest)
    }
}

/// Numbers, beside those in digits.
const NUMBERS: &str = "〇零一二三四五六七八九十百千万亿两半";

/// Characters, with those before and those behind them by which [`single`] or [`word`] may decide; where numbers do, a
/// blank stands among those before.
const BESIDE: [(&str, &str, &str); 14] = [
    ("只", " 几数每这那整多余", ""),
    ("里", " 海", ""),
    ("周", " 每本上下这首当隔", ""),
    ("出斗伙", " ", ""),
    ("系", "均确实皆乃纯全", ""),
    ("准", "看算找瞄认吃摸拿选抓校测打踩对站说定", ""),
    ("咸", "太很偏微又更酸甜", ""),
    ("脏", "太很又更不", ""),
    ("卷", "", "起走进入着了成"),
    ("干", "拖烧晒晾擦吹烘烤拧沥喝流榨抽哭蒸熬焙炒淘舔甩挤", "燥旱热冷湿透硬等瞪笑咳呕嚎嚼裂枯涸瘪着"),
    ("干", "水床井池塘渠湖溪漆墨汗泪血衣裤土泥唇", ""),
    ("汇", "", "编整"),
    ("后", "天", ""),
    ("于余游涂钟后党种丑", "姓老小", "氏姓某总老"),
];

/// Shows pairs of neighbours, `None` for none and a digit for all numbers in digits, of which one may be written by a
/// rule because it stands beside the other: all there are, and some more.
pub(super) fn neighbours(mut show: impl FnMut(Option<char>, Option<char>)) {
    for (own, before, behind) in BESIDE {
        for c in own.chars() {
            for b in before.chars() {
                let numbers = if b == ' ' { NUMBERS } else { "" };
                let b = if b == ' ' { '0' } else { b };
                numbers.chars().chain([b]).for_each(|b| show(Some(b), Some(c)));
            }
            behind.chars().for_each(|b| show(Some(c), Some(b)));
        }
    }
    for (c, _) in SURNAMES {
        names::titles().for_each(|b| show(Some(c), Some(b)));
    }
    NOODLES.iter().for_each(|word| show(word.chars().last(), Some('面')));
    OF_NOODLES.iter().for_each(|word| show(Some('面'), word.chars().next()));
    // What begins a flow may be all there is of it.
    show(None, Some('脏'));
    show(None, Some('斗'));
}

/// Tells whether the words beside a character decide about it, too.
pub(super) fn looks_at_words(c: char) -> bool {
    c == '面'
}

/// Decides how the single character that is word `at` is written.
pub(super) fn single(clause: &Cut<'_>, at: usize) -> Option<char> {
    let place = clause.words[at].start;
    if looks_at_words(clause.chars[place]) {
        return is_noodle(clause, at).then_some('麵');
    }
    by_neighbours(clause, place)
}

/// The same for all that the characters beside it decide.
fn by_neighbours(clause: &Cut<'_>, place: usize) -> Option<char> {
    let c = clause.chars[place];
    let before = clause.before(place);
    let after = clause.char(place + 1);
    let number = before.is_some_and(is_number);
    if let Some(&(_, form)) = SURNAMES.iter().find(|(s, _)| *s == c)
        && is_surname(clause, place, c)
    {
        return Some(form);
    }
    match c {
        '只' => before.filter(|&b| number || "几数每这那整多余".contains(b)).map(|_| '隻'),
        '里' if number && !before.is_some_and(|b| "半".contains(b)) => Some('里'),
        '周' if number || before.is_some_and(|b| "每本上下这首当隔".contains(b)) => Some('週'),
        '出' if number && [1, 2, 3].iter().any(|&i| clause.char(place + i).is_some_and(|a| "戏剧".contains(a))) => {
            Some('齣')
        }
        '斗' if number || before.is_none() && after.is_none() => Some('斗'),
        '系' if before.is_some_and(|b| "均确实皆乃纯全".contains(b)) => Some('係'),
        '准' if before.is_some_and(|b| "看算找瞄认吃摸拿选抓校测打踩对站说定".contains(b)) => {
            Some('準')
        }
        '咸' if before.is_some_and(|b| "太很偏微又更酸甜".contains(b)) => Some('鹹'),
        '脏' if before.is_some_and(|b| "太很又更不".contains(b)) || before.is_none() => Some('髒'),
        '卷' if after.is_some_and(|a| "起走进入着了成".contains(a)) => Some('捲'),
        '伙' if number => Some('夥'),
        '干' if after.is_some_and(|a| "燥旱热冷湿透硬等瞪笑咳呕嚎嚼裂枯涸瘪".contains(a)) => {
            Some('乾')
        }
        '干' if after == Some('着') && clause.char(place + 2) == Some('急') => Some('乾'),
        '干' if before.is_some_and(|b| "拖烧晒晾擦吹烘烤拧沥喝流榨抽哭蒸熬焙炒淘舔甩挤".contains(b)) => {
            Some('乾')
        }
        '干' if before.is_some_and(|b| "水床井池塘渠湖溪漆墨汗泪血衣裤土泥唇".contains(b))
            && after.is_none_or(|a| "了透掉后".contains(a)) =>
        {
            Some('乾')
        }
        '汇' if after.is_some_and(|a| "编整".contains(a)) => Some('彙'),
        _ => None,
    }
}

/// Decides about words that mean two things: 海里 is a measure after a number, 天后 is none.
pub(super) fn word(clause: &Cut<'_>, at: usize) -> Option<&'static str> {
    let word = clause.words[at];
    let folded = |at: usize| clause.char(word.start + at);
    let (to, with_number) = match (word.len, folded(0)?, folded(1)?) {
        (2, '海', '里') => ("海裡", false),
        (2, '天', '后') => ("天後", true),
        _ => return None,
    };
    let before = clause.before(word.start);
    let number = before.is_some_and(|b| is_number(b) || "几数多余".contains(b));
    (number == with_number).then_some(to)
}

fn is_surname(clause: &Cut<'_>, place: usize, c: char) -> bool {
    let before = clause.before(place);
    if clause.begins_with_title(place + 1) && !before.is_some_and(is_number) {
        return true;
    }
    before == Some('姓') || matches!(before, Some('老' | '小')) && !matches!(c, '于' | '后' | '种')
}

/// Words before 面 that is food.
const NOODLES: [&str; 24] = [
    "牛肉",
    "羊肉",
    "鸡肉",
    "排骨",
    "担担",
    "炸酱",
    "刀削",
    "臊子",
    "浆水",
    "热干",
    "阳春",
    "鸡蛋",
    "番茄",
    "西红柿",
    "手工",
    "烩",
    "扯",
    "扁豆",
    "油泼",
    "荞麦",
    "小麦",
    "燕麦",
    "大肉",
    "肥肠",
];
/// Words behind it.
const OF_NOODLES: [&str; 6] = ["馆", "厂", "粉", "食", "点师", "筋"];

fn is_noodle(clause: &Cut<'_>, at: usize) -> bool {
    let word = clause.words[at];
    let before = at.checked_sub(1).filter(|&i| clause.words[i].start + clause.words[i].len == word.start);
    let after = Some(at + 1).filter(|&i| clause.words.get(i).is_some_and(|w| w.start == word.start + word.len));
    before.is_some_and(|i| NOODLES.contains(&clause.word(i).as_str()))
        || after.is_some_and(|i| OF_NOODLES.contains(&clause.word(i).as_str()))
}

/// Returns the Traditional forms among which a character by itself is a guess.
pub(super) fn alternatives(c: char) -> Option<&'static str> {
    const OPEN: [(char, &str); 24] = [
        ('干', "幹乾干"),
        ('里', "裡里"),
        ('发', "發髮"),
        ('面', "面麵"),
        ('松', "松鬆"),
        ('卷', "卷捲"),
        ('征', "征徵"),
        ('准', "准準"),
        ('斗', "鬥斗"),
        ('谷', "谷穀"),
        ('云', "雲云"),
        ('游', "遊游"),
        ('折', "折摺"),
        ('系', "系係繫"),
        ('制', "制製"),
        ('复', "復複覆"),
        ('后', "後后"),
        ('余', "餘余"),
        ('于', "於于"),
        ('钟', "鐘鍾"),
        ('获', "獲穫"),
        ('汇', "匯彙"),
        ('历', "歷曆"),
        ('舍', "舍捨"),
    ];
    // 於 and 後 by themselves are what they nearly always are.
    OPEN.iter().find(|(from, _)| *from == c && !matches!(c, '于' | '后' | '里' | '面')).map(|p| p.1)
}

fn is_number(c: char) -> bool {
    c.is_ascii_digit() || NUMBERS.contains(c)
}

/// Tells whether `c`, in Traditional text, is a slip for `written`: 聯系, 以后, 范圍.
pub(super) fn is_slip(c: char, written: char) -> bool {
    const SLIPS: [(char, &str); 18] = [
        ('系', "係繫"),
        ('后', "後"),
        ('里', "裡"),
        ('范', "範"),
        ('复', "復複覆"),
        ('发', "發髮"),
        ('于', "於"),
        ('云', "雲"),
        ('余', "餘"),
        ('采', "採"),
        ('准', "準"),
        ('制', "製"),
        ('征', "徵"),
        ('干', "幹乾"),
        ('致', "緻"),
        ('松', "鬆"),
        ('沖', "衝"),
        ('復', "複覆"),
    ];
    is_overdone(c, written) || SLIPS.iter().any(|(from, to)| *from == c && to.contains(written))
}

/// Tells whether `c`, in half-converted text, is more Traditional than the word has it: 裡程碑, 人纔, 覈實.
pub(super) fn is_overdone(c: char, written: char) -> bool {
    matches!(
        (c, written),
        ('裡', '里') | ('瞭', '了') | ('纔', '才') | ('覈', '核') | ('蔘', '參') | ('徵', '征') | ('準', '准')
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn shows_all_neighbours_that_decide() {
        let mut shown = BTreeSet::new();
        neighbours(|before, behind| {
            shown.insert((before, behind));
        });
        // Each character that a rule names stands in one of these files.
        let named: BTreeSet<char> = include_str!("rules.rs").chars().chain(include_str!("names.rs").chars()).collect();
        let decides = |chars: &[char], place: usize, before: Option<char>| {
            let words: Vec<Word> = (0..chars.len()).map(|start| Word { start, len: 1, ..Word::default() }).collect();
            by_neighbours(&Cut { chars, words: &words, before }, place).is_some()
        };
        let digit = |c: char| if c.is_ascii_digit() { '0' } else { c };
        for &own in named.iter().filter(|c| !c.is_ascii()) {
            assert!(!decides(&[own], 0, None) || shown.contains(&(None, Some(own))), "{own}");
            for &other in &named {
                let ahead = decides(&[other, own], 1, None) || decides(&[other, own, '，', '戏'], 1, None);
                assert!(!ahead || shown.contains(&(Some(digit(other)), Some(own))), "{other}{own}");
                let behind = decides(&['，', own, other], 1, None) || decides(&['，', own, other, '急'], 1, None);
                assert!(!behind || shown.contains(&(Some(own), Some(other))), "{own}{other}");
            }
        }
    }
}
