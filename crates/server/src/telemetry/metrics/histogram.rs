//! A histogram whose sum is exact: of integers in a decimal unit, such as nanoseconds, which are summed as they are
//! and rounded once when they are read. In whatever order they came, the sum has the same bits.

use exacta::{DecimalAccumulator, Plan, Statistic};

/// What is counted, and in which steps.
#[derive(Debug, PartialEq)]
pub(crate) struct Scale {
    /// The upper bounds of the buckets, in units; the last bucket has none.
    bounds: &'static [u64],
    /// What a unit is: 10 to this power, in the unit of the metric.
    exponent: i32,
}

/// Durations in nanoseconds, with the bounds of the semantic conventions.
pub(crate) const SECONDS: Scale = Scale {
    bounds: &[
        5_000_000,
        10_000_000,
        25_000_000,
        50_000_000,
        75_000_000,
        100_000_000,
        250_000_000,
        500_000_000,
        750_000_000,
        1_000_000_000,
        2_500_000_000,
        5_000_000_000,
        7_500_000_000,
        10_000_000_000,
    ],
    exponent: -9,
};

/// Sizes of bodies in bytes, from nothing to a gigabyte by powers of ten. The conventions name no bounds for them.
pub(crate) const BYTES: Scale = Scale {
    bounds: &[0, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000],
    exponent: 0,
};

impl Scale {
    /// The upper bounds as numbers.
    pub(crate) fn bounds(&self) -> impl Iterator<Item = f64> {
        let divisor = 10f64.powi(-self.exponent);
        self.bounds.iter().map(move |bound| *bound as f64 / divisor)
    }
}

/// Values as they are counted.
#[derive(Clone, Debug)]
pub(crate) struct Histogram {
    scale: &'static Scale,
    counts: Box<[u64]>,
    sum: DecimalAccumulator,
}

/// What a histogram says when it is read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Distribution {
    pub(crate) scale: &'static Scale,
    /// How many values lie in each bucket, not in those below it.
    pub(crate) counts: Box<[u64]>,
    pub(crate) sum: f64,
}

impl Histogram {
    pub(crate) fn new(scale: &'static Scale) -> Self {
        let counts = vec![0; scale.bounds.len() + 1].into();
        Self { scale, counts, sum: DecimalAccumulator::default() }
    }

    /// Takes a value, in the units of the scale.
    pub(crate) fn record(&mut self, value: u64) {
        let index = self.scale.bounds.partition_point(|bound| *bound < value);
        self.counts[index] += 1;
        self.sum.push(false, value, self.scale.exponent).expect("the exponent is in range");
    }

    /// Takes what another one on the same scale has taken.
    pub(crate) fn merge(&mut self, other: &Self) {
        debug_assert_eq!(self.scale, other.scale);
        for (count, other) in self.counts.iter_mut().zip(&other.counts) {
            *count += other;
        }
        self.sum.merge(&other.sum).expect("there are fewer than 2^62 requests");
    }

    /// What it says, the sum rounded once.
    pub(crate) fn read(self) -> Distribution {
        let plan = Plan::new([Statistic::Sum]);
        let summary = self.sum.into_partial().finalize(&plan).expect("decimals have sums");
        let sum = summary.get(Statistic::Sum).and_then(exacta::Outcome::finite);
        let sum = sum.expect("a sum of integers of 64 bits is finite");
        Distribution { scale: self.scale, counts: self.counts, sum }
    }
}

impl Distribution {
    /// How many values there were.
    pub(crate) fn count(&self) -> u64 {
        self.counts.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_belongs_to_the_bucket_below_it() {
        let mut histogram = Histogram::new(&BYTES);
        for value in [0, 1, 100, 101, u64::MAX] {
            histogram.record(value);
        }
        let read = histogram.read();
        assert_eq!(*read.counts, [1, 2, 1, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!((read.count(), read.sum), (5, u64::MAX as f64));
    }

    /// Ten times a tenth of a second is a second, though the binary64 next to it ten times is not.
    #[test]
    fn durations_are_summed_as_decimals() {
        let (mut left, mut right) = (Histogram::new(&SECONDS), Histogram::new(&SECONDS));
        (0..3).for_each(|_| left.record(100_000_000));
        (0..7).for_each(|_| right.record(100_000_000));
        left.merge(&right);
        assert_eq!(left.read().sum, 1.0);
        assert_eq!(Histogram::new(&SECONDS).read().sum, 0.0);
    }

    #[test]
    fn bounds_are_those_of_the_conventions() {
        let expected =
            [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
        assert!(SECONDS.bounds().eq(expected));
    }
}
