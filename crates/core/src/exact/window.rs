//! A window: the exact Σx and Σx² of values near to each other in magnitude, in 58 bytes. What lies outside is
//! refused and left to the superaccumulators.
//!
//! Values are counted in units of 2^`exponent`, and below 2^96 of them in magnitude. When a value reaches beyond either
//! end and the places of all values together are still no more than 96, the window is laid anew around them, which
//! shifts the sums by whole bits and loses none: every value is a multiple of the new unit. The bounds: 2^31 sums of 96
//! bits are 127 bits and a sign, 2^31 squares of 192 bits are 223 of 256.

use super::limbs::Limbs;
use super::{Dyadic, Natural, SquareAccumulator, SumAccumulator};

/// How many binary places the values may take together, from the lowest bit of any to the highest.
const PLACES_MAX: i32 = 96;

/// How many values a window takes: with 96 places each, their sum fits 128 bits with its sign, and the sum
/// of their squares 256.
const COUNT_MAX: u32 = 1 << 31;

/// The exponent of the lowest bit of any binary64.
const EXPONENT_MIN: i32 = -1074;

/// The exact Σx and Σx² of at most 2^31 values that are multiples of one power of two and less than 2^96
/// times as large. Which values can be taken depends on those that have been, but never on their order.
///
/// The sums of what it has taken are exact, so what it refused and where it lies show in no result.
/// Cost: a few nanoseconds a value, while the window need not move.
///
/// Packed, so that what else is kept of a group fits the six bytes that alignment would leave empty.
#[derive(Clone, Copy, Debug)]
#[repr(C, packed(2))]
pub struct Window {
    /// Two's complement, in units of 2^`exponent`. Limbs, since a `u128` would ask for an alignment of 16.
    sum: [u64; 2],
    /// In units of 2^(2·`exponent`).
    squares: [u64; 4],
    count: u32,
    exponent: i16,
    /// Every value is a multiple of 2^`low` …
    low: i16,
    /// … and below 2^`high` in magnitude: both lie within 96 places from `exponent` on.
    high: i16,
}

impl Default for Window {
    fn default() -> Self {
        let (low, high) = (i16::MAX, i16::MIN);
        Self { sum: [0; 2], squares: [0; 4], count: 0, exponent: 0, low, high }
    }
}

impl Window {
    /// How many values it has taken.
    #[inline]
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Takes ±`magnitude`·2^`exponent`, an integer or a finite binary64, if it can.
    ///
    /// False when it cannot: the value spans too many places with those that are in it, or the window is full. It
    /// stays as it was then. Zeros have no place, and fit until it is full.
    #[inline]
    pub fn add(&mut self, negative: bool, magnitude: u64, exponent: i32) -> bool {
        let low = exponent + magnitude.trailing_zeros() as i32;
        let high = exponent + (u64::BITS - magnitude.leading_zeros()) as i32;
        if self.count == COUNT_MAX || magnitude != 0 && !self.make_room(low, high) {
            return false;
        }
        self.count += 1;
        // Within the window, so that no bit is lost on either side.
        let units = match exponent - i32::from(self.exponent) {
            _ if magnitude == 0 => 0,
            shift @ 0.. => u128::from(magnitude) << shift,
            shift => u128::from(magnitude >> -shift),
        };
        let signed = if negative { units.wrapping_neg() } else { units };
        self.sum = added(self.sum, &[signed as u64, (signed >> 64) as u64]);
        self.squares = added(self.squares, &square(units));
        true
    }

    /// Takes what `other` has taken, if it can.
    ///
    /// False when it cannot, and then it stays as it was.
    #[inline]
    pub fn merge(&mut self, other: &Self) -> bool {
        let Some(count) = self.count.checked_add(other.count).filter(|n| *n <= COUNT_MAX) else {
            return false;
        };
        let mut other = *other;
        if !other.is_zero() {
            if !self.make_room(other.low.into(), other.high.into()) {
                return false;
            }
            other.move_to(self.exponent.into());
        }
        self.count = count;
        self.sum = added(self.sum, &{ other.sum });
        self.squares = added(self.squares, &{ other.squares });
        true
    }

    /// Σx.
    #[inline]
    pub fn sum(&self) -> Dyadic {
        let (negative, magnitude) = self.signed_sum();
        Dyadic::new(negative, &Natural::from(magnitude), self.exponent.into())
    }

    /// Σx².
    ///
    /// The lowest place of a square is twice as low as that of its value, and the units are squared with it.
    #[inline]
    pub fn squares(&self) -> Dyadic {
        let squares = Natural::from(Limbs::from(self.squares));
        Dyadic::new(false, &squares, 2 * i32::from(self.exponent))
    }

    /// Adds its sums to superaccumulators, as wide integers: once for all its values.
    pub fn add_to(&self, sum: &mut SumAccumulator, squares: &mut SquareAccumulator) {
        let (negative, magnitude) = self.signed_sum();
        sum.add_wide(negative, magnitude, self.exponent.into());
        squares.add_limbs(false, &{ self.squares }, 2 * i32::from(self.exponent));
    }

    /// Whether all its values are zeros, which have no place.
    fn is_zero(&self) -> bool {
        self.low > self.high
    }

    /// Sign and magnitude of the sum, in units of 2^`exponent`.
    #[inline]
    fn signed_sum(&self) -> (bool, u128) {
        let sum = u128::from(self.sum[1]) << 64 | u128::from(self.sum[0]);
        ((sum as i128) < 0, (sum as i128).unsigned_abs())
    }

    /// Lays the window so that it holds multiples of 2^`low` below 2^`high` too, if all fit one.
    ///
    /// The spare places are shared out to both ends, since the next value may be larger or smaller. False, and nothing
    /// is changed, where all take more than 96 places.
    #[inline]
    fn make_room(&mut self, low: i32, high: i32) -> bool {
        let (low, high) = (low.min(self.low.into()), high.max(self.high.into()));
        let spare = PLACES_MAX - (high - low);
        if spare < 0 {
            return false;
        }
        if low < self.exponent.into() || high > i32::from(self.exponent) + PLACES_MAX {
            self.move_to((low - spare / 2).max(EXPONENT_MIN));
        }
        (self.low, self.high) = (low as i16, high as i16);
        true
    }

    /// Counts in units of 2^`exponent` from now on, which all values fit.
    ///
    /// Both shifts are exact: to the right because every value is a multiple of the coarser unit, to the left because
    /// the sums of values below 2^96 finer units fit as they did before.
    #[cold]
    fn move_to(&mut self, exponent: i32) {
        if !self.is_zero() {
            let by = i32::from(self.exponent) - exponent;
            let sum = u128::from(self.sum[1]) << 64 | u128::from(self.sum[0]);
            let sum = if by < 0 { ((sum as i128) >> -by) as u128 } else { sum << by };
            self.sum = [sum as u64, (sum >> 64) as u64];
            let squares = Natural::from(Limbs::from(self.squares));
            let bits = u64::from(2 * by.unsigned_abs());
            let squares = if by < 0 { squares.shr(bits) } else { squares.shl(bits) };
            self.squares = [0, 64, 128, 192].map(|place| squares.bits_from(place));
        }
        self.exponent = exponent as i16;
    }
}

/// `units`², for units below 2^96.
///
/// By halves: the high one is below 2^32, so that no product of two passes 128 bits.
#[inline]
fn square(units: u128) -> [u64; 3] {
    let (low, high) = (u128::from(units as u64), units >> 64);
    let lowest = low * low;
    let middle = (lowest >> 64) + 2 * low * high;
    [lowest as u64, middle as u64, (high * high + (middle >> 64)) as u64]
}

/// `limbs` + `addend`, modulo what the limbs hold.
///
/// A negative addend is in two's complement and has all the limbs there are.
#[inline]
fn added<const N: usize>(mut limbs: [u64; N], addend: &[u64]) -> [u64; N] {
    let mut carry = false;
    for (index, limb) in limbs.iter_mut().enumerate() {
        (*limb, carry) = limb.carrying_add(addend.get(index).copied().unwrap_or(0), carry);
    }
    limbs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact::Value;
    use proptest::prelude::*;

    /// A value with its lowest bit at 2^`low` and its highest below 2^`high`.
    fn value_within(low: i32, high: i32) -> impl Strategy<Value = (bool, u64, i32)> {
        (any::<bool>(), any::<u64>(), low..high).prop_map(move |(negative, bits, exponent)| {
            let places = (high - exponent).min(64) as u32;
            (negative, bits >> (64 - places), exponent)
        })
    }

    /// The sums of the values that a window took, in numbers of any size.
    fn expected(taken: &[(bool, u64, i32)]) -> (Dyadic, Dyadic) {
        let (mut sum, mut squares) = (Dyadic::default(), Dyadic::default());
        for (negative, magnitude, exponent) in taken {
            let value = Dyadic::new(*negative, &Natural::from(*magnitude), *exponent);
            squares = squares.add(&value.mul(&value));
            sum = sum.add(&value);
        }
        (sum, squares)
    }

    /// The sums by way of the superaccumulators.
    fn spilled(window: &Window) -> (Dyadic, Dyadic) {
        let (mut sum, mut squares) = (SumAccumulator::default(), SquareAccumulator::default());
        window.add_to(&mut sum, &mut squares);
        (sum.to_dyadic(), squares.to_dyadic())
    }

    proptest! {
        #[test]
        fn takes_all_values_within_96_places(
            values in (-1074i32..928).prop_flat_map(|low| {
                proptest::collection::vec(value_within(low, low + 96), 0..20)
            }),
            cut in 0usize..20,
        ) {
            let (left, right) = values.split_at(cut.min(values.len()));
            let [mut window, other] = [left, right].map(|part| {
                let mut window = Window::default();
                assert!(part.iter().all(|(negative, m, e)| window.add(*negative, *m, *e)));
                window
            });
            prop_assert!(window.merge(&other));
            prop_assert_eq!((window.sum(), window.squares()), expected(&values));
            prop_assert_eq!(spilled(&window), expected(&values));
            prop_assert_eq!(window.count() as usize, values.len());
        }

        #[test]
        fn what_it_refuses_leaves_it_as_it_was(values in proptest::collection::vec(any::<f64>(), 0..20)) {
            let mut window = Window::default();
            let finite = values.iter().filter(|value| value.is_finite());
            let parts = finite.map(|value| Value::from(*value).to_parts());
            let taken: Vec<_> = parts.filter(|(negative, m, e)| window.add(*negative, *m, *e)).collect();
            prop_assert_eq!((window.sum(), window.squares()), expected(&taken));
            prop_assert_eq!(spilled(&window), expected(&taken));
        }
    }

    #[test]
    fn the_largest_sums_fit() {
        let mut window = Window::default();
        assert!(window.add(true, u64::MAX, 32) && window.add(true, (1 << 32) - 1, 0));
        let all_ones = expected(&[(true, u64::MAX, 32), (true, (1 << 32) - 1, 0)]);
        for doublings in 1..31 {
            let half = window;
            assert!(window.merge(&half), "2^{doublings} values of 96 bits or fewer");
        }
        let times = Dyadic::from(1 << 30);
        assert_eq!(window.sum(), all_ones.0.mul(&times));
        assert_eq!(window.squares(), all_ones.1.mul(&times));
        let full = window;
        assert_eq!(window.count(), COUNT_MAX);
        assert!(!window.merge(&full) && !window.add(false, 0, 0), "it is full");
    }
}
