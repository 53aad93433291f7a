//! `cargo xtask bench instructions`: how many instructions each kernel executes for a number, which a machine that is
//! busy with other things does not change. Times are not here.
//!
//! Callgrind counts those of this program, which runs a kernel once and, in a second process, twice: the difference
//! is the kernel's. It knows no AVX-512.

mod page;

use std::collections::BTreeMap;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;

use exacta::kernel_for_tests::InstructionSet;
use exacta::{Plan, Statistic};
use rayon::ThreadPoolBuilder;

use crate::error::{Error, at};
use crate::kernel::exact::{ONE_PASS, statistics};
use crate::kernel::numbers::Kind;

const PAGE: &str = "docs/bench/kernel-instructions.md";

const N_NUMBERS: usize = 100_000;

/// What is counted with.
const SETS: [InstructionSet; 3] =
    [InstructionSet::Portable, InstructionSet::Sse2, InstructionSet::Avx2];

/// By how much a count may differ from the one on the page.
const TOLERANCE: f64 = 0.02;

/// A kernel and what it is fed with.
#[derive(Clone, Copy)]
struct Subject {
    task: Task,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Task {
    Sum,
    OnePass,
    Median,
    Shape,
}

const KINDS: [Kind; 4] = [Kind::Uniform, Kind::Normal, Kind::Outliers, Kind::EveryExponent];

/// Instructions for each number, by what is computed and by what.
type Counts = BTreeMap<(String, String), f64>;

fn subjects() -> Vec<Subject> {
    let both = [Task::Sum, Task::OnePass];
    let subjects = both.into_iter().flat_map(|task| KINDS.map(|kind| Subject { task, kind }));
    let others = [Task::Median, Task::Shape].map(|task| Subject { task, kind: Kind::Normal });
    subjects.chain(others).collect()
}

impl Subject {
    fn name(self) -> String {
        let task = match self.task {
            Task::Sum => "sum",
            Task::OnePass => "seven statistics",
            Task::Median => "median",
            Task::Shape => "skewness and kurtosis",
        };
        format!("{task}, {}", self.kind.name())
    }

    fn run(self, values: &[f64]) -> Vec<f64> {
        match self.task {
            Task::Sum => vec![exacta::sum(values)],
            Task::OnePass => statistics(&Plan::new(ONE_PASS), values),
            Task::Median => statistics(&Plan::new([Statistic::Median]), values),
            Task::Shape => {
                statistics(&Plan::new([Statistic::Skewness, Statistic::Kurtosis]), values)
            }
        }
    }
}

/// Runs a subject so many times: what Callgrind looks at.
pub(crate) fn run_subject(subject: usize, set: usize, n_runs: usize) -> Result<(), Error> {
    let (subject, set) = (subjects()[subject], SETS[set]);
    let values = subject.kind.numbers(N_NUMBERS);
    set.force();
    // In a pool of one thread nobody waits for another, which takes instructions.
    let pool = ThreadPoolBuilder::new().num_threads(1).build()?;
    pool.install(|| {
        for _ in 0..n_runs {
            black_box(subject.run(black_box(&values)));
        }
    });
    Ok(())
}

/// Counts and writes the page, or only compares with it.
pub(crate) fn run(root: &Path, is_check: bool) -> Result<(), Error> {
    let path = root.join(PAGE);
    let recorded = fs::read_to_string(&path).map_or(Counts::new(), |page| page::counts(&page));
    let counts = count_all()?;
    let changes = changes(&recorded, &counts);
    changes.iter().for_each(|change| println!("{change}"));
    if is_check {
        let n_changes = changes.len();
        return if n_changes == 0 { Ok(()) } else { Err(Error::Counts { n_changes }) };
    }
    fs::write(&path, page::render(&counts)).map_err(at(&path))?;
    println!("wrote {}", path.display());
    Ok(())
}

fn count_all() -> Result<Counts, Error> {
    let mut counts = Counts::new();
    for (index, subject) in subjects().into_iter().enumerate() {
        eprintln!("{}", subject.name());
        for (set_index, set) in SETS.into_iter().enumerate() {
            let [once, twice] = [1, 2].map(|n_runs| count(index, set_index, n_runs));
            let per_number = (twice? - once?) as f64 / N_NUMBERS as f64;
            counts.insert((subject.name(), page::set_name(set).to_owned()), per_number);
        }
    }
    Ok(counts)
}

/// All instructions of a process that runs the subject so many times.
fn count(subject: usize, set: usize, n_runs: usize) -> Result<i64, Error> {
    let this = std::env::current_exe().map_err(at("xtask-bench"))?;
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(this);
    command.arg("subject").args([subject, set, n_runs].map(|argument| argument.to_string()));
    let output = command.output().map_err(at("valgrind"))?;
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let count = collected(&stderr).filter(|_| output.status.success());
    count.ok_or_else(|| Error::Failed { program: "valgrind".to_owned(), stderr })
}

/// The number in Callgrind's line `==1== Collected : 123`.
fn collected(stderr: &str) -> Option<i64> {
    let mut lines = stderr.lines().filter_map(|line| line.split_once("Collected :"));
    lines.next()?.1.trim().parse().ok()
}

/// A line for each count that is not what was recorded.
fn changes(recorded: &Counts, counts: &Counts) -> Vec<String> {
    let change = |((subject, set), count): (&(String, String), &f64)| {
        let Some(before) = recorded.get(&(subject.clone(), set.clone())) else {
            return Some(format!("{subject}, {set}: {count:.3}, not recorded"));
        };
        let change = count / before - 1.0;
        let line =
            format!("{subject}, {set}: {before:.3} to {count:.3} ({:+.1} %)", 100.0 * change);
        (change.abs() > TOLERANCE).then_some(line)
    };
    counts.iter().filter_map(change).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(count: f64) -> Counts {
        [(("sum".to_owned(), "AVX2".to_owned()), count)].into()
    }

    #[test]
    fn changes_beyond_the_tolerance_are_told() {
        assert_eq!(changes(&counts(2.0), &counts(2.03)), [""; 0]);
        assert_eq!(changes(&counts(2.0), &counts(2.1)), ["sum, AVX2: 2.000 to 2.100 (+5.0 %)"]);
        assert_eq!(changes(&counts(2.0), &counts(1.9)), ["sum, AVX2: 2.000 to 1.900 (-5.0 %)"]);
        assert_eq!(changes(&Counts::new(), &counts(1.9)), ["sum, AVX2: 1.900, not recorded"]);
    }

    #[test]
    fn callgrinds_count_is_found() {
        assert_eq!(
            collected("==7== \n==7== Events    : Ir\n==7== Collected : 12345\n"),
            Some(12345)
        );
        assert_eq!(collected("valgrind: no such file"), None);
    }
}
