//! Small sites with one thing wrong, and what is said of it: where, what, and whether anything is published.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use crate::support::{expect, tree, write};

const ARTICLE: &str = "---\ntitle: 兰州设立大数据局\ndate: 2019-02-21\n---\n兰州今日宣布设立大数据局，当天挂牌。\n";

/// Builds a site of one sound article and the files given; checks the exit code and that all of `says` is said.
fn check(files: &[(&str, &str)], code: i32, says: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("site.yaml", "title: 站\nbase_url: https://example.org/\n"), ("content/a.md", ARTICLE)]);
    write(folder.path(), files);
    let (_, told) = expect(folder.path(), &["build"], code);
    for text in says {
        assert!(told.contains(text), "`{text}` is not said of {files:?}:\n{told}");
    }
    assert_eq!(folder.path().join("public").exists(), code == 0, "{told}");
    folder
}

fn article(field: &str) -> String {
    format!("---\ntitle: 西宁开会\ndate: 2019-02-22\n{field}\n---\n西宁的会在礼堂里开，来了三百人。\n")
}

#[test]
fn control_characters_leave_every_file_with_a_word() {
    let body = "---\ntitle: 西宁开会\ndate: 2019-02-22\n---\n西宁\u{1b}[31m的会\u{8}\u{c}在礼堂里开。\n";
    let folder = check(
        &[("content/b.md", body)],
        0,
        &["content/b.md:5:1: warning[encoding]: 3 invisible control characters, the first in line 5, are dropped"],
    );
    for (path, bytes) in tree(&folder.path().join("public")) {
        let odd = bytes.iter().any(|&b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r'));
        assert!(!odd || path.ends_with(".bin"), "{path}");
    }
    let title = article("").replace("西宁开会", "\"西宁\\x07开会\"");
    check(&[("content/b.md", &title)], 0, &["content/b.md:2:8: warning[control-character]"]);
}

#[test]
fn what_a_field_cannot_be_is_said_at_its_line() {
    let wrong = article("corrections:\n  - {date: 昨天, text: 人数已改}");
    check(&[("content/b.md", &wrong)], 1, &["content/b.md:4:1: error[date-unreadable]: date `昨天` of a correction"]);
    let often = article(&format!("tags: [{}]", ["会议"; 500].join(", ")));
    check(&[("content/b.md", &often)], 0, &[]);
}

#[test]
fn settings_without_a_value_are_left_out() {
    check(&[("site.yaml", "title:\nbase_url: https://example.org/\nper_page:\nconvert:\ntheme:\n")], 0, &[]);
}

#[test]
fn settings_that_lead_nowhere_are_errors_at_their_line() {
    let site = |line: &str| format!("title: 站\nbase_url: https://example.org/\n{line}\n");
    let said = [
        ("content_dir: nowhere", "site.yaml:3:14: error[config-value]: `content_dir`: there is no folder `nowhere`"),
        ("theme: nowhere", "site.yaml:3:8: error[theme]: there is no folder `themes/nowhere`"),
        ("taxonomies: [city, archive]", "site.yaml:3:13: error[config-value]: `taxonomies`: `archive` is an address"),
    ];
    for (line, message) in said {
        check(&[("site.yaml", &site(line))], 1, &[message]);
    }
    let own = ("themes/own/theme.yaml", "name: own\nextends: nowhere\n");
    let message = "themes/own/theme.yaml:2:1: error[theme]: there is no folder `themes/nowhere`";
    check(&[("site.yaml", &site("theme: own")), own], 1, &[message]);
}

#[test]
fn a_theme_that_breaks_another_template_is_named_itself() {
    let site = ("site.yaml", "title: 站\nbase_url: https://example.org/\ntheme: own\n");
    let name = ("themes/own/theme.yaml", "name: own\n");
    let empty = ("themes/own/templates/base.html", "<p>空</p>");
    check(
        &[site, name, empty],
        1,
        &["themes/own/templates/base.html:1:1: error[template]: block `main` is not defined"],
    );
    let feed = ("themes/own/templates/feed.xml", "<feed>\n<title>站\n");
    let message = "themes/own/templates/feed.xml:1:1: error[template]: what it writes is no XML";
    check(&[site, name, feed], 1, &[message, "in line 3 of the feed"]);
}

#[test]
fn words_that_are_texts_multiply_nothing() {
    let long = "乙".repeat(101);
    let glossary = format!("terms:\n  - {{hans: 大数据, tw: {long}}}\n");
    let message = "content/_data/glossary.yaml:2:21: error[glossary-long]: `tw` of a term holds 101 characters";
    check(&[("content/_data/glossary.yaml", &glossary)], 1, &[message]);
    let body = format!("{}-{{A|zh-hans:西宁;zh-hant:{long}}}-{}", article(""), "西宁".repeat(1000));
    let folder = check(&[("content/b.md", &body)], 0, &[]);
    let page = std::fs::read(folder.path().join("public/zh-hant/2019/02/b/index.html")).unwrap();
    assert!(page.len() < 100_000, "{} bytes", page.len());
}

#[test]
fn a_word_kept_and_replaced_is_worth_a_word() {
    let glossary = "terms:\n  - {hans: 大数据, tw: 巨量資料}\nkeep: [大数据]\n";
    let message = "content/_data/glossary.yaml:2:6: warning[glossary-kept]: `大数据` stands under `keep` too";
    check(&[("content/_data/glossary.yaml", glossary)], 0, &[message]);
}

#[test]
fn thousands_of_terms_and_keys_are_no_matter() {
    let cities: String = (0..5_000).map(|n| format!("- {{id: c{n}, name: 城{n}号, aliases: [邑{n}号]}}\n")).collect();
    let keys: String = (0..5_000).map(|n| format!("k{n}: {n}\n")).collect();
    let many = article(keys.trim_end());
    check(&[("content/_data/taxonomies/city.yaml", &cities), ("content/b.md", &many)], 0, &["2 published"]);
}

#[test]
fn check_mends_what_is_safe_and_shows_it() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("site.yaml", "title: 站\nbase_url: https://example.org/\n")]);
    let written = "\n---\r\ntitle： 西宁开会\r\ndate: 2019年2月22日\r\n来源: 河湟样报\r\ntags:\r\n\t- 会议\r\n\t- 公告\r\n---\r\n西宁的会。\r\n";
    write(folder.path(), &[("content/b.md", written)]);
    let (_, told) = expect(folder.path(), &["check", "--fix"], 0);
    for text in ["+++ b/content/b.md", "-title： 西宁开会", "+title: 西宁开会", "+date: 2019-02-22", "1 file mended"]
    {
        assert!(told.contains(text), "`{text}` is not said:\n{told}");
    }
    let mended = std::fs::read_to_string(folder.path().join("content/b.md")).unwrap();
    let right = "---\r\ntitle: 西宁开会\r\ndate: 2019-02-22\r\nsource: 河湟样报\r\ntags:\r\n  - 会议\r\n  - 公告\r\n---\r\n西宁的会。\r\n";
    assert_eq!(mended, right);
    let (_, told) = expect(folder.path(), &["check", "--fix"], 0);
    assert!(told.starts_with("0 files mended\n"), "{told}");
}

#[test]
fn listings_may_repeat_themselves_and_so_may_all_where_copies_are_not_looked_for() {
    let lines = "河边新修了一条步道，走在上面能听见水声，傍晚散步的人很多，周末还有人来画画。\n剧团下月演三场新戏，票价从二十元起，学生半价，老人免费入场，演员多是本地人。\n";
    let prose =
        format!("{}{lines}\n菜市场搬到了河对岸，摊位多了一倍，停车也比从前容易得多了。\n\n{lines}", article(""));
    check(&[("content/b.md", &prose)], 0, &["warning[text-repeated]"]);
    let listing = format!(
        "{}```text\n{lines}```\n\n菜市场搬到了河对岸，摊位多了一倍，停车也比从前容易得多了。\n\n```text\n{lines}```\n",
        article("")
    );
    let off = "title: 站\nbase_url: https://example.org/\ndedupe: false\n";
    for files in [vec![("content/b.md", listing.as_str())], vec![("content/b.md", prose.as_str()), ("site.yaml", off)]]
    {
        let folder = check(&files, 0, &[]);
        let page = std::fs::read_to_string(folder.path().join("public/zh-hans/2019/02/b/index.html")).unwrap();
        assert_eq!(page.split("<article").nth(1).unwrap().matches("走在上面能听见水声").count(), 2, "{files:?}");
    }
}
