//! `jianfan check`: the diagnostics of a build, without the build.

use jianfan::cache::Cache;
use jianfan::config::Config;
use jianfan::corpus::Drafts;
use jianfan::diagnostic::Diagnostic;
use jianfan::site::Trust;
use jianfan::{BuildOptions, build, diagnostic, parse_all, source};

use super::{End, Format, Global, Outcome, print, settings};

/// Options of `check`.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  jianfan check --format github")]
pub(super) struct Args {}

pub(super) fn run(global: &Global, _: Args) -> Outcome {
    let mut diagnostics = Vec::new();
    let config = settings(global, &mut diagnostics)?;
    let look = BuildOptions { drafts: Drafts::Skip, trust: Trust::Manifest, cache: Cache::Keep, output: None };
    if !diagnostics.iter().any(Diagnostic::is_error) {
        diagnostics.extend(build(&config, &look, &mut |_| {})?.diagnostics);
        diagnostics.extend(dates_to_come(&config)?);
    }
    diagnostic::sort(&mut diagnostics);
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
            }
        }
    }
    Ok(if errors > 0 { End::Errors } else { End::Done })
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
