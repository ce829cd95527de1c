//! A build that remembers gives the bytes of one that does not, whatever was changed in between.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::BTreeMap;
use std::path::Path;

use jianfan::cache::Cache;
use jianfan::config;
use jianfan::corpus::Drafts;
use jianfan::report::Report;
use jianfan::session::Session;
use jianfan::site::Trust;
use jianfan::{BuildOptions, build};

use crate::support::tree;

fn write(root: &Path, path: &str, text: &str) {
    let file = root.join(path);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
}

fn run(root: &Path, output: &str, cache: Cache) -> Report {
    let config = config::load(root).unwrap().value;
    let trust = if cache == Cache::Keep { Trust::Manifest } else { Trust::Nothing };
    let options = BuildOptions { drafts: Drafts::Skip, trust, cache, output: Some(root.join(output)), shard: None };
    build(&config, &options, &mut |_| {}).unwrap()
}

/// What two builds of one site must agree on.
fn said(report: &Report) -> String {
    if report.failed() {
        return format!("{:#?}", report.diagnostics);
    }
    let totals = (report.sources, report.articles, report.published, report.duplicates, report.skipped);
    let files = (report.errors, report.warnings, report.pages, report.files, report.bytes);
    format!("{totals:?} {files:?} {:#?}", report.diagnostics)
}

/// Builds with what is remembered and without; both must agree.
fn compare(root: &Path, what: &str) -> Report {
    let remembering = run(root, "public", Cache::Keep);
    let _ = std::fs::remove_dir_all(root.join("clean"));
    let clean = run(root, "clean", Cache::Off);
    assert_eq!(said(&remembering), said(&clean), "{what}");
    if clean.failed() {
        return remembering;
    }
    let (one, two) = (tree(&root.join("public")), tree(&root.join("clean")));
    for (path, bytes) in &two {
        assert!(one.get(path) == Some(bytes), "{what}: {path} differs or is missing");
    }
    assert_eq!(one.len(), two.len(), "{what}");
    remembering
}

fn site() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "site.yaml", "title: 站\nbase_url: https://example.org/\nper_page: 3\n");
    for (at, city) in ["兰州", "苏州", "厦门", "兰州", "苏州"].iter().enumerate() {
        let text = format!(
            "---\ntitle: {city}建成第{at}座大桥\ndate: 2019-0{}-11\ntags: [桥]\n---\n本报{city}讯，市政府昨日宣布，第{at}座跨江大桥建成通车。\n\n大桥全长{at}千米。\n",
            at + 1
        );
        write(folder.path(), &format!("content/{at}.md"), &text);
    }
    folder
}

#[test]
fn a_site_in_memory_follows_its_files() {
    let folder = site();
    let root = folder.path();
    let load = || config::load(root).unwrap().value;
    let (session, first) = Session::open(load(), Drafts::Skip).unwrap();
    assert!(first.changed && !first.report.failed());
    let page = "zh-hant/2019/01/0/index.html";
    let shown = |path: &str| String::from_utf8(session.page(path).unwrap().unwrap()).unwrap();
    assert!(shown(page).contains("蘭州建成第0座大橋"));
    run(root, "public", Cache::Keep);
    let built = tree(&root.join("public"));
    for path in session.paths() {
        assert!(built.get(&path) == session.page(&path).unwrap().ok().as_ref(), "{path}");
    }
    write(root, "content/0.md", "---\ntitle: 兰州大桥合龙\ndate: 2019-01-11\n---\n大桥昨日合龙。\n");
    let second = session.refresh(load()).unwrap();
    assert!(second.changed && second.generation > first.generation);
    assert!(shown(page).contains("蘭州大橋合龍"));
    write(root, "content/0.md", "---\ntitle: [\n---\n破了。\n");
    let third = session.refresh(load()).unwrap();
    assert!(!third.changed && third.report.failed());
    assert!(shown(page).contains("蘭州大橋合龍"), "the last good page stays");
    assert!(session.page("zh-hant/none.html").is_none());
}

#[test]
fn damaged_memories_are_left_aside() {
    let folder = site();
    let root = folder.path();
    compare(root, "first");
    let cache = root.join(".jianfan/cache");
    let files: Vec<_> = std::fs::read_dir(&cache).unwrap().flatten().map(|entry| entry.path()).collect();
    assert!(files.iter().any(|file| file.ends_with("facts.index")), "{files:?}");
    for file in &files {
        let whole = std::fs::read(file).unwrap();
        if whole.is_empty() {
            continue;
        }
        let at = whole.len() / 2;
        let mut broken = whole.clone();
        broken[at] ^= 0x55;
        std::fs::write(file, &broken).unwrap();
        compare(root, &format!("{file:?} broken at {at}"));
        std::fs::write(file, &whole[..at]).unwrap();
        compare(root, &format!("{file:?} cut at {at}"));
    }
    std::fs::remove_dir_all(&cache).unwrap();
    compare(root, "gone");
    std::fs::remove_dir_all(&cache).unwrap();
    std::fs::write(&cache, "a file").unwrap();
    compare(root, "in the way");
}

#[test]
fn another_way_to_the_folder_is_the_same_site() {
    let folder = site();
    let root = folder.path();
    let pieces = || {
        let files = std::fs::read_dir(root.join(".jianfan/cache")).unwrap().flatten();
        let pieces = files.filter(|file| file.file_name().to_string_lossy().starts_with("facts-"));
        pieces.map(|file| (file.file_name(), file.metadata().unwrap().len())).collect::<Vec<_>>()
    };
    run(root, "public", Cache::Keep);
    let before = pieces();
    std::fs::remove_file(root.join("content/4.md")).unwrap();
    let report = run(&root.join("content/.."), "public", Cache::Keep);
    assert!(!report.failed() && report.unchanged > 0, "{report:?}");
    assert_eq!(pieces(), before, "no text was understood again");
}

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

const CITIES: &[&str] = &["兰州", "蘇州", "厦门", "成都", "杭州"];
const THINGS: &[&str] = &["大桥", "隧道", "圖書館", "科技园", "地铁", "创新大赛"];

fn article(dice: &mut Dice, number: usize) -> String {
    let (city, thing) = (dice.of(CITIES), dice.of(THINGS));
    let mut head = format!("title: {city}{thing}第{}期\n", dice.below(50));
    match dice.below(8) {
        0 => {}
        _ => head.push_str(&format!("date: 20{:02}-{:02}-11\n", 17 + dice.below(3), 1 + dice.below(12))),
    }
    match dice.below(6) {
        0 => head.push_str(&format!("tags: [{thing}, 消息]\n")),
        1 => head.push_str(&format!("city: {}\nprogram: 创新大赛\n", dice.of(CITIES))),
        2 => head.push_str(&format!("aliases: /old/{number}/\n")),
        3 => head.push_str(&format!("source: {{name: {city}日报, url: 'https://news.example/'}}\n")),
        4 => head.push_str(dice.of(&[
            "noindex: true\n",
            "rights: excerpt\n",
            "withdrawn: 有誤\n",
            "convert: false\n",
            "draft: true\n",
        ])),
        _ => {}
    }
    let mut body = String::new();
    for line in 0..2 + dice.below(3) {
        let more = dice.of(&["市长出席仪式", "居民十分高兴", "專家參觀了現場", "工程历时三年"]);
        body.push_str(&format!(
            "{city}的{thing}今日有新进展，{more}，编号{number}之{line}，共{}人参加。\n\n",
            dice.below(900)
        ));
    }
    match dice.below(6) {
        0 => body.push_str(&format!("见[此文]({}.md)与![图](p{}.png)。\n", dice.below(12), dice.below(2))),
        1 => body.push_str("用-{zh-hans:软件;zh-hant:軟體}-与-{不转}-。\n"),
        2 => body = format!("{body}{body}"),
        _ => {}
    }
    format!("---\n{head}---\n{body}")
}

/// Changes something, and says what.
fn change(root: &Path, dice: &mut Dice) -> String {
    let name = |dice: &mut Dice| format!("content/{}.md", dice.below(12));
    let file = name(dice);
    let there = root.join(&file).exists();
    match dice.below(16) {
        0..=3 => {
            write(root, &file, &article(dice, 0));
            format!("write {file}")
        }
        4 if there => {
            let text = std::fs::read_to_string(root.join(&file)).unwrap();
            write(root, &file, &format!("{text}\n补记一句，第{}次。\n", dice.below(1000)));
            format!("add to {file}")
        }
        5 if there => {
            std::fs::remove_file(root.join(&file)).unwrap();
            format!("delete {file}")
        }
        6 if there => {
            let to = name(dice);
            std::fs::rename(root.join(&file), root.join(&to)).unwrap();
            format!("rename {file} to {to}")
        }
        7 if there => {
            let to = name(dice);
            std::fs::copy(root.join(&file), root.join(&to)).unwrap();
            format!("copy {file} to {to}")
        }
        8 => {
            let text = format!("- {{id: big-contest, name: {{hans: 创新大赛}}, aliases: [{}]}}\n", dice.of(THINGS));
            write(root, "content/_data/taxonomies/program.yaml", &text);
            format!("program.yaml: {text}")
        }
        9 => {
            let text =
                format!("terms:\n  - {{hans: {}, tw: 新詞{}}}\n", dice.of(&["地铁", "居民", "市长"]), dice.below(3));
            write(root, "content/_data/glossary.yaml", &text);
            format!("glossary: {text}")
        }
        10 => {
            let text = format!(
                "title: 站{}\nbase_url: https://example.org/\nper_page: {}\nfacets: {{min: {}}}\ntheme: own\n",
                dice.below(2),
                2 + dice.below(3),
                1 + dice.below(2)
            );
            write(root, "site.yaml", &text);
            format!("settings: {text}")
        }
        11 => {
            write(root, "themes/own/theme.yaml", "name: own\n");
            write(root, "themes/own/i18n/zh-Hans.yaml", &format!("home: 首页{}\n", dice.below(2)));
            "theme".to_owned()
        }
        12 => {
            write(root, &format!("static/{}.txt", dice.below(2)), &format!("{}", dice.below(3)));
            "a static file".to_owned()
        }
        13 => {
            let picture = format!("content/p{}.png", dice.below(2));
            if root.join(&picture).exists() && dice.below(2) == 0 {
                std::fs::remove_file(root.join(&picture)).unwrap();
            } else {
                write(root, &picture, &format!("no real picture {}", dice.below(3)));
            }
            picture
        }
        14 => {
            let (a, b) = (dice.below(12), dice.below(12));
            let verdict = dice.of(&["same", "different", "follow-up"]);
            write(
                root,
                "content/_data/decisions.yaml",
                &format!("decisions:\n  - {{a: '{a}', b: '{b}', verdict: {verdict}}}\n"),
            );
            format!("decision: {a} {b} {verdict}")
        }
        _ => "nothing".to_owned(),
    }
}

/// Each build follows a few changes, and now and then something befalls what earlier builds left.
fn wander(seed: u64, steps: usize) {
    let folder = site();
    let root = folder.path();
    let mut dice = Dice(seed);
    for number in 0..9 {
        write(root, &format!("content/{number}.md"), &article(&mut dice, number));
    }
    let mut what = format!("seed {seed}: first");
    for step in 0..steps {
        compare(root, &what);
        what = format!("seed {seed}, step {step}");
        for _ in 0..1 + dice.below(2) {
            what.push_str(&format!("; {}", change(root, &mut dice)));
        }
        match dice.below(8) {
            0 => {
                // A file of somebody else in the output stays, and one of ours that was spoiled is mended.
                let own = root.join("public/zh-hans/index.html");
                if own.exists() {
                    std::fs::remove_file(&own).unwrap();
                    std::fs::write(&own, "spoiled").unwrap();
                }
                what.push_str("; spoiled the home page");
            }
            1 => {
                for entry in std::fs::read_dir(root.join(".jianfan")).unwrap().flatten() {
                    let path = entry.path();
                    if path.to_string_lossy().contains("twin-") {
                        let _ = std::fs::remove_dir_all(path.join("zh-hant"));
                        std::fs::create_dir_all(path.join("zh-hans/left/over")).unwrap();
                        std::fs::write(path.join("left-over.html"), "x").unwrap();
                        what.push_str("; half a twin");
                    }
                }
            }
            _ => {}
        }
    }
    let last = compare(root, &what);
    if !last.failed() {
        let again = run(root, "public", Cache::Keep);
        assert_eq!((again.written, again.removed, again.unchanged), (0, 0, last.files), "{what}");
    }
}

#[test]
fn remembering_changes_no_byte() {
    for seed in 1..4 {
        wander(seed, 14);
    }
}

#[test]
fn parts_merged_by_copying_are_the_whole() {
    let folder = site();
    let root = folder.path();
    let mut dice = Dice(7);
    for number in 0..9 {
        write(root, &format!("content/{number}.md"), &article(&mut dice, number));
    }
    write(root, "static/own.txt", "x");
    assert!(!run(root, "public", Cache::Off).failed());
    let mut whole = tree(&root.join("public"));
    let manifest = whole.remove(".jianfan-manifest.json").unwrap();
    let config = config::load(root).unwrap().value;
    let mut listed = serde_json::Map::new();
    let mut taken = 0;
    for number in 1..=3 {
        let options = BuildOptions {
            drafts: Drafts::Skip,
            trust: Trust::Manifest,
            cache: Cache::Keep,
            output: Some(root.join(format!("part{number}"))),
            shard: Some(format!("{number}/3").parse().unwrap()),
        };
        assert!(build(&config, &options, &mut |_| {}).unwrap().written > 1);
        assert_eq!(build(&config, &options, &mut |_| {}).unwrap().written, 0, "a part again");
        for (path, bytes) in tree(&root.join(format!("part{number}"))) {
            let to = root.join("merged").join(&path);
            assert!(!to.exists(), "{path} is in two parts");
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::write(&to, &bytes).unwrap();
            if path.starts_with(".jianfan-manifest-") {
                let part: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
                listed.extend(part["files"].as_object().unwrap().clone());
            } else {
                assert!(whole.get(&path) == Some(&bytes), "{path}");
                taken += 1;
            }
        }
    }
    assert_eq!(taken, whole.len());
    let mut all: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let sorted: BTreeMap<String, serde_json::Value> = listed.into_iter().collect();
    assert_eq!(serde_json::to_value(sorted).unwrap(), all["files"].take());
    // The merged folder is a site that the next build knows as its own.
    let next = run(root, "merged", Cache::Keep);
    assert_eq!((next.written, next.removed), (1, 3));
    whole.insert(".jianfan-manifest.json".to_owned(), manifest);
    assert!(tree(&root.join("merged")) == whole);
}

#[test]
fn a_list_of_another_version_tells_whose_the_files_are() {
    let folder = site();
    let root = folder.path();
    run(root, "public", Cache::Keep);
    let list = root.join("public/.jianfan-manifest.json");
    let new = std::fs::read(&list).unwrap();
    let mut old: serde_json::Value = serde_json::from_slice(&new).unwrap();
    old["version"] = 1.into();
    for file in old["files"].as_object_mut().unwrap().values_mut() {
        file["hash"] = "0123456789abcdef0123456789abcdef".into();
    }
    std::fs::write(&list, old.to_string()).unwrap();
    std::fs::remove_dir_all(root.join(".jianfan")).unwrap();
    let next = run(root, "public", Cache::Keep);
    assert_eq!((next.written, next.removed), (1, 0), "only the list is written");
    assert_eq!(std::fs::read(&list).unwrap(), new);
}
