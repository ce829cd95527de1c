//! What the desk knows of a site at one moment; each part is found out when it is first asked for.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::html::Section;
use crate::article::Written;
use crate::cache::Cache;
use crate::config::Config;
use crate::corpus::Drafts;
use crate::data::{self, Data};
use crate::dedupe::Report;
use crate::diagnostic::Diagnostic;
use crate::facts;
use crate::script::detect::detect;
use crate::script::{Explained, Origin};
use crate::site::Trust;
use crate::taxonomy::suggest::{self, Candidate};
use crate::taxonomy::{Convert, Detector, Tag, Text};
use crate::{BuildError, BuildOptions, build, corpus, parse_all, source};

/// What the desk knows.
pub(super) struct Snapshot {
    pub(super) config: Arc<Config>,
    /// All articles that can be read, drafts included.
    pub(super) written: Vec<Written>,
    pub(super) data: Data,
    converters: facts::Desk,
    duplicates: OnceLock<Duplicates>,
    untagged: OnceLock<Vec<Untagged>>,
    doubts: OnceLock<Vec<Doubt>>,
    candidates: OnceLock<Vec<Candidate>>,
    diagnostics: OnceLock<Vec<Diagnostic>>,
}

/// Which articles tell one story.
pub(super) struct Duplicates {
    pub(super) report: Report,
    /// Index of the article behind each place of the report.
    pub(super) members: Vec<usize>,
}

/// An article that does not name its terms.
pub(super) struct Untagged {
    /// Index of the article.
    pub(super) article: usize,
    /// What was found in it, for taxonomies that it says nothing of.
    pub(super) tags: Vec<Tag>,
}

/// An article whose conversion wants a look.
pub(super) struct Doubt {
    /// Index of the article.
    pub(super) article: usize,
    /// Index of the edition, and what its conversion has to say.
    pub(super) editions: Vec<(usize, Explained)>,
}

impl Snapshot {
    /// Reads the files of the site.
    pub(super) fn read(config: Config) -> Result<Self, BuildError> {
        let config = Arc::new(config);
        let folder = source::read(&config)?.value;
        let data = data::read(&config)?.value;
        let (written, _) = parse_all(&config, &folder, &mut Vec::new());
        let converters = facts::Desk::new(&config, &data);
        Ok(Snapshot {
            config,
            written,
            data,
            converters,
            duplicates: OnceLock::new(),
            untagged: OnceLock::new(),
            doubts: OnceLock::new(),
            candidates: OnceLock::new(),
            diagnostics: OnceLock::new(),
        })
    }

    /// Finds an article by its ID.
    pub(super) fn find(&self, id: &str) -> Option<usize> {
        self.written.iter().position(|written| written.id == id)
    }

    pub(super) fn duplicates(&self) -> &Duplicates {
        self.duplicates.get_or_init(|| {
            let corpus::Comparison { report, members, .. } =
                corpus::compare(&self.written, &self.data.shared.decisions, &self.config);
            Duplicates { report, members }
        })
    }

    /// The articles that name no term, those in which nothing was found last.
    pub(super) fn untagged(&self) -> &[Untagged] {
        self.untagged.get_or_init(|| {
            let detector = Detector::new(&self.data.shared.taxonomies);
            let look = |(article, written): (usize, &Written)| {
                let tags = detector.detect(&text(written));
                let tags: Vec<Tag> =
                    tags.into_iter().filter(|tag| !written.terms.contains_key(&tag.taxonomy)).collect();
                (!tags.is_empty() || written.terms.is_empty()).then_some(Untagged { article, tags })
            };
            let mut found: Vec<Untagged> = self.written.par_iter().enumerate().filter_map(look).collect();
            found.sort_by_key(|untagged| untagged.tags.is_empty());
            found
        })
    }

    /// The articles whose conversion wants a look.
    pub(super) fn doubts(&self) -> &[Doubt] {
        self.doubts.get_or_init(|| {
            let look = |(article, written): (usize, &Written)| {
                if !written.convert {
                    return None;
                }
                let origin = facts::origin(written.script, detect(&written.body).verdict);
                let explain = |(at, converter): (usize, &Arc<crate::script::Converter>)| {
                    let mut told = converter.explain(&written.body, origin);
                    // Of a text in one script everything changes; only repairs of a mixed one are news.
                    told.changes.retain(|change| origin == Origin::Mixed && change.before != change.after);
                    (!told.changes.is_empty() || !told.unsure.is_empty()).then_some((at, told))
                };
                let editions: Vec<_> = self.converters.converters().iter().enumerate().filter_map(explain).collect();
                (!editions.is_empty()).then_some(Doubt { article, editions })
            };
            self.written.par_iter().enumerate().filter_map(look).collect()
        })
    }

    /// Names that may deserve to be programs.
    pub(super) fn candidates(&self) -> &[Candidate] {
        self.candidates.get_or_init(|| {
            let read: Vec<suggest::Article<'_>> = self
                .written
                .iter()
                .map(|written| suggest::Article { id: &written.id, title: &written.title, body: &written.body })
                .collect();
            let names = super::programs::Names::new(&self.config, &self.data.glossary);
            let (hans, hant) = (|text: &str| names.hans(text), |text: &str| names.hant(text));
            suggest::suggest(&read, &self.data.shared.taxonomies, Convert { hans: &hans, hant: &hant })
        })
    }

    /// Everything a build of this site has to say, sorted by place.
    pub(super) fn diagnostics(&self) -> &[Diagnostic] {
        self.diagnostics.get_or_init(|| {
            let (drafts, trust) = (Drafts::Skip, Trust::Manifest);
            let look = BuildOptions { drafts, trust, output: None, cache: Cache::Keep, shard: None };
            match build(&self.config, &look, &mut |_| {}) {
                Ok(report) => report.diagnostics,
                Err(error) => vec![Diagnostic::error("unreadable", "", error.to_string())],
            }
        })
    }

    /// How many things wait in a section, where that was found out already.
    pub(super) fn count(&self, section: Section) -> Option<usize> {
        match section {
            Section::Overview => None,
            Section::Duplicates => self.duplicates.get().map(|found| found.report.review.len()),
            Section::Terms => self.untagged.get().map(Vec::len),
            Section::Conversion => self.doubts.get().map(Vec::len),
            Section::Programs => self.candidates.get().map(Vec::len),
            Section::Problems => self.diagnostics.get().map(Vec::len),
        }
    }

    /// Finds out everything.
    ///
    /// On threads of its own: a worker of the pool that waited for another one's answer could keep it from coming.
    pub(super) fn look_at_all(&self) {
        std::thread::scope(|all| {
            all.spawn(|| self.diagnostics().len());
            all.spawn(|| self.duplicates().members.len());
            all.spawn(|| self.untagged().len());
            all.spawn(|| self.doubts().len());
            all.spawn(|| self.candidates().len());
        });
    }

    /// Published articles without a date, and without a source.
    pub(super) fn bare(&self) -> BTreeMap<&'static str, Vec<usize>> {
        let mut bare = BTreeMap::new();
        for (at, written) in self.written.iter().enumerate() {
            if written.draft || written.withdrawn.is_some() || written.edition_of.is_some() {
                continue;
            }
            if written.date.is_none() {
                bare.entry("date").or_insert_with(Vec::new).push(at);
            }
            if written.source.is_none() {
                bare.entry("source").or_insert_with(Vec::new).push(at);
            }
        }
        bare
    }
}

/// What terms are looked for in.
pub(super) fn text(written: &Written) -> Text<'_> {
    Text {
        title: &written.title,
        body: &written.body,
        source: written.source.as_ref().map(|source| source.name.as_str()),
    }
}
