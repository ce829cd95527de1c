//! Converts a stream line by line, in bounded memory.
//!
//! Takes a reader, gives as many lines to a writer. Lines without end are cut into pieces. Knows nothing of files.

use std::io::{self, BufRead, Read, Write};

use super::opencc::OpenCc;
use super::{Converter, Origin, detect};

/// What the lines are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Markup {
    /// Markdown: inline markup ends with its line, code fences span lines.
    #[default]
    Markdown,
    /// Plain text.
    Plain,
}

/// What converts the lines.
pub enum Engine<'a> {
    /// An edition's converter, with the declared origin. `Auto` settles the origin line by line, remembering the last.
    News(&'a Converter, Origin, Markup),
    /// Exactly a configuration of OpenCC, on plain text.
    OpenCc(OpenCc),
}

/// The most that is read at once, in bytes: a line longer than this is converted in pieces.
const PIECE: u64 = 1 << 20;
/// How much OpenCC converts in one go: whole lines, up to about this many bytes.
const BLOCK: usize = 1 << 18;

/// Converts `input` to `output`, as many lines out as in, in bounded memory.
///
/// # Errors
/// Fails as reading or writing fails; `InvalidData` if the input is not UTF-8.
pub fn filter(mut input: impl BufRead, mut output: impl Write, engine: &Engine<'_>) -> io::Result<()> {
    let mut state = State { fence: None, last: Origin::Mixed, out: Vec::new() };
    let mut block = Vec::new();
    let wanted = if matches!(engine, Engine::OpenCc(_)) { BLOCK } else { 1 };
    loop {
        let read = (&mut input).take(PIECE).read_until(b'\n', &mut block)?;
        if read > 0 && block.len() < wanted {
            continue;
        }
        // A piece may end inside a character: that part waits for the next piece.
        let whole = if read == 0 { block.len() } else { whole_chars(&block) };
        let text = std::str::from_utf8(&block[..whole]).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?;
        if !text.is_empty() {
            state.convert(text, engine, &mut output)?;
        }
        block.drain(..whole);
        if read == 0 {
            return output.flush();
        }
    }
}

/// Returns the length of the text without a character that has only begun.
fn whole_chars(bytes: &[u8]) -> usize {
    let tail = bytes.iter().rev().take(4).position(|&b| b & 0xc0 != 0x80);
    let Some(back) = tail else { return bytes.len() };
    let start = bytes.len() - 1 - back;
    let wanted = match bytes[start] {
        0..0xc0 => 1,
        0xc0..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    };
    if start + wanted > bytes.len() { start } else { bytes.len() }
}

/// What a line must know of the lines before it.
struct State {
    /// The fence of an open code block: its character and length.
    fence: Option<(char, usize)>,
    /// The origin of the last line that told one.
    last: Origin,
    out: Vec<u8>,
}

impl State {
    fn convert(&mut self, text: &str, engine: &Engine<'_>, output: &mut impl Write) -> io::Result<()> {
        match engine {
            Engine::OpenCc(opencc) => {
                self.out.clear();
                opencc.convert_into(text, &mut self.out);
                output.write_all(&self.out)
            }
            Engine::News(converter, origin, markup) => {
                let origin = self.origin(*origin, text);
                if *markup == Markup::Plain {
                    return output.write_all(converter.text(text, origin).as_bytes());
                }
                if self.is_code(text) {
                    return output.write_all(text.as_bytes());
                }
                // A line is read by itself: what indents it is no code block, and no line ends in what it shows.
                let body = text.trim_start_matches([' ', '\t', '\u{3000}']);
                output.write_all(&text.as_bytes()[..text.len() - body.len()])?;
                let (line, end) = body.split_at(body.trim_end_matches(['\n', '\r']).len());
                output.write_all(converter.line(line, origin).as_bytes())?;
                output.write_all(end.as_bytes())
            }
        }
    }

    fn origin(&mut self, declared: Origin, text: &str) -> Origin {
        if declared != Origin::Auto {
            return declared;
        }
        match detect::detect(text).verdict {
            detect::Verdict::Hans => self.last = Origin::Hans,
            detect::Verdict::Hant => self.last = Origin::Hant,
            detect::Verdict::Mixed => self.last = Origin::Mixed,
            detect::Verdict::Unknown => {}
        }
        self.last
    }

    /// Follows code fences; true for their lines and the lines between them.
    fn is_code(&mut self, text: &str) -> bool {
        let line = text.trim_start_matches(' ');
        let first = line.chars().next().filter(|c| matches!(c, '`' | '~'));
        let len = first.map_or(0, |f| line.chars().take_while(|&c| c == f).count());
        match (self.fence, first) {
            (None, Some(c)) if len >= 3 && !(c == '`' && line[len..].contains('`')) => {
                self.fence = Some((c, len));
                true
            }
            (None, _) => false,
            (Some((open, n)), Some(c)) if c == open && len >= n && line[len..].trim().is_empty() => {
                self.fence = None;
                true
            }
            (Some(_), _) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::glossary::Glossary;
    use crate::script::{Options, Region, Target};

    fn check(input: &str, expected: &str) {
        let converter = Converter::new(Target::Hant(Region::Tw), &Glossary::empty(), Options::default());
        let mut out = Vec::new();
        filter(input.as_bytes(), &mut out, &Engine::News(&converter, Origin::Hans, Markup::Markdown)).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn keeps_lines_and_fences() {
        check("后面\r\n```\n后面\n```\n    后面\n\n后面", "後面\r\n```\n后面\n```\n    後面\n\n後面");
        check("- **复**工率\n# 发展\n| 后 | 面 |\n", "- **復**工率\n# 發展\n| 後 | 面 |\n");
        check("[^1]: 后面\n[a]: /后 \"后面\"\n", "[^1]: 後面\n[a]: /后 \"後面\"\n");
    }

    #[test]
    fn cuts_endless_lines_between_characters() {
        let text = "发展".repeat(400_000);
        check(&text, &"發展".repeat(400_000));
    }

    #[test]
    fn refuses_what_is_no_utf8() {
        let converter = Converter::new(Target::Hans, &Glossary::empty(), Options::default());
        let engine = Engine::News(&converter, Origin::Auto, Markup::Plain);
        let error = filter(&b"\xff\n"[..], Vec::new(), &engine).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}
