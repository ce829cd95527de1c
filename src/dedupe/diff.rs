//! Two texts side by side, sentence by sentence, for an editor who has to decide.
//!
//! Sentences meet when their folded forms are equal; what lies between two meetings is shown as changed, left against right.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::fold;

/// One row of the comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// A sentence of both, as each writes it.
    Same(String, String),
    /// Sentences that stand for each other.
    Changed(String, String),
    /// A sentence of the first text alone.
    Left(String),
    /// A sentence of the second text alone.
    Right(String),
}

/// Sentences of one text that are compared; the rest of a longer text is left out.
const SENTENCES: usize = 1_000;

/// Lays two texts side by side.
pub fn rows(a: &str, b: &str) -> Vec<Row> {
    let (a, b) = (sentences(a), sentences(b));
    let mut out = Vec::new();
    let (mut from_a, mut from_b) = (0, 0);
    for (at_a, at_b) in meetings(&a, &b).into_iter().chain([(a.len(), b.len())]) {
        between(&a[from_a..at_a], &b[from_b..at_b], &mut out);
        if let (Some(x), Some(y)) = (a.get(at_a), b.get(at_b)) {
            out.push(Row::Same(x.0.clone(), y.0.clone()));
        }
        (from_a, from_b) = (at_a + 1, at_b + 1);
    }
    out
}

type Sentence = (String, Vec<char>);

fn sentences(text: &str) -> Vec<Sentence> {
    text.split_inclusive(['。', '！', '？', '；', '\n'])
        .map(str::trim)
        .map(|sentence| (sentence.to_owned(), fold::comparable(sentence)))
        .filter(|sentence| !sentence.1.is_empty())
        .take(SENTENCES)
        .collect()
}

/// Finds the longest common subsequence of folded sentences.
fn meetings(a: &[Sentence], b: &[Sentence]) -> Vec<(usize, usize)> {
    let wide = b.len() + 1;
    let mut best = vec![0u16; (a.len() + 1) * wide];
    for x in (0..a.len()).rev() {
        for y in (0..b.len()).rev() {
            best[x * wide + y] = if a[x].1 == b[y].1 {
                best[(x + 1) * wide + y + 1] + 1
            } else {
                best[(x + 1) * wide + y].max(best[x * wide + y + 1])
            };
        }
    }
    let (mut x, mut y, mut out) = (0, 0, Vec::new());
    while x < a.len() && y < b.len() {
        if a[x].1 == b[y].1 {
            out.push((x, y));
            (x, y) = (x + 1, y + 1);
        } else if best[(x + 1) * wide + y] >= best[x * wide + y + 1] {
            x += 1;
        } else {
            y += 1;
        }
    }
    out
}

fn between(a: &[Sentence], b: &[Sentence], out: &mut Vec<Row>) {
    let both = a.len().min(b.len());
    out.extend(a.iter().zip(b).map(|(x, y)| Row::Changed(x.0.clone(), y.0.clone())));
    out.extend(a[both..].iter().map(|x| Row::Left(x.0.clone())));
    out.extend(b[both..].iter().map(|y| Row::Right(y.0.clone())));
}

/// Splits two sentences into what they begin with alike, where they differ, and what they end with alike.
pub fn parts<'t>(a: &'t str, b: &'t str) -> ([&'t str; 3], [&'t str; 3]) {
    let before: usize = a.chars().zip(b.chars()).take_while(|(x, y)| x == y).map(|(x, _)| x.len_utf8()).sum();
    let (rest_a, rest_b) = (&a[before..], &b[before..]);
    let alike = rest_a.chars().rev().zip(rest_b.chars().rev()).take_while(|(x, y)| x == y);
    let after: usize = alike.map(|(x, _)| x.len_utf8()).sum();
    let cut = |text: &'t str| [&text[..before], &text[before..text.len() - after], &text[text.len() - after..]];
    (cut(a), cut(b))
}

/// Sentences shown on either side of a difference.
const CONTEXT: usize = 1;

/// Renders the comparison for a terminal `width` columns wide: `=` same, `~` changed, `<` and `>` in one text alone.
///
/// Of long stretches that are the same, the ends are shown and the rest is counted. Control characters are left out, so that
/// a text cannot disturb the terminal.
pub fn render(a: &str, b: &str, width: usize) -> String {
    let column = width.saturating_sub(5).max(20) / 2;
    let rows = rows(a, b);
    let mut out = String::new();
    let mut at = 0;
    while at < rows.len() {
        let alike = rows[at..].iter().take_while(|row| matches!(row, Row::Same(..))).count();
        if alike <= 2 * CONTEXT + 1 {
            row(&rows[at], column, &mut out);
            at += 1;
            continue;
        }
        let (first, last) = (at == 0, at + alike == rows.len());
        let (before, after) = (if first { 0 } else { CONTEXT }, if last { 0 } else { CONTEXT });
        rows[at..at + before].iter().for_each(|same| row(same, column, &mut out));
        out.push_str(&format!("{} = {} sentences are the same\n", " ".repeat(column), alike - before - after));
        rows[at + alike - after..at + alike].iter().for_each(|same| row(same, column, &mut out));
        at += alike;
    }
    out
}

fn row(row: &Row, column: usize, out: &mut String) {
    let (sign, left, right) = match row {
        Row::Same(x, y) => ('=', x.as_str(), y.as_str()),
        Row::Changed(x, y) => ('~', x.as_str(), y.as_str()),
        Row::Left(x) => ('<', x.as_str(), ""),
        Row::Right(y) => ('>', "", y.as_str()),
    };
    let (left, right) = (wrapped(left, column), wrapped(right, column));
    for at in 0..left.len().max(right.len()) {
        let (x, y) = (left.get(at).map_or("", String::as_str), right.get(at).map_or("", String::as_str));
        let sign = if at == 0 { sign } else { ' ' };
        let gap = " ".repeat(column.saturating_sub(x.width()));
        out.push_str(format!("{x}{gap} {sign} {y}").trim_end());
        out.push('\n');
    }
}

fn wrapped(text: &str, column: usize) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut used = 0;
    for c in text.chars().filter(|c| !c.is_control()) {
        let wide = c.width().unwrap_or(0);
        if used + wide > column {
            out.push(String::new());
            used = 0;
        }
        used += wide;
        if let Some(line) = out.last_mut() {
            line.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lays_sentences_side_by_side() {
        let found = rows("会议昨日召开。投资三亿元。新句子。", "會議昨日召開。投资五亿元。");
        assert_eq!(
            found,
            [
                Row::Same("会议昨日召开。".into(), "會議昨日召開。".into()),
                Row::Changed("投资三亿元。".into(), "投资五亿元。".into()),
                Row::Left("新句子。".into()),
            ]
        );
        assert_eq!(parts("投资三亿元。", "投资五亿元。"), (["投资", "三", "亿元。"], ["投资", "五", "亿元。"]));
        assert_eq!(parts("甲甲", "甲"), (["甲", "甲", ""], ["甲", "", ""]));
    }

    #[test]
    fn renders_columns_by_display_width() {
        let shown = render("会议昨日召开。\u{1b}[31m", "會議昨日召開。另有一句。", 45);
        assert_eq!(shown, "会议昨日召开。       = 會議昨日召開。\n[31m                 ~ 另有一句。\n");
    }

    #[test]
    fn counts_what_is_the_same_over_a_long_stretch() {
        let same: String = ["甲句", "乙句", "丙句", "丁句", "戊句"].map(|s| format!("这里是{s}。")).concat();
        let (a, b) = (format!("开头一。{same}结尾一。"), format!("开头二。{same}结尾二。"));
        assert_eq!(
            render(&a, &b, 45),
            "开头一。             ~ 开头二。\n这里是甲句。         = 这里是甲句。\n                     = 3 sentences are the same\n\
             这里是戊句。         = 这里是戊句。\n结尾一。             ~ 结尾二。\n"
        );
        assert_eq!(render(&same, &same, 45), "                     = 5 sentences are the same\n");
    }
}
