//! `site.yaml` and the places of a site on disk: raw text to checked settings.
//!
//! Takes the root folder; gives [`Config`], in which every value is valid. Reads only `site.yaml`.

pub(crate) mod fields;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use serde_yaml::Value;

use crate::article::Rights;
use crate::diagnostic::{Checked, Diagnostic};
use crate::script::{self, Region, Script};
use crate::taxonomy::fold_name;
use crate::yaml;
use fields::Fields;

/// One edition of the site: the same articles in one script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditionConfig {
    /// First segment of its addresses, such as `zh-hans`.
    pub id: String,
    /// The script of its pages.
    pub script: Script,
    /// The norm of Traditional characters; unused for Simplified.
    pub region: Region,
    /// The language tag of its pages, such as `zh-Hant`.
    pub lang: String,
}

/// How text is converted above the plain engine.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ConvertConfig {
    /// Change vocabulary by the built-in list.
    pub vocabulary: bool,
    /// Change the words of software texts, too.
    pub software: bool,
    /// Convert quotation marks.
    pub quotes: bool,
    /// The engine: `builtin` or `opencc`.
    pub engine: String,
}

impl ConvertConfig {
    /// The same as the converter wants it.
    pub fn options(&self) -> script::Options {
        let backend = if self.engine == "opencc" { script::Backend::OpenCc } else { script::Backend::Builtin };
        script::Options { vocabulary: self.vocabulary, software: self.software, quotes: self.quotes, backend }
    }
}

/// What becomes of pictures that lie on other sites.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Remote {
    /// They are shown from where they lie.
    #[default]
    Keep,
    /// Their description stands in their place.
    Drop,
    /// They are shown through another address, in which `{url}` stands for theirs.
    Proxy(String),
}

/// How pictures are published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImagesConfig {
    /// Pictures of other sites.
    pub remote: Remote,
    /// Make smaller copies.
    pub copies: bool,
}

impl Default for ImagesConfig {
    fn default() -> Self {
        ImagesConfig { remote: Remote::Keep, copies: true }
    }
}

/// The checked settings of a site.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder of the site.
    pub root: PathBuf,
    /// Title of the site, in either script.
    pub title: String,
    /// One sentence about the site.
    pub description: String,
    /// Absolute address with a final `/`, or none.
    pub base_url: Option<String>,
    /// Where the build goes.
    pub output: PathBuf,
    /// Where the articles are.
    pub content_dir: PathBuf,
    /// What is copied as it is.
    pub static_dir: PathBuf,
    /// Name of the theme.
    pub theme: String,
    /// Line and column of its name in `site.yaml`; 0 when it does not stand there.
    pub theme_place: (usize, usize),
    /// The zone of dates without one, and of the year and month of an address.
    pub time_zone: TimeZone,
    /// Entries of one page of a list.
    pub per_page: usize,
    /// Address of an article below its edition, such as `/:year/:month/:slug/`.
    pub permalink: String,
    /// The editions, the default one first.
    pub editions: Vec<EditionConfig>,
    /// Index of the default edition in `editions`.
    pub default_edition: usize,
    /// Taxonomies in the order they are shown.
    pub taxonomies: Vec<String>,
    /// Where the site will stand, and what that wants.
    pub host: crate::host::Host,
    /// How much of a source's articles is published, by folded name, where an article does not say itself.
    pub sources: BTreeMap<String, Rights>,
    /// Where `publish` brings it.
    pub publish: crate::publish::Settings,
    /// Build the search page.
    pub search: bool,
    /// Write feeds.
    pub feeds: bool,
    /// Write JSON Feed beside Atom.
    pub json_feeds: bool,
    /// The fewest articles of a cross page.
    pub facets_min: usize,
    /// Conversion options.
    pub convert: ConvertConfig,
    /// How pictures are published.
    pub images: ImagesConfig,
    /// Find duplicates.
    pub dedupe: bool,
    /// Sources in order of trust, for the choice of the canonical copy.
    pub trusted_sources: Vec<String>,
    /// Detect terms in articles.
    pub tagging: bool,
    /// Options of the theme given in `site.yaml`.
    pub theme_options: BTreeMap<String, Value>,
}

/// Name of the settings file.
pub const FILE: &str = "site.yaml";

pub(crate) const KEYS: &[&str] = &[
    "title",
    "description",
    "base_url",
    "output",
    "content_dir",
    "static_dir",
    "theme",
    "time_zone",
    "per_page",
    "permalink",
    "editions",
    "default_edition",
    "taxonomies",
    "host",
    "publish",
    "sources",
    "search",
    "feeds",
    "facets",
    "convert",
    "dedupe",
    "tagging",
    "images",
];

/// Zone of dates that name none.
const DEFAULT_ZONE: &str = "Asia/Shanghai";

impl Config {
    /// The settings of a site without `site.yaml`.
    pub fn defaults(root: &Path) -> Self {
        Config {
            root: root.to_owned(),
            title: "簡繁".to_owned(),
            description: String::new(),
            base_url: None,
            output: root.join("public"),
            content_dir: root.join("content"),
            static_dir: root.join("static"),
            theme: "default".to_owned(),
            time_zone: TimeZone::get(DEFAULT_ZONE).expect("the zone database is compiled in"),
            per_page: 50,
            permalink: "/:year/:month/:slug/".to_owned(),
            editions: default_editions(),
            default_edition: 0,
            taxonomies: ["city", "program", "tag"].map(str::to_owned).to_vec(),
            host: crate::host::Host::default(),
            sources: BTreeMap::new(),
            publish: crate::publish::Settings::default(),
            search: true,
            feeds: true,
            json_feeds: false,
            facets_min: 3,
            convert: ConvertConfig { engine: "builtin".to_owned(), ..ConvertConfig::default() },
            images: ImagesConfig::default(),
            dedupe: true,
            trusted_sources: Vec::new(),
            tagging: true,
            theme_place: (0, 0),
            theme_options: BTreeMap::new(),
        }
    }

    /// The path of a file relative to the root, with `/`, as diagnostics show it.
    pub fn shown(&self, path: &Path) -> String {
        // Asked for each file of a site: comparing paths part by part takes ten times as long.
        if let (Some(root), Some(path)) = (self.root.to_str(), path.to_str())
            && let Some(below) = path.strip_prefix(root).and_then(|rest| rest.strip_prefix('/'))
            && !below.starts_with(['/', '.'])
            && !below.contains("//")
            && !below.contains("/.")
        {
            return below.replace('\\', "/");
        }
        let relative = path.strip_prefix(&self.root).unwrap_or(path);
        relative.to_string_lossy().replace('\\', "/")
    }

    /// The settings as text, whatever way to the folder of the site was given, and wherever it lies: what one build made
    /// is what another makes that is told of the same folder by another name.
    pub(crate) fn told(&self) -> String {
        let below = |path: &Path| path.strip_prefix(&self.root).unwrap_or(path).to_owned();
        let settings = Config {
            root: PathBuf::new(),
            output: PathBuf::new(),
            content_dir: below(&self.content_dir),
            static_dir: below(&self.static_dir),
            ..self.clone()
        };
        format!("{settings:?}")
    }

    /// The absolute address that begins every absolute link, with a final `/`.
    pub fn absolute_root(&self) -> &str {
        self.base_url.as_deref().unwrap_or("http://localhost/")
    }

    /// The path part of `base_url`, with a `/` at both ends; none when links are relative.
    pub fn base_path(&self) -> Option<&str> {
        let url = self.base_url.as_deref()?;
        let rest = &url[url.find("://")? + 3..];
        Some(&rest[rest.find('/')?..])
    }

    /// How much of an article is published when only its source says.
    pub fn rights_of(&self, source: Option<&str>) -> Option<Rights> {
        if self.sources.is_empty() {
            return None;
        }
        self.sources.get(&fold_name(source?)).copied()
    }

    /// The default edition.
    pub fn default_edition(&self) -> &EditionConfig {
        &self.editions[self.default_edition]
    }
}

fn default_editions() -> Vec<EditionConfig> {
    vec![
        EditionConfig { id: "zh-hans".into(), script: Script::Hans, region: Region::Tw, lang: "zh-Hans".into() },
        EditionConfig { id: "zh-hant".into(), script: Script::Hant, region: Region::Tw, lang: "zh-Hant".into() },
    ]
}

/// Reads `site.yaml` of a root folder; a missing file means the defaults.
///
/// # Errors
/// A [`std::io::Error`] when the file is there and cannot be read.
pub fn load(root: &Path) -> std::io::Result<Checked<Config>> {
    match std::fs::read(root.join(FILE)) {
        Ok(bytes) => Ok(match String::from_utf8(bytes) {
            Ok(text) => parse(root, &text),
            Err(_) => Checked {
                value: Config::defaults(root),
                diagnostics: vec![
                    Diagnostic::error("encoding", FILE, "the file is not UTF-8").help("save it as UTF-8"),
                ],
            },
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Checked::clean(Config::defaults(root))),
        Err(error) => Err(error),
    }
}

/// Checks the text of `site.yaml`; every key by itself.
pub fn parse(root: &Path, text: &str) -> Checked<Config> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut config = Config::defaults(root);
    let mapping = match yaml::read_mapping(FILE, text, 0..text.len()) {
        Ok(mapping) => mapping,
        Err(diagnostic) => return Checked { value: config, diagnostics: vec![diagnostic] },
    };
    let mut fields = Fields { text, mapping: &mapping, diagnostics: Vec::new() };
    fields.unknown_keys(KEYS);
    fields.fill(&mut config);
    let diagnostics = fields.diagnostics;
    Checked { value: config, diagnostics }
}

/// The nearest of some words by edit distance, if it is near enough to be meant.
pub fn nearest<'a>(written: &str, words: &[&'a str]) -> Option<&'a str> {
    words
        .iter()
        .map(|word| (edit_distance(written, word), *word))
        .filter(|(distance, word)| *distance <= word.len().max(3) / 3 + 1)
        .min()
        .map(|(_, word)| word)
}

fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().take(64).enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, &cb) in b.iter().enumerate() {
            let next = (corner + usize::from(ca != cb)).min(row[j] + 1).min(row[j + 1] + 1);
            corner = std::mem::replace(&mut row[j + 1], next);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<String> {
        let checked = parse(Path::new("/site"), text);
        checked.diagnostics.iter().map(|d| format!("{}:{} {}", d.line, d.column, d.code)).collect()
    }

    #[test]
    fn every_key_is_optional() {
        assert!(codes("").is_empty());
        assert!(codes("# nothing\n").is_empty());
    }

    #[test]
    fn says_which_key_was_meant() {
        let checked = parse(Path::new("/site"), "titel: 站\n");
        assert_eq!(checked.diagnostics[0].help.as_deref(), Some("did you mean `title`?"));
    }

    #[test]
    fn refuses_what_cannot_be_meant() {
        assert_eq!(codes("per_page: 0\n"), ["1:11 config-value"]);
        assert_eq!(codes("base_url: 'ftp://x'\n"), ["1:11 config-value"]);
        assert_eq!(codes("permalink: /:year/\n"), ["1:12 config-value"]);
        assert_eq!(codes("permalink: /:slog/:slug/\n"), ["1:12 config-value"]);
        assert_eq!(codes("time_zone: Mars/Base\n"), ["1:12 config-value"]);
        assert_eq!(codes("content_dir: ../x\n"), ["1:14 config-value"]);
        assert_eq!(codes("editions: [{id: a, script: hans}, {id: a, script: hant}]\n"), ["1:11 config-value"]);
    }

    #[test]
    fn takes_a_base_path_and_two_regions() {
        let config = parse(
            Path::new("/s"),
            "base_url: https://a.example/b\neditions:\n  - {id: tw, script: hant}\n  - {id: hk, script: hant, region: hk}\n",
        );
        assert!(config.diagnostics.is_empty(), "{:?}", config.diagnostics);
        assert_eq!(config.value.base_path(), Some("/b/"));
        assert_eq!(config.value.editions[1].lang, "zh-Hant-HK");
    }
}
