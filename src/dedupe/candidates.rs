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
/// Characters of a title that make two texts worth a look.
const TITLE: usize = 8;

/// Which document holds a key: the key above, the document's place below.
type Posting = u64;

fn lists(postings: &[Posting]) -> impl Iterator<Item = &[Posting]> {
    postings.chunk_by(|a, b| a >> 32 == b >> 32)
}

fn document(posting: Posting) -> u32 {
    posting as u32
}

fn postings<'a, I>(sketches: &'a [&Sketch], keys: impl Fn(&'a Sketch) -> I + Sync + Send) -> Vec<Posting>
where
    I: Iterator<Item = u32>,
{
    let keys = &keys;
    let mut out: Vec<Posting> = sketches
        .par_iter()
        .enumerate()
        .flat_map_iter(|(at, sketch)| keys(sketch).map(move |key| u64::from(key) << 32 | at as u64))
        .collect();
    out.par_sort_unstable();
    out.dedup();
    out
}

/// What long lists may be used for, and how much of a sketch is rare.
struct Rarity {
    rare: Vec<u32>,
    poor: Vec<bool>,
}

fn rarity(sketches: &[&Sketch], grams: &[Posting]) -> Rarity {
    let mut rare = vec![0u32; sketches.len()];
    for list in lists(grams).filter(|list| list.len() <= LIST) {
        list.iter().for_each(|&posting| rare[document(posting) as usize] += 1);
    }
    let poor = sketches
        .iter()
        .zip(&rare)
        .map(|(sketch, &rare)| rare < FEW || (rare as usize) < sketch.samples.len() / 6)
        .collect();
    Rarity { rare, poor }
}

/// The pairs worth a look, and the documents of which little is rare.
pub(crate) struct Candidates {
    /// Places in the list of sketches, sorted, each pair once.
    pub(crate) pairs: Vec<(u32, u32)>,
    /// By place: nearly everything in it stands in many documents.
    pub(crate) poor: Vec<bool>,
}

/// Finds the pairs; `sketches` must be ordered by falling length.
pub(crate) fn find(sketches: &[&Sketch]) -> Candidates {
    let grams = postings(sketches, |sketch| sketch.samples.iter().copied());
    let rarity = rarity(sketches, &grams);
    let mut out = shared(sketches, &grams, &rarity);
    drop(grams);
    let hints = [
        postings(sketches, |sketch| sketch.numbers.iter().copied()),
        postings(sketches, |sketch| title(sketch).into_iter()),
    ];
    for list in hints.iter().flat_map(|hint| lists(hint)).filter(|list| list.len() <= LIST) {
        for (at, &b) in list.iter().enumerate() {
            out.extend(list[..at].iter().map(|&a| (document(a), document(b))));
        }
    }
    let half = |at: u32| rarity.rare[at as usize] as usize * 2 < sketches[at as usize].samples.len();
    out.extend(neighbours(sketches, |row, at| rarity.poor[at as usize] || (row < FEW_ROWS && half(at))));
    out.par_sort_unstable();
    out.dedup();
    let pairs = out.into_par_iter().filter(|&(a, b)| promising(sketches[a as usize], sketches[b as usize])).collect();
    Candidates { pairs, poor: rarity.poor }
}

/// Smallest hashes by which poor documents are laid side by side.
const ROWS: u32 = 8;

/// Of these, the ones for documents half of which is common.
const FEW_ROWS: u32 = 3;

/// Pairs documents whose sample has the same smallest member, in several orders of the hashes: copies in one wrapping
/// share nearly all of their samples, so that some smallest one is the same.
fn neighbours(sketches: &[&Sketch], takes_part: impl Fn(u32, u32) -> bool + Sync) -> Vec<(u32, u32)> {
    let all = sketches.len() as u32;
    let row = |row: u32| {
        let turned = |sample: u32| (sample ^ row.wrapping_mul(0x9E37_79B9)).wrapping_mul(0x85EB_CA6B) ^ row;
        let smallest = |at: u32| sketches[at as usize].samples.iter().map(|&sample| turned(sample)).min();
        let parts = (0..all).filter(|&at| takes_part(row, at));
        let mut keyed: Vec<(u32, u32)> = parts.filter_map(|at| Some((smallest(at)?, at))).collect();
        keyed.sort_unstable();
        keyed.windows(2).filter(|two| two[0].0 == two[1].0).map(|two| (two[0].1, two[1].1)).collect::<Vec<_>>()
    };
    (0..ROWS).into_par_iter().flat_map_iter(row).collect()
}

fn title(sketch: &Sketch) -> Option<u32> {
    let start: Vec<char> = sketch.title.chars().take(TITLE).collect();
    let h = start.iter().fold(7u64, |h, &c| (h ^ c as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29));
    (start.len() >= TITLE).then_some((h >> 32) as u32)
}

/// For each document, the beginnings in the postings of the lists it shares with others.
struct Shelf {
    from: Vec<usize>,
    lists: Vec<u32>,
}

impl Shelf {
    fn new(documents: usize, grams: &[Posting]) -> Self {
        let mut from = vec![0usize; documents + 1];
        for list in lists(grams).filter(|list| list.len() > 1) {
            list.iter().for_each(|&posting| from[document(posting) as usize + 1] += 1);
        }
        (0..documents).for_each(|at| from[at + 1] += from[at]);
        let mut free = from.clone();
        let mut places = vec![0u32; from[documents]];
        let mut start = 0;
        for list in lists(grams) {
            for &posting in list.iter().filter(|_| list.len() > 1) {
                let slot = &mut free[document(posting) as usize];
                places[*slot] = start;
                *slot += 1;
            }
            start += list.len() as u32;
        }
        Shelf { from, lists: places }
    }

    fn of<'g>(&self, at: u32, grams: &'g [Posting]) -> impl Iterator<Item = &'g [Posting]> {
        let places = &self.lists[self.from[at as usize]..self.from[at as usize + 1]];
        places.iter().filter_map(|&place| {
            let list = &grams[place as usize..];
            let key = list.first()? >> 32;
            // Only the beginning of a list matters until its length is past the bound.
            let len = list.iter().take(LIST + 1).take_while(|&&posting| posting >> 32 == key).count();
            if len <= LIST { Some(&list[..len]) } else { Some(&list[..list.partition_point(|&p| p >> 32 <= key)]) }
        })
    }
}

/// The partners a document finds in one list: all longer ones in a short list; in a long one the longest two and the poor
/// one before, if the document itself is poor.
fn partners<'a>(list: &'a [Posting], b: u32, poor: &'a [bool]) -> impl Iterator<Item = u32> + 'a {
    let short = list.len() <= LIST;
    let place = list.partition_point(|&posting| document(posting) < b);
    let firsts = if short { place } else { place.min(2) };
    let firsts = if short || poor[b as usize] { firsts } else { 0 };
    let before = list[..place].iter().skip(2).rev().take(LIST).map(|&a| document(a)).find(|&a| poor[a as usize]);
    let before = before.filter(|_| !short && poor[b as usize]);
    list[..firsts].iter().map(|&a| document(a)).chain(before)
}

/// Pairs that share enough rare samples, counted document by document, so that no pair is held that does not.
fn shared(sketches: &[&Sketch], grams: &[Posting], rarity: &Rarity) -> Vec<(u32, u32)> {
    let shelf = Shelf::new(sketches.len(), grams);
    let fresh = || (vec![0u16; sketches.len()], Vec::<u32>::new());
    let of = |(counts, met): &mut (Vec<u16>, Vec<u32>), b: u32| {
        for a in shelf.of(b, grams).flat_map(|list| partners(list, b, &rarity.poor)) {
            let count = &mut counts[a as usize];
            if *count == 0 {
                met.push(a);
            }
            *count = count.saturating_add(1);
        }
        let take = |a: u32| {
            (f64::from(std::mem::take(&mut counts[a as usize])) >= enough(sketches, rarity, a, b)).then_some((a, b))
        };
        met.drain(..).filter_map(take).collect::<Vec<_>>()
    };
    (0..sketches.len() as u32).into_par_iter().with_min_len(1024).map_init(fresh, of).flatten_iter().collect()
}

/// How many samples two documents must share.
fn enough(sketches: &[&Sketch], rarity: &Rarity, a: u32, b: u32) -> f64 {
    let (x, y) = (sketches[a as usize], sketches[b as usize]);
    let rate = x.rate.max(y.rate);
    let rare = |at: u32, own: u8| rarity.rare[at as usize] >> (rate - own);
    let smaller = rare(a, x.rate).min(rare(b, y.rate));
    (f64::from(smaller) * SHARE).max(2.0)
}

/// Tells whether two documents share enough samples, or have too few to tell.
fn promising(a: &Sketch, b: &Sketch) -> bool {
    let (shared, of) = agreement(a, b);
    of < TRUSTED || shared as f64 >= of as f64 * ALIKE
}

/// Estimates from the samples which share of the one with fewer grams two documents have in common.
pub(crate) fn resemblance(a: &Sketch, b: &Sketch) -> f64 {
    let (shared, of) = agreement(a, b);
    shared as f64 / of.max(1) as f64
}

/// Counts the samples two documents share, and those of the one with fewer, at the coarser rate.
fn agreement(a: &Sketch, b: &Sketch) -> (usize, usize) {
    let rate = a.rate.max(b.rate);
    let bound = u32::MAX.checked_shr(u32::from(rate)).unwrap_or(0);
    let thin = |sketch: &'_ Sketch| sketch.samples.partition_point(|&sample| sample <= bound);
    let (a, b) = (&a.samples[..thin(a)], &b.samples[..thin(b)]);
    let (mut at, mut shared) = (0, 0usize);
    for &sample in a {
        at += b[at..].iter().take_while(|&&other| other < sample).count();
        shared += usize::from(b.get(at) == Some(&sample));
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

    #[test]
    fn pairs_stay_near_linear_when_all_share_a_footer() {
        let footer = "本站所有文章未经授权不得转载违者将依法追究责任联系电话见首页".repeat(3);
        let own =
            |n: u32| (0..60).filter_map(move |k| char::from_u32(0x4E00 + (n * 131 + k * k * 17 + k * n) % 20_000));
        let texts: Vec<String> = (0..400).map(|n| own(n).chain(footer.chars()).collect()).collect();
        let sketches = sketched(&texts);
        assert!(find(&sketches.iter().collect::<Vec<_>>()).pairs.len() < 2_000);
    }

    #[test]
    fn finds_each_copy_of_a_large_cluster() {
        let texts = vec![
            "全市科技工作会议在金城宾馆召开总结去年工作部署今年任务各县区负责人参加会议".to_owned();
            100
        ];
        let sketches = sketched(&texts);
        let pairs = find(&sketches.iter().collect::<Vec<_>>()).pairs;
        assert!((1..100).all(|b| pairs.contains(&(0, b))) && pairs.len() < 400);
    }
}
