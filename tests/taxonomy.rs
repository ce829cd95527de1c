//! What texts are about: made-up articles with the cities an editor would give them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use jianfan::taxonomy::suggest::{Article, suggest};
use jianfan::taxonomy::{Convert, Detector, Taxonomies, Text, parse};
use proptest::prelude::*;

#[test]
fn finds_what_articles_are_about() {
    let detector = Detector::new(&Taxonomies::builtin());
    let cases = include_str!("taxonomy/about.tsv");
    let (mut right, mut extra, mut missing, mut misses) = (0, 0, 0, String::new());
    for line in cases.lines().filter(|l| !l.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let list = |i: usize| -> BTreeSet<&str> { fields[i].split(',').filter(|c| !c.is_empty()).collect() };
        let (want, may) = (list(3), list(4));
        let tags = detector.detect(&Text { title: fields[0], body: fields[1], source: Some(fields[2]) });
        let got: BTreeSet<&str> = tags.iter().map(|t| t.term.as_str()).collect();
        let wrong: Vec<_> = got.iter().filter(|c| !want.contains(*c) && !may.contains(*c)).collect();
        let lost: Vec<_> = want.difference(&got).collect();
        right += want.intersection(&got).count();
        extra += wrong.len();
        missing += lost.len();
        if !wrong.is_empty() || !lost.is_empty() {
            writeln!(misses, "{}: extra {wrong:?}, missing {lost:?}", fields[0]).unwrap();
        }
    }
    let f1 = 2.0 * right as f64 / (2 * right + extra + missing) as f64;
    assert!(right > 80 && f1 >= 0.97, "F1 {f1:.3}\n{misses}");
}

const PROGRAMS: &str = "\
- id: lantern-plan
  name: {hans: 灯笼手艺计划, hant: 燈籠手藝計劃}
  aliases: [灯笼计划]
  not: [灯笼计划书]
  city: kaifeng
- id: night-market-contest
  name: 夜市创新大赛
  city: tainan
- id: tech-work-station
  name: 河谷科技工作站
";

fn detector(program: &str) -> Detector {
    let same = |s: &str| s.to_owned();
    let parsed = parse(&[("program.yaml", program)], Convert { hans: &same, hant: &same });
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    Detector::new(&parsed.value)
}

fn found(detector: &Detector, title: &str, body: &str) -> Vec<String> {
    let tags = detector.detect(&Text { title, body, source: None });
    tags.iter().map(|t| format!("{}:{}", t.taxonomy, t.term)).collect()
}

#[test]
fn finds_programs_in_any_dress() {
    let detector = detector(PROGRAMS);
    // Both scripts, quotation marks, the spelling of Taiwan; the program stands for its city.
    for text in ["“灯笼手艺”计划本周开班。", "「燈籠手藝計畫」本週開班。", "灯笼手艺计划本周开班。"]
    {
        assert_eq!(found(&detector, "手艺人的冬天", text), ["city:kaifeng", "program:lantern-plan"], "{text}");
    }
    assert!(found(&detector, "通知", "请提交灯笼计划书一式三份。").is_empty());
    // Spun text has 事情站 for 工作站.
    assert_eq!(found(&detector, "通知", "河谷科技事情站正式挂牌。"), ["program:tech-work-station"]);
    // One mention far down is enough for a program.
    let long =
        format!("{}\n\n{}\n\n夜市創新大賽的評審也來了。", "社區公告。".repeat(10), "居民自己動手修路。".repeat(20));
    assert!(found(&detector, "修路", &long).contains(&"program:night-market-contest".to_owned()));
}

#[test]
fn evidence_points_into_the_text() {
    let detector = Detector::new(&Taxonomies::builtin());
    let (title, body) = ("蘭州開了夜校", "## 一\n\n「蘭州市」昨日開了[夜校](http://a.b/蘭州)，我市居民可以報名。");
    let tags = detector.detect(&Text { title, body, source: Some("兰州晚报") });
    assert_eq!(tags.len(), 1);
    for e in &tags[0].evidence {
        let whole = if e.place == jianfan::taxonomy::Where::Title { title } else { body };
        let there: String = whole.chars().skip(e.offset).take(e.text.chars().count()).collect();
        assert_eq!(there, e.text);
    }
    let texts: Vec<&str> = tags[0].evidence.iter().map(|e| e.text.as_str()).collect();
    assert_eq!(texts, ["蘭州", "蘭州市", "我市"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn nothing_panics(title in "\\PC{0,40}", body in "[兰州西宁市硅谷“”「」路的\\n \\[\\]()<>`a-z0-9、，。\u{200b}𠀀]{0,200}", source in "\\PC{0,10}") {
        let detector = DETECTOR.with(Clone::clone);
        let first = detector.detect(&Text { title: &title, body: &body, source: Some(&source) });
        prop_assert_eq!(&first, &detector.detect(&Text { title: &title, body: &body, source: Some(&source) }));
        for tag in &first {
            prop_assert!((0.0..=1.0).contains(&tag.score));
            for e in &tag.evidence {
                prop_assert!(!e.text.is_empty());
            }
        }
    }

    #[test]
    fn suggesting_never_panics(body in "[兰州西宁市“”「」计划大赛论坛\\n的a。]{0,120}") {
        let known = KNOWN.with(Clone::clone);
        let same = |s: &str| s.to_owned();
        let articles = [Article { id: "a", title: &body, body: &body }];
        for candidate in suggest(&articles, &known, Convert { hans: &same, hant: &same }) {
            prop_assert!(candidate.count > 0 && !candidate.name.hans.is_empty());
        }
    }

    #[test]
    fn reading_never_panics(text in "[-a-z:\\[\\]{}\"'# \\n兰州&*|>]{0,120}") {
        let same = |s: &str| s.to_owned();
        let checked = parse(&[("city.yaml", &text)], Convert { hans: &same, hant: &same });
        for d in &checked.diagnostics {
            let _ = jianfan::diagnostic::render(d);
        }
    }
}

thread_local! {
    static KNOWN: std::sync::Arc<Taxonomies> = std::sync::Arc::new(Taxonomies::builtin());
    static DETECTOR: std::sync::Arc<Detector> = std::sync::Arc::new(Detector::new(&Taxonomies::builtin()));
}

#[test]
fn a_site_can_make_a_doubtful_name_plain() {
    let same = |s: &str| s.to_owned();
    let text =
        Text { title: "白银的夜校", body: "夜校开在老厂房里，首批学员四十人。", source: None };
    assert!(Detector::new(&Taxonomies::builtin()).detect(&text).is_empty());
    let site = parse(&[("city.yaml", "- id: baiyin\n  aliases: [白银]\n")], Convert { hans: &same, hant: &same });
    let tags = Detector::new(&site.value).detect(&text);
    assert_eq!(tags.iter().map(|t| t.term.as_str()).collect::<Vec<_>>(), ["baiyin"]);
}
