//! Quick digests of 64 bits, for telling whether a file has to be made again and which version of it a reader has.
//!
//! Multiplication to 128 bits, the halves folded together: a few nanoseconds for eight bytes. Chance does not fool it; who
//! could would spoil nothing but the search of the site they write.

/// Odd, with no pattern in its bits: the fraction of the golden ratio.
const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

/// Another such number: the fraction of the square root of 3.
const OTHER: u64 = 0xbb67_ae85_84ca_a73b;

/// Mixes two numbers to one.
#[inline]
pub(super) fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a ^ ODD) * u128::from(b ^ OTHER);
    #[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
    let (low, high) = (product as u64, (product >> 64) as u64);
    low ^ high
}

/// The digest of units.
pub(super) fn of_units(units: &[u16], seed: u64) -> u64 {
    let begin = mix(seed, units.len() as u64);
    // Two chains, because a multiplication takes longer than it keeps the processor from beginning the next.
    let mut chains = [begin, begin ^ OTHER];
    let mut add = |chunk: &[u16; 16]| {
        let (words, _) = chunk.as_chunks::<4>();
        let word = |at: usize| words[at].iter().fold(0, |word, &unit| word << 16 | u64::from(unit));
        chains = [mix(word(0), word(1) ^ chains[0]), mix(word(2), word(3) ^ chains[1])];
    };
    let (chunks, rest) = units.as_chunks::<16>();
    chunks.iter().for_each(&mut add);
    let mut last = [0; 16];
    last[..rest.len()].copy_from_slice(rest);
    add(&last);
    mix(chains[0], chains[1])
}

/// The digest of bytes.
pub(super) fn of_bytes(bytes: &[u8], seed: u64) -> u64 {
    let mut digest = mix(seed, bytes.len() as u64);
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        let word = u64::from_le_bytes(word);
        digest = mix(digest ^ word, word.rotate_left(32) ^ ODD);
    }
    digest
}

/// The characters of [`code`].
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Two characters that stand for a digest in the manifest: its lowest twelve bits.
pub(super) fn code(digest: u64) -> String {
    [(digest >> 6) & 63, digest & 63].iter().map(|&six| char::from(DIGITS[usize::try_from(six).unwrap_or(0)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_texts_apart() {
        assert_ne!(of_units(&[1, 2, 3, 4, 5], 0), of_units(&[1, 2, 3, 4, 5, 0], 0));
        assert_ne!(of_units(&[1, 2], 0), of_units(&[2, 1], 0));
        assert_ne!(of_bytes(b"", 0), of_bytes(b"\0", 0));
        assert_ne!(of_bytes(b"12345678a", 1), of_bytes(b"a12345678", 1));
    }

    #[test]
    fn codes_have_two_characters() {
        assert_eq!((code(0), code(63), code(64), code(0xffff)), ("AA".into(), "A_".into(), "BA".into(), "__".into()));
    }
}
