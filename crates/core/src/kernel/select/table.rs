//! Sifting by looking up the leading bits of a key: as fast for many cuts as for few, with no more than
//! ordinary instructions.
//!
//! The keys between the first and the last cut are divided into 2^16 cells. A cell through which no
//! cut goes belongs to one segment, and a value in it is counted by its class, whatever the number
//! of cuts; only values of cells with a cut in them, and of kept segments, are looked at. With
//! hundreds of cuts that is about one value in a few hundred beside those that are kept.

use super::keys;
use super::sieve::Sieve;
use alloc::boxed::Box;
use alloc::vec;

/// Cells of equal width over the keys between the first and the last cut; the first and the last cell
/// hold all that lies outside.
const CELLS: usize = 1 << 16;

/// The class of a cell whose values have to be looked at: a cut goes through it, or it is kept.
const LOOK: u8 = u8::MAX;

/// For each cell the segment that it lies in, or `LOOK`.
///
/// 64 KB, for the second-level cache; made once for a pass.
#[derive(Debug)]
pub struct Table {
    /// The first key of the first cell, biased to be unsigned.
    start: u64,
    /// Keys in a cell, as a power of two.
    width: u32,
    classes: Box<[u8; CELLS]>,
}

impl Table {
    /// More cuts than this have no numbers in a table.
    pub const CUTS_MAX: usize = LOOK as usize - 1;

    /// A cell with a cut stays `LOOK`, as do all cells of kept segments. The cells at both ends
    /// hold everything beyond the cuts, so each key has a cell.
    pub fn new(sieve: &Sieve) -> Self {
        let cuts = sieve.cuts();
        let ends = cuts.first().zip(cuts.last());
        let (first, last) =
            ends.map_or((0, 0), |(first, last)| (biased(first.key), biased(last.key)));
        let bits = u64::BITS - (last - first).leading_zeros();
        let width = bits.saturating_sub(CELLS.ilog2() - 1);
        let start = first.saturating_sub(1 << width);
        let classes: Box<[u8]> = vec![LOOK; CELLS].into();
        let classes = classes.try_into().expect("the length is that of the type");
        let mut table = Self { start, width, classes };
        let mut from = 0;
        for segment in 0..=cuts.len() {
            let to = cuts.get(segment).map_or(CELLS, |cut| table.cell(cut.key));
            if !sieve.is_kept(segment) && from < to {
                table.classes[from..to].fill(segment as u8);
            }
            from = to + 1;
        }
        table
    }

    /// A subtraction that stops at zero, a shift and a minimum: no branch.
    #[inline]
    fn cell(&self, key: i64) -> usize {
        (biased(key).saturating_sub(self.start) >> self.width).min(CELLS as u64 - 1) as usize
    }

    /// See `Sifter::sift`.
    pub fn sift(
        &self,
        sieve: &Sieve,
        block: &[f64],
        below: &mut [u64],
        kept: &mut [f64],
    ) -> (usize, bool) {
        // Four counts of each class, since neighbours are often of one, and a count that was just written
        // takes a while to be read again.
        let mut counts = [[0u64; 256]; 4];
        let (mut looked, mut finite) = (0, true);
        for (index, value) in block.iter().enumerate() {
            let class = self.classes[self.cell(keys::of(*value))];
            counts[index % 4][usize::from(class)] += 1;
            kept[looked] = *value;
            looked += usize::from(class == LOOK);
            finite &= value.is_finite();
        }
        let mut counts: [u64; 256] =
            core::array::from_fn(|class| counts.iter().map(|counts| counts[class]).sum());
        let length = look(sieve, &mut kept[..looked], &mut counts);
        let mut total = 0;
        for (below, count) in below.iter_mut().zip(counts) {
            total += count;
            *below = total;
        }
        (length, finite)
    }
}

/// Finds the segment of each value, counts it, and moves those of kept segments to the front.
/// By bisection over the cuts; the order within `values` is kept.
fn look(sieve: &Sieve, values: &mut [f64], counts: &mut [u64]) -> usize {
    let mut length = 0;
    for index in 0..values.len() {
        let value = values[index];
        let segment = sieve.segment(value);
        counts[segment] += 1;
        values[length] = value;
        length += usize::from(sieve.is_kept(segment));
    }
    length
}

/// The key in the same order, unsigned.
#[inline]
fn biased(key: i64) -> u64 {
    key as u64 ^ 1 << 63
}
