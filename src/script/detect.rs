//! Tells in which script a text is written.
//!
//! Takes text; gives a verdict and what it rests on: the characters that only one script has. In real Simplified text
//! 998 of 1,000 such characters are Simplified, in real Traditional text almost none; in between, the text is mixed.

use serde::{Deserialize, Serialize};

use super::chars::is_only;

/// The script of a text, as far as its characters tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Simplified.
    Hans,
    /// Traditional.
    Hant,
    /// Both scripts in one text.
    Mixed,
    /// Too little evidence: hardly a character that only one script has.
    Unknown,
}

/// A verdict and its evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Detection {
    /// What the evidence says.
    pub verdict: Verdict,
    /// Characters that only Simplified text has.
    pub hans_only: usize,
    /// Characters that only Traditional text has.
    pub hant_only: usize,
}

/// A paragraph and its script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Paragraph {
    /// Where the paragraph begins, in bytes.
    pub start: usize,
    /// Where it ends, in bytes, without its line end.
    pub end: usize,
    /// What it is written in.
    pub detection: Detection,
}

/// Up to one stray character in this many does not make a text mixed (a name, a quotation of one word).
const STRAY: usize = 40;

/// Detects the script of a text.
///
/// ```
/// use jianfan::script::detect::{detect, Verdict};
/// assert_eq!(detect("兰州新区发布规划").verdict, Verdict::Hans);
/// assert_eq!(detect("兩地聯系更加緊密，关系更上層樓").verdict, Verdict::Mixed);
/// assert_eq!(detect("2023 A座").verdict, Verdict::Unknown);
/// ```
pub fn detect(text: &str) -> Detection {
    let (mut hans_only, mut hant_only) = (0, 0);
    for c in text.chars() {
        let (hans, hant) = is_only(c);
        hans_only += usize::from(hans);
        hant_only += usize::from(hant);
    }
    Detection { verdict: judge(hans_only, hant_only), hans_only, hant_only }
}

fn judge(hans: usize, hant: usize) -> Verdict {
    match (hans, hant) {
        (0, 0) => Verdict::Unknown,
        (s, t) if t * STRAY <= s => Verdict::Hans,
        (s, t) if s * STRAY <= t => Verdict::Hant,
        _ => Verdict::Mixed,
    }
}

/// Detects the script of each paragraph: stretches between line ends that are not blank.
pub fn paragraphs(text: &str) -> Vec<Paragraph> {
    let mut start = 0;
    let mut found = Vec::new();
    for line in text.split_inclusive('\n') {
        let end = start + line.trim_end().len();
        if end > start {
            found.push(Paragraph { start, end, detection: detect(&text[start..end]) });
        }
        start += line.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs_more_than_a_stray_character_to_call_a_text_mixed() {
        let text = format!("{}乾", "兰州新区发布规划".repeat(20));
        assert_eq!(detect(&text).verdict, Verdict::Hans);
        assert_eq!(detect("会後").verdict, Verdict::Mixed);
        assert_eq!(detect("").verdict, Verdict::Unknown);
    }

    #[test]
    fn places_paragraphs() {
        let found = paragraphs("发展\n\n發展\r\n");
        assert_eq!(found.iter().map(|p| (p.start, p.end)).collect::<Vec<_>>(), [(0, 6), (8, 14)]);
        assert_eq!(found[1].detection.verdict, Verdict::Hant);
    }
}
