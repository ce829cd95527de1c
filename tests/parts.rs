//! Runs the scripts by which other engines build a site in parts, as the examples call them.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::support::{self, JIANFAN};

/// All files of a site but its lists, which each part has of its own.
fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = support::tree(folder);
    files.retain(|path, _| !path.starts_with(".jianfan-manifest"));
    files
}

/// Runs a command line of an example in the folder of a site.
fn shell(site: &Path, line: &str, more: &[(&str, &str)]) {
    let mut command = Command::new("sh");
    command.args(["-ec", line]).current_dir(site).env("JIANFAN", JIANFAN);
    let run = command.envs(more.iter().copied()).output().unwrap();
    assert!(run.status.success(), "{line}: {}", String::from_utf8_lossy(&run.stderr));
}

/// A site of so many articles with these bodies.
fn site(count: usize, body: impl Fn(usize) -> String) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    support::write(folder.path(), &[("site.yaml", "title: 站\nbase_url: https://example.org/\n")]);
    for at in 0..count {
        let head = format!("title: 兰州第{at}座桥\ndate: 2019-02-{}", 10 + at % 10);
        support::write(folder.path(), &[(&format!("content/{at:03}.md"), &format!("---\n{head}\n---\n{}", body(at)))]);
    }
    folder
}

#[test]
fn the_examples_build_the_whole() {
    let folder = site(4, |at| format!("第{at}座桥昨日通车。\n"));
    let site = folder.path();
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    std::os::unix::fs::symlink(&examples, site.join("examples")).unwrap();
    shell(site, "\"$JIANFAN\" build --output public", &[]);
    let whole = tree(&site.join("public"));

    let workflow = std::fs::read_to_string(examples.join("parts/github.yml")).unwrap();
    let runs: Vec<&str> = workflow.lines().filter_map(|line| line.trim().strip_prefix("- run: ")).collect();
    assert_eq!(runs.len(), 2, "{runs:?}");
    for number in ["1", "2", "3", "4"] {
        let line = runs[0].replace("${{ matrix.number }}", number).replace(" part", &format!(" parts/part-{number}"));
        shell(site, &line, &[]);
    }
    shell(site, &runs[1].replace("public", "merged"), &[]);
    assert!(tree(&site.join("merged")) == whole, "the matrix");

    let job = std::fs::read_to_string(examples.join("parts/job.yaml")).unwrap();
    let args = job.lines().find_map(|line| line.trim().strip_prefix("args: ['")?.strip_suffix("']")).unwrap();
    let line = args.replace("/site", ".").replace("/out/parts", "pods");
    for index in 0..8 {
        shell(site, &line, &[("JOB_COMPLETION_INDEX", &index.to_string())]);
    }
    shell(site, "examples/parts/merge-parts pods-merged pods/*", &[]);
    assert!(tree(&site.join("pods-merged")) == whole, "the job");
}

/// With more threads fewer articles and pages are worked on together, and long ones end a group.
#[test]
fn as_many_threads_as_you_like_build_the_same() {
    let folder = site(130, |at| {
        let lines = if (20..22).contains(&at) { 12_000 } else { 2 };
        (0..lines).map(|line| format!("第{at}篇第{line}行，后面还有{}。\n\n", line * at)).collect()
    });
    let site = folder.path();
    let build = |jobs: &str| {
        let output = site.join(jobs);
        support::expect(site, &["build", "--jobs", jobs, "--no-cache", "--output", &output.to_string_lossy()], 0);
        tree(&output)
    };
    let alone = build("1");
    assert!(alone.values().any(|bytes| bytes.len() > 1 << 19), "a long page");
    assert!(alone == build("5"));
}
