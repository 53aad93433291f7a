//! The laws of partials and summaries: nothing but the multiset of values matters. Values of every kind
//! that has ever broken a sum are mixed: random bit patterns, subnormals, signed zeros, duplicates,
//! integers beyond 2^53, the edge of overflow.

use exacta::{
    Accumulator, BinRule, Bins, Counts, Nonfinite, Outcome, Partial, Plan, Probability,
    QuantileMethod, Reason, States, Statistic, Value,
};
use proptest::prelude::*;

/// What a column can bring.
#[derive(Clone, Copy, Debug)]
enum Cell {
    Float(f64),
    Signed(i64),
    Unsigned(u64),
    Null,
    Invalid,
}

fn cell() -> impl Strategy<Value = Cell> {
    prop_oneof![
        4 => any::<u64>().prop_map(|bits| Cell::Float(f64::from_bits(bits))),
        4 => (-1e3..1e3).prop_map(Cell::Float),
        2 => (0u64..1 << 52).prop_map(|bits| Cell::Float(f64::from_bits(bits))),
        2 => prop_oneof![Just(0.0), Just(-0.0), Just(1.0), Just(0.1), Just(f64::MAX), Just(f64::MIN)]
            .prop_map(Cell::Float),
        1 => prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(f64::NEG_INFINITY)].prop_map(Cell::Float),
        2 => any::<i64>().prop_map(Cell::Signed),
        1 => any::<u64>().prop_map(Cell::Unsigned),
        1 => Just(Cell::Null),
        1 => Just(Cell::Invalid),
    ]
}

fn cells() -> impl Strategy<Value = Vec<Cell>> {
    proptest::collection::vec(cell(), 0..80)
}

fn everything() -> Plan {
    let quantiles = ["0", "0.01", "1/3", "0.5", "0.99", "1"].map(|p| p.parse().unwrap());
    let edges = [-1e300, -1.0, 0.0, 0.1, 500.0, 9_007_199_254_740_992.0];
    Plan::new(Statistic::ALL.iter().copied())
        .with_quantiles(quantiles)
        .with_histogram(Bins::edges(edges).unwrap())
        .with_approx_quantiles([Probability::HALF, "0.99".parse().unwrap()])
        .with_exact()
}

fn take(accumulator: &mut Accumulator, cells: &[Cell]) {
    for cell in cells {
        match *cell {
            Cell::Float(value) => accumulator.push(value).unwrap(),
            Cell::Signed(value) => accumulator.push(value).unwrap(),
            Cell::Unsigned(value) => accumulator.push(value).unwrap(),
            Cell::Null => accumulator.push_null(),
            Cell::Invalid => accumulator.push_invalid(),
        }
    }
}

fn partial(plan: &Plan, cells: &[Cell]) -> Partial {
    let mut accumulator = Accumulator::new(plan);
    take(&mut accumulator, cells);
    accumulator.into_partial()
}

fn bytes(partial: &Partial) -> Vec<u8> {
    partial.to_bytes().unwrap()
}

/// Merges shards in the order and tree that `choices` draws.
fn merge_tree(mut shards: Vec<Partial>, choices: &[prop::sample::Index]) -> Partial {
    let mut choices = choices.iter().cycle();
    while shards.len() > 1 {
        let other = shards.swap_remove(choices.next().unwrap().index(shards.len()));
        let place = choices.next().unwrap().index(shards.len());
        shards[place].merge(other).unwrap();
    }
    shards.pop().unwrap()
}

/// A result as comparable bits, those of a count being its own: NaN equals itself here.
type Comparable = (Option<u64>, Option<Reason>);

fn comparable(outcome: Outcome) -> Comparable {
    let count = if let Outcome::Count(count) = outcome { Some(count) } else { None };
    (outcome.bits().or(count), outcome.reason())
}

fn results(partial: &Partial, plan: &Plan) -> (Vec<Comparable>, String) {
    let summary = partial.finalize(plan).unwrap();
    let exact = Statistic::ALL.iter().map(|statistic| summary.exact(*statistic));
    let others = format!(
        "{:?} {:?} {:?}",
        exact.collect::<Vec<_>>(),
        summary.histogram(),
        summary.approx_quantiles()
    );
    let outcomes = summary.statistics().iter().map(|(_, outcome)| *outcome);
    let quantiles = summary.quantiles().iter().map(|(_, outcome)| *outcome);
    (outcomes.chain(quantiles).map(comparable).collect(), others)
}

proptest! {
    #[test]
    fn any_order_cut_and_merge_tree_gives_the_same_bytes(
        (cells, moved) in cells().prop_flat_map(|cells| (Just(cells.clone()), Just(cells).prop_shuffle())),
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..6),
        choices in proptest::collection::vec(any::<prop::sample::Index>(), 1..12),
    ) {
        let plan = everything();
        let whole = partial(&plan, &cells);
        let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(cells.len() + 1)).collect();
        ends.extend([0, cells.len()]);
        ends.sort_unstable();
        let shards: Vec<_> = ends.windows(2).map(|cut| partial(&plan, &moved[cut[0]..cut[1]])).collect();
        let merged = merge_tree(shards, &choices);
        prop_assert_eq!(bytes(&merged), bytes(&whole));
        for policy in [Nonfinite::Propagate, Nonfinite::Skip] {
            let plan = plan.clone().with_nonfinite(policy);
            prop_assert_eq!(results(&merged, &plan), results(&whole, &plan));
        }
    }

    #[test]
    fn accumulators_merge_as_partials_do(left in cells(), right in cells()) {
        let plan = everything();
        let mut accumulator = Accumulator::new(&plan);
        take(&mut accumulator, &left);
        let mut other = Accumulator::new(&plan);
        take(&mut other, &right);
        accumulator.merge(other).unwrap();
        let whole = [left, right].concat();
        prop_assert_eq!(bytes(&accumulator.into_partial()), bytes(&partial(&plan, &whole)));
    }

    #[test]
    fn an_empty_partial_is_the_identity_of_merge(cells in cells()) {
        let plan = everything();
        let expected = bytes(&partial(&plan, &cells));
        let mut left = partial(&plan, &cells);
        left.merge(partial(&plan, &[])).unwrap();
        let mut right = partial(&plan, &[]);
        right.merge(partial(&plan, &cells)).unwrap();
        prop_assert_eq!(bytes(&left), expected.clone());
        prop_assert_eq!(bytes(&right), expected);
    }

    #[test]
    fn decoding_undoes_encoding(cells in cells(), more in cells(), method in 0usize..9) {
        let plan = everything().with_quantile_method(QuantileMethod::ALL[method]);
        let written = partial(&plan, &cells);
        let mut read = Partial::from_bytes(&bytes(&written)).unwrap();
        prop_assert_eq!(bytes(&read), bytes(&written));
        prop_assert_eq!(results(&read, &plan), results(&written, &plan));
        read.merge(partial(&plan, &more)).unwrap();
        let whole = partial(&plan, &[cells, more].concat());
        prop_assert_eq!(bytes(&read), bytes(&whole));
        prop_assert_eq!(results(&read, &plan), results(&whole, &plan));
    }

    #[test]
    fn a_policy_acts_at_the_end(cells in cells()) {
        let plan = everything();
        let finite: Vec<Cell> = cells
            .iter()
            .copied()
            .filter(|cell| !matches!(cell, Cell::Float(value) if !value.is_finite()))
            .collect();
        let skipped = results(&partial(&plan, &cells), &plan.clone().with_nonfinite(Nonfinite::Skip));
        prop_assert_eq!(skipped, results(&partial(&plan, &finite), &plan));
    }

    #[test]
    fn a_plan_keeps_only_the_states_it_needs_and_they_agree(
        cells in cells(),
        chosen in prop::sample::subsequence(Statistic::ALL, 0..5),
    ) {
        let small = Plan::new(chosen.iter().copied());
        let alone = partial(&small, &cells);
        prop_assert_eq!(alone.states(), small.states());
        let together = partial(&everything(), &cells);
        prop_assert_eq!(results(&alone, &small), results(&together, &small));
        let derived = Plan::new([]).with_histogram(BinRule::Sqrt.into());
        let alone = partial(&derived, &cells);
        prop_assert_eq!(results(&alone, &derived), results(&together, &derived));
        let read = Partial::from_bytes(&bytes(&alone)).unwrap();
        prop_assert_eq!(read.counts(), together.counts());
    }

    #[test]
    fn an_approximate_quantile_lies_between_its_bounds(cells in cells(), p in 0u64..=100) {
        let p = Probability::ratio(p, 100).unwrap();
        let plan = Plan::new([])
            .with_quantiles([p])
            .with_quantile_method(QuantileMethod::InvertedCdf)
            .with_approx_quantiles([p]);
        let summary = partial(&plan, &cells).finalize(&plan).unwrap();
        let (exact, found) = (summary.quantile(p).unwrap(), summary.approx_quantile(p).unwrap());
        prop_assert_eq!(exact.reason(), found.value().reason());
        if let (Some(lower), Some(upper)) = (found.lower(), found.upper()) {
            let (exact, value) = (exact.value().unwrap(), found.value().value().unwrap());
            prop_assert!(lower <= exact && exact <= upper, "{lower} {exact} {upper}");
            prop_assert!(lower <= value && value <= upper, "{lower} {value} {upper}");
        } else {
            prop_assert_eq!(exact.bits(), found.value().bits());
        }
    }

    #[test]
    fn bytes_from_outside_are_refused_or_canonical(
        cells in cells(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in any::<prop::sample::Index>(),
        mended in any::<bool>(),
    ) {
        let mut hostile = bytes(&partial(&everything(), &cells));
        for (place, byte) in edits {
            let place = place.index(hostile.len());
            hostile[place] = byte;
        }
        if mended {
            let body = hostile.len() - 4;
            let checksum = crc32fast::hash(&hostile[..body]);
            hostile[body..].copy_from_slice(&checksum.to_le_bytes());
        } else {
            hostile.truncate(cut.index(hostile.len() + 1));
        }
        if let Ok(read) = Partial::from_bytes(&hostile) {
            prop_assert_eq!(bytes(&read), hostile);
            for policy in [Nonfinite::Propagate, Nonfinite::Skip] {
                let _ = read.finalize(&everything().with_nonfinite(policy));
            }
        }
    }

    #[test]
    fn every_type_of_the_same_number_is_one_value(values in proptest::collection::vec(any::<i8>(), 0..50)) {
        let plan = everything();
        let bytes_of = |update: &dyn Fn(&mut Accumulator)| {
            let mut accumulator = Accumulator::new(&plan);
            update(&mut accumulator);
            bytes(&accumulator.into_partial())
        };
        let expected = bytes_of(&|a| a.update(&values).unwrap());
        macro_rules! same { ($($type:ty)*) => { $(
            let cast: Vec<$type> = values.iter().map(|value| <$type>::from(*value)).collect();
            prop_assert_eq!(&bytes_of(&|a| a.update(&cast).unwrap()), &expected);
        )* } }
        same!(i16 i32 i64 f32 f64);
    }

    #[test]
    fn reject_names_the_first_offender_and_keeps_the_rest(cells in cells()) {
        let plan = everything().with_nonfinite(Nonfinite::Reject);
        let floats: Vec<f64> = cells
            .iter()
            .filter_map(|cell| if let Cell::Float(value) = cell { Some(*value) } else { None })
            .collect();
        let offender = floats.iter().position(|value| !value.is_finite());
        let mut accumulator = Accumulator::new(&plan);
        match (accumulator.update(&floats), offender) {
            (Ok(()), None) => prop_assert!(accumulator.into_partial().finalize(&plan).is_ok()),
            (Err(exacta::Error::NonfiniteRejected { index, .. }), Some(place)) => {
                prop_assert_eq!(index, place as u64);
                prop_assert_eq!(accumulator.counts().count, index);
            }
            (outcome, place) => prop_assert!(false, "{outcome:?} {place:?}"),
        }
    }
}

/// Of many values each thread takes a long chunk; what comes in short pieces goes another way.
#[test]
fn one_two_and_seven_threads_give_the_same_bytes() {
    let mut state = 7u64;
    let values: Vec<f64> = std::iter::repeat_with(|| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from_bits(state)
    })
    .take((1 << 21) + 7)
    .collect();
    let moments = [Statistic::Mean, Statistic::Stddev, Statistic::Min, Statistic::Max];
    for (plan, values) in [
        (everything(), &values[..200_000]),
        (Plan::new([Statistic::Sum]), &values[..]),
        (Plan::new(moments), &values[..]),
    ] {
        let mut serial = Accumulator::new(&plan);
        for piece in values.chunks(1000) {
            serial.update(piece).unwrap();
        }
        let expected = bytes(&serial.into_partial());
        for threads in [1, 2, 7] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let mut parallel = Accumulator::new(&plan);
            pool.install(|| parallel.update_parallel(values)).unwrap();
            assert_eq!(bytes(&parallel.into_partial()), expected, "{threads} threads");
        }
    }
}

/// Doubling reaches counts that no data could: the merge is refused before anything can wrap.
#[test]
fn counts_do_not_wrap() {
    let mut accumulator = Accumulator::new(&Plan::new([Statistic::Sum]));
    accumulator.push(1.5).unwrap();
    let error = loop {
        let before = *accumulator.counts();
        if let Err(error) = accumulator.merge(accumulator.clone()) {
            assert_eq!(*accumulator.counts(), before);
            break error;
        }
    };
    assert_eq!((error.code(), accumulator.counts().count), ("count.overflow", 1 << 63));
    accumulator.push(f64::NAN).unwrap();
    accumulator.push_null();
    let partial = accumulator.into_partial();
    let read = Partial::from_bytes(&bytes(&partial)).unwrap();
    let summary =
        read.finalize(&Plan::new([Statistic::Sum]).with_nonfinite(Nonfinite::Skip)).unwrap();
    assert_eq!(summary.get(Statistic::Sum), Some(Outcome::Finite(1.5 * 2f64.powi(63))));
}

#[test]
fn unlike_states_do_not_merge() {
    let (sum, median) = (Plan::new([Statistic::Sum]), Plan::new([Statistic::Median]));
    let mut partial = Accumulator::new(&sum).into_partial();
    let error = partial.merge(Accumulator::new(&median).into_partial()).unwrap_err();
    assert_eq!(error.code(), "plan.mismatch");
    assert_eq!(partial.finalize(&median).unwrap_err().code(), "plan.mismatch");
    let mut accumulator = Accumulator::new(&sum);
    assert_eq!(accumulator.merge(Accumulator::new(&median)).unwrap_err().code(), "plan.mismatch");
}

#[test]
fn unlike_edges_do_not_merge() {
    let plan = |edges: [f64; 2]| Plan::new([]).with_histogram(Bins::edges(edges).unwrap());
    let (unit, two) = (plan([0.0, 1.0]), plan([0.0, 2.0]));
    let mut partial = Accumulator::new(&unit).into_partial();
    let other = Accumulator::new(&two).into_partial();
    assert_eq!(partial.subtract(&other).unwrap_err().code(), "plan.mismatch");
    assert_eq!(partial.merge(other).unwrap_err().code(), "plan.mismatch");
    assert_eq!(partial.finalize(&two).unwrap_err().code(), "plan.mismatch");
    let mut accumulator = Accumulator::new(&unit);
    assert_eq!(accumulator.merge(Accumulator::new(&two)).unwrap_err().code(), "plan.mismatch");
}

#[test]
fn exact_values_are_there_where_they_are_real() {
    let plan = everything();
    let exact = |values: &[f64], statistic| {
        plan.summarize(values).unwrap().exact(statistic).map(ToString::to_string)
    };
    let large = exact(&[f64::MAX, f64::MAX], Statistic::Sum).unwrap();
    assert!(large.starts_with("3.59538626972463") && large.ends_with("e308"), "{large}");
    assert_eq!(exact(&[1.5, -2.0], Statistic::Range).as_deref(), Some("3.5"));
    assert_eq!(exact(&[1.5, -2.0], Statistic::SumSquares).as_deref(), Some("6.25"));
    assert_eq!(exact(&[1.5, f64::INFINITY], Statistic::Min).as_deref(), Some("1.5"));
    for (values, statistic) in [
        (&[1.5, f64::INFINITY][..], Statistic::Max),
        (&[1.5, f64::INFINITY], Statistic::Sum),
        (&[1.5, f64::NAN], Statistic::Min),
        (&[], Statistic::Range),
        (&[1.5], Statistic::Mean),
    ] {
        assert_eq!(exact(values, statistic), None, "{statistic} of {values:?}");
    }
    assert_eq!(exact(&[], Statistic::Sum).as_deref(), Some("0"));
}

#[test]
fn counts_alone_are_a_partial() {
    let counts = Counts { count: 3, null: 2, invalid: 7, ..Counts::default() };
    let alone = Partial::from_counts(counts).unwrap();
    assert_eq!((alone.counts(), alone.states()), (&counts, States::NONE));
    assert_eq!(bytes(&Partial::from_bytes(&bytes(&alone)).unwrap()), bytes(&alone));
    let mut full = Partial::from_counts(Counts { nan: u64::MAX, ..Counts::default() }).unwrap();
    assert_eq!(full.merge(alone).unwrap_err().code(), "count.overflow");
    let overfull = Counts { nan: u64::MAX, null: 1, ..Counts::default() };
    assert_eq!(Partial::from_counts(overfull).unwrap_err().code(), "count.overflow");
}

#[test]
fn a_partial_beyond_the_limit_is_an_error_that_says_so() {
    let plan = Plan::new([Statistic::Median]);
    let mut accumulator = Accumulator::new(&plan);
    accumulator.update(&[1.0, 2.0, 3.0]).unwrap();
    let error = accumulator.into_partial().to_bytes_within(20).unwrap_err();
    assert_eq!(error.code(), "partial.too_large");
}

const INF: f64 = f64::INFINITY;
const OVERFLOW: Outcome = Outcome::Nonfinite(INF, Reason::Overflow);

fn infinite(value: f64) -> Outcome {
    Outcome::Nonfinite(value, Reason::Infinite)
}

fn undefined(reason: Reason) -> Outcome {
    Outcome::Undefined(reason)
}

fn outcome(values: &[f64], statistic: Statistic) -> Outcome {
    Plan::new([statistic]).summarize(values).unwrap().get(statistic).unwrap()
}

/// What values give under `propagate`, to the bit.
fn check_outcomes(cases: &[(&[f64], Statistic, Outcome)]) {
    for (values, statistic, expected) in cases {
        let outcome = outcome(values, *statistic);
        assert_eq!(outcome.bits(), expected.bits(), "{statistic} of {values:?}: {outcome:?}");
        assert_eq!(outcome, *expected, "{statistic} of {values:?}");
    }
}

/// What values give NaN under `propagate`, and why.
fn check_nans(cases: &[(&[f64], Statistic, Reason)]) {
    for (values, statistic, reason) in cases {
        let outcome = outcome(values, *statistic);
        assert_eq!(outcome.bits(), Some(0x7ff8_0000_0000_0000), "{statistic} of {values:?}");
        assert_eq!(outcome.reason(), Some(*reason), "{statistic} of {values:?}");
    }
}

/// Sums, moments of the second order, extremes and the median.
#[test]
fn special_values_by_the_table() {
    use Statistic::{
        Count, Cv, Max, Mean, Median, Min, Range, Rms, Stddev, Sum, SumSquares, Variance,
        VariancePop,
    };
    check_outcomes(&[
        (&[], Count, Outcome::Count(0)),
        (&[], Sum, Outcome::Finite(0.0)),
        (&[], SumSquares, Outcome::Finite(0.0)),
        (&[], Mean, undefined(Reason::Empty)),
        (&[], Stddev, undefined(Reason::Empty)),
        (&[], Median, undefined(Reason::Empty)),
        (&[5.0], Stddev, undefined(Reason::TooFew)),
        (&[5.0], VariancePop, Outcome::Finite(0.0)),
        (&[-0.0], Sum, Outcome::Finite(0.0)),
        (&[-0.0, 0.0], Min, Outcome::Finite(-0.0)),
        (&[-5e-324, 0.0], Mean, Outcome::Finite(0.0)),
        (&[1.0, -1.0], Cv, undefined(Reason::ZeroMean)),
        (&[-1.0, -3.0], Cv, Outcome::Finite(-std::f64::consts::FRAC_1_SQRT_2)),
        (&[f64::MAX, f64::MAX], Sum, OVERFLOW),
        (&[f64::MAX, f64::MAX], Mean, Outcome::Finite(f64::MAX)),
        (&[f64::MAX, f64::MAX, f64::MIN], Sum, Outcome::Finite(f64::MAX)),
        (&[f64::MAX, f64::MIN], Range, OVERFLOW),
        (&[f64::MAX, 0.0], Variance, OVERFLOW),
        // Its square overflows; Python's statistics.stdev gives the same.
        (&[1e155, 2e155, 3e155], Stddev, Outcome::Finite(1.000_000_000_000_000_1e155)),
        (&[1e200, 1e200], Rms, Outcome::Finite(1e200)),
        (&[1.0, INF], Count, Outcome::Count(1)),
        (&[1.0, INF], Sum, infinite(INF)),
        (&[1.0, -INF], Mean, infinite(-INF)),
        (&[1.0, -INF], SumSquares, infinite(INF)),
        (&[1.0, -INF], Rms, infinite(INF)),
        (&[1.0, -INF], Min, infinite(-INF)),
        (&[1.0, -INF], Max, Outcome::Finite(1.0)),
        (&[1.0, -INF], Range, infinite(INF)),
        (&[INF], Median, infinite(INF)),
        (&[INF], Stddev, undefined(Reason::TooFew)),
    ]);
    check_nans(&[
        (&[1.0, f64::NAN][..], Min, Reason::Nan),
        (&[INF, -INF], Sum, Reason::Infinite),
        (&[INF, INF], Range, Reason::Infinite),
        (&[1.0, INF], Variance, Reason::Infinite),
        (&[INF, f64::NAN], SumSquares, Reason::Nan),
        (&[-INF, INF], Median, Reason::Infinite),
    ]);
}

/// Higher moments, other means, and what needs all values.
#[test]
fn special_values_of_the_other_statistics() {
    use Statistic::{
        ApproxDistinct, Distinct, GeometricMean, HarmonicMean, Iqr, Kurtosis, KurtosisSample, Mad,
        Mode, Skewness, SkewnessSample,
    };
    check_outcomes(&[
        (&[], Skewness, undefined(Reason::Empty)),
        (&[5.0], Skewness, undefined(Reason::ZeroVariance)),
        (&[5.0, 5.0], Kurtosis, undefined(Reason::ZeroVariance)),
        (&[1.0, 2.0], SkewnessSample, undefined(Reason::TooFew)),
        (&[1.0, 2.0, 4.0], KurtosisSample, undefined(Reason::TooFew)),
        (&[1.0, 2.0], Skewness, Outcome::Finite(0.0)),
        (&[1.0, 2.0], Kurtosis, Outcome::Finite(-2.0)),
        (&[0.0, 0.0, 0.0, 0.0, 1.0], Skewness, Outcome::Finite(1.5)),
        (&[0.0, 0.0, 0.0, 0.0, -1.0], Skewness, Outcome::Finite(-1.5)),
        (&[0.0, 0.0, 0.0, 0.0, 1.0], Kurtosis, Outcome::Finite(0.25)),
        (&[0.0, 0.0, 1.0], SkewnessSample, Outcome::Finite(1.732_050_807_568_877_2)), // √3
        (&[0.0, 0.0, 0.0, 1.0], KurtosisSample, Outcome::Finite(4.0)),
        // Its fourth powers are beyond binary64 by far.
        (&[f64::MAX, f64::MAX, f64::MIN], Kurtosis, Outcome::Finite(-1.5)),
        (&[], Iqr, undefined(Reason::Empty)),
        (&[1.0, 2.0, 4.0, 8.0], Iqr, Outcome::Finite(3.25)),
        (&[f64::MIN, f64::MIN, f64::MAX, f64::MAX], Iqr, OVERFLOW),
        (&[0.0, 1.0, INF, INF], Iqr, infinite(INF)),
        (&[0.0, 1.0, 2.0, INF], Iqr, infinite(INF)),
        (&[], Mad, undefined(Reason::Empty)),
        (&[-0.0], Mad, Outcome::Finite(0.0)),
        (&[1.0, 1.0, 2.0, 2.0, 4.0, 6.0, 9.0], Mad, Outcome::Finite(1.0)),
        (&[1.0, 2.0, 4.0, 8.0], Mad, Outcome::Finite(1.5)),
        (&[-INF, 1.0, 2.0, 4.0, INF], Mad, Outcome::Finite(2.0)),
        (&[-INF, -INF, 1.0, INF, INF], Mad, infinite(INF)),
        (&[], Mode, undefined(Reason::Empty)),
        (&[3.0, 1.0, 3.0, 1.0, 2.0], Mode, Outcome::Finite(1.0)),
        (&[-0.0, 1.0, 0.0, 1.0, -0.0], Mode, Outcome::Finite(0.0)),
        (&[-0.0], Mode, Outcome::Finite(0.0)),
        (&[], GeometricMean, undefined(Reason::Empty)),
        (&[1.0, 4.0, 16.0], GeometricMean, Outcome::Finite(4.0)),
        (&[1.0, -0.0, 16.0], GeometricMean, Outcome::Finite(0.0)),
        (&[1.0, 0.0, -16.0], GeometricMean, undefined(Reason::NonPositive)),
        (&[], HarmonicMean, undefined(Reason::Empty)),
        (&[1.0, 4.0, 4.0], HarmonicMean, Outcome::Finite(2.0)),
        (&[-1.0, -4.0, -4.0], HarmonicMean, Outcome::Finite(-2.0)),
        (&[1.0, -0.0, 16.0], HarmonicMean, Outcome::Finite(0.0)),
        (&[1.0, -1.0], HarmonicMean, undefined(Reason::ZeroMean)),
        (&[], ApproxDistinct, undefined(Reason::Empty)),
        (&[-0.0, 0.0, 1.0, 2.0, 2.0], ApproxDistinct, Outcome::Count(3)),
        (&[], Distinct, Outcome::Count(0)),
        (&[-0.0, 1.0, 0.0, 1.0, -1.0], Distinct, Outcome::Count(3)),
    ]);
    check_nans(&[
        (&[1.0, 2.0, INF], Skewness, Reason::Infinite),
        (&[1.0, 2.0, 3.0, f64::NAN], KurtosisSample, Reason::Nan),
        (&[INF, INF], Iqr, Reason::Infinite),
        (&[INF, 1.0], Mad, Reason::Infinite),
        (&[f64::NAN, 1.0], Mad, Reason::Nan),
        (&[1.0, 1.0, INF], Mode, Reason::Infinite),
        (&[1.0, f64::NAN], Distinct, Reason::Nan),
        (&[1.0, INF], ApproxDistinct, Reason::Infinite),
        (&[1.0, INF], GeometricMean, Reason::Infinite),
        (&[-1.0, INF], HarmonicMean, Reason::Infinite),
    ]);
}

#[test]
fn wide_integers_are_exact_in_every_statistic() {
    let plan = everything();
    let mut accumulator = Accumulator::new(&plan);
    accumulator.update(&[i64::MAX, i64::MAX - 1, i64::MIN]).unwrap();
    accumulator.push(u64::MAX).unwrap();
    let summary = accumulator.into_partial().finalize(&plan).unwrap();
    let value = |statistic| summary.get(statistic).unwrap().finite().unwrap();
    let exact: i128 = 2 * i128::from(i64::MAX) - 1 + i128::from(i64::MIN) + i128::from(u64::MAX);
    assert_eq!(value(Statistic::Sum), exact as f64);
    assert_eq!(value(Statistic::Range), (i128::from(u64::MAX) - i128::from(i64::MIN)) as f64);
    // The middle two are 2^63 - 2 and 2^63 - 1: their mean is 2^63 - 1.5.
    assert_eq!(value(Statistic::Median), 9_223_372_036_854_775_806.5);
    let largest = summary.quantile(Probability::ratio(1, 1).unwrap());
    assert_eq!(largest, Some(Outcome::Finite(Value::from(u64::MAX).to_f64())));
}

#[test]
fn ratios_and_decimals_are_different_probabilities() {
    let third = Probability::ratio(1, 3).unwrap();
    let decimal = Probability::new(third.to_f64()).unwrap();
    let plan = Plan::new([]).with_quantiles([third, decimal, third]);
    assert_eq!(plan.quantiles(), [third, decimal]);
    let mut accumulator = Accumulator::new(&plan);
    accumulator.update(&[0.0, 1.0, 2.0, 3.0]).unwrap();
    let summary = accumulator.into_partial().finalize(&plan).unwrap();
    let [(_, exact), (_, near)] = summary.quantiles() else { panic!("two quantiles") };
    assert_eq!(*exact, Outcome::Finite(1.0));
    assert_eq!(*near, Outcome::Finite(0.999_999_999_999_999_9)); // 3 × 0.3333333333333333
}

proptest! {
    #[test]
    fn subtracting_a_share_gives_the_bits_of_a_recompute(stay in cells(), go in cells()) {
        let statistics = [Statistic::Sum, Statistic::SumSquares, Statistic::Median];
        for plan in [Plan::new(statistics), Plan::new([Statistic::Stddev]), Plan::new([])] {
            let mut whole = partial(&plan, &[&go[..], &stay].concat());
            whole.subtract(&partial(&plan, &go)).unwrap();
            prop_assert_eq!(bytes(&whole), bytes(&partial(&plan, &stay)));
        }
    }

    #[test]
    fn partials_stand_one_after_another(cells in cells(), more in cells()) {
        let plan = everything();
        let (first, second) = (bytes(&partial(&plan, &cells)), bytes(&partial(&plan, &more)));
        let both = [&first[..], &second].concat();
        let (read, rest) = Partial::from_prefix(&both).unwrap();
        prop_assert_eq!(bytes(&read), first.clone());
        prop_assert_eq!(rest, &second[..]);
        prop_assert_eq!(Partial::from_bytes(&both).unwrap_err().code(), "partial.invalid");
        for end in 0..first.len() {
            prop_assert!(Partial::from_prefix(&first[..end]).is_err(), "cut at {}", end);
        }
    }
}

#[test]
fn what_is_no_share_cannot_be_subtracted() {
    let of = |plan: &Plan, values: &[f64]| {
        let mut accumulator = Accumulator::new(plan);
        accumulator.update(values).unwrap();
        accumulator.into_partial()
    };
    let code = |plan: &Plan, values: &[f64], other: &[f64]| {
        let mut whole = of(plan, values);
        let before = bytes(&whole);
        let code = whole.subtract(&of(plan, other)).unwrap_err().code();
        assert_eq!(bytes(&whole), before, "it stays as it was");
        code
    };
    let (sums, values) = (Plan::new([Statistic::Stddev]), Plan::new([Statistic::Median]));
    assert_eq!(code(&sums, &[1.0], &[1.0, 2.0]), "partial.not_contained");
    assert_eq!(code(&sums, &[1.0, 2.0], &[9.0]), "partial.not_contained");
    assert_eq!(code(&values, &[1.0, 2.0], &[3.0]), "partial.not_contained");
    assert_eq!(code(&values, &[1.0, 2.0], &[2.0, 2.0]), "partial.not_contained");
    assert_eq!(code(&Plan::default(), &[1.0, 2.0], &[2.0]), "partial.not_subtractable");
    let error = of(&sums, &[1.0]).subtract(&of(&values, &[1.0])).unwrap_err();
    assert_eq!(error.code(), "plan.mismatch");
}
