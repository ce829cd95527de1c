//! Safe repairs of editors' files: those that keep what was meant, and only write it in the right way.
//!
//! Takes the text of a file and the diagnostics about it; gives the new text. A diagnostic carries its repair where the
//! reader of the field knew one ([`Diagnostic::fix`](crate::diagnostic::Diagnostic::fix)); nothing is guessed here. Pure.

use std::borrow::Cow;

use crate::diagnostic::Diagnostic;

/// Applies the repairs of the diagnostics about one file to its text; none when there is nothing to repair.
///
/// `text` is the file as it is stored, with its byte order mark and line ends; the line ends stay, the mark goes with the
/// first repair. Repairs that overlap an earlier one are left for the next run.
pub fn fixed(text: &str, diagnostics: &[&Diagnostic]) -> Option<String> {
    let bare = text.trim_start_matches('\u{feff}');
    let returns = bare.contains("\r\n");
    let bare: Cow<'_, str> = if bare.contains('\r') { bare.replace("\r\n", "\n").into() } else { bare.into() };
    let mut fixes: Vec<_> = diagnostics.iter().filter_map(|diagnostic| diagnostic.fix.as_ref()).collect();
    fixes.sort();
    let (mut out, mut done) = (String::with_capacity(bare.len()), 0);
    for fix in &fixes {
        // The file may have changed since it was looked at; a repair of another text is none.
        let end = fix.at + fix.from.len();
        if fix.at < done || bare.get(fix.at..end) != Some(fix.from.as_str()) {
            continue;
        }
        out.push_str(&bare[done..fix.at]);
        out.push_str(&fix.to);
        done = end;
    }
    out.push_str(&bare[done..]);
    if out == *bare {
        return None;
    }
    Some(if returns { out.replace('\n', "\r\n") } else { out })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str, from: &str, to: &str) -> Diagnostic {
        let start = text.find(from).unwrap();
        Diagnostic::warning("x", "a.md", "x").span(text, start..start + from.len()).fix(
            text,
            start..start + from.len(),
            to,
        )
    }

    #[test]
    fn repairs_what_is_known_and_keeps_line_ends() {
        let text = "date： 1\nslug: A\n";
        let found = [place(text, "：", ":"), place(text, "A", "a")];
        let all: Vec<&Diagnostic> = found.iter().collect();
        assert_eq!(fixed(text, &all).as_deref(), Some("date: 1\nslug: a\n"));
        assert_eq!(fixed("\u{feff}date： 1\r\nslug: A\r\n", &all).as_deref(), Some("date: 1\r\nslug: a\r\n"));
        assert_eq!(fixed("another text\n", &all), None);
        assert_eq!(fixed(text, &[]), None);
    }

    #[test]
    fn leaves_what_overlaps_for_the_next_run() {
        let text = "slug: AB\n";
        let found = [place(text, "AB", "ab"), place(text, "B", "c")];
        assert_eq!(fixed(text, &found.iter().collect::<Vec<_>>()).as_deref(), Some("slug: ab\n"));
    }
}
