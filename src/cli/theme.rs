//! `jianfan theme export`: the default theme as files, to change.

use std::path::PathBuf;

use clap::Subcommand;

use jianfan::theme;

use super::{End, Format, Global, Outcome, print};

/// Options of `theme`.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  jianfan theme export themes/mine")]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// Write the default theme into a folder, to change it there.
    #[command(
        after_help = "Example:\n  jianfan theme export themes/mine\n  jianfan build --theme mine\n\nFiles you do not change may be deleted: with `extends: default` in theme.yaml they come from the program."
    )]
    Export {
        /// The folder, which must be empty or not exist.
        dir: PathBuf,
    },
}

pub(super) fn run(global: &Global, args: Args) -> Outcome {
    let Action::Export { dir } = args.action;
    let failed =
        |path: &PathBuf, error: std::io::Error| End::Failed(format!("cannot write `{}`: {error}", path.display()));
    std::fs::create_dir_all(&dir).map_err(|error| failed(&dir, error))?;
    let mut there = std::fs::read_dir(&dir).map_err(|error| failed(&dir, error))?;
    if there.next().is_some() {
        return Err(End::Failed(format!("`{}` is not empty; name a new folder", dir.display())));
    }
    let mut written = Vec::new();
    for (name, bytes) in theme::default_files() {
        let path = dir.join(name);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| failed(&path, error))?;
        }
        std::fs::write(&path, bytes).map_err(|error| failed(&path, error))?;
        written.push(name);
    }
    match global.format {
        Format::Json => print::out(&format!("{}\n", serde_json::json!({"folder": dir, "files": written}))),
        _ => print::out(&format!("wrote {} files into {}\n", written.len(), dir.display())),
    }
    Ok(End::Done)
}
