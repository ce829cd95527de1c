//! Holds a build to what it promises of hostile or broken input.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::path::Path;

use jianfan::cache::Cache;
use jianfan::corpus::Drafts;
use jianfan::diagnostic::render;
use jianfan::report::Report;
use jianfan::site::Trust;
use jianfan::{BuildOptions, build, config};

/// A site of one article and the files given, built into `public`.
fn site(files: &[(&str, &str)]) -> (tempfile::TempDir, Report) {
    let folder = tempfile::tempdir().unwrap();
    let article = "---\ntitle: 兰州设立大数据局\ndate: 2019-02-21\n---\n兰州今日宣布设立大数据局。\n";
    write(folder.path(), "site.yaml", "title: 站\nbase_url: https://example.org/\ntheme: own\n");
    write(folder.path(), "content/a.md", article);
    write(folder.path(), "themes/own/theme.yaml", "name: own\n");
    for (path, text) in files {
        write(folder.path(), path, text);
    }
    let report = run(folder.path());
    (folder, report)
}

fn run(root: &Path) -> Report {
    let config = config::load(root).unwrap().value;
    let options = BuildOptions {
        drafts: Drafts::Skip,
        trust: Trust::Nothing,
        cache: Cache::Keep,
        output: Some(root.join("public")),
        shard: None,
    };
    build(&config, &options, &mut |_| {}).unwrap()
}

fn write(root: &Path, path: &str, text: &str) {
    let file = root.join(path);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
}

fn messages(report: &Report) -> String {
    report.diagnostics.iter().map(render).collect()
}

#[test]
fn templates_that_do_not_end_are_named_with_their_line() {
    let ten = "{% for a in range(end=10000) %}";
    let nested = format!("甲\n{ten}{ten}{{% endfor %}}{{% endfor %}}");
    let printed = format!("甲\n{ten}{ten}{}{{% endfor %}}{{% endfor %}}", "x".repeat(2000));
    let held = format!("甲\n{ten}{{% set_global x = x ~ x %}}{{% endfor %}}",);
    let held = format!("{{% set x = 'ab' %}}{held}").replace('\'', "\"");
    for (text, line) in [(nested, 2), (printed, 2), (held, 2)] {
        let (folder, report) = site(&[("themes/own/templates/article.html", &text)]);
        let found = messages(&report);
        assert!(found.contains("the template does not end"), "{text}\n{found}");
        assert!(found.contains(&format!("themes/own/templates/article.html:{line}:")), "{found}");
        assert!(!found.contains("__"), "{found}");
        assert!(!folder.path().join("public").exists(), "a failed build has written");
    }
}

#[test]
fn includes_that_multiply_are_named() {
    let mut files = Vec::new();
    for at in 0..8 {
        let text = if at == 7 { "x".to_owned() } else { format!("{{% include \"_n{}.html\" %}}", at + 1).repeat(12) };
        files.push((format!("themes/own/templates/_n{at}.html"), text));
    }
    files.push(("themes/own/templates/article.html".to_owned(), "{% include \"_n0.html\" %}".to_owned()));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let (_, report) = site(&files);
    assert!(messages(&report).contains("does not end"), "{}", messages(&report));
}

#[test]
fn includes_that_go_too_deep_are_named() {
    let mut files = vec![("themes/own/templates/article.html".to_owned(), "{% include \"_n0.html\" %}".to_owned())];
    for at in 0..400 {
        files.push((format!("themes/own/templates/_n{at}.html"), format!("{{% include \"_n{}.html\" %}}", at + 1)));
    }
    files.push(("themes/own/templates/_n400.html".to_owned(), "x".to_owned()));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let (_, report) = site(&files);
    assert!(
        messages(&report).contains("themes/own/templates/article.html:1:1: error[template]"),
        "{}",
        messages(&report)
    );
}

#[test]
fn errors_of_templates_point_at_what_was_written() {
    let text = "{% for a in [1, 2] %}{% set b = a %}{{ b.c.d }}{% endfor %}\n";
    let (_, report) = site(&[("themes/own/templates/article.html", text)]);
    let found = messages(&report);
    let column = text.find("c.d").unwrap() + 1;
    assert!(found.contains(&format!("themes/own/templates/article.html:1:{column}: error[template]")), "{found}");
    assert!(found.contains("{% set b = a %}{{ b.c.d }}") && !found.contains("__"), "{found}");
}

#[test]
fn templates_that_print_unsafely_are_warned_of() {
    let (_, report) = site(&[(
        "themes/own/templates/article.html",
        "<article><h1>{{ title | safe }}</h1></article><script>var t = \"{{ title }}\";</script>",
    )]);
    assert_eq!(report.diagnostics.iter().filter(|d| d.code == "template-unsafe").count(), 2, "{}", messages(&report));
}

/// Articles of a kind that costs far more than its size are refused by name or built in bounded work.
#[test]
fn costly_articles_are_bounded() {
    let lines = "a\n".repeat(450_000);
    let (_, report) = site(&[("content/lines.md", &lines)]);
    assert!(messages(&report).contains("content/lines.md: error[file-too-complex]"), "{}", messages(&report));
    let attributes: String = (0..3000).map(|at| format!("a{at}=1 ")).collect();
    let (folder, report) = site(&[("content/b.md", &format!("乙丙丁\n\n<p {attributes}>段落</p>\n"))]);
    assert!(messages(&report).contains("content/b.md:1:1: warning[html-tag-dropped]"), "{}", messages(&report));
    assert!(folder.path().join("public").exists());
}

#[test]
fn long_names_that_meet_are_numbered() {
    let name = "x".repeat(200);
    let text = |body: &str| format!("---\ntitle: {body}\ndate: 2019-02-21\n---\n{body}是另一件事。\n");
    let (one, two, three) = (text("甲"), text("乙"), text("丙"));
    let paths = ["a", "b", "c"].map(|folder| format!("content/{folder}/{name}.md"));
    let (_, report) = site(&[(&paths[0], &one), (&paths[1], &two), (&paths[2], &three)]);
    assert_eq!(report.diagnostics.iter().filter(|d| d.code == "slug-taken").count(), 2, "{}", messages(&report));
    assert_eq!(report.published, 4, "{}", messages(&report));
}
