//! Output that grows in steps, written with moves of a fixed size.
//!
//! Characters travel as the bytes of their UTF-8 packed into a number, least byte first. Knows nothing of conversion.

/// Room kept free behind the place of writing, in bytes: whatever is written in one move fits.
const ROOM: usize = 288;

/// Text being written behind what a buffer holds already.
pub(super) struct Output<'a> {
    buffer: &'a mut Vec<u8>,
    at: usize,
}

impl<'a> Output<'a> {
    /// Begins to write behind the buffer's end, about `expected` bytes.
    pub(super) fn new(buffer: &'a mut Vec<u8>, expected: usize) -> Self {
        let at = buffer.len();
        buffer.resize(at + expected + expected / 8 + 2 * ROOM, 0);
        Output { buffer, at }
    }

    /// Returns where the next byte will stand.
    #[inline(always)]
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Goes on at `at`, behind what was written through [`Output::slot`].
    #[inline(always)]
    pub(super) fn go_on_at(&mut self, at: usize) {
        self.at = at;
    }

    /// Returns `N` bytes to write to at a place, if there is room.
    #[inline(always)]
    pub(super) fn slot<const N: usize>(&mut self, at: usize) -> Option<&mut [u8; N]> {
        self.buffer.get_mut(at..)?.first_chunk_mut()
    }

    /// Makes sure that some short moves have room.
    #[inline(always)]
    pub(super) fn room(&mut self) {
        if self.at + ROOM > self.buffer.len() {
            self.grow(ROOM);
        }
    }

    /// Makes sure that `rest` bytes have room.
    #[inline(always)]
    pub(super) fn room_for(&mut self, rest: usize) {
        if self.at + rest + ROOM > self.buffer.len() {
            self.grow(rest / 8 + ROOM);
        }
        if self.at + rest + ROOM > self.buffer.len() {
            self.grow(rest + ROOM);
        }
    }

    #[cold]
    fn grow(&mut self, by: usize) {
        let len = self.buffer.len() + self.buffer.len() / 2 + by;
        self.buffer.resize(len, 0);
    }

    /// Writes one packed character; there must be room.
    #[inline(always)]
    pub(super) fn put_packed(&mut self, text: u32) {
        if let Some(slot) = self.slot(self.at) {
            *slot = text.to_le_bytes();
        }
        self.at += length(text);
    }

    /// Writes packed characters, one behind the other; there must be room.
    #[inline(always)]
    pub(super) fn put_all(&mut self, texts: impl Iterator<Item = u32>) {
        let mut at = self.at;
        for text in texts {
            if let Some(slot) = self.slot(at) {
                *slot = text.to_le_bytes();
            }
            at += length(text);
        }
        self.at = at;
    }

    /// Writes the bytes `start..start + len` of a pool that has at least 16 readable bytes behind each start.
    #[inline(always)]
    pub(super) fn put_short(&mut self, pool: &[u8], start: usize, len: usize) {
        if len > 16 {
            return self.put(&pool[start..start + len]);
        }
        let from = pool.get(start..).and_then(|p| p.first_chunk::<16>());
        if let (Some(slot), Some(from)) = (self.slot(self.at), from) {
            *slot = *from;
        }
        self.at += len;
    }

    /// Writes any bytes.
    #[inline(never)]
    pub(super) fn put(&mut self, bytes: &[u8]) {
        self.room_for(bytes.len());
        let end = self.at + bytes.len();
        self.buffer[self.at..end].copy_from_slice(bytes);
        self.at = end;
    }

    /// Ends the buffer behind what was written.
    pub(super) fn finish(self) {
        self.buffer.truncate(self.at);
    }
}

/// Packs a character.
#[inline]
pub(super) fn pack(c: char) -> u32 {
    let mut bytes = [0; 4];
    c.encode_utf8(&mut bytes);
    u32::from_le_bytes(bytes)
}

/// Unpacks what [`pack`] packed.
pub(super) fn unpack(text: u32) -> Option<char> {
    let bytes = text.to_le_bytes();
    std::str::from_utf8(&bytes[..length(text)]).ok()?.chars().next()
}

/// Reads a character of three bytes: its code point, and itself packed. Of what follows nothing is read but the first
/// byte.
#[inline(always)]
pub(super) fn three(bytes: [u8; 4]) -> Option<(u32, u32)> {
    let w = u32::from_le_bytes(bytes);
    (w & 0xf0 == 0xe0).then_some(((w & 0x0f) << 12 | (w >> 2 & 0x0fc0) | (w >> 16 & 0x3f), w & 0xff_ffff))
}

/// Returns how many bytes a packed character has.
#[inline(always)]
pub(super) fn length(text: u32) -> usize {
    4 - (text | 1).leading_zeros() as usize / 8
}
