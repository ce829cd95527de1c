//! `jianfan serve`: it answers only to its own names, from memory, and keeps the last good page when a save is broken.
#![allow(clippy::unwrap_used, reason = "a test may stop where it is surprised")]

use std::io::Write;
use std::net::TcpListener;
use std::path::Path;

use crate::support::preview::Preview;
use crate::support::{self, expect, tree, write};

const PAGE: &str = "/zh-hans/2024/05/deng-ta/";

fn article(version: &str) -> String {
    format!(
        "---\ntitle: 灯塔再次点亮\ndate: 2024-05-06\nslug: deng-ta\nsource: 海岸样报\n---\n{version}：灯塔照见海面。\n"
    )
}

fn site(root: &Path) {
    write(
        root,
        &[
            ("site.yaml", "title: 海岸 # SECRET\nbase_url: https://news.example/sub/\n"),
            ("content/a.md", &article("第一版")),
            ("content/b.md", "---\ntitle: 渔港开市\ndate: 2024-05-07\nslug: yu-gang\n---\n渔港清早开市，鱼价平稳。\n"),
            ("content/_originals/a.txt", "SECRET"),
            ("static/hello.txt", "你好\n"),
        ],
    );
}

#[test]
fn answers_only_to_its_own_names() {
    let folder = tempfile::tempdir().unwrap();
    site(folder.path());
    let preview = Preview::start(folder.path(), &["--allow-host", "desk.example"]);
    let port = preview.port;
    let host = |host: &str| preview.ask("GET", "/", &format!("Host: {host}\r\n")).status;
    for good in
        [format!("localhost:{port}"), format!("127.0.0.1:{port}"), format!("[::1]:{port}"), "desk.example".into()]
    {
        assert_eq!(host(&good), 200, "{good}");
    }
    for bad in [
        "evil.example".into(),
        format!("evil.example:{port}"),
        format!("localhost.evil.example:{port}"),
        format!("localhost:{}", port ^ 1),
    ] {
        assert_eq!(host(&bad), 421, "{bad}");
    }
    assert_eq!(preview.raw(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n").status, 400);
    let events = |lines: &str| preview.ask("HEAD", "/_preview/events", lines).status;
    assert_eq!(events(&format!("Origin: http://127.0.0.1:{port}\r\n")), 200);
    for bad in ["Origin: http://evil.example\r\n", "Origin: null\r\n", "Sec-Fetch-Site: cross-site\r\n"] {
        assert_eq!(events(bad), 403, "{bad}");
        assert_eq!(preview.ask("POST", "/_desk/propose", bad).status, 403, "{bad}");
    }
}

#[test]
fn serves_pages_from_memory_with_headers_that_protect_them() {
    let folder = tempfile::tempdir().unwrap();
    site(folder.path());
    let before = tree(folder.path());
    let preview = Preview::start(folder.path(), &[]);
    let page = preview.get(PAGE);
    assert_eq!(page.status, 200);
    assert!(
        page.body.contains("第一版") && page.body.contains("<script src=\"/_preview/live.js?build="),
        "{}",
        page.body
    );
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(page.header(name), Some(value), "{name}");
    }
    assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'self';"));
    // A head says how long the page is, and no page follows.
    let head = preview.ask("HEAD", PAGE, "");
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(head.header("content-length"), page.header("content-length"));
    let text = preview.get("/hello.txt");
    assert_eq!(
        (text.status, text.body.as_str(), text.header("content-type")),
        (200, "你好\n", Some("text/plain; charset=utf-8"))
    );
    // Every kind of reference of a page is served.
    for reference in support::attributes(&page.body, "href").iter().chain(&support::attributes(&page.body, "src")) {
        if let Some(target) = support::target(&format!("{}index.html", &PAGE[1..]), reference) {
            assert_eq!(preview.get(&format!("/{target}")).status, 200, "{reference}");
        }
    }
    let missing = preview.get("/zh-hans/nothing/");
    assert_eq!(missing.status, 404);
    assert!(missing.body.contains("<html"), "the site's own page");
    assert_eq!(preview.get(PAGE.trim_end_matches('/')).header("location"), Some(PAGE));
    assert_eq!(preview.get(&format!("/sub{PAGE}")).header("location"), Some(PAGE), "the path of the site's address");
    drop(preview);
    // A cache, which may be deleted at any time, is all that is written.
    let mut after = tree(folder.path());
    after.retain(|path, _| !path.starts_with(".jianfan/cache/"));
    assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    assert!(after == before, "files of the site were changed");
}

#[test]
fn refuses_what_is_no_request_for_a_page() {
    let folder = tempfile::tempdir().unwrap();
    site(folder.path());
    let mut preview = Preview::start(folder.path(), &[]);
    for path in [
        "/../site.yaml",
        "/%2e%2e/site.yaml",
        "/.%2e/etc/passwd",
        "/..%2f..%2fsite.yaml",
        "/%5c..%5csite.yaml",
        "/%252e%252e/site.yaml",
        "/site.yaml",
        "/content/a.md",
        "/content/_originals/a.txt",
        "/_originals/a.txt",
        "/zh-hans",
        "//etc/passwd",
        "/%00",
        "/%zz",
        "/.jianfan-manifest.json",
        "/_desk/../site.yaml",
        "http://127.0.0.1/site.yaml",
        "*",
        "/_preview/",
        "/assets/",
    ] {
        let reply = preview.get(path);
        assert!(!reply.body.contains("SECRET") && !reply.body.contains("root:"), "{path}: {reply:?}");
        assert!(
            matches!(reply.status, 400 | 404) || reply.status == 308 && path == "/zh-hans",
            "{path}: {}",
            reply.status
        );
    }
    for method in ["PUT", "DELETE", "OPTIONS", "CONNECT", "TRACE"] {
        assert_eq!(preview.ask(method, "/", "").status, 405, "{method}");
    }
    assert_eq!(preview.ask("POST", "/", "").status, 405);
    assert_eq!(preview.ask("GET", &format!("/{}", "a".repeat(20_000)), "").status, 431);
    assert_eq!(preview.ask("GET", "/", &"x: y\r\n".repeat(80)).status, 431);
    assert_eq!(preview.ask("POST", "/_desk/propose", "Content-Length: 70000\r\n").status, 413);
    assert_eq!(preview.ask("POST", "/_desk/propose", "Transfer-Encoding: chunked\r\n").status, 501);
    for junk in [&b"\0\0\0\0"[..], b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\xff\xfe\r\n\r\n"] {
        assert!(matches!(preview.raw(junk).status, 400 | 505), "{junk:?}");
    }
    assert!(preview.alive());
    assert_eq!(preview.get("/").status, 200);
}

#[test]
fn more_connections_than_places_are_turned_away() {
    let folder = tempfile::tempdir().unwrap();
    site(folder.path());
    let preview = Preview::start(folder.path(), &[]);
    // Half a head each: they hold their places until their time is over.
    let waiting: Vec<_> = (0..160)
        .map(|_| {
            let mut stream = preview.connect();
            stream.write_all(b"GET / HTTP/1.1\r\n").unwrap();
            stream
        })
        .collect();
    assert_eq!(preview.get("/").status, 503);
    drop(waiting);
    // A place is free as soon as its connection is seen to be gone.
    assert!((0..10_000).any(|_| preview.get("/").status == 200));
}

#[test]
fn a_save_is_told_to_open_pages_and_a_broken_one_keeps_the_last_good_page() {
    let folder = tempfile::tempdir().unwrap();
    site(folder.path());
    let file = folder.path().join("content/a.md");
    let preview = Preview::start(folder.path(), &[]);
    let mut page = preview.listen();
    let first = page.until(|_| true);
    // Editors save by writing a new file over the old one.
    std::fs::write(folder.path().join("content/.a.md.new"), article("第二版")).unwrap();
    std::fs::rename(folder.path().join("content/.a.md.new"), &file).unwrap();
    page.until(|event| event != first);
    assert!(preview.get(PAGE).body.contains("第二版"));
    assert!(preview.get("/zh-hant/2024/05/deng-ta/").body.contains("燈塔"));
    for broken in
        ["---\ntitle: [\n---\nBROKEN\n", "---\ntitle: 甲\nBROKEN", "---\ntitle: 灯塔\ndate: 昨天夜里\n---\nBROKEN\n"]
    {
        std::fs::write(&file, broken).unwrap();
        let told = page.until(|event| event.contains("content/a.md:") && event.contains("error["));
        assert!(told.contains("= help:"), "{told}");
        let reply = preview.get(PAGE);
        assert!(reply.status == 200 && reply.body.contains("第二版"), "{reply:?}");
        std::fs::write(&file, article("第二版")).unwrap();
        page.until(|event| event.contains("\"broken\":null"));
    }
    // A page that nobody had looked at before its file was broken is there, too.
    std::fs::write(folder.path().join("content/b.md"), "---\ntitle: [\n---\n").unwrap();
    page.until(|event| event.contains("content/b.md:"));
    let reply = preview.get("/zh-hant/2024/05/yu-gang/");
    assert!(reply.status == 200 && reply.body.contains("漁港清早開市"), "{reply:?}");
    write(
        folder.path(),
        &[("content/b.md", "---\ntitle: 渔港开市\ndate: 2024-05-07\nslug: yu-gang\n---\n渔港休市。\n")],
    );
    page.until(|event| event.contains("\"broken\":null"));
    assert!(preview.get("/zh-hant/2024/05/yu-gang/").body.contains("漁港休市"));
    // A template that breaks only when it is used is noticed on the pages that were looked at.
    write(
        folder.path(),
        &[("themes/own/theme.yaml", "name: own\n"), ("themes/own/templates/article.html", "{{ nothing.at.all }}")],
    );
    std::fs::write(folder.path().join("site.yaml"), "title: 海岸\ntheme: own\n").unwrap();
    page.until(|event| event.contains("themes/own/templates/article.html"));
    assert!(preview.get(PAGE).body.contains("第二版"));
    std::fs::write(folder.path().join("site.yaml"), "title: 海岸\n").unwrap();
    page.until(|event| event.contains("\"broken\":null"));
}

#[test]
fn a_site_that_is_broken_from_the_start_is_explained_and_then_shown() {
    let folder = tempfile::tempdir().unwrap();
    site(folder.path());
    std::fs::write(folder.path().join("content/a.md"), "---\ntitle: <b>\ndate: 昨天\n---\n").unwrap();
    let preview = Preview::start_broken(folder.path());
    let page = preview.get("/");
    assert_eq!(page.status, 503);
    assert!(
        page.body.contains("content/a.md:3:7: error[date-unreadable]") && !page.body.contains("<b>"),
        "{}",
        page.body
    );
    std::fs::write(folder.path().join("content/a.md"), article("第一版")).unwrap();
    preview.listen().until(|event| event.contains("\"broken\":null") && !event.contains(".0\""));
    assert!(preview.get(PAGE).body.contains("第一版"));
}

#[test]
fn ten_thousand_requests_between_good_and_broken_saves() {
    const READERS: usize = 4;
    const REQUESTS: usize = 10_000;
    let folder = tempfile::tempdir().unwrap();
    site(folder.path());
    let file = folder.path().join("content/a.md");
    let mut preview = Preview::start(folder.path(), &[]);
    let paths = [
        "/",
        "/zh-hans/",
        "/zh-hant/",
        PAGE,
        "/zh-hant/2024/05/yu-gang/",
        "/zh-hans/feed.xml",
        "/hello.txt",
        "/sitemap.xml",
    ];
    let read = |count: usize| {
        std::thread::scope(|threads| {
            for reader in 0..READERS {
                let mut client = preview.client();
                threads.spawn(move || {
                    for at in 0..count / READERS {
                        let path = paths[(at + reader) % paths.len()];
                        let reply = client.get(path);
                        assert!(reply.status == 200 && !reply.body.is_empty(), "{path}: {}", reply.head);
                    }
                });
            }
            let mut page = preview.listen();
            for round in 0..6 {
                std::fs::write(&file, article(&format!("第{round}轮"))).unwrap();
                page.until(|event| event.contains("\"broken\":null"));
                std::fs::write(&file, "---\ntitle: [\n---\n").unwrap();
                page.until(|event| event.contains("error["));
            }
        });
    };
    read(REQUESTS / 5);
    let before = preview.memory();
    read(REQUESTS);
    if let (Some(before), Some(after)) = (before, preview.memory()) {
        assert!(after < before + (24 << 10), "{before} KiB before, {after} KiB after");
    }
    assert!(preview.alive());
}

#[test]
fn says_clearly_why_it_cannot_start() {
    let folder = tempfile::tempdir().unwrap();
    site(folder.path());
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (_, err) = expect(folder.path(), &["serve", "--port", &port], 2);
    assert_eq!(
        err,
        format!(
            "error: port {port} is in use; stop what uses it, or name another one with --port (0 takes any that is free)\n"
        )
    );
    let (_, err) = expect(folder.path(), &["serve", "--port", "0", "--allow-host", "http://a/"], 2);
    assert_eq!(
        err,
        "error: --allow-host: `http://a/` is no host name; write a name such as `desk.example`, or an IP address, without scheme, port and path\n"
    );
    let (_, err) = expect(&folder.path().join("none"), &["serve", "--port", "0"], 2);
    assert!(err.starts_with("error: there is no folder `"), "{err}");
}

/// The first value of a hidden field on a page.
fn field(page: &str, name: &str) -> String {
    let at = page.find(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("no field {name} in {page}"));
    page[at..].split('"').nth(3).unwrap().to_owned()
}

fn number(location: &str) -> String {
    location.rsplit('=').next().unwrap().to_owned()
}

#[test]
fn the_desk_writes_nothing_without_its_token_and_a_look_at_the_diff() {
    let folder = tempfile::tempdir().unwrap();
    site(folder.path());
    write(
        folder.path(),
        &[("content/c.md", "---\ntitle: 兰州开市\ndate: 2024/5/8\n---\n兰州市的早市昨天开张，兰州新区也有分场。\n")],
    );
    let file = folder.path().join("content/c.md");
    let text = || std::fs::read_to_string(&file).unwrap();
    let before = text();
    let preview = Preview::start(folder.path(), &["--lang", "en"]);
    let page = preview.get("/_desk/terms/");
    assert!(page.body.contains("<html lang=\"en\"") && page.body.contains("value=\"city:lanzhou\""), "{}", page.body);
    assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'none';"));
    let token = field(&page.body, "token");
    let tag = |token: &str| {
        preview.post("/_desk/propose", &[("token", token), ("kind", "tag"), ("id", "c"), ("term", "city:lanzhou")])
    };
    for wrong in ["", "x", &"0".repeat(32), &token[1..]] {
        assert_eq!(tag(wrong).status, 403, "{wrong}");
    }
    // A plan is shown and nothing is written yet.
    let planned = tag(&token);
    assert_eq!(planned.status, 303);
    let change = planned.header("location").unwrap().to_owned();
    let shown = preview.get(&change);
    assert!(shown.body.contains("content/c.md") && shown.body.contains("+cities: [lanzhou]"), "{}", shown.body);
    assert_eq!(text(), before);
    // Agreed to, it is written; what was written can be taken back the same way.
    let apply = |change: &str| preview.post("/_desk/apply", &[("token", &token), ("number", &number(change))]);
    let done = apply(&change);
    assert_eq!((done.status, text().contains("cities: [lanzhou]\n")), (303, true));
    let done = done.header("location").unwrap().to_owned();
    assert!(preview.get(&done).body.contains("Written: 兰州开市: lanzhou"));
    assert_eq!(apply(&change).status, 409, "a plan is written once");
    let undo = preview.post("/_desk/propose", &[("token", &token), ("kind", "undo"), ("number", &number(&done))]);
    let undo = undo.header("location").unwrap().to_owned();
    assert!(preview.get(&undo).body.contains("-cities: [lanzhou]"));
    assert_eq!((apply(&undo).status, text()), (303, before.clone()));
    assert!(preview.get("/_desk/").body.contains("No decision in this run yet."));
    // A file that somebody saved meanwhile is left as it is.
    let planned = tag(&token).header("location").unwrap().to_owned();
    let theirs = before.replace("早市", "夜市");
    std::fs::write(&file, &theirs).unwrap();
    let late = apply(&planned);
    assert!(late.status == 409 && late.body.contains("`content/c.md` was changed meanwhile"), "{late:?}");
    assert_eq!(text(), theirs);
    // Repairs, and a date that is none.
    let problems = preview.get("/_desk/problems/").body;
    assert!(problems.contains("date-repaired") && problems.contains("name=\"kind\" value=\"fix\""), "{problems}");
    let set = |value: &str| {
        preview.post(
            "/_desk/propose",
            &[("token", &token), ("kind", "set"), ("id", "b"), ("key", "date"), ("value", value)],
        )
    };
    assert_eq!(set("2024-05-06\ndraft: true").status, 422);
    assert_eq!(set("2024-05-06").status, 303);
    // Names that lead out of the site are no articles.
    for id in ["../site", "/etc/passwd", "nothing"] {
        let reply =
            preview.post("/_desk/propose", &[("token", &token), ("kind", "tag"), ("id", id), ("term", "city:lanzhou")]);
        assert_eq!(reply.status, 422, "{id}");
    }
}

#[test]
fn the_desk_speaks_the_language_of_its_reader_and_escapes_what_articles_bring() {
    let folder = tempfile::tempdir().unwrap();
    site(folder.path());
    write(
        folder.path(),
        &[(
            "content/x.md",
            "---\ntitle: \"<script>alert(1)</script>\"\nsource: \"\\\"><img src=x>\"\n---\n<b>兰州</b>市。\n",
        )],
    );
    let preview = Preview::start(folder.path(), &[]);
    for (header, lang, word) in
        [("zh-TW", "zh-Hant", "編輯臺"), ("zh-CN", "zh-Hans", "编辑台"), ("fr", "en", "Editor’s desk")]
    {
        let page = preview.ask("GET", "/_desk/", &format!("Accept-Language: {header}\r\n"));
        assert!(page.body.contains(&format!("<html lang=\"{lang}\"")) && page.body.contains(word), "{header}");
    }
    for section in [
        "duplicates/",
        "terms/",
        "conversion/",
        "programs/",
        "problems/",
        "nothing",
        "change?number=7",
        "duplicates/pair?a=%3Cb%3E&b=x",
    ] {
        let page = preview.get(&format!("/_desk/{section}"));
        assert!(matches!(page.status, 200 | 404), "{section}: {}", page.status);
        assert!(
            !page.body.contains("<script>") && !page.body.contains("<img") && !page.body.contains("<b>"),
            "{section}: {}",
            page.body
        );
    }
    assert_eq!(preview.get("/_desk").header("location"), Some("/_desk/"));
    assert_eq!(preview.get("/_desk/terms").header("location"), Some("/_desk/terms/"));
}
