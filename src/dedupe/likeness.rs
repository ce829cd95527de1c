//! What two texts have in common and in what they differ: the figures a verdict is made from.

use std::ops::Range;

use super::align::{Alignment, align};
use super::bytes::{Reader, Writer};
use super::sketch::{Sketch, numbers};

/// The figures of one pair.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Likeness {
    /// Share of the smaller text's own characters that stand in the other, as they are or slightly edited.
    pub(crate) containment: f64,
    /// The same share of the larger text.
    pub(crate) back: f64,
    /// Own characters of the smaller text.
    pub(crate) own: usize,
    /// Share of the shorter text, boilerplate included.
    pub(crate) whole: f64,
    /// The same share of the longer text.
    pub(crate) whole_back: f64,
    /// Numbers that agree in place.
    pub(crate) agreeing: usize,
    /// Numbers that differ in place, as each text has them.
    pub(crate) conflicts: Vec<(String, String)>,
    /// Numbers that only one text has, in an edit.
    pub(crate) missing: usize,
    /// Words that stand for each other, without numbers.
    pub(crate) swaps: Vec<(String, String)>,
    /// Characters agreeing in place.
    pub(crate) matched: usize,
    /// The longest stretch that does not stand in the other text, of the text in which it is shorter.
    pub(crate) stranger: usize,
    /// How many of the two texts have hardly anything of their own, so that only the whole can be judged.
    pub(crate) generic: u8,
    /// How common the rest of the longer text is, against what both have: 1 for equally common, 0 for unique.
    pub(crate) rest: f64,
}

impl Likeness {
    pub(super) fn write(&self, out: &mut Writer) {
        [self.containment, self.back, self.whole, self.whole_back, self.rest].into_iter().for_each(|v| out.share(v));
        let counts = [self.own, self.agreeing, self.missing, self.matched, self.stranger, usize::from(self.generic)];
        counts.into_iter().for_each(|v| out.number(v as u64));
        for pairs in [&self.conflicts, &self.swaps] {
            out.list(pairs, |out, pair| {
                out.text(&pair.0);
                out.text(&pair.1);
            });
        }
    }

    pub(super) fn read(from: &mut Reader<'_>) -> Option<Self> {
        let pairs = |from: &mut Reader<'_>| from.list(|from| Some((from.text()?, from.text()?)));
        Some(Likeness {
            containment: from.share()?,
            back: from.share()?,
            whole: from.share()?,
            whole_back: from.share()?,
            rest: from.share()?,
            own: from.narrow()?,
            agreeing: from.narrow()?,
            missing: from.narrow()?,
            matched: from.narrow()?,
            stranger: from.narrow()?,
            generic: from.narrow()?,
            conflicts: pairs(from)?,
            swaps: pairs(from)?,
        })
    }
}

/// A text to compare and which of its characters are its own.
pub(crate) struct Side<'a> {
    pub(crate) chars: &'a [char],
    pub(crate) own: &'a [bool],
    /// In how many documents each gram stands; empty before that is counted.
    pub(crate) counts: &'a [u16],
    /// Whether the text has hardly anything of its own, so that every difference counts, also in what is common.
    pub(crate) generic: bool,
}

fn share(covered: &[bool], own: &[bool]) -> (f64, usize) {
    let all = own.iter().filter(|&&own| own).count();
    let found = covered.iter().zip(own).filter(|&(&covered, &own)| covered && own).count();
    (if all == 0 { 0.0 } else { found as f64 / all as f64 }, all)
}

fn plain(covered: &[bool]) -> f64 {
    covered.iter().filter(|&&c| c).count() as f64 / covered.len().max(1) as f64
}

fn stranger(covered: &[bool]) -> usize {
    covered.split(|&covered| covered).map(<[bool]>::len).max().unwrap_or(0)
}

/// The most characters of a rest that say nothing, being a by-line or a date.
const TRIFLE: usize = 30;

fn rest(side: &Side<'_>, covered: &[bool]) -> f64 {
    let median = |wanted: bool| {
        let mut counts: Vec<u16> = side.counts.iter().zip(covered).filter(|c| *c.1 == wanted).map(|c| *c.0).collect();
        let middle = counts.len() / 2;
        (counts.len() > TRIFLE).then(|| f64::from(*counts.select_nth_unstable(middle).1))
    };
    match (median(false), median(true)) {
        (Some(rest), Some(shared)) => rest / shared.max(1.0),
        _ => 1.0,
    }
}

/// Compares two texts.
pub(crate) fn compare(a: &Side<'_>, b: &Side<'_>) -> Likeness {
    let alignment = align(a.chars, b.chars);
    let ((in_a, own_a), (in_b, own_b)) = (share(&alignment.covered_a, a.own), share(&alignment.covered_b, b.own));
    let (whole_a, whole_b) = (plain(&alignment.covered_a), plain(&alignment.covered_b));
    let a_is_smaller = own_a <= own_b;
    let a_is_shorter = a.chars.len() <= b.chars.len();
    let order = |first: bool, x: f64, y: f64| if first { (x, y) } else { (y, x) };
    let (containment, back) = order(a_is_smaller, in_a, in_b);
    let (whole, whole_back) = order(a_is_shorter, whole_a, whole_b);
    let mut out = Likeness { containment, back, own: own_a.min(own_b), whole, whole_back, ..Likeness::default() };
    out.stranger = stranger(&alignment.covered_a).min(stranger(&alignment.covered_b));
    out.generic = u8::from(a.generic) + u8::from(b.generic);
    out.rest = if a_is_shorter { rest(b, &alignment.covered_b) } else { rest(a, &alignment.covered_a) };
    out.matched = alignment.blocks.iter().map(|block| block.len).sum();
    differences(a, b, &alignment, &mut out);
    out
}

/// Sorts what stands in the edits into numbers that conflict, numbers that miss, and words swapped.
fn differences(a: &Side<'_>, b: &Side<'_>, alignment: &Alignment, out: &mut Likeness) {
    let mut touched: Vec<Range<usize>> = Vec::new();
    let strict = a.generic || b.generic || a.chars.len().min(b.chars.len()) < super::verdict::SHORT;
    for edit in ends(a, b, alignment).into_iter().chain(alignment.edits.iter().cloned()) {
        let wide = widen(a.chars, b.chars, &edit);
        let (x, y) = (&a.chars[wide.a.clone()], &b.chars[wide.b.clone()]);
        let counts = strict || (is_own(a, &wide.a) && is_own(b, &wide.b));
        if !counts {
            continue;
        }
        touched.push(wide.a.clone());
        match numbers_of(x, y) {
            Numbers::Conflict(pairs) => out.conflicts.extend(pairs),
            Numbers::Missing(count) => out.missing += count,
            Numbers::Agree => split(x, y, &mut out.swaps),
        }
    }
    out.agreeing = agreeing(a, strict, alignment, &touched);
}

/// Numbers that lie whole inside a block and are the text's own.
fn agreeing(a: &Side<'_>, strict: bool, alignment: &Alignment, touched: &[Range<usize>]) -> usize {
    let meets = |r: &Range<usize>| touched.iter().any(|t| t.start < r.end && r.start < t.end);
    let inside = |r: &Range<usize>| alignment.covered_a[r.start] && alignment.covered_a[r.end - 1];
    numbers(a.chars).iter().filter(|r| (strict || is_own(a, r)) && inside(r) && !meets(r)).count()
}

fn is_own(side: &Side<'_>, range: &Range<usize>) -> bool {
    range.is_empty() || side.own[range.clone()].iter().any(|&own| own)
}

/// The numbers of a stretch: runs of digits, and a stretch of Chinese numerals alone.
fn values(chars: &[char]) -> Vec<String> {
    let digits = numbers(chars);
    if digits.is_empty() && !chars.is_empty() && chars.iter().all(|c| "零〇一二三四五六七八九十百千万亿两".contains(*c))
    {
        return vec![chars.iter().collect()];
    }
    digits.into_iter().map(|r| chars[r].iter().collect()).collect()
}

/// How the numbers on the two sides of an edit stand to each other.
enum Numbers {
    Agree,
    Conflict(Vec<(String, String)>),
    Missing(usize),
}

fn numbers_of(x: &[char], y: &[char]) -> Numbers {
    let (nx, ny) = (values(x), values(y));
    let (few, many) = if nx.len() <= ny.len() { (&nx, &ny) } else { (&ny, &nx) };
    if nx == ny || (few.len() != many.len() && zeroless(few) == zeroless(many)) {
        Numbers::Agree
    } else if few.len() == many.len() {
        Numbers::Conflict(nx.into_iter().zip(ny).filter(|(p, q)| p != q).collect())
    } else if !few.is_empty() && !few.iter().any(|n| many.contains(n)) {
        Numbers::Conflict(vec![(nx.join(" "), ny.join(" "))])
    } else {
        Numbers::Missing(many.len() - few.len())
    }
}

/// Brings 2019年5月14日 and 2019-05-14 together, whose digits are divided differently.
fn zeroless(values: &[String]) -> String {
    values.iter().flat_map(|v| v.chars()).filter(|&c| c != '0').collect()
}

/// Takes an edit apart at what its sides share, into swaps of words without digits: the smaller, the better known.
fn split(x: &[char], y: &[char], out: &mut Vec<(String, String)>) {
    let (at_x, at_y, len) = longest_common(x, y);
    if len > 0 {
        split(&x[..at_x], &y[..at_y], out);
        split(&x[at_x + len..], &y[at_y + len..], out);
        return;
    }
    let words = |chars: &[char]| chars.iter().filter(|c| !c.is_ascii_digit()).collect::<String>();
    let (x, y) = (words(x), words(y));
    if !(x.is_empty() && y.is_empty()) {
        out.push((x, y));
    }
}

/// Gives where the longest stretch that two short texts share stands in each, and its length; the first of equals.
fn longest_common(x: &[char], y: &[char]) -> (usize, usize, usize) {
    let mut best = (0, 0, 0);
    for at_x in 0..x.len() {
        for at_y in 0..y.len() {
            let len = x[at_x..].iter().zip(&y[at_y..]).take_while(|(p, q)| p == q).count();
            if len > best.2 {
                best = (at_x, at_y, len);
            }
        }
    }
    best
}

/// The longest beginning or end that is read as an edit against what stands in the same place of the other text.
const END: usize = 16;

/// What stands before the first block and after the last one, where one text begins or ends there.
fn ends(a: &Side<'_>, b: &Side<'_>, alignment: &Alignment) -> Vec<super::align::Edit> {
    let (Some(first), Some(last)) = (alignment.blocks.first(), alignment.blocks.last()) else { return Vec::new() };
    let mut out = Vec::new();
    let before = first.a.min(first.b);
    if before > 1 && before <= END {
        out.push(super::align::Edit { a: first.a - before..first.a, b: first.b - before..first.b });
    }
    let (from_a, from_b) = (last.a + last.len, last.b + last.len);
    let after = (a.chars.len() - from_a).min(b.chars.len() - from_b);
    if after > 1 && after <= END {
        out.push(super::align::Edit { a: from_a..from_a + after, b: from_b..from_b + after });
    }
    out
}

/// The most digits of a number that are looked at on either side of an edit.
const DIGITS: usize = 20;

/// Widens an edit over the digits around it, so that 535 against 3535 is two numbers and not a 3 more.
fn widen(a: &[char], b: &[char], edit: &super::align::Edit) -> super::align::Edit {
    let mut wide = edit.clone();
    let digit = |chars: &[char], at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
    let touches = |chars: &[char], r: &Range<usize>| digit(chars, r.start) || (r.end > 0 && digit(chars, r.end - 1));
    let follows = wide.a.start > 0 && digit(a, wide.a.start - 1);
    let numeric = follows || touches(a, &wide.a) || touches(b, &wide.b);
    if !numeric {
        return wide;
    }
    while edit.a.start - wide.a.start < DIGITS
        && wide.a.start > 0
        && wide.b.start > 0
        && digit(a, wide.a.start - 1)
        && a[wide.a.start - 1] == b[wide.b.start - 1]
    {
        (wide.a.start, wide.b.start) = (wide.a.start - 1, wide.b.start - 1);
    }
    while wide.a.end - edit.a.end < DIGITS && digit(a, wide.a.end) && b.get(wide.b.end) == Some(&a[wide.a.end]) {
        (wide.a.end, wide.b.end) = (wide.a.end + 1, wide.b.end + 1);
    }
    wide
}

/// How far the hints agree.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Hints {
    /// Share of the shorter title's pairs of characters that stand in the longer one; none if a title misses.
    pub(crate) title: Option<f64>,
    /// Days between the two; none if a date misses.
    pub(crate) days: Option<u32>,
}

/// Compares titles and dates.
pub(crate) fn hints(a: &Sketch, b: &Sketch) -> Hints {
    let days = a.day.zip(b.day).map(|(a, b)| a.abs_diff(b));
    Hints { title: title(&a.title, &b.title), days }
}

fn title(a: &str, b: &str) -> Option<f64> {
    let pairs = |t: &str| -> Vec<(char, char)> { t.chars().zip(t.chars().skip(1)).collect() };
    let (mut a, mut b) = (pairs(a), pairs(b));
    if a.is_empty() || b.is_empty() {
        return None;
    }
    if a.len() > b.len() {
        std::mem::swap(&mut a, &mut b);
    }
    let found = a.iter().filter(|pair| b.contains(pair)).count();
    Some(found as f64 / a.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(a: &str, b: &str) -> Likeness {
        let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
        let (own_a, own_b) = (vec![true; a.len()], vec![true; b.len()]);
        compare(
            &Side { chars: &a, own: &own_a, counts: &[], generic: false },
            &Side { chars: &b, own: &own_b, counts: &[], generic: false },
        )
    }

    #[test]
    fn reads_whole_numbers_in_conflict() {
        let found = like("项目总投资3535万元占地490亩落户城北产业园区", "项目总投资535万元占地490亩落户城北产业园区");
        assert_eq!(found.conflicts, [("3535".to_owned(), "535".to_owned())]);
        assert_eq!((found.agreeing, found.missing), (1, 0));
    }

    #[test]
    fn tells_a_lost_number_and_a_swapped_word() {
        let found = like(
            "本市政府昨日七月会议上宣布投资12亿元建设城北产业园区",
            "本市当局昨日七月会议上宣布投资亿元建设城北产业园区",
        );
        assert_eq!(found.missing, 1);
        assert_eq!(found.swaps, [("政府".to_owned(), "当局".to_owned())]);
    }

    #[test]
    fn compares_titles_with_suffixes() {
        assert_eq!(title("会议在京召开", "会议在京召开甘肃频道"), Some(1.0));
        assert_eq!(title("", "会议"), None);
    }
}
