//! Reads `{"id","text","title"?,"date"?,"source"?}` lines from a file and prints the duplicate report as JSON.

use std::io::Write as _;

use jianfan::dedupe::{Decisions, bulk};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: dedupe FILE.jsonl")?;
    let corpus = bulk::read(std::fs::File::open(&path)?, &mut |_| {})?;
    let report = corpus.cluster(&Decisions::none());
    serde_json::to_writer(std::io::stdout().lock(), &corpus.json(&report))?;
    std::io::stdout().write_all(b"\n")?;
    Ok(())
}
