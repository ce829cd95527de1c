//! From sketches to clusters: collapse, compare, judge, join.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::candidates;
use super::canonical::Preferences;
use super::decisions::{Decisions, Ruling};
use super::fold;
use super::frequency::{self, Frequency};
use super::likeness::{Hints, Likeness, Side, compare, hints};
use super::sketch::Sketch;
use super::verdict::{self, Known, Verdict};
use super::{Report, Texts, report};

/// Disjoint sets; the smallest place stands for its set, so that the outcome does not depend on the order of joining.
pub(crate) struct Sets(Vec<u32>);

impl Sets {
    fn new(count: usize) -> Self {
        Sets((0..count as u32).collect())
    }

    pub(super) fn root(&mut self, at: u32) -> u32 {
        let mut root = at;
        while self.0[root as usize] != root {
            let up = self.0[self.0[root as usize] as usize];
            self.0[root as usize] = up;
            root = up;
        }
        root
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b) as usize] = a.min(b);
    }
}

/// The documents in an order that does not depend on how they came: by falling length, then by id.
pub(super) struct Desk<'a> {
    pub(super) sketches: Vec<&'a Sketch>,
    given: &'a [Sketch],
    pub(super) places: Vec<usize>,
    pub(super) texts: &'a dyn Texts,
}

impl<'a> Desk<'a> {
    fn new(sketches: &'a [Sketch], texts: &'a dyn Texts) -> Self {
        let mut places: Vec<usize> = (0..sketches.len()).collect();
        places.sort_by(|&a, &b| {
            let key = |at: usize| (std::cmp::Reverse(sketches[at].length), &sketches[at].id, sketches[at].digest);
            key(a).cmp(&key(b))
        });
        Desk { given: sketches, sketches: places.iter().map(|&at| &sketches[at]).collect(), places, texts }
    }

    /// Gives the id of the document at a place of the caller's.
    pub(super) fn texts_id(&self, index: usize) -> &str {
        &self.given[index].id
    }

    pub(super) fn chars(&self, at: u32) -> Vec<char> {
        fold::comparable(&self.texts.text(self.places[at as usize]))
    }
}

/// Texts shorter than this say too little to be one story because they are equal.
const TELLING: u32 = 8;
/// Equal texts shorter than this must not have different titles.
const TITLED: u32 = 30;

/// Joins equal texts and gives the first of each set.
fn collapse_equal(desk: &Desk<'_>, sets: &mut Sets) -> Vec<u32> {
    let key = |at: u32| {
        let s = desk.sketches[at as usize];
        (s.compared, s.length, if s.length < TITLED { s.title.as_str() } else { "" })
    };
    let mut all: Vec<u32> =
        (0..desk.sketches.len() as u32).filter(|&at| desk.sketches[at as usize].length >= TELLING).collect();
    all.sort_by(|&a, &b| key(a).cmp(&key(b)).then(a.cmp(&b)));
    let mut firsts: Vec<u32> = all
        .chunk_by(|&a, &b| key(a) == key(b))
        .map(|same| {
            same.iter().for_each(|&at| sets.join(same[0], at));
            same[0]
        })
        .collect();
    firsts.sort_unstable();
    firsts
}

/// A pair and what was found out about it.
pub(super) struct Judged {
    pub(super) a: u32,
    pub(super) b: u32,
    pub(super) likeness: Likeness,
    pub(super) hints: Hints,
    pub(super) verdict: Verdict,
}

/// Fetches the texts of pairs, each first text once, and calls `look` with both.
fn each_pair<T: Send>(
    desk: &Desk<'_>,
    pairs: &[(u32, u32)],
    look: impl Fn(u32, &[char], u32, &[char]) -> Option<T> + Sync,
) -> Vec<T> {
    let groups: Vec<&[(u32, u32)]> = pairs.chunk_by(|x, y| x.0 == y.0).collect();
    groups
        .into_par_iter()
        .flat_map_iter(|group| {
            let first = desk.chars(group[0].0);
            let found: Vec<T> = group.iter().filter_map(|&(a, b)| look(a, &first, b, &desk.chars(b))).collect();
            found
        })
        .collect()
}

fn near_exact(desk: &Desk<'_>, pairs: &[(u32, u32)]) -> Vec<(u32, u32, Likeness)> {
    let likely: Vec<(u32, u32)> = pairs.iter().copied().filter(|&(a, b)| could_be_exact(desk, a, b)).collect();
    each_pair(desk, &likely, |a, x, b, y| {
        let side = |chars, own| Side { chars, own, counts: &[], generic: false };
        let (own_x, own_y) = (vec![true; x.len()], vec![true; y.len()]);
        let likeness = compare(&side(x, &own_x), &side(y, &own_y));
        verdict::near_exact(&likeness).then_some((a, b, likeness))
    })
}

/// A near-exact copy is nearly as long, and shares most samples; half of them where a word in twenty characters changed.
fn could_be_exact(desk: &Desk<'_>, a: u32, b: u32) -> bool {
    let (a, b) = (desk.sketches[a as usize], desk.sketches[b as usize]);
    b.length * 4 >= a.length * 3 && candidates::resemblance(a, b) >= 0.3
}

/// What is counted, and of which documents: one of each set.
struct Census {
    frequency: Frequency,
    counted: Vec<u32>,
}

impl Census {
    /// Counts the documents of `firsts` that stand for their sets, watching the grams of those that will be compared.
    fn new(desk: &Desk<'_>, sets: &mut Sets, firsts: &[u32], compared: &[u32]) -> Self {
        let length = |of: &[u32]| of.iter().map(|&at| desk.sketches[at as usize].length as usize).sum();
        let counted: Vec<u32> = firsts.iter().copied().filter(|&at| sets.root(at) == at).collect();
        let frequency = Frequency::new(length(&counted), length(compared));
        compared.par_iter().for_each(|&at| frequency.watch(&desk.chars(at)));
        if !compared.is_empty() {
            counted.par_iter().for_each(|&at| frequency.add(&desk.chars(at)));
        }
        Census { frequency, counted }
    }

    /// Takes back the documents that no longer stand for a set.
    fn keep_to(&mut self, desk: &Desk<'_>, sets: &mut Sets) {
        let (kept, gone): (Vec<u32>, Vec<u32>) = self.counted.iter().partition(|&&at| sets.root(at) == at);
        gone.par_iter().for_each(|&at| self.frequency.take_back(&desk.chars(at)));
        self.counted = kept;
    }
}

/// The documents whose grams must be known: those in pairs, in later rounds, in rulings, and in sets of equal texts.
fn compared(desk: &Desk<'_>, sets: &mut Sets, pairs: &[(u32, u32)], others: impl Iterator<Item = u32>) -> Vec<u32> {
    let doubles: Vec<u32> = (0..desk.sketches.len() as u32).filter(|&at| sets.root(at) != at).collect();
    let mut out: Vec<u32> = doubles.into_iter().map(|at| sets.root(at)).collect();
    out.extend(pairs.iter().flat_map(|&(a, b)| [a, b]).chain(others));
    out.par_sort_unstable();
    out.dedup();
    out
}

fn judge(desk: &Desk<'_>, frequency: &Frequency, pairs: &[(u32, u32)]) -> Vec<Judged> {
    each_pair(desk, pairs, |a, x, b, y| {
        let (counts_x, counts_y) = (frequency.of(x), frequency.of(y));
        let (bound_x, bound_y) = (frequency::bound(&counts_x), frequency::bound(&counts_y));
        let bound = bound_x.max(bound_y);
        let (own_x, own_y) = (frequency::own(&counts_x, bound), frequency::own(&counts_y, bound));
        let x = Side { chars: x, own: &own_x, counts: &counts_x, generic: bound_x > frequency::COMMON };
        let y = Side { chars: y, own: &own_y, counts: &counts_y, generic: bound_y > frequency::COMMON };
        let likeness = compare(&x, &y);
        let hints = hints(desk.sketches[a as usize], desk.sketches[b as usize]);
        (likeness.containment >= 0.3).then_some(Judged { a, b, likeness, hints, verdict: Verdict::Unrelated })
    })
}

/// Finds clusters, pairs for review and follow-ups.
///
/// The outcome does not depend on the order of the sketches, but for the indices. Each text is fetched a few times.
pub fn cluster(sketches: &[Sketch], texts: &dyn Texts, decisions: &Decisions) -> Report {
    cluster_by(sketches, texts, decisions, &Preferences::default())
}

/// Like [`cluster`], choosing the canonical document of each cluster by `preferences`.
pub fn cluster_by(
    sketches: &[Sketch],
    texts: &dyn Texts,
    decisions: &Decisions,
    preferences: &Preferences<'_>,
) -> Report {
    let desk = Desk::new(sketches, texts);
    let mut sets = Sets::new(sketches.len());
    let firsts = collapse_equal(&desk, &mut sets);
    let rulings = decisions.places(&desk.sketches);
    let mut known = Known::default();
    let mut judged: Vec<Judged> = Vec::new();
    let mut active = firsts.clone();
    let mut census: Option<Census> = None;
    let mut before = 0;
    for _ in 0..ROUNDS {
        let of_active: Vec<&Sketch> = active.iter().map(|&at| desk.sketches[at as usize]).collect();
        let found = candidates::find(&of_active);
        let pairs: Vec<(u32, u32)> =
            found.pairs.into_iter().map(|(a, b)| (active[a as usize], active[b as usize])).collect();
        let poor: Vec<u32> = active.iter().zip(&found.poor).filter(|(_, poor)| **poor).map(|(&at, _)| at).collect();
        judged.retain(|j| active.binary_search(&j.a).is_err() || active.binary_search(&j.b).is_err());
        let alike = near_exact(&desk, &pairs);
        alike.iter().for_each(|(a, b, _)| sets.join(*a, *b));
        match &mut census {
            Some(census) => census.keep_to(&desk, &mut sets),
            None => {
                let others = poor.iter().copied().chain(rulings.iter().flat_map(|ruling| [ruling.0, ruling.1]));
                let compared = compared(&desk, &mut sets, &pairs, others);
                census = Some(Census::new(&desk, &mut sets, &firsts, &compared));
            }
        }
        let Some(census) = &census else { break };
        round(&desk, &mut sets, &census.frequency, (pairs, &alike), &mut known, &mut judged);
        join(&mut sets, &judged, &rulings);
        let (next, count) = delegates(&mut sets, &poor);
        if count == poor.len() || count == before {
            break;
        }
        (active, before) = (next, count);
    }
    let frequency = census.map_or_else(|| Frequency::new(0, 0), |census| census.frequency);
    report::write(&desk, &mut sets, &judged, &frequency, &rulings, preferences)
}

/// A story copied often is common text until its copies are joined; what was joined makes room for more, a few times.
const ROUNDS: usize = 8;

/// Documents that speak for a set in a further round: the longest may be in a wrapping that hides the story.
const DELEGATES: usize = 4;

/// Gives some documents of each set, evenly by length, and the number of sets.
fn delegates(sets: &mut Sets, poor: &[u32]) -> (Vec<u32>, usize) {
    let mut rooted: Vec<(u32, u32)> = poor.iter().map(|&at| (sets.root(at), at)).collect();
    rooted.sort_unstable();
    let groups = rooted.chunk_by(|x, y| x.0 == y.0);
    let mut out = Vec::new();
    let mut count = 0;
    for group in groups {
        count += 1;
        let wanted = DELEGATES.min(group.len());
        out.extend((0..wanted).map(|n| group[n * (group.len() - 1) / wanted.max(2).saturating_sub(1)].1));
    }
    out.sort_unstable();
    out.dedup();
    (out, count)
}

/// A pair that is nearly equal, and how.
type Alike = (u32, u32, Likeness);

/// Judges the pairs that near equality has not joined, by what is common property after that.
fn round(
    desk: &Desk<'_>,
    sets: &mut Sets,
    frequency: &Frequency,
    (pairs, alike): (Vec<(u32, u32)>, &[Alike]),
    known: &mut Known,
    judged: &mut Vec<Judged>,
) {
    let open: Vec<(u32, u32)> = pairs.into_iter().filter(|&(a, b)| sets.root(a) != sets.root(b)).collect();
    let edited: Vec<(u32, u32)> = alike.iter().filter(|a| !a.2.swaps.is_empty()).map(|a| (a.0, a.1)).collect();
    let mut new = judge(desk, frequency, &open);
    for j in judge(desk, frequency, &edited).iter().chain(&new) {
        known.learn(sets.root(j.a), &j.likeness);
    }
    for j in &mut new {
        j.verdict = verdict::judge(&j.likeness, &j.hints, known);
    }
    drop_families(sets, &mut new);
    judged.append(&mut new);
}

/// Doubtful partners from which a text is one of a family made from one template.
const FAMILY: usize = 3;

/// Keeps the members of a template family apart: who is nearly like many, and none of them surely, is like none.
fn drop_families(sets: &mut Sets, judged: &mut [Judged]) {
    let doubtful =
        |j: &Judged| j.verdict == Verdict::Review && j.likeness.containment >= 0.8 && !j.likeness.swaps.is_empty();
    let mut partners: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for j in judged.iter().filter(|j| doubtful(j)) {
        let (a, b) = (sets.root(j.a), sets.root(j.b));
        partners.entry(a).or_default().insert(b);
        partners.entry(b).or_default().insert(a);
    }
    let mut many = |at: u32| partners.get(&sets.root(at)).is_some_and(|of| of.len() > FAMILY);
    for j in judged.iter_mut().filter(|j| doubtful(j)) {
        if many(j.a) && many(j.b) {
            j.verdict = Verdict::Unrelated;
        }
    }
}

/// What an editor's ruling weighs against any number of verdicts.
const RULED: i64 = 1 << 40;

/// For sets that have met: how many pairs of theirs are one story, less those that are two.
struct Balance(BTreeMap<u32, BTreeMap<u32, i64>>);

impl Balance {
    fn add(&mut self, a: u32, b: u32, weight: i64) {
        if a != b {
            *self.0.entry(a).or_default().entry(b).or_default() += weight;
            *self.0.entry(b).or_default().entry(a).or_default() += weight;
        }
    }

    fn between(&self, a: u32, b: u32) -> i64 {
        self.0.get(&a).and_then(|others| others.get(&b)).copied().unwrap_or(0)
    }

    fn merge(&mut self, sets: &mut Sets, a: u32, b: u32) {
        let (kept, gone) = (a.min(b), a.max(b));
        sets.join(kept, gone);
        for (other, weight) in self.0.remove(&gone).unwrap_or_default() {
            self.0.entry(other).or_default().remove(&gone);
            self.add(kept, other, weight);
        }
    }
}

/// Joins what is one story, the most alike first, but never two sets of which an editor or most figures say they are two.
fn join(sets: &mut Sets, judged: &[Judged], rulings: &[(u32, u32, Ruling)]) {
    let mut balance = Balance(BTreeMap::new());
    for j in judged {
        let weight = i64::from(j.verdict == Verdict::Same) - i64::from(j.verdict == Verdict::Apart);
        balance.add(sets.root(j.a), sets.root(j.b), weight);
    }
    for &(a, b, ruling) in rulings {
        balance.add(sets.root(a), sets.root(b), if ruling == Ruling::Same { RULED } else { -RULED });
    }
    let ruled = rulings.iter().filter(|r| r.2 == Ruling::Same).map(|r| (r.0, r.1));
    let mut same: Vec<&Judged> = judged.iter().filter(|j| j.verdict == Verdict::Same).collect();
    same.sort_by(|x, y| y.likeness.containment.total_cmp(&x.likeness.containment).then((x.a, x.b).cmp(&(y.a, y.b))));
    for (a, b) in ruled.chain(same.iter().map(|j| (j.a, j.b))) {
        let (a, b) = (sets.root(a), sets.root(b));
        if a != b && balance.between(a, b) > 0 {
            balance.merge(sets, a, b);
        }
    }
}
