//! The arguments of `exacta submit` and `exacta jobs`. What is asked of data is in `question`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use exacta_client::JobState;

use super::{OutputArguments, Question, TlsArguments};
use crate::error::WAIT_EXIT_CODES;

/// How many jobs are listed without being asked for more.
const LIST_LIMIT: u64 = 20;

const SUBMIT_EXAMPLES: &str = "\
Examples:
  exacta serve --data jobs                       a service that keeps jobs, in a directory
  export EXACTA_SERVER=http://127.0.0.1:8080
  exacta submit data.csv                         prints the id of the job
  exacta submit --wait data.csv                  prints what `exacta stats data.csv` prints
  exacta submit -s mean,sem -q 0.99 --wait --json data.csv
  id=$(zcat data.csv.gz | exacta submit)         from a pipe
  exacta jobs result --wait \"$id\"";

const LIST_EXAMPLES: &str = "\
Examples:
  exacta jobs list                         the newest jobs
  exacta jobs list --state failed --all    every job that failed
  exacta jobs list --json --limit 1        for programs";

const SHOW_EXAMPLES: &str = "\
Examples:
  exacta jobs show \"$id\"           how it stands, in lines
  exacta jobs show --json \"$id\"    for programs";

const RESULT_EXAMPLES: &str = "\
Examples:
  exacta jobs result --wait \"$id\"           a table, when it is there
  exacta jobs result -o result.md \"$id\"     a file, in the format that its name says";

const CANCEL_EXAMPLES: &str = "\
Examples:
  exacta jobs cancel \"$id\"";

/// Submit a CSV file to a service as a job, which outlives this command
///
/// The service has the job on disk when its id is printed, and ends it whatever becomes of this command,
/// of the connection, or of the service itself. Without -s and -q the job computes what `exacta stats` does.
#[derive(Debug, Args)]
#[command(after_help = format!("{SUBMIT_EXAMPLES}\n\n{WAIT_EXIT_CODES}"))]
pub(crate) struct SubmitArguments {
    /// File to send; `-` or none is stdin
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) question: Question,

    #[command(flatten)]
    pub(crate) output: OutputArguments,

    /// Wait for the job to end and print its result; Ctrl-C stops the waiting, not the job
    #[arg(long, help_heading = "What to write")]
    pub(crate) wait: bool,

    #[command(flatten, next_help_heading = "Where to compute")]
    pub(crate) server: ServerArguments,
}

/// List, show and cancel the jobs of a service, and fetch their results
#[derive(Debug, Subcommand)]
pub(crate) enum JobsCommand {
    List(ListArguments),
    /// Show how a job stands, and why it failed
    #[command(after_help = SHOW_EXAMPLES)]
    Show(JobArguments),
    Result(ResultArguments),
    /// Cancel a job and show how it stands; one that has ended stays as it is
    #[command(after_help = CANCEL_EXAMPLES)]
    Cancel(JobArguments),
}

/// List jobs, the newest first
#[derive(Debug, Args)]
#[command(after_help = LIST_EXAMPLES)]
pub(crate) struct ListArguments {
    /// Only jobs in this state, such as running
    #[arg(long)]
    pub(crate) state: Option<JobState>,

    /// How many jobs at the most
    #[arg(long, value_name = "N", default_value_t = LIST_LIMIT)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) limit: u64,

    /// Every job, however many there are
    #[arg(long, conflicts_with = "limit")]
    pub(crate) all: bool,

    /// Write the list of the service as one line of JSON
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) server: ServerArguments,
}

/// Which job, and how it is shown.
#[derive(Debug, Args)]
pub(crate) struct JobArguments {
    /// The id that `exacta submit` printed
    pub(crate) id: String,

    /// Write the job as one line of JSON
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) server: ServerArguments,
}

/// Print the result of a job
///
/// It looks as `exacta stats` would have printed it, in every format byte for byte.
#[derive(Debug, Args)]
#[command(after_help = format!("{RESULT_EXAMPLES}\n\n{WAIT_EXIT_CODES}"))]
pub(crate) struct ResultArguments {
    /// The id that `exacta submit` printed
    pub(crate) id: String,

    /// Wait for the job to end; Ctrl-C stops the waiting, not the job
    #[arg(long)]
    pub(crate) wait: bool,

    #[command(flatten)]
    pub(crate) output: OutputArguments,

    /// Add the bits of every result as 16 hexadecimal digits
    #[arg(long, help_heading = "What to write")]
    pub(crate) bits: bool,

    #[command(flatten)]
    pub(crate) server: ServerArguments,
}

/// Which service.
#[derive(Clone, Debug, Args)]
pub(crate) struct ServerArguments {
    /// Address of the service, such as http://127.0.0.1:8080
    #[arg(id = "server", long = "server", value_name = "URL", env = "EXACTA_SERVER")]
    pub(crate) url: String,

    #[command(flatten)]
    pub(crate) tls: TlsArguments,
}
