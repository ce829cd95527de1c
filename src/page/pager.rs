//! Pages of a long list.
//!
//! Later pages are numbered from the oldest entry on, so that a new article changes the first page only: `page/2/`
//! always holds the oldest entries, `page/3/` the next ones, and the plain address what is left over, the newest. So
//! nothing on a later page may say how many pages or entries there are.

use std::ops::Range;

use crate::value::{self, Value};

/// How many pages a list has, at least one.
pub(super) fn pages(count: usize, per_page: usize) -> usize {
    count.max(1).div_ceil(per_page)
}

/// The entries of the page at a position from 1, the newest first.
pub(super) fn range(position: usize, count: usize, per_page: usize) -> Range<usize> {
    let first = count - (pages(count, per_page) - 1) * per_page;
    if position <= 1 {
        return 0..first;
    }
    let start = first + (position - 2) * per_page;
    start..(start + per_page).min(count)
}

/// The number in the address of the page at a position; the first page has none and counts as 1.
fn number(position: usize, pages: usize) -> usize {
    if position <= 1 { 1 } else { pages - position + 2 }
}

/// The address of the page at a position; `base` ends in `/`.
pub(super) fn url(base: &str, position: usize, count: usize, per_page: usize) -> String {
    match number(position, pages(count, per_page)) {
        1 => base.to_owned(),
        number => format!("{base}page/{number}/"),
    }
}

/// How many pages on each side of the current one are linked.
const NEAR: usize = 2;

/// What the pager of a page depends on besides the address of the list and the page's own entries.
pub(super) fn seen(position: usize, count: usize, per_page: usize) -> (bool, Vec<(usize, bool)>) {
    let pages = pages(count, per_page);
    let near = |other: &usize| other.abs_diff(position) <= NEAR.max(1);
    // The newest and the oldest page are linked without a number.
    let link = |other: usize| (number(other, pages), other == 1 || other == pages);
    (pages > 1, (1..=pages).filter(near).map(link).collect())
}

/// `pager` of the template context; `span` says from when to when the entries of the page are.
pub(super) fn value(base: &str, position: usize, count: usize, per_page: usize, span: &str) -> Value {
    let pages = pages(count, per_page);
    let at = |position: usize| url(base, position, count, per_page);
    let link = |there: bool, position: usize| value::text(&if there { at(position) } else { String::new() });
    // The newest and the oldest page have words of their own.
    let near = (2..pages).filter(|page| page.abs_diff(position) <= NEAR);
    let links = near.map(|page| {
        let number = number(page, pages);
        value::map([("number", number.into()), ("url", value::text(&at(page))), ("current", (page == position).into())])
    });
    value::map([
        ("number", number(position, pages).into()),
        ("first", link(pages > 1, 1)),
        ("prev", link(position > 1, position.saturating_sub(1))),
        ("next", link(position < pages, position + 1)),
        ("last", link(pages > 1, pages)),
        ("links", value::list(links)),
        ("span", value::text(if position > 1 { span } else { "" })),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_stands_on_one_page() {
        for count in 1..30 {
            for per_page in 1..8 {
                let all: Vec<usize> = (1..=pages(count, per_page)).flat_map(|p| range(p, count, per_page)).collect();
                assert_eq!(all, (0..count).collect::<Vec<_>>());
                assert!(
                    (1..=pages(count, per_page)).all(|p| (1..=per_page).contains(&range(p, count, per_page).len()))
                );
            }
        }
        assert_eq!(pages(0, 5), 1);
        assert_eq!(range(1, 0, 5), 0..0);
    }

    #[test]
    fn a_new_entry_leaves_old_pages_alone() {
        // Counted from the oldest entry, page/2/ holds the same entries before and after.
        let oldest = |count: usize| {
            let position = (1..=pages(count, 3)).find(|&p| url("", p, count, 3) == "page/2/").unwrap();
            range(position, count, 3).map(|at| count - 1 - at).collect::<Vec<_>>()
        };
        assert_eq!(oldest(7), oldest(8));
        assert_eq!(oldest(7), [2, 1, 0]);
    }
}
