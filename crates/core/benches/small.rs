//! What a few values cost, from the slice to the results: the exact sum and the default plan beside the
//! plain loops, in nanoseconds a call.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use exacta::{Accumulator, Plan, Statistic};
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

fn planned(plan: &Plan, values: &[f64]) -> exacta::Summary {
    let mut accumulator = Accumulator::new(plan);
    accumulator.update(values).expect("nothing is rejected");
    accumulator.into_partial().finalize(plan).expect("the accumulator was made for this plan")
}

fn small(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("small");
    let sum = Plan::new([Statistic::Sum]);
    for length in [1, 8, 64, 256, 1024] {
        let values = uniform(length);
        group.bench_function(BenchmarkId::new("naive sum", length), |b| {
            b.iter(|| black_box(&values).iter().sum::<f64>());
        });
        group.bench_function(BenchmarkId::new("sum", length), |b| {
            b.iter(|| exacta::sum(black_box(&values)));
        });
        group.bench_function(BenchmarkId::new("sum by plan", length), |b| {
            b.iter(|| planned(&sum, black_box(&values)));
        });
        group.bench_function(BenchmarkId::new("summarize", length), |b| {
            b.iter(|| exacta::summarize(black_box(&values)));
        });
    }
    group.finish();
}

criterion_group!(benches, small);
criterion_main!(benches);
