//! The folder beside the output in which a build is made whole before it is seen.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rayon::prelude::*;
use rustix::fs::{RenameFlags, renameat_with};

use super::manifest::Manifest;
use super::{WriteError, files_below};

/// The path `.NAME.jianfan-WHAT` beside an output called NAME.
pub(super) fn beside(output: &Path, what: &str) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(output.file_name().unwrap_or_default());
    name.push(".jianfan-");
    name.push(what);
    output.with_file_name(name)
}

/// A staging folder; removed when dropped unless published.
pub(super) struct Staging {
    folder: PathBuf,
    made: Mutex<BTreeSet<PathBuf>>,
}

impl Staging {
    pub(super) fn new(output: &Path) -> Self {
        Staging { folder: beside(output, "staging"), made: Mutex::default() }
    }

    /// Writes one file.
    pub(super) fn write(&self, path: &str, bytes: &[u8]) -> Result<(), WriteError> {
        let file = self.folder.join(path);
        self.make_folder_of(&file)?;
        std::fs::write(&file, bytes).map_err(WriteError::io("write", &file))
    }

    fn make_folder_of(&self, file: &Path) -> Result<(), WriteError> {
        let Some(folder) = file.parent() else { return Ok(()) };
        if self.made.lock().is_ok_and(|made| made.contains(folder)) {
            return Ok(());
        }
        std::fs::create_dir_all(folder).map_err(WriteError::io("make", folder))?;
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
        sync(&self.folder)?;
        swap(&self.folder, output)?;
        sync_folder_of(output);
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
            link(file, &target)
        })
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // After the swap this is the old site, before it the unfinished new one.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn foreign(file: &Path) -> WriteError {
    WriteError::Refused {
        output: file.to_owned(),
        reason: "a page of the site belongs there, but the file was put there by somebody else".to_owned(),
    }
}

/// Links a file, or copies it where links are not possible.
fn link(from: &Path, to: &Path) -> Result<(), WriteError> {
    if std::fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    let metadata = std::fs::symlink_metadata(from).map_err(WriteError::io("read", from))?;
    if metadata.file_type().is_symlink() {
        let target = std::fs::read_link(from).map_err(WriteError::io("read", from))?;
        return std::os::unix::fs::symlink(target, to).map_err(WriteError::io("write", to));
    }
    std::fs::copy(from, to).map(|_| ()).map_err(WriteError::io("write", to))
}

/// Brings the new files to the disk, so that a power cut after the swap finds them whole.
fn sync(folder: &Path) -> Result<(), WriteError> {
    let handle = std::fs::File::open(folder).map_err(WriteError::io("open", folder))?;
    rustix::fs::syncfs(&handle).map_err(|error| WriteError::Io {
        action: "sync",
        path: folder.to_owned(),
        source: error.into(),
    })
}

fn sync_folder_of(output: &Path) {
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Ok(handle) = std::fs::File::open(folder) {
        let _ = handle.sync_all();
    }
}

/// Lets the staging folder take the output's place in one step.
fn swap(staging: &Path, output: &Path) -> Result<(), WriteError> {
    if !output.exists() {
        return std::fs::rename(staging, output).map_err(WriteError::io("rename", output));
    }
    let here = rustix::fs::CWD;
    match renameat_with(here, staging, here, output, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        // Some network file systems cannot exchange; two renames are the next best, and `recover` ends what they began.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS | rustix::io::Errno::NOTSUP) => {
            let old = beside(output, "old");
            std::fs::rename(output, &old).map_err(WriteError::io("rename", output))?;
            std::fs::rename(staging, output).map_err(WriteError::io("rename", staging))?;
            let _ = std::fs::remove_dir_all(old);
            Ok(())
        }
        Err(error) => Err(WriteError::Io { action: "exchange", path: output.to_owned(), source: error.into() }),
    }
}

/// Ends what an interrupted build began; called with the lock held.
pub(super) fn recover(output: &Path) -> Result<(), WriteError> {
    let old = beside(output, "old");
    if old.exists() {
        if output.exists() {
            std::fs::remove_dir_all(&old).map_err(WriteError::io("remove", &old))?;
        } else {
            std::fs::rename(&old, output).map_err(WriteError::io("rename", &old))?;
        }
    }
    let staging = beside(output, "staging");
    if staging.exists() {
        std::fs::remove_dir_all(&staging).map_err(WriteError::io("remove", &staging))?;
    }
    Ok(())
}
