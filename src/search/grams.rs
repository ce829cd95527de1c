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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::bits::tests::Reader;
    use super::super::fold::fold;
    use super::*;

    /// A text as an entry has it: no title, then the words.
    fn text(words: &str) -> Vec<u16> {
        let mut units = vec![0; TITLE];
        units.extend(fold(words));
        units
    }

    fn read_varint(bytes: &[u8], at: &mut usize) -> u32 {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = bytes[*at];
            *at += 1;
            value |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return value;
            }
            shift += 7;
        }
    }

    /// Reads the articles and places of a gram out of the files.
    fn read(texts: &Texts, index: &Index, wanted: u32) -> Vec<(u32, u32)> {
        let file = |path: &str| index.files.iter().find(|file| file.0 == path).map(|file| file.1.as_slice());
        let bytes = file(&format!("search/g/{}.bin", shard(wanted, index.shards))).unwrap();
        let mut at = 4;
        let count = read_varint(bytes, &mut at);
        let (mut key, mut before, mut found) = (0, 0, None);
        for _ in 0..count {
            key += read_varint(bytes, &mut at);
            let size = read_varint(bytes, &mut at) as usize;
            if key == wanted {
                found = Some((before, size));
            }
            before += size;
        }
        let Some((start, size)) = found else { return Vec::new() };
        let mut reader = Reader { bytes: &bytes[at + start..at + start + size], at: 0 };
        let count = reader.gamma();
        let heavy = reader.bits(1) == 1;
        let k = parameter(texts.articles() as u64, u64::from(count));
        let mut next = 0;
        let mut articles = Vec::new();
        for _ in 0..count {
            next += reader.rice(k) + 1;
            articles.push(next - 1);
            if heavy {
                reader.bits(2);
            }
        }
        let path = format!("search/p/{wanted:08x}.bin");
        let mut places = match heavy {
            true => Reader { bytes: &file(&path).unwrap()[4..], at: 0 },
            false => Reader { bytes: reader.bytes, at: reader.at.next_multiple_of(8) },
        };
        let mut all = Vec::new();
        for article in articles {
            let count = places.gamma();
            let k = parameter(texts.mean_length() as u64, u64::from(count) + 1);
            let mut next = 0;
            for _ in 0..count {
                next += places.rice(k) + 1;
                all.push((article, next - 1));
            }
        }
        all
    }

    proptest! {
        #[test]
        fn lists_equal_a_scan(words in prop::collection::vec("[甲乙丙丁 ，a1.]{0,60}", 0..30)) {
            let texts = Texts::new(words.iter().map(|words| text(words)).collect());
            let index = index(&texts, 7);
            for (a, b) in ["甲乙", "乙乙", "丁a", "a1", "1.", "丙丁"].iter().map(|gram| (fold(gram)[0], fold(gram)[1..].first().copied())) {
                let Some(b) = b else { continue };
                let mut scan = Vec::new();
                for (article, units) in words.iter().map(|words| text(words)).enumerate() {
                    let places = units.windows(2).enumerate().filter(|(_, pair)| *pair == [a, b]);
                    scan.extend(places.map(|(at, _)| (article as u32, at as u32)));
                }
                prop_assert_eq!(read(&texts, &index, key(a, b)), scan);
            }
        }
    }

    #[test]
    fn bytes_do_not_depend_on_threads_and_heavy_grams_read_the_same() {
        let words: Vec<String> = (0..20_000).map(|n| format!("兰州{}西宁兰州{n}", "科技".repeat(n % 9))).collect();
        let texts = Texts::new(words.iter().map(|words| text(words)).collect());
        let whole = index(&texts, 7);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        assert_eq!(pool.install(|| index(&texts, 7)).files, whole.files);
        let wanted = key(fold("科技")[0], fold("科技")[1]);
        assert!(whole.files.iter().any(|file| file.0 == format!("search/p/{wanted:08x}.bin")), "it is heavy");
        assert_eq!(read(&texts, &whole, wanted).len(), words.iter().map(|w| w.matches("科技").count()).sum::<usize>());
        assert!(whole.may_hold(&fold("兰州")) && !whole.may_hold(&fold("州兰")));
    }
}
