//! Pairs of columns, and columns with weights: against big integers that sum deviations from the mean, and the
//! laws of their partials.

use exacta::{
    Column, Nonfinite, Outcome, PairAccumulator, PairPartial, PairStatistic, Partial, Plan, Reason,
    Statistic, Validity, Value, WeightedAccumulator, WeightedPartial, WeightedStatistic,
};
use num_bigint::BigInt;
use proptest::prelude::*;
use std::cmp::Ordering;

/// The number as an integer of 2^-1074.
fn scaled(value: f64) -> BigInt {
    let bits = value.to_bits();
    let (field, fraction) = (bits >> 52 & 0x7ff, bits & ((1 << 52) - 1));
    let significand = if field == 0 { fraction } else { fraction | 1 << 52 };
    let magnitude = BigInt::from(significand) << (field.max(1) - 1);
    if value.is_sign_negative() { -magnitude } else { magnitude }
}

/// Twice the number half way from a magnitude to the one above it, in 2^-1074.
fn twice_midpoint(magnitude_bits: u64) -> BigInt {
    let above = f64::from_bits(magnitude_bits + 1);
    let above = if above.is_finite() { scaled(above) } else { BigInt::from(1) << (1024 + 1074) };
    scaled(f64::from_bits(magnitude_bits)) + above
}

/// Checks that an outcome is the rounded (`numerator` / `denominator`)^(1/`root`), the sign being that of
/// the numerator.
fn check(outcome: Outcome, numerator: &BigInt, denominator: &BigInt, root: u32) {
    let value = outcome.value().unwrap();
    let negative = (numerator < &BigInt::ZERO) != (denominator < &BigInt::ZERO);
    let magnitude = |x: &BigInt| if *x < BigInt::ZERO { -x } else { x.clone() };
    let (numerator, denominator) = (magnitude(numerator), magnitude(denominator));
    let bits = value.abs().to_bits();
    let unit: BigInt = BigInt::from(1) << 1075;
    let compare =
        |midpoint: BigInt| (&numerator * unit.pow(root)).cmp(&(&denominator * midpoint.pow(root)));
    let fits = |found: Ordering, wanted| {
        found == wanted || found == Ordering::Equal && bits.is_multiple_of(2)
    };
    if value.is_finite() {
        assert!(fits(compare(twice_midpoint(bits)), Ordering::Less), "{value:e} is too small");
    }
    if bits > 0 {
        assert!(
            fits(compare(twice_midpoint(bits - 1)), Ordering::Greater),
            "{value:e} is too large"
        );
        assert_eq!(value.is_sign_negative(), negative);
    } else {
        assert_eq!(value.to_bits(), 0);
    }
}

fn finite() -> impl Strategy<Value = f64> {
    prop_oneof![
        2 => any::<f64>().prop_filter("finite", |x| x.is_finite()),
        3 => -1e3..1e3,
        2 => (-3i8..3).prop_map(f64::from),
        1 => 1e15..1e15 + 9.0,
        1 => prop_oneof![Just(f64::MAX), Just(f64::MIN), Just(5e-324), Just(-0.0)],
    ]
}

fn pair_partial(rows: &[(f64, f64)]) -> PairPartial {
    let mut pairs = PairAccumulator::default();
    rows.iter().for_each(|(x, y)| pairs.push(*x, *y).unwrap());
    pairs.into_partial()
}

fn weighted_partial(rows: &[(f64, f64)]) -> WeightedPartial {
    let mut weighted = WeightedAccumulator::default();
    rows.iter().for_each(|(x, w)| weighted.push(*x, w.abs()).unwrap());
    weighted.into_partial()
}

proptest! {
    #[test]
    fn pairs_are_nearest_to_the_exact_values(rows in prop::collection::vec((finite(), finite()), 1..9)) {
        let summary = pair_partial(&rows).finalize(Nonfinite::Propagate).unwrap();
        let n = BigInt::from(rows.len());
        let (xs, ys): (Vec<BigInt>, Vec<BigInt>) =
            rows.iter().map(|(x, y)| (scaled(*x), scaled(*y))).unzip();
        let (sum_x, sum_y): (BigInt, BigInt) = (xs.iter().sum(), ys.iter().sum());
        // n times the deviations.
        let (dx, dy): (Vec<BigInt>, Vec<BigInt>) =
            (xs.iter().map(|x| &n * x - &sum_x).collect(), ys.iter().map(|y| &n * y - &sum_y).collect());
        let dot = |a: &[BigInt], b: &[BigInt]| a.iter().zip(b).map(|(a, b)| a * b).sum::<BigInt>();
        let (sxy, sxx, syy) = (dot(&dx, &dy), dot(&dx, &dx), dot(&dy, &dy));
        let square: BigInt = BigInt::from(1) << 2148;
        let get = |statistic| summary.get(statistic);
        check(get(PairStatistic::CovariancePop), &sxy, &(n.pow(3) * &square), 1);
        if rows.len() < 2 {
            prop_assert_eq!(get(PairStatistic::Slope), Outcome::Undefined(Reason::TooFew));
            return Ok(());
        }
        check(get(PairStatistic::Covariance), &sxy, &(n.pow(2) * (&n - 1) * &square), 1);
        if sxx == BigInt::ZERO {
            prop_assert_eq!(get(PairStatistic::Slope), Outcome::Undefined(Reason::ZeroVariance));
            prop_assert_eq!(get(PairStatistic::Intercept), Outcome::Undefined(Reason::ZeroVariance));
            return Ok(());
        }
        check(get(PairStatistic::Slope), &sxy, &sxx, 1);
        let unit: BigInt = BigInt::from(1) << 1074;
        check(get(PairStatistic::Intercept), &(&sum_y * &sxx - &sxy * &sum_x), &(&n * &sxx * unit), 1);
        if syy == BigInt::ZERO {
            prop_assert_eq!(get(PairStatistic::Correlation), Outcome::Undefined(Reason::ZeroVariance));
        } else {
            let magnitude = if sxy < BigInt::ZERO { -&sxy } else { sxy.clone() };
            check(get(PairStatistic::Correlation), &(&sxy * magnitude), &(sxx * syy), 2);
        }
    }

    #[test]
    fn weights_are_nearest_to_the_exact_values(rows in prop::collection::vec((finite(), finite()), 1..9)) {
        let summary = weighted_partial(&rows).finalize(Nonfinite::Propagate).unwrap();
        let rows: Vec<(BigInt, BigInt)> =
            rows.iter().map(|(x, w)| (scaled(*x), scaled(w.abs()))).collect();
        let total: BigInt = rows.iter().map(|(_, w)| w).sum();
        let sum: BigInt = rows.iter().map(|(x, w)| x * w).sum();
        let get = |statistic| summary.get(statistic);
        let none = Outcome::Undefined(Reason::ZeroWeight);
        if total == BigInt::ZERO {
            prop_assert_eq!(get(WeightedStatistic::WeightedMean), none);
            return Ok(());
        }
        let unit: BigInt = BigInt::from(1) << 1074;
        check(get(WeightedStatistic::WeightedMean), &sum, &(&total * &unit), 1);
        // (Σw)² times Σw(x − μ)².
        let spread: BigInt =
            rows.iter().map(|(x, w)| { let d: BigInt = &total * x - &sum; w * &d * &d }).sum();
        let pop = total.pow(3) * unit.pow(2);
        check(get(WeightedStatistic::WeightedVariancePop), &spread, &pop, 1);
        if total <= unit {
            prop_assert_eq!(get(WeightedStatistic::WeightedVariance), none);
        } else {
            let sample = total.pow(2) * (&total - &unit) * unit.pow(2);
            check(get(WeightedStatistic::WeightedVariance), &spread, &sample, 1);
        }
    }

    #[test]
    fn any_order_and_cut_gives_the_same_partials(
        (rows, moved) in prop::collection::vec((any::<f64>(), finite()), 0..20)
            .prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        cut in any::<prop::sample::Index>(),
    ) {
        let (left, right) = moved.split_at(cut.index(moved.len() + 1));
        let mut pairs = pair_partial(left);
        pairs.merge(pair_partial(right)).unwrap();
        prop_assert_eq!(pairs, pair_partial(&rows));
        let mut weighted = weighted_partial(left);
        weighted.merge(weighted_partial(right)).unwrap();
        prop_assert_eq!(weighted, weighted_partial(&rows));
    }

    /// Whole weights are repetitions.
    #[test]
    fn frequencies_are_repetitions(rows in prop::collection::vec((finite(), 0usize..4), 1..9)) {
        let repeated: Vec<f64> =
            rows.iter().flat_map(|(x, times)| std::iter::repeat_n(*x, *times)).collect();
        prop_assume!(repeated.len() > 1);
        let plan = Plan::new([Statistic::Mean, Statistic::Variance, Statistic::VariancePop]);
        let expected = plan.summarize(&repeated).unwrap();
        let (xs, times): (Vec<f64>, Vec<u64>) = rows.iter().map(|(x, n)| (*x, *n as u64)).unzip();
        let mut weighted = WeightedAccumulator::default();
        weighted.update(&xs, &times).unwrap();
        let found = weighted.into_partial().finalize(Nonfinite::Propagate).unwrap();
        for (statistic, (_, expected)) in WeightedStatistic::ALL.iter().zip(expected.statistics()) {
            prop_assert_eq!(found.get(*statistic).bits(), expected.bits(), "{}", statistic);
        }
    }
}

/// Rows, some of them with what is not finite in either place, or nothing.
fn any_row() -> impl Strategy<Value = Option<(f64, f64)>> {
    let nonfinite = prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(f64::NEG_INFINITY)];
    prop_oneof![
        8 => (finite(), finite()).prop_map(Some),
        1 => (nonfinite, finite()).prop_map(Some),
        1 => Just(None),
    ]
}

fn any_pairs(rows: &[Option<(f64, f64)>]) -> PairPartial {
    let mut pairs = PairAccumulator::default();
    for row in rows {
        match row {
            Some((x, y)) => pairs.push(*y, *x).unwrap(),
            None => pairs.push_null(),
        }
    }
    pairs.into_partial()
}

fn any_weighted(rows: &[Option<(f64, f64)>]) -> WeightedPartial {
    let mut weighted = WeightedAccumulator::default();
    for row in rows {
        match row {
            Some((x, w)) => weighted.push(*x, w.abs()).unwrap(),
            None => weighted.push_null(),
        }
    }
    weighted.into_partial()
}

/// The laws of a partial of rows, whatever its type.
macro_rules! check_laws {
    ($type:ty, $of:expr, $rows:expr, $cut:expr) => {{
        let (rows, of) = ($rows, $of);
        let (left, right) = rows.split_at($cut.min(rows.len()));
        let (whole, [left, right]) = (of(&rows), [left, right].map(of));
        let reversed: Vec<_> = rows.iter().copied().rev().collect();
        prop_assert_eq!(of(&reversed).to_bytes(), whole.to_bytes());
        let (mut forth, mut back) = (left.clone(), right.clone());
        forth.merge(right.clone()).unwrap();
        back.merge(left.clone()).unwrap();
        prop_assert_eq!(forth.to_bytes(), whole.to_bytes());
        prop_assert_eq!(back.to_bytes(), whole.to_bytes());
        back.subtract(&left).unwrap();
        prop_assert_eq!(back.to_bytes(), right.to_bytes());
        back.subtract(&right).unwrap();
        prop_assert_eq!(back.to_bytes(), <$type>::default().to_bytes());
        prop_assert_eq!(<$type>::from_bytes(&whole.to_bytes()), Ok(whole.clone()));
        let line = [left.to_bytes(), right.to_bytes(), vec![1, 2, 3]].concat();
        let (first, rest) = <$type>::from_prefix(&line).unwrap();
        let (second, rest) = <$type>::from_prefix(rest).unwrap();
        prop_assert_eq!((first, second, rest), (left, right, &[1, 2, 3][..]));
    }};
}

proptest! {
    #[test]
    fn laws_of_pairs(rows in prop::collection::vec(any_row(), 0..12), cut in 0usize..12) {
        check_laws!(PairPartial, any_pairs, rows, cut);
    }

    #[test]
    fn laws_of_weights(rows in prop::collection::vec(any_row(), 0..12), cut in 0usize..12) {
        check_laws!(WeightedPartial, any_weighted, rows, cut);
    }
}

#[test]
fn what_was_not_taken_in_cannot_be_taken_out() {
    let rows = [(1.0, 2.0), (2.0, 1.0), (4.0, 4.0)];
    let (mut pairs, mut weighted) = (pair_partial(&rows), weighted_partial(&rows));
    let before = (pairs.clone(), weighted.clone());
    for others in [&[(1e9, 2.0)][..], &[(1.0, 2.0); 4], &[(f64::NAN, 1.0)]] {
        let refused = pairs.subtract(&pair_partial(others)).unwrap_err();
        assert_eq!(refused, exacta::Error::NotContained);
        let refused = weighted.subtract(&weighted_partial(others)).unwrap_err();
        assert_eq!(refused, exacta::Error::NotContained);
    }
    assert_eq!((pairs, weighted), before);
}

#[test]
fn a_partial_of_another_kind_says_what_it_is() {
    let [column, pairs, weighted] = [
        Partial::default().to_bytes().unwrap(),
        PairPartial::default().to_bytes(),
        WeightedPartial::default().to_bytes(),
    ];
    let check = |refused: Option<exacta::Error>, expected: &str| {
        let text = refused.unwrap().to_string();
        assert!(text.contains(expected), "{text}");
    };
    check(PairPartial::from_bytes(&column).err(), "of a column, to be read as Partial");
    check(WeightedPartial::from_bytes(&column).err(), "of a column, to be read as Partial");
    check(Partial::from_bytes(&pairs).err(), "read as PairPartial");
    check(WeightedPartial::from_bytes(&pairs).err(), "read as PairPartial");
    check(Partial::from_bytes(&weighted).err(), "read as WeightedPartial");
    check(PairPartial::from_bytes(&weighted).err(), "read as WeightedPartial");
    let unknown = [&column[..5], &[9], &column[6..]].concat();
    check(Partial::from_bytes(&unknown).err(), "a kind that this build does not know");
}

#[test]
fn a_row_is_missing_where_either_is() {
    let (xs, ys) = ([1.0, 2.0, 3.0, 4.0], [1i64, 2, 3, i64::MAX]);
    let mask = |bits: &'static [u8; 1]| Validity::new(bits, 0, 4).unwrap();
    let xs = Column::new(&xs).with_validity(mask(&[0b0111])).unwrap();
    let ys = Column::new(&ys).with_validity(mask(&[0b1110])).unwrap();
    let mut pairs = PairAccumulator::default();
    pairs.update(xs, ys).unwrap();
    assert_eq!((pairs.counts().count, pairs.counts().null), (2, 2));
    let mut weighted = WeightedAccumulator::default();
    weighted.update(xs, ys).unwrap();
    assert_eq!((weighted.counts().count, weighted.counts().null), (2, 2));
    assert_eq!(pairs.update(&[1.0], &[1.0, 2.0]).unwrap_err().code(), "column.length_mismatch");
}

#[test]
fn what_is_not_finite_follows_the_policy() {
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    let rows = [(1.0, 1.0), (2.0, 3.0), (inf, 1.0), (1.0, nan)];
    let partial = pair_partial(&rows);
    let of =
        |partial: &PairPartial, policy| partial.finalize(policy).unwrap().get(PairStatistic::Slope);
    assert_eq!(of(&partial, Nonfinite::Skip), Outcome::Finite(2.0));
    assert_eq!(of(&partial, Nonfinite::Propagate).reason(), Some(Reason::Nan));
    assert_eq!(
        of(&pair_partial(&rows[..3]), Nonfinite::Propagate).reason(),
        Some(Reason::Infinite)
    );
    assert_eq!(partial.finalize(Nonfinite::Reject).unwrap_err().code(), "value.nonfinite");
    let (xs, ys): (Vec<f64>, Vec<f64>) = rows.into_iter().unzip();
    let mut rejecting = PairAccumulator::new(Nonfinite::Reject);
    let error = rejecting.update(&xs, &ys).unwrap_err().to_string();
    assert!(error.contains("inf at index 2"), "{error}");
    let mut taken = PairAccumulator::default();
    taken.update(&xs, &ys).unwrap();
    assert_eq!(taken.into_partial(), partial);
}

#[test]
fn weights_are_finite_and_not_negative() {
    for weight in [-1.0, f64::NAN, f64::INFINITY] {
        let mut weighted = WeightedAccumulator::default();
        let error = weighted.update(&[1.0, 2.0], &[1.0, weight]).unwrap_err();
        assert_eq!(error, exacta::Error::WeightInvalid { index: 1 });
        assert_eq!(weighted.counts().count, 1);
    }
    let mut weighted = WeightedAccumulator::default();
    weighted.update(&[f64::NAN, 5.0], &[1.0, -0.0]).unwrap();
    let partial = weighted.into_partial();
    let mean = |policy| partial.finalize(policy).unwrap().get(WeightedStatistic::WeightedMean);
    assert_eq!(mean(Nonfinite::Propagate).reason(), Some(Reason::Nan));
    assert_eq!(mean(Nonfinite::Skip), Outcome::Undefined(Reason::ZeroWeight));
    let empty = WeightedAccumulator::default().into_partial();
    let outcome = empty.finalize(Nonfinite::Skip).unwrap().get(WeightedStatistic::WeightedMean);
    assert_eq!(outcome, Outcome::Undefined(Reason::Empty));
}

#[test]
fn wide_integers_are_exact_in_rows() {
    let (xs, ys) = ([i64::MAX, i64::MAX - 1, i64::MAX - 2], [u64::MAX, u64::MAX - 3, u64::MAX - 6]);
    let mut pairs = PairAccumulator::default();
    pairs.update(&xs, &ys).unwrap();
    let summary = pairs.into_partial().finalize(Nonfinite::Propagate).unwrap();
    assert_eq!(summary.get(PairStatistic::Slope), Outcome::Finite(3.0));
    assert_eq!(summary.get(PairStatistic::Correlation), Outcome::Finite(1.0));
    let mut weighted = WeightedAccumulator::default();
    weighted.push(Value::from(u64::MAX), u64::MAX).unwrap();
    weighted.push(Value::from(u64::MAX - 2), u64::MAX).unwrap();
    let summary = weighted.into_partial().finalize(Nonfinite::Propagate).unwrap();
    assert_eq!(summary.get(WeightedStatistic::WeightedVariancePop), Outcome::Finite(1.0));
}
