//! `jianfan build`: the main job.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Instant;

use jianfan::cache::Cache;
use jianfan::corpus::Drafts;
use jianfan::diagnostic::{self, Diagnostic, Severity};
use jianfan::report::Report;
use jianfan::site::{self, Shard, Trust};
use jianfan::{BuildOptions, build, config};

use super::{End, Format, Global, Outcome, difference, host, print, settings};

/// Options of `build`.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  jianfan build --base-url https://example.org/news/ --report report.json")]
pub(super) struct Args {
    /// Where to write, instead of `output` in site.yaml.
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// The absolute address of the site, instead of `base_url` in site.yaml.
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// The theme, instead of `theme` in site.yaml.
    #[arg(long, value_name = "NAME")]
    theme: Option<String>,
    /// Publish drafts too.
    #[arg(long)]
    drafts: bool,
    /// Treat warnings as errors.
    #[arg(long)]
    strict: bool,
    /// How many threads work at once.
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Write only the K-th of N parts of the site, which are merged by copying them into one folder.
    #[arg(long, value_name = "K/N")]
    shard: Option<Shard>,
    /// Trust nothing that the last build left.
    #[arg(long)]
    no_cache: bool,
    /// List the published sentences that differ from those of an earlier output.
    #[arg(long, value_name = "DIR")]
    diff: Option<PathBuf>,
    /// Write a report as JSON.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

pub(super) fn run(global: &Global, args: Args) -> Outcome {
    let started = Instant::now();
    set_threads(args.jobs)?;
    if let Some(path) = &args.report {
        // A report that cannot be written is said before the work, not after it.
        std::fs::write(path, "").map_err(|error| unwritable(path, &error))?;
    }
    let mut diagnostics = Vec::new();
    let mut config = settings(global, &mut diagnostics)?;
    override_settings(&mut config, &args, &mut diagnostics);
    if config.base_url.is_none() {
        diagnostics.push(
            Diagnostic::warning(
                "base-url-missing",
                "site.yaml",
                "no `base_url`: absolute addresses begin with `http://localhost/`",
            )
            .help("write the address of the site, such as `base_url: https://example.org/`"),
        );
    }
    let strict_error =
        |d: &Diagnostic| d.is_error() || args.strict && d.severity == Severity::Warning && d.code != "base-url-missing";
    if diagnostics.iter().any(Diagnostic::is_error) {
        return finish(global, &args, Report::default().finish(diagnostics), started, true);
    }
    let drafts = if args.drafts { Drafts::Publish } else { Drafts::Skip };
    let (trust, cache) = if args.no_cache { (Trust::Nothing, Cache::Renew) } else { (Trust::Manifest, Cache::Keep) };
    if args.strict {
        // Warnings must stop the build before a byte is written, so it is rehearsed first.
        let look = BuildOptions { drafts, trust, cache, output: None, shard: None };
        let mut report = build(&config, &look, &mut |_| {})?;
        report.diagnostics.extend(diagnostics.iter().cloned());
        if report.diagnostics.iter().any(strict_error) {
            diagnostic::sort(&mut report.diagnostics);
            return finish(global, &args, report, started, true);
        }
    }
    // Both are looked at now: the folder may be the one that is about to be replaced.
    let earlier = args.diff.as_deref().map(difference::texts).transpose()?;
    let before = std::fs::read(config.output.join(site::MANIFEST)).unwrap_or_default();
    let options = BuildOptions { drafts, trust, cache, output: Some(config.output.clone()), shard: args.shard };
    let mut stages = serde_json::Map::new();
    let mut last = Instant::now();
    let mut report = build(&config, &options, &mut |stage| {
        let spent = u64::try_from(last.elapsed().as_millis()).unwrap_or(u64::MAX);
        stages.insert(stage.to_owned(), spent.into());
        last = Instant::now();
    })?;
    for stage in jianfan::STAGES {
        stages.entry(stage).or_insert(0.into());
    }
    report.stages_ms = stages;
    if !report.failed() {
        let (measured, remarks) = host::measure(&config)?;
        report.host = measured;
        diagnostics.extend(remarks);
        // The list is long; it is read only when something is gone.
        if report.removed > 0 {
            let before: BTreeSet<String> = site::parse_listing(&before).into_keys().collect();
            diagnostics.extend(difference::dropped(&config, &before, &report.diagnostics)?);
        }
        if let Some(earlier) = earlier {
            report.differences = Some(jianfan::difference::compare(&earlier, &difference::texts(&config.output)?));
        }
    }
    report.warnings += diagnostics.iter().filter(|d| d.severity == Severity::Warning).count();
    report.diagnostics.extend(diagnostics);
    diagnostic::sort(&mut report.diagnostics);
    let failed = report.failed();
    finish(global, &args, report, started, failed)
}

/// Stack of each worker, in bytes. Templates and HTML are read by recursion to bounded depths; this is several times
/// what those bounds need.
const STACK: usize = 16 << 20;

pub(super) fn set_threads(jobs: Option<usize>) -> Result<(), End> {
    match jobs {
        Some(0) => Err(End::Failed("--jobs 0: at least one thread has to work".to_owned())),
        // Zero lets the pool count the processors.
        jobs => {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.unwrap_or(0)).stack_size(STACK);
            pool.build_global().map_err(End::from)
        }
    }
}

/// Takes what the command line says over what site.yaml says.
fn override_settings(config: &mut config::Config, args: &Args, diagnostics: &mut Vec<Diagnostic>) {
    if let Some(output) = &args.output {
        config.output.clone_from(output);
    }
    let mut lines = String::new();
    let quote = |text: &str| serde_json::Value::from(text).to_string();
    if let Some(url) = &args.base_url {
        lines.push_str(&format!("base_url: {}\n", quote(url)));
    }
    if let Some(theme) = &args.theme {
        lines.push_str(&format!("theme: {}\n", quote(theme)));
    }
    if lines.is_empty() {
        return;
    }
    // The same checks as in the file, so that both say the same of the same mistake.
    let checked = config::parse(&config.root, &lines);
    for mut diagnostic in checked.diagnostics {
        diagnostic.path = "command line".to_owned();
        diagnostics.push(diagnostic.at(0, 0));
    }
    if args.base_url.is_some() {
        config.base_url = checked.value.base_url;
    }
    if args.theme.is_some() {
        config.theme = checked.value.theme;
    }
}

fn unwritable(path: &std::path::Path, error: &std::io::Error) -> End {
    End::Failed(format!("cannot write the report `{}`: {error}", path.display()))
}

fn finish(global: &Global, args: &Args, report: Report, started: Instant, failed: bool) -> Outcome {
    let json = serde_json::to_string_pretty(&report).map_err(End::from)?;
    if let Some(path) = &args.report {
        std::fs::write(path, format!("{json}\n")).map_err(|error| unwritable(path, &error))?;
    }
    match global.format {
        Format::Json => print::out(&format!("{json}\n")),
        format => {
            print::diagnostics(&global.root, format, &report.diagnostics);
            if format == Format::Human {
                print::err(&summary(&report, started, failed));
                print::err(&print::undecided(if failed { 0 } else { report.undecided }));
                if let Some(found) = &report.differences {
                    print::out(&difference::shown(found));
                }
            }
        }
    }
    Ok(if failed { End::Errors } else { End::Done })
}

fn summary(report: &Report, started: Instant, failed: bool) -> String {
    let errors = report.diagnostics.iter().filter(|d| d.is_error()).count();
    if failed {
        let strict = if errors == 0 { " (--strict counts warnings as errors)" } else { "" };
        return format!(
            "nothing was published: {}, {}{strict}\n",
            print::count(errors, "error"),
            print::count(report.warnings, "warning")
        );
    }
    format!(
        "{}: {} published, {} merged, {} skipped\n{} in {}: {} written, {} unchanged, {} removed ({:.1} s, {})\n",
        print::count(report.articles, "article"),
        report.published,
        report.duplicates,
        report.skipped,
        print::count(report.pages, "page"),
        print::count(report.files, "file"),
        report.written,
        report.unchanged,
        report.removed,
        started.elapsed().as_secs_f64(),
        print::count(report.warnings, "warning"),
    )
}
