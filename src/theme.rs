//! Themes: templates, assets and the words of the interface. With `value`, the only room that names Tera.
//!
//! Takes the name of a theme; gives a [`Theme`] whose templates are all parsed, whose includes end, and which reads
//! nothing else while pages are written. What a theme lacks comes from the one it extends, at last from the default
//! theme inside the binary.

mod builtin;
mod depth;
mod direct;
mod files;
mod filters;
mod lean;
mod lints;
mod steps;
mod tags;
mod well_formed;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use sha2::{Digest, Sha256};
use tera::{Context, ErrorKind, Tera};

use crate::config::{Config, EditionConfig};
use crate::diagnostic::{Checked, Diagnostic};
use crate::script::Script;
use crate::source::ReadError;
use crate::value::{self, Value};
use direct::Direct;
use files::Files;
use steps::Counted;

/// The most one page may hold, in bytes; a template that writes more is in an endless loop.
const LARGEST_PAGE: usize = 64 << 20;

/// A theme, ready to render.
pub struct Theme {
    tera: Tera,
    /// The templates that need no engine.
    direct: Direct,
    /// Where each template came from and what stands in it, for messages.
    origins: BTreeMap<String, Origin>,
    /// Templates that were found not to end: one page has to prove it, not every one.
    endless: Mutex<BTreeMap<String, Diagnostic>>,
    /// Assets by output path, content-hashed.
    pub assets: BTreeMap<String, Vec<u8>>,
    /// `assets` of the template context: file name to output path.
    asset_urls: Value,
    strings: BTreeMap<String, Value>,
    /// `options` of the template context.
    pub options: Value,
    /// Digest of all templates, words and options: what pages depend on besides their context.
    pub digest: [u8; 32],
}

/// A template as it was written.
struct Origin {
    shown: String,
    text: String,
    counted: Counted,
    builtin: bool,
}

/// Names of the templates every theme has, its own or the default's.
pub const TEMPLATES: &[&str] = &[
    "base.html",
    "home.html",
    "article.html",
    "term.html",
    "terms.html",
    "cross.html",
    "matrix.html",
    "year.html",
    "archive.html",
    "search.html",
    "chooser.html",
    "404.html",
    "feed.xml",
];

/// Loads the theme of a site.
///
/// # Errors
/// When a folder of the theme cannot be read. What is wrong inside it is a diagnostic.
pub fn load(config: &Config) -> Result<Checked<Theme>, ReadError> {
    let mut diagnostics = Vec::new();
    let files = files::gather(config, &config.theme, &mut diagnostics)?;
    let mut theme = Theme {
        tera: new_tera(),
        direct: Direct::default(),
        origins: BTreeMap::new(),
        endless: Mutex::default(),
        assets: BTreeMap::new(),
        asset_urls: value::none(),
        strings: BTreeMap::new(),
        options: options(config, &files),
        digest: [0; 32],
    };
    theme.add_templates(&files, &mut diagnostics);
    theme.add_assets(&files);
    theme.add_strings(&files, &mut diagnostics);
    theme.digest = files.digest(&theme.options);
    Ok(Checked { value: theme, diagnostics })
}

/// The files of the default theme, for `theme export`: path below the theme's folder, and bytes.
pub fn default_files() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    builtin::FILES.iter().copied()
}

fn new_tera() -> Tera {
    let mut tera = Tera::new();
    tera.set_escape_fn(escape);
    filters::register(&mut tera);
    steps::register(&mut tera);
    tera
}

/// Escapes like the engine's own function, but a run at a time: that one writes each byte by itself.
fn escape(text: &str, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    runs(text, |run| out.write_all(run))
}

/// Escapes into a buffer.
fn escape_into(text: &str, out: &mut Vec<u8>) {
    let never: Result<(), std::convert::Infallible> = runs(text, |run| {
        out.extend_from_slice(run);
        Ok(())
    });
    match never {
        Ok(()) => {}
    }
}

/// The escaped text in pieces.
fn runs<E>(text: &str, mut push: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|&byte| value::is_escaped(byte)) {
        let (before, from) = rest.split_at(at);
        push(before)?;
        push(match from[0] {
            b'&' => b"&amp;",
            b'<' => b"&lt;",
            b'>' => b"&gt;",
            b'"' => b"&quot;",
            _ => b"&#39;",
        })?;
        rest = &from[1..];
    }
    push(rest)
}

fn options(config: &Config, files: &Files) -> Value {
    let mut merged: BTreeMap<String, serde_json::Value> = files.options.clone();
    for (key, given) in &config.theme_options {
        if let Ok(json) = serde_json::to_value(given) {
            merged.insert(key.clone(), json);
        }
    }
    value::named(merged.into_iter().map(|(key, json)| (key, value::json(&json))))
}

impl Theme {
    fn add_templates(&mut self, files: &Files, diagnostics: &mut Vec<Diagnostic>) {
        let mut whole = Vec::new();
        for (name, file) in &files.templates {
            let counted = steps::count(&file.text);
            whole.push((name.clone(), counted.text.clone()));
            let origin = Origin { shown: file.shown.clone(), text: file.text.clone(), counted, builtin: file.builtin };
            self.origins.insert(name.clone(), origin);
            // Each template is parsed alone first, so that one broken file is named and the others are still checked.
            if let Err(error) = new_tera_for_syntax().add_raw_template(name, &file.text)
                && matches!(error.kind(), ErrorKind::SyntaxError(_))
            {
                diagnostics.push(self.explain(&error, name, Written::AsIs));
                continue;
            }
            if file.text.trim().is_empty() && !file.builtin {
                diagnostics.push(
                    Diagnostic::warning("template-empty", file.shown.as_str(), "an empty template makes blank pages")
                        .help("delete the file to get the default theme's"),
                );
            }
            if !file.builtin {
                lints::lint(&file.shown, &file.text, diagnostics);
            }
        }
        if diagnostics.iter().any(Diagnostic::is_error) {
            return;
        }
        if let Err(error) = self.tera.add_raw_templates(whole) {
            diagnostics.push(self.explain(&error, "", Written::Counted));
            return;
        }
        diagnostics.extend(depth::refuse(files));
        let texts = self.origins.iter().map(|(name, origin)| (name.as_str(), origin.text.as_str()));
        self.direct = Direct::new(&texts.collect(), TEMPLATES);
    }

    fn add_assets(&mut self, files: &Files) {
        let mut urls = Vec::new();
        for (name, bytes) in &files.assets {
            let path = hashed_path(name, bytes);
            urls.push((name.clone(), value::text(&path)));
            self.assets.insert(path, bytes.clone());
        }
        self.asset_urls = value::named(urls);
    }

    fn add_strings(&mut self, files: &Files, diagnostics: &mut Vec<Diagnostic>) {
        for (name, layers) in &files.strings {
            let mut all = BTreeMap::new();
            for file in layers {
                match serde_yaml::from_str::<BTreeMap<String, String>>(&file.text) {
                    Ok(words) => all.extend(words),
                    Err(error) => diagnostics.push(
                        Diagnostic::error(
                            "theme-words",
                            file.shown.as_str(),
                            format!("not a list of `key: text`: {error}"),
                        )
                        .help("write one `key: text` a line, text between double quotes"),
                    ),
                }
            }
            let words = all.iter().map(|(key, word)| (key.clone(), value::text(word)));
            self.strings.insert(name.clone(), value::named(words));
        }
    }

    /// The words of the interface for an edition: its own file, else that of its script.
    pub fn strings(&self, edition: &EditionConfig) -> Value {
        let fallback = match edition.script {
            Script::Hans => "zh-hans",
            Script::Hant => "zh-hant",
        };
        self.strings.get(&edition.id).or_else(|| self.strings.get(fallback)).cloned().unwrap_or_else(value::none)
    }

    /// `assets` of the template context.
    pub fn asset_urls(&self) -> Value {
        self.asset_urls.clone()
    }

    /// Renders a page into `out`.
    ///
    /// # Errors
    /// A diagnostic naming template and line.
    pub fn render(
        &self,
        template: &str,
        context: &[(&'static str, Value)],
        out: &mut Vec<u8>,
    ) -> Result<(), Diagnostic> {
        if let Some(known) = self.endless.lock().ok().and_then(|endless| endless.get(template).cloned()) {
            return Err(known);
        }
        out.clear();
        if self.direct.render(template, context, out) {
            debug_assert!(self.agrees(template, context, out), "{template} is read otherwise than the engine does");
        } else {
            self.render_by_engine(template, context, out)?;
        }
        match self.origins.get(template) {
            Some(origin) if template.ends_with(".xml") && !origin.builtin => {
                well_formed::fault(out).map_or(Ok(()), |fault| {
                    let (told, line) = fault;
                    Err(Diagnostic::error(
                        "template",
                        origin.shown.as_str(),
                        format!("what it writes is no XML: {told}, in line {line} of the feed"),
                    )
                    .at(1, 1)
                    .help("close every element, and print text with escaping"))
                })
            }
            _ => Ok(()),
        }
    }

    /// Tells whether the engine makes the same page.
    fn agrees(&self, template: &str, context: &[(&'static str, Value)], page: &[u8]) -> bool {
        let mut by_engine = Vec::new();
        self.render_by_engine(template, context, &mut by_engine).is_ok() && by_engine == page
    }

    fn render_by_engine(
        &self,
        template: &str,
        context: &[(&'static str, Value)],
        out: &mut Vec<u8>,
    ) -> Result<(), Diagnostic> {
        let mut tera_context = Context::new();
        for (key, value) in context {
            tera_context.insert_value(*key, value.to_engine());
        }
        out.clear();
        steps::begin();
        let mut limited = Limited { out, left: 2 * LARGEST_PAGE };
        self.tera.render_to(template, &tera_context, &mut limited).map_err(|error| {
            let diagnostic = self.explain(&error, template, Written::Counted);
            if diagnostic.message.contains(steps::ENDLESS)
                && let Ok(mut endless) = self.endless.lock()
            {
                endless.insert(template.to_owned(), diagnostic.clone());
            }
            diagnostic
        })
    }

    /// Turns an error of the template engine into a placed diagnostic.
    fn explain(&self, error: &tera::Error, template: &str, written: Written) -> Diagnostic {
        let shown =
            |name: &str| self.origins.get(name).map_or_else(|| format!("themes/{name}"), |origin| origin.shown.clone());
        let help = "correct the template, or delete it to get the default theme's";
        match error.kind() {
            ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
                let span = report.span();
                let name = if report.filename().is_empty() { template } else { report.filename() };
                let message = sober(report.message());
                let diagnostic = Diagnostic::error("template", shown(name), message).help(help);
                let Some(origin) = self.origins.get(name) else {
                    return diagnostic.at(span.start_line, span.start_col + 1);
                };
                let place = |at: usize| match written {
                    Written::AsIs => at,
                    Written::Counted => origin.counted.original(at),
                };
                diagnostic.span(&origin.text, place(span.range.start)..place(span.range.end))
            }
            ErrorKind::CircularExtend { tpl, inheritance_chain } => {
                Diagnostic::error("template", shown(tpl), format!("extends itself: {}", inheritance_chain.join(" → ")))
                    .at(1, 1)
                    .help(help)
            }
            ErrorKind::CircularInclude { tpl, include_chain } => {
                Diagnostic::error("template", shown(tpl), format!("includes itself: {}", include_chain.join(" → ")))
                    .at(1, 1)
                    .help(help)
            }
            ErrorKind::MissingParent { current, parent } => Diagnostic::error(
                "template",
                shown(current),
                format!("extends `{parent}`, and there is no such template"),
            )
            .at(1, 1)
            .help(help),
            ErrorKind::Io(_) => Diagnostic::error(
                "template",
                shown(template),
                format!("{}: a page of more than {} MiB", steps::ENDLESS, LARGEST_PAGE >> 20),
            )
            .at(1, 1)
            .help("look for a loop that does not end"),
            other => self.explain_text(&other.to_string(), template).help(help),
        }
    }
}

/// What an error report in plain text says: message, and the template and line after its arrow.
fn read_report(report: &str) -> (String, Option<(&str, usize)>) {
    let first = report.trim_start().lines().next().unwrap_or_default();
    let message = sober(first.strip_prefix("error: ").unwrap_or(first));
    let place = report.lines().find_map(|line| {
        let mut parts = line.trim_start().strip_prefix("--> ")?.trim().splitn(3, ':');
        Some((parts.next()?, parts.next()?.parse().ok()?))
    });
    (message, place)
}

/// An engine that knows the filters, for looking at one template alone.
fn new_tera_for_syntax() -> Tera {
    new_tera()
}

impl Theme {
    /// Places an error that the engine gives as text. One in a template of the default theme is due to what the site's
    /// own theme put below it, so that is named.
    fn explain_text(&self, report: &str, template: &str) -> Diagnostic {
        let (message, place) = read_report(report);
        let (name, line) = place.unwrap_or((template, 1));
        let mut at = (name, line);
        while let Some(origin) = self.origins.get(at.0).filter(|origin| origin.builtin) {
            let Some(parent) = extended(&origin.text) else { break };
            at = (parent, 1);
        }
        if self.origins.get(at.0).is_none_or(|origin| origin.builtin) {
            at = (name, line);
        }
        let shown = self.origins.get(at.0).map_or_else(|| format!("themes/{}", at.0), |origin| origin.shown.clone());
        let message = if at.0 == name { message } else { format!("{message}, which `{name}` needs") };
        Diagnostic::error("template", shown, message).at(at.1, 1)
    }
}

/// The template that a template extends.
fn extended(text: &str) -> Option<&str> {
    let rest = text.split_once("extends")?.1.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    rest[1..].split_once(quote).map(|(name, _)| name)
}

/// Whether an error is placed in the text of a template or in that with counters.
#[derive(Clone, Copy)]
enum Written {
    AsIs,
    Counted,
}

/// A message of the engine in this program's tone: lower case, no full stop, one line.
fn sober(message: &str) -> String {
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let message = message.trim_end_matches('.');
    let mut chars = message.chars();
    match chars.next() {
        Some(first) if chars.as_str().starts_with(|c: char| c.is_lowercase() || c == ' ') => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => message.to_owned(),
    }
}

/// A buffer that refuses to grow without end.
struct Limited<'a> {
    out: &'a mut Vec<u8>,
    left: usize,
}

impl std::io::Write for Limited<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if bytes.len() > self.left {
            return Err(std::io::Error::from(std::io::ErrorKind::FileTooLarge));
        }
        self.left -= bytes.len();
        steps::wrote(bytes.len());
        self.out.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// `assets/style.1a2b3c4d5e6f.css` for `style.css`.
pub fn hashed_path(name: &str, bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let hash: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let path = Path::new(name);
    let extension = path.extension().and_then(|extension| extension.to_str());
    match extension {
        Some(extension) => format!("assets/{}.{hash}.{extension}", &name[..name.len() - extension.len() - 1]),
        None => format!("assets/{name}.{hash}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn escapes_as_the_engine_does(text in "[a<>&\"'/甲\n]{0,60}") {
            let (mut ours, mut engine) = (Vec::new(), Vec::new());
            escape(&text, &mut ours).unwrap();
            tera::escape_html(&text, &mut engine).unwrap();
            proptest::prop_assert_eq!(ours, engine);
        }
    }
}
