//! A site laid out in memory, from which pages are rendered.

use std::sync::Arc;

use crate::cache::{Cache, Keep, Memory};
use crate::config::Config;
use crate::corpus::Drafts;
use crate::diagnostic::{Checked, Diagnostic};
use crate::page::{Kind, Site, Views};
use crate::{BuildError, lay_out};

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
        let mut memory = Memory::open(&config.root, Cache::Off);
        let laid = lay_out(&Arc::new(config), drafts, &mut memory, Keep::No, &mut |_| {})?;
        let made = laid.site.map(|(site, theme)| Built { generation, views: Views::new(&site, &theme), site });
        Ok(Checked { value: made, diagnostics: laid.diagnostics })
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
