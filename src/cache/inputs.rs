//! Everything a build reads, as one digest of what the file system says of it: equal digests, equal inputs.

use std::hash::Hash;
use std::path::Path;

use super::{Stamp, Tree};
use crate::config::{Config, FILE};
use crate::digest::Digest;
use crate::facts;

/// The digest of all that a build is made from: program, settings, what was asked for, files of the site. None when a file is so young that
/// it may change again without another stamp, or cannot be looked at.
///
/// `now` is the time by the clock of the file system.
pub fn inputs(config: &Config, asked: &impl Hash, now: Option<i128>) -> Option<Digest> {
    let now = now?;
    let folders = [
        Tree::of_named(&config.content_dir, &is_read),
        Tree::of(&config.static_dir),
        Tree::of(&config.root.join("themes")),
    ];
    let asked = (facts::PROGRAM, config.told(), asked);
    let mut all = vec![Digest::of_value(&asked), Digest::of_value(&Stamp::of(&config.root.join(FILE)))];
    for (tree, folder) in
        folders.into_iter().zip([&config.content_dir, &config.static_dir, &config.root.join("themes")])
    {
        let tree = tree.ok()?;
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
        all.push(Digest::of_value(&stamps?));
        // An empty folder can be where a link or a file is looked for.
        all.push(Digest::of_value(&tree.folders));
    }
    let young = Stamp::of(&config.root.join(FILE)).is_some_and(|stamp| stamp.doubtful(now));
    (!young && Path::is_dir(&config.content_dir)).then(|| Digest::of_value(&all))
}

/// What a build looks at in the content folder: all but hidden files, leftovers of editors and folders that begin with
/// `_`, the editors' data excepted.
fn is_read(name: &str) -> bool {
    name == "_data" || !(name.starts_with(['.', '_', '#']) || name.ends_with('~'))
}
