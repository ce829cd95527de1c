//! Conversion exactly as OpenCC 1.4.2 does it, configuration by configuration, byte for byte.
//!
//! Takes UTF-8 text; gives UTF-8 text. Knows nothing of news, glossaries or markup.
//!
//! How OpenCC works: compatibility ideographs are normalised first. Then a configuration either runs the text through
//! its one stage (longest match from left to right), or cuts it into segments by longest match and runs each segment
//! through all stages. What lies between matched segments is one segment as well. Ideographic description sequences
//! are left as they are.
//!
//! How this does the same in one pass: the segments of the cutting dictionary have been sent through all stages when
//! the tables were made, so a matched segment is one look-up and one copy. A character between them is one look-up,
//! too, unless a later stage may begin a phrase with it; then the stretch up to the next segment goes through the
//! stages one by one.

use std::borrow::Cow;

use super::output::{Output, unpack};
use super::tables::{Matcher, Recipe, Root, index};

/// One OpenCC configuration.
#[derive(Clone, Copy)]
pub struct OpenCc {
    recipe: &'static Recipe,
}

impl OpenCc {
    /// Finds a configuration by its OpenCC name, `s2t` to `jp2t`.
    pub fn named(name: &str) -> Option<Self> {
        index().recipe(name).map(|recipe| OpenCc { recipe })
    }

    /// Returns the names of all configurations, sorted.
    pub fn names() -> impl Iterator<Item = &'static str> {
        index().names()
    }

    /// Converts a text.
    pub fn convert(&self, text: &str) -> String {
        let mut out = Vec::new();
        self.convert_into(text, &mut out);
        // The tables hold whole characters only, so this never replaces anything.
        String::from_utf8(out).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
    }

    /// Appends the converted text to `out`, without checking once more that it is UTF-8.
    pub fn convert_into(&self, text: &str, out: &mut Vec<u8>) {
        let text = normalise(text);
        run(&self.recipe.first, &self.recipe.stages, text.as_bytes(), out);
    }
}

/// Replaces compatibility ideographs (豈 U+F900) by the unified ones.
pub(super) fn normalise(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    // They begin with EF A4 to EF AB, or F0 AF.
    let found = memchr::memchr2_iter(0xef, 0xf0, bytes)
        .any(|at| matches!((bytes[at], bytes.get(at + 1)), (0xef, Some(0xa4..=0xab)) | (0xf0, Some(0xaf))));
    if !found {
        return Cow::Borrowed(text);
    }
    let pairs = index().normal();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if is_description(c as u32)
            && let Some(end) = description(bytes, at)
        {
            out.push_str(&text[at..end]);
            at = end;
            continue;
        }
        let pair = pairs.binary_search_by_key(&(c as u32), |p| p.0);
        out.push(pair.ok().and_then(|i| char::from_u32(pairs[i].1)).unwrap_or(c));
        at += c.len_utf8();
    }
    Cow::Owned(out)
}

/// Decodes the character at `at`: its code point and length. The end of the text decodes as (0, 1).
#[inline(always)]
pub(super) fn decode(src: &[u8], at: usize) -> (u32, usize) {
    let Some(&b) = src.get(at) else { return (0, 1) };
    let tail = |i: usize| src.get(at + i).map_or(0, |&b| u32::from(b & 0x3f));
    match b {
        0..0x80 => (u32::from(b), 1),
        0xe0..0xf0 => match src.get(at..at + 3) {
            Some(&[a, b, c]) => ((u32::from(a) & 0x0f) << 12 | (u32::from(b) & 0x3f) << 6 | (u32::from(c) & 0x3f), 3),
            _ => (0, 1),
        },
        0xc0..0xe0 => ((u32::from(b) & 0x1f) << 6 | tail(1), 2),
        _ => ((u32::from(b) & 0x07) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3), 4),
    }
}

/// Finds the longest key that begins with the character whose code has `root`; `at` is the place behind it.
///
/// Returns where the key ends and its value.
#[inline(always)]
fn longest(m: &Matcher, root: Root, src: &[u8], at: usize) -> Option<(usize, u32)> {
    let mut best = None;
    keys(m, root, at, |at| coded(m, src, at), |end, value| best = Some((end, value)));
    best
}

/// The same where several ranks have phrases: the earliest rank wins, in it the longest key.
///
/// `next` gives the code of the character at a place and its length.
fn longest_ranked(
    m: &Matcher,
    root: Root,
    at: usize,
    next: impl FnMut(usize) -> Option<(u16, usize)>,
) -> Option<(usize, u32)> {
    // A single character of the first rank has value 0.
    let mut best = (root.base & Root::FIRST != 0).then_some((0, at, 0));
    keys(m, root, at, next, |end, value| {
        let rank = m.bounds.iter().position(|&b| value <= b).unwrap_or(m.bounds.len());
        if best.is_none_or(|(r, ..)| rank <= r) {
            best = Some((rank, end, value));
        }
    });
    best.filter(|b| b.2 != 0).map(|(_, end, value)| (end, value))
}

/// Returns the code of the character at `at`, and its length.
#[inline(always)]
fn coded(m: &Matcher, src: &[u8], at: usize) -> Option<(u16, usize)> {
    let (c, n) = decode(src, at);
    Some((m.codes.of(c), n))
}

/// Shows the keys that begin with a character, from the shortest to the longest: where they end, their value.
#[inline(always)]
fn keys(
    m: &Matcher,
    root: Root,
    mut at: usize,
    mut next: impl FnMut(usize) -> Option<(u16, usize)>,
    mut found: impl FnMut(usize, u32),
) {
    let mut base = root.base & Root::BASE;
    while base != 0 {
        let Some((code, n)) = next(at) else { return };
        let Some(&unit) = m.units.get(base as usize + usize::from(code)) else { return };
        if unit as u16 != code || code == 0 {
            return;
        }
        at += n;
        let value = (unit >> 32) as u32 & 0xff_ffff;
        if value != 0 {
            found(at, value);
        }
        base = (unit >> 16) as u32 & 0xffff | ((unit >> 56) as u32) << 16;
    }
}

/// Finds the phrase of the second stage that begins at `at`, where no segment does, and ends before the next segment.
///
/// The first stage writes character by character here.
fn bridge(m: &Matcher, stages: &[&'static Matcher], src: &[u8], at: usize) -> Option<(usize, u32)> {
    let [before, last] = stages else { return None };
    let shown = |c: u32| {
        let root = before.roots.get(usize::from(before.codes.of(c))).copied().unwrap_or_default();
        let to = if root.text == 0 { Some(c) } else { unpack(root.text).map(|c| c as u32) };
        (root.base & Root::LONG == 0).then_some(last.codes.of(to?))
    };
    let (c, n) = decode(src, at);
    let root = last.roots.get(usize::from(shown(c)?)).copied()?;
    longest_ranked(last, root, at + n, |at| {
        let (c, n) = decode(src, at);
        (at < src.len() && !begins_segment(m, src, at, c, n)).then(|| Some((shown(c)?, n))).flatten()
    })
}

/// Tells whether a segment begins with the character `c`, `n` bytes at `at`.
fn begins_segment(m: &Matcher, src: &[u8], at: usize, c: u32, n: usize) -> bool {
    let root = m.roots.get(usize::from(m.codes.of(c))).copied().unwrap_or_default();
    root.base & Root::FIRST != 0 || longest(m, root, src, at + n).is_some()
}

/// Returns where an ideographic description sequence beginning at `at` ends, if one begins there and is whole.
fn description(src: &[u8], at: usize) -> Option<usize> {
    let (mut at, mut wanted) = (at, 1usize);
    let start = at;
    while wanted > 0 {
        if at >= src.len() {
            return None;
        }
        let (c, n) = decode(src, at);
        wanted = wanted - 1
            + match c {
                0x2ff2 | 0x2ff3 => 3,
                0x2ffe | 0x2fff => 1,
                0x2ff0..=0x2ffd | 0x31ef => 2,
                _ => 0,
            };
        at += n;
    }
    (at - start > 3).then_some(at)
}

#[inline(always)]
fn is_description(c: u32) -> bool {
    matches!(c, 0x2ff0..=0x2fff | 0x31ef)
}

/// Runs a text through a matcher; stretches without segments go through `stages` where they may have to.
fn run(m: &Matcher, stages: &[&'static Matcher], src: &[u8], out: &mut Vec<u8>) {
    let mut out = Output::new(out, src.len());
    let mut at = 0;
    while at < src.len() {
        at = short(m, src, at, &mut out);
        if at < src.len() {
            // Behind this there is room again for all of the rest, should it keep its length.
            at = long(m, stages, src, at, &mut out);
            out.room_for(src.len().saturating_sub(at));
        }
    }
    out.finish();
}

/// Converts characters of three bytes one by one as long as none needs more looking at; returns where that ends.
#[inline(always)]
fn short(m: &Matcher, src: &[u8], mut at: usize, out: &mut Output<'_>) -> usize {
    let Some(direct) = m.direct().first_chunk::<0x1_0000>() else { return at };
    let code_point = |w: u32| (w & 0x0f) << 12 | (w >> 2 & 0x0fc0) | (w >> 16 & 0x3f);
    let mut o = out.at();
    while let Some(&word) = src.get(at..).and_then(|s| s.first_chunk::<8>()) {
        let word = u64::from_le_bytes(word);
        let w = word as u32;
        if w & 0x80 == 0 {
            let root = direct[(w & 0x7f) as usize];
            if root.base & !Root::ODD != 0 || root.text != 0 && root.text != w & 0x7f {
                break;
            }
            let Some(slot) = out.slot::<1>(o) else { break };
            *slot = [w as u8];
            at += 1;
            o += 1;
            continue;
        }
        if w & 0xf0 != 0xe0 {
            break;
        }
        let root = direct[code_point(w) as usize & 0xffff];
        if root.base != 0 {
            // A longer key? The mask tells most often that there is none.
            let next = code_point((word >> 24) as u32);
            let none = root.base & !(Root::BASE | Root::BRIDGE) == 0
                && word >> 28 & 0xf == 0xe
                && root.mask >> Root::place(next) & 1 == 0;
            if !none {
                break;
            }
        }
        let Some(slot) = out.slot(o) else { break };
        *slot = root.text.to_le_bytes();
        at += 3;
        o += 3;
    }
    out.go_on_at(o);
    at
}

/// Converts one key, or one character, whatever it is; returns what is behind it.
#[inline]
fn long(m: &Matcher, stages: &[&'static Matcher], src: &[u8], at: usize, out: &mut Output<'_>) -> usize {
    out.room();
    let (c, n) = decode(src, at);
    let code = m.codes.of(c);
    if code == 0 {
        if is_description(c)
            && let Some(end) = description(src, at)
        {
            out.put(&src[at..end]);
            return end;
        }
        return copy(out, src, at, n);
    }
    let root = m.roots.get(usize::from(code)).copied().unwrap_or_default();
    if root.base != 0 {
        let found = if m.ranked {
            longest_ranked(m, root, at + n, |at| coded(m, src, at))
        } else {
            longest(m, root, src, at + n)
        };
        if let Some((end, value)) = found {
            let place = m.ends[value as usize];
            out.put_short(&m.pool, (place >> 8) as usize, (place & 0xff) as usize);
            return end;
        }
        if root.base & Root::BRIDGE != 0
            && let Some((end, value)) = bridge(m, stages, src, at)
        {
            let last = stages[stages.len() - 1];
            let place = last.ends[value as usize];
            out.put_short(&last.pool, (place >> 8) as usize, (place & 0xff) as usize);
            return end;
        }
        if root.base & Root::WATCH != 0 && may_continue(stages, c, decode(src, at + n).0) {
            let end = stretch_end(m, src, at);
            slow(stages, &src[at..end], out);
            return end;
        }
        if root.base & Root::LONG != 0 {
            let long = m.long.binary_search_by_key(&code, |l| l.0).map_or(&src[at..at + n], |i| &m.long[i].1);
            out.put(long);
            return at + n;
        }
    }
    out.put_packed(root.text);
    at + n
}

/// Copies one character that no key holds.
#[inline(always)]
fn copy(out: &mut Output<'_>, src: &[u8], at: usize, n: usize) -> usize {
    if n == 1 {
        out.put_packed(u32::from(src[at]));
    } else {
        let end = (at + n).min(src.len());
        let mut bytes = [0; 4];
        bytes[..end - at].copy_from_slice(&src[at..end]);
        out.put_packed(u32::from_le_bytes(bytes));
    }
    at + n
}

/// Tells whether some stage may match more than the one character `c` before `next`; rather yes than no.
fn may_continue(stages: &[&'static Matcher], mut c: u32, mut next: u32) -> bool {
    let mut loose = false;
    for stage in stages {
        let of = |c: u32| stage.roots.get(usize::from(stage.codes.of(c))).copied().unwrap_or_default();
        let (root, after) = (of(c), of(next));
        if root.base & Root::LONG != 0
            || root.base & Root::BASE != 0 && (loose || root.mask >> Root::place(next) & 1 != 0)
        {
            return true;
        }
        // What follows may become something else as part of a phrase of its own.
        loose |= after.base & (Root::BASE | Root::LONG) != 0;
        c = unpack(root.text).map_or(c, |c| c as u32);
        next = unpack(after.text).map_or(next, |c| c as u32);
    }
    false
}

/// Returns where the stretch of characters without segments ends that begins at `at`.
fn stretch_end(m: &Matcher, src: &[u8], mut at: usize) -> usize {
    while at < src.len() {
        let (c, n) = decode(src, at);
        if m.codes.of(c) != 0 {
            if begins_segment(m, src, at, c, n) {
                return at;
            }
        } else if is_description(c)
            && let Some(end) = description(src, at)
        {
            at = end;
            continue;
        }
        at += n;
    }
    src.len()
}

/// Sends a stretch through all stages one by one.
#[cold]
fn slow(stages: &[&'static Matcher], stretch: &[u8], out: &mut Output<'_>) {
    let mut text = stretch.to_vec();
    let mut next = Vec::new();
    for stage in stages {
        next.clear();
        run(stage, &[], &text, &mut next);
        std::mem::swap(&mut text, &mut next);
    }
    out.put(&text);
}
