//! `cargo xtask bench kernel`: what exactness costs beside reading the numbers, and beside libraries that round on
//! the way. The questions are in modules by their kind, each with what must be reached; the words of the page are in
//! `page.md`.

// The names of the peers are words here, not code.
#![allow(clippy::doc_markdown)]

pub(crate) mod exact;
mod grouped;
pub(crate) mod numbers;
mod one_pass;
mod order;
mod page;
mod pages;
mod peer;
mod read;
mod shape;
mod sketch;
mod small;
mod sums;
mod threads;

use std::fs;
use std::path::Path;

use rayon::ThreadPoolBuilder;

use crate::claim::Measured;
use crate::error::{Error, at};
use crate::machine;
use numbers::Kind;
use pages::Pages;
use peer::Worker;

const PAGE: &str = "docs/bench/kernel.md";

/// The names of contenders that more than one race has.
const READ: &str = "reading, nothing computed";
const EXACTA: &str = "exacta";
const NUMPY: &str = "NumPy";
const POLARS: &str = "Polars";
const DUCKDB: &str = "DuckDB";

/// How much is measured.
struct Extent {
    /// Numbers that no cache holds.
    in_memory: usize,
    /// The same, for peers that take too long otherwise.
    in_memory_slow: usize,
    /// Numbers that the second-level cache holds.
    in_cache: usize,
    n_rounds: usize,
}

const FULL: Extent =
    Extent { in_memory: 100_000_000, in_memory_slow: 10_000_000, in_cache: 100_000, n_rounds: 15 };

const QUICK: Extent =
    Extent { in_memory: 1_000_000, in_memory_slow: 200_000, in_cache: 100_000, n_rounds: 7 };

/// What all questions need.
struct Bench {
    extent: Extent,
    worker: Worker,
}

impl Bench {
    /// Numbers, which the peers have as well.
    fn numbers(&self, kind: Kind, n_numbers: usize) -> Result<Pages, Error> {
        let values = Pages::copied(&kind.numbers(n_numbers))?;
        self.worker.load(&values)?;
        Ok(values)
    }
}

/// Measures and writes the page, or prints it when it is quick.
pub(crate) fn run(root: &Path, is_quick: bool) -> Result<(), Error> {
    // One thread, unless a question has a pool of its own.
    let pool = ThreadPoolBuilder::new().num_threads(1).build()?;
    pool.install(|| measure(root, is_quick))
}

fn measure(root: &Path, is_quick: bool) -> Result<(), Error> {
    let extent = if is_quick { QUICK } else { FULL };
    let bench = Bench { extent, worker: Worker::start(root)? };
    let facts = facts(root, &bench)?;
    let questions = [
        sums::measure,
        one_pass::measure,
        order::measure,
        shape::measure,
        grouped::measure,
        sketch::measure,
        small::measure,
        threads::measure,
    ];
    let mut measured: Vec<Measured> = Vec::new();
    for question in questions {
        measured.extend(question(&bench)?);
    }
    let page = page::render(&facts, &bench.extent, &measured);
    if is_quick {
        print!("{page}");
        return Ok(());
    }
    let path = root.join(PAGE);
    fs::write(&path, page).map_err(at(&path))?;
    println!("wrote {}", path.display());
    Ok(())
}

fn facts(root: &Path, bench: &Bench) -> Result<Vec<(String, String)>, Error> {
    let facts = machine::facts(root).into_iter().map(|(name, fact)| (name.to_owned(), fact));
    let huge_pages = ("huge pages".to_owned(), pages::setting());
    Ok(facts.chain([huge_pages]).chain(bench.worker.versions()?).collect())
}
