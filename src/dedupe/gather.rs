//! From sketches to clusters: collapse, compare, judge, join.

use std::borrow::Borrow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::candidates;
use super::canonical::Preferences;
use super::decisions::{Decisions, Ruling};
use super::fold;
use super::frequency::{self, Frequency};
use super::likeness::{Hints, Likeness, Side, compare, hints};
use super::memory::{Fact, Memory, Recall, key};
use super::sketch::Sketch;
use super::verdict::{self, Known, Verdict};
use super::{Report, Texts, report};

/// Disjoint sets; the smallest place stands for its set, so that the outcome does not depend on the order of joining.
pub(crate) struct Sets(Vec<u32>);

impl Sets {
    pub(super) fn root(&mut self, at: u32) -> u32 {
        let mut root = at;
        while self.0[root as usize] != root {
            let up = self.0[self.0[root as usize] as usize];
            self.0[root as usize] = up;
            root = up;
        }
        root
    }

    /// Tells whether a document stands for its set.
    fn stands(&self, at: u32) -> bool {
        self.0[at as usize] == at
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b) as usize] = a.min(b);
    }
}

/// The documents in an order that does not depend on how they came: by falling length, then by id.
pub(super) struct Desk<'a> {
    pub(super) sketches: Vec<&'a Sketch>,
    given: Vec<&'a Sketch>,
    pub(super) places: Vec<usize>,
    pub(super) texts: &'a dyn Texts,
    pub(super) recall: Recall<'a>,
    /// By document, the first of those whose text is equal.
    equals: Vec<u32>,
    /// The firsts of all sets of equal texts, rising: the documents whose grams are counted.
    firsts: Vec<u32>,
}

impl<'a> Desk<'a> {
    fn new<S: Borrow<Sketch>>(given: &'a [S], texts: &'a dyn Texts, memory: Option<&'a Memory>) -> Self {
        let (sketches, places) = sorted(given);
        let (equals, firsts) = equal(&sketches);
        let given = given.iter().map(Borrow::borrow).collect();
        Desk { given, sketches, places, texts, recall: Recall::new(memory), equals, firsts }
    }

    /// Gives the sketch of the document at a place of the caller's.
    pub(super) fn given(&self, index: usize) -> &Sketch {
        self.given[index]
    }

    /// Gives the id of the document at a place of the caller's.
    pub(super) fn texts_id(&self, index: usize) -> &str {
        &self.given[index].id
    }

    pub(super) fn chars(&self, at: u32) -> Vec<char> {
        fold::comparable(&self.texts.text(self.places[at as usize]))
    }

    /// Counts the grams of some documents, and of those that are in a set with others, over all sets, one document a set.
    fn frequency(&self, sets: &Sets, compared: impl Iterator<Item = u32>) -> Frequency {
        let joined = (0..self.sketches.len() as u32).filter(|&at| !sets.stands(at));
        let mut compared: Vec<u32> =
            joined.flat_map(|at| [self.equals[at as usize], sets.0[at as usize]]).chain(compared).collect();
        compared.par_sort_unstable();
        compared.dedup();
        let stand = self.firsts.iter().filter(|&&at| sets.stands(at));
        let counted: Vec<&Sketch> = stand.map(|&at| self.sketches[at as usize]).collect();
        Frequency::new(compared.iter().map(|&at| self.sketches[at as usize]), &counted)
    }
}

/// Texts shorter than this say too little to be one story because they are equal.
pub(super) const TELLING: u32 = 8;
/// Equal texts shorter than this must not have different titles.
pub(super) const TITLED: u32 = 30;

/// Sorts documents by falling length, then by id; gives them and the place of each among those given.
pub(super) fn sorted<S: Borrow<Sketch>>(given: &[S]) -> (Vec<&Sketch>, Vec<usize>) {
    let mut sorted: Vec<(&Sketch, usize)> = given.iter().map(Borrow::borrow).zip(0..).collect();
    sorted.sort_by(|(a, _), (b, _)| {
        b.length.cmp(&a.length).then_with(|| a.id.cmp(&b.id)).then_with(|| a.raw.cmp(&b.raw))
    });
    sorted.into_iter().unzip()
}

/// Gives for each document the first one with the same text, and the firsts of texts that say something.
pub(super) fn equal(sketches: &[&Sketch]) -> (Vec<u32>, Vec<u32>) {
    let key = |at: u32| {
        let s = sketches[at as usize];
        (s.compared, s.length, if s.length < TITLED { s.title.as_str() } else { "" })
    };
    let mut equals: Vec<u32> = (0..sketches.len() as u32).collect();
    let mut all: Vec<u32> = equals.iter().copied().filter(|&at| sketches[at as usize].length >= TELLING).collect();
    all.sort_unstable_by(|&a, &b| key(a).cmp(&key(b)).then(a.cmp(&b)));
    let mut firsts = Vec::with_capacity(all.len());
    for same in all.chunk_by(|&a, &b| key(a) == key(b)) {
        same.iter().for_each(|&at| equals[at as usize] = same[0]);
        firsts.push(same[0]);
    }
    firsts.sort_unstable();
    (equals, firsts)
}

/// A pair and what was found out about it.
pub(super) struct Judged {
    pub(super) a: u32,
    pub(super) b: u32,
    pub(super) likeness: Likeness,
    pub(super) hints: Hints,
    pub(super) verdict: Verdict,
}

/// The kinds of questions that are remembered.
pub(super) mod question {
    /// Whether two texts are nearly equal from end to end.
    pub(crate) const NEARLY: u64 = 1;
    /// What two texts have in common of their own.
    pub(crate) const LIKENESS: u64 = 2;
    /// What a member has in common with the canonical document.
    pub(crate) const SHARE: u64 = 3;
    /// The sentences two texts share.
    pub(crate) const SENTENCES: u64 = 4;
}

/// Looks at pairs, in parallel by their first document, whose text is fetched once for all of its pairs if at all.
fn each_pair<T: Send>(
    pairs: &[(u32, u32)],
    look: impl Fn(&OnceCell<Vec<char>>, u32, u32) -> Option<T> + Sync,
) -> Vec<T> {
    let groups: Vec<&[(u32, u32)]> = pairs.chunk_by(|x, y| x.0 == y.0).collect();
    groups
        .into_par_iter()
        .flat_map_iter(|group| {
            let first = OnceCell::new();
            let found: Vec<T> = group.iter().filter_map(|&(a, b)| look(&first, a, b)).collect();
            found
        })
        .collect()
}

fn near_exact(desk: &Desk<'_>, pairs: &[(u32, u32)]) -> Vec<(u32, u32, Likeness)> {
    let likely: Vec<(u32, u32)> = pairs.iter().copied().filter(|&(a, b)| could_be_exact(desk, a, b)).collect();
    each_pair(&likely, |first, a, b| {
        let of = [desk.sketches[a as usize].compared, desk.sketches[b as usize].compared];
        let fact = desk.recall.fact(key(question::NEARLY, &of), || {
            let (x, y) = (first.get_or_init(|| desk.chars(a)), desk.chars(b));
            let (own_x, own_y) = (vec![true; x.len()], vec![true; y.len()]);
            let side = |chars, own| Side { chars, own, counts: &[], generic: false };
            let likeness = compare(&side(x, &own_x), &side(&y, &own_y));
            Fact::Likeness(verdict::near_exact(&likeness).then_some(likeness))
        });
        match fact {
            Fact::Likeness(Some(likeness)) => Some((a, b, likeness)),
            _ => None,
        }
    })
}

/// A near-exact copy is nearly as long, and shares most samples; half of them where a word in twenty characters changed.
fn could_be_exact(desk: &Desk<'_>, a: u32, b: u32) -> bool {
    let (a, b) = (desk.sketches[a as usize], desk.sketches[b as usize]);
    b.length * 4 >= a.length * 3 && candidates::resemblance(a, b) >= 0.3
}

fn judge(desk: &Desk<'_>, frequency: &Frequency, pairs: &[(u32, u32)]) -> Vec<Judged> {
    each_pair(pairs, |first, a, b| {
        let (x, y) = (desk.sketches[a as usize], desk.sketches[b as usize]);
        let (of_x, of_y) = (frequency.profile(x), frequency.profile(y));
        let of = [x.compared, of_x.hash, y.compared, of_y.hash];
        let fact = desk.recall.fact(key(question::LIKENESS, &of), || {
            let (chars_x, chars_y) = (first.get_or_init(|| desk.chars(a)), desk.chars(b));
            let (counts_x, counts_y) = (of_x.counts(x, chars_x), of_y.counts(y, &chars_y));
            let (bound_x, bound_y) = (frequency::bound(&counts_x), frequency::bound(&counts_y));
            let bound = bound_x.max(bound_y);
            let (own_x, own_y) = (frequency::own(&counts_x, bound), frequency::own(&counts_y, bound));
            let generic = |bound: u16| bound > frequency::COMMON;
            let likeness = compare(
                &Side { chars: chars_x, own: &own_x, counts: &counts_x, generic: generic(bound_x) },
                &Side { chars: &chars_y, own: &own_y, counts: &counts_y, generic: generic(bound_y) },
            );
            Fact::Likeness((likeness.containment >= 0.3).then_some(likeness))
        });
        let Fact::Likeness(Some(likeness)) = fact else { return None };
        Some(Judged { a, b, likeness, hints: hints(x, y), verdict: Verdict::Unrelated })
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
    cluster_remembering(sketches, texts, decisions, preferences, None).0
}

/// Like [`cluster_by`], and answers from `memory` what an earlier run has found out about the same texts.
///
/// The report is the one of [`cluster_by`], whatever the memory holds. The memory given back holds what this run has used.
pub fn cluster_remembering<S: Borrow<Sketch>>(
    sketches: &[S],
    texts: &dyn Texts,
    decisions: &Decisions,
    preferences: &Preferences<'_>,
    memory: Option<&Memory>,
) -> (Report, Memory) {
    let desk = Desk::new(sketches, texts, memory);
    let mut sets = Sets(desk.equals.clone());
    let rulings = decisions.places(&desk);
    let mut known = Known::default();
    let mut judged: Vec<Judged> = Vec::new();
    let mut active = desk.firsts.clone();
    let mut before = 0;
    let mut frequency = Frequency::default();
    for _ in 0..ROUNDS {
        let of_active: Vec<&Sketch> = active.iter().map(|&at| desk.sketches[at as usize]).collect();
        let found = candidates::find(&of_active);
        let pairs: Vec<(u32, u32)> =
            found.pairs.into_iter().map(|(a, b)| (active[a as usize], active[b as usize])).collect();
        let poor: Vec<u32> = active.iter().zip(&found.poor).filter(|(_, poor)| **poor).map(|(&at, _)| at).collect();
        judged.retain(|j| active.binary_search(&j.a).is_err() || active.binary_search(&j.b).is_err());
        let alike = near_exact(&desk, &pairs);
        alike.iter().for_each(|(a, b, _)| sets.join(*a, *b));
        frequency = desk.frequency(&sets, pairs.iter().flat_map(|&(a, b)| [a, b]));
        round(&desk, &mut sets, &frequency, (pairs, &alike), &mut known, &mut judged);
        join(&mut sets, &judged, &rulings);
        let (next, count) = delegates(&mut sets, &poor);
        if count == poor.len() || count == before {
            break;
        }
        (active, before) = (next, count);
    }
    let report = report::write(&desk, &mut sets, &judged, &frequency, &rulings, preferences);
    (report, desk.recall.into_memory())
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
