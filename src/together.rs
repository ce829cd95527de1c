//! How many texts are worked on together, step by step.
//!
//! Each step reads tables of its own: of one text after the other, the tables of one step push those of the others out of
//! the nearer caches. Of a group, a step reads its tables once for many texts, which are few enough to stay near as well.

/// The most texts of a group.
const MOST: usize = 16;

/// Groups for each thread at least, so that no thread waits long for another's last.
const SHARES: usize = 8;

/// Bytes of texts, or of pages, that end a group early: some are as long as a thousand others.
pub(crate) const ROOM: usize = 1 << 20;

/// How many of so many items to work on together.
pub(crate) fn of(count: usize) -> usize {
    (count / (SHARES * rayon::current_num_threads())).clamp(1, MOST)
}

#[cfg(test)]
mod tests {
    #[test]
    fn few_items_go_one_by_one() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("two threads");
        let sizes = pool.install(|| [0, 1, 31, 32, 100, 100_000].map(super::of));
        assert_eq!(sizes, [1, 1, 1, 2, 6, 16]);
    }
}
