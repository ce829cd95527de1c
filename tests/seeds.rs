//! The five seed pages, imported and built. Needs ../shared; says so and passes without it.
#![allow(clippy::unwrap_used, reason = "a test may stop where it is surprised")]

use std::collections::BTreeSet;

use crate::support::{attributes, expect, pages, shared, tree};

fn gold(shared: &std::path::Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(shared.join("gold/seeds.gold.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A site made of the seeds, and its report.
fn built(shared: &std::path::Path) -> (tempfile::TempDir, serde_json::Value, Vec<serde_json::Value>) {
    let site = tempfile::tempdir().unwrap();
    expect(site.path(), &["init"], 0);
    let mut args = vec!["--format".to_owned(), "json".to_owned(), "import".to_owned()];
    args.extend(
        gold(shared).iter().map(|row| shared.join("seeds").join(row["file"].as_str().unwrap()).display().to_string()),
    );
    let (out, _) = expect(site.path(), &args.iter().map(String::as_str).collect::<Vec<_>>(), 0);
    let imported: serde_json::Value = serde_json::from_str(&out).unwrap();
    let (out, _) = expect(site.path(), &["--format", "json", "build"], 0);
    (site, serde_json::from_str(&out).unwrap(), imported["articles"].as_array().unwrap().clone())
}

#[test]
fn five_pages_become_five_articles_with_their_fields() {
    let Some(shared) = shared("the import of the seeds") else { return };
    let (site, report, imported) = built(&shared);
    assert_eq!((report["published"].as_u64(), report["errors"].as_u64()), (Some(5), Some(0)));
    for (row, entry) in gold(&shared).iter().zip(&imported) {
        let file = row["file"].as_str().unwrap();
        assert!(entry["from"].as_str().unwrap().ends_with(file));
        let titles: Vec<&str> = row["title"]
            .as_str()
            .into_iter()
            .chain(row["title_alt"].as_array().into_iter().flatten().filter_map(|t| t.as_str()))
            .collect();
        if let Some(title) = entry["title"].as_str().filter(|_| !titles.is_empty()) {
            assert!(titles.contains(&title), "{file}: {title}");
        }
        assert_eq!(entry["date"].as_str(), row["date"].as_str(), "{file}");
        let sources: Vec<&str> = row["source"]
            .as_str()
            .into_iter()
            .chain(row["source_alt"].as_array().into_iter().flatten().filter_map(|t| t.as_str()))
            .collect();
        assert!(
            entry["source"].is_null() && row["source"].is_null()
                || sources.contains(&entry["source"].as_str().unwrap()),
            "{file}: {}",
            entry["source"]
        );
        let text = std::fs::read_to_string(site.path().join(entry["to"].as_str().unwrap())).unwrap();
        let body = text.splitn(3, "---\n").nth(2).unwrap();
        for leak in row["must_not"].as_array().unwrap() {
            assert!(!body.contains(leak.as_str().unwrap()), "{file}: {leak} is in the body");
        }
    }
    assert!(imported[4]["copies"].as_u64().unwrap() >= 1, "the page pasted twice is not said to be");
}

#[test]
fn lanzhou_lists_its_articles_in_both_editions() {
    let Some(shared) = shared("the city page of the seeds") else { return };
    let (site, _, imported) = built(&shared);
    let pages = pages(&tree(&site.path().join("public")));
    for edition in ["zh-hans", "zh-hant"] {
        let html = &pages[&format!("{edition}/city/lanzhou/index.html")];
        let listed: BTreeSet<String> = html
            .lines()
            .filter(|line| line.contains("class=\"headline\""))
            .map(|line| attributes(line, "href").remove(0))
            .collect();
        for at in [0, 1, 4] {
            let stem =
                imported[at]["to"].as_str().unwrap().rsplit('/').next().unwrap().trim_end_matches(".md").to_owned();
            assert!(listed.iter().any(|href| href.contains(&stem)), "{edition}: {stem} is not in {listed:?}");
        }
    }
}

#[test]
fn a_page_pasted_twice_and_copied_as_it_is_becomes_one_article() {
    let Some(shared) = shared("seed 004 as it is") else { return };
    let site = tempfile::tempdir().unwrap();
    std::fs::create_dir(site.path().join("content")).unwrap();
    std::fs::copy(shared.join("seeds/004_962e9783aa401d67.txt"), site.path().join("content/004.md")).unwrap();
    let (out, _) = expect(site.path(), &["--format", "json", "build"], 0);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (report["published"].as_u64(), report["duplicates"].as_u64(), report["errors"].as_u64()),
        (Some(1), Some(1), Some(0))
    );
    let repaired = report["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .find(|d| d["code"] == "date-repaired")
        .expect("the date is repaired");
    assert_eq!((repaired["path"].as_str(), repaired["line"].as_u64()), (Some("content/004.md"), Some(4)));
}

/// Characters of text outside code, scripts and elements in another language.
fn foreign(html: &str, lang: &str, list: &BTreeSet<char>) -> Vec<char> {
    let mut found = Vec::new();
    let mut skipping: Vec<String> = Vec::new();
    for part in html.split('<').skip(1) {
        let Some((tag, text)) = part.split_once('>') else { continue };
        let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        if tag.starts_with('/') {
            if skipping.last() == Some(&name) {
                skipping.pop();
            }
        } else if !matches!(name.as_str(), "meta" | "link" | "br" | "img" | "hr" | "input" | "wbr" | "rect")
            && !tag.ends_with('/')
        {
            let other =
                attributes(&format!("<{tag}>"), "lang").first().is_some_and(|own| !own.eq_ignore_ascii_case(lang));
            if !skipping.is_empty() && skipping.last() == Some(&name)
                || other && name != "html"
                || matches!(name.as_str(), "code" | "pre" | "script" | "style")
            {
                skipping.push(name);
            }
        }
        if skipping.is_empty() {
            found.extend(text.chars().filter(|c| list.contains(c)));
        }
    }
    found
}

#[test]
fn each_edition_is_in_its_script() {
    let Some(shared) = shared("the script of the seeds' pages") else { return };
    let lists: serde_json::Value =
        serde_json::from_slice(&std::fs::read(shared.join("gold/script_chars.json")).unwrap()).unwrap();
    let list = |key: &str| -> BTreeSet<char> {
        lists[key]
            .as_array()
            .map(|list| list.iter().filter_map(|c| c.as_str()?.chars().next()).collect())
            .unwrap_or_else(|| lists[key].as_str().unwrap().chars().collect())
    };
    let (traditional, mut simplified) = (list("traditional_only"), list("simplified_only"));
    assert!(traditional.len() > 3000 && simplified.len() > 3000);
    // The list counts as Simplified what is also the standard form in Taiwan (群 for 羣), because OpenCC's plain
    // Traditional writes the other one; the conversion kit wants the standard form.
    let to_taiwan = jianfan::script::OpenCc::named("t2tw").expect("OpenCC's own configuration");
    for plain in ('\u{4e00}'..='\u{9fff}').map(String::from) {
        let standard = to_taiwan.convert(&plain);
        if standard != plain {
            simplified.retain(|c| !standard.contains(*c));
        }
    }
    let (site, ..) = built(&shared);
    for (path, html) in pages(&tree(&site.path().join("public"))) {
        let found = match path.split('/').next() {
            Some("zh-hans") => foreign(&html, "zh-Hans", &traditional),
            Some("zh-hant") => foreign(&html, "zh-Hant", &simplified),
            _ => continue,
        };
        assert!(found.is_empty(), "{path}: {found:?}");
    }
}
