//! Changes to editors' files: shown before they are made, made whole, refused when somebody else was faster.
//!
//! Takes what files hold and what they shall hold; gives a diff, and writes. Each file is at any moment the old or the
//! new one, and when one cannot be written the others are put back. Nothing outside a site is touched.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// A file and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The file.
    pub path: PathBuf,
    /// Its path below the root of the site, with `/`, for people.
    pub shown: String,
    /// What it held when the change was thought out; none when there was no file.
    pub before: Option<String>,
    /// What it shall hold; none when it goes.
    pub after: Option<String>,
}

/// Why no file was changed.
#[derive(Debug, thiserror::Error)]
pub enum EditsError {
    /// A file cannot be read or written.
    #[error("cannot {action} `{path}`: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is no text.
    #[error("`{0}` is not UTF-8; save it as UTF-8 first")]
    NotText(PathBuf),
    /// A file was changed since.
    #[error("`{0}` was changed meanwhile; look at it again")]
    Changed(String),
    /// A file lies elsewhere.
    #[error("`{0}` leads out of the site; nothing was changed")]
    Outside(String),
}

/// Reads a text file; none when there is no such file.
///
/// # Errors
/// When it cannot be read, or is no UTF-8.
pub fn read(path: &Path) -> Result<Option<String>, EditsError> {
    match fs::read(path) {
        Ok(bytes) => String::from_utf8(bytes).map(Some).map_err(|_| EditsError::NotText(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(EditsError::Io { action: "read", path: path.to_owned(), source }),
    }
}

impl Change {
    /// The change as a unified diff with the names of the file; empty when nothing changes.
    pub fn diff(&self) -> String {
        let hunks = diff(self.before.as_deref().unwrap_or_default(), self.after.as_deref().unwrap_or_default());
        if hunks.is_empty() {
            return hunks;
        }
        let name = |prefix: &str, side: &Option<String>| match side {
            Some(_) => format!("{prefix}/{}", self.shown),
            None => "/dev/null".to_owned(),
        };
        format!("--- {}\n+++ {}\n{hunks}", name("a", &self.before), name("b", &self.after))
    }

    /// The change that undoes this one.
    #[must_use]
    pub fn undone(&self) -> Change {
        Change { before: self.after.clone(), after: self.before.clone(), ..self.clone() }
    }
}

/// Lines around a change that are shown.
const CONTEXT: usize = 3;

/// The hunks that make one text of another, as a unified diff without names.
pub fn diff(old: &str, new: &str) -> String {
    let (a, b): (Vec<&str>, Vec<&str>) = (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let mut out = String::new();
    for hunk in hunks(&a, &b) {
        out.push_str(&hunk);
    }
    out
}

/// A line of an edit script: kept, gone or new.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Kept(usize, usize),
    Gone(usize, usize),
    New(usize, usize),
}

fn hunks(a: &[&str], b: &[&str]) -> Vec<String> {
    let script = script(a, b);
    let changed: Vec<usize> =
        script.iter().enumerate().filter(|(_, l)| !matches!(l, Line::Kept(..))).map(|(at, _)| at).collect();
    let mut out = Vec::new();
    let mut at = 0;
    while at < changed.len() {
        let first = changed[at];
        while at + 1 < changed.len() && changed[at + 1] - changed[at] <= 2 * CONTEXT {
            at += 1;
        }
        let (from, to) = (first.saturating_sub(CONTEXT), (changed[at] + CONTEXT + 1).min(script.len()));
        out.push(hunk(&script[from..to], a, b));
        at += 1;
    }
    out
}

fn hunk(lines: &[Line], a: &[&str], b: &[&str]) -> String {
    let (Line::Kept(x, y) | Line::Gone(x, y) | Line::New(x, y)) = lines[0];
    let old = lines.iter().filter(|line| !matches!(line, Line::New(..))).count();
    let new = lines.iter().filter(|line| !matches!(line, Line::Gone(..))).count();
    // An empty side is named by the line before it.
    let start = |at: usize, count: usize| if count == 0 { at } else { at + 1 };
    let mut out = format!("@@ -{},{old} +{},{new} @@\n", start(x, old), start(y, new));
    for line in lines {
        let (sign, text) = match *line {
            Line::Kept(x, _) => (' ', a[x]),
            Line::Gone(x, _) => ('-', a[x]),
            Line::New(_, y) => ('+', b[y]),
        };
        out.push(sign);
        out.push_str(text);
        if !text.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
    out
}

/// The most cells of the table that finds common lines; larger middles are shown as replaced whole.
const CELLS: usize = 4_000_000;

/// An edit script: equal beginnings and ends first, then the longest common subsequence between them.
fn script(a: &[&str], b: &[&str]) -> Vec<Line> {
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let tail = a[head..].iter().rev().zip(b[head..].iter().rev()).take_while(|(x, y)| x == y).count();
    let (p, q) = (&a[head..a.len() - tail], &b[head..b.len() - tail]);
    let mut out: Vec<Line> = (0..head).map(|at| Line::Kept(at, at)).collect();
    let (mut x, mut y) = (0, 0);
    if p.len().saturating_mul(q.len()) <= CELLS {
        let wide = q.len() + 1;
        let mut best = vec![0u32; (p.len() + 1) * wide];
        for i in (0..p.len()).rev() {
            for j in (0..q.len()).rev() {
                let skip = best[(i + 1) * wide + j].max(best[i * wide + j + 1]);
                best[i * wide + j] = if p[i] == q[j] { best[(i + 1) * wide + j + 1] + 1 } else { skip };
            }
        }
        while x < p.len() && y < q.len() {
            if p[x] == q[y] {
                out.push(Line::Kept(head + x, head + y));
                (x, y) = (x + 1, y + 1);
            } else if best[(x + 1) * wide + y] >= best[x * wide + y + 1] {
                out.push(Line::Gone(head + x, head + y));
                x += 1;
            } else {
                out.push(Line::New(head + x, head + y));
                y += 1;
            }
        }
    }
    out.extend((x..p.len()).map(|x| Line::Gone(head + x, head + y)));
    out.extend((y..q.len()).map(|y| Line::New(head + p.len(), head + y)));
    let (x, y) = (a.len() - tail, b.len() - tail);
    out.extend((0..tail).map(|at| Line::Kept(x + at, y + at)));
    out
}

/// Makes all changes, or none.
///
/// # Errors
/// When a file is no longer as it was, lies outside the root, or cannot be written.
pub fn apply(root: &Path, changes: &[Change]) -> Result<(), EditsError> {
    for change in changes {
        refuse_outside(root, change)?;
        if read(&change.path)? != change.before {
            return Err(EditsError::Changed(change.shown.clone()));
        }
    }
    for (at, change) in changes.iter().enumerate() {
        if let Err(error) = place(change) {
            // The disk is failing: what can be put back is put back, and the first failure is what is told.
            for done in &changes[..at] {
                let _ = place(&done.undone());
            }
            return Err(error);
        }
    }
    Ok(())
}

/// Refuses a file that a link, in its own name or in a folder of it, puts outside the site.
fn refuse_outside(root: &Path, change: &Change) -> Result<(), EditsError> {
    let outside = || EditsError::Outside(change.shown.clone());
    let io = |source| EditsError::Io { action: "read", path: root.to_owned(), source };
    let root = root.canonicalize().map_err(io)?;
    let mut path = change.path.as_path();
    // What does not exist yet lies where its nearest folder lies.
    let real = loop {
        match path.canonicalize() {
            Ok(real) => break real,
            Err(_) => path = path.parent().ok_or_else(outside)?,
        }
    };
    let climbs = change.path.components().any(|part| part == std::path::Component::ParentDir);
    if real.starts_with(&root) && !climbs { Ok(()) } else { Err(outside()) }
}

/// Puts a file in its place, or takes it away.
fn place(change: &Change) -> Result<(), EditsError> {
    let io = |action| move |source| EditsError::Io { action, path: change.path.clone(), source };
    let Some(text) = &change.after else {
        return fs::remove_file(&change.path).map_err(io("remove"));
    };
    // Made here so that a folder that cannot be made is told from a file that cannot be written.
    fs::create_dir_all(change.path.parent().unwrap_or(Path::new("."))).map_err(io("make the folder of"))?;
    replace(&change.path, text).map_err(io("write"))
}

/// Writes a file so that it is at any moment whole: a second file beside it takes its place.
///
/// # Errors
/// What the system said; the old file is then as it was.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    // A link keeps pointing where it did.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.jianfan-new"));
    let written = fs::File::create(&beside).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        if let Ok(metadata) = fs::metadata(&path) {
            file.set_permissions(metadata.permissions())?;
        }
        file.sync_all()
    });
    let placed = written.and_then(|()| fs::rename(&beside, &path));
    if placed.is_err() {
        let _ = fs::remove_file(&beside);
    }
    placed
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn change(root: &Path, name: &str, before: Option<&str>, after: Option<&str>) -> Change {
        Change {
            path: root.join(name),
            shown: name.into(),
            before: before.map(Into::into),
            after: after.map(Into::into),
        }
    }

    #[test]
    fn shows_a_change_with_its_surroundings() {
        let c = change(Path::new("/x"), "a.md", Some("1\n2\n3\n4\n5\n6\n7\n8\n"), Some("1\n2\n3\n4\nfive\n6\n7\n8\n"));
        assert_eq!(c.diff(), "--- a/a.md\n+++ b/a.md\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
        let new = change(Path::new("/x"), "b.yaml", None, Some("a: 1"));
        assert_eq!(new.diff(), "--- /dev/null\n+++ b/b.yaml\n@@ -0,0 +1,1 @@\n+a: 1\n\\ No newline at end of file\n");
        assert_eq!(change(Path::new("/x"), "c", Some("a"), Some("a")).diff(), "");
    }

    #[test]
    fn writes_and_undoes() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::write(root.join("a.md"), "old\n").unwrap();
        let changes =
            [change(root, "a.md", Some("old\n"), Some("new\n")), change(root, "d/b.yaml", None, Some("x: 1\n"))];
        apply(root, &changes).unwrap();
        assert_eq!(fs::read_to_string(root.join("d/b.yaml")).unwrap(), "x: 1\n");
        apply(root, &changes.clone().map(|c| c.undone())).unwrap();
        assert_eq!(fs::read_to_string(root.join("a.md")).unwrap(), "old\n");
        assert!(!root.join("d/b.yaml").exists());
        assert_eq!(fs::read_dir(root).unwrap().count(), 2, "nothing is left lying about");
    }

    #[test]
    fn refuses_what_was_changed_meanwhile_and_writes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::write(root.join("a.md"), "a\n").unwrap();
        fs::write(root.join("b.md"), "somebody was here\n").unwrap();
        let changes = [change(root, "a.md", Some("a\n"), Some("x\n")), change(root, "b.md", Some("b\n"), Some("y\n"))];
        let error = apply(root, &changes).unwrap_err().to_string();
        assert_eq!(error, "`b.md` was changed meanwhile; look at it again");
        assert_eq!(fs::read_to_string(root.join("a.md")).unwrap(), "a\n");
    }

    #[test]
    fn stays_inside_the_site() {
        let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let root = folder.path();
        std::os::unix::fs::symlink(elsewhere.path(), root.join("out")).unwrap();
        for name in ["out/a.md", "../a.md", "none/../../a.md"] {
            let error = apply(root, &[change(root, name, None, Some("x"))]).unwrap_err();
            assert!(matches!(error, EditsError::Outside(_)), "{name}: {error}");
        }
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    }

    #[test]
    fn puts_back_what_was_written_before_a_failure() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::write(root.join("a.md"), "a\n").unwrap();
        // The parent of the second file is a file: it cannot be made.
        let changes = [change(root, "a.md", Some("a\n"), Some("x\n")), change(root, "gone.md", None, None)];
        assert!(apply(root, &changes).is_err());
        assert_eq!(fs::read_to_string(root.join("a.md")).unwrap(), "a\n");
    }

    proptest! {
        /// Applying the lines of the diff to the old text gives the new one.
        #[test]
        fn a_diff_tells_all(old in "([abc]\n){0,12}", new in "([abc]\n){0,12}") {
            let (a, b): (Vec<&str>, Vec<&str>) = (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
            let script = script(&a, &b);
            let made: String = script.iter().filter_map(|line| match *line {
                Line::Kept(x, _) => Some(a[x]),
                Line::New(_, y) => Some(b[y]),
                Line::Gone(..) => None,
            }).collect();
            prop_assert_eq!(made, new);
            let kept: String = script.iter().filter_map(|line| match *line {
                Line::Kept(x, _) | Line::Gone(x, _) => Some(a[x]),
                Line::New(..) => None,
            }).collect();
            prop_assert_eq!(kept, old);
        }
    }
}
