//! `jianfan tag`: what each article is about and why; candidate programs; upkeep of terms.

mod upkeep;

use std::fmt::Write as _;
use std::io::BufReader;
use std::path::PathBuf;

use clap::Subcommand;

use jianfan::article::Written;
use jianfan::config::Config;
use jianfan::script::{Converter, Options, Origin, Region, Target};
use jianfan::taxonomy::bulk::{Entry, Origin as From_, Tagged};
use jianfan::taxonomy::{Convert, Detector, Taxonomies, Text, bulk, edit, suggest};
use jianfan::{data, diagnostic, parse_all, slug, source};

use super::{End, Format, Global, Outcome, print, settings};

/// Options of `tag`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  jianfan tag\n  jianfan tag --write\n  jianfan tag suggest > candidates.yaml\n  jianfan tag rename program lab lab-night --dry-run"
)]
pub(super) struct Args {
    /// Read lines of {\"id\",\"title\",\"text\",\"source\"} instead of the content folder.
    #[arg(long, value_name = "FILE")]
    jsonl: Option<PathBuf>,
    /// Write the terms found into the front matter, keeping comments and order.
    #[arg(long)]
    write: bool,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// Names across the archive that may deserve to be programs, as ready YAML.
    #[command(after_help = "Example:\n  jianfan tag suggest")]
    Suggest,
    #[command(flatten)]
    Upkeep(upkeep::Action),
}

pub(super) use upkeep::unknown;

pub(super) fn run(global: &Global, args: Args) -> Outcome {
    if let Some(Action::Upkeep(action)) = &args.action {
        return upkeep::run(global, action);
    }
    let mut diagnostics = Vec::new();
    let config = settings(global, &mut diagnostics)?;
    let data = data::read(&config)?.drain_into(&mut diagnostics);
    let detector = Detector::new(&data.shared.taxonomies);
    if let Some(path) = &args.jsonl {
        let file = std::fs::File::open(path)
            .map_err(|error| End::Failed(format!("cannot read `{}`: {error}", path.display())))?;
        let mut out = Vec::new();
        diagnostics.extend(bulk::run(
            &detector,
            &path.display().to_string(),
            BufReader::new(file),
            &mut out,
            &mut |_| {},
        )?);
        print::diagnostics(&global.root, Format::Human, &diagnostics);
        print::out(&String::from_utf8_lossy(&out));
        return Ok(if diagnostics.iter().any(diagnostic::Diagnostic::is_error) { End::Errors } else { End::Done });
    }
    let folder = source::read(&config)?.drain_into(&mut diagnostics);
    let (articles, _) = parse_all(&config, &folder, &mut diagnostics);
    diagnostic::sort(&mut diagnostics);
    print::diagnostics(&global.root, Format::Human, &diagnostics);
    if matches!(args.action, Some(Action::Suggest)) {
        return Ok(suggestions(global, &articles, &data.shared.taxonomies));
    }
    let tagged: Vec<Tagged> =
        articles.iter().map(|article| tagged(article, &detector, &data.shared.taxonomies)).collect();
    if args.write {
        return write(&config, &articles, &detector, &data.shared.taxonomies);
    }
    match global.format {
        Format::Json => print::out(&format!("{:#}\n", serde_json::json!({"articles": tagged}))),
        _ => print::out(&readable(&articles, &tagged)),
    }
    Ok(if diagnostics.iter().any(diagnostic::Diagnostic::is_error) { End::Errors } else { End::Done })
}

fn text(article: &Written) -> Text<'_> {
    Text {
        title: &article.title,
        body: &article.body,
        source: article.source.as_ref().map(|source| source.name.as_str()),
    }
}

/// All terms of an article: its own words first, then what was found where it says nothing.
fn tagged(article: &Written, detector: &Detector, taxonomies: &Taxonomies) -> Tagged {
    let mut terms = Vec::new();
    for (taxonomy, names) in &article.terms {
        for name in names {
            let term = taxonomies.resolve(taxonomy, name).map_or_else(|| slug::from_title(name), ToString::to_string);
            terms.push(Entry {
                taxonomy: taxonomy.clone(),
                term,
                origin: From_::FrontMatter,
                score: 1.0,
                evidence: Vec::new(),
            });
        }
    }
    let found = detector.detect(&text(article)).into_iter().filter(|tag| !article.terms.contains_key(&tag.taxonomy));
    terms.extend(found.map(Entry::from));
    Tagged { id: article.id.clone(), terms }
}

fn readable(articles: &[Written], tagged: &[Tagged]) -> String {
    let mut out = String::new();
    for (article, tagged) in articles.iter().zip(tagged) {
        let _ = writeln!(out, "{}  {}", article.id, article.title);
        for term in &tagged.terms {
            let why: Vec<&str> = term.evidence.iter().map(|evidence| evidence.text.as_str()).take(4).collect();
            let _ = match term.origin {
                From_::FrontMatter => writeln!(out, "  {} {}  front matter", term.taxonomy, term.term),
                From_::Detected => {
                    writeln!(out, "  {} {}  {:.2}  {}", term.taxonomy, term.term, term.score, why.join(" · "))
                }
            };
        }
    }
    out
}

fn suggestions(global: &Global, articles: &[Written], taxonomies: &Taxonomies) -> End {
    let none = jianfan::script::glossary::Glossary::empty();
    let (to_hans, to_hant) = (
        Converter::new(Target::Hans, &none, Options::default()),
        Converter::new(Target::Hant(Region::Tw), &none, Options::default()),
    );
    let hans = |text: &str| to_hans.text(text, Origin::Auto).into_owned();
    let hant = |text: &str| to_hant.text(text, Origin::Auto).into_owned();
    let read: Vec<suggest::Article<'_>> = articles
        .iter()
        .map(|article| suggest::Article { id: &article.id, title: &article.title, body: &article.body })
        .collect();
    let candidates = suggest::suggest(&read, taxonomies, Convert { hans: &hans, hant: &hant });
    match global.format {
        Format::Json => print::out(&format!("{:#}\n", serde_json::json!({"candidates": candidates}))),
        _ => print::out(&suggest::to_yaml(&candidates, &slug::from_title)),
    }
    End::Done
}

/// Writes what was found into the front matter of each article that says nothing of a taxonomy itself.
fn write(config: &Config, articles: &[Written], detector: &Detector, taxonomies: &Taxonomies) -> Outcome {
    let mut changed = 0;
    for article in articles {
        let tags = detector.detect(&text(article));
        let terms: Vec<_> = tags
            .iter()
            .filter(|tag| !article.terms.contains_key(&tag.taxonomy))
            .map(|tag| (tag.taxonomy.as_str(), &tag.term))
            .collect();
        if terms.is_empty() {
            continue;
        }
        let number = article
            .id
            .rsplit_once('#')
            .and_then(|(_, number)| number.parse::<usize>().ok())
            .map_or(0, |number| number - 1);
        let path = config.root.join(article.path.as_ref());
        let before = std::fs::read_to_string(&path)
            .map_err(|error| End::Failed(format!("cannot read `{}`: {error}", path.display())))?;
        let edited = edit::front_matter(&before, number, &terms, taxonomies)
            .map_err(|error| End::Failed(format!("{}: {error}", article.path)))?;
        if edited.text != before {
            changed += 1;
            print::out(&format!("{}\n{}", article.path, edited.diff));
            jianfan::edits::replace(&path, &edited.text)
                .map_err(|error| End::Failed(format!("cannot write `{}`: {error}", path.display())))?;
        }
    }
    print::out(&format!("{changed} articles changed\n"));
    Ok(End::Done)
}
