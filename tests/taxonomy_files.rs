//! Taxonomy files of editors: what is read, and what is said about mistakes.

use jianfan::diagnostic::{render, sort};
use jianfan::taxonomy::{Convert, Resolution, Taxonomies, parse};

fn read(path: &str, text: &str) -> (Taxonomies, String) {
    let hans = |s: &str| s.replace('蘭', "兰").replace('燈', "灯");
    let hant = |s: &str| s.replace('兰', "蘭").replace('灯', "燈");
    let checked = parse(&[(path, text)], Convert { hans: &hans, hant: &hant });
    let mut diagnostics = checked.diagnostics;
    sort(&mut diagnostics);
    (checked.value, diagnostics.iter().map(render).collect())
}

#[test]
fn says_what_is_wrong_and_where() {
    let (_, said) = read("city.yaml", include_str!("taxonomy/mistakes.yaml"));
    assert_eq!(said, include_str!("taxonomy/mistakes.stderr"), "\n{said}");
}

#[test]
fn files_that_are_no_list_are_refused() {
    for (text, expected) in [
        ("兰州\n", "c.yaml:1:1: error[taxonomy-shape]: a taxonomy file is a list of terms, not a text"),
        ("a: &x [1]\n", "c.yaml:1:4: error[taxonomy-yaml]: anchors and aliases are not allowed in a taxonomy file"),
        ("- id: x\n  name： 甲\n", "c.yaml:2:7: error[taxonomy-yaml]: the full-width colon `：` ends no key"),
        ("- id: [x\n", "c.yaml:1:9: error[taxonomy-yaml]: not valid YAML: "),
    ] {
        let (_, said) = read("c.yaml", text);
        assert!(said.starts_with(expected), "{text}: {said}");
    }
    assert_eq!(read("c.yaml", "# nothing yet\n").1, "");
    let (_, said) = read("Kinds of things.yaml", "");
    assert!(said.starts_with("Kinds of things.yaml: error[taxonomy-name]"), "{said}");
}

#[test]
fn files_extend_and_override_the_gazetteer() {
    let text = "- id: lanzhou\n  aliases: [河城]\n- id: riverside\n  name: {hans: 雁滩, hant: 雁灘}\n- id: lamp\n  name: 燈市\n";
    let (all, said) = read("city.yaml", text);
    assert_eq!(said, "");
    let resolve = |s: &str| all.resolve("city", s).map(|id| id.as_str());
    assert_eq!(resolve("河城"), Some("lanzhou"));
    assert_eq!(resolve("蘭州"), Some("lanzhou"));
    assert_eq!(resolve("LanZhou"), Some("lanzhou"));
    assert_eq!(resolve("硅 谷"), Some("silicon-valley"));
    assert_eq!(resolve("矽谷"), Some("silicon-valley"));
    assert_eq!(resolve("Ｈｏｎｇ Ｋｏｎｇ"), Some("hong-kong"));
    assert_eq!(resolve("杜拜"), Some("dubai"));
    // A spelling the site gives to a term of its own is taken from the built-in one.
    assert_eq!(resolve("雁滩"), Some("riverside"));
    assert_eq!(resolve("灯市"), Some("lamp"));
    assert_eq!(resolve("亚特兰蒂斯"), None);
    assert!(matches!(all.meaning("city", "鼓楼区"), Resolution::Ambiguous(ids) if ids.len() > 2));
    let names: Vec<_> = all.glossary_names().collect();
    assert_eq!(names, [("灯市", "燈市"), ("雁滩", "雁灘")]);
}

#[test]
fn free_tags_get_ids_without_collisions() {
    let (all, _) = read("tag.yaml", "- id: ai\n  name: {hans: 人工智能, hant: 人工智慧}\n");
    let slug = |s: &str| match s {
        "事实" | "试试" => "shi-shi".to_owned(),
        other => other.to_owned(),
    };
    let minted = all.mint("tag", ["事实", "試試", "试试", "人工智慧", "CON", "a.", "a ", "", "???", "page"], &slug);
    let id = |s: &str| minted.get(s).map(|id| id.as_str());
    assert_eq!(id("人工智慧"), Some("ai"));
    assert_eq!((id("事实"), id("試試"), id("试试")), (Some("shi-shi"), Some("shi-shi-2"), Some("shi-shi-2")));
    assert_eq!((id("CON"), id("page")), (Some("con-tag"), Some("page-tag")));
    assert_eq!((id("a "), id("a."), id("???"), id("")), (Some("a"), Some("a-2"), Some("tag"), None));
}
