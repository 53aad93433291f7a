//! Values of many magnitudes, sorted into classes of sixteen binades, each of which is summed by the fast
//! way: it has room for the digits of any of its values.
//!
//! Where no binades are common, splitting a block would find a few values at a time. Here each
//! value waits in the batch of its class, chosen by seven bits of its exponent, until 256 are
//! together. A class has room for all digits of its members by construction, so nothing is tested
//! and nothing spills. The order in which values are summed is not that in which they came, which
//! exact sums cannot show.
//!
//! Memory: 128 classes of 256 values are 256 KB; it is allocated when the first scattered values
//! come.

use super::InstructionSet;
use super::arch::{BATCH, CLASSES, ClassSums, class};
use super::moments::Sums;
use alloc::boxed::Box;
use alloc::vec;

/// Values that wait for a batch of their class, and the sums of the classes.
///
/// `waiting` is one byte: that it wraps around to zero is the sign that a batch is full.
pub(super) struct Classes {
    set: InstructionSet,
    /// How many values of a class wait, modulo [`BATCH`].
    waiting: [u8; CLASSES],
    values: Box<[[f64; BATCH]]>,
    sums: Box<[ClassSums]>,
}

impl Classes {
    /// Nothing waits.
    pub(super) fn new(set: InstructionSet) -> Self {
        Self {
            set,
            waiting: [0; CLASSES],
            values: vec![[0.0; BATCH]; CLASSES].into(),
            sums: vec![ClassSums::default(); CLASSES].into(),
        }
    }

    /// Takes finite values.
    ///
    /// A store and an increment for most of them; each 256th of a class pays for the batch.
    pub(super) fn take(&mut self, values: &[f64], sums: &mut Sums<'_>) {
        for value in values {
            let class = class(*value);
            let waiting = &mut self.waiting[class];
            self.values[class][usize::from(*waiting)] = *value;
            *waiting = waiting.wrapping_add(1);
            if *waiting == 0 {
                self.take_batch(class, BATCH, sums);
            }
        }
    }

    /// Adds what the classes hold to `sums`.
    ///
    /// Batches that are not full are filled up with zeros to whole vectors: a zero has zero digits,
    /// so it adds nothing to any sum.
    pub(super) fn finish(&mut self, sums: &mut Sums<'_>) {
        for class in 0..CLASSES {
            let waiting = usize::from(core::mem::take(&mut self.waiting[class]));
            let length = waiting.next_multiple_of(8);
            self.values[class][waiting..length].fill(0.0);
            if length > 0 {
                self.take_batch(class, length, sums);
            }
            sums.add(&self.sums[class].finish(class));
        }
    }

    /// A class is emptied into the superaccumulators when its sums have taken 2^16 values, before
    /// any of them could overflow.
    #[inline(never)]
    fn take_batch(&mut self, class: usize, length: usize, sums: &mut Sums<'_>) {
        let full = self.sums[class].take(self.set, class, &self.values[class][..length]);
        if let Some(full) = full {
            sums.add(&full);
        }
    }
}
