//! The sample archive, built and walked as a reader, a search engine and a publisher would.
#![allow(clippy::unwrap_used, reason = "a test may stop where it is surprised")]

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{attributes, expect, is_article, pages, reachable, sample, target, tree, write};

fn built() -> (tempfile::TempDir, BTreeMap<String, Vec<u8>>) {
    let site = tempfile::tempdir().unwrap();
    sample(site.path(), |_| {});
    expect(site.path(), &["build", "--report", site.path().join("report.json").to_str().unwrap()], 0);
    let tree = tree(&site.path().join("public"));
    (site, tree)
}

#[test]
fn every_article_is_reachable_from_each_home_page() {
    let (_site, tree) = built();
    let pages = pages(&tree);
    let articles: BTreeSet<&String> =
        pages.keys().filter(|path| is_article(path) && !pages[*path].contains("http-equiv=\"refresh\"")).collect();
    assert!(articles.len() > 80, "{}", articles.len());
    for edition in ["zh-hans", "zh-hant"] {
        let seen = reachable(&pages, &format!("{edition}/index.html"));
        for article in articles.iter().filter(|path| path.starts_with(edition)) {
            let tombstone = pages[*article].contains("noindex");
            assert!(tombstone || seen.contains(*article), "{article} cannot be reached from {edition}/");
        }
    }
}

#[test]
fn no_link_is_broken() {
    let (_site, tree) = built();
    let pages = pages(&tree);
    let mut places = 0;
    for (path, html) in &pages {
        // The page for what is not found is served at any depth, so its links begin at the root.
        let pictures = attributes(html, "srcset");
        let pictures = pictures.iter().flat_map(|set| set.split(", ")).filter_map(|copy| copy.split(' ').next());
        let links = attributes(html, "href").into_iter().chain(attributes(html, "src"));
        for href in links.chain(pictures.map(str::to_owned)) {
            let Some(to) = target(path, &href) else { continue };
            assert!(tree.contains_key(&to), "{path} links to {href}, and there is no {to}");
            let Some((_, place)) = href.split_once('#').filter(|(_, place)| !place.is_empty()) else { continue };
            let there = pages[&to].contains(&format!(" id=\"{place}\""));
            assert!(there, "{path} links to {href}, and {to} has no such place");
            places += 1;
        }
    }
    assert!(places > pages.len(), "{places}");
}

#[test]
fn json_ld_parses_on_every_page() {
    let (_site, tree) = built();
    let mut seen = 0;
    for (path, html) in pages(&tree) {
        for block in html.split("<script type=\"application/ld+json\">").skip(1) {
            let json = block.split("</script>").next().unwrap();
            let json: serde_json::Value = serde_json::from_str(json).unwrap_or_else(|error| panic!("{path}: {error}"));
            assert_eq!(json["@context"], "https://schema.org", "{path}");
            assert!(json["@type"].is_string(), "{path}");
            seen += 1;
        }
    }
    assert!(seen > 200, "{seen}");
}

#[test]
fn hreflang_is_reciprocal_and_the_switch_is_there() {
    let (_site, tree) = built();
    let pages = pages(&tree);
    let alternates = |html: &str| -> BTreeMap<String, String> {
        let links = html.lines().filter(|line| line.contains("rel=\"alternate\" hreflang="));
        links.map(|line| (attributes(line, "hreflang").remove(0), attributes(line, "href").remove(0))).collect()
    };
    let path_of =
        |url: &str| format!("{}index.html", url.strip_prefix("http://localhost/").expect("alternates are absolute"));
    let mut seen = 0;
    for (path, html) in
        pages.iter().filter(|(path, html)| path.starts_with("zh-") && !html.contains("http-equiv=\"refresh\""))
    {
        let found = alternates(html);
        let langs: Vec<&str> = found.keys().map(String::as_str).collect();
        assert_eq!(langs, ["x-default", "zh-Hans", "zh-Hant"], "{path}");
        for (lang, url) in found.iter().filter(|(lang, _)| *lang != "x-default") {
            let twin = path_of(url);
            assert_eq!(alternates(&pages[&twin]), found, "{path} and {twin} do not name each other");
            assert!(pages[&twin].contains(&format!("<html lang=\"{lang}\"")), "{twin} is not {lang}");
        }
        let home = path.matches('/').count() == 1;
        assert_eq!(found["x-default"].ends_with("localhost/"), home, "{path}: {}", found["x-default"]);
        let switch: BTreeSet<String> = html
            .lines()
            .find(|line| line.contains("hreflang=\"zh-Hant\"") && line.contains("<a "))
            .map(|line| attributes(line, "href").into_iter().filter_map(|href| target(path, &href)).collect())
            .unwrap_or_default();
        assert_eq!(switch.len(), 2, "{path} has no switch");
        assert!(switch.iter().all(|to| pages.contains_key(to)), "{path} switches to {switch:?}");
        seen += 1;
    }
    assert!(seen > 200, "{seen}");
}

#[test]
fn article_pages_keep_the_contract() {
    let (_site, tree) = built();
    let pages = pages(&tree);
    for (path, html) in pages.iter().filter(|(path, html)| is_article(path) && !html.contains("http-equiv=\"refresh\""))
    {
        let count = |needle: &str| html.matches(needle).count();
        assert_eq!(
            (count("<article"), count("<h1"), count("rel=\"canonical\""), count("<aside class=\"provenance\"")),
            (1, 1, 1, 1),
            "{path}"
        );
        if html.contains("noindex") {
            continue;
        }
        let json = html
            .split("<script type=\"application/ld+json\">")
            .nth(1)
            .and_then(|rest| rest.split("</script>").next())
            .expect("JSON-LD");
        let json: serde_json::Value = serde_json::from_str(json).expect("JSON-LD parses");
        assert_eq!(json["@type"], "NewsArticle", "{path}");
        let way = &json["mainEntityOfPage"]["breadcrumb"];
        assert_eq!(way["@type"], "BreadcrumbList", "{path}");
        let way = way["itemListElement"].as_array().expect("steps");
        for (step, at) in way.iter().zip(1..) {
            assert_eq!(step["position"], at, "{path}");
            let to = step["item"].as_str().and_then(|url| url.strip_prefix("http://localhost/")).expect("an address");
            assert!(pages.contains_key(&format!("{to}index.html")), "{path}: no page {to}");
        }
        assert!(json["headline"].as_str().is_some_and(|title| !title.is_empty()), "{path}");
    }
}

#[test]
fn a_new_article_leaves_old_pages_alone() {
    let site = tempfile::tempdir().unwrap();
    let article = |number: usize, day: usize| {
        let text = format!(
            "---\ntitle: 第{number}次通报\ndate: 2023-{:02}-{:02}\ncity: lanzhou\nprogram: torch\ntags: [通报]\n---\n\
             通报之{number}：渡口第{number}号船于{day}日靠岸，载客{}人。\n",
            1 + day / 28,
            1 + day % 28,
            number * 37
        );
        std::fs::write(site.path().join(format!("content/n{number}.md")), text).unwrap();
    };
    write(site.path(), &[("site.yaml", "title: 通报\nper_page: 4\ndedupe: false\nbase_url: https://a.example/\n")]);
    std::fs::create_dir_all(site.path().join("content")).unwrap();
    (1..=22).for_each(|number| article(number, number * 9));
    expect(site.path(), &["build"], 0);
    let before = tree(&site.path().join("public"));
    assert!(before.contains_key("zh-hans/city/lanzhou/page/6/index.html"));
    article(23, 23 * 9);
    expect(site.path(), &["build"], 0);
    let after = tree(&site.path().join("public"));
    assert!(before.keys().all(|path| after.contains_key(path) || path.starts_with("search/")));
    let changed: BTreeSet<&str> = after
        .iter()
        .filter(|(path, bytes)| path.starts_with("zh-hans/") && before.get(*path) != Some(bytes))
        .map(|(path, _)| path.as_str())
        .collect();
    let may = |path: &str| {
        let later_page = path.contains("/page/");
        // The one that was the newest names its follower, and those of the same program may be related.
        let old_article = is_article(path) && !path.contains("/n23/") && !path.contains("/n22/");
        !later_page && !old_article
    };
    let wrong: Vec<&&str> = changed.iter().filter(|path| !may(path)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(changed.contains("zh-hans/city/lanzhou/index.html") && changed.contains("zh-hans/index.html"));
}

#[test]
fn counts_equal_the_lists_behind_them() {
    let (site, tree) = built();
    let report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(site.path().join("report.json")).unwrap()).unwrap();
    let number = |key: &str| report[key].as_u64().unwrap();
    assert_eq!(number("articles"), number("published") + number("duplicates") + number("skipped") + number("errors"));
    assert_eq!(number("files"), tree.len() as u64);
    assert_eq!(number("bytes"), tree.values().map(|bytes| bytes.len() as u64).sum::<u64>());
    let pages = pages(&tree);
    for (path, html) in
        pages.iter().filter(|(path, _)| path.ends_with("/city/index.html") || path.ends_with("/program/index.html"))
    {
        for line in html.lines().filter(|line| line.contains("<span class=\"n\">")) {
            let base = target(path, &attributes(line, "href")[0]).unwrap();
            let count: usize = line
                .split("<span class=\"n\">")
                .nth(1)
                .and_then(|rest| rest.split('<').next())
                .unwrap()
                .parse()
                .unwrap();
            let folder = base.trim_end_matches("index.html");
            let listed: BTreeSet<String> = pages
                .iter()
                .filter(|(page, _)| **page == base || page.starts_with(&format!("{folder}page/")))
                .flat_map(|(page, html)| {
                    html.lines()
                        .filter(|line| line.contains("class=\"headline\""))
                        .filter_map(|line| target(page, &attributes(line, "href")[0]))
                        .collect::<Vec<_>>()
                })
                .collect();
            assert_eq!(listed.len(), count, "{folder}");
        }
    }
}

#[test]
fn building_again_writes_nothing_and_gives_the_same_bytes() {
    let (site, first) = built();
    let (out, _) = expect(site.path(), &["--format", "json", "build"], 0);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((report["written"].as_u64(), report["removed"].as_u64()), (Some(0), Some(0)));
    assert_eq!(tree(&site.path().join("public")), first);
    expect(site.path(), &["build", "--no-cache", "--jobs", "1"], 0);
    assert_eq!(tree(&site.path().join("public")), first);
}

#[test]
fn threads_and_the_order_of_files_change_nothing() {
    let (_site, first) = built();
    for jobs in ["1", "2"] {
        let other = tempfile::tempdir().unwrap();
        sample(other.path(), |entries| entries.reverse());
        expect(other.path(), &["build", "--jobs", jobs], 0);
        assert!(tree(&other.path().join("public")) == first, "another tree with {jobs} threads");
    }
}

#[test]
fn one_broken_article_stops_the_build_and_is_named() {
    let site = tempfile::tempdir().unwrap();
    let good = "---\ntitle: 好的文章\ndate: 2024-05-01\n---\n正文在此。\n";
    write(
        site.path(),
        &[
            ("content/good.md", good),
            ("content/broken.md", "---\ntitle: 壞的文章\ndate: 2024-02-30\n---\n正文在此。\n"),
        ],
    );
    let (_, err) = expect(site.path(), &["build"], 1);
    assert!(err.contains("content/broken.md:3:7: error[date-unreadable]"), "{err}");
    assert!(!site.path().join("public").exists(), "something was written");
    let left: Vec<_> = std::fs::read_dir(site.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name.to_string_lossy().contains("jianfan-"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    write(site.path(), &[("content/broken.md", "---\ntitle: 壞的文章\ndate: 2024-02-28\n---\n正文在此。\n")]);
    expect(site.path(), &["build"], 0);
    assert!(site.path().join("public/zh-hant/2024/02/broken/index.html").is_file());
}

#[test]
fn what_was_not_written_by_a_build_is_never_deleted() {
    let (site, _) = built();
    let public = site.path().join("public");
    std::fs::write(public.join("CNAME"), "archive.example\n").unwrap();
    std::fs::remove_file(site.path().join("content/words.md")).unwrap();
    expect(site.path(), &["build"], 0);
    assert_eq!(std::fs::read_to_string(public.join("CNAME")).unwrap(), "archive.example\n");
    assert!(!public.join("zh-hans/undated/words/index.html").exists());
    let other = tempfile::tempdir().unwrap();
    write(other.path(), &[("content/a.md", "---\ntitle: 文\n---\n正文。\n"), ("public/mine.txt", "mine")]);
    let (_, err) = expect(other.path(), &["build"], 2);
    assert!(err.contains("refusing to write"), "{err}");
}

#[test]
fn folders_of_others_survive_a_build() {
    let (site, _) = built();
    let public = site.path().join("public");
    std::fs::create_dir_all(public.join(".git/refs/heads")).unwrap();
    std::fs::write(public.join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
    write(site.path(), &[("content/new.md", "---\ntitle: 新的一篇\ndate: 2024-05-05\n---\n渡口的钟今天停了。\n")]);
    expect(site.path(), &["build"], 0);
    assert!(public.join(".git/refs/heads").is_dir() && public.join(".git/HEAD").is_file());
    assert!(public.join("zh-hans/2024/05/new/index.html").is_file());
}

#[test]
fn what_is_held_back_does_not_leave_the_house() {
    let site = tempfile::tempdir().unwrap();
    write(
        site.path(),
        &[
            ("content/open.md", "---\ntitle: 开放的\ndate: 2024-05-01\n---\n看![图](seen.png)。\n"),
            ("content/draft.md", "---\ntitle: 草稿\ndraft: true\n---\n看![图](secret.png)。\n"),
            ("content/link.md", "---\ntitle: 只存条目\ndate: 2024-05-02\nrights: link\n---\n此句只在原处可读。\n"),
            (
                "content/part.md",
                "---\ntitle: 摘录\ndate: 2024-05-03\nrights: excerpt\nsummary: \"1. 摘 *要*\"\n---\n此句也只在原处可读。\n",
            ),
            ("content/seen.png", "not a picture"),
            ("content/secret.png", "not a picture either"),
        ],
    );
    expect(site.path(), &["build"], 0);
    let tree = tree(&site.path().join("public"));
    assert!(tree.keys().any(|path| path.contains("/seen.")) && !tree.keys().any(|path| path.contains("/secret.")));
    for (path, bytes) in &tree {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains("只在原处可读") && !text.contains("只在原處可讀"), "{path}");
    }
    let excerpt = &pages(&tree)["zh-hans/2024/05/part/index.html"];
    assert!(excerpt.contains("<p>1. 摘 *要*</p>"), "{excerpt}");
}

#[test]
fn a_folder_without_a_site_is_refused() {
    let nowhere = tempfile::tempdir().unwrap();
    let (_, err) = expect(nowhere.path(), &["build"], 1);
    assert!(err.contains("error[no-site]"), "{err}");
    assert!(std::fs::read_dir(nowhere.path()).unwrap().next().is_none());
}
