//! Moments of values of one magnitude: those that share the upper seven of their eleven exponent bits lie
//! within sixteen binades, and so have no more than the three digits of [`super::digits`], whatever they are.
//! Sorting values into classes is done outside.

use super::digits::{ADDITIONS_MAX, Digits, LANES_MAX, LEVELS, LevelSums, PAIRS, power};
use super::{Kernel, Vector, run};
use crate::kernel::InstructionSet;

/// How many classes there are.
pub(in super::super) const CLASSES: usize = 128;

/// The most values that are taken at once.
pub(in super::super) const BATCH: usize = 256;

/// The class of a value.
#[inline]
pub(in super::super) fn class(value: f64) -> usize {
    (value.to_bits() >> 56) as usize % CLASSES
}

/// The sums of a class, kept from batch to batch.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct ClassSums {
    levels: [[f64; LANES_MAX]; LEVELS],
    products: [[f64; LANES_MAX]; PAIRS],
    /// How many vectors are in the sums.
    additions: usize,
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
        run(set, Batch { sums: self, scale: Scale::new(class), values, is_last: false })
    }

    /// Gives the sums back, if there are any.
    pub(in super::super) fn finish(
        &mut self,
        set: InstructionSet,
        class: usize,
    ) -> Option<LevelSums> {
        let batch = Batch {
            scale: Scale::new(class),
            values: &[],
            is_last: self.additions > 0,
            sums: self,
        };
        run(set, batch)
    }
}

/// How the values of a class are brought to where their products neither over- nor underflow: multiplied
/// by 2^`shift`, they are below 2^`exponent`.
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

struct Batch<'a> {
    sums: &'a mut ClassSums,
    scale: Scale,
    values: &'a [f64],
    /// Whether the sums are given back, full or not.
    is_last: bool,
}

impl Kernel for Batch<'_> {
    type Output = Option<LevelSums>;

    #[inline(always)]
    unsafe fn vectors<V: Vector>(self) -> Option<LevelSums> {
        let Self { sums, scale: Scale { shift, exponent }, values, is_last } = self;
        let one = core::hint::black_box(1.0);
        // SAFETY: the caller vouches for the instruction set; a chunk is as long as a vector.
        unsafe {
            let (one, scale) = (V::splat(one), V::splat(power(shift)));
            let mut digits = if sums.additions == 0 { Digits::new(exponent) } else { sums.load() };
            for vector in values.chunks_exact(V::LANES) {
                digits.take(V::load(vector.as_ptr()).mul(scale), one);
            }
            sums.additions += values.len() / V::LANES;
            if !is_last && sums.additions + BATCH / V::LANES <= ADDITIONS_MAX {
                sums.store(&digits);
                return None;
            }
            sums.additions = 0;
            let mut full = LevelSums::new(exponent);
            digits.add_to(exponent, &mut full);
            Some(full.scaled(-shift))
        }
    }
}

impl ClassSums {
    #[inline(always)]
    unsafe fn load<V: Vector>(&self) -> Digits<V> {
        // SAFETY: the caller vouches for the instruction set; no vector has more lanes.
        unsafe {
            Digits {
                levels: self.levels.each_ref().map(|lanes| V::load(lanes.as_ptr())),
                products: self.products.each_ref().map(|lanes| V::load(lanes.as_ptr())),
            }
        }
    }

    #[inline(always)]
    unsafe fn store<V: Vector>(&mut self, digits: &Digits<V>) {
        let vectors = digits.levels.iter().chain(&digits.products);
        let lanes = self.levels.iter_mut().chain(&mut self.products);
        for (vector, lanes) in vectors.zip(lanes) {
            // SAFETY: the caller vouches for the instruction set; no vector has more lanes.
            unsafe { vector.store(lanes.as_mut_ptr()) };
        }
    }
}
