//! Selection: the elements that would stand at given ranks if the values were sorted.

use crate::exact::Value;
use alloc::vec::Vec;

/// The elements at `ranks` (0-based, ascending, below `values.len()`), each with its rank. Reorders
/// `values`. Expected time is linear for one rank, and no more than a sort for many.
pub fn select(values: &mut [f64], ranks: &[u64]) -> Vec<(u64, Value)> {
    let mut elements = Vec::with_capacity(ranks.len());
    select_between(values, 0, ranks, &mut elements);
    elements
}

/// Selects the middle rank, then the ranks below it among the smaller values and those above among the
/// larger. `values` are those at the ranks from `first` on.
fn select_between(values: &mut [f64], first: u64, ranks: &[u64], elements: &mut Vec<(u64, Value)>) {
    let Some(rank) = ranks.get(ranks.len() / 2) else { return };
    let place = (rank - first) as usize;
    let (below, element, above) =
        values.select_nth_unstable_by(place, |a, b| Value::from(*a).cmp(&Value::from(*b)));
    let element = (*rank, Value::from(*element));
    select_between(below, first, &ranks[..ranks.len() / 2], elements);
    elements.push(element);
    select_between(above, rank + 1, &ranks[ranks.len() / 2 + 1..], elements);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_sorting(
            mut values in proptest::collection::vec(any::<f64>(), 1..200),
            wanted in proptest::collection::btree_set(0usize..200, 0..20),
        ) {
            let ranks: Vec<u64> = wanted.iter().filter(|r| **r < values.len()).map(|r| *r as u64).collect();
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let expected: Vec<_> = ranks.iter().map(|r| (*r, Value::from(sorted[*r as usize]))).collect();
            prop_assert_eq!(select(&mut values, &ranks), expected);
        }
    }
}
