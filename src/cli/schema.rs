//! `jianfan schema`: the JSON Schemas of what editors write.

use std::path::PathBuf;

use jianfan::schema::{SCHEMAS, find};

use super::{End, Outcome, print};

/// Options of `schema`.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  jianfan schema site > site.schema.json\n  jianfan schema --output schema\n\n\
    A line `# yaml-language-server: $schema=./schema/site.schema.json` at the top of site.yaml tells an editor's program.")]
pub(super) struct Args {
    /// Which one: site, article, taxonomy, glossary or decisions; without it their names.
    name: Option<String>,
    /// Write all of them into a folder.
    #[arg(long, value_name = "DIR", conflicts_with = "name")]
    output: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Outcome {
    if let Some(folder) = &args.output {
        std::fs::create_dir_all(folder)
            .map_err(|error| End::Failed(format!("cannot make `{}`: {error}", folder.display())))?;
        for schema in SCHEMAS {
            let file = folder.join(schema.file_name());
            std::fs::write(&file, schema.text)
                .map_err(|error| End::Failed(format!("cannot write `{}`: {error}", file.display())))?;
        }
        return Ok(End::Done);
    }
    let names = || SCHEMAS.iter().map(|schema| schema.name).collect::<Vec<_>>();
    match &args.name {
        None => print::out(&names().iter().map(|name| format!("{name}\n")).collect::<String>()),
        Some(name) => match find(name) {
            Some(schema) => print::out(schema.text),
            None => {
                return Err(End::Failed(format!("no schema `{name}`; there are `{}`", names().join("`, `"))));
            }
        },
    }
    Ok(End::Done)
}
