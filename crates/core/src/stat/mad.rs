//! `mad`: the median absolute deviation from the median, unscaled: both medians by the plan's method, the
//! first one unrounded, the second rounded once. About an infinite median it is NaN, since the distance of
//! that infinity to itself is.
//!
//! The distances are never computed as a list. In sorted values they fall towards the median and
//! rise behind it, so the one at a rank is found by two nested bisections: log n steps, each of
//! which looks up two values. That also keeps it exact: a distance is a fraction, and fractions are
//! compared by cross-multiplication.

use super::point::Point;
use super::{AtNonfinite, Class, Definition, Outcome, Probability, Runs, Sample, States};
use crate::exact::{Dyadic, Value};

pub(super) const DEFINITION: Definition = Definition {
    name: "mad",
    description: "median absolute deviation from the median, unscaled",
    class: Class::Holistic,
    states: States::VALUES,
    n_min: 1,
    at_nonfinite: AtNonfinite::Ordered,
    evaluate,
};

fn evaluate(sample: &Sample) -> Outcome {
    let Point::Real(numerator, denominator) = sample.order.point(Probability::HALF) else {
        return Point::Nan.round();
    };
    let deviations = Deviations {
        runs: &sample.runs,
        twice_median: numerator.add(&numerator),
        median: Point::Real(numerator, denominator.clone()),
        denominator,
    };
    sample.order.quantile_of(Probability::HALF, |rank| deviations.at(rank)).round()
}

/// The distances of the values to a finite median, in order.
///
/// The median is kept as a fraction, numerator and denominator, since x(i) + x(j) ≥ 2m is asked
/// many times and multiplies cheaper than it divides.
struct Deviations<'a> {
    runs: &'a Runs,
    median: Point,
    /// Twice the numerator of the median.
    twice_median: Dyadic,
    denominator: Dyadic,
}

impl Deviations<'_> {
    /// The distance at `rank`. The `rank` + 1 values nearest to the median m are neighbours in order, and of
    /// all runs of so many neighbours, x(i) to x(j), theirs has the least max(m − x(i), x(j) − m). As i grows
    /// the first falls and the second rises, so it lies where they cross.
    fn at(&self, rank: u64) -> Point {
        let (mut lower, mut upper) = (0, self.runs.n() - rank);
        while lower < upper {
            let middle = lower + (upper - lower) / 2;
            if self.is_upper_farther(middle, middle + rank) {
                upper = middle;
            } else {
                lower = middle + 1;
            }
        }
        let is_left = lower > 0
            && (lower + rank == self.runs.n() || self.is_upper_farther(lower - 1, lower + rank));
        let median = &self.median;
        if is_left {
            median.sub(&self.runs.at(lower - 1).into())
        } else {
            Point::from(self.runs.at(lower + rank)).sub(median)
        }
    }

    /// Whether x(`upper`) is at least as far above the median as x(`lower`) is below it.
    ///
    /// x(j) − m ≥ m − x(i) is x(i) + x(j) ≥ 2m, without a difference that could be of either sign.
    /// An infinity is farther than any finite value; at both ends at once they are equally far.
    fn is_upper_farther(&self, lower: u64, upper: u64) -> bool {
        let (low, high) = (self.runs.at(lower), self.runs.at(upper));
        if !(low.is_finite() && high.is_finite()) {
            return high == Value::from(f64::INFINITY);
        }
        low.to_dyadic().add(&high.to_dyadic()).mul(&self.denominator) >= self.twice_median
    }
}
