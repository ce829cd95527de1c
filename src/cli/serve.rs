//! `jianfan serve`: the preview and the editor's desk.

use std::process::{Command, Stdio};

use jianfan::corpus::Drafts;
use jianfan::messages;
use jianfan::preview::{News, Options, Server};

use super::{End, Format, Global, Language, Outcome, build, print};

/// Options of `serve`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  jianfan serve --open\n  jianfan serve --port 0\n  jianfan serve --allow-host 192.168.1.5   # also for a phone in the same network"
)]
pub(super) struct Args {
    /// The port to listen on; 0 takes any that is free.
    #[arg(long, value_name = "PORT", default_value_t = 8080)]
    port: u16,
    /// Open the preview in the browser.
    #[arg(long)]
    open: bool,
    /// Answer to this host name too; an address of this machine is listened on. May be given again.
    #[arg(long, value_name = "HOST")]
    allow_host: Vec<String>,
    /// Show drafts too.
    #[arg(long)]
    drafts: bool,
}

pub(super) fn run(global: &Global, args: Args) -> Outcome {
    build::set_threads(None)?;
    let root = global.root.clone();
    if !root.is_dir() {
        return Err(End::Failed(format!(
            "there is no folder `{}`; name the site's folder with --root",
            root.display()
        )));
    }
    let drafts = if args.drafts { Drafts::Publish } else { Drafts::Skip };
    let language = global.lang.map(|lang| match lang {
        Language::ZhHans => messages::Language::Hans,
        Language::ZhHant => messages::Language::Hant,
        Language::En => messages::Language::English,
    });
    let server = Server::bind(&Options { root, port: args.port, allowed: args.allow_host, drafts, language })?;
    let addresses = server.addresses();
    let home = addresses.first().map(|address| format!("http://localhost:{}/", address.port())).unwrap_or_default();
    for address in addresses.iter().filter(|address| !address.ip().is_loopback()) {
        print::err(&format!(
            "warning: whoever reaches http://{address}/ can read the preview and decide at the desk\n"
        ));
    }
    print::out(&format!("{home} is the preview, {home}_desk/ the editor's desk; Ctrl-C ends it\n"));
    if args.open {
        open(&home);
    }
    server.run(&|news| tell(global, news))
}

fn tell(global: &Global, news: &News<'_>) {
    match news {
        News::Built { diagnostics, failed, took } => {
            print::diagnostics(&global.root, Format::Human, diagnostics);
            let errors = diagnostics.iter().filter(|d| d.is_error()).count();
            let warnings = diagnostics.len() - errors;
            let ms = took.as_millis();
            print::err(&if *failed {
                format!("the last good pages stay: {}\n", print::count(errors, "error"))
            } else {
                format!("built in {ms} ms, {}\n", print::count(warnings, "warning"))
            });
        }
        News::Failed(why) => print::err(&format!("error: {why}; the last good pages stay\n")),
    }
}

/// Opens an address in the browser; where that fails the address is on the terminal anyway.
fn open(address: &str) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let quiet = || Stdio::null();
    let started = Command::new(program).arg(address).stdin(quiet()).stdout(quiet()).stderr(quiet()).spawn();
    if started.is_err() {
        print::err(&format!("warning: there is no `{program}` to open the browser with; go to {address}\n"));
    }
}
