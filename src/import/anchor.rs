//! Words planted in a text to carry a link whose link is gone: `搭建信息滑鼠墊, 交换數據同享的平台`.
//!
//! Takes the paragraphs of an article, cuts what was planted. A planted word is found by the seam it leaves, never by
//! itself: a comma in another style than the hundred around it, or a comma before a particle that cannot begin a
//! clause. What stands before the seam and nowhere else in the article goes. Only on a page where seams were found do
//! weaker signs count: a term of the trade that stands there once, a compound no lexicon knows behind an adverb.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::LazyLock;

use super::fold::{fold, is_han};
use crate::script::cost;

/// Terms of the trade by their first character, longest first, folded.
static TRADE: LazyLock<BTreeMap<char, Vec<Vec<char>>>> = LazyLock::new(|| {
    let mut trade: BTreeMap<char, Vec<Vec<char>>> = BTreeMap::new();
    let lines = include_str!("../../data/import/trade.txt").lines().filter(|line| !line.starts_with('#'));
    for term in lines.filter_map(|line| line.split_once(':')).flat_map(|(_, terms)| terms.split_whitespace()) {
        let term: Vec<char> = term.chars().map(fold).collect();
        if let Some(first) = term.first() {
            trade.entry(*first).or_default().push(term);
        }
    }
    trade.values_mut().for_each(|terms| terms.sort_by_key(|term| std::cmp::Reverse(term.len())));
    trade
});

/// Adverbs that a verb must follow.
const ADVERBS: &[&str] = &[
    "积极",
    "不断",
    "进一步",
    "更加",
    "大力",
    "努力",
    "持续",
    "深入",
    "充分",
    "主动",
    "全面",
    "稳步",
    "着力",
    "有效",
    "逐步",
    "共同",
    "鼎力",
    "尽力",
    "加倍",
];

/// Longest planted word, in characters.
const LONGEST: usize = 6;

/// What was planted in one paragraph: character ranges to cut, and places worth a look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Planted {
    /// Index of the paragraph.
    pub(super) paragraph: usize,
    /// Characters to cut, in order.
    pub(super) cuts: Vec<Range<usize>>,
}

/// A comma and how it is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Comma {
    Wide,
    Narrow,
    /// Followed by a space.
    Spaced,
}

struct Text {
    chars: Vec<char>,
    folded: Vec<char>,
}

/// Finds planted words in the paragraphs of one article.
pub(super) fn find(paragraphs: &[&str]) -> Vec<Planted> {
    let texts: Vec<Text> = paragraphs
        .iter()
        .map(|text| {
            let chars: Vec<char> = text.chars().collect();
            let folded = chars.iter().map(|c| fold(*c)).collect();
            Text { chars, folded }
        })
        .collect();
    let styles = styles(&texts);
    let seams: Vec<(usize, usize)> = texts
        .iter()
        .enumerate()
        .flat_map(|(at, text)| seams(text, &styles).into_iter().map(move |comma| (at, comma)))
        .collect();
    if seams.is_empty() {
        return Vec::new();
    }
    let page = Page::of(&texts);
    let mut cuts: BTreeMap<usize, Vec<Range<usize>>> = BTreeMap::new();
    for (at, comma) in seams {
        if let Some(start) = before_seam(&texts[at], comma, &page) {
            cuts.entry(at).or_default().push(start..comma_end(&texts[at], comma));
        }
    }
    if !cuts.is_empty() {
        for (at, text) in texts.iter().enumerate() {
            let weaker: Vec<Range<usize>> = strangers(text, &page).into_iter().chain(terms(text, &page)).collect();
            let slot = cuts.entry(at).or_default();
            for cut in weaker {
                if slot.iter().all(|known| cut.end <= known.start || known.end <= cut.start) {
                    slot.push(cut);
                }
            }
        }
    }
    cuts.into_iter()
        .filter(|(_, cuts)| !cuts.is_empty())
        .map(|(paragraph, mut cuts)| {
            cuts.sort_by_key(|cut| cut.start);
            Planted { paragraph, cuts }
        })
        .collect()
}

/// How the comma at a place between two Chinese characters is set; `None` for another place.
fn comma_at(text: &Text, at: usize) -> Option<Comma> {
    let c = *text.chars.get(at)?;
    if !matches!(c, ',' | '，') || !is_han(*text.chars.get(at.checked_sub(1)?)?) {
        return None;
    }
    let spaced = text.chars.get(at + 1) == Some(&' ');
    let next = text.chars.get(at + 1 + usize::from(spaced))?;
    (is_han(*next)).then_some(match (c, spaced) {
        (',', true) => Comma::Spaced,
        (',', false) => Comma::Narrow,
        _ => Comma::Wide,
    })
}

fn comma_end(text: &Text, comma: usize) -> usize {
    comma + 1 + usize::from(text.chars.get(comma + 1) == Some(&' '))
}

/// How often each style of comma is used.
fn styles(texts: &[Text]) -> BTreeMap<Comma, usize> {
    let mut styles = BTreeMap::new();
    for text in texts {
        for comma in (0..text.chars.len()).filter_map(|at| comma_at(text, at)) {
            *styles.entry(comma).or_insert(0) += 1;
        }
    }
    styles
}

/// Finds the commas that do not belong: set unlike the others, or before a particle that begins no clause.
fn seams(text: &Text, styles: &BTreeMap<Comma, usize>) -> Vec<usize> {
    let most = styles.values().copied().max().unwrap_or(0);
    (1..text.chars.len())
        .filter(|&at| {
            let Some(style) = comma_at(text, at) else { return false };
            let count = styles.get(&style).copied().unwrap_or(0);
            let odd = count <= 3 && most >= 4 * count && most >= 6 && (style == Comma::Spaced || most >= 12);
            odd || begins_nothing(&text.folded[comma_end(text, at)..])
        })
        .collect()
}

/// `,了全新途径`: no clause begins with the particle 了.
fn begins_nothing(rest: &[char]) -> bool {
    matches!(rest, ['了', next, ..] if is_han(*next) && !matches!(next, '解' | '不' | '却' | '得' | '无' | '断' | '如' | '若' | '然' | '结' | '望' | '事' | '当' | '此' | '了' | '因' | '悟'))
}

/// What stands where on the page, to tell what stands nowhere else.
struct Page {
    chars: BTreeMap<char, usize>,
    pairs: BTreeMap<(char, char), usize>,
}

impl Page {
    fn of(texts: &[Text]) -> Self {
        let mut page = Page { chars: BTreeMap::new(), pairs: BTreeMap::new() };
        for text in texts {
            for c in &text.folded {
                *page.chars.entry(*c).or_insert(0) += 1;
            }
            for pair in text.folded.windows(2) {
                *page.pairs.entry((pair[0], pair[1])).or_insert(0) += 1;
            }
        }
        page
    }

    /// Tells whether no pair of characters of a word stands anywhere else.
    fn is_new(&self, word: &[char]) -> bool {
        !word.is_empty()
            && word.windows(2).all(|pair| self.pairs.get(&(pair[0], pair[1])).is_none_or(|count| *count <= 1))
    }

    fn is_new_char(&self, c: char) -> bool {
        self.chars.get(&c).is_none_or(|count| *count <= 1)
    }
}

/// Where the planted word before a seam begins.
fn before_seam(text: &Text, comma: usize, page: &Page) -> Option<usize> {
    let clause = (0..comma).rev().find(|&at| !is_han(text.chars[at])).map_or(0, |at| at + 1);
    let whole = &text.folded[clause..comma];
    if (2..=LONGEST).contains(&whole.len()) && page.is_new(whole) {
        return Some(clause);
    }
    if let Some(term) = (2..=LONGEST.min(whole.len())).rev().find(|&n| is_term(&text.folded[comma - n..comma])) {
        return Some(comma - term);
    }
    let start = clause + last_compound(whole)?;
    page.is_new(&text.folded[start..comma]).then_some(start)
}

/// Where the last word of a clause begins, with what belongs to it: characters no lexicon joins are one compound.
fn last_compound(clause: &[char]) -> Option<usize> {
    const RARE: u32 = 100;
    let mut words = cost::words(clause).into_iter().rev();
    let last = words.next()?;
    let (mut start, mut grows) = (last.start, last.length == 1);
    for word in words {
        let length = clause.len() - start;
        if !grows || length + word.length > LONGEST || (length > 1 && (word.length > 1 || word.cost < RARE)) {
            break;
        }
        (start, grows) = (word.start, word.length == 1);
    }
    // A clause that is one word is no place for another one.
    (start > 0 && clause.len() - start >= 2).then_some(start)
}

/// Tells whether a folded line is a list of trades: several terms with nothing but separators and short words between.
pub(super) fn is_list_of_trades(fold: &str) -> bool {
    let chars: Vec<char> = fold.chars().collect();
    let items = fold.split([',', '|', ' ', '、', ';', '-', '_']).filter(|item| !item.is_empty());
    let (count, longest) = items.fold((0, 0), |(count, longest), item| (count + 1, item.chars().count().max(longest)));
    let (mut at, mut terms) = (0, 0);
    while at < chars.len() {
        let term = TRADE.get(&chars[at]).and_then(|terms| terms.iter().find(|term| chars[at..].starts_with(term)));
        terms += usize::from(term.is_some());
        at += term.map_or(1, Vec::len);
    }
    count >= 2 && longest <= 12 && terms >= 2 && terms * 3 >= count
}

fn is_term(word: &[char]) -> bool {
    word.first().and_then(|first| TRADE.get(first)).is_some_and(|terms| terms.iter().any(|term| term == word))
}

/// Terms of the trade that stand once on the page, with a comma of their own if they have one.
fn terms(text: &Text, page: &Page) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.folded.len() {
        let rest = &text.folded[at..];
        let term = TRADE
            .get(&text.folded[at])
            .and_then(|terms| terms.iter().find(|term| rest.starts_with(term) && term.len() >= 3));
        match term {
            Some(term) if page.is_new(term) && stands_apart(text, at, at + term.len()) => {
                found.push(at..at + term.len());
                at += term.len();
            }
            _ => at += 1,
        }
    }
    found
}

/// Tells whether a stretch begins where a clause does: planted words stand behind a mark, not inside a phrase.
fn stands_apart(text: &Text, start: usize, _end: usize) -> bool {
    start.checked_sub(1).is_none_or(|before| !is_han(text.chars[before]))
}

/// Compounds of rare characters that no lexicon knows, between an adverb and a comma.
fn strangers(text: &Text, page: &Page) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for comma in (1..text.chars.len()).filter(|&at| comma_at(text, at).is_some()) {
        let clause = (0..comma).rev().find(|&at| !is_han(text.chars[at])).map_or(0, |at| at + 1);
        let before: String = text.folded[clause..comma].iter().collect();
        for length in 2..=4usize {
            let Some(start) = comma.checked_sub(length).filter(|start| *start > clause) else { break };
            let word = &text.folded[start..comma];
            let head: String = before.chars().take(start - clause).collect();
            let behind_adverb = ADVERBS.iter().any(|adverb| head.ends_with(adverb));
            let unknown = cost::words(word).iter().all(|word| word.length == 1);
            if behind_adverb && unknown && word.iter().all(|c| page.is_new_char(*c)) {
                found.push(start..comma_end(text, comma));
                break;
            }
        }
    }
    found
}

/// Cuts character ranges out of a text.
pub(super) fn cut(text: &str, cuts: &[Range<usize>]) -> String {
    let known: BTreeSet<usize> = cuts.iter().flat_map(Clone::clone).collect();
    text.chars().enumerate().filter(|(at, _)| !known.contains(at)).map(|(_, c)| c).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(paragraphs: &[&str], expected: &[&str]) {
        let mut texts: Vec<String> = paragraphs.iter().map(|text| (*text).to_owned()).collect();
        for planted in find(paragraphs) {
            texts[planted.paragraph] = cut(paragraphs[planted.paragraph], &planted.cuts);
        }
        assert_eq!(texts, expected);
    }

    const PLAIN: &str = "本市的图书馆开了夜场，读者可以看到十点，馆员轮班值守，茶水免费，路灯也换了新的，停车场延长开放，周末还有讲座。";

    #[test]
    fn cuts_what_a_foreign_comma_follows() {
        check(
            &["夜场的第一天，汽车借款, 来了三百多人，坐满了大厅。", PLAIN],
            &["夜场的第一天，来了三百多人，坐满了大厅。", PLAIN],
        );
        check(
            &["夜场的第一天，瘦身茶, 来了三百多人。", "面向退休多年、婚纱摄影愿意值守的老人。", PLAIN],
            &["夜场的第一天，来了三百多人。", "面向退休多年、愿意值守的老人。", PLAIN],
        );
    }

    #[test]
    fn cuts_what_parts_a_verb_from_its_particle() {
        check(
            &["这为读者拓展霈方,了全新的途径，大家都说好。", PLAIN],
            &["这为读者拓展了全新的途径，大家都说好。", PLAIN],
        );
    }

    #[test]
    fn leaves_other_texts_alone() {
        check(
            &[PLAIN, "摄影展设在二楼，婚纱摄影也有一角，看的人不少。"],
            &[PLAIN, "摄影展设在二楼，婚纱摄影也有一角，看的人不少。"],
        );
        check(
            &["他来过,走了,又回来,坐下,喝茶,了解情况,才走,大家送他,到门口。"],
            &["他来过,走了,又回来,坐下,喝茶,了解情况,才走,大家送他,到门口。"],
        );
    }
}
