//! Partials of decimals: what literals of several exponents are together, and two partials beside each other. Brought to
//! one scale they add up like any others.

use super::Partial;
use crate::accumulator::{DecimalAccumulator, DecimalSum, Extremes};
use crate::exact::{Dyadic, Natural, Ratio, Value};
use crate::stat::{Decimals, power_of_ten};
use alloc::boxed::Box;

impl DecimalAccumulator {
    /// What has been taken, as a partial.
    ///
    /// It holds sums, sums of squares and extremes whatever the plan.
    /// Limits: it has no bytes; [`Partial::to_bytes`] refuses it. Merge such partials where they are made.
    /// Cost: a few multiplications of wide integers for each different exponent.
    ///
    /// ```
    /// use exacta::{DecimalAccumulator, States};
    /// let mut accumulator = DecimalAccumulator::default();
    /// accumulator.push(false, 1, -1)?;
    /// let partial = accumulator.into_partial();
    /// assert!(partial.states().contains(States::DECIMALS.union(States::SUM_SQUARES)));
    /// assert_eq!(partial.to_bytes().unwrap_err().code(), "partial.decimal");
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn into_partial(self) -> Partial {
        let scale = self.sums.first().map_or(0, |sum| (-sum.exponent).max(0)) as u32;
        let power = |sum: &DecimalSum| power_of_ten((sum.exponent + scale as i32) as u32);
        let zero = Dyadic::default;
        let total = self
            .sums
            .iter()
            .fold(zero(), |total, sum| total.add(&integer(sum.sum).mul(&power(sum))));
        let squares = self.sums.iter().fold(zero(), |total, sum| {
            let (low, high) = sum.squares;
            let square = Natural::from_limbs([low as u64, (low >> 64) as u64, high]);
            total.add(&Dyadic::from(square).mul(&power(sum)).mul(&power(sum)))
        });
        let min = self.sums.iter().map(|sum| integer(sum.min).mul(&power(sum))).min();
        let max = self.sums.iter().map(|sum| integer(sum.max).mul(&power(sum))).max();
        let decimals = Decimals { scale, extremes: min.zip(max) };
        Partial {
            counts: self.counts,
            sum: Some(total),
            sum_squares: Some(squares),
            extremes: Some(nearest(&decimals)),
            decimals: Some(Box::new(decimals)),
            ..Partial::default()
        }
    }
}

/// The binary64 nearest to the smallest and the largest decimal.
///
/// Rounding keeps the order, so they are the extremes of the rounded values too.
fn nearest(decimals: &Decimals) -> Extremes {
    let unit = decimals.unit(1);
    let round = |integer: &Dyadic| Value::from(Ratio::new(integer, &unit).round());
    let extremes = decimals.extremes.as_ref().map(|(min, max)| (round(min), round(max)));
    extremes.map_or_else(Extremes::default, Extremes::from)
}

fn integer(integer: i128) -> Dyadic {
    Dyadic::new(integer < 0, &Natural::from(integer.unsigned_abs()), 0)
}

impl Partial {
    /// Brings the sums and extremes of two partials of decimals into the smaller of their units, and joins the
    /// extremes. Partials of binary numbers stay as they are.
    pub(super) fn align_decimals(&mut self, other: &mut Self) {
        let (Some(left), Some(right)) = (&self.decimals, &other.decimals) else { return };
        let scale = left.scale.max(right.scale);
        self.rescale(scale);
        other.rescale(scale);
        let (Some(left), Some(right)) = (&mut self.decimals, other.decimals.take()) else { return };
        left.extremes = match (left.extremes.take(), right.extremes) {
            (Some((min, max)), Some((other_min, other_max))) => {
                Some((min.min(other_min), max.max(other_max)))
            }
            (left, right) => left.or(right),
        };
    }

    /// Puts sums and extremes into units of 10^-`scale`, which is no smaller than theirs.
    fn rescale(&mut self, scale: u32) {
        let Some(decimals) = &mut self.decimals else { return };
        let factor = power_of_ten(scale - decimals.scale);
        let scaled = |number: &Dyadic| number.mul(&factor);
        let extremes = decimals.extremes.as_ref();
        let extremes = extremes.map(|(min, max)| (scaled(min), scaled(max)));
        **decimals = Decimals { scale, extremes };
        self.sum = self.sum.as_ref().map(scaled);
        self.sum_squares = self.sum_squares.as_ref().map(|squares| scaled(&scaled(squares)));
    }
}
