//! Finds spellings in folded text: the longest at each place, at word boundaries, and not where a phrase forbids it.

use std::collections::BTreeMap;

use super::context::ends_with;
use super::scan::{Scanned, is_ascii_word};
use super::spun;
use super::{Detector, Info, TermKind};
use crate::taxonomy::fold::fold_name;
use crate::taxonomy::gazetteer::{self, Kind};
use crate::taxonomy::trie::TrieBuilder;
use crate::taxonomy::{CITY, TAG, Taxonomies};

/// What a spelling may mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sense {
    /// A term; a weak spelling counts only with other evidence.
    Term {
        /// Index of the term.
        term: u32,
        /// Whether it needs other evidence.
        weak: bool,
    },
    /// A province or country.
    Region(u16),
    /// A phrase in which this term is not meant.
    Not(u32),
    /// A phrase in which no built-in city is meant.
    NoPlace,
    /// 我市: the city of the source.
    OurCity,
    /// A nickname that counts in the name of a source only.
    Nick(u32),
}

impl Sense {
    fn forbids(&self) -> bool {
        matches!(self, Sense::Not(_) | Sense::NoPlace)
    }
}

/// The senses of all spellings.
#[derive(Clone, Debug, Default)]
pub(super) struct Senses {
    all: Vec<Sense>,
    spellings: Vec<Spelling>,
}

/// What is known of one spelling.
#[derive(Clone, Copy, Debug)]
struct Spelling {
    /// Its first sense; the last one is before the first of the next spelling.
    senses: u32,
    /// Index into [`Crossings`], or `u32::MAX`.
    crossing: u32,
    /// Whether any sense forbids others.
    forbids: bool,
    /// Whether any sense means something.
    means: bool,
}

impl Senses {
    fn add(&mut self, list: &[Sense], crossing: u32) {
        let (forbids, means) = (list.iter().any(Sense::forbids), list.iter().any(|s| !s.forbids()));
        self.spellings.push(Spelling { senses: self.all.len() as u32, crossing, forbids, means });
        self.all.extend_from_slice(list);
    }

    fn of(&self, value: u32) -> &[Sense] {
        let end = self.spellings.get(value as usize + 1).map_or(self.all.len(), |next| next.senses as usize);
        &self.all[self.spellings[value as usize].senses as usize..end]
    }
}

/// Parts of words that cut through a name.
#[derive(Clone, Debug, Default)]
pub(super) struct Crossings(Vec<gazetteer::Crossing>);

/// A spelling found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Match<'a> {
    /// First unit.
    pub(super) start: usize,
    /// Unit after the last.
    pub(super) end: usize,
    /// What it may mean; never empty.
    pub(super) senses: &'a [Sense],
    /// Terms the phrase around it excludes; `None` inside excludes all built-in cities.
    pub(super) denied: Denied<'a>,
}

/// What the phrases around a match exclude.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Denied<'a>(Option<&'a [Sense]>);

impl Denied<'_> {
    /// Tells whether a term is excluded.
    pub(super) fn excludes(&self, term: u32, builtin: bool) -> bool {
        self.0.is_some_and(|s| s.iter().any(|s| *s == Sense::Not(term) || (builtin && *s == Sense::NoPlace)))
    }
}

impl Detector {
    /// Builds the detector; takes a few milliseconds.
    pub fn new(taxonomies: &Taxonomies) -> Detector {
        let mut infos = Vec::new();
        let mut names = Vec::new();
        let mut spellings: BTreeMap<String, Vec<Sense>> = BTreeMap::new();
        let mut index = BTreeMap::new();
        for taxonomy in taxonomies.iter() {
            for term in taxonomy.terms.values() {
                index.insert((taxonomy.id.as_str(), term.id.as_str()), infos.len() as u32);
                let place = if taxonomy.id == CITY { taxonomies.place(&term.id) } else { None };
                let kind = match (taxonomy.id.as_str(), place.map(|p| p.kind)) {
                    (CITY, Some(Kind::County)) => TermKind::County,
                    (CITY, Some(Kind::World)) => TermKind::World,
                    (CITY, _) => TermKind::City,
                    (TAG, _) => TermKind::Word,
                    _ => TermKind::Named,
                };
                let region = place.and_then(|p| u16::try_from(p.region).ok());
                infos.push(Info {
                    taxonomy: names.len() as u16,
                    id: term.id.clone(),
                    kind,
                    region,
                    parent: None,
                    city: None,
                });
            }
            names.push(taxonomy.id.clone());
        }
        for taxonomy in taxonomies.iter() {
            for term in taxonomy.terms.values() {
                let Some(&own) = index.get(&(taxonomy.id.as_str(), term.id.as_str())) else { continue };
                let info = &mut infos[own as usize];
                info.parent =
                    term.parent.as_ref().and_then(|p| index.get(&(taxonomy.id.as_str(), p.as_str())).copied());
                info.city = term.city.as_ref().and_then(|c| index.get(&(CITY, c.as_str())).copied());
                add_term(&mut spellings, taxonomies, own, term, taxonomy.id == CITY);
            }
        }
        add_fixed(&mut spellings, taxonomies);
        let (trie, senses, crossings) = assemble(spellings);
        Detector { taxonomies: names, infos, trie, senses, crossings }
    }

    /// Finds the spellings in a text, in order, without overlaps.
    pub(super) fn find<'a>(&'a self, s: &Scanned) -> Vec<Match<'a>> {
        let units = s.units.as_slice();
        // A name stands every twenty or thirty characters.
        let mut matches: Vec<Match<'a>> = Vec::with_capacity(units.len() / 16);
        let mut phrase: Option<(usize, u32)> = None;
        let mut done = 0;
        self.trie.places(units, |i| {
            if i < done {
                return;
            }
            let mut longest = None;
            self.trie.walk(&units[i..], |n, value| {
                let spelling = self.senses.spellings[value as usize];
                if spelling.forbids && phrase.is_none_or(|(end, _)| end <= i + n) {
                    phrase = Some((i + n, value));
                }
                if spelling.means {
                    longest = Some((n, value));
                }
            });
            let Some((n, value)) = longest else { return };
            let end = i + n;
            if bounded(units, i, end) && !self.crossed(value, units, i, end) {
                let denied = Denied(phrase.filter(|(to, _)| *to >= end).map(|(_, value)| self.senses.of(value)));
                matches.push(Match { start: i, end, senses: self.senses.of(value), denied });
                done = end;
            }
        });
        matches
    }

    /// Tells whether words of the language cut through a name: 完|成都.
    fn crossed(&self, value: u32, units: &[u16], start: usize, end: usize) -> bool {
        let index = self.senses.spellings[value as usize].crossing;
        let Some(crossing) = self.crossings.0.get(index as usize) else { return false };
        let follows = |word: &str| {
            let mut at = end;
            word.chars().all(|c| {
                at += 1;
                units.get(at - 1).is_some_and(|u| u32::from(*u) == c as u32)
            })
        };
        crossing.left.iter().any(|w| ends_with(units, start, w)) || crossing.right.iter().any(|w| follows(w))
    }
}

/// Latin words begin and end where the text's words do.
fn bounded(units: &[u16], start: usize, end: usize) -> bool {
    let inside = |i: usize, j: usize| is_ascii_word(units[i]) && units.get(j).is_some_and(|u| is_ascii_word(*u));
    let cut = inside(end - 1, end) || (start > 0 && inside(start, start - 1));
    !cut
}

fn add_term(
    spellings: &mut BTreeMap<String, Vec<Sense>>,
    taxonomies: &Taxonomies,
    own: u32,
    term: &crate::taxonomy::Term,
    city: bool,
) {
    let mut add = |text: &str, sense: Sense| {
        let folded = fold_name(text);
        // A single character is never a name; short Latin words are words.
        if folded.chars().count() > 1 && !(folded.is_ascii() && folded.len() < 3 && city) {
            let senses = spellings.entry(folded).or_default();
            if !senses.contains(&sense) {
                senses.push(sense);
            }
        }
    };
    let place = if city { taxonomies.place(&term.id) } else { None };
    let weak: Vec<&str> = place.map(|p| p.weak.clone()).unwrap_or_default();
    let own_words = |text: &str| !weak.is_empty() && weak.contains(&text);
    if term.builtin && !term.named_by_site {
        // Labels of built-in cities are among the aliases where they count; some are shown with a county or a country.
        if !own_words(&term.name.hans) {
            add(&term.name.hans, Sense::Term { term: own, weak: false });
        }
    } else {
        for text in term.name.texts().into_iter().filter(|t| !own_words(&fold_name(t))) {
            add(text, Sense::Term { term: own, weak: false });
        }
    }
    for alias in term.aliases.iter().filter(|a| !own_words(a)) {
        add(alias, Sense::Term { term: own, weak: false });
    }
    for name in &weak {
        add(name, Sense::Term { term: own, weak: true });
    }
    for name in place.iter().flat_map(|p| &p.nick) {
        add(name, Sense::Nick(own));
    }
    for phrase in &term.not {
        add(phrase, Sense::Not(own));
    }
    if !city {
        for text in term.name.texts().into_iter().chain(term.aliases.iter().map(String::as_str)) {
            let folded = fold_name(text);
            let known_city = |t: &str| taxonomies.resolve(CITY, t).is_some();
            for spelling in spun::spellings(&folded).into_iter().chain(spun::dressed(&folded, &known_city)) {
                add(&spelling, Sense::Term { term: own, weak: false });
            }
        }
    }
}

/// Adds provinces and countries, phrases that name no place, and 我市.
fn add_fixed(spellings: &mut BTreeMap<String, Vec<Sense>>, taxonomies: &Taxonomies) {
    for (i, region) in taxonomies.regions().iter().enumerate() {
        for name in region.names.iter().filter(|n| n.chars().count() > 1) {
            spellings.entry(fold_name(name)).or_default().push(Sense::Region(i as u16));
        }
    }
    for phrase in gazetteer::phrases() {
        spellings.entry(fold_name(phrase)).or_default().push(Sense::NoPlace);
    }
    for ours in ["我市", "本市", "全市", "我们市"] {
        spellings.entry(ours.to_owned()).or_default().push(Sense::OurCity);
    }
}

fn assemble(spellings: BTreeMap<String, Vec<Sense>>) -> (crate::taxonomy::trie::Trie, Senses, Crossings) {
    let mut crossing_of = gazetteer::crossings();
    let mut builder = TrieBuilder::default();
    let mut senses = Senses::default();
    let mut crossings = Crossings::default();
    for (text, list) in spellings {
        builder.add(&text, senses.spellings.len() as u32);
        let places = list.iter().any(|s| matches!(s, Sense::Term { .. }));
        let index = match crossing_of.remove(text.as_str()).filter(|_| places) {
            Some(crossing) => {
                crossings.0.push(crossing);
                crossings.0.len() as u32 - 1
            }
            None => u32::MAX,
        };
        senses.add(&list, index);
    }
    (builder.build(), senses, crossings)
}
