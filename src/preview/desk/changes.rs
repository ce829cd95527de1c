//! Plans: what a decision would write, shown before it is written; what was written, and how to undo it.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::{MutexGuard, PoisonError};

use super::Room;
use super::html::{Section, Text, notice, page};
use super::words::fill;
use crate::edits::{self, Change, EditsError};
use crate::preview::response::Response;

/// Plans and decisions that are remembered, each.
const REMEMBERED: usize = 50;

/// What a decision would write.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    /// The decision in words.
    pub(super) said: String,
    /// The files.
    pub(super) changes: Vec<Change>,
    /// The page to go back to, below the desk.
    pub(super) back: String,
    /// The decision that this one undoes.
    pub(super) undoes: Option<u64>,
}

impl Planned {
    pub(super) fn new(said: String, changes: Vec<Change>, back: &str) -> Self {
        Planned { said, changes, back: back.to_owned(), undoes: None }
    }
}

/// Plans that wait for a word, and decisions of this run, the oldest first.
#[derive(Default)]
pub(super) struct Book {
    next: u64,
    plans: VecDeque<(u64, Planned)>,
    written: VecDeque<(u64, Planned)>,
}

fn push(list: &mut VecDeque<(u64, Planned)>, number: u64, planned: Planned) {
    list.push_back((number, planned));
    if list.len() > REMEMBERED {
        list.pop_front();
    }
}

impl Book {
    fn plan(&mut self, planned: Planned) -> u64 {
        self.next += 1;
        push(&mut self.plans, self.next, planned);
        self.next
    }

    fn written(&mut self, number: u64, planned: Planned) {
        self.plans.retain(|(other, _)| *other != number);
        if let Some(undone) = planned.undoes {
            self.written.retain(|(other, _)| *other != undone);
        }
        push(&mut self.written, number, planned);
    }

    /// The decisions that can be undone, the last first.
    pub(super) fn decisions(&self) -> impl Iterator<Item = (u64, &Planned)> {
        self.written
            .iter()
            .rev()
            .filter(|(_, planned)| planned.undoes.is_none())
            .map(|(number, planned)| (*number, planned))
    }

    /// What was just written, with a way back.
    pub(super) fn flash(&self, room: &Room<'_>, number: u64) -> Option<String> {
        let (_, planned) = self.written.iter().find(|(other, _)| *other == number)?;
        let undone = planned.undoes.is_some();
        let words = if undone { room.words.undone } else { room.words.done };
        let undo = if undone { String::new() } else { undo_form(room, number, &planned.said) };
        Some(format!(
            "<div class=\"flash\" role=\"status\"><p>{}</p>{undo}</div>\n",
            Text(fill(words, &[&planned.said]))
        ))
    }
}

/// A button that plans the undoing of a decision.
pub(super) fn undo_form(room: &Room<'_>, number: u64, said: &str) -> String {
    let number = number.to_string();
    let button =
        format!("<button type=\"submit\">{}<span class=\"sr\"> {}</span></button>", room.words.undo, Text(said));
    super::html::form(room, "undo", &[("kind", "undo"), ("number", &number)], &button)
}

fn book<'a>(room: &Room<'a>) -> MutexGuard<'a, Book> {
    room.book.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Plans what a form asks for, and leads to the page that shows it.
pub(super) fn propose(room: &Room<'_>) -> Response {
    let back = room.query("back").unwrap_or_default().to_owned();
    match room.plan() {
        Err(why) => notice(room, 422, &why, &back),
        Ok(planned) if planned.changes.iter().all(|change| change.before == change.after) => {
            notice(room, 422, room.words.nothing_to_change, &planned.back)
        }
        Ok(mut planned) => {
            planned.changes.retain(|change| change.before != change.after);
            let number = book(room).plan(planned);
            Response::redirect(303, &format!("_desk/change?number={number}"))
        }
    }
}

/// Plans to put back what a decision wrote.
pub(super) fn plan_undo(room: &Room<'_>) -> Result<Planned, String> {
    let number: Option<u64> = room.query("number").and_then(|number| number.parse().ok());
    let book = book(room);
    let (number, planned) = book.decisions().find(|(other, _)| Some(*other) == number).ok_or(room.words.gone)?;
    Ok(Planned {
        said: fill(room.words.undoing, &[&planned.said]),
        changes: planned.changes.iter().map(Change::undone).collect(),
        back: planned.back.clone(),
        undoes: Some(number),
    })
}

fn planned(room: &Room<'_>) -> Option<(u64, Planned)> {
    let number: u64 = room.query("number")?.parse().ok()?;
    book(room).plans.iter().find(|(other, _)| *other == number).cloned()
}

/// Shows what a plan would write.
pub(super) fn show(room: &Room<'_>) -> Response {
    let Some((number, planned)) = planned(room) else { return notice(room, 404, room.words.gone, "") };
    let mut main =
        format!("<p class=\"lead\">{}</p>\n<p class=\"about\">{}</p>\n", Text(&planned.said), room.words.review_about);
    for change in &planned.changes {
        let label = fill(room.words.diff_of, &[&change.shown]);
        let _ = write!(
            main,
            "<section class=\"file\">\n<h2><code>{}</code></h2>\n<pre class=\"diff\" tabindex=\"0\" role=\"group\" aria-label=\"{}\">",
            Text(&change.shown),
            Text(label)
        );
        for line in change.diff().lines().skip(2) {
            let class = match line.as_bytes().first() {
                Some(b'+') => "new",
                Some(b'-') => "old",
                Some(b'@') => "place",
                _ => "same",
            };
            let _ = write!(main, "<span class=\"{class}\">{}\n</span>", Text(line));
        }
        main.push_str("</pre>\n</section>\n");
    }
    let _ = writeln!(
        main,
        "<form method=\"post\" action=\"/_desk/apply\" class=\"agree\"><input type=\"hidden\" name=\"token\" value=\"{}\">\
         <input type=\"hidden\" name=\"number\" value=\"{number}\"><button type=\"submit\" class=\"main\" autofocus>{}</button>\
         <a class=\"button\" href=\"/_desk/{}\">{}</a></form>",
        Text(room.token),
        room.words.apply,
        Text(&planned.back),
        room.words.cancel
    );
    page(room, 200, Section::Overview, room.words.review, &main)
}

/// Writes a plan.
pub(super) fn apply(room: &Room<'_>) -> Response {
    let Some((number, planned)) = planned(room) else { return notice(room, 409, room.words.gone, "") };
    match edits::apply(&room.snapshot.config.root, &planned.changes) {
        Ok(()) => {
            let mark = if planned.back.contains('?') { '&' } else { '?' };
            let to = format!("_desk/{}{mark}done={number}", planned.back);
            book(room).written(number, planned);
            Response::redirect(303, &to)
        }
        Err(EditsError::Changed(file)) => {
            notice(room, 409, &fill(room.words.changed_meanwhile, &[&file]), &planned.back)
        }
        Err(error) => notice(room, 500, &error.to_string(), &planned.back),
    }
}
