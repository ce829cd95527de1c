//! Grams to lists, lists to files.
//!
//! A gram is two neighbouring units of a stretch. Its list has the articles it stands in and the places in each. Lists
//! are spread over shards by a hash of the gram; the same bytes come out for any number of threads, because every list
//! is in the order of the articles. Work goes by groups of shards, so that what is held besides the texts is bounded.

use rayon::prelude::*;

use super::File;
use super::bits::{Writer, parameter};
use super::text::{LEAD, TITLE};

/// Bytes a shard shall have.
const SHARD: u64 = 36 << 10;

/// The most shards: files are what hosts count.
const MOST_SHARDS: u64 = 1024;

/// Bits a place of a gram takes, about: 14.3 on ten thousand articles of 1,900 characters.
const BITS: u64 = 15;

/// Places of more bytes than this get a file of their own.
const HEAVY: usize = 16 << 10;

/// The most places gathered at a time.
const AT_A_TIME: usize = 16 << 20;

/// The folded texts of all articles, one behind another.
pub(super) struct Texts {
    units: Vec<u16>,
    /// Where each begins, and the end.
    starts: Vec<u32>,
}

impl Texts {
    /// Joins the texts.
    pub(super) fn new(texts: Vec<Vec<u16>>) -> Self {
        let mut units = Vec::with_capacity(texts.iter().map(Vec::len).sum());
        let mut starts = vec![0];
        for text in texts {
            units.extend_from_slice(&text);
            starts.push(u32::try_from(units.len()).expect("four thousand million characters do not fit into memory"));
        }
        Texts { units, starts }
    }

    fn articles(&self) -> usize {
        self.starts.len() - 1
    }

    /// Units an article has on average, at least 1.
    pub(super) fn mean_length(&self) -> usize {
        (self.units.len() / self.articles().max(1)).max(1)
    }

    /// Calls `each` with every gram of some articles and where it stands.
    fn grams(&self, articles: std::ops::Range<usize>, mut each: impl FnMut(u32, u32)) {
        for article in articles {
            let (start, end) = (self.starts[article], self.starts[article + 1]);
            let text = &self.units[start as usize..end as usize];
            for (at, pair) in (start..).zip(text.windows(2)) {
                if pair[0] != 0 && pair[1] != 0 {
                    each(key(pair[0], pair[1]), at);
                }
            }
        }
    }
}

/// The index and what its manifest says.
pub(super) struct Index {
    /// The files.
    pub(super) files: Vec<File>,
    /// How many shards there are.
    pub(super) shards: u32,
    /// All grams by shard, sorted.
    keys: Vec<Vec<u32>>,
    /// Which units occur in a gram.
    units: Vec<bool>,
}

impl Index {
    /// Tells whether all grams of a word occur somewhere.
    pub(super) fn may_hold(&self, word: &[u16]) -> bool {
        word.windows(2).all(|pair| {
            let key = key(pair[0], pair[1]);
            self.keys[shard(key, self.shards) as usize].binary_search(&key).is_ok()
        })
    }

    /// Tells whether a unit occurs.
    pub(super) fn has_unit(&self, unit: u16) -> bool {
        self.units[usize::from(unit)]
    }
}

fn key(a: u16, b: u16) -> u32 {
    u32::from(a) << 16 | u32::from(b)
}

/// The shard of a gram; the reading script does the same sum.
fn shard(key: u32, shards: u32) -> u32 {
    let hash = u64::from(key.wrapping_mul(0x9e37_79b1));
    u32::try_from((hash * u64::from(shards)) >> 32).unwrap_or(0)
}

/// Makes the index.
pub(super) fn index(texts: &Texts, tag: u32) -> Index {
    let total = texts.units.len() as u64;
    let bytes = total * BITS / 8;
    let shards = u32::try_from(bytes.div_ceil(SHARD).clamp(1, MOST_SHARDS)).unwrap_or(1);
    // Beyond the most shards everything grows, and so does what counts as heavy.
    let heavy = HEAVY * usize::try_from(bytes / (SHARD * MOST_SHARDS)).unwrap_or(0).max(1);
    let groups = u32::try_from(texts.units.len() / AT_A_TIME + 1).unwrap_or(1).min(shards);
    let mut index = Index { files: Vec::new(), shards, keys: Vec::new(), units: vec![false; 0x1_0000] };
    for group in 0..groups {
        let range = group * shards / groups..(group + 1) * shards / groups;
        let parts = scatter(texts, shards, range.clone());
        let made: Vec<Shard> = (0..range.len())
            .into_par_iter()
            .map(|at| {
                let number = range.start + u32::try_from(at).unwrap_or(0);
                Shard::new(texts, parts.iter().map(|part| part[at].as_slice()), number, tag, heavy)
            })
            .collect();
        for shard in made {
            index.files.extend(shard.files);
            index.keys.push(shard.keys);
        }
    }
    for &key in index.keys.iter().flatten() {
        index.units[(key >> 16) as usize] = true;
        index.units[(key & 0xffff) as usize] = true;
    }
    index
}

/// Gathers the places of the grams of some shards: part of the articles, then shard, then places in order.
fn scatter(texts: &Texts, shards: u32, range: std::ops::Range<u32>) -> Vec<Vec<Vec<u32>>> {
    let parts = rayon::current_num_threads().min(texts.articles().max(1));
    (0..parts)
        .into_par_iter()
        .map(|part| {
            let articles = part * texts.articles() / parts..(part + 1) * texts.articles() / parts;
            let mut places = vec![Vec::new(); range.len()];
            texts.grams(articles, |key, at| {
                let shard = shard(key, shards).wrapping_sub(range.start);
                if let Some(places) = places.get_mut(shard as usize) {
                    places.push(at);
                }
            });
            places
        })
        .collect()
}

/// One shard and the files of its heavy grams.
struct Shard {
    files: Vec<File>,
    keys: Vec<u32>,
}

impl Shard {
    fn new<'p>(
        texts: &Texts,
        parts: impl Iterator<Item = &'p [u32]> + Clone,
        number: u32,
        tag: u32,
        heavy: usize,
    ) -> Shard {
        let key_at = |at: u32| key(texts.units[at as usize], texts.units[at as usize + 1]);
        let mut keyed: Vec<(u32, u32)> = parts.flatten().map(|&at| (key_at(at), at)).collect();
        keyed.sort_unstable();
        let mut shard = Shard { files: Vec::new(), keys: Vec::new() };
        let (mut directory, mut lists) = (tag.to_le_bytes().to_vec(), Vec::new());
        let lists_of: Vec<&[(u32, u32)]> = keyed.chunk_by(|a, b| a.0 == b.0).collect();
        varint(&mut directory, u32::try_from(lists_of.len()).unwrap_or(0));
        let mut last = 0;
        for places in lists_of {
            let key = places[0].0;
            let list = List::new(texts, places);
            let start = lists.len();
            let is_heavy = list.places.len() > heavy;
            if is_heavy {
                lists.extend(list.articles_with_zones());
                let bytes = [&tag.to_le_bytes()[..], &list.places].concat();
                shard.files.push((format!("search/p/{key:08x}.bin"), bytes));
            } else {
                lists.extend(list.articles());
                lists.extend_from_slice(&list.places);
            }
            varint(&mut directory, key - last);
            varint(&mut directory, u32::try_from(lists.len() - start).unwrap_or(0));
            last = key;
            shard.keys.push(key);
        }
        directory.extend(lists);
        shard.files.push((format!("search/g/{number}.bin"), directory));
        shard
    }
}

/// The list of one gram.
struct List {
    total: usize,
    /// Number of the article, whether the gram is in its title, whether in its lead.
    articles: Vec<(u32, bool, bool)>,
    /// For each article how often, then the places, as bits.
    places: Vec<u8>,
}

impl List {
    fn new(texts: &Texts, places: &[(u32, u32)]) -> List {
        let mut list = List { total: texts.articles(), articles: Vec::new(), places: Vec::new() };
        let mut writer = Writer::default();
        let mut rest = places;
        let mut article = 0;
        while let Some(&(_, first)) = rest.first() {
            article += texts.starts[article + 1..].partition_point(|&start| start <= first);
            let (start, end) = (texts.starts[article], texts.starts[article + 1]);
            let count = rest.iter().take_while(|place| place.1 < end).count();
            let k = parameter(texts.mean_length() as u64, count as u64 + 1);
            writer.gamma(u32::try_from(count).unwrap_or(u32::MAX));
            let (mut next, mut lead) = (0, false);
            for &(_, at) in &rest[..count] {
                let at = at - start;
                writer.rice(at - next, k);
                next = at + 1;
                lead |= (TITLE..LEAD).contains(&(at as usize));
            }
            list.articles.push((u32::try_from(article).unwrap_or(0), first - start < TITLE as u32, lead));
            rest = &rest[count..];
        }
        list.places = writer.finish();
        list
    }

    fn articles(&self) -> Vec<u8> {
        self.write(false)
    }

    fn articles_with_zones(&self) -> Vec<u8> {
        self.write(true)
    }

    fn write(&self, heavy: bool) -> Vec<u8> {
        let mut writer = Writer::default();
        let count = self.articles.len();
        writer.gamma(u32::try_from(count).unwrap_or(0));
        writer.bits(u32::from(heavy), 1);
        let k = parameter(self.total as u64, count as u64);
        let mut next = 0;
        for &(article, title, lead) in &self.articles {
            writer.rice(article - next, k);
            next = article + 1;
            if heavy {
                writer.bits(u32::from(title) << 1 | u32::from(lead), 2);
            }
        }
        writer.finish()
    }
}

fn varint(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).unwrap_or(0) | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap_or(0));
}
