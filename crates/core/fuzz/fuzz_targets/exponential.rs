//! The exponential histogram: any order, any cut and any way in gives the same one, and what it says of an
//! element is true.
#![no_main]

use exacta::Value;
use exacta::kernel_for_tests::ExponentialHistogram;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some(([cut, buckets, repetitions], rest)) = bytes.split_first_chunk::<3>() else { return };
    let words = rest
        .chunks_exact(8)
        .map(|word| f64::from_bits(u64::from_le_bytes(word.try_into().unwrap())));
    let words: Vec<f64> = words.collect();
    let n_values = words.len() * (1 + usize::from(repetitions & 15));
    let values: Vec<f64> = words.iter().cycle().take(n_values).copied().collect();
    let empty = || ExponentialHistogram::new(u32::from(*buckets) + 2).unwrap();

    let mut whole = empty();
    whole.update(&values);
    let mut backwards = empty();
    values.iter().rev().for_each(|value| backwards.push(Value::from(*value)));
    assert_eq!(whole, backwards);
    let (left, right) = values.split_at(usize::from(*cut).min(values.len()));
    let (mut merged, mut other) = (empty(), empty());
    merged.update(right);
    other.update(left);
    merged.merge(&other);
    assert_eq!(whole, merged);

    let parts = (whole.positive().clone(), whole.negative().clone());
    let again = ExponentialHistogram::from_parts(
        whole.buckets_max(),
        whole.scale(),
        whole.zeros(),
        parts.0,
        parts.1,
    );
    assert_eq!(again.as_ref(), Some(&whole), "what values have is possible");

    let mut sorted: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    assert_eq!(whole.count(), sorted.len() as u64);
    let ends = sorted.first().zip(sorted.last());
    let ends = ends.map(|(low, high)| (Value::from(*low), Value::from(*high)));
    for (rank, value) in sorted.iter().enumerate() {
        for extremes in [None, ends] {
            let found = whole.at_rank(rank as u64, extremes).unwrap();
            assert!(found.lower <= *value && *value <= found.upper, "{value:e}: {found:?}");
            assert!(found.lower <= found.value && found.value <= found.upper, "{found:?}");
        }
    }
    assert!(whole.at_rank(sorted.len() as u64, None).is_none());
});
