//! Where text leaves the program. Output that nobody reads any more is no error.

use std::borrow::Cow;
use std::io::Write as _;
use std::path::Path;
use std::sync::OnceLock;

use jianfan::diagnostic::{Diagnostic, Severity, Snippet, render};
use jianfan::messages;

use super::{Format, Language};

/// Writes to standard output.
pub(super) fn out(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// Writes to standard error, in the language of the reader.
pub(super) fn err(text: &str) {
    let said = match language() {
        messages::Language::English => text.into(),
        language => in_language(text, language),
    };
    let _ = std::io::stderr().lock().write_all(said.as_bytes());
}

fn in_language(text: &str, language: messages::Language) -> Cow<'_, str> {
    let say = |line: &str| {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        format!("{}{end}", messages::say(line, language).as_deref().unwrap_or(line))
    };
    text.split_inclusive('\n').map(say).collect::<String>().into()
}

static LANGUAGE: OnceLock<messages::Language> = OnceLock::new();

/// Sets the language of all messages: the one asked for, else that of the locale.
pub(super) fn speak(asked: Option<Language>) {
    let language = match asked {
        Some(Language::En) => messages::Language::English,
        Some(Language::ZhHans) => messages::Language::Hans,
        Some(Language::ZhHant) => messages::Language::Hant,
        None => of_locale(),
    };
    let _ = LANGUAGE.set(language);
}

/// The language of messages.
pub(super) fn language() -> messages::Language {
    LANGUAGE.get().copied().unwrap_or_default()
}

#[expect(clippy::disallowed_methods, reason = "the language of messages; no output of a build depends on it")]
fn of_locale() -> messages::Language {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = set("LC_ALL").or_else(|| set("LC_MESSAGES")).or_else(|| set("LANG")).unwrap_or_default();
    match locale.split(['.', '@']).next().unwrap_or_default().replace('-', "_").as_str() {
        "zh_TW" | "zh_HK" | "zh_MO" | "zh_Hant" => messages::Language::Hant,
        other if other.starts_with("zh") => messages::Language::Hans,
        _ => messages::Language::English,
    }
}

/// `1 page`, `2 pages`, `2 copies`.
pub(super) fn count(n: usize, one: &str) -> String {
    match (n, one.strip_suffix('y')) {
        (1, _) => format!("1 {one}"),
        (_, Some(stem)) => format!("{n} {stem}ies"),
        _ => format!("{n} {one}s"),
    }
}

/// A line about pairs that only an editor can tell apart; nothing if there are none.
pub(super) fn undecided(pairs: usize) -> String {
    match pairs {
        0 => String::new(),
        pairs => format!("{} of articles may be one story: `jianfan dedupe` shows them\n", count(pairs, "pair")),
    }
}

/// `812 bytes`, `4.2 MB`.
pub(super) fn bytes(n: u64) -> String {
    let (unit, name) = match n {
        0..1_000 => return count(usize::try_from(n).unwrap_or(usize::MAX), "byte"),
        1_000..1_000_000 => (1e3, "kB"),
        1_000_000..1_000_000_000 => (1e6, "MB"),
        _ => (1e9, "GB"),
    };
    #[allow(clippy::cast_precision_loss, reason = "one decimal is shown")]
    let many = n as f64 / unit;
    format!("{many:.1} {name}")
}

/// Shows diagnostics in the format asked for, sorted by place, with the lines they speak of.
pub(super) fn diagnostics(root: &Path, format: Format, diagnostics: &[Diagnostic]) {
    let said: Vec<Diagnostic>;
    let diagnostics = match language() {
        messages::Language::English => diagnostics,
        language => {
            said = diagnostics.iter().map(|diagnostic| messages::translate(diagnostic, language)).collect();
            &said
        }
    };
    match format {
        Format::Human => {
            let mut text = String::new();
            for diagnostic in diagnostics {
                text.push_str(&render(&quoted(root, diagnostic)));
            }
            let _ = std::io::stderr().lock().write_all(text.as_bytes());
        }
        Format::Github => out(&diagnostics.iter().map(github).collect::<String>()),
        Format::Sarif => out(&format!("{}\n", sarif(diagnostics))),
        Format::Json | Format::Jsonl | Format::Csv => {}
    }
}

/// Adds the source line to a placed diagnostic that has none.
fn quoted(root: &Path, diagnostic: &Diagnostic) -> Diagnostic {
    let mut diagnostic = diagnostic.clone();
    if diagnostic.snippet.is_none() && diagnostic.line > 0 {
        let line = std::fs::read(root.join(&diagnostic.path)).ok().and_then(|bytes| {
            let text = String::from_utf8(bytes).ok()?;
            text.lines().nth(diagnostic.line - 1).map(str::to_owned)
        });
        if let Some(line) = line.filter(|line| !line.trim().is_empty()) {
            let width = line.chars().skip(diagnostic.column.saturating_sub(1)).count().clamp(1, 60);
            diagnostic.snippet = Some(Snippet { line, width });
        }
    }
    diagnostic
}

/// A workflow command of GitHub Actions.
fn github(diagnostic: &Diagnostic) -> String {
    let escape = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| escape(text).replace(':', "%3A").replace(',', "%2C");
    let message = match &diagnostic.help {
        Some(help) => format!("{}; {help}", diagnostic.message),
        None => diagnostic.message.clone(),
    };
    format!(
        "::{} file={},line={},col={},title={}::{}\n",
        diagnostic.severity.as_str(),
        property(&diagnostic.path),
        diagnostic.line.max(1),
        diagnostic.column.max(1),
        property(diagnostic.code),
        escape(&message)
    )
}

/// SARIF 2.1.0, one run.
fn sarif(diagnostics: &[Diagnostic]) -> serde_json::Value {
    let mut rules: Vec<&str> = diagnostics.iter().map(|d| d.code).collect();
    rules.sort_unstable();
    rules.dedup();
    let results: Vec<_> = diagnostics
        .iter()
        .map(|d| {
            serde_json::json!({
                "ruleId": d.code,
                "level": if d.severity == Severity::Error { "error" } else { "warning" },
                "message": {"text": d.message},
                "locations": [{"physicalLocation": {
                    "artifactLocation": {"uri": d.path},
                    "region": {"startLine": d.line.max(1), "startColumn": d.column.max(1)}
                }}]
            })
        })
        .collect();
    serde_json::json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "jianfan", "version": env!("CARGO_PKG_VERSION"), "rules": rules.iter().map(|id| serde_json::json!({"id": id})).collect::<Vec<_>>()}},
            "results": results
        }]
    })
}
