//! Messages in other languages: the catalogue of `data/messages/zh-hans.tsv`, applied to what was made in English.
//!
//! Takes a message as it was made and a language; gives it in that language. Stages know nothing of languages: they make
//! one English text from one pattern, and the pattern is found again here by its fixed words. What a message names, between
//! backticks, stays as it is. Traditional is converted from Simplified. Pure.

use std::sync::LazyLock;

use crate::diagnostic::{Diagnostic, codes};
use crate::script::glossary::Glossary;
use crate::script::{Converter, Options, Origin, Region, Target};

/// The language of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Language {
    /// English, as messages are made.
    #[default]
    English,
    /// Chinese in Simplified characters.
    Hans,
    /// Chinese in Traditional characters.
    Hant,
}

/// A pattern: the fixed words between what a message names, in English, and the whole in Chinese.
struct Pattern {
    /// Fixed parts; one more than there are holes.
    english: Vec<&'static str>,
    /// Bytes of the fixed parts: the more, the surer.
    weight: usize,
    chinese: &'static str,
}

static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    let lines = include_str!("../data/messages/zh-hans.tsv").lines().filter(|line| !line.starts_with('#'));
    let pattern = |line: &'static str| {
        let (english, chinese) = line.split_once('\t')?;
        let english: Vec<&str> = english.split("{}").collect();
        Some(Pattern { weight: english.iter().map(|part| part.len()).sum(), english, chinese })
    };
    let mut patterns: Vec<Pattern> = lines.filter_map(pattern).collect();
    patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.weight));
    patterns
});

static TO_HANT: LazyLock<Converter> =
    LazyLock::new(|| Converter::new(Target::Hant(Region::Tw), &Glossary::empty(), Options::default()));

/// How deep a message may stand in another.
const DEEPEST: usize = 3;

/// Says a diagnostic in another language.
///
/// A message that the catalogue lacks gets what the table of codes says of its cause, with the English one behind it.
#[must_use]
pub fn translate(diagnostic: &Diagnostic, language: Language) -> Diagnostic {
    let mut said = diagnostic.clone();
    if language == Language::English {
        return said;
    }
    let code = codes::find(diagnostic.code);
    said.message = match (chinese(&diagnostic.message, 0), code) {
        (Some(text), _) => text,
        (None, Some(code)) => format!("{}（{}）", code.hans[0], diagnostic.message),
        (None, None) => diagnostic.message.clone(),
    };
    said.help = diagnostic.help.as_ref().map(|help| match (chinese(help, 0), code) {
        (Some(text), _) => text,
        (None, Some(code)) => format!("{}（{help}）", code.hans[1]),
        (None, None) => help.clone(),
    });
    if language == Language::Hant {
        said.message = hant(&said.message);
        said.help = said.help.as_deref().map(hant);
    }
    said
}

/// Says one line of text in another language; none when the catalogue lacks it.
pub fn say(line: &str, language: Language) -> Option<String> {
    match language {
        Language::English => None,
        Language::Hans => chinese(line, 0),
        Language::Hant => chinese(line, 0).map(|text| hant(&text)),
    }
}

fn chinese(text: &str, depth: usize) -> Option<String> {
    let marked = marks(text);
    PATTERNS.iter().find_map(|pattern| {
        let holes = holes(text, &marked, &pattern.english)?;
        let said: Option<Vec<String>> = holes.into_iter().map(|hole| named(hole, depth)).collect();
        Some(fill(pattern.chinese, &said?))
    })
}

/// What a message names: as it is when it is no English, else translated.
fn named(hole: &str, depth: usize) -> Option<String> {
    let plain = hole.starts_with('`') && hole.ends_with('`') || !hole.contains(' ');
    match () {
        () if plain => Some(hole.to_owned()),
        () if depth < DEEPEST => chinese(hole, depth + 1),
        () => None,
    }
}

/// For each byte, whether it stands between backticks.
fn marks(text: &str) -> Vec<bool> {
    let mut inside = false;
    text.bytes()
        .map(|byte| {
            inside ^= byte == b'`';
            inside || byte == b'`'
        })
        .collect()
}

/// The texts between the fixed parts of a pattern, if the message is made from it.
fn holes<'t>(text: &'t str, marked: &[bool], parts: &[&str]) -> Option<Vec<&'t str>> {
    let (first, rest) = parts.split_first()?;
    let (mut at, mut holes) = (first.len(), Vec::new());
    if !text.starts_with(first) || rest.is_empty() && at != text.len() {
        return None;
    }
    for (number, part) in rest.iter().enumerate() {
        let free = |&found: &usize| found > at && (part.is_empty() || !marked[found]);
        let end = if number + 1 == rest.len() {
            text.len()
                .checked_sub(part.len())
                .filter(|&end| text.is_char_boundary(end) && text.ends_with(part))
                .filter(free)?
        } else {
            text.get(at..)?.match_indices(part).map(|(found, _)| at + found).find(free)?
        };
        holes.push(text.get(at..end)?);
        at = end + part.len();
    }
    Some(holes)
}

fn fill(pattern: &str, holes: &[String]) -> String {
    let mut out = pattern.to_owned();
    for (number, hole) in holes.iter().enumerate() {
        let numbered = format!("{{{}}}", number + 1);
        out = if out.contains(&numbered) { out.replace(&numbered, hole) } else { out.replacen("{}", hole, 1) };
    }
    out
}

/// Converts all but what stands between backticks.
fn hant(text: &str) -> String {
    let parts = text.split('`').enumerate().map(|(number, part)| match number % 2 {
        0 => TO_HANT.text(part, Origin::Hans).into_owned(),
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: &'static str, message: &str, hans: &str, traditional: &str) {
        let made = Diagnostic::error(code, "a.md", message);
        assert_eq!(translate(&made, Language::Hans).message, hans);
        assert_eq!(translate(&made, Language::Hant).message, traditional);
        assert_eq!(translate(&made, Language::English), made);
    }

    #[test]
    fn says_messages_and_what_stands_in_them_in_chinese() {
        check(
            "date-unreadable",
            "date `a: b 读作 c`: there is no day 30 in month or week 2 of that year",
            "date `a: b 读作 c`：那一年第 2 月（或星期）没有第 30 天",
            "date `a: b 读作 c`：那一年第 2 月（或星期）沒有第 30 天",
        );
        check(
            "reference-self",
            "`canonical` names the article itself",
            "`canonical`指的是文章自己",
            "`canonical`指的是文章自己",
        );
    }

    #[test]
    fn what_the_catalogue_lacks_is_told_by_its_code() {
        check(
            "theme",
            "something nobody has said before",
            "找不到主题（something nobody has said before）",
            "找不到主題（something nobody has said before）",
        );
    }

    #[test]
    fn every_line_of_the_catalogue_fills_what_it_names() {
        let lines = include_str!("../data/messages/zh-hans.tsv").lines().filter(|line| !line.starts_with('#'));
        for line in lines {
            let (english, chinese) = line.split_once('\t').expect("two columns");
            let holes: Vec<String> = (0..english.matches("{}").count()).map(|number| format!("<{number}>")).collect();
            let filled = fill(chinese, &holes);
            assert!(
                holes.iter().all(|hole| filled.contains(hole.as_str())) && !filled.contains('{'),
                "{line}: {filled}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn never_fails(text in "[a-z`{} :(),0-9甲]{0,60}") {
            let _ = translate(&Diagnostic::error("theme", "", text), Language::Hant);
        }
    }
}
