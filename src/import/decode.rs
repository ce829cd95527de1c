//! Bytes of a page to text: what `source::decode` finds out, said as diagnostics.

use super::Page;
use crate::diagnostic::Diagnostic;
use crate::source::decode::{DecodeError, Repair, declared_in, decode as decode_bytes};

/// Decodes a page; a warning says what was not plain UTF-8, an error why it cannot be read.
pub(super) fn decode(page: &Page<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
    match decode_bytes(page.bytes, declared_in(page.bytes)) {
        Ok(decoded) => {
            for repair in &decoded.repaired {
                let help = match repair {
                    Repair::Control { .. } => "nothing to do: the article is written without them",
                    Repair::RepeatedMark => "nothing to do: the article is written in UTF-8 without a mark",
                    _ => "nothing to do: the article is written in UTF-8",
                };
                diagnostics.push(Diagnostic::warning("import-encoding", page.name, repair.to_string()).help(help));
            }
            Some(decoded.text)
        }
        Err(error) => {
            diagnostics.push(complaint(page.name, &error));
            None
        }
    }
}

fn complaint(path: &str, error: &DecodeError) -> Diagnostic {
    let complaint = Diagnostic::error("import-encoding", path, error.to_string()).help(error.help());
    match error.place() {
        Some(place) => complaint.at(place.line, place.column),
        None => complaint,
    }
}
