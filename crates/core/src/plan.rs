//! What is asked of the data: which statistics and quantiles, by which method, and what NaN and
//! infinities are to mean. A plan says what is to be known, never how it is computed.
//!
//! A plan holds no data and no state. What has to be kept of the data follows from it ([`Plan::states`]), and
//! each statistic says for itself what it needs: no list of requirements is kept here.

use crate::error::{Error, by_name};
use crate::stat::{Bins, Probability, QuantileMethod, States, Statistic};
use alloc::vec::Vec;

/// What becomes of NaN and infinities. It is applied at the end, so one partial serves every policy;
/// `reject` is raised as a value arrives, too.
///
/// ```
/// use exacta::{Nonfinite, Plan, Statistic};
/// let values = [1.0, f64::INFINITY, 3.0];
/// let mean = |policy| {
///     let plan = Plan::new([Statistic::Mean]).with_nonfinite(policy);
///     plan.summarize(&values).map(|summary| summary.get(Statistic::Mean).unwrap().value())
/// };
/// assert_eq!(mean(Nonfinite::Propagate), Ok(Some(f64::INFINITY)));
/// assert_eq!(mean(Nonfinite::Skip), Ok(Some(2.0)));
/// let error = mean(Nonfinite::Reject).unwrap_err();
/// assert_eq!(error.code(), "value.nonfinite");
/// assert!(error.to_string().starts_with("inf at index 1 is rejected"));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Nonfinite {
    /// They enter, as in IEEE 754 arithmetic on the extended reals.
    #[default]
    Propagate,
    /// Only finite values enter; the others are counted.
    Skip,
    /// They are an error, raised as the value arrives.
    Reject,
}

impl Nonfinite {
    /// Every policy, the default first: what a command or a form can offer.
    ///
    /// ```
    /// let names: Vec<_> = exacta::Nonfinite::ALL.iter().map(|policy| policy.name()).collect();
    /// assert_eq!(names, ["propagate", "skip", "reject"]);
    /// ```
    pub const ALL: &'static [Self] = &[Self::Propagate, Self::Skip, Self::Reject];

    /// Its name, the same through every door. [`str::parse`] finds it again.
    ///
    /// ```
    /// use exacta::Nonfinite;
    /// assert_eq!(Nonfinite::Skip.name().parse(), Ok(Nonfinite::Skip));
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Self::Propagate => "propagate",
            Self::Skip => "skip",
            Self::Reject => "reject",
        }
    }
}

impl core::fmt::Display for Nonfinite {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(self.name())
    }
}

impl core::str::FromStr for Nonfinite {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        by_name("nonfinite", name, Self::ALL, Self::name)
    }
}

/// Which statistics and quantiles to compute of a column, and how.
///
/// A plan is built once and used for any number of columns. It says what is to be known: which states that
/// takes ([`Plan::states`]) follows from it. The default asks for count, sum, mean, stddev, min and max.
/// Cost: one pass over the data, whatever is asked, and constant memory, unless an order statistic is.
///
/// ```
/// use exacta::{Plan, Probability, Statistic};
/// let plan = Plan::new([Statistic::Mean, Statistic::Sem])
///     .with_quantiles([Probability::new(0.99)?, Probability::ratio(1, 3)?]);
/// assert_eq!(plan.statistics(), [Statistic::Mean, Statistic::Sem]);
/// # Ok::<(), exacta::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    statistics: Vec<Statistic>,
    quantiles: Vec<Probability>,
    quantile_method: QuantileMethod,
    nonfinite: Nonfinite,
    bins: Option<Bins>,
    exact: bool,
    approx_quantiles: Vec<Probability>,
}

impl Default for Plan {
    /// Count, sum, mean, stddev, min and max: one pass and constant memory.
    fn default() -> Self {
        use Statistic::{Count, Max, Mean, Min, Stddev, Sum};
        Self::new([Count, Sum, Mean, Stddev, Min, Max])
    }
}

impl Plan {
    /// A plan for `statistics`, each once and in the order of [`Statistic::ALL`], without quantiles, by the
    /// method `linear`, under the policy `propagate`.
    ///
    /// ```
    /// use exacta::{Plan, Statistic};
    /// let plan = Plan::new([Statistic::Mean, Statistic::Sum, Statistic::Mean]);
    /// assert_eq!(plan.statistics(), [Statistic::Sum, Statistic::Mean]);
    /// ```
    pub fn new(statistics: impl IntoIterator<Item = Statistic>) -> Self {
        let mut statistics: Vec<_> = statistics.into_iter().collect();
        statistics.sort_unstable();
        statistics.dedup();
        Self {
            statistics,
            quantiles: Vec::new(),
            quantile_method: QuantileMethod::default(),
            nonfinite: Nonfinite::default(),
            bins: None,
            exact: false,
            approx_quantiles: Vec::new(),
        }
    }

    /// The same plan with these quantiles, in the order given, each once.
    ///
    /// Cost: a plan with quantiles needs every value; all of them are selected in one go, never by sorting.
    ///
    /// ```
    /// use exacta::{Plan, Probability};
    /// let quartiles = ["0.25", "0.5", "0.75"].map(|p| p.parse::<Probability>().unwrap());
    /// let plan = Plan::default().with_quantiles(quartiles);
    /// let summary = plan.summarize(&[1, 2, 3, 4])?;
    /// assert_eq!(summary.quantile(Probability::HALF).unwrap().finite(), Some(2.5));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    #[must_use]
    pub fn with_quantiles(mut self, probabilities: impl IntoIterator<Item = Probability>) -> Self {
        self.quantiles = each_once(probabilities);
        self
    }

    /// The same plan with these quantiles from a sketch of bounded memory, in the order given, each once.
    ///
    /// Definition: the element that `inverted_cdf` chooses, estimated from an exponential histogram, with an
    /// interval that certainly holds it. Same values, same estimate, whatever their order and the merge tree.
    /// Limits: 160 buckets for each sign. The estimate is off by at most 2.2 % of the element where magnitudes lie
    /// within a factor of 900, by 4.4 % within 900,000, and further for wider data; the interval always tells.
    /// Cost: about 2 ns a value, and some KB, however many values there are.
    ///
    /// ```
    /// use exacta::{Plan, Probability};
    /// let p99 = Probability::new(0.99)?;
    /// let plan = Plan::new([]).with_approx_quantiles([p99]);
    /// let values: Vec<f64> = (1..=10_000).map(f64::from).collect();
    /// let found = plan.summarize(&values)?.approx_quantile(p99).unwrap();
    /// let (lower, upper) = (found.lower().unwrap(), found.upper().unwrap());
    /// assert!(lower <= 9_900.0 && 9_900.0 <= upper && upper < 1.1 * lower);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    #[must_use]
    pub fn with_approx_quantiles(
        mut self,
        probabilities: impl IntoIterator<Item = Probability>,
    ) -> Self {
        self.approx_quantiles = each_once(probabilities);
        self
    }

    /// The same plan with this definition of the quantile, the median among them.
    ///
    /// It is the definition for `iqr` and `mad` too. Since it acts at the end, partials that were kept for
    /// one method can be asked by another.
    ///
    /// ```
    /// use exacta::{Plan, QuantileMethod, Statistic};
    /// let median = |method| {
    ///     let plan = Plan::new([Statistic::Median]).with_quantile_method(method);
    ///     plan.summarize(&[1, 2, 3, 4]).unwrap().get(Statistic::Median).unwrap().finite()
    /// };
    /// assert_eq!(median(QuantileMethod::Linear), Some(2.5));
    /// assert_eq!(median(QuantileMethod::InvertedCdf), Some(2.0));
    /// ```
    #[must_use]
    pub fn with_quantile_method(mut self, method: QuantileMethod) -> Self {
        self.quantile_method = method;
        self
    }

    /// The same plan with this policy for NaN and infinities.
    ///
    /// `skip` and `propagate` act at the end alone. `reject` is also raised where a value arrives, with its place.
    ///
    /// ```
    /// use exacta::{Nonfinite, Plan, Statistic};
    /// let plan = Plan::new([Statistic::Sum]).with_nonfinite(Nonfinite::Skip);
    /// let summary = plan.summarize(&[1.0, f64::NAN, 2.0])?;
    /// assert_eq!(summary.get(Statistic::Sum).unwrap().finite(), Some(3.0));
    /// assert_eq!(summary.counts().nan, 1);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    #[must_use]
    pub fn with_nonfinite(mut self, policy: Nonfinite) -> Self {
        self.nonfinite = policy;
        self
    }

    /// The same plan with a histogram in these bins.
    ///
    /// Cost: bins between given edges are counted in constant memory while values stream in; a number of bins or a
    /// rule needs the data first, so that every value is kept.
    ///
    /// ```
    /// use exacta::{Bins, Plan};
    /// let plan = Plan::new([]).with_histogram(Bins::edges([0.0, 1.0, 2.0])?);
    /// let summary = plan.summarize(&[0.5, 1.0, 1.5, 7.0])?;
    /// let histogram = summary.histogram().unwrap().unwrap();
    /// assert_eq!((&histogram.counts[..], histogram.over), (&[1, 2][..], 1));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    #[must_use]
    pub fn with_histogram(mut self, bins: Bins) -> Self {
        self.bins = Some(bins);
        self
    }

    /// The same plan with the exact values of `sum`, `sum_squares`, `min`, `max` and `range`, as far as it
    /// asks for them, as decimals.
    ///
    /// Other statistics are quotients or roots, which have no last digit, and stay as they are.
    ///
    /// ```
    /// use exacta::{Plan, Statistic};
    /// let plan = Plan::new([Statistic::Sum]).with_exact();
    /// let summary = plan.summarize(&[1e16, 0.5])?;
    /// assert_eq!(summary.get(Statistic::Sum).unwrap().finite(), Some(1e16));
    /// assert_eq!(summary.exact(Statistic::Sum).unwrap().as_str(), "10000000000000000.5");
    /// # Ok::<(), exacta::Error>(())
    /// ```
    #[must_use]
    pub fn with_exact(mut self) -> Self {
        self.exact = true;
        self
    }

    /// The statistics, in the order of [`Statistic::ALL`].
    ///
    /// ```
    /// use exacta::{Plan, Statistic};
    /// let plan = Plan::new([Statistic::Max, Statistic::Min]);
    /// assert_eq!(plan.statistics(), [Statistic::Min, Statistic::Max]);
    /// ```
    pub fn statistics(&self) -> &[Statistic] {
        &self.statistics
    }

    /// The probabilities of the quantiles, in the order given.
    ///
    /// ```
    /// use exacta::{Plan, Probability};
    /// let plan = Plan::new([]).with_quantiles([Probability::HALF, Probability::QUARTER, Probability::HALF]);
    /// assert_eq!(plan.quantiles(), [Probability::HALF, Probability::QUARTER]);
    /// ```
    pub fn quantiles(&self) -> &[Probability] {
        &self.quantiles
    }

    /// The probabilities of the quantiles from a sketch, in the order given.
    ///
    /// ```
    /// use exacta::{Plan, Probability};
    /// let plan = Plan::default().with_approx_quantiles([Probability::HALF]);
    /// assert_eq!((plan.approx_quantiles(), plan.quantiles()), (&[Probability::HALF][..], &[][..]));
    /// ```
    pub fn approx_quantiles(&self) -> &[Probability] {
        &self.approx_quantiles
    }

    /// The definition of the quantile: `linear` unless said otherwise.
    ///
    /// ```
    /// use exacta::{Plan, QuantileMethod};
    /// assert_eq!(Plan::default().quantile_method(), QuantileMethod::Linear);
    /// ```
    pub fn quantile_method(&self) -> QuantileMethod {
        self.quantile_method
    }

    /// The policy for NaN and infinities: `propagate` unless said otherwise.
    ///
    /// ```
    /// use exacta::{Nonfinite, Plan};
    /// assert_eq!(Plan::default().nonfinite(), Nonfinite::Propagate);
    /// ```
    pub fn nonfinite(&self) -> Nonfinite {
        self.nonfinite
    }

    /// The bins of the histogram, if it asks for one.
    ///
    /// ```
    /// use exacta::{Bins, Plan};
    /// let ten = Bins::count(10)?;
    /// assert_eq!(Plan::default().with_histogram(ten.clone()).bins(), Some(&ten));
    /// assert_eq!(Plan::default().bins(), None);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn bins(&self) -> Option<&Bins> {
        self.bins.as_ref()
    }

    /// Whether it asks for exact values as decimals.
    ///
    /// ```
    /// use exacta::Plan;
    /// assert!(Plan::default().with_exact().exact() && !Plan::default().exact());
    /// ```
    pub fn exact(&self) -> bool {
        self.exact
    }

    /// Whether it needs all values in order: for bins that are derived from the data, and for statistics of runs
    /// of equal values. Then a sorted copy is made, where quantiles alone are selected without one.
    pub(crate) fn needs_runs(&self) -> bool {
        self.bins.as_ref().is_some_and(|bins| bins.given().is_none())
            || self.statistics.iter().any(|statistic| statistic.needs_runs())
    }

    /// How many bytes a value takes in the memory of who keeps values for the plan, until there are results: 8 for
    /// quantiles, which are selected where values lie; 40 where all of them are put in order, as for `mad`, `mode`,
    /// `distinct` and derived bins; none for a plan that keeps none.
    ///
    /// ```
    /// use exacta::{Plan, Statistic};
    /// let bytes = [Statistic::Mean, Statistic::Median, Statistic::Mode].map(|s| Plan::new([s]).value_bytes());
    /// assert_eq!(bytes, [0, 8, 40]);
    /// ```
    pub fn value_bytes(&self) -> u64 {
        match (self.states().contains(States::VALUES), self.needs_runs()) {
            (false, _) => 0,
            (true, false) => 8,
            // As they came, a sorted copy, and the different ones with their ranks.
            (true, true) => 8 + 8 + 24,
        }
    }

    /// The smallest set of states that answers the plan.
    ///
    /// Plans with the same states can share partials: what is in a partial is decided here, and everything else in
    /// a plan acts at the end.
    ///
    /// ```
    /// use exacta::{Plan, States, Statistic};
    /// assert_eq!(Plan::new([Statistic::Count]).states(), States::NONE);
    /// assert_eq!(Plan::new([Statistic::Mean, Statistic::Median]).states().to_string(), "sum + values");
    /// ```
    pub fn states(&self) -> States {
        let quantiles = if self.quantiles.is_empty() { States::NONE } else { States::VALUES };
        let sketch = if self.approx_quantiles.is_empty() {
            States::NONE
        } else {
            States::EXPONENTIAL.union(States::EXTREMES)
        };
        let bins = self.bins.as_ref().map_or(States::NONE, Bins::states);
        let statistics = self.statistics.iter().map(|statistic| statistic.states());
        statistics.chain([quantiles, sketch, bins]).collect()
    }
}

/// The probabilities in the order given, without those that came before. Quadratic, for lists that are short.
fn each_once(probabilities: impl IntoIterator<Item = Probability>) -> Vec<Probability> {
    let mut kept = Vec::new();
    for probability in probabilities {
        if !kept.contains(&probability) {
            kept.push(probability);
        }
    }
    kept
}
