//! `cargo xtask bench files`: what `exacta stats` takes for a file, beside the tools that people use for the same. Every
//! contender is a whole process, from its start to its end. The questions are in modules by their kind, each with what
//! must be reached; the words of the page are in `page.md`.

// The names of the peers are words here, not code.
#![allow(clippy::doc_markdown)]

mod data;
mod groups;
mod page;
mod peers;
mod process;
mod summary;

use std::fs;
use std::path::{Path, PathBuf};

use crate::claim::{Claim, Measured};
use crate::error::{Error, at};
use crate::machine;
use crate::race::{Contender, Promise, Race};
use data::Data;
pub(crate) use data::make;
use peers::Peers;
use process::{Program, Reader};

const PAGE: &str = "docs/bench/files.md";

/// Where the files are made.
const FOLDER: &str = "target/bench/files";

/// The names of contenders that more than one race has.
const EXACTA: &str = "exacta";
const DUCKDB: &str = "DuckDB";
const DUCKDB_IN_PYTHON: &str = "DuckDB in Python";
const POLARS: &str = "Polars";
const XAN: &str = "xan";
const MILLER: &str = "Miller";

/// How much is measured.
struct Extent {
    /// Rows of the file of one column.
    doubles: usize,
    /// Rows of the file of ten columns.
    mixed: usize,
    n_rounds: usize,
}

const FULL: Extent = Extent { doubles: 10_000_000, mixed: 1_000_000, n_rounds: 15 };

const QUICK: Extent = Extent { doubles: 1_000_000, mixed: 100_000, n_rounds: 5 };

/// What all questions need.
struct Bench {
    extent: Extent,
    peers: Peers,
    data: Data,
}

/// A race over a file, which its question names, and the size of the file.
struct Task {
    n_bytes: u64,
    measured: Measured,
}

impl Bench {
    fn contender(
        &self,
        name: &'static str,
        promise: Promise,
        program: Program,
        reader: Reader,
    ) -> Contender<'_> {
        program.contender(name, &self.data.folder, promise, reader)
    }

    fn task(&self, race: Race, claims: Vec<Claim>) -> Result<Task, Error> {
        let path = self.data.folder.join(race.question.kind);
        let n_bytes = fs::metadata(&path).map_err(at(&path))?.len();
        Ok(Task { n_bytes, measured: Measured { race, claims } })
    }
}

/// So many times as fast as the fastest of the others.
fn faster_than_all(race: &Race, what: &str, must: f64) -> Claim {
    let times = race.results.iter().filter(|laps| !laps.name.starts_with(EXACTA));
    let times = times.filter_map(|laps| Some((laps.name, race.time(laps.name)?.median)));
    let fastest = times.min_by(|(_, left), (_, right)| left.total_cmp(right));
    // Where no answer is right, there is no ratio.
    let name = fastest.map_or(POLARS, |(name, _)| name);
    Claim::at_least(format!("{what}, against {name}, the fastest"), [name, EXACTA], must, None)
}

/// A tenth of the memory.
fn at_most_of_polars(what: &str) -> Claim {
    Claim::peak_at_most(format!("{what}, peak memory by Polars'"), [EXACTA, POLARS], 0.1)
}

/// Measures and writes the page, or prints it when it is quick.
pub(crate) fn run(root: &Path, is_quick: bool) -> Result<(), Error> {
    let extent = if is_quick { QUICK } else { FULL };
    let peers = Peers::install(root)?;
    let facts = facts(root, &peers);
    let data = Data::new(root.join(FOLDER), &extent, &peers)?;
    let bench = Bench { extent, peers, data };
    let questions = [
        summary::of_doubles,
        summary::with_quantiles,
        summary::of_mixed,
        groups::measure,
        summary::of_parquet,
        summary::of_mixed_parquet,
        summary::in_decimal,
        summary::of_few,
    ];
    let tasks = questions.map(|question| question(&bench));
    let tasks = tasks.into_iter().collect::<Result<Vec<_>, _>>()?;
    let page = page::render(&facts, &bench.extent, &tasks);
    if is_quick {
        print!("{page}");
        return Ok(());
    }
    let path: PathBuf = root.join(PAGE);
    fs::write(&path, page).map_err(at(&path))?;
    println!("wrote {}", path.display());
    Ok(())
}

fn facts(root: &Path, peers: &Peers) -> Vec<(String, String)> {
    let facts = machine::facts(root).into_iter().map(|(name, fact)| (name.to_owned(), fact));
    facts.chain(peers.versions()).collect()
}
