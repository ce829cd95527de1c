//! Stage *write*: the list of files to a folder on disk, all of it or none.
//!
//! Takes the [`Site`] and the theme; renders page by page, in parallel, and writes what changed into a staging folder
//! beside the output, which takes the output's place in one step when it is whole. A build that ends before that leaves
//! the old site as it was. Only files listed in the manifest are ever deleted.

mod disk;
mod lock;
mod manifest;
mod output;
mod staging;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::diagnostic::Diagnostic;
use crate::page::{Kind, Site, Views};
use manifest::Manifest;
use staging::Staging;

pub use disk::{Disk, Fault};
pub(crate) use manifest::is_inside;
pub use manifest::{NAME as MANIFEST, Stamp, listing, parse_listing};
pub use output::{refuse as refuse_output, refuse_place};

/// What the machine would not do.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// An operation on a file failed.
    #[error("cannot {action} `{path}`: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another build writes the same output.
    #[error("another build is writing `{output}`: {holder}; wait for it to end, or stop it")]
    Locked {
        /// The output.
        output: PathBuf,
        /// Who holds the lock.
        holder: String,
    },
    /// The output is no place for a site.
    #[error(
        "refusing to write into `{output}`: {reason}; set `output:` in site.yaml, or `--output`, to a new or empty folder inside the site"
    )]
    Refused {
        /// The output.
        output: PathBuf,
        /// Why.
        reason: String,
    },
}

impl WriteError {
    fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> WriteError {
        let path = path.to_owned();
        move |source| WriteError::Io { action, path, source }
    }
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// HTML pages of the site.
    pub pages: usize,
    /// All files of the site.
    pub files: usize,
    /// Files that are new or changed.
    pub written: usize,
    /// Files left alone.
    pub unchanged: usize,
    /// Files of the last build that are gone.
    pub removed: usize,
    /// Bytes of all files.
    pub bytes: u64,
}

/// Whether files are trusted to be what the manifest says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// A file of the size in the manifest is the file that was written.
    Manifest,
    /// Every file is read and compared.
    Nothing,
}

/// Renders all pages without writing; gives what there is to say.
pub fn rehearse(site: &Site, views: &Views) -> Vec<Diagnostic> {
    let mut diagnostics: Vec<Diagnostic> = site
        .pages
        .par_iter()
        .flat_map_iter(|(path, page)| {
            let mut buffer = Vec::new();
            views.render(path, page, &mut buffer).unwrap_or_else(|diagnostic| vec![diagnostic])
        })
        .collect();
    crate::diagnostic::sort(&mut diagnostics);
    diagnostics
}

/// What was written and remarked, or the errors of templates that kept anything from being published.
pub type Attempt = Result<(Written, Vec<Diagnostic>), Vec<Diagnostic>>;

/// What a page became.
struct Outcome {
    stamp: Stamp,
    changed: bool,
    remarks: Vec<Diagnostic>,
}

enum Failure {
    Machine(WriteError),
    Template(Diagnostic),
}

/// Writes the site to `output`.
///
/// The inner error holds diagnostics of templates; nothing is published then.
///
/// # Errors
/// When the machine fails; the old site is then as it was.
pub fn write(site: &Site, views: &Views, output: &Path, trust: Trust) -> Result<Attempt, WriteError> {
    write_on(&Disk::default(), site, views, output, trust)
}

/// [`write()`] on a disk that may fail.
///
/// # Errors
/// When the machine fails; the old site is then as it was.
pub fn write_on(disk: &Disk, site: &Site, views: &Views, output: &Path, trust: Trust) -> Result<Attempt, WriteError> {
    output::refuse(&site.config, output)?;
    let lock = lock::acquire(disk, output)?;
    staging::recover(disk, output)?;
    let old = Manifest::read(disk, output)?;
    let staging = Staging::new(disk, output);
    let outcomes: Vec<(&str, Result<Outcome, Failure>)> = site
        .pages
        .par_iter()
        .map_init(Vec::new, |buffer, (path, page)| {
            (path.as_str(), make(views, path, page, buffer, &old, &staging, output, trust))
        })
        .collect();
    let mut manifest = Manifest::default();
    let mut written = Written { files: outcomes.len() + 1, ..Written::default() };
    let (mut remarks, mut broken) = (Vec::new(), Vec::new());
    for (path, outcome) in outcomes {
        match outcome {
            Ok(outcome) => {
                written.pages += usize::from(path.ends_with(".html"));
                written.bytes += outcome.stamp.size;
                written.written += usize::from(outcome.changed);
                written.unchanged += usize::from(!outcome.changed);
                manifest.files.insert(path.to_owned(), outcome.stamp);
                remarks.extend(outcome.remarks);
            }
            Err(Failure::Template(diagnostic)) => broken.push(diagnostic),
            Err(Failure::Machine(error)) => return Err(error),
        }
    }
    // A page made of a text that changed under the build's hands would not fit the others.
    broken.extend(site.shelf.troubles());
    if !broken.is_empty() {
        crate::diagnostic::sort(&mut broken);
        return Ok(Err(broken));
    }
    let gone: Vec<&String> = old.files.keys().filter(|path| !manifest.files.contains_key(*path)).collect();
    written.removed = gone.len();
    if written.written == 0 && gone.is_empty() && old.exists {
        written.unchanged += 1;
        written.bytes += old.size;
        drop(lock);
        return Ok(Ok((written, remarks)));
    }
    written.written += 1;
    written.bytes += manifest.write(&staging)?;
    staging.publish(output, &manifest, &old)?;
    drop(lock);
    Ok(Ok((written, remarks)))
}

#[allow(clippy::too_many_arguments, reason = "one call, and a struct would only rename the arguments")]
fn make(
    views: &Views,
    path: &str,
    page: &crate::page::Page,
    buffer: &mut Vec<u8>,
    old: &Manifest,
    staging: &Staging<'_>,
    output: &Path,
    trust: Trust,
) -> Result<Outcome, Failure> {
    let known = |stamp: &Stamp| {
        old.files.get(path).is_some_and(|known| known == stamp) && output::holds(output, path, stamp, trust)
    };
    if let Kind::File(file) = &page.kind {
        let stamp = open_regular(file)
            .and_then(|source| Stamp::of_reader(source, &mut std::io::sink()))
            .map_err(WriteError::io("read", file))
            .map_err(Failure::Machine)?;
        if known(&stamp) {
            return Ok(Outcome { stamp, changed: false, remarks: Vec::new() });
        }
        // The file may have changed meanwhile: what counts is what was copied.
        let stamp = staging.copy(path, file).map_err(Failure::Machine)?;
        return Ok(Outcome { stamp, changed: true, remarks: Vec::new() });
    }
    let remarks = views.render(path, page, buffer).map_err(Failure::Template)?;
    let stamp = Stamp::of(buffer);
    if known(&stamp) {
        return Ok(Outcome { stamp, changed: false, remarks });
    }
    staging.write(path, buffer).map_err(Failure::Machine)?;
    Ok(Outcome { stamp, changed: true, remarks })
}

/// Opens a file for reading, never waiting for a pipe that took its place.
fn open_regular(path: &Path) -> std::io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let file = std::fs::OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(std::io::Error::other("no regular file any more"));
    }
    Ok(file)
}

/// All folders below a folder, by path relative to it with `/`.
fn folders_below(folder: &Path) -> Result<Vec<String>, WriteError> {
    let mut folders = Vec::new();
    for entry in walkdir::WalkDir::new(folder).min_depth(1) {
        let entry =
            entry.map_err(|error| WriteError::Io { action: "list", path: folder.to_owned(), source: error.into() })?;
        if entry.file_type().is_dir() {
            let path = entry.path().strip_prefix(folder).unwrap_or(entry.path());
            folders.push(path.to_string_lossy().into_owned());
        }
    }
    Ok(folders)
}

/// All regular files below a folder, by path relative to it with `/`.
fn files_below(folder: &Path) -> Result<BTreeMap<String, PathBuf>, WriteError> {
    let mut files = BTreeMap::new();
    for entry in walkdir::WalkDir::new(folder) {
        let entry =
            entry.map_err(|error| WriteError::Io { action: "list", path: folder.to_owned(), source: error.into() })?;
        if !entry.file_type().is_dir() {
            let path = entry.path().strip_prefix(folder).unwrap_or(entry.path());
            files.insert(path.to_string_lossy().into_owned(), entry.path().to_owned());
        }
    }
    Ok(files)
}
