//! What editors keep in `content/_data`: taxonomies, glossary, decisions about duplicates.
//!
//! Part of stage *read*. The rooms that own the formats check them; this one only finds the files.

use std::path::{Path, PathBuf};

use crate::addresses;
use crate::config::Config;
use crate::corpus::Shared;
use crate::dedupe::{Decisions, decisions};
use crate::diagnostic::{Checked, Diagnostic};
use crate::digest::Digest;
use crate::script::glossary::{self, Glossary};
use crate::script::{Converter, Options, Origin, Region, Script, Target};
use crate::source::ReadError;
use crate::taxonomy;

/// The editors' data of a site.
pub struct Data {
    /// Taxonomies and decisions.
    pub shared: Shared,
    /// The glossary, with the names of terms.
    pub glossary: Glossary,
    /// Digest of the files of glossary and taxonomies.
    pub digest: Digest,
}

/// The largest data file, in bytes.
const LARGEST: u64 = 8 << 20;

/// Reads the data files of a site.
///
/// # Errors
/// When the folder cannot be listed. What is wrong in a file is a diagnostic.
pub fn read(config: &Config) -> Result<Checked<Data>, ReadError> {
    let mut diagnostics = Vec::new();
    let folder = config.content_dir.join("_data");
    let mut glossary = Glossary::empty();
    let terms = read_file(config, &folder.join("glossary.yaml"), &mut diagnostics);
    if let Some((path, text)) = &terms {
        glossary = glossary::parse(path, text).drain_into(&mut diagnostics);
    }
    let mut decisions = Decisions::none();
    if let Some((path, text)) = read_file(config, &folder.join("decisions.yaml"), &mut diagnostics) {
        decisions = decisions::parse(&path, &text).drain_into(&mut diagnostics);
    }
    let mut recorded = Vec::new();
    if let Some((path, text)) = read_file(config, &folder.join(addresses::FILE), &mut diagnostics) {
        recorded = addresses::parse(&path, &text).drain_into(&mut diagnostics);
    }
    let files = taxonomy_files(config, &folder.join("taxonomies"), &mut diagnostics)?;
    let digest = Digest::of_value(&(&terms, &files));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let taxonomies = parse_taxonomies(config, &files, &glossary).drain_into(&mut diagnostics);
    glossary.add_names(taxonomies.glossary_names());
    Ok(Checked {
        value: Data { shared: Shared { taxonomies, decisions, addresses: recorded }, glossary, digest },
        diagnostics,
    })
}

/// Completes names given in one script by the site's own conversion.
fn parse_taxonomies(config: &Config, files: &[(&str, &str)], glossary: &Glossary) -> Checked<taxonomy::Taxonomies> {
    let region = config
        .editions
        .iter()
        .find(|edition| edition.script == Script::Hant)
        .map_or(Region::Tw, |edition| edition.region);
    let to_hans = Converter::new(Target::Hans, glossary, Options::default());
    let to_hant = Converter::new(Target::Hant(region), glossary, Options::default());
    let hans = |text: &str| to_hans.text(text, Origin::Auto).into_owned();
    let hant = |text: &str| to_hant.text(text, Origin::Auto).into_owned();
    taxonomy::parse(files, taxonomy::Convert { hans: &hans, hant: &hant })
}

/// The taxonomy files, sorted; those of no taxonomy of the settings are named.
fn taxonomy_files(
    config: &Config,
    folder: &Path,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Vec<(String, String)>, ReadError> {
    let mut files = Vec::new();
    if !folder.is_dir() {
        return Ok(files);
    }
    let listing = std::fs::read_dir(folder).map_err(|source| ReadError { path: folder.to_owned(), source })?;
    let mut paths: Vec<PathBuf> = listing.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with('.') || name.ends_with('~') {
            continue;
        }
        let Some(taxonomy) = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml")) else { continue };
        if !config.taxonomies.iter().any(|known| known == taxonomy) {
            diagnostics.push(
                Diagnostic::warning(
                    "taxonomy-unused",
                    config.shown(&path),
                    format!("the site has no taxonomy `{taxonomy}`"),
                )
                .help("name it under `taxonomies:` in site.yaml, or delete the file"),
            );
            continue;
        }
        files.extend(read_file(config, &path, diagnostics));
    }
    Ok(files)
}

/// Reads one file; none when it is missing or unreadable, which is an error.
fn read_file(config: &Config, path: &Path, diagnostics: &mut Vec<Diagnostic>) -> Option<(String, String)> {
    let shown = config.shown(path);
    let mut refuse = |message: String, help: &str| {
        diagnostics.push(Diagnostic::error("unreadable", shown.clone(), message).help(help));
        None
    };
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => return refuse(format!("cannot be read: {error}"), "check the permissions"),
    };
    if !metadata.is_file() {
        return refuse("not a file".to_owned(), "put a text file there");
    }
    if metadata.len() > LARGEST {
        return refuse(format!("more than {} MiB", LARGEST >> 20), "split it, or look what is wrong with it");
    }
    let inside = path
        .canonicalize()
        .ok()
        .zip(config.root.canonicalize().ok())
        .is_some_and(|(path, root)| path.starts_with(root));
    if !inside {
        return refuse("a link that leads out of the site".to_owned(), "put the file itself there");
    }
    match std::fs::read(path).map(String::from_utf8) {
        Ok(Ok(text)) => Some((shown, text)),
        Ok(Err(_)) => refuse("the file is not UTF-8".to_owned(), "save it as UTF-8"),
        Err(error) => refuse(format!("cannot be read: {error}"), "check the permissions"),
    }
}
