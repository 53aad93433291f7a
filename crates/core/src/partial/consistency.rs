//! Cheap tests for states that no multiset can have, so that bytes from outside cannot smuggle them in.
//! They refuse what is impossible; they cannot prove that the data existed.

use super::Partial;
use crate::accumulator::{Extremes, Multiset};
use crate::error::Error;
use crate::exact::{Dyadic, Natural, Value};

/// Refuses states that no multiset of values has.
pub(super) fn check(partial: &Partial) -> Result<(), Error> {
    let extremes = partial.extremes.and_then(Extremes::both);
    let tests = [
        (!grid(partial.sum.as_ref(), -1074), "its sum is no sum of numbers"),
        (!grid(partial.sum_squares.as_ref(), -2148), "its sum_squares is no sum of squares"),
        (!within_range(partial), "its sums are too large for its count"),
        (!squares_fit(partial), "its sum and sum_squares break the Cauchy-Schwarz inequality"),
        (extremes.is_some_and(|(low, high)| low > high), "its min is above its max"),
        (!extremes_fit(partial, extremes), "its sums do not fit its count, min and max"),
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

fn count(partial: &Partial) -> Dyadic {
    Dyadic::from(partial.counts.count)
}

/// Whether a sum is a multiple of 2^`exponent_min`, as all its addends are.
fn grid(sum: Option<&Dyadic>, exponent_min: i32) -> bool {
    sum.is_none_or(|sum| sum.exponent() >= exponent_min)
}

/// |Σx| ≤ n·2^1024 and 0 ≤ Σx² ≤ n·2^2048: with n = 0, both are zero.
fn within_range(partial: &Partial) -> bool {
    let bound = |exponent| count(partial).mul(&Dyadic::new(false, &Natural::from(1u64), exponent));
    partial.sum.as_ref().is_none_or(|sum| absolute(sum) <= bound(1024))
        && partial.sum_squares.as_ref().is_none_or(|sum| !sum.is_negative() && *sum <= bound(2048))
}

/// (Σx)² ≤ nΣx².
fn squares_fit(partial: &Partial) -> bool {
    let (Some(sum), Some(squares)) = (&partial.sum, &partial.sum_squares) else { return true };
    sum.mul(sum) <= count(partial).mul(squares)
}

/// n·min ≤ Σx ≤ n·max, and the largest square ≤ Σx² ≤ n·(the largest square).
fn extremes_fit(partial: &Partial, extremes: Option<(Value, Value)>) -> bool {
    let Some((low, high)) = extremes.map(|(low, high)| (low.to_dyadic(), high.to_dyadic())) else {
        return true;
    };
    let n = count(partial);
    let largest = absolute(&low).max(absolute(&high));
    let square = largest.mul(&largest);
    partial.sum.as_ref().is_none_or(|sum| n.mul(&low) <= *sum && *sum <= n.mul(&high))
        && partial.sum_squares.as_ref().is_none_or(|sum| square <= *sum && *sum <= n.mul(&square))
}

/// The values are at hand, so all that they say can be compared.
fn values_fit(partial: &Partial, values: &Multiset) -> bool {
    let runs = values.to_runs();
    let power_sum = |power: fn(&Dyadic) -> Dyadic| {
        let term =
            |(value, times): &(Value, u64)| power(&value.to_dyadic()).mul(&Dyadic::from(*times));
        runs.iter().map(term).fold(Dyadic::default(), |sum, term| sum.add(&term))
    };
    let ends = runs.first().zip(runs.last()).map(|(first, last)| (first.0, last.0));
    runs.iter().all(|(_, times)| *times > 0)
        && runs.iter().map(|(_, times)| times).sum::<u64>() == partial.counts.count
        && partial.sum.as_ref().is_none_or(|sum| *sum == power_sum(Dyadic::clone))
        && partial.sum_squares.as_ref().is_none_or(|sum| *sum == power_sum(|x| x.mul(x)))
        && partial.extremes.is_none_or(|extremes| extremes.both() == ends)
}

fn absolute(number: &Dyadic) -> Dyadic {
    if number.is_negative() { number.neg() } else { number.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accumulator::Counts;
    use crate::{Accumulator, Plan, Statistic};

    /// A true partial of [1, 2, 4, −8] with every state.
    fn partial() -> Partial {
        let mut accumulator = Accumulator::new(&Plan::new(Statistic::ALL.iter().copied()));
        accumulator.update(&[1.0, 2.0, 4.0, -8.0]).unwrap();
        accumulator.into_partial()
    }

    /// Without the values, which alone would tell every lie.
    fn sums_only() -> Partial {
        Partial { values: None, ..partial() }
    }

    fn number(value: f64) -> Dyadic {
        Value::from(value).to_dyadic()
    }

    fn range(low: f64, high: f64) -> Extremes {
        (Value::from(low), Value::from(high)).into()
    }

    #[test]
    fn a_true_partial_passes() {
        assert_eq!(check(&partial()), Ok(()));
        assert_eq!(check(&sums_only()), Ok(()));
    }

    #[test]
    fn each_lie_is_found_by_the_test_for_it() {
        let half_the_smallest = Dyadic::new(false, &Natural::from(1u64), -1075);
        let too_large = Dyadic::new(false, &Natural::from(5u64), 1024);
        let no_extremes = Partial { extremes: None, ..sums_only() };
        let empty = Counts { null: 3, ..Counts::default() };
        let lies = [
            (Partial { sum: Some(half_the_smallest), ..no_extremes.clone() }, "no sum of numbers"),
            (Partial { sum: Some(too_large), ..no_extremes.clone() }, "too large"),
            (Partial { counts: empty, ..no_extremes.clone() }, "too large"),
            (Partial { sum_squares: Some(number(-1.0)), ..no_extremes.clone() }, "too large"),
            (Partial { sum: Some(number(19.0)), ..no_extremes }, "Cauchy-Schwarz"),
            (Partial { extremes: Some(range(4.0, -8.0)), ..sums_only() }, "min is above"),
            (Partial { extremes: Some(range(0.0, 4.0)), ..sums_only() }, "do not fit its count"),
            (Partial { extremes: Some(range(-8.0, 9.5)), ..sums_only() }, "do not fit its count"),
            (Partial { sum: Some(number(-2.0)), ..partial() }, "values do not fit"),
            (Partial { sum_squares: Some(number(84.0)), ..partial() }, "values do not fit"),
            (Partial { extremes: Some(range(-8.0, 3.0)), ..partial() }, "values do not fit"),
        ];
        for (lie, expected) in lies {
            let error = check(&lie).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}: {expected}");
        }
    }
}
