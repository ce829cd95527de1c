//! Reads `content/_data/taxonomies/*.yaml` over the built-in gazetteer.
//!
//! Takes paths and texts; gives [`Taxonomies`] and every mistake with its place. The YAML library places only errors of
//! syntax, so the place of a value is found again in the text by its entry and key.

use std::collections::{BTreeMap, BTreeSet};

use serde_yaml::{Mapping, Value};

use super::fold::fold_name;
use super::gazetteer::Place;
use super::term::{Name, Taxonomy, Term, TermId};
use super::yaml::Entries;
use super::{CITY, Taxonomies};
use crate::diagnostic::{Checked, Diagnostic};

/// The keys of an entry.
const KEYS: [&str; 7] = ["id", "name", "aliases", "not", "parent", "city", "description"];

/// How a name in one script is completed in the other.
#[derive(Clone, Copy)]
pub struct Convert<'a> {
    /// Any text to Simplified.
    pub hans: &'a dyn Fn(&str) -> String,
    /// Any text to Traditional.
    pub hant: &'a dyn Fn(&str) -> String,
}

/// Reads the taxonomy files of a site, in the order of their paths.
///
/// Each file is named for its taxonomy. Entries with the id of a built-in city extend and override it; spellings that a
/// file gives to a term are taken away from built-in terms no file names. An entry with a mistake is left out.
pub fn parse(files: &[(&str, &str)], convert: Convert<'_>) -> Checked<Taxonomies> {
    parse_over(Taxonomies::bare(), files, convert)
}

/// Reads the taxonomy files of a site over taxonomies that are already known, as [`parse`] does.
pub fn parse_over(mut all: Taxonomies, files: &[(&str, &str)], convert: Convert<'_>) -> Checked<Taxonomies> {
    let mut diagnostics = Vec::new();
    let mut files: Vec<&(&str, &str)> = files.iter().collect();
    files.sort();
    for (path, text) in files {
        let mut reader = Reader { path, text, convert, all: &mut all, diagnostics: &mut diagnostics };
        reader.file();
    }
    references(&mut all);
    all.index();
    Checked { value: all, diagnostics }
}

/// Drops parents and cities that do not exist and parents in a circle.
fn references(all: &mut Taxonomies) {
    let cities: BTreeSet<TermId> =
        all.taxonomies.get(CITY).map(|t| t.terms.keys().cloned().collect()).unwrap_or_default();
    for taxonomy in all.taxonomies.values_mut() {
        let parents: BTreeMap<TermId, TermId> =
            taxonomy.terms.values().filter_map(|t| Some((t.id.clone(), t.parent.clone()?))).collect();
        let known: BTreeSet<TermId> = taxonomy.terms.keys().cloned().collect();
        for term in taxonomy.terms.values_mut() {
            term.parent = term.parent.take().filter(|p| known.contains(p) && !circular(&term.id, &parents));
            term.city = term.city.take().filter(|c| cities.contains(c));
        }
    }
}

/// Tells whether the parents of a term lead back to it.
fn circular(id: &TermId, parents: &BTreeMap<TermId, TermId>) -> bool {
    let mut seen = BTreeSet::new();
    let mut at = id;
    while let Some(parent) = parents.get(at) {
        if parent == id {
            return true;
        }
        if !seen.insert(parent) {
            return false;
        }
        at = parent;
    }
    false
}

struct Reader<'a> {
    path: &'a str,
    text: &'a str,
    convert: Convert<'a>,
    all: &'a mut Taxonomies,
    diagnostics: &'a mut Vec<Diagnostic>,
}

/// An entry that was read, and where its spellings stand.
struct Entry {
    index: usize,
    id: TermId,
    name: Option<Name>,
    aliases: Vec<String>,
    not: Vec<String>,
    parent: Option<TermId>,
    city: Option<TermId>,
    description: Option<Name>,
}

impl Reader<'_> {
    fn file(&mut self) {
        let stem = self.path.rsplit('/').next().unwrap_or(self.path);
        let stem = stem.strip_suffix(".yaml").or_else(|| stem.strip_suffix(".yml")).unwrap_or(stem).to_owned();
        if let Err(why) = TermId::parse(&stem) {
            let d = Diagnostic::error(
                "taxonomy-name",
                self.path,
                format!("the name of the taxonomy `{stem}` {}", why.reason()),
            );
            self.diagnostics.push(d.help("rename the file to something like `topic.yaml`"));
            return;
        }
        let Some(list) = self.list() else { return };
        let entries = Entries::scan(self.text);
        let mut read = Vec::new();
        for (index, value) in list.iter().enumerate() {
            if let Some(entry) = self.entry(&stem, &entries, index, value) {
                read.push(entry);
            }
        }
        self.check_references(&stem, &entries, &mut read);
        self.claims(&stem, &entries, &mut read);
        self.merge(&stem, read);
    }

    /// Reads the file as a list; an empty file is an empty list.
    fn list(&mut self) -> Option<Vec<Value>> {
        let text = self.text.trim_start_matches('\u{feff}');
        if let Some(at) = super::yaml::alias(self.text) {
            let d =
                Diagnostic::error("taxonomy-yaml", self.path, "anchors and aliases are not allowed in a taxonomy file");
            self.diagnostics.push(d.span(self.text, at).help("write the entries out"));
            return None;
        }
        match serde_yaml::from_str::<Value>(text) {
            Ok(Value::Null) => Some(Vec::new()),
            Ok(Value::Sequence(list)) => Some(list),
            Ok(other) => {
                let d = Diagnostic::error(
                    "taxonomy-shape",
                    self.path,
                    format!("a taxonomy file is a list of terms, not {}", kind(&other)),
                );
                self.diagnostics.push(d.span(self.text, first_line(self.text)).help("begin each term with `- id: …`"));
                None
            }
            Err(e) => {
                self.syntax(&e);
                None
            }
        }
    }

    /// Places an error of syntax, and says what the library does not: a full-width colon ends no key.
    fn syntax(&mut self, e: &serde_yaml::Error) {
        if let Some(at) = super::yaml::wide_colon(self.text) {
            let d = Diagnostic::error("taxonomy-yaml", self.path, "the full-width colon `：` ends no key");
            self.diagnostics.push(d.span(self.text, at).help("write `: `, a colon and a space"));
            return;
        }
        let (line, column) = e.location().map_or((1, 1), |l| (l.line(), l.column()));
        let message = e.to_string();
        let message = message.split(" at line ").next().unwrap_or(&message);
        let at = super::yaml::offset(self.text, line, column).min(self.text.trim_end().len());
        let d = Diagnostic::error("taxonomy-yaml", self.path, format!("not valid YAML: {message}"));
        self.diagnostics.push(d.span(self.text, at..at).help("check indentation, quotes and brackets here and above"));
    }

    fn entry(&mut self, taxonomy: &str, entries: &Entries<'_>, index: usize, value: &Value) -> Option<Entry> {
        let Value::Mapping(map) = value else {
            let d = Diagnostic::error("term-shape", self.path, format!("a term is a set of keys, not {}", kind(value)));
            self.diagnostics
                .push(d.span(self.text, entries.entry(index)).help("write `- id: …` and its keys below it"));
            return None;
        };
        self.unknown_keys(entries, index, map);
        let id = self.id(entries, index, map)?;
        let name = match map.get("name") {
            None | Some(Value::Null) => None,
            Some(v) => Some(self.name(entries, index, "name", v)?),
        };
        let known = self.all.taxonomies.get(taxonomy).is_some_and(|t| t.terms.contains_key(&id));
        if name.is_none() && !known {
            let d = Diagnostic::error("term-name", self.path, format!("the term `{id}` has no name"));
            let d = d.span(self.text, entries.value(index, "id", id.as_str()));
            self.diagnostics.push(d.help("add `name: {hans: …, hant: …}`; only built-in cities need none"));
            return None;
        }
        let description = match map.get("description") {
            None | Some(Value::Null) => None,
            Some(v) => self.name(entries, index, "description", v),
        };
        Some(Entry {
            index,
            name,
            aliases: self.texts(entries, index, map, "aliases"),
            not: self.texts(entries, index, map, "not"),
            parent: self.reference(entries, index, map, "parent"),
            city: self.reference(entries, index, map, "city"),
            description,
            id,
        })
    }

    fn unknown_keys(&mut self, entries: &Entries<'_>, index: usize, map: &Mapping) {
        for key in map.keys() {
            let text = key.as_str().map_or_else(|| scalar(key).unwrap_or_default(), str::to_owned);
            if !KEYS.contains(&text.as_str()) {
                let d = Diagnostic::warning("term-key-unknown", self.path, format!("a term has no key `{text}`"));
                let help = match nearest(&text) {
                    Some(near) => format!("write `{near}`"),
                    None => format!("keys are {}", KEYS.join(", ")),
                };
                self.diagnostics.push(d.span(self.text, entries.key(index, &text)).help(help));
            }
        }
    }

    fn id(&mut self, entries: &Entries<'_>, index: usize, map: &Mapping) -> Option<TermId> {
        let (written, quoted) = match map.get("id") {
            Some(Value::String(s)) => (s.clone(), true),
            Some(v @ (Value::Number(_) | Value::Bool(_))) => (entries.raw(index, "id").or_else(|| scalar(v))?, false),
            other => {
                let what = other.map_or("nothing", kind);
                let d = Diagnostic::error("term-id", self.path, format!("a term needs an id, found {what}"));
                let at = if other.is_some() { entries.key(index, "id") } else { entries.entry(index) };
                self.diagnostics.push(d.span(self.text, at).help("add `id:` in letters a-z, digits and hyphens"));
                return None;
            }
        };
        match TermId::parse(&written) {
            Ok(id) => {
                if !quoted {
                    let d = Diagnostic::warning("term-id", self.path, format!("the id `{written}` is read as a text"));
                    let d = d.span(self.text, entries.value(index, "id", &written));
                    self.diagnostics.push(d.help(format!("write `id: \"{written}\"`")));
                }
                Some(id)
            }
            Err(why) => {
                let d = Diagnostic::error("term-id", self.path, format!("the id `{written}` {}", why.reason()));
                let d = d.span(self.text, entries.value(index, "id", &written));
                self.diagnostics.push(d.help("choose another id, such as the pinyin of the name"));
                None
            }
        }
    }

    /// Reads a text in one script or a set of `hans`, `hant`, `en`, and completes it.
    fn name(&mut self, entries: &Entries<'_>, index: usize, key: &str, value: &Value) -> Option<Name> {
        let part = |v: Option<&Value>| v.and_then(scalar).map(|s| s.trim().to_owned()).filter(|s| !s.is_empty());
        let (hans, hant, en) = match value {
            Value::Mapping(map) => {
                for k in map.keys().filter_map(Value::as_str).filter(|k| !["hans", "hant", "en"].contains(k)) {
                    let d = Diagnostic::warning("term-key-unknown", self.path, format!("a name has no key `{k}`"));
                    self.diagnostics.push(d.span(self.text, entries.key(index, k)).help("keys are hans, hant, en"));
                }
                (part(map.get("hans")), part(map.get("hant")), part(map.get("en")))
            }
            v => (part(Some(v)).map(|s| (self.convert.hans)(&s)), part(Some(v)).map(|s| (self.convert.hant)(&s)), None),
        };
        let name = match (hans, hant, &en) {
            (Some(hans), Some(hant), _) => Name { hans, hant, en },
            (Some(hans), None, _) => Name { hant: (self.convert.hant)(&hans), hans, en },
            (None, Some(hant), _) => Name { hans: (self.convert.hans)(&hant), hant, en },
            (None, None, Some(text)) => Name { hans: text.clone(), hant: text.clone(), en },
            (None, None, None) => {
                let d = Diagnostic::error("term-name", self.path, format!("`{key}` has no text"));
                self.diagnostics.push(d.span(self.text, entries.key(index, key)).help(format!("write `{key}: 兰州`")));
                return None;
            }
        };
        Some(name)
    }

    /// Reads a text or a list of texts.
    fn texts(&mut self, entries: &Entries<'_>, index: usize, map: &Mapping, key: &str) -> Vec<String> {
        let values: Vec<&Value> = match map.get(key) {
            None | Some(Value::Null) => return Vec::new(),
            Some(Value::Sequence(list)) => list.iter().collect(),
            Some(one) => vec![one],
        };
        let mut texts = Vec::new();
        for value in values {
            match scalar(value) {
                Some(text) if !fold_name(&text).is_empty() => texts.push(text.trim().to_owned()),
                Some(text) => {
                    let d = Diagnostic::error(
                        "term-alias-empty",
                        self.path,
                        format!("`{key}` holds the empty text `{text}`"),
                    );
                    let at = entries.value(index, key, &text);
                    self.diagnostics.push(d.span(self.text, at).help("remove it"));
                }
                None => {
                    let d = Diagnostic::error(
                        "term-shape",
                        self.path,
                        format!("`{key}` holds {}, not a text", kind(value)),
                    );
                    self.diagnostics.push(d.span(self.text, entries.key(index, key)).help("write a list of texts"));
                }
            }
        }
        texts
    }

    fn reference(&mut self, entries: &Entries<'_>, index: usize, map: &Mapping, key: &str) -> Option<TermId> {
        let value = map.get(key).filter(|v| !v.is_null())?;
        let written = scalar(value).unwrap_or_default();
        let parsed = TermId::parse(&written).ok().or_else(|| {
            // A label will do where an id of a city is meant.
            let folded = fold_name(&written);
            let cities = self.all.taxonomies.get(CITY).filter(|_| key == "city")?;
            cities.terms.values().find(|t| fold_name(&t.name.hans) == folded).map(|t| t.id.clone())
        });
        if parsed.is_none() {
            let d = Diagnostic::error(
                "term-reference",
                self.path,
                format!("`{key}` is `{written}`, which is no id of a term"),
            );
            self.diagnostics
                .push(d.span(self.text, entries.value(index, key, &written)).help("write the id of the term"));
        }
        parsed
    }

    /// Checks that parents and cities exist and that no term is its own ancestor.
    fn check_references(&mut self, taxonomy: &str, entries: &Entries<'_>, read: &mut [Entry]) {
        let own: BTreeSet<TermId> = read.iter().map(|e| e.id.clone()).collect();
        let parents: BTreeMap<TermId, TermId> =
            read.iter().filter_map(|e| Some((e.id.clone(), e.parent.clone()?))).collect();
        for entry in read.iter_mut() {
            let known = |all: &Taxonomies, t: &str, id: &TermId| {
                all.get(t, id).is_some() || (t == taxonomy && own.contains(id))
            };
            if let Some(parent) = entry.parent.clone() {
                let circle = circular(&entry.id, &parents);
                if circle || !known(self.all, taxonomy, &parent) {
                    let message = if circle {
                        format!("`{}` is its own ancestor by way of `{parent}`", entry.id)
                    } else {
                        format!("the parent `{parent}` of `{}` does not exist", entry.id)
                    };
                    let d = Diagnostic::error("term-reference", self.path, message);
                    let d = d.span(self.text, entries.value(entry.index, "parent", parent.as_str()));
                    self.diagnostics.push(d.help("name a term of the same file, or remove `parent`"));
                    entry.parent = None;
                }
            }
            if let Some(city) = entry.city.clone().filter(|c| !known(self.all, CITY, c)) {
                let d = Diagnostic::error(
                    "term-reference",
                    self.path,
                    format!("the city `{city}` of `{}` does not exist", entry.id),
                );
                let d = d.span(self.text, entries.value(entry.index, "city", city.as_str()));
                self.diagnostics.push(d.help("name a built-in city or one of `city.yaml`"));
                entry.city = None;
            }
        }
    }

    /// Refuses ids given twice and spellings that two entries claim.
    fn claims(&mut self, taxonomy: &str, entries: &Entries<'_>, read: &mut Vec<Entry>) {
        let mut ids: BTreeMap<TermId, usize> = BTreeMap::new();
        let mut owners: BTreeMap<String, (TermId, usize)> = BTreeMap::new();
        let mut twice = Vec::new();
        let builtin = self.builtin_labels(taxonomy);
        for entry in read.iter() {
            if let Some(first) = ids.insert(entry.id.clone(), entry.index) {
                let line = entries.line(first);
                let d = Diagnostic::error(
                    "term-id-twice",
                    self.path,
                    format!("the id `{}` is given twice, first in line {line}", entry.id),
                );
                let d = d.span(self.text, entries.value(entry.index, "id", entry.id.as_str()));
                self.diagnostics.push(d.help("merge the two entries"));
                ids.insert(entry.id.clone(), first);
                twice.push(entry.index);
                continue;
            }
            let names = entry.name.iter().flat_map(|n| n.texts().into_iter().map(|t| ("name", t)));
            let aliases = entry.aliases.iter().map(|a| ("aliases", a.as_str()));
            for (key, text) in names.chain(aliases) {
                let owner = owners.entry(fold_name(text)).or_insert_with(|| (entry.id.clone(), entry.index));
                if owner.0 != entry.id {
                    let (other, first) = owner;
                    let line = entries.line(*first);
                    let d = Diagnostic::error(
                        "term-alias-taken",
                        self.path,
                        format!("`{text}` is a spelling of `{}` and of `{other}` (line {line})", entry.id),
                    );
                    let d = d.span(self.text, entries.value(entry.index, key, text));
                    self.diagnostics.push(d.help("leave it to one of them"));
                }
            }
            for alias in &entry.aliases {
                let other = builtin.get(&fold_name(alias)).filter(|other| **other != entry.id);
                if let Some(other) = other {
                    self.taken_from_builtin(entries, entry, alias, other);
                }
            }
        }
        read.retain(|e| !twice.contains(&e.index));
    }

    /// Folded labels of the built-in terms.
    fn builtin_labels(&self, taxonomy: &str) -> BTreeMap<String, TermId> {
        let terms = self.all.taxonomies.get(taxonomy).into_iter().flat_map(|t| t.terms.values());
        let mut labels = BTreeMap::new();
        for term in terms.filter(|t| t.builtin) {
            labels.entry(fold_name(&term.name.hans)).or_insert_with(|| term.id.clone());
        }
        labels
    }

    /// Warns where an alias is the label of a built-in city.
    fn taken_from_builtin(&mut self, entries: &Entries<'_>, entry: &Entry, alias: &str, other: &TermId) {
        let message = format!("the alias `{alias}` of `{}` is the name of the built-in city `{other}`", entry.id);
        let d = Diagnostic::warning("term-alias-taken", self.path, message);
        let d = d.span(self.text, entries.value(entry.index, "aliases", alias));
        self.diagnostics.push(d.help("remove it if it was not meant"));
    }

    fn merge(&mut self, taxonomy: &str, read: Vec<Entry>) {
        let entry = self.all.taxonomies.entry(taxonomy.to_owned());
        let target = entry.or_insert_with(|| Taxonomy { id: taxonomy.to_owned(), terms: BTreeMap::new() });
        let mut claimed: BTreeMap<String, TermId> = BTreeMap::new();
        for entry in read {
            let texts = entry.name.iter().flat_map(Name::texts).chain(entry.aliases.iter().map(String::as_str));
            claimed.extend(texts.map(|t| (fold_name(t), entry.id.clone())));
            let term = target.terms.entry(entry.id.clone()).or_insert_with(|| blank(&entry.id));
            term.written = true;
            if let Some(mut name) = entry.name {
                if term.builtin {
                    let old = [term.name.hans.clone(), term.name.hant.clone()];
                    term.aliases.extend(old.into_iter().filter(|o| *o != name.hans && *o != name.hant));
                    name.en = name.en.or(term.name.en.take());
                }
                term.name = name;
                term.named_by_site = true;
            }
            for alias in entry.aliases {
                // What the site itself calls an alias needs no other evidence.
                if let Some(place) = self.all.places.get_mut(&entry.id).filter(|_| taxonomy == CITY) {
                    let folded = fold_name(&alias);
                    place.weak.retain(|name| *name != folded);
                }
                if !term.aliases.contains(&alias) {
                    term.aliases.push(alias);
                }
            }
            term.not.extend(entry.not);
            term.parent = entry.parent.or(term.parent.take());
            term.city = entry.city.or(term.city.take());
            term.description = entry.description.or(term.description.take());
        }
        if taxonomy == CITY {
            give_up(target, &mut self.all.places, &claimed);
        }
    }
}

/// Takes spellings that files claim away from the other built-in terms.
fn give_up(cities: &mut Taxonomy, places: &mut BTreeMap<TermId, Place>, claimed: &BTreeMap<String, TermId>) {
    let foreign = |id: &TermId, text: &str| claimed.get(&fold_name(text)).is_some_and(|owner| owner != id);
    for term in cities.terms.values_mut().filter(|t| t.builtin) {
        let id = term.id.clone();
        if !term.written {
            term.aliases.retain(|a| !foreign(&id, a));
        } else {
            term.aliases.retain(|a| claimed.get(&fold_name(a)).is_none_or(|owner| *owner == id));
        }
        if let Some(place) = places.get_mut(&id) {
            place.weak.retain(|n| !foreign(&id, n));
            place.nick.retain(|n| !foreign(&id, n));
        }
    }
}

fn blank(id: &TermId) -> Term {
    Term {
        id: id.clone(),
        name: Name::default(),
        aliases: Vec::new(),
        not: Vec::new(),
        parent: None,
        city: None,
        description: None,
        builtin: false,
        written: true,
        named_by_site: false,
    }
}

/// Gives the text of a plain value.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(s) => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        Value::Bool(b) => Some(b.to_string()),
        _ => None,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Sequence(_) => "a list",
        Value::Mapping(_) => "a set of keys",
        Value::Tagged(_) => "a tagged value",
    }
}

fn first_line(text: &str) -> std::ops::Range<usize> {
    let start = text.len() - text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').len();
    let end = text[start..].find('\n').map_or(text.len(), |n| start + n);
    start..end
}

/// Finds the key that was probably meant: one with at most two characters wrong.
fn nearest(written: &str) -> Option<&'static str> {
    KEYS.into_iter().map(|k| (distance(k, written), k)).min().filter(|(d, _)| *d <= 2).map(|(_, k)| k)
}

fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(40).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = (before + usize::from(x != *y)).min(row[j] + 1).min(row[j + 1] + 1);
            before = row[j + 1];
            row[j + 1] = cost;
        }
    }
    row[b.len()]
}
