//! Turns a title or a Markdown body into the folded characters that names are looked for in.
//!
//! Leaves out what is no prose: addresses, tags, code, lines of a page's furniture (source, editor, related reading,
//! footers). Remembers for each character where it stood, and where quotation marks stood between.

use std::sync::LazyLock;

use memchr::memchr;

use crate::taxonomy::fold::{fold_char, is_ignored, is_quote, settle};

/// The folded form of each character of the basic plane that needs no second look, else 0: most of a text is taken over
/// by one look-up a character.
static PLAIN: LazyLock<Box<[u16; 0x1_0000]>> = LazyLock::new(|| {
    let mut table = Box::new([0; 0x1_0000]);
    (0..=u16::MAX).for_each(|code| {
        table[usize::from(code)] = char::from_u32(u32::from(code)).and_then(plain).unwrap_or(0);
    });
    table
});

/// The folded form of a character that is read the same wherever it stands.
fn plain(c: char) -> Option<u16> {
    let folded = fold_char(c);
    // 画 may become 划, the others may begin what is left out.
    let looked_at = is_ignored(c) || folded.is_whitespace() || folded == '画' || matches!(c, '(' | '<' | '`' | 'h');
    u16::try_from(folded as u32).ok().filter(|_| !looked_at)
}

/// Folded characters with their places.
#[derive(Debug, Default)]
pub(in crate::taxonomy) struct Scanned {
    /// Folded characters of the basic plane; line ends are `\n`, others beyond the plane U+FFFD.
    pub(in crate::taxonomy) units: Vec<u16>,
    /// Place of each in the text, in characters; nothing where places are not [wanted](Places).
    pub(in crate::taxonomy) at: Vec<u32>,
    places: Places,
    /// Indices of units right before which a quotation mark stood, in order; an index may be the length.
    pub(in crate::taxonomy) quotes: Vec<u32>,
    /// What each of them is.
    pub(in crate::taxonomy) marks: Vec<Mark>,
    /// Where the lead ends: the first paragraphs, at most [`LEAD`] characters.
    pub(in crate::taxonomy) lead: usize,
}

/// Whether the places of characters are remembered, which only quoting from the text needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::taxonomy) enum Places {
    #[default]
    Wanted,
    Unwanted,
}

/// What a quotation mark does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::taxonomy) enum Mark {
    Open,
    Close,
    /// A straight mark, which may do either.
    Straight,
}

/// The longest lead, in characters.
const LEAD: usize = 220;
/// A first line shorter than this is a dateline or a subhead; the lead goes on.
const PARAGRAPH: usize = 30;

/// Beginnings of lines that belong to the page, not to the article.
const FURNITURE: &[&str] = &[
    "来源:",
    "文章来源",
    "稿源:",
    "稿件来源",
    "信息来源",
    "责任编辑",
    "责编:",
    "编辑:",
    "作者:",
    "记者:",
    "通讯员:",
    "原标题",
    "关键词",
    "关键字",
    "标签:",
    "tags:",
    "您现在的位置",
    "你现在的位置",
    "您当前的位置",
    "当前位置",
    "发布时间",
    "发布日期",
    "发表时间",
    "更新时间",
    "上一篇",
    "下一篇",
    "分享到",
    "转载请注明",
    "联系电话",
    "联系地址",
    "地址:",
    "电话:",
    "传真:",
    "邮编",
    "扫一扫",
    "扫描二维码",
    "长按",
    "本站署名",
    "凡注有",
    "凡注明",
    "免责声明",
    "版权声明",
    "版权所有",
    "copyright",
    "浏览次数",
    "阅读量",
];
/// Lines after which nothing belongs to the article.
const AFTER: &[&str] = &[
    "相关阅读",
    "相关新闻",
    "相关链接",
    "相关文章",
    "相关报道",
    "延伸阅读",
    "推荐阅读",
    "热门推荐",
    "热门文章",
    "更多阅读",
    "更多新闻",
    "猜你喜欢",
    "往期回顾",
    "友情链接",
];
/// Words that mark a footer wherever they stand in a short line.
const FOOTER: &[&str] = &["icp备", "icp证", "公网安备", "许可证号", "版权所有"];

/// What one of them holds before it is folded: 安, 版, 号, 號 or ICP, in bytes.
const FOOTER_SIGNS: [&[u8; 3]; 5] = [b"\xe5\xae\x89", b"\xe7\x89\x88", b"\xe5\x8f\xb7", b"\xe8\x99\x9f", b"ICP"];

/// What the lines of [`FURNITURE`] and [`AFTER`] begin with, sorted out of them.
static HEADS: LazyLock<Vec<char>> = LazyLock::new(|| {
    let mut heads: Vec<char> = FURNITURE.iter().chain(AFTER).filter_map(|line| line.chars().next()).collect();
    heads.sort_unstable();
    heads.dedup();
    heads
});

impl Scanned {
    /// Scans a title.
    pub(in crate::taxonomy) fn title(text: &str, places: Places) -> Scanned {
        let mut scanned = Scanned::with_room(text.len(), places);
        let mut at = 0;
        scanned.prose(text, &mut at);
        scanned.lead = scanned.units.len();
        scanned
    }

    /// Scans a Markdown body.
    pub(in crate::taxonomy) fn body(text: &str, places: Places) -> Scanned {
        let mut scanned = Scanned::with_room(text.len(), places);
        let mut at = 0_u32;
        let mut fence: Option<&str> = None;
        let mut lead_open = true;
        let mut rest = text;
        while !rest.is_empty() {
            let end = memchr(b'\n', rest.as_bytes()).map_or(rest.len(), |at| at + 1);
            let (raw, below) = rest.split_at(end);
            rest = below;
            let line = raw.trim();
            let mark = || ["```", "~~~"].into_iter().find(|m| line.starts_with(m));
            let mark = line.starts_with(['`', '~']).then(mark).flatten();
            if let Some(open) = fence {
                at += raw.chars().count() as u32;
                if line.starts_with(open) {
                    fence = None;
                }
                continue;
            }
            if mark.is_some() {
                fence = mark;
                at += raw.chars().count() as u32;
                continue;
            }
            match furniture(line) {
                Furniture::None => {}
                Furniture::Line => {
                    at += raw.chars().count() as u32;
                    continue;
                }
                Furniture::Rest => break,
            }
            let start = scanned.units.len();
            scanned.prose(raw, &mut at);
            let length = scanned.units.len() - start;
            if length > 0 {
                scanned.push(u16::from(b'\n'), at.saturating_sub(1));
            }
            if lead_open && length > 0 {
                scanned.lead = scanned.units.len().min(LEAD);
                lead_open = length < PARAGRAPH && scanned.units.len() < LEAD;
            }
        }
        scanned
    }

    fn with_room(bytes: usize, places: Places) -> Scanned {
        // A text in Latin letters grows once; what is not written to costs nothing.
        let room = bytes / 2 + 8;
        let at = if places == Places::Wanted { Vec::with_capacity(room) } else { Vec::new() };
        let (quotes, marks) = (Vec::with_capacity(bytes / 128), Vec::with_capacity(bytes / 128));
        Scanned { units: Vec::with_capacity(room), at, places, quotes, marks, lead: 0 }
    }

    fn push(&mut self, unit: u16, at: u32) {
        self.units.push(unit);
        if self.places == Places::Wanted {
            self.at.push(at);
        }
    }

    /// Takes over the characters that are read the same wherever they stand, as long as there are such.
    #[inline]
    fn plain<'t>(&mut self, line: &'t str, at: &mut u32) -> &'t str {
        let plain = &*PLAIN;
        let mut rest = line.chars();
        loop {
            let (mut block, mut taken) = ([0; 64], 0);
            let mut before = rest.as_str();
            for place in &mut block {
                let unit = rest.next().and_then(|c| plain.get(c as usize)).copied().unwrap_or(0);
                if unit == 0 {
                    break;
                }
                (*place, taken, before) = (unit, taken + 1, rest.as_str());
            }
            self.units.extend_from_slice(&block[..taken]);
            if self.places == Places::Wanted {
                self.at.extend(*at..*at + taken as u32);
            }
            *at += taken as u32;
            if taken < block.len() {
                return before;
            }
        }
    }

    /// Scans one line; `at` moves on by its characters.
    fn prose(&mut self, line: &str, at: &mut u32) {
        let mut rest = line.chars();
        let mut gap = false;
        loop {
            if !gap {
                rest = self.plain(rest.as_str(), at).chars();
            }
            let Some(c) = rest.next() else { break };
            let here = *at;
            *at += 1;
            if is_ignored(c) {
                if is_quote(c) {
                    self.quotes.push(self.units.len() as u32);
                    self.marks.push(match c {
                        '“' | '‘' | '「' | '『' | '《' | '〈' | '〝' | '﹁' => Mark::Open,
                        '"' | '\'' | '＂' => Mark::Straight,
                        _ => Mark::Close,
                    });
                }
                continue;
            }
            let skipped = match c {
                '(' if self.units.last() == Some(&u16::from(b']')) => upto(rest.as_str(), &[')', '\n']),
                '<' if rest.as_str().starts_with(|n: char| n.is_ascii_alphabetic() || n == '/' || n == '!') => {
                    upto(rest.as_str(), &['>', '\n'])
                }
                '`' => upto(rest.as_str(), &['`', '\n']),
                'h' if rest.as_str().starts_with("ttp://") || rest.as_str().starts_with("ttps://") => {
                    rest.as_str().chars().take_while(|c| c.is_ascii_graphic()).count()
                }
                _ => 0,
            };
            if skipped > 0 {
                *at += skipped as u32;
                rest.nth(skipped - 1);
                continue;
            }
            let folded = fold_char(c);
            if folded.is_whitespace() {
                gap = true;
                continue;
            }
            let before = self.units.last().and_then(|u| char::from_u32(u32::from(*u))).unwrap_or(' ');
            let unit = u16::try_from(settle(before, folded) as u32).unwrap_or(0xfffd);
            if gap && folded.is_ascii_alphanumeric() && self.units.last().is_some_and(|u| is_ascii_word(*u)) {
                self.push(u16::from(b' '), here.saturating_sub(1));
            }
            gap = false;
            self.push(unit, here);
        }
    }

    /// Tells whether a quotation mark stood right before unit `index`.
    pub(in crate::taxonomy) fn quoted_at(&self, index: usize) -> bool {
        self.quotes.binary_search(&(index as u32)).is_ok()
    }

    /// Gives where the first quotation mark at or after unit `index` stood.
    pub(in crate::taxonomy) fn quote_after(&self, index: usize) -> Option<usize> {
        let n = self.quotes.partition_point(|&q| (q as usize) < index);
        self.quotes.get(n).map(|&q| q as usize)
    }

    /// Gives where the last quotation mark at or before unit `index` stood.
    pub(in crate::taxonomy) fn quote_before(&self, index: usize) -> Option<usize> {
        let n = self.quotes.partition_point(|&q| q as usize <= index);
        n.checked_sub(1).map(|n| self.quotes[n] as usize)
    }
}

/// Tells whether a unit is an ASCII letter or digit.
pub(in crate::taxonomy) fn is_ascii_word(unit: u16) -> bool {
    u8::try_from(unit).is_ok_and(|b| b.is_ascii_alphanumeric())
}

/// Counts the characters up to and with the first of `ends`, or 0 when none is near.
fn upto(rest: &str, ends: &[char]) -> usize {
    rest.chars().take(400).position(|c| ends.contains(&c)).map_or(0, |n| n + 1)
}

enum Furniture {
    None,
    Line,
    Rest,
}

fn furniture(line: &str) -> Furniture {
    if line.is_empty() || line.len() > 300 {
        return Furniture::None;
    }
    let bare = line.trim_start_matches(['#', '*', '>', '-', ' ', '【', '[', '(', '（', '◎', '▪', '•', '　']);
    let head = || bare.chars().take(12).map(fold_char).filter(|c| !c.is_whitespace());
    if head().next().is_some_and(|first| HEADS.binary_search(&first).is_ok()) {
        let head: String = head().collect();
        if AFTER.iter().any(|a| head.starts_with(a)) && bare.chars().count() <= 10 {
            return Furniture::Rest;
        }
        if FURNITURE.iter().any(|f| head.starts_with(f)) && line.len() <= 240 {
            return Furniture::Line;
        }
    }
    if line.len() <= 240 && may_be_footer(line) {
        let folded: String = line.chars().map(fold_char).collect();
        if FOOTER.iter().any(|f| folded.contains(f)) {
            return Furniture::Line;
        }
    }
    Furniture::None
}

/// Tells whether a line holds a character that stands in all that means a word of [`FOOTER`].
fn may_be_footer(line: &str) -> bool {
    let bytes = line.as_bytes();
    let three = bytes.iter().zip(bytes.get(1..).unwrap_or(&[])).zip(bytes.get(2..).unwrap_or(&[]));
    // Looks at all of them at once, without a branch.
    three.fold(false, |any, ((&a, &b), &c)| {
        let one = |text: &[u8; 3]| (a == text[0]) & (b == text[1]) & (c == text[2]);
        any | FOOTER_SIGNS.iter().fold(false, |any, sign| any | one(sign))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(scanned: &Scanned) -> String {
        String::from_utf16(&scanned.units).unwrap()
    }

    #[test]
    fn leaves_out_what_is_no_prose() {
        let body = "来源：兰州日报\n\n[蘭州](http://x.y/兰州)「新聞」 `西宁` <b title=\"西宁\">甲</b> http://a.b/c 乙\n\n```\n西宁\n```\n相关阅读\n西宁\n";
        let scanned = Scanned::body(body, Places::Wanted);
        assert_eq!(text(&scanned), "[兰州]新闻甲乙\n");
        let chars: Vec<char> = body.chars().collect();
        assert_eq!(chars[scanned.at[1] as usize], '蘭');
        assert_eq!(chars[scanned.at[7] as usize], '乙', "{:?}", scanned.at);
        assert!(scanned.quoted_at(4) && scanned.quoted_at(6) && !scanned.quoted_at(5));
    }

    #[test]
    fn keeps_words_of_latin_letters_apart() {
        assert_eq!(text(&Scanned::title("在 Silicon  Valley 的 5 天", Places::Unwanted)), "在silicon valley的5天");
    }
}
