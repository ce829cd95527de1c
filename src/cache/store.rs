//! Pieces of bytes on disk that are only ever added, and an index that says where they lie.
//!
//! The pieces lie in `facts-N.bin`, the index in `facts.index`. A build adds what is new behind what is there and then
//! puts a new index in the place of the old one, in one step. Whatever dies in between leaves pieces nobody looks for.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::search::Store;

/// Where a piece lies, and its digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    at: u64,
    size: u32,
    /// Bytes behind the piece that belong to it and are read by themselves, if at all.
    more: u32,
    /// Digest of the piece.
    pub(super) digest: Digest,
}

impl Place {
    /// Bytes of the piece and what belongs to it.
    pub(super) fn size(&self) -> u64 {
        u64::from(self.size) + u64::from(self.more)
    }

    /// Where that begins which belongs to it.
    pub(super) fn behind(&self) -> u64 {
        self.at + u64::from(self.size)
    }
}

/// The file of pieces.
#[derive(Debug)]
pub(super) struct Pieces {
    file: File,
    name: String,
    end: AtomicU64,
}

impl Pieces {
    /// Opens the file an index speaks of.
    pub(super) fn open(folder: &Path, name: &str) -> io::Result<Self> {
        // A damaged index must not lead to a file elsewhere.
        if name.contains(['/', '\\']) || !name.starts_with("facts-") {
            return Err(io::Error::from(io::ErrorKind::InvalidData));
        }
        let file = OpenOptions::new().read(true).write(true).open(folder.join(name))?;
        let end = AtomicU64::new(file.metadata()?.len());
        Ok(Pieces { file, name: name.to_owned(), end })
    }

    /// Begins a file of another name than `old`.
    pub(super) fn begin(folder: &Path, old: Option<&str>) -> io::Result<Self> {
        let number = old.and_then(|name| name.strip_prefix("facts-")?.strip_suffix(".bin")?.parse::<u64>().ok());
        let name = format!("facts-{}.bin", number.map_or(1, |number| number.wrapping_add(1)));
        let path = folder.join(&name);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path)?;
        Ok(Pieces { file, name, end: AtomicU64::new(0) })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Bytes of all pieces, those nobody looks for included.
    pub(super) fn size(&self) -> u64 {
        self.end.load(Ordering::Relaxed)
    }

    /// Adds a piece and what belongs to it; from any thread.
    pub(super) fn add(&self, mut bytes: Vec<u8>, more: &[u8]) -> io::Result<Place> {
        let number =
            |bytes: &[u8]| u32::try_from(bytes.len()).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge));
        let (size, more_size, digest) = (number(&bytes)?, number(more)?, Digest::quick(&bytes));
        bytes.extend_from_slice(more);
        let at = self.end.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.file.write_all_at(&bytes, at)?;
        Ok(Place { at, size, more: more_size, digest })
    }

    /// Carries a piece and what belongs to it over to another file.
    pub(super) fn carry(&self, place: &Place, to: &Pieces, buffer: &mut Vec<u8>) -> Option<Place> {
        if !self.read(place, buffer) {
            return None;
        }
        let mut more = vec![0; place.more as usize];
        self.file.read_exact_at(&mut more, place.behind()).ok()?;
        to.add(std::mem::take(buffer), &more).ok()
    }

    /// Reads a piece into `buffer`; false when it is damaged.
    pub(super) fn read(&self, place: &Place, buffer: &mut Vec<u8>) -> bool {
        buffer.resize(place.size as usize, 0);
        self.file.read_exact_at(buffer, place.at).is_ok() && Digest::quick(buffer) == place.digest
    }
}

impl Store for Pieces {
    fn read(&self, at: u64, bytes: &mut [u8]) -> bool {
        self.file.read_exact_at(bytes, at).is_ok()
    }
}

/// Writes a file so that it is there whole or not at all.
pub(super) fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push("~");
    let unfinished = PathBuf::from(unfinished);
    std::fs::write(&unfinished, bytes)?;
    std::fs::rename(&unfinished, path)
}

/// A value as bytes that tell whether they are damaged.
pub(super) fn seal(value: &impl Serialize) -> Option<Vec<u8>> {
    let bytes = postcard::to_stdvec(value).ok()?;
    let mut sealed = postcard::to_stdvec(&Digest::quick(&bytes)).ok()?;
    sealed.extend(bytes);
    Some(sealed)
}

/// The value of sealed bytes; none when they are damaged or of another kind.
pub(super) fn unseal<T: serde::de::DeserializeOwned>(sealed: &[u8]) -> Option<T> {
    let (digest, bytes): (Digest, &[u8]) = postcard::take_from_bytes(sealed).ok()?;
    (Digest::quick(bytes) == digest).then(|| postcard::from_bytes(bytes).ok()).flatten()
}
