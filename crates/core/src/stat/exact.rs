//! The statistics whose exact value has an end as a decimal: sums, products and differences of the values, but
//! no quotients and no roots.
//!
//! Every binary64 is a finite decimal, and so are sums and products of them; a mean of three is
//! not. What has no end is left out rather than cut off.

use super::{Sample, Statistic};
use crate::exact::{Decimal, Dyadic, Value};

impl Statistic {
    /// Its exact value for `sample`, where that is a finite decimal: also where it is too large for a binary64.
    pub(crate) fn exact(self, sample: &Sample) -> Option<Decimal> {
        let degree = if self == Self::SumSquares { 2 } else { 1 };
        let scale = sample.decimals.as_ref().map_or(0, |decimals| degree * decimals.scale);
        Some(Decimal::scaled(&self.exact_number(sample)?, scale))
    }

    /// The same in the unit of the sample.
    fn exact_number(self, sample: &Sample) -> Option<Dyadic> {
        let are_finite = !(sample.nan || sample.neg_inf || sample.pos_inf);
        let extremes = sample.extremes.filter(|_| !sample.nan);
        let decimals = sample.decimals.as_ref().and_then(|decimals| decimals.extremes.as_ref());
        let min = || exact(extremes?.0, decimals.map(|(min, _)| min));
        let max = || exact(extremes?.1, decimals.map(|(_, max)| max));
        match self {
            Self::Sum => are_finite.then(|| sample.sum.clone()),
            Self::SumSquares => are_finite.then(|| sample.sum_squares.clone()),
            Self::Min => min(),
            Self::Max => max(),
            Self::Range => Some(max()?.sub(&min()?)),
            _ => None,
        }
    }
}

/// The exact number of a finite value: the decimal that it was written as, if it was.
fn exact(value: Value, decimal: Option<&Dyadic>) -> Option<Dyadic> {
    value.is_finite().then(|| decimal.cloned().unwrap_or_else(|| value.to_dyadic()))
}
