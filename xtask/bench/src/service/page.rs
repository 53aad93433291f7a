//! The page: measurements as tables and as the figures within its words.

use super::latency::{BASELINE, CALL, COMMAND, GO, Latency, NAMES, PREDICT, SUMMARIZE};
use super::load::{ALL_ON, CONNECTIONS, Load, RAW, Round};
use super::memory::Footprint;
use super::mixed::Waits;
use super::parse::{ONE, Parse, TWO};
use super::{Extent, Extremes, LARGE, Measured, mixed};
use crate::claim::{self, Bound, Row};
use crate::spread::Spread;
use crate::table::{NOTHING, count, figure, table, time};

const WORDS: &str = include_str!("page.md");

pub(super) const NO_GO: &str = "not measured: no Go (https://go.dev/dl/)";
pub(super) const NO_WRK: &str =
    "not measured: no wrk (Debian and Ubuntu: `apt-get install wrk`; macOS: `brew install wrk`)";

const REFUSED: &str = "refused";
const NO_MEMORY: &str = "not measured: the kernel does not tell";

/// The whole page.
pub(super) fn render(
    facts: &[(&'static str, String)],
    extent: &Extent,
    measured: &[Measured],
    extremes: &Extremes,
) -> String {
    let (n_load_rounds, seconds) = extent.load;
    let (n_load_rounds_large, seconds_large) = extent.load_large;
    let fillings = [
        ("facts", list(facts)),
        ("claims", claim::figures(claims(measured, extremes))),
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
        ("go_load", each(measured, |m| load_quotient(m, ALL_ON, GO))),
        ("raw_load", each(measured, |m| load_quotient(m, ALL_ON, RAW))),
        ("sizes", sizes(measured).join(" · ")),
        ("smallest", measured.first().map_or(String::new(), |m| count(m.n_numbers))),
        ("process", measured.first().map_or(String::new(), process)),
        ("parses", parses(extremes)),
        ("parsed", count(extent.n_parsed)),
        ("transfer", transfer(extremes)),
        ("transfer_bytes", size(extent.transfer_bytes)),
        ("mixed", waits(extremes)),
        ("per_second", count(mixed::PER_SECOND as usize)),
        ("mixed_rounds", extent.mixed.0.to_string()),
        ("mixed_seconds", extent.mixed.1.to_string()),
        ("large_bytes", size(extent.memory.large_bytes)),
        ("footprint", footprint(extent, extremes.footprint)),
    ];
    fillings
        .iter()
        .fold(WORDS.to_owned(), |page, (name, text)| page.replace(&format!("{{{name}}}"), text))
}

/// What must be reached, and what is hoped for.
fn claims(measured: &[Measured], extremes: &Extremes) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut claim = |what: String, found, must, goal: Option<Bound>| {
        rows.push(Row { what, found, must: Some(must), goal });
    };
    let at_least = Bound::AtLeast;
    for (n_numbers, to_go, go_goal) in [(10, 1.35, 1.6), (100, 1.35, 2.0), (LARGE, 6.5, 10.0)] {
        let Some(m) = measured.iter().find(|m| m.n_numbers == n_numbers) else { continue };
        let what = |rest| format!("{} numbers, all of it on: {rest}", count(n_numbers));
        if n_numbers < LARGE {
            let rate = within(m, RAW, |(rate, _), (raw, _)| Some(rate / raw));
            claim(what("requests by hyper alone"), rate, at_least(0.87), Some(at_least(0.95)));
            let cpu = within(m, RAW, |(_, cpu), (_, raw)| Some(cpu? / raw?));
            claim(what("CPU of a request by hyper alone"), cpu, Bound::AtMost(1.25), None);
        }
        let rate = within(m, GO, |(rate, _), (go, _)| Some(rate / go));
        claim(what("requests by Go"), rate, at_least(to_go), Some(at_least(go_goal)));
    }
    for (name, must) in [(ONE, 1.9), (TWO, 3.0)] {
        let parse = extremes.parses.iter().find(|parse| parse.name == name);
        let what = format!("JSON read by {name}, by `serde_json`");
        claim(what, parse.map(|parse| parse.ratio), at_least(must), None);
    }
    let transfer = extremes.transfer.as_ref().map(|transfer| transfer.ratio);
    claim("raw numbers, by hyper that only reads".to_owned(), transfer, at_least(0.7), None);
    let p99 = over_rounds(extremes, |[alone, beside]| beside.p99 / alone.p99);
    let what = "p99 beside a large body, by that without";
    claim(what.to_owned(), p99, Bound::AtMost(3.0), None);
    let mib = |bytes: u64| single(bytes as f64 / f64::from(1 << 20));
    let large = extremes.footprint.and_then(|footprint| footprint.large).map(mib);
    claim("MiB that a large JSON body adds".to_owned(), large, Bound::AtMost(16.0), None);
    rows
}

/// A figure of small requests, alone and beside a large body.
fn over_rounds(extremes: &Extremes, of: impl Fn(&[Waits; 2]) -> f64) -> Option<Spread> {
    Spread::of(&extremes.waits.iter().map(of).collect::<Vec<_>>()).ok()
}

/// What was measured once.
fn single(value: f64) -> Spread {
    Spread { median: value, quartiles: [value; 2] }
}

/// A ratio of what is on to another door, round by round, with most connections.
fn within(measured: &Measured, to: &str, ratio: fn(Round, Round) -> Option<f64>) -> Option<Spread> {
    let n_connections = *CONNECTIONS.last()?;
    let rounds = |name| Some(&find_load(measured.loads.as_deref()?, name, n_connections)?.rounds);
    let rounds = rounds(ALL_ON)?.iter().zip(rounds(to)?);
    let ratios: Option<Vec<_>> = rounds.map(|(all_on, to)| ratio(*all_on, *to)).collect();
    Spread::of(&ratios?).ok()
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

/// A row for each size and contender, five columns for each number of connections.
fn loads(measured: &[Measured]) -> String {
    let figures = CONNECTIONS.iter().flat_map(|n| {
        let first = format!("{n} connections: requests/s");
        [first, "ratio".into(), "CPU".into(), "p50".into(), "p99".into()]
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
    [RAW, PREDICT, ALL_ON, SUMMARIZE, GO].map(row).into()
}

fn load_cells(load: &Load, loads: &[Load]) -> [String; 5] {
    let limit = find_load(loads, RAW, load.n_connections);
    let ratio = limit.map(|limit| load.per_second.median / limit.per_second.median);
    let cpu = limit.and_then(|limit| Some(load.cpu? / limit.cpu?));
    let [ratio, cpu] = [ratio, cpu].map(|ratio| ratio.map_or(NOTHING.into(), figure));
    let [p50, p99] = [load.p50, load.p99].map(|seconds| seconds.map_or(NOTHING.into(), time));
    [with_spread(&load.per_second, figure), ratio, cpu, p50, p99]
}

fn find_load<'a>(loads: &'a [Load], name: &str, n_connections: usize) -> Option<&'a Load> {
    loads.iter().find(|load| load.name == name && load.n_connections == n_connections)
}

/// How many times as many requests a second the one door answers as the other, with most connections.
fn load_quotient(measured: &Measured, name: &str, to: &str) -> Option<f64> {
    let n_connections = *CONNECTIONS.last()?;
    let find = |name| find_load(measured.loads.as_deref()?, name, n_connections);
    Some(find(name)?.per_second.median / find(to)?.per_second.median)
}

/// A row for each way of reading.
fn parses(extremes: &Extremes) -> String {
    let row = |parse: &Parse| {
        let rate = with_spread(&parse.rate.scaled(1e-9), figure);
        vec![parse.name.to_owned(), rate, figure(parse.ratio.median)]
    };
    let head = ["", "GB/s", "ratio"].map(str::to_owned);
    table(&head, &extremes.parses.iter().map(row).collect::<Vec<_>>())
}

fn transfer(extremes: &Extremes) -> String {
    let Some(transfer) = &extremes.transfer else { return format!("{REFUSED}\n") };
    let row = |name: &str, rate: &Spread, ratio: f64| {
        vec![name.to_owned(), with_spread(&rate.scaled(1e-9), figure), figure(ratio)]
    };
    let rows = [
        row("hyper alone, which only reads", &transfer.raw, 1.0),
        row("exacta, `POST /v1/summarize/f64`", &transfer.exacta, transfer.ratio.median),
    ];
    table(&["", "GB/s", "ratio"].map(str::to_owned), &rows)
}

fn waits(extremes: &Extremes) -> String {
    let cell = |of: fn(&[Waits; 2]) -> f64, form: fn(f64) -> String| {
        over_rounds(extremes, of).map_or(NOTHING.to_owned(), |spread| with_spread(&spread, form))
    };
    let row = |name: &str, cells: [String; 2]| [vec![name.to_owned()], cells.to_vec()].concat();
    let rows = [
        row("alone", [cell(|[it, _]| it.p50, time), cell(|[it, _]| it.p99, time)]),
        row("beside a large body", [cell(|[_, it]| it.p50, time), cell(|[_, it]| it.p99, time)]),
        row(
            "ratio",
            [
                cell(|[alone, beside]| beside.p50 / alone.p50, figure),
                cell(|[alone, beside]| beside.p99 / alone.p99, figure),
            ],
        ),
    ];
    table(&["", "p50", "p99"].map(str::to_owned), &rows)
}

fn footprint(extent: &Extent, footprint: Option<Footprint>) -> String {
    let Some(footprint) = footprint else { return format!("{NO_MEMORY}\n") };
    let amount = extent.memory;
    let bodies = format!("{} bodies of {} at one time", amount.n_bodies, size(amount.body_bytes));
    let connections = format!("{} connections that wait", count(amount.n_connections));
    let rows = [
        ("idle, after a request".to_owned(), Some(footprint.idle)),
        (format!("one body of {}", size(amount.large_bytes)), footprint.large),
        (connections, footprint.connections),
        (bodies, footprint.bodies),
    ];
    let cell = |bytes: Option<u64>| bytes.map_or(REFUSED.to_owned(), size);
    let rows = rows.map(|(name, bytes)| vec![name, cell(bytes)]);
    table(&["", "memory"].map(str::to_owned), &rows)
}

/// Bytes in MiB, or in GiB where that is a whole number.
fn size(bytes: u64) -> String {
    if bytes.is_multiple_of(1 << 30) && bytes > 0 {
        format!("{} GiB", bytes >> 30)
    } else {
        format!("{} MiB", figure(bytes as f64 / f64::from(1 << 20)))
    }
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
    use super::super::transfer::Transfer;
    use super::*;

    fn latency(name: &'static str, seconds: f64) -> Latency {
        let spread = |value: f64| Spread { median: value, quartiles: [value * 0.95, value * 1.05] };
        Latency { name, time: spread(seconds), ratio: spread(seconds / 1e-6) }
    }

    fn load(name: &'static str, n_connections: usize, per_second: f64) -> Load {
        let per_second = Spread { median: per_second, quartiles: [per_second; 2] };
        let cpu = Some(1e-2 / per_second.median);
        let rounds = vec![(per_second.median, cpu)];
        Load { name, n_connections, per_second, cpu, p50: Some(1e-3), p99: None, rounds }
    }

    const FOOTPRINT: Footprint =
        Footprint { idle: 8 << 20, large: Some(3 << 20), connections: Some(1 << 20), bodies: None };

    fn extremes(footprint: Option<Footprint>) -> Extremes {
        let rate = |value: f64| Spread { median: value, quartiles: [value * 0.95, value * 1.05] };
        let parses = vec![Parse { name: "exacta", rate: rate(2e9), ratio: rate(2.0) }];
        let transfer = Some(Transfer { exacta: rate(3e9), raw: rate(4e9), ratio: rate(0.75) });
        let waits = vec![[Waits { p50: 1e-3, p99: 2e-3 }, Waits { p50: 2e-3, p99: 6e-3 }]];
        Extremes { parses, transfer, waits, footprint }
    }

    #[test]
    fn a_page_of_everything() {
        let latencies = NAMES.into_iter().zip(1..);
        let latencies = latencies.map(|(name, n)| latency(name, f64::from(n) * 1e-6)).collect();
        let loads = [2, 16].into_iter().flat_map(|n| {
            let loads = [(RAW, 1e3), (PREDICT, 900.0), (ALL_ON, 600.0), (GO, 300.0)];
            loads.map(|(name, x)| load(name, n, x))
        });
        let measured = [Measured { n_numbers: 10, latencies, loads: Some(loads.collect()) }];
        let page = render(
            &[("kernel", "Linux 1".to_owned())],
            &FULL,
            &measured,
            &extremes(Some(FOOTPRINT)),
        );
        assert!(!page.contains(['{', '}']), "{page}");
        for expected in [
            "- kernel: Linux 1\n",
            "| 10 numbers, all of it on: requests by hyper alone | ≥ 0.87 | 0.60 | 0.60 to 0.60 | **missed** | ≥ 0.95 |\n",
            "| 10 numbers, all of it on: CPU of a request by hyper alone | ≤ 1.25 | 1.67 | 1.67 to 1.67 | **missed** | – |\n",
            "| 10 numbers, all of it on: requests by Go | ≥ 1.35 | 2.00 | 2.00 to 2.00 | goal reached | ≥ 1.60 |\n",
            "| MiB that a large JSON body adds | ≤ 16.0 | 3.00 | 3.00 to 3.00 | kept | – |\n",
            "| call, numbers in memory | 1.00 µs (10 %) |\n",
            "| Go, `POST /predict` | 7.00 |\n",
            "| 10: Go, `POST /predict` | 300 (0 %) | 0.30 | 3.33 | 1.00 ms | – | 300 (0 %) | 0.30 | 3.33 | 1.00 ms | – |\n",
            "`POST /predict` takes 5.00 times",
            "answers 0.60 times as many requests as hyper alone, and 2.00\n",
            "| exacta | 2.00 (10 %) | 2.00 |\n",
            "| exacta, `POST /v1/summarize/f64` | 3.00 (10 %) | 0.75 |\n",
            "| ratio | 2.00 (0 %) | 3.00 (0 %) |\n",
            "| one body of 1 GiB | 3.00 MiB |\n",
            "| 100 bodies of 16.0 MiB at one time | refused |\n",
        ] {
            assert!(page.contains(expected), "{expected} is not in:\n{page}");
        }
    }

    #[test]
    fn a_page_without_go_and_wrk() {
        let latencies: Vec<_> = NAMES[..6].iter().map(|name| latency(name, 1e-6)).collect();
        let measured = [Measured { n_numbers: 10, latencies, loads: None }];
        let page = render(&[], &FULL, &measured, &extremes(None));
        assert!(page.contains(&format!("| {GO} | {NO_GO} |\n")), "{page}");
        assert!(page.contains(NO_WRK) && page.contains(NO_MEMORY), "{page}");
    }
}
