//! `jianfan export`: the whole archive as data.

use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

use jianfan::cache::{Cache, Keep, Memory};
use jianfan::corpus::Drafts;
use jianfan::diagnostic;
use jianfan::export;

use super::{End, Format, Global, Outcome, build::set_threads, print, settings};

/// Options of `export`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  jianfan export --format jsonl --to archive.jsonl\n  jianfan export --format csv --to archive.csv\n\nAs much of each article is written as its rights allow; drafts and withdrawn articles are left out."
)]
pub(super) struct Args {
    /// The file to write; standard output when absent.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

pub(super) fn run(global: &Global, args: Args) -> Outcome {
    set_threads(None)?;
    let mut diagnostics = Vec::new();
    let config = Arc::new(settings(global, &mut diagnostics)?);
    let mut memory = Memory::open(&config.root, Cache::Keep);
    let laid = jianfan::lay_out(&config, Drafts::Skip, &mut memory, Keep::No, &mut |_| {})?;
    memory.save();
    diagnostics.extend(laid.diagnostics);
    let Some((site, _)) = laid.site else {
        diagnostic::sort(&mut diagnostics);
        print::diagnostics(&global.root, Format::Human, &diagnostics);
        return Ok(End::Errors);
    };
    let count = site.editions[0].corpus.entries.len();
    let csv = global.format == Format::Csv;
    let failed = |error: std::io::Error| match &args.to {
        Some(path) => End::Failed(format!("cannot write `{}`: {error}", path.display())),
        None => End::Failed(format!("cannot write the export: {error}")),
    };
    let mut out: Box<dyn Write> = match &args.to {
        Some(path) => Box::new(BufWriter::new(std::fs::File::create(path).map_err(failed)?)),
        None => Box::new(BufWriter::new(std::io::stdout().lock())),
    };
    let mut write = |text: &str| out.write_all(text.as_bytes());
    if csv {
        // Spreadsheets read a table as UTF-8 only when it begins with this mark.
        write("\u{feff}").and_then(|()| write(&export::csv_head(&site))).map_err(failed)?;
    }
    for at in 0..count {
        let line = if csv { export::csv_row(&site, at) } else { format!("{}\n", export::row(&site, at)) };
        match write(&line) {
            // Whoever reads the output has had enough.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ok(End::Done),
            written => written.map_err(failed)?,
        }
    }
    out.flush().map_err(failed)?;
    if let Some(path) = &args.to {
        print::err(&format!("{} written to {}\n", print::count(count, "article"), path.display()));
    }
    Ok(End::Done)
}
