//! The folder beside the output in which a build is made whole before it is seen.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use super::WriteError;
use super::disk::Disk;
use super::manifest::{Manifest, Stamp};
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
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    begun: bool,
    /// Whether it began with the twin.
    old: bool,
    made: BTreeSet<PathBuf>,
    written: BTreeSet<String>,
}

impl<'d> Staging<'d> {
    pub(super) fn new(disk: &'d Disk, output: &Path, twin: Option<&'d Path>) -> Self {
        Staging { disk, folder: beside(output, "staging"), twin, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the twin when the first file is written; where it cannot be had the folder begins empty.
    fn begin(&self) {
        let mut state = self.state();
        if !state.begun {
            state.begun = true;
            state.old = self.twin.is_some_and(|twin| twin.is_dir() && self.disk.rename(twin, &self.folder).is_ok());
        }
    }

    /// Writes one file; gives when it was changed.
    pub(super) fn write(&self, path: &str, bytes: &[u8]) -> Result<i128, WriteError> {
        let file = self.place(path)?;
        self.disk.write(&file, bytes).map_err(WriteError::io("write", &file))?;
        modified(&file)
    }

    /// Copies one file; gives the stamp of what was copied, and when it was changed.
    pub(super) fn copy(&self, path: &str, from: &Path) -> Result<(Stamp, i128), WriteError> {
        let file = self.place(path)?;
        let mut copy = self.disk.create(&file).map_err(WriteError::io("write", &file))?;
        let source = super::open_regular(from).map_err(WriteError::io("read", from))?;
        let stamp = Stamp::of_reader(source, &mut copy).map_err(WriteError::io("copy", &file))?;
        drop(copy);
        Ok((stamp, modified(&file)?))
    }

    /// Makes room for a file to be written: its folder is there and nothing stands at its path.
    fn place(&self, path: &str) -> Result<PathBuf, WriteError> {
        self.begin();
        let file = self.folder.join(path);
        self.make_folder_of(&file)?;
        let mut state = self.state();
        state.written.insert(path.to_owned());
        if state.old {
            drop(state);
            self.clear(&file)?;
        }
        Ok(file)
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
        if self.state().made.contains(folder) {
            return Ok(());
        }
        if self.state().old {
            // A page of the site before the last may stand where a folder is needed.
            let above = folder.ancestors().take_while(|above| above.starts_with(&self.folder));
            for above in above.filter(|above| above.symlink_metadata().is_ok_and(|metadata| !metadata.is_dir())) {
                self.disk.remove_file(above).map_err(WriteError::io("remove", above))?;
            }
        }
        self.disk.create_dir_all(folder).map_err(WriteError::io("make", folder))?;
        self.state().made.insert(folder.to_owned());
        Ok(())
    }

    /// Completes the folder with what did not change and lets it take the place of the output.
    pub(super) fn publish(
        self,
        output: &Path,
        present: &Tree,
        manifest: &Manifest,
        old: &Manifest,
    ) -> Result<(), WriteError> {
        self.begin();
        self.complete(output, present, manifest, old)?;
        self.disk.sync_all(&self.folder).map_err(WriteError::io("sync", &self.folder))?;
        let exchanged = swap(self.disk, &self.folder, output)?;
        sync_folder_of(self.disk, output);
        if let Some(twin) = self.twin.filter(|_| exchanged) {
            self.keep(twin);
        }
        Ok(())
    }

    /// Keeps the old site as the twin of the next build; where that fails it is removed as any other.
    fn keep(&self, twin: &Path) {
        let Some(above) = twin.parent() else { return };
        let ready = above.is_dir() || self.disk.create_dir_all(above).is_ok();
        if ready && (!twin.exists() || self.disk.remove_dir_all(twin).is_ok()) {
            let _ = self.disk.rename(&self.folder, twin);
        }
    }

    /// Gives the folder exactly the files it shall have: those written, those of the output that stay, and what others
    /// put into the output. What the folder holds already is looked at, not believed.
    fn complete(&self, output: &Path, present: &Tree, manifest: &Manifest, old: &Manifest) -> Result<(), WriteError> {
        let here = if self.state().old { Tree::of(&self.folder)? } else { Tree::default() };
        let written = std::mem::take(&mut self.state().written);
        let ours = |path: &str| old.files.contains_key(path) || path == manifest.name;
        let stays = |path: &str| !written.contains(path) && (!ours(path) || manifest.files.contains_key(path));
        let kept: Vec<&(String, Seen)> = present.files.iter().filter(|(path, _)| stays(path)).collect();
        here.files.par_iter().try_for_each(|(path, seen)| {
            let right = present.file(path).is_some_and(|other| other.same_file(seen) && stays(path));
            if right || written.contains(path) { Ok(()) } else { self.clear(&self.folder.join(path)) }
        })?;
        let folders = self.folders(present, manifest, old);
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
            let target = self.folder.join(path);
            self.make_folder_of(&target)?;
            link(self.disk, &output.join(path), &target)
        })?;
        // Folders that hold no page are somebody else's too, even empty ones: a repository is lost without them.
        for folder in present.folders.iter().filter(|folder| folders.contains(folder.as_str())) {
            if here.folders.binary_search(folder).is_err() {
                self.make_folder_of(&self.folder.join(folder).join("any"))?;
            }
        }
        Ok(())
    }

    /// The folders there shall be: those of files, and those of others.
    fn folders<'p>(&self, present: &'p Tree, manifest: &'p Manifest, old: &Manifest) -> BTreeSet<&'p str> {
        let above = |path: &'p str| path.match_indices('/').map(|(at, _)| &path[..at]);
        let was: BTreeSet<&str> =
            old.files.keys().flat_map(|path| path.match_indices('/').map(|(at, _)| &path[..at])).collect();
        let mut folders: BTreeSet<&str> = manifest.files.keys().flat_map(|path| above(path)).collect();
        folders.extend(present.folders.iter().map(String::as_str).filter(|folder| !was.contains(folder)));
        let foreign = present.files.iter().filter(|(path, _)| !old.files.contains_key(path) && *path != manifest.name);
        folders.extend(foreign.flat_map(|(path, _)| above(path)));
        folders
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        // After the swap this is the old site, before it the unfinished new one.
        let _ = self.disk.remove_dir_all(&self.folder);
    }
}

fn modified(file: &Path) -> Result<i128, WriteError> {
    let metadata = std::fs::symlink_metadata(file).map_err(WriteError::io("read", file))?;
    Ok(crate::cache::Stamp::from(&metadata).modified)
}

/// A page of the site belongs where somebody else has put a file.
pub(super) fn foreign(file: &Path) -> WriteError {
    WriteError::Refused {
        output: file.to_owned(),
        reason: "a page of the site belongs there, but the file was put there by somebody else".to_owned(),
    }
}

/// Links a file, or copies it where links are not possible.
fn link(disk: &Disk, from: &Path, to: &Path) -> Result<(), WriteError> {
    if disk.hard_link(from, to).is_ok() {
        return Ok(());
    }
    let metadata = std::fs::symlink_metadata(from).map_err(WriteError::io("read", from))?;
    if metadata.file_type().is_symlink() {
        let target = std::fs::read_link(from).map_err(WriteError::io("read", from))?;
        return disk.symlink(&target, to).map_err(WriteError::io("write", to));
    }
    disk.copy(from, to).map_err(WriteError::io("write", to))
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
