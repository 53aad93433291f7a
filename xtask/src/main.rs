//! `cargo xtask`: everything that is run on the repository. Each command is a
//! module; what ships is in crates/ and knows nothing of this.

mod bench;
mod ci;
mod codegen;
mod repository;
mod tidy;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What is run on the repository.
#[derive(Parser)]
#[command(name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Measure what ships: `files`, `kernel`, `instructions` and `service` write docs/bench; `--help` tells more
    #[command(disable_help_flag = true)]
    Bench {
        /// The bench and its flags
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Run every check in order, until the first that fails
    Ci,
    /// Write openapi/exacta.json and the Rust client's generated part
    Codegen {
        /// Write nothing; fail when a file is stale
        #[arg(long)]
        check: bool,
    },
    /// Check the order of the house: layers, rooms, manifests, listings
    Tidy,
}

fn main() -> ExitCode {
    let root = repository::root();
    match Arguments::parse().task {
        Task::Bench { arguments } => report(bench::run(&root, &arguments)),
        Task::Ci => report(ci::run(&root)),
        Task::Codegen { check } => report(codegen::run(&root, check)),
        Task::Tidy => report(tidy::run(&root)),
    }
}

fn report<E: std::fmt::Display>(outcome: Result<(), E>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
