//! The edges between which values are counted.
//!
//! Bins are half-open so that each value lies in one of them; the last is closed so that the
//! largest value of a range is in it. Values are compared as exact numbers: an integer beyond 2^53
//! is not rounded onto an edge.

use crate::error::Error;
use crate::exact::Value;
use alloc::vec::Vec;

/// Two edges or more, finite and ascending: k + 1 of them bound k bins [a, b), the last closed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Edges(Vec<Value>);

/// Where a value lies.
/// Every finite value is in exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Below the first edge.
    Under,
    /// In the bin of this index.
    Bin(usize),
    /// Above the last edge.
    Over,
}

impl Edges {
    /// The edges given; −0.0 is taken as +0.0.
    ///
    /// # Errors
    /// At the first edge that is not finite or does not lie above the one before; at the end of a
    /// list with fewer than two; for more bins than a histogram may have.
    pub fn new(edges: impl IntoIterator<Item = f64>) -> Result<Self, Error> {
        let edges: Vec<Value> = edges.into_iter().map(|edge| number(edge.into())).collect();
        let is_misplaced = |index: usize| {
            !edges[index].is_finite() || index > 0 && edges[index] <= edges[index - 1]
        };
        if let Some(index) = (0..edges.len()).find(|index| is_misplaced(*index)) {
            return Err(Error::EdgesInvalid { index });
        }
        if edges.len() < 2 {
            return Err(Error::EdgesInvalid { index: edges.len() });
        }
        super::check_bins(edges.len() as u64 - 1)?;
        Ok(Self(edges))
    }

    /// How many bins there are between them.
    pub fn bins(&self) -> usize {
        self.0.len() - 1
    }

    /// The edges.
    pub fn to_f64s(&self) -> Vec<f64> {
        self.0.iter().map(|edge| edge.to_f64()).collect()
    }

    /// Where a finite value lies; −0.0 lies where +0.0 does.
    ///
    /// Cost: log2 of the number of edges, by bisection: edges need not be equally spaced, and an
    /// arithmetic guess would have to be checked anyway.
    pub fn place(&self, value: Value) -> Place {
        let value = number(value);
        let last = self.0.len() - 1;
        match self.0.partition_point(|edge| *edge <= value) {
            0 => Place::Under,
            n if n <= last => Place::Bin(n - 1),
            _ if value == self.0[last] => Place::Bin(last - 1),
            _ => Place::Over,
        }
    }
}

/// The same real number, with one zero.
pub(super) fn number(value: Value) -> Value {
    if value == Value::from(-0.0) { Value::from(0.0) } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_finite_and_ascend() {
        let index = |edges: &[f64]| match Edges::new(edges.iter().copied()) {
            Err(Error::EdgesInvalid { index }) => index,
            other => panic!("{edges:?}: {other:?}"),
        };
        assert_eq!(index(&[]), 0);
        assert_eq!(index(&[1.0]), 1);
        assert_eq!(index(&[1.0, 1.0]), 1);
        assert_eq!(index(&[-0.0, 0.0]), 1);
        assert_eq!(index(&[0.0, 2.0, 1.0]), 2);
        assert_eq!(index(&[f64::NAN, 2.0]), 0);
        assert_eq!(index(&[0.0, f64::INFINITY]), 1);
    }

    #[test]
    fn bins_are_closed_below_and_the_last_above() {
        let edges = Edges::new([-1.0, 0.0, 2.0]).unwrap();
        let cases = [
            (Value::from(-1.5), Place::Under),
            (Value::from(-1.0), Place::Bin(0)),
            (Value::from(-5e-324), Place::Bin(0)),
            (Value::from(-0.0), Place::Bin(1)),
            (Value::from(0.0), Place::Bin(1)),
            (Value::from(2.0), Place::Bin(1)),
            (Value::from(2.000_000_1), Place::Over),
            (Value::from(u64::MAX), Place::Over),
        ];
        for (value, place) in cases {
            assert_eq!(edges.place(value), place, "{value:?}");
        }
        let beyond = Edges::new([0.0, 9_007_199_254_740_992.0, 1e17]).unwrap();
        assert_eq!(beyond.place(Value::from((1i64 << 53) - 1)), Place::Bin(0));
        assert_eq!(beyond.place(Value::from((1i64 << 53) + 1)), Place::Bin(1));
    }
}
