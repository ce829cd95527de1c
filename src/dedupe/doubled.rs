//! Inside one article: a text pasted twice, a lead repeated.
//!
//! Works on lines compared in folded form. A line that stands there again is a repetition only together with its
//! neighbours: a refrain, a caption or a heading may be repeated on purpose. What is dropped is the later copy of a text
//! pasted twice, which keeps the first paste whole, but the earlier copy of a repeated lead, which keeps the text that goes on
//! from the lead. Of a last line that was cut (as `import` cuts teasers), and of a lead that stands before the text again with a
//! by-line in front, the copy inside the fuller line is kept.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::bytes::{Reader, Writer};
use super::fold::Folded;
use super::sketch;

/// What to leave out of a body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubled {
    /// Byte ranges of the body, in order, none overlapping: whole lines with their line ends.
    pub drop: Vec<Range<usize>>,
    /// What was found.
    pub shape: Shape,
}

impl Doubled {
    /// Gives the body without what is said twice.
    pub fn without(&self, body: &str) -> String {
        let mut at = 0;
        let mut out = String::with_capacity(body.len());
        for range in &self.drop {
            out.push_str(&body[at..range.start]);
            at = range.end;
        }
        out.push_str(&body[at..]);
        out
    }

    pub(super) fn write(&self, out: &mut Writer) {
        out.number(u64::from(self.shape == Shape::Lead));
        out.list(&self.drop, |out, range| {
            out.number(range.start as u64);
            out.number(range.len() as u64);
        });
    }

    pub(super) fn read(from: &mut Reader<'_>) -> Option<Self> {
        let shape = if from.number()? == 1 { Shape::Lead } else { Shape::Pasted };
        let range = |from: &mut Reader<'_>| {
            let start = from.narrow::<usize>()?;
            Some(start..start.checked_add(from.narrow()?)?)
        };
        Some(Doubled { drop: from.list(range)?, shape })
    }
}

/// How a text repeats itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shape {
    /// The whole text, or nearly, stands there again.
    Pasted,
    /// Only the beginning stands there again.
    Lead,
}

/// Folded characters a repeated stretch must have.
const STRETCH: usize = 40;
/// Folded characters a line must have to be looked for on its own; shorter ones count between longer ones.
const LINE: usize = 12;
/// The share of the text that is repeated when it was pasted twice.
const NEARLY: f64 = 0.35;
/// Folded characters a repeated lead must have.
const SENTENCE: usize = 24;
/// A lead and its repetition stand within so many lines.
const LEAD_LINES: usize = 12;

/// One line that says something.
struct Line<'f> {
    bytes: Range<usize>,
    folded: &'f [char],
}

/// Finds what one body holds more than once; `None` for a text that says everything once.
///
/// ```
/// let lead = "渡口的灯在天亮以前熄了，船工们收好缆绳，等第一班渡船从对岸开来。\n";
/// let rest = "船上有一车树苗、两只羊和六个赶集的人。树苗要栽到河滩上，羊要卖给镇上的学校，赶集的人说不出要买什么。\n";
/// let body = format!("{lead}{lead}{rest}中午以前，三样都办完了，渡船空着回去，灯也就没有再点起来，直到傍晚。\n");
/// let found = jianfan::dedupe::doubled::inside(&body).unwrap();
/// assert_eq!(found.drop, [0..lead.len()]);
/// ```
pub fn inside(body: &str) -> Option<Doubled> {
    of(body, &Folded::new(body))
}

/// Like [`inside`], for a body that is folded already.
pub(super) fn of(body: &str, folded: &Folded) -> Option<Doubled> {
    let mut lines = lines(body, folded);
    let total: usize = lines.iter().map(|line| line.folded.len()).sum();
    let runs = if recurring(&lines) { runs(&lines) } else { Vec::new() };
    let said_again: usize = runs.iter().map(|run| length(&lines, run)).sum();
    let pasted = said_again >= STRETCH && said_again as f64 >= total as f64 * NEARLY;
    let mut drop: Vec<Range<usize>> = Vec::new();
    if pasted {
        drop.extend(runs.iter().map(|run| bytes(body, &lines, run)));
        for run in runs.iter().rev() {
            lines.drain(run.clone());
        }
    }
    drop.extend(leads(&lines).into_iter().map(|at| bytes(body, &lines, &(at..at + 1))));
    let shape = if pasted { Shape::Pasted } else { Shape::Lead };
    (!drop.is_empty()).then(|| Doubled { drop: merged(drop), shape })
}

fn lines<'f>(body: &str, folded: &'f Folded) -> Vec<Line<'f>> {
    let ends = folded.lines.iter().skip(1).copied().chain([(body.len(), folded.chars.len())]);
    let line = |(from, to): (&(usize, usize), (usize, usize))| Line {
        bytes: from.0..to.0,
        folded: &folded.chars[from.1..to.1],
    };
    folded.lines.iter().zip(ends).map(line).filter(|line| !line.folded.is_empty()).collect()
}

/// Tells whether a line that can open a run may stand there twice: whether two agree in length, beginning and end. In most
/// texts none do.
fn recurring(lines: &[Line<'_>]) -> bool {
    let long = lines.iter().map(|line| line.folded).filter(|line| line.len() >= LINE);
    let sign = |line: &[char]| {
        let ends = [&line[..LINE / 2], &line[line.len() - LINE / 2..]].map(sketch::hash);
        ends[0] ^ ends[1].rotate_left(1) ^ line.len() as u64
    };
    let mut signs: Vec<u64> = long.map(sign).collect();
    signs.sort_unstable();
    signs.windows(2).any(|two| two[0] == two[1])
}

fn length(lines: &[Line<'_>], range: &Range<usize>) -> usize {
    lines[range.clone()].iter().map(|line| line.folded.len()).sum()
}

/// Finds the runs of lines that repeat an earlier run, from the top.
fn runs(lines: &[Line<'_>]) -> Vec<Range<usize>> {
    let mut first: BTreeMap<&[char], usize> = BTreeMap::new();
    let mut out: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let long = lines[at].folded.len() >= LINE;
        let earlier = first.get(lines[at].folded).copied();
        let Some(earlier) = earlier.filter(|_| long || out.last().is_some_and(|run: &Range<usize>| run.end == at))
        else {
            first.entry(lines[at].folded).or_insert(at);
            at += 1;
            continue;
        };
        let mut len = 1;
        while at + len < lines.len() && earlier + len < at && lines[at + len].folded == lines[earlier + len].folded {
            len += 1;
        }
        let later = at..at + len;
        if length(lines, &later) >= STRETCH {
            out.push(later);
        } else {
            first.entry(lines[at].folded).or_insert(at);
        }
        at += len;
    }
    out
}

/// The most characters of a by-line before a repeated lead.
const IN_FRONT: usize = 40;

/// Finds the lines near the top that stand again below, alone or inside a line with a by-line in front and anything after.
fn leads(lines: &[Line<'_>]) -> Vec<usize> {
    let near = &lines[..lines.len().min(2 * LEAD_LINES)];
    // Which pairs of characters open a lead, by hash: most places of a line are done with after one look.
    let mut openings = [0_u64; OPENINGS / 64];
    let is_lead = |at: &usize| near[*at].folded.len() >= SENTENCE;
    let leads: Vec<usize> = (0..near.len().min(LEAD_LINES)).filter(is_lead).collect();
    for &lead in &leads {
        let opening = opening(near[lead].folded);
        openings[opening / 64] |= 1 << (opening % 64);
    }
    let mut again = [false; LEAD_LINES];
    for (at, line) in near.iter().enumerate().skip(1) {
        let places = (line.folded.len() + 1).saturating_sub(SENTENCE).min(IN_FRONT + 1);
        for (from, two) in line.folded.windows(2).take(places).enumerate() {
            let opening = opening(two);
            if openings[opening / 64] >> (opening % 64) & 1 == 1 {
                let above = leads.iter().filter(|&&lead| lead < at && at <= lead + LEAD_LINES);
                above.for_each(|&lead| again[lead] |= line.folded[from..].starts_with(near[lead].folded));
            }
        }
    }
    leads.into_iter().filter(|lead| again[*lead]).collect()
}

/// How many openings of leads are told apart.
const OPENINGS: usize = 4096;

/// The hash of the first two characters.
fn opening(chars: &[char]) -> usize {
    let two = (chars[0] as u64) << 32 | chars[1] as u64;
    (two.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 52) as usize % OPENINGS
}

/// Gives the bytes of a run of lines, with the blank lines inside and after it.
fn bytes(body: &str, lines: &[Line<'_>], run: &Range<usize>) -> Range<usize> {
    let to = lines.get(run.end).map_or(body.len(), |next| next.bytes.start);
    lines[run.start].bytes.start..blank_end(body, lines[run.end - 1].bytes.end, to)
}

/// Sorts ranges and joins those that touch.
fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut out: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match out.last_mut() {
            Some(last) if last.end >= range.start => last.end = last.end.max(range.end),
            _ => out.push(range),
        }
    }
    out
}

/// Ends a dropped stretch before the first line below it that is markup and not blank: `<!-- more -->` stays.
fn blank_end(body: &str, from: usize, to: usize) -> usize {
    let mut at = from;
    for line in body[from..to].split_inclusive('\n') {
        if !line.trim().is_empty() {
            break;
        }
        at += line.len();
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "四月三日上午，高新区举行了新材料产业园的奠基仪式，市长到场并讲话。\n";
    const B: &str = "园区占地三百亩，分两期建设，第一期计划在明年年底以前投入使用。\n";
    const C: &str = "项目由省建工集团承建，总投资十二亿元，建成之后可以容纳四十家企业。\n";

    #[test]
    fn keeps_the_first_of_a_text_pasted_twice() {
        let once = format!("{A}\n{B}\n{C}");
        let body = format!("{once}\n{once}");
        let found = inside(&body).unwrap();
        assert_eq!(found.shape, Shape::Pasted);
        assert_eq!(found.without(&body).trim(), once.trim());
    }

    #[test]
    fn keeps_the_last_of_a_repeated_lead_and_the_more_mark() {
        let body = format!("{A}<!-- more -->\n\n{A}本报讯（记者某某） {A}{B}{C}");
        let found = inside(&body).unwrap();
        assert_eq!(found.shape, Shape::Lead);
        let left = found.without(&body);
        assert_eq!(left.matches("奠基仪式").count(), 1);
        assert!(left.starts_with("<!-- more -->") && left.contains("本报讯"), "{left}");
    }

    #[test]
    fn meets_scripts_and_leaves_refrains_alone() {
        let body = "臺灣新竹科學園區昨日舉行研討會，兩岸三百位工程師參加，討論了先進封裝、新型材料與節能技術的發展。\n台湾新竹科学园区昨日举行研讨会，两岸三百位工程师参加，讨论了先进封装、新型材料与节能技术的发展。\n";
        assert!(inside(body).is_some());
        let refrain = format!("（图一）\n{A}（图一）\n{B}加油！加油！\n{C}加油！加油！\n");
        assert_eq!(inside(&refrain), None);
        assert_eq!(inside(""), None);
        assert_eq!(inside(&"\n".repeat(50)), None);
    }

    #[test]
    fn finds_the_seed_pasted_twice() {
        let Ok(seed) = std::fs::read_to_string("../shared/seeds/004_962e9783aa401d67.txt") else {
            println!("skipped: the seeds are not here");
            return;
        };
        let found = inside(&seed).unwrap();
        assert_eq!(found.shape, Shape::Pasted);
        let left = found.without(&seed);
        assert!(left.len() < seed.len() / 2, "{} of {}", left.len(), seed.len());
        assert_eq!(left.matches("工业信息化工作会举行").count(), 1, "{left}");
        // The first half alone still has its lead three times.
        let half = &seed[..seed.len() / 2];
        let body = inside(half).unwrap().without(half);
        assert_eq!(body.matches("工业信息化工作会举行").count(), 1, "{body}");
    }
}
