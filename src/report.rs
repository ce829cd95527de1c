//! What a build has to say for itself, as `--report` writes it.

use serde::{Deserialize, Serialize};

use crate::corpus::Counts;
use crate::diagnostic::{self, Diagnostic, Severity};
use crate::site::Written;

/// The report of a build. `articles == published + duplicates + skipped + errors`, always.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Version of this format.
    pub version: u32,
    /// Files read as text.
    pub sources: usize,
    /// Articles met.
    pub articles: usize,
    /// Articles published, hand-made editions included.
    pub published: usize,
    /// Articles merged into others.
    pub duplicates: usize,
    /// Pairs of published articles that may be one story, which only an editor can tell.
    pub undecided: usize,
    /// Drafts and withdrawn articles.
    pub skipped: usize,
    /// Articles that could not be read.
    pub errors: usize,
    /// Diagnostics that are warnings.
    pub warnings: usize,
    /// HTML pages.
    pub pages: usize,
    /// All files of the site.
    pub files: usize,
    /// Files new or changed.
    pub written: usize,
    /// Files left alone.
    pub unchanged: usize,
    /// Files of the last build that are gone.
    pub removed: usize,
    /// Bytes of all files.
    pub bytes: u64,
    /// The site held against the limits of its host, where one is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<crate::host::Measured>,
    /// What readers read differently than in an earlier output, where one was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub differences: Option<crate::difference::Differences>,
    /// Milliseconds of each stage, in order; filled in by who holds the clock.
    pub stages_ms: serde_json::Map<String, serde_json::Value>,
    /// All diagnostics, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// Takes the fate of the articles.
    pub(crate) fn count(&mut self, counts: &Counts) {
        self.articles = counts.articles;
        self.published = counts.published;
        self.duplicates = counts.duplicates;
        self.skipped = counts.skipped;
        self.errors = counts.errors;
    }

    /// Takes what was written.
    pub(crate) fn wrote(&mut self, written: &Written) {
        self.pages = written.pages;
        self.files = written.files;
        self.written = written.written;
        self.unchanged = written.unchanged;
        self.removed = written.removed;
        self.bytes = written.bytes;
    }

    /// Takes the diagnostics, sorted by place.
    pub fn finish(mut self, mut diagnostics: Vec<Diagnostic>) -> Self {
        diagnostic::sort(&mut diagnostics);
        self.version = 1;
        self.warnings = diagnostics.iter().filter(|d| d.severity == Severity::Warning).count();
        self.diagnostics = diagnostics;
        self
    }

    /// Tells whether any diagnostic is an error.
    pub fn failed(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// A report as a cache keeps it: the times of stages are those of each run.
#[derive(Serialize, Deserialize)]
pub(crate) struct Stored {
    totals: [usize; 11],
    bytes: u64,
    #[serde(with = "crate::diagnostic::stored")]
    diagnostics: Vec<Diagnostic>,
}

impl From<&Report> for Stored {
    fn from(report: &Report) -> Self {
        let (r, diagnostics) = (report, report.diagnostics.clone());
        let texts = [r.sources, r.articles, r.published, r.duplicates, r.skipped, r.errors];
        let files = [r.pages, r.files, r.written, r.unchanged, r.removed];
        let mut totals = [0; 11];
        totals[..6].copy_from_slice(&texts);
        totals[6..].copy_from_slice(&files);
        Stored { totals, bytes: report.bytes, diagnostics }
    }
}

impl Stored {
    /// The report of a build that finds everything as this one left it.
    pub(crate) fn unchanged(self) -> Report {
        let [sources, articles, published, duplicates, skipped, errors, pages, files, ..] = self.totals;
        let report = Report {
            sources,
            articles,
            published,
            duplicates,
            skipped,
            errors,
            pages,
            files,
            unchanged: files,
            bytes: self.bytes,
            ..Report::default()
        };
        report.finish(self.diagnostics)
    }
}
