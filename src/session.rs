//! A site in memory that follows its files: what a preview shows.
//!
//! Takes the settings; runs the stages of a build up to the list of files to be and renders a page when it is asked for.
//! Facts of texts stay at hand, so that after a save only what was saved is understood again. While the files of the
//! site have errors the last good site stays. Reads the disk, writes nothing but the cache.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rayon::prelude::*;

use crate::cache::{Cache, Keep, Memory};
use crate::config::Config;
use crate::corpus::Drafts;
use crate::diagnostic::Diagnostic;
use crate::page::{Kind, Site, Views};
use crate::report::Report;
use crate::{BuildError, Laid, lay_out};

/// A site in memory.
pub struct Session {
    drafts: Drafts,
    memory: Mutex<Memory>,
    held: RwLock<Option<Arc<Held>>>,
}

/// The last good site.
struct Held {
    site: Arc<Site>,
    views: Views,
    generation: u64,
}

/// What a look at the disk found.
#[derive(Clone, Debug)]
pub struct Refresh {
    /// What there is to say; with errors the site before stays.
    pub report: Report,
    /// Whether another site is shown than before.
    pub changed: bool,
    /// A number that grows with each site shown; 0 when there was never a good one.
    pub generation: u64,
}

impl Session {
    /// Reads a site and lays it out in memory.
    ///
    /// # Errors
    /// When the machine fails. What is wrong with the site's own files is in the report; pages are there once a refresh
    /// finds none.
    pub fn open(config: Config, drafts: Drafts) -> Result<(Session, Refresh), BuildError> {
        let memory = Memory::open(&config.root, Cache::Keep);
        let session = Session { drafts, memory: Mutex::new(memory), held: RwLock::default() };
        let refresh = session.refresh(config)?;
        let mut memory = session.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.save();
        // A build of the same site must not find the cache taken for as long as a preview runs.
        memory.release();
        drop(memory);
        Ok((session, refresh))
    }

    /// Looks at the disk again.
    ///
    /// # Errors
    /// When the machine fails; the site before stays.
    pub fn refresh(&self, config: Config) -> Result<Refresh, BuildError> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let Laid { report, diagnostics, site } =
            lay_out(&Arc::new(config), self.drafts, &mut memory, Keep::AtHand, &mut |_| {})?;
        let changed = site.is_some();
        if let Some((site, theme)) = site {
            let views = Views::new(&site, &theme);
            // A page that nobody has looked at yet must still be there when its file is saved with a mistake.
            let before = self.held();
            let earlier = before.as_ref().map(|held| &*held.site.shelf);
            let corpus = &site.editions[0].corpus;
            let whole =
                corpus.entries.iter().map(|entry| &entry.article).chain(corpus.hand_made.iter().map(|f| &f.article));
            whole.collect::<Vec<_>>().par_iter().for_each(|article| site.shelf.hold(article, earlier));
            let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
            let generation = held.as_ref().map_or(0, |held| held.generation) + 1;
            *held = Some(Arc::new(Held { site, views, generation }));
        }
        let generation = self.generation();
        Ok(Refresh { report: report.finish(diagnostics), changed, generation })
    }

    /// The bytes at an output path (`zh-hans/index.html`), rendered now; none when the site has no such file.
    ///
    /// # Errors
    /// A diagnostic when a template fails, or the text changed after the last look.
    pub fn page(&self, path: &str) -> Option<Result<Vec<u8>, Diagnostic>> {
        let held = self.held()?;
        let page = held.site.pages.get(path)?;
        if let Kind::File(file) = &page.kind {
            let unreadable = |error: std::io::Error| {
                Diagnostic::error("unreadable", page.claimed_by.as_str(), format!("cannot be read: {error}"))
                    .help("check the permissions")
            };
            return Some(std::fs::read(file).map_err(unreadable));
        }
        let mut bytes = Vec::new();
        let rendered = held.views.render(path, page, &mut bytes);
        Some(rendered.map(|_| bytes).and_then(|bytes| match held.site.shelf.troubles().pop() {
            Some(trouble) if page.claimed_by == trouble.path => Err(trouble),
            _ => Ok(bytes),
        }))
    }

    /// Whether something stands at an output path.
    pub fn has(&self, path: &str) -> bool {
        self.held().is_some_and(|held| held.site.pages.contains_key(path))
    }

    /// The address of an article, or of the one it was merged into, below an edition.
    pub fn address_of(&self, id: &str) -> Option<String> {
        self.held()?.site.address_of(id).map(str::to_owned)
    }

    /// The number of the site shown; 0 when there was never a good one.
    pub fn generation(&self) -> u64 {
        self.held().map_or(0, |held| held.generation)
    }

    /// All output paths, sorted.
    pub fn paths(&self) -> Vec<String> {
        self.held().map(|held| held.site.pages.keys().cloned().collect()).unwrap_or_default()
    }

    fn held(&self) -> Option<Arc<Held>> {
        self.held.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
