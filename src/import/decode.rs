//! Bytes of a page to text.

use super::Page;
use crate::diagnostic::Diagnostic;

/// Decodes a page, saying what was not plain UTF-8.
pub(super) fn decode(page: &Page<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
    let bytes = page.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(page.bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(text.to_owned());
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Some(encoding_rs::UTF_16LE.decode(bytes).0.into_owned());
    }
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).to_ascii_lowercase();
    let encoding = if head.contains("charset=big5") { encoding_rs::BIG5 } else { encoding_rs::GB18030 };
    let (text, _, bad) = encoding.decode(bytes);
    if bad {
        diagnostics.push(Diagnostic::error("encoding", page.name, "cannot tell the encoding of this file"));
        return None;
    }
    diagnostics.push(Diagnostic::warning("encoding", page.name, format!("read as {}", encoding.name())));
    Some(text.into_owned())
}
