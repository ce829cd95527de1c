use std::collections::BTreeMap;

use super::*;
use crate::theme::{TEMPLATES, default_files, new_tera};
use crate::value::{list, map, none, safe, text};

/// What this room and the engine make of a template; none where this room leaves it, or the engine fails.
fn both(templates: &[(&str, &str)], context: &[(&'static str, Value)]) -> (Option<String>, Option<String>) {
    let texts: BTreeMap<&str, &str> = templates.iter().copied().collect();
    let direct = Direct::new(&texts, &["page.html"]);
    let mut ours = Vec::new();
    let done = direct.render("page.html", context, &mut ours);
    let mut tera = new_tera();
    let mut theirs = Vec::new();
    let mut engine = tera::Context::new();
    context.iter().for_each(|(key, value)| engine.insert_value(*key, value.to_engine()));
    let rendered = tera.add_raw_templates(templates.iter().map(|&(name, text)| (name.to_owned(), text.to_owned())));
    let rendered = rendered.and_then(|()| tera.render_to("page.html", &engine, &mut theirs));
    let string = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (done.then(|| string(ours)), rendered.is_ok().then(|| string(theirs)))
}

fn context() -> Vec<(&'static str, Value)> {
    let item = |title: &str, n: usize| {
        map([("title", text(title)), ("n", n.into()), ("tags", list([text("甲"), text("<乙>")])), ("none", none())])
    };
    vec![
        ("title", text("“A & <B>'s”")),
        ("empty", text("")),
        ("html", safe("<b>粗</b>")),
        ("page", map([("url", text("a/b/")), ("root", text("../")), ("on", true.into()), ("off", false.into())])),
        ("items", list([item("一", 1), item("", 0), item("三\"", 3)])),
        ("nothing", list([])),
        ("phrase", text("{n} & {m} of {name}")),
        ("minus", (-5i64).into()),
    ]
}

#[test]
fn reads_templates_as_the_engine_does() {
    for template in [
        "{{ title }}|{{ html }}|{{ title | safe }}|{{ minus }}|{{ page.on }}|{{ empty }}",
        "a {{- title -}} b {%- if page.on -%} c {%- endif %} d {#- x -#} e {# y #} f",
        "{% if page.off %}1{% elif title %}2{% else %}3{% endif %}{% if not empty %}4{% endif %}",
        "{% if empty or items %}1{% endif %}{% if title and nothing %}2{% endif %}{{ empty or title }}{{ title and 3 }}",
        "{% if title and empty or page.on %}1{% endif %}{% if page.on or title and empty %}2{% endif %}",
        "{% for x in items %}{{ x.title }}:{{ x.n }}{% for t in x.tags %}[{{ t }}]{% endfor %}{% else %}-{% endfor %}",
        "{% for x in nothing %}{{ x }}{% else %}none{% endfor %}{{ items | length }}{% if items | length > 2 %}+{% endif %}",
        "{% for title in items %}{{ title.title }}{% set n = title.n %}{{ n }}{% endfor %}{{ title }}",
        "{% set z = page.url %}{{ z }}{% if z == \"a/b/\" %}1{% endif %}{% if z != page.url %}2{% endif %}",
        "{% if page.url is starting_with(pat=\"a/\") %}1{% endif %}{% if page.url is not ending_with(pat=z or page.url) %}2{% endif %}",
        "{% if missing %}1{% endif %}{% if missing is defined %}2{% endif %}{% if page[\"x y\"] is not defined %}3{% endif %}",
        "{{ page[\"url\"] }}{{ items[0].title }}{{ items[2][\"n\"] }}{% if items[1].n >= 0 and items[0].n <= 1 %}1{% endif %}",
        "{{ phrase | fill(n=items[0].n, name=title) }}{{ items[0].tags | join(sep=page.root) }}{{ \"<\" }}",
        "{{ phrase | fill(names=items[0].tags | join(sep=\"&\")) }}{% if (title == \"x\" or page.on) and not page.off %}1{% endif %}",
        "{% if page.on == true %}1{% endif %}{% if title == 3 %}2{% endif %}{% if minus == -5 %}3{% endif %}",
        "{% if items[0] == items[0] %}1{% endif %}{% if items[0] != items[1] %}2{% endif %}{% if empty == items[1].title %}3{% endif %}",
        "{% if \"甲\" in items[0].tags %}1{% endif %}{% if title not in items[0].tags and page.on %}2{% endif %}",
        "{% if \"a\" in title %}1{% endif %}{% if \"url\" in page %}2{% endif %}{% if minus in nothing %}3{% endif %}",
        "{% if not title in items[0].tags %}1{% endif %}",
        "{{ missing }}",
        "{{ page.missing }}",
        "{{ page.missing.more }}",
        "{{ missing.more }}",
        "{{ title.x }}{% for x in title %}{{ x }}{% endfor %}",
        "{{ items }}{{ items[0].none }}",
        "{% for x in items %}{{ loop.index }}{{ loop.index0 }}{{ loop.length }}{{ loop.first }}{% if loop.last %}!{% endif %}{% endfor %}",
        "{% for x in items %}{% for y in x.tags %}{{ loop.index }}{% else %}{{ loop.index }}{% endfor %}{{ loop.first }}{% endfor %}",
        "{% for x in items %}{% for y in nothing %}{% else %}{{ loop.index }}{% endfor %}{% endfor %}{{ loop.index }}",
        "{% if loop %}1{% endif %}{{ loop.x }}",
        "{{ title ~ title }}{{ title | upper }}{{ 1 + 1 }}",
        "{% raw %}{{ title }}{% endraw %}",
        "{% if not title == \"x\" %}1{% endif %}",
        "{% set_global g = 1 %}{{ g }}",
        "a { b {{ \"}}\" }} c",
        "x\u{3000} {%- if title %} y{% endif -%} \u{a0}z",
        "{% if title %}{% for x in items %}",
    ] {
        let (ours, engine) = both(&[("page.html", template)], &context());
        if ours.is_some() {
            assert_eq!(ours, engine, "{template}");
        }
    }
}

#[test]
fn makes_pages_itself_wherever_it_can() {
    for (template, made) in [
        ("{{ title }}{% for x in items %}{{ x.n }}{% endfor %}", true),
        ("{{ phrase | fill(n=1) }}{% if page.url is starting_with(pat=\"a\") %}!{% endif %}", true),
        ("{{ title | upper }}", false),
        ("{{ missing }}", false),
    ] {
        assert_eq!(both(&[("page.html", template)], &context()).0.is_some(), made, "{template}");
    }
}

#[test]
fn leaves_includes_that_multiply_to_the_engine() {
    let names: Vec<String> = (0..8).map(|at| format!("n{at}.html")).collect();
    let text = |at: usize| match at {
        7 => "x".to_owned(),
        _ => format!("{{% include \"n{}.html\" %}}", at + 1).repeat(12),
    };
    let texts: Vec<String> = (0..8).map(text).collect();
    let all: BTreeMap<&str, &str> = names.iter().map(String::as_str).zip(texts.iter().map(String::as_str)).collect();
    // Twelve of twelve of twelve are put in place, 12^7 are not.
    let direct = Direct::new(&all, &["n0.html", "n4.html"]);
    assert_eq!(direct.known(), ["n4.html"]);
}

#[test]
fn puts_blocks_and_includes_in_place() {
    let base = "<{% block a %}base a{% block inner %}inner{% endblock inner %}{% endblock %}|{% block b %}b{% set v = 1 %}{% endblock %}|{% if v %}{{ v }}{% endif %}>";
    for page in [
        "{% extends \"base.html\" %}",
        "{% extends \"base.html\" %}\n{% block a %}mine{% endblock %}\n",
        "{% extends \"base.html\" %}{% block inner %}my {{ title }}{% endblock %}{% block b %}{% endblock %}",
        "{% extends \"middle.html\" %}{% block b %}far{% endblock %}",
        "{% for x in items %}{% set own = x.n %}{% include \"part.html\" %}{% if own2 %}leak{% endif %}{% endfor %}",
        "{% include \"part.html\" %}{% block a %}alone{% endblock %}",
        "{% extends \"base.html\" %}{% block a %}{{ super() }}{% endblock %}",
        "{% extends \"base.html\" %}text{% block a %}x{% endblock %}",
    ] {
        let templates = [
            ("base.html", base),
            (
                "middle.html",
                "{% extends \"base.html\" %}{% block a %}middle{% block inner %}i{% endblock %}{% endblock %}",
            ),
            (
                "part.html",
                "{% if own %}{{ own }}{% endif %}{% set own2 = title %}{{ own2 }}{% if x %}{{ x.title }}{{ loop.index }}{% endif %}",
            ),
            ("page.html", page),
        ];
        let (ours, engine) = both(&templates, &context());
        if ours.is_some() {
            assert_eq!(ours, engine, "{page}");
        }
    }
    let bases = [("base.html", base), ("page.html", "{% extends \"base.html\" %}{% block a %}x{% endblock %}")];
    assert_eq!(both(&bases, &context()).0.as_deref(), Some("<x|b|1>"));
}

#[test]
fn leaves_endless_pages_to_the_engine() {
    let nested = "{% for a in many %}{% for b in many %}{% for c in many %}.{% endfor %}{% endfor %}{% endfor %}";
    let many = list((0..200i64).map(Value::from));
    let texts = BTreeMap::from([("page.html", nested)]);
    let direct = Direct::new(&texts, &["page.html"]);
    assert!(!direct.render("page.html", &[("many", many)], &mut Vec::new()));
}

/// A template of the default theme that needs the engine would make its pages several times as slow.
#[test]
fn knows_the_language_of_the_default_theme() {
    let files: Vec<(String, &str)> = default_files()
        .filter_map(|(path, bytes)| {
            let name = path.strip_prefix("templates/")?;
            Some((name.to_owned(), std::str::from_utf8(bytes).unwrap()))
        })
        .collect();
    let texts = files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let direct = Direct::new(&texts, TEMPLATES);
    let left: Vec<&&str> = TEMPLATES.iter().filter(|name| !direct.known().contains(name)).collect();
    assert!(left.is_empty(), "{left:?}: teach `direct` what they say, or say it more simply");
}

#[test]
fn makes_every_page_of_the_sample_itself() {
    use crate::cache::{Cache, Keep, Memory};
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = std::sync::Arc::new(crate::config::load(root).unwrap().value);
    let mut memory = Memory::open(root, Cache::Off);
    let laid = crate::lay_out(&config, crate::corpus::Drafts::Skip, &mut memory, Keep::No, &mut |_| {}).unwrap();
    let (site, theme) = laid.site.unwrap();
    let views = crate::page::Views::new(&site, &theme);
    for (path, page) in &site.pages {
        views.render(path, page, &mut Vec::new()).unwrap();
    }
    assert_eq!(theme.direct.left(), []);
}
