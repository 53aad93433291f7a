//! The command line: commands, flags and their help, and what is said of a command line that is wrong.
//! The names of statistics, methods and policies come from the lists of the crates that define them.

// Doc comments become help, which is plain text.
#![allow(clippy::doc_markdown)]

use std::fmt::Debug;
use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use exacta::{Nonfinite, Probability, QuantileMethod, Statistic};
use exacta_scan::Invalid;
use exacta_server::BODY_BYTES_MAX;

use crate::error::{EXIT_CODES, Exit};
use crate::{output, predict};

/// The most threads that can be asked for.
const THREADS_MAX: i64 = 1024;

const EXAMPLES: &str = "\
Examples:
  exacta stats data.csv                      a table of every column
  exacta stats -s mean,sem -q 0.99 data.csv  what you ask for
  seq 100 | exacta stats --json              numbers from a pipe, JSON to the next program
  exacta serve                               the same over HTTP
  exacta stats --server http://127.0.0.1:8080 data.csv";

const STATS_EXAMPLES: &str = "\
Examples:
  exacta stats data.csv                        count, sum, mean, stddev, min, max and the quartiles
  exacta stats -s variance,cv -c height data.csv
  exacta stats -q 0.5,0.99,1/3 --quantile-method hazen data.csv
  exacta stats -d tab --null NA,- data.tsv     tabs between cells; NA and - are missing values
  exacta stats --invalid count data.csv        the numbers of a column that also holds text
  exacta stats --json --bits data.csv          for programs, with the bits of every result
  exacta stats jan.csv feb.csv mar.csv         one table, columns joined by name
  zcat data.csv.gz | exacta stats              from a pipe
  exacta stats --server http://127.0.0.1:8080 data.csv";

const PREDICT_EXAMPLES: &str = "\
Examples:
  exacta predict --endpoint http://127.0.0.1:8080/predict 1 2 -3.5
  seq 100 | exacta predict --endpoint http://127.0.0.1:8080/predict";

const SERVE_EXAMPLES: &str = "\
Examples:
  exacta serve                              on http://127.0.0.1:8080
  exacta serve --listen 127.0.0.1:0         on a free port, told in the first line on stderr
  curl --data-binary @data.csv http://127.0.0.1:8080/v1/summarize/csv

SIGINT or SIGTERM ends it once every request that it has read is answered.";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  exacta completions bash > ~/.local/share/bash-completion/completions/exacta
  exacta completions zsh > ~/.zfunc/_exacta
  exacta completions fish > ~/.config/fish/completions/exacta.fish";

const MAN_EXAMPLES: &str = "\
Examples:
  exacta man stats | man -l -
  exacta man > /usr/local/share/man/man1/exacta.1";

/// Exact statistics: every number is the binary64 nearest to the true value
///
/// No order of rows, number of threads, cut into files or machine changes one bit of a result, and the
/// service answers with the same bits as the shell.
#[derive(Debug, Parser)]
#[command(name = "exacta", version, after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Stats(StatsArguments),
    Predict(PredictArguments),
    Serve(ServeArguments),
    /// Print the OpenAPI document of the service
    Openapi,
    Completions(CompletionsArguments),
    Man(ManArguments),
}

/// Print what makes a shell complete this command
#[derive(Debug, Args)]
#[command(after_help = COMPLETIONS_EXAMPLES)]
pub(crate) struct CompletionsArguments {
    /// The shell
    pub(crate) shell: Shell,
}

/// Print a page of the manual
#[derive(Debug, Args)]
#[command(after_help = MAN_EXAMPLES)]
pub(crate) struct ManArguments {
    /// The command that it is about; none is exacta as a whole
    #[arg(value_name = "COMMAND")]
    pub(crate) commands: Vec<String>,
}

/// Summarize the columns of CSV files
///
/// The first record names the columns; a single column of numbers needs no names. A column with a cell
/// that is no number is text: it is counted, not summarized. Without -s and -q there are count, sum, mean,
/// stddev, min, max and the quartiles.
#[derive(Debug, Args)]
#[command(after_help = STATS_EXAMPLES)]
pub(crate) struct StatsArguments {
    /// Files to read as one table, joined by column name; `-` or none is stdin
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// Statistics to compute
    #[arg(short, long, value_name = "LIST", value_delimiter = ',', value_parser = statistic_parser())]
    #[arg(help_heading = "What to compute")]
    pub(crate) statistics: Option<Vec<Statistic>>,

    /// Quantiles to compute: decimals or ratios, such as 0.5,0.99,1/3
    #[arg(short, long, value_name = "LIST", value_delimiter = ',')]
    #[arg(help_heading = "What to compute")]
    pub(crate) quantiles: Option<Vec<Quantile>>,

    /// Which definition of the quantile, the median too, under NumPy's names
    #[arg(long, value_name = "METHOD", default_value = QuantileMethod::default().name())]
    #[arg(value_parser = name_parser(QuantileMethod::ALL, QuantileMethod::name))]
    #[arg(help_heading = "What to compute")]
    pub(crate) quantile_method: QuantileMethod,

    /// What NaN and infinities do: enter as in IEEE 754, be left out, or be errors
    #[arg(long, value_name = "POLICY", default_value = Nonfinite::default().name())]
    #[arg(value_parser = name_parser(Nonfinite::ALL, Nonfinite::name))]
    #[arg(help_heading = "What to compute")]
    pub(crate) nonfinite: Nonfinite,

    /// Columns to summarize, in this order; a text column named here is an error
    #[arg(short, long, value_name = "LIST", value_delimiter = ',')]
    #[arg(help_heading = "How to read")]
    pub(crate) columns: Vec<String>,

    /// What separates cells: one ASCII character; `\t` and `tab` mean the tab
    #[arg(short, long, value_name = "CHAR", default_value = ",", value_parser = delimiter)]
    #[arg(help_heading = "How to read")]
    pub(crate) delimiter: u8,

    /// The first record is data; columns are named 1, 2 and so on
    #[arg(short, long, help_heading = "How to read")]
    pub(crate) no_headers: bool,

    /// What a cell that is no number does: make its column text, or be counted and left out
    #[arg(long, value_name = "RULE", default_value = Invalid::default().name())]
    #[arg(value_parser = name_parser(Invalid::ALL, Invalid::name))]
    #[arg(help_heading = "How to read")]
    pub(crate) invalid: Invalid,

    /// Spellings of a missing value, beside the empty cell
    #[arg(long, value_name = "LIST", value_delimiter = ',', allow_hyphen_values = true)]
    #[arg(help_heading = "How to read")]
    pub(crate) null: Vec<String>,

    /// Write the object of the service as one line of JSON
    #[arg(long, help_heading = "What to write")]
    pub(crate) json: bool,

    /// Add the bits of every result as 16 hexadecimal digits
    #[arg(long, help_heading = "What to write")]
    pub(crate) bits: bool,

    /// Threads to use; without it RAYON_NUM_THREADS, else one for each core
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=THREADS_MAX))]
    #[arg(help_heading = "Where to compute")]
    pub(crate) threads: Option<u16>,

    /// Send the input to the service at this address: same words, same bits
    #[arg(long, value_name = "URL", conflicts_with = "threads")]
    #[arg(help_heading = "Where to compute")]
    pub(crate) server: Option<String>,
}

/// Send numbers to a /predict endpoint and print its answer
#[derive(Debug, Args)]
#[command(after_help = PREDICT_EXAMPLES)]
pub(crate) struct PredictArguments {
    /// Where to send them, such as http://127.0.0.1:8080/predict
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: String,

    /// Numbers; without any they come from stdin, with blanks between them
    #[arg(value_name = "NUMBER", allow_negative_numbers = true, value_parser = predict::argument)]
    pub(crate) numbers: Vec<f64>,
}

/// Serve the statistics over HTTP
///
/// The paths are /v1/summarize, /v1/summarize/csv and /predict; /openapi.json describes them.
#[derive(Debug, Args)]
#[command(after_help = SERVE_EXAMPLES)]
pub(crate) struct ServeArguments {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "HOST:PORT", env = "EXACTA_LISTEN", default_value = "127.0.0.1:8080")]
    pub(crate) listen: String,

    /// Largest request body to take, in bytes
    #[arg(long, value_name = "BYTES", env = "EXACTA_BODY_MAX", default_value_t = BODY_BYTES_MAX)]
    pub(crate) body_max: u64,
}

/// A probability, and how it was written.
#[derive(Clone, Debug)]
pub(crate) struct Quantile {
    pub(crate) probability: Probability,
    pub(crate) text: String,
}

impl FromStr for Quantile {
    type Err = exacta::Error;

    fn from_str(text: &str) -> Result<Self, exacta::Error> {
        Ok(Self { probability: text.parse()?, text: text.trim().to_owned() })
    }
}

/// Takes the names in a list of the library, and no others.
fn name_parser<T>(
    all: &'static [T],
    name: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T>
where
    T: Copy + Debug + FromStr<Err: Debug> + Send + Sync + 'static,
{
    PossibleValuesParser::new(all.iter().map(|item| name(*item))).map(|name| from_name(&name))
}

/// The same for statistics, which the long help explains one by one.
fn statistic_parser() -> impl TypedValueParser<Value = Statistic> {
    let value =
        |statistic: &Statistic| PossibleValue::new(statistic.name()).help(statistic.description());
    PossibleValuesParser::new(Statistic::ALL.iter().map(value)).map(|name| from_name(&name))
}

fn from_name<T: FromStr<Err: Debug>>(name: &str) -> T {
    name.parse().expect("a name of the list is read back")
}

/// One byte, or a word for the tab. Which bytes can separate cells is for the scan to say.
fn delimiter(text: &str) -> Result<u8, &'static str> {
    match text.as_bytes() {
        b"\\t" | b"tab" => Ok(b'\t'),
        [byte] => Ok(*byte),
        _ => Err("one ASCII character is taken, or `tab`"),
    }
}

/// The command line as a whole, for what is made from it.
pub(crate) fn definition() -> clap::Command {
    let mut definition = Arguments::command();
    definition.build();
    definition
}

/// A command line that asks for no command: for help, or by mistake.
pub(crate) struct Stop(clap::Error);

/// Reads the command line.
pub(crate) fn parse() -> Result<Command, Stop> {
    Arguments::try_parse().map(|arguments| arguments.command).map_err(Stop)
}

impl Stop {
    /// Tells what was asked for, or what is wrong in one line.
    pub(crate) fn show(&self) -> Exit {
        match self.0.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                // A reader that has left has seen enough.
                let _ = self.0.print();
                Exit::Success
            }
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                let _ = self.0.print();
                Exit::Usage
            }
            _ => {
                output::complain(&one_line(&self.0.to_string()));
                Exit::Usage
            }
        }
    }
}

/// What clap says in paragraphs, as one line: the fault, then its tips.
fn one_line(message: &str) -> String {
    let is_advice = |line: &&str| !line.starts_with("Usage:") && !line.starts_with("For more");
    let lines =
        message.lines().map(str::trim).take_while(is_advice).filter(|line| !line.is_empty());
    let mut text = String::new();
    for line in lines {
        let separator = match text.as_bytes().last() {
            None => "",
            Some(b':') => " ",
            Some(_) => "; ",
        };
        let line = line.strip_prefix("error: ").unwrap_or(line);
        text = text + separator + line.trim_start_matches('[').trim_end_matches(']');
    }
    text + "; --help tells more"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_wrong_command_line_is_told_in_one_line() {
        let cases = [
            (
                vec!["stats", "--statistcs", "sum"],
                "unexpected argument '--statistcs' found; tip: a similar argument exists: \
                 '--statistics'; --help tells more",
            ),
            (
                vec!["predict"],
                "the following required arguments were not provided: --endpoint <URL>; --help tells more",
            ),
            (
                vec!["stats", "-q", "1.5"],
                "invalid value '1.5' for '--quantiles <LIST>': probability 1.5 is not a number from 0 \
                 to 1, nor a ratio such as 1/3; --help tells more",
            ),
        ];
        for (arguments, expected) in cases {
            let arguments = ["exacta"].into_iter().chain(arguments);
            let error = Arguments::try_parse_from(arguments).unwrap_err();
            assert_eq!(one_line(&error.to_string()), expected);
        }
    }

    /// A statistic that is added to the library is in the help and in errors without a line here.
    #[test]
    fn names_come_from_the_library() {
        let command = Arguments::command();
        let stats = command.find_subcommand("stats").unwrap();
        let names = |id: &str| -> Vec<String> {
            let argument = stats.get_arguments().find(|argument| argument.get_id() == id).unwrap();
            argument.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect()
        };
        assert!(names("statistics").iter().eq(Statistic::ALL.iter().map(|s| s.name())));
        assert!(names("quantile_method").iter().eq(QuantileMethod::ALL.iter().map(|m| m.name())));
        assert!(names("nonfinite").iter().eq(Nonfinite::ALL.iter().map(|n| n.name())));
        assert!(names("invalid").iter().eq(Invalid::ALL.iter().map(|i| i.name())));
    }
}
