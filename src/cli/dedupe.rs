//! `jianfan dedupe`: the duplicate report, the review page, sketches for other programs, and recording a decision.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, IsTerminal as _, Read as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};

use jianfan::article::Written;
use jianfan::config::Config;
use jianfan::corpus::{self, Comparison};
use jianfan::dedupe::bulk::{self, Lines};
use jianfan::dedupe::decisions::{Decision, Ruling, record};
use jianfan::dedupe::html::{self, Label};
use jianfan::dedupe::{Decisions, Export, Report, Sketch, Texts, diff, text_hash};
use jianfan::diagnostic::{self, Diagnostic};
use jianfan::{data, messages, parse_all, source};

use super::progress::Progress;
use super::{End, Format, Global, Outcome, print, settings};

/// Options of `dedupe`.
#[derive(clap::Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  jianfan dedupe\n  jianfan dedupe --html review.html\n  jianfan dedupe --jsonl articles.jsonl --format json\n  jianfan dedupe decide 2019/first 2019/second different"
)]
pub(super) struct Args {
    /// Read lines of {\"id\",\"text\"} instead of the content folder (optional: title, date, source).
    #[arg(long, value_name = "FILE")]
    jsonl: Option<PathBuf>,
    /// Write a page on which the doubtful pairs stand side by side, to be read offline.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write the sketches as Parquet and compare nothing: for archives beyond one machine.
    #[arg(long, value_name = "FILE", conflicts_with = "html")]
    sketches: Option<PathBuf>,
    /// Show doubtful pairs side by side in so many columns (default: those of the terminal).
    #[arg(long, value_name = "COLUMNS")]
    width: Option<usize>,
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
        return of_lines(path, &args);
    }
    let mut diagnostics = Vec::new();
    let config = settings(global, &mut diagnostics)?;
    let folder = source::read(&config)?.drain_into(&mut diagnostics);
    let data = data::read(&config)?.drain_into(&mut diagnostics);
    let (articles, _) = parse_all(&config, &folder, &mut diagnostics);
    if let Some(Action::Decide { a, b, verdict, note }) = args.action {
        return decide(&config, &articles, &a, &b, verdict, note);
    }
    let decisions = &data.shared.decisions;
    let Comparison { report, members, sketches, texts, stale } = corpus::compare(&articles, decisions, &config);
    diagnostics.extend(stale);
    diagnostic::sort(&mut diagnostics);
    print::diagnostics(&global.root, Format::Human, &diagnostics);
    let end = if diagnostics.iter().any(Diagnostic::is_error) { End::Errors } else { End::Done };
    if let Some(path) = &args.sketches {
        let write = || {
            let mut table = export(path)?;
            table.add(&sketches)?;
            table.finish()
        };
        write().map_err(|error| cannot("write", path, &error))?;
        print::out(&format!("{}: sketches of {}\n", path.display(), print::count(sketches.len(), "article")));
        return Ok(end);
    }
    let found = Found { report, members: members.iter().map(|&at| &articles[at]).collect(), texts };
    if let Some(path) = &args.html {
        write_page(path, &html::page(&found.report, &|at| found.label(at), &found.texts, language()))?;
    }
    match global.format {
        Format::Json => print::out(&format!("{:#}\n", found.json(decisions))),
        _ => print::out(&found.readable(args.width.or_else(columns))),
    }
    Ok(end)
}

fn cannot(what: &str, path: &Path, error: &dyn std::fmt::Display) -> End {
    End::Failed(format!("cannot {what} `{}`: {error}", path.display()))
}

fn write_page(path: &Path, page: &str) -> Result<(), End> {
    std::fs::write(path, page).map_err(|error| cannot("write", path, &error))
}

fn export(path: &Path) -> io::Result<Export<BufWriter<File>>> {
    Export::new(BufWriter::new(File::create(path)?))
}

fn language() -> html::Language {
    match print::language() {
        messages::Language::English => html::Language::En,
        messages::Language::Hans => html::Language::Hans,
        messages::Language::Hant => html::Language::Hant,
    }
}

/// The columns of the terminal that standard output is; none if it is something else.
fn columns() -> Option<usize> {
    let out = io::stdout();
    let size = out.is_terminal().then(|| rustix::termios::tcgetwinsize(out).ok()).flatten()?;
    (size.ws_col > 0).then(|| usize::from(size.ws_col))
}

/// A file whose lines are read again by place.
struct Again(File);

impl Lines for Again {
    fn line(&self, at: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut line = vec![0; length];
        self.0.read_exact_at(&mut line, at)?;
        Ok(line)
    }
}

/// Compares the documents of a file of JSON lines, or writes their sketches.
fn of_lines(path: &Path, args: &Args) -> Outcome {
    let open = || File::open(path).map_err(|error| cannot("read", path, &error));
    let (mut file, about) = (open()?, std::fs::metadata(path).map_err(|error| cannot("read", path, &error))?);
    // What comes through a pipe cannot be read twice.
    let mut piped = Vec::new();
    let lines: Box<dyn Lines> = if about.is_file() {
        Box::new(Again(open()?))
    } else {
        file.read_to_end(&mut piped).map_err(|error| cannot("read", path, &error))?;
        Box::new(piped.clone())
    };
    let input: Box<dyn io::BufRead> = if about.is_file() {
        Box::new(BufReader::with_capacity(1 << 20, file))
    } else {
        Box::new(io::Cursor::new(piped))
    };
    let mut table = match &args.sketches {
        Some(path) => Some(export(path).map_err(|error| cannot("write", path, &error))?),
        None => None,
    };
    let mut trouble = None;
    let (mut bar, mut count) = (Progress::new("reading"), 0);
    let mut progress = |done: u64, new: &[Sketch]| {
        count += new.len();
        bar.at(done, about.len(), count);
        if let Some(table) = &mut table {
            trouble = trouble.take().or(table.add(new).err());
        }
    };
    let read = bulk::read(input, lines.as_ref(), &mut progress);
    bar.end();
    let corpus = read.map_err(|error| End::Failed(format!("`{}`: {error}", path.display())))?;
    if let (Some(table), Some(target)) = (table, &args.sketches) {
        let ended = trouble.map_or_else(|| table.finish().map(drop), Err);
        ended.map_err(|error| cannot("write", target, &error))?;
        print::out(&format!("{}: sketches of {}\n", target.display(), print::count(count, "article")));
        return Ok(End::Done);
    }
    let report = corpus.cluster(&Decisions::none()).map_err(|error| cannot("read", path, &error))?;
    if let Some(target) = &args.html {
        let label = |at: usize| Label { id: corpus.sketches[at].id.clone(), about: about_sketch(&corpus.sketches[at]) };
        write_page(target, &html::page(&report, &label, &corpus, language()))?;
    }
    print::out(&format!("{}\n", corpus.json(&report)));
    Ok(End::Done)
}

fn about_sketch(sketch: &Sketch) -> Vec<String> {
    sketch.source.iter().cloned().collect()
}

struct Found<'a> {
    report: Report,
    members: Vec<&'a Written>,
    texts: Vec<std::borrow::Cow<'a, str>>,
}

impl Found<'_> {
    fn label(&self, at: usize) -> Label {
        let article = &self.members[at].article;
        let (date, source) = (article.date.map(|date| date.to_string()), article.source.as_ref());
        let about = [Some(article.title.clone()), date, source.map(|source| source.name.clone())];
        Label { id: article.id.clone(), about: about.into_iter().flatten().collect() }
    }

    fn json(&self, decisions: &Decisions) -> serde_json::Value {
        let name = |index: usize| (self.members[index].id.as_str(), Some(self.members[index].path.as_ref()));
        let decisions: Vec<&Decision> = decisions.iter().collect();
        bulk::json(&self.report, &name, serde_json::json!({"count": decisions.len(), "list": decisions}))
    }

    /// The report for people; with columns, doubtful pairs stand side by side.
    fn readable(&self, columns: Option<usize>) -> String {
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
            self.pair(pair, columns, &mut out);
        }
        let merged: usize = self.report.clusters.iter().map(|cluster| cluster.members.len() - 1).sum();
        let _ = writeln!(
            out,
            "{}: {merged} merged into {}, {} to decide, {}",
            print::count(self.members.len(), "article"),
            print::count(self.report.clusters.len(), "other"),
            print::count(self.report.review.len(), "pair"),
            print::count(self.report.follow_ups.len(), "follow-up")
        );
        out
    }

    fn pair(&self, pair: &jianfan::dedupe::ReviewPair, columns: Option<usize>, out: &mut String) {
        let (a, b) = (self.members[pair.a], self.members[pair.b]);
        let numbers = if pair.numbers_differ { ", numbers differ" } else { "" };
        let _ = writeln!(out, "? {} and {}: {:.0} % in common{numbers}", a.id, b.id, pair.containment * 100.0);
        for sentence in pair.evidence.iter().take(2) {
            let _ = writeln!(out, "    both: {sentence}");
        }
        for (left, right) in pair.conflicts.iter().take(3) {
            let _ = writeln!(out, "    {left} | {right}");
        }
        if let Some(columns) = columns {
            let _ = writeln!(out, "{}", diff::render(&self.texts.text(pair.a), &self.texts.text(pair.b), columns));
        }
        let (a, b) = (html::quoted(&a.id), html::quoted(&b.id));
        let _ = writeln!(out, "    jianfan dedupe decide {a} {b} same|different|follow-up");
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
