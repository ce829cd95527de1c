//! The folder beside the output in which a build is made whole before it is seen.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rayon::prelude::*;

use super::disk::Disk;
use super::manifest::{Manifest, Stamp};
use super::{WriteError, files_below, folders_below};

/// The path `.NAME.jianfan-WHAT` beside an output called NAME.
pub(super) fn beside(output: &Path, what: &str) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(output.file_name().unwrap_or_default());
    name.push(".jianfan-");
    name.push(what);
    output.with_file_name(name)
}

/// A staging folder; removed when dropped unless published.
pub(super) struct Staging<'d> {
    disk: &'d Disk,
    folder: PathBuf,
    made: Mutex<BTreeSet<PathBuf>>,
}

impl<'d> Staging<'d> {
    pub(super) fn new(disk: &'d Disk, output: &Path) -> Self {
        Staging { disk, folder: beside(output, "staging"), made: Mutex::default() }
    }

    /// Writes one file.
    pub(super) fn write(&self, path: &str, bytes: &[u8]) -> Result<(), WriteError> {
        let file = self.folder.join(path);
        self.make_folder_of(&file)?;
        self.disk.write(&file, bytes).map_err(WriteError::io("write", &file))
    }

    /// Copies one file; gives the stamp of what was copied.
    pub(super) fn copy(&self, path: &str, from: &Path) -> Result<Stamp, WriteError> {
        let file = self.folder.join(path);
        self.make_folder_of(&file)?;
        let mut copy = self.disk.create(&file).map_err(WriteError::io("write", &file))?;
        let source = super::open_regular(from).map_err(WriteError::io("read", from))?;
        Stamp::of_reader(source, &mut copy).map_err(WriteError::io("copy", &file))
    }

    fn make_folder_of(&self, file: &Path) -> Result<(), WriteError> {
        let Some(folder) = file.parent() else { return Ok(()) };
        if self.made.lock().is_ok_and(|made| made.contains(folder)) {
            return Ok(());
        }
        self.disk.create_dir_all(folder).map_err(WriteError::io("make", folder))?;
        if let Ok(mut made) = self.made.lock() {
            made.insert(folder.to_owned());
        }
        Ok(())
    }

    /// Completes the folder with what did not change and lets it take the place of the output.
    pub(super) fn publish(self, output: &Path, manifest: &Manifest, old: &Manifest) -> Result<(), WriteError> {
        if output.exists() {
            self.carry_over(output, manifest, old)?;
        }
        self.disk.sync_all(&self.folder).map_err(WriteError::io("sync", &self.folder))?;
        swap(self.disk, &self.folder, output)?;
        sync_folder_of(self.disk, output);
        Ok(())
    }

    /// Links unchanged files, and files of others that lie in the output, into the folder.
    fn carry_over(&self, output: &Path, manifest: &Manifest, old: &Manifest) -> Result<(), WriteError> {
        let present = files_below(output)?;
        present.par_iter().try_for_each(|(path, file)| {
            let ours =
                manifest.files.contains_key(path) || old.files.contains_key(path) || path == super::manifest::NAME;
            let target = self.folder.join(path);
            if !manifest.files.contains_key(path) && ours || target.symlink_metadata().is_ok() {
                // Deleted or written anew by this build; a file of others in the way of a new page is named.
                return if ours { Ok(()) } else { Err(foreign(file)) };
            }
            self.make_folder_of(&target)?;
            link(self.disk, file, &target)
        })?;
        // Folders that hold no page are somebody else's too, even empty ones: a repository is lost without them.
        let ours: BTreeSet<&str> =
            old.files.keys().flat_map(|path| path.match_indices('/').map(|(at, _)| &path[..at])).collect();
        for folder in folders_below(output)?.iter().filter(|folder| !ours.contains(folder.as_str())) {
            self.make_folder_of(&self.folder.join(folder).join("any"))?;
        }
        Ok(())
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        // After the swap this is the old site, before it the unfinished new one.
        let _ = self.disk.remove_dir_all(&self.folder);
    }
}

fn foreign(file: &Path) -> WriteError {
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

/// Lets the staging folder take the output's place in one step.
fn swap(disk: &Disk, staging: &Path, output: &Path) -> Result<(), WriteError> {
    if !output.exists() {
        return disk.rename(staging, output).map_err(WriteError::io("rename", output));
    }
    match disk.exchange(staging, output) {
        Ok(()) => Ok(()),
        // Some network file systems cannot exchange; two renames are the next best, and `recover` ends what they began.
        Err(error) if error.kind() == std::io::ErrorKind::Unsupported => {
            let old = beside(output, "old");
            disk.rename(output, &old).map_err(WriteError::io("rename", output))?;
            if let Err(error) = disk.rename(staging, output) {
                let _ = disk.rename(&old, output);
                return Err(WriteError::io("rename", staging)(error));
            }
            let _ = disk.remove_dir_all(&old);
            Ok(())
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
