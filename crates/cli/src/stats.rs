//! `exacta stats`: inputs become an answer, here or at a service, and the answer is shown. How files are
//! read is in `exacta_scan`, what is asked of them in `asked`, how an answer looks in `answer` and `render`.

use exacta_client::Client;
use exacta_scan::{Memory, ScanOptions, Table, scan};
use rayon::ThreadPoolBuilder;

use crate::answer::{Answer, Origins};
use crate::args::{Format, StatsArguments};
use crate::asked::{Asked, warn_once};
use crate::error::Error;
use crate::input::{self, Input};
use crate::output::Target;
use crate::progress::Reading;
use crate::threads;

/// Computes the statistics, tells what is remarkable and shows the answer.
pub(crate) fn run(arguments: &StatsArguments) -> Result<(), Error> {
    let inputs = Input::list(&arguments.files)?;
    let format = arguments.output.format;
    let has_pictures = arguments.plot || format == Format::Svg;
    let asked = Asked::new(&arguments.question, has_pictures).with_rows(&arguments.rows);
    if arguments.plot && format != Format::Table {
        return Err(Error::PlotOutsideTable);
    }
    asked.check_format(format)?;
    let target = Target::new(arguments.output.file.as_deref())?;
    let n_threads = threads::asked(arguments.threads)?;
    let options = options(arguments, &asked);
    let reading = Reading::new(input::length(&inputs));
    let answer = match arguments.server.as_deref().filter(|url| !url.is_empty()) {
        Some(url) => ask(url, &inputs, &asked, &reading)?,
        None => compute(&inputs, &asked, &options, n_threads, &reading)?,
    };
    drop(reading);
    answer.about(input::names(&inputs)).write(&asked.headings(), format, &target)
}

/// How the inputs are read. Who says what separates cells says that there are some.
fn options(arguments: &StatsArguments, asked: &Asked) -> ScanOptions {
    let delimited = arguments.question.delimiter.map(|_| exacta_scan::Format::Csv);
    ScanOptions {
        format: arguments.from.or(delimited),
        names: arguments.names.clone(),
        memory: Memory::new(arguments.memory),
        ..asked.csv_options()
    }
}

/// The answer, computed here.
fn compute(
    inputs: &[Input],
    asked: &Asked,
    options: &ScanOptions,
    n_threads: Option<u16>,
    reading: &Reading,
) -> Result<Answer, Error> {
    let Some(n_threads) = n_threads else {
        return compute_in_pool(inputs, asked, options, reading);
    };
    let pool = ThreadPoolBuilder::new().num_threads(n_threads.into()).build();
    let pool = pool.map_err(|source| Error::Threads { n_threads, source })?;
    pool.install(|| compute_in_pool(inputs, asked, options, reading))
}

/// The same with the threads of the current pool.
fn compute_in_pool(
    inputs: &[Input],
    asked: &Asked,
    options: &ScanOptions,
    reading: &Reading,
) -> Result<Answer, Error> {
    let mut warned = Vec::new();
    let mut origins = Origins::new();
    let mut whole: Option<(Table, &Input)> = None;
    for input in inputs {
        let part = scan(input.open_to_scan(reading)?, options, &asked.plan);
        let part = part.map_err(|source| failed(input, source))?;
        warn_once(input, &part.warnings, &mut warned);
        if inputs.len() > 1 {
            note_origins(input, &part, &mut origins);
        }
        match &mut whole {
            Some((table, _)) => table.merge(part).map_err(|source| failed(input, source))?,
            None => whole = Some((part, input)),
        }
    }
    let (table, input) = whole.expect("there is at least one input");
    let answer = Answer::new(&table, &asked.plan);
    let answer = answer.map_err(|source| failed(input, source.into()))?;
    Ok(answer.with_origins(origins))
}

fn failed(input: &Input, source: exacta_scan::Error) -> Error {
    Error::Scan { input: input.name(), source }
}

/// Notes which columns have their first invalid cell in this input.
fn note_origins(input: &Input, part: &Table, origins: &mut Origins) {
    for column in part.columns.iter().filter(|column| column.first_invalid.is_some()) {
        origins.entry(column.name.clone()).or_insert_with(|| input.name());
    }
}

/// The answer of the service at `url`.
fn ask(url: &str, inputs: &[Input], asked: &Asked, reading: &Reading) -> Result<Answer, Error> {
    let [input] = inputs else { return Err(Error::InputsTooMany { n_inputs: inputs.len() }) };
    let client = Client::new(url)?;
    let response = client
        .summarize_csv(input.open()?.counted(reading).body(), &asked.params())
        .map_err(|source| Error::Service { input: input.name(), source })?;
    let answer = Answer::from(response);
    asked.warn(input, &answer);
    Ok(answer)
}
