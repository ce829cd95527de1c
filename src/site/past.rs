//! What the last build of an output left for the next one: what each page was made from, and where a second tree lies.
//!
//! None of it is needed. A page is only taken as it is when what it depends on, and the file in the output, are what
//! they were; the second tree, the site before the last, is looked through file by file before it takes the output's
//! place.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::manifest::{self, Stamp};
use super::shard::Shard;
use crate::cache::{Memory, Seen, Stamp as OnDisk, Tree};
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;

/// What is left for the next build of one output.
#[derive(Debug, Default)]
pub struct Past {
    /// What each page was made from.
    pub(super) pages: BTreeMap<String, Made>,
    /// The manifest as it was left: size, time of change, inode.
    manifest: Option<(u64, i128, u64)>,
    /// The name of the manifest.
    name: String,
    /// Where the second tree is kept; none where there shall be none.
    pub(super) twin: Option<PathBuf>,
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
        let left = memory.recall(&named("made", output)).unwrap_or_default();
        let (manifest, pages) = left;
        let name = manifest::name(shard);
        Some(Past { pages, manifest, name, twin: Some(twin), now: memory.now(), changed: false })
    }

    /// Leaves for the next build what this one made.
    pub fn leave(&self, memory: &Memory, output: &Path) {
        if self.changed {
            memory.leave(&named("made", output), &(identity(output, &self.name), &self.pages));
        }
    }

    /// Tells whether the output is just as the last build left it, files of others aside.
    pub fn is_still_there(&self, output: &Path) -> bool {
        let listed = self.manifest.is_some() && self.manifest == identity(output, &self.name);
        let Some(present) = listed.then(|| Tree::of(output).ok()).flatten() else { return false };
        // Both are sorted, so one walk along the two is enough.
        let mut present = present.files.iter();
        self.pages.iter().all(|(path, made)| {
            let seen = present.by_ref().find(|(other, _)| other >= path);
            seen.is_some_and(|(other, seen)| other == path && made.is(seen))
        })
    }

    /// The size of the manifest and the files the last build listed, when the manifest is the one it left.
    pub(super) fn listed(&self, output: &Path) -> Option<(u64, BTreeMap<String, Stamp>)> {
        let (size, ..) = self.manifest.filter(|_| self.manifest == identity(output, &self.name))?;
        Some((size, self.pages.iter().map(|(path, made)| (path.clone(), made.stamp.clone())).collect()))
    }

    /// Takes what this build made.
    pub(super) fn remember(&mut self, pages: BTreeMap<String, Made>) {
        self.changed = self.pages != pages;
        self.pages = pages;
    }

    /// What a copied file depends on; none when it may change without another stamp, or is not there.
    pub(super) fn of_file(&self, file: &Path) -> Option<Digest> {
        let stamp = OnDisk::of(file).filter(|stamp| self.now.is_some_and(|now| !stamp.doubtful(now)))?;
        Some(Digest::of_value(&(file, stamp)))
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
