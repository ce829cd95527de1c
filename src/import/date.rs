//! Dates of pages in the form import writes: ISO 8601 to the minute, with an offset where the page states one.

use std::ops::Range;

use jiff::tz::{Offset, TimeZone};

use crate::article::date::{self, ReadDate};

/// Chinese pages without a zone mean China's or Taiwan's time, which are one.
fn zone() -> TimeZone {
    TimeZone::fixed(Offset::constant(8))
}

/// Finds the first date with a year in a line: its place in bytes, and its ISO form.
pub(super) fn find(line: &str) -> Option<(Range<usize>, String)> {
    let (range, read) = date::find(line)?;
    let stated = line[range.clone()].to_owned();
    Some((range, iso(&read, &stated)))
}

/// Reads the date of a field: the whole of it, else the first date in it.
///
/// # Errors
///
/// Says why the field is no date.
pub(super) fn field(text: &str) -> Result<String, date::DateError> {
    match date::parse(text, &zone()) {
        Ok(read) => Ok(iso(&read, text)),
        Err(error @ date::DateError::Ambiguous { .. }) => Err(error),
        Err(error) => find(text).map(|(_, iso)| iso).ok_or(error),
    }
}

fn iso(read: &ReadDate, stated: &str) -> String {
    let day = read.at.day();
    let Some(time) = read.at.time() else {
        return day.to_string();
    };
    let offset = if states_offset(stated) { "+08:00" } else { "" };
    format!("{day}T{:02}:{:02}{offset}", time.hour(), time.minute())
}

/// Tells whether a date says how far from Greenwich it is: the clock of the page is known then.
fn states_offset(text: &str) -> bool {
    let text = text.trim_end();
    let clock = text.find(':').map_or("", |at| &text[at..]);
    clock.contains(['+', 'Z', 'z'])
        || clock.contains(" -")
        || clock.rfind('-').is_some()
        || clock.contains("GMT")
        || clock.contains("UTC")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_minutes_and_offsets() {
        for (text, expected) in [
            ("2019-02-21- 06:56", "2019-02-21T06:56"),
            ("2022-03-14T05:30:00+08:00", "2022-03-14T05:30+08:00"),
            ("2022-03-13T21:30:00Z", "2022-03-14T05:30+08:00"),
            ("Thu, 02 May 2024 00:15:00 +0000", "2024-05-02T08:15+08:00"),
            ("二〇二一年六月八日 上午10:05", "2021-06-08T10:05"),
            ("民國111年9月20日 下午2:30", "2022-09-20T14:30"),
            ("2020-08-05 16:11:00.0", "2020-08-05T16:11"),
            ("2021-03-30", "2021-03-30"),
        ] {
            assert_eq!(field(text).as_deref(), Ok(expected), "{text}");
        }
        assert!(field("05-20").is_err());
    }
}
