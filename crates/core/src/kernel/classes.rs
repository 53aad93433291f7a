//! Values of many magnitudes, sorted into classes of sixteen binades, each of which is summed by the fast
//! way: it has room for the digits of any of its values.

use super::InstructionSet;
use super::arch::{BATCH, CLASSES, ClassSums, class};
use super::moments::Sums;
use alloc::boxed::Box;
use alloc::vec;

/// Values that wait for a batch of their class, and the sums of the classes.
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

    #[inline(never)]
    fn take_batch(&mut self, class: usize, length: usize, sums: &mut Sums<'_>) {
        let full = self.sums[class].take(self.set, class, &self.values[class][..length]);
        if let Some(full) = full {
            sums.add(&full);
        }
    }
}
