//! The statistics of two columns taken row by row: covariance, correlation, and the line of best fit. How their
//! exact sums are taken is not known here.
//!
//! All five are quotients of the same few exact numbers: J = nΣxy − Σx·Σy, X = nΣx² − (Σx)² and Y
//! the same of y. So a line through points that lie on one has a correlation of exactly ±1, and a
//! slope that is the nearest binary64 to the true one, however far the data lies from the origin.

use super::{Outcome, Reason};
use crate::error::{Error, by_name};
use crate::exact::{Dyadic, Ratio};

/// A statistic of y and x over the rows in which both are there.
///
/// Definition: with n rows that enter; each variant has its own.
/// Rounding: once, to nearest, ties to even, from the exact Σx, Σy, Σx², Σy² and Σxy.
/// Special values: a NaN or an infinity in a row that enters makes NaN of all of them.
///
/// ```
/// use exacta::{PairAccumulator, PairStatistic};
/// assert_eq!("slope".parse(), Ok(PairStatistic::Slope));
/// assert_eq!(PairStatistic::ALL.len(), 5);
/// assert!("gradient".parse::<PairStatistic>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PairStatistic {
    /// (Σxy − ΣxΣy/n) / (n − 1), of a sample.
    /// Undefined below two rows.
    Covariance,
    /// (Σxy − ΣxΣy/n) / n, of a population.
    /// Undefined for no rows.
    CovariancePop,
    /// Pearson's: the covariance over the product of the standard deviations.
    /// Undefined where x or y does not vary. Between −1 and 1: the exact value is (Cauchy and
    /// Schwarz), and rounding to nearest keeps it there.
    Correlation,
    /// The slope of the line of least squares, of y on x.
    /// Undefined where x does not vary.
    Slope,
    /// The value of that line at x = 0.
    /// From the exact slope, not from the rounded one.
    Intercept,
}

/// The exact sums over the rows that enter.
///
/// The sums are those of the rows that enter, and of no others: a row whose x is there and whose y
/// is missing is in none of them.
#[derive(Clone, Debug)]
pub struct PairSample {
    /// How many rows enter.
    pub n: u64,
    /// Why nothing that is not finite can come of it, if so.
    pub nonfinite: Option<Reason>,
    /// Σx.
    pub x: Dyadic,
    /// Σy.
    pub y: Dyadic,
    /// Σx².
    pub squares_x: Dyadic,
    /// Σy².
    pub squares_y: Dyadic,
    /// Σxy.
    pub products: Dyadic,
}

impl PairStatistic {
    /// Every one of them.
    /// In the order in which results list them.
    ///
    /// ```
    /// let names = exacta::PairStatistic::ALL.iter().map(|statistic| statistic.name());
    /// assert!(names.eq(["covariance", "covariance_pop", "correlation", "slope", "intercept"]));
    /// ```
    pub const ALL: &'static [Self] =
        &[Self::Covariance, Self::CovariancePop, Self::Correlation, Self::Slope, Self::Intercept];

    /// Its name, the same through every door.
    ///
    /// ```
    /// assert_eq!(exacta::PairStatistic::CovariancePop.name(), "covariance_pop");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Self::Covariance => "covariance",
            Self::CovariancePop => "covariance_pop",
            Self::Correlation => "correlation",
            Self::Slope => "slope",
            Self::Intercept => "intercept",
        }
    }

    /// Its value for `sample`.
    pub(crate) fn evaluate(self, sample: &PairSample) -> Outcome {
        let n_min = if self == Self::CovariancePop { 1 } else { 2 };
        if sample.n < n_min {
            let reason = if sample.n == 0 { Reason::Empty } else { Reason::TooFew };
            return Outcome::Undefined(reason);
        }
        if let Some(reason) = sample.nonfinite {
            return Outcome::Nonfinite(f64::NAN, reason);
        }
        match self {
            Self::Covariance => {
                quotient(&sample.joint(), &sample.n().mul(&Dyadic::from(sample.n - 1)))
            }
            Self::CovariancePop => quotient(&sample.joint(), &sample.n().mul(&sample.n())),
            Self::Correlation => sample.correlation(),
            Self::Slope => quotient(&sample.joint(), &sample.spread_x()),
            Self::Intercept => sample.intercept(),
        }
    }
}

impl PairSample {
    fn n(&self) -> Dyadic {
        Dyadic::from(self.n)
    }

    /// nΣxy − Σx·Σy.
    /// n² times the population covariance.
    pub fn joint(&self) -> Dyadic {
        self.n().mul(&self.products).sub(&self.x.mul(&self.y))
    }

    /// nΣx² − (Σx)².
    pub fn spread_x(&self) -> Dyadic {
        self.n().mul(&self.squares_x).sub(&self.x.mul(&self.x))
    }

    /// nΣy² − (Σy)².
    pub fn spread_y(&self) -> Dyadic {
        self.n().mul(&self.squares_y).sub(&self.y.mul(&self.y))
    }

    /// The root of joint² / (`spread_x`·`spread_y`), with the sign of joint: an exact ratio, rounded once.
    ///
    /// Taking the root of the square keeps it one rounding, where a quotient of two roots would be
    /// three.
    fn correlation(&self) -> Outcome {
        let denominator = self.spread_x().mul(&self.spread_y());
        if denominator.is_zero() {
            return Outcome::Undefined(Reason::ZeroVariance);
        }
        let joint = self.joint();
        let square = joint.mul(&joint);
        let signed = if joint.is_negative() { square.neg() } else { square };
        Outcome::rounded(Ratio::new(&signed, &denominator).round_root())
    }

    /// (Σy − slope·Σx) / n with the exact slope.
    fn intercept(&self) -> Outcome {
        let spread = self.spread_x();
        let numerator = self.y.mul(&spread).sub(&self.joint().mul(&self.x));
        quotient(&numerator, &self.n().mul(&spread))
    }
}

/// A quotient, whose divisor is zero only where x does not vary.
fn quotient(numerator: &Dyadic, denominator: &Dyadic) -> Outcome {
    if denominator.is_zero() {
        return Outcome::Undefined(Reason::ZeroVariance);
    }
    Outcome::rounded(Ratio::new(numerator, denominator).round())
}

impl core::fmt::Display for PairStatistic {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(self.name())
    }
}

impl core::str::FromStr for PairStatistic {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        by_name("statistic", name, Self::ALL, Self::name)
    }
}
