//! Dates inside the lines of a page, in the ISO form that import writes.

use std::ops::Range;

/// Finds the first date with a year in a line: its place in bytes, and its ISO form to the minute.
pub(super) fn find(line: &str) -> Option<(Range<usize>, String)> {
    let bytes = line.as_bytes();
    for at in 0..bytes.len() {
        if !bytes[at].is_ascii_digit() || (at > 0 && bytes[at - 1].is_ascii_digit()) {
            continue;
        }
        if let Some((len, iso)) = read(&line[at..]) {
            return Some((at..at + len, iso));
        }
    }
    None
}

/// Reads the date of a front matter field.
pub(super) fn field(text: &str) -> Option<String> {
    find(text).map(|(_, iso)| iso)
}

fn read(text: &str) -> Option<(usize, String)> {
    let mut rest = text;
    let year = number(&mut rest, 4, 4)?;
    let skip = |rest: &mut &str, set: &[char]| {
        let next = rest.chars().next()?;
        set.contains(&next).then(|| *rest = &rest[next.len_utf8()..])
    };
    skip(&mut rest, &['-', '/', '.', '年'])?;
    let month = number(&mut rest, 1, 2)?;
    skip(&mut rest, &['-', '/', '.', '月'])?;
    let day = number(&mut rest, 1, 2)?;
    if !(1900..2100).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let _ = skip(&mut rest, &['日']);
    let date = format!("{year:04}-{month:02}-{day:02}");
    let end = text.len() - rest.len();
    let mut time = rest.trim_start_matches([' ', 'T', '-', '\u{3000}']);
    if let (Some(hour), Some(()), Some(minute)) =
        (number(&mut time, 1, 2), skip(&mut time, &[':', '：']), number(&mut time, 2, 2))
        && hour < 24
        && minute < 60
    {
        let mut seconds = time;
        if skip(&mut seconds, &[':', '：']).is_some() && number(&mut seconds, 2, 2).is_some() {
            time = seconds;
        }
        return Some((text.len() - time.len(), format!("{date}T{hour:02}:{minute:02}")));
    }
    Some((end, date))
}

fn number(rest: &mut &str, least: usize, most: usize) -> Option<u32> {
    let digits = rest.bytes().take(most + 1).take_while(u8::is_ascii_digit).count();
    if digits < least || digits > most {
        return None;
    }
    let value = rest[..digits].parse().ok()?;
    *rest = &rest[digits..];
    Some(value)
}
