//! Tags lines of JSON (`{"id","title","text","source"}`) with the taxonomies of a folder: `tag FOLDER [suggest] < lines`.

use std::io::{BufRead, Write};

use jianfan::taxonomy::bulk;
use jianfan::taxonomy::suggest::{self, Article};
use jianfan::taxonomy::{Convert, Detector, Text, parse};

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_default();
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder)? {
        let path = entry?.path();
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        files.push((name, std::fs::read_to_string(&path)?));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    let same = |s: &str| s.to_owned();
    let started = std::time::Instant::now();
    let taxonomies = parse(&files, Convert { hans: &same, hant: &same });
    let mut err = std::io::stderr();
    writeln!(err, "read after {:?}", started.elapsed())?;
    let detector = Detector::new(&taxonomies.value);
    for d in &taxonomies.diagnostics {
        write!(err, "{}", jianfan::diagnostic::render(d))?;
    }
    writeln!(err, "ready after {:?}", started.elapsed())?;
    let lines: Vec<serde_json::Value> =
        std::io::stdin().lock().lines().map_while(Result::ok).filter_map(|l| serde_json::from_str(&l).ok()).collect();
    if std::env::args().nth(2).as_deref() == Some("suggest") {
        return suggest_programs(&lines, &taxonomies.value);
    }
    let started = std::time::Instant::now();
    if std::env::args().nth(2).as_deref() == Some("time") {
        let text = |v: &'_ serde_json::Value, k: &str| v.get(k).and_then(|v| v.as_str()).unwrap_or("").to_owned();
        let owned: Vec<[String; 3]> =
            lines.iter().map(|l| [text(l, "title"), text(l, "text"), text(l, "source")]).collect();
        let started = std::time::Instant::now();
        let found: usize =
            owned.iter().map(|[t, b, s]| detector.detect(&Text { title: t, body: b, source: Some(s) }).len()).sum();
        let spent = started.elapsed();
        let bytes: usize = owned.iter().map(|[t, b, _]| t.len() + b.len()).sum();
        let speed = bytes as f64 / spent.as_secs_f64() / 1e6;
        return writeln!(err, "{found} terms in {} articles, {speed:.0} MB/s", owned.len());
    }
    let input: String = lines.iter().map(|l| format!("{l}\n")).collect();
    let mut out = Vec::new();
    for d in bulk::run(&detector, "-", input.as_bytes(), &mut out, &mut |_| {})? {
        write!(err, "{}", jianfan::diagnostic::render(&d))?;
    }
    let spent = started.elapsed();
    writeln!(err, "{} articles in {spent:?}, {:.0} a second", lines.len(), lines.len() as f64 / spent.as_secs_f64())?;
    std::io::stdout().write_all(&out)
}

fn suggest_programs(lines: &[serde_json::Value], known: &jianfan::taxonomy::Taxonomies) -> std::io::Result<()> {
    let text = |v: &'_ serde_json::Value, k: &str| v.get(k).and_then(|v| v.as_str()).unwrap_or("").to_owned();
    let owned: Vec<[String; 3]> = lines.iter().map(|l| [text(l, "id"), text(l, "title"), text(l, "text")]).collect();
    let articles: Vec<Article<'_>> = owned.iter().map(|[id, title, body]| Article { id, title, body }).collect();
    let same = |s: &str| s.to_owned();
    let started = std::time::Instant::now();
    let candidates = suggest::suggest(&articles, known, Convert { hans: &same, hant: &same });
    writeln!(std::io::stderr(), "{} candidates in {:?}", candidates.len(), started.elapsed())?;
    writeln!(std::io::stdout(), "{}", serde_json::json!({"candidates": candidates}))
}
