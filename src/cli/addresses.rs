//! `jianfan addresses`: the addresses that were published, and what became of them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jianfan::addresses::{self, FILE};
use jianfan::cache::{Cache, Keep, Memory};
use jianfan::config::Config;
use jianfan::corpus::Drafts;
use jianfan::diagnostic::{self, Diagnostic};
use jianfan::edits::{self, Change};

use super::{End, Format, Global, Outcome, print, settings};

/// Options of `addresses`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  jianfan addresses --write\n\nThe record is content/_data/addresses.yaml; `publish` adds to it by itself once it is there."
)]
pub(super) struct Args {
    /// Add what is published now to the record.
    #[arg(long)]
    write: bool,
}

pub(super) fn run(global: &Global, args: Args) -> Outcome {
    let mut diagnostics = Vec::new();
    let config = settings(global, &mut diagnostics)?;
    let Some(current) = current(&config, &mut diagnostics)? else {
        diagnostic::sort(&mut diagnostics);
        print::diagnostics(&global.root, global.format, &diagnostics);
        return Ok(End::Errors);
    };
    let change = change(&config, &current)?;
    let added = change.as_ref().map_or(0, grown);
    if let (true, Some(change)) = (args.write, &change) {
        edits::apply(&config.root, std::slice::from_ref(change))?;
    }
    let gone: Vec<&Diagnostic> = diagnostics.iter().filter(|d| d.code == "address-dropped").collect();
    if global.format == Format::Json {
        let gone: Vec<&str> = gone.iter().filter_map(|d| d.message.split('`').nth(1)).collect();
        print::out(&format!(
            "{}\n",
            serde_json::json!({"published": current.len(), "added": added, "written": args.write && change.is_some(), "gone": gone})
        ));
        return Ok(End::Done);
    }
    for diagnostic in &gone {
        print::err(&diagnostic::render(diagnostic));
    }
    let verb = if args.write { "added to" } else { "not yet in" };
    print::out(&format!(
        "{} published, {added} {verb} {}\n",
        print::count(current.len(), "address").replace("addresss", "addresses"),
        config.shown(&file(&config))
    ));
    Ok(End::Done)
}

fn file(config: &Config) -> PathBuf {
    config.content_dir.join("_data").join(FILE)
}

/// How many lines a change adds.
fn grown(change: &Change) -> usize {
    let lines = |text: &Option<String>| text.as_deref().map_or(0, |text| addresses::parse(FILE, text).value.len());
    lines(&change.after).saturating_sub(lines(&change.before))
}

/// Address and ID of every article that a build would publish; none when the site has errors.
fn current(config: &Config, diagnostics: &mut Vec<Diagnostic>) -> Result<Option<BTreeMap<String, String>>, End> {
    let config = std::sync::Arc::new(config.clone());
    let mut memory = Memory::open(&config.root, Cache::Keep);
    let laid = jianfan::lay_out(&config, Drafts::Skip, &mut memory, Keep::No, &mut |_| {})?;
    memory.save();
    diagnostics.extend(laid.diagnostics);
    let Some((site, _)) = laid.site else { return Ok(None) };
    let entries = &site.editions[0].corpus.entries;
    Ok(Some(entries.iter().map(|entry| (entry.address.clone(), entry.article.id.clone())).collect()))
}

/// What the record would become; nothing when it is complete.
fn change(config: &Config, current: &BTreeMap<String, String>) -> Result<Option<Change>, End> {
    let path = file(config);
    let old = edits::read(&path)?;
    let new = addresses::updated(old.as_deref().unwrap_or_default(), current);
    let same = old.as_deref() == Some(new.as_str());
    Ok((!same).then(|| Change { shown: config.shown(&path), path, before: old, after: Some(new) }))
}

/// Adds what was published to the record, where the site keeps one; gives how many lines are new.
pub(super) fn record(config: &Config) -> Result<usize, End> {
    if !file(config).is_file() {
        return Ok(0);
    }
    let Some(current) = current(config, &mut Vec::new())? else { return Ok(0) };
    let Some(change) = change(config, &current)? else { return Ok(0) };
    edits::apply(&config.root, std::slice::from_ref(&change))?;
    Ok(grown(&change))
}
