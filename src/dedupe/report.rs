//! From joined sets to the report: members in order, pairs for review with their evidence, follow-ups.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::canonical::{self, Preferences};
use super::decisions::Ruling;
use super::fold;
use super::frequency::{self, Frequency, Profile};
use super::gather::{Desk, Judged, Sets, question};
use super::likeness::{Side, compare};
use super::memory::{Fact, key};
use super::sketch::Sketch;
use super::verdict::Verdict;
use super::{Cluster, Kind, Member, Report, ReviewPair};

/// Sentences shown as evidence.
const SENTENCES: usize = 3;
/// Folded characters a sentence must have to be evidence.
const TELLING: usize = 8;
/// Characters of a sentence that are shown.
const SHOWN: usize = 80;

/// Writes the report.
pub(super) fn write(
    desk: &Desk<'_>,
    sets: &mut Sets,
    judged: &[Judged],
    frequency: &Frequency,
    rulings: &[(u32, u32, Ruling)],
    preferences: &Preferences<'_>,
) -> Report {
    let mut rooted: Vec<(u32, u32)> = (0..desk.sketches.len() as u32).map(|at| (sets.root(at), at)).collect();
    rooted.sort_unstable();
    let groups: Vec<Vec<u32>> = rooted
        .chunk_by(|x, y| x.0 == y.0)
        .filter(|group| group.len() > 1)
        .map(|group| group.iter().map(|&(_, at)| at).collect())
        .collect();
    let id = |index: usize| desk.texts_id(index);
    let mut clusters: Vec<Cluster> =
        groups.par_iter().map(|group| of_group(desk, frequency, group, preferences)).collect();
    clusters.sort_by(|x, y| id(x.members[0].index).cmp(id(y.members[0].index)));
    Report { clusters, review: review(desk, sets, judged, rulings), follow_ups: follow_ups(desk, judged, rulings) }
}

fn of_group(desk: &Desk<'_>, frequency: &Frequency, group: &[u32], preferences: &Preferences<'_>) -> Cluster {
    let sketches: Vec<&Sketch> = group.iter().map(|&at| desk.sketches[at as usize]).collect();
    let profiles: Vec<Profile> = sketches.iter().map(|sketch| frequency.profile(sketch)).collect();
    let order = canonical::order(&sketches, &profiles, preferences);
    let (first, base) = (order[0], OnceCell::new());
    let pair = Pair { desk, x: (group[first], &profiles[first]), base: &base };
    Cluster { members: order.iter().map(|&nth| member(&pair, group[nth], &profiles[nth])).collect() }
}

/// The canonical document of a cluster, with which the others are compared.
struct Pair<'a> {
    desk: &'a Desk<'a>,
    x: (u32, &'a Profile),
    base: &'a OnceCell<Vec<char>>,
}

fn member(canonical: &Pair<'_>, at: u32, profile: &Profile) -> Member {
    let desk = canonical.desk;
    let (first, sketch) = (desk.sketches[canonical.x.0 as usize], desk.sketches[at as usize]);
    let index = desk.places[at as usize];
    if sketch.raw == first.raw {
        return Member { index, containment: 1.0, kind: Kind::Exact };
    }
    if sketch.folded == first.folded {
        return Member { index, containment: 1.0, kind: Kind::Script };
    }
    let of = [first.compared, canonical.x.1.hash, sketch.compared, profile.hash];
    let share = desk.recall.fact(key(question::SHARE, &of), || {
        let (x, y) = (canonical.base.get_or_init(|| desk.chars(canonical.x.0)), desk.chars(at));
        let (counts_x, counts_y) = (canonical.x.1.counts(first, x), profile.counts(sketch, &y));
        let bound = frequency::bound(&counts_x).max(frequency::bound(&counts_y));
        let (own_x, own_y) = (frequency::own(&counts_x, bound), frequency::own(&counts_y, bound));
        let side = |chars, own| Side { chars, own, counts: &[], generic: false };
        Fact::Share(compare(&side(x, &own_x), &side(&y, &own_y)).containment)
    });
    let containment = if let Fact::Share(share) = share { share } else { 0.0 };
    Member { index, containment, kind: if sketch.doubled { Kind::Doubled } else { Kind::Near } }
}

fn ordered(a: u32, b: u32) -> (u32, u32) {
    (a.min(b), a.max(b))
}

/// One pair for any two sets, the most alike: when an editor joins it, the others are settled.
fn review(desk: &Desk<'_>, sets: &mut Sets, judged: &[Judged], rulings: &[(u32, u32, Ruling)]) -> Vec<ReviewPair> {
    let settled: BTreeSet<(u32, u32)> = rulings.iter().map(|r| ordered(sets.root(r.0), sets.root(r.1))).collect();
    let mut best: BTreeMap<(u32, u32), &Judged> = BTreeMap::new();
    for j in judged.iter().filter(|j| matches!(j.verdict, Verdict::Review | Verdict::Same)) {
        let pair = ordered(sets.root(j.a), sets.root(j.b));
        if pair.0 == pair.1 || settled.contains(&pair) {
            continue;
        }
        let held = best.entry(pair).or_insert(j);
        if j.likeness.containment > held.likeness.containment {
            *held = j;
        }
    }
    let mut best: Vec<&Judged> = best.into_values().collect();
    best.sort_by(|x, y| y.likeness.containment.total_cmp(&x.likeness.containment).then((x.a, x.b).cmp(&(y.a, y.b))));
    best.into_par_iter().map(|j| pair(desk, j)).collect()
}

fn pair(desk: &Desk<'_>, j: &Judged) -> ReviewPair {
    let (x, y) = (desk.places[j.a as usize], desk.places[j.b as usize]);
    let turn = desk.texts_id(x) > desk.texts_id(y);
    let (a, b) = if turn { (y, x) } else { (x, y) };
    let turned = |(p, q): &(String, String)| if turn { (q.clone(), p.clone()) } else { (p.clone(), q.clone()) };
    ReviewPair {
        a,
        b,
        containment: j.likeness.containment,
        evidence: evidence(desk, a, b),
        numbers_differ: !j.likeness.conflicts.is_empty(),
        conflicts: j.likeness.conflicts.iter().map(turned).collect(),
    }
}

fn evidence(desk: &Desk<'_>, a: usize, b: usize) -> Vec<String> {
    let (x, y) = (desk.given(a), desk.given(b));
    let of = [x.raw, x.spaces, y.raw, y.spaces];
    let found = || Fact::Sentences(shared_sentences(&desk.texts.text(a), &desk.texts.text(b)));
    match desk.recall.fact(key(question::SENTENCES, &of), found) {
        Fact::Sentences(sentences) => sentences,
        _ => Vec::new(),
    }
}

/// Gives the longest sentences that both texts have, as the first one writes them.
pub(crate) fn shared_sentences(a: &str, b: &str) -> Vec<String> {
    let ends = ['。', '！', '？', '；', '!', '?', ';', '\n'];
    let theirs: BTreeSet<Vec<char>> = b.split(ends).map(fold::comparable).collect();
    let mut shared: Vec<(usize, Cow<'_, str>)> = Vec::new();
    for sentence in a.split(ends).map(str::trim) {
        let folded = fold::comparable(sentence);
        if folded.len() >= TELLING && theirs.contains(&folded) && shared.iter().all(|s| s.1 != sentence) {
            shared.push((folded.len(), Cow::Borrowed(sentence)));
        }
    }
    shared.sort_by_key(|s| std::cmp::Reverse(s.0));
    shared.into_iter().take(SENTENCES).map(|(_, sentence)| sentence.chars().take(SHOWN).collect()).collect()
}

/// Pairs the editor called follow-ups, and reports of which a good part stands in a later one.
fn follow_ups(desk: &Desk<'_>, judged: &[Judged], rulings: &[(u32, u32, Ruling)]) -> Vec<(usize, usize)> {
    let told = rulings.iter().filter(|r| r.2 == Ruling::FollowUp).map(|r| (r.0, r.1));
    let denied: BTreeSet<(u32, u32)> = rulings.iter().map(|r| ordered(r.0, r.1)).collect();
    let found = judged.iter().filter(|j| j.verdict == Verdict::Review && is_follow_up(j)).map(|j| (j.a, j.b));
    let mut out: BTreeSet<(usize, usize)> = BTreeSet::new();
    for (a, b) in told.chain(found.filter(|&(a, b)| !denied.contains(&ordered(a, b)))) {
        let key = |at: u32| (desk.sketches[at as usize].day.unwrap_or(i32::MAX), &desk.sketches[at as usize].id, at);
        let (first, second) = if key(a) <= key(b) { (a, b) } else { (b, a) };
        out.insert((desk.places[first as usize], desk.places[second as usize]));
    }
    let mut out: Vec<(usize, usize)> = out.into_iter().collect();
    out.sort_by(|x, y| (desk.texts_id(x.0), desk.texts_id(x.1)).cmp(&(desk.texts_id(y.0), desk.texts_id(y.1))));
    out
}

/// Half of the one in the other, under another title or on another day.
fn is_follow_up(j: &Judged) -> bool {
    let other_title = j.hints.title.is_none_or(|t| t < 0.6);
    let near = j.hints.days.is_none_or(|d| d <= 60);
    let later = j.hints.days.is_some_and(|d| d > 0);
    j.likeness.containment < 0.8 && near && (other_title || later)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_longest_shared_sentences_as_written() {
        let a = "市委召開會議。第一句只在這裡出現過。代表團訪問了三個園區，簽了四份協議！";
        let b = "前言不同。代表团访问了三个园区，签了四份协议。市委召开会议。";
        assert_eq!(shared_sentences(a, b), ["代表團訪問了三個園區，簽了四份協議"]);
    }
}
