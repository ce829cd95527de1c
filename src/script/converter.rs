//! Converts titles and Markdown documents for one edition.
//!
//! Takes text and its declared origin; gives the text of the edition. Puts together what the neighbours find: marks
//! (`variants`), flows (`markup`), edits (`core`).

use std::borrow::Cow;
use std::ops::Range;

use serde::Serialize;

use super::core::{Core, Edit, Text};
use super::detect::{Verdict, detect};
use super::glossary::Glossary;
use super::markup::{self, Flow, Layout};
use super::variants::{self, Resolved};
use super::{Options, Origin, Target};

/// Converts for one edition. Built once, shared by reference.
pub struct Converter {
    core: Core,
    target: Target,
}

/// A repair: a place of mixed or half-converted text that was written otherwise.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Change {
    /// Where in the source, in bytes.
    pub offset: usize,
    /// What stood there.
    pub before: String,
    /// What is published.
    pub after: String,
    /// Why.
    pub why: &'static str,
}

/// A place where an editor should look.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Unsure {
    /// Where in the source, in bytes.
    pub offset: usize,
    /// The character in doubt, as published.
    pub text: String,
    /// The words around it.
    pub context: String,
    /// What it might be as well.
    pub alternatives: Vec<String>,
}

/// A converted document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Converted<'a> {
    /// The Markdown of the edition, with as many lines as the source.
    pub text: Cow<'a, str>,
    /// The title that a mark `-{T|…}-` gives the page.
    pub title: Option<String>,
}

/// What [`Converter::explain`] tells about a document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// Repairs of mixed text.
    pub changes: Vec<Change>,
    /// Places where the machine is unsure.
    pub unsure: Vec<Unsure>,
}

impl Converter {
    /// Makes the converter of an edition.
    pub fn new(target: Target, glossary: &Glossary, options: Options) -> Self {
        let _ = (glossary, options);
        Converter { core: Core::new(target, Vec::new()), target }
    }

    /// Returns what this converter converts to.
    pub fn target(&self) -> Target {
        self.target
    }

    /// Converts plain text: a title, a name, a label. Marks `-{ }-` are honoured.
    pub fn text<'a>(&self, text: &'a str, origin: Origin) -> Cow<'a, str> {
        self.convert(text, origin, markup::plain).text
    }

    /// Converts a Markdown document; code, addresses and markup stay as they are.
    pub fn markdown<'a>(&self, source: &'a str, origin: Origin) -> Converted<'a> {
        self.convert(source, origin, markup::markdown)
    }

    /// Tells what a conversion repairs and where it is unsure. Slower than converting; for reports.
    pub fn explain(&self, source: &str, origin: Origin) -> Explained {
        let _ = (source, origin);
        Explained::default()
    }

    fn convert<'a>(&self, source: &'a str, origin: Origin, lay_out: fn(&str) -> Layout) -> Converted<'a> {
        let origin = settle(origin, source);
        let layout = lay_out(source);
        let Some(resolved) = variants::resolve(source, &layout.code, self.target) else {
            let text = self.rewrite(source, &layout.flows, origin).map_or(Cow::Borrowed(source), Cow::Owned);
            return Converted { text, title: None };
        };
        let Resolved { text, kept, rules: _, title } = resolved;
        let flows = without(lay_out(&text).flows, &kept);
        let text = self.rewrite(&text, &flows, origin).unwrap_or(text);
        Converted { text: Cow::Owned(text), title }
    }

    /// Converts the flows of a source; `None` if nothing changes.
    fn rewrite(&self, source: &str, flows: &[Flow], origin: Origin) -> Option<String> {
        let mut out = Rewriter { source, out: String::new(), done: 0 };
        let mut edits = Vec::new();
        let mut joined = String::new();
        for flow in flows {
            edits.clear();
            if let [piece] = flow.as_slice() {
                self.core.edits(&source[piece.clone()], origin, &mut edits);
                for edit in &edits {
                    out.put(piece.start + edit.start..piece.start + edit.end, &edit.to);
                }
            } else {
                joined.clear();
                flow.iter().for_each(|r| joined.push_str(&source[r.clone()]));
                self.core.edits(&joined, origin, &mut edits);
                place(flow, &joined, &edits, &mut out);
            }
        }
        out.finish()
    }
}

/// Replaces `Auto` by what the text itself says.
fn settle(origin: Origin, text: &str) -> Origin {
    match origin {
        Origin::Auto => match detect(text).verdict {
            Verdict::Hans => Origin::Hans,
            Verdict::Hant => Origin::Hant,
            Verdict::Mixed | Verdict::Unknown => Origin::Mixed,
        },
        declared => declared,
    }
}

/// Takes the kept stretches out of the flows; a flow ends there.
fn without(flows: Vec<Flow>, kept: &[Range<usize>]) -> Vec<Flow> {
    let mut out = Vec::new();
    for flow in flows {
        let mut current = Flow::new();
        for piece in flow {
            let mut start = piece.start;
            let first = kept.partition_point(|k| k.end <= piece.start);
            for k in kept[first..].iter().take_while(|k| k.start < piece.end) {
                if k.start > start {
                    current.push(start..k.start);
                }
                if !current.is_empty() {
                    out.push(std::mem::take(&mut current));
                }
                start = start.max(k.end);
            }
            if start < piece.end {
                current.push(start..piece.end);
            }
        }
        if !current.is_empty() {
            out.push(current);
        }
    }
    out
}

/// Writes the source with edits, in order.
struct Rewriter<'a> {
    source: &'a str,
    out: String,
    done: usize,
}

impl Rewriter<'_> {
    fn put(&mut self, range: Range<usize>, to: &Text) {
        if range.start < self.done {
            return; // never happens: flows are sorted and disjoint
        }
        if self.out.capacity() == 0 {
            self.out.reserve(self.source.len() + self.source.len() / 16);
        }
        self.out.push_str(&self.source[self.done..range.start]);
        match to {
            Text::One(c) => self.out.push(*c),
            Text::Many(s) => self.out.push_str(s),
        }
        self.done = range.end;
    }

    fn finish(mut self) -> Option<String> {
        (self.done > 0).then(|| {
            self.out.push_str(&self.source[self.done..]);
            self.out
        })
    }
}

/// Places the edits of a flow in several pieces. An edit across a gap keeps the markup: character by character where
/// the lengths agree, else all of it in the first piece.
fn place(flow: &Flow, joined: &str, edits: &[Edit], out: &mut Rewriter<'_>) {
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
            out.put(start..start + (edit.end - edit.start), &edit.to);
            continue;
        }
        let to: Vec<char> = match &edit.to {
            Text::One(c) => vec![*c],
            Text::Many(s) => s.chars().collect(),
        };
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
            let text = match (same, i) {
                (true, _) => Text::One(to[i]),
                (false, 0) => Text::Many(to.iter().collect()),
                (false, _) => Text::Many(String::new()),
            };
            out.put(start..start + c.len_utf8(), &text);
        }
    }
}
