//! States of bounded size that are kept in a partial as they are kept while values stream in. Sums, extremes
//! and the multiset of all values, which have two forms or their own kernels, are not here.
//!
//! Each is a function of the multiset by itself, and merges by adding up or by taking the larger; what they are is
//! written where they are defined. Here they are only taken through the same steps together, each where it is held.

use super::BinCounts;
use crate::error::Error;
use crate::exact::{LogSum, ReciprocalSum, Value};
use crate::kernel::exponential::ExponentialHistogram;
use crate::kernel::registers::Registers;
use crate::plan::Plan;
use crate::stat::States;
use alloc::boxed::Box;

/// Those of the states that a plan needs.
///
/// A state that is not held takes no time, and no memory beyond that of its absence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FixedStates {
    /// Σ ln x.
    pub(crate) logs: Option<LogSum>,
    /// Σ 1/x.
    pub(crate) reciprocals: Option<Box<ReciprocalSum>>,
    /// How many values lie in which exponential bucket.
    pub(crate) exponential: Option<ExponentialHistogram>,
    /// How rare the rarest hashes are.
    pub(crate) registers: Option<Registers>,
    /// How many values lie between given edges.
    pub(crate) bins: Option<BinCounts>,
}

impl FixedStates {
    /// How many bytes they take outside of themselves.
    pub(crate) fn bytes_kept(&self) -> u64 {
        let reciprocals = self.reciprocals.as_deref().map_or(0, size_of_val);
        let exponential = self.exponential.as_ref().map_or(0, ExponentialHistogram::bytes_kept);
        let registers = self.registers.as_ref().map_or(0, |registers| registers.ranks().len());
        let bins = self.bins.as_ref().map_or(0, BinCounts::bytes_kept);
        (reciprocals + exponential + registers + bins) as u64
    }

    /// The states that a plan needs, with nothing taken: sketches of the default size, bins between the edges given.
    pub(crate) fn new(plan: &Plan) -> Self {
        let states = plan.states();
        Self {
            logs: states.contains(States::LOGS).then(LogSum::default),
            reciprocals: states.contains(States::RECIPROCALS).then(Box::default),
            exponential: states.contains(States::EXPONENTIAL).then(ExponentialHistogram::default),
            registers: states.contains(States::REGISTERS).then(Registers::default),
            bins: plan.bins().and_then(|bins| bins.given()).cloned().map(BinCounts::from),
        }
    }

    /// The same states with the same parameters, and nothing taken: what each thread begins with.
    pub(crate) fn to_empty(&self) -> Self {
        Self {
            logs: self.logs.map(|_| LogSum::default()),
            reciprocals: self.reciprocals.as_ref().map(|_| Box::default()),
            exponential: (self.exponential.as_ref())
                .and_then(|held| ExponentialHistogram::new(held.buckets_max())),
            registers: self.registers.as_ref().and_then(|held| Registers::new(held.precision())),
            bins: self.bins.as_ref().map(|bins| BinCounts::from(bins.edges().clone())),
        }
    }

    /// Which of the states these are: part of what a partial says that it holds.
    pub(crate) fn states(&self) -> States {
        let held = [
            (self.logs.is_some(), States::LOGS),
            (self.reciprocals.is_some(), States::RECIPROCALS),
            (self.exponential.is_some(), States::EXPONENTIAL),
            (self.registers.is_some(), States::REGISTERS),
            (self.bins.is_some(), States::BINS),
        ];
        held.into_iter().filter(|(held, _)| *held).map(|(_, state)| state).collect()
    }

    /// Whether none is held, so that values need not be shown to them.
    pub(crate) fn is_empty(&self) -> bool {
        self.states() == States::NONE
    }

    /// Takes the finite ones of some values.
    ///
    /// State by state, so that each runs through values that are in the cache, and its own tables stay there.
    pub(crate) fn update(&mut self, values: &[f64]) {
        if let Some(logs) = &mut self.logs {
            values.iter().for_each(|value| logs.push((*value).into()));
        }
        if let Some(reciprocals) = &mut self.reciprocals {
            values.iter().for_each(|value| reciprocals.push((*value).into()));
        }
        if let Some(exponential) = &mut self.exponential {
            exponential.update(values);
        }
        if let Some(registers) = &mut self.registers {
            registers.update(values);
        }
        if let Some(bins) = &mut self.bins {
            let finite = values.iter().filter(|value| value.is_finite());
            finite.for_each(|value| bins.push_times((*value).into(), 1));
        }
    }

    /// Takes one finite value `times` times.
    ///
    /// As exact as taking it so many times; registers do not care how often. It is how runs of decoded partials are
    /// compared with these states, and how integers beyond 2^53 come in.
    pub(crate) fn push_times(&mut self, value: Value, times: u64) {
        if let Some(logs) = &mut self.logs {
            logs.push_times(value, times);
        }
        if let Some(reciprocals) = &mut self.reciprocals {
            reciprocals.push_times(value, times);
        }
        if let Some(exponential) = &mut self.exponential {
            exponential.push_times(value, times);
        }
        if let Some(registers) = &mut self.registers {
            registers.push(value);
        }
        if let Some(bins) = &mut self.bins {
            bins.push_times(value, times);
        }
    }

    /// Refuses others that hold the same states by other parameters, before anything is merged.
    ///
    /// # Errors
    /// [`Error::SketchesDiffer`] for other sizes of a sketch, [`Error::EdgesDiffer`] for other edges.
    pub(crate) fn check_parameters(&self, other: &Self) -> Result<(), Error> {
        let sizes = |held: &Self| {
            let buckets_max = held.exponential.as_ref().map(ExponentialHistogram::buckets_max);
            (buckets_max, held.registers.as_ref().map(Registers::precision))
        };
        if sizes(self) != sizes(other) {
            return Err(Error::SketchesDiffer);
        }
        match (&self.bins, &other.bins) {
            (Some(bins), Some(other)) => bins.check_edges(other.edges()),
            _ => Ok(()),
        }
    }

    /// Takes what others with the same states and parameters have taken.
    ///
    /// Nothing can fail: parameters and counts have been checked.
    pub(crate) fn merge(&mut self, other: &Self) {
        if let (Some(logs), Some(other)) = (&mut self.logs, &other.logs) {
            logs.merge(other);
        }
        if let (Some(reciprocals), Some(other)) = (&mut self.reciprocals, &other.reciprocals) {
            reciprocals.merge(other);
        }
        if let (Some(exponential), Some(other)) = (&mut self.exponential, &other.exponential) {
            exponential.merge(other);
        }
        if let (Some(registers), Some(other)) = (&mut self.registers, &other.registers) {
            registers.merge(other);
        }
        if let (Some(bins), Some(other)) = (&mut self.bins, &other.bins) {
            bins.merge(other);
        }
    }

    /// What is left without the values of others with the same states, none of them a sketch; none where
    /// they have more of something.
    ///
    /// Sums that are left may still be none of any values: that is for the partial to test.
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
        Some(Self { logs, reciprocals, exponential: None, registers: None, bins })
    }
}
