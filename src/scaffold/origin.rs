//! The site of another program that is taken over: which program it was, and what its settings say.

use std::path::{Path, PathBuf};

use super::ScaffoldError;
use crate::import;

/// A site of another program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Former {
    /// Its folder.
    pub folder: PathBuf,
    /// Its program.
    pub format: import::Format,
    /// Its title.
    pub title: Option<String>,
    /// Its description.
    pub description: Option<String>,
    /// Its address.
    pub base_url: Option<String>,
}

/// Looks at a folder.
///
/// # Errors
/// When it is no site of a program that is known.
pub fn former(folder: &Path) -> Result<Former, ScaffoldError> {
    let config = |names: &[&str]| names.iter().map(|name| folder.join(name)).find(|path| path.is_file());
    let (format, file) = if folder.join("source/_posts").is_dir() {
        (import::Format::Hexo, config(&["_config.yml", "_config.yaml"]))
    } else if folder.join("content").is_dir()
        && let Some(file) = config(&["hugo.toml", "hugo.yaml", "hugo.yml", "config.toml", "config.yaml", "config.yml"])
    {
        (import::Format::Hugo, Some(file))
    } else if folder.join("_posts").is_dir() || folder.join("_config.yml").is_file() {
        (import::Format::Jekyll, config(&["_config.yml", "_config.yaml"]))
    } else {
        return Err(ScaffoldError::NoFormer(folder.to_owned()));
    };
    let text = file.as_ref().and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
    let toml = file.is_some_and(|path| path.extension().is_some_and(|extension| extension == "toml"));
    let value = |names: &[&str]| names.iter().find_map(|name| top_level(&text, name, toml));
    let base_url = value(&["baseURL", "baseurl", "url"]).filter(|url| url.starts_with("http"));
    Ok(Former {
        folder: folder.to_owned(),
        format,
        title: value(&["title"]),
        description: value(&["description", "subtitle"]),
        base_url: base_url.map(|url| format!("{}/", url.trim_end_matches('/'))),
    })
}

/// The text at a key of the first level.
fn top_level(text: &str, name: &str, toml: bool) -> Option<String> {
    let value = if toml {
        let table: toml::Table = text.parse().ok()?;
        table.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?.1.as_str()?.to_owned()
    } else {
        let value: serde_yaml::Value = serde_yaml::from_str(text).ok()?;
        value.get(name)?.as_str()?.to_owned()
    };
    let value = value.trim().to_owned();
    (!value.is_empty()).then_some(value)
}

/// The settings of a new site with those of the former one.
pub(super) fn settings(text: &str, former: &Former) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let mut out = String::new();
    for line in text.lines() {
        let new = match (line.split(':').next().unwrap_or_default(), former) {
            ("title", Former { title: Some(title), .. }) => Some(format!("title: {}", quoted(title))),
            ("description", Former { description: Some(text), .. }) => Some(format!("description: {}", quoted(text))),
            ("# base_url", Former { base_url: Some(url), .. }) => Some(format!("base_url: {}", quoted(url))),
            _ => None,
        };
        out.push_str(new.as_deref().unwrap_or(line));
        out.push('\n');
    }
    out
}
