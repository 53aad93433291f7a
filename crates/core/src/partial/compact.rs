//! Partials of compact accumulators: those that ordinary ones of the same values give.

use super::Partial;
use crate::accumulator::CompactAccumulator;
use crate::error::Error;
use crate::plan::Plan;
use crate::stat::States;
use alloc::string::ToString;

/// What a compact accumulator keeps.
const KEPT: States = States::SUM.union(States::SUM_SQUARES).union(States::EXTREMES);

impl CompactAccumulator {
    /// What has been taken, as a partial with the states that `plan` needs: byte for byte that of an
    /// [`Accumulator`](crate::Accumulator) for this plan.
    ///
    /// Cost: some tens of nanoseconds.
    ///
    /// # Errors
    /// [`Error::StatesMissing`] when the plan asks for more than a compact accumulator keeps, such as a
    /// quantile.
    pub fn to_partial(&self, plan: &Plan) -> Result<Partial, Error> {
        let missing = plan.states().without(KEPT);
        if missing != States::NONE {
            return Err(Error::StatesMissing { missing: missing.to_string() });
        }
        let asked = |state: States| plan.states().contains(state);
        Ok(Partial {
            counts: self.counts(),
            sum: asked(States::SUM).then(|| self.sum()),
            sum_squares: asked(States::SUM_SQUARES).then(|| self.squares()),
            extremes: asked(States::EXTREMES).then(|| self.extremes()),
            ..Partial::default()
        })
    }
}
