//! Where in a text something may begin, told for many places at once.
//!
//! Takes a text and a quick test of two neighbours; gives the places that pass. Nothing branches on the test: where names
//! and words begin, no processor foresees. Known by the rooms that look for many words in one walk; knows none.

/// Places of a text that are looked at together.
pub(crate) const BLOCK: usize = 64;

/// Finds, among the first [`BLOCK`] places of a text, those that pass a test together with the next, in order.
#[inline]
pub(crate) fn starts<T: Copy>(text: &[T], passes: impl Fn(T, T) -> bool) -> Starts {
    let two = text.iter().take(BLOCK).zip(text.get(1..).unwrap_or(&[]));
    let missing = (BLOCK - two.len()) as u32;
    let passes = |(&first, &second)| u64::from(passes(first, second));
    Starts(two.map(passes).fold(0, |places, one| places << 1 | one).unbounded_shl(missing))
}

/// Places that passed, a bit each, the first place the highest.
pub(crate) struct Starts(u64);

impl Iterator for Starts {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        if self.0 == 0 {
            return None;
        }
        let at = self.0.leading_zeros();
        self.0 ^= 1 << 63 >> at;
        Some(at as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn finds_the_pairs_that_pass(text in proptest::collection::vec(0..4u8, 0..150)) {
            let passes = |first: u8, second: u8| first == 1 && second > 1;
            let pairs = text.windows(2).take(BLOCK).enumerate();
            let listed: Vec<usize> = pairs.filter(|(_, pair)| passes(pair[0], pair[1])).map(|(at, _)| at).collect();
            proptest::prop_assert_eq!(starts(&text, passes).collect::<Vec<usize>>(), listed);
        }
    }
}
