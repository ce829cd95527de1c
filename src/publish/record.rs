//! What was handed over last, as remembered at the target.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Tree;
use crate::site::{LISTING, Stamp, forget_others, is_inside};

/// The stamp of a file that may be at the target only in part: a run that was interrupted wrote the list before it.
const UNSURE: Stamp = Stamp { size: 0, hash: None };

/// The list of files at a target. It has the form of a build's own list, so that a served folder can be both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    version: u32,
    /// Path to stamp.
    pub files: BTreeMap<String, Stamp>,
}

impl Record {
    /// Reads a list; paths that would lead out of the target are left out, so that a damaged list deletes nothing there.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut record: Record = serde_json::from_slice(bytes).ok()?;
        record.files.retain(|path, _| is_inside(path));
        // What another version brought there is looked at, as after a run that was interrupted.
        forget_others(record.version, record.files.values_mut());
        Some(record)
    }

    /// The list of a whole tree.
    pub(super) fn of(tree: &Tree) -> Self {
        let files = tree.files.iter().map(|(path, file)| (path.clone(), file.stamp)).collect();
        Record { version: LISTING, files }
    }

    /// This list and all of `tree`, with no promise about what is about to be written.
    pub(super) fn while_sending(&self, tree: &Tree) -> Self {
        let mut files = self.files.clone();
        for (path, file) in &tree.files {
            if self.files.get(path) != Some(&file.stamp) {
                files.insert(path.clone(), UNSURE);
            }
        }
        Record { version: LISTING, files }
    }

    /// Tells whether it is not known what stands at a path.
    pub(super) fn is_unsure(&self, path: &str) -> bool {
        self.files.get(path).is_some_and(|stamp| stamp.hash.is_none())
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec(self).expect("a map of strings is JSON");
        bytes.push(b'\n');
        bytes
    }
}
