//! Reading memory, and no more: what everything else is measured against.

/// How many words of each half are taken at once: eight vectors of two words, which every x86-64 has.
const WIDTH: usize = 16;

/// The exclusive or of all representations.
///
/// Both halves side by side: a processor fetches ahead for each, and so memory gives a tenth more than for one. It is
/// what vectors of AVX-512 get as well.
pub(super) fn read(values: &[f64]) -> u64 {
    let half = values.len() / 2 / WIDTH * WIDTH;
    let (left, right) = values.split_at(half);
    let (right, rest) = right.split_at(half);
    let mut lanes = [0; WIDTH];
    for (left, right) in left.as_chunks::<WIDTH>().0.iter().zip(right.as_chunks::<WIDTH>().0) {
        for ((lane, left), right) in lanes.iter_mut().zip(left).zip(right) {
            *lane ^= left.to_bits() ^ right.to_bits();
        }
    }
    let rest = rest.iter().map(|value| value.to_bits());
    lanes.into_iter().chain(rest).fold(0, |all, word| all ^ word)
}

/// The same by two threads of the current pool.
pub(super) fn read_by_two(values: &[f64]) -> u64 {
    let (left, right) = values.split_at(values.len() / 2);
    let (left, right) = rayon::join(|| read(left), || read(right));
    left ^ right
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read() {
        let values: Vec<_> = (0..100u64).map(|index| f64::from_bits(1 << (index % 64))).collect();
        for length in 0..values.len() {
            let expected = values[..length].iter().fold(0, |all, value| all ^ value.to_bits());
            assert_eq!(read(&values[..length]), expected);
            assert_eq!(read_by_two(&values[..length]), expected);
        }
    }
}
