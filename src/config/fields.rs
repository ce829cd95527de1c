//! The keys of `site.yaml`, each checked by itself and placed at its own line.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use jiff::tz::TimeZone;
use serde_yaml::Value;

use super::{Config, EditionConfig, FILE, ImagesConfig, Remote, nearest};
use crate::article::Rights;
use crate::diagnostic::Diagnostic;
use crate::script::{self, Region, Script};
use crate::taxonomy::fold_name;
use crate::yaml::{Entry, Mapping};

/// Upper bound of `per_page`: a page of more entries is no page.
const MOST_PER_PAGE: u64 = 1000;

/// The reader of one `site.yaml`.
pub(super) struct Fields<'a> {
    pub(super) text: &'a str,
    pub(super) mapping: &'a Mapping,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl<'a> Fields<'a> {
    /// Warns of keys nobody reads, with the nearest one that is read.
    pub(super) fn unknown_keys(&mut self, known: &[&str]) {
        for entry in &self.mapping.entries {
            if !known.contains(&entry.key.as_str()) {
                let help = match nearest(&entry.key, known) {
                    Some(word) => format!("did you mean `{word}`?"),
                    None => "remove it; it does nothing".to_owned(),
                };
                self.diagnostics.push(
                    Diagnostic::warning("unknown-key", FILE, format!("unknown key `{}`", entry.key))
                        .span(self.text, entry.key_span.clone())
                        .help(help),
                );
            }
        }
    }

    /// Takes every key into `config`; a bad value leaves the default and a diagnostic.
    pub(super) fn fill(&mut self, config: &mut Config) {
        self.string("title", |text| config.title = printable(text));
        self.string("description", |text| config.description = printable(text));
        self.checked("base_url", |value| base_url(value).map(|url| config.base_url = url));
        let root = config.root.clone();
        self.checked("output", |value| output_path(&root, value).map(|path| config.output = path));
        self.checked("content_dir", |value| existing(&root, value).map(|path| config.content_dir = path));
        self.checked("static_dir", |value| inside(&root, value).map(|path| config.static_dir = path));
        self.checked("time_zone", |value| time_zone(value).map(|zone| config.time_zone = zone));
        self.checked("per_page", |value| per_page(value).map(|count| config.per_page = count));
        self.checked("permalink", |value| permalink(value).map(|pattern| config.permalink = pattern));
        self.checked("editions", |value| editions(value).map(|list| config.editions = list));
        let ids: Vec<String> = config.editions.iter().map(|edition| edition.id.clone()).collect();
        self.checked("default_edition", |value| default_edition(value, &ids).map(|at| config.default_edition = at));
        self.checked("taxonomies", |value| taxonomies(value).map(|list| config.taxonomies = list));
        self.checked("host", |value| crate::host::read(value).map(|host| config.host = host));
        self.checked("sources", |value| sources(value).map(|found| config.sources = found));
        self.checked("publish", |value| crate::publish::settings::read(value).map(|found| config.publish = found));
        self.checked("theme", |value| theme(value, config));
        if let Some(entry) = self.mapping.find("theme") {
            let placed = Diagnostic::error("", "", "").span(self.text, entry.value_span.clone());
            config.theme_place = (placed.line, placed.column);
        }
        self.checked("search", |value| switch(value).map(|on| config.search = on));
        self.checked("feeds", |value| feeds(value, config));
        self.checked("tagging", |value| switch(value).map(|on| config.tagging = on));
        self.checked("dedupe", |value| dedupe(value, config));
        self.checked("facets", |value| facets(value).map(|min| config.facets_min = min));
        self.checked("convert", |value| convert(value, config));
        self.checked("images", |value| images(value).map(|images| config.images = images));
    }

    fn string(&mut self, key: &str, mut take: impl FnMut(&str)) {
        self.checked(key, |value| match value {
            Value::String(text) => {
                take(text.trim());
                Ok(())
            }
            Value::Null => Ok(()),
            Value::Number(number) => {
                take(&number.to_string());
                Ok(())
            }
            _ => Err("expected text".to_owned()),
        });
    }

    fn checked(&mut self, key: &str, take: impl FnOnce(&Value) -> Result<(), String>) {
        let Some(entry) = self.mapping.find(key) else { return };
        // A key without a value is a key left out.
        if entry.value.is_null() {
            return;
        }
        if let Err(message) = take(&entry.value) {
            let (message, help) = message.split_once('\n').map_or((message.as_str(), None), |(m, h)| (m, Some(h)));
            self.report(entry, message, help);
        }
    }

    fn report(&mut self, entry: &Entry, message: &str, help: Option<&str>) {
        let diagnostic = Diagnostic::error("config-value", FILE, format!("`{}`: {message}", entry.key))
            .span(self.text, entry.value_span.clone());
        self.diagnostics.push(match help {
            Some(help) => diagnostic.help(help),
            None => diagnostic.help("see the key in the manual, or remove the line to get the default"),
        });
    }
}

/// Text without the characters that neither XML nor HTML can hold: YAML writes them as `\u0007`.
fn printable(text: &str) -> String {
    text.chars().filter(|&c| !(c.is_control() && !c.is_whitespace() || matches!(c, '\u{fffe}' | '\u{ffff}'))).collect()
}

fn text(value: &Value) -> Result<&str, String> {
    value.as_str().map(str::trim).ok_or_else(|| "expected text".to_owned())
}

fn base_url(value: &Value) -> Result<Option<String>, String> {
    if value.is_null() {
        return Ok(None);
    }
    let written = text(value)?;
    if written.is_empty() {
        return Ok(None);
    }
    let help = "\nwrite it like `https://example.org/` or `https://example.org/archive/`";
    let rest = written
        .strip_prefix("https://")
        .or_else(|| written.strip_prefix("http://"))
        .ok_or(format!("`{written}` does not begin with `http://` or `https://`{help}"))?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/:[]%".contains(c);
    if let Some(bad) = rest.chars().find(|&c| !plain(c)) {
        return Err(format!("`{written}` holds `{bad}`{help}"));
    }
    let host = rest.split('/').next().unwrap_or_default();
    if host.is_empty() || rest.split('/').any(|segment| segment == ".." || segment == ".") || rest.contains("//") {
        return Err(format!("`{written}` is no address of a site{help}"));
    }
    Ok(Some(format!("{}/", written.trim_end_matches('/'))))
}

/// A folder inside the site.
fn inside(root: &Path, value: &Value) -> Result<PathBuf, String> {
    let written = text(value)?;
    let path = Path::new(written);
    let escapes = path.components().any(|part| !matches!(part, Component::Normal(_) | Component::CurDir));
    if written.is_empty() || escapes {
        return Err(format!("`{written}` is not a folder inside the site\nname a folder below the site's root"));
    }
    let joined = root.join(path);
    if let (Ok(real), Ok(real_root)) = (joined.canonicalize(), root.canonicalize())
        && !real.starts_with(&real_root)
    {
        return Err(format!("`{written}` leads out of the site\nname a real folder below the site's root"));
    }
    Ok(joined)
}

/// A folder inside the site that is there: one that is named is meant.
fn existing(root: &Path, value: &Value) -> Result<PathBuf, String> {
    let path = inside(root, value)?;
    if !path.is_dir() {
        let written = text(value)?;
        return Err(format!("there is no folder `{written}`\nmake it, or remove the line to use `content`"));
    }
    Ok(path)
}

/// Where the build goes; what is dangerous there is refused by the writer, which sees the disk.
fn output_path(root: &Path, value: &Value) -> Result<PathBuf, String> {
    let written = text(value)?;
    if written.is_empty() {
        return Err("an empty path\nwrite `output: public`".to_owned());
    }
    Ok(root.join(written))
}

fn time_zone(value: &Value) -> Result<TimeZone, String> {
    let written = text(value)?;
    TimeZone::get(written).map_err(|_| format!("unknown time zone `{written}`\nwrite it like `Asia/Taipei`"))
}

fn per_page(value: &Value) -> Result<usize, String> {
    match value.as_u64() {
        Some(count @ 1..=MOST_PER_PAGE) => Ok(count as usize),
        _ => Err(format!("expected a whole number from 1 to {MOST_PER_PAGE}")),
    }
}

fn permalink(value: &Value) -> Result<String, String> {
    let written = text(value)?;
    let help = "\nwrite it like `/:year/:month/:slug/`; the parts are `:year`, `:month`, `:day` and `:slug`";
    let mut slug = false;
    for segment in written.split('/').filter(|segment| !segment.is_empty()) {
        slug |= segment == ":slug";
        let token = matches!(segment, ":year" | ":month" | ":day" | ":slug");
        let plain = segment.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if !token && !plain {
            return Err(format!("`{segment}` is no part of an address{help}"));
        }
    }
    if !slug {
        return Err(format!("`{written}` has no `:slug`, so articles would share one address{help}"));
    }
    Ok(format!("/{}/", written.trim_matches('/')))
}

fn editions(value: &Value) -> Result<Vec<EditionConfig>, String> {
    let list = value.as_sequence().ok_or("expected a list of editions")?;
    if list.is_empty() {
        return Err("no edition\nname at least one, such as `- {id: zh-hans, script: hans}`".to_owned());
    }
    let mut editions = Vec::new();
    for item in list {
        let edition = edition(item)?;
        if editions.iter().any(|other: &EditionConfig| other.id == edition.id) {
            return Err(format!("the edition `{}` is given twice", edition.id));
        }
        editions.push(edition);
    }
    name_languages(&mut editions);
    Ok(editions)
}

fn edition(item: &Value) -> Result<EditionConfig, String> {
    let help = "\nwrite it like `{id: zh-hant, script: hant, region: tw}`";
    let id = item.get("id").and_then(Value::as_str).ok_or(format!("an edition without `id`{help}"))?;
    if id.is_empty() || id.len() > 32 || !id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    {
        return Err(format!("`{id}` cannot begin an address{help}"));
    }
    if matches!(id, "assets" | "search") {
        return Err(format!("`{id}` is an address of its own{help}"));
    }
    let script = match item.get("script").and_then(Value::as_str) {
        Some("hans") => Script::Hans,
        Some("hant") => Script::Hant,
        other => {
            return Err(format!("script of `{id}` is `{}`, not `hans` or `hant`{help}", other.unwrap_or("missing")));
        }
    };
    let region = match item.get("region").map(Value::as_str) {
        None | Some(Some("tw")) => Region::Tw,
        Some(Some("hk")) => Region::Hk,
        _ => return Err(format!("region of `{id}` is not `tw` or `hk`{help}")),
    };
    Ok(EditionConfig { id: id.to_owned(), script, region, lang: String::new() })
}

/// Gives each edition its language tag; with both regions of Traditional the region is part of it.
fn name_languages(editions: &mut [EditionConfig]) {
    let both = editions.iter().any(|e| e.script == Script::Hant && e.region == Region::Tw)
        && editions.iter().any(|e| e.script == Script::Hant && e.region == Region::Hk);
    for edition in editions {
        edition.lang = match (edition.script, edition.region) {
            (Script::Hans, _) => "zh-Hans",
            (Script::Hant, Region::Tw) if both => "zh-Hant-TW",
            (Script::Hant, Region::Hk) if both => "zh-Hant-HK",
            (Script::Hant, _) => "zh-Hant",
        }
        .to_owned();
    }
}

fn default_edition(value: &Value, ids: &[String]) -> Result<usize, String> {
    let written = text(value)?;
    ids.iter()
        .position(|id| id == written)
        .ok_or(format!("no edition is called `{written}`\nname one of `{}`", ids.join("`, `")))
}

fn taxonomies(value: &Value) -> Result<Vec<String>, String> {
    let list = value.as_sequence().ok_or("expected a list of names")?;
    let mut names: Vec<String> = Vec::new();
    for item in list {
        let name = text(item)?;
        let plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if RESERVED.contains(&name) || name.len() == 4 && name.bytes().all(|b| b.is_ascii_digit()) {
            return Err(format!("`{name}` is an address that the build writes itself\nchoose another name"));
        }
        if name.is_empty() || !plain || names.iter().any(|other| other == name) {
            return Err(format!("`{name}` is no name of a taxonomy\nwrite lower-case ASCII names, each once"));
        }
        names.push(name.to_owned());
    }
    Ok(names)
}

/// First segments below an edition that are no taxonomies; years are not either.
const RESERVED: &[&str] = &["archive", "matrix", "page", "search", "undated"];

/// What is published of the articles of each source.
fn sources(value: &Value) -> Result<BTreeMap<String, Rights>, String> {
    let help = "\nwrite it like `sources: {某某日报: {rights: excerpt}}`; rights are `full`, `excerpt` or `link`";
    let mut sources = BTreeMap::new();
    for (name, value) in value.as_mapping().ok_or(format!("expected names of sources below it{help}"))? {
        let name = name.as_str().unwrap_or_default().trim();
        let rights = value.get("rights").and_then(Value::as_str).unwrap_or_default();
        let only = value.as_mapping().is_some_and(|keys| keys.len() == 1);
        let rights = match rights {
            "full" => Rights::Full,
            "excerpt" => Rights::Excerpt,
            "link" => Rights::Link,
            _ => return Err(format!("`{name}` has no `rights` that is known{help}")),
        };
        if name.is_empty() || !only {
            return Err(format!("`{name}` has keys that are not known{help}"));
        }
        sources.insert(fold_name(name), rights);
    }
    Ok(sources)
}

fn theme(value: &Value, config: &mut Config) -> Result<(), String> {
    if let Some(options) = value.get("options").and_then(Value::as_mapping) {
        let pairs = options.iter().filter_map(|(key, value)| Some((key.as_str()?.to_owned(), value.clone())));
        config.theme_options = pairs.collect();
    }
    let name = value.get("name").and_then(Value::as_str).or_else(|| value.as_str());
    let name = name.map(str::trim).ok_or("expected the name of a theme")?;
    config.theme = theme_name(name)?.to_owned();
    Ok(())
}

/// Checks the name of a theme: one folder below `themes/`.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn theme_name(name: &str) -> Result<&str, String> {
    let plain = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.')) && !name.starts_with('.');
    if name.is_empty() || name.len() > 100 || !plain {
        return Err(format!("`{name}` is no name of a folder below `themes/`"));
    }
    Ok(name)
}

fn switch(value: &Value) -> Result<bool, String> {
    match value {
        Value::Bool(on) => Ok(*on),
        Value::Mapping(_) => Ok(true),
        _ => Err("expected `true` or `false`".to_owned()),
    }
}

fn feeds(value: &Value, config: &mut Config) -> Result<(), String> {
    config.feeds = switch(value)?;
    for (key, value) in value.as_mapping().into_iter().flatten() {
        match (key.as_str().unwrap_or_default(), value) {
            ("json", Value::Bool(on)) => config.json_feeds = *on,
            (key, _) => {
                return Err(format!(
                    "`{key}` is unknown or has a wrong value\nwrite `feeds: true`, or `feeds: {{json: true}}` for JSON Feed too"
                ));
            }
        }
    }
    Ok(())
}

fn dedupe(value: &Value, config: &mut Config) -> Result<(), String> {
    config.dedupe = switch(value)?;
    let Some(list) = value.get("sources") else { return Ok(()) };
    let list = list.as_sequence().ok_or("`sources` is not a list of names")?;
    config.trusted_sources = list.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect();
    Ok(())
}

fn facets(value: &Value) -> Result<usize, String> {
    match value.get("min").map(Value::as_u64) {
        None => Ok(3),
        Some(Some(min)) if min >= 1 => Ok(usize::try_from(min).unwrap_or(usize::MAX)),
        _ => Err("`min` is not a whole number of at least 1".to_owned()),
    }
}

fn images(value: &Value) -> Result<ImagesConfig, String> {
    let mut images = ImagesConfig::default();
    let help = "\nwrite `remote: keep`, `remote: drop` or `remote: \"https://proxy.example/?url={url}\"`, and `copies: false` for no smaller copies";
    let mapping = value.as_mapping().ok_or(format!("expected `remote` or `copies` below it{help}"))?;
    for (key, value) in mapping {
        match (key.as_str().unwrap_or_default(), value) {
            ("remote", Value::String(word)) if word == "keep" => images.remote = Remote::Keep,
            ("remote", Value::String(word)) if word == "drop" => images.remote = Remote::Drop,
            ("remote", Value::String(url)) if url.contains("{url}") && url.starts_with("https://") => {
                images.remote = Remote::Proxy(url.clone());
            }
            ("copies", Value::Bool(on)) => images.copies = *on,
            (key, _) => return Err(format!("`{key}` is unknown or has a wrong value{help}")),
        }
    }
    Ok(images)
}

fn convert(value: &Value, config: &mut Config) -> Result<(), String> {
    let mapping = value.as_mapping().ok_or("expected `vocabulary`, `quotes` or `engine` below it")?;
    for (key, value) in mapping {
        match (key.as_str().unwrap_or_default(), value) {
            ("vocabulary", Value::Bool(on)) => config.convert.vocabulary = *on,
            ("vocabulary", Value::String(word)) if word == "software" => {
                (config.convert.vocabulary, config.convert.software) = (true, true);
            }
            ("quotes", Value::Bool(on)) => config.convert.quotes = *on,
            ("engine", Value::String(name)) if name == "opencc" && !cfg!(feature = "opencc") => {
                return Err("`engine: opencc` needs a program built with the feature `opencc`\n\
                    build it with `cargo build --release --features opencc`, or write `engine: builtin`"
                    .to_owned());
            }
            ("engine", Value::String(name)) if name == "builtin" || name == "opencc" => {
                if name == "opencc" {
                    let help = "install OpenCC 1.4, or write `engine: builtin`";
                    script::opencc_ready().map_err(|why| format!("`engine: opencc` cannot be used: {why}\n{help}"))?;
                }
                config.convert.engine.clone_from(name);
            }
            (key, _) => {
                return Err(format!(
                    "`{key}` is unknown or has a wrong value\nwrite `vocabulary: true` or `software`, `quotes: true` or `engine: builtin`"
                ));
            }
        }
    }
    Ok(())
}
