//! The states that statistics are computed from, as a set. How a state is kept is not here.
//!
//! A plan asks for statistics, those ask for states, and the union is what an accumulator fills in
//! one pass. The bits of the set are no part of the byte format, which names its states for itself.

use alloc::vec::Vec;

/// A set of states: what an accumulator and a partial keep of the values. The counts are always kept and
/// are in none of them.
///
/// Limits: two working states or partials merge only when their sets are equal.
/// Cost: 0.6 KB for `SUM`, 1.1 KB for `SUM_SQUARES`, 1.6 KB for `SUM_CUBES`, 2.1 KB for `SUM_FOURTHS`; a few
/// words for `EXTREMES`; 8 bytes a value for `VALUES`.
///
/// ```
/// use exacta::{Plan, States, Statistic};
/// let plan = Plan::new([Statistic::Sum, Statistic::Rms]);
/// assert_eq!(plan.states().to_string(), "sum + sum_squares");
/// assert!(plan.states().contains(States::SUM));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct States(u16);

impl States {
    /// No state but the counts.
    /// Enough for `count` alone.
    ///
    /// ```
    /// use exacta::{Plan, States, Statistic};
    /// assert_eq!(Plan::new([Statistic::Count]).states(), States::NONE);
    /// ```
    pub const NONE: Self = Self(0);
    /// Σx.
    /// An integer of fixed width that no number of values can overflow; read by `sum`, `mean` and
    /// all moments.
    ///
    /// ```
    /// use exacta::{Plan, States, Statistic};
    /// assert!(Plan::new([Statistic::Mean]).states().contains(States::SUM));
    /// ```
    pub const SUM: Self = Self(1);
    /// Σx².
    /// From exact products of 106 bits, never from rounded squares.
    ///
    /// ```
    /// use exacta::{Plan, States, Statistic};
    /// assert!(Plan::new([Statistic::Rms]).states().contains(States::SUM_SQUARES));
    /// ```
    pub const SUM_SQUARES: Self = Self(1 << 1);
    /// The smallest and the largest value.
    /// They cannot be subtracted: what was the second smallest is not known.
    ///
    /// ```
    /// use exacta::{Plan, States, Statistic};
    /// assert!(Plan::new([Statistic::Range]).states().contains(States::EXTREMES));
    /// ```
    pub const EXTREMES: Self = Self(1 << 2);
    /// The multiset of all values.
    /// The only state that grows with the data; what needs no more than ranks can be selected from
    /// borrowed values without it.
    ///
    /// ```
    /// use exacta::{Plan, States, Statistic};
    /// assert!(Plan::new([Statistic::Mode]).states().contains(States::VALUES));
    /// ```
    pub const VALUES: Self = Self(1 << 3);
    /// Σx³.
    /// From exact products of 159 bits.
    ///
    /// ```
    /// use exacta::{Plan, States, Statistic};
    /// assert!(Plan::new([Statistic::Skewness]).states().contains(States::SUM_CUBES));
    /// ```
    pub const SUM_CUBES: Self = Self(1 << 4);
    /// Σx⁴.
    /// From exact products of 212 bits.
    ///
    /// ```
    /// use exacta::{Plan, States, Statistic};
    /// assert!(Plan::new([Statistic::Kurtosis]).states().contains(States::SUM_FOURTHS));
    /// ```
    pub const SUM_FOURTHS: Self = Self(1 << 5);
    /// Σ ln x.
    /// Each the nearest integer in units of 2^-96, so that the sum is exact from there on.
    ///
    /// ```
    /// use exacta::{Plan, States, Statistic};
    /// assert!(Plan::new([Statistic::GeometricMean]).states().contains(States::LOGS));
    /// ```
    pub const LOGS: Self = Self(1 << 6);
    /// Σ 1/x.
    /// Each the nearest number of 128 bits.
    ///
    /// ```
    /// use exacta::{Plan, States, Statistic};
    /// assert!(Plan::new([Statistic::HarmonicMean]).states().contains(States::RECIPROCALS));
    /// ```
    pub const RECIPROCALS: Self = Self(1 << 7);
    /// How many values lie in which bucket of a base-2 exponential histogram.
    /// At most 160 buckets for each sign; what approximate quantiles are read from.
    ///
    /// ```
    /// use exacta::{Plan, Probability, States};
    /// let plan = Plan::new([]).with_approx_quantiles([Probability::HALF]);
    /// assert!(plan.states().contains(States::EXPONENTIAL));
    /// ```
    pub const EXPONENTIAL: Self = Self(1 << 8);
    /// The registers of a `HyperLogLog`.
    /// 16 KB; what `approx_distinct` is read from.
    ///
    /// ```
    /// use exacta::{Plan, States, Statistic};
    /// assert!(Plan::new([Statistic::ApproxDistinct]).states().contains(States::REGISTERS));
    /// ```
    pub const REGISTERS: Self = Self(1 << 9);
    /// How many values lie between given edges.
    /// A count for each bin, and two for what lies outside.
    ///
    /// ```
    /// use exacta::{Bins, Plan, States};
    /// let plan = Plan::new([]).with_histogram(Bins::edges([0.0, 1.0])?);
    /// assert!(plan.states().contains(States::BINS));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub const BINS: Self = Self(1 << 10);

    /// That the sums and extremes are those of numbers as they are written in decimal.
    /// No plan asks for it; a partial that has it merges only with others that do.
    ///
    /// ```
    /// use exacta::{Accumulator, DecimalAccumulator, States};
    /// let mut decimals = DecimalAccumulator::default().into_partial();
    /// assert!(decimals.states().contains(States::DECIMALS));
    /// let binary = [0.1].iter().collect::<Accumulator>().into_partial();
    /// assert_eq!(decimals.merge(binary).unwrap_err().code(), "plan.mismatch");
    /// ```
    pub const DECIMALS: Self = Self(1 << 11);

    const NAMES: [(Self, &'static str); 12] = [
        (Self::SUM, "sum"),
        (Self::SUM_SQUARES, "sum_squares"),
        (Self::EXTREMES, "extremes"),
        (Self::VALUES, "values"),
        (Self::SUM_CUBES, "sum_cubes"),
        (Self::SUM_FOURTHS, "sum_fourths"),
        (Self::LOGS, "logs"),
        (Self::RECIPROCALS, "reciprocals"),
        (Self::EXPONENTIAL, "exponential"),
        (Self::REGISTERS, "registers"),
        (Self::BINS, "bins"),
        (Self::DECIMALS, "decimals"),
    ];

    /// The states that are in either.
    ///
    /// ```
    /// use exacta::States;
    /// assert_eq!(States::NONE.union(States::SUM), States::SUM);
    /// ```
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The states of this set that `other` lacks.
    ///
    /// ```
    /// use exacta::States;
    /// assert_eq!(States::SUM.union(States::EXTREMES).without(States::SUM), States::EXTREMES);
    /// ```
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether every state of `other` is in this set.
    ///
    /// ```
    /// use exacta::States;
    /// assert!(States::SUM.contains(States::NONE) && !States::NONE.contains(States::SUM));
    /// ```
    pub const fn contains(self, other: Self) -> bool {
        other.without(self).0 == 0
    }
}

impl FromIterator<States> for States {
    fn from_iter<I: IntoIterator<Item = Self>>(states: I) -> Self {
        states.into_iter().fold(Self::NONE, Self::union)
    }
}

impl core::fmt::Display for States {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let names: Vec<_> = Self::NAMES
            .iter()
            .filter(|(state, _)| self.contains(*state))
            .map(|(_, name)| *name)
            .collect();
        f.write_str(if names.is_empty() { "counts only" } else { "" })?;
        f.write_str(&names.join(" + "))
    }
}
