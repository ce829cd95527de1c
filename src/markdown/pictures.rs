//! Pictures of a body: the tags that show them, and what is no picture but counts readers.

use std::borrow::Cow;

use super::html::{Image, Links};
use super::sanitise;

/// How wide a picture is shown: the column of text, or a narrow window less its margins.
const SIZES: &str = "(min-width: 44rem) 40rem, calc(100vw - 2rem)";

/// Writes the tags of pictures, in the order of the body.
#[derive(Default)]
pub(super) struct Pictures {
    /// The first one is likely in view at once; the others are loaded when they come near.
    first_done: bool,
}

impl Pictures {
    /// The tag of a picture; its description in brackets when it is not to be shown.
    pub(super) fn tag(&mut self, links: &dyn Links, url: &str, alt: &str, title: &str, given: Size<'_>) -> String {
        if counts_readers(url) {
            return String::new();
        }
        let mut html = String::new();
        let Some(image) = links.image(url).filter(|image| sanitise::is_safe_url(&image.url)) else {
            if !alt.trim().is_empty() {
                html.push('[');
                sanitise::push_attribute(&mut html, alt);
                html.push(']');
            }
            return html;
        };
        html.push_str("<img src=\"");
        sanitise::push_attribute(&mut html, &image.url);
        html.push('"');
        push_sources(&mut html, &image);
        match image.size {
            Some((width, height)) => html.push_str(&format!(" width=\"{width}\" height=\"{height}\"")),
            None => given.push(&mut html),
        }
        if self.first_done {
            html.push_str(" loading=\"lazy\"");
        }
        self.first_done = true;
        html.push_str(" decoding=\"async\" alt=\"");
        sanitise::push_attribute(&mut html, alt);
        html.push('"');
        if !title.is_empty() {
            html.push_str(" title=\"");
            sanitise::push_attribute(&mut html, title);
            html.push('"');
        }
        html.push('>');
        html
    }

    /// Writes the pictures of cleaned HTML anew, as those of Markdown.
    pub(super) fn rewrite<'h>(&mut self, html: &'h str, links: &dyn Links) -> Cow<'h, str> {
        let mut out = String::new();
        let mut done = 0;
        for (at, _) in html.match_indices("<img ") {
            let (end, _) = sanitise::tag_end(html.as_bytes(), at + 1);
            let of = |name: &str| attribute(&html[at..end], name).unwrap_or_default();
            out.push_str(&html[done..at]);
            let size = Size { width: &of("width"), height: &of("height") };
            out.push_str(&self.tag(links, &of("src"), &of("alt"), &of("title"), size));
            done = end;
        }
        if done == 0 {
            return Cow::Borrowed(html);
        }
        out.push_str(&html[done..]);
        Cow::Owned(out)
    }
}

/// Width and height as raw HTML gives them, or empty.
#[derive(Clone, Copy, Default)]
pub(super) struct Size<'a> {
    width: &'a str,
    height: &'a str,
}

impl Size<'_> {
    fn push(self, html: &mut String) {
        for (name, value) in [("width", self.width), ("height", self.height)] {
            if !value.is_empty() && value.len() < 6 && value.bytes().all(|byte| byte.is_ascii_digit()) {
                html.push_str(&format!(" {name}=\"{value}\""));
            }
        }
    }
}

fn push_sources(html: &mut String, image: &Image<'_>) {
    for (number, (url, width)) in image.sources.iter().enumerate() {
        html.push_str(if number == 0 { " srcset=\"" } else { ", " });
        sanitise::push_attribute(html, url);
        html.push_str(&format!(" {width}w"));
    }
    if !image.sources.is_empty() {
        html.push_str("\" sizes=\"");
        html.push_str(SIZES);
        html.push('"');
    }
}

/// The value of an attribute of a tag, its entities undone; the first one counts, as in browsers.
fn attribute(tag: &str, wanted: &str) -> Option<String> {
    let mut rest = tag.trim_start_matches('<').trim_start_matches(|c: char| c.is_ascii_alphanumeric());
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() || rest.starts_with('>') {
            return None;
        }
        let name_end =
            rest.find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>' | '/')).unwrap_or(rest.len());
        let (name, after) = rest.split_at(name_end.max(1));
        let (value, after) = match after.trim_start().strip_prefix('=') {
            Some(given) => value(given.trim_start()),
            None => ("", after),
        };
        if name.eq_ignore_ascii_case(wanted) {
            return Some(undone(value));
        }
        rest = after;
    }
}

/// A value and what follows it.
fn value(given: &str) -> (&str, &str) {
    let quote = given.chars().next().filter(|c| matches!(c, '"' | '\''));
    match quote {
        Some(quote) => given[1..].split_once(quote).unwrap_or((&given[1..], "")),
        None => given.split_at(given.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(given.len())),
    }
}

/// Text without the entities that attributes need.
fn undone(value: &str) -> String {
    let value = value.replace("&quot;", "\"").replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">");
    value.replace("&nbsp;", "\u{a0}").replace("&amp;", "&")
}

/// The addresses of the pictures in raw HTML.
pub(super) fn addresses(raw: &str) -> impl Iterator<Item = String> {
    let lower = raw.to_ascii_lowercase();
    let places: Vec<usize> = lower.match_indices("<img").map(|(at, _)| at).collect();
    places.into_iter().filter_map(move |at| {
        let (end, _) = sanitise::tag_end(raw.as_bytes(), at + 1);
        attribute(&raw[at..end], "src")
    })
}

/// Drops pictures of raw HTML that nobody is meant to see: one or two pixels wide or high, or hidden.
pub(super) fn drop_hidden(html: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut done = 0;
    let lower = html.to_ascii_lowercase();
    for (at, _) in lower.match_indices("<img").filter(|(at, _)| html.as_bytes().get(at + 4).is_some_and(is_gap)) {
        let (end, _) = sanitise::tag_end(html.as_bytes(), at + 1);
        if at >= done && is_hidden(&html[at..end]) {
            out.push_str(&html[done..at]);
            done = end;
        }
    }
    if done == 0 {
        return Cow::Borrowed(html);
    }
    out.push_str(&html[done..]);
    Cow::Owned(out)
}

fn is_gap(byte: &u8) -> bool {
    byte.is_ascii_whitespace() || *byte == b'/'
}

fn is_hidden(tag: &str) -> bool {
    let tiny = |name| {
        attribute(tag, name).is_some_and(|value| {
            let number = value.trim().trim_end_matches("px");
            matches!(number, "0" | "1" | "2")
        })
    };
    let style: String = attribute(tag, "style").unwrap_or_default().split_whitespace().collect();
    let style = format!(";{}", style.to_ascii_lowercase());
    let hidden = ["display:none", "visibility:hidden", "width:0", "width:1px", "height:0", "height:1px"];
    tiny("width") || tiny("height") || hidden.iter().any(|what| style.contains(&format!(";{what}")))
}

/// Hosts, some with a path, that serve no picture but count who reads. Only what cannot be anything else stands here.
const HOSTS: &[&str] = &[
    "hm.baidu.com",
    "pos.baidu.com",
    "cnzz.com",
    "51.la",
    "google-analytics.com",
    "googletagmanager.com",
    "doubleclick.net",
    "scorecardresearch.com",
    "pixel.wp.com",
    "stats.wordpress.com",
    "feeds.feedburner.com/~r",
    "quantserve.com",
    "beacon.sina.com.cn",
    "pingtcss.qq.com",
    "counter.yadro.ru",
];

/// The last part of addresses that count who reads, on whatever host.
const PAGES: &[&str] = &["matomo.php", "piwik.php", "__utm.gif"];

/// Tells whether an address counts readers.
pub(super) fn counts_readers(url: &str) -> bool {
    let lower = url.to_ascii_lowercase();
    let Some(rest) = ["https://", "http://", "//"].iter().find_map(|scheme| lower.strip_prefix(scheme)) else {
        return false;
    };
    let address = rest.split(['?', '#']).next().unwrap_or_default();
    HOSTS.iter().any(|host| {
        address.match_indices(host).any(|(at, _)| {
            let named = address[..at].ends_with('.') || at == 0;
            named && !address[..at].contains('/') && address[at + host.len()..].starts_with('/')
        })
    }) || PAGES.iter().any(|page| address.rsplit('/').next() == Some(page))
}

#[cfg(test)]
mod tests {
    use super::super::html::render;
    use super::*;

    struct Site;
    impl Links for Site {
        fn link<'a>(&self, written: &'a str) -> Option<Cow<'a, str>> {
            Some(Cow::Borrowed(written))
        }
        fn image<'a>(&self, written: &'a str) -> Option<Image<'a>> {
            (written != "gone.png").then(|| match written {
                "wide.jpg" => Image {
                    url: "w.jpg".into(),
                    size: Some((1600, 900)),
                    sources: vec![("w-480.jpg".into(), 480), ("w.jpg".into(), 1600)],
                },
                other => Image::plain(Cow::Borrowed(other)),
            })
        }
    }

    fn html(body: &str) -> String {
        render(body, None, &Site).html.replace('\n', "")
    }

    #[test]
    fn offers_widths_and_waits_with_the_second() {
        let wide = "<img src=\"w.jpg\" srcset=\"w-480.jpg 480w, w.jpg 1600w\" sizes=\"(min-width: 44rem) 40rem, calc(100vw - 2rem)\" width=\"1600\" height=\"900\"";
        assert_eq!(
            html("![甲](wide.jpg)\n\n![乙](b.png \"丙\")"),
            format!(
                "<p>{wide} decoding=\"async\" alt=\"甲\"></p><p><img src=\"b.png\" loading=\"lazy\" decoding=\"async\" alt=\"乙\" title=\"丙\"></p>"
            )
        );
        // The same from raw HTML, which brings no srcset of its own.
        assert_eq!(
            html("<figure><img SRC='wide.jpg' srcset='x 1x' onload=x alt=甲></figure>"),
            format!("<figure>{wide} decoding=\"async\" alt=\"甲\"></figure>")
        );
        assert_eq!(html("![甲 & “乙”](gone.png)"), "<p>[甲 &amp; “乙”]</p>");
        assert_eq!(html("<b>甲</b><img src=gone.png alt=\"乙<丙\">"), "<p><b>甲</b>[乙&lt;丙]</p>");
    }

    #[test]
    fn drops_what_counts_readers() {
        for hidden in [
            "<img src=\"https://a.example/p.gif\" width=1 height=\"1\">",
            "<img src=\"https://a.example/p.gif\" style=\"position:absolute; width : 1px\">",
            "<IMG style='display: none' src=https://a.example/p.gif>",
            "<img src=\"https://hm.baidu.com/hm.gif?si=1\">",
            "![](https://www.google-analytics.com/__utm.gif?x=1)",
            "![計數](//c.cnzz.com/stat.php)",
            "<img src=\"https://news.example/matomo.php?idsite=1\">",
        ] {
            let html = html(&format!("甲{hidden}乙"));
            assert_eq!(html, "<p>甲乙</p>", "{hidden}");
        }
        for shown in
            ["https://a.example/hm.baidu.com.png", "https://scnzz.com/a.jpg", "https://a.example/1.gif", "51.la/a.png"]
        {
            assert!(html(&format!("![圖]({shown})")).contains("<img"), "{shown}");
        }
        assert!(html("<img src=a.png width=\"10\" height=\"200\" alt>").contains("width=\"10\" height=\"200\""));
    }

    #[test]
    fn finds_addresses_in_raw_html() {
        let found: Vec<String> = addresses("<p><img alt='src=no' src = \"a&amp;b.png\"><IMG src=c.jpg></p>").collect();
        assert_eq!(found, ["a&b.png", "c.jpg"]);
    }
}
