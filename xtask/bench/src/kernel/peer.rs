//! The peers: a process of Python with NumPy, Polars, DuckDB and SciPy, which is handed arrays and asked to time
//! statements. Which statements is for the contenders.

use std::cell::RefCell;
use std::fs;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::error::{Error, at};
use crate::python;
use crate::race::{Answer, Contender, Promise, Turn};

const WORKER: &str = "xtask/bench/src/kernel/worker.py";
const REQUIREMENTS: &str = "xtask/bench/src/kernel/requirements.txt";
const VENV: &str = "target/bench/venv";

/// The libraries have threads of their own, which must not take part; the last is for `OpenBLAS`.
const ONE_THREAD: [&str; 3] = ["POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"];

/// A contender in Python.
pub(super) fn peer<'a>(
    name: &'static str,
    worker: &'a Worker,
    statement: &'static str,
) -> Contender<'a> {
    Contender::new(name, statement, Promise::Near, move |n_runs| worker.time(statement, n_runs))
}

/// The process; dropped, it is killed.
pub(super) struct Worker {
    child: Child,
    pipes: RefCell<(ChildStdin, BufReader<ChildStdout>)>,
    /// Where arrays are handed over.
    folder: PathBuf,
}

impl Worker {
    /// Makes the environment where it is missing or of other versions, and starts the process.
    pub(super) fn start(root: &Path) -> Result<Self, Error> {
        let python = python::environment(root, VENV, REQUIREMENTS)?;
        let mut command = Command::new(&python);
        command.arg(root.join(WORKER)).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child =
            command.envs(ONE_THREAD.map(|name| (name, "1"))).spawn().map_err(at(&python))?;
        let stdin = child.stdin.take().expect("stdin is piped");
        let stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let folder = root.join(VENV).with_file_name("arrays");
        fs::create_dir_all(&folder).map_err(at(&folder))?;
        Ok(Self { child, pipes: RefCell::new((stdin, stdout)), folder })
    }

    /// The versions of all peers.
    pub(super) fn versions(&self) -> Result<Vec<(String, String)>, Error> {
        let versions = self.ask(&json!({"do": "versions"}))?;
        let versions = versions.as_object().into_iter().flatten();
        let text = |version: &Value| version.as_str().unwrap_or_default().to_owned();
        Ok(versions.map(|(name, version)| (name.clone(), text(version))).collect())
    }

    /// Hands over the numbers: statements call them `x`, `series`, `frame` and the table `t`.
    pub(super) fn load(&self, values: &[f64]) -> Result<(), Error> {
        self.hand_over("x", "<f8", values.iter().map(|value| value.to_le_bytes()))
    }

    /// Hands over the group of each number: `ids`, and how many there are: `n_groups`.
    pub(super) fn load_groups(&self, groups: &[u32], n_groups: u32) -> Result<(), Error> {
        self.ask(&json!({"do": "name", "name": "n_groups", "value": n_groups}))?;
        self.hand_over("ids", "<u4", groups.iter().map(|group| group.to_le_bytes()))
    }

    fn hand_over<const N: usize>(
        &self,
        name: &str,
        dtype: &str,
        items: impl Iterator<Item = [u8; N]>,
    ) -> Result<(), Error> {
        let path = self.folder.join(name);
        let mut file = BufWriter::new(fs::File::create(&path).map_err(at(&path))?);
        for item in items {
            file.write_all(&item).map_err(at(&path))?;
        }
        file.flush().map_err(at(&path))?;
        self.ask(&json!({"do": "load", "name": name, "path": path, "dtype": dtype}))?;
        fs::remove_file(&path).map_err(at(&path))
    }

    /// Makes the numbers times a power of two: `scaled`.
    pub(super) fn scale(&self, exponent: i32) -> Result<(), Error> {
        self.ask(&json!({"do": "scale", "exponent": exponent})).map(drop)
    }

    /// Gives back the memory of everything handed over.
    pub(super) fn drop_arrays(&self) -> Result<(), Error> {
        self.ask(&json!({"do": "drop"})).map(drop)
    }

    /// The right answer about what has been handed over, by integers of any size.
    pub(super) fn expect(&self, what: &str, probabilities: &[&str]) -> Result<Vec<f64>, Error> {
        let request = json!({"do": "expect", "what": what, "probabilities": probabilities});
        numbers(&self.ask(&request)?)
    }

    /// Times a statement.
    pub(super) fn time(&self, statement: &str, n_runs: u32) -> Result<Turn, Error> {
        let told = self.ask(&json!({"do": "time", "statement": statement, "runs": n_runs}))?;
        if let Some(wrong) = told["wrong"].as_str() {
            return Ok(Turn {
                seconds: 0.0,
                peak_bytes: None,
                answer: Answer::Refused(wrong.to_owned()),
            });
        }
        let seconds = told["seconds"].as_f64().ok_or_else(ended)?;
        Ok(Turn { seconds, peak_bytes: None, answer: Answer::Numbers(numbers(&told["answer"])?) })
    }

    fn ask(&self, request: &Value) -> Result<Value, Error> {
        let (stdin, stdout) = &mut *self.pipes.borrow_mut();
        writeln!(stdin, "{request}").map_err(at(WORKER))?;
        let mut line = String::new();
        stdout.read_line(&mut line).map_err(at(WORKER))?;
        if line.is_empty() { Err(ended()) } else { Ok(serde_json::from_str(&line)?) }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may have ended by itself, which is no fault any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ended() -> Error {
    Error::Failed { program: WORKER.to_owned(), stderr: "it ended: see above".to_owned() }
}

/// Numbers as the hexadecimal digits of their little-endian bytes.
fn numbers(packed: &Value) -> Result<Vec<f64>, Error> {
    let digits = packed.as_str().ok_or_else(ended)?.as_bytes();
    let number = |digits: &[u8; 16]| {
        let digits = str::from_utf8(digits).ok()?;
        Some(f64::from_bits(u64::from_str_radix(digits, 16).ok()?.swap_bytes()))
    };
    let numbers: Option<_> = digits.as_chunks().0.iter().map(number).collect();
    numbers.ok_or_else(ended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_as_their_bytes() {
        let packed = json!("000000000000f03f182d4454fb2109c0");
        assert_eq!(numbers(&packed).unwrap(), [1.0, -std::f64::consts::PI]);
        assert!(numbers(&json!("0000000000000xyz")).is_err());
        assert!(numbers(&Value::Null).is_err());
    }
}
