//! Pairs of articles that may tell one story.

use std::fmt::Write as _;

use super::Room;
use super::changes::Planned;
use super::html::{Section, Text, article, form, notice, page, paged};
use super::words::fill;
use crate::dedupe::ReviewPair;
use crate::dedupe::decisions::{Decision, Ruling, record};
use crate::dedupe::diff::{Row, parts, rows};
use crate::dedupe::text_hash;
use crate::preview::request::encode;
use crate::preview::response::Response;

pub(super) fn show(room: &Room<'_>) -> Response {
    let found = room.snapshot.duplicates();
    let words = room.words;
    let mut main = format!("<p class=\"about\">{}</p>\n", words.about_duplicates);
    if found.report.review.is_empty() {
        let _ = writeln!(main, "<p class=\"nothing\">{}</p>", words.nothing);
    }
    let (shown, pager) = paged(room, Section::Duplicates, &found.report.review);
    main.push_str("<ul class=\"cases\">\n");
    for pair in shown {
        let (a, b) = (found.members[pair.a], found.members[pair.b]);
        let _ = writeln!(
            main,
            "<li class=\"case\">\n<div class=\"two\"><div>{}</div><div>{}</div></div>\n{}<p><a class=\"button main\" href=\"{}\">{}<span class=\"sr\"> {} / {}</span></a></p>\n</li>",
            article(room, a),
            article(room, b),
            facts(room, pair),
            Text(address(room, a, b)),
            words.compare,
            Text(&room.snapshot.written[a].title),
            Text(&room.snapshot.written[b].title),
        );
    }
    main.push_str("</ul>\n");
    main.push_str(&pager);
    if !found.report.clusters.is_empty() {
        main.push_str(&merged(room));
    }
    page(room, 200, Section::Duplicates, words.duplicates, &main)
}

/// What speaks for one story, and what against it.
fn facts(room: &Room<'_>, pair: &ReviewPair) -> String {
    let words = room.words;
    let percent = format!("{:.0}", pair.containment * 100.0);
    let mut out = format!("<p class=\"facts\"><strong>{}</strong>", fill(words.in_common, &[&percent]));
    if pair.numbers_differ {
        let differ: Vec<String> = pair.conflicts.iter().take(4).map(|(a, b)| format!("{a} / {b}")).collect();
        let _ = write!(out, " <span class=\"warn\">{}</span>", Text(fill(words.numbers, &[&differ.join("，")])));
    }
    out.push_str("</p>\n");
    if !pair.evidence.is_empty() {
        let _ = writeln!(out, "<p class=\"small\">{}</p>\n<ul class=\"quotes\">", words.shared);
        for sentence in pair.evidence.iter().take(2) {
            let _ = writeln!(out, "<li lang=\"zh\">{}</li>", Text(sentence));
        }
        out.push_str("</ul>\n");
    }
    out
}

/// The stories that were merged by themselves.
fn merged(room: &Room<'_>) -> String {
    let found = room.snapshot.duplicates();
    let clusters = &found.report.clusters;
    let words = room.words;
    let mut out = format!(
        "<details class=\"merged\"><summary>{} <span class=\"count\">{}</span></summary>\n<p class=\"about\">{}</p>\n<ul class=\"cases\">\n",
        words.merged,
        clusters.len(),
        words.merged_about
    );
    for cluster in clusters {
        let canonical = found.members[cluster.members[0].index];
        let _ = write!(out, "<li class=\"case\">{}<ul class=\"copies\">", article(room, canonical));
        for member in &cluster.members[1..] {
            let copy = found.members[member.index];
            let _ = write!(
                out,
                "<li>{} <a href=\"{}\">{}<span class=\"sr\"> {}</span></a></li>",
                article(room, copy),
                Text(address(room, canonical, copy)),
                words.compare,
                Text(&room.snapshot.written[copy].title)
            );
        }
        out.push_str("</ul></li>\n");
    }
    out.push_str("</ul>\n</details>\n");
    out
}

fn address(room: &Room<'_>, a: usize, b: usize) -> String {
    let id = |at: usize| encode(&room.snapshot.written[at].id).into_owned();
    format!("/_desk/duplicates/pair?a={}&b={}", id(a), id(b))
}

/// Two articles side by side, and the decision.
pub(super) fn pair(room: &Room<'_>) -> Response {
    let (a, b) = match (room.article("a"), room.article("b")) {
        (Ok(a), Ok(b)) if a != b => (a, b),
        (Err(why), _) | (_, Err(why)) => return notice(room, 404, &why, Section::Duplicates.path()),
        _ => return notice(room, 404, room.words.gone, Section::Duplicates.path()),
    };
    let found = room.snapshot.duplicates();
    let is = |pair: &&ReviewPair| {
        let (x, y) = (found.members[pair.a], found.members[pair.b]);
        (x, y) == (a, b) || (x, y) == (b, a)
    };
    let words = room.words;
    let mut main = String::new();
    if let Some(pair) = found.report.review.iter().find(is) {
        main.push_str(&facts(room, pair));
    }
    let _ = writeln!(
        main,
        "<p class=\"small\">{}</p>\n<div class=\"side\" lang=\"zh\">\n<div class=\"heads two\"><div>{}</div><div>{}</div></div>",
        words.legend,
        article(room, a),
        article(room, b)
    );
    for row in rows(&room.snapshot.written[a].body, &room.snapshot.written[b].body) {
        let _ = match &row {
            Row::Same(x, y) => writeln!(main, "<div class=\"row same\"><p>{}</p><p>{}</p></div>", Text(x), Text(y)),
            Row::Changed(x, y) => {
                let (p, q) = parts(x, y);
                writeln!(main, "<div class=\"row\"><p>{}</p><p>{}</p></div>", marked(p), marked(q))
            }
            Row::Left(x) => writeln!(main, "<div class=\"row\"><p class=\"one\">{}</p><p></p></div>", Text(x)),
            Row::Right(y) => writeln!(main, "<div class=\"row\"><p></p><p class=\"one\">{}</p></div>", Text(y)),
        };
    }
    main.push_str("</div>\n");
    main.push_str(&decision(room, a, b));
    page(room, 200, Section::Duplicates, words.compare, &main)
}

fn marked(parts: [&str; 3]) -> String {
    let middle = if parts[1].is_empty() { String::new() } else { format!("<mark>{}</mark>", Text(parts[1])) };
    format!("{}{middle}{}", Text(parts[0]), Text(parts[2]))
}

fn decision(room: &Room<'_>, a: usize, b: usize) -> String {
    let words = room.words;
    let id = |at: usize| room.snapshot.written[at].id.as_str();
    let button = |ruling: Ruling| {
        format!(
            "<div><button type=\"submit\" name=\"verdict\" value=\"{ruling}\" aria-describedby=\"about-{ruling}\">{}</button><span id=\"about-{ruling}\">{}</span></div>",
            name(room, ruling),
            match ruling {
                Ruling::Same => words.same_about,
                Ruling::Different => words.different_about,
                Ruling::FollowUp => words.follow_up_about,
            }
        )
    };
    let inside = format!(
        "<fieldset><legend>{}</legend>\n<div class=\"verdicts\">{}</div>\n<label>{} <input name=\"note\" maxlength=\"300\" autocomplete=\"off\"></label></fieldset>",
        words.decide,
        Ruling::ALL.map(button).concat(),
        words.note
    );
    form(
        room,
        "decision",
        &[("kind", "decide"), ("back", Section::Duplicates.path()), ("a", id(a)), ("b", id(b))],
        &inside,
    )
}

fn name(room: &Room<'_>, ruling: Ruling) -> &'static str {
    match ruling {
        Ruling::Same => room.words.same,
        Ruling::Different => room.words.different,
        Ruling::FollowUp => room.words.follow_up,
    }
}

/// Plans to record a decision.
pub(super) fn plan(room: &Room<'_>) -> Result<Planned, String> {
    let (a, b) = (room.article("a")?, room.article("b")?);
    let verdict = room.query("verdict").and_then(Ruling::parse).filter(|_| a != b).ok_or(room.words.gone)?;
    let (first, second) = (&room.snapshot.written[a], &room.snapshot.written[b]);
    let note = room.query("note").map(str::trim).filter(|note| !note.is_empty());
    let decision = Decision {
        a: first.id.clone(),
        b: second.id.clone(),
        verdict,
        hash_a: Some(text_hash(&first.body)),
        hash_b: Some(text_hash(&second.body)),
        note: note.map(str::to_owned),
    };
    let change = room.change(room.data_file("decisions.yaml"), |text| Ok(record(text, &decision)))?;
    let said = fill(room.words.decided, &[name(room, verdict), &first.id, &second.id]);
    Ok(Planned::new(said, vec![change], Section::Duplicates.path()))
}
