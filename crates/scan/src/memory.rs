//! How much memory the values, groups and counts of an input may take, over all columns and threads. Where they go
//! beyond that is in `spill`, which go first the sinks decide.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crate::{Error, spill::Spill};

/// How many bytes may be taken by the values that order statistics, `mode` and `distinct` are made of, by groups, and by
/// the different values of which the most frequent are wanted; the rest of them goes to a temporary file. Results do not
/// depend on it.
///
/// Clones share it: the inputs of one table that are read with clones of the same options take it together. What does
/// not grow with the input, such as the blocks that threads read and the sums of columns, is not counted; but where there
/// are so many columns that their sums and sketches alone would take more, fewer threads read, and in the end none.
///
/// Limits: a thread keeps up to a quarter of its share before it looks at the others, so that what it writes is worth
/// it; so the values may take a quarter more than is said. And a batch of rows is always kept.
///
/// ```
/// use exacta_scan::Memory;
/// assert_eq!(Memory::default().bytes_max(), 1 << 30);
/// assert_eq!(Memory::new(1000), Memory::new(1000));
/// ```
#[derive(Clone, Debug)]
pub struct Memory {
    bytes_max: u64,
    bytes_kept: Arc<AtomicU64>,
}

impl Memory {
    /// So many bytes.
    pub fn new(bytes_max: u64) -> Self {
        Self { bytes_max, bytes_kept: Arc::default() }
    }

    /// How many bytes they may be.
    pub fn bytes_max(&self) -> u64 {
        self.bytes_max
    }

    /// How many bytes they take by now.
    pub(crate) fn bytes_kept(&self) -> u64 {
        self.bytes_kept.load(Ordering::Relaxed)
    }

    /// How many threads of rayon's current pool may each have the sums and sketches of so many columns, which take so many
    /// bytes each.
    ///
    /// # Errors
    ///
    /// [`Error::ColumnsNeedMemory`] where there is not enough for one thread.
    pub(crate) fn n_threads(&self, n_columns: usize, column_bytes: u64) -> Result<usize, Error> {
        let bytes_needed = (n_columns as u64).saturating_mul(column_bytes);
        let bytes_max = self.bytes_max;
        match bytes_max.max(BYTES_ALWAYS) / bytes_needed.max(1) {
            0 => Err(Error::ColumnsNeedMemory { n_columns, bytes_needed, bytes_max }),
            n_threads => Ok(rayon::current_num_threads().min(n_threads as usize)),
        }
    }

    /// Whether more is kept than may be.
    pub(crate) fn is_exceeded(&self) -> bool {
        self.bytes_kept() > self.bytes_max
    }
}

/// What a scan may take for sums and sketches in any case.
const BYTES_ALWAYS: u64 = 64 << 20;

impl Default for Memory {
    /// 1 GiB.
    fn default() -> Self {
        Self::new(1 << 30)
    }
}

impl PartialEq for Memory {
    /// Whether they allow as much, whatever is kept.
    fn eq(&self, other: &Self) -> bool {
        self.bytes_max == other.bytes_max
    }
}

impl Eq for Memory {}

/// What keeps something that may be put into a file.
pub(crate) trait PutAway {
    /// How many bytes it keeps.
    fn bytes_kept(&self) -> u64;

    /// Puts them into a file, all.
    fn put_away(&mut self, spill: &mut Spill) -> Result<(), Error>;
}

/// What one sink keeps of the memory.
#[derive(Debug)]
pub(crate) struct Share {
    memory: Memory,
    bytes: u64,
    /// Less than this is not worth a file.
    bytes_min: u64,
}

impl Share {
    /// Nothing yet of the share of one of the threads of rayon's current pool.
    pub(crate) fn new(memory: &Memory) -> Self {
        let n_shares = rayon::current_num_threads() as u64;
        Self { memory: memory.clone(), bytes: 0, bytes_min: memory.bytes_max / (4 * n_shares) }
    }

    /// Nothing yet of a share as large.
    pub(crate) fn to_empty(&self) -> Self {
        Self { memory: self.memory.clone(), bytes: 0, bytes_min: self.bytes_min }
    }

    /// Tells how much is kept now.
    pub(crate) fn set(&mut self, bytes: u64) {
        // Wrapping, like the counter: together they are what all shares keep.
        self.memory.bytes_kept.fetch_add(bytes.wrapping_sub(self.bytes), Ordering::Relaxed);
        self.bytes = bytes;
    }

    /// Whether this one should give something away.
    pub(crate) fn is_exceeded(&self) -> bool {
        self.bytes > self.bytes_min && self.memory.is_exceeded()
    }

    /// Puts the largest of these into a file while all keep too much. A byte of theirs takes `growth` bytes in the end.
    pub(crate) fn make_room<'a, T: PutAway + 'a>(
        &mut self,
        keepers: impl IntoIterator<Item = &'a mut T>,
        growth: u64,
        spill: &mut Spill,
    ) -> Result<(), Error> {
        let mut keepers: Vec<_> = keepers.into_iter().collect();
        loop {
            self.set(keepers.iter().map(|keeper| keeper.bytes_kept()).sum::<u64>() * growth);
            let largest = keepers.iter_mut().max_by_key(|keeper| keeper.bytes_kept());
            match largest.filter(|keeper| keeper.bytes_kept() > 0 && self.is_exceeded()) {
                Some(keeper) => keeper.put_away(spill)?,
                None => return Ok(()),
            }
        }
    }

    /// Takes what another one keeps.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.bytes += other.bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_keeps_much_gives_when_all_keep_too_much() {
        let memory = Memory::new(1000);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        pool.install(|| {
            let (mut one, mut other) = (Share::new(&memory), Share::new(&memory.clone()));
            one.set(900);
            assert!(!one.is_exceeded());
            other.set(110);
            assert!(one.is_exceeded() && !other.is_exceeded(), "110 bytes are not worth a file");
            other.set(300);
            assert!(other.is_exceeded());
            one.set(0);
            assert!(!other.is_exceeded());
            other.merge(&one);
            other.set(1001);
            assert!(other.is_exceeded());
        });
    }
}
