//! The preview: a site in memory behind a small web server on this machine, and the editor's desk.
//!
//! Takes the folder of a site; serves the pages of its last good build from memory, tells open pages of every save, and
//! shows what is wrong with one over the page that was being read. It answers only to its own host names ([`hosts`]),
//! reads requests by a pure function ([`request`]), and bounds what any client can cost it. Knows the stages only through
//! `pages`; writes only what an editor decides at the desk.

mod connection;
mod desk;
mod events;
pub mod hosts;
mod pages;
pub mod request;
mod response;
mod server;
mod watch;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::corpus::Drafts;
use crate::diagnostic::Diagnostic;
use crate::messages::Language;

pub use server::Server;

/// How the preview is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder of the site.
    pub root: PathBuf,
    /// The port; 0 for any that is free.
    pub port: u16,
    /// Host names to answer to besides those of this machine. Where one is an address of this machine, the preview
    /// listens there, too.
    pub allowed: Vec<String>,
    /// Whether drafts are shown.
    pub drafts: Drafts,
    /// The language of the desk and of complaints over pages; none to follow the browser and the page.
    pub language: Option<Language>,
}

/// What there is to tell the person at the terminal.
#[derive(Debug)]
pub enum News<'a> {
    /// A build ended: what it has to say, and how long it took.
    Built {
        /// Sorted by place.
        diagnostics: &'a [Diagnostic],
        /// Whether the last good pages stay because of errors.
        failed: bool,
        /// How long it took.
        took: Duration,
    },
    /// The machine failed.
    Failed(String),
}

/// Why the preview cannot start.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    /// The port is in use.
    #[error("port {0} is in use; stop what uses it, or name another one with --port (0 takes any that is free)")]
    PortTaken(u16),
    /// The port is one of those only the system's administrator may use.
    #[error("port {0} needs the rights of an administrator; name one above 1023 with --port")]
    PortRefused(u16),
    /// Another failure to listen.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// A name that is none.
    #[error("--allow-host: {0}")]
    Host(#[from] hosts::BadHost),
    /// The folder of the site is not to be had.
    #[error("cannot read `{path}`: {source}")]
    Root {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system gives no random bytes, so no secret for writes can be made.
    #[error("the system gives no random bytes: {0}")]
    Random(String),
}
