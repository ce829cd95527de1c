//! `jianfan man`: the manual pages of all commands.

use std::path::{Path, PathBuf};

use clap::CommandFactory as _;

use super::{End, Outcome, print};

/// Options of `man`.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  jianfan man | man -l -\n  jianfan man --output ~/.local/share/man/man1")]
pub(super) struct Args {
    /// Write a page for each command into a folder; without it the main page goes to standard output.
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Outcome {
    let mut command = super::Args::command();
    command.build();
    match &args.output {
        None => print::out(&String::from_utf8_lossy(&page(command)?)),
        Some(folder) => {
            std::fs::create_dir_all(folder)
                .map_err(|error| End::Failed(format!("cannot make `{}`: {error}", folder.display())))?;
            write_all(&command, "jianfan", folder)?;
        }
    }
    Ok(End::Done)
}

/// Writes the page of a command and of those below it: `jianfan-dedupe-decide.1`.
fn write_all(command: &clap::Command, name: &str, folder: &Path) -> Result<(), End> {
    let file = folder.join(format!("{name}.1"));
    // The name of a page is that of the whole command; clap has no owned names without a feature, so few are leaked once.
    let page = page(command.clone().name(&*name.to_owned().leak()))?;
    std::fs::write(&file, page).map_err(|error| End::Failed(format!("cannot write `{}`: {error}", file.display())))?;
    for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
        write_all(below, &format!("{name}-{}", below.get_name()), folder)?;
    }
    Ok(())
}

fn page(command: clap::Command) -> Result<Vec<u8>, End> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    Ok(page)
}
