//! Values that were taken out of memory give the bits of values that stayed there, however they were divided.

use std::sync::Arc;

use exacta::{
    Accumulator, BinRule, Bins, Partial, Plan, Probability, QuantileMethod, SortedValues,
    Statistic, Value,
};
use proptest::prelude::*;

/// Values that were taken out, and whether they can still be read.
#[derive(Debug)]
struct Lent {
    values: Vec<Value>,
    readable: bool,
}

impl SortedValues for Lent {
    fn n_values(&self) -> u64 {
        self.values.len() as u64
    }

    fn read(&self, rank: u64, values: &mut [Value]) {
        if self.readable {
            values.copy_from_slice(&self.values[rank as usize..][..values.len()]);
        }
    }

    fn failure(&self) -> Option<String> {
        (!self.readable).then(|| "it was eaten".to_owned())
    }
}

/// Takes the values of an accumulator out, and gives them back as they lie elsewhere.
fn lend(accumulator: &mut Accumulator, readable: bool) {
    let values: Vec<_> = accumulator.take_values().collect();
    assert!(values.is_sorted());
    accumulator.put_values(Arc::new(Lent { values, readable }));
}

/// A plan of every statistic, with quantiles and a histogram.
fn plan(bins: Bins) -> Plan {
    let probabilities = ["0", "0.01", "1/3", "0.5", "0.9", "1"];
    Plan::new(Statistic::ALL.iter().copied())
        .with_quantiles(probabilities.map(|p| p.parse::<Probability>().unwrap()))
        .with_histogram(bins)
        .with_exact()
}

fn bins() -> impl Strategy<Value = Bins> {
    let rule = prop::sample::select(BinRule::ALL).prop_map(Bins::from);
    prop_oneof![rule, (1u64..20).prop_map(|count| Bins::count(count).unwrap())]
}

/// Values with many that are equal, integers beyond 2^53 with one nearest binary64, zeros of both signs and infinities.
fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => (-20i32..20).prop_map(|n| Value::from(f64::from(n) / 4.0)),
        3 => any::<f64>().prop_filter("in range", |x| x.abs() < 1e100).prop_map(Value::from),
        3 => (0u64..9).prop_map(|n| Value::from(u64::MAX - n)),
        2 => prop::sample::select(vec![0.0, -0.0]).prop_map(Value::from),
        1 => prop::sample::select(vec![f64::INFINITY, f64::NEG_INFINITY]).prop_map(Value::from),
    ]
}

proptest! {
    #[test]
    fn values_elsewhere_give_the_same_results(
        shares in prop::collection::vec((prop::collection::vec(value(), 0..40), any::<bool>()), 1..6),
        bins in bins(),
        method in prop::sample::select(QuantileMethod::ALL),
    ) {
        let plan = plan(bins).with_quantile_method(method);
        let mut whole = Accumulator::new(&plan);
        let mut merged = Accumulator::new(&plan);
        for (values, lent) in &shares {
            whole.extend(values.iter().copied());
            let mut share = Accumulator::new(&plan);
            share.extend(values.iter().copied());
            if *lent {
                lend(&mut share, true);
            }
            merged.merge(share).unwrap();
        }
        let (whole, merged) = (whole.into_partial(), merged.into_partial());
        // As text NaN is equal to itself, and the zeros differ.
        let results = |partial: &Partial, plan: &Plan| format!("{:?}", partial.finalize(plan));
        prop_assert_eq!(results(&whole, &plan), results(&merged, &plan));
        prop_assert_eq!(whole.to_bytes(), merged.to_bytes());
        let selected = Plan::new([Statistic::Median, Statistic::Iqr]).with_quantile_method(method);
        prop_assert_eq!(results(&whole, &selected), results(&merged, &selected));
    }
}

#[test]
fn a_partial_of_values_elsewhere_has_its_bytes_and_merges_on() {
    let plan = Plan::new([Statistic::Median]);
    let mut accumulator = Accumulator::new(&plan);
    accumulator.update(&[1.0, 2.0, 4.0]).unwrap();
    let bytes = accumulator.clone().into_partial().to_bytes();
    lend(&mut accumulator, true);
    let mut partial = accumulator.into_partial();
    assert_eq!(partial.to_bytes(), bytes);
    assert_eq!(partial.to_bytes_within(20).unwrap_err().code(), "partial.too_large");
    let mut other = Accumulator::new(&plan);
    other.update(&[8.0, 16.0]).unwrap();
    partial.merge(other.into_partial()).unwrap();
    let median = partial.finalize(&plan).unwrap().get(Statistic::Median).unwrap();
    assert_eq!(median.finite(), Some(4.0));
}

#[test]
fn values_that_cannot_be_read_are_an_error_and_no_result() {
    for statistic in [Statistic::Median, Statistic::Mode, Statistic::Mad] {
        let plan = Plan::new([statistic]);
        let mut accumulator = Accumulator::new(&plan);
        accumulator.update(&[1.0, 2.0, 4.0]).unwrap();
        lend(&mut accumulator, false);
        accumulator.update(&[3.0]).unwrap();
        let partial = accumulator.into_partial();
        assert_eq!(partial.to_bytes().unwrap_err().code(), "values.unreadable");
        let error = partial.finalize(&plan).unwrap_err();
        assert_eq!(error.code(), "values.unreadable");
        assert!(error.to_string().contains("it was eaten"), "{error}");
    }
}
