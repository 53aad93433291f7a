//! `cargo xtask bench`: builds what ships and the program that measures it, in release
//! mode, and runs that program. What is measured, and how, is in xtask/bench.

use std::ffi::OsString;
use std::io;
use std::path::Path;

use crate::repository;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("cargo did not start: {0}")]
    Start(#[from] io::Error),
    #[error("`cargo {0}` failed: its output is above")]
    Failed(String),
}

/// Runs a bench by its name and flags.
pub(crate) fn run(root: &Path, arguments: &[OsString]) -> Result<(), Error> {
    cargo(root, "build --quiet --release --package=exacta-cli", &[])?;
    cargo(root, "run --quiet --release --package=xtask-bench --", arguments)
}

fn cargo(root: &Path, command: &str, arguments: &[OsString]) -> Result<(), Error> {
    let mut cargo = repository::cargo(root);
    let status = cargo.args(command.split(' ')).args(arguments).status()?;
    if status.success() { Ok(()) } else { Err(Error::Failed(command.to_owned())) }
}
