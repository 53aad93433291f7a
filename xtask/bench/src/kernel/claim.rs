//! What must be reached: a ratio of two contenders' times in one race, and its bound. Which ones there are is said
//! where the races are.

use super::race::Race;
use crate::spread::Spread;
use crate::table::figure;

/// On which side of a figure a ratio is well.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Bound {
    pub(super) fn is_kept(self, ratio: f64) -> bool {
        match self {
            Self::AtLeast(bound) => ratio >= bound,
            Self::AtMost(bound) => ratio <= bound,
        }
    }

    pub(super) fn text(self) -> String {
        match self {
            Self::AtLeast(bound) => format!("≥ {}", figure(bound)),
            Self::AtMost(bound) => format!("≤ {}", figure(bound)),
        }
    }
}

/// One ratio and what it must be.
pub(super) struct Claim {
    pub(super) what: String,
    /// The contenders whose times are divided.
    over: &'static str,
    under: &'static str,
    pub(super) must: Option<Bound>,
    /// What is hoped for.
    pub(super) goal: Option<Bound>,
}

impl Claim {
    /// The second is at least so many times as fast as the first.
    pub(super) fn at_least(
        what: String,
        [over, under]: [&'static str; 2],
        must: f64,
        goal: Option<f64>,
    ) -> Self {
        let must = Some(Bound::AtLeast(must));
        Self { what, over, under, must, goal: goal.map(Bound::AtLeast) }
    }

    /// The first takes at most so many times as long as the second.
    pub(super) fn at_most(
        what: String,
        [over, under]: [&'static str; 2],
        must: f64,
        goal: Option<f64>,
    ) -> Self {
        let must = Some(Bound::AtMost(must));
        Self { what, over, under, must, goal: goal.map(Bound::AtMost) }
    }

    /// The first takes at most so many times as long as the second, it is hoped.
    pub(super) fn hoped(what: String, [over, under]: [&'static str; 2], goal: f64) -> Self {
        Self { what, over, under, must: None, goal: Some(Bound::AtMost(goal)) }
    }

    /// A ratio of which nothing is said.
    pub(super) fn shown(what: String, [over, under]: [&'static str; 2]) -> Self {
        Self { what, over, under, must: None, goal: None }
    }

    /// The ratio; none when one of the two has no time.
    pub(super) fn ratio(&self, race: &Race) -> Option<Spread> {
        race.ratio(self.over, self.under)
    }
}

/// A race and what it must show.
pub(super) struct Measured {
    pub(super) race: Race,
    pub(super) claims: Vec<Claim>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_have_two_sides() {
        assert!(Bound::AtLeast(0.95).is_kept(0.95) && !Bound::AtLeast(0.95).is_kept(0.94));
        assert!(Bound::AtMost(2.0).is_kept(2.0) && !Bound::AtMost(2.0).is_kept(2.1));
        assert_eq!(Bound::AtMost(0.13).text(), "≤ 0.13");
    }
}
