//! An S3-compatible store: Amazon's, or one that speaks its language (Cloudflare R2, MinIO, Alibaba OSS, Tencent COS …).
//!
//! Requests are signed by `rusty-s3`, which makes none itself, and sent by `ureq`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rusty_s3::actions::ListObjectsV2;
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use ureq::Agent;
use ureq::tls::{PemItem, RootCerts, TlsConfig};

use super::PublishError;
use super::credentials::Keys;
use super::hand_over::{Parcel, Target};
use super::kind::cache_control;
use super::record::Record;
use super::settings::S3Settings;
use super::tree::Tree;
use crate::config::Config;
use crate::host::content_type;
use crate::host::{self, Profile};
use crate::site::MANIFEST;

/// How long a signed address is good for.
const VALID: Duration = Duration::from_secs(900);

/// Files that travel at once. Most of the time of a small file is waiting for the answer.
const LANES: usize = 8;

/// How often a request is made before it counts as failed.
const TRIES: u64 = 4;

/// The longest list or answer that is read, in bytes.
const LONGEST: u64 = 256 << 20;

pub(super) struct Store {
    agent: Agent,
    bucket: Bucket,
    credentials: Credentials,
    prefix: String,
    /// Whether old addresses are objects that the store itself turns into redirects.
    redirects: bool,
}

/// Headers of an object.
struct Headers {
    content_type: &'static str,
    cache_control: &'static str,
    redirect: Option<String>,
}

impl Store {
    pub(super) fn new(config: &Config, settings: &S3Settings, keys: Option<Keys>) -> Result<Self, PublishError> {
        let keys = keys.ok_or_else(|| PublishError::Setting("an S3 store wants keys".to_owned()))?;
        let region = settings.region.clone().or(keys.region).unwrap_or_else(|| "us-east-1".to_owned());
        let own = settings.endpoint.clone().or(keys.endpoint);
        let path_style = settings.path_style.unwrap_or(own.is_some());
        let endpoint = own.unwrap_or_else(|| format!("https://s3.{region}.amazonaws.com"));
        let wrong = |why: &str| {
            PublishError::Setting(format!(
                "the endpoint `{endpoint}` is no address ({why}); write it like `https://s3.example.org`"
            ))
        };
        let url = endpoint.parse().map_err(|_| wrong("it cannot be read"))?;
        let style = if path_style { UrlStyle::Path } else { UrlStyle::VirtualHost };
        let bucket = Bucket::new(url, style, settings.bucket.clone(), region)
            .map_err(|_| wrong("it needs http:// or https:// and a host"))?;
        let credentials = match keys.token {
            Some(token) => Credentials::new_with_token(keys.key, keys.secret, token),
            None => Credentials::new(keys.key, keys.secret),
        };
        let prefix = if settings.prefix.is_empty() { String::new() } else { format!("{}/", settings.prefix) };
        Ok(Store {
            agent: agent(config, settings)?,
            bucket,
            credentials,
            prefix,
            redirects: config.host.profile == Some(Profile::S3),
        })
    }

    fn key(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// Makes a request; one that fails for a reason that passes is made again.
    fn ask(
        &self,
        what: &str,
        mut request: impl FnMut() -> Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<ureq::http::Response<ureq::Body>, PublishError> {
        let failed = |why: String| PublishError::Network {
            what: format!("cannot {what} in the bucket `{}` ({})", self.bucket.name(), self.host()),
            why,
        };
        let mut tried = 1;
        loop {
            let answer = request();
            let passing = match &answer {
                Ok(answer) => matches!(answer.status().as_u16(), 408 | 429 | 500..=599),
                Err(ureq::Error::Io(_) | ureq::Error::Timeout(_) | ureq::Error::ConnectionFailed) => true,
                Err(_) => false,
            };
            if passing && tried < TRIES {
                std::thread::sleep(Duration::from_millis(200 << tried));
                tried += 1;
                continue;
            }
            let mut answer = answer.map_err(|error| failed(format!("{error}; check the endpoint")))?;
            let status = answer.status().as_u16();
            if answer.status().is_success() || status == 404 && what.starts_with("read ") {
                return Ok(answer);
            }
            let body = answer.body_mut().with_config().limit(1 << 16).read_to_string().unwrap_or_default();
            return Err(failed(explain(status, &body)));
        }
    }

    /// Where the store is, without what signs a request.
    fn host(&self) -> String {
        let url = self.bucket.base_url();
        format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default())
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, PublishError> {
        let key = self.key(path);
        let mut answer = self.ask(&format!("read `{key}`"), || {
            let url = self.bucket.get_object(Some(&self.credentials), &key).sign(VALID);
            self.agent.get(url.as_str()).call()
        })?;
        if answer.status().as_u16() == 404 {
            let body = answer.body_mut().with_config().limit(1 << 16).read_to_string().unwrap_or_default();
            if body.contains("NoSuchBucket") {
                return Err(PublishError::Setting(format!(
                    "there is no bucket `{}` at {}; make it first, or correct the name",
                    self.bucket.name(),
                    self.host()
                )));
            }
            return Ok(None);
        }
        let body = answer.body_mut().with_config().limit(LONGEST).read_to_vec();
        body.map(Some)
            .map_err(|error| PublishError::Network { what: format!("cannot read `{key}`"), why: error.to_string() })
    }

    fn put_bytes(&self, path: &str, bytes: &[u8], headers: &Headers) -> Result<(), PublishError> {
        let key = self.key(path);
        self.ask(&format!("write `{key}`"), || {
            let mut action = self.bucket.put_object(Some(&self.credentials), &key);
            let signed = action.headers_mut();
            signed.insert("content-type", headers.content_type);
            signed.insert("cache-control", headers.cache_control);
            if let Some(to) = &headers.redirect {
                signed.insert("x-amz-website-redirect-location", to.as_str());
            }
            let mut request = self.agent.put(action.sign(VALID).as_str());
            request = request.header("content-type", headers.content_type);
            request = request.header("cache-control", headers.cache_control);
            if let Some(to) = &headers.redirect {
                request = request.header("x-amz-website-redirect-location", to);
            }
            request.send(bytes)
        })
        .map(|_| ())
    }

    /// All objects below the prefix: path to size and digest.
    fn list(&self) -> Result<BTreeMap<String, (u64, String)>, PublishError> {
        let mut objects = BTreeMap::new();
        let mut next: Option<String> = None;
        loop {
            let page = self.list_page(next.as_deref(), None)?;
            for object in page.contents {
                if let Some(path) = object.key.strip_prefix(&self.prefix) {
                    objects.insert(path.to_owned(), (object.size, object.etag.trim_matches('"').to_owned()));
                }
            }
            next = page.next_continuation_token;
            if next.is_none() {
                return Ok(objects);
            }
        }
    }

    fn list_page(
        &self,
        after: Option<&str>,
        most: Option<usize>,
    ) -> Result<rusty_s3::actions::ListObjectsV2Response, PublishError> {
        let mut answer = self.ask(&format!("list `{}`", self.prefix), || {
            let mut action: ListObjectsV2<'_> = self.bucket.list_objects_v2(Some(&self.credentials));
            action.with_prefix(self.prefix.as_str());
            if let Some(after) = after {
                action.with_continuation_token(after.to_owned());
            }
            if let Some(most) = most {
                action.with_max_keys(most);
            }
            self.agent.get(action.sign(VALID).as_str()).call()
        })?;
        let unreadable =
            |why: String| PublishError::Network { what: "the store's list cannot be read".to_owned(), why };
        let body = answer.body_mut().with_config().limit(LONGEST).read_to_string();
        let body = body.map_err(|error| unreadable(error.to_string()))?;
        ListObjectsV2::parse_response(&body).map_err(|error| unreadable(error.to_string()))
    }

    /// What headers an object must have.
    fn headers(&self, path: &str, bytes: &[u8]) -> Headers {
        let redirect = (self.redirects && path.ends_with(".html")).then(|| host::redirect_target(bytes)).flatten();
        Headers { content_type: content_type(path), cache_control: cache_control(path), redirect }
    }

    /// Asks what a browser would be told of one object.
    fn head_problem(&self, path: &str) -> Result<Option<String>, PublishError> {
        let key = self.key(path);
        let answer = self.ask(&format!("read `{key}`"), || {
            let url = self.bucket.head_object(Some(&self.credentials), &key).sign(VALID);
            self.agent.head(url.as_str()).call()
        })?;
        let told = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        for (name, expected) in [("content-type", content_type(path)), ("cache-control", cache_control(path))] {
            if told(name) != expected {
                return Ok(Some(format!("`{path}` is sent with `{name}: {}`, not `{expected}`", told(name))));
            }
        }
        Ok(None)
    }
}

fn agent(config: &Config, settings: &S3Settings) -> Result<Agent, PublishError> {
    let mut builder = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .user_agent(concat!("jianfan/", env!("CARGO_PKG_VERSION")))
        .timeout_connect(Some(Duration::from_secs(15)))
        .timeout_recv_response(Some(Duration::from_secs(60)))
        .max_idle_connections_per_host(LANES);
    if let Some(file) = &settings.ca {
        let path = config.root.join(file);
        let pem = std::fs::read(&path).map_err(PublishError::io("read", &path))?;
        let certificates = ureq::tls::parse_pem(&pem).filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        });
        let certificates: Vec<_> = certificates.collect();
        if certificates.is_empty() {
            return Err(PublishError::Setting(format!("`{}` holds no certificate in PEM form", path.display())));
        }
        let roots = RootCerts::new_with_certs(&certificates);
        builder = builder.tls_config(TlsConfig::builder().root_certs(roots).build());
    }
    Ok(builder.build().new_agent())
}

/// What an answer means, and what to do.
fn explain(status: u16, body: &str) -> String {
    let part = |name: &str| {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let start = body.find(&open)? + open.len();
        let end = body[start..].find(&close)? + start;
        Some(body[start..end].to_owned())
    };
    let code = part("Code").unwrap_or_default();
    let help = match code.as_str() {
        "InvalidAccessKeyId" | "SignatureDoesNotMatch" => "; check the access key and its secret",
        "AccessDenied" => "; the key needs leave to list, read, write and delete below this prefix",
        "ExpiredToken" | "InvalidToken" | "TokenRefreshRequired" => "; the session has ended: get new keys",
        "RequestTimeTooSkewed" => "; set this machine's clock",
        "NoSuchBucket" => "; make the bucket first, or correct its name",
        "PermanentRedirect" | "AuthorizationHeaderMalformed" => "; name the region of the bucket with `region`",
        _ if status == 403 => "; check the keys and what they may do",
        _ if matches!(status, 301 | 307) => "; name the region or the endpoint of the bucket",
        _ => "",
    };
    match part("Message") {
        Some(message) => format!("{status} {code}: {message}{help}"),
        None => format!("{status} {code}{help}"),
    }
}

/// Does the same to all, a few at once; stops at the first failure.
fn each<T: Sync>(items: &[T], work: impl Fn(&T) -> Result<(), PublishError> + Sync) -> Result<(), PublishError> {
    let next = AtomicUsize::new(0);
    let failure = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..LANES.min(items.len()) {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(error) = work(item) {
                        next.store(items.len(), Ordering::Relaxed);
                        if let Ok(mut failure) = failure.lock() {
                            failure.get_or_insert(error);
                        }
                    }
                }
            });
        }
    });
    match failure.into_inner() {
        Ok(Some(error)) => Err(error),
        _ => Ok(()),
    }
}

/// Tells whether an object is the file: its digest, or where a store gives another kind of digest, its size.
fn is_same(found: Option<&(u64, String)>, bytes: &[u8]) -> bool {
    let Some((size, etag)) = found else { return false };
    let digest = etag.len() == 32 && etag.bytes().all(|byte| byte.is_ascii_hexdigit());
    *size == bytes.len() as u64 && (!digest || etag.eq_ignore_ascii_case(&md5(bytes)))
}

fn md5(bytes: &[u8]) -> String {
    use md5::Digest as _;
    md5::Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Target for Store {
    fn name(&self) -> String {
        format!("s3://{}/{} ({})", self.bucket.name(), self.prefix, self.host())
    }

    fn record(&self) -> Result<Option<Record>, PublishError> {
        Ok(self.read(MANIFEST)?.and_then(|bytes| Record::parse(&bytes)))
    }

    fn stranger(&self) -> Result<Option<String>, PublishError> {
        Ok(self.list_page(None, Some(1))?.contents.into_iter().next().map(|object| object.key))
    }

    fn present(&self, parcels: &[Parcel<'_>]) -> Result<BTreeSet<String>, PublishError> {
        let objects = self.list()?;
        let mut present = BTreeSet::new();
        for (path, item) in parcels {
            if objects.contains_key(*path) && is_same(objects.get(*path), &item.read()?) {
                present.insert((*path).to_owned());
            }
        }
        Ok(present)
    }

    fn put(&self, parcels: &[Parcel<'_>]) -> Result<(), PublishError> {
        each(parcels, |(path, item)| {
            let bytes = item.read()?;
            self.put_bytes(path, &bytes, &self.headers(path, &bytes))
        })
    }

    fn put_record(&self, record: &Record) -> Result<(), PublishError> {
        let headers = Headers { content_type: "application/json", cache_control: "no-store", redirect: None };
        self.put_bytes(MANIFEST, &record.bytes(), &headers)
    }

    fn delete(&self, paths: &[String]) -> Result<(), PublishError> {
        each(paths, |path| {
            let key = self.key(path);
            self.ask(&format!("delete `{key}`"), || {
                let url = self.bucket.delete_object(Some(&self.credentials), &key).sign(VALID);
                self.agent.delete(url.as_str()).call()
            })
            .map(|_| ())
        })
    }

    fn problems(&self, tree: &Tree, gone: &[String]) -> Result<Vec<String>, PublishError> {
        let objects = self.list()?;
        let mut problems = Vec::new();
        let mut kinds = BTreeMap::new();
        for (path, item) in &tree.files {
            if !is_same(objects.get(path), &item.read()?) {
                problems.push(format!("`{path}` has other bytes, or none"));
            }
            kinds.entry((content_type(path), cache_control(path))).or_insert(path);
        }
        problems.extend(
            gone.iter().filter(|path| objects.contains_key(*path)).map(|path| format!("`{path}` is still there")),
        );
        for path in kinds.values() {
            problems.extend(self.head_problem(path)?);
        }
        Ok(problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_say_what_to_do() {
        let body = "<Error><Code>SignatureDoesNotMatch</Code><Message>The signature differs</Message></Error>";
        assert_eq!(
            explain(403, body),
            "403 SignatureDoesNotMatch: The signature differs; check the access key and its secret"
        );
        assert_eq!(explain(403, ""), "403 ; check the keys and what they may do");
    }

    #[test]
    fn digests_of_stores_are_believed_where_they_are_digests() {
        let found = |size, etag: &str| (size, etag.to_owned());
        assert!(is_same(Some(&found(1, "0CC175B9C0F1B6A831C399E269772661")), b"a"));
        assert!(!is_same(Some(&found(1, "0cc175b9c0f1b6a831c399e269772661")), b"b"));
        assert!(is_same(Some(&found(1, "anything-2")), b"b"));
        assert!(!is_same(None, b"a"));
    }

    #[test]
    fn the_first_failure_stops_the_work() {
        let done = AtomicUsize::new(0);
        let items: Vec<usize> = (0..1000).collect();
        let result = each(&items, |item| {
            done.fetch_add(1, Ordering::Relaxed);
            if *item == 3 { Err(PublishError::Setting("no".into())) } else { Ok(()) }
        });
        assert!(result.is_err() && done.load(Ordering::Relaxed) < 1000);
    }
}
