//! Histograms: counts against counting one by one, edges against big integers, and `NumPy`'s rules against the
//! formulas in floating point wherever those are far enough from a whole number to be trusted.

use exacta::{
    BinRule, Bins, Error, Histogram, Nonfinite, Plan, Probability, Reason, Statistic, Value,
};
use num_bigint::BigInt;
use proptest::prelude::*;

fn histogram(bins: Bins, values: &[f64]) -> Result<Histogram, Reason> {
    let summary = Plan::new([]).with_histogram(bins).summarize(values).unwrap();
    summary.histogram().unwrap().cloned()
}

fn by_rule(rule: BinRule, values: &[f64]) -> Histogram {
    histogram(rule.into(), values).unwrap()
}

/// Counts value by value, as the definition says.
fn counted(edges: &[f64], values: &[f64]) -> (u64, Vec<u64>, u64) {
    let (mut under, mut counts, mut over) = (0, vec![0; edges.len() - 1], 0);
    for value in values {
        let last = edges.len() - 1;
        match (0..last).find(|i| {
            edges[*i] <= *value
                && (*value < edges[i + 1] || *i + 1 == last && *value == edges[last])
        }) {
            Some(bin) => counts[bin] += 1,
            None if *value < edges[0] => under += 1,
            None => over += 1,
        }
    }
    (under, counts, over)
}

/// The number as an integer of 2^-1074.
fn scaled(value: f64) -> BigInt {
    let bits = value.to_bits();
    let (field, fraction) = (bits >> 52 & 0x7ff, bits & ((1 << 52) - 1));
    let significand = if field == 0 { fraction } else { fraction | 1 << 52 };
    let magnitude = BigInt::from(significand) << (field.max(1) - 1);
    if value < 0.0 { -magnitude } else { magnitude }
}

/// Whether `edge` is a binary64 nearest to (`numerator` / `denominator`)·2^-1074.
fn is_nearest(edge: f64, numerator: &BigInt, denominator: u64) -> bool {
    let distance = |edge: f64| {
        let difference = scaled(edge) * denominator - numerator;
        if difference < BigInt::ZERO { -difference } else { difference }
    };
    [edge.next_down(), edge.next_up()]
        .into_iter()
        .filter(|neighbour| neighbour.is_finite())
        .all(|neighbour| distance(edge) <= distance(neighbour))
}

/// The number of bins before it is rounded up, as `NumPy` computes it.
fn unrounded(rule: BinRule, values: &[f64]) -> f64 {
    let summary =
        Plan::new([Statistic::StddevPop, Statistic::Skewness, Statistic::Range, Statistic::Iqr])
            .summarize(values)
            .unwrap();
    let get = |statistic| summary.get(statistic).unwrap().finite().unwrap();
    let (n, range) = (values.len() as f64, get(Statistic::Range));
    let of_width = |width: f64| if width > 0.0 { range / width } else { 1.0 };
    let fd_width = 2.0 * get(Statistic::Iqr) / n.cbrt();
    match rule {
        BinRule::Sqrt => n.sqrt(),
        BinRule::Sturges => 1.0 + n.log2(),
        BinRule::Rice => 2.0 * n.cbrt(),
        BinRule::Scott => {
            let factor = 24.0 * std::f64::consts::PI.sqrt() / n;
            of_width(factor.cbrt() * get(Statistic::StddevPop))
        }
        BinRule::Fd => of_width(fd_width),
        BinRule::Auto => {
            let width = fd_width.max(range / n.sqrt() / 2.0);
            of_width(width.min(range / (1.0 + n.log2())))
        }
        BinRule::Doane if n <= 2.0 => 1.0,
        BinRule::Doane => {
            let sigma = (6.0 * (n - 2.0) / ((n + 1.0) * (n + 3.0))).sqrt();
            1.0 + n.log2() + (1.0 + get(Statistic::Skewness).abs() / sigma).log2()
        }
        BinRule::Stone => f64::NAN,
    }
}

fn values() -> impl Strategy<Value = Vec<f64>> {
    prop_oneof![
        prop::collection::vec(-1e3..1e3, 1..70),
        prop::collection::vec((-20i32..20).prop_map(f64::from), 1..70),
        prop::collection::vec((0.0..6.0f64).prop_map(f64::exp), 1..70),
    ]
}

proptest! {
    #[test]
    fn given_edges_count_as_the_definition_says(
        mut edges in prop::collection::vec((-9i32..9).prop_map(|x| f64::from(x) / 2.0), 2..8),
        values in values(),
    ) {
        edges.sort_by(f64::total_cmp);
        edges.dedup();
        prop_assume!(edges.len() >= 2);
        let found = histogram(Bins::edges(edges.iter().copied()).unwrap(), &values).unwrap();
        prop_assert_eq!((found.under, found.counts, found.over), counted(&edges, &values));
        prop_assert_eq!(found.edges, edges);
    }

    #[test]
    fn derived_edges_are_nearest_and_hold_every_value(
        values in prop_oneof![
            values(),
            prop::collection::vec(any::<f64>().prop_filter("finite", |x| x.is_finite()), 1..9),
        ],
        count in 1u64..40,
    ) {
        let found = histogram(Bins::count(count).unwrap(), &values).unwrap();
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let half = if low == high { scaled(0.5) } else { BigInt::ZERO };
        let (low, high) = (scaled(low) - &half, scaled(high) + &half);
        for (i, edge) in found.edges.iter().enumerate() {
            let sum = &low * (count - i as u64) + &high * i;
            prop_assert!(is_nearest(*edge, &sum, count), "edge {i}: {edge:e}");
        }
        prop_assert_eq!((found.under, found.counts, found.over), counted(&found.edges, &values));
    }

    #[test]
    fn rules_give_the_bins_of_their_formulas(values in values()) {
        for rule in BinRule::ALL.iter().filter(|rule| **rule != BinRule::Stone) {
            let found = by_rule(*rule, &values).counts.len() as f64;
            if values.iter().all(|value| *value == values[0]) {
                prop_assert_eq!(found, 1.0, "{}", rule);
                continue;
            }
            let expected = unrounded(*rule, &values);
            let (low, high) = (expected * (1.0 - 1e-9), expected * (1.0 + 1e-9));
            prop_assert!(low.ceil() <= found && found <= high.ceil(), "{rule}: {found} {expected}");
        }
    }

    #[test]
    fn stone_has_the_least_loss(values in values()) {
        let found = by_rule(BinRule::Stone, &values).counts.len() as u64;
        let n = values.len() as i128;
        let loss = |count: &u64| {
            let counts = histogram(Bins::count(*count).unwrap(), &values).unwrap().counts;
            let squares: i128 = counts.iter().map(|count| i128::from(*count).pow(2)).sum();
            i128::from(*count) * (2 * n * n - (n + 1) * squares)
        };
        let all_equal = values.iter().all(|value| *value == values[0]);
        let expected = if all_equal { 1 } else { (1..=100).min_by_key(loss).unwrap() };
        prop_assert_eq!(found, expected);
    }
}

/// Where a formula comes to a whole number, floating point can be off by one bin.
#[test]
fn whole_numbers_of_bins_are_exact() {
    let ramp = |n: u32| -> Vec<f64> { (0..n).map(f64::from).collect() };
    let cases = [
        (BinRule::Sqrt, 49, 7),
        (BinRule::Sqrt, 50, 8),
        (BinRule::Sturges, 64, 7),
        (BinRule::Sturges, 65, 8),
        (BinRule::Rice, 64, 8),
        (BinRule::Rice, 65, 9),
        (BinRule::Rice, 27_000, 60),
        // The quartiles of 0 … 64 lie 32 apart: 64·∛65 / 64.
        (BinRule::Fd, 65, 5),
        (BinRule::Auto, 65, 8),
    ];
    for (rule, n, bins) in cases {
        assert_eq!(by_rule(rule, &ramp(n)).counts.len(), bins, "{rule} of {n}");
    }
}

#[test]
fn equal_values_lie_in_the_middle_of_a_unit() {
    let found = histogram(Bins::count(2).unwrap(), &[3.0, 3.0]).unwrap();
    assert_eq!((&found.edges[..], &found.counts[..]), (&[2.5, 3.0, 3.5][..], &[0, 2][..]));
    assert_eq!(by_rule(BinRule::Auto, &[-0.0, 0.0]).edges, [-0.5, 0.5]);
    let huge = by_rule(BinRule::Fd, &[1e300]);
    assert_eq!((huge.edges, huge.counts), (vec![1e300, 1e300], vec![1]));
}

#[test]
fn integers_beyond_the_ends_as_rounded_are_in_the_end_bins() {
    let ends = [(1u64 << 53) + 1, (1 << 53) + 3].map(Value::from);
    let plan = Plan::new([]).with_histogram(Bins::count(2).unwrap());
    let summary = plan.summarize(&ends).unwrap();
    let found = summary.histogram().unwrap().unwrap();
    assert_eq!(
        found.edges,
        [9_007_199_254_740_992.0, 9_007_199_254_740_994.0, 9_007_199_254_740_996.0]
    );
    assert_eq!((found.under, &found.counts[..], found.over), (0, &[1, 1][..], 0));
}

#[test]
fn one_outlier_asks_for_more_bins_than_there_may_be() {
    let mut values: Vec<f64> = (0..100).map(f64::from).collect();
    values.push(1e300);
    let plan = Plan::new([]).with_histogram(BinRule::Fd.into());
    let error = plan.summarize(&values).unwrap_err();
    assert_eq!(error, Error::BinsTooMany { rule: "fd", asked: u64::MAX, bins_max: Bins::MAX });
    let text = error.to_string();
    assert!(text.starts_with("the rule `fd` makes more than 2^64 bins of these values"), "{text}");
    assert_eq!(Bins::count(0).unwrap_err().code(), "bins.out_of_range");
    assert_eq!(Bins::count(Bins::MAX + 1).unwrap_err().code(), "bins.out_of_range");
    assert_eq!(by_rule(BinRule::Auto, &values).counts.len(), 21);
}

#[test]
fn what_is_not_finite_leaves_no_histogram_unless_it_is_skipped() {
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    let given = Bins::edges([0.0, 1.0]).unwrap();
    assert_eq!(histogram(given.clone(), &[0.5, nan, inf]), Err(Reason::Nan));
    assert_eq!(histogram(BinRule::Auto.into(), &[0.5, inf]), Err(Reason::Infinite));
    assert_eq!(histogram(BinRule::Auto.into(), &[]), Err(Reason::Empty));
    assert_eq!(histogram(given.clone(), &[]).unwrap().counts, [0]);
    for bins in [given, BinRule::Sqrt.into()] {
        let plan = Plan::new([]).with_histogram(bins).with_nonfinite(Nonfinite::Skip);
        let summary = plan.summarize(&[0.5, nan, -inf]).unwrap();
        assert_eq!(summary.histogram().unwrap().unwrap().counts, [1]);
    }
}

#[test]
fn quantiles_and_a_histogram_share_the_values() {
    let plan = Plan::new([Statistic::Median])
        .with_quantiles([Probability::HALF])
        .with_histogram(BinRule::Scott.into());
    let summary = plan.summarize(&[1.0, 2.0, 3.0, 4.0]).unwrap();
    assert_eq!(summary.quantile(Probability::HALF), summary.get(Statistic::Median));
    assert_eq!(summary.histogram().unwrap().unwrap().counts, [2, 2]);
}
