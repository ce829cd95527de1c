//! Which folders may hold a site.

use std::io::Read;
use std::path::{Component, Path, PathBuf};

use super::WriteError;
use super::manifest::{NAME, Stamp};
use super::shard::is_manifest;
use crate::config::Config;

/// Refuses an output that would endanger other files, before any write.
///
/// # Errors
/// [`WriteError::Refused`] with the reason.
pub fn refuse(config: &Config, output: &Path) -> Result<(), WriteError> {
    refuse_place(config, output)?;
    let Ok(metadata) = std::fs::symlink_metadata(output) else { return Ok(()) };
    if metadata.file_type().is_symlink() {
        return refused(output, "it is a link; a build replaces the folder itself");
    }
    if !metadata.is_dir() {
        return refused(output, "it is a file");
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(output).map_err(WriteError::io("read", output))? {
        names.push(entry.map_err(WriteError::io("read", output))?.file_name().to_string_lossy().into_owned());
    }
    let ours = |name: &String| (name == NAME || is_manifest(name)) && output.join(name).is_file();
    if !names.is_empty() && !names.iter().any(ours) {
        return refused(output, "it is not empty and was not written by this program");
    }
    Ok(())
}

fn refused(output: &Path, reason: &str) -> Result<(), WriteError> {
    Err(WriteError::Refused { output: output.to_owned(), reason: reason.to_owned() })
}

/// Refuses a folder that files must not be written to whatever it holds: a root, a home, the site itself.
///
/// # Errors
/// [`WriteError::Refused`] with the reason.
pub fn refuse_place(config: &Config, output: &Path) -> Result<(), WriteError> {
    let refused = |reason: &str| refused(output, reason);
    let real = resolve(output);
    if real.parent().is_none() {
        return refused("it is the root of the file system");
    }
    if home().is_some_and(|home| resolve(&home) == real) {
        return refused("it is your home folder");
    }
    let root = resolve(&config.root);
    if root.starts_with(&real) {
        return refused("it is the site's own folder, or holds it");
    }
    let guarded = [(&config.content_dir, "content"), (&config.static_dir, "static"), (&root.join("themes"), "themes")];
    for (folder, name) in guarded {
        let folder = resolve(folder);
        if real.starts_with(&folder) || folder.starts_with(&real) {
            return refused(&format!("it is the folder of the site's {name}, or lies in it"));
        }
    }
    for name in [".git", ".jianfan"] {
        if real.starts_with(root.join(name)) {
            return refused("it lies in a folder of the site's tools");
        }
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "only to refuse the home folder as output; no output depends on it")]
fn home() -> Option<PathBuf> {
    std::env::var("HOME").ok().filter(|home| !home.is_empty()).map(PathBuf::from)
}

/// The real path of what may not exist yet: links of the existing part are followed.
fn resolve(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut plain = PathBuf::new();
    for part in absolute.components() {
        match part {
            Component::ParentDir => {
                plain = plain.canonicalize().unwrap_or(plain);
                plain.pop();
            }
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    let mut missing = Vec::new();
    let mut existing = plain.as_path();
    loop {
        if let Ok(real) = existing.canonicalize() {
            return missing.iter().rev().fold(real, |path, part| path.join(part));
        }
        let (Some(parent), Some(name)) = (existing.parent(), existing.file_name()) else { return plain };
        missing.push(name.to_owned());
        existing = parent;
    }
}

/// Tells whether a file of the output has the content of a stamp.
pub(super) fn holds(output: &Path, path: &str, stamp: &Stamp) -> bool {
    let held = super::open_regular(&output.join(path)).and_then(|held| Stamp::of_reader(held, &mut std::io::sink()));
    held.is_ok_and(|held| held == *stamp)
}

/// The bytes of a file of the output, if it has it.
pub(super) fn read(output: &Path, path: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    super::open_regular(&output.join(path)).ok()?.read_to_end(&mut bytes).ok()?;
    Some(bytes)
}
