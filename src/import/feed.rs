//! RSS, RDF and Atom files.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::boilerplate::Boilerplate;
use super::{Imported, date, entry, fields, names, xml};
use crate::diagnostic::Diagnostic;

#[derive(Debug, Default)]
struct Item {
    line: usize,
    title: String,
    link: String,
    date: String,
    updated: String,
    author: String,
    source: String,
    content: String,
    summary: String,
    tags: Vec<String>,
}

/// Reads every entry of a feed.
pub(super) fn read(
    path: &str,
    source: &str,
    learned: &Boilerplate,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Imported> {
    let mut reader = xml::reader(source);
    let mut lines = xml::Lines::new(source);
    let (mut articles, mut feed) = (Vec::new(), String::new());
    loop {
        let at = reader.buffer_position();
        match reader.read_event() {
            Ok(Event::Start(start)) => match start.name().as_ref() {
                "item" | "entry" => {
                    let name = start.name().as_ref().to_owned();
                    let item = Item { line: lines.at(at), ..item(&mut reader, &name) };
                    articles.push(article(path, item, &feed, learned));
                }
                "title" if feed.is_empty() => feed = xml::text(&mut reader, "title").trim().to_owned(),
                "image" => xml::skip(&mut reader, "image"),
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
    articles
}

fn item(reader: &mut Reader<&[u8]>, parent: &str) -> Item {
    let mut item = Item::default();
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                let name = start.name().as_ref().to_owned();
                if let ("link", Some(href)) = (name.as_str(), xml::attribute(&start, "href")) {
                    if xml::attribute(&start, "rel").is_none_or(|rel| rel == "alternate") {
                        item.link = href;
                    }
                    xml::skip(reader, &name);
                } else {
                    child(&mut item, &name, reader);
                }
            }
            Ok(Event::Empty(start)) if start.name().as_ref() == "link" => {
                if let (Some(href), true) =
                    (xml::attribute(&start, "href"), xml::attribute(&start, "rel").is_none_or(|rel| rel == "alternate"))
                {
                    item.link = href;
                }
            }
            Ok(Event::Empty(start)) if start.name().as_ref() == "category" => {
                item.tags.extend(xml::attribute(&start, "term"))
            }
            Ok(Event::End(end)) if end.name().as_ref() == parent => return item,
            Ok(Event::Eof) | Err(_) => return item,
            _ => {}
        }
    }
}

fn child(item: &mut Item, name: &str, reader: &mut Reader<&[u8]>) {
    if matches!(name, "category") {
        let text = xml::text(reader, name).trim().to_owned();
        if !text.is_empty() {
            item.tags.push(text);
        }
        return;
    }
    let slot = match name {
        "title" => &mut item.title,
        "link" => &mut item.link,
        "pubDate" | "published" | "dc:date" | "issued" => &mut item.date,
        "updated" | "modified" => &mut item.updated,
        "author" | "dc:creator" => &mut item.author,
        "source" | "dc:source" => &mut item.source,
        "content:encoded" | "content" => &mut item.content,
        "description" | "summary" => &mut item.summary,
        _ => return xml::skip(reader, name),
    };
    let text = xml::text(reader, name);
    if slot.is_empty() {
        *slot = text;
    }
}

fn article(path: &str, item: Item, feed: &str, learned: &Boilerplate) -> Imported {
    let whole = if item.content.trim().is_empty() { &item.summary } else { &item.content };
    let mut imported = entry::read(path, whole, item.line, learned);
    let title = without_tags(&item.title);
    imported.title = Some(title).filter(|title| !title.is_empty());
    let stated = [&item.date, &item.updated].into_iter().find_map(|written| date::field(written.trim()).ok());
    imported.date = stated.or(imported.date);
    let author = without_tags(&item.author);
    let author = author.rsplit_once('(').map_or(author.as_str(), |(_, name)| name.trim_end_matches(')'));
    if imported.author.is_empty() && !names::is_handle(author) && !author.contains('@') && !names::is_nobody(author) {
        imported.author = names::people(author);
    }
    let source = fields::source(&without_tags(&item.source));
    let of_feed =
        feed.split([' ', '-', '_', '|', '–']).next().and_then(fields::source).filter(|name| names::is_media(name));
    imported.source = source.or(imported.source).or(of_feed);
    if item.link.contains("://") {
        imported.original_url = Some(item.link.trim().to_owned());
    }
    if imported.tags.is_empty() {
        imported.tags = item.tags;
    }
    if item.content.trim().is_empty() {
        imported.warnings.push(
            Diagnostic::warning(
                "import-excerpt",
                path,
                format!("the feed holds only a summary of `{}`", imported.title.clone().unwrap_or_default()),
            )
            .at(item.line, 1)
            .help("import the page itself for the whole text"),
        );
    }
    imported
}

/// The text of a field, tags left out and entities resolved once more: feeds escape twice.
fn without_tags(text: &str) -> String {
    let (mut out, mut tag) = (String::new(), false);
    for c in text.chars() {
        match c {
            '<' => tag = true,
            '>' if tag => {
                tag = false;
                out.push(' ');
            }
            c if !tag => out.push(c),
            _ => {}
        }
    }
    let out = out
        .replace("&amp;", "&")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&nbsp;", " ");
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_rss_and_atom() {
        let rss = "<rss><channel><title>某城日报 科技</title><item><title>题&lt;b&gt;目&lt;/b&gt;一</title><link>https://a.example/1</link>\
            <pubDate>Thu, 02 May 2024 00:15:00 +0000</pubDate><description><![CDATA[<p>一段话，说了一些事情，到此为止。</p>]]></description></item></channel></rss>";
        let atom = "<feed xmlns='a'><title>某城日报</title><entry><title>题目二</title><link rel='alternate' href='https://a.example/2'/>\
            <published>2024-05-02T08:15:00+08:00</published><author><name>王小明</name></author>\
            <content type='html'>&lt;p&gt;另一段话，也说了一些事情，到此为止。&lt;/p&gt;</content></entry></feed>";
        let first = &read("a.xml", rss, &Boilerplate::none(), &mut Vec::new())[0];
        assert_eq!(first.title.as_deref(), Some("题 目 一"));
        assert_eq!(
            (first.date.as_deref(), first.source.as_deref()),
            (Some("2024-05-02T08:15+08:00"), Some("某城日报"))
        );
        assert_eq!(first.body, "一段话，说了一些事情，到此为止。\n");
        let second = &read("a.xml", atom, &Boilerplate::none(), &mut Vec::new())[0];
        assert_eq!((second.title.as_deref(), second.author.as_slice()), (Some("题目二"), &["王小明".to_owned()][..]));
        assert_eq!(second.original_url.as_deref(), Some("https://a.example/2"));
        assert_eq!(second.body, "另一段话，也说了一些事情，到此为止。\n");
    }
}
