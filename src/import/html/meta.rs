//! What the head of a page states: JSON-LD, Open Graph, `meta` and `time` elements, the comments of publishing systems.

use dom_query::Document;
use serde_json::Value;

use super::super::fields::{self, Fields};
use super::super::{date, names};

/// What a page states about itself.
#[derive(Debug, Default)]
pub(super) struct Meta {
    /// Stated for this article.
    pub(super) stated: Fields,
    /// Stated for the site, or by default: right when the page itself says nothing.
    pub(super) likely: Fields,
    /// Titles that may carry the name of the site, best first.
    pub(super) titles: Vec<String>,
}

/// Reads the metadata of a page.
pub(super) fn read(document: &Document, source: &str) -> Meta {
    let mut meta = Meta::default();
    linked_data(document, &mut meta);
    publishing_comment(source, &mut meta.stated);
    elements(document, &mut meta);
    if let Some(title) = document.select_single("title").nodes().first().map(|node| tidy(&node.text())) {
        site_of(&title, &mut meta.likely);
        meta.titles.push(title);
    }
    meta.titles.retain(|title| !title.is_empty());
    meta
}

fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The name of the site behind the title of a page, or in its place.
fn site_of(title: &str, likely: &mut Fields) {
    let last = title.rsplit(['_', '-', '|', '｜', '–', '—']).next().map(names::trim_name).unwrap_or_default();
    if likely.source.is_none() && names::is_media(last) && last.chars().count() <= 12 {
        likely.source = fields::source(last);
    }
}

fn elements(document: &Document, meta: &mut Meta) {
    for node in document.select("meta").nodes() {
        let name = ["name", "property", "itemprop"].iter().find_map(|key| node.attr(key));
        let (Some(name), Some(content)) = (name, node.attr("content")) else { continue };
        let content = tidy(&content);
        if !content.is_empty() {
            element(&name.to_ascii_lowercase(), content, meta);
        }
    }
    for node in document.select("link[rel=canonical]").nodes() {
        address(node.attr("href").as_deref(), &mut meta.stated);
    }
    for node in document.select("time[datetime], [itemprop=datePublished]").nodes().iter().take(4) {
        let written = node.attr("datetime").or_else(|| node.attr("content")).unwrap_or_else(|| node.text());
        meta.likely.date = meta.likely.date.take().or_else(|| date::field(&written).ok());
    }
}

fn address(url: Option<&str>, fields: &mut Fields) {
    if let Some(url) = url.filter(|url| url.starts_with("http://") || url.starts_with("https://")) {
        fields.original_url.get_or_insert_with(|| url.to_owned());
    }
}

fn element(name: &str, content: String, meta: &mut Meta) {
    let (stated, likely) = (&mut meta.stated, &mut meta.likely);
    match name {
        "articletitle" => drop(stated.title.get_or_insert(content)),
        "pubdate"
        | "publishdate"
        | "article:published_time"
        | "datepublished"
        | "dc.date"
        | "dc.date.issued"
        | "publish_time"
        | "firstpublishedtime"
        | "pubtime"
        | "parsely-pub-date"
        | "og:release_date"
        | "bytedance:published_time"
        | "weibo: article:create_at" => {
            stated.date = stated.date.take().or_else(|| date::field(&content).ok());
        }
        "contentsource" | "source" | "article:source" | "mediaid" | "copyrightholder" => {
            stated.source = stated.source.take().or_else(|| fields::source(&content));
        }
        "editor" | "article:editor" | "contenteditor" => {
            stated.editor = stated.editor.take().or_else(|| fields::editor(&content))
        }
        "article:author" | "author" | "dc.creator" | "byl" => authors(&content, likely),
        "article:tag" => stated.tags.push(content),
        "og:site_name" | "sitename" | "application-name" => {
            likely.source = likely.source.take().or_else(|| fields::source(&content))
        }
        "og:title" | "twitter:title" | "title" => meta.titles.push(content),
        "og:url" => address(Some(&content), stated),
        _ => {}
    }
}

/// Takes names of people; an address, a login or the name of the site is none.
fn authors(content: &str, fields: &mut Fields) {
    if content.contains("://") || names::is_handle(content) || names::is_media(content) || !fields.author.is_empty() {
        return;
    }
    fields.author = names::people(content);
}

/// `<!--enpproperty <date>…</date><author>…</author>…-->`, as a Chinese publishing system writes it.
fn publishing_comment(source: &str, stated: &mut Fields) {
    let Some(start) = source.find("<!--enpproperty") else { return };
    let comment = &source[start..start + source[start..].find("-->").unwrap_or(0)];
    let value = |tag: &str| {
        let (_, rest) = comment.split_once(&format!("<{tag}>"))?;
        let (value, _) = rest.split_once(&format!("</{tag}>"))?;
        let value = tidy(value);
        (!value.is_empty()).then_some(value)
    };
    stated.title = stated.title.take().or_else(|| value("title"));
    stated.date = stated.date.take().or_else(|| date::field(&value("date")?).ok());
    stated.source = stated.source.take().or_else(|| fields::source(&value("sourcename")?));
    if let (true, Some(author)) = (stated.author.is_empty(), value("author")) {
        authors(&author, stated);
    }
    stated.editor = stated.editor.take().or_else(|| fields::editor(&value("editor")?));
}

fn linked_data(document: &Document, meta: &mut Meta) {
    for node in document.select("script[type=\"application/ld+json\"]").nodes() {
        let text: String = node.text().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let text = text.trim().trim_start_matches("<!--").trim_end_matches("-->").trim_end_matches(';');
        if let Ok(value) = serde_json::from_str::<Value>(text)
            && let Some(article) = find_article(&value, 0)
        {
            take_article(article, meta);
        }
    }
}

/// Finds the object that describes the article, at most a few levels down.
fn find_article(value: &Value, depth: usize) -> Option<&Value> {
    if depth > 5 {
        return None;
    }
    match value {
        Value::Array(items) => items.iter().find_map(|item| find_article(item, depth + 1)),
        Value::Object(map) => {
            let is_article = map.get("@type").is_some_and(|kind| {
                let named = |kind: &Value| {
                    kind.as_str()
                        .is_some_and(|kind| kind.ends_with("Article") || kind.ends_with("Posting") || kind == "Report")
                };
                named(kind) || kind.as_array().is_some_and(|kinds| kinds.iter().any(named))
            });
            if is_article {
                return Some(value);
            }
            ["@graph", "mainEntity", "mainEntityOfPage"].iter().find_map(|key| find_article(map.get(*key)?, depth + 1))
        }
        _ => None,
    }
}

fn take_article(article: &Value, meta: &mut Meta) {
    let text = |key: &str| article.get(key).and_then(Value::as_str).map(unescape).filter(|text| !text.is_empty());
    let stated = &mut meta.stated;
    if let Some(headline) = text("headline") {
        // Some sites put the name of the site behind the headline even here.
        stated.title.get_or_insert_with(|| names::without_site(&headline));
    }
    stated.date = stated.date.take().or_else(|| date::field(&text("datePublished")?).ok());
    if stated.author.is_empty() {
        let mut names = Vec::new();
        people_of(article.get("author"), 0, &mut names);
        stated.author = names;
    }
    let mut editors = Vec::new();
    people_of(article.get("editor"), 0, &mut editors);
    if !editors.is_empty() {
        stated.editor.get_or_insert_with(|| editors.join("、"));
    }
    let publisher = article.get("publisher").and_then(|publisher| publisher.get("name")).and_then(Value::as_str);
    if let Some(publisher) = publisher {
        meta.likely.source = fields::source(publisher).or(meta.likely.source.take());
    }
    address(text("url").as_deref(), stated);
}

fn unescape(text: &str) -> String {
    let text = text
        .replace("&amp;", "&")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&nbsp;", " ");
    tidy(&text)
}

fn people_of(value: Option<&Value>, depth: usize, out: &mut Vec<String>) {
    match value {
        Some(Value::String(name)) if !names::is_media(name) && !names::is_handle(name) && !name.contains("://") => {
            out.extend(names::people(name))
        }
        Some(Value::Array(items)) if depth < 3 => items.iter().for_each(|item| people_of(Some(item), depth + 1, out)),
        Some(Value::Object(map)) if depth < 3 && map.get("@type").and_then(Value::as_str) != Some("Organization") => {
            people_of(map.get("name"), depth + 1, out);
        }
        _ => {}
    }
}
