//! A tree of elements to lines with Markdown and hints.
//!
//! Goes through the tree without recursion. Every block is a line; what is never text (scripts, forms, buttons) is left
//! out; what stands in navigation, sidebars and footers is marked.

use dom_query::{Document, NodeRef};

use super::super::line::{Hint, escape};

/// One line of a page.
#[derive(Clone, Debug, Default)]
pub(super) struct Walked {
    pub(super) text: String,
    pub(super) markdown: String,
    pub(super) hint: Hint,
}

/// Elements whose content is never text of the page.
const SKIPPED: &[&str] = &[
    "script", "style", "noscript", "template", "svg", "math", "button", "select", "option", "textarea", "iframe",
    "object", "embed", "canvas", "head", "ins", "input", "map", "audio", "video", "datalist", "dialog",
];

/// Elements that begin and end a line.
const BLOCKS: &[&str] = &[
    "p",
    "div",
    "section",
    "article",
    "main",
    "header",
    "footer",
    "nav",
    "aside",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "li",
    "table",
    "tbody",
    "thead",
    "tr",
    "td",
    "th",
    "caption",
    "blockquote",
    "pre",
    "figure",
    "figcaption",
    "form",
    "fieldset",
    "dl",
    "dt",
    "dd",
    "address",
    "hr",
    "br",
    "center",
    "body",
    "html",
    "details",
    "summary",
];

/// Words of classes and ids of what is no article; whole words, split at hyphens, underscores and capitals.
const OUTSIDE: &[&str] = &[
    "nav",
    "navbar",
    "menu",
    "breadcrumb",
    "breadcrumbs",
    "crumb",
    "crumbs",
    "footer",
    "foot",
    "copyright",
    "sidebar",
    "side",
    "aside",
    "related",
    "relate",
    "recommend",
    "recommended",
    "xg",
    "xgxw",
    "xiangguan",
    "share",
    "sharebar",
    "social",
    "bdsharebuttonbox",
    "comment",
    "comments",
    "ad",
    "ads",
    "adv",
    "advert",
    "advertisement",
    "banner",
    "hot",
    "hotnews",
    "rank",
    "ranking",
    "rankings",
    "pager",
    "pagination",
    "pages",
    "toolbar",
    "tools",
    "login",
    "popup",
    "modal",
    "links",
    "friendlink",
    "friendlinks",
    "tags",
    "tag",
    "taglist",
    "prevnext",
    "prev",
    "next",
    "newsletter",
    "subscribe",
    "qrcode",
    "weixin",
    "statement",
    "disclaimer",
    "guess",
    "popular",
    "latest",
    "widget",
    "promo",
    "sponsor",
    "outbrain",
    "taboola",
    "skip",
    "search",
    "topbar",
    "hidden",
    "jiathis",
    "more",
    "morenews",
    "readmore",
    "app",
];

/// A step of the walk: an element or a text is met, or an element is left.
enum Step<'a> {
    Enter(NodeRef<'a>),
    Leave(NodeRef<'a>),
}

#[derive(Default)]
struct Builder {
    lines: Vec<Walked>,
    text: String,
    markdown: String,
    /// Characters of the line that stand in links.
    linked: usize,
    in_link: usize,
    outside: usize,
    /// Depths opened by words of classes, which may be wrong; by elements, which are not.
    heading: Option<u8>,
    caption: usize,
    quote: usize,
    lists: Vec<Option<usize>>,
    item: Option<String>,
    /// Where one inline box ended and the next began at once: `<span>来源</span><span>时间</span>`.
    seams: Vec<usize>,
    closed: Option<usize>,
    /// Where marks of emphasis and links opened, in the Markdown of this line.
    opened: Vec<(usize, String)>,
}

/// Makes lines of the body of a page.
pub(super) fn lines(document: &Document) -> Vec<Walked> {
    let strict = walk(document, true);
    // Class words may be wrong: a wrapper called `share-article` holds the text itself.
    let prose = |outside: bool, lines: &[Walked]| -> usize {
        lines
            .iter()
            .filter(|line| (line.hint == Hint::Outside) == outside && line.text.contains('。'))
            .map(|line| line.text.len())
            .sum()
    };
    if prose(true, &strict) > prose(false, &strict) { walk(document, false) } else { strict }
}

fn walk(document: &Document, by_class: bool) -> Vec<Walked> {
    let root = document.root();
    let mut builder = Builder::default();
    let mut steps = vec![Step::Enter(root)];
    while let Some(step) = steps.pop() {
        match step {
            Step::Leave(node) => builder.leave(&node, by_class),
            Step::Enter(node) => {
                if node.is_text() {
                    builder.push_text(&node.text());
                } else if node.is_element() {
                    if !builder.enter(&node, by_class) {
                        continue;
                    }
                    steps.push(Step::Leave(node));
                    steps.extend(node.children_it(true).map(Step::Enter));
                } else {
                    steps.extend(node.children_it(true).map(Step::Enter));
                }
            }
        }
    }
    builder.flush();
    builder.lines
}

fn name_of(node: &NodeRef<'_>) -> String {
    node.node_name().map(|name| name.to_ascii_lowercase()).unwrap_or_default()
}

impl Builder {
    /// Meets an element; `false` when its content is not read.
    fn enter(&mut self, node: &NodeRef<'_>, by_class: bool) -> bool {
        let name = name_of(node);
        if SKIPPED.contains(&name.as_str()) || is_hidden(node) {
            return false;
        }
        if BLOCKS.contains(&name.as_str()) {
            self.flush();
        }
        let outside = usize::from(is_outside(node, &name, by_class));
        self.outside += outside;
        let inline = matches!(name.as_str(), "span" | "em" | "label" | "time" | "a");
        if inline && self.closed == Some(self.text.len()) && !self.text.is_empty() {
            self.seams.push(self.text.len());
        }
        let read = match name.as_str() {
            "pre" => self.code(node),
            "table" => !self.table(node),
            _ => true,
        };
        if !read {
            self.outside -= outside;
            return false;
        }
        match name.as_str() {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.heading = name[1..].parse().ok(),
            "figcaption" | "caption" => self.caption += 1,
            "blockquote" => self.quote += 1,
            "ul" => self.lists.push(None),
            "ol" => self.lists.push(Some(0)),
            "li" => self.begin_item(),
            "img" => self.picture(node),
            "a" => self.open_link(node),
            "b" | "strong" => self.opened.push((self.markdown.len(), "**".to_owned())),
            "i" | "em" => self.opened.push((self.markdown.len(), "*".to_owned())),
            _ => {}
        }
        true
    }

    fn leave(&mut self, node: &NodeRef<'_>, by_class: bool) {
        let name = name_of(node);
        match name.as_str() {
            "a" => {
                self.in_link -= 1;
                self.close_link();
            }
            "b" | "strong" | "i" | "em" => self.close_emphasis(),
            _ => {}
        }
        if matches!(name.as_str(), "span" | "em" | "label" | "time" | "a") {
            self.closed = Some(self.text.len());
        }
        if BLOCKS.contains(&name.as_str()) {
            self.flush();
        }
        match name.as_str() {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.heading = None,
            "figcaption" | "caption" => self.caption -= 1,
            "blockquote" => self.quote -= 1,
            "ul" | "ol" => drop(self.lists.pop()),
            "li" => self.item = None,
            _ => {}
        }
        self.outside -= usize::from(is_outside(node, &name, by_class));
    }

    fn open_link(&mut self, node: &NodeRef<'_>) {
        self.in_link += 1;
        let href = node.attr("href").unwrap_or_default().trim().to_owned();
        self.opened.push((self.markdown.len(), href));
    }

    fn begin_item(&mut self) {
        let indent = "  ".repeat(self.lists.len().saturating_sub(1).min(6));
        self.item = Some(match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{indent}{number}. ")
            }
            _ => format!("{indent}- "),
        });
    }

    fn push_text(&mut self, text: &str) {
        let mut spaced = self.text.is_empty() || self.text.ends_with(' ');
        let mut piece = String::with_capacity(text.len());
        for c in text.chars() {
            if matches!(c, ' ' | '\n' | '\r' | '\t' | '\u{c}') {
                if !spaced {
                    piece.push(' ');
                }
                spaced = true;
            } else {
                piece.push(c);
                spaced = false;
            }
        }
        if self.in_link > 0 {
            self.linked += piece.chars().filter(|c| !c.is_whitespace()).count();
        }
        self.text.push_str(&piece);
        self.markdown.push_str(&escape_inline(&piece));
    }

    fn close_emphasis(&mut self) {
        let Some((from, mark)) = self.opened.pop() else { return };
        let Some(inner) = self.markdown.get(from..) else { return };
        let trimmed = inner.trim();
        // Marks beside punctuation are not read as emphasis between Chinese characters.
        let firm = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        if firm(trimmed.chars().next()) && firm(trimmed.chars().next_back()) && !trimmed.contains("**") {
            let before = &inner[..inner.len() - inner.trim_start().len()];
            let after = &inner[inner.trim_end().len()..];
            let marked = format!("{before}{mark}{trimmed}{mark}{after}");
            self.markdown.truncate(from);
            self.markdown.push_str(&marked);
        }
    }

    fn close_link(&mut self) {
        let Some((from, href)) = self.opened.pop() else { return };
        let Some(inner) = self.markdown.get(from..) else { return };
        let text = inner.trim().to_owned();
        let is_address =
            ["http://", "https://", "mailto:"].iter().any(|scheme| href.to_ascii_lowercase().starts_with(scheme));
        if is_address && !text.is_empty() && !text.contains(['[', ']']) && !href.contains(char::is_whitespace) {
            let href = href.replace('(', "%28").replace(')', "%29").replace('<', "%3C").replace('>', "%3E");
            self.markdown.truncate(from);
            self.markdown.push_str(&format!("[{text}]({href})"));
        }
    }

    /// Ends the line.
    fn flush(&mut self) {
        for opened in &mut self.opened {
            opened.0 = 0;
        }
        let text = std::mem::take(&mut self.text);
        let markdown = std::mem::take(&mut self.markdown);
        let linked = std::mem::take(&mut self.linked);
        self.closed = None;
        let text = parted(text, &std::mem::take(&mut self.seams), self.heading.is_some());
        let text = text.trim().trim_matches('\u{3000}').trim().to_owned();
        if text.is_empty() {
            return;
        }
        let solid = text.chars().filter(|c| !c.is_whitespace()).count();
        let hint = if self.outside > 0 {
            Hint::Outside
        } else if let Some(level) = self.heading {
            Hint::Heading(level)
        } else if self.caption > 0 {
            Hint::Caption
        } else if linked * 5 >= solid * 4 && linked > 0 {
            Hint::Links
        } else {
            Hint::None
        };
        let mut line = escape_first(markdown.trim().trim_matches('\u{3000}').trim());
        if let Some(level) = self.heading {
            line = format!("{} {line}", "#".repeat(usize::from(level.max(2))));
        } else if let Some(mark) = self.item.take() {
            line = format!("{mark}{line}");
        }
        if self.quote > 0 {
            line = format!("> {line}");
        }
        self.lines.push(Walked { text, markdown: line, hint });
    }

    fn push_kept(&mut self, text: String, markdown: String) {
        self.flush();
        let hint = if self.outside > 0 { Hint::Outside } else { Hint::Kept };
        self.lines.push(Walked { text, markdown, hint });
    }

    fn code(&mut self, node: &NodeRef<'_>) -> bool {
        let text = node.text().trim_matches('\n').to_owned();
        // Forums and old mail archives put running text into `pre`.
        if text.contains('。') || text.trim().is_empty() {
            for line in text.lines() {
                self.push_text(line);
                self.flush();
            }
        } else {
            let fence = if text.contains("```") { "````" } else { "```" };
            let markdown = format!("{fence}\n{text}\n{fence}");
            self.push_kept(text, markdown);
        }
        false
    }

    /// Reads a table of data as one; `false` for a table that lays out the page.
    fn table(&mut self, node: &NodeRef<'_>) -> bool {
        let Some(rows) = data_rows(node) else { return false };
        let width = rows.iter().map(Vec::len).max().unwrap_or(0);
        let mut markdown = String::new();
        for (at, row) in rows.iter().enumerate() {
            let cells = (0..width)
                .map(|cell| row.get(cell).map_or(String::new(), |text| escape_inline(text).replace('|', "\\|")));
            markdown.push_str(&format!("| {} |\n", cells.collect::<Vec<_>>().join(" | ")));
            if at == 0 {
                markdown.push_str(&format!("|{}\n", " --- |".repeat(width)));
            }
        }
        let text = rows.iter().map(|row| row.join(" ")).collect::<Vec<_>>().join(" ");
        self.push_kept(text, markdown.trim_end().to_owned());
        true
    }

    fn picture(&mut self, node: &NodeRef<'_>) {
        if let Some(markdown) = picture(&|key| node.attr(key).map(|value| value.to_string())) {
            let held =
                (std::mem::take(&mut self.text), std::mem::take(&mut self.markdown), std::mem::take(&mut self.linked));
            let hint = if self.outside > 0 { Hint::Outside } else { Hint::Picture };
            self.lines.push(Walked { text: markdown.clone(), markdown, hint });
            (self.text, self.markdown, self.linked) = held;
        }
    }
}

/// Sets the boxes of a short line apart, as a browser shows them: date, source and editor often touch in the source.
fn parted(text: String, seams: &[usize], heading: bool) -> String {
    if seams.is_empty() || heading || text.contains('。') || text.chars().count() > 120 {
        return text;
    }
    let mut out = String::with_capacity(text.len() + seams.len() * 2);
    let mut from = 0;
    for &seam in seams {
        out.push_str(&text[from..seam]);
        out.push_str("  ");
        from = seam;
    }
    out.push_str(&text[from..]);
    out
}

/// Makes Markdown of a picture; `None` for icons, counters and what has no address.
fn picture(attribute: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let source = ["data-original", "data-src", "data-lazy-src", "src"]
        .iter()
        .filter_map(|key| attribute(key))
        .map(|source| source.trim().to_owned())
        .find(|source| !source.is_empty() && !source.starts_with("data:") && !source.starts_with("javascript:"))?;
    let small = |key: &str| {
        attribute(key)
            .and_then(|size| size.trim().trim_end_matches("px").parse::<u32>().ok())
            .is_some_and(|size| size <= 32)
    };
    let lower = source.to_ascii_lowercase();
    let icon = [
        "icon",
        "logo",
        "spacer",
        "blank.",
        "pixel",
        "/cgi-bin/",
        "count",
        "1x1",
        "loading",
        "qrcode",
        "erweima",
        "avatar",
        "w16_h16",
        "share",
        "btn",
    ]
    .iter()
    .any(|word| lower.contains(word));
    if small("width") || small("height") || icon {
        return None;
    }
    let alt: String =
        attribute("alt").unwrap_or_default().chars().filter(|c| !matches!(c, '[' | ']' | '\n' | '\r')).collect();
    Some(format!("![{}]({})", alt.trim(), source.replace(' ', "%20").replace('(', "%28").replace(')', "%29")))
}

/// Turns `<img …>` in a line of Markdown into Markdown; icons go. `None` when there is none.
pub(crate) fn images(line: &str) -> Option<String> {
    let lower = line.to_ascii_lowercase();
    if !lower.contains("<img") {
        return None;
    }
    let (mut out, mut at) = (String::with_capacity(line.len()), 0);
    while let Some(offset) = lower[at..].find("<img") {
        let start = at + offset;
        let Some(length) = line[start..].find('>') else { break };
        out.push_str(&line[at..start]);
        let document = Document::from(&line[start..=start + length]);
        if let Some(node) = document.select_single("img").nodes().first()
            && let Some(markdown) = picture(&|key| node.attr(key).map(|value| value.to_string()))
        {
            out.push_str(&markdown);
        }
        at = start + length + 1;
    }
    out.push_str(&line[at..]);
    Some(out)
}

fn is_hidden(node: &NodeRef<'_>) -> bool {
    if node.has_attr("hidden") || node.attr("aria-hidden").as_deref() == Some("true") {
        return true;
    }
    let Some(style) = node.attr("style") else { return false };
    let style: String = style.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
    ["display:none", "visibility:hidden", "font-size:0", "opacity:0;", "left:-999", "text-indent:-999"]
        .iter()
        .any(|rule| style.contains(rule))
        && !style.contains("font-size:0.")
}

fn is_outside(node: &NodeRef<'_>, name: &str, by_class: bool) -> bool {
    if matches!(name, "nav" | "aside" | "footer" | "form" | "menu")
        && (name != "form" || node.text().chars().filter(|c| *c == '。').count() < 3)
    {
        return true;
    }
    let role = node.attr("role").unwrap_or_default();
    if matches!(&*role, "navigation" | "complementary" | "contentinfo" | "search") {
        return true;
    }
    by_class
        && !matches!(name, "body" | "html" | "main" | "article" | "p" | "span" | "a" | "b" | "h1")
        && ["class", "id"].iter().filter_map(|key| node.attr(key)).any(|words| class_words(&words))
        || (by_class && name == "p" && node.attr("class").is_some_and(|words| class_words(&words)))
}

fn class_words(value: &str) -> bool {
    let mut word = String::new();
    let mut known = false;
    for c in value.chars().chain(std::iter::once(' ')) {
        if c.is_ascii_alphabetic()
            && !(c.is_ascii_uppercase()
                && !word.is_empty()
                && word.ends_with(|l: char| l.is_ascii_lowercase() && !word.is_empty()))
        {
            word.push(c);
            continue;
        }
        known |= OUTSIDE.contains(&word.to_ascii_lowercase().as_str());
        word.clear();
        if c.is_ascii_alphabetic() {
            word.push(c);
        }
    }
    known
}

/// The rows of a table that holds data: several rows of several short cells, no table inside.
fn data_rows(table: &NodeRef<'_>) -> Option<Vec<Vec<String>>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for row in table.find(&["tr"]) {
        let mut cells = Vec::new();
        for cell in row.children_it(false) {
            let name = name_of(&cell);
            if name == "td" || name == "th" {
                let text = cell.text();
                if text.chars().count() > 120 || cell.find(&["table"]).iter().any(|_| true) {
                    return None;
                }
                cells.push(text.split_whitespace().collect::<Vec<_>>().join(" "));
            }
        }
        rows.push(cells);
    }
    let wide = rows.iter().filter(|row| row.len() >= 2).count();
    let filled = rows.iter().flatten().filter(|cell| !cell.is_empty()).count();
    (rows.len() >= 2 && wide * 3 >= rows.len() * 2 && filled >= 4).then_some(rows)
}

/// Escapes running text.
fn escape_inline(text: &str) -> String {
    if text.contains(['\\', '*', '`', '_', '<', '&', '[', '~']) {
        let escaped = escape(&format!("x{text}"));
        return escaped[1..].to_owned();
    }
    text.to_owned()
}

/// Escapes what means something at the beginning of a line only, leaving the marks inside alone.
fn escape_first(markdown: &str) -> String {
    let start: String =
        markdown.chars().take_while(|c| c.is_ascii_punctuation() || c.is_ascii_digit() || *c == ' ').collect();
    if start.is_empty() || markdown.starts_with(['*', '[', '\\', '!', '`', '<', '_', '~']) {
        return markdown.to_owned();
    }
    format!(
        "{}{}",
        super::super::line::escape_start(format!("{start}x")).strip_suffix('x').unwrap_or(&start),
        &markdown[start.len()..]
    )
}
