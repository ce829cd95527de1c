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

    /// The marks of some folders; none when one is not there.
    fn marks(&self, folders: &[&str]) -> Option<Vec<Mark>> {
        folders.iter().map(|folder| self.mark(folder)).collect()
    }

    fn mark(&self, folder: &str) -> Option<Mark> {
        let seen = self.seen(folder).filter(|seen| seen.folder)?;
        Some((seen.stamp.changed, seen.stamp.inode))
    }
}

/// When a folder changed, in nanoseconds since 1970, and its number.
type Mark = (i128, u64);

/// What is recorded of the folders of a tree.
struct OfTree {
    digest: Digest,
    newest: i128,
}

impl OfTree {
    fn new(folders: &[&str], marks: &[Mark]) -> Option<Self> {
        let newest = marks.iter().map(|mark| mark.0).max()?;
        Some(OfTree { digest: Digest::of_value(&(folders, marks)), newest })
    }
}

/// Two trees that are as a build left them.
#[derive(Debug)]
pub(super) struct Looked {
    /// What the file system says of each page of that build.
    pub(super) pages: Vec<Option<Seen>>,
    /// The marks of the folders of the output, in the order of [`folders`].
    output: Vec<Mark>,
    /// The marks of those of the twin.
    twin: Vec<Mark>,
}

impl Left {
    fn new(output: OfTree, twin: OfTree, behind: &[(String, bool)]) -> Self {
        Left { output: output.digest, twin: twin.digest, newest: output.newest, behind: behind.to_vec() }
    }

    /// Looks at two trees: the output with the files `paths`, sorted, and its twin.
    pub(super) fn look(output: &Path, twin: &Path, paths: &[&str], behind: &[(String, bool)]) -> Option<Self> {
        let look = |tree: &Path, folders: &[&str]| OfTree::new(folders, &Root::open(tree)?.marks(folders)?);
        let (output, twin) = rayon::join(
            || look(output, &folders(paths.iter().copied())),
            || look(twin, &folders(of_twin(paths, behind).into_iter())),
        );
        Some(Self::new(output?, twin?, behind))
    }

    /// Looks at two trees that have changed places after files of one of them became others; only folders that changed
    /// by that are looked at once more.
    ///
    /// `looked` is what was seen of them before, when the output had the files `before`, sorted; `apart` are the files
    /// that were written, linked or taken away in the tree that is the output now.
    pub(super) fn look_after(
        &self,
        looked: &Looked,
        before: &[&str],
        (output, twin): (&Path, &Path),
        paths: &[&str],
        (apart, behind): (&BTreeSet<&str>, &[(String, bool)]),
    ) -> Option<Self> {
        let look = |tree: &Path, folders: Vec<&str>, before: (Vec<&str>, &[Mark]), changed: &BTreeSet<&str>| {
            let marks = again(&Root::open(tree)?, &folders, (&before.0, before.1), changed)?;
            OfTree::new(&folders, &marks)
        };
        let output_now = || {
            let was_twin = folders(of_twin(before, &self.behind).into_iter());
            let changed = folders(apart.iter().copied()).into_iter().collect();
            look(output, folders(paths.iter().copied()), (was_twin, &looked.twin), &changed)
        };
        // What was the output has only another name.
        let twin_now = || {
            let was_output = folders(before.iter().copied());
            let now = folders(of_twin(paths, behind).into_iter());
            look(twin, now, (was_output, &looked.output), &BTreeSet::from([""]))
        };
        let (output, twin) = rayon::join(output_now, twin_now);
        Some(Self::new(output?, twin?, behind))
    }

    /// Looks at both trees; none when one is not as it was left. `paths` are the files of the output, sorted; its pages are
    /// not looked at.
    pub(super) fn look_again(&self, output: &Path, twin: &Path, paths: &[&str]) -> Option<Looked> {
        let (of_output, of_twin) = (folders(paths.iter().copied()), folders(of_twin(paths, &self.behind).into_iter()));
        let marks = [Root::open(output)?.marks(&of_output)?, Root::open(twin)?.marks(&of_twin)?];
        let now = Self::new(OfTree::new(&of_output, &marks[0])?, OfTree::new(&of_twin, &marks[1])?, &self.behind);
        // What came into a folder right after it was recorded may have left its time alone.
        let since = self.newest - TICK;
        let mut young = of_output.iter().zip(&marks[0]).filter(|(_, mark)| mark.0 >= since);
        let same =
            now == *self && young.all(|(folder, _)| entries(output, folder).as_ref() == Some(&children(paths, folder)));
        let [output, twin] = marks;
        same.then_some(Looked { pages: Vec::new(), output, twin })
    }
}

/// The marks of some folders of a tree: those that it had before are known, but for those that changed.
fn again(root: &Root, folders: &[&str], before: (&[&str], &[Mark]), changed: &BTreeSet<&str>) -> Option<Vec<Mark>> {
    let mut before = before.0.iter().zip(before.1).peekable();
    let mark = |folder: &&str| {
        while before.next_if(|(other, _)| *other != folder && precedes(other, folder)).is_some() {}
        let known = before.next_if(|(other, _)| *other == folder).filter(|_| !changed.contains(folder));
        known.map_or_else(|| root.mark(folder), |(_, mark)| Some(*mark))
    };
    folders.iter().map(mark).collect()
}

/// Tells whether a folder comes before another one in the order of [`folders`].
fn precedes(folder: &str, other: &str) -> bool {
    match (folder.is_empty(), other.is_empty()) {
        (one, two) if one || two => one && !two,
        _ => folder.bytes().chain([b'/']).lt(other.bytes().chain([b'/'])),
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
    let mut behind = behind.iter().map(|(path, has)| (path.as_str(), *has)).peekable();
    let mut all = Vec::with_capacity(paths.len() + behind.len());
    for &path in paths {
        while let Some((own, has)) = behind.next_if(|(own, _)| *own < path) {
            all.extend(has.then_some(own));
        }
        let has = behind.next_if(|(own, _)| *own == path).is_none_or(|(_, has)| has);
        all.extend(has.then_some(path));
    }
    all.extend(behind.filter(|(_, has)| *has).map(|(own, _)| own));
    all
}

/// The folders of some files, those above before those below; the top is an empty path. `paths` must be sorted.
pub(super) fn folders<'p>(paths: impl Iterator<Item = &'p str>) -> Vec<&'p str> {
    let mut folders = vec![""];
    let mut before = "";
    for path in paths {
        let known = shared(path.as_bytes(), before.as_bytes());
        folders.extend(memchr::memchr_iter(b'/', &path.as_bytes()[known..]).map(|at| &path[..known + at]));
        before = path;
    }
    folders
}

/// How many bytes are the same at the beginning of both.
fn shared(one: &[u8], other: &[u8]) -> usize {
    const STEP: usize = 16;
    let steps = one.chunks_exact(STEP).zip(other.chunks_exact(STEP)).take_while(|(a, b)| a == b).count() * STEP;
    steps + one[steps..].iter().zip(&other[steps..]).take_while(|(a, b)| a == b).count()
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
        assert!(folders(PATHS.into_iter()).is_sorted_by(|a, b| precedes(a, b)));
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
        let left = || Left::look(&output, &twin, &PATHS, &[("c".to_owned(), true)]).unwrap();
        let first = left();
        let holds = |left: &Left| left.look_again(&output, &twin, &PATHS).is_some();
        assert!(holds(&first));
        // The folder is listed, too, so that it does not matter how fast this is.
        std::fs::write(output.join("a/b/foreign"), "").unwrap();
        assert!(!holds(&left()) && !holds(&first));
        std::fs::remove_file(output.join("a/b/foreign")).unwrap();
        assert!(holds(&left()));
        let second = left();
        std::fs::remove_dir_all(twin.join("a/b/1")).unwrap();
        assert!(!holds(&second));
    }
}
