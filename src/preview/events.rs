//! What open pages are told: which build they should show, and what is wrong with the last save.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;

use crate::diagnostic::{Diagnostic, render};
use crate::messages::{Language, translate};

/// What there is to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// Goes up with every change.
    pub(super) number: u64,
    /// The build that pages are made from: this run and how many good builds it has seen.
    pub(super) build: String,
    /// What is wrong with the files as they are, as the terminal shows it.
    pub(super) broken: Option<Arc<Broken>>,
}

/// What is wrong, as the terminal shows it, in the languages a page may be in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Broken {
    en: String,
    hans: String,
    hant: String,
}

impl Broken {
    /// Says complaints in every language, or in the one that was asked for.
    pub(super) fn new(complaints: &[&Diagnostic], language: Option<Language>) -> Self {
        let say = |own: Language| {
            let said = complaints.iter().map(|d| translate(d, language.unwrap_or(own)));
            said.map(|d| render(&d)).collect::<String>()
        };
        Broken { en: say(Language::English), hans: say(Language::Hans), hant: say(Language::Hant) }
    }

    /// Says what the machine would not do.
    pub(super) fn machine(error: &str) -> Self {
        let words = format!("error: {error}\n");
        Broken { en: words.clone(), hans: words.clone(), hant: words }
    }

    /// The words in a language.
    pub(super) fn words(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::Hans => &self.hans,
            Language::Hant => &self.hant,
        }
    }
}

impl Told {
    /// The event as it goes over the wire.
    pub(super) fn event(&self) -> String {
        let data = serde_json::json!({"build": self.build, "broken": self.broken});
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
    pub(super) fn broken(&self, what: Arc<Broken>) {
        self.tell(None, Some(what));
    }

    fn tell(&self, build: Option<String>, broken: Option<Arc<Broken>>) {
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
        assert_eq!((first.build.as_str(), first.broken), ("run.1", None));
        events.good(1);
        assert_eq!(events.after(first.number, Duration::ZERO), None);
        let complaint = Diagnostic::error("date-unreadable", "a.md", "date `<b>\n\"` cannot be read").at(1, 1);
        events.broken(Broken::new(&[&complaint], None).into());
        let second = events.after(first.number, Duration::ZERO).unwrap();
        assert_eq!(second.build, "run.1");
        assert_eq!(second.event().lines().count(), 3, "one line of data");
        assert!(second.broken.unwrap().words(Language::English).starts_with("a.md:1:1: error[date-unreadable]: "));
        events.good(2);
        assert_eq!(events.now().broken, None);
    }
}
