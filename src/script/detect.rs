//! Tells in which script a text is written.
//!
//! Takes text; gives a verdict and what it rests on: the characters that only one script has. In real Simplified text
//! 998 of 1,000 such characters are Simplified, in real Traditional text almost none; in between, the text is mixed.

use serde::{Deserialize, Serialize};

use super::Script;
use super::chars::{is_only, only_near};
use super::output::three;

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
    let mut rest = text;
    loop {
        // Nearly all characters have three bytes, and what they are is one look-up.
        let mut at = 0;
        while let Some((point, _)) = rest.as_bytes()[at..].first_chunk::<4>().and_then(|bytes| three(*bytes)) {
            let (hans, hant) = only_near(point);
            hans_only += usize::from(hans);
            hant_only += usize::from(hant);
            at += 3;
        }
        let mut others = rest[at..].chars();
        let Some(c) = others.next() else { break };
        let (hans, hant) = is_only(c);
        hans_only += usize::from(hans);
        hant_only += usize::from(hant);
        rest = others.as_str();
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

/// A paragraph, or words between quotation marks, in the other script than the text around them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Quotation {
    /// Where it begins, in bytes.
    pub offset: usize,
    /// What it says.
    pub text: String,
    /// What it is written in.
    pub script: Verdict,
}

/// Fewer characters of one script than this make no quotation: a name may have them.
const QUOTED: usize = 3;

/// Finds what a text of one script quotes in the other: whole paragraphs, else words between quotation marks.
pub fn quotations(text: &str, script: Script) -> Vec<Quotation> {
    let other = if script == Script::Hans { Verdict::Hant } else { Verdict::Hans };
    let foreign = |start: usize, end: usize| {
        let found = detect(&text[start..end]);
        let own = if script == Script::Hans { found.hant_only } else { found.hans_only };
        (found.verdict == other && own >= QUOTED).then(|| Quotation {
            offset: start,
            text: text[start..end].to_owned(),
            script: other,
        })
    };
    let mut found = Vec::new();
    for paragraph in paragraphs(text) {
        if let Some(whole) = foreign(paragraph.start, paragraph.end) {
            found.push(whole);
            continue;
        }
        let mut open: Option<(char, usize)> = None;
        for (i, c) in text[paragraph.start..paragraph.end].char_indices() {
            let at = paragraph.start + i;
            let close = match c {
                '“' => '”',
                '「' => '」',
                '『' => '』',
                '《' => '》',
                _ => '\0',
            };
            match open {
                Some((mark, start)) if c == mark => {
                    found.extend(foreign(start, at));
                    open = None;
                }
                None if close != '\0' => open = Some((close, at + c.len_utf8())),
                _ => {}
            }
        }
    }
    found
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
    fn finds_what_is_quoted_in_the_other_script() {
        let text = "他引用原文说：“兩岸關係穩定發展”，大家都点头。\n\n會議認為，這項計劃應當繼續。\n\n以上是全部内容，发言结束。\n";
        let found = quotations(text, Script::Hans);
        let words: Vec<&str> = found.iter().map(|q| q.text.as_str()).collect();
        assert_eq!(words, ["兩岸關係穩定發展", "會議認為，這項計劃應當繼續。"]);
        assert!(found.iter().all(|q| q.script == Verdict::Hant && text[q.offset..].starts_with(&q.text)));
        assert!(quotations("他说：“兩岸一家亲”。", Script::Hans).is_empty());
    }

    #[test]
    fn places_paragraphs() {
        let found = paragraphs("发展\n\n發展\r\n");
        assert_eq!(found.iter().map(|p| (p.start, p.end)).collect::<Vec<_>>(), [(0, 6), (8, 14)]);
        assert_eq!(found[1].detection.verdict, Verdict::Hant);
    }
}
