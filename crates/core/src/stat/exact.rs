//! The statistics whose exact value has an end as a decimal: sums, products and differences of the values, but
//! no quotients and no roots.
//!
//! Every binary64 is a finite decimal, and so are sums and products of them; a mean of three is
//! not. What has no end is left out rather than cut off.

use super::{Sample, Statistic};
use crate::exact::{Dyadic, Value};

impl Statistic {
    /// Its exact value for `sample`, where that is a finite decimal: also where it is too large for a binary64.
    pub(crate) fn exact(self, sample: &Sample) -> Option<Dyadic> {
        let are_finite = !(sample.nan || sample.neg_inf || sample.pos_inf);
        let finite = |value: Value| value.is_finite().then(|| value.to_dyadic());
        let extremes = sample.extremes.filter(|_| !sample.nan);
        match self {
            Self::Sum => are_finite.then(|| sample.sum.clone()),
            Self::SumSquares => are_finite.then(|| sample.sum_squares.clone()),
            Self::Min => finite(extremes?.0),
            Self::Max => finite(extremes?.1),
            Self::Range => Some(finite(extremes?.1)?.sub(&finite(extremes?.0)?)),
            _ => None,
        }
    }
}
