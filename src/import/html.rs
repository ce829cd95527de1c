//! Web pages: metadata from the head, lines from the body, then what every page goes through.
//!
//! The markup says more than plain text does (headings, links, sidebars), so it becomes hints on lines; which lines are
//! the article is decided in one place for all pages, by what they say.

mod meta;
mod walk;

use dom_query::Document;

use super::boilerplate::Boilerplate;
use super::clean::{self, Readings};
use super::fold::fold_bare;
use super::line::{Hint, Line};
use super::names;
use super::{Imported, page, text};
use crate::diagnostic::Diagnostic;

use walk::Walked;
pub(super) use walk::images;

/// Deepest nesting that is read as markup; what is deeper is an attack, not a page.
const DEPTH: usize = 200;

/// Reads a web page.
pub(super) fn read(path: &str, source: &str, learned: &Boilerplate) -> Imported {
    let source = if nesting(source) > DEPTH { without_tags(source) } else { source.to_owned() };
    let document = Document::from(source.as_str());
    let meta = meta::read(&document, &source);
    let walked = walk::lines(&document);
    let (lines, repairs) = clean_lines(&source, walked);
    let mut given = meta.stated;
    given.title = given.title.or_else(|| title(&lines, &meta.titles));
    let mut draft = page::read(path, lines, given, learned);
    let mut likely = meta.likely;
    if draft.fields.title.is_none() {
        likely.title =
            meta.titles.first().map(|title| names::without_site(title)).filter(|title| !names::is_media(title));
    }
    draft.fields.fill(likely);
    if draft.body.is_empty() {
        draft.warnings.push(
            Diagnostic::warning("import-empty", path, "no text was found in this page")
                .help("save the page from a browser once it shows its text"),
        );
    }
    draft.repairs.extend(repairs);
    text::article(draft)
}

/// Reads the lines of a fragment, such as the content of a feed's entry.
pub(super) fn fragment(source: &str) -> (Vec<Line>, Vec<super::Repair>) {
    let source = if nesting(source) > DEPTH { without_tags(source) } else { source.to_owned() };
    let document = Document::from(source.as_str());
    clean_lines(&source, walk::lines(&document))
}

/// Notes what the lines of a page add to what a run learns.
pub(super) fn texts(source: &str) -> Vec<String> {
    fragment(source).0.into_iter().map(|line| line.text).collect()
}

fn clean_lines(source: &str, walked: Vec<Walked>) -> (Vec<Line>, Vec<super::Repair>) {
    let all: String = walked.iter().map(|line| line.text.as_str()).collect();
    let readings = Readings::count(&all);
    let mut repairs = Vec::new();
    let mut places = Places::new(source);
    let lines = walked
        .into_iter()
        .map(|walked| {
            let number = places.find(&walked.text);
            let before = repairs.len();
            let cleaned = clean::line(&walked.text, number, readings, &mut repairs);
            let mut line = Line { hint: walked.hint, ..Line::plain(number, &cleaned) };
            line.markdown = Some(if repairs.len() == before {
                walked.markdown
            } else {
                clean::line(&walked.markdown, number, readings, &mut Vec::new())
            });
            line
        })
        .collect();
    (lines, repairs)
}

/// Finds the lines of the file that lines of the page stand on, going forwards.
struct Places<'a> {
    source: &'a str,
    at: usize,
    line: usize,
}

impl<'a> Places<'a> {
    fn new(source: &'a str) -> Self {
        Places { source, at: 0, line: 1 }
    }

    fn find(&mut self, text: &str) -> usize {
        let start = text.trim_start();
        let end = start.char_indices().nth(10).map_or(start.len(), |(at, _)| at);
        if end > 0
            && let Some(offset) = self.source[self.at..].find(&start[..end])
        {
            let found = self.at + offset;
            self.line += self.source[self.at..found].bytes().filter(|b| *b == b'\n').count();
            self.at = found;
        }
        self.line
    }
}

/// Finds among the lines the title that the head of the page gives with the name of its site behind it.
fn title(lines: &[Line], titles: &[String]) -> Option<String> {
    for title in titles {
        let short = names::without_site(title);
        let (whole, bare) = (fold_bare(title), fold_bare(&short));
        if names::is_media(&short) && !short.contains(' ') && short.chars().count() <= 10 {
            continue;
        }
        if lines.iter().any(|line| line.hint != Hint::Outside && fold_bare(&line.text) == bare) {
            return Some(short);
        }
        let visible = lines.iter().find(|line| {
            let line_bare = fold_bare(&line.text);
            (5..=80).contains(&line.length())
                && !matches!(line.hint, Hint::Outside | Hint::Links)
                && whole.starts_with(&line_bare)
                && line_bare.len() * 2 >= whole.len()
        });
        if let Some(line) = visible {
            return Some(line.text.clone());
        }
    }
    None
}

/// How deep elements may be nested, counted from the tags: an upper bound that a stream of open tags cannot fool.
fn nesting(source: &str) -> usize {
    const VOID: &[&str] = &[
        "br", "img", "hr", "meta", "link", "input", "p", "li", "td", "tr", "th", "dd", "dt", "option", "wbr", "source",
        "col", "area",
    ];
    let (mut depth, mut most) = (0usize, 0usize);
    for piece in source.split('<').skip(1) {
        if piece.starts_with('/') {
            depth = depth.saturating_sub(1);
        } else if piece.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let name: String =
                piece.chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
            if !VOID.contains(&name.as_str()) && !piece.split('>').next().is_some_and(|tag| tag.ends_with('/')) {
                depth += 1;
                most = most.max(depth);
            }
        }
    }
    most
}

/// Makes lines of a page that is nested too deeply to be read as a tree.
fn without_tags(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    for piece in source.split('<') {
        let text = piece.split_once('>').map_or(piece, |(_, text)| text);
        if !text.trim().is_empty() {
            out.push_str("<p>");
            out.push_str(text);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<html><head><title>某城渡船改成书屋 船工当馆长_科技频道_某某在线</title></head><body>\
        <div id=nav><ul><li><a href=/>首页</a></li><li><a href=/a>体育</a></li></ul></div>\
        <div class=crumb>当前位置：<a>首页</a> &gt; <a>科技</a></div>\
        <h1>某城渡船改成书屋 船工当馆长</h1><div>2021-02-21 08:30 来源：某城日报 记者 王小明</div>\
        <div><p>　　上星期六清早，停在河湾的旧渡船挂出了牌子，三十几位村民走上晒干的<b>木甲板</b>。</p>\
        <p>船工说，书可以借走，也可以坐在船头读完，见<a href=\"https://example.org/a\">公告</a>。</p>\
        <div class=ad>广告</div><p>下一期将走进另外两座厂区，名额会增加到一百个。</p></div>\
        <div>责任编辑：李小红</div><div class=related><h3>相关新闻</h3><ul><li><a href=/1>某地地铁将增设静音车厢</a></li></ul></div>\
        <div class=footer>某某在线 版权所有</div></body></html>";

    #[test]
    fn reads_a_page() {
        let article = read("a.html", PAGE, &Boilerplate::none());
        assert_eq!(article.title.as_deref(), Some("某城渡船改成书屋 船工当馆长"));
        assert_eq!(article.date.as_deref(), Some("2021-02-21T08:30"));
        assert_eq!(article.source.as_deref(), Some("某城日报"));
        assert_eq!(
            (article.author.as_slice(), article.editor.as_deref()),
            (&["王小明".to_owned()][..], Some("李小红"))
        );
        assert_eq!(
            article.body,
            "上星期六清早，停在河湾的旧渡船挂出了牌子，三十几位村民走上晒干的**木甲板**。\n\n\
             船工说，书可以借走，也可以坐在船头读完，见[公告](https://example.org/a)。\n\n\
             下一期将走进另外两座厂区，名额会增加到一百个。\n"
        );
    }

    proptest::proptest! {
        #[test]
        fn never_panics(source in "(<(/)?(div|p|table|tr|td|a href=x|b|em|span|pre|img src=a|li|ul|h1|nav|br)>|\\PC{0,6}){0,40}") {
            read("a.html", &source, &Boilerplate::none());
        }
    }

    #[test]
    fn survives_deep_nesting() {
        let deep = format!("{}<p>正文里有一句完整的话，说了一些事情。</p>", "<div>".repeat(100_000));
        assert!(read("a.html", &deep, &Boilerplate::none()).body.contains("正文"));
    }
}
