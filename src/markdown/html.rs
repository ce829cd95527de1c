//! Markdown events to HTML.

use std::borrow::Cow;

use pulldown_cmark::{Alignment, CowStr, Event, HeadingLevel, LinkType, Parser, Tag, TagEnd};

use super::notes::Notes;
use super::pictures::{self, Pictures, Size};
use super::{below_h1, options, sanitise, simple};

/// Sanitised HTML of a body.
pub type Html = String;

/// Turns the addresses written in a body into those of the site.
pub trait Links {
    /// The address a link leads to; none leaves the text without a link.
    fn link<'a>(&self, written: &'a str) -> Option<Cow<'a, str>>;

    /// The address of a picture with its width and height, if known; none leaves its description only.
    fn image<'a>(&self, written: &'a str) -> Option<Image<'a>>;
}

/// A picture as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image<'a> {
    /// The address.
    pub url: Cow<'a, str>,
    /// Width and height in pixels.
    pub size: Option<(u32, u32)>,
    /// Addresses of the picture in several widths, the smallest first; empty when there is one only.
    pub sources: Vec<(String, u32)>,
}

impl<'a> Image<'a> {
    /// A picture of which only the address is known.
    pub fn plain(url: Cow<'a, str>) -> Self {
        Image { url, size: None, sources: Vec::new() }
    }
}

/// A body as HTML.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// The sanitised HTML.
    pub html: Html,
    /// Raw HTML was nested too deeply and is shown as text.
    pub raw_shown: bool,
    /// Tags of raw HTML were too long, or had too many attributes, and are left out.
    pub tags_dropped: bool,
}

/// Renders a body.
///
/// `drop_heading` is the title when the first heading repeats it; headings begin at `h2`.
pub fn render(body: &str, drop_heading: Option<&str>, links: &dyn Links) -> Rendered {
    if drop_heading.is_none()
        && let Some(html) = simple::render(body, links)
    {
        debug_assert_eq!(simple::render(body, &AsWritten), Some(parsed(body, None, &AsWritten).html), "{body}");
        return Rendered { html, ..Rendered::default() };
    }
    parsed(body, drop_heading, links)
}

/// Leaves addresses as they are.
struct AsWritten;

impl Links for AsWritten {
    fn link<'a>(&self, written: &'a str) -> Option<Cow<'a, str>> {
        Some(Cow::Borrowed(written))
    }

    fn image<'a>(&self, written: &'a str) -> Option<Image<'a>> {
        Some(Image::plain(Cow::Borrowed(written)))
    }
}

/// [`render`] by the Markdown parser.
pub(super) fn parsed(body: &str, drop_heading: Option<&str>, links: &dyn Links) -> Rendered {
    let mut events: Vec<Event<'_>> = Parser::new_ext(body, options()).collect();
    if let Some(title) = drop_heading {
        drop_first_heading(&mut events, title);
    }
    let raw = sanitise::judge_raw(&events);
    let shift = events.iter().any(|event| matches!(event, Event::Start(Tag::Heading { level: HeadingLevel::H1, .. })));
    let mut writer = Writer {
        links,
        shift,
        raw,
        out: Vec::with_capacity(events.len()),
        image: None,
        link_depth: Vec::new(),
        notes: Notes::default(),
        pictures: Pictures::default(),
        table: Table::default(),
    };
    for event in events {
        writer.push(event);
    }
    let Writer { out, notes, mut pictures, .. } = writer;
    let mut html = String::with_capacity(body.len() * 3 / 2);
    notes.write(out, &mut html);
    let mut tags_dropped = false;
    if raw == sanitise::Raw::Clean {
        let short = sanitise::drop_long_tags(&html);
        tags_dropped = matches!(short, Cow::Owned(_));
        html = sanitise::clean(&pictures::drop_hidden(&short));
        if let Cow::Owned(anew) = pictures.rewrite(&html, links) {
            html = anew;
        }
    }
    Rendered { html, raw_shown: raw == sanitise::Raw::TooDeep, tags_dropped }
}

/// Drops the first heading when it says what the page's title says.
fn drop_first_heading(events: &mut Vec<Event<'_>>, title: &str) {
    let Some(start) = events.iter().position(|event| matches!(event, Event::Start(_))) else { return };
    if !matches!(events[start], Event::Start(Tag::Heading { .. })) {
        return;
    }
    let Some(end) = events.iter().position(|event| matches!(event, Event::End(TagEnd::Heading(_)))) else { return };
    let text: String = events[start..end]
        .iter()
        .filter_map(|event| match event {
            Event::Text(part) | Event::Code(part) => Some(part.as_ref()),
            _ => None,
        })
        .collect();
    let same = |text: &str| text.split_whitespace().collect::<String>();
    if same(&text) == same(title) {
        events.drain(start..=end);
    }
}

struct Writer<'a, 'l> {
    links: &'l dyn Links,
    shift: bool,
    raw: sanitise::Raw,
    out: Vec<Event<'a>>,
    image: Option<Picture>,
    link_depth: Vec<bool>,
    notes: Notes,
    pictures: Pictures,
    table: Table,
}

/// Where the writer stands in a table.
#[derive(Default)]
struct Table {
    alignments: Vec<Alignment>,
    column: usize,
    head: bool,
}

impl Table {
    fn cells(&self) -> Cells {
        if self.head { Cells::Head } else { Cells::Body }
    }

    /// The tag that opens the next cell.
    fn open_cell(&mut self) -> &'static str {
        let alignment = self.alignments.get(self.column).copied().unwrap_or(Alignment::None);
        self.column += 1;
        self.cells().open(alignment)
    }
}

/// Cells of a table.
#[derive(Clone, Copy)]
pub(super) enum Cells {
    Head,
    Body,
}

impl Cells {
    /// The tag that opens a cell: its alignment is a class, since pages allow no inline style.
    pub(super) fn open(self, alignment: Alignment) -> &'static str {
        match (self, alignment) {
            (Cells::Head, Alignment::Right) => "<th class=\"right\">",
            (Cells::Head, Alignment::Center) => "<th class=\"center\">",
            (Cells::Head, _) => "<th>",
            (Cells::Body, Alignment::Right) => "<td class=\"right\">",
            (Cells::Body, Alignment::Center) => "<td class=\"center\">",
            (Cells::Body, _) => "<td>",
        }
    }

    pub(super) fn close(self) -> &'static str {
        match self {
            Cells::Head => "</th>",
            Cells::Body => "</td>",
        }
    }
}

struct Picture {
    url: String,
    alt: String,
    title: String,
}

/// A picture as it was written.
fn plain_picture(url: &str, alt: &str, title: &str) -> String {
    let mut html = String::new();
    for (open, value) in [("<img src=\"", url), (" alt=\"", alt), (" title=\"", title)] {
        html.push_str(open);
        sanitise::push_attribute(&mut html, value);
        html.push('"');
    }
    html.push('>');
    html
}

/// The tag that opens a link; none when it leads nowhere, or where no link may lead.
pub(super) fn open_link(links: &dyn Links, url: &str, title: &str) -> Option<String> {
    link_tag(&links.link(url)?, title)
}

fn link_tag(target: &str, title: &str) -> Option<String> {
    if !sanitise::is_safe_url(target) {
        return None;
    }
    let mut html = String::from("<a href=\"");
    sanitise::push_attribute(&mut html, target);
    html.push('"');
    if !title.is_empty() {
        html.push_str(" title=\"");
        sanitise::push_attribute(&mut html, title);
        html.push('"');
    }
    if sanitise::is_external(target) {
        html.push_str(" rel=\"noopener nofollow\"");
    }
    html.push('>');
    Some(html)
}

impl<'a> Writer<'a, '_> {
    fn push(&mut self, event: Event<'a>) {
        if self.image.is_some() {
            return self.describe(event);
        }
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                let level = below_h1(level, self.shift);
                self.out.push(Event::Start(Tag::Heading { level, id: None, classes: Vec::new(), attrs: Vec::new() }));
            }
            Event::End(TagEnd::Heading(level)) => {
                self.out.push(Event::End(TagEnd::Heading(below_h1(level, self.shift))))
            }
            Event::Start(Tag::Table(alignments)) => {
                self.table = Table { alignments: alignments.clone(), ..Table::default() };
                self.out.push(Event::Start(Tag::Table(alignments)));
            }
            Event::Start(row @ (Tag::TableHead | Tag::TableRow)) => {
                self.table.column = 0;
                self.table.head = row == Tag::TableHead;
                self.out.push(Event::Start(row));
            }
            Event::Start(Tag::TableCell) => self.out.push(Event::InlineHtml(self.table.open_cell().into())),
            Event::End(TagEnd::TableCell) => {
                self.out.push(Event::InlineHtml(self.table.cells().close().into()));
            }
            Event::Start(Tag::Link { link_type, dest_url, title, .. }) => self.open_link(link_type, &dest_url, &title),
            Event::End(TagEnd::Link) => {
                if self.link_depth.pop().unwrap_or(false) {
                    self.out.push(Event::InlineHtml("</a>".into()));
                }
            }
            Event::Start(Tag::Image { dest_url, title, .. }) => {
                self.image =
                    Some(Picture { url: dest_url.into_string(), alt: String::new(), title: title.into_string() });
            }
            Event::Html(raw) | Event::InlineHtml(raw) => self.raw(raw),
            Event::FootnoteReference(name) => {
                let html = self.notes.reference(&name);
                self.out.push(Event::InlineHtml(html.into()));
            }
            Event::TaskListMarker(done) => {
                // A checkbox without a form is a control without a name; a sign says the same.
                self.out.push(Event::InlineHtml(if done {
                    "<span class=\"task\">☑</span> ".into()
                } else {
                    "<span class=\"task\">☐</span> ".into()
                }));
            }
            other => self.out.push(other),
        }
    }

    fn open_link(&mut self, kind: LinkType, url: &str, title: &str) {
        let tag = match kind {
            LinkType::Email => link_tag(&format!("mailto:{url}"), title),
            _ => open_link(self.links, url, title),
        };
        self.link_depth.push(tag.is_some());
        self.out.extend(tag.map(|html| Event::InlineHtml(html.into())));
    }

    /// Gathers the description of a picture until it ends.
    fn describe(&mut self, event: Event<'a>) {
        match event {
            Event::End(TagEnd::Image) => {
                if let Some(picture) = self.image.take() {
                    self.close_image(&picture);
                }
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some(picture) = &mut self.image {
                    picture.alt.push_str(&text);
                }
            }
            _ => {}
        }
    }

    fn close_image(&mut self, picture: &Picture) {
        let Picture { url, alt, title } = picture;
        let html = match self.raw {
            // The allow-list comes first and knows only plain pictures; they are written anew after it.
            sanitise::Raw::Clean => plain_picture(url, alt, title),
            _ => self.pictures.tag(self.links, url, alt, title, Size::default()),
        };
        self.out.push(Event::InlineHtml(html.into()));
    }

    fn raw(&mut self, raw: CowStr<'a>) {
        match self.raw {
            sanitise::Raw::TooDeep => self.out.push(Event::Text(raw)),
            _ if sanitise::is_comment(&raw) => {}
            _ => self.out.push(Event::InlineHtml(raw)),
        }
    }
}
