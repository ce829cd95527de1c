//! The settings under `publish:` in site.yaml: where a site goes.

use serde_yaml::Value;

/// The targets of a site, one of each kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// A folder.
    pub dir: Option<FolderSettings>,
    /// A branch.
    pub git: Option<GitSettings>,
    /// A server.
    pub rsync: Option<RsyncSettings>,
    /// A store.
    pub s3: Option<S3Settings>,
}

/// One target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Where {
    /// A folder of this machine.
    Folder(FolderSettings),
    /// A branch of a git repository.
    Git(GitSettings),
    /// A server that rsync reaches.
    Rsync(RsyncSettings),
    /// An S3-compatible store.
    S3(S3Settings),
}

impl Where {
    /// The word of the command line.
    pub fn kind(&self) -> &'static str {
        match self {
            Where::Folder(_) => "dir",
            Where::Git(_) => "git",
            Where::Rsync(_) => "rsync",
            Where::S3(_) => "s3",
        }
    }
}

/// A folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FolderSettings {
    /// The folder, from the root of the site.
    pub to: String,
}

/// A branch of a git repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitSettings {
    /// Name of a remote of the site's own repository, or an address, or a folder from the root of the site.
    pub remote: String,
    /// The branch.
    pub branch: String,
    /// First line of the commit's message; counts follow.
    pub message: Option<String>,
}

impl Default for GitSettings {
    fn default() -> Self {
        GitSettings { remote: "origin".to_owned(), branch: "gh-pages".to_owned(), message: None }
    }
}

/// A server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RsyncSettings {
    /// As rsync writes it: `host:/folder/`, `rsync://host/module/` or a folder.
    pub to: String,
    /// The remote shell, such as `ssh -p 2222`.
    pub shell: Option<String>,
    /// A file with the password of an rsync daemon.
    pub password_file: Option<String>,
}

/// A store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct S3Settings {
    /// Name of the bucket.
    pub bucket: String,
    /// What every key begins with, without a `/` at its ends.
    pub prefix: String,
    /// The region; what the environment says when absent.
    pub region: Option<String>,
    /// Address of the service; that of Amazon when absent.
    pub endpoint: Option<String>,
    /// Whether the bucket stands in the path of addresses, not in the host.
    pub path_style: Option<bool>,
    /// The profile of the shared credentials file.
    pub profile: Option<String>,
    /// A file with certificates that are trusted, for a service of one's own.
    pub ca: Option<String>,
}

const HELP: &str = "\nwrite it like `publish: {git: {remote: origin, branch: gh-pages}}`; the targets are `dir`, `git`, `rsync` and `s3`";

/// Reads the value of `publish:`.
///
/// # Errors
/// What is wrong, and after a line end what to write.
pub(crate) fn read(value: &Value) -> Result<Settings, String> {
    let mut settings = Settings::default();
    let targets = value.as_mapping().ok_or(format!("expected targets below it{HELP}"))?;
    for (kind, value) in targets {
        let kind = kind.as_str().unwrap_or_default();
        match kind {
            "dir" => settings.dir = Some(FolderSettings { to: Keys::of(kind, value, &["to"])?.needed("to")? }),
            "git" => settings.git = Some(git(Keys::of(kind, value, &["remote", "branch", "message"])?)?),
            "rsync" => settings.rsync = Some(rsync(Keys::of(kind, value, &["to", "shell", "password_file"])?)?),
            "s3" => {
                let known = ["bucket", "prefix", "region", "endpoint", "path_style", "profile", "ca"];
                settings.s3 = Some(s3(Keys::of(kind, value, &known)?)?);
            }
            other => return Err(format!("`{other}` is no target{HELP}")),
        }
    }
    Ok(settings)
}

/// The keys of one target.
struct Keys<'a> {
    kind: &'a str,
    value: &'a Value,
}

impl<'a> Keys<'a> {
    fn of(kind: &'a str, value: &'a Value, known: &[&str]) -> Result<Self, String> {
        let mapping = value.as_mapping().ok_or(format!("`{kind}` has no keys below it{HELP}"))?;
        for key in mapping.keys() {
            let key = key.as_str().unwrap_or_default();
            if matches!(key, "access_key" | "secret_key" | "password" | "token") {
                return Err(format!(
                    "`{kind}` holds `{key}`\nkeep secrets out of this file: the environment or ~/.aws/credentials has them"
                ));
            }
            if !known.contains(&key) {
                return Err(format!("`{kind}` knows no `{key}`\nthe keys of `{kind}` are `{}`", known.join("`, `")));
            }
        }
        Ok(Keys { kind, value })
    }

    fn text(&self, key: &str) -> Result<Option<String>, String> {
        match self.value.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.trim().to_owned())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(format!("`{}`: `{key}` is not text", self.kind)),
        }
    }

    fn needed(&self, key: &str) -> Result<String, String> {
        let text = self.text(key)?.filter(|text| !text.is_empty());
        text.ok_or(format!("`{}` has no `{key}`\nwrite where the site goes", self.kind))
    }
}

fn git(keys: Keys<'_>) -> Result<GitSettings, String> {
    let plain = GitSettings::default();
    Ok(GitSettings {
        remote: keys.text("remote")?.unwrap_or(plain.remote),
        branch: check_branch(keys.text("branch")?.unwrap_or(plain.branch))?,
        message: keys.text("message")?,
    })
}

/// Checks the name of a branch.
///
/// # Errors
/// What is wrong, and after a line end what to write.
pub fn branch(name: &str) -> Result<String, String> {
    check_branch(name.to_owned())
}

/// Refuses what git would not take as a branch, or would take as an option.
fn check_branch(name: String) -> Result<String, String> {
    let bad = |c: char| c.is_control() || " ~^:?*[\\".contains(c);
    let wrong = name.is_empty()
        || name.starts_with(['-', '/', '.'])
        || name.ends_with(['/', '.'])
        || name.ends_with(".lock")
        || name.contains("..")
        || name.contains("//")
        || name.contains("@{")
        || name.contains(bad);
    if wrong { Err(format!("`{name}` is no name of a branch\nwrite it like `gh-pages`")) } else { Ok(name) }
}

fn rsync(keys: Keys<'_>) -> Result<RsyncSettings, String> {
    Ok(RsyncSettings { to: keys.needed("to")?, shell: keys.text("shell")?, password_file: keys.text("password_file")? })
}

fn s3(keys: Keys<'_>) -> Result<S3Settings, String> {
    let path_style = match keys.value.get("path_style") {
        None | Some(Value::Null) => None,
        Some(Value::Bool(on)) => Some(*on),
        Some(_) => return Err("`s3`: `path_style` is not `true` or `false`".to_owned()),
    };
    Ok(S3Settings {
        bucket: keys.needed("bucket")?,
        prefix: keys.text("prefix")?.unwrap_or_default().trim_matches('/').to_owned(),
        region: keys.text("region")?,
        endpoint: keys.text("endpoint")?,
        path_style,
        profile: keys.text("profile")?,
        ca: keys.text("ca")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(yaml: &str) -> Result<Settings, String> {
        read(&serde_yaml::from_str(yaml).unwrap())
    }

    #[test]
    fn every_target_is_read() {
        let settings = parse(
            "{dir: {to: ../out}, git: {branch: pages}, rsync: {to: 'a:/b/'}, s3: {bucket: b, prefix: /x/, path_style: true}}",
        )
        .unwrap();
        assert_eq!(settings.dir.unwrap().to, "../out");
        assert_eq!(settings.git.unwrap(), GitSettings { branch: "pages".into(), ..GitSettings::default() });
        assert_eq!(settings.rsync.unwrap().to, "a:/b/");
        let s3 = settings.s3.unwrap();
        assert_eq!((s3.prefix.as_str(), s3.path_style), ("x", Some(true)));
    }

    #[test]
    fn mistakes_say_what_to_write() {
        assert!(parse("{ftp: {to: x}}").unwrap_err().contains("`ftp` is no target\nwrite it like"));
        assert!(parse("{rsync: {}}").unwrap_err().contains("`rsync` has no `to`\nwrite where the site goes"));
        assert!(
            parse("{git: {brunch: x}}").unwrap_err().contains("the keys of `git` are `remote`, `branch`, `message`")
        );
        assert!(parse("{s3: {bucket: b, secret_key: x}}").unwrap_err().contains("keep secrets out of this file"));
        for name in ["--force", "a b", "a..b", "x.lock", ""] {
            assert!(check_branch(name.to_owned()).is_err(), "{name}");
        }
    }
}
