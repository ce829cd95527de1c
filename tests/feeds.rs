//! Feeds, lists of feeds and sitemaps, before the schemas in tests/feeds/. Needs what tests/feeds/fetch-lxml installs.
#![allow(clippy::unwrap_used, reason = "a test may stop where it is surprised")]

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{self, expect, sample, shared, write};

/// A Python with validators; none, with a word about it, where it is not installed.
fn python() -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent()?;
    let python = target.join("tools/lxml/bin/python");
    if !python.is_file() {
        support::skipped("feeds and sitemaps need the validators that tests/feeds/fetch-lxml installs");
        return None;
    }
    Some(python)
}

/// What the validators say of a folder: complaints, and the line that counts what they saw.
fn validate(python: &Path, folder: &Path) -> (Vec<String>, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/feeds/validate.py");
    let output = Command::new(python).arg("-B").arg(script).arg(folder).output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{out}{}", String::from_utf8_lossy(&output.stderr));
    let mut lines: Vec<String> = out.lines().map(str::to_owned).collect();
    let seen = lines.pop().unwrap();
    (lines, seen)
}

/// Turns JSON Feed on, in settings that say nothing of feeds.
fn with_json_feeds(site: &Path) {
    let settings = std::fs::read_to_string(site.join("site.yaml")).unwrap();
    std::fs::write(site.join("site.yaml"), format!("{settings}\nfeeds: {{json: true}}\n")).unwrap();
}

fn number(seen: &str, of: &str) -> usize {
    seen.split(&format!("{of} ")).nth(1).unwrap().split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn the_sample_is_valid_in_both_editions() {
    let Some(python) = python() else { return };
    let site = tempfile::tempdir().unwrap();
    sample(site.path(), |_| {});
    with_json_feeds(site.path());
    expect(site.path(), &["build"], 0);
    let (complaints, seen) = validate(&python, &site.path().join("public"));
    assert!(complaints.is_empty(), "{complaints:#?}");
    assert_eq!((number(&seen, "opml"), number(&seen, "sitemap")), (2, 1), "{seen}");
    assert!(number(&seen, "atom") > 80 && number(&seen, "atom") == number(&seen, "json"), "{seen}");
}

#[test]
fn the_seeds_are_valid() {
    let Some(python) = python() else { return };
    let Some(shared) = shared("the feeds of the seeds") else { return };
    let site = tempfile::tempdir().unwrap();
    expect(site.path(), &["init"], 0);
    expect(site.path(), &["import", shared.join("seeds").to_str().unwrap(), "--tag"], 0);
    std::fs::write(site.path().join("site.yaml"), "title: 种子\nfeeds: {json: true}\n").unwrap();
    expect(site.path(), &["build"], 0);
    let (complaints, seen) = validate(&python, &site.path().join("public"));
    assert!(complaints.is_empty(), "{complaints:#?}");
    assert!(number(&seen, "atom") > 4 && number(&seen, "json") == number(&seen, "atom"), "{seen}");
}

#[test]
fn what_xml_cannot_hold_and_what_it_escapes() {
    let Some(python) = python() else { return };
    let site = tempfile::tempdir().unwrap();
    write(
        site.path(),
        &[
            ("site.yaml", "title: \"<甲> & '乙'\"\ndescription: \"]]> \\u0001 &amp;\"\nfeeds: {json: true}\n"),
            (
                "content/a.md",
                "---\ntitle: \"<b>題</b> & \\u0007 ]]>\"\ndate: 2024-05-01\nauthor: \"A & <B>\"\ntags: [\"<x> & y\"]\n\
                 corrections: [{text: \"a < b & c\"}]\n---\n一 < 二 & 三 ]]> <!-- 四 -->\n\n<script>alert(1)</script>\n",
            ),
            ("content/undated.md", "---\ntitle: 無日期\n---\n正文。\n"),
        ],
    );
    expect(site.path(), &["build"], 0);
    let (complaints, seen) = validate(&python, &site.path().join("public"));
    assert!(complaints.is_empty(), "{complaints:#?}");
    assert!(number(&seen, "atom") >= 4, "{seen}");
}

#[test]
fn a_split_sitemap_is_valid() {
    let Some(python) = python() else { return };
    // These files are what `page::plain` splits; behind their addresses stands nothing.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/feeds/split");
    let (complaints, seen) = validate(&python, &folder);
    assert!(complaints.iter().all(|line| line.contains("nothing stands at")), "{complaints:#?}");
    assert_eq!(number(&seen, "sitemap"), 4, "{seen}");
}

#[test]
fn the_validators_see_what_is_wrong() {
    let Some(python) = python() else { return };
    let site = tempfile::tempdir().unwrap();
    write(
        site.path(),
        &[
            ("site.yaml", "title: 甲\nfeeds: {json: true}\n"),
            ("content/a.md", "---\ntitle: 題\ndate: 2024-05-01\ncity: lanzhou\n---\n正文。\n"),
        ],
    );
    expect(site.path(), &["build"], 0);
    let public = site.path().join("public");
    for (file, from, to) in [
        ("zh-hans/feed.xml", "<title>", "<titel>"),
        ("zh-hans/feed.xml", "<updated>2024-05-01T", "<updated>2024-05-01 "),
        ("zh-hans/feed.xml", "<id>http://localhost/zh-hans/feed.xml</id>", ""),
        ("zh-hans/feed.xml", "rel=\"self\"", "rel=\"alternate\""),
        ("zh-hans/feed.json", "\"id\":", "\"guid\":"),
        ("zh-hans/feed.json", "jsonfeed.org/version/1.1", "jsonfeed.org/version/2"),
        ("zh-hant/feeds.opml", "type=\"rss\" ", ""),
        ("zh-hant/feeds.opml", "city/lanzhou/feed.xml", "city/xining/feed.xml"),
        ("sitemap.xml", "<lastmod>2024-05-01</lastmod>", "<lastmod>1. Mai</lastmod>"),
        ("sitemap.xml", "hreflang=\"zh-Hant\"", "hreflang=\"zh-Hans\""),
        ("sitemap.xml", "<loc>http://localhost/zh-hans/matrix/</loc>", "<loc>http://localhost/zh-hans/matrix</loc>"),
    ] {
        let whole = std::fs::read_to_string(public.join(file)).unwrap();
        let spoilt = whole.replacen(from, to, if from == "<title>" { 1 } else { usize::MAX });
        assert_ne!(whole, spoilt, "{file} holds no {from}");
        std::fs::write(public.join(file), spoilt).unwrap();
        let (complaints, _) = validate(&python, &public);
        assert!(complaints.iter().any(|line| line.starts_with(file)), "{file} with {to}: {complaints:#?}");
        std::fs::write(public.join(file), whole).unwrap();
    }
}
