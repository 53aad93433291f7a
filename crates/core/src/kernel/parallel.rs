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
use core::ops::RangeInclusive;
#[cfg(feature = "parallel")]
use rayon::prelude::*;

/// Values that one thread takes alone: waking others costs it some ten microseconds, which is what it takes
/// in so many in a cache.
pub const SERIAL_LENGTH_MAX: usize = 1 << 17;

/// Values of a chunk. At least so many that making and merging a state costs little beside it. Many more than that
/// where there are enough for all threads, since a kernel finds out anew in each chunk what its values are like.
#[cfg(feature = "parallel")]
const CHUNK_LENGTHS: RangeInclusive<usize> = 1 << 16..=1 << 20;

/// Chunks for each thread, so that none waits long for the last ones.
#[cfg(feature = "parallel")]
const CHUNKS_PER_THREAD: usize = 8;

/// Folds `0..length` chunk by chunk, each given as its start and its length, into states made by `empty`
/// and merges those, on rayon's current pool; where that has one thread, the caller's takes all at once.
/// Every task runs under the default floating-point environment, whatever its thread was left in.
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
    let n_threads = rayon::current_num_threads();
    if n_threads == 1 {
        return environment::with_default(|| take(empty(), 0, length));
    }
    let chunk_length = chunk_length(length, n_threads);
    let take = |state, chunk: usize| {
        let start = chunk * chunk_length;
        environment::with_default(|| take(state, start, chunk_length.min(length - start)))
    };
    let chunks = (0..length.div_ceil(chunk_length)).into_par_iter();
    chunks.fold(&empty, take).reduce(&empty, &merge)
}

/// A multiple of the least.
#[cfg(feature = "parallel")]
fn chunk_length(length: usize, n_threads: usize) -> usize {
    let (least, most) = (*CHUNK_LENGTHS.start(), *CHUNK_LENGTHS.end());
    (length / (CHUNKS_PER_THREAD * n_threads)).clamp(least, most) / least * least
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

#[cfg(all(test, feature = "parallel"))]
mod tests {
    use super::*;
    use rayon::ThreadPoolBuilder;

    #[test]
    fn chunks_are_whole_and_leave_nothing_out_whatever_the_number_of_threads() {
        let (least, most) = (*CHUNK_LENGTHS.start(), *CHUNK_LENGTHS.end());
        let lengths = [0, 1, least - 1, 3 * least + 1, 16 * least, 40 * least + 7, 100 * most + 1];
        for n_threads in 1..=3 {
            let pool = ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
            for length in lengths {
                let taken = pool.install(|| fold(length, Vec::new, with_chunk, joined));
                assert_covers(taken, length);
            }
        }
    }

    #[test]
    fn chunks_are_as_long_as_leaves_work_for_all_threads() {
        assert_eq!(chunk_length(1 << 17, 2), 1 << 16);
        assert_eq!(chunk_length(1 << 22, 2), 1 << 18);
        assert_eq!(chunk_length(100_000_000, 2), 1 << 20);
        assert_eq!(chunk_length(100_000_000, 64), 2 << 16);
    }

    fn with_chunk(
        mut chunks: Vec<(usize, usize)>,
        start: usize,
        length: usize,
    ) -> Vec<(usize, usize)> {
        chunks.push((start, length));
        chunks
    }

    fn joined(mut left: Vec<(usize, usize)>, right: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
        left.extend(right);
        left
    }

    #[track_caller]
    fn assert_covers(mut chunks: Vec<(usize, usize)>, length: usize) {
        chunks.sort_unstable();
        let end = chunks.into_iter().fold(0, |end, (start, length)| {
            assert_eq!(start, end);
            start + length
        });
        assert_eq!(end, length);
    }
}
