//! Passes over the clauses of a flow that are written character by character, and has the others cut into words.
//!
//! Most clauses of news hold no term, and no character that a word or a rule could write otherwise than it is written
//! by itself: they need not even be taken apart. The clauses left are those that [`Core::walk`] finds, from the same
//! places on.

use super::cells::{Cell, Cells};
use super::clause::{Clause, LONGEST};
use super::core::{Core, Sink, read};
use super::doubt::Doubt;
use super::output::three;
use super::{Backend, Origin};

/// A flow that is passed over.
struct Skim<'a> {
    core: &'a Core,
    cells: &'static Cells,
    /// The flags of characters that want a second look.
    looks: u16,
    /// `None` where a doubtful character always needs its word.
    doubt: Option<Doubt>,
    bytes: &'a [u8],
    /// Where the clause begins.
    start: usize,
    /// How far the flow is written.
    at: usize,
    /// Characters that want a second look, from the first to the last. They are gathered first and looked at then:
    /// whether the next character is one is hard to foresee.
    spots: [Spot; SPOTS],
    found: usize,
}

const SPOTS: usize = 64;

/// A character that wants a second look, and where its clause begins.
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
        if self.backend != Backend::Builtin {
            return self.convert(text, origin, clause, sink);
        }
        let bytes = text.as_bytes();
        let mut skim = Skim {
            core: self,
            cells: Cells::of(self.target, origin),
            looks: Cell::DOUBTFUL | Cell::UNEVEN | if self.quotes { Cell::QUOTE } else { 0 },
            doubt: self.settles(origin).then(Doubt::new),
            bytes,
            start: 0,
            at: 0,
            spots: [Spot::default(); SPOTS],
            found: 0,
        };
        let mut written = std::mem::take(&mut clause.written);
        if written.len() < bytes.len() + 4 {
            written.resize(bytes.len() + 4, 0);
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
                (skim.start, skim.at) = (done, skim.at.max(done));
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
            if self.at >= self.bytes.len() || self.found == SPOTS {
                return;
            }
            let (point, own, len) = read(self.bytes, self.at);
            let cell =
                if own < 0x80 { self.ascii(own as u8) } else { self.cells.get(char::from_u32(point).unwrap_or('\0')) };
            // The codes of longer characters are not looked for.
            let looks = cell.flags & self.looks != 0 || cell.flags & Cell::WORDY != 0 && len > 3;
            if looks || self.core.terms.firsts().has(cell.code) {
                self.spots[self.found] = Spot { at: self.at, start: self.start };
                self.found += 1;
            }
            written[self.at..self.at + 4].copy_from_slice(&cell.text.to_le_bytes());
            self.at += len;
            if cell.flags & Cell::WORDY == 0 {
                self.start = self.at;
            }
        }
    }

    /// Returns what an ASCII character means here.
    fn ascii(&self, byte: u8) -> Cell {
        let flags = match byte {
            // Markup that the parser took for text, in a clause.
            b'_' | b'*' | b'~' if self.at > self.start => Cell::UNEVEN,
            _ if byte.is_ascii_alphanumeric() && !self.core.terms.is_empty() => Cell::WORDY,
            _ => 0,
        };
        Cell { text: u32::from(byte), code: 0, flags }
    }

    /// Writes characters of three bytes, which nearly all have.
    #[inline]
    fn run(&mut self, written: &mut [u8]) {
        let Skim { core, cells, looks, bytes, mut start, mut at, mut found, .. } = *self;
        let terms = core.terms.firsts();
        while let (Some(from), Some(to)) =
            (chunk(bytes, at), written.get_mut(at..).and_then(|w| w.first_chunk_mut::<4>()))
            && let Some((point, _)) = three(*from)
            && let Some(spot) = self.spots.get_mut(found)
        {
            let cell = cells.near(point);
            *spot = Spot { at, start };
            found += usize::from(cell.flags & looks != 0 || terms.has(cell.code));
            *to = cell.text.to_le_bytes();
            at += 3;
            start = if cell.flags & Cell::WORDY != 0 { start } else { at };
        }
        (self.start, self.at, self.found) = (start, at, found);
    }

    /// Returns from where on a clause must be read because of a character, if it must.
    fn reads_from(&self, spot: Spot, written: &[u8]) -> Option<usize> {
        let Spot { at, start } = spot;
        let (point, _, len) = read(self.bytes, at);
        if len == 1 {
            let wordy = self.bytes[at].is_ascii_alphanumeric();
            return (!wordy || self.core.terms.may_begin(0, self.cell(at + 1).code)).then_some(start);
        }
        let cell = self.cells.get(char::from_u32(point).unwrap_or('\0'));
        if cell.flags & Cell::WORDY == 0 {
            return (cell.flags & self.looks & Cell::QUOTE != 0).then_some(at);
        }
        let doubtful = || match &self.doubt {
            Some(doubt) => {
                let counted = at > 0 && self.bytes[at - 1].is_ascii_digit();
                doubt.stays(cell.flags, counted, |steps| self.cell(at.wrapping_add_signed(3 * steps)).code)
            }
            None => true,
        };
        let reads = len > 3
            || cell.flags & Cell::UNEVEN != 0
            || cell.flags & Cell::DOUBTFUL != 0 && doubtful()
            || self.is_termed(at, cell.code, written)
            // Where a clause is cut for its length, nobody knows here.
            || at - start >= LONGEST;
        reads.then_some(start)
    }

    /// Tells whether a term begins at a place that is written otherwise than character by character; rather yes than no.
    #[inline]
    fn is_termed(&self, start: usize, code: u16, written: &[u8]) -> bool {
        let terms = &self.core.terms;
        if !terms.may_begin(code, self.cell(start + 3).code) {
            return false;
        }
        let mut stirs = false;
        let short = std::cell::Cell::new(false);
        let at = |at: usize| {
            let bytes = self.bytes.get(start + 3 * at..).filter(|b| !b.is_empty())?;
            let (point, ..) = bytes.first_chunk::<3>().and_then(|&[a, b, c]| three([a, b, c, 0])).or_else(|| {
                short.set(true);
                None
            })?;
            Some((char::from_u32(point)?, self.cells.near(point).code))
        };
        terms.find(at, |len, number| {
            let span = start..start + 3 * len;
            let to = terms.written(number).map_or(&self.bytes[span.clone()], str::as_bytes);
            stirs |= span.end > self.at || &written[span] != to;
        });
        stirs || short.get()
    }

    /// Returns the cell of the character at a place, if it has three bytes and begins there: a clause with longer ones is
    /// read, and shorter ones have no code.
    #[inline]
    fn cell(&self, at: usize) -> Cell {
        let bytes = self.bytes.get(at..).and_then(|b| b.first_chunk::<3>());
        match bytes.and_then(|&[a, b, c]| three([a, b, c, 0])) {
            Some((point, _)) => self.cells.near(point),
            None => Cell::default(),
        }
    }
}

#[inline(always)]
fn chunk(bytes: &[u8], at: usize) -> Option<&[u8; 4]> {
    bytes.get(at..)?.first_chunk()
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

    fn terms() -> Vec<Entry> {
        let term = |key: &str, to: Option<&str>| Entry {
            key: key.chars().collect(),
            to: to.map(str::to_owned),
            literal: None,
        };
        vec![
            term("里程", Some("甲")),
            term("兰州", Some("蘭州")),
            term("天后", None),
            term("a3", Some("乙")),
            term("王后里", Some("王后裡")),
        ]
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
        if flow.len() == 1 {
            let mut sink = out.at(0);
            match skim {
                true => core.rewrite(&joined, origin, &mut clause, &mut sink),
                false => core.convert(&joined, origin, &mut clause, &mut sink),
            }
        } else {
            let mut sink = out.along(&flow, &joined);
            match skim {
                true => core.rewrite(&joined, origin, &mut clause, &mut sink),
                false => core.convert(&joined, origin, &mut clause, &mut sink),
            }
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
            options in 0..4usize,
        ) {
            let pieces: Vec<String> = picks.iter().map(|p| p.iter().map(|&i| PIECES[i]).collect()).collect();
            let target = [Target::Hans, Target::Hant(Region::Tw), Target::Hant(Region::Hk)][target];
            let origin = [Origin::Hans, Origin::Hant, Origin::Mixed][origin];
            let entries = if options & 1 != 0 { terms() } else { Vec::new() };
            let core = Core::new(target, entries, Options { quotes: options & 2 != 0, ..Options::default() });
            let (quick, slow) = (write(&core, &pieces, origin, true), write(&core, &pieces, origin, false));
            proptest::prop_assert_eq!(quick, slow, "{:?}", pieces);
        }
    }

    #[test]
    fn keeps_to_the_longest_clause() {
        let core = Core::new(Target::Hant(Region::Tw), terms(), Options::default());
        for text in ["头发后里程", "头里程发3a", "后面蘭州"] {
            for odd in ["", "后", "a", "_"] {
                let pieces = [format!("{odd}{}", text.repeat(120))];
                let slow = write(&core, &pieces, Origin::Hans, false);
                assert_eq!(write(&core, &pieces, Origin::Hans, true), slow);
            }
        }
    }
}
