//! What every diagnostic says, whole: one small site for each code in `tests/messages/`.
//!
//! A case is one text file named for its code:
//!
//! ```text
//! run: check                        the command; `check` when absent
//! link: content/l.md -> nowhere     a symbolic link
//! hex: content/b.md 00ff            a file of these bytes
//! long: content/c.md 40000000       a file of so many letters
//! odd: 636f6e74656e742fff2e6d64     an article whose path has these bytes
//! fifo: content/p.md                a named pipe
//! -- content/a.md --
//! a file; any number of them. `site.yaml` and one sound article are there unless given
//! -- says --
//! all that is written to standard error
//! ```
//!
//! `ACCEPT=1 cargo test --test all messages` rewrites what they say; read it aloud before it is kept.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use jianfan::diagnostic::codes::CODES;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::process::Command;

use crate::support::{JIANFAN, write};

const SITE: &str = "title: 站\nbase_url: https://example.org/\n";
const ARTICLE: &str = "---\ntitle: 兰州设立大数据局\ndate: 2019-02-21\n---\n兰州今日宣布设立大数据局，当天挂牌。\n";

/// A case as it is written.
struct Case {
    path: PathBuf,
    /// All before what is said.
    given: String,
    says: String,
}

fn cases() -> BTreeMap<String, Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/messages");
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let (given, says) = text.split_once("-- says --\n").unwrap_or((&text, ""));
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, Case { given: given.to_owned(), says: says.to_owned(), path })
    };
    std::fs::read_dir(folder).unwrap().map(|entry| read(entry.unwrap().path())).collect()
}

/// Lays the site of a case out; gives the commands to run, one a line.
fn lay_out(root: &Path, given: &str) -> Vec<String> {
    write(root, &[("site.yaml", SITE), ("content/good.md", ARTICLE)]);
    let mut commands = Vec::new();
    let (head, files) = given.split_at(given.find("-- ").unwrap_or(given.len()));
    for part in files.split("-- ").filter(|part| !part.is_empty()) {
        let (path, text) = part.split_once(" --\n").unwrap();
        write(root, &[(path, text)]);
    }
    for line in head.lines() {
        let (key, value) = line.split_once(": ").unwrap();
        let (path, rest) = value.split_once(' ').unwrap_or((value, ""));
        let file = root.join(path);
        match key {
            "run" => commands.push(value.to_owned()),
            "link" => {
                std::fs::create_dir_all(file.parent().unwrap()).unwrap();
                std::os::unix::fs::symlink(rest.trim_start_matches("-> "), file).unwrap();
            }
            "hex" => {
                std::fs::create_dir_all(file.parent().unwrap()).unwrap();
                std::fs::write(file, bytes_of(rest)).unwrap();
            }
            "odd" => std::fs::write(root.join(OsString::from_vec(bytes_of(path))), ARTICLE).unwrap(),
            "fifo" => assert!(Command::new("mkfifo").arg(file).status().unwrap().success()),
            "long" => {
                std::fs::create_dir_all(file.parent().unwrap()).unwrap();
                std::fs::write(file, "x".repeat(rest.parse().unwrap())).unwrap();
            }
            other => panic!("{other}: no such line of a case"),
        }
    }
    if commands.is_empty() {
        commands.push("check".to_owned());
    }
    commands
}

fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect()
}

#[test]
fn every_diagnostic_says_what_it_should() {
    let accept = std::env::var_os("ACCEPT").is_some();
    let wrong: String = cases()
        .into_par_iter()
        .map(|(name, case)| {
            let mut wrong = String::new();
            let folder = tempfile::tempdir().unwrap();
            let mut said = String::new();
            for command in lay_out(folder.path(), &case.given) {
                let words: Vec<&str> = command.split(' ').collect();
                let output = Command::new(JIANFAN).current_dir(folder.path()).args(words).output().unwrap();
                assert!(matches!(output.status.code(), Some(0..=2)), "{name}: {output:?}");
                let lines = String::from_utf8_lossy(&output.stderr).into_owned();
                // The closing line of a build says how long it took.
                said.extend(lines.split_inclusive('\n').filter(|line| !line.contains(" unchanged, ")));
            }
            let said = said.replace(&folder.path().to_string_lossy().into_owned(), "SITE");
            if accept && said != case.says {
                std::fs::write(&case.path, format!("{}-- says --\n{said}", case.given)).unwrap();
            } else if said != case.says {
                wrong.push_str(&format!("== {name}: says\n{said}== and should say\n{}\n", case.says));
            }
            if !said.contains(&format!("[{name}]")) {
                wrong.push_str(&format!("== {name}: its own code is not in\n{said}\n"));
            }
            wrong
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong}");
}

/// Codes that no folder at rest brings about, and the file whose tests do.
const ELSEWHERE: [(&str, &str); 1] = [("changed-meanwhile", "src/source/shelf.rs")];

#[test]
fn every_code_has_a_case() {
    let cases = cases();
    let tested = |name: &str| {
        let file = ELSEWHERE.iter().find(|(code, _)| *code == name).map(|(_, file)| file);
        let text = file.map(|file| std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap());
        text.is_some_and(|text| text.split("mod tests").nth(1).is_some_and(|tests| tests.contains(name)))
    };
    let codes = CODES.iter().map(|code| code.name);
    let missing: Vec<&str> = codes.filter(|name| !cases.contains_key(*name) && !tested(name)).collect();
    assert!(missing.is_empty(), "no case in tests/messages/ for {missing:?}");
    let unknown: Vec<&String> = cases.keys().filter(|name| !CODES.iter().any(|code| code.name == *name)).collect();
    assert!(unknown.is_empty(), "cases of no code: {unknown:?}");
}

/// The literals of the sources that look like codes: those right behind a call that makes a diagnostic.
#[test]
fn every_code_of_the_sources_is_in_the_table() {
    const CALLS: [&str; 5] = ["Diagnostic::error(", "Diagnostic::warning(", "warn_at(", "refuse_at(", ".complain("];
    let mut missing = Vec::new();
    for entry in walkdir::WalkDir::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let entry = entry.unwrap();
        if entry.path().extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for at in CALLS.iter().flat_map(|call| code.match_indices(call).map(|(at, found)| at + found.len())) {
            // The code is the first word between quotation marks that is no key of front matter.
            let rest: String = code[at..].chars().take(120).collect();
            let literal = rest.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
            if let Some(literal) = literal.filter(|word| !word.is_empty() && word.contains('-'))
                && !CODES.iter().any(|code| code.name == literal)
            {
                missing.push(format!("{}: {literal}", entry.path().display()));
            }
        }
    }
    assert!(missing.is_empty(), "codes that src/diagnostic/codes.rs does not list:\n{}", missing.join("\n"));
}

/// English words of a text that stand neither between backticks nor in the names of formats and programs.
fn english_words(text: &str) -> Vec<&str> {
    const NAMES: [&str; 30] = [
        "YAML",
        "JSON",
        "TOML",
        "HTML",
        "XML",
        "UTF-8",
        "GB18030",
        "MiB",
        "WordPress",
        "Markdown",
        "GBK",
        "Big5",
        "ID",
        "slug",
        "date",
        "alias",
        "city",
        "tag",
        "program",
        "site.yaml",
        "root",
        "MATH",
        "GitHub",
        "no",
        "CSS",
        "ASCII",
        "URL",
        "NUL",
        "DNS",
        "CSP",
    ];
    let outside = text.split('`').step_by(2);
    let words = outside.flat_map(|part| part.split(|c: char| !c.is_ascii_alphanumeric() && !"-./_".contains(c)));
    words.filter(|word| word.len() > 1 && word.chars().all(|c| !c.is_ascii_digit()) && !NAMES.contains(word)).collect()
}

#[test]
fn the_catalogue_knows_what_the_cases_say() {
    let (mut all, mut unknown) = (0, String::new());
    for (name, case) in cases() {
        for line in case.says.lines() {
            let message = line.split_once(&format!("[{name}]: ")).map(|(_, message)| message);
            let Some(message) = message.or_else(|| line.trim_start().strip_prefix("= help: ")) else { continue };
            all += 1;
            let said = jianfan::messages::say(message, jianfan::messages::Language::Hans);
            if said.is_none_or(|said| english_words(&said).len() > 3) {
                unknown.push_str(&format!("{message}\n"));
            }
        }
    }
    let missing = unknown.lines().count();
    // The engines' own words on YAML and templates stay English; the table of codes explains them.
    assert!(missing * 20 <= all, "{missing} of {all} are not in data/messages/zh-hans.tsv:\n{unknown}");
}
