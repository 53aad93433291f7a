//! Group-by: exact sums of dense ids beside `sums[id] += value`, and what merging and finalizing a small
//! group costs. Read the ratios.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use exacta::{CompactAccumulator, Groups, Plan, Statistic};
use std::hint::black_box;

const N_ROWS: usize = 10_000_000;

/// Numbers below 2^53 from a fixed seed.
fn random() -> impl Iterator<Item = u64> {
    let mut state = 1u64;
    std::iter::repeat_with(move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 11
    })
}

fn uniform(length: usize) -> Vec<f64> {
    random().map(|bits| bits as f64 / (1u64 << 53) as f64).take(length).collect()
}

fn naive(n_groups: u32, ids: &[u32], values: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0; n_groups as usize];
    ids.iter().zip(values).for_each(|(id, value)| sums[*id as usize] += value);
    sums
}

fn exact(plan: &Plan, n_groups: u32, ids: &[u32], values: &[f64]) -> Vec<exacta::Outcome> {
    let mut groups = Groups::new(plan, n_groups).expect("groups keep what the plan needs");
    groups.update(ids, values).expect("every id is that of a group");
    groups.outcomes(Statistic::Sum).expect("the plan asks for it")
}

fn rows(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("groups");
    group.sample_size(10).throughput(Throughput::Elements(N_ROWS as u64));
    let values = uniform(N_ROWS);
    for n_groups in [97, 10_000, 1_000_000] {
        let id = |bits: u64| (((bits >> 21) * u64::from(n_groups)) >> 32) as u32;
        let ids: Vec<u32> = random().skip(N_ROWS).map(id).take(N_ROWS).collect();
        group.bench_function(BenchmarkId::new("naive", n_groups), |b| {
            b.iter(|| naive(n_groups, black_box(&ids), black_box(&values)));
        });
        for (name, plan) in [("sum", Plan::new([Statistic::Sum])), ("default", Plan::default())] {
            group.bench_function(BenchmarkId::new(name, n_groups), |b| {
                b.iter(|| exact(&plan, n_groups, black_box(&ids), black_box(&values)));
            });
        }
    }
    group.finish();
}

fn one_group(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("one group");
    let [mut left, mut right] = [CompactAccumulator::default(), CompactAccumulator::default()];
    uniform(8).into_iter().for_each(|value| left.push(value));
    uniform(16).into_iter().skip(8).for_each(|value| right.push(value));
    let plan = Plan::default();
    group.bench_function("push 8", |b| {
        let values = uniform(8);
        b.iter(|| {
            let mut state = CompactAccumulator::default();
            black_box(&values).iter().for_each(|value| state.push(*value));
            state
        });
    });
    group.bench_function("merge", |b| {
        b.iter(|| {
            let mut merged = black_box(&left).clone();
            merged.merge(black_box(&right)).expect("the counts fit");
            merged
        });
    });
    group.bench_function("partial", |b| b.iter(|| black_box(&left).to_partial(&plan)));
    let partial = left.to_partial(&plan).expect("the plan asks for no quantile");
    group.bench_function("finalize", |b| b.iter(|| black_box(&partial).finalize(&plan)));
    group.finish();
}

criterion_group!(benches, one_group, rows);
criterion_main!(benches);
