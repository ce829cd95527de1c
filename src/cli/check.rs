//! `jianfan check`: the diagnostics of a build, without the build.

use std::collections::BTreeMap;

use jianfan::cache::Cache;
use jianfan::config::Config;
use jianfan::corpus::Drafts;
use jianfan::diagnostic::Diagnostic;
use jianfan::edits::{self, Change};
use jianfan::site::Trust;
use jianfan::{BuildOptions, build, diagnostic, fix, parse_all, source};

use super::{End, Format, Global, Outcome, print, settings};

/// Options of `check`.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  jianfan check --format github\n  jianfan check --fix")]
pub(super) struct Args {
    /// Repair what has but one right spelling, and show each change.
    #[arg(long)]
    fix: bool,
}

pub(super) fn run(global: &Global, args: Args) -> Outcome {
    let mut seen = look(global)?;
    if args.fix {
        seen = mend(global, seen)?;
    }
    let (diagnostics, undecided) = seen;
    let errors = diagnostics.iter().filter(|d| d.is_error()).count();
    let warnings = diagnostics.len() - errors;
    match global.format {
        Format::Json => {
            let json = serde_json::json!({"errors": errors, "warnings": warnings, "diagnostics": diagnostics});
            print::out(&format!("{json:#}\n"));
        }
        format => {
            print::diagnostics(&global.root, format, &diagnostics);
            if format == Format::Human {
                print::err(&format!("{}, {}\n", print::count(errors, "error"), print::count(warnings, "warning")));
                print::err(&print::undecided(undecided));
            }
        }
    }
    Ok(if errors > 0 { End::Errors } else { End::Done })
}

/// All there is to say about the site, and how many pairs of articles wait for a decision.
type Seen = (Vec<Diagnostic>, usize);

fn look(global: &Global) -> Result<Seen, End> {
    let (mut diagnostics, mut undecided) = (Vec::new(), 0);
    let config = settings(global, &mut diagnostics)?;
    let options =
        BuildOptions { drafts: Drafts::Skip, trust: Trust::Manifest, cache: Cache::Keep, output: None, shard: None };
    if !diagnostics.iter().any(Diagnostic::is_error) {
        let report = build(&config, &options, &mut |_| {})?;
        diagnostics.extend(report.diagnostics);
        undecided = report.undecided;
        diagnostics.extend(dates_to_come(&config)?);
    }
    diagnostic::sort(&mut diagnostics);
    Ok((diagnostics, undecided))
}

/// One repair may uncover another, such as the next tab of a file, but not without end.
const ROUNDS: usize = 50;

/// Repairs what is safe, shows how, and looks again.
fn mend(global: &Global, (mut diagnostics, mut undecided): Seen) -> Result<Seen, End> {
    let mut mended: BTreeMap<String, Change> = BTreeMap::new();
    for _ in 0..ROUNDS {
        let mut changes = Vec::new();
        for (path, about) in by_path(&diagnostics) {
            let file = global.root.join(path);
            let Some(before) = edits::read(&file)? else { continue };
            if let Some(after) = fix::fixed(&before, &about) {
                let shown = path.to_owned();
                changes.push(Change { path: file, shown, before: Some(before), after: Some(after) });
            }
        }
        if changes.is_empty() {
            break;
        }
        edits::apply(&global.root, &changes)?;
        for change in changes {
            match mended.get_mut(&change.shown) {
                Some(earlier) => earlier.after = change.after,
                None => {
                    mended.insert(change.shown.clone(), change);
                }
            }
        }
        (diagnostics, undecided) = look(global)?;
    }
    let shown: String = mended.values().map(Change::diff).collect();
    print::err(&format!("{shown}{} mended\n", print::count(mended.len(), "file")));
    Ok((diagnostics, undecided))
}

fn by_path(diagnostics: &[Diagnostic]) -> BTreeMap<&str, Vec<&Diagnostic>> {
    let mut files: BTreeMap<&str, Vec<&Diagnostic>> = BTreeMap::new();
    for diagnostic in diagnostics.iter().filter(|diagnostic| diagnostic.fix.is_some()) {
        files.entry(&diagnostic.path).or_default().push(diagnostic);
    }
    files
}

/// Articles dated after this moment. Only `check` looks at the clock: a build must not change by itself overnight.
fn dates_to_come(config: &Config) -> Result<Vec<Diagnostic>, End> {
    #[expect(clippy::disallowed_methods, reason = "a warning of `check`; no output depends on it")]
    let now = std::time::SystemTime::now();
    let now = now.duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let folder = source::read(config)?.value;
    let (articles, _) = parse_all(config, &folder, &mut Vec::new());
    let later = articles.iter().filter(|article| {
        article.date.is_some_and(|date| u64::try_from(date.unix_seconds()).is_ok_and(|second| second > now))
    });
    let warnings = later.map(|article| {
        let date = article.date.map(|date| date.written()).unwrap_or_default();
        let message = format!("date `{date}` is still to come");
        article.place(
            "date",
            Diagnostic::warning("date-future", article.path.as_ref(), message)
                .help("correct the date, or set `draft: true` until then"),
        )
    });
    Ok(warnings.collect())
}
