//! Every exact statistic of one column, every quantile method, given edges and exact values against big integers of
//! another library, without any of our arithmetic: a result is right when the exact value lies between the midpoints to
//! its two neighbours, on an even result perhaps on one.
//!
//! Elsewhere: bins by rules (`histogram.rs`), pairs and weights (`pairs.rs`), decimals (`decimals.rs`), and what has a
//! bound instead of one right answer, the means of logarithms and reciprocals and the sketches (`laws.rs`, and where they
//! are computed).

use exacta::{
    Accumulator, Bins, Outcome, Plan, Probability, QuantileMethod, Reason, Statistic, Summary,
    Value,
};
use num_bigint::BigInt;
use proptest::prelude::*;
use std::cmp::Ordering;
use std::fmt::Display;

/// A quotient of integers with a positive divisor.
#[derive(Clone, Debug)]
struct Fraction(BigInt, BigInt);

impl Fraction {
    fn of(value: f64) -> Self {
        let bits = value.to_bits();
        let (field, fraction) = ((bits >> 52 & 0x7ff) as i64, bits & ((1 << 52) - 1));
        let significand = if field == 0 { fraction } else { fraction | 1 << 52 };
        let sign = if value.is_sign_negative() { -1 } else { 1 };
        let scaled = (BigInt::from(significand) * sign) << (field.max(1) - 1);
        Self(scaled, BigInt::from(1) << 1074)
    }

    /// The number half way from `value` to the next one with that magnitude's bits plus one.
    fn midpoint_above(magnitude_bits: u64) -> Self {
        let (low, high) = (f64::from_bits(magnitude_bits), magnitude_bits + 1);
        let Self(low, scale) = Self::of(low);
        let high = if high == f64::INFINITY.to_bits() {
            BigInt::from(1) << (1024 + 1074)
        } else {
            Self::of(f64::from_bits(high)).0
        };
        Self(low + high, scale * 2)
    }

    fn squared(self) -> Self {
        Self(&self.0 * &self.0, &self.1 * &self.1)
    }

    fn compare(&self, other: &Self) -> Ordering {
        (&self.0 * &other.1).cmp(&(&other.0 * &self.1))
    }
}

/// A value, and what it is as a multiple of 2^-1074.
#[derive(Clone, Debug)]
struct Number(Value, BigInt);

impl From<f64> for Number {
    fn from(value: f64) -> Self {
        Self(value.into(), Fraction::of(value).0)
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(value.into(), BigInt::from(value) << 1074)
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        Self(value.into(), BigInt::from(value) << 1074)
    }
}

/// What a statistic is exactly.
enum Exact {
    Number(Fraction),
    /// The root of a number, with the sign of another.
    Root(Fraction, bool),
}

fn check(summary: &Summary, statistic: Statistic, exact: Exact) {
    check_outcome(&statistic, summary.get(statistic).unwrap(), exact);
}

/// A result that may be an element of the data, a negative zero among them.
fn check_element(summary: &Summary, statistic: Statistic, exact: Exact) {
    check_zero_or(&statistic, summary.get(statistic).unwrap(), exact);
}

fn check_zero_or(statistic: &dyn Display, outcome: Outcome, exact: Exact) {
    let is_zero = outcome.value() == Some(0.0);
    check_outcome(statistic, if is_zero { Outcome::Finite(0.0) } else { outcome }, exact);
}

fn check_outcome(statistic: &dyn Display, outcome: Outcome, exact: Exact) {
    let value = outcome.value().unwrap();
    let (magnitude, negative, is_root) = match exact {
        Exact::Number(Fraction(n, d)) => {
            let negative = n < BigInt::ZERO;
            (Fraction(if negative { -n } else { n }, d), negative, false)
        }
        Exact::Root(square, negative) => (square, negative, true),
    };
    let power = |fraction: Fraction| if is_root { fraction.squared() } else { fraction };
    let bits = value.abs().to_bits();
    let even = bits.is_multiple_of(2);
    let fits =
        |order: Ordering, wanted: Ordering| order == wanted || order == Ordering::Equal && even;
    if value.is_finite() {
        let above = power(Fraction::midpoint_above(bits));
        assert!(
            fits(magnitude.compare(&above), Ordering::Less),
            "{statistic} = {value:e}: too small"
        );
    }
    if bits > 0 {
        let below = power(Fraction::midpoint_above(bits - 1));
        assert!(
            fits(magnitude.compare(&below), Ordering::Greater),
            "{statistic} = {value:e}: too large"
        );
        assert_eq!(value.is_sign_negative(), negative, "{statistic}");
    } else {
        assert_eq!(value.to_bits(), 0, "{statistic}: a zero is positive");
    }
}

fn summary_of(plan: &Plan, values: &[Number]) -> Summary {
    let mut accumulator = Accumulator::new(plan);
    values.iter().for_each(|Number(value, _)| accumulator.push(*value).unwrap());
    accumulator.into_partial().finalize(plan).unwrap()
}

fn check_all(values: &[Number]) {
    let plan = Plan::new(Statistic::ALL.iter().copied()).with_exact();
    let summary = summary_of(&plan, values);
    let scaled: Vec<BigInt> = values.iter().map(|Number(_, scaled)| scaled.clone()).collect();
    let scale = BigInt::from(1) << 1074;
    let scale_squared: BigInt = &scale * &scale;
    let (n, sum) = (BigInt::from(values.len()), scaled.iter().sum::<BigInt>());
    let squares: BigInt = scaled.iter().map(|value| value * value).sum();
    let spread: BigInt = &n * &squares - &sum * &sum; // n² times the population variance
    let (min, max) = (scaled.iter().min().unwrap(), scaled.iter().max().unwrap());
    assert_eq!(summary.get(Statistic::Count), Some(Outcome::Count(values.len() as u64)));
    let number = |n: &BigInt, d: &BigInt| Exact::Number(Fraction(n.clone(), d.clone()));
    let root = |n: &BigInt, d: &BigInt| Exact::Root(Fraction(n.clone(), d.clone()), false);
    check(&summary, Statistic::Sum, number(&sum, &scale));
    check(&summary, Statistic::Mean, number(&sum, &(&scale * &n)));
    check_element(&summary, Statistic::Min, number(min, &scale));
    check_element(&summary, Statistic::Max, number(max, &scale));
    check(&summary, Statistic::Range, number(&(max - min), &scale));
    check(&summary, Statistic::SumSquares, number(&squares, &scale_squared));
    check(&summary, Statistic::Rms, root(&squares, &(&scale_squared * &n)));
    let pop = &scale_squared * &n * &n;
    check(&summary, Statistic::VariancePop, number(&spread, &pop));
    check(&summary, Statistic::StddevPop, root(&spread, &pop));
    for (statistic, n, d) in [
        (Statistic::Sum, &sum, &scale),
        (Statistic::SumSquares, &squares, &scale_squared),
        (Statistic::Min, min, &scale),
        (Statistic::Max, max, &scale),
        (Statistic::Range, &(max - min), &scale),
    ] {
        check_exact(&summary, statistic, &Fraction(n.clone(), d.clone()));
    }
    check_central_moments(&summary, &scaled);
    check_holistic(&summary, scaled.clone());
    if values.len() < 2 {
        return;
    }
    let less = &n - 1;
    let sample = &scale_squared * &n * &less;
    check(&summary, Statistic::Variance, number(&spread, &sample));
    check(&summary, Statistic::Stddev, root(&spread, &sample));
    check(&summary, Statistic::Sem, root(&spread, &(&sample * &n)));
    if sum != BigInt::ZERO {
        let square = Fraction(&n * &spread, &less * &sum * &sum);
        check(&summary, Statistic::Cv, Exact::Root(square, sum < BigInt::ZERO));
    }
}

/// The decimal that is given for a statistic is its value, nothing rounded.
fn check_exact(summary: &Summary, statistic: Statistic, Fraction(n, d): &Fraction) {
    let text = summary.exact(statistic).unwrap().to_string();
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let integer: BigInt = format!("{whole}{fraction}").parse().unwrap();
    let power = exponent.parse::<i32>().unwrap() - fraction.len() as i32;
    let ten = |power: i32| BigInt::from(10).pow(power.max(0) as u32);
    assert_eq!(integer * ten(power) * d, n * ten(-power), "{statistic} = {text}");
}

/// Skewness and kurtosis by sums of powers of deviations, each n times what it is.
fn check_central_moments(summary: &Summary, scaled: &[BigInt]) {
    let n = BigInt::from(scaled.len());
    let sum: BigInt = scaled.iter().sum();
    let [two, three, four] =
        [2, 3, 4].map(|k| scaled.iter().map(|x| (&n * x - &sum).pow(k)).sum::<BigInt>());
    if two == BigInt::ZERO {
        for statistic in [Statistic::Skewness, Statistic::Kurtosis] {
            assert_eq!(summary.get(statistic), Some(Outcome::Undefined(Reason::ZeroVariance)));
        }
        return;
    }
    let g1_square = Fraction(&three * &three * &n, two.pow(3));
    let negative = three < BigInt::ZERO;
    let g2 = Fraction(&n * &four - 3 * two.pow(2), two.pow(2));
    if scaled.len() >= 3 {
        let Fraction(numerator, denominator) = &g1_square;
        let less: BigInt = &n - 2;
        let square = Fraction(&n * (&n - 1) * numerator, less.pow(2) * denominator);
        check(summary, Statistic::SkewnessSample, Exact::Root(square, negative));
    }
    if scaled.len() >= 4 {
        let Fraction(numerator, denominator) = &g2;
        let corrected = (&n - 1) * ((&n + 1) * numerator + 6 * denominator);
        let divisor = (&n - 2) * (&n - 3) * denominator;
        check(summary, Statistic::KurtosisSample, Exact::Number(Fraction(corrected, divisor)));
    }
    check(summary, Statistic::Skewness, Exact::Root(g1_square, negative));
    check(summary, Statistic::Kurtosis, Exact::Number(g2));
}

/// What needs all values, by sorting them.
fn check_holistic(summary: &Summary, mut scaled: Vec<BigInt>) {
    let scale = BigInt::from(1) << 1074;
    scaled.sort();
    // Four times the quantile at i/4.
    let quartile = |i: usize| {
        let (place, weight) = ((scaled.len() - 1) * i / 4, (scaled.len() - 1) * i % 4);
        let next = &scaled[(place + 1).min(scaled.len() - 1)];
        &scaled[place] * (4 - weight) + next * weight
    };
    let twice_median =
        |sorted: &[BigInt]| &sorted[(sorted.len() - 1) / 2] + &sorted[sorted.len() / 2];
    check(summary, Statistic::Iqr, Exact::Number(Fraction(quartile(3) - quartile(1), &scale * 4)));
    let centre = twice_median(&scaled);
    check_element(summary, Statistic::Median, Exact::Number(Fraction(centre.clone(), &scale * 2)));
    let mut deviations: Vec<BigInt> = scaled
        .iter()
        .map(|x| if 2 * x > centre { 2 * x - &centre } else { &centre - 2 * x })
        .collect();
    deviations.sort();
    check(summary, Statistic::Mad, Exact::Number(Fraction(twice_median(&deviations), &scale * 4)));
    let frequency = |x: &BigInt| scaled.iter().filter(|other| *other == x).count();
    let mode = scaled.iter().rev().max_by_key(|x| frequency(x)).unwrap().clone();
    check(summary, Statistic::Mode, Exact::Number(Fraction(mode, scale)));
    scaled.dedup();
    assert_eq!(summary.get(Statistic::Distinct), Some(Outcome::Count(scaled.len() as u64)));
}

/// One quantile by every method: h·24b as an integer, for p = a/b.
fn check_quantiles(values: &[Number], (a, b): (u64, u64)) {
    let mut scaled: Vec<BigInt> = values.iter().map(|Number(_, scaled)| scaled.clone()).collect();
    scaled.sort();
    let (n, a, b) = (scaled.len() as i64, a as i64, b as i64);
    let at = |rank: i64| &scaled[(rank.clamp(1, n) - 1) as usize];
    let upper = (n * a + b - 1) / b; // ⌈np⌉
    let nearest = (n * a * 2 + b) / (2 * b);
    let is_tie = (n * a * 2 + b) % (2 * b) == 0;
    for method in QuantileMethod::ALL {
        let interpolated = |alpha: i64, beta: i64| {
            let h = ((24 * n + alpha) * a + beta * b).clamp(24 * b, 24 * b * n);
            let (rank, weight) = (h / (24 * b), h % (24 * b));
            Fraction(at(rank) * (24 * b - weight) + at(rank + 1) * weight, BigInt::from(24 * b))
        };
        let Fraction(numerator, denominator) = match method {
            QuantileMethod::InvertedCdf => Fraction(at(upper).clone(), 1.into()),
            QuantileMethod::AveragedInvertedCdf if n * a % b != 0 => {
                Fraction(at(upper).clone(), 1.into())
            }
            QuantileMethod::AveragedInvertedCdf => Fraction(at(upper) + at(upper + 1), 2.into()),
            QuantileMethod::ClosestObservation => {
                let rank = nearest - i64::from(is_tie && nearest % 2 == 1);
                Fraction(at(rank).clone(), 1.into())
            }
            QuantileMethod::InterpolatedInvertedCdf => interpolated(0, 0),
            QuantileMethod::Hazen => interpolated(0, 12),
            QuantileMethod::Weibull => interpolated(24, 0),
            QuantileMethod::Linear => interpolated(-24, 24),
            QuantileMethod::MedianUnbiased => interpolated(8, 8),
            QuantileMethod::NormalUnbiased => interpolated(6, 9),
        };
        let probability = Probability::ratio(a as u64, b as u64).unwrap();
        let plan = Plan::new([]).with_quantiles([probability]).with_quantile_method(*method);
        let found = summary_of(&plan, values).quantile(probability).unwrap();
        let exact = Exact::Number(Fraction(numerator, denominator << 1074));
        check_zero_or(&format_args!("{a}/{b} by {method}"), found, exact);
    }
}

/// Counts between edges that are there before the values.
fn check_histogram(values: &[Number], edges: &[f64]) {
    let plan = Plan::new([]).with_histogram(Bins::edges(edges.iter().copied()).unwrap());
    let summary = summary_of(&plan, values);
    let found = summary.histogram().unwrap().unwrap();
    let edges: Vec<BigInt> = edges.iter().map(|edge| Fraction::of(*edge).0).collect();
    let below = |edge: &BigInt| values.iter().filter(|Number(_, x)| x < edge).count() as u64;
    let (first, last) = (&edges[0], &edges[edges.len() - 1]);
    let over = values.iter().filter(|Number(_, x)| x > last).count() as u64;
    let mut expected: Vec<u64> =
        edges.windows(2).map(|pair| below(&pair[1]) - below(&pair[0])).collect();
    *expected.last_mut().unwrap() += values.len() as u64 - over - below(last);
    assert_eq!((found.under, &found.counts, found.over), (below(first), &expected, over));
}

/// Integers of 64 bits, most of them no binary64.
fn integer() -> impl Strategy<Value = Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        (u64::MAX - 9..).prop_map(Number::from),
        (-5i64..5).prop_map(|off| Number::from((1i64 << 53) + off)),
        (0i64..5).prop_map(|off| Number::from(i64::MIN + off)),
    ]
}

/// Columns of floats, of integers, and of both.
fn numbers() -> impl Strategy<Value = Vec<Number>> {
    let float = || finite().prop_map(Number::from);
    prop_oneof![
        3 => prop::collection::vec(float(), 1..12),
        3 => ill_conditioned().prop_map(|values| values.into_iter().map(Number::from).collect()),
        1 => prop::collection::vec(integer(), 1..12),
        1 => prop::collection::vec(prop_oneof![integer(), float()], 1..12),
    ]
}

fn finite() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => any::<u64>().prop_map(f64::from_bits).prop_filter("finite", |x| x.is_finite()),
        2 => -1e3..1e3,
        2 => (0u64..1 << 53).prop_map(f64::from_bits),
        2 => (-40i32..40, -2i64..=2).prop_map(|(e, ulps)| {
            f64::from_bits(2f64.powi(e).to_bits().wrapping_add_signed(ulps))
        }),
        1 => prop_oneof![Just(f64::MAX), Just(f64::MIN), Just(f64::from_bits(1)), Just(-0.0)],
    ]
}

/// Values near each other, where the textbook formula in floats loses everything.
fn ill_conditioned() -> impl Strategy<Value = Vec<f64>> {
    (finite(), prop::collection::vec(-50i64..50, 1..12)).prop_map(|(centre, ulps)| {
        let near = |ulps: &i64| f64::from_bits(centre.to_bits().wrapping_add_signed(*ulps));
        ulps.iter().map(near).filter(|value| value.is_finite()).chain([centre]).collect()
    })
}

proptest! {
    #[test]
    fn results_are_nearest_to_the_exact_values(values in numbers()) {
        check_all(&values);
    }

    #[test]
    fn quantiles_are_nearest_by_every_method(
        values in numbers(), denominator in 1u64..200, numerator in any::<prop::sample::Index>(),
    ) {
        let numerator = numerator.index(denominator as usize + 1) as u64;
        check_quantiles(&values, (numerator, denominator));
    }

    /// Some edges are values, or next to one.
    #[test]
    fn bins_hold_what_lies_between_their_edges(
        values in numbers(), edges in prop::collection::vec(finite(), 1..5), off in 0i64..3,
    ) {
        let near = values.iter().map(|Number(value, _)| value.to_f64());
        let near = near.map(|value| f64::from_bits(value.to_bits().wrapping_add_signed(off - 1)));
        let mut edges: Vec<f64> = near.chain(edges).chain([1e300]).filter(|x| x.is_finite()).collect();
        edges.sort_by(f64::total_cmp);
        edges.dedup();
        prop_assume!(edges.len() >= 2);
        check_histogram(&values, &edges);
    }
}

/// Every multiset of up to four of these: all ways in which zeros, ends and neighbours can meet.
#[test]
fn every_short_multiset_of_extreme_values() {
    let tiny = f64::from_bits(1);
    let next = 1.0 + f64::EPSILON;
    let extreme = [0.0, -0.0, tiny, -tiny, f64::MIN_POSITIVE, 1.0, next, -1.0, f64::MAX, f64::MIN];
    let mut stack: Vec<(usize, Vec<f64>)> = vec![(0, Vec::new())];
    while let Some((first, values)) = stack.pop() {
        if !values.is_empty() {
            check_all(&values.iter().copied().map(Number::from).collect::<Vec<_>>());
        }
        if values.len() < 4 {
            stack.extend(
                (first..extreme.len())
                    .map(|index| (index, [&values[..], &[extreme[index]]].concat())),
            );
        }
    }
}
