//! The manual markup `-{ }-` that MediaWiki's language converter made common.
//!
//! Takes a source text; gives the text with each mark replaced by what the edition shows, the places that must not be
//! converted any more, the rules the marks laid down, and a title. Knows nothing of Markdown beyond the places of code
//! it is told to leave alone.
//!
//! Understood: `-{text}-` and `-{R|text}-` (as it stands), `-{zh-hans:A;zh-hant:B}-`, `-{A|…}-` (the same, and a rule
//! from here on), `-{H|…}-` (a rule, nothing shown), `-{-|…}-` (the rule ends), `-{T|…}-` (the title of the page).
//! Marks may be nested.

use std::ops::Range;

use super::{Region, Target};

/// What the marks of a text amount to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Resolved {
    pub(super) text: String,
    /// Stretches of `text` that stay as they are, in order.
    pub(super) kept: Vec<Range<usize>>,
    /// Rules in order of appearance.
    pub(super) rules: Vec<Rule>,
    pub(super) title: Option<String>,
}

/// A rule laid down in the text: from a place on, each of `from` is written `to`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    /// Where in the resolved text it begins to hold.
    pub(super) at: usize,
    /// The place at which it ceases to hold.
    pub(super) until: usize,
    pub(super) from: Vec<String>,
    pub(super) to: String,
}

/// Deepest nesting that is followed; deeper marks are ordinary text.
const DEPTH: usize = 16;

/// Tells whether a text may hold marks.
pub(super) fn has_marks(source: &str) -> bool {
    memchr::memchr_iter(b'{', source.as_bytes()).any(|at| source[..at].ends_with('-'))
}

/// Resolves the marks of `source` outside `code` (sorted ranges), or returns `None` if there is none.
pub(super) fn resolve(source: &str, code: &[Range<usize>], target: Target) -> Option<Resolved> {
    has_marks(source).then(|| {
        let mut out = Resolved::default();
        let mut at = 0;
        while let Some(found) = source[at..].find("-{").map(|i| at + i) {
            let coded = code.get(code.partition_point(|r| r.end <= found)).filter(|r| r.contains(&found));
            let end = match coded {
                Some(_) => None,
                None => close(source, found),
            };
            let Some(end) = end else {
                let next = coded.map_or(found + 2, |r| r.end.max(found + 2));
                out.text.push_str(&source[at..next]);
                at = next;
                continue;
            };
            out.text.push_str(&source[at..found]);
            let shown = out.text.len();
            mark(&source[found + 2..end - 2], target, 0, &mut out);
            // As many lines as before: places further down stay on their lines.
            let lines = |s: &str| s.matches('\n').count();
            let lost = lines(&source[found..end]).saturating_sub(lines(&out.text[shown..]));
            out.text.extend(std::iter::repeat_n('\n', lost));
            at = end;
        }
        out.text.push_str(&source[at..]);
        out
    })
}

/// Returns the place behind the `}-` that closes the mark opening at `open`.
fn close(source: &str, open: usize) -> Option<usize> {
    let (mut at, mut depth) = (open + 2, 1usize);
    while depth > 0 {
        let next = source[at..].find(['-', '}']).map(|i| at + i)?;
        if source[next..].starts_with("}-") {
            depth -= 1;
            at = next + 2;
        } else if source[next..].starts_with("-{") {
            depth += 1;
            at = next + 2;
        } else {
            at = next + 1;
        }
        if depth > DEPTH {
            return None;
        }
    }
    Some(at)
}

/// Replaces nested marks by what they show.
fn flatten(body: &str, target: Target, depth: usize) -> String {
    if !body.contains("-{") || depth > DEPTH {
        return body.to_owned();
    }
    let (mut out, mut at) = (String::new(), 0);
    while let Some(found) = body[at..].find("-{").map(|i| at + i) {
        out.push_str(&body[at..found]);
        let Some(end) = close(body, found) else {
            out.push_str("-{");
            at = found + 2;
            continue;
        };
        let mut inner = Resolved::default();
        mark(&body[found + 2..end - 2], target, depth + 1, &mut inner);
        out.push_str(&inner.text);
        at = end;
    }
    out.push_str(&body[at..]);
    out
}

/// The longest form a rule may give, in bytes.
const LONGEST_WORD: usize = 300;

fn mark(body: &str, target: Target, depth: usize, out: &mut Resolved) {
    let body = flatten(body, target, depth);
    let (flag, rest) = match body.split_once('|') {
        Some((flag, rest)) if is_flag(flag.trim()) => (flag.trim(), rest),
        _ => ("", body.as_str()),
    };
    let forms = if flag == "R" { Vec::new() } else { forms(rest) };
    let choice = choose(&forms, target);
    match flag {
        "T" => out.title = Some(choice.unwrap_or(rest).trim().to_owned()),
        "-" => end_rules(&forms, rest, out),
        "H" | "A" => {
            if flag == "A" {
                keep(choice.unwrap_or(rest), out);
            }
            // A longer text is no word: put in place of every word it names, it would multiply the document.
            let short = forms.iter().all(|form| form.text.len() <= LONGEST_WORD);
            if let Some(to) = choice.filter(|_| short) {
                let from = forms.iter().map(|f| f.text.to_owned()).collect();
                out.rules.push(Rule { at: out.text.len(), until: usize::MAX, from, to: to.to_owned() });
            }
        }
        _ => keep(choice.unwrap_or(rest), out),
    }
}

fn is_flag(flag: &str) -> bool {
    matches!(flag, "A" | "H" | "-" | "T" | "R")
}

fn keep(text: &str, out: &mut Resolved) {
    let start = out.text.len();
    out.text.push_str(text);
    out.kept.push(start..out.text.len());
}

fn end_rules(forms: &[Form<'_>], rest: &str, out: &mut Resolved) {
    let at = out.text.len();
    let named = |from: &[String]| {
        from.iter().any(|f| forms.iter().any(|g| g.text == f) || (forms.is_empty() && f == rest.trim()))
    };
    for rule in &mut out.rules {
        if rule.until == usize::MAX && named(&rule.from) {
            rule.until = at;
        }
    }
}

/// The words for one variant.
struct Form<'a> {
    variant: &'a str,
    text: &'a str,
}

/// Reads `zh-hans:A;zh-hant:B`; empty if it is nothing of the kind. A `;` that begins no variant belongs to the words.
fn forms(body: &str) -> Vec<Form<'_>> {
    let mut found: Vec<Form<'_>> = Vec::new();
    let mut cuts = vec![];
    let mut at = 0;
    loop {
        let rest = &body[at..];
        let name = rest.trim_start();
        let skip = rest.len() - name.len();
        // A name is short; a search to the end of the text after every `;` would take quadratic time.
        if let Some(colon) = name.bytes().take(LONGEST_NAME).position(|b| b == b':')
            && is_variant(name[..colon].trim())
        {
            cuts.push((at, at + skip, at + skip + colon));
        } else if cuts.is_empty() {
            return Vec::new();
        }
        match body[at..].find(';') {
            Some(semicolon) => at += semicolon + 1,
            None => break,
        }
    }
    for (i, &(_, start, colon)) in cuts.iter().enumerate() {
        let end = cuts.get(i + 1).map_or(body.len(), |next| next.0 - 1);
        let text = body[colon + 1..end].trim();
        found
            .push(Form { variant: body[start..colon].trim(), text: text.strip_suffix(';').unwrap_or(text).trim_end() });
    }
    found
}

/// Bytes in which the `:` after the name of a variant stands, blanks included.
const LONGEST_NAME: usize = 24;

fn is_variant(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(name.as_str(), "zh" | "zh-hans" | "zh-hant" | "zh-cn" | "zh-sg" | "zh-my" | "zh-tw" | "zh-hk" | "zh-mo")
}

fn choose<'a>(forms: &[Form<'a>], target: Target) -> Option<&'a str> {
    let order: &[&str] = match target {
        Target::Hans => &["zh-hans", "zh-cn", "zh-sg", "zh-my", "zh"],
        Target::Hant(Region::Tw) => &["zh-tw", "zh-hant", "zh-hk", "zh-mo", "zh"],
        Target::Hant(Region::Hk) => &["zh-hk", "zh-mo", "zh-hant", "zh-tw", "zh"],
    };
    let find = |v: &str| forms.iter().find(|f| f.variant.eq_ignore_ascii_case(v));
    order.iter().find_map(|v| find(v)).or(forms.first()).map(|f| f.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, target: Target, text: &str, kept: &[&str]) {
        let got = resolve(source, &[], target).unwrap();
        assert_eq!(got.text, text);
        assert_eq!(got.kept.iter().map(|r| &got.text[r.clone()]).collect::<Vec<_>>(), kept);
    }

    #[test]
    fn chooses_the_words_of_the_edition() {
        let both = "甲-{zh-hans:计算机; zh-hant:電腦;}-乙";
        check(both, Target::Hans, "甲计算机乙", &["计算机"]);
        check(both, Target::Hant(Region::Tw), "甲電腦乙", &["電腦"]);
        check("-{zh-cn:a:b;zh-hk:c;d}-", Target::Hant(Region::Hk), "c;d", &["c;d"]);
        check("-{干}-部-{R|zh-cn:后}-", Target::Hans, "干部zh-cn:后", &["干", "zh-cn:后"]);
        check("-{zh-hans:甲-{乙}-;zh-hant:丙}-", Target::Hans, "甲乙", &["甲乙"]);
        check("-{没有结尾", Target::Hans, "-{没有结尾", &[]);
    }

    #[test]
    fn lays_down_rules_and_titles() {
        let source = "-{T|zh-hans:软;zh-hant:軟}-a-{A|zh-cn:硅谷;zh-tw:矽谷}-b-{-|zh-cn:硅谷;zh-tw:矽谷}-c";
        let got = resolve(source, &[], Target::Hant(Region::Tw)).unwrap();
        assert_eq!((got.text.as_str(), got.title.as_deref()), ("a矽谷bc", Some("軟")));
        assert_eq!(got.rules, [Rule { at: 7, until: 8, from: vec!["硅谷".into(), "矽谷".into()], to: "矽谷".into() }]);
    }

    #[test]
    fn takes_time_in_proportion_to_the_text() {
        let signs = format!("-{{zh-hans:{}}}-", ";".repeat(400_000));
        assert!(resolve(&signs, &[], Target::Hans).unwrap().text.ends_with(';'));
        let (source, each) = ("`-{`".repeat(60_000), 4);
        let code: Vec<Range<usize>> = (0..60_000).map(|at| at * each..at * each + each).collect();
        assert_eq!(resolve(&source, &code, Target::Hans).unwrap().text, source);
    }

    #[test]
    fn leaves_code_alone() {
        let got = resolve("`-{后}-` -{后}-", std::slice::from_ref(&(0..9)), Target::Hans).unwrap();
        assert_eq!(got.text, "`-{后}-` 后");
    }
}
