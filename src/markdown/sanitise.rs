//! The allow-list that raw HTML of articles passes as the last step.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::Event;

/// What the raw HTML of a body needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Raw {
    /// There is none: the Markdown writer's own output is safe.
    None,
    /// It is cleaned by the allow-list.
    Clean,
    /// It is nested so deeply that cleaning would take quadratic time; it is shown as text.
    TooDeep,
}

/// The deepest nesting of raw tags that is cleaned. Real pages stay below 30.
const DEEPEST: usize = 200;

/// The most raw tags in one body. A page of tables has some thousands.
const MOST_TAGS: usize = 20_000;

/// Looks at the raw HTML of a body before it is written.
pub(super) fn judge_raw(events: &[Event<'_>]) -> Raw {
    let mut raw = Raw::None;
    let mut depth = 0usize;
    let mut tags = 0usize;
    for event in events {
        let (Event::Html(text) | Event::InlineHtml(text)) = event else { continue };
        // A comment never reaches the page, so it needs no cleaning: most bodies hold `<!-- more -->` and no other tag.
        if is_comment(text) {
            continue;
        }
        raw = Raw::Clean;
        for (at, _) in text.match_indices('<') {
            tags += 1;
            match text.as_bytes().get(at + 1) {
                Some(b'/') => depth = depth.saturating_sub(1),
                Some(b'a'..=b'z' | b'A'..=b'Z') if !is_void(&text[at + 1..]) => depth += 1,
                _ => {}
            }
            if depth > DEEPEST || tags > MOST_TAGS {
                return Raw::TooDeep;
            }
        }
    }
    raw
}

/// Tells whether a piece of raw HTML begins and ends as a comment does; all of it is left out then.
pub(super) fn is_comment(raw: &str) -> bool {
    let raw = raw.trim();
    raw.starts_with("<!--") && raw.ends_with("-->")
}

/// Tells whether a tag stands alone (`<br>`, `<img …>`).
fn is_void(tag: &str) -> bool {
    let name: String =
        tag.chars().take_while(char::is_ascii_alphanumeric).take(8).collect::<String>().to_ascii_lowercase();
    matches!(
        name.as_str(),
        "br" | "hr" | "img" | "wbr" | "col" | "source" | "track" | "input" | "meta" | "link" | "area"
    )
}

/// Tags an article may bring.
const TAGS: &[&str] = &[
    "a",
    "abbr",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "rb",
    "rp",
    "rt",
    "rtc",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "wbr",
];

/// Classes that the renderer itself writes.
const CLASSES: &[&str] = &["note-ref", "note-back", "footnotes", "task", "right", "center"];

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(TAGS.iter().copied().collect())
        .clean_content_tags(
            [
                "script", "style", "noscript", "template", "iframe", "object", "textarea", "title", "select", "svg",
                "math",
            ]
            .into_iter()
            .collect(),
        )
        .generic_attributes(["lang", "title", "dir"].into_iter().collect())
        .url_schemes(["http", "https", "mailto", "tel"].into_iter().collect())
        .url_relative(UrlRelative::PassThrough)
        .link_rel(Some("noopener nofollow"))
        .strip_comments(true);
    for (tag, attributes) in [
        ("a", &["href", "id", "class"][..]),
        ("img", &["src", "alt", "width", "height", "loading"]),
        ("td", &["colspan", "rowspan", "class"]),
        ("th", &["colspan", "rowspan", "scope", "class"]),
        ("ol", &["start", "type", "reversed"]),
        ("li", &["id", "value"]),
        ("time", &["datetime"]),
        ("details", &["open"]),
        ("code", &["class"]),
        ("sup", &["class"]),
        ("section", &["class"]),
        ("span", &["class"]),
        ("col", &["span"]),
        ("colgroup", &["span"]),
        ("blockquote", &["cite"]),
        ("q", &["cite"]),
        ("ins", &["datetime"]),
        ("del", &["datetime"]),
    ] {
        builder.add_tag_attributes(tag, attributes);
    }
    builder.attribute_filter(keep_attribute);
    builder
});

/// Keeps only the ids and classes that this program writes, and only plain sizes.
fn keep_attribute<'u>(_element: &str, attribute: &str, value: &'u str) -> Option<Cow<'u, str>> {
    let keep = match attribute {
        "id" => value
            .strip_prefix("fn-")
            .or_else(|| value.strip_prefix("fnref-"))
            .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b == b'-')),
        "class" => {
            CLASSES.contains(&value)
                || value.strip_prefix("language-").is_some_and(|name| {
                    name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_' || b == b'+')
                })
        }
        "width" | "height" | "colspan" | "rowspan" | "span" | "start" | "value" => {
            value.len() <= 5 && value.bytes().all(|b| b.is_ascii_digit())
        }
        "href" | "src" | "cite" => is_safe_url(value),
        _ => true,
    };
    keep.then_some(Cow::Borrowed(value))
}

/// The longest tag that is read, in bytes, and the most attributes of one. The parser compares every attribute with
/// every other and reads entities in them in quadratic time. Longer ones are pictures written into their own address,
/// which no article may bring.
const LONGEST_TAG: usize = 8 << 10;
const MOST_ATTRIBUTES: usize = 64;

/// Drops tags that are too long or have too many attributes; the text between tags stays.
pub(super) fn drop_long_tags(html: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut done = 0;
    let mut at = 0;
    while let Some(open) = html[at..].find('<').map(|n| at + n) {
        at = open + 1;
        if !html[at..].trim_start_matches('/').starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let (end, attributes) = tag_end(html.as_bytes(), at);
        if end - open > LONGEST_TAG || attributes > MOST_ATTRIBUTES {
            out.push_str(&html[done..open]);
            done = end;
        }
        at = end;
    }
    if done == 0 && out.is_empty() {
        return Cow::Borrowed(html);
    }
    out.push_str(&html[done..]);
    Cow::Owned(out)
}

/// Where a tag ends, as browsers see it, and how many attributes it has: only after `=` do quotes hide a `>`.
pub(super) fn tag_end(bytes: &[u8], from: usize) -> (usize, usize) {
    let mut attributes = 0;
    let mut quote = None;
    let mut before = b' ';
    for (at, &byte) in bytes.iter().enumerate().skip(from) {
        match quote {
            Some(open) if byte == open => quote = None,
            Some(_) => continue,
            None if byte == b'>' => return (at + 1, attributes),
            None if before == b'=' && matches!(byte, b'"' | b'\'') => quote = Some(byte),
            None if matches!(before, b' ' | b'\n' | b'\t' | b'/' | b'"' | b'\'') && !byte.is_ascii_whitespace() => {
                attributes += 1;
            }
            None => {}
        }
        if !(before == b'=' && byte.is_ascii_whitespace()) {
            before = byte;
        }
    }
    (bytes.len(), attributes)
}

/// Cleans HTML by the allow-list. The result is whole: every element closed, nothing outside the list.
pub(super) fn clean(html: &str) -> String {
    CLEANER.clean(html).to_string()
}

/// Tells whether an address may be followed: http, https, mailto, tel or relative.
///
/// Control characters and blanks inside the scheme are ignored by browsers, so they are ignored here too.
pub fn is_safe_url(url: &str) -> bool {
    let squeezed: String = url
        .chars()
        .filter(|c| !c.is_control() && !c.is_whitespace() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}'))
        .take(64)
        .collect();
    let scheme_end = squeezed.find([':', '/', '?', '#']);
    match scheme_end {
        Some(at) if squeezed.as_bytes()[at] == b':' => {
            let schemes: BTreeSet<&str> = ["http", "https", "mailto", "tel"].into();
            schemes.contains(squeezed[..at].to_ascii_lowercase().as_str())
        }
        _ => true,
    }
}

/// Tells whether an address leaves the site.
pub(super) fn is_external(url: &str) -> bool {
    url.starts_with("http://") || url.starts_with("https://") || url.starts_with("//")
}

/// Writes a value between double quotes.
pub(super) fn push_attribute(out: &mut String, value: &str) {
    for c in value.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown::html::{Image, Links, render};

    struct AsWritten;
    impl Links for AsWritten {
        fn link<'a>(&self, written: &'a str) -> Option<Cow<'a, str>> {
            Some(Cow::Borrowed(written))
        }
        fn image<'a>(&self, written: &'a str) -> Option<Image<'a>> {
            Some(Image::plain(Cow::Borrowed(written)))
        }
    }

    fn html(body: &str) -> String {
        render(body, None, &AsWritten).html
    }

    #[test]
    fn takes_the_harm_out() {
        for body in [
            "<script>alert(1)</script>甲",
            "<img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            "[x](java&#09;script:alert(1))",
            "[x](&#1;javascript:alert(1))",
            "<svg onload=alert(1)>",
            "<a href=\"JaVaScRiPt:alert(1)\">x</a>",
            "<p style=\"position:fixed\">x</p>",
            "<form><button formaction=x>y</button></form>",
            "<p id=\"location\">x</p>",
            "![\" onerror=\"alert(1)](x)",
        ] {
            let html = html(body);
            let plain = html.replace("&quot;", "”");
            for harm in [
                "alert(1)</script",
                "<script",
                "onerror=alert",
                "onerror=\"",
                "javascript:",
                "<svg",
                "style=",
                "<form",
                "formaction",
                "id=\"location",
            ] {
                assert!(!plain.to_lowercase().contains(harm), "{body} -> {html}");
            }
        }
    }

    #[test]
    fn keeps_ordinary_html() {
        let body = "<figure><img src=\"a.png\" alt=\"圖\"><figcaption>說明</figcaption></figure>\n\n<details><summary>問</summary>答</details>\n\n<ruby>漢<rt>hàn</rt></ruby>\n\n<dl><dt>甲</dt><dd>乙</dd></dl>";
        let html = html(body);
        for kept in ["<figure>", "<figcaption>", "<details>", "<summary>", "<ruby>", "<rt>", "<dl>", "<dt>", "<dd>"] {
            assert!(html.contains(kept), "{html}");
        }
    }

    #[test]
    fn numbers_footnotes() {
        let html = html("甲[^b] 乙[^a] 丙[^b]\n\n[^a]: 注一\n[^b]: 注二\n");
        assert!(html.contains("href=\"#fn-1\" id=\"fnref-1\"") && html.contains("id=\"fnref-1-2\""), "{html}");
        assert!(html.find("注二").unwrap() < html.find("注一").unwrap(), "{html}");
    }

    #[test]
    fn puts_headings_below_the_title() {
        assert_eq!(html("# 甲\n\n## 乙").replace('\n', ""), "<h2>甲</h2><h3>乙</h3>");
        assert_eq!(render("# 題\n\n文", Some("題"), &AsWritten).html.trim(), "<p>文</p>");
    }

    #[test]
    fn drops_tags_that_are_too_long() {
        let many: String = (0..100).map(|at| format!(" a{at}")).collect();
        assert_eq!(drop_long_tags(&format!("甲<b{many}>乙</b>丙")), "甲乙</b>丙");
        let long = format!("甲<img src=\"data:,{}>\" alt=x>丙", "x".repeat(9000));
        assert_eq!(drop_long_tags(&long), "甲丙");
        assert_eq!(drop_long_tags(&format!("甲<p title='{}", "x".repeat(9000))), "甲");
        let kept = "<p title=\"a > b\" lang = 'zh'>x</p> 1 < 2 <https://a.example/>";
        assert!(matches!(drop_long_tags(kept), Cow::Borrowed(same) if same == kept));
    }

    #[test]
    fn shows_bombs_as_text() {
        assert!(render(&"<b>".repeat(5000), None, &AsWritten).raw_shown);
    }
}
