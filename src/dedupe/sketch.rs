//! What is kept of one document: about a kilobyte from which candidates are found without the text.
//!
//! A sketch holds the SHA-256 of the folded text, a sample of the hashes of its 5-grams (those below a bound that depends
//! on the length alone, so that samples of different rates can be compared on the coarser one), hashes of runs of three
//! numbers, which find again a notice among thousands of one template, and title, date and source as hints.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Document;
use super::fold;

/// Characters in a gram. Four-grams of Chinese recur by chance, six-grams rarely survive rewriting.
pub(crate) const GRAM: usize = 5;
/// The sampling rate is halved until no more than this many grams are expected.
const SAMPLES: usize = 256;
/// Runs of numbers kept, those of the smallest hashes.
const NUMBER_RUNS: usize = 24;
/// Characters of a folded title that are kept.
const TITLE: usize = 60;

/// Changes whenever sketches of one text change: a cache keeps none of another version.
pub const VERSION: u32 = 1;

/// Everything kept of one document; cacheable, about 1 KB for an article.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sketch {
    /// The document's id, also the tie-breaker of everything.
    pub id: String,
    /// SHA-256 of the folded text, as decisions quote it.
    pub digest: [u8; 32],
    /// Day of the document, counted from 1970-01-01.
    pub day: Option<i32>,
    /// Where the document says it comes from.
    pub source: Option<String>,
    /// Hash of the text as written, white space aside: equal for exact copies.
    pub(crate) raw: u64,
    /// Hash of the form for comparison.
    pub(crate) compared: u64,
    /// Characters of the form for comparison.
    pub(crate) length: u32,
    /// One in `2^rate` grams is sampled.
    pub(crate) rate: u8,
    /// Sampled hashes, sorted, each once.
    pub(crate) samples: Vec<u32>,
    /// Hashes of runs of three numbers, sorted, each once.
    pub(crate) numbers: Vec<u32>,
    /// The folded title.
    pub(crate) title: String,
}

impl Sketch {
    /// Gives the SHA-256 of the folded text in hexadecimal, as `decisions.yaml` writes it.
    pub fn hash(&self) -> String {
        hex(&self.digest)
    }
}

/// Gives the hash by which a decision recognises the text it was made about.
pub fn text_hash(text: &str) -> String {
    hex(&Sha256::digest(fold::fold(text).as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Sketches one document. Pure; documents can be sketched in parallel.
pub fn sketch(document: &Document<'_>) -> Sketch {
    let chars = fold::comparable(document.text);
    let rate = rate(chars.len());
    let mut samples: Vec<u32> = grams(&chars).filter(|&gram| sampled(gram, rate)).collect();
    samples.sort_unstable();
    samples.dedup();
    Sketch {
        id: document.id.to_owned(),
        digest: Sha256::digest(fold::fold(document.text).as_bytes()).into(),
        day: document.date.and_then(day),
        source: document.source.map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned),
        raw: raw(document.text),
        compared: hash(chars.iter().map(|&c| c as u64)),
        length: u32::try_from(chars.len()).unwrap_or(u32::MAX),
        rate,
        samples,
        numbers: number_runs(&chars),
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

fn mix(h: u64) -> u64 {
    let h = (h ^ (h >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    let h = (h ^ (h >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    h ^ (h >> 32)
}

fn hash(values: impl Iterator<Item = u64>) -> u64 {
    values.fold(0x51, |h, v| mix(h ^ v).wrapping_add(FACTOR))
}

/// Hashes every gram of a text, in order; none of a text shorter than one.
pub(crate) fn grams(chars: &[char]) -> impl Iterator<Item = u32> + '_ {
    const LEAVING: u64 = FACTOR.wrapping_pow(GRAM as u32);
    let mut h = chars.iter().take(GRAM - 1).fold(0u64, |h, &c| h.wrapping_add(c as u64).wrapping_mul(FACTOR));
    chars.iter().enumerate().skip(GRAM - 1).map(move |(at, &c)| {
        h = h.wrapping_add(c as u64).wrapping_mul(FACTOR);
        let gram = (mix(h) >> 32) as u32;
        h = h.wrapping_sub((chars[at + 1 - GRAM] as u64).wrapping_mul(LEAVING));
        gram
    })
}

fn raw(text: &str) -> u64 {
    let mut hash = std::hash::DefaultHasher::new();
    text.split_ascii_whitespace().for_each(|word| std::hash::Hasher::write(&mut hash, word.as_bytes()));
    std::hash::Hasher::finish(&hash)
}

/// Gives the runs of digits of a folded text, as ranges.
pub(crate) fn numbers(chars: &[char]) -> Vec<std::ops::Range<usize>> {
    let mut out: Vec<std::ops::Range<usize>> = Vec::new();
    for (at, _) in chars.iter().enumerate().filter(|(_, c)| c.is_ascii_digit()) {
        match out.last_mut() {
            Some(last) if last.end == at => last.end += 1,
            _ => out.push(at..at + 1),
        }
    }
    out
}

fn number_runs(chars: &[char]) -> Vec<u32> {
    let numbers = numbers(chars);
    let of = |range: &std::ops::Range<usize>| hash(chars[range.clone()].iter().map(|&c| c as u64));
    let mut runs: Vec<u32> = numbers.windows(3).map(|three| (hash(three.iter().map(of)) >> 32) as u32).collect();
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
        assert_eq!((a.digest, a.samples), (b.digest, b.samples));
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
    fn reads_days_and_ignores_what_is_no_date() {
        assert_eq!(day("1970-01-11 08:00"), Some(10));
        assert_eq!(day("2019-02-30"), None);
        assert_eq!(day("昨天"), None);
    }

    #[test]
    fn survives_the_empty_text() {
        assert!(of("").samples.is_empty() && of("，").length == 0);
    }
}
