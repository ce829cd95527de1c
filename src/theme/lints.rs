//! Warns about what the engine's escaping cannot make safe.
//!
//! Values are escaped for HTML wherever a template prints them. That is no protection after `safe`, in a script or a
//! style sheet, in a handler such as `onclick`, or in an attribute without quotes.

use super::tags::{Tag, tags};
use crate::diagnostic::Diagnostic;

/// Fields that hold sanitised HTML or escaped JSON: made to be printed with `safe`.
const MADE_SAFE: &[&str] = &["content", "json_ld"];

/// Looks at one template of a site's theme.
pub(super) fn lint(shown: &str, text: &str, diagnostics: &mut Vec<Diagnostic>) {
    let tags = tags(text);
    let set: Vec<&str> = tags
        .iter()
        .filter(|tag| !tag.prints && tag.word().starts_with("set"))
        .filter_map(|tag| tag.inner.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').nth(1))
        .collect();
    let mut html = Html::default();
    let mut done = 0;
    for tag in tags.iter().filter(|tag| tag.prints) {
        html.read(&text[done..tag.range.start]);
        done = tag.range.end;
        if let Some(found) = lint_tag(tag, &set, &html) {
            let (message, help) = found;
            diagnostics
                .push(Diagnostic::warning("template-unsafe", shown, message).span(text, tag.range.clone()).help(help));
        }
    }
}

fn lint_tag(tag: &Tag<'_>, set: &[&str], html: &Html) -> Option<(String, &'static str)> {
    let mut parts = tag.inner.split('|').map(str::trim);
    let value = parts.next().unwrap_or_default();
    let field = value.rsplit('.').next().unwrap_or_default();
    let made_safe = MADE_SAFE.contains(&field);
    if parts.any(|filter| filter.split('(').next().is_some_and(|name| name.trim() == "safe")) {
        let own = value.starts_with(['"', '\'', '`']) || set.contains(&value);
        return (!made_safe && !own).then(|| {
            (
                format!("`{value} | safe` prints text without escaping it"),
                "remove `| safe`; only `article.content` and `page.json_ld` are HTML or JSON made safe",
            )
        });
    }
    if tag.word().starts_with("__") || value.starts_with('<') {
        return None;
    }
    let place = html.place()?;
    Some((
        format!("`{value}` stands {place}, where escaping for HTML is not enough"),
        "put it into a `data-` attribute between double quotes and read it from there",
    ))
}

/// As much of HTML as is needed to know what a tag of the template stands in.
#[derive(Default)]
struct Html {
    /// `script` or `style`, while inside one.
    element: Option<&'static str>,
    /// What was read of a tag that is not closed.
    open: Option<String>,
}

impl Html {
    fn read(&mut self, text: &str) {
        let mut rest = text;
        loop {
            if let Some(element) = self.element.filter(|_| self.open.is_none()) {
                let lower = rest.to_ascii_lowercase();
                let Some(end) = lower.find(&format!("</{element}")) else { return };
                self.element = None;
                rest = &rest[end..];
            }
            if let Some(open) = &mut self.open {
                let Some(end) = end_of_tag(open, rest) else {
                    open.push_str(rest);
                    return;
                };
                open.push_str(&rest[..end]);
                let name = open.to_ascii_lowercase();
                self.element = ["script", "style"]
                    .into_iter()
                    .find(|element| name[1..].starts_with(element) && !name.ends_with('/'));
                self.open = None;
                rest = &rest[end + 1..];
                continue;
            }
            let Some(start) = rest.find('<') else { return };
            self.open = Some("<".to_owned());
            rest = &rest[start + 1..];
        }
    }

    /// Where a value printed here would stand, if that is no good place.
    fn place(&self) -> Option<&'static str> {
        let Some(open) = &self.open else {
            return match self.element {
                Some("script") => Some("in a script"),
                Some(_) => Some("in a style sheet"),
                None => None,
            };
        };
        let at = open.rfind('=')?;
        let name = open[..at].trim_end().rsplit(|c: char| c.is_whitespace()).next()?.to_ascii_lowercase();
        let value = open[at + 1..].trim_start();
        let quote = value.chars().next();
        match quote {
            None => Some("in an attribute without quotes"),
            Some(quote @ ('"' | '\'')) if value[1..].contains(quote) => None,
            Some('"' | '\'') if name.starts_with("on") => Some("in a handler"),
            Some('"' | '\'') if name == "style" => Some("in a style"),
            _ => None,
        }
    }
}

/// The `>` that closes a tag of which `open` was read already.
fn end_of_tag(open: &str, rest: &str) -> Option<usize> {
    let mut quote = None;
    for c in open.chars() {
        step(&mut quote, c);
    }
    rest.char_indices().find(|&(_, c)| step(&mut quote, c)).map(|(at, _)| at)
}

/// Follows the quotes of a tag; true at the `>` outside of them.
fn step(quote: &mut Option<char>, c: char) -> bool {
    match *quote {
        Some(open) if open == c => *quote = None,
        None if c == '"' || c == '\'' => *quote = Some(c),
        None => return c == '>',
        Some(_) => {}
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let mut diagnostics = Vec::new();
        lint("a.html", text, &mut diagnostics);
        let found: Vec<&str> = diagnostics.iter().map(|d| d.message.as_str()).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn warns_of_safe_on_text() {
        check("{{ title | safe }}", &["`title | safe` prints text without escaping it"]);
        check("{{ article.content | safe }}{% set nav %}<b>{% endset %}{{ nav | safe }}{{ \"<br>\" | safe }}", &[]);
    }

    #[test]
    fn warns_of_places_where_html_escaping_is_not_enough() {
        check(
            "<script>var t = \"{{ title }}\"</script>{{ title }}",
            &["`title` stands in a script, where escaping for HTML is not enough"],
        );
        check(
            "<style>a { color: {{ options.c }} }</style>",
            &["`options.c` stands in a style sheet, where escaping for HTML is not enough"],
        );
        check(
            "<a onclick=\"f('{{ title }}')\">",
            &["`title` stands in a handler, where escaping for HTML is not enough"],
        );
        check(
            "<a href={{ x }}>",
            &["`x` stands in an attribute without quotes, where escaping for HTML is not enough"],
        );
        check("<script src=\"{{ x }}\" defer></script><a href=\"{{ x }}\" title=\"{{ y }}\">{{ z }}</a>", &[]);
        check("<script type=\"application/ld+json\">{{ page.json_ld | safe }}</script>", &[]);
    }

    #[test]
    fn finds_nothing_in_the_default_theme() {
        for (path, bytes) in super::super::builtin::FILES {
            if path.ends_with(".html") {
                check(std::str::from_utf8(bytes).unwrap(), &[]);
            }
        }
    }
}
