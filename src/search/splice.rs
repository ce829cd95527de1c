//! A shard made of what is left of an earlier one and of the articles that changed, without reading the other texts.
//!
//! Nothing that is read here is believed. A shard is a function of its places and its digest, and the digest is a sum over
//! the places: where those that were read, less those of articles that changed, and with the new ones of these, have the
//! sum that was planned, they are the places that all texts together have.

use super::bits::{Reader, parameter};
use super::grams::{self, Index};
use super::places::{Place, Widths};

/// The places of a shard, sorted, and their digest: those that `left` tells of articles that stay, by number, and `fresh`
/// ones of others. None when `left` cannot be a shard.
pub(super) fn splice<P: Place>(
    index: &Index<'_, '_>,
    number: u32,
    left: &[u8],
    stays: &[bool],
    mut fresh: Vec<P>,
) -> Option<(Vec<P>, u64)> {
    let mut places = Vec::with_capacity(left.len());
    let mut take = |hash, article: u32, at| {
        if stays.get(article as usize).is_some_and(|stays| *stays) {
            places.push((hash, article, at));
        }
    };
    read(left, index.span(number), &mut take)?;
    let fits = |n: u32, bits: u32| u64::from(n) >> bits == 0;
    let Widths { article: articles, at: ats } = index.widths;
    let place = |&(hash, article, at): &(u32, u32, u32)| {
        (fits(article, articles) && fits(at, ats)).then(|| P::new(hash, article, at, index.widths))
    };
    fresh.sort_unstable();
    let mut places: Vec<P> = places.iter().map(place).collect::<Option<_>>()?;
    places.append(&mut fresh);
    // Two runs in order, which are merged.
    places.sort();
    let lowest = u32::try_from(grams::lowest(number, index.shards)).ok()?;
    let (mut sum, mut salt) = (grams::digest_of_none(index.shards), (u32::MAX, 0));
    for place in &places {
        let article = place.article(index.widths);
        if salt.0 != article {
            salt = (article, grams::salt(article));
        }
        let gram = grams::of_hash(lowest.wrapping_add(place.hash(index.widths)));
        sum = sum.wrapping_add(grams::digest(gram, place.at(index.widths), salt.1));
    }
    Some((places, sum))
}

/// Calls `each` with the places a shard tells of: the hash of the gram less the lowest of the shard, which are `span`, the
/// number of the article, the place in it. None when the bytes cannot be a shard.
fn read(bytes: &[u8], span: u64, each: &mut impl FnMut(u32, u32, u32)) -> Option<()> {
    let mut head = Reader::new(bytes, 2);
    let count = head.gamma()? - 1;
    if count == 0 {
        return Some(());
    }
    let (articles, length) = (head.gamma()?, head.gamma()?);
    let k = parameter(span, u64::from(count));
    let (mut hashes, mut hash) = (Vec::new(), 0u32);
    for _ in 0..count {
        hash = hash.checked_add(head.rice(k)).filter(|&hash| u64::from(hash) < span)?;
        head.gamma()?;
        if head.is_past() {
            return None;
        }
        hashes.push(hash);
    }
    let (parameters, mut lists) = (Parameters { articles, length }, head);
    for hash in hashes {
        lists.align();
        read_list(&mut lists, parameters, &mut |article, at| each(hash, article, at))?;
    }
    Some(())
}

/// What the parameters of the codes of a shard's lists follow from.
#[derive(Clone, Copy)]
struct Parameters {
    articles: u32,
    length: u32,
}

/// Calls `each` with the article and the place of each place in a list.
fn read_list(bits: &mut Reader<'_>, of: Parameters, each: &mut impl FnMut(u32, u32)) -> Option<()> {
    let count = bits.gamma()?;
    let k = parameter(u64::from(of.articles), u64::from(count));
    let mut next = 0u32;
    for _ in 0..count {
        let article = next.checked_add(bits.rice(k))?;
        next = article.checked_add(1)?;
        let places = bits.gamma()?;
        let k = parameter(u64::from(of.length), u64::from(places) + 1);
        let mut next = 0u32;
        for _ in 0..places {
            let place = next.checked_add(bits.rice(k))?;
            next = place.checked_add(1)?;
            each(article, place);
            if bits.is_past() {
                return None;
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;

    use super::super::grams::{Earlier, Texts, add_digests, make};
    use super::super::text::Facts;
    use super::super::text::tests::plain;
    use super::*;

    const SHARDS: u32 = 20;

    fn digests(texts: &[Facts]) -> Vec<(u32, u64)> {
        let mut digests = vec![grams::digest_of_none(SHARDS); SHARDS as usize];
        for (number, facts) in (0..).zip(texts) {
            add_digests(&mut digests, number, &[Cow::Borrowed(facts)], |_, _| {});
        }
        (0..).zip(digests).collect()
    }

    /// Makes shards of texts; none but those for which `read` says so may be looked at.
    fn made(
        texts: &[Facts],
        wanted: &[(u32, u64)],
        earlier: Option<&Earlier<'_>>,
        read: &(dyn Fn(usize) -> bool + Sync),
    ) -> Vec<Vec<u8>> {
        let articles = |at: usize, _: &mut Vec<u8>| {
            assert!(read(at), "article {at} was read");
            vec![Cow::Borrowed(&texts[at])]
        };
        let places = texts.iter().map(|facts| u64::from(facts.grams())).sum();
        let texts = Texts { articles: &articles, count: texts.len(), places, longest: 1 << 12 };
        let mut made = make(&texts, SHARDS, wanted, earlier, &|at, bytes| (at, bytes));
        made.sort_unstable();
        made.into_iter().map(|(_, bytes)| bytes).collect()
    }

    fn texts() -> impl Strategy<Value = Vec<Facts>> {
        prop::collection::vec("[甲乙丙丁戊 ，a1.\n]{0,80}".prop_map(|words| plain("甲乙", &words)), 1..30)
    }

    proptest! {
        #[test]
        fn a_spliced_shard_is_the_shard(
            (before, after) in (texts(), texts()), changed in prop::collection::vec(prop::bool::weighted(0.2), 30),
            wanted in [0u32..SHARDS, 0u32..SHARDS],
        ) {
            let mut now = before.clone();
            // Articles change, others are behind the last or no more there.
            now.iter_mut().zip(&after).zip(&changed).filter(|(_, changed)| **changed).for_each(|((now, new), _)| *now = new.clone());
            now.truncate(after.len());
            now.extend_from_slice(after.get(before.len()..).unwrap_or_default());
            let stays: Vec<bool> = before.iter().zip(&now).map(|(before, now)| before == now).collect();
            let left = made(&before, &digests(&before), None, &|_| true);
            let all = digests(&now);
            let whole = made(&now, &all, None, &|_| true);
            let mut wanted: Vec<(u32, u64)> = wanted.map(|number| all[number as usize]).to_vec();
            wanted.sort_unstable();
            wanted.dedup();
            let earlier = Earlier { stays: &stays, shard: &|at| Some(left[wanted[at].0 as usize].clone()) };
            let spliced = made(&now, &wanted, Some(&earlier), &|at| stays.get(at) != Some(&true));
            for (bytes, (number, _)) in spliced.iter().zip(&wanted) {
                prop_assert_eq!(bytes, &whole[*number as usize]);
            }
        }

        #[test]
        fn what_is_damaged_is_made_of_all_texts(texts in texts(), at in 0u32..SHARDS, by: Vec<(u16, u8)>, cut in 0usize..9) {
            let all = digests(&texts);
            let whole = made(&texts, &all, None, &|_| true);
            let shard = &whole[at as usize];
            let mut damaged = shard.clone();
            damaged.truncate(shard.len() - cut.min(shard.len()));
            for (byte, by) in by {
                let byte = usize::from(byte) % damaged.len().max(1);
                damaged.get_mut(byte).into_iter().for_each(|byte| *byte ^= by);
            }
            let earlier = Earlier { stays: &vec![true; texts.len()], shard: &|_| Some(damaged.clone()) };
            prop_assert_eq!(&made(&texts, &[all[at as usize]], Some(&earlier), &|_| true)[0], shard);
        }
    }
}
