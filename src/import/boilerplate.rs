//! Lines that recur across the pages of one run.
//!
//! Takes the pages of a run in a first pass, gives a set of folded lines that stand on several of them. A copy of an
//! article recurs as well, so a line only counts on pages whose longest paragraphs differ, and the reader of a page
//! never believes what is learned against most of a page.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::Page;
use super::fold::fold_bare;

/// On how many pages with different text a line must stand.
const PAGES: usize = 3;

/// What one page adds: the folded lines it holds, and the paragraph it is known by.
#[derive(Clone, Debug, Default)]
pub struct Sighting {
    lines: Vec<u64>,
    signature: u64,
}

/// Lines that recur across pages.
#[derive(Clone, Debug, Default)]
pub struct Boilerplate {
    lines: Vec<u64>,
}

impl Boilerplate {
    /// Learns nothing: every page is read for itself.
    pub fn none() -> Self {
        Self::default()
    }

    /// Learns from pages read as they come.
    pub fn learn<'a>(pages: impl IntoIterator<Item = Page<'a>>) -> Self {
        Self::gather(pages.into_iter().filter_map(|page| super::sight(&page, super::Format::Auto)))
    }

    /// Learns from what single pages add, in any order.
    pub fn gather(sightings: impl IntoIterator<Item = Sighting>) -> Self {
        let mut seen: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        for sighting in sightings {
            for line in sighting.lines {
                let signatures = seen.entry(line).or_default();
                if signatures.len() < PAGES && !signatures.contains(&sighting.signature) {
                    signatures.push(sighting.signature);
                }
            }
        }
        Boilerplate {
            lines: seen.into_iter().filter(|(_, pages)| pages.len() >= PAGES).map(|(line, _)| line).collect(),
        }
    }

    /// Tells whether a folded line recurs.
    pub(super) fn holds(&self, fold: &str) -> bool {
        !self.lines.is_empty() && key(fold).is_some_and(|key| self.lines.binary_search(&key).is_ok())
    }
}

impl Sighting {
    /// Notes the lines of one page.
    pub(super) fn of<'a>(lines: impl IntoIterator<Item = &'a str>) -> Self {
        let (mut sighting, mut longest) = (Sighting::default(), String::new());
        for line in lines {
            let bare = fold_bare(line);
            if bare.len() > longest.len() {
                longest.clone_from(&bare);
            }
            if let Some(key) = hash(&bare) {
                sighting.lines.push(key);
            }
        }
        sighting.signature = hash(&longest).unwrap_or_default();
        sighting.lines.sort_unstable();
        sighting.lines.dedup();
        sighting
    }
}

fn key(fold: &str) -> Option<u64> {
    hash(&fold.chars().filter(|c| c.is_alphanumeric()).collect::<String>())
}

/// Hashes a line; very short ones (`2`, `图`) say nothing.
fn hash(bare: &str) -> Option<u64> {
    if bare.len() < 6 {
        return None;
    }
    let digest = Sha256::digest(bare.as_bytes());
    Some(u64::from_le_bytes([digest[0], digest[1], digest[2], digest[3], digest[4], digest[5], digest[6], digest[7]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn learns_what_stands_on_different_pages_only() {
        let page = |own: &str| {
            Sighting::of(["某某之窗欢迎您再来", own, "这一段在所有副本里都一样，因为它就是同一篇文章的一段。"])
        };
        let same = ["甲", "甲", "甲"]
            .map(|_| page("这是同一篇文章里最长的一段，它在三个副本里都出现，当然不是页面的边角料。"));
        assert!(!Boilerplate::gather(same).holds("某某之窗欢迎您再来"));
        let different = [
            "第一篇说的是春天里全市的植树活动，一共来了三千多人，种下了两万棵树苗。",
            "第二篇说的是夏天的游泳比赛，一共来了八百多人，游完全程的有六百个人左右。",
            "第三篇说的是秋天的读书节，一共来了五百多人，换出去的旧书有一万三千多册。",
        ];
        let learned = Boilerplate::gather(different.map(page));
        assert!(learned.holds("某某之窗欢迎您再来"));
        assert!(!learned.holds("第一篇说的是春天里全市的植树活动"));
    }
}
