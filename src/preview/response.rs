//! Answers: status, headers, bytes.

use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::Arc;

/// What the pages of a site may load: the policy that a build asks of its host.
const SITE_POLICY: &str = "default-src 'self'; img-src 'self' https: http: data:; media-src 'self' https:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'";
/// What the pages of the preview itself may load.
const OWN_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Whose page an answer is, and so what it may load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Policy {
    /// A page of the site.
    Site,
    /// A page of the preview or of the desk.
    Own,
}

/// An answer.
#[derive(Clone, Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) kind: &'static str,
    pub(super) body: Arc<[u8]>,
    pub(super) policy: Policy,
    /// Where to go instead: a path of this preview.
    pub(super) location: Option<String>,
}

/// Text in the language of the preview's plain answers.
pub(super) const TEXT: &str = "text/plain; charset=utf-8";
/// A page.
pub(super) const HTML: &str = "text/html; charset=utf-8";

impl Response {
    /// A page or file of the site.
    pub(super) fn site(status: u16, kind: &'static str, body: Arc<[u8]>) -> Self {
        Response { status, kind, body, policy: Policy::Site, location: None }
    }

    /// Something of the preview's own.
    pub(super) fn own(status: u16, kind: &'static str, body: impl Into<Cow<'static, str>>) -> Self {
        let body: Cow<'static, str> = body.into();
        Response { status, kind, body: body.as_bytes().into(), policy: Policy::Own, location: None }
    }

    /// A word about what went wrong.
    pub(super) fn plain(status: u16, words: &str) -> Self {
        Self::own(status, TEXT, format!("{words}\n"))
    }

    /// Leads elsewhere: 303 after a form, 308 for good.
    pub(super) fn redirect(status: u16, path: &str) -> Self {
        let location = format!("/{}", path.trim_start_matches('/'));
        Response { location: Some(location), ..Self::plain(status, "") }
    }

    /// Writes the answer; a body only when one was asked for.
    pub(super) fn write(&self, out: &mut impl Write, with_body: bool, keep_alive: bool) -> io::Result<()> {
        let policy = match self.policy {
            Policy::Site => SITE_POLICY,
            Policy::Own => OWN_POLICY,
        };
        let mut head = format!(
            "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\
             Referrer-Policy: same-origin\r\nCross-Origin-Resource-Policy: same-origin\r\nContent-Security-Policy: {policy}\r\n",
            self.status,
            reason(self.status),
            self.kind,
            self.body.len()
        );
        if let Some(location) = &self.location {
            head.push_str(&format!("Location: {location}\r\n"));
        }
        if self.status == 405 {
            head.push_str("Allow: GET, HEAD, POST\r\n");
        }
        head.push_str(if keep_alive { "Connection: keep-alive\r\n\r\n" } else { "Connection: close\r\n\r\n" });
        // One write for small answers: a second packet would wait for the first to be acknowledged.
        let mut bytes = head.into_bytes();
        if with_body {
            bytes.extend_from_slice(&self.body);
        }
        out.write_all(&bytes)?;
        out.flush()
    }
}

/// The words of a status.
pub(super) fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        303 => "See Other",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        413 => "Content Too Large",
        421 => "Misdirected Request",
        422 => "Unprocessable Content",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        505 => "HTTP Version Not Supported",
        _ => "Service Unavailable",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_carries_the_headers_that_protect_it() {
        let mut out = Vec::new();
        Response::own(200, HTML, "<p>").write(&mut out, false, false).unwrap();
        let head = String::from_utf8(out).unwrap();
        for line in [
            "HTTP/1.1 200 OK",
            "Content-Length: 3",
            "X-Content-Type-Options: nosniff",
            "Cache-Control: no-store",
            "Connection: close",
        ] {
            assert!(head.contains(line), "{line}\n{head}");
        }
        assert!(head.contains("default-src 'none'") && head.ends_with("\r\n\r\n"));
    }

    #[test]
    fn never_leads_away_from_the_preview() {
        assert_eq!(Response::redirect(303, "//evil.example/").location.as_deref(), Some("/evil.example/"));
    }
}
