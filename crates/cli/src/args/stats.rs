//! The arguments of `exacta stats`. What it asks of data is in `question`.

use std::path::PathBuf;

use clap::Args;
use exacta_scan::Format;
use exacta_server::Size;

use super::question::name_parser;
use super::{OutputArguments, Question, RowArguments, TlsArguments};
use crate::threads::THREADS_MAX;

/// The name of the command.
pub(super) const NAME: &str = "stats";

const EXAMPLES: &str = "\
Examples:
  exacta stats data.csv                        count, sum, mean, stddev, min, max and the quartiles
  exacta stats -s variance,cv -c wind data.csv
  exacta stats -q 0.5,0.99,1/3 --quantile-method hazen data.csv
  exacta stats -s skewness,kurtosis,mad,distinct --histogram auto data.csv
  exacta stats --plot data.csv                 the table, and pictures of the columns below it
  exacta stats -s sum --exact data.csv         every digit of the exact sum
  exacta stats -d tab --null NA,- data.tsv     tabs between cells; NA and - are missing values
  exacta stats --invalid count data.csv        the numbers of a column that also holds text
  exacta stats -s mean,stddev --by weather data.csv    a row a group and column
  exacta stats --pair temp_min,temp_max --weights wind data.csv
  exacta stats --where 'wind >= 5' --where 'weather = rain' data.csv
  exacta stats -s distinct --top=3 data.csv    the most frequent values of each column, text too
  exacta stats --all -f markdown data.csv      every statistic, as a table for an issue
  exacta stats -o stats.csv data.csv           a row a column; .json, .ndjson, .tsv and .md work too
  exacta stats -o stats.svg data.csv           a picture, for a page or a report
  exacta stats --json --bits data.csv          for programs, with the bits of every result
  exacta stats jan.csv feb.csv mar.csv         one table, columns joined by name
  exacta stats -s median --memory 200M big.csv exact in 200 MiB, by a file in TMPDIR
  exacta stats data.tsv.gz                     decompressed as it is read; a pipe is, too
  exacta stats --from f32 --names x,y,z points.f32   raw numbers, three in a row
  exacta stats --server http://127.0.0.1:8080 data.csv";

/// Summarize the columns of files
///
/// Files are CSV (RFC 4180, or tabs in .tsv), plain numbers one a line, NDJSON, a JSON array, Parquet,
/// Arrow, .npy, .npz or raw numbers; gzip, zstd, bzip2 and xz are undone. The first record names the columns; a single column of
/// numbers needs no names. A column with a cell that is no number is text: it is counted, not summarized.
/// Without -s there are count, sum, mean, stddev, min and max; without -s and quantiles of either kind, the
/// quartiles too. Quantiles, the median, iqr, mad, mode, distinct, histograms without given edges and pictures
/// keep every value, 8 to 40 bytes each, in memory up to --memory and beyond that in a temporary file; without
/// them (say -s mean,stddev, or the approximate ones) memory is constant.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct StatsArguments {
    /// Files to read as one table, joined by column name; `-` or none is stdin
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) question: Question,

    #[command(flatten)]
    pub(crate) rows: RowArguments,

    /// Take numbers as they are written, so that 0.1 + 0.2 + 0.3 is 0.6: of text and JSON, for statistics made of sums,
    /// squares and extremes. Literals have up to 19 digits, zeros at their ends aside, and exponents from -400 to 288
    #[arg(long, conflicts_with_all = ["server", "plot"], help_heading = "What to compute")]
    pub(crate) decimal: bool,

    #[command(flatten)]
    pub(crate) output: OutputArguments,

    /// Draw a histogram and a box plot of each column below the table
    #[arg(long, help_heading = "What to write")]
    pub(crate) plot: bool,

    #[command(flatten)]
    pub(crate) from: FromArguments,

    #[command(flatten)]
    pub(crate) compute: ComputeArguments,

    /// Send the input to the service at this address: same words, same bits; an empty one is none
    #[arg(long, value_name = "URL", env = "EXACTA_SERVER")]
    #[arg(conflicts_with_all = ["comment", "flexible", "where"])]
    #[arg(help_heading = "Where to compute")]
    pub(crate) server: Option<String>,

    #[command(flatten, next_help_heading = "Where to compute")]
    pub(crate) tls: TlsArguments,
}

/// What the inputs are, where they do not say.
#[derive(Debug, Args)]
pub(crate) struct FromArguments {
    /// The format of the input, for one that does not say so itself: raw numbers by their type
    #[arg(id = "from", long = "from", value_name = "FORMAT")]
    #[arg(value_parser = name_parser(Format::ALL, Format::name))]
    #[arg(help_heading = "How to read")]
    pub(crate) format: Option<Format>,

    /// Skip lines of CSV that begin with this character
    #[arg(long, value_name = "CHAR", value_parser = character)]
    #[arg(help_heading = "How to read")]
    pub(crate) comment: Option<u8>,

    /// Let rows of CSV have any number of cells: those missing are null, those too many are left out. Let files
    /// have other columns: one that a file lacks is null in all its rows
    #[arg(long, help_heading = "How to read")]
    pub(crate) flexible: bool,

    /// Names for the columns of input without: its first record is data. Raw numbers are as many in a row
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    #[arg(help_heading = "How to read")]
    pub(crate) names: Vec<String>,
}

/// With how much of this machine.
#[derive(Debug, Args)]
pub(crate) struct ComputeArguments {
    /// Threads to use; without it RAYON_NUM_THREADS, else one for each core
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=i64::from(THREADS_MAX)))]
    #[arg(env = "EXACTA_THREADS", help_heading = "Where to compute")]
    pub(crate) threads: Option<u16>,

    /// Memory for groups and for values that quantiles, --top and the like keep; the rest goes to a file in TMPDIR
    /// that no end of the command leaves behind. Results do not depend on it. Where columns are so many that their sums
    /// alone take more, fewer threads work, and too many for one are an error
    #[arg(long, value_name = "BYTES", default_value = "1GiB", value_parser = bytes)]
    #[arg(env = "EXACTA_MEMORY", help_heading = "Where to compute")]
    pub(crate) memory: u64,
}

fn bytes(text: &str) -> Result<u64, &'static str> {
    text.parse().map(Size::bytes)
}

/// One byte. Which ones can begin a comment is for the scan to say.
fn character(text: &str) -> Result<u8, &'static str> {
    match text.as_bytes() {
        [byte] => Ok(*byte),
        _ => Err("one ASCII character is taken"),
    }
}
