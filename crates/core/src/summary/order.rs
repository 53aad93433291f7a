//! The order of the values that enter a plan: −∞s, finite values, +∞s. Which ranks its quantiles need, and
//! what stands at them. How finite values are selected is not here.
//!
//! Infinities are values that have a place in the order, at its ends, so only their numbers have to be known:
//! the finite values between them keep the ranks among themselves that selection gives. NaN has no place; a
//! sample with one is answered before its order is asked for.

use crate::accumulator::Counts;
use crate::exact::Value;
use crate::plan::{Nonfinite, Plan};
use crate::stat::quantile::OrderStatistics;
use alloc::vec::Vec;

/// How many values of each kind enter that have an order.
#[derive(Clone, Copy)]
pub(super) struct Order {
    pub(super) neg_inf: u64,
    pub(super) finite: u64,
    pub(super) pos_inf: u64,
}

impl Order {
    /// What enters of so many values.
    pub(super) fn new(plan: &Plan, counts: &Counts) -> Self {
        let enter = plan.nonfinite() == Nonfinite::Propagate;
        let [neg_inf, pos_inf] =
            [counts.neg_inf, counts.pos_inf].map(|count| if enter { count } else { 0 });
        Self { neg_inf, finite: counts.count, pos_inf }
    }

    /// How many values have a place.
    fn n(self) -> u64 {
        self.neg_inf + self.finite + self.pos_inf
    }

    /// The ranks that the quantiles of the plan need: 0-based, ascending, different.
    ///
    /// Those of `median`, `iqr` and the like are among them. All are asked for in one go, since selecting many ranks
    /// costs little more than one.
    fn ranks(self, plan: &Plan) -> Vec<u64> {
        let named = plan.statistics().iter().flat_map(|statistic| statistic.probabilities());
        let probabilities: Vec<_> = plan.quantiles().iter().chain(named).copied().collect();
        OrderStatistics::ranks(plan.quantile_method(), &probabilities, self.n())
    }

    /// Those of the ranks at which finite values stand, counted among these.
    ///
    /// Those below are −∞ and those above +∞, and nothing has to be selected for them.
    pub(super) fn finite_ranks(self, plan: &Plan) -> Vec<u64> {
        let ranks = self.ranks(plan).into_iter().filter_map(|rank| rank.checked_sub(self.neg_inf));
        ranks.filter(|rank| *rank < self.finite).collect()
    }

    /// The elements that the quantiles of the plan need; `select` gives the finite ones among them, each
    /// with its rank.
    pub(super) fn statistics(
        self,
        plan: &Plan,
        select: impl FnOnce(&[u64]) -> Vec<(u64, Value)>,
    ) -> OrderStatistics {
        let ranks = self.ranks(plan);
        if ranks.is_empty() {
            return OrderStatistics::default();
        }
        let mut selected = select(&self.finite_ranks(plan)).into_iter();
        let mut element = |rank| {
            if rank < self.neg_inf {
                f64::NEG_INFINITY.into()
            } else if rank < self.neg_inf + self.finite {
                selected.next().expect("every finite element that is needed was selected").1
            } else {
                f64::INFINITY.into()
            }
        };
        let elements = ranks.into_iter().map(|rank| (rank, element(rank))).collect();
        OrderStatistics::new(plan.quantile_method(), self.n(), elements)
    }
}
