//! Every short multiset of a tiny format, through the formulas and the rounding of all results: what is
//! nearest is decided by comparing integers with the midpoints between neighbours.
#![cfg(test)]

use super::{Sample, cv, kurtosis, kurtosis_sample, sem, skewness};
use crate::exact::{Dyadic, Format, Natural, Ratio};
use num_bigint::BigInt;
use std::cmp::Ordering;

/// Eight bits: a sign, four of the exponent, three of the fraction.
struct Binary8;

impl Format for Binary8 {
    const FIELD_BITS: u32 = 4;
    const SIGNIFICAND_BITS: u32 = 4;
}

/// Six bits, for longer multisets.
struct Binary6;

impl Format for Binary6 {
    const FIELD_BITS: u32 = 3;
    const SIGNIFICAND_BITS: u32 = 3;
}

/// Five bits, for what four values are needed for.
struct Binary5;

impl Format for Binary5 {
    const FIELD_BITS: u32 = 3;
    const SIGNIFICAND_BITS: u32 = 2;
}

/// The magnitude of these bits as a multiple of the smallest number; of infinity, what would come next.
fn units<F: Format>(magnitude_bits: u64) -> i64 {
    let fraction_bits = F::SIGNIFICAND_BITS - 1;
    let (field, fraction) =
        (magnitude_bits >> fraction_bits, magnitude_bits % (1 << fraction_bits));
    let hidden = u64::from(field > 0) << fraction_bits;
    ((hidden | fraction) << field.saturating_sub(1)) as i64
}

fn infinity<F: Format>() -> u64 {
    F::FIELD_MAX << (F::SIGNIFICAND_BITS - 1)
}

/// Whether `bits` are those of the number nearest to `n`/`d` units (`d` > 0), or to the root of the absolute
/// value of that with its sign.
fn is_nearest<F: Format>(bits: u64, n: &BigInt, d: &BigInt, is_root: bool) -> bool {
    let sign = 1 << (F::FIELD_BITS + F::SIGNIFICAND_BITS - 1);
    let magnitude = bits % sign;
    // How the value compares with half of the sum of two neighbours, in units.
    let against = |lower: u64| {
        let twice = BigInt::from(units::<F>(lower) + units::<F>(lower + 1));
        let (value, middle): (BigInt, BigInt) = (n.magnitude().clone().into(), twice * d);
        let (left, right): (BigInt, BigInt) =
            if is_root { (value * 4 * d, &middle * &middle) } else { (value * 2, middle) };
        left.cmp(&right)
    };
    let tie_is_ours = magnitude.is_multiple_of(2);
    let fits = |order: Ordering, wanted| order == wanted || order == Ordering::Equal && tie_is_ours;
    (bits == 0 || (bits >= sign) == (*n < BigInt::ZERO))
        && (magnitude == infinity::<F>() || fits(against(magnitude), Ordering::Less))
        && (magnitude == 0 || fits(against(magnitude - 1), Ordering::Greater))
}

fn exact(value: &BigInt, exponent: i32) -> Dyadic {
    let magnitude = Natural::from_le_bytes(&value.magnitude().to_bytes_le());
    Dyadic::new(*value < BigInt::ZERO, &magnitude, exponent)
}

fn power_sum(values: &[i64], power: u32) -> BigInt {
    values.iter().map(|value| BigInt::from(*value).pow(power)).sum()
}

/// How many results were looked at.
fn check<F: Format>(values: &[i64]) -> usize {
    let exponent = F::EXPONENT_MIN as i32;
    let sums = [1, 2, 3, 4].map(|power| power_sum(values, power));
    let power = |k: usize| exact(&sums[k - 1], exponent * k as i32);
    let sample = Sample {
        n: values.len() as u64,
        sum: power(1),
        sum_squares: power(2),
        sum_cubes: power(3),
        sum_fourths: power(4),
        ..Sample::default()
    };
    // n times each distance from the mean, in units: their power sums are n^k times the central ones.
    let n = values.len() as i64;
    let total: i64 = values.iter().sum();
    let centred: Vec<i64> = values.iter().map(|value| n * value - total).collect();
    let [m2, m3, m4] = [2, 3, 4].map(|power| power_sum(&centred, power));
    let (n, one) = (BigInt::from(n), BigInt::from(1));
    let unit = BigInt::from(1) << -exponent; // how many units 1 is
    let mut n_checked = 0;
    let mut check = |name: &str, ratio: Ratio, is_root: bool, n: BigInt, d: BigInt| {
        let bits = if is_root { ratio.round_root_bits::<F>() } else { ratio.round_bits::<F>() };
        let d_positive = if d < BigInt::ZERO { (-n, -d) } else { (n, d) };
        let holds = is_nearest::<F>(bits, &d_positive.0, &d_positive.1, is_root);
        assert!(holds, "{name} of {values:?} units is not {bits:#x}");
        n_checked += 1;
    };
    let [sum, squares, ..] = &sums;
    let ratio = |n: &Dyadic, d: &Dyadic| Ratio::new(n, d);
    check("sum", ratio(&sample.sum, &Dyadic::from(1)), false, sum.clone(), one.clone());
    check("mean", ratio(&sample.sum, &sample.n()), false, sum.clone(), n.clone());
    check(
        "sum_squares",
        ratio(&sample.sum_squares, &Dyadic::from(1)),
        false,
        squares.clone(),
        unit.clone(),
    );
    check("rms", ratio(&sample.sum_squares, &sample.n()), true, squares.clone(), n.clone());
    let (cube, unit_square) = (n.pow(3), unit.pow(2));
    check("variance_pop", sample.variance_pop(), false, m2.clone(), &cube * &unit);
    check("stddev_pop", sample.variance_pop(), true, m2.clone(), cube.clone());
    if values.len() > 1 {
        let d: BigInt = n.pow(2) * (&n - 1);
        check("variance", sample.variance(), false, m2.clone(), &d * &unit);
        check("stddev", sample.variance(), true, m2.clone(), d.clone());
        check("sem", sem::square(&sample), true, m2.clone(), &d * &n);
        if total != 0 {
            let signed = if total < 0 { -&m2 } else { m2.clone() };
            let d: BigInt = (&n - 1) * sum.pow(2);
            check("cv", cv::signed_square(&sample), true, signed * &unit_square, d);
        }
    }
    if m2 != BigInt::ZERO {
        check_shape(&sample, &n, [m2, m3, m4], &unit, &mut check);
    }
    n_checked
}

/// Skewness and kurtosis, of populations and of samples, by the sums of powers of n times the distances from the mean.
fn check_shape(
    sample: &Sample,
    n: &BigInt,
    [m2, m3, m4]: [BigInt; 3],
    unit: &BigInt,
    check: &mut dyn FnMut(&str, Ratio, bool, BigInt, BigInt),
) {
    let square: BigInt = m3.pow(2) * n * unit.pow(2);
    let signed = if m3 < BigInt::ZERO { -square } else { square };
    let g1_square = |numerator: u64, denominator: u64| {
        skewness::signed_square(sample, &Dyadic::from(numerator), &Dyadic::from(denominator))
    };
    check("skewness", g1_square(1, 1), true, signed.clone(), m2.pow(3));
    let excess: BigInt = n * &m4 - 3 * m2.pow(2);
    check("kurtosis", kurtosis::ratio(sample), false, &excess * unit, m2.pow(2));
    if sample.n > 2 {
        let (numerator, denominator) = (sample.n * (sample.n - 1), (sample.n - 2).pow(2));
        let corrected = g1_square(numerator, denominator);
        check("skewness_sample", corrected, true, signed * numerator, m2.pow(3) * denominator);
    }
    if sample.n > 3 {
        let corrected: BigInt = ((n + 1) * excess + 6 * m2.pow(2)) * (n - 1) * unit;
        let denominator = (n - 2) * (n - 3) * m2.pow(2);
        check("kurtosis_sample", kurtosis_sample::ratio(sample), false, corrected, denominator);
    }
}

/// Looks at every multiset of 1 to `length_max` finite numbers of the format; how many results there were.
fn check_all<F: Format>(length_max: usize) -> usize {
    let magnitudes = (0..infinity::<F>()).map(units::<F>);
    let numbers: Vec<i64> = magnitudes.flat_map(|it| [it, -it]).skip(1).collect();
    let mut n_checked = 0;
    let mut stack: Vec<(usize, Vec<i64>)> = vec![(0, Vec::new())];
    while let Some((first, values)) = stack.pop() {
        if !values.is_empty() {
            n_checked += check::<F>(&values);
        }
        if values.len() < length_max {
            let more =
                (first..numbers.len()).map(|it| (it, [&values[..], &[numbers[it]]].concat()));
            stack.extend(more);
        }
    }
    n_checked
}

/// How many numbers more than usual a multiset may have: `EXACTA_EXHAUSTIVE`, one at night. Each of them makes it
/// about a hundred times as many multisets.
fn more() -> usize {
    std::env::var("EXACTA_EXHAUSTIVE").map_or(0, |more| more.parse().expect("a number of numbers"))
}

#[test]
fn every_pair_of_numbers_of_eight_bits() {
    let n_checked = check_all::<Binary8>(2 + more());
    assert!(n_checked > 300_000, "{n_checked}");
}

#[test]
fn every_three_numbers_of_six_bits() {
    let n_checked = check_all::<Binary6>(3 + more());
    assert!(n_checked > 300_000, "{n_checked}");
}

#[test]
fn every_four_numbers_of_five_bits() {
    let n_checked = check_all::<Binary5>(4 + more());
    assert!(n_checked > 300_000, "{n_checked}");
}
