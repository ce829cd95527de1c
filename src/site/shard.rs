//! Parts of a site: disjoint sets of its files that several builds write apart from each other.

use std::fmt;
use std::str::FromStr;

use super::manifest::NAME;
use crate::digest::Digest;

/// One of several parts of a site, numbered from 1.
///
/// Which part a file belongs to is told by its path alone. Parts are merged by copying them into one folder: each lists
/// its files in a manifest of its own name, and a build takes the manifests of all parts together for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shard {
    number: u32,
    of: u32,
}

/// The most parts of a site.
const MOST: u32 = 10_000;

impl Shard {
    /// Tells whether a file belongs to this part.
    pub fn takes(&self, path: &str) -> bool {
        Digest::of(path.as_bytes()).below(self.of) == self.number - 1
    }

    /// The name of its manifest.
    pub(super) fn manifest(&self) -> String {
        let stem = NAME.trim_end_matches(".json");
        format!("{stem}-{}-of-{}.json", self.number, self.of)
    }
}

/// Tells whether a name is that of the manifest of a part.
pub(super) fn is_manifest(name: &str) -> bool {
    let stem = NAME.trim_end_matches(".json");
    let numbers =
        name.strip_prefix(stem).and_then(|rest| rest.strip_prefix('-')?.strip_suffix(".json")?.split_once("-of-"));
    numbers.is_some_and(|(number, of)| format!("{number}/{of}").parse::<Shard>().is_ok())
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((number, of)) if (1..=of).contains(&number) && of <= MOST => Ok(Shard { number, of }),
            _ => Err(format!("write the number of the part and how many there are, such as `2/8`, at most {MOST}")),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_in_one_part() {
        let parts: Vec<Shard> = (1..=5).map(|number| format!("{number}/5").parse().unwrap()).collect();
        let mut sizes = [0; 5];
        for at in 0..1000 {
            let path = format!("zh-hans/2019/07/{at}/index.html");
            let takers: Vec<usize> = (0..5).filter(|&part| parts[part].takes(&path)).collect();
            assert_eq!(takers.len(), 1);
            sizes[takers[0]] += 1;
        }
        assert!(sizes.iter().all(|&size| size > 130), "{sizes:?}");
    }

    #[test]
    fn refuses_what_is_no_part() {
        for text in ["0/3", "4/3", "1", "a/b", "1/0", "-1/2", "1/2/3", ""] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
        assert_eq!("3/3".parse::<Shard>().unwrap().manifest(), ".jianfan-manifest-3-of-3.json");
        assert!(is_manifest(".jianfan-manifest-3-of-3.json") && !is_manifest(".jianfan-manifest.json"));
        assert!(!is_manifest(".jianfan-manifest-4-of-3.json") && !is_manifest("jianfan-manifest-3-of-3.json"));
    }
}
