//! A new term in the text of `glossary.yaml`, comments and order kept.

use crate::script::glossary::parse;
use crate::taxonomy::edit::quoted;

/// Adds a term; the pairs are keys such as `hans` and what is written there. Gives why not, where that is so.
pub(super) fn add(yaml: &str, term: &[(&str, &str)]) -> Result<String, String> {
    let pairs: Vec<String> = term.iter().map(|(key, text)| format!("{key}: {}", quoted(text))).collect();
    let item = format!("- {{{}}}", pairs.join(", "));
    let edited = insert(yaml, &item);
    let before = parse("", yaml).diagnostics.len();
    let after = parse("content/_data/glossary.yaml", &edited).diagnostics;
    match after.iter().find(|d| d.is_error()).filter(|_| after.len() > before) {
        None => Ok(edited),
        Some(diagnostic) => Err(crate::diagnostic::render(diagnostic)),
    }
}

/// Puts an item behind the last one of `terms:`, or begins that list.
fn insert(yaml: &str, item: &str) -> String {
    let mut lines: Vec<String> = yaml.lines().map(str::to_owned).collect();
    let Some(head) = lines.iter().position(|line| line.starts_with("terms:")) else {
        lines.extend(["terms:".to_owned(), format!("  {item}")]);
        return lines.join("\n") + "\n";
    };
    if matches!(lines[head].trim_start_matches("terms:").trim(), "[]" | "~" | "null") {
        lines[head] = "terms:".to_owned();
    }
    let mut end = head + 1;
    let mut indent = "  ".to_owned();
    for (at, line) in lines.iter().enumerate().skip(head + 1) {
        let body = line.trim_start();
        if body.is_empty() || body.starts_with('#') {
            continue;
        }
        let depth = line.len() - body.len();
        if depth == 0 && !body.starts_with('-') {
            break;
        }
        if body.starts_with('-') && end == head + 1 {
            indent = line[..depth].to_owned();
        }
        end = at + 1;
    }
    lines.insert(end, format!("{indent}{item}"));
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERM: &[(&str, &str)] = &[("hans", "座钟"), ("hant", "座鐘")];

    #[test]
    fn adds_to_any_file() {
        for (yaml, wanted) in [
            ("", "terms:\n  - {hans: 座钟, hant: 座鐘}\n"),
            ("# ours\nkeep: [后浪]\n", "# ours\nkeep: [后浪]\nterms:\n  - {hans: 座钟, hant: 座鐘}\n"),
            ("terms: []\nkeep: [后浪]\n", "terms:\n  - {hans: 座钟, hant: 座鐘}\nkeep: [后浪]\n"),
            (
                "terms:\n# first\n- {hans: 硅谷, tw: 矽谷}   # a word\n\nkeep: [后浪]\n",
                "terms:\n# first\n- {hans: 硅谷, tw: 矽谷}   # a word\n- {hans: 座钟, hant: 座鐘}\n\nkeep: [后浪]\n",
            ),
            (
                "terms:\n    - hans: 硅谷\n      tw: 矽谷\n",
                "terms:\n    - hans: 硅谷\n      tw: 矽谷\n    - {hans: 座钟, hant: 座鐘}\n",
            ),
        ] {
            assert_eq!(add(yaml, TERM).as_deref(), Ok(wanted));
        }
    }

    #[test]
    fn refuses_a_term_that_contradicts_another() {
        let error = add("terms:\n- {hans: 座钟, hant: 座鍾}\n", TERM).unwrap_err();
        assert!(error.contains("glossary.yaml:3"), "{error}");
    }

    #[test]
    fn refuses_a_file_it_cannot_edit() {
        assert!(add("terms: [{hans: 硅谷, tw: 矽谷}]\n", TERM).is_err());
    }
}
