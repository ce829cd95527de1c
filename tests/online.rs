//! What keeps an archive right once it is online: rights, corrections, withdrawals, addresses, comparisons, exports.
#![allow(clippy::unwrap_used, reason = "a test may stop where it is surprised")]

use std::collections::BTreeMap;
use std::path::Path;

use crate::support::{expect, tree, write};

fn article(head: &str, text: &str) -> String {
    format!("---\n{head}---\n\n{text}\n")
}

/// All files of a built site whose bytes hold a text, folded or not.
fn holding(site: &Path, words: &[&str]) -> Vec<String> {
    let holds = |bytes: &[u8], word: &str| {
        let utf16: Vec<u8> = word.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let found = |needle: &[u8]| bytes.windows(needle.len()).any(|part| part == needle);
        found(word.as_bytes()) || found(&utf16)
    };
    let files = tree(&site.join("public"));
    files.into_iter().filter(|(_, bytes)| words.iter().any(|word| holds(bytes, word))).map(|(path, _)| path).collect()
}

/// The articles that search would find for two neighbouring characters, by the grams of its index.
fn file(site: &Path, path: &str) -> String {
    std::fs::read_to_string(site.join("public").join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn what_may_only_be_linked_to_is_nowhere() {
    let site = tempfile::tempdir().unwrap();
    let secret = ["秘密正文一句", "秘密正文一句", "手工版本內文", "手工版本内文"];
    write(
        site.path(),
        &[
            (
                "site.yaml",
                "title: 站\nbase_url: https://a.example/\nsources:\n  海灣時報: {rights: link}\n  摘要社: {rights: excerpt}\n",
            ),
            (
                "content/linked.md",
                &article(
                    "title: 只给链接\ndate: 2020-01-01\nsource: 海湾时报\noriginal_url: https://b.example/1\n",
                    "秘密正文一句。秘密正文一句，另有一段。",
                ),
            ),
            (
                "content/linked-hant.md",
                &article(
                    "title: 只給連結\nedition_of: linked\nscript: hant\n",
                    "手工版本內文，也不可公開。這是繁體的版本，與簡體不同。",
                ),
            ),
            (
                "content/own.md",
                &article(
                    "title: 自己说了算\ndate: 2020-01-02\nsource: 海湾时报\nrights: full\n",
                    "全文照登，因为文章自己写明了。",
                ),
            ),
            (
                "content/part.md",
                &article(
                    "title: 只登摘要\ndate: 2020-01-03\nsource: 摘要社\n",
                    "开头这句可以登。\n\n<!-- more -->\n\n秘密正文一句在后面。",
                ),
            ),
            ("content/free.md", &article("title: 没有限制\ndate: 2020-01-04\nsource: 别家\n", "全文照登。")),
        ],
    );
    expect(site.path(), &["build"], 0);
    assert_eq!(holding(site.path(), &secret), [] as [&str; 0]);
    for edition in ["zh-hans", "zh-hant"] {
        let page = file(site.path(), &format!("{edition}/2020/01/linked/index.html"));
        assert!(page.contains("https://b.example/1") && page.contains("class=\"rights\""), "{page}");
    }
    assert!(file(site.path(), "zh-hans/2020/01/own/index.html").contains("全文照登，因为文章自己写明了"));
    let part = file(site.path(), "zh-hans/2020/01/part/index.html");
    assert!(part.contains("开头这句可以登") && part.contains("class=\"rights\""));
    // Nor does what other programs are given.
    let (rows, _) = expect(site.path(), &["export", "--format", "jsonl"], 0);
    assert!(!secret.iter().any(|word| rows.contains(word)) && rows.contains("全文照登"), "{rows}");
}

#[test]
fn what_is_withdrawn_leaves_everything_but_its_tombstone() {
    let site = tempfile::tempdir().unwrap();
    write(
        site.path(),
        &[
            ("site.yaml", "base_url: https://a.example/\n"),
            (
                "content/gone.md",
                &article("title: 撤下的报道\ndate: 2020-01-01\nwithdrawn: 事实有误\n", "撤下的正文内容。"),
            ),
            (
                "content/gone-hant.md",
                &article(
                    "title: 撤下的報道\nedition_of: gone\nscript: hant\ndate: 2020-01-01\n",
                    "手工的繁體內文也要撤下。",
                ),
            ),
            ("content/stays.md", &article("title: 留下的\ndate: 2020-01-02\n", "这一篇没有问题。")),
        ],
    );
    let (_, said) = expect(site.path(), &["build", "--report", site.path().join("r.json").to_str().unwrap()], 0);
    assert_eq!(
        holding(site.path(), &["撤下的正文内容", "撤下的正文內容", "手工的繁體內文", "手工的繁体内文"]),
        [] as [&str; 0]
    );
    for edition in ["zh-hans", "zh-hant"] {
        let page = file(site.path(), &format!("{edition}/2020/01/gone/index.html"));
        assert!(page.contains("noindex"), "{page}");
        let titles = ["撤下的报道", "撤下的報道"];
        let feed = file(site.path(), &format!("{edition}/feed.xml"));
        assert!(!titles.iter().any(|title| feed.contains(title)));
        assert!(!file(site.path(), "sitemap.xml").contains(&format!("{edition}/2020/01/gone/")));
    }
    let report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(site.path().join("r.json")).unwrap()).unwrap();
    let count = |key: &str| report[key].as_u64().unwrap();
    assert_eq!(count("articles"), 3, "{said}");
    assert_eq!(
        count("articles"),
        count("published") + count("duplicates") + count("skipped") + count("errors"),
        "{report}"
    );
}

#[test]
fn corrections_are_told_and_what_is_not_to_be_found_is_not_listed() {
    let site = tempfile::tempdir().unwrap();
    write(
        site.path(),
        &[
            ("site.yaml", "base_url: https://a.example/\n"),
            (
                "content/mended.md",
                &article(
                    "title: 改过的\ndate: 2020-01-01\ncorrections:\n  - {date: 2020-03-05, text: 人数应为 <12> 人}\n",
                    "正文。",
                ),
            ),
            ("content/quiet.md", &article("title: 不求人知\ndate: 2020-01-02\nnoindex: true\n", "正文二。")),
        ],
    );
    expect(site.path(), &["build"], 0);
    let page = file(site.path(), "zh-hant/2020/01/mended/index.html");
    assert!(page.contains("人數應為 &lt;12&gt; 人"), "{page}");
    assert!(page.contains("CorrectionComment") && page.contains("\"dateModified\":\"2020-03-05\""), "{page}");
    let feed = file(site.path(), "zh-hans/feed.xml");
    assert!(feed.contains("人数应为 &amp;lt;12&amp;gt; 人") && feed.contains("<updated>2020-03-05"), "{feed}");
    let map = file(site.path(), "sitemap.xml");
    assert!(
        map.contains("mended/") && map.contains("<lastmod>2020-03-05</lastmod>") && !map.contains("quiet/"),
        "{map}"
    );
    assert!(file(site.path(), "zh-hans/2020/01/quiet/index.html").contains("noindex"));
}

#[test]
fn recorded_addresses_go_on_working() {
    let site = tempfile::tempdir().unwrap();
    let root = site.path();
    let first = article("title: 灯塔修好了\ndate: 2020-01-01\n", "守塔人点灯。");
    write(
        root,
        &[
            ("site.yaml", "base_url: https://a.example/\n"),
            ("content/一.md", &first),
            ("content/two.md", &article("title: 二\ndate: 2020-02-01\n", "第二篇在这里。")),
        ],
    );
    let (said, _) = expect(root, &["addresses"], 0);
    assert_eq!(said, "2 addresses published, 2 not yet in content/_data/addresses.yaml\n");
    assert!(!root.join("content/_data/addresses.yaml").exists());
    expect(root, &["addresses", "--write"], 0);
    let record = std::fs::read_to_string(root.join("content/_data/addresses.yaml")).unwrap();
    let old = record.lines().find_map(|line| line.strip_suffix(": 一")).unwrap().to_owned();
    let read: BTreeMap<String, String> = serde_yaml::from_str(&record).unwrap();
    assert_eq!((read.len(), read[&old].as_str()), (2, "一"));
    // Another title makes another address, and another permalink moves everything.
    write(
        root,
        &[
            ("content/一.md", &first.replace("灯塔修好了", "灯塔终于修好了")),
            ("site.yaml", "base_url: https://a.example/\npermalink: /news/:slug/\n"),
        ],
    );
    let before = std::fs::read_to_string(root.join("content/_data/addresses.yaml")).unwrap();
    let (_, said) = expect(root, &["build"], 0);
    assert!(!said.contains("address-dropped"), "{said}");
    assert_eq!(std::fs::read_to_string(root.join("content/_data/addresses.yaml")).unwrap(), before, "a build wrote");
    let rules = file(root, "_redirects");
    for edition in ["zh-hans", "zh-hant"] {
        assert!(rules.contains(&format!("/{edition}/2020/02/two/ /{edition}/news/two/ 301\n")), "{rules}");
        assert!(rules.contains(&format!("/{edition}/{old} /{edition}/news/")), "{rules}");
        assert!(file(root, &format!("{edition}/2020/02/two/index.html")).contains("refresh"));
    }
    std::fs::remove_file(root.join("content/two.md")).unwrap();
    let (_, said) = expect(root, &["build"], 0);
    assert!(said.contains("content/_data/addresses.yaml:5:1: warning[address-dropped]: `/2020/02/two/` was published, and its article `two` is gone"), "{said}");
    // `publish` keeps the record by itself.
    let target = root.join("../www");
    let (_, said) = expect(root, &["publish", "dir", "--to", target.to_str().unwrap()], 0);
    assert!(said.contains("content/_data/addresses.yaml has 1 line more: commit it"), "{said}");
    std::fs::remove_dir_all(target).unwrap();
}

#[test]
fn a_build_says_which_addresses_it_drops() {
    let site = tempfile::tempdir().unwrap();
    let root = site.path();
    write(
        root,
        &[
            ("site.yaml", "base_url: https://a.example/\n"),
            ("content/old.md", &article("title: 旧名\ndate: 2020-01-01\n", "守塔人点灯，船回来了。")),
        ],
    );
    expect(root, &["build"], 0);
    std::fs::rename(root.join("content/old.md"), root.join("content/new.md")).unwrap();
    let (_, said) = expect(root, &["build"], 0);
    assert!(
        said.contains(
            "warning[address-dropped]: `/2020/01/old/` was published by the last build, and nothing stands there now\n  = help: if `/2020/01/new/` took its place, add `/zh-hans/2020/01/old/` to the `aliases:` of that article"
        ),
        "{said}"
    );
    let (_, said) = expect(root, &["build"], 0);
    assert!(!said.contains("address-dropped"), "{said}");
}

#[test]
fn a_changed_glossary_shows_what_readers_read_differently() {
    let site = tempfile::tempdir().unwrap();
    let root = site.path();
    write(
        root,
        &[
            ("site.yaml", "base_url: https://a.example/\n"),
            ("content/a.md", &article("title: 软件园\ndate: 2020-01-01\n", "软件园今天开门。来了很多人。大家都说好。")),
            ("content/b.md", &article("title: 天气\ndate: 2020-01-02\n", "今天没有下雨。")),
        ],
    );
    expect(root, &["build"], 0);
    write(root, &[("content/_data/glossary.yaml", "terms:\n  - {hans: 软件园, tw: 軟體園區}\n")]);
    let output = root.join("public");
    let (out, _) = expect(root, &["build", "--diff", output.to_str().unwrap()], 0);
    assert!(out.starts_with("/zh-hant/2020/01/a/\n  - 軟件園\n  + 軟體園區\n"), "{out}");
    assert!(out.contains("  - 軟件園今天開門。\n  + 軟體園區今天開門。\n"), "{out}");
    assert!(!out.contains("來了很多人") && !out.contains("下雨"), "{out}");
    assert!(out.ends_with("4 article pages compared: 1 changed, 0 new, 0 gone\n"), "{out}");
    let (json, _) = expect(root, &["--format", "json", "build", "--diff", output.to_str().unwrap()], 0);
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(report["differences"]["changed"], 0);
    let (_, error) = expect(root, &["build", "--diff", root.join("content").to_str().unwrap()], 2);
    assert!(error.contains("holds no site that this program built"), "{error}");
}

#[test]
fn the_archive_leaves_as_data() {
    let site = tempfile::tempdir().unwrap();
    let root = site.path();
    write(
        root,
        &[
            ("site.yaml", "base_url: https://a.example/\n"),
            (
                "content/a.md",
                &article(
                    "title: '=1+1'\ndate: 2020-01-01\nsource: {name: 某报, url: https://b.example/}\ncity: 兰州\nauthor: [甲, 乙]\n",
                    "兰州的**软件**很好。\n\n第二段，有\"引号\"。",
                ),
            ),
            ("content/d.md", &article("title: 草稿\ndraft: true\n", "不给人看。")),
        ],
    );
    let (out, _) = expect(root, &["export", "--format", "jsonl"], 0);
    assert_eq!(out.lines().count(), 1);
    let row: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        row["editions"]["zh-hant"]["text"].as_str().unwrap().split_whitespace().next(),
        Some("蘭州的軟件很好。")
    );
    assert_eq!(row["editions"]["zh-hans"]["url"], "https://a.example/zh-hans/2020/01/a/");
    assert_eq!(row["terms"]["city"], serde_json::json!(["lanzhou"]));
    assert_eq!((&row["source"], &row["authors"][1]), (&"某报".into(), &"乙".into()));
    let target = root.join("out.csv");
    expect(root, &["export", "--format", "csv", "--to", target.to_str().unwrap()], 0);
    let table = std::fs::read_to_string(target).unwrap();
    assert!(table.starts_with("\u{feff}id,address,date,"), "{table}");
    assert!(table.contains(",\"'=1+1\",") && table.contains("甲; 乙") && table.contains("有\"\"引号\"\""), "{table}");
    let (_, error) = expect(root, &["build", "--format", "csv"], 2);
    assert!(error.contains("only `jianfan export` writes `jsonl` or `csv`"), "{error}");
}
