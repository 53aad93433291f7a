//! The mean of one column in each of a hundred groups.

use super::data::{GROUP, MIXED, NUMBERS, PRICE};
use super::peers::miller;
use super::process::{cells, of_json_groups};
use super::{
    Bench, DUCKDB, DUCKDB_IN_PYTHON, EXACTA, MILLER, POLARS, Task, XAN, at_most_of_polars,
    faster_than_all,
};
use crate::error::Error;
use crate::race::{Promise, Question, Race};

pub(super) fn measure(bench: &Bench) -> Result<Task, Error> {
    let (peers, price) = (&bench.peers, NUMBERS[PRICE]);
    let query =
        format!("select {GROUP}, avg({price}) from '{MIXED}' group by {GROUP} order by {GROUP}");
    let polars = format!(
        "scan_csv('{MIXED}').group_by('{GROUP}').agg(col('{price}').mean()).sort('{GROUP}')"
    );
    let xan = ["groupby", "-p", GROUP, &format!("mean({price})"), MIXED];
    let mean = ["stats1", "-a", "mean", "-f", price, "-g", GROUP, "then", "sort", "-f", GROUP];
    let exacta = peers.exacta(&["-s", "mean", "-c", price, "--by", GROUP, MIXED]);
    let near = |name, program, reader| bench.contender(name, Promise::Near, program, reader);
    let contenders = vec![
        bench.contender(EXACTA, Promise::Exact, exacta, of_json_groups),
        near(DUCKDB, peers.duckdb(&query), cells),
        near(DUCKDB_IN_PYTHON, peers.duckdb_in_python(&query), cells),
        near(POLARS, peers.polars("", &polars), cells),
        near(XAN, peers.xan(&xan), sorted_cells),
        near(MILLER, miller(&[&mean[..], &[MIXED]].concat()), cells),
    ];
    let question = Question::new("Mean of 100 groups", bench.extent.mixed, MIXED);
    let expected = &bench.data.answers.groups;
    let race = Race::run(question, expected, bench.extent.n_rounds, contenders)?;
    let claims = vec![
        faster_than_all(&race, "mean of 100 groups", 1.7),
        at_most_of_polars("mean of 100 groups"),
    ];
    bench.task(race, claims)
}

/// Every cell that is a number, of lines in the order of what they say.
fn sorted_cells(text: &str) -> Option<Vec<f64>> {
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    cells(&lines.join("\n"))
}
