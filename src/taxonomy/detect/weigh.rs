//! Weighs mentions and decides which terms a text is about.

use std::ops::Range;

use super::context;
use super::find::{Match, Sense};
use super::scan::Scanned;
use super::{Detector, TermKind, Where};

/// What a term must weigh to be a tag.
const ENOUGH: f32 = 1.5;
/// A city must weigh this share of the weightiest one, unless the title names it plainly.
const SHARE: f32 = 0.12;
/// The same for a city that neither title nor lead names: long texts name many in passing.
const SHARE_BELOW: f32 = 0.25;

/// One mention of a term.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mention {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) place: Where,
    /// How much of it is left after looking at the words around it.
    left: f32,
}

/// A term the text is about.
#[derive(Debug)]
pub(super) struct Weighed {
    pub(super) term: u32,
    pub(super) score: f32,
    pub(super) mentions: Vec<Mention>,
}

/// A match with a single meaning still to be chosen.
struct Open {
    mention: Mention,
    /// Its candidates, a range of those of the [`Table`].
    candidates: Range<usize>,
}

/// A city that may be meant, and whether its spelling is weak.
type Candidate = (u32, bool);

/// Weighs all mentions of a text.
pub(super) fn weigh(detector: &Detector, title: &Scanned, body: &Scanned, source: &Scanned) -> Vec<Weighed> {
    let mut table = Table {
        detector,
        terms: Vec::with_capacity(16),
        regions: Vec::new(),
        open: Vec::new(),
        candidates: Vec::new(),
        ours: Vec::new(),
        people: Vec::new(),
        named: Vec::new(),
    };
    let home = home(detector, source);
    table.part(title, true);
    table.part(body, false);
    if let Some((home, mention)) = home {
        table.our_city(home, mention);
    }
    table.close(home.map(|(h, _)| h));
    table.decide()
}

/// Finds the city a source is of: 兰州日报, 羊城晚报.
fn home(detector: &Detector, source: &Scanned) -> Option<(u32, Mention)> {
    let matches = detector.find(source);
    let mention = |m: &Match<'_>| Mention { start: m.start, end: m.end, place: Where::Source, left: 1.0 };
    let city = |m: &Match<'_>| {
        let rank = |s: &Sense| match *s {
            Sense::Term { term, weak } if detector.infos[term as usize].is_city() => {
                let county = detector.infos[term as usize].kind == TermKind::County;
                Some((u8::from(weak) * 2 + u8::from(county), term))
            }
            Sense::Nick(term) => Some((1, term)),
            _ => None,
        };
        m.senses.iter().filter_map(rank).min().map(|(_, term)| term)
    };
    matches.iter().find_map(|m| Some((city(m)?, mention(m))))
}

impl super::Info {
    fn is_city(&self) -> bool {
        matches!(self.kind, TermKind::City | TermKind::County | TermKind::World)
    }
}

struct Table<'a> {
    detector: &'a Detector,
    /// Terms with their mentions, in order of first mention.
    terms: Vec<(u32, Vec<Mention>)>,
    /// Regions named.
    regions: Vec<u16>,
    open: Vec<Open>,
    /// The candidates of all open matches.
    candidates: Vec<Candidate>,
    /// Mentions of 我市.
    ours: Vec<Mention>,
    /// People whose given name is that of a city: family name and name.
    people: Vec<(u16, [u16; 2])>,
    /// Open mentions that could name people: index, character before, name.
    named: Vec<(usize, u16, [u16; 2])>,
}

impl<'a> Table<'a> {
    fn part(&mut self, s: &Scanned, title: bool) {
        let detector = self.detector;
        let matches = detector.find(s);
        self.open.reserve(matches.len());
        self.candidates.reserve(matches.len());
        self.named.reserve(matches.len());
        for (i, m) in matches.iter().enumerate() {
            let place = match () {
                () if title => Where::Title,
                () if m.start < s.lead => Where::Lead,
                () => Where::Body,
            };
            self.one(s, &matches, i, place);
        }
    }

    fn one(&mut self, s: &Scanned, matches: &[Match<'a>], i: usize, place: Where) {
        let m = &matches[i];
        let mention = |left: f32| Mention { start: m.start, end: m.end, place, left };
        let first = self.candidates.len();
        for sense in m.senses {
            match *sense {
                Sense::Region(region) => self.regions.push(region),
                Sense::OurCity => {
                    let whole = if s.units[m.start] == '全' as u16 { 0.5 } else { 1.0 };
                    self.ours.push(mention(whole));
                }
                Sense::Term { term, weak } => {
                    let info = &self.detector.infos[term as usize];
                    if m.denied.excludes(term, info.is_city()) {
                        continue;
                    }
                    if info.is_city() {
                        self.candidates.push((term, weak));
                    } else if context::named(s, m.end) {
                        self.add(term, mention(1.0));
                    }
                }
                Sense::Not(_) | Sense::NoPlace | Sense::Nick(_) => {}
            }
        }
        if self.candidates.len() > first {
            let left = self.city(s, matches, i, first);
            self.open.push(Open { mention: mention(left), candidates: first..self.candidates.len() });
        }
    }

    /// Looks around the name of a city, whose candidates begin at `first`: leaves those that the words beside it allow,
    /// remembers people, and says how much of the mention is left.
    fn city(&mut self, s: &Scanned, matches: &[Match<'a>], i: usize, first: usize) -> f32 {
        let m = &matches[i];
        let person = context::person(s, m.start, m.end);
        if let &[given, name] = &s.units[m.start..m.end] {
            let before = m.start.checked_sub(1).and_then(|i| s.units.get(i)).copied().unwrap_or(1);
            self.people.extend(person.map(|surname| (surname, [given, name])));
            self.named.push((self.open.len(), before, [given, name]));
        }
        let cities = &self.candidates[first..];
        let world = cities.iter().all(|(t, _)| self.detector.infos[*t as usize].kind == TermKind::World);
        let next = matches.get(i + 1).map_or(s.units.len(), |n| n.start);
        let left = match context::weight(s, m.start, m.end, next, world, person.is_some()) {
            0.0 => 0.0,
            left => left * self.neighbours(s, matches, i, cities, world),
        };
        // A chain names one place: of 北京市海淀区 the first half has counted.
        if let Some(before) = adjacent_before(matches, i) {
            self.narrow(first, |table, city| table.belongs(city, before));
        }
        // 兰州和白银: a neighbour of the same province beside it settles a doubtful name.
        let (before, after) = joined(s, matches, i);
        if before.is_some() || after.is_some() {
            let beside =
                |table: &Self, city| [before, after].into_iter().flatten().any(|n| table.of_one_province(n, city));
            if self.candidates[first..].iter().filter(|c| beside(self, c.0)).count() == 1 {
                self.narrow(first, beside);
            }
        }
        left
    }

    /// Leaves of the candidates from `first` on those that hold, beyond doubt from now on, unless none does.
    fn narrow(&mut self, first: usize, holds: impl Fn(&Self, u32) -> bool) {
        let mut kept = first;
        for at in first..self.candidates.len() {
            let (city, _) = self.candidates[at];
            if holds(self, city) {
                self.candidates[kept] = (city, false);
                kept += 1;
            }
        }
        if kept > first {
            self.candidates.truncate(kept);
        }
    }

    /// Looks at the matches beside one: enumerations count less, a foreign place before makes a nickname.
    fn neighbours(&self, s: &Scanned, matches: &[Match<'a>], i: usize, cities: &[Candidate], world: bool) -> f32 {
        let m = &matches[i];
        if world
            && let Some(before) = adjacent_before(matches, i)
            && before.senses.iter().all(|s| self.is_elsewhere(s, cities))
        {
            return 0.0;
        }
        let is_place = |m: &Match<'_>| {
            m.senses
                .iter()
                .any(|s| matches!(s, Sense::Term { term, .. } if self.detector.infos[*term as usize].is_city()))
        };
        let comma = |at: usize| s.units.get(at) == Some(&('、' as u16));
        let before =
            i > 0 && comma(m.start.wrapping_sub(1)) && matches[i - 1].end + 1 == m.start && is_place(&matches[i - 1]);
        let after = comma(m.end) && matches.get(i + 1).is_some_and(|n| n.start == m.end + 1 && is_place(n));
        let etc = s.units.get(m.end) == Some(&('等' as u16));
        let third = (before && i > 1 && comma(matches[i - 1].start.wrapping_sub(1)))
            || (after && matches.get(i + 1).is_some_and(|n| comma(n.end)));
        let listed = before && (after || etc);
        if listed || third { 0.35 } else { 1.0 }
    }

    /// Tells whether a sense names a place that neither holds nor is one of the cities: the 中国 of 中国硅谷.
    fn is_elsewhere(&self, sense: &Sense, cities: &[Candidate]) -> bool {
        cities.iter().all(|(city, _)| {
            let own = self.detector.infos[*city as usize].region;
            match *sense {
                Sense::Region(region) => Some(region) != own,
                Sense::Term { term, .. } => {
                    let info = &self.detector.infos[term as usize];
                    info.is_city() && term != *city && info.region != own
                }
                _ => false,
            }
        })
    }

    /// Tells whether a match names a city of the same province beyond doubt.
    fn of_one_province(&self, m: &Match<'_>, city: u32) -> bool {
        let infos = &self.detector.infos;
        let region = infos[city as usize].region;
        let same = |s: &Sense| matches!(s, Sense::Term { term, weak: false } if infos[*term as usize].region == region);
        region.is_some() && m.senses.iter().any(same)
    }

    /// Tells whether a city is one that the match before names or holds.
    fn belongs(&self, city: u32, before: &Match<'_>) -> bool {
        let info = &self.detector.infos[city as usize];
        before.senses.iter().any(|s| match *s {
            Sense::Term { term, .. } => term == city || info.parent == Some(term),
            Sense::Region(region) => info.region == Some(region),
            _ => false,
        })
    }

    fn add(&mut self, term: u32, mention: Mention) {
        match self.terms.iter_mut().find(|(t, _)| *t == term) {
            Some((_, mentions)) => mentions.push(mention),
            None => {
                let mut mentions = Vec::with_capacity(8);
                mentions.push(mention);
                self.terms.push((term, mentions));
            }
        }
    }

    fn our_city(&mut self, home: u32, _source: Mention) {
        for mention in std::mem::take(&mut self.ours) {
            self.add(home, mention);
        }
    }

    /// Gives each open mention its meaning: first those beyond doubt, then the others by what they support.
    fn close(&mut self, home: Option<u32>) {
        // Once somebody is called 徐长春, the same characters never name the city.
        for (open, before, name) in self.named.iter().filter(|_| !self.people.is_empty()) {
            if self.people.iter().any(|(surname, given)| (*surname == 0 || surname == before) && given == name) {
                self.open[*open].mention.left = 0.0;
            }
        }
        let open = std::mem::take(&mut self.open);
        let sure = |candidates: &[Candidate]| candidates.len() == 1 && !candidates[0].1;
        for Open { mention, candidates } in &open {
            if sure(&self.candidates[candidates.clone()]) {
                self.add(self.candidates[candidates.start].0, *mention);
            }
        }
        let settled: Vec<u32> =
            self.terms.iter().filter(|(_, m)| m.iter().any(|m| m.left > 0.0)).map(|(t, _)| *t).collect();
        for Open { mention, candidates } in &open {
            let candidates = &self.candidates[candidates.clone()];
            if !sure(candidates)
                && let Some(term) = self.choose(candidates, &settled, home)
            {
                self.add(term, *mention);
            }
        }
        for (_, mentions) in &mut self.terms {
            mentions.sort_by_key(|m| (m.place, m.start));
        }
    }

    /// Chooses the one candidate the rest of the text supports.
    fn choose(&self, candidates: &[Candidate], settled: &[u32], home: Option<u32>) -> Option<u32> {
        let infos = &self.detector.infos;
        let support = |term: u32| -> u8 {
            let info = &infos[term as usize];
            let related = |other: &u32| {
                *other == term || info.parent == Some(*other) || infos[*other as usize].city == Some(term)
            };
            if settled.iter().any(related) || home.as_ref().is_some_and(related) {
                return 3;
            }
            let same_region = |r: &u16| info.region == Some(*r);
            if self.regions.iter().any(same_region) {
                return 2;
            }
            let neighbour = |t: &u32| {
                infos[*t as usize].is_city() && infos[*t as usize].region == info.region && info.region.is_some()
            };
            u8::from(settled.iter().any(neighbour) || home.as_ref().is_some_and(neighbour))
        };
        let strong_only = candidates.iter().filter(|c| !c.1).count() == 1;
        let ranked: Vec<(u8, u32, bool)> = candidates.iter().map(|&(t, weak)| (support(t), t, weak)).collect();
        let best = ranked.iter().map(|r| r.0).max()?;
        let mut top = ranked.iter().filter(|r| r.0 == best);
        let first = top.next()?;
        if best == 0 || (best == 1 && candidates.iter().all(|c| c.1)) {
            // One plain name among nicknames of other places needs no support.
            return ranked.iter().find(|r| strong_only && !r.2).map(|r| r.1);
        }
        match top.next() {
            None => Some(first.1),
            Some(_) => {
                let mut strong = ranked.iter().filter(|r| r.0 == best && !r.2);
                strong.next().filter(|_| strong.next().is_none()).map(|r| r.1)
            }
        }
    }

    fn decide(mut self) -> Vec<Weighed> {
        self.cities_of_programs();
        let infos = &self.detector.infos;
        let weights: Vec<(u32, f32)> =
            self.terms.iter().map(|(t, m)| (*t, total(infos[*t as usize].kind, m))).collect();
        let top = weights.iter().filter(|(t, _)| infos[*t as usize].is_city()).map(|w| w.1).fold(0.0, f32::max);
        let mut out: Vec<Weighed> = Vec::new();
        for ((term, mentions), (_, weight)) in self.terms.into_iter().zip(weights) {
            let city = infos[term as usize].is_city();
            let plain = mentions.iter().any(|m| m.place == Where::Title && m.left >= 0.9);
            let early = mentions.iter().any(|m| matches!(m.place, Where::Title | Where::Lead) && m.left >= 0.5);
            let share = if early { SHARE } else { SHARE_BELOW };
            if weight < ENOUGH || (city && !plain && weight < top * share) {
                continue;
            }
            let mentions = mentions.into_iter().filter(|m| m.left > 0.0).collect();
            out.push(Weighed { term, score: score(weight), mentions });
        }
        out.sort_by(|a, b| {
            let key = |w: &Weighed| infos[w.term as usize].taxonomy;
            key(a)
                .cmp(&key(b))
                .then(b.score.total_cmp(&a.score))
                .then(infos[a.term as usize].id.cmp(&infos[b.term as usize].id))
        });
        out
    }

    /// A program stands for its city.
    fn cities_of_programs(&mut self) {
        let mut implied: Vec<(u32, Mention)> = Vec::new();
        for (term, mentions) in &self.terms {
            let info = &self.detector.infos[*term as usize];
            let Some(city) = info.city else { continue };
            if info.kind == TermKind::Named && total(info.kind, mentions) >= ENOUGH {
                implied.extend(mentions.iter().map(|m| (city, *m)));
            }
        }
        if implied.is_empty() {
            return;
        }
        let named = self
            .terms
            .iter()
            .any(|(t, m)| self.detector.infos[*t as usize].is_city() && total(TermKind::City, m) >= ENOUGH);
        for (city, mut mention) in implied {
            if mention.place == Where::Body && !named {
                mention.left *= 4.0;
            }
            self.add(city, mention);
        }
        for (_, mentions) in &mut self.terms {
            mentions.sort_by_key(|m| (m.place, m.start));
        }
    }
}

/// The matches right before and after one that 和 or a comma joins to it.
fn joined<'m, 'a>(s: &Scanned, matches: &'m [Match<'a>], i: usize) -> (Option<&'m Match<'a>>, Option<&'m Match<'a>>) {
    let between = |from: usize, to: usize| {
        to == from + 1 && ['、', '和', '与', '及', '到', '至'].iter().any(|c| u32::from(s.units[from]) == *c as u32)
    };
    let before = i.checked_sub(1).map(|i| &matches[i]).filter(|b| between(b.end, matches[i].start));
    (before, matches.get(i + 1).filter(|n| between(matches[i].end, n.start)))
}

/// The match right before one, with nothing between.
fn adjacent_before<'m, 'a>(matches: &'m [Match<'a>], i: usize) -> Option<&'m Match<'a>> {
    matches.get(i.checked_sub(1)?).filter(|b| b.end == matches[i].start)
}

/// Adds up mentions: the first of each part counts most, the others less and less.
fn total(kind: TermKind, mentions: &[Mention]) -> f32 {
    let (title, lead, body) = match kind {
        TermKind::Named => (3.0, 2.0, 1.5),
        TermKind::Word => (1.5, 0.8, 0.35),
        _ => (2.2, 1.6, 0.45),
    };
    let mut sum = 0.0;
    let mut bodies = 0;
    let mut best = [0.0_f32; 2];
    for m in mentions {
        match m.place {
            Where::Title => best[0] = best[0].max(m.left),
            Where::Lead => {
                sum += 0.3 * m.left;
                best[1] = best[1].max(m.left);
            }
            Where::Body | Where::Source => {
                bodies += 1;
                sum += m.left * if bodies <= 4 { body } else { body / 3.0 };
            }
        }
    }
    sum + best[0] * title + best[1] * (lead - 0.3)
}

/// Maps a weight to 0.5..1; [`ENOUGH`] is one half.
fn score(weight: f32) -> f32 {
    let score = 1.0 - 0.5 * (-(weight - ENOUGH) / 2.5).exp();
    (score * 1000.0).round() / 1000.0
}
