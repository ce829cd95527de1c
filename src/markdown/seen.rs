//! What a reader sees of a body, told piece by piece, and the addresses in it: one walk for both, without making HTML.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::{options, pictures, sanitise, simple};

/// A piece of what a reader sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text of a block or a part of one.
    Text(&'a str),
    /// The text before it and the text behind it are no one stretch: cells of a table, a line that ends, a picture.
    End,
    /// A paragraph, a heading, an item, a row begins.
    Block,
}

/// Calls `each` with what a reader sees, in order, and gives the addresses that [`super::addresses`] gives.
///
/// None when there is raw HTML, which only a sanitiser can judge, or a footnote, which stands elsewhere than it is written:
/// what was told until then is not all.
pub fn seen(body: &str, each: &mut impl FnMut(Piece<'_>)) -> Option<Vec<String>> {
    simple::tell(body, each).or_else(|| parsed(body, each))
}

/// [`seen`] by the parser.
pub(super) fn parsed(body: &str, each: &mut impl FnMut(Piece<'_>)) -> Option<Vec<String>> {
    let mut addresses = Vec::new();
    // Of a picture its description is no text of the page; whether it is shown.
    let mut picture: Option<bool> = None;
    for event in Parser::new_ext(body, options()) {
        match event {
            Event::Start(Tag::Link { dest_url, .. }) => addresses.push(dest_url.into_string()),
            Event::Start(Tag::Image { dest_url, .. }) => {
                picture = picture.or(Some(!pictures::counts_readers(&dest_url)));
                addresses.push(dest_url.into_string());
            }
            Event::Html(raw) | Event::InlineHtml(raw) if sanitise::is_comment(&raw) => {
                addresses.extend(pictures::addresses(&raw));
            }
            Event::Html(_)
            | Event::InlineHtml(_)
            | Event::FootnoteReference(_)
            | Event::Start(Tag::FootnoteDefinition(_)) => return None,
            Event::End(TagEnd::Image) => {
                if picture.take() == Some(true) {
                    each(Piece::End);
                }
            }
            _ if picture.is_some() => {}
            Event::Text(text) | Event::Code(text) => each(Piece::Text(&text)),
            Event::SoftBreak => each(Piece::Text("\n")),
            Event::TaskListMarker(_) => each(Piece::Text("☐ ")),
            Event::Start(tag) => start(&tag).into_iter().for_each(&mut *each),
            Event::End(
                TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::HtmlBlock,
            ) => {}
            _ => each(Piece::End),
        }
    }
    Some(addresses)
}

/// What the beginning of an element is for the text around it.
fn start(tag: &Tag<'_>) -> Option<Piece<'static>> {
    match tag {
        Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::HtmlBlock => None,
        Tag::List(_) | Tag::Table(_) | Tag::TableCell => Some(Piece::End),
        _ => Some(Piece::Block),
    }
}
