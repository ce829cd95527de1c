//! What stays in memory of an article's searched text: how much there is of it, and where the text itself has been put.
//!
//! A folded text takes some kilobytes and is needed when a shard is made or a group of articles summed anew, which after
//! an edit are few. So it is put away where what is known of articles is kept, and read back. A text that cannot be read
//! back is made again from its article.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::text::{self, Facts};

/// Where texts are put.
pub trait Store: Send + Sync {
    /// Reads the bytes that lie at a place; false when they cannot be read.
    fn read(&self, at: u64, bytes: &mut [u8]) -> bool;
}

/// Makes the searched text of an article again.
pub type Again = Arc<dyn Fn(&crate::facts::Facts) -> Facts + Send + Sync>;

/// What is known of an article's searched text.
#[derive(Clone, Serialize, Deserialize)]
pub struct Kept {
    grams: u32,
    digest: u64,
    /// The place behind the last.
    end: u64,
    /// How many of the units are the title.
    title: u32,
    /// Bytes of the text.
    size: u32,
    /// Where it lies behind others that were put away with it.
    at: u32,
    #[serde(skip)]
    text: Text,
}

#[derive(Clone, Default)]
enum Text {
    #[default]
    Nowhere,
    Here(Arc<Facts>),
    Away(Arc<dyn Store>, u64),
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kept({} grams, {:016x})", self.grams, self.digest)
    }
}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        (self.grams, self.digest) == (other.grams, other.digest)
    }
}

impl From<Facts> for Kept {
    fn from(facts: Facts) -> Self {
        Kept {
            grams: facts.grams(),
            digest: facts.digest(),
            end: text::end(&[&facts]),
            title: u32::try_from(facts.title()).unwrap_or(u32::MAX),
            size: u32::try_from(2 * facts.units().len()).unwrap_or(u32::MAX),
            at: 0,
            text: Text::Here(Arc::new(facts)),
        }
    }
}

impl Kept {
    /// How many grams the article has, with repetitions.
    pub(super) fn grams(&self) -> u32 {
        self.grams
    }

    /// Tells whether two articles are searched alike.
    pub(super) fn digest(&self) -> u64 {
        self.digest
    }

    /// The place behind the last of the article alone.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Writes the text behind others that are put away together.
    pub fn put(&mut self, bytes: &mut Vec<u8>) {
        if let Text::Here(facts) = &self.text {
            self.at = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            facts.put(bytes);
        }
    }

    /// Forgets the text, which was put away; what was put away with it lies from `start` on.
    pub fn leave(&mut self, store: &Arc<dyn Store>, start: u64) {
        self.text = Text::Away(Arc::clone(store), start + u64::from(self.at));
    }

    /// The text, read back by way of a buffer or made again.
    pub(super) fn open<'k>(&'k self, of: &crate::facts::Facts, again: &Again, buffer: &mut Vec<u8>) -> Cow<'k, Facts> {
        if let Text::Here(facts) = &self.text {
            return Cow::Borrowed(facts);
        }
        Cow::Owned(self.read(buffer).unwrap_or_else(|| again(of)))
    }

    fn read(&self, buffer: &mut Vec<u8>) -> Option<Facts> {
        let Text::Away(store, at) = &self.text else { return None };
        let size = self.size as usize;
        buffer.resize(buffer.len().max(size), 0);
        let bytes = &mut buffer[..size];
        let facts = store.read(*at, bytes).then(|| Facts::from_bytes(bytes, self.title as usize, self.grams))?;
        (facts.digest() == self.digest).then_some(facts)
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::tests::plain;
    use super::*;

    struct Bytes(Vec<u8>);

    impl Store for Bytes {
        fn read(&self, at: u64, bytes: &mut [u8]) -> bool {
            let from = usize::try_from(at).unwrap();
            self.0.get(from..from + bytes.len()).map(|found| bytes.copy_from_slice(found)).is_some()
        }
    }

    #[test]
    fn a_text_comes_back_or_is_noticed() {
        let (first, second) = (plain("題目", "首段，a1\n\n次段"), plain("題目", "別的文字"));
        let mut kept = [Kept::from(first), Kept::from(second.clone())];
        let mut bytes = b"in front".to_vec();
        let start = bytes.len() as u64;
        let mut texts = Vec::new();
        kept.iter_mut().for_each(|kept| kept.put(&mut texts));
        bytes.extend(texts);
        let stored = postcard::to_stdvec(&kept[1]).unwrap();
        let mut kept: Kept = postcard::from_bytes(&stored).unwrap();
        kept.leave(&(Arc::new(Bytes(bytes.clone())) as _), start);
        assert_eq!(kept.read(&mut Vec::new()).as_ref(), Some(&second));
        *bytes.last_mut().unwrap() ^= 1;
        kept.leave(&(Arc::new(Bytes(bytes.clone())) as _), start);
        assert_eq!(kept.read(&mut Vec::new()), None);
        bytes.pop();
        kept.leave(&(Arc::new(Bytes(bytes)) as _), start);
        assert_eq!(kept.read(&mut Vec::new()), None);
    }
}
