//! Digests that tell whether something is still the same. Not for secrets: whoever can write the site can write anything.
//!
//! Knows no stage. SipHash with 128 bits: two different texts of one site never meet by chance.

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};
use siphasher::sip128::{Hasher128, SipHasher13};
use twox_hash::XxHash3_128;

/// A digest of 128 bits.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Digest(u64, u64);

impl Digest {
    /// The digest of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let mut hasher = SipHasher13::new();
        hasher.write(bytes);
        Self::from(hasher)
    }

    /// A digest of bytes that is made some times faster, for what is only ever compared with what stood in its own place:
    /// whoever wants to can make two texts that have one.
    pub fn quick(bytes: &[u8]) -> Self {
        let hash = XxHash3_128::oneshot(bytes);
        Digest((hash >> 64) as u64, hash as u64)
    }

    /// A number below `most` that follows from the digest.
    pub fn below(&self, most: u32) -> u32 {
        u32::try_from(self.0 % u64::from(most.max(1))).unwrap_or(0)
    }

    /// The digest of a value: of all that its `Hash` takes in.
    pub fn of_value(value: &(impl Hash + ?Sized)) -> Self {
        let mut hasher = SipHasher13::new();
        value.hash(&mut hasher);
        Self::from(hasher)
    }
}

impl From<SipHasher13> for Digest {
    fn from(hasher: SipHasher13) -> Self {
        let hash = hasher.finish128();
        Digest(hash.h1, hash.h2)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:016x}", self.0, self.1)
    }
}
