//! Taking a share out again, for windows that move on and rows that are deleted: since states are exact,
//! nothing drifts. What cannot be taken out is refused here.
//!
//! Exact sums form a group: what was added can be taken away, and the bits are those of a state that never had it.
//! Counts, bins, logarithms, reciprocals and the multiset of all values do as well, as long as nothing goes below zero.

use super::{Partial, consistency};
use crate::accumulator::Multiset;
use crate::error::Error;
use crate::exact::{Dyadic, Value};
use crate::stat::States;
use alloc::string::ToString;

/// The states that forget: what is left when a value goes is not known from them.
const FORGETFUL: States = States::EXTREMES.union(States::EXPONENTIAL).union(States::REGISTERS);

impl Partial {
    /// Takes out a share that was taken in before: the partial becomes the one of the other values, to the
    /// bit. Partials with min, max or a sketch cannot give anything back, since what is left when their
    /// extreme goes was never kept; the multiset of all values can.
    ///
    /// Cost: as [`Partial::merge`]; a sort where all values are held.
    ///
    /// # Errors
    /// [`Error::StatesDiffer`] when the two hold different states, [`Error::NotSubtractable`] when they hold
    /// one that gives nothing back, [`Error::NotContained`] when `other` is no share of this one, as far as
    /// cheap tests tell. The partial stays as it was.
    ///
    /// # Example
    /// ```
    /// use exacta::{Accumulator, Partial, Plan, Statistic};
    /// let plan = Plan::new([Statistic::Mean, Statistic::Stddev]);
    /// let partial = |values: &[f64]| -> Result<Partial, exacta::Error> {
    ///     let mut accumulator = Accumulator::new(&plan);
    ///     accumulator.update(values)?;
    ///     Ok(accumulator.into_partial())
    /// };
    /// let mut window = partial(&[1e300, 0.1, 0.2])?;
    /// window.subtract(&partial(&[1e300])?)?;
    /// assert_eq!(window.to_bytes()?, partial(&[0.1, 0.2])?.to_bytes()?);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn subtract(&mut self, other: &Self) -> Result<(), Error> {
        self.check_states(other)?;
        let forgetful = self.states().without(self.states().without(FORGETFUL));
        if forgetful != States::NONE {
            return Err(Error::NotSubtractable { states: forgetful.to_string() });
        }
        let rest = self.without(other).ok_or(Error::NotContained)?;
        consistency::check(&rest).map_err(|_| Error::NotContained)?;
        *self = rest;
        Ok(())
    }

    /// What is left; nothing where `other` has more of something.
    fn without(&self, other: &Self) -> Option<Self> {
        Some(Self {
            counts: self.counts.without(&other.counts)?,
            sum: difference(self.sum.as_ref(), other.sum.as_ref()),
            sum_squares: difference(self.sum_squares.as_ref(), other.sum_squares.as_ref()),
            sum_cubes: difference(self.sum_cubes.as_ref(), other.sum_cubes.as_ref()),
            sum_fourths: difference(self.sum_fourths.as_ref(), other.sum_fourths.as_ref()),
            fixed: self.fixed.without(&other.fixed)?,
            extremes: None,
            decimals: None,
            values: match (&self.values, &other.values) {
                (Some(values), Some(other)) => Some(multiset_difference(values, other)?),
                _ => None,
            },
        })
    }
}

/// One sum without the other, where both hold one.
fn difference(sum: Option<&Dyadic>, other: Option<&Dyadic>) -> Option<Dyadic> {
    Some(sum?.sub(other?))
}

/// What is left of the values; nothing where the other has a value more often. Both are brought in order once, and
/// then walked through side by side.
fn multiset_difference(values: &Multiset, other: &Multiset) -> Option<Multiset> {
    let mut taken = other.to_runs().into_iter().peekable();
    let mut rest = Multiset::default();
    for (value, times) in values.to_runs() {
        let is_taken = |run: &(Value, u64)| run.0 == value;
        let n_taken = taken.next_if(is_taken).map_or(0, |(_, times)| times);
        let n_left = times.checked_sub(n_taken)?;
        if n_left > 0 {
            rest.push_run(value, n_left);
        }
    }
    taken.next().is_none().then_some(rest)
}
