//! `jianfan explain`: everything the build decided about one article.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Value, json};

use jianfan::cache::{Cache, Keep, Memory};
use jianfan::corpus::{self, By, Corpus, Drafts, Entry, Relation};
use jianfan::diagnostic::Diagnostic;
use jianfan::edition::Edition;
use jianfan::facts::{self, Desk};
use jianfan::script::{Origin, detect};
use jianfan::source::{self, Shelf};
use jianfan::taxonomy::{Detector, Text};
use jianfan::{convert_all, data};

use super::{End, Format, Global, Outcome, print, settings};

/// Options of `explain`.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  jianfan explain content/2019/some-article.md")]
pub(super) struct Args {
    /// The article: its ID, its path or its slug.
    article: String,
}

pub(super) fn run(global: &Global, args: Args) -> Outcome {
    let mut diagnostics = Vec::new();
    let config = Arc::new(settings(global, &mut diagnostics)?);
    let listing = source::list(&config)?.drain_into(&mut diagnostics);
    let data = data::read(&config)?.drain_into(&mut diagnostics);
    let detector = Detector::new(&data.shared.taxonomies);
    let mut memory = Memory::open(&config.root, Cache::Keep);
    let (desk, shelf) = (Desk::new(&config, &data), Shelf::new(&config, &listing));
    let known =
        facts::collect(memory.read(&listing, &desk, &shelf, Keep::No), listing.refused).drain_into(&mut diagnostics);
    let corpus = corpus::gather(known, data.shared, &config, Drafts::Publish, &shelf, &mut memory.copies)
        .drain_into(&mut diagnostics);
    let corpus = Arc::new(corpus);
    let editions = convert_all(&corpus, &config, &desk);
    let Some((entry, copy)) = find(&corpus, &args.article) else {
        return Err(End::Failed(format!(
            "no article has the ID, path or slug `{}`; `jianfan check` lists files that could not be read",
            args.article
        )));
    };
    let mut told = tell(entry, &corpus, &editions, &detector, &shelf, &diagnostics);
    if let Some(copy) = copy {
        told["asked_for"] = json!({"id": copy.id, "path": copy.path.as_ref(), "merged_into": entry.article.id, "kind": copy.kind, "containment": copy.containment});
    }
    match global.format {
        Format::Json => print::out(&format!("{told:#}\n")),
        _ => print::out(&readable(&told)),
    }
    Ok(End::Done)
}

/// Finds an article, or the one it was merged into.
fn find<'a>(corpus: &'a Corpus, written: &str) -> Option<(&'a Entry, Option<&'a corpus::Copy>)> {
    let written = written.trim_start_matches("./");
    // A path may be given from the content folder or from the root of the site.
    let named = |id: &str, path: &str| {
        id == written || path == written || path.split_once('/').is_some_and(|(_, below)| below == written)
    };
    let entries = corpus.entries.iter().chain(&corpus.withdrawn);
    for entry in entries.clone() {
        if named(&entry.article.id, &entry.article.path) {
            return Some((entry, None));
        }
        if let Some(copy) = entry.copies.iter().find(|copy| named(&copy.id, &copy.path)) {
            return Some((entry, Some(copy)));
        }
    }
    let hand_made = |entry: &&Entry| {
        entry.hand_made.iter().map(|&at| &corpus.hand_made[at].article).any(|made| named(&made.id, &made.path))
    };
    if let Some(entry) = entries.clone().find(hand_made) {
        return Some((entry, None));
    }
    let slug = |entry: &&Entry| entry.address.trim_end_matches('/').rsplit('/').next() == Some(written);
    entries.clone().find(slug).map(|entry| (entry, None))
}

fn tell(
    entry: &Entry,
    corpus: &Corpus,
    editions: &[Edition],
    detector: &Detector,
    shelf: &Shelf,
    diagnostics: &[Diagnostic],
) -> Value {
    let article = &entry.article;
    let text = entry.facts.text(shelf);
    let detection = detect::detect(&text);
    let mine: Vec<&Diagnostic> = diagnostics.iter().filter(|d| d.path == article.path.as_ref()).collect();
    json!({
        "id": article.id,
        "path": article.path.as_ref(),
        "line": article.line,
        "title": article.title,
        "date": article.date.map(|date| date.to_string()),
        "address": entry.address,
        "script": {"decided": origin_name(entry.facts.script), "declared": article.script.map(|script| format!("{script:?}").to_lowercase()), "hans_only": detection.hans_only, "hant_only": detection.hant_only},
        "editions": editions.iter().map(|edition| conversion(entry, edition, &text)).collect::<Vec<_>>(),
        "terms": terms(entry, detector, &text),
        "copies": entry.copies.iter().map(|copy| json!({"id": copy.id, "path": copy.path.as_ref(), "kind": copy.kind, "containment": copy.containment})).collect::<Vec<_>>(),
        "undecided": undecided(article.id.as_str(), corpus),
        "related": entry.related.iter().map(|(other, relation)| json!({"id": corpus.entries[*other].article.id, "reason": relation_name(*relation)})).collect::<Vec<_>>(),
        "diagnostics": mine,
    })
}

/// The articles that may tell the same story; `jianfan dedupe` shows them side by side.
fn undecided(id: &str, corpus: &Corpus) -> Vec<Value> {
    let other = |(a, b, _): &&(String, String, f64)| a == id || b == id;
    let shown = |(a, b, share): &(String, String, f64)| json!({"id": if a == id { b } else { a }, "containment": (share * 1000.0).round() / 1000.0});
    corpus.review.iter().filter(other).map(shown).collect()
}

fn conversion(entry: &Entry, edition: &Edition, text: &str) -> Value {
    let heading = edition.heading(entry);
    let explained = edition.explain(entry, text);
    json!({
        "id": edition.config.id,
        "title": heading.title,
        "hand_made": edition.hand_made(entry).map(|made| made.article.id.as_str()),
        "changes": explained.changes,
        "unsure": explained.unsure,
        "quotations": explained.quotations,
    })
}

fn terms(entry: &Entry, detector: &Detector, body: &str) -> Vec<Value> {
    let article = &entry.article;
    let text = Text { title: &article.title, body, source: article.source.as_ref().map(|source| source.name.as_str()) };
    let tags = detector.detect(&text);
    let evidence = |taxonomy: &str, id| {
        tags.iter().find(|tag| tag.taxonomy == taxonomy && tag.term == id).map(|tag| json!(tag.evidence))
    };
    entry
        .terms
        .iter()
        .map(|term| match &term.by {
            By::FrontMatter(written) => json!({"taxonomy": term.taxonomy, "term": term.id.as_str(), "origin": "front-matter", "written": written}),
            By::Detected(score) => json!({"taxonomy": term.taxonomy, "term": term.id.as_str(), "origin": "detected", "score": (f64::from(*score) * 1000.0).round() / 1000.0, "evidence": evidence(&term.taxonomy, term.id.clone())}),
        })
        .collect()
}

fn origin_name(origin: Origin) -> &'static str {
    match origin {
        Origin::Auto => "unknown",
        Origin::Hans => "hans",
        Origin::Hant => "hant",
        Origin::Mixed => "mixed",
    }
}

fn relation_name(relation: Relation) -> &'static str {
    match relation {
        Relation::FollowUp => "follow-up",
        Relation::Earlier => "earlier report",
        Relation::SameProgram => "same program",
        Relation::SameCities => "same cities",
    }
}

/// The facts as indented text.
fn readable(facts: &Value) -> String {
    let mut out = String::new();
    write_value(&mut out, facts, 0);
    out
}

fn write_value(out: &mut String, value: &Value, depth: usize) {
    let pad = "  ".repeat(depth);
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let name = key.replace('_', " ");
                match value {
                    Value::Null => {}
                    Value::Array(list) if list.is_empty() => {
                        let _ = writeln!(out, "{pad}{name}: none");
                    }
                    Value::Object(_) | Value::Array(_) => {
                        let _ = writeln!(out, "{pad}{name}:");
                        write_value(out, value, depth + 1);
                    }
                    value => {
                        let _ = writeln!(out, "{pad}{name}: {}", scalar(value));
                    }
                }
            }
        }
        Value::Array(list) => {
            for item in list {
                match item {
                    Value::Object(map) => {
                        let parts: Vec<String> = map
                            .iter()
                            .filter(|(_, value)| !value.is_object() && !value.is_array() && !value.is_null())
                            .map(|(key, value)| format!("{key} {}", scalar(value)))
                            .collect();
                        let _ = writeln!(out, "{pad}- {}", parts.join(", "));
                        for (key, value) in
                            map.iter().filter(|(_, value)| value.as_array().is_some_and(|list| !list.is_empty()))
                        {
                            let _ = writeln!(out, "{pad}  {}:", key.replace('_', " "));
                            write_value(out, value, depth + 2);
                        }
                    }
                    item => {
                        let _ = writeln!(out, "{pad}- {}", scalar(item));
                    }
                }
            }
        }
        value => {
            let _ = writeln!(out, "{pad}{}", scalar(value));
        }
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
