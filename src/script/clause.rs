//! A clause: a stretch of characters that words are made of, and its words.
//!
//! Takes characters one by one; gives the words of the cheapest cut, by how common words are and with the terms of a
//! glossary in it. Knows nothing of scripts.

use super::bits::{Bits, pair};
use super::cells::{Cell, Cells};
use super::lexicon::Lexicon;
use super::names;
use super::output::three;
use super::rules;
use super::terms::Terms;

/// Clauses longer than this are cut: a bound on time and memory for text without punctuation.
pub(super) const LONGEST: usize = 200;
/// What a term of the glossary costs, less than common words: the site's terms come first.
const TERM: u32 = 80;
/// … and for each further character, so that the longest term wins.
const TERM_CHAR: u32 = 4;

/// A character of a clause.
#[derive(Clone, Copy, Default)]
pub(super) struct Place {
    point: u32,
    /// As it stands, packed.
    pub(super) own: u32,
    /// As it is written, packed.
    pub(super) out: u32,
    /// Its code in the lexicon.
    pub(super) code: u16,
    pub(super) flags: u16,
    /// Where it stands in the flow, in bytes.
    pub(super) at: usize,
}

impl Place {
    #[inline(always)]
    pub(super) fn c(&self) -> char {
        char::from_u32(self.point).unwrap_or('\0')
    }
}

/// The value of a word that is the name of a person.
pub(super) const NAME: u32 = u32::MAX;

/// One word of a cut clause.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Word {
    pub(super) start: usize,
    pub(super) len: usize,
    /// The lexicon's value, 0 for a single character, [`NAME`] for the name of a person.
    pub(super) value: u32,
    /// The number of a term of the glossary.
    pub(super) entry: u32,
}

/// The cheapest cut of a beginning of a clause: its cost and its last word.
#[derive(Clone, Copy)]
struct Best {
    cost: u32,
    value: u32,
    entry: u32,
    len: u32,
}

impl Best {
    const UNKNOWN: Best = Best { cost: u32::MAX, value: 0, entry: 0, len: 1 };
}

/// A clause, and room to work in that is kept from one clause to the next.
pub(super) struct Clause {
    /// As many as a clause may have; only those below `len` are its own.
    room: Vec<Place>,
    len: usize,
    /// What stands before it in the flow.
    pub(super) before: Option<char>,
    /// Whether anything is written otherwise than it stands.
    pub(super) changed: bool,
    /// Whether something between its characters belongs to no word: markup that the parser took for text.
    pub(super) gaps: bool,
    /// Where a term of the glossary may begin.
    starts: Vec<usize>,
    /// Which of its characters are in doubt.
    pub(super) doubts: Vec<usize>,
    /// Terms found: start, length, number.
    found: Vec<(usize, usize, u32)>,
    pub(super) words: Vec<Word>,
    /// The folded characters, once [`Clause::fold`] was called.
    pub(super) folded: Vec<char>,
    /// Between which characters a term lies across, a bit each: bit `b` stands for the place before character `b`.
    spanned: [u64; LONGEST.div_ceil(64)],
    best: Vec<Best>,
    /// By character: what the lexicon has for it and the next one.
    heads: Vec<u64>,
    /// Stretches to be cut, from joint to joint.
    stretches: Vec<(usize, usize)>,
    /// Room for the flow as it is written character by character.
    pub(super) written: Vec<u8>,
}

impl Default for Clause {
    fn default() -> Self {
        Clause {
            room: vec![Place::default(); LONGEST],
            len: 0,
            before: None,
            changed: false,
            gaps: false,
            starts: Vec::new(),
            doubts: Vec::new(),
            found: Vec::new(),
            words: Vec::new(),
            folded: Vec::new(),
            spanned: Default::default(),
            best: Vec::new(),
            heads: Vec::new(),
            stretches: Vec::new(),
            written: Vec::new(),
        }
    }
}

impl Clause {
    /// Returns its characters.
    #[inline(always)]
    pub(super) fn places(&self) -> &[Place] {
        &self.room[..self.len]
    }

    #[inline(always)]
    pub(super) fn places_mut(&mut self) -> &mut [Place] {
        &mut self.room[..self.len]
    }

    #[inline(always)]
    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[inline(always)]
    pub(super) fn is_full(&self) -> bool {
        self.len == LONGEST
    }

    pub(super) fn clear(&mut self) {
        self.len = 0;
        self.starts.clear();
        self.doubts.clear();
        self.found.clear();
        self.words.clear();
        self.folded.clear();
        (self.changed, self.gaps) = (false, false);
    }

    /// Takes as many characters from `at` on as words are made of and have three bytes each, which nearly all have;
    /// returns the place behind them. It does not go beyond the longest clause.
    #[inline]
    pub(super) fn take(&mut self, bytes: &[u8], mut at: usize, cells: &Cells) -> usize {
        let Clause { room, len, doubts, changed, .. } = self;
        let (mut n, mut odd) = (*len, *changed);
        while let Some(&word) = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>()) {
            let Some((point, own)) = three(word) else { break };
            let cell = cells.near(point);
            let Some(place) = room.get_mut(n).filter(|_| cell.flags & Cell::WORDY != 0) else { break };
            *place = Place { point, own, out: cell.text, code: cell.code, flags: cell.flags, at };
            if cell.flags & Cell::DOUBTFUL != 0 {
                doubts.push(n);
            }
            odd |= own != cell.text;
            n += 1;
            at += 3;
        }
        (*len, *changed) = (n, odd);
        at
    }

    /// Adds a character with its cell; there must be room.
    pub(super) fn push(&mut self, c: char, own: u32, cell: Cell, at: usize) {
        let Some(place) = self.room.get_mut(self.len) else { return };
        *place = Place { point: c as u32, own, out: cell.text, code: cell.code, flags: cell.flags, at };
        if cell.flags & Cell::DOUBTFUL != 0 {
            self.doubts.push(self.len);
        }
        self.changed |= own != cell.text;
        self.len += 1;
    }

    /// Looks for terms where they may begin; true if there are any.
    pub(super) fn look_for(&mut self, terms: &Terms) -> bool {
        if terms.is_empty() {
            return false;
        }
        let mut starts = std::mem::take(&mut self.starts);
        let codes = self.room[..self.len].iter().map(|p| p.code);
        for (start, (code, behind)) in codes.clone().zip(codes.skip(1).chain([0])).enumerate() {
            if terms.may_begin(code, behind) {
                starts.push(start);
            }
        }
        for &start in &starts {
            let places = &self.room[start..self.len];
            let at = |at: usize| places.get(at).map(|p| (p.c(), p.code));
            terms.find(at, |len, number| self.found.push((start, len, number)));
        }
        self.starts = starts;
        !self.found.is_empty()
    }

    /// Tells whether terms were found.
    pub(super) fn has_terms(&self) -> bool {
        !self.found.is_empty()
    }

    /// Folds the characters.
    pub(super) fn fold(&mut self, lexicon: &Lexicon) {
        if self.folded.len() != self.len {
            self.folded.clear();
            self.folded.extend(self.room[..self.len].iter().map(|p| lexicon.folded(p.code, p.c())));
        }
    }

    /// Cuts the whole clause into words, the cheapest way.
    pub(super) fn cut(&mut self, lexicon: &Lexicon) {
        self.fold(lexicon);
        self.words.clear();
        self.solve(lexicon, 0, self.len);
        self.terms_inside(lexicon);
    }

    /// Cuts out the words around doubtful characters and terms, the same ones that [`Clause::cut`] finds there.
    ///
    /// Between two characters that no word, term or name has side by side, every cut has a joint. From joint to joint
    /// the cheapest cut depends on nothing outside.
    pub(super) fn cut_out(&mut self, lexicon: &Lexicon) {
        self.fold(lexicon);
        self.words.clear();
        self.span();
        let joints = Joints { places: &self.room[..self.len], spanned: &self.spanned, inner: lexicon.inner(), lexicon };
        let doubts = self.doubts.iter().map(|&at| {
            let stretch = joints.around(at, at + 1);
            // Of 面 the words beside it tell as well.
            if rules::looks_at_words(self.folded[at]) { joints.wider(stretch) } else { stretch }
        });
        let mut stretches = std::mem::take(&mut self.stretches);
        stretches.extend(doubts);
        stretches.extend(self.found.iter().map(|&(start, len, _)| joints.around(start, start + len)));
        if !self.found.is_empty() {
            stretches.sort_unstable();
        }
        let mut done = 0;
        for &(from, to) in &stretches {
            if to > done {
                self.solve(lexicon, from.max(done), to);
                done = to;
            }
        }
        stretches.clear();
        self.stretches = stretches;
        self.terms_inside(lexicon);
    }

    /// Notes between which characters terms lie across.
    fn span(&mut self) {
        self.spanned = Default::default();
        for &(start, len, _) in &self.found {
            (start + 1..start + len).for_each(|at| self.spanned[at / 64] |= 1 << (at % 64));
        }
    }

    /// Appends the words of the cheapest cut of `from..to`.
    fn solve(&mut self, lexicon: &Lexicon, from: usize, to: usize) {
        let n = to - from;
        self.best.clear();
        self.best.resize(n + 1, Best::UNKNOWN);
        self.best[0].cost = 0;
        let all = &self.room[..self.len];
        let places = &all[from..to];
        self.heads.clear();
        let behind = places.iter().skip(1).map(|p| p.code).chain([0]);
        self.heads.extend(places.iter().zip(behind).map(|(p, behind)| lexicon.head(p.code, behind)));
        let mut terms = self.found[self.found.partition_point(|t| t.0 < from)..].iter().peekable();
        for i in 0..n {
            let Some((here, ahead)) = self.best[i..].split_first_mut() else { break };
            let mut relax = |len: usize, value: u32, entry: u32, add: u32| {
                if let Some(slot) = ahead.get_mut(len - 1)
                    && here.cost + add < slot.cost
                {
                    *slot = Best { cost: here.cost + add, value, entry, len: len as u32 };
                }
            };
            relax(1, 0, 0, lexicon.single(places[i].code));
            let codes = places[i..].iter().map(|p| p.code);
            while let Some(&(_, len, entry)) = terms.next_if(|t| t.0 == from + i) {
                // A term that is a common word costs what the word costs, and comes first.
                let mut add = TERM.saturating_sub(TERM_CHAR * len as u32).max(1);
                lexicon.words(codes.clone(), |l, _, cost| add = if l == len { cost } else { add });
                relax(len, 0, entry, add.saturating_sub(1));
            }
            let mut known = 0u32;
            lexicon.words_from(self.heads[i], codes.skip(2), |len, value, cost| {
                known |= 1u32.checked_shl(len as u32).unwrap_or(0);
                relax(len, value, 0, cost);
            });
            let code = |at: usize| all.get(at).map_or(0, |p| p.code);
            if lexicon.may_name(places[i].code, code(from + i + 1), code(from + i + 2)).is_some() {
                let name = |len: usize, cost: u32| relax(len, NAME, 0, cost);
                names::find(lexicon, &self.folded, code, from + i, self.before, known, name);
            }
        }
        let first = self.words.len();
        let mut end = n;
        while end > 0 {
            let Best { value, entry, len, .. } = self.best[end];
            end -= len as usize;
            self.words.push(Word { start: from + end, len: len as usize, value, entry });
        }
        self.words[first..].reverse();
    }

    /// Finds terms inside longer words, at their beginning or end: 数据 in 数据库.
    fn terms_inside(&mut self, lexicon: &Lexicon) {
        if self.found.is_empty() {
            return;
        }
        let words = std::mem::take(&mut self.words);
        for &word in &words {
            let end = word.start + word.len;
            let mut best: Option<(usize, usize, u32)> = None;
            if word.entry == 0 && word.len >= 3 {
                for &(start, len, entry) in self.found.iter().filter(|f| f.0 >= word.start && f.0 + f.1 <= end) {
                    let aligned = start == word.start || start + len == end;
                    if aligned && best.is_none_or(|(_, l, _)| len > l) {
                        best = Some((start, len, entry));
                    }
                }
            }
            let Some((start, len, entry)) = best else {
                self.words.push(word);
                continue;
            };
            let codes = |from: usize, to: usize| self.room[from..to].iter().map(|p| p.code);
            let plain = |from: usize, to: usize| {
                let mut value = 0;
                lexicon.words(codes(from, to), |l, v, _| value = if l == to - from { v } else { value });
                (to > from).then_some(Word { start: from, len: to - from, value, entry: 0 })
            };
            self.words.extend(plain(word.start, start));
            self.words.push(Word { start, len, value: 0, entry });
            self.words.extend(plain(start + len, end));
        }
    }
}

/// Finds the places of a clause that no word lies across, whatever the cut.
struct Joints<'a> {
    places: &'a [Place],
    spanned: &'a [u64],
    /// Pairs of codes that some word has side by side.
    inner: &'a Bits,
    lexicon: &'a Lexicon,
}

impl Joints<'_> {
    /// Returns the stretch from joint to joint around some characters.
    fn around(&self, start: usize, end: usize) -> (usize, usize) {
        let from = (1..=start).rev().find(|&at| self.is_joint(at)).unwrap_or(0);
        let to = (end..self.places.len()).find(|&at| self.is_joint(at)).unwrap_or(self.places.len());
        (from, to)
    }

    /// Adds what lies up to the next joints.
    fn wider(&self, (from, to): (usize, usize)) -> (usize, usize) {
        (self.around(from.saturating_sub(1), to).0, self.around(from, (to + 1).min(self.places.len())).1)
    }

    /// Tells whether no word, term or name lies across the place before a character; rather no than yes.
    fn is_joint(&self, at: usize) -> bool {
        let code = |at: usize| self.places.get(at).map_or(0, |p| p.code);
        let (before, behind) = (code(at - 1), code(at));
        let named = |start: usize| self.lexicon.may_name(code(start), code(start + 1), code(start + 2));
        !self.inner.has(pair(before, behind))
            && self.spanned[at / 64] >> (at % 64) & 1 == 0
            && named(at - 1).is_none()
            && at.checked_sub(2).and_then(named).is_none_or(|len| len <= 2)
    }
}
