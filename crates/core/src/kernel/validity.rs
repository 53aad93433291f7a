//! Which values of a slice are there: a bitmap as Apache Arrow lays it out, borrowed.
//!
//! Borrowed bits, at any offset, so that a slice of an Arrow array or a part of a column needs no
//! copy. Null counts and buffers of other layouts, such as a byte a value, are the caller's to turn
//! into bits.

/// A bit a value, least significant first; a value whose bit is 0 is missing.
///
/// ```
/// use exacta::Validity;
/// let validity = Validity::new(&[0b0000_0101], 0, 3).unwrap();
/// assert_eq!([0, 1, 2].map(|index| validity.is_valid(index)), [true, false, true]);
/// assert!(Validity::new(&[0xff], 4, 5).is_none(), "nine bits are not in one byte");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Validity<'a> {
    bytes: &'a [u8],
    /// Where the bit of the first value is.
    offset: usize,
    length: usize,
}

impl<'a> Validity<'a> {
    /// The `length` bits of `bytes` from bit `offset` on; none where there are not as many.
    ///
    /// ```
    /// use exacta::Validity;
    /// assert!(Validity::new(&[0xff, 0x01], 0, 9).is_some());
    /// assert!(Validity::new(&[0xff], 0, 9).is_none());
    /// assert!(Validity::new(&[], usize::MAX, 1).is_none(), "no place overflows");
    /// ```
    pub fn new(bytes: &'a [u8], offset: usize, length: usize) -> Option<Self> {
        let end = offset.checked_add(length)?;
        (end.div_ceil(8) <= bytes.len()).then_some(Self { bytes, offset, length })
    }

    /// How many values it is of, those that are missing among them.
    ///
    /// ```
    /// use exacta::Validity;
    /// assert_eq!(Validity::new(&[0; 2], 3, 10).unwrap().len(), 10);
    /// ```
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether it is of no value.
    ///
    /// ```
    /// use exacta::Validity;
    /// assert!(Validity::new(&[], 0, 0).unwrap().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Whether the value at `index` is there.
    ///
    /// # Panics
    /// When `index` is not below [`Validity::len`].
    ///
    /// ```
    /// use exacta::Validity;
    /// let validity = Validity::new(&[0b0001_0000], 4, 2).unwrap();
    /// assert!(validity.is_valid(0) && !validity.is_valid(1));
    /// ```
    #[inline]
    pub fn is_valid(&self, index: usize) -> bool {
        assert!(index < self.length, "a value has a bit");
        let place = self.offset + index;
        self.bytes[place / 8] >> (place % 8) & 1 == 1
    }

    /// The bits of the `length` values from `start` on.
    ///
    /// ```
    /// use exacta::Validity;
    /// let validity = Validity::new(&[0b0000_0101], 0, 3).unwrap();
    /// assert!(validity.slice(2, 1).is_valid(0));
    /// ```
    ///
    /// # Panics
    /// When there are not as many.
    #[must_use]
    pub fn slice(&self, start: usize, length: usize) -> Self {
        assert!(start <= self.length && length <= self.length - start, "the part lies within");
        Self { bytes: self.bytes, offset: self.offset + start, length }
    }

    /// The bits of up to 64 values from `start` on, the first one lowest, and zeros after the last.
    ///
    /// One unaligned load of sixteen bytes and a shift, for any offset; near the end of the bitmap,
    /// where there are not as many, a copy of what is left.
    #[inline]
    pub(crate) fn word(&self, start: usize) -> u64 {
        let place = self.offset + start;
        let bits = self.length.saturating_sub(start).min(64);
        let bytes = &self.bytes[place / 8..];
        let wide = bytes.first_chunk().copied().unwrap_or_else(|| last_chunk(bytes));
        let word = (u128::from_le_bytes(wide) >> (place % 8)) as u64;
        if bits == 64 { word } else { word & !(u64::MAX << bits) }
    }

    /// Whether every value is there.
    ///
    /// 64 values at a time; it pays for itself, since the loops without a mask are faster.
    pub(crate) fn is_full(&self) -> bool {
        let words = (0..self.length / 64).all(|index| self.word(64 * index) == u64::MAX);
        words && (self.length / 64 * 64..self.length).all(|index| self.is_valid(index))
    }
}

/// Fewer than 16 bytes, and zeros.
#[cold]
fn last_chunk(bytes: &[u8]) -> [u8; 16] {
    let mut chunk = [0; 16];
    chunk[..bytes.len()].copy_from_slice(bytes);
    chunk
}
