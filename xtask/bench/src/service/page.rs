//! The page: measurements as tables and as the figures within its words.

use super::latency::{BASELINE, CALL, COMMAND, GO, Latency, NAMES, PREDICT, SUMMARIZE};
use super::load::{CONNECTIONS, Load};
use super::{Extent, Measured};
use crate::spread::Spread;
use crate::table::{count, figure, table, time};

const WORDS: &str = include_str!("page.md");

pub(super) const NO_GO: &str = "not measured: no Go (https://go.dev/dl/)";
pub(super) const NO_WRK: &str =
    "not measured: no wrk (Debian and Ubuntu: `apt-get install wrk`; macOS: `brew install wrk`)";

/// The whole page.
pub(super) fn render(
    facts: &[(&'static str, String)],
    extent: &Extent,
    measured: &[Measured],
) -> String {
    let (n_load_rounds, seconds) = extent.load;
    let (n_load_rounds_large, seconds_large) = extent.load_large;
    let fillings = [
        ("facts", list(facts)),
        ("ratios", latencies(measured, |latency| figure(latency.ratio.median))),
        ("times", latencies(measured, |latency| with_spread(&latency.time, time))),
        ("loads", loads(measured)),
        ("rounds", extent.n_rounds.to_string()),
        ("rounds_large", extent.n_rounds_large.to_string()),
        ("load_rounds", n_load_rounds.to_string()),
        ("load_seconds", seconds.to_string()),
        ("load_rounds_large", n_load_rounds_large.to_string()),
        ("load_seconds_large", seconds_large.to_string()),
        ("baseline", BASELINE.to_owned()),
        ("call", each(measured, |m| ratio(m, CALL))),
        ("predict", each(measured, |m| ratio(m, PREDICT))),
        ("summarize", each(measured, |m| quotient(m, SUMMARIZE, PREDICT))),
        ("go", each(measured, |m| quotient(m, GO, PREDICT))),
        (
            "go_load",
            each(measured, |m| load_quotient(m.loads.as_deref()?, GO, *CONNECTIONS.last()?)),
        ),
        ("sizes", sizes(measured).join(" · ")),
        ("smallest", measured.first().map_or(String::new(), |m| count(m.n_numbers))),
        ("process", measured.first().map_or(String::new(), process)),
    ];
    fillings
        .iter()
        .fold(WORDS.to_owned(), |page, (name, text)| page.replace(&format!("{{{name}}}"), text))
}

fn list(facts: &[(&'static str, String)]) -> String {
    let lines: Vec<_> = facts.iter().map(|(name, value)| format!("- {name}: {value}")).collect();
    lines.join("\n")
}

/// A row for each contender, a column for each size.
fn latencies(measured: &[Measured], cell: impl Fn(&Latency) -> String) -> String {
    let head: Vec<_> = [String::new()].into_iter().chain(sizes(measured)).collect();
    let cell = |m: &Measured, name| find(m, name).map_or(NO_GO.to_owned(), &cell);
    let row = |name: &'static str| {
        let cells = measured.iter().map(|m| cell(m, name));
        [name.to_owned()].into_iter().chain(cells).collect()
    };
    let rows: Vec<Vec<String>> = NAMES.into_iter().map(row).collect();
    table(&head, &rows)
}

fn sizes(measured: &[Measured]) -> Vec<String> {
    measured.iter().map(|m| count(m.n_numbers)).collect()
}

fn find<'a>(measured: &'a Measured, name: &str) -> Option<&'a Latency> {
    measured.latencies.iter().find(|latency| latency.name == name)
}

fn with_spread(spread: &Spread, text: fn(f64) -> String) -> String {
    format!("{} ({:.0} %)", text(spread.median), 100.0 * spread.relative())
}

/// A row for each size and contender, four columns for each number of connections.
fn loads(measured: &[Measured]) -> String {
    let figures = CONNECTIONS.iter().flat_map(|n| {
        [format!("{n} connections: requests/s"), "ratio".into(), "p50".into(), "p99".into()]
    });
    let head: Vec<_> = [String::new()].into_iter().chain(figures).collect();
    let rows: Vec<_> = measured.iter().flat_map(load_rows).collect();
    if rows.is_empty() { format!("{NO_WRK}\n") } else { table(&head, &rows) }
}

fn load_rows(measured: &Measured) -> Vec<Vec<String>> {
    let Some(loads) = &measured.loads else { return Vec::new() };
    let row = |name: &str| {
        let title = format!("{}: {name}", count(measured.n_numbers));
        let cells = loads.iter().filter(|load| load.name == name);
        let cells: Vec<_> = cells.flat_map(|load| load_cells(load, loads)).collect();
        let cells = if cells.is_empty() { vec![NO_GO.to_owned()] } else { cells };
        [title].into_iter().chain(cells).collect()
    };
    [PREDICT, SUMMARIZE, GO].map(row).into()
}

fn load_cells(load: &Load, loads: &[Load]) -> [String; 4] {
    let ratio = load_quotient(loads, load.name, load.n_connections).map_or("–".into(), figure);
    let [p50, p99] = [load.p50, load.p99].map(|seconds| seconds.map_or("–".into(), time));
    [with_spread(&load.per_second, figure), ratio, p50, p99]
}

/// How many times as many requests a second a door answers as our `/predict`.
fn load_quotient(loads: &[Load], name: &str, n_connections: usize) -> Option<f64> {
    let mut alike = loads.iter().filter(|load| load.n_connections == n_connections);
    let load = alike.clone().find(|load| load.name == name)?;
    Some(load.per_second.median / alike.find(|load| load.name == PREDICT)?.per_second.median)
}

/// A figure for each size, in words.
fn each(measured: &[Measured], value: impl Fn(&Measured) -> Option<f64>) -> String {
    let values: Option<Vec<_>> = measured.iter().map(|m| value(m).map(figure)).collect();
    values.map_or("(not measured)".to_owned(), |values| values.join(" · "))
}

/// How many times as long it takes as the baseline.
fn ratio(measured: &Measured, name: &str) -> Option<f64> {
    Some(find(measured, name)?.ratio.median)
}

/// How many times as long the one takes as the other.
fn quotient(measured: &Measured, name: &str, to: &str) -> Option<f64> {
    Some(find(measured, name)?.time.median / find(measured, to)?.time.median)
}

/// How long the command takes for the smallest input, most of which is its start.
fn process(measured: &Measured) -> String {
    find(measured, COMMAND).map_or(String::new(), |latency| time(latency.time.median))
}

#[cfg(test)]
mod tests {
    use super::super::FULL;
    use super::*;

    fn latency(name: &'static str, seconds: f64) -> Latency {
        let spread = |value: f64| Spread { median: value, quartiles: [value * 0.95, value * 1.05] };
        Latency { name, time: spread(seconds), ratio: spread(seconds / 1e-6) }
    }

    fn load(name: &'static str, n_connections: usize, per_second: f64) -> Load {
        let per_second = Spread { median: per_second, quartiles: [per_second; 2] };
        Load { name, n_connections, per_second, p50: Some(1e-3), p99: None }
    }

    #[test]
    fn a_page_of_everything() {
        let latencies = NAMES.into_iter().zip(1..);
        let latencies = latencies.map(|(name, n)| latency(name, f64::from(n) * 1e-6)).collect();
        let loads = [2, 16].into_iter().flat_map(|n| {
            [(PREDICT, 900.0), (SUMMARIZE, 800.0), (GO, 300.0)].map(|(name, x)| load(name, n, x))
        });
        let measured = [Measured { n_numbers: 10, latencies, loads: Some(loads.collect()) }];
        let page = render(&[("kernel", "Linux 1".to_owned())], &FULL, &measured);
        assert!(!page.contains(['{', '}']), "{page}");
        for expected in [
            "- kernel: Linux 1\n",
            "| call, numbers in memory | 1.00 µs (10 %) |\n",
            "| Go, `POST /predict` | 7.00 |\n",
            "| 10: Go, `POST /predict` | 300 (0 %) | 0.33 | 1.00 ms | – | 300 (0 %) | 0.33 | 1.00 ms | – |\n",
            "`POST /predict` takes 5.00 times",
            "and answers 0.33 times",
        ] {
            assert!(page.contains(expected), "{expected} is not in:\n{page}");
        }
    }

    #[test]
    fn a_page_without_go_and_wrk() {
        let latencies: Vec<_> = NAMES[..6].iter().map(|name| latency(name, 1e-6)).collect();
        let measured = [Measured { n_numbers: 10, latencies, loads: None }];
        let page = render(&[], &FULL, &measured);
        assert!(page.contains(&format!("| {GO} | {NO_GO} |\n")), "{page}");
        assert!(page.contains(NO_WRK), "{page}");
    }
}
