//! Documents from a stream of JSON lines, for work outside a site.

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read};

use rayon::prelude::*;
use serde::Deserialize;

use super::{Decisions, Document, Member, Report, Sketch, Texts, cluster, sketch};

/// One line of the input.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    text: Cow<'a, str>,
    #[serde(default, borrow)]
    title: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    date: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    source: Option<Cow<'a, str>>,
}

/// Why a stream of lines could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The stream broke off.
    #[error("line {line}: {source}")]
    Read {
        /// The line, from 1.
        line: usize,
        /// What the system says.
        source: std::io::Error,
    },
    /// A line is no document.
    #[error("line {line}: not a document `{{\"id\",\"text\"}}`: {source}")]
    Line {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// Two lines have one id.
    #[error("line {line}: `{id}` is also the id of line {first}")]
    Twice {
        /// The later line, counted without empty ones, from 1.
        line: usize,
        /// The earlier line.
        first: usize,
        /// The id.
        id: String,
    },
}

/// Documents in memory: their sketches and their bodies.
pub struct Corpus {
    /// One sketch a document, in the order of the input.
    pub sketches: Vec<Sketch>,
    bodies: Vec<Box<str>>,
}

impl Texts for Corpus {
    fn text(&self, index: usize) -> Cow<'_, str> {
        Cow::Borrowed(&self.bodies[index])
    }
}

/// Lines sketched at a time.
const BATCH: usize = 4096;

/// Reads JSON lines, calling `progress` with the number of documents read so far.
///
/// # Errors
/// The stream cannot be read, or a line is no document.
pub fn read(from: impl Read, progress: &mut dyn FnMut(usize)) -> Result<Corpus, Error> {
    let mut corpus = Corpus { sketches: Vec::new(), bodies: Vec::new() };
    let mut lines = BufReader::new(from).lines().enumerate();
    loop {
        let batch: Vec<(usize, String)> = lines
            .by_ref()
            .take(BATCH)
            .map(|(at, line)| Ok((at + 1, line.map_err(|source| Error::Read { line: at + 1, source })?)))
            .collect::<Result<_, Error>>()?;
        if batch.is_empty() {
            return twice(&corpus.sketches).map_or(Ok(corpus), Err);
        }
        let made: Vec<Option<(Sketch, Box<str>)>> =
            batch.par_iter().map(|(at, line)| document(*at, line)).collect::<Result<_, Error>>()?;
        for (sketch, body) in made.into_iter().flatten() {
            corpus.sketches.push(sketch);
            corpus.bodies.push(body);
        }
        progress(corpus.sketches.len());
    }
}

/// Complains about the first id that stands there twice.
fn twice(sketches: &[Sketch]) -> Option<Error> {
    let mut places: Vec<usize> = (0..sketches.len()).collect();
    places.sort_by_key(|&at| (&sketches[at].id, at));
    let pair = places.windows(2).filter(|two| sketches[two[0]].id == sketches[two[1]].id).min_by_key(|two| two[1])?;
    Some(Error::Twice { line: pair[1] + 1, first: pair[0] + 1, id: sketches[pair[1]].id.clone() })
}

fn document(line: usize, text: &str) -> Result<Option<(Sketch, Box<str>)>, Error> {
    let text = if line == 1 { text.trim_start_matches('\u{feff}') } else { text };
    if text.trim().is_empty() {
        return Ok(None);
    }
    let read: Line<'_> = serde_json::from_str(text).map_err(|source| Error::Line { line, source })?;
    let document = Document {
        id: &read.id,
        text: &read.text,
        title: read.title.as_deref(),
        date: read.date.as_deref(),
        source: read.source.as_deref(),
    };
    Ok(Some((sketch(&document), read.text.into())))
}

impl Corpus {
    /// Finds the clusters.
    pub fn cluster(&self, decisions: &Decisions) -> Report {
        cluster(&self.sketches, self, decisions)
    }

    /// Gives the report as the JSON value that `dedupe --jsonl` prints.
    pub fn json(&self, report: &Report) -> serde_json::Value {
        json(report, &|index| (self.sketches[index].id.as_str(), None), serde_json::json!({}))
    }
}

/// Gives a report as the JSON value that `dedupe --format json` prints; `name` gives the id and path of a document.
pub fn json<'n>(
    report: &Report,
    name: &dyn Fn(usize) -> (&'n str, Option<&'n str>),
    decisions: serde_json::Value,
) -> serde_json::Value {
    let id = |index: usize| name(index).0;
    let member = |member: &Member| {
        let (id, path) = name(member.index);
        serde_json::json!({"id": id, "path": path, "containment": rounded(member.containment), "kind": member.kind})
    };
    let clusters = report.clusters.iter().map(|cluster| {
        let members: Vec<_> = cluster.members.iter().map(member).collect();
        serde_json::json!({"canonical": cluster.members.first().map(|m| id(m.index)), "members": members})
    });
    let review = report.review.iter().map(|pair| {
        serde_json::json!({"a": id(pair.a), "b": id(pair.b), "containment": rounded(pair.containment),
            "evidence": pair.evidence, "numbers_differ": pair.numbers_differ, "conflicts": pair.conflicts})
    });
    let (clusters, review) = (clusters.collect::<Vec<_>>(), review.collect::<Vec<_>>());
    serde_json::json!({"clusters": clusters, "review": review, "decisions": decisions})
}

fn rounded(share: f64) -> f64 {
    (share * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Corpus, String> {
        read(text.as_bytes(), &mut |_| {}).map_err(|error| error.to_string())
    }

    #[test]
    fn reads_lines_and_reports_clusters() {
        let text = "兰州新区昨日举行项目集中签约仪式，十二个项目落户，总投资四十亿元，涉及新材料与生物医药。";
        let lines = format!(
            "\u{feff}{{\"id\":\"a\",\"text\":\"{text}\",\"date\":\"2020-01-02\"}}\n\n{{\"id\":\"b\",\"text\":\"{text}\\n\",\"title\":null,\"x\":1}}\n"
        );
        let corpus = read_text(&lines).unwrap();
        let report = corpus.json(&corpus.cluster(&Decisions::none()));
        assert_eq!(report["clusters"][0]["canonical"], "a");
        assert_eq!(report["clusters"][0]["members"][1]["kind"], "exact");
    }

    #[test]
    fn says_which_line_is_wrong() {
        let good = "{\"id\":\"a\",\"text\":\"\"}\n";
        let wrong = read_text(&format!("{good}oops\n")).err().unwrap();
        assert!(wrong.starts_with("line 2: not a document"), "{wrong}");
        assert_eq!(read_text(&good.repeat(2)).err().unwrap(), "line 2: `a` is also the id of line 1");
    }
}
