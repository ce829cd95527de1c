//! The addresses that were published, so that they go on working.
//!
//! `content/_data/addresses.yaml` has a line for each: the address below an edition, and the article it belongs to. A build
//! reads it: where an article has moved, the old address leads to the new one without anybody writing an alias; where an
//! article is gone, the build says so. It is written by `jianfan addresses --write` and by `publish`, never by a build.
//!
//! The file is YAML of one kind only, `ADDRESS: ID` a line, so that an archive of a hundred thousand articles is read in
//! no time and a change is a line in a diff. Pure.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::diagnostic::{Checked, Diagnostic};

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Path below an edition, with a `/` at its end.
    pub address: String,
    /// ID of the article.
    pub id: String,
    /// Line of the file.
    pub line: usize,
}

/// Name of the file below `content/_data/`.
pub const FILE: &str = "addresses.yaml";

/// What stands at the top of a new file.
pub const HEAD: &str = "\
# Addresses that were published: readers and other sites may have kept them. Where an article has moved, its old address
# leads to the new one. `jianfan addresses --write` and `jianfan publish` add lines; to give an address up, delete its line.
# 已经公布过的地址：文章换了地址，旧地址会自动转到新地址。要放弃一个地址，删去那一行。
";

/// Reads the file.
pub fn parse(path: &str, text: &str) -> Checked<Vec<Recorded>> {
    let mut recorded: Vec<Recorded> = Vec::new();
    let mut diagnostics = Vec::new();
    let mut at = 0;
    for (number, whole) in text.split_inclusive('\n').enumerate() {
        let start = at;
        at += whole.len();
        let line = whole.trim_end().trim_start_matches('\u{feff}');
        if line.is_empty() || line.starts_with('#') || line == "{}" {
            continue;
        }
        let found = line.split_once(": ").map(|(address, id)| (unquoted(address), unquoted(id.trim())));
        match found.filter(|(address, id)| is_address(address) && !id.is_empty()) {
            Some((address, id)) => recorded.push(Recorded { address, id, line: number + 1 }),
            None => diagnostics.push(
                Diagnostic::error("addresses-line", path, "not a line of an address and an article")
                    .span(text, start..start + line.len())
                    .help("write it like `2019/07/some-slug/: news/004`, or delete the line"),
            ),
        }
    }
    Checked { value: recorded, diagnostics }
}

fn unquoted(text: &str) -> String {
    match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(inside) => inside.replace("\\\"", "\"").replace("\\\\", "\\"),
        None => text.to_owned(),
    }
}

fn is_address(text: &str) -> bool {
    text.ends_with('/')
        && text.len() < 400
        && text[..text.len() - 1].split('/').all(|part| !part.is_empty() && part != "." && part != "..")
        && text.chars().all(|c| c.is_alphanumeric() || "-._~/".contains(c))
}

/// The file with lines for what is published now; the old lines, and all that people wrote there, stay.
///
/// `current` is address and ID of each article.
pub fn updated(text: &str, current: &BTreeMap<String, String>) -> String {
    let known: BTreeMap<String, String> =
        parse(FILE, text).value.into_iter().map(|recorded| (recorded.address, recorded.id)).collect();
    let mut out = if text.trim().is_empty() { HEAD.to_owned() } else { text.to_owned() };
    if !out.ends_with('\n') {
        out.push('\n');
    }
    // An address that another article has now is that article's.
    let moved = |address: &str| current.get(address).filter(|id| known.get(address).is_some_and(|known| known != *id));
    if known.keys().any(|address| moved(address).is_some()) {
        let lines = out.split_inclusive('\n').map(|line| {
            let address = line.split_once(": ").map(|(address, _)| unquoted(address)).unwrap_or_default();
            moved(&address).map_or_else(|| line.to_owned(), |id| written(&address, id))
        });
        out = lines.collect();
    }
    for (address, id) in current.iter().filter(|(address, _)| !known.contains_key(*address)) {
        out.push_str(&written(address, id));
    }
    out
}

fn written(address: &str, id: &str) -> String {
    let plain =
        id.starts_with(|c: char| c.is_alphabetic()) && id.chars().all(|c| c.is_alphanumeric() || "-_/.".contains(c));
    let mut line = String::new();
    let _ = if plain {
        writeln!(line, "{address}: {id}")
    } else {
        writeln!(line, "{address}: \"{}\"", id.replace('\\', "\\\\").replace('"', "\\\""))
    };
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::render;

    fn current(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(address, id)| ((*address).to_owned(), (*id).to_owned())).collect()
    }

    #[test]
    fn what_is_written_is_read() {
        let ids =
            [("2019/07/a/", "news/004"), ("2019/07/b/", "第 \"3\" 期#2"), ("undated/c/", "2019"), ("x/y.z/", "true")];
        let text = updated("", &current(&ids));
        let read = parse(FILE, &text);
        assert!(read.diagnostics.is_empty());
        let pairs: Vec<(&str, &str)> = read.value.iter().map(|r| (r.address.as_str(), r.id.as_str())).collect();
        assert_eq!(pairs, ids);
        let yaml: BTreeMap<String, serde_yaml::Value> = serde_yaml::from_str(&text).unwrap();
        assert_eq!(yaml["2019/07/b/"].as_str(), Some("第 \"3\" 期#2"));
        assert_eq!(updated(&text, &current(&ids)), text, "nothing new, nothing written");
    }

    #[test]
    fn old_lines_and_notes_stay() {
        let text = "# ours\n2019/07/a/: one # kept\n2019/07/b/: two\n";
        let text = text.replace(" # kept", "");
        let now = current(&[("2019/08/a/", "one"), ("2019/07/b/", "three")]);
        assert_eq!(updated(&text, &now), "# ours\n2019/07/a/: one\n2019/07/b/: three\n2019/08/a/: one\n");
    }

    #[test]
    fn a_line_that_is_no_address_is_named() {
        let checked = parse("content/_data/addresses.yaml", "2019/07/a: x\n../b/: y\n");
        let said: Vec<String> = checked.diagnostics.iter().map(render).collect();
        assert_eq!(
            said[0],
            "content/_data/addresses.yaml:1:1: error[addresses-line]: not a line of an address and an article\n  |\n1 | 2019/07/a: x\n  | ^^^^^^^^^^^^\n  = help: write it like `2019/07/some-slug/: news/004`, or delete the line\n"
        );
        assert_eq!(said.len(), 2);
    }
}
