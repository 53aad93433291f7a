//! Selection: the elements that would stand at given ranks if the finite values were sorted. Data is
//! borrowed and stays as it is. Which ranks a quantile needs is not known here.

mod plain;

use super::{Tally, Validity};
use crate::exact::Value;
use alloc::vec::Vec;

/// Values that lie together, and which of them are there.
#[derive(Clone, Copy, Debug)]
pub struct Chunk<'a> {
    /// The values, which may be anything, also NaN and infinite.
    pub values: &'a [f64],
    /// Where there is one, of as many values.
    pub validity: Option<Validity<'a>>,
}

impl<'a> From<&'a [f64]> for Chunk<'a> {
    fn from(values: &'a [f64]) -> Self {
        Self { values, validity: None }
    }
}

/// What selection found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// What values there are; without the extremes.
    pub tally: Tally,
    /// The elements at the ranks asked for, each with its rank.
    pub elements: Vec<(u64, Value)>,
}

/// The elements at `ranks` (0-based, ascending, different, below their number) of the finite values.
pub fn select(values: &[f64], ranks: &[u64]) -> Vec<(u64, Value)> {
    select_finite(&[Chunk::from(values)], |_| ranks.to_vec()).elements
}

/// The elements of the finite values that are there, at the ranks that `ranks` gives for what there is:
/// 0-based, ascending, different, and below the number of finite values. It is asked more than once, also
/// for an estimate, since the number of finite values is known only after the pass that selects. A caller
/// that knows the ranks already gives them whatever it is told.
pub fn select_finite(chunks: &[Chunk<'_>], ranks: impl Fn(&Tally) -> Vec<u64>) -> Selection {
    let mut tally = Tally::default();
    let mut keys = Vec::new();
    for chunk in chunks {
        for (index, value) in chunk.values.iter().enumerate() {
            if chunk.validity.is_some_and(|validity| !validity.is_valid(index)) {
                tally.null += 1;
            } else if tally.admit(*value) {
                keys.push(Value::from(*value).key());
            }
        }
    }
    let ranks = ranks(&tally);
    let selected = plain::select(&mut keys, &ranks).into_iter().map(Value::from_key);
    Selection { tally, elements: ranks.into_iter().zip(selected).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_sorting(
            values in proptest::collection::vec(any::<f64>(), 1..200),
            wanted in proptest::collection::btree_set(0usize..200, 0..20),
        ) {
            let mut sorted: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
            sorted.sort_by(f64::total_cmp);
            let ranks: Vec<u64> = wanted.iter().filter(|r| **r < sorted.len()).map(|r| *r as u64).collect();
            let expected: Vec<_> = ranks.iter().map(|r| (*r, Value::from(sorted[*r as usize]))).collect();
            prop_assert_eq!(select(&values, &ranks), expected);
        }
    }
}
