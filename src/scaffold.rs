//! A new site that builds at once.

use std::path::{Path, PathBuf};

/// Why no site was made.
#[derive(Debug, thiserror::Error)]
pub enum ScaffoldError {
    /// There is a site already.
    #[error("`{0}` exists already; choose another folder, or delete it first")]
    Exists(PathBuf),
    /// A file could not be written.
    #[error("cannot write `{path}`: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// The files of a new site: path and text.
const FILES: &[(&str, &str)] = &[
    ("site.yaml", include_str!("scaffold/site.yaml")),
    (".gitignore", include_str!("scaffold/gitignore")),
    ("content/_sample.md", include_str!("scaffold/sample.md")),
    ("content/_data/glossary.yaml", include_str!("scaffold/glossary.yaml")),
    ("content/_data/decisions.yaml", include_str!("scaffold/decisions.yaml")),
    ("content/_data/taxonomies/city.yaml", include_str!("scaffold/city.yaml")),
    ("content/_data/taxonomies/program.yaml", include_str!("scaffold/program.yaml")),
    ("content/_data/taxonomies/tag.yaml", include_str!("scaffold/tag.yaml")),
];

/// Makes a new site in `folder`; gives the paths written, relative to it.
///
/// # Errors
/// When any of its files exists already (nothing is written then), or the disk refuses.
pub fn init(folder: &Path) -> Result<Vec<&'static str>, ScaffoldError> {
    if let Some((path, _)) = FILES.iter().find(|(path, _)| folder.join(path).exists()) {
        return Err(ScaffoldError::Exists(folder.join(path)));
    }
    for (path, text) in FILES {
        let file = folder.join(path);
        let write = |file: &Path| {
            std::fs::create_dir_all(file.parent().unwrap_or(folder))?;
            std::fs::write(file, text)
        };
        write(&file).map_err(|source| ScaffoldError::Io { path: file.clone(), source })?;
    }
    Ok(FILES.iter().map(|(path, _)| *path).collect())
}
