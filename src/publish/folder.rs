//! A folder of this machine, which a web server or a synchronised disk shows to others.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::hand_over::{Parcel, Target};
use super::record::Record;
use super::settings::FolderSettings;
use super::tree::Tree;
use super::{Mode, PublishError};
use crate::config::Config;
use crate::site::{self, MANIFEST, Stamp};

pub(super) struct Folder {
    folder: PathBuf,
}

impl Folder {
    /// A folder, if a site may stand there.
    pub(super) fn new(config: &Config, settings: &FolderSettings, mode: Mode) -> Result<Self, PublishError> {
        let folder = config.root.join(&settings.to);
        site::refuse_place(config, &folder)?;
        let (here, output) = (real(&folder), real(&config.output));
        if here.starts_with(&output) || output.starts_with(&here) {
            return Err(PublishError::Setting(format!(
                "cannot publish into `{}`: it is the folder the site is built in, or holds it; name another one with --to",
                folder.display()
            )));
        }
        if folder.exists() && !folder.is_dir() {
            return Err(PublishError::Setting(format!(
                "cannot publish into `{}`: it is a file; name a folder with --to",
                folder.display()
            )));
        }
        if !mode.dry_run {
            std::fs::create_dir_all(&folder).map_err(PublishError::io("make", &folder))?;
        }
        Ok(Folder { folder })
    }
}

/// The real path of a folder; as written where it does not exist yet.
fn real(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute.canonicalize().unwrap_or(absolute)
}

/// Writes a file in one step: whoever reads it sees the old bytes or the new ones.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), PublishError> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(PublishError::io("make", folder))?;
    }
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".jianfan-new");
    let new = path.with_file_name(name);
    let write = || {
        let mut file = File::create(&new)?;
        file.write_all(bytes)?;
        std::fs::rename(&new, path)
    };
    write().map_err(|error| {
        let _ = std::fs::remove_file(&new);
        PublishError::io("write", path)(error)
    })
}

/// Removes files, and folders that are empty after it.
fn remove(root: &Path, paths: &[String]) -> Result<(), PublishError> {
    for path in paths {
        let file = root.join(path);
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(PublishError::io("remove", &file)(error));
            }
            _ => {}
        }
        // A folder that still holds something refuses, and so do all above it.
        let folders = file.ancestors().skip(1).take_while(|folder| *folder != root);
        for folder in folders {
            if std::fs::remove_dir(folder).is_err() {
                break;
            }
        }
    }
    Ok(())
}

fn holds(path: &Path, stamp: &Stamp) -> bool {
    let file = File::open(path);
    file.and_then(|file| Stamp::of_reader(file, &mut std::io::sink())).is_ok_and(|found| found == *stamp)
}

impl Target for Folder {
    fn name(&self) -> String {
        self.folder.display().to_string()
    }

    fn record(&self) -> Result<Option<Record>, PublishError> {
        let path = self.folder.join(MANIFEST);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Record::parse(&bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(PublishError::io("read", &path)(error)),
        }
    }

    fn stranger(&self) -> Result<Option<String>, PublishError> {
        let Ok(mut entries) = std::fs::read_dir(&self.folder) else { return Ok(None) };
        Ok(entries.find_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned())))
    }

    fn present(&self, parcels: &[Parcel<'_>]) -> Result<BTreeSet<String>, PublishError> {
        let whole = parcels.par_iter().filter(|(path, item)| holds(&self.folder.join(path), &item.stamp));
        Ok(whole.map(|(path, _)| (*path).to_owned()).collect())
    }

    fn put(&self, parcels: &[Parcel<'_>]) -> Result<(), PublishError> {
        parcels.par_iter().try_for_each(|(path, item)| replace(&self.folder.join(path), &item.read()?))
    }

    fn put_record(&self, record: &Record) -> Result<(), PublishError> {
        replace(&self.folder.join(MANIFEST), &record.bytes())
    }

    fn delete(&self, paths: &[String]) -> Result<(), PublishError> {
        remove(&self.folder, paths)
    }

    fn problems(&self, tree: &Tree, gone: &[String]) -> Result<Vec<String>, PublishError> {
        let wrong = tree.files.par_iter().filter(|(path, item)| !holds(&self.folder.join(path), &item.stamp));
        let mut problems: Vec<String> = wrong.map(|(path, _)| format!("`{path}` has other bytes, or none")).collect();
        let left = gone.iter().filter(|path| self.folder.join(path).is_file());
        problems.extend(left.map(|path| format!("`{path}` is still there")));
        Ok(problems)
    }
}
