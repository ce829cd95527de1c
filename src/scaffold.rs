//! A new site that builds at once, and what grows around it: pipelines that check and publish, a screen for editors.

mod cms;
mod origin;

use std::path::{Path, PathBuf};

use crate::taxonomy::Taxonomies;

pub use origin::{Former, former};

/// Why no site was made.
#[derive(Debug, thiserror::Error)]
pub enum ScaffoldError {
    /// There is a site already.
    #[error("`{0}` exists already; choose another folder, or delete it first")]
    Exists(PathBuf),
    /// A file that people wrote stands where one would be made.
    #[error("`{0}` was not made by this program; move it away first")]
    Foreign(PathBuf),
    /// A folder does not hold what can be taken over.
    #[error("`{0}` is no folder of Hexo, Hugo or Jekyll: it has neither `_config.yml` nor `hugo.toml` nor `_posts/`")]
    NoFormer(PathBuf),
    /// A file could not be read or written.
    #[error("cannot {action} `{path}`: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Where pipelines run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pipeline {
    /// GitHub Actions.
    Github,
    /// GitLab CI.
    Gitlab,
}

/// A screen for editors that runs in the browser and writes to the repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// Sveltia CMS.
    Sveltia,
    /// Decap CMS.
    Decap,
}

/// What is made besides the site.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// A pipeline.
    pub ci: Option<Pipeline>,
    /// A screen.
    pub cms: Option<Screen>,
    /// The site that is taken over.
    pub former: Option<Former>,
}

/// A file to make: path below the site, and text.
type Made = (String, String);

/// The files of a new site.
const FILES: &[(&str, &str)] = &[
    ("site.yaml", include_str!("scaffold/site.yaml")),
    (".gitignore", include_str!("scaffold/gitignore")),
    (".editorconfig", include_str!("scaffold/editorconfig")),
    ("content/_sample.md", include_str!("scaffold/sample.md")),
    ("content/_data/addresses.yaml", crate::addresses::HEAD),
    ("content/_data/glossary.yaml", include_str!("scaffold/glossary.yaml")),
    ("content/_data/decisions.yaml", include_str!("scaffold/decisions.yaml")),
    ("content/_data/taxonomies/city.yaml", include_str!("scaffold/city.yaml")),
    ("content/_data/taxonomies/program.yaml", include_str!("scaffold/program.yaml")),
    ("content/_data/taxonomies/tag.yaml", include_str!("scaffold/tag.yaml")),
    // What `jianfan schema --output schema` writes, for the editor's program.
    ("schema/article.schema.json", include_str!("../data/schema/article.schema.json")),
    ("schema/decisions.schema.json", include_str!("../data/schema/decisions.schema.json")),
    ("schema/glossary.schema.json", include_str!("../data/schema/glossary.schema.json")),
    ("schema/site.schema.json", include_str!("../data/schema/site.schema.json")),
    ("schema/taxonomy.schema.json", include_str!("../data/schema/taxonomy.schema.json")),
];

/// The first line of files that may be made again.
const MADE: &str = "# Made by `jianfan init`; make it again with the same command.";

/// Makes a new site in `folder`; gives the paths written, relative to it.
///
/// # Errors
/// When any of its files exists already (nothing is written then), or the disk refuses.
pub fn init(folder: &Path, wishes: &Wishes) -> Result<Vec<String>, ScaffoldError> {
    let mut files: Vec<Made> = FILES.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    if let Some(former) = &wishes.former {
        files[0].1 = origin::settings(&files[0].1, former);
    }
    files.extend(around(wishes, &Taxonomies::builtin()));
    if let Some((path, _)) = files.iter().find(|(path, _)| folder.join(path).exists()) {
        return Err(ScaffoldError::Exists(folder.join(path)));
    }
    write(folder, files)
}

/// Adds a pipeline or a screen to a site that is there, or makes them again.
///
/// # Errors
/// When a file stands there that this program did not make, or the disk refuses.
pub fn add(folder: &Path, wishes: &Wishes, taxonomies: &Taxonomies) -> Result<Vec<String>, ScaffoldError> {
    let files = around(wishes, taxonomies);
    for (path, text) in &files {
        let file = folder.join(path);
        let there = match std::fs::read_to_string(&file) {
            Ok(there) => there,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(source) => return Err(ScaffoldError::Io { action: "read", path: file, source }),
        };
        let marked = |text: &str| text.lines().take(3).any(|line| line.contains(MADE.trim_start_matches("# ")));
        if there != *text && !marked(&there) {
            return Err(ScaffoldError::Foreign(file));
        }
    }
    write(folder, files)
}

/// The files around a site.
fn around(wishes: &Wishes, taxonomies: &Taxonomies) -> Vec<Made> {
    let mut files = Vec::new();
    let install = (".ci/install-jianfan".to_owned(), include_str!("scaffold/install-jianfan").to_owned());
    match wishes.ci {
        Some(Pipeline::Github) => {
            files.push((".github/workflows/site.yml".to_owned(), include_str!("scaffold/github.yml").to_owned()));
            files.push(install);
        }
        Some(Pipeline::Gitlab) => {
            files.push((".gitlab-ci.yml".to_owned(), include_str!("scaffold/gitlab.yml").to_owned()));
            files.push(install);
        }
        None => {}
    }
    if let Some(screen) = wishes.cms {
        files.extend(cms::files(screen, taxonomies));
    }
    files
}

fn write(folder: &Path, files: Vec<Made>) -> Result<Vec<String>, ScaffoldError> {
    for (path, text) in &files {
        let file = folder.join(path);
        let write = |file: &Path| {
            std::fs::create_dir_all(file.parent().unwrap_or(folder))?;
            std::fs::write(file, text)
        };
        write(&file).map_err(|source| ScaffoldError::Io { action: "write", path: file.clone(), source })?;
    }
    Ok(files.into_iter().map(|(path, _)| path).collect())
}
