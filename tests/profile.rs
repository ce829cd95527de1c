//! The compiler's wrapper, `tools/profile/rustc`: the counted paths reach optimised builds of this package by the compiler
//! that they were counted with, and nobody else.
#![allow(clippy::unwrap_used, reason = "a test may stop where it is surprised")]
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

const TOOLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tools/profile");
const OPTIMISED: [&str; 4] = ["--crate-name", "jianfan", "-C", "opt-level=3"];

/// What a compiler of this version is called with when cargo calls the wrapper with these arguments.
fn called(version: &str, args: &[&str], profile: Option<&str>) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let compiler = folder.path().join("rustc");
    let script = format!("#!/bin/sh\ncase $1 in --version) echo '{version}' ;; *) printf '%s\\n' \"$@\" ;; esac\n");
    fs::write(&compiler, script).unwrap();
    fs::set_permissions(&compiler, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(Path::new(TOOLS).join("rustc"));
    command.arg(&compiler).args(args).env_remove("JIANFAN_PROFILE").envs(profile.map(|name| ("JIANFAN_PROFILE", name)));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn version() -> String {
    fs::read_to_string(Path::new(TOOLS).join("VERSION")).unwrap().trim().to_owned()
}

#[test]
fn the_profile_reaches_the_compiler_it_was_made_with() {
    let called = called(&version(), &OPTIMISED, None);
    assert_eq!(called[..4], OPTIMISED);
    let profile = called[5].strip_prefix("profile-use=").unwrap();
    assert!(fs::read(profile).unwrap().starts_with(b"\xfflprofi\x81"), "an indexed profile of LLVM");
}

#[test]
fn other_compilers_builds_and_wishes_do_without() {
    let debug = ["--crate-name", "jianfan", "-C", "debuginfo=2"];
    let other = ["--crate-name", "build_script_build", "-C", "opt-level=3"];
    assert_eq!(called("rustc 1.0.0 (another)", &OPTIMISED, None), OPTIMISED);
    assert_eq!(called(&version(), &debug, None), debug);
    assert_eq!(called(&version(), &other, None), other);
    assert_eq!(called(&version(), &OPTIMISED, Some("none")), OPTIMISED);
    let counting = called(&version(), &OPTIMISED, Some("/counts"));
    assert_eq!(counting[4..], ["-C", "profile-generate=/counts"]);
}
