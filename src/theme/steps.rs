//! Puts an end to templates that would run for ever.
//!
//! The engine has no limit on loops. So each template gets a counter at every place where work can multiply: the body
//! of a loop, an include, a component, a value that is set. Counting gives the same result on every machine, which a
//! deadline by the clock would not.

use std::cell::Cell;

use tera::{Error, Kwargs, State, Tera, TeraResult, Value};

use super::LARGEST_PAGE;
use super::tags::tags;

/// The most steps of one page. A table of 400 cities by 500 programs has 200,000 cells.
pub(super) const MOST_STEPS: usize = 1_000_000;

/// The longest text a template may hold in a name, in bytes: joined to itself, a text doubles with every round.
pub(super) const LONGEST_TEXT: usize = 16 << 20;

/// How the message of a template that does not end begins.
pub(super) const ENDLESS: &str = "the template does not end";

thread_local! {
    static STEPS: Cell<usize> = const { Cell::new(0) };
    static WRITTEN: Cell<usize> = const { Cell::new(0) };
}

/// Begins a page.
pub(super) fn begin() {
    STEPS.set(0);
    WRITTEN.set(0);
}

/// Notes that the page has grown.
pub(super) fn wrote(bytes: usize) {
    WRITTEN.set(WRITTEN.get().saturating_add(bytes));
}

/// Registers what [`count`] writes into templates.
pub(super) fn register(tera: &mut Tera) {
    tera.register_function("__step", |_: Kwargs, _: &State| step(1));
    tera.register_function("__held", held);
}

fn step(cost: usize) -> TeraResult<&'static str> {
    STEPS.set(STEPS.get().saturating_add(cost));
    if STEPS.get() > MOST_STEPS {
        return Err(Error::message(format!("{ENDLESS}: more than {MOST_STEPS} rounds on one page")));
    }
    if WRITTEN.get() > LARGEST_PAGE {
        return Err(Error::message(format!("{ENDLESS}: a page of more than {} MiB", LARGEST_PAGE >> 20)));
    }
    Ok("")
}

fn held(values: Kwargs, _: &State) -> TeraResult<&'static str> {
    let size = match values.get::<Value>("v")? {
        Some(value) => value.as_str().map_or(0, str::len),
        None => 0,
    };
    if size > LONGEST_TEXT {
        return Err(Error::message(format!("{ENDLESS}: a text of more than {} MiB", LONGEST_TEXT >> 20)));
    }
    // A long text that is copied in every round costs as much as many short ones.
    step(1 + size / 1024)
}

/// A template with counters.
pub(super) struct Counted {
    pub(super) text: String,
    /// Places of the counters in `text` and their lengths.
    inserted: Vec<(usize, usize)>,
}

impl Counted {
    /// The place in the text as it was written.
    pub(super) fn original(&self, at: usize) -> usize {
        let counters = self.inserted.iter().take_while(|(place, _)| *place < at);
        // A place inside a counter is the end of the tag before it.
        at - counters.map(|(place, length)| (*length).min(at - place)).sum::<usize>()
    }
}

/// Adds the counters.
pub(super) fn count(text: &str) -> Counted {
    let mut counted = Counted { text: String::with_capacity(text.len() + 256), inserted: Vec::new() };
    let mut done = 0;
    let mut blocks = Vec::new();
    for tag in tags(text).iter().filter(|tag| !tag.prints) {
        let call = match tag.word() {
            "for" | "component" | "include" => "__step()".to_owned(),
            word @ ("set" | "set_global") => {
                let rest = tag.inner[word.len()..].trim_start();
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
                if !rest[end..].trim_start().starts_with('=') {
                    blocks.push(&rest[..end]);
                    continue;
                }
                format!("__held(v={})", &rest[..end])
            }
            "endset" => match blocks.pop() {
                Some(name) => format!("__held(v={name})"),
                None => continue,
            },
            _ => continue,
        };
        counted.text.push_str(&text[done..tag.range.end]);
        done = tag.range.end;
        let place = counted.text.len();
        counted.text.push_str(&format!("{{{{ {call} {}}}}}", if tag.trims(text) { "-" } else { "" }));
        counted.inserted.push((place, counted.text.len() - place));
    }
    counted.text.push_str(&text[done..]);
    counted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_counters_that_change_nothing() {
        let text = "a{% for x in y -%}\n b{% endfor %}{% set z = 1 %}{% set w %}c{% endset %}";
        let counted = count(text);
        assert_eq!(
            counted.text,
            "a{% for x in y -%}{{ __step() -}}\n b{% endfor %}{% set z = 1 %}{{ __held(v=z) }}{% set w %}c{% endset %}{{ __held(v=w) }}"
        );
        for (at, c) in text.char_indices().filter(|(_, c)| c.is_alphabetic()) {
            let moved = counted.text.char_indices().find(|(n, m)| *m == c && counted.original(*n) == at);
            assert!(moved.is_some(), "{at} {c}");
        }
    }
}
