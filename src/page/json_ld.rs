//! What pages say to search engines: JSON-LD of schema.org.

use super::view::{Crumb, View, page_url};
use crate::corpus::Entry;

/// The `NewsArticle` of an article page. Its title and summary also stand in the head of the page, the summary only there.
pub(super) fn article(
    view: &View,
    entry: &Entry,
    title: &str,
    path: &str,
    crumbs: &[Crumb],
    picture: Option<&str>,
) -> String {
    let article = &entry.article;
    let config = &view.site.config;
    let text = |text| view.edition().text_of(entry, text);
    let mut json = Json::begin("NewsArticle");
    json.key("headline").text(&[title]);
    json.key("inLanguage").text(&[&view.edition().config.lang]);
    // The way ends in the list the article is in: its own title is the headline.
    json.key("mainEntityOfPage").open("WebPage");
    json.key("@id").text(&[config.absolute_root(), page_url(path)]);
    json.breadcrumbs(view, crumbs.split_last().map_or(crumbs, |(_, way)| way));
    json.close();
    if let Some(date) = article.date {
        json.key("datePublished").text(&[&date.to_string()]);
    }
    if let Some(changed) = article.changed().filter(|changed| Some(*changed) != article.date) {
        json.key("dateModified").text(&[&changed.to_string()]);
    }
    for (at, correction) in article.corrections.iter().enumerate() {
        if at == 0 {
            json.key("correction").raw("[");
        }
        json.item(at).open("CorrectionComment");
        json.key("text").text(&[&text(&correction.text)]);
        if let Some(date) = correction.date {
            json.key("datePublished").text(&[&date.to_string()]);
        }
        json.close();
        if at + 1 == article.corrections.len() {
            json.raw("]");
        }
    }
    if let Some(picture) = picture {
        json.key("image").text(&[picture]);
    }
    for (at, name) in article.authors.iter().enumerate() {
        if at == 0 {
            json.key("author").raw("[");
        }
        json.item(at).open("Person");
        json.key("name").text(&[&text(name)]);
        json.close();
        if at + 1 == article.authors.len() {
            json.raw("]");
        }
    }
    if let Some(source) = &article.source {
        json.key("publisher").open("Organization");
        json.key("name").text(&[&text(&source.name)]);
        json.close();
    }
    if let Some(original) = &article.original_url {
        json.key("isBasedOn").text(&[original]);
    }
    json.end()
}

/// The page of a list, and where it stands.
pub(super) fn list(view: &View, kind: &str, url: &str, crumbs: &[Crumb]) -> String {
    let mut json = Json::begin(if kind == "search" { "SearchResultsPage" } else { "CollectionPage" });
    json.key("@id").text(&[url]);
    json.key("inLanguage").text(&[&view.edition().config.lang]);
    json.breadcrumbs(view, crumbs);
    json.end()
}

/// JSON being written, in the form that can stand inside a script element.
struct Json(String);

impl Json {
    /// Begins a thing that stands by itself.
    fn begin(kind: &str) -> Self {
        let mut json = Json(String::with_capacity(1024));
        json.raw("{\"@context\":\"https://schema.org\"");
        json.key("@type").text(&[kind]);
        json
    }

    fn end(mut self) -> String {
        self.close();
        self.0
    }

    fn raw(&mut self, json: &str) -> &mut Self {
        self.0.push_str(json);
        self
    }

    /// Begins a thing inside another.
    fn open(&mut self, kind: &str) {
        self.raw("{\"@type\":").text(&[kind]);
    }

    fn close(&mut self) {
        self.raw("}");
    }

    /// Writes a key after the type, which comes first.
    fn key(&mut self, key: &str) -> &mut Self {
        self.raw(",\"").raw(key).raw("\":")
    }

    /// Writes what stands before an item of a list.
    fn item(&mut self, at: usize) -> &mut Self {
        self.raw(if at == 0 { "" } else { "," })
    }

    /// Writes a text made of parts.
    fn text(&mut self, parts: &[&str]) {
        self.raw("\"");
        parts.iter().for_each(|part| push_escaped(&mut self.0, part));
        self.raw("\"");
    }

    fn breadcrumbs(&mut self, view: &View, crumbs: &[Crumb]) {
        let root = view.site.config.absolute_root();
        self.key("breadcrumb").open("BreadcrumbList");
        self.key("itemListElement").raw("[");
        for (at, crumb) in crumbs.iter().enumerate() {
            self.item(at).open("ListItem");
            self.key("position").raw(&(at + 1).to_string());
            self.key("name").text(&[&crumb.name]);
            self.key("item").text(&[root, &crumb.url]);
            self.close();
        }
        self.raw("]");
        self.close();
    }
}

/// Escapes a text for JSON inside a script element, where no `<` may begin a tag.
fn push_escaped(out: &mut String, text: &str) {
    let mut done = 0;
    for (at, c) in text.char_indices() {
        if !matches!(c, '"' | '\\' | '<' | '>' | '&' | '\0'..='\u{1f}' | '\u{2028}' | '\u{2029}') {
            continue;
        }
        out.push_str(&text[done..at]);
        done = at + c.len_utf8();
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c => out.push_str(&format!("\\u{:04x}", u32::from(c))),
        }
    }
    out.push_str(&text[done..]);
}

#[cfg(test)]
mod tests {
    use super::push_escaped;

    proptest::proptest! {
        #[test]
        fn writes_texts_that_read_back_and_end_no_script(text in "[a甲<>&\"\\\\/\0\u{8}\n\r\t\u{1f}\u{2028}\u{2029}😀]{0,40}") {
            let mut json = String::from("\"");
            push_escaped(&mut json, &text);
            json.push('"');
            let ends_scripts = json.contains(['<', '>', '&', '\u{2028}', '\u{2029}']);
            proptest::prop_assert!(!ends_scripts);
            proptest::prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
