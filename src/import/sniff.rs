//! What kind of file a page is, by its name and its first characters.

use super::Format;

/// Decides what a file is; a format that was asked for is only refined, never overruled.
pub(super) fn format(name: &str, text: &str, asked: Format) -> Format {
    if asked != Format::Auto {
        return asked;
    }
    let extension =
        name.rsplit(['/', '\\']).next().and_then(|file| file.rsplit_once('.')).map(|(_, e)| e.to_ascii_lowercase());
    let start: String = text.trim_start().chars().take(2000).collect::<String>().to_ascii_lowercase();
    if start.starts_with("<?xml")
        || start.starts_with("<rss")
        || start.starts_with("<feed")
        || start.starts_with("<rdf")
    {
        if start.contains("wordpress.org/export") || start.contains("<wp:") {
            return Format::Wxr;
        }
        if start.contains("<rss") || start.contains("<feed") || start.contains("<rdf:rdf") {
            return Format::Feed;
        }
    }
    if start.starts_with("<!doctype html")
        || start.starts_with("<html")
        || start.contains("<html") && start.contains("<head")
    {
        return Format::Html;
    }
    match extension.as_deref() {
        Some("html" | "htm" | "shtml" | "xhtml") => Format::Html,
        Some("md" | "markdown" | "mkd" | "mdown") => Format::Markdown,
        Some("rst") => Format::Pelican,
        Some("jsonl" | "ndjson" | "json") => Format::Jsonl,
        Some("rss" | "atom") => Format::Feed,
        Some("wxr") => Format::Wxr,
        _ if has_matter(&start) => Format::Markdown,
        _ if start.starts_with("{\"")
            && text.lines().take(3).all(|line| line.trim().is_empty() || line.trim_end().ends_with('}')) =>
        {
            Format::Jsonl
        }
        _ if start.starts_with("<div")
            || start.starts_with("<p")
            || start.starts_with("<body")
            || start.starts_with("<table") =>
        {
            Format::Html
        }
        _ => Format::Text,
    }
}

fn has_matter(start: &str) -> bool {
    let mut lines = start.lines();
    let fence = lines.next().map(str::trim_end);
    matches!(fence, Some("---" | "+++"))
        && lines.next().is_some_and(|line| line.contains([':', '=']))
        && lines.any(|line| Some(line.trim_end()) == fence)
}
