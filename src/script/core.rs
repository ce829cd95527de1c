//! Decides how each word of a flow is written in the other script.
//!
//! Takes a flow of text and what is known of its origin; gives edits. Knows nothing of Markdown.
//!
//! To Traditional: a clause that holds a doubtful character (发: 發 or 髮) is cut into words, the cheapest way by how
//! common words are, so that 里程|碑 and 公里 keep their 里 and 方面|粉 is none. Words are written as the lexicon has
//! them, single characters by a few rules of context (`rules`), all else character by character.
//! To Simplified: character by character, with phrases around the few characters that are doubtful in that direction.

use super::chars::{fold_char, is_han, is_hans_only, is_hant_only};
use super::lexicon::{Lexicon, lexicon};
use super::opencc::OpenCc;
use super::rules;
use super::{Options, Origin, Region, Target};

/// A change to a flow: the bytes `start..end` are written `to`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) to: Text,
}

/// What replaces a stretch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Text {
    One(char),
    Many(String),
}

/// A term of the glossary as the matcher wants it.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Folded characters.
    pub(super) key: Vec<char>,
    /// What it is written; `None`: as it stands.
    pub(super) to: Option<String>,
    /// The source must look exactly like this.
    pub(super) literal: Option<Vec<char>>,
}

/// The part of a converter that knows words.
pub(super) struct Core {
    lexicon: &'static Lexicon,
    target: Target,
    /// Sorted by key; found by the first character.
    entries: Vec<Entry>,
    /// Code points (hashed to a small table) that some entry begins with.
    begins: Vec<bool>,
    quotes: bool,
    /// By code point of the first plane: what Hong Kong writes for a Taiwan form.
    hk: Vec<(char, char)>,
}

/// One word of a cut clause.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Word {
    pub(super) start: usize,
    pub(super) len: usize,
    /// The lexicon's value, 0 for a single character.
    value: u32,
    /// The entry of the glossary plus one.
    entry: u32,
}

/// A clause: a stretch of characters that words are made of.
#[derive(Default)]
pub(super) struct Clause {
    pub(super) chars: Vec<char>,
    /// What stands before it in the flow.
    before: Option<char>,
    /// Byte offsets.
    offsets: Vec<usize>,
    codes: Vec<u16>,
    doubtful: bool,
    entries: bool,
    special: bool,
    words: Vec<Word>,
    best: Vec<(u32, Word)>,
    out: Vec<char>,
}

impl Clause {
    fn clear(&mut self) {
        self.chars.clear();
        self.offsets.clear();
        self.codes.clear();
        self.words.clear();
        (self.doubtful, self.entries, self.special) = (false, false, false);
    }
}

/// Clauses longer than this are cut: a bound on time and memory for text without punctuation.
const LONGEST: usize = 200;
/// What a term of the glossary costs, less than common words: the site's terms come first.
const TERM: u32 = 80;
/// … and for each further character, so that the longest term wins.
const TERM_CHAR: u32 = 4;

impl Core {
    pub(super) fn new(target: Target, mut entries: Vec<Entry>, options: Options) -> Self {
        if options.vocabulary {
            entries.extend(vocabulary(target));
        }
        // Stable: the first entry of a key stays.
        entries.sort_by(|a, b| a.key.cmp(&b.key));
        entries.dedup_by(|a, b| a.key == b.key);
        entries.retain(|e| !e.key.is_empty());
        let mut begins = vec![false; if entries.is_empty() { 0 } else { 0x1_0000 }];
        for e in &entries {
            if let Some(&c) = e.key.first() {
                begins[c as usize & 0xffff] = true;
            }
        }
        let hk = if target == Target::Hant(Region::Hk) { hong_kong() } else { Vec::new() };
        Core { lexicon: lexicon(), target, entries, begins, hk, quotes: options.quotes }
    }

    /// Tells, from a look at its characters alone, that converting `text` would change nothing: Simplified text stays
    /// as it is in the Simplified edition, and need not even be parsed. `false` says nothing.
    pub(super) fn keeps(&self, text: &str, origin: Origin) -> bool {
        let odd = |c: char| is_odd_in_hans(c) || self.quotes && quote(c, self.target).is_some();
        self.target == Target::Hans && origin == Origin::Hans && self.entries.is_empty() && !text.chars().any(odd)
    }

    /// Appends the edits that turn `text` into the target's script.
    ///
    /// `scratch` is room to work in, which callers keep from one flow to the next.
    pub(super) fn edits(&self, text: &str, origin: Origin, scratch: &mut Clause, edits: &mut Vec<Edit>) {
        self.visit(text, origin, scratch, edits, &mut |_: &Clause| {});
    }

    /// The same, showing each clause once it is decided.
    #[inline]
    fn visit(
        &self,
        text: &str,
        origin: Origin,
        clause: &mut Clause,
        edits: &mut Vec<Edit>,
        show: &mut impl FnMut(&Clause),
    ) {
        clause.clear();
        let mut last: Option<char> = None;
        for (at, c) in text.char_indices() {
            if matches!(c, '_' | '*' | '~') && !clause.chars.is_empty() {
                continue; // markup that the parser took for text: 老白_干_
            }
            let code = self.lexicon.code(c);
            let wordy = code != 0 || is_han(c) || c.is_ascii_alphanumeric() && !self.entries.is_empty();
            if !wordy {
                self.close(clause, origin, edits, show);
                if self.quotes
                    && let Some(to) = quote(c, self.target)
                    && !(matches!(c, '‘' | '’') && last.is_some_and(|l| l.is_ascii_alphanumeric()))
                {
                    edits.push(Edit { start: at, end: at + c.len_utf8(), to: Text::One(to) });
                }
                last = Some(c);
                continue;
            }
            if clause.chars.len() == LONGEST {
                self.close(clause, origin, edits, show);
            }
            if clause.chars.is_empty() {
                clause.before = last;
            }
            last = Some(c);
            clause.chars.push(c);
            clause.offsets.push(at);
            clause.codes.push(code);
            clause.doubtful |= self.lexicon.is_doubtful(code);
            clause.entries |= !self.begins.is_empty() && self.begins[fold_char(c) as usize & 0xffff];
            clause.special |= self.target == Target::Hans && self.lexicon.special.binary_search(&c).is_ok();
        }
        self.close(clause, origin, edits, show);
    }

    fn close(&self, clause: &mut Clause, origin: Origin, edits: &mut Vec<Edit>, show: &mut impl FnMut(&Clause)) {
        if !clause.chars.is_empty() {
            match self.target {
                Target::Hans => self.to_hans(clause, origin),
                Target::Hant(_) => self.to_hant(clause, origin),
            }
            self.collect(clause, edits);
            show(clause);
        }
        clause.clear();
    }

    /// Turns what was decided into edits.
    fn collect(&self, clause: &Clause, edits: &mut Vec<Edit>) {
        let mut at = 0;
        let terms = clause.words.iter().filter(|w| w.entry != 0);
        let chars = |from: usize, to: usize, edits: &mut Vec<Edit>| {
            for i in from..to {
                if clause.out[i] != clause.chars[i] {
                    let start = clause.offsets[i];
                    edits.push(Edit { start, end: start + clause.chars[i].len_utf8(), to: Text::One(clause.out[i]) });
                }
            }
        };
        for term in terms {
            chars(at, term.start, edits);
            at = term.start + term.len;
            if let Some(to) = &self.entries[term.entry as usize - 1].to {
                let last = clause.chars[at - 1].len_utf8();
                let (start, end) = (clause.offsets[term.start], clause.offsets[at - 1] + last);
                edits.push(Edit { start, end, to: Text::Many(to.clone()) });
            }
        }
        chars(at, clause.chars.len(), edits);
    }

    /// Cuts the clause into words, the cheapest way.
    fn cut(&self, clause: &mut Clause) {
        let n = clause.chars.len();
        clause.best.clear();
        clause.best.resize(n + 1, (u32::MAX, Word::default()));
        clause.best[0].0 = 0;
        for i in 0..n {
            let cost = clause.best[i].0;
            let relax = |best: &mut Vec<(u32, Word)>, word: Word, add: u32| {
                let slot = &mut best[i + word.len];
                if cost + add < slot.0 {
                    *slot = (cost + add, word);
                }
            };
            let single = Word { start: i, len: 1, value: 0, entry: 0 };
            relax(&mut clause.best, single, self.lexicon.single(clause.codes[i]));
            let best = &mut clause.best;
            if clause.entries {
                // A term that is a common word costs what the word costs, and comes first.
                self.terms(&clause.chars[i..], |len, entry| {
                    let mut add = TERM.saturating_sub(TERM_CHAR * len as u32).max(1);
                    self.lexicon.words(&clause.codes[i..], |l, _, cost| add = if l == len { cost } else { add });
                    relax(best, Word { start: i, len, value: 0, entry }, add.saturating_sub(1));
                });
            }
            self.lexicon.words(&clause.codes[i..], |len, value, cost| {
                relax(best, Word { start: i, len, value, entry: 0 }, cost);
            });
        }
        let mut at = n;
        clause.words.clear();
        while at > 0 {
            let word = clause.best[at].1;
            clause.words.push(word);
            at = word.start;
        }
        clause.words.reverse();
        if clause.entries {
            self.terms_inside(clause);
        }
    }

    /// Finds terms inside longer words, at their beginning or end: 数据 in 数据库.
    fn terms_inside(&self, clause: &mut Clause) {
        let words = std::mem::take(&mut clause.words);
        for word in words {
            if word.entry != 0 || word.len < 3 {
                clause.words.push(word);
                continue;
            }
            let chars = &clause.chars[word.start..word.start + word.len];
            let mut best: Option<(usize, usize, u32)> = None;
            for at in 0..word.len {
                self.terms(&chars[at..], |len, entry| {
                    let aligned = at == 0 || at + len == word.len;
                    if aligned && best.is_none_or(|(_, l, _)| len > l) {
                        best = Some((at, len, entry));
                    }
                });
            }
            let Some((at, len, entry)) = best else {
                clause.words.push(word);
                continue;
            };
            let plain = |start: usize, len: usize| {
                let mut value = 0;
                let from = word.start + start;
                self.lexicon.words(&clause.codes[from..from + len], |l, v, _| value = if l == len { v } else { value });
                Word { start: from, len, value, entry: 0 }
            };
            clause.words.extend((at > 0).then(|| plain(0, at)));
            clause.words.push(Word { entry, value: 0, ..plain(at, len) });
            clause.words.extend((at + len < word.len).then(|| plain(at + len, word.len - at - len)));
        }
    }

    /// Calls `found(length, number)` for each term that `chars` begins with.
    fn terms(&self, chars: &[char], mut found: impl FnMut(usize, u32)) {
        let folded = |i: usize| chars.get(i).map(|&c| fold_char(c));
        let Some(first) = folded(0) else { return };
        if !self.begins[first as usize & 0xffff] {
            return;
        }
        let from = self.entries.partition_point(|e| e.key[0] < first);
        for (i, e) in self.entries.iter().enumerate().skip(from).take_while(|(_, e)| e.key[0] == first) {
            let literal = e.literal.as_ref().is_none_or(|l| chars.starts_with(l));
            if literal && e.key.iter().enumerate().all(|(k, &c)| folded(k) == Some(c)) {
                found(e.key.len(), i as u32 + 1);
            }
        }
    }

    fn to_hant(&self, clause: &mut Clause, origin: Origin) {
        clause.out.clear();
        // In declared Traditional text a character that both scripts have is right as it stands: 皇后.
        let stands = |c: char| origin == Origin::Hant && fold_char(c) == c && !is_hans_only(c);
        clause.out.extend(clause.chars.iter().map(|&c| if stands(c) { c } else { self.lexicon.hant(c) }));
        if !(clause.doubtful || clause.entries) {
            self.regional(clause);
            return;
        }
        self.cut(clause);
        let sentence = rules::Cut { chars: &clause.chars, words: &clause.words, before: clause.before };
        for (i, word) in clause.words.iter().enumerate() {
            if word.entry != 0 {
                continue;
            }
            let form = self.lexicon.form(word.value);
            let ruled: Option<Vec<char>> = rules::word(&sentence, i).map(|w| w.chars().collect());
            let form = ruled.as_deref().or(form);
            for k in word.start..word.start + word.len {
                let c = clause.chars[k];
                let written = match (form, word.len) {
                    (_, 1) => {
                        let usual = rules::single(&sentence, i).unwrap_or(clause.out[k]);
                        if origin == Origin::Mixed || fold_char(c) == c { usual } else { clause.out[k] }
                    }
                    (Some(form), _) => form[k - word.start],
                    (None, _) if word.value == 0 => clause.out[k],
                    (None, _) => self.lexicon.hant(fold_char(c)),
                };
                if written != clause.out[k]
                    && fold_char(written) == fold_char(c)
                    && self.may_change(c, written, origin, word.len)
                {
                    clause.out[k] = written;
                }
            }
        }
        self.regional(clause);
    }

    /// Tells whether a character of the source may be written otherwise than it stands.
    fn may_change(&self, c: char, written: char, origin: Origin, len: usize) -> bool {
        match origin {
            Origin::Hans => true,
            // In declared Traditional text only what no Traditional text writes.
            Origin::Hant => is_hans_only(c) || len > 1 && rules::is_slip(c, written),
            _ => len > 1 || fold_char(c) == c || !is_hant_only(c) || rules::is_overdone(c, written),
        }
    }

    /// Finds the characters of a flow that no word and no rule decided: their place, and what was written.
    pub(super) fn unsure(&self, text: &str, origin: Origin, found: &mut Vec<(usize, char)>) {
        if self.target == Target::Hans || origin == Origin::Hant {
            return;
        }
        let mut edits = Vec::new();
        self.visit(text, origin, &mut Clause::default(), &mut edits, &mut |clause: &Clause| {
            let sentence = rules::Cut { chars: &clause.chars, words: &clause.words, before: clause.before };
            for (i, word) in clause.words.iter().enumerate() {
                let c = fold_char(clause.chars[word.start]);
                let open = word.len == 1 && word.entry == 0 && rules::alternatives(c).is_some();
                if open && clause.chars[word.start] == c && rules::single(&sentence, i).is_none() {
                    found.push((clause.offsets[word.start], clause.out[word.start]));
                }
            }
        });
    }

    /// Writes what belongs to the region.
    fn regional(&self, clause: &mut Clause) {
        // Nothing that only Simplified text has may be published here.
        for c in clause.out.iter_mut().filter(|c| is_hans_only(**c)) {
            *c = self.lexicon.hant(fold_char(*c));
        }
        if self.hk.is_empty() {
            return;
        }
        for c in &mut clause.out {
            if let Ok(at) = self.hk.binary_search_by_key(c, |p| p.0) {
                *c = self.hk[at].1;
            }
        }
    }

    fn to_hans(&self, clause: &mut Clause, origin: Origin) {
        clause.out.clear();
        if origin == Origin::Hans {
            clause.out.extend(clause.chars.iter().map(|&c| if is_odd_in_hans(c) { self.lexicon.hans(c) } else { c }));
        } else {
            clause.out.extend(clause.chars.iter().map(|&c| self.lexicon.hans(c)));
        }
        if clause.special && origin != Origin::Hans {
            self.phrases(clause);
        }
        if clause.entries {
            self.cut(clause);
        }
    }

    /// Writes the phrases around characters that are doubtful on the way to Simplified.
    fn phrases(&self, clause: &mut Clause) {
        let special = |c: char| self.lexicon.special.binary_search(&c).is_ok();
        let pattern: Vec<char> =
            clause.chars.iter().map(|&c| if special(c) { c } else { self.lexicon.hans(c) }).collect();
        let mut at = 0;
        while at < pattern.len() {
            let list = self.lexicon.phrases.get(&pattern[at]).map_or(&[][..], Vec::as_slice);
            let Some((key, form)) = list.iter().find(|(key, _)| pattern[at..].starts_with(key)) else {
                at += 1;
                continue;
            };
            clause.out[at..at + key.len()].copy_from_slice(form);
            at += key.len();
        }
    }
}

/// Tells whether no Simplified text is written with a character.
fn is_odd_in_hans(c: char) -> bool {
    is_hant_only(c) || matches!(c, '\u{2e80}'..='\u{2fdf}' | '\u{f900}'..='\u{faff}')
}

/// Returns the quotation mark of the target for one of the other script.
fn quote(c: char, target: Target) -> Option<char> {
    let pairs = [('“', '「'), ('”', '」'), ('‘', '『'), ('’', '』')];
    let found = pairs.iter().find(|p| c == if target == Target::Hans { p.1 } else { p.0 })?;
    Some(if target == Target::Hans { found.0 } else { found.1 })
}

/// Returns the built-in words of a region as entries.
fn vocabulary(target: Target) -> Vec<Entry> {
    let lists = &lexicon().vocabulary;
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

/// What Hong Kong writes for a Taiwan form, sorted: OpenCC's Taiwan table backwards, then its Hong Kong one.
fn hong_kong() -> Vec<(char, char)> {
    let (Some(back), Some(on)) = (OpenCc::named("tw2t"), OpenCc::named("t2hk")) else { return Vec::new() };
    let mut pairs: Vec<(char, char)> = ('\u{4e00}'..='\u{9fff}')
        .filter(|&c| c != '著')
        .filter_map(|c| {
            let hk = on.convert(&back.convert(c.encode_utf8(&mut [0; 4]))).chars().next()?;
            (hk != c).then_some((c, hk))
        })
        .collect();
    pairs.push(('著', '着'));
    pairs.sort_unstable();
    pairs
}
