//! A line on the terminal that says how far a long work is. Silent when nobody looks.

use std::io::IsTerminal as _;

use super::print;

/// How far a work is, shown on standard error if that is a terminal.
pub(super) struct Progress {
    shown: bool,
    what: &'static str,
    last: u64,
}

impl Progress {
    /// Begins; nothing is shown yet.
    pub(super) fn new(what: &'static str) -> Self {
        Progress { shown: std::io::stderr().is_terminal(), what, last: 0 }
    }

    /// Says that so many of all bytes are done, and how many items that was; only when a percent has passed.
    pub(super) fn at(&mut self, done: u64, all: u64, items: usize) {
        if self.shown
            && let Some(line) = self.line(done, all, items)
        {
            print::err(&line);
        }
    }

    fn line(&mut self, done: u64, all: u64, items: usize) -> Option<String> {
        // A stream has no size; it counts by tenths of a megabyte.
        let step = done.saturating_mul(100).checked_div(all).unwrap_or(done / 100_000);
        if step <= self.last {
            return None;
        }
        self.last = step;
        let share = if all > 0 { format!("{:>3} % ", step.min(100)) } else { String::new() };
        Some(format!("\r{}: {share}({items} articles)", self.what))
    }

    /// Clears the line.
    pub(super) fn end(self) {
        if self.shown && self.last > 0 {
            print::err("\r\x1b[K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_each_percent_once() {
        let mut progress = Progress { shown: true, what: "reading", last: 0 };
        assert_eq!(progress.line(5, 1000, 1), None);
        assert_eq!(progress.line(10, 1000, 2).as_deref(), Some("\rreading:   1 % (2 articles)"));
        assert_eq!(progress.line(15, 1000, 3), None);
        assert_eq!(progress.line(1000, 1000, 9).as_deref(), Some("\rreading: 100 % (9 articles)"));
        let mut stream = Progress { shown: true, what: "reading", last: 0 };
        assert_eq!(stream.line(250_000, 0, 4).as_deref(), Some("\rreading: (4 articles)"));
    }
}
