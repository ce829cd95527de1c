//! Tags many texts at once: lines of JSON in, the report of the command `tag` out, in bounded memory.

use std::io::{self, BufRead, Write};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::detect::{Detector, Evidence, Tag, Text};
use crate::diagnostic::Diagnostic;

/// One line of input.
#[derive(Debug, Deserialize)]
struct Line {
    id: serde_json::Value,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    source: Option<String>,
}

/// Where a term of a report comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The article says so itself.
    FrontMatter,
    /// It was found in the text.
    Detected,
}

/// One term of an article in a report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// The taxonomy.
    pub taxonomy: String,
    /// The id of the term.
    pub term: String,
    /// Where it comes from.
    pub origin: Origin,
    /// From 0 to 1; 1 for front matter.
    pub score: f32,
    /// The mentions.
    pub evidence: Vec<Evidence>,
}

impl From<Tag> for Entry {
    fn from(tag: Tag) -> Entry {
        Entry {
            taxonomy: tag.taxonomy,
            term: tag.term.to_string(),
            origin: Origin::Detected,
            score: tag.score,
            evidence: tag.evidence,
        }
    }
}

/// One article of a report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tagged {
    /// The id.
    pub id: String,
    /// Its terms.
    pub terms: Vec<Entry>,
}

/// How many lines are held at once.
const CHUNK: usize = 4096;
/// The longest line, in bytes; longer ones are reported and passed over.
const LONGEST: u64 = 64 << 20;

/// Reads `{"id","title","text","source"}` lines and writes `{"articles":[…]}`, in the order of the lines.
///
/// `path` names the input in diagnostics, `progress` is called with the number of lines done. Lines that are no such
/// object are left out and reported.
///
/// # Errors
/// The input cannot be read or the output not be written.
pub fn run(
    detector: &Detector,
    path: &str,
    mut input: impl BufRead,
    mut output: impl Write,
    progress: &mut dyn FnMut(usize),
) -> io::Result<Vec<Diagnostic>> {
    let mut diagnostics = Vec::new();
    let mut number = 0;
    let mut first = true;
    output.write_all(b"{\"articles\":[")?;
    loop {
        let lines = chunk(&mut input, &mut number)?;
        if lines.is_empty() {
            break;
        }
        let tagged: Vec<Result<String, Box<Diagnostic>>> =
            lines.par_iter().map(|(n, line)| tag(detector, path, *n, line)).collect();
        for result in tagged {
            match result {
                Ok(text) => {
                    output.write_all(if first { b"\n" } else { b",\n" })?;
                    output.write_all(text.as_bytes())?;
                    first = false;
                }
                Err(d) => diagnostics.push(*d),
            }
        }
        progress(number);
    }
    output.write_all(b"]}\n")?;
    Ok(diagnostics)
}

/// Reads up to [`CHUNK`] lines that are not blank, with their numbers from 1.
fn chunk(input: &mut impl BufRead, number: &mut usize) -> io::Result<Vec<(usize, Vec<u8>)>> {
    let mut lines = Vec::new();
    while lines.len() < CHUNK {
        let mut line = Vec::new();
        if io::Read::take(&mut *input, LONGEST).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        *number += 1;
        if !line.trim_ascii().is_empty() {
            lines.push((*number, line));
        }
    }
    Ok(lines)
}

fn tag(detector: &Detector, path: &str, number: usize, line: &[u8]) -> Result<String, Box<Diagnostic>> {
    let bad = |why: String| {
        Box::new(
            Diagnostic::error("jsonl-line", path, why)
                .at(number, 1)
                .help("write one object `{\"id\", \"title\", \"text\", \"source\"}` a line"),
        )
    };
    let line: Line = serde_json::from_slice(line.trim_ascii_start().strip_prefix(b"\xef\xbb\xbf").unwrap_or(line))
        .map_err(|e| bad(format!("the line is no article: {e}")))?;
    let id = match line.id {
        serde_json::Value::String(s) => s,
        serde_json::Value::Number(n) => n.to_string(),
        _ => return Err(bad("the `id` is neither a text nor a number".to_owned())),
    };
    let text = Text {
        title: line.title.as_deref().unwrap_or(""),
        body: line.text.as_deref().unwrap_or(""),
        source: line.source.as_deref(),
    };
    let terms = detector.detect(&text).into_iter().map(Entry::from).collect();
    serde_json::to_string(&Tagged { id, terms }).map_err(|e| bad(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::taxonomy::Taxonomies;

    #[test]
    fn writes_a_report_and_names_bad_lines() {
        let detector = Detector::new(&Taxonomies::builtin());
        let input =
            "{\"id\":\"a\",\"title\":\"兰州开了一所夜校\",\"text\":\"兰州市昨日开了一所夜校。\"}\n\nno\n{\"id\":7}\n";
        let mut out = Vec::new();
        let mut seen = 0;
        let diagnostics = run(&detector, "x.jsonl", input.as_bytes(), &mut out, &mut |n| seen = n).unwrap();
        let report: serde_json::Value = serde_json::from_slice(&out).unwrap();
        let term = &report["articles"][0]["terms"][0];
        assert_eq!((term["term"].as_str(), term["origin"].as_str()), (Some("lanzhou"), Some("detected")));
        assert_eq!(term["evidence"][0], serde_json::json!({"text": "兰州", "where": "title", "offset": 0}));
        assert_eq!(report["articles"][1]["id"], "7");
        assert_eq!((diagnostics.len(), diagnostics[0].line, seen), (1, 3, 4));
    }
}
