//! A set of numbers that may have more in it than was put in, never less: a quick no before a slow look.

/// Numbers by their low bits.
pub(super) struct Bits {
    words: Vec<u64>,
    mask: usize,
}

impl Bits {
    /// Makes an empty set of `size` bits, a power of two.
    pub(super) fn new(size: usize) -> Self {
        Bits { words: vec![0; size / 64], mask: size - 1 }
    }

    pub(super) fn put(&mut self, number: u32) {
        let at = number as usize & self.mask;
        self.words[at >> 6] |= 1 << (at & 63);
    }

    #[inline(always)]
    pub(super) fn has(&self, number: u32) -> bool {
        let at = number as usize & self.mask;
        self.words.get(at >> 6).is_some_and(|word| word >> (at & 63) & 1 != 0)
    }
}

/// Makes one number of two codes; others may make the same.
#[inline(always)]
pub(super) fn pair(a: u16, b: u16) -> u32 {
    (u32::from(a).wrapping_mul(0x9e37_79b1) >> 7) ^ u32::from(b).wrapping_mul(0x85eb)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_what_was_put_in_and_little_else() {
        let mut bits = Bits::new(1 << 16);
        (0..500u16).for_each(|i| bits.put(pair(i * 7, i * 11 + 3)));
        assert!((0..500u16).all(|i| bits.has(pair(i * 7, i * 11 + 3))));
        let others = (0..3000u16).flat_map(|a| [1, 2, 3].map(|b: u16| (a, a ^ (b * 997))));
        assert!(others.filter(|&(a, b)| bits.has(pair(a, b))).count() < 400);
    }
}
