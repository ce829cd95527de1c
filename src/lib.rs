//! jianfan (簡繁): a folder of messy Chinese news in, a static archive in both scripts out.
//!
//! A build is one function of its inputs. It runs as a chain of stages, each with its own type for what it hands on;
//! only the two ends touch the disk.
//!
//! | stage | function | gives |
//! |---|---|---|
//! | read | [`source::list`], [`data::read`], [`media::gather`] | [`source::Listing`]: what lies where |
//! | parse | [`cache::Memory::read`], [`facts::of_bytes`], [`article::parse`] | [`facts::Facts`]: checked fields, and what is known of the text |
//! | gather | [`corpus::gather`] | [`corpus::Corpus`]: no duplicates; addresses and terms |
//! | convert | [`edition::convert`] | [`edition::Edition`]: the corpus in one script |
//! | lay out | [`page::lay_out`] | [`page::Site`]: the whole list of files to be |
//! | write | [`site::write`] | the folder on disk, all of it or none |
//!
//! What is wrong with an editor's files is a [`diagnostic::Diagnostic`]; what the machine will not do is a
//! [`BuildError`].

pub mod addresses;
pub mod article;
pub mod cache;
pub mod config;
pub mod corpus;
pub mod data;
pub mod dedupe;
pub mod diagnostic;
pub mod difference;
pub mod digest;
pub mod edition;
pub mod edits;
pub mod export;
pub mod facts;
pub mod fix;
pub mod host;
pub mod import;
pub mod markdown;
pub mod media;
pub mod messages;
pub mod page;
pub mod preview;
pub mod publish;
pub mod report;
pub mod scaffold;
pub mod schema;
pub mod script;
pub mod search;
pub mod session;
pub mod site;
pub mod slug;
pub mod source;
mod starts;
pub mod strokes;
pub mod taxonomy;
pub mod theme;
mod together;
pub mod value;
pub mod yaml;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rayon::prelude::*;

use cache::{Cache, Keep, Memory};
use config::Config;
use corpus::{Corpus, Drafts};
use diagnostic::{Checked, Diagnostic};
use facts::Desk;
use page::Ground;
use report::Report;
use site::{Past, Target};
use source::Shelf;

/// What the machine would not do.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A folder cannot be read.
    #[error(transparent)]
    Read(#[from] source::ReadError),
    /// The site cannot be written.
    #[error(transparent)]
    Write(#[from] site::WriteError),
}

/// What a build is asked to do besides what `site.yaml` says.
#[derive(Clone, Debug)]
pub struct BuildOptions {
    /// Whether drafts are published.
    pub drafts: Drafts,
    /// Whether files of the last build are trusted to be what its manifest says.
    pub trust: site::Trust,
    /// What is done with what earlier builds remember.
    pub cache: Cache,
    /// Where to write; none to only look.
    pub output: Option<PathBuf>,
    /// The part of the site to write; none for all of it.
    pub shard: Option<site::Shard>,
}

/// Names of the stages, in order, as in the report.
pub const STAGES: [&str; 5] = ["read", "parse", "gather", "lay_out", "write"];

/// Builds a site, or with no output only looks at it; calls `done` after each stage.
///
/// With any error diagnostic nothing is written.
///
/// # Errors
/// When the machine fails. What is wrong with the site's own files is in the report.
pub fn build(
    config: &Config,
    options: &BuildOptions,
    done: &mut dyn FnMut(&'static str),
) -> Result<Report, BuildError> {
    let config = Arc::new(config.clone());
    let mut memory = Memory::open(&config.root, options.cache);
    let (mut past, inputs) = rayon::join(
        || options.output.as_ref().and_then(|output| Past::recall(&memory, output, options.shard)),
        || cache::inputs(&config, &(options.drafts == Drafts::Publish, options.shard), memory.now()),
    );
    let of_inputs = inputs.digest;
    if let Some(report) = unchanged(&memory, options, past.as_ref(), of_inputs) {
        STAGES.iter().for_each(|stage| done(stage));
        return Ok(report);
    }
    memory.saw(inputs);
    let laid = rayon::in_place_scope(|scope| {
        let mut looking = past.as_mut().zip(options.output.as_ref());
        let mut done = |stage| {
            done(stage);
            // What follows is mostly done by one thread; another one looks at the output meanwhile.
            if let Some((past, output)) = looking.take_if(|_| stage == "parse") {
                scope.spawn(move |_| past.look(output));
            }
        };
        lay_out(&config, options.drafts, &mut memory, Keep::No, &mut done)
    });
    let Laid { mut report, mut diagnostics, site } = laid?;
    let Some((site, theme)) = site else {
        memory.save();
        return Ok(report.finish(diagnostics));
    };
    let (views, written) = rayon::in_place_scope(|scope| {
        scope.spawn(|_| memory.save());
        let views = page::Views::new(&site, &theme);
        let write = |output| {
            let target = Target { output, trust: options.trust, shard: options.shard };
            site::write(&site, &views, &target, past.as_mut())
        };
        let written = options.output.as_deref().map(write);
        (views, written)
    });
    match written.transpose()? {
        None => diagnostics.extend(site::rehearse(&site, &views)),
        Some(Ok((written, remarks))) => {
            site.media.forget_unused();
            report.wrote(&written);
            diagnostics.extend(remarks);
        }
        Some(Err(broken)) => diagnostics.extend(broken),
    }
    if let Some((past, output)) = past.as_ref().zip(options.output.as_ref()) {
        past.leave(&memory, output);
    }
    done("write");
    let report = report.finish(diagnostics);
    if let Some(output) = options.output.as_ref().filter(|_| !report.failed()) {
        memory.leave(&site::named("report", output), &(of_inputs, report::Stored::from(&report)));
    }
    memory.release();
    // Mostly the program ends here: nobody needs to wait for millions of small texts to be given back one by one, nor to
    // share the machine with that; who goes on has them back soon.
    std::thread::spawn(move || {
        std::thread::sleep(AFTERWARDS);
        drop((site, theme, views, past, memory));
    });
    Ok(report)
}

/// When what a build held is given back, after its end.
const AFTERWARDS: Duration = Duration::from_millis(50);

/// The report of a build that would read what the last one read and find what it left.
fn unchanged(
    memory: &Memory,
    options: &BuildOptions,
    past: Option<&Past>,
    inputs: Option<digest::Digest>,
) -> Option<Report> {
    let output = options.output.as_ref().filter(|_| options.trust == site::Trust::Manifest)?;
    let (last, report): (Option<digest::Digest>, report::Stored) = memory.recall(&site::named("report", output))?;
    let same = inputs.is_some() && inputs == last && past?.is_still_there(output);
    same.then(|| report.unchanged())
}

/// A site laid out, before a page is rendered.
pub struct Laid {
    /// What can be said so far.
    pub report: Report,
    /// What was noticed so far.
    pub diagnostics: Vec<Diagnostic>,
    /// The site and its theme; none when there are errors.
    pub site: Option<(Arc<page::Site>, Arc<theme::Theme>)>,
}

/// Runs the stages up to the list of files to be.
///
/// # Errors
/// When the machine fails.
pub fn lay_out(
    config: &Arc<Config>,
    drafts: Drafts,
    memory: &mut Memory,
    keep: Keep,
    done: &mut dyn FnMut(&'static str),
) -> Result<Laid, BuildError> {
    let mut diagnostics = Vec::new();
    let mut report = Report::default();
    let read_data = || data::read(config).map(|data| (Desk::new(config, &data.value), data));
    let list = || (source::list(config), source::statics(config));
    let ((listing, statics), (data, theme)) = rayon::join(list, || rayon::join(read_data, || theme::load(config)));
    let listing = listing?.drain_into(&mut diagnostics);
    let (desk, data) = data?;
    let data = data.drain_into(&mut diagnostics);
    let statics = statics?.drain_into(&mut diagnostics);
    let theme = Arc::new(theme?.drain_into(&mut diagnostics));
    done("read");
    let shelf = Arc::new(Shelf::new(config, &listing));
    let sources = memory.read(&listing, &desk, &shelf, keep);
    let known = facts::collect(sources, listing.refused).drain_into(&mut diagnostics);
    report.sources = known.sources;
    done("parse");
    let corpus =
        corpus::gather(known, data.shared, config, drafts, &shelf, &mut memory.copies).drain_into(&mut diagnostics);
    let corpus = Arc::new(corpus);
    report.count(&corpus.counts);
    report.undecided = corpus.review.len();
    let copies = media::Copies { wanted: config.images.copies, cache: memory.pictures() };
    let media = media::gather(&listing.attachments, &statics, &page::referred(&corpus), copies);
    let media = media.drain_into(&mut diagnostics);
    done("gather");
    let editions: Arc<[edition::Edition]> = convert_all(&corpus, config, &desk).into();
    let ground = Ground { config, theme: &theme, media, shelf: &shelf, made_with: desk.digest, statics: &statics };
    let plan = || search::plan(&editions, &data.glossary, memory.search.as_ref(), desk.search_again(&shelf));
    let (claims, planned) = rayon::join(|| page::lay_out(Arc::clone(&editions), ground), || config.search.then(plan));
    let (index, state) = planned.unzip();
    memory.search = state.or(memory.search.take());
    let site = claims.complete(index).drain_into(&mut diagnostics);
    diagnostics.extend(shelf.troubles());
    done("lay_out");
    let failed = diagnostics.iter().any(Diagnostic::is_error);
    Ok(Laid { report, diagnostics, site: (!failed).then(|| (Arc::new(site), theme)) })
}

/// Parses all sources in parallel; gives the articles and how many are not readable.
pub fn parse_all(
    config: &Config,
    folder: &source::Folder,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Vec<article::Written>, usize) {
    let parsed: Vec<Checked<article::Parsed>> =
        folder.sources.par_iter().map(|source| article::parse(source, &config.time_zone, &config.taxonomies)).collect();
    let (mut articles, mut failed) = (Vec::new(), 0);
    for checked in parsed {
        let parsed = checked.drain_into(diagnostics);
        articles.extend(parsed.articles);
        failed += parsed.failed;
    }
    (articles, failed)
}

/// Converts the corpus to every edition of the settings.
pub fn convert_all(corpus: &Arc<Corpus>, config: &Config, desk: &Desk) -> Vec<edition::Edition> {
    desk.converters()
        .par_iter()
        .enumerate()
        .map(|(at, converter)| edition::convert(corpus, config, at, converter))
        .collect()
}
