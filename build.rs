//! Gives the program a name for itself: a digest of all it is made from, by which a cache knows its own program again.

#![expect(clippy::disallowed_methods, reason = "a build script is told by the environment where it works")]

use std::collections::hash_map::DefaultHasher;
use std::hash::Hasher;
use std::path::{Path, PathBuf};

/// What the program is made from.
const PARTS: &[&str] = &["Cargo.lock", "Cargo.toml", "build.rs", "data", "src", "themes"];

fn main() {
    // What the wrapper of the compiler reads (tools/profile/rustc), which cargo does not know of.
    for file in ["VERSION", "jianfan.profdata", "rustc"] {
        println!("cargo::rerun-if-changed=tools/profile/{file}");
    }
    println!("cargo::rerun-if-env-changed=JIANFAN_PROFILE");
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo names the folder of the package"));
    let mut files = Vec::new();
    for part in PARTS {
        println!("cargo::rerun-if-changed={part}");
        collect(&root.join(part), &mut files);
    }
    files.sort();
    // Keys of this hasher are fixed, so that equal sources give equal programs.
    let (mut one, mut two) = (DefaultHasher::new(), DefaultHasher::new());
    two.write_u8(1);
    for file in &files {
        let bytes = std::fs::read(file).unwrap_or_default();
        for hasher in [&mut one, &mut two] {
            hasher.write(file.strip_prefix(&root).unwrap_or(file).as_os_str().as_encoded_bytes());
            hasher.write_usize(bytes.len());
            hasher.write(&bytes);
        }
    }
    println!("cargo::rustc-env=JIANFAN_PROGRAM={:016x}{:016x}", one.finish(), two.finish());
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    match std::fs::read_dir(path) {
        Ok(entries) => entries.flatten().for_each(|entry| collect(&entry.path(), files)),
        Err(_) => files.push(path.to_owned()),
    }
}
