//! Changes files of an editor in place: terms into front matter, and renaming, merging, aliasing, splitting of terms.
//!
//! Takes the text of a file and what is wanted; gives the new text and a diff. Comments, order and line ends stay. An
//! edit is made on lines, then checked by reading the result as YAML; a layout that cannot be edited safely is refused.
//! Old addresses live on as aliases: every alias that could be an id redirects (see [`redirects`]).

mod lines;

use std::collections::BTreeMap;

use serde_yaml::Value;

use super::fold::fold_name;
use super::term::{Name, TermId};
use super::{CITY, PROGRAM, TAG, Taxonomies};
use lines::Block;

/// A changed file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// The new text.
    pub text: String,
    /// What changed, as a unified diff without file names; empty when nothing did.
    pub diff: String,
}

/// Why a file was left as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// No entry has the id.
    #[error("no term has the id `{0}` in this file")]
    Unknown(TermId),
    /// The id is in use.
    #[error("the id `{0}` is taken")]
    Taken(TermId),
    /// The text is a spelling of another term.
    #[error("`{0}` is a spelling of `{1}` already")]
    Spelling(String, TermId),
    /// The file cannot be edited line by line.
    #[error("the file is not written in block style (`- id: …` and keys on lines of their own): {0}")]
    Layout(&'static str),
}

/// Adds terms to the front matter of an article; terms that stand there already, by any spelling, are not repeated.
///
/// A file may hold several articles; `article` counts them from 0 and is the index of the front matter to change. Text
/// without front matter gets one.
///
/// # Errors
/// The front matter is laid out in a way that cannot be edited safely.
pub fn front_matter(
    text: &str,
    article: usize,
    terms: &[(&str, &TermId)],
    known: &Taxonomies,
) -> Result<Edited, EditError> {
    let fences = lines::fences(text);
    let Some(range) = fences.get(article).cloned() else {
        if article > 0 || terms.is_empty() {
            return Ok(Edited { text: text.to_owned(), diff: String::new() });
        }
        let mut head = String::from("---\n");
        for (key, ids) in grouped(terms) {
            head.push_str(&format!("{key}: [{}]\n", ids.join(", ")));
        }
        return Ok(edited(text, format!("{head}---\n\n{text}")));
    };
    let mut block = Block::new(&text[range.clone()], 0);
    for (taxonomy, ids) in by_taxonomy(terms) {
        let (single, plural) = keys(taxonomy);
        let key = [plural.as_str(), single].into_iter().find(|k| block.has(k)).unwrap_or(plural.as_str()).to_owned();
        let there: Vec<&TermId> = [plural.as_str(), single]
            .iter()
            .flat_map(|k| block.values(k))
            .filter_map(|v| known.resolve(taxonomy, &v))
            .collect();
        let new: Vec<String> = ids.into_iter().filter(|id| !there.contains(id)).map(ToString::to_string).collect();
        block.append(&key, &new)?;
    }
    let new = format!("{}{}{}", &text[..range.start], block.text(), &text[range.end..]);
    let checked = serde_yaml::from_str::<Value>(block.text());
    if matches!(checked, Ok(Value::Mapping(_) | Value::Null)) {
        Ok(edited(text, new))
    } else {
        Err(EditError::Layout("the front matter would no longer be read"))
    }
}

/// Sets one plain value in the front matter of an article, such as its date or its source; comments and order stay.
///
/// `article` counts the articles of a file from 0. Text without front matter gets one.
///
/// # Errors
/// The front matter is laid out in a way that cannot be edited safely.
pub fn field(text: &str, article: usize, key: &str, value: &str) -> Result<Edited, EditError> {
    let Some(range) = lines::fences(text).get(article).cloned() else {
        return match article {
            0 => Ok(edited(text, format!("---\n{key}: {value}\n---\n\n{text}"))),
            _ => Err(EditError::Layout("the article has no front matter")),
        };
    };
    let mut block = Block::new(&text[range.clone()], 0);
    block.put(key, value)?;
    match serde_yaml::from_str::<Value>(block.text()) {
        Ok(Value::Mapping(map)) if map.contains_key(key) => {
            Ok(edited(text, format!("{}{}{}", &text[..range.start], block.text(), &text[range.end..])))
        }
        _ => Err(EditError::Layout("the front matter would no longer be read")),
    }
}

/// Writes a text so that YAML reads it as that text.
pub fn quoted(text: &str) -> String {
    lines::scalar(text)
}

/// Adds a term to a taxonomy file; an empty text begins a new file.
///
/// # Errors
/// The id is in use, the name is a spelling of another term, or the layout cannot be edited.
pub fn add(text: &str, id: &TermId, name: &Name) -> Result<Edited, EditError> {
    let mut file = File::open(text)?;
    if file.find(id).is_some() {
        return Err(EditError::Taken(id.clone()));
    }
    let names: Vec<String> = name.texts().into_iter().map(fold_name).collect();
    for (value, owner) in file.values.iter().zip(&file.ids) {
        let rival = spellings(value).into_iter().find(|spelling| names.contains(&fold_name(spelling)));
        if let (Some(spelling), Some(owner)) = (rival, owner) {
            return Err(EditError::Spelling(spelling, owner.clone()));
        }
    }
    file.push(&format!(
        "- id: {id}\n  name: {{hans: {}, hant: {}}}\n",
        lines::scalar(&name.hans),
        lines::scalar(&name.hant)
    ));
    file.close(text)
}

/// Writes another id wherever the front matter of a file names a term by its old one.
///
/// A file may hold several articles; all are changed. Names and aliases stay as they are: they still mean the term.
///
/// # Errors
/// The front matter is laid out in a way that cannot be edited safely.
pub fn retag(text: &str, taxonomy: &str, old: &TermId, new: &TermId) -> Result<Edited, EditError> {
    let (single, plural) = keys(taxonomy);
    let mut out = text.to_owned();
    for range in lines::fences(text).into_iter().rev() {
        let mut block = Block::new(&text[range.clone()], 0);
        block.swap(&plural, old.as_str(), new.as_str())?;
        if single != plural {
            block.swap(single, old.as_str(), new.as_str())?;
        }
        if block.text() != &text[range.clone()] && serde_yaml::from_str::<Value>(block.text()).is_err() {
            return Err(EditError::Layout("the front matter would no longer be read"));
        }
        out.replace_range(range, block.text());
    }
    Ok(edited(text, out))
}

/// Gives the front-matter keys of a taxonomy: of one value, of several.
fn keys(taxonomy: &str) -> (&str, String) {
    match taxonomy {
        CITY => (CITY, "cities".to_owned()),
        PROGRAM => (PROGRAM, "programs".to_owned()),
        TAG => (TAG, "tags".to_owned()),
        other => (other, other.to_owned()),
    }
}

fn by_taxonomy<'a>(terms: &[(&'a str, &'a TermId)]) -> BTreeMap<&'a str, Vec<&'a TermId>> {
    let mut groups: BTreeMap<&str, Vec<&TermId>> = BTreeMap::new();
    for (taxonomy, id) in terms {
        groups.entry(taxonomy).or_default().push(id);
    }
    groups
}

fn grouped(terms: &[(&str, &TermId)]) -> Vec<(String, Vec<String>)> {
    by_taxonomy(terms).into_iter().map(|(t, ids)| (keys(t).1, ids.iter().map(ToString::to_string).collect())).collect()
}

/// Gives a term another id; the old one stays as an alias, so that front matter and addresses go on working.
///
/// # Errors
/// The old id has no entry, the new one is in use, or the layout cannot be edited.
pub fn rename(text: &str, old: &TermId, new: &TermId) -> Result<Edited, EditError> {
    let mut file = File::open(text)?;
    if file.find(new).is_some() {
        return Err(EditError::Taken(new.clone()));
    }
    let at = file.find(old).ok_or_else(|| EditError::Unknown(old.clone()))?;
    file.entries[at].set("id", new.as_str());
    // A term that gets back an id it had before needs no alias of that name.
    file.entries[at].remove("aliases", &|text| text == new.as_str())?;
    file.entries[at].append("aliases", &[old.to_string()])?;
    file.refer("parent", old, new);
    file.refer("city", old, new);
    file.close(text)
}

/// Makes references in another file follow a renaming or merging: `key` is `parent` or `city`.
///
/// # Errors
/// The layout cannot be edited.
pub fn follow(text: &str, key: &str, old: &TermId, new: &TermId) -> Result<Edited, EditError> {
    let mut file = File::open(text)?;
    file.refer(key, old, new);
    file.close(text)
}

/// Makes one term of two: the spellings and the id of `from` become aliases of `into`.
///
/// `builtin` says whether `into` is a built-in city, which gets an entry where it has none yet.
///
/// # Errors
/// One of the ids has no entry, or the layout cannot be edited.
pub fn merge(text: &str, from: &TermId, into: &TermId, builtin: Builtin) -> Result<Edited, EditError> {
    let mut file = File::open(text)?;
    if let (Builtin::Yes, None) = (builtin, file.find(into)) {
        let text = format!("{}{}- id: {into}\n", text, if text.is_empty() || text.ends_with('\n') { "" } else { "\n" });
        file = File::open(&text)?;
    }
    let gone = file.find(from).ok_or_else(|| EditError::Unknown(from.clone()))?;
    let kept = file.find(into).filter(|k| *k != gone).ok_or_else(|| EditError::Unknown(into.clone()))?;
    let source = file.values[gone].clone();
    let known: Vec<String> = spellings(&file.values[kept]).iter().map(|s| fold_name(s)).collect();
    let mut aliases: Vec<String> = spellings(&source).into_iter().filter(|s| !known.contains(&fold_name(s))).collect();
    aliases.push(from.to_string());
    aliases.dedup();
    file.entries[kept].append("aliases", &aliases)?;
    file.entries[kept].append("not", &texts(source.get("not")))?;
    file.refer("parent", from, into);
    file.refer("city", from, into);
    file.entries[gone].clear();
    file.close(text)
}

/// Gives a term another spelling. A built-in city that has no entry yet gets one when `builtin` says so.
///
/// # Errors
/// The id has no entry, the spelling belongs to another entry, or the layout cannot be edited.
pub fn alias(text: &str, id: &TermId, alias: &str, builtin: Builtin) -> Result<Edited, EditError> {
    let mut file = File::open(text)?;
    let folded = fold_name(alias);
    for (i, value) in file.values.iter().enumerate() {
        if spellings(value).iter().any(|s| fold_name(s) == folded) {
            let owner = file.ids.get(i).cloned().flatten();
            return match owner {
                Some(owner) if owner != *id => Err(EditError::Spelling(alias.to_owned(), owner)),
                _ => file.close(text),
            };
        }
    }
    match (file.find(id), builtin) {
        (Some(at), _) => file.entries[at].append("aliases", &[alias.to_owned()])?,
        (None, Builtin::Yes) => file.push(&format!("- id: {id}\n  aliases: [{}]\n", lines::scalar(alias))),
        (None, Builtin::No) => return Err(EditError::Unknown(id.clone())),
    }
    file.close(text)
}

/// Whether a term without an entry is a built-in city.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Builtin {
    /// It is: an entry that extends it is added.
    Yes,
    /// It is not.
    No,
}

/// Makes two terms of one: some of its aliases become a new term.
///
/// # Errors
/// The id has no entry, the new id is in use, or the layout cannot be edited.
pub fn split(text: &str, id: &TermId, new: &TermId, name: &Name, aliases: &[String]) -> Result<Edited, EditError> {
    let mut file = File::open(text)?;
    if file.find(new).is_some() {
        return Err(EditError::Taken(new.clone()));
    }
    let at = file.find(id).ok_or_else(|| EditError::Unknown(id.clone()))?;
    let moved: Vec<String> =
        aliases.iter().map(|a| fold_name(a)).chain(name.texts().into_iter().map(fold_name)).collect();
    file.entries[at].remove("aliases", &|text| moved.contains(&fold_name(text)))?;
    let mut entry =
        format!("- id: {new}\n  name: {{hans: {}, hant: {}}}\n", lines::scalar(&name.hans), lines::scalar(&name.hant));
    let others: Vec<String> =
        aliases.iter().filter(|a| !name.texts().contains(&a.as_str())).map(|a| lines::scalar(a)).collect();
    if !others.is_empty() {
        entry.push_str(&format!("  aliases: [{}]\n", others.join(", ")));
    }
    if let Some(city) = file.values[at].get("city").and_then(Value::as_str) {
        entry.push_str(&format!("  city: {city}\n"));
    }
    file.push(&entry);
    file.close(text)
}

/// Lists old addresses that must redirect: taxonomy, old id, present id.
///
/// Every alias that could be an id, and is none, is an address somebody may have kept. One that two terms claim leads
/// nowhere.
pub fn redirects(taxonomies: &Taxonomies) -> Vec<(String, TermId, TermId)> {
    let mut out = Vec::new();
    for taxonomy in taxonomies.iter() {
        for term in taxonomy.terms.values().filter(|t| t.written) {
            for old in term.aliases.iter().filter_map(|a| TermId::parse(a).ok()) {
                if !taxonomy.terms.contains_key(&old) {
                    out.push((taxonomy.id.clone(), old, term.id.clone()));
                }
            }
        }
    }
    out.sort();
    out.dedup();
    let rivals: Vec<(String, TermId)> = out
        .windows(2)
        .filter(|pair| (&pair[0].0, &pair[0].1) == (&pair[1].0, &pair[1].1))
        .map(|pair| (pair[0].0.clone(), pair[0].1.clone()))
        .collect();
    out.retain(|(taxonomy, old, _)| !rivals.iter().any(|(t, o)| (t, o) == (taxonomy, old)));
    out
}

/// A taxonomy file cut into entries.
struct File {
    head: String,
    entries: Vec<Block>,
    values: Vec<Value>,
    ids: Vec<Option<TermId>>,
}

impl File {
    fn open(text: &str) -> Result<File, EditError> {
        let values = match serde_yaml::from_str::<Value>(text.trim_start_matches('\u{feff}')) {
            Ok(Value::Sequence(list)) => list,
            Ok(Value::Null) => Vec::new(),
            _ => return Err(EditError::Layout("it is no list of terms")),
        };
        let (head, entries) = lines::entries(text);
        if entries.len() != values.len() {
            return Err(EditError::Layout("its entries do not begin with a dash each"));
        }
        let id = |v: &Value| v.get("id").and_then(Value::as_str).and_then(|s| TermId::parse(s).ok());
        let ids = values.iter().map(id).collect();
        Ok(File { head, entries, values, ids })
    }

    fn find(&self, id: &TermId) -> Option<usize> {
        self.ids.iter().position(|i| i.as_ref() == Some(id))
    }

    fn refer(&mut self, key: &str, old: &TermId, new: &TermId) {
        for (entry, value) in self.entries.iter_mut().zip(&self.values) {
            if value.get(key).and_then(Value::as_str) == Some(old.as_str()) {
                entry.set(key, new.as_str());
            }
        }
    }

    fn push(&mut self, entry: &str) {
        let last = self.entries.last_mut().map_or(&mut self.head, Block::text_mut);
        if !last.is_empty() && !last.ends_with('\n') {
            last.push('\n');
        }
        self.entries.push(Block::new(entry, 2));
    }

    fn close(self, old: &str) -> Result<Edited, EditError> {
        let text: String = std::iter::once(self.head.as_str()).chain(self.entries.iter().map(Block::text)).collect();
        match serde_yaml::from_str::<Value>(text.trim_start_matches('\u{feff}')) {
            Ok(Value::Sequence(_) | Value::Null) => Ok(edited(old, text)),
            _ => Err(EditError::Layout("it would no longer be read")),
        }
    }
}

/// Lists the names and aliases of an entry.
fn spellings(value: &Value) -> Vec<String> {
    let mut out = match value.get("name") {
        Some(Value::Mapping(map)) => map.values().filter_map(Value::as_str).map(str::to_owned).collect(),
        other => texts(other),
    };
    out.extend(texts(value.get("aliases")));
    out
}

fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Sequence(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(s)) => vec![s.clone()],
        _ => Vec::new(),
    }
}

fn edited(old: &str, text: String) -> Edited {
    Edited { diff: lines::diff(old, &text), text }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# programs\n- id: alpha\n  name: 甲计划   # the first\n  aliases: [甲, \"甲“计划”\"]\n  city: lanzhou\n\n# below\n- id: beta\n  name:\n    hans: 乙大赛\n    hant: 乙大賽\n  aliases:\n    - 乙赛\n  parent: alpha\n";

    fn id(text: &str) -> TermId {
        TermId::parse(text).unwrap()
    }

    #[test]
    fn renames_and_keeps_the_old_id_as_an_alias() {
        let e = rename(FILE, &id("alpha"), &id("alfa")).unwrap();
        assert!(
            e.text.contains("- id: alfa\n  name: 甲计划   # the first\n  aliases: [甲, \"甲“计划”\", alpha]\n"),
            "{}",
            e.text
        );
        assert!(e.text.contains("  parent: alfa\n") && e.text.contains("# below"), "{}", e.text);
        assert!(e.diff.contains("-- id: alpha\n") && e.diff.contains("+- id: alfa\n"), "{}", e.diff);
        assert_eq!(rename(FILE, &id("alpha"), &id("beta")), Err(EditError::Taken(id("beta"))));
        assert_eq!(rename(FILE, &id("gamma"), &id("x")), Err(EditError::Unknown(id("gamma"))));
    }

    #[test]
    fn sets_a_field_and_keeps_the_rest() {
        let text = "---\ntitle: 甲 # first\ndate:\n# end\n---\n正文\n";
        let e = field(text, 0, "date", "2024-05-06").unwrap();
        assert_eq!(e.text, "---\ntitle: 甲 # first\ndate: 2024-05-06\n# end\n---\n正文\n");
        let e = field(text, 0, "source", &quoted("报: 甲")).unwrap();
        assert!(e.text.contains("\nsource: '报: 甲'\n") && e.text.ends_with("---\n正文\n"), "{}", e.text);
        assert_eq!(field("正文\n", 0, "date", "2024-05-06").unwrap().text, "---\ndate: 2024-05-06\n---\n\n正文\n");
        let two = "---\ntitle: 甲\n---\n一\n---\ntitle: 乙\n---\n二\n";
        let e = field(two, 1, "source", "报").unwrap();
        assert!(e.text.contains("title: 乙\nsource: 报\n---\n二"), "{}", e.text);
        assert!(matches!(field("{a: b}\n---\n", 3, "date", "x"), Err(EditError::Layout(_))));
        assert!(matches!(field("---\ndate: [1,\n  2]\n---\n", 0, "date", "x"), Err(EditError::Layout(_))));
    }

    #[test]
    fn adds_a_term() {
        let name = Name::new("丙论坛", "丙論壇");
        let e = add(FILE, &id("gamma"), &name).unwrap();
        assert!(e.text.ends_with("  parent: alpha\n- id: gamma\n  name: {hans: 丙论坛, hant: 丙論壇}\n"), "{}", e.text);
        assert_eq!(add("", &id("gamma"), &name).unwrap().text, "- id: gamma\n  name: {hans: 丙论坛, hant: 丙論壇}\n");
        assert_eq!(add(FILE, &id("beta"), &name), Err(EditError::Taken(id("beta"))));
        let known = add(FILE, &id("gamma"), &Name::new("乙赛", "乙賽"));
        assert_eq!(known, Err(EditError::Spelling("乙赛".into(), id("beta"))));
    }

    #[test]
    fn merges_two_terms() {
        let e = merge(FILE, &id("beta"), &id("alpha"), Builtin::No).unwrap();
        assert!(e.text.contains("aliases: [甲, \"甲“计划”\", 乙大赛, 乙大賽, 乙赛, beta]"), "{}", e.text);
        assert!(!e.text.contains("id: beta"));
    }

    #[test]
    fn adds_aliases() {
        let e = alias(FILE, &id("beta"), "乙杯", Builtin::No).unwrap();
        assert!(e.text.ends_with("  aliases:\n    - 乙赛\n    - 乙杯\n  parent: alpha\n"), "{}", e.text);
        assert_eq!(alias(FILE, &id("beta"), "甲", Builtin::No), Err(EditError::Spelling("甲".to_owned(), id("alpha"))));
        assert_eq!(alias(FILE, &id("beta"), "乙賽", Builtin::No).unwrap().diff, "");
        let e = alias("", &id("lanzhou"), "金城关", Builtin::Yes).unwrap();
        assert_eq!(e.text, "- id: lanzhou\n  aliases: [金城关]\n");
    }

    #[test]
    fn splits_a_term() {
        let e = split(FILE, &id("alpha"), &id("gamma"), &Name::new("甲", "甲"), &[]).unwrap();
        assert!(e.text.contains("  aliases: [\"甲“计划”\"]\n"), "{}", e.text);
        assert!(e.text.ends_with("- id: gamma\n  name: {hans: 甲, hant: 甲}\n  city: lanzhou\n"), "{}", e.text);
    }

    #[test]
    fn writes_front_matter_in_place() {
        let known = Taxonomies::builtin();
        let (lanzhou, xining) = (id("lanzhou"), id("xining"));
        let terms = [("city", &lanzhou), ("city", &xining)];
        let check = |input: &str, expected: &str| {
            assert_eq!(front_matter(input, 0, &terms, &known).unwrap().text, expected, "{input}");
        };
        check("---\ntitle: 甲 # c\ncity: 蘭州\n---\n文\n", "---\ntitle: 甲 # c\ncity: [蘭州, xining]\n---\n文\n");
        check("---\ncities:\n- 兰州\n# x\n---\n文\n", "---\ncities:\n- 兰州\n- xining\n# x\n---\n文\n");
        check("---\r\ntitle: 甲\r\n---\r\n文\r\n", "---\r\ntitle: 甲\r\ncities: [lanzhou, xining]\r\n---\r\n文\r\n");
        check("---\ncities: []\n---\n", "---\ncities: [lanzhou, xining]\n---\n");
        check("---\ncities:   # none\n---\n", "---\ncities: [lanzhou, xining]   # none\n---\n");
        check("文\n", "---\ncities: [lanzhou, xining]\n---\n\n文\n");
    }

    #[test]
    fn writes_new_ids_into_front_matter() {
        let check = |input: &str, expected: &str| {
            assert_eq!(retag(input, "program", &id("alpha"), &id("alfa")).unwrap().text, expected, "{input}");
        };
        check("---\nprogram: alpha # c\n---\nalpha\n", "---\nprogram: alfa # c\n---\nalpha\n");
        check("---\nprograms: [乙, 'alpha']\n---\n", "---\nprograms: [乙, alfa]\n---\n");
        check("---\nprograms:\n- alpha # c\n- b\n---\n", "---\nprograms:\n- alfa # c\n- b\n---\n");
        check("---\nprograms:\n- alpha # c\n- alfa\n---\n", "---\nprograms:\n- alfa\n---\n");
        check("---\nprograms: [alfa, alpha]\n---\n", "---\nprograms: [alfa]\n---\n");
        check("---\nprograms: alpha-2\ntags: alpha\n---\n", "---\nprograms: alpha-2\ntags: alpha\n---\n");
        let two = "---\nprogram: alpha\n---\n文\n---\nprogram: alpha\n---\n文\n";
        check(two, &two.replace("alpha", "alfa"));
        check("没有\n", "没有\n");
    }

    #[test]
    fn old_ids_redirect() {
        let same = |s: &str| s.to_owned();
        let convert = super::super::Convert { hans: &same, hant: &same };
        let e = rename(FILE, &id("alpha"), &id("alfa")).unwrap();
        let all = super::super::parse(&[("content/_data/taxonomies/program.yaml", &e.text)], convert).value;
        assert_eq!(redirects(&all), [("program".to_owned(), id("alpha"), id("alfa"))]);
        assert_eq!(all.resolve("program", "alpha"), Some(&id("alfa")));
    }
}
