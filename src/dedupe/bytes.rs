//! The bytes in which sketches and memories are kept: a mark, a version, values, and a check over all of it.
//!
//! Numbers are written in groups of seven bits. What does not read back whole is refused.

use super::VERSION;
use super::sketch::mix;

/// Writes values one after another.
pub(super) struct Writer(Vec<u8>);

impl Writer {
    /// Begins with a mark of four letters and the version of this room.
    pub(super) fn new(mark: &[u8; 4]) -> Self {
        let mut out = Writer(mark.to_vec());
        out.number(u64::from(VERSION));
        out
    }

    pub(super) fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    pub(super) fn fixed(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(super) fn share(&mut self, value: f64) {
        self.fixed(value.to_bits());
    }

    pub(super) fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    pub(super) fn list<T>(&mut self, all: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.number(all.len() as u64);
        all.iter().for_each(|one| write(self, one));
    }

    /// Writes hashes, four bytes each: differences of sorted ones would save a quarter and take three times as long.
    pub(super) fn hashes(&mut self, all: &[u32]) {
        self.number(all.len() as u64);
        self.0.extend(all.iter().flat_map(|value| value.to_le_bytes()));
    }

    /// Ends with the check.
    pub(super) fn finish(mut self) -> Vec<u8> {
        let check = check(&self.0);
        self.fixed(check);
        self.0
    }
}

/// A hash of bytes that tells damage.
fn check(bytes: &[u8]) -> u64 {
    let (chunks, rest) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let all = chunks.iter().chain([&last]).map(|chunk| u64::from_le_bytes(*chunk));
    mix(all.fold(bytes.len() as u64, |h, v| (h.rotate_left(5) ^ v).wrapping_mul(0x9E37_79B9_7F4A_7C15)))
}

/// Reads what [`Writer`] wrote; every reading fails once one has failed.
pub(super) struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    /// Begins to read, if mark, version and check are right.
    pub(super) fn new(bytes: &'b [u8], mark: &[u8; 4]) -> Option<Self> {
        let (body, end) = bytes.split_last_chunk::<8>()?;
        if u64::from_le_bytes(*end) != check(body) {
            return None;
        }
        let mut out = Reader(body.strip_prefix(mark)?);
        (out.number()? == u64::from(VERSION)).then_some(out)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for group in 0..10 {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << (7 * group);
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    pub(super) fn narrow<T: TryFrom<u64>>(&mut self) -> Option<T> {
        T::try_from(self.number()?).ok()
    }

    pub(super) fn fixed(&mut self) -> Option<u64> {
        let (first, rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*first))
    }

    pub(super) fn share(&mut self) -> Option<f64> {
        self.fixed().map(f64::from_bits)
    }

    pub(super) fn text(&mut self) -> Option<String> {
        let length = self.narrow::<usize>()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        String::from_utf8(text.to_vec()).ok()
    }

    pub(super) fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.narrow::<usize>()?;
        // Each entry takes a byte at least: a wrong count asks for no memory.
        let mut out = Vec::with_capacity(count.min(self.0.len()));
        for _ in 0..count {
            out.push(read(self)?);
        }
        Some(out)
    }

    pub(super) fn hashes(&mut self) -> Option<Vec<u32>> {
        let length = self.narrow::<usize>()?.checked_mul(4)?;
        let (hashes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(hashes.as_chunks::<4>().0.iter().map(|four| u32::from_le_bytes(*four)).collect())
    }

    /// Succeeds when nothing is left.
    pub(super) fn finish(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// Hashes as bytes for formats that would write them one by one.
pub(super) mod hashes {
    use std::fmt;

    use serde::de::{self, Visitor};
    use serde::{Deserializer, Serializer};

    pub(in crate::dedupe) fn serialize<S: Serializer>(hashes: &[u32], serializer: S) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = hashes.iter().flat_map(|hash| hash.to_le_bytes()).collect();
        serializer.serialize_bytes(&bytes)
    }

    pub(in crate::dedupe) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u32>, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Vec<u32>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the bytes of hashes")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Vec<u32>, E> {
                let (hashes, rest) = bytes.as_chunks::<4>();
                if !rest.is_empty() {
                    return Err(E::custom("bytes of half a hash"));
                }
                Ok(hashes.iter().map(|hash| u32::from_le_bytes(*hash)).collect())
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}
