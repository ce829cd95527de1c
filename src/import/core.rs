//! Where the article is among the lines of a page.
//!
//! Every line weighs something: text for, furniture against. The article is the stretch that weighs most, so that one
//! odd line inside it costs nothing and a paragraph of small print behind the share bar gains nothing.

use std::ops::Range;

use super::furniture::Class;
use super::line::Line;

/// Finds the stretch of lines that is the article; `None` when no line is text.
pub(super) fn find(lines: &[Line], classes: &[Class]) -> Option<Range<usize>> {
    let mut best: Option<(i64, Range<usize>)> = None;
    let (mut sum, mut start, mut listing) = (0, 0, false);
    for (at, (line, class)) in lines.iter().zip(classes).enumerate() {
        listing = match class {
            Class::Related => true,
            Class::Prose => false,
            _ => listing,
        };
        let weight = weight(line, *class, listing);
        if sum <= 0 {
            (sum, start) = (0, at);
        }
        sum += weight;
        if weight > 0 && best.as_ref().is_none_or(|(most, _)| sum > *most) {
            best = Some((sum, start..at + 1));
        }
    }
    let (_, mut range) = best?;
    while range.start < range.end && classes[range.start] != Class::Prose {
        range.start += 1;
    }
    Some(range)
}

fn weight(line: &Line, class: Class, listing: bool) -> i64 {
    match class {
        Class::Prose => i64::try_from(line.length().min(160)).unwrap_or(160),
        Class::Blank | Class::Ornament | Class::Picture => 0,
        Class::Short | Class::Loose if listing => -15,
        Class::Advertisement | Class::Credit | Class::Number => -1,
        Class::Short => -2,
        Class::Counter | Class::Navigation | Class::Loose => -10,
        Class::Share => -15,
        Class::Fields | Class::Forum | Class::OriginalTitle => -22,
        Class::Breadcrumb => -40,
        Class::Related => -45,
        Class::Keywords | Class::EndMark | Class::Neighbour => -60,
        Class::Contact | Class::Learned | Class::Spam => -90,
        Class::Rights => -120,
        Class::Outside => -4,
    }
}
