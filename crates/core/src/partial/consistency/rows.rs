//! Tests for the sums of two columns and of a column with weights. Those of one column are not looked at here.

use super::{absolute, grid, require};
use crate::error::Error;
use crate::exact::{Dyadic, Value};
use crate::partial::{PairPartial, WeightedPartial};

/// Refuses sums that no rows of two columns have.
pub(in crate::partial) fn check_pairs(partial: &PairPartial) -> Result<(), Error> {
    let count = partial.counts.count;
    let [x, y, squares_x, squares_y, products] = &partial.sums;
    let on_grids = on_grids(&partial.sums, [-1074, -1074, -2148, -2148, -2148]);
    require(on_grids, "its sums are no sums of numbers, squares and products")?;
    let sum_max = Dyadic::from(count).mul(&largest());
    let square_max = sum_max.mul(&largest());
    let is_within = is_within(x, &sum_max)
        && is_within(y, &sum_max)
        && is_within(products, &square_max)
        && is_up_to(squares_x, &square_max)
        && is_up_to(squares_y, &square_max);
    require(is_within, "its sums are too large for its count")?;
    let holds = correlation_is_possible(partial, count);
    require(holds, "its sums break the Cauchy-Schwarz inequality")
}

/// nΣx² ≥ (Σx)², the same of y, and of the deviations from the means (Σdxdy)² ≤ Σdx²·Σdy², from which that of x
/// and y themselves follows. A single row does not deviate.
fn correlation_is_possible(partial: &PairPartial, count: u64) -> bool {
    let sample = partial.sample();
    let (spread_x, spread_y, joint) = (sample.spread_x(), sample.spread_y(), sample.joint());
    let is_spread = |spread: &Dyadic| !spread.is_negative() && (count > 1 || spread.is_zero());
    is_spread(&spread_x) && is_spread(&spread_y) && joint.mul(&joint) <= spread_x.mul(&spread_y)
}

/// Refuses sums that no values with weights have.
pub(in crate::partial) fn check_weighted(partial: &WeightedPartial) -> Result<(), Error> {
    let counts = &partial.counts;
    let [weights, weights_nonfinite, sum, sum_squares] = &partial.sums;
    let on_grids = on_grids(&partial.sums, [-1074, -1074, -2148, -3222]);
    require(on_grids, "its sums are no sums of weights and their products")?;
    let weight_max = |count| Dyadic::from(count).mul(&largest());
    let is_within = is_up_to(weights, &weight_max(counts.count))
        && is_up_to(weights_nonfinite, &weight_max(counts.nonfinite()));
    require(is_within, "its weights are negative or too large for its count")?;
    let sum_max = weights.mul(&largest());
    let is_within = is_within_both(sum, sum_squares, &sum_max);
    require(is_within, "its sums are too large for its weights")?;
    let (square, bound) = (sum.mul(sum), weights.mul(sum_squares));
    // Equal for a single value.
    let holds = square == bound || counts.count > 1 && square < bound;
    require(holds, "its sums break the Cauchy-Schwarz inequality")
}

fn is_within_both(sum: &Dyadic, sum_squares: &Dyadic, sum_max: &Dyadic) -> bool {
    is_within(sum, sum_max) && is_up_to(sum_squares, &sum_max.mul(&largest()))
}

/// The largest binary64: no integer that is taken is larger.
fn largest() -> Dyadic {
    Value::from(f64::MAX).to_dyadic()
}

/// Whether each sum is a multiple of its power of two, as all its addends are.
fn on_grids<const N: usize>(sums: &[Dyadic; N], exponents_min: [i32; N]) -> bool {
    sums.iter().zip(exponents_min).all(|(sum, exponent_min)| grid(Some(sum), exponent_min))
}

fn is_within(sum: &Dyadic, bound: &Dyadic) -> bool {
    absolute(sum) <= *bound
}

fn is_up_to(sum: &Dyadic, bound: &Dyadic) -> bool {
    !sum.is_negative() && sum <= bound
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accumulator::Counts;
    use crate::exact::Natural;
    use crate::{PairAccumulator, WeightedAccumulator};

    fn counts(count: u64, nan: u64) -> Counts {
        Counts { count, nan, ..Counts::default() }
    }

    fn numbers<const N: usize>(values: [f64; N]) -> [Dyadic; N] {
        values.map(|value| Value::from(value).to_dyadic())
    }

    /// 2^`exponent`, which may be no binary64.
    fn power(exponent: i32) -> Dyadic {
        Dyadic::new(false, &Natural::from(1u64), exponent)
    }

    fn check(found: Result<(), Error>, expected: &str) {
        let error = found.expect_err(expected).to_string();
        assert!(error.contains(expected), "{error}: {expected}");
    }

    #[test]
    fn true_rows_pass() {
        let (max, min) = (f64::MAX, f64::MIN);
        for rows in [
            &[][..],
            &[(-0.0, 0.0)],
            &[(3.0, 7.0)],
            &[(max, max), (min, max), (max, 5e-324)],
            &[(1.0, 2.0), (2.0, 4.0), (4.0, 8.0)],
            &[(5e-324, 5e-324); 3],
        ] {
            let (mut pairs, mut weighted) =
                (PairAccumulator::default(), WeightedAccumulator::default());
            for (x, y) in rows {
                pairs.push(*x, *y).unwrap();
                weighted.push(*x, *y).unwrap();
                weighted.push(f64::NAN, *y).unwrap();
            }
            assert_eq!(check_pairs(&pairs.into_partial()), Ok(()), "{rows:?}");
            assert_eq!(check_weighted(&weighted.into_partial()), Ok(()), "{rows:?}");
        }
    }

    #[test]
    fn pairs_that_lie_are_found() {
        // Of (1, 2), (2, 1), (4, 4).
        let truth = numbers([7.0, 7.0, 21.0, 21.0, 20.0]);
        let lie = |n, index: usize, sum: Dyadic, expected| {
            let mut sums = truth.clone();
            sums[index] = sum;
            check(check_pairs(&PairPartial { counts: counts(n, 0), sums }), expected);
        };
        let [minus, few, many] = numbers([-1.0, 16.0, 22.0]);
        assert_eq!(check_pairs(&PairPartial { counts: counts(3, 0), sums: truth.clone() }), Ok(()));
        for index in 0..5 {
            let finest = if index < 2 { -1075 } else { -2149 };
            lie(3, index, power(finest), "no sums of numbers");
            lie(3, index, power(if index < 2 { 1026 } else { 2050 }), "too large");
        }
        lie(0, 0, power(0), "too large");
        for index in [2, 3] {
            lie(3, index, minus.clone(), "too large");
            lie(3, index, few.clone(), "Cauchy-Schwarz");
        }
        // As a product of the values −1 would do; as one of their deviations from the means it is too far.
        lie(3, 4, minus, "Cauchy-Schwarz");
        lie(3, 4, many, "Cauchy-Schwarz");
        let one = |products| PairPartial {
            counts: counts(1, 0),
            sums: numbers([2.0, 3.0, 4.0, 9.0, products]),
        };
        assert_eq!(check_pairs(&one(6.0)), Ok(()));
        check(check_pairs(&one(5.0)), "Cauchy-Schwarz");
    }

    #[test]
    fn weights_that_lie_are_found() {
        let weighted = |n, nan, sums| WeightedPartial { counts: counts(n, nan), sums };
        let lies = [
            (1, 1, [-1.0, 0.0, 0.0, 0.0], "negative or too large"),
            (1, 1, [1.0, -1.0, 0.0, 0.0], "negative or too large"),
            (0, 1, [1.0, 0.0, 0.0, 0.0], "negative or too large"),
            (1, 0, [1.0, 1.0, 0.0, 0.0], "negative or too large"),
            (2, 0, [0.0, 0.0, 1.0, 1.0], "too large for its weights"),
            (2, 0, [0.0, 0.0, 0.0, 1.0], "too large for its weights"),
            (2, 0, [1.0, 0.0, 1.0, -1.0], "too large for its weights"),
            (2, 0, [2.0, 0.0, 3.0, 4.0], "Cauchy-Schwarz"),
            (1, 0, [2.0, 0.0, 3.0, 5.0], "Cauchy-Schwarz"),
        ];
        for (n, nan, sums, expected) in lies {
            check(check_weighted(&weighted(n, nan, numbers(sums))), expected);
        }
        for (index, finest) in [-1075, -1075, -2149, -3223].into_iter().enumerate() {
            let mut sums = numbers([2.0, 1.0, 3.0, 5.0]);
            assert_eq!(check_weighted(&weighted(2, 1, sums.clone())), Ok(()));
            sums[index] = power(finest);
            check(check_weighted(&weighted(2, 1, sums)), "no sums of weights");
        }
    }
}
