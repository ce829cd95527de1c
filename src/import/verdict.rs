//! Which script a text is in, for the report and for telling spam from text.

use crate::script::detect::{Verdict, detect};
use crate::script::{is_hans_only, is_hant_only};

/// How many characters of a text belong to one script only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Scripts {
    pub(super) hans: usize,
    pub(super) hant: usize,
}

impl Scripts {
    /// Counts a text.
    pub(super) fn of(text: &str) -> Self {
        let mut scripts = Scripts::default();
        for c in text.chars() {
            scripts.hans += usize::from(is_hans_only(c));
            scripts.hant += usize::from(is_hant_only(c));
        }
        scripts
    }

    /// Tells whether a short text is clearly in the other script than this longer one.
    pub(super) fn clashes(self, line: Scripts) -> bool {
        (self.hant > 10 * self.hans.max(1) && line.hans >= 2 && line.hant * 4 <= line.hans)
            || (self.hans > 10 * self.hant.max(1) && line.hant >= 2 && line.hans * 4 <= line.hant)
    }
}

/// Says in one word which script a text is in; empty without evidence.
pub(super) fn verdict(text: &str) -> &'static str {
    match detect(text).verdict {
        Verdict::Hans => "hans",
        Verdict::Hant => "hant",
        Verdict::Mixed => "mixed",
        Verdict::Unknown => "",
    }
}
