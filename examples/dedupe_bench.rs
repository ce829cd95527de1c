//! Measures folding and sketching on one core, in articles a second and against copying the characters of the same text.

use std::io::Write as _;
use std::time::Instant;

use jianfan::dedupe::{Document, sketch};

/// Articles of about 4 KB.
const ARTICLES: usize = 3_000;

fn article(seed: u64) -> String {
    let mut state = seed;
    let mut roll = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u32
    };
    (0..1330)
        .filter_map(|at| match at % 23 {
            22 => Some('，'),
            7 => char::from_digit(roll() % 10, 10),
            _ => char::from_u32(0x4E00 + roll() % 3500),
        })
        .collect()
}

fn main() -> std::io::Result<()> {
    let texts: Vec<String> = (0..ARTICLES as u64).map(article).collect();
    let begun = Instant::now();
    let mut copied = 0;
    for text in &texts {
        copied += std::hint::black_box(text.chars().collect::<String>()).len();
    }
    let copying = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    let mut kept = 0;
    for text in &texts {
        let made = sketch(&Document { id: "article", text, ..Document::default() });
        kept += std::hint::black_box(made).id.len().min(1);
    }
    let sketching = begun.elapsed().as_secs_f64();
    writeln!(
        std::io::stdout(),
        "{ARTICLES} articles of {} bytes: {:.0} sketches a second, {:.1} times the time of copying characters ({kept})",
        copied / ARTICLES,
        ARTICLES as f64 / sketching,
        sketching / copying
    )
}
