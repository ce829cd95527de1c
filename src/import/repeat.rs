//! Text that stands in a page more than once: a page pasted twice, a lead repeated as an excerpt.
//!
//! Takes folded lines, says which to drop. A refrain or a form of words that recurs is no repetition: only whole
//! paragraphs of some length count.

use super::fold::fold_bare;

/// From how many folded characters on two equal paragraphs are one written twice.
const PARAGRAPH: usize = 24;

/// Finds where a second copy of a page begins: from there on its lines say again what the first ones said.
pub(super) fn second_copy(folds: &[&str]) -> Option<usize> {
    let filled: Vec<(usize, String)> =
        folds.iter().enumerate().map(|(at, fold)| (at, fold_bare(fold))).filter(|(_, bare)| !bare.is_empty()).collect();
    if filled.len() < 4 {
        return None;
    }
    (1..=filled.len() - 2).find(|&at| filled[at].1 == filled[0].1 && is_copy(&filled, at)).map(|at| filled[at].0)
}

/// Tells whether the lines from `at` on are the first ones again, but for at most a tenth of their characters.
fn is_copy(filled: &[(usize, String)], at: usize) -> bool {
    let size = |lines: &[(usize, String)]| lines.iter().map(|(_, bare)| bare.chars().count()).sum::<usize>();
    let (first, second) = filled.split_at(at);
    let known: std::collections::BTreeSet<&str> = first.iter().map(|(_, bare)| bare.as_str()).collect();
    let new: usize =
        second.iter().filter(|(_, bare)| !known.contains(bare.as_str())).map(|(_, bare)| bare.chars().count()).sum();
    let whole = size(second);
    whole >= 60 && new * 10 <= whole && whole * 2 >= size(first)
}

/// Says which paragraphs repeat another one: indices to drop, each with the index of the one that stays.
///
/// At the head of an article the last of the copies stays, because what stands before it is an excerpt; further down
/// the first one does.
pub(super) fn repeated(paragraphs: &[&str]) -> Vec<(usize, usize)> {
    let bare: Vec<String> = paragraphs.iter().map(|text| fold_bare(text)).collect();
    let long: Vec<bool> = bare.iter().map(|text| text.chars().count() >= PARAGRAPH).collect();
    let mut dropped: Vec<(usize, usize)> = Vec::new();
    let is_dropped = |dropped: &[(usize, usize)], at: usize| dropped.iter().any(|(gone, _)| *gone == at);
    for later in 1..paragraphs.len() {
        for earlier in 0..later {
            if !long[earlier] || !long[later] || is_dropped(&dropped, earlier) || !same(&bare[earlier], &bare[later]) {
                continue;
            }
            let at_head = (0..earlier).all(|at| is_dropped(&dropped, at) || !long[at])
                && (earlier + 1..later).all(|at| is_dropped(&dropped, at) || !long[at]);
            if at_head {
                dropped.push((earlier, later));
            } else if bare[later].len() <= bare[earlier].len() {
                dropped.push((later, earlier));
                break;
            }
        }
    }
    dropped.sort_unstable();
    dropped
}

/// Tells whether two folded paragraphs are the same but for a dateline (`兰州晚报讯`) or a cut end.
fn same(first: &str, second: &str) -> bool {
    if first == second {
        return true;
    }
    let (short, long) = if first.len() < second.len() { (first, second) } else { (second, first) };
    let spare = long.chars().count().abs_diff(short.chars().count());
    spare <= 16 && (long.ends_with(short) || long.starts_with(short))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAD: &str = "二月二十日，全市科技工作会议举行，会议安排部署了全年的各项工作。";

    #[test]
    fn keeps_the_last_lead() {
        let with = format!("某某晚报讯 {LEAD}");
        assert_eq!(repeated(&[LEAD, LEAD, "小标题", &with, "后面还有别的话。"]), [(0, 1), (1, 3)]);
    }

    #[test]
    fn keeps_the_first_of_two_far_apart() {
        let other = "这是另外一段，足够长，可以算作一个完整的段落，前后都没有重复。";
        assert_eq!(repeated(&[other, LEAD, other]), [(2, 0)]);
        assert!(repeated(&["短句。", "短句。"]).is_empty());
    }

    #[test]
    fn finds_a_second_copy() {
        let page =
            ["标题在这里的第一行", LEAD, "第二段说了些别的事情，也有二十来个字那么长，还要再长一些才好。", "结尾"];
        let twice: Vec<&str> = page.iter().chain(page.iter()).copied().collect();
        assert_eq!(second_copy(&twice), Some(4));
        assert_eq!(second_copy(&page), None);
    }
}
