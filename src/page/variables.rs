//! Holds docs/templates.md to what templates really see: every variable stands there, and no other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use serde_json::Value as Json;

use super::{Kind, Views};
use crate::cache::{Cache, Keep, Memory};
use crate::config;
use crate::corpus::Drafts;

/// Values of one shape, named by keys that no other has.
const SHAPES: &[(&str, &[&str])] =
    &[("date", &["iso", "short"]), ("item", &["summary", "terms", "lang"]), ("term", &["taxonomy", "id", "name"])];

/// What stands in a shape wherever it is met.
const FIELDS: &[(&str, &[&str])] = &[
    ("date", &["iso", "text", "day", "short", "year", "month"]),
    ("item", &["title", "url", "date", "summary", "source", "terms", "lang"]),
    ("term", &["taxonomy", "id", "name", "url"]),
];

/// Maps whose keys are the site's or the theme's own.
const OPEN: &[&str] = &["t", "assets", "options", "article.extra"];

fn walk(name: &str, value: &Json, seen: &mut BTreeSet<String>) {
    match value {
        Json::Array(list) => {
            seen.insert(format!("{name}[]"));
            list.iter().for_each(|value| walk(&format!("{name}[]"), value, seen));
        }
        Json::Object(_) if OPEN.contains(&name) => {
            seen.insert(name.to_owned());
        }
        Json::Object(map) => {
            let shape = SHAPES.iter().find(|(_, keys)| keys.iter().all(|key| map.contains_key(*key)));
            let known = shape.and_then(|(shape, _)| FIELDS.iter().find(|(name, _)| name == shape));
            seen.insert(name.to_owned());
            for (key, value) in map {
                match known.filter(|(_, fields)| fields.contains(&key.as_str())) {
                    Some((shape, _)) if !(*shape == "item" && key == "source" && value.is_object()) => {
                        seen.insert(format!("{shape}.{key}"));
                    }
                    _ => walk(&format!("{name}.{key}"), value, seen),
                }
            }
        }
        _ => {
            seen.insert(name.to_owned());
        }
    }
}

/// Every variable of the pages of the sample, by the kind of page it was first seen on.
fn seen() -> BTreeMap<String, String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut config = config::load(here).unwrap().value;
    config.per_page = 2;
    config.json_feeds = true;
    let config = Arc::new(config);
    let mut memory = Memory::open(here, Cache::Off);
    let laid = crate::lay_out(&config, Drafts::Skip, &mut memory, Keep::No, &mut |_| {}).unwrap();
    let (site, theme) = laid.site.expect("the sample has no errors");
    let views = Views::new(&site, &theme);
    let mut all = BTreeMap::new();
    for (path, page) in &site.pages {
        if matches!(
            page.kind,
            Kind::Bytes(_) | Kind::Redirect(_) | Kind::File(_) | Kind::Picture(..) | Kind::Opml | Kind::JsonFeed(_)
        ) {
            continue;
        }
        let mut names = BTreeSet::new();
        for (name, value) in views.context(path, page) {
            walk(name, &serde_json::to_value(value.to_engine()).unwrap(), &mut names);
        }
        for name in names {
            all.entry(name).or_insert_with(|| path.clone());
        }
    }
    all
}

#[test]
fn the_manual_names_every_variable_and_no_other() {
    let seen = seen();
    let manual = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/templates.md")).unwrap();
    let row = |line: &str| line.strip_prefix("| `")?.split('`').next().map(str::to_owned);
    let table = manual.split("## Variables").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap_or_default();
    let named: BTreeSet<String> = table.lines().filter_map(row).collect();
    let missing: Vec<String> =
        seen.iter().filter(|(name, _)| !named.contains(*name)).map(|(name, on)| format!("{name} ({on})")).collect();
    let gone: Vec<&String> = named.iter().filter(|name| !seen.contains_key(*name)).collect();
    assert!(missing.is_empty() && gone.is_empty(), "not in the manual: {missing:#?}\nonly in the manual: {gone:#?}");
}
