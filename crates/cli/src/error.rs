//! What can go wrong in a command, and the one place where that becomes an exit code. What an error says
//! is said by the crate that met it; a place in an input is put in front of it here.

use std::io;
use std::process::ExitCode;

use exacta_client::Problem;
use exacta_scan::{Excerpt, Place};

use crate::config;
use crate::threads::THREADS_MAX;

/// The exit codes as `--help` tells them.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
    0  it is done
    1  it could not be done: input or output failed, or the service could not
    2  the command was wrong: an unknown flag, statistic or column
    3  the data are bad: a ragged row, a text column asked for, invalid UTF-8
    4  a check said no; no command of this version has one
  130  interrupted, as shells report it";

/// What they mean for a command that waits for a job.
pub(crate) const WAIT_EXIT_CODES: &str = "\
Exit codes with --wait:
    0  the job succeeded
    1  it failed for another reason than its data, it was cancelled, or the service is gone
    2  the command was wrong: an unknown flag, statistic or column
    3  it failed for its data
  130  Ctrl-C: it is no longer waited for, and goes on";

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Success = 0,
    Runtime = 1,
    Usage = 2,
    Data = 3,
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command failed. Its `Display` is one line: the input, the place, what happened, what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{input}: cannot be opened: {source}; check the path")]
    Open { input: String, source: io::Error },
    #[error("{number}: there is no such file; if so many values are meant, write --top={number}")]
    TopApart { number: String },
    #[error("{input}: is a directory; name the files in it")]
    Directory { input: String },
    #[error("{}", at(.input, .source.place(), &.source.to_string()))]
    Scan { input: String, source: exacta_scan::Error },
    #[error("{}", at(.input, refused_at(.source), &.source.to_string()))]
    Service { input: String, source: exacta_client::Error },
    #[error("{path}:{place}: {what}")]
    Config { path: String, place: config::Place, what: String },
    #[error("{path}: the configuration cannot be read: {source}; check --config")]
    ConfigUnread { path: String, source: io::Error },
    #[error("{0}")]
    Setting(String),
    #[error("{}", in_flags(&.0.to_string()))]
    Client(#[from] exacta_client::Error),
    #[error("{0}")]
    Server(#[from] exacta_server::Error),
    #[error(
        "the endpoint `{given}` does not end in /predict; write it like http://127.0.0.1:8080/predict"
    )]
    Endpoint { given: String },
    #[error(
        "<stdin>:{line}:{column}: `{token}` is not a finite number; give numbers with blanks between them"
    )]
    Number { line: usize, column: usize, token: String },
    #[error("<stdin>: more than {bytes_max} bytes of numbers; send fewer at a time")]
    NumbersTooMany { bytes_max: u64 },
    #[error("{input}: cannot be read: {source}; check the file")]
    Read { input: String, source: io::Error },
    #[error("there is no command {}; {}", Excerpt(.name), meant(.nearest.as_deref()))]
    CommandUnknown { name: String, nearest: Option<String> },
    #[error("stdin is named more than once; give `-` once")]
    StdinTwice,
    #[error(
        "{n_inputs} inputs and --server, which takes one; run it once for each file, or join them"
    )]
    InputsTooMany { n_inputs: usize },
    #[error(
        "{input}: this is {what}, and a service takes {taken}; convert it, or use `exacta stats` without --server"
    )]
    NotSent { input: String, what: String, taken: &'static str },
    #[error(
        "no FILE, and nothing is piped in. To start:
  exacta stats data.csv          a table of every column
  exacta stats --json data.csv   the same for programs
  seq 100 | exacta stats         numbers, one a line
  exacta stats --help            all flags, with examples"
    )]
    NoInput,
    #[error("no FILE, and nothing is piped in; name one, as in: exacta submit data.csv")]
    NoFile,
    #[error(
        "{source}; the job is not lost, and when the service is back this has its result: {way_back}"
    )]
    Lost { source: exacta_client::Error, way_back: String },
    #[error("no longer waiting, and the job goes on; this has its result: {way_back}")]
    Detached { way_back: String },
    #[error(
        "RAYON_NUM_THREADS is `{given}`; set it to a number up to {THREADS_MAX}, or not at all"
    )]
    ThreadsVariable { given: String },
    #[error("{n_threads} threads cannot be started: {source}; ask for fewer with --threads")]
    Threads { n_threads: u16, source: rayon::ThreadPoolBuildError },
    #[error("the output cannot be written: {0}; check where it goes")]
    Output(io::Error),
    #[error("{path}: cannot be written: {source}; {mend}")]
    OutputFile { path: String, source: io::Error, mend: &'static str },
    #[error("{path}: this is an input, and the output would take its place; write to another file")]
    OutputIsInput { path: String },
    #[error("a histogram does not fit into rows of numbers; use --format json, ndjson or table")]
    HistogramInRows,
    #[error(
        "groups of rows have no picture; use --format table, json, ndjson, csv, tsv or markdown"
    )]
    GroupsInPicture,
    #[error(
        "pairs and weights fit neither into rows of columns nor into a picture; use --format table, json, ndjson or markdown"
    )]
    PairsInRows,
    #[error(
        "the most frequent values fit neither into rows of columns nor into a picture; leave out --top, or use --format table, json, ndjson or markdown"
    )]
    TopInRows,
    #[error(
        "pictures in characters stand below a table; leave out --plot, or take --format table or svg"
    )]
    PlotOutsideTable,
    #[error("a picture chooses its bins; leave out --histogram")]
    HistogramInPicture,
    #[error(
        "the job was not asked for what a picture is drawn from; exacta stats -f svg asks for it"
    )]
    NoPicture,
    #[error(
        "a partial is binary, and stdout is a terminal; name a file, as in: exacta partial data.csv -o data.partial"
    )]
    BinaryOnTerminal,
    #[error(
        "{path}: a partial is binary, and its name says another format; end it in .partial, or run exacta stats for a report"
    )]
    PartialNamed { path: String },
    #[error("{}", in_flags(&.0.to_string()))]
    Merged(exacta_scan::Error),
    #[error("there is no result to format or to write before the job has ended; add --wait")]
    NoResult,
}

impl Error {
    /// The exit code of a command that fails with it.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Open { .. }
            | Self::Directory { .. }
            | Self::Read { .. }
            | Self::Threads { .. }
            | Self::Output(_)
            | Self::OutputFile { .. } => Exit::Runtime,
            Self::Config { .. }
            | Self::ConfigUnread { .. }
            | Self::Setting(_)
            | Self::CommandUnknown { .. }
            | Self::Endpoint { .. }
            | Self::StdinTwice
            | Self::TopApart { .. }
            | Self::InputsTooMany { .. }
            | Self::NotSent { .. }
            | Self::ThreadsVariable { .. }
            | Self::OutputIsInput { .. }
            | Self::HistogramInRows
            | Self::GroupsInPicture
            | Self::PairsInRows
            | Self::TopInRows
            | Self::PlotOutsideTable
            | Self::HistogramInPicture
            | Self::NoPicture
            | Self::NoResult
            | Self::BinaryOnTerminal
            | Self::PartialNamed { .. }
            | Self::NoInput
            | Self::NoFile
            // It is about the token, as for other paths.
            | Self::Client(exacta_client::Error::Predict { status: 401 | 403, .. }) => Exit::Usage,
            Self::Number { .. } | Self::NumbersTooMany { .. } => Exit::Data,
            Self::Server(source) => exit_of(source.code()),
            Self::Scan { source, .. } | Self::Merged(source) => exit_of(source.code()),
            // 400 is about the numbers; whatever else /predict answers is not.
            Self::Client(exacta_client::Error::Predict { status, .. }) if *status != 400 => {
                Exit::Runtime
            }
            Self::Service { source, .. } | Self::Client(source) | Self::Lost { source, .. } => {
                exit_of(source.code())
            }
            Self::Detached { .. } => Exit::Interrupted,
        }
    }
}

/// What to do about a command that is not there.
fn meant(nearest: Option<&str>) -> String {
    nearest.map_or_else(
        || "--help lists them".to_owned(),
        |nearest| format!("is {} meant?", Excerpt(nearest)),
    )
}

/// The exit code for a stable error code, so that an error ends alike wherever it was met.
fn exit_of(code: &str) -> Exit {
    match code {
        "auth.name"
        | "bins.out_of_range"
        | "client.address"
        | "client.list_item"
        | "client.token"
        | "client.token_in_clear"
        | "column.repeated"
        | "column.type"
        | "column.unknown"
        | "config.invalid"
        | "server.telemetry"
        | "csv.comment"
        | "csv.delimiter"
        | "decimal.unsupported"
        | "edges.invalid"
        | "filter.invalid"
        | "format.disabled"
        | "histogram.shape"
        | "job.not_found"
        | "limit.exceeded"
        | "memory.columns"
        | "names.mismatch"
        | "names.repeated"
        | "names.taken"
        | "plan.mismatch"
        | "probability.invalid"
        | "result.too_many"
        | "server.exposed" => Exit::Usage,
        "arrow.invalid"
        | "bins.too_many"
        | "compression.invalid"
        | "input.empty"
        | "input.partial"
        | "input.utf16"
        | "npy.invalid"
        | "parquet.invalid"
        | "partial.invalid"
        | "partial.version"
        | "predict.refused"
        | "raw.length" => Exit::Data,
        _ => match code.split_once('.') {
            Some((_, "unknown") | ("certificate" | "query" | "scope" | "token", _)) => Exit::Usage,
            Some((
                "column" | "count" | "csv" | "decimal" | "json" | "number" | "table" | "value"
                | "weight",
                _,
            )) => Exit::Data,
            _ => Exit::Runtime,
        },
    }
}

/// A message about an input, with the place in front in the way of compilers: `FILE:LINE:COLUMN: what`.
pub(crate) fn at(input: &str, place: Option<Place>, message: &str) -> String {
    let message = &in_flags(message);
    let Some(place) = place else { return format!("{input}: {message}") };
    let message = message.strip_prefix(&format!("{place}: ")).unwrap_or(message);
    match place {
        Place::Text { line, column, .. } => format!("{input}:{line}:{column}: {message}"),
        Place::Row(_) => format!("{input}: {place}: {message}"),
    }
}

/// What the scan tells to do, here and at a service, and the flags that do it.
const MENDS: [(&str, &str); 16] = [
    (
        "merge it in memory, raise the limit, or ask for approx_quantile and approx_distinct, whose sketches stay small",
        "make one of fewer rows, or ask for --approx-quantiles and -s approx_distinct, whose sketches stay small",
    ),
    ("send a token as `Authorization: Bearer TOKEN`", "name a file with one: --token-file FILE"),
    (
        "send another as `Authorization: Bearer TOKEN`",
        "name a file with another: --token-file FILE",
    ),
    ("or `token_in_clear` if that is meant", "or --token-in-clear if that is meant"),
    ("use delimiter= if that separates cells", "use -d if that separates cells"),
    (
        "build both with plans that ask for the same states",
        "make all files with the same -s, -q and the like",
    ),
    (
        "which this state does not hold; accumulate with a plan that asks for the same statistics",
        "which the files do not hold; make them with `exacta partial` and the same -s, -q and the like",
    ),
    (
        "leave the column out, or leave out decimal=true",
        "name the other columns with -c, or leave out --decimal",
    ),
    ("leave out decimal=true", "leave out --decimal"),
    (
        "or use flexible=true to take its cells as null",
        "or use --flexible to take its cells as null",
    ),
    ("or use memory=BYTES to allow more", "or use --memory BYTES to allow more"),
    ("use no_headers=true if it is data", "use --no-headers if it is data"),
    (
        "or use no_headers=true if the first line is data",
        "or use --no-headers if the first line is data",
    ),
    ("use invalid=count to summarize its numbers", "use --invalid count to summarize its numbers"),
    (
        "name it as null, or use invalid=count to leave such cells out",
        "name it as null (--null), or use --invalid count to leave such cells out",
    ),
    (
        "or use nonfinite=skip or nonfinite=propagate to let it pass",
        "or use --nonfinite skip or --nonfinite propagate to let it pass",
    ),
];

/// A message whose last words tell what to do, in flags. Names and cells come before them.
fn in_flags(message: &str) -> String {
    let with_flags =
        |(words, flags): &(&str, &str)| Some(message.strip_suffix(words)?.to_owned() + flags);
    MENDS.iter().find_map(with_flags).unwrap_or_else(|| message.to_owned())
}

/// Where in the input the service met what it refuses.
fn refused_at(error: &exacta_client::Error) -> Option<Place> {
    let exacta_client::Error::Problem(problem) = error else { return None };
    let Problem { line: Some(line), column: Some(column), offset: Some(offset), .. } = **problem
    else {
        return None;
    };
    Some(Place::Text { line, column, offset })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    const USAGE: &[&str] = &[
        "auth.name",
        "bin_rule.unknown",
        "bins.out_of_range",
        "certificate.nameless",
        "client.address",
        "client.list_item",
        "client.token",
        "client.token_in_clear",
        "column.repeated",
        "column.type",
        "column.unknown",
        "config.invalid",
        "csv.comment",
        "csv.delimiter",
        "decimal.unsupported",
        "edges.invalid",
        "filter.invalid",
        "format.disabled",
        "format.unknown",
        "group.unknown",
        "histogram.shape",
        "invalid.unknown",
        "job.not_found",
        "kernel.unknown",
        "limit.exceeded",
        "memory.columns",
        "names.mismatch",
        "names.repeated",
        "names.taken",
        "nonfinite.unknown",
        "path.unknown",
        "plan.mismatch",
        "probability.invalid",
        "quantile_method.unknown",
        "query.encoding",
        "query.repeated",
        "query.unknown",
        "query.value",
        "result.too_many",
        "scope.missing",
        "server.exposed",
        "server.telemetry",
        "state.unknown",
        "statistic.unknown",
        "token.invalid",
        "token.missing",
    ];

    const DATA: &[&str] = &[
        "arrow.invalid",
        "bins.too_many",
        "column.duplicate",
        "column.length_mismatch",
        "column.missing",
        "column.names_too_long",
        "column.text",
        "column.too_many",
        "compression.invalid",
        "count.overflow",
        "csv.carriage_return",
        "csv.nul",
        "csv.quote_inside",
        "csv.quote_trailed",
        "csv.quote_unclosed",
        "csv.ragged",
        "csv.record_too_long",
        "csv.utf8",
        "decimal.out_of_range",
        "input.empty",
        "input.partial",
        "input.utf16",
        "json.control_character",
        "json.depth",
        "json.duplicate",
        "json.escape",
        "json.line_end",
        "json.nonfinite",
        "json.nul",
        "json.number",
        "json.ragged",
        "json.record_too_long",
        "json.shape",
        "json.string_unclosed",
        "json.surrogate",
        "json.syntax",
        "json.trailed",
        "json.trailing_comma",
        "json.truncated",
        "json.utf8",
        "npy.invalid",
        "number.out_of_range",
        "number.overflow",
        "parquet.invalid",
        "partial.invalid",
        "partial.version",
        "predict.refused",
        "raw.length",
        "table.invalid",
        "table.version",
        "value.nonfinite",
        "weight.invalid",
    ];

    /// Where the service or the connection is at fault, or what this command never meets.
    const RUNTIME: &[&str] = &[
        "accept.unsatisfiable",
        "address.too_long",
        "auth.entropy",
        "batch.too_large",
        "body.broken",
        "body.decoded_too_large",
        "body.slow",
        "body.spool_too_large",
        "body.stalled",
        "body.too_large",
        "client.body",
        "client.decode",
        "client.early",
        "client.encode",
        "client.not_http",
        "client.response_too_large",
        "client.tls",
        "client.tls_file",
        "client.transport",
        "client.unexpected",
        "content_encoding.unsupported",
        "headers.too_many",
        "host.foreign",
        "host.invalid",
        "input.read",
        "input.spool",
        "job.cancelled",
        "job.failed",
        "job.not_finished",
        "job.too_large",
        "jobs.damaged",
        "jobs.directory",
        "jobs.disabled",
        "jobs.foreign",
        "jobs.locked",
        "jobs.schema",
        "jobs.storage",
        "jobs.threads",
        "keys.unavailable",
        "length.required",
        "media_type.unsupported",
        "memory.share",
        "memory.spill",
        "method.not_allowed",
        "origin.foreign",
        "page_size.invalid",
        "page_token.invalid",
        "partial.decimal",
        "partial.not_contained",
        "partial.not_subtractable",
        "partial.too_large",
        "plan.needs_memory",
        "plan.repeated",
        "request.too_long",
        "server.bind",
        "server.busy",
        "server.cut",
        "server.draining",
        "server.internal",
        "server.interrupted",
        "server.start",
        "server.tls_absent",
        "server.tls_file",
        "tls.needed",
        "transfer_encoding.invalid",
        "values.unreadable",
    ];

    #[test]
    fn every_code_has_its_exit() {
        let exits = [(USAGE, Exit::Usage), (DATA, Exit::Data), (RUNTIME, Exit::Runtime)];
        let mut known = BTreeSet::new();
        for (codes, exit) in exits {
            for code in codes {
                assert_eq!(exit_of(code), exit, "{code}");
                assert!(known.insert((*code).to_owned()), "{code} stands twice");
            }
        }
        let mut sources = BTreeSet::new();
        collect_codes(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), &mut sources);
        assert_eq!(sources, known, "the codes in the sources, and those in the lists above");
    }

    /// Collects the dotted codes that stand as the arms of a `match` below a folder.
    fn collect_codes(folder: &Path, codes: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                collect_codes(&entry, codes);
            } else if entry.extension().is_some_and(|end| end == "rs") {
                let source = fs::read_to_string(&entry).unwrap();
                let arms = source.split("=> \"").skip(1).filter_map(|arm| arm.split('"').next());
                codes.extend(arms.filter(|arm| is_code(arm)).map(str::to_owned));
            }
        }
    }

    fn is_code(text: &str) -> bool {
        let is_word = |word: &str| {
            word.starts_with(|c: char| c.is_ascii_lowercase())
                && word.chars().all(|c| c.is_ascii_lowercase() || "_0123456789".contains(c))
        };
        text.split_once('.').is_some_and(|(area, what)| is_word(area) && is_word(what))
    }

    #[test]
    fn what_to_do_is_told_in_flags() {
        use exacta_scan::{Error as Scan, Warning};
        let place = Place::Text { line: 1, column: 1, offset: 0 };
        let name = || "x".to_owned();
        let cases = [
            (Warning::NumericHeader { place }.to_string(), "--no-headers"),
            (Warning::TextColumn { name: name(), place }.to_string(), "--invalid count"),
            (Scan::ColumnDuplicate { name: name(), place }.to_string(), "--no-headers"),
            (
                Scan::ColumnText { name: name(), cell: name(), overflow: false, place }.to_string(),
                "--invalid count",
            ),
            (
                Scan::NonfiniteRejected { kind: exacta::NonfiniteKind::Nan, name: name(), place }
                    .to_string(),
                "--nonfinite skip",
            ),
        ];
        for (message, flag) in cases {
            let told = at("a.csv", Some(place), &message);
            assert!(told.contains(flag) && !told.contains('='), "{told}");
        }
        assert_eq!(at("a.csv", None, "use null=x; done"), "a.csv: use null=x; done");
    }

    #[test]
    fn a_place_stands_in_front_once() {
        let place = Place::Text { line: 3, column: 7, offset: 40 };
        assert_eq!(
            at("a.csv", Some(place), "line 3, column 7: a NUL byte"),
            "a.csv:3:7: a NUL byte"
        );
        assert_eq!(at("a.csv", Some(place), "a NUL byte"), "a.csv:3:7: a NUL byte");
        assert_eq!(at("a.csv", None, "no column `x`"), "a.csv: no column `x`");
    }
}
