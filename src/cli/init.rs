//! `jianfan init`: a new site, or what grows around one.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use jianfan::diagnostic::Severity;
use jianfan::import::{self, Hooks, Options};
use jianfan::scaffold::{self, Former, Pipeline, Screen, Wishes};
use jianfan::{config, data};

use super::{End, Format, Global, Outcome, print, settings};

/// Options of `init`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  jianfan init archive\n  jianfan init archive --from ~/old-hexo-site --ci github\n  jianfan --root archive init --cms sveltia    (adds to a site, or makes it again)"
)]
pub(super) struct Args {
    /// The folder to make the site in; the one named by --root when absent.
    dir: Option<PathBuf>,
    /// Take over a site of Hexo, Hugo or Jekyll: its title, address and posts. It stays as it is.
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
    /// Also make a pipeline that checks pull requests and publishes.
    #[arg(long, value_name = "WHERE")]
    ci: Option<Ci>,
    /// Also make a screen for editors at /admin/, with the terms of the site.
    #[arg(long, value_name = "WHICH")]
    cms: Option<Cms>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Ci {
    Github,
    Gitlab,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Cms {
    Sveltia,
    Decap,
}

pub(super) fn run(global: &Global, args: Args) -> Outcome {
    let folder = args.dir.clone().unwrap_or_else(|| global.root.clone());
    let wishes = Wishes {
        ci: args.ci.map(|ci| match ci {
            Ci::Github => Pipeline::Github,
            Ci::Gitlab => Pipeline::Gitlab,
        }),
        cms: args.cms.map(|cms| match cms {
            Cms::Sveltia => Screen::Sveltia,
            Cms::Decap => Screen::Decap,
        }),
        former: args.from.as_deref().map(scaffold::former).transpose()?,
    };
    let there = folder.join(config::FILE).is_file();
    let adds = there && wishes.former.is_none() && (wishes.ci.is_some() || wishes.cms.is_some());
    let written = if adds {
        let config = settings(&Global { root: folder.clone(), ..global.clone() }, &mut Vec::new())?;
        scaffold::add(&folder, &wishes, &data::read(&config)?.value.shared.taxonomies)?
    } else {
        scaffold::init(&folder, &wishes)?
    };
    let taken = wishes.former.as_ref().map(|former| take_over(&folder, former)).transpose()?;
    match global.format {
        Format::Json => {
            let report = serde_json::json!({"folder": folder, "files": written, "imported": taken.as_ref().map(|report| report.articles.len())});
            print::out(&format!("{report}\n"));
        }
        format => {
            if let Some(report) = &taken {
                print::diagnostics(&folder, format, &report.diagnostics);
            }
            print::out(&shown(&folder, &written, adds, taken.as_ref()));
        }
    }
    let failed = taken.is_some_and(|report| {
        report.failed > 0 || report.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    });
    Ok(if failed { End::Errors } else { End::Done })
}

/// Brings the posts of the former site over.
fn take_over(folder: &Path, former: &Former) -> Result<import::Report, End> {
    let options = Options {
        root: folder.to_owned(),
        paths: vec![former.folder.to_string_lossy().into_owned()],
        format: former.format,
        ..Options::default()
    };
    Ok(import::run(&options, &Hooks::default())?)
}

fn shown(folder: &Path, written: &[String], adds: bool, taken: Option<&import::Report>) -> String {
    let list: String = written.iter().map(|path| format!("  {path}\n")).collect();
    let made = if adds { "added to the site" } else { "made a site" };
    let mut text = format!("{made} in {}:\n{list}", folder.display());
    if let Some(report) = taken {
        text.push_str(&format!(
            "{} brought over, the originals are kept in content/_originals/\n",
            print::count(report.articles.len(), "article")
        ));
    }
    let root = folder.display();
    let next = match written.iter().any(|path| path.ends_with("admin/config.yml")) {
        true => format!("next: the head of {root}/static/admin/config.yml says what is missing\n"),
        false => format!("next: jianfan --root {root} build\n"),
    };
    text + &next
}
