//! What the templates of one edition share: made once, handed to every page.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::bodies::Bodies;
use super::depends::Depends;
use super::{Kind, Page, Site, json_ld};
use crate::article::date::Moment;
use crate::config::Config;
use crate::corpus::Entry;
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::edition::Edition;
use crate::script::{Region, Script};
use crate::taxonomy::TermId;
use crate::theme::Theme;
use crate::value::{self, Value};

/// The name of this program, as pages and feeds give it.
const GENERATOR: &str = concat!("jianfan ", env!("CARGO_PKG_VERSION"));

/// The context of a page, by name.
pub(super) type Context = Vec<(&'static str, Value)>;

/// The views of all editions, and what is needed to render any page.
pub struct Views {
    site: Arc<Site>,
    theme: Arc<Theme>,
    editions: Vec<View>,
    depends: Depends,
}

/// What the pages of one edition share.
pub(super) struct View {
    pub(super) site: Arc<Site>,
    pub(super) index: usize,
    /// List entries, in the order of the corpus.
    items: Vec<OnceLock<Value>>,
    /// What pages leave for feeds.
    pub(super) bodies: Bodies,
    /// `{taxonomy, id, name, url}` of each term. No count: a page that shows one changes with every article of the term.
    /// By number.
    terms: Vec<Value>,
    /// Dates of articles, in the order of the corpus: the same in all editions.
    dates: Arc<[OnceLock<Value>]>,
    taxonomy_names: BTreeMap<String, String>,
    pub(super) words: Value,
    site_value: Value,
    edition_value: Value,
    assets: Value,
    options: Value,
}

/// What rendering a page leaves besides the page.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// What there is to say about the article on it.
    pub remarks: Vec<Diagnostic>,
    /// The paths below the content folder that its body names.
    pub asked: BTreeSet<String>,
}

/// What a page is rendered from and to.
pub(super) struct Rendering {
    pub(super) template: &'static str,
    pub(super) context: Context,
}

/// A page about to be rendered.
pub struct Prepared {
    notes: Notes,
    /// None where the page has no template.
    rendering: Option<Rendering>,
}

impl Views {
    /// Prepares the shared values of each edition.
    pub fn new(site: &Arc<Site>, theme: &Arc<Theme>) -> Self {
        let dates: Arc<[OnceLock<Value>]> = site.corpus().entries.iter().map(|_| OnceLock::new()).collect();
        let view = |at| View::new(site, theme, at, Arc::clone(&dates));
        let (editions, depends) =
            rayon::join(|| (0..site.editions.len()).into_par_iter().map(view).collect(), || Depends::new(site, theme));
        Views { site: Arc::clone(site), theme: Arc::clone(theme), editions, depends }
    }

    /// Renders one page into `out`, replacing what was there.
    ///
    /// # Errors
    /// A diagnostic when a template fails.
    pub fn render(&self, path: &str, page: &Page, out: &mut Vec<u8>) -> Result<Notes, Diagnostic> {
        self.finish(path, page, self.prepare(path, page, None), out)
    }

    /// The Markdown of an article's page, in the script of its edition; none for other pages.
    pub fn body(&self, page: &Page) -> Option<Arc<str>> {
        let view = &self.editions[page.edition];
        match page.kind {
            Kind::Article(at) => Some(super::article::body(view, &view.edition().corpus.entries[at])),
            _ => None,
        }
    }

    /// Makes what a page is rendered from; its [`Views::body`] may be at hand.
    pub fn prepare(&self, path: &str, page: &Page, body: Option<Arc<str>>) -> Prepared {
        let mut notes = Notes::default();
        let rendering = self.editions[page.edition].rendering(path, &page.kind, body, &mut notes);
        Prepared { notes, rendering }
    }

    /// Renders what was prepared into `out`, replacing what was there.
    ///
    /// # Errors
    /// A diagnostic when a template fails.
    pub fn finish(&self, path: &str, page: &Page, prepared: Prepared, out: &mut Vec<u8>) -> Result<Notes, Diagnostic> {
        let Prepared { mut notes, rendering } = prepared;
        if let Some(rendering) = rendering {
            self.theme.render(rendering.template, &rendering.context, out)?;
            return Ok(notes);
        }
        let view = &self.editions[page.edition];
        out.clear();
        match &page.kind {
            Kind::Bytes(bytes) => out.extend_from_slice(bytes),
            Kind::Index(_) => {
                let made =
                    self.site.index.as_ref().and_then(|plan| plan.make(&[path], &|_| None, &|_, bytes| bytes).pop());
                *out = made.unwrap_or_default();
            }
            Kind::Sitemap(_) => super::plain::sitemap(&self.site, out),
            Kind::Redirect(to) => super::plain::redirect_page(&self.site, path, to, out),
            Kind::Opml => super::feed::opml(view, out),
            Kind::JsonFeed(term) => super::feed::json(view, path, term.as_ref(), out),
            Kind::Picture(file, shown, copy) => notes.remarks.extend(self.site.media.copy(file, shown, copy, out)),
            // Files are copied, and the others have a template.
            _ => {}
        }
        Ok(notes)
    }

    /// The digest of all that a page depends on, `asked` being what was asked for when it was made; none for a page that
    /// is always made.
    pub fn depends(&self, path: &str, page: &Page, asked: &BTreeSet<String>) -> Option<Digest> {
        let own = self.depends.of(&self.site, path, page)?;
        if asked.is_empty() {
            return Some(own);
        }
        let places: Vec<Digest> = asked.iter().map(|target| self.site.leads_to(target)).collect();
        Some(Digest::of_value(&(own, places)))
    }

    /// What the template of a page sees.
    #[cfg(test)]
    pub(super) fn context(&self, path: &str, page: &Page) -> Context {
        self.prepare(path, page, None).rendering.map_or_else(Context::default, |rendering| rendering.context)
    }
}

impl View {
    fn new(site: &Arc<Site>, theme: &Theme, index: usize, dates: Arc<[OnceLock<Value>]>) -> Self {
        let edition = &site.editions[index];
        let words = theme.strings(&edition.config);
        let mut view = View {
            site: Arc::clone(site),
            index,
            items: Vec::new(),
            bodies: Bodies::default(),
            terms: Vec::new(),
            dates,
            taxonomy_names: BTreeMap::new(),
            site_value: value::none(),
            edition_value: value::none(),
            assets: theme.asset_urls(),
            options: theme.options.clone(),
            words,
        };
        let names = site.config.taxonomies.iter().map(|name| (name.clone(), view.make_taxonomy_name(name)));
        view.taxonomy_names = names.collect();
        view.site_value = view.make_site_value();
        view.edition_value = view.make_edition_value();
        view.terms = view.make_terms();
        view.bodies = Bodies::new(super::feed::all_entries(&view).into_iter());
        view.items = edition.corpus.entries.iter().map(|_| OnceLock::new()).collect();
        view
    }

    /// The edition of these pages.
    pub(super) fn edition(&self) -> &Edition {
        &self.site.editions[self.index]
    }

    /// What a page that has a template is rendered from; none for other pages.
    fn rendering(&self, path: &str, kind: &Kind, body: Option<Arc<str>>, notes: &mut Notes) -> Option<Rendering> {
        let mut rendering = match kind {
            Kind::Bytes(_)
            | Kind::Index(_)
            | Kind::Sitemap(_)
            | Kind::Redirect(_)
            | Kind::Opml
            | Kind::JsonFeed(_)
            | Kind::File(_)
            | Kind::Picture(..) => return None,
            Kind::Article(at) => super::article::article(self, path, *at, body, notes),
            Kind::Tombstone(at) => super::article::tombstone(self, path, *at),
            Kind::Feed(term) => super::feed::atom(self, path, term.as_ref(), notes),
            kind => super::lists::list(self, path, kind),
        };
        self.add_shared(&mut rendering.context);
        Some(rendering)
    }

    fn add_shared(&self, context: &mut Context) {
        context.push(("site", self.site_value.clone()));
        context.push(("edition", self.edition_value.clone()));
        context.push(("t", self.words.clone()));
        context.push(("assets", self.assets.clone()));
        context.push(("options", self.options.clone()));
    }

    /// A site-relative path in this edition.
    pub(super) fn url(&self, rest: &str) -> String {
        [self.edition().config.id.as_str(), "/", rest].concat()
    }

    /// A word of the interface.
    pub(super) fn word(&self, key: &'static str) -> &str {
        self.words.as_map().and_then(|map| map.get(key)).and_then(Value::as_str).unwrap_or(key)
    }

    /// The name of a taxonomy: a word of the theme, else its ID.
    pub(super) fn taxonomy_name(&self, taxonomy: &str) -> String {
        self.taxonomy_names.get(taxonomy).cloned().unwrap_or_else(|| self.make_taxonomy_name(taxonomy))
    }

    fn make_taxonomy_name(&self, taxonomy: &str) -> String {
        let hans = match taxonomy {
            "city" => "城市",
            "program" => "项目",
            "tag" => "标签",
            other => other,
        };
        let key = format!("taxonomy_{taxonomy}");
        let own = self.words.as_map().and_then(|map| map.get(&key)).and_then(Value::as_str);
        own.map_or_else(|| self.edition().text(hans, crate::script::Origin::Hans).into_owned(), str::to_owned)
    }

    fn make_site_value(&self) -> Value {
        let config = &self.site.config;
        let taxonomies =
            config.taxonomies.iter().filter(|name| self.edition().corpus.terms.contains_key(*name)).map(|name| {
                value::map([
                    ("id", value::text(name)),
                    ("name", value::text(&self.taxonomy_name(name))),
                    ("url", value::text(&self.url(&format!("{name}/")))),
                ])
            });
        value::map([
            ("title", value::text(&self.edition().title)),
            ("description", value::text(&self.edition().description)),
            ("base_url", value::text(config.base_url.as_deref().unwrap_or(""))),
            ("generator", value::text(GENERATOR)),
            ("search", config.search.into()),
            ("feeds", config.feeds.into()),
            ("taxonomies", value::list(taxonomies)),
        ])
    }

    fn make_edition_value(&self) -> Value {
        let config = &self.edition().config;
        let script = match config.script {
            Script::Hans => "hans",
            Script::Hant => "hant",
        };
        let matrix = if super::lists::has_matrix(&self.site.config) { self.url("matrix/") } else { String::new() };
        value::map([
            ("id", value::text(&config.id)),
            ("lang", value::text(&config.lang)),
            ("script", value::text(script)),
            ("name", value::text(edition_name(&self.site.config, self.index))),
            ("home", value::text(&self.url(""))),
            ("search", value::text(&self.url("search/"))),
            ("archive", value::text(&self.url("archive/"))),
            ("matrix", value::text(&matrix)),
            ("feed", value::text(&self.url("feed.xml"))),
            ("opml", value::text(&self.url("feeds.opml"))),
            ("sections", self.sections(&matrix)),
            ("locales", value::list(self.locales().into_iter().map(value::text))),
            ("made_by", value::text(&self.word("generated_by").replace("{name}", GENERATOR))),
        ])
    }

    /// `{name, url}` of the main navigation.
    fn sections(&self, matrix: &str) -> Value {
        let section = |name: &str, url: &str| value::map([("name", value::text(name)), ("url", value::text(url))]);
        let mut sections = vec![section(self.word("home"), &self.url(""))];
        let used = |name: &&String| self.edition().corpus.terms.contains_key(*name);
        for taxonomy in self.site.config.taxonomies.iter().filter(used) {
            sections.push(section(&self.taxonomy_name(taxonomy), &self.url(&format!("{taxonomy}/"))));
        }
        if !matrix.is_empty() {
            sections.push(section(self.word("matrix"), matrix));
        }
        sections.push(section(self.word("archive"), &self.url("archive/")));
        if self.site.config.search {
            sections.push(section(self.word("search"), &self.url("search/")));
        }
        value::list(sections)
    }

    /// The locales of Open Graph, that of this edition first.
    fn locales(&self) -> Vec<&'static str> {
        let locale = |edition: &crate::config::EditionConfig| match (edition.script, edition.region) {
            (Script::Hans, _) => "zh_CN",
            (Script::Hant, Region::Tw) => "zh_TW",
            (Script::Hant, Region::Hk) => "zh_HK",
        };
        let mut locales = vec![locale(&self.edition().config)];
        for other in self.site.config.editions.iter().map(locale) {
            if !locales.contains(&other) {
                locales.push(other);
            }
        }
        locales
    }

    fn make_terms(&self) -> Vec<Value> {
        let make = |(taxonomy, id): &(String, TermId)| {
            value::map([
                ("taxonomy", value::text(taxonomy)),
                ("id", value::text(id.as_ref())),
                ("name", value::text(self.edition().label(taxonomy, id))),
                ("url", value::text(&self.url(&format!("{taxonomy}/{id}/")))),
            ])
        };
        self.site.places.terms().iter().map(make).collect()
    }

    /// The value of a term.
    pub(super) fn term(&self, taxonomy: &str, id: &TermId) -> Value {
        self.site.places.number(taxonomy, id).map_or_else(value::none, |number| self.terms[number].clone())
    }

    /// The value of a term by its number.
    pub(super) fn numbered(&self, number: usize) -> &Value {
        &self.terms[number]
    }

    /// Taxonomies and values of the terms of a published entry, in their order.
    pub(super) fn terms_of(&self, at: usize) -> Vec<(&str, &Value)> {
        let places = &self.site.places;
        places.of(at).iter().map(|place| (places.taxonomy(place), &self.terms[place.term])).collect()
    }

    /// The value of a term with the number of its articles.
    pub(super) fn counted(&self, taxonomy: &str, id: &TermId) -> Value {
        let used = self.edition().corpus.terms.get(taxonomy).and_then(|terms| terms.get(id));
        value::with(&self.term(taxonomy, id), [("count", used.map_or(0, |used| used.entries.len()).into())])
    }

    /// The list entry of an article, made when it is first needed.
    pub(super) fn item(&self, at: usize) -> &Value {
        self.items[at].get_or_init(|| self.make_item(at, &self.edition().corpus.entries[at]))
    }

    fn make_item(&self, at: usize, entry: &Entry) -> Value {
        let heading = &self.edition().headings[at];
        let terms = self.terms_of(at).into_iter().filter(|(taxonomy, _)| *taxonomy != "tag");
        value::map([
            ("title", value::text(&heading.title)),
            ("url", value::joined(&[&self.edition().config.id, "/", &entry.address])),
            ("date", self.dates[at].get_or_init(|| date(entry.article.date)).clone()),
            ("summary", value::text(&heading.summary)),
            ("source", value::text(&heading.source)),
            ("terms", value::list(terms.map(|(_, term)| term.clone()))),
            ("lang", value::text(self.edition().foreign_lang(entry))),
        ])
    }

    /// `page` of the template context.
    pub(super) fn page(&self, path: &str, about: About<'_>) -> Value {
        let config = &self.site.config;
        let url = page_url(path);
        let canonical = format!("{}{url}", config.absolute_root());
        let json_feed = match about.feed.strip_suffix("xml") {
            Some(feed) if config.json_feeds => format!("{feed}json"),
            _ => String::new(),
        };
        let og_type = if about.kind == "article" { "article" } else { "website" };
        let json_ld = match about.json_ld {
            json if json.is_empty() && about.crumbs.len() > 1 => {
                json_ld::list(self, about.kind, &canonical, &about.crumbs)
            }
            json => json,
        };
        // The title of an article stands right below; its crumbs end in the list it is in.
        let shown = about.crumbs.len() - usize::from(about.kind == "article" && !about.crumbs.is_empty());
        let crumbs = about.crumbs[..shown]
            .iter()
            .map(|crumb| value::map([("name", value::text(&crumb.name)), ("url", value::text(&crumb.url))]));
        value::map([
            ("kind", value::text(about.kind)),
            ("root", value::text(&root(config, path))),
            ("url", value::text(url)),
            ("canonical", value::text(&canonical)),
            ("section", value::text(&about.section.map_or(String::new(), |section| self.url(section)))),
            ("description", value::text(about.description)),
            ("noindex", about.noindex.into()),
            ("alternates", self.alternates(url)),
            ("switch", self.switch(url)),
            ("crumbs", value::list(crumbs)),
            ("json_ld", value::safe(&json_ld)),
            ("og_type", value::text(og_type)),
            ("picture", value::text(&about.picture)),
            ("feed", value::text(about.feed)),
            ("json_feed", value::text(&json_feed)),
        ])
    }

    fn alternates(&self, url: &str) -> Value {
        let config = &self.site.config;
        let mut links: Vec<Value> = Vec::new();
        let mut add = |hreflang: &str, target: &[&str]| {
            links.push(value::map([
                ("hreflang", value::text(hreflang)),
                ("href", value::joined(&[&[config.absolute_root()], target].concat())),
            ]));
        };
        let Some(rest) = self.rest_of(url) else { return value::list([]) };
        for edition in &config.editions {
            add(&edition.lang, &[&edition.id, "/", rest]);
        }
        // Home pages leave the choice to the chooser; other pages name the default edition.
        let default = [config.default_edition().id.as_str(), "/", rest];
        add("x-default", if rest.is_empty() { &[] } else { &default });
        value::list(links)
    }

    fn switch(&self, url: &str) -> Value {
        let config = &self.site.config;
        if config.editions.len() < 2 {
            return value::list([]);
        }
        let rest = self.rest_of(url).unwrap_or("");
        value::list(config.editions.iter().enumerate().map(|(at, edition)| {
            value::map([
                ("lang", value::text(&edition.lang)),
                ("name", value::text(edition_name(config, at))),
                ("url", value::joined(&[&edition.id, "/", rest])),
                ("current", (at == self.index && self.rest_of(url).is_some()).into()),
            ])
        }))
    }

    /// The part of an address below the edition, which its twins share.
    fn rest_of<'u>(&self, url: &'u str) -> Option<&'u str> {
        url.strip_prefix(self.edition().config.id.as_str())?.strip_prefix('/')
    }

    /// The breadcrumbs of a page: home, then these.
    pub(super) fn crumbs<const N: usize>(&self, more: [(&str, String); N]) -> Vec<Crumb> {
        let mut crumbs = vec![Crumb { name: self.word("home").to_owned(), url: self.url("") }];
        crumbs.extend(more.into_iter().map(|(name, url)| Crumb { name: name.to_owned(), url }));
        crumbs
    }
}

/// A step on the way from the home page to a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Crumb {
    pub(super) name: String,
    /// Site-relative.
    pub(super) url: String,
}

/// What a page says about itself.
#[derive(Default)]
pub(super) struct About<'t> {
    pub(super) kind: &'static str,
    pub(super) description: &'t str,
    pub(super) noindex: bool,
    /// The entry of the main navigation it belongs to, below the edition.
    pub(super) section: Option<&'t str>,
    pub(super) crumbs: Vec<Crumb>,
    pub(super) json_ld: String,
    /// Absolute address of a picture to show beside a link to the page.
    pub(super) picture: String,
    pub(super) feed: &'t str,
}

/// The name of an edition, in its own script.
pub(super) fn edition_name(config: &Config, at: usize) -> &'static str {
    let edition = &config.editions[at];
    let many = edition.lang.matches('-').count() > 1;
    match (edition.script, edition.region, many) {
        (Script::Hans, ..) => "简体",
        (Script::Hant, Region::Tw, true) => "臺灣正體",
        (Script::Hant, Region::Hk, true) => "香港繁體",
        (Script::Hant, ..) => "繁體",
    }
}

/// The address of an output path: `index.html` is not shown.
pub(super) fn page_url(path: &str) -> &str {
    path.strip_suffix("index.html").unwrap_or(path)
}

/// What stands before a site-relative address on a page: the base path, or the way up.
pub(super) fn root(config: &Config, path: &str) -> String {
    match config.base_path() {
        Some(base) => base.to_owned(),
        // A page for what is not found is served at any depth, so it cannot go up by steps.
        None if path == "404.html" => "/".to_owned(),
        None => match path.matches('/').count() {
            0 => "./".to_owned(),
            depth => "../".repeat(depth),
        },
    }
}

/// A date of the template context.
pub(super) fn date(moment: Option<Moment>) -> Value {
    let Some(moment) = moment else { return value::none() };
    let (year, month, day) = (moment.year(), moment.month(), moment.day_of_month());
    let day_text = format!("{year}年{month}月{day}日");
    let text = match moment.time() {
        Some(time) => format!("{day_text} {:02}:{:02}", time.hour(), time.minute()),
        None => day_text.clone(),
    };
    value::map([
        ("iso", value::text(&moment.to_string())),
        ("text", value::text(&text)),
        ("day", value::text(&day_text)),
        ("short", value::text(&format!("{month:02}-{day:02}"))),
        ("year", year.into()),
        ("month", u32::from(month).into()),
    ])
}
