//! What the file system says of a file: enough to see that it was touched, without reading it.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// Size, times and number of a file.
///
/// An editor may give a file back its old time of change; the time of the inode's change cannot be set, and a file put
/// in the place of another has another number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// Bytes.
    pub size: u64,
    /// When the content changed, in nanoseconds since 1970.
    pub modified: i128,
    /// When the inode changed.
    pub changed: i128,
    pub(crate) inode: u64,
}

impl Stamp {
    /// The stamp of the file at a path, links followed; none when there is none.
    pub fn of(path: &Path) -> Option<Self> {
        Some(Self::from(&std::fs::metadata(path).ok()?))
    }

    /// Tells whether the file may have changed in the very moment of `then`, or after it, without another stamp.
    pub fn doubtful(&self, then: i128) -> bool {
        self.modified >= then || self.changed >= then
    }
}

fn nanos(seconds: i64, nanos: i64) -> i128 {
    i128::from(seconds) * 1_000_000_000 + i128::from(nanos)
}

impl From<&rustix::fs::Stat> for Stamp {
    #[allow(
        clippy::unnecessary_cast,
        clippy::cast_sign_loss,
        reason = "the types of the fields differ from system to system"
    )]
    fn from(stat: &rustix::fs::Stat) -> Self {
        Stamp {
            size: stat.st_size as u64,
            modified: nanos(stat.st_mtime as i64, stat.st_mtime_nsec as i64),
            changed: nanos(stat.st_ctime as i64, stat.st_ctime_nsec as i64),
            inode: stat.st_ino as u64,
        }
    }
}

impl From<&std::fs::Metadata> for Stamp {
    fn from(metadata: &std::fs::Metadata) -> Self {
        Stamp {
            size: metadata.len(),
            modified: nanos(metadata.mtime(), metadata.mtime_nsec()),
            changed: nanos(metadata.ctime(), metadata.ctime_nsec()),
            inode: metadata.ino(),
        }
    }
}
