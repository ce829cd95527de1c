//! Stage *write*: the list of files to a folder on disk, all of it or none.
//!
//! Takes the [`Site`] and the theme; renders page by page, in parallel, and writes what changed into a staging folder
//! beside the output, which takes the output's place in one step when it is whole. A build that ends before that leaves
//! the old site as it was. Only files listed in the manifest are ever deleted.

mod disk;
mod left;
mod lock;
mod manifest;
mod output;
mod past;
mod shard;
mod staging;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::cache::{Seen, Tree};
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::page::{Kind, Page, Prepared, Site, Views};
use crate::together;
use left::{Left, Looked};
use manifest::Manifest;
use staging::Staging;

pub use disk::{Disk, Fault};
pub use manifest::{NAME as MANIFEST, Stamp, listing, parse_listing};
pub(crate) use manifest::{VERSION as LISTING, forget_others, is_inside};
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

/// What became of a page.
enum Outcome {
    /// It is what the last build made, at this place among its pages.
    Stays(usize),
    /// It was made, and is another than before, or not.
    Made { made: Made, changed: bool },
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
    let (name, twin) = (manifest::name(shard), past.twin.clone());
    let looked = past.looked(output);
    let read = if past.listed(output).is_none() { Manifest::left(disk, output, shard)? } else { Manifest::default() };
    let old = Old::new(past, output, &read);
    let present = match looked {
        Some(looked) => Present::Known(looked),
        None => Present::Listed(Tree::of(output)?),
    };
    let places = places(site, shard, past, &old, &present);
    let staging = Staging::new(disk, output, twin.as_deref());
    let writing = Writing { views, output, root: &site.config.root, trust, past, staging };
    let mut outcomes: Vec<Option<Result<Outcome, Failure>>> = places.iter().map(|_| None).collect();
    // Before the pages, which leave their entries of lists in memory.
    writing.index(site, &places, &mut outcomes);
    writing.pages(&places, &mut outcomes);
    let staging = writing.staging;
    let outcomes = match settle(outcomes, site.shelf.troubles())? {
        Ok(settled) => settled,
        Err(broken) => return Ok(Err(broken)),
    };
    let mut change = Change::new(&places, &outcomes, &old, &name, past.left.as_ref());
    let mut written = change.count(&places, &outcomes, past);
    let mut left = past.left.clone();
    if change.is_none() {
        written.unchanged += 1;
        written.bytes += old.size;
    } else {
        if let Some(taken) = places.iter().find(|place| place.listed.is_none() && place.seen.is_some()) {
            return Err(staging::foreign(&output.join(taken.path)));
        }
        let of_all = places.iter().zip(&outcomes);
        let stamps: Vec<(&str, &Stamp)> =
            of_all.map(|(place, outcome)| (place.path.as_str(), &outcome.made(past).stamp)).collect();
        let bytes = manifest::text(&name, &stamps)?;
        staging.write(&name, &bytes)?;
        change.written.push(&name);
        written.written += 1;
        written.bytes += bytes.len() as u64;
        left = staging.publish(output, &present, &change)?;
    }
    let remarks = outcomes.iter().flat_map(|outcome| outcome.made(past).remarks.iter().cloned()).collect();
    let changed = left != past.left || outcomes.iter().any(|outcome| matches!(outcome, Outcome::Made { .. }));
    let changed = changed || places.len() != past.pages.len();
    let paths: Vec<&String> = places.iter().map(|place| place.path).collect();
    let mut before: Vec<Option<(String, Made)>> = std::mem::take(&mut past.pages).into_iter().map(Some).collect();
    let pages = paths.into_iter().zip(outcomes).filter_map(|(path, outcome)| match outcome {
        Outcome::Stays(at) => before[at].take(),
        Outcome::Made { made, .. } => Some((path.clone(), made)),
    });
    past.remember(pages.collect(), left, changed);
    Ok(Ok((written, remarks)))
}

/// What the last build listed.
struct Old<'p> {
    /// Whether there was one.
    exists: bool,
    /// Bytes of its manifest.
    size: u64,
    /// Whether that is written anew even if no file changes.
    outdated: bool,
    /// Sorted by path.
    files: Vec<(&'p str, &'p Stamp)>,
}

impl<'p> Old<'p> {
    fn new(past: &'p Past, output: &Path, read: &'p Manifest) -> Self {
        match past.listed(output) {
            Some(size) => {
                let files = past.pages.iter().map(|(path, made)| (path.as_str(), &made.stamp)).collect();
                Old { exists: true, size, outdated: false, files }
            }
            None => {
                let files = read.files.iter().map(|(path, stamp)| (path.as_str(), stamp)).collect();
                Old { exists: read.exists, size: read.size, outdated: read.is_outdated(), files }
            }
        }
    }

    fn has(&self, path: &str) -> bool {
        self.files.binary_search_by(|(other, _)| other.cmp(&path)).is_ok()
    }
}

/// What is known of the output.
enum Present {
    /// It holds what the last build left.
    Known(Looked),
    /// What was found in it.
    Listed(Tree),
}

/// A page, with what is known of the file at its path.
struct Place<'s, 'p> {
    path: &'s String,
    page: &'s Page,
    /// What the last build made, and its place among the pages of that.
    last: Option<(usize, &'p Made)>,
    /// What the last build listed.
    listed: Option<&'p Stamp>,
    /// What is there.
    seen: Option<Seen>,
}

impl Place<'_, '_> {
    fn is_index(&self) -> bool {
        matches!(self.page.kind, Kind::Index(_))
    }

    /// Tells whether the output has the file that the last build made.
    fn is_as_made(&self, trust: Trust) -> bool {
        let Some((_, last)) = self.last else { return false };
        let listed = self.listed == Some(&last.stamp);
        trust == Trust::Manifest && listed && self.seen.is_some_and(|seen| last.is(&seen))
    }
}

/// Finds for each of some sorted paths where it stands in another sorted list.
fn along<'p>(paths: impl Iterator<Item = &'p str>, list: impl Iterator<Item = &'p str>) -> Vec<Option<usize>> {
    let mut list = list.enumerate().peekable();
    paths
        .map(|path| {
            while list.next_if(|(_, other)| *other < path).is_some() {}
            list.next_if(|(_, other)| *other == path).map(|(at, _)| at)
        })
        .collect()
}

/// The pages to be written, sorted by path.
fn places<'s, 'p>(
    site: &'s Site,
    shard: Option<Shard>,
    past: &'p Past,
    old: &Old<'p>,
    present: &Present,
) -> Vec<Place<'s, 'p>> {
    let mine = |path: &str| shard.is_none_or(|shard| shard.takes(path));
    let pages: Vec<(&'s String, &'s Page)> = site.pages.iter().filter(|(path, _)| mine(path)).collect();
    let paths = || pages.iter().map(|(path, _)| path.as_str());
    let last = along(paths(), past.pages.iter().map(|(path, _)| path.as_str()));
    let listed = along(paths(), old.files.iter().map(|(path, _)| *path));
    let seen: Vec<Option<Seen>> = match present {
        Present::Known(looked) => last.iter().map(|last| looked.pages[(*last)?]).collect(),
        Present::Listed(tree) => {
            let found = along(paths(), tree.files.iter().map(|(path, _)| path.as_str()));
            found.into_iter().map(|at| Some(tree.files[at?].1)).collect()
        }
    };
    let known = last.into_iter().zip(listed).zip(seen);
    let places = pages.into_iter().zip(known).map(|((path, page), ((last, listed), seen))| {
        let last = last.map(|at| (at, &past.pages[at].1));
        Place { path, page, last, listed: listed.map(|at| old.files[at].1), seen }
    });
    places.collect()
}

impl Outcome {
    /// What stands there now.
    fn made<'o>(&'o self, past: &'o Past) -> &'o Made {
        match self {
            Outcome::Stays(at) => &past.pages[*at].1,
            Outcome::Made { made, .. } => made,
        }
    }
}

/// How the new site differs from the old one.
struct Change<'c> {
    old: &'c Old<'c>,
    /// Name of the manifest.
    name: &'c str,
    /// All files of the new site but the manifest, sorted by path.
    paths: Vec<&'c str>,
    /// Those that are new or another.
    written: Vec<&'c str>,
    /// Those of the old site that are none of the new one, sorted by path.
    gone: Vec<&'c str>,
    /// How the old site and its twin were left; not known where the two are listed.
    left: Option<&'c Left>,
}

impl<'c> Change<'c> {
    fn new(
        places: &[Place<'c, '_>],
        outcomes: &[Outcome],
        old: &'c Old<'c>,
        name: &'c str,
        left: Option<&'c Left>,
    ) -> Self {
        let paths: Vec<&str> = places.iter().map(|place| place.path.as_str()).collect();
        let is_written = |outcome: &Outcome| matches!(outcome, Outcome::Made { changed: true, .. });
        let written = paths.iter().zip(outcomes).filter(|(_, outcome)| is_written(outcome)).map(|(path, _)| *path);
        let stay = along(old.files.iter().map(|(path, _)| *path), paths.iter().copied());
        let gone = old.files.iter().zip(stay).filter(|(_, at)| at.is_none()).map(|((path, _), _)| *path);
        Change { old, name, written: written.collect(), gone: gone.collect(), left, paths }
    }

    fn is_none(&self) -> bool {
        self.written.is_empty() && self.gone.is_empty() && self.old.exists && !self.old.outdated
    }

    /// All files of the new site, sorted by path.
    fn all(&self) -> Vec<&'c str> {
        with(self.name, self.paths.clone())
    }

    /// All files of the old site, sorted by path.
    fn before(&self) -> Vec<&'c str> {
        with(self.name, self.old.files.iter().map(|(path, _)| *path).collect())
    }

    /// Tells whether a path is that of a file of the new site.
    fn has(&self, path: &str) -> bool {
        path == self.name || self.paths.binary_search(&path).is_ok()
    }

    /// Tells whether the new site has files below a path.
    fn has_folder(&self, folder: &str) -> bool {
        let prefix = format!("{folder}/");
        let at = self.paths.partition_point(|path| *path < prefix.as_str());
        self.paths.get(at).is_some_and(|path| path.starts_with(&prefix))
    }

    /// Tells whether a file of the old site is ours.
    fn had(&self, path: &str) -> bool {
        path == self.name || self.old.has(path)
    }

    fn count(&self, places: &[Place<'_, '_>], outcomes: &[Outcome], past: &Past) -> Written {
        Written {
            pages: places.iter().filter(|place| place.path.ends_with(".html")).count(),
            files: places.len() + 1,
            written: self.written.len(),
            unchanged: places.len() - self.written.len(),
            removed: self.gone.len(),
            bytes: outcomes.iter().map(|outcome| outcome.made(past).stamp.size).sum(),
        }
    }
}

/// Some sorted paths, and the manifest's among them.
fn with<'c>(name: &'c str, mut paths: Vec<&'c str>) -> Vec<&'c str> {
    paths.insert(paths.partition_point(|path| *path < name), name);
    paths
}

/// Gives what became of the pages, or what is wrong with them.
fn settle(
    outcomes: Vec<Option<Result<Outcome, Failure>>>,
    mut broken: Vec<Diagnostic>,
) -> Result<Result<Vec<Outcome>, Vec<Diagnostic>>, WriteError> {
    let mut settled = Vec::with_capacity(outcomes.len());
    for outcome in outcomes.into_iter().flatten() {
        match outcome {
            Ok(outcome) => settled.push(outcome),
            Err(Failure::Template(diagnostic)) => broken.push(diagnostic),
            Err(Failure::Machine(error)) => return Err(error),
        }
    }
    // A page made of a text that changed under the build's hands would not fit the others.
    if broken.is_empty() {
        return Ok(Ok(settled));
    }
    crate::diagnostic::sort(&mut broken);
    Ok(Err(broken))
}

/// What became of the place with a number.
type Numbered = (usize, Result<Outcome, Failure>);

/// One site being written.
struct Writing<'w, 'd> {
    views: &'w Views,
    output: &'w Path,
    root: &'w Path,
    trust: Trust,
    past: &'w Past,
    staging: Staging<'d>,
}

impl Writing<'_, '_> {
    /// Makes all that is not of the search index.
    fn pages(&self, places: &[Place<'_, '_>], outcomes: &mut [Option<Result<Outcome, Failure>>]) {
        let settled = places.par_iter().zip(&mut *outcomes).enumerate().filter(|(_, (place, _))| !place.is_index());
        let open = settled.filter_map(|(number, (place, outcome))| {
            *outcome = self.without_making(place);
            outcome.is_none().then_some(number)
        });
        let open: Vec<usize> = open.collect();
        let (pictures, pages): (Vec<usize>, Vec<usize>) =
            open.into_iter().partition(|&number| matches!(places[number].page.kind, Kind::Picture(..)));
        // A picture takes as long as many pages.
        let groups = pictures.par_chunks(1).chain(pages.par_chunks(together::of(pages.len())));
        let made = groups.map_init(Vec::new, |buffers, numbers| self.group(places, numbers, buffers)).flatten_iter();
        for (number, outcome) in made.collect::<Vec<_>>() {
            outcomes[number] = Some(outcome);
        }
    }

    /// Makes some pages, one step for all of them after the other.
    fn group(&self, places: &[Place<'_, '_>], numbers: &[usize], buffers: &mut Vec<Vec<u8>>) -> Vec<Numbered> {
        let (mut outcomes, mut rest) = (Vec::with_capacity(numbers.len()), numbers.iter());
        loop {
            let (mut bodies, mut bytes) = (Vec::new(), 0);
            while bytes < together::ROOM
                && let Some(&number) = rest.next()
            {
                let body = self.views.body(places[number].page);
                bytes += body.as_ref().map_or(0, |body| body.len());
                bodies.push((number, body));
            }
            if bodies.is_empty() {
                return outcomes;
            }
            let prepared = bodies.into_iter().map(|(number, body)| {
                let place = &places[number];
                (number, place, self.views.prepare(place.path, place.page, body))
            });
            self.render(prepared.collect(), buffers, &mut outcomes);
        }
    }

    /// Renders what was prepared, then writes it, unless it grows too large to wait for the rest.
    fn render(
        &self,
        prepared: Vec<(usize, &Place<'_, '_>, Prepared)>,
        buffers: &mut Vec<Vec<u8>>,
        outcomes: &mut Vec<Numbered>,
    ) {
        let mut put = |made: &mut Vec<(usize, &Place<'_, '_>, Result<Made, Failure>)>, buffers: &[Vec<u8>]| {
            for ((number, place, made), bytes) in made.drain(..).zip(buffers) {
                outcomes.push((number, made.and_then(|made| Ok(self.put(place, made, bytes)?))));
            }
        };
        let (mut made, mut bytes) = (Vec::with_capacity(prepared.len()), 0);
        for (number, place, prepared) in prepared {
            if buffers.len() == made.len() {
                buffers.push(Vec::new());
            }
            let buffer = &mut buffers[made.len()];
            let page = self.page(place, prepared, buffer);
            bytes += buffer.len();
            made.push((number, place, page));
            if bytes > together::ROOM {
                put(&mut made, buffers);
                buffers.truncate(1);
                bytes = 0;
            }
        }
        put(&mut made, buffers);
    }

    /// What becomes of a page that would be what it is, or of a copied file; none for a page to be made.
    fn without_making(&self, place: &Place<'_, '_>) -> Option<Result<Outcome, Failure>> {
        let none = BTreeSet::new();
        let asked = place.last.map_or(&none, |(_, last)| &last.asked);
        let known = match &place.page.kind {
            Kind::File(file) => self.past.of_file(self.root, file),
            _ => self.views.depends(place.path, place.page, asked),
        };
        if let Some(at) = self.stays(place, known) {
            return Some(Ok(Outcome::Stays(at)));
        }
        match &place.page.kind {
            Kind::File(file) => Some(self.copy(place, file, known).map_err(Failure::from)),
            _ => None,
        }
    }

    /// Renders a page.
    fn page(&self, place: &Place<'_, '_>, prepared: Prepared, buffer: &mut Vec<u8>) -> Result<Made, Failure> {
        let notes = self.views.finish(place.path, place.page, prepared, buffer).map_err(Failure::Template)?;
        Ok(Made {
            depends: self.views.depends(place.path, place.page, &notes.asked),
            asked: notes.asked,
            remarks: notes.remarks,
            stamp: Stamp::of(buffer),
            modified: 0,
        })
    }

    /// Which page of the last build stands at a place, when it would be made of the same again.
    fn stays(&self, place: &Place<'_, '_>, depends: Option<Digest>) -> Option<usize> {
        let (at, last) = place.last?;
        (depends.is_some() && depends == last.depends && place.is_as_made(self.trust)).then_some(at)
    }

    /// Writes what was made, unless the output has it.
    fn put(&self, place: &Place<'_, '_>, made: Made, bytes: &[u8]) -> Result<Outcome, WriteError> {
        if let Some(modified) = self.holds(place, &made.stamp) {
            return Ok(Outcome::Made { made: Made { modified, ..made }, changed: false });
        }
        let modified = self.staging.write(place.path, bytes)?;
        Ok(Outcome::Made { made: Made { modified, ..made }, changed: true })
    }

    /// Makes the files of the search index, many at once.
    fn index(&self, site: &Site, places: &[Place<'_, '_>], outcomes: &mut [Option<Result<Outcome, Failure>>]) {
        let mut make: Vec<(usize, Option<Digest>)> = Vec::new();
        for (number, place) in places.iter().enumerate().filter(|(_, place)| place.is_index()) {
            let depends = self.views.depends(place.path, place.page, &BTreeSet::new());
            match self.stays(place, depends) {
                Some(at) => outcomes[number] = Some(Ok(Outcome::Stays(at))),
                None => make.push((number, depends)),
            }
        }
        let paths: Vec<&str> = make.iter().map(|(number, _)| places[*number].path.as_str()).collect();
        let put = |at: usize, bytes: Vec<u8>| {
            let (number, depends) = make[at];
            let (asked, remarks, stamp) = (BTreeSet::new(), Vec::new(), Stamp::of(&bytes));
            let made = Made { depends, asked, remarks, stamp, modified: 0 };
            (number, self.put(&places[number], made, &bytes).map_err(Failure::from))
        };
        // What the last build left may be looked at where not everything is to be made as if there were nothing.
        let left = |path: &str| match self.trust {
            Trust::Manifest => output::read(self.output, path),
            Trust::Nothing => None,
        };
        let made = site.index.iter().flat_map(|plan| plan.make(&paths, &left, &put));
        made.for_each(|(number, outcome)| outcomes[number] = Some(outcome));
    }

    /// Copies a file of the site, unless the output has it.
    fn copy(&self, place: &Place<'_, '_>, file: &Path, depends: Option<Digest>) -> Result<Outcome, WriteError> {
        let source = open_regular(file).map_err(WriteError::io("read", file))?;
        let stamp = Stamp::of_reader(source, &mut std::io::sink()).map_err(WriteError::io("read", file))?;
        let (asked, remarks) = (BTreeSet::new(), Vec::new());
        if let Some(modified) = self.holds(place, &stamp) {
            return Ok(Outcome::Made { made: Made { depends, asked, remarks, stamp, modified }, changed: false });
        }
        // The file may have changed meanwhile: what counts is what was copied.
        let (copied, modified) = self.staging.copy(place.path, file)?;
        let depends = depends.filter(|_| copied == stamp);
        Ok(Outcome::Made { made: Made { depends, asked, remarks, stamp: copied, modified }, changed: true })
    }

    /// When the file of the output was changed, if it is ours and has this content.
    fn holds(&self, place: &Place<'_, '_>, stamp: &Stamp) -> Option<i128> {
        let seen = place.seen?;
        // A list of another version only says whose the file is.
        let listed = place.listed.is_some_and(|listed| listed == stamp || listed.hash.is_none());
        if !seen.regular || seen.stamp.size != stamp.size || !listed {
            return None;
        }
        (place.is_as_made(self.trust) || output::holds(self.output, place.path, stamp)).then_some(seen.stamp.modified)
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
