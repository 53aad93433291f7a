//! Order statistics beside reading the data once, and beside selecting from a copy. Read the ratios.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use exacta::kernel_for_tests::{InstructionSet, select::select};
use std::hint::black_box;

/// Sums of twelve uniform numbers, which are about normal, from a fixed seed.
fn normal(length: usize) -> Vec<f64> {
    let mut state = 1u64;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    std::iter::repeat_with(|| (0..12).map(|_| next()).sum::<f64>() - 6.0).take(length).collect()
}

fn read(values: &[f64]) -> u64 {
    values.iter().fold(0, |all, value| all ^ value.to_bits())
}

fn select_from_copy(values: &[f64]) -> f64 {
    let mut copy = values.to_vec();
    *copy.select_nth_unstable_by(values.len() / 2, f64::total_cmp).1
}

/// The ranks at hundredths of the order.
fn ranks(length: usize, hundredths: &[u64]) -> Vec<u64> {
    hundredths.iter().map(|hundredth| length as u64 * hundredth / 100).collect()
}

fn order_statistics(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("select");
    group.sample_size(10);
    for length in [10_000, 100_000, 10_000_000] {
        let values = normal(length);
        group.throughput(Throughput::Bytes(8 * length as u64));
        group.bench_function(BenchmarkId::new("read", length), |b| {
            b.iter(|| read(black_box(&values)));
        });
        group.bench_function(BenchmarkId::new("median of a copy", length), |b| {
            b.iter(|| select_from_copy(black_box(&values)));
        });
        let asked =
            [("median", vec![50]), ("five", vec![1, 25, 50, 75, 99]), ("99", (1..100).collect())];
        for set in InstructionSet::available() {
            set.force();
            for (name, hundredths) in &asked {
                let ranks = ranks(length, hundredths);
                let id = BenchmarkId::new(format!("{name}, {set:?}"), length);
                group.bench_function(id, |b| b.iter(|| select(black_box(&values), &ranks)));
            }
        }
    }
    group.finish();
}

criterion_group!(benches, order_statistics);
criterion_main!(benches);
