//! A program that is run to its end: how long it took, the most memory it had, and the numbers that it printed.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::Value;
use wait4::Wait4;

use super::data::STATISTICS;
use crate::error::{Error, at};
use crate::race::{Answer, Contender, Promise, Turn};

/// A program with its arguments. It is run where the files are.
#[derive(Clone, Debug)]
pub(super) struct Program {
    path: PathBuf,
    arguments: Vec<String>,
    /// The file that it reads from stdin.
    stdin: Option<&'static str>,
}

/// Finds the numbers in what a program printed; none where it is not what it should be.
pub(super) type Reader = fn(&str) -> Option<Vec<f64>>;

impl Program {
    pub(super) fn new(path: impl Into<PathBuf>, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        Self { path: path.into(), arguments, stdin: None }
    }

    pub(super) fn reading(self, file: &'static str) -> Self {
        Self { stdin: Some(file), ..self }
    }

    /// It as a contender, whose numbers are found by `reader`.
    pub(super) fn contender<'a>(
        self,
        name: &'static str,
        folder: &'a Path,
        promise: Promise,
        reader: Reader,
    ) -> Contender<'a> {
        let statement = self.statement();
        Contender::new(name, statement, promise, move |n_runs| self.turn(folder, n_runs, reader))
    }

    /// What it prints, if it ends well.
    pub(super) fn answer(&self, folder: &Path) -> Result<String, Error> {
        let output = self.command(folder)?.output().map_err(at(&self.path))?;
        let [stdout, stderr] =
            [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into());
        let program = self.path.display().to_string();
        if output.status.success() { Ok(stdout) } else { Err(Error::Failed { program, stderr }) }
    }

    /// As one would type it.
    fn statement(&self) -> String {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.,/=:".contains(c);
        let quoted = |argument: &String| {
            if argument.chars().all(is_plain) { argument.clone() } else { format!("'{argument}'") }
        };
        let stdin = self.stdin.map(|file| format!("< {file}"));
        let words = [name.into_owned()].into_iter().chain(self.arguments.iter().map(quoted));
        words.chain(stdin).collect::<Vec<_>>().join(" ")
    }

    fn command(&self, folder: &Path) -> Result<Command, Error> {
        let mut command = Command::new(&self.path);
        command.args(&self.arguments).current_dir(folder).stdin(Stdio::null());
        if let Some(file) = self.stdin {
            let path = folder.join(file);
            command.stdin(File::open(&path).map_err(at(&path))?);
        }
        Ok(command)
    }

    fn turn(&self, folder: &Path, n_runs: u32, reader: Reader) -> Result<Turn, Error> {
        let mut turn = self.run(folder, reader)?;
        for _ in 1..n_runs {
            let next = self.run(folder, reader)?;
            let peak_bytes = turn.peak_bytes.max(next.peak_bytes);
            turn = Turn { seconds: turn.seconds + next.seconds, peak_bytes, ..next };
        }
        turn.seconds /= f64::from(n_runs);
        Ok(turn)
    }

    fn run(&self, folder: &Path, reader: Reader) -> Result<Turn, Error> {
        let mut command = self.command(folder)?;
        // What it says goes to a file: two pipes would have to be read at once.
        let mut stderr = tempfile::tempfile().map_err(at("a temporary file"))?;
        let handle = stderr.try_clone().map_err(at("a temporary file"))?;
        command.stdout(Stdio::piped()).stderr(handle);
        let start = Instant::now();
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => {
                let answer = Answer::Refused(format!("it does not start: {error}"));
                return Ok(Turn { seconds: 0.0, peak_bytes: None, answer });
            }
        };
        let mut printed = String::new();
        let mut stdout = child.stdout.take().expect("stdout is piped");
        stdout.read_to_string(&mut printed).map_err(at(&self.path))?;
        let used = child.wait4().map_err(at(&self.path))?;
        let seconds = start.elapsed().as_secs_f64();
        let answer = if used.status.success() {
            reader(&printed).map_or_else(|| Answer::Refused(excerpt(&printed)), Answer::Numbers)
        } else {
            Answer::Refused(last_words(&mut stderr))
        };
        Ok(Turn { seconds, peak_bytes: Some(used.rusage.maxrss), answer })
    }
}

/// The first line that a program which failed has written to this file.
fn last_words(stderr: &mut File) -> String {
    use std::io::{Seek, SeekFrom};
    let mut words = String::new();
    let read = stderr.seek(SeekFrom::Start(0)).and_then(|_| stderr.read_to_string(&mut words));
    match read {
        Ok(0) | Err(_) => "it failed without a word".to_owned(),
        Ok(_) => excerpt(&words),
    }
}

/// The first line, or what of it has a place in a table.
fn excerpt(text: &str) -> String {
    text.lines().next().unwrap_or("nothing").chars().take(100).collect()
}

/// Every cell that is a number, of what is written as CSV.
#[allow(clippy::unnecessary_wraps)] // It is a `Reader`.
pub(super) fn cells(text: &str) -> Option<Vec<f64>> {
    let bare = |cell: &str| cell.trim_matches(['"', '[', ']', ' ', '\r']).parse().ok();
    Some(text.split([',', '\n']).filter_map(bare).collect())
}

/// The figures of xan's table, column by column. Its standard deviation is the population's.
pub(super) fn of_xan(text: &str) -> Option<Vec<f64>> {
    let figures = |row: Row| {
        let [count, sum, mean, min, max, stddev] =
            row.figures(["count", "sum", "mean", "min", "max", "stddev"])?;
        Some(vec![count, sum, mean, min, max, sample_from_population(stddev, count)])
    };
    rows(text, figures)
}

/// The same of one column, with the median.
pub(super) fn of_xan_with_median(text: &str) -> Option<Vec<f64>> {
    let median = rows(text, |row| Some(row.figures(["median"])?.to_vec()))?;
    Some([of_xan(text)?, median].concat())
}

/// The same of qsv, which does not tell the count: it is the sum by the mean.
pub(super) fn of_qsv(text: &str) -> Option<Vec<f64>> {
    let figures = |row: Row| {
        let [sum, mean, min, max, stddev] = row.figures(["sum", "mean", "min", "max", "stddev"])?;
        let count = (sum / mean).round();
        Some(vec![count, sum, mean, min, max, sample_from_population(stddev, count)])
    };
    rows(text, figures)
}

/// The figures of all rows of a table which has one for each column of the file.
fn rows(text: &str, figures: impl Fn(Row) -> Option<Vec<f64>>) -> Option<Vec<f64>> {
    let (head, rows) = text.split_once('\n')?;
    let figures: Option<Vec<_>> = rows.lines().map(|cells| figures(Row { head, cells })).collect();
    Some(figures?.concat())
}

/// A row of a table, and the names over it.
struct Row<'a> {
    head: &'a str,
    cells: &'a str,
}

impl Row<'_> {
    /// The numbers under these names.
    fn figures<const N: usize>(&self, names: [&str; N]) -> Option<[f64; N]> {
        let figure = |name| {
            let index = self.head.split(',').position(|cell| cell == name)?;
            self.cells.split(',').nth(index)?.parse().ok()
        };
        let figures: Option<Vec<f64>> = names.into_iter().map(figure).collect();
        figures?.try_into().ok()
    }
}

/// The standard deviation of a sample, from that of a population of so many.
fn sample_from_population(stddev: f64, count: f64) -> f64 {
    stddev * (count / (count - 1.0)).sqrt()
}

/// The figures in our JSON, column by column, quantiles after the statistics.
pub(super) fn of_json(text: &str) -> Option<Vec<f64>> {
    let answer: Value = serde_json::from_str(text).ok()?;
    let mut numbers = Vec::new();
    for column in answer["columns"].as_array()? {
        for statistic in STATISTICS {
            numbers.push(column[statistic.name()].as_f64()?);
        }
        for quantile in column["quantiles"].as_array().into_iter().flatten() {
            numbers.push(quantile["value"].as_f64()?);
        }
    }
    Some(numbers)
}

/// The mean of the one column in each group of our JSON.
pub(super) fn of_json_groups(text: &str) -> Option<Vec<f64>> {
    let answer: Value = serde_json::from_str(text).ok()?;
    let groups = answer["groups"].as_array()?.iter();
    groups.map(|group| group["columns"][0]["mean"].as_f64()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_in_all_forms() {
        assert_eq!(cells("name,mean\na-1,2.5\nb,3\n").unwrap(), [2.5, 3.0]);
        let xan = "field,mean,count,min,max,sum,stddev\nx,2,2,1,3,4,1\n";
        assert_eq!(of_xan(xan).unwrap(), [2.0, 4.0, 2.0, 1.0, 3.0, 2f64.sqrt()]);
        assert_eq!(of_xan_with_median(xan), None);
        let qsv = "field,sum,min,max,mean,stddev\nx,4,1,3,2,1\n";
        assert_eq!(of_qsv(qsv), of_xan(xan));
        let column = r#"{"count":1,"sum":2.0,"mean":3.0,"min":4.0,"max":5.0,"stddev":6.0,
            "quantiles":[{"p":0.5,"value":7.0}]}"#;
        let ours = of_json(&format!("{{\"columns\":[{column}]}}")).unwrap();
        assert_eq!(ours, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
        let groups = format!(r#"{{"groups":[{{"by":{{}},"columns":[{column}]}}]}}"#);
        assert_eq!(of_json_groups(&groups).unwrap(), [3.0]);
        assert_eq!((of_json("{}"), of_json_groups("oh")), (None, None));
    }

    #[test]
    fn a_program_is_timed_and_its_failure_told() {
        let shell = |script: &str| Program::new("sh", &["-c", script]);
        let turn = shell("echo 1,2").turn(Path::new("."), 2, cells).unwrap();
        assert!(matches!(turn.answer, Answer::Numbers(numbers) if numbers == [1.0, 2.0]));
        assert!(turn.seconds > 0.0 && turn.peak_bytes.unwrap() > 0);
        let absent = Program::new("no/program", &[]).turn(Path::new("."), 1, cells).unwrap();
        assert!(matches!(absent.answer, Answer::Refused(words) if words.contains("not start")));
        let failed = shell("echo 'no way' >&2; exit 3").turn(Path::new("."), 1, cells).unwrap();
        assert!(matches!(failed.answer, Answer::Refused(words) if words == "no way"));
    }

    #[test]
    fn statements_can_be_typed() {
        let program = Program::new("/usr/bin/a", &["-x", "b c"]).reading("d.csv");
        assert_eq!(program.statement(), "a -x 'b c' < d.csv");
    }
}
