//! The pages of the last good build, from memory.
//!
//! The narrow seam between the server and the build: [`Pages::refresh`] looks at the disk again, [`Pages::page`] gives
//! bytes. Pages are rendered when they are asked for. A page that a broken template keeps from being rendered stays as
//! it was when it was last asked for.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::BuildError;
use crate::config::{self, Config};
use crate::corpus::Drafts;
use crate::diagnostic::{self, Diagnostic};
use crate::session::Session;

/// Bytes of rendered pages that are kept.
const KEPT: usize = 64 << 20;
/// Pages asked for last, which are rendered anew at once when the site changes.
const RECENT: usize = 6;

/// The pages of a site.
pub(super) struct Pages {
    root: PathBuf,
    drafts: Drafts,
    session: OnceLock<Session>,
    kept: Mutex<Kept>,
}

/// What looking at the disk again came to.
pub(super) struct Refreshed {
    /// What there is to say, sorted.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// How many good builds there were.
    pub(super) generation: u64,
    /// Whether the last good pages stay because of errors.
    pub(super) failed: bool,
}

/// A page, or why there is none.
pub(super) enum Page {
    /// Its bytes.
    Bytes(Arc<[u8]>),
    /// Nothing stands there.
    Missing,
    /// A template that breaks, and no earlier page.
    Broken(Box<Diagnostic>),
    /// There is no good build yet.
    Unbuilt,
}

/// Rendered pages, the oldest first.
#[derive(Default)]
struct Kept {
    pages: BTreeMap<String, (u64, Arc<[u8]>)>,
    order: VecDeque<String>,
    recent: VecDeque<String>,
    bytes: usize,
}

impl Pages {
    /// The pages of the site in a folder; nothing is built yet.
    pub(super) fn new(root: &Path, drafts: Drafts) -> Self {
        Pages { root: root.to_owned(), drafts, session: OnceLock::new(), kept: Mutex::default() }
    }

    /// The folder of the site.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The settings as they are on disk now.
    ///
    /// # Errors
    /// When `site.yaml` cannot be read.
    pub(super) fn settings(&self) -> std::io::Result<diagnostic::Checked<Config>> {
        let mut checked = config::load(&self.root)?;
        // Links of a preview are relative, wherever the site will be.
        checked.value.base_url = None;
        Ok(checked)
    }

    /// Looks at the disk again. With errors the last good pages stay.
    ///
    /// # Errors
    /// When the machine fails; the last good pages stay then, too.
    pub(super) fn refresh(&self) -> Result<Refreshed, BuildError> {
        let checked = self.settings().map_err(|source| {
            BuildError::Read(crate::source::ReadError { path: self.root.join(config::FILE), source })
        })?;
        let mut diagnostics = checked.diagnostics;
        if !diagnostics.iter().any(Diagnostic::is_error) {
            let refresh = match self.session.get() {
                Some(session) => session.refresh(checked.value)?,
                None => {
                    let (session, refresh) = Session::open(checked.value, self.drafts)?;
                    // Only one thread refreshes.
                    let _ = self.session.set(session);
                    refresh
                }
            };
            diagnostics.extend(refresh.report.diagnostics);
            if refresh.changed {
                diagnostics.extend(self.render_recent());
            }
        }
        diagnostic::sort(&mut diagnostics);
        let failed = diagnostics.iter().any(Diagnostic::is_error);
        Ok(Refreshed { diagnostics, generation: self.generation(), failed })
    }

    /// Renders the pages that are being looked at, so that a template that breaks is noticed before they reload.
    fn render_recent(&self) -> Vec<Diagnostic> {
        let recent: Vec<String> = self.kept().recent.iter().cloned().collect();
        let Some(session) = self.session.get() else { return Vec::new() };
        let generation = session.generation();
        let broken = recent.iter().filter_map(|path| match session.page(path)? {
            Ok(bytes) => {
                self.kept().keep(path, generation, bytes.into());
                None
            }
            Err(diagnostic) => Some(diagnostic),
        });
        broken.collect()
    }

    fn generation(&self) -> u64 {
        self.session.get().map_or(0, Session::generation)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The page at an output path.
    pub(super) fn page(&self, path: &str) -> Page {
        let Some(session) = self.session.get() else { return Page::Unbuilt };
        // Asked for before the page is made: at worst the page is made once more.
        let generation = session.generation();
        if generation == 0 {
            return Page::Unbuilt;
        }
        if path.ends_with(".html") {
            self.kept().remember(path);
        }
        let kept = self.kept().pages.get(path).cloned();
        match kept {
            Some((of, bytes)) if of == generation => Page::Bytes(bytes),
            kept => match (session.page(path), kept) {
                (None, _) => Page::Missing,
                (Some(Ok(bytes)), _) => {
                    let bytes: Arc<[u8]> = bytes.into();
                    self.kept().keep(path, generation, bytes.clone());
                    Page::Bytes(bytes)
                }
                (Some(Err(_)), Some((_, earlier))) => Page::Bytes(earlier),
                (Some(Err(diagnostic)), None) => Page::Broken(Box::new(diagnostic)),
            },
        }
    }

    /// Tells whether something stands at an output path.
    pub(super) fn has(&self, path: &str) -> bool {
        self.session.get().is_some_and(|session| session.has(path))
    }

    /// The address of a published article below an edition, by its ID.
    pub(super) fn address_of(&self, id: &str) -> Option<String> {
        self.session.get()?.address_of(id)
    }
}

impl Kept {
    fn keep(&mut self, path: &str, generation: u64, bytes: Arc<[u8]>) {
        self.bytes += bytes.len();
        match self.pages.insert(path.to_owned(), (generation, bytes)) {
            Some((_, old)) => self.bytes -= old.len(),
            None => self.order.push_back(path.to_owned()),
        }
        while self.bytes > KEPT {
            let Some(oldest) = self.order.pop_front() else { break };
            if let Some((_, bytes)) = self.pages.remove(&oldest) {
                self.bytes -= bytes.len();
            }
        }
    }

    fn remember(&mut self, path: &str) {
        self.recent.retain(|other| other != path);
        self.recent.push_back(path.to_owned());
        if self.recent.len() > RECENT {
            self.recent.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_a_bounded_number_of_bytes() {
        let mut kept = Kept::default();
        let page: Arc<[u8]> = vec![0; KEPT / 4].into();
        for number in 0..9 {
            kept.keep(&format!("{number}.html"), 1, page.clone());
            kept.remember(&format!("{number}.html"));
        }
        kept.keep("8.html", 2, page.clone());
        assert_eq!((kept.bytes, kept.pages.len(), kept.order.len()), (KEPT, 4, 4));
        assert_eq!(kept.recent.len(), RECENT);
    }
}
