//! Everything a build complains of; missing dates and sources, to be filled in.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Room;
use super::changes::Planned;
use super::html::{PER_PAGE, Section, Text, article, form, page, paged};
use super::words::{fill, tag};
use crate::diagnostic::Diagnostic;
use crate::edits::{self, Change};
use crate::fix::fixed;
use crate::messages::translate;
use crate::preview::response::Response;
use crate::taxonomy::edit;

pub(super) fn show(room: &Room<'_>) -> Response {
    let words = room.words;
    // Dates that are missing stand in a list of their own, with a place to write them.
    let all: Vec<&Diagnostic> = room.snapshot.diagnostics().iter().filter(|d| d.code != "date-missing").collect();
    let (errors, warnings): (Vec<&Diagnostic>, Vec<&Diagnostic>) = all.iter().copied().partition(|d| d.is_error());
    let sorted: Vec<&Diagnostic> = errors.into_iter().chain(warnings).collect();
    let mut main = format!("<p class=\"about\">{}</p>\n", words.about_problems);
    let bare = room.snapshot.bare();
    if sorted.is_empty() && bare.is_empty() {
        let _ = writeln!(main, "<p class=\"nothing\">{}</p>", words.nothing);
    }
    let safe = sorted.iter().filter(|d| d.fix.is_some()).count();
    if safe > 1 {
        let button = format!("<button type=\"submit\">{}</button>", fill(words.fix_all, &[&safe.to_string()]));
        main.push_str(&form(room, "fix", &[("kind", "fix"), ("back", Section::Problems.path())], &button));
    }
    let (shown, pager) = paged(room, Section::Problems, &sorted);
    if !shown.is_empty() {
        let _ = writeln!(
            main,
            "<h2>{} <span class=\"count\">{}</span></h2>\n<ul class=\"cases\">",
            words.complaints,
            sorted.len()
        );
        let mut texts = BTreeMap::new();
        for diagnostic in shown {
            main.push_str(&complaint(room, diagnostic, &mut texts));
        }
        main.push_str("</ul>\n");
    }
    main.push_str(&pager);
    for (key, title, label) in
        [("date", words.missing_date, words.date), ("source", words.missing_source, words.source)]
    {
        if let Some(articles) = bare.get(key) {
            main.push_str(&missing(room, key, title, label, articles));
        }
    }
    page(room, 200, Section::Problems, words.problems, &main)
}

fn complaint(room: &Room<'_>, d: &Diagnostic, texts: &mut BTreeMap<String, Option<String>>) -> String {
    let said = translate(d, room.language);
    let lang = tag(room.language);
    let place = if d.line > 0 { format!("{}:{}:{}", d.path, d.line, d.column.max(1)) } else { d.path.clone() };
    let severity = d.severity.as_str();
    let mut out = format!(
        "<li class=\"case {severity}\"><p><strong class=\"{severity}\">{severity}</strong> <code>{}</code></p>\n<p lang=\"{lang}\">{}</p>\n<p class=\"small\"><code>{}</code></p>\n",
        Text(d.code),
        Text(&said.message),
        Text(place)
    );
    if let Some(snippet) = &d.snippet {
        let _ = writeln!(out, "<pre tabindex=\"0\" lang=\"zh\">{}</pre>", Text(&snippet.line));
    }
    if let Some(help) = &said.help {
        let _ = writeln!(out, "<p class=\"help\" lang=\"{lang}\">→ {}</p>", Text(help));
    }
    let text = texts
        .entry(d.path.clone())
        .or_insert_with(|| edits::read(&room.snapshot.config.root.join(&d.path)).ok().flatten());
    if text.as_deref().and_then(|text| fixed(text, &[d])).is_some() {
        let (line, column) = (d.line.to_string(), d.column.to_string());
        let hidden = [
            ("kind", "fix"),
            ("back", Section::Problems.path()),
            ("path", d.path.as_str()),
            ("line", &line),
            ("column", &column),
            ("code", d.code),
        ];
        let button = format!(
            "<button type=\"submit\">{}<span class=\"sr\"> {}</span></button>",
            room.words.fix,
            Text(&said.message)
        );
        out.push_str(&form(room, "fix", &hidden, &button));
    }
    out.push_str("</li>\n");
    out
}

/// Articles that lack a field, each with a place to write it.
fn missing(room: &Room<'_>, key: &str, title: &str, label: &str, articles: &[usize]) -> String {
    let mut out = format!(
        "<details class=\"missing\" open><summary><h2>{title} <span class=\"count\">{}</span></h2></summary>\n<ul class=\"cases\">\n",
        articles.len()
    );
    for &at in articles.iter().take(PER_PAGE) {
        let written = &room.snapshot.written[at];
        let hint = if key == "date" { " placeholder=\"2024-05-06\"" } else { "" };
        let inside = format!(
            "<label>{label} <input name=\"value\" required maxlength=\"120\"{hint} autocomplete=\"off\"></label> <button type=\"submit\">{}<span class=\"sr\"> {}</span></button>",
            room.words.set,
            Text(&written.title)
        );
        let hidden = [("kind", "set"), ("back", Section::Problems.path()), ("id", written.id.as_str()), ("key", key)];
        let _ = writeln!(out, "<li class=\"case\">{}{}</li>", article(room, at), form(room, "line", &hidden, &inside));
    }
    out.push_str("</ul></details>\n");
    out
}

/// Plans to fill in a date or a source.
pub(super) fn plan_field(room: &Room<'_>) -> Result<Planned, String> {
    let at = room.article("id")?;
    let value = room.query("value").unwrap_or_default().trim();
    if value.is_empty() {
        return Err(room.words.empty.to_owned());
    }
    let (key, written, name) = match room.query("key") {
        Some("date") if is_date(value) => ("date", value.to_owned(), room.words.date),
        Some("date") => return Err(fill(room.words.bad_date, &[value])),
        Some("source") => ("source", edit::quoted(value), room.words.source),
        _ => return Err(room.words.gone.to_owned()),
    };
    let change = room.change_article(at, |text, number| edit::field(text, number, key, &written))?;
    let said = format!("{}：{name} {value}", room.snapshot.written[at].title);
    Ok(Planned::new(said, vec![change], Section::Problems.path()))
}

fn is_date(text: &str) -> bool {
    let (day, time) = text.split_once(' ').map_or((text, None), |(day, time)| (day, Some(time)));
    let shape = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text.bytes().zip(shape.bytes()).all(|(b, s)| if s == b'0' { b.is_ascii_digit() } else { b == s })
    };
    shape(day, "0000-00-00")
        && day.parse::<jiff::civil::Date>().is_ok()
        && time.is_none_or(|time| shape(time, "00:00") && time.parse::<jiff::civil::Time>().is_ok())
}

/// Plans to mend what can be mended without a decision.
pub(super) fn plan_fix(room: &Room<'_>) -> Result<Planned, String> {
    let is = |name: &str, value: &str| room.query(name) == Some(value);
    let wanted = |d: &&Diagnostic| {
        is("path", &d.path)
            && is("code", d.code)
            && is("line", &d.line.to_string())
            && is("column", &d.column.to_string())
    };
    let all = room.snapshot.diagnostics();
    // Only files that a diagnostic of this site names are ever opened.
    let chosen: Vec<&Diagnostic> = match room.query("path") {
        None => all.iter().filter(|d| d.fix.is_some()).collect(),
        Some(_) => vec![all.iter().find(wanted).ok_or(room.words.gone)?],
    };
    let said = match chosen.as_slice() {
        [one] => format!("{}: {}", one.path, translate(one, room.language).message),
        many => fill(room.words.fixed_all, &[&many.len().to_string()]),
    };
    let mut files: BTreeMap<&str, Vec<&Diagnostic>> = BTreeMap::new();
    for diagnostic in chosen {
        files.entry(&diagnostic.path).or_default().push(diagnostic);
    }
    let mut changes = Vec::new();
    for (shown, about) in files {
        let path = room.snapshot.config.root.join(shown);
        let before = edits::read(&path).map_err(|error| error.to_string())?.ok_or(room.words.gone)?;
        let after = fixed(&before, &about);
        changes.push(Change {
            path,
            shown: shown.to_owned(),
            before: Some(before.clone()),
            after: after.or(Some(before)),
        });
    }
    Ok(Planned::new(said, changes, Section::Problems.path()))
}

#[cfg(test)]
mod tests {
    use super::is_date;

    #[test]
    fn knows_a_date() {
        for good in ["2024-05-06", "2024-05-06 08:30"] {
            assert!(is_date(good), "{good}");
        }
        for bad in [
            "",
            "2024-5-6",
            "2024-13-01",
            "2023-02-29",
            "2024-05-06 25:00",
            "2024-05-06 8:30",
            "2024-05-06\ndraft: true",
        ] {
            assert!(!is_date(bad), "{bad}");
        }
    }
}
