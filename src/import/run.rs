//! The disk side of an import: reads files, writes articles and keeps originals.

use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Serialize;
use serde_yaml::Value;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::assets;
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

/// What a caller wants to be told and asked meanwhile.
#[derive(Clone, Copy, Default)]
pub struct Hooks<'a> {
    /// Is told how many pages of how many are done.
    pub progress: Option<&'a (dyn Fn(usize, usize) + Sync)>,
    /// Gives the terms to write into the front matter of a new article (`import --tag`): keys and their values, added
    /// where the page states none itself.
    pub tag: Option<&'a (dyn Fn(&Imported) -> serde_yaml::Mapping + Sync)>,
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
/// Detected terms are written only if `hooks` brings a detector: they are found again when the site is built, and then
/// improve with the gazetteer.
///
/// # Errors
///
/// [`ImportError`] for what the machine refuses. A page that cannot be understood is a diagnostic.
pub fn run(options: &Options, hooks: &Hooks<'_>) -> Result<Report, ImportError> {
    let content = content_dir(&options.root);
    let directory = target(&content, options.into.as_deref())?;
    let inputs = inputs::list(&options.paths)?;
    let mut store = Store::open(&options.root, &content)?;
    let learned = learn(options, &inputs);
    let mut report = Report { pages: inputs.len(), ..Report::default() };
    for (batch, chunk) in inputs.chunks(BATCH).enumerate() {
        let ready: Vec<Ready> =
            chunk.par_iter().map(|input| prepare(options, hooks, input, &learned)).collect::<Result<_, _>>()?;
        let mut files = Vec::new();
        for page in ready {
            place(options, &directory, page, &mut store, &mut report, &mut files);
        }
        if !options.dry_run {
            write(options, &content, &files)?;
        }
        if let Some(progress) = hooks.progress {
            progress((batch * BATCH + chunk.len()).min(inputs.len()), inputs.len());
        }
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

fn prepare(options: &Options, hooks: &Hooks<'_>, input: &Input, learned: &Boilerplate) -> Result<Ready, ImportError> {
    let bytes = load(options, input)?;
    let mut checked = read(&Page { name: &input.name, bytes: &bytes }, options.format, learned);
    if let Some(tag) = hooks.tag {
        checked.value.iter_mut().for_each(|article| add_terms(article, tag(article)));
    }
    let hash = Sha256::digest(&bytes).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    Ok(Ready { input: input.clone(), bytes, hash, articles: checked.value, diagnostics: checked.diagnostics })
}

/// Adds detected terms where the page states none itself.
fn add_terms(article: &mut Imported, terms: serde_yaml::Mapping) {
    for (key, value) in terms {
        let stated = match key.as_str() {
            Some("tags") => !article.tags.is_empty(),
            Some("categories") => !article.categories.is_empty(),
            _ => article.extra.get(&key).is_some_and(|value| !value.is_null()),
        };
        if !stated {
            article.extra.insert(key, value);
        }
    }
}

/// A file to write: where, and what.
struct File {
    path: PathBuf,
    text: String,
    original: Option<(String, String, Vec<u8>)>,
    pictures: Vec<assets::Copy>,
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
            let pictures = pictures(&input, &mut article, report);
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
                    files.push(File { path: options.root.join(&entry.to), text, original: original.take(), pictures });
                }
            }
        }
        report.articles.push(entry);
    }
}

/// Finds the pictures of an article of a tree.
fn pictures(input: &Input, article: &mut Imported, report: &mut Report) -> Vec<assets::Copy> {
    let Some(path) = &input.path else { return Vec::new() };
    if !article.body.contains("![")
        || !matches!(path.extension().and_then(|e| e.to_str()), Some("md" | "markdown" | "mkd" | "mdown"))
    {
        return Vec::new();
    }
    let known = article.warnings.len();
    let folder = slug(article);
    let copies = assets::gather(&input.root, path, &folder, article, &input.name);
    report.diagnostics.extend(article.warnings[known..].iter().cloned());
    copies
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
        file.pictures.iter().try_for_each(|picture| assets::copy(&options.root, picture))?;
        if let Some((name, hash, bytes)) = &file.original {
            store::keep_original(&options.root, content, name, hash, bytes)?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "某城渡船改成书屋 船工当馆长\n2021-02-21 08:30 来源：某城日报\n\n上星期六清早，停在河湾的旧渡船挂出了牌子，三十几位村民走上了木甲板。\n\n船工说，书可以借走，也可以坐在船头读完。\n";

    fn site(files: &[(&str, &str)]) -> (tempfile::TempDir, Options) {
        let directory = tempfile::tempdir().unwrap();
        let pages = directory.path().join("pages");
        for (name, text) in files {
            store::write_new(&pages.join(name), text.as_bytes()).unwrap();
        }
        let options = Options {
            root: directory.path().to_owned(),
            paths: vec![pages.to_string_lossy().into_owned()],
            ..Options::default()
        };
        (directory, options)
    }

    fn outcomes(report: &Report) -> Vec<Outcome> {
        report.articles.iter().map(|entry| entry.outcome).collect()
    }

    #[test]
    fn adds_once_and_never_overwrites() {
        let (directory, options) = site(&[("a.txt", PAGE)]);
        let first = run(&options, &Hooks::default()).unwrap();
        assert_eq!(outcomes(&first), [Outcome::New]);
        assert_eq!(first.articles[0].to, "content/2021/02/mou-cheng-du-chuan-gai-cheng-shu-wu-chuan-gong-dang-guan.md");
        assert_eq!(fs::read_to_string(directory.path().join("content/_originals/a.txt")).unwrap(), PAGE);
        let again = run(&options, &Hooks::default()).unwrap();
        assert_eq!((outcomes(&again), &again.articles[0].to), (vec![Outcome::Unchanged], &first.articles[0].to));
        let written = fs::read_to_string(directory.path().join(&first.articles[0].to)).unwrap();
        fs::write(directory.path().join("pages/a.txt"), PAGE.replace("三十几位", "五十几位")).unwrap();
        let changed = run(&options, &Hooks::default()).unwrap();
        assert_eq!(outcomes(&changed), [Outcome::Changed]);
        let diff = changed.articles[0].diff.as_deref().unwrap();
        assert!(
            diff.contains("-上星期六清早，停在河湾的旧渡船挂出了牌子，三十几位")
                && diff.contains("+上星期六清早，停在河湾的旧渡船挂出了牌子，五十几位"),
            "{diff}"
        );
        assert_eq!(changed.diagnostics[0].code, "import-changed");
        assert_eq!(fs::read_to_string(directory.path().join(&first.articles[0].to)).unwrap(), written);
    }

    #[test]
    fn gives_every_article_an_address_of_its_own() {
        let other = PAGE.replace("三十几位", "八十几位");
        let (_directory, options) = site(&[("a.txt", PAGE), ("b/a.txt", &other), ("c.txt", PAGE)]);
        let report = run(&options, &Hooks::default()).unwrap();
        assert_eq!(outcomes(&report), [Outcome::New, Outcome::New, Outcome::Duplicate]);
        assert_ne!(report.articles[0].to, report.articles[1].to);
        assert_eq!(report.articles[2].duplicate_of.as_ref(), Some(&report.articles[0].to));
    }

    #[test]
    fn writes_nothing_when_it_must_not() {
        let (directory, options) = site(&[("a.txt", PAGE)]);
        let dry = Options { dry_run: true, ..options.clone() };
        assert_eq!(outcomes(&run(&dry, &Hooks::default()).unwrap()), [Outcome::New]);
        assert!(!directory.path().join("content").exists());
        for into in ["../x", "_x/y"] {
            let outside = Options { into: Some(into.into()), ..options.clone() };
            let refused = run(&outside, &Hooks::default());
            assert!(matches!(refused, Err(ImportError::Outside { .. })), "{into}");
        }
        let missing = Options { paths: vec!["no-such-file.txt".into()], ..options };
        assert!(matches!(run(&missing, &Hooks::default()), Err(ImportError::Missing { .. })));
    }

    #[test]
    fn reads_standard_input_and_writes_terms_when_asked() {
        let (directory, options) = site(&[]);
        let options =
            Options { paths: vec!["-".into()], stdin: PAGE.into(), into: Some("news".into()), draft: true, ..options };
        let tag = |_: &Imported| serde_yaml::from_str("city: lanzhou\n").unwrap();
        let report = run(&options, &Hooks { tag: Some(&tag), ..Hooks::default() }).unwrap();
        let text = fs::read_to_string(directory.path().join(&report.articles[0].to)).unwrap();
        assert!(
            report.articles[0].to.starts_with("content/news/2021/02/")
                && text.contains("city: lanzhou\n")
                && text.contains("draft: true\n"),
            "{text}"
        );
    }

    #[test]
    fn reports_what_it_cannot_read() {
        let (directory, options) = site(&[("a.txt", PAGE)]);
        fs::write(directory.path().join("pages/b.txt"), b"\x00\x01\xff\xfe binary \x00").unwrap();
        let report = run(&options, &Hooks::default()).unwrap();
        assert_eq!((report.articles.len(), report.failed), (1, 1));
        assert!(report.diagnostics.iter().any(|d| d.path.ends_with("b.txt") && d.is_error()));
    }
}
