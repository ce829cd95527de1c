//! What editors decided about pairs, as `content/_data/decisions.yaml` keeps it.
//!
//! A decision may quote the SHA-256 of both folded texts ([`super::text_hash`]); when a text has changed since, the decision is
//! stale: reported, and `same` no longer merges.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_yaml::Value;

use super::Texts;
use super::gather::Desk;
use super::sketch::{Sketch, text_hash};
use crate::diagnostic::{Checked, Diagnostic};

/// What two documents are to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ruling {
    /// One story: merged, whatever the scores say.
    Same,
    /// Two stories: never merged, and no longer shown for review.
    Different,
    /// Two reports on one matter: never merged, linked as related.
    FollowUp,
}

impl Ruling {
    /// All rulings, in the order of the manual.
    pub const ALL: [Ruling; 3] = [Ruling::Same, Ruling::Different, Ruling::FollowUp];

    /// Gives the word of the file and the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Ruling::Same => "same",
            Ruling::Different => "different",
            Ruling::FollowUp => "follow-up",
        }
    }

    /// Reads the word of the file and the command line.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ruling| ruling.as_str() == word)
    }
}

impl fmt::Display for Ruling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One decision about two documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// Id of one document.
    pub a: String,
    /// Id of the other.
    pub b: String,
    /// What they are to each other.
    pub verdict: Ruling,
    /// SHA-256 of the folded text of `a` when it was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash_a: Option<String>,
    /// The same for `b`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash_b: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Decision {
    fn pair(&self) -> (&str, &str) {
        if self.a <= self.b { (&self.a, &self.b) } else { (&self.b, &self.a) }
    }
}

/// All decisions of a site, one a pair.
#[derive(Clone, Debug, Default)]
pub struct Decisions {
    path: String,
    all: Vec<(usize, Decision)>,
}

impl Decisions {
    /// No decisions at all.
    pub fn none() -> Self {
        Self::default()
    }

    /// Gives the decisions in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Decision> {
        self.all.iter().map(|(_, decision)| decision)
    }

    /// Adds that two documents are never merged, as their own front matter says.
    pub fn keep_apart(&mut self, a: &str, b: &str) {
        let (a, b) = (a.to_owned(), b.to_owned());
        self.all.push((0, Decision { a, b, verdict: Ruling::Different, hash_a: None, hash_b: None, note: None }));
    }

    /// Complains about decisions on documents that are gone or have changed; `sketches` and `texts` are all there are.
    ///
    /// Only texts are fetched of which a decision quotes a hash.
    pub fn stale<S: Borrow<Sketch>>(&self, sketches: &[S], texts: &dyn Texts) -> Vec<Diagnostic> {
        if self.all.is_empty() {
            return Vec::new();
        }
        let ids = sketches.iter().map(|sketch| sketch.borrow().id.as_str());
        let by_id: BTreeMap<&str, usize> = ids.zip(0..).collect();
        let mut out = Vec::new();
        for (line, decision) in &self.all {
            for (id, hash) in [(&decision.a, &decision.hash_a), (&decision.b, &decision.hash_b)] {
                let (code, message) = match by_id.get(id.as_str()) {
                    None => ("decision-unknown", format!("decision about `{id}`, which is no article")),
                    Some(&at) if changed(texts, at, hash.as_deref()) => {
                        ("decision-stale", format!("`{id}` has changed since it was decided on"))
                    }
                    Some(_) => continue,
                };
                let help = format!(
                    "decide again: `jianfan dedupe decide {} {} …`, or remove the entry",
                    decision.a, decision.b
                );
                out.push(Diagnostic::warning(code, &self.path, message).at(*line, 1).help(help));
            }
        }
        out
    }

    /// Gives the pairs with rulings that hold for these documents, as places: stale `same` is left out.
    pub(super) fn places(&self, desk: &Desk<'_>) -> Vec<(u32, u32, Ruling)> {
        if self.all.is_empty() {
            return Vec::new();
        }
        let mut by_id: BTreeMap<&str, u32> = BTreeMap::new();
        for (at, sketch) in desk.sketches.iter().enumerate() {
            by_id.entry(&sketch.id).or_insert(at as u32);
        }
        let holds = |at: u32, hash: &Option<String>, ruling| {
            ruling != Ruling::Same || !changed(desk.texts, desk.places[at as usize], hash.as_deref())
        };
        self.iter()
            .filter_map(|d| {
                let (a, b) = (*by_id.get(d.a.as_str())?, *by_id.get(d.b.as_str())?);
                (holds(a, &d.hash_a, d.verdict) && holds(b, &d.hash_b, d.verdict)).then_some((a, b, d.verdict))
            })
            .collect()
    }
}

fn changed(texts: &dyn Texts, at: usize, hash: Option<&str>) -> bool {
    hash.is_some_and(|hash| !hash.eq_ignore_ascii_case(&text_hash(&texts.text(at))))
}

/// Reads `decisions.yaml`; `path` is for the diagnostics. A bad entry is left out and complained about.
pub fn parse(path: &str, yaml: &str) -> Checked<Decisions> {
    let mut out = Checked::clean(Decisions { path: path.to_owned(), all: Vec::new() });
    let value: Value = match serde_yaml::from_str(yaml) {
        Ok(value) => value,
        Err(error) => {
            let (line, column) = error.location().map_or((0, 0), |l| (l.line(), l.column()));
            out.diagnostics.push(
                Diagnostic::error("decisions-yaml", path, format!("not YAML: {error}"))
                    .at(line, column)
                    .help("write `decisions:` and below it `- {a: ID, b: ID, verdict: same}`"),
            );
            return out;
        }
    };
    let list = match value.get("decisions") {
        _ if value.is_null() => return out,
        Some(Value::Null) => return out,
        Some(Value::Sequence(list)) => list,
        _ => {
            let error = Diagnostic::error("decisions-shape", path, "there is no list `decisions:`").at(1, 1);
            out.diagnostics.push(error.help("write `decisions:` and below it `- {a: ID, b: ID, verdict: same}`"));
            return out;
        }
    };
    let lines = item_lines(yaml);
    for (at, item) in list.iter().enumerate() {
        let line = lines.get(at).copied().unwrap_or(0);
        match entry(item).and_then(|decision| clash(&out.value, decision)) {
            Ok(decision) => out.value.all.push((line, decision)),
            Err((message, help)) => {
                out.diagnostics
                    .push(Diagnostic::error("decision", path, message).at(line, usize::from(line > 0)).help(help));
            }
        }
    }
    out
}

type Complaint = (String, &'static str);

fn entry(item: &Value) -> Result<Decision, Complaint> {
    let text = |key: &str| item.get(key).and_then(scalar);
    let id = |key: &str| {
        text(key)
            .filter(|id| !id.is_empty())
            .ok_or((format!("a decision without `{key}`"), "name both articles by their ids, as `a` and `b`"))
    };
    let (a, b) = (id("a")?, id("b")?);
    if a == b {
        return Err((format!("a decision about `{a}` and itself"), "name two articles"));
    }
    let word = text("verdict").unwrap_or_default();
    let verdict =
        Ruling::parse(&word).ok_or((format!("verdict `{word}`"), "write `same`, `different` or `follow-up`"))?;
    Ok(Decision { a, b, verdict, hash_a: text("hash_a"), hash_b: text("hash_b"), note: text("note") })
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

fn clash(earlier: &Decisions, decision: Decision) -> Result<Decision, Complaint> {
    match earlier.all.iter().find(|(_, d)| d.pair() == decision.pair()) {
        Some((line, first)) => Err((
            format!(
                "a second decision about `{}` and `{}`: `{}` on line {line}, `{}` here",
                first.a, first.b, first.verdict, decision.verdict
            ),
            "remove one of the two",
        )),
        None => Ok(decision),
    }
}

/// Gives the indent of the list below `decisions:` and, from 1, the line of each of its items.
fn item_lines(yaml: &str) -> Vec<usize> {
    let mut lines = yaml.lines().enumerate().skip_while(|(_, line)| !line.starts_with("decisions:"));
    lines.next();
    let mut indent = None;
    let mut out = Vec::new();
    for (at, line) in lines {
        let body = line.trim_start();
        let depth = line.len() - body.len();
        if body.is_empty() || body.starts_with('#') {
            continue;
        }
        if body.starts_with('-') && indent.is_none_or(|indent| indent == depth) {
            indent = Some(depth);
            out.push(at + 1);
        } else if depth == 0 {
            break;
        }
    }
    out
}

/// Writes a decision into the text of `decisions.yaml`, keeping comments and order; one about the same pair is replaced.
pub fn record(yaml: &str, decision: &Decision) -> String {
    let edited = edit(yaml, decision);
    let parsed = parse("", &edited);
    if parsed.diagnostics.is_empty() && parsed.value.iter().any(|d| d == decision) {
        return edited;
    }
    // A list in one line, tabs, a broken file: written anew from what can be read, comments first.
    let kept = parse("", yaml).value;
    let comments = yaml.lines().filter(|line| line.trim_start().starts_with('#')).map(|line| format!("{line}\n"));
    let entries =
        kept.iter().filter(|d| d.pair() != decision.pair()).chain([decision]).map(|d| format!("  {}\n", flow(d)));
    comments.chain(["decisions:\n".to_owned()]).chain(entries).collect()
}

fn edit(yaml: &str, decision: &Decision) -> String {
    let mut lines: Vec<String> = yaml.lines().map(str::to_owned).collect();
    let Some(head) = lines.iter().position(|line| line.starts_with("decisions:")) else {
        lines.extend(["decisions:".to_owned(), format!("  {}", flow(decision))]);
        return joined(&lines);
    };
    if lines[head].trim_end().ends_with("[]") {
        lines[head] = "decisions:".to_owned();
    }
    let items = item_lines(yaml);
    let indent = items.first().map_or("  ".to_owned(), |&at| {
        let line = &lines[at - 1];
        line[..line.len() - line.trim_start().len()].to_owned()
    });
    let new = format!("{indent}{}", flow(decision));
    let parsed = parse("", yaml).value;
    let old = parsed.all.iter().find(|(_, d)| d.pair() == decision.pair()).map(|&(line, _)| line);
    match old.filter(|&line| line > 0) {
        Some(line) => {
            let end = item_end(&lines, line);
            lines.splice(line - 1..end, [new]);
        }
        None => {
            let end = items.last().map_or(head + 1, |&last| item_end(&lines, last));
            lines.insert(end, new);
        }
    }
    joined(&lines)
}

fn joined(lines: &[String]) -> String {
    lines.join("\n") + "\n"
}

/// Gives the line after the last one of the item that begins on `line` (from 1): comments between items stay.
fn item_end(lines: &[String], line: usize) -> usize {
    let depth = |text: &str| text.len() - text.trim_start().len();
    let own = depth(&lines[line - 1]);
    let more = lines[line..].iter().take_while(|text| depth(text) > own && !text.trim_start().starts_with('#')).count();
    line + more
}

/// Writes one item in one line; strings are quoted as JSON, which YAML reads.
fn flow(decision: &Decision) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let mut out = format!("- {{a: {}, b: {}, verdict: {}", quoted(&decision.a), quoted(&decision.b), decision.verdict);
    for (key, value) in [("hash_a", &decision.hash_a), ("hash_b", &decision.hash_b), ("note", &decision.note)] {
        if let Some(value) = value {
            out.push_str(&format!(", {key}: {}", quoted(value)));
        }
    }
    out + "}"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::render;

    const FILE: &str = "# two lists of the spring\ndecisions:\n  # these came from the agency\n  - a: 2024/a\n    b: 2024/b\n    verdict: same\n\n  - {a: c, b: d, verdict: follow-up, note: weekly}\n";

    fn decision(a: &str, b: &str, verdict: Ruling) -> Decision {
        Decision { a: a.into(), b: b.into(), verdict, hash_a: None, hash_b: None, note: None }
    }

    #[test]
    fn reads_entries() {
        let read = parse("d.yaml", FILE);
        assert!(read.diagnostics.is_empty());
        let all: Vec<_> = read.value.iter().cloned().collect();
        assert_eq!(all[0], decision("2024/a", "2024/b", Ruling::Same));
        assert_eq!(all[1].note.as_deref(), Some("weekly"));
        for empty in ["", "# nothing yet\n", "decisions:\n", "decisions: []\n"] {
            assert!(parse("d.yaml", empty).diagnostics.is_empty(), "{empty}");
        }
    }

    #[test]
    fn complains_with_places() {
        let read = parse(
            "d.yaml",
            "decisions:\n- {a: x, b: x, verdict: same}\n- {a: x, b: y, verdict: equal}\n- {b: y}\n- {a: x, b: y, verdict: same}\n- {a: y, b: x, verdict: different}\n",
        );
        let shown: String = read.diagnostics.iter().map(render).collect();
        assert_eq!(
            shown,
            "d.yaml:2:1: error[decision]: a decision about `x` and itself\n  = help: name two articles\n\
             d.yaml:3:1: error[decision]: verdict `equal`\n  = help: write `same`, `different` or `follow-up`\n\
             d.yaml:4:1: error[decision]: a decision without `a`\n  = help: name both articles by their ids, as `a` and `b`\n\
             d.yaml:6:1: error[decision]: a second decision about `x` and `y`: `same` on line 5, `different` here\n  = help: remove one of the two\n"
        );
        assert_eq!(parse("d.yaml", "a: [").diagnostics[0].code, "decisions-yaml");
        assert_eq!(parse("d.yaml", "- a\n").diagnostics[0].code, "decisions-shape");
    }

    #[test]
    fn records_without_losing_comments() {
        let new = record(FILE, &decision("e", "f\"g", Ruling::Different));
        assert_eq!(new, format!("{FILE}  - {{a: \"e\", b: \"f\\\"g\", verdict: different}}\n"));
        let changed = record(FILE, &decision("2024/b", "2024/a", Ruling::FollowUp));
        assert!(
            changed
                .contains("# these came from the agency\n  - {a: \"2024/b\", b: \"2024/a\", verdict: follow-up}\n\n"),
            "{changed}"
        );
        assert!(!changed.contains("verdict: same"));
    }

    #[test]
    fn records_into_any_file() {
        let one = decision("a", "b", Ruling::Same);
        for file in ["", "decisions: []\n", "decisions:\n", "# x\n", "decisions: [{a: p, b: q, verdict: same}] # y\n"] {
            let read = parse("", &record(file, &one));
            assert!(read.diagnostics.is_empty() && read.value.iter().any(|d| *d == one), "{file}");
            assert_eq!(read.value.iter().count(), 1 + usize::from(file.contains("p,")));
        }
    }
}
