//! Who is merged into whom: by an editor's word, or because two texts are one story.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::references::Links;
use super::{Copy, Head};
use crate::article::Article;
use crate::config::Config;
use crate::dedupe::{self, Decisions, Document, Kind, Texts, doubled};
use crate::diagnostic::{Checked, Diagnostic};

/// An article to publish, with what its copies bring.
pub(super) struct Published {
    pub(super) article: Article,
    pub(super) copies: Vec<Copy>,
    /// Terms written in the article and in its copies.
    pub(super) terms: BTreeMap<String, Vec<String>>,
    /// Indices of its hand-made editions.
    pub(super) hand_made: Vec<usize>,
}

impl Published {
    /// An article without copies.
    pub(super) fn alone(article: Article) -> Self {
        let terms = article.terms.clone();
        Published { article, copies: Vec::new(), terms, hand_made: Vec::new() }
    }
}

/// What merging leaves.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) published: Vec<Published>,
    pub(super) withdrawn: Vec<Article>,
    pub(super) hand_made: Vec<Article>,
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
    mut articles: Vec<Article>,
    links: Links,
    decisions: &Decisions,
    config: &Config,
) -> Checked<Parts> {
    let mut diagnostics = Vec::new();
    drop_repeats(&mut articles, &mut diagnostics);
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
        let report = compare(&articles, &pool, decisions, &links, config);
        diagnostics.extend(report.1);
        let report = report.0;
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
    distribute(articles, &roles, merged, &links, &follow_ups, &mut parts);
    Checked { value: parts, diagnostics }
}

/// The duplicate report of all articles that may be merged, and their indices.
pub(super) fn report(
    articles: &[Article],
    decisions: &Decisions,
    links: &Links,
    config: &Config,
) -> (dedupe::Report, Vec<usize>) {
    let roles = roles(articles, links);
    let pool: Vec<usize> = (0..articles.len()).filter(|&at| roles[at] == Role::Candidate).collect();
    (compare(articles, &pool, decisions, links, config).0, pool)
}

struct Merged {
    at: usize,
    kind: Kind,
    containment: f64,
}

/// Publishes a text that stands twice in one article once.
fn drop_repeats(articles: &mut [Article], diagnostics: &mut Vec<Diagnostic>) {
    let found: Vec<Option<doubled::Doubled>> =
        articles.par_iter().map(|article| doubled::inside(&article.body)).collect();
    for (article, found) in articles.iter_mut().zip(found) {
        let Some(found) = found else { continue };
        let first = found.drop.first().map_or(0, |range| range.start);
        let line = article.body_line + article.body[..first].matches('\n').count();
        let what = match found.shape {
            doubled::Shape::Pasted => "the text stands here a second time",
            doubled::Shape::Lead => "the beginning of the text is repeated here",
        };
        diagnostics.push(
            Diagnostic::warning("text-repeated", article.path.as_ref(), what)
                .at(line, 1)
                .help("delete the repetition; it is published once"),
        );
        article.body = found.without(&article.body);
    }
}

fn roles(articles: &[Article], links: &Links) -> Vec<Role> {
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

struct Bodies<'a> {
    articles: &'a [Article],
    pool: &'a [usize],
}

impl Texts for Bodies<'_> {
    fn text(&self, index: usize) -> Cow<'_, str> {
        Cow::Borrowed(&self.articles[self.pool[index]].body)
    }
}

fn compare(
    articles: &[Article],
    pool: &[usize],
    decisions: &Decisions,
    links: &Links,
    config: &Config,
) -> (dedupe::Report, Vec<Diagnostic>) {
    let sketches: Vec<dedupe::Sketch> = pool
        .par_iter()
        .map(|&at| {
            let article = &articles[at];
            let date = article.date.map(|date| date.to_string());
            dedupe::sketch(&Document {
                id: &article.id,
                text: &article.body,
                title: Some(&article.title),
                date: date.as_deref(),
                source: article.source.as_ref().map(|source| source.name.as_str()),
            })
        })
        .collect();
    let stale = decisions.stale(&sketches);
    let mut decisions = decisions.clone();
    for &(a, b) in &links.distinct {
        decisions.keep_apart(&articles[a].id, &articles[b].id);
    }
    let named: BTreeSet<&str> =
        links.canonical.values().chain(links.edition_of.values()).map(|&at| articles[at].id.as_str()).collect();
    let is_named = |id: &str| named.contains(id);
    let preferences = dedupe::Preferences { sources: &config.trusted_sources, named: Some(&is_named) };
    let report = dedupe::cluster_by(&sketches, &Bodies { articles, pool }, &decisions, &preferences);
    (report, stale)
}

fn distribute(
    articles: Vec<Article>,
    roles: &[Role],
    mut merged: BTreeMap<usize, Vec<Merged>>,
    links: &Links,
    follow_ups: &[(usize, usize)],
    parts: &mut Parts,
) {
    let mut slots: Vec<Option<Article>> = articles.into_iter().map(Some).collect();
    let mut places: BTreeMap<usize, usize> = BTreeMap::new();
    for at in 0..slots.len() {
        match roles[at] {
            Role::Candidate => {
                let Some(article) = slots[at].take() else { continue };
                let mut published = Published::alone(article);
                for copy in merged.remove(&at).unwrap_or_default() {
                    if let Some(article) = slots[copy.at].take() {
                        parts.remarks.extend(pasted_twice(&published.article, &article));
                        take_copy(&mut published, article, &copy);
                        parts.duplicates += 1;
                    }
                }
                places.insert(at, parts.published.len());
                parts.published.push(published);
            }
            Role::Withdrawn => parts.withdrawn.extend(slots[at].take()),
            Role::HandMade | Role::CopyOf(_) => {}
        }
    }
    for (at, slot) in slots.iter_mut().enumerate() {
        if roles[at] == Role::HandMade {
            place_hand_made(at, slot.take(), roles, links, &places, parts);
        }
    }
    parts.follow_ups = follow_ups.iter().filter_map(|(a, b)| Some((*places.get(a)?, *places.get(b)?))).collect();
}

/// Gives a hand-made edition to its article, or to the one that article was merged into.
fn place_hand_made(
    at: usize,
    article: Option<Article>,
    roles: &[Role],
    links: &Links,
    places: &BTreeMap<usize, usize>,
    parts: &mut Parts,
) {
    let Some(article) = article else { return };
    let mut of = links.edition_of.get(&at).copied();
    if let Some(Role::CopyOf(root)) = of.map(|of| roles[of]) {
        of = Some(root);
    }
    match of.and_then(|of| places.get(&of)) {
        Some(&place) => {
            parts.published[place].hand_made.push(parts.hand_made.len());
            parts.hand_made.push(article);
        }
        // Its article is itself a hand-made edition or withdrawn: it stands on its own feet.
        None => parts.published.push(Published::alone(article)),
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

fn take_copy(published: &mut Published, article: Article, copy: &Merged) {
    for (taxonomy, terms) in &article.terms {
        let own = published.terms.entry(taxonomy.clone()).or_default();
        for term in terms {
            if !own.contains(term) {
                own.push(term.clone());
            }
        }
    }
    published.article.aliases.extend(article.aliases.iter().cloned());
    published.copies.push(Copy {
        id: article.id,
        path: article.path,
        kind: copy.kind,
        containment: copy.containment,
        address_hint: (article.slug, article.date),
        article: Arc::new(Head {
            title: article.title,
            date: article.date,
            source: article.source,
            original_url: article.original_url,
        }),
    });
}
