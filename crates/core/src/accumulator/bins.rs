//! How many values lie between given edges, in memory that does not grow.
//!
//! A value finds its bin by comparing real numbers, so an integer beyond 2^53 and a binary64 beside it are told apart.
//! Bins whose edges are derived from the data are not here: they need all values first.

use crate::error::Error;
use crate::exact::Value;
use crate::stat::{Edges, Histogram, Place};
use alloc::vec;
use alloc::vec::Vec;

/// Counts of finite values: below, between and above the edges.
///
/// Definition: bin i counts a ≤ x < b for the edges a and b, the last bin x = b too; −0.0 lies where +0.0 does.
/// What is counted is a function of the multiset, and merging adds bin by bin.
/// Cost: a binary search in the edges a value; 16 bytes an edge and 8 a bin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BinCounts {
    edges: Edges,
    counts: Vec<u64>,
    under: u64,
    over: u64,
}

impl From<Edges> for BinCounts {
    fn from(edges: Edges) -> Self {
        let counts = vec![0; edges.bins()];
        Self { edges, counts, under: 0, over: 0 }
    }
}

impl BinCounts {
    /// The counts with these edges and numbers; none unless there is one for each bin.
    ///
    /// Whether they can be those of a column is for the partial's own tests to say: here only their number counts.
    pub fn from_parts(edges: Edges, counts: Vec<u64>, under: u64, over: u64) -> Option<Self> {
        (counts.len() == edges.bins()).then_some(Self { edges, counts, under, over })
    }

    /// How many bytes its edges and counts take.
    pub(crate) fn bytes_kept(&self) -> usize {
        (self.edges.bins() + 1) * size_of::<Value>() + size_of_val(&self.counts[..])
    }

    /// The edges between which values are counted.
    pub fn edges(&self) -> &Edges {
        &self.edges
    }

    /// How many lie below, how many in each bin, and how many above.
    ///
    /// Together they are all finite values that were taken: each lies in one place.
    pub fn parts(&self) -> (u64, &[u64], u64) {
        (self.under, &self.counts, self.over)
    }

    /// Counts a finite value `times` times.
    pub(crate) fn push_times(&mut self, value: Value, times: u64) {
        *match self.edges.place(value) {
            Place::Under => &mut self.under,
            Place::Bin(index) => &mut self.counts[index],
            Place::Over => &mut self.over,
        } += times;
    }

    /// Refuses another one with other edges.
    pub(crate) fn check_edges(&self, edges: &Edges) -> Result<(), Error> {
        if self.edges == *edges { Ok(()) } else { Err(Error::EdgesDiffer) }
    }

    /// Adds what another one with the same edges has counted. No count can overflow: none is above that of all values,
    /// which is checked where partials and accumulators merge.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.under += other.under;
        self.over += other.over;
        for (count, other) in self.counts.iter_mut().zip(&other.counts) {
            *count += other;
        }
    }

    /// What is left without `other`, which has the same edges; none where it has more of something. Counts are all that
    /// bins are, so they give back what they took.
    pub(crate) fn without(&self, other: &Self) -> Option<Self> {
        let pairs = self.counts.iter().zip(&other.counts);
        Some(Self {
            edges: self.edges.clone(),
            counts: pairs.map(|(count, other)| count.checked_sub(*other)).collect::<Option<_>>()?,
            under: self.under.checked_sub(other.under)?,
            over: self.over.checked_sub(other.over)?,
        })
    }

    /// The histogram of what has been counted, with its edges as binary64, which they are.
    pub(crate) fn to_histogram(&self) -> Histogram {
        Histogram {
            edges: self.edges.to_f64s(),
            counts: self.counts.clone(),
            under: self.under,
            over: self.over,
        }
    }
}
