//! The command line: commands, flags and their help, and what is said of a command line that is wrong.
//! What is asked of data is in `question`, and the commands around `stats` and jobs are in their modules.

// Doc comments become help, which is plain text.
#![allow(clippy::doc_markdown)]

mod bearer;
mod jobs;
mod output;
mod partial;
mod question;
mod rows;
mod serve;
mod stats;
mod tls;
mod token;

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::builder::Resettable;
use clap::error::{ContextKind, ErrorKind};
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;

use crate::color::{self, Color};
use crate::config::Config;
use crate::error::{EXIT_CODES, Error, Exit};
use crate::output::complain;
use crate::predict;

pub(crate) use jobs::{
    JobArguments, JobsCommand, ListArguments, ResultArguments, ServerArguments, SubmitArguments,
};
pub(crate) use output::{Format, OutputArguments, is_stdout, yielding};
pub(crate) use partial::{MergeArguments, PartialArguments};
pub(crate) use question::{PlanArguments, Question, Spelled};
pub(crate) use rows::{FilterArguments, RowArguments};
pub(crate) use serve::{Given, NAME as SERVE, ServeArguments, ServiceArguments, with_settings_now};
pub(crate) use stats::{ComputeArguments, FromArguments, StatsArguments};
pub(crate) use tls::TlsArguments;
pub(crate) use token::{NewTokenArguments, TokenCommand};

const EXAMPLES: &str = "\
Examples:
  exacta stats data.csv                      a table of every column
  exacta stats -s mean,sem -q 0.99 data.csv  what you ask for
  seq 100 | exacta stats --json              numbers from a pipe, JSON to the next program
  exacta stats -o report.md data.csv         a file, in the format that its name says
  exacta partial data.csv -o data.partial    to be merged with others later: exacta merge *.partial
  exacta serve                               the same over HTTP
  exacta stats --server http://127.0.0.1:8080 data.csv
  exacta submit --server http://127.0.0.1:8080 data.csv   a job that outlives the shell";

const PREDICT_EXAMPLES: &str = "\
Examples:
  exacta predict --endpoint http://127.0.0.1:8080/predict 1 2 -3.5
  seq 100 | exacta predict --endpoint http://127.0.0.1:8080/predict";

const CONFIG_EXAMPLES: &str = "\
A file such as:
  server = \"http://127.0.0.1:8080\"
  format = \"markdown\"

  [serve]
  listen = \"127.0.0.1:9000\"

  [serve.limits]
  body_max = \"1GiB\"

Examples:
  exacta config
  exacta config --config work.toml
  exacta config schema > exacta.schema.json";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  exacta completions bash > ~/.local/share/bash-completion/completions/exacta
  exacta completions zsh > ~/.zfunc/_exacta
  exacta completions fish > ~/.config/fish/completions/exacta.fish";

const MAN_EXAMPLES: &str = "\
Examples:
  exacta man stats | man -l -
  exacta man > /usr/local/share/man/man1/exacta.1";

/// The flags of `exacta stats` for what partials hold nothing of.
const NO_PARTIALS: [(&str, &str); 5] = [
    ("--by", "groups"),
    ("--decimal", "decimals"),
    ("--pair", "pairs"),
    ("--top", "the most frequent values"),
    ("--weights", "columns with weights"),
];

/// Exact statistics: every number is the binary64 nearest to the true value
///
/// No order of rows, number of threads, cut into files or machine changes one bit of a result, and the
/// service answers with the same bits as the shell.
#[derive(Debug, Parser)]
#[command(name = "exacta", version, after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
struct Arguments {
    #[command(subcommand)]
    command: Command,

    /// When to style text: on a terminal, always or never
    #[arg(long, value_name = "WHEN", global = true, env = "EXACTA_COLOR", default_value = "auto")]
    #[arg(hide_possible_values = true, help_heading = "Everywhere")]
    color: Color,

    /// File with settings, instead of exacta/config.toml in $XDG_CONFIG_HOME or ~/.config
    ///
    /// It may set server, cacert, cert, key, token_file, threads, memory, color and format, and in [serve] and the tables below it what is set of
    /// the service. A flag comes before the variable EXACTA_..., and that before the file.
    #[arg(long, value_name = "FILE", global = true, help_heading = "Everywhere")]
    config: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Stats(StatsArguments),
    Partial(PartialArguments),
    Merge(MergeArguments),
    Submit(SubmitArguments),
    #[command(subcommand)]
    Jobs(JobsCommand),
    Predict(PredictArguments),
    Serve(ServeArguments),
    #[command(subcommand)]
    Token(TokenCommand),
    /// Print the OpenAPI document of the service
    Openapi,
    Config(ConfigArguments),
    Completions(CompletionsArguments),
    Man(ManArguments),
}

/// Print the settings, and where each comes from
#[derive(Debug, Args)]
#[command(after_help = CONFIG_EXAMPLES)]
pub(crate) struct ConfigArguments {
    #[command(subcommand)]
    pub(crate) command: Option<ConfigCommand>,
}

/// What else there is to know about them.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print the JSON Schema of the file, with which an editor checks and completes it
    Schema,
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

/// Send numbers to a /predict endpoint and print its answer
#[derive(Debug, Args)]
#[command(after_help = PREDICT_EXAMPLES)]
pub(crate) struct PredictArguments {
    /// Where to send them, such as http://127.0.0.1:8080/predict
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: String,

    #[command(flatten)]
    pub(crate) tls: TlsArguments,

    /// Numbers; without any they come from stdin, with blanks between them
    #[arg(value_name = "NUMBER", allow_negative_numbers = true, value_parser = predict::argument)]
    pub(crate) numbers: Vec<f64>,
}

/// The command line as a whole, for what is made from it.
pub(crate) fn definition() -> clap::Command {
    let mut definition = Arguments::command();
    definition.build();
    definition
}

/// A command line that asks for no command: for help, or by mistake.
pub(crate) enum Stop {
    Clap(clap::Error),
    Config(Error),
}

/// Reads the command line, the environment and the configuration.
pub(crate) fn parse() -> Result<(Command, Config), Stop> {
    let mut words: Vec<_> = env::args_os().collect();
    let name = words.get(1).and_then(|word| word.to_str()).unwrap_or_default().to_owned();
    if name == "predict" {
        words = words.into_iter().map(plain_negative).collect();
    }
    let without_server = take_out_empty_server(&mut words);
    let config = match Config::load(value_of(&words, "--config").map(Path::new)) {
        Ok(config) if without_server => config.without_server(),
        Ok(config) => config,
        Err(error) => return Err(without_config(words, error)),
    };
    let mut command = config.apply(Arguments::command());
    if without_server {
        command = without_variable(command, "server");
    }
    if name == "config" {
        // It shows a variable that is wrong rather than stumble over it.
        command = without_variable(command, "color");
    }
    let matches =
        command.try_get_matches_from(words).map_err(|error| Stop::Clap(explained(error, &name)))?;
    check_place(&matches)?;
    let arguments = Arguments::from_arg_matches(&matches).map_err(Stop::Clap)?;
    color::choose(arguments.color);
    Ok((arguments.command, config))
}

/// Whether the command line, or else the environment, names an empty server. That is none, which stands in no
/// flag's way, so it is taken out before there is anything to conflict with.
fn take_out_empty_server(words: &mut Vec<OsString>) -> bool {
    let Some(url) = value_of(words, "--server") else {
        return env::var_os("EXACTA_SERVER").is_some_and(|url| url.is_empty());
    };
    let is_empty = url.is_empty();
    let at = words.iter().position(|word| word == "--server" || word == "--server=");
    if let Some(at) = at.filter(|_| is_empty) {
        let n_words = if words[at] == "--server" { 2 } else { 1 };
        words.drain(at..at + n_words);
    }
    is_empty
}

/// The command line as if a flag had no environment variable.
fn without_variable(command: clap::Command, id: &str) -> clap::Command {
    let command = command.mut_subcommands(|sub| without_variable(sub, id));
    command.mut_args(|flag| if flag.get_id() == id { flag.env(Resettable::Reset) } else { flag })
}

/// Refuses what says how to compute here, if a service computes. A variable or the file may say it for other times.
fn check_place(matches: &ArgMatches) -> Result<(), Stop> {
    let Some((stats::NAME, matches)) = matches.subcommand() else { return Ok(()) };
    let is_given = |flag: &&str| matches.value_source(flag) == Some(ValueSource::CommandLine);
    let has_server = matches.contains_id("server");
    let Some(flag) = ["threads", "memory"].into_iter().find(is_given).filter(|_| has_server) else {
        return Ok(());
    };
    let message = format!(
        "--{flag} is for computing here, and a server is named; drop it, or say --server ''"
    );
    Err(Stop::Clap(clap::Error::raw(ErrorKind::ArgumentConflict, message)))
}

/// The value of a flag that must be known before the command line is read.
fn value_of<'a>(words: &'a [OsString], flag: &str) -> Option<&'a OsStr> {
    let mut words = words.iter().take_while(|word| *word != "--");
    while let Some(word) = words.next() {
        if word == flag {
            return words.next().map(OsString::as_os_str);
        }
        let value = word.to_str().and_then(|word| word.strip_prefix(flag)?.strip_prefix('='));
        if value.is_some() {
            return value.map(OsStr::new);
        }
    }
    None
}

/// Help is there whatever the configuration is.
fn without_config(words: Vec<OsString>, error: Error) -> Stop {
    match Arguments::try_parse_from(words) {
        Err(stop) if !stop.use_stderr() => Stop::Clap(stop),
        _ => Stop::Config(error),
    }
}

/// A negative number as clap knows one: it takes -0.005 for a number, but -5e-3 and -.5 for flags.
fn plain_negative(word: OsString) -> OsString {
    let number = word.to_str().filter(|text| text.starts_with('-'));
    match number.and_then(|text| text.parse::<f64>().ok()) {
        Some(number) if number.is_finite() => number.to_string().into(),
        _ => word,
    }
}

impl Stop {
    /// Tells what was asked for, or what is wrong in one line.
    pub(crate) fn show(&self) -> Exit {
        let error = match self {
            Self::Clap(error) => error,
            Self::Config(error) => {
                complain(&error.to_string());
                return error.exit();
            }
        };
        match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                // A reader that has left has seen enough.
                let _ = error.print();
                Exit::Success
            }
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                let _ = error.print();
                Exit::Usage
            }
            _ => {
                complain(&message(error));
                Exit::Usage
            }
        }
    }
}

/// What is wrong. Who names a column as a statistic is told of the flag for columns, and who gave no such flag of
/// the variable that stands for it.
fn message(error: &clap::Error) -> String {
    let argument = error.get(ContextKind::InvalidArg).map(ToString::to_string);
    let is_statistic = argument.is_some_and(|name| name.starts_with("--statistics"));
    let hint = if is_statistic { "; -c selects columns" } else { "" };
    let variable = variable_of(error, &definition()).map_or_else(String::new, |name| name + ": ");
    format!("{variable}{}{hint}; --help tells more", one_line_of(error))
}

/// The same error; of a flag of `exacta stats` that no partial holds anything of, that there is none.
fn explained(error: clap::Error, command: &str) -> clap::Error {
    let is_of_partials = ["partial", "merge"].contains(&command);
    let flag = error.get(ContextKind::InvalidArg).map(ToString::to_string).unwrap_or_default();
    let what = NO_PARTIALS.iter().find(|(known, _)| *known == flag).filter(|_| is_of_partials);
    let Some((flag, what)) = what else { return error };
    let message = format!("there are no partials of {what}; {flag} is for exacta stats");
    clap::Error::raw(ErrorKind::UnknownArgument, message)
}

/// The variable that has the value which a flag does not take.
fn variable_of(error: &clap::Error, command: &clap::Command) -> Option<String> {
    let (flag, value) =
        (error.get(ContextKind::InvalidArg)?, error.get(ContextKind::InvalidValue)?);
    let is_it = |known: &&clap::Arg| known.to_string() == flag.to_string();
    let variable = command.get_arguments().find(is_it).and_then(clap::Arg::get_env);
    let variable = variable.filter(|name| {
        env::var_os(name).is_some_and(|given| given.to_string_lossy() == value.to_string())
    });
    let variable = variable.map(|name| name.to_string_lossy().into_owned());
    variable.or_else(|| command.get_subcommands().find_map(|below| variable_of(error, below)))
}

/// What clap says in paragraphs, as one line: the fault, then its tips.
pub(crate) fn one_line_of(error: &clap::Error) -> String {
    let message = error.to_string();
    let is_advice = |line: &&str| !line.starts_with("Usage:") && !line.starts_with("For more");
    // A flag that is not there was hardly meant as a file.
    let is_told = |line: &&str| !line.is_empty() && !line.starts_with("tip: to pass");
    let lines = message.lines().map(str::trim).take_while(is_advice).filter(is_told);
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
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_column_taken_for_a_statistic_has_a_flag_of_its_own() {
        let error = Arguments::try_parse_from(["exacta", "stats", "-s", "wind"]).unwrap_err();
        let told = message(&error);
        assert!(told.ends_with("; -c selects columns; --help tells more"), "{told}");
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
            (
                vec!["stats", "--where", "wind 5"],
                "invalid value 'wind 5' for '--where <COL OP VALUE>': `wind 5` is no condition: it has no \
                 comparison; write COLUMN OP VALUE with one of = != < <= > >=, and in double quotes what \
                 has them in it; --help tells more",
            ),
            (
                vec!["stats", "--top=0"],
                "invalid value '0' for '--top[=<N>]': a whole number from 1 up is taken; --help tells more",
            ),
            (
                vec!["stats", "-q", ""],
                "invalid value '' for '--quantiles <LIST>': there is nothing in it; --help tells more",
            ),
            (
                vec!["partial", "--by", "g"],
                "there are no partials of groups; --by is for exacta stats; --help tells more",
            ),
            (
                vec!["partial", "--decimal"],
                "there are no partials of decimals; --decimal is for exacta stats; --help tells more",
            ),
            (
                vec!["stats", "--unheard-of"],
                "unexpected argument '--unheard-of' found; --help tells more",
            ),
        ];
        for (arguments, expected) in cases {
            let command = arguments[0];
            let arguments = ["exacta"].into_iter().chain(arguments);
            let error = Arguments::try_parse_from(arguments).unwrap_err();
            assert_eq!(message(&explained(error, command)), expected);
        }
    }
}
