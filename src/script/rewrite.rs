//! Writes a source with what a conversion changes in it.
//!
//! Takes clauses and edits, in order; gives the new text. What does not change is copied in long stretches. Knows
//! nothing of words.

use super::clause::Clause;
use super::core::Sink;
use super::markup::Flow;
use super::output::{Output, length, unpack};
use super::skim::Writer;
use super::terms::Terms;

/// A change to a text: the bytes `start..end` are written `to`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) to: String,
}

/// Collects what changes as edits.
pub(super) struct Edits<'a>(pub(super) &'a mut Vec<Edit>);

impl Sink for Edits<'_> {
    fn clause(&mut self, clause: &Clause, terms: &Terms) {
        walk(clause, terms, |change| {
            let edit = match change {
                Change::Character(at, own, to) => {
                    let to = unpack(to).map_or_else(String::new, String::from);
                    Edit { start: at, end: at + length(own), to }
                }
                Change::Term(start, end, to) => Edit { start, end, to: to.to_owned() },
            };
            self.0.push(edit);
        });
    }

    fn quote(&mut self, start: usize, end: usize, to: char) {
        self.0.push(Edit { start, end, to: to.to_string() });
    }
}

/// One thing that a clause changes.
enum Change<'a> {
    /// Where a character stands, how it stands and how it is written, packed.
    Character(usize, u32, u32),
    /// From where to where a term stands, and what it is written.
    Term(usize, usize, &'a str),
}

/// Shows everything that a clause changes, in order.
#[inline]
fn walk<'t>(clause: &Clause, terms: &'t Terms, mut show: impl FnMut(Change<'t>)) {
    let characters = |from: usize, to: usize, show: &mut dyn FnMut(Change<'t>)| {
        for place in clause.places()[from..to].iter().filter(|p| p.own != p.out) {
            show(Change::Character(place.at, place.own, place.out));
        }
    };
    let mut at = 0;
    for term in clause.words.iter().filter(|w| w.entry != 0) {
        characters(at, term.start, &mut show);
        at = term.start + term.len;
        if let Some(to) = terms.written(term.entry) {
            let last = clause.places()[at - 1];
            show(Change::Term(clause.places()[term.start].at, last.at + length(last.own), to));
        }
    }
    characters(at, clause.places().len(), &mut show);
}

/// Writes a source with changes.
pub(super) struct Rewriter<'a> {
    source: &'a str,
    out: Output<'a>,
    /// How much of the source is written.
    done: usize,
}

impl<'a> Rewriter<'a> {
    /// Begins to write into an empty buffer.
    pub(super) fn new(source: &'a str, buffer: &'a mut Vec<u8>) -> Self {
        Rewriter { source, out: Output::new(buffer, source.len()), done: 0 }
    }

    /// Takes changes to a piece of the source that begins at `base`.
    pub(super) fn at(&mut self, base: usize) -> Piece<'_, 'a> {
        Piece { writer: self, base }
    }

    /// Takes changes to a flow of several pieces, whose text `joined` is.
    pub(super) fn along<'w>(&'w mut self, flow: &'w Flow, joined: &'w str) -> Along<'w, 'a> {
        Along { writer: self, flow, joined, piece: 0, before: 0 }
    }

    /// Copies the source up to `to`.
    #[inline]
    fn copy_to(&mut self, to: usize) {
        if to > self.done {
            self.out.put(&self.source.as_bytes()[self.done..to]);
            self.done = to;
        }
    }

    fn put_character(&mut self, at: usize, own: u32, to: u32) {
        self.copy_to(at);
        self.out.room();
        self.out.put_packed(to);
        self.done = at + length(own);
    }

    fn put(&mut self, start: usize, end: usize, to: &str) {
        self.copy_to(start);
        self.out.put(to.as_bytes());
        self.done = end;
    }

    /// Appends the edits of a flow, in places of the source, that `convert` shows for its joined text.
    pub(super) fn gather(&self, flow: &Flow, edits: &mut Vec<Edit>, convert: impl FnOnce(&str, &mut Edits<'_>)) {
        let joined: String = flow.iter().map(|r| &self.source[r.clone()]).collect();
        let mut found = Vec::new();
        convert(&joined, &mut Edits(&mut found));
        place(flow, &joined, &found, edits);
    }

    /// Writes edits that may lie in any order.
    pub(super) fn put_all(&mut self, mut edits: Vec<Edit>) {
        edits.sort_by_key(|e| (e.start, e.end));
        for edit in edits.iter().filter(|e| e.start <= e.end) {
            if edit.start >= self.done {
                self.put(edit.start, edit.end, &edit.to);
            }
        }
    }

    /// Writes the rest, if anything was changed; false if nothing was.
    pub(super) fn finish(mut self) -> bool {
        let changed = self.done > 0;
        if changed {
            self.copy_to(self.source.len());
        }
        self.out.finish();
        changed
    }
}

/// Takes the changes to a piece of a source and writes them at once.
pub(super) struct Piece<'w, 'a> {
    writer: &'w mut Rewriter<'a>,
    base: usize,
}

impl Writer for Piece<'_, '_> {
    #[inline]
    fn plain(&mut self, start: usize, written: &[u8]) {
        let start = self.base + start;
        self.writer.copy_to(start);
        self.writer.out.put(written);
        self.writer.done = start + written.len();
    }
}

impl Sink for Piece<'_, '_> {
    #[inline]
    fn clause(&mut self, clause: &Clause, terms: &Terms) {
        let (Some(first), Some(last)) = (clause.places().first(), clause.places().last()) else { return };
        let Piece { writer, base } = self;
        if !clause.has_terms() && !clause.changed {
            return;
        }
        if !clause.has_terms() && !clause.gaps {
            // Character after character: written in one go.
            writer.copy_to(*base + first.at);
            writer.out.room_for(clause.places().len() * 4);
            writer.out.put_all(clause.places().iter().map(|p| p.out));
            writer.done = *base + last.at + length(last.own);
            return;
        }
        walk(clause, terms, |change| match change {
            Change::Character(at, own, to) => writer.put_character(*base + at, own, to),
            Change::Term(start, end, to) => writer.put(*base + start, *base + end, to),
        });
    }

    fn quote(&mut self, start: usize, end: usize, to: char) {
        let (start, end) = (self.base + start, self.base + end);
        self.writer.put(start, end, to.encode_utf8(&mut [0; 4]));
    }
}

/// Takes the changes to a flow of several pieces and writes them at once.
pub(super) struct Along<'w, 'a> {
    writer: &'w mut Rewriter<'a>,
    flow: &'w Flow,
    joined: &'w str,
    /// The piece that was last written to, and how much of the flow lies before it.
    piece: usize,
    before: usize,
}

impl Along<'_, '_> {
    /// Returns where a place of the flow stands in the source; places only go on.
    fn locate(&mut self, at: usize) -> usize {
        while self.piece + 1 < self.flow.len() && at >= self.before + self.flow[self.piece].len() {
            self.before += self.flow[self.piece].len();
            self.piece += 1;
        }
        self.flow[self.piece].start + at - self.before
    }
}

impl Writer for Along<'_, '_> {
    fn plain(&mut self, mut start: usize, mut written: &[u8]) {
        while !written.is_empty() {
            let at = self.locate(start);
            let len = written.len().min(self.flow[self.piece].end - at);
            let (here, rest) = written.split_at(len);
            Piece { writer: &mut *self.writer, base: 0 }.plain(at, here);
            (start, written) = (start + len, rest);
        }
    }
}

impl Sink for Along<'_, '_> {
    fn clause(&mut self, clause: &Clause, terms: &Terms) {
        let (Some(first), Some(last)) = (clause.places().first(), clause.places().last()) else { return };
        if !clause.has_terms() && !clause.changed {
            return;
        }
        let base = self.locate(first.at) - first.at;
        if last.at + length(last.own) <= self.before + self.flow[self.piece].len() {
            return Piece { writer: &mut *self.writer, base }.clause(clause, terms);
        }
        walk(clause, terms, |change| match change {
            Change::Character(at, own, to) => {
                let at = self.locate(at);
                self.writer.put_character(at, own, to);
            }
            Change::Term(start, end, to) => {
                let mut edits = Vec::new();
                place(self.flow, self.joined, &[Edit { start, end, to: to.to_owned() }], &mut edits);
                edits.iter().for_each(|edit| self.writer.put(edit.start, edit.end, &edit.to));
            }
        });
    }

    fn quote(&mut self, start: usize, end: usize, to: char) {
        let at = self.locate(start);
        self.writer.put(at, at + end - start, to.encode_utf8(&mut [0; 4]));
    }
}

/// Returns where a place of a flow stands in the source.
pub(super) fn in_source(flow: &Flow, at: usize) -> usize {
    let mut before = 0;
    for piece in flow {
        if at < before + piece.len() {
            return piece.start + at - before;
        }
        before += piece.len();
    }
    flow.last().map_or(0, |r| r.end)
}

/// Places the edits of a flow in several pieces. An edit across a gap keeps the markup: character by character where
/// the lengths agree, else all of it in the first piece.
fn place(flow: &Flow, joined: &str, edits: &[Edit], out: &mut Vec<Edit>) {
    let mut piece = 0;
    let mut before = 0; // bytes of the flow before this piece
    for edit in edits {
        while piece < flow.len() && edit.start >= before + flow[piece].len() {
            before += flow[piece].len();
            piece += 1;
        }
        let Some(first) = flow.get(piece) else { return };
        let start = first.start + edit.start - before;
        if edit.end <= before + first.len() {
            out.push(Edit { start, end: start + (edit.end - edit.start), to: edit.to.clone() });
            continue;
        }
        let to: Vec<char> = edit.to.chars().collect();
        let from: Vec<(usize, char)> = joined[edit.start..edit.end].char_indices().collect();
        let same = from.len() == to.len();
        let (mut p, mut b) = (piece, before);
        for (i, &(at, c)) in from.iter().enumerate() {
            let at = edit.start + at;
            while at >= b + flow[p].len() {
                b += flow[p].len();
                p += 1;
            }
            let start = flow[p].start + at - b;
            let to = match (same, i) {
                (true, _) => to[i].to_string(),
                (false, 0) => edit.to.clone(),
                (false, _) => String::new(),
            };
            out.push(Edit { start, end: start + c.len_utf8(), to });
        }
    }
}
