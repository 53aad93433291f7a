//! Partials of compact accumulators and of groups: those that ordinary ones of the same values give.
//!
//! The states are the same numbers, held in another form, so nothing is rounded here; what no compact accumulator
//! keeps is refused.

use super::Partial;
use crate::accumulator::{CompactAccumulator, Groups};
use crate::error::Error;
use crate::exact::{Dyadic, Natural};
use crate::kernel::GroupSum;
use crate::plan::Plan;
use crate::stat::States;

impl CompactAccumulator {
    /// What has been taken, as a partial with the states that `plan` needs: byte for byte that of an
    /// [`Accumulator`](crate::Accumulator) for this plan.
    ///
    /// Cost: some tens of nanoseconds.
    ///
    /// # Errors
    /// [`Error::StatesMissing`] when the plan asks for more than a compact accumulator keeps, such as a
    /// quantile.
    ///
    /// # Example
    /// ```
    /// use exacta::{Accumulator, CompactAccumulator, Plan, Statistic};
    /// let mut compact = CompactAccumulator::default();
    /// compact.push(0.1);
    /// compact.push(0.2);
    /// let partial = compact.to_partial(&Plan::default())?;
    /// let ordinary: Accumulator = [0.2, 0.1].iter().collect();
    /// assert_eq!(partial.to_bytes()?, ordinary.into_partial().to_bytes()?);
    /// let median = Plan::new([Statistic::Median]);
    /// assert_eq!(compact.to_partial(&median).unwrap_err().code(), "plan.mismatch");
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn to_partial(&self, plan: &Plan) -> Result<Partial, Error> {
        Self::check_states(plan.states())?;
        Ok(self.partial(plan.states()))
    }

    /// The partial with these states, which are kept.
    #[inline]
    pub(crate) fn partial(&self, states: States) -> Partial {
        Partial {
            counts: self.counts(),
            sum: states.contains(States::SUM).then(|| self.sum()),
            sum_squares: states.contains(States::SUM_SQUARES).then(|| self.squares()),
            extremes: states.contains(States::EXTREMES).then(|| self.extremes()),
            ..Partial::default()
        }
    }
}

impl Groups {
    /// What a group has taken, as a partial: byte for byte that of an [`Accumulator`](crate::Accumulator)
    /// for the same plan. None for an id that is none of a group.
    ///
    /// ```
    /// use exacta::{Accumulator, Groups, Plan};
    /// let plan = Plan::default();
    /// let mut groups = Groups::new(&plan, 2)?;
    /// groups.update(&[0, 1, 0], &[0.1, 5.0, 0.2])?;
    /// let mut accumulator = Accumulator::new(&plan);
    /// accumulator.update(&[0.1, 0.2])?;
    /// let expected = accumulator.into_partial().to_bytes()?;
    /// assert_eq!(groups.partial(0).unwrap().to_bytes()?, expected);
    /// assert!(groups.partial(2).is_none());
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn partial(&self, id: u32) -> Option<Partial> {
        let group = id as usize;
        (group < self.len()).then(|| {
            let states = self.plan().states();
            let empty = CompactAccumulator::default();
            let mut partial = self.compact(group).unwrap_or(&empty).partial(states);
            partial.counts = self.counts(id).expect("it is one of them");
            partial.sum = partial.sum.map(|beside| beside.add(&exact(self.sum(group))));
            partial
        })
    }
}

/// The sum of a group as an exact number: an integer of the shared scale.
fn exact(sum: GroupSum) -> Dyadic {
    Dyadic::new(sum.sum < 0, &Natural::from(sum.sum.unsigned_abs()), sum.exponent)
}
