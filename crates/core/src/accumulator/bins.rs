//! How many values lie between given edges, in memory that does not grow.

use crate::error::Error;
use crate::exact::Value;
use crate::stat::{Edges, Histogram, Place};
use alloc::vec;
use alloc::vec::Vec;

/// Counts of finite values: below, between and above the edges.
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
    pub fn from_parts(edges: Edges, counts: Vec<u64>, under: u64, over: u64) -> Option<Self> {
        (counts.len() == edges.bins()).then_some(Self { edges, counts, under, over })
    }

    /// The edges between which values are counted.
    pub fn edges(&self) -> &Edges {
        &self.edges
    }

    /// How many lie below, how many in each bin, and how many above.
    pub fn parts(&self) -> (u64, &[u64], u64) {
        (self.under, &self.counts, self.over)
    }

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

    pub(crate) fn merge(&mut self, other: &Self) {
        self.under += other.under;
        self.over += other.over;
        for (count, other) in self.counts.iter_mut().zip(&other.counts) {
            *count += other;
        }
    }

    /// What is left without `other`, which has the same edges; none where it has more of something.
    pub(crate) fn without(&self, other: &Self) -> Option<Self> {
        let pairs = self.counts.iter().zip(&other.counts);
        Some(Self {
            edges: self.edges.clone(),
            counts: pairs.map(|(count, other)| count.checked_sub(*other)).collect::<Option<_>>()?,
            under: self.under.checked_sub(other.under)?,
            over: self.over.checked_sub(other.over)?,
        })
    }

    pub(crate) fn to_histogram(&self) -> Histogram {
        Histogram {
            edges: self.edges.to_f64s(),
            counts: self.counts.clone(),
            under: self.under,
            over: self.over,
        }
    }
}
