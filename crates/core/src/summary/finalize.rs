//! From a partial to a summary: the values that enter under the policy, and what the plan asks of them.
//!
//! Nothing is computed here. A sample is laid out, in which everything that statistics may ask for has its
//! place, and each statistic evaluates its own formula on it.

use super::Summary;
use super::order::Order;
use crate::accumulator::{BinCounts, Extremes, Multiset};
use crate::error::Error;
use crate::exact::Value;
use crate::kernel::environment;
use crate::kernel::registers::Registers;
use crate::partial::Partial;
use crate::plan::{Nonfinite, Plan};
use crate::stat::{
    ApproxQuantile, Bins, Histogram, Probability, Reason, Runs, Sample, States, Statistic,
};
use alloc::string::ToString;
use alloc::vec::Vec;

impl Partial {
    /// The results of `plan`, each rounded once. Any plan can be asked whose states the partial holds.
    ///
    /// Cost: microseconds a statistic; quantiles select from the values where they lie, in expected linear
    /// time, or sort a copy where there are runs of decoded partials or integers beyond 2^53.
    ///
    /// # Errors
    /// [`Error::StatesMissing`] when the plan needs a state that is not held; [`Error::NonfiniteHeld`]
    /// when the policy is `reject` and NaN or infinities were taken; [`Error::EdgesDiffer`] when the partial
    /// was counted between other edges; [`Error::BinsTooMany`] when a rule asks for too many bins;
    /// [`Error::ValuesUnreadable`] when values lie elsewhere and cannot be read.
    ///
    /// # Example
    /// ```
    /// use exacta::{Accumulator, Nonfinite, Plan, Statistic};
    /// let mut accumulator = Accumulator::new(&Plan::new([Statistic::Stddev]));
    /// accumulator.update(&[1.0, 3.0, f64::NAN])?;
    /// let partial = accumulator.into_partial();
    ///
    /// // One partial answers every plan over the same sums, under every policy.
    /// let plan = Plan::new([Statistic::Mean, Statistic::Variance]).with_nonfinite(Nonfinite::Skip);
    /// let summary = partial.finalize(&plan)?;
    /// assert_eq!(summary.get(Statistic::Mean).unwrap().finite(), Some(2.0));
    /// assert_eq!(partial.finalize(&Plan::new([Statistic::Max])).unwrap_err().code(), "plan.mismatch");
    /// # Ok::<(), exacta::Error>(())
    /// ```
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
        let summary = self.results(plan, select)?;
        match self.values.as_ref().and_then(Multiset::failure) {
            Some(reason) => Err(Error::ValuesUnreadable { reason }),
            None => Ok(summary),
        }
    }

    /// The results of `plan`, whose states are held, apart from the values where `select` knows them: it
    /// gives the finite ones at ascending ranks among themselves, each with its rank.
    pub(super) fn results(
        &self,
        plan: &Plan,
        select: impl FnOnce(&[u64]) -> Vec<(u64, Value)>,
    ) -> Result<Summary, Error> {
        environment::with_default(|| {
            let sample = self.sample(plan, select);
            let statistics = plan.statistics().iter().map(|s| (*s, s.evaluate(&sample)));
            let quantiles = plan.quantiles().iter().map(|p| (*p, sample.quantile(*p)));
            let exact = plan.statistics().iter().filter(|_| plan.exact());
            let exact = exact.filter_map(|s| Some((*s, s.exact(&sample)?)));
            Ok(Summary {
                counts: self.counts,
                statistics: statistics.collect(),
                quantiles: quantiles.collect(),
                exact: exact.collect(),
                approx_quantiles: self.approx_quantiles(plan, &sample),
                histogram: plan.bins().map(|bins| self.histogram(bins, &sample)).transpose()?,
            })
        })
    }

    /// What the sketch knows of each probability asked for. The extremes are exact, and narrow the first and the
    /// last bucket.
    fn approx_quantiles(&self, plan: &Plan, sample: &Sample) -> Vec<(Probability, ApproxQuantile)> {
        let Some(sketch) = &self.fixed.exponential else { return Vec::new() };
        let extremes = self.extremes.and_then(Extremes::both);
        let Order { neg_inf, .. } = Order::new(plan, &self.counts);
        let finite = |rank| sketch.at_rank(rank, extremes);
        let known = |p: &Probability| (*p, ApproxQuantile::new(*p, sample, neg_inf, finite));
        plan.approx_quantiles().iter().map(known).collect()
    }

    /// The histogram in these bins: as it was counted where edges are given, else from the order statistics.
    ///
    /// # Errors
    /// [`Error::EdgesDiffer`] for bins with other edges than the partial counted between;
    /// [`Error::BinsTooMany`] when a rule asks for too many.
    fn histogram(&self, bins: &Bins, sample: &Sample) -> Result<Result<Histogram, Reason>, Error> {
        if let (Some(counted), Some(edges)) = (&self.fixed.bins, bins.given()) {
            counted.check_edges(edges)?;
        }
        let counted = || self.fixed.bins.as_ref().map(BinCounts::to_histogram);
        Histogram::of(bins, sample, || counted().expect("the plan's states are held"))
    }

    /// The values that enter under the plan's policy.
    ///
    /// States that are not held are empty ones: no statistic of the plan looks at them, which `finalize` has checked.
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
            logs: self.fixed.logs.unwrap_or_default(),
            approx_distinct: self.approx_distinct(plan),
            reciprocals: self.fixed.reciprocals.clone(),
            extremes: self.extended_extremes(neg_inf, pos_inf),
            order: order.statistics(plan, select),
            runs: self.runs(plan, neg_inf, pos_inf),
            decimals: self.decimals.clone(),
        }
    }

    /// All values in order, infinities at the ends, where the plan needs them.
    fn runs(&self, plan: &Plan, neg_inf: u64, pos_inf: u64) -> Runs {
        if !plan.needs_runs() {
            return Runs::default();
        }
        let below = (Value::from(f64::NEG_INFINITY), neg_inf);
        let above = (Value::from(f64::INFINITY), pos_inf);
        self.values.as_ref().map_or_else(Runs::default, |values| values.ordered(below, above))
    }

    /// The estimate of the registers, which takes long enough to ask for it only where the plan does.
    fn approx_distinct(&self, plan: &Plan) -> u64 {
        let registers = self.fixed.registers.as_ref();
        let asked = registers.filter(|_| plan.statistics().contains(&Statistic::ApproxDistinct));
        asked.map_or(0, Registers::estimate)
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
