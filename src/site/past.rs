//! What the last build of an output left for the next one: what each page was made from, and where a second tree lies.
//!
//! None of it is needed. A page is only taken as it is when what it depends on, and the file in the output, are what
//! they were; the second tree, the site before the last, is looked through file by file before it takes the output's
//! place.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::left::{Left, Looked, Root};
use super::manifest::{self, Stamp};
use super::shard::Shard;
use crate::cache::{Memory, Seen, Stamp as OnDisk};
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;

/// What is left for the next build of one output.
#[derive(Debug, Default)]
pub struct Past {
    /// What each page was made from, sorted by path.
    pub(super) pages: Vec<(String, Made)>,
    /// The manifest as it was left: size, time of change, inode.
    manifest: Option<(u64, i128, u64)>,
    /// The name of the manifest.
    name: String,
    /// Where the second tree is kept; none where there shall be none.
    pub(super) twin: Option<PathBuf>,
    /// How the folders of both trees were left.
    pub(super) left: Option<Left>,
    /// How they were found by this build.
    looked: Option<Looked>,
    /// The time by the clock of the file system when the build began.
    now: Option<i128>,
    /// Whether `pages` has become another.
    changed: bool,
}

/// A file of the site as it was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Made {
    /// What it was made from; none when that was not all known.
    pub(super) depends: Option<Digest>,
    /// The paths below the content folder that it names.
    pub(super) asked: BTreeSet<String>,
    /// What there was to say.
    #[serde(with = "crate::diagnostic::stored")]
    pub(super) remarks: Vec<Diagnostic>,
    /// Size and digest.
    pub(super) stamp: Stamp,
    /// When the file was last changed, in nanoseconds since 1970.
    pub(super) modified: i128,
}

impl Made {
    /// Tells whether a file of the output is the one that was made, as far as size and time tell.
    pub(super) fn is(&self, seen: &Seen) -> bool {
        seen.regular && seen.stamp.size == self.stamp.size && seen.stamp.modified == self.modified
    }
}

impl Past {
    /// What the last build of an output left; none when nothing shall be left.
    pub fn recall(memory: &Memory, output: &Path, shard: Option<Shard>) -> Option<Self> {
        let twin = memory.place()?.join(named("twin", output));
        let (manifest, left, mut pages): (_, _, Vec<(String, Made)>) =
            memory.recall(&named("made", output)).unwrap_or_default();
        if !pages.is_sorted_by(|a, b| a.0 < b.0) {
            pages = Vec::new();
        }
        let name = manifest::name(shard);
        let twin = Some(twin);
        Some(Past { pages, manifest, name, twin, left, looked: None, now: memory.now(), changed: false })
    }

    /// Leaves for the next build what this one made.
    pub fn leave(&self, memory: &Memory, output: &Path) {
        if self.changed {
            memory.leave(&named("made", output), &(identity(output, &self.name), &self.left, &self.pages));
        }
    }

    /// Tells whether the output is just as the last build left it, files of others aside.
    pub fn is_still_there(&self, output: &Path) -> bool {
        let Some(root) = self.is_listed(output).then(|| Root::open(output)).flatten() else { return false };
        let is_as_made = |(path, made): &(String, Made)| root.seen(path).is_some_and(|seen| made.is(&seen));
        self.pages.par_iter().with_min_len(256).all(is_as_made)
    }

    /// Tells whether the manifest of the output is the one the last build left.
    fn is_listed(&self, output: &Path) -> bool {
        self.manifest.is_some() && self.manifest == identity(output, &self.name)
    }

    /// The size of the manifest of the last build, when it is the one that build left: it lists `pages` then.
    pub(super) fn listed(&self, output: &Path) -> Option<u64> {
        self.is_listed(output).then_some(self.manifest?.0)
    }

    /// Looks at what the last build left, for the build that comes: by name, if both trees hold just that.
    ///
    /// May be done before the lock is held, while the build is busy with other things: another build that publishes
    /// meanwhile leaves another manifest.
    pub fn look(&mut self, output: &Path) {
        self.looked = self.trees(output);
    }

    /// What was seen of the trees, or is seen now; none where something else is there than the last build left.
    pub(super) fn looked(&mut self, output: &Path) -> Option<Looked> {
        match self.looked.take() {
            Some(looked) => self.is_listed(output).then_some(looked),
            None => self.trees(output),
        }
    }

    fn trees(&self, output: &Path) -> Option<Looked> {
        let (left, twin) = (self.left.as_ref()?, self.twin.as_deref()?);
        let root = self.is_listed(output).then(|| Root::open(output))??;
        let mut looked = left.look_again(output, twin, &self.paths())?;
        looked.pages = self.pages.iter().map(|(path, _)| root.seen(path)).collect();
        Some(looked)
    }

    /// The paths of all files of the output, sorted.
    pub(super) fn paths(&self) -> Vec<&str> {
        let mut paths: Vec<&str> = self.pages.iter().map(|(path, _)| path.as_str()).collect();
        paths.insert(paths.partition_point(|path| *path < self.name.as_str()), &self.name);
        paths
    }

    /// Takes what this build made, sorted by path; `left` is what is known of the trees now.
    pub(super) fn remember(&mut self, pages: Vec<(String, Made)>, left: Option<Left>, changed: bool) {
        (self.pages, self.left, self.changed) = (pages, left, changed);
    }

    /// What a copied file depends on; none when it may change without another stamp, or is not there.
    pub(super) fn of_file(&self, root: &Path, file: &Path) -> Option<Digest> {
        let stamp = OnDisk::of(file).filter(|stamp| self.now.is_some_and(|now| !stamp.doubtful(now)))?;
        Some(Digest::of_value(&(file.strip_prefix(root).unwrap_or(file), stamp)))
    }
}

/// A name for something that belongs to one output.
pub fn named(what: &str, output: &Path) -> String {
    let whole = std::path::absolute(output).unwrap_or_else(|_| output.to_owned());
    format!("{what}-{:?}", Digest::of_value(&whole))
}

/// What tells the manifest of an output from another.
fn identity(output: &Path, name: &str) -> Option<(u64, i128, u64)> {
    let seen = Seen::at(&output.join(name))?;
    seen.regular.then_some((seen.stamp.size, seen.stamp.modified, seen.stamp.inode))
}
