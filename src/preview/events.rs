//! What open pages are told: which build they should show, and what is wrong with the last save.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What there is to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// Goes up with every change.
    pub(super) number: u64,
    /// The build that pages are made from: this run and how many good builds it has seen.
    pub(super) build: String,
    /// What is wrong with the files as they are, as the terminal shows it.
    pub(super) broken: Option<Arc<str>>,
}

impl Told {
    /// The event as it goes over the wire.
    pub(super) fn event(&self) -> String {
        let data = serde_json::json!({"build": self.build, "broken": self.broken.as_deref()});
        format!("event: state\ndata: {data}\n\n")
    }
}

/// Where the builder tells and streams listen.
pub(super) struct Events {
    told: Mutex<Told>,
    changed: Condvar,
    run: String,
}

impl Events {
    /// Nothing built yet; `run` tells this run from earlier ones at the same address.
    pub(super) fn new(run: String) -> Self {
        let told = Told { number: 0, build: format!("{run}.0"), broken: None };
        Events { told: Mutex::new(told), changed: Condvar::new(), run }
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What there is to tell now.
    pub(super) fn now(&self) -> Told {
        self.told().clone()
    }

    /// Tells of a good build.
    pub(super) fn good(&self, generation: u64) {
        self.tell(Some(format!("{}.{generation}", self.run)), None);
    }

    /// Tells that the files cannot be built as they are.
    pub(super) fn broken(&self, words: &str) {
        self.tell(None, Some(words.into()));
    }

    fn tell(&self, build: Option<String>, broken: Option<Arc<str>>) {
        let mut told = self.told();
        let build = build.unwrap_or_else(|| told.build.clone());
        if told.build != build || told.broken != broken {
            *told = Told { number: told.number + 1, build, broken };
            self.changed.notify_all();
        }
    }

    /// Waits for something newer than `number`; none when nothing came.
    pub(super) fn after(&self, number: u64, patience: Duration) -> Option<Told> {
        let waited = self.changed.wait_timeout_while(self.told(), patience, |told| told.number <= number);
        let (told, _) = waited.unwrap_or_else(PoisonError::into_inner);
        (told.number > number).then(|| told.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_each_change_once() {
        let events = Events::new("run".into());
        events.good(1);
        let first = events.after(0, Duration::ZERO).unwrap();
        assert_eq!((first.build.as_str(), first.broken.as_deref()), ("run.1", None));
        events.good(1);
        assert_eq!(events.after(first.number, Duration::ZERO), None);
        events.broken("a.md:1:1: error[x]: <b>\n  | \"");
        let second = events.after(first.number, Duration::ZERO).unwrap();
        assert_eq!(second.build, "run.1");
        assert_eq!(second.event().lines().count(), 3, "one line of data");
        events.good(2);
        assert_eq!(events.now().broken, None);
    }
}
