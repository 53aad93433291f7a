//! What the exact sum costs with each instruction set, for numbers that go each way through it. The float
//! loop that everybody writes stands beside it. Read the ratios.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use exacta::kernel_for_tests::{InstructionSet, SumAccumulator, sum_with};
use std::hint::black_box;

/// How the value at an index is made of random bits.
type Make = fn(usize, u64) -> f64;

/// Kinds of numbers.
const KINDS: [(&str, Make); 5] = [
    ("uniform", |_, bits| uniform(bits)),
    ("one NaN in 100", |index, bits| if index % 100 == 0 { f64::NAN } else { uniform(bits) }),
    ("outliers", |index, bits| if index % 777 == 0 { 1e200 } else { uniform(bits) }),
    ("exponents in 120", |_, bits| uniform(bits) * 2f64.powi((bits % 120) as i32)),
    ("every exponent", |_, bits| f64::from_bits(bits & !(1 << 62))),
];

fn uniform(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1u64 << 53) as f64
}

fn values(length: usize, value: Make) -> Vec<f64> {
    let mut state = 1u64;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state ^ state >> 29
    };
    (0..length).map(|index| value(index, next())).collect()
}

fn exact(set: InstructionSet, values: &[f64]) -> SumAccumulator {
    let mut sum = SumAccumulator::default();
    sum_with(set, values, None, &mut sum);
    sum
}

fn sums(criterion: &mut Criterion) {
    for (kind, value) in KINDS {
        let mut group = criterion.benchmark_group(format!("sum, {kind}"));
        for length in [256, 100_000, 10_000_000] {
            let values = values(length, value);
            group.throughput(Throughput::Bytes(8 * length as u64));
            group.bench_function(BenchmarkId::new("naive", length), |b| {
                b.iter(|| black_box(&values).iter().sum::<f64>());
            });
            for set in InstructionSet::available() {
                let id = BenchmarkId::new(format!("{set:?}"), length);
                group.bench_function(id, |b| b.iter(|| exact(set, black_box(&values))));
            }
        }
        group.finish();
    }
}

criterion_group!(benches, sums);
criterion_main!(benches);
