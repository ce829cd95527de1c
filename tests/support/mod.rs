//! What the tests of whole sites share.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may stop where it is surprised")]

pub(crate) mod preview;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The program under test.
pub(crate) const JIANFAN: &str = env!("CARGO_BIN_EXE_jianfan");

/// Runs the program in a folder.
pub(crate) fn run(root: &Path, args: &[&str]) -> Output {
    Command::new(JIANFAN).arg("--root").arg(root).args(args).output().expect("the program runs")
}

/// Runs the program and wants this exit code; gives standard output and error.
pub(crate) fn expect(root: &Path, args: &[&str], code: i32) -> (String, String) {
    let output = run(root, args);
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned());
    assert_eq!(output.status.code(), Some(code), "jianfan {args:?}\n{out}\n{err}");
    (out, err)
}

/// Writes files below a folder.
pub(crate) fn write(root: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let file = root.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
}

/// Copies a folder, its entries in the order `order` makes of them.
pub(crate) fn copy(from: &Path, to: &Path, order: fn(&mut Vec<PathBuf>)) {
    std::fs::create_dir_all(to).unwrap();
    let mut entries: Vec<PathBuf> = std::fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    order(&mut entries);
    for entry in entries {
        let target = to.join(entry.file_name().unwrap());
        if entry.is_dir() {
            copy(&entry, &target, order);
        } else {
            std::fs::copy(&entry, target).unwrap();
        }
    }
}

/// A copy of the sample archive.
pub(crate) fn sample(to: &Path, order: fn(&mut Vec<PathBuf>)) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    copy(&here.join("content"), &to.join("content"), order);
    std::fs::copy(here.join("site.yaml"), to.join("site.yaml")).unwrap();
}

/// All files below a folder, with their bytes.
pub(crate) fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in walkdir::WalkDir::new(folder) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let path = entry.path().strip_prefix(folder).unwrap().to_string_lossy().into_owned();
            files.insert(path, std::fs::read(entry.path()).unwrap());
        }
    }
    files
}

/// The pages of a tree as text.
pub(crate) fn pages(tree: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, String> {
    let html = tree.iter().filter(|(path, _)| path.ends_with(".html"));
    html.map(|(path, bytes)| (path.clone(), String::from_utf8(bytes.clone()).expect("pages are UTF-8"))).collect()
}

/// The values of an attribute, in order, with the five entities undone.
pub(crate) fn attributes(html: &str, name: &str) -> Vec<String> {
    let needle = format!(" {name}=\"");
    let values = html.match_indices(&needle).filter_map(|(at, _)| html[at + needle.len()..].split('"').next());
    values
        .map(|value| {
            value
                .replace("&#x2F;", "/")
                .replace("&quot;", "\"")
                .replace("&#39;", "'")
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&amp;", "&")
        })
        .collect()
}

/// The output path a link on a page leads to; none when it leaves the site.
pub(crate) fn target(page: &str, href: &str) -> Option<String> {
    let href = href.split(['#', '?']).next().unwrap_or_default();
    if href.contains("://") || href.starts_with("mailto:") || href.starts_with("tel:") || href.starts_with("//") {
        return None;
    }
    let mut parts: Vec<&str> = if href.starts_with('/') { Vec::new() } else { page.split('/').collect() };
    if !href.starts_with('/') {
        parts.pop();
    }
    if href.is_empty() {
        return Some(page.to_owned());
    }
    for part in href.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().expect("a link does not leave the site");
            }
            part => parts.push(part),
        }
    }
    let mut path = parts.join("/");
    if href.ends_with('/') || path.is_empty() || href.ends_with("..") || href == "." {
        path = if path.is_empty() { "index.html".to_owned() } else { format!("{path}/index.html") };
    }
    Some(path)
}

/// Everything reachable by links from a page.
pub(crate) fn reachable(pages: &BTreeMap<String, String>, from: &str) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut todo = vec![from.to_owned()];
    while let Some(page) = todo.pop() {
        let Some(html) = pages.get(&page) else { continue };
        if seen.insert(page.clone()) {
            todo.extend(attributes(html, "href").iter().filter_map(|href| target(&page, href)));
        }
    }
    seen
}

/// Tells whether a path is an article's: `E/2019/07/slug/index.html` or `E/undated/slug/index.html`.
pub(crate) fn is_article(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        [_, year, month, _, "index.html"] => {
            year.len() == 4 && month.len() == 2 && year.bytes().chain(month.bytes()).all(|b| b.is_ascii_digit())
        }
        [_, "undated", slug, "index.html"] => *slug != "page",
        _ => false,
    }
}

/// The folder with the kits, or none with a word about what is skipped.
pub(crate) fn shared(what: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?.join("shared");
    if folder.join("seeds").is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: {what} needs ../shared");
    None
}

/// Says what is not tested here.
pub(crate) fn skipped(what: &str) {
    eprintln!("skipped: {what}");
}

/// A port of this machine on which nothing listens.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Waits until a server that was just started takes connections.
pub(crate) fn answers(port: u16) {
    for _ in 0..600 {
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("nothing answers on port {port}");
}

/// Status, headers with their names in small letters, and body.
pub(crate) type Answer = (u16, BTreeMap<String, String>, Vec<u8>);

/// One request, its head written out, to a server that closes when it has answered.
pub(crate) fn ask(port: u16, head: &str) -> Answer {
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let headers = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    (status, headers, answer[end + 4..].to_vec())
}
