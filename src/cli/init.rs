//! `jianfan init`: a new site.

use std::path::PathBuf;

use jianfan::scaffold;

use super::{End, Format, Global, Outcome, print};

/// Options of `init`.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  jianfan init archive")]
pub(super) struct Args {
    /// The folder to make the site in; the one named by --root when absent.
    dir: Option<PathBuf>,
}

pub(super) fn run(global: &Global, args: Args) -> Outcome {
    let folder = args.dir.unwrap_or_else(|| global.root.clone());
    let written = scaffold::init(&folder)?;
    match global.format {
        Format::Json => print::out(&format!("{}\n", serde_json::json!({"folder": folder, "files": written}))),
        _ => {
            let list: String = written.iter().map(|path| format!("  {path}\n")).collect();
            print::out(&format!(
                "made a site in {}:\n{list}next: jianfan --root {} build\n",
                folder.display(),
                folder.display()
            ));
        }
    }
    Ok(End::Done)
}
