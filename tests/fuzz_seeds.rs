//! Runs every fuzz target over its seeds and over some thousand broken copies of them, the same ones each time.
//!
//! A real fuzzer goes further (`cargo fuzz run`); this keeps the targets building, the seeds honest and old findings
//! found. `JIANFAN_FUZZ_ROUNDS` makes it go on for longer.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::path::Path;

#[expect(unreachable_pub, reason = "the file is also the library of the fuzz targets")]
#[path = "../fuzz/lib.rs"]
mod targets;

/// A fuzz target: its name and what it does with any bytes.
type Target = (&'static str, fn(&[u8]));

const TARGETS: &[Target] = &[
    ("front_matter", targets::front_matter),
    ("split", targets::split),
    ("decoding", targets::decoding),
    ("body", targets::body),
    ("converter", targets::converter),
    ("import_text", targets::import_text),
    ("import_html", targets::import_html),
    ("import_any", targets::import_any),
    ("editors_data", targets::editors_data),
    ("request", targets::request),
    ("settings", targets::settings),
];

/// Pieces that readers give a meaning to.
const PIECES: &[&str] = &[
    "\r\n",
    "%2e%2e/",
    "Host: localhost\r\n",
    " HTTP/1.1\r\n",
    "---\n",
    "\n",
    "\r",
    "\0",
    "-{",
    "}-",
    "zh-hans:",
    ";",
    "|",
    "`",
    "```",
    "~~~",
    "[",
    "](",
    ")",
    "[^",
    "]: ",
    "![",
    "<",
    ">",
    "</",
    "<!--",
    "-->",
    "<b>",
    "<p ",
    "<td>",
    "<svg>",
    "<script>",
    "=\"",
    "'",
    "\"",
    "&",
    "&#0;",
    "&#x10ffff;",
    "javascript:",
    "title: ",
    "date: ",
    "- ",
    "  ",
    "\t",
    "&a ",
    "*a",
    "{",
    "}",
    "!!",
    "? ",
    "发",
    "發",
    "后",
    "\u{feff}",
    "\u{202e}",
    "\u{3000}",
    "2019",
    "年",
    "下午",
    "𠀀",
    "e\u{301}",
];

/// A small generator (xorshift), the same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most.max(1) as u64).unwrap()
    }
}

/// Breaks a text in up to six places.
fn break_up(seeds: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = seeds[dice.below(seeds.len())].clone();
    for _ in 0..=dice.below(6) {
        let at = dice.below(bytes.len() + 1);
        let end = (at + dice.below(12)).min(bytes.len());
        match dice.below(6) {
            0 => drop(bytes.drain(at..end)),
            1 => drop(bytes.splice(at..at, bytes[at..end].repeat(1 + dice.below(40)))),
            2 if at < bytes.len() => bytes[at] = u8::try_from(dice.below(256)).unwrap(),
            3 => {
                let other = &seeds[dice.below(seeds.len())];
                let from = dice.below(other.len());
                drop(bytes.splice(at..end, other[from..].to_vec()));
            }
            _ => drop(bytes.splice(at..at, PIECES[dice.below(PIECES.len())].bytes())),
        }
    }
    bytes.truncate(4096);
    bytes
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how long to look is asked of the environment, by hand")]
fn nothing_breaks_over_seeds_and_broken_copies_of_them() {
    let rounds = std::env::var("JIANFAN_FUZZ_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(100);
    for (name, target) in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(name);
        let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().flatten().map(|file| file.path()).collect();
        files.sort();
        let seeds: Vec<Vec<u8>> = files.iter().map(|file| std::fs::read(file).unwrap()).collect();
        assert!(!seeds.is_empty(), "no seeds in {}", folder.display());
        seeds.iter().for_each(|seed| target(seed));
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
        for round in 0..rounds {
            let bytes = break_up(&seeds, &mut dice);
            let outcome = std::panic::catch_unwind(|| target(&bytes));
            assert!(outcome.is_ok(), "{name}, round {round}: {:?}", String::from_utf8_lossy(&bytes));
        }
    }
}
