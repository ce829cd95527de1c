//! Sketches as Parquet: a database finds in them the pairs that the program compares.
#![allow(clippy::unwrap_used, reason = "a test may stop where it is surprised")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use jianfan::dedupe::{Document, Sketch, bulk, candidate_pairs, sketch};

use crate::support;

/// A small deterministic stream of numbers.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below
    }

    fn prose(&mut self, words: usize) -> String {
        let word = |n: usize| {
            [n * 7919 % 5000, n * 104_729 % 5000].map(|n| char::from_u32(0x4E00 + n as u32).unwrap_or_default())
        };
        (0..words).flat_map(|_| word(self.roll(4000))).collect()
    }
}

/// Stories with copies, follow-ups, a common foot, notices of one template, equal texts, short texts: every way to meet.
fn corpus() -> Vec<(String, String, String)> {
    let mut dice = Dice(17);
    let foot = dice.prose(70);
    let parts: Vec<String> = (0..4).map(|_| dice.prose(14)).collect();
    let mut out = Vec::new();
    for n in 0..70 {
        let (words, title) = (20 + dice.roll(700), dice.prose(6));
        let text = dice.prose(words);
        let half: String = text.chars().take(words).collect();
        out.push((format!("s{n}/a"), title.clone(), format!("{text}{foot}")));
        if n % 3 == 0 {
            out.push((format!("s{n}/b"), title.clone(), format!("{}{half}", dice.prose(9))));
        }
        if n % 5 == 0 {
            out.push((format!("s{n}/\u{4e00}'c"), title, text));
        }
    }
    for n in 0..60 {
        let text = format!(
            "{}{}{}{}{}{}年{}",
            parts[0],
            n * 7 + 13,
            parts[1],
            dice.roll(90),
            parts[2],
            2000 + n % 9,
            parts[3]
        );
        out.push((format!("n{n}"), String::new(), text));
    }
    let copied = dice.prose(120);
    out.extend((0..40).map(|n| (format!("c{n}"), String::new(), format!("{copied}{}", dice.prose(n % 7)))));
    let short = dice.prose(8);
    out.extend((0..6).map(|n| (format!("t{n}"), dice.prose(5 + n % 2), short.clone())));
    out.extend((0..3).map(|n| (format!("e{n}"), String::new(), dice.prose(n + 1))));
    out
}

/// The query of the manual.
fn query() -> String {
    let manual = include_str!("../docs/dedupe-at-scale.md");
    let from = manual.split_once("```sql\n").unwrap().1;
    from.split_once("```").unwrap().0.to_owned()
}

fn python() -> Option<PathBuf> {
    let python = Path::new(env!("CARGO_TARGET_TMPDIR")).parent()?.join("tools/duckdb/bin/python");
    if !python.is_file() {
        support::skipped("the query needs DuckDB, which tests/dedupe/fetch-duckdb installs");
        return None;
    }
    Some(python)
}

#[test]
fn a_database_finds_the_pairs_that_are_compared() {
    let Some(python) = python() else { return };
    let documents = corpus();
    let folder = tempfile::tempdir().unwrap();
    // In two parts: what stands in a table depends on its own articles alone.
    for (part, of_part) in documents.chunks(documents.len() / 2 + 1).enumerate() {
        let line = |(id, title, text): &(String, String, String)| {
            let title = (!title.is_empty()).then_some(title);
            format!("{}\n", serde_json::json!({"id": id, "title": title, "text": text}))
        };
        let lines: String = of_part.iter().map(line).collect();
        let (from, to) = (folder.path().join(format!("{part}.jsonl")), folder.path().join(format!("{part}.parquet")));
        std::fs::write(&from, lines).unwrap();
        let args = ["dedupe", "--jsonl", from.to_str().unwrap(), "--sketches", to.to_str().unwrap()];
        let (out, err) = support::expect(folder.path(), &args, 0);
        assert!(out.ends_with(&format!("sketches of {} articles\n", of_part.len())) && err.is_empty(), "{out}{err}");
    }
    let sketches: Vec<Sketch> = documents
        .iter()
        .map(|(id, title, text)| {
            sketch(&Document { id, text, title: (!title.is_empty()).then_some(title), ..Document::default() })
        })
        .collect();
    let id = |at: usize| sketches[at].id.clone();
    let ours: BTreeSet<(String, String)> =
        candidate_pairs(&sketches).into_iter().map(|(a, b)| (id(a), id(b))).collect();
    let program = "import duckdb, json, sys\n\
        db = duckdb.connect()\n\
        db.execute(f\"CREATE VIEW sketches AS SELECT * FROM read_parquet('{sys.argv[1]}/*.parquet')\")\n\
        print(json.dumps(db.execute(sys.stdin.read()).fetchall()))\n";
    let mut child = Command::new(python)
        .args(["-c", program])
        .arg(folder.path())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), query().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let found: Vec<(String, String)> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found.len(), found.iter().collect::<BTreeSet<_>>().len(), "a pair is found twice");
    assert!(ours.len() > 150, "{}", ours.len());
    assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), ours);
}

#[test]
fn lines_that_come_through_a_pipe_are_compared_as_those_of_a_file() {
    let lines: String =
        corpus().iter().map(|(id, _, text)| format!("{}\n", serde_json::json!({"id": id, "text": text}))).collect();
    let bytes = lines.clone().into_bytes();
    let expected = bulk::read(lines.as_bytes(), &bytes, &mut |_, _| {}).unwrap();
    let expected = expected.json(&expected.cluster(&jianfan::dedupe::Decisions::none()).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all.jsonl");
    std::fs::write(&file, &lines).unwrap();
    let (out, _) =
        support::expect(folder.path(), &["dedupe", "--jsonl", file.to_str().unwrap(), "--format", "json"], 0);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&out).unwrap(), expected);
    let piped = Command::new("sh")
        .args(["-c", "cat \"$1\" | \"$0\" dedupe --jsonl /dev/stdin --format json", support::JIANFAN])
        .arg(&file)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(piped.stdout).unwrap(), out);
}
