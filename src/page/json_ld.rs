//! What pages say to search engines: JSON-LD of schema.org.

use serde_json::{Value, json};

use super::plain::escape_json;
use super::view::{Crumb, View, page_url};
use crate::corpus::Entry;

/// The `NewsArticle` of an article page. Its title and summary also stand in the head of the page, the summary only there.
pub(super) fn article(view: &View, entry: &Entry, title: &str, path: &str, crumbs: &[Crumb]) -> String {
    let article = &entry.article;
    let url = format!("{}{}", view.site.config.absolute_root(), page_url(path));
    let text = |text: &str| view.edition().text_of(entry, text).into_owned();
    let people: Vec<_> = article.authors.iter().map(|name| json!({"@type": "Person", "name": text(name)})).collect();
    let mut news = json!({
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": title,
        "inLanguage": view.edition().config.lang,
        // The way ends in the list the article is in: its own title is the headline.
        "mainEntityOfPage": {
            "@type": "WebPage",
            "@id": url,
            "breadcrumb": breadcrumbs(view, crumbs.split_last().map_or(crumbs, |(_, way)| way)),
        },
    });
    if let Some(map) = news.as_object_mut() {
        if let Some(date) = article.date {
            map.insert("datePublished".into(), date.to_string().into());
        }
        if let Some(changed) = article.changed().filter(|changed| Some(*changed) != article.date) {
            map.insert("dateModified".into(), changed.to_string().into());
        }
        if !article.corrections.is_empty() {
            let notes = article.corrections.iter().map(|correction| {
                let mut note = json!({"@type": "CorrectionComment", "text": text(&correction.text)});
                if let (Some(date), Some(map)) = (correction.date, note.as_object_mut()) {
                    map.insert("datePublished".into(), date.to_string().into());
                }
                note
            });
            map.insert("correction".into(), notes.collect::<Vec<_>>().into());
        }
        if !people.is_empty() {
            map.insert("author".into(), people.into());
        }
        if let Some(source) = &article.source {
            map.insert("publisher".into(), json!({"@type": "Organization", "name": text(&source.name)}));
        }
        if let Some(original) = &article.original_url {
            map.insert("isBasedOn".into(), original.as_str().into());
        }
    }
    escape_json(&news.to_string())
}

/// The page of a list, and where it stands.
pub(super) fn list(view: &View, kind: &str, url: &str, crumbs: &[Crumb]) -> String {
    let kind = if kind == "search" { "SearchResultsPage" } else { "CollectionPage" };
    let page = json!({
        "@context": "https://schema.org",
        "@type": kind,
        "@id": url,
        "inLanguage": view.edition().config.lang,
        "breadcrumb": breadcrumbs(view, crumbs),
    });
    escape_json(&page.to_string())
}

fn breadcrumbs(view: &View, crumbs: &[Crumb]) -> Value {
    let root = view.site.config.absolute_root();
    let steps = crumbs.iter().enumerate().map(|(at, crumb)| {
        json!({"@type": "ListItem", "position": at + 1, "name": crumb.name, "item": format!("{root}{}", crumb.url)})
    });
    json!({"@type": "BreadcrumbList", "itemListElement": steps.collect::<Vec<_>>()})
}
