//! `jianfan new`: a new article file, refusing a title the archive has already.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;

use jianfan::article::Article;
use jianfan::config::Config;
use jianfan::taxonomy::fold::fold_name;
use jianfan::taxonomy::{CITY, PROGRAM, Taxonomies};
use jianfan::{data, parse_all, slug, source};

use super::{End, Format, Global, Outcome, print, settings, tag};

/// Options of `new`.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  jianfan new 兰州实验室开放夜 --city lanzhou")]
pub(super) struct Args {
    /// The title.
    title: String,
    /// A city, by id or name; may be given again.
    #[arg(long = "city", value_name = "ID")]
    cities: Vec<String>,
    /// A program, by id or name; may be given again.
    #[arg(long = "program", value_name = "ID")]
    programs: Vec<String>,
}

pub(super) fn run(global: &Global, args: Args) -> Outcome {
    let title = args.title.split_whitespace().collect::<Vec<_>>().join(" ");
    if !title.chars().any(char::is_alphanumeric) {
        return Err(End::Failed("the title has no letter; write one".to_owned()));
    }
    let mut diagnostics = Vec::new();
    let config = settings(global, &mut diagnostics)?;
    let taxonomies = data::read(&config)?.drain_into(&mut diagnostics).shared.taxonomies;
    let cities = terms(&taxonomies, CITY, &args.cities)?;
    let programs = terms(&taxonomies, PROGRAM, &args.programs)?;
    let folder = source::read(&config)?.drain_into(&mut diagnostics);
    let (articles, _) = parse_all(&config, &folder, &mut diagnostics);
    if let Some(other) = articles.iter().find(|other| alike(&title, &other.title)) {
        return Err(told_already(other));
    }
    let now = now(&config);
    let mut text = format!("---\ntitle: {}\ndate: {}\n", scalar(&title), now.strftime("%Y-%m-%d %H:%M"));
    for (key, ids) in [("cities", cities), ("programs", programs)] {
        if !ids.is_empty() {
            text.push_str(&format!("{key}: [{}]\n", ids.join(", ")));
        }
    }
    text.push_str("---\n\n");
    let path = create(&config, &now.strftime("%Y/%m").to_string(), &slug::from_title(&title), &text)?;
    let shown = config.shown(&path);
    match global.format {
        Format::Json => print::out(&format!("{}\n", serde_json::json!({"path": shown, "title": title}))),
        _ => print::out(&format!("{shown}\n")),
    }
    Ok(End::Done)
}

/// The time where the site is: the one thing a command for people may ask the clock for.
#[expect(clippy::disallowed_methods, reason = "a new article is dated by the day it is begun; no stage runs here")]
fn now(config: &Config) -> jiff::civil::DateTime {
    let now = jiff::Timestamp::try_from(std::time::SystemTime::now()).unwrap_or_default();
    config.time_zone.to_datetime(now)
}

/// The ids of terms written by id or name.
fn terms(taxonomies: &Taxonomies, taxonomy: &str, written: &[String]) -> Result<Vec<String>, End> {
    let mut ids = Vec::new();
    for name in written {
        let id = taxonomies.resolve(taxonomy, name).map(ToString::to_string);
        let id = id.ok_or_else(|| End::Failed(tag::unknown(taxonomies, taxonomy, name)))?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

fn told_already(other: &Article) -> End {
    End::Failed(format!(
        "`{}` has nearly this title: {}; write on there, or choose a title that tells the two apart",
        other.path, other.title
    ))
}

/// Writes the file; one of that name is never overwritten.
fn create(config: &Config, month: &str, slug: &str, text: &str) -> Result<PathBuf, End> {
    let folder = config.content_dir.join(month);
    let failed = |path: &PathBuf, error| End::Failed(format!("cannot write `{}`: {error}", path.display()));
    std::fs::create_dir_all(&folder).map_err(|error| failed(&folder, error))?;
    for number in 1.. {
        let stem = if number == 1 { slug.to_owned() } else { format!("{slug}-{number}") };
        let path = folder.join(format!("{stem}.md"));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                file.write_all(text.as_bytes()).map_err(|error| failed(&path, error))?;
                return Ok(path);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(&path, error)),
        }
    }
    Err(failed(&folder, std::io::Error::other("no name is free")))
}

/// A text as one line of YAML.
fn scalar(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The share of pairs of characters two titles must have in common to be near-duplicates.
const ALIKE: f64 = 0.8;

/// Tells whether two titles are nearly the same, whatever their script, width and punctuation.
///
/// Different numbers tell two titles apart: 第三届 and 第四届 are two stories.
fn alike(a: &str, b: &str) -> bool {
    let letters = |text: &str| fold_name(text).chars().filter(|c| c.is_alphanumeric()).collect::<Vec<char>>();
    let (a, b) = (letters(a), letters(b));
    if a == b {
        return true;
    }
    let numbers = |text: &[char]| text.iter().copied().filter(|c| is_number(*c)).collect::<Vec<char>>();
    if a.len().min(b.len()) < 6 || numbers(&a) != numbers(&b) {
        return false;
    }
    let pairs = |text: &[char]| text.windows(2).map(|pair| (pair[0], pair[1])).collect::<BTreeSet<_>>();
    let (a, b) = (pairs(&a), pairs(&b));
    2.0 * a.intersection(&b).count() as f64 / (a.len() + b.len()) as f64 >= ALIKE
}

fn is_number(c: char) -> bool {
    c.is_ascii_digit() || "〇零一二三四五六七八九十百千首".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_meet_across_scripts_and_marks() {
        for (a, b, same) in [
            ("兰州实验室开放夜", "蘭州實驗室開放夜", true),
            ("兰州“实验室开放夜”开幕", "兰州实验室 开放夜开幕！", true),
            ("兰州市实验室开放夜今晚开幕", "兰州实验室开放夜今晚开幕", true),
            ("第三届兰州实验室开放夜开幕", "第四届兰州实验室开放夜开幕", false),
            ("兰州实验室开放夜2019", "兰州实验室开放夜2020", false),
            ("夜校开课", "夜校停课", false),
            ("兰州实验室开放夜", "西宁盐湖里的新电池", false),
        ] {
            assert_eq!(alike(a, b), same, "{a} {b}");
        }
    }
}
