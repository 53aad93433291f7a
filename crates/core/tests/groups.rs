//! Group-by: the small states give what ordinary accumulators of the same values give, byte for byte, and
//! stay small.

use exacta::{
    Accumulator, Column, CompactAccumulator, Counts, Groups, Nonfinite, Plan, Statistic, Validity,
    Value,
};
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
        1 => timestamp().prop_map(Value::from),
        1 => prop_oneof![
            Just(0.0), Just(-0.0), Just(f64::MAX), Just(f64::MIN), Just(5e-324),
            Just(f64::NAN), Just(f64::INFINITY), Just(f64::NEG_INFINITY),
        ].prop_map(Value::from),
    ]
}

/// Nanoseconds of a few years: integers beyond 2^53, some of them with one nearest binary64.
fn timestamp() -> impl Strategy<Value = i64> {
    prop_oneof![
        (0i64..100).prop_map(|k| 1_700_000_000_000_000_001 + k),
        1_600_000_000_000_000_000i64..1_800_000_000_000_000_000,
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

/// Rows of a group and a float, some of them missing.
fn rows() -> impl Strategy<Value = Vec<(u32, f64, bool)>> {
    let row = (0..N_GROUPS, value().prop_map(Value::to_f64), prop::bool::weighted(0.9));
    proptest::collection::vec(row, 0..300)
}

const N_GROUPS: u32 = 4;

/// Groups with the rows taken in, and the bytes that ordinary accumulators give.
fn grouped(plan: &Plan, rows: &[(u32, f64, bool)], masked: bool) -> (Groups, Vec<Vec<u8>>) {
    let rows: Vec<_> = rows.iter().filter(|(_, _, valid)| masked || *valid).collect();
    let ids: Vec<u32> = rows.iter().map(|(id, ..)| *id).collect();
    let values: Vec<f64> = rows.iter().map(|(_, value, _)| *value).collect();
    let mut bitmap = vec![0; rows.len().div_ceil(8)];
    let mut ordinary: Vec<_> = (0..N_GROUPS).map(|_| Accumulator::new(plan)).collect();
    for (row, (id, value, valid)) in rows.iter().enumerate() {
        if *valid {
            bitmap[row / 8] |= 1 << (row % 8);
            ordinary[*id as usize].push(*value).unwrap();
        } else {
            ordinary[*id as usize].push_null();
        }
    }
    let mut groups = Groups::new(plan, N_GROUPS).unwrap();
    let mut column = Column::new(&values);
    if masked {
        let validity = Validity::new(&bitmap, 0, values.len()).unwrap();
        column = column.with_validity(validity).unwrap();
    }
    groups.update(&ids, column).unwrap();
    let bytes = |accumulator: Accumulator| accumulator.into_partial().to_bytes().unwrap();
    (groups, ordinary.into_iter().map(bytes).collect())
}

fn group_bytes(groups: &Groups) -> Vec<Vec<u8>> {
    (0..N_GROUPS).map(|id| groups.partial(id).unwrap().to_bytes().unwrap()).collect()
}

/// Plans for both ways in which groups lie in memory.
fn plans() -> [Plan; 3] {
    [plan(), Plan::new([Statistic::Sum, Statistic::Mean]), Plan::new([Statistic::Count])]
}

proptest! {
    #[test]
    fn groups_give_the_bytes_of_ordinary_accumulators(rows in rows(), masked in any::<bool>()) {
        for plan in plans() {
            let (groups, expected) = grouped(&plan, &rows, masked);
            prop_assert_eq!(group_bytes(&groups), expected);
            for statistic in plan.statistics() {
                let outcomes = groups.outcomes(*statistic).unwrap();
                for (id, outcome) in outcomes.into_iter().enumerate() {
                    let summary = groups.partial(id as u32).unwrap().finalize(&plan).unwrap();
                    prop_assert_eq!(outcome.bits(), summary.get(*statistic).unwrap().bits());
                }
            }
        }
    }

    #[test]
    fn groups_merge_to_what_one_pass_gives(rows in rows(), other in rows(), scale in -1000i32..900) {
        let factor = 2f64.powi(scale);
        let other: Vec<_> = other.iter().map(|(id, x, valid)| (*id, x * factor, *valid)).collect();
        for plan in plans() {
            let (mut groups, _) = grouped(&plan, &rows, false);
            groups.merge(&grouped(&plan, &other, true).0).unwrap();
            let valid = rows.iter().filter(|(.., valid)| *valid);
            let all: Vec<_> = valid.chain(&other).copied().collect();
            prop_assert_eq!(group_bytes(&groups), grouped(&plan, &all, true).1);
        }
    }
}

proptest! {
    /// Shards that number their groups as they meet them, joined under the numbers of the whole.
    #[test]
    fn groups_numbered_apart_merge_to_what_one_pass_gives(rows in rows(), cut: prop::sample::Index) {
        let valid: Vec<_> = rows.iter().filter(|(.., valid)| *valid).copied().collect();
        let (left, right) = valid.split_at(cut.index(valid.len() + 1));
        for plan in plans() {
            let mut whole = Groups::new(&plan, 0).unwrap();
            whole.grow(N_GROUPS);
            for shard in [left, right] {
                let (mut groups, mut names) = (Groups::new(&plan, 0).unwrap(), Vec::new());
                for (name, value, _) in shard {
                    let known = names.iter().position(|known| known == name);
                    let id = known.unwrap_or_else(|| {
                        names.push(*name);
                        names.len() - 1
                    });
                    groups.grow(names.len() as u32);
                    groups.update(&[id as u32], &[*value]).unwrap();
                }
                whole.merge_at(&names, &groups).unwrap();
            }
            prop_assert_eq!(group_bytes(&whole), grouped(&plan, &valid, false).1);
        }
    }
}

#[test]
fn what_is_no_value_is_counted_in_its_group() {
    for plan in plans() {
        let mut groups = Groups::new(&plan, 2).unwrap();
        groups.push_null(1).unwrap();
        groups.push_invalid(1).unwrap();
        groups.update(&[1], &[2.5]).unwrap();
        assert_eq!(groups.counts(0), Some(Counts::default()));
        let counts = Counts { count: 1, null: 1, invalid: 1, ..Counts::default() };
        assert_eq!(groups.counts(1), Some(counts));
        assert_eq!(groups.partial(1).unwrap().counts(), &counts);
        let ids_unknown = [groups.push_null(2), groups.push_invalid(2)];
        assert!(ids_unknown.into_iter().all(|it| it.unwrap_err().code() == "group.unknown"));
    }
}

#[test]
fn integers_of_groups_are_taken_exactly() {
    for plan in plans() {
        let mut groups = Groups::new(&plan, 2).unwrap();
        groups.update(&[0, 1, 0, 0], &[u64::MAX, 7, 1, 3]).unwrap();
        let values = [Value::from(u64::MAX), 1.into(), 3.into()];
        let first = groups.partial(0).unwrap().to_bytes().unwrap();
        assert_eq!(first, expected(&plan, &values, 0));
    }
}

proptest! {
    /// What a column of timestamps or of identifiers is: none of its integers needs more than a group of others does.
    #[test]
    fn groups_of_integers_beyond_2_to_the_53_are_as_exact_and_as_small_as_others(
        rows in proptest::collection::vec((0..N_GROUPS, timestamp(), any::<bool>()), 0..300),
    ) {
        let (ids, values): (Vec<_>, Vec<_>) = rows.iter().map(|(id, x, negative)| {
            (*id, if *negative { -x } else { *x })
        }).unzip();
        for plan in plans() {
            let mut groups = Groups::new(&plan, N_GROUPS).unwrap();
            let bytes_kept = groups.bytes_kept();
            groups.update(&ids, &values).unwrap();
            prop_assert_eq!(groups.bytes_kept(), bytes_kept);
            let of = |group: u32| {
                let rows = ids.iter().zip(&values).filter(|(id, _)| **id == group);
                rows.map(|(_, value)| Value::from(*value)).collect::<Vec<_>>()
            };
            let expected: Vec<_> = (0..N_GROUPS).map(|id| expected(&plan, &of(id), 0)).collect();
            prop_assert_eq!(group_bytes(&groups), expected);
        }
    }
}

#[test]
fn what_is_no_number_is_counted_beyond_16_bits() {
    let mut ordinary = Accumulator::new(&plan());
    let mut taken = compact(&[], 0);
    for round in 0..3u32 {
        let mut other = compact(&[Value::from(f64::from(round))], 0);
        ordinary.push(f64::from(round)).unwrap();
        for _ in 0..40_000 {
            [&mut taken, &mut other].into_iter().for_each(CompactAccumulator::push_null);
            other.push(f64::NEG_INFINITY);
            taken.push_invalid();
            (0..2).for_each(|_| ordinary.push_null());
            ordinary.push(f64::NEG_INFINITY).unwrap();
            ordinary.push_invalid();
        }
        taken.merge(&other).unwrap();
    }
    assert_eq!(taken.counts().null, 240_000);
    assert_eq!(bytes(&taken, &plan()), ordinary.into_partial().to_bytes().unwrap());
}

#[test]
fn rows_that_do_not_fit_the_groups_are_refused() {
    let mut groups = Groups::new(&plan(), 2).unwrap();
    assert_eq!(groups.update(&[0, 1], &[1.0]).unwrap_err().code(), "column.length_mismatch");
    assert_eq!(groups.update(&[0, 2], &[1.0; 2]).unwrap_err().code(), "group.unknown");
    assert_eq!(
        groups.merge(&Groups::new(&plan(), 3).unwrap()).unwrap_err().code(),
        "column.length_mismatch"
    );
    let pair = Groups::new(&plan(), 2).unwrap();
    assert_eq!(groups.merge_at(&[0, 2], &pair).unwrap_err().code(), "group.unknown");
    assert_eq!(groups.merge_at(&[0], &pair).unwrap_err().code(), "column.length_mismatch");
    let others = Groups::new(&Plan::new([Statistic::Sum]), 2).unwrap();
    assert_eq!(groups.merge(&others).unwrap_err().code(), "plan.mismatch");
    assert_eq!(groups.outcomes(Statistic::Count).unwrap(), [exacta::Outcome::Count(0); 2]);
    assert_eq!(groups.outcomes(Statistic::Median).unwrap_err().code(), "plan.mismatch");
}

#[test]
fn rows_before_a_rejected_one_are_taken() {
    for plan in plans() {
        let plan = plan.with_nonfinite(Nonfinite::Reject);
        let mut groups = Groups::new(&plan, 2).unwrap();
        groups.update(&[0], &[1.0]).unwrap();
        let error = groups.update(&[0, 1, 1], &[2.0, f64::NAN, 3.0]).unwrap_err();
        assert_eq!(error.code(), "value.nonfinite");
        assert!(error.to_string().contains("index 2"), "{error}");
        let taken = groups.partial(0).unwrap().to_bytes().unwrap();
        assert_eq!(taken, expected(&plan, &[1.0.into(), 2.0.into()], 0));
    }
}

#[test]
fn a_plan_for_more_than_a_compact_accumulator_keeps_is_an_error() {
    let error = compact(&[], 0).to_partial(&Plan::new([Statistic::Median])).unwrap_err();
    assert_eq!(error.code(), "plan.mismatch");
}

#[test]
fn a_million_groups_take_96_megabytes() {
    assert_eq!(size_of::<CompactAccumulator>(), 96);
    let mut all = compact(&[Value::from(u64::MAX), 0.25.into(), f64::NAN.into()], 3);
    all.push_invalid();
    assert_eq!(all.bytes_kept(), 96);
}

#[test]
fn groups_tell_what_they_take_wherever_it_came_from() {
    for plan in plans() {
        let [mut groups, mut others] = [(); 2].map(|()| Groups::new(&plan, 2).unwrap());
        groups.update(&[0, 1], &[1.0, 2.0]).unwrap();
        let plain = groups.bytes_kept();
        others.update(&[1; 3], &[1e-300, 1.0, 1e300]).unwrap();
        let wild = others.bytes_kept() - plain;
        assert!(wild > 1000, "{plan:?}: {wild}");
        groups.merge(&others).unwrap();
        assert!(groups.bytes_kept() >= plain + wild, "{plan:?}");
        let before = groups.bytes_kept();
        groups.update(&[1], &[1e-200]).unwrap();
        assert_eq!(groups.bytes_kept(), before, "its full states are there");
    }
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
