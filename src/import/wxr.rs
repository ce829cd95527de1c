//! WordPress exports.
//!
//! Posts and pages become articles; attachments, menu items, revisions and comments do not. What is neither published
//! nor a draft is left out with a warning.

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_yaml::Value;

use super::boilerplate::Boilerplate;
use super::{Imported, Removed, date, entry, names, xml};
use crate::diagnostic::Diagnostic;

/// One `item` of an export.
#[derive(Debug, Default)]
struct Item {
    line: usize,
    title: String,
    link: String,
    creator: String,
    content: String,
    excerpt: String,
    published: String,
    date: String,
    date_gmt: String,
    kind: String,
    status: String,
    name: String,
    password: String,
    tags: Vec<String>,
    categories: Vec<String>,
}

/// Reads every article of an export.
pub(super) fn read(
    path: &str,
    source: &str,
    learned: &Boilerplate,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Imported> {
    let (items, authors) = items(path, source, diagnostics);
    let mut articles = Vec::new();
    for mut item in items {
        if !matches!(item.kind.as_str(), "post" | "page" | "") {
            continue;
        }
        if matches!(item.status.as_str(), "trash" | "auto-draft" | "inherit") {
            diagnostics.push(
                Diagnostic::warning(
                    "import-skipped",
                    path,
                    format!("`{}` has the status `{}` and was left out", item.title, item.status),
                )
                .at(item.line, 1)
                .help("publish it in WordPress and export again if it is wanted"),
            );
            continue;
        }
        if let Some((_, name)) = authors.iter().find(|(login, name)| *login == item.creator && !name.is_empty()) {
            item.creator.clone_from(name);
        }
        articles.push(article(path, item, learned));
    }
    articles
}

fn items(path: &str, source: &str, diagnostics: &mut Vec<Diagnostic>) -> (Vec<Item>, Vec<(String, String)>) {
    let mut reader = xml::reader(source);
    let mut lines = xml::Lines::new(source);
    let (mut items, mut authors) = (Vec::new(), Vec::new());
    loop {
        let at = reader.buffer_position();
        match reader.read_event() {
            Ok(Event::Start(start)) => match start.local_name().as_ref() {
                "item" => {
                    let line = lines.at(at);
                    items.push(Item { line, ..item(&mut reader) });
                }
                "author" if start.name().as_ref() == "wp:author" => authors.push(author(&mut reader)),
                _ => {}
            },
            Ok(Event::Eof) => {
                diagnostics.extend(xml::cut_off(path, source));
                break;
            }
            Err(error) => {
                diagnostics.push(xml::complaint(path, &error, lines.at(at)));
                break;
            }
            _ => {}
        }
    }
    (items, authors)
}

fn author(reader: &mut Reader<&[u8]>) -> (String, String) {
    let mut pair = (String::new(), String::new());
    xml::children(reader, "wp:author", |name, reader, _| match name {
        "wp:author_login" => pair.0 = xml::text(reader, name),
        "wp:author_display_name" => pair.1 = xml::text(reader, name),
        _ => xml::skip(reader, name),
    });
    pair
}

fn item(reader: &mut Reader<&[u8]>) -> Item {
    let mut item = Item::default();
    xml::children(reader, "item", |name, reader, attributes| {
        let slot = match name {
            "title" => &mut item.title,
            "link" => &mut item.link,
            "dc:creator" => &mut item.creator,
            "content:encoded" => &mut item.content,
            "excerpt:encoded" => &mut item.excerpt,
            "pubDate" => &mut item.published,
            "wp:post_date" => &mut item.date,
            "wp:post_date_gmt" => &mut item.date_gmt,
            "wp:post_type" => &mut item.kind,
            "wp:status" => &mut item.status,
            "wp:post_name" => &mut item.name,
            "wp:post_password" => &mut item.password,
            "category" => {
                let text = xml::text(reader, name).trim().to_owned();
                let domain = xml::attribute(attributes, "domain").unwrap_or_default();
                if !text.is_empty() && !is_no_category(&text) {
                    if domain == "post_tag" { item.tags.push(text) } else { item.categories.push(text) }
                }
                return;
            }
            _ => return xml::skip(reader, name),
        };
        *slot = xml::text(reader, name);
    });
    item
}

fn is_no_category(name: &str) -> bool {
    matches!(name.to_ascii_lowercase().as_str(), "uncategorized" | "未分类" | "未分類")
}

fn article(path: &str, item: Item, learned: &Boilerplate) -> Imported {
    let mut warnings = Vec::new();
    let body = without_blocks(&item.content);
    let removed = removed_codes(&item.content, item.line);
    let mut imported = entry::read(path, &body, item.line, learned);
    imported.removed.extend(removed);
    imported.title = Some(item.title.trim().to_owned()).filter(|title| !title.is_empty()).or(imported.title);
    let local = item.date.trim();
    imported.date = [local, item.date_gmt.trim(), item.published.trim()]
        .iter()
        .filter(|written| !written.is_empty() && !written.starts_with("0000"))
        .find_map(|written| date::field(written).ok());
    if imported.date.is_none() {
        warnings.push(
            Diagnostic::warning("import-date", path, format!("`{}` has no date", item.title))
                .at(item.line, 1)
                .help("add `date:` to the new article"),
        );
    }
    let creator = item.creator.trim();
    if !names::is_handle(creator) && !names::is_nobody(creator) {
        imported.author = names::people(creator);
    }
    if item.link.contains("://") {
        imported.original_url = Some(item.link.trim().to_owned());
    }
    (imported.tags, imported.categories) = (item.tags, item.categories);
    imported.tags.dedup();
    imported.categories.dedup();
    imported.slug = Some(item.name.trim().to_owned())
        .filter(|slug| slug.len() > 3 && crate::slug::is_valid(slug) && slug.bytes().any(|b| b.is_ascii_alphabetic()));
    if let Some(address) = local_address(&item.link) {
        imported.aliases.push(address);
    }
    let excerpt = item.excerpt.trim();
    if !excerpt.is_empty() && !excerpt.contains('<') {
        imported.extra.insert(Value::from("summary"), Value::from(excerpt));
    }
    if item.status != "publish" && !item.status.is_empty() || !item.password.is_empty() {
        imported.draft = true;
        warnings.push(
            Diagnostic::warning(
                "import-draft",
                path,
                format!("`{}` is not public in WordPress and became a draft", item.title),
            )
            .at(item.line, 1)
            .help("remove `draft: true` to publish it"),
        );
    }
    imported.warnings.extend(warnings);
    imported
}

/// The path of an address, when it is more than a number in a query.
fn local_address(link: &str) -> Option<String> {
    let (_, rest) = link.trim().split_once("://")?;
    let path = &rest[rest.find('/')?..];
    (path.len() > 1 && !path.contains(['?', '#', '%']) && path.is_ascii()).then(|| path.to_owned())
}

/// Makes paragraphs where WordPress would, and drops the comments of its editor and the shortcodes of its plugins.
fn without_blocks(content: &str) -> String {
    let mut out = String::with_capacity(content.len() + 64);
    let mut rest = content;
    while let Some(start) = rest.find("<!--") {
        out.push_str(&rest[..start]);
        let Some(length) = rest[start..].find("-->") else { break };
        if rest[start..start + length].contains("more") && !rest[start..start + length].contains("wp:") {
            out.push_str("\n\n");
        }
        rest = &rest[start + length + 3..];
    }
    out.push_str(rest);
    let out = codes(&out, &mut |_| {});
    paragraphs(&out)
}

/// Splits at blank lines, as WordPress does when it shows text written without tags.
fn paragraphs(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let blocks = ["<p", "<div", "<ul", "<ol", "<table", "<h1", "<h2", "<h3", "<h4", "<blockquote", "<pre", "<figure"];
    let mut out = String::with_capacity(text.len() + 64);
    for block in text.split("\n\n") {
        let start = block.trim_start().to_ascii_lowercase();
        if blocks.iter().any(|tag| start.starts_with(tag)) || text.contains("<pre") {
            out.push_str(block);
            out.push('\n');
        } else if !start.is_empty() {
            out.push_str("<p>");
            out.push_str(&block.trim().replace('\n', "<br>"));
            out.push_str("</p>\n");
        }
    }
    out
}

fn removed_codes(content: &str, line: usize) -> Vec<Removed> {
    let mut removed = Vec::new();
    codes(content, &mut |code| removed.push(Removed { line, text: code.to_owned(), why: "shortcode" }));
    removed
}

/// Takes `[gallery ids="1"]` and the tags around `[caption]…[/caption]` out; text in square brackets stays.
fn codes(text: &str, met: &mut dyn FnMut(&str)) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(start) = rest.find('[') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(']').map_or(rest.len(), |end| end + 1);
        if is_code(&rest[..end]) {
            met(&rest[..end]);
        } else {
            out.push_str(&rest[..end]);
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

fn is_code(text: &str) -> bool {
    const KNOWN: &[&str] = &[
        "caption",
        "gallery",
        "embed",
        "audio",
        "video",
        "playlist",
        "wp_caption",
        "more",
        "nextpage",
        "contact-form",
        "contact-form-7",
        "code",
        "sourcecode",
        "youtube",
        "toc",
        "column",
        "row",
        "button",
        "quote",
        "spoiler",
    ];
    let inner = text.trim_start_matches('[').trim_end_matches(']').trim_start_matches('/');
    let name: String = inner.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).collect();
    let rest = &inner[name.len()..];
    !name.is_empty()
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && text.ends_with(']')
        && (KNOWN.contains(&name.as_str()) || (rest.starts_with(' ') && rest.contains('=')) || name.contains('_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPORT: &str = r#"<?xml version="1.0"?><rss xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>站</title>
<wp:author><wp:author_login>wang</wp:author_login><wp:author_display_name><![CDATA[王小明]]></wp:author_display_name></wp:author>
<item><title>第一篇 &amp; 其他</title><link>https://a.example/2021/hello/</link><dc:creator>wang</dc:creator>
<content:encoded><![CDATA[<!-- wp:paragraph --><p>第一段话，说了一些事情。</p><!-- /wp:paragraph -->
[gallery ids="1,2"] [caption id="a"]<img src="a.jpg" /> 图说[/caption]

第二段没有标签，[注]也要留下。]]></content:encoded><wp:post_date>2021-05-02 08:15:00</wp:post_date><wp:post_type>post</wp:post_type><wp:status>publish</wp:status>
<category domain="category">医疗</category><category domain="post_tag">试用</category><wp:comment><wp:comment_content>沙发</wp:comment_content></wp:comment></item>
<item><title>图</title><wp:post_type>attachment</wp:post_type><wp:status>inherit</wp:status></item>
<item><title>草稿</title><content:encoded>未完的一段话，还没有写好。</content:encoded><wp:post_type>post</wp:post_type><wp:status>draft</wp:status></item></channel></rss>"#;

    #[test]
    fn reads_posts_only() {
        let mut diagnostics = Vec::new();
        let articles = read("a.xml", EXPORT, &Boilerplate::none(), &mut diagnostics);
        assert_eq!(articles.len(), 2, "{diagnostics:?}");
        let first = &articles[0];
        assert_eq!(first.title.as_deref(), Some("第一篇 & 其他"));
        assert_eq!(first.date.as_deref(), Some("2021-05-02T08:15"));
        assert_eq!(
            (first.author.as_slice(), first.tags.as_slice(), first.categories.as_slice()),
            (&["王小明".to_owned()][..], &["试用".to_owned()][..], &["医疗".to_owned()][..])
        );
        assert!(
            first.body.contains("[注]") && !first.body.contains("gallery") && !first.body.contains("沙发"),
            "{}",
            first.body
        );
        assert!(articles[1].draft);
    }
}
