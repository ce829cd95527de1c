//! A server that the system's rsync reaches: over ssh, an rsync daemon, or a mounted folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::hand_over::{Parcel, Target};
use super::record::Record;
use super::settings::RsyncSettings;
use super::tree::Tree;
use super::{PublishError, git, program};
use crate::config::Config;
use crate::site::MANIFEST;

pub(super) struct Rsync<'c> {
    config: &'c Config,
    /// With a `/` at its end, so that what is in a folder goes there and not the folder.
    to: String,
    shell: Option<String>,
    password_file: Option<PathBuf>,
    /// A folder for lists and for what is fetched, removed with this value.
    scratch: PathBuf,
}

/// The error of a file that is not there.
const PARTIAL: i32 = 23;

impl<'c> Rsync<'c> {
    pub(super) fn new(config: &'c Config, settings: &RsyncSettings) -> Result<Self, PublishError> {
        if settings.to.starts_with('-') {
            return Err(PublishError::Setting(format!("`{}` is no place for rsync", settings.to)));
        }
        let place = format!("jianfan-rsync-{}-{}", std::process::id(), unique());
        let scratch = std::env::temp_dir().join(place);
        std::fs::create_dir_all(&scratch).map_err(PublishError::io("make", &scratch))?;
        let far = settings.to.contains(':');
        let to = if far { settings.to.clone() } else { config.root.join(&settings.to).to_string_lossy().into_owned() };
        Ok(Rsync {
            config,
            to: format!("{}/", to.trim_end_matches('/')),
            shell: settings.shell.clone(),
            password_file: settings.password_file.as_ref().map(|file| config.root.join(file)),
            scratch,
        })
    }

    fn command(&self) -> Command {
        let mut command = Command::new("rsync");
        if let Some(shell) = &self.shell {
            command.arg("-e").arg(shell);
        }
        if let Some(file) = &self.password_file {
            command.arg(format!("--password-file={}", file.display()));
        }
        command
    }

    /// Sends the files of a list from a folder that holds exactly them, by links.
    fn send(&self, from: &Path, paths: &[&str], more: &[&str]) -> Result<Vec<u8>, PublishError> {
        let mut command = self.command();
        // Unix times let servers say when a page changed; owners and folders' times are the server's own affair.
        command.args(["--recursive", "--times", "--omit-dir-times", "--checksum", "--chmod=D755,F644"]);
        command.args(["--from0", "--files-from=-"]).args(more);
        command.arg(format!("{}/", from.display())).arg(&self.to);
        let mut list = Vec::new();
        for path in paths {
            list.extend_from_slice(path.as_bytes());
            list.push(0);
        }
        run(command, Some(&list), &[])
    }

    /// A folder with the files of some parcels at their paths.
    fn gather<'p>(&self, parcels: impl Iterator<Item = (&'p str, &'p Path)>) -> Result<PathBuf, PublishError> {
        let folder = self.scratch.join(format!("files-{}", unique()));
        for (path, from) in parcels {
            let to = folder.join(path);
            if let Some(folder) = to.parent() {
                std::fs::create_dir_all(folder).map_err(PublishError::io("make", folder))?;
            }
            let from = std::path::absolute(from).map_err(PublishError::io("find", from))?;
            std::os::unix::fs::symlink(&from, &to).map_err(PublishError::io("link", &to))?;
        }
        Ok(folder)
    }

    /// The folder to send from: the output itself, or links where some files lie elsewhere.
    fn source<'p>(&self, files: &[(&'p str, &'p Path)]) -> Result<(PathBuf, Option<&'static str>), PublishError> {
        let output = &self.config.output;
        if files.iter().all(|(path, from)| *from == output.join(path)) {
            return Ok((output.clone(), None));
        }
        Ok((self.gather(files.iter().copied())?, Some("--copy-links")))
    }

    /// Removes what a list names and a folder lacks, and nothing else.
    fn remove(&self, paths: &[&str]) -> Result<(), PublishError> {
        let empty = self.scratch.join(format!("empty-{}", unique()));
        for path in paths {
            let folder = empty.join(path.rsplit_once('/').map_or("", |(folder, _)| folder));
            std::fs::create_dir_all(&folder).map_err(PublishError::io("make", &folder))?;
        }
        self.send(&empty, paths, &["--delete-missing-args"]).map(|_| ())
    }

    fn differing(&self, tree: &Tree) -> Result<BTreeSet<String>, PublishError> {
        let files: Vec<(&str, &Path)> =
            tree.files.iter().map(|(path, item)| (path.as_str(), item.from.as_path())).collect();
        self.compare(&files)
    }

    /// The files that are not there with these bytes.
    fn compare(&self, files: &[(&str, &Path)]) -> Result<BTreeSet<String>, PublishError> {
        let (from, links) = self.source(files)?;
        let paths: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
        let mut more = vec!["--dry-run", "--out-format=%i %n", "--8-bit-output"];
        more.extend(links);
        let output = self.send(&from, &paths, &more)?;
        let output = String::from_utf8_lossy(&output);
        Ok(output
            .lines()
            .filter_map(|line| line.split_once(' '))
            // `<f` is a file whose bytes would travel; a dot instead says that only its time differs.
            .filter(|(change, _)| change.starts_with(['<', '>', 'c']) && change.get(1..2) == Some("f"))
            .map(|(_, path)| path.to_owned())
            .collect())
    }
}

impl Drop for Rsync<'_> {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.scratch);
    }
}

impl Target for Rsync<'_> {
    fn name(&self) -> String {
        git::without_secrets(&self.to)
    }

    fn record(&self) -> Result<Option<Record>, PublishError> {
        let copy = self.scratch.join("record");
        let mut command = self.command();
        command.arg(format!("{}{MANIFEST}", self.to)).arg(&copy);
        match run(command, None, &[PARTIAL]) {
            Ok(_) => Ok(std::fs::read(&copy).ok().and_then(|bytes| Record::parse(&bytes))),
            // A folder that does not exist yet holds no list either; what else is wrong shows when it is written to.
            Err(PublishError::Program { message, .. }) if message.contains("No such file") => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn stranger(&self) -> Result<Option<String>, PublishError> {
        let mut command = self.command();
        command.args(["--list-only", "--8-bit-output"]).arg(&self.to);
        let listing = match run(command, None, &[PARTIAL]) {
            Err(PublishError::Program { message, .. }) if message.contains("No such file") => return Ok(None),
            listing => listing?,
        };
        let listing = String::from_utf8_lossy(&listing);
        let names = listing.lines().filter_map(|line| line.splitn(5, char::is_whitespace).last());
        let mut names = names.filter_map(|rest| rest.split_whitespace().last().map(str::to_owned));
        Ok(names.find(|name| name != "."))
    }

    fn present(&self, parcels: &[Parcel<'_>]) -> Result<BTreeSet<String>, PublishError> {
        let files: Vec<(&str, &Path)> = parcels.iter().map(|(path, item)| (*path, item.from.as_path())).collect();
        let missing = self.compare(&files)?;
        Ok(parcels.iter().map(|(path, _)| (*path).to_owned()).filter(|path| !missing.contains(path)).collect())
    }

    fn put(&self, parcels: &[Parcel<'_>]) -> Result<(), PublishError> {
        let files: Vec<(&str, &Path)> = parcels.iter().map(|(path, item)| (*path, item.from.as_path())).collect();
        let (from, links) = self.source(&files)?;
        let paths: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
        // Each file appears under its name when it is whole.
        self.send(&from, &paths, links.as_slice()).map(|_| ())
    }

    fn put_record(&self, record: &Record) -> Result<(), PublishError> {
        let folder = self.scratch.join("list");
        std::fs::create_dir_all(&folder).map_err(PublishError::io("make", &folder))?;
        let path = folder.join(MANIFEST);
        std::fs::write(&path, record.bytes()).map_err(PublishError::io("write", &path))?;
        self.send(&folder, &[MANIFEST], &["--mkpath"]).map(|_| ())
    }

    fn delete(&self, paths: &[String]) -> Result<(), PublishError> {
        let files: Vec<&str> = paths.iter().map(String::as_str).collect();
        self.remove(&files)?;
        // Then the folders, the deepest first; one that still holds something stays.
        let mut folders: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
        for path in &files {
            for (at, _) in path.match_indices('/') {
                folders.entry(path[..at].matches('/').count()).or_default().insert(&path[..at]);
            }
        }
        folders.into_values().rev().try_for_each(|level| self.remove(&Vec::from_iter(level)))
    }

    fn problems(&self, tree: &Tree, gone: &[String]) -> Result<Vec<String>, PublishError> {
        let differing = self.differing(tree)?;
        let mut problems: Vec<String> =
            differing.into_iter().map(|path| format!("`{path}` has other bytes, or none")).collect();
        if !gone.is_empty() {
            let mut command = self.command();
            command.args(["--list-only", "--recursive", "--8-bit-output"]).arg(&self.to);
            let listing = run(command, None, &[PARTIAL])?;
            let listing = String::from_utf8_lossy(&listing);
            let left = gone.iter().filter(|path| listing.lines().any(|line| line.ends_with(&format!(" {path}"))));
            problems.extend(left.map(|path| format!("`{path}` is still there")));
        }
        Ok(problems)
    }
}

/// A number no other call in this process got.
fn unique() -> usize {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Runs rsync; exit codes of `but` are no failure when nothing else was said than that a file is missing.
fn run(command: Command, input: Option<&[u8]>, but: &[i32]) -> Result<Vec<u8>, PublishError> {
    let failed = |message: String| PublishError::Program { program: "rsync", message };
    let output = program::run("rsync", command, input)?;
    let said = String::from_utf8_lossy(&output.stderr).trim().replace('\n', "; ");
    let code = output.status.code().unwrap_or(-1);
    if output.status.success() || but.contains(&code) && said.contains("No such file") {
        return Ok(output.stdout);
    }
    let help = match code {
        1 if said.contains("mkpath") || said.contains("unknown option") => "; rsync 3.2.3 or newer is needed",
        5 => "; check the name of the module and the password",
        10 | 12 | 30 | 35 | 255 => "; check the address, and that `ssh` or the daemon answers",
        11 | 23 => "; check that the folder may be written",
        _ => "",
    };
    Err(failed(format!("{said}{help}")))
}
