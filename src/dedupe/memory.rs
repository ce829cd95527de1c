//! What one run found out about pairs of texts, for the next one.
//!
//! Comparing two texts depends on the two texts and on how common their grams are, and on nothing else. A fact is
//! therefore kept under a key made of just that: a later run that asks the same question gets the same answer without
//! reading a text, and one that asks another question finds no answer. Nothing has to be forgotten when articles change,
//! and whatever a memory holds, the report is that of a run without it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::bytes::{Reader, Writer};
use super::likeness::Likeness;
use super::sketch::mix;

/// One answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fact {
    /// What two texts have in common; none if it is too little to matter.
    Likeness(Option<Likeness>),
    /// What two texts have in common with their canonical one.
    Share(f64),
    /// The longest sentences both texts have.
    Sentences(Vec<String>),
}

/// Facts by key, for [`super::cluster_remembering`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// Sorted by key.
    facts: Vec<(u64, Fact)>,
}

const MARK: &[u8; 4] = b"jfMY";

impl Memory {
    /// Gives the bytes from which [`Self::from_bytes`] makes it again.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::new(MARK);
        out.list(&self.facts, |out, (key, fact)| {
            out.fixed(*key);
            fact.write(out);
        });
        out.finish()
    }

    /// Reads a memory; none from bytes that are damaged or of another version.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut from = Reader::new(bytes, MARK)?;
        let facts = from.list(|from| Some((from.fixed()?, Fact::read(from)?)))?;
        from.finish()?;
        facts.is_sorted_by(|a, b| a.0 < b.0).then_some(Memory { facts })
    }

    fn fact(&self, key: u64) -> Option<&Fact> {
        let place = self.facts.binary_search_by_key(&key, |fact| fact.0).ok()?;
        Some(&self.facts[place].1)
    }
}

impl Fact {
    fn write(&self, out: &mut Writer) {
        match self {
            Fact::Likeness(None) => out.number(0),
            Fact::Likeness(Some(likeness)) => {
                out.number(1);
                likeness.write(out);
            }
            Fact::Share(share) => {
                out.number(2);
                out.share(*share);
            }
            Fact::Sentences(all) => {
                out.number(3);
                out.list(all, |out, sentence| out.text(sentence));
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(match from.number()? {
            0 => Fact::Likeness(None),
            1 => Fact::Likeness(Some(Likeness::read(from)?)),
            2 => Fact::Share(from.share()?),
            3 => Fact::Sentences(from.list(Reader::text)?),
            _ => return None,
        })
    }
}

/// Makes a key from a question (a number for each kind) and the hashes of all that the answer depends on.
pub(super) fn key(question: u64, of: &[u64]) -> u64 {
    of.iter().fold(mix(question), |h, &v| mix(h ^ v).wrapping_add(v.rotate_left(17)))
}

/// Answers from an earlier run, and all answers that were used in this one.
pub(super) struct Recall<'m> {
    earlier: Option<&'m Memory>,
    used: Mutex<BTreeMap<u64, Fact>>,
}

impl<'m> Recall<'m> {
    pub(super) fn new(earlier: Option<&'m Memory>) -> Self {
        Recall { earlier, used: Mutex::new(BTreeMap::new()) }
    }

    /// Gives the answer to a question, working it out if nobody remembers it.
    pub(super) fn fact(&self, key: u64, find_out: impl FnOnce() -> Fact) -> Fact {
        let fact = self.earlier.and_then(|memory| memory.fact(key)).cloned().unwrap_or_else(find_out);
        // A thread that panicked here has ended the run; what it held is whole, since nothing inside can panic.
        self.used.lock().unwrap_or_else(PoisonError::into_inner).insert(key, fact.clone());
        fact
    }

    /// Gives what this run used.
    pub(super) fn into_memory(self) -> Memory {
        let used = self.used.into_inner().unwrap_or_else(PoisonError::into_inner);
        Memory { facts: used.into_iter().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_only_what_was_asked_and_refuses_damage() {
        let recall = Recall::new(None);
        recall.fact(9, || Fact::Share(0.25));
        recall.fact(7, || Fact::Sentences(vec!["渡口的灯".into()]));
        recall.fact(8, || Fact::Likeness(None));
        recall.fact(6, || {
            Fact::Likeness(Some(Likeness {
                containment: 0.5,
                conflicts: vec![("3".into(), "4".into())],
                matched: 300,
                ..Likeness::default()
            }))
        });
        let first = recall.into_memory();
        let bytes = first.to_bytes();
        assert_eq!(Memory::from_bytes(&bytes), Some(first.clone()));
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x10;
            assert_eq!(Memory::from_bytes(&damaged), None, "{at}");
        }
        let later = Recall::new(Some(&first));
        assert_eq!(later.fact(9, || unreachable!("it is remembered")), Fact::Share(0.25));
        assert_eq!(later.into_memory().facts, [(9, Fact::Share(0.25))]);
    }

    #[test]
    fn keys_depend_on_kind_order_and_every_part() {
        let all = [key(1, &[2, 3]), key(1, &[3, 2]), key(2, &[2, 3]), key(1, &[2]), key(1, &[2, 3, 0])];
        assert!((0..all.len()).all(|at| !all[at + 1..].contains(&all[at])));
    }
}
