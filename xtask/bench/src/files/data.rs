//! The files, made from fixed seeds, and the right answers, computed from the numbers as they are drawn. Nothing is
//! read here, so what the reading makes of the files is checked by something that never read them.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use exacta::{Accumulator, Plan, Probability, Statistic, Value};
use serde::{Deserialize, Serialize};

use super::Extent;
use super::peers::Peers;
use crate::error::{Error, at};
use crate::kernel::numbers::Random;

pub(super) const DOUBLES: &str = "doubles.csv";
pub(super) const DOUBLES_PARQUET: &str = "doubles.parquet";
pub(super) const MIXED: &str = "mixed.csv";
pub(super) const MIXED_PARQUET: &str = "mixed.parquet";
pub(super) const FEW: &str = "few.csv";

const ANSWERS: &str = "answers.json";

/// The column of the first file.
pub(super) const DOUBLE: &str = "x";

/// The columns of numbers of the other files.
pub(super) const NUMBERS: [&str; 8] =
    ["id", "price", "quantity", "ratio", "score", "latitude", "longitude", "elapsed"];

/// The column of keys, and how many there are.
pub(super) const GROUP: &str = "region";
pub(super) const N_GROUPS: usize = 100;

/// The column whose mean is asked for in each group, as a position in [`NUMBERS`].
pub(super) const PRICE: usize = 1;

/// How many rows the small file has.
pub(super) const N_FEW: usize = 1000;

/// What is asked of every column; the median and the 99th percentile follow where they are asked for.
pub(super) const STATISTICS: [Statistic; 6] = [
    Statistic::Count,
    Statistic::Sum,
    Statistic::Mean,
    Statistic::Min,
    Statistic::Max,
    Statistic::Stddev,
];

/// The right answers to all questions, column by column.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Answers {
    /// With the median and the 99th percentile at the end.
    pub(super) doubles: Vec<f64>,
    pub(super) mixed: Vec<f64>,
    pub(super) few: Vec<f64>,
    /// The mean price of each region, in the order of their names.
    pub(super) groups: Vec<f64>,
}

/// The files and what is right about them.
pub(super) struct Data {
    pub(super) folder: PathBuf,
    pub(super) answers: Answers,
}

impl Data {
    /// Has the files made. Another process does it: a process whose memory has been large makes those that it starts
    /// look as large.
    pub(super) fn new(folder: PathBuf, extent: &Extent, peers: &Peers) -> Result<Self, Error> {
        eprintln!("making files of {} and {} rows", extent.doubles, extent.mixed);
        let program = env::current_exe().map_err(at("xtask-bench"))?;
        let mut command = Command::new(&program);
        command.arg("make-files").arg(&folder);
        command.args([extent.doubles, extent.mixed].map(|n| n.to_string()));
        let status = command.status().map_err(at(&program))?;
        if !status.success() {
            return Err(Error::Again);
        }
        for (from, to) in [(DOUBLES, DOUBLES_PARQUET), (MIXED, MIXED_PARQUET)] {
            peers.duckdb(&format!("copy (from '{from}') to '{to}'")).answer(&folder)?;
        }
        for file in [DOUBLES, MIXED, FEW] {
            // Without it, or without qsv, the race goes on.
            let _ = peers.qsv_index(file).answer(&folder);
        }
        let path = folder.join(ANSWERS);
        let answers = serde_json::from_slice(&fs::read(&path).map_err(at(&path))?)?;
        Ok(Self { folder, answers })
    }
}

/// Makes all files but those in Parquet.
pub(crate) fn make(folder: &Path, n_doubles: usize, n_mixed: usize) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(at(folder))?;
    let doubles = write(&folder.join(DOUBLES), |file| doubles(file, n_doubles))?;
    let (all, groups) = write(&folder.join(MIXED), |file| mixed(file, n_mixed))?;
    let (few, _) = write(&folder.join(FEW), |file| mixed(file, N_FEW))?;
    let quantiles = Plan::new(STATISTICS).with_quantiles(["0.5", "0.99"].map(probability));
    let answers = Answers {
        doubles: finalized(doubles, &quantiles)?,
        mixed: finalized_all(all, &Plan::new(STATISTICS))?,
        few: finalized_all(few, &Plan::new(STATISTICS))?,
        groups: finalized_all(groups, &Plan::new([Statistic::Mean]))?,
    };
    let path = folder.join(ANSWERS);
    fs::write(&path, serde_json::to_vec(&answers)?).map_err(at(&path))
}

fn probability(text: &str) -> Probability {
    text.parse().expect("it is a probability")
}

fn write<T>(
    path: &Path,
    rows: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<T>,
) -> Result<T, Error> {
    let mut file = BufWriter::new(File::create(path).map_err(at(path))?);
    let made = rows(&mut file).map_err(at(path))?;
    file.flush().map_err(at(path))?;
    Ok(made)
}

/// Numbers from 1 to 1000 with 17 digits, which is as many as a binary64 needs to be read back.
fn doubles(file: &mut impl Write, n_rows: usize) -> std::io::Result<Accumulator> {
    let plan = Plan::new(STATISTICS).with_quantiles([probability("0.5")]);
    let (mut accumulator, mut random) = (Accumulator::new(&plan), Random(1));
    writeln!(file, "{DOUBLE}")?;
    for _ in 0..n_rows {
        let value = 1.0 + 999.0 * random.unit();
        let n_decimals = 16 - value.log10() as usize;
        writeln!(file, "{value:.n_decimals$}")?;
        push(&mut accumulator, value);
    }
    Ok(accumulator)
}

/// Ten columns, two of them of strings, one of which is quoted. Gives the columns of numbers, and the prices of
/// each group.
fn mixed(
    file: &mut impl Write,
    n_rows: usize,
) -> std::io::Result<(Vec<Accumulator>, Vec<Accumulator>)> {
    let plan = Plan::new(STATISTICS);
    let mut columns = vec![Accumulator::new(&plan); NUMBERS.len()];
    let mut groups = vec![Accumulator::new(&plan); N_GROUPS];
    let mut random = Random(2);
    let [id, price, quantity, ratio, score, latitude, longitude, elapsed] = NUMBERS;
    writeln!(
        file,
        "{id},{GROUP},{price},{quantity},label,{ratio},{score},{latitude},{longitude},{elapsed}"
    )?;
    for row in 0..n_rows {
        let (group, cells) = (random.word() as usize % N_GROUPS, cells(row, &mut random));
        let [id, price, quantity, ratio, score, latitude, longitude, elapsed] = &cells;
        write!(file, "{id},region-{group:02},{price},{quantity},\"Part \"\"{group}\"\", {row}\",")?;
        writeln!(file, "{ratio},{score},{latitude},{longitude},{elapsed}")?;
        for (column, cell) in columns.iter_mut().zip(&cells) {
            push_cell(column, cell);
        }
        push_cell(&mut groups[group], &cells[PRICE]);
    }
    Ok((columns, groups))
}

/// The cells of numbers as they are written. One score in a hundred is missing.
fn cells(row: usize, random: &mut Random) -> [String; 8] {
    let score = random.normal();
    [
        row.to_string(),
        format!("{:.2}", 1000.0 * random.unit()),
        (random.word() % 100).to_string(),
        random.unit().to_string(),
        if row % 100 == 57 { String::new() } else { format!("{score:.6}") },
        format!("{:.6}", 180.0 * random.unit() - 90.0),
        format!("{:.6}", 360.0 * random.unit() - 180.0),
        format!("{:.1}", 10_000.0 * random.unit()),
    ]
}

fn push_cell(column: &mut Accumulator, cell: &str) {
    if !cell.is_empty() {
        push(column, cell.parse().expect("it was written as a number"));
    }
}

fn push(column: &mut Accumulator, value: f64) {
    column.push(Value::from(value)).expect("the numbers are finite");
}

fn finalized_all(columns: Vec<Accumulator>, plan: &Plan) -> Result<Vec<f64>, Error> {
    let columns = columns.into_iter().map(|column| finalized(column, plan));
    Ok(columns.collect::<Result<Vec<_>, _>>()?.concat())
}

fn finalized(column: Accumulator, plan: &Plan) -> Result<Vec<f64>, Error> {
    let summary = column.into_partial().finalize(plan)?;
    let statistics = plan.statistics().iter().map(|statistic| summary.get(*statistic));
    let quantiles = summary.quantiles().iter().map(|(_, outcome)| Some(*outcome));
    let number = |outcome: Option<exacta::Outcome>| {
        outcome.and_then(exacta::Outcome::finite).expect("there are numbers, and they are finite")
    };
    Ok(statistics.chain(quantiles).map(number).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_read_back_from_seventeen_digits() {
        let mut file = Vec::new();
        let accumulator = doubles(&mut file, 1000).unwrap();
        let text = String::from_utf8(file).unwrap();
        let mut read = Accumulator::new(&Plan::new(STATISTICS));
        for line in text.lines().skip(1) {
            assert_eq!(line.len(), 18, "{line}");
            push_cell(&mut read, line);
        }
        let plan = Plan::new(STATISTICS);
        assert_eq!(finalized(accumulator, &plan).unwrap(), finalized(read, &plan).unwrap());
    }

    #[test]
    fn groups_hold_all_prices() {
        let (columns, groups) = mixed(&mut Vec::new(), 1000).unwrap();
        let plan = Plan::new([Statistic::Count, Statistic::Sum]);
        let all = finalized(columns[PRICE].clone(), &plan).unwrap();
        let merged = groups.into_iter().map(Accumulator::into_partial).reduce(|mut all, group| {
            all.merge(group).unwrap();
            all
        });
        let merged = merged.unwrap().finalize(&plan).unwrap();
        let finite = |statistic| merged.get(statistic).unwrap().finite();
        assert_eq!(
            [finite(Statistic::Count), finite(Statistic::Sum)],
            [Some(all[0]), Some(all[1])]
        );
    }
}
