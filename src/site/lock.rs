//! One writer at a time for each output.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::WriteError;
use super::disk::Disk;
use super::staging::beside;

/// A held lock; the file is gone when it is dropped.
pub(super) struct Lock<'d> {
    _file: File,
    path: PathBuf,
    disk: &'d Disk,
}

/// Takes the lock of an output, or says who holds it.
///
/// The lock is the kernel's (`flock`), so it ends with its process however that dies; the file beside the output only
/// tells others who it is.
pub(super) fn acquire<'d>(disk: &'d Disk, output: &Path) -> Result<Lock<'d>, WriteError> {
    let path = beside(output, "lock");
    if let Some(folder) = path.parent() {
        disk.create_dir_all(folder).map_err(WriteError::io("make", folder))?;
    }
    loop {
        let mut file = disk.open_lock(&path).map_err(WriteError::io("open", &path))?;
        if !disk.lock(&file).map_err(WriteError::io("lock", &path))? {
            let mut holder = String::new();
            let _ = file.read_to_string(&mut holder);
            let holder = match holder.trim() {
                "" => "a process that has just begun".to_owned(),
                holder => holder.to_owned(),
            };
            return Err(WriteError::Locked { output: output.to_owned(), holder });
        }
        // The holder before us may have removed the file between our opening and locking it.
        let same = std::fs::metadata(&path).ok().map(|now| now.ino()) == file.metadata().ok().map(|ours| ours.ino());
        if same {
            let owner = format!("process {}", std::process::id());
            if let Err(error) = disk.rewrite(&mut file, owner.as_bytes()) {
                let _ = disk.remove_file(&path);
                return Err(WriteError::io("write", &path)(error));
            }
            return Ok(Lock { _file: file, path, disk });
        }
    }
}

impl Drop for Lock<'_> {
    fn drop(&mut self) {
        let _ = self.disk.remove_file(&self.path);
    }
}
