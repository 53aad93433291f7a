//! Threads: a slice is cut into chunks that are taken in separately and merged. Which thread takes which
//! chunk, and in which order they are merged, cannot matter, since states are exact.

use super::environment;
#[cfg(feature = "parallel")]
use rayon::prelude::*;

/// Elements a task takes at least: enough that making and merging its state costs little beside it.
pub const CHUNK_LENGTH: usize = 1 << 14;

/// Folds `values` chunk by chunk into states made by `empty` and merges those, on rayon's current pool.
/// Every task runs under the default floating-point environment, whatever its thread was left in.
#[cfg(feature = "parallel")]
pub fn fold<T: Sync, S: Send>(
    values: &[T],
    empty: impl Fn() -> S + Sync,
    take: impl Fn(S, &[T]) -> S + Sync,
    merge: impl Fn(S, S) -> S + Sync,
) -> S {
    values
        .par_chunks(CHUNK_LENGTH)
        .fold(&empty, |state, chunk| environment::with_default(|| take(state, chunk)))
        .reduce(&empty, &merge)
}

/// The same without threads: one state takes everything.
#[cfg(not(feature = "parallel"))]
pub fn fold<T, S>(
    values: &[T],
    empty: impl Fn() -> S,
    take: impl Fn(S, &[T]) -> S,
    _merge: impl Fn(S, S) -> S,
) -> S {
    environment::with_default(|| take(empty(), values))
}
