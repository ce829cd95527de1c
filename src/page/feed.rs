//! Atom feeds and the list of all feeds.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::view::{About, Notes, Rendering, View, page_url};
use crate::corpus::Entry;
use crate::taxonomy::TermId;
use crate::value::{self, Value};

/// Entries of one feed.
pub(super) const ENTRIES: usize = 20;

/// Entries of the feed of a term: each article stands in the feeds of all its terms, with its whole text.
pub(super) const OF_TERM: usize = 10;

/// What a feed is of.
struct Head {
    title: String,
    /// Site-relative address of its pages.
    home: String,
    entries: Vec<usize>,
}

impl Head {
    fn new(view: &View, term: Option<&(String, TermId)>) -> Self {
        let edition = view.edition();
        let corpus = &edition.corpus;
        let Some((taxonomy, id)) = term else {
            let entries = (0..corpus.entries.len().min(ENTRIES)).collect();
            return Head { title: edition.title.clone(), home: view.url(""), entries };
        };
        let entries = corpus.terms.get(taxonomy).and_then(|terms| terms.get(id)).map_or(&[][..], |used| &used.entries);
        Head {
            title: format!("{} – {}", edition.label(taxonomy, id), edition.title),
            home: view.url(&format!("{taxonomy}/{id}/")),
            entries: entries.iter().copied().take(OF_TERM).collect(),
        }
    }
}

/// The context of a feed: the newest articles of an edition, or of one of its terms.
pub(super) fn atom(view: &View, path: &str, term: Option<&(String, TermId)>, notes: &mut Notes) -> Rendering {
    let corpus = &view.edition().corpus;
    let config = &view.site.config;
    let Head { title, home, entries } = Head::new(view, term);
    let absolute = |url: &str| format!("{}{url}", config.absolute_root());
    let stamps = entries.iter().filter_map(|&at| corpus.entries[at].article.changed());
    // A feed of undated articles says the oldest time there is rather than reading the clock.
    let updated = stamps.max().map_or_else(|| "1970-01-01T00:00:00Z".to_owned(), |moment| moment.rfc3339());
    let feed = value::map([
        ("id", value::text(&absolute(path))),
        ("title", value::text(&xml_text(&title))),
        ("subtitle", value::text(&view.edition().description)),
        ("self", value::text(&absolute(path))),
        ("home", value::text(&absolute(&home))),
        ("updated", value::text(&updated)),
    ]);
    let entries = value::list(entries.into_iter().map(|at| entry(view, at, notes)));
    let about = About { kind: "feed", ..About::default() };
    Rendering {
        template: "feed.xml",
        context: vec![
            ("title", value::text(&title)),
            ("page", view.page(path, about)),
            ("feed", feed),
            ("entries", entries),
        ],
    }
}

/// Writes the same as JSON Feed 1.1.
pub(super) fn json(view: &View, path: &str, term: Option<&(String, TermId)>, out: &mut Vec<u8>) {
    let Head { title, home, entries } = Head::new(view, term);
    let absolute = |url: &str| format!("{}{url}", view.site.config.absolute_root());
    let items = entries.into_iter().map(|at| {
        let entry = &view.edition().corpus.entries[at];
        let heading = &view.edition().headings[at];
        let article = &entry.article;
        let url = absolute(&view.url(&entry.address));
        let text = body(view, at, &mut BTreeSet::new());
        let html = format!("{}{text}", corrections(view, entry));
        let author = |name: &str| json!({"name": view.edition().text_of(entry, name)});
        let tags = entry.terms.iter().map(|term| view.edition().label(&term.taxonomy, &term.id));
        let mut item = json!({"id": url, "url": url, "title": heading.title, "content_html": html});
        let mut set = |key: &str, value: Json| item[key] = value;
        if !heading.summary.is_empty() {
            set("summary", heading.summary.as_str().into());
        }
        if let Some(date) = article.date {
            set("date_published", date.rfc3339().into());
        }
        if let Some(updated) = article.changed().filter(|changed| Some(*changed) != article.date) {
            set("date_modified", updated.rfc3339().into());
        }
        if !article.authors.is_empty() {
            set("authors", article.authors.iter().map(|name| author(name)).collect());
        }
        set("tags", tags.collect());
        item
    });
    let feed = json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "home_page_url": absolute(&home),
        "feed_url": absolute(path),
        "description": view.edition().description,
        "language": view.edition().config.lang,
        "items": items.collect::<Vec<_>>(),
    });
    out.clear();
    out.extend_from_slice(feed.to_string().as_bytes());
    out.push(b'\n');
}

fn entry(view: &View, at: usize, notes: &mut Notes) -> Value {
    let config = &view.site.config;
    let entry = &view.edition().corpus.entries[at];
    let heading = &view.edition().headings[at];
    let article = &entry.article;
    let url = format!("{}{}", config.absolute_root(), view.url(&entry.address));
    let published = article.date.map(|date| date.rfc3339());
    let updated = article.changed().map_or_else(|| "1970-01-01T00:00:00Z".to_owned(), |moment| moment.rfc3339());
    let categories = entry.terms.iter().map(|term| {
        value::map([
            ("term", value::text(term.id.as_str())),
            ("label", value::text(&xml_text(view.edition().label(&term.taxonomy, &term.id)))),
        ])
    });
    let mut content = body(view, at, &mut notes.asked);
    if !article.corrections.is_empty() {
        content = format!("{}{content}", corrections(view, entry)).into();
    }
    value::map([
        ("id", value::text(&url)),
        ("title", value::text(&xml_text(&heading.title))),
        ("url", value::text(&url)),
        ("published", published.map_or_else(value::none, |date| value::text(&date))),
        ("updated", value::text(&updated)),
        (
            "authors",
            value::list(
                article.authors.iter().map(|name| value::text(&xml_text(&view.edition().text_of(entry, name)))),
            ),
        ),
        ("source", value::text(&xml_text(&heading.source))),
        ("summary", value::text(&xml_text(&heading.summary))),
        ("content", value::text(&xml_text(&content))),
        ("categories", value::list(categories)),
    ])
}

/// The entries of all feeds of an edition, each as often as it stands in one.
pub(super) fn all_entries(view: &View) -> Vec<usize> {
    let config = &view.site.config;
    if !config.feeds {
        return Vec::new();
    }
    let corpus = &view.edition().corpus;
    let used =
        config.taxonomies.iter().filter_map(|taxonomy| corpus.terms.get(taxonomy)).flat_map(|terms| terms.values());
    let of_terms = used.flat_map(|used| used.entries.iter().copied().take(OF_TERM));
    let all: Vec<usize> = (0..corpus.entries.len().min(ENTRIES)).chain(of_terms).collect();
    if config.json_feeds { all.repeat(2) } else { all }
}

/// The body of an entry as feeds have it, with absolute addresses; adds the places of the site it asks for.
fn body(view: &View, at: usize, asked: &mut BTreeSet<String>) -> Arc<str> {
    if let Some(mut shared) = view.bodies.take(at) {
        asked.append(&mut shared.asked);
        return shared.html;
    }
    // What is to be said of a body is said of its page.
    let mut own = Notes::default();
    let entry = &view.edition().corpus.entries[at];
    let content = super::article::content(view, entry, view.site.config.absolute_root(), None, &mut own);
    asked.append(&mut own.asked);
    content.html.into()
}

/// The corrections of an article as HTML: whoever has the text has them too.
fn corrections(view: &View, entry: &Entry) -> String {
    let items: String = entry
        .article
        .corrections
        .iter()
        .map(|correction| {
            let day = correction.date.map_or_else(String::new, |date| format!("{} ", date.day()));
            format!("<li>{day}{}</li>", escape(&view.edition().text_of(entry, &correction.text)))
        })
        .collect();
    if items.is_empty() { items } else { format!("<p>{}</p><ul>{items}</ul>", escape(view.word("corrections"))) }
}

/// Removes the characters that XML 1.0 cannot hold, escaped or not.
pub(super) fn xml_text(text: &str) -> Cow<'_, str> {
    let holds = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    if text.chars().all(holds) { Cow::Borrowed(text) } else { Cow::Owned(text.chars().filter(|&c| holds(c)).collect()) }
}

/// Writes the list of all feeds of an edition.
pub(super) fn opml(view: &View, out: &mut Vec<u8>) {
    let config = &view.site.config;
    let outline = |name: &str, feed: &str, home: &str| {
        let url = |path: &str| escape(&format!("{}{path}", config.absolute_root()));
        format!(
            "<outline type=\"rss\" text=\"{0}\" title=\"{0}\" xmlUrl=\"{1}\" htmlUrl=\"{2}\"/>\n",
            escape(&xml_text(name)),
            url(feed),
            url(home)
        )
    };
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<opml version=\"2.0\">\n<head><title>{}</title></head>\n<body>\n",
        escape(&xml_text(&view.edition().title))
    );
    text.push_str(&outline(&view.edition().title, &view.url("feed.xml"), page_url(&view.url(""))));
    for taxonomy in &config.taxonomies {
        let Some(terms) = view.edition().corpus.terms.get(taxonomy) else { continue };
        text.push_str(&format!("<outline text=\"{}\">\n", escape(&xml_text(&view.taxonomy_name(taxonomy)))));
        for id in terms.keys() {
            let base = view.url(&format!("{taxonomy}/{id}/"));
            text.push_str(&outline(view.edition().label(taxonomy, id), &format!("{base}feed.xml"), &base));
        }
        text.push_str("</outline>\n");
    }
    text.push_str("</body>\n</opml>\n");
    out.clear();
    out.extend_from_slice(text.as_bytes());
}

/// Escapes text for XML attributes and elements.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
