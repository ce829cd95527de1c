//! Finds names across an archive that deserve to be programs: quoted names, and names that end in 计划, 大赛, 论坛 …
//!
//! Takes articles and what is known already; gives candidates, best first, both scripts counted as one. Works on folded
//! text, so 灯塔回流计划 and 燈塔回流計劃 are one candidate; the label shows the spellings the archive uses.

mod names;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Serialize;

use super::detect::scan::{Places, Scanned};
use super::fold::fold_name;
use super::parse::Convert;
use super::term::{Name, TermId};
use super::trie::{Trie, TrieBuilder};
use super::{CITY, Taxonomies};

/// An article to look through.
#[derive(Clone, Copy, Debug)]
pub struct Article<'a> {
    /// Its id, as the report names it.
    pub id: &'a str,
    /// Its title; may be empty.
    pub title: &'a str,
    /// Its body, as Markdown.
    pub body: &'a str,
}

/// A name that may deserve to be a program.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Candidate {
    /// The name in both scripts.
    pub name: Name,
    /// How often it is mentioned.
    pub count: usize,
    /// Ids of the articles that mention it, in the order given.
    pub articles: Vec<String>,
    /// Words around its first mentions, at most three.
    pub examples: Vec<String>,
}

/// How many candidates are given at most.
const MOST: usize = 200;
/// How many candidates are counted exactly.
const COUNTED: usize = 4000;
/// How many examples a candidate has.
const EXAMPLES: usize = 3;

/// What the first pass knows about a possible name.
#[derive(Clone, Copy, Debug, Default)]
struct Found {
    quoted: u32,
    plain: u32,
    /// How much its last word says that it is a program.
    head: f32,
}

/// Suggests programs, best first.
///
/// Names that are spellings of terms already, or that hold or are held by one, are left out.
pub fn suggest(articles: &[Article<'_>], known: &Taxonomies, convert: Convert<'_>) -> Vec<Candidate> {
    let texts: Vec<[Scanned; 2]> = articles
        .iter()
        .map(|a| [Scanned::title(a.title, Places::Wanted), Scanned::body(a.body, Places::Wanted)])
        .collect();
    let mut found: BTreeMap<Vec<u16>, Found> = BTreeMap::new();
    let places = places(known);
    for scanned in texts.iter().flatten() {
        names::collect(scanned, &places, |name, head, quoted| {
            let entry = found.entry(name.to_vec()).or_default();
            entry.head = head;
            *if quoted { &mut entry.quoted } else { &mut entry.plain } += 1;
        });
    }
    let known = Known::new(known);
    found.retain(|name, f| {
        let often = if f.head > names::BARE { f.quoted > 0 || f.plain > 1 || f.head >= 0.9 } else { f.quoted > 1 };
        often && !known.covers(name)
    });
    let mut names: Vec<(Vec<u16>, Found)> = found.into_iter().collect();
    names.sort_by(|a, b| (b.1.quoted + b.1.plain).cmp(&(a.1.quoted + a.1.plain)).then_with(|| a.0.cmp(&b.0)));
    names.truncate(COUNTED);
    let counts = count(&names, &texts);
    let ranked = rank(&names, &counts);
    ranked.into_iter().take(MOST).map(|i| describe(articles, &texts, &names[i].0, &counts[i], convert)).collect()
}

/// Writes candidates as entries for `program.yaml`; `slug` makes ids of names.
pub fn to_yaml(candidates: &[Candidate], slug: &dyn Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut taken = BTreeSet::new();
    for c in candidates {
        let id = super::fresh(&slug(&c.name.hans), &taken);
        let _ = writeln!(out, "# {} mentions in {} articles", c.count, c.articles.len());
        let _ =
            writeln!(out, "- id: {id}\n  name:\n    hans: {}\n    hant: {}", plain(&c.name.hans), plain(&c.name.hant));
        taken.insert(id);
    }
    out
}

/// Quotes a text for YAML if it needs it.
fn plain(text: &str) -> String {
    let safe = text.chars().next().is_some_and(char::is_alphabetic) && !text.contains([':', '#', '\n', '"', '\'']);
    if safe { text.to_owned() } else { format!("'{}'", text.replace('\'', "''").replace('\n', " ")) }
}

/// Gathers the names of cities.
fn places(taxonomies: &Taxonomies) -> Trie {
    let mut builder = TrieBuilder::default();
    for term in taxonomies.taxonomy(CITY).into_iter().flat_map(|t| t.terms.values()) {
        for text in term.name.texts().into_iter().chain(term.aliases.iter().map(String::as_str)) {
            let folded = fold_name(text);
            if folded.chars().count() > 1 {
                builder.add(&folded, 0);
            }
        }
    }
    builder.build()
}

/// Spellings that are terms already.
struct Known {
    trie: Trie,
    exact: BTreeSet<Vec<u16>>,
}

impl Known {
    fn new(taxonomies: &Taxonomies) -> Known {
        let mut builder = TrieBuilder::default();
        let mut exact = BTreeSet::new();
        for taxonomy in taxonomies.iter() {
            for term in taxonomy.terms.values() {
                let texts = term.name.texts().into_iter().chain(term.aliases.iter().map(String::as_str));
                for folded in texts.chain(term.not.iter().map(String::as_str)).map(fold_name) {
                    if taxonomy.id != CITY && folded.chars().count() > 2 {
                        builder.add(&folded, 0);
                    }
                    exact.insert(folded.encode_utf16().collect());
                }
            }
        }
        Known { trie: builder.build(), exact }
    }

    /// Tells whether a name is a spelling of a term, holds one, or is the end or beginning of one.
    fn covers(&self, name: &[u16]) -> bool {
        let mut holds = false;
        for i in 0..name.len() {
            self.trie.walk(&name[i..], |_, _| holds = true);
        }
        holds
            || self.exact.contains(name)
            || self.exact.iter().any(|e| e.len() > name.len() && (e.ends_with(name) || e.starts_with(name)))
    }
}

/// Exact counts of a name.
#[derive(Clone, Debug, Default)]
struct Count {
    mentions: usize,
    articles: Vec<usize>,
}

fn count(names: &[(Vec<u16>, Found)], texts: &[[Scanned; 2]]) -> Vec<Count> {
    let mut builder = TrieBuilder::default();
    for (i, (name, _)) in names.iter().enumerate() {
        builder.add(&String::from_utf16_lossy(name), i as u32);
    }
    let trie = builder.build();
    let mut counts = vec![Count::default(); names.len()];
    for (article, parts) in texts.iter().enumerate() {
        for units in parts.iter().map(|s| &s.units) {
            for i in 0..units.len() {
                trie.walk(&units[i..], |_, value| {
                    let c = &mut counts[value as usize];
                    c.mentions += 1;
                    if c.articles.last() != Some(&article) {
                        c.articles.push(article);
                    }
                });
            }
        }
    }
    counts
}

/// Orders candidates and drops those that are only part of another one, or another one with words around it.
fn rank(names: &[(Vec<u16>, Found)], counts: &[Count]) -> Vec<usize> {
    let value = |i: usize| -> f64 {
        let (f, c) = (&names[i].1, &counts[i]);
        let quoted = if f.quoted > 0 { 2.0 } else { 0.0 };
        let plain = (1.0 + c.mentions as f64).ln() + 1.5 * (1.0 + c.articles.len() as f64).ln();
        let once = if f.quoted == 0 && c.mentions < 2 { 0.5 } else { 1.0 };
        (plain + quoted) * f64::from(f.head) * once
    };
    let mut order: Vec<usize> = (0..names.len()).filter(|i| counts[*i].mentions > 0).collect();
    order.sort_by(|a, b| value(*b).total_cmp(&value(*a)).then_with(|| names[*a].0.cmp(&names[*b].0)));
    let mut kept: Vec<usize> = Vec::new();
    for i in order {
        let name = names[i].0.as_slice();
        let inside = |a: &[u16], b: &[u16]| a.len() < b.len() && b.windows(a.len()).any(|w| w == a);
        let redundant = kept.iter().any(|&k| {
            let other = names[k].0.as_slice();
            // A shorter name adds nothing unless it is mentioned far more often; a longer one, unless it is quoted itself.
            inside(name, other) && counts[i].mentions < counts[k].mentions * 2
                || inside(other, name) && names[i].1.quoted == 0
        });
        if !redundant {
            kept.push(i);
        }
        if kept.len() >= MOST {
            break;
        }
    }
    kept
}

fn describe(
    articles: &[Article<'_>],
    texts: &[[Scanned; 2]],
    name: &[u16],
    count: &Count,
    convert: Convert<'_>,
) -> Candidate {
    let mut spellings: BTreeMap<String, usize> = BTreeMap::new();
    let mut examples = Vec::new();
    for &article in count.articles.iter().take(40) {
        for (part, scanned) in texts[article].iter().enumerate() {
            let text = if part == 0 { articles[article].title } else { articles[article].body };
            let Some(at) = scanned.units.windows(name.len()).position(|w| w == name) else { continue };
            let (from, to) = (scanned.at[at] as usize, scanned.at[at + name.len() - 1] as usize + 1);
            let words: String =
                text.chars().skip(from).take(to - from).filter(|c| !super::fold::is_ignored(*c)).collect();
            *spellings.entry(words).or_default() += 1;
            if examples.len() < EXAMPLES {
                let around: String = text.chars().skip(from.saturating_sub(12)).take(to - from + 24).collect();
                let around = around.split_whitespace().collect::<Vec<_>>().join(" ");
                if !examples.contains(&around) {
                    examples.push(around);
                }
            }
        }
    }
    let seen = |wanted: &dyn Fn(&str) -> bool| {
        spellings.iter().filter(|(s, _)| wanted(s)).max_by_key(|(_, n)| **n).map(|(s, _)| s.clone())
    };
    let any = seen(&|_| true).unwrap_or_else(|| String::from_utf16_lossy(name));
    let hans = seen(&|s| fold_name(s) == s.to_lowercase()).unwrap_or_else(|| (convert.hans)(&any));
    let hant = seen(&|s| fold_name(s) != s.to_lowercase()).unwrap_or_else(|| (convert.hant)(&any));
    Candidate {
        name: Name::new(hans, hant),
        count: count.mentions,
        articles: count.articles.iter().map(|&a| articles[a].id.to_owned()).collect(),
        examples,
    }
}

/// Gives the ids a set of candidates would get, for reports.
pub fn ids(candidates: &[Candidate], slug: &dyn Fn(&str) -> String) -> Vec<TermId> {
    let mut taken = BTreeSet::new();
    candidates
        .iter()
        .map(|c| {
            let id = super::fresh(&slug(&c.name.hans), &taken);
            taken.insert(id.clone());
            id
        })
        .collect()
}
