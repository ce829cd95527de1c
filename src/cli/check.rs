//! `jianfan check`: the diagnostics of a build, without the build.

use jianfan::corpus::Drafts;
use jianfan::site::Trust;
use jianfan::{BuildOptions, build, diagnostic};

use super::{End, Format, Global, Outcome, print, settings};

/// Options of `check`.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  jianfan check --format github")]
pub(super) struct Args {}

pub(super) fn run(global: &Global, _: Args) -> Outcome {
    let mut diagnostics = Vec::new();
    let config = settings(global, &mut diagnostics)?;
    let look = BuildOptions { drafts: Drafts::Publish, trust: Trust::Manifest, output: None };
    if !diagnostics.iter().any(diagnostic::Diagnostic::is_error) {
        diagnostics.extend(build(&config, &look, &mut |_| {})?.diagnostics);
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
                print::err(&format!("{errors} errors, {warnings} warnings\n"));
            }
        }
    }
    Ok(if errors > 0 { End::Errors } else { End::Done })
}
