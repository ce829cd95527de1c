//! The frame of the desk's pages. Everything that comes from files is escaped here and nowhere else.

use std::fmt::{self, Display, Formatter};

use super::super::request::encode;
use super::super::response::{HTML, Response};
use super::Room;
use super::words::{fill, tag};

/// Text that is shown, not read as markup.
pub(super) struct Text<T>(pub(super) T);

impl<T: AsRef<str>> Display for Text<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for c in self.0.as_ref().chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c if c.is_control() && !c.is_whitespace() => f.write_str("\u{fffd}")?,
                c => write!(f, "{c}")?,
            }
        }
        Ok(())
    }
}

/// A section of the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Overview,
    Duplicates,
    Terms,
    Conversion,
    Programs,
    Problems,
}

impl Section {
    pub(super) const ALL: [Section; 6] = [
        Section::Overview,
        Section::Duplicates,
        Section::Terms,
        Section::Conversion,
        Section::Programs,
        Section::Problems,
    ];

    /// Its address below the desk.
    pub(super) fn path(self) -> &'static str {
        match self {
            Section::Overview => "",
            Section::Duplicates => "duplicates/",
            Section::Terms => "terms/",
            Section::Conversion => "conversion/",
            Section::Programs => "programs/",
            Section::Problems => "problems/",
        }
    }

    pub(super) fn name(self, room: &Room<'_>) -> &'static str {
        let words = room.words;
        match self {
            Section::Overview => words.overview,
            Section::Duplicates => words.duplicates,
            Section::Terms => words.terms,
            Section::Conversion => words.conversion,
            Section::Programs => words.programs,
            Section::Problems => words.problems,
        }
    }
}

/// A page of the desk.
pub(super) fn page(room: &Room<'_>, status: u16, section: Section, title: &str, main: &str) -> Response {
    let words = room.words;
    let mut nav = String::new();
    for other in Section::ALL {
        let here = if other == section { " aria-current=\"page\"" } else { "" };
        let count = room.count(other).map_or(String::new(), |n| format!(" <span class=\"count\">{n}</span>"));
        nav.push_str(&format!(
            "<li><a href=\"/_desk/{}\"{here}>{}{count}</a></li>",
            other.path(),
            Text(other.name(room))
        ));
    }
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"{lang}\" data-desk>\n<head>\n<meta charset=\"utf-8\">\n<title>{title} – {desk}</title>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <link rel=\"icon\" href=\"/_preview/icon.svg\" type=\"image/svg+xml\">\n<link rel=\"stylesheet\" href=\"/_desk/desk.css\">\n<script src=\"/_desk/desk.js\" defer></script>\n\
         <script src=\"/_preview/live.js?build={build}\" defer></script>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">{skip}</a>\n\
         <header>\n<p class=\"brand\"><a href=\"/_desk/\">{desk}</a> <a class=\"out\" href=\"/\">{to_site}</a></p>\n\
         <nav aria-label=\"{sections}\"><ul>{nav}</ul></nav>\n</header>\n<main id=\"main\" tabindex=\"-1\">\n\
         <p id=\"changed\" role=\"status\" data-words=\"{changed}\" data-show=\"{show}\"></p>\n{flash}<h1>{title}</h1>\n{main}</main>\n\
         <footer><p>{local}</p></footer>\n</body>\n</html>\n",
        lang = tag(room.language),
        title = Text(title),
        desk = words.desk,
        build = Text(&room.build),
        skip = words.skip,
        to_site = words.to_site,
        sections = words.sections,
        changed = words.changed_note,
        show = words.changed_show,
        flash = room.flash(),
        local = words.local,
    );
    Response::own(status, HTML, html)
}

/// A page that says one thing and leads back.
pub(super) fn notice(room: &Room<'_>, status: u16, words: &str, back: &str) -> Response {
    let main = format!(
        "<p class=\"notice\" role=\"alert\">{}</p>\n<p><a class=\"button\" href=\"/_desk/{}\">{}</a></p>\n",
        Text(words),
        Text(back),
        room.words.back
    );
    page(room, status, Section::Overview, room.words.refused, &main)
}

/// A form of the desk, whose fields are `inside`.
pub(super) fn form(room: &Room<'_>, class: &str, hidden: &[(&str, &str)], inside: &str) -> String {
    let mut out = format!(
        "<form method=\"post\" action=\"/_desk/propose\" class=\"{class}\"><input type=\"hidden\" name=\"token\" value=\"{}\">",
        Text(room.token)
    );
    for (name, value) in hidden {
        out.push_str(&format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", Text(value)));
    }
    format!("{out}{inside}</form>\n")
}

/// The name of an article: its title, which leads to its page, and where it stands.
pub(super) fn article(room: &Room<'_>, at: usize) -> String {
    let article = &room.snapshot.written[at].article;
    let date = article.date.map_or(room.words.no_date.to_owned(), |date| date.to_string());
    let source = article.source.as_ref().map_or(room.words.no_source, |source| source.name.as_str());
    format!(
        "<span class=\"title\">{}</span><span class=\"meta\"><span>{}</span> <span>{}</span> <code>{}</code></span>",
        link(room, &article.id, &article.title),
        Text(date),
        Text(source),
        Text(article.path.as_ref()),
    )
}

/// A link to the page of an article in the preview, or its title where it has none.
pub(super) fn link(room: &Room<'_>, id: &str, title: &str) -> String {
    let edition = room.snapshot.config.default_edition();
    match room.pages.address_of(id) {
        Some(address) => {
            format!("<a href=\"/{}/{}\" lang=\"zh\">{}</a>", Text(&edition.id), Text(encode(&address)), Text(title))
        }
        None => format!("<span lang=\"zh\">{}</span>", Text(title)),
    }
}

/// Entries of one page of a list.
pub(super) const PER_PAGE: usize = 20;

/// The part of a list that a page shows, and the links to the others.
pub(super) fn paged<'l, T>(room: &Room<'_>, section: Section, all: &'l [T]) -> (&'l [T], String) {
    let pages = all.len().div_ceil(PER_PAGE).max(1);
    let at = room.query("page").and_then(|page| page.parse().ok()).unwrap_or(1).clamp(1, pages);
    let shown = &all[(at - 1) * PER_PAGE..(at * PER_PAGE).min(all.len())];
    if pages == 1 {
        return (shown, String::new());
    }
    let link = |to: usize, words: &str, rel: &str| {
        format!("<a class=\"button\" rel=\"{rel}\" href=\"/_desk/{}?page={to}\">{words}</a>", section.path())
    };
    let before = if at > 1 { link(at - 1, room.words.previous, "prev") } else { String::new() };
    let after = if at < pages { link(at + 1, room.words.next, "next") } else { String::new() };
    let here = fill(room.words.page_of, &[&at.to_string(), &pages.to_string()]);
    (shown, format!("<nav class=\"pager\" aria-label=\"{here}\">{before}<span>{here}</span>{after}</nav>\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_never_markup() {
        assert_eq!(
            Text("<a href='x' title=\"y\">&\u{7}").to_string(),
            "&lt;a href=&#39;x&#39; title=&quot;y&quot;&gt;&amp;\u{fffd}"
        );
    }
}
