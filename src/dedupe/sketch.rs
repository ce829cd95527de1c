//! What is kept of one document: about half a kilobyte from which candidates are found without the text.
//!
//! A sketch holds hashes of the text as written and as folded, a sample of the hashes of its 5-grams (those below a bound
//! that depends on the length alone, so that samples of different rates can be compared on the coarser one), hashes of runs
//! of three numbers, which find again a notice among thousands of one template, and title, date and source as hints.
//! [`survey`] makes it together with what the body holds twice, in one walk over the text.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Document;
use super::bytes::{Reader, Writer};
use super::doubled::{self, Doubled};
use super::fold::{self, Folded};

/// Characters in a gram. Four-grams of Chinese recur by chance, six-grams rarely survive rewriting.
pub(crate) const GRAM: usize = 5;
/// The sampling rate is halved until no more than this many grams are expected.
const SAMPLES: usize = 256;
/// Runs of numbers kept, those of the smallest hashes.
const NUMBER_RUNS: usize = 24;
/// Characters of a folded title that are kept.
const TITLE: usize = 60;

/// Changes whenever sketches of one text change: a cache keeps none of another version.
pub const VERSION: u32 = 3;

/// Everything kept of one document; cacheable, about half a kilobyte for an article.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sketch {
    /// The document's id, also the tie-breaker of everything.
    pub id: String,
    /// Day of the document, counted from 1970-01-01.
    pub day: Option<i32>,
    /// Where the document says it comes from.
    pub source: Option<String>,
    /// Hash of the text as written, white space aside: equal for exact copies.
    pub(crate) raw: u64,
    /// Hash of where its white space stands.
    pub(crate) spaces: u64,
    /// Hash of the folded text: equal for copies in the other script.
    pub(crate) folded: u64,
    /// Hash of the form for comparison.
    pub(crate) compared: u64,
    /// Characters of the form for comparison.
    pub(crate) length: u32,
    /// Words that stand for another one in comparisons: rewriting multiplies them.
    pub(crate) odd: u32,
    /// Whether the text holds something twice.
    pub(crate) doubled: bool,
    /// One in `2^rate` grams is sampled.
    pub(crate) rate: u8,
    /// Sampled hashes, sorted, each once.
    #[serde(with = "super::bytes::hashes")]
    pub(crate) samples: Vec<u32>,
    /// Hashes of runs of three numbers, sorted, each once.
    #[serde(with = "super::bytes::hashes")]
    pub(crate) numbers: Vec<u32>,
    /// The folded title.
    pub(crate) title: String,
}

/// What one walk over a body tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Survey {
    /// What the body holds more than once.
    pub doubled: Option<Doubled>,
    /// The sketch of what is left without it.
    pub sketch: Sketch,
}

const SKETCH: &[u8; 4] = b"jfSK";
const SURVEY: &[u8; 4] = b"jfSV";

impl Sketch {
    /// Gives the bytes from which [`Self::from_bytes`] makes it again.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::new(SKETCH);
        self.write(&mut out);
        out.finish()
    }

    /// Reads a sketch; none from bytes that are damaged or of another version.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut from = Reader::new(bytes, SKETCH)?;
        let sketch = Self::read(&mut from)?;
        from.finish().map(|()| sketch)
    }

    fn write(&self, out: &mut Writer) {
        out.text(&self.id);
        // A day before 1970 is as likely as one of the far future: zigzag, with 0 for none.
        out.number(self.day.map_or(0, |day| 1 + ((i64::from(day) << 1) ^ (i64::from(day) >> 63)) as u64));
        out.list(self.source.as_slice(), |out, source| out.text(source));
        [self.raw, self.spaces, self.folded, self.compared].into_iter().for_each(|hash| out.fixed(hash));
        out.number(u64::from(self.length));
        out.number(u64::from(self.odd) << 1 | u64::from(self.doubled));
        out.number(u64::from(self.rate));
        out.hashes(&self.samples);
        out.hashes(&self.numbers);
        out.text(&self.title);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let id = from.text()?;
        let day = match from.number()?.checked_sub(1) {
            None => None,
            Some(zigzag) => Some(i32::try_from((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64)).ok()?),
        };
        let source = from.list(Reader::text)?.pop();
        let [raw, spaces, folded, compared] = [from.fixed()?, from.fixed()?, from.fixed()?, from.fixed()?];
        let length = from.narrow()?;
        let odd = from.number()?;
        Some(Sketch {
            id,
            day,
            source,
            raw,
            spaces,
            folded,
            compared,
            length,
            odd: u32::try_from(odd >> 1).ok()?,
            doubled: odd & 1 == 1,
            rate: from.narrow()?,
            samples: from.hashes()?,
            numbers: from.hashes()?,
            title: from.text()?,
        })
    }
}

impl Survey {
    /// Gives the bytes from which [`Self::from_bytes`] makes it again.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::new(SURVEY);
        out.list(self.doubled.as_slice(), |out, doubled| doubled.write(out));
        self.sketch.write(&mut out);
        out.finish()
    }

    /// Reads a survey; none from bytes that are damaged or of another version.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut from = Reader::new(bytes, SURVEY)?;
        let doubled = from.list(Doubled::read)?.pop();
        let sketch = Sketch::read(&mut from)?;
        from.finish().map(|()| Survey { doubled, sketch })
    }
}

/// Gives the hash by which a decision recognises the text it was made about: the same for a body as an editor wrote it and
/// as it is compared, what it says twice said once.
pub fn text_hash(text: &str) -> String {
    match doubled::inside(text) {
        Some(twice) => text_hash(&twice.without(text)),
        None => hex(&Sha256::digest(fold::fold(text).as_bytes())),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Sketches one document. Pure; documents can be sketched in parallel.
pub fn sketch(document: &Document<'_>) -> Sketch {
    let folded = Folded::new(document.text);
    let doubled = doubled::of(document.text, &folded).is_some();
    Sketch { doubled, ..of(document, &folded) }
}

/// Finds what a body holds twice and sketches what is left. Pure; bodies can be surveyed in parallel.
pub fn survey(document: &Document<'_>) -> Survey {
    let folded = Folded::new(document.text);
    let doubled = doubled::of(document.text, &folded);
    let sketch = match &doubled {
        None => of(document, &folded),
        Some(found) => sketch(&Document { text: &found.without(document.text), ..*document }),
    };
    Survey { doubled, sketch }
}

fn of(document: &Document<'_>, folded: &Folded) -> Sketch {
    let chars = &folded.chars;
    let rate = rate(chars.len());
    let bound = u32::MAX >> rate;
    let mut samples: Vec<u32> = Vec::with_capacity(SAMPLES + SAMPLES / 4);
    sample(chars, bound, &mut samples);
    samples.sort_unstable();
    samples.dedup();
    Sketch {
        id: document.id.to_owned(),
        day: document.date.and_then(day),
        source: document.source.map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned),
        raw: folded.raw.hash(),
        spaces: folded.spaces,
        folded: folded.folded,
        compared: if folded.odd == 0 { folded.folded } else { hash_long(chars) },
        length: u32::try_from(chars.len()).unwrap_or(u32::MAX),
        odd: u32::try_from(folded.odd).unwrap_or(u32::MAX),
        doubled: false,
        rate,
        samples,
        numbers: number_runs(chars),
        title: document.title.map(|t| fold::comparable(t).into_iter().take(TITLE).collect()).unwrap_or_default(),
    }
}

fn rate(length: usize) -> u8 {
    (0..24).find(|&k| length >> k <= SAMPLES).unwrap_or(24)
}

/// Tells whether a gram belongs to the sample of a rate.
pub(crate) fn sampled(gram: u32, rate: u8) -> bool {
    gram.leading_zeros() >= u32::from(rate)
}

const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;

/// Spreads every bit of a number over all of it.
pub(crate) fn mix(h: u64) -> u64 {
    let h = (h ^ (h >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    let h = (h ^ (h >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    h ^ (h >> 32)
}

/// Hashes characters in order, two at a time.
pub(crate) fn hash(chars: &[char]) -> u64 {
    let (pairs, last) = chars.as_chunks::<2>();
    let step = |h: u64, v: u64| (h.rotate_left(5) ^ v).wrapping_mul(FACTOR);
    let h = pairs.iter().fold(chars.len() as u64, |h, &[a, b]| step(h, (a as u64) << 32 | b as u64));
    mix(last.iter().fold(h, |h, &c| step(h, c as u64)))
}

/// Hashes many characters in order, in four walks side by side: one step of a walk takes longer than a processor needs for
/// the work of all four.
pub(crate) fn hash_long(chars: &[char]) -> u64 {
    let (eights, rest) = chars.as_chunks::<8>();
    let step = |h: u64, a: char, b: char| (h.rotate_left(5) ^ ((a as u64) << 32 | b as u64)).wrapping_mul(FACTOR);
    let walks = eights.iter().fold([0, 1, 2, 3], |[p, q, r, s], &[a, b, c, d, e, f, g, h]| {
        [step(p, a, b), step(q, c, d), step(r, e, f), step(s, g, h)]
    });
    walks.iter().fold(hash(rest), |h, walk| mix((h ^ walk).wrapping_mul(FACTOR))) ^ chars.len() as u64
}

/// Hashes numbers in order.
pub(crate) fn hash_steps(values: &[u16]) -> u64 {
    let (fours, rest) = values.as_chunks::<4>();
    let four = |four: &[u16; 4]| four.iter().fold(0u64, |all, &v| all << 16 | u64::from(v));
    let step = |h: u64, v: u64| (h.rotate_left(5) ^ v).wrapping_mul(FACTOR);
    let h = fours.iter().fold(values.len() as u64, |h, v| step(h, four(v)));
    mix(rest.iter().fold(h, |h, &v| step(h, u64::from(v))))
}

/// Hashes every gram of a text, in order; none of a text shorter than one.
pub(crate) fn grams(chars: &[char]) -> impl Iterator<Item = u32> + '_ {
    const LEAVING: u64 = FACTOR.wrapping_pow(GRAM as u32);
    let (before, rest) = chars.split_at(chars.len().min(GRAM - 1));
    let mut h = before.iter().fold(0u64, |h, &c| h.wrapping_add(c as u64).wrapping_mul(FACTOR));
    rest.iter().zip(chars).map(move |(&coming, &leaving)| {
        h = h.wrapping_add(coming as u64).wrapping_mul(FACTOR);
        let gram = ((h ^ (h >> 29)).wrapping_mul(0xD6E8_FEB8_6659_FD93) >> 32) as u32;
        h = h.wrapping_sub((leaving as u64).wrapping_mul(LEAVING));
        gram
    })
}

/// Adds the hashes of all grams of a text up to a bound, in no order.
///
/// Two walks go side by side, because one step of a walk takes longer than a processor needs for the work of both; and
/// nothing branches on a hash, because no processor foresees it.
fn sample(chars: &[char], bound: u32, samples: &mut Vec<u32>) {
    let half = chars.len().saturating_sub(GRAM - 1) / 2;
    // The first walk ends with the gram that begins before the half, the second one begins at it.
    let (first, mut second) = (grams(&chars[..chars.len().min(half + GRAM - 1)]), grams(&chars[half..]));
    let (mut block, mut taken) = ([0; 64], 0);
    for (one, other) in first.zip(second.by_ref()) {
        for gram in [one, other] {
            block[taken % 64] = gram;
            taken += usize::from(gram <= bound);
        }
        if taken >= 62 {
            samples.extend_from_slice(&block[..taken]);
            taken = 0;
        }
    }
    samples.extend_from_slice(&block[..taken]);
    samples.extend(second.filter(|gram| *gram <= bound));
}

/// Characters that are looked at together for digits; fewer than bits in a number.
const DIGITS: usize = 32;

/// Gives the runs of digits of a folded text, as ranges.
pub(crate) fn numbers(chars: &[char]) -> Vec<std::ops::Range<usize>> {
    let mut out: Vec<std::ops::Range<usize>> = Vec::new();
    // Most blocks hold none, and to see that many characters are looked at at once.
    let any = |block: &[char]| block.iter().fold(false, |any, c| any | c.is_ascii_digit());
    for (block, from) in chars.chunks(DIGITS).zip((0..).step_by(DIGITS)).filter(|(block, _)| any(block)) {
        let mut digits = block.iter().rev().fold(0_u64, |bits, c| bits << 1 | u64::from(c.is_ascii_digit()));
        while digits != 0 {
            let start = digits.trailing_zeros();
            let length = (digits >> start).trailing_ones();
            digits &= !(((1 << length) - 1) << start);
            let start = from + start as usize;
            let end = start + length as usize;
            match out.last_mut() {
                Some(last) if last.end == start => last.end = end,
                _ => out.push(start..end),
            }
        }
    }
    out
}

fn number_runs(chars: &[char]) -> Vec<u32> {
    let values: Vec<u64> = numbers(chars).into_iter().map(|range| hash(&chars[range])).collect();
    let run = |three: &[u64]| (mix(three.iter().fold(0, |h, v| mix(h ^ v))) >> 32) as u32;
    let mut runs: Vec<u32> = values.windows(3).map(run).collect();
    runs.sort_unstable();
    runs.dedup();
    runs.truncate(NUMBER_RUNS);
    runs
}

/// Counts the days from 1970-01-01 of an ISO date, whatever follows the day.
fn day(date: &str) -> Option<i32> {
    let date = date.trim().get(..10)?.parse::<jiff::civil::Date>().ok()?;
    Some((date - jiff::civil::date(1970, 1, 1)).get_days())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Sketch {
        sketch(&Document { id: "a", text, ..Document::default() })
    }

    #[test]
    fn does_not_see_script_width_and_punctuation() {
        let (a, b) = (of("兰州新区２０２４年，发布。"), of("蘭州新區2024年\n發布"));
        assert_eq!((a.folded, a.samples), (b.folded, b.samples));
        assert_ne!(a.raw, b.raw);
    }

    #[test]
    fn samples_a_long_text_thinly_and_nests_the_rates() {
        let text: String = (0..20_000u32).filter_map(|n| char::from_u32(0x4E00 + n * 7919 % 20_000)).collect();
        let long = of(&text);
        assert!(long.samples.len() < 2 * SAMPLES && long.samples.len() > SAMPLES / 4, "{}", long.samples.len());
        assert!(long.samples.iter().all(|&s| sampled(s, long.rate) && sampled(s, 0)));
    }

    #[test]
    fn samples_every_gram_up_to_a_bound_once() {
        let text: Vec<char> = "渡口的灯在天亮以前熄了船工们收好缆绳".chars().cycle().take(150).collect();
        for (length, bound) in (0..=text.len()).flat_map(|length| [(length, u32::MAX), (length, u32::MAX / 3)]) {
            let mut sampled = Vec::new();
            sample(&text[..length], bound, &mut sampled);
            let mut all: Vec<u32> = grams(&text[..length]).filter(|gram| *gram <= bound).collect();
            all.sort_unstable();
            sampled.sort_unstable();
            assert_eq!(sampled, all, "{length}");
        }
        assert_eq!(grams(&text).count(), text.len() + 1 - GRAM);
    }

    #[test]
    fn hashes_of_long_texts_tell_every_character_apart() {
        let text: Vec<char> = "渡口的灯在天亮以前熄了船工们收好缆绳".chars().collect();
        let mut seen = std::collections::BTreeSet::new();
        for length in 0..=text.len() {
            assert!(seen.insert(hash_long(&text[..length])), "{length}");
            for at in 0..length {
                let mut other = text[..length].to_vec();
                other[at] = '甲';
                assert!(seen.insert(hash_long(&other)), "{length} {at}");
            }
        }
    }

    #[test]
    fn finds_runs_of_digits_over_the_ends_of_blocks() {
        let shown = |text: &str| {
            let chars: Vec<char> = text.chars().collect();
            numbers(&chars).into_iter().map(|range| chars[range].iter().collect()).collect::<Vec<String>>()
        };
        assert_eq!(shown("a12b3"), ["12", "3"]);
        let long = format!("{}5{}", "7".repeat(70), "天".repeat(30));
        assert_eq!(shown(&format!("{long}2024{long}")), [&long[..71], &format!("2024{}", &long[..71])]);
    }

    #[test]
    fn reads_days_and_ignores_what_is_no_date() {
        assert_eq!(day("1970-01-11 08:00"), Some(10));
        assert_eq!(day("2019-02-30"), None);
        assert_eq!(day("昨天"), None);
    }

    #[test]
    fn survives_the_empty_text() {
        assert!(of("").samples.is_empty() && of("，").length == 0);
    }

    #[test]
    fn reads_back_what_it_wrote_and_refuses_what_is_damaged() {
        let lead = "渡口的灯在天亮以前熄了，船工们收好缆绳，等第一班渡船从对岸开来。\n";
        let text =
            format!("{lead}{lead}船上有一车树苗、2只羊、6个赶集的人和31袋盐，羊要卖给镇上的学校，当局没有说话。\n");
        let document = Document {
            id: "2019/甲#2",
            text: &text,
            title: Some("渡口"),
            date: Some("1969-12-30"),
            source: Some("某报"),
        };
        let survey = survey(&document);
        assert!(survey.doubled.is_some() && survey.sketch.day == Some(-2) && !survey.sketch.numbers.is_empty());
        let bytes = survey.to_bytes();
        assert_eq!(Survey::from_bytes(&bytes), Some(survey.clone()));
        assert_eq!(Sketch::from_bytes(&survey.sketch.to_bytes()), Some(survey.sketch.clone()));
        assert_eq!(Sketch::from_bytes(&bytes), None);
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 8);
            assert_eq!(Survey::from_bytes(&damaged), None, "{at}");
            assert_eq!(Survey::from_bytes(&bytes[..at]), None, "{at}");
        }
        assert_eq!(Sketch::from_bytes(&sketch(&Document::default()).to_bytes()), Some(sketch(&Document::default())));
    }

    #[test]
    fn surveys_what_is_left_without_the_repetition() {
        let lead = "渡口的灯在天亮以前熄了，船工们收好缆绳，等第一班渡船从对岸开来。\n";
        let rest = "船上有一车树苗、两只羊和六个赶集的人，树苗要栽到河滩上，羊要卖给镇上的学校。\n";
        let twice = survey(&Document { text: &format!("{lead}{lead}{rest}"), ..Document::default() });
        assert_eq!(twice.sketch, sketch(&Document { text: &format!("{lead}{rest}"), ..Document::default() }));
        assert!(!twice.sketch.doubled);
    }
}
