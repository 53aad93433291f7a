//! The values of a block whose magnitudes lie within bounds, and those that do not, each close together.
//!
//! Both lots are packed as in [`super::compact`], so no branch depends on the data. A zero has no
//! bits and is inside any bounds; a NaN is below no bound and goes outside.

use super::vector::LANES_MAX;
use super::{Kernel, Vector, run};
use crate::kernel::InstructionSet;
use core::ops::Range;

/// Writes the values that are zero or whose magnitude is `within` bounds to the begin of `inside` and the
/// others, such as NaN, to that of `outside`; how many are inside. Both must have room for all of them and
/// a vector more.
///
/// # Panics
/// When a buffer is too short.
pub(in super::super) fn split(
    set: InstructionSet,
    values: &[f64],
    within: Range<f64>,
    inside: &mut [f64],
    outside: &mut [f64],
) -> usize {
    let room = values.len() + LANES_MAX;
    assert!(inside.len() >= room && outside.len() >= room, "there is room");
    run(set, Split { values, within, inside, outside })
}

/// The arguments of [`split`].
struct Split<'a> {
    values: &'a [f64],
    within: Range<f64>,
    inside: &'a mut [f64],
    outside: &'a mut [f64],
}

impl Kernel for Split<'_> {
    type Output = usize;

    #[inline(always)]
    unsafe fn vectors<V: Vector>(self) -> usize {
        let Self { values, within: Range { start: low, end: high }, inside, outside } = self;
        let vectors = values.chunks_exact(V::LANES);
        let rest = vectors.remainder();
        let (mut taken, mut kept) = (0, 0);
        // SAFETY: the caller vouches for the instruction set. A chunk is as long as a vector; no more values
        // are written to either place than have been read, and a vector more has room.
        unsafe {
            let magnitude = V::splat(f64::from_bits(u64::MAX >> 1));
            let (lows, highs) = (V::splat(low), V::splat(high));
            for vector in vectors {
                let vector = V::load(vector.as_ptr());
                let magnitudes = vector.and(magnitude);
                let too_low = magnitudes.less_than(lows) & vector.nonzero();
                let within = magnitudes.less_than(highs) & !too_low;
                vector.pack(within, inside.as_mut_ptr().add(kept));
                vector.pack(!within, outside.as_mut_ptr().add(taken - kept));
                kept += within.count_ones() as usize;
                taken += V::LANES;
            }
        }
        for value in rest {
            let is_within = value.abs() < high && (value.abs() >= low || *value == 0.0);
            let (place, to) =
                if is_within { (kept, &mut *inside) } else { (taken - kept, &mut *outside) };
            to[place] = *value;
            kept += usize::from(is_within);
            taken += 1;
        }
        kept
    }
}
