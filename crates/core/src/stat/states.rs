//! The states that statistics are computed from, as a set. How a state is kept is not here.

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
    pub const NONE: Self = Self(0);
    /// Σx.
    pub const SUM: Self = Self(1);
    /// Σx².
    pub const SUM_SQUARES: Self = Self(1 << 1);
    /// The smallest and the largest value.
    pub const EXTREMES: Self = Self(1 << 2);
    /// The multiset of all values.
    pub const VALUES: Self = Self(1 << 3);
    /// Σx³.
    pub const SUM_CUBES: Self = Self(1 << 4);
    /// Σx⁴.
    pub const SUM_FOURTHS: Self = Self(1 << 5);
    /// Σ ln x.
    pub const LOGS: Self = Self(1 << 6);
    /// Σ 1/x.
    pub const RECIPROCALS: Self = Self(1 << 7);
    /// How many values lie in which bucket of a base-2 exponential histogram.
    pub const EXPONENTIAL: Self = Self(1 << 8);
    /// The registers of a `HyperLogLog`.
    pub const REGISTERS: Self = Self(1 << 9);
    /// How many values lie between given edges.
    pub const BINS: Self = Self(1 << 10);

    const NAMES: [(Self, &'static str); 11] = [
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
