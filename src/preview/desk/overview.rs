//! What waits for the editor, and the last decisions.

use std::fmt::Write as _;
use std::sync::PoisonError;

use super::Room;
use super::changes::undo_form;
use super::html::{Section, Text, page};
use crate::preview::response::Response;

pub(super) fn show(room: &Room<'_>) -> Response {
    let words = room.words;
    let mut main = format!("<section>\n<h2>{}</h2>\n<ul class=\"waiting\">\n", words.what_waits);
    let about = [
        (Section::Duplicates, words.about_duplicates),
        (Section::Terms, words.about_terms),
        (Section::Conversion, words.about_conversion),
        (Section::Programs, words.about_programs),
        (Section::Problems, words.about_problems),
    ];
    room.snapshot.look_at_all();
    for (section, about) in about {
        let count = room.snapshot.count(section).unwrap_or(0);
        let none = if count == 0 { " class=\"none\"" } else { "" };
        let _ = writeln!(
            main,
            "<li{none}><a href=\"/_desk/{}\"><strong>{}</strong> <span class=\"count\">{count}</span></a><p>{about}</p></li>",
            section.path(),
            section.name(room)
        );
    }
    let _ = write!(main, "</ul>\n</section>\n<section>\n<h2>{}</h2>\n", words.recent);
    let book = room.book.lock().unwrap_or_else(PoisonError::into_inner);
    let decisions: Vec<String> = book
        .decisions()
        .map(|(number, planned)| {
            format!("<li><span>{}</span>{}</li>\n", Text(&planned.said), undo_form(room, number, &planned.said))
        })
        .collect();
    drop(book);
    if decisions.is_empty() {
        let _ = writeln!(main, "<p class=\"about\">{}</p>", words.no_recent);
    } else {
        let _ = writeln!(main, "<ol class=\"decisions\">\n{}</ol>", decisions.concat());
    }
    main.push_str("</section>\n");
    page(room, 200, Section::Overview, words.overview, &main)
}
