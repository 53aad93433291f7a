//! Cheap tests for states that no multiset can have, so that bytes from outside cannot smuggle them in.
//! They refuse what is impossible; they cannot prove that the data existed.
//!
//! All of them are inequalities between exact numbers, so none is ever wrong about a partial that data gave. They cost
//! microseconds, and in proportion to the values where all are held.

use super::Partial;
use crate::accumulator::{BinCounts, Extremes, Multiset};
use crate::error::Error;
use crate::exact::{Dyadic, Natural, SquareAccumulator, SumAccumulator, Value};
use crate::kernel::exponential::ExponentialHistogram;
use crate::kernel::registers::Registers;

/// Refuses states that no multiset of values has.
///
/// The first test that fails gives the reason: they stand in the order in which they explain best.
///
/// # Errors
/// [`Error::PartialInvalid`] with the reason.
pub(super) fn check(partial: &Partial) -> Result<(), Error> {
    let extremes = partial.extremes.and_then(Extremes::both);
    let tests = [
        (!grid(partial.sum.as_ref(), -1074), "its sum is no sum of numbers"),
        (!grid(partial.sum_squares.as_ref(), -2148), "its sum_squares is no sum of squares"),
        (!grid(partial.sum_cubes.as_ref(), -3222), "its sum_cubes is no sum of cubes"),
        (!grid(partial.sum_fourths.as_ref(), -4296), "its sum_fourths is no sum of fourth powers"),
        (!within_range(partial), "its sums are too large for its count"),
        (!cauchy_schwarz_holds(partial), "its sums of powers break the Cauchy-Schwarz inequality"),
        (!extremes_are_there(partial), "its min and max do not fit its count"),
        (extremes.is_some_and(|(low, high)| low > high), "its min is above its max"),
        (!extremes_fit(partial, extremes), "its sums do not fit its count, min and max"),
        (!fixed_fit(partial), "its logarithms, reciprocals, sketches or bins do not fit its count"),
        (
            !partial.values.as_ref().is_none_or(|values| values_fit(partial, values)),
            "its values do not fit its other states",
        ),
    ];
    match tests.into_iter().find(|(fails, _)| *fails) {
        Some((_, reason)) => Err(Error::PartialInvalid { reason }),
        None => Ok(()),
    }
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

/// One value is the smallest and one the largest, and the other n − 2 lie between them.
///
/// So the sum of the values, and that of their squares, lies between what it would be if all others were as small
/// and as large as they may be.
fn extremes_fit(partial: &Partial, extremes: Option<(Value, Value)>) -> bool {
    let Some((low, high)) = extremes.map(|(low, high)| (low.to_dyadic(), high.to_dyadic())) else {
        return true;
    };
    let (low_square, high_square) = (low.mul(&low), high.mul(&high));
    let Some(n_others) = partial.counts.count.checked_sub(2) else {
        // A single value, of which the smallest and the largest are one.
        return low == high
            && partial.sum.as_ref().is_none_or(|sum| *sum == low)
            && partial.sum_squares.as_ref().is_none_or(|sum| *sum == low_square);
    };
    let within = |sum: &Dyadic, ends: Dyadic, least: &Dyadic, most: &Dyadic| {
        let with_others = |other| ends.add(&Dyadic::from(n_others).mul(other));
        with_others(least) <= *sum && *sum <= with_others(most)
    };
    let squares = low_square.add(&high_square);
    let square_max = low_square.max(high_square);
    partial.sum.as_ref().is_none_or(|sum| within(sum, low.add(&high), &low, &high))
        && (partial.sum_squares.as_ref())
            .is_none_or(|sum| within(sum, squares, &Dyadic::default(), &square_max))
}

/// No more zeros and negative values than values, each of the others with a logarithm below 746 and a
/// reciprocal of at most 2^1074; every value in one bucket and one bin, and no more registers than values.
///
/// The largest reciprocal is that of the smallest subnormal, and the largest logarithm in magnitude is its own: −744.4.
fn fixed_fit(partial: &Partial) -> bool {
    let (count, fixed) = (partial.counts.count, &partial.fixed);
    let fits = |sum: &Dyadic, others: u64, bound: &Dyadic| {
        let rest = count.checked_sub(others);
        rest.is_some_and(|rest| absolute(sum) <= Dyadic::from(rest).mul(bound))
    };
    let largest = Dyadic::new(false, &Natural::from(1u64), 1074);
    let total = |bins: &BinCounts| {
        let (under, counts, over) = bins.parts();
        counts.iter().chain([&over]).try_fold(under, |total, count| total.checked_add(*count))
    };
    let bucket_total = |held: &ExponentialHistogram| {
        let counts = held.positive().counts.iter().chain(&held.negative().counts);
        counts.copied().try_fold(held.zeros(), u64::checked_add)
    };
    let n_met = |held: &Registers| held.ranks().iter().filter(|rank| **rank > 0).count() as u64;
    fixed.logs.as_ref().is_none_or(|logs| {
        let others = logs.zeros().checked_add(logs.negatives());
        others.is_some_and(|others| fits(&logs.sum(), others, &Dyadic::from(746)))
    }) && (fixed.reciprocals.as_ref()).is_none_or(|sum| fits(&sum.sum(), sum.zeros(), &largest))
        && fixed.exponential.as_ref().is_none_or(|held| bucket_total(held) == Some(count))
        && (fixed.registers.as_ref())
            .is_none_or(|held| (n_met(held) == 0) == (count == 0) && n_met(held) <= count)
        && fixed.bins.as_ref().is_none_or(|bins| total(bins) == Some(count))
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
            (Partial { extremes: Some(range(4.0, 4.0)), ..one }, "do not fit its count"),
            (Partial { sum: Some(number(-2.0)), ..four() }, "values do not fit"),
            (Partial { sum_squares: Some(number(84.0)), ..four() }, "values do not fit"),
            (Partial { extremes: Some(range(-8.0, 3.0)), ..four() }, "values do not fit"),
        ];
        for (lie, expected) in lies {
            let error = check(&lie).expect_err(expected).to_string();
            assert!(error.contains(expected), "{error}: {expected}");
        }
    }
}
