//! Speed of each step of a build, as ratios to a floor measured in the same run.
//!
//! `cargo bench --bench stages`. The floor is checking the same bytes as UTF-8 and copying them: no step can be faster,
//! and a ratio of two machines is the same where a time is not. The texts are our own words put together in other orders.
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::borrow::Cow;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use jianfan::cache::{Cache, Keep, Memory};
use jianfan::corpus::Drafts;
use jianfan::dedupe::{self, Document};
use jianfan::markdown::{self, Image, Links};
use jianfan::page::{Kind, Site, Views};
use jianfan::script::glossary::Glossary;
use jianfan::script::{Converter, Options, Origin, Region, Target, detect};
use jianfan::source::Source;
use jianfan::taxonomy::{Detector, Taxonomies, Text};
use jianfan::{article, config, data, search};

const ARTICLES: usize = 400;

const CLAUSES: &[&str] = &[
    "兰州新区的光伏项目",
    "由三家单位一起推进",
    "预计明年春天建成",
    "市科技局昨日",
    "在深圳签下合作意向",
    "来自海外的团队",
    "展示了新的复合材料",
    "西宁和成都的孵化器",
    "已经吸引两百多名青年",
    "下一步将简化流程",
    "为后续研究提供场地",
    "硅谷的工程师说",
    "这里的条件比想象的好",
    "会后双方还参观了实验室",
    "总投资约十二亿元",
    "干燥设备已经发往工地",
];

/// The text of one article, about 5 KB, different for each number.
fn body(number: usize) -> String {
    let mut text = String::new();
    let mut state = number as u64 + 1;
    for clause in 0..260 {
        // A plain generator of Knuth's: the same texts on every machine.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push_str(CLAUSES[(state >> 33) as usize % CLAUSES.len()]);
        match clause % 26 {
            25 => text.push_str("。\n\n"),
            12 => text.push_str(&format!("第{}项。", state >> 50)),
            _ => text.push('，'),
        }
    }
    text
}

fn file(number: usize) -> String {
    let (month, day) = (number % 12 + 1, number % 28 + 1);
    format!(
        "---\ntitle: {}{}\ndate: 2023-{month:02}-{day:02} 08:00:00\nsource: 晚报\ntags: [材料]\ncity: [兰州, 西宁]\nslug: a{number}\n---\n\n{}",
        CLAUSES[number % 16],
        CLAUSES[number / 16 % 16],
        body(number)
    )
}

struct AsWritten;

impl Links for AsWritten {
    fn link<'a>(&self, written: &'a str) -> Option<Cow<'a, str>> {
        Some(Cow::Borrowed(written))
    }

    fn image<'a>(&self, written: &'a str) -> Option<Image<'a>> {
        Some(Image::plain(Cow::Borrowed(written)))
    }
}

/// One step: its name, the bytes it goes through, and the work.
struct Step<'a> {
    name: &'static str,
    bytes: usize,
    run: Box<dyn Fn() + 'a>,
}

/// Seconds of the fastest of some runs.
fn best(run: &dyn Fn()) -> f64 {
    let once = || {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64()
    };
    (0..7).map(|_| once()).fold(f64::INFINITY, f64::min)
}

/// The steps that look at one text at a time.
fn of_texts<'a>(sources: &'a [Source], bodies: &'a [String], taxonomies: &Taxonomies) -> Vec<Step<'a>> {
    let bytes: usize = bodies.iter().map(String::len).sum();
    let step = |name, run: Box<dyn Fn(&str) + 'a>| Step {
        name,
        bytes,
        run: Box::new(move || bodies.iter().for_each(|b| run(b))),
    };
    let zone = config::Config::defaults(Path::new(".")).time_zone;
    let names = vec!["city".to_owned(), "program".to_owned(), "tag".to_owned()];
    let hant = Converter::new(Target::Hant(Region::Tw), &Glossary::empty(), Options::default());
    let hans = Converter::new(Target::Hans, &Glossary::empty(), Options::default());
    let detector = Detector::new(taxonomies);
    vec![
        step("floor", Box::new(|body| drop(black_box(String::from_utf8(body.as_bytes().to_vec()))))),
        Step {
            name: "parse",
            bytes: sources.iter().map(|source| source.text.len()).sum(),
            run: Box::new(move || sources.iter().for_each(|s| drop(black_box(article::parse(s, &zone, &names))))),
        },
        step("detect", Box::new(|body| _ = black_box(detect::detect(body)))),
        step("convert hant", Box::new(move |body| drop(black_box(hant.markdown(body, Origin::Hans))))),
        step("convert hans", Box::new(move |body| drop(black_box(hans.markdown(body, Origin::Hans))))),
        step("fold", Box::new(|body| drop(black_box(dedupe::fold::fold(body))))),
        step(
            "survey",
            Box::new(|text| drop(black_box(dedupe::survey(&Document { id: "a", text, ..Document::default() })))),
        ),
        step("tag", Box::new(move |body| drop(black_box(detector.tags(&Text { title: "", body, source: None }))))),
        step("html", Box::new(|body| drop(black_box(markdown::render(body, None, &AsWritten))))),
    ]
}

/// Rendering the pages of a kind; their bytes are those of what is written.
fn pages<'a>(name: &'static str, site: &'a Site, views: &'a Views, wanted: fn(&Kind) -> bool) -> Step<'a> {
    let render = move |buffer: &mut Vec<u8>| {
        let pages = site.pages.iter().filter(|(_, page)| wanted(&page.kind));
        pages
            .map(|(path, page)| {
                drop(views.render(path, page, buffer));
                buffer.len()
            })
            .sum::<usize>()
    };
    let bytes = render(&mut Vec::new());
    Step { name, bytes, run: Box::new(move || _ = black_box(render(&mut Vec::new()))) }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    std::fs::create_dir(folder.path().join("content"))?;
    let mut sources = Vec::new();
    for number in 0..ARTICLES {
        let (id, text) = (format!("a{number}"), file(number));
        std::fs::write(folder.path().join(format!("content/{id}.md")), &text)?;
        sources.push(Source { path: format!("content/{id}.md"), id, text, as_written: true });
    }
    let bodies: Vec<String> = (0..ARTICLES).map(body).collect();
    let config = Arc::new(config::load(folder.path())?.value);
    let mut memory = Memory::open(folder.path(), Cache::Off);
    let laid = jianfan::lay_out(&config, Drafts::Skip, &mut memory, Keep::No, &mut |_| {})?;
    let (site, theme) = laid.site.ok_or("the site of the bench has errors")?;
    let views = Views::new(&site, &theme);
    let glossary = data::read(&config)?.value.glossary;

    let mut steps = of_texts(&sources, &bodies, &site.editions[0].corpus.taxonomies);
    steps.push(pages("article pages", &site, &views, |kind| matches!(kind, Kind::Article(_))));
    steps.push(pages("list pages", &site, &views, |kind| {
        matches!(kind, Kind::Term(..) | Kind::Year(..) | Kind::Cross(..))
    }));
    steps.push(pages("feeds", &site, &views, |kind| matches!(kind, Kind::Feed(_))));
    steps.push(Step {
        name: "search index",
        bytes: bodies.iter().map(String::len).sum(),
        run: Box::new(|| {
            drop(black_box(
                search::plan(&site.editions, &glossary, None, Arc::new(|_: &jianfan::facts::Facts| panic!("put away")))
                    .0
                    .all(),
            ))
        }),
    });

    let rate = |step: &Step<'_>| step.bytes as f64 / 1e6 / best(&*step.run);
    let floor = rate(&steps[0]);
    println!("{:<16}{:>10}{:>16}", "", "MB/s", "floor / step");
    for step in &steps {
        let rate = rate(step);
        println!("{:<16}{rate:>10.0}{:>16.1}", step.name, floor / rate);
    }
    let mut criterion =
        Criterion::default().configure_from_args().sample_size(10).measurement_time(Duration::from_millis(800));
    let mut group = criterion.benchmark_group("stages");
    for step in &steps {
        group.throughput(Throughput::Bytes(step.bytes as u64));
        group.bench_function(step.name, |bencher| bencher.iter(|| (step.run)()));
    }
    group.finish();
    criterion.final_summary();
    Ok(())
}
