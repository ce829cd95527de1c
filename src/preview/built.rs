//! A site laid out in memory: a thread owns its stages and renders what it is asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{Sender, channel};

use crate::config::Config;
use crate::corpus::Drafts;
use crate::diagnostic::{Checked, Diagnostic};
use crate::page::{Kind, Views};
use crate::{BuildError, convert_all, corpus, data, media, page, parse_all, search, source, theme};

type Rendered = Option<Result<Vec<u8>, Diagnostic>>;

/// A site laid out in memory.
pub(super) struct Built {
    pub(super) generation: u64,
    pub(super) addresses: BTreeMap<String, String>,
    paths: BTreeSet<String>,
    ask: std::sync::Mutex<Sender<(String, Sender<Rendered>)>>,
}

/// Stack of the thread that owns a site, in bytes: templates are read by recursion.
const STACK: usize = 16 << 20;

struct Start {
    diagnostics: Vec<Diagnostic>,
    paths: BTreeSet<String>,
    addresses: BTreeMap<String, String>,
    good: bool,
}

impl Built {
    pub(super) fn make(config: Config, drafts: Drafts, generation: u64) -> Result<Checked<Option<Self>>, BuildError> {
        let (tell, told) = channel();
        let (ask, asked) = channel::<(String, Sender<Rendered>)>();
        let spawned = std::thread::Builder::new().name("site".into()).stack_size(STACK).spawn(move || {
            let mut diagnostics = Vec::new();
            let failed = |error: BuildError| {
                let _ = tell.send(Err(error));
            };
            let read = source::read(&config).and_then(|folder| {
                Ok((folder, data::read(&config)?, source::statics(&config)?, theme::load(&config)?))
            });
            let (folder, data, statics, theme) = match read {
                Ok(read) => read,
                Err(error) => return failed(error.into()),
            };
            let folder = folder.drain_into(&mut diagnostics);
            let data = data.drain_into(&mut diagnostics);
            let statics = statics.drain_into(&mut diagnostics);
            let theme = theme.drain_into(&mut diagnostics);
            let media = media::gather(&folder.attachments).drain_into(&mut diagnostics);
            let (articles, lost) = parse_all(&config, &folder, &mut diagnostics);
            let lost = folder.failed + lost;
            let corpus = corpus::gather(articles, lost, data.shared, &config, drafts).drain_into(&mut diagnostics);
            let editions = convert_all(&corpus, &config, &data.glossary);
            let index = if config.search { search::build(&editions, &data.glossary) } else { Vec::new() };
            let site = page::lay_out(&editions, &config, &theme, &media, &statics, index).drain_into(&mut diagnostics);
            let good = !diagnostics.iter().any(Diagnostic::is_error);
            let paths = site.pages.keys().cloned().collect();
            let addresses =
                corpus.entries.iter().map(|entry| (entry.article.id.clone(), entry.address.clone())).collect();
            let _ = tell.send(Ok(Start { diagnostics, paths, addresses, good }));
            if !good {
                return;
            }
            let views = Views::new(&site, &theme);
            while let Ok((path, reply)) = asked.recv() {
                let rendered = site.pages.get(&path).map(|page| {
                    let mut bytes = Vec::new();
                    if let Kind::File(file) = &page.kind {
                        return std::fs::read(file).map_err(|error| {
                            Diagnostic::error("unreadable", path.as_str(), format!("cannot be read: {error}"))
                        });
                    }
                    views.render(&path, page, &mut bytes).map(|_| bytes)
                });
                let _ = reply.send(rendered);
            }
        });
        spawned.map_err(|source| source::ReadError { path: "a thread".into(), source })?;
        let start = told.recv().expect("the thread tells before it ends")?;
        let Start { diagnostics, paths, addresses, good } = start;
        let built = good.then(|| Built { generation, addresses, paths, ask: ask.into() });
        Ok(Checked { value: built, diagnostics })
    }

    pub(super) fn has(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    pub(super) fn page(&self, path: &str) -> Rendered {
        if !self.has(path) {
            return None;
        }
        let (reply, answer) = channel();
        self.ask.lock().unwrap_or_else(std::sync::PoisonError::into_inner).send((path.to_owned(), reply)).ok()?;
        answer.recv().ok()?
    }
}
