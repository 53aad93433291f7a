//! Cuts of the order, and what falls between them. Where to cut is not decided here.
//!
//! k cuts make k + 1 segments. Each is kept, so that its values are gathered, or only counted.
//! Between two segments that are both kept or both not, a cut is no edge; where the values just
//! below a cut are kept they need not be counted in the loop, for they are there to be counted
//! later. So a bracket costs two comparisons and one counter a vector.

use super::keys;
use super::table::Table;
use crate::kernel::InstructionSet;
use crate::kernel::arch::{self, SLACK};
use alloc::vec;
use alloc::vec::Vec;

/// A place in the order, just below the value with this key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    pub key: i64,
    /// Whether values are kept on exactly one side of it.
    pub is_edge: bool,
    /// Whether the values below it have to be counted: not where those just below are kept.
    pub is_counted: bool,
}

/// Which stretches of the order to keep: segment i holds the keys below cut i that are not below the one
/// before, and the last those above every cut.
///
/// Cuts ascend strictly; segments are never empty of keys.
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
        self.cuts[before].is_edge = self.kept[before] != self.kept[before + 1];
        self.push(to);
    }

    /// A cut with a segment above it that is not kept.
    /// The last segment ends here, and a new one begins.
    fn push(&mut self, key: i64) {
        let is_edge = *self.kept.last().expect("there is a segment");
        self.cuts.push(Cut { key, is_edge, is_counted: !is_edge });
        self.kept.push(false);
    }

    /// Ascending.
    pub fn cuts(&self) -> &[Cut] {
        &self.cuts
    }

    /// Whether the values of a segment are gathered.
    pub fn is_kept(&self, segment: usize) -> bool {
        self.kept[segment]
    }

    /// Whether nothing is known of the values of a segment but how many they are.
    pub fn misses(&self, segment: usize) -> bool {
        !self.kept[segment] && self.single_key(segment).is_none()
    }

    /// The segment that a value lies in.
    /// By bisection, for the few values that have to be asked one by one.
    pub fn segment(&self, value: f64) -> usize {
        let key = keys::of(value);
        self.cuts.partition_point(|cut| cut.key <= key)
    }

    /// The only key of a segment that has one.
    pub fn single_key(&self, segment: usize) -> Option<i64> {
        let (low, high) = (self.cuts.get(segment.checked_sub(1)?)?, self.cuts.get(segment)?);
        (high.key.abs_diff(low.key) == 1).then_some(low.key)
    }

    /// The cuts at both ends of a kept segment.
    /// As a sieve of its own that keeps this segment alone.
    fn ends(&self, segment: usize) -> [Cut; 2] {
        let cut = |index: usize| Cut { is_edge: true, is_counted: false, ..self.cuts[index] };
        [cut(segment - 1), cut(segment)]
    }
}

/// A sieve with the way that is fastest here to sift by it.
///
/// Chosen once for a pass: comparing each value with each cut where cuts are few, the table where
/// they are many.
#[derive(Debug)]
pub struct Sifter {
    pub sieve: Sieve,
    pub set: InstructionSet,
    table: Option<Table>,
}

impl Sifter {
    /// The bounds are measured ones: where comparing and looking up take the same time.
    pub fn new(sieve: Sieve) -> Self {
        let set = InstructionSet::current();
        // Beyond so many, looking up each value in a table is faster than comparing it with each cut.
        let cuts_compared = match set {
            InstructionSet::Avx512 => 24,
            InstructionSet::Avx2 => 16,
            InstructionSet::Sse2 | InstructionSet::Portable => 6,
        };
        let table = (sieve.cuts.len() > cuts_compared).then(|| Table::new(&sieve));
        Self { sieve, set, table }
    }

    /// Counts for each cut the values of `block` below it, and gathers in `kept` those of kept segments.
    /// How many those are, and whether every value is finite; if not, the counts mean nothing.
    ///
    /// What follows behind the kept values in `kept` is undefined: vectors are written whole.
    pub fn sift(&self, block: &[f64], below: &mut [u64], kept: &mut [f64]) -> (usize, bool) {
        match &self.table {
            Some(table) => table.sift(&self.sieve, block, below, kept),
            None => compare(self.set, block, &self.sieve.cuts, below, kept),
        }
    }

    /// Gives values of kept segments to the segments that they belong to.
    ///
    /// With several brackets the pass gathers all in one place, which keeps its loop short; here
    /// they are parted, a hundredth of the data at most.
    pub fn split(&self, values: &[f64], segments: &mut [Vec<f64>]) {
        let sieve = &self.sieve;
        if self.table.is_some() {
            values.iter().for_each(|value| segments[sieve.segment(*value)].push(*value));
            return;
        }
        for index in (1..sieve.cuts.len()).filter(|index| sieve.kept[*index]) {
            let (segment, ends) = (&mut segments[index], sieve.ends(index));
            let before = segment.len();
            segment.resize(before + values.len() + SLACK, 0.0);
            let (more, _) = compare(self.set, values, &ends, &mut [0; 2], &mut segment[before..]);
            segment.truncate(before + more);
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
///
/// The definition of sifting, in integers: a value is inside where it lies below an odd number of
/// edges. It is also what takes the rest of a block that fills no vector.
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
            inside ^= is_below & cut.is_edge;
        }
        kept[length] = *value;
        length += usize::from(inside);
        finite &= value.is_finite();
    }
    (length, finite)
}
