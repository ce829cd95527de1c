//! What scrapers write: one JSON object a line, or one array of them.

use serde_json::{Map, Value};

use super::boilerplate::Boilerplate;
use super::{Imported, date, entry, fields, names};
use crate::diagnostic::Diagnostic;

const TITLE: &[&str] = &["title", "headline", "标题", "標題", "name", "news_title", "article_title"];
const TEXT: &[&str] = &[
    "content_html",
    "html",
    "content",
    "text",
    "body",
    "article",
    "正文",
    "内容",
    "內容",
    "maintext",
    "full_text",
    "articlebody",
    "news_content",
    "description",
    "summary",
];
const DATE: &[&str] = &[
    "date",
    "published_at",
    "publish_time",
    "pub_time",
    "pubdate",
    "publish_date",
    "published",
    "date_publish",
    "datepublished",
    "time",
    "日期",
    "时间",
    "時間",
    "发布时间",
    "發佈時間",
    "created_at",
    "timestamp",
];
const SOURCE: &[&str] = &["source", "media", "publisher", "来源", "來源", "site", "site_name", "source_name", "origin"];
const AUTHOR: &[&str] = &["author", "authors", "作者", "记者", "記者", "reporter", "byline"];
const EDITOR: &[&str] = &["editor", "editors", "编辑", "編輯", "责任编辑", "責任編輯"];
const URL: &[&str] = &["url", "link", "original_url", "source_url", "href", "链接", "canonical"];
const TAGS: &[&str] = &["tags", "tag", "keywords", "标签", "標籤"];
const CATEGORIES: &[&str] = &["categories", "category", "分类", "分類", "channel", "section"];

/// Reads every object of a file; a line that is none is an error placed there.
pub(super) fn read(
    path: &str,
    source: &str,
    learned: &Boilerplate,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Imported> {
    let whole = source.trim_start();
    if let Ok(value) = serde_json::from_str::<Value>(source)
        && (whole.starts_with('[') || source.trim().lines().count() > 1)
    {
        return objects(value, 0)
            .into_iter()
            .filter_map(|object| article(path, &object, 1, learned, diagnostics))
            .collect();
    }
    let mut articles = Vec::new();
    for (at, line) in source.lines().enumerate() {
        let line = line.trim().trim_end_matches(',');
        if line.is_empty() || matches!(line, "[" | "]") {
            continue;
        }
        match serde_json::from_str::<Value>(line) {
            Ok(Value::Object(object)) => articles.extend(article(path, &object, at + 1, learned, diagnostics)),
            Ok(_) => diagnostics.push(bad(path, at + 1, 1, "this line is no JSON object")),
            Err(error) => diagnostics.push(bad(path, at + 1, error.column(), "this line is no JSON")),
        }
    }
    articles
}

fn bad(path: &str, line: usize, column: usize, message: &str) -> Diagnostic {
    Diagnostic::error("import-json", path, message).at(line, column.max(1)).help("mend the line or remove it")
}

/// Finds the objects of an array, also where it stands under one key (`{"articles": […]}`).
fn objects(value: Value, depth: usize) -> Vec<Map<String, Value>> {
    match value {
        Value::Array(items) => {
            items.into_iter().filter_map(|item| if let Value::Object(map) = item { Some(map) } else { None }).collect()
        }
        Value::Object(map) if depth < 3 && find(&map, TEXT).is_none() => {
            map.into_iter().map(|(_, value)| objects(value, depth + 1)).max_by_key(Vec::len).unwrap_or_default()
        }
        Value::Object(map) => vec![map],
        _ => Vec::new(),
    }
}

fn find<'a>(object: &'a Map<String, Value>, keys: &[&str]) -> Option<&'a Value> {
    keys.iter().find_map(|key| {
        let value = object.iter().find(|(name, _)| name.to_lowercase() == *key).map(|(_, value)| value)?;
        let filled = match value {
            Value::Null => false,
            Value::String(text) => !text.trim().is_empty(),
            Value::Array(items) => !items.is_empty(),
            _ => true,
        };
        filled.then_some(value)
    })
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(items) => Some(items.iter().filter_map(text_of).collect::<Vec<_>>().join("\n")),
        Value::Object(map) => map.get("name").and_then(text_of),
        _ => None,
    }
    .filter(|text| !text.is_empty() && !matches!(text.as_str(), "None" | "null" | "nan" | "NaN"))
}

fn list_of(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().filter_map(text_of).collect(),
        other => text_of(other)
            .map(|text| {
                text.split([',', '，', '、', ';', '|'])
                    .map(|part| part.trim().to_owned())
                    .filter(|part| !part.is_empty())
                    .collect()
            })
            .unwrap_or_default(),
    }
}

fn article(
    path: &str,
    object: &Map<String, Value>,
    line: usize,
    learned: &Boilerplate,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Imported> {
    let text = |keys: &[&str]| find(object, keys).and_then(text_of);
    let Some(body) = text(TEXT) else {
        diagnostics.push(bad(path, line, 1, "this object holds no text under a name that is known"));
        return None;
    };
    let mut imported = entry::read(path, &body, 1, learned);
    for removed in &mut imported.removed {
        removed.line = line;
    }
    for repair in &mut imported.repairs {
        repair.line = line;
    }
    for warning in &mut imported.warnings {
        (warning.line, warning.column) = (line, 1);
    }
    if let Some(title) = text(TITLE) {
        let plain = super::clean::line(
            &title,
            line,
            super::clean::Readings::count(&format!("{title}{body}")),
            &mut imported.repairs,
        );
        imported.title = Some(names::without_site(&plain));
    }
    if let Some(written) = text(DATE) {
        match date::field(&written) {
            Ok(iso) => imported.date = Some(iso),
            Err(error) => imported.warnings.push(
                Diagnostic::warning("import-date", path, format!("the date `{written}` was left out: {error}"))
                    .at(line, 1)
                    .help(error.help()),
            ),
        }
    }
    imported.source = text(SOURCE).and_then(|name| fields::source(&name)).or(imported.source);
    let authors: Vec<String> = find(object, AUTHOR)
        .map(list_of)
        .unwrap_or_default()
        .iter()
        .flat_map(|name| names::people(name))
        .filter(|name| !names::is_handle(name))
        .collect();
    if !authors.is_empty() {
        imported.author = authors;
    }
    imported.editor = text(EDITOR).and_then(|name| fields::editor(&name)).or(imported.editor);
    imported.original_url = text(URL).filter(|url| url.contains("://")).or(imported.original_url);
    imported.tags = find(object, TAGS).map(list_of).unwrap_or(imported.tags);
    imported.categories = find(object, CATEGORIES).map(list_of).unwrap_or_default();
    // The title often stands at the head of the text as well.
    Some(imported)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lines_and_arrays() {
        let row = r#"{"title":"题目_某某频道","content":"一段话，说了一些事情，到此为止。\n责任编辑：王小明","pub_time":"2021-03-04 05:06:07","source":"某城日报","url":"https://a.example/1","author":"None"}"#;
        for text in [format!("{row}\n"), format!("[{row}]"), format!("{{\"articles\": [\n{row}\n]}}")] {
            let mut diagnostics = Vec::new();
            let articles = read("a.jsonl", &text, &Boilerplate::none(), &mut diagnostics);
            assert_eq!(articles.len(), 1, "{text} {diagnostics:?}");
            let a = &articles[0];
            assert_eq!(
                (a.date.as_deref(), a.source.as_deref(), a.editor.as_deref()),
                (Some("2021-03-04T05:06"), Some("某城日报"), Some("王小明"))
            );
            assert!(a.author.is_empty());
            assert_eq!(a.body, "一段话，说了一些事情，到此为止。\n");
        }
    }

    #[test]
    fn places_what_is_broken() {
        let mut diagnostics = Vec::new();
        let articles =
            read("a.jsonl", "{\"text\":\"一段话。\"}\n{oops\n{\"n\":1}\n", &Boilerplate::none(), &mut diagnostics);
        assert_eq!(articles.len(), 1);
        assert_eq!(diagnostics.iter().map(|d| d.line).collect::<Vec<_>>(), [2, 3]);
    }
}
