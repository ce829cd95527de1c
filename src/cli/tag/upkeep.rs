//! `jianfan tag rename|merge|alias|split`: upkeep of terms, in taxonomy files and in front matter.
//!
//! All files are read and edited in memory first; with one that cannot be edited nothing is written. The taxonomy file
//! is written before the articles: at any moment between, an old id is an alias of the new one.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Subcommand;

use jianfan::config::{self, Config};
use jianfan::diagnostic::Diagnostic;
use jianfan::script::{Converter, Options, Origin, Region, Target};
use jianfan::taxonomy::edit::{self, Builtin, EditError, Edited};
use jianfan::taxonomy::{CITY, Name, Taxonomies, TermId};
use jianfan::{data, edits, source};

use super::super::{End, Format, Global, Outcome, print, settings};

/// One change to the terms of a site.
#[derive(Subcommand, Debug)]
pub(super) enum Action {
    /// Give a term another id; old addresses redirect.
    #[command(after_help = "Example:\n  jianfan tag rename program lab lab-night --dry-run")]
    Rename {
        /// city, program, tag, or a taxonomy of the site.
        taxonomy: String,
        /// The id, name or alias of the term.
        old: String,
        /// The new id: a-z, 0-9 and hyphens.
        new: String,
        /// Show what would change and write nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Make one term of two; the addresses of the first redirect to the second.
    #[command(after_help = "Example:\n  jianfan tag merge program lab-evening lab-night")]
    Merge {
        /// city, program, tag, or a taxonomy of the site.
        taxonomy: String,
        /// The term that goes.
        from: String,
        /// The term that stays.
        into: String,
        /// Show what would change and write nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Give a term another spelling.
    #[command(after_help = "Example:\n  jianfan tag alias city lanzhou 金城")]
    Alias {
        /// city, program, tag, or a taxonomy of the site.
        taxonomy: String,
        /// The id, name or alias of the term.
        id: String,
        /// The spelling, in either script.
        alias: String,
        /// Show what would change and write nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Make two terms of one: a name and some aliases become a new term.
    #[command(
        after_help = "Example:\n  jianfan tag split program lab-night lab-day --name 实验室开放日 --alias 开放日"
    )]
    Split {
        /// city, program, tag, or a taxonomy of the site.
        taxonomy: String,
        /// The id, name or alias of the term.
        id: String,
        /// The id of the new term.
        new: String,
        /// Its name, in either script.
        #[arg(long)]
        name: String,
        /// A spelling that goes over to it; may be given again.
        #[arg(long = "alias", value_name = "ALIAS")]
        aliases: Vec<String>,
        /// Show what would change and write nothing.
        #[arg(long)]
        dry_run: bool,
    },
}

/// A file that would change.
struct Change {
    shown: String,
    path: PathBuf,
    edited: Edited,
}

/// What is at hand while a change is planned.
struct Desk<'a> {
    config: &'a Config,
    taxonomies: &'a Taxonomies,
    taxonomy: &'a str,
}

pub(super) fn run(global: &Global, action: &Action) -> Outcome {
    let mut diagnostics = Vec::new();
    let config = settings(global, &mut diagnostics)?;
    let data = data::read(&config)?.drain_into(&mut diagnostics);
    if diagnostics.iter().any(Diagnostic::is_error) {
        print::diagnostics(&global.root, Format::Human, &diagnostics);
        return Err(End::Errors);
    }
    let (taxonomy, dry_run) = match action {
        Action::Rename { taxonomy, dry_run, .. }
        | Action::Merge { taxonomy, dry_run, .. }
        | Action::Alias { taxonomy, dry_run, .. }
        | Action::Split { taxonomy, dry_run, .. } => (taxonomy, *dry_run),
    };
    let desk = Desk { config: &config, taxonomies: &data.shared.taxonomies, taxonomy };
    desk.known_taxonomy()?;
    let (changes, said) = match action {
        Action::Rename { old, new, .. } => desk.rename(old, new)?,
        Action::Merge { from, into, .. } => desk.merge(from, into)?,
        Action::Alias { id, alias, .. } => desk.alias(id, alias)?,
        Action::Split { id, new, name, aliases, .. } => desk.split(id, new, name, aliases)?,
    };
    if !dry_run {
        for change in &changes {
            edits::replace(&change.path, &change.edited.text)
                .map_err(|error| End::Failed(format!("cannot write `{}`: {error}", change.path.display())))?;
        }
    }
    report(global.format, &changes, &said, dry_run);
    Ok(End::Done)
}

fn report(format: Format, changes: &[Change], said: &str, dry_run: bool) {
    if format == Format::Json {
        let files: Vec<_> = changes
            .iter()
            .map(|change| serde_json::json!({"path": change.shown, "diff": change.edited.diff}))
            .collect();
        print::out(&format!("{:#}\n", serde_json::json!({"done": said, "dry_run": dry_run, "files": files})));
        return;
    }
    let mut text = String::new();
    for change in changes {
        text.push_str(&format!("--- {0}\n+++ {0}\n{1}", change.shown, change.edited.diff));
    }
    let count = changes.len();
    let files = if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
    let verb = if dry_run { "would change" } else { "changed" };
    text.push_str(&format!("{said}; {verb} {files}\n"));
    print::out(&text);
}

impl Desk<'_> {
    fn known_taxonomy(&self) -> Result<(), End> {
        let known: Vec<&str> = self.config.taxonomies.iter().map(String::as_str).collect();
        if known.contains(&self.taxonomy) {
            return Ok(());
        }
        Err(End::Failed(format!(
            "the site has no taxonomy `{}`; it has {}",
            self.taxonomy,
            known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        )))
    }

    /// Finds a term by what was written for it.
    fn term(&self, written: &str) -> Result<TermId, End> {
        if let Some(id) = self.taxonomies.resolve(self.taxonomy, written) {
            return Ok(id.clone());
        }
        Err(End::Failed(unknown(self.taxonomies, self.taxonomy, written)))
    }

    /// Checks an id that no term may have yet.
    fn fresh(&self, written: &str) -> Result<TermId, End> {
        let id = TermId::parse(written).map_err(|bad| End::Failed(format!("the id `{written}` {}", bad.reason())))?;
        if self.taxonomies.get(self.taxonomy, &id).is_some() {
            return Err(End::Failed(format!(
                "{} `{id}` exists; choose another id, or `jianfan tag merge` the two",
                self.taxonomy
            )));
        }
        Ok(id)
    }

    fn is_builtin(&self, id: &TermId) -> bool {
        self.taxonomies.get(self.taxonomy, id).is_some_and(|term| term.builtin)
    }

    fn builtin(&self, id: &TermId) -> Builtin {
        if self.is_builtin(id) { Builtin::Yes } else { Builtin::No }
    }

    fn refuse_builtin(&self, id: &TermId) -> Result<(), End> {
        if !self.is_builtin(id) {
            return Ok(());
        }
        Err(End::Failed(format!(
            "{} `{id}` is built in and keeps its id; `jianfan tag alias` gives it another spelling",
            self.taxonomy
        )))
    }

    /// The file of a taxonomy, whether it exists or not.
    fn file(&self, taxonomy: &str) -> PathBuf {
        let folder = self.config.content_dir.join("_data/taxonomies");
        let other = folder.join(format!("{taxonomy}.yml"));
        if other.is_file() { other } else { folder.join(format!("{taxonomy}.yaml")) }
    }

    /// Edits the file of the taxonomy.
    fn edit(&self, change: impl FnOnce(&str) -> Result<Edited, EditError>) -> Result<Vec<Change>, End> {
        let path = self.file(self.taxonomy);
        let text = if path.exists() { read(&path)? } else { String::new() };
        let shown = self.config.shown(&path);
        let edited = change(&text).map_err(|error| End::Failed(format!("{shown}: {error}")))?;
        Ok(if edited.diff.is_empty() { Vec::new() } else { vec![Change { shown, path, edited }] })
    }

    fn rename(&self, old: &str, new: &str) -> Result<(Vec<Change>, String), End> {
        let (old, new) = (self.term(old)?, self.fresh(new)?);
        self.refuse_builtin(&old)?;
        let mut changes = self.edit(|text| edit::rename(text, &old, &new))?;
        self.follow(&old, &new, &mut changes)?;
        Ok((changes, format!("{} {old} is now {new}; its old addresses redirect", self.taxonomy)))
    }

    fn merge(&self, from: &str, into: &str) -> Result<(Vec<Change>, String), End> {
        let (from, into) = (self.term(from)?, self.term(into)?);
        if from == into {
            return Err(End::Failed(format!("both names mean the {} `{from}`", self.taxonomy)));
        }
        self.refuse_builtin(&from)?;
        let mut changes = self.edit(|text| edit::merge(text, &from, &into, self.builtin(&into)))?;
        self.follow(&from, &into, &mut changes)?;
        Ok((changes, format!("{} {from} is now part of {into}; its addresses redirect", self.taxonomy)))
    }

    fn alias(&self, id: &str, alias: &str) -> Result<(Vec<Change>, String), End> {
        let id = self.term(id)?;
        let owner = self.taxonomies.resolve(self.taxonomy, alias).filter(|owner| **owner != id);
        let changes = self.edit(|text| edit::alias(text, &id, alias, self.builtin(&id)))?;
        let mut said = format!("{} {id} is also written {alias}", self.taxonomy);
        if let Some(owner) = owner {
            said.push_str(&format!(", which no longer means {owner}"));
        }
        Ok((changes, said))
    }

    fn split(&self, id: &str, new: &str, name: &str, aliases: &[String]) -> Result<(Vec<Change>, String), End> {
        let (id, new) = (self.term(id)?, self.fresh(new)?);
        self.refuse_builtin(&id)?;
        let name = self.both_scripts(name);
        let changes = self.edit(|text| edit::split(text, &id, &new, &name, aliases))?;
        Ok((changes, format!("{} {new} was taken out of {id}", self.taxonomy)))
    }

    fn both_scripts(&self, name: &str) -> Name {
        let none = jianfan::script::glossary::Glossary::empty();
        let to = |target| Converter::new(target, &none, Options::default()).text(name, Origin::Auto).into_owned();
        Name::new(to(Target::Hans), to(Target::Hant(Region::Tw)))
    }

    /// Makes the articles, and the terms of other taxonomies, name the new id.
    fn follow(&self, old: &TermId, new: &TermId, changes: &mut Vec<Change>) -> Result<(), End> {
        if self.taxonomy == CITY {
            for other in self.config.taxonomies.iter().filter(|other| *other != CITY) {
                let path = self.file(other);
                if path.exists() {
                    let shown = self.config.shown(&path);
                    let edited = edit::follow(&read(&path)?, CITY, old, new)
                        .map_err(|error| End::Failed(format!("{shown}: {error}")))?;
                    push(changes, Change { shown, path, edited });
                }
            }
        }
        let folder = source::read(self.config)?.drain_into(&mut Vec::new());
        for article in folder.sources.iter().filter(|source| source.text.contains(old.as_str())) {
            let edited = edit::retag(&article.text, self.taxonomy, old, new).map_err(|error| {
                End::Failed(format!("{}: {error}; write `{new}` for `{old}` there by hand first", article.path))
            })?;
            if edited.diff.is_empty() {
                continue;
            }
            let path = self.config.root.join(&article.path);
            let text = read(&path)?;
            let edited = edit::retag(&text, self.taxonomy, old, new)
                .map_err(|error| End::Failed(format!("{}: {error}", article.path)))?;
            push(changes, Change { shown: article.path.clone(), path, edited });
        }
        Ok(())
    }
}

fn push(changes: &mut Vec<Change>, change: Change) {
    if !change.edited.diff.is_empty() {
        changes.push(change);
    }
}

/// Says that a name means no term, and which one is nearest.
pub(in super::super) fn unknown(taxonomies: &Taxonomies, taxonomy: &str, written: &str) -> String {
    let ids: Vec<&str> =
        taxonomies.taxonomy(taxonomy).into_iter().flat_map(|t| t.terms.keys()).map(AsRef::as_ref).collect();
    let file = format!("content/_data/taxonomies/{taxonomy}.yaml");
    match config::nearest(&written.to_lowercase(), &ids) {
        Some(id) => format!("there is no {taxonomy} `{written}`; did you mean `{id}`? {file} lists those of the site"),
        None => format!("there is no {taxonomy} `{written}`; add it to {file}"),
    }
}

fn read(path: &Path) -> Result<String, End> {
    let bytes = fs::read(path).map_err(|error| End::Failed(format!("cannot read `{}`: {error}", path.display())))?;
    String::from_utf8(bytes)
        .map_err(|_| End::Failed(format!("`{}` is not UTF-8; save it as UTF-8 first", path.display())))
}
