//! HTML of bodies that need no Markdown parser, and what is seen of them: paragraphs, headings, quotes, flat lists and plain
//! tables, with strong text and links.
//!
//! Most news is no more than that. What is made here is what the parser and its writer make of it, byte for byte:
//! whatever could be read in two ways is left to them, and a body is left to them whole. Blocks end in an empty line or
//! in a line that cannot go on, so that no state is carried from one to the next but that of a list, which an empty line
//! may make another list of.

use pulldown_cmark::Alignment;

use super::html::{Cells, Links, open_link};
use super::seen;

/// A piece of the page.
enum Piece<'a> {
    /// Tags, and what they are for the text around them.
    Tags(&'static str, Around),
    /// A sign that is escaped: as HTML, and as it is seen.
    Sign(&'static str, &'static str),
    /// Text without a sign that is escaped.
    Text(&'a str),
    /// A link: text and address.
    Link(&'a str, &'a str),
}

/// What tags are for the text around them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    /// They stand inside a stretch of text.
    Nothing,
    /// They end a stretch.
    End,
    /// They begin a block, and some begin one in another.
    Blocks(usize),
}

/// The HTML of a body, its addresses resolved; none when it has to be parsed.
pub(super) fn render(body: &str, links: &dyn Links) -> Option<String> {
    let pieces = read(body)?;
    let mut html = String::with_capacity(body.len() + body.len() / 8 + 64);
    for piece in pieces {
        match piece {
            Piece::Tags(piece, _) | Piece::Sign(piece, _) | Piece::Text(piece) => html.push_str(piece),
            Piece::Link(text, url) => {
                let open = open_link(links, url, "");
                open.iter().for_each(|tag| html.push_str(tag));
                html.push_str(text);
                if open.is_some() {
                    html.push_str("</a>");
                }
            }
        }
    }
    Some(html)
}

/// Tells what is seen of a body and gives its addresses, as [`seen::parsed`] does; none, and nothing is told, when it has to
/// be parsed.
pub(super) fn tell(body: &str, each: &mut impl FnMut(seen::Piece<'_>)) -> Option<Vec<String>> {
    let mut addresses = Vec::new();
    for piece in read(body)? {
        match piece {
            Piece::Tags(_, Around::Nothing) => {}
            Piece::Tags(_, Around::End) => each(seen::Piece::End),
            Piece::Tags(_, Around::Blocks(blocks)) => (0..blocks).for_each(|_| each(seen::Piece::Block)),
            Piece::Sign(_, text) | Piece::Text(text) => each(seen::Piece::Text(text)),
            Piece::Link(text, url) => {
                addresses.push(url.to_owned());
                each(seen::Piece::Text(text));
            }
        }
    }
    Some(addresses)
}

/// What kind of block the last line belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    None,
    Paragraph,
    Quote,
    Bullets,
    Numbers,
    Table,
    /// Ended in the line it began in; only an empty line may follow.
    Mark,
}

impl Block {
    fn end(self) -> &'static str {
        match self {
            Block::None | Block::Mark => "",
            Block::Paragraph => "</p>\n",
            Block::Quote => "</p>\n</blockquote>\n",
            Block::Bullets => "</ul>\n",
            Block::Numbers => "</ol>\n",
            Block::Table => "</tbody></table>\n",
        }
    }
}

fn read(body: &str) -> Option<Vec<Piece<'_>>> {
    let mut reader = Reader { pieces: Vec::with_capacity(128), strong: false, columns: Vec::new() };
    let mut block = Block::None;
    // A list that follows a list after an empty line may be its second half.
    let mut after_list = false;
    let mut lines = body.split('\n');
    while let Some(line) = lines.next() {
        if line.is_empty() {
            after_list = matches!(block, Block::Bullets | Block::Numbers) || after_list && block == Block::None;
            reader.close(block)?;
            block = Block::None;
            continue;
        }
        let begins = block == Block::None;
        block = match line.as_bytes()[0] {
            b'#' if matches!(block, Block::None | Block::Paragraph) => {
                reader.close(block)?;
                reader.heading(line)?;
                Block::None
            }
            b'>' if begins || block == Block::Quote => {
                match begins {
                    true => reader.push("<blockquote>\n<p>", Around::Blocks(2)),
                    false => reader.line_end(),
                }
                reader.plain(line.strip_prefix("> ")?)?;
                Block::Quote
            }
            b'-' if (begins && !after_list) || block == Block::Bullets => {
                reader.push(if begins { "<ul>\n<li>" } else { "<li>" }, Around::Blocks(1));
                reader.item(line.strip_prefix("- ")?)?;
                Block::Bullets
            }
            b'0'..=b'9' if (begins && !after_list || block == Block::Numbers) && numbered(line).is_some() => {
                let (number, text) = numbered(line)?;
                if begins && number != "1" {
                    return None;
                }
                reader.push(if begins { "<ol>\n<li>" } else { "<li>" }, Around::Blocks(1));
                reader.item(text)?;
                Block::Numbers
            }
            b'|' if begins => {
                reader.columns = columns(lines.next()?)?;
                reader.push("<table><thead><tr>", Around::Blocks(1));
                reader.row(line, Cells::Head)?;
                reader.push("</tr></thead><tbody>\n", Around::End);
                Block::Table
            }
            b'|' if block == Block::Table => {
                reader.push("<tr>", Around::Blocks(1));
                reader.row(line, Cells::Body)?;
                reader.push("</tr>\n", Around::End);
                Block::Table
            }
            b'<' if begins && line == super::MORE => Block::Mark,
            _ if matches!(block, Block::None | Block::Paragraph) => {
                match begins {
                    true => reader.push("<p>", Around::Blocks(1)),
                    false => reader.line_end(),
                }
                reader.plain(line)?;
                Block::Paragraph
            }
            _ => return None,
        };
        after_list &= begins && block == Block::None;
    }
    reader.close(block)?;
    Some(reader.pieces)
}

/// Splits an item of a numbered list into number and text.
fn numbered(line: &str) -> Option<(&str, &str)> {
    let (number, text) = line.split_once(". ")?;
    (number.len() <= 9 && number.bytes().all(|byte| byte.is_ascii_digit())).then_some((number, text))
}

/// The cells of a row that begins and ends with a line.
fn cells(row: &str) -> Option<impl Iterator<Item = &str>> {
    let inside = row.strip_prefix('|')?.strip_suffix('|')?;
    Some(inside.split('|').map(|cell| cell.trim_matches(' ')))
}

/// The alignments of the columns, by the row below the head.
fn columns(row: &str) -> Option<Vec<Alignment>> {
    let column = |cell: &str| {
        let (left, right) = (cell.starts_with(':'), cell.ends_with(':'));
        let dashes = cell.strip_prefix(':').unwrap_or(cell);
        let dashes = dashes.strip_suffix(':').unwrap_or(dashes);
        let whole = !dashes.is_empty() && dashes.bytes().all(|byte| byte == b'-');
        whole.then_some(match (left, right) {
            (true, true) => Alignment::Center,
            (false, true) => Alignment::Right,
            (true, false) => Alignment::Left,
            (false, false) => Alignment::None,
        })
    };
    cells(row)?.map(column).collect()
}

/// Bytes that may mean more than themselves inside a line, or are escaped.
const SPECIAL: [bool; 256] = {
    let mut table = [false; 256];
    let signs = b"\\`*_~&<>[]|";
    let mut at = 0;
    while at < signs.len() {
        table[signs[at] as usize] = true;
        at += 1;
    }
    // Control characters, line ends but one among them, are the parser's.
    let mut control = 0;
    while control < 32 {
        table[control] = true;
        control += 1;
    }
    table
};

/// Finds the first byte that may mean more than itself.
fn special(bytes: &[u8]) -> Option<usize> {
    let find = |bytes: &[u8]| bytes.iter().position(|&byte| SPECIAL[byte as usize]);
    let (chunks, rest) = bytes.as_chunks::<16>();
    // All of them are ASCII, and to see that a stretch of Chinese holds none many bytes are looked at at once.
    let plain = |chunk: &[u8; 16]| chunk.iter().fold(0x80, |all, &byte| all & byte) != 0;
    let found = (0..).step_by(16).zip(chunks).filter(|(_, chunk)| !plain(chunk));
    let mut found = found.filter_map(|(at, chunk)| Some(at + find(chunk)?));
    found.next().or_else(|| Some(16 * chunks.len() + find(rest)?))
}

struct Reader<'a> {
    pieces: Vec<Piece<'a>>,
    /// Whether strong text has begun.
    strong: bool,
    /// The columns of the table that is under way.
    columns: Vec<Alignment>,
}

impl<'a> Reader<'a> {
    fn push(&mut self, tags: &'static str, around: Around) {
        self.pieces.push(Piece::Tags(tags, around));
    }

    /// A line ends inside a paragraph.
    fn line_end(&mut self) {
        self.pieces.push(Piece::Text("\n"));
    }

    fn close(&mut self, block: Block) -> Option<()> {
        match block {
            Block::None | Block::Mark => {}
            _ => self.push(block.end(), Around::End),
        }
        (!self.strong).then_some(())
    }

    fn heading(&mut self, line: &'a str) -> Option<()> {
        let text = line.trim_start_matches('#');
        let (open, close) = match line.len() - text.len() {
            2 => ("<h2>", "</h2>\n"),
            3 => ("<h3>", "</h3>\n"),
            4 => ("<h4>", "</h4>\n"),
            5 => ("<h5>", "</h5>\n"),
            6 => ("<h6>", "</h6>\n"),
            _ => return None,
        };
        let text = text.strip_prefix(' ').filter(|text| !text.ends_with('#'))?;
        self.push(open, Around::Blocks(1));
        self.plain(text)?;
        self.push(close, Around::End);
        (!self.strong).then_some(())
    }

    fn item(&mut self, text: &'a str) -> Option<()> {
        self.plain(text)?;
        self.push("</li>\n", Around::End);
        (!self.strong).then_some(())
    }

    /// Reads a line that begins no block of its own.
    fn plain(&mut self, line: &'a str) -> Option<()> {
        let begins_text = match line.as_bytes().first()? {
            b'0'..=b'9' => !line.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(['.', ')']),
            b'a'..=b'z' | b'A'..=b'Z' | b'"' | b'\'' | b'(' | b'[' => true,
            b'*' => line.starts_with("**"),
            // A mark of byte order is no text.
            first => *first >= 0x80 && !line.starts_with('\u{feff}'),
        };
        if !begins_text || line.ends_with(' ') {
            return None;
        }
        self.inline(line)
    }

    /// Reads the cells of a row, which has as many as the table has columns.
    fn row(&mut self, row: &'a str, kind: Cells) -> Option<()> {
        let mut count = 0;
        for cell in cells(row)? {
            self.push(kind.open(*self.columns.get(count)?), Around::End);
            self.inline(Some(cell).filter(|cell| !cell.is_empty())?)?;
            self.push(kind.close(), Around::End);
            count += 1;
        }
        (!self.strong && count == self.columns.len()).then_some(())
    }

    /// Reads text that begins no block.
    fn inline(&mut self, line: &'a str) -> Option<()> {
        let bytes = line.as_bytes();
        let mut done = 0;
        while let Some(special) = special(&bytes[done..]).map(|n| done + n) {
            let rest = &line[special..];
            let (piece, length) = match bytes[special] {
                b'*' => (Piece::Tags(self.strong(&line[..special], rest)?, Around::Nothing), 2),
                b'[' if !line[..special].ends_with('!') => link(rest)?,
                b'&' if !begins_entity(&rest[1..]) => (Piece::Sign("&amp;", "&"), 1),
                b'>' => (Piece::Sign("&gt;", ">"), 1),
                _ => return None,
            };
            if special > done {
                self.pieces.push(Piece::Text(&line[done..special]));
            }
            self.pieces.push(piece);
            done = special + length;
        }
        if done < line.len() {
            self.pieces.push(Piece::Text(&line[done..]));
        }
        Some(())
    }

    /// The tag that two stars stand for, where they can stand for one only.
    fn strong(&mut self, before: &str, from: &str) -> Option<&'static str> {
        let rest = from.strip_prefix("**")?;
        self.strong = !self.strong;
        let beside = if self.strong { rest.chars().next() } else { before.chars().next_back() };
        let far = if self.strong { before.chars().next_back() } else { rest.chars().next() };
        let clear = beside.is_some_and(char::is_alphanumeric) && far != Some('*');
        clear.then_some(if self.strong { "<strong>" } else { "</strong>" })
    }
}

/// Reads a link without a title, whose text is no more than text; gives its length, too.
fn link(from: &str) -> Option<(Piece<'_>, usize)> {
    let inside = &from[1..];
    let end = inside.bytes().position(|byte| SPECIAL[byte as usize])?;
    let text = &inside[..end];
    let address = inside[end..].strip_prefix("](")?;
    let length = address.bytes().position(|byte| !is_plain_in_address(byte))?;
    let whole = address.as_bytes()[length] == b')' && length > 0 && !text.is_empty() && !text.starts_with('^');
    whole.then_some((Piece::Link(text, &address[..length]), 1 + end + 2 + length + 1))
}

fn is_plain_in_address(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._/:%#?=+,@".contains(&byte)
}

fn begins_entity(after: &str) -> bool {
    after.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '#').starts_with(';')
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::super::html::{Image, parsed};
    use super::*;

    /// Holds what is made of a body to what the parser makes of it, if it is made without one.
    fn same(body: &str) -> Result<(), proptest::test_runner::TestCaseError> {
        if let Some(html) = render(body, &Marked) {
            proptest::prop_assert_eq!(html, parsed(body, None, &Marked).html, "{:?}", body);
            let (mut simple, mut by_parser) = (Vec::new(), Vec::new());
            let addresses = tell(body, &mut |piece| simple.push(shown(piece)));
            let by_parser_addresses = seen::parsed(body, &mut |piece| by_parser.push(shown(piece)));
            proptest::prop_assert_eq!(together(simple), together(by_parser), "{:?}", body);
            proptest::prop_assert_eq!(addresses, by_parser_addresses, "{:?}", body);
        }
        Ok(())
    }

    fn shown(piece: seen::Piece<'_>) -> String {
        match piece {
            seen::Piece::Text(text) => text.to_owned(),
            seen::Piece::End => "\u{1}".to_owned(),
            seen::Piece::Block => "\u{2}".to_owned(),
        }
    }

    /// Pieces of text that follow one another are one text, and an end beside another, or before or behind a block or all,
    /// changes nothing.
    fn together(pieces: Vec<String>) -> String {
        let mut all = format!("\u{1}{}\u{1}", pieces.concat());
        for (ends, end) in [("\u{1}\u{1}", "\u{1}"), ("\u{1}\u{2}", "\u{2}"), ("\u{2}\u{1}", "\u{2}")] {
            while all.contains(ends) {
                all = all.replace(ends, end);
            }
        }
        all
    }

    struct Marked;
    impl Links for Marked {
        fn link<'a>(&self, written: &'a str) -> Option<Cow<'a, str>> {
            (!written.contains('#')).then(|| Cow::Owned(format!("../{written}")))
        }
        fn image<'a>(&self, written: &'a str) -> Option<Image<'a>> {
            Some(Image::plain(Cow::Borrowed(written)))
        }
    }

    #[test]
    fn reads_what_most_news_is() {
        let body = "“甲”讯 1月13日，R&D 乙。\n丙 > 丁：\n\n<!-- more -->\n\n**戊**，见（[己](../../2015/a/)、[庚](x#y)）。\n\n\
            ## 辛 2\n壬\n\n- 一\n- 二 **三**\n\n> 子“丑”。\n\n1. 寅\n2. 卯\n\n\
            | 项目 | 数量 |\n|---|---:|\n| 午 | -5% |\n| **未** | 1 |\n\n“辰！”巳\n";
        assert!(render(body, &Marked).is_some(), "it is plain");
        same(body).unwrap();
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(4096))]
        #[test]
        fn makes_what_the_parser_makes(parts in proptest::collection::vec(proptest::sample::select(&[
            "甲", "乙。", "“丙”", "，", "a", "B c", "1", " ", "\n", "\n\n", "\n\n", "**", "**丁**", "*", "\n## ", "\n# ", "\n- ",
            "\n\n- ", "\n> ", "\n\n> ", "\n1. ", "\n\n1. ", "\n2. ", "\n2) ", "[", "](", ")", "](a/b)", "[戊](y/z.html)", "[己](#x)",
            "\n\n<!-- more -->\n\n", "\n<!-- more -->", "&", "&amp;", "&#1", ";", "!", "(", "\u{3000}", "\u{a0}", "\u{feff}", "|", "_",
            "~", "`", "\\", "\n===\n", "\n---\n", "\n-", "\t", "：", ":", "^", "@", "<", ">", "\r\n", "\"", "'", "+", "#", "é", "０", "、",
            "😀", "\u{301}", "$", "{", "}", "\n\n|a|b|\n|-|:-:|\n|", "\n|甲 | -5% |", "\n|--|-:|\n", "|1", "\n[庚]: x\n", "\n|-|\n", "\n    ", "\n  ", "  \n",
        ][..]), 0..24)) {
            let body = parts.concat();
            same(&body)?;
        }

        #[test]
        fn makes_what_the_parser_makes_of_tables(
            rows in proptest::collection::vec("(\\|( ?[-+#>1甲*]{1,2}[a%。&]{0,2} ?)){1,3}\\|?", 0..5),
            head in "\\|( [甲a] \\|){1,3}",
            rule in "\\|( ?:?-{1,3}:? ?\\|){1,3}",
            end in "(\n\n甲|\n甲|\n- 甲|\n\n\\|-\\|)?",
        ) {
            let body = format!("前\n\n{head}\n{rule}\n{}{end}", rows.join("\n"));
            same(&body)?;
        }

        #[test]
        fn makes_what_the_parser_makes_of_plain_blocks(blocks in proptest::collection::vec((proptest::sample::select(&[
            "", "", "## ", "- ", "> ", "1. ", "### ", "<!-- more -->\n\n",
        ][..]), "[甲乙a1“，。]{1,5}(\\*\\*[甲a1]{1,3}\\*\\*)?[甲“， >&]{0,3}(\\[[甲b ]{1,3}\\]\\([a-z/#.:]{1,6}\\))?[甲。]{0,2}",
            proptest::sample::select(&["\n", "\n\n", "\n\n", "\n\n\n"][..])), 0..8)) {
            let body: String = blocks.into_iter().map(|(mark, text, end)| format!("{mark}{text}{end}")).collect();
            same(&body)?;
        }
    }
}
