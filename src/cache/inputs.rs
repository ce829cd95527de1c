//! Everything a build reads, as one digest of what the file system says of it: equal digests, equal inputs.

use std::hash::Hash;
use std::path::Path;

use super::{Stamp, Tree};
use crate::config::{Config, FILE};
use crate::digest::Digest;
use crate::facts;

/// What a look at all that a build is made from found.
#[derive(Debug, Default)]
pub struct Inputs {
    /// The digest of program, settings, what was asked for, files of the site. None when a file is so young that it may
    /// change again without another stamp, or cannot be looked at.
    pub digest: Option<Digest>,
    /// The content folder.
    pub(super) content: Tree,
}

/// Looks at all that a build is made from; `now` is the time by the clock of the file system.
pub fn inputs(config: &Config, asked: &impl Hash, now: Option<i128>) -> Inputs {
    let Some(now) = now else { return Inputs::default() };
    let themes = config.root.join("themes");
    let Ok(content) = Tree::of_named(&config.content_dir, &is_read) else { return Inputs::default() };
    let others =
        || Some([(Tree::of(&config.static_dir).ok()?, &config.static_dir), (Tree::of(&themes).ok()?, &themes)]);
    let digest = others().and_then(|[statics, themes]| {
        let asked = (facts::PROGRAM, config.told(), asked);
        let file = Stamp::of(&config.root.join(FILE));
        let mut all = vec![Digest::of_value(&asked), Digest::of_value(&file)];
        for (tree, folder) in [(&content, &config.content_dir), (&statics.0, statics.1), (&themes.0, themes.1)] {
            all.push(of_files(tree, folder, now)?);
            // An empty folder can be where a link or a file is looked for.
            all.push(Digest::of_value(&tree.folders));
        }
        let young = file.is_some_and(|stamp| stamp.doubtful(now));
        (!young && Path::is_dir(&config.content_dir)).then(|| Digest::of_value(&all))
    });
    Inputs { digest, content }
}

/// The digest of the stamps of all files of a tree; none when one is too young.
fn of_files(tree: &Tree, folder: &Path, now: i128) -> Option<Digest> {
    let stamps: Option<Vec<(&str, Stamp, Option<Stamp>)>> = tree
        .files
        .iter()
        .map(|(path, seen)| {
            // What a link leads to is read too.
            let target = if seen.regular { None } else { Stamp::of(&folder.join(path)) };
            let doubtful = seen.stamp.doubtful(now) || target.is_some_and(|target| target.doubtful(now));
            (!doubtful).then_some((path.as_str(), seen.stamp, target))
        })
        .collect();
    Some(Digest::of_value(&stamps?))
}

/// What a build looks at in the content folder: all but hidden files, leftovers of editors and folders that begin with
/// `_`, the editors' data excepted.
fn is_read(name: &str) -> bool {
    name == "_data" || !(name.starts_with(['.', '_', '#']) || name.ends_with('~'))
}
