//! Stage *read*: the content folder to texts, as the editor wrote them.
//!
//! Takes the settings; gives one [`Source`] a file, in the order of their paths, and the places of the other files
//! (pictures). Reads the disk and nothing outside the site: links that lead out are refused by name, and what is no
//! regular file is never opened. Must not know what an article looks like inside.

pub mod decode;
mod shelf;

use std::fs::OpenOptions;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use walkdir::{DirEntry, WalkDir};

use crate::config::Config;
use crate::diagnostic::{Checked, Diagnostic};

pub use shelf::Shelf;

/// One text file of the content folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Path below the root of the site, with `/`.
    pub path: String,
    /// Path below the content folder without extension: the ID of the first article in it.
    pub id: String,
    /// The decoded text, with `\n` line ends and no byte order mark.
    pub text: String,
    /// Whether the file holds just these bytes.
    pub as_written: bool,
}

/// What lies in the content folder.
#[derive(Clone, Debug, Default)]
pub struct Folder {
    /// The texts, sorted by path.
    pub sources: Vec<Source>,
    /// Other files, sorted by path.
    pub attachments: Vec<Attachment>,
    /// How many files could not be read; each has an error.
    pub failed: usize,
}

/// A file that is copied, not read as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Path below its folder, with `/`.
    pub path: String,
    /// Where it lies.
    pub file: PathBuf,
    /// Path below the root of the site, for messages.
    pub shown: String,
}

/// The largest file that is read, in bytes. The longest article met has 0.3 MB; above this the time and memory one
/// file may take could not be kept.
pub const LARGEST: u64 = 4 << 20;

/// The most line ends and marks of Markdown in one file. They cost the time that plain characters do not; an article of
/// 10,000 characters has some hundred.
const MOST_MARKS: usize = 400_000;

/// A folder that cannot be listed.
#[derive(Debug, thiserror::Error)]
#[error("cannot read `{path}`: {source}")]
pub struct ReadError {
    /// The folder or file.
    pub path: PathBuf,
    /// What the system said.
    pub source: std::io::Error,
}

/// Reads every article file of the site.
///
/// # Errors
/// When the content folder itself cannot be listed. Files that cannot be read are diagnostics.
pub fn read(config: &Config) -> Result<Checked<Folder>, ReadError> {
    let mut diagnostics = Vec::new();
    let listing = list(config)?.drain_into(&mut diagnostics);
    let results: Vec<Result<Checked<Source>, Diagnostic>> =
        listing.files.par_iter().map(|file| read_file(config, file)).collect();
    let mut folder = Folder { attachments: listing.attachments, failed: listing.refused, ..Folder::default() };
    for result in results {
        match result {
            Ok(source) => folder.sources.push(source.drain_into(&mut diagnostics)),
            Err(diagnostic) => {
                folder.failed += 1;
                diagnostics.push(diagnostic);
            }
        }
    }
    refuse_twins(&mut folder, &mut diagnostics);
    Ok(Checked { value: folder, diagnostics })
}

/// What lies in the content folder, before a text is read.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// The files of articles, sorted by path.
    pub files: Vec<PathBuf>,
    /// Other files, sorted by path.
    pub attachments: Vec<Attachment>,
    /// How many files can be no article; each has an error.
    pub refused: usize,
}

/// Lists the content folder.
///
/// # Errors
/// When the content folder itself cannot be listed. What can be no article is a diagnostic.
pub fn list(config: &Config) -> Result<Checked<Listing>, ReadError> {
    let mut walk = Walk::default();
    walk.all(config)?;
    Ok(Checked { value: walk.listing, diagnostics: walk.diagnostics })
}

#[derive(Default)]
struct Walk {
    listing: Listing,
    diagnostics: Vec<Diagnostic>,
}

/// Lists the files of the static folder.
///
/// # Errors
/// When a folder cannot be listed. Links that lead out, and what is no file, are diagnostics.
pub fn statics(config: &Config) -> Result<Checked<Vec<Attachment>>, ReadError> {
    let mut files = Vec::new();
    let mut diagnostics = Vec::new();
    if !config.static_dir.is_dir() {
        return Ok(Checked::clean(files));
    }
    let real_root = config.root.canonicalize().map_err(|source| ReadError { path: config.root.clone(), source })?;
    for entry in WalkDir::new(&config.static_dir).sort_by_file_name() {
        let entry = entry.map_err(|error| ReadError {
            path: error.path().unwrap_or(&config.static_dir).to_owned(),
            source: error.into(),
        })?;
        let (path, shown) = (entry.path(), config.shown(entry.path()));
        let mut kind = entry.file_type();
        if kind.is_symlink() {
            match follow(config, &real_root, path) {
                Ok(followed) => kind = followed,
                Err(diagnostic) => {
                    diagnostics.push(diagnostic);
                    continue;
                }
            }
            if kind.is_dir() {
                diagnostics.push(
                    Diagnostic::warning("link-to-folder", shown, "a link to a folder is not followed")
                        .help("put the files themselves here"),
                );
                continue;
            }
        }
        if kind.is_dir() {
            continue;
        }
        if !kind.is_file() || path.to_str().is_none() {
            diagnostics.push(
                Diagnostic::error("not-a-file", shown, "neither a file nor a folder with a UTF-8 name")
                    .help("move it out of the static folder"),
            );
            continue;
        }
        files.push(Attachment { path: below(&config.static_dir, path), file: path.to_owned(), shown });
    }
    Ok(Checked { value: files, diagnostics })
}

fn no_content(config: &Config) -> Diagnostic {
    if config.root.join(crate::config::FILE).exists() {
        return Diagnostic::warning("no-content", config.shown(&config.content_dir), "there is no content folder")
            .help("make the folder and put articles into it, or set `content_dir` in site.yaml");
    }
    let message = format!("no site here: neither {} nor a content folder", crate::config::FILE);
    Diagnostic::error("no-site", "", message)
        .help("name the site's folder with --root, or make a new site with `jianfan init`")
}

/// Names beginning with `.` or `_` are no articles; editors' leftovers neither.
fn is_public(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    entry.depth() == 0 || !(name.starts_with(['.', '_', '#']) || name.ends_with('~'))
}

impl Walk {
    fn all(&mut self, config: &Config) -> Result<(), ReadError> {
        if !config.content_dir.exists() {
            self.diagnostics.push(no_content(config));
            return Ok(());
        }
        let real_root = config.root.canonicalize().map_err(|source| ReadError { path: config.root.clone(), source })?;
        if !config.content_dir.is_dir() {
            let source = std::io::Error::from(std::io::ErrorKind::NotADirectory);
            return Err(ReadError { path: config.content_dir.clone(), source });
        }
        for entry in WalkDir::new(&config.content_dir).sort_by_file_name().into_iter().filter_entry(is_public) {
            match entry {
                Ok(entry) => self.take(config, &real_root, &entry),
                Err(error) => {
                    let path = error.path().unwrap_or(&config.content_dir);
                    let reason = error.io_error().map_or_else(|| "a loop of links".to_owned(), ToString::to_string);
                    self.refuse(
                        Diagnostic::error("unreadable", config.shown(path), format!("cannot be read: {reason}"))
                            .help("check the permissions, or move it out of the content folder"),
                    );
                }
            }
        }
        Ok(())
    }

    fn refuse(&mut self, diagnostic: Diagnostic) {
        self.listing.refused += usize::from(diagnostic.is_error());
        self.diagnostics.push(diagnostic);
    }

    fn take(&mut self, config: &Config, real_root: &Path, entry: &DirEntry) {
        let path = entry.path();
        let shown = || config.shown(path);
        let mut kind = entry.file_type();
        if kind.is_symlink() {
            match follow(config, real_root, path) {
                Ok(followed) => kind = followed,
                Err(diagnostic) => return self.refuse(diagnostic),
            }
            if kind.is_dir() {
                return self.refuse(
                    Diagnostic::warning("link-to-folder", shown(), "a link to a folder is not followed")
                        .help("put the articles themselves here"),
                );
            }
        }
        if kind.is_dir() {
            return;
        }
        if path.to_str().is_none() {
            return self.refuse(
                Diagnostic::error("name-encoding", shown(), "the file's name is not UTF-8")
                    .help("rename the file; names in GBK or Big5 come from old archives"),
            );
        }
        if !kind.is_file() {
            return self.refuse(
                Diagnostic::error("not-a-file", shown(), "neither a file nor a folder")
                    .help("move it out of the content folder"),
            );
        }
        self.take_file(config, path);
    }

    fn take_file(&mut self, config: &Config, path: &Path) {
        let shown = || config.shown(path);
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
        match extension {
            "md" | "markdown" => self.listing.files.push(path.to_owned()),
            "MD" | "Md" | "MARKDOWN" | "Markdown" => {
                self.diagnostics.push(
                    Diagnostic::warning("extension", shown(), format!("extension `{extension}` read as `md`"))
                        .help("write the extension in small letters"),
                );
                self.listing.files.push(path.to_owned());
            }
            "mkd" | "mdown" | "mdwn" | "mdx" | "txt" | "html" | "htm" | "rst" | "org" | "adoc" | "docx" => {
                self.diagnostics.push(
                    Diagnostic::warning("not-an-article", shown(), format!("skipped: `.{extension}` is no article"))
                        .help("run `jianfan import` on it, or rename it to `.md`"),
                );
            }
            _ => self.listing.attachments.push(Attachment {
                path: below(&config.content_dir, path),
                file: path.to_owned(),
                shown: shown(),
            }),
        }
    }
}

/// Resolves a link; what it leads to must lie inside the site.
fn follow(config: &Config, real_root: &Path, path: &Path) -> Result<std::fs::FileType, Diagnostic> {
    let shown = config.shown(path);
    let help = "replace the link by the file itself";
    let target = path.canonicalize().map_err(|_| {
        Diagnostic::error("broken-link", shown.clone(), "a link that leads nowhere, or in a circle").help(help)
    })?;
    if !target.starts_with(real_root) {
        return Err(Diagnostic::error("link-outside", shown, "a link that leads out of the site").help(help));
    }
    let metadata = std::fs::metadata(&target)
        .map_err(|error| Diagnostic::error("unreadable", shown, format!("cannot be read: {error}")).help(help))?;
    Ok(metadata.file_type())
}

/// The path below a folder, with `/`.
fn below(folder: &Path, path: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// Reads one article file.
///
/// # Errors
/// A diagnostic when the file cannot be read as text.
pub fn read_file(config: &Config, path: &Path) -> Result<Checked<Source>, Diagnostic> {
    of_bytes(config, path, read_bytes(config, path)?)
}

/// Reads the bytes of one article file.
///
/// # Errors
/// A diagnostic when the file cannot be read, or is too large to be an article.
pub fn read_bytes(config: &Config, path: &Path) -> Result<Vec<u8>, Diagnostic> {
    let shown = config.shown(path);
    read_capped(path).map_err(|error| match error {
        Capped::TooLarge => {
            Diagnostic::error("file-too-large", shown.clone(), format!("more than {} MiB", LARGEST >> 20))
                .help("split it into articles, or move it out of the content folder")
        }
        Capped::Io(error) => Diagnostic::error("unreadable", shown.clone(), format!("cannot be read: {error}"))
            .help("check the permissions, or move it out of the content folder"),
    })
}

/// Makes a source of the bytes of a file.
///
/// # Errors
/// A diagnostic when they are no text, or more than an article may be.
pub fn of_bytes(config: &Config, path: &Path, bytes: Vec<u8>) -> Result<Checked<Source>, Diagnostic> {
    let shown = config.shown(path);
    let mut diagnostics = Vec::new();
    let (written, returns) = (bytes.len(), memchr::memchr(b'\r', &bytes).is_some());
    let text = decode_text(&shown, bytes, &mut diagnostics)?;
    // A byte order mark shortens the text, and other repairs are said.
    let as_written = !returns && diagnostics.is_empty() && text.len() == written;
    // Only a text that is longer can hold more.
    if text.len() > MOST_MARKS && text.bytes().filter(|byte| is_mark(*byte)).count() > MOST_MARKS {
        let message = format!("more than {MOST_MARKS} lines and marks of Markdown");
        return Err(Diagnostic::error("file-too-complex", shown, message)
            .help("split it into articles, or move it out of the content folder"));
    }
    let relative = below(&config.content_dir, path);
    let id = relative.rsplit_once('.').map_or(relative.as_str(), |(stem, _)| stem).to_owned();
    Ok(Checked { value: Source { path: shown, id, text, as_written }, diagnostics })
}

/// Tells whether a byte may begin a line or an element of Markdown.
fn is_mark(byte: u8) -> bool {
    matches!(
        byte,
        b'\n' | b'*' | b'_' | b'[' | b']' | b'(' | b'<' | b'>' | b'&' | b'`' | b'!' | b'#' | b'\\' | b'~' | b'|' | b'{'
    )
}

enum Capped {
    TooLarge,
    Io(std::io::Error),
}

/// Opens a file; never waits for a pipe that took its place.
fn open(path: &Path) -> std::io::Result<std::fs::File> {
    let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

/// Reads at most [`LARGEST`] bytes; never waits for a pipe that took the place of a file.
fn read_capped(path: &Path) -> Result<Vec<u8>, Capped> {
    let file = open(path).map_err(Capped::Io)?;
    let metadata = file.metadata().map_err(Capped::Io)?;
    if metadata.len() > LARGEST {
        return Err(Capped::TooLarge);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1);
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(Capped::Io)?;
    if bytes.len() as u64 > LARGEST {
        return Err(Capped::TooLarge);
    }
    Ok(bytes)
}

/// Decodes a file's bytes; anything but plain UTF-8 is a warning, anything uncertain an error.
fn decode_text(path: &str, bytes: Vec<u8>, diagnostics: &mut Vec<Diagnostic>) -> Result<String, Diagnostic> {
    // To check quickly and copy takes a fraction of the time that the standard library takes to check Chinese.
    let text = match simdutf8::basic::from_utf8(&bytes) {
        Ok(text) if !text.starts_with('\u{feff}') && !decode::holds_controls(text) => text.to_owned(),
        _ => decode_bytes(path, &bytes, diagnostics)?,
    };
    Ok(if memchr::memchr(b'\r', text.as_bytes()).is_some() {
        text.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        text
    })
}

fn decode_bytes(path: &str, bytes: &[u8], diagnostics: &mut Vec<Diagnostic>) -> Result<String, Diagnostic> {
    match decode::decode(bytes, None) {
        Ok(decoded) => {
            for repair in &decoded.repaired {
                let warning = Diagnostic::warning("encoding", path, repair.to_string());
                diagnostics.push(match repair {
                    decode::Repair::Control { line, .. } => warning.at(*line, 1).help("remove them"),
                    _ => warning.help("save the file as UTF-8"),
                });
            }
            Ok(decoded.text)
        }
        Err(error) => {
            let diagnostic = Diagnostic::error("encoding", path, error.to_string()).help(error.help());
            Err(match error.place() {
                Some(place) => diagnostic.at(place.line, place.column),
                None => diagnostic,
            })
        }
    }
}

/// Refuses two files with one ID (`a.md` and `a.markdown`).
fn refuse_twins(folder: &mut Folder, diagnostics: &mut Vec<Diagnostic>) {
    let mut twins = Vec::new();
    let mut by_id: Vec<usize> = (0..folder.sources.len()).collect();
    by_id.sort_by(|&a, &b| folder.sources[a].id.cmp(&folder.sources[b].id).then(a.cmp(&b)));
    for pair in by_id.windows(2) {
        let (first, second) = (&folder.sources[pair[0]], &folder.sources[pair[1]]);
        if first.id == second.id {
            diagnostics.push(same_id(&first.id, &first.path, &second.path));
            twins.push(pair[1]);
        }
    }
    folder.failed += twins.len();
    twins.sort_unstable();
    for at in twins.into_iter().rev() {
        folder.sources.remove(at);
    }
}

/// Two files make one ID.
pub(crate) fn same_id(id: &str, first: &str, second: &str) -> Diagnostic {
    Diagnostic::error("same-id", second, format!("`{first}` has the same ID `{id}`"))
        .help(format!("rename `{first}` or `{second}`"))
}
