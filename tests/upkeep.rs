//! Upkeep of terms, new articles, the theme written out: what an editor does between two builds.
#![allow(clippy::unwrap_used, reason = "a test may stop where it is surprised")]

use std::path::Path;

use crate::support::{expect, tree, write};

const PROGRAMS: &str = "# ours\n- id: lab\n  name: 实验室开放夜 # since 2019\n  aliases: [开放夜]\n  city: lanzhou\n- id: lab-late\n  name: 深夜实验室\n";
const TERMS: &str = "content/_data/taxonomies/program.yaml";

fn site() -> tempfile::TempDir {
    let site = tempfile::tempdir().unwrap();
    write(
        site.path(),
        &[
            (TERMS, PROGRAMS),
            (
                "content/a.md",
                "---\ntitle: 灯亮到十点\ndate: 2019-05-01\nprogram: lab # kept\n---\n\n灯亮着，门开着。\n",
            ),
            (
                "content/b.md",
                "---\ntitle: 第二个晚上的来客\ndate: 2019-05-02\nprograms:\n- lab-late\n- lab\n---\n\n来了更多的人。\n",
            ),
        ],
    );
    site
}

fn read(site: &Path, path: &str) -> String {
    std::fs::read_to_string(site.join(path)).unwrap()
}

#[test]
fn a_renamed_term_keeps_its_old_addresses() {
    let site = site();
    let before = tree(site.path());
    let (shown, _) = expect(site.path(), &["tag", "rename", "program", "lab", "open-night", "--dry-run"], 0);
    assert!(shown.contains("--- content/a.md\n") && shown.contains("+program: open-night # kept\n"), "{shown}");
    assert!(shown.contains("would change 3 files"), "{shown}");
    assert_eq!(tree(site.path()), before, "a dry run wrote");
    let (done, _) = expect(site.path(), &["tag", "rename", "program", "lab", "open-night"], 0);
    assert_eq!(
        done.lines().filter(|line| line.starts_with(['+', '-'])).collect::<Vec<_>>(),
        shown.lines().filter(|line| line.starts_with(['+', '-'])).collect::<Vec<_>>()
    );
    assert!(
        read(site.path(), TERMS)
            .starts_with("# ours\n- id: open-night\n  name: 实验室开放夜 # since 2019\n  aliases: [开放夜, lab]\n")
    );
    assert!(read(site.path(), "content/b.md").contains("- lab-late\n- open-night\n"));
    expect(site.path(), &["build"], 0);
    for edition in ["zh-hans", "zh-hant"] {
        let page = read(site.path(), &format!("public/{edition}/program/lab/index.html"));
        assert!(page.contains("url=../../../") && page.contains(&format!("{edition}/program/open-night/")), "{page}");
        assert!(site.path().join(format!("public/{edition}/program/open-night/index.html")).is_file());
        let rules = read(site.path(), "public/_redirects");
        for end in ["", "feed.xml"] {
            let rule = format!("/{edition}/program/lab/{end} /{edition}/program/open-night/{end} 301\n");
            assert!(rules.contains(&rule), "{rules}");
        }
    }
    // Back again: the id it had first is no alias any more.
    expect(site.path(), &["tag", "rename", "program", "open-night", "lab"], 0);
    assert!(
        read(site.path(), TERMS).contains("- id: lab\n") && read(site.path(), TERMS).contains("[开放夜, open-night]\n")
    );
    let (done, _) = expect(site.path(), &["--format", "json", "tag", "alias", "program", "lab", "開放夜"], 0);
    assert!(done.contains("\"files\": []"), "{done}");
}

#[test]
fn pages_below_a_renamed_term_lead_on_too() {
    let site = tempfile::tempdir().unwrap();
    let term = |of: &str, id: &str| format!("- id: {id}\n  name: 名{of}\n");
    write(
        site.path(),
        &[
            ("site.yaml", "title: 題\nbase_url: https://a.example/\nper_page: 2\ntagging: false\ndedupe: false\n"),
            ("content/_data/taxonomies/city.yaml", &term("甲", "east")),
            ("content/_data/taxonomies/program.yaml", &term("乙", "fair")),
        ],
    );
    for n in 1..=5 {
        let text = format!("---\ntitle: 第{n}回\ndate: 2024-01-0{n}\ncity: east\nprogram: fair\n---\n第{n}回的事。\n");
        write(site.path(), &[(&format!("content/n{n}.md"), &text)]);
    }
    expect(site.path(), &["build"], 0);
    let lists = |tree: &std::collections::BTreeMap<String, Vec<u8>>| -> Vec<String> {
        let below = |path: &&String| path.contains("/city/east/") || path.contains("/program/fair/");
        tree.keys().filter(below).filter(|path| path.ends_with(".html")).cloned().collect()
    };
    let old = lists(&tree(&site.path().join("public")));
    assert!(old.contains(&"zh-hant/city/east/program/fair/page/3/index.html".to_owned()), "{old:?}");
    // The one after the other: of a page of both, each name leads on.
    for (taxonomy, from, to) in [("program", "fair", "market"), ("city", "east", "dawn")] {
        let standing = lists(&tree(&site.path().join("public")));
        expect(site.path(), &["tag", "rename", taxonomy, from, to], 0);
        expect(site.path(), &["build"], 0);
        let after = tree(&site.path().join("public"));
        for path in standing.iter().filter(|path| path.contains(&format!("/{taxonomy}/{from}/"))) {
            let page = String::from_utf8_lossy(after.get(path).unwrap_or_else(|| panic!("nothing at {path}")));
            assert!(page.contains("http-equiv=\"refresh\""), "{path}: {page}");
            let canonical = page.split("rel=\"canonical\" href=\"https://a.example/").nth(1).unwrap();
            let new = format!("{}index.html", canonical.split('"').next().unwrap());
            let there = after.get(&new).unwrap_or_else(|| panic!("{path} leads to {new}, where nothing stands"));
            assert!(!String::from_utf8_lossy(there).contains("http-equiv"), "{path} leads to {new}, which leads on");
            let end = |path: &str| path.split("/page/").nth(1).map(str::to_owned);
            assert!(new.contains(&format!("/{taxonomy}/{to}/")) && end(path) == end(&new), "{path} leads to {new}");
        }
    }
    let both = read(site.path(), "public/zh-hant/city/east/program/fair/page/2/index.html");
    assert!(both.contains("https://a.example/zh-hant/city/dawn/program/market/page/2/"), "{both}");
}

#[test]
fn merged_and_split_terms_go_on_working() {
    let site = site();
    expect(site.path(), &["tag", "merge", "program", "lab-late", "lab"], 0);
    assert!(
        read(site.path(), "content/b.md").contains("programs:\n- lab\n---"),
        "{}",
        read(site.path(), "content/b.md")
    );
    expect(site.path(), &["tag", "split", "program", "lab", "late", "--name", "深夜實驗室", "--alias", "lab-late"], 0);
    let terms = read(site.path(), TERMS);
    assert!(
        terms.contains(
            "- id: late\n  name: {hans: 深夜实验室, hant: 深夜實驗室}\n  aliases: [lab-late]\n  city: lanzhou\n"
        ),
        "{terms}"
    );
    expect(site.path(), &["tag", "alias", "city", "lanzhou", "某河口"], 0);
    assert_eq!(read(site.path(), "content/_data/taxonomies/city.yaml"), "- id: lanzhou\n  aliases: [某河口]\n");
    expect(site.path(), &["check"], 0);
}

#[test]
fn what_cannot_be_done_says_why() {
    let site = site();
    let before = tree(site.path());
    for (args, said) in [
        (vec!["tag", "rename", "program", "labb", "x"], "did you mean `lab`"),
        (vec!["tag", "rename", "program", "lab", "Open Night"], "the id `Open Night` may only have"),
        (vec!["tag", "rename", "program", "lab", "lab-late"], "program `lab-late` exists"),
        (vec!["tag", "rename", "city", "lanzhou", "golden-city"], "city `lanzhou` is built in"),
        (vec!["tag", "rename", "topic", "a", "b"], "the site has no taxonomy `topic`; it has `city`"),
        (vec!["tag", "merge", "program", "lab", "开放夜"], "both names mean the program `lab`"),
        (vec!["tag", "alias", "program", "lab-late", "开放夜"], "`开放夜` is a spelling of `lab` already"),
        (vec!["new", "另一件事", "--city", "lanzhuo"], "did you mean `lanzhou`"),
        (vec!["new", "燈亮到十點！"], "`content/a.md` has nearly this title"),
        (vec!["new", " "], "the title has no letter"),
        (vec!["theme", "export", site.path().join("content").to_str().unwrap()], "is not empty"),
    ] {
        let (_, error) = expect(site.path(), &args, 2);
        assert!(error.contains(said), "{args:?}: {error}");
    }
    assert_eq!(tree(site.path()), before);
}

#[test]
fn a_new_article_is_ready_to_be_written() {
    let site = site();
    let args = ["new", "另一件: \"大事\"", "--city", "兰州", "--program", "lab"];
    let (path, _) = expect(site.path(), &args, 0);
    let text = read(site.path(), path.trim());
    assert!(text.starts_with("---\ntitle: \"另一件: \\\"大事\\\"\"\ndate: 2"), "{text}");
    assert!(text.contains("\ncities: [lanzhou]\nprograms: [lab]\n---\n"), "{text}");
    let (_, error) = expect(site.path(), &["check"], 0);
    assert!(!error.contains("error["), "{error}");
    expect(site.path(), &args, 2);
}

#[test]
fn the_exported_theme_builds_the_same_site() {
    let site = site();
    let theme = site.path().join("themes/mine");
    expect(site.path(), &["build"], 0);
    let plain = tree(&site.path().join("public"));
    expect(site.path(), &["theme", "export", theme.to_str().unwrap()], 0);
    expect(site.path(), &["build", "--theme", "mine"], 0);
    let mut own = tree(&site.path().join("public"));
    // The manifest remembers which theme it was.
    let mut plain = plain;
    plain.remove(".jianfan-manifest.json");
    own.remove(".jianfan-manifest.json");
    assert_eq!(own.keys().collect::<Vec<_>>(), plain.keys().collect::<Vec<_>>());
    assert_eq!(own, plain);
}

#[test]
fn shells_complete_the_commands() {
    let site = site();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (script, _) = expect(site.path(), &["completions", shell], 0);
        assert!(script.contains("dedupe") && script.contains("dry-run"), "{shell}");
    }
}
