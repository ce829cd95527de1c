//! Markdown: plain text for summaries, safe HTML for pages.
//!
//! Knows no stage. HTML leaves here sanitised: raw HTML of an article passes an allow-list as the last step, addresses
//! are checked one by one, and what is nested too deeply for a sanitiser is shown as text.

mod html;
mod notes;
mod pictures;
mod sanitise;
mod seen;
mod simple;

pub use html::{Html, Image, Links, Rendered, render};
pub use sanitise::is_safe_url;
pub use seen::{Piece, seen};

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// The Markdown that articles may use: CommonMark with tables, footnotes, strikethrough and task lists.
pub fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS
}

/// The mark that ends a summary.
pub const MORE: &str = "<!-- more -->";

/// Plain text as Markdown that shows it unchanged.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_punctuation() {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The addresses of links and pictures of a body, as written.
pub fn addresses(body: &str) -> Vec<String> {
    if !may_hold_addresses(body) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for event in Parser::new_ext(body, options()) {
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                found.push(dest_url.into_string())
            }
            Event::Html(raw) | Event::InlineHtml(raw) => found.extend(pictures::addresses(&raw)),
            _ => {}
        }
    }
    found
}

/// Tells whether a body can hold a link or a picture: a `<` other than that of [`MORE`], or a `]` behind which an address or
/// the definition of one may begin.
fn may_hold_addresses(body: &str) -> bool {
    let bytes = body.as_bytes();
    memchr::memchr2_iter(b'<', b']', bytes).any(|at| match bytes[at] {
        b'<' => !bytes[at..].starts_with(MORE.as_bytes()),
        _ => matches!(bytes.get(at + 1), Some(b'(' | b':')),
    })
}

/// Text of the first heading, if the body begins with one.
pub fn first_heading(body: &str) -> Option<String> {
    let head = clip_to_paragraphs(body, 4000);
    let mut events = Parser::new_ext(head, options());
    match events
        .find(|event| !matches!(event, Event::Html(_) | Event::Start(Tag::HtmlBlock) | Event::End(TagEnd::HtmlBlock)))
    {
        Some(Event::Start(Tag::Heading { .. })) => {}
        _ => return None,
    }
    let mut text = String::new();
    for event in events {
        match event {
            Event::End(TagEnd::Heading(_)) => break,
            Event::Text(part) | Event::Code(part) => text.push_str(&part),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            _ => {}
        }
    }
    Some(one_line(&text))
}

/// The first sentence of the text, at most `most` characters.
pub fn first_sentence(body: &str, most: usize) -> String {
    let text = one_line(&plain(body, most * 4));
    let end =
        text.char_indices().find(|(_, c)| matches!(c, '。' | '！' | '？' | '；')).map_or(text.len(), |(at, _)| at);
    let clause: String = text[..end].chars().take(most).collect();
    if clause.chars().count() < most {
        return clause;
    }
    // A clause is a better title than a sentence cut in the middle of a word.
    match clause.char_indices().filter(|(_, c)| matches!(c, '，' | ',' | '、')).map(|(at, _)| at).next_back() {
        Some(at) if at > most => clause[..at].to_owned(),
        _ => clause,
    }
}

/// The text of a body without its marks, at most about `most` characters: paragraphs end in a line end.
pub fn plain(body: &str, most: usize) -> String {
    // Four bytes of Markdown a character, and some for marks, bound the work on a long body.
    let head = clip_to_paragraphs(body, most.saturating_mul(8).max(4000));
    let mut text = String::new();
    let mut count = 0;
    let mut skip = 0usize;
    for event in Parser::new_ext(head, options()) {
        if count >= most {
            break;
        }
        match event {
            Event::Start(Tag::CodeBlock(_) | Tag::Image { .. } | Tag::FootnoteDefinition(_) | Tag::Table(_)) => {
                skip += 1
            }
            Event::End(TagEnd::CodeBlock | TagEnd::Image | TagEnd::FootnoteDefinition | TagEnd::Table) => {
                skip = skip.saturating_sub(1);
            }
            Event::Text(part) | Event::Code(part) if skip == 0 => {
                count += part.chars().count();
                text.push_str(&part);
            }
            // The reading of a ruby stands over its character, not after it.
            Event::InlineHtml(tag) if tag.starts_with("<rt") || tag.starts_with("<rp") => skip += 1,
            Event::InlineHtml(tag) if tag.starts_with("</rt") || tag.starts_with("</rp") => {
                skip = skip.saturating_sub(1)
            }
            Event::SoftBreak | Event::HardBreak if skip == 0 => push_break(&mut text),
            Event::End(TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item) if skip == 0 => text.push('\n'),
            _ => {}
        }
    }
    text
}

/// A line end inside a Chinese paragraph is nothing; between Latin words it is a space.
fn push_break(text: &mut String) {
    if text.chars().next_back().is_some_and(|c| c.is_ascii_graphic()) {
        text.push(' ');
    }
}

/// What a list shows of an article: its own summary's text, else what stands before [`MORE`], else its beginning.
pub fn summary(body: &str, most: usize) -> String {
    let head = body.find(MORE).map(|at| &body[..at]).filter(|head| !head.trim().is_empty());
    let text = plain(head.unwrap_or(body), most + 80);
    let mut out = String::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        out.push_str(line);
        if out.chars().count() >= most / 2 {
            break;
        }
    }
    clip_sentence(&out, most)
}

/// Cuts at the last full stop before `most` characters, else with an ellipsis.
fn clip_sentence(text: &str, most: usize) -> String {
    let Some((cut, _)) = text.char_indices().nth(most) else { return text.to_owned() };
    let head = &text[..cut];
    match head.char_indices().rfind(|(_, c)| matches!(c, '。' | '！' | '？')) {
        Some((at, stop)) if at > cut / 2 => head[..at + stop.len_utf8()].to_owned(),
        _ => format!("{head}…"),
    }
}

/// How many characters a reader reads: Chinese characters one by one, Latin words and numbers as one each.
pub fn reading_length(body: &str) -> usize {
    let bytes = body.as_bytes();
    let (Some(&last), [_, after @ ..]) = (bytes.last(), bytes) else { return 0 };
    // By the bytes of UTF-8, so that many are looked at at a time; none of the last character's begins a Chinese one.
    let blocks = bytes[..after.len()].chunks(128).zip(after.chunks(128));
    let counted: usize = blocks.map(|(these, next)| usize::from(counted(these, next))).sum();
    // Rare characters of the second and third plane.
    let far =
        memchr::memchr_iter(0xf0, bytes).filter(|&at| matches!(bytes.get(at + 1..at + 4), Some(tail) if is_far(tail)));
    counted + usize::from(last.is_ascii_alphanumeric()) + far.count()
}

/// How many of some bytes, fewer than 256, count, each with the one behind it.
#[inline]
fn counted(these: &[u8], next: &[u8]) -> u8 {
    these.iter().zip(next).map(|(&this, &next)| u8::from(is_ideograph(this, next) | ends_word(this, next))).sum()
}

/// Tells whether two bytes begin a Chinese character of the first plane: U+3400 to U+9FFF or U+F900 to U+FAFF.
#[inline]
fn is_ideograph(this: u8, next: u8) -> bool {
    (0xe4..=0xe9).contains(&this) | (this == 0xe3) & (next >= 0x90) | (this == 0xef) & (0xa4..=0xab).contains(&next)
}

/// Tells whether three bytes behind 0xF0 are a character from U+20000 to U+323AF.
fn is_far(tail: &[u8]) -> bool {
    ([0xa0, 0x80, 0x80].as_slice()..=[0xb2, 0x8e, 0xaf].as_slice()).contains(&tail)
}

/// Tells whether a Latin word or a number ends between two bytes.
#[inline]
fn ends_word(this: u8, next: u8) -> bool {
    let word = |byte: u8| (byte.is_ascii_digit()) | ((byte | 0x20).wrapping_sub(b'a') < 26);
    word(this) & !word(next)
}

/// At most `most` bytes, cut at a paragraph, else at a character.
fn clip_to_paragraphs(body: &str, most: usize) -> &str {
    if body.len() <= most {
        return body;
    }
    let mut end = most;
    while !body.is_char_boundary(end) {
        end -= 1;
    }
    match body[..end].rfind("\n\n") {
        Some(at) if at > 0 => &body[..at],
        _ => &body[..end],
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Moves a heading of a body below the page's own `h1`.
pub(crate) fn below_h1(level: HeadingLevel, shift: bool) -> HeadingLevel {
    match (level, shift) {
        (HeadingLevel::H1, _) => HeadingLevel::H2,
        (HeadingLevel::H2, true) => HeadingLevel::H3,
        (HeadingLevel::H3, true) => HeadingLevel::H4,
        (HeadingLevel::H4, true) => HeadingLevel::H5,
        (HeadingLevel::H5, true) => HeadingLevel::H6,
        (level, _) => level,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_titles() {
        assert_eq!(first_heading("# 甲 *乙*\n\n丙").as_deref(), Some("甲 乙"));
        assert_eq!(first_heading("甲\n\n# 乙"), None);
        assert_eq!(first_sentence("蘭州今日宣布。第二句。", 40), "蘭州今日宣布");
        assert_eq!(first_sentence("", 40), "");
    }

    #[test]
    fn summarises() {
        assert_eq!(summary("甲。\n\n<!-- more -->\n\n乙。", 100), "甲。");
        let long = "一二三四五六七八九十。".repeat(20);
        assert!(summary(&long, 100).ends_with('。') && summary(&long, 100).chars().count() <= 100);
        assert_eq!(plain("甲\n乙 `c` ![圖](x)\n\n    code", 100), "甲乙 c \n");
    }

    #[test]
    fn counts_what_is_read() {
        assert_eq!(reading_length("蘭州 2019 AI!"), 4);
        assert_eq!(["", "a", "字", "\u{1ffff}\u{20000}\u{323af}\u{323b0}"].map(reading_length), [0, 1, 1, 2]);
        assert_eq!(reading_length("\u{33ff}\u{3400}\u{9fff}\u{a000}\u{f8ff}\u{f900}\u{faff}\u{fb00}"), 4);
    }

    #[test]
    fn looks_for_addresses_where_one_can_be() {
        let none = "甲[乙]\n\n<!-- more -->\n\n- [x] 丙 [^1]";
        assert!(!may_hold_addresses(none) && addresses(none).is_empty());
        for body in ["[甲](/a)", "[甲]\n\n[甲]: /a", "<https://a.example>", "![](/a)<!-- more -->"] {
            assert_eq!(addresses(body).len(), 1, "{body}");
        }
    }

    proptest::proptest! {
        #[test]
        fn counts_as_by_characters(body in "[a-zA-Z0-9 ,\u{33f0}-\u{3410}\u{9ff0}-\u{a010}\u{f8f0}-\u{fb10}\u{1fff0}-\u{20010}\u{323a0}-\u{323b9}]{0,40}") {
            let (mut count, mut in_word) = (0, false);
            for c in body.chars() {
                let cjk = matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}');
                let word = c.is_ascii_alphanumeric();
                count += usize::from(cjk || word && !in_word);
                in_word = word;
            }
            proptest::prop_assert_eq!(reading_length(&body), count);
        }

        #[test]
        fn skips_only_bodies_without_addresses(body in "[\\[\\]()<>:!a/ \n甲-]{0,40}") {
            let found = Parser::new_ext(&body, options())
                .any(|event| matches!(event, Event::Start(Tag::Link { .. } | Tag::Image { .. })));
            proptest::prop_assert!(!found || may_hold_addresses(&body));
        }
    }
}
