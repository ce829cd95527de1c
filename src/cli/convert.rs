//! `jianfan convert`: a filter between scripts.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read};
use std::path::PathBuf;

use clap::ValueEnum;

use jianfan::diagnostic::Diagnostic;
use jianfan::script::filter::{Engine, Markup, filter};
use jianfan::script::glossary::{self, Glossary};
use jianfan::script::{Converter, OpenCc, Origin, Region, Script, Target};

use super::{End, Format, Global, Outcome, print, settings};

/// Options of `convert`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  jianfan convert --to hant < in.md > out.md\n  jianfan convert --config s2twp article.txt"
)]
pub(super) struct Args {
    /// The script to convert to; `hant` is the region of the site, else Taiwan.
    #[arg(long, value_enum, required_unless_present = "config")]
    to: Option<To>,
    /// The script of the input.
    #[arg(long, value_enum, default_value = "auto")]
    from: From,
    /// What the input is.
    #[arg(long, value_enum, default_value = "markdown")]
    markup: Kind,
    /// Run exactly this configuration of OpenCC on plain text, without glossary or lexicon.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["to", "markup", "from"])]
    config: Option<String>,
    /// The file to read; standard input when absent.
    file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum To {
    Hans,
    Hant,
    Tw,
    Hk,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum From {
    Auto,
    Hans,
    Hant,
    Mixed,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    Markdown,
    Plain,
}

pub(super) fn run(global: &Global, args: Args) -> Outcome {
    if let Some(name) = &args.config {
        let Some(opencc) = OpenCc::named(name) else {
            let known: Vec<&str> = OpenCc::names().collect();
            return Err(End::Failed(format!(
                "no OpenCC configuration is called `{name}`; there are {}",
                known.join(", ")
            )));
        };
        return stream(args.file.as_ref(), &Engine::OpenCc(opencc));
    }
    let mut diagnostics = Vec::new();
    let config = settings(global, &mut diagnostics)?;
    let glossary = site_glossary(&config, &mut diagnostics)?;
    if diagnostics.iter().any(Diagnostic::is_error) {
        print::diagnostics(&global.root, Format::Human, &diagnostics);
        return Ok(End::Errors);
    }
    let region = config
        .editions
        .iter()
        .find(|edition| edition.script == Script::Hant)
        .map_or(Region::Tw, |edition| edition.region);
    let target = match args.to {
        Some(To::Hans) => Target::Hans,
        Some(To::Tw) => Target::Hant(Region::Tw),
        Some(To::Hk) => Target::Hant(Region::Hk),
        Some(To::Hant) | None => Target::Hant(region),
    };
    let origin = match args.from {
        From::Auto => Origin::Auto,
        From::Hans => Origin::Hans,
        From::Hant => Origin::Hant,
        From::Mixed => Origin::Mixed,
    };
    let options = config.convert.options();
    let converter = Converter::new(target, &glossary, options);
    let markup = match args.markup {
        Kind::Markdown => Markup::Markdown,
        Kind::Plain => Markup::Plain,
    };
    stream(args.file.as_ref(), &Engine::News(&converter, origin, markup))
}

/// The glossary of the site, if there is one.
fn site_glossary(config: &jianfan::config::Config, diagnostics: &mut Vec<Diagnostic>) -> Result<Glossary, End> {
    let path = config.content_dir.join("_data/glossary.yaml");
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(glossary::parse(&config.shown(&path), &text).drain_into(diagnostics)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Glossary::empty()),
        Err(error) => Err(End::Failed(format!("cannot read `{}`: {error}", path.display()))),
    }
}

fn stream(file: Option<&PathBuf>, engine: &Engine<'_>) -> Outcome {
    let output = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    let input: Box<dyn Read> = match file {
        Some(path) => Box::new(
            File::open(path).map_err(|error| End::Failed(format!("cannot read `{}`: {error}", path.display())))?,
        ),
        None => Box::new(std::io::stdin().lock()),
    };
    match filter(BufReader::with_capacity(1 << 16, input), output, engine) {
        Ok(()) => Ok(End::Done),
        // Whoever reads the output may stop early, as `head` does.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(End::Done),
        Err(error) => Err(End::Failed(format!("cannot convert: {error}"))),
    }
}
