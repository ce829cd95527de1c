//! Finds the words in Markdown.
//!
//! Takes a Markdown source; gives its flows: the stretches of visible text that a reader reads on in, as ranges of the
//! source. Markup inside a flow (emphasis, links, ruby) leaves gaps between its pieces; blocks, line ends and images
//! end a flow. Code, addresses, HTML tags and mathematics are in no flow. Knows nothing of scripts.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};

use super::blocks::{Block, blocks, marker};

/// A stretch of text read in one go: ranges of the source, in order.
pub(super) type Flow = Vec<Range<usize>>;

/// What a source holds.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) flows: Vec<Flow>,
    /// Code spans and blocks, sorted.
    pub(super) code: Vec<Range<usize>>,
}

/// The extensions that articles may use.
fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS
}

/// Lays a Markdown document out.
pub(super) fn markdown(source: &str) -> Layout {
    let mut w = Walker { source, ..Walker::default() };
    match blocks(source) {
        Some(blocks) => blocks.into_iter().for_each(|block| w.block(block)),
        None => w.parse(0..source.len()),
    }
    w.finish()
}

/// Lays one line of Markdown out that stands by itself: definitions of links and notes are read as what they show.
pub(super) fn line(source: &str) -> Layout {
    let definition = source.starts_with('[').then(|| source.find("]:")).flatten();
    let Some(at) = definition else { return markdown(source) };
    let rest = &source[at + 2..];
    let title = if source.starts_with("[^") {
        Some(at + 2..source.len())
    } else {
        rest.find(['"', '\'']).map(|i| at + 2 + i..source.len())
    };
    let mut w = Walker { source, ..Walker::default() };
    w.piece(title.unwrap_or(0..0));
    w.finish()
}

/// Lays plain text out: a flow for each line.
pub(super) fn plain(source: &str) -> Layout {
    let mut w = Walker { source, ..Walker::default() };
    let mut start = 0;
    for line in source.split_inclusive('\n') {
        w.piece(start..start + line.trim_end_matches(['\n', '\r']).len());
        w.break_flow();
        start += line.len();
    }
    w.finish()
}

#[derive(Default)]
struct Walker<'a> {
    source: &'a str,
    layout: Layout,
    current: Flow,
    /// Open Markdown elements whose text is no prose: code blocks and autolinks.
    muted: usize,
    /// Open HTML elements whose text is no prose, by name.
    hidden: Vec<String>,
    html_block: bool,
}

/// HTML elements whose content is never converted.
const OPAQUE: [&str; 14] =
    ["code", "pre", "kbd", "samp", "var", "script", "style", "textarea", "math", "svg", "rt", "rp", "template", "tt"];
/// HTML elements that end a flow.
const BREAKING: [&str; 22] = [
    "br",
    "img",
    "hr",
    "p",
    "div",
    "td",
    "th",
    "tr",
    "li",
    "ul",
    "ol",
    "table",
    "blockquote",
    "section",
    "figure",
    "figcaption",
    "h1",
    "h2",
    "h3",
    "h4",
    "video",
    "iframe",
];

impl Walker<'_> {
    /// Parses a stretch of the source as a document of its own.
    fn parse(&mut self, range: Range<usize>) {
        let base = range.start;
        let Some(text) = self.source.get(range) else { return };
        for (event, range) in Parser::new_ext(text, options()).into_offset_iter() {
            self.event(&event, base + range.start..base + range.end);
        }
    }

    /// Walks through a block; only what is no prose is parsed.
    fn block(&mut self, Block { range, prose }: Block) {
        if !prose {
            return self.parse(range);
        }
        let mut start = range.start;
        while let Some(text) = self.source.get(start..range.end) {
            let len = memchr::memchr(b'\n', text.as_bytes()).unwrap_or(text.len());
            self.piece(start + marker(text.as_bytes())..start + len);
            self.break_flow();
            start += len + 1;
        }
    }

    fn event(&mut self, event: &Event<'_>, range: Range<usize>) {
        match event {
            Event::Text(text) => self.text(text, range),
            Event::Code(_) | Event::InlineMath(_) | Event::DisplayMath(_) => {
                self.layout.code.push(range);
                self.break_flow();
            }
            Event::Html(_) => {
                // Tags of a block end no flow by themselves; `html` decides.
                self.html(range);
            }
            Event::InlineHtml(_) => self.html(range),
            Event::SoftBreak | Event::HardBreak | Event::Rule | Event::FootnoteReference(_) => self.break_flow(),
            Event::TaskListMarker(_) => self.break_flow(),
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(*tag),
        }
    }

    fn start(&mut self, tag: &Tag<'_>, range: Range<usize>) {
        match tag {
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough => {}
            Tag::Link { link_type: LinkType::Autolink | LinkType::Email, .. } => self.muted += 1,
            Tag::Link { link_type: LinkType::Inline, title, .. } => self.attribute(title, range),
            Tag::Link { .. } => {}
            Tag::Image { title, .. } => {
                self.break_flow();
                self.attribute(title, range);
            }
            Tag::CodeBlock(_) | Tag::MetadataBlock(_) => {
                self.break_flow();
                self.layout.code.push(range);
                self.muted += 1;
            }
            Tag::HtmlBlock => {
                self.break_flow();
                self.html_block = true;
            }
            _ => self.break_flow(),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {}
            // An autolink holds its address as text; nothing else is muted inside a link.
            TagEnd::Link => self.muted = self.muted.saturating_sub(usize::from(self.muted > 0)),
            TagEnd::CodeBlock | TagEnd::MetadataBlock(_) => {
                self.muted = self.muted.saturating_sub(1);
                self.break_flow();
            }
            TagEnd::HtmlBlock => {
                self.html_block = false;
                self.break_flow();
            }
            TagEnd::Paragraph | TagEnd::Heading(_) => {
                self.hidden.clear();
                self.break_flow();
            }
            _ => self.break_flow(),
        }
    }

    fn text(&mut self, text: &str, range: Range<usize>) {
        if self.muted > 0 || !self.hidden.is_empty() {
            return;
        }
        // An entity stands for another text than it is written with.
        if self.source.get(range.clone()) == Some(text) {
            self.piece(range);
        } else {
            self.break_flow();
        }
    }

    /// A title or alternative text, a flow of its own; it is found from the end of its element.
    fn attribute(&mut self, text: &str, range: Range<usize>) {
        if text.is_empty() {
            return;
        }
        let found = self.source.get(range.clone()).and_then(|s| s.rfind(text));
        if let Some(at) = found {
            let start = range.start + at;
            let value = start..start + text.len();
            self.layout.flows.push(Flow::from([value]));
        }
    }

    /// Walks through HTML: inline, a tag at a time; in blocks, whole lines with text.
    fn html(&mut self, range: Range<usize>) {
        let mut at = range.start;
        while at < range.end {
            let rest = &self.source[at..range.end];
            let Some(open) = rest.find('<') else {
                self.html_text(at..range.end);
                return;
            };
            self.html_text(at..at + open);
            at += open;
            let rest = &self.source[at..range.end];
            let len = tag_len(rest);
            self.tag(at..at + len);
            at += len;
        }
    }

    fn html_text(&mut self, range: Range<usize>) {
        if !self.hidden.is_empty() {
            return;
        }
        let mut start = range.start;
        for line in self.source[range].split_inclusive('\n') {
            self.piece(start..start + line.trim_end_matches(['\n', '\r']).len());
            if line.ends_with('\n') {
                self.break_flow();
            }
            start += line.len();
        }
    }

    fn tag(&mut self, range: Range<usize>) {
        let tag = &self.source[range.clone()];
        let closing = tag.starts_with("</");
        let name: String = tag
            .trim_start_matches(['<', '/'])
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric())
            .take(16)
            .collect::<String>()
            .to_ascii_lowercase();
        if OPAQUE.contains(&name.as_str()) {
            if closing {
                if let Some(at) = self.hidden.iter().rposition(|h| *h == name) {
                    self.hidden.truncate(at);
                }
            } else if !tag.ends_with("/>") && self.hidden.len() < 64 {
                self.hidden.push(name.clone());
            }
            if !matches!(name.as_str(), "rt" | "rp") {
                self.break_flow();
            }
        } else if BREAKING.contains(&name.as_str()) {
            self.break_flow();
        }
        if !closing && self.hidden.is_empty() {
            for value in attribute_values(tag) {
                let value = range.start + value.start..range.start + value.end;
                self.layout.flows.push(Flow::from([value]));
            }
        }
    }

    fn piece(&mut self, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        match self.current.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => self.current.push(range),
        }
    }

    /// Ends the flow. Addresses and mathematics in it end it, too; they are looked for only now because the parser
    /// cuts text at every `_` and `*`.
    fn break_flow(&mut self) {
        if self.current.is_empty() {
            return;
        }
        let plain = |range: &Range<usize>| next_protected(&self.source[range.clone()], 0).is_none();
        if self.current.iter().all(plain) {
            self.layout.flows.push(std::mem::take(&mut self.current));
            return;
        }
        let mut flow = Flow::new();
        for range in std::mem::take(&mut self.current) {
            let text = &self.source[range.clone()];
            let mut start = 0;
            while let Some((open, close)) = next_protected(text, start) {
                if open > start {
                    flow.push(range.start + start..range.start + open);
                }
                if !flow.is_empty() {
                    self.layout.flows.push(std::mem::take(&mut flow));
                }
                start = close;
            }
            if start < text.len() {
                flow.push(range.start + start..range.end);
            }
        }
        if !flow.is_empty() {
            self.layout.flows.push(flow);
        }
    }

    fn finish(mut self) -> Layout {
        self.break_flow();
        self.layout.flows.sort_by_key(|f| f.first().map_or(0, |r| r.start));
        self.layout
    }
}

/// Returns the length of the tag or comment at the start of `rest`; a `<` that begins none counts as one byte.
fn tag_len(rest: &str) -> usize {
    if let Some(comment) = rest.strip_prefix("<!--") {
        return comment.find("-->").map_or(rest.len(), |i| i + 7);
    }
    let mut quote = None;
    for (i, b) in rest.bytes().enumerate() {
        match (quote, b) {
            (None, b'>') => return i + 1,
            (None, b'"' | b'\'') => quote = Some(b),
            (Some(q), b) if q == b => quote = None,
            _ => {}
        }
    }
    rest.find('>').map_or(rest.len(), |i| i + 1)
}

/// Finds the values of `alt` and `title` in a tag.
fn attribute_values(tag: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if !tag.contains('=') {
        return found;
    }
    let lower = tag.to_ascii_lowercase();
    for name in ["alt=", "title="] {
        for (at, _) in lower.match_indices(name) {
            let before = lower[..at].chars().next_back();
            let start = at + name.len();
            let quote = tag[start..].chars().next();
            if before.is_none_or(|c| !c.is_whitespace()) || !matches!(quote, Some('"' | '\'')) {
                continue;
            }
            let quote = quote.unwrap_or('"');
            if let Some(len) = tag[start + 1..].find(quote) {
                found.push(start + 1..start + 1 + len);
            }
        }
    }
    found.sort_by_key(|r| r.start);
    found
}

/// Finds the next address, or span of mathematics, at or after `from`.
fn next_protected(text: &str, from: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(i) = memchr::memchr3(b':', b'$', b'@', &bytes[at..]).map(|i| at + i) {
        let found = match bytes[i] {
            b':' => url(text, i, from),
            b'$' => mathematics(text, i),
            _ => mail(text, i, from),
        };
        if found.is_some() {
            return found;
        }
        at = i + 1;
    }
    // `www.` without a scheme.
    static WWW: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("www."));
    let i = WWW.find(&bytes[from..]).map(|i| from + i)?;
    (i == 0 || !bytes[i - 1].is_ascii_alphanumeric()).then(|| (i, address_end(text, i)))
}

fn url(text: &str, colon: usize, from: usize) -> Option<(usize, usize)> {
    let known = text[colon..].starts_with("://") || text[..colon].ends_with("mailto");
    let start = text[from..colon]
        .rfind(|c: char| !c.is_ascii_alphanumeric())
        .map_or(from, |i| from + i + text[from + i..].chars().next().map_or(1, char::len_utf8));
    (known && start < colon).then(|| (start, address_end(text, colon + 1)))
}

fn mail(text: &str, at: usize, from: usize) -> Option<(usize, usize)> {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '%');
    let start = at - text[from..at].chars().rev().take_while(|&c| part(c)).count();
    let len = text[at + 1..].chars().take_while(|&c| part(c)).count();
    (start < at && len > 0).then_some((start, at + 1 + len))
}

/// Returns where an address ends: before white space, brackets, and Chinese punctuation.
fn address_end(text: &str, from: usize) -> usize {
    let stop = |c: char| {
        c.is_whitespace()
            || matches!(c, '<' | '>' | '"' | '`' | '|' | '\u{2018}'..='\u{201f}' | '\u{3000}'..='\u{303f}')
            || matches!(c, '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '\u{ff3b}'..='\u{ff5e}' | '…' | '—')
    };
    text[from..].find(stop).map_or(text.len(), |i| from + i)
}

/// Finds `$…$` or `$$…$$` on one line whose content looks like a formula, not like prices.
fn mathematics(text: &str, at: usize) -> Option<(usize, usize)> {
    let fence = if text[at..].starts_with("$$") { "$$" } else { "$" };
    let start = at + fence.len();
    let len = text[start..].find(fence)?;
    let body = &text[start..start + len];
    let formula = body.contains(['\\', '^', '_', '=', '{']) && !body.contains('\n');
    (formula && !body.starts_with(' ') && !body.ends_with(' ')).then_some((at, start + len + fence.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expected: &[&str]) {
        let layout = markdown(source);
        let flows: Vec<String> =
            layout.flows.iter().map(|f| f.iter().map(|r| &source[r.clone()]).collect::<Vec<_>>().join("|")).collect();
        assert_eq!(flows, expected, "{source}");
    }

    /// What lines are put together from: prose, and markup whole and broken.
    const PIECES: [&str; 44] = [
        "发",
        "展，",
        "12",
        ". ",
        ") ",
        "a",
        "\n",
        "\n\n",
        " ",
        "  \n",
        "**",
        "*",
        "_",
        "`",
        "```\n",
        "~~~\n",
        "[",
        "](/后 \"里\")",
        "]",
        "![",
        "]: /x",
        "<!-- more -->",
        "\n\n<!-- more -->\n\n",
        "<b>",
        "</b>",
        "<!-- ",
        "-->",
        "- ",
        "> ",
        "# ",
        "---\n",
        "===\n",
        "| a | b |\n|---|---|\n",
        "&amp;",
        "\\",
        "https://e.cn/后 ",
        "$x=1$",
        "[^1]",
        "\t",
        "\n    ",
        "\n- 里",
        "\n> 里",
        "\n## 里",
        "#",
    ];

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { cases: 600, failure_persistence: None, ..Default::default() })]

        #[test]
        fn reads_prose_as_the_parser_does(picks in proptest::collection::vec(0..PIECES.len(), 0..24)) {
            let source: String = picks.iter().map(|&i| PIECES[i]).collect();
            let mut parsed = Walker { source: &source, ..Walker::default() };
            parsed.parse(0..source.len());
            let (parsed, quick) = (parsed.finish(), markdown(&source));
            proptest::prop_assert_eq!(parsed.flows, quick.flows, "{:?}", source);
            proptest::prop_assert_eq!(parsed.code, quick.code, "{:?}", source);
        }
    }

    #[test]
    fn reads_on_across_inline_markup() {
        check("**头**发与[发](/a \"标题\")展", &["头|发与|发|展", "标题"]);
        check("由<ruby>发<rt>fā</rt></ruby>展局", &["由|发|展局"]);
        check("甲<br>乙", &["甲", "乙"]);
    }

    #[test]
    fn leaves_code_and_addresses_out() {
        check("前`后`里", &["前", "里"]);
        check("见 https://e.org/发布/后.html ，有效", &["见 ", " ，有效"]);
        check("<https://e.org/后>，好", &["，好"]);
        check("信箱 a.b@e.cn，好", &["信箱 ", "，好"]);
        check("```\n后\n```\n里", &["里"]);
        check("式 $x_{后}=1$ 里，US$5亿，US$6亿", &["式 ", " 里，US$5亿，US$6亿"]);
    }

    #[test]
    fn reads_html_blocks_and_attributes() {
        check("<div title=\"后\" class=\"里\">面<code>发</code></div>", &["后", "面"]);
        check("![后](/里.png \"发\")", &["后", "发"]);
    }
}
