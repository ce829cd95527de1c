//! `jianfan import`: raw pages to articles.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{IsTerminal as _, Read as _};

use jianfan::diagnostic::Severity;
use jianfan::import::{self, Entry, Hooks, Imported, Options, Outcome as Fate, Report};
use jianfan::taxonomy::{Detector, Text};
use jianfan::{corpus, data, parse_all, source};

use super::{End, Format, Global, Outcome, print, settings};

/// Options of `import`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  jianfan import saved-pages/ --dry-run\n  jianfan import old-blog/ --from hexo --into blog\n  pbpaste | jianfan import -"
)]
pub(super) struct Args {
    /// Files, folders or patterns; `-` is standard input.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<String>,
    /// Folder below the content folder for the new articles.
    #[arg(long, value_name = "DIR")]
    into: Option<String>,
    /// What the files are: auto, text, html, markdown, hexo, hugo, jekyll, pelican, wxr, feed or jsonl.
    #[arg(long, value_name = "KIND", default_value = "auto")]
    from: import::Format,
    /// Also write the terms found in the text into the front matter.
    #[arg(long)]
    tag: bool,
    /// Write every article as a draft.
    #[arg(long)]
    draft: bool,
    /// Keep no untouched copies of the pages in content/_originals/.
    #[arg(long)]
    no_originals: bool,
    /// Show what would be written; write nothing.
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(global: &Global, args: Args) -> Outcome {
    let mut stdin = Vec::new();
    if args.paths.iter().any(|path| path == "-") {
        std::io::stdin()
            .lock()
            .read_to_end(&mut stdin)
            .map_err(|error| End::Failed(format!("cannot read standard input: {error}")))?;
    }
    let options = Options {
        root: global.root.clone(),
        paths: args.paths,
        stdin,
        into: args.into,
        format: args.from,
        draft: args.draft,
        no_originals: args.no_originals,
        dry_run: args.dry_run,
    };
    let bar = global.format == Format::Human && std::io::stderr().is_terminal();
    let progress = |done: usize, all: usize| {
        if bar && all > 100 && (done.is_multiple_of(50) || done == all) {
            print::err(&format!("\r{done} of {all} pages{}", if done == all { "\n" } else { "" }));
        }
    };
    let known = if args.tag { Some(known_terms(global)?) } else { None };
    let tag = |imported: &Imported| known.as_ref().map(|detector| terms(detector, imported)).unwrap_or_default();
    let hooks = Hooks { progress: Some(&progress), tag: args.tag.then_some(&tag as _) };
    let mut report = import::run(&options, &hooks)?;
    let told_before = if options.dry_run { BTreeMap::new() } else { told_before(global, &report)? };
    for entry in &mut report.articles {
        if entry.duplicate_of.is_none() {
            entry.duplicate_of = told_before.get(&entry.to).map(|(id, _)| id.clone());
        }
    }
    match global.format {
        Format::Json => print::out(&format!("{}\n", serde_json::to_string_pretty(&report)?)),
        format => {
            print::diagnostics(&global.root, format, &report.diagnostics);
            print::out(&readable(&report, &told_before, options.dry_run));
        }
    }
    let errors = report.diagnostics.iter().any(|d| d.severity == Severity::Error);
    Ok(if errors || report.failed > 0 { End::Errors } else { End::Done })
}

/// New articles that tell a story the site has already: path to the ID of the other article and what they share.
fn told_before(global: &Global, report: &Report) -> Result<BTreeMap<String, (String, f64)>, End> {
    let new: BTreeSet<&str> =
        report.articles.iter().filter(|entry| entry.outcome == Fate::New).map(|entry| entry.to.as_str()).collect();
    let mut found = BTreeMap::new();
    if new.is_empty() {
        return Ok(found);
    }
    let mut diagnostics = Vec::new();
    let config = settings(global, &mut diagnostics)?;
    let folder = source::read(&config)?.drain_into(&mut diagnostics);
    let decisions = data::read(&config)?.drain_into(&mut diagnostics).shared.decisions;
    let (articles, _) = parse_all(&config, &folder, &mut diagnostics);
    let corpus::Comparison { report, members: places, .. } = corpus::compare(&articles, &decisions, &config);
    for cluster in &report.clusters {
        let article = |member: &jianfan::dedupe::Member| &articles[places[member.index]];
        // The first that was there before, else the canonical one of those that came together.
        let old = cluster
            .members
            .iter()
            .find(|member| !new.contains(article(member).path.as_ref()))
            .or(cluster.members.first());
        let Some(old) = old else { continue };
        for member in cluster
            .members
            .iter()
            .filter(|member| member.index != old.index && new.contains(article(member).path.as_ref()))
        {
            found.insert(article(member).path.to_string(), (article(old).id.clone(), member.containment));
        }
    }
    Ok(found)
}

/// The terms of the site, ready to be found.
fn known_terms(global: &Global) -> Result<Detector, End> {
    let mut diagnostics = Vec::new();
    let config = settings(global, &mut diagnostics)?;
    let data = data::read(&config)?.drain_into(&mut diagnostics);
    Ok(Detector::new(&data.shared.taxonomies))
}

/// The terms a text is about, as keys of front matter.
fn terms(detector: &Detector, imported: &Imported) -> serde_yaml::Mapping {
    let text = Text {
        title: imported.title.as_deref().unwrap_or_default(),
        body: &imported.body,
        source: imported.source.as_deref(),
    };
    let mut found: BTreeMap<String, Vec<serde_yaml::Value>> = BTreeMap::new();
    for tag in detector.detect(&text) {
        found.entry(tag.taxonomy).or_default().push(tag.term.to_string().into());
    }
    found.into_iter().map(|(taxonomy, terms)| (taxonomy.into(), terms.into())).collect()
}

/// How many removed lines of one article are shown; the report has them all.
const SHOWN: usize = 8;

fn readable(report: &Report, told_before: &BTreeMap<String, (String, f64)>, dry_run: bool) -> String {
    let mut out = String::new();
    for entry in &report.articles {
        describe(&mut out, entry, dry_run);
        if let Some((id, share)) = told_before.get(&entry.to) {
            let _ =
                writeln!(out, "  the same story as {id} ({:.0} % in common): a build publishes it once", share * 100.0);
        }
    }
    let count = |fate: Fate| report.articles.iter().filter(|entry| entry.outcome == fate).count();
    let verb = if dry_run { "would be written" } else { "written" };
    let _ = writeln!(
        out,
        "{}: {} {verb}, {} known already, {} changed since, {} twice in this run, {} not readable",
        print::count(report.pages, "page"),
        print::count(count(Fate::New), "article"),
        count(Fate::Unchanged),
        count(Fate::Changed),
        count(Fate::Duplicate),
        report.failed
    );
    out
}

fn describe(out: &mut String, entry: &Entry, dry_run: bool) {
    let fate = match entry.outcome {
        Fate::New if dry_run => "would become",
        Fate::New => "became",
        Fate::Unchanged => "is already",
        Fate::Changed => "has changed since it became",
        Fate::Duplicate => "is a copy of",
    };
    let target = match entry.outcome {
        Fate::Duplicate => entry.duplicate_of.as_deref().unwrap_or(&entry.to),
        _ => &entry.to,
    };
    let _ = writeln!(out, "{} {fate} {target}", entry.from);
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(out, "  {name}: {value}");
        }
    };
    line("title", entry.title.as_deref().unwrap_or("none found"));
    line("date", entry.date.as_deref().unwrap_or("none found"));
    line("source", entry.source.as_deref().unwrap_or(""));
    line("author", &entry.author.join("、"));
    line("editor", entry.editor.as_deref().unwrap_or(""));
    line("text", &format!("{} characters, {}", entry.body_chars, entry.script));
    if entry.copies > 0 {
        line("pasted", &format!("{} more in the same page; written once", print::count(entry.copies, "copy")));
    }
    for removed in entry.removed.iter().take(SHOWN) {
        let text: String = removed.text.chars().take(40).collect();
        let _ = writeln!(out, "  removed line {}: {text} ({})", removed.line, removed.why);
    }
    if entry.removed.len() > SHOWN {
        let _ = writeln!(out, "  … and {} more removed lines; --format json lists them", entry.removed.len() - SHOWN);
    }
    if !entry.repairs.is_empty() {
        let _ = writeln!(out, "  repaired {} lines; --format json lists them", entry.repairs.len());
    }
    if let Some(diff) = &entry.diff {
        out.push_str(diff);
    }
}
