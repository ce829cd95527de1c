//! What of an article is searched: its title and its text, as published, folded.
//!
//! Takes one article while its text is at hand; gives its [`Facts`], which say all that search has to know of it. They
//! depend on nothing but the article, its settings for conversion where it is marked up for editions, and this program.

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::ops::Range;

use super::fold::{Folder, NEXT_BLOCK};
use super::{grams, mix};
use crate::article::Rights;
use crate::markdown::{self, Image, Links, Piece};

/// Places of one block. Title, paragraphs and what else stands apart begin at multiples of it, so that a changed
/// sentence moves what follows in its own block and, mostly, nothing after it.
pub(super) const BLOCK: u32 = 128;

/// Places before this one belong to the title.
pub(super) const TITLE: u32 = BLOCK;

/// Places before this one belong to title and lead.
pub(super) const LEAD: u32 = 3 * BLOCK;

/// What search knows of an article: the folded title and text.
#[derive(Clone, PartialEq, Eq)]
pub struct Facts {
    units: Box<[u16]>,
    /// How many of the units are the title.
    title: usize,
    /// Which of the units are [`NEXT_BLOCK`].
    blocks: Box<[u32]>,
    grams: u32,
    digest: u64,
}

impl fmt::Debug for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Facts({} units, {:016x})", self.units.len(), self.digest)
    }
}

/// Makes the facts of an article: `text` is its Markdown body, `summary` what stands in lists. `versions` are title and
/// body in each edition, for those that choose their words by marks; without them both editions differ by nothing that
/// folding does not remove.
pub fn facts(
    title: &str,
    text: &str,
    rights: Option<Rights>,
    summary: &str,
    versions: &[(Cow<'_, str>, Cow<'_, str>)],
) -> Facts {
    facts_and_addresses(title, text, rights, summary, versions).0
}

/// Makes the facts of an article as [`facts`] does, and gives the addresses in `text` if they were met on the way.
pub fn facts_and_addresses(
    title: &str,
    text: &str,
    rights: Option<Rights>,
    summary: &str,
    versions: &[(Cow<'_, str>, Cow<'_, str>)],
) -> (Facts, Option<Vec<String>>) {
    let mut folder = Folder::with_capacity(title.len() + text.len() / 2);
    folder.push(title);
    for (title, _) in versions {
        folder.end();
        folder.push(title);
    }
    folder.end();
    let length = folder.units.len();
    let mut addresses = None;
    match rights {
        Some(Rights::Link) => {}
        Some(Rights::Excerpt) => add_block(summary, &mut folder),
        _ if versions.is_empty() => addresses = add_body(text, &mut folder),
        _ => {
            for (at, (_, body)) in versions.iter().enumerate() {
                if versions[..at].iter().all(|earlier| earlier.1 != *body) {
                    add_body(body, &mut folder);
                }
            }
        }
    }
    (Facts::new(folder.units.into(), length), addresses)
}

impl Facts {
    fn new(units: Box<[u16]>, title: usize) -> Self {
        let title = title.min(units.len());
        let grams = pairs(&units[..title]) + pairs(&units[title..]);
        Facts::counted(units, title, u32::try_from(grams).unwrap_or(u32::MAX))
    }

    fn counted(units: Box<[u16]>, title: usize, grams: u32) -> Self {
        let (blocks, digest) = (blocks(&units), mix::of_units(&units, title as u64));
        Facts { units, title, blocks, grams, digest }
    }

    /// How many grams the article has, with repetitions.
    pub(super) fn grams(&self) -> u32 {
        self.grams
    }

    /// Tells whether two articles are searched alike.
    pub(super) fn digest(&self) -> u64 {
        self.digest
    }

    /// All units, in order.
    pub(super) fn units(&self) -> &[u16] {
        &self.units
    }
}

/// How many grams some units have.
fn pairs(units: &[u16]) -> usize {
    let gram = |(&first, &second): (&u16, &u16)| u16::from((first > NEXT_BLOCK) & (second > NEXT_BLOCK));
    let count = |(first, second): (&[u16], &[u16])| usize::from(first.iter().zip(second).map(gram).sum::<u16>());
    let Some((_, seconds)) = units.split_first() else { return 0 };
    units[..seconds.len()].chunks(256).zip(seconds.chunks(256)).map(count).sum()
}

/// Which of some units are [`NEXT_BLOCK`].
fn blocks(units: &[u16]) -> Box<[u32]> {
    let mut blocks = Vec::new();
    for (at, stretch) in (0..).step_by(64).zip(units.chunks(64)) {
        // Most stretches hold none, and to see that many units are looked at at once.
        if stretch.iter().fold(false, |any, &unit| any | (unit == NEXT_BLOCK)) {
            blocks.extend((at..).zip(stretch).filter(|(_, unit)| **unit == NEXT_BLOCK).map(|(at, _)| at));
        }
    }
    blocks.into()
}

/// Calls `each` with every gram of an article and its place. The parts are the article itself and its hand-made
/// editions: first their titles, then their texts.
#[inline]
pub(super) fn each_gram(parts: &[impl Borrow<Facts>], mut each: impl FnMut(u32, u32)) {
    let mut at = 0;
    for part in parts.iter().map(Borrow::<Facts>::borrow) {
        at = walk(&part.units[..part.title], at, &mut each) + 1;
    }
    for part in parts.iter().map(Borrow::<Facts>::borrow) {
        at = walk(&part.units[part.title..], at.next_multiple_of(BLOCK), &mut each);
    }
}

/// Calls `each` as [`each_gram`] does, with no gram left out whose hash has its upper half in `range`, both ends included,
/// and hardly another one.
///
/// What is asked of most pairs is whether they can be left out. So it is asked with numbers of 16 bits and without a branch,
/// which the compiler makes into instructions that ask of many pairs at once.
pub(super) fn each_gram_between(parts: &[impl Borrow<Facts>], range: [u16; 2], mut each: impl FnMut(u32, u32)) {
    let mut at = 0;
    for part in parts.iter().map(Borrow::<Facts>::borrow) {
        at = part.pairs_between(0..part.title, at, range, &mut each) + 1;
    }
    for part in parts.iter().map(Borrow::<Facts>::borrow) {
        at = part.pairs_between(part.title..part.units.len(), at.next_multiple_of(BLOCK), range, &mut each);
    }
}

/// The place behind the last of an article, whose parts are as in [`each_gram`].
pub(super) fn end(parts: &[impl Borrow<Facts>]) -> u64 {
    let mut at = 0;
    for part in parts.iter().map(Borrow::<Facts>::borrow) {
        at = part.places(0..part.title, at).end() + 1;
    }
    for part in parts.iter().map(Borrow::<Facts>::borrow) {
        at = part.places(part.title..part.units.len(), at.next_multiple_of(BLOCK)).end();
    }
    u64::from(at)
}

/// Where units stand, asked for one after the other.
struct Places<'f> {
    units: Range<usize>,
    /// Units that begin a block, and are none of it.
    blocks: &'f [u32],
    /// What to add to the number of a unit.
    shift: u32,
}

impl Places<'_> {
    #[inline]
    fn of(&mut self, unit: usize) -> u32 {
        let unit = u32::try_from(unit).unwrap_or(u32::MAX);
        while let [block, rest @ ..] = self.blocks
            && *block < unit
        {
            // A block begins behind its mark.
            self.shift = block.wrapping_add(self.shift).next_multiple_of(BLOCK).wrapping_sub(*block + 1);
            self.blocks = rest;
        }
        unit.wrapping_add(self.shift)
    }

    fn end(mut self) -> u32 {
        self.of(self.units.end)
    }
}

impl Facts {
    /// The places of some units, the first of which stands at `at`.
    fn places(&self, units: Range<usize>, at: u32) -> Places<'_> {
        let before = |end: usize| self.blocks.partition_point(|&block| (block as usize) < end);
        let blocks = &self.blocks[before(units.start)..before(units.end)];
        let shift = at.wrapping_sub(u32::try_from(units.start).unwrap_or(u32::MAX));
        Places { units, blocks, shift }
    }

    #[inline]
    fn pairs_between(&self, of: Range<usize>, at: u32, range: [u16; 2], each: &mut impl FnMut(u32, u32)) -> u32 {
        let mut places = self.places(of.clone(), at);
        let units = &self.units[of.clone()];
        let (firsts, seconds) = (&units[..units.len().saturating_sub(1)], units.get(1..).unwrap_or_default());
        let blocks = firsts.chunks(64).map(block).zip(seconds.chunks(64).map(block));
        for (number, (first, second)) in blocks.enumerate() {
            let mut mask = between(&first, &second, range);
            while mask != 0 {
                let pair = mask.trailing_zeros() as usize;
                mask &= mask - 1;
                let gram = u32::from(first[pair]) << 16 | u32::from(second[pair]);
                each(gram, places.of(of.start + number * 64 + pair));
            }
        }
        places.end()
    }
}

/// At most 64 units, and zeros behind them, which are in no gram.
#[inline]
fn block(units: &[u16]) -> Cow<'_, [u16; 64]> {
    match units.try_into() {
        Ok(whole) => Cow::Borrowed(whole),
        Err(_) => {
            let mut part = [0; 64];
            part[..units.len()].copy_from_slice(units);
            Cow::Owned(part)
        }
    }
}

/// Tells as bits which pairs are grams that have the upper half of their hash in a range.
#[inline]
fn between(first: &[u16; 64], second: &[u16; 64], [from, to]: [u16; 2]) -> u64 {
    let mut inside = [0u8; 64];
    for ((inside, &first), &second) in inside.iter_mut().zip(first).zip(second) {
        let gram = u8::from(first > NEXT_BLOCK) & u8::from(second > NEXT_BLOCK);
        *inside = u8::from(grams::upper_hash(first, second).wrapping_sub(from) <= to - from) & gram;
    }
    let (words, _) = inside.as_chunks::<8>();
    // Multiplication brings the lowest bits of eight bytes together in the highest byte.
    let bits = |word: &[u8; 8]| u64::from_le_bytes(*word).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    words.iter().rev().fold(0, |all, word| all << 8 | bits(word))
}

#[inline]
fn walk(units: &[u16], mut at: u32, each: &mut impl FnMut(u32, u32)) -> u32 {
    let mut before = 0;
    for &unit in units {
        if unit > NEXT_BLOCK {
            if before != 0 {
                each(u32::from(before) << 16 | u32::from(unit), at - 1);
            }
            before = unit;
            at += 1;
        } else {
            before = 0;
            at = if unit == NEXT_BLOCK { at.next_multiple_of(BLOCK) } else { at + 1 };
        }
    }
    at
}

impl Facts {
    /// Writes the units behind other bytes.
    pub(super) fn put(&self, bytes: &mut Vec<u8>) {
        let start = bytes.len();
        bytes.resize(start + 2 * self.units.len(), 0);
        let (pairs, _) = bytes[start..].as_chunks_mut();
        pairs.iter_mut().zip(&self.units).for_each(|(pair, unit)| *pair = unit.to_le_bytes());
    }

    /// Units from their bytes, `title` of them being the title; they are known to have so many grams.
    pub(super) fn from_bytes(bytes: &[u8], title: usize, grams: u32) -> Self {
        let units: Box<[u16]> = bytes.as_chunks().0.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
        let title = title.min(units.len());
        Facts::counted(units, title, grams)
    }

    /// How many of the units are the title.
    pub(super) fn title(&self) -> usize {
        self.title
    }
}

/// Tells whether Markdown would make more than paragraphs of a text.
fn has_marks(text: &str) -> bool {
    text.bytes()
        .any(|b| matches!(b, b'*' | b'_' | b'`' | b'[' | b']' | b'<' | b'>' | b'&' | b'#' | b'|' | b'\\' | b'~'))
}

fn add_block(text: &str, folder: &mut Folder) {
    folder.next_block();
    folder.push(text);
}

/// Adds the text a reader sees; gives the addresses in it if they were met on the way.
fn add_body(body: &str, folder: &mut Folder) -> Option<Vec<String>> {
    // Most bodies have an item, a heading, a link or a word in bold, and need not be looked through for the rest.
    let marked = memchr::memchr3(b'*', b'#', b'[', body.as_bytes()).is_some();
    if !marked && !body.split(markdown::MORE).any(has_marks) {
        for paragraph in
            body.split(markdown::MORE).flat_map(|part| part.split("\n\n")).filter(|text| !text.trim().is_empty())
        {
            add_block(paragraph, folder);
        }
        return Some(Vec::new());
    }
    let before = folder.mark();
    folder.next_block();
    let addresses = markdown::seen(body, &mut |piece| match piece {
        Piece::Text(text) => folder.push(text),
        Piece::End => folder.end(),
        Piece::Block => folder.next_block(),
    });
    if addresses.is_none() {
        folder.back_to(before);
        add_html(&markdown::render(body, None, &Everything).html, folder);
    }
    addresses
}

/// Keeps all links and pictures, so that their texts stay and their addresses go with the tags.
struct Everything;

impl Links for Everything {
    fn link<'a>(&self, written: &'a str) -> Option<Cow<'a, str>> {
        Some(Cow::Borrowed(written))
    }

    fn image<'a>(&self, _: &'a str) -> Option<Image<'a>> {
        Some(Image::plain(Cow::Borrowed("x")))
    }
}

/// Tags that do not end a stretch of text.
const INLINE: &[&str] = &[
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark", "q", "rp", "rt",
    "ruby", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var", "wbr",
];

/// Tags that begin a block.
const BLOCKS: &[&str] = &["p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "tr", "dt", "dd"];

/// Adds the text of sanitised HTML.
fn add_html(html: &str, folder: &mut Folder) {
    folder.next_block();
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        folder.push(&rest[..at]);
        let tail = &rest[at..];
        rest = if tail.starts_with('<') {
            let end = end_of_tag(tail);
            let closing = tail.starts_with("</");
            let name = tail[1..end].trim_start_matches('/');
            let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
            if !closing && BLOCKS.contains(&name) {
                folder.next_block();
            } else if !INLINE.contains(&name) {
                folder.end();
            }
            &tail[end..]
        } else {
            entity(tail, folder)
        };
    }
    folder.push(rest);
}
/// The place behind a tag; a `>` inside a quoted attribute does not end it.
fn end_of_tag(tail: &str) -> usize {
    let mut quote = None;
    for (at, b) in tail.bytes().enumerate().skip(1) {
        match (quote, b) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(b),
            (Some(open), b) if open == b => quote = None,
            _ => {}
        }
    }
    tail.len()
}

/// Adds the character of an entity, those that the renderer and the sanitiser write; gives what follows it.
fn entity<'t>(tail: &'t str, folder: &mut Folder) -> &'t str {
    let known = [("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " ")];
    for (written, text) in known {
        if let Some(rest) = tail.strip_prefix(written) {
            folder.push(text);
            return rest;
        }
    }
    folder.push("&");
    &tail[1..]
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The facts of a text without marks.
    pub(in crate::search) fn plain(title: &str, text: &str) -> Facts {
        facts(title, text, None, "", &[])
    }

    fn shown(facts: &Facts) -> String {
        String::from_utf16(facts.units()).unwrap().replace('\0', "|").replace('\u{1}', "¶")
    }

    #[test]
    fn takes_what_a_reader_sees() {
        let body = |body: &str| shown(&plain("", body));
        assert_eq!(body("第一段\n續行。另\n\n第二段"), "¶第一段续行|另¶第二段");
        assert_eq!(body("甲**乙**[丙](https://a.example/x)丁\n\n![圖](y.png)"), "¶¶甲乙丙丁¶");
        assert_eq!(body("# 題\n\n文<b title=\"a>b\">本</b>A&amp;B<script>alert(1)</script>"), "¶¶题¶文本a&b");
        assert_eq!(body("甲\n\n<!-- more -->\n\n乙"), "¶甲¶乙");
    }

    proptest! {
        #[test]
        fn what_is_seen_is_what_the_html_shows(
            parts in prop::collection::vec(prop::sample::select(MARKS), 0..24),
        ) {
            let body = parts.concat();
            let (mut direct, mut by_html) = (Folder::with_capacity(0), Folder::with_capacity(0));
            let addresses = add_body(&body, &mut direct);
            add_html(&markdown::render(&body, None, &Everything).html, &mut by_html);
            if has_marks(&body.replace(markdown::MORE, "")) {
                prop_assert_eq!(direct.units, by_html.units, "{}", body);
            }
            if let Some(addresses) = addresses {
                prop_assert_eq!(addresses, markdown::addresses(&body), "{}", body);
            }
        }
    }

    /// What bodies are put together from.
    const MARKS: &[&str] = &[
        "甲",
        "乙 c",
        "a1 b",
        "，",
        "\n",
        "\n\n",
        "  \n",
        "# ",
        "## ",
        "- ",
        "1. ",
        "> ",
        "**",
        "*",
        "~~",
        "`",
        "```\n",
        "    ",
        "[丙](/a)",
        "[丁]",
        "[丁]: /b\n",
        "![戊](c.png)",
        "![己",
        "](d)",
        "![x](https://a.example/pixel.gif?count=1)",
        "<https://a.example>",
        "<b>",
        "</b>",
        "<!-- more -->",
        "<!-- <img src=x> -->",
        "&amp;",
        "&",
        "<",
        "\\*",
        "[^1]",
        "[^1]: 注\n",
        "| 甲 | 乙 |\n|---|:-:|\n| 丙 | 丁 |\n",
        "|",
        "- [x] ",
        "- [ ] ",
        "---\n",
        "\n***\n",
        "<img src=\"e.png\">",
    ];

    #[test]
    fn withholds_what_is_not_published() {
        let of = |rights| shown(&facts("題", "正文", Some(rights), "摘要", &[]));
        assert_eq!(of(Rights::Link), "题");
        assert_eq!(of(Rights::Excerpt), "题¶摘要");
        assert_eq!(of(Rights::Full), "题¶正文");
    }

    #[test]
    fn takes_the_words_of_every_edition() {
        let version = |title: &'static str, body: &'static str| (Cow::Borrowed(title), Cow::Borrowed(body));
        let versions = [version("甲", "軟體"), version("乙", "軟體"), version("甲", "软件")];
        assert_eq!(shown(&facts("-{甲}-", "", None, "", &versions)), "甲|甲|乙|甲¶软体¶软件");
    }

    #[test]
    fn a_longer_sentence_moves_nothing_in_the_next_block() {
        let places = |text: &str| {
            let facts = plain("題目", text);
            let mut found = Vec::new();
            each_gram(&[&facts, &plain("編者", "末段")], |gram, at| found.push((gram, at)));
            assert_eq!(found.len() as u32, facts.grams() + 2);
            found
        };
        let key = |pair: &str| {
            let units: Vec<u16> = pair.encode_utf16().collect();
            u32::from(units[0]) << 16 | u32::from(units[1])
        };
        let short = places("首段\n\n次段");
        assert_eq!(
            short,
            [(key("题目"), 0), (key("编者"), 3), (key("首段"), 128), (key("次段"), 256), (key("末段"), 384)]
        );
        assert_eq!(places("首段，更長的句子\n\n次段")[7..], short[3..]);
    }
}
