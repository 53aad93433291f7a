//! The tools beside which `exacta stats` is measured: where they come from and how each is called. What they are asked
//! is not here.

use std::path::{Path, PathBuf};

use super::process::Program;
use crate::error::Error;
use crate::machine::said;
use crate::python;

const VENV: &str = "target/bench/files-venv";
const REQUIREMENTS: &str = "xtask/bench/src/files/requirements.txt";

/// Where `cargo install` puts what it builds.
const CARGO_ROOT: &str = "target/bench/peers";
const CARGO_TARGET: &str = "target/bench/build";

/// The crates, one version each. Of qsv it is the small build, whose `stats` is the same, and the last version found that
/// can be built as it is published; later ones need patches that only its repository has.
const XAN: [&str; 3] = ["xan", "--version", "0.61.0"];
const QSV: [&str; 8] = [
    "qsv",
    "--version",
    "4.0.0",
    "--no-default-features",
    "--features",
    "lite,mimalloc",
    "--bin",
    "qsvlite",
];

/// Where the programs are.
pub(super) struct Peers {
    exacta: PathBuf,
    venv: PathBuf,
    cargo: PathBuf,
}

impl Peers {
    /// Installs what is missing, but for packages of the system. What cannot be had takes no part, and the page says so.
    pub(super) fn install(root: &Path) -> Result<Self, Error> {
        let python = python::environment(root, VENV, REQUIREMENTS)?;
        let venv = python.parent().expect("it stands in a folder").to_owned();
        let cargo = root.join(CARGO_ROOT).join("bin");
        for (binary, package) in [("xan", XAN.as_slice()), ("qsvlite", QSV.as_slice())] {
            if !cargo.join(binary).exists()
                && let Err(error) = cargo_install(root, package)
            {
                eprintln!("{error}");
            }
        }
        Ok(Self { exacta: root.join("target/release/exacta"), venv, cargo })
    }

    /// What each says of its version.
    pub(super) fn versions(&self) -> Vec<(String, String)> {
        let python = self.venv.join("python");
        let version = |package| format!("import {package} as package; print(package.__version__)");
        let fact = |name: &str, fact: String| (name.to_owned(), fact);
        vec![
            fact("DuckDB", said(self.venv.join("duckdb"), &["--version"])),
            fact("DuckDB in Python", said(&python, &["-c", &version("duckdb")])),
            fact("Polars", said(&python, &["-c", &version("polars")])),
            fact("xan", said(self.cargo.join("xan"), &["--version"])),
            fact("qsv", said(self.cargo.join("qsvlite"), &["--version"])),
            fact("datamash", said("datamash", &["--version"])),
            fact("Miller", said("mlr", &["--version"])),
        ]
    }

    pub(super) fn exacta(&self, arguments: &[&str]) -> Program {
        Program::new(&self.exacta, &[&["stats", "--json"], arguments].concat())
    }

    /// DuckDB's own shell, which prints the rows of an answer.
    pub(super) fn duckdb(&self, query: &str) -> Program {
        Program::new(self.venv.join("duckdb"), &["-csv", "-noheader", "-c", query])
    }

    pub(super) fn duckdb_in_python(&self, query: &str) -> Program {
        let code = "import csv, duckdb, sys; csv.writer(sys.stdout).writerows(";
        self.python(&format!("{code}duckdb.sql(\"\"\"{query}\"\"\").fetchall())"))
    }

    /// Polars, which collects a lazy frame in a stream, after some preparation.
    pub(super) fn polars(&self, preparation: &str, frame: &str) -> Program {
        let head = "import polars as pl; from polars import col; ";
        let end = "collect(engine='streaming').write_csv(include_header=False)";
        self.python(&format!("{head}{preparation}print(pl.{frame}.{end})"))
    }

    fn python(&self, code: &str) -> Program {
        Program::new(self.venv.join("python"), &["-c", code])
    }

    pub(super) fn xan(&self, arguments: &[&str]) -> Program {
        Program::new(self.cargo.join("xan"), arguments)
    }

    /// qsv's statistics with all their digits, computed anew each time.
    pub(super) fn qsv_stats(&self, columns: &str, file: &str) -> Program {
        self.qsv(&["stats", "--force", "-c", "0", "--round", "9999", "-s", columns, file])
    }

    /// What lets qsv use more than one thread.
    pub(super) fn qsv_index(&self, file: &str) -> Program {
        self.qsv(&["index", file])
    }

    fn qsv(&self, arguments: &[&str]) -> Program {
        Program::new(self.cargo.join("qsvlite"), arguments)
    }
}

/// Miller, which writes rows without their names.
pub(super) fn miller(arguments: &[&str]) -> Program {
    Program::new("mlr", &[&["--icsv", "--ocsv", "--headerless-csv-output"], arguments].concat())
}

/// Cells are separated by commas, and the first line is names.
pub(super) fn datamash(arguments: &[&str]) -> Program {
    Program::new("datamash", &[&["-t,", "--header-in"], arguments].concat())
}

fn cargo_install(root: &Path, package: &[&str]) -> Result<(), Error> {
    eprintln!("building {} into {CARGO_ROOT}", package[0]);
    let [folder, target] = [CARGO_ROOT, CARGO_TARGET].map(|path| root.join(path));
    let [folder, target] = [&folder, &target].map(|path| path.to_string_lossy());
    let options = ["--quiet", "--locked", "--root", &folder, "--target-dir", &target];
    python::program(Path::new("cargo"), &[["install"].as_slice(), &options, package].concat())
}
