//! Whole archives of other programs through import, check and build: nothing lost, every warning placed.

#![allow(clippy::unwrap_used, reason = "a test may stop where it is surprised")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::support::expect;

/// Articles of each archive.
const MANY: usize = 1_050;

/// Places, things and people that make the texts of an archive tell different stories.
const PLACES: [&str; 13] =
    ["渡口", "磨坊", "山口", "旧站", "果园", "盐池", "石桥", "灯塔", "水库", "窑厂", "码头", "林场", "集市"];
const THINGS: [&str; 11] = ["水车", "天平", "风琴", "马灯", "织机", "罗盘", "药柜", "邮箱", "铁炉", "沙盘", "木船"];
const PEOPLE: [&str; 7] = ["看门人", "船工", "裁缝", "教师", "木匠", "药师", "司机"];

fn body(n: usize) -> String {
    let (place, thing, person) = (PLACES[n % 13], THINGS[n % 11], PEOPLE[n % 7]);
    let other = THINGS[(n / 7) % 11];
    format!(
        "{place}的{person}在第{n}本账上记下，{thing}修了{}次，换来{}担麦子。\n\n第{}天有人送来{other}，说是从{}借的，{person}收下时没有多问，只把日子写在墙上。\n",
        n % 37 + 2,
        n % 29 + 3,
        n % 365 + 1,
        PLACES[(n / 13) % 13],
    )
}

/// Front matter as blogs have it: fields missing, strings for lists, dates of many forms, drafts, odd slugs.
fn front_matter(n: usize) -> String {
    let mut text = String::from("---\n");
    let place = PLACES[n % 13];
    match n % 6 {
        0 => {}
        1 => drop(writeln!(text, "title: 重复的题目")),
        2 => drop(writeln!(text, "title: \"{place}：第 {n} 回\"")),
        _ => drop(writeln!(text, "title: {place}第{n}回")),
    }
    match n % 9 {
        0 => {}
        1 => drop(writeln!(text, "date: 民國108年3月{}日", n % 28 + 1)),
        2 => drop(writeln!(text, "date: 2019/3/{}", n % 28 + 1)),
        3 => text.push_str("date: 二〇一九年三月五日\n"),
        4 => text.push_str("date:\n"),
        _ => drop(writeln!(text, "date: 2019-03-{:02} 08:00:00", n % 28 + 1)),
    }
    text.push_str(
        ["tags: 灯, 棚\n", "tags:\n- 灯\n- 棚\n", "tags: [灯, 棚]\n", "tags:\n", "categories: 旧闻\n"][n % 5],
    );
    if n.is_multiple_of(13) {
        text.push_str("draft: true\n");
    }
    if n.is_multiple_of(19) {
        let _ = writeln!(text, "slug: 🚀-灯-{n}");
    }
    text + "---\n\n"
}

fn post(n: usize, shortcode: &str) -> Vec<u8> {
    let mut text = if n.is_multiple_of(29) { body(n) } else { front_matter(n) + &body(n) };
    if n.is_multiple_of(3) {
        text.push_str(shortcode);
    }
    if n.is_multiple_of(8) {
        text = text.replace('\n', "\r\n");
    }
    match n % 10 {
        // Emoji are not in GBK, so only texts without them are saved in it.
        7 if !n.is_multiple_of(19) => encoding_rs::GBK.encode(&text).0.into_owned(),
        5 => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        _ => text.into_bytes(),
    }
}

fn wxr() -> String {
    let mut items = String::new();
    for n in 1..=MANY {
        let status = ["publish", "draft", "private"][n % 3];
        let date = if n.is_multiple_of(7) { "" } else { "Tue, 05 Mar 2019 08:00:00 +0000" };
        let _ = write!(
            items,
            "<item><title>{}第{n}回</title><pubDate>{date}</pubDate><wp:post_id>{n}</wp:post_id><wp:status>{status}</wp:status><wp:post_type>post</wp:post_type><content:encoded><![CDATA[{}\n[gallery ids=\"1,2\"]]]></content:encoded></item>\n",
            PLACES[n % 13],
            body(n),
        );
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" xmlns:wp=\"http://wordpress.org/export/1.2/\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>旧站</title>\n{items}</channel></rss>\n"
    )
}

/// Imports an archive into a new site, then checks and builds it.
fn import(archive: &Path, from: &str) {
    let site = tempfile::tempdir().unwrap();
    expect(site.path(), &["init"], 0);
    let (out, _) = expect(site.path(), &["--format", "json", "import", archive.to_str().unwrap(), "--from", from], 0);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    let mut fates: BTreeMap<&str, usize> = BTreeMap::new();
    for article in report["articles"].as_array().unwrap() {
        *fates.entry(article["outcome"].as_str().unwrap()).or_default() += 1;
        let to = article["to"].as_str().unwrap();
        assert!(site.path().join(to).is_file(), "{from}: {to} was not written");
    }
    assert_eq!(fates.values().sum::<usize>(), MANY, "{from}: {fates:?}");
    for diagnostic in report["diagnostics"].as_array().unwrap() {
        assert!(!diagnostic["path"].as_str().unwrap().is_empty(), "{diagnostic}");
        // What is said of the encoding is said of the whole file.
        let whole = diagnostic["code"] == "import-encoding";
        assert!(whole || diagnostic["line"].as_u64().unwrap() > 0, "{diagnostic}");
    }
    expect(site.path(), &["check"], 0);
    let (out, _) = expect(site.path(), &["--format", "json", "build"], 0);
    let built: serde_json::Value = serde_json::from_str(&out).unwrap();
    let number = |key: &str| built[key].as_u64().unwrap();
    assert_eq!(number("articles"), MANY as u64, "{from}");
    assert_eq!(number("articles"), number("published") + number("duplicates") + number("skipped"), "{from}");
}

#[test]
fn a_hexo_blog_comes_over_whole() {
    let archive = tempfile::tempdir().unwrap();
    let posts = archive.path().join("source/_posts");
    std::fs::create_dir_all(&posts).unwrap();
    std::fs::write(archive.path().join("_config.yml"), "title: 旧站\n").unwrap();
    for n in 1..=MANY {
        let name = if n.is_multiple_of(6) { format!("灯🚀{n}.md") } else { format!("p{n}.md") };
        std::fs::write(posts.join(name), post(n, "\n{% asset_img a.png 灯 %}\n")).unwrap();
    }
    import(archive.path(), "hexo");
}

#[test]
fn a_jekyll_blog_comes_over_whole() {
    let archive = tempfile::tempdir().unwrap();
    let posts = archive.path().join("_posts");
    std::fs::create_dir_all(&posts).unwrap();
    std::fs::write(archive.path().join("_config.yml"), "title: 旧站\n").unwrap();
    for n in 1..=MANY {
        let name = format!("2019-03-{:02}-p{n}.md", n % 28 + 1);
        std::fs::write(posts.join(name), post(n, "\n{% include figure.html src=\"a.png\" %}\n{{ site.title }}\n"))
            .unwrap();
    }
    import(archive.path(), "jekyll");
}

#[test]
fn a_wordpress_export_comes_over_whole() {
    let archive = tempfile::tempdir().unwrap();
    let file = archive.path().join("export.xml");
    std::fs::write(&file, wxr()).unwrap();
    import(&file, "wxr");
}
