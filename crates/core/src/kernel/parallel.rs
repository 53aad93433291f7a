//! Threads: a slice is cut into chunks that are taken in separately and merged. Which thread takes which
//! chunk, and in which order they are merged, cannot matter, since states are exact.
//!
//! Here a promise that other libraries cannot keep is free: results do not depend on the number of
//! threads, because merging is associative and commutative to the bit. So rayon may steal and merge
//! as it likes, nothing is ordered, and no thread waits for a neighbour. Without the feature
//! `parallel` the same functions run on the caller's thread, with the same bits.

use super::environment;
use alloc::vec::Vec;
#[cfg(feature = "parallel")]
use rayon::prelude::*;

/// Values that one thread takes alone: waking others costs it some ten microseconds, which is what it takes
/// in so many in a cache.
pub const SERIAL_LENGTH_MAX: usize = 1 << 17;

/// Values a task takes at least: enough that making and merging its state costs little beside it.
#[cfg(feature = "parallel")]
const CHUNK_LENGTH: usize = 1 << 16;

/// Folds `0..length` chunk by chunk, each given as its start and its length, into states made by `empty`
/// and merges those, on rayon's current pool. Every task runs under the default floating-point
/// environment, whatever its thread was left in.
///
/// Cost: each task begins with a state of its own, so what `empty` makes should be small beside
/// 2^16 values.
/// Panics: what a task panics with.
#[cfg(feature = "parallel")]
pub fn fold<S: Send>(
    length: usize,
    empty: impl Fn() -> S + Sync,
    take: impl Fn(S, usize, usize) -> S + Sync,
    merge: impl Fn(S, S) -> S + Sync,
) -> S {
    let take = |state, chunk: usize| {
        let start = chunk * CHUNK_LENGTH;
        environment::with_default(|| take(state, start, CHUNK_LENGTH.min(length - start)))
    };
    let chunks = (0..length.div_ceil(CHUNK_LENGTH)).into_par_iter();
    chunks.fold(&empty, take).reduce(&empty, &merge)
}

/// The same without threads: one state takes everything.
#[cfg(not(feature = "parallel"))]
pub fn fold<S>(
    length: usize,
    empty: impl Fn() -> S,
    take: impl Fn(S, usize, usize) -> S,
    _merge: impl Fn(S, S) -> S,
) -> S {
    environment::with_default(|| take(empty(), 0, length))
}

/// Folds items one by one into states made by `empty` and merges those, on rayon's current pool.
///
/// For items of very different sizes, such as whole columns: stealing balances them.
#[cfg(feature = "parallel")]
pub fn fold_items<T: Sync, S: Send>(
    items: &[T],
    empty: impl Fn() -> S + Sync + Send,
    take: impl Fn(S, &T) -> S + Sync + Send,
    merge: impl Fn(S, S) -> S + Sync + Send,
) -> S {
    items
        .par_iter()
        .fold(&empty, |state, item| environment::with_default(|| take(state, item)))
        .reduce_with(merge)
        .unwrap_or_else(empty)
}

/// The same without threads: one state takes everything.
#[cfg(not(feature = "parallel"))]
pub fn fold_items<T, S>(
    items: &[T],
    empty: impl Fn() -> S,
    take: impl Fn(S, &T) -> S,
    _merge: impl Fn(S, S) -> S,
) -> S {
    items.iter().fold(empty(), take)
}

/// What `find` gives for each item, in order, on rayon's current pool.
///
/// The order of the results is that of the items, whatever the order of the work.
#[cfg(feature = "parallel")]
pub fn map<T: Sync, R: Send>(items: &[T], find: impl Fn(&T) -> R + Sync + Send) -> Vec<R> {
    items.par_iter().map(|item| environment::with_default(|| find(item))).collect()
}

/// The same without threads.
#[cfg(not(feature = "parallel"))]
pub fn map<T, R>(items: &[T], find: impl Fn(&T) -> R) -> Vec<R> {
    items.iter().map(find).collect()
}

/// Sorts on rayon's current pool.
///
/// Equal keys cannot be told apart, so an unstable sort has one result.
#[cfg(feature = "parallel")]
pub fn sort(keys: &mut [i64]) {
    keys.par_sort_unstable();
}

/// The same without threads.
#[cfg(not(feature = "parallel"))]
pub fn sort(keys: &mut [i64]) {
    keys.sort_unstable();
}
