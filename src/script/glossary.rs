//! Reads a site's own terms, `content/_data/glossary.yaml`.
//!
//! Takes the text of the file; gives a checked [`Glossary`]. Every problem is a diagnostic placed in the file: a value
//! of the wrong type, a term given twice, two terms that contradict each other, terms that turn in a circle. What is
//! wrong is left out, the rest is used.

use std::collections::{BTreeMap, BTreeSet};

use serde_yaml::{Mapping, Value};

use super::chars::fold_char;
use super::terms::Entry;
use super::{Region, Target};
use crate::diagnostic::{Checked, Diagnostic};

/// The terms of a site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Glossary {
    terms: Vec<Term>,
    keep: Vec<String>,
}

/// One term in its several forms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Term {
    hans: Option<String>,
    hant: Option<String>,
    tw: Option<String>,
    hk: Option<String>,
    /// The first key, if the term is written only from it to the others.
    only_from: Option<Key>,
}

/// A key of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Hans,
    Hant,
    Tw,
    Hk,
}

const KEYS: [(&str, Key); 4] = [("hans", Key::Hans), ("hant", Key::Hant), ("tw", Key::Tw), ("hk", Key::Hk)];

/// Folds a form for comparison.
pub(super) fn fold(text: &str) -> Vec<char> {
    text.chars().map(fold_char).collect()
}

impl Term {
    fn form(&self, key: Key) -> Option<&str> {
        match key {
            Key::Hans => &self.hans,
            Key::Hant => &self.hant,
            Key::Tw => &self.tw,
            Key::Hk => &self.hk,
        }
        .as_deref()
    }

    fn slot(&mut self, key: Key) -> &mut Option<String> {
        match key {
            Key::Hans => &mut self.hans,
            Key::Hant => &mut self.hant,
            Key::Tw => &mut self.tw,
            Key::Hk => &mut self.hk,
        }
    }

    /// Returns what an edition writes, and the key that says so.
    fn wanted(&self, target: Target) -> Option<(Key, &str)> {
        let order: &[Key] = match target {
            Target::Hans => &[Key::Hans],
            Target::Hant(Region::Tw) => &[Key::Tw, Key::Hant],
            Target::Hant(Region::Hk) => &[Key::Hk, Key::Hant],
        };
        order.iter().find_map(|&key| Some((key, self.form(key)?)))
    }

    /// Returns the forms that are replaced in an edition, with what replaces them.
    fn replaced(&self, target: Target) -> Vec<(Key, &str, &str)> {
        let Some((wanted, to)) = self.wanted(target) else { return Vec::new() };
        let from = |key: Key| self.only_from.is_none_or(|only| only == key);
        KEYS.iter()
            .filter(|(_, key)| *key != wanted && from(*key))
            .filter_map(|&(_, key)| Some((key, self.form(key)?, to)))
            .collect()
    }
}

impl Glossary {
    /// Returns a glossary without terms.
    pub fn empty() -> Self {
        Glossary::default()
    }

    /// Lists pairs of forms of a term: what a source may have written, and what an edition may show for it.
    pub fn equivalents(&self) -> Vec<(&str, &str)> {
        let mut pairs = Vec::new();
        for term in &self.terms {
            for (_, key) in KEYS.iter().filter(|(_, key)| term.only_from.is_none_or(|only| only == *key)) {
                let Some(written) = term.form(*key) else { continue };
                pairs.extend(KEYS.iter().filter_map(|(_, shown)| Some((written, term.form(*shown)?))));
            }
        }
        pairs
    }

    /// Adds labels of taxonomy terms, Simplified and Traditional, as pairs. What the glossary says already about a form
    /// is left as it is.
    pub fn add_names<'n>(&mut self, names: impl Iterator<Item = (&'n str, &'n str)>) {
        let forms = |t: &Term| [&t.hans, &t.hant, &t.tw, &t.hk].into_iter().flatten().map(|f| fold(f)).collect();
        let mut known: BTreeSet<_> = self.terms.iter().flat_map::<Vec<_>, _>(forms).collect();
        for (hans, hant) in names {
            if hans.is_empty() || hant.is_empty() || known.contains(&fold(hans)) {
                continue;
            }
            known.extend([fold(hans), fold(hant)]);
            self.terms.push(Term { hans: Some(hans.to_owned()), hant: Some(hant.to_owned()), ..Term::default() });
        }
    }

    /// Tells whether there is neither a term nor a name to keep.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty() && self.keep.is_empty()
    }

    /// Returns what the matcher of an edition looks for. The first entry of a key counts.
    pub(super) fn entries(&self, target: Target) -> Vec<Entry> {
        let mut entries = Vec::new();
        for word in &self.keep {
            entries.push(Entry { key: fold(word), to: None, literal: None });
        }
        for term in &self.terms {
            for (key, from, to) in term.replaced(target) {
                // In the Simplified edition a Traditional form counts only where it is written in that script: 品質
                // may become 质量, 品质 may not.
                let literal = (target == Target::Hans && key != Key::Hans).then(|| from.chars().collect());
                entries.push(Entry { key: fold(from), to: Some(to.to_owned()), literal });
            }
            if let Some((_, to)) = term.wanted(target)
                && target != Target::Hans
            {
                entries.push(Entry { key: fold(to), to: Some(to.to_owned()), literal: None });
            }
        }
        entries
    }
}

/// The longest word of a glossary, in bytes: put in place of every word it names, a text would multiply a document.
const LONGEST_WORD: usize = 300;

/// Reads a glossary; every problem is a diagnostic.
///
/// ```
/// use jianfan::script::glossary::parse;
/// let checked = parse("content/_data/glossary.yaml", "terms:\n- {hans: 硅谷, tw: 矽谷}\n- {hans: 硅谷, tw: 硅谷}\n");
/// assert_eq!(checked.diagnostics[0].line, 3);
/// ```
pub fn parse(path: &str, yaml: &str) -> Checked<Glossary> {
    let mut reader = Reader { path, yaml, cursor: 0, glossary: Glossary::default(), found: Vec::new(), places: vec![] };
    match serde_yaml::from_str::<Value>(yaml) {
        Ok(Value::Null) => {}
        Ok(Value::Mapping(root)) => reader.root(&root),
        Ok(_) => reader.complain("glossary-type", "the glossary is no mapping", 0..0, "write `terms:` and `keep:`"),
        Err(e) => reader.broken(&e),
    }
    reader.contradictions();
    reader.kept_and_replaced();
    Checked { value: reader.glossary, diagnostics: reader.found }
}

struct Reader<'a> {
    path: &'a str,
    yaml: &'a str,
    /// Behind the last value that was found in the file.
    cursor: usize,
    glossary: Glossary,
    found: Vec<Diagnostic>,
    /// Where each term stands.
    places: Vec<std::ops::Range<usize>>,
}

impl Reader<'_> {
    fn complain(&mut self, code: &'static str, message: &str, place: std::ops::Range<usize>, help: &str) {
        let d = Diagnostic::error(code, self.path, message).span(self.yaml, place);
        self.found.push(d.help(help));
    }

    fn broken(&mut self, e: &serde_yaml::Error) {
        let at = e.location().map_or(0..0, |l| l.index()..l.index() + 1);
        let text = e.to_string();
        let message = format!("the glossary is no valid YAML: {}", text.lines().next().unwrap_or("unreadable"));
        self.complain("glossary-yaml", &message, at, "mend the YAML");
    }

    /// Finds where a key or value stands: values come in the order of the file.
    fn locate(&mut self, text: &str) -> std::ops::Range<usize> {
        let found = self.yaml.get(self.cursor..).and_then(|rest| rest.find(text)).filter(|_| !text.is_empty());
        match found {
            Some(at) => {
                let start = self.cursor + at;
                self.cursor = start + text.len();
                start..self.cursor
            }
            None => self.cursor..self.cursor,
        }
    }

    fn root(&mut self, root: &Mapping) {
        for (key, value) in root {
            let name = key.as_str().unwrap_or("");
            let place = self.locate(name);
            match (name, value) {
                ("terms", Value::Sequence(terms)) => terms.iter().for_each(|t| self.term(t)),
                ("keep", Value::Sequence(words)) => words.iter().for_each(|w| self.keep(w)),
                ("terms" | "keep", Value::Null) => {}
                ("terms" | "keep", _) => {
                    let message = format!("`{name}` is no list");
                    self.complain("glossary-type", &message, place, "write one entry a line, each after `- `");
                }
                _ => {
                    let message = format!("unknown key `{}` in the glossary", shown(key));
                    let d = Diagnostic::warning("unknown-key", self.path, message).span(self.yaml, place);
                    self.found.push(d.help("write `terms` or `keep`"));
                }
            }
        }
    }

    fn keep(&mut self, word: &Value) {
        let place = self.locate(&shown(word));
        match word.as_str() {
            Some(word) if !word.trim().is_empty() => self.glossary.keep.push(word.trim().to_owned()),
            _ => {
                let message = format!("`{}` is no name to keep", shown(word));
                self.complain("glossary-type", &message, place, "put the name in quotation marks");
            }
        }
    }

    fn term(&mut self, term: &Value) {
        let Value::Mapping(map) = term else {
            let place = self.locate(&shown(term));
            let message = format!("`{}` is no term", shown(term));
            self.complain("glossary-type", &message, place, "write `{hans: …, tw: …}`");
            return;
        };
        let mut read = Term::default();
        let (mut first, mut one_way, mut sound) = (None, false, true);
        let start = self.cursor;
        for (key, value) in map {
            let name = shown(key);
            let place = self.locate(&name);
            if name == "one_way" {
                match value.as_bool() {
                    Some(b) => one_way = b,
                    None => sound &= self.wrong(&name, value, "write `one_way: true` or leave it out"),
                }
                continue;
            }
            let Some(&(_, form)) = KEYS.iter().find(|(k, _)| *k == name) else {
                let message = format!("unknown key `{name}` in a term");
                let d = Diagnostic::warning("unknown-key", self.path, message).span(self.yaml, place);
                self.found.push(d.help("write `hans`, `hant`, `tw`, `hk` or `one_way`"));
                continue;
            };
            match value.as_str().map(str::trim) {
                Some(text) if text.len() > LONGEST_WORD => {
                    let place = self.locate(text);
                    let message = format!("`{name}` of a term holds {} characters", text.chars().count());
                    self.complain("glossary-long", &message, place, "give a word or a name, not a text");
                    sound = false;
                }
                Some(text) if !text.is_empty() => {
                    self.locate(text);
                    first = first.or(Some(form));
                    *read.slot(form) = Some(text.to_owned());
                }
                _ => sound &= self.wrong(&name, value, "write words, in quotation marks if they look like a number"),
            }
        }
        read.only_from = first.filter(|_| one_way);
        let place = trimmed(self.yaml, start..self.cursor);
        if sound && KEYS.iter().filter(|(_, k)| read.form(*k).is_some()).count() < 2 {
            self.complain(
                "glossary-term",
                "a term with fewer than two forms",
                place,
                "give `hans` and `tw`, `hk` or `hant`",
            );
        } else if sound {
            self.places.push(place);
            self.glossary.terms.push(read);
        }
    }

    fn wrong(&mut self, key: &str, value: &Value, help: &str) -> bool {
        let text = shown(value);
        let place = self.locate(&text);
        let message = format!("`{key}: {text}` in a term is of the wrong type");
        self.complain("glossary-type", &message, place, help);
        false
    }

    /// Finds words that are to be kept and are replaced by a term too.
    fn kept_and_replaced(&mut self) {
        let kept: BTreeSet<Vec<char>> = self.glossary.keep.iter().map(|word| fold(word)).collect();
        let mut found = Vec::new();
        for (term, place) in self.glossary.terms.iter().zip(&self.places) {
            let targets = [Target::Hans, Target::Hant(Region::Tw), Target::Hant(Region::Hk)];
            let mut replaced = targets.iter().flat_map(|&target| term.replaced(target));
            if let Some((_, from, _)) = replaced.find(|(_, from, to)| from != to && kept.contains(&fold(from))) {
                let message = format!("`{from}` stands under `keep` too, so it is not replaced");
                let d = Diagnostic::warning("glossary-kept", self.path, message).span(self.yaml, place.clone());
                found.push(d.help("remove the term, or the word under `keep`"));
            }
        }
        self.found.extend(found);
    }

    /// Finds terms given twice, terms that contradict each other, and circles.
    fn contradictions(&mut self) {
        let mut bad = std::collections::BTreeSet::new();
        for target in [Target::Hans, Target::Hant(Region::Tw), Target::Hant(Region::Hk)] {
            let mut seen: BTreeMap<Vec<char>, (usize, String)> = BTreeMap::new();
            for (i, term) in self.glossary.terms.iter().enumerate() {
                for (key, from, to) in term.replaced(target) {
                    // Several words may share a translation; only the way back is then the first one's.
                    if target == Target::Hans || key != Key::Hans && key != Key::Hant {
                        continue;
                    }
                    match seen.get(&fold(from)) {
                        Some((first, old)) => {
                            bad.insert((i, *first, from.to_owned(), old == to));
                        }
                        None => {
                            seen.insert(fold(from), (i, to.to_owned()));
                        }
                    }
                }
            }
            for (from, (i, to)) in &seen {
                let next = fold(to);
                if next != *from && seen.get(&next).is_some_and(|(_, back)| fold(back) == *from) && next > *from {
                    let (j, _) = seen[&next];
                    bad.insert((*i.max(&j), *i.min(&j), String::new(), false));
                }
            }
        }
        let mut reported = std::collections::BTreeSet::new();
        for (i, first, from, same) in bad {
            if reported.insert(i) {
                self.contradiction(i, first, &from, same);
            }
        }
        let gone: Vec<usize> = reported.into_iter().rev().collect();
        gone.into_iter().for_each(|i| drop(self.glossary.terms.remove(i)));
    }

    fn contradiction(&mut self, i: usize, first: usize, from: &str, same: bool) {
        let line = 1 + self.yaml[..self.places[first].start].matches('\n').count();
        let place = self.places[i].clone();
        let (code, message) = match (from, same) {
            ("", _) => ("glossary-cycle", format!("this term and that of line {line} turn in a circle")),
            (_, true) => ("glossary-duplicate", format!("`{from}` stands on line {line} already")),
            (_, false) => ("glossary-conflict", format!("`{from}` is written otherwise on line {line}")),
        };
        self.complain(code, &message, place, "keep one of the two");
    }
}

/// Shows a value as it may stand in the file.
fn shown(value: &Value) -> String {
    match value {
        Value::String(s) => s.clone(),
        Value::Number(n) => n.to_string(),
        Value::Bool(b) => b.to_string(),
        Value::Null => "null".to_owned(),
        Value::Sequence(list) => format!("[{}]", list.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Value::Mapping(_) => "{…}".to_owned(),
        Value::Tagged(_) => "!".to_owned(),
    }
}

/// Moves the start of a range to the first key of a term.
fn trimmed(yaml: &str, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let skip = yaml[range.clone()].find(|c: char| c.is_alphanumeric()).unwrap_or(0);
    range.start + skip..range.end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::render;

    fn codes(yaml: &str) -> Vec<(usize, &'static str)> {
        parse("g.yaml", yaml).diagnostics.iter().map(|d| (d.line, d.code)).collect()
    }

    #[test]
    fn reads_terms_and_names() {
        let g = parse("g.yaml", "terms:\n  - {hans: 数据, tw: 資料, one_way: true}\nkeep: [BYVoid, 后浪]\n");
        assert!(g.diagnostics.is_empty(), "{:?}", g.diagnostics);
        assert_eq!(g.value.keep, ["BYVoid", "后浪"]);
        assert_eq!(g.value.terms[0].only_from, Some(Key::Hans));
        assert!(parse("g.yaml", "").diagnostics.is_empty());
    }

    #[test]
    fn names_the_line_of_each_problem() {
        assert_eq!(codes("terms:\n- {hans: 硅谷, tw: 矽谷}\n- {hans: 硅谷, tw: 硅谷}\n"), [(3, "glossary-conflict")]);
        assert_eq!(codes("terms:\n- {hans: 硅谷, tw: 矽谷}\n- {hans: 硅谷, tw: 矽谷}\n"), [(3, "glossary-duplicate")]);
        assert_eq!(codes("terms:\n- {hans: 硅谷, tw: 矽谷}\n- {hans: 矽谷, tw: 硅谷}\n"), [(3, "glossary-cycle")]);
        assert_eq!(
            codes("terms:\n- {hans: 1, tw: 2}\n- {hans: 硅谷, tw: [a]}\n- {hans: 矽谷, tw: null}\n"),
            [(2, "glossary-type"), (2, "glossary-type"), (3, "glossary-type"), (4, "glossary-type")]
        );
        assert_eq!(codes("terms: 5\nkep: []\n"), [(1, "glossary-type"), (2, "unknown-key")]);
        assert_eq!(codes("terms:\n- {hans: 甲}\n"), [(2, "glossary-term")]);
        assert_eq!(codes("terms: [\n"), [(2, "glossary-yaml")]);
    }

    #[test]
    fn shows_the_term() {
        let d = parse("g.yaml", "terms:\n- {hans: 硅谷, tw: 矽谷}\n- {hans: 硅谷, tw: 硅谷}\n").diagnostics;
        assert_eq!(
            render(&d[0]),
            "g.yaml:3:4: error[glossary-conflict]: `硅谷` is written otherwise on line 2\n  |\n\
             3 | - {hans: 硅谷, tw: 硅谷}\n  |    ^^^^^^^^^^^^^^^^^^^^\n  = help: keep one of the two\n"
        );
    }
}
