//! The folder beside the output in which a build is made whole before it is seen.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::disk::Disk;
use super::left::{self, Left};
use super::manifest::Stamp;
use super::{Change, Present, WriteError};
use crate::cache::{Seen, Tree};

/// The path `.NAME.jianfan-WHAT` beside an output called NAME.
pub(super) fn beside(output: &Path, what: &str) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(output.file_name().unwrap_or_default());
    name.push(".jianfan-");
    name.push(what);
    output.with_file_name(name)
}

/// A staging folder; removed when dropped unless published.
///
/// It begins empty, or with the site before the last (the *twin*), in which most files are those of the output already.
/// Files that are the same in both trees are one file with two names, so nothing is ever written into a file: it is
/// taken away and made anew.
pub(super) struct Staging<'d> {
    disk: &'d Disk,
    folder: PathBuf,
    twin: Option<&'d Path>,
    /// Whether it began with the twin; not known before the first file is written.
    old: OnceLock<bool>,
    /// Whether some file was copied where a link was not possible.
    copied: AtomicBool,
}

impl<'d> Staging<'d> {
    pub(super) fn new(disk: &'d Disk, output: &Path, twin: Option<&'d Path>) -> Self {
        let folder = beside(output, "staging");
        Staging { disk, folder, twin, old: OnceLock::new(), copied: AtomicBool::new(false) }
    }

    /// Takes the twin when the first file is written; where it cannot be had the folder begins empty. Tells which.
    fn began_with_twin(&self) -> bool {
        let take = || self.twin.is_some_and(|twin| twin.is_dir() && self.disk.rename(twin, &self.folder).is_ok());
        *self.old.get_or_init(take)
    }

    /// Writes one file; gives when it was changed.
    pub(super) fn write(&self, path: &str, bytes: &[u8]) -> Result<i128, WriteError> {
        let file = self.place(path)?;
        let written =
            self.in_folder(&file, || self.disk.write(&file, bytes))?.map_err(WriteError::io("write", &file))?;
        modified(&written, &file)
    }

    /// Copies one file; gives the stamp of what was copied, and when it was changed.
    pub(super) fn copy(&self, path: &str, from: &Path) -> Result<(Stamp, i128), WriteError> {
        let file = self.place(path)?;
        let copy = self.in_folder(&file, || self.disk.create(&file))?;
        let mut copy = copy.map_err(WriteError::io("write", &file))?;
        let source = super::open_regular(from).map_err(WriteError::io("read", from))?;
        let stamp = Stamp::of_reader(source, &mut copy).map_err(WriteError::io("copy", &file))?;
        Ok((stamp, modified(&copy, &file)?))
    }

    /// Makes room for a file to be written: nothing stands at its path.
    fn place(&self, path: &str) -> Result<PathBuf, WriteError> {
        let old = self.began_with_twin();
        let file = self.folder.join(path);
        if old {
            self.clear(&file)?;
        } else if let Some(folder) = path.strip_suffix("/index.html") {
            self.make_own_folder(&self.folder.join(folder))?;
        }
        Ok(file)
    }

    /// Makes the folder of a page in a tree that began empty: most pages have one of their own, so that to look first
    /// whether it is there would be in vain.
    fn make_own_folder(&self, folder: &Path) -> Result<(), WriteError> {
        let made = match self.disk.create_dir(folder) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound => self.disk.create_dir_all(folder),
            made => made,
        };
        made.map_err(WriteError::io("make", folder))
    }

    /// Does something to a file; once more when its folder had to be made first.
    fn in_folder<T>(&self, file: &Path, act: impl Fn() -> io::Result<T>) -> Result<io::Result<T>, WriteError> {
        match act() {
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                self.make_folder_of(file)?;
                Ok(act())
            }
            done => Ok(done),
        }
    }

    /// Takes away what stands at a path, so that a file can stand there.
    fn clear(&self, file: &Path) -> Result<(), WriteError> {
        match std::fs::symlink_metadata(file) {
            Ok(metadata) if metadata.is_dir() => self.disk.remove_dir_all(file).map_err(WriteError::io("remove", file)),
            Ok(_) => self.disk.remove_file(file).map_err(WriteError::io("remove", file)),
            Err(_) => Ok(()),
        }
    }

    fn make_folder_of(&self, file: &Path) -> Result<(), WriteError> {
        let Some(folder) = file.parent() else { return Ok(()) };
        if self.began_with_twin() {
            // A page of the site before the last may stand where a folder is needed.
            let above = folder.ancestors().take_while(|above| above.starts_with(&self.folder));
            for above in above.filter(|above| above.symlink_metadata().is_ok_and(|metadata| !metadata.is_dir())) {
                self.disk.remove_file(above).map_err(WriteError::io("remove", above))?;
            }
        }
        self.disk.create_dir_all(folder).map_err(WriteError::io("make", folder))
    }

    /// Completes the folder with what did not change and lets it take the place of the output; gives what the next build
    /// need not look for then.
    pub(super) fn publish(
        self,
        output: &Path,
        present: &Present,
        change: &Change<'_>,
    ) -> Result<Option<Left>, WriteError> {
        let old = self.began_with_twin();
        let tidy = match present {
            Present::Known(_) if old => {
                self.catch_up(output, change)?;
                true
            }
            Present::Known(_) => self.complete(output, &Tree::of(output)?, change)?,
            Present::Listed(tree) => self.complete(output, tree, change)?,
        };
        self.disk.sync_all(&self.folder).map_err(WriteError::io("sync", &self.folder))?;
        let exchanged = swap(self.disk, &self.folder, output)?;
        sync_folder_of(self.disk, output);
        let Some(twin) = self.twin.filter(|twin| exchanged && self.keep(twin)) else { return Ok(None) };
        if !tidy || self.copied.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let paths = change.all();
        let apart: BTreeSet<&str> = change.written.iter().chain(&change.gone).copied().collect();
        let behind: Vec<(String, bool)> = apart.iter().map(|&path| (path.to_owned(), change.had(path))).collect();
        Ok(match (present, change.left) {
            (Present::Known(looked), Some(left)) if old => {
                let touched = left.behind.iter().map(|(path, _)| path.as_str()).chain(apart).collect();
                let now = left.look_after(looked, &change.before(), (output, twin), &paths, (&touched, &behind));
                debug_assert_eq!(now, Left::look(output, twin, &paths, &behind), "folders not looked at have changed");
                now
            }
            _ => Left::look(output, twin, &paths, &behind),
        })
    }

    /// Keeps the old site as the twin of the next build; where that fails it is removed as any other.
    fn keep(&self, twin: &Path) -> bool {
        let Some(above) = twin.parent() else { return false };
        let ready = above.is_dir() || self.disk.create_dir_all(above).is_ok();
        let free = ready && (!twin.exists() || self.disk.remove_dir_all(twin).is_ok());
        free && self.disk.rename(&self.folder, twin).is_ok()
    }

    /// Gives the twin, which is as it was left, what the output got since then, and takes away what is gone.
    fn catch_up(&self, output: &Path, change: &Change<'_>) -> Result<(), WriteError> {
        let written: BTreeSet<&str> = change.written.iter().copied().collect();
        let behind = change.left.iter().flat_map(|left| &left.behind).map(|(path, _)| path.as_str());
        let apart: BTreeSet<&str> =
            behind.chain(change.gone.iter().copied()).filter(|path| !written.contains(path)).collect();
        for &path in &apart {
            let file = self.folder.join(path);
            self.clear(&file)?;
            if change.has(path) {
                self.in_folder(&file, || self.link(&output.join(path), &file))?
                    .map_err(WriteError::io("write", &file))?;
            }
        }
        let folders: Vec<&str> = left::folders(apart.iter().copied().filter(|path| !change.has(path)));
        for folder in folders.into_iter().rev().filter(|folder| !folder.is_empty() && !change.has_folder(folder)) {
            let folder = self.folder.join(folder);
            if folder.symlink_metadata().is_ok_and(|metadata| metadata.is_dir()) {
                self.disk.remove_dir_all(&folder).map_err(WriteError::io("remove", &folder))?;
            }
        }
        Ok(())
    }

    /// Gives the folder exactly the files it shall have: those written, those of the output that stay, and what others
    /// put into the output. What the folder holds already is looked at, not believed. Tells whether nothing is of others.
    fn complete(&self, output: &Path, present: &Tree, change: &Change<'_>) -> Result<bool, WriteError> {
        let here = if self.began_with_twin() { Tree::of(&self.folder)? } else { Tree::default() };
        let written: BTreeSet<&str> = change.written.iter().copied().collect();
        let stays = |path: &str| !written.contains(path) && (!change.had(path) || change.has(path));
        let kept: Vec<&(String, Seen)> = present.files.iter().filter(|(path, _)| stays(path)).collect();
        here.files.par_iter().try_for_each(|(path, seen)| {
            let right = present.file(path).is_some_and(|other| other.same_file(seen) && stays(path));
            if right || written.contains(path.as_str()) { Ok(()) } else { self.clear(&self.folder.join(path)) }
        })?;
        let (folders, foreign) = wanted_folders(present, change);
        for folder in here.folders.iter().rev().filter(|folder| !folders.contains(folder.as_str())) {
            let folder = self.folder.join(folder);
            if folder.symlink_metadata().is_ok_and(|metadata| metadata.is_dir()) {
                self.disk.remove_dir_all(&folder).map_err(WriteError::io("remove", &folder))?;
            }
        }
        kept.par_iter().try_for_each(|(path, seen)| {
            if here.file(path).is_some_and(|other| other.same_file(seen)) {
                return Ok(());
            }
            let file = self.folder.join(path);
            self.in_folder(&file, || self.link(&output.join(path), &file))?.map_err(WriteError::io("write", &file))
        })?;
        // Folders that hold no page are somebody else's too, even empty ones: a repository is lost without them.
        for folder in present.folders.iter().filter(|folder| folders.contains(folder.as_str())) {
            if here.folders.binary_search(folder).is_err() {
                self.make_folder_of(&self.folder.join(folder).join("any"))?;
            }
        }
        Ok(!foreign)
    }

    /// Links a file, or copies it where links are not possible.
    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        match self.disk.hard_link(from, to) {
            Ok(()) => return Ok(()),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Err(error),
            Err(_) => self.copied.store(true, Ordering::Relaxed),
        }
        if std::fs::symlink_metadata(from)?.file_type().is_symlink() {
            return self.disk.symlink(&std::fs::read_link(from)?, to);
        }
        self.disk.copy(from, to)
    }
}

/// The folders there shall be: those of files, and those of others. Tells, too, whether anything is of others.
fn wanted_folders<'p>(present: &'p Tree, change: &Change<'p>) -> (BTreeSet<&'p str>, bool) {
    let above = |path: &'p str| path.match_indices('/').map(|(at, _)| &path[..at]);
    let was: BTreeSet<&str> = left::folders(change.old.files.iter().map(|(path, _)| *path)).into_iter().collect();
    let mut folders: BTreeSet<&str> = left::folders(change.paths.iter().copied()).into_iter().collect();
    let others = || present.folders.iter().map(String::as_str).filter(|folder| !was.contains(folder));
    folders.extend(others());
    let foreign: Vec<&str> =
        present.files.iter().map(|(path, _)| path.as_str()).filter(|path| !change.had(path)).collect();
    let any = !foreign.is_empty() || others().next().is_some();
    folders.extend(foreign.into_iter().flat_map(above));
    (folders, any)
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        // After the swap this is the old site, before it the unfinished new one.
        let _ = self.disk.remove_dir_all(&self.folder);
    }
}

fn modified(file: &File, path: &Path) -> Result<i128, WriteError> {
    let metadata = file.metadata().map_err(WriteError::io("read", path))?;
    Ok(crate::cache::Stamp::from(&metadata).modified)
}

/// A page of the site belongs where somebody else has put a file.
pub(super) fn foreign(file: &Path) -> WriteError {
    WriteError::Refused {
        output: file.to_owned(),
        reason: "a page of the site belongs there, but the file was put there by somebody else".to_owned(),
    }
}

/// So that a power cut after the swap finds the new name.
fn sync_folder_of(disk: &Disk, output: &Path) {
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let _ = disk.sync_entries(folder);
}

/// Lets the staging folder take the output's place in one step; tells whether it is the old site now.
fn swap(disk: &Disk, staging: &Path, output: &Path) -> Result<bool, WriteError> {
    if !output.exists() {
        disk.rename(staging, output).map_err(WriteError::io("rename", output))?;
        return Ok(false);
    }
    match disk.exchange(staging, output) {
        Ok(()) => Ok(true),
        // Some network file systems cannot exchange; two renames are the next best, and `recover` ends what they began.
        Err(error) if error.kind() == std::io::ErrorKind::Unsupported => {
            let old = beside(output, "old");
            disk.rename(output, &old).map_err(WriteError::io("rename", output))?;
            if let Err(error) = disk.rename(staging, output) {
                let _ = disk.rename(&old, output);
                return Err(WriteError::io("rename", staging)(error));
            }
            let _ = disk.remove_dir_all(&old);
            Ok(false)
        }
        Err(error) => Err(WriteError::io("exchange", output)(error)),
    }
}

/// Ends what an interrupted build began; called with the lock held.
pub(super) fn recover(disk: &Disk, output: &Path) -> Result<(), WriteError> {
    let old = beside(output, "old");
    if old.exists() {
        if output.exists() {
            disk.remove_dir_all(&old).map_err(WriteError::io("remove", &old))?;
        } else {
            disk.rename(&old, output).map_err(WriteError::io("rename", &old))?;
        }
    }
    let staging = beside(output, "staging");
    if staging.exists() {
        disk.remove_dir_all(&staging).map_err(WriteError::io("remove", &staging))?;
    }
    Ok(())
}
