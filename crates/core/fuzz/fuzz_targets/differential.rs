//! The kernels of every instruction set that this machine has, beside the portable loops: the same sums and
//! the same tallies, whatever the bits, the length, the alignment and the mask.
#![no_main]

use exacta::Validity;
use exacta::kernel_for_tests::{
    CubeAccumulator, FourthAccumulator, InstructionSet, ProductSums, SquareAccumulator,
    SumAccumulator, moments, powers, products, sum_with,
};
use libfuzzer_sys::fuzz_target;

/// Every sum and every tally of every kernel.
fn everything(
    set: InstructionSet,
    xs: &[f64],
    ys: &[f64],
    mask: Option<Validity<'_>>,
) -> impl PartialEq + std::fmt::Debug + use<> {
    set.force();
    let mut sum = SumAccumulator::default();
    let tally = sum_with(set, xs, mask, &mut sum);
    let one = (sum.to_dyadic(), tally);

    let (mut sum, mut squares) = (SumAccumulator::default(), SquareAccumulator::default());
    let tally = moments(xs, mask, &mut sum, &mut squares);
    let two = (sum.to_dyadic(), squares.to_dyadic(), tally);

    let (mut sum, mut squares) = (SumAccumulator::default(), SquareAccumulator::default());
    let (mut cubes, mut fourths) = (CubeAccumulator::default(), FourthAccumulator::default());
    let tally = powers(xs, mask, &mut sum, &mut squares, &mut cubes, &mut fourths);
    let sums = [sum.to_dyadic(), squares.to_dyadic(), cubes.to_dyadic(), fourths.to_dyadic()];
    let four = (sums, tally);

    let mut rows = ProductSums::default();
    let tally = products(xs, ys, mask, &mut rows);
    let squares = [rows.squares_x.to_dyadic(), rows.squares_y.to_dyadic()];
    let sums = [rows.x.to_dyadic(), rows.y.to_dyadic(), rows.products.to_dyadic()];
    (one, two, four, (sums, squares, tally))
}

fuzz_target!(|bytes: &[u8]| {
    let [head, lengths @ ..] = bytes else { return };
    let Some((repetitions, rest)) = lengths.split_first() else { return };
    let words = rest
        .chunks_exact(8)
        .map(|word| f64::from_bits(u64::from_le_bytes(word.try_into().unwrap())));
    let words: Vec<f64> = words.collect();
    // Vectors begin where arrays are long: so the input stands there several times, and then once from its end.
    let values: Vec<f64> = words
        .iter()
        .cycle()
        .take(words.len() * (1 + usize::from(*repetitions)))
        .chain(words.iter().rev())
        .copied()
        .collect();
    let skipped = usize::from(head & 7).min(values.len());
    let (xs, ys) = (&values[skipped..], &values[..values.len() - skipped]);
    let bits: Vec<u8> = rest.iter().copied().cycle().take(xs.len() / 8 + 2).collect();
    let validity =
        Validity::new(&bits, usize::from(head >> 3 & 7), xs.len()).filter(|_| head >> 7 == 1);
    if rest.is_empty() {
        return;
    }
    let expected = everything(InstructionSet::Portable, xs, ys, validity);
    for set in InstructionSet::available() {
        assert_eq!(everything(set, xs, ys, validity), expected, "{set:?}");
    }
});
