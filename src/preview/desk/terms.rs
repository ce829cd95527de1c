//! Articles that do not say what they are about, with what was found in them.

use std::fmt::Write as _;

use super::Room;
use super::changes::Planned;
use super::html::{Section, Text, article, form, page, paged};
use super::snapshot::Untagged;
use super::words::fill;
use crate::messages::Language;
use crate::preview::response::Response;
use crate::taxonomy::{Tag, TermId, edit};

pub(super) fn show(room: &Room<'_>) -> Response {
    let all = room.snapshot.untagged();
    let mut main = format!("<p class=\"about\">{}</p>\n", room.words.about_terms);
    if all.is_empty() {
        let _ = writeln!(main, "<p class=\"nothing\">{}</p>", room.words.nothing);
    }
    let (shown, pager) = paged(room, Section::Terms, all);
    let (found, bare): (Vec<&Untagged>, Vec<&Untagged>) = shown.iter().partition(|untagged| !untagged.tags.is_empty());
    main.push_str("<ul class=\"cases\">\n");
    for untagged in found {
        let _ =
            writeln!(main, "<li class=\"case\">{}{}</li>", article(room, untagged.article), proposed(room, untagged));
    }
    main.push_str("</ul>\n");
    if !bare.is_empty() {
        let _ = writeln!(main, "<h2>{}</h2>\n<ul class=\"cases\">", room.words.bare);
        for untagged in bare {
            let _ = writeln!(
                main,
                "<li class=\"case\">{}{}</li>",
                article(room, untagged.article),
                another(room, untagged.article)
            );
        }
        main.push_str("</ul>\n");
    }
    main.push_str(&pager);
    page(room, 200, Section::Terms, room.words.terms, &main)
}

/// What was found, ticked, with the words it rests on.
fn proposed(room: &Room<'_>, untagged: &Untagged) -> String {
    let words = room.words;
    let id = &room.snapshot.written[untagged.article].id;
    let mut inside = format!("<fieldset><legend>{}</legend>\n", words.proposed);
    for tag in &untagged.tags {
        let mut quotes: Vec<&str> = tag.evidence.iter().map(|evidence| evidence.text.as_str()).collect();
        quotes.dedup();
        quotes.truncate(4);
        let _ = writeln!(
            inside,
            "<label class=\"tick\"><input type=\"checkbox\" name=\"term\" value=\"{}\" checked> <span><strong lang=\"zh\">{}</strong> <span class=\"small\">{} · {} · {}</span></span></label>",
            Text(format!("{}:{}", tag.taxonomy, tag.term)),
            Text(label(room, tag)),
            Text(taxonomy_name(room, &tag.taxonomy)),
            fill(words.surely, &[&format!("{:.0}", tag.score * 100.0)]),
            Text(fill(words.evidence, &[&quotes.join(" · ")])),
        );
    }
    let _ = write!(
        inside,
        "</fieldset><button type=\"submit\" class=\"main\">{}<span class=\"sr\"> {}</span></button>",
        words.accept,
        Text(&room.snapshot.written[untagged.article].title)
    );
    let accept = form(room, "accept", &[("kind", "tag"), ("back", Section::Terms.path()), ("id", id)], &inside);
    format!("{accept}<details><summary>{}</summary>{}</details>", words.add_term, another(room, untagged.article))
}

/// A term of the editor's own choice.
fn another(room: &Room<'_>, at: usize) -> String {
    let words = room.words;
    let written = &room.snapshot.written[at];
    let options: String = room
        .snapshot
        .config
        .taxonomies
        .iter()
        .map(|taxonomy| {
            format!("<option value=\"{}\">{}</option>", Text(taxonomy), Text(taxonomy_name(room, taxonomy)))
        })
        .collect();
    let inside = format!(
        "<label>{} <select name=\"taxonomy\">{options}</select></label> <label>{} <input name=\"name\" required maxlength=\"80\" autocomplete=\"off\"></label> \
         <button type=\"submit\">{}<span class=\"sr\"> {}</span></button>",
        words.taxonomy,
        words.term_name,
        words.add,
        Text(&written.title)
    );
    form(room, "line", &[("kind", "term"), ("back", Section::Terms.path()), ("id", &written.id)], &inside)
}

fn label<'a>(room: &'a Room<'_>, tag: &'a Tag) -> &'a str {
    let term = room.snapshot.data.shared.taxonomies.get(&tag.taxonomy, &tag.term);
    term.map_or(tag.term.as_str(), |term| match room.language {
        Language::Hant => &term.name.hant,
        _ => &term.name.hans,
    })
}

/// The name of a taxonomy for people.
pub(super) fn taxonomy_name<'a>(room: &Room<'_>, taxonomy: &'a str) -> &'a str {
    match taxonomy {
        "city" => room.words.city,
        "program" => room.words.program,
        "tag" => room.words.tag,
        other => other,
    }
}

/// Plans to write the ticked terms into the front matter.
pub(super) fn plan(room: &Room<'_>) -> Result<Planned, String> {
    let at = room.article("id")?;
    let taxonomies = &room.snapshot.data.shared.taxonomies;
    let mut terms: Vec<(&str, TermId)> = Vec::new();
    for value in room.queries("term") {
        let (taxonomy, id) = value.split_once(':').ok_or(room.words.gone)?;
        let id = TermId::parse(id).ok().filter(|id| taxonomies.get(taxonomy, id).is_some()).ok_or(room.words.gone)?;
        terms.push((taxonomy, id));
    }
    write(room, at, &terms)
}

/// Plans to write a term of the editor's own choice.
pub(super) fn plan_new(room: &Room<'_>) -> Result<Planned, String> {
    let at = room.article("id")?;
    let name = room.query("name").unwrap_or_default().trim();
    let taxonomy = room.query("taxonomy").unwrap_or_default();
    if name.is_empty() {
        return Err(room.words.empty.to_owned());
    }
    let file = format!("content/_data/taxonomies/{taxonomy}.yaml");
    let id = match room.snapshot.data.shared.taxonomies.resolve(taxonomy, name) {
        Some(id) => id.clone(),
        None => return Err(fill(room.words.no_term, &[name, &file])),
    };
    write(room, at, &[(taxonomy, id)])
}

fn write(room: &Room<'_>, at: usize, terms: &[(&str, TermId)]) -> Result<Planned, String> {
    if terms.is_empty() {
        return Err(room.words.empty.to_owned());
    }
    let named: Vec<(&str, &TermId)> = terms.iter().map(|(taxonomy, id)| (*taxonomy, id)).collect();
    let known = &room.snapshot.data.shared.taxonomies;
    let change = room.change_article(at, |text, number| edit::front_matter(text, number, &named, known))?;
    let ids: Vec<&str> = terms.iter().map(|(_, id)| id.as_str()).collect();
    let said = fill(room.words.tagged, &[&room.snapshot.written[at].title, &ids.join("、")]);
    Ok(Planned::new(said, vec![change], Section::Terms.path()))
}
