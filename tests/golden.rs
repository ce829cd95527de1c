//! Golden builds: each folder of `tests/build/` is a tiny site with what it must become.
//!
//! `expected/stderr` is what the build says, `expected/exit` its exit code, `expected/public/` some of its files: the
//! bodies of article pages (`*.article`, between `<article …>` and `</article>`) and plain files as they are.
//! `ACCEPT=1 cargo test --test all golden` rewrites them; look at the difference before committing it.
#![allow(clippy::unwrap_used, reason = "a test may stop where it is surprised")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::support::{self, is_article, run, tree};

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/build");
    let mut cases: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    cases.sort();
    cases
}

/// What a case became: name of the expected file to its text.
fn outcome(case: &Path) -> BTreeMap<String, String> {
    let site = tempfile::tempdir().unwrap();
    support::copy(&case.join("site"), site.path(), |_| {});
    let output = run(site.path(), &["build"]);
    let mut files = BTreeMap::new();
    files.insert("exit".to_owned(), format!("{}\n", output.status.code().unwrap()));
    let said = String::from_utf8(output.stderr).unwrap();
    // The last lines tell the time; everything before them is the same on every machine.
    let said: String = said
        .lines()
        .filter(|line| !line.contains(" pages in ") && !line.contains(" published, "))
        .map(|line| format!("{line}\n"))
        .collect();
    files.insert("stderr".to_owned(), said);
    let public = site.path().join("public");
    if !public.exists() {
        return files;
    }
    for (path, bytes) in tree(&public) {
        if is_article(&path) {
            let html = String::from_utf8(bytes).unwrap();
            let article = html
                .split_once("<article")
                .and_then(|(_, rest)| rest.split_once("</article>"))
                .map_or("", |(article, _)| article);
            files.insert(
                format!("public/{}.article", path.trim_end_matches("/index.html")),
                format!("<article{article}</article>\n"),
            );
        } else if matches!(path.as_str(), "_redirects" | "robots.txt" | "sitemap.xml") || path.ends_with("feeds.opml") {
            files.insert(format!("public/{path}"), String::from_utf8(bytes).unwrap());
        }
    }
    files
}

#[test]
fn each_tiny_site_becomes_what_is_expected() {
    let mut wrong = Vec::new();
    for case in cases() {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let found = outcome(&case);
        let folder = case.join("expected");
        if std::env::var_os("ACCEPT").is_some() {
            let _ = std::fs::remove_dir_all(&folder);
            for (path, text) in &found {
                support::write(&folder, &[(path, text)]);
            }
            continue;
        }
        let expected: BTreeMap<String, String> =
            tree(&folder).into_iter().map(|(path, bytes)| (path, String::from_utf8(bytes).unwrap())).collect();
        for path in expected.keys().chain(found.keys()) {
            let (want, got) = (expected.get(path), found.get(path));
            if want != got {
                wrong.push(format!(
                    "== {name}: {path}\n-- expected\n{}\n-- found\n{}",
                    want.map_or("nothing", String::as_str),
                    got.map_or("nothing", String::as_str)
                ));
            }
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "{}\n({} differ; ACCEPT=1 rewrites them)", wrong.join("\n"), wrong.len());
}
