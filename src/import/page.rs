//! A page as lines to an article: what is text, what is a field, what is furniture.
//!
//! Takes cleaned lines, from plain text or from HTML, and what the markup said already; gives the article with every
//! removed line on record. Nothing is dropped from inside the text because it is unusual: only what is known to be
//! furniture goes, the rest stays with a warning.

use std::ops::Range;

use super::boilerplate::Boilerplate;
use super::fields::{self, Fields};
use super::furniture::{self, Class};
use super::line::{Hint, Line, escape};
use super::verdict::Scripts;
use super::{Removed, Repair, anchor, core, repeat};
use crate::diagnostic::Diagnostic;

/// An article taken out of its page.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) fields: Fields,
    /// Markdown paragraphs.
    pub(super) body: Vec<Paragraph>,
    pub(super) removed: Vec<Removed>,
    pub(super) repairs: Vec<Repair>,
    pub(super) warnings: Vec<Diagnostic>,
    pub(super) copies: usize,
}

/// One paragraph of a body.
#[derive(Clone, Debug, Default)]
pub(super) struct Paragraph {
    pub(super) line: usize,
    /// As it reads.
    pub(super) text: String,
    pub(super) markdown: String,
}

impl Draft {
    fn remove(&mut self, line: &Line, why: &'static str) {
        if !line.text.is_empty() {
            self.removed.push(Removed { line: line.number, text: line.text.clone(), why });
        }
    }

    /// Joins the paragraphs to one Markdown text.
    pub(super) fn to_markdown(&self) -> String {
        let mut out = String::new();
        for paragraph in &self.body {
            if !out.is_empty() {
                out.push('\n');
            }
            out.push_str(&paragraph.markdown);
            out.push('\n');
        }
        out
    }
}

/// Reads one page; `given` is what its markup states and goes before what its lines say.
pub(super) fn read(path: &str, mut lines: Vec<Line>, given: Fields, learned: &Boilerplate) -> Draft {
    let mut draft = Draft { fields: given, ..Draft::default() };
    cut_second_copy(&mut lines, &mut draft);
    let mut stated = Vec::with_capacity(lines.len());
    let mut classes: Vec<Class> = lines.iter().map(|line| class_of(line, &mut stated)).collect();
    believe_learned(&lines, &mut classes, learned);
    let Some(core) = core::find(&lines, &classes) else {
        keep_all(&lines, &classes, &mut stated, &mut draft);
        return draft;
    };
    let core = refine(&lines, &mut classes, core);
    let title = head(&lines, &classes, &mut stated, core.start, &mut draft);
    let end = extend(&lines, &classes, core.end, &mut draft, path);
    let start = subheads(&lines, &classes, title, core.start);
    for at in 0..start {
        if title != Some(at) {
            draft.remove(&lines[at], classes[at].why());
        }
    }
    inside(path, &lines, &classes, &mut stated, start..end, &mut draft);
    for at in end..lines.len() {
        if let Some(stated) = stated[at].take() {
            draft.fields.fill(without_date(stated.fields, classes[at]));
        }
        publisher(&lines[at], classes[at], &mut draft.fields);
        draft.remove(&lines[at], classes[at].why());
    }
    finish(&mut draft);
    draft
}

/// What only the foot of a page says is no date of publication unless it is labelled so.
fn without_date(mut fields: Fields, class: Class) -> Fields {
    if class != Class::Fields {
        fields.date = None;
    }
    fields
}

/// Drops the second of two copies of the whole page.
fn cut_second_copy(lines: &mut Vec<Line>, draft: &mut Draft) {
    while let Some(at) = repeat::second_copy(&lines.iter().map(|line| line.fold.as_str()).collect::<Vec<_>>()) {
        for line in lines.drain(at..) {
            draft.remove(&line, "second copy of the page");
        }
        draft.copies += 1;
    }
}

/// Classifies a line, reading its fields on the way.
fn class_of(line: &Line, stated: &mut Vec<Option<fields::Stated>>) -> Class {
    let class = match line.hint {
        Hint::Kept => Class::Prose,
        Hint::Picture => Class::Picture,
        _ => furniture::classify(line.fold.trim()),
    };
    let readable = match class {
        Class::Blank
        | Class::Ornament
        | Class::Picture
        | Class::Number
        | Class::Rights
        | Class::Contact
        | Class::OriginalTitle => false,
        Class::Keywords | Class::Related | Class::Neighbour | Class::Advertisement | Class::EndMark | Class::Credit => {
            false
        }
        Class::Prose => line.length() <= 120 && line.hint != Hint::Kept,
        _ => true,
    };
    let read = if readable { fields::read(&line.text) } else { None };
    let class = match &read {
        Some(read) if line.hint == Hint::Outside && !read.labelled => Class::Outside,
        Some(read) if !read.fields.is_empty() || read.yearless => Class::Fields,
        Some(_) if class == Class::Short || class == Class::Loose => Class::Fields,
        _ if line.hint == Hint::Outside && !matches!(class, Class::Blank) => Class::Outside,
        _ if line.hint == Hint::Links && matches!(class, Class::Short | Class::Loose) => Class::Outside,
        _ if line.hint == Hint::Caption && class != Class::Blank => Class::Short,
        _ => class,
    };
    stated.push(read);
    class
}

/// Marks lines that recur on other pages, unless they are most of the text of this one.
fn believe_learned(lines: &[Line], classes: &mut [Class], learned: &Boilerplate) {
    let recurs: Vec<bool> = lines.iter().map(|line| learned.holds(&line.fold)).collect();
    let size = |keep: &dyn Fn(usize) -> bool| -> usize {
        (0..lines.len()).filter(|&at| classes[at] == Class::Prose && keep(at)).map(|at| lines[at].length()).sum()
    };
    if size(&|at| recurs[at]) * 2 > size(&|_| true) {
        return;
    }
    for (class, recurs) in classes.iter_mut().zip(recurs) {
        if recurs && matches!(class, Class::Prose | Class::Short | Class::Loose) {
            *class = Class::Learned;
        }
    }
}

/// Marks lines at the edges that are in the other script than the text: they were put there.
fn refine(lines: &[Line], classes: &mut [Class], core: Range<usize>) -> Range<usize> {
    let text: String =
        core.clone().filter(|&at| classes[at] == Class::Prose).map(|at| lines[at].text.as_str()).collect();
    let scripts = Scripts::of(&text);
    for at in (0..lines.len()).filter(|at| !core.contains(at)) {
        if matches!(classes[at], Class::Short | Class::Loose)
            && (scripts.clashes(Scripts::of(&lines[at].text)) || anchor::is_list_of_trades(&lines[at].fold))
        {
            classes[at] = Class::Spam;
        }
    }
    core
}

/// Reads the lines before the text; returns which of them is the title.
fn head(
    lines: &[Line],
    classes: &[Class],
    stated: &mut [Option<fields::Stated>],
    start: usize,
    draft: &mut Draft,
) -> Option<usize> {
    let mut first_fields = None;
    let mut said = None;
    let mut found = Fields::default();
    for at in 0..start {
        if classes[at] != Class::Fields {
            continue;
        }
        if let Some(mut stated) = stated[at].take() {
            let strong = stated.fields.date.is_some() || stated.fields.source.is_some() || stated.yearless;
            said = said.or(fields::unlabelled(&mut stated));
            if strong {
                first_fields.get_or_insert(at);
            }
            found.fill(stated.fields);
        }
    }
    let known = draft.fields.title.clone();
    draft.fields.fill(found);
    if let Some(title) = known {
        let fold = super::fold::fold_bare(&title);
        let title = (0..start).rev().find(|&at| super::fold::fold_bare(&lines[at].text) == fold);
        names_alone(lines, classes, title.map_or(start, |at| at + 1)..start, &mut draft.fields);
        return title;
    }
    let title = if said.is_some() { None } else { title_line(lines, classes, first_fields, start) };
    if let Some(at) = title {
        draft.fields.title = Some(lines[at].text.clone());
        names_alone(lines, classes, at + 1..start, &mut draft.fields);
    } else if draft.fields.title.is_none() {
        draft.fields.title = said;
    }
    title
}

/// Reads lines between the title and the text that are nothing but the name of a publication or of a person.
fn names_alone(lines: &[Line], classes: &[Class], range: Range<usize>, fields: &mut Fields) {
    for line in range.filter(|&at| matches!(classes[at], Class::Short)).map(|at| &lines[at]) {
        if fields.source.is_none() && line.length() <= 12 && super::names::is_media(&line.text) {
            fields.source = fields::source(&line.text);
        } else if fields.author.is_empty() && super::names::is_person(&line.text) {
            fields.author = super::names::people(&line.text);
        }
    }
}

/// Picks the title among the lines before the text: the nearest above date and source, else the nearest to the text.
fn title_line(lines: &[Line], classes: &[Class], fields: Option<usize>, start: usize) -> Option<usize> {
    if let Some(at) =
        (0..start).find(|&at| lines[at].hint == Hint::Heading(1) && may_be_title(&lines[at], classes[at], true))
    {
        return Some(at);
    }
    let candidates = |range: Range<usize>, above: bool| {
        range.filter(|&at| may_be_title(&lines[at], classes[at], above)).collect::<Vec<_>>()
    };
    let above = candidates(0..fields.unwrap_or(start), fields.is_some());
    let group = match (last_group(&above, classes), fields) {
        (group, _) if !group.is_empty() => group,
        (_, Some(fields)) => candidates(fields..start, false).into_iter().take(1).collect(),
        _ => return None,
    };
    if fields.is_some() {
        let nearest = *group.last()?;
        // A subtitle (`——记…`) stands between the title and the date.
        let subtitle = lines[nearest].text.starts_with(['—', '-', '─', '―']) || lines[nearest].length() < 5;
        return if subtitle && group.len() > 1 { group.get(group.len() - 2).copied() } else { Some(nearest) };
    }
    group.iter().copied().find(|&at| lines[at].length() >= 8).or(group.first().copied())
}

/// The candidates that no furniture separates from the last one.
fn last_group(candidates: &[usize], classes: &[Class]) -> Vec<usize> {
    let mut group: Vec<usize> = Vec::new();
    for &at in candidates.iter().rev() {
        if let Some(&next) = group.last()
            && (at + 1..next).any(|between| classes[between].is_furniture() && classes[between] != Class::Learned)
        {
            break;
        }
        group.push(at);
    }
    group.reverse();
    group
}

fn may_be_title(line: &Line, class: Class, above_fields: bool) -> bool {
    let name = (line.length() <= 12 && super::names::is_media(&line.text)) || super::names::is_person(&line.text);
    // The title of one page stands in the lists of others; right above date and source it is the title all the same.
    let learned = class == Class::Learned && above_fields && line.length() >= 8;
    (learned || matches!(class, Class::Short | Class::Loose))
        && (4..=80).contains(&line.length())
        && !line.fold.contains('|')
        && !name
}

/// Takes subheads right above the first paragraph into the article.
fn subheads(lines: &[Line], classes: &[Class], title: Option<usize>, start: usize) -> usize {
    let mut first = start;
    while first > title.map_or(start, |at| at + 1) {
        match classes[first - 1] {
            Class::Short if lines[first - 1].hint != Hint::Links && !is_site(&lines[first - 1]) => first -= 1,
            Class::Blank | Class::Number => first -= 1,
            _ => break,
        }
    }
    if title.is_none() {
        while first > 0 && matches!(classes[first - 1], Class::Number | Class::Blank) {
            first -= 1;
        }
    }
    first
}

/// The name of the site on a line of its own.
fn is_site(line: &Line) -> bool {
    (line.length() <= 12 && super::names::is_media(&line.text)) || super::names::is_person(&line.text)
}

/// Goes on behind the last paragraph for as long as nothing says that the article is over.
fn extend(lines: &[Line], classes: &[Class], end: usize, draft: &mut Draft, path: &str) -> usize {
    // The signature and the telephone of a notice are part of it.
    let notice = draft.fields.title.as_deref().is_some_and(is_notice);
    let stop = (end..lines.len())
        .find(|&at| {
            if notice && matches!(classes[at], Class::Contact) && !lines[at].fold.contains("招商") {
                return false;
            }
            !matches!(
                classes[at],
                Class::Blank
                    | Class::Short
                    | Class::Number
                    | Class::Ornament
                    | Class::Advertisement
                    | Class::Credit
                    | Class::Prose
            )
        })
        .unwrap_or(lines.len());
    let stop = stop.max(last_before_the_end(lines, classes, end));
    let kept = (end..stop)
        .filter(|&at| matches!(classes[at], Class::Short | Class::Prose | Class::Contact))
        .collect::<Vec<_>>();
    if let (Some(first), true) = (kept.first(), stop == lines.len() && kept.len() > 1) {
        draft.warnings.push(
            Diagnostic::warning("import-unsure", path, "short lines behind the last paragraph were kept")
                .at(lines[*first].number, 1)
                .help("remove them if they belong to the page and not to the article"),
        );
    }
    kept.last().map_or(end, |last| last + 1)
}

/// Where the last paragraph ends that stands before anything that says the article is over: a telephone number or a
/// line of fields between two paragraphs is no end.
fn last_before_the_end(lines: &[Line], classes: &[Class], end: usize) -> usize {
    let weak = |at: usize| {
        matches!(classes[at], Class::Fields | Class::Navigation | Class::Counter | Class::Loose)
            || !classes[at].is_furniture()
            || classes[at].is_furniture_anywhere()
                && !matches!(
                    classes[at],
                    Class::Share | Class::Forum | Class::Neighbour | Class::EndMark | Class::Outside
                )
            || (classes[at] == Class::Contact
                && !["招商", "加盟", "微信", "租售", "qq"].iter().any(|word| lines[at].fold.contains(word)))
    };
    let limit = (end..lines.len()).find(|&at| !weak(at)).unwrap_or(lines.len());
    (end..limit).rev().find(|&at| classes[at] == Class::Prose).map_or(end, |at| at + 1)
}

/// Tells from its title whether an article is a notice, of which contacts are part.
fn is_notice(title: &str) -> bool {
    let fold = super::fold::fold_line(title);
    ["通知", "公告", "公示", "启事", "征集", "招聘", "申报", "报名", "招标", "通告", "函"]
        .iter()
        .any(|word| fold.contains(word))
}

/// Goes through the article itself.
fn inside(
    path: &str,
    lines: &[Line],
    classes: &[Class],
    stated: &mut [Option<fields::Stated>],
    range: Range<usize>,
    draft: &mut Draft,
) {
    let mut listing = false;
    for at in range {
        let (line, class) = (&lines[at], classes[at]);
        if class == Class::Prose {
            listing = false;
        }
        match class {
            Class::Blank => {}
            Class::Fields if is_byline_of_page(&mut stated[at], draft) => draft.remove(line, class.why()),
            Class::Related => {
                // `延伸閱讀：某篇` names one article, a heading a list of them.
                listing = !line.fold.trim_end().contains([':', '】'])
                    || line.fold.trim_end().ends_with(':')
                    || line.length() <= 10;
                draft.remove(line, class.why());
            }
            Class::Short if listing || is_next_related(line, draft) => draft.remove(line, Class::Related.why()),
            class if class.is_furniture_anywhere() || class == Class::OriginalTitle => draft.remove(line, class.why()),
            Class::Learned if line.length() < 30 => draft.remove(line, class.why()),
            class => {
                if class.is_furniture() && !matches!(class, Class::Fields | Class::Contact) {
                    draft.warnings.push(
                        Diagnostic::warning(
                            "import-unsure",
                            path,
                            format!("a line inside the text looks like {}; it was kept", class.why()),
                        )
                        .at(line.number, 1)
                        .help("remove it if it does not belong to the article"),
                    );
                }
                draft.body.push(Paragraph { line: line.number, text: line.text.clone(), markdown: line.to_markdown() });
            }
        }
    }
}

/// `► 另一篇` right under `►延伸閱讀：某篇`.
fn is_next_related(line: &Line, draft: &Draft) -> bool {
    line.text.starts_with(['►', '▶', '➤', '▸'])
        && draft.removed.last().is_some_and(|last| last.why == Class::Related.why() && last.line + 2 >= line.number)
}

/// Reads a line of fields that stands between paragraphs; `时间：…` alone is part of a notice and stays.
fn is_byline_of_page(stated: &mut Option<fields::Stated>, draft: &mut Draft) -> bool {
    let Some(read) = stated else { return false };
    let f = &read.fields;
    if f.source.is_none() && f.editor.is_none() && f.author.is_empty() {
        return false;
    }
    let fields = stated.take().map(|read| read.fields).unwrap_or_default();
    draft.fields.fill(fields);
    true
}

/// `更多自在時報報導`: the foot of a page that names the publication.
fn publisher(line: &Line, class: Class, fields: &mut Fields) {
    if class != Class::Related || fields.source.is_some() {
        return;
    }
    let fold = line.fold.trim();
    let Some(rest) = fold.strip_prefix("更多") else { return };
    for end in ["报导", "报道", "新闻", "文章"] {
        if let Some(name) = rest.trim().strip_suffix(end) {
            let count = name.chars().count();
            let name: String = line.text.trim().chars().skip(2).filter(|c| !c.is_whitespace()).take(count).collect();
            if super::names::is_media(&name) {
                fields.source = Some(name);
            }
            return;
        }
    }
}

/// Reads what the paragraphs themselves say, drops repetitions, cuts what is no text at the end.
fn finish(draft: &mut Draft) {
    if let Some(title) = &draft.fields.title {
        let fold = super::fold::fold_bare(title);
        if draft.body.first().is_some_and(|first| super::fold::fold_bare(&first.text) == fold) {
            let first = draft.body.remove(0);
            draft.removed.push(Removed { line: first.line, text: first.text, why: "title" });
        }
    }
    let texts: Vec<&str> = draft.body.iter().map(|paragraph| paragraph.text.as_str()).collect();
    let repeated = repeat::repeated(&texts);
    for (at, _) in repeated.iter().rev() {
        let paragraph = draft.body.remove(*at);
        draft.removed.push(Removed { line: paragraph.line, text: paragraph.text, why: "repeated paragraph" });
    }
    if let Some(first) = draft.body.iter().find(|paragraph| paragraph.text.chars().count() > 20) {
        let read = fields::dateline(&first.text);
        draft.fields.fill(read);
    }
    cut_tail(draft);
    cut_planted(draft);
    draft.removed.sort_by_key(|removed| removed.line);
    draft.repairs.sort_by_key(|repair| repair.line);
}

/// Cuts words planted for a link; an article with markup of its own has its links still.
fn cut_planted(draft: &mut Draft) {
    let texts: Vec<&str> = draft.body.iter().map(|paragraph| paragraph.text.as_str()).collect();
    for planted in anchor::find(&texts) {
        let paragraph = &mut draft.body[planted.paragraph];
        if paragraph.markdown != escape(&paragraph.text) && paragraph.markdown != paragraph.text {
            continue;
        }
        let after = anchor::cut(&paragraph.text, &planted.cuts);
        draft.repairs.push(Repair {
            line: paragraph.line,
            before: paragraph.text.clone(),
            after: after.clone(),
            why: "planted words",
        });
        paragraph.markdown = escape(&after);
        paragraph.text = after;
    }
}

fn cut_tail(draft: &mut Draft) {
    let Some(last) = draft.body.last_mut() else { return };
    let tail = fields::tail(&last.text);
    if let Some(cut) = tail.cut {
        let after = last.text[..cut].trim_end().to_owned();
        draft.repairs.push(Repair {
            line: last.line,
            before: last.text.clone(),
            after: after.clone(),
            why: "fields behind the last sentence",
        });
        if last.markdown == escape(&last.text) {
            last.markdown = escape(&after);
        } else if let Some(kept) = last.markdown.strip_suffix(&last.text[cut..]) {
            last.markdown = kept.trim_end().to_owned();
        }
        last.text = after;
    }
    draft.fields.fill(tail.fields);
    if draft.body.last().is_some_and(|last| last.text.is_empty()) {
        draft.body.pop();
    }
}

/// Keeps every line of a page that has no paragraph: a list, a poem, a very short note.
fn keep_all(lines: &[Line], classes: &[Class], stated: &mut [Option<fields::Stated>], draft: &mut Draft) {
    for (at, line) in lines.iter().enumerate() {
        match classes[at] {
            Class::Blank => {}
            Class::Fields => {
                if let Some(mut stated) = stated[at].take() {
                    let title = fields::unlabelled(&mut stated);
                    draft.fields.fill(stated.fields);
                    draft.fields.title = draft.fields.title.take().or(title);
                }
                draft.remove(line, Class::Fields.why());
            }
            class if class.is_furniture() => draft.remove(line, class.why()),
            Class::Short if draft.fields.title.is_none() && draft.body.is_empty() => {
                draft.fields.title = Some(line.text.clone());
            }
            _ => {
                draft.body.push(Paragraph { line: line.number, text: line.text.clone(), markdown: line.to_markdown() })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::boilerplate::{Boilerplate, Sighting};
    use super::super::text;

    const BODY: &str = "上星期六清早，停在河湾的旧渡船挂出了牌子，三十几位村民走上了借来的木甲板。\n船工说，书可以借走，也可以坐在船头读完，不收一分押金。\n";

    fn check(page: &str, title: Option<&str>, body: &str) {
        let read = text::read("a.txt", page, &Boilerplate::none());
        assert_eq!((read.title.as_deref(), read.body.replace("\n\n", "\n").as_str()), (title, body), "{page}");
    }

    #[test]
    fn takes_pages_apart() {
        check(
            &format!(
                "首页 > 新闻 > 正文\n渡船改成书屋\n2021-02-21 来源：某城日报\n{BODY}责任编辑：王小明\n相关阅读\n别的一篇文章的标题\n版权所有 某某网\n"
            ),
            Some("渡船改成书屋"),
            BODY,
        );
        check(&format!("六合彩开奖,真人娱乐注册\n\n渡船改成书屋\n{BODY}"), Some("渡船改成书屋"), BODY);
        check(BODY, None, BODY);
        check(&format!("渡船改成书屋\n2021-02-21\n{BODY}渡船改成书屋\n2021-02-21\n{BODY}"), Some("渡船改成书屋"), BODY);
    }

    #[test]
    fn drops_nothing_unusual_inside_the_text() {
        let odd = "一、报名办法\n二、名额一百个\n";
        check(
            &format!("渡船改成书屋\n{BODY}{odd}第三段说的是另外的事情，也有完整的一句话。\n"),
            Some("渡船改成书屋"),
            &format!("{BODY}{odd}第三段说的是另外的事情，也有完整的一句话。\n"),
        );
        let read = text::read(
            "a.txt",
            &format!("渡船改成书屋\n{BODY}联系电话：0931-0000000\n最后一段仍然是正文，说了下一步的打算。\n"),
            &Boilerplate::none(),
        );
        assert!(read.body.contains("联系电话"));
    }

    #[test]
    fn finds_a_title_that_other_pages_list() {
        let listing = |own: &str| Sighting::of([own, "渡船改成书屋 船工当馆长"]);
        let learned = Boilerplate::gather(
            [
                "第一页里最长的一段话，说了一件事情。",
                "第二页里最长的一段话，说了另一件事。",
                "第三页里最长的一段话，说了第三件事。",
            ]
            .map(listing),
        );
        let read =
            text::read("a.txt", &format!("渡船改成书屋 船工当馆长\n2021-02-21 来源：某城日报\n{BODY}"), &learned);
        assert_eq!(read.title.as_deref(), Some("渡船改成书屋 船工当馆长"));
    }
}
