//! Listening, answering, building: the threads of the preview and what they share.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use super::connection::{Answer, Answers, Places, serve};
use super::desk::Desk;
use super::desk::words::{accepted, tag};
use super::events::{Broken, Events};
use super::hosts::Hosts;
use super::pages::{Page, Pages};
use super::request::{Method, Request, encode};
use super::response::{HTML, Response};
use super::watch::{self, Watch};
use super::{News, Options, PreviewError};
use crate::diagnostic::Diagnostic;
use crate::host::content_type;
use crate::messages::Language;

/// The script of open pages.
const LIVE: &str = include_str!("assets/live.js");
/// What the script shows.
const STYLE: &str = include_str!("assets/live.css");
/// The icon of pages that are not the site's: the one of its default theme.
const ICON: &str = include_str!("../../themes/default/assets/icon.svg");
/// How long a page waits for the first build.
const FIRST: Duration = Duration::from_secs(30);
/// Where the preview's own files stand; no address of a site begins with `_`.
const OWN: &str = "_preview/";
/// Where the desk stands.
const DESK: &str = "_desk/";

/// A preview that listens.
pub struct Server {
    listeners: Vec<TcpListener>,
    shared: Arc<Shared>,
}

struct Shared {
    pages: Pages,
    events: Events,
    hosts: Hosts,
    places: Places,
    desk: Desk,
    language: Option<Language>,
    /// The path of the site's address, such as `news/`, under which some links of articles stand.
    base: RwLock<String>,
}

impl Server {
    /// Listens; nothing is built yet.
    ///
    /// # Errors
    /// When the port is taken, a host name is none, or the folder is not there.
    pub fn bind(options: &Options) -> Result<Self, PreviewError> {
        let root =
            options.root.canonicalize().map_err(|source| PreviewError::Root { path: options.root.clone(), source })?;
        // Names are checked before the port is taken.
        Hosts::new(0, &options.allowed)?;
        let first = listen(SocketAddr::from((Ipv4Addr::LOCALHOST, options.port)))?;
        let port = first.local_addr().map_or(options.port, |address| address.port());
        let mut listeners = vec![first];
        // `localhost` is the sixth version's loopback for some browsers; where there is none, nobody misses it.
        listeners.extend(TcpListener::bind((Ipv6Addr::LOCALHOST, port)));
        for name in &options.allowed {
            if let Some(address) = name.trim_matches(['[', ']']).parse::<IpAddr>().ok().filter(|ip| !ip.is_loopback()) {
                listeners.push(listen(SocketAddr::from((address, port)))?);
            }
        }
        let shared = Shared {
            pages: Pages::new(&root, options.drafts),
            events: Events::new(random()?),
            hosts: Hosts::new(port, &options.allowed)?,
            places: Places::default(),
            desk: Desk::new(random()?, options.language),
            language: options.language,
            base: RwLock::default(),
        };
        Ok(Server { listeners, shared: Arc::new(shared) })
    }

    /// Where it listens, the loopback first.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect()
    }

    /// Serves, and builds after every save, for as long as the program runs.
    pub fn run(self, tell: &dyn Fn(&News<'_>)) -> ! {
        for listener in self.listeners {
            let shared = self.shared.clone();
            std::thread::spawn(move || accept(&listener, &shared));
        }
        let mut watch = Watch::new(self.shared.watched());
        loop {
            self.shared.desk.forget();
            self.shared.build(tell);
            watch.follow(self.shared.watched());
            watch.wait();
        }
    }
}

fn listen(address: SocketAddr) -> Result<TcpListener, PreviewError> {
    TcpListener::bind(address).map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => PreviewError::PortTaken(address.port()),
        io::ErrorKind::PermissionDenied => PreviewError::PortRefused(address.port()),
        _ => PreviewError::Listen { address, source },
    })
}

/// A word nobody can guess.
fn random() -> Result<String, PreviewError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| PreviewError::Random(error.to_string()))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                let shared = shared.clone();
                // Without a thread the connection is dropped, which closes it.
                let _ = std::thread::Builder::new()
                    .name("connection".into())
                    .spawn(move || serve(stream, &shared.places, &*shared));
            }
            // No file descriptors are left; some will be given back.
            Err(_) => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

impl Shared {
    fn build(&self, tell: &dyn Fn(&News<'_>)) {
        let started = Instant::now();
        match self.pages.refresh() {
            Ok(refreshed) => {
                if refreshed.failed {
                    let errors: Vec<&Diagnostic> = refreshed.diagnostics.iter().filter(|d| d.is_error()).collect();
                    self.events.broken(Broken::new(&errors, self.language).into());
                } else {
                    self.events.good(refreshed.generation);
                }
                let (diagnostics, failed) = (&refreshed.diagnostics, refreshed.failed);
                tell(&News::Built { diagnostics, failed, took: started.elapsed() });
            }
            Err(error) => {
                self.events.broken(Broken::machine(&error.to_string()).into());
                tell(&News::Failed(error.to_string()));
            }
        }
    }

    /// The places to look at, as the settings are now.
    fn watched(&self) -> watch::Places {
        let root = self.pages.root();
        let mut folders = vec![root.join("themes")];
        let mut base = String::new();
        if let Ok(config) = crate::config::load(root) {
            base = config.value.base_path().unwrap_or("/").trim_start_matches('/').to_owned();
            folders.extend([config.value.content_dir, config.value.static_dir]);
        }
        *self.base.write().unwrap_or_else(PoisonError::into_inner) = base;
        watch::Places { settings: root.join(crate::config::FILE), folders }
    }

    /// A page or file of the site.
    fn site(&self, request: &Request) -> Response {
        let path = request.path.as_str();
        let language = self.language.unwrap_or_else(|| accepted(&request.languages));
        let file = if path.is_empty() || path.ends_with('/') { format!("{path}index.html") } else { path.to_owned() };
        // The build a page belongs to is asked for first: at worst the page reloads once more.
        let mut build = self.events.now().build;
        let mut page = self.pages.page(&file);
        // Nothing is built yet and nothing is wrong: the first build is under way.
        if matches!(page, Page::Unbuilt) && self.events.now().broken.is_none() {
            build = self.events.after(0, FIRST).map_or(build, |told| told.build);
            page = self.pages.page(&file);
        }
        match page {
            Page::Bytes(bytes) => self.show(200, content_type(&file), &bytes, &build),
            Page::Missing => self.missing(path, &build),
            Page::Broken(diagnostic) => {
                // Of a page that nobody had asked for before its file was broken, what is wrong now is the better word.
                let broken = self.events.now().broken;
                let broken = broken.unwrap_or_else(|| Broken::new(&[&diagnostic], self.language).into());
                self.events.broken(broken.clone());
                self.explain(500, broken.words(language), language, &build)
            }
            Page::Unbuilt => {
                let broken = self.events.now().broken;
                self.explain(503, broken.as_ref().map_or("…", |broken| broken.words(language)), language, &build)
            }
        }
    }

    fn missing(&self, path: &str, build: &str) -> Response {
        if self.pages.has(&format!("{path}/index.html")) {
            return Response::redirect(308, &encode(&format!("{path}/")));
        }
        // Links that an article writes out with the path of the site's address.
        let base = self.base.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(rest) = path.strip_prefix(&base).filter(|_| !base.is_empty()) {
            return Response::redirect(308, &encode(rest));
        }
        match self.pages.page("404.html") {
            Page::Bytes(bytes) => self.show(404, HTML, &bytes, build),
            _ => Response::plain(404, "there is no such page"),
        }
    }

    /// A page as it goes out: with the script that keeps it fresh.
    fn show(&self, status: u16, kind: &'static str, bytes: &Arc<[u8]>, build: &str) -> Response {
        if kind != HTML {
            return Response::site(status, kind, bytes.clone());
        }
        Response::site(status, kind, with_script(bytes, build).into())
    }

    /// A page that shows what keeps the site from being built.
    fn explain(&self, status: u16, words: &str, language: Language, build: &str) -> Response {
        let page = format!(
            "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<title>jianfan</title>\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<link rel=\"icon\" href=\"/{OWN}icon.svg\" type=\"image/svg+xml\">\n<link rel=\"stylesheet\" href=\"/{OWN}live.css\">\n</head>\n\
             <body class=\"jianfan-alone\">\n<main>\n<h1>jianfan</h1>\n<pre tabindex=\"0\">{}</pre>\n</main>\n</body>\n</html>\n",
            tag(language),
            escape(words)
        );
        Response::own(status, HTML, String::from_utf8_lossy(&with_script(page.as_bytes(), build)).into_owned())
    }
}

/// Puts the script of the preview into a page.
fn with_script(page: &[u8], build: &str) -> Vec<u8> {
    let script = format!("<script src=\"/{OWN}live.js?build={build}\" defer></script>");
    let at = page.windows(7).position(|part| part.eq_ignore_ascii_case(b"</head>")).unwrap_or(page.len());
    [&page[..at], script.as_bytes(), &page[at..]].concat()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

impl Answers for Shared {
    fn answer(&self, request: &Request, body: &[u8]) -> Answer {
        if !self.hosts.admit(&request.host) {
            return Answer::Response(Response::plain(
                421,
                "this preview answers only to its own names; start it with `--allow-host NAME` to reach it by another one",
            ));
        }
        let from_itself = self.hosts.from_itself(request);
        let foreign = || Answer::Response(Response::plain(403, "only pages of this preview may ask for that"));
        if request.method == Method::Post && !from_itself {
            return foreign();
        }
        if let Some(path) = request.path.strip_prefix(DESK) {
            let build = self.events.now().build;
            return Answer::Response(self.desk.answer(&self.pages, build, request, path, body));
        }
        if request.method == Method::Post {
            return Answer::Response(Response::plain(405, "only the desk takes forms"));
        }
        Answer::Response(match request.path.strip_prefix(OWN) {
            Some("events") if !from_itself => return foreign(),
            Some("events") if request.method == Method::Head => Response::own(200, "text/event-stream", ""),
            Some("events") => return Answer::Stream,
            Some("live.js") => Response::own(200, content_type("live.js"), LIVE),
            Some("icon.svg") => Response::own(200, content_type("icon.svg"), ICON),
            Some("live.css") => Response::own(200, content_type("live.css"), STYLE),
            Some(_) => Response::plain(404, "there is no such page"),
            None if request.path == DESK.trim_end_matches('/') => Response::redirect(308, DESK),
            None => self.site(request),
        })
    }

    fn events(&self) -> &Events {
        &self.events
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_stands_in_the_head_of_every_page() {
        let page = |html: &str| String::from_utf8(with_script(html.as_bytes(), "run.1")).unwrap();
        let script = "<script src=\"/_preview/live.js?build=run.1\" defer></script>";
        assert_eq!(page("<head><title>甲</title></HEAD><p>"), format!("<head><title>甲</title>{script}</HEAD><p>"));
        assert_eq!(page("<p>"), format!("<p>{script}"));
    }
}
