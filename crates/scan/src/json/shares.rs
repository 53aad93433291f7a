//! A long array of numbers that lies in memory, cut at commas into shares for threads. What is wrong with a share is not
//! found here: it is only given back.

use exacta::environment;
use rayon::prelude::*;

use super::{
    numbers::{self, Progress},
    reader::BATCH_LENGTH,
};
use crate::arch::InstructionSet;

/// The share of a thread at first. As long as the array goes on, the next is twice as long: where it ends is not known,
/// and what a thread reads behind it in vain is to be shorter than it.
pub(super) const BYTES_MIN: usize = 64 << 10;

/// The longest share.
const BYTES_MAX: usize = 2 << 20;

/// An array that is read by shares.
pub(super) struct Shares<'a> {
    bytes: &'a [u8],
    /// How far it has been read: an element begins there, or the array has ended.
    pub(super) at: usize,
    pub(super) n_numbers: u64,
    closed: bool,
    /// Whether no more shares are to be read.
    is_over: bool,
}

/// What a thread makes of its share.
struct Share<S> {
    state: S,
    n_numbers: u64,
    progress: Progress,
}

impl<'a> Shares<'a> {
    /// From `at` on, where an element begins.
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, n_numbers: 0, closed: false, is_over: false }
    }

    /// Reads shares until the array ends, or one has something else than numbers in it, or what is left is too short to
    /// be worth it. Gives whether the array has ended.
    pub(super) fn fold<S: Send, E>(
        &mut self,
        empty: &(impl Fn() -> S + Sync),
        take: &(impl Fn(&mut S, &[f64]) + Sync),
        join: &mut impl FnMut(Vec<S>) -> Result<(), E>,
    ) -> Result<bool, E> {
        let n_threads = rayon::current_num_threads();
        let mut bytes_max = BYTES_MIN;
        while n_threads > 1 && !self.is_over && self.bytes.len() - self.at > n_threads * BYTES_MIN {
            let cuts = self.cuts(n_threads, bytes_max);
            let read = |cut: &[usize]| Share::read(&self.bytes[..cut[1]], cut[0], empty, take);
            let shares = cuts.par_windows(2).map(read).collect();
            join(self.gather(shares))?;
            bytes_max = BYTES_MAX.min(2 * bytes_max);
        }
        Ok(self.closed)
    }

    /// The states of shares up to the end of the array, or to one that could not be read.
    fn gather<S>(&mut self, shares: Vec<Option<Share<S>>>) -> Vec<S> {
        let mut states = Vec::with_capacity(shares.len());
        for share in shares {
            let Some(Share { state, n_numbers, progress }) = share else {
                self.is_over = true;
                break;
            };
            states.push(state);
            self.n_numbers += n_numbers;
            self.at = progress.at;
            if progress.closed {
                (self.is_over, self.closed) = (true, true);
                break;
            }
        }
        states
    }

    /// Where shares begin, and the last one ends: behind commas, or at the end of all.
    fn cuts(&self, n_shares: usize, bytes_max: usize) -> Vec<usize> {
        let share_bytes = bytes_max.min((self.bytes.len() - self.at).div_ceil(n_shares));
        let mut cuts = vec![self.at];
        for _ in 0..n_shares {
            let last = cuts[cuts.len() - 1];
            let goal = self.bytes.len().min(last + share_bytes);
            let comma = self.bytes[goal..].iter().position(|byte| *byte == b',');
            cuts.push(comma.map_or(self.bytes.len(), |comma| goal + comma + 1));
        }
        cuts
    }
}

impl<S> Share<S> {
    /// Reads the elements from `at` to the end of the bytes, or of the array; `None` if they are no numbers.
    fn read(
        bytes: &[u8],
        at: usize,
        empty: &impl Fn() -> S,
        take: &impl Fn(&mut S, &[f64]),
    ) -> Option<Self> {
        let set = InstructionSet::best();
        let mut batch = Vec::new();
        let mut share =
            Self { state: empty(), n_numbers: 0, progress: Progress { at, closed: false } };
        while share.progress.at < bytes.len() && !share.progress.closed {
            let at = share.progress.at;
            share.progress =
                environment::with_default(|| numbers::read(set, bytes, at, &mut batch));
            if share.progress.at == at {
                return None;
            }
            if batch.len() >= BATCH_LENGTH {
                share.take(&mut batch, take);
            }
        }
        share.take(&mut batch, take);
        Some(share)
    }

    fn take(&mut self, batch: &mut Vec<f64>, take: &impl Fn(&mut S, &[f64])) {
        take(&mut self.state, batch);
        self.n_numbers += batch.len() as u64;
        batch.clear();
    }
}
