//! Pictures that lie beside the articles of a tree: copied below `static/`, their links rewritten.
//!
//! Only pictures below what was given to import are read, whatever a link says.

use std::fs;
use std::path::{Component, Path, PathBuf};

use super::{ImportError, Imported, store};
use crate::diagnostic::Diagnostic;

/// A picture to copy: from where, and to where below the root of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Copy {
    pub(super) from: PathBuf,
    pub(super) to: PathBuf,
}

const PICTURES: &[&str] = &["png", "jpg", "jpeg", "gif", "webp", "bmp", "avif", "svg"];

/// Finds the pictures of an article and rewrites their links to where they will be.
///
/// `root` is the directory that was given, `page` the file, `folder` what keeps pictures of different articles apart.
pub(super) fn gather(root: &Path, page: &Path, folder: &str, article: &mut Imported, name: &str) -> Vec<Copy> {
    let mut copies: Vec<Copy> = Vec::new();
    let (mut out, mut rest) = (String::with_capacity(article.body.len()), article.body.as_str());
    while let Some((before, target, after)) = next_picture(rest) {
        out.push_str(before);
        match find(root, page, target) {
            Some(from) => {
                let file = from.file_name().map(|file| file.to_string_lossy().into_owned()).unwrap_or_default();
                let to = if target.starts_with('/') {
                    target.trim_start_matches('/').to_owned()
                } else {
                    format!("imported/{folder}/{file}")
                };
                out.push('/');
                out.push_str(&to.replace(' ', "%20"));
                copies.push(Copy { from, to: Path::new("static").join(to.replace("%20", " ")) });
            }
            None => {
                article.warnings.push(
                    Diagnostic::warning("import-picture", name, format!("the picture `{target}` was not found"))
                        .at(line_of(article, target), 1)
                        .help("put it below `static/` and mend the link"),
                );
                out.push_str(target);
            }
        }
        rest = after;
    }
    out.push_str(rest);
    article.body = out;
    copies.sort_by(|a, b| a.to.cmp(&b.to));
    copies.dedup();
    copies
}

/// Where a link stands is not known any more; the first repair that mentions it is the best guess.
fn line_of(article: &Imported, target: &str) -> usize {
    article.repairs.iter().find(|repair| repair.after.contains(target)).map_or(1, |repair| repair.line)
}

/// Finds the next `![…](target)` whose target is a local picture.
fn next_picture(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let start = from + text[from..].find("![")?;
        let open = start + text[start..].find("](")? + 2;
        let end = open + text[open..].find([')', ' ', '\n'])?;
        let target = &text[open..end];
        let extension = target.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        let local = !target.contains("://") && !target.starts_with("//") && !text[start..open].contains('\n');
        if local && PICTURES.contains(&extension.as_str()) {
            return Some((&text[..open], target, &text[end..]));
        }
        from = start + 2;
    }
}

/// Looks where the generators look: beside the page, in the folder named like it, below the roots of their trees.
fn find(root: &Path, page: &Path, target: &str) -> Option<PathBuf> {
    let wanted = PathBuf::from(target.trim_start_matches('/').replace("%20", " "));
    if wanted.components().any(|part| !matches!(part, Component::Normal(_) | Component::CurDir | Component::ParentDir))
    {
        return None;
    }
    let beside = page.parent().unwrap_or(root);
    let places = if target.starts_with('/') {
        vec![root.join("source"), root.join("static"), root.join("assets"), root.join("content"), root.to_owned()]
    } else {
        vec![beside.to_owned(), page.with_extension(""), root.join("source"), root.join("images")]
    };
    let root = root.canonicalize().ok()?;
    places.iter().find_map(|place| {
        let path = place.join(&wanted).canonicalize().ok()?;
        (path.is_file() && path.starts_with(&root)).then_some(path)
    })
}

/// Copies a picture, never over another one.
pub(super) fn copy(site: &Path, copy: &Copy) -> Result<(), ImportError> {
    let to = site.join(&copy.to);
    if copy.to.components().any(|part| !matches!(part, Component::Normal(_))) || to.exists() {
        return Ok(());
    }
    let bytes = fs::read(&copy.from).map_err(|source| ImportError::Read { path: copy.from.clone(), source })?;
    store::write_new(&to, &bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_pictures_below_the_tree_only() {
        let tree = tempfile::tempdir().unwrap();
        let page = tree.path().join("source/_posts/first.md");
        for file in ["source/_posts/first.md", "source/_posts/first/a.png", "source/images/b.jpg"] {
            store::write_new(&tree.path().join(file), b"x").unwrap();
        }
        let mut article = Imported {
            body: "![甲](a.png) ![乙](/images/b.jpg) ![丙](../../../../etc/c.png) ![丁](https://a.example/d.png)\n"
                .into(),
            ..Imported::default()
        };
        let copies = gather(tree.path(), &page, "first", &mut article, "first.md");
        assert_eq!(
            article.body,
            "![甲](/imported/first/a.png) ![乙](/images/b.jpg) ![丙](../../../../etc/c.png) ![丁](https://a.example/d.png)\n"
        );
        assert_eq!(
            copies.iter().map(|copy| copy.to.to_string_lossy().into_owned()).collect::<Vec<_>>(),
            ["static/images/b.jpg", "static/imported/first/a.png"]
        );
        assert_eq!(article.warnings.len(), 1);
    }
}
