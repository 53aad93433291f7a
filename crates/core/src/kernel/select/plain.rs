//! Plain selection: what is right for any keys, reorders them, and asks for no luck.
//!
//! It is introselect of the standard library, which falls back to a linear worst case. Several
//! ranks are selected by halving: the middle rank parts the keys, and the others lie on either
//! side, so k ranks cost log k passes and not k.

use alloc::vec::Vec;

/// The keys at `ranks` (0-based, ascending, below `keys.len()`). Reorders `keys`. Expected time is linear
/// for one rank, and no more than a sort for many.
pub fn select(keys: &mut [i64], ranks: &[u64]) -> Vec<i64> {
    let mut selected = Vec::with_capacity(ranks.len());
    select_between(keys, 0, ranks, &mut selected);
    selected
}

/// Selects the middle rank, then the ranks below it among the smaller keys and those above among the
/// larger. `keys` are those at the ranks from `first` on.
/// The recursion is as deep as the logarithm of the number of ranks.
fn select_between(keys: &mut [i64], first: u64, ranks: &[u64], selected: &mut Vec<i64>) {
    let Some(rank) = ranks.get(ranks.len() / 2) else { return };
    let (below, key, above) = keys.select_nth_unstable((*rank - first) as usize);
    let key = *key;
    select_between(below, first, &ranks[..ranks.len() / 2], selected);
    selected.push(key);
    select_between(above, rank + 1, &ranks[ranks.len() / 2 + 1..], selected);
}
