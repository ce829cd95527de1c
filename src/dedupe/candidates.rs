//! Which pairs of sketches are worth a look at the texts.
//!
//! Pairs meet in the posting lists of sampled grams, of runs of three numbers, and of title beginnings. A list longer than
//! [`LIST`] is boilerplate, a template or a story copied very often: its documents are not paired with all others, which
//! would be quadratic, but with the longest two and with the one before, and only if little else is left of them.

use rayon::prelude::*;

use super::sketch::Sketch;

/// A posting list up to this length pairs all its documents.
const LIST: usize = 20;
/// Texts of which less than this share of the samples agrees have not enough in common for any verdict, whatever their
/// frame: a third of the own part of a text of which a sixth is its own.
const ALIKE: f64 = 0.05;
/// From so many samples on the share says something.
const TRUSTED: usize = 20;
/// The share of the rarer samples of the smaller text that must be shared.
const SHARE: f64 = 0.15;
/// A text with fewer rare samples than this, or than a sixth of all, also meets others in long lists.
const FEW: u32 = 8;
/// Numbers in a row bring two texts together if one of them has fewer rare samples than this: a short text, or one that is
/// mostly a template. Others meet by their samples, and numbers in a row, dates above all, recur everywhere.
const SCARCE: u32 = 24;
/// Characters of a title that make two texts worth a look.
const TITLE: usize = 8;

/// Which document holds a key: the key above, the document's place below.
type Posting = u64;

/// Sorts postings by key, keeping the order in which they came: three rounds of eleven bits.
fn sort_by_key(postings: &mut Vec<Posting>) {
    let mut other = vec![0; postings.len()];
    for shift in [32, 43, 54] {
        let digit = |posting: Posting| (posting >> shift) as usize & 0x7FF;
        let mut places = [0usize; 0x800];
        postings.iter().for_each(|&posting| places[digit(posting)] += 1);
        let mut from = 0;
        for place in &mut places {
            from += std::mem::replace(place, from);
        }
        for &posting in postings.iter() {
            let place = &mut places[digit(posting)];
            other[*place] = posting;
            *place += 1;
        }
        std::mem::swap(postings, &mut other);
    }
}

/// The lists of documents that share a key, by rising key; keys of one document alone have none.
struct Lists {
    /// Where each list begins in `documents`; one more than there are lists.
    from: Vec<u32>,
    documents: Vec<u32>,
    /// By document, and one more: where its lists begin in `shelf`.
    shelf_from: Vec<u32>,
    /// Numbers of lists, by rising key.
    shelf: Vec<u32>,
}

impl Lists {
    /// Makes the lists of `count` documents, each with its keys, each key once.
    fn new<'s>(count: usize, keys: impl Fn(usize) -> &'s [u32]) -> Self {
        let mut postings: Vec<Posting> = Vec::with_capacity((0..count).map(|at| keys(at).len()).sum());
        for at in 0..count {
            postings.extend(keys(at).iter().map(|&key| u64::from(key) << 32 | at as u64));
        }
        sort_by_key(&mut postings);
        let mut out =
            Lists { from: Vec::new(), documents: Vec::new(), shelf_from: vec![0; count + 1], shelf: Vec::new() };
        for list in postings.chunk_by(|a, b| a >> 32 == b >> 32).filter(|list| list.len() > 1) {
            out.from.push(out.documents.len() as u32);
            out.documents.extend(list.iter().map(|&posting| posting as u32));
        }
        drop(postings);
        out.from.push(out.documents.len() as u32);
        out.fill_shelf(count);
        out
    }

    fn fill_shelf(&mut self, count: usize) {
        self.documents.iter().for_each(|&at| self.shelf_from[at as usize + 1] += 1);
        (0..count).for_each(|at| self.shelf_from[at + 1] += self.shelf_from[at]);
        let mut free = self.shelf_from.clone();
        self.shelf = vec![0; self.documents.len()];
        for list in 0..self.count() {
            for at in self.from[list] as usize..self.from[list + 1] as usize {
                let slot = &mut free[self.documents[at] as usize];
                self.shelf[*slot as usize] = list as u32;
                *slot += 1;
            }
        }
    }

    fn count(&self) -> usize {
        self.from.len() - 1
    }

    /// Gives the documents of a list, rising.
    fn list(&self, list: u32) -> &[u32] {
        let list = list as usize;
        &self.documents[self.from[list] as usize..self.from[list + 1] as usize]
    }

    fn iter(&self) -> impl Iterator<Item = &[u32]> {
        (0..self.count()).map(|list| self.list(list as u32))
    }

    /// Pairs all documents of each short list.
    fn pairs(&self, admitted: impl Fn(u32, u32) -> bool, out: &mut Vec<(u32, u32)>) {
        for list in self.iter().filter(|list| list.len() <= LIST) {
            for (at, &b) in list.iter().enumerate() {
                out.extend(list[..at].iter().map(|&a| (a, b)).filter(|&(a, b)| admitted(a, b)));
            }
        }
    }

    /// Gives the numbers of the lists in which a document stands, by rising key.
    fn of(&self, at: u32) -> &[u32] {
        &self.shelf[self.shelf_from[at as usize] as usize..self.shelf_from[at as usize + 1] as usize]
    }
}

/// What long lists may be used for, and how much of a sketch is rare.
struct Rarity {
    rate: Vec<u8>,
    rare: Vec<u32>,
    poor: Vec<bool>,
}

fn rarity(sketches: &[&Sketch], lists: &Lists) -> Rarity {
    let mut rare: Vec<u32> = sketches.iter().map(|sketch| thin(sketch).len() as u32).collect();
    for list in lists.iter().filter(|list| list.len() > LIST) {
        list.iter().for_each(|&at| rare[at as usize] -= 1);
    }
    let poor = sketches
        .iter()
        .zip(&rare)
        .map(|(sketch, &rare)| rare < FEW || (rare as usize) < thin(sketch).len() / 6)
        .collect();
    Rarity { rate: sketches.iter().map(|sketch| meeting_rate(sketch)).collect(), rare, poor }
}

/// The pairs worth a look, and the documents of which little is rare.
pub(crate) struct Candidates {
    /// Places in the list of sketches, sorted, each pair once.
    pub(crate) pairs: Vec<(u32, u32)>,
    /// By place: nearly everything in it stands in many documents.
    pub(crate) poor: Vec<bool>,
}

/// Samples by which documents are brought together; for comparing two, all are used.
const MEETING: u32 = 64;

/// The rate at which documents of a length are brought together.
pub(super) fn meeting_rate(sketch: &Sketch) -> u8 {
    (sketch.rate..32).find(|&rate| sketch.length >> rate <= MEETING).unwrap_or(32)
}

/// The samples of a sketch by which it meets others, expected to be no more than [`MEETING`].
fn thin(sketch: &Sketch) -> &[u32] {
    at_rate(sketch, meeting_rate(sketch))
}

/// The samples of a sketch that one at a coarser rate would have.
fn at_rate(sketch: &Sketch, rate: u8) -> &[u32] {
    let bound = u32::MAX.checked_shr(u32::from(rate)).unwrap_or(0);
    &sketch.samples[..sketch.samples.partition_point(|&sample| sample <= bound)]
}

/// Finds the pairs; `sketches` must be ordered by falling length.
pub(crate) fn find(sketches: &[&Sketch]) -> Candidates {
    let lists = Lists::new(sketches.len(), |at| thin(sketches[at]));
    let rarity = rarity(sketches, &lists);
    let mut out = shared(sketches, &lists, &rarity);
    drop(lists);
    let titles: Vec<Option<u32>> = sketches.iter().map(|sketch| title(sketch)).collect();
    let by_title = Lists::new(sketches.len(), |at| titles[at].as_slice());
    by_title.pairs(|_, _| true, &mut out);
    let by_numbers = Lists::new(sketches.len(), |at| &sketches[at].numbers);
    by_numbers.pairs(|a, b| rarity.rare[a as usize] < SCARCE || rarity.rare[b as usize] < SCARCE, &mut out);
    let half = |at: u32| rarity.rare[at as usize] as usize * 2 < thin(sketches[at as usize]).len();
    out.extend(neighbours(sketches, |row, at| rarity.poor[at as usize] || (row < FEW_ROWS && half(at))));
    out.par_sort_unstable();
    out.dedup();
    let pairs = out.into_par_iter().filter(|&(a, b)| promising(sketches[a as usize], sketches[b as usize])).collect();
    Candidates { pairs, poor: rarity.poor }
}

/// Smallest hashes by which poor documents are laid side by side.
pub(super) const ROWS: u32 = 8;

/// Of these, the ones for documents half of which is common.
const FEW_ROWS: u32 = 3;

/// Pairs documents whose sample has the same smallest member, in several orders of the hashes: copies in one wrapping
/// share nearly all of their samples, so that some smallest one is the same.
fn neighbours(sketches: &[&Sketch], takes_part: impl Fn(u32, u32) -> bool + Sync) -> Vec<(u32, u32)> {
    let all = sketches.len() as u32;
    let row = |row: u32| {
        let parts = (0..all).filter(|&at| takes_part(row, at));
        let mut keyed: Vec<(u32, u32)> =
            parts.filter_map(|at| Some((smallest(row, sketches[at as usize])?, at))).collect();
        keyed.sort_unstable();
        keyed.windows(2).filter(|two| two[0].0 == two[1].0).map(|two| (two[0].1, two[1].1)).collect::<Vec<_>>()
    };
    (0..ROWS).into_par_iter().flat_map_iter(row).collect()
}

/// Gives the smallest sample of a document in one of the orders.
pub(super) fn smallest(row: u32, sketch: &Sketch) -> Option<u32> {
    let turned = |sample: u32| (sample ^ row.wrapping_mul(0x9E37_79B9)).wrapping_mul(0x85EB_CA6B) ^ row;
    sketch.samples.iter().map(|&sample| turned(sample)).min()
}

/// Gives the hash of the beginning of a title that is long enough to tell something.
pub(super) fn title(sketch: &Sketch) -> Option<u32> {
    let start: Vec<char> = sketch.title.chars().take(TITLE).collect();
    let h = start.iter().fold(7u64, |h, &c| (h ^ c as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29));
    (start.len() >= TITLE).then_some((h >> 32) as u32)
}

/// The partners a document finds in one list: all longer ones in a short list; in a long one the longest two and the poor
/// one before, if the document itself is poor.
fn partners<'a>(list: &'a [u32], b: u32, poor: &'a [bool]) -> impl Iterator<Item = u32> + 'a {
    let short = list.len() <= LIST;
    let seeks = short || poor[b as usize];
    let place = if seeks { list.partition_point(|&at| at < b) } else { 0 };
    let firsts = if short { place } else { place.min(2) };
    let others = if short { &[] } else { list[..place].get(2..).unwrap_or_default() };
    let before = others.iter().rev().take(LIST).copied().find(|&a| poor[a as usize]);
    list[..firsts].iter().copied().chain(before)
}

/// Pairs that share enough rare samples, counted document by document, so that no pair is held that does not.
fn shared(sketches: &[&Sketch], lists: &Lists, rarity: &Rarity) -> Vec<(u32, u32)> {
    let fresh = || (vec![0u16; sketches.len()], Vec::<u32>::new());
    let of = |(counts, met): &mut (Vec<u16>, Vec<u32>), b: u32| {
        for a in lists.of(b).iter().flat_map(|&list| partners(lists.list(list), b, &rarity.poor)) {
            let count = &mut counts[a as usize];
            if *count == 0 {
                met.push(a);
            }
            *count = count.saturating_add(1);
        }
        let take =
            |a: u32| (f64::from(std::mem::take(&mut counts[a as usize])) >= enough(rarity, a, b)).then_some((a, b));
        met.drain(..).filter_map(take).collect::<Vec<_>>()
    };
    (0..sketches.len() as u32).into_par_iter().with_min_len(1024).map_init(fresh, of).flatten_iter().collect()
}

/// How many samples two documents must share.
fn enough(rarity: &Rarity, a: u32, b: u32) -> f64 {
    let (x, y) = (rarity.rate[a as usize], rarity.rate[b as usize]);
    let rate = x.max(y);
    let rare = |at: u32, own: u8| rarity.rare[at as usize] >> (rate - own);
    let smaller = rare(a, x).min(rare(b, y));
    (f64::from(smaller) * SHARE).max(2.0)
}

/// Tells whether two documents share enough samples, or have too few to tell. Most pairs that met by a title or by numbers
/// share nothing, which a few samples tell as well.
fn promising(a: &Sketch, b: &Sketch) -> bool {
    let enough = |(shared, of): (usize, usize), share: f64| of < TRUSTED || shared as f64 >= of as f64 * share;
    enough(agreement(a, b, meeting_rate(a).max(meeting_rate(b))), ALIKE / 3.0) && enough(agreement(a, b, 0), ALIKE)
}

/// Estimates from the samples which share of the one with fewer grams two documents have in common.
pub(crate) fn resemblance(a: &Sketch, b: &Sketch) -> f64 {
    let (shared, of) = agreement(a, b, 0);
    shared as f64 / of.max(1) as f64
}

/// Counts the samples two documents share, and those of the one with fewer, at the coarsest of their rates and `rate`.
fn agreement(a: &Sketch, b: &Sketch, rate: u8) -> (usize, usize) {
    let rate = a.rate.max(b.rate).max(rate);
    let (a, b) = (at_rate(a, rate), at_rate(b, rate));
    let (mut x, mut y, mut shared) = (0, 0, 0);
    while let (Some(p), Some(q)) = (a.get(x), b.get(y)) {
        shared += usize::from(p == q);
        x += usize::from(p <= q);
        y += usize::from(q <= p);
    }
    (shared, a.len().min(b.len()))
}

#[cfg(test)]
mod tests {
    use super::super::{Document, sketch};
    use super::*;

    fn sketched(texts: &[String]) -> Vec<Sketch> {
        texts.iter().map(|text| sketch(&Document { id: "x", text, ..Document::default() })).collect()
    }

    fn pairs_of(sketches: &[Sketch]) -> Vec<(u32, u32)> {
        let sketches: Vec<&Sketch> = sketches.iter().collect();
        find(&sketches).pairs
    }

    #[test]
    fn pairs_stay_near_linear_when_all_share_a_footer() {
        let footer = "本站所有文章未经授权不得转载违者将依法追究责任联系电话见首页".repeat(3);
        let own =
            |n: u32| (0..60).filter_map(move |k| char::from_u32(0x4E00 + (n * 131 + k * k * 17 + k * n) % 20_000));
        let texts: Vec<String> = (0..400).map(|n| own(n).chain(footer.chars()).collect()).collect();
        let sketches = sketched(&texts);
        assert!(pairs_of(&sketches).len() < 2_000);
    }

    #[test]
    fn finds_each_copy_of_a_large_cluster() {
        let texts = vec![
            "全市科技工作会议在金城宾馆召开总结去年工作部署今年任务各县区负责人参加会议".to_owned();
            100
        ];
        let sketches = sketched(&texts);
        let pairs = pairs_of(&sketches);
        assert!((1..100).all(|b| pairs.contains(&(0, b))) && pairs.len() < 400);
    }
}
