//! A branch of a git repository, as hosts such as GitHub Pages serve one.
//!
//! Works beside the editor's checkout and never in it: objects are written with `hash-object`, the tree is put together
//! in an index of our own, and the commit is pushed by its number. With the name of a remote the site's own repository is
//! used, so that its credentials are too; with an address, a bare repository in `.jianfan/`.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::record::Record;
use super::settings::GitSettings;
use super::tree::Tree;
use super::{Handover, Mode, PublishError, program};
use crate::config::Config;
use crate::site::MANIFEST;

/// Where the objects are, and where they go.
struct Repository {
    /// The folder of the objects.
    folder: PathBuf,
    /// The index of our own.
    index: PathBuf,
    remote: String,
    /// `refs/heads/gh-pages`.
    branch: String,
    /// Fetch no more than this many commits; nothing when the whole history is welcome.
    depth: Option<&'static str>,
}

/// A file in a tree: its mode and object.
type Blobs = BTreeMap<String, (String, String)>;

/// Commits the tree on top of the branch and pushes it.
pub(super) fn publish(
    config: &Config,
    settings: &GitSettings,
    tree: &Tree,
    mode: Mode,
) -> Result<Handover, PublishError> {
    let repository = Repository::open(config, settings, mode)?;
    let tip = repository.fetch()?;
    let old = tip.as_deref().map_or(Ok(Blobs::new()), |tip| repository.list(tip))?;
    let known = tip.as_deref().map_or(Ok(None), |tip| repository.record(tip, &old))?;
    if known.is_none()
        && !mode.force
        && let Some(example) = old.keys().next()
    {
        return Err(PublishError::Foreign { target: repository.name(settings), example: example.clone() });
    }
    let objects = repository.store(tree, mode)?;
    let record = known.unwrap_or_default();
    let gone = record.files.keys().filter(|path| !objects.contains_key(*path) && old.contains_key(*path));
    let gone: Vec<String> = gone.cloned().collect();
    let changed: Vec<&String> = objects
        .iter()
        .filter(|(path, object)| old.get(*path).is_none_or(|(_, known)| known != *object))
        .map(|(path, _)| path)
        .collect();
    let sent: Vec<String> =
        changed.iter().filter(|path| path.as_str() != MANIFEST).map(|path| (*path).clone()).collect();
    let size = |path: &String| tree.files.get(path).map_or(0, |item| item.stamp.size);
    let mut handover = Handover {
        target: repository.name(settings),
        dry_run: mode.dry_run,
        files: tree.files.len(),
        bytes: tree.bytes(),
        sent_bytes: sent.iter().map(size).sum(),
        unchanged: tree.files.len() - sent.len(),
        sent,
        deleted: gone,
        verified: 0,
        commit: tip.clone(),
    };
    if mode.dry_run {
        return Ok(handover);
    }
    if !changed.is_empty() || !handover.deleted.is_empty() {
        let mut entries = Vec::new();
        for path in &changed {
            entries.extend_from_slice(format!("100644 {}\t{path}\0", objects[*path]).as_bytes());
        }
        for path in &handover.deleted {
            // Mode 0 removes; the object is not looked at, but must be as long as one.
            let object = old.get(path).map_or("", |(_, object)| object);
            entries.extend_from_slice(format!("0 {object}\t{path}\0").as_bytes());
        }
        let root = repository.tree(tip.as_deref(), &entries)?;
        let message = message(settings, &handover, &objects, &old);
        handover.commit = Some(repository.commit(&root, tip.as_deref(), &message)?);
    }
    if let Some(commit) = &handover.commit {
        handover.verified = repository.push(commit, tip.as_deref(), mode, &objects, &handover.deleted)?;
    }
    Ok(handover)
}

/// Puts the tree of the commit before the last on top of the branch.
pub(super) fn roll_back(config: &Config, settings: &GitSettings, mode: Mode) -> Result<Handover, PublishError> {
    let repository = Repository::open(config, settings, mode)?;
    let nothing =
        || PublishError::Setting(format!("nothing to go back to: {} has no earlier commit", repository.name(settings)));
    let tip = repository.fetch()?.ok_or_else(nothing)?;
    let before = format!("{tip}^");
    let parent = repository.text(&["rev-parse", "--verify", "--quiet", &before]).map_err(|_| nothing())?;
    let (old, new) = (repository.list(&tip)?, repository.list(&parent)?);
    let record = repository.record(&parent, &new)?.ok_or_else(nothing)?;
    let size = |path: &String| record.files.get(path).map_or(0, |stamp| stamp.size);
    let changed = new.iter().filter(|(path, blob)| old.get(*path) != Some(blob) && path.as_str() != MANIFEST);
    let sent: Vec<String> = changed.map(|(path, _)| path.clone()).collect();
    let mut handover = Handover {
        target: repository.name(settings),
        dry_run: mode.dry_run,
        files: record.files.len(),
        bytes: record.files.keys().map(size).sum(),
        sent_bytes: sent.iter().map(size).sum(),
        unchanged: record.files.len().saturating_sub(sent.len()),
        sent,
        deleted: old.keys().filter(|path| !new.contains_key(*path)).cloned().collect(),
        ..Handover::default()
    };
    if mode.dry_run {
        return Ok(handover);
    }
    let short = parent.get(..12).unwrap_or(&parent);
    let commit = repository.commit(&format!("{parent}^{{tree}}"), Some(&tip), &format!("Go back to {short}\n"))?;
    let objects = new.into_iter().map(|(path, (_, object))| (path, object)).collect();
    handover.verified = repository.push(&commit, Some(&tip), mode, &objects, &handover.deleted)?;
    handover.commit = Some(commit);
    Ok(handover)
}

/// The message of a commit: what it is, and the counts.
fn message(settings: &GitSettings, handover: &Handover, objects: &BTreeMap<String, String>, old: &Blobs) -> String {
    let added = handover.sent.iter().filter(|path| !old.contains_key(*path)).count();
    let changed = handover.sent.len() - added;
    let first = settings.message.as_deref().unwrap_or("Publish the site").trim();
    let files = objects.len() - usize::from(objects.contains_key(MANIFEST));
    format!("{first}: {added} added, {changed} changed, {} removed\n\n{files} files in all.\n", handover.deleted.len())
}

impl Repository {
    fn open(config: &Config, settings: &GitSettings, mode: Mode) -> Result<Self, PublishError> {
        let root = std::path::absolute(&config.root).map_err(PublishError::io("find", &config.root))?;
        let work = root.join(".jianfan/publish");
        let branch = format!("refs/heads/{}", settings.branch);
        let own = Command::new("git").arg("-C").arg(&root).args(["rev-parse", "--absolute-git-dir"]).output();
        let own = own.map_err(missing)?;
        let own = own.status.success().then(|| PathBuf::from(String::from_utf8_lossy(&own.stdout).trim_end()));
        let named = own.as_ref().filter(|folder| {
            let key = format!("remote.{}.url", settings.remote);
            let found = Command::new("git").arg("--git-dir").arg(folder).args(["config", "--get", &key]).output();
            found.is_ok_and(|found| found.status.success())
        });
        std::fs::create_dir_all(&work).map_err(PublishError::io("make", &work))?;
        let index = work.join(format!("index-{}", std::process::id()));
        if let Some(folder) = named {
            let mut repository =
                Repository { folder: folder.clone(), index, remote: settings.remote.clone(), branch, depth: None };
            repository.refuse_checked_out(&settings.branch)?;
            // A checkout of a few commits stays one; a whole one must not become shallow.
            if repository.text(&["rev-parse", "--is-shallow-repository"])? == "true" {
                repository.depth = Some("--depth=2");
            }
            return Ok(repository);
        }
        if settings.remote == "origin" || !settings.remote.contains(['/', ':', '.']) {
            return Err(PublishError::Setting(format!(
                "the site's folder has no git remote `{}`; add it with `git remote add`, or write an address: `publish: {{git: {{remote: git@host:name.git}}}}`",
                settings.remote
            )));
        }
        let folder = work.join("repository.git");
        let remote = address(&root, &settings.remote);
        let repository = Repository { folder, index, remote, branch, depth: Some("--depth=2") };
        if !repository.folder.join("HEAD").exists() {
            let mut init = Command::new("git");
            init.args(["init", "--quiet", "--bare"]).arg(&repository.folder);
            run(init, None)?;
        }
        let _ = mode;
        Ok(repository)
    }

    /// A branch that is checked out holds the site's sources; it would lose them.
    fn refuse_checked_out(&self, branch: &str) -> Result<(), PublishError> {
        let trees = self.text(&["worktree", "list", "--porcelain"]).unwrap_or_default();
        if trees.lines().any(|line| line == format!("branch {}", self.branch)) {
            return Err(PublishError::Setting(format!(
                "the branch `{branch}` is checked out here, so it holds your sources; publish to a branch of its own, such as `--branch gh-pages`"
            )));
        }
        Ok(())
    }

    fn name(&self, settings: &GitSettings) -> String {
        format!("branch {} of {}", settings.branch, without_secrets(&settings.remote))
    }

    /// Fetches the branch; gives its last commit, or none when there is no such branch.
    fn fetch(&self) -> Result<Option<String>, PublishError> {
        let there = self.text(&["ls-remote", &self.remote, &self.branch])?;
        let Some(tip) = there.split_whitespace().next() else { return Ok(None) };
        let known = self.command(&["cat-file", "-e", &format!("{tip}^{{commit}}")]).output().map_err(missing)?;
        let parent = self.command(&["cat-file", "-e", &format!("{tip}^^{{commit}}")]).output().map_err(missing)?;
        if !known.status.success() || !parent.status.success() {
            let mut fetch = vec!["fetch", "--quiet", "--no-tags", "--no-write-fetch-head"];
            fetch.extend(self.depth);
            let rule = format!("+{}:refs/jianfan/published", self.branch);
            fetch.extend([self.remote.as_str(), &rule]);
            self.run(&fetch, None)?;
        }
        Ok(Some(tip.to_owned()))
    }

    /// The list of a commit, if the site put one there.
    fn record(&self, commit: &str, files: &Blobs) -> Result<Option<Record>, PublishError> {
        let Some((_, object)) = files.get(MANIFEST) else { return Ok(None) };
        let bytes = self.run(&["cat-file", "blob", object], None).map_err(|error| match error {
            PublishError::Program { program, message } => {
                PublishError::Program { program, message: format!("{message} (of {commit})") }
            }
            error => error,
        })?;
        Ok(Record::parse(&bytes))
    }

    /// The files of a commit.
    fn list(&self, commit: &str) -> Result<Blobs, PublishError> {
        let listing = self.run(&["ls-tree", "-r", "-z", "--full-tree", commit], None)?;
        let entries = listing.split(|&byte| byte == 0).filter(|entry| !entry.is_empty());
        Ok(entries
            .filter_map(|entry| {
                let entry = String::from_utf8_lossy(entry);
                let (head, path) = entry.split_once('\t')?;
                let mut head = head.split(' ');
                Some((path.to_owned(), (head.next()?.to_owned(), head.nth(1)?.to_owned())))
            })
            .collect())
    }

    /// Writes the objects of all files, or only counts them for a dry run; gives path to object.
    fn store(&self, tree: &Tree, mode: Mode) -> Result<BTreeMap<String, String>, PublishError> {
        let mut names = Vec::new();
        for item in tree.files.values() {
            let file = std::path::absolute(&item.from).map_err(PublishError::io("find", &item.from))?;
            let file = file.into_os_string().into_encoded_bytes();
            if file.contains(&b'\n') {
                return Err(PublishError::Setting(format!(
                    "`{}` has a line break in its name, which git cannot be told; rename it",
                    item.from.display()
                )));
            }
            names.extend(file);
            names.push(b'\n');
        }
        let mut hash = vec!["hash-object", "--no-filters", "--stdin-paths"];
        if !mode.dry_run {
            hash.push("-w");
        }
        let output = self.run(&hash, Some(&names))?;
        let output = String::from_utf8_lossy(&output);
        let mut objects: BTreeMap<String, String> =
            tree.files.keys().cloned().zip(output.lines().map(str::to_owned)).collect();
        let list = Record::of(tree).bytes();
        let mut hash = vec!["hash-object", "--stdin"];
        if !mode.dry_run {
            hash.push("-w");
        }
        let object = self.run(&hash, Some(&list))?;
        objects.insert(MANIFEST.to_owned(), String::from_utf8_lossy(&object).trim().to_owned());
        Ok(objects)
    }

    /// The tree of a commit with some entries changed.
    fn tree(&self, tip: Option<&str>, entries: &[u8]) -> Result<String, PublishError> {
        let _ = std::fs::remove_file(&self.index);
        let made = (|| {
            match tip {
                Some(tip) => self.run(&["read-tree", tip], None)?,
                None => self.run(&["read-tree", "--empty"], None)?,
            };
            self.run(&["update-index", "-z", "--index-info"], Some(entries))?;
            self.text(&["write-tree"])
        })();
        let _ = std::fs::remove_file(&self.index);
        made
    }

    fn commit(&self, tree: &str, parent: Option<&str>, message: &str) -> Result<String, PublishError> {
        let mut command = vec!["commit-tree", tree];
        if let Some(parent) = parent {
            command.extend(["-p", parent]);
        }
        // A machine that was never told who commits, such as a runner, may publish too.
        let named = self.text(&["var", "GIT_COMMITTER_IDENT"]).is_ok();
        let mut git = self.command(&command);
        if !named {
            for role in ["AUTHOR", "COMMITTER"] {
                git.env(format!("GIT_{role}_NAME"), "jianfan").env(format!("GIT_{role}_EMAIL"), "jianfan@localhost");
            }
        }
        let output = run(git, Some(message.as_bytes()))?;
        Ok(String::from_utf8_lossy(&output).trim().to_owned())
    }

    /// Pushes a commit and looks at what is there then; gives how many files were found right.
    fn push(
        &self,
        commit: &str,
        tip: Option<&str>,
        mode: Mode,
        objects: &BTreeMap<String, String>,
        gone: &[String],
    ) -> Result<usize, PublishError> {
        if Some(commit) != tip {
            let rule = format!("{commit}:{}", self.branch);
            let lease = format!("--force-with-lease={}:{}", self.branch, tip.unwrap_or_default());
            let mut push = vec!["push", "--quiet"];
            if mode.force {
                push.push(&lease);
            }
            push.extend([self.remote.as_str(), &rule]);
            self.run(&push, None)?;
            self.run(&["update-ref", "refs/jianfan/published", commit], None)?;
        }
        let there = self.text(&["ls-remote", &self.remote, &self.branch])?;
        let unverified = |problems| PublishError::Unverified { target: self.branch.clone(), problems };
        if there.split_whitespace().next() != Some(commit) {
            return Err(unverified(vec![format!("its last commit is not {commit}")]));
        }
        let found = self.list(commit)?;
        let wrong = objects.iter().filter(|(path, object)| found.get(*path).is_none_or(|(_, blob)| blob != *object));
        let mut problems: Vec<String> = wrong.map(|(path, _)| format!("`{path}` has other bytes, or none")).collect();
        problems.extend(gone.iter().filter(|path| found.contains_key(*path)).map(|path| format!("`{path}` is there")));
        let files = objects.keys().filter(|path| path.as_str() != MANIFEST).count();
        if problems.is_empty() { Ok(files) } else { Err(unverified(problems)) }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.arg("--git-dir").arg(&self.folder).args(arguments);
        // A program asks nothing: where git would ask for a password it says so and stops.
        command.env("GIT_INDEX_FILE", &self.index).env("GIT_TERMINAL_PROMPT", "0").env_remove("GIT_WORK_TREE");
        command
    }

    fn run(&self, arguments: &[&str], input: Option<&[u8]>) -> Result<Vec<u8>, PublishError> {
        run(self.command(arguments), input)
    }

    fn text(&self, arguments: &[&str]) -> Result<String, PublishError> {
        Ok(String::from_utf8_lossy(&self.run(arguments, None)?).trim().to_owned())
    }
}

/// A folder written from the root of the site becomes a whole path; addresses stay.
fn address(root: &Path, written: &str) -> String {
    let remote = written.contains("://") || written.split('/').next().is_some_and(|head| head.contains(':'));
    if remote { written.to_owned() } else { root.join(written).to_string_lossy().into_owned() }
}

/// An address without the password or token someone may have written into it.
pub(super) fn without_secrets(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    match rest[..end].rsplit_once('@') {
        Some((user, host)) if scheme.starts_with("http") || user.contains(':') => {
            format!("{scheme}://{host}{}", &rest[end..])
        }
        _ => address.to_owned(),
    }
}

fn missing(error: std::io::Error) -> PublishError {
    PublishError::Program { program: "git", message: format!("it cannot be started ({error}); install git") }
}

/// Runs a command; gives what it wrote.
fn run(command: Command, input: Option<&[u8]>) -> Result<Vec<u8>, PublishError> {
    let what = command.get_args().nth(2).unwrap_or(OsStr::new("")).to_string_lossy().into_owned();
    let output = program::run("git", command, input)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(PublishError::Program { program: "git", message: explain(&what, said.trim()) })
}

/// What git said, and what to do about it.
fn explain(what: &str, said: &str) -> String {
    let lines: Vec<String> =
        said.lines().filter(|line| !line.starts_with("hint:")).map(words_without_secrets).collect();
    let said = lines.join("; ");
    if what == "push" && (said.contains("rejected") || said.contains("fetch first") || said.contains("stale info")) {
        return format!("{said}; somebody else published meanwhile: run the same command again");
    }
    let refused = ["Authentication failed", "Permission denied", "could not read Username", "403"];
    if refused.iter().any(|word| said.contains(word)) {
        return format!("{said}; check that `git push` works from this folder");
    }
    format!("{what}: {said}")
}

fn words_without_secrets(line: &str) -> String {
    let words = line.split(' ').map(|word| {
        let bare = word.trim_matches(['\'', '"', ':']);
        word.replace(bare, &without_secrets(bare))
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_addresses_are_not_shown() {
        assert_eq!(without_secrets("https://x:token@a.example/b.git"), "https://a.example/b.git");
        assert_eq!(without_secrets("https://token@a.example/b.git"), "https://a.example/b.git");
        assert_eq!(without_secrets("ssh://git@a.example/b.git"), "ssh://git@a.example/b.git");
        assert_eq!(without_secrets("git@a.example:b.git"), "git@a.example:b.git");
        assert_eq!(
            explain("fetch", "fatal: unable to access 'https://x:y@a.example/': 403"),
            "fatal: unable to access 'https://a.example/': 403; check that `git push` works from this folder"
        );
    }

    #[test]
    fn folders_are_found_from_the_site() {
        assert_eq!(address(Path::new("/site"), "../pages.git"), "/site/../pages.git");
        assert_eq!(address(Path::new("/site"), "git@a.example:b.git"), "git@a.example:b.git");
        assert_eq!(address(Path::new("/site"), "https://a.example/b.git"), "https://a.example/b.git");
    }
}
