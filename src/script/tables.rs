//! The embedded OpenCC tables, as `tools/opencc-data/build.py` lays them out.
//!
//! Takes the bytes of `data/opencc/tables.bin`; gives a [`Matcher`] for each group of dictionaries and the recipe of
//! each OpenCC configuration. Knows nothing of news, glossaries or markup.
//!
//! Everything is little-endian and padded to four bytes: magic, format; the characters that occur in keys, most used
//! first (the n-th has code n + 1, code 0 stands for every other character); pairs for the normalisation of
//! compatibility ideographs; the groups; the configurations. A group holds its phrases as a char-wise double array in
//! which no two nodes share a base, so that a label is proof enough of parentage.

use std::sync::OnceLock;

use super::output::{pack, unpack};

static BLOB: &[u8] = include_bytes!("../../data/opencc/tables.bin");

const MAGIC: &[u8] = b"JFOPENCC";
const FORMAT: u32 = 2;
/// Bytes readable beyond every value in a pool, so that short values are copied in one fixed-size move.
pub(super) const SLACK: usize = 32;

/// Reads the parts of a table one after another. A table cut short reads as zeros, and loads as an empty one.
pub(super) struct Reader {
    rest: &'static [u8],
}

impl Reader {
    pub(super) fn new(rest: &'static [u8]) -> Self {
        Reader { rest }
    }

    pub(super) fn bytes(&mut self, len: usize) -> &'static [u8] {
        let (taken, rest) = self.rest.split_at(len.min(self.rest.len()));
        let padding = (4 - len % 4) % 4;
        self.rest = &rest[padding.min(rest.len())..];
        taken
    }

    pub(super) fn u32(&mut self) -> u32 {
        self.bytes(4).first_chunk().map_or(0, |b| u32::from_le_bytes(*b))
    }

    pub(super) fn len(&mut self) -> usize {
        self.u32() as usize
    }

    pub(super) fn u32s(&mut self, count: usize) -> impl Iterator<Item = u32> + use<> {
        self.bytes(count.saturating_mul(4)).chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
    }

    pub(super) fn u64s(&mut self, count: usize) -> &'static [u8] {
        self.bytes(count.saturating_mul(8))
    }

    /// Reads a pool of strings: the lengths, then the bytes.
    pub(super) fn pool(&mut self) -> (&'static [u8], &'static [u8]) {
        let count = self.len();
        let len = self.len();
        let body = self.bytes(len);
        body.split_at(count.min(body.len()))
    }
}

/// One group of the table, not yet unpacked.
#[derive(Clone, Copy)]
struct RawGroup {
    bounds: &'static [u8],
    bases: &'static [u8],
    units: &'static [u8],
    values: (&'static [u8], &'static [u8]),
    singles: &'static [u8],
    single_values: (&'static [u8], &'static [u8]),
}

/// One configuration of the table, not yet unpacked.
struct RawConfig {
    name: &'static str,
    segmenter: Option<usize>,
    stages: Vec<usize>,
    diff: Vec<u32>,
    diff_values: (&'static [u8], &'static [u8]),
    /// Triples: a code, and the mask of the characters with which it may begin a phrase of the second stage.
    bridges: Vec<u32>,
}

/// The table of contents, and what all groups share.
pub(super) struct Index {
    codes: Codes,
    chars: Vec<u32>,
    normal: Vec<(u32, u32)>,
    groups: Vec<RawGroup>,
    configs: Vec<RawConfig>,
}

/// Maps characters to codes, the small numbers that stand for them in the double arrays.
pub(super) struct Codes {
    bmp: Vec<u16>,
    astral: Vec<(u32, u16)>,
}

impl Codes {
    /// Numbers the characters from 1 in the order given.
    pub(super) fn new(chars: &[u32]) -> Self {
        let mut codes = Codes { bmp: vec![0; 0x1_0000], astral: Vec::new() };
        for (i, &c) in chars.iter().enumerate() {
            let code = u16::try_from(i + 1).unwrap_or(0);
            match codes.bmp.get_mut(c as usize) {
                Some(slot) => *slot = code,
                None => codes.astral.push((c, code)),
            }
        }
        codes.astral.sort_unstable();
        codes
    }

    /// Returns the code of a character, 0 if it occurs in no key.
    #[inline(always)]
    pub(super) fn of(&self, c: u32) -> u16 {
        match self.bmp.get(c as usize) {
            Some(&code) => code,
            None => self.astral_code(c),
        }
    }

    #[cold]
    fn astral_code(&self, c: u32) -> u16 {
        self.astral.binary_search_by_key(&c, |p| p.0).map_or(0, |at| self.astral[at].1)
    }
}

/// What a first character means to a group.
#[derive(Clone, Copy, Default)]
pub(super) struct Root {
    /// The UTF-8 of what the character alone becomes, least byte first; 0: see [`Root::LONG`].
    pub(super) text: u32,
    /// The base of longer keys in the low 24 bits, then the flags.
    pub(super) base: u32,
    /// Which second characters longer keys have, by [`Root::place`].
    pub(super) mask: u64,
}

impl Root {
    /// The UTF-8 of what the character alone becomes has another length than three bytes, or the character needs more
    /// looking at.
    pub(super) const ODD: u32 = 1 << 27;

    /// Returns the place of a second character in the mask.
    #[inline(always)]
    pub(super) fn place(c: u32) -> u32 {
        (c ^ c >> 6) & 63
    }

    /// The character alone becomes something longer than one character.
    pub(super) const LONG: u32 = 1 << 24;
    /// The character alone is a key of the first rank.
    pub(super) const FIRST: u32 = 1 << 25;
    /// A later stage may match a phrase from here on.
    pub(super) const WATCH: u32 = 1 << 26;
    /// The same, and the mask tells before which characters.
    pub(super) const BRIDGE: u32 = 1 << 28;
    pub(super) const BASE: u32 = (1 << 24) - 1;
}

/// A group of dictionaries, ready for matching.
pub(super) struct Matcher {
    pub(super) codes: &'static Codes,
    /// By code.
    pub(super) roots: Vec<Root>,
    /// The same by code point of the first plane, for the main loop; see [`Matcher::direct`].
    direct: OnceLock<Vec<Root>>,
    chars: &'static [u32],
    pub(super) units: Vec<u64>,
    /// Where the values of each rank end: rank r has the values up to and including `bounds[r]`.
    pub(super) bounds: Vec<u32>,
    /// Whether a phrase can be overruled by a shorter key of an earlier rank.
    pub(super) ranked: bool,
    /// Start and length (low 8 bits) of each value; value 0 is empty.
    pub(super) ends: Vec<u32>,
    pub(super) pool: Vec<u8>,
    /// Values of single characters that are longer than a character.
    pub(super) long: Vec<(u16, Vec<u8>)>,
}

/// One OpenCC configuration, ready for use.
pub(super) struct Recipe {
    /// The matcher of the first pass. Where `segmented`, its values have gone through all stages already.
    pub(super) first: Matcher,
    /// The stages that a stretch without segments goes through; empty when there is one stage only.
    pub(super) stages: Vec<&'static Matcher>,
}

static INDEX: OnceLock<Index> = OnceLock::new();
static GROUPS: [OnceLock<Matcher>; 32] = [const { OnceLock::new() }; 32];
static RECIPES: [OnceLock<Recipe>; 32] = [const { OnceLock::new() }; 32];

/// Returns the table of contents, read on first use.
pub(super) fn index() -> &'static Index {
    INDEX.get_or_init(|| read(BLOB).unwrap_or_else(empty_index))
}

fn empty_index() -> Index {
    Index { codes: Codes::new(&[]), chars: Vec::new(), normal: Vec::new(), groups: Vec::new(), configs: Vec::new() }
}

fn read(blob: &'static [u8]) -> Option<Index> {
    let mut r = Reader::new(blob);
    if r.bytes(8) != MAGIC || r.u32() != FORMAT {
        return None;
    }
    let count = r.len();
    let chars: Vec<u32> = r.u32s(count).collect();
    let count = r.len();
    let flat: Vec<u32> = r.u32s(count.saturating_mul(2)).collect();
    let normal = flat.chunks_exact(2).map(|p| (p[0], p[1])).collect();
    let groups = (0..r.len()).map(|_| read_group(&mut r)).collect();
    let configs = (0..r.len()).map(|_| read_config(&mut r)).collect();
    Some(Index { codes: Codes::new(&chars), chars, normal, groups, configs })
}

fn read_group(r: &mut Reader) -> RawGroup {
    let count = r.len();
    let bounds = r.bytes(count * 4);
    let count = r.len();
    let bases = r.bytes(count * 16);
    let count = r.len();
    let units = r.u64s(count);
    let values = r.pool();
    let count = r.len();
    let singles = r.bytes(count * 4);
    let single_values = r.pool();
    RawGroup { bounds, bases, units, values, singles, single_values }
}

fn read_config(r: &mut Reader) -> RawConfig {
    let len = r.len();
    let name = std::str::from_utf8(r.bytes(len)).unwrap_or("");
    let segmenter = Some(r.len()).filter(|&s| s != u32::MAX as usize);
    let count = r.len();
    let stages = r.u32s(count).map(|s| s as usize).collect();
    let count = r.len();
    let diff = r.u32s(count).collect();
    let diff_values = r.pool();
    let count = r.len();
    RawConfig { name, segmenter, stages, diff, diff_values, bridges: r.u32s(count.saturating_mul(3)).collect() }
}

/// Splits a pool into its strings.
pub(super) fn strings(pool: (&'static [u8], &'static [u8])) -> impl Iterator<Item = &'static [u8]> {
    let mut rest = pool.1;
    pool.0.iter().map(move |&len| {
        let (taken, after) = rest.split_at(usize::from(len).min(rest.len()));
        rest = after;
        taken
    })
}

fn u32s_of(bytes: &'static [u8]) -> impl Iterator<Item = u32> {
    bytes.chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

/// Packs the UTF-8 of one character; 0 if `text` is none or more.
fn packed(text: &[u8]) -> u32 {
    let one = std::str::from_utf8(text).is_ok_and(|s| s.chars().count() == 1);
    if !one {
        return 0;
    }
    let mut bytes = [0; 4];
    bytes[..text.len()].copy_from_slice(text);
    u32::from_le_bytes(bytes)
}

fn encode(c: u32) -> u32 {
    char::from_u32(c).map_or(0, pack)
}

impl Index {
    /// Returns the compatibility ideographs and what they are normalised to, in order.
    pub(super) fn normal(&'static self) -> &'static [(u32, u32)] {
        &self.normal
    }

    /// Returns the names of all configurations.
    pub(super) fn names(&'static self) -> impl Iterator<Item = &'static str> {
        self.configs.iter().map(|c| c.name)
    }

    /// Returns the recipe of a configuration by its OpenCC name.
    pub(super) fn recipe(&'static self, name: &str) -> Option<&'static Recipe> {
        let at = self.configs.iter().position(|c| c.name == name)?;
        Some(RECIPES.get(at)?.get_or_init(|| self.cook(&self.configs[at])))
    }

    fn matcher(&'static self, group: usize) -> Option<&'static Matcher> {
        let raw = self.groups.get(group)?;
        Some(GROUPS.get(group)?.get_or_init(|| self.unpack(raw)))
    }

    fn unpack(&'static self, raw: &RawGroup) -> Matcher {
        let mut roots = vec![Root::default(); self.chars.len() + 1];
        for (root, &c) in roots.iter_mut().skip(1).zip(&self.chars) {
            root.text = encode(c);
        }
        let mut long = Vec::new();
        for (single, value) in u32s_of(raw.singles).zip(strings(raw.single_values)) {
            let Some(root) = roots.get_mut((single & 0xffff) as usize) else { continue };
            root.text = packed(value);
            if root.text == 0 {
                root.base |= Root::LONG;
                long.push(((single & 0xffff) as u16, value.to_vec()));
            }
            if single >> 16 == 0 {
                root.base |= Root::FIRST;
            }
        }
        let bases: Vec<u32> = u32s_of(raw.bases).collect();
        for entry in bases.chunks_exact(4) {
            if let Some(root) = roots.get_mut(entry[0] as usize) {
                root.base |= entry[1] & Root::BASE;
                root.mask = u64::from(entry[2]) | u64::from(entry[3]) << 32;
            }
        }
        let bounds: Vec<u32> = u32s_of(raw.bounds).collect();
        let phrase_ranks = (0..bounds.len()).filter(|&r| bounds[r] > if r == 0 { 0 } else { bounds[r - 1] }).count();
        let units = raw.units.chunks_exact(8).map(|b| b.first_chunk().map_or(0, |b| u64::from_le_bytes(*b))).collect();
        let (ends, pool) = lay_out_pool(strings(raw.values));
        let ranked = phrase_ranks > 1;
        let (direct, chars) = (OnceLock::new(), self.chars.as_slice());
        Matcher { codes: &self.codes, roots, direct, chars, units, ranked, bounds, ends, pool, long }
    }

    /// Makes the recipe of a configuration. Segments have been pushed through all stages when the table was made;
    /// single characters are pushed through here.
    fn cook(&'static self, config: &RawConfig) -> Recipe {
        let stages: Vec<&'static Matcher> = config.stages.iter().filter_map(|&s| self.matcher(s)).collect();
        let first_group = config.segmenter.or(config.stages.first().copied()).unwrap_or(usize::MAX);
        let Some(raw) = self.groups.get(first_group) else {
            return Recipe { first: self.unpack(&EMPTY), stages };
        };
        let mut first = self.unpack(raw);
        if config.segmenter.is_none() {
            return Recipe { first, stages: Vec::new() };
        }
        let segmenter = self.matcher(first_group).map_or(std::ptr::null(), std::ptr::from_ref);
        first.ranked = false;
        first.long.clear();
        for (code, root) in first.roots.iter_mut().enumerate().skip(1) {
            let (text, watch) = self.push(code, &stages, segmenter);
            root.text = text;
            root.base &= Root::BASE | Root::FIRST;
            root.base |= if watch { Root::WATCH } else { 0 };
        }
        // Where the first stage has no phrase but the segments, the second one's phrases are known by two characters.
        if stages.len() == 2 && config.stages.first() == Some(&first_group) {
            first.roots.iter_mut().filter(|r| r.text != 0).for_each(|r| r.base &= !Root::WATCH);
            for bridge in config.bridges.chunks_exact(3) {
                if let Some(root) = first.roots.get_mut(bridge[0] as usize) {
                    root.base |= Root::BRIDGE;
                    root.mask |= u64::from(bridge[1]) | u64::from(bridge[2]) << 32;
                }
            }
        }
        // Phrases of later ranks are no segments.
        let last = first.bounds.first().copied().unwrap_or(0);
        first
            .units
            .iter_mut()
            .filter(|u| ((**u >> 32) as u32 & 0xff_ffff) > last)
            .for_each(|u| *u &= !(0xff_ffff << 32));
        for (&value, text) in config.diff.iter().zip(strings(config.diff_values)) {
            if let Some(end) = first.ends.get_mut(value as usize) {
                *end = append(&mut first.pool, text);
            }
        }
        first.pool.extend([0; SLACK]);
        Recipe { first, stages }
    }

    /// Pushes a single character through the stages; true if a stage may begin a phrase with it.
    fn push(&'static self, code: usize, stages: &[&'static Matcher], segmenter: *const Matcher) -> (u32, bool) {
        let mut code = code;
        let mut text = encode(self.chars[code - 1]);
        let mut watch = false;
        for (i, stage) in stages.iter().enumerate() {
            let root = stage.roots[code];
            // No segment was found in the text as it stands; behind another stage it may look like one: 温昇豪.
            watch |= root.base & Root::BASE != 0 && !(i == 0 && std::ptr::eq(*stage, segmenter));
            if root.base & Root::LONG != 0 {
                return (text, true);
            }
            text = root.text;
            code = unpack(text).map_or(0, |c| usize::from(self.codes.of(c as u32)));
            if code == 0 {
                break;
            }
        }
        (text, watch)
    }
}

impl Matcher {
    /// Returns the table by code point, made from the one by code when it is first wanted.
    pub(super) fn direct(&self) -> &[Root] {
        self.direct.get_or_init(|| {
            let mut direct: Vec<Root> =
                (0..0x1_0000u32).map(|c| Root { text: own(c), base: odd(c, own(c)), mask: 0 }).collect();
            for (root, &c) in self.roots.iter().skip(1).zip(self.chars) {
                if let Some(slot) = direct.get_mut(c as usize) {
                    *slot = Root { base: root.base | odd(c, root.text), ..*root };
                }
            }
            direct
        })
    }
}

/// Packs the UTF-8 of a code point of three bytes; 0 for others, which never come to the main loop's short way.
fn own(c: u32) -> u32 {
    if c < 0x800 { 0 } else { 0x80_80e0 | c >> 12 | (c >> 6 & 0x3f) << 8 | (c & 0x3f) << 16 }
}

fn odd(c: u32, text: u32) -> u32 {
    let plain = text >> 24 == 0 && text >> 16 != 0 && !matches!(c, 0x2ff0..=0x2fff | 0x31ef);
    if plain { 0 } else { Root::ODD }
}

const EMPTY: RawGroup =
    RawGroup { bounds: &[], bases: &[], units: &[], values: (&[], &[]), singles: &[], single_values: (&[], &[]) };

fn lay_out_pool<'a>(values: impl Iterator<Item = &'a [u8]>) -> (Vec<u32>, Vec<u8>) {
    let (mut ends, mut pool) = (vec![0], Vec::new());
    for value in values {
        ends.push(append(&mut pool, value));
    }
    pool.extend([0; SLACK]);
    (ends, pool)
}

/// Appends a value; returns its start and length as [`Matcher::ends`] holds them.
fn append(pool: &mut Vec<u8>, value: &[u8]) -> u32 {
    let start = u32::try_from(pool.len()).unwrap_or(0);
    pool.extend_from_slice(value);
    start << 8 | value.len() as u32
}
