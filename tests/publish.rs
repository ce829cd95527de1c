//! Handing a site over: to a folder, a bare git repository, an rsync daemon.
#![allow(clippy::unwrap_used, reason = "a test may stop where it is surprised")]

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::support::{self, expect, tree, write};
use serde_json::Value;

const LIST: &str = ".jianfan-manifest.json";

fn article(title: &str, day: u32, text: &str) -> String {
    format!("---\ntitle: {title}\ndate: 2021-03-{day:02}\n---\n\n{text}\n")
}

fn site() -> tempfile::TempDir {
    let site = tempfile::tempdir().unwrap();
    write(
        &site.path().join("site"),
        &[
            ("site.yaml", "title: 港口纪事\nbase_url: https://port.example/\n"),
            ("content/lamp.md", &article("灯塔修好了", 1, "守塔人把灯点亮，渔船顺着光回来。")),
            ("content/ferry.md", &article("渡船改了时刻", 2, "早班提前一刻钟，晚班照旧。")),
            ("content/net.md", &article("补网的人", 3, "三个老人坐在码头上补网，说起从前的鱼。")),
        ],
    );
    site
}

fn root(site: &tempfile::TempDir) -> PathBuf {
    site.path().join("site")
}

/// Publishes and gives the report.
fn publish(root: &Path, args: &[&str]) -> Value {
    let args = [&["--format", "json", "publish"], args].concat();
    let (out, _) = expect(root, &args, 0);
    serde_json::from_str(&out).unwrap()
}

fn fails(root: &Path, args: &[&str]) -> String {
    expect(root, &[&["publish"], args].concat(), 2).1
}

fn paths(report: &Value, key: &str) -> Vec<String> {
    report[key].as_array().unwrap().iter().map(|path| path.as_str().unwrap().to_owned()).collect()
}

/// What a build writes, without its own list.
fn built(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = tree(&root.join("public"));
    files.remove(LIST);
    files
}

/// What stands at a target, without the list.
fn published(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = tree(folder);
    assert!(files.remove(LIST).is_some(), "a target keeps a list");
    files
}

fn edit(root: &Path) {
    let path = root.join("content/net.md");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, text.replace("三个老人", "四个老人")).unwrap();
}

/// Tells whether only what an edit of one article's text touches travelled.
fn is_small(report: &Value) -> bool {
    let sent = paths(report, "sent");
    let touched = sent.iter().any(|path| path == "zh-hans/2021/03/net/index.html");
    let others = sent.iter().any(|path| path.contains("lamp") || path.contains("ferry") || path.starts_with("assets/"));
    touched && !others && report["unchanged"].as_u64().unwrap() > sent.len() as u64
}

#[test]
fn a_folder_gets_what_changed_and_nothing_else() {
    let site = site();
    let (root, target) = (root(&site), site.path().join("www"));
    let to = ["dir", "--to", target.to_str().unwrap()];
    let before = tree(site.path());
    let dry = publish(&root, &[&to[..], &["--dry-run"]].concat());
    assert_eq!(tree(site.path()), before, "a dry run wrote");
    assert!(!target.exists());
    let first = publish(&root, &to);
    assert_eq!(paths(&dry, "sent"), paths(&first, "sent"));
    assert_eq!(published(&target), built(&root));
    assert_eq!(first["verified"], first["files"]);
    // What pages need goes before them, feeds and the site map after them.
    let sent = paths(&first, "sent");
    let place = |end: &str| sent.iter().position(|path| path.contains(end)).unwrap();
    assert!(place("assets/style") < place("zh-hans/index.html") && place("zh-hant/2021/") < place("sitemap.xml"));
    let again = publish(&root, &to);
    assert!(paths(&again, "sent").is_empty() && paths(&again, "deleted").is_empty());
    edit(&root);
    let second = publish(&root, &to);
    assert!(is_small(&second), "{second}");
    assert_eq!(published(&target), built(&root));
}

#[test]
fn only_listed_files_are_deleted_and_the_last_site_comes_back() {
    let site = site();
    let (root, target) = (root(&site), site.path().join("www"));
    let to = ["dir", "--to", target.to_str().unwrap()];
    publish(&root, &to);
    let first = published(&target);
    write(&target, &[("zh-hans/2021/03/lamp/note.txt", "of others"), ("CNAME", "port.example")]);
    std::fs::remove_file(root.join("content/lamp.md")).unwrap();
    std::fs::remove_file(root.join("content/ferry.md")).unwrap();
    let report = publish(&root, &to);
    assert!(paths(&report, "deleted").contains(&"zh-hans/2021/03/lamp/index.html".to_owned()));
    assert!(target.join("zh-hans/2021/03/lamp/note.txt").is_file() && target.join("CNAME").is_file());
    assert!(!target.join("zh-hans/2021/03/ferry").exists(), "an empty folder stayed");
    publish(&root, &[&to[..], &["--rollback"]].concat());
    let mut back = published(&target);
    back.remove("zh-hans/2021/03/lamp/note.txt");
    back.remove("CNAME");
    assert_eq!(back, first);
    publish(&root, &[&to[..], &["--rollback"]].concat());
    assert!(!target.join("zh-hans/2021/03/ferry").exists(), "a second rollback goes forward again");
}

#[test]
fn an_interrupted_run_goes_on() {
    let site = site();
    let (root, target) = (root(&site), site.path().join("www"));
    let to = ["dir", "--to", target.to_str().unwrap()];
    // A folder stands where a late file belongs: the run stops on its way.
    publish(&root, &to);
    edit(&root);
    let feed = target.join("zh-hans/feed.xml");
    std::fs::remove_file(&feed).unwrap();
    std::fs::create_dir_all(feed.join("in the way")).unwrap();
    let error = fails(&root, &to);
    assert!(error.contains("cannot write `") && error.contains("zh-hans/feed.xml"), "{error}");
    std::fs::remove_dir_all(&feed).unwrap();
    let rest = publish(&root, &to);
    let sent = paths(&rest, "sent");
    assert!(sent.contains(&"zh-hans/feed.xml".to_owned()), "{sent:?}");
    assert!(!sent.iter().any(|path| path.ends_with(".html")), "pages that arrived travelled again: {sent:?}");
    assert_eq!(published(&target), built(&root));
}

#[test]
fn a_damaged_target_is_noticed_and_mended() {
    let site = site();
    let (root, target) = (root(&site), site.path().join("www"));
    let to = ["dir", "--to", target.to_str().unwrap()];
    publish(&root, &to);
    std::fs::write(target.join("zh-hant/index.html"), "").unwrap();
    let error = fails(&root, &to);
    assert!(
        error.contains("`zh-hant/index.html` has other bytes, or none; run the same command with --all"),
        "{error}"
    );
    publish(&root, &[&to[..], &["--all"]].concat());
    assert_eq!(published(&target), built(&root));
}

#[test]
fn places_of_others_are_left_alone() {
    let site = site();
    let root = root(&site);
    write(site.path(), &[("foreign/a.txt", "x"), ("file", "x")]);
    for (to, said) in [
        ("foreign", "holds files that jianfan did not put there, such as `a.txt`"),
        ("file", "it is a file"),
        ("site", "it is the site's own folder, or holds it"),
        ("site/content/x", "it is the folder of the site's content"),
        ("site/public", "it is the folder the site is built in, or holds it"),
    ] {
        let error = fails(&root, &["dir", "--to", site.path().join(to).to_str().unwrap()]);
        assert!(error.contains(said), "{to}: {error}");
    }
    assert_eq!(std::fs::read_to_string(site.path().join("foreign/a.txt")).unwrap(), "x");
    publish(&root, &["dir", "--to", site.path().join("foreign").to_str().unwrap(), "--force"]);
    assert!(site.path().join("foreign/a.txt").is_file() && site.path().join("foreign/zh-hans/index.html").is_file());
    for (args, said) in [
        (vec!["dir"], "`publish dir` does not know where to: give --to DIR, or write `publish: {dir: {to: …}}`"),
        (vec!["rsync"], "give --to PLACE"),
        (vec!["git"], "the site's folder has no git remote `origin`; add it with `git remote add`"),
        (vec!["git", "--branch", "a..b"], "`a..b` is no name of a branch"),
        (vec!["dir", "--to", site.path().join("new").to_str().unwrap(), "--rollback"], "nothing to go back to"),
    ] {
        let error = fails(&root, &args);
        assert!(error.contains(said), "{args:?}: {error}");
    }
}

#[test]
fn a_broken_site_is_not_handed_over() {
    let site = site();
    let root = root(&site);
    write(&root, &[("content/bad.md", "---\ntitle: 坏\ndate: 昨天的昨天\n---\n\n文\n")]);
    let target = site.path().join("www");
    let (_, error) = expect(&root, &["publish", "dir", "--to", target.to_str().unwrap()], 1);
    assert!(error.contains("error[date-unreadable]") && error.contains("nothing was published"), "{error}");
    assert!(!target.exists());
}

#[test]
fn settings_name_the_target_and_packed_forms_travel_too() {
    let site = site();
    let root = root(&site);
    let settings =
        "base_url: https://port.example/\nhost: {profile: nginx, precompress: true}\npublish:\n  dir: {to: ../www}\n";
    write(&root, &[("site.yaml", settings)]);
    let report = publish(&root, &["dir"]);
    let target = published(&site.path().join("www"));
    let plain = |(path, _): &(&String, &Vec<u8>)| !path.ends_with(".gz") && !path.ends_with(".br");
    let only_plain: BTreeMap<_, _> =
        target.iter().filter(plain).map(|(path, bytes)| (path.clone(), bytes.clone())).collect();
    assert_eq!(only_plain, built(&root));
    for form in ["gz", "br"] {
        let page = &target["zh-hans/index.html"];
        let packed = &target[&format!("zh-hans/index.html.{form}")];
        assert!(packed.len() * 2 < page.len());
    }
    assert_eq!(report["files"].as_u64().unwrap() as usize, target.len());
    edit(&root);
    let sent = paths(&publish(&root, &["dir"]), "sent");
    assert!(sent.contains(&"zh-hans/2021/03/net/index.html.br".to_owned()));
    assert!(!sent.iter().any(|path| path.contains("lamp")), "{sent:?}");
}

fn git(folder: &Path, args: &[&str]) -> String {
    let output = Command::new("git").arg("-C").arg(folder).args(args).output().unwrap();
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn bare(folder: &Path) -> PathBuf {
    let bare = folder.join("pages.git");
    git(folder, &["init", "--quiet", "--bare", bare.to_str().unwrap()]);
    bare
}

/// The files of a branch.
fn branch(bare: &Path, name: &str) -> BTreeMap<String, Vec<u8>> {
    let checkout = tempfile::tempdir().unwrap();
    let folder = checkout.path().join("x");
    git(checkout.path(), &["clone", "--quiet", "--branch", name, bare.to_str().unwrap(), folder.to_str().unwrap()]);
    std::fs::remove_dir_all(folder.join(".git")).unwrap();
    tree(&folder)
}

fn without_list(mut files: BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    assert!(files.remove(LIST).is_some());
    files
}

#[test]
fn a_branch_gets_one_commit_for_each_change() {
    let site = site();
    let (root, bare) = (root(&site), bare(site.path()));
    let remote = ["git", "--remote", "../pages.git"];
    let dry = publish(&root, &[&remote[..], &["--dry-run"]].concat());
    assert_eq!(git(&bare, &["branch"]), "", "a dry run pushed");
    assert!(!root.join("public").exists(), "a dry run built");
    let first = publish(&root, &remote);
    assert_eq!(paths(&dry, "sent"), paths(&first, "sent"));
    assert_eq!(without_list(branch(&bare, "gh-pages")), built(&root));
    let commit = git(&bare, &["rev-parse", "gh-pages"]);
    assert_eq!(first["commit"], commit.trim());
    let again = publish(&root, &remote);
    assert!(paths(&again, "sent").is_empty());
    assert_eq!(git(&bare, &["rev-parse", "gh-pages"]), commit, "nothing changed, and yet there is a commit");
    edit(&root);
    std::fs::remove_file(root.join("content/lamp.md")).unwrap();
    let second = publish(&root, &remote);
    assert!(paths(&second, "deleted").contains(&"zh-hans/2021/03/lamp/index.html".to_owned()));
    assert!(!paths(&second, "sent").iter().any(|path| path.contains("ferry")));
    assert_eq!(without_list(branch(&bare, "gh-pages")), built(&root));
    assert_eq!(git(&bare, &["rev-parse", "gh-pages^"]), commit, "history was lost");
    let subject = git(&bare, &["log", "-1", "--format=%s", "gh-pages"]);
    let sent = paths(&second, "sent").len();
    assert_eq!(
        subject.trim(),
        format!("Publish the site: 0 added, {sent} changed, {} removed", paths(&second, "deleted").len())
    );
    // Without the cache, as on a fresh machine, it goes on all the same.
    std::fs::remove_dir_all(root.join(".jianfan")).unwrap();
    std::fs::remove_dir_all(root.join("public")).unwrap();
    assert!(paths(&publish(&root, &remote), "sent").is_empty());
    let back = publish(&root, &[&remote[..], &["--rollback"]].concat());
    assert!(paths(&back, "sent").contains(&"zh-hans/2021/03/lamp/index.html".to_owned()));
    assert!(branch(&bare, "gh-pages").contains_key("zh-hans/2021/03/lamp/index.html"));
    assert_eq!(git(&bare, &["rev-list", "--count", "gh-pages"]).trim(), "3");
}

#[test]
fn the_editors_checkout_is_not_disturbed() {
    let site = site();
    let (root, bare) = (root(&site), bare(site.path()));
    git(&root, &["init", "--quiet", "--initial-branch=main"]);
    git(&root, &["remote", "add", "origin", bare.to_str().unwrap()]);
    write(
        &root,
        &[(".gitignore", "/public/\n/.jianfan/\n"), ("content/staged.md", &article("在暂存区", 4, "还没写完。"))],
    );
    let identity = ["-c", "user.name=a", "-c", "user.email=a@port.example"];
    git(&root, &["add", "content/net.md", "site.yaml", ".gitignore"]);
    git(&root, &[&identity[..], &["commit", "--quiet", "-m", "sources"]].concat());
    git(&root, &["add", "content/staged.md"]);
    let look =
        || [git(&root, &["status", "--porcelain"]), git(&root, &["rev-parse", "HEAD"]), git(&root, &["stash", "list"])];
    let before = look();
    publish(&root, &["git"]);
    assert_eq!(look(), before);
    assert_eq!(without_list(branch(&bare, "gh-pages")), built(&root));
    let error = fails(&root, &["git", "--branch", "main"]);
    assert!(error.contains("the branch `main` is checked out here, so it holds your sources"), "{error}");
}

#[test]
fn what_others_pushed_is_kept() {
    let site = site();
    let (root, bare) = (root(&site), bare(site.path()));
    let other = site.path().join("other");
    git(site.path(), &["clone", "--quiet", bare.to_str().unwrap(), other.to_str().unwrap()]);
    let push = |file: &str| {
        write(&other, &[(file, "of others\n")]);
        git(&other, &["add", "."]);
        git(&other, &["-c", "user.name=b", "-c", "user.email=b@port.example", "commit", "--quiet", "-m", file]);
        git(&other, &["push", "--quiet", "origin", "HEAD:refs/heads/gh-pages"]);
    };
    push("CNAME");
    let remote = ["git", "--remote", "../pages.git"];
    let error = fails(&root, &remote);
    assert!(
        error.contains("branch gh-pages of ../pages.git holds files that jianfan did not put there, such as `CNAME`"),
        "{error}"
    );
    publish(&root, &[&remote[..], &["--force"]].concat());
    git(&other, &["fetch", "--quiet"]);
    git(&other, &["reset", "--quiet", "--hard", "origin/gh-pages"]);
    push("late.txt");
    edit(&root);
    publish(&root, &remote);
    let files = branch(&bare, "gh-pages");
    assert!(files.contains_key("CNAME") && files.contains_key("late.txt"));
    assert_eq!(git(&bare, &["rev-list", "--count", "gh-pages"]).trim(), "4");
}

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An rsync daemon on the loopback, or none with a word about what is skipped.
fn daemon(folder: &Path) -> Option<(Running, String)> {
    if Command::new("rsync").arg("--version").output().is_err() {
        support::skipped("publish rsync needs rsync");
        return None;
    }
    let port = support::free_port();
    let target = folder.join("served");
    std::fs::create_dir_all(&target).unwrap();
    // A daemon that root starts would write as nobody.
    let (uid, gid) = target.metadata().map(|owner| (owner.uid(), owner.gid())).unwrap();
    let config = format!(
        "address = 127.0.0.1\nport = {port}\nuse chroot = no\nuid = {uid}\ngid = {gid}\nlog file = {0}/log\n[site]\npath = {0}/served\nread only = no\n",
        folder.display()
    );
    std::fs::write(folder.join("rsyncd.conf"), config).unwrap();
    let config = format!("--config={}", folder.join("rsyncd.conf").display());
    let child = Command::new("rsync").args(["--daemon", "--no-detach", &config]).stdout(Stdio::null()).spawn().unwrap();
    let running = Running(child);
    support::answers(port);
    Some((running, format!("rsync://127.0.0.1:{port}/site/")))
}

#[test]
fn a_server_gets_what_changed_by_rsync() {
    let site = site();
    let root = root(&site);
    let Some((_running, to)) = daemon(site.path()) else { return };
    let served = site.path().join("served");
    let to = ["rsync", "--to", &to];
    let dry = publish(&root, &[&to[..], &["--dry-run"]].concat());
    assert!(tree(&served).is_empty(), "a dry run wrote");
    let first = publish(&root, &to);
    assert_eq!(paths(&dry, "sent"), paths(&first, "sent"));
    assert_eq!(published(&served), built(&root));
    assert!(paths(&publish(&root, &to), "sent").is_empty());
    edit(&root);
    let second = publish(&root, &to);
    assert!(is_small(&second), "{second}");
    assert_eq!(published(&served), built(&root));
    write(&served, &[("robots-of-others.txt", "x")]);
    std::fs::remove_file(root.join("content/lamp.md")).unwrap();
    let third = publish(&root, &to);
    assert!(paths(&third, "deleted").contains(&"zh-hant/2021/03/lamp/index.html".to_owned()));
    let mut there = published(&served);
    assert!(there.remove("robots-of-others.txt").is_some());
    assert!(!served.join("zh-hant/2021/03/lamp").exists(), "an empty folder stayed");
    assert_eq!(there, built(&root));
    // Someone damaged a page there: it is noticed, and sent again.
    std::fs::write(served.join("zh-hans/index.html"), "broken").unwrap();
    assert!(fails(&root, &to).contains("`zh-hans/index.html` has other bytes, or none"));
    publish(&root, &[&to[..], &["--all"]].concat());
    publish(&root, &[&to[..], &["--rollback"]].concat());
    assert!(published(&served).contains_key("zh-hant/2021/03/lamp/index.html"));
}

#[test]
fn a_server_that_refuses_says_why() {
    let site = site();
    let root = root(&site);
    let Some((_running, to)) = daemon(site.path()) else { return };
    write(&site.path().join("served"), &[("a.txt", "x")]);
    let error = fails(&root, &["rsync", "--to", &to]);
    assert!(error.contains("holds files that jianfan did not put there, such as `a.txt`"), "{error}");
    let error = fails(&root, &["rsync", "--to", &to.replace("/site/", "/sight/")]);
    assert!(error.contains("Unknown module") && error.contains("check the name of the module"), "{error}");
}
