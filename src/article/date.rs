//! Dates as editors and scrapers write them, read to one [`Moment`].
//!
//! Takes the text of one field ([`parse`]) or a line of a raw page ([`find`]); gives the moment and, if the spelling
//! is not ISO 8601, the spelling to write instead. What may mean two days is an error, never a guess. Must not know
//! files, YAML or the clock.

mod clock;
mod grammar;
mod moment;
mod token;
mod words;

use std::ops::Range;

use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use thiserror::Error;

use grammar::{Reading, Trust, Zone};
pub use moment::Moment;
use token::{Kind, Token};

/// A date that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadDate {
    /// The moment, in the site's zone.
    pub at: Moment,
    /// The spelling to suggest, when the text is no plain ISO 8601; the caller owes a warning then.
    pub repaired: Option<String>,
    /// What was supposed beyond the spelling, for that warning: `the year counts from 1911`.
    pub note: Option<&'static str>,
}

/// Why a text is no date.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DateError {
    /// Nothing is written.
    #[error("the date is empty")]
    Empty,
    /// No date is recognised.
    #[error("this is no date")]
    NotADate,
    /// The date is followed, or preceded, by something else.
    #[error("`{rest}` does not belong to a date")]
    Rest {
        /// What does not belong.
        rest: String,
    },
    /// The month or week is out of range, or has no such day.
    #[error("there is no day {day} in month or week {month} of that year")]
    NoSuchDay {
        /// The month (or ISO week) as written.
        month: u64,
        /// The day as written.
        day: u64,
    },
    /// The time of day does not exist.
    #[error("there is no such time of day")]
    NoSuchTime,
    /// The text may mean several days or times.
    #[error("this may mean {}", .readings.join(" or "))]
    Ambiguous {
        /// What it may mean.
        readings: Vec<String>,
    },
    /// The year has two digits.
    #[error("the year has two digits: it may count from 1900, 2000 or 1911")]
    ShortYear,
    /// There is no year.
    #[error("the year is missing")]
    NoYear,
    /// There is no day.
    #[error("the day is missing")]
    NoDay,
    /// The day is counted by the lunar calendar.
    #[error("a day of the lunar calendar is not converted")]
    Lunar,
    /// The day is told relative to today.
    #[error("the day is told from today, which nobody knows later")]
    Relative,
    /// The zone's name stands for several zones, and the site's is none of them; or for none that is known.
    #[error("`{name}` does not tell the time zone")]
    Zone {
        /// The name as written.
        name: String,
    },
    /// The year is outside 1 to 9999, or a bare number is far from our time.
    #[error("the date is out of range")]
    OutOfRange,
    /// Marks that turn the direction of writing make the text look other than it is.
    #[error("hidden marks turn the direction of the text")]
    Turned,
}

impl DateError {
    /// Says what to do about it, as an imperative.
    pub fn help(&self) -> String {
        match self {
            DateError::Ambiguous { readings } if readings.iter().all(|r| r.len() == 10) => {
                let choices: Vec<String> = readings.iter().map(|r| format!("`{r}`")).collect();
                format!("write {}", choices.join(" or "))
            }
            DateError::Zone { .. } => "write the offset, such as `2019-02-21T06:56:00+08:00`".to_owned(),
            DateError::Empty => "write a day such as `2019-02-21`, or remove the key".to_owned(),
            _ => "write year, month and day, such as `2019-02-21` or `2019-02-21 06:56`".to_owned(),
        }
    }
}

/// The longest text that is tried as a date, in bytes; the longest real forms have about 80.
const LONGEST: usize = 160;

/// Reads a date field; times without a zone are those of `zone`.
///
/// ```
/// use jianfan::article::date::parse;
/// let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
/// let read = parse("2019-02-21- 06:56", &zone).unwrap(); // as in seed 004
/// assert_eq!(read.at.to_string(), "2019-02-21T06:56:00+08:00");
/// assert_eq!(read.repaired.as_deref(), Some("2019-02-21 06:56"));
/// assert_eq!(parse("民國111年3月5日", &zone).unwrap().repaired.as_deref(), Some("2022-03-05"));
/// assert!(parse("02/03/2019", &zone).is_err());
/// ```
///
/// # Errors
///
/// Whatever is no date, no existing day or time, or may mean more than one; see [`DateError`].
pub fn parse(text: &str, zone: &TimeZone) -> Result<ReadDate, DateError> {
    if let Some(read) = plain_iso(text.trim_matches([' ', '\t']), zone) {
        return Ok(read);
    }
    if text.trim().is_empty() {
        return Err(DateError::Empty);
    }
    if text.len() > LONGEST {
        return Err(DateError::NotADate);
    }
    let tokens = token::tokens(text);
    let has = |kind: Kind| tokens.iter().any(|token| token.kind == kind);
    if has(Kind::Turn) {
        return Err(DateError::Turned);
    }
    let from = tokens.iter().position(|token| !leads(token.kind)).unwrap_or(tokens.len());
    let reading = match grammar::read(text, &tokens, from, Trust::Field) {
        Ok(Some(reading)) => reading,
        Ok(None) if has(Kind::Relative) => return Err(DateError::Relative),
        Ok(None) => return Err(DateError::NotADate),
        Err(_) if has(Kind::Relative) => return Err(DateError::Relative),
        Err(error) => return Err(error),
    };
    if let Some(rest) = tokens[reading.end..].iter().find(|token| !trails(token.kind)) {
        return Err(DateError::Rest { rest: text[rest.from..].trim().to_owned() });
    }
    place(text, &tokens, &reading, zone)
}

/// Finds the first date in a line of a raw page, its byte range and what it says; times without a zone are China's.
///
/// Stricter than [`parse`]: no two-digit years, no bare numbers unless a label stands before them or nothing else is
/// on the line, years 1900 to 2099 only, and nothing inside addresses, versions and long numbers.
pub fn find(line: &str) -> Option<(Range<usize>, ReadDate)> {
    find_in(line, &TimeZone::fixed(Offset::constant(8)))
}

/// Does what [`find`] does, with times without a zone those of `zone`.
pub fn find_in(line: &str, zone: &TimeZone) -> Option<(Range<usize>, ReadDate)> {
    if !line.chars().any(may_hold_a_date) {
        return None;
    }
    let tokens = token::tokens(line);
    (0..tokens.len()).filter(|&from| begins(line, &tokens, from)).find_map(|from| {
        let reading = grammar::read(line, &tokens, from, Trust::Page).ok()??;
        let range = tokens[from].from..tokens.get(reading.end.checked_sub(1)?)?.to;
        let sound = (1900..2100).contains(&reading.day.year()) && ends(line, &tokens, from, reading.end);
        let read = place(line, &tokens, &reading, zone).ok()?;
        sound.then_some((range, read))
    })
}

/// Tells whether a character may be part of any date: a digit or the numerals of centuries and eras.
fn may_hold_a_date(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '０'..='９' | '年' | '民' | '\u{f98e}')
}

/// Tells whether a token may stand before the date of a field: labels, weekdays, marks.
fn leads(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Space
            | Kind::Unseen
            | Kind::Label
            | Kind::Weekday(_)
            | Kind::Mark(':' | ',' | '(' | '"' | '\'' | '“' | '‘' | '[')
    )
}

/// Tells whether a token may stand after the date of a field.
fn trails(kind: Kind) -> bool {
    matches!(kind, Kind::Space | Kind::Unseen | Kind::Label | Kind::Weekday(_))
        || matches!(kind, Kind::Mark('.' | ',' | ')' | ']' | '"' | '\'' | '”' | '’' | '-' | '|'))
}

/// Tells whether a date of a page may begin at a token.
fn begins(line: &str, tokens: &[Token], from: usize) -> bool {
    let Kind::Number { digits, .. } = tokens[from].kind else {
        return matches!(tokens[from].kind, Kind::Era(_) | Kind::MonthName(_));
    };
    let before = from.checked_sub(1).map(|at| tokens[at].kind);
    let glued = matches!(before, Some(Kind::Mark('-' | '/' | '.' | '=' | '_' | '+' | '#' | '%' | ':')))
        && from >= 2
        && !matches!(tokens[from - 2].kind, Kind::Space | Kind::Label)
        && (before != Some(Kind::Mark(':')) || matches!(tokens[from - 2].kind, Kind::Number { chinese: false, .. }));
    let latin =
        matches!(before, Some(Kind::Other)) && line[..tokens[from].from].ends_with(|c: char| c.is_ascii_alphanumeric());
    if glued || latin {
        return false;
    }
    // 111/03/05 is a year of the Republic only where a date is due; elsewhere it may be anything.
    let marked = tokens[from + 1..].iter().find(|token| token.kind != Kind::Space).map(|token| token.kind);
    (digits < 7 && (digits != 3 || marked == Some(Kind::Year))) || labelled(tokens, from)
}

/// Tells whether a label stands before a token, or nothing at all; or a bracket, if the line ends with the token.
///
/// The last is how a Taiwanese news agency signs: `（編輯：某某）1121027`.
fn labelled(tokens: &[Token], from: usize) -> bool {
    let before = tokens[..from].iter().rev().map(|token| token.kind);
    let mut before = before.skip_while(|kind| matches!(kind, Kind::Space | Kind::Unseen | Kind::Mark(':')));
    let signed = || tokens[from + 1..].iter().all(|token| trails(token.kind));
    match before.next() {
        None | Some(Kind::Label) => true,
        Some(Kind::Mark(')')) => signed(),
        _ => false,
    }
}

/// Tells whether a date of a page may end before token `end`: no further digits joined to it.
fn ends(line: &str, tokens: &[Token], from: usize, end: usize) -> bool {
    let joined = match (tokens.get(end).map(|token| token.kind), tokens.get(end + 1).map(|token| token.kind)) {
        (Some(Kind::Number { .. }), _) => matches!(tokens[end - 1].kind, Kind::Number { .. }),
        (Some(Kind::Mark('-' | '/' | '.' | '_')), Some(Kind::Number { .. })) => {
            matches!(tokens[end - 1].kind, Kind::Number { .. })
        }
        (Some(Kind::Other), _) => {
            line[tokens[end].from..].starts_with(|c: char| c.is_ascii_alphanumeric())
                && matches!(tokens[end - 1].kind, Kind::Number { .. })
        }
        _ => false,
    };
    let bare = end == from + 1;
    let alone = || labelled(tokens, from) && (from > 0 || tokens[end..].iter().all(|token| trails(token.kind)));
    !joined && (!bare || alone())
}

/// Puts what was read on the clocks of the site's zone.
fn place(text: &str, tokens: &[Token], reading: &Reading, zone: &TimeZone) -> Result<ReadDate, DateError> {
    let mut note = reading.note;
    let Some(clock) = reading.clock else {
        let at = Moment::of_day(reading.day, zone).ok_or(DateError::OutOfRange)?;
        return Ok(ReadDate { at, repaired: Some(at.written()), note });
    };
    let (day, hour) = match clock.hour {
        24 => (reading.day.tomorrow().map_err(|_| DateError::OutOfRange)?, 0),
        hour => (reading.day, hour),
    };
    let time = jiff::civil::Time::new(hour, clock.minute, clock.second, clock.nanosecond);
    let local = day.to_datetime(time.map_err(|_| DateError::NoSuchTime)?);
    let offset = match reading.zone {
        None => {
            let (at, certain) = Moment::of_clock(local, zone).ok_or(DateError::OutOfRange)?;
            note = note.or((certain == moment::Clock::Doubtful).then_some("clocks were changed that day"));
            return Ok(ReadDate { at, repaired: Some(at.written()), note });
        }
        Some(Zone::Offset(minutes)) => minutes,
        Some(Zone::Name(offsets, token)) => {
            let name = || text[tokens[token].from..tokens[token].to].to_owned();
            let (offset, supposed) =
                named_offset(local, offsets, zone).ok_or_else(|| DateError::Zone { name: name() })?;
            note = note.or(supposed);
            offset
        }
    };
    let offset = Offset::from_seconds(i32::from(offset) * 60).map_err(|_| DateError::OutOfRange)?;
    let at = Moment::of_offset(local, offset, zone).ok_or(DateError::OutOfRange)?;
    Ok(ReadDate { at, repaired: Some(at.rfc3339()), note })
}

/// Chooses among the zones a name stands for: the only one, or the one the site is in.
fn named_offset(local: DateTime, offsets: &[i16], zone: &TimeZone) -> Option<(i16, Option<&'static str>)> {
    if let [only] = offsets {
        return Some((*only, None));
    }
    let (here, _) = Moment::of_clock(local, zone)?;
    let here = i16::try_from(here.offset().seconds() / 60).ok()?;
    offsets.contains(&here).then_some((here, Some("the zone's name is read as the site's zone")))
}

/// Reads what needs no repair: `2019-02-21`, optionally a time to the minute or better, optionally an offset.
///
/// Works on bytes, as it runs for every article of a build. `None` leaves the text to the grammar.
fn plain_iso(text: &str, zone: &TimeZone) -> Option<ReadDate> {
    let bytes = text.as_bytes();
    let day = Date::new(
        i16::try_from(digits(bytes, 0, 4)?).ok()?,
        i8::try_from(digits(bytes, 5, 2)?).ok()?,
        i8::try_from(digits(bytes, 8, 2)?).ok()?,
    );
    let day = day.ok().filter(|_| bytes[4] == b'-' && bytes[7] == b'-')?;
    let read = |at| Some(ReadDate { at, repaired: None, note: None });
    if bytes.len() == 10 {
        return read(Moment::of_day(day, zone)?);
    }
    if !matches!(bytes[10], b' ' | b'T') || *bytes.get(13)? != b':' {
        return None;
    }
    let (hour, minute) = (digits(bytes, 11, 2)?, digits(bytes, 14, 2)?);
    let (second, nanosecond, rest) = seconds(bytes)?;
    let two = |n: u32| i8::try_from(n).ok();
    let time = jiff::civil::Time::new(two(hour)?, two(minute)?, two(second)?, nanosecond.cast_signed()).ok()?;
    let local = day.to_datetime(time);
    if rest.is_empty() {
        let (at, clock) = Moment::of_clock(local, zone)?;
        return if clock == moment::Clock::Certain { read(at) } else { None };
    }
    read(Moment::of_offset(local, plain_offset(rest)?, zone)?)
}

/// Reads `:01.5` at byte 16, and gives what is left.
fn seconds(bytes: &[u8]) -> Option<(u32, u32, &[u8])> {
    if bytes.get(16) != Some(&b':') {
        return Some((0, 0, &bytes[16..]));
    }
    let second = digits(bytes, 17, 2)?;
    if bytes.get(19) != Some(&b'.') {
        return Some((second, 0, &bytes[19..]));
    }
    let length = bytes[20..].iter().take_while(|b| b.is_ascii_digit()).count();
    if !(1..=9).contains(&length) {
        return None;
    }
    let fraction = digits(bytes, 20, length)? * 10u32.pow(9 - u32::try_from(length).ok()?);
    Some((second, fraction, &bytes[20 + length..]))
}

/// Reads `Z`, `+08:00`, `+0800`, each with or without a space before it.
fn plain_offset(rest: &[u8]) -> Option<Offset> {
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    let (&sign, clock) = rest.split_first()?;
    if sign == b'Z' && clock.is_empty() {
        return Some(Offset::UTC);
    }
    let minutes_at = if clock.get(2) == Some(&b':') { 3 } else { 2 };
    let (hours, minutes) = (digits(clock, 0, 2)?, digits(clock, minutes_at, 2)?);
    if !matches!(sign, b'+' | b'-') || clock.len() != minutes_at + 2 || hours > 18 || minutes > 59 {
        return None;
    }
    let seconds = (hours * 3600 + minutes * 60).cast_signed();
    Offset::from_seconds(if sign == b'-' { -seconds } else { seconds }).ok()
}

/// Reads `length` ASCII digits at a byte.
fn digits(bytes: &[u8], at: usize, length: usize) -> Option<u32> {
    let digits = bytes.get(at..at + length)?;
    digits.iter().try_fold(0u32, |sum, b| b.is_ascii_digit().then(|| sum * 10 + u32::from(b - b'0')))
}

#[cfg(test)]
mod tests;
