//! The arguments of `exacta partial` and `exacta merge`. What is asked of data is in `question`.

use std::path::PathBuf;

use clap::Args;

use super::output::MergedOutput;
use super::{ComputeArguments, FilterArguments, FromArguments, PlanArguments, Question};

const PARTIAL_EXAMPLES: &str = "\
Examples:
  exacta partial -s mean,stddev jan.csv -o jan.partial    a hundred bytes a column
  exacta partial jan.csv -o jan.partial                   with quartiles, so with every different value
  exacta partial -s mean --approx-quantiles 0.99 jan.csv -o jan.partial
  exacta partial -s mean --where 'wind >= 5' jan.csv -o windy.partial
  ssh host exacta partial -s mean data.csv > host.partial
  exacta merge *.partial                                  what `exacta stats` says of all files at once";

const MERGE_EXAMPLES: &str = "\
Examples:
  exacta merge *.partial                       the statistics that the partials allow
  exacta merge -s variance,rms *.partial       others, of the same sums
  exacta merge -q 0.99 --quantile-method hazen *.partial
  exacta merge jan.partial feb.partial -o winter.partial
  exacta merge *.partial -o report.md          the extension says the format";

/// Keep what is to be known of files, to be merged later
///
/// The file that is written holds exact states of each column: what -s, -q, --all, --approx-quantiles and --histogram
/// take, and nothing else. Any statistic of the same states can be asked for when it is merged: by the sum and the sum of
/// squares also the variance. Quantiles, mode, distinct and the like take every different value: ten bytes or more each,
/// which are made in memory beside --memory, and 1 GiB a column at most. Equal tables give equal
/// files, whatever the order of rows, the cut into files and the number of threads.
#[derive(Debug, Args)]
#[command(after_help = PARTIAL_EXAMPLES)]
pub(crate) struct PartialArguments {
    /// Files to read as one table, joined by column name; `-` or none is stdin
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) question: Question,

    #[command(flatten)]
    pub(crate) filters: FilterArguments,

    /// File to write; without it stdout, unless that is a terminal
    #[arg(short, long, value_name = "FILE", help_heading = "What to write")]
    pub(crate) output: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) from: FromArguments,

    #[command(flatten)]
    pub(crate) compute: ComputeArguments,
}

/// Merge files of partials, and show their statistics or write one file
///
/// The statistics are those of all rows together, to the bit. Without -s and -q they are the ones that `exacta stats`
/// shows, as far as the partials have what they take. With -o and a name that says no format the merged partial is
/// written.
#[derive(Debug, Args)]
#[command(after_help = MERGE_EXAMPLES)]
pub(crate) struct MergeArguments {
    /// Files that `exacta partial` or `exacta merge` wrote; `-` is stdin
    #[arg(value_name = "PARTIAL", required = true)]
    pub(crate) files: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) plan: PlanArguments,

    /// Columns to show, in this order
    #[arg(
        short,
        long,
        value_name = "LIST",
        value_delimiter = ',',
        help_heading = "What to compute"
    )]
    pub(crate) columns: Vec<String>,

    /// Let partials have other columns: one that is missing is null in all rows
    #[arg(long, help_heading = "What to compute")]
    pub(crate) flexible: bool,

    #[command(flatten)]
    pub(crate) output: MergedOutput,
}
