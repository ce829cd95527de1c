//! The public kit of raw pages: fields, leaks and losses, page by page. Passes, saying so, where the kit is absent.

use std::path::{Path, PathBuf};

use jianfan::import::{Boilerplate, Format, Imported, Page, read};
use serde_json::Value;

fn kit(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    if !path.exists() {
        eprintln!("skipped: {} is absent", path.display());
        return None;
    }
    Some(path)
}

fn rows(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().filter(|line| !line.trim().is_empty()).map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn fold(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Every string of a gold field and of its alternatives.
fn accepted(row: &Value, key: &str) -> Vec<String> {
    let mut names: Vec<String> = row[key].as_str().map(fold).into_iter().collect();
    names.extend(row[format!("{key}_alt")].as_array().into_iter().flatten().filter_map(Value::as_str).map(fold));
    names
}

fn wrong(row: &Value, article: &Imported) -> Vec<String> {
    let mut wrong = Vec::new();
    for (key, value) in [
        ("title", article.title.as_deref()),
        ("source", article.source.as_deref()),
        ("editor", article.editor.as_deref()),
    ] {
        let names = accepted(row, key);
        let free = row[format!("{key}_any")] == true || (key == "title" && row[key].is_null());
        let right = match value {
            _ if free => true,
            None => row[key].is_null(),
            Some(value) => names.contains(&fold(value)),
        };
        if !right {
            wrong.push(format!("{key}: {value:?}, not {names:?}"));
        }
    }
    let date = article.date.as_deref().unwrap_or_default();
    if !date.starts_with(row["date"].as_str().unwrap_or_default()) || (row["date"].is_null() && !date.is_empty()) {
        wrong.push(format!("date: {date}, not {}", row["date"]));
    }
    for leak in row["must_not"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if fold(&article.body).contains(&fold(leak)) && !fold(leak).is_empty() {
            wrong.push(format!("leak: {leak}"));
        }
    }
    for paragraph in row["body"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !fold(&article.body).contains(&fold(paragraph)) {
            wrong.push(format!("lost: {paragraph}"));
        }
    }
    wrong
}

fn check(gold: &str, files: &str) {
    let (Some(gold), Some(files)) = (kit(gold), kit(files)) else { return };
    let (mut misses, rows) = (Vec::new(), rows(&gold));
    for row in &rows {
        let name = row["file"].as_str().unwrap();
        let bytes = std::fs::read(files.join(name)).unwrap();
        let articles = read(&Page { name, bytes: &bytes }, Format::Auto, &Boilerplate::none()).value;
        let item = row["item"].as_u64().map_or(0, |item| usize::try_from(item).unwrap() - 1);
        match articles.get(item) {
            Some(article) => misses.extend(wrong(row, article).into_iter().map(|miss| format!("{name}: {miss}"))),
            None => misses.push(format!("{name}: no article {}", item + 1)),
        }
    }
    assert!(misses.len() * 100 <= rows.len() * 5, "{}", misses.join("\n"));
}

#[test]
fn reads_the_pages_of_the_kit() {
    check("gold/pages/gold.jsonl", "gold/pages/files");
}

#[test]
fn reads_the_seeds() {
    check("gold/seeds.gold.jsonl", "seeds");
}
