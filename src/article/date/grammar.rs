//! Reads days, times and zones from tokens; decides nothing about the site's zone.

use jiff::civil::{Date, ISOWeekDate, Weekday};

use super::DateError;
use super::token::{Era, Kind, Token};

/// What was read, before it is placed in the site's zone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub(super) day: Date,
    pub(super) clock: Option<Clock>,
    pub(super) zone: Option<Zone>,
    /// What had to be supposed, if anything beyond the spelling.
    pub(super) note: Option<&'static str>,
    /// The token after the last one that belongs to the date.
    pub(super) end: usize,
}

/// A time of day; hour 24 is the end of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    pub(super) hour: i8,
    pub(super) minute: i8,
    pub(super) second: i8,
    pub(super) nanosecond: i32,
}

/// A zone as written, offsets in minutes east of Greenwich.
#[derive(Clone, Copy, Debug)]
pub(super) enum Zone {
    Offset(i16),
    /// An abbreviation or name, what it may stand for, and its token.
    Name(&'static [i16], usize),
}

/// How much a date must prove itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// The text is said to be a date.
    Field,
    /// The text may be anything.
    Page,
}

/// A thing, its absence, or the reason why it is wrong.
pub(super) type Found<T> = Result<Option<T>, DateError>;

/// Reads a date that begins at token `from`; `Ok(None)` if none begins there.
pub(super) fn read(text: &str, tokens: &[Token], from: usize, trust: Trust) -> Found<Reading> {
    let mut reader = Reader { text, tokens, at: from, trust, note: None };
    let Some(day) = reader.day()? else { return Ok(None) };
    let mut reading = Reading { day, clock: None, zone: None, note: None, end: reader.at };
    if let Some((clock, used)) = reader.compact_clock(from, reading.end) {
        (reading.clock, reader.at) = (Some(clock), used);
        reading.end = used;
    }
    reader.tail(&mut reading)?;
    reading.note = reader.note;
    Ok(Some(reading))
}

/// A place among the tokens, and what was noticed on the way.
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: &'a [Token],
    pub(super) at: usize,
    trust: Trust,
    note: Option<&'static str>,
}

/// A number in the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number {
    pub(super) value: u64,
    digits: u8,
    chinese: bool,
}

impl Reader<'_> {
    pub(super) fn kind(&self, ahead: usize) -> Option<Kind> {
        self.tokens.get(self.at + ahead).map(|token| token.kind)
    }

    pub(super) fn skip_space(&mut self) {
        while matches!(self.kind(0), Some(Kind::Space | Kind::Unseen)) {
            self.at += 1;
        }
    }

    pub(super) fn accept(&mut self, kind: Kind) -> bool {
        let back = self.at;
        self.skip_space();
        let found = self.kind(0) == Some(kind);
        self.at = if found { self.at + 1 } else { back };
        found
    }

    pub(super) fn number(&mut self) -> Option<Number> {
        let back = self.at;
        self.skip_space();
        if let Some(Kind::Number { value, digits, chinese }) = self.kind(0) {
            self.at += 1;
            return Some(Number { value, digits, chinese });
        }
        self.at = back;
        None
    }

    /// Reads what may stand between two numbers of a date: `-`, `/`, `.`, `,`, or space in a field.
    fn mark(&mut self) -> Option<char> {
        let back = self.at;
        self.skip_space();
        if let Some(Kind::Mark(c @ ('-' | '/' | '.' | ','))) = self.kind(0) {
            self.at += 1;
            return Some(c);
        }
        let spaced = self.at > back && self.trust == Trust::Field;
        self.at = back;
        spaced.then_some(' ')
    }

    fn day(&mut self) -> Found<Date> {
        let era = match self.kind(0) {
            Some(Kind::Era(era)) => {
                self.at += 1;
                Some(era)
            }
            _ => None,
        };
        if era == Some(Era::Lunar) {
            return Err(DateError::Lunar);
        }
        if era.is_some() && self.accept(Kind::FirstYear) {
            let first = Number { value: 1, digits: 0, chinese: true };
            return self.month_and_day(year(first, era, true)?.0);
        }
        if let Some(Kind::MonthName(month)) = self.kind(0) {
            self.at += 1;
            return self.after_month_name(month);
        }
        let Some(first) = self.number() else { return Ok(None) };
        if self.accept(Kind::Year) {
            let (year, note) = year(first, era, true)?;
            self.note = note.or(self.note);
            return self.month_and_day(year);
        }
        if let Some(found) = self.ordinal_week(first)? {
            return Ok(Some(found));
        }
        if let Some(found) = self.with_month_name(first)? {
            return Ok(Some(found));
        }
        if self.accept(Kind::Month) {
            return Err(DateError::NoYear);
        }
        self.numeric(first, era)
    }

    /// Reads month and day after a year that is marked as one: 2月21日, but also 2-21.
    fn month_and_day(&mut self, year: u64) -> Found<Date> {
        self.soft_mark();
        let Some(month) = self.number() else { return Err(DateError::NoDay) };
        if !self.accept(Kind::Month) && self.mark().is_none() {
            return Err(DateError::NoDay);
        }
        self.soft_mark();
        let Some(day) = self.number() else { return Err(DateError::NoDay) };
        self.accept(Kind::Day);
        date(year, month.value, day.value).map(Some)
    }

    fn soft_mark(&mut self) {
        self.skip_space();
        if matches!(self.kind(0), Some(Kind::Mark('-' | '/' | '.'))) {
            self.at += 1;
        }
    }

    /// Reads `2019-W08-4` after its year.
    fn ordinal_week(&mut self, first: Number) -> Found<Date> {
        let (Some(Kind::Mark('-')), Some(Kind::W), Some(Kind::Number { value: week, .. })) =
            (self.kind(0), self.kind(1), self.kind(2))
        else {
            return Ok(None);
        };
        let (Some(Kind::Mark('-')), Some(Kind::Number { value: day, .. })) = (self.kind(3), self.kind(4)) else {
            return Err(DateError::NoDay);
        };
        let made = || {
            let weekday = Weekday::from_monday_one_offset(i8::try_from(day).ok()?).ok()?;
            let date = ISOWeekDate::new(i16::try_from(first.value).ok()?, i8::try_from(week).ok()?, weekday).ok()?;
            Some(date.date())
        };
        self.at += 5;
        made().map(Some).ok_or(DateError::NoSuchDay { month: week, day })
    }

    /// Reads `21 Feb 2019`, `21st of February, 2019`, `2019-Feb-21` after the first number.
    fn with_month_name(&mut self, first: Number) -> Found<Date> {
        let back = self.at;
        self.accept(Kind::Ordinal);
        self.accept(Kind::Ordinal);
        self.mark();
        self.skip_space();
        let Some(Kind::MonthName(month)) = self.kind(0) else {
            self.at = back;
            return Ok(None);
        };
        self.at += 1;
        while self.mark().is_some_and(|c| c != ' ') {}
        let Some(second) = self.number() else { return Err(DateError::NoYear) };
        match (first.digits, second.digits) {
            (4, 1 | 2) => date(first.value, month, second.value).map(Some),
            (1 | 2, 4) => date(second.value, month, first.value).map(Some),
            _ => Err(DateError::ShortYear),
        }
    }

    /// Reads `Feb 21, 2019` and `Feb 21 06:56:01 CST 2019` after the month; the year of the latter is looked for ahead.
    fn after_month_name(&mut self, month: u64) -> Found<Date> {
        self.accept(Kind::Mark('.'));
        let Some(day) = self.number() else { return Ok(None) };
        if day.digits > 2 {
            return Ok(None);
        }
        self.accept(Kind::Ordinal);
        let back = self.at;
        while self.mark().is_some_and(|c| c != ' ') {}
        if let Some(found) = self.number().filter(|year| year.digits == 4 && self.kind(0) != Some(Kind::Mark(':'))) {
            return date(found.value, month, day.value).map(Some);
        }
        self.at = back;
        let ahead = self.tokens[self.at..].iter().take(16);
        let year = ahead.clone().zip(ahead.skip(1)).find_map(|(space, token)| match (space.kind, token.kind) {
            (Kind::Space, Kind::Number { value, digits: 4, .. }) => Some(value),
            _ => None,
        });
        match year {
            Some(year) => date(year, month, day.value).map(Some),
            None => Err(DateError::NoYear),
        }
    }

    /// Reads numbers with marks between them, or one long number.
    fn numeric(&mut self, first: Number, era: Option<Era>) -> Found<Date> {
        if first.digits >= 6 && era.is_none() {
            return self.compact(first);
        }
        let Some(mark) = self.mark() else {
            return if first.digits >= 7 { self.compact(first) } else { Ok(None) };
        };
        let Some(second) = self.number() else { return Ok(None) };
        let back = self.at;
        let again = if self.accept(Kind::Month) { self.mark().or(Some(mark)) } else { self.mark() };
        let third = again.and_then(|_| self.number());
        let (Some(again), Some(third)) = (again, third) else {
            self.at = back;
            return if first.digits == 4 { Err(DateError::NoDay) } else { Ok(None) };
        };
        if first.chinese || (self.trust == Trust::Page && (again != mark || mark == ',')) {
            return Ok(None);
        }
        self.accept(Kind::Day);
        if first.digits >= 3 || era.is_some() {
            let (year, note) = year(first, era, false)?;
            self.note = note.or(self.note);
            return date(year, second.value, third.value).map(Some);
        }
        if third.digits != 4 {
            return Err(DateError::ShortYear);
        }
        day_and_month(first.value, second.value, third.value).map(Some)
    }

    /// Reads 20190221, 1080221 and Unix times.
    fn compact(&mut self, number: Number) -> Found<Date> {
        let split = |n: u64, by: u64| (n / by, n / 100 % 100, n % 100);
        let plausible = |year: u64| (1900..2100).contains(&year);
        let (year, month, day) = match number.digits {
            6 => return Err(DateError::ShortYear),
            7 => {
                self.note = Some("the year counts from 1911");
                let (year, month, day) = split(number.value, 10_000);
                (year + 1911, month, day)
            }
            8 => split(number.value, 10_000),
            10 => {
                let (year, month, day) = split(number.value / 100, 10_000);
                let hour = number.value % 100;
                if plausible(year) && date(year, month, day).is_ok() && hour < 24 {
                    return Err(DateError::Ambiguous { readings: vec!["hours".into(), "seconds since 1970".into()] });
                }
                return self.unix(number.value);
            }
            12 | 14 => {
                let by = if number.digits == 12 { 10_000 } else { 1_000_000 };
                split(number.value / by, 10_000)
            }
            13 => return self.unix(number.value / 1000),
            _ => return Ok(None),
        };
        if !plausible(year) {
            return if number.digits == 8 { Err(DateError::OutOfRange) } else { Ok(None) };
        }
        date(year, month, day).map(Some)
    }

    /// Reads seconds since 1970 between 1990 and 2100, as a day of Greenwich.
    fn unix(&mut self, seconds: u64) -> Found<Date> {
        if !(631_152_000..4_102_444_800).contains(&seconds) {
            return Err(DateError::OutOfRange);
        }
        self.note = Some("the number counts from 1970");
        let days = i32::try_from(seconds / 86_400).unwrap_or(0);
        Ok(jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(days)).ok())
    }

    /// Gives the time inside one long number, if the day was read from one: digits 9 and on, or a Unix time.
    fn compact_clock(&mut self, from: usize, end: usize) -> Option<(Clock, usize)> {
        let Some(&Token { kind: Kind::Number { value, digits, .. }, .. }) = self.tokens.get(from) else { return None };
        if end != from + 1 {
            return None;
        }
        let at = |hour: u64, minute: u64, second: u64, nanosecond: u64| {
            let two = |n: u64| i8::try_from(n).unwrap_or(i8::MAX);
            let nanosecond = i32::try_from(nanosecond).unwrap_or(0);
            Clock { hour: two(hour), minute: two(minute), second: two(second), nanosecond }
        };
        let unix = |s: u64, ms: u64| at(s / 3600 % 24, s / 60 % 60, s % 60, ms * 1_000_000);
        let clock = match digits {
            10 => unix(value, 0),
            13 => unix(value / 1000, value % 1000),
            12 => at(value / 100 % 100, value % 100, 0, 0),
            14 => at(value / 10_000 % 100, value / 100 % 100, value % 100, 0),
            _ => return None,
        };
        Some((clock, end))
    }

    /// Reads weekday, time and zone, in any order, with marks between them.
    fn tail(&mut self, reading: &mut Reading) -> Result<(), DateError> {
        if matches!(
            self.tokens.get(self.at.wrapping_sub(1)),
            Some(&Token { kind: Kind::Number { digits: 10 | 13, .. }, .. })
        ) {
            reading.zone = Some(Zone::Offset(0));
        }
        loop {
            self.at = reading.end;
            if reading.clock.is_some() && reading.zone.is_none() && self.zone(reading) {
                reading.end = self.at;
                continue;
            }
            let bracket = self.soft_marks();
            let found = self.weekday(reading.day)
                || (reading.clock.is_none() && self.clock_into(reading)?)
                || (reading.zone.is_none() && self.zone(reading))
                || (self.trust == Trust::Field && reading.clock.is_some() && self.repeated_year(reading.day));
            if !found {
                self.at = reading.end;
                return Ok(());
            }
            if bracket {
                self.accept(Kind::Mark(')'));
            }
            reading.end = self.at;
        }
    }

    /// Skips marks that join day, weekday and time; tells whether a bracket was opened.
    fn soft_marks(&mut self) -> bool {
        let mut bracket = false;
        while let Some(kind) = self.kind(0) {
            match kind {
                Kind::Mark('(') => bracket = true,
                Kind::Space | Kind::Unseen | Kind::T | Kind::Label | Kind::Mark('-' | ',' | '.' | '/' | '|') => {}
                _ => break,
            }
            self.at += 1;
        }
        bracket
    }

    fn weekday(&mut self, day: Date) -> bool {
        let written = match (self.kind(0), self.kind(1)) {
            (Some(Kind::Weekday(n)), _) => n,
            // (四) in brackets, (日) for Sunday.
            (Some(Kind::Number { value: n @ 1..=6, chinese: true, .. }), Some(Kind::Mark(')'))) => n as i8,
            (Some(Kind::Day), Some(Kind::Mark(')'))) => 7,
            _ => return false,
        };
        if written != day.weekday().to_monday_one_offset() {
            self.note = Some("the weekday is another one");
        }
        self.at += 1;
        true
    }

    /// Reads the year at the end of `Thu Feb 21 06:56:01 CST 2019`, already used.
    fn repeated_year(&mut self, day: Date) -> bool {
        let same = |kind| matches!(kind, Some(Kind::Number { value, digits: 4, .. }) if value == u64::from(day.year().unsigned_abs()));
        let month_first = self.tokens.iter().take(6).any(|token| matches!(token.kind, Kind::MonthName(_)));
        let found = month_first && same(self.kind(0));
        self.at += usize::from(found);
        found
    }

    fn clock_into(&mut self, reading: &mut Reading) -> Result<bool, DateError> {
        let back = self.at;
        match self.clock() {
            Ok(Some(clock)) => reading.clock = Some(clock),
            Err(error) if self.trust == Trust::Field => return Err(error),
            Ok(None) | Err(_) => self.at = back,
        }
        Ok(reading.clock.is_some())
    }
}

/// Counts a year from its era; three digits without one count from 1911, as no archive reaches back that far.
fn year(number: Number, era: Option<Era>, marked: bool) -> Result<(u64, Option<&'static str>), DateError> {
    let republic = Some("the year counts from 1911");
    match (era, number.value, number.digits) {
        (Some(Era::Republic), 1..=300, _) => Ok((number.value + 1911, republic)),
        (Some(Era::Republic), ..) => Err(DateError::OutOfRange),
        (Some(_), 1..=9999, _) | (None, 1..=9999, 4) => Ok((number.value, None)),
        (None, 100..=199, 0 | 3) => Ok((number.value + 1911, republic)),
        (None, 1000..=9999, 0) if marked => Ok((number.value, None)),
        (None, _, 0..=2) => Err(DateError::ShortYear),
        _ => Err(DateError::OutOfRange),
    }
}

/// Orders the two first numbers of `21/02/2019`.
fn day_and_month(first: u64, second: u64, year: u64) -> Result<Date, DateError> {
    match (date(year, second, first), date(year, first, second)) {
        (Ok(a), Ok(b)) if a != b => Err(DateError::Ambiguous { readings: vec![a.to_string(), b.to_string()] }),
        (Ok(a), _) | (_, Ok(a)) => Ok(a),
        (Err(error), _) => Err(error),
    }
}

fn date(year: u64, month: u64, day: u64) -> Result<Date, DateError> {
    let made = || Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok();
    made().ok_or(DateError::NoSuchDay { month, day })
}
