//! Which document of a cluster stands for the story.
//!
//! In this order:
//!
//! 1. one the editor named: `canonical`, or the original of a hand-made edition ([`Preferences::named`]);
//! 2. a complete one: it has at least nine tenths of the story that the fullest has. The story is what is the members' own and
//!    what most of them have; what only few of them have and other stories have too is wrapping;
//! 3. a plain one: no more than four odd words in a thousand characters above the plainest. Rewriting multiplies words that
//!    stand for another of their class;
//! 4. an unwrapped one: a portal's head and foot around the story are no more than a twentieth of it above the barest;
//! 5. the source trusted more (`dedupe: sources:` of site.yaml);
//! 6. the earlier day;
//! 7. the smaller id.

use super::frequency::Profile;
use super::sketch::Sketch;

/// What an editor prefers.
#[derive(Clone, Copy, Default)]
pub struct Preferences<'a> {
    /// Sources, the most trusted first; one not named is trusted least.
    pub sources: &'a [String],
    /// Whether a document was named canonical, or made by hand, by its id.
    pub named: Option<&'a (dyn Fn(&str) -> bool + Sync)>,
}

/// How much of the story a member holds and what else, in samples.
#[derive(Clone, Copy, Debug, Default)]
struct Substance {
    /// Samples of the story.
    own: usize,
    /// Samples of its wrapping.
    foreign: usize,
    /// Odd words in a thousand characters.
    odd: usize,
}

/// The fullest's share from which a text is complete.
const COMPLETE: f64 = 0.9;
/// Odd words a text may have more than the plainest complete one, per thousand characters, and still be plain.
const PLAIN: usize = 4;
/// The share of the story by which a wrapping may be larger than the smallest one and still count as none.
const BARE: f64 = 0.05;

/// Measures the members, all at the coarsest rate of theirs.
fn substances(sketches: &[&Sketch], profiles: &[Profile]) -> Vec<Substance> {
    let rate = sketches.iter().map(|sketch| sketch.rate).max().unwrap_or(0);
    let bound = u32::MAX >> rate;
    let samples = |nth: usize| {
        sketches[nth].samples.iter().zip(&profiles[nth].steps).take_while(move |sample| *sample.0 <= bound)
    };
    let mut held: Vec<u32> = (0..sketches.len()).flat_map(|nth| samples(nth).map(|sample| *sample.0)).collect();
    held.sort_unstable();
    let most = |samples: &[u32]| (samples.len() * 2 > sketches.len()).then_some(samples[0]);
    let common: Vec<u32> = held.chunk_by(|a, b| a == b).filter_map(most).collect();
    let of = |nth: usize| {
        let ours = |&(sample, &step): &(&u32, &u16)| step == 1 || common.binary_search(sample).is_ok();
        let own = samples(nth).filter(ours).count();
        let odd = sketches[nth].odd as usize * 1000 / sketches[nth].length.max(1) as usize;
        Substance { own, foreign: samples(nth).count() - own, odd }
    };
    (0..sketches.len()).map(of).collect()
}

/// Gives the places of the members by preference, the canonical one first.
pub(crate) fn order(sketches: &[&Sketch], profiles: &[Profile], preferences: &Preferences<'_>) -> Vec<usize> {
    let all = substances(sketches, profiles);
    let fullest = all.iter().map(|s| s.own).max().unwrap_or(0);
    let complete = |s: &&Substance| s.own as f64 >= fullest as f64 * COMPLETE;
    let plainest = all.iter().filter(complete).map(|s| s.odd).min().unwrap_or(0);
    let plain = |s: &&Substance| s.odd <= plainest + PLAIN;
    let barest = all.iter().filter(complete).filter(plain).map(|s| s.foreign).min().unwrap_or(0);
    let bare = |s: &Substance| s.foreign as f64 <= barest as f64 + fullest as f64 * BARE;
    let grade = |s: &Substance| match (complete(&s), plain(&s)) {
        (true, true) if bare(s) => (0, 0),
        (true, true) => (1, s.foreign),
        (true, false) => (2, 0),
        // An incomplete text: the more, the better.
        (false, _) => (3, fullest - s.own),
    };
    let trust = |sketch: &Sketch| {
        let place = preferences.sources.iter().position(|name| Some(name) == sketch.source.as_ref());
        place.unwrap_or(preferences.sources.len())
    };
    let mut order: Vec<usize> = (0..sketches.len()).collect();
    order.sort_by_cached_key(|&nth| {
        let sketch = sketches[nth];
        let named = preferences.named.is_some_and(|named| named(&sketch.id));
        (!named, grade(&all[nth]), trust(sketch), sketch.day.unwrap_or(i32::MAX), sketch.id.clone(), nth)
    });
    order
}

#[cfg(test)]
mod tests {
    use super::super::{Document, sketch};
    use super::*;

    /// A text that shares nothing with one of another seed.
    fn prose(seed: u64, length: usize) -> String {
        let next = |n: &u64| Some(n.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
        let numbers = std::iter::successors(Some(seed), next).skip(8);
        numbers.take(length).filter_map(|n| char::from_u32(0x4E00 + (n >> 33) as u32 % 20_000)).collect()
    }

    /// Id, date, source, text; the samples of `common` stand in other stories too.
    fn first(members: &[(&str, &str, &str, &str)], common: &str, preferences: &Preferences<'_>) -> String {
        let of = |&(id, date, source, text): &(&str, &str, &str, &str)| {
            sketch(&Document { id, text, title: None, date: Some(date), source: Some(source) })
        };
        let sketches: Vec<Sketch> = members.iter().map(of).collect();
        let elsewhere = of(&("", "", "", common)).samples;
        let profiles: Vec<Profile> = sketches
            .iter()
            .map(|sketch| {
                let step = |sample| if elsewhere.binary_search(sample).is_ok() { 8 } else { 1 };
                Profile { steps: sketch.samples.iter().map(step).collect(), hash: 0 }
            })
            .collect();
        let all: Vec<&Sketch> = sketches.iter().collect();
        sketches[order(&all, &profiles, preferences)[0]].id.clone()
    }

    #[test]
    fn follows_the_rule_step_by_step() {
        let (story, foot) = (prose(3, 240), prose(4, 60));
        let cut: String = story.chars().take(180).collect();
        let spun = format!("{story}互助互助互助互助");
        let wrapped = format!("{story}{foot}");
        let members = [
            ("cut", "2020-01-01", "good", cut.as_str()),
            ("spun", "2020-01-01", "good", &spun),
            ("wrapped", "2020-01-01", "good", &wrapped),
            ("late", "2020-01-03", "good", &story),
            ("early", "2020-01-02", "other", &story),
            ("twin", "2020-01-02", "other", &story),
        ];
        let chosen = |preferences: &Preferences<'_>| first(&members, &foot, preferences);
        assert_eq!(chosen(&Preferences::default()), "early");
        let sources = ["good".to_owned()];
        assert_eq!(chosen(&Preferences { sources: &sources, named: None }), "late");
        let named = |id: &str| id == "cut";
        assert_eq!(chosen(&Preferences { sources: &sources, named: Some(&named) }), "cut");
    }

    #[test]
    fn prefers_the_full_story_to_a_bare_part_of_it() {
        let (story, foot) = (prose(3, 240), prose(4, 60));
        let (cut, wrapped) = (story.chars().take(150).collect::<String>(), format!("{story}{foot}"));
        let members = [("cut", "2020-01-01", "", cut.as_str()), ("wrapped", "2020-01-02", "", &wrapped)];
        assert_eq!(first(&members, &foot, &Preferences::default()), "wrapped");
    }
}
