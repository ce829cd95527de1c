//! What the content directory holds already, and where a new article goes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::ImportError;

/// The front matter key that holds the hash of the page an article was read from.
pub(super) const HASH: &str = "import_hash";
/// The front matter key that names the page an article was read from.
pub(super) const FROM: &str = "import_from";

/// An article that an earlier import wrote.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// Relative to the root of the site.
    pub(super) path: String,
    pub(super) hash: String,
}

/// The articles of a site, as far as import must know them.
#[derive(Debug, Default)]
pub(super) struct Store {
    by_hash: BTreeMap<String, String>,
    by_from: BTreeMap<String, Known>,
    stems: BTreeSet<String>,
    paths: BTreeSet<String>,
}

impl Store {
    /// Looks through a content directory; one that does not exist is empty.
    pub(super) fn open(root: &Path, content: &str) -> Result<Self, ImportError> {
        let mut store = Store::default();
        let directory = root.join(content);
        if !directory.is_dir() {
            return Ok(store);
        }
        let walk = WalkDir::new(&directory)
            .sort_by_file_name()
            .into_iter()
            .filter_entry(|entry| entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with(['.', '_']));
        for entry in walk {
            let entry =
                entry.map_err(|error| ImportError::Walk { path: directory.clone(), message: error.to_string() })?;
            let is_article = entry.path().extension().is_some_and(|e| e == "md" || e == "markdown");
            if entry.file_type().is_file() && is_article {
                let path = relative(root, entry.path());
                store.note(&path, &head(entry.path())?);
            }
        }
        Ok(store)
    }

    fn note(&mut self, path: &str, head: &str) {
        self.claim(path);
        let value = |key: &str| {
            let line = head.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
            Some(line.trim().trim_matches(['"', '\'']).to_owned())
        };
        if let Some(hash) = value(HASH) {
            self.by_hash.entry(hash.clone()).or_insert_with(|| path.to_owned());
            if let Some(from) = value(FROM) {
                self.by_from.entry(from).or_insert(Known { path: path.to_owned(), hash });
            }
        }
    }

    fn claim(&mut self, path: &str) {
        self.paths.insert(path.to_ascii_lowercase());
        self.stems.insert(address(path));
    }

    /// Finds the article an earlier import, or this one, made of the same page.
    pub(super) fn same(&self, hash: &str) -> Option<&str> {
        self.by_hash.get(hash).map(String::as_str)
    }

    /// Finds the article an earlier import made of an earlier state of a page.
    pub(super) fn earlier(&self, from: &str) -> Option<&Known> {
        self.by_from.get(from)
    }

    /// Takes a free path for a new article: `content/2021/10/SLUG.md`, numbered when the address is taken.
    pub(super) fn place(&mut self, directory: &str, slug: &str, hash: &str) -> String {
        for number in 1.. {
            let path =
                if number == 1 { format!("{directory}/{slug}.md") } else { format!("{directory}/{slug}-{number}.md") };
            if !self.paths.contains(&path.to_ascii_lowercase()) && !self.stems.contains(&address(&path)) {
                self.claim(&path);
                self.by_hash.insert(hash.to_owned(), path.clone());
                return path;
            }
        }
        unreachable!("a number is always free")
    }
}

/// What two articles must not share: year and month where the path has them, and the stem.
fn address(path: &str) -> String {
    let parts: Vec<&str> = path.trim_end_matches(".md").rsplit('/').take(3).collect();
    match parts.as_slice() {
        [stem, month, year] if month.len() == 2 && year.len() == 4 => {
            format!("{year}/{month}/{stem}").to_ascii_lowercase()
        }
        [stem, ..] => stem.to_ascii_lowercase(),
        [] => String::new(),
    }
}

/// Reads the front matter of a file, as far as its first 16 KiB hold it.
fn head(path: &Path) -> Result<String, ImportError> {
    use std::io::Read as _;
    let machine = |source| ImportError::Read { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    fs::File::open(path).map_err(machine)?.take(16 << 10).read_to_end(&mut bytes).map_err(machine)?;
    let text = String::from_utf8_lossy(&bytes);
    let body = text.find("\n---").unwrap_or(text.len());
    Ok(text[..body].to_owned())
}

/// A path below a root with `/` between its parts.
pub(super) fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// Writes a new file, never over another one.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), ImportError> {
    use std::io::Write as _;
    let machine = |source| ImportError::Write { path: path.to_owned(), source };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(machine)?;
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(path).map_err(machine)?;
    file.write_all(bytes).map_err(machine)
}

/// Keeps an untouched copy of what was read; says where. The same bytes are kept once.
pub(super) fn keep_original(
    root: &Path,
    content: &str,
    name: &str,
    hash: &str,
    bytes: &[u8],
) -> Result<PathBuf, ImportError> {
    let safe: Vec<&str> = name.split('/').filter(|part| !matches!(*part, "" | "." | "..")).collect();
    let mut path = root.join(content).join("_originals");
    path.extend(&safe);
    for _ in 0..2 {
        match fs::read(&path) {
            Ok(kept) if kept == bytes => return Ok(path),
            Ok(_) => {
                let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
                let end = path.extension().map(|e| format!(".{}", e.to_string_lossy())).unwrap_or_default();
                path.set_file_name(format!("{stem}-{}{end}", &hash[..hash.len().min(12)]));
            }
            Err(_) => break,
        }
    }
    if !path.exists() {
        write_new(&path, bytes)?;
    }
    Ok(path)
}
