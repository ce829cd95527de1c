//! What the duplicate report promises as a whole: order does not matter, decisions hold, scale neither merges nor explodes.

use std::borrow::Cow;

use jianfan::dedupe::{
    Decisions, Document, Memory, Preferences, Report, Sketch, Texts, cluster, cluster_remembering, decisions, sketch,
};
use proptest::prelude::*;

/// A small deterministic stream of numbers.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below
    }

    /// A text of two-character words from a vocabulary of 4,000: it reads like nothing, but repeats like prose.
    fn prose(&mut self, words: usize) -> String {
        let word = |n: usize| {
            [n * 7919 % 5000, n * 104_729 % 5000].map(|n| char::from_u32(0x4E00 + n as u32).unwrap_or_default())
        };
        (0..words).flat_map(|_| word(self.roll(4000))).collect()
    }
}

fn texts_of(documents: &[(String, String)]) -> Vec<&str> {
    documents.iter().map(|d| d.1.as_str()).collect()
}

fn report_of(documents: &[(String, String)], rulings: &Decisions) -> (Report, Vec<Sketch>) {
    let sketches: Vec<Sketch> =
        documents.iter().map(|(id, text)| sketch(&Document { id, text, ..Document::default() })).collect();
    (cluster(&sketches, &texts_of(documents), rulings), sketches)
}

fn named(documents: &[(String, String)], rulings: &Decisions) -> (Vec<Vec<String>>, Vec<(String, String)>) {
    let (report, sketches) = report_of(documents, rulings);
    let id = |at: usize| sketches[at].id.clone();
    let clusters = report.clusters.iter().map(|c| c.members.iter().map(|m| id(m.index)).collect()).collect();
    (clusters, report.review.iter().map(|pair| (id(pair.a), id(pair.b))).collect())
}

fn corpus() -> Vec<(String, String)> {
    let mut dice = Dice(7);
    let mut out = Vec::new();
    for n in 0..60 {
        let text = dice.prose(150);
        let cut: String = text.chars().take(180).collect();
        let half: String = text.chars().take(120).collect();
        out.push((format!("{n}-a"), text.clone()));
        if n % 3 == 0 {
            out.push((format!("{n}-b"), format!("{}\n{cut}", dice.prose(10))));
        }
        if n % 4 == 0 {
            out.push((format!("{n}-c"), format!("{half}{}", dice.prose(60))));
        }
    }
    out
}

#[test]
fn order_of_documents_does_not_matter() {
    let mut documents = corpus();
    let first = named(&documents, &Decisions::none());
    assert!(first.0.len() >= 15 && !first.1.is_empty(), "{first:?}");
    let mut dice = Dice(3);
    for _ in 0..3 {
        for at in (1..documents.len()).rev() {
            documents.swap(at, dice.roll(at + 1));
        }
        assert_eq!(named(&documents, &Decisions::none()), first);
    }
}

#[test]
fn decisions_hold_and_stale_ones_do_not_merge() {
    let documents = corpus();
    let yaml = "decisions:\n- {a: 0-a, b: 0-b, verdict: different}\n- {a: 1-a, b: 2-a, verdict: same}\n\
                - {a: 4-a, b: 5-a, verdict: same, hash_a: 00}\n- {a: 7-a, b: 8-a, verdict: follow-up}\n";
    let read = decisions::parse("d.yaml", yaml);
    assert!(read.diagnostics.is_empty());
    let (clusters, _) = named(&documents, &read.value);
    let together = |a: &str, b: &str| clusters.iter().any(|c| c.iter().any(|i| i == a) && c.iter().any(|i| i == b));
    assert!(!together("0-a", "0-b") && together("3-a", "3-b"));
    assert!(together("1-a", "2-a") && !together("4-a", "5-a"));
    let (report, sketches) = report_of(&documents, &read.value);
    let ids: Vec<(&str, &str)> =
        report.follow_ups.iter().map(|&(a, b)| (sketches[a].id.as_str(), sketches[b].id.as_str())).collect();
    assert!(ids.contains(&("7-a", "8-a")), "{ids:?}");
    let stale: Vec<&str> = read.value.stale(&sketches, &texts_of(&documents)).iter().map(|d| d.code).collect();
    assert_eq!(stale, ["decision-stale"]);
}

#[test]
fn pages_of_one_frame_and_notices_of_one_template_stay_apart() {
    let mut dice = Dice(11);
    let frame = dice.prose(200);
    let pages = (0..400).map(|n| {
        let words = 25 + dice.roll(100);
        (format!("page{n}"), format!("{}\n{frame}", dice.prose(words)))
    });
    let mut documents: Vec<(String, String)> = pages.collect();
    let parts: Vec<String> = (0..4).map(|_| dice.prose(12)).collect();
    documents.extend((0..800).map(|n| {
        let text = format!(
            "{}{}{}{}{}{}年{}",
            parts[0],
            n * 7 + 13,
            parts[1],
            dice.roll(90_000),
            parts[2],
            2000 + dice.roll(25),
            parts[3]
        );
        (format!("notice{n}"), text)
    }));
    let (clusters, review) = named(&documents, &Decisions::none());
    assert!(clusters.is_empty(), "{clusters:?}");
    assert!(review.len() <= documents.len() / 10, "{}", review.len());
}

#[test]
fn a_thousand_copies_are_one_story() {
    let mut dice = Dice(5);
    let story: Vec<char> = dice.prose(400).chars().collect();
    let frames: Vec<String> = (0..5).map(|_| dice.prose(100)).collect();
    let mut documents: Vec<(String, String)> = Vec::new();
    for n in 0..1000 {
        let mut text = story.clone();
        match n % 3 {
            0 => text.truncate(400 + dice.roll(400)),
            1 => (0..20).for_each(|_| {
                let at = dice.roll(790);
                text.splice(at..at + 2, dice.prose(1).chars()).for_each(drop);
            }),
            _ => {}
        }
        let text: String = text.into_iter().collect();
        let framed = if n % 2 == 0 { text } else { format!("{text}\n{}", frames[n % 5]) };
        documents.push((format!("copy{n}"), framed));
    }
    documents.extend((0..300).map(|n| (format!("other{n}"), format!("{}\n{}", dice.prose(300), frames[n % 5]))));
    let (clusters, _) = named(&documents, &Decisions::none());
    assert!(clusters.iter().all(|c| c.iter().all(|id| id.starts_with("copy"))));
    assert!(clusters.iter().any(|c| c.len() >= 950), "{:?}", clusters.iter().map(Vec::len).collect::<Vec<_>>());
}

/// Texts that count how often they are asked for.
struct Counting<'a>(Vec<&'a str>, std::sync::atomic::AtomicUsize);

impl Texts for Counting<'_> {
    fn text(&self, index: usize) -> Cow<'_, str> {
        self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Cow::Borrowed(self.0[index])
    }
}

/// The report with a memory, and how many texts it asked for.
fn remembered(documents: &[(String, String)], rulings: &Decisions, memory: &Memory) -> (Report, Memory, usize) {
    let sketches: Vec<Sketch> =
        documents.iter().map(|(id, text)| sketch(&Document { id, text, ..Document::default() })).collect();
    let texts = Counting(texts_of(documents), 0.into());
    let (report, memory) = cluster_remembering(&sketches, &texts, rulings, &Preferences::default(), Some(memory));
    (report, memory, texts.1.into_inner())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_report_from_memory_is_that_of_a_clean_run(seed in any::<u64>(), steps in 1..6usize) {
        let mut dice = Dice(seed | 1);
        let mut documents = corpus();
        let yaml = "decisions:\n- {a: 0-a, b: 0-b, verdict: different}\n- {a: 1-a, b: 2-a, verdict: same}\n";
        let rulings = decisions::parse("d.yaml", yaml).value;
        let mut memory = Memory::default();
        for step in 0..steps {
            for _ in 0..1 + dice.roll(4) {
                let at = dice.roll(documents.len());
                match dice.roll(4) {
                    0 => drop(documents.remove(at)),
                    1 => documents[at].1 = dice.prose(80),
                    2 => documents[at].1.push_str(&dice.prose(3)),
                    _ => {
                        let copy = format!("{}\n{}", documents[at].1, dice.prose(5));
                        documents.push((format!("new-{step}-{at}-{}", dice.roll(1000)), copy));
                    }
                }
            }
            let (report, next, _) = remembered(&documents, &rulings, &memory);
            prop_assert_eq!(&report, &report_of(&documents, &rulings).0);
            let bytes = next.to_bytes();
            memory = Memory::from_bytes(&bytes).ok_or(TestCaseError::fail("a memory does not read back"))?;
            prop_assert_eq!(&memory.to_bytes(), &bytes);
        }
    }
}

#[test]
fn one_edit_asks_for_few_texts_and_none_is_asked_for_when_nothing_changed() {
    let mut documents = corpus();
    let (first, memory, clean) = remembered(&documents, &Decisions::none(), &Memory::default());
    let (again, memory, none) = remembered(&documents, &Decisions::none(), &memory);
    assert_eq!((&again, none), (&first, 0));
    let at = documents.iter().position(|d| d.0 == "9-a").unwrap();
    documents[at].1.push_str(&Dice(99).prose(4));
    let (_, _, few) = remembered(&documents, &Decisions::none(), &memory);
    assert!(few > 0 && few <= 12 && few * 10 < clean, "{few} of {clean}");
}
