//! One statistic of every group.
//!
//! What a group keeps and how it takes rows is in `accumulator`; as a partial it can be asked for anything else.

use crate::accumulator::Groups;
use crate::error::Error;
use crate::exact::{Natural, round};
use crate::plan::Plan;
use crate::stat::{Outcome, Statistic};
use alloc::vec::Vec;

impl Groups {
    /// A statistic of each group, in the order of their ids, under the policy of their plan.
    ///
    /// Cost: about ten nanoseconds a group for sums, some hundred for others.
    ///
    /// Rounding: each result once, to nearest, ties to even: the bits that an accumulator of the group's own gives.
    /// Special values: a group without values has the outcome of an empty column.
    ///
    /// # Errors
    /// [`Error::StatesMissing`] when the plan of the groups does not keep what the statistic needs;
    /// [`Error::NonfiniteHeld`] when the policy is `reject` and a group has taken NaN or infinities.
    ///
    /// # Example
    /// ```
    /// use exacta::{Groups, Plan, Reason, Statistic};
    /// let mut groups = Groups::new(&Plan::default(), 3)?;
    /// groups.update(&[0, 1, 0], &[1.0, 5.0, 2.0])?;
    /// let stddevs = groups.outcomes(Statistic::StddevPop)?;
    /// assert_eq!(stddevs[0].finite(), Some(0.5));
    /// assert_eq!(stddevs[2].reason(), Some(Reason::Empty));
    /// assert_eq!(groups.outcomes(Statistic::Median).unwrap_err().code(), "plan.mismatch");
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn outcomes(&self, statistic: Statistic) -> Result<Vec<Outcome>, Error> {
        let plan = Plan::new([statistic]).with_nonfinite(self.plan().nonfinite());
        let outcome = |group: usize| match self.plain_sum(group) {
            Some(sum) if statistic == Statistic::Sum => Ok(Outcome::rounded(sum)),
            _ => {
                let partial = self.partial(group as u32).expect("the group is one of them");
                let summary = partial.finalize(&plan)?;
                Ok(summary.get(statistic).expect("the plan asks for it"))
            }
        };
        (0..self.len()).map(outcome).collect()
    }

    /// The sum of a group of finite values, rounded, where it is one integer of the shared scale and nothing of the
    /// group lies beside it. None for a group without values, whose outcome is for the statistic to say.
    fn plain_sum(&self, group: usize) -> Option<f64> {
        let sum = self.sum(group);
        (sum.count > 0 && self.compact(group).is_none()).then(|| {
            let magnitude = Natural::from(sum.sum.unsigned_abs());
            round::nearest(sum.sum < 0, &magnitude, sum.exponent.into(), false)
        })
    }
}
