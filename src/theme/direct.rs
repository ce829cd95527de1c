//! Pages without the template engine, where a template keeps to a small part of its language.
//!
//! The engine clones a value for each name it reads and looks names up by hash; half of the time of a page went there.
//! Templates whose language is known here are read once into steps with includes and blocks put in place; a step reads
//! the values of a page where they stand. The engine stays the judge of what a template means: whatever is not known
//! here, at load or on a page, is left to it, errors and their messages above all, and in debug builds every page is
//! made both ways and compared.

mod parse;
mod run;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::value::Value;
use parse::{Names, Step};

/// Templates that were left to the engine on this many pages are left to it on all.
const PATIENCE: u8 = 8;

/// The templates of a theme that need no engine.
#[derive(Default)]
pub(super) struct Direct {
    names: Names,
    templates: BTreeMap<String, Template>,
}

struct Template {
    steps: Vec<Step>,
    /// How many pages were left to the engine.
    left: AtomicU8,
}

impl Direct {
    /// Reads the templates of pages, of those given by name and text, as far as their language is known here.
    pub(super) fn new<'t>(texts: &BTreeMap<&'t str, &'t str>, pages: &[&str]) -> Self {
        let mut names = Names::default();
        let mut parsed = BTreeMap::new();
        for (name, text) in texts {
            if let Some(template) = parse::parse(text, &mut names) {
                parsed.insert(*name, template);
            }
        }
        let whole = |name: &str| Some(Template { steps: parse::whole(name, &parsed)?, left: AtomicU8::new(0) });
        let templates = pages.iter().filter_map(|name| Some(((*name).to_owned(), whole(name)?))).collect();
        Direct { names, templates }
    }

    /// Renders a page; false when it has to be left to the engine, and `out` then holds nothing of use.
    pub(super) fn render(&self, template: &str, context: &[(&'static str, Value)], out: &mut Vec<u8>) -> bool {
        let Some(template) = self.templates.get(template) else { return false };
        if template.left.load(Ordering::Relaxed) >= PATIENCE {
            return false;
        }
        let done = run::run(&template.steps, &self.names, context, out).is_ok();
        if !done {
            template.left.fetch_add(1, Ordering::Relaxed);
        }
        done
    }

    /// Names of templates and how many of their pages were left to the engine.
    #[cfg(test)]
    pub(super) fn left(&self) -> Vec<(&str, u8)> {
        let left = |template: &Template| template.left.load(Ordering::Relaxed);
        self.templates
            .iter()
            .map(|(name, template)| (name.as_str(), left(template)))
            .filter(|(_, left)| *left > 0)
            .collect()
    }

    /// Names of the templates that need no engine.
    #[cfg(test)]
    fn known(&self) -> Vec<&str> {
        self.templates.keys().map(String::as_str).collect()
    }
}

#[cfg(test)]
mod tests;
