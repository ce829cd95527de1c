//! The disk side of an import: reads files, writes articles and keeps originals.

use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Serialize;
use serde_yaml::Value;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::inputs::{self, Input};
use super::store::{self, FROM, HASH, Store};
use super::{Boilerplate, Format, Imported, Page, Removed, Repair, read, to_article};
use crate::diagnostic::{self, Diagnostic};

/// What to import, and how.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The root of the site.
    pub root: PathBuf,
    /// Files, directories, patterns, or `-` for standard input.
    pub paths: Vec<String>,
    /// What standard input held, when `-` is among the paths.
    pub stdin: Vec<u8>,
    /// Directory below `content/` for the new articles.
    pub into: Option<String>,
    /// What the files are.
    pub format: Format,
    /// Write every article as a draft.
    pub draft: bool,
    /// Keep no copies under `content/_originals/`.
    pub no_originals: bool,
    /// Write nothing.
    pub dry_run: bool,
}

/// Why an import stopped: the machine's fault, not the page's.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ImportError {
    /// A path or pattern names nothing.
    #[error("{path}: there is no such file")]
    Missing {
        /// As given.
        path: PathBuf,
    },
    /// A directory cannot be listed.
    #[error("{path}: {message}")]
    Walk {
        /// The directory.
        path: PathBuf,
        /// What the system says.
        message: String,
    },
    /// A file cannot be read.
    #[error("{path}: cannot read: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("{path}: cannot write: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A directory for new articles that lies outside the content directory.
    #[error("{path}: new articles must go below the content directory")]
    Outside {
        /// As given.
        path: PathBuf,
    },
}

/// What became of an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Written, or would be but for `dry_run`.
    New,
    /// The same page was imported before.
    Unchanged,
    /// The page was imported before and reads differently now; nothing was written.
    Changed,
    /// The same bytes came twice in this run.
    Duplicate,
}

/// One article of the report.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// The page.
    pub from: String,
    /// The article, relative to the root of the site.
    pub to: String,
    /// Which article of the page, from 1.
    pub item: usize,
    /// What became of it.
    pub outcome: Outcome,
    /// See [`Imported`].
    pub title: Option<String>,
    /// See [`Imported`].
    pub date: Option<String>,
    /// See [`Imported`].
    pub source: Option<String>,
    /// See [`Imported`].
    pub original_url: Option<String>,
    /// See [`Imported`].
    pub author: Vec<String>,
    /// See [`Imported`].
    pub editor: Option<String>,
    /// See [`Imported`].
    pub script: String,
    /// Characters of the body.
    pub body_chars: usize,
    /// Lines left out.
    pub removed: Vec<Removed>,
    /// Lines repaired.
    pub repairs: Vec<Repair>,
    /// Further copies inside the same page.
    pub copies: usize,
    /// The article this one is a copy of.
    pub duplicate_of: Option<String>,
    /// What would change in the article written earlier, as a unified diff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
}

/// What an import did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Every article met, in the order of the pages.
    pub articles: Vec<Entry>,
    /// How many pages were read.
    pub pages: usize,
    /// How many pages could not be read.
    pub failed: usize,
    /// What was noticed, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
}

/// How many pages are in memory at a time.
const BATCH: usize = 512;

struct Ready {
    input: Input,
    bytes: Vec<u8>,
    hash: String,
    articles: Vec<Imported>,
    diagnostics: Vec<Diagnostic>,
}

/// Imports pages into a site.
///
/// Articles are only ever added: the same page again is recognised by its hash, a changed one is reported with a diff.
/// `progress` is told how many pages of how many are done.
///
/// # Errors
///
/// [`ImportError`] for what the machine refuses. A page that cannot be understood is a diagnostic.
pub fn run(options: &Options, progress: &(dyn Fn(usize, usize) + Sync)) -> Result<Report, ImportError> {
    let content = content_dir(&options.root);
    let directory = target(&content, options.into.as_deref())?;
    let inputs = inputs::list(&options.paths)?;
    let mut store = Store::open(&options.root, &content)?;
    let learned = learn(options, &inputs);
    let mut report = Report { pages: inputs.len(), ..Report::default() };
    for (batch, chunk) in inputs.chunks(BATCH).enumerate() {
        let ready: Vec<Ready> =
            chunk.par_iter().map(|input| prepare(options, input, &learned)).collect::<Result<_, _>>()?;
        let mut files = Vec::new();
        for page in ready {
            place(options, &directory, page, &mut store, &mut report, &mut files);
        }
        if !options.dry_run {
            write(options, &content, &files)?;
        }
        progress((batch * BATCH + chunk.len()).min(inputs.len()), inputs.len());
    }
    diagnostic::sort(&mut report.diagnostics);
    Ok(report)
}

/// The content directory of a site: `content` unless its settings say otherwise.
fn content_dir(root: &Path) -> String {
    let settings = fs::read_to_string(root.join("site.yaml")).unwrap_or_default();
    let settings: Value = serde_yaml::from_str(&settings).unwrap_or_default();
    match settings.get("content_dir").and_then(Value::as_str) {
        Some(directory) if is_below(directory) => directory.trim_end_matches('/').to_owned(),
        _ => "content".to_owned(),
    }
}

fn is_below(path: &str) -> bool {
    !path.is_empty() && Path::new(path).components().all(|part| matches!(part, std::path::Component::Normal(_)))
}

fn target(content: &str, into: Option<&str>) -> Result<String, ImportError> {
    let Some(into) = into.map(|into| into.trim_matches('/')).filter(|into| !into.is_empty() && *into != ".") else {
        return Ok(content.to_owned());
    };
    let below = into.strip_prefix(content).map_or(into, |rest| rest.trim_start_matches('/'));
    if below.is_empty() {
        return Ok(content.to_owned());
    }
    if !is_below(below) || below.split('/').any(|part| part.starts_with(['.', '_'])) {
        return Err(ImportError::Outside { path: PathBuf::from(into) });
    }
    Ok(format!("{content}/{below}"))
}

/// Learns what recurs across the pages of this run; unreadable ones are complained about later.
fn learn(options: &Options, inputs: &[Input]) -> Boilerplate {
    if inputs.len() < 3 {
        return Boilerplate::none();
    }
    let sightings: Vec<_> = inputs
        .par_iter()
        .filter_map(|input| {
            let bytes = load(options, input).ok()?;
            super::sight(&Page { name: &input.name, bytes: &bytes }, options.format)
        })
        .collect();
    Boilerplate::gather(sightings)
}

fn load(options: &Options, input: &Input) -> Result<Vec<u8>, ImportError> {
    match &input.path {
        None => Ok(options.stdin.clone()),
        Some(path) => fs::read(path).map_err(|source| ImportError::Read { path: path.clone(), source }),
    }
}

fn prepare(options: &Options, input: &Input, learned: &Boilerplate) -> Result<Ready, ImportError> {
    let bytes = load(options, input)?;
    let checked = read(&Page { name: &input.name, bytes: &bytes }, options.format, learned);
    let hash = Sha256::digest(&bytes).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    Ok(Ready { input: input.clone(), bytes, hash, articles: checked.value, diagnostics: checked.diagnostics })
}

/// A file to write: where, and what.
struct File {
    path: PathBuf,
    text: String,
    original: Option<(String, String, Vec<u8>)>,
}

/// Decides what becomes of the articles of one page.
fn place(
    options: &Options,
    directory: &str,
    page: Ready,
    store: &mut Store,
    report: &mut Report,
    files: &mut Vec<File>,
) {
    let Ready { input, bytes, hash, articles, diagnostics } = page;
    report.failed += usize::from(articles.is_empty() && diagnostics.iter().any(Diagnostic::is_error));
    report.diagnostics.extend(diagnostics);
    let mut original = (!options.no_originals).then(|| (input.relative.clone(), hash.clone(), bytes));
    for mut article in articles {
        article.draft |= options.draft;
        let suffix = if article.item > 1 { format!("#{}", article.item) } else { String::new() };
        let (from, hash) = (format!("{}{suffix}", input.relative), format!("{hash}{suffix}"));
        let mut entry = entry(&input.name, &article);
        if let Some(known) = store.same(&hash) {
            let ours = report.articles.iter().any(|entry| entry.to == known && entry.outcome == Outcome::New);
            entry.outcome = if ours { Outcome::Duplicate } else { Outcome::Unchanged };
            entry.duplicate_of = ours.then(|| known.to_owned());
            entry.to = known.to_owned();
        } else {
            article.extra.insert(Value::from(FROM), Value::from(from.clone()));
            article.extra.insert(Value::from(HASH), Value::from(hash.clone()));
            let text = to_article(&article);
            let earlier = store.earlier(&from).cloned().filter(|known| known.hash != hash);
            match earlier.and_then(|known| Some((super::diff::changes(&options.root.join(&known.path), &text)?, known)))
            {
                Some((diff, known)) => {
                    report.diagnostics.push(changed(&input.name, &known.path));
                    (entry.outcome, entry.to, entry.diff) = (Outcome::Changed, known.path, Some(diff));
                }
                None => {
                    entry.to = store.place(&format!("{directory}/{}", month(&article)), &slug(&article), &hash);
                    files.push(File { path: options.root.join(&entry.to), text, original: original.take() });
                }
            }
        }
        report.articles.push(entry);
    }
}

fn changed(page: &str, article: &str) -> Diagnostic {
    Diagnostic::warning(
        "import-changed",
        page,
        format!("this page was imported as `{article}` and reads differently now"),
    )
    .help(format!("compare the diff with `{article}` and take over what you want; nothing was overwritten"))
}

fn entry(from: &str, article: &Imported) -> Entry {
    Entry {
        from: from.to_owned(),
        to: String::new(),
        item: article.item,
        outcome: Outcome::New,
        title: article.title.clone(),
        date: article.date.clone(),
        source: article.source.clone(),
        original_url: article.original_url.clone(),
        author: article.author.clone(),
        editor: article.editor.clone(),
        script: article.script.clone(),
        body_chars: article.body.chars().filter(|c| !c.is_whitespace()).count(),
        removed: article.removed.clone(),
        repairs: article.repairs.clone(),
        copies: article.copies,
        duplicate_of: None,
        diff: None,
    }
}

/// `2021/10`, or `undated`: articles lie on disk as their addresses do.
fn month(article: &Imported) -> String {
    match &article.date {
        Some(date) if date.len() >= 7 && date.is_char_boundary(4) && date.is_char_boundary(7) => {
            format!("{}/{}", &date[..4], &date[5..7])
        }
        _ => "undated".to_owned(),
    }
}

fn slug(article: &Imported) -> String {
    if let Some(slug) = article.slug.as_ref().filter(|slug| crate::slug::is_valid(slug)) {
        return slug.clone();
    }
    let title = article.title.clone().unwrap_or_else(|| article.body.chars().take(24).collect());
    crate::slug::from_title(&title)
}

fn write(options: &Options, content: &str, files: &[File]) -> Result<(), ImportError> {
    files.par_iter().try_for_each(|file| {
        store::write_new(&file.path, file.text.as_bytes())?;
        if let Some((name, hash, bytes)) = &file.original {
            store::keep_original(&options.root, content, name, hash, bytes)?;
        }
        Ok(())
    })
}
