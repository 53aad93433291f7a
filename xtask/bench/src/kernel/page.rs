//! The page: ratios beside what they must be, and the times behind them.

use exacta::kernel_for_tests::InstructionSet;

use super::exact::forced_name;
use super::numbers::Kind;
use super::{EXACTA, Extent, NUMPY, READ, one_pass, sums};
use crate::claim::{self, Measured};
use crate::race::{Laps, Race, faults, statements};
use crate::spread::Spread;
use crate::table::{NOTHING, count, figure, table, time};

const WORDS: &str = include_str!("page.md");

/// The whole page.
pub(super) fn render(facts: &[(String, String)], extent: &Extent, measured: &[Measured]) -> String {
    let facts: Vec<_> = facts.iter().map(|(name, fact)| format!("- {name}: {fact}")).collect();
    let kinds = Kind::ALL.map(|kind| format!("  - *{}*: {}", kind.name(), kind.meaning()));
    let races: Vec<_> = measured.iter().map(|measured| &measured.race).collect();
    let fillings = [
        ("facts", facts.join("\n")),
        ("claims", claim::rows(measured)),
        ("machines", machines(&races, extent.in_memory)),
        ("races", alike(&races).iter().map(|races| side_by_side(races)).collect()),
        ("kinds", kinds.join("\n")),
        ("statements", statements(&races)),
        ("rounds", extent.n_rounds.to_string()),
    ];
    fillings
        .iter()
        .fold(WORDS.to_owned(), |page, (name, text)| page.replace(&format!("{{{name}}}"), text))
}

/// What exacta does with the vectors of less able machines: a column for each instruction set.
fn machines(races: &[&Race], n_numbers: usize) -> String {
    let names: Vec<_> = InstructionSet::available().map(forced_name).collect();
    let head = [""].iter().chain(&names).map(|name| (*name).to_owned());
    let is_shown = |race: &&&Race| {
        let question = race.question;
        [sums::TITLE, one_pass::TITLE].contains(&question.title) && question.n_numbers == n_numbers
    };
    let row = |race: &&Race| {
        let title = format!("{}, {}", race.question.title, race.question.kind);
        let cells = names.iter().map(|name| machine_cell(race, name));
        [title].into_iter().chain(cells).collect()
    };
    let rows: Vec<Vec<_>> = races.iter().filter(is_shown).map(row).collect();
    table(&head.collect::<Vec<_>>(), &rows)
}

/// How fast it is by reading, and by NumPy.
fn machine_cell(race: &Race, name: &str) -> String {
    let [read, numpy] = [READ, NUMPY]
        .map(|to| race.ratio(to, name).map_or(NOTHING.to_owned(), |ratio| figure(ratio.median)));
    format!("{read} · {numpy}")
}

/// Races of the same title and size.
fn alike<'a>(races: &[&'a Race]) -> Vec<Vec<&'a Race>> {
    let key = |race: &Race| (race.question.title, race.question.n_numbers);
    let mut groups: Vec<Vec<&Race>> = Vec::new();
    for race in races {
        match groups.iter_mut().find(|group| key(group[0]) == key(race)) {
            Some(group) => group.push(race),
            None => groups.push(vec![race]),
        }
    }
    groups
}

/// A row for each contender, a column for each race.
fn side_by_side(races: &[&Race]) -> String {
    let question = races[0].question;
    let kinds = races.iter().map(|race| race.question.kind.to_owned());
    let head: Vec<_> = [String::new()].into_iter().chain(kinds).collect();
    let row = |laps: &Laps| {
        let cells = races.iter().map(|race| lap_cell(race, laps.name));
        [laps.name.to_owned()].into_iter().chain(cells).collect()
    };
    let rows: Vec<Vec<_>> = races[0].results.iter().map(row).collect();
    let faults: String = races.iter().flat_map(|race| faults(race)).collect();
    let title = format!("### {}: {} numbers", question.title, count(question.n_numbers));
    format!("{title}\n\n{}\n{faults}", table(&head, &rows))
}

/// The ratio to exacta, and in brackets the time and what it makes of memory.
fn lap_cell(race: &Race, name: &str) -> String {
    let Some(Spread { median, .. }) = race.time(name) else { return "wrong".to_owned() };
    let ratio = race.ratio(name, EXACTA).map_or(NOTHING.to_owned(), |ratio| figure(ratio.median));
    let bandwidth = figure(8e-9 * race.question.n_numbers as f64 / median);
    format!("{ratio} ({}, {bandwidth} GB/s)", time(median))
}

#[cfg(test)]
mod tests {
    use super::super::{FULL, POLARS};
    use super::*;
    use crate::claim::Claim;
    use crate::race::{Promise, Question, ours, peer_for_tests};

    fn measured() -> Measured {
        let contenders = vec![
            ours(READ, Promise::Nothing, || [0.0]),
            ours(EXACTA, Promise::Exact, || [1.0]),
            peer_for_tests(NUMPY, "numpy.sum(x)", 2.0),
            peer_for_tests(POLARS, "series.sum()", 1.0),
        ];
        let question = Question::new(sums::TITLE, FULL.in_memory, "uniform");
        let race = Race::run(question, &[1.0], 3, contenders).unwrap();
        let what = || "exact sum".to_owned();
        let claims = vec![
            Claim::at_least(what(), [EXACTA, EXACTA], 0.5, Some(1.0)),
            Claim::at_least(what(), [EXACTA, EXACTA], 0.5, Some(2.0)),
            Claim::at_most(what(), [EXACTA, EXACTA], 0.5, None),
            Claim::at_least(what(), [NUMPY, EXACTA], 1.0, None),
            Claim::hoped(what(), [EXACTA, EXACTA], 0.5),
        ];
        Measured { race, claims }
    }

    #[test]
    fn a_page_of_one_race() {
        let facts = [("kernel".to_owned(), "Linux 1".to_owned())];
        let page = render(&facts, &FULL, &[measured()]);
        for expected in [
            "- kernel: Linux 1\n",
            "| exact sum | ≥ 0.50 | 1.00 | 1.00 to 1.00 | goal reached | ≥ 1.00 |\n",
            "| exact sum | ≥ 0.50 | 1.00 | 1.00 to 1.00 | kept | ≥ 2.00 |\n",
            "| exact sum | ≤ 0.50 | 1.00 | 1.00 to 1.00 | **missed** | – |\n",
            "| exact sum | ≥ 1.00 | – | – | not measured | – |\n",
            "| exact sum | – | 1.00 | 1.00 to 1.00 |  | ≤ 0.50 |\n",
            "### Sum: 100,000,000 numbers\n",
            "| NumPy | wrong |\n",
            "- NumPy, uniform: 2e0 for 1e0\n",
            "  - Polars: `series.sum()`\n",
            "  - *normal*: mean 0",
        ] {
            assert!(page.contains(expected), "{expected} is not in:\n{page}");
        }
        let names =
            ["{facts}", "{claims}", "{machines}", "{races}", "{kinds}", "{statements}", "{rounds}"];
        assert!(names.iter().all(|name| !page.contains(name)), "{page}");
    }
}
