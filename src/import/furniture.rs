//! What a line of a page is when it is not text: breadcrumbs, share bars, related lists, notices of rights, advertisements.
//!
//! Takes one folded line, says its class. Position is not looked at here: a class says what a line looks like, the
//! reader of pages decides by its place whether to believe it.

mod inside;
mod words;

use super::fold::is_terminal;
use inside::inside;
use words::rights;

/// What a line looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    Blank,
    /// Running text.
    Prose,
    /// A short line: a title, a subhead, an item.
    Short,
    /// A long line without the end of a sentence.
    Loose,
    /// A section number that stands alone.
    Number,
    Ornament,
    Picture,
    Breadcrumb,
    Navigation,
    Share,
    /// The head of a list of other articles.
    Related,
    /// One other article (`上一篇：…`).
    Neighbour,
    Counter,
    Advertisement,
    Rights,
    Contact,
    Forum,
    Keywords,
    OriginalTitle,
    Credit,
    EndMark,
    Spam,
    /// Date, source, author or editor.
    Fields,
    /// Recurs on other pages.
    Learned,
    /// Outside what the markup calls the article.
    Outside,
}

impl Class {
    /// Says in the report why a line of this class was removed.
    pub(super) fn why(self) -> &'static str {
        match self {
            Class::Blank | Class::Prose | Class::Short | Class::Loose | Class::Number => "outside the text",
            Class::Ornament => "ornament",
            Class::Picture => "picture outside the text",
            Class::Breadcrumb => "breadcrumb",
            Class::Navigation => "navigation",
            Class::Share => "share bar",
            Class::Related => "related articles",
            Class::Neighbour => "neighbouring article",
            Class::Counter => "counter",
            Class::Advertisement => "advertisement",
            Class::Rights => "notice of rights",
            Class::Contact => "contact line",
            Class::Forum => "forum line",
            Class::Keywords => "keywords",
            Class::OriginalTitle => "original title",
            Class::Credit => "picture credit",
            Class::EndMark => "end mark",
            Class::Spam => "spam",
            Class::Fields => "read into fields",
            Class::Learned => "recurs on other pages",
            Class::Outside => "outside the article",
        }
    }

    /// Tells whether a line may be dropped between two paragraphs, where everything else stays.
    pub(super) fn is_furniture_anywhere(self) -> bool {
        matches!(
            self,
            Class::Ornament
                | Class::Breadcrumb
                | Class::Share
                | Class::Counter
                | Class::Advertisement
                | Class::Forum
                | Class::Neighbour
                | Class::Credit
                | Class::EndMark
                | Class::Outside
        )
    }

    /// Tells whether a line is no text of the article, wherever that is decided.
    pub(super) fn is_furniture(self) -> bool {
        !matches!(self, Class::Picture | Class::Blank | Class::Prose | Class::Short | Class::Loose | Class::Number)
    }
}

/// Tells what a folded line looks like; `fold` must be trimmed.
pub(super) fn classify(fold: &str) -> Class {
    if fold.is_empty() {
        return Class::Blank;
    }
    let bare: String = fold.chars().filter(|c| c.is_alphanumeric()).collect();
    if bare.is_empty() {
        return Class::Ornament;
    }
    let length = fold.chars().count();
    if length <= 4 && bare.len() <= 2 && bare.bytes().all(|b| b.is_ascii_digit()) {
        return Class::Number;
    }
    if length <= 40
        && let Some(class) = whole(&bare)
    {
        return class;
    }
    if is_breadcrumb(fold, length) {
        return Class::Breadcrumb;
    }
    if let Some(class) = head(fold, length) {
        return class;
    }
    if let Some(class) = inside(fold, &bare, length) {
        return class;
    }
    form(fold, length)
}

/// A class of the whole line, counting a word that is said twice once.
fn whole(bare: &str) -> Option<Class> {
    let is = words::whole;
    if let Some(class) = is(bare) {
        return Some(class);
    }
    let half = bare.len() / 2;
    if bare.len().is_multiple_of(2) && bare.is_char_boundary(half) && bare[..half] == bare[half..] {
        return is(&bare[..half]);
    }
    // `我是廣告 請繼續往下閱讀`: two such words in a row.
    bare.char_indices().skip(1).find_map(|(at, _)| {
        let (first, second) = (is(&bare[..at])?, is(&bare[at..])?);
        (first == second && matches!(first, Class::Advertisement | Class::Share)).then_some(first)
    })
}

fn is_breadcrumb(fold: &str, length: usize) -> bool {
    if length > 80 || fold.contains('。') {
        return false;
    }
    let separators =
        fold.matches(['>', '»', '›']).count() - fold.matches(">>").count().min(fold.matches('>').count() / 2);
    let leads = ["首页", "主页", "home"].iter().any(|word| fold.trim_start_matches(['[', ' ']).starts_with(word));
    (separators >= 2 && !fold.contains("=>"))
        || (leads && (separators >= 1 || fold.contains('→') || fold.contains(" / ")))
}

fn head(fold: &str, length: usize) -> Option<Class> {
    const MARKS: &str = "[(*-▶►●■◆☆★※|>#·•▲△→";
    let start = fold.trim_start_matches(|c: char| c.is_whitespace() || MARKS.contains(c));
    let is_sentence = fold.contains('。') && length > 20;
    words::heads(fold).chain(words::heads(start)).find_map(|(word, class)| {
        let believed = match class {
            Class::Rights => rights(fold) >= 2 || (length <= 60 && !is_sentence) || strong_rights(word),
            Class::Contact => length <= 60 && digits(fold) >= 5 || length <= 16,
            Class::Breadcrumb | Class::OriginalTitle => length <= 160,
            Class::Keywords => length <= 300 && !is_sentence,
            Class::Counter => length <= 30,
            Class::Related | Class::Neighbour => length <= 60 && !fold.contains('。'),
            _ => length <= 60 && !is_sentence,
        };
        believed.then_some(class)
    })
}

fn strong_rights(word: &str) -> bool {
    matches!(
        word,
        "版权所有"
            | "版权声明"
            | "免责声明"
            | "免责申明"
            | "copyright"
            | "©"
            | "(c)"
            | "凡注有"
            | "凡本网"
            | "凡本站"
            | "特别声明"
            | "郑重声明"
    )
}

fn digits(fold: &str) -> usize {
    fold.bytes().filter(u8::is_ascii_digit).count()
}

/// The form of a line that no word gives away.
fn form(fold: &str, length: usize) -> Class {
    let ends = fold.trim_end().chars().next_back().is_some_and(is_terminal);
    let has_stop = fold.contains(['。', '!', '?', '…']) || (ends && fold.contains([';', ',', '、']));
    let latin = length >= 60 && fold.ends_with('.') && fold.contains(' ');
    match length {
        0..=9 if fold.contains('。') => Class::Prose,
        0..=14 => Class::Short,
        _ if fold.contains('。') || latin => Class::Prose,
        15..=39 if has_stop && ends && fold.contains([',', '、']) => Class::Prose,
        15..=45 => Class::Short,
        _ if has_stop && ends => Class::Prose,
        _ => Class::Loose,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fold::fold_line;
    use super::*;

    fn check(class: Class, lines: &[&str]) {
        for line in lines {
            assert_eq!(classify(fold_line(line).trim()), class, "{line}");
        }
    }

    #[test]
    fn knows_furniture_in_both_scripts() {
        check(Class::Breadcrumb, &["您現在的位置：首頁 > 要聞", "首頁 -> 頭條", "首页 › 新闻 › 正文"]);
        check(Class::Advertisement, &["廣告 廣告", "請繼續往下閱讀...", "我是廣告 請繼續往下閱讀", "［广告］"]);
        check(
            Class::Share,
            &[
                "分享到：",
                "【字號:",
                "查看全文>>",
                "掃一掃關注公眾號",
                "下載客戶端，閱讀更多精彩",
                "长按识别二维码关注",
            ],
        );
        check(Class::Related, &["相關閱讀", "更多某某報報導", "延伸閱讀：某市夜間公車", "标签："]);
        check(
            Class::Rights,
            &[
                "版權所有 某某網 電話：0000",
                "本站署名的稿件归本站所有,想要转载请先来信,不得镜像。",
                "本社文字與影音，非經授權，不得擅自轉用。",
            ],
        );
        check(Class::Contact, &["招商热线:400 0000 000", "或微信/手机:13500000000"]);
        check(Class::Counter, &["播放数：6400", "阅读 1.2万  点赞 36  在看 18"]);
        check(Class::Credit, &["（圖源網路，侵刪）", "（記者王小明攝）", "（图源：某网）"]);
        check(Class::Ornament, &["▼", "|", "……"]);
    }

    #[test]
    fn believes_no_sentence_to_be_furniture() {
        check(
            Class::Prose,
            &[
                "广告公司的老板说，去年少接了三成单子，今年想换个做法。",
                "相关新闻发布会将于下周在市政府举行，届时会公布全部名单。",
                "分享到最后，大家都站了起来，有人提议明年再办一次。",
                "他在版权局工作了三十年，退休后开始教孩子写字。",
            ],
        );
    }
}
