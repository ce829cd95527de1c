//! Cities, programs and tags: what there is, what an article is about, and the upkeep of both.
//!
//! Takes the text of `content/_data/taxonomies/*.yaml` and the built-in gazetteer and gives [`Taxonomies`]; a
//! [`Detector`] made from them says with evidence which terms a text is about; `suggest` finds names that deserve to
//! be terms; `edit` changes files of an editor without touching what it does not mean. Knows no stage of the build
//! and reads no disk.

pub mod bulk;
mod detect;
pub mod edit;
pub mod fold;
pub mod gazetteer;
mod parse;
pub mod suggest;
mod term;
mod trie;
mod yaml;

use std::collections::{BTreeMap, BTreeSet};

pub use detect::{Detector, Evidence, Tag, Text, Where};
pub use parse::{Convert, parse, parse_over};
pub use term::{BadId, LONGEST_ID, Name, Taxonomy, Term, TermId};

pub(crate) use fold::fold_name;
use gazetteer::{Place, Region};

/// The id of the taxonomy of cities.
pub const CITY: &str = "city";
/// The id of the taxonomy of programs.
pub const PROGRAM: &str = "program";
/// The id of the taxonomy of tags.
pub const TAG: &str = "tag";

/// All taxonomies of a site.
#[derive(Clone, Debug)]
pub struct Taxonomies {
    taxonomies: BTreeMap<String, Taxonomy>,
    places: BTreeMap<TermId, Place>,
    regions: Vec<Region>,
    /// Taxonomy, then folded spelling, then the terms it may mean, the likeliest first.
    spellings: BTreeMap<String, BTreeMap<String, Vec<TermId>>>,
}

/// What a value of front matter means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution<'a> {
    /// One term.
    Term(&'a TermId),
    /// Several terms with equal right to the spelling.
    Ambiguous(Vec<&'a TermId>),
    /// No term.
    Unknown,
}

impl Taxonomies {
    /// Gives the built-in gazetteer alone.
    pub fn builtin() -> Taxonomies {
        let mut all = Taxonomies::bare();
        all.index();
        all
    }

    /// Gives a few cities of the built-in gazetteer: a small world for tests and fuzzers.
    pub fn builtin_of(cities: &[&str]) -> Taxonomies {
        let mut all = Taxonomies::bare();
        if let Some(city) = all.taxonomies.get_mut(CITY) {
            city.terms.retain(|id, _| cities.contains(&id.as_str()));
        }
        all.places.retain(|id, _| cities.contains(&id.as_str()));
        all.index();
        all
    }

    /// Gives the built-in gazetteer without the table of spellings.
    fn bare() -> Taxonomies {
        let regions = gazetteer::regions();
        let (terms, places) = gazetteer::cities(&regions);
        let mut taxonomies = BTreeMap::new();
        for id in [CITY, PROGRAM, TAG] {
            taxonomies.insert(id.to_owned(), Taxonomy { id: id.to_owned(), terms: BTreeMap::new() });
        }
        if let Some(city) = taxonomies.get_mut(CITY) {
            city.terms = terms;
        }
        Taxonomies { taxonomies, places, regions, spellings: BTreeMap::new() }
    }

    /// Iterates over the taxonomies by id.
    pub fn iter(&self) -> impl Iterator<Item = &Taxonomy> {
        self.taxonomies.values()
    }

    /// Gives one taxonomy.
    pub fn taxonomy(&self, taxonomy: &str) -> Option<&Taxonomy> {
        self.taxonomies.get(taxonomy)
    }

    /// Gives a term by its id.
    pub fn get(&self, taxonomy: &str, id: &TermId) -> Option<&Term> {
        self.taxonomies.get(taxonomy)?.terms.get(id)
    }

    /// Finds the term a value of front matter means: its id, label or alias, in either script, width and case.
    ///
    /// A spelling several terms claim gives none; [`Taxonomies::meaning`] says which ones.
    pub fn resolve(&self, taxonomy: &str, written: &str) -> Option<&TermId> {
        match self.meaning(taxonomy, written) {
            Resolution::Term(id) => Some(id),
            Resolution::Ambiguous(_) | Resolution::Unknown => None,
        }
    }

    /// Says what a value of front matter means.
    pub fn meaning(&self, taxonomy: &str, written: &str) -> Resolution<'_> {
        let Some(terms) = self.taxonomies.get(taxonomy).map(|t| &t.terms) else { return Resolution::Unknown };
        let folded = fold_name(written);
        let as_id = folded.replace(' ', "-");
        if let Some((id, _)) = TermId::parse(&as_id).ok().and_then(|id| terms.get_key_value(&id)) {
            return Resolution::Term(id);
        }
        match self.spellings.get(taxonomy).and_then(|s| s.get(&folded)).map(Vec::as_slice) {
            None | Some([]) => Resolution::Unknown,
            Some([id]) => Resolution::Term(id),
            Some(ids) => Resolution::Ambiguous(ids.iter().collect()),
        }
    }

    /// Gives ids to free values: those their spelling means, else new ids that `slug` makes of them.
    ///
    /// `slug` is `crate::slug::from_title`: any text to ASCII words joined by hyphens. Takes all values of a site at
    /// once, in any order: values that fold to one form get one id, and different values whose pinyin agrees (事实,
    /// 试试) get `-2`, `-3` in the order of their folded forms. The keys of the result are the values as written;
    /// empty ones, and those of which folding leaves nothing, are absent.
    pub fn mint<'a>(
        &self,
        taxonomy: &str,
        written: impl IntoIterator<Item = &'a str>,
        slug: &dyn Fn(&str) -> String,
    ) -> BTreeMap<&'a str, TermId> {
        let mut forms: BTreeMap<String, Vec<&'a str>> = BTreeMap::new();
        for value in written {
            forms.entry(fold_name(value)).or_default().push(value);
        }
        let mut taken: BTreeSet<TermId> =
            self.taxonomy(taxonomy).into_iter().flat_map(|t| t.terms.keys().cloned()).collect();
        let mut minted = BTreeMap::new();
        for (form, values) in forms.into_iter().filter(|(form, _)| !form.is_empty()) {
            let id = match self.resolve(taxonomy, &form) {
                Some(id) => id.clone(),
                None => fresh(&slug(&form), &taken),
            };
            taken.insert(id.clone());
            minted.extend(values.into_iter().map(|v| (v, id.clone())));
        }
        minted
    }

    /// Lists labels the site's own files give, which also serve as glossary terms: Simplified and Traditional.
    pub fn glossary_names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.taxonomies
            .values()
            .flat_map(|t| t.terms.values())
            .filter(|t| t.named_by_site)
            .map(|t| (t.name.hans.as_str(), t.name.hant.as_str()))
    }

    pub(crate) fn place(&self, id: &TermId) -> Option<&Place> {
        self.places.get(id)
    }

    pub(crate) fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// Fills the table of spellings.
    fn index(&mut self) {
        let mut spellings = BTreeMap::new();
        for taxonomy in self.taxonomies.values() {
            let mut claims: Vec<(String, u8, &TermId)> = Vec::new();
            for term in taxonomy.terms.values() {
                let place = self.places.get(&term.id).filter(|_| taxonomy.id == CITY);
                let county = place.is_some_and(|p| p.kind == gazetteer::Kind::County);
                let rank = u8::from(!term.written) * 4 + u8::from(county);
                let texts = term.name.texts().into_iter().chain(term.aliases.iter().map(String::as_str));
                claims.extend(texts.map(|text| (fold_name(text), rank, &term.id)));
                if let Some(place) = place {
                    let names = place.weak.iter().chain(&place.nick);
                    claims.extend(names.map(|name| ((*name).to_owned(), rank + 2, &term.id)));
                }
            }
            // The likeliest claim on a spelling comes first and shuts out those of lower rank.
            claims.sort_unstable();
            claims.dedup();
            let mut table: Vec<(String, Vec<TermId>)> = Vec::with_capacity(claims.len());
            let mut best = 0;
            for (text, rank, id) in claims {
                match table.last_mut().filter(|(t, _)| *t == text) {
                    Some((_, ids)) => {
                        if rank == best && !ids.contains(id) {
                            ids.push(id.clone());
                        }
                    }
                    None => {
                        table.push((text, vec![id.clone()]));
                        best = rank;
                    }
                }
            }
            spellings.insert(taxonomy.id.clone(), table.into_iter().collect());
        }
        self.spellings = spellings;
    }
}

/// Makes an id of a slug that no other term has.
fn fresh(slug: &str, taken: &BTreeSet<TermId>) -> TermId {
    let mut text = slug.to_ascii_lowercase();
    text.retain(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    text.truncate(LONGEST_ID - 16);
    let text = text.trim_matches('-');
    let stem = match TermId::parse(text) {
        Ok(_) => text.to_owned(),
        Err(BadId::Empty) => "tag".to_owned(),
        Err(_) => format!("{text}-tag"),
    };
    let mut id = TermId::trusted(&stem);
    let mut n = 2;
    while taken.contains(&id) {
        id = TermId::trusted(&format!("{stem}-{n}"));
        n += 1;
    }
    id
}
