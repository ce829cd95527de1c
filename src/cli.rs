//! The command line: one file a command. Only this room and `main` print.

mod addresses;
mod build;
mod check;
mod completions;
mod convert;
mod dedupe;
mod difference;
mod explain;
mod export;
mod host;
mod import;
mod init;
mod man;
mod new;
mod print;
mod progress;
mod publish;
mod schema;
mod serve;
mod tag;
mod theme;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use jianfan::config::{self, Config};
use jianfan::diagnostic::Diagnostic;

/// Turns a folder of messy Chinese news into a clean static archive in both scripts.
#[derive(Parser, Debug)]
#[command(name = "jianfan", version, about, max_term_width = 100, disable_version_flag = true)]
#[command(
    after_help = "Example:\n  jianfan init archive && jianfan --root archive build\n\nExit status: 0 done, 1 the content, settings or theme have errors (nothing was published), 2 usage or machine."
)]
struct Args {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Option<Command>,
    /// Print the version; with --verbose also the data inside and its licences.
    #[arg(short = 'V', long)]
    version: bool,
    /// Say more.
    #[arg(short, long)]
    verbose: bool,
}

/// Options of every command.
#[derive(clap::Args, Debug, Clone)]
struct Global {
    /// The folder of the site.
    #[arg(long, global = true, default_value = ".", value_name = "DIR")]
    root: PathBuf,
    /// How reports are written: for people, or JSON to standard output, alone.
    #[arg(long, global = true, default_value = "human", value_name = "FORMAT")]
    format: Format,
    /// Language of messages and of the editor's desk; without it that of the locale, or of the browser.
    #[arg(long, global = true, value_name = "LANG")]
    lang: Option<Language>,
}

/// How reports are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
    Github,
    Sarif,
    /// JSON Lines (`export`).
    Jsonl,
    /// A table (`export`).
    Csv,
}

/// Language of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Language {
    ZhHans,
    ZhHant,
    En,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Make a new site that builds at once.
    Init(init::Args),
    /// Build the site.
    Build(build::Args),
    /// Preview the site while you write, and decide at the editor's desk.
    Serve(serve::Args),
    /// Look for mistakes; builds nothing.
    Check(check::Args),
    /// Begin a new article; a title the archive has already is refused.
    New(new::Args),
    /// Convert Markdown or plain text between scripts: a filter.
    Convert(convert::Args),
    /// Turn raw pages into articles.
    Import(import::Args),
    /// Show which articles tell the same story; record decisions.
    Dedupe(dedupe::Args),
    /// Show what each article is about, and why; rename, merge, alias, split terms.
    Tag(tag::Args),
    /// Tell everything the build decided about one article.
    Explain(explain::Args),
    /// Write the whole archive as data: JSON Lines or CSV.
    Export(export::Args),
    /// Keep the addresses that were published working.
    Addresses(addresses::Args),
    /// Build the site and hand it over to its host.
    Publish(publish::Args),
    /// Write the default theme out, to change it.
    Theme(theme::Args),
    /// Write the completions of a shell.
    Completions(completions::Args),
    /// Write the JSON Schemas of what editors write.
    Schema(schema::Args),
    /// Write the manual pages.
    Man(man::Args),
}

/// Why a command ended.
#[derive(Debug)]
enum End {
    /// Done.
    Done,
    /// The site's own files have errors, which have been shown.
    Errors,
    /// Usage or the machine: this message is still to be shown.
    Failed(String),
}

impl<E: std::error::Error> From<E> for End {
    fn from(error: E) -> Self {
        End::Failed(error.to_string())
    }
}

type Outcome = Result<End, End>;

/// Runs the command line.
pub(crate) fn run() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            let usage = error.use_stderr();
            let _ = error.print();
            return ExitCode::from(if usage { 2 } else { 0 });
        }
    };
    if args.version {
        print::out(&version(args.verbose));
        return ExitCode::SUCCESS;
    }
    print::speak(args.global.lang);
    let Some(command) = args.command else {
        print::err("error: no command; `jianfan --help` lists them, `jianfan build` builds the site\n");
        return ExitCode::from(2);
    };
    if matches!(args.global.format, Format::Jsonl | Format::Csv) && !matches!(command, Command::Export(_)) {
        print::err("error: only `jianfan export` writes `jsonl` or `csv`; this command knows `human` and `json`\n");
        return ExitCode::from(2);
    }
    let outcome = match command {
        Command::Init(args_) => init::run(&args.global, args_),
        Command::Build(args_) => build::run(&args.global, args_),
        Command::Serve(args_) => serve::run(&args.global, args_),
        Command::Check(args_) => check::run(&args.global, args_),
        Command::Convert(args_) => convert::run(&args.global, args_),
        Command::Import(args_) => import::run(&args.global, args_),
        Command::Dedupe(args_) => dedupe::run(&args.global, args_),
        Command::Tag(args_) => tag::run(&args.global, args_),
        Command::Explain(args_) => explain::run(&args.global, args_),
        Command::New(args_) => new::run(&args.global, args_),
        Command::Export(args_) => export::run(&args.global, args_),
        Command::Addresses(args_) => addresses::run(&args.global, args_),
        Command::Publish(args_) => publish::run(&args.global, args_),
        Command::Theme(args_) => theme::run(&args.global, args_),
        Command::Completions(args_) => completions::run(&args_),
        Command::Schema(args_) => schema::run(&args_),
        Command::Man(args_) => man::run(&args_),
    };
    match outcome.unwrap_or_else(|end| end) {
        End::Done => ExitCode::SUCCESS,
        End::Errors => ExitCode::from(1),
        End::Failed(message) => {
            print::err(&format!("error: {message}\n"));
            ExitCode::from(2)
        }
    }
}

fn version(verbose: bool) -> String {
    let mut text = format!("jianfan {}\n", env!("CARGO_PKG_VERSION"));
    if verbose {
        text.push_str("\nLicence: MIT OR Apache-2.0\n\n");
        text.push_str(jianfan::script::NOTICE);
        text.push_str(jianfan::strokes::NOTICE);
        text.push('\n');
    }
    text
}

/// Reads the settings of the site.
fn settings(global: &Global, diagnostics: &mut Vec<Diagnostic>) -> Result<Config, End> {
    if !global.root.is_dir() {
        return Err(End::Failed(format!(
            "there is no folder `{}`; name the site's folder with --root",
            global.root.display()
        )));
    }
    let checked = config::load(&global.root)
        .map_err(|error| End::Failed(format!("cannot read `{}`: {error}", global.root.join(config::FILE).display())))?;
    Ok(checked.drain_into(diagnostics))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    fn commands(command: &clap::Command) -> Vec<clap::Command> {
        let below = command.get_subcommands().filter(|below| below.get_name() != "help");
        below.flat_map(|below| std::iter::once(below.clone()).chain(commands(below))).collect()
    }

    #[test]
    fn every_command_shows_an_example() {
        let mut all = super::Args::command();
        all.build();
        for command in commands(&all) {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let example = help.contains("Example") && help.contains("jianfan ");
            assert!(example, "`{}` has no example: {help}", command.get_name());
        }
    }
}
