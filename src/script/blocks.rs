//! Cuts a Markdown document into blocks that can be read one by one, and tells which of them hold nothing but prose.
//!
//! Takes a document; gives its blocks, or nothing where one block may reach into another: in documents with fences,
//! definitions of links, indented lines or raw HTML. Most lines of news are prose, which needs no parser; so are headings,
//! items of flat lists and quotations that hold nothing else.

use std::ops::Range;

/// A block: lines without a blank one between them.
pub(super) struct Block {
    pub(super) range: Range<usize>,
    /// Whether each of its lines shows what is written, behind its [`marker`].
    pub(super) prose: bool,
}

/// The mark that ends a summary; it shows nothing.
const MORE: &str = "<!-- more -->";

/// What an ASCII character does in prose.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Plain,
    /// May be markup.
    Marks,
    /// May reach beyond its block.
    Reaches,
}

const CLASSES: [Class; 128] = classes();

const fn classes() -> [Class; 128] {
    let mut classes = [Class::Plain; 128];
    let marks = b"`*_[]\\&|~!";
    let mut at = 0;
    while at < marks.len() {
        classes[marks[at] as usize] = Class::Marks;
        at += 1;
    }
    at = 0;
    while at < b' ' as usize {
        classes[at] = Class::Reaches;
        at += 1;
    }
    classes[b'<' as usize] = Class::Reaches;
    classes
}

/// Cuts a document into blocks; `None` if it has something that may reach from one into another.
pub(super) fn blocks(source: &str) -> Option<Vec<Block>> {
    let bytes = source.as_bytes();
    if source.starts_with('\u{feff}') {
        return None;
    }
    let mut blocks: Vec<Block> = Vec::new();
    let (mut start, mut open) = (0, false);
    while start < bytes.len() {
        let end = match line(bytes, start)? {
            Line::Blank => {
                open = false;
                start
            }
            // It is a block of its own, which ends with its line; in another block it would be something else.
            Line::More if open => return None,
            Line::More => start + MORE.len(),
            Line::Text { end, prose } => {
                match blocks.last_mut().filter(|_| open) {
                    Some(block) => (block.range.end, block.prose) = (end, block.prose && prose),
                    None => blocks.push(Block { range: start..end, prose }),
                }
                open = true;
                end
            }
        };
        start = end + 1;
    }
    Some(blocks)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Blank,
    More,
    /// A line of text ends here, before its line end.
    Text {
        end: usize,
        prose: bool,
    },
}

/// Reads the line that begins at `at`.
fn line(bytes: &[u8], start: usize) -> Option<Line> {
    let rest = &bytes[start..];
    match rest.first()? {
        b'\n' => return Some(Line::Blank),
        b' ' => return None,
        b'<' => {
            let behind = rest.strip_prefix(MORE.as_bytes())?;
            return matches!(behind.first(), None | Some(b'\n')).then_some(Line::More);
        }
        _ => {}
    }
    let marker = marker(rest);
    let mut prose = begins_prose(&rest[marker..]);
    let mut at = start;
    loop {
        // Eight bytes at a time where no ASCII is among them.
        while bytes.get(at..).and_then(|b| b.first_chunk::<8>()).is_some_and(|b| u64::from_le_bytes(*b) & HIGH == HIGH)
        {
            at += 8;
        }
        let Some(&byte) = bytes.get(at).filter(|byte| **byte != b'\n') else { break };
        match CLASSES.get(usize::from(byte)) {
            None | Some(Class::Plain) => {}
            Some(Class::Marks) => {
                prose = false;
                let next = bytes.get(at + 1);
                let fence = matches!(byte, b'`' | b'~') && next == Some(&byte) && bytes.get(at + 2) == Some(&byte);
                if fence || byte == b']' && next == Some(&b':') {
                    return None;
                }
            }
            Some(Class::Reaches) => return None,
        }
        at += 1;
    }
    // Blanks at the end of a line may break it, and signs at the end of a heading show nothing.
    prose &= bytes[at - 1] != b' ' && (marker == 0 || bytes[at - 1] != b'#');
    Some(Line::Text { end: at, prose })
}

const HIGH: u64 = 0x8080_8080_8080_8080;

/// Returns how much of a line marks a heading, an item of a list or a quotation.
pub(super) fn marker(line: &[u8]) -> usize {
    let signs = match line.first() {
        Some(b'-' | b'>') => 1,
        Some(b'#') => line.iter().take_while(|b| **b == b'#').count(),
        _ => 0,
    };
    if (1..=6).contains(&signs) && line.get(signs) == Some(&b' ') { signs + 1 } else { 0 }
}

/// Tells whether a line begins as no list, heading, rule or quotation does.
fn begins_prose(line: &[u8]) -> bool {
    let digits = line.iter().take_while(|b| b.is_ascii_digit()).count();
    match line.get(digits) {
        Some(b'.' | b')') if digits > 0 => false,
        _ if digits > 0 => true,
        Some(&b) => !b.is_ascii() || b.is_ascii_alphabetic() || b == b'(',
        None => false,
    }
}
