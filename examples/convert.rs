//! A filter: `convert --to hans|hant|tw|hk [--from …] [--markup plain] [--config s2tw] < in > out`.
use std::io;

use jianfan::script::filter::{Engine, Markup, filter};
use jianfan::script::glossary::{self, Glossary};
use jianfan::script::{Converter, OpenCc, Options, Origin, Region, Target};

fn main() -> io::Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let value = |name: &str| args.iter().position(|a| a == name).and_then(|i| args.get(i + 1)).map(String::as_str);
    let glossary = match value("--root") {
        Some(root) => {
            let path = format!("{root}/content/_data/glossary.yaml");
            glossary::parse(&path, &std::fs::read_to_string(&path)?).value
        }
        None => Glossary::empty(),
    };
    let target = match value("--to") {
        Some("hans") => Target::Hans,
        Some("hk") => Target::Hant(Region::Hk),
        _ => Target::Hant(Region::Tw),
    };
    let origin = match value("--from") {
        Some("hans") => Origin::Hans,
        Some("hant") => Origin::Hant,
        Some("mixed") => Origin::Mixed,
        _ => Origin::Auto,
    };
    let markup = if value("--markup") == Some("plain") { Markup::Plain } else { Markup::Markdown };
    let options = Options { vocabulary: value("--vocabulary").is_some(), quotes: value("--quotes").is_some() };
    let converter = Converter::new(target, &glossary, options);
    let engine = match value("--config") {
        Some(name) => Engine::OpenCc(OpenCc::named(name).ok_or_else(|| io::Error::other("no such configuration"))?),
        None => Engine::News(&converter, origin, markup),
    };
    filter(io::stdin().lock(), io::BufWriter::new(io::stdout().lock()), &engine)
}
