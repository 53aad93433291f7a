//! What a block is made of: its bounds, and the finite and valid ones of its values close together, so that
//! the other kernels need not know of anything else.
//!
//! x − x is zero for a finite x and NaN for any other, so the differences of a block, or-ed, say at
//! its end whether all is finite; that is one subtraction beside the two comparisons which the
//! bounds take.

use super::vector::LANES_MAX;
use super::{Kernel, Vector, run};
use crate::kernel::{InstructionSet, Validity};

/// The bounds of a block.
/// Vectors do not say which zero they return; who cares looks at the signs.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Bounds {
    /// The smallest value, either zero for the other.
    pub(in super::super) low: f64,
    /// The largest value, either zero for the other.
    pub(in super::super) high: f64,
    /// Whether all are finite. The bounds are those of all but NaN.
    pub(in super::super) finite: bool,
}

impl Bounds {
    /// The smallest exponent of a power of two above all magnitudes, or that of subnormal ones; above 1024
    /// where there is an infinity, or no number.
    pub(in super::super) fn exponent(&self) -> i32 {
        exponent_above(self.high.abs().max(self.low.abs()))
    }
}

/// The smallest exponent of a power of two above a magnitude, or that of a subnormal one.
/// For 0 and subnormals −1022: 2^-1022 is above them all, and a smaller bound would be of no use.
pub(in super::super) fn exponent_above(magnitude: f64) -> i32 {
    (magnitude.to_bits() >> 52) as i32 - 1022
}

/// The bounds of a block that is not empty.
///
/// Cost: at the speed of memory. A minimum with a NaN on either side is the other operand or the
/// NaN, which does not matter: the block is refused then.
pub(in super::super) fn bounds(set: InstructionSet, values: &[f64]) -> Bounds {
    run(set, Find(values))
}

/// The argument of [`bounds`].
struct Find<'a>(&'a [f64]);

impl Kernel for Find<'_> {
    type Output = Bounds;

    #[inline(always)]
    unsafe fn vectors<V: Vector>(self) -> Bounds {
        let vectors = self.0.chunks_exact(V::LANES);
        let rest = vectors.remainder();
        let mut lanes = [[0.0f64; LANES_MAX]; 2];
        let mut zero_or_nan = [0.0f64; LANES_MAX];
        // SAFETY: the caller vouches for the instruction set; a chunk is as long as a vector, and no vector
        // has more lanes than the arrays.
        unsafe {
            let mut low = V::splat(f64::INFINITY);
            let mut high = V::splat(f64::NEG_INFINITY);
            let mut found = V::splat(0.0);
            for vector in vectors {
                let values = V::load(vector.as_ptr());
                low = values.min(low);
                high = values.max(high);
                found = found.or(values.sub(values));
            }
            low.store(lanes[0].as_mut_ptr());
            high.store(lanes[1].as_mut_ptr());
            found.store(zero_or_nan.as_mut_ptr());
        }
        Bounds {
            low: lanes[0][..V::LANES].iter().chain(rest).copied().fold(f64::INFINITY, f64::min),
            high: lanes[1][..V::LANES]
                .iter()
                .chain(rest)
                .copied()
                .fold(f64::NEG_INFINITY, f64::max),
            finite: zero_or_nan == [0.0; LANES_MAX] && rest.iter().all(|value| value.is_finite()),
        }
    }
}

/// What [`compact`] kept and left out.
/// Infinities are what is left: valid, and neither finite nor NaN.
#[derive(Clone, Copy, Debug, Default)]
pub(in super::super) struct Kept {
    /// How many values are finite and valid: so many begin the buffer.
    pub(in super::super) finite: usize,
    /// How many valid values are NaN.
    pub(in super::super) nan: usize,
    /// How many values are valid.
    pub(in super::super) valid: usize,
}

/// Writes the finite and valid ones of `values` to the begin of `buffer`, which must have room for all of
/// them and a vector more.
///
/// Each vector is written whole behind what was kept before, with its chosen lanes in front; the
/// next one overwrites the others. That has no branch, and so it is as fast for a few holes as for
/// many.
///
/// # Panics
/// When the buffer is too short.
pub(in super::super) fn compact(
    set: InstructionSet,
    values: &[f64],
    validity: Option<Validity<'_>>,
    buffer: &mut [f64],
) -> Kept {
    assert!(buffer.len() >= values.len() + LANES_MAX, "there is room");
    run(set, Compact { values, validity, buffer })
}

/// The arguments of [`compact`].
struct Compact<'a> {
    values: &'a [f64],
    validity: Option<Validity<'a>>,
    buffer: &'a mut [f64],
}

impl Kernel for Compact<'_> {
    type Output = Kept;

    #[inline(always)]
    unsafe fn vectors<V: Vector>(self) -> Kept {
        let Self { values, validity, buffer } = self;
        let mut kept = Kept::default();
        let mut padded = [0.0; 64];
        for (index, group) in values.chunks(64).enumerate() {
            let there = u64::MAX >> (64 - group.len());
            let valid = validity.map_or(there, |validity| validity.word(64 * index) & there);
            kept.valid += valid.count_ones() as usize;
            let mut from = group.as_ptr();
            if group.len() < 64 {
                padded[..group.len()].copy_from_slice(group);
                from = padded.as_ptr();
            }
            for line in (0..64).step_by(8) {
                // SAFETY: the caller vouches for the instruction set.
                unsafe { V::prefetch(group.as_ptr().wrapping_add(512 + line)) };
            }
            for at in (0..64).step_by(V::LANES) {
                // SAFETY: the caller vouches for the instruction set. 64 values can be read; no more values
                // are kept than there were before them, and a vector more has room.
                unsafe {
                    let vector = V::load(from.add(at));
                    let valid = (valid >> at) as u32 & ((1 << V::LANES) - 1);
                    let finite = vector.finite() & valid;
                    vector.pack(finite, buffer.as_mut_ptr().add(kept.finite));
                    kept.finite += finite.count_ones() as usize;
                    kept.nan += (vector.nan() & valid).count_ones() as usize;
                }
            }
        }
        kept
    }
}

/// Writes the valid rows of two columns whose values are both finite to the begin of `buffers`; a row is NaN
/// if either value is.
///
/// Both columns are packed by the same lanes, so rows stay rows.
///
/// # Panics
/// When the columns differ in length or a buffer is too short.
pub(in super::super) fn compact_rows(
    set: InstructionSet,
    columns: [&[f64]; 2],
    validity: Option<Validity<'_>>,
    buffers: [&mut [f64]; 2],
) -> Kept {
    assert_eq!(columns[0].len(), columns[1].len(), "a row has a value in either column");
    let room = columns[0].len() + LANES_MAX;
    assert!(buffers.iter().all(|buffer| buffer.len() >= room), "there is room");
    run(set, CompactRows { columns, validity, buffers })
}

/// The arguments of [`compact_rows`].
struct CompactRows<'a> {
    columns: [&'a [f64]; 2],
    validity: Option<Validity<'a>>,
    buffers: [&'a mut [f64]; 2],
}

impl Kernel for CompactRows<'_> {
    type Output = Kept;

    #[inline(always)]
    unsafe fn vectors<V: Vector>(self) -> Kept {
        let Self { columns: [xs, ys], validity, buffers: [x_buffer, y_buffer] } = self;
        let mut kept = Kept::default();
        let mut padded = [[0.0; LANES_MAX]; 2];
        for (index, (x, y)) in xs.chunks(V::LANES).zip(ys.chunks(V::LANES)).enumerate() {
            let there = (1u32 << x.len()) - 1;
            let valid =
                validity.map_or(there, |validity| validity.word(V::LANES * index) as u32 & there);
            kept.valid += valid.count_ones() as usize;
            let (mut from_x, mut from_y) = (x.as_ptr(), y.as_ptr());
            if x.len() < V::LANES {
                padded[0][..x.len()].copy_from_slice(x);
                padded[1][..y.len()].copy_from_slice(y);
                (from_x, from_y) = (padded[0].as_ptr(), padded[1].as_ptr());
            }
            // SAFETY: the caller vouches for the instruction set. A chunk or array is at least as long as a
            // vector; no more rows are kept than there were before them, and a vector more has room.
            unsafe {
                let (x, y) = (V::load(from_x), V::load(from_y));
                let finite = x.finite() & y.finite() & valid;
                x.pack(finite, x_buffer.as_mut_ptr().add(kept.finite));
                y.pack(finite, y_buffer.as_mut_ptr().add(kept.finite));
                kept.finite += finite.count_ones() as usize;
                kept.nan += ((x.nan() | y.nan()) & valid).count_ones() as usize;
            }
        }
        kept
    }
}
