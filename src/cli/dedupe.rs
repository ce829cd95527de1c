//! `jianfan dedupe`: the duplicate report, and recording a decision.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use jianfan::article::Written;
use jianfan::config::Config;
use jianfan::dedupe::decisions::{Decision, Ruling, record};
use jianfan::dedupe::{Decisions, Report, bulk, text_hash};
use jianfan::{corpus, data, parse_all, source};

use super::{End, Format, Global, Outcome, print, settings};

/// Options of `dedupe`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  jianfan dedupe\n  jianfan dedupe --jsonl articles.jsonl --format json\n  jianfan dedupe decide 2019/first 2019/second different"
)]
pub(super) struct Args {
    /// Read lines of {\"id\",\"text\"} instead of the content folder (optional: title, date, source).
    #[arg(long, value_name = "FILE")]
    jsonl: Option<PathBuf>,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// Record what two articles are to each other.
    #[command(after_help = "Example:\n  jianfan dedupe decide 2023/05/one 2023/05/two follow-up --note 次日补充")]
    Decide {
        /// ID of one article.
        a: String,
        /// ID of the other.
        b: String,
        /// What they are to each other.
        verdict: Verdict,
        /// Why.
        #[arg(long)]
        note: Option<String>,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Verdict {
    Same,
    Different,
    FollowUp,
}

pub(super) fn run(global: &Global, args: Args) -> Outcome {
    if let Some(path) = &args.jsonl {
        let file = std::fs::File::open(path)
            .map_err(|error| End::Failed(format!("cannot read `{}`: {error}", path.display())))?;
        let corpus =
            bulk::read(file, &mut |_| {}).map_err(|error| End::Failed(format!("`{}`: {error}", path.display())))?;
        let report = corpus.cluster(&Decisions::none());
        print::out(&format!("{}\n", corpus.json(&report)));
        return Ok(End::Done);
    }
    let mut diagnostics = Vec::new();
    let config = settings(global, &mut diagnostics)?;
    let folder = source::read(&config)?.drain_into(&mut diagnostics);
    let data = data::read(&config)?.drain_into(&mut diagnostics);
    let (articles, _) = parse_all(&config, &folder, &mut diagnostics);
    if let Some(Action::Decide { a, b, verdict, note }) = args.action {
        return decide(&config, &articles, &a, &b, verdict, note);
    }
    jianfan::diagnostic::sort(&mut diagnostics);
    print::diagnostics(&global.root, Format::Human, &diagnostics);
    let (report, members) = corpus::compare(&articles, &data.shared.decisions, &config);
    let found = Found { report, members: members.iter().map(|&at| &articles[at]).collect() };
    match global.format {
        Format::Json => print::out(&format!("{:#}\n", found.json(&data.shared.decisions))),
        _ => print::out(&found.readable()),
    }
    Ok(if diagnostics.iter().any(jianfan::diagnostic::Diagnostic::is_error) { End::Errors } else { End::Done })
}

struct Found<'a> {
    report: Report,
    members: Vec<&'a Written>,
}

impl Found<'_> {
    fn json(&self, decisions: &Decisions) -> serde_json::Value {
        let name = |index: usize| (self.members[index].id.as_str(), Some(self.members[index].path.as_ref()));
        let decisions: Vec<&Decision> = decisions.iter().collect();
        bulk::json(&self.report, &name, serde_json::json!({"count": decisions.len(), "list": decisions}))
    }

    fn readable(&self) -> String {
        let mut out = String::new();
        for cluster in &self.report.clusters {
            for (place, member) in cluster.members.iter().enumerate() {
                let article = self.members[member.index];
                let kind = format!("{:?}", member.kind).to_lowercase();
                let _ = match place {
                    0 => writeln!(out, "{}  {}", article.id, article.title),
                    _ => writeln!(out, "  = {}  {kind}, {:.0} % in common", article.id, member.containment * 100.0),
                };
            }
        }
        for pair in &self.report.review {
            let (a, b) = (self.members[pair.a], self.members[pair.b]);
            let _ = writeln!(
                out,
                "? {} and {}: {:.0} % in common{}",
                a.id,
                b.id,
                pair.containment * 100.0,
                if pair.numbers_differ { ", numbers differ" } else { "" }
            );
            for sentence in pair.evidence.iter().take(2) {
                let _ = writeln!(out, "    both: {sentence}");
            }
            for (left, right) in pair.conflicts.iter().take(3) {
                let _ = writeln!(out, "    {left} | {right}");
            }
            let _ = writeln!(out, "    jianfan dedupe decide {} {} same|different|follow-up", a.id, b.id);
        }
        let merged: usize = self.report.clusters.iter().map(|cluster| cluster.members.len() - 1).sum();
        let _ = writeln!(
            out,
            "{} articles: {merged} merged into {} others, {} pairs to decide, {} follow-ups",
            self.members.len(),
            self.report.clusters.len(),
            self.report.review.len(),
            self.report.follow_ups.len()
        );
        out
    }
}

fn decide(config: &Config, articles: &[Written], a: &str, b: &str, verdict: Verdict, note: Option<String>) -> Outcome {
    let find = |id: &str| {
        articles
            .iter()
            .find(|article| article.id == id)
            .ok_or_else(|| End::Failed(format!("no article has the ID `{id}`; `jianfan dedupe` lists them")))
    };
    let (first, second) = (find(a)?, find(b)?);
    if first.id == second.id {
        return Err(End::Failed(format!("`{a}` and `{b}` are one article; name two")));
    }
    let verdict = match verdict {
        Verdict::Same => Ruling::Same,
        Verdict::Different => Ruling::Different,
        Verdict::FollowUp => Ruling::FollowUp,
    };
    let decision = Decision {
        a: first.id.clone(),
        b: second.id.clone(),
        verdict,
        hash_a: Some(text_hash(&first.body)),
        hash_b: Some(text_hash(&second.body)),
        note,
    };
    let path = config.content_dir.join("_data/decisions.yaml");
    let before = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(End::Failed(format!("cannot read `{}`: {error}", path.display()))),
    };
    let write = |text: &str| {
        std::fs::create_dir_all(config.content_dir.join("_data"))?;
        std::fs::write(&path, text)
    };
    write(&record(&before, &decision))
        .map_err(|error| End::Failed(format!("cannot write `{}`: {error}", path.display())))?;
    print::out(&format!("{}: {} and {} are {verdict}\n", config.shown(&path), decision.a, decision.b));
    Ok(End::Done)
}
