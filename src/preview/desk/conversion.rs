//! Text in mixed script, and characters of which the converter is unsure.

use std::fmt::Write as _;

use super::Room;
use super::changes::Planned;
use super::glossary;
use super::html::{Section, Text, article, form, page, paged};
use super::programs::Names;
use super::snapshot::Doubt;
use super::words::fill;
use crate::preview::response::Response;
use crate::script::{Change, Region, Script, Unsure, cost, fold_char};

/// Repairs and doubts of one article that are shown.
const SHOWN: usize = 12;

pub(super) fn show(room: &Room<'_>) -> Response {
    let all = room.snapshot.doubts();
    let mut main = format!("<p class=\"about\">{}</p>\n", room.words.about_conversion);
    if all.is_empty() {
        let _ = writeln!(main, "<p class=\"nothing\">{}</p>", room.words.nothing);
    }
    let (shown, pager) = paged(room, Section::Conversion, all);
    main.push_str("<ul class=\"cases\">\n");
    for doubt in shown {
        let _ = write!(main, "<li class=\"case\">{}", article(room, doubt.article));
        for (edition, told) in &doubt.editions {
            for unsure in told.unsure.iter().take(SHOWN) {
                main.push_str(&doubtful(room, doubt, *edition, unsure));
            }
            if !told.changes.is_empty() {
                main.push_str(&repairs(room, doubt, *edition, &told.changes));
            }
        }
        main.push_str("</li>\n");
    }
    main.push_str("</ul>\n");
    main.push_str(&pager);
    page(room, 200, Section::Conversion, room.words.conversion, &main)
}

fn body<'a>(room: &'a Room<'_>, at: usize) -> &'a str {
    &room.snapshot.written[at].body
}

/// A character in doubt, what it may be written as, and how far that shall hold.
fn doubtful(room: &Room<'_>, doubt: &Doubt, edition: usize, unsure: &Unsure) -> String {
    let words = room.words;
    let written = &room.snapshot.written[doubt.article];
    let config = &room.snapshot.config.editions[edition];
    let lang = &config.lang;
    let word = word_at(body(room, doubt.article), unsure.offset).map_or(String::new(), |(_, word)| word.to_owned());
    let source = written.body.get(unsure.offset..).and_then(|rest| rest.chars().next()).unwrap_or_default();
    let key = format!("{}-{edition}-{}", doubt.article, unsure.offset);
    let choice = |(number, text): (usize, &String)| {
        let ticked = if number == 0 { " checked" } else { "" };
        format!(
            "<label class=\"choice\"><input type=\"radio\" name=\"choice\" value=\"{0}\"{ticked}> <span lang=\"{lang}\">{0}</span></label>",
            Text(text)
        )
    };
    let choices: String = std::iter::once(&unsure.text).chain(&unsure.alternatives).enumerate().map(choice).collect();
    let inside = format!(
        "<p class=\"context\" lang=\"zh\">…{}…</p>\n<p class=\"small\">{}</p>\n\
         <fieldset class=\"choices\"><legend>{}</legend>{choices}</fieldset>\n\
         <label for=\"word-{key}\">{} <input id=\"word-{key}\" name=\"word\" lang=\"zh\" value=\"{}\" required maxlength=\"40\" autocomplete=\"off\"></label>\n\
         <button type=\"submit\" name=\"scope\" value=\"site\">{}</button> <button type=\"submit\" name=\"scope\" value=\"here\">{}</button>",
        context(&unsure.context, source),
        Text(fill(words.published_as, &[&config.id, &unsure.text])),
        words.write_as,
        words.word,
        Text(&word),
        words.for_site,
        words.for_here,
    );
    let (offset, edition) = (unsure.offset.to_string(), edition.to_string());
    let hidden = [
        ("kind", "convert"),
        ("back", Section::Conversion.path()),
        ("id", &written.id),
        ("offset", &offset),
        ("edition", &edition),
    ];
    form(room, "doubt", &hidden, &inside)
}

/// Characters before the one in doubt that its context begins with, at most.
const BEFORE: usize = 8;

/// The words around a character in doubt, which is marked.
fn context(words: &str, source: char) -> String {
    let chars: Vec<char> = words.chars().collect();
    let at = chars.iter().take(BEFORE + 1).rposition(|&c| c == source);
    let text = |part: &[char]| Text(part.iter().collect::<String>()).to_string();
    match at {
        Some(at) => format!("{}<mark>{}</mark>{}", text(&chars[..at]), text(&chars[at..=at]), text(&chars[at + 1..])),
        None => text(&chars),
    }
}

/// What was repaired in mixed text, one line a repair.
fn repairs(room: &Room<'_>, doubt: &Doubt, edition: usize, changes: &[Change]) -> String {
    let words = room.words;
    let written = &room.snapshot.written[doubt.article];
    let mut out = format!(
        "<details class=\"repairs\"><summary>{} · {} <span class=\"count\">{}</span></summary>\n<p class=\"about\">{}</p>\n<ul>\n",
        words.repairs,
        Text(&room.snapshot.config.editions[edition].id),
        changes.len(),
        words.repairs_about
    );
    for change in changes.iter().take(SHOWN) {
        let line = written.body_line
            + body(room, doubt.article)[..change.offset.min(written.body.len())].matches('\n').count();
        let button = format!(
            "<span lang=\"zh\"><del>{0}</del> → <ins>{1}</ins></span> <span class=\"small\">{2}</span> <button type=\"submit\">{3}<span class=\"sr\"> {0}</span></button>",
            Text(&change.before),
            Text(&change.after),
            fill(words.line, &[&line.to_string()]),
            words.keep
        );
        let offset = change.offset.to_string();
        let hidden = [
            ("kind", "keep"),
            ("back", Section::Conversion.path()),
            ("id", written.id.as_str()),
            ("offset", &offset),
            ("text", &change.before),
        ];
        let _ = write!(out, "<li>{}</li>", form(room, "keep", &hidden, &button));
    }
    out.push_str("</ul></details>\n");
    out
}

/// The word of a text that holds the character at an offset, and where it begins.
fn word_at(text: &str, offset: usize) -> Option<(usize, &str)> {
    let start = text.get(..offset)?.rfind('\n').map_or(0, |at| at + 1);
    let line = text[start..].lines().next()?;
    let places: Vec<usize> = line.char_indices().map(|(at, _)| at).chain([line.len()]).collect();
    let at = places.iter().position(|&place| place == offset - start).filter(|&at| at + 1 < places.len())?;
    let folded: Vec<char> = line.chars().map(fold_char).collect();
    let word = cost::words(&folded).into_iter().find(|word| (word.start..word.start + word.length).contains(&at))?;
    let (from, to) = (places[word.start], places[word.start + word.length]);
    Some((start + from, &line[from..to]))
}

/// Plans to settle a doubt: for the whole site, or at its place.
pub(super) fn plan(room: &Room<'_>) -> Result<Planned, String> {
    let at = room.article("id")?;
    let gone = || room.words.gone.to_owned();
    let number = |name: &str| room.query(name).and_then(|text| text.parse::<usize>().ok()).ok_or_else(gone);
    let (offset, edition) = (number("offset")?, number("edition")?);
    let config = room.snapshot.config.editions.get(edition).ok_or_else(gone)?;
    let choice = room.query("choice").and_then(|text| text.chars().next()).ok_or_else(gone)?;
    let source = body(room, at).get(offset..).and_then(|rest| rest.chars().next()).ok_or_else(gone)?;
    let word = room.query("word").unwrap_or_default().trim();
    let place = word.chars().position(|c| c == source).ok_or(room.words.word_without_char)?;
    let names = Names::new(&room.snapshot.config, &room.snapshot.data.glossary);
    let (hans, hant) = (names.hans(word), names.hant(word));
    let target = if config.script == Script::Hans { &hans } else { &hant };
    let mut target: Vec<char> = target.chars().collect();
    *target.get_mut(place).filter(|_| word.chars().count() > place).ok_or(room.words.word_without_char)? = choice;
    let target: String = target.into_iter().collect();
    let (hans, hant) =
        if config.script == Script::Hans { (target.as_str(), hant.as_str()) } else { (hans.as_str(), target.as_str()) };
    if room.query("scope") == Some("site") {
        // A lone character would be replaced wherever it stands by itself.
        if word.chars().count() < 2 {
            return Err(room.words.short_word.to_owned());
        }
        let key = hant_key(room, config.region);
        let change =
            room.change(room.data_file("glossary.yaml"), |yaml| glossary::add(yaml, &[("hans", hans), (key, hant)]))?;
        let said = fill(room.words.glossed, &[hans, hant]);
        return Ok(Planned::new(said, vec![change], Section::Conversion.path()));
    }
    let before: usize = word.chars().take(place).map(char::len_utf8).sum();
    let start = offset.checked_sub(before).ok_or(room.words.word_without_char)?;
    let mark = format!("-{{zh-hans:{hans};zh-hant:{hant}}}-");
    let said = fill(room.words.marked, &[&room.snapshot.written[at].title, &target]);
    replace(room, at, start, word, &mark, said)
}

/// The key of a Traditional form: that of the region only where the site has editions of several.
fn hant_key(room: &Room<'_>, region: Region) -> &'static str {
    let several = room.snapshot.config.editions.iter().filter(|edition| edition.script == Script::Hant).count() > 1;
    match (several, region) {
        (false, _) => "hant",
        (true, Region::Tw) => "tw",
        (true, Region::Hk) => "hk",
    }
}

/// Plans to keep a word as it stands.
pub(super) fn plan_keep(room: &Room<'_>) -> Result<Planned, String> {
    let at = room.article("id")?;
    let offset: usize = room.query("offset").and_then(|text| text.parse().ok()).ok_or(room.words.gone)?;
    let text = room.query("text").filter(|text| !text.is_empty()).ok_or(room.words.gone)?;
    let said = fill(room.words.kept_as, &[&room.snapshot.written[at].title, text]);
    replace(room, at, offset, text, &format!("-{{{text}}}-"), said)
}

/// Plans to replace words of a body in its file.
fn replace(room: &Room<'_>, at: usize, offset: usize, old: &str, new: &str, said: String) -> Result<Planned, String> {
    let written = &room.snapshot.written[at];
    let unfound = || fill(room.words.not_found_in_text, &[&written.path]);
    if !body(room, at).get(offset..).is_some_and(|rest| rest.starts_with(old)) {
        return Err(unfound());
    }
    let change = room.change(room.file(at), |text| {
        let from = locate(text, &written.body, offset, written.body_at.bytes.start).ok_or_else(unfound)?;
        if !text[from..].starts_with(old) {
            return Err(unfound());
        }
        Ok(format!("{}{new}{}", &text[..from], &text[from + old.len()..]))
    })?;
    Ok(Planned::new(said, vec![change], Section::Conversion.path()))
}

/// Bytes on each side by which a place is told from others.
const SURROUNDINGS: usize = 60;

/// Finds a place of a body in the text of its file: where the body is known to begin, else by the words around it.
fn locate(text: &str, body: &str, offset: usize, begins: usize) -> Option<usize> {
    if text.get(begins..).is_some_and(|rest| rest.starts_with(body)) {
        return Some(begins + offset);
    }
    let boundary = |mut at: usize| {
        while !body.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let from = boundary(offset.saturating_sub(SURROUNDINGS));
    let around = &body[from..boundary((offset + SURROUNDINGS).min(body.len()))];
    let mut found = text.match_indices(around).map(|(at, _)| at + offset - from);
    found.next().filter(|_| found.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_word_around_a_character() {
        let text = "第一行\n他的发明很多";
        let at = text.find('发').unwrap();
        assert_eq!(word_at(text, at), Some((at, "发明")));
        assert_eq!(word_at(text, text.len()), None);
        assert_eq!(word_at(text, 1), None);
    }

    #[test]
    fn marks_the_character_in_doubt() {
        assert_eq!(context("钟楼上停了半年的钟修好", '钟'), "钟楼上停了半年的<mark>钟</mark>修好");
        assert_eq!(context("<钟>", '钟'), "&lt;<mark>钟</mark>&gt;");
        assert_eq!(context("鐘", '钟'), "鐘");
    }

    #[test]
    fn finds_a_place_in_a_file() {
        let body = "甲乙丙丁\n戊己庚辛\n";
        let file = format!("---\ntitle: x\n---\n{body}");
        let (offset, begins) = (body.find('己').unwrap(), file.find('甲').unwrap());
        assert_eq!(locate(&file, body, offset, begins), file.find('己'));
        assert_eq!(locate(&file, body, offset, 3), file.find('己'), "by its surroundings");
        assert_eq!(locate(&file.repeat(2), body, offset, 3), None, "twice");
    }
}
