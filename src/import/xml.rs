//! Reading XML as it is found: bare ampersands, unknown entities, unclosed tags.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::diagnostic::Diagnostic;

/// Makes a reader that forgives what can be forgiven.
pub(super) fn reader(source: &str) -> Reader<&[u8]> {
    let mut reader = Reader::from_str(source);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    reader
}

/// Counts lines going forwards.
pub(super) struct Lines<'a> {
    source: &'a [u8],
    at: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    /// Starts at the head of a text.
    pub(super) fn new(source: &'a str) -> Self {
        Lines { source: source.as_bytes(), at: 0, line: 1 }
    }

    /// Says on which line a byte stands.
    pub(super) fn at(&mut self, byte: u64) -> usize {
        let byte = usize::try_from(byte).unwrap_or(usize::MAX).min(self.source.len());
        if byte > self.at {
            self.line += self.source[self.at..byte].iter().filter(|b| **b == b'\n').count();
            self.at = byte;
        }
        self.line
    }
}

/// Says where XML breaks off.
pub(super) fn complaint(path: &str, error: &quick_xml::Error, line: usize) -> Diagnostic {
    Diagnostic::warning("import-xml", path, format!("the file breaks off here: {error}; what stands above was read"))
        .at(line, 1)
        .help("export the file again")
}

/// Says when the root element is not closed: the rest of the file is missing, and a forgiving reader would not notice.
pub(super) fn cut_off(path: &str, source: &str) -> Option<Diagnostic> {
    let opens = |at: usize| source[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic());
    let root = source.match_indices('<').map(|(at, _)| at).find(|&at| opens(at))?;
    let name = source[root + 1..].split(|c: char| c.is_whitespace() || c == '>' || c == '/').next()?;
    let end = source.trim_end();
    // What follows the root, such as a comment, is no loss.
    if end.contains(&format!("</{name}")) || end.ends_with("/>") {
        return None;
    }
    let message = format!("the file breaks off: `<{name}>` is not closed; what was whole was read");
    let line = end.matches('\n').count() + 1;
    Some(Diagnostic::warning("import-xml", path, message).at(line, 1).help("export the file again"))
}

/// Goes through the children of an element up to its end; `each` must read the child it is given, or skip it.
pub(super) fn children<'a>(
    reader: &mut Reader<&'a [u8]>,
    parent: &str,
    mut each: impl FnMut(&str, &mut Reader<&'a [u8]>, &BytesStart<'_>),
) {
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                let name = start.name().as_ref().to_owned();
                each(&name, reader, &start);
            }
            Ok(Event::End(end)) if end.name().as_ref() == parent => return,
            Ok(Event::Eof) | Err(_) => return,
            _ => {}
        }
    }
}

/// Reads the text of an element up to its end, markup inside it as text.
pub(super) fn text(reader: &mut Reader<&[u8]>, name: &str) -> String {
    let mut out = String::new();
    loop {
        match reader.read_event() {
            Ok(Event::Text(text)) => out.push_str(&text),
            Ok(Event::CData(data)) => out.push_str(&data),
            Ok(Event::GeneralRef(entity)) => push_entity(&entity, &mut out),
            Ok(Event::Start(start)) => push_tag(&start, "", &mut out),
            Ok(Event::Empty(start)) => push_tag(&start, "/", &mut out),
            Ok(Event::End(end)) if end.name().as_ref() == name => return out,
            Ok(Event::End(end)) => {
                out.push_str("</");
                out.push_str(end.name().as_ref());
                out.push('>');
            }
            Ok(Event::Eof) | Err(_) => return out,
            _ => {}
        }
    }
}

fn push_tag(start: &BytesStart<'_>, end: &str, out: &mut String) {
    out.push('<');
    out.push_str(start);
    out.push_str(end);
    out.push('>');
}

fn push_entity(name: &str, out: &mut String) {
    let code = name.strip_prefix('#').and_then(|number| match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => number.parse().ok(),
    });
    match (name, code.and_then(char::from_u32)) {
        (_, Some(c)) => out.push(c),
        ("amp", _) => out.push('&'),
        ("lt", _) => out.push('<'),
        ("gt", _) => out.push('>'),
        ("quot", _) => out.push('"'),
        ("apos", _) => out.push('\''),
        ("nbsp", _) => out.push(' '),
        _ => {
            out.push('&');
            out.push_str(name);
            out.push(';');
        }
    }
}

/// Skips an element.
pub(super) fn skip(reader: &mut Reader<&[u8]>, name: &str) {
    let mut depth = 1usize;
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) if start.name().as_ref() == name => depth += 1,
            Ok(Event::End(end)) if end.name().as_ref() == name => {
                depth -= 1;
                if depth == 0 {
                    return;
                }
            }
            Ok(Event::Eof) | Err(_) => return,
            _ => {}
        }
    }
}

/// Reads an attribute by its name.
pub(super) fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = start.attributes().with_checks(false).flatten().find(|attribute| attribute.key.as_ref() == name)?;
    attribute.normalized_value(XmlVersion::Implicit1_0).ok().map(std::borrow::Cow::into_owned)
}
