//! What hosts of static sites read, want and allow.
//!
//! A profile is named by `host:` in site.yaml. It decides which files for hosts a build writes, and which limits the
//! finished site is held against. Pure.

mod files;
mod kind;
mod limits;

use std::collections::BTreeMap;

use serde_yaml::Value;

pub(crate) use files::files;
pub(crate) use kind::content_type;
pub use limits::{Measure, Measured, base_path_remark, measure};

/// A kind of host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// GitHub Pages.
    GithubPages,
    /// Cloudflare Pages.
    CloudflarePages,
    /// Netlify.
    Netlify,
    /// GitLab Pages.
    GitlabPages,
    /// A store that speaks S3, with or without a network of caches before it.
    S3,
    /// A web server of one's own.
    Nginx,
}

/// Names of the profiles, as in site.yaml.
const PROFILES: &[(&str, Profile)] = &[
    ("github-pages", Profile::GithubPages),
    ("cloudflare-pages", Profile::CloudflarePages),
    ("netlify", Profile::Netlify),
    ("gitlab-pages", Profile::GitlabPages),
    ("s3", Profile::S3),
    ("nginx", Profile::Nginx),
];

impl Profile {
    /// The name in site.yaml.
    pub fn as_str(self) -> &'static str {
        PROFILES.iter().find(|(_, profile)| *profile == self).map_or("", |(name, _)| name)
    }
}

/// Which packed forms of a file are handed over beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Packing {
    /// `.gz`.
    pub gzip: bool,
    /// `.br`.
    pub brotli: bool,
}

/// The settings under `host:`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    /// The profile; with none, the files of all hosts are written and no limit is looked at.
    pub profile: Option<Profile>,
    /// Packed forms for `publish dir` and `publish rsync`.
    pub packing: Packing,
    /// Headers of all pages over the usual ones; an empty value takes one away.
    pub headers: BTreeMap<String, String>,
}

/// The head of a file that never changes.
pub(crate) const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// The head of a file that must be asked for again.
pub(crate) const REVALIDATE: &str = "public, max-age=0, must-revalidate";

/// Tells whether a path has the digest of its bytes in its name.
pub(crate) fn is_hashed(path: &str) -> bool {
    path.starts_with("assets/")
}

/// Reads the value of `host:`.
///
/// # Errors
/// What is wrong, and after a line end what to write.
pub(crate) fn read(value: &Value) -> Result<Host, String> {
    let mut host = Host::default();
    match value {
        Value::Null => {}
        Value::String(name) => host.profile = Some(profile(name)?),
        Value::Mapping(mapping) => {
            for (key, value) in mapping {
                match (key.as_str().unwrap_or_default(), value) {
                    ("profile", Value::String(name)) => host.profile = Some(profile(name)?),
                    ("precompress", value) => host.packing = packing(value)?,
                    ("headers", value) => host.headers = headers(value)?,
                    (key, _) => return Err(format!("`{key}` is unknown or has a wrong value{HELP}")),
                }
            }
        }
        _ => return Err(format!("expected the name of a profile{HELP}")),
    }
    Ok(host)
}

const HELP: &str = "\nwrite it like `host: netlify` or `host: {profile: nginx, precompress: [gzip, brotli]}`";

fn profile(name: &str) -> Result<Profile, String> {
    let found = PROFILES.iter().find(|(known, _)| *known == name.trim());
    found.map(|(_, profile)| *profile).ok_or_else(|| {
        let names: Vec<&str> = PROFILES.iter().map(|(name, _)| *name).collect();
        format!("no profile for `{}`\nname one of `{}`", name.trim(), names.join("`, `"))
    })
}

fn packing(value: &Value) -> Result<Packing, String> {
    if let Value::Bool(on) = value {
        return Ok(Packing { gzip: *on, brotli: *on });
    }
    let mut packing = Packing::default();
    for form in value.as_sequence().ok_or(format!("`precompress` is no list{HELP}"))? {
        match form.as_str() {
            Some("gzip") => packing.gzip = true,
            Some("brotli") => packing.brotli = true,
            _ => return Err(format!("`precompress` knows `gzip` and `brotli`{HELP}")),
        }
    }
    Ok(packing)
}

/// Names and values of headers, neither of which may hold what would begin another header.
fn headers(value: &Value) -> Result<BTreeMap<String, String>, String> {
    let help = "\nwrite it like `headers: {X-Frame-Options: DENY}`";
    let mut headers = BTreeMap::new();
    for (name, value) in value.as_mapping().ok_or(format!("`headers` has no names below it{help}"))? {
        let name = name.as_str().unwrap_or_default();
        let text = match value {
            Value::Null => "",
            Value::String(text) => text.trim(),
            _ => return Err(format!("`{name}` is not text{help}")),
        };
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if name.is_empty() || !plain || text.chars().any(|c| c.is_control() || !c.is_ascii()) {
            return Err(format!("`{name}` is no header{help}"));
        }
        headers.insert(name.to_owned(), text.to_owned());
    }
    Ok(headers)
}

impl Packing {
    /// The forms, in order.
    pub(crate) fn forms(self) -> impl Iterator<Item = crate::publish::Form> {
        use crate::publish::Form;
        [(self.gzip, Form::Gzip), (self.brotli, Form::Brotli)].into_iter().filter(|(on, _)| *on).map(|(_, form)| form)
    }
}

/// Where a page that only leads elsewhere leads: the path its canonical address has.
pub(crate) fn redirect_target(page: &[u8]) -> Option<String> {
    let head = std::str::from_utf8(page.get(..page.len().min(4096))?).ok()?;
    if !head.contains("<meta http-equiv=\"refresh\"") {
        return None;
    }
    let rest = &head[head.find("<link rel=\"canonical\" href=\"")? + 28..];
    let url = &rest[..rest.find('"')?];
    let path = &url[url.find("://")? + 3..];
    Some(path[path.find('/')?..].to_owned())
}
