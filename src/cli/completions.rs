//! `jianfan completions`: what a shell needs to complete commands and options.

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::{End, Outcome, print};

/// Options of `completions`.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  jianfan completions bash > ~/.local/share/bash-completion/completions/jianfan")]
pub(super) struct Args {
    /// The shell.
    shell: Shell,
}

pub(super) fn run(args: &Args) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::Args::command(), "jianfan", &mut script);
    print::out(&String::from_utf8_lossy(&script));
    Ok(End::Done)
}
