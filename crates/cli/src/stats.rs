//! `exacta stats`: inputs become an answer, here or at a service, and the answer is shown. How files are
//! read is in `exacta_scan`, how an answer looks is in `answer` and `render`.

use exacta::Plan;
use exacta_client::{Body, Client, SummarizeCsvParams};
use exacta_scan::{CsvOptions, Place, Table, Warning, scan_csv};
use rayon::ThreadPoolBuilder;

use crate::answer::{Answer, Origins};
use crate::args::{Quantile, StatsArguments};
use crate::error::{Error, at};
use crate::input::Input;
use crate::output;
use crate::render::{Headings, Terminal, table};

/// The quantiles of a command line that asks for nothing in particular.
const QUARTILES: [&str; 3] = ["0.25", "0.5", "0.75"];

/// Computes the statistics, tells what is remarkable and shows the answer.
pub(crate) fn run(arguments: &StatsArguments) -> Result<(), Error> {
    let inputs = Input::list(&arguments.files)?;
    let asked = Asked::new(arguments);
    let answer = match &arguments.server {
        Some(url) => asked.ask(url, &inputs)?,
        None => asked.compute(&inputs)?,
    };
    if arguments.json {
        return output::print(&answer.json(arguments.bits));
    }
    let headings = Headings::new(asked.plan.statistics(), &asked.quantiles, arguments.bits);
    output::print(&table(&answer, &headings, &Terminal::of_stdout()))
}

/// What a command line asks for.
struct Asked<'a> {
    arguments: &'a StatsArguments,
    plan: Plan,
    /// Those of the plan, each with its spelling.
    quantiles: Vec<Quantile>,
}

impl<'a> Asked<'a> {
    fn new(arguments: &'a StatsArguments) -> Self {
        let quantiles = quantiles(arguments);
        let plan = arguments
            .statistics
            .as_ref()
            .map_or_else(Plan::default, |statistics| Plan::new(statistics.iter().copied()));
        let plan = plan
            .with_quantiles(quantiles.iter().map(|quantile| quantile.probability))
            .with_quantile_method(arguments.quantile_method)
            .with_nonfinite(arguments.nonfinite);
        Self { arguments, plan, quantiles }
    }

    /// The answer, computed here.
    fn compute(&self, inputs: &[Input]) -> Result<Answer, Error> {
        let Some(n_threads) = self.arguments.threads else { return self.compute_in_pool(inputs) };
        let pool = ThreadPoolBuilder::new().num_threads(n_threads.into()).build();
        let pool = pool.map_err(|source| Error::Threads { n_threads, source })?;
        pool.install(|| self.compute_in_pool(inputs))
    }

    /// The same with the threads of the current pool.
    fn compute_in_pool(&self, inputs: &[Input]) -> Result<Answer, Error> {
        let mut warned = Vec::new();
        let mut origins = Origins::new();
        let mut whole: Option<(Table, &Input)> = None;
        for input in inputs {
            let part = self.scan(input)?;
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
        let answer = Answer::new(&table, &self.plan);
        let answer = answer.map_err(|source| failed(input, source.into()))?;
        Ok(answer.with_origins(origins))
    }

    fn scan(&self, input: &Input) -> Result<Table, Error> {
        let reader = input.open()?.reader;
        scan_csv(reader, &self.csv_options(), &self.plan).map_err(|source| failed(input, source))
    }

    fn csv_options(&self) -> CsvOptions {
        CsvOptions {
            delimiter: self.arguments.delimiter,
            headers: !self.arguments.no_headers,
            columns: self.arguments.columns.clone(),
            invalid: self.arguments.invalid,
            null: self.arguments.null.clone(),
            ..CsvOptions::default()
        }
    }

    /// The answer of the service at `url`.
    fn ask(&self, url: &str, inputs: &[Input]) -> Result<Answer, Error> {
        let [input] = inputs else { return Err(Error::InputsTooMany { n_inputs: inputs.len() }) };
        let client = Client::new(url)?;
        let opened = input.open()?;
        let body = match opened.length {
            Some(length) => Body::with_length(opened.reader, length),
            None => Body::new(opened.reader),
        };
        let response = client
            .summarize_csv(body, &self.params())
            .map_err(|source| Error::Service { input: input.name(), source })?;
        let answer = Answer::from(response);
        let warnings: Vec<_> =
            self.numeric_header(&answer).into_iter().chain(text_columns(&answer)).collect();
        warn_once(input, &warnings, &mut Vec::new());
        Ok(answer)
    }

    /// The warning that all names in the answer of a service are numbers, as those of data are.
    fn numeric_header(&self, answer: &Answer) -> Option<Warning> {
        let CsvOptions { headers, columns, null, .. } = self.csv_options();
        let is_number = |name: &str| name.trim().parse::<f64>().is_ok();
        let is_missing = |name: &String| name.trim().is_empty() || null.contains(name);
        let mut names = answer.columns().iter().map(|column| &column.name);
        let is_whole_header = headers && columns.is_empty() && answer.columns().len() > 1;
        let is_numeric = names.clone().any(|name| is_number(name))
            && names.all(|name| is_number(name) || is_missing(name));
        let place = Place { line: 1, column: 1, offset: 0 };
        (is_whole_header && is_numeric).then_some(Warning::NumericHeader { place })
    }

    /// The query that asks for the same.
    fn params(&self) -> SummarizeCsvParams {
        let arguments = self.arguments;
        SummarizeCsvParams {
            statistics: Some(self.plan.statistics().iter().map(known).collect()),
            quantiles: Some(self.quantiles.iter().map(|quantile| quantile.text.clone()).collect()),
            quantile_method: Some(known(&arguments.quantile_method)),
            nonfinite: Some(known(&arguments.nonfinite)),
            bits: Some(true),
            columns: some_list(&arguments.columns),
            delimiter: Some(char::from(arguments.delimiter).to_string()),
            no_headers: Some(arguments.no_headers),
            invalid: Some(known(&arguments.invalid)),
            null: some_list(&arguments.null),
        }
    }
}

/// The quantiles asked for, each once; the quartiles, if neither they nor statistics are asked for.
fn quantiles(arguments: &StatsArguments) -> Vec<Quantile> {
    let given = match (&arguments.quantiles, &arguments.statistics) {
        (Some(quantiles), _) => quantiles.clone(),
        (None, Some(_)) => Vec::new(),
        (None, None) => QUARTILES.map(|text| text.parse().expect("it is a probability")).to_vec(),
    };
    let mut each_once: Vec<Quantile> = Vec::with_capacity(given.len());
    for quantile in given {
        if each_once.iter().all(|earlier| earlier.probability != quantile.probability) {
            each_once.push(quantile);
        }
    }
    each_once
}

/// A name of the library in the words of the client, whose document has the same list.
fn known<T: std::fmt::Display, U: std::str::FromStr<Err: std::fmt::Debug>>(item: &T) -> U {
    item.to_string().parse().expect("the document lists what the library has")
}

/// A list for the query, which leaves out an empty one.
fn some_list(items: &[String]) -> Option<Vec<String>> {
    (!items.is_empty()).then(|| items.to_vec())
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

/// Tells what is remarkable, a text column in the first input where it is one.
fn warn_once(input: &Input, warnings: &[Warning], warned: &mut Vec<String>) {
    for warning in warnings {
        let place = match warning {
            Warning::TextColumn { name, .. } if warned.contains(name) => continue,
            Warning::TextColumn { name, place } => {
                warned.push(name.clone());
                Some(*place)
            }
            Warning::NumericHeader { place } => Some(*place),
            _ => None,
        };
        output::warn(&at(&input.name(), place, &warning.to_string()));
    }
}

/// The warnings that the answer of a service calls for.
fn text_columns(answer: &Answer) -> impl Iterator<Item = Warning> {
    let warning = |column: &exacta_client::ColumnSummary| {
        let first = column.r#type.as_ref().and(column.first_invalid.as_ref())?;
        let place = Place { line: first.line, column: first.column, offset: first.offset };
        Some(Warning::TextColumn { name: column.name.clone(), place })
    };
    answer.columns().iter().filter_map(warning)
}
