//! The search index of a site that is edited: what is made again is what a clean build makes, and it is little.
#![allow(clippy::unwrap_used, reason = "a test may stop where it is surprised")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::support::write;
use jianfan::cache::{Cache, Keep, Memory};
use jianfan::corpus::Drafts;
use jianfan::digest::Digest;
use jianfan::facts::Facts;
use jianfan::search::{Plan, State, plan};
use proptest::prelude::*;

/// Plans the index of a site, with what the last plan left.
fn planned(root: &Path, previous: Option<&State>) -> (Plan, State) {
    let config = Arc::new(jianfan::config::load(root).unwrap().value);
    let glossary = jianfan::data::read(&config).unwrap().value.glossary;
    let mut memory = Memory::open(root, Cache::Off);
    let laid = jianfan::lay_out(&config, Drafts::Skip, &mut memory, Keep::No, &mut |_| {}).unwrap();
    let (site, _) = laid.site.unwrap_or_else(|| panic!("{:?}", laid.diagnostics));
    let again = Arc::new(|_: &Facts| panic!("no text was put away"));
    plan(&site.editions, &glossary, previous, again)
}

/// The files of the index as an incremental build keeps them.
#[derive(Default)]
struct Kept {
    state: Option<State>,
    files: BTreeMap<String, (Digest, Vec<u8>)>,
}

impl Kept {
    /// Makes what differs and drops what is gone; gives the paths made.
    fn update(&mut self, root: &Path) -> Vec<String> {
        // Through bytes, as it lies on disk between two builds.
        let state = self.state.take().map(|state| State::from_bytes(&state.to_bytes()).unwrap());
        let (plan, state) = planned(root, state.as_ref());
        let differs = |(path, digest): &&(String, Digest)| self.files.get(path).is_none_or(|kept| kept.0 != *digest);
        let wanted: Vec<&(String, Digest)> = plan.files().iter().filter(differs).collect();
        let paths: Vec<&str> = wanted.iter().map(|file| file.0.as_str()).collect();
        // Files that are left, the one or the other of them damaged.
        let left = |path: &str| {
            let mut bytes = self.files.get(path).map(|(_, bytes)| bytes.clone())?;
            let damaged = bytes.len() % 7 == 0;
            bytes.last_mut().filter(|_| damaged).into_iter().for_each(|byte| *byte ^= 16);
            Some(bytes)
        };
        let made = plan.make(&paths, &left, &|_, bytes| bytes);
        let mut files = std::mem::take(&mut self.files);
        files.extend(wanted.iter().zip(made).map(|(file, bytes)| (file.0.clone(), (file.1, bytes))));
        files.retain(|path, _| plan.files().iter().any(|file| file.0 == *path));
        self.files = files;
        self.state = Some(state);
        paths.into_iter().map(str::to_owned).collect()
    }

    fn equals_a_clean_build(&self, root: &Path) {
        let clean: BTreeMap<String, Vec<u8>> = planned(root, None).0.all().into_iter().collect();
        let kept: BTreeMap<String, Vec<u8>> =
            self.files.iter().map(|(path, (_, bytes))| (path.clone(), bytes.clone())).collect();
        assert_eq!(kept.keys().collect::<Vec<_>>(), clean.keys().collect::<Vec<_>>());
        for (path, bytes) in clean {
            assert!(kept[&path] == bytes, "{path} differs from a clean build");
        }
    }
}

const WORDS: [&str; 12] = [
    "兰州新区",
    "蘭州",
    "科技创新",
    "成果轉化",
    "硅谷",
    "矽谷",
    "人工智慧",
    "西宁市",
    "発表",
    "AI 3.5%",
    "2019 年",
    "合作",
];

fn text(seed: &[u8]) -> String {
    let sentence = |chunk: &[u8]| {
        let words: Vec<&str> = chunk.iter().map(|&n| WORDS[usize::from(n) % WORDS.len()]).collect();
        format!("{}。", words.join("的"))
    };
    seed.chunks(5).map(sentence).collect::<Vec<_>>().join("\n\n")
}

fn article(number: usize, seed: &[u8]) -> (String, String) {
    let day = 1 + number % 28;
    let month = 1 + number / 28 % 12;
    let front = format!("---\ntitle: 第{number}篇\ndate: 2019-{month:02}-{day:02}\n---\n");
    (format!("content/a{number:03}.md"), format!("{front}\n本文第{number}號。{}\n", text(seed)))
}

#[derive(Clone, Debug)]
enum Edit {
    Write(usize, Vec<u8>),
    Remove(usize),
    Withdraw(usize),
    Glossary(bool),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let seed = || prop::collection::vec(any::<u8>(), 0..30);
    let edit = prop_oneof![
        6 => (0usize..90, seed()).prop_map(|(at, seed)| Edit::Write(at, seed)),
        2 => (0usize..90).prop_map(Edit::Remove),
        1 => (0usize..90).prop_map(Edit::Withdraw),
        1 => any::<bool>().prop_map(Edit::Glossary),
    ];
    prop::collection::vec(edit, 1..6)
}

fn apply(root: &Path, edit: &Edit) {
    match edit {
        Edit::Write(number, seed) => {
            let (path, text) = article(*number, seed);
            write(root, &[(&path, &text)]);
        }
        Edit::Remove(number) => drop(std::fs::remove_file(root.join(format!("content/a{number:03}.md")))),
        Edit::Withdraw(number) => {
            let (path, text) = article(*number, &[1, 2, 3]);
            write(root, &[(&path, &text.replace("title:", "withdrawn: 更正\ntitle:"))]);
        }
        Edit::Glossary(more) => {
            let terms = if *more { "terms:\n  - {hans: 合作, tw: 聯手}\n" } else { "terms: []\n" };
            write(root, &[("content/_data/glossary.yaml", terms)]);
        }
    }
}

/// A site of 80 articles, copies not looked for.
fn site() -> tempfile::TempDir {
    let site = tempfile::tempdir().unwrap();
    write(site.path(), &[("site.yaml", "title: 測試\nbase_url: https://a.example/\ndedupe: false\n")]);
    for number in 0..80 {
        let seed: Vec<u8> = (0..40).map(|n| u8::try_from((number * 31 + n * n * 7) % 251).unwrap()).collect();
        let (path, text) = article(number, &seed);
        write(site.path(), &[(&path, &text)]);
    }
    site
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, ..ProptestConfig::default() })]
    #[test]
    fn after_any_edits_the_index_is_that_of_a_clean_build(rounds in prop::collection::vec(edits(), 1..4)) {
        let site = site();
        let mut kept = Kept::default();
        kept.update(site.path());
        for round in rounds {
            round.iter().for_each(|edit| apply(site.path(), edit));
            kept.update(site.path());
            kept.equals_a_clean_build(site.path());
        }
    }
}

#[test]
fn an_edit_makes_few_files_again_and_an_idle_build_none() {
    let site = site();
    let mut kept = Kept::default();
    let all = kept.update(site.path());
    assert!(all.iter().any(|path| path == "search/index.json") && all.iter().any(|path| path == "search/g/0.bin"));
    assert_eq!(kept.update(site.path()), Vec::<String>::new());
    let file = site.path().join("content/a040.md");
    let before = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, before.replace("本文第40號", "本報第40號")).unwrap();
    let made = kept.update(site.path());
    // The site is so small that its shards are few; of the documents' files none shows the text.
    assert!(made.iter().all(|path| path.starts_with("search/g/") || path == "search/index.json"), "{made:?}");
    kept.equals_a_clean_build(site.path());
}

#[test]
fn a_new_article_leaves_the_documents_before_it_alone() {
    let site = site();
    let mut kept = Kept::default();
    kept.update(site.path());
    let newest = "---\ntitle: 最新\ndate: 2024-01-01\n---\n\n正文。\n";
    write(site.path(), &[("content/newest.md", newest)]);
    let made = kept.update(site.path());
    let documents: Vec<&String> =
        made.iter().filter(|path| path.ends_with("/0.json") || path.ends_with("/1.json")).collect();
    assert_eq!(documents, ["search/zh-hans/1.json", "search/zh-hant/1.json"]);
    kept.equals_a_clean_build(site.path());
}

#[test]
fn a_damaged_state_is_not_read() {
    let site = site();
    let bytes = planned(site.path(), None).1.to_bytes();
    assert!(State::from_bytes(&bytes).is_some());
    for at in [0, 8, bytes.len() / 2, bytes.len() - 1] {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        assert!(State::from_bytes(&damaged).is_none(), "byte {at}");
    }
    assert!(State::from_bytes(&bytes[..bytes.len() - 8]).is_none() && State::from_bytes(&[]).is_none());
}
