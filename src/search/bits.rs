//! Numbers as bits: Elias gamma and Rice codes, the most significant bit first.
//!
//! Binary files are small as they stand, because hosts compress only what they know to be text.

/// The longest run of ones of a Rice code; after it the number stands as 32 bits.
const LONGEST_RUN: u32 = 24;

/// Writes bits.
#[derive(Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
    word: u64,
    used: u32,
}

impl Writer {
    /// Begins with room for some bytes.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Writer { bytes: Vec::with_capacity(bytes), ..Writer::default() }
    }

    /// Writes the lowest `count` bits of `value`, at most 32.
    #[inline]
    pub(super) fn bits(&mut self, value: u32, count: u32) {
        self.word = (self.word << count) | u64::from(value) & ((1u64 << count) - 1);
        self.used += count;
        if self.used >= 32 {
            self.used -= 32;
            let whole = u32::try_from((self.word >> self.used) & 0xffff_ffff).unwrap_or(0);
            self.bytes.extend_from_slice(&whole.to_be_bytes());
        }
    }

    /// Writes a number from 1 on, the small ones shorter.
    #[inline]
    pub(super) fn gamma(&mut self, value: u32) {
        let length = 31 - value.max(1).leading_zeros();
        if length <= 15 {
            self.bits(value, 2 * length + 1);
        } else {
            self.bits(0, length);
            self.bits(1, 1);
            self.bits(value, length);
        }
    }

    /// Writes a number as [`Self::rice`] does, then one as [`Self::gamma`] does.
    #[inline]
    pub(super) fn rice_and_gamma(&mut self, value: u32, k: u32, then: u32) {
        let run = value >> k;
        if then == 1 && run + 2 + k <= 32 && run < LONGEST_RUN {
            let ones = (1u32 << (run + 1)) - 2;
            return self.bits((ones << k | value & ((1 << k) - 1)) << 1 | 1, run + 2 + k);
        }
        self.rice(value, k);
        self.gamma(then);
    }

    /// Writes a number around 2 to the power of `k`.
    #[inline]
    pub(super) fn rice(&mut self, value: u32, k: u32) {
        let run = value >> k;
        if run + 1 + k <= 32 && run < LONGEST_RUN {
            let ones = (1u32 << (run + 1)) - 2;
            self.bits((ones << k) | (value & ((1 << k) - 1)), run + 1 + k);
        } else if run < LONGEST_RUN {
            self.bits((1 << (run + 1)) - 2, run + 1);
            self.bits(value, k);
        } else {
            self.bits((1 << LONGEST_RUN) - 1, LONGEST_RUN);
            self.bits(value, 32);
        }
    }

    /// Fills the last byte with zeros; gives how many bytes there are.
    pub(super) fn align(&mut self) -> usize {
        let rest = (8 - self.used % 8) % 8;
        self.bits(0, rest);
        self.bytes.len() + (self.used / 8) as usize
    }

    /// Fills the last byte with zeros and takes the bytes.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.align();
        while self.used > 0 {
            self.used -= 8;
            self.bytes.push(u8::try_from((self.word >> self.used) & 0xff).unwrap_or(0));
        }
        self.bytes
    }
}

/// Reads what [`Writer`] wrote. Behind the last byte it reads zeros, so whoever does not know where to stop asks
/// [`Self::is_past`].
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    /// The next bit.
    at: usize,
}

impl<'a> Reader<'a> {
    /// Begins behind some whole bytes.
    pub(super) fn new(bytes: &'a [u8], skip: usize) -> Self {
        Reader { bytes, at: 8 * skip }
    }

    /// Tells whether more was read than there is.
    pub(super) fn is_past(&self) -> bool {
        self.at > 8 * self.bytes.len()
    }

    /// The next bits, 57 at least, the first of them the highest.
    #[inline]
    fn ahead(&self) -> u64 {
        let rest = self.bytes.get(self.at / 8..).unwrap_or_default();
        let word = match rest.first_chunk() {
            Some(chunk) => u64::from_be_bytes(*chunk),
            None => {
                let mut last = [0; 8];
                last[..rest.len()].copy_from_slice(rest);
                u64::from_be_bytes(last)
            }
        };
        word << (self.at % 8)
    }

    /// The number that the next bits are, at most 32 of them.
    #[inline]
    fn bits(&mut self, count: u32) -> u32 {
        let value = self.ahead() >> 1 >> (63 - count);
        self.at += count as usize;
        u32::try_from(value).unwrap_or(u32::MAX)
    }

    /// A number that [`Writer::gamma`] wrote; none when it wrote no such bits.
    #[inline]
    pub(super) fn gamma(&mut self) -> Option<u32> {
        let length = self.ahead().leading_zeros();
        self.at += length as usize;
        (length < 32).then(|| self.bits(length + 1))
    }

    /// A number that [`Writer::rice`] wrote with a parameter of at most 24.
    #[inline]
    pub(super) fn rice(&mut self, k: u32) -> u32 {
        let run = self.ahead().leading_ones();
        if run >= LONGEST_RUN {
            self.at += LONGEST_RUN as usize;
            return self.bits(32);
        }
        self.at += run as usize + 1;
        run << k | self.bits(k)
    }

    /// Goes on to the next whole byte.
    pub(super) fn align(&mut self) {
        self.at = self.at.next_multiple_of(8);
    }
}

/// The parameter of the Rice code for numbers whose mean is `sum / count`: the whole part of log2(0.69 mean).
///
/// That is the least number of times, 24 at most, that 200 counts have to be doubled to be more than 69 sums.
#[inline]
pub(super) fn parameter(sum: u64, count: u64) -> u32 {
    let (counts, sums) = (200 * count, sum * 69);
    if counts > sums {
        return 0;
    }
    if counts == 0 {
        return 24;
    }
    let k = counts.leading_zeros() - sums.leading_zeros();
    (k + u32::from(counts << k <= sums)).min(24)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Reads what [`Writer`] wrote, as the script of the theme does.
    pub(in crate::search) struct Reader<'a> {
        pub(in crate::search) bytes: &'a [u8],
        pub(in crate::search) at: usize,
    }

    impl Reader<'_> {
        pub(in crate::search) fn bits(&mut self, count: u32) -> u32 {
            (0..count).fold(0, |value, _| {
                let bit = self.bytes[self.at / 8] >> (7 - self.at % 8) & 1;
                self.at += 1;
                value << 1 | u32::from(bit)
            })
        }

        pub(in crate::search) fn gamma(&mut self) -> u32 {
            let mut length = 0;
            while self.bits(1) == 0 {
                length += 1;
            }
            1 << length | self.bits(length)
        }

        pub(in crate::search) fn rice(&mut self, k: u32) -> u32 {
            let mut run = 0;
            while self.bits(1) == 1 {
                run += 1;
                if run == LONGEST_RUN {
                    return self.bits(32);
                }
            }
            run << k | self.bits(k)
        }
    }

    #[test]
    fn reads_what_it_wrote() {
        let numbers = [0u32, 1, 2, 3, 9, 100, 1023, 1024, 70_000, u32::MAX >> 1];
        for k in [0, 1, 7, 12] {
            let mut writer = Writer::default();
            for &n in &numbers {
                writer.rice(n, k);
                writer.gamma(n + 1);
            }
            let bytes = writer.finish();
            let (mut reader, mut quick) = (Reader { bytes: &bytes, at: 0 }, super::Reader::new(&bytes, 0));
            for &n in &numbers {
                assert_eq!((reader.rice(k), reader.gamma()), (n, n + 1));
                assert_eq!((quick.rice(k), quick.gamma()), (n, Some(n + 1)));
            }
            quick.align();
            assert!(!quick.is_past());
            assert_eq!((quick.gamma(), quick.is_past()), (None, true));
        }
    }

    proptest::proptest! {
        #[test]
        fn parameters_are_found_by_doubling(sum in 0u64..1 << 40, count in 0u64..1 << 20, shift in 0u32..40) {
            let sum = sum >> shift;
            let mut k = 0;
            while k < 24 && (200u64 << k) * count <= sum * 69 {
                k += 1;
            }
            proptest::prop_assert_eq!(parameter(sum, count), k);
        }
    }

    #[test]
    fn parameters_grow_with_the_mean() {
        assert_eq!((parameter(1, 1), parameter(10, 1), parameter(1000, 1), parameter(0, 5)), (0, 2, 9, 0));
    }
}
