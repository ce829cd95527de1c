//! A build that remembers gives the bytes of one that does not, whatever was changed in between.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::BTreeMap;
use std::path::Path;

use jianfan::cache::Cache;
use jianfan::config;
use jianfan::corpus::Drafts;
use jianfan::report::Report;
use jianfan::session::Session;
use jianfan::site::Trust;
use jianfan::{BuildOptions, build};

fn write(root: &Path, path: &str, text: &str) {
    let file = root.join(path);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
}

fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in walkdir::WalkDir::new(folder).into_iter().flatten() {
        if entry.file_type().is_file() {
            let path = entry.path().strip_prefix(folder).unwrap().to_string_lossy().into_owned();
            files.insert(path, std::fs::read(entry.path()).unwrap());
        }
    }
    files
}

fn run(root: &Path, output: &str, cache: Cache) -> Report {
    let config = config::load(root).unwrap().value;
    let trust = if cache == Cache::Keep { Trust::Manifest } else { Trust::Nothing };
    let options = BuildOptions { drafts: Drafts::Skip, trust, cache, output: Some(root.join(output)), repairs: false };
    build(&config, &options, &mut |_| {}).unwrap()
}

/// What two builds of one site must agree on.
fn said(report: &Report) -> String {
    let totals = (report.sources, report.articles, report.published, report.duplicates, report.skipped);
    let files = (report.errors, report.warnings, report.pages, report.files, report.bytes);
    format!("{totals:?} {files:?} {:#?}", report.diagnostics)
}

/// Builds with what is remembered and without; both must agree.
fn compare(root: &Path, what: &str) -> Report {
    let remembering = run(root, "public", Cache::Keep);
    let _ = std::fs::remove_dir_all(root.join("clean"));
    let clean = run(root, "clean", Cache::Off);
    assert_eq!(said(&remembering), said(&clean), "{what}");
    let (one, two) = (tree(&root.join("public")), tree(&root.join("clean")));
    for (path, bytes) in &two {
        assert!(one.get(path) == Some(bytes), "{what}: {path} differs or is missing");
    }
    assert_eq!(one.len(), two.len(), "{what}");
    remembering
}

fn site() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "site.yaml", "title: 站\nbase_url: https://example.org/\nper_page: 3\n");
    for (at, city) in ["兰州", "苏州", "厦门", "兰州", "苏州"].iter().enumerate() {
        let text = format!(
            "---\ntitle: {city}建成第{at}座大桥\ndate: 2019-0{}-11\ntags: [桥]\n---\n本报{city}讯，市政府昨日宣布，第{at}座跨江大桥建成通车。\n\n大桥全长{at}千米。\n",
            at + 1
        );
        write(folder.path(), &format!("content/{at}.md"), &text);
    }
    folder
}

#[test]
fn a_site_in_memory_follows_its_files() {
    let folder = site();
    let root = folder.path();
    let load = || config::load(root).unwrap().value;
    let (session, first) = Session::open(load(), Drafts::Skip).unwrap();
    assert!(first.changed && !first.report.failed());
    let page = "zh-hant/2019/01/0/index.html";
    let shown = |path: &str| String::from_utf8(session.page(path).unwrap().unwrap()).unwrap();
    assert!(shown(page).contains("蘭州建成第0座大橋"));
    run(root, "public", Cache::Keep);
    let built = tree(&root.join("public"));
    for path in session.paths() {
        assert!(built.get(&path) == session.page(&path).unwrap().ok().as_ref(), "{path}");
    }
    write(root, "content/0.md", "---\ntitle: 兰州大桥合龙\ndate: 2019-01-11\n---\n大桥昨日合龙。\n");
    let second = session.refresh(load()).unwrap();
    assert!(second.changed && second.generation > first.generation);
    assert!(shown(page).contains("蘭州大橋合龍"));
    write(root, "content/0.md", "---\ntitle: [\n---\n破了。\n");
    let third = session.refresh(load()).unwrap();
    assert!(!third.changed && third.report.failed());
    assert!(shown(page).contains("蘭州大橋合龍"), "the last good page stays");
    assert!(session.page("zh-hant/none.html").is_none());
}

#[test]
fn damaged_memories_are_left_aside() {
    let folder = site();
    let root = folder.path();
    compare(root, "first");
    let cache = root.join(".jianfan/cache");
    let files: Vec<_> = std::fs::read_dir(&cache).unwrap().flatten().map(|entry| entry.path()).collect();
    assert!(files.iter().any(|file| file.ends_with("facts.index")), "{files:?}");
    for file in &files {
        let whole = std::fs::read(file).unwrap();
        let at = whole.len() / 2;
        let mut broken = whole.clone();
        broken[at] ^= 0x55;
        std::fs::write(file, &broken).unwrap();
        compare(root, &format!("{file:?} broken at {at}"));
        std::fs::write(file, &whole[..at]).unwrap();
        compare(root, &format!("{file:?} cut at {at}"));
    }
    std::fs::remove_dir_all(&cache).unwrap();
    compare(root, "gone");
    std::fs::remove_dir_all(&cache).unwrap();
    std::fs::write(&cache, "a file").unwrap();
    compare(root, "in the way");
}
