//! The trees that were handed over last, kept in `.jianfan/published/` so that one can go back.
//!
//! Files are linked, so a kept tree takes no room but for its folders. Where links are not possible they are copied.

use std::path::{Path, PathBuf};

use super::record::Record;
use super::tree::{Item, Tree};
use super::{PublishError, folder};
use crate::config::Config;
use crate::site::MANIFEST;

fn place(config: &Config, kind: &str, which: &str) -> PathBuf {
    config.root.join(".jianfan/published").join(kind).join(which)
}

/// Keeps a tree as the current one, and the one before it as the previous one.
pub(super) fn keep(config: &Config, kind: &str, tree: &Tree) -> Result<(), PublishError> {
    let (current, previous, new) =
        (place(config, kind, "current"), place(config, kind, "previous"), place(config, kind, "new"));
    let record = Record::of(tree);
    if std::fs::read(current.join(MANIFEST)).ok().and_then(|bytes| Record::parse(&bytes)).as_ref() == Some(&record) {
        return Ok(());
    }
    remove(&new)?;
    for (path, item) in &tree.files {
        link(&item.from, &new.join(path))?;
    }
    folder::replace(&new.join(MANIFEST), &record.bytes())?;
    if current.exists() {
        remove(&previous)?;
        std::fs::rename(&current, &previous).map_err(PublishError::io("rename", &current))?;
    }
    std::fs::rename(&new, &current).map_err(PublishError::io("rename", &new))
}

/// The tree that was handed over before the current one.
pub(super) fn previous(config: &Config, kind: &str) -> Result<Tree, PublishError> {
    let folder = place(config, kind, "previous");
    let known = std::fs::read(folder.join(MANIFEST)).ok().and_then(|bytes| Record::parse(&bytes));
    let record = known.ok_or_else(|| {
        PublishError::Setting(format!(
            "nothing to go back to: `{}` holds no earlier site; it is kept from the second `publish {kind}` on, on the machine that published",
            folder.display()
        ))
    })?;
    let files = record.files.into_iter().map(|(path, stamp)| {
        let from = folder.join(&path);
        (path, Item { from, stamp })
    });
    let mut tree = Tree { files: files.collect() };
    // A tree that another version of the program kept is known by its sizes only.
    tree.files.values_mut().filter(|item| item.stamp.hash.is_none()).try_for_each(Item::check)?;
    Ok(tree)
}

/// Lets the current and the previous tree change places.
pub(super) fn turn(config: &Config, kind: &str) -> Result<(), PublishError> {
    let (current, previous, new) =
        (place(config, kind, "current"), place(config, kind, "previous"), place(config, kind, "new"));
    remove(&new)?;
    for (from, to) in [(&previous, &new), (&current, &previous), (&new, &current)] {
        std::fs::rename(from, to).map_err(PublishError::io("rename", from))?;
    }
    Ok(())
}

fn remove(folder: &Path) -> Result<(), PublishError> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(PublishError::io("remove", folder)(error)),
        _ => Ok(()),
    }
}

fn link(from: &Path, to: &Path) -> Result<(), PublishError> {
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder).map_err(PublishError::io("make", folder))?;
    }
    if std::fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    std::fs::copy(from, to).map(|_| ()).map_err(PublishError::io("copy", from))
}
