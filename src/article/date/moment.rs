//! A point in time as an archive needs it: a day, perhaps a time, seen from the site's zone.

use std::fmt;

use jiff::civil::{Date, DateTime, Time, date};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A day, with a time if one was written, in the site's zone.
///
/// The order is total: by instant (a day counts from its midnight in the site's zone), a bare day before the same
/// instant with a time, then by offset.
///
/// `Display` writes ISO 8601: `2019-02-21` or `2019-02-21T06:56:00+08:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    /// Seconds since 1970-01-01T00:00:00Z.
    second: i64,
    nanosecond: i32,
    timed: bool,
    /// Seconds east of Greenwich, of the site's zone at this instant.
    offset: i32,
    /// Day and time in the site's zone; midnight when no time was written.
    local: DateTime,
}

/// What a time zone has to say about a time of its own clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    /// It occurs once.
    Certain,
    /// It is skipped or occurs twice, when clocks are changed.
    Doubtful,
}

impl Moment {
    /// Returns the day in the site's zone.
    pub fn day(&self) -> Date {
        self.local.date()
    }

    /// Returns the time of the day in the site's zone, if one was written.
    pub fn time(&self) -> Option<Time> {
        self.timed.then(|| self.local.time())
    }

    /// Returns the year in the site's zone, 1 to 9999.
    pub fn year(&self) -> u16 {
        self.local.year().unsigned_abs()
    }

    /// Returns the month in the site's zone, 1 to 12.
    pub fn month(&self) -> u8 {
        self.local.month().unsigned_abs()
    }

    /// Returns the day of the month in the site's zone, 1 to 31.
    pub fn day_of_month(&self) -> u8 {
        self.local.day().unsigned_abs()
    }

    /// Returns the offset of the site's zone at this moment.
    pub fn offset(&self) -> Offset {
        Offset::from_seconds(self.offset).unwrap_or(Offset::UTC)
    }

    /// Returns seconds since 1970-01-01T00:00:00Z.
    pub fn unix_seconds(&self) -> i64 {
        self.second
    }

    /// Renders an RFC 3339 timestamp, midnight when no time was written (what feeds need).
    pub fn rfc3339(&self) -> String {
        let sign = if self.offset < 0 { '-' } else { '+' };
        let minutes = self.offset.unsigned_abs() / 60;
        let mut out = self.clock();
        out.push(sign);
        digits(&mut out, minutes / 60, 2);
        out.push(':');
        digits(&mut out, minutes % 60, 2);
        out
    }

    /// Renders the spelling an editor is advised to write: `2019-02-21`, `2019-02-21 06:56`, `2019-02-21 06:56:01`.
    pub fn written(&self) -> String {
        if !self.timed {
            return self.local.date().to_string();
        }
        let clock = self.clock().replacen('T', " ", 1);
        match clock.strip_suffix(":00") {
            Some(short) if short.len() == 16 => short.to_owned(),
            _ => clock,
        }
    }

    /// Gives the day, `2019-02-21`; every page has it a few times.
    fn iso_day(&self) -> String {
        let mut out = String::with_capacity(40);
        digits(&mut out, self.year().into(), 4);
        for part in [self.month(), self.day_of_month()] {
            out.push('-');
            digits(&mut out, part.into(), 2);
        }
        out
    }

    /// Gives day and time without the offset, `2019-02-21T06:56:01.5`.
    fn clock(&self) -> String {
        let time = self.local.time();
        let mut out = self.iso_day();
        for (before, part) in [('T', time.hour()), (':', time.minute()), (':', time.second())] {
            out.push(before);
            digits(&mut out, part.unsigned_abs().into(), 2);
        }
        if self.nanosecond > 0 {
            out.push_str(format!(".{:09}", self.nanosecond).trim_end_matches('0'));
        }
        out
    }

    /// Makes a bare day; `None` outside the years 1 to 9999.
    pub(super) fn of_day(day: Date, zone: &TimeZone) -> Option<Moment> {
        let midnight = day.to_datetime(Time::midnight());
        let (offset, _) = offset_at(midnight, zone);
        Moment { timed: false, ..Moment::new(midnight, offset)? }.checked()
    }

    /// Makes a moment from a time shown by clocks of the site's zone.
    pub(super) fn of_clock(local: DateTime, zone: &TimeZone) -> Option<(Moment, Clock)> {
        let (offset, clock) = offset_at(local, zone);
        if clock == Clock::Doubtful {
            return Some((Moment::of_offset(local, offset, zone)?, clock));
        }
        Some((Moment::new(local, offset)?.checked()?, clock))
    }

    /// Makes a moment from a time and its offset, and turns it to the site's zone.
    pub(super) fn of_offset(local: DateTime, offset: Offset, zone: &TimeZone) -> Option<Moment> {
        let written = Moment::new(local, offset)?;
        let instant = written.second.clamp(Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
        let there = whole_minutes(zone.to_offset(Timestamp::from_second(instant).ok()?));
        let shift = SignedDuration::from_secs(i64::from(there.seconds()) - i64::from(offset.seconds()));
        Moment::new(local.checked_add(shift).ok()?, there)?.checked()
    }

    fn new(local: DateTime, offset: Offset) -> Option<Moment> {
        let offset = offset.seconds();
        let since = local.duration_since(date(1970, 1, 1).at(0, 0, 0, 0));
        let second = since.as_secs() - i64::from(since.subsec_nanos() < 0) - i64::from(offset);
        Some(Moment { second, nanosecond: local.subsec_nanosecond(), timed: true, offset, local })
    }

    fn checked(self) -> Option<Moment> {
        (1..=9999).contains(&self.local.year()).then_some(self)
    }
}

/// Drops the seconds of an offset: RFC 3339 has none, and only local mean times (before 1901 in Shanghai) do.
fn whole_minutes(offset: Offset) -> Offset {
    Offset::from_seconds(offset.seconds() / 60 * 60).unwrap_or(Offset::UTC)
}

/// Finds the offset of a zone for a time on its clocks, the one before the change where clocks are changed.
fn offset_at(local: DateTime, zone: &TimeZone) -> (Offset, Clock) {
    match zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => (whole_minutes(offset), Clock::Certain),
        AmbiguousOffset::Gap { before, .. } | AmbiguousOffset::Fold { before, .. } => {
            (whole_minutes(before), Clock::Doubtful)
        }
    }
}

/// What is stored of a moment: day and time follow from it.
type Stored = (i64, i32, bool, i32);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let stored: Stored = (self.second, self.nanosecond, self.timed, self.offset);
        stored.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let (second, nanosecond, timed, offset) = Stored::deserialize(from)?;
        let since = SignedDuration::from_secs(second.saturating_add(i64::from(offset)));
        let local = date(1970, 1, 1).at(0, 0, 0, 0).checked_add(since).map_err(de::Error::custom)?;
        let local = local.with().subsec_nanosecond(nanosecond).build().map_err(de::Error::custom)?;
        let moment = Moment { second, nanosecond, timed, offset, local };
        moment.checked().ok_or_else(|| de::Error::custom("a year no article has"))
    }
}

/// Writes a number with leading zeros.
fn digits(out: &mut String, number: u32, count: u32) {
    let digit = |place| char::from(b'0' + (number / 10u32.pow(place) % 10) as u8);
    out.extend((0..count).rev().map(digit));
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&if self.timed { self.rfc3339() } else { self.iso_day() })
    }
}
