//! Converts a stream line by line.

use std::io::{self, BufRead, Write};

use super::opencc::OpenCc;
use super::{Converter, Origin};

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
    /// An edition's converter, with the declared origin.
    News(&'a Converter, Origin, Markup),
    /// Exactly a configuration of OpenCC, on plain text.
    OpenCc(OpenCc),
}

/// Converts `input` to `output`, as many lines out as in, in bounded memory.
///
/// # Errors
/// Fails as reading or writing fails; `InvalidData` if the input is not UTF-8.
pub fn filter(mut input: impl BufRead, mut output: impl Write, engine: &Engine<'_>) -> io::Result<()> {
    let mut line = String::new();
    loop {
        line.clear();
        if input.read_line(&mut line)? == 0 {
            return output.flush();
        }
        match engine {
            Engine::News(converter, origin, Markup::Plain) => {
                output.write_all(converter.text(&line, *origin).as_bytes())?;
            }
            Engine::News(converter, origin, Markup::Markdown) => {
                output.write_all(converter.markdown(&line, *origin).text.as_bytes())?;
            }
            Engine::OpenCc(opencc) => output.write_all(opencc.convert(&line).as_bytes())?,
        }
    }
}
