//! States of bounded size that are kept in a partial as they are kept while values stream in. Sums, extremes
//! and the multiset of all values, which have two forms or their own kernels, are not here.

use super::BinCounts;
use crate::error::Error;
use crate::exact::{LogSum, ReciprocalSum, Value};
use crate::plan::Plan;
use crate::stat::States;
use alloc::boxed::Box;

/// Those of the states that a plan needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FixedStates {
    /// Σ ln x.
    pub(crate) logs: Option<LogSum>,
    /// Σ 1/x.
    pub(crate) reciprocals: Option<Box<ReciprocalSum>>,
    /// How many values lie between given edges.
    pub(crate) bins: Option<BinCounts>,
}

impl FixedStates {
    pub(crate) fn new(plan: &Plan) -> Self {
        let states = plan.states();
        Self {
            logs: states.contains(States::LOGS).then(LogSum::default),
            reciprocals: states.contains(States::RECIPROCALS).then(Box::default),
            bins: plan.bins().and_then(|bins| bins.given()).cloned().map(BinCounts::from),
        }
    }

    /// The same states, with nothing taken.
    pub(crate) fn to_empty(&self) -> Self {
        Self {
            logs: self.logs.map(|_| LogSum::default()),
            reciprocals: self.reciprocals.as_ref().map(|_| Box::default()),
            bins: self.bins.as_ref().map(|bins| BinCounts::from(bins.edges().clone())),
        }
    }

    /// Which of the states these are.
    pub(crate) fn states(&self) -> States {
        let held = [
            (self.logs.is_some(), States::LOGS),
            (self.reciprocals.is_some(), States::RECIPROCALS),
            (self.bins.is_some(), States::BINS),
        ];
        held.into_iter().filter(|(held, _)| *held).map(|(_, state)| state).collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.states() == States::NONE
    }

    /// Takes one finite value.
    pub(crate) fn push(&mut self, value: Value) {
        if let Some(logs) = &mut self.logs {
            logs.push(value);
        }
        if let Some(reciprocals) = &mut self.reciprocals {
            reciprocals.push(value);
        }
        if let Some(bins) = &mut self.bins {
            bins.push_times(value, 1);
        }
    }

    /// Takes one finite value `times` times.
    pub(crate) fn push_times(&mut self, value: Value, times: u64) {
        if let Some(logs) = &mut self.logs {
            logs.push_times(value, times);
        }
        if let Some(reciprocals) = &mut self.reciprocals {
            reciprocals.push_times(value, times);
        }
        if let Some(bins) = &mut self.bins {
            bins.push_times(value, times);
        }
    }

    /// Refuses others that hold the same states by other parameters.
    pub(crate) fn check_parameters(&self, other: &Self) -> Result<(), Error> {
        match (&self.bins, &other.bins) {
            (Some(bins), Some(other)) => bins.check_edges(other.edges()),
            _ => Ok(()),
        }
    }

    /// Takes what others with the same states and parameters have taken.
    pub(crate) fn merge(&mut self, other: &Self) {
        if let (Some(logs), Some(other)) = (&mut self.logs, &other.logs) {
            logs.merge(other);
        }
        if let (Some(reciprocals), Some(other)) = (&mut self.reciprocals, &other.reciprocals) {
            reciprocals.merge(other);
        }
        if let (Some(bins), Some(other)) = (&mut self.bins, &other.bins) {
            bins.merge(other);
        }
    }

    /// What is left without the values of others with the same states; none where they have more of
    /// something.
    pub(crate) fn without(&self, other: &Self) -> Option<Self> {
        let logs = match (&self.logs, &other.logs) {
            (Some(logs), Some(other)) => Some(logs.subtract(other)?),
            _ => None,
        };
        let reciprocals = match (&self.reciprocals, &other.reciprocals) {
            (Some(reciprocals), Some(other)) => Some(Box::new(reciprocals.subtract(other)?)),
            _ => None,
        };
        let bins = match (&self.bins, &other.bins) {
            (Some(bins), Some(other)) => Some(bins.without(other)?),
            _ => None,
        };
        Some(Self { logs, reciprocals, bins })
    }
}
