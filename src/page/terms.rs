//! The list of a taxonomy's terms: by how often they are used, by reading, and by strokes where readers look so.

use std::collections::BTreeMap;

use super::lists::{by_count, rendering};
use super::view::{About, Rendering, View};
use crate::script::Script;
use crate::taxonomy::TermId;
use crate::value::{self, Value};
use crate::{slug, strokes};

/// The context of the page.
pub(super) fn page(view: &View, path: &str, taxonomy: &str) -> Rendering {
    let name = view.taxonomy_name(taxonomy);
    let section = format!("{taxonomy}/");
    let url = view.url(&section);
    let about = About {
        kind: "terms",
        section: Some(&section),
        crumbs: view.crumbs([(name.as_str(), url.clone())]),
        ..About::default()
    };
    rendering(
        view,
        "terms.html",
        &name,
        path,
        about,
        [
            (
                "taxonomy",
                value::map([("id", value::text(taxonomy)), ("name", value::text(&name)), ("url", value::text(&url))]),
            ),
            ("terms", value::list(by_count(view, taxonomy))),
            ("by_initial", by_initial(view, taxonomy)),
            ("by_strokes", by_strokes(view, taxonomy)),
        ],
    )
}

/// The terms of a taxonomy and their names.
fn names<'v>(view: &'v View, taxonomy: &'v str) -> impl Iterator<Item = (&'v str, &'v TermId)> {
    let ids = view.edition().corpus.terms.get(taxonomy).into_iter().flat_map(BTreeMap::keys);
    ids.map(move |id| (view.edition().label(taxonomy, id), id))
}

/// `{initial, terms}`: by pinyin, under its first letter.
fn by_initial(view: &View, taxonomy: &str) -> Value {
    let mut initials: BTreeMap<String, Vec<(String, &TermId)>> = BTreeMap::new();
    for (name, id) in names(view, taxonomy) {
        let reading = slug::from_title(name);
        initials.entry(letter(&reading)).or_default().push((reading, id));
    }
    value::list(initials.into_iter().map(|(initial, mut terms)| {
        terms.sort();
        value::map([
            ("initial", value::text(&initial)),
            ("terms", value::list(terms.iter().map(|(_, id)| view.counted(taxonomy, id)))),
        ])
    }))
}

/// `{strokes, initial, terms}`: under the strokes of the first character, or its letter where it is no Chinese one.
/// Empty in Simplified editions, whose readers look by pinyin.
fn by_strokes(view: &View, taxonomy: &str) -> Value {
    if view.edition().config.script == Script::Hans {
        return value::list([]);
    }
    let mut all: Vec<(&str, &TermId)> = names(view, taxonomy).collect();
    all.sort_by(|a, b| strokes::compare(a.0, b.0).then_with(|| a.1.cmp(b.1)));
    let head = |name: &str| match name.chars().next().and_then(strokes::strokes) {
        Some(count) => (count, String::new()),
        None => (0, letter(&slug::from_title(name))),
    };
    value::list(all.chunk_by(|a, b| head(a.0) == head(b.0)).map(|group| {
        let (count, initial) = head(group[0].0);
        value::map([
            ("strokes", usize::from(count).into()),
            ("initial", value::text(&initial)),
            ("terms", value::list(group.iter().map(|(_, id)| view.counted(taxonomy, id)))),
        ])
    }))
}

/// The first letter of a reading, or `#`.
fn letter(reading: &str) -> String {
    let first = reading.chars().next().filter(char::is_ascii_alphabetic);
    first.map_or("#".to_owned(), |c| c.to_ascii_uppercase().to_string())
}
