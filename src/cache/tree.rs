//! What lies below a folder, with what the file system says of each file.

use std::fs::Metadata;
use std::path::Path;

use rayon::prelude::*;

use super::Stamp;
use crate::source::ReadError;

/// Files and folders below a folder, by path relative to it with `/`.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// Sorted by path. Links are listed, not followed.
    pub(crate) files: Vec<(String, Seen)>,
    /// Sorted by path.
    pub(crate) folders: Vec<String>,
}

/// One file of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) stamp: Stamp,
    device: u64,
    /// Whether it is neither a link nor anything odder.
    pub(crate) regular: bool,
    pub(crate) folder: bool,
}

impl Seen {
    /// What the file system says of the file at a path, links not followed.
    pub(crate) fn at(path: &Path) -> Option<Self> {
        Some(Self::of(&std::fs::symlink_metadata(path).ok()?))
    }

    fn of(metadata: &Metadata) -> Self {
        let device = std::os::unix::fs::MetadataExt::dev(metadata);
        Seen { stamp: Stamp::from(metadata), device, regular: metadata.is_file(), folder: metadata.is_dir() }
    }

    /// Tells whether two paths lead to one file.
    pub(crate) fn same_file(&self, other: &Seen) -> bool {
        self.device == other.device && self.stamp.inode == other.stamp.inode
    }
}

impl From<&rustix::fs::Stat> for Seen {
    fn from(stat: &rustix::fs::Stat) -> Self {
        let kind = rustix::fs::FileType::from_raw_mode(stat.st_mode);
        Seen { stamp: Stamp::from(stat), device: stat.st_dev, regular: kind.is_file(), folder: kind.is_dir() }
    }
}

impl Tree {
    /// Lists a folder; one that is not there is empty.
    ///
    /// # Errors
    /// When a folder cannot be listed.
    pub(crate) fn of(folder: &Path) -> Result<Self, ReadError> {
        Self::of_named(folder, &|_| true)
    }

    /// Lists a folder, leaving out what has a name nobody wants.
    ///
    /// # Errors
    /// When a folder cannot be listed.
    pub(crate) fn of_named(folder: &Path, wanted: &(dyn Fn(&str) -> bool + Sync)) -> Result<Self, ReadError> {
        let mut tree = Tree::default();
        if folder.exists() {
            tree = below(folder, String::new(), wanted)?;
            tree.files.par_sort_unstable_by(|a, b| a.0.cmp(&b.0));
            tree.folders.par_sort_unstable();
        }
        Ok(tree)
    }

    /// Finds a file by its path, most likely at the place `next`, which becomes that behind it.
    pub(crate) fn file_near(&self, path: &str, next: &mut usize) -> Option<&Seen> {
        let there = self.files.get(*next).is_some_and(|(other, _)| other == path);
        let at = if there { *next } else { self.place(path)? };
        *next = at + 1;
        Some(&self.files[at].1)
    }

    /// Finds a file by its path.
    pub(crate) fn file(&self, path: &str) -> Option<&Seen> {
        Some(&self.files[self.place(path)?].1)
    }

    fn place(&self, path: &str) -> Option<usize> {
        self.files.binary_search_by(|(other, _)| other.as_str().cmp(path)).ok()
    }
}

fn below(folder: &Path, prefix: String, wanted: &(dyn Fn(&str) -> bool + Sync)) -> Result<Tree, ReadError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| ReadError { path, source }
    };
    let mut tree = Tree::default();
    let mut inner = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed(folder))? {
        let entry = entry.map_err(failed(folder))?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !wanted(&name) {
            continue;
        }
        let path = format!("{prefix}{name}");
        if entry.file_type().map_err(failed(folder))?.is_dir() {
            inner.push((entry.path(), path));
        } else {
            let metadata = entry.metadata().map_err(failed(&entry.path()))?;
            tree.files.push((path, Seen::of(&metadata)));
        }
    }
    let trees: Vec<Result<Tree, ReadError>> =
        inner.par_iter().map(|(folder, path)| below(folder, format!("{path}/"), wanted)).collect();
    tree.folders.extend(inner.into_iter().map(|(_, path)| path));
    for inner in trees {
        let inner = inner?;
        tree.files.extend(inner.files);
        tree.folders.extend(inner.folders);
    }
    Ok(tree)
}
