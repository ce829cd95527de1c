//! Handing a site over to an S3 server that the test starts.
#![allow(clippy::unwrap_used, reason = "a test may stop where it is surprised")]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crate::support::{self, Answer, tree, write};
use serde_json::Value;

/// A server that ends with the test.
struct Moto {
    child: Child,
    port: u16,
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The server, with a bucket `news`; none, with a word about it, where it is not installed.
fn moto() -> Option<Moto> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent()?;
    let program = target.join("tools/moto/bin/moto_server");
    if !program.is_file() {
        support::skipped("publish s3 needs the server that tests/publish/fetch-moto installs");
        return None;
    }
    let port = support::free_port();
    let child = Command::new(program)
        .args(["-H", "127.0.0.1", "-p", &port.to_string()])
        .env("MOTO_S3_CUSTOM_ENDPOINTS", format!("http://127.0.0.1:{port}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let moto = Moto { child, port };
    support::answers(port);
    let (status, _, _) = moto.ask("PUT", "/news");
    assert_eq!(status, 200, "no bucket could be made");
    Some(moto)
}

impl Moto {
    /// One plain request; gives status, headers and body.
    fn ask(&self, method: &str, path: &str) -> Answer {
        // The server wants to be asked by somebody, and believes whoever says so.
        let somebody =
            "AWS4-HMAC-SHA256 Credential=x/20200101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=x";
        let head = format!(
            "{method} {path} HTTP/1.0\r\nHost: 127.0.0.1:{}\r\nAuthorization: {somebody}\r\nContent-Length: 0\r\n\r\n",
            self.port
        );
        support::ask(self.port, &head)
    }

    fn keys(&self) -> Vec<String> {
        let (_, _, body) = self.ask("GET", "/news?list-type=2&max-keys=1000");
        let body = String::from_utf8(body).unwrap();
        body.split("<Key>").skip(1).map(|rest| rest.split("</Key>").next().unwrap().to_owned()).collect()
    }
}

fn site(port: u16) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("site");
    let settings = format!(
        "title: 港口纪事\nbase_url: https://port.example/\nhost: s3\npublish:\n  s3: {{bucket: news, prefix: archive, region: eu-west-1, endpoint: 'http://127.0.0.1:{port}'}}\n"
    );
    let article = |title: &str, day: u32, text: &str, more: &str| {
        format!("---\ntitle: {title}\ndate: 2021-03-{day:02}\n{more}---\n\n{text}\n")
    };
    write(
        &root,
        &[
            ("site.yaml", settings.as_str()),
            (
                "content/lamp.md",
                &article("灯塔修好了", 1, "守塔人把灯点亮，渔船顺着光回来。", "aliases: [/old/lamp/]\n"),
            ),
            ("content/net.md", &article("补网的人", 3, "三个老人坐在码头上补网，说起从前的鱼。", "")),
            ("static/图 +1.txt", "a name that addresses must escape"),
        ],
    );
    (folder, root)
}

fn run(root: &Path, args: &[&str], secret: &str) -> (Option<i32>, String, String) {
    let output = Command::new(support::JIANFAN)
        .arg("--root")
        .arg(root)
        .args(["--format", "json", "publish", "s3"])
        .args(args)
        .env("AWS_ACCESS_KEY_ID", "AKIDTESTER")
        .env("AWS_SECRET_ACCESS_KEY", secret)
        .env_remove("AWS_SESSION_TOKEN")
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(!out.contains(secret) && !err.contains(secret), "the secret was printed");
    (output.status.code(), out, err)
}

const SECRET: &str = "wJalrXUtnFEMIsecretofthetest";

fn publish(root: &Path, args: &[&str]) -> Value {
    let (code, out, err) = run(root, args, SECRET);
    assert_eq!(code, Some(0), "{out}{err}");
    serde_json::from_str(&out).unwrap()
}

fn sent(report: &Value) -> Vec<String> {
    report["sent"].as_array().unwrap().iter().map(|path| path.as_str().unwrap().to_owned()).collect()
}

fn edit(root: &Path) {
    let path = root.join("content/net.md");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, text.replace("三个老人", "四个老人")).unwrap();
}

#[test]
fn a_store_gets_what_changed_with_the_right_heads() {
    let Some(moto) = moto() else { return };
    let (_folder, root) = site(moto.port);
    let dry = publish(&root, &["--dry-run"]);
    assert!(moto.keys().is_empty(), "a dry run wrote");
    let first = publish(&root, &[]);
    assert_eq!(sent(&dry), sent(&first));
    let mut expected: Vec<String> =
        tree(&root.join("public")).into_keys().map(|path| format!("archive/{path}")).collect();
    expected.sort();
    let mut there = moto.keys();
    there.sort();
    // A listing spells names for XML; the one odd name is looked at below.
    there.retain(|key| !key.contains('+'));
    expected.retain(|key| !key.contains('+'));
    assert_eq!(there, expected);
    for (path, kind, cache) in [
        ("zh-hans/index.html", "text/html; charset=utf-8", "public, max-age=0, must-revalidate"),
        ("zh-hans/feed.xml", "application/atom+xml; charset=utf-8", "public, max-age=0, must-revalidate"),
        ("%E5%9B%BE%20%2B1.txt", "text/plain; charset=utf-8", "public, max-age=0, must-revalidate"),
    ] {
        let (status, headers, _) = moto.ask("HEAD", &format!("/news/archive/{path}"));
        assert_eq!(
            (status, headers["content-type"].as_str(), headers["cache-control"].as_str()),
            (200, kind, cache),
            "{path}"
        );
    }
    let style = sent(&first).into_iter().find(|path| path.starts_with("assets/style")).unwrap();
    let (_, headers, body) = moto.ask("GET", &format!("/news/archive/{style}"));
    assert_eq!(headers["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(headers["content-type"], "text/css; charset=utf-8");
    assert_eq!(body, std::fs::read(root.join("public").join(&style)).unwrap());
    let (_, headers, _) = moto.ask("HEAD", "/news/archive/old/lamp/index.html");
    assert_eq!(headers["x-amz-website-redirect-location"], "/zh-hans/2021/03/lamp/");
    assert!(sent(&publish(&root, &[])).is_empty());
    edit(&root);
    let second = publish(&root, &[]);
    let paths = sent(&second);
    assert!(paths.contains(&"zh-hant/2021/03/net/index.html".to_owned()));
    assert!(!paths.iter().any(|path| path.contains("lamp") || path.starts_with("assets/")), "{paths:?}");
    std::fs::remove_file(root.join("content/lamp.md")).unwrap();
    publish(&root, &[]);
    assert!(!moto.keys().iter().any(|key| key.contains("lamp")));
    publish(&root, &["--rollback"]);
    assert!(moto.keys().contains(&"archive/zh-hans/2021/03/lamp/index.html".to_owned()));
}

/// A way to the server that breaks after a number of connections' requests, and then works again.
fn breaking(to: u16, after: usize) -> (u16, Arc<AtomicUsize>, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let left = Arc::new(AtomicUsize::new(after));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (shared, log) = (left.clone(), seen.clone());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (Ok(stream), shared, log) = (stream, shared.clone(), log.clone()) else { return };
            std::thread::spawn(move || forward(stream, to, &shared, &log));
        }
    });
    (port, left, seen)
}

/// Forwards the request of one connection, unless there are none left to forward.
fn forward(mut from: TcpStream, to: u16, left: &AtomicUsize, log: &Mutex<Vec<String>>) {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        match from.read(&mut byte) {
            Ok(1) => request.push(byte[0]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&request).into_owned();
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    if from.read_exact(&mut body).is_err() {
        return;
    }
    if left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_err() {
        return;
    }
    let line = head.lines().next().unwrap_or_default().split('?').next().unwrap_or_default().to_owned();
    if let Ok(mut log) = log.lock() {
        log.push(line);
    }
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", to)) else { return };
    let head = head.replacen("\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1);
    let _ = server.write_all(head.as_bytes()).and_then(|()| server.write_all(&body));
    let mut answer = Vec::new();
    let _ = server.read_to_end(&mut answer);
    let _ = from.write_all(&answer);
}

#[test]
fn an_interrupted_upload_goes_on_where_it_stopped() {
    let Some(moto) = moto() else { return };
    let (port, left, seen) = breaking(moto.port, 12);
    let (_folder, root) = site(port);
    let (code, _, error) = run(&root, &[], SECRET);
    assert_eq!(code, Some(2), "{error}");
    assert!(error.contains("cannot write `archive/") && error.contains("in the bucket `news`"), "{error}");
    let arrived: Vec<String> = moto.keys();
    assert!(arrived.contains(&"archive/.jianfan-manifest.json".to_owned()), "{arrived:?}");
    assert!(arrived.len() > 4 && !arrived.iter().any(|key| key.ends_with("sitemap.xml")), "{arrived:?}");
    left.store(usize::MAX, Ordering::SeqCst);
    seen.lock().unwrap().clear();
    let rest = publish(&root, &[]);
    let travelled = sent(&rest);
    for key in arrived.iter().filter(|key| !key.ends_with(".json")) {
        let path = key.strip_prefix("archive/").unwrap().to_owned();
        assert!(!travelled.contains(&path), "{path} travelled twice");
    }
    assert_eq!(rest["verified"], rest["files"]);
    // Everything pages need was asked to be there before the first page, and the list came last.
    let puts: Vec<String> = seen.lock().unwrap().iter().filter(|line| line.starts_with("PUT ")).cloned().collect();
    assert!(puts.last().unwrap().ends_with("/.jianfan-manifest.json"), "{puts:?}");
    let first_page = puts.iter().position(|line| line.ends_with(".html"));
    let last_asset = puts.iter().rposition(|line| line.contains("/assets/") || line.contains("/search/g/"));
    assert!(last_asset.is_none() || last_asset < first_page, "{puts:?}");
}

#[test]
fn what_a_store_refuses_is_explained() {
    let Some(moto) = moto() else { return };
    let (_folder, root) = site(moto.port);
    let (code, _, error) = run(&root, &["--bucket", "nobodys"], SECRET);
    assert_eq!(code, Some(2));
    assert!(error.contains("there is no bucket `nobodys` at http://127.0.0.1; make it first"), "{error}");
    let (code, _, error) = run(&root, &["--endpoint", "ftp://x"], SECRET);
    assert_eq!(code, Some(2));
    assert!(error.contains("the endpoint `ftp://x` is no address"), "{error}");
    moto.ask("PUT", "/news/archive/of-others.txt");
    let (code, _, error) = run(&root, &[], SECRET);
    assert_eq!(code, Some(2));
    assert!(error.contains("holds files that jianfan did not put there, such as `archive/of-others.txt`"), "{error}");
}
