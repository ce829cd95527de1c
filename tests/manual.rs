//! The manual in `docs/manual/`: a site that builds without a warning, whose reference pages are made from the program.
//!
//! `ACCEPT=1 cargo test --test all manual` writes the reference pages anew.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{self, JIANFAN, expect};
use jianfan::diagnostic::codes::CODES;
use jianfan::schema::SCHEMAS;

fn manual() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/manual")
}

/// A page of the reference in one language.
fn page(title: &str, slug: &str, english: bool, summary: &str, body: &str) -> (String, String) {
    let (slug, rest) = match english {
        true => (format!("{slug}-en"), "part: [reference, english]\nconvert: false\n"),
        false => (slug.to_owned(), "part: reference\n"),
    };
    let head = format!("---\ntitle: {title}\ndate: 2026-11-14\nslug: {slug}\n{rest}summary: {summary}\n---\n");
    let made =
        "<!-- Made by tests/manual.rs from the program; ACCEPT=1 cargo test --test all manual writes it anew. -->";
    (format!("content/reference/{slug}.md"), format!("{head}\n{made}\n\n{body}"))
}

fn diagnostics(english: bool) -> (String, String) {
    let mut body = match english {
        true => "Every complaint carries a code between brackets. Codes never change their meaning.\n".to_owned(),
        false => "每个问题的方括号里有一个代码。代码的意思不会改变。\n".to_owned(),
    };
    for code in CODES {
        let [cause, remedy] = if english { code.english } else { code.hans };
        let (why, how) = if english { ("Cause", "What to do") } else { ("原因", "办法") };
        let _ = write!(body, "\n## {}\n\n{why}: {cause}.\n\n{how}: {remedy}.\n", code.name);
    }
    if !english {
        body = body.replace("原因: ", "原因：").replace("办法: ", "办法：").replace(".\n", "。\n");
    }
    match english {
        true => page("Diagnostics", "diagnostics", true, "Every code, its cause and what to do.", &body),
        false => page("诊断代码", "diagnostics", false, "每个代码的原因和办法。", &body),
    }
}

/// The half of a description in one language: `中文 / English`.
fn half(description: &str, english: bool) -> &str {
    match description.split_once(" / ") {
        Some((hans, other)) => {
            if english {
                other
            } else {
                hans
            }
        }
        None => description,
    }
}

fn keys(english: bool) -> (String, String) {
    let mut body = String::new();
    for schema in SCHEMAS {
        let json: serde_json::Value = serde_json::from_str(schema.text).unwrap();
        let title = half(json["title"].as_str().unwrap(), english);
        let _ = write!(body, "## {title}\n\n{}\n\n", half(json["description"].as_str().unwrap(), english));
        body.push_str(if english { "| key | meaning |\n|---|---|\n" } else { "| 键 | 意思 |\n|---|---|\n" });
        let properties = json.get("properties").unwrap_or(&json["items"]["properties"]).as_object().unwrap();
        for (key, value) in properties {
            let text = half(value["description"].as_str().unwrap_or_default(), english).replace('|', "\\|");
            let _ = writeln!(body, "| `{key}` | {text} |");
        }
        body.push('\n');
    }
    match english {
        true => page("Keys", "keys", true, "All keys of all files that editors write.", &body),
        false => page("文件里的键", "keys", false, "编辑写的各种文件里的所有键。", &body),
    }
}

fn help(words: &[&str]) -> String {
    let output = Command::new(JIANFAN).args(words).arg("--help").env("COLUMNS", "100").output().unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// The names of the commands in a help text.
fn commands(help: &str) -> Vec<String> {
    let listed = help.split("\nCommands:\n").nth(1).unwrap_or_default().split("\n\n").next().unwrap_or_default();
    let names = listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").map(str::to_owned).collect()
}

fn reference(english: bool) -> (String, String) {
    let mut body = String::new();
    for name in commands(&help(&[])) {
        let text = help(&[&name]);
        let _ = write!(body, "## jianfan {name}\n\n```text\n{text}```\n\n");
        for below in commands(&text) {
            let _ = write!(body, "### jianfan {name} {below}\n\n```text\n{}```\n\n", help(&[&name, &below]));
        }
    }
    match english {
        true => page("Commands", "commands", true, "Every command and its options.", &body),
        false => page("命令", "commands", false, "每个命令和它的选项（英文）。", &body),
    }
}

#[test]
fn reference_pages_are_those_of_the_program() {
    let accept = std::env::var_os("ACCEPT").is_some();
    for make in [diagnostics, keys, reference] {
        for english in [false, true] {
            let (path, text) = make(english);
            let file = manual().join(path);
            if accept {
                std::fs::create_dir_all(file.parent().unwrap()).unwrap();
                std::fs::write(&file, &text).unwrap();
            }
            let written = std::fs::read_to_string(&file).unwrap_or_default();
            assert!(written == text, "{} is out of date; run ACCEPT=1 cargo test --test all manual", file.display());
        }
    }
}

#[test]
fn the_manual_builds_without_a_word() {
    let output = tempfile::tempdir().unwrap();
    let site = tempfile::tempdir().unwrap();
    support::copy(&manual(), site.path(), |_| ());
    let public = output.path().join("manual");
    let (_, told) = expect(
        site.path(),
        &["build", "--base-url", "https://example.org/manual/", "--output", public.to_str().unwrap()],
        0,
    );
    assert!(!told.contains("warning["), "{told}");
    for page in
        ["zh-hans/tutorial", "zh-hant/tutorial", "zh-hant/tutorial-en", "zh-hans/diagnostics-en", "zh-hant/keys"]
    {
        assert!(public.join(page).join("index.html").is_file(), "{page}");
    }
    let tutorial = std::fs::read_to_string(public.join("zh-hant/tutorial/index.html")).unwrap();
    assert!(tutorial.contains("從空資料夾到上線"), "the manual speaks Traditional");
}
