//! What has fallen through a sieve so far. How a block is sifted is not here.
//!
//! Counts are sums and kept values are concatenated, so parts that fell through the same sieve on
//! different threads merge in any order. Values that are NaN, infinite or masked out are taken out
//! of a block before, where it has any; a block that turns out to have some has its counts thrown
//! away and is taken again.

use super::Chunk;
use super::sieve::{Sieve, Sifter};
use crate::kernel::arch::{self, SLACK};
use crate::kernel::{InstructionSet, Tally, Validity};
use alloc::vec;
use alloc::vec::Vec;

/// Values sifted at once.
const BLOCK_LENGTH: usize = 1 << 13;

/// How many kept values wait at least until they are split: enough to be worth a pass for each segment,
/// and few enough to stay in the first-level cache.
const WAITING_MIN: usize = 1 << 11;

/// For so many blocks after one with values to leave out, they are looked for first.
const PATIENCE: u32 = 16;

/// One for each task; merging moves vectors and copies none of the kept values.
#[derive(Debug)]
pub struct Sifted<'s> {
    sifter: &'s Sifter,
    pub tally: Tally,
    /// For each cut, how many finite values lie below it; where the values just below are kept, only after
    /// [`Sifted::finish`].
    below: Vec<u64>,
    /// For each segment the values that were kept.
    growing: Vec<Vec<f64>>,
    /// The same for each of those that were merged.
    grown: Vec<Vec<Vec<f64>>>,
    /// The first `n_waiting` have been kept and not been split yet.
    waiting: Vec<f64>,
    n_waiting: usize,
    block_below: Vec<u64>,
    finite: Vec<f64>,
    holed: u32,
}

impl<'s> Sifted<'s> {
    /// Nothing has fallen through yet.
    pub fn new(sifter: &'s Sifter) -> Self {
        let n_cuts = sifter.sieve.cuts().len();
        Self {
            sifter,
            tally: Tally::default(),
            below: vec![0; n_cuts],
            growing: vec![Vec::new(); n_cuts + 1],
            grown: Vec::new(),
            waiting: vec![0.0; WAITING_MIN + BLOCK_LENGTH + SLACK],
            n_waiting: 0,
            block_below: vec![0; n_cuts],
            finite: Vec::new(),
            holed: 0,
        }
    }

    /// Lets the values of a chunk fall through.
    pub fn take(&mut self, chunk: &Chunk<'_>) {
        for (index, block) in chunk.values.chunks(BLOCK_LENGTH).enumerate() {
            let validity = chunk.validity.map(|v| v.slice(index * BLOCK_LENGTH, block.len()));
            self.holed = self.holed.saturating_sub(1);
            if validity.is_some() || self.holed > 0 {
                self.take_holed(block, validity);
            } else if !self.take_finite(block) {
                self.holed = PATIENCE;
                self.take_holed(block, None);
            }
        }
    }

    /// Takes the values of a block that are there and finite, and counts the others.
    fn take_holed(&mut self, block: &[f64], validity: Option<Validity<'_>>) {
        let mut finite = core::mem::take(&mut self.finite);
        finite.resize(BLOCK_LENGTH + SLACK, 0.0);
        let length = gather(self.sifter.set, block, validity, &mut finite, &mut self.tally);
        self.take_finite(&finite[..length]);
        self.finite = finite;
    }

    /// Takes a block if all its values are finite; whether it did.
    fn take_finite(&mut self, block: &[f64]) -> bool {
        self.block_below.fill(0);
        let kept = &mut self.waiting[self.n_waiting..];
        let (length, finite) = self.sifter.sift(block, &mut self.block_below, kept);
        if finite {
            self.tally.finite += block.len() as u64;
            add(&mut self.below, &self.block_below);
            self.n_waiting += length;
            if self.n_waiting >= WAITING_MIN {
                self.split();
            }
        }
        finite
    }

    /// Parts what waits, so that the buffer is free again.
    fn split(&mut self) {
        self.sifter.split(&self.waiting[..self.n_waiting], &mut self.growing);
        self.n_waiting = 0;
    }

    /// Adds what has fallen through the same sieve elsewhere.
    pub fn merge(mut self, mut other: Self) -> Self {
        other.split();
        self.tally.merge(&other.tally);
        add(&mut self.below, &other.below);
        self.grown.append(&mut other.grown);
        self.grown.push(other.growing);
        self
    }

    /// Completes the counts when everything has been taken.
    ///
    /// The counts below a kept segment's upper cut follow now: those below its lower cut, and as
    /// many as were kept.
    pub fn finish(mut self) -> Self {
        self.split();
        self.grown.push(core::mem::take(&mut self.growing));
        let sieve = &self.sifter.sieve;
        for index in (0..self.below.len()).filter(|index| sieve.is_kept(*index)) {
            let kept: usize = self.grown.iter().map(|segments| segments[index].len()).sum();
            self.below[index] = self.below_segment(index) + kept as u64;
        }
        self
    }

    /// The one that everything fell through.
    pub fn sieve(&self) -> &Sieve {
        &self.sifter.sieve
    }

    /// The segment in which the element at `rank` lies.
    pub fn segment_of(&self, rank: u64) -> usize {
        self.below.partition_point(|below| *below <= rank)
    }

    /// How many values lie below a segment.
    pub fn below_segment(&self, segment: usize) -> u64 {
        segment.checked_sub(1).map_or(0, |cut| self.below[cut])
    }

    /// The values of a kept segment.
    pub fn segment(&self, index: usize) -> Vec<Chunk<'_>> {
        self.grown.iter().map(|segments| Chunk::from(&segments[index][..])).collect()
    }
}

/// Counts of 64 bits, one for each cut.
fn add(totals: &mut [u64], counts: &[u64]) {
    totals.iter_mut().zip(counts).for_each(|(total, count)| *total += *count);
}

/// Copies the finite values that are there to the begin of `finite`; how many they are. Only the others
/// are counted.
///
/// By vectors where there are no infinities, which they cannot count by sign; else one by one.
fn gather(
    set: InstructionSet,
    block: &[f64],
    validity: Option<Validity<'_>>,
    finite: &mut [f64],
    tally: &mut Tally,
) -> usize {
    if set > InstructionSet::Portable {
        let kept = arch::compact(set, block, validity, finite);
        if kept.finite + kept.nan == kept.valid {
            tally.nan += kept.nan as u64;
            tally.null += (block.len() - kept.valid) as u64;
            return kept.finite;
        }
    }
    let mut length = 0;
    let mut found = Tally::default();
    let chunk = Chunk { values: block, validity };
    for value in (0..block.len()).filter_map(|index| chunk.admit(index, &mut found)) {
        finite[length] = value;
        length += 1;
    }
    tally.merge(&Tally { finite: 0, ..found });
    length
}
