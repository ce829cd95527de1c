//! Bytes of a file to text: the encoding is known for certain, or it is an error.
//!
//! Takes the bytes and what encoding the file declares, if it does; gives text, the encoding, and what had to be
//! repaired. UTF-8 needs no proof. UTF-16, GB18030 (with GBK and GB2312), Big5 and HZ are accepted when the decoded
//! text is plausible Chinese and no other reading comes near. Must not know what a file holds.

mod plausible;

use std::fmt;

use encoding_rs::{BIG5, Encoding, GB18030, UTF_16BE, UTF_16LE};
use thiserror::Error;

use plausible::Score;

/// Text and how it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without byte order marks at its head.
    pub text: String,
    /// The encoding: `UTF-8`, `UTF-16LE`, `UTF-16BE`, `GB18030`, `Big5` or `HZ`.
    pub encoding: &'static str,
    /// What the caller should warn of; empty for UTF-8, with or without its mark.
    pub repaired: Vec<Repair>,
}

/// Something about the encoding that is worth a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repair {
    /// More than one byte order mark stood at the head.
    RepeatedMark,
    /// The file is not in UTF-8.
    Encoding(&'static str),
    /// Control characters that no text has are dropped.
    Control {
        /// How many there were.
        count: usize,
        /// The line of the first, from 1.
        line: usize,
    },
    /// The file declares one encoding and is in another.
    Declared {
        /// The label the file gives.
        declared: String,
        /// What it is in.
        actual: &'static str,
    },
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Repair::RepeatedMark => f.write_str("several byte order marks at the head are dropped"),
            Repair::Encoding(name) => write!(f, "the file is in {name}, read as such"),
            Repair::Control { count: 1, line } => write!(f, "an invisible control character in line {line} is dropped"),
            Repair::Control { count, line } => {
                write!(f, "{count} invisible control characters, the first in line {line}, are dropped")
            }
            Repair::Declared { declared, actual } => write!(f, "the file declares `{declared}` but is in {actual}"),
        }
    }
}

/// A place in a file: byte offset from 0, line and column (in characters) from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Bytes before it.
    pub offset: usize,
    /// Its line.
    pub line: usize,
    /// Its column.
    pub column: usize,
}

/// Why bytes are not read as text.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// A NUL byte in what else could be text.
    #[error("a NUL byte at byte {}", .0.offset)]
    Nul(Place),
    /// UTF-8 with bytes that are none.
    #[error("not UTF-8 at byte {}: `{bytes}`", .place.offset)]
    NotUtf8 {
        /// The first bad byte.
        place: Place,
        /// It and its neighbours in hexadecimal, at most 4.
        bytes: String,
    },
    /// A Chinese text in another encoding, with bytes that are none of it.
    #[error("the text is in {encoding} but damaged at byte {}", .place.offset)]
    Damaged {
        /// The encoding the rest is in.
        encoding: &'static str,
        /// The first bad byte.
        place: Place,
    },
    /// Plausible in two encodings.
    #[error("the text makes sense in {first} and in {second}")]
    Ambiguous {
        /// The likelier one.
        first: &'static str,
        /// The other.
        second: &'static str,
        /// The first byte that is not ASCII.
        place: Place,
    },
    /// Another kind of file.
    #[error("this is no text but {0}")]
    Binary(&'static str),
}

impl DecodeError {
    /// Gives the place to blame, if it is not the file as a whole.
    pub fn place(&self) -> Option<Place> {
        match self {
            DecodeError::Nul(place)
            | DecodeError::NotUtf8 { place, .. }
            | DecodeError::Damaged { place, .. }
            | DecodeError::Ambiguous { place, .. } => Some(*place),
            DecodeError::Binary(_) => None,
        }
    }

    /// Says what to do about it, as an imperative.
    pub fn help(&self) -> &'static str {
        match self {
            DecodeError::Nul(_) => "remove the byte, or save the file as UTF-8",
            DecodeError::Binary(_) => "move the file out of the articles",
            _ => "open the file in its own encoding and save it as UTF-8",
        }
    }
}

const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads bytes as text.
///
/// `declared` is the label a file or its server gives (`gb2312`, `big5`); it helps where the text alone leaves a
/// doubt, and never wins over bytes that say otherwise.
///
/// ```
/// use jianfan::source::decode::decode;
/// assert_eq!(decode("西宁".as_bytes(), None).unwrap().text, "西宁");
/// assert!(decode(b"\xc0\xaf", None).is_err());
/// ```
///
/// # Errors
///
/// NUL bytes, invalid or mixed encodings, other kinds of file, and texts that make sense in two encodings.
pub fn decode(bytes: &[u8], declared: Option<&str>) -> Result<Decoded, DecodeError> {
    let mut decoded = decode_as_written(bytes, declared)?;
    drop_controls(&mut decoded);
    Ok(decoded)
}

/// Tells whether a text holds characters that XML and JSON have no place for and no reader sees.
pub fn holds_controls(text: &str) -> bool {
    // Whole blocks without a way out in between are looked at many bytes at a time.
    let (blocks, rest) = text.as_bytes().as_chunks::<64>();
    let any = |bytes: &[u8]| bytes.iter().fold(false, |any, &byte| any | is_control(byte));
    blocks.iter().any(|block| any(block)) || any(rest)
}

#[inline]
fn is_control(byte: u8) -> bool {
    ((byte < 0x20) & (byte != b'\t') & (byte != b'\n') & (byte != b'\r')) | (byte == 0x7f)
}

fn drop_controls(decoded: &mut Decoded) {
    let Some(first) = decoded.text.bytes().position(is_control) else { return };
    let line = decoded.text[..first].matches('\n').count() + 1;
    let before = decoded.text.len();
    decoded.text.retain(|c| !u8::try_from(c).is_ok_and(is_control));
    decoded.repaired.push(Repair::Control { count: before - decoded.text.len(), line });
}

fn decode_as_written(bytes: &[u8], declared: Option<&str>) -> Result<Decoded, DecodeError> {
    if let Some(kind) = signature(bytes) {
        return Err(DecodeError::Binary(kind));
    }
    for (mark, encoding) in [(b"\xff\xfe", UTF_16LE), (b"\xfe\xff", UTF_16BE)] {
        if let Some(rest) = bytes.strip_prefix(mark.as_slice()) {
            return marked_utf16(bytes, rest, encoding);
        }
    }
    let mut body = bytes;
    let mut marks = 0;
    while let Some(rest) = body.strip_prefix(UTF8_MARK) {
        (body, marks) = (rest, marks + 1);
    }
    let nul = bytes.iter().position(|&b| b == 0);
    match std::str::from_utf8(body) {
        Ok(text) if nul.is_none() => {
            if let Some(decoded) = hz(text) {
                return Ok(decoded);
            }
            let repaired = if marks > 1 { vec![Repair::RepeatedMark] } else { Vec::new() };
            Ok(Decoded { text: text.to_owned(), encoding: "UTF-8", repaired })
        }
        _ if let Some(at) = nul => unmarked_utf16(bytes).ok_or(DecodeError::Nul(place(bytes, at))),
        Ok(_) => Err(DecodeError::Binary("data")),
        Err(error) if marks > 0 || mostly_utf8(body) => {
            Err(not_utf8(bytes, bytes.len() - body.len() + error.valid_up_to()))
        }
        Err(error) => double_byte(bytes, error.valid_up_to(), declared),
    }
}

/// Gives the encoding an HTML or XML page declares in its first 1,024 bytes, as written.
pub fn declared_in(bytes: &[u8]) -> Option<&str> {
    let head = &bytes[..bytes.len().min(1024)];
    let at =
        |name: &[u8]| head.windows(name.len()).position(|w| w.eq_ignore_ascii_case(name)).map(|at| at + name.len());
    let from = at(b"charset=").or_else(|| at(b"encoding="))?;
    let rest = &head[from..];
    let quoted = rest.iter().take_while(|b| matches!(b, b'"' | b'\'' | b' ')).count();
    let label = &rest[quoted..];
    let length = label.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b':')).count();
    std::str::from_utf8(&label[..length]).ok().filter(|label| !label.is_empty())
}

/// Names the kinds of file that begin with a known signature.
fn signature(bytes: &[u8]) -> Option<&'static str> {
    const KNOWN: &[(&[u8], &str)] = &[
        (b"%PDF-", "a PDF file"),
        (b"\x89PNG", "a PNG picture"),
        (b"GIF8", "a GIF picture"),
        (b"\xff\xd8\xff", "a JPEG picture"),
        (b"RIFF", "a WebP picture or a sound"),
        (b"PK\x03\x04", "a ZIP file (or Office document)"),
        (b"PK\x05\x06", "an empty ZIP file"),
        (b"\x1f\x8b", "a gzip file"),
        (b"\xd0\xcf\x11\xe0", "an old Office document"),
        (b"Rar!", "a RAR file"),
        (b"7z\xbc\xaf", "a 7z file"),
        (b"\x7fELF", "a program"),
        (b"SQLite format 3\0", "a database"),
        (b"\xff\xfe\0\0", "UTF-32"),
        (b"\0\0\xfe\xff", "UTF-32"),
    ];
    KNOWN.iter().find(|(head, _)| bytes.starts_with(head)).map(|&(_, name)| name)
}

/// Reads UTF-16 whose mark makes it certain.
fn marked_utf16(bytes: &[u8], rest: &[u8], encoding: &'static Encoding) -> Result<Decoded, DecodeError> {
    let Some(text) = strict(encoding, rest) else {
        return Err(not_utf8(bytes, 0));
    };
    let marks = text.chars().take_while(|&c| c == '\u{feff}').count();
    if text.contains('\0') {
        return Err(DecodeError::Nul(place_in(&text, text.find('\0').unwrap_or(0))));
    }
    let mut repaired = vec![Repair::Encoding(encoding.name())];
    if marks > 0 {
        repaired.push(Repair::RepeatedMark);
    }
    Ok(Decoded { text: text.trim_start_matches('\u{feff}').to_owned(), encoding: encoding.name(), repaired })
}

/// Reads UTF-16 without a mark: one byte order gives plausible Chinese, the other does not.
fn unmarked_utf16(bytes: &[u8]) -> Option<Decoded> {
    let read = |encoding| {
        let text = strict(encoding, bytes)?;
        Score::of_all(&text).certain().then_some(text)
    };
    let (text, encoding) = match (read(UTF_16LE), read(UTF_16BE)) {
        (Some(text), None) => (text, UTF_16LE),
        (None, Some(text)) => (text, UTF_16BE),
        _ => return None,
    };
    Some(Decoded { text, encoding: encoding.name(), repaired: vec![Repair::Encoding(encoding.name())] })
}

/// Tells whether most of what is beyond ASCII is valid UTF-8: then the file is damaged UTF-8, not something else.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut valid, mut wrong) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        valid += chunk.valid().bytes().filter(|b| *b >= 0x80).count();
        wrong += chunk.invalid().len();
    }
    valid > wrong
}

/// Reads a text in GB18030 or Big5, whichever is certain.
fn double_byte(bytes: &[u8], first_bad: usize, declared: Option<&str>) -> Result<Decoded, DecodeError> {
    let label = declared.and_then(|label| Encoding::for_label(label.as_bytes()));
    let label = if label == Some(encoding_rs::GBK) { Some(GB18030) } else { label };
    let read = |encoding: &'static Encoding| {
        let text = strict(encoding, bytes)?;
        let score = Score::of_beyond_ascii(&text);
        Some((score, encoding, text))
    };
    let mut readings: Vec<_> = [GB18030, BIG5].into_iter().filter_map(read).collect();
    // Stable: equal scores keep the order above, and are refused below.
    readings.sort_by(|a, b| b.0.mean().total_cmp(&a.0.mean()));
    let refused = Err(not_utf8(bytes, first_bad));
    let Some((best, encoding, text)) = readings.first() else {
        return Err(damaged(bytes).unwrap_or_else(|| not_utf8(bytes, first_bad)));
    };
    let agreed = label == Some(encoding);
    if !(best.certain() || (agreed && best.likely())) {
        return refused;
    }
    if let Some((other, second, _)) = readings.get(1)
        && !best.far_above(other)
        && !(agreed && best.mean() > other.mean())
    {
        let place = place(bytes, first_bad);
        return Err(DecodeError::Ambiguous { first: name(encoding), second: name(second), place });
    }
    let name = name(encoding);
    let mut repaired = vec![Repair::Encoding(name)];
    if let Some(declared) = declared.filter(|_| !agreed) {
        repaired.push(Repair::Declared { declared: declared.to_owned(), actual: name });
    }
    Ok(Decoded { text: text.clone(), encoding: name, repaired })
}

/// Names an encoding as its standard writes it.
fn name(encoding: &'static Encoding) -> &'static str {
    if encoding == GB18030 { "GB18030" } else { encoding.name() }
}

/// Finds the one encoding in which all but a few bytes make sense, and the first of those bytes.
fn damaged(bytes: &[u8]) -> Option<DecodeError> {
    let score = |encoding: &'static Encoding| {
        let text = encoding.decode_without_bom_handling(bytes).0;
        (Score::of_beyond_ascii(&text), encoding)
    };
    let (gb, big5) = (score(GB18030), score(BIG5));
    let ((best, encoding), (other, _)) = if gb.0.mean() >= big5.0.mean() { (gb, big5) } else { (big5, gb) };
    if !(best.certain() && best.far_above(&other)) {
        return None;
    }
    // Column and line are counted in the text before the damage, as an editor of that encoding shows it.
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(decoder.max_utf8_buffer_length_without_replacement(bytes.len())?);
    let (result, read) = decoder.decode_to_string_without_replacement(bytes, &mut text, true);
    let encoding_rs::DecoderResult::Malformed(length, after) = result else { return None };
    let offset = read.checked_sub(usize::from(length) + usize::from(after))?;
    let place = Place { offset, ..place_in(&text, text.len()) };
    Some(DecodeError::Damaged { encoding: name(encoding), place })
}

/// Reads HZ (RFC 1843), GB2312 in seven bits between `~{` and `~}`, when that makes plausible Chinese.
fn hz(text: &str) -> Option<Decoded> {
    if !text.contains("~{") || !text.is_ascii() {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("~{") {
        let (inside, next) = after.split_once("~}")?;
        let chinese = inside.bytes().all(|b| (0x21..0x7f).contains(&b)) && inside.len() % 2 == 0;
        if !chinese {
            return None;
        }
        bytes.extend_from_slice(before.replace("~~", "~").as_bytes());
        bytes.extend(inside.bytes().map(|b| b | 0x80));
        rest = next;
    }
    bytes.extend_from_slice(rest.replace("~~", "~").as_bytes());
    let text = strict(GB18030, &bytes)?;
    Score::of_beyond_ascii(&text).certain().then(|| Decoded {
        text,
        encoding: "HZ",
        repaired: vec![Repair::Encoding("HZ")],
    })
}

/// Decodes without replacing anything; `None` if a byte does not fit.
fn strict(encoding: &'static Encoding, bytes: &[u8]) -> Option<String> {
    encoding.decode_without_bom_handling_and_without_replacement(bytes).map(std::borrow::Cow::into_owned)
}

fn not_utf8(bytes: &[u8], at: usize) -> DecodeError {
    let shown: Vec<String> = bytes[at..].iter().take(4).map(|b| format!("{b:02X}")).collect();
    DecodeError::NotUtf8 { place: place(bytes, at), bytes: shown.join(" ") }
}

/// Counts lines and columns up to a byte, bad bytes before it as one character each.
fn place(bytes: &[u8], offset: usize) -> Place {
    let before = &bytes[..offset];
    let before = before.strip_prefix(UTF8_MARK).unwrap_or(before);
    let line = before.iter().filter(|&&b| b == b'\n').count() + 1;
    let start = before.iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
    let column = String::from_utf8_lossy(&before[start..]).chars().count() + 1;
    Place { offset, line, column }
}

fn place_in(text: &str, offset: usize) -> Place {
    place(text.as_bytes(), offset)
}

#[cfg(test)]
mod tests;
