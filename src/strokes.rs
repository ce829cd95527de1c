//! How many strokes characters have, and the order of names that follows from it.
//!
//! Where no reading is at hand, Traditional names are looked up by strokes: by those of the first character, then by its
//! radical, then by the next character. Must not know terms or pages.

use std::cmp::Ordering;

/// A byte a character; data/strokes says where they come from.
static TOTALS: &[u8] = include_bytes!("../data/strokes/totals.bin");

/// Licence and notice of the embedded data, for `--version --verbose`.
pub const NOTICE: &str = "\
Stroke counts of Unihan 15.0.0, modified; Copyright (c) 1991-2022 Unicode, Inc., Unicode License (unicode.org/copyright.html).
";

const EXTENSION: std::ops::Range<u32> = 0x3400..0x4dc0;
const BASIC: std::ops::Range<u32> = 0x4e00..0xa000;

/// Strokes of a character as they are counted in Taiwan; none for what is no character of the common blocks.
pub fn strokes(c: char) -> Option<u8> {
    let c = u32::from(c);
    let at = if EXTENSION.contains(&c) {
        c - EXTENSION.start
    } else if BASIC.contains(&c) {
        c - BASIC.start + (EXTENSION.end - EXTENSION.start)
    } else {
        return None;
    };
    TOTALS.get(at as usize).copied().filter(|&count| count > 0)
}

/// Compares two names character by character: by strokes, then by radical, which is the order of their blocks. What is no
/// character comes last.
pub fn compare(a: &str, b: &str) -> Ordering {
    let key = |c: char| (strokes(c).unwrap_or(u8::MAX), c);
    a.chars().map(key).cmp(b.chars().map(key))
}

#[cfg(test)]
mod tests {
    use super::{compare, strokes};

    #[test]
    fn counts_as_taiwan_does() {
        for (c, count) in [('一', 1), ('西', 6), ('花', 8), ('香', 9), ('陳', 11), ('臺', 14), ('蘭', 21), ('灣', 25)]
        {
            assert_eq!(strokes(c), Some(count), "{c}");
        }
        assert_eq!([strokes('a'), strokes('。'), strokes('㐀')], [None, None, Some(5)]);
    }

    #[test]
    fn names_stand_in_the_order_of_their_strokes() {
        let mut names = ["iPark", "蘭州", "西安", "北京", "台中", "西寧", "上海", "台北", "香港"];
        names.sort_by(|a, b| compare(a, b));
        // 北 and 台 have five strokes each; 北 stands under the earlier radical.
        assert_eq!(names, ["上海", "北京", "台中", "台北", "西安", "西寧", "香港", "蘭州", "iPark"]);
    }
}
