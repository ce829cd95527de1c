//! Imports pages with the flags of `jianfan import`, for the scorers of the page kit.
//!
//! `import --root DIR import PATH… [--into DIR] [--from FORMAT] [--draft] [--no-originals] [--dry-run] [--format json]`

use std::io::{Read as _, Write as _};
use std::process::ExitCode;

use jianfan::diagnostic::render;
use jianfan::import::{Hooks, Options, run};

fn main() -> ExitCode {
    let mut options = Options { root: ".".into(), ..Options::default() };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().unwrap_or_default();
        match argument.as_str() {
            "--root" => options.root = value().into(),
            "--into" => options.into = Some(value()),
            "--from" => options.format = value().parse().unwrap_or_default(),
            "--format" => drop(value()),
            "--draft" => options.draft = true,
            "--no-originals" => options.no_originals = true,
            "--dry-run" => options.dry_run = true,
            "import" => {}
            path => options.paths.push(path.to_owned()),
        }
    }
    if options.paths.iter().any(|path| path == "-") {
        let _ = std::io::stdin().read_to_end(&mut options.stdin);
    }
    match run(&options, &Hooks::default()) {
        Ok(report) => {
            let mut out = std::io::stdout().lock();
            let _ = serde_json::to_writer(&mut out, &report);
            let _ = writeln!(out);
            for diagnostic in &report.diagnostics {
                let _ = write!(std::io::stderr(), "{}", render(diagnostic));
            }
            ExitCode::from(u8::from(report.failed > 0))
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::from(2)
        }
    }
}
