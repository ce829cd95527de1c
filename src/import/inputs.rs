//! Which files an import reads: paths, directories and patterns to a sorted list.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::ImportError;

/// One file to read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Input {
    /// As it is reported: the path as given, or below the directory given.
    pub(super) name: String,
    /// Its place below what was given; says where its original is kept.
    pub(super) relative: String,
    /// Where it is; `None` for standard input.
    pub(super) path: Option<PathBuf>,
}

/// Directories that hold no articles in any of the generators known.
const SKIPPED: &[&str] = &[
    "node_modules",
    "themes",
    "theme",
    "public",
    "_site",
    "output",
    "resources",
    "layouts",
    "_layouts",
    "_includes",
    "_sass",
    "scaffolds",
    "archetypes",
    "static",
    "assets",
    "vendor",
    "target",
];

/// Extensions that are read when a directory is given.
const READ: &[&str] = &[
    "txt", "text", "html", "htm", "shtml", "xhtml", "md", "markdown", "mkd", "mdown", "rst", "xml", "wxr", "rss",
    "atom", "json", "jsonl", "ndjson",
];

/// Lists the files that paths, directories and patterns name, each once, in the order of their names.
///
/// # Errors
///
/// A path that does not exist, a pattern that matches nothing, a directory that cannot be listed.
pub(super) fn list(paths: &[String]) -> Result<Vec<Input>, ImportError> {
    let mut inputs = Vec::new();
    for given in paths {
        let path = Path::new(given);
        if given == "-" {
            inputs.push(Input { name: "-".to_owned(), relative: "stdin".to_owned(), path: None });
        } else if path.is_dir() {
            directory(path, &mut inputs)?;
        } else if path.exists() {
            inputs.push(file(path, given.clone()));
        } else if given.contains(['*', '?']) {
            pattern(given, &mut inputs)?;
        } else {
            return Err(ImportError::Missing { path: path.to_owned() });
        }
    }
    inputs.sort();
    inputs.dedup();
    Ok(inputs)
}

fn file(path: &Path, name: String) -> Input {
    let relative = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Input { name, relative, path: Some(path.to_owned()) }
}

fn directory(root: &Path, inputs: &mut Vec<Input>) -> Result<(), ImportError> {
    let root_is_source = root.join("source").is_dir();
    let walk = WalkDir::new(root).sort_by_file_name().into_iter().filter_entry(|entry| {
        let name = entry.file_name().to_string_lossy();
        entry.depth() == 0
            || !(name.starts_with('.')
                || (entry.file_type().is_dir() && (SKIPPED.contains(&name.as_ref()) || name == "_originals")))
    });
    for entry in walk {
        let entry = entry.map_err(|error| ImportError::Walk { path: root.to_owned(), message: error.to_string() })?;
        let extension = entry.path().extension().map(|e| e.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        if !entry.file_type().is_file() || !READ.contains(&extension.as_str()) {
            continue;
        }
        let below = entry.path().strip_prefix(root).unwrap_or(entry.path());
        // A generator's own files at the root of its tree (README.md, package.json) are no articles.
        if extension == "json" && entry.depth() <= 2 || (root_is_source && !below.starts_with("source")) {
            continue;
        }
        inputs.push(Input {
            name: entry.path().to_string_lossy().into_owned(),
            relative: below.to_string_lossy().replace('\\', "/"),
            path: Some(entry.path().to_owned()),
        });
    }
    Ok(())
}

fn pattern(given: &str, inputs: &mut Vec<Input>) -> Result<(), ImportError> {
    let fixed = given.find(['*', '?']).map_or(given, |at| &given[..at]);
    let root = fixed.rfind('/').map_or(".", |at| if at == 0 { "/" } else { &fixed[..at] });
    let before = inputs.len();
    for entry in WalkDir::new(root).sort_by_file_name() {
        let entry =
            entry.map_err(|error| ImportError::Walk { path: PathBuf::from(root), message: error.to_string() })?;
        let name = entry.path().to_string_lossy();
        let name = name.strip_prefix("./").filter(|_| !given.starts_with("./")).unwrap_or(&name);
        if entry.file_type().is_file() && matches(given.as_bytes(), name.as_bytes()) {
            inputs.push(file(entry.path(), name.to_owned()));
        }
    }
    if inputs.len() == before { Err(ImportError::Missing { path: PathBuf::from(given) }) } else { Ok(()) }
}

/// Matches `*` (within a name), `**` (across directories) and `?`.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    // The last star seen and how far it reached: enough to backtrack without recursion.
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    let mut deep: Option<(usize, usize)> = None;
    loop {
        if pattern[p..].starts_with(b"**") {
            let skip = if pattern[p + 2..].first() == Some(&b'/') { 3 } else { 2 };
            (p, deep, star) = (p + skip, Some((p + skip, n)), None);
        } else if pattern.get(p) == Some(&b'*') {
            (p, star) = (p + 1, Some((p + 1, n)));
        } else if p == pattern.len() && n == name.len() {
            return true;
        } else if n < name.len()
            && p < pattern.len()
            && (pattern[p] == name[n] || (pattern[p] == b'?' && name[n] != b'/'))
        {
            (p, n) = (p + 1, n + 1);
        } else if let Some((after, reached)) =
            star.filter(|(_, reached)| *reached < name.len() && name[*reached] != b'/')
        {
            (p, n, star) = (after, reached + 1, Some((after, reached + 1)));
        } else if let Some((after, reached)) = deep.filter(|(_, reached)| *reached < name.len()) {
            (p, n, deep, star) = (after, reached + 1, Some((after, reached + 1)), None);
        } else {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn matches_patterns() {
        for (pattern, name, expected) in [
            ("a/*.txt", "a/b.txt", true),
            ("a/*.txt", "a/b/c.txt", false),
            ("a/**/*.txt", "a/b/c.txt", true),
            ("a/**/*.txt", "a/c.txt", true),
            ("p??.md", "p01.md", true),
            ("p??.md", "p1.md", false),
            ("*b*c", "abbbc", true),
            ("**", "x/y", true),
        ] {
            assert_eq!(matches(pattern.as_bytes(), name.as_bytes()), expected, "{pattern} {name}");
        }
    }
}
