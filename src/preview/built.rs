//! A site laid out in memory, from which pages are rendered.

use std::sync::Arc;

use crate::config::Config;
use crate::corpus::Drafts;
use crate::diagnostic::{Checked, Diagnostic};
use crate::facts::{self, Desk};
use crate::page::{self, Kind, Site, Views};
use crate::source::{self, Shelf};
use crate::{BuildError, convert_all, corpus, data, media, search, theme};

/// A site laid out in memory.
pub(super) struct Built {
    /// Which good build this is, from 1.
    pub(super) generation: u64,
    site: Arc<Site>,
    views: Views,
}

impl Built {
    /// Reads and lays out a site; none when its files have errors.
    pub(super) fn make(config: Config, drafts: Drafts, generation: u64) -> Result<Checked<Option<Self>>, BuildError> {
        let mut diagnostics = Vec::new();
        let config = Arc::new(config);
        let listing = source::list(&config)?.drain_into(&mut diagnostics);
        let data = data::read(&config)?.drain_into(&mut diagnostics);
        let statics = source::statics(&config)?.drain_into(&mut diagnostics);
        let theme = Arc::new(theme::load(&config)?.drain_into(&mut diagnostics));
        let desk = Desk::new(&config, &data);
        let shelf = Arc::new(Shelf::new(&config, &listing));
        let known = facts::collect(facts::read(&listing, &desk, &shelf), listing.refused).drain_into(&mut diagnostics);
        let corpus = corpus::gather(known, data.shared, &config, drafts, &shelf).drain_into(&mut diagnostics);
        let corpus = Arc::new(corpus);
        // A preview shows pictures as they are: smaller copies would only make it wait.
        let copies = media::Copies::default();
        let media = media::gather(&listing.attachments, &statics, &page::referred(&corpus), copies);
        let media = media.drain_into(&mut diagnostics);
        let editions = convert_all(&corpus, &config, &desk);
        let index = if config.search { search::build(&editions, &data.glossary, &shelf) } else { Vec::new() };
        let site = page::lay_out(editions, &config, &theme, media, &shelf, &statics, index);
        let site = Arc::new(site.drain_into(&mut diagnostics));
        diagnostics.extend(shelf.troubles());
        if diagnostics.iter().any(Diagnostic::is_error) {
            return Ok(Checked { value: None, diagnostics });
        }
        let views = Views::new(&site, &theme);
        Ok(Checked { value: Some(Built { generation, site, views }), diagnostics })
    }

    /// Tells whether something stands at an output path.
    pub(super) fn has(&self, path: &str) -> bool {
        self.site.pages.contains_key(path)
    }

    /// Renders what stands at an output path.
    pub(super) fn page(&self, path: &str) -> Option<Result<Vec<u8>, Diagnostic>> {
        let page = self.site.pages.get(path)?;
        if let Kind::File(file) = &page.kind {
            let unreadable = |error| Diagnostic::error("unreadable", path, format!("cannot be read: {error}"));
            return Some(std::fs::read(file).map_err(unreadable));
        }
        let mut bytes = Vec::new();
        Some(self.views.render(path, page, &mut bytes).map(|_| bytes))
    }
}
