//! Documents from JSON lines, for work outside a site.
//!
//! A line is read once to be sketched; what stays in memory is the sketch and where the line stands. The few texts that are
//! compared are read again from there, so that a million articles need the memory of their sketches.

use std::borrow::Cow;
use std::io::{self, BufRead};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use serde::Deserialize;

use super::{Decisions, Document, Member, Report, Sketch, Texts, cluster, sketch};

/// Gives back what stands at a place of the input.
pub trait Lines: Sync {
    /// Reads `length` bytes from byte `at` on.
    ///
    /// # Errors
    /// The input cannot be read there any more.
    fn line(&self, at: u64, length: usize) -> io::Result<Vec<u8>>;
}

impl Lines for Vec<u8> {
    fn line(&self, at: u64, length: usize) -> io::Result<Vec<u8>> {
        let from = usize::try_from(at).ok().and_then(|at| self.get(at..)?.get(..length));
        from.map(<[u8]>::to_vec).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

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

/// Documents of which the sketches are in memory.
pub struct Corpus<'l> {
    /// One sketch a document, in the order of the input.
    pub sketches: Vec<Sketch>,
    /// Where the line of each document begins, and its bytes.
    places: Vec<(u64, usize)>,
    lines: &'l dyn Lines,
    trouble: Mutex<Option<io::Error>>,
}

impl Texts for Corpus<'_> {
    fn text(&self, index: usize) -> Cow<'_, str> {
        let (at, length) = self.places[index];
        let read = |line: Vec<u8>| Some(serde_json::from_slice::<Line<'_>>(trimmed(&line)).ok()?.text.into_owned());
        let changed = || io::Error::other("it changed while it was read");
        let text = self.lines.line(at, length).and_then(|line| read(line).ok_or_else(changed));
        text.map_or_else(
            |error| {
                self.trouble.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                Cow::Borrowed("")
            },
            Cow::Owned,
        )
    }
}

/// Bytes of lines sketched at a time.
const BATCH: usize = 16 << 20;

/// Reads JSON lines, calling `progress` with the bytes read so far and the sketches made since it was called last.
///
/// `lines` gives the same input again by place.
///
/// # Errors
/// The stream cannot be read, or a line is no document.
pub fn read<'l>(
    mut from: impl BufRead,
    lines: &'l dyn Lines,
    progress: &mut dyn FnMut(u64, &[Sketch]),
) -> Result<Corpus<'l>, Error> {
    let mut corpus = Corpus { sketches: Vec::new(), places: Vec::new(), lines, trouble: Mutex::new(None) };
    let (mut line, mut at) = (0, 0u64);
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        let mut ends: Vec<(usize, usize)> = Vec::new();
        batch.clear();
        while batch.len() < BATCH {
            let before = batch.len();
            line += 1;
            let read = from.read_until(b'\n', &mut batch).map_err(|source| Error::Read { line, source })?;
            if read == 0 {
                break;
            }
            ends.push((before, batch.len()));
        }
        if ends.is_empty() {
            return twice(&corpus.sketches).map_or(Ok(corpus), Err);
        }
        let first = line - ends.len();
        let made: Vec<Option<Sketch>> = ends
            .par_iter()
            .enumerate()
            .map(|(nth, &(from, to))| document(first + nth, &batch[from..to]))
            .collect::<Result<_, Error>>()?;
        let before = corpus.sketches.len();
        for (sketch, (from, to)) in made.into_iter().zip(ends) {
            corpus.places.extend(sketch.as_ref().map(|_| (at + from as u64, to - from)));
            corpus.sketches.extend(sketch);
        }
        at += batch.len() as u64;
        progress(at, &corpus.sketches[before..]);
    }
}

/// Complains about the first id that stands there twice.
fn twice(sketches: &[Sketch]) -> Option<Error> {
    let mut places: Vec<usize> = (0..sketches.len()).collect();
    places.sort_by_key(|&at| (&sketches[at].id, at));
    let pair = places.windows(2).filter(|two| sketches[two[0]].id == sketches[two[1]].id).min_by_key(|two| two[1])?;
    Some(Error::Twice { line: pair[1] + 1, first: pair[0] + 1, id: sketches[pair[1]].id.clone() })
}

/// Leaves out a mark of the byte order.
fn trimmed(line: &[u8]) -> &[u8] {
    line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line)
}

fn document(line: usize, bytes: &[u8]) -> Result<Option<Sketch>, Error> {
    let bytes = if line == 1 { trimmed(bytes) } else { bytes };
    if bytes.trim_ascii().is_empty() {
        return Ok(None);
    }
    let read: Line<'_> = serde_json::from_slice(bytes).map_err(|source| Error::Line { line, source })?;
    let document = Document {
        id: &read.id,
        text: &read.text,
        title: read.title.as_deref(),
        date: read.date.as_deref(),
        source: read.source.as_deref(),
    };
    Ok(Some(sketch(&document)))
}

impl Corpus<'_> {
    /// Finds the clusters.
    ///
    /// # Errors
    /// A text could not be read again.
    pub fn cluster(&self, decisions: &Decisions) -> io::Result<Report> {
        let report = cluster(&self.sketches, self, decisions);
        self.trouble().map_or(Ok(report), Err)
    }

    /// Gives the first reason for which a text could not be read again, once.
    pub fn trouble(&self) -> Option<io::Error> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).take()
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

    fn read_text(text: &str) -> Result<Corpus<'static>, String> {
        let kept: &'static Vec<u8> = Box::leak(Box::new(text.into()));
        read(kept.as_slice(), kept, &mut |_, _| {}).map_err(|error| error.to_string())
    }

    #[test]
    fn reads_lines_and_reports_clusters() {
        let text = "兰州新区昨日举行项目集中签约仪式，十二个项目落户，总投资四十亿元，涉及新材料与生物医药。";
        let lines = format!(
            "\u{feff}{{\"id\":\"a\",\"text\":\"{text}\",\"date\":\"2020-01-02\"}}\n\n{{\"id\":\"b\",\"text\":\"{text}\\n\",\"title\":null,\"x\":1}}\n"
        );
        let corpus = read_text(&lines).unwrap();
        let report = corpus.json(&corpus.cluster(&Decisions::none()).unwrap());
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

    #[test]
    fn reads_again_only_what_is_compared_and_says_when_it_is_gone() {
        struct Gone;
        impl Lines for Gone {
            fn line(&self, _: u64, _: usize) -> io::Result<Vec<u8>> {
                Err(io::ErrorKind::NotFound.into())
            }
        }
        let text =
            "渡口的灯在天亮以前熄了，船工们收好缆绳，等第一班渡船从对岸开来，船上有一车树苗、两只羊和六个赶集的人。";
        let line = |id: &str, text: &str| format!("{{\"id\":\"{id}\",\"text\":\"{text}\"}}\n");
        let other = "论文答辩安排在下月初，导师要求学生先把实验数据重新核对一遍，再交打印稿，逾期的顺延到秋季学期。";
        let apart = line("a", text) + &line("b", other);
        assert!(read(apart.as_bytes(), &Gone, &mut |_, _| {}).unwrap().cluster(&Decisions::none()).is_ok());
        let near = line("a", text) + &line("b", &text.replace("六个", "好几个"));
        assert!(read(near.as_bytes(), &Gone, &mut |_, _| {}).unwrap().cluster(&Decisions::none()).is_err());
    }
}
