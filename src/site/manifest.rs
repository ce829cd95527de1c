//! The list of files a build wrote: what it may delete next time, and what it need not write again.

use std::collections::BTreeMap;
use std::path::Path;

use rayon::prelude::*;
use serde::{Deserialize, Serialize, Serializer};
use twox_hash::XxHash3_128;

use super::WriteError;
use super::disk::Disk;
use super::shard::{self, Shard};

/// Name of the manifest in the output.
pub const NAME: &str = ".jianfan-manifest.json";

/// Version of the list that is written; those before it have digests of another kind.
pub(crate) const VERSION: u32 = 2;

/// Size and digest of one file.
///
/// The digest is XXH3's with 128 bits. It tells a change, and stamps are only compared that belong to one path: whoever
/// crafts two pages with one digest keeps a page of his own from being written again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// Bytes.
    pub size: u64,
    /// The digest, in lists as hexadecimal; none where it is not known.
    #[serde(with = "hexadecimal")]
    pub hash: Option<[u8; 16]>,
}

impl Stamp {
    /// The stamp of bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self::new(bytes.len() as u64, XxHash3_128::oneshot(bytes))
    }

    /// The stamp of what a reader gives, which is written to `copy`: a film in `static/` is larger than memory should be.
    ///
    /// # Errors
    /// When reading or writing fails.
    pub fn of_reader(mut from: impl std::io::Read, copy: &mut dyn std::io::Write) -> std::io::Result<Self> {
        let (mut hash, mut size) = (XxHash3_128::new(), 0);
        let mut buffer = vec![0; 256 << 10];
        loop {
            let count = from.read(&mut buffer)?;
            if count == 0 {
                return Ok(Self::new(size, hash.finish_128()));
            }
            size += count as u64;
            hash.write(&buffer[..count]);
            copy.write_all(&buffer[..count])?;
        }
    }

    fn new(size: u64, hash: u128) -> Self {
        Stamp { size, hash: Some(hash.to_be_bytes()) }
    }
}

/// Digests in lists that people may read, and as plain bytes in others.
mod hexadecimal {
    use std::borrow::Cow;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(hash: &Option<[u8; 16]>, serializer: S) -> Result<S::Ok, S::Error> {
        match hash {
            _ if !serializer.is_human_readable() => hash.serialize(serializer),
            Some(hash) => serializer.collect_str(&format_args!("{:032x}", u128::from_be_bytes(*hash))),
            None => serializer.serialize_str(""),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<[u8; 16]>, D::Error> {
        if !deserializer.is_human_readable() {
            return Option::deserialize(deserializer);
        }
        let text = Cow::<str>::deserialize(deserializer)?;
        Ok(u128::from_str_radix(&text, 16).ok().map(u128::to_be_bytes))
    }
}

/// Forgets digests of another kind than ours.
pub(crate) fn forget_others<'f>(version: u32, files: impl Iterator<Item = &'f mut Stamp>) {
    if version < VERSION {
        files.for_each(|stamp| stamp.hash = None);
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
    Manifest::parse(bytes).files
}

/// The files of a build.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Manifest {
    /// Version of this format; what has none is no manifest.
    version: u32,
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

    /// Tells whether it has to be written anew even if no file changes.
    pub(super) fn is_outdated(&self) -> bool {
        self.exists && self.version < VERSION
    }

    /// Reads a list; an empty one when the bytes are none.
    fn parse(bytes: &[u8]) -> Self {
        let mut manifest: Manifest = serde_json::from_slice(bytes).unwrap_or_default();
        // A damaged list must not make the build delete what lies outside the output.
        manifest.files.retain(|path, _| is_inside(path));
        forget_others(manifest.version, manifest.files.values_mut());
        manifest
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
                let mut manifest = Self::parse(&bytes);
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
pub(super) fn text(name: &str, files: &[(&str, &Stamp)]) -> Result<Vec<u8>, WriteError> {
    let part = |files: &[(&str, &Stamp)]| -> serde_json::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(128 * files.len());
        serde_json::Serializer::new(&mut bytes).collect_map(files.iter().copied())?;
        Ok(bytes)
    };
    let write = || {
        let parts: Vec<Vec<u8>> = files.par_chunks(PART).map(part).collect::<Result<_, _>>()?;
        // Each part is a mapping of its own: what stands between its braces goes into one.
        let inner: Vec<&[u8]> = parts.iter().map(|part| &part[1..part.len() - 1]).collect();
        let mut bytes = format!("{{\"version\":{VERSION},\"files\":{{").into_bytes();
        bytes.extend_from_slice(&inner.join(&b','));
        bytes.extend_from_slice(b"}}\n");
        Ok(bytes)
    };
    write().map_err(|error: serde_json::Error| WriteError::Io {
        action: "write",
        path: name.into(),
        source: error.into(),
    })
}

/// Files of a part of a manifest that is written at once.
const PART: usize = 4096;

/// Tells whether a listed path stays below the output.
pub(crate) fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.starts_with('/')
        && path.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
}
