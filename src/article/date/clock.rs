//! Reads times of day and zones from tokens.

use super::DateError;
use super::grammar::{Clock, Found, Reader, Reading, Zone};
use super::token::{Kind, Period};

impl Reader<'_> {
    fn period(&mut self) -> Option<Period> {
        let back = self.at;
        self.skip_space();
        if let Some(Kind::Period(period)) = self.kind(0) {
            self.at += 1;
            return Some(period);
        }
        self.at = back;
        None
    }

    pub(super) fn clock(&mut self) -> Found<Clock> {
        let before = self.period();
        let Some(hour) = self.number() else { return Ok(None) };
        let (mut minute, mut second, mut nanosecond) = (0, 0, 0);
        if self.accept(Kind::Mark(':')) {
            let Some(number) = self.number() else { return Err(DateError::NoSuchTime) };
            minute = number.value;
            if self.accept(Kind::Mark(':')) {
                second = self.number().ok_or(DateError::NoSuchTime)?.value;
                nanosecond = self.fraction();
            }
        } else if self.accept(Kind::Hour) {
            if self.accept(Kind::Half) {
                minute = 30;
            } else if let Some(number) = self.number() {
                let quarters = self.accept(Kind::Quarter);
                minute = if quarters { number.value.saturating_mul(15) } else { number.value };
                if self.accept(Kind::Minute) {
                    second = self.number().map_or(0, |number| number.value);
                    self.accept(Kind::Second);
                }
            }
        } else if !self.bare_hour(before) {
            return Ok(None);
        }
        let period = self.period();
        let hour = twelve(hour.value, minute, before.or(period))?;
        // A leap second is the last one of its minute to everyone but clocks.
        if second == 60 && minute == 59 {
            second = 59;
        }
        let whole_day = (hour, minute, second) == (24, 0, 0);
        if !whole_day && (hour > 23 || minute > 59 || second > 59) {
            return Err(DateError::NoSuchTime);
        }
        let two = |n: u64| i8::try_from(n).unwrap_or(0);
        Ok(Some(Clock { hour: two(hour), minute: two(minute), second: two(second), nanosecond }))
    }

    /// Tells whether an hour may stand alone: `3 pm`.
    fn bare_hour(&self, before: Option<Period>) -> bool {
        let next = if self.kind(0) == Some(Kind::Space) { self.kind(1) } else { self.kind(0) };
        before.is_none() && matches!(next, Some(Kind::Period(_)))
    }

    /// Reads the fraction of a second, in nanoseconds; digits beyond the ninth are dropped.
    fn fraction(&mut self) -> i32 {
        let (Some(Kind::Mark('.' | ',')), Some(Kind::Number { chinese: false, .. })) = (self.kind(0), self.kind(1))
        else {
            return 0;
        };
        let token = self.tokens[self.at + 1];
        self.at += 2;
        let digits = self.text[token.from..token.to].chars().filter_map(|c| c.to_digit(10));
        digits.chain(std::iter::repeat(0)).take(9).fold(0, |sum, digit| sum * 10 + digit.cast_signed())
    }

    /// Reads `Z`, `+0800`, `GMT+8`, `CST`, `北京时间`.
    pub(super) fn zone(&mut self, reading: &mut Reading) -> bool {
        let back = self.at;
        self.skip_space();
        let token = self.at;
        let name = match self.kind(0) {
            Some(Kind::Zone(offsets)) => {
                self.at += 1;
                Some(offsets)
            }
            _ => None,
        };
        let signed = self.offset(name == Some(&[0]));
        reading.zone = match (signed, name) {
            (Some(offset), Some([0]) | None) => Some(Zone::Offset(offset)),
            (_, Some(offsets)) => Some(Zone::Name(offsets, token)),
            _ => {
                self.at = back;
                return false;
            }
        };
        true
    }

    fn offset(&mut self, short: bool) -> Option<i16> {
        let Some(Kind::Mark(sign @ ('+' | '-'))) = self.kind(0) else { return None };
        let Some(Kind::Number { value, digits, chinese: false }) = self.kind(1) else { return None };
        let minutes = match (digits, self.kind(2), self.kind(3)) {
            (1 | 2, Some(Kind::Mark(':')), Some(Kind::Number { value: minutes @ 0..60, digits: 2, .. })) => {
                self.at += 2;
                value * 60 + minutes
            }
            (4, ..) if value % 100 < 60 => value / 100 * 60 + value % 100,
            (2, ..) => value * 60,
            (1, ..) if short => value * 60,
            _ => return None,
        };
        let minutes = i16::try_from(minutes).ok().filter(|m| *m <= 18 * 60)?;
        self.at += 2;
        Some(if sign == '-' { -minutes } else { minutes })
    }
}

/// Turns an hour and a half of the day to an hour of 24.
fn twelve(hour: u64, minute: u64, period: Option<Period>) -> Result<u64, DateError> {
    let either = |a: u64, b: u64| {
        Err(DateError::Ambiguous { readings: vec![format!("{a:02}:{minute:02}"), format!("{b:02}:{minute:02}")] })
    };
    match (period, hour) {
        (None, _) => Ok(hour),
        (Some(Period::SmallHours), 12) => Ok(0),
        (Some(Period::Morning), 12) => either(0, 12),
        (Some(Period::Noon), 1..=3) => Ok(hour + 12),
        (Some(Period::Afternoon), 1..=11) => Ok(hour + 12),
        (Some(Period::Evening), 5..=11) => Ok(hour + 12),
        (Some(Period::Evening), 12) => either(0, 24),
        (Some(Period::Evening), 1..=4) => either(hour, hour + 12),
        (Some(Period::Morning | Period::SmallHours), 13..) | (Some(Period::Noon), 15..) => Err(DateError::NoSuchTime),
        _ => Ok(hour),
    }
}
