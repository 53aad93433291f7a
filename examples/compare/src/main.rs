//! Small experiments with other crates: the facts of docs/COMPARE.md. `cargo run --release` prints a line for each;
//! the libraries of Python are asked in `peers.py`.

use std::collections::BTreeSet;

use accurate::sum::{Kahan, OnlineExactSum, Sum2};
use accurate::traits::*;
use average::{Estimate, Merge};
use exacta::{Plan, Statistic};
use statrs::statistics::{Data, OrderStatistics, Statistics};
use xsum::{Xsum, XsumLarge, XsumSmall};

/// A function of a column.
type Way = (&'static str, fn(&[f64]) -> f64);

const SUMS: [Way; 8] = [
    ("plain loop", |x| x.iter().sum()),
    ("accurate Kahan", |x| x.iter().copied().sum_with_accumulator::<Kahan<f64>>()),
    ("accurate Sum2", |x| x.iter().copied().sum_with_accumulator::<Sum2<f64>>()),
    ("accurate OnlineExactSum", |x| {
        x.iter().copied().sum_with_accumulator::<OnlineExactSum<f64>>()
    }),
    ("xsum XsumSmall", |x| {
        let mut sum = XsumSmall::new();
        sum.add_list(x);
        sum.sum()
    }),
    ("xsum XsumLarge", |x| {
        let mut sum = XsumLarge::new();
        sum.add_list(x);
        sum.sum()
    }),
    ("statrs mean × n", |x| x.mean() * x.len() as f64),
    ("exacta", |x| exacta::sum(x)),
];

const VARIANCES: [Way; 3] = [
    ("average", |x| x.iter().copied().collect::<average::Variance>().sample_variance()),
    ("statrs", |x| x.variance()),
    ("exacta", |x| {
        let summary = Plan::new([Statistic::Variance]).summarize(x).unwrap();
        summary.get(Statistic::Variance).unwrap().value().unwrap()
    }),
];

fn main() {
    sums();
    orders();
    cuts();
    variances();
    quantiles();
}

fn sums() {
    let quarters: Vec<_> = (0..10_000).map(|i| f64::from(i) * 0.5 + 0.25).collect();
    let columns: [(&str, &[f64]); 4] = [
        ("[-53623]", &[-53623.0]),
        ("i/2 + 1/4 for i < 10^4 (25000000)", &quarters),
        ("[1e16, 1, -1e16]", &[1e16, 1.0, -1e16]),
        ("[1e308, 1e308, -1e308]", &[1e308, 1e308, -1e308]),
    ];
    for (name, values) in columns {
        for (way, sum) in SUMS {
            println!("sum of {name}: {way}: {:?}", sum(values));
        }
    }
}

/// How many different results 20 orders of the same numbers give.
fn orders() {
    let mut values = numbers(100_000);
    let mut results = vec![BTreeSet::new(); SUMS.len() + VARIANCES.len()];
    let mut seed = 1;
    for _ in 0..20 {
        for (results, (_, way)) in results.iter_mut().zip(SUMS.iter().chain(&VARIANCES)) {
            results.insert(way(&values).to_bits());
        }
        for index in (1..values.len()).rev() {
            values.swap(index, (next(&mut seed) % (index as u64 + 1)) as usize);
        }
    }
    let names = SUMS.map(|(name, _)| ("sums", name)).into_iter();
    let names = names.chain(VARIANCES.map(|(name, _)| ("variances", name)));
    for ((what, name), results) in names.zip(results) {
        println!("different {what} of 20 orders: {name}: {}", results.len());
    }
}

/// How many different variances come of cutting the same numbers into two and merging.
fn cuts() {
    let values = numbers(100_000);
    let plan = Plan::new([Statistic::Variance]);
    let mut results = [const { BTreeSet::new() }; 2];
    for cut in (0..values.len()).step_by(5000) {
        let (left, right) = values.split_at(cut);
        let mut merged: average::Variance = left.iter().copied().collect();
        merged.merge(&right.iter().copied().collect());
        results[0].insert(merged.sample_variance().to_bits());
        let [mut left, right] = [left, right].map(|part| {
            let mut accumulator = exacta::Accumulator::new(&plan);
            accumulator.update(part).unwrap();
            accumulator
        });
        left.merge(right).unwrap();
        let summary = left.into_partial().finalize(&plan).unwrap();
        results[1].insert(summary.get(Statistic::Variance).unwrap().value().unwrap().to_bits());
    }
    for (name, results) in ["average", "exacta"].into_iter().zip(results) {
        println!("different variances of 20 cuts in two: {name}: {}", results.len());
    }
}

fn variances() {
    let far: Vec<_> = (0..1000).map(|i| 1e15 + (f64::from(i) * 0.618).fract()).collect();
    let columns: [(&str, &[f64]); 3] = [
        ("1000 numbers in [1e15, 1e15 + 1)", &far),
        ("[1e155, 2e155, 3e155]", &[1e155, 2e155, 3e155]),
        ("[1e-170, 2e-170, 4e-170]", &[1e-170, 2e-170, 4e-170]),
    ];
    for (name, values) in columns {
        for (way, variance) in VARIANCES {
            println!("variance of {name}: {way}: {:?}", variance(values));
        }
        let summary = Plan::new([Statistic::Stddev]).summarize(values).unwrap();
        println!("stddev of {name}: exacta: {:?}", summary.get(Statistic::Stddev).unwrap().value());
    }
}

fn quantiles() {
    let values = [1.0, 2.0, 3.0, 4.0, 10.0];
    let mut estimate = average::Quantile::new(0.3);
    values.iter().for_each(|x| estimate.add(*x));
    println!("quantile 0.3 of {values:?}: average: {:?}", estimate.quantile());
    println!("quantile 0.3 of {values:?}: statrs: {:?}", Data::new(values).quantile(0.3));
    let p = "0.3".parse().unwrap();
    for method in exacta::QuantileMethod::ALL {
        let plan = Plan::new([]).with_quantiles([p]).with_quantile_method(*method);
        let quantile = plan.summarize(&values).unwrap().quantiles()[0].1.value();
        println!("quantile 0.3 of {values:?}: exacta, {method}: {quantile:?}");
    }
}

/// Numbers in [0, 1), always the same.
fn numbers(length: usize) -> Vec<f64> {
    let mut seed = 7;
    std::iter::repeat_with(|| (next(&mut seed) >> 11) as f64 / (1u64 << 53) as f64)
        .take(length)
        .collect()
}

/// The next of a linear congruential sequence.
fn next(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *seed >> 1
}
