//! The head of a request: bytes in, a checked request or a refusal out. Pure.
//!
//! Having a [`Request`] means: one `Host`, a path without tricks, a body of a length the preview takes. What is odd is
//! refused and never mended, so that no two readers can understand one request differently.

use std::borrow::Cow;

use httparse::{EMPTY_HEADER, Header};

/// The longest head, in bytes.
pub const LONGEST_HEAD: usize = 16 << 10;
/// The most header lines.
pub const MOST_HEADERS: usize = 64;
/// The longest body, in bytes: forms of the desk, no files.
pub const LONGEST_BODY: usize = 64 << 10;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// A page.
    Get,
    /// A page without its body.
    Head,
    /// A form of the desk.
    Post,
}

/// The checked head of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What is asked for.
    pub method: Method,
    /// The path, decoded once, without the `/` it begins with.
    pub path: String,
    /// What follows `?`, as written.
    pub query: String,
    /// The `Host` header.
    pub host: String,
    /// Where a script or form that sends this was loaded from.
    pub origin: Option<String>,
    /// What a browser says about the page that asks: `same-origin`, `none`, `cross-site` …
    pub fetch_site: Option<String>,
    /// The languages a reader prefers, as sent.
    pub languages: String,
    /// Length of the body, in bytes.
    pub length: usize,
    /// Whether another request may follow.
    pub keep_alive: bool,
}

/// What the bytes so far are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Head {
    /// The beginning of a head.
    Partial,
    /// A head and the number of bytes it takes.
    Whole(Box<Request>, usize),
    /// Nothing that is answered: the status to refuse it with.
    Refused(u16),
}

/// Reads the head of a request from the bytes received so far.
pub fn parse(bytes: &[u8]) -> Head {
    let mut headers = [EMPTY_HEADER; MOST_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(&bytes[..bytes.len().min(LONGEST_HEAD)]) {
        Ok(httparse::Status::Partial) if bytes.len() >= LONGEST_HEAD => Head::Refused(431),
        Ok(httparse::Status::Partial) => Head::Partial,
        Ok(httparse::Status::Complete(length)) => match check(&request) {
            Ok(request) => Head::Whole(Box::new(request), length),
            Err(status) => Head::Refused(status),
        },
        Err(httparse::Error::TooManyHeaders) => Head::Refused(431),
        Err(httparse::Error::Version) => Head::Refused(505),
        Err(_) => Head::Refused(400),
    }
}

fn check(request: &httparse::Request<'_, '_>) -> Result<Request, u16> {
    let method = match request.method {
        Some("GET") => Method::Get,
        Some("HEAD") => Method::Head,
        Some("POST") => Method::Post,
        _ => return Err(405),
    };
    let headers = &*request.headers;
    if one(headers, "transfer-encoding")?.is_some() {
        return Err(501);
    }
    let length = match one(headers, "content-length")? {
        None => 0,
        Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
            digits.parse().ok().filter(|&length| length <= LONGEST_BODY).ok_or(413u16)?
        }
        Some(_) => return Err(400),
    };
    let (path, query) = target(request.path.ok_or(400u16)?)?;
    let old = request.version == Some(0);
    let connection = one(headers, "connection")?.unwrap_or_default().to_ascii_lowercase();
    Ok(Request {
        method,
        path,
        query,
        host: one(headers, "host")?.ok_or(400u16)?,
        origin: one(headers, "origin")?,
        fetch_site: one(headers, "sec-fetch-site")?,
        languages: one(headers, "accept-language")?.unwrap_or_default(),
        length,
        keep_alive: if old { connection == "keep-alive" } else { connection != "close" },
    })
}

/// The value of a header that may stand once.
fn one(headers: &[Header<'_>], name: &str) -> Result<Option<String>, u16> {
    let mut values = headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name));
    let Some(header) = values.next() else { return Ok(None) };
    if values.next().is_some() || !header.value.is_ascii() {
        return Err(400);
    }
    Ok(Some(String::from_utf8_lossy(header.value).trim().to_owned()))
}

/// The decoded path and the query of a request target.
fn target(written: &str) -> Result<(String, String), u16> {
    let (path, query) = written.split_once('?').unwrap_or((written, ""));
    // Only the form that browsers send to a site: no address of another one, no `*`.
    let path = path.strip_prefix('/').ok_or(400u16)?;
    let path = decode(path, Plus::Itself).ok_or(400u16)?;
    let tricky = |c: char| c.is_control() || c == '\\';
    let climbs = |part: &str| part == "." || part == "..";
    if path.chars().any(tricky) || path.split('/').any(climbs) {
        return Err(400);
    }
    Ok((path, query.to_owned()))
}

/// What `+` means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Plus {
    Itself,
    Blank,
}

/// Undoes percent-encoding once; none when it is broken or no UTF-8.
fn decode(text: &str, plus: Plus) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                let digit = |byte: u8| char::from(byte).to_digit(16);
                u8::try_from(digit(digits[0])? * 16 + digit(digits[1])?).ok()?
            }
            b'+' if plus == Plus::Blank => b' ',
            byte => byte,
        });
    }
    String::from_utf8(out).ok()
}

/// The fields of a form or a query, in order; one that is broken is left out.
pub fn fields(encoded: &str) -> Vec<(String, String)> {
    encoded
        .split('&')
        .filter(|pair| !pair.is_empty())
        .filter_map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(name, Plus::Blank)?, decode(value, Plus::Blank)?))
        })
        .collect()
}

/// Writes a path or a value of a query so that it is read back as it was.
pub fn encode(text: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    if text.bytes().all(plain) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        if plain(byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn get(path: &str) -> Head {
        parse(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes())
    }

    fn path(written: &str) -> Option<String> {
        match get(written) {
            Head::Whole(request, _) => Some(request.path),
            _ => None,
        }
    }

    #[test]
    fn reads_a_request() {
        let bytes = b"POST /_desk/apply?x=1 HTTP/1.1\r\nhost: localhost:8080\r\nOrigin: http://localhost:8080\r\nContent-Length: 3\r\n\r\na=b";
        let Head::Whole(request, length) = parse(bytes) else { panic!("{:?}", parse(bytes)) };
        assert_eq!(
            (request.method, request.path.as_str(), request.query.as_str()),
            (Method::Post, "_desk/apply", "x=1")
        );
        assert_eq!((request.host.as_str(), request.length, request.keep_alive), ("localhost:8080", 3, true));
        assert_eq!(&bytes[length..], b"a=b");
    }

    #[test]
    fn decodes_a_path_once_and_refuses_tricks() {
        assert_eq!(path("/%E7%94%B2/?q"), Some("甲/".to_owned()));
        assert_eq!(path("/甲/"), Some("甲/".to_owned()));
        assert_eq!(path("/%252e%252e/"), Some("%2e%2e/".to_owned()));
        for bad in [
            "/../x",
            "/a/%2e%2e/b",
            "/a/.%2E",
            "/a%5c..%5cb",
            "/%00",
            "/%0d%0a",
            "/%",
            "/%zz",
            "/%ff%fe",
            "x",
            "*",
            "http://localhost/",
        ] {
            assert_eq!(get(bad), Head::Refused(400), "{bad}");
        }
    }

    #[test]
    fn refuses_what_could_be_understood_in_two_ways() {
        let head = |lines: &str| parse(format!("POST / HTTP/1.1\r\n{lines}\r\n").as_bytes());
        assert_eq!(head(""), Head::Refused(400), "no host");
        assert_eq!(head("Host: a\r\nHost: b\r\n"), Head::Refused(400));
        assert_eq!(head("Host: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n"), Head::Refused(400));
        assert_eq!(head("Host: a\r\nContent-Length: +1\r\n"), Head::Refused(400));
        assert_eq!(head("Host: a\r\nContent-Length: 99999999999999999999\r\n"), Head::Refused(413));
        assert_eq!(head("Host: a\r\nContent-Length: 65537\r\n"), Head::Refused(413));
        assert_eq!(head("Host: a\r\nTransfer-Encoding: chunked\r\n"), Head::Refused(501));
        assert_eq!(parse(b"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"), Head::Refused(405));
        assert_eq!(parse(b"GET / HTTP/9.9\r\n\r\n"), Head::Refused(505));
    }

    #[test]
    fn caps_heads() {
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(MOST_HEADERS + 1));
        assert_eq!(parse(many.as_bytes()), Head::Refused(431));
        let long = format!("GET /{}", "a".repeat(LONGEST_HEAD));
        assert_eq!(parse(long.as_bytes()), Head::Refused(431));
        assert_eq!(parse(b"GET / HTTP/1.1\r\nHost: a\r\n"), Head::Partial);
    }

    #[test]
    fn forms_are_read_back_as_they_were_written() {
        assert_eq!(
            fields("a=1+2&b=%E7%94%B2&c&=&bad=%f"),
            [("a", "1 2"), ("b", "甲"), ("c", ""), ("", "")].map(|(a, b)| (a.to_owned(), b.to_owned()))
        );
        assert_eq!(encode("a b/甲?"), "a%20b/%E7%94%B2%3F");
    }

    proptest! {
        #[test]
        fn never_panics_and_never_climbs(bytes in proptest::collection::vec(any::<u8>(), 0..400), path in ".{0,40}") {
            let _ = parse(&bytes);
            if let Head::Whole(request, _) = get(&format!("/{}", path.replace([' ', '\r', '\n', '\t'], ""))) {
                prop_assert!(request.path.split('/').all(|part| part != ".."));
                prop_assert!(!request.path.contains('\0'));
            }
        }

        #[test]
        fn encoding_is_undone_by_decoding(text in "\\PC{0,30}") {
            prop_assert_eq!(fields(&format!("x={}", encode(&text))), vec![("x".to_owned(), text)]);
        }
    }
}
