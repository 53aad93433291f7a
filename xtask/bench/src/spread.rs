//! What many runs of the same thing come to: median and quartiles, by exacta itself.

use exacta::{Outcome, Plan, Probability, Statistic};

use crate::error::Error;

/// The middle of some measurements, and how far apart they are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) quartiles: [f64; 2],
}

impl Spread {
    /// Of at least one measurement.
    pub(crate) fn of(measurements: &[f64]) -> Result<Self, Error> {
        let quartiles = [Probability::ratio(1, 4)?, Probability::ratio(3, 4)?];
        let plan = Plan::new([Statistic::Median]).with_quantiles(quartiles);
        let mut accumulator = exacta::Accumulator::new(&plan);
        accumulator.update(measurements)?;
        let summary = accumulator.into_partial().finalize(&plan)?;
        let median = summary.get(Statistic::Median);
        let finite = |outcome: Outcome| outcome.finite().expect("measurements are finite");
        Ok(Self {
            median: finite(median.expect("the plan asks for it")),
            quartiles: [0, 1].map(|index| finite(summary.quantiles()[index].1)),
        })
    }

    /// The same in a unit of which there are so many to one.
    pub(crate) fn scaled(&self, factor: f64) -> Self {
        let quartiles = self.quartiles.map(|quartile| quartile * factor);
        Self { median: self.median * factor, quartiles }
    }

    /// The distance between the quartiles, as a part of the median.
    pub(crate) fn relative(&self) -> f64 {
        (self.quartiles[1] - self.quartiles[0]) / self.median
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_and_quartiles_of_few() {
        let spread = Spread::of(&[9.0, 1.0, 2.0, 4.0, 3.0]).unwrap();
        assert_eq!(spread, Spread { median: 3.0, quartiles: [2.0, 4.0] });
        assert_eq!(spread.relative(), 2.0 / 3.0);
        let one = Spread::of(&[7.0]).unwrap();
        assert_eq!((one.median, one.relative()), (7.0, 0.0));
    }
}
