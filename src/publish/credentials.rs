//! Who we are to an S3-compatible store: the usual variables of the environment, or the shared files of its tools.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::PublishError;
use super::settings::S3Settings;

/// A key and its secret. It has no way to be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    pub(super) key: String,
    pub(super) secret: String,
    pub(super) token: Option<String>,
    pub(super) region: Option<String>,
    pub(super) endpoint: Option<String>,
}

/// What the environment says; the command line asks for it, so that nothing here depends on it in secret.
pub type Environment<'e> = &'e dyn Fn(&str) -> Option<String>;

impl Keys {
    /// Finds the keys for a store.
    ///
    /// Variables of the environment go before files, unless the settings name a profile.
    ///
    /// # Errors
    /// When there are none, with the places that were looked at.
    pub fn find(settings: &S3Settings, environment: Environment<'_>) -> Result<Self, PublishError> {
        let value = |name: &str| environment(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let region = value("AWS_REGION").or_else(|| value("AWS_DEFAULT_REGION"));
        let endpoint = value("AWS_ENDPOINT_URL_S3").or_else(|| value("AWS_ENDPOINT_URL"));
        if settings.profile.is_none()
            && let (Some(key), Some(secret)) = (value("AWS_ACCESS_KEY_ID"), value("AWS_SECRET_ACCESS_KEY"))
        {
            return Ok(Keys { key, secret, token: value("AWS_SESSION_TOKEN"), region, endpoint });
        }
        let profile = settings.profile.clone().or_else(|| value("AWS_PROFILE")).unwrap_or_else(|| "default".to_owned());
        let file = |variable: &str, name: &str| {
            let home = || value("HOME").map(|home| PathBuf::from(home).join(".aws").join(name));
            value(variable).map(PathBuf::from).or_else(home)
        };
        let secrets = file("AWS_SHARED_CREDENTIALS_FILE", "credentials").map(|path| section(&path, &profile));
        let config = file("AWS_CONFIG_FILE", "config").map(|path| {
            let name = if profile == "default" { profile.clone() } else { format!("profile {profile}") };
            section(&path, &name)
        });
        let mut known = config.unwrap_or_default();
        known.extend(secrets.unwrap_or_default());
        let (Some(key), Some(secret)) = (known.get("aws_access_key_id"), known.get("aws_secret_access_key")) else {
            return Err(PublishError::Setting(format!(
                "no keys for the bucket `{}`: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write the profile `{profile}` into ~/.aws/credentials",
                settings.bucket
            )));
        };
        Ok(Keys {
            key: key.clone(),
            secret: secret.clone(),
            token: known.get("aws_session_token").cloned(),
            region: region.or_else(|| known.get("region").cloned()),
            endpoint: endpoint.or_else(|| known.get("endpoint_url").cloned()),
        })
    }
}

/// One section of a file of `[name]` and `key = value` lines; empty when there is none.
fn section(path: &Path, name: &str) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let mut values = BTreeMap::new();
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if let Some(head) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            inside = head.trim() == name;
        } else if inside
            && !line.starts_with(['#', ';'])
            && let Some((key, value)) = line.split_once('=')
        {
            values.insert(key.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_go_before_files_and_profiles_before_variables() {
        let folder = tempfile::tempdir().unwrap();
        let aws = folder.path().join(".aws");
        std::fs::create_dir_all(&aws).unwrap();
        std::fs::write(
            aws.join("credentials"),
            "[default]\naws_access_key_id = A\naws_secret_access_key = a\n# x\n[news]\naws_access_key_id=N\naws_secret_access_key=n\naws_session_token=t\n",
        )
        .unwrap();
        std::fs::write(aws.join("config"), "[profile news]\nregion = ap-east-1\n").unwrap();
        let home = folder.path().to_str().unwrap().to_owned();
        let file_only = |name: &str| (name == "HOME").then(|| home.clone());
        let with_variables = |name: &str| match name {
            "AWS_ACCESS_KEY_ID" => Some("E".to_owned()),
            "AWS_SECRET_ACCESS_KEY" => Some("e".to_owned()),
            other => file_only(other),
        };
        let plain = S3Settings { bucket: "b".into(), ..S3Settings::default() };
        let news = S3Settings { profile: Some("news".into()), ..plain.clone() };
        assert_eq!(Keys::find(&plain, &file_only).ok().unwrap().key, "A");
        assert_eq!(Keys::find(&plain, &with_variables).ok().unwrap().key, "E");
        let keys = Keys::find(&news, &with_variables).ok().unwrap();
        assert_eq!(
            (keys.key.as_str(), keys.token.as_deref(), keys.region.as_deref()),
            ("N", Some("t"), Some("ap-east-1"))
        );
        let error = Keys::find(&S3Settings { profile: Some("nobody".into()), ..plain }, &file_only).err().unwrap();
        assert_eq!(
            error.to_string(),
            "no keys for the bucket `b`: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write the profile `nobody` into ~/.aws/credentials"
        );
    }
}
