//! The page: ratios beside what they must be, and the times and the memory behind them.

use super::{EXACTA, Extent, Task};
use crate::claim;
use crate::race::{Laps, Race, faults, statements};
use crate::spread::Spread;
use crate::table::{NOTHING, count, figure, table, time};

const WORDS: &str = include_str!("page.md");

/// The whole page.
pub(super) fn render(facts: &[(String, String)], extent: &Extent, tasks: &[Task]) -> String {
    let facts: Vec<_> = facts.iter().map(|(name, fact)| format!("- {name}: {fact}")).collect();
    let races: Vec<_> = tasks.iter().map(|task| &task.measured.race).collect();
    let fillings = [
        ("facts", facts.join("\n")),
        ("claims", claim::rows(tasks.iter().map(|task| &task.measured))),
        ("races", tasks.iter().map(section).collect()),
        ("statements", statements(&races)),
        ("rounds", extent.n_rounds.to_string()),
    ];
    fillings
        .iter()
        .fold(WORDS.to_owned(), |page, (name, text)| page.replace(&format!("{{{name}}}"), text))
}

/// All that was measured in one race: a row for each contender.
fn section(task: &Task) -> String {
    let race = &task.measured.race;
    let question = race.question;
    let head = ["", "× exacta", "median", "quartiles", "rate", "peak memory"].map(str::to_owned);
    let rows: Vec<_> = race.results.iter().map(|laps| row(task, laps)).collect();
    let (n_rows, size) = (count(question.n_numbers), megabytes(task.n_bytes as f64));
    let title = format!("### {}: {n_rows} rows, {size}", question.title);
    format!("{title}\n\n{}\n{}", table(&head, &rows), faults(race).concat())
}

fn row(task: &Task, laps: &Laps) -> Vec<String> {
    let race = &task.measured.race;
    let figures = match race.time(laps.name) {
        Some(spread) => figures(race, laps.name, spread, task.n_bytes),
        None => [NOTHING, "no answer", NOTHING, NOTHING, NOTHING].map(str::to_owned),
    };
    [laps.name.to_owned()].into_iter().chain(figures).collect()
}

fn figures(race: &Race, name: &str, spread: Spread, n_bytes: u64) -> [String; 5] {
    let Spread { median, quartiles: [low, high] } = spread;
    [
        race.ratio(name, EXACTA).map_or(NOTHING.to_owned(), |ratio| figure(ratio.median)),
        time(median),
        format!("{} to {}", time(low), time(high)),
        format!("{}/s", megabytes(n_bytes as f64 / median)),
        race.peak(name).map_or(NOTHING.to_owned(), megabytes),
    ]
}

fn megabytes(n_bytes: f64) -> String {
    format!("{} MB", figure(n_bytes / 1e6))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::process::{Program, cells};
    use super::super::{FULL, POLARS};
    use super::*;
    use crate::claim::{Claim, Measured};
    use crate::race::{Promise, Question};

    #[test]
    fn a_page_of_one_race() {
        let shell = |name, script: &str| {
            Program::new("sh", &["-c", script]).contender(
                name,
                Path::new("."),
                Promise::Near,
                cells,
            )
        };
        let contenders =
            vec![shell(EXACTA, "echo 1"), shell(POLARS, "echo 1"), shell("late", "exit 1")];
        let question = Question::new("Mean", 1000, "few.csv");
        let race = Race::run(question, &[1.0], 3, contenders).unwrap();
        let claims = vec![
            Claim::peak_at_most("memory".to_owned(), [EXACTA, POLARS], 1e9),
            Claim::milliseconds_at_most("start".to_owned(), EXACTA, 1e9),
            Claim::at_least("speed".to_owned(), ["late", EXACTA], 1.0, None),
        ];
        let tasks = [Task { n_bytes: 12_300_000, measured: Measured { race, claims } }];
        let page = render(&[("kernel".to_owned(), "Linux 1".to_owned())], &FULL, &tasks);
        for expected in [
            "- kernel: Linux 1\n",
            "### Mean: 1,000 rows, 12.3 MB\n",
            "| exacta | 1.00 | ",
            "| late | – | no answer |",
            "| speed | ≥ 1.00 | – | – | not measured | – |\n",
            "- late, few.csv: it failed without a word\n",
            "  - exacta: `sh -c 'echo 1'`\n",
        ] {
            assert!(page.contains(expected), "{expected} is not in:\n{page}");
        }
        assert_eq!(page.matches("| kept |").count(), 2, "{page}");
        assert!(!page.contains('{'), "{page}");
    }
}
