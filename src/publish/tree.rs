//! The files that are handed over: those of a build, and packed ones made from them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::PublishError;
use crate::digest::Digest;
use crate::host::Packing;
use crate::site::{self, Stamp};

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Where its bytes are.
    pub from: PathBuf,
    /// What they must be.
    pub stamp: Stamp,
}

/// All files of a site, by path below its address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// Path to file.
    pub files: BTreeMap<String, Item>,
}

impl Tree {
    /// Reads the list of an output and every file in it: what is not what was built is not published.
    ///
    /// # Errors
    /// [`PublishError::Damaged`] with the first file that differs.
    pub fn of_output(output: &Path) -> Result<Self, PublishError> {
        let listing = site::listing(output)?;
        let files = listing.into_iter().map(|(path, stamp)| {
            let from = output.join(&path);
            (path, Item { from, stamp })
        });
        let mut tree = Tree { files: files.collect() };
        tree.files.par_iter_mut().try_for_each(|(_, item)| item.check())?;
        Ok(tree)
    }

    /// Adds packed forms of what is worth it, kept in `folder` by digest so that only changed files are packed again.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn pack(&mut self, packing: Packing, folder: &Path) -> Result<(), PublishError> {
        if packing == Packing::default() {
            return Ok(());
        }
        std::fs::create_dir_all(folder).map_err(PublishError::io("make", folder))?;
        let worth = self.files.par_iter().filter(|(path, item)| is_worth_packing(path, item.stamp.size));
        let packed: Vec<(String, Item)> = worth
            .map(|(path, item)| {
                let mut packed = Vec::new();
                for form in packing.forms() {
                    // By path, too: a page is never handed over in place of another.
                    let name = Digest::of_value(&(path, &item.stamp));
                    let from = folder.join(format!("{name:?}.{}", form.extension()));
                    let stamp = pack_file(item, form, &from)?;
                    if stamp.size < item.stamp.size {
                        packed.push((format!("{path}.{}", form.extension()), Item { from, stamp }));
                    }
                }
                Ok(packed)
            })
            .collect::<Result<Vec<_>, PublishError>>()?
            .concat();
        for (path, item) in packed {
            self.files.entry(path).or_insert(item);
        }
        Ok(())
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files.values().map(|item| item.stamp.size).sum()
    }
}

impl Item {
    /// Reads the bytes and compares them with the stamp; what it does not tell is taken as it is.
    pub(super) fn check(&mut self) -> Result<(), PublishError> {
        let damaged = |why| PublishError::Damaged { path: self.from.clone(), why };
        match File::open(&self.from) {
            Ok(file) => {
                let found =
                    Stamp::of_reader(file, &mut std::io::sink()).map_err(PublishError::io("read", &self.from))?;
                let known = self.stamp.hash.or(found.hash);
                if found != (Stamp { hash: known, ..self.stamp }) {
                    return Err(damaged("its bytes changed"));
                }
                self.stamp = found;
                Ok(())
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(damaged("it is gone")),
            Err(error) => Err(PublishError::io("read", &self.from)(error)),
        }
    }

    /// Reads the bytes; a build that replaced the output meanwhile is noticed.
    pub(super) fn read(&self) -> Result<Vec<u8>, PublishError> {
        let bytes = std::fs::read(&self.from).map_err(PublishError::io("read", &self.from))?;
        if Stamp::of(&bytes) != self.stamp {
            return Err(PublishError::Damaged {
                path: self.from.clone(),
                why: "it changed while the site was published",
            });
        }
        Ok(bytes)
    }
}

/// A packed form of a file, as a server sends it to a browser that asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Gzip,
    Brotli,
}

impl Form {
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Form::Gzip => "gz",
            Form::Brotli => "br",
        }
    }

    fn pack(self, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
        match self {
            Form::Gzip => {
                // No time and no name in the head: the same bytes pack to the same bytes.
                let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
                writer.write_all(bytes)?;
                writer.finish()
            }
            Form::Brotli => {
                // The last two steps of quality take ten times as long for a fiftieth of the size.
                let params =
                    brotli::enc::BrotliEncoderParams { quality: 9, size_hint: bytes.len(), ..Default::default() };
                let mut packed = Vec::new();
                brotli::BrotliCompress(&mut &bytes[..], &mut packed, &params)?;
                Ok(packed)
            }
        }
    }
}

/// Files below this size fit one packet as they are.
const WORTH: u64 = 1024;

fn is_worth_packing(path: &str, size: u64) -> bool {
    let extension = path.rsplit('.').next().unwrap_or_default();
    let text = matches!(extension, "html" | "css" | "js" | "json" | "xml" | "svg" | "txt" | "opml" | "bin");
    // What stands in a file that hosts read themselves is never sent to a browser.
    text && size >= WORTH && !path.starts_with(['_', '.'])
}

/// Packs a file unless it was packed before; gives the stamp of the packed one.
fn pack_file(item: &Item, form: Form, to: &Path) -> Result<Stamp, PublishError> {
    if let Ok(file) = File::open(to) {
        return Stamp::of_reader(file, &mut std::io::sink()).map_err(PublishError::io("read", to));
    }
    let packed = form.pack(&item.read()?).map_err(PublishError::io("pack", &item.from))?;
    super::folder::replace(to, &packed)?;
    Ok(Stamp::of(&packed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packing_is_kept_and_the_same_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let page = folder.path().join("page");
        let text = "兰州".repeat(1000);
        std::fs::write(&page, &text).unwrap();
        let item = |stamp| Item { from: page.clone(), stamp };
        let mut tree = Tree::default();
        tree.files.insert("a/index.html".into(), item(Stamp::of(text.as_bytes())));
        tree.files.insert("_headers.txt".into(), item(Stamp::of(text.as_bytes())));
        let mut again = tree.clone();
        tree.pack(Packing { gzip: true, brotli: true }, &folder.path().join("packed")).unwrap();
        let paths: Vec<&String> = tree.files.keys().collect();
        assert_eq!(paths, ["_headers.txt", "a/index.html", "a/index.html.br", "a/index.html.gz"]);
        let mut unpacked = Vec::new();
        let packed = std::fs::read(&tree.files["a/index.html.br"].from).unwrap();
        brotli::BrotliDecompress(&mut packed.as_slice(), &mut unpacked).unwrap();
        assert_eq!(unpacked, text.as_bytes());
        again.pack(Packing { gzip: true, brotli: true }, &folder.path().join("other")).unwrap();
        let stamps = |tree: &Tree| tree.files.values().map(|item| item.stamp).collect::<Vec<_>>();
        assert_eq!(stamps(&tree), stamps(&again));
    }
}
