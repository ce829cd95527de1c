//! Stage *gather*: all articles to one corpus without duplicates, with addresses and terms.
//!
//! Takes the facts of all articles and what the editors keep in `_data`; gives the [`Corpus`]: which articles are published
//! where, who was merged into whom and why, and the index of terms. Equality is decided on a folded form, so the two
//! scripts meet. Pure; must not know pages or templates.

mod address;
mod copies;
mod references;
mod tagging;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addresses::Recorded;
use crate::article::{Article, Written};
use crate::config::Config;
use crate::dedupe::{self, Decisions};
use crate::diagnostic::{Checked, Diagnostic};
use crate::facts::{Facts, Known};
use crate::script::detect;
use crate::source::Shelf;
use crate::taxonomy::{Taxonomies, TermId};

pub use address::Redirect;
pub use tagging::{By, Tagged};

/// What the editors keep beside the articles, read and checked.
pub struct Shared {
    /// Terms of the site and the built-in ones.
    pub taxonomies: Taxonomies,
    /// Decisions about duplicates.
    pub decisions: Decisions,
    /// Addresses that were published.
    pub addresses: Vec<Recorded>,
}

/// Another place where the same story stood.
#[derive(Clone, Debug, PartialEq)]
pub struct Copy {
    /// ID of the copy.
    pub id: String,
    /// Its file.
    pub path: Arc<str>,
    /// The copy as parsed, without its body.
    pub article: Arc<Head>,
    /// How it differs.
    pub kind: dedupe::Kind,
    /// Share of the smaller text found in the other, from 0 to 1.
    pub containment: f64,
    /// What its own address would have been made from.
    pub(crate) address_hint: (Option<crate::slug::Slug>, Option<crate::article::date::Moment>),
}

/// What is kept of a merged copy.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// Its title.
    pub title: String,
    /// When it was published.
    pub date: Option<crate::article::date::Moment>,
    /// Who published it.
    pub source: Option<crate::article::Origin>,
    /// Its address there.
    pub original_url: Option<String>,
}

/// Why two articles are linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// The other one reports what happened next.
    FollowUp,
    /// The other one reports what came before.
    Earlier,
    /// Both are about the same program.
    SameProgram,
    /// Both bring the same few cities together.
    SameCities,
}

/// One published article.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The article.
    pub article: Arc<Article>,
    /// What is known of its text.
    pub facts: Arc<Facts>,
    /// Path below an edition: `2019/07/some-slug/`.
    pub address: String,
    /// Its old addresses and those of its copies, as written.
    pub aliases: Vec<String>,
    /// Its terms, by taxonomy in the order of the settings, then by ID.
    pub terms: Vec<Tagged>,
    /// Where else it was published.
    pub copies: Vec<Copy>,
    /// Related articles: index into the corpus, with the reason.
    pub related: Vec<(usize, Relation)>,
    /// Hand-made editions: index into [`Corpus::hand_made`].
    pub hand_made: Vec<usize>,
}

/// A term and the articles that carry it.
#[derive(Clone, Debug, Default)]
pub struct Use {
    /// Indices into [`Corpus::entries`], in their order.
    pub entries: Vec<usize>,
}

/// All that is published.
pub struct Corpus {
    /// Published articles, the newest first, those without a date last; ties by ID.
    pub entries: Vec<Entry>,
    /// Withdrawn articles, for their tombstones.
    pub withdrawn: Vec<Entry>,
    /// Hand-made versions in the other script.
    pub hand_made: Vec<Arc<Facts>>,
    /// Taxonomy to term to articles.
    pub terms: BTreeMap<String, BTreeMap<TermId, Use>>,
    /// The taxonomies.
    pub taxonomies: Taxonomies,
    /// Names of terms that no taxonomy knows, such as free tags, by taxonomy and the ID made for them.
    pub minted: BTreeMap<String, BTreeMap<TermId, String>>,
    /// Old addresses.
    pub redirects: Vec<Redirect>,
    /// Pairs an editor should look at, by ID.
    pub review: Vec<(String, String, f64)>,
    /// What became of every article.
    pub counts: Counts,
}

/// What became of the articles: `articles == published + duplicates + skipped + errors`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All that were met.
    pub articles: usize,
    /// Published, hand-made editions included.
    pub published: usize,
    /// Merged into another.
    pub duplicates: usize,
    /// Drafts and withdrawn ones.
    pub skipped: usize,
    /// Not readable.
    pub errors: usize,
}

/// Whether drafts are published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Drafts {
    /// They are left out.
    #[default]
    Skip,
    /// They are published.
    Publish,
}

/// Gathers the articles whose facts are known.
///
/// `copies` is what the last comparison of texts remembers, and becomes what this one does; it changes nothing but time.
pub fn gather(
    known: Known,
    shared: Shared,
    config: &Config,
    drafts: Drafts,
    shelf: &Shelf,
    copies: &mut Option<dedupe::Memory>,
) -> Checked<Corpus> {
    let mut diagnostics = Vec::new();
    let Known { mut facts, failed, .. } = known;
    facts.sort_by(|a, b| a.article.id.cmp(&b.article.id));
    let mut counts = Counts { articles: facts.len() + failed, errors: failed, ..Counts::default() };
    let (drafts, facts): (Vec<_>, Vec<_>) =
        facts.into_iter().partition(|facts| facts.article.draft && drafts == Drafts::Skip);
    let links = references::resolve(&heads(&facts), &heads(&drafts), &|at| facts[at].seen, &mut diagnostics);
    let merged = copies::merge(facts, links, &shared.decisions, config, shelf, copies);
    let mut parts = merged.drain_into(&mut diagnostics);
    diagnostics.append(&mut parts.remarks);
    counts.skipped = drafts.len() + parts.withdrawn.len();
    counts.duplicates = parts.duplicates;
    counts.published = parts.published.len() + parts.hand_made.len();
    let taxonomies = shared.taxonomies;
    let (mut entries, claims): (Vec<Entry>, Vec<_>) = parts.published.into_iter().map(make_entry).unzip();
    let withdrawn = parts.withdrawn.into_iter().map(copies::Published::alone);
    let mut withdrawn: Vec<Entry> = withdrawn.map(|published| make_entry(published).0).collect();
    let mut about_addresses = Vec::new();
    let (settled, mut redirects) = rayon::join(
        || tagging::settle(&claims, &taxonomies, config),
        || address::assign(&mut entries, &mut withdrawn, config, &mut about_addresses),
    );
    entries.iter_mut().zip(settled.terms).for_each(|(entry, terms)| entry.terms = terms);
    diagnostics.extend(settled.remarks);
    diagnostics.append(&mut about_addresses);
    let order = sort_entries(&mut entries);
    let (pairs, terms) = rayon::join(|| relatives(&entries), || index_terms(&entries));
    relate(&mut entries, &parts.follow_ups, &order, pairs);
    redirects.extend(address::of_terms(&terms, &taxonomies, config, &redirects));
    redirects.extend(address::recorded(&entries, &withdrawn, &shared.addresses, &redirects, config, &mut diagnostics));
    let corpus = Corpus {
        entries,
        withdrawn,
        hand_made: parts.hand_made,
        terms,
        taxonomies,
        minted: settled.minted,
        redirects,
        review: parts.review,
        counts,
    };
    Checked { value: corpus, diagnostics }
}

fn heads(facts: &[Arc<Facts>]) -> Vec<&Article> {
    facts.iter().map(|facts| facts.article.as_ref()).collect()
}

/// What comparing articles gives, for those who show it.
pub struct Comparison<'a> {
    /// The report; its places are those of the other lists.
    pub report: dedupe::Report,
    /// The index of each article that was compared.
    pub members: Vec<usize>,
    /// What was compared.
    pub sketches: Vec<dedupe::Sketch>,
    /// The texts, what they say twice said once.
    pub texts: Vec<Cow<'a, str>>,
    /// Complaints about decisions that no longer hold.
    pub stale: Vec<Diagnostic>,
}

/// Compares articles as a build does.
pub fn compare<'a>(written: &'a [Written], decisions: &Decisions, config: &Config) -> Comparison<'a> {
    let articles: Vec<&Article> = written.iter().map(|written| &written.article).collect();
    let seen = |at: usize| detect::detect(&written[at].body).verdict;
    let links = references::resolve(&articles, &[], &seen, &mut Vec::new());
    copies::comparison(written, decisions, &links, config)
}

/// Makes the entry of an article, and what it and its text say about terms.
fn make_entry(published: copies::Published) -> (Entry, tagging::Claims) {
    let facts = published.facts;
    let claims = tagging::Claims::new(&facts, published.terms);
    let entry = Entry {
        article: Arc::clone(&facts.article),
        facts,
        address: String::new(),
        aliases: published.aliases,
        terms: Vec::new(),
        copies: published.copies,
        related: Vec::new(),
        hand_made: published.hand_made,
    };
    (entry, claims)
}

/// Sorts the newest first and returns where each entry went.
fn sort_entries(entries: &mut Vec<Entry>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by(|&a, &b| {
        let (a, b) = (&entries[a].article, &entries[b].article);
        b.date.cmp(&a.date).then_with(|| a.id.cmp(&b.id))
    });
    let mut places = vec![0; order.len()];
    for (new, &old) in order.iter().enumerate() {
        places[old] = new;
    }
    let mut slots: Vec<Option<Entry>> = std::mem::take(entries).into_iter().map(Some).collect();
    entries.extend(order.iter().filter_map(|&old| slots[old].take()));
    places
}

/// The most related articles shown.
const MOST_RELATED: usize = 6;

/// A program, or pair of cities, with more articles than this says nothing about two of them being related.
const NARROW: usize = 12;

/// Links follow-ups, and articles of the same program.
fn relate(
    entries: &mut [Entry],
    follow_ups: &[(usize, usize)],
    places: &[usize],
    relatives: Vec<(usize, usize, Relation)>,
) {
    for &(earlier, later) in follow_ups {
        let (earlier, later) = (places[earlier], places[later]);
        entries[earlier].related.push((later, Relation::FollowUp));
        entries[later].related.push((earlier, Relation::Earlier));
    }
    for (a, b, relation) in relatives {
        entries[a].related.push((b, relation));
    }
    for entry in entries {
        let mut seen = Vec::new();
        entry.related.sort_by_key(|&(other, relation)| (relation, other));
        entry.related.retain(|&(other, _)| {
            let new = !seen.contains(&other);
            seen.push(other);
            new
        });
        entry.related.truncate(MOST_RELATED);
    }
}

/// Pairs of articles that share a program, or two cities, few other articles have.
fn relatives(entries: &[Entry]) -> Vec<(usize, usize, Relation)> {
    // Terms by number: a pair of cities is looked up for each pair an article has.
    let mut numbers: BTreeMap<&TermId, usize> = BTreeMap::new();
    let (mut programs, mut cities) = (Vec::new(), Vec::new());
    for (at, entry) in entries.iter().enumerate() {
        let mut of_entry = Vec::new();
        for term in &entry.terms {
            let next = numbers.len();
            let mut number = || *numbers.entry(&term.id).or_insert(next);
            match term.taxonomy.as_str() {
                "program" => programs.push(((number(), 0), at)),
                "city" => of_entry.push(number()),
                _ => {}
            }
        }
        for (place, &first) in of_entry.iter().enumerate() {
            let pair = |&second: &usize| ((first.min(second), first.max(second)), at);
            cities.extend(of_entry[place + 1..].iter().map(pair));
        }
    }
    let mut pairs = Vec::new();
    for (mut known, relation) in [(programs, Relation::SameProgram), (cities, Relation::SameCities)] {
        known.sort_unstable();
        for group in known.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() <= NARROW) {
            for &(_, a) in group {
                pairs.extend(group.iter().filter(|(_, b)| *b != a).map(|&(_, b)| (a, b, relation)));
            }
        }
    }
    pairs
}

fn index_terms(entries: &[Entry]) -> BTreeMap<String, BTreeMap<TermId, Use>> {
    let mut terms: BTreeMap<String, BTreeMap<TermId, Use>> = BTreeMap::new();
    for (at, entry) in entries.iter().enumerate() {
        for term in &entry.terms {
            if !terms.contains_key(&term.taxonomy) {
                terms.insert(term.taxonomy.clone(), BTreeMap::new());
            }
            let Some(taxonomy) = terms.get_mut(&term.taxonomy) else { continue };
            match taxonomy.get_mut(&term.id) {
                Some(used) => used.entries.push(at),
                None => {
                    taxonomy.insert(term.id.clone(), Use { entries: vec![at] });
                }
            }
        }
    }
    terms
}

/// Warns about an article at a key of its front matter.
fn warn_at(article: &Article, key: &str, code: &'static str, message: String, help: &str) -> Diagnostic {
    article.place(key, Diagnostic::warning(code, article.path.as_ref(), message).help(help))
}

/// Refuses an article at a key of its front matter.
fn refuse_at(article: &Article, key: &str, code: &'static str, message: String, help: &str) -> Diagnostic {
    article.place(key, Diagnostic::error(code, article.path.as_ref(), message).help(help))
}
