//! Complaints about what editors wrote: where, what, and what to do.
//!
//! Knows no stage. A stage that can complain returns [`Checked`]: its value and the diagnostics met on the way.
//! Only `main` and `cli` print; [`render`] makes the text they print.

pub mod codes;
pub mod stored;

use std::fmt::Write as _;

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

/// Says whether a diagnostic stops the build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is published.
    Error,
    /// The build goes on.
    Warning,
}

impl Severity {
    /// Returns the word used in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// The quoted source line under a message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Snippet {
    /// The whole line, without its line end.
    pub line: String,
    /// How many characters the caret underlines, at least 1.
    pub width: usize,
}

/// A repair that keeps what was meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fix {
    /// Byte of the decoded file where it begins.
    pub at: usize,
    /// What stands there.
    pub from: String,
    /// What shall stand there.
    pub to: String,
}

/// One complaint, placed in a file.
///
/// Lines and columns count from 1, from the top of the file, columns in characters; 0 means "the file as a whole".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Diagnostic {
    /// Path relative to the root of the site, with `/`; empty when no file is to blame.
    pub path: String,
    /// Line from 1, or 0 for the whole file.
    pub line: usize,
    /// Column in characters from 1, or 0 for the whole file.
    pub column: usize,
    /// Whether the build may go on.
    pub severity: Severity,
    /// Stable code, listed in the manual.
    pub code: &'static str,
    /// What is wrong: lower case, no full stop, the offending text in backticks.
    pub message: String,
    /// What to do, as an imperative.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The source line, when there is one.
    #[serde(skip)]
    pub snippet: Option<Snippet>,
    /// How to repair it without asking, when that is safe.
    #[serde(skip)]
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// Makes an error.
    pub fn error(code: &'static str, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, path, message)
    }

    /// Makes a warning.
    pub fn warning(code: &'static str, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, path, message)
    }

    fn new(severity: Severity, code: &'static str, path: impl Into<String>, message: impl Into<String>) -> Self {
        Diagnostic {
            path: path.into(),
            line: 0,
            column: 0,
            severity,
            code,
            message: message.into(),
            help: None,
            snippet: None,
            fix: None,
        }
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a repair: what shall stand in place of these bytes of the file's text.
    ///
    /// Only for what keeps the meaning: `check --fix` applies it without asking.
    #[must_use]
    pub fn fix(mut self, text: &str, range: std::ops::Range<usize>, to: impl Into<String>) -> Self {
        if let Some(from) = text.get(range.clone()) {
            self.fix = Some(Fix { at: range.start, from: from.to_owned(), to: to.into() });
        }
        self
    }

    /// Places the complaint at a line and column without quoting the source.
    #[must_use]
    pub fn at(mut self, line: usize, column: usize) -> Self {
        self.line = line;
        self.column = column;
        self
    }

    /// Places the complaint at a byte range of the file's text and quotes the line.
    ///
    /// A range outside the text, or not on character boundaries, is moved to the nearest place inside.
    #[must_use]
    pub fn span(mut self, text: &str, range: std::ops::Range<usize>) -> Self {
        let start = floor_boundary(text, range.start);
        let end = floor_boundary(text, range.end.max(start));
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        self.line = text[..start].bytes().filter(|&b| b == b'\n').count() + 1;
        self.column = text[line_start..start].chars().count() + 1;
        let width = text[start..end.min(line_end).max(start)].chars().count().max(1);
        let line = text[line_start..line_end].trim_end_matches('\r').to_owned();
        self.snippet = Some(Snippet { line, width });
        self
    }

    /// Tells whether this complaint stops the build.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A value and what was noticed while it was made.
///
/// A bad article is absent from `value` and present in `diagnostics`; the others go on.
#[derive(Clone, Debug, Default)]
pub struct Checked<T> {
    /// What the stage hands on.
    pub value: T,
    /// What it has to say about it.
    pub diagnostics: Vec<Diagnostic>,
}

impl<T> Checked<T> {
    /// Wraps a value nobody complains about.
    pub fn clean(value: T) -> Self {
        Checked { value, diagnostics: Vec::new() }
    }

    /// Moves the diagnostics into `into` and returns the value.
    pub fn drain_into(self, into: &mut Vec<Diagnostic>) -> T {
        into.extend(self.diagnostics);
        self.value
    }

    /// Tells whether any diagnostic is an error.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Sorts by place and drops exact repetitions.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort();
    diagnostics.dedup();
}

/// The longest stretch of a source line that is quoted, in characters; more is cut around the caret.
const QUOTED: usize = 100;

/// Renders one diagnostic as it is printed, without colour, ending in a line end.
///
/// ```
/// use jianfan::diagnostic::{render, Diagnostic};
/// let text = "---\ndate: 2019-02-21- 06:56\n---\n";
/// let d = Diagnostic::warning("date-repaired", "a.md", "date `2019-02-21- 06:56` read as `2019-02-21 06:56`")
///     .span(text, 10..27)
///     .help("write `date: 2019-02-21 06:56`");
/// assert_eq!(render(&d), "\
/// a.md:2:7: warning[date-repaired]: date `2019-02-21- 06:56` read as `2019-02-21 06:56`
///   |
/// 2 | date: 2019-02-21- 06:56
///   |       ^^^^^^^^^^^^^^^^^
///   = help: write `date: 2019-02-21 06:56`
/// ");
/// ```
pub fn render(diagnostic: &Diagnostic) -> String {
    let mut out = String::new();
    let d = diagnostic;
    if !d.path.is_empty() {
        out.push_str(&visible(&d.path));
        if d.line > 0 {
            let _ = write!(out, ":{}:{}", d.line, d.column.max(1));
        }
        out.push_str(": ");
    }
    let _ = writeln!(out, "{}[{}]: {}", d.severity.as_str(), d.code, visible(&d.message));
    let gutter = if d.line > 0 { d.line.to_string().len() } else { 1 };
    if let Some(snippet) = &d.snippet {
        let (line, column) = window(&snippet.line, d.column);
        let (before, marked) = split_marked(&line, column, snippet.width);
        let _ = writeln!(out, "{:gutter$} |", "");
        let _ = writeln!(out, "{} | {}", d.line, line);
        let _ = writeln!(out, "{:gutter$} | {}{}", "", " ".repeat(before), "^".repeat(marked));
    }
    if let Some(help) = &d.help {
        let _ = writeln!(out, "{:gutter$} = help: {}", "", visible(help));
    }
    out
}

/// Cuts a long line to a window around the column; control characters become visible ones of width 1.
fn window(line: &str, column: usize) -> (String, usize) {
    let shown: Vec<char> = line.chars().map(visible_char).collect();
    if shown.len() <= QUOTED {
        return (shown.into_iter().collect(), column);
    }
    let from = column.saturating_sub(1).saturating_sub(QUOTED / 3).min(shown.len() - QUOTED);
    (shown[from..from + QUOTED].iter().collect(), column - from)
}

/// Gives the display widths of what stands before the caret and of what it underlines.
fn split_marked(line: &str, column: usize, width: usize) -> (usize, usize) {
    let before: String = line.chars().take(column.saturating_sub(1)).collect();
    let marked: String = line.chars().skip(column.saturating_sub(1)).take(width).collect();
    (before.width(), marked.width().max(1))
}

fn visible(text: &str) -> String {
    text.chars().map(visible_char).collect()
}

/// Replaces what would disturb a terminal: control characters and marks that turn the direction of writing.
fn visible_char(c: char) -> char {
    match c {
        '\t' => ' ',
        c if c.is_control() => '\u{fffd}',
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => '\u{fffd}',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_the_caret_by_display_width() {
        let text = "标题：坏的\n";
        let d = Diagnostic::error("x", "a.md", "bad").span(text, 9..text.len());
        assert_eq!((d.line, d.column), (1, 4));
        assert_eq!(render(&d), "a.md:1:4: error[x]: bad\n  |\n1 | 标题：坏的\n  |       ^^^^\n");
    }

    #[test]
    fn keeps_long_lines_and_control_characters_short_and_visible() {
        let text = format!("{}坏\u{1b}[31m{}", "长".repeat(500), "长".repeat(500));
        let shown = render(&Diagnostic::error("x", "a.md", "bad \u{1b}[31m").span(&text, 1500..1503));
        assert!(!shown.contains('\u{1b}') && shown.lines().all(|l| l.chars().count() < 220), "{shown}");
        assert!(shown.contains('坏'));
    }

    #[test]
    fn survives_ranges_outside_the_text() {
        let d = Diagnostic::error("x", "a", "b").span("甲", 1..99);
        assert_eq!((d.line, d.column), (1, 1));
    }
}
