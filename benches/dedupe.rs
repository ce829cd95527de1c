//! Growth of the search for copies: how much longer twice as many articles take, and what the hard cases cost an article.
//!
//! `cargo bench --bench dedupe`. Articles are made up: words of two characters, one in twenty an edited copy. Ratios are to
//! the smallest archive of the same run; an exponent of 1 is linear.
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::time::Instant;

use jianfan::dedupe::{Decisions, Document, Report, Sketch, cluster, survey};
use rayon::prelude::*;

/// A small deterministic stream of numbers.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below
    }

    fn prose(&mut self, words: usize) -> String {
        let word = |n: usize| {
            [n * 7919 % 5000, n * 104_729 % 5000].map(|n| char::from_u32(0x4E00 + n as u32).unwrap_or_default())
        };
        (0..words).flat_map(|_| word(self.roll(4000))).collect()
    }
}

/// Seconds for surveys and for clusters, and what was found.
fn measure(texts: &[String]) -> (f64, f64, Report) {
    let begin = Instant::now();
    let sketches: Vec<Sketch> = texts
        .par_iter()
        .enumerate()
        .map(|(at, text)| survey(&Document { id: &format!("{at:06}"), text, ..Document::default() }).sketch)
        .collect();
    let surveyed = begin.elapsed().as_secs_f64();
    let bodies: Vec<&str> = texts.iter().map(String::as_str).collect();
    let report = cluster(&sketches, &bodies, &Decisions::none());
    (surveyed, begin.elapsed().as_secs_f64() - surveyed, report)
}

fn archive(count: usize) -> Vec<String> {
    let mut dice = Dice(1);
    let mut out: Vec<String> = Vec::with_capacity(count);
    for at in 0..count {
        let text = if at % 20 == 19 {
            let copied = &out[dice.roll(at)];
            format!("{}{}", copied.chars().take(1200).collect::<String>(), dice.prose(20))
        } else {
            dice.prose(700)
        };
        out.push(text);
    }
    out
}

fn growth() {
    let mut first: Option<(usize, f64)> = None;
    for count in [12_500, 25_000, 50_000, 100_000] {
        let (surveyed, clustered, report) = measure(&archive(count));
        let all = surveyed + clustered;
        let &mut (least, base) = first.get_or_insert((count, all));
        let more = count as f64 / least as f64;
        let exponent = if count > least { (all / base).ln() / more.ln() } else { 1.0 };
        println!(
            "{count:>7} articles: {:>5.2} times the time of {least}, exponent {exponent:.2}; clusters take {:.2} of it, {} found",
            all / base,
            clustered / all,
            report.clusters.len()
        );
    }
}

/// Pages that share a foot, notices of one template, copies of one story: the time of an article against a plain one.
fn hard_cases() {
    let (surveyed, clustered, _) = measure(&archive(20_000));
    let plain = (surveyed + clustered) / 20_000.0;
    let mut dice = Dice(2);
    let foot = dice.prose(100);
    let pages: Vec<String> = (0..100_000).map(|_| format!("{}\n{foot}", dice.prose(150))).collect();
    let parts: Vec<String> = (0..4).map(|_| dice.prose(15)).collect();
    let notices: Vec<String> = (0..10_000)
        .map(|n| {
            let (sum, year) = (dice.roll(90_000), 2000 + dice.roll(25));
            format!("{}{}{}{sum}{}{year}年{}", parts[0], n * 7 + 13, parts[1], parts[2], parts[3])
        })
        .collect();
    let story: Vec<char> = dice.prose(700).chars().collect();
    let copies: Vec<String> = (0..1000)
        .map(|n| format!("{}{}", story[..900 + n % 500].iter().collect::<String>(), dice.prose(n % 40)))
        .collect();
    for (name, texts) in
        [("pages with one foot", pages), ("notices of one template", notices), ("copies of one story", copies)]
    {
        let (surveyed, clustered, report) = measure(&texts);
        let largest = report.clusters.iter().map(|cluster| cluster.members.len()).max().unwrap_or(0);
        println!(
            "{:>7} {name}: {:.2} times a plain article; {} clusters, the largest of {largest}, {} pairs to review",
            texts.len(),
            (surveyed + clustered) / texts.len() as f64 / plain,
            report.clusters.len(),
            report.review.len()
        );
    }
}

fn main() {
    growth();
    hard_cases();
}
