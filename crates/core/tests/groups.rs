//! Group-by: the small states give what ordinary accumulators of the same values give, byte for byte, and
//! stay small.

use exacta::{Accumulator, CompactAccumulator, Plan, Statistic, Value};
use proptest::prelude::*;

/// Values of every kind, wild ones and ones that fit a window.
fn value() -> impl Strategy<Value = Value> {
    let float = |bits: u64| Value::from(f64::from_bits(bits));
    prop_oneof![
        8 => (-1e3..1e3).prop_map(Value::from),
        2 => (-1000i64..1000).prop_map(Value::from),
        1 => any::<u64>().prop_map(float),
        1 => (0u64..1 << 52).prop_map(float),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        1 => prop_oneof![
            Just(0.0), Just(-0.0), Just(f64::MAX), Just(f64::MIN), Just(5e-324),
            Just(f64::NAN), Just(f64::INFINITY), Just(f64::NEG_INFINITY),
        ].prop_map(Value::from),
    ]
}

fn plan() -> Plan {
    use Statistic::{Count, Max, Mean, Min, Stddev, Sum, Variance};
    Plan::new([Count, Sum, Mean, Variance, Stddev, Min, Max])
}

fn expected(plan: &Plan, values: &[Value], nulls: usize) -> Vec<u8> {
    let mut accumulator = Accumulator::new(plan);
    values.iter().for_each(|value| accumulator.push(*value).unwrap());
    (0..nulls).for_each(|_| accumulator.push_null());
    accumulator.into_partial().to_bytes().unwrap()
}

fn compact(values: &[Value], nulls: usize) -> CompactAccumulator {
    let mut accumulator = CompactAccumulator::default();
    values.iter().for_each(|value| accumulator.push(*value));
    (0..nulls).for_each(|_| accumulator.push_null());
    accumulator
}

fn bytes(accumulator: &CompactAccumulator, plan: &Plan) -> Vec<u8> {
    accumulator.to_partial(plan).unwrap().to_bytes().unwrap()
}

proptest! {
    #[test]
    fn a_compact_accumulator_gives_the_bytes_of_an_ordinary_one(
        values in proptest::collection::vec(value(), 0..40), nulls in 0usize..2,
    ) {
        let taken = compact(&values, nulls);
        for plan in [plan(), Plan::new([Statistic::Sum]), Plan::new([Statistic::Min]), Plan::new([])] {
            prop_assert_eq!(bytes(&taken, &plan), expected(&plan, &values, nulls));
        }
    }

    #[test]
    fn compact_accumulators_merge_in_any_order(
        shards in proptest::collection::vec(proptest::collection::vec(value(), 0..6), 1..8),
        nulls in 0usize..2,
    ) {
        let mut merged = compact(&[], nulls);
        for shard in shards.iter().rev() {
            merged.merge(&compact(shard, 0)).unwrap();
        }
        prop_assert_eq!(bytes(&merged, &plan()), expected(&plan(), &shards.concat(), nulls));
    }
}

#[test]
fn a_plan_for_more_than_a_compact_accumulator_keeps_is_an_error() {
    let error = compact(&[], 0).to_partial(&Plan::new([Statistic::Median])).unwrap_err();
    assert_eq!(error.code(), "plan.mismatch");
}

#[test]
fn a_million_groups_take_88_megabytes() {
    assert_eq!(size_of::<CompactAccumulator>(), 88);
}

#[test]
fn counts_that_would_overflow_are_refused() {
    let mut accumulator = compact(&[Value::from(1.0)], 1);
    let error = (0..64).find_map(|_| {
        let half = accumulator.clone();
        accumulator.merge(&half).err()
    });
    assert_eq!(error.unwrap().code(), "count.overflow");
    assert_eq!(accumulator.counts().count, 1 << 63 >> 1);
}
