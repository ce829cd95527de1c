//! Passes over the clauses of a flow that are written character by character, and has the others cut into words.
//!
//! Most clauses of news hold no term, and no character that a word or a rule could write otherwise than it is written
//! by itself: they need not even be taken apart. The clauses left are those that [`Core::walk`] finds, from the same
//! places on.

use super::Origin;
use super::cells::{Cell, Cells};
use super::clause::{Clause, LONGEST};
use super::core::{Core, Sink, read};
use super::doubt::{Doubt, doubt};
use super::lexicon::{Lexicon, lexicon};
use super::output::three;
use super::terms::Terms;

/// What each character of the first plane means to a skimmed flow: what it becomes by itself, packed, with flags.
pub(super) struct Table(Box<[u32]>);

impl Table {
    const TEXT: u32 = 0xff_ffff;
    /// Words are made of it.
    const WORDY: u32 = 1 << 24;
    /// It wants a second look.
    const LOOKS: u32 = 1 << 25;
    /// A term may begin with it, and have a second character.
    const FIRST: u32 = 1 << 26;
    /// It may be that second character.
    const SECOND: u32 = 1 << 27;
    /// A quotation mark of the other script.
    const QUOTE: u32 = 1 << 28;
    /// Its clause must be read: it is not as long as what it becomes, or in doubt whatever stands beside it.
    const READS: u32 = 1 << 29;
    /// In doubt by what stands beside it.
    const DOUBTFUL: u32 = 1 << 30;
    /// In doubt, and written otherwise in names of people.
    const NAMED: u32 = 1 << 31;

    /// Makes the table of a conversion; `settles` tells whether a doubtful character may be settled by what stands beside
    /// it.
    pub(super) fn new(cells: &Cells, terms: &Terms, quotes: bool, settles: bool) -> Self {
        let paired = terms.are_paired();
        let flag = |on: bool, flag: u32| if on { flag } else { 0 };
        let entry = |point: u32| {
            let cell = cells.near(point);
            let is = |flag: u16| cell.flags & flag != 0;
            let first = is(Cell::WORDY) && terms.may_begin_with(cell.code);
            let sure = is(Cell::UNEVEN) || is(Cell::DOUBTFUL) && (is(Cell::UNFOLDED) || !settles);
            let quote = quotes && is(Cell::QUOTE);
            cell.text & Table::TEXT
                | flag(is(Cell::WORDY), Table::WORDY)
                | flag(is(Cell::DOUBTFUL) || sure || quote || first && !paired, Table::LOOKS)
                | flag(first && paired, Table::FIRST)
                | flag(terms.may_go_on_with(cell.code), Table::SECOND)
                | flag(quote, Table::QUOTE)
                | flag(sure, Table::READS)
                | flag(is(Cell::DOUBTFUL), Table::DOUBTFUL)
                | flag(is(Cell::NAMED), Table::NAMED)
        };
        Table((0..0x1_0000).map(entry).collect())
    }

    /// Tells whether a character wants a second look, by itself or because a term may begin with the one before it.
    #[inline(always)]
    fn looks(before: u32, entry: u32) -> bool {
        (entry | (before << 1 & entry) >> 2) & Table::LOOKS != 0
    }
}

/// A flow that is passed over.
struct Skim<'a> {
    core: &'a Core,
    cells: &'static Cells,
    table: &'a Table,
    doubt: &'static Doubt,
    lexicon: &'static Lexicon,
    bytes: &'a [u8],
    /// Where the clause begins.
    start: usize,
    /// How far the flow is written.
    at: usize,
    /// The entry of the character before that place.
    before: u32,
    /// Characters that want a second look, from the first to the last. They are gathered first and looked at then:
    /// whether the next character is one is hard to foresee.
    spots: [Spot; SPOTS],
    found: usize,
}

const SPOTS: usize = 64;

/// A character that wants a second look, with the one before it, and where its clause begins.
#[derive(Clone, Copy, Default)]
struct Spot {
    at: usize,
    start: usize,
}

/// Writes what a conversion makes of a flow.
pub(super) trait Writer: Sink {
    /// A stretch of the flow, from `start` on, is written `written`: character for character, each as long as it stands.
    fn plain(&mut self, start: usize, written: &[u8]);
}

impl Core {
    /// Has `sink` write `text` in the target's script, the same as by [`Core::convert`].
    pub(super) fn rewrite(&self, text: &str, origin: Origin, clause: &mut Clause, sink: &mut impl Writer) {
        if !self.skims {
            return self.convert(text, origin, clause, sink);
        }
        let bytes = text.as_bytes();
        let mut skim = Skim {
            core: self,
            cells: Cells::of(self.target, origin),
            table: self.table(origin),
            doubt: doubt(),
            lexicon: lexicon(),
            bytes,
            start: 0,
            at: 0,
            before: 0,
            spots: [Spot::default(); SPOTS],
            found: 0,
        };
        let mut written = std::mem::take(&mut clause.written);
        if written.len() < bytes.len() {
            written.resize(bytes.len(), 0);
        }
        let mut done = 0;
        while skim.at < bytes.len() {
            skim.pass(&mut written);
            for i in 0..skim.found {
                let spot = skim.spots[i];
                let Some(from) = (spot.at >= done).then(|| skim.reads_from(spot, &written)).flatten() else { continue };
                show_plain(bytes, &written, done, from, sink);
                done = self.walk::<false>(text, from, origin, clause, sink);
            }
            skim.found = 0;
            if skim.start < done {
                (skim.start, skim.at, skim.before) = (done, done, 0);
            }
        }
        show_plain(bytes, &written, done, bytes.len(), sink);
        clause.written = written;
    }
}

/// Shows what is written character by character, if it differs.
fn show_plain(bytes: &[u8], written: &[u8], from: usize, to: usize, sink: &mut impl Writer) {
    let (own, written) = (&bytes[from..to], &written[from..to]);
    if own != written {
        sink.plain(from, written);
    }
}

impl Skim<'_> {
    /// Writes characters as they are written by themselves, and notes which want a second look, as many as there is room
    /// for.
    fn pass(&mut self, written: &mut [u8]) {
        while self.at < self.bytes.len() && self.found < SPOTS {
            self.run(written);
            if self.found == SPOTS {
                return;
            }
            let Some(&byte) = self.bytes.get(self.at) else { return };
            let (len, wordy, looks) = match byte {
                // Markup that the parser took for text.
                b'_' | b'*' | b'~' => (1, self.at > self.start, self.at > self.start),
                0..0x80 if byte.is_ascii_alphanumeric() => {
                    let terms = &self.core.terms;
                    (1, !terms.is_empty(), terms.may_begin_with(0))
                }
                0..0x80 => (1, false, false),
                0x80..0xe0 => (2, false, false),
                // One of three bytes, behind as many as there was room for.
                0xe0..0xf0 => return,
                0xf0.. => {
                    let (point, _, len) = read(self.bytes, self.at);
                    let wordy = char::from_u32(point).is_some_and(|c| self.cells.get(c).flags & Cell::WORDY != 0);
                    (len, wordy, wordy)
                }
            };
            self.before = 0;
            if looks {
                self.spots[self.found] = Spot { at: self.at, start: self.start };
                self.found += 1;
            }
            let behind = self.at + len;
            written[self.at..behind].copy_from_slice(&self.bytes[self.at..behind]);
            self.at = behind;
            if !wordy {
                self.start = behind;
            }
        }
    }

    /// Writes characters of three bytes, which nearly all have.
    #[inline]
    fn run(&mut self, written: &mut [u8]) {
        let Skim { bytes, table, mut start, mut at, mut before, mut found, .. } = *self;
        let end = bytes.len().min(at + 3 * (SPOTS - found));
        let (from, _) = bytes[at..end].as_chunks::<3>();
        let (to, _) = written[at..].as_chunks_mut::<3>();
        for (from, to) in from.iter().zip(to) {
            let Some(&entry) = near(*from).and_then(|point| table.0.get(point)) else { break };
            self.spots[found % SPOTS] = Spot { at, start };
            found += usize::from(Table::looks(before, entry));
            before = entry;
            let [a, b, c, _] = entry.to_le_bytes();
            *to = [a, b, c];
            at += 3;
            start = if entry & Table::WORDY != 0 { start } else { at };
        }
        (self.start, self.at, self.before, self.found) = (start, at, before, found);
    }

    /// Returns from where on a clause must be read because of a character, if it must.
    fn reads_from(&self, spot: Spot, written: &[u8]) -> Option<usize> {
        let Spot { at, start } = spot;
        let byte = self.bytes[at];
        if byte < 0x80 {
            let reads = !byte.is_ascii_alphanumeric() || self.core.terms.may_begin(0, self.code(at + 1));
            return reads.then_some(start);
        }
        let entry = self.point(at).and_then(|point| self.table.0.get(point)).copied().unwrap_or(Table::READS);
        if entry & Table::QUOTE != 0 {
            return Some(at);
        }
        let doubtful = || {
            let counted = at > 0 && self.bytes[at - 1].is_ascii_digit();
            let code = |steps: isize| self.code(at.wrapping_add_signed(3 * steps));
            self.doubt.stays(entry & Table::NAMED != 0, counted, code)
        };
        // A term of two characters is noticed at the second.
        let paired = self.core.terms.are_paired();
        let term = if paired { at.checked_sub(3).filter(|term| *term >= start) } else { Some(at) };
        let reads = entry & Table::READS != 0
            || entry & Table::DOUBTFUL != 0 && doubtful()
            || term.is_some_and(|term| self.is_termed(term, written))
            // Where a clause is cut for its length, nobody knows here.
            || at - start >= LONGEST;
        reads.then_some(start)
    }

    /// Tells whether a term begins at a place that is written otherwise than character by character; rather yes than no.
    #[inline]
    fn is_termed(&self, start: usize, written: &[u8]) -> bool {
        let terms = &self.core.terms;
        if !terms.may_begin(self.code(start), self.code(start + 3)) {
            return false;
        }
        let mut stirs = false;
        let short = std::cell::Cell::new(false);
        let at = |at: usize| {
            let at = start + 3 * at;
            let point = self.point(at);
            short.set(short.get() || point.is_none() && at < self.bytes.len());
            Some((char::from_u32(point? as u32)?, self.lexicon.code_near(point?)))
        };
        terms.find(at, |len, number| {
            let span = start..start + 3 * len;
            let to = terms.written(number).map_or(&self.bytes[span.clone()], str::as_bytes);
            stirs |= span.end > self.at || &written[span] != to;
        });
        stirs || short.get()
    }

    /// Returns the code point of the character at a place, if it has three bytes and begins there.
    #[inline]
    fn point(&self, at: usize) -> Option<usize> {
        near(*self.bytes.get(at..)?.first_chunk()?)
    }

    /// Returns its code: a clause with characters of more bytes is read, and those of fewer have none.
    #[inline]
    fn code(&self, at: usize) -> u16 {
        self.point(at).map_or(0, |point| self.lexicon.code_near(point))
    }
}

/// Returns the code point of a character, if it has three bytes.
#[inline(always)]
fn near([a, b, c]: [u8; 3]) -> Option<usize> {
    three([a, b, c, 0]).map(|(point, _)| point as usize)
}

#[cfg(test)]
mod tests {
    use super::super::rewrite::Rewriter;
    use super::super::terms::Entry;
    use super::super::{Options, Region, Target};
    use super::*;

    /// What flows are put together from.
    const PIECES: [&str; 44] = [
        "头发", "理", "展", "后", "面", "里", "公", "程", "系", "干", "乾", "部", "于", "余", "先生", "三", "只", "海",
        "天", "钟", "建国", "每", "周", "王", "牛肉", "，", "。", "“", "”", "’", "「", "a", "b’", "3", " ", "_", "*",
        "é", "😀", "𠀀", "\u{2f12}", "髮", "蘭州", "兰州",
    ];

    /// Terms told by two characters, then some that are not.
    fn terms(count: usize) -> Vec<Entry> {
        let term = |key: &str, to: Option<&str>| Entry {
            key: key.chars().collect(),
            to: to.map(str::to_owned),
            literal: None,
        };
        let all = [
            term("里程", Some("甲")),
            term("兰州", Some("蘭州")),
            term("天后", None),
            term("王后里", Some("王后裡")),
            term("后面", Some("后面")),
            term("a3", Some("乙")),
            term("海", Some("丙丁")),
        ];
        all.into_iter().take(count).collect()
    }

    /// Writes a flow of some pieces, with or without passing over it.
    fn write(core: &Core, pieces: &[String], origin: Origin, skim: bool) -> Option<String> {
        let (source, mut flow) = (pieces.join("/"), Vec::new());
        let mut at = 0;
        for piece in pieces.iter() {
            flow.push(at..at + piece.len());
            at += piece.len() + 1;
        }
        let (joined, mut buffer, mut clause) = (pieces.concat(), Vec::new(), Clause::default());
        let mut out = Rewriter::new(&source, &mut buffer);
        match (flow.len(), skim) {
            (1, true) => core.rewrite(&joined, origin, &mut clause, &mut out.at(0)),
            (1, false) => core.convert(&joined, origin, &mut clause, &mut out.at(0)),
            (_, true) => core.rewrite(&joined, origin, &mut clause, &mut out.along(&flow, &joined)),
            (_, false) => core.convert(&joined, origin, &mut clause, &mut out.along(&flow, &joined)),
        }
        let changed = out.finish();
        changed.then(|| String::from_utf8(buffer).unwrap()).filter(|written| *written != source)
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { cases: 1500, failure_persistence: None, ..Default::default() })]

        #[test]
        fn writes_what_reading_every_clause_writes(
            picks in proptest::collection::vec(proptest::collection::vec(0..PIECES.len(), 1..40), 1..4),
            (target, origin) in (0..3usize, 0..3usize),
            (count, quotes) in (0..8usize, 0..2),
        ) {
            let pieces: Vec<String> = picks.iter().map(|p| p.iter().map(|&i| PIECES[i]).collect()).collect();
            let target = [Target::Hans, Target::Hant(Region::Tw), Target::Hant(Region::Hk)][target];
            let origin = [Origin::Hans, Origin::Hant, Origin::Mixed][origin];
            let core = Core::new(target, terms(count), Options { quotes: quotes != 0, ..Options::default() });
            let (quick, slow) = (write(&core, &pieces, origin, true), write(&core, &pieces, origin, false));
            proptest::prop_assert_eq!(quick, slow, "{:?}", pieces);
        }
    }

    #[test]
    fn keeps_to_the_longest_clause() {
        let core = Core::new(Target::Hant(Region::Tw), terms(6), Options::default());
        for text in ["头发后里程", "头里程发3a", "后面蘭州"] {
            for odd in ["", "后", "a", "_"] {
                let pieces = [format!("{odd}{}", text.repeat(120))];
                let slow = write(&core, &pieces, Origin::Hans, false);
                assert_eq!(write(&core, &pieces, Origin::Hans, true), slow);
            }
        }
    }
}
