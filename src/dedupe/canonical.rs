//! Which document of a cluster stands for the story.
//!
//! In this order: one the editor named; one that is complete (has nearly as much of its own as the fullest) and not
//! rewritten (has no more odd words than the plainest); the source trusted more; the earlier day; the smaller id.

use super::sketch::Sketch;

/// What an editor prefers.
#[derive(Clone, Copy, Default)]
pub struct Preferences<'a> {
    /// Sources, the most trusted first; one not named is trusted least.
    pub sources: &'a [String],
    /// Whether a document was named canonical, or made by hand, by its id.
    pub named: Option<&'a (dyn Fn(&str) -> bool + Sync)>,
}

/// What is known of a member besides its sketch.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Substance {
    /// Different grams that are its own.
    pub(crate) own: usize,
    /// Words of a class that are not its head, which rewriting multiplies.
    pub(crate) odd: usize,
}

/// The fullest's share from which a text is complete.
const COMPLETE: f64 = 0.9;
/// Odd words a text may have more than the plainest complete one, per thousand characters, and still be plain.
const PLAIN: usize = 4;

/// Sorts members by preference, the canonical one first.
pub(crate) fn order(members: &mut [(u32, Substance)], sketches: &[&Sketch], preferences: &Preferences<'_>) {
    let fullest = members.iter().map(|m| m.1.own).max().unwrap_or(0) as f64;
    let complete = |s: &Substance| s.own as f64 >= fullest * COMPLETE;
    let rate = |s: &Substance| s.odd * 1000 / s.own.max(1);
    let plainest = members.iter().filter(|m| complete(&m.1)).map(|m| rate(&m.1)).min().unwrap_or(0);
    let grade = |s: &Substance| match (complete(s), rate(s) <= plainest + PLAIN) {
        (true, true) => (0, 0),
        (true, false) => (1, 0),
        // An incomplete text: the more, the better.
        (false, _) => (2, fullest as usize - s.own),
    };
    let trust = |sketch: &Sketch| {
        let place = preferences.sources.iter().position(|name| Some(name) == sketch.source.as_ref());
        place.unwrap_or(preferences.sources.len())
    };
    members.sort_by_cached_key(|(at, substance)| {
        let sketch = sketches[*at as usize];
        let named = preferences.named.is_some_and(|named| named(&sketch.id));
        let day = sketch.day.unwrap_or(i32::MAX);
        (!named, grade(substance), trust(sketch), day, sketch.id.clone(), *at)
    });
}

#[cfg(test)]
mod tests {
    use super::super::{Document, sketch};
    use super::*;

    /// Id, date, source, own grams, odd words.
    type Row<'a> = (&'a str, Option<&'a str>, Option<&'a str>, usize, usize);

    fn first(members: &[Row<'_>], preferences: &Preferences<'_>) -> String {
        let sketches: Vec<Sketch> = members
            .iter()
            .map(|&(id, date, source, ..)| sketch(&Document { id, text: "", title: None, date, source }))
            .collect();
        let mut order_of: Vec<(u32, Substance)> =
            members.iter().enumerate().map(|(at, m)| (at as u32, Substance { own: m.3, odd: m.4 })).collect();
        order(&mut order_of, &sketches.iter().collect::<Vec<_>>(), preferences);
        sketches[order_of[0].0 as usize].id.clone()
    }

    #[test]
    fn follows_the_rule_step_by_step() {
        let members = [
            ("cut", Some("2020-01-01"), Some("good"), 500, 0),
            ("spun", Some("2020-01-01"), Some("good"), 1000, 40),
            ("late", Some("2020-01-03"), Some("good"), 1000, 1),
            ("early", Some("2020-01-02"), None, 960, 1),
            ("twin", Some("2020-01-02"), None, 960, 1),
        ];
        let sources = ["good".to_owned()];
        assert_eq!(first(&members, &Preferences::default()), "early");
        assert_eq!(first(&members, &Preferences { sources: &sources, named: None }), "late");
        let named = |id: &str| id == "cut";
        assert_eq!(first(&members, &Preferences { sources: &sources, named: Some(&named) }), "cut");
    }
}
