//! The files of a theme and of those it extends.

use std::collections::BTreeMap;
use std::path::Path;

use sha2::{Digest, Sha256};
use walkdir::WalkDir;

use super::builtin;
use crate::config::{Config, fields::theme_name};
use crate::diagnostic::Diagnostic;
use crate::source::ReadError;
use crate::value::Value;

/// A text file of a theme.
#[derive(Clone)]
pub(super) struct TextFile {
    pub(super) shown: String,
    pub(super) text: String,
    pub(super) builtin: bool,
}

/// All files of a theme, the nearest layer on top.
#[derive(Default)]
pub(super) struct Files {
    pub(super) templates: BTreeMap<String, TextFile>,
    pub(super) assets: BTreeMap<String, Vec<u8>>,
    /// Words by edition, the farthest layer first.
    pub(super) strings: BTreeMap<String, Vec<TextFile>>,
    pub(super) options: BTreeMap<String, serde_json::Value>,
}

/// The largest file of a theme, in bytes.
const LARGEST: u64 = 16 << 20;

/// How many themes may extend each other.
const LONGEST_CHAIN: usize = 8;

/// What `theme.yaml` may say.
#[derive(serde::Deserialize, Default)]
#[serde(default)]
struct Manifest {
    #[serde(rename = "name")]
    _name: Option<String>,
    extends: Option<String>,
    options: BTreeMap<String, serde_json::Value>,
}

/// Gathers the files of a theme and of those it extends, the default theme last.
pub(super) fn gather(config: &Config, name: &str, diagnostics: &mut Vec<Diagnostic>) -> Result<Files, ReadError> {
    let mut chain = Vec::new();
    let mut next = Some(name.to_owned());
    while let Some(name) = next.take() {
        let folder = config.root.join("themes").join(&name);
        let from = chain.last().map(|(other, _): &(String, _)| other.as_str());
        if theme_name(&name).is_err() || chain.len() >= LONGEST_CHAIN {
            let message = format!("no theme can be found under the name `{name}`");
            diagnostics.push(refuse(config, from, message, "write the name of a folder below themes/"));
            break;
        }
        if !folder.is_dir() {
            if name != "default" {
                let message = format!("there is no folder `themes/{name}`");
                diagnostics.push(refuse(config, from, message, "make the folder, or write `default`"));
            }
            break;
        }
        let layer = layer(config, &folder, diagnostics)?;
        next.clone_from(&layer.1);
        if next.as_ref().is_some_and(|next| *next == name || chain.iter().any(|(other, _)| other == next)) {
            let message = format!("the theme `{name}` extends itself");
            diagnostics.push(refuse(config, Some(&name), message, "change `extends:`"));
            next = None;
        }
        chain.push((name, layer.0));
    }
    let mut files = embedded();
    for (_, layer) in chain.into_iter().rev() {
        files.lay_over(layer);
    }
    Ok(files)
}

/// Refuses a theme where it is named: in the theme.yaml of the one that extends it, else in site.yaml.
fn refuse(config: &Config, extending: Option<&str>, message: String, help: &str) -> Diagnostic {
    let Some(name) = extending else {
        let (line, column) = config.theme_place;
        return Diagnostic::error("theme", crate::config::FILE, message).at(line, column).help(help);
    };
    let path = config.root.join("themes").join(name).join("theme.yaml");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().position(|line| line.trim_start().starts_with("extends")).map_or(0, |at| at + 1);
    Diagnostic::error("theme", format!("themes/{name}/theme.yaml"), message).at(line, line.min(1)).help(help)
}

impl Files {
    fn lay_over(&mut self, layer: Files) {
        self.templates.extend(layer.templates);
        self.assets.extend(layer.assets);
        for (name, words) in layer.strings {
            self.strings.entry(name).or_default().extend(words);
        }
        self.options.extend(layer.options);
    }

    /// A digest of what pages depend on.
    pub(super) fn digest(&self, options: &Value) -> [u8; 32] {
        let mut hash = Sha256::new();
        for (name, file) in &self.templates {
            hash.update(name.as_bytes());
            hash.update([0]);
            hash.update(file.text.as_bytes());
            hash.update([0]);
        }
        for file in self.strings.values().flatten() {
            hash.update(file.text.as_bytes());
            hash.update([0]);
        }
        for (name, bytes) in &self.assets {
            hash.update(name.as_bytes());
            hash.update(Sha256::digest(bytes));
        }
        hash.update(options.to_engine().to_string().as_bytes());
        hash.finalize().into()
    }

    fn take(
        &mut self,
        relative: &str,
        shown: String,
        bytes: Vec<u8>,
        builtin: bool,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let text = |bytes: Vec<u8>, diagnostics: &mut Vec<Diagnostic>| match String::from_utf8(bytes) {
            Ok(text) => Some(text),
            Err(_) => {
                diagnostics.push(
                    Diagnostic::error("encoding", shown.as_str(), "the file is not UTF-8").help("save it as UTF-8"),
                );
                None
            }
        };
        if let Some(name) = relative.strip_prefix("templates/") {
            if (name.ends_with(".html") || name.ends_with(".xml"))
                && let Some(text) = text(bytes, diagnostics)
            {
                self.templates.insert(name.to_owned(), TextFile { shown, text, builtin });
            }
        } else if let Some(name) = relative.strip_prefix("assets/") {
            self.assets.insert(name.to_owned(), super::lean::served(relative, bytes));
        } else if let Some(name) = relative.strip_prefix("i18n/").and_then(|name| name.strip_suffix(".yaml"))
            && let Some(text) = text(bytes, diagnostics)
        {
            self.strings.entry(name.to_owned()).or_default().push(TextFile { shown, text, builtin });
        }
    }
}

fn embedded() -> Files {
    let mut files = Files::default();
    let mut nothing = Vec::new();
    for (path, bytes) in builtin::FILES {
        if *path == "theme.yaml" {
            let manifest: Manifest =
                std::str::from_utf8(bytes).ok().and_then(|text| serde_yaml::from_str(text).ok()).unwrap_or_default();
            files.options = manifest.options;
        } else {
            files.take(path, format!("themes/default/{path}"), bytes.to_vec(), true, &mut nothing);
        }
    }
    files
}

/// Reads one folder; gives its files and the name of the theme it extends.
fn layer(
    config: &Config,
    folder: &Path,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<(Files, Option<String>), ReadError> {
    let mut files = Files::default();
    let mut extends = Some("default".to_owned());
    let real_root = config.root.canonicalize().map_err(|source| ReadError { path: config.root.clone(), source })?;
    for entry in WalkDir::new(folder).sort_by_file_name().max_depth(6) {
        let entry = entry
            .map_err(|error| ReadError { path: error.path().unwrap_or(folder).to_owned(), source: error.into() })?;
        if entry.file_type().is_dir() {
            continue;
        }
        let path = entry.path();
        let shown = config.shown(path);
        let relative = path.strip_prefix(folder).unwrap_or(path).to_string_lossy().replace('\\', "/");
        let bytes = match read(path, &real_root) {
            Ok(bytes) => bytes,
            Err(message) => {
                diagnostics
                    .push(Diagnostic::error("theme-file", shown, message).help("put a real file of the theme there"));
                continue;
            }
        };
        if relative == "theme.yaml" {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            match crate::yaml::read_mapping(&shown, &text, 0..text.len())
                .map(|_| serde_yaml::from_str::<Option<Manifest>>(&text))
            {
                Ok(Ok(manifest)) => {
                    let manifest = manifest.unwrap_or_default();
                    files.options = manifest.options;
                    extends = Some(manifest.extends.unwrap_or_else(|| "default".to_owned()));
                }
                Ok(Err(error)) => diagnostics.push(
                    Diagnostic::error("theme-file", shown, error.to_string())
                        .help("write `name`, `extends` and `options`"),
                ),
                Err(diagnostic) => diagnostics.push(diagnostic),
            }
        } else {
            files.take(&relative, shown, bytes, false, diagnostics);
        }
    }
    if extends.as_deref() == Some("default") && folder.ends_with("default") {
        extends = None;
    }
    Ok((files, extends))
}

/// Reads a file of a theme, which must be a real file inside the site.
fn read(path: &Path, real_root: &Path) -> Result<Vec<u8>, String> {
    let real = path.canonicalize().map_err(|error| format!("cannot be read: {error}"))?;
    if !real.starts_with(real_root) {
        return Err("a link that leads out of the site".to_owned());
    }
    let metadata = real.metadata().map_err(|error| format!("cannot be read: {error}"))?;
    if !metadata.is_file() {
        return Err("neither a file nor a folder".to_owned());
    }
    if metadata.len() > LARGEST {
        return Err(format!("more than {} MiB", LARGEST >> 20));
    }
    std::fs::read(&real).map_err(|error| format!("cannot be read: {error}"))
}
