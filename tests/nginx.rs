//! The sample configuration of docs/hosts, in the real nginx.
#![allow(clippy::unwrap_used, reason = "a test may stop where it is surprised")]

use std::path::Path;
use std::process::{Child, Command};

use crate::support::{self, Answer, expect, write};

struct Nginx {
    child: Child,
    port: u16,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // The master ends its workers when it is asked to, and only then.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

/// Starts nginx with the sample configuration on a free port; none, with a word about it, where it is not installed.
fn nginx(folder: &Path) -> Option<Nginx> {
    let program = ["/usr/sbin/nginx", "/usr/bin/nginx"].into_iter().find(|path| Path::new(path).is_file());
    let Some(program) = program else {
        support::skipped("the sample configuration needs nginx");
        return None;
    };
    let port = support::free_port();
    let sample = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/hosts/nginx.conf")).unwrap();
    let served = folder.join("www");
    let site = sample.replace("/srv/www/news", served.to_str().unwrap());
    let site = site.replace("listen 80;", &format!("listen 127.0.0.1:{port};"));
    assert!(!site.contains("/srv/") && site.contains(&port.to_string()));
    std::fs::write(folder.join("site.conf"), site).unwrap();
    let place = folder.display();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {place}/{kind};\n"))
        .concat();
    // Workers of a master that is root would be somebody who cannot read the folder of a test.
    let user =
        if std::fs::metadata("/proc/self").map(|owner| std::os::unix::fs::MetadataExt::uid(&owner)).unwrap_or(1) == 0 {
            "user root;\n"
        } else {
            ""
        };
    let main = format!(
        "{user}daemon off;\npid {place}/pid;\nerror_log {place}/error.log;\nworker_processes 1;\nevents {{}}\nhttp {{\ninclude /etc/nginx/mime.types;\naccess_log off;\n{temporary}include {place}/site.conf;\n}}\n"
    );
    let config = folder.join("main.conf");
    std::fs::write(&config, main).unwrap();
    let error_log = format!("{place}/error.log");
    let child = Command::new(program).args(["-e", &error_log, "-c", config.to_str().unwrap()]).spawn().unwrap();
    let nginx = Nginx { child, port };
    support::answers(port);
    Some(nginx)
}

impl Nginx {
    fn ask(&self, path: &str, more: &str) -> Answer {
        let head = format!("GET {path} HTTP/1.1\r\nHost: news.example.org\r\nConnection: close\r\n{more}\r\n");
        support::ask(self.port, &head)
    }
}

#[test]
fn the_sample_configuration_serves_a_site_as_it_should() {
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().join("site");
    let long = "守塔人把灯点亮，渔船顺着光回来。".repeat(40);
    write(
        &site,
        &[
            (
                "site.yaml",
                "base_url: https://news.example.org/\nhost:\n  profile: nginx\n  precompress: [gzip]\n  headers: {X-Notice: 'costs $5', Permissions-Policy: }\npublish:\n  dir: {to: ../www}\n",
            ),
            (
                "content/lamp.md",
                &format!("---\ntitle: 灯塔\ndate: 2020-01-01\naliases: [/old/lamp/, /2018/lamp.html]\n---\n\n{long}\n"),
            ),
        ],
    );
    expect(&site, &["publish", "dir"], 0);
    let www = folder.path().join("www");
    let Some(nginx) = nginx(folder.path()) else { return };
    let asset = |end: &str| {
        let files = support::tree(&www.join("assets"));
        format!("/assets/{}", files.into_keys().find(|path| path.ends_with(end)).unwrap())
    };
    for (path, kind) in [
        ("/zh-hans/2020/01/lamp/".to_owned(), "text/html; charset=utf-8"),
        ("/zh-hans/feed.xml".to_owned(), "application/atom+xml; charset=utf-8"),
        ("/sitemap.xml".to_owned(), "text/xml; charset=utf-8"),
        ("/robots.txt".to_owned(), "text/plain; charset=utf-8"),
        (asset(".css"), "text/css; charset=utf-8"),
        (asset(".js"), "application/javascript; charset=utf-8"),
        (asset(".svg"), "image/svg+xml"),
        ("/search/index.json".to_owned(), "application/json"),
    ] {
        let (status, headers, body) = nginx.ask(&path, "");
        assert_eq!((status, headers["content-type"].as_str()), (200, kind), "{path}");
        let cache = if path.starts_with("/assets/") {
            "public, max-age=31536000, immutable"
        } else {
            "public, max-age=0, must-revalidate"
        };
        assert_eq!(headers["cache-control"], cache, "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert!(headers["content-security-policy"].contains("object-src 'none'"), "{path}");
        assert_eq!(headers["x-notice"], "costs $5", "{path}");
        assert!(!headers.contains_key("permissions-policy"), "{path}");
        let file = path.trim_start_matches('/');
        let file = if file.ends_with('/') { format!("{file}index.html") } else { file.to_owned() };
        assert_eq!(body, std::fs::read(www.join(file)).unwrap(), "{path}");
    }
    for old in ["/old/lamp/", "/2018/lamp.html"] {
        let (status, headers, _) = nginx.ask(old, "");
        assert_eq!((status, headers["location"].as_str()), (301, "/zh-hans/2020/01/lamp/"), "{old}");
    }
    let (status, headers, _) = nginx.ask("/zh-hans", "");
    assert_eq!((status, headers["location"].as_str()), (301, "/zh-hans/"));
    let (status, headers, body) = nginx.ask("/no/such/page/", "");
    assert_eq!((status, headers["content-type"].as_str()), (404, "text/html; charset=utf-8"));
    assert_eq!(body, std::fs::read(www.join("404.html")).unwrap());
    assert!(headers.contains_key("content-security-policy"));
    for hidden in ["/.jianfan-manifest.json", "/.redirects.map", "/.headers.conf"] {
        assert_eq!(nginx.ask(hidden, "").0, 404, "{hidden}");
    }
    let (_, headers, body) = nginx.ask("/zh-hans/2020/01/lamp/", "Accept-Encoding: gzip\r\n");
    assert_eq!((headers["content-encoding"].as_str(), headers["vary"].as_str()), ("gzip", "Accept-Encoding"));
    assert_eq!(body, std::fs::read(www.join("zh-hans/2020/01/lamp/index.html.gz")).unwrap());
}

#[test]
fn the_sample_for_caddy_is_right() {
    if Command::new("caddy").arg("version").output().is_err() {
        support::skipped("the sample for Caddy needs caddy");
        return;
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/hosts/Caddyfile");
    let output = Command::new("caddy")
        .args(["adapt", "--validate", "--adapter", "caddyfile", "--config"])
        .arg(file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
