//! Refuses templates that include or extend each other in too long a chain.
//!
//! The engine renders an include within an include by recursion; a chain of some hundred would end its stack.

use std::collections::BTreeMap;

use super::files::Files;
use super::tags::tags;
use crate::diagnostic::Diagnostic;

/// The longest chain. The default theme needs three.
const LONGEST: usize = 12;

/// Complains about every template that begins too long a chain; the engine has refused circles already.
pub(super) fn refuse(files: &Files) -> Vec<Diagnostic> {
    let mut depths = BTreeMap::new();
    let needs: BTreeMap<&str, Vec<(&str, std::ops::Range<usize>)>> =
        files.templates.iter().map(|(name, file)| (name.as_str(), needs(&file.text))).collect();
    // Each round settles at least the templates whose needs are settled; more rounds than a chain may have links
    // are not needed to know that it has too many.
    for _ in 0..=LONGEST {
        for (name, needs) in &needs {
            let below = needs.iter().map(|(other, _)| depths.get(other).copied().unwrap_or(0)).max();
            depths.insert(*name, below.map_or(0, |below| below + 1));
        }
    }
    let mut found = Vec::new();
    for (name, needs) in &needs {
        let Some(file) = files.templates.get(*name).filter(|_| depths[name] > LONGEST) else { continue };
        let Some((other, place)) = needs.iter().max_by_key(|(other, _)| depths.get(other).copied()) else { continue };
        found.push(
            Diagnostic::error(
                "template",
                file.shown.as_str(),
                format!("`{other}` goes on to other templates in a chain of more than {LONGEST}"),
            )
            .span(&file.text, place.clone())
            .help("put the contents of some of them into one file"),
        );
    }
    found
}

/// The templates that one includes or extends, and where.
fn needs(text: &str) -> Vec<(&str, std::ops::Range<usize>)> {
    let tags = tags(text).into_iter().filter(|tag| !tag.prints && matches!(tag.word(), "include" | "extends"));
    tags.filter_map(|tag| {
        let rest = tag.inner[tag.word().len()..].trim();
        Some((rest.get(1..rest.len().checked_sub(1)?)?, tag.range))
    })
    .collect()
}
