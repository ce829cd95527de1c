//! Bodies that stand on a page and in feeds: rendered once, kept from the page to the last of the feeds.
//!
//! Pages come before feeds in the order of paths, so that most feeds find their bodies here. A body in which an address
//! begins at the root of the site is another one on a page than in a feed, and is not kept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

/// The bodies of one edition that feeds hold, by place in the corpus.
#[derive(Default)]
pub(super) struct Bodies(BTreeMap<usize, Mutex<Shared>>);

#[derive(Default)]
struct Shared {
    body: Option<Body>,
    /// How many feeds are still to come.
    feeds: usize,
}

/// A body that is the same wherever it stands.
#[derive(Clone)]
pub(super) struct Body {
    /// Sanitised HTML.
    pub(super) html: Arc<str>,
    /// The paths below the content folder that it names.
    pub(super) asked: BTreeSet<String>,
}

impl Bodies {
    /// Room for the entries of all feeds, each given as often as it stands in one.
    pub(super) fn new(entries: impl Iterator<Item = usize>) -> Self {
        let mut bodies: BTreeMap<usize, Mutex<Shared>> = BTreeMap::new();
        for at in entries {
            let shared = bodies.entry(at).or_default();
            shared.get_mut().unwrap_or_else(PoisonError::into_inner).feeds += 1;
        }
        Bodies(bodies)
    }

    /// Leaves a body for the feeds that are still to come.
    pub(super) fn leave(&self, at: usize, html: &Arc<str>, asked: &BTreeSet<String>) {
        let Some(shared) = self.0.get(&at) else { return };
        let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
        if shared.feeds > 0 && shared.body.is_none() {
            shared.body = Some(Body { html: Arc::clone(html), asked: asked.clone() });
        }
    }

    /// Gives a body to a feed; the last feed takes it away.
    pub(super) fn take(&self, at: usize) -> Option<Body> {
        let mut shared = self.0.get(&at)?.lock().unwrap_or_else(PoisonError::into_inner);
        shared.feeds = shared.feeds.saturating_sub(1);
        if shared.feeds == 0 { shared.body.take() } else { shared.body.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_a_body_up_to_its_last_feed() {
        let bodies = Bodies::new([1, 2, 1].into_iter());
        for at in 0..3 {
            bodies.leave(at, &"<p>甲</p>".into(), &BTreeSet::new());
        }
        let given: Vec<bool> = [0, 1, 1, 1, 2, 2].map(|at| bodies.take(at).is_some()).into();
        assert_eq!(given, [false, true, true, false, true, false]);
        bodies.leave(1, &"<p>甲</p>".into(), &BTreeSet::new());
        assert!(bodies.take(1).is_none());
    }
}
