//! Places of grams, gathered by shard and sorted.

/// Bits of the parts of a [`Place`] but the hash.
#[derive(Clone, Copy)]
pub(super) struct Widths {
    pub(super) article: u32,
    pub(super) at: u32,
}

/// Where a gram stands, in one number that sorts by them: its hash less the lowest of its shard, the number of the
/// article, the place in it.
pub(super) trait Place: Copy + Default + Ord + Send + Sync {
    fn new(hash: u32, article: u32, at: u32, widths: Widths) -> Self;
    fn hash(self, widths: Widths) -> u32;
    /// Hash and article.
    fn article_of(self, widths: Widths) -> Self;
    fn article(self, widths: Widths) -> u32;
    fn at(self, widths: Widths) -> u32;
}

macro_rules! place {
    ($number:ty) => {
        #[expect(clippy::cast_possible_truncation, reason = "each part is taken by its width")]
        impl Place for $number {
            #[inline]
            fn new(hash: u32, article: u32, at: u32, widths: Widths) -> Self {
                (<$number>::from(hash) << widths.article | <$number>::from(article)) << widths.at | <$number>::from(at)
            }

            #[inline]
            fn hash(self, widths: Widths) -> u32 {
                (self >> widths.at >> widths.article) as u32
            }

            #[inline]
            fn article_of(self, widths: Widths) -> Self {
                self >> widths.at
            }

            #[inline]
            fn article(self, widths: Widths) -> u32 {
                (self >> widths.at) as u32 & ((1u64 << widths.article) - 1) as u32
            }

            #[inline]
            fn at(self, widths: Widths) -> u32 {
                self as u32 & ((1u64 << widths.at) - 1) as u32
            }
        }
    };
}

place!(u64);
place!(u128);

/// Places of one piece of a slot: 4 KB.
const PIECE: usize = 512;

/// Places by slot, in the order they came in: in pieces of one list, because a list for each slot would take up to thrice
/// the memory, and a place more than one look.
#[derive(Default)]
pub(super) struct Gathered<P> {
    places: Vec<P>,
    /// For each slot where its next place is put.
    next: Vec<u32>,
    /// The slot of each piece.
    pieces: Vec<u32>,
}

impl<P: Place> Gathered<P> {
    /// Begins with so many empty slots, and room for so many places if there is none yet.
    pub(super) fn clear(&mut self, slots: usize, expected: usize) {
        self.places.reserve((expected + slots * PIECE).saturating_sub(self.places.len()));
        self.places.resize(self.places.len().max(slots * PIECE), P::default());
        self.pieces.clear();
        self.next.clear();
        (0..slots).for_each(|slot| self.begin(slot));
    }

    /// Begins a piece for a slot that has none yet.
    fn begin(&mut self, slot: usize) {
        self.next.push(u32::try_from(self.pieces.len() * PIECE).unwrap_or(u32::MAX));
        self.pieces.push(u32::try_from(slot).unwrap_or(u32::MAX));
    }

    #[inline]
    pub(super) fn push(&mut self, slot: usize, place: P) {
        let next = &mut self.next[slot];
        self.places[*next as usize] = place;
        *next += 1;
        if (*next as usize).is_multiple_of(PIECE) {
            self.go_on(slot);
        }
    }

    /// Begins another piece for a slot.
    #[inline(never)]
    fn go_on(&mut self, slot: usize) {
        let start = self.pieces.len() * PIECE;
        self.next[slot] = u32::try_from(start).expect("there is no memory for so many places");
        self.pieces.push(u32::try_from(slot).unwrap_or(u32::MAX));
        if self.places.len() < start + PIECE {
            // Pages of memory that nothing is put into are not touched.
            let more = (64 * PIECE).min(self.places.capacity().saturating_sub(self.places.len())).max(PIECE);
            self.places.resize(self.places.len() + more, P::default());
        }
    }

    /// The places of each slot, in pieces.
    pub(super) fn slots(&self) -> Vec<Vec<&[P]>> {
        let mut slots = vec![Vec::new(); self.next.len()];
        for (start, &slot) in (0..).step_by(PIECE).zip(&self.pieces) {
            let next = self.next[slot as usize] as usize;
            let end = if (start..start + PIECE).contains(&next) { next } else { start + PIECE };
            slots[slot as usize].push(&self.places[start..end]);
        }
        slots
    }
}

/// Sorts places by gram, those of one gram staying in order; keeps its memory for the next time.
#[derive(Default)]
pub(super) struct Sorter<P> {
    places: Vec<P>,
    ends: Vec<u32>,
}

impl<P: Place> Sorter<P> {
    /// Sorts pieces that are in order but for the hashes, which are lower than `span`.
    pub(super) fn sort(&mut self, pieces: &[&[P]], span: u64, widths: Widths) -> &[P] {
        /// A shard has some hundred grams, so hardly two of them have the same upper bits of what tells their hashes apart.
        const DIGIT: u32 = 11;
        let shift = (64 - span.leading_zeros()).saturating_sub(DIGIT);
        let digit = |place: P| (place.hash(widths) >> shift) as usize;
        self.ends.clear();
        self.ends.resize((1 << DIGIT) + 1, 0);
        let all = || pieces.iter().copied().flatten().copied();
        all().for_each(|place| self.ends[digit(place) + 1] += 1);
        let mut count = 0;
        for end in &mut self.ends {
            count += *end;
            *end = count;
        }
        let count = count as usize;
        self.places.resize(self.places.len().max(count), P::default());
        for place in all() {
            let end = &mut self.ends[digit(place)];
            self.places[*end as usize] = place;
            *end += 1;
        }
        let mut rest = &mut self.places[..count];
        let mut start = 0;
        for end in &self.ends[..1 << DIGIT] {
            let (these, others) = rest.split_at_mut((end - std::mem::replace(&mut start, *end)) as usize);
            rest = others;
            // Only where there are places of two grams.
            if !these.is_sorted() {
                these.sort_unstable();
            }
        }
        &self.places[..count]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn gathered_places_are_sorted(
            places in prop::collection::vec((0usize..3, 0u32..5000, 0u32..4), 0..3000), by in 1u32..800, twice: bool,
        ) {
            let widths = Widths { article: 20, at: 4 };
            let mut gathered = Gathered::<u64>::default();
            for _ in 0..=usize::from(twice) {
                gathered.clear(3, if twice { 0 } else { places.len() });
                for (&(slot, hash, at), article) in places.iter().zip(0..) {
                    gathered.push(slot, Place::new(hash / by * by, article, at, widths));
                }
            }
            for (slot, pieces) in gathered.slots().iter().enumerate() {
                let of_slot = places.iter().zip(0..).filter(|(place, _)| place.0 == slot);
                let mut wanted: Vec<u64> =
                    of_slot.map(|(&(_, hash, at), article)| Place::new(hash / by * by, article, at, widths)).collect();
                prop_assert_eq!(&pieces.concat(), &wanted);
                wanted.sort_unstable();
                let mut sorter = Sorter::default();
                prop_assert_eq!(sorter.sort(pieces, 5000, widths), &wanted);
            }
        }
    }
}
