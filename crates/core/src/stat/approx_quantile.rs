//! `approx_quantile`: the element at rank ⌈np⌉, or at 1, from an exponential histogram: an estimate, and two
//! bounds between which the element certainly lies. How values get into the histogram is not known here.
//!
//! The estimate answers a dashboard; the bounds answer a contract. They are binary64 on either side
//! of the bucket that holds the element, narrowed by the exact extremes, and nothing about them is
//! probable: the rank of each bucket is counted, not guessed.

use super::quantile::OrderStatistics;
use super::{AtNonfinite, Outcome, Probability, QuantileMethod, Reason, Sample};
use crate::kernel::exponential::Estimate;

/// What is known of an element of the data from a sketch of bounded memory.
///
/// ```
/// use exacta::{Plan, Probability};
/// let ninth = Probability::new(0.9)?;
/// let plan = Plan::new([]).with_approx_quantiles([ninth]);
/// let summary = plan.summarize(&[1.0, 2.0, 4.0, 1000.0, 1e9])?;
/// let found = summary.approx_quantile(ninth).unwrap();
/// assert!(found.lower().unwrap() <= 1e9 && 1e9 <= found.upper().unwrap());
/// # Ok::<(), exacta::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ApproxQuantile {
    value: Outcome,
    bounds: Option<(f64, f64)>,
}

impl ApproxQuantile {
    /// The estimate, off by no more than half the width of its bucket relative to the element; a NaN or an
    /// infinity, or none, for the same reasons as a quantile.
    ///
    /// ```
    /// use exacta::{Plan, Probability};
    /// let plan = Plan::new([]).with_approx_quantiles([Probability::HALF]);
    /// let summary = plan.summarize(&[3.0, 3.0, 3.0])?;
    /// let found = summary.approx_quantile(Probability::HALF).unwrap();
    /// assert_eq!(found.value().finite(), Some(3.0), "between equal extremes nothing is left to guess");
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn value(&self) -> Outcome {
        self.value
    }

    /// The element is certainly not below this.
    /// None where there is no element: for no values, or with a NaN among them.
    ///
    /// ```
    /// use exacta::{Plan, Probability};
    /// let plan = Plan::new([]).with_approx_quantiles([Probability::HALF]);
    /// let median = |values: &[f64]| plan.summarize(values).unwrap().approx_quantile(Probability::HALF).unwrap();
    /// assert!(median(&[1.0, 10.0, 1e6]).lower().unwrap() <= 10.0);
    /// assert_eq!(median(&[]).lower(), None);
    /// ```
    pub fn lower(&self) -> Option<f64> {
        self.bounds.map(|(lower, _)| lower)
    }

    /// The element is certainly not above this.
    /// None as for [`ApproxQuantile::lower`].
    ///
    /// ```
    /// use exacta::{Plan, Probability};
    /// let plan = Plan::new([]).with_approx_quantiles([Probability::HALF]);
    /// let median = |values: &[f64]| plan.summarize(values).unwrap().approx_quantile(Probability::HALF).unwrap();
    /// assert!(median(&[1.0, 10.0, 1e6]).upper().unwrap() >= 10.0);
    /// assert_eq!(median(&[1.0, f64::NAN]).upper(), None);
    /// ```
    pub fn upper(&self) -> Option<f64> {
        self.bounds.map(|(_, upper)| upper)
    }

    /// What is known at `probability`; `finite` knows the finite value at a rank among the finite ones.
    pub(crate) fn new(
        probability: Probability,
        sample: &Sample,
        neg_inf: u64,
        finite: impl FnOnce(u64) -> Option<Estimate>,
    ) -> Self {
        if sample.n == 0 {
            return Self { value: Outcome::Undefined(Reason::Empty), bounds: None };
        }
        if let Some(value) = AtNonfinite::Ordered.of(sample) {
            return Self { value, bounds: None };
        }
        let ranks = OrderStatistics::ranks(QuantileMethod::InvertedCdf, &[probability], sample.n);
        let below = ranks[0] < neg_inf;
        match ranks[0].checked_sub(neg_inf).and_then(finite) {
            Some(Estimate { value, lower, upper }) => {
                Self { value: Outcome::Finite(value), bounds: Some((lower, upper)) }
            }
            None => Self::infinite(if below { f64::NEG_INFINITY } else { f64::INFINITY }),
        }
    }

    fn infinite(value: f64) -> Self {
        Self { value: Outcome::element(value), bounds: Some((value, value)) }
    }
}
