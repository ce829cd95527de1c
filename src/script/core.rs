//! Decides how each word of a flow is written in the other script.
//!
//! Takes a flow of text and what is known of its origin; gives edits. Knows nothing of Markdown.

use super::opencc::OpenCc;
use super::{Origin, Region, Target};

/// A change to a flow: the bytes `start..end` are written `to`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) to: Text,
}

/// What replaces a stretch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Text {
    One(char),
    Many(String),
}

/// The part of a converter that knows words.
pub(super) struct Core {
    to_hans: Option<OpenCc>,
    to_hant: Option<OpenCc>,
    target: Target,
}

impl Core {
    pub(super) fn new(target: Target) -> Self {
        let to_hant = match target {
            Target::Hant(Region::Hk) => "s2hk",
            _ => "s2tw",
        };
        Core { to_hans: OpenCc::named("t2s"), to_hant: OpenCc::named(to_hant), target }
    }

    /// Appends the edits that turn `text` into the target's script.
    pub(super) fn edits(&self, text: &str, origin: Origin, edits: &mut Vec<Edit>) {
        let (Some(to_hans), Some(to_hant)) = (self.to_hans, self.to_hant) else { return };
        let converted = match (self.target, origin) {
            (Target::Hans, Origin::Hans) => return,
            (Target::Hans, _) => to_hans.convert(text),
            (Target::Hant(_), Origin::Hans) => to_hant.convert(text),
            (Target::Hant(_), Origin::Hant) => return,
            (Target::Hant(_), _) => to_hant.convert(&to_hans.convert(text)),
        };
        let converted = if self.target == Target::Hans { converted } else { converted.replace('臺', "台") };
        for ((start, a), b) in text.char_indices().zip(converted.chars()) {
            if a != b {
                edits.push(Edit { start, end: start + a.len_utf8(), to: Text::One(b) });
            }
        }
    }
}
