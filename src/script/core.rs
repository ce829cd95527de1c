//! Decides how each word of a flow is written in the other script.
//!
//! Takes a flow of text and what is known of its origin; shows what is written otherwise to a [`Sink`]. Knows nothing of
//! Markdown.
//!
//! To Traditional: a clause that holds a doubtful character (发: 發 or 髮) is cut into words, the cheapest way by how
//! common words are, so that 里程|碑 and 公里 keep their 里 and 方面|粉 is none. Words are written as the lexicon has
//! them, single characters by a few rules of context (`rules`), all else character by character.
//! To Simplified: character by character, with phrases around the few characters that are doubtful in that direction.

use std::sync::OnceLock;

use super::cells::{Cell, Cells, local, traditional};
use super::chars::{fold_char, is_hans_only, is_hant_only};
use super::clause::{Clause, NAME, Place};
use super::doubt::doubt;
use super::foreign;
use super::lexicon::lexicon;
use super::names;
use super::opencc::decode;
use super::output::{pack, three, unpack};
use super::rules;
use super::skim::Table;
use super::terms::{Entry, Terms};
use super::{Backend, Options, Origin, Region, Target};

/// Takes what a conversion changes, from the beginning of a flow to its end.
pub(super) trait Sink {
    /// A clause in which something is, or may have been, written otherwise.
    fn clause(&mut self, clause: &Clause, terms: &Terms);
    /// A quotation mark: the bytes `start..end` become `to`.
    fn quote(&mut self, start: usize, end: usize, to: char);
}

/// The part of a converter that knows words.
pub(super) struct Core {
    pub(super) target: Target,
    pub(super) terms: Terms,
    quotes: bool,
    backend: Backend,
    /// See [`Core::find_calm`].
    calm: OnceLock<Vec<u64>>,
    /// See [`Core::table`].
    tables: [OnceLock<Table>; 3],
    /// Whether flows are passed over before clauses are read.
    pub(super) skims: bool,
}

impl Core {
    pub(super) fn new(target: Target, mut entries: Vec<Entry>, options: Options) -> Self {
        if options.vocabulary {
            entries.extend(vocabulary(target, 0));
        }
        if options.software {
            entries.extend(vocabulary(target, SOFTWARE));
        }
        Core {
            target,
            terms: Terms::new(entries),
            quotes: options.quotes,
            backend: options.backend,
            calm: OnceLock::new(),
            tables: Default::default(),
            skims: options.backend == Backend::Builtin,
        }
    }

    /// For some flows of one document only, which do not pay for a table of all characters.
    pub(super) fn for_once(self) -> Self {
        Core { skims: false, ..self }
    }

    /// Tells, from a look at its characters alone, that converting `text` would change nothing: Simplified text stays
    /// as it is in the Simplified edition, and need not even be parsed. `false` says nothing.
    pub(super) fn keeps(&self, text: &str, origin: Origin) -> bool {
        if self.target != Target::Hans || origin != Origin::Hans {
            return false;
        }
        let calm = self.calm.get_or_init(|| self.find_calm());
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let (point, _, len) = read(bytes, at);
            at += len;
            let keeps = match calm.get(point as usize / 64) {
                Some(word) => word >> (point % 64) & 1 != 0,
                None => char::from_u32(point).is_some_and(|c| self.is_calm(c)),
            };
            if !keeps {
                return false;
            }
        }
        true
    }

    /// Tells whether a character of Simplified text never gives rise to a change in the Simplified edition.
    fn is_calm(&self, c: char) -> bool {
        let odd = !c.is_ascii() && Cells::of(Target::Hans, Origin::Hans).get(c).text != pack(c);
        let quoted = self.quotes && quote(c, Target::Hans).is_some();
        !odd && !quoted && !self.terms.may_stir(c)
    }

    /// Finds all such characters of the first plane, a bit each.
    fn find_calm(&self) -> Vec<u64> {
        let calm = |point: u32| char::from_u32(point).is_some_and(|c| self.is_calm(c));
        let word = |at: u32| (0..64).fold(0, |word, bit| word | u64::from(calm(at * 64 + bit)) << bit);
        (0..0x1_0000 / 64).map(word).collect()
    }

    /// Returns what passes over clauses know of characters, by the settled origin.
    pub(super) fn table(&self, origin: Origin) -> &Table {
        let at = match origin {
            Origin::Hans => 0,
            Origin::Hant => 1,
            Origin::Auto | Origin::Mixed => 2,
        };
        self.tables[at]
            .get_or_init(|| Table::new(Cells::of(self.target, origin), &self.terms, self.quotes, self.settles(origin)))
    }

    /// Shows what turns `text` into the target's script to `sink`.
    ///
    /// `clause` is room to work in, which callers keep from one flow to the next.
    pub(super) fn convert(&self, text: &str, origin: Origin, clause: &mut Clause, sink: &mut impl Sink) {
        self.read_all::<false>(text, origin, clause, sink);
    }

    /// The same; `ALL` shows clauses with any doubtful character, even if words cannot change it.
    fn read_all<const ALL: bool>(&self, text: &str, origin: Origin, clause: &mut Clause, sink: &mut impl Sink) {
        let mut at = 0;
        while at < text.len() {
            at = self.walk::<ALL>(text, at, origin, clause, sink);
        }
    }

    /// Converts from a place where a clause may begin up to the next character that words are not made of; returns the
    /// place behind that.
    pub(super) fn walk<const ALL: bool>(
        &self,
        text: &str,
        from: usize,
        origin: Origin,
        clause: &mut Clause,
        sink: &mut impl Sink,
    ) -> usize {
        let cells = Cells::of(self.target, origin);
        let terms = !self.terms.is_empty();
        let bytes = text.as_bytes();
        clause.clear();
        let mut last = text[..from].chars().next_back();
        let mut at = from;
        loop {
            if clause.is_empty() {
                clause.before = last;
            }
            let behind = clause.take(bytes, at, cells);
            if behind > at {
                last = clause.places().last().map(Place::c);
                at = behind;
            }
            if at >= bytes.len() {
                break;
            }
            let (point, own, len) = read(bytes, at);
            let start = at;
            let c = char::from_u32(point).unwrap_or('\0');
            let mut cell = if point < 0x80 { Cell { text: own, ..Cell::default() } } else { cells.get(c) };
            if point < 0x80 {
                if matches!(c, '_' | '*' | '~') && !clause.is_empty() {
                    clause.gaps = true; // markup that the parser took for text: 老白_干_
                    at += len;
                    continue;
                }
                if terms && c.is_ascii_alphanumeric() {
                    cell.flags = Cell::WORDY;
                }
            }
            if cell.flags & Cell::WORDY != 0 && clause.is_full() {
                self.close::<ALL>(clause, origin, sink);
                continue;
            }
            at += len;
            let before_it = last.replace(c);
            if cell.flags & Cell::WORDY != 0 {
                clause.push(c, own, cell, start);
                continue;
            }
            self.close::<ALL>(clause, origin, sink);
            if self.quotes
                && let Some(to) = quote(c, self.target)
                && !(matches!(c, '‘' | '’') && before_it.is_some_and(|l| l.is_ascii_alphanumeric()))
            {
                sink.quote(start, at, to);
            }
            return at;
        }
        self.close::<ALL>(clause, origin, sink);
        at
    }

    fn close<const ALL: bool>(&self, clause: &mut Clause, origin: Origin, sink: &mut impl Sink) {
        if clause.is_empty() {
            return;
        }
        let terms = clause.look_for(&self.terms);
        if self.backend == Backend::OpenCc {
            self.leave_to_opencc(clause, origin, terms);
            if clause.changed || terms {
                sink.clause(clause, &self.terms);
            }
            return clause.clear();
        }
        if !ALL && self.settles(origin) {
            Self::settle(clause);
        }
        let doubtful = !clause.doubts.is_empty();
        match self.target {
            Target::Hans => {
                if doubtful {
                    self.phrases(clause);
                }
                if terms {
                    clause.doubts.clear();
                    clause.cut_out(lexicon());
                }
            }
            Target::Hant(_) if doubtful || terms => {
                if ALL {
                    clause.cut(lexicon());
                } else {
                    clause.cut_out(lexicon());
                }
                if doubtful {
                    self.decide(clause, origin);
                }
            }
            Target::Hant(_) => {}
        }
        if clause.changed || doubtful || terms {
            sink.clause(clause, &self.terms);
        }
        clause.clear();
    }

    /// Has C++ OpenCC write what lies between terms. What would change in length stays as it is: no such thing is in its
    /// dictionaries without vocabulary.
    fn leave_to_opencc(&self, clause: &mut Clause, origin: Origin, terms: bool) {
        clause.words.clear();
        if terms {
            clause.doubts.clear();
            clause.cut_out(lexicon());
        }
        let words = std::mem::take(&mut clause.words);
        let places = clause.places_mut();
        places.iter_mut().for_each(|p| p.out = p.own);
        let mut changed = false;
        let taken = |p: usize| words.iter().any(|w| w.entry != 0 && (w.start..w.start + w.len).contains(&p));
        let mut start = 0;
        while start < places.len() {
            let end = (start..places.len()).find(|&p| taken(p) != taken(start)).unwrap_or(places.len());
            let text: String = places[start..end].iter().map(Place::c).collect();
            let written = if taken(start) { None } else { foreign::convert(self.target, origin, &text) };
            let written: Vec<char> = written.map_or_else(Vec::new, |w| w.chars().collect());
            if written.len() == end - start {
                for (place, to) in places[start..end].iter_mut().zip(written) {
                    place.out = pack(to);
                    changed |= place.out != place.own;
                }
            }
            start = end;
        }
        (clause.words, clause.changed) = (words, changed);
    }

    /// Tells whether a doubtful character may be written as it is by itself without asking for its word: in declared
    /// Traditional text it stands as it is unless its word has another.
    pub(super) fn settles(&self, origin: Origin) -> bool {
        origin != Origin::Hant && matches!(self.target, Target::Hant(_))
    }

    /// Takes out of doubt the characters that neither a word nor a rule can change, by what stands beside them.
    fn settle(clause: &mut Clause) {
        let mut doubts = std::mem::take(&mut clause.doubts);
        let (doubt, places) = (doubt(), clause.places());
        let ahead = clause.before.map_or(0, |c| lexicon().code(c));
        let counted = |c: char| c.is_ascii_digit();
        doubts.retain(|&at| {
            let code = |step: isize| match at.checked_add_signed(step) {
                Some(at) => places.get(at).map_or(0, |p| p.code),
                None => {
                    if step == -1 {
                        ahead
                    } else {
                        0
                    }
                }
            };
            let before = at.checked_sub(1).map_or(clause.before, |at| Some(places[at].c()));
            let flags = places[at].flags;
            flags & Cell::UNFOLDED != 0 || doubt.stays(flags & Cell::NAMED != 0, before.is_some_and(counted), code)
        });
        clause.doubts = doubts;
    }

    /// Writes the doubtful characters of a cut clause by its words.
    fn decide(&self, clause: &mut Clause, origin: Origin) {
        let doubts = std::mem::take(&mut clause.doubts);
        let (words, chars) = (std::mem::take(&mut clause.words), std::mem::take(&mut clause.folded));
        let sentence = rules::Cut { chars: &chars, words: &words, before: clause.before.map(fold_char) };
        let mut i = 0;
        let mut changed = clause.changed;
        for &k in &doubts {
            while words[i].start + words[i].len <= k {
                i += 1;
            }
            if words[i].entry != 0 {
                continue;
            }
            let place = &mut clause.places_mut()[k];
            let c = place.c();
            let plain = traditional(lexicon(), origin, c);
            let written = self.written(&sentence, i, k, (c, plain), origin);
            if written != plain && fold_char(written) == chars[k] && may_change(c, written, origin, words[i].len) {
                place.out = pack(local(self.target, written));
                changed |= place.out != place.own;
            }
        }
        (clause.doubts, clause.words, clause.folded, clause.changed) = (doubts, words, chars, changed);
    }

    /// Returns how the character at `k`, in word `i`, is written; it stands as `c`, and is `plain` by itself.
    fn written(&self, cut: &rules::Cut<'_>, i: usize, k: usize, (c, plain): (char, char), origin: Origin) -> char {
        let word = cut.words[i];
        if word.len == 1 {
            let bound = origin != Origin::Mixed && cut.chars[k] != c;
            return if bound { plain } else { rules::single(cut, i).unwrap_or(plain) };
        }
        if let Some(form) = rules::word(cut, i) {
            return form.chars().nth(k - word.start).unwrap_or(plain);
        }
        if word.value == NAME {
            return names::form(cut.chars[k]).unwrap_or(lexicon().hant(cut.chars[k]));
        }
        match lexicon().form(word.value) {
            Some(form) => form[k - word.start],
            None if word.value == 0 => plain,
            None => lexicon().hant(cut.chars[k]),
        }
    }

    /// Finds the characters of a flow that no word and no rule decided: their place, and what was written.
    pub(super) fn unsure(&self, text: &str, origin: Origin, found: &mut Vec<(usize, char)>) {
        if self.target == Target::Hans || origin == Origin::Hant {
            return;
        }
        self.read_all::<true>(text, origin, &mut Clause::default(), &mut Open { found });
    }

    /// Writes the phrases around characters that are doubtful on the way to Simplified.
    fn phrases(&self, clause: &mut Clause) {
        let lexicon = lexicon();
        let mut changed = clause.changed;
        let places = clause.places_mut();
        let mut at = 0;
        while at < places.len() {
            if places[at].flags & Cell::PHRASE == 0 {
                at += 1;
                continue;
            }
            let shown = |at: usize| {
                let p = places.get(at)?;
                Some(if p.flags & Cell::DOUBTFUL != 0 { p.c() } else { lexicon.hans(p.c()) })
            };
            let list = shown(at).and_then(|c| lexicon.phrases.get(&c)).map_or(&[][..], Vec::as_slice);
            let fits = |key: &[char]| key.iter().enumerate().all(|(i, &c)| shown(at + i) == Some(c));
            let Some((key, form)) = list.iter().find(|(key, _)| fits(key)) else {
                at += 1;
                continue;
            };
            for (place, &to) in places[at..].iter_mut().zip(form) {
                place.out = pack(to);
                changed |= place.out != place.own;
            }
            at += key.len();
        }
        clause.changed = changed;
    }
}

/// Reads a character: its code point, its bytes packed, its length.
#[inline(always)]
pub(super) fn read(bytes: &[u8], at: usize) -> (u32, u32, usize) {
    if let Some(&word) = bytes.get(at..).and_then(|b| b.first_chunk::<4>()) {
        if let Some((point, own)) = three(word) {
            return (point, own, 3);
        }
        if word[0] < 0x80 {
            return (u32::from(word[0]), u32::from(word[0]), 1);
        }
    }
    let (point, len) = decode(bytes, at);
    (point, char::from_u32(point).map_or(0, pack), len)
}

/// Tells whether a character of the source may be written otherwise than it stands.
fn may_change(c: char, written: char, origin: Origin, len: usize) -> bool {
    match origin {
        Origin::Hans => true,
        // In declared Traditional text only what no Traditional text writes.
        Origin::Hant => is_hans_only(c) || len > 1 && rules::is_slip(c, written),
        _ => len > 1 || fold_char(c) == c || !is_hant_only(c) || rules::is_overdone(c, written),
    }
}

/// Collects the doubtful characters that nothing decided.
struct Open<'a> {
    found: &'a mut Vec<(usize, char)>,
}

impl Sink for Open<'_> {
    fn clause(&mut self, clause: &Clause, _: &Terms) {
        let before = clause.before.map(fold_char);
        let sentence = rules::Cut { chars: &clause.folded, words: &clause.words, before };
        for (i, word) in clause.words.iter().enumerate().filter(|(_, w)| w.len == 1 && w.entry == 0) {
            let place = clause.places()[word.start];
            let open = rules::alternatives(place.c()).is_some() && fold_char(place.c()) == place.c();
            if open && clause.folded.len() > word.start && rules::single(&sentence, i).is_none() {
                self.found.extend(unpack(place.out).map(|to| (place.at, to)));
            }
        }
    }

    fn quote(&mut self, _: usize, _: usize, _: char) {}
}

/// Returns the quotation mark of the target for one of the other script.
pub(super) fn quote(c: char, target: Target) -> Option<char> {
    let pairs = [('“', '「'), ('”', '」'), ('‘', '『'), ('’', '』')];
    let found = pairs.iter().find(|p| c == if target == Target::Hans { p.1 } else { p.0 })?;
    Some(if target == Target::Hans { found.0 } else { found.1 })
}

/// Where the words of software texts begin among the lists.
const SOFTWARE: usize = 4;

/// Returns the built-in words of a region as entries, from the lists at `from` on.
fn vocabulary(target: Target, from: usize) -> Vec<Entry> {
    let lists = &lexicon().vocabulary[from..];
    let entry = |(from, to): &(String, String), literal: bool| Entry {
        key: from.chars().map(fold_char).collect(),
        to: Some(to.clone()),
        literal: literal.then(|| from.chars().collect()),
    };
    match target {
        Target::Hans => lists[2].iter().chain(&lists[3]).map(|p| entry(p, true)).collect(),
        Target::Hant(Region::Tw) => lists[0].iter().map(|p| entry(p, false)).collect(),
        Target::Hant(Region::Hk) => lists[1].iter().map(|p| entry(p, false)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::rewrite::Edits;
    use super::*;

    proptest::proptest! {
        #[test]
        fn cuts_no_more_and_no_less_than_decides(text in "[头发理展后面皇里公程碑系联关了解明然干部乾制造发云于余先生三只兰牛肉馆粉海天钟周每王党，a_]{0,24}") {
            let term = |key: &str| Entry { key: key.chars().collect(), to: Some("甲".to_owned()), literal: None };
            let terms = || vec![term("里程"), term("发展"), term("王后")];
            for (target, origin, terms) in [
                (Target::Hant(Region::Tw), Origin::Hans, Vec::new()),
                (Target::Hant(Region::Hk), Origin::Mixed, Vec::new()),
                (Target::Hant(Region::Tw), Origin::Hans, terms()),
            ] {
                let core = Core::new(target, terms, Options::default());
                let (mut quick, mut all) = (Vec::new(), Vec::new());
                core.read_all::<false>(&text, origin, &mut Clause::default(), &mut Edits(&mut quick));
                core.read_all::<true>(&text, origin, &mut Clause::default(), &mut Edits(&mut all));
                proptest::prop_assert_eq!(quick, all);
            }
        }
    }
}
