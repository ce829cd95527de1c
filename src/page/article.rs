//! Article pages and tombstones.

use std::borrow::Cow;
use std::sync::Arc;

use super::json_ld;
use super::links::PageLinks;
use super::view::{About, Crumb, Notes, Rendering, View, date, root};
use crate::article::{Rights, TitleFrom};
use crate::corpus::{Entry, Relation};
use crate::diagnostic::Diagnostic;
use crate::markdown;
use crate::script::Origin;
use crate::value::{self, Value};

/// Characters a reader of Chinese news reads in a minute.
const READING_SPEED: usize = 450;

/// The context of an article page.
pub(super) fn article(view: &View, path: &str, at: usize, body: Option<Arc<str>>, notes: &mut Notes) -> Rendering {
    let entry = &view.edition().corpus.entries[at];
    let root = root(&view.site.config, path);
    let content = content(view, entry, &root, body, notes);
    let html: Arc<str> = content.html.into();
    if !content.rooted {
        view.bodies.leave(at, &html, &notes.asked);
    }
    let picture = content.picture.map(|picture| format!("{}{picture}", view.site.config.absolute_root()));
    let heading = &view.edition().headings[at];
    let article = value::with(
        view.item(at),
        [
            ("id", value::text(&entry.article.id)),
            ("content", Value::Safe(html)),
            ("related", related(view, entry)),
            ("neighbours", neighbours(view, at)),
            ("withdrawn", value::text("")),
        ],
    );
    let article = with_fields(view, entry, &view.terms_of(at), &article);
    let crumbs = crumbs(view, entry, &heading.title);
    let about = About {
        kind: "article",
        description: &heading.summary,
        noindex: entry.article.noindex,
        json_ld: json_ld::article(view, entry, &heading.title, path, &crumbs, picture.as_deref()),
        picture: picture.unwrap_or_default(),
        crumbs,
        ..About::default()
    };
    Rendering {
        template: "article.html",
        context: vec![("title", value::text(&heading.title)), ("page", view.page(path, about)), ("article", article)],
    }
}

/// The context of a withdrawn article's page: title and reason, no text.
pub(super) fn tombstone(view: &View, path: &str, at: usize) -> Rendering {
    let entry = &view.edition().corpus.withdrawn[at];
    let heading = view.edition().heading(entry);
    let reason = entry.article.withdrawn.as_deref().unwrap_or_default();
    let reason = if reason.is_empty() { "—" } else { reason };
    let article = value::map([
        ("title", value::text(&heading.title)),
        ("url", value::text(&view.url(&entry.address))),
        ("date", date(entry.article.date)),
        ("summary", value::text("")),
        ("terms", value::list([])),
        ("lang", value::text("")),
        ("content", value::safe("")),
        ("related", value::list([])),
        ("neighbours", value::list([])),
        ("withdrawn", value::text(&view.edition().text(reason, Origin::Auto))),
    ]);
    let terms: Vec<Value> = entry.terms.iter().map(|term| view.term(&term.taxonomy, &term.id)).collect();
    let terms: Vec<(&str, &Value)> = entry.terms.iter().map(|term| term.taxonomy.as_str()).zip(&terms).collect();
    let article = with_fields(view, entry, &terms, &article);
    let about =
        About { kind: "article", noindex: true, crumbs: crumbs(view, entry, &heading.title), ..About::default() };
    Rendering {
        template: "article.html",
        context: vec![("title", value::text(&heading.title)), ("page", view.page(path, about)), ("article", article)],
    }
}

/// A body in one edition.
pub(super) struct Content {
    /// Sanitised HTML.
    pub(super) html: String,
    /// Output path of its first picture.
    pub(super) picture: Option<String>,
    /// Whether an address in it begins at the root that was given.
    pub(super) rooted: bool,
}

/// The Markdown of an entry in this edition's script.
pub(super) fn body(view: &View, entry: &Entry) -> Arc<str> {
    let text = match entry.article.rights {
        Some(Rights::Link | Rights::Excerpt) => Arc::from(""),
        _ => view.edition().facts(entry).text(&view.site.shelf),
    };
    let body = match view.edition().body(entry, &text) {
        Cow::Borrowed(body) if body.len() == text.len() => None,
        body => Some(Arc::from(body.as_ref())),
    };
    body.unwrap_or(text)
}

/// The body of an entry in this edition; `body` is its Markdown where that was made before.
pub(super) fn content(view: &View, entry: &Entry, root: &str, made: Option<Arc<str>>, notes: &mut Notes) -> Content {
    let body = made.unwrap_or_else(|| body(view, entry));
    let links = PageLinks::new(view, entry, root);
    let title = (entry.article.title_from == TitleFrom::Heading || body.trim_start().starts_with('#'))
        .then(|| view.edition().heading(entry).title.clone());
    let rendered = markdown::render(&body, title.as_deref(), &links);
    let rooted = links.is_rooted();
    let picture = links.note(notes);
    if rendered.raw_shown {
        notes.remarks.push(
            Diagnostic::warning(
                "html-too-deep",
                entry.article.path.as_ref(),
                "raw HTML nested too deeply; shown as text",
            )
            .at(entry.article.body_line, 1)
            .help("write the text as Markdown"),
        );
    }
    if rendered.tags_dropped {
        notes.remarks.push(
            Diagnostic::warning(
                "html-tag-dropped",
                entry.article.path.as_ref(),
                "an HTML tag too long, or with too many attributes; left out",
            )
            .at(entry.article.body_line, 1)
            .help("write the text as Markdown, and put pictures into files of their own"),
        );
    }
    Content { html: rendered.html, picture, rooted }
}

/// The fields of an article that need no body.
fn with_fields(view: &View, entry: &Entry, terms: &[(&str, &Value)], base: &Value) -> Value {
    let article = &entry.article;
    let text = |text: &str| value::text(&view.edition().text_of(entry, text));
    let source = article.source.as_ref();
    let minutes = entry.facts.length.div_ceil(READING_SPEED).max(1);
    let corrections = article
        .corrections
        .iter()
        .map(|correction| value::map([("date", date(correction.date)), ("text", text(&correction.text))]));
    let extra = match article.extra.is_empty() {
        true => value::map([]),
        false => value::json(&serde_json::to_value(&article.extra).unwrap_or_default()),
    };
    value::with(
        base,
        [
            ("authors", value::list(article.authors.iter().map(|name| text(name)))),
            ("editor", text(article.editor.as_deref().unwrap_or(""))),
            ("updated", date(article.updated)),
            (
                "source",
                value::map([
                    ("name", text(source.map_or("", |source| &source.name))),
                    ("url", value::text(source.and_then(|source| source.url.as_deref()).unwrap_or(""))),
                ]),
            ),
            ("original_url", value::text(article.original_url.as_deref().unwrap_or(""))),
            ("original_script", value::text(script_name(view, entry.facts.script))),
            ("leading", leading(view, terms)),
            ("others", others(view, terms)),
            ("also_published", also_published(view, entry)),
            ("corrections", value::list(corrections)),
            ("rights", value::text(article.rights.unwrap_or_default().as_str())),
            ("characters", entry.facts.length.into()),
            ("minutes", minutes.into()),
            ("extra", extra),
        ],
    )
}

fn script_name(view: &View, script: Origin) -> &'static str {
    let hans = view.edition().config.script == crate::script::Script::Hans;
    match (script, hans) {
        (Origin::Hans, true) => "简体",
        (Origin::Hans, false) => "簡體",
        (Origin::Hant, true) => "繁体",
        (Origin::Hant, false) => "繁體",
        (Origin::Mixed, true) => "简繁混合",
        (Origin::Mixed, false) => "簡繁混合",
        (Origin::Auto, _) => "",
    }
}

/// The terms that stand over the headline: cities and programs.
fn leading(view: &View, terms: &[(&str, &Value)]) -> Value {
    let taxonomies = view.site.config.taxonomies.iter().filter(|name| is_leading(name));
    value::list(taxonomies.flat_map(|taxonomy| of_taxonomy(terms, taxonomy)))
}

/// The other taxonomies that the article has terms of.
fn others(view: &View, terms: &[(&str, &Value)]) -> Value {
    value::list(view.site.config.taxonomies.iter().filter(|name| !is_leading(name)).filter_map(|taxonomy| {
        let mut terms = of_taxonomy(terms, taxonomy).peekable();
        terms.peek()?;
        Some(value::map([
            ("id", value::text(taxonomy)),
            ("name", value::text(&view.taxonomy_name(taxonomy))),
            ("url", value::text(&view.url(&format!("{taxonomy}/")))),
            ("terms", value::list(terms)),
        ]))
    }))
}

fn of_taxonomy(terms: &[(&str, &Value)], taxonomy: &str) -> impl Iterator<Item = Value> {
    terms.iter().filter(move |(name, _)| *name == taxonomy).map(|(_, term)| Value::clone(term))
}

fn is_leading(taxonomy: &str) -> bool {
    matches!(taxonomy, "city" | "program")
}

fn also_published(view: &View, entry: &Entry) -> Value {
    value::list(entry.copies.iter().map(|copy| {
        let head = &copy.article;
        let source = head.source.as_ref();
        let url = head.original_url.as_deref().or_else(|| source.and_then(|source| source.url.as_deref()));
        value::map([
            ("source", value::text(&view.edition().text(source.map_or("", |source| &source.name), Origin::Auto))),
            ("url", value::text(url.unwrap_or(""))),
            ("date", date(head.date)),
            ("title", value::text(&view.edition().text(&head.title, Origin::Auto))),
        ])
    }))
}

fn related(view: &View, entry: &Entry) -> Value {
    value::list(entry.related.iter().map(|&(other, relation)| {
        let reason = match (relation, view.edition().config.script) {
            (Relation::FollowUp, crate::script::Script::Hans) => "后续报道",
            (Relation::FollowUp, _) => "後續報道",
            (Relation::Earlier, crate::script::Script::Hans) => "此前报道",
            (Relation::Earlier, _) => "此前報道",
            (Relation::SameProgram, crate::script::Script::Hans) => "同一项目",
            (Relation::SameProgram, _) => "同一項目",
            (Relation::SameCities, _) => "相同城市",
        };
        value::with(view.item(other), [("reason", value::text(reason))])
    }))
}

/// The articles before and after within each city and program.
fn neighbours(view: &View, at: usize) -> Value {
    let places = &view.site.places;
    let leading = places.of(at).iter().filter(|place| is_leading(places.taxonomy(place)));
    let in_company = leading.filter(|place| place.older.is_some() || place.newer.is_some());
    value::list(in_company.map(|place| {
        let term = view.numbered(place.term).as_map();
        let of_term = |name: &str| term.and_then(|term| term.get(name)).cloned().unwrap_or_else(value::none);
        let item = |at: Option<usize>| at.map_or_else(value::none, |at| view.item(at).clone());
        value::map([
            ("label", of_term("name")),
            ("url", of_term("url")),
            ("prev", item(place.older)),
            ("next", item(place.newer)),
        ])
    }))
}

fn crumbs(view: &View, entry: &Entry, title: &str) -> Vec<Crumb> {
    let url = view.url(&entry.address);
    match entry.article.date {
        Some(date) => {
            let year_url = view.url(&format!("{:04}/", date.year()));
            view.crumbs([(&format!("{}年", date.year()), year_url), (title, url)])
        }
        None => view.crumbs([(view.word("undated"), view.url("undated/")), (title, url)]),
    }
}
