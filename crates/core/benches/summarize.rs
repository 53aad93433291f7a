//! What exactness costs: the default plan beside the sums that everybody writes, on the same numbers in
//! one run. Read the ratios.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use exacta::{Accumulator, Element, Plan, Statistic};
use std::hint::black_box;

/// Numbers in [0, 1) from a fixed seed.
fn uniform(length: usize) -> Vec<f64> {
    let mut state = 1u64;
    let next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    std::iter::repeat_with(next).take(length).collect()
}

/// Count, sum, mean, stddev, min and max in floats, in two passes: not exact, and its order matters.
fn naive(values: &[f64]) -> [f64; 5] {
    let sum: f64 = values.iter().sum();
    let mean = sum / values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    let min = values.iter().copied().fold(f64::INFINITY, f64::min);
    let max = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    [sum, mean, (squares / (values.len() - 1) as f64).sqrt(), min, max]
}

fn exact<T: Element>(plan: &Plan, values: &[T]) -> exacta::Summary {
    let mut accumulator = Accumulator::new(plan);
    accumulator.update(values).expect("nothing is rejected");
    accumulator.into_partial().finalize(plan).expect("the accumulator was made for this plan")
}

fn summarize(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("summarize");
    let plans = [
        ("sum", Plan::new([Statistic::Sum])),
        ("default", Plan::default()),
        ("median", Plan::new([Statistic::Median])),
    ];
    for length in [10, 1_000, 1_000_000] {
        let values = uniform(length);
        group.throughput(Throughput::Bytes(8 * length as u64));
        group.bench_function(BenchmarkId::new("naive", length), |b| {
            b.iter(|| naive(black_box(&values)));
        });
        for (name, plan) in &plans {
            let id = BenchmarkId::new(*name, length);
            group.bench_function(id, |b| b.iter(|| exact(plan, black_box(&values))));
        }
        group.bench_function(BenchmarkId::new("default, threads", length), |b| {
            b.iter(|| exacta::summarize(black_box(&values)));
        });
    }
    group.finish();
}

/// Integers beyond 2^53, as times in nanoseconds are: no binary64 holds them.
fn integers(criterion: &mut Criterion) {
    const LENGTH: usize = 1_000_000;
    let mut group = criterion.benchmark_group("integers");
    group.throughput(Throughput::Elements(LENGTH as u64));
    let second = |fraction: f64| (fraction * 1e15) as i64;
    let times: Vec<_> =
        uniform(LENGTH).into_iter().map(|x| 1_700_000_000_000_000_000 + second(x)).collect();
    group.bench_function("naive", |b| {
        b.iter(|| black_box(&times).iter().map(|time| i128::from(*time)).sum::<i128>());
    });
    for (name, plan) in [("sum", Plan::new([Statistic::Sum])), ("default", Plan::default())] {
        group.bench_function(name, |b| b.iter(|| exact(&plan, black_box(&times))));
    }
    group.finish();
}

criterion_group!(benches, summarize, integers);
criterion_main!(benches);
