//! Names that may deserve to be programs.

use std::fmt::Write as _;

use super::Room;
use super::changes::Planned;
use super::html::{Section, Text, form, link, page, paged};
use super::words::fill;
use crate::config::Config;
use crate::preview::response::Response;
use crate::script::glossary::Glossary;
use crate::script::{Converter, Options, Origin, Region, Script, Target};
use crate::slug;
use crate::taxonomy::suggest::Candidate;
use crate::taxonomy::{Name, PROGRAM, TermId, edit};

/// Writes a name in either script.
pub(super) struct Names {
    hans: Converter,
    hant: Converter,
}

impl Names {
    pub(super) fn new(config: &Config, glossary: &Glossary) -> Self {
        let region =
            config.editions.iter().find(|edition| edition.script == Script::Hant).map_or(Region::Tw, |e| e.region);
        let converter = |target| Converter::new(target, glossary, Options::default());
        Names { hans: converter(Target::Hans), hant: converter(Target::Hant(region)) }
    }

    pub(super) fn hans(&self, text: &str) -> String {
        self.hans.text(text, Origin::Auto).into_owned()
    }

    pub(super) fn hant(&self, text: &str) -> String {
        self.hant.text(text, Origin::Auto).into_owned()
    }
}

pub(super) fn show(room: &Room<'_>) -> Response {
    let all = room.snapshot.candidates();
    let mut main = format!("<p class=\"about\">{}</p>\n", room.words.about_programs);
    if all.is_empty() {
        let _ = writeln!(main, "<p class=\"nothing\">{}</p>", room.words.nothing);
    }
    let (shown, pager) = paged(room, Section::Programs, all);
    main.push_str("<ul class=\"cases\">\n");
    for candidate in shown {
        main.push_str(&case(room, candidate));
    }
    main.push_str("</ul>\n");
    main.push_str(&pager);
    page(room, 200, Section::Programs, room.words.programs, &main)
}

fn case(room: &Room<'_>, candidate: &Candidate) -> String {
    let words = room.words;
    let (articles, count) = (candidate.articles.len().to_string(), candidate.count.to_string());
    let mut out = format!(
        "<li class=\"case\"><h2 lang=\"zh\">{}</h2><p class=\"small\">{}</p>\n<ul class=\"quotes\">\n",
        Text(&candidate.name.hans),
        fill(words.mentions, &[&articles, &count])
    );
    for example in &candidate.examples {
        let _ = writeln!(out, "<li lang=\"zh\">{}</li>", Text(example));
    }
    out.push_str("</ul>\n<ul class=\"links\">\n");
    for id in candidate.articles.iter().take(4) {
        let title = room.snapshot.find(id).map_or(id.as_str(), |at| room.snapshot.written[at].title.as_str());
        let _ = writeln!(out, "<li>{}</li>", link(room, id, title));
    }
    let id = slug::from_title(&candidate.name.hans);
    let inside = format!(
        "<label>{} <input name=\"hans\" lang=\"zh-Hans\" required value=\"{}\" maxlength=\"80\"></label> <label>{} <input name=\"hant\" lang=\"zh-Hant\" required value=\"{}\" maxlength=\"80\"></label> \
         <label>{} <input name=\"term\" required value=\"{}\" pattern=\"[a-z0-9\\-]+\" maxlength=\"60\"></label> <button type=\"submit\" class=\"main\">{}<span class=\"sr\"> {}</span></button>",
        words.name_hans,
        Text(&candidate.name.hans),
        words.name_hant,
        Text(&candidate.name.hant),
        words.id,
        Text(id),
        words.add_program,
        Text(&candidate.name.hans)
    );
    let add = form(room, "line", &[("kind", "program"), ("back", Section::Programs.path())], &inside);
    format!("{out}</ul>\n{add}</li>\n")
}

/// Plans to add a program.
pub(super) fn plan(room: &Room<'_>) -> Result<Planned, String> {
    let value = |name: &str| room.query(name).map(str::trim).filter(|text| !text.is_empty()).ok_or(room.words.empty);
    let name = Name::new(value("hans")?, value("hant")?);
    let written = value("term")?;
    let id = TermId::parse(written).map_err(|bad| format!("`{written}` {}", bad.reason()))?;
    let folder = room.data_file("taxonomies");
    let other = folder.join(format!("{PROGRAM}.yml"));
    let path = if other.is_file() { other } else { folder.join(format!("{PROGRAM}.yaml")) };
    let change = room.change(path, |text| {
        edit::add(text, &id, &name).map(|edited| edited.text).map_err(|error| error.to_string())
    })?;
    let said = fill(room.words.program_added, &[&name.hans]);
    Ok(Planned::new(said, vec![change], Section::Programs.path()))
}
