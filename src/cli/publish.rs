//! `jianfan publish`: build, verify, then hand the site over to its host.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use jianfan::cache::Cache;
use jianfan::config::Config;
use jianfan::corpus::Drafts;
use jianfan::diagnostic::{self, Diagnostic};
use jianfan::publish::settings::FolderSettings;
use jianfan::publish::{self, Handover, Keys, Mode, Tree, Where};
use jianfan::site::Trust;
use jianfan::{BuildOptions, build, config};

use super::{End, Format, Global, Outcome, build::set_threads, host, print, settings};

/// Options of `publish`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  jianfan publish git --dry-run\n  jianfan publish dir --to /srv/www/news\n\nWhat is not given here is read from `publish:` in site.yaml. Only changed files travel; what is deleted at the\ntarget was put there by an earlier `publish`."
)]
pub(super) struct Args {
    #[command(subcommand)]
    target: Target,
    #[command(flatten)]
    common: Common,
}

/// Options of all targets.
#[derive(clap::Args, Debug)]
struct Common {
    /// Say what would travel; write nothing, here or there.
    #[arg(long, global = true)]
    dry_run: bool,
    /// Take over a place that holds files of others; git: also where the branch has moved.
    #[arg(long, global = true)]
    force: bool,
    /// Send every file again, whatever the target's list says.
    #[arg(long, global = true)]
    all: bool,
    /// Go back to the site that was published before; builds nothing.
    #[arg(long, global = true)]
    rollback: bool,
    /// The absolute address of the site, instead of `base_url` in site.yaml.
    #[arg(long, global = true, value_name = "URL")]
    base_url: Option<String>,
}

#[derive(Subcommand, Debug)]
enum Target {
    /// A folder of this machine.
    #[command(after_help = "Example:\n  jianfan publish dir --to /srv/www/news")]
    Dir {
        /// The folder, from the root of the site.
        #[arg(long, value_name = "DIR")]
        to: Option<String>,
    },
    /// A branch of a git repository, such as GitHub Pages serves.
    #[command(after_help = "Example:\n  jianfan publish git --remote origin --branch gh-pages")]
    Git {
        /// Name of a remote of the site's repository, or an address.
        #[arg(long, value_name = "REMOTE")]
        remote: Option<String>,
        /// The branch.
        #[arg(long, value_name = "NAME")]
        branch: Option<String>,
        /// First words of the commit's message.
        #[arg(long, value_name = "TEXT")]
        message: Option<String>,
    },
    /// A server, with the system's rsync.
    #[command(after_help = "Example:\n  jianfan publish rsync --to me@example.org:/srv/www/news/")]
    Rsync {
        /// As rsync writes it: `host:/folder/` or `rsync://host/module/`.
        #[arg(long, value_name = "PLACE")]
        to: Option<String>,
        /// The remote shell, such as `ssh -p 2222`.
        #[arg(long, value_name = "COMMAND")]
        shell: Option<String>,
        /// A file with the password of an rsync daemon.
        #[arg(long, value_name = "FILE")]
        password_file: Option<String>,
    },
    /// An S3-compatible store. Keys come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or ~/.aws/credentials.
    #[command(after_help = "Example:\n  jianfan publish s3 --bucket news --endpoint https://s3.example.org")]
    S3 {
        /// Name of the bucket.
        #[arg(long, value_name = "NAME")]
        bucket: Option<String>,
        /// What every key begins with.
        #[arg(long, value_name = "PATH")]
        prefix: Option<String>,
        /// The region.
        #[arg(long, value_name = "REGION")]
        region: Option<String>,
        /// Address of the service, when it is not Amazon's.
        #[arg(long, value_name = "URL")]
        endpoint: Option<String>,
        /// The profile of ~/.aws/credentials.
        #[arg(long, value_name = "NAME")]
        profile: Option<String>,
    },
}

pub(super) fn run(global: &Global, args: Args) -> Outcome {
    set_threads(None)?;
    let mut diagnostics = Vec::new();
    let mut config = settings(global, &mut diagnostics)?;
    if let Some(url) = &args.common.base_url {
        let line = format!("base_url: {}\n", serde_json::Value::from(url.as_str()));
        let checked = config::parse(&config.root, &line);
        diagnostics.extend(checked.diagnostics.into_iter().map(|mut diagnostic| {
            diagnostic.path = "command line".to_owned();
            diagnostic.at(0, 0)
        }));
        config.base_url = checked.value.base_url;
    }
    if diagnostics.iter().any(Diagnostic::is_error) {
        return show_errors(global, &mut diagnostics);
    }
    let place = place(&config, &args.target)?;
    let keys = match &place {
        Where::S3(settings) => Some(Keys::find(settings, &environment)?),
        _ => None,
    };
    let common = &args.common;
    let mode = Mode { dry_run: common.dry_run, force: common.force, all: common.all };
    if common.rollback {
        let handover = publish::roll_back(&config, &place, keys, mode)?;
        return report(global, &handover, "went back to the site before: ");
    }
    let scratch = Scratch::new(common.dry_run)?;
    if let Some(folder) = &scratch.0 {
        config.output = folder.join("public");
    }
    if config.base_url.is_none() {
        diagnostics.push(
            Diagnostic::warning(
                "base-url-missing",
                "site.yaml",
                "no `base_url`: feeds and the site map say `http://localhost/`",
            )
            .help("write the address of the site, such as `base_url: https://example.org/`"),
        );
    }
    let (trust, cache) = if common.dry_run { (Trust::Nothing, Cache::Off) } else { (Trust::Manifest, Cache::Keep) };
    let options = BuildOptions { drafts: Drafts::Skip, trust, cache, output: Some(config.output.clone()), shard: None };
    let built = build(&config, &options, &mut |_| {})?;
    let failed = built.failed();
    diagnostics.extend(built.diagnostics);
    if failed {
        return show_errors(global, &mut diagnostics);
    }
    let (measured, remarks) = host::measure(&config)?;
    diagnostics.extend(remarks);
    diagnostic::sort(&mut diagnostics);
    print::diagnostics(&global.root, global.format, &diagnostics);
    if measured.is_some_and(|measured| measured.is_too_much()) && !mode.force {
        print::err(
            "nothing was published: the host would refuse the site, or leave a part of it out; --force tries all the same\n",
        );
        return Ok(End::Errors);
    }
    let mut tree = Tree::of_output(&config.output)?;
    if matches!(place, Where::Folder(_) | Where::Rsync(_)) {
        let packed =
            scratch.0.as_ref().map_or_else(|| config.root.join(".jianfan/packed"), |folder| folder.join("packed"));
        tree.pack(config.host.packing, &packed)?;
    }
    let handover = publish::hand_over(&config, &place, keys, &tree, mode)?;
    if !mode.dry_run {
        publish::remember(&config, &place, &tree)?;
        let recorded = super::addresses::record(&config)?;
        if recorded > 0 && global.format == Format::Human {
            print::err(&format!(
                "content/_data/addresses.yaml has {} more: commit it, so that old addresses go on working\n",
                print::count(recorded, "line")
            ));
        }
    }
    report(global, &handover, "")
}

/// A folder outside the site for a build that must leave no trace; nothing otherwise.
struct Scratch(Option<PathBuf>);

impl Scratch {
    fn new(wanted: bool) -> Result<Self, End> {
        if !wanted {
            return Ok(Scratch(None));
        }
        let folder = std::env::temp_dir().join(format!("jianfan-dry-run-{}", std::process::id()));
        std::fs::create_dir_all(&folder)
            .map_err(|error| End::Failed(format!("cannot make `{}`: {error}", folder.display())))?;
        Ok(Scratch(Some(folder)))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Some(folder) = &self.0 {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

fn show_errors(global: &Global, diagnostics: &mut Vec<Diagnostic>) -> Outcome {
    diagnostic::sort(diagnostics);
    match global.format {
        Format::Json => print::out(&format!("{}\n", serde_json::json!({"diagnostics": diagnostics}))),
        format => {
            print::diagnostics(&global.root, format, diagnostics);
            print::err("nothing was published: mend the errors first\n");
        }
    }
    Ok(End::Errors)
}

#[expect(clippy::disallowed_methods, reason = "keys of a store are kept in the environment; no output depends on it")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The target: what site.yaml says, and over it what the command line says.
fn place(config: &Config, target: &Target) -> Result<Where, End> {
    let known = &config.publish;
    let missing = |kind: &str, key: &str, option: &str| {
        End::Failed(format!(
            "`publish {kind}` does not know where to: give {option}, or write `publish: {{{kind}: {{{key}: …}}}}` into site.yaml"
        ))
    };
    match target {
        Target::Dir { to } => match to.clone().or_else(|| Some(known.dir.as_ref()?.to.clone())) {
            // A folder on the command line is named from where the command is given.
            Some(folder) if to.is_some() => Ok(Where::Folder(FolderSettings { to: absolute(&folder) })),
            Some(folder) => Ok(Where::Folder(FolderSettings { to: folder })),
            None => Err(missing("dir", "to", "--to DIR")),
        },
        Target::Git { remote, branch, message } => {
            let mut settings = known.git.clone().unwrap_or_default();
            over(&mut settings.remote, remote);
            if let Some(branch) = branch {
                settings.branch =
                    publish::settings::branch(branch).map_err(|error| End::Failed(error.replace('\n', "; ")))?;
            }
            settings.message = message.clone().or(settings.message);
            Ok(Where::Git(settings))
        }
        Target::Rsync { to, shell, password_file } => {
            let mut settings = known.rsync.clone().unwrap_or_default();
            if let Some(to) = to {
                settings.to = if to.contains(':') { to.clone() } else { absolute(to) };
            }
            settings.shell = shell.clone().or(settings.shell);
            settings.password_file = password_file.as_deref().map(absolute).or(settings.password_file);
            if settings.to.is_empty() {
                return Err(missing("rsync", "to", "--to PLACE"));
            }
            Ok(Where::Rsync(settings))
        }
        Target::S3 { bucket, prefix, region, endpoint, profile } => {
            let mut settings = known.s3.clone().unwrap_or_default();
            over(&mut settings.bucket, bucket);
            if let Some(prefix) = prefix {
                settings.prefix = prefix.trim_matches('/').to_owned();
            }
            settings.region = region.clone().or(settings.region);
            settings.endpoint = endpoint.clone().or(settings.endpoint);
            settings.profile = profile.clone().or(settings.profile);
            if settings.bucket.is_empty() {
                return Err(missing("s3", "bucket", "--bucket NAME"));
            }
            Ok(Where::S3(settings))
        }
    }
}

fn over(setting: &mut String, given: &Option<String>) {
    if let Some(given) = given {
        setting.clone_from(given);
    }
}

fn absolute(path: &str) -> String {
    std::path::absolute(Path::new(path)).unwrap_or_else(|_| path.into()).to_string_lossy().into_owned()
}

/// Files of a dry run that are named one by one.
const NAMED: usize = 40;

fn report(global: &Global, handover: &Handover, before: &str) -> Outcome {
    if global.format == Format::Json {
        print::out(&format!("{}\n", serde_json::to_string_pretty(handover).map_err(End::from)?));
        return Ok(End::Done);
    }
    let mut text = String::new();
    if handover.dry_run {
        for (sign, paths) in [("+", &handover.sent), ("-", &handover.deleted)] {
            text.extend(paths.iter().take(NAMED).map(|path| format!("  {sign} {path}\n")));
            if paths.len() > NAMED {
                text.push_str(&format!("  {sign} … and {} more\n", paths.len() - NAMED));
            }
        }
    }
    let (sent, deleted) = (print::count(handover.sent.len(), "file"), print::count(handover.deleted.len(), "file"));
    let would = if handover.dry_run { "would travel" } else { "travelled" };
    text.push_str(&format!(
        "{before}{sent} ({}) {would} to {}, {deleted} {}, {} unchanged\n",
        print::bytes(handover.sent_bytes),
        handover.target,
        if handover.dry_run { "would be deleted" } else { "deleted" },
        handover.unchanged,
    ));
    if !handover.dry_run {
        text.push_str(&format!("verified: {} there as built\n", print::count(handover.verified, "file")));
    }
    print::out(&text);
    Ok(End::Done)
}
