//! Every operation on the disk that writing a site needs, in one place, so that a test can let any of them fail.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::fs::{FlockOperation, RenameFlags};

/// The disk, or one that fails.
#[derive(Debug, Default)]
pub struct Disk {
    /// Operations begun.
    count: AtomicUsize,
    fault: Option<Fault>,
    no_exchange: bool,
}

/// When operations fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Only the operation of this number, from 1.
    At(usize),
    /// That of this number and all after it, as when the machine dies: nothing is tidied up.
    From(usize),
}

impl Disk {
    /// A disk that fails; `exchange` tells whether two folders can change places in one step.
    pub fn failing(fault: Option<Fault>, exchange: bool) -> Self {
        Disk { count: AtomicUsize::new(0), fault, no_exchange: !exchange }
    }

    /// How many operations were begun.
    pub fn operations(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    fn begin(&self) -> io::Result<()> {
        let number = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        match self.fault {
            Some(Fault::At(at)) if number == at => Err(io::Error::from(io::ErrorKind::StorageFull)),
            Some(Fault::From(at)) if number >= at => Err(io::Error::from(io::ErrorKind::StorageFull)),
            _ => Ok(()),
        }
    }

    pub(super) fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.begin()?;
        std::fs::read(path)
    }

    /// Writes a new file and gives it back. One that fails may stay behind in part, as on a full disk.
    pub(super) fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<File> {
        if let Err(error) = self.begin() {
            let _ = std::fs::write(path, &bytes[..bytes.len() / 2]);
            return Err(error);
        }
        let mut file = File::create(path)?;
        io::Write::write_all(&mut file, bytes)?;
        Ok(file)
    }

    /// Makes a new file to be written piece by piece.
    pub(super) fn create(&self, path: &Path) -> io::Result<File> {
        self.begin()?;
        File::create(path)
    }

    pub(super) fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.begin()?;
        std::fs::create_dir(path)
    }

    pub(super) fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        self.begin()?;
        std::fs::create_dir_all(path)
    }

    pub(super) fn hard_link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.begin()?;
        std::fs::hard_link(from, to)
    }

    pub(super) fn symlink(&self, target: &Path, to: &Path) -> io::Result<()> {
        self.begin()?;
        std::os::unix::fs::symlink(target, to)
    }

    pub(super) fn copy(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.begin()?;
        std::fs::copy(from, to).map(|_| ())
    }

    pub(super) fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.begin()?;
        std::fs::rename(from, to)
    }

    /// Lets two folders change places in one step; unsupported on some network file systems.
    pub(super) fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        self.begin()?;
        if self.no_exchange {
            return Err(io::Error::from(io::ErrorKind::Unsupported));
        }
        let here = rustix::fs::CWD;
        rustix::fs::renameat_with(here, one, here, other, RenameFlags::EXCHANGE).map_err(|error| match error {
            rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS | rustix::io::Errno::NOTSUP => {
                io::Error::from(io::ErrorKind::Unsupported)
            }
            error => error.into(),
        })
    }

    pub(super) fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.begin()?;
        std::fs::remove_file(path)
    }

    pub(super) fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        self.begin()?;
        std::fs::remove_dir_all(path)
    }

    /// Opens the file of a lock, making it if need be.
    pub(super) fn open_lock(&self, path: &Path) -> io::Result<File> {
        self.begin()?;
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
    }

    /// Takes the kernel's lock; false when another process holds it.
    pub(super) fn lock(&self, file: &File) -> io::Result<bool> {
        self.begin()?;
        match rustix::fs::flock(file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(true),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Replaces what a file holds.
    pub(super) fn rewrite(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        self.begin()?;
        file.set_len(0)?;
        io::Write::write_all(file, bytes)
    }

    /// Brings the file system of a folder to the disk.
    pub(super) fn sync_all(&self, folder: &Path) -> io::Result<()> {
        self.begin()?;
        Ok(rustix::fs::syncfs(File::open(folder)?)?)
    }

    /// Brings the entries of one folder to the disk.
    pub(super) fn sync_entries(&self, folder: &Path) -> io::Result<()> {
        self.begin()?;
        File::open(folder)?.sync_all()
    }
}
