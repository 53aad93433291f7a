//! Moments of values of one magnitude: those that share the upper seven of their eleven exponent bits lie
//! within sixteen binades, and so have no more than the three digits of [`super::digits`], whatever they are.
//! Sorting values into classes is done outside.
//!
//! Digits need a bound that is a power of two and values that reach no more than 68 bits below it;
//! sixteen binades of 53-bit values are just that. So a class is summed without a test, and its
//! bound is a function of its number. Classes at the ends are scaled towards the middle by 2^±576,
//! where products have exponents to spare; that is exact, since no bit of a value is lost by it,
//! and is undone by the exponent of the result.

use super::digits::{DEPTH, Digits, LENGTH_MAX, LevelSums, Starts, Totals, power};
use super::vector::LANES_MAX;
use super::{Kernel, Vector, run};
use crate::kernel::InstructionSet;

/// How many classes there are.
/// Seven bits of the exponent.
pub(in super::super) const CLASSES: usize = 128;

/// The most values that are taken at once.
/// A lane of the narrowest vectors gets 128 of them, the depth that its sums have room for.
pub(in super::super) const BATCH: usize = 256;

/// The class of a value.
/// The sign has no part in it. Subnormals and zeros are in class 0, with the smallest normal ones.
#[inline]
pub(in super::super) fn class(value: f64) -> usize {
    (value.to_bits() >> 56) as usize % CLASSES
}

/// The sums of a class, kept from batch to batch.
/// Representations from many batches, read once in 2^16 values.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct ClassSums {
    totals: Totals,
    batches: usize,
}

impl ClassSums {
    /// Adds at most [`BATCH`] finite values of a class, as many as fill vectors: zeros may be among them.
    /// Gives the sums back when they are full, and begins anew.
    pub(in super::super) fn take(
        &mut self,
        set: InstructionSet,
        class: usize,
        values: &[f64],
    ) -> Option<LevelSums> {
        assert!(values.len() <= BATCH && values.len().is_multiple_of(LANES_MAX), "whole vectors");
        let scale = Scale::new(class);
        run(set, Batch { totals: &mut self.totals, scale, values });
        self.batches += 1;
        (self.batches == LENGTH_MAX / BATCH).then(|| self.finish(class))
    }

    /// Gives the sums back, and begins anew.
    pub(in super::super) fn finish(&mut self, class: usize) -> LevelSums {
        let Scale { shift, exponent } = Scale::new(class);
        let Self { totals, .. } = core::mem::take(self);
        totals.read(exponent, &Starts::below(exponent)).scaled(-shift)
    }
}

/// How the values of a class are brought to where their products neither over- nor underflow: multiplied
/// by 2^`shift`, they are below 2^`exponent`.
/// For the 58 classes in the middle nothing is shifted; the product with 2^0 costs nothing worth a
/// branch.
#[derive(Clone, Copy, Debug)]
struct Scale {
    shift: i32,
    exponent: i32,
}

impl Scale {
    fn new(class: usize) -> Self {
        let exponent = 16 * class as i32 - 1007;
        let shift = match exponent {
            ..-440 => 576,
            -440..=490 => 0,
            _ => -576,
        };
        Self { shift, exponent: exponent + shift }
    }
}

/// The arguments of [`ClassSums::take`], which are for one class.
struct Batch<'a> {
    totals: &'a mut Totals,
    scale: Scale,
    values: &'a [f64],
}

impl Kernel for Batch<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn vectors<V: Vector>(self) {
        let Self { totals, scale: Scale { shift, exponent }, values } = self;
        const { assert!(BATCH <= DEPTH * V::LANES, "sums have room") };
        let one = core::hint::black_box(1.0);
        // SAFETY: the caller vouches for the instruction set; a chunk is as long as a vector.
        unsafe {
            let (one, scale) = (V::splat(one), V::splat(power(shift)));
            let mut digits = Digits::new(&Starts::below(exponent));
            for vector in values.chunks_exact(V::LANES) {
                digits.take(V::load(vector.as_ptr()).mul(scale), one);
            }
            totals.add(&digits.0);
        }
    }
}
