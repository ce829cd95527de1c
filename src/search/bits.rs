//! Numbers as bits: Elias gamma and Rice codes, the most significant bit first.
//!
//! Binary files are small as they stand, because hosts compress only what they know to be text.

/// The longest run of ones of a Rice code; after it the number stands as 32 bits.
const LONGEST_RUN: u32 = 24;

/// Some bits that belong together, 1 to 63.
#[derive(Clone, Copy)]
pub(super) struct Code {
    bits: u64,
    count: u32,
}

impl Code {
    /// The lowest `count` bits, which no others stand above.
    pub(super) fn bits(bits: u32, count: u32) -> Self {
        Code { bits: u64::from(bits), count }
    }

    /// A number from 1 on, the small ones shorter.
    #[inline]
    pub(super) fn gamma(value: u32) -> Self {
        let value = value.max(1);
        Code { bits: u64::from(value), count: 2 * (31 - value.leading_zeros()) + 1 }
    }

    /// A number around 2 to the power of `k`, at most 24.
    #[inline]
    pub(super) fn rice(value: u32, k: u32) -> Self {
        let (run, value) = (value >> k, u64::from(value));
        if run < LONGEST_RUN {
            let ones = (1u64 << (run + 1)) - 2;
            Code { bits: ones << k | value & ((1 << k) - 1), count: run + 1 + k }
        } else {
            let ones = (1u64 << LONGEST_RUN) - 1;
            Code { bits: ones << 32 | value, count: LONGEST_RUN + 32 }
        }
    }
}

/// The most bits written at once: with those of a part of a byte before them they fill a word.
const AT_ONCE: u32 = 57;

/// Writes bits.
#[derive(Default)]
pub(super) struct Writer {
    /// What is written, and room behind it.
    bytes: Vec<u8>,
    /// How many whole bytes are written.
    end: usize,
    /// The bits behind them, the first of them the highest.
    word: u64,
    /// How many these are, less than a byte.
    used: u32,
}

impl Writer {
    /// Begins anew in the same memory.
    pub(super) fn clear(&mut self) {
        (self.end, self.word, self.used) = (0, 0, 0);
    }

    /// Writes a code.
    #[inline]
    pub(super) fn write(&mut self, Code { bits, count }: Code) {
        match count {
            0..=AT_ONCE => self.put(bits, count),
            _ => {
                self.put(bits >> 32, count - 32);
                self.put(bits & 0xffff_ffff, 32);
            }
        }
    }

    /// Writes some codes one behind the other.
    #[inline]
    pub(super) fn all<const COUNT: usize>(&mut self, codes: [Code; COUNT]) {
        let count = codes.iter().map(|code| code.count).sum();
        match count {
            0..=AT_ONCE => self.put(codes.iter().fold(0, |bits, code| bits << code.count | code.bits), count),
            _ => codes.into_iter().for_each(|code| self.write(code)),
        }
    }

    /// Writes the lowest `count` bits, from 1 to [`AT_ONCE`]. The whole word is stored every time, which takes less time than
    /// to guess when there is enough of it.
    #[inline]
    fn put(&mut self, bits: u64, count: u32) {
        self.used += count;
        self.word |= bits << (64 - self.used);
        match self.bytes.get_mut(self.end..).and_then(|rest| rest.first_chunk_mut()) {
            Some(bytes) => *bytes = self.word.to_be_bytes(),
            None => self.put_behind(),
        }
        self.end += (self.used / 8) as usize;
        // The shift by a whole word is none.
        self.word = self.word << (self.used / 8 * 4) << (self.used / 8 * 4);
        self.used %= 8;
    }

    /// Stores the word where there was no room for it.
    #[cold]
    fn put_behind(&mut self) {
        self.bytes.truncate(self.end);
        self.bytes.extend(self.word.to_be_bytes());
        self.bytes.resize(2 * self.bytes.len(), 0);
    }

    /// Fills the last byte with zeros; gives how many bytes there are.
    pub(super) fn align(&mut self) -> usize {
        // They are stored already.
        self.end += usize::from(self.used > 0);
        (self.word, self.used) = (0, 0);
        self.end
    }

    /// The whole bytes that are written.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.end]
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
        let mut writer = Writer::default();
        for (k, together) in [(0, true), (1, false), (7, true), (7, false), (12, true), (24, true)] {
            writer.clear();
            for &n in &numbers {
                let codes = [Code::rice(n, k), Code::gamma(n + 1)];
                match together {
                    true => writer.all(codes),
                    false => codes.into_iter().for_each(|code| writer.write(code)),
                }
            }
            assert_eq!(writer.align(), writer.bytes().len());
            let bytes = writer.bytes();
            let (mut reader, mut quick) = (Reader { bytes, at: 0 }, super::Reader::new(bytes, 0));
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
