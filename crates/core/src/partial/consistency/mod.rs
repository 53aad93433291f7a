//! Cheap tests for states that no multiset can have, so that bytes from outside cannot smuggle them in.
//! They refuse what is impossible; they cannot prove that the data existed.
//!
//! All of them are inequalities between exact numbers, so none is ever wrong about a partial that data gave. They cost
//! microseconds, and in proportion to the values where all are held.

mod bounded;
mod rows;

pub(super) use rows::{check_pairs, check_weighted};

use super::Partial;
use crate::accumulator::{Extremes, Multiset};
use crate::error::Error;
use crate::exact::{Dyadic, SquareAccumulator, SumAccumulator, Value};

/// Refuses states that no multiset of values has.
///
/// The first test that fails gives the reason: they stand in the order in which they explain best, and each may
/// count on those before it.
///
/// # Errors
/// [`Error::PartialInvalid`] with the reason.
pub(super) fn check(partial: &Partial) -> Result<(), Error> {
    let n = partial.counts.count;
    require(grid(partial.sum.as_ref(), -1074), "its sum is no sum of numbers")?;
    require(grid(partial.sum_squares.as_ref(), -2148), "its sum_squares is no sum of squares")?;
    require(grid(partial.sum_cubes.as_ref(), -3222), "its sum_cubes is no sum of cubes")?;
    require(
        grid(partial.sum_fourths.as_ref(), -4296),
        "its sum_fourths is no sum of fourth powers",
    )?;
    require(within_range(partial), "its sums are too large for its count")?;
    let holds = cauchy_schwarz_holds(partial);
    require(holds, "its sums of powers break the Cauchy-Schwarz inequality")?;
    require(extremes_are_there(partial), "its min and max do not fit its count")?;
    let fit = bounded::fit_count(&partial.fixed, n);
    require(fit, "its logarithms, reciprocals, sketches or bins do not fit its count")?;
    if let Some((low, high)) = partial.extremes.and_then(Extremes::both) {
        require(low <= high, "its min is above its max")?;
        require(extremes_fit(partial, low, high), "its sums do not fit its count, min and max")?;
        let fit = bounded::fit_extremes(&partial.fixed, n, low, high);
        require(fit, "its logarithms, reciprocals, sketches or bins do not fit its min and max")?;
    }
    let fit = partial.values.as_ref().is_none_or(|values| values_fit(partial, values));
    require(fit, "its values do not fit its other states")
}

fn require(holds: bool, reason: &'static str) -> Result<(), Error> {
    if holds { Ok(()) } else { Err(Error::PartialInvalid { reason }) }
}

/// How many finite values there are, as a number to compute with.
fn count(partial: &Partial) -> Dyadic {
    Dyadic::from(partial.counts.count)
}

/// Whether a sum is a multiple of 2^`exponent_min`, as all its addends are.
///
/// The smallest binary64 is 2^-1074 and its powers are as many times as low; a sum of multiples is one.
fn grid(sum: Option<&Dyadic>, exponent_min: i32) -> bool {
    sum.is_none_or(|sum| sum.exponent() >= exponent_min)
}

/// |Σxᵏ| ≤ n·Mᵏ and 0 ≤ Σxᵏ for even k, where M is the largest binary64: with n = 0, all are zero.
///
/// Integers of 64 bits are far below the largest binary64, so the bound holds for them as well.
fn within_range(partial: &Partial) -> bool {
    let largest = Value::from(f64::MAX).to_dyadic();
    let mut sum_max = count(partial);
    power_sums(partial).into_iter().enumerate().all(|(index, sum)| {
        sum_max = sum_max.mul(&largest);
        let is_even = index % 2 == 1;
        sum.is_none_or(|sum| absolute(sum) <= sum_max && !(is_even && sum.is_negative()))
    })
}

/// The sums of the first four powers.
///
/// None for those that are not held, in the order of their powers.
fn power_sums(partial: &Partial) -> [Option<&Dyadic>; 4] {
    [&partial.sum, &partial.sum_squares, &partial.sum_cubes, &partial.sum_fourths]
        .map(Option::as_ref)
}

/// (Σx)² ≤ nΣx², (Σx²)² ≤ nΣx⁴ and (Σx³)² ≤ Σx²·Σx⁴, with equality for a single value.
///
/// They are the inequality for the vectors (1, x), (1, x²) and (x, x²) over the values. For one value both sides are
/// the same, and with fewer or no values both are zero.
fn cauchy_schwarz_holds(partial: &Partial) -> bool {
    let [sum, squares, cubes, fourths] = power_sums(partial);
    let count = count(partial);
    [(sum, Some(&count), squares), (squares, Some(&count), fourths), (cubes, squares, fourths)]
        .into_iter()
        .all(|(middle, left, right)| {
            let Some(((middle, left), right)) = middle.zip(left).zip(right) else { return true };
            let (square, bound) = (middle.mul(middle), left.mul(right));
            square == bound || partial.counts.count > 1 && square < bound
        })
}

/// There are a smallest and a largest value exactly when there are values.
///
/// A partial that holds no extremes may have values; one that does may not lack them.
fn extremes_are_there(partial: &Partial) -> bool {
    let has_values = partial.counts.count > 0;
    partial.extremes.is_none_or(|extremes| extremes.both().is_some() == has_values)
}

/// One value is the smallest and one the largest, and the other n − 2 lie between them, as their odd powers
/// do; even powers lie between the lesser of the two powers, or 0 where signs differ, and the greater.
///
/// So each sum lies between what it would be if all others were as small and as large as they may be.
///
/// A single value is both: as a value, since −0.0 and +0.0 are two elements though one number.
fn extremes_fit(partial: &Partial, low: Value, high: Value) -> bool {
    let are_one = low == high;
    let (low, high) = (low.to_dyadic(), high.to_dyadic());
    let n_others = partial.counts.count.checked_sub(2);
    let straddles = low.is_negative() != high.is_negative();
    let mut powers = (Dyadic::from(1), Dyadic::from(1));
    power_sums(partial).into_iter().enumerate().all(|(index, sum)| {
        powers = (powers.0.mul(&low), powers.1.mul(&high));
        let (low_power, high_power) = &powers;
        let (Some(sum), Some(n_others)) = (sum, n_others) else {
            return n_others.is_some() || are_one && sum.is_none_or(|sum| sum == low_power);
        };
        let least = low_power.min(high_power).clone();
        let least = if straddles && index % 2 == 1 { Dyadic::default() } else { least };
        let with_others = |other| low_power.add(high_power).add(&Dyadic::from(n_others).mul(other));
        with_others(&least) <= *sum && *sum <= with_others(low_power.max(high_power))
    })
}

/// The values are at hand, so all that they say can be compared.
///
/// Every other state that is held is computed from the values again and has to be the same, to the bit.
fn values_fit(partial: &Partial, values: &Multiset) -> bool {
    let runs = values.to_runs();
    let (mut sum, mut squares) = (SumAccumulator::default(), SquareAccumulator::default());
    for (value, times) in &runs {
        let (negative, magnitude, exponent) = value.to_parts();
        let square = u128::from(magnitude) * u128::from(magnitude);
        sum.add_times(negative, magnitude.into(), *times, exponent);
        squares.add_times(false, square, *times, 2 * exponent);
    }
    let (mut cubes, mut fourths) = (Dyadic::default(), Dyadic::default());
    if partial.sum_cubes.is_some() || partial.sum_fourths.is_some() {
        for (value, times) in &runs {
            let x = value.to_dyadic();
            let cube = x.mul(&x).mul(&x).mul(&Dyadic::from(*times));
            fourths = fourths.add(&cube.mul(&x));
            cubes = cubes.add(&cube);
        }
    }
    let mut fixed = partial.fixed.to_empty();
    runs.iter().for_each(|(value, times)| fixed.push_times(*value, *times));
    let ends = runs.first().zip(runs.last()).map(|(first, last)| (first.0, last.0));
    runs.iter().all(|(_, times)| *times > 0)
        && runs.iter().map(|(_, times)| times).sum::<u64>() == partial.counts.count
        && partial.sum.as_ref().is_none_or(|stated| *stated == sum.to_dyadic())
        && partial.sum_squares.as_ref().is_none_or(|stated| *stated == squares.to_dyadic())
        && partial.sum_cubes.as_ref().is_none_or(|stated| *stated == cubes)
        && partial.sum_fourths.as_ref().is_none_or(|stated| *stated == fourths)
        && partial.fixed == fixed
        && partial.extremes.is_none_or(|extremes| extremes.both() == ends)
}

/// The number without its sign.
fn absolute(number: &Dyadic) -> Dyadic {
    if number.is_negative() { number.neg() } else { number.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accumulator::Counts;
    use crate::exact::Natural;
    use crate::{Accumulator, Plan, Statistic};

    /// A true partial with every state.
    fn partial(values: &[f64]) -> Partial {
        let mut accumulator = Accumulator::new(&Plan::new(Statistic::ALL.iter().copied()));
        accumulator.update(values).unwrap();
        accumulator.into_partial()
    }

    fn four() -> Partial {
        partial(&[1.0, 2.0, 4.0, -8.0])
    }

    /// With the count, the extremes and nothing else.
    fn four_sums() -> Partial {
        let four = four();
        Partial { counts: four.counts, extremes: four.extremes, ..Partial::default() }
    }

    /// Without the values, which alone would tell every lie.
    fn without_values(partial: Partial) -> Partial {
        Partial { values: None, ..partial }
    }

    fn number(value: f64) -> Dyadic {
        Value::from(value).to_dyadic()
    }

    fn range(low: f64, high: f64) -> Extremes {
        (Value::from(low), Value::from(high)).into()
    }

    #[test]
    fn true_partials_pass() {
        let max = [f64::MAX, f64::MAX, f64::MIN];
        for values in [&[][..], &[-0.0], &[5.0], &[f64::MAX], &max, &[5e-324, -5e-324], &[3.0, 3.0]]
        {
            assert_eq!(check(&partial(values)), Ok(()), "{values:?}");
            assert_eq!(check(&without_values(partial(values))), Ok(()), "{values:?}");
        }
    }

    #[test]
    fn each_lie_is_found_by_the_test_for_it() {
        let half_the_smallest = Dyadic::new(false, &Natural::from(1u64), -1075);
        let beyond = |exponent| Some(Dyadic::new(false, &Natural::from(1u64), exponent));
        let sums = Partial { extremes: None, ..without_values(four()) };
        let one = without_values(partial(&[3.0]));
        let one_sums = Partial { extremes: None, ..one.clone() };
        let extremes = Partial { sum: None, sum_squares: None, ..one.clone() };
        let zero = without_values(partial(&[0.0]));
        let empty = Counts { null: 3, ..Counts::default() };
        let lies = [
            (Partial { sum: Some(half_the_smallest), ..sums.clone() }, "no sum of numbers"),
            (Partial { sum: beyond(1026), ..sums.clone() }, "too large"),
            (Partial { sum: beyond(1024), ..one_sums.clone() }, "too large"),
            (Partial { sum_squares: beyond(2048), ..one_sums.clone() }, "too large"),
            (Partial { counts: empty, ..sums.clone() }, "too large"),
            (Partial { sum_squares: Some(number(-1.0)), ..sums.clone() }, "too large"),
            (Partial { sum: Some(number(19.0)), ..sums }, "Cauchy-Schwarz"),
            (Partial { sum_squares: Some(number(10.0)), ..one_sums }, "Cauchy-Schwarz"),
            (
                Partial { extremes: Some(range(4.0, -8.0)), ..without_values(four()) },
                "min is above",
            ),
            (
                Partial { extremes: Some(range(0.0, 4.0)), ..without_values(four()) },
                "do not fit its count",
            ),
            (
                Partial { extremes: Some(range(-8.0, 9.5)), ..without_values(four()) },
                "do not fit its count",
            ),
            (Partial { extremes: Some(range(3.0, 4.0)), ..extremes }, "do not fit its count"),
            (Partial { extremes: Some(range(-0.0, 0.0)), ..zero }, "do not fit its count"),
            (Partial { sum_cubes: Some(number(0.0)), ..four_sums() }, "do not fit its count"),
            (Partial { sum_cubes: Some(number(1e9)), ..four_sums() }, "do not fit its count"),
            (Partial { sum_fourths: Some(number(1e9)), ..four_sums() }, "do not fit its count"),
            (Partial { sum_fourths: Some(number(4000.0)), ..four_sums() }, "do not fit its count"),
            (Partial { extremes: Some(range(4.0, 4.0)), ..one }, "do not fit its count"),
            (Partial { sum: Some(number(-2.0)), ..four() }, "values do not fit"),
            (Partial { sum_squares: Some(number(84.0)), ..four() }, "values do not fit"),
            (Partial { extremes: Some(range(-8.0, 3.0)), ..four() }, "do not fit its min and max"),
        ];
        for (lie, expected) in lies {
            let error = check(&lie).expect_err(expected).to_string();
            assert!(error.contains(expected), "{error}: {expected}");
        }
    }
}
