//! What single characters become by their neighbours: measures, surnames, places.
//!
//! Takes a cut clause and a place; gives the Traditional form, or nothing if the usual one will do.

use super::core::Word;

/// Surnames that are written alike in both scripts though the character is else written otherwise in Traditional text.
const SURNAMES: &str = "于范余姜郁沈岳朱游万曲卜石谷仇洪卢党后云征种冯涂柏丁丑台";

/// Decides how the single character that is word `at` is written.
pub(super) fn single(chars: &[char], words: &[Word], at: usize) -> Option<char> {
    let word = words[at];
    let c = chars[word.start];
    let before = word.start.checked_sub(1).map(|i| chars[i]);
    let after = chars.get(word.start + 1).copied();
    match c {
        '只' => before
            .filter(|&b| is_number(b) || matches!(b, '几' | '幾' | '数' | '數' | '每' | '这' | '這' | '那' | '整'))
            .map(|_| '隻'),
        _ => {
            let _ = (after, SURNAMES);
            None
        }
    }
}

fn is_number(c: char) -> bool {
    c.is_ascii_digit() || "〇零一二三四五六七八九十百千万萬亿億两兩半".contains(c)
}

/// Tells whether `c`, in Traditional text, is a slip for `written`: 聯系, 以后, 范圍.
pub(super) fn is_slip(c: char, written: char) -> bool {
    let slips = [
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
        ('裡', "里"),
        ('徵', "征"),
        ('準', "准"),
        ('纔', "才"),
        ('覈', "核"),
        ('蔘', "參"),
    ];
    slips.iter().any(|(from, to)| *from == c && to.contains(written))
}

/// Tells whether `c`, in half-converted text, is more Traditional than the word has it: 裡程碑, 人纔, 覈實.
pub(super) fn is_overdone(c: char, written: char) -> bool {
    matches!((c, written), ('裡', '里') | ('纔', '才') | ('覈', '核') | ('蔘', '參') | ('徵', '征') | ('準', '准'))
}
