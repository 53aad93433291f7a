//! The end of the way: exact states become numbers, each rounded once, or reasons why there are none.

mod groups;
mod one_shot;
mod order;

pub use one_shot::{sum, summarize};

use crate::accumulator::{Counts, Extremes, Multiset};
use crate::error::Error;
use crate::exact::Value;
use crate::kernel::environment;
use crate::partial::Partial;
use crate::plan::{Nonfinite, Plan};
use crate::stat::{Outcome, Probability, Runs, Sample, States, Statistic};
use alloc::string::ToString;
use alloc::vec::Vec;
use order::Order;

/// The results of a plan for one column.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    counts: Counts,
    statistics: Vec<(Statistic, Outcome)>,
    quantiles: Vec<(Probability, Outcome)>,
}

impl Summary {
    /// How many values of which kind there were.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The statistics asked for, in the order of [`Statistic::ALL`].
    pub fn statistics(&self) -> &[(Statistic, Outcome)] {
        &self.statistics
    }

    /// The quantiles asked for, in the order asked.
    pub fn quantiles(&self) -> &[(Probability, Outcome)] {
        &self.quantiles
    }

    /// One statistic, if the plan asked for it.
    pub fn get(&self, statistic: Statistic) -> Option<Outcome> {
        self.statistics.iter().find(|(asked, _)| *asked == statistic).map(|(_, outcome)| *outcome)
    }

    /// The quantile at a probability, if the plan asked for it.
    ///
    /// ```
    /// use exacta::{Accumulator, Outcome, Plan, Probability, QuantileMethod};
    /// let third = Probability::ratio(1, 3)?;
    /// let plan = Plan::new([]).with_quantiles([third]).with_quantile_method(QuantileMethod::Hazen);
    /// let mut accumulator = Accumulator::new(&plan);
    /// accumulator.update(&[3, 1, 2])?;
    /// let summary = accumulator.into_partial().finalize(&plan)?;
    /// assert_eq!(summary.quantile(third), Some(Outcome::Finite(1.5)));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn quantile(&self, probability: Probability) -> Option<Outcome> {
        self.quantiles.iter().find(|(asked, _)| *asked == probability).map(|(_, outcome)| *outcome)
    }
}

impl Partial {
    /// The results of `plan`, each rounded once. Any plan can be asked whose states the partial holds.
    ///
    /// Cost: microseconds a statistic; quantiles select from a copy of the values, in expected linear time,
    /// or sort it where it holds runs of decoded partials or integers beyond 2^53.
    ///
    /// # Errors
    /// [`Error::StatesMissing`] when the plan needs a state that is not held; [`Error::NonfiniteHeld`]
    /// when the policy is `reject` and NaN or infinities were taken.
    pub fn finalize(&self, plan: &Plan) -> Result<Summary, Error> {
        let missing = plan.states().without(self.states());
        if missing != States::NONE {
            return Err(Error::StatesMissing { missing: missing.to_string() });
        }
        let nonfinite = self.counts.nonfinite();
        if plan.nonfinite() == Nonfinite::Reject && nonfinite > 0 {
            return Err(Error::NonfiniteHeld { count: nonfinite });
        }
        let select = |ranks: &[u64]| self.values.as_ref().map_or(Vec::new(), |v| v.select(ranks));
        Ok(self.results(plan, select))
    }

    /// The results of `plan`, whose states are held, apart from the values where `select` knows them: it
    /// gives the finite ones at ascending ranks among themselves, each with its rank.
    fn results(&self, plan: &Plan, select: impl FnOnce(&[u64]) -> Vec<(u64, Value)>) -> Summary {
        environment::with_default(|| {
            let sample = self.sample(plan, select);
            let statistics = plan.statistics().iter().map(|s| (*s, s.evaluate(&sample)));
            let quantiles = plan.quantiles().iter().map(|p| (*p, sample.quantile(*p)));
            Summary {
                counts: self.counts,
                statistics: statistics.collect(),
                quantiles: quantiles.collect(),
            }
        })
    }

    /// The values that enter under the plan's policy.
    fn sample(&self, plan: &Plan, select: impl FnOnce(&[u64]) -> Vec<(u64, Value)>) -> Sample {
        let counts = &self.counts;
        let nonfinite_enter = plan.nonfinite() == Nonfinite::Propagate;
        let entering = |count: u64| if nonfinite_enter { count } else { 0 };
        let order = Order::new(plan, counts);
        let Order { neg_inf, pos_inf, .. } = order;
        Sample {
            count: counts.count,
            n: counts.count + entering(counts.nonfinite()),
            nan: entering(counts.nan) > 0,
            neg_inf: neg_inf > 0,
            pos_inf: pos_inf > 0,
            sum: self.sum.clone().unwrap_or_default(),
            sum_squares: self.sum_squares.clone().unwrap_or_default(),
            sum_cubes: self.sum_cubes.clone().unwrap_or_default(),
            sum_fourths: self.sum_fourths.clone().unwrap_or_default(),
            extremes: self.extended_extremes(neg_inf, pos_inf),
            order: order.statistics(plan, select),
            runs: self.runs(plan, neg_inf, pos_inf),
        }
    }

    /// All values in order, infinities at the ends, where a statistic of the plan needs them.
    fn runs(&self, plan: &Plan, neg_inf: u64, pos_inf: u64) -> Runs {
        let values =
            self.values.as_ref().filter(|_| plan.statistics().iter().any(|s| s.needs_runs()));
        let finite = values.map(Multiset::to_runs).unwrap_or_default();
        let below = (Value::from(f64::NEG_INFINITY), neg_inf);
        let above = (Value::from(f64::INFINITY), pos_inf);
        [below].into_iter().chain(finite).chain([above]).collect()
    }

    /// The extremes with the infinities that enter, which are the ends of the order.
    fn extended_extremes(&self, neg_inf: u64, pos_inf: u64) -> Option<(Value, Value)> {
        let infinities = [(neg_inf, f64::NEG_INFINITY), (pos_inf, f64::INFINITY)];
        let mut extremes = self.extremes.unwrap_or_default();
        for (_, infinity) in infinities.into_iter().filter(|(count, _)| *count > 0) {
            extremes.merge(Extremes::from((infinity.into(), infinity.into())));
        }
        extremes.both()
    }
}
