//! Selection beside sorting: quantiles of any probabilities by any method, with a mask and with values that are
//! no numbers, from a column in memory and from a decoded partial, whose values are sorted runs.
#![no_main]

use exacta::{
    Accumulator, Column, Nonfinite, Partial, Plan, Probability, QuantileMethod, Statistic, Validity,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((head, rest)) = bytes.split_first_chunk::<8>() else { return };
    let [method, policy, repetitions, mask, p0, p1, p2, p3] = *head;
    let words = rest
        .chunks_exact(8)
        .map(|word| f64::from_bits(u64::from_le_bytes(word.try_into().unwrap())));
    let words: Vec<f64> = words.collect();
    let n_values = words.len() * (1 + usize::from(repetitions));
    let values: Vec<f64> = words.iter().cycle().take(n_values).copied().collect();
    let policy = [Nonfinite::Propagate, Nonfinite::Skip][usize::from(policy & 1)];
    let ratios = [(p0.min(p1), p0.max(p1)), (p2.min(p3), p2.max(p3))];
    let ratio = |(n, d): (u8, u8)| Probability::ratio(n.into(), u64::from(d).max(1)).ok();
    let probabilities: Vec<Probability> = ratios.into_iter().filter_map(ratio).collect();
    let plan = Plan::new([Statistic::Median, Statistic::Iqr, Statistic::Mad, Statistic::Mode])
        .with_quantiles(probabilities)
        .with_quantile_method(QuantileMethod::ALL[usize::from(method) % QuantileMethod::ALL.len()])
        .with_nonfinite(policy);

    let bits: Vec<u8> = rest.iter().copied().cycle().take(values.len() / 8 + 2).collect();
    let validity =
        Validity::new(&bits, usize::from(mask & 7), values.len()).filter(|_| mask >> 7 == 1);
    let column = || match validity {
        Some(validity) => Column::from(&values).with_validity(validity).unwrap(),
        None => Column::from(&values),
    };
    let kept = |index: usize| validity.is_none_or(|it| it.is_valid(index));

    // One by one and in order: nothing is left to select.
    let mut sorted: Vec<f64> =
        (0..values.len()).filter(|it| kept(*it)).map(|it| values[it]).collect();
    sorted.sort_by(f64::total_cmp);
    let mut accumulator = Accumulator::new(&plan);
    sorted.iter().for_each(|value| accumulator.push(*value).unwrap());
    (sorted.len()..values.len()).for_each(|_| accumulator.push_null());
    let partial = accumulator.into_partial();
    let runs = Partial::from_bytes(&partial.to_bytes().unwrap()).unwrap();
    let expected = format!("{:?}", runs.finalize(&plan).unwrap());

    let mut accumulator = Accumulator::new(&plan);
    accumulator.update(column()).unwrap();
    let selected = accumulator.into_partial();
    assert_eq!(selected.to_bytes().unwrap(), partial.to_bytes().unwrap());
    assert_eq!(format!("{:?}", selected.finalize(&plan).unwrap()), expected);
    assert_eq!(format!("{:?}", plan.summarize(column()).unwrap()), expected);
});
