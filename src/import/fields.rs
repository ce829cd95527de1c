//! Date, source, author and editor as the lines of a page state them.
//!
//! Takes one line, gives the fields it states, or nothing when the line is text. Position is the caller's business.

use super::date;
use super::fold::{fold_line, is_han};
use super::names::{self, is_media, is_nobody, is_person, paper, people, trim_name};

/// What the lines of one page have said so far; what is said first is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) title: Option<String>,
    pub(super) date: Option<String>,
    pub(super) source: Option<String>,
    pub(super) original_url: Option<String>,
    pub(super) author: Vec<String>,
    pub(super) editor: Option<String>,
    pub(super) tags: Vec<String>,
}

impl Fields {
    /// Fills what is still empty from another reading of the page.
    pub(super) fn fill(&mut self, other: Fields) {
        self.title = self.title.take().or(other.title);
        self.date = self.date.take().or(other.date);
        self.source = self.source.take().or(other.source);
        self.original_url = self.original_url.take().or(other.original_url);
        self.editor = self.editor.take().or(other.editor);
        if self.author.is_empty() {
            self.author = other.author;
        }
        if self.tags.is_empty() {
            self.tags = other.tags;
        }
    }

    /// Tells whether nothing has been said.
    pub(super) fn is_empty(&self) -> bool {
        *self == Fields::default()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Label {
    Date,
    Updated,
    Source,
    Author,
    Editor,
    OtherEditor,
    Title,
    /// Where an event takes place: the line is part of a notice.
    Place,
    /// Counters, font sizes and the like.
    Nothing,
}

/// Labels, longest first within a kind; folded.
const LABELS: &[(Label, &[&str])] = &[
    (Label::Place, &["活动地点", "会议地点", "地点", "主讲人", "报名方式", "票价"]),
    (
        Label::Date,
        &[
            "新闻发布时间",
            "信息发布时间",
            "发布时间",
            "发布日期",
            "发布于",
            "发表时间",
            "发表日期",
            "发表于",
            "发文日期",
            "发稿时间",
            "成文日期",
            "刊登日期",
            "刊登时间",
            "上架时间",
            "建立时间",
            "录入时间",
            "添加时间",
            "上传时间",
            "出版日期",
            "新闻日期",
            "文章日期",
            "张贴日期",
            "公告日期",
            "发佈时间",
            "日期",
            "时间",
            "date",
            "published",
            "publish date",
            "posted on",
            "posted",
            "首次发布",
            "发布",
        ],
    ),
    (
        Label::Updated,
        &[
            "最后更新时间",
            "最后更新",
            "更新时间",
            "更新日期",
            "最近更新",
            "修改时间",
            "更新于",
            "更新",
            "updated",
            "last updated",
        ],
    ),
    (
        Label::Source,
        &[
            "信息来源",
            "稿件来源",
            "文章来源",
            "新闻来源",
            "资料来源",
            "消息来源",
            "内容来源",
            "来源媒体",
            "来源网站",
            "来源单位",
            "文章出处",
            "稿源",
            "来源",
            "出处",
            "转载自",
            "转自",
            "摘自",
            "来自",
            "原载",
            "首发于",
            "信源",
            "供稿单位",
            "供稿",
            "发布机构",
            "发布单位",
            "发布部门",
            "发布者单位",
            "媒体",
            "source",
            "from",
            "新闻提供",
            "刊载于",
            "公众号",
        ],
    ),
    (
        Label::Author,
        &[
            "文章作者",
            "本报记者",
            "特约记者",
            "特派记者",
            "实习记者",
            "见习记者",
            "记者",
            "通讯员",
            "作者",
            "撰文",
            "采写",
            "撰稿",
            "采访",
            "文字",
            "文/图",
            "图/文",
            "图文",
            "文",
            "author",
            "by",
            "撰写",
            "执笔",
            "编译",
            "作 者",
        ],
    ),
    (
        Label::Editor,
        &[
            "本文责任编辑",
            "责任编辑",
            "责任编缉",
            "责编",
            "本文编辑",
            "网络编辑",
            "值班编辑",
            "见习编辑",
            "实习编辑",
            "本期编辑",
            "文字编辑",
            "稿件编辑",
            "新媒体编辑",
            "网站编辑",
            "核稿编辑",
            "编辑",
            "editor",
            "编 辑",
        ],
    ),
    (
        Label::OtherEditor,
        &[
            "主编",
            "总编",
            "值班主编",
            "审核",
            "审校",
            "校对",
            "核稿",
            "监制",
            "复审",
            "终审",
            "初审",
            "一审",
            "二审",
            "三审",
            "审稿",
            "发布人",
            "发布者",
            "录入",
            "制作",
            "美编",
            "排版",
            "图片编辑",
            "视觉",
            "设计",
            "签发",
            "责任校对",
            "信息员",
        ],
    ),
    (Label::Title, &["文章标题", "新闻标题", "标题", "title", "题目"]),
    (
        Label::Nothing,
        &[
            "浏览次数",
            "浏览量",
            "浏览",
            "阅读次数",
            "阅读量",
            "阅读",
            "点击次数",
            "点击率",
            "点击量",
            "点击",
            "访问次数",
            "访问量",
            "人气",
            "热度",
            "评论数",
            "评论",
            "字号",
            "字体",
            "字体大小",
            "字级",
            "分享到",
            "分享",
            "收藏",
            "打印",
            "点赞",
            "大小",
            "次数",
            "回复",
            "查看",
            "摄影",
            "摄",
            "图",
            "图片",
            "分类",
            "栏目",
            "所属栏目",
            "频道",
            "类别",
            "views",
            "category",
            "我要评论",
            "语音播报",
            "ip属地",
            "发布地",
        ],
    ),
];

struct Hit {
    label: Label,
    /// In characters: where the label begins and where its value does.
    start: usize,
    value: usize,
    /// Whether a colon followed.
    colon: bool,
}

/// What one line states.
#[derive(Debug, Default)]
pub(super) struct Stated {
    pub(super) fields: Fields,
    /// What is left of the line that no label and no date accounts for, in order.
    pub(super) rest: Vec<String>,
    /// Whether a label with a colon was among it.
    pub(super) labelled: bool,
    /// A date without a year stood there.
    pub(super) yearless: bool,
}

/// Reads a line as a list of labelled fields, or as a date with a name beside it; `None` when it is text.
pub(super) fn read(line: &str) -> Option<Stated> {
    let count = line.chars().count();
    if count > 220 || line.contains('。') && count > 60 {
        return None;
    }
    let folded: Vec<char> = fold_line(line).chars().collect();
    let chars: Vec<char> = line.chars().collect();
    let hits = hits(&folded);
    let found = date::find(line);
    if hits.is_empty() && found.is_none() {
        return yearless(&folded).map(|rest| Stated { yearless: true, rest, ..Stated::default() });
    }
    let mut used = vec![false; chars.len()];
    let mut stated = Stated::default();
    let span = found.as_ref().map(|(range, _)| {
        let start = line[..range.start].chars().count();
        start..start + line[range.clone()].chars().count()
    });
    if hits.iter().any(|hit| hit.label == Label::Place) {
        return None;
    }
    let labelled = hits.iter().any(|hit| hit.colon && hit.label != Label::Nothing);
    if let Some(span) = span.clone().filter(|_| !labelled)
        && (line.contains('。') || is_in_a_sentence(&folded, span))
    {
        return None;
    }
    for (index, hit) in hits.iter().enumerate() {
        let end = value_end(&folded, hit, hits.get(index + 1), span.clone());
        let value: String = chars[hit.value..end].iter().collect();
        if !is_value(hit.label, &value) {
            return None;
        }
        stated.labelled |= hit.colon;
        let is_date = matches!(hit.label, Label::Date | Label::Updated);
        if is_date && span.is_none() && folded[hit.value..end].iter().any(char::is_ascii_digit) {
            stated.yearless = true;
        }
        take(&mut stated.fields, hit, &value);
        used[hit.start..end].fill(true);
    }
    if let (Some(span), Some((_, iso))) = (span, found) {
        stated.fields.date = Some(iso);
        used[span].fill(true);
    }
    further_dates(&chars, &mut used);
    stated.rest = leftovers(&chars, &used);
    judge(stated, count)
}

/// Marks what other dates a line holds: when the page was changed, what day it is today.
fn further_dates(chars: &[char], used: &mut [bool]) {
    for _ in 0..3 {
        let rest: String = chars.iter().zip(used.iter()).map(|(c, used)| if *used { '|' } else { *c }).collect();
        let Some((range, _)) = date::find(&rest) else { return };
        let start = rest[..range.start].chars().count();
        let end = start + rest[range].chars().count();
        used[start..end].fill(true);
    }
}

/// Recognises a short line that is a date without a year, or one told from today; gives what else stands there.
fn yearless(folded: &[char]) -> Option<Vec<String>> {
    if folded.len() > 30 || !folded.iter().any(char::is_ascii_digit) {
        return None;
    }
    let text: String = folded.iter().collect();
    let is_moment = |word: &str| {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        let shape: String = word.chars().filter(|c| !c.is_ascii_digit()).collect();
        digits > 0
            && matches!(
                shape.as_str(),
                "月日" | "-" | "/" | ":" | "::" | "小时前" | "分钟前" | "天前" | "昨天:" | "前天:" | "今天:" | "月日:"
            )
            && !(shape == "/" && digits > 4)
    };
    let (moments, rest): (Vec<&str>, Vec<&str>) =
        text.split_whitespace().partition(|word| is_moment(word) || matches!(*word, "昨天" | "今天" | "前天"));
    let clock = moments.iter().any(|word| word.contains(':') || word.ends_with('前'));
    let day = moments.iter().any(|word| word.ends_with('日'));
    let known = rest.iter().all(|word| is_media(word) || is_person(word));
    (known && (clock || (day && rest.is_empty()))).then(|| rest.into_iter().map(str::to_owned).collect())
}

/// Tells whether a date is part of a sentence or a title (`2022年8月1日起调整票价`): words touch it.
fn is_in_a_sentence(folded: &[char], date: std::ops::Range<usize>) -> bool {
    let after: String = folded[date.end..].iter().take(2).collect();
    let before: String = folded[..date.start].iter().collect();
    let follows = after.starts_with(|c: char| is_han(c) || matches!(c, ',' | '、'))
        && !["星期", "周", "礼拜", "上午", "下午", "讯", "电"].iter().any(|word| after.starts_with(word));
    let precedes = before.ends_with(is_han)
        && !["于", "期", "间", "发布", "发表", "更新", "刊登", "于:", "网", "报", "社"]
            .iter()
            .any(|word| before.ends_with(word));
    follows || precedes
}

/// Tells whether what stands behind a label can be its value: `记者：您怎么看？` is an interview.
fn is_value(label: Label, value: &str) -> bool {
    let words = || value.split(|c: char| !c.is_alphanumeric()).map(|word| word.chars().filter(|c| is_han(*c)).count());
    match label {
        Label::Author | Label::Editor | Label::OtherEditor => {
            value.chars().count() <= 60
                && !value.contains(['？', '?', '！', '!', '。', '…', '，'])
                && words().all(|han| han <= 12)
        }
        Label::Source => value.chars().count() <= 40 && !value.contains(['？', '！', '。', '，']),
        Label::Date | Label::Updated => !value.contains('。'),
        Label::Title | Label::Place | Label::Nothing => true,
    }
}

/// Gives up a reading that explains too little of its line.
fn judge(mut stated: Stated, count: usize) -> Option<Stated> {
    let rest: usize = stated.rest.iter().map(|part| part.chars().count()).sum();
    if rest > 44 || (rest * 2 > count + 24 && stated.fields.date.is_none()) {
        return None;
    }
    if stated.fields.is_empty() && !stated.labelled {
        return None;
    }
    stated.rest.retain(|part| !is_noise(part));
    Some(stated)
}

fn is_noise(part: &str) -> bool {
    let folded = fold_line(part);
    let bare: String = folded.chars().filter(|c| c.is_alphanumeric()).collect();
    bare.is_empty()
        || bare.bytes().all(|b| b.is_ascii_digit())
        || ["星期", "周一", "周二", "周三", "周四", "周五", "周六", "周日", "礼拜"]
            .iter()
            .any(|day| bare.starts_with(day) && bare.chars().count() <= 3)
        || matches!(
            bare.as_str(),
            "更新"
                | "发布"
                | "发表"
                | "上午"
                | "下午"
                | "大"
                | "中"
                | "小"
                | "大中小"
                | "date"
                | "讯"
                | "原创"
                | "转载"
                | "次"
                | "编辑"
                | "于"
                | "gmt8"
                | "cst"
                | "am"
                | "pm"
                | "今天"
                | "分享"
                | "打印"
                | "收藏"
                | "阅读"
        )
}

fn hits(folded: &[char]) -> Vec<Hit> {
    let mut hits = Vec::new();
    let mut at = 0;
    while at < folded.len() {
        match label_at(folded, at) {
            Some(hit) => {
                at = hit.value.max(at + 1);
                hits.push(hit);
            }
            None => at += 1,
        }
    }
    hits
}

fn label_at(folded: &[char], at: usize) -> Option<Hit> {
    let before = at.checked_sub(1).map(|i| folded[i]);
    let boundary = before.is_none_or(|c| !is_han(c) && !c.is_alphabetic());
    let mut best: Option<Hit> = None;
    for (label, words) in LABELS {
        for word in *words {
            let length = word.chars().count();
            if best.as_ref().is_some_and(|b| b.value - at > length) || !starts(&folded[at..], word) {
                continue;
            }
            let mut value = at + length;
            let spaces = folded[value..].iter().take_while(|c| **c == ' ').count();
            let by_slash = matches!(label, Label::Author | Label::Editor | Label::OtherEditor | Label::Nothing);
            let colon = match folded.get(value + spaces) {
                Some(':') => true,
                Some('/') => by_slash,
                _ => false,
            };
            if colon {
                value += spaces + 1;
            }
            // Without a colon only a role followed by a name counts, and counters.
            let spaced = *label == Label::Author
                && length >= 2
                && spaces > 0
                && ["记者", "作者", "通讯员", "撰文", "采写"].iter().any(|role| word.ends_with(role))
                || *label == Label::Author && word.ends_with("记者") && names_follow(folded, value)
                || *label == Label::Date && length >= 3 && spaces > 0
                || *label == Label::Date
                    && matches!(*word, "发布于" | "发表于")
                    && folded.get(value).is_some_and(char::is_ascii_digit);
            if (boundary || (colon && length >= 4)) && (colon || spaced) {
                best = Some(Hit { label: *label, start: at, value, colon });
            }
        }
    }
    best
}

/// `記者黎小婷` as the last thing of a line of fields.
fn names_follow(folded: &[char], at: usize) -> bool {
    let run: String = folded[at..].iter().take_while(|c| is_han(**c)).collect();
    is_person(&run)
}

fn starts(folded: &[char], word: &str) -> bool {
    let mut at = folded.iter();
    word.chars().all(|c| at.next() == Some(&c))
}

/// Where a value ends: at the next label, the date, a separator, or two spaces.
fn value_end(folded: &[char], hit: &Hit, next: Option<&Hit>, date: Option<std::ops::Range<usize>>) -> usize {
    let mut end = next.map_or(folded.len(), |next| next.start);
    let is_date = matches!(hit.label, Label::Date | Label::Updated);
    if let Some(date) = date {
        if is_date && date.start >= hit.value && date.start < end && date.start - hit.value <= 4 {
            return date.end.min(end);
        }
        if date.start >= hit.value && date.start < end {
            end = date.start;
        }
    }
    let first = (hit.value..end).find(|&i| folded[i] != ' ').unwrap_or(end);
    let names = matches!(hit.label, Label::Author | Label::Editor | Label::OtherEditor);
    for i in first..end {
        let stop = match folded[i] {
            '|' | ']' | ')' | '\t' | '>' | '<' => true,
            '(' => i > first && !is_date,
            '[' => i > first,
            ' ' => {
                folded.get(i + 1) == Some(&' ')
                    || (!names && !is_date && hit.label != Label::Title)
                    || (names && !folded[i + 1..end].iter().any(|c| is_han(*c)))
            }
            _ => false,
        };
        if stop {
            return i;
        }
    }
    end
}

fn take(fields: &mut Fields, hit: &Hit, value: &str) {
    let value = trim_name(value);
    match hit.label {
        Label::Source if fields.source.is_none() => fields.source = source(value),
        Label::Author if fields.author.is_empty() => fields.author = people(value),
        Label::Editor if fields.editor.is_none() => fields.editor = editor(value),
        Label::Title if fields.title.is_none() && !value.is_empty() => fields.title = Some(value.to_owned()),
        _ => {}
    }
}

/// Reads the name of a source: no address, nobody's placeholder, no trailing remark.
pub(super) fn source(value: &str) -> Option<String> {
    let value = trim_name(value);
    let cut = value.find("http").unwrap_or(value.len());
    let value = trim_name(&value[..cut]);
    (!is_nobody(value) && value.chars().count() <= 40).then(|| value.to_owned())
}

/// Reads the names of editors into one string.
pub(super) fn editor(value: &str) -> Option<String> {
    let names = people(value);
    (!names.is_empty()).then(|| names.join("、"))
}

fn leftovers(chars: &[char], used: &[bool]) -> Vec<String> {
    let mut parts = vec![String::new()];
    for (c, used) in chars.iter().zip(used) {
        if *used || matches!(c, '|' | '｜' | '\t' | '　' | '【' | '】' | '[' | ']' | '·' | '•' | '/' | '／' | '>' | '│')
        {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(*c);
        }
    }
    parts.iter().map(|part| trim_name(part).to_owned()).filter(|part| !part.is_empty()).collect()
}

/// Reads names without labels that stand beside the date of a page: `經濟快訊 2023-02-22 11:49`, `原创 老柯 深城观察 2021-02-21`.
///
/// Returns what might be a title when the leftover is too long for a name.
pub(super) fn unlabelled(stated: &mut Stated) -> Option<String> {
    stated.rest.retain(|part| !fold_line(part).starts_with("本帖最后由"));
    let longest = stated.rest.iter().max_by_key(|part| part.chars().count())?.clone();
    if longest.chars().count() >= 9 && !is_media(&longest) {
        return Some(longest);
    }
    let timed = stated.fields.date.as_ref().is_some_and(|date| date.len() > 10);
    let words: Vec<&str> = stated.rest.iter().flat_map(|part| part.split_whitespace()).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !is_noise(word) && !is_nobody(word)).collect();
    let original = stated.rest.iter().any(|part| fold_line(part).starts_with("原创"));
    let words: Vec<&str> = words.into_iter().filter(|word| fold_line(word) != "原创").collect();
    let fields = &mut stated.fields;
    match words.as_slice() {
        [author, account] if original && fields.source.is_none() => {
            if fields.author.is_empty() {
                fields.author = people(author);
            }
            fields.source = source(account);
        }
        words => {
            for word in words {
                if is_person(word) && fields.author.is_empty() && !is_media(word) {
                    fields.author = people(word);
                } else if fields.source.is_none()
                    && (2..=16).contains(&word.chars().count())
                    && word.chars().any(is_han)
                    && (timed || original || is_media(word))
                {
                    fields.source = source(word);
                }
            }
        }
    }
    None
}

/// Reads what stands in brackets at the head of the first paragraph or before its first words: who reports, for whom.
pub(super) fn dateline(paragraph: &str) -> Fields {
    let mut fields = Fields::default();
    let text = paragraph.trim_start();
    let folded = fold_line(text);
    let chars: Vec<char> = folded.chars().collect();
    let limit = chars.len().min(60);
    let mut at = 0;
    // Up to three bracketed or bare pieces: `本报讯（记者 张三）`, `〔記者…／新竹報導〕`, `新华社北京3月4日电（记者…）`.
    for _ in 0..3 {
        while at < limit && matches!(chars[at], ' ' | '-' | '—' | ':') {
            at += 1;
        }
        if at >= limit {
            break;
        }
        let end = if matches!(chars[at], '(' | '[' | '《' | '「') {
            let Some(end) = (at..limit).find(|&i| matches!(chars[i], ')' | ']' | '》' | '」')) else { break };
            let piece: String = text.chars().skip(at + 1).take(end - at - 1).collect();
            if is_byline(&chars[at + 1..end]) {
                merge(&mut fields, &piece);
            }
            end + 1
        } else {
            let Some(end) = (at + 2..limit.min(at + 26))
                .find(|&i| matches!(chars[i], '讯' | '电') && chars.get(i + 1).is_none_or(|c| !is_han(*c)))
            else {
                break;
            };
            let piece: String = text.chars().skip(at).take(end + 1 - at).collect();
            if piece.chars().any(|c| matches!(c, ',' | '，' | '。' | '“')) {
                break;
            }
            merge(&mut fields, &piece);
            end + 1
        };
        at = end;
    }
    fields
}

fn is_byline(folded: &[char]) -> bool {
    let text: String = folded.iter().collect();
    ["记者", "通讯员", "特派员"].iter().any(|role| text.contains(role)) && !text.contains('。')
        || (text.ends_with(['电', '讯', '報']) && folded.len() <= 24)
        || ((text.ends_with("报导") || text.ends_with("报道")) && folded.len() <= 24)
}

fn merge(fields: &mut Fields, piece: &str) {
    let read = names::byline(piece);
    fields.fill(Fields { author: read.people, source: read.source, ..Fields::default() });
    if fields.author.is_empty() && fold_line(piece).contains("报导") {
        let name = piece.split(['／', '/']).next().unwrap_or_default();
        if is_person(name) {
            fields.author = people(name);
        }
    }
}

/// What stands behind the last sentence of an article, and where it begins, in bytes.
#[derive(Debug, Default)]
pub(super) struct Tail {
    pub(super) fields: Fields,
    /// Everything from here on is fields and no text.
    pub(super) cut: Option<usize>,
}

/// Reads the end of a paragraph: `（編輯：謝雅文）1121027`, `(時斕娜)`, `（《兰州晚报》）`, `兰州日报社全媒体记者何燕 |`.
pub(super) fn tail(paragraph: &str) -> Tail {
    let mut tail = Tail::default();
    let mut text = paragraph.trim_end();
    if let Some((rest, mark)) = end_mark(text) {
        tail.fields.date = Some(mark);
        (text, tail.cut) = (rest, Some(rest.len()));
    }
    let bare = text.trim_end_matches([' ', '|', '｜', '　']);
    if bare.len() < text.len() {
        (text, tail.cut) = (bare, Some(bare.len()));
    }
    while let Some((start, inner)) = last_bracket(text) {
        match bracket(inner, &mut tail.fields) {
            Bracket::Text => break,
            Bracket::Byline => text = text[..start].trim_end(),
            Bracket::Fields => {
                text = text[..start].trim_end();
                tail.cut = Some(text.len());
            }
        }
    }
    if let Some(at) = text.rfind(['。', '！', '？', '”', '」', '）', '!', '?']) {
        let sentence = at + text[at..].chars().next().map_or(0, char::len_utf8);
        let piece = text[sentence..].trim();
        if (4..=30).contains(&piece.chars().count()) && is_byline(&fold_line(piece).chars().collect::<Vec<_>>()) {
            merge(&mut tail.fields, piece);
        }
    }
    tail
}

/// A date in the calendar of the Republic that ends a dispatch: seven digits behind the bracket of the editor.
fn end_mark(text: &str) -> Option<(&str, String)> {
    let rest = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &text[rest.len()..];
    if digits.len() != 7 || !rest.trim_end().ends_with([')', '）', '。']) {
        return None;
    }
    let (year, month, day) = (digits[..3].parse::<u32>().ok()? + 1911, &digits[3..5], &digits[5..]);
    let valid = (1..=12).contains(&month.parse::<u32>().ok()?) && (1..=31).contains(&day.parse::<u32>().ok()?);
    (valid && (1950..2100).contains(&year)).then(|| (rest.trim_end(), format!("{year}-{month}-{day}")))
}

fn last_bracket(text: &str) -> Option<(usize, &str)> {
    let close = text.chars().next_back().filter(|c| matches!(c, ')' | '）' | '】' | '〕' | ']'))?;
    let start = text.rfind(['(', '（', '【', '〔', '['])?;
    let open = text[start..].chars().next()?.len_utf8();
    let inner = &text[start + open..text.len() - close.len_utf8()];
    (inner.chars().count() <= 40).then_some((start, inner))
}

enum Bracket {
    Text,
    /// Says who reported; may stay in the text.
    Byline,
    /// Labelled fields: no text.
    Fields,
}

fn bracket(inner: &str, fields: &mut Fields) -> Bracket {
    let folded = fold_line(inner);
    if let Some(stated) = read(inner)
        && stated.labelled
        && stated.rest.is_empty()
        && (stated.fields.editor.is_some() || stated.fields.source.is_some() || !stated.fields.author.is_empty())
    {
        fields.fill(stated.fields);
        return Bracket::Fields;
    }
    if let Some(name) = inner.strip_prefix('《').and_then(|name| name.strip_suffix('》')) {
        if is_media(name) && name.chars().count() <= 12 {
            fields.fill(Fields { source: Some(paper(name).to_owned()), ..Fields::default() });
            return Bracket::Byline;
        }
        return Bracket::Text;
    }
    if is_byline(&folded.chars().collect::<Vec<_>>()) {
        merge(fields, inner);
        return Bracket::Byline;
    }
    let names: Vec<&str> = inner.split(['、', ' ', '　']).filter(|name| !name.is_empty()).collect();
    if !names.is_empty() && names.iter().all(|name| is_person(name)) {
        fields.fill(Fields { author: people(inner), ..Fields::default() });
        return Bracket::Byline;
    }
    Bracket::Text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, date: Option<&str>, source: Option<&str>, author: &[&str], editor: Option<&str>) {
        let mut stated = read(line).unwrap_or_else(|| panic!("not read: {line}"));
        unlabelled(&mut stated);
        let f = stated.fields;
        assert_eq!((f.date.as_deref(), f.source.as_deref(), f.editor.as_deref()), (date, source, editor), "{line}");
        assert_eq!(f.author, author, "{line}");
    }

    #[test]
    fn reads_lines_of_fields() {
        check(
            "發佈時間:2021-03-16 13:13:48 | 來源:蘭州日報 | 責任編輯:牛小鑫",
            Some("2021-03-16T13:13"),
            Some("蘭州日報"),
            &[],
            Some("牛小鑫"),
        );
        check("2022-09-20 08:29:20 來源:中工網-工人日報", Some("2022-09-20T08:29"), Some("中工網-工人日報"), &[], None);
        check("經濟快訊 2023-02-22 11:49", Some("2023-02-22T11:49"), Some("經濟快訊"), &[], None);
        check("原创 老柯 深城观察 2021-02-21", Some("2021-02-21"), Some("深城观察"), &["老柯"], None);
        check(
            "2023年06月17日 09:40:11   来源：两岸观察网   编辑：林晓",
            Some("2023-06-17T09:40"),
            Some("两岸观察网"),
            &[],
            Some("林晓"),
        );
        check("文:柯小青|圖:編輯部", None, None, &["柯小青"], None);
        check("[责任编辑：张小翔]", None, None, &[], Some("张小翔"));
        check("本帖最后由 小编 于 2018-11-19 09:12 编辑", Some("2018-11-19T09:12"), None, &[], None);
        check(
            "2020-08-05 16:11  來源：高原日報  記者 劉小行 【字體：大 小】",
            Some("2020-08-05T16:11"),
            Some("高原日報"),
            &["劉小行"],
            None,
        );
    }

    #[test]
    fn reads_datelines() {
        let f = dateline("〔記者洪小方／新竹報導〕新竹科學園區今天宣布。");
        assert_eq!(f.author, ["洪小方"]);
        let f = dateline("兰州晚报讯 2月20日，会议举行。");
        assert_eq!(f.source.as_deref(), Some("兰州晚报"));
        let f = dateline("《經濟快訊22日專訊》前海迎來新住戶。");
        assert_eq!(f.source.as_deref(), Some("經濟快訊"));
        let f = dateline("新华社北京3月4日电（记者 张三、李四）会议开幕。");
        assert_eq!((f.source.as_deref(), f.author.len()), (Some("新华社"), 2));
        assert!(dateline("记者从会议上获悉，去年全市增长。").is_empty());
    }

    #[test]
    fn takes_text_for_text() {
        for line in [
            "2022年8月1日起调整公交票价",
            "某市2022年8月1日起实行新规",
            "2021年3月15日，全市科技工作会议举行。",
            "记者：您怎么看这个问题？",
            "时间：2021年7月1日 地点：市图书馆",
            "他在2021年3月4日来过",
            "文：质彬彬，然后君子。",
        ] {
            assert!(read(line).is_none(), "{line}");
        }
    }

    #[test]
    fn reads_the_end_of_an_article() {
        let text = "閒置校舍。（編輯：謝小文）1121027";
        let t = tail(text);
        assert_eq!((t.fields.editor.as_deref(), t.fields.date.as_deref()), (Some("謝小文"), Some("2023-10-27")));
        assert_eq!(&text[..t.cut.unwrap()], "閒置校舍。");
        assert_eq!(tail("楊頌說。(時小娜)").fields.author, ["時小娜"]);
        assert_eq!(tail("招才引智。（《兰州晚报》）").fields.source.as_deref(), Some("兰州晚报"));
        let t = tail("連接兩岸。河灣日報社全媒體記者何小燕 |");
        assert_eq!(
            (t.fields.author.as_slice(), t.fields.source.as_deref()),
            (&["何小燕".to_owned()][..], Some("河灣日報"))
        );
        assert!(tail("他说（当时没有人在场）").fields.is_empty());
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,60}") {
            read(&text);
            dateline(&text);
            tail(&text);
        }
    }
}
