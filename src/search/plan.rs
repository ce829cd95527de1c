//! What the index will be, without making it: every path, and a digest of all that its bytes depend on.
//!
//! The digest of a shard is a sum over all places of all articles. Sums of groups of neighbouring articles are kept in a
//! [`State`], so that after an edit only one group is summed again. The plan is the same with and without a state: a group
//! is taken from it only when the digests of all its articles are what they were.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::kept::{Again, Kept};
use super::text::{BLOCK, Facts};
use super::variants::Watch;
use super::{File, VERSION, documents, grams, mix};
use crate::corpus::Corpus;
use crate::digest::Digest;
use crate::edition::Edition;
use crate::script::glossary::Glossary;

/// The fewest articles of a group.
const GROUP: usize = 64;

/// The most numbers a state shall keep.
const STATE: usize = 2 << 20;

/// The files to be, and how to make each.
pub struct Plan {
    corpus: Arc<Corpus>,
    files: Vec<(String, Digest)>,
    shards: Vec<u64>,
    places: u64,
    small: BTreeMap<String, Vec<u8>>,
    /// By number, whether an article is what it was in the last plan, if that had as many shards.
    stays: Vec<bool>,
    again: Again,
}

/// What a plan remembers for the next one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Digest of the texts of each article, by number.
    articles: Vec<u64>,
    groups: Vec<Group>,
}

/// Sums over neighbouring articles.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    /// Digest of all that the sums were made of.
    key: u64,
    shards: Vec<u64>,
    /// Which of the watched grams and units occur, as bits.
    watched: Vec<u64>,
}

/// The number of an entry in all files of the index: the oldest has 0, so that a new article changes no other's.
pub fn number(corpus: &Corpus, entry: usize) -> usize {
    corpus.entries.len() - 1 - entry
}

/// The entry with a number.
pub(super) fn entry(corpus: &Corpus, number: usize) -> usize {
    corpus.entries.len() - 1 - number
}

/// What is known of the article with a number, then of its hand-made editions.
fn parts(corpus: &Corpus, number: usize) -> impl Iterator<Item = (&crate::facts::Facts, &Kept)> {
    let entry = &corpus.entries[entry(corpus, number)];
    let made = entry.hand_made.iter().map(|&at| &corpus.hand_made[at]);
    std::iter::once(&entry.facts).chain(made).filter_map(|facts| Some((&**facts, facts.search.as_ref()?)))
}

/// The texts of the article with a number, and of its hand-made editions, read by way of a buffer.
fn texts<'c>(corpus: &'c Corpus, number: usize, again: &Again, buffer: &mut Vec<u8>) -> Vec<Cow<'c, Facts>> {
    parts(corpus, number).map(|(facts, kept)| kept.open(facts, again, buffer)).collect()
}

/// Plans the index of a site; `previous` is what the last plan remembered, if anything, and `again` makes a text again
/// that cannot be read back.
pub fn plan(editions: &[Edition], glossary: &Glossary, previous: Option<&State>, again: Again) -> (Plan, State) {
    let corpus = Arc::clone(&editions.first().expect("settings name at least one edition").corpus);
    let count = corpus.entries.len();
    let all = || (0..count).flat_map(|at| parts(&corpus, at)).map(|(_, kept)| kept);
    let places = all().map(|kept| u64::from(kept.grams())).sum();
    let shards = grams::shards(places);
    let watch = Watch::new(&corpus, glossary);
    let size = (count * shards as usize / STATE + 1).next_power_of_two().max(GROUP);
    let articles: Vec<u64> = (0..count).into_par_iter().map(|number| article_key(&corpus, number)).collect();
    let ranges: Vec<Range<usize>> = (0..count).step_by(size).map(|from| from..(from + size).min(count)).collect();
    let groups: Vec<Group> = ranges
        .into_par_iter()
        .enumerate()
        .map(|(at, range)| {
            let key = key(&articles, range.clone(), shards, &watch);
            let kept = previous.and_then(|state| state.groups.get(at)).filter(|group| group.key == key);
            kept.filter(|group| group.shards.len() == shards as usize && group.watched.len() == watch.words())
                .cloned()
                .unwrap_or_else(|| Group::new(&corpus, range, key, shards, &watch, &again))
        })
        .collect();
    let (mut digests, mut watched) = (vec![grams::digest_of_none(shards); shards as usize], vec![0; watch.words()]);
    for group in &groups {
        digests.iter_mut().zip(&group.shards).for_each(|(sum, more)| *sum = sum.wrapping_add(*more));
        watched.iter_mut().zip(&group.watched).for_each(|(all, more)| *all |= *more);
    }
    let small = documents::files(editions, &digests, &watch, &watched);
    let as_many = |state: &&State| state.groups.first().is_some_and(|group| group.shards.len() == shards as usize);
    let before = previous.filter(as_many).map_or_else(Default::default, |state| state.articles.as_slice());
    let stays = before.iter().zip(&articles).map(|(before, now)| before == now).collect();
    (Plan::new(corpus, digests, places, small, stays, again), State { articles, groups })
}

/// The digest of the texts of an article.
fn article_key(corpus: &Corpus, number: usize) -> u64 {
    parts(corpus, number).fold(0, |key, (_, kept)| mix::mix(key, kept.digest()))
}

/// The digest of all that the sums of a group are made of.
fn key(articles: &[u64], range: Range<usize>, shards: u32, watch: &Watch) -> u64 {
    let key = mix::mix(u64::from(VERSION) << 32 | u64::from(shards), watch.digest() ^ range.start as u64);
    articles[range].iter().fold(key, |key, &article| mix::mix(key, article))
}

impl Group {
    fn new(corpus: &Corpus, range: Range<usize>, key: u64, shards: u32, watch: &Watch, again: &Again) -> Self {
        let mut group = Group { key, shards: vec![0; shards as usize], watched: vec![0; watch.words()] };
        let mut units = vec![false; 0x1_0000];
        let (mut open, mut buffer) = (watch.open(), Vec::new());
        for number in range {
            let parts = texts(corpus, number, again, &mut buffer);
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            let watched = &mut group.watched;
            grams::add_digests(&mut group.shards, number, &parts, |gram, hash| {
                watch.gram(gram, hash, &mut open, watched)
            });
            parts.iter().flat_map(|part| part.units()).for_each(|&unit| units[usize::from(unit)] = true);
        }
        watch.units(&units, &mut group.watched);
        group
    }
}

impl Plan {
    fn new(
        corpus: Arc<Corpus>,
        shards: Vec<u64>,
        places: u64,
        small: Vec<File>,
        stays: Vec<bool>,
        again: Again,
    ) -> Self {
        let of_shards = shards.iter().enumerate().map(|(at, digest)| (path(at), Digest::of_value(digest)));
        let of_small = small.iter().map(|(path, bytes)| (path.clone(), Digest::of(bytes)));
        let files = of_shards.chain(of_small).collect();
        Plan { corpus, files, shards, places, small: small.into_iter().collect(), stays, again }
    }

    /// Every output path with a digest of what its bytes depend on.
    pub fn files(&self) -> &[(String, Digest)] {
        &self.files
    }

    /// Makes the bytes of some of the paths. All texts are gone through for hundreds of paths together, so it is better to
    /// ask for many at a time. `left` gives what the last build left at a path, if anything: few files are made of that and
    /// what changed. What it gives need not be right; the bytes are the same without it.
    ///
    /// Calls `each` with the place of a path among `paths` and its bytes, on all threads; gives what that gave, in the order
    /// of `paths`.
    pub fn make<T: Send>(
        &self,
        paths: &[&str],
        left: &(dyn Fn(&str) -> Option<Vec<u8>> + Sync),
        each: &(dyn Fn(usize, Vec<u8>) -> T + Sync),
    ) -> Vec<T> {
        let shard = |path: &str| path.strip_prefix(SHARDS)?.strip_suffix(".bin")?.parse::<u32>().ok();
        let (mut wanted, mut small) = (Vec::new(), Vec::new());
        for (place, path) in paths.iter().enumerate() {
            match shard(path).and_then(|number| Some((number, *self.shards.get(number as usize)?))) {
                Some(shard) => wanted.push((shard, place)),
                None => small.push(place),
            }
        }
        // By number, so that those that are made together have hashes of one range.
        wanted.sort_unstable();
        let of_small = small.into_par_iter().map(|place| {
            let bytes = self.small.get(paths[place]).cloned().unwrap_or_default();
            (place, each(place, bytes))
        });
        let mut made: Vec<(usize, T)> = of_small.collect();
        let (shards, places): (Vec<(u32, u64)>, Vec<usize>) = wanted.into_iter().unzip();
        // Where an article has hand-made editions, each may begin a block.
        let end = |number| parts(&self.corpus, number).map(|(_, kept)| kept.end() + u64::from(BLOCK)).sum::<u64>();
        let count = self.corpus.entries.len();
        let articles = |number: usize, buffer: &mut Vec<u8>| texts(&self.corpus, number, &self.again, buffer);
        let longest = (0..count).map(end).max().unwrap_or(0);
        let of = grams::Texts { articles: &articles, count, places: self.places, longest };
        let earlier = grams::Earlier { stays: &self.stays, shard: &|at| left(paths[places[at]]) };
        made.extend(grams::make(
            &of,
            u32::try_from(self.shards.len()).unwrap_or(u32::MAX),
            &shards,
            Some(&earlier).filter(|earlier| !earlier.stays.is_empty()),
            &|at, bytes| (places[at], each(places[at], bytes)),
        ));
        made.sort_unstable_by_key(|(place, _)| *place);
        made.into_iter().map(|(_, made)| made).collect()
    }

    /// Makes all files.
    pub fn all(&self) -> Vec<File> {
        let paths: Vec<&str> = self.files.iter().map(|file| file.0.as_str()).collect();
        self.make(&paths, &|_| None, &|place, bytes| (paths[place].to_owned(), bytes))
    }
}

const SHARDS: &str = "search/g/";

fn path(shard: usize) -> String {
    format!("{SHARDS}{shard}.bin")
}

impl State {
    /// The state as bytes, for keeping it on disk.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut put = |n: u64| bytes.extend_from_slice(&n.to_le_bytes());
        put(u64::from(VERSION));
        put(self.articles.len() as u64);
        self.articles.iter().for_each(|&n| put(n));
        for group in &self.groups {
            put(group.key);
            for part in [&group.shards, &group.watched] {
                put(part.len() as u64);
                part.iter().for_each(|&n| put(n));
            }
        }
        let check = mix::of_bytes(&bytes, 0);
        bytes.extend_from_slice(&check.to_le_bytes());
        bytes
    }

    /// Reads a state; none when the bytes are damaged or another version's.
    pub fn from_bytes(bytes: &[u8]) -> Option<State> {
        let (bytes, check) = bytes.split_last_chunk::<8>()?;
        if mix::of_bytes(bytes, 0) != u64::from_le_bytes(*check) {
            return None;
        }
        let mut numbers = bytes.chunks_exact(8).map(|chunk| chunk.iter().rev().fold(0, |n, &b| n << 8 | u64::from(b)));
        if numbers.next()? != u64::from(VERSION) {
            return None;
        }
        let part = |numbers: &mut dyn ExactSizeIterator<Item = u64>| {
            let count = usize::try_from(numbers.next()?).ok().filter(|&count| count <= numbers.len())?;
            Some(numbers.take(count).collect::<Vec<u64>>())
        };
        let articles = part(&mut numbers)?;
        let mut groups = Vec::new();
        while let Some(key) = numbers.next() {
            groups.push(Group { key, shards: part(&mut numbers)?, watched: part(&mut numbers)? });
        }
        Some(State { articles, groups })
    }
}
