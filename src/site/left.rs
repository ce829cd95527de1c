//! How a build leaves the folders of the two trees, so that the next one need not list them.
//!
//! A folder's inode changes with every entry that is added, renamed or taken away, and nobody can set the time of that.
//! So where all folders of the output and of its twin are as they were left, the files in them are those that were left,
//! and it is enough to look at each of them by name. That is recorded only of trees that hold nothing of others, and where
//! files that both trees have are one file with two names. Anything unexpected means that the trees are listed as if
//! nothing were known.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

use rayon::prelude::*;
use rustix::fs::AtFlags;
use serde::{Deserialize, Serialize};

use crate::cache::Seen;
use crate::digest::Digest;

/// The trees as a build left them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Left {
    /// The folders of the output.
    output: Digest,
    /// The folders of the twin.
    twin: Digest,
    /// The newest change of a folder of the output, in nanoseconds since 1970.
    newest: i128,
    /// Files the two trees do not share, sorted by path; true for those that the twin has in some form.
    pub(super) behind: Vec<(String, bool)>,
}

/// Nanoseconds in which a folder may change once more without another time.
const TICK: i128 = 20_000_000;

/// A tree whose files are looked at by name.
pub(super) struct Root(File);

impl Root {
    /// Opens the folder at the top of a tree; none when there is no folder.
    pub(super) fn open(folder: &Path) -> Option<Self> {
        Some(Root(File::open(folder).ok()?))
    }

    /// What the file system says of the file at a path, links not followed.
    pub(super) fn seen(&self, path: &str) -> Option<Seen> {
        let path = if path.is_empty() { "." } else { path };
        Some(Seen::from(&rustix::fs::statat(&self.0, path, AtFlags::SYMLINK_NOFOLLOW).ok()?))
    }

    /// Change and number of each of some folders; none when one is not there.
    fn folders(&self, folders: &[&str]) -> Option<Vec<(i128, u64)>> {
        let stamp = |folder: &&str| {
            let seen = self.seen(folder).filter(|seen| seen.folder)?;
            Some((seen.stamp.changed, seen.stamp.inode))
        };
        folders.par_iter().with_min_len(256).map(stamp).collect()
    }
}

impl Left {
    /// Looks at two trees: the output with the files `paths`, sorted, and its twin.
    pub(super) fn look(output: &Path, twin: &Path, paths: &[&str], behind: Vec<(String, bool)>) -> Option<Self> {
        Some(Self::look_at(output, twin, paths, behind, None)?.0)
    }

    /// Looks at two trees; tells, too, the folders of the output that changed no earlier than `since`.
    fn look_at<'p>(
        output: &Path,
        twin: &Path,
        paths: &[&'p str],
        behind: Vec<(String, bool)>,
        since: Option<i128>,
    ) -> Option<(Self, Vec<&'p str>)> {
        let folders_of_output = folders(paths.iter().copied());
        let stamps = Root::open(output)?.folders(&folders_of_output)?;
        let newest = stamps.iter().map(|stamp| stamp.0).max()?;
        let young =
            folders_of_output.iter().zip(&stamps).filter(|(_, stamp)| since.is_some_and(|since| stamp.0 >= since));
        let young = young.map(|(folder, _)| *folder).collect();
        let of_output = Digest::of_value(&(&folders_of_output, stamps));
        let paths = of_twin(paths, &behind);
        let folders = folders(paths.into_iter());
        let stamps = Root::open(twin)?.folders(&folders)?;
        let of_twin = Digest::of_value(&(folders, stamps));
        Some((Left { output: of_output, twin: of_twin, newest, behind }, young))
    }

    /// Tells whether both trees are as they were left; `paths` are the files of the output, sorted.
    pub(super) fn holds(&self, output: &Path, twin: &Path, paths: &[&str]) -> bool {
        let since = self.newest - TICK;
        let now = Left::look_at(output, twin, paths, self.behind.clone(), Some(since));
        // What came into a folder right after it was recorded may have left its time alone.
        now.is_some_and(|(now, young)| {
            now == *self
                && young.iter().all(|folder| entries(output, folder).as_ref() == Some(&children(paths, folder)))
        })
    }
}

/// The names in a folder.
fn entries(output: &Path, folder: &str) -> Option<BTreeSet<String>> {
    let entries = std::fs::read_dir(output.join(folder)).ok()?;
    entries.map(|entry| entry.ok()?.file_name().into_string().ok()).collect()
}

/// The names that some files, sorted by path, give to a folder.
fn children(paths: &[&str], folder: &str) -> BTreeSet<String> {
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let mut names = BTreeSet::new();
    let mut rest = &paths[paths.partition_point(|path| *path < prefix.as_str())..];
    while let Some(below) = rest.first().and_then(|path| path.strip_prefix(prefix.as_str())) {
        let name = below.split('/').next().unwrap_or(below);
        let all = format!("{prefix}{name}/");
        names.insert(name.to_owned());
        // All files of a folder stand together.
        rest = &rest[rest.partition_point(|path| path.starts_with(&all)).max(1)..];
    }
    names
}

/// The files of the twin, sorted.
fn of_twin<'p>(paths: &[&'p str], behind: &'p [(String, bool)]) -> Vec<&'p str> {
    let apart: BTreeSet<&str> = behind.iter().map(|(path, _)| path.as_str()).collect();
    let mut all: Vec<&str> = paths.iter().copied().filter(|path| !apart.contains(path)).collect();
    all.extend(behind.iter().filter(|(_, has)| *has).map(|(path, _)| path.as_str()));
    all.sort_unstable();
    all
}

/// The folders of some files, those above before those below; the top is an empty path. `paths` must be sorted.
pub(super) fn folders<'p>(paths: impl Iterator<Item = &'p str>) -> Vec<&'p str> {
    let mut folders = vec![""];
    let mut before = "";
    for path in paths {
        let shared = path.bytes().zip(before.bytes()).take_while(|(a, b)| a == b).count();
        folders.extend(path.match_indices('/').map(|(at, _)| at).filter(|&at| at >= shared).map(|at| &path[..at]));
        before = path;
    }
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATHS: [&str; 6] = [".list", "a-b/x", "a/b/1/x", "a/b/2/x", "a/b/2/y", "c"];

    #[test]
    fn each_folder_is_named_once() {
        assert_eq!(folders(PATHS.into_iter()), ["", "a-b", "a", "a/b", "a/b/1", "a/b/2"]);
        let names = |folder| children(&PATHS, folder).into_iter().collect::<Vec<_>>();
        assert_eq!(names(""), [".list", "a", "a-b", "c"]);
        assert_eq!(names("a/b"), ["1", "2"]);
        assert_eq!(names("a/b/2"), ["x", "y"]);
    }

    #[test]
    fn a_change_of_either_tree_is_seen() {
        let work = tempfile::tempdir().unwrap();
        let (output, twin) = (work.path().join("output"), work.path().join("twin"));
        for path in PATHS {
            for tree in [&output, &twin] {
                let file = tree.join(path);
                std::fs::create_dir_all(file.parent().unwrap()).unwrap();
                std::fs::write(file, path).unwrap();
            }
        }
        let left = || Left::look(&output, &twin, &PATHS, vec![("c".to_owned(), true)]).unwrap();
        let first = left();
        assert!(first.holds(&output, &twin, &PATHS));
        // The folder is listed, too, so that it does not matter how fast this is.
        std::fs::write(output.join("a/b/foreign"), "").unwrap();
        assert!(!left().holds(&output, &twin, &PATHS) && !first.holds(&output, &twin, &PATHS));
        std::fs::remove_file(output.join("a/b/foreign")).unwrap();
        assert!(left().holds(&output, &twin, &PATHS));
        let second = left();
        std::fs::remove_dir_all(twin.join("a/b/1")).unwrap();
        assert!(!second.holds(&output, &twin, &PATHS));
    }
}
