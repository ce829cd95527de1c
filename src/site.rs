//! Stage *write*: the list of files to a folder on disk, all of it or none.
//!
//! Takes the [`Site`] and the theme; renders page by page, in parallel, and writes what changed into a staging folder
//! beside the output, which takes the output's place in one step when it is whole. A build that ends before that leaves
//! the old site as it was. Only files listed in the manifest are ever deleted.

mod disk;
mod lock;
mod manifest;
mod output;
mod past;
mod shard;
mod staging;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::cache::Tree;
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::page::{Kind, Page, Site, Views};
use manifest::Manifest;
use staging::Staging;

pub use disk::{Disk, Fault};
pub(crate) use manifest::is_inside;
pub use manifest::{NAME as MANIFEST, Stamp, listing, parse_listing};
pub use output::{refuse as refuse_output, refuse_place};
pub use past::{Made, Past, named};
pub use shard::Shard;

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

impl From<crate::source::ReadError> for WriteError {
    fn from(error: crate::source::ReadError) -> Self {
        WriteError::Io { action: "list", path: error.path, source: error.source }
    }
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

/// Whether files are trusted to be what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// A file whose size and time of change are those of the file that was written is that file; one of another time is
    /// read and compared.
    Manifest,
    /// Every page is made and every file is read and compared.
    Nothing,
}

/// Where a site is written, and how.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The output.
    pub output: &'a Path,
    /// What of the output is believed.
    pub trust: Trust,
    /// The part that is written; none for the whole site.
    pub shard: Option<Shard>,
}

/// Renders all pages without writing; gives what there is to say.
pub fn rehearse(site: &Site, views: &Views) -> Vec<Diagnostic> {
    let mut diagnostics: Vec<Diagnostic> = site
        .pages
        .par_iter()
        .flat_map_iter(|(path, page)| {
            let mut buffer = Vec::new();
            // An index has nothing to say, and is made many files at once.
            if matches!(page.kind, Kind::Index(_)) {
                return Vec::new();
            }
            views.render(path, page, &mut buffer).map_or_else(|diagnostic| vec![diagnostic], |notes| notes.remarks)
        })
        .collect();
    crate::diagnostic::sort(&mut diagnostics);
    diagnostics
}

/// What was written and remarked, or the errors that kept anything from being published.
pub type Attempt = Result<(Written, Vec<Diagnostic>), Vec<Diagnostic>>;

/// What a page became, and whether it is another than before.
struct Outcome {
    made: Made,
    changed: bool,
}

enum Failure {
    Machine(WriteError),
    Template(Diagnostic),
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        Failure::Machine(error)
    }
}

/// Writes the site to `output`; `past` is what the last build of it left, and becomes what this one leaves.
///
/// The inner error holds diagnostics of templates and texts; nothing is published then.
///
/// # Errors
/// When the machine fails; the old site is then as it was.
pub fn write(site: &Site, views: &Views, target: &Target<'_>, past: Option<&mut Past>) -> Result<Attempt, WriteError> {
    write_on(&Disk::default(), site, views, target, past)
}

/// [`write()`] on a disk that may fail.
///
/// # Errors
/// When the machine fails; the old site is then as it was.
pub fn write_on(
    disk: &Disk,
    site: &Site,
    views: &Views,
    target: &Target<'_>,
    past: Option<&mut Past>,
) -> Result<Attempt, WriteError> {
    let Target { output, trust, shard } = *target;
    output::refuse(&site.config, output)?;
    let _lock = lock::acquire(disk, output)?;
    staging::recover(disk, output)?;
    let mut none = Past::default();
    let past = past.unwrap_or(&mut none);
    let old = Manifest::left(disk, output, shard, past.listed(output))?;
    let present = Tree::of(output)?;
    let twin = past.twin.clone();
    let writing = Writing {
        views,
        output,
        trust,
        past,
        old: &old,
        present: &present,
        staging: Staging::new(disk, output, twin.as_deref()),
    };
    let mine = |path: &str| shard.is_none_or(|shard| shard.takes(path));
    // The index first: it takes most memory for a while, and pages leave more and more behind.
    let mut outcomes: Vec<(&String, Result<Outcome, Failure>)> = writing.index(site, &mine);
    let pages = site
        .pages
        .par_iter()
        .filter(|(path, page)| mine(path) && !matches!(page.kind, Kind::Index(_)))
        .map_init(Vec::new, |buffer, (path, page)| (path, writing.page(path, page, buffer)));
    outcomes.par_extend(pages);
    let staging = writing.staging;
    let (mut written, pages) = match settle(outcomes, site.shelf.troubles())? {
        Ok(settled) => settled,
        Err(broken) => return Ok(Err(broken)),
    };
    let stamps = pages.iter().map(|(path, made)| (path.clone(), made.stamp.clone()));
    let mut manifest = Manifest::of(stamps.collect(), manifest::name(shard));
    let gone = old.files.keys().filter(|path| !manifest.files.contains_key(*path));
    written.removed = gone.count();
    if written.written == 0 && written.removed == 0 && old.exists {
        written.unchanged += 1;
        written.bytes += old.size;
    } else {
        let new = manifest.files.keys().filter(|path| !old.files.contains_key(*path));
        if let Some(taken) = new.into_iter().find(|path| present.file(path).is_some()) {
            return Err(staging::foreign(&output.join(taken)));
        }
        written.written += 1;
        written.bytes += manifest.write(&staging)?;
        staging.publish(output, &present, &manifest, &old)?;
    }
    let remarks = pages.values().flat_map(|made| made.remarks.iter().cloned()).collect();
    past.remember(pages);
    Ok(Ok((written, remarks)))
}

/// Counts what became of the pages, or gives what is wrong with them.
#[expect(clippy::type_complexity, reason = "two results of one call, taken apart at once")]
fn settle(
    outcomes: Vec<(&String, Result<Outcome, Failure>)>,
    mut broken: Vec<Diagnostic>,
) -> Result<Result<(Written, BTreeMap<String, Made>), Vec<Diagnostic>>, WriteError> {
    let mut written = Written { files: outcomes.len() + 1, ..Written::default() };
    let mut pages = BTreeMap::new();
    for (path, outcome) in outcomes {
        match outcome {
            Ok(Outcome { made, changed }) => {
                written.pages += usize::from(path.ends_with(".html"));
                written.bytes += made.stamp.size;
                written.written += usize::from(changed);
                written.unchanged += usize::from(!changed);
                pages.insert(path.clone(), made);
            }
            Err(Failure::Template(diagnostic)) => broken.push(diagnostic),
            Err(Failure::Machine(error)) => return Err(error),
        }
    }
    // A page made of a text that changed under the build's hands would not fit the others.
    if broken.is_empty() {
        return Ok(Ok((written, pages)));
    }
    crate::diagnostic::sort(&mut broken);
    Ok(Err(broken))
}

/// One site being written.
struct Writing<'w, 'd> {
    views: &'w Views,
    output: &'w Path,
    trust: Trust,
    past: &'w Past,
    old: &'w Manifest,
    present: &'w Tree,
    staging: Staging<'d>,
}

impl Writing<'_, '_> {
    /// Makes one page, unless it would become what it is.
    fn page(&self, path: &str, page: &Page, buffer: &mut Vec<u8>) -> Result<Outcome, Failure> {
        let none = BTreeSet::new();
        let asked = self.past.pages.get(path).map_or(&none, |last| &last.asked);
        let depends = |asked: &BTreeSet<String>| match &page.kind {
            Kind::File(file) => self.past.of_file(file),
            _ => self.views.depends(path, page, asked),
        };
        let known = depends(asked);
        if let Some(made) = self.stays(path, known) {
            return Ok(Outcome { made, changed: false });
        }
        if let Kind::File(file) = &page.kind {
            return Ok(self.copy(path, file, known)?);
        }
        let notes = self.views.render(path, page, buffer).map_err(Failure::Template)?;
        let made = Made {
            depends: depends(&notes.asked),
            asked: notes.asked,
            remarks: notes.remarks,
            stamp: Stamp::of(buffer),
            modified: 0,
        };
        Ok(self.put(path, made, buffer)?)
    }

    /// What the last build made at a path, when it would be made of the same again.
    fn stays(&self, path: &str, depends: Option<Digest>) -> Option<Made> {
        let last = self.past.pages.get(path)?;
        (depends.is_some() && depends == last.depends && self.is_as_made(path, last)).then(|| last.clone())
    }

    /// Writes what was made, unless the output has it.
    fn put(&self, path: &str, made: Made, bytes: &[u8]) -> Result<Outcome, WriteError> {
        if let Some(modified) = self.holds(path, &made.stamp) {
            return Ok(Outcome { made: Made { modified, ..made }, changed: false });
        }
        let modified = self.staging.write(path, bytes)?;
        Ok(Outcome { made: Made { modified, ..made }, changed: true })
    }

    /// Makes the files of the search index, many at once.
    fn index<'s>(&self, site: &'s Site, mine: &dyn Fn(&str) -> bool) -> Vec<(&'s String, Result<Outcome, Failure>)> {
        let index = site.pages.iter().filter(|(path, page)| mine(path) && matches!(page.kind, Kind::Index(_)));
        let depends = |path: &str, page: &Page| self.views.depends(path, page, &BTreeSet::new());
        let known: Vec<(&String, Option<Digest>)> = index.map(|(path, page)| (path, depends(path, page))).collect();
        let looked: Vec<(&String, Option<Digest>, Option<Made>)> =
            known.into_par_iter().map(|(path, depends)| (path, depends, self.stays(path, depends))).collect();
        let (stay, make): (Vec<_>, Vec<_>) = looked.into_iter().partition(|(_, _, made)| made.is_some());
        let stay =
            stay.into_iter().filter_map(|(path, _, made)| Some((path, Ok(Outcome { made: made?, changed: false }))));
        let mut outcomes: Vec<_> = stay.collect();
        let paths: Vec<&str> = make.iter().map(|(path, ..)| path.as_str()).collect();
        let put = |at: usize, bytes: Vec<u8>| {
            let (path, depends, _): &(&String, _, _) = &make[at];
            let (asked, remarks, stamp) = (BTreeSet::new(), Vec::new(), Stamp::of(&bytes));
            let made = Made { depends: *depends, asked, remarks, stamp, modified: 0 };
            (*path, self.put(path, made, &bytes).map_err(Failure::from))
        };
        outcomes.extend(site.index.iter().flat_map(|plan| plan.make(&paths, &put)));
        outcomes
    }

    /// Copies a file of the site, unless the output has it.
    fn copy(&self, path: &str, file: &Path, depends: Option<Digest>) -> Result<Outcome, WriteError> {
        let source = open_regular(file).map_err(WriteError::io("read", file))?;
        let stamp = Stamp::of_reader(source, &mut std::io::sink()).map_err(WriteError::io("read", file))?;
        let (asked, remarks) = (BTreeSet::new(), Vec::new());
        if let Some(modified) = self.holds(path, &stamp) {
            return Ok(Outcome { made: Made { depends, asked, remarks, stamp, modified }, changed: false });
        }
        // The file may have changed meanwhile: what counts is what was copied.
        let (copied, modified) = self.staging.copy(path, file)?;
        let depends = depends.filter(|_| copied == stamp);
        Ok(Outcome { made: Made { depends, asked, remarks, stamp: copied, modified }, changed: true })
    }

    /// Tells whether the output has the file that the last build made.
    fn is_as_made(&self, path: &str, last: &Made) -> bool {
        let listed = self.old.files.get(path) == Some(&last.stamp);
        self.trust == Trust::Manifest && listed && self.present.file(path).is_some_and(|seen| last.is(seen))
    }

    /// When the file of the output was changed, if it is ours and has this content.
    fn holds(&self, path: &str, stamp: &Stamp) -> Option<i128> {
        let seen = self.present.file(path)?;
        if !seen.regular || seen.stamp.size != stamp.size || self.old.files.get(path) != Some(stamp) {
            return None;
        }
        let made = self.past.pages.get(path).is_some_and(|last| self.is_as_made(path, last));
        (made || output::holds(self.output, path, stamp)).then_some(seen.stamp.modified)
    }
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
