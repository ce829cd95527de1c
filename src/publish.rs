//! Hands a built site to its host, and makes sure it arrived.
//!
//! Takes the output of a build and the settings under `publish:`; copies what changed to a folder, a git branch, a server
//! that rsync reaches, or an S3-compatible store. What was handed over last is remembered at the target itself, in the
//! same list of files that a build keeps ([`Record`]); so only changed files travel, from whatever machine, and only
//! files of that list are ever deleted. Things that pages need travel before the pages, feeds and site maps after them,
//! deletions come last: a reader who comes meanwhile meets an old page or a new one, and never a page without its style.
//!
//! This room knows nothing of articles. It reads and writes files and talks to the network; no build calls it.

mod credentials;
mod folder;
mod git;
mod hand_over;
mod kind;
mod program;
mod record;
mod rsync;
mod s3;
pub mod settings;
mod snapshot;
mod tree;

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::config::Config;
use crate::site::WriteError;

pub use credentials::{Environment, Keys};
pub use record::Record;
pub use settings::{Settings, Where};
pub(crate) use tree::Form;
pub use tree::Tree;

/// Why a site was not handed over, or not wholly.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The disk failed, or a folder is no place for a site.
    #[error(transparent)]
    Disk(#[from] WriteError),
    /// The output is not what its list says.
    #[error("`{path}` is not what the build wrote ({why}); run `jianfan build --no-cache`, then publish again")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// How it differs.
        why: &'static str,
    },
    /// A setting is missing or cannot be.
    #[error("{0}")]
    Setting(String),
    /// The target holds what this program did not put there.
    #[error(
        "{target} holds files that jianfan did not put there, such as `{example}`; name another place, or take this one over with --force (files of the site replace those of the same name, all others stay)"
    )]
    Foreign {
        /// The target.
        target: String,
        /// One of the files.
        example: String,
    },
    /// A program failed.
    #[error("{program} failed: {message}")]
    Program {
        /// Its name.
        program: &'static str,
        /// What it said.
        message: String,
    },
    /// A request failed.
    #[error("{what}: {why}")]
    Network {
        /// What was tried, and where.
        what: String,
        /// What came back.
        why: String,
    },
    /// What arrived is not what was sent.
    #[error("{target} does not hold what was sent: {}; run the same command with --all", shown(problems))]
    Unverified {
        /// The target.
        target: String,
        /// Paths and what is wrong with them.
        problems: Vec<String>,
    },
}

fn shown(problems: &[String]) -> String {
    let first: Vec<&str> = problems.iter().take(5).map(String::as_str).collect();
    match problems.len() - first.len() {
        0 => first.join(", "),
        more => format!("{}, and {more} more", first.join(", ")),
    }
}

impl PublishError {
    fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> PublishError {
        let path = path.to_owned();
        move |source| WriteError::Io { action, path, source }.into()
    }
}

/// How the site is handed over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mode {
    /// Say what would travel and write nothing.
    pub dry_run: bool,
    /// Take over a place that holds files of others.
    pub force: bool,
    /// Send every file, whatever the target's list says.
    pub all: bool,
}

/// What travelled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Handover {
    /// The target, without secrets.
    pub target: String,
    /// Whether nothing was written.
    pub dry_run: bool,
    /// Files of the site.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Paths that travelled, in their order.
    pub sent: Vec<String>,
    /// Bytes that travelled.
    pub sent_bytes: u64,
    /// Paths that were deleted at the target.
    pub deleted: Vec<String>,
    /// Files that were there already.
    pub unchanged: usize,
    /// Files that were read back, or whose digests were, and were right.
    pub verified: usize,
    /// The commit that was pushed, of a git branch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

/// Hands `tree` over to a place.
///
/// # Errors
/// When the target cannot be reached or is not ours, or holds something else afterwards. What was sent until then stays
/// there, and the same command goes on where it stopped.
pub fn hand_over(
    config: &Config,
    place: &Where,
    keys: Option<Keys>,
    tree: &Tree,
    mode: Mode,
) -> Result<Handover, PublishError> {
    match place {
        Where::Folder(settings) => hand_over::run(&folder::Folder::new(config, settings, mode)?, tree, mode),
        Where::Git(settings) => git::publish(config, settings, tree, mode),
        Where::Rsync(settings) => hand_over::run(&rsync::Rsync::new(config, settings)?, tree, mode),
        Where::S3(settings) => hand_over::run(&s3::Store::new(config, settings, keys)?, tree, mode),
    }
}

/// Remembers what was handed over, so that it can be handed over again.
///
/// # Errors
/// When the disk fails.
pub fn remember(config: &Config, place: &Where, tree: &Tree) -> Result<(), PublishError> {
    match place {
        // A branch remembers by itself.
        Where::Git(_) => Ok(()),
        _ => snapshot::keep(config, place.kind(), tree),
    }
}

/// Goes back to what was published before; a second time, forward again.
///
/// # Errors
/// When nothing earlier is known, or as [`hand_over()`].
pub fn roll_back(config: &Config, place: &Where, keys: Option<Keys>, mode: Mode) -> Result<Handover, PublishError> {
    if let Where::Git(settings) = place {
        return git::roll_back(config, settings, mode);
    }
    let tree = snapshot::previous(config, place.kind())?;
    let handover = hand_over(config, place, keys, &tree, mode)?;
    if !mode.dry_run {
        snapshot::turn(config, place.kind())?;
    }
    Ok(handover)
}
