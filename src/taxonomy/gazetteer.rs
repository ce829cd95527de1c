//! The cities the program knows by itself.
//!
//! Takes the tables of `data/gazetteer` (made by `tools/gazetteer/build.py`); gives terms and what detection must know
//! about their names. Knows no site.

use std::collections::BTreeMap;

use super::term::{Name, Term, TermId};

const CITIES: &str = include_str!("../../data/gazetteer/cities.tsv");
const REGIONS: &str = include_str!("../../data/gazetteer/regions.tsv");
const DENY: &str = include_str!("../../data/gazetteer/deny.tsv");

/// What kind of place a built-in city is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A municipality, prefecture, special administrative region, or city or county of Taiwan.
    City,
    /// A county or a city of county rank on the mainland.
    County,
    /// A city elsewhere.
    World,
}

/// What detection knows about a built-in city beyond its term.
#[derive(Clone, Debug)]
pub struct Place {
    /// What kind of place it is.
    pub kind: Kind,
    /// Index of the province or country in [`regions`].
    pub region: usize,
    /// Names that are other words as often: they count only with other evidence.
    pub weak: Vec<&'static str>,
    /// Nicknames that name the city in the name of a newspaper, but too common to count in a text.
    pub nick: Vec<&'static str>,
}

/// A province or country: key and folded names.
#[derive(Clone, Debug)]
pub struct Region {
    /// The key the table of cities uses.
    pub key: &'static str,
    /// Folded names.
    pub names: Vec<&'static str>,
}

/// Lists the provinces and countries.
pub fn regions() -> Vec<Region> {
    rows(REGIONS).map(|mut r| Region { key: r.next().unwrap_or(""), names: list(r.next()) }).collect()
}

/// Lists the built-in cities as terms, and what is known about each.
pub fn cities(regions: &[Region]) -> (BTreeMap<TermId, Term>, BTreeMap<TermId, Place>) {
    let mut terms = BTreeMap::new();
    let mut places = BTreeMap::new();
    for mut row in rows(CITIES) {
        let mut next = || row.next().unwrap_or("");
        let id = TermId::trusted(next());
        let kind = match next() {
            "county" => Kind::County,
            "world" => Kind::World,
            _ => Kind::City,
        };
        let key = next();
        let parent = Some(next()).filter(|p| !p.is_empty()).map(TermId::trusted);
        let name = Name { hans: next().to_owned(), hant: next().to_owned(), en: Some(next().to_owned()) };
        let aliases = list(Some(next())).into_iter().filter(|a| *a != name.hans).map(str::to_owned).collect();
        let place = Place {
            kind,
            region: regions.iter().position(|r| r.key == key).unwrap_or(usize::MAX),
            weak: list(Some(next())),
            nick: list(Some(next())),
        };
        let term = Term {
            id: id.clone(),
            name,
            aliases,
            not: Vec::new(),
            parent,
            city: None,
            description: None,
            builtin: true,
            written: false,
            named_by_site: false,
        };
        terms.insert(id.clone(), term);
        places.insert(id, place);
    }
    (terms, places)
}

/// Lists phrases that hold the name of a place and do not name it.
pub fn phrases() -> impl Iterator<Item = &'static str> {
    DENY.lines().filter(|l| !l.starts_with('#') && !l.contains('\t'))
}

/// What a name may not follow and may not be followed by: parts of words that cut through it (完|成都, 大|理石).
#[derive(Clone, Debug, Default)]
pub struct Crossing {
    /// The name does not count right after one of these.
    pub left: Vec<&'static str>,
    /// The name does not count right before one of these.
    pub right: Vec<&'static str>,
}

/// Lists, by folded name, the words that cut through it.
pub fn crossings() -> BTreeMap<&'static str, Crossing> {
    DENY.lines()
        .filter(|l| !l.starts_with('#'))
        .filter_map(|l| {
            let (name, rest) = l.split_once('\t')?;
            let (left, right) = rest.split_once('\t')?;
            Some((name, Crossing { left: list(Some(left)), right: list(Some(right)) }))
        })
        .collect()
}

fn rows(table: &'static str) -> impl Iterator<Item = std::str::Split<'static, char>> {
    table.lines().filter(|l| !l.starts_with('#') && !l.is_empty()).map(|l| l.split('\t'))
}

fn list(field: Option<&'static str>) -> Vec<&'static str> {
    field.unwrap_or("").split(';').filter(|n| !n.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_whole() {
        let regions = regions();
        let (terms, places) = cities(&regions);
        assert!(terms.len() > 2000, "{}", terms.len());
        for (id, term) in &terms {
            assert_eq!(TermId::parse(id.as_str()).as_ref(), Ok(id));
            assert!(!term.name.hans.is_empty() && !term.name.hant.is_empty(), "{id}");
            assert!(places[id].region < regions.len(), "{id} is in no region");
            assert!(term.parent.as_ref().is_none_or(|p| terms.contains_key(p)), "{id}");
        }
        for id in ["beijing", "xian", "golmud", "hsinchu", "hong-kong", "macau", "silicon-valley", "urumqi", "kunshan"]
        {
            assert!(terms.contains_key(&TermId::trusted(id)), "{id}");
        }
    }

    #[test]
    fn knows_words_that_cut_through_names() {
        let crossings = crossings();
        assert!(crossings["成都"].left.contains(&"完"));
        assert!(phrases().any(|p| p == "大同小异"));
    }
}
