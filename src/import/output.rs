//! An article as the file an editor will open: front matter, then Markdown.

use serde_yaml::{Mapping, Value};

use super::Imported;

/// Renders an article as a file of `content/`: YAML front matter between `---` lines, then its body.
pub fn to_article(imported: &Imported) -> String {
    let mut map = Mapping::new();
    let mut put = |key: &str, value: Value| {
        map.insert(Value::from(key), value);
    };
    let text = |value: &Option<String>| value.clone().map(Value::from);
    for (key, value) in [
        ("title", text(&imported.title)),
        ("date", text(&imported.date)),
        ("updated", text(&imported.updated)),
        ("source", text(&imported.source)),
        ("original_url", text(&imported.original_url)),
        ("author", list(&imported.author)),
        ("editor", text(&imported.editor)),
        ("tags", list(&imported.tags)),
        ("categories", list(&imported.categories)),
        ("slug", text(&imported.slug)),
        ("aliases", list(&imported.aliases).map(always_list)),
        ("draft", imported.draft.then_some(Value::Bool(true))),
    ] {
        if let Some(value) = value {
            put(key, value);
        }
    }
    for (key, value) in &imported.extra {
        if !map.contains_key(key) && !value.is_null() {
            map.insert(key.clone(), value.clone());
        }
    }
    let yaml = if map.is_empty() { String::new() } else { serde_yaml::to_string(&map).unwrap_or_default() };
    // A mark that ends the summary ends nothing where nothing stands before it.
    let body = imported.body.trim_start_matches('\n');
    let body = body.strip_prefix("<!-- more -->").map_or(body, |rest| rest.trim_start_matches('\n'));
    format!("---\n{yaml}---\n\n{body}")
}

fn list(names: &[String]) -> Option<Value> {
    match names {
        [] => None,
        [one] => Some(Value::from(one.clone())),
        many => Some(Value::Sequence(many.iter().cloned().map(Value::from).collect())),
    }
}

fn always_list(value: Value) -> Value {
    match value {
        Value::Sequence(_) => value,
        one => Value::Sequence(vec![one]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_front_matter_that_reads_back() {
        let article = Imported {
            title: Some("某市: “新”计划 # 一".into()),
            date: Some("2021-03-16T13:13".into()),
            author: vec!["张三".into(), "李四".into()],
            body: "正文。\n".into(),
            ..Imported::default()
        };
        let text = to_article(&article);
        let yaml = text.strip_prefix("---\n").unwrap().split("---\n").next().unwrap();
        let read: Mapping = serde_yaml::from_str(yaml).unwrap();
        assert_eq!(read["title"], Value::from("某市: “新”计划 # 一"));
        assert_eq!(read["date"], Value::from("2021-03-16T13:13"));
        assert!(text.ends_with("---\n\n正文。\n"));
    }
}
