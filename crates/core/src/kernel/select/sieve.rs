//! Cuts of the order, and what falls between them. Where to cut is not decided here.

use super::table::Table;
use super::{Chunk, keys};
use crate::kernel::{InstructionSet, Tally, arch};
use alloc::vec;
use alloc::vec::Vec;

/// A place in the order, just below the value with this key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    pub key: i64,
    /// Whether values are kept on exactly one side of it.
    pub edge: bool,
}

/// Which stretches of the order to keep: segment i holds the keys below cut i that are not below the one
/// before, and the last those above every cut.
#[derive(Clone, Debug)]
pub struct Sieve {
    cuts: Vec<Cut>,
    kept: Vec<bool>,
}

impl Default for Sieve {
    /// One segment that is not kept.
    fn default() -> Self {
        Self { cuts: Vec::new(), kept: vec![false] }
    }
}

impl Sieve {
    /// How many brackets of up to four cuts a sieve can have.
    pub const BRACKETS_MAX: usize = Table::CUTS_MAX / 4;

    /// Keeps the keys from `from` up to, not including, `to`, as far as they lie above all cuts so far. A
    /// single key gets a segment that is not kept: every value in it is known.
    pub fn keep(&mut self, from: i64, to: i64) {
        let last = self.cuts.last().map(|cut| cut.key);
        let from = from.max(last.unwrap_or(i64::MIN));
        if from >= to {
            return;
        }
        if last != Some(from) {
            self.push(from);
        }
        *self.kept.last_mut().expect("there is a segment") = to.abs_diff(from) > 1;
        let before = self.cuts.len() - 1;
        self.cuts[before].edge = self.kept[before] != self.kept[before + 1];
        self.push(to);
    }

    /// A cut with a segment above it that is not kept.
    fn push(&mut self, key: i64) {
        let edge = *self.kept.last().expect("there is a segment");
        self.cuts.push(Cut { key, edge });
        self.kept.push(false);
    }

    /// The same segments, of which only those of `indices` are kept.
    pub fn keeping(&self, indices: impl IntoIterator<Item = usize>) -> Self {
        let mut sieve = self.clone();
        // Above the last cut nothing can be kept: what is finite gets one more.
        sieve.push(keys::FINITE.end);
        sieve.kept.fill(false);
        indices.into_iter().for_each(|index| sieve.kept[index] = true);
        for (cut, sides) in sieve.cuts.iter_mut().zip(sieve.kept.windows(2)) {
            cut.edge = sides[0] != sides[1];
        }
        sieve
    }

    pub fn cuts(&self) -> &[Cut] {
        &self.cuts
    }

    pub fn is_kept(&self, segment: usize) -> bool {
        self.kept[segment]
    }

    pub fn keeps_any(&self) -> bool {
        self.kept.contains(&true)
    }

    /// The only key of a segment that has one.
    pub fn single_key(&self, segment: usize) -> Option<i64> {
        let (low, high) = (self.cuts.get(segment.checked_sub(1)?)?, self.cuts.get(segment)?);
        (high.key.abs_diff(low.key) == 1).then_some(low.key)
    }

    /// The keys of a segment that has cuts on both sides, as far as they are finite.
    fn edges(&self, segment: usize) -> [Cut; 2] {
        let cut = |key| Cut { key, edge: true };
        let low = segment.checked_sub(1).map_or(keys::FINITE.start, |below| self.cuts[below].key);
        let high = self.cuts.get(segment).map_or(keys::FINITE.end, |cut| cut.key);
        [cut(low), cut(high)]
    }
}

/// Values taken in at once: what was kept of them stays in the second-level cache until it is split.
const BLOCK_LENGTH: usize = 1 << 14;

/// Room that sifting may write to behind what it keeps.
pub const SLACK: usize = 8;

/// What has fallen through a sieve.
#[derive(Debug)]
pub struct Sifted<'s> {
    sifter: &'s Sifter,
    pub tally: Tally,
    /// For each cut, how many finite values lie below it.
    pub below: Vec<u64>,
    /// For each segment the values that were kept, in pieces.
    kept: Vec<Vec<Vec<f64>>>,
    scratch: Scratch,
}

#[derive(Debug)]
struct Scratch {
    finite: Vec<f64>,
    kept: Vec<f64>,
    one: Vec<f64>,
    below: Vec<u64>,
}

/// A sieve with the way that is fastest here to sift by it.
#[derive(Debug)]
pub struct Sifter {
    pub sieve: Sieve,
    set: InstructionSet,
    table: Option<Table>,
}

impl Sifter {
    pub fn new(sieve: Sieve) -> Self {
        let set = InstructionSet::current();
        let cuts_compared = match set {
            InstructionSet::Avx512 => 24,
            InstructionSet::Avx2 => 16,
            InstructionSet::Sse2 | InstructionSet::Portable => 1,
        };
        let table = (sieve.cuts.len() > cuts_compared).then(|| Table::new(&sieve));
        Self { sieve, set, table }
    }

    /// Counts for each cut the values of `block` below it, and gathers in `kept` those of kept segments.
    /// How many those are, and whether every value is finite; if not, the counts mean nothing.
    fn sift(&self, block: &[f64], below: &mut [u64], kept: &mut [f64]) -> (usize, bool) {
        match &self.table {
            Some(table) => table.sift(&self.sieve, block, below, kept),
            None => compare(self.set, block, &self.sieve.cuts, below, kept),
        }
    }
}

/// Sifts by comparing each value with each cut.
fn compare(
    set: InstructionSet,
    block: &[f64],
    cuts: &[Cut],
    below: &mut [u64],
    kept: &mut [f64],
) -> (usize, bool) {
    match set {
        InstructionSet::Portable => compare_each(block, cuts, below, kept),
        _ => arch::sift(set, block, cuts, below, kept),
    }
}

/// [`compare`], a value at a time.
pub fn compare_each(
    block: &[f64],
    cuts: &[Cut],
    below: &mut [u64],
    kept: &mut [f64],
) -> (usize, bool) {
    let (mut length, mut finite) = (0, true);
    for value in block {
        let key = keys::of(*value);
        let mut inside = false;
        for (cut, below) in cuts.iter().zip(&mut *below) {
            let is_below = key < cut.key;
            *below += u64::from(is_below);
            inside ^= is_below & cut.edge;
        }
        kept[length] = *value;
        length += usize::from(inside);
        finite &= value.is_finite();
    }
    (length, finite)
}

impl<'s> Sifted<'s> {
    /// Nothing has fallen through yet.
    pub fn new(sifter: &'s Sifter) -> Self {
        let cuts = sifter.sieve.cuts.len();
        let room = || vec![0.0; BLOCK_LENGTH + SLACK];
        Self {
            sifter,
            tally: Tally::default(),
            below: vec![0; cuts],
            kept: vec![vec![Vec::new()]; cuts + 1],
            scratch: Scratch { finite: room(), kept: room(), one: room(), below: vec![0; cuts] },
        }
    }

    /// Lets the values of a chunk fall through.
    pub fn take(&mut self, chunk: &Chunk<'_>) {
        for (index, block) in chunk.values.chunks(BLOCK_LENGTH).enumerate() {
            let validity = chunk.validity.map(|v| v.slice(index * BLOCK_LENGTH, block.len()));
            if validity.is_some() || !self.take_finite(block) {
                let block = Chunk { values: block, validity };
                let mut finite = core::mem::take(&mut self.scratch.finite);
                let length = gather_finite(&block, &mut finite, &mut self.tally);
                self.take_finite(&finite[..length]);
                self.scratch.finite = finite;
            }
        }
    }

    /// Takes a block if all its values are finite; whether it did.
    fn take_finite(&mut self, block: &[f64]) -> bool {
        let Scratch { kept, below, .. } = &mut self.scratch;
        below.fill(0);
        let (length, finite) = self.sifter.sift(block, below, kept);
        if finite {
            self.tally.finite += block.len() as u64;
            self.below.iter_mut().zip(below).for_each(|(total, below)| *total += *below);
            self.split(length);
        }
        finite
    }

    /// Gives the first `length` values of the scratch to the segments that they belong to.
    fn split(&mut self, length: usize) {
        let sieve = &self.sifter.sieve;
        let Scratch { kept, one, below, .. } = &mut self.scratch;
        let mut left = length;
        for segment in (0..sieve.kept.len()).filter(|segment| sieve.kept[*segment]) {
            let piece = self.kept[segment].last_mut().expect("there is a piece");
            below.fill(0);
            let (length, _) =
                compare(self.sifter.set, &kept[..length], &sieve.edges(segment), &mut [0; 2], one);
            piece.extend_from_slice(&one[..length]);
            left -= length;
        }
        debug_assert_eq!(left, 0, "each kept value has a segment");
    }

    /// Adds what has fallen through the same sieve elsewhere.
    pub fn merge(mut self, other: Self) -> Self {
        self.tally.merge(&other.tally);
        self.below.iter_mut().zip(other.below).for_each(|(total, below)| *total += below);
        self.kept.iter_mut().zip(other.kept).for_each(|(pieces, others)| pieces.extend(others));
        self
    }

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
        self.kept[index].iter().map(|piece| Chunk::from(&piece[..])).collect()
    }
}

/// Copies the finite values that are there; how many those are. Only the others are counted.
fn gather_finite(chunk: &Chunk<'_>, finite: &mut [f64], tally: &mut Tally) -> usize {
    let mut length = 0;
    let mut found = Tally::default();
    for index in 0..chunk.values.len() {
        if let Some(value) = chunk.admit(index, &mut found) {
            finite[length] = value;
            length += 1;
        }
    }
    tally.merge(&Tally { finite: 0, ..found });
    length
}
