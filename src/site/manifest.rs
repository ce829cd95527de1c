//! The list of files a build wrote: what it may delete next time, and what it need not write again.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest, Sha256};

use super::WriteError;
use super::disk::Disk;
use super::shard::{self, Shard};

/// Name of the manifest in the output.
pub const NAME: &str = ".jianfan-manifest.json";

/// Size and digest of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Bytes.
    pub size: u64,
    /// The first half of its SHA-256, in hexadecimal.
    pub hash: String,
}

impl Stamp {
    /// The stamp of bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self::new(bytes.len() as u64, &Sha256::digest(bytes))
    }

    /// The stamp of what a reader gives, which is written to `copy`: a film in `static/` is larger than memory should be.
    ///
    /// # Errors
    /// When reading or writing fails.
    pub fn of_reader(mut from: impl std::io::Read, copy: &mut dyn std::io::Write) -> std::io::Result<Self> {
        let (mut hash, mut size) = (Sha256::new(), 0);
        let mut buffer = vec![0; 256 << 10];
        loop {
            let count = from.read(&mut buffer)?;
            if count == 0 {
                return Ok(Self::new(size, &hash.finalize()));
            }
            size += count as u64;
            hash.update(&buffer[..count]);
            copy.write_all(&buffer[..count])?;
        }
    }

    fn new(size: u64, digest: &[u8]) -> Self {
        let mut hash = String::with_capacity(32);
        for byte in digest.iter().take(16) {
            hash.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
            hash.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
        }
        Stamp { size, hash }
    }
}

/// The files of an output as its last build listed them, the list itself left out; none when there was no build.
///
/// # Errors
/// When the list is there and cannot be read.
pub fn listing(output: &Path) -> Result<BTreeMap<String, Stamp>, WriteError> {
    Ok(Manifest::read(&Disk::default(), output)?.files)
}

/// [`listing`] of the bytes of a list; an empty one when they are none.
pub fn parse_listing(bytes: &[u8]) -> BTreeMap<String, Stamp> {
    let mut manifest: Manifest = serde_json::from_slice(bytes).unwrap_or_default();
    manifest.files.retain(|path, _| is_inside(path));
    manifest.files
}

/// The files of a build.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Manifest {
    /// Version of this format; what has none is no manifest.
    #[serde(rename = "version")]
    _version: u32,
    /// Path to stamp.
    pub(super) files: BTreeMap<String, Stamp>,
    /// Whether there was one.
    #[serde(skip)]
    pub(super) exists: bool,
    /// Its own size in bytes.
    #[serde(skip)]
    pub(super) size: u64,
}

/// The name of the manifest of a site, or of a part of it.
pub(super) fn name(shard: Option<Shard>) -> String {
    shard.map_or_else(|| NAME.to_owned(), |shard| shard.manifest())
}

impl Manifest {
    /// The manifest that the build of an output, or of a part of it, left there.
    pub(super) fn left(disk: &Disk, output: &Path, shard: Option<Shard>) -> Result<Self, WriteError> {
        match shard {
            None => Self::read(disk, output),
            // Files of other parts are those of others: parts written into one folder add up.
            Some(shard) => Ok(Self::read_one(disk, &output.join(shard.manifest()))?.0),
        }
    }

    /// Reads the manifest of an output, and those of parts that were merged in it; none, or one that cannot be read, is
    /// an empty one.
    pub(super) fn read(disk: &Disk, output: &Path) -> Result<Self, WriteError> {
        let (mut manifest, _) = Self::read_one(disk, &output.join(NAME))?;
        let parts = std::fs::read_dir(output).into_iter().flatten().flatten();
        let names = parts.filter_map(|entry| entry.file_name().into_string().ok());
        for name in names.filter(|name| shard::is_manifest(name)) {
            let (part, bytes) = Self::read_one(disk, &output.join(&name))?;
            manifest.files.extend(part.files);
            manifest.files.insert(name, Stamp::of(&bytes));
            manifest.exists = true;
        }
        Ok(manifest)
    }

    fn read_one(disk: &Disk, path: &Path) -> Result<(Self, Vec<u8>), WriteError> {
        match disk.read(path) {
            Ok(bytes) => {
                let mut manifest: Manifest = serde_json::from_slice(&bytes).unwrap_or_default();
                // A damaged list must not make the build delete what lies outside the output.
                manifest.files.retain(|path, _| is_inside(path));
                manifest.exists = true;
                manifest.size = bytes.len() as u64;
                Ok((manifest, bytes))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok((Manifest::default(), Vec::new())),
            Err(source) => Err(WriteError::Io { action: "read", path: path.to_owned(), source }),
        }
    }
}

/// The text of a manifest of some files, sorted by path.
pub(super) fn text<'f>(name: &str, files: impl Iterator<Item = (&'f str, &'f Stamp)>) -> Result<Vec<u8>, WriteError> {
    let write = || {
        let mut bytes = b"{\"version\":1,\"files\":".to_vec();
        serde_json::Serializer::new(&mut bytes).collect_map(files)?;
        bytes.extend_from_slice(b"}\n");
        Ok(bytes)
    };
    write().map_err(|error: serde_json::Error| WriteError::Io {
        action: "write",
        path: name.into(),
        source: error.into(),
    })
}

/// Tells whether a listed path stays below the output.
pub(crate) fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.starts_with('/')
        && path.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
}
