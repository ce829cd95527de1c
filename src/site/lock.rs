//! One writer at a time for each output.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use super::WriteError;
use super::staging::beside;

/// A held lock; the file is gone when it is dropped.
pub(super) struct Lock {
    _file: File,
    path: PathBuf,
}

/// Takes the lock of an output, or says who holds it.
///
/// The lock is the kernel's (`flock`), so it ends with its process however that dies; the file beside the output only
/// tells others who it is.
pub(super) fn acquire(output: &Path) -> Result<Lock, WriteError> {
    let path = beside(output, "lock");
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(WriteError::io("make", folder))?;
    }
    loop {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(WriteError::io("open", &path))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let mut holder = String::new();
                let _ = file.read_to_string(&mut holder);
                let holder = if holder.trim().is_empty() {
                    "a process that has just begun".to_owned()
                } else {
                    holder.trim().to_owned()
                };
                return Err(WriteError::Locked { output: output.to_owned(), holder });
            }
            Err(error) => return Err(WriteError::Io { action: "lock", path, source: error.into() }),
        }
        // The holder before us may have removed the file between our opening and locking it.
        let same = std::fs::metadata(&path).ok().map(|now| now.ino()) == file.metadata().ok().map(|ours| ours.ino());
        if same {
            file.set_len(0).map_err(WriteError::io("write", &path))?;
            write!(file, "process {}", std::process::id()).map_err(WriteError::io("write", &path))?;
            return Ok(Lock { _file: file, path });
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}
