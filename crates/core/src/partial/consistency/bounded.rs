//! Tests for logarithms, reciprocals, sketches and bins: against the count, against each other, and against
//! the smallest and the largest value. The sums of powers are not looked at here.

use super::absolute;
use crate::accumulator::{BinCounts, FixedStates};
use crate::exact::{Dyadic, LogSum, Natural, ReciprocalSum, Value};
use crate::kernel::exponential::{Buckets, ExponentialHistogram};
use crate::kernel::registers::Registers;

/// Whether `count` values may have these states.
pub(super) fn fit_count(fixed: &FixedStates, count: u64) -> bool {
    fixed.logs.as_ref().is_none_or(|logs| logs_fit(logs, count))
        && fixed.reciprocals.as_ref().is_none_or(|sum| reciprocals_fit(sum, count))
        && fixed.exponential.as_ref().is_none_or(|held| total(held) == Some(count))
        && fixed.registers.as_ref().is_none_or(|held| registers_fit(held, count))
        && fixed.bins.as_ref().is_none_or(|bins| in_order(bins).try_fold(0, add) == Some(count))
        && signs(fixed).windows(2).all(|pair| pair[0].agrees(pair[1]))
}

/// No more zeros and negative values than values, each of the others with a logarithm below 746: the largest in magnitude
/// is that of the smallest subnormal, −744.4.
fn logs_fit(logs: &LogSum, count: u64) -> bool {
    let others = logs.zeros().checked_add(logs.negatives());
    others.is_some_and(|others| within(&logs.sum(), count, others, &Dyadic::from(746)))
}

/// Each value that is not zero has a reciprocal of at most 2^1074.
fn reciprocals_fit(reciprocals: &ReciprocalSum, count: u64) -> bool {
    let largest = Dyadic::new(false, &Natural::from(1u64), 1074);
    within(&reciprocals.sum(), count, reciprocals.zeros(), &largest)
}

/// Whether `count` − `others` numbers of at most `bound` may have this sum.
fn within(sum: &Dyadic, count: u64, others: u64, bound: &Dyadic) -> bool {
    let rest = count.checked_sub(others);
    rest.is_some_and(|rest| absolute(sum) <= Dyadic::from(rest).mul(bound))
}

/// No more registers than values have met one, and none only without values.
fn registers_fit(registers: &Registers, count: u64) -> bool {
    let n_met = registers.ranks().iter().filter(|rank| **rank > 0).count() as u64;
    n_met <= count && (n_met == 0) == (count == 0)
}

fn total(held: &ExponentialHistogram) -> Option<u64> {
    add(add(held.zeros(), side_total(held.positive())?)?, side_total(held.negative())?)
}

fn side_total(side: &Buckets) -> Option<u64> {
    side.counts.iter().copied().try_fold(0, add)
}

fn add(total: u64, count: u64) -> Option<u64> {
    total.checked_add(count)
}

/// The counts below, in and above the bins.
fn in_order(bins: &BinCounts) -> impl DoubleEndedIterator<Item = u64> {
    let (under, counts, over) = bins.parts();
    [under].into_iter().chain(counts.iter().copied()).chain([over])
}

/// How many values are zero and how many negative, where a state knows.
#[derive(Clone, Copy)]
struct Signs {
    zeros: u64,
    negatives: Option<u64>,
}

impl Signs {
    fn agrees(self, other: Self) -> bool {
        let negatives = self.negatives.zip(other.negatives);
        self.zeros == other.zeros && negatives.is_none_or(|(left, right)| left == right)
    }

    /// Whether `count` values between these two may have these signs.
    fn fit(self, count: u64, low: &Dyadic, high: &Dyadic) -> bool {
        let (is_at_zero, has_zeros) = (low.is_zero() || high.is_zero(), self.zeros > 0);
        let straddles = low.is_negative() && !high.is_negative() && !high.is_zero();
        let zeros_fit = straddles || is_at_zero == has_zeros;
        zeros_fit
            && self.negatives.is_none_or(|negatives| {
                let has_positives = negatives.saturating_add(self.zeros) < count;
                (negatives > 0) == low.is_negative()
                    && has_positives == (!high.is_negative() && !high.is_zero())
            })
    }
}

/// What each state says of the signs; the reciprocals, which know less, come last.
fn signs(fixed: &FixedStates) -> alloc::vec::Vec<Signs> {
    let logs = fixed.logs.as_ref();
    let logs = logs.map(|logs| Signs { zeros: logs.zeros(), negatives: Some(logs.negatives()) });
    let exponential = fixed
        .exponential
        .as_ref()
        .map(|held| Signs { zeros: held.zeros(), negatives: side_total(held.negative()) });
    let reciprocals = fixed.reciprocals.as_ref();
    let reciprocals = reciprocals.map(|sum| Signs { zeros: sum.zeros(), negatives: None });
    [logs, exponential, reciprocals].into_iter().flatten().collect()
}

/// Whether `count` values, of which these are the smallest and the largest, may have these states.
pub(super) fn fit_extremes(fixed: &FixedStates, count: u64, low: Value, high: Value) -> bool {
    let (least, most) = (low.to_dyadic(), high.to_dyadic());
    signs(fixed).into_iter().all(|signs| signs.fit(count, &least, &most))
        && fixed.logs.as_ref().is_none_or(|logs| logs_between(logs, count, low, high))
        && (fixed.reciprocals.as_ref()).is_none_or(|sum| reciprocals_between(sum, count, low, high))
        && (fixed.exponential.as_ref()).is_none_or(|held| buckets_end_at(held, count, low, high))
        && fixed.registers.as_ref().is_none_or(|held| registers_met(held, low, high))
        && fixed.bins.as_ref().is_none_or(|bins| bins_end_at(bins, low, high))
}

/// k positive values have logarithms of at most k·ln(max), and where all are positive of at least k·ln(min).
fn logs_between(logs: &LogSum, count: u64, low: Value, high: Value) -> bool {
    let n_positive = count - logs.zeros() - logs.negatives();
    let bound = |value| {
        let mut bound = LogSum::default();
        bound.push_times(value, n_positive);
        bound.sum()
    };
    (n_positive == 0 || logs.sum() <= bound(high))
        && (n_positive < count || bound(low) <= logs.sum())
}

/// n/max ≤ Σ1/x ≤ n/min where all values have one sign.
fn reciprocals_between(reciprocals: &ReciprocalSum, count: u64, low: Value, high: Value) -> bool {
    let is_negative = |value: Value| value.to_dyadic().is_negative();
    if reciprocals.zeros() > 0 || is_negative(low) != is_negative(high) {
        return true;
    }
    let bound = |value| {
        let mut bound = ReciprocalSum::default();
        bound.push_times(value, count);
        bound.sum()
    };
    let sum = reciprocals.sum();
    bound(high) <= sum && sum <= bound(low)
}

/// The first value lies in the first bucket and the last in the last.
fn buckets_end_at(held: &ExponentialHistogram, count: u64, low: Value, high: Value) -> bool {
    [(0, low), (count - 1, high)].into_iter().all(|(rank, value)| {
        held.at_rank(rank, None).is_some_and(|bucket| {
            let number = value.to_dyadic();
            let [lower, upper] = [bucket.lower, bucket.upper].map(|it| Value::from(it).to_dyadic());
            // The largest bucket ends beyond the largest binary64, as integers of 64 bits never do.
            lower <= number && number <= upper
        })
    })
}

/// Values that are there have been met.
fn registers_met(held: &Registers, low: Value, high: Value) -> bool {
    let mut with_both = held.clone();
    with_both.push(low);
    with_both.push(high);
    with_both == *held
}

/// The first bin that is not empty is that of the smallest value, and the last that of the largest.
fn bins_end_at(bins: &BinCounts, low: Value, high: Value) -> bool {
    let only = |value| {
        let mut only = BinCounts::from(bins.edges().clone());
        only.push_times(value, 1);
        only
    };
    let first = |bins: &BinCounts| in_order(bins).position(|count| count > 0);
    let last = |bins: &BinCounts| in_order(bins).rev().position(|count| count > 0);
    first(bins) == first(&only(low)) && last(bins) == last(&only(high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Accumulator, Bins, Plan, Probability, Statistic};

    fn states(values: &[f64]) -> FixedStates {
        let plan = Plan::new(Statistic::ALL.iter().copied())
            .with_approx_quantiles([Probability::HALF])
            .with_histogram(Bins::edges([0.0, 2.0, 5.0]).unwrap());
        let mut accumulator = Accumulator::new(&plan);
        accumulator.update(values).unwrap();
        accumulator.into_partial().fixed
    }

    /// Leaves one state.
    type Only = fn(FixedStates) -> FixedStates;

    const LOGS: Only = |it| FixedStates { logs: it.logs, ..FixedStates::default() };
    const RECIPROCALS: Only =
        |it| FixedStates { reciprocals: it.reciprocals, ..FixedStates::default() };
    const EXPONENTIAL: Only =
        |it| FixedStates { exponential: it.exponential, ..FixedStates::default() };
    const REGISTERS: Only = |it| FixedStates { registers: it.registers, ..FixedStates::default() };
    const BINS: Only = |it| FixedStates { bins: it.bins, ..FixedStates::default() };

    #[test]
    fn a_state_of_other_values_does_not_fit_the_extremes() {
        let cases: [(Only, [f64; 3], [f64; 3]); 13] = [
            (LOGS, [1.0, 2.0, 4.0], [4.0, 4.0, 8.0]),
            (LOGS, [1.0, 2.0, 4.0], [0.5, 0.5, 1.0]),
            (LOGS, [-1.0, 2.0, 4.0], [1.0, 2.0, 4.0]),
            (LOGS, [-1.0, 2.0, 4.0], [-1.0, -2.0, -4.0]),
            (RECIPROCALS, [1.0, 2.0, 4.0], [0.5, 1.0, 1.0]),
            (RECIPROCALS, [-1.0, -2.0, -4.0], [-0.5, -1.0, -1.0]),
            (RECIPROCALS, [-0.0, 2.0, 4.0], [1.0, 2.0, 4.0]),
            (EXPONENTIAL, [1.0, 2.0, 4.0], [1.0, 2.0, 8.0]),
            (EXPONENTIAL, [-1.0, 2.0, 4.0], [-2.0, 2.0, 4.0]),
            (REGISTERS, [1.0, 2.0, 4.0], [1.0, 2.0, 8.0]),
            (BINS, [1.0, 3.0, 4.0], [3.0, 3.0, 4.0]),
            (BINS, [1.0, 3.0, 4.0], [1.0, 3.0, 6.0]),
            (BINS, [-1.0, 3.0, 4.0], [0.0, 3.0, 4.0]),
        ];
        for (only, truth, lie) in cases {
            let (low, high) = (
                truth.iter().min_by(|a, b| a.total_cmp(b)),
                truth.iter().max_by(|a, b| a.total_cmp(b)),
            );
            let (low, high) = (Value::from(low.unwrap()), Value::from(high.unwrap()));
            assert!(fit_extremes(&only(states(&truth)), 3, low, high), "{truth:?}");
            let lie_states = only(states(&lie));
            assert!(
                fit_count(&lie_states, 3) && !fit_extremes(&lie_states, 3, low, high),
                "{lie:?}"
            );
        }
    }

    #[test]
    fn states_that_disagree_about_signs_do_not_fit_the_count() {
        let (truth, lie) = (states(&[-1.0, 0.0, 2.0]), states(&[-1.0, -1.0, 2.0]));
        assert!(fit_count(&truth, 3) && !fit_count(&truth, 4));
        assert!(!fit_count(&FixedStates { logs: lie.logs, ..truth.clone() }, 3));
        assert!(!fit_count(&FixedStates { reciprocals: lie.reciprocals, ..truth.clone() }, 3));
        assert!(!fit_count(&FixedStates { exponential: lie.exponential, ..truth }, 3));
    }
}
