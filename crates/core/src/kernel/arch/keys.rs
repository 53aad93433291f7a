//! Vectors of binary64 as integers of the same order, and sifting by comparing with cuts.
//!
//! A key is the representation with its lower bits inverted where the sign is set: as a signed
//! integer it orders as the values do, −0.0 just below +0.0, which no comparison of floats does.
//! For a cut k the values below are counted by comparing with k; those between two cuts that are
//! edges are below an odd number of edges, so toggling a bit for each edge marks what to keep,
//! however many brackets there are.
//!
//! Cost: for each cut a comparison and a masked addition or inversion a vector; a median has four
//! cuts at most.

use super::vector::LINE;
use super::{Kernel, SLACK, Vector, run};
use crate::kernel::InstructionSet;
use crate::kernel::select::sieve::{Cut, compare_each};

/// A vector of binary64 whose lanes can be taken for integers of 64 bits. What [`Keys::keys`] gives must
/// be loaded, stored, counted and compared only.
///
/// A vector of floats that holds integers must not be added as floats: subnormals and NaN would not
/// survive it.
///
/// # Safety
/// As for [`Vector`].
pub(in super::super) trait Keys: Copy {
    /// A choice of lanes.
    type Mask: Copy;

    /// The integers, signed, whose order is that of the values, −0.0 below +0.0.
    unsafe fn keys(self) -> Self;

    /// The lanes whose integer is less.
    unsafe fn below(self, other: Self) -> Self::Mask;

    /// The integers, in the chosen lanes plus those of `one`, which are 1.
    unsafe fn count(self, mask: Self::Mask, one: Self) -> Self;

    /// The bits, inverted in the chosen lanes; those of `one` are 1.
    unsafe fn toggle(self, mask: Self::Mask, one: Self) -> Self;

    /// A bit for each lane that was toggled an odd number of times since it was zero, lane 0 the lowest.
    unsafe fn toggled(self) -> u32;
}

/// Vectors looked at together, so that what is known of a cut is fetched once for all of them.
const GROUP: usize = 4;

/// How many values ahead memory is asked for.
const PREFETCH: usize = 512;

/// More cuts than this are not compared with.
/// The table is faster well below that.
pub(in super::super) const CUTS_MAX: usize = 32;

/// The arguments of [`sift`].
struct Sift<'a> {
    block: &'a [f64],
    cuts: &'a [Cut],
    below: &'a mut [u64],
    kept: &'a mut [f64],
}

/// Counts for each cut the values below it, and gathers in `kept` those between edges. How many those
/// are, and whether every value is finite.
///
/// # Panics
/// When `kept` has no room for all values and `SLACK` more, or there are more than `CUTS_MAX` cuts.
pub(in super::super) fn sift(
    set: InstructionSet,
    block: &[f64],
    cuts: &[Cut],
    below: &mut [u64],
    kept: &mut [f64],
) -> (usize, bool) {
    assert!(cuts.len() <= CUTS_MAX && below.len() == cuts.len(), "the cuts have counts");
    assert!(kept.len() >= block.len() + SLACK, "there is room for all");
    run(set, Sift { block, cuts, below, kept })
}

impl Kernel for Sift<'_> {
    type Output = (usize, bool);

    #[inline(always)]
    unsafe fn vectors<V: Vector>(self) -> (usize, bool) {
        const { assert!(V::LANES <= SLACK) };
        let groups = self.block.chunks_exact(GROUP * V::LANES);
        let rest = groups.remainder();
        let mut length = 0;
        // SAFETY: the caller vouches for the instruction set. Loads lie within a group of GROUP·LANES
        // values. No more is written than has been read, plus a vector: the room that `kept` has.
        unsafe {
            let zero = V::splat(0.0);
            // Hidden from the compiler, which would take masked additions of a constant apart.
            let one = V::splat(f64::from_bits(core::hint::black_box(1)));
            let mut counts = [zero; CUTS_MAX];
            let mut nonfinite = zero;
            for group in groups {
                for line in (0..group.len()).step_by(LINE) {
                    V::prefetch(group.as_ptr().wrapping_add(PREFETCH + line));
                }
                let at = |index: usize| V::load(group.as_ptr().add(index * V::LANES));
                let mut keys = [zero; GROUP];
                let mut inside = [zero; GROUP];
                for (index, keys) in keys.iter_mut().enumerate() {
                    let values = at(index);
                    // NaN for what is not finite, else zero.
                    nonfinite = nonfinite.or(values.sub(values));
                    *keys = values.keys();
                }
                for (cut, count) in self.cuts.iter().zip(&mut counts) {
                    let place = V::splat(f64::from_bits(cut.key as u64));
                    for (keys, inside) in keys.iter().zip(&mut inside) {
                        let below = keys.below(place);
                        if cut.is_counted {
                            *count = count.count(below, one);
                        }
                        if cut.is_edge {
                            *inside = inside.toggle(below, one);
                        }
                    }
                }
                for (index, inside) in inside.into_iter().enumerate() {
                    let inside = inside.toggled();
                    at(index).pack(inside, self.kept.as_mut_ptr().add(length));
                    length += inside.count_ones() as usize;
                }
            }
            for (below, count) in self.below.iter_mut().zip(&counts) {
                *below += lanes(*count).iter().map(|lane| lane.to_bits()).sum::<u64>();
            }
            let (more, rest_is_finite) =
                compare_each(rest, self.cuts, self.below, &mut self.kept[length..]);
            let finite = !lanes(nonfinite).iter().any(|lane| lane.is_nan());
            (length + more, finite && rest_is_finite)
        }
    }
}

/// The lanes of a vector, and zeros behind them.
#[inline(always)]
unsafe fn lanes<V: Vector>(vector: V) -> [f64; SLACK] {
    let mut lanes = [0.0; SLACK];
    // SAFETY: the caller vouches for the instruction set; no vector has more lanes.
    unsafe { vector.store(lanes.as_mut_ptr()) };
    lanes
}
