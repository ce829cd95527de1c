//! Markdown with or without front matter: posts of Hexo, Hugo, Jekyll and Pelican, and pages a scraper dressed up as posts.
//!
//! A post is kept as its author wrote it. Only where lines of a scraped page stand in it (the line of the editor, view
//! counts, `原标题`) is it read like one.

use serde_yaml::{Mapping, Value};

use super::boilerplate::Boilerplate;
use super::clean::{self, Readings};
use super::fields::{self, Fields};
use super::front_matter::{self, Part};
use super::furniture::{self, Class};
use super::line::{Hint, Line};
use super::verdict::verdict;
use super::{Imported, Removed, Repair, date, html, names, page, shortcode, text};
use crate::diagnostic::Diagnostic;

/// Reads every article of a Markdown file.
pub(super) fn read(
    path: &str,
    source: &str,
    learned: &Boilerplate,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Imported> {
    let parts = front_matter::split(path, source, diagnostics);
    let articles = parts.into_iter().map(|part| article(path, part, learned)).collect();
    fold_copies(articles)
}

/// Folds articles that say the same into the first of them.
fn fold_copies(articles: Vec<Imported>) -> Vec<Imported> {
    let mut kept: Vec<Imported> = Vec::with_capacity(articles.len());
    let mut known: std::collections::BTreeMap<(Option<String>, String), usize> = std::collections::BTreeMap::new();
    for article in articles {
        let key = (article.title.clone(), super::fold::fold_bare(&article.body));
        match known.get(&key) {
            Some(&first) => kept[first].copies += 1,
            None => {
                known.insert(key, kept.len());
                kept.push(article);
            }
        }
    }
    kept
}

fn article(path: &str, part: Part<'_>, learned: &Boilerplate) -> Imported {
    let mut imported = Imported::default();
    let mut matter = part.matter.clone();
    take_fields(path, &part, &mut matter, &mut imported);
    from_name(path, &part, &mut imported);
    imported.extra = matter;
    let lines = lines(path, &part, &mut imported);
    if is_scraped(&lines) {
        scraped(path, lines, &mut imported, learned);
    } else {
        post(&lines, &mut imported);
    }
    imported.script = verdict(&imported.body).to_owned();
    imported
}

/// One line of a post.
struct Written {
    line: Line,
    /// As it stands, repaired, with its indentation.
    raw: String,
    /// Inside a code block, where nothing is touched.
    code: bool,
}

/// Repairs the lines of a body and translates its tags.
fn lines(path: &str, part: &Part<'_>, imported: &mut Imported) -> Vec<Written> {
    let readings = Readings::count(part.body);
    let mut fence: Option<String> = None;
    let mut out = Vec::new();
    for (at, raw) in part.body.lines().enumerate() {
        let number = part.line + at;
        let marker: String = raw.trim_start().chars().take_while(|c| matches!(c, '`' | '~')).collect();
        let opens = marker.len() >= 3;
        let code = fence.is_some() || opens;
        match &fence {
            Some(open) if opens && marker.starts_with(open.as_str()) && raw.trim().len() == marker.len() => {
                fence = None
            }
            None if opens => fence = Some(marker),
            _ => {}
        }
        if code {
            out.push(Written {
                line: Line { hint: Hint::Kept, ..Line::plain(number, raw) },
                raw: raw.to_owned(),
                code,
            });
            continue;
        }
        let cleaned = clean::line(raw, number, readings, &mut imported.repairs);
        let Some(cleaned) = translated(path, number, cleaned, imported) else { continue };
        let hint = if is_structure(&cleaned) { Hint::Kept } else { Hint::None };
        let mut line = Line { hint, ..Line::plain(number, &cleaned) };
        line.markdown = Some(cleaned.trim_end().to_owned());
        out.push(Written { line, raw: cleaned, code });
    }
    out
}

/// Translates tags and pictures of one line; `None` when nothing is left of it.
fn translated(path: &str, number: usize, line: String, imported: &mut Imported) -> Option<String> {
    let mut after = line.clone();
    if let Some((text, met)) = shortcode::translate(&after) {
        for met in met {
            let what = if met.translated { "translated" } else { "taken out" };
            imported.warnings.push(
                Diagnostic::warning("import-shortcode", path, format!("`{}` was {what}", met.tag))
                    .at(number, 1)
                    .help("look at the new article in a preview"),
            );
        }
        after = text;
    }
    if let Some(text) = html::images(&after) {
        after = text;
    }
    if after == line {
        return Some(line);
    }
    if after.trim().is_empty() {
        imported.removed.push(Removed { line: number, text: line, why: "tag" });
        return None;
    }
    imported.repairs.push(Repair { line: number, before: line, after: after.clone(), why: "tag" });
    Some(after)
}

/// Tells whether a line is Markdown structure rather than a line of text.
fn is_structure(line: &str) -> bool {
    let text = line.trim_start();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text.starts_with("<!--")
        || text.starts_with("![")
        || text.starts_with(['#', '>', '|'])
        || ["- ", "* ", "+ ", "---", "***", "___", "==="].iter().any(|mark| text.starts_with(mark))
        || (digits > 0
            && matches!(text.as_bytes().get(digits), Some(b'.' | b')'))
            && text.as_bytes().get(digits + 1) == Some(&b' '))
        || (line.starts_with("    ") && text.is_ascii())
}

/// Tells a scraped page from a post: some line of it names its editor, counts its views or gives the original title.
fn is_scraped(lines: &[Written]) -> bool {
    lines.iter().filter(|written| written.line.hint == Hint::None).any(|written| {
        let class = furniture::classify(written.line.fold.trim());
        match class {
            Class::OriginalTitle | Class::Breadcrumb | Class::Forum => true,
            Class::Counter => written.line.length() <= 20,
            Class::Rights | Class::Contact | Class::Prose | Class::Blank => false,
            _ => fields::read(&written.line.text).is_some_and(|read| {
                let f = &read.fields;
                read.labelled
                    && read.rest.is_empty()
                    && (f.editor.is_some() || (f.source.is_some() && f.date.is_some()))
            }),
        }
    })
}

/// Reads a scraped page: every line is a paragraph, furniture goes.
fn scraped(path: &str, lines: Vec<Written>, imported: &mut Imported, learned: &Boilerplate) {
    let title = imported.title.as_deref().map(names::without_site);
    let given = Fields {
        title,
        date: imported.date.take(),
        source: imported.source.take(),
        original_url: imported.original_url.take(),
        author: std::mem::take(&mut imported.author),
        editor: imported.editor.take(),
        tags: Vec::new(),
    };
    let lines = lines.into_iter().map(|written| written.line).collect();
    let mut draft = page::read(path, lines, given, learned);
    // The mark that ends the summary stood below an excerpt that is gone now.
    if let Some(at) =
        draft.body.iter().position(|paragraph| paragraph.text.starts_with("<!--") && paragraph.text.contains("more"))
    {
        let mark = draft.body.remove(at);
        if draft.body.len() > 1 {
            draft.body.insert(at.max(1).min(draft.body.len() - 1), mark);
        }
    }
    let read = text::article(draft);
    imported.title = read.title;
    imported.date = read.date;
    imported.source = read.source;
    imported.original_url = read.original_url;
    imported.author = read.author;
    imported.editor = read.editor;
    imported.body = read.body;
    imported.copies = read.copies;
    imported.removed.extend(read.removed);
    imported.repairs.extend(read.repairs);
    imported.warnings.extend(read.warnings);
    imported.removed.sort_by_key(|removed| removed.line);
}

/// Keeps a post as it was written, but for a first heading that is its title.
fn post(lines: &[Written], imported: &mut Imported) {
    let mut body = String::new();
    let mut first = true;
    for written in lines {
        if first && !written.line.text.is_empty() {
            first = false;
            if let Some(heading) = written.line.text.strip_prefix("# ")
                && !written.code
                && imported.title.as_deref().is_none_or(|title| title.trim() == heading.trim())
            {
                imported.title = Some(heading.trim().trim_end_matches('#').trim().to_owned());
                continue;
            }
        }
        body.push_str(written.raw.trim_end_matches(['\r', ' ']));
        // Two spaces at the end of a line are a line break.
        if !written.code && written.raw.ends_with("  ") && !written.raw.trim().is_empty() {
            body.push_str("  ");
        }
        body.push('\n');
    }
    imported.body = format!("{}\n", body.trim_matches('\n')).trim_start_matches('\n').to_owned();
}

/// Moves what front matter says under other names to the names of an article; the rest stays.
fn take_fields(path: &str, part: &Part<'_>, matter: &mut Mapping, imported: &mut Imported) {
    let mut take = |names: &[&str]| {
        let key = matter
            .iter()
            .find(|(key, value)| {
                key.as_str().is_some_and(|key| names.contains(&key.to_ascii_lowercase().as_str())) && !value.is_null()
            })
            .map(|(key, _)| key.clone())?;
        matter.remove(&key)
    };
    imported.title = take(&["title", "标题"]).and_then(text_of);
    for (names, slot) in [
        (
            &[
                "date",
                "published_at",
                "pubdate",
                "publishdate",
                "publish_date",
                "created",
                "created_at",
                "time",
                "日期",
                "datetime",
            ][..],
            &mut imported.date,
        ),
        (&["updated", "modified", "lastmod", "last_modified_at", "updated_at"][..], &mut imported.updated),
    ] {
        if let Some(written) = take(names).and_then(text_of) {
            *slot = date_of(path, part, &written, &mut imported.warnings);
        }
    }
    imported.source = take(&["source", "来源"]).and_then(source_of);
    imported.editor = take(&["editor", "编辑", "责任编辑"]).and_then(text_of);
    imported.original_url = take(&["original_url", "source_url", "originallink", "original_link", "link"])
        .and_then(text_of)
        .filter(|url| url.contains("://"));
    imported.author = take(&["author", "authors", "作者"]).map(strings).unwrap_or_default();
    let handles: Vec<String> =
        imported.author.extract_if(.., |name| names::is_handle(name) || names::is_nobody(name)).collect();
    imported.tags = take(&["tags", "tag"]).map(strings).unwrap_or_default();
    imported.categories = take(&["categories", "category"]).map(strings).unwrap_or_default();
    imported.slug = take(&["slug"]).and_then(text_of).filter(|slug| crate::slug::is_valid(slug));
    imported.aliases = take(&["aliases", "alias", "redirect_from"]).map(strings).unwrap_or_default();
    let mut addresses: Vec<String> = take(&["permalink"]).and_then(text_of).into_iter().collect();
    if let Some(url) = take(&["url"]).and_then(text_of) {
        if url.contains("://") {
            imported.original_url.get_or_insert(url);
        } else {
            addresses.push(url)
        }
    }
    imported
        .aliases
        .extend(addresses.into_iter().filter(|a| !a.contains(':')).map(|a| format!("/{}", a.trim_start_matches('/'))));
    imported.draft = matches!(take(&["draft"]), Some(Value::Bool(true)));
    if let Some(published) = take(&["published"]) {
        match published {
            Value::Bool(published) => imported.draft |= !published,
            other => {
                let written = text_of(other);
                imported.date = imported.date.take().or_else(|| date::field(&written?).ok());
            }
        }
    }
    if let Some(status) = take(&["status"]).and_then(text_of) {
        imported.draft |= matches!(status.as_str(), "draft" | "hidden");
    }
    let spaced = matter.contains_key("layout");
    let split = |names: &mut Vec<String>| {
        if spaced && names.len() == 1 && !names[0].contains([',', '，']) {
            *names = names[0].split_whitespace().map(str::to_owned).collect();
        }
    };
    split(&mut imported.categories);
    if !handles.is_empty() {
        matter.insert(Value::from("posted_by"), Value::from(handles.join(", ")));
    }
}

fn date_of(path: &str, part: &Part<'_>, written: &str, warnings: &mut Vec<Diagnostic>) -> Option<String> {
    match date::field(written) {
        Ok(iso) => Some(iso),
        Err(error) => {
            warnings.push(
                Diagnostic::warning("import-date", path, format!("the date `{written}` was left out: {error}"))
                    .at(part.line_of(written), 1)
                    .help(error.help()),
            );
            None
        }
    }
}

/// What the name of the file says: Jekyll's `2021-03-30-slug.md`, and a slug that is a word already.
fn from_name(path: &str, part: &Part<'_>, imported: &mut Imported) {
    if part.source.is_empty() {
        return;
    }
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let mut stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    if stem.len() > 11
        && stem.is_char_boundary(10)
        && stem.as_bytes()[10] == b'-'
        && stem[..10].bytes().all(|b| b.is_ascii_digit() || b == b'-')
    {
        if let (None, Ok(day)) = (&imported.date, date::field(&stem[..10])) {
            imported.date = Some(day);
        }
        stem = &stem[11..];
    }
    if stem == "index" {
        stem = path.rsplit(['/', '\\']).nth(1).unwrap_or(stem);
    }
    let is_word = stem.len() >= 4 && stem.bytes().any(|b| b.is_ascii_alphabetic()) && stem.contains('-');
    if imported.slug.is_none() && is_word && crate::slug::is_valid(stem) {
        imported.slug = Some(stem.to_owned());
    }
}

/// Reads a scalar as text.
fn text_of(value: Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Sequence(items) => items.into_iter().find_map(text_of)?,
        _ => return None,
    };
    let text = text.trim().to_owned();
    (!text.is_empty()).then_some(text)
}

fn source_of(value: Value) -> Option<String> {
    match value {
        Value::Mapping(map) => map.get("name").cloned().and_then(text_of),
        other => text_of(other),
    }
    .and_then(|name| fields::source(&name))
}

/// Reads a list, a string with commas, or a nested list as strings.
fn strings(value: Value) -> Vec<String> {
    let mut out = Vec::new();
    match value {
        Value::Sequence(items) => items.into_iter().for_each(|item| out.extend(strings(item))),
        Value::String(text) => out.extend(text.split([',', '，', '、']).map(|part| part.trim().to_owned())),
        Value::Mapping(map) => out.extend(map.get("name").cloned().and_then(text_of)),
        other => out.extend(text_of(other)),
    }
    out.retain(|name| !name.is_empty());
    out.dedup();
    out
}
