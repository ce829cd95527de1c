//! Who is merged into whom: by an editor's word, or because two texts are one story.

use std::borrow::{Borrow, Cow};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::references::Links;
use super::{Comparison, Copy, Head};
use crate::article::{Article, Rights, Written};
use crate::config::Config;
use crate::dedupe::{self, Decisions, Kind, Texts, doubled};
use crate::diagnostic::{Checked, Diagnostic};
use crate::facts::{self, Facts};
use crate::source::Shelf;

/// An article to publish, with what its copies bring.
pub(super) struct Published {
    pub(super) facts: Arc<Facts>,
    pub(super) copies: Vec<Copy>,
    /// Terms written in the article and in its copies, where those bring any.
    pub(super) terms: Option<BTreeMap<String, Vec<String>>>,
    /// Old addresses written in the article and in its copies.
    pub(super) aliases: Vec<String>,
    /// Indices of its hand-made editions.
    pub(super) hand_made: Vec<usize>,
}

impl Published {
    /// An article without copies.
    pub(super) fn alone(facts: Arc<Facts>) -> Self {
        let aliases = facts.article.aliases.clone();
        Published { facts, copies: Vec::new(), terms: None, aliases, hand_made: Vec::new() }
    }
}

/// What merging leaves.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) published: Vec<Published>,
    pub(super) withdrawn: Vec<Arc<Facts>>,
    pub(super) hand_made: Vec<Arc<Facts>>,
    pub(super) duplicates: usize,
    /// Pairs of indices into `published`, the earlier report first.
    pub(super) follow_ups: Vec<(usize, usize)>,
    pub(super) review: Vec<(String, String, f64)>,
    pub(super) remarks: Vec<Diagnostic>,
}

/// The role of one article.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Candidate,
    Withdrawn,
    HandMade,
    CopyOf(usize),
}

/// Merges copies into their canonical articles.
pub(super) fn merge(
    mut facts: Vec<Arc<Facts>>,
    links: Links,
    decisions: &Decisions,
    config: &Config,
    shelf: &Shelf,
    memory: &mut Option<dedupe::Memory>,
) -> Checked<Parts> {
    let mut diagnostics = facts.iter().filter_map(|facts| repeated(facts)).collect::<Vec<_>>();
    let held: Vec<Arc<Article>> = facts.iter().map(|facts| Arc::clone(&facts.article)).collect();
    let articles: Vec<&Article> = held.iter().map(AsRef::as_ref).collect();
    let mut roles = roles(&articles, &links);
    let mut merged: BTreeMap<usize, Vec<Merged>> = BTreeMap::new();
    for (at, role) in roles.iter().enumerate() {
        if let Role::CopyOf(root) = *role {
            merged.entry(root).or_default().push(Merged { at, kind: Kind::Near, containment: 1.0 });
        }
    }
    let mut parts = Parts::default();
    let mut follow_ups = Vec::new();
    if config.dedupe {
        let pool: Vec<usize> = (0..articles.len()).filter(|&at| roles[at] == Role::Candidate).collect();
        let sketches = pool.iter().filter_map(|&at| facts[at].sketch.as_ref()).collect::<Vec<_>>();
        let texts = Kept { facts: &facts, pool: &pool, shelf };
        let (report, stale) = compare(&articles, &sketches, &texts, decisions, &links, config, memory);
        diagnostics.extend(stale);
        for cluster in &report.clusters {
            let members = cluster.members.iter().map(|member| (pool[member.index], member));
            let Some(root) = cluster.members.first().map(|member| pool[member.index]) else { continue };
            for (at, member) in members.filter(|&(at, _)| at != root) {
                roles[at] = Role::CopyOf(root);
                let kind = if articles[at].path == articles[root].path { Kind::Doubled } else { member.kind };
                merged.entry(root).or_default().push(Merged { at, kind, containment: member.containment });
                let carried = merged.remove(&at).unwrap_or_default();
                merged.entry(root).or_default().extend(carried);
            }
        }
        follow_ups = report.follow_ups.iter().map(|&(a, b)| (pool[a], pool[b])).collect();
        let id = |at: usize| articles[pool[at]].id.clone();
        parts.review = report.review.iter().map(|pair| (id(pair.a), id(pair.b), pair.containment)).collect();
    }
    // Nobody compares them again, unless they are kept for another round.
    facts.iter_mut().filter_map(Arc::get_mut).for_each(|facts| facts.sketch = None);
    distribute(facts, &roles, merged, &links, &follow_ups, &mut parts);
    Checked { value: parts, diagnostics }
}

/// Compares all articles that may be merged.
pub(super) fn comparison<'a>(
    written: &'a [Written],
    decisions: &Decisions,
    links: &Links,
    config: &Config,
) -> Comparison<'a> {
    let articles: Vec<&Article> = written.iter().map(|written| &written.article).collect();
    let roles = roles(&articles, links);
    let members: Vec<usize> = (0..articles.len()).filter(|&at| roles[at] == Role::Candidate).collect();
    let surveys: Vec<(dedupe::Sketch, Cow<'_, str>)> = members.par_iter().map(|&at| said_once(&written[at])).collect();
    let (sketches, texts): (Vec<_>, Vec<_>) = surveys.into_iter().unzip();
    let (report, stale) = compare(&articles, &sketches, &texts, decisions, links, config, &mut None);
    Comparison { report, members, sketches, texts, stale }
}

/// Gives the sketch and the body of an article, what it says twice said once.
fn said_once(written: &Written) -> (dedupe::Sketch, Cow<'_, str>) {
    let survey = facts::survey(&written.article, &written.body);
    let body = survey.doubled.map(|doubled| doubled.without(&written.body));
    (survey.sketch, body.map_or(Cow::Borrowed(written.body.as_str()), Cow::Owned))
}

struct Merged {
    at: usize,
    kind: Kind,
    containment: f64,
}

/// A hand-made version shows no more of its article than the article's own rights allow.
fn within_rights(facts: Arc<Facts>, rights: Option<Rights>) -> Arc<Facts> {
    let strictness = |rights: Option<Rights>| rights.unwrap_or_default() as u8;
    if strictness(rights) <= strictness(facts.article.rights) {
        return facts;
    }
    let mut facts = Facts::clone(&facts);
    let mut article = Article::clone(&facts.article);
    article.rights = rights;
    if rights == Some(Rights::Link) && article.summary.is_none() {
        facts.summary = String::new();
    }
    facts.article = Arc::new(article);
    Arc::new(facts)
}

/// A text that stands twice in one article, and is published once, is worth a word.
fn repeated(facts: &Facts) -> Option<Diagnostic> {
    let what = match facts.repeated.as_ref()?.shape {
        doubled::Shape::Pasted => "the text stands here a second time",
        doubled::Shape::Lead => "the beginning of the text is repeated here",
    };
    let remark = Diagnostic::warning("text-repeated", facts.article.path.as_ref(), what);
    Some(remark.at(facts.repeated_line, 1).help("delete the repetition; it is published once"))
}

fn roles(articles: &[&Article], links: &Links) -> Vec<Role> {
    (0..articles.len())
        .map(|at| {
            if articles[at].withdrawn.is_some() {
                Role::Withdrawn
            } else if links.edition_of.contains_key(&at) {
                Role::HandMade
            } else if let Some(root) = root_of(at, &links.canonical) {
                Role::CopyOf(root)
            } else {
                Role::Candidate
            }
        })
        .collect()
}

/// Follows a chain of `canonical` to its end; circles are gone by now.
fn root_of(at: usize, canonical: &BTreeMap<usize, usize>) -> Option<usize> {
    let mut root = None;
    let mut here = at;
    while let Some(&next) = canonical.get(&here) {
        root = Some(next);
        here = next;
    }
    root
}

/// Texts of articles whose facts are known.
struct Kept<'a> {
    facts: &'a [Arc<Facts>],
    pool: &'a [usize],
    shelf: &'a Shelf,
}

impl Texts for Kept<'_> {
    fn text(&self, index: usize) -> Cow<'_, str> {
        Cow::Owned(self.facts[self.pool[index]].text(self.shelf).to_string())
    }
}

fn compare<S: Borrow<dedupe::Sketch>>(
    articles: &[&Article],
    sketches: &[S],
    texts: &impl Texts,
    decisions: &Decisions,
    links: &Links,
    config: &Config,
    memory: &mut Option<dedupe::Memory>,
) -> (dedupe::Report, Vec<Diagnostic>) {
    let stale = decisions.stale(sketches, texts);
    let mut decisions = decisions.clone();
    for &(a, b) in &links.distinct {
        decisions.keep_apart(&articles[a].id, &articles[b].id);
    }
    let named: BTreeSet<&str> =
        links.canonical.values().chain(links.edition_of.values()).map(|&at| articles[at].id.as_str()).collect();
    let is_named = |id: &str| named.contains(id);
    let preferences = dedupe::Preferences { sources: &config.trusted_sources, named: Some(&is_named) };
    let (report, remembered) = dedupe::cluster_remembering(sketches, texts, &decisions, &preferences, memory.as_ref());
    *memory = Some(remembered);
    (report, stale)
}

fn distribute(
    facts: Vec<Arc<Facts>>,
    roles: &[Role],
    mut merged: BTreeMap<usize, Vec<Merged>>,
    links: &Links,
    follow_ups: &[(usize, usize)],
    parts: &mut Parts,
) {
    let mut slots: Vec<Option<Arc<Facts>>> = facts.into_iter().map(Some).collect();
    let mut places: BTreeMap<usize, usize> = BTreeMap::new();
    let mut reasons: BTreeMap<usize, String> = BTreeMap::new();
    for at in 0..slots.len() {
        match roles[at] {
            Role::Candidate => {
                let Some(facts) = slots[at].take() else { continue };
                let mut published = Published::alone(facts);
                for copy in merged.remove(&at).unwrap_or_default() {
                    if let Some(facts) = slots[copy.at].take() {
                        parts.remarks.extend(pasted_twice(&published.facts.article, &facts.article));
                        take_copy(&mut published, &facts.article, &copy);
                        parts.duplicates += 1;
                    }
                }
                places.insert(at, parts.published.len());
                parts.published.push(published);
            }
            Role::Withdrawn => {
                let Some(facts) = slots[at].take() else { continue };
                reasons.insert(at, facts.article.withdrawn.clone().unwrap_or_default());
                parts.withdrawn.push(facts);
            }
            Role::HandMade | Role::CopyOf(_) => {}
        }
    }
    for (at, slot) in slots.iter_mut().enumerate() {
        if roles[at] == Role::HandMade {
            place_hand_made(at, slot.take(), roles, links, &places, &reasons, parts);
        }
    }
    parts.follow_ups = follow_ups.iter().filter_map(|(a, b)| Some((*places.get(a)?, *places.get(b)?))).collect();
}

/// Gives a hand-made edition to its article, or to the one that article was merged into.
fn place_hand_made(
    at: usize,
    facts: Option<Arc<Facts>>,
    roles: &[Role],
    links: &Links,
    places: &BTreeMap<usize, usize>,
    reasons: &BTreeMap<usize, String>,
    parts: &mut Parts,
) {
    let Some(facts) = facts else { return };
    let mut of = links.edition_of.get(&at).copied();
    if let Some(Role::CopyOf(root)) = of.map(|of| roles[of]) {
        of = Some(root);
    }
    match of.and_then(|of| places.get(&of)) {
        Some(&place) => {
            let facts = within_rights(facts, parts.published[place].facts.article.rights);
            parts.published[place].hand_made.push(parts.hand_made.len());
            parts.hand_made.push(facts);
        }
        // What is withdrawn is withdrawn in every version.
        None if of.is_some_and(|of| reasons.contains_key(&of)) => {
            let mut facts = Facts::clone(&facts);
            let mut article = Article::clone(&facts.article);
            article.withdrawn = of.and_then(|of| reasons.get(&of)).cloned();
            facts.article = Arc::new(article);
            parts.withdrawn.push(Arc::new(facts));
        }
        // Its article is itself a hand-made edition: it stands on its own feet.
        None => parts.published.push(Published::alone(facts)),
    }
}

/// A copy inside one file is a slip of whoever saved the page, so it is worth a word.
fn pasted_twice(article: &Article, copy: &Article) -> Option<Diagnostic> {
    (article.path == copy.path).then(|| {
        Diagnostic::warning(
            "pasted-twice",
            copy.path.as_ref(),
            format!("the article of line {} stands here again; published once", article.line),
        )
        .at(copy.line, 1)
        .help("delete the second copy")
    })
}

fn take_copy(published: &mut Published, article: &Article, copy: &Merged) {
    for (taxonomy, terms) in &article.terms {
        let joined = published.terms.get_or_insert_with(|| published.facts.article.terms.clone());
        let own = joined.entry(taxonomy.clone()).or_default();
        for term in terms {
            if !own.contains(term) {
                own.push(term.clone());
            }
        }
    }
    published.aliases.extend(article.aliases.iter().cloned());
    published.copies.push(Copy {
        id: article.id.clone(),
        path: Arc::clone(&article.path),
        kind: copy.kind,
        containment: copy.containment,
        address_hint: (article.slug.clone(), article.date),
        article: Arc::new(Head {
            title: article.title.clone(),
            date: article.date,
            source: article.source.clone(),
            original_url: article.original_url.clone(),
        }),
    });
}
