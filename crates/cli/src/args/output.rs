//! How an answer is written, and where to: the flags that every command with such an answer shares. What each
//! format looks like is in `render`.

use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, FromArgMatches, ValueEnum};

use crate::output::is_device;

/// What an answer is written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people: a line a column
    #[default]
    Table,
    /// The object of the service, in one line
    Json,
    /// An object a column, each in its line
    Ndjson,
    /// A row a column, under a header
    Csv,
    /// The same with tabs
    Tsv,
    /// A table as GitHub shows it
    Markdown,
    /// A picture: histograms and box plots, in light and dark
    Svg,
}

impl Format {
    /// Whether it has rows of numbers and nothing else.
    pub(crate) fn is_flat(self) -> bool {
        matches!(self, Self::Csv | Self::Tsv)
    }

    /// The format of files with such a name.
    pub(crate) fn of_file(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "txt" => Some(Self::Table),
            "json" => Some(Self::Json),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "csv" => Some(Self::Csv),
            "tsv" | "tab" => Some(Self::Tsv),
            "md" | "markdown" => Some(Self::Markdown),
            "svg" => Some(Self::Svg),
            _ => None,
        }
    }
}

/// How an answer is written, and where to.
#[derive(Clone, Debug)]
pub(crate) struct OutputArguments {
    pub(crate) format: Format,
    /// Whether nothing but a variable or the configuration says so, of all outputs.
    pub(crate) is_general: bool,
    /// The file to write; none is stdout.
    pub(crate) file: Option<PathBuf>,
}

/// What comes of a question in a format, and that format. One that is said of all outputs yields to the table where the
/// question is refused in it.
pub(crate) fn yielding<T, E>(
    format: Format,
    is_general: bool,
    ask: impl Fn(Format) -> Result<T, E>,
) -> Result<(T, Format), E> {
    match ask(format) {
        Err(_) if is_general => Ok((ask(Format::Table)?, Format::Table)),
        asked => Ok((asked?, format)),
    }
}

/// The flags as they are given.
#[derive(Debug, Args)]
struct Flags {
    /// Format of the output; without it that of the extension of --output, else a table
    #[arg(short, long, value_name = "FORMAT", env = "EXACTA_FORMAT", default_value = "table")]
    #[arg(help_heading = "What to write")]
    format: Format,

    /// Short for --format json
    #[arg(long, help_heading = "What to write")]
    json: bool,

    /// File to write instead of stdout; it is there when it is whole
    #[arg(short, long, value_name = "FILE", help_heading = "What to write")]
    output: Option<PathBuf>,
}

impl Args for OutputArguments {
    fn augment_args(command: Command) -> Command {
        Flags::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Flags::augment_args_for_update(command)
    }
}

impl FromArgMatches for OutputArguments {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let MergedOutput { format, is_general, file } = MergedOutput::from_arg_matches(matches)?;
        let path = file.as_deref().unwrap_or(Path::new(""));
        // The name of a device tells nothing, as that of stdout.
        let of_all = || matches.get_one("format").copied().filter(|_| is_device(path));
        let format = format.or_else(of_all).ok_or_else(|| unknown_extension(path))?;
        Ok(Self { format, is_general, file })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The same for a command that writes something else where nothing tells a format.
#[derive(Clone, Debug)]
pub(crate) struct MergedOutput {
    /// None for a file whose name tells none.
    pub(crate) format: Option<Format>,
    /// Whether nothing but a variable or the configuration says so, of all outputs.
    pub(crate) is_general: bool,
    pub(crate) file: Option<PathBuf>,
}

impl Args for MergedOutput {
    fn augment_args(command: Command) -> Command {
        Flags::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Flags::augment_args_for_update(command)
    }
}

impl FromArgMatches for MergedOutput {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let is_given = matches.value_source("format") == Some(ValueSource::CommandLine);
        let Flags { format, json, output } = Flags::from_arg_matches(matches)?;
        let format = match &output {
            _ if json && is_given && format != Format::Json => return Err(two_formats()),
            _ if json => Some(Format::Json),
            _ if is_given => Some(format),
            // What is said of this file comes before what is said of all.
            Some(path) if !is_stdout(path) => Format::of_file(path),
            _ => Some(format),
        };
        let file = output.filter(|path| !is_stdout(path));
        Ok(Self { format, is_general: !json && !is_given && file.is_none(), file })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Whether it names stdout, which may be a file that must not be replaced.
pub(crate) fn is_stdout(path: &Path) -> bool {
    ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].iter().any(|name| path == Path::new(name))
}

fn two_formats() -> clap::Error {
    let message = "--json is another format than --format says; give one of them";
    clap::Error::raw(ErrorKind::ArgumentConflict, message)
}

fn unknown_extension(path: &Path) -> clap::Error {
    let name = crate::text::one_line(&path.to_string_lossy());
    let message = format!(
        "the name `{name}` tells no format; say which with --format, or end it in .json, .ndjson, .csv, .tsv, .md, .svg or .txt"
    );
    clap::Error::raw(ErrorKind::InvalidValue, message)
}
