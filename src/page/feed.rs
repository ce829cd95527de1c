//! Atom feeds and the list of all feeds.

use super::view::{About, Notes, Rendering, View, page_url};
use crate::corpus::Entry;
use crate::taxonomy::TermId;
use crate::value::{self, Value};

/// Entries of one feed.
pub(super) const ENTRIES: usize = 20;

/// The context of a feed: the newest articles of an edition, or of one of its terms.
pub(super) fn atom(view: &View, path: &str, term: Option<&(String, TermId)>) -> Rendering {
    let corpus = &view.edition().corpus;
    let config = &view.site.config;
    let (title, home, entries): (String, String, Vec<usize>) = match term {
        Some((taxonomy, id)) => {
            let entries =
                corpus.terms.get(taxonomy).and_then(|terms| terms.get(id)).map_or(&[][..], |used| &used.entries);
            let title = format!("{} – {}", view.edition().label(taxonomy, id), view.edition().title);
            (title, view.url(&format!("{taxonomy}/{id}/")), entries.iter().copied().take(ENTRIES).collect())
        }
        None => (view.edition().title.clone(), view.url(""), (0..corpus.entries.len().min(ENTRIES)).collect()),
    };
    let absolute = |url: &str| format!("{}{url}", config.absolute_root());
    let stamps = entries.iter().filter_map(|&at| corpus.entries[at].article.changed());
    // A feed of undated articles says the oldest time there is rather than reading the clock.
    let updated = stamps.max().map_or_else(|| "1970-01-01T00:00:00Z".to_owned(), |moment| moment.rfc3339());
    let feed = value::map([
        ("id", value::text(&absolute(path))),
        ("title", value::text(&title)),
        ("subtitle", value::text(&view.edition().description)),
        ("self", value::text(&absolute(path))),
        ("home", value::text(&absolute(&home))),
        ("updated", value::text(&updated)),
    ]);
    // The whole text goes with the feed of the edition; those of terms carry the summary.
    let full = term.is_none();
    let entries = value::list(entries.into_iter().map(|at| entry(view, at, full)));
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

fn entry(view: &View, at: usize, full: bool) -> Value {
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
            ("label", value::text(view.edition().label(&term.taxonomy, &term.id))),
        ])
    });
    let content = if full {
        let text = super::article::content(view, entry, config.absolute_root(), &mut Notes::default()).html;
        xml_text(&format!("{}{text}", corrections(view, entry)))
    } else {
        String::new()
    };
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
        ("content", value::text(&content)),
        ("categories", value::list(categories)),
    ])
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
pub(super) fn xml_text(text: &str) -> String {
    text.chars()
        .filter(|&c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..))
        .collect()
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
        text.push_str(&format!("<outline text=\"{}\">\n", escape(&view.taxonomy_name(taxonomy))));
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
