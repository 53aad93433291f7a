//! In which bucket a number lies, exactly, and where a bucket ends. At scale s the bucket of index i is
//! (2^(i/2^s), 2^((i+1)/2^s)]. Integers only: no logarithm is computed, numbers are compared with powers.
//!
//! Why it is exact: the boundary 2^(k/2^s) is irrational but for powers of two, so no number of 64
//! bits lies on one, and "below" is decided by comparing with its integer part. That integer part
//! is known for certain when the computed boundary is right to more bits than the nearest boundary
//! is close to an integer: all 2^20 of them keep 2^-40 away, and the computed ones are within 2^-50
//! (a test looks at each). So a table of 1024 boundaries of 128 bits, another of 1024 fine steps,
//! and one product of the two decide every number at every scale.
//!
//! All tables are built by the compiler from ln 2 by a power series in integers, so no libm of a
//! build machine or of a host has a part in them.

use crate::exact::LN_2;
use alloc::vec;
use alloc::vec::Vec;

/// The finest scale.
/// Buckets of 2^(2^-20), 0.66 millionths wide.
pub const SCALE_MAX: i8 = 20;

/// The coarsest scale: two buckets hold every binary64.
pub const SCALE_MIN: i8 = -11;

/// The scale up to which one look into a table is enough.
/// 16 KB of cells, which stay in the first-level cache.
pub const COARSE_SCALE: i8 = 10;

/// How many buckets of that scale lie between two powers of two, and how many finer ones in each.
const COARSE_LENGTH: usize = 1 << COARSE_SCALE;
const COARSE_BITS: u32 = COARSE_SCALE as u32;

/// How many bits of a significand after its first choose a cell, and how many are left.
const CELL_BITS: u32 = COARSE_BITS + 1;
const REST_BITS: u32 = 63 - CELL_BITS;
const REST_MASK: u64 = (1 << REST_BITS) - 1;

/// The index at `scale` of the number `significand`·2^(`power` − 63), whose significand has its highest
/// bit set. `scale` lies within [`SCALE_MIN`] and [`SCALE_MAX`].
///
/// Scales nest: what is (2^(i/2^s), 2^((i+1)/2^s)] at one is two buckets, 2i and 2i + 1, at the next.
///
/// Exact at every scale, since the index at a coarser scale is a shift of that at a finer one.
#[inline]
pub fn index(significand: u64, power: i32, scale: i8) -> i32 {
    if scale <= COARSE_SCALE {
        coarse_index(significand, power) >> (COARSE_SCALE - scale)
    } else {
        fine_index(significand, power) >> (SCALE_MAX - scale)
    }
}

/// The index at scale 10.
///
/// A cell of 2^-11 holds at most one boundary, since they are at least 1.38 cells apart. Its entry is the
/// number of boundaries below the cell, and under that what must be added to the boundary's place in the
/// cell for a carry: so the sum counts the boundaries below the significand.
#[inline]
pub fn coarse_index(significand: u64, power: i32) -> i32 {
    let entry = CELLS[(significand >> REST_BITS) as usize & (CELLS.len() - 1)];
    let below = (entry + (significand & REST_MASK)) >> REST_BITS;
    (power << COARSE_BITS) + below as i32 - 1
}

/// The index at scale 20: from that at scale 10, by a guess that is checked where it may be wrong.
///
/// The guess decides for nearly every number; only within 8 of 1024 parts around a boundary is it
/// checked, by a product of 128 bits.
#[inline]
pub fn fine_index(significand: u64, power: i32) -> i32 {
    let coarse = coarse_index(significand, power);
    if significand == 1 << 63 {
        return (power << SCALE_MAX) - 1; // a power of two ends its bucket
    }
    let octave = coarse as usize & (COARSE_LENGTH - 1);
    let guess = guess_fine(significand, (COARSE[octave] >> 64) as u64);
    let fine =
        if (guess + GUESS_ERROR) >> GUESS_BITS == guess.wrapping_sub(GUESS_ERROR) >> GUESS_BITS {
            (guess >> GUESS_BITS) as usize
        } else {
            check_fine(significand, octave, (guess >> GUESS_BITS) as usize)
        };
    (coarse << COARSE_BITS) + fine as i32
}

/// How many bits of a guess lie behind the point, and by how many of its units it may be wrong.
const GUESS_BITS: u32 = 10;
/// Twice what the error is proven to be.
const GUESS_ERROR: u64 = 8;

/// How far `significand` is beyond `start` in fine buckets, of which there are fewer than 1024.
///
/// That is 2^20·log2(1 + x) for x = significand/start − 1 < 2^-10.5: the first two terms of the series, the
/// third being less than 2^-12. Rounding all of it makes the error less than four units.
#[inline]
fn guess_fine(significand: u64, start: u64) -> u64 {
    /// 2^20/ln 2.
    const LINEAR: u64 = 1_512_775;
    /// 2^10·(ln 2)/2, for the square in units of 2^-20 and a fraction of 2^20 fine buckets.
    const SQUARE: u64 = 355;
    // The difference is below 2^53.5: without the last 21 bits of both no product reaches 2^64.
    let linear = (((significand - start) >> 21) * (LINEAR << GUESS_BITS)) / (start >> 21);
    linear - ((linear * linear * SQUARE) >> 40)
}

/// The fine bucket of `significand`, which is that of the guess or next to it.
///
/// Cost: one number in sixty comes here.
#[cold]
fn check_fine(significand: u64, octave: usize, guess: usize) -> usize {
    let begins_below = |fine: &usize| boundary_significand(octave, *fine) < significand;
    let candidates = guess.saturating_sub(1)..(guess + 2).min(COARSE_LENGTH);
    candidates
        .rev()
        .find(begins_below)
        .expect("the first fine bucket begins below what is beyond it")
}

/// floor(2^63·2^(coarse/2^10 + fine/2^20)). A number of 64 bits lies above the boundary, which is
/// irrational but for a power of two, when it is larger than this.
///
/// Factors are off by less than 2^-115 of themselves, and no boundary lies within 2^-40 of an integer
/// (a test looks at all of them), so none is taken for another.
fn boundary_significand(coarse: usize, fine: usize) -> u64 {
    (multiply(COARSE[coarse], FINE[fine]) >> 64) as u64
}

/// 2^(`index`/2^`scale`), where a bucket ends and the next begins: `significand`·2^(`exponent` − 127), which
/// is exact for powers of two and otherwise less than 2^-114 of it too small.
///
/// An integer with an exponent, so that bounds of estimates can be rounded outwards and the
/// estimate itself once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Boundary {
    /// At least 2^127.
    pub significand: u128,
    /// The power of two below.
    pub exponent: i32,
}

impl Boundary {
    /// Where the bucket of `index` at `scale` begins. The index may be one beyond those of a binary64.
    pub fn new(index: i32, scale: i8) -> Self {
        if scale <= 0 {
            return Self { significand: 1 << 127, exponent: index << -scale };
        }
        let place = (index & ((1 << scale) - 1)) as usize;
        let place = place << (SCALE_MAX - scale);
        let (coarse, fine) = (place >> COARSE_BITS, place & (COARSE_LENGTH - 1));
        let significand = multiply(COARSE[coarse], FINE[fine]);
        Self { significand, exponent: index >> scale }
    }

    /// The largest binary64 that is not above it.
    /// Certain, for the boundary is irrational and known from below to 2^-114 of itself, while no
    /// binary64 is that near to it.
    pub fn round_down(self) -> f64 {
        f64::from_bits(self.truncate().0)
    }

    /// The smallest binary64 that is not below it; the largest one where there is none.
    /// The next binary64, unless the boundary is one itself.
    pub fn round_up(self) -> f64 {
        let (bits, inexact) = self.truncate();
        f64::from_bits((bits + u64::from(inexact)).min(f64::MAX.to_bits()))
    }

    /// The bits of [`Boundary::round_down`], and whether anything was cut off.
    /// By cutting off bits, also those that a subnormal has no places for.
    fn truncate(self) -> (u64, bool) {
        const EXPONENT_MIN: i32 = -1022;
        if self.exponent > 1023 {
            return (f64::MAX.to_bits(), true);
        }
        let subnormal = (EXPONENT_MIN - self.exponent).max(0) as u32;
        let cut = 75 + subnormal; // of 128 bits 53 remain
        let kept = self.significand.checked_shr(cut).unwrap_or(0);
        let inexact = kept == 0 || kept << cut != self.significand;
        // The hidden bit adds one to the exponent field by itself.
        let field = (self.exponent - EXPONENT_MIN).max(0) as u64;
        ((field << 52) + kept as u64, inexact)
    }
}

/// Consecutive buckets at a scale above 10, ready to find binary64 in: where all values lie close together,
/// in few and narrow buckets, a table of those is small.
///
/// Cells are as those of [`coarse_index`], of the bits of a binary64. Buckets are at least 1.38 of them wide, and
/// none reaches across a power of two, so no cell holds two boundaries.
///
/// Cost: building it takes about as long as finding one value in each bucket without it; looking up
/// is one load, one addition and one shift.
pub struct Window {
    first_cell: u64,
    cell_bits: u32,
    cells: Vec<u64>,
}

impl Window {
    /// The `length` buckets from `offset` on, of which those that reach below the normal binary64 are
    /// left out together with all others. `scale` lies above [`COARSE_SCALE`].
    pub fn new(offset: i32, length: usize, scale: i8) -> Self {
        let cell_bits = 51 - scale as u32;
        let boundary = |place: i32| Boundary::new(offset + place, scale).round_down().to_bits();
        let [first, last] = [0, length as i32].map(boundary);
        let first_cell = first >> cell_bits;
        if length == 0 || first < f64::MIN_POSITIVE.to_bits() {
            return Self { first_cell, cell_bits, cells: Vec::new() };
        }
        let mut cells = vec![0; ((last >> cell_bits) - first_cell) as usize + 1];
        let mut next = 0;
        for below in 0..=length {
            let boundary = boundary(below as i32);
            let cell = ((boundary >> cell_bits) - first_cell) as usize;
            let entry = (below as u64) << cell_bits;
            let mask = (1 << cell_bits) - 1;
            cells[next..cell].fill(entry);
            cells[cell] = entry + (mask - (boundary & mask));
            next = cell + 1;
        }
        Self { first_cell, cell_bits, cells }
    }

    /// The place of the bucket in which the normal binary64 of these bits lies; some larger number where it
    /// lies in none of them.
    #[inline]
    pub fn place(&self, bits: u64) -> usize {
        let cell = (bits >> self.cell_bits).wrapping_sub(self.first_cell);
        let rest = bits & ((1 << self.cell_bits) - 1);
        let entry = self.cells.get(cell as usize).copied().unwrap_or(0);
        ((entry + rest) >> self.cell_bits).wrapping_sub(1) as usize
    }
}

/// 2^(1/2), 2^(1/4), … 2^(1/2^20) in units of 2^-127, less than 2^-119 too small: exp(ln 2/2^k) by its series.
/// The series of exp converges fast, since each exponent is ln 2/2 at most; each step cuts off less
/// than one unit.
const ROOTS: [u128; SCALE_MAX as usize] = {
    let mut roots = [0; SCALE_MAX as usize];
    let mut k = 0;
    while k < roots.len() {
        let exponent = LN_2 >> (k + 1);
        let (mut sum, mut term, mut divisor) = (1 << 127, exponent, 2);
        while term != 0 {
            sum += term;
            term = multiply(term, exponent) / divisor;
            divisor += 1;
        }
        roots[k] = sum;
        k += 1;
    }
    roots
};

/// 2^(k/2^10) and 2^(k/2^20) in units of 2^-127, less than 2^-115 too small.
static COARSE: [u128; COARSE_LENGTH] = powers(0);
static FINE: [u128; COARSE_LENGTH] = powers(COARSE_LENGTH.ilog2());

/// Powers of 2^(1/2^(10 + skipped)), each made of ten roots at most.
/// From k with its lowest bit cleared and one root, so each entry is a product of as many roots as
/// k has bits.
const fn powers(skipped: u32) -> [u128; COARSE_LENGTH] {
    let mut powers = [1 << 127; COARSE_LENGTH];
    let mut k = 1;
    while k < powers.len() {
        let root = skipped + COARSE_BITS - 1 - k.trailing_zeros();
        powers[k] = multiply(powers[k & (k - 1)], ROOTS[root as usize]);
        k += 1;
    }
    powers
}

/// See [`coarse_index`].
static CELLS: [u64; 1 << CELL_BITS] = {
    let powers = powers(0);
    let mut cells = [0; 1 << CELL_BITS];
    let (mut cell, mut below) = (0, 0);
    while cell < cells.len() {
        cells[cell] = (below as u64) << REST_BITS;
        if below < powers.len() {
            let boundary = (powers[below] >> 64) as u64 - (1 << 63);
            if boundary >> REST_BITS == cell as u64 {
                cells[cell] += REST_MASK - (boundary & REST_MASK);
                below += 1;
            }
        }
        cell += 1;
    }
    cells
};

/// `a`·`b` in units of 2^-127 where they are; less than six units too small.
/// Three of four partial products, without the lowest; all errors have one sign, so bounds on them
/// add.
const fn multiply(a: u128, b: u128) -> u128 {
    let (a_high, a_low) = (a >> 64, a as u64 as u128);
    let (b_high, b_low) = (b >> 64, b as u64 as u128);
    (a_high * b_high + ((a_high * b_low) >> 64) + ((a_low * b_high) >> 64)) << 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact::Value;
    use num_bigint::BigUint;
    use proptest::prelude::*;

    fn index_of(value: f64, scale: i8) -> i32 {
        let (_, magnitude, exponent) = Value::from(value).to_parts();
        let shift = magnitude.leading_zeros();
        index(magnitude << shift, exponent + 63 - shift as i32, scale)
    }

    /// 2^(1/2^k) for each k in units of 2^-400, rounded down, by square roots.
    fn roots() -> Vec<BigUint> {
        let mut roots: Vec<BigUint> = alloc::vec![BigUint::from(2u32) << 400];
        for k in 0..20 {
            roots.push((&roots[k] << 400u32).sqrt());
        }
        roots
    }

    /// 2^(place/2^20) in units of 2^-400, off by less than 2^-390.
    fn power(roots: &[BigUint], place: u32) -> BigUint {
        let bits = (0..20).filter(|bit| place >> bit & 1 == 1);
        bits.fold(BigUint::from(1u32) << 400, |power, bit| (power * &roots[20 - bit]) >> 400)
    }

    #[test]
    fn indices_of_an_independent_program() {
        // By an oracle of 400 bits, at scales -4, -1, 0, 3, 5, 8 and 20.
        let expected = [
            (5e-324, [-68, -538, -1075, -8593, -34369, -274_945, -1_126_170_625]),
            (f64::MIN_POSITIVE, [-64, -512, -1023, -8177, -32705, -261_633, -1_071_644_673]),
            (0.1, [-1, -2, -4, -27, -107, -851, -3_483_295]),
            (1.0, [-1; 7]),
            (1f64.next_up(), [0; 7]),
            (10.0, [0, 1, 3, 26, 106, 850, 3_483_294]),
            (f64::MAX, [63, 511, 1023, 8191, 32767, 262_143, 1_073_741_823]),
        ];
        for (value, indices) in expected {
            let found = [-4, -1, 0, 3, 5, 8, 20].map(|scale| index_of(value, scale));
            assert_eq!(found, indices, "{value:e}");
        }
        let boundaries = [
            (1, core::f64::consts::SQRT_2.next_down()),
            (3, 1.090_507_732_665_257_5),
            (8, 1.002_711_275_050_202_3),
            (20, 1.000_000_661_036_882),
        ];
        for (scale, below) in boundaries {
            let found = [below, f64::next_up(below)].map(|value| index_of(value, scale));
            assert_eq!(found, [0, 1], "{scale}");
        }
        let powers = [(-1022, -64), (-1008, -64), (-1007, -63), (-992, -63), (-991, -62)];
        for (exponent, expected) in powers {
            assert_eq!(index(1 << 63, exponent, -4), expected, "2^{exponent}");
        }
    }

    #[test]
    fn powers_of_two_end_their_buckets_at_every_scale() {
        for scale in SCALE_MIN..=SCALE_MAX {
            for exponent in -1074..=1023 {
                let last =
                    if scale < 0 { (exponent - 1) >> -scale } else { (exponent << scale) - 1 };
                assert_eq!(index(1 << 63, exponent, scale), last, "2^{exponent} at {scale}");
            }
        }
    }

    /// Both neighbours of every boundary at every scale up to 12, and of others at scale 20.
    #[test]
    fn neighbours_of_boundaries() {
        let roots = roots();
        let coarse = (1..1u32 << 12).map(|k| k << 8);
        let fine = (1..1u32 << 20).step_by(509);
        for place in coarse.chain(fine) {
            let below = u64::try_from(power(&roots, place) >> 337).unwrap();
            for scale in 1..=SCALE_MAX {
                // At coarser scales the boundary may lie within a bucket, on both sides of which it is the same.
                let shift = SCALE_MAX - scale;
                let expected = [(place - 1) >> shift, place >> shift].map(|it| it as i32);
                let found = [below, below + 1].map(|it| index(it, 0, scale));
                assert_eq!(found, expected, "{place} at {scale}");
            }
        }
    }

    #[test]
    fn no_boundary_is_near_an_integer() {
        for place in 1..1usize << 20 {
            let product = multiply(COARSE[place >> 10], FINE[place & 1023]);
            let fraction = product as u64;
            assert!(fraction > 1 << 24 && fraction < 1 << 63 | !0 << 24, "{place}");
        }
    }

    #[test]
    fn powers_are_off_by_less_than_they_say() {
        let roots = roots();
        for k in 0..1024u32 {
            for (found, place) in [(COARSE[k as usize], k << 10), (FINE[k as usize], k)] {
                let exact = u128::try_from(power(&roots, place) >> 273).unwrap();
                assert!(exact - found < 1 << 12, "{k}: {exact} and {found}");
            }
        }
    }

    proptest! {
        #[test]
        fn scales_nest(significand in any::<u64>(), power in -1074..1024i32, scale in SCALE_MIN..SCALE_MAX) {
            let significand = significand | 1 << 63;
            prop_assert_eq!(index(significand, power, scale), index(significand, power, scale + 1) >> 1);
        }

        /// Also on both sides of its ends, and of each boundary within.
        #[test]
        fn windows_find_what_indices_say(
            bits in 1..f64::INFINITY.to_bits(), scale in COARSE_SCALE + 1..=SCALE_MAX, length in 0..200usize,
        ) {
            let offset = index_of(f64::from_bits(bits), scale);
            let length = length.min((index_of(f64::MAX, scale) - offset) as usize + 1);
            let window = Window::new(offset, length, scale);
            let usable = Boundary::new(offset, scale).round_down() >= f64::MIN_POSITIVE;
            for place in 0..=length {
                let near = Boundary::new(offset + place as i32, scale).round_down().to_bits();
                for value in (near.saturating_sub(1)..=near + 2).map(f64::from_bits) {
                    if value.is_normal() {
                        let place = (index_of(value, scale) - offset) as usize;
                        let expected = (usable && place < length).then_some(place);
                        let found = window.place(value.to_bits());
                        prop_assert_eq!(Some(found).filter(|place| *place < length), expected);
                    }
                }
            }
        }

        #[test]
        fn boundaries_enclose_their_bucket(
            bits in 1..f64::INFINITY.to_bits(), scale in SCALE_MIN..=SCALE_MAX,
        ) {
            let value = f64::from_bits(bits);
            let index = index_of(value, scale);
            let (low, high) = (Boundary::new(index, scale), Boundary::new(index + 1, scale));
            let (lower, upper) = (low.round_down(), high.round_up());
            prop_assert!(lower <= value && value <= upper);
            // And are as tight as can be: the next numbers inwards lie in the bucket, those outwards do not.
            let at = |bits: u64| index_of(f64::from_bits(bits), scale);
            prop_assert_eq!(at(lower.to_bits() + 1), index);
            prop_assert!(lower == 0.0 || at(lower.to_bits()) < index);
            let ends = upper == f64::MAX || at(upper.to_bits() + 1) > index;
            prop_assert!(ends && (at(upper.to_bits()) == index || at(upper.to_bits() - 1) == index));
        }
    }
}
