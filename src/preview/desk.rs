//! The editor's desk: what waits for a person, side by side with what it rests on, and decisions that are written to
//! the files after their changes were shown.
//!
//! Pages are made on this side and need no script. A form is answered by a plan ([`changes`]): files before and after,
//! shown as a diff; only when the editor agrees they are written, and only if no file changed meanwhile. What was
//! written can be undone. Never published: nothing here is a page of the site.

mod changes;
mod conversion;
mod duplicates;
mod glossary;
mod html;
mod overview;
mod problems;
mod programs;
mod snapshot;
mod terms;
pub(super) mod words;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::pages::Pages;
use super::request::{Method, Request, fields};
use super::response::Response;
use crate::edits::{self, Change};
use crate::host::content_type;
use crate::messages::Language;
use crate::taxonomy::edit::{EditError, Edited};
use changes::{Book, Planned};
use html::{Section, notice, page};
use snapshot::Snapshot;
use words::{Words, accepted, fill, words};

const STYLE: &str = include_str!("desk/assets/desk.css");
const SCRIPT: &str = include_str!("desk/assets/desk.js");

/// The desk of a preview.
pub(super) struct Desk {
    /// The word that forms have to carry; made anew for each run.
    token: String,
    /// The language of its pages; none to follow the browser.
    language: Option<Language>,
    book: Mutex<Book>,
    /// Goes up with every change of files.
    age: AtomicU64,
    known: Mutex<Option<(u64, Arc<Snapshot>)>>,
}

/// What a page of the desk is made from.
pub(super) struct Room<'a> {
    words: &'static Words,
    language: Language,
    token: &'a str,
    build: String,
    query: Vec<(String, String)>,
    snapshot: Arc<Snapshot>,
    pages: &'a Pages,
    book: &'a Mutex<Book>,
}

impl Desk {
    pub(super) fn new(token: String, language: Option<Language>) -> Self {
        Desk { token, language, book: Mutex::default(), age: AtomicU64::new(0), known: Mutex::default() }
    }

    /// Forgets what was known of the files: they have changed.
    pub(super) fn forget(&self) {
        self.age.fetch_add(1, Ordering::AcqRel);
    }

    /// Answers a request for `path` below the desk; the request is known to come from a page of the preview.
    pub(super) fn answer(&self, pages: &Pages, build: String, request: &Request, path: &str, body: &[u8]) -> Response {
        match path {
            "desk.css" => return Response::own(200, content_type(path), STYLE),
            "desk.js" => return Response::own(200, content_type(path), SCRIPT),
            _ => {}
        }
        let language = self.language.unwrap_or_else(|| accepted(&request.languages));
        let snapshot = match self.snapshot(pages) {
            Ok(snapshot) => snapshot,
            Err(why) => return Response::plain(503, &fill(words(language).unreadable_site, &[&why])),
        };
        let form = String::from_utf8_lossy(body);
        let query = fields(if request.method == Method::Post { &form } else { &request.query });
        let room = Room {
            words: words(language),
            language,
            token: &self.token,
            build,
            query,
            snapshot,
            pages,
            book: &self.book,
        };
        match request.method {
            Method::Post => self.take(&room, path),
            _ => room.show(path),
        }
    }

    /// Takes a form.
    fn take(&self, room: &Room<'_>, path: &str) -> Response {
        // Compared without a hint of how much of it was right.
        let given = room.query("token").unwrap_or_default();
        let differ = given
            .bytes()
            .zip(self.token.bytes())
            .fold(given.len() ^ self.token.len(), |d, (a, b)| d | usize::from(a ^ b));
        if differ != 0 {
            return notice(room, 403, room.words.token, "");
        }
        match path {
            "propose" => changes::propose(room),
            "apply" => {
                let answer = changes::apply(room);
                self.forget();
                answer
            }
            _ => Response::plain(404, "there is no such page"),
        }
    }

    /// What is known of the files as they are now.
    fn snapshot(&self, pages: &Pages) -> Result<Arc<Snapshot>, String> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let age = self.age.load(Ordering::Acquire);
        if let Some((_, snapshot)) = known.as_ref().filter(|(of, _)| *of == age) {
            return Ok(snapshot.clone());
        }
        let config = pages.settings().map_err(|error| error.to_string())?.value;
        let snapshot = Arc::new(Snapshot::read(config).map_err(|error| error.to_string())?);
        *known = Some((age, snapshot.clone()));
        Ok(snapshot)
    }
}

impl Room<'_> {
    fn show(&self, path: &str) -> Response {
        match path {
            "" => overview::show(self),
            "duplicates/" => duplicates::show(self),
            "duplicates/pair" => duplicates::pair(self),
            "terms/" => terms::show(self),
            "conversion/" => conversion::show(self),
            "programs/" => programs::show(self),
            "problems/" => problems::show(self),
            "change" => changes::show(self),
            _ if Section::ALL.iter().any(|section| section.path() == format!("{path}/")) => {
                Response::redirect(308, &format!("_desk/{path}/"))
            }
            _ => page(self, 404, Section::Overview, "404", ""),
        }
    }

    /// A value of the query, or of the form.
    fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All values of a name.
    fn queries<'q>(&'q self, name: &'q str) -> impl Iterator<Item = &'q str> {
        self.query.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// How many things wait in a section, if that was found out already.
    fn count(&self, section: Section) -> Option<usize> {
        self.snapshot.count(section).filter(|&count| count > 0)
    }

    /// What was just written, with a way back.
    fn flash(&self) -> String {
        let book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        self.query("done").and_then(|number| book.flash(self, number.parse().ok()?)).unwrap_or_default()
    }

    /// Finds an article that a form names.
    fn article(&self, name: &str) -> Result<usize, String> {
        let id = self.query(name).unwrap_or_default();
        self.snapshot.find(id).ok_or_else(|| fill(self.words.no_article, &[id]))
    }

    /// The file of an article.
    fn file(&self, at: usize) -> PathBuf {
        self.snapshot.config.root.join(self.snapshot.written[at].path.as_ref())
    }

    /// A file of `content/_data`.
    fn data_file(&self, name: &str) -> PathBuf {
        self.snapshot.config.content_dir.join("_data").join(name)
    }

    /// The change that an edit makes to a file; a missing file is empty.
    fn change(&self, path: PathBuf, edit: impl FnOnce(&str) -> Result<String, String>) -> Result<Change, String> {
        let before = edits::read(&path).map_err(|error| error.to_string())?;
        let after = edit(before.as_deref().unwrap_or_default())?;
        Ok(Change { shown: self.snapshot.config.shown(&path), path, before, after: Some(after) })
    }

    /// The change that an edit makes to the front matter of an article.
    fn change_article(
        &self,
        at: usize,
        edit: impl FnOnce(&str, usize) -> Result<Edited, EditError>,
    ) -> Result<Change, String> {
        let number = self.snapshot.written[at].id.rsplit_once('#').and_then(|(_, number)| number.parse::<usize>().ok());
        let number = number.map_or(0, |number| number.saturating_sub(1));
        let path = self.snapshot.written[at].path.clone();
        self.change(self.file(at), |text| {
            edit(text, number).map(|edited| edited.text).map_err(|error| format!("{path}: {error}"))
        })
    }

    /// The plan that a form asks for.
    fn plan(&self) -> Result<Planned, String> {
        match self.query("kind").unwrap_or_default() {
            "decide" => duplicates::plan(self),
            "tag" => terms::plan(self),
            "term" => terms::plan_new(self),
            "convert" => conversion::plan(self),
            "keep" => conversion::plan_keep(self),
            "program" => programs::plan(self),
            "set" => problems::plan_field(self),
            "fix" => problems::plan_fix(self),
            _ => changes::plan_undo(self),
        }
    }
}
