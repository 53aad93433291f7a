//! Columns as callers hold them: whatever the type, the stride and the mask, a column is its values taken
//! one by one.

use exacta::{
    Accumulator, Column, Element, Error, ExactIterator, ExactSum, Nonfinite, Outcome, Partial,
    Plan, Statistic, Validity, Value,
};
use proptest::prelude::*;

/// Every combination of states that chooses its kernels in another way.
fn plans() -> [Plan; 8] {
    use Statistic::{Count, Kurtosis, Max, Mean, Median, Min, Rms, Stddev, Sum};
    let plans: [&[Statistic]; 8] = [
        &[],
        &[Count],
        &[Sum],
        &[Mean, Min],
        &[Rms],
        &[Stddev, Max],
        &[Sum, Max, Median],
        &[Kurtosis],
    ];
    plans.map(|statistics| Plan::new(statistics.iter().copied()))
}

/// Elements with a mask, longer than a block of any kind.
fn cells<T: Arbitrary>() -> impl Strategy<Value = (Vec<T>, Vec<u8>)> {
    prop_oneof![0usize..40, 1000usize..9000].prop_flat_map(|length| {
        let elements = proptest::collection::vec(any::<T>(), length);
        (elements, proptest::collection::vec(any::<u8>(), length / 8 + 2))
    })
}

fn outcome(
    plan: &Plan,
    take: impl FnOnce(&mut Accumulator) -> Result<(), Error>,
) -> (Result<(), Error>, Vec<u8>) {
    let mut accumulator = Accumulator::new(plan);
    let outcome = take(&mut accumulator);
    (outcome, Partial::to_bytes(&accumulator.into_partial()).unwrap())
}

/// The column that `stride` and `offset` cut out of `cells`, taken at once, by threads, and one by one.
fn check<T: Element>((elements, bits): &(Vec<T>, Vec<u8>), stride: usize, offset: usize) {
    let length = elements.len().div_ceil(stride);
    let validity = Validity::new(bits, offset, length).unwrap();
    let column = Column::strided(elements, stride).with_validity(validity).unwrap();
    for plan in plans() {
        for policy in [Nonfinite::Skip, Nonfinite::Reject] {
            let plan = plan.clone().with_nonfinite(policy);
            let expected = outcome(&plan, |accumulator| {
                elements.iter().step_by(stride).enumerate().try_for_each(|(index, element)| {
                    if validity.is_valid(index) {
                        return accumulator.push(*element);
                    }
                    accumulator.push_null();
                    Ok(())
                })
            });
            assert_eq!(outcome(&plan, |accumulator| accumulator.update(column)), expected);
            assert_eq!(outcome(&plan, |accumulator| accumulator.update_parallel(column)), expected);
        }
    }
}

/// A plan gives the same results of borrowed values as of accumulated ones, quantiles among them.
fn check_summary(cells: &(Vec<f64>, Vec<u8>)) {
    let (values, bits) = cells;
    let validity = Validity::new(bits, 0, values.len()).unwrap();
    let column = Column::new(values).with_validity(validity).unwrap();
    let quantiles = ["0", "0.1", "1/3", "1"].map(|p| p.parse().unwrap());
    for plan in plans() {
        for policy in [Nonfinite::Propagate, Nonfinite::Skip, Nonfinite::Reject] {
            let plan = plan.clone().with_nonfinite(policy).with_quantiles(quantiles);
            let mut accumulator = Accumulator::new(&plan);
            let taken = accumulator.update(column);
            let expected = taken.and_then(|()| accumulator.into_partial().finalize(&plan));
            assert_eq!(format!("{:?}", plan.summarize(column)), format!("{expected:?}"));
        }
    }
}

/// Every way to a sum is the plan's.
fn check_sums<T: Element>((elements, bits): &(Vec<T>, Vec<u8>)) {
    let plan = Plan::new([Statistic::Sum, Statistic::Mean]);
    let validity = Validity::new(bits, 0, elements.len()).unwrap();
    let column = Column::new(elements).with_validity(validity).unwrap();
    let there = || (0..elements.len()).filter(|i| validity.is_valid(*i)).map(|i| elements[i]);
    let summary = plan.summarize(column).unwrap();
    let expected = summary.get(Statistic::Sum).and_then(Outcome::bits);
    let mut pushed = ExactSum::default();
    there().for_each(|element| pushed += element);
    let sums = [exacta::sum(column), pushed.to_f64(), there().exact_sum()];
    for sum in sums {
        assert_eq!(Outcome::Finite(sum).bits(), expected);
    }
    let mean = summary.get(Statistic::Mean).and_then(Outcome::bits);
    assert_eq!(there().exact_mean().and_then(|mean| Outcome::Finite(mean).bits()), mean);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_column_is_its_values_one_by_one(
        doubles in cells::<f64>(),
        singles in cells::<f32>(),
        words in cells::<i64>(),
        counts in cells::<u64>(),
        bytes in cells::<u8>(),
        stride in 1usize..4,
        offset in 0usize..8,
    ) {
        check(&doubles, stride, offset);
        check(&singles, stride, offset);
        check(&words, stride, offset);
        check(&counts, stride, offset);
        check(&bytes, stride, offset);
        check_sums(&doubles);
        check_summary(&doubles);
        check_sums(&singles);
        check_sums(&counts);
        // Integers beyond 2^53 by themselves, all near to each other, and among floats and zeros of both signs.
        let times: Vec<_> = words.0.iter().map(|word| 1_700_000_000_000_000_000 + (word >> 20)).collect();
        let mixed: Vec<_> = words.0.iter().zip(&times).map(|(word, time)| match word & 7 {
            0 => Value::from(-0.0),
            1 | 2 => Value::from(*word as f64 / 8.0),
            3 => Value::from(*word as u64),
            _ => Value::from(-*time),
        }).collect();
        check(&(times, words.1.clone()), stride, offset);
        check(&(mixed, words.1.clone()), stride, offset);
        let small: Vec<i64> = words.0.iter().map(|word| word >> 40).collect();
        check(&(small, words.1), stride, offset);
    }

    /// A bit pattern is hardly ever a NaN: this has them, behind the mask and before it.
    #[test]
    fn the_first_offender_that_is_there_is_named(
        mut cells in cells::<f64>(),
        places in proptest::collection::vec(any::<prop::sample::Index>(), 0..4),
    ) {
        for (place, value) in places.iter().zip([f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::NAN]) {
            if !cells.0.is_empty() {
                let place = place.index(cells.0.len());
                cells.0[place] = value;
            }
        }
        check(&cells, 1, 3);
        check_sums(&cells);
        check_summary(&cells);
    }
}

#[test]
fn a_mask_of_another_length_is_refused() {
    let validity = Validity::new(&[0xff], 0, 3).unwrap();
    let error = Column::new(&[1.0; 4]).with_validity(validity).unwrap_err();
    assert_eq!(error.code(), "column.length_mismatch");
    assert!(Column::strided(&[1.0; 5], 2).with_validity(validity).is_ok());
}

/// Longer than one thread takes alone, with an offender that two threads could find.
#[test]
fn threads_take_strides_and_masks_and_name_the_first_offender() {
    let words: Vec<i64> =
        (0..600_000u64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15) as i64).collect();
    let bits: Vec<u8> = words.iter().map(|word| (word >> 17) as u8 | 0x11).collect();
    check(&(words.clone(), bits.clone()), 3, 5);
    let mut floats: Vec<f64> = words.iter().map(|word| *word as f64).collect();
    floats[300_000] = f64::NAN;
    floats[500_000] = f64::INFINITY;
    check(&(floats, bits), 1, 4);
}
