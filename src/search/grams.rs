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

use rayon::prelude::*;

use super::bits::{Writer, parameter};
use super::mix;
use super::text::{Facts, each_gram};

/// Bytes a shard shall have, about.
const SHARD: u64 = 15 << 10;

/// The most shards: files are what hosts count.
const MOST_SHARDS: u64 = 16 << 10;

/// Bits a place of a gram takes, about.
const BITS: u64 = 14;

/// The most places gathered at a time.
const AT_A_TIME: u64 = 4 << 20;

/// The parts of an article: itself and its hand-made editions.
pub(super) type Parts<'a> = &'a [&'a Facts];

/// How many shards an index of so many places has: four steps from one power of two to the next, so that hardly an edit
/// changes the number.
pub(super) fn shards(places: u64) -> u32 {
    let wanted = (places * BITS / 8 / SHARD).clamp(1, MOST_SHARDS);
    let step = (1u64 << wanted.ilog2()).div_ceil(4);
    u32::try_from(wanted / step * step).unwrap_or(1)
}

/// The hash of a gram; the reading script does the same sum.
#[inline]
pub(super) fn hash(gram: u32) -> u32 {
    gram.wrapping_mul(0x9e37_79b1)
}

#[inline]
fn shard(hash: u32, shards: u32) -> u32 {
    u32::try_from((u64::from(hash) * u64::from(shards)) >> 32).unwrap_or(0)
}

/// The lowest hash of a shard.
fn lowest(shard: u32, shards: u32) -> u64 {
    (u64::from(shard) << 32).div_ceil(u64::from(shards))
}

/// Adds what an article gives to each shard to the digests of the shards; calls `seen` with each gram and its hash.
pub(super) fn add_digests(digests: &mut [u64], number: u32, parts: Parts<'_>, mut seen: impl FnMut(u32, u32)) {
    let shards = u32::try_from(digests.len()).unwrap_or(u32::MAX);
    let salt = mix::mix(u64::from(number), 1);
    each_gram(parts, |gram, at| {
        let hash = hash(gram);
        let digest = &mut digests[shard(hash, shards) as usize];
        *digest = digest.wrapping_add(mix::mix(u64::from(gram) << 32 | u64::from(at), salt));
        seen(gram, hash);
    });
}

/// Makes some shards, in the order asked for: `wanted` are numbers and digests. Every article is looked at once for so
/// many shards as fit into memory together.
pub(super) fn make<'a>(
    articles: &(dyn Fn(usize) -> Vec<&'a Facts> + Sync),
    count: usize,
    places: u64,
    shards: u32,
    wanted: &[(u32, u64)],
) -> Vec<Vec<u8>> {
    let together = (AT_A_TIME * u64::from(shards) / places.max(1)).max(1);
    let mut made = Vec::with_capacity(wanted.len());
    for wanted in wanted.chunks(usize::try_from(together).unwrap_or(usize::MAX)) {
        let parts = scatter(articles, count, places / u64::from(shards), shards, wanted);
        let bytes = wanted.par_iter().enumerate().map(|(slot, &(number, digest))| {
            let mut places = Vec::with_capacity(parts.iter().map(|part| part[slot].len()).sum());
            parts.iter().for_each(|part| places.extend_from_slice(&part[slot]));
            let span = lowest(number + 1, shards) - lowest(number, shards);
            encode(places, span, digest)
        });
        made.par_extend(bytes);
    }
    made
}

/// Where a gram stands: its hash less the lowest of its shard, the number of the article, the place in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    hash: u32,
    article: u32,
    at: u32,
}

/// Gathers the places of the grams of some shards, `each` in one on average: part of the articles, then shard, then
/// places in order.
fn scatter<'a>(
    articles: &(dyn Fn(usize) -> Vec<&'a Facts> + Sync),
    count: usize,
    each: u64,
    shards: u32,
    wanted: &[(u32, u64)],
) -> Vec<Vec<Vec<Place>>> {
    const NONE: u32 = u32::MAX;
    let mut slots = vec![(NONE, 0); shards as usize];
    for (slot, &(number, _)) in wanted.iter().enumerate() {
        let lowest = u32::try_from(lowest(number, shards)).unwrap_or(0);
        slots[number as usize] = (u32::try_from(slot).unwrap_or(NONE), lowest);
    }
    let parts = rayon::current_num_threads().min(count.max(1));
    (0..parts)
        .into_par_iter()
        .map(|part| {
            let room = usize::try_from(each).unwrap_or(0) / parts * 5 / 4;
            let mut places: Vec<Vec<Place>> = wanted.iter().map(|_| Vec::with_capacity(room)).collect();
            for number in part * count / parts..(part + 1) * count / parts {
                let article = u32::try_from(number).unwrap_or(u32::MAX);
                each_gram(&articles(number), |gram, at| {
                    let hash = hash(gram);
                    let (slot, lowest) = slots[shard(hash, shards) as usize];
                    if slot != NONE {
                        places[slot as usize].push(Place { hash: hash - lowest, article, at });
                    }
                });
            }
            places
        })
        .collect()
}

/// Sorts places by gram, those of one gram staying in order.
fn sort(mut places: Vec<Place>, span: u64) -> Vec<Place> {
    const DIGIT: u32 = 11;
    let bits = 64 - span.saturating_sub(1).leading_zeros();
    // Counting pays for itself from some hundred places on.
    if places.len() < 1000 {
        places.sort_unstable();
        return places;
    }
    let mut other = vec![Place { hash: 0, article: 0, at: 0 }; places.len()];
    for shift in (0..bits).step_by(DIGIT as usize) {
        let digit = |place: &Place| (place.hash >> shift & ((1 << DIGIT) - 1)) as usize;
        let mut starts = [0u32; 1 << DIGIT];
        places.iter().for_each(|place| starts[digit(place)] += 1);
        let mut next = 0;
        for start in &mut starts {
            next += std::mem::replace(start, next);
        }
        for place in &places {
            let start = &mut starts[digit(place)];
            other[*start as usize] = *place;
            *start += 1;
        }
        std::mem::swap(&mut places, &mut other);
    }
    places
}

/// Writes a shard; `span` is how many hashes it can have.
fn encode(places: Vec<Place>, span: u64, digest: u64) -> Vec<u8> {
    let places = sort(places, span);
    let mut head = Writer::default();
    head.bits(u32::try_from(digest & 0xffff).unwrap_or(0), 16);
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let count = places.chunk_by(|a, b| a.hash == b.hash).count();
    head.gamma(number(count) + 1);
    if count == 0 {
        return head.finish();
    }
    let codes = Codes::new(&places);
    head.gamma(codes.articles);
    head.gamma(codes.length);
    let k = parameter(span, count as u64);
    let (mut lists, mut end, mut next) = (Writer::default(), 0, 0);
    for list in places.chunk_by(|a, b| a.hash == b.hash) {
        codes.list(list, &mut lists);
        let before = std::mem::replace(&mut end, lists.align());
        head.rice(list[0].hash - next, k);
        head.gamma(number(end - before));
        next = list[0].hash;
    }
    let mut bytes = head.finish();
    bytes.extend(lists.finish());
    bytes
}

/// What the codes of the lists of a shard are made for.
struct Codes {
    /// The highest number of an article + 1.
    articles: u32,
    /// Places an article has, about.
    length: u32,
    /// Parameter for the places of an article with so many of them.
    parameters: [u32; 32],
}

impl Codes {
    fn new(places: &[Place]) -> Self {
        let articles = places.iter().map(|place| place.article).max().unwrap_or(0) + 1;
        let (mut sum, mut count) = (0u64, 0u64);
        for article in places.chunk_by(|a, b| a.hash == b.hash && a.article == b.article) {
            let (last, places) = (article[article.len() - 1].at, article.len() as u64);
            sum += (u64::from(last) + 1) * (places + 1) / places;
            count += 1;
        }
        let length = u32::try_from(sum / count.max(1)).unwrap_or(u32::MAX >> 1).max(1);
        let parameters = std::array::from_fn(|places| parameter(u64::from(length), places as u64 + 1));
        Codes { articles, length, parameters }
    }

    fn list(&self, places: &[Place], writer: &mut Writer) {
        let by_article = || places.chunk_by(|a, b| a.article == b.article);
        let count = by_article().count();
        let k = parameter(u64::from(self.articles), count as u64);
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        writer.gamma(number(count));
        let mut next = 0;
        for article in by_article() {
            writer.rice(article[0].article - next, k);
            next = article[0].article + 1;
            writer.gamma(number(article.len()));
            let k = match self.parameters.get(article.len()) {
                Some(&k) => k,
                None => parameter(u64::from(self.length), article.len() as u64 + 1),
            };
            let mut next = 0;
            for place in article {
                writer.rice(place.at - next, k);
                next = place.at + 1;
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::super::bits::tests::Reader;
    use super::super::fold::fold;
    use super::super::text::tests::plain;
    use super::*;

    /// All shards of some texts.
    fn index(texts: &[Facts], shards: u32) -> Vec<Vec<u8>> {
        let wanted: Vec<(u32, u64)> = (0..shards).map(|number| (number, 0xabcd)).collect();
        let places = texts.iter().map(|facts| u64::from(facts.grams())).sum();
        make(&|at| vec![&texts[at]], texts.len(), places, shards, &wanted)
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
        let alone = make(&|at| vec![&texts[at]], texts.len(), 1 << 24, 7, &[(5, 0xabcd), (2, 0xabcd)]);
        assert_eq!(alone, [whole[5].clone(), whole[2].clone()]);
        let found = read(&|n| whole[n as usize].clone(), 7, gram("科技"));
        assert_eq!(found.len(), (0..3000).map(|n| n % 9).sum::<usize>());
    }

    #[test]
    fn the_number_of_shards_grows_in_steps() {
        let of = |wanted: u64| shards(wanted * (SHARD * 8 / BITS + 1));
        assert_eq!([0, 1, 2, 7, 9, 100, 1024, 1200].map(of), [1, 1, 2, 7, 8, 96, 1024, 1024]);
        assert_eq!([1280, 1535, 1537, 1 << 30].map(of), [1280, 1280, 1536, 16 << 10]);
    }
}
