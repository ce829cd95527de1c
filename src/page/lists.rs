//! Pages that list articles or terms.

use std::collections::BTreeMap;

use super::view::{About, Rendering, View};
use super::{Kind, pager, terms};
use crate::config::Config;
use crate::corpus::Corpus;
use crate::script::{Origin, Script};
use crate::taxonomy::TermId;
use crate::value::{self, Value};

/// Articles on the home page.
const LATEST: usize = 20;

/// Terms in a rail of the home page.
const RAIL: usize = 20;

/// Co-occurring terms on a term page.
const TOGETHER: usize = 12;

/// Terms offered on the search page.
const EXAMPLES: usize = 8;

/// Finds the pairs of a city and a program with enough articles for a page.
pub(super) fn crosses(corpus: &Corpus, config: &Config) -> BTreeMap<(TermId, TermId), Vec<usize>> {
    if !has_matrix(config) {
        return BTreeMap::new();
    }
    let mut crosses: BTreeMap<(&TermId, &TermId), Vec<usize>> = BTreeMap::new();
    for (at, entry) in corpus.entries.iter().enumerate() {
        let of = |taxonomy: &'static str| entry.terms.iter().filter(move |term| term.taxonomy == taxonomy);
        for city in of("city") {
            for program in of("program") {
                crosses.entry((&city.id, &program.id)).or_default().push(at);
            }
        }
    }
    let crosses = crosses.into_iter().filter(|(_, entries)| entries.len() >= config.facets_min);
    crosses.map(|((city, program), entries)| ((city.clone(), program.clone()), entries)).collect()
}

/// Tells whether a site has cities and programs.
pub(super) fn has_matrix(config: &Config) -> bool {
    ["city", "program"].iter().all(|name| config.taxonomies.iter().any(|taxonomy| taxonomy == name))
}

/// The context of any list page.
pub(super) fn list(view: &View, path: &str, kind: &Kind) -> Rendering {
    match kind {
        Kind::Home => home(view, path),
        Kind::Terms(taxonomy) => terms::page(view, path, taxonomy),
        Kind::Term(taxonomy, id, position) => term(view, path, taxonomy, id, *position),
        Kind::Cross(city, program, position) => cross(view, path, city, program, *position),
        Kind::Matrix => matrix(view, path),
        Kind::Year(number, position) => year(view, path, *number, *position),
        Kind::Undated(position) => undated(view, path, *position),
        Kind::Archive => archive(view, path),
        Kind::Search => search(view, path),
        Kind::Chooser => chooser(view, path),
        _ => not_found(view, path),
    }
}

pub(super) fn rendering<const N: usize>(
    view: &View,
    template: &'static str,
    title: &str,
    path: &str,
    about: About<'_>,
    more: [(&'static str, Value); N],
) -> Rendering {
    let mut context = vec![("title", value::text(title)), ("page", view.page(path, about))];
    context.extend(more);
    Rendering { template, context }
}

fn items(view: &View, entries: &[usize]) -> Value {
    value::list(entries.iter().map(|&at| view.item(at).clone()))
}

/// How many entries a list has, said on its first page only: the others do not change with every new article.
fn total(position: usize, entries: &[usize]) -> Value {
    if position == 1 { entries.len().into() } else { value::none() }
}

/// From when to when the entries of a page are, such as `2016年8月至12月`; empty when that is not known.
fn span(view: &View, entries: &[usize]) -> String {
    let month = |at: &usize| view.edition().corpus.entries[*at].article.date.map(|date| (date.year(), date.month()));
    let mut months = entries.iter().filter_map(month);
    let Some(newest) = months.next() else { return String::new() };
    let oldest = months.next_back().unwrap_or(newest);
    match (oldest, newest) {
        ((year, month), newest) if (year, month) == newest => format!("{year}年{month}月"),
        ((year, month), (same, last)) if year == same => format!("{year}年{month}月至{last}月"),
        ((year, month), (last_year, last)) => format!("{year}年{month}月至{last_year}年{last}月"),
    }
}

/// Entries grouped by month, the newest first; `anchors` gives the months ids.
fn groups(view: &View, entries: &[usize], anchors: bool) -> Value {
    let month = |at: usize| view.edition().corpus.entries[at].article.date.map(|date| (date.year(), date.month()));
    let groups = entries.chunk_by(|&a, &b| month(a) == month(b)).map(|group| {
        let (label, id) = match month(group[0]) {
            Some((year, number)) => {
                (format!("{year}年{number}月"), if anchors { format!("m{number:02}") } else { String::new() })
            }
            None => (view.word("undated").to_owned(), String::new()),
        };
        value::map([("label", value::text(&label)), ("id", value::text(&id)), ("items", items(view, group))])
    });
    value::list(groups)
}

fn home(view: &View, path: &str) -> Rendering {
    let corpus = &view.edition().corpus;
    let latest: Vec<usize> = (0..corpus.entries.len().min(LATEST)).collect();
    let rails = view.site.config.taxonomies.iter().filter(|name| *name != "tag").filter_map(|taxonomy| {
        let used = corpus.terms.get(taxonomy)?;
        let by_count = by_count(view, taxonomy);
        Some(value::map([
            ("id", value::text(taxonomy)),
            ("name", value::text(&view.taxonomy_name(taxonomy))),
            ("url", value::text(&view.url(&format!("{taxonomy}/")))),
            ("terms", value::list(by_count.into_iter().take(RAIL))),
            ("more", (used.len() > RAIL).into()),
        ]))
    });
    let rails = value::list(rails);
    let feed = view.url("feed.xml");
    let about = About {
        kind: "home",
        section: Some(""),
        description: &view.edition().description,
        feed: if view.site.config.feeds { &feed } else { "" },
        ..About::default()
    };
    rendering(
        view,
        "home.html",
        &view.edition().title,
        path,
        about,
        [
            ("latest", items(view, &latest)),
            ("items", items(view, &latest)),
            ("rails", rails),
            ("years", years(view)),
            ("total", corpus.entries.len().into()),
        ],
    )
}

/// `{year, count, url}` of each year, the newest first.
fn years(view: &View) -> Value {
    value::list(view.site.years.iter().rev().map(|(year, entries)| {
        value::map([
            ("year", (*year).into()),
            ("count", entries.len().into()),
            ("url", value::text(&view.url(&format!("{year:04}/")))),
        ])
    }))
}

/// The terms of a taxonomy, the most used first; ties by ID.
pub(super) fn by_count(view: &View, taxonomy: &str) -> Vec<Value> {
    let Some(used) = view.edition().corpus.terms.get(taxonomy) else { return Vec::new() };
    let mut ids: Vec<_> = used.iter().map(|(id, used)| (std::cmp::Reverse(used.entries.len()), id)).collect();
    ids.sort();
    ids.into_iter().map(|(_, id)| view.counted(taxonomy, id)).collect()
}

fn term(view: &View, path: &str, taxonomy: &str, id: &TermId, position: usize) -> Rendering {
    let corpus = &view.edition().corpus;
    let entries = corpus.terms.get(taxonomy).and_then(|terms| terms.get(id)).map_or(&[][..], |used| &used.entries);
    let per_page = view.site.config.per_page;
    let base = view.url(&format!("{taxonomy}/{id}/"));
    let name = view.edition().label(taxonomy, id);
    let taxonomy_name = view.taxonomy_name(taxonomy);
    let feed = if view.site.config.feeds { format!("{base}feed.xml") } else { String::new() };
    let description = corpus.taxonomies.get(taxonomy, id).and_then(|term| term.description.as_ref());
    let description = description.map(|text| match view.edition().config.script {
        Script::Hans => view.edition().text(&text.hans, Origin::Auto).into_owned(),
        Script::Hant => view.edition().text(&text.hant, Origin::Auto).into_owned(),
    });
    let description = description.unwrap_or_default();
    let overview = |make: &dyn Fn() -> Value| if position == 1 { make() } else { value::list([]) };
    let value = value::with(
        &view.term(taxonomy, id),
        [
            ("taxonomy_name", value::text(&taxonomy_name)),
            ("description", value::text(&description)),
            ("feed", value::text(&feed)),
            ("count", total(position, entries)),
            ("years", overview(&|| year_bars(view, entries))),
            ("together", overview(&|| together(view, taxonomy, id, entries))),
        ],
    );
    let crumbs = view.crumbs([(taxonomy_name.as_str(), view.url(&format!("{taxonomy}/"))), (name, base.clone())]);
    let section = format!("{taxonomy}/");
    let about = About {
        kind: "term",
        description: &description,
        section: Some(&section),
        crumbs,
        feed: &feed,
        ..About::default()
    };
    let page = &entries[pager::range(position, entries.len(), per_page)];
    rendering(
        view,
        "term.html",
        name,
        path,
        about,
        [
            ("term", value),
            ("here", value::list([value::text(&base)])),
            ("items", items(view, page)),
            ("groups", groups(view, page, false)),
            ("pager", pager::value(&base, position, entries.len(), per_page, &span(view, page))),
        ],
    )
}

/// The longest stretch of years without articles that a chart shows.
const GAP: u16 = 30;

/// `{year, count, percent}` of a term, the newest first; years between without articles count 0.
fn year_bars(view: &View, entries: &[usize]) -> Value {
    let mut counts: BTreeMap<u16, usize> = BTreeMap::new();
    for &at in entries {
        if let Some(date) = view.edition().corpus.entries[at].article.date {
            *counts.entry(date.year()).or_default() += 1;
        }
    }
    let years: Vec<u16> = counts.keys().copied().collect();
    for pair in years.windows(2).filter(|pair| pair[1] - pair[0] <= GAP) {
        (pair[0]..pair[1]).for_each(|year| {
            counts.entry(year).or_default();
        });
    }
    let most = counts.values().copied().max().unwrap_or(1).max(1);
    value::list(counts.into_iter().rev().map(|(year, count)| {
        value::map([("year", year.into()), ("count", count.into()), ("percent", (count * 100 / most).into())])
    }))
}

/// Terms that occur with this one, the most frequent first.
fn together(view: &View, taxonomy: &str, id: &TermId, entries: &[usize]) -> Value {
    let places = &view.site.places;
    let own = places.number(taxonomy, id);
    let mut counts = vec![0usize; places.terms().len()];
    for place in entries.iter().flat_map(|&at| places.of(at)) {
        counts[place.term] += 1;
    }
    let together = |&(number, count): &(usize, usize)| count > 0 && Some(number) != own;
    let mut counts: Vec<(usize, usize)> = counts.into_iter().enumerate().filter(together).collect();
    counts.retain(|(number, _)| places.terms()[*number].0 != "tag");
    counts.sort_by_key(|&(number, count)| (std::cmp::Reverse(count), number));
    value::list(counts.into_iter().take(TOGETHER).map(|(number, count)| {
        let (other_taxonomy, other) = &places.terms()[number];
        let pair = match (taxonomy, other_taxonomy.as_str()) {
            ("city", "program") => Some((id, other)),
            ("program", "city") => Some((other, id)),
            _ => None,
        };
        let cross =
            pair.filter(|(city, program)| view.site.crosses.contains_key(&((*city).clone(), (*program).clone())));
        let cross = cross.map_or(String::new(), |(city, program)| view.url(&format!("city/{city}/program/{program}/")));
        value::with(view.numbered(number), [("count", count.into()), ("cross", value::text(&cross))])
    }))
}

fn cross(view: &View, path: &str, city: &TermId, program: &TermId, position: usize) -> Rendering {
    let entries = view.site.crosses.get(&(city.clone(), program.clone())).map_or(&[][..], |entries| entries);
    let per_page = view.site.config.per_page;
    let base = view.url(&format!("city/{city}/program/{program}/"));
    let (city_name, program_name) = (view.edition().label("city", city), view.edition().label("program", program));
    let title = format!("{city_name} · {program_name}");
    let city_url = view.url(&format!("city/{city}/"));
    let here = value::list([value::text(&city_url), value::text(&view.url(&format!("program/{program}/")))]);
    let crumbs = view.crumbs([(city_name, city_url), (program_name, base.clone())]);
    let page = &entries[pager::range(position, entries.len(), per_page)];
    rendering(
        view,
        "cross.html",
        &title,
        path,
        About { kind: "cross", section: Some("matrix/"), crumbs, ..About::default() },
        [
            ("city", view.term("city", city)),
            ("program", view.term("program", program)),
            ("here", here),
            ("count", total(position, entries)),
            ("items", items(view, page)),
            ("groups", groups(view, page, false)),
            ("pager", pager::value(&base, position, entries.len(), per_page, &span(view, page))),
        ],
    )
}

fn matrix(view: &View, path: &str) -> Rendering {
    let places = &view.site.places;
    let (cities, programs) = (places.of_taxonomy("city"), places.of_taxonomy("program"));
    let mut counts = vec![0usize; cities.len() * programs.len()];
    for at in 0..view.edition().corpus.entries.len() {
        let terms = || places.of(at).iter().map(|place| place.term);
        for city in terms().filter(|term| cities.contains(term)) {
            let row = (city - cities.start) * programs.len();
            for program in terms().filter(|term| programs.contains(term)) {
                counts[row + program - programs.start] += 1;
            }
        }
    }
    let id = |number: usize| &places.terms()[number].1;
    let rows = cities.zip(counts.chunks(programs.len().max(1))).filter(|(_, row)| row.iter().any(|count| *count > 0));
    let rows = rows.map(|(city, row)| {
        let city = id(city);
        let cells = programs.clone().map(id).zip(row).map(|(program, count)| {
            let has_page = view.site.crosses.contains_key(&(city.clone(), program.clone()));
            let url = if has_page { view.url(&format!("city/{city}/program/{program}/")) } else { String::new() };
            value::map([("count", (*count).into()), ("url", value::text(&url))])
        });
        value::with(&view.counted("city", city), [("cells", value::list(cells))])
    });
    let rows = value::list(rows);
    let columns = value::list(programs.clone().map(|program| view.counted("program", id(program))));
    let name = view.word("matrix").to_owned();
    let about = About {
        kind: "matrix",
        section: Some("matrix/"),
        crumbs: view.crumbs([(name.as_str(), view.url("matrix/"))]),
        ..About::default()
    };
    rendering(view, "matrix.html", &name, path, about, [("rows", rows), ("columns", columns)])
}

fn year(view: &View, path: &str, year: u16, position: usize) -> Rendering {
    let entries = view.site.years.get(&year).map_or(&[][..], |entries| entries);
    let per_page = view.site.config.per_page;
    let base = view.url(&format!("{year:04}/"));
    let title = format!("{year}年");
    let page = &entries[pager::range(position, entries.len(), per_page)];
    let neighbour = |other: Option<(&u16, &Vec<usize>)>| match other {
        Some((year, _)) => {
            value::map([("year", (*year).into()), ("url", value::text(&view.url(&format!("{year:04}/"))))])
        }
        None => value::none(),
    };
    let crumbs = view.crumbs([(view.word("archive"), view.url("archive/")), (title.as_str(), base.clone())]);
    rendering(
        view,
        "year.html",
        &title,
        path,
        About { kind: "year", section: Some("archive/"), crumbs, ..About::default() },
        [
            ("year", year.into()),
            ("count", total(position, entries)),
            ("items", items(view, page)),
            ("here", value::list([])),
            ("groups", groups(view, page, true)),
            ("months", if position == 1 { months(view, year, entries) } else { value::list([]) }),
            ("pager", pager::value(&base, position, entries.len(), per_page, &span(view, page))),
            ("previous", neighbour(view.site.years.range(..year).next_back())),
            ("next", neighbour(view.site.years.range(year + 1..).next())),
        ],
    )
}

/// `{month, label, id, count, url}` of each month of a year, the newest first; `url` leads to the page it begins on.
fn months(view: &View, year: u16, entries: &[usize]) -> Value {
    let per_page = view.site.config.per_page;
    let base = view.url(&format!("{year:04}/"));
    let month = |at: usize| view.edition().corpus.entries[at].article.date.map_or(0, |date| date.month());
    let mut start = 0;
    let mut months = Vec::new();
    for group in entries.chunk_by(|&a, &b| month(a) == month(b)) {
        let number = month(group[0]);
        let position = (1..=pager::pages(entries.len(), per_page))
            .find(|&p| pager::range(p, entries.len(), per_page).contains(&start))
            .unwrap_or(1);
        let url = format!("{}#m{number:02}", pager::url(&base, position, entries.len(), per_page));
        months.push(value::map([
            ("month", u32::from(number).into()),
            ("label", value::text(&format!("{number}月"))),
            ("id", value::text(&format!("m{number:02}"))),
            ("count", group.len().into()),
            ("url", value::text(&url)),
        ]));
        start += group.len();
    }
    value::list(months)
}

fn undated(view: &View, path: &str, position: usize) -> Rendering {
    let entries = &view.site.undated;
    let per_page = view.site.config.per_page;
    let base = view.url("undated/");
    let title = view.word("undated").to_owned();
    let crumbs = view.crumbs([(view.word("archive"), view.url("archive/")), (title.as_str(), base.clone())]);
    let page = &entries[pager::range(position, entries.len(), per_page)];
    rendering(
        view,
        "year.html",
        &title,
        path,
        About { kind: "undated", section: Some("archive/"), crumbs, ..About::default() },
        [
            ("year", value::none()),
            ("count", total(position, entries)),
            ("items", items(view, page)),
            ("here", value::list([])),
            ("groups", groups(view, page, false)),
            ("months", value::list([])),
            ("pager", pager::value(&base, position, entries.len(), per_page, "")),
            ("previous", value::none()),
            ("next", value::none()),
        ],
    )
}

fn archive(view: &View, path: &str) -> Rendering {
    let years = value::list(view.site.years.iter().rev().map(|(year, entries)| {
        value::map([
            ("year", (*year).into()),
            ("count", entries.len().into()),
            ("url", value::text(&view.url(&format!("{year:04}/")))),
            ("months", months(view, *year, entries)),
        ])
    }));
    let undated = match view.site.undated.len() {
        0 => value::none(),
        count => value::map([("count", count.into()), ("url", value::text(&view.url("undated/")))]),
    };
    let name = view.word("archive").to_owned();
    let about = About {
        kind: "archive",
        section: Some("archive/"),
        crumbs: view.crumbs([(name.as_str(), view.url("archive/"))]),
        ..About::default()
    };
    rendering(
        view,
        "archive.html",
        &name,
        path,
        about,
        [("years", years), ("undated", undated), ("total", view.edition().corpus.entries.len().into())],
    )
}

fn search(view: &View, path: &str) -> Rendering {
    let name = view.word("search").to_owned();
    let examples =
        ["city", "program"].iter().flat_map(|taxonomy| by_count(view, taxonomy).into_iter().take(EXAMPLES / 2));
    let examples = value::list(examples);
    let about = About {
        kind: "search",
        section: Some("search/"),
        noindex: true,
        crumbs: view.crumbs([(name.as_str(), view.url("search/"))]),
        ..About::default()
    };
    rendering(
        view,
        "search.html",
        &name,
        path,
        about,
        [("examples", examples), ("search", value::map([("data", value::text("search/"))]))],
    )
}

fn chooser(view: &View, path: &str) -> Rendering {
    let names: Vec<Value> = view
        .site
        .editions
        .iter()
        .enumerate()
        .map(|(at, edition)| {
            value::map([
                ("id", value::text(&edition.config.id)),
                ("lang", value::text(&edition.config.lang)),
                ("name", value::text(super::view::edition_name(&view.site.config, at))),
                ("title", value::text(&edition.title)),
                ("url", value::text(&format!("{}/", edition.config.id))),
            ])
        })
        .collect();
    let about = About { kind: "chooser", description: &view.edition().description, ..About::default() };
    rendering(view, "chooser.html", &view.edition().title, path, about, [("editions", value::list(names))])
}

fn not_found(view: &View, path: &str) -> Rendering {
    rendering(view, "404.html", "404", path, About { kind: "404", noindex: true, ..About::default() }, [])
}
