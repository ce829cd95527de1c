//! Diagnostics in a cache: all of them, where the JSON of a report leaves the quoted line out.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Diagnostic, Fix, Severity, Snippet};

#[derive(Serialize, Deserialize)]
struct Stored {
    path: String,
    line: usize,
    column: usize,
    error: bool,
    code: String,
    message: String,
    help: Option<String>,
    snippet: Option<(String, usize)>,
    fix: Option<(usize, String, String)>,
}

/// Writes diagnostics: for `#[serde(with)]`.
///
/// # Errors
/// When the format does.
pub fn serialize<S: Serializer>(diagnostics: &[Diagnostic], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(diagnostics.iter().cloned().map(|diagnostic| Stored {
        error: diagnostic.is_error(),
        path: diagnostic.path,
        line: diagnostic.line,
        column: diagnostic.column,
        code: diagnostic.code.to_owned(),
        message: diagnostic.message,
        help: diagnostic.help,
        snippet: diagnostic.snippet.map(|snippet| (snippet.line, snippet.width)),
        fix: diagnostic.fix.map(|fix| (fix.at, fix.from, fix.to)),
    }))
}

/// Reads diagnostics: for `#[serde(with)]`.
///
/// # Errors
/// When the format does.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Diagnostic>, D::Error> {
    let stored = Vec::<Stored>::deserialize(from)?;
    Ok(stored.into_iter().map(restore).collect())
}

fn restore(stored: Stored) -> Diagnostic {
    Diagnostic {
        path: stored.path,
        line: stored.line,
        column: stored.column,
        severity: if stored.error { Severity::Error } else { Severity::Warning },
        code: code(stored.code),
        message: stored.message,
        help: stored.help,
        snippet: stored.snippet.map(|(line, width)| Snippet { line, width }),
        fix: stored.fix.map(|(at, from, to)| Fix { at, from, to }),
    }
}

/// A code as the constant it was: there are few, so each is kept once for good.
fn code(code: String) -> &'static str {
    static CODES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut codes = CODES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = codes.get(code.as_str()) {
        return known;
    }
    let code: &'static str = Box::leak(code.into_boxed_str());
    codes.insert(code);
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diagnostics_come_back_whole() {
        #[derive(Serialize, Deserialize)]
        struct Kept(#[serde(with = "super")] Vec<Diagnostic>);
        let quoted = Diagnostic::warning("date-repaired", "content/a.md", "甲").span("甲乙\n丙", 7..10).help("乙").fix(
            "甲乙\n丙",
            0..3,
            "丁",
        );
        let kept = vec![quoted, Diagnostic::error("no-site", "", "none")];
        let bytes = postcard::to_stdvec(&Kept(kept.clone())).unwrap();
        assert_eq!(postcard::from_bytes::<Kept>(&bytes).unwrap().0, kept);
    }
}
