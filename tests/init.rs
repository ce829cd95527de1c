//! New sites: from nothing, from a site of another program, with pipelines and a screen for editors.
#![allow(clippy::unwrap_used, reason = "a test may stop where it is surprised")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{self, expect, tree, write};
use serde_yaml::Value;

fn yaml(site: &Path, path: &str) -> Value {
    let text = std::fs::read_to_string(site.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}\n{text}"))
}

fn init(args: &[&str]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().join("site");
    expect(folder.path(), &[&["init", site.to_str().unwrap()], args].concat(), 0);
    (folder, site)
}

#[test]
fn a_new_site_builds_at_once_and_is_whole() {
    let (_folder, site) = init(&[]);
    for path in tree(&site).keys().filter(|path| path.ends_with(".yaml")) {
        yaml(&site, path);
    }
    assert!(std::fs::read_to_string(site.join("site.yaml")).unwrap().starts_with("# yaml-language-server: $schema="));
    let ignored = std::fs::read_to_string(site.join(".gitignore")).unwrap();
    assert!(ignored.contains("/public/") && ignored.contains("/content/_originals/"));
    assert!(site.join(".editorconfig").is_file());
    expect(&site, &["build", "--strict", "--base-url", "https://a.example/"], 0);
    // Every setting that is shown as an example works when its sign is taken away.
    let text = std::fs::read_to_string(site.join("site.yaml")).unwrap();
    let examples = [
        "convert:",
        "  vocabulary",
        "  quotes",
        "sources:",
        "  某某日报",
        "host:",
        "publish:",
        "  git:",
        "  rsync:",
        "  s3:",
        "  dir:",
        "base_url:",
    ];
    let on: String = text
        .lines()
        .map(|line| match line.strip_prefix("# ").filter(|line| examples.iter().any(|start| line.starts_with(start))) {
            Some(line) => format!("{line}\n"),
            None => format!("{line}\n"),
        })
        .collect();
    write(&site, &[("site.yaml", &on)]);
    let (_, said) = expect(&site, &["build"], 0);
    assert!(!said.contains("site.yaml"), "{said}");
    let (_, error) = expect(site.parent().unwrap(), &["init", site.to_str().unwrap()], 2);
    assert!(error.contains("exists already"), "{error}");
}

#[test]
fn a_site_of_another_program_is_taken_over() {
    let posts = [
        ("hexo", "_config.yml", "title: 旧站\nurl: https://old.example/\n", "source/_posts/a.md"),
        ("hugo", "hugo.toml", "title = '旧站'\nbaseURL = 'https://old.example'\n", "content/posts/a.md"),
        ("jekyll", "_config.yml", "title: 旧站\nurl: https://old.example\n", "_posts/2019-05-01-a.md"),
    ];
    for (name, file, config, post) in posts {
        let folder = tempfile::tempdir().unwrap();
        let old = folder.path().join("old");
        write(
            &old,
            &[
                (file, config),
                (
                    post,
                    "---\ntitle: 灯塔修好了\ndate: 2019-05-01 08:00:00\ntags: [灯塔]\n---\n\n守塔人把灯点亮，渔船顺着光回来了。\n",
                ),
            ],
        );
        let before = tree(&old);
        let site = folder.path().join("new");
        let (out, _) = expect(folder.path(), &["init", site.to_str().unwrap(), "--from", old.to_str().unwrap()], 0);
        assert!(out.contains("1 article brought over"), "{name}: {out}");
        assert_eq!(tree(&old), before, "{name}: the old site changed");
        let settings = yaml(&site, "site.yaml");
        assert_eq!(
            (&settings["title"], &settings["base_url"]),
            (&"旧站".into(), &"https://old.example/".into()),
            "{name}"
        );
        expect(&site, &["build"], 0);
        assert!(tree(&site.join("public")).keys().any(|path| path.starts_with("zh-hant/2019/05/")), "{name}");
        assert!(site.join("content/_originals").is_dir(), "{name}");
    }
    let folder = tempfile::tempdir().unwrap();
    let (_, error) = expect(folder.path(), &["init", "x", "--from", folder.path().to_str().unwrap()], 2);
    assert!(error.contains("is no folder of Hexo, Hugo or Jekyll"), "{error}");
}

#[test]
fn the_screen_for_editors_knows_the_site() {
    let (_folder, site) = init(&["--cms", "sveltia"]);
    let config = yaml(&site, "static/admin/config.yml");
    assert_eq!(config["collections"][0]["folder"], "content");
    write(&site, &[("content/_data/taxonomies/program.yaml", "- id: lab\n  name: 实验室开放夜\n")]);
    expect(&site, &["init", "--cms", "decap"], 0);
    let config = yaml(&site, "static/admin/config.yml");
    let fields = config["collections"][0]["fields"].as_sequence().unwrap();
    let programs = fields.iter().find(|field| field["name"] == "programs").unwrap();
    assert_eq!(programs["options"][0]["label"], "实验室开放夜");
    // Whatever the screen writes is front matter that is known.
    let mut head = String::new();
    for field in fields.iter().filter(|field| field["name"] != "body") {
        let value = match field["name"].as_str().unwrap() {
            "date" | "updated" => "2020-01-01 08:00",
            "author" | "cities" | "tags" => "[兰州]",
            "programs" => "[lab]",
            "original_url" => "https://a.example/1",
            "slug" => "some-slug",
            "script" => "hans",
            "rights" => "full",
            "draft" | "noindex" => "false",
            "withdrawn" => "''",
            "corrections" => "[{date: 2020-01-02, text: 改一字}]",
            _ => "文字",
        };
        head.push_str(&format!("{}: {value}\n", field["name"].as_str().unwrap()));
    }
    write(&site, &[("content/a.md", &format!("---\n{head}---\n\n正文在这里。\n"))]);
    let (_, said) = expect(&site, &["check"], 0);
    assert!(!said.contains("content/a.md"), "{said}");
    std::fs::write(site.join("static/admin/config.yml"), "mine: true\n").unwrap();
    let (_, error) = expect(&site, &["init", "--cms", "decap"], 2);
    assert!(error.contains("was not made by this program; move it away first"), "{error}");
}

/// Runs a step of a pipeline with the program on the path, and a `gh` that writes down what it was asked.
fn step(site: &Path, script: &str, environment: &[(&str, &str)]) -> Output {
    let tools = site.join("../tools");
    let jianfan = Path::new(support::JIANFAN).parent().unwrap().to_str().unwrap();
    write(&tools, &[("gh", "#!/bin/sh\necho \"$@\" > ../gh.txt\ncat comment.md >> ../gh.txt\n")]);
    Command::new("chmod").arg("+x").arg(tools.join("gh")).status().unwrap();
    let path = format!("{}:{jianfan}:{}", tools.display(), "/usr/local/bin:/usr/bin:/bin");
    let mut bash = Command::new("bash");
    bash.args(["-e", "-c", script]).current_dir(site).env("PATH", path).envs(environment.iter().copied());
    bash.output().unwrap()
}

fn steps(pipeline: &Value, job: &str) -> Vec<(String, String)> {
    let steps = pipeline["jobs"][job]["steps"].as_sequence().unwrap().iter();
    let named = steps.filter_map(|step| Some((step["name"].as_str()?.to_owned(), step["run"].as_str()?.to_owned())));
    named.collect()
}

fn git(folder: &Path, args: &[&str]) {
    assert!(Command::new("git").arg("-C").arg(folder).args(args).output().unwrap().status.success(), "{args:?}");
}

#[test]
fn the_pipeline_of_github_does_what_it_says() {
    let (folder, site) = init(&["--ci", "github"]);
    let pipeline = yaml(&site, ".github/workflows/site.yml");
    write(&site, &[("content/bad.md", "---\ntitle: 坏\ndate: 昨天的昨天\n---\n\n文\n")]);
    let check = steps(&pipeline, "check");
    let names: Vec<&str> = check.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["install", "check", "comment"]);
    assert!(step(&site, &check[0].1, &[]).status.success());
    let output = step(&site, &check[1].1, &[]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("::error file=content/bad.md,line=3,col=7,title=date-unreadable::"), "{said}");
    assert!(step(&site, &check[2].1, &[("NUMBER", "7")]).status.success());
    let comment = std::fs::read_to_string(folder.path().join("gh.txt")).unwrap();
    assert!(comment.starts_with("pr comment 7 ") && comment.contains("error[date-unreadable]"), "{comment}");
    std::fs::remove_file(site.join("content/bad.md")).unwrap();
    assert!(step(&site, &check[1].1, &[]).status.success());
    let bare = folder.path().join("pages.git");
    git(folder.path(), &["init", "--quiet", "--bare", bare.to_str().unwrap()]);
    git(&site, &["init", "--quiet"]);
    git(&site, &["remote", "add", "origin", bare.to_str().unwrap()]);
    for (_, script) in steps(&pipeline, "publish") {
        let output = step(&site, &script, &[]);
        assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    }
    git(&bare, &["rev-parse", "--verify", "gh-pages"]);
}

#[test]
fn the_pipeline_of_gitlab_does_what_it_says() {
    let (_folder, site) = init(&["--ci", "gitlab"]);
    let pipeline = yaml(&site, ".gitlab-ci.yml");
    let script = |job: &str| {
        let lines = pipeline[job]["script"].as_sequence().unwrap().iter();
        lines.map(|line| format!("{}\n", line.as_str().unwrap())).collect::<String>()
    };
    assert!(step(&site, &script("check"), &[]).status.success());
    assert!(step(&site, &script("pages"), &[]).status.success());
    let kept = pipeline["pages"]["artifacts"]["paths"][0].as_str().unwrap();
    assert!(site.join(kept).join("zh-hant/index.html").is_file());
    write(&site, &[("content/bad.md", "---\ntitle: 坏\ndate: 昨天的昨天\n---\n\n文\n")]);
    let output = step(&site, &script("check"), &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("error[date-unreadable]"));
}
