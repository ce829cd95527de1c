//! Grams to lists, lists to shards.
//!
//! A gram is two neighbouring units of a stretch. Its list has the articles it stands in and its places in each. Lists
//! are spread over shards by a hash of the gram. What a shard holds depends on nothing but the grams of its own, so an
//! edit changes only the shards of the grams it touches; which they are is told by a digest of all that goes into a
//! shard, made without making the shard.
//!
//! A shard is two bytes of its digest, then bits (see [`bits`](super::bits)):
//!
//! 1. gamma: its lists + 1; and if there are any, gamma: the highest number of an article + 1; gamma: `length`, the places
//!    an article has, about;
//! 2. for each list, in the order of the hashes of their grams: Rice: the difference to the hash before it, the first to
//!    the lowest hash of the shard; gamma: bytes of the list;
//! 3. from a whole byte on the lists, each filling whole bytes: gamma: its articles; then for each article Rice: the
//!    difference to the number before it, less one; gamma: its places; then for each place Rice: the difference to the
//!    place before it, less one.
//!
//! The parameters of the Rice codes are [`parameter`]s of what stands before: hashes of the shard and lists; highest
//! number and articles; `length` and places + 1.

use std::borrow::Cow;

use rayon::prelude::*;

use super::encode::Encoder;
use super::places::{Gathered, Place, Sorter, Widths};
use super::text::{Facts, each_gram, each_gram_between};
use super::{VERSION, mix, splice};

/// Bytes a shard shall have, about.
const SHARD: u64 = 15 << 10;

/// The most shards: files are what hosts count.
const MOST_SHARDS: u64 = 16 << 10;

/// Bits a place of a gram takes, about.
const BITS: u64 = 14;

/// The most places gathered at a time, where [`MOST_TIMES`] does not ask for more.
const AT_A_TIME: u64 = 6 << 20;

/// How many times all articles are gone through at most: otherwise that work would grow with the square of the site.
const MOST_TIMES: u64 = 24;

/// The parts of an article: itself and its hand-made editions.
pub(super) type Parts<'a> = &'a [Cow<'a, Facts>];

/// How many shards an index of so many places has: four steps from one power of two to the next, so that hardly an edit
/// changes the number.
pub(super) fn shards(places: u64) -> u32 {
    let wanted = (places * BITS / 8 / SHARD).clamp(1, MOST_SHARDS);
    let step = (1u64 << wanted.ilog2()).div_ceil(4);
    u32::try_from(wanted / step * step).unwrap_or(1)
}

/// What a gram is multiplied by for its hash, and what that is taken back with.
const FACTORS: [u32; 2] = [0x9e37_79b1, 0x0e8b_2f51];

/// The hash of a gram; the reading script does the same sum.
#[inline]
pub(super) fn hash(gram: u32) -> u32 {
    gram.wrapping_mul(FACTORS[0])
}

/// The gram of a hash.
#[inline]
pub(super) fn of_hash(hash: u32) -> u32 {
    hash.wrapping_mul(FACTORS[1])
}

/// The upper half of the hash of the gram of two units.
#[inline]
pub(super) fn upper_hash(first: u16, second: u16) -> u16 {
    const LOW: u16 = 0x79b1;
    const HIGH: u16 = 0x9e37;
    let carried = ((u32::from(second) * u32::from(LOW)) >> 16) as u16;
    first.wrapping_mul(LOW).wrapping_add(second.wrapping_mul(HIGH)).wrapping_add(carried)
}

#[inline]
fn shard(hash: u32, shards: u32) -> u32 {
    u32::try_from((u64::from(hash) * u64::from(shards)) >> 32).unwrap_or(0)
}

/// The lowest hash of a shard.
pub(super) fn lowest(shard: u32, shards: u32) -> u64 {
    (u64::from(shard) << 32).div_ceil(u64::from(shards))
}

/// The digest of a shard without places.
pub(super) fn digest_of_none(shards: u32) -> u64 {
    mix::mix(u64::from(VERSION), u64::from(shards))
}

/// What tells the digests of the places of an article from those of others.
pub(super) fn salt(number: u32) -> u64 {
    mix::mix(u64::from(number), 1)
}

/// What a place adds to the digest of its shard.
#[inline]
pub(super) fn digest(gram: u32, at: u32, salt: u64) -> u64 {
    mix::mix(u64::from(gram) << 32 | u64::from(at), salt)
}

/// Adds what an article gives to each shard to the digests of the shards; calls `seen` with each gram and its hash.
pub(super) fn add_digests(digests: &mut [u64], number: u32, parts: Parts<'_>, mut seen: impl FnMut(u32, u32)) {
    let shards = u32::try_from(digests.len()).unwrap_or(u32::MAX);
    let salt = salt(number);
    each_gram(parts, |gram, at| {
        let hash = hash(gram);
        let sum = &mut digests[shard(hash, shards) as usize];
        *sum = sum.wrapping_add(digest(gram, at, salt));
        seen(gram, hash);
    });
}

/// Gives the parts of the article with a number, read by way of a buffer.
pub(super) type Read<'a, 'f> = &'a (dyn Fn(usize, &mut Vec<u8>) -> Vec<Cow<'f, Facts>> + Sync);

/// The texts that an index is made of.
pub(super) struct Texts<'a, 'f> {
    /// How the texts are read.
    pub(super) articles: Read<'a, 'f>,
    /// How many articles there are.
    pub(super) count: usize,
    /// How many grams they have, with repetitions.
    pub(super) places: u64,
    /// No less than the places of any article.
    pub(super) longest: u64,
}

/// What is left of an index of as many shards, of other texts.
pub(super) struct Earlier<'a> {
    /// By number, whether an article is what it was.
    pub(super) stays: &'a [bool],
    /// The bytes of the shard at a place in what is wanted; any, for they are looked at closely.
    pub(super) shard: &'a (dyn Fn(usize) -> Option<Vec<u8>> + Sync),
}

/// Makes some of so many shards: `wanted` are numbers, rising, and digests. Calls `each` with the place in `wanted` and the
/// bytes, on all threads; gives what that gave, in any order. Every article is looked at once for so many shards as fit into
/// memory together; for few shards only what changed is, where the rest can be taken from what is left of an earlier index.
pub(super) fn make<T: Send>(
    texts: &Texts<'_, '_>,
    shards: u32,
    wanted: &[(u32, u64)],
    earlier: Option<&Earlier<'_>>,
    each: &(dyn Fn(usize, Vec<u8>) -> T + Sync),
) -> Vec<T> {
    let widths = Widths { article: bits(texts.count as u64), at: bits(texts.longest) };
    let index = Index { texts, shards, widths };
    // Both ways give the same bytes; hardly a site has an article so long that it needs the wider one.
    match bits(u64::from(u32::MAX) / u64::from(shards) + 2) + index.widths.article + index.widths.at {
        0..=64 => index.make::<u64, T>(wanted, earlier, each),
        _ => index.make::<u128, T>(wanted, earlier, each),
    }
}

/// Bits that numbers below `most` take.
fn bits(most: u64) -> u32 {
    64 - most.saturating_sub(1).leading_zeros()
}

/// What shards are made of.
pub(super) struct Index<'a, 'f> {
    texts: &'a Texts<'a, 'f>,
    pub(super) shards: u32,
    pub(super) widths: Widths,
}

/// Of so many shards one is spliced at most: it takes about so many times longer for each of its places than looking at a
/// place that is in no shard wanted.
const SPLICED: usize = 10;

impl Index<'_, '_> {
    fn make<P: Place, T: Send>(
        &self,
        wanted: &[(u32, u64)],
        earlier: Option<&Earlier<'_>>,
        each: &(dyn Fn(usize, Vec<u8>) -> T + Sync),
    ) -> Vec<T> {
        let few = wanted.len() <= (self.shards as usize).div_ceil(SPLICED);
        let spliced: Vec<Option<T>> = match earlier.filter(|_| few) {
            Some(earlier) => self.splice::<P, T>(wanted, earlier, each),
            None => wanted.iter().map(|_| None).collect(),
        };
        let rest = wanted.iter().enumerate().zip(&spliced).filter(|(_, spliced)| spliced.is_none());
        let rest: Vec<(usize, (u32, u64))> = rest.map(|((at, &shard), _)| (at, shard)).collect();
        let whole = self.whole::<P, T>(&rest, each);
        spliced.into_iter().flatten().chain(whole).collect()
    }

    /// How many hashes a shard can have.
    pub(super) fn span(&self, number: u32) -> u64 {
        lowest(number + 1, self.shards) - lowest(number, self.shards)
    }

    /// Makes shards of all texts.
    fn whole<P: Place, T: Send>(
        &self,
        wanted: &[(usize, (u32, u64))],
        each: &(dyn Fn(usize, Vec<u8>) -> T + Sync),
    ) -> Vec<T> {
        let Texts { count, places, .. } = *self.texts;
        let at_a_time = AT_A_TIME.max(places / MOST_TIMES);
        let together = usize::try_from(at_a_time * u64::from(self.shards) / places.max(1)).unwrap_or(usize::MAX);
        let threads = rayon::current_num_threads().min(count.max(1));
        let mut parts: Vec<Gathered<P>> = (0..threads).map(|_| Gathered::default()).collect();
        let mut made = Vec::with_capacity(wanted.len());
        for wanted in wanted.chunks(together.max(1)) {
            let numbers: Vec<u32> = wanted.iter().map(|&(_, (number, _))| number).collect();
            self.scatter(&numbers, &mut parts);
            let slots: Vec<Vec<Vec<&[P]>>> = parts.iter().map(Gathered::slots).collect();
            let tools = || (Sorter::default(), Encoder::default());
            let bytes = wanted.par_iter().enumerate().map_init(tools, |(sorter, encoder), (slot, &(at, shard))| {
                let (number, digest) = shard;
                let pieces: Vec<&[P]> = slots.iter().flat_map(|slots| slots[slot].iter().copied()).collect();
                let span = self.span(number);
                each(at, encoder.encode(sorter.sort(&pieces, span, self.widths), self.widths, span, digest))
            });
            made.par_extend(bytes);
        }
        made
    }

    /// Makes each shard that can be made of what is left of it and the texts that changed.
    fn splice<P: Place, T: Send>(
        &self,
        wanted: &[(u32, u64)],
        earlier: &Earlier<'_>,
        each: &(dyn Fn(usize, Vec<u8>) -> T + Sync),
    ) -> Vec<Option<T>> {
        let stays = |number: &usize| earlier.stays.get(*number).is_some_and(|stays| *stays);
        let numbers: Vec<u32> = wanted.iter().map(|&(number, _)| number).collect();
        let mut changed = Gathered::<P>::default();
        self.gather(&numbers, (0..self.texts.count).filter(|number| !stays(number)), 0, &mut changed);
        let changed = changed.slots();
        let shards = wanted.par_iter().enumerate().map(|(slot, &(number, digest))| {
            let left = (earlier.shard)(slot)?;
            let fresh = changed[slot].concat();
            let places = splice::splice(self, number, &left, earlier.stays, fresh).filter(|(_, sum)| *sum == digest)?.0;
            Some(each(slot, Encoder::default().encode(&places, self.widths, self.span(number), digest)))
        });
        shards.collect()
    }

    /// Gathers the places of the grams of some shards, each part those of some of the articles.
    fn scatter<P: Place>(&self, wanted: &[u32], parts: &mut [Gathered<P>]) {
        let (count, all) = (self.texts.count, parts.len());
        let share = self.texts.places * wanted.len() as u64 / u64::from(self.shards) / all as u64;
        // Not all articles are of one length, nor all shards of one size.
        let expected = usize::try_from(share + share / 8).unwrap_or(usize::MAX);
        parts.par_iter_mut().enumerate().for_each(|(part, places)| {
            self.gather(wanted, part * count / all..(part + 1) * count / all, expected, places);
        });
    }

    /// Gathers the places that some articles have in some shards, about as many as expected.
    fn gather<P: Place>(
        &self,
        wanted: &[u32],
        articles: impl Iterator<Item = usize>,
        expected: usize,
        places: &mut Gathered<P>,
    ) {
        const NONE: u32 = u32::MAX;
        let (Some(&first), Some(&last)) = (wanted.first(), wanted.last()) else { return };
        let mut slots = vec![(NONE, 0); (last - first) as usize + 1];
        for (slot, &number) in wanted.iter().enumerate() {
            let lowest = u32::try_from(lowest(number, self.shards)).unwrap_or(0);
            slots[(number - first) as usize] = (u32::try_from(slot).unwrap_or(NONE), lowest);
        }
        let lowest_of = |number| u32::try_from(lowest(number, self.shards) >> 16).unwrap_or(0xffff).min(0xffff);
        let range = [lowest_of(first), lowest_of(last + 1)].map(|n| u16::try_from(n).unwrap_or(u16::MAX));
        places.clear(wanted.len(), expected);
        let mut buffer = Vec::new();
        for number in articles {
            let article = u32::try_from(number).unwrap_or(u32::MAX);
            each_gram_between(&(self.texts.articles)(number, &mut buffer), range, |gram, at| {
                let hash = hash(gram);
                // The range is wider than the shards, and some of those in between may not be wanted.
                let slot = shard(hash, self.shards).wrapping_sub(first);
                if let Some(&(slot, lowest)) = slots.get(slot as usize)
                    && slot != NONE
                {
                    places.push(slot as usize, P::new(hash - lowest, article, at, self.widths));
                }
            });
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::super::bits::parameter;
    use super::super::bits::tests::Reader;
    use super::super::fold::fold;
    use super::super::text::tests::plain;
    use super::*;

    /// All shards of some texts.
    fn index(texts: &[Facts], shards: u32) -> Vec<Vec<u8>> {
        let wanted: Vec<(u32, u64)> = (0..shards).map(|number| (number, 0xabcd)).collect();
        let places = texts.iter().map(|facts| u64::from(facts.grams())).sum();
        let articles = |at: usize, _: &mut Vec<u8>| vec![Cow::Borrowed(&texts[at])];
        let texts = Texts { articles: &articles, count: texts.len(), places, longest: 1 << 20 };
        make(&texts, shards, &wanted, None, &|_, bytes| bytes)
    }

    /// Reads the articles and places of a gram out of the shards, as the script of the theme does.
    pub(in crate::search) fn read(files: &dyn Fn(u32) -> Vec<u8>, shards: u32, gram: u32) -> Vec<(u32, u32)> {
        let number = shard(hash(gram), shards);
        let bytes = files(number);
        let mut bits = Reader { bytes: &bytes, at: 16 };
        let count = bits.gamma() - 1;
        if count == 0 {
            return Vec::new();
        }
        let (articles, length) = (bits.gamma(), bits.gamma());
        let k = parameter(lowest(number + 1, shards) - lowest(number, shards), u64::from(count));
        let (mut at, mut offset, mut found) = (u32::try_from(lowest(number, shards)).unwrap(), 0, None);
        for _ in 0..count {
            at += bits.rice(k);
            let size = bits.gamma() as usize;
            if at == hash(gram) {
                found = Some(offset);
            }
            offset += size;
        }
        let Some(start) = found else { return Vec::new() };
        let mut bits = Reader { bytes: &bytes, at: bits.at.next_multiple_of(8) + 8 * start };
        let count = bits.gamma();
        let k = parameter(u64::from(articles), u64::from(count));
        let (mut next, mut all) = (0, Vec::new());
        for _ in 0..count {
            let article = next + bits.rice(k);
            next = article + 1;
            let places = bits.gamma();
            let k = parameter(u64::from(length), u64::from(places) + 1);
            let mut next = 0;
            for _ in 0..places {
                let place = next + bits.rice(k);
                next = place + 1;
                all.push((article, place));
            }
        }
        all
    }

    fn gram(pair: &str) -> u32 {
        let units = fold(pair);
        u32::from(units[0]) << 16 | u32::from(units[1])
    }

    proptest! {
        #[test]
        fn lists_equal_a_scan(words in prop::collection::vec("[甲乙丙丁 ，a1.\n]{0,60}", 0..30), shards in 1u32..9) {
            let texts: Vec<Facts> = words.iter().map(|words| plain("甲乙", words)).collect();
            let files = index(&texts, shards);
            for pair in ["甲乙", "乙乙", "丁a", "a1", "1.", "丙丁", "戊己"].into_iter().filter(|pair| fold(pair).len() == 2) {
                let mut scan = Vec::new();
                for (article, facts) in texts.iter().enumerate() {
                    each_gram(&[facts], |at, place| if at == gram(pair) { scan.push((article as u32, place)) });
                }
                prop_assert_eq!(read(&|n| files[n as usize].clone(), shards, gram(pair)), scan);
            }
        }
    }

    #[test]
    fn bytes_do_not_depend_on_threads_or_company() {
        let texts: Vec<Facts> =
            (0..3000).map(|n| plain("", &format!("兰州{}西宁兰州{n}", "科技".repeat(n % 9)))).collect();
        let whole = index(&texts, 7);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        assert_eq!(pool.install(|| index(&texts, 7)), whole);
        let some = [(2, 0xabcd), (5, 0xabcd)];
        for places in [1 << 15, 1 << 24] {
            let articles = |at: usize, _: &mut Vec<u8>| vec![Cow::Borrowed(&texts[at])];
            let texts = Texts { articles: &articles, count: texts.len(), places, longest: 1 << 20 };
            let alone = make(&texts, 7, &some, None, &|at, bytes| (at, bytes));
            assert_eq!(alone, [(0, whole[2].clone()), (1, whole[5].clone())]);
        }
        let found = read(&|n| whole[n as usize].clone(), 7, gram("科技"));
        assert_eq!(found.len(), (0..3000).map(|n| n % 9).sum::<usize>());
    }

    #[test]
    fn wide_places_give_the_same_bytes() {
        let texts: Vec<Facts> = (0..300).map(|n| plain("", &format!("兰州{}西宁{n}", "科技".repeat(n % 9)))).collect();
        let of = |at: usize, _: &mut Vec<u8>| vec![Cow::Borrowed(&texts[at])];
        let widths = Widths { article: 30, at: 32 };
        let all = Texts { articles: &of, count: texts.len(), places: 3000, longest: 1 << 20 };
        let index = Index { texts: &all, shards: 3, widths };
        let wanted = [(0, 0xabcd), (1, 0xabcd), (2, 0xabcd)];
        assert_eq!(index.make::<u128, _>(&wanted, None, &|_, bytes| bytes), super::tests::index(&texts, 3));
    }

    #[test]
    fn a_hash_tells_its_gram() {
        assert!((0..60_000).map(|n| n * 0x1_0003).all(|gram| of_hash(hash(gram)) == gram));
    }

    #[test]
    fn the_number_of_shards_grows_in_steps() {
        let of = |wanted: u64| shards(wanted * (SHARD * 8 / BITS + 1));
        assert_eq!([0, 1, 2, 7, 9, 100, 1024, 1200].map(of), [1, 1, 2, 7, 8, 96, 1024, 1024]);
        assert_eq!([1280, 1535, 1537, 1 << 30].map(of), [1280, 1280, 1536, 16 << 10]);
    }
}
