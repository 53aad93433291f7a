//! What a shard knows of its rows of two columns: exact sums that merge to the bit. Its bytes are not here.

use crate::accumulator::{Counts, PairAccumulator};
use crate::error::Error;
use crate::exact::Dyadic;
use crate::kernel::environment;

/// The exact sums of a share of the rows of two columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PairPartial {
    pub(crate) counts: Counts,
    /// Σx, Σy, Σx², Σy², Σxy.
    pub(crate) sums: [Dyadic; 5],
}

impl PairAccumulator {
    /// What has been taken, as a partial.
    pub fn into_partial(self) -> PairPartial {
        let sums = &self.sums;
        environment::with_default(|| PairPartial {
            counts: self.counts,
            sums: [
                sums.x.to_dyadic(),
                sums.y.to_dyadic(),
                sums.squares_x.to_dyadic(),
                sums.squares_y.to_dyadic(),
                sums.products.to_dyadic(),
            ],
        })
    }
}

impl PairPartial {
    /// How many rows of which kind there are.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Takes in another share: associative and commutative to the bit.
    ///
    /// # Errors
    /// [`Error::CountOverflow`] when a count would pass 2^64 − 1; the partial stays as it was.
    pub fn merge(&mut self, other: Self) -> Result<(), Error> {
        self.counts = self.counts.merged(&other.counts)?;
        for (sum, other) in self.sums.iter_mut().zip(other.sums) {
            *sum = sum.add(&other);
        }
        Ok(())
    }
}
