//! What must be reached: a ratio of two contenders' times or memory in one race, or a time, and its bound. Which ones there are is said
//! where the races are.

use crate::race::Race;
use crate::spread::Spread;
use crate::table::{NOTHING, figure, table};

/// On which side of a figure a ratio is well.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Bound {
    pub(crate) fn is_kept(self, ratio: f64) -> bool {
        match self {
            Self::AtLeast(bound) => ratio >= bound,
            Self::AtMost(bound) => ratio <= bound,
        }
    }

    pub(crate) fn text(self) -> String {
        match self {
            Self::AtLeast(bound) => format!("≥ {}", figure(bound)),
            Self::AtMost(bound) => format!("≤ {}", figure(bound)),
        }
    }
}

/// What is looked at in a race, by the names of contenders.
enum Figure {
    /// The time of the first by that of the second.
    Times([&'static str; 2]),
    /// The same of their memory.
    Peaks([&'static str; 2]),
    /// The time of one, in units of which a second has so many.
    Time(&'static str, f64),
}

/// One figure, a ratio as a rule, and what it must be.
pub(crate) struct Claim {
    pub(crate) what: String,
    figure: Figure,
    pub(crate) must: Option<Bound>,
    /// What is hoped for.
    pub(crate) goal: Option<Bound>,
}

impl Claim {
    /// The second is at least so many times as fast as the first.
    pub(crate) fn at_least(
        what: String,
        names: [&'static str; 2],
        must: f64,
        goal: Option<f64>,
    ) -> Self {
        let must = Some(Bound::AtLeast(must));
        Self { what, figure: Figure::Times(names), must, goal: goal.map(Bound::AtLeast) }
    }

    /// The first takes at most so many times as long as the second.
    pub(crate) fn at_most(
        what: String,
        names: [&'static str; 2],
        must: f64,
        goal: Option<f64>,
    ) -> Self {
        let must = Some(Bound::AtMost(must));
        Self { what, figure: Figure::Times(names), must, goal: goal.map(Bound::AtMost) }
    }

    /// The first takes at most so many times as long as the second, it is hoped.
    pub(crate) fn hoped(what: String, names: [&'static str; 2], goal: f64) -> Self {
        Self { what, figure: Figure::Times(names), must: None, goal: Some(Bound::AtMost(goal)) }
    }

    /// A ratio of which nothing is said.
    pub(crate) fn shown(what: String, names: [&'static str; 2]) -> Self {
        Self { what, figure: Figure::Times(names), must: None, goal: None }
    }

    /// The first needs at most so many times as much memory as the second.
    pub(crate) fn peak_at_most(what: String, names: [&'static str; 2], must: f64) -> Self {
        let must = Some(Bound::AtMost(must));
        Self { what, figure: Figure::Peaks(names), must, goal: None }
    }

    /// It takes at most so long.
    pub(crate) fn milliseconds_at_most(what: String, name: &'static str, must: f64) -> Self {
        let must = Some(Bound::AtMost(must));
        Self { what, figure: Figure::Time(name, 1e3), must, goal: None }
    }

    /// The same in microseconds.
    pub(crate) fn microseconds_at_most(what: String, name: &'static str, must: f64) -> Self {
        let must = Some(Bound::AtMost(must));
        Self { what, figure: Figure::Time(name, 1e6), must, goal: None }
    }

    /// The figure; none when one whose it is has no time.
    pub(crate) fn figure(&self, race: &Race) -> Option<Spread> {
        match self.figure {
            Figure::Times([over, under]) => race.ratio(over, under),
            Figure::Peaks([over, under]) => race.peak_ratio(over, under),
            Figure::Time(name, units) => race.time(name).map(|time| time.scaled(units)),
        }
    }
}

/// A row for each claim.
pub(crate) fn rows<'a>(measured: impl IntoIterator<Item = &'a Measured>) -> String {
    let rows = measured.into_iter().flat_map(|Measured { race, claims }| {
        claims.iter().map(|claim| Row {
            what: claim.what.clone(),
            found: claim.figure(race),
            must: claim.must,
            goal: claim.goal,
        })
    });
    figures(rows)
}

/// A figure, wherever it was taken, and what it must be.
pub(crate) struct Row {
    pub(crate) what: String,
    /// None where it could not be measured.
    pub(crate) found: Option<Spread>,
    pub(crate) must: Option<Bound>,
    pub(crate) goal: Option<Bound>,
}

/// A row for each figure.
pub(crate) fn figures(rows: impl IntoIterator<Item = Row>) -> String {
    let head = ["ratio", "must", "measured", "quartiles", "", "goal"].map(str::to_owned);
    table(&head, &rows.into_iter().map(row).collect::<Vec<_>>())
}

fn row(Row { what, found, must, goal }: Row) -> Vec<String> {
    let text = |bound: Option<Bound>| bound.map_or(NOTHING.to_owned(), Bound::text);
    let [measured, quartiles, verdict] = match found {
        None => [NOTHING, NOTHING, "not measured"].map(str::to_owned),
        Some(Spread { median, quartiles: [low, high] }) => {
            let quartiles = format!("{} to {}", figure(low), figure(high));
            [figure(median), quartiles, verdict(must, goal, median).to_owned()]
        }
    };
    vec![what, text(must), measured, quartiles, verdict, text(goal)]
}

fn verdict(must: Option<Bound>, goal: Option<Bound>, ratio: f64) -> &'static str {
    let [must, goal] = [must, goal].map(|b| b.map(|bound| bound.is_kept(ratio)));
    match (must, goal) {
        (Some(false), _) => "**missed**",
        (_, Some(true)) => "goal reached",
        (Some(true), _) => "kept",
        (None, _) => "",
    }
}

/// A race and what it must show.
pub(crate) struct Measured {
    pub(crate) race: Race,
    pub(crate) claims: Vec<Claim>,
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
