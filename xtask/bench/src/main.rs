//! What `cargo xtask bench` runs, in release mode. It is a package of its own because it
//! needs the client, and `cargo xtask codegen` must be built while there is none.
//!
//! Each bench is a module; what all of them need stands beside them.

mod claim;
mod error;
mod files;
mod instructions;
mod kernel;
mod machine;
mod python;
mod race;
mod server;
mod service;
mod spread;
mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What is measured of the repository.
#[derive(Parser)]
#[command(name = "cargo xtask bench", version)]
struct Arguments {
    #[command(subcommand)]
    bench: Bench,
}

#[derive(Subcommand)]
enum Bench {
    /// What a file costs beside the tools that people use for files: docs/bench/files.md
    Files {
        /// A taste, printed and not written: fewer rows, few rounds
        #[arg(long)]
        quick: bool,
    },
    /// How many instructions a number takes, which no noise changes: docs/bench/kernel-instructions.md
    Instructions {
        /// Write nothing; fail when a count is more than 2 % off the page
        #[arg(long)]
        check: bool,
    },
    /// What exactness costs beside reading the numbers and beside other libraries: docs/bench/kernel.md
    Kernel {
        /// A taste, printed and not written: fewer numbers, few rounds
        #[arg(long)]
        quick: bool,
    },
    /// The files of `files`, made in a folder, with so many rows
    #[command(hide = true)]
    MakeFiles { folder: PathBuf, doubles: usize, mixed: usize },
    /// What is counted: a subject, by its number, with an instruction set, so many times
    #[command(hide = true)]
    Subject { subject: usize, set: usize, runs: usize },
    /// The server that `service` takes for the limit
    #[command(hide = true)]
    Raw,
    /// What a request costs beside a call, and what the service bears: docs/bench/service.md
    Service {
        /// A taste, printed and not written: two sizes, few rounds
        #[arg(long)]
        quick: bool,
    },
}

fn main() -> ExitCode {
    let root = root();
    let outcome = match Arguments::parse().bench {
        Bench::Files { quick } => files::run(&root, quick),
        Bench::MakeFiles { folder, doubles, mixed } => files::make(&folder, doubles, mixed),
        Bench::Instructions { check } => instructions::run(&root, check),
        Bench::Subject { subject, set, runs } => instructions::run_subject(subject, set, runs),
        Bench::Kernel { quick } => kernel::run(&root, quick),
        Bench::Raw => service::serve_raw(),
        Bench::Service { quick } => service::run(&root, quick),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the repository this program was built in.
fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).expect("the package stands in xtask/bench").to_owned()
}
