//! `exacta stats`: inputs become an answer, here or at a service, and the answer is shown. How files are
//! read is in `exacta_scan`, what is asked of them in `asked`, how an answer looks in `answer` and `render`.

use exacta_client::Client;
use exacta_scan::{Format as InputFormat, Lacking, Memory, ScanOptions, Table, scan};

use crate::advice;
use crate::answer::{Answer, Origins};
use crate::args::{
    ComputeArguments, Format, FromArguments, OutputArguments, StatsArguments, yielding,
};
use crate::asked::{Asked, warn_once};
use crate::error::Error;
use crate::groups::GroupAnswer;
use crate::input::{self, Input};
use crate::output::Target;
use crate::pairs::RowAnswer;
use crate::progress::Reading;
use crate::threads;

/// Computes the statistics, tells what is remarkable and shows the answer.
pub(crate) fn run(arguments: &StatsArguments) -> Result<(), Error> {
    if let Some(number) = arguments.rows.lost_top(&arguments.files) {
        return Err(Error::TopApart { number: number.to_owned() });
    }
    let inputs = Input::list(&arguments.files)?;
    let OutputArguments { format, is_general, .. } = arguments.output;
    let (asked, format) = yielding(format, is_general, |format| asked_in(arguments, format))?;
    let target = Target::new(arguments.output.file.as_deref(), &inputs)?;
    let options = options(&asked, &arguments.from, &arguments.compute);
    let options = ScanOptions { decimal: arguments.decimal, ..options };
    let reading = Reading::new(input::length(&inputs));
    let reply = match arguments.server.as_deref() {
        Some(url) => {
            let client = arguments.tls.client(url)?;
            Reply::Columns(ask(&client, &inputs, &asked, &options, &reading)?)
        }
        None => threads::in_pool(arguments.compute.threads, || {
            compute(&inputs, &asked, &options, &reading)
        })?,
    };
    drop(reading);
    let headings = asked.headings();
    match reply {
        Reply::Columns(answer) => {
            advice::warn_nonfinite(&answer);
            answer.about(input::names(&inputs)).write(&headings, format, &target)
        }
        Reply::Groups(groups) => groups.write(&headings, format, &target),
    }
}

/// The question, if a format has a place for what is asked for.
fn asked_in(arguments: &StatsArguments, format: Format) -> Result<Asked<'_>, Error> {
    if arguments.plot && format != Format::Table {
        return Err(Error::PlotOutsideTable);
    }
    let has_pictures = arguments.plot || format == Format::Svg;
    let mut asked = Asked::new(&arguments.question, has_pictures).with_rows(&arguments.rows);
    if arguments.decimal {
        asked = asked.without_quartiles();
    }
    asked.check_format(format)?;
    Ok(asked)
}

/// What comes of a question: an answer about the whole table, or about groups of its rows.
enum Reply<'a> {
    Columns(Answer),
    Groups(Box<GroupAnswer<'a>>),
}

/// How the inputs are read. Who says what separates cells says that there are some.
pub(crate) fn options(
    asked: &Asked,
    from: &FromArguments,
    compute: &ComputeArguments,
) -> ScanOptions {
    ScanOptions {
        format: from.format.or(asked.is_delimited().then_some(InputFormat::Csv)),
        names: from.names.clone(),
        comment: from.comment,
        flexible: from.flexible,
        memory: Memory::new(compute.memory),
        ..asked.csv_options()
    }
}

/// The answer, computed here.
fn compute<'a>(
    inputs: &[Input],
    asked: &'a Asked,
    options: &ScanOptions,
    reading: &Reading,
) -> Result<Reply<'a>, Error> {
    let (table, origins) = scan_all(inputs, asked, options, reading)?;
    if let Some(groups) = table.groups {
        let groups = GroupAnswer { groups, plan: &asked.plan };
        return Ok(Reply::Groups(Box::new(groups)));
    }
    let finalized = |source| failed(&inputs[0], source);
    let rows = RowAnswer::new(&table, asked.plan.nonfinite()).map_err(finalized)?;
    let answer = Answer::new(&table.columns, &asked.plan);
    let answer = answer.map_err(|source| finalized(source.into()))?;
    Ok(Reply::Columns(answer.with_rows(rows).with_origins(origins)))
}

/// All inputs as one table, and in which of several a column has its first invalid cell.
pub(crate) fn scan_all(
    inputs: &[Input],
    asked: &Asked,
    options: &ScanOptions,
    reading: &Reading,
) -> Result<(Table, Origins), Error> {
    let mut warned = Vec::new();
    let mut origins = Origins::new();
    let mut whole: Option<Table> = None;
    // What only some of several inputs lack is null there.
    let is_flexible = options.flexible && inputs.len() > 1;
    let lacking = if is_flexible { Lacking::Null } else { Lacking::Refused };
    let options = &ScanOptions { lacking, ..options.clone() };
    for input in inputs {
        let table = scan(input.open_to_scan(reading)?, options, &asked.plan);
        let part = table.map_err(|source| failed(input, source))?;
        warn_once(input, &part.warnings, &part.columns, &mut warned);
        if inputs.len() > 1 {
            note_origins(input, &part, &mut origins);
        }
        match &mut whole {
            Some(table) => merge(table, part, options.flexible)
                .map_err(|source| unmerged(table, [&inputs[0], input], source))?,
            None => whole = Some(part),
        }
    }
    let whole = whole.expect("there is at least one input");
    match whole.lacked.first().cloned() {
        Some(lacked) => Err(failed(&inputs[0], lacked.into())),
        None => Ok((whole, origins)),
    }
}

/// Takes in the table of another input; where it is flexible, with other columns.
pub(crate) fn merge(
    table: &mut Table,
    part: Table,
    flexible: bool,
) -> Result<(), exacta_scan::Error> {
    if flexible { table.merge_flexible(part) } else { table.merge(part) }
}

/// Why the table of an input was not merged with that of the first and those after it. A column is missing in all of
/// those or in this one.
pub(crate) fn unmerged(
    table: &Table,
    [first, input]: [&Input; 2],
    source: exacta_scan::Error,
) -> Error {
    let lacks = |name: &str| !table.has_column(name);
    match &source {
        exacta_scan::Error::ColumnMissing { name } if lacks(name) => failed(first, source),
        _ => failed(input, source),
    }
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

/// The answer of a service.
fn ask(
    client: &Client,
    inputs: &[Input],
    asked: &Asked,
    options: &ScanOptions,
    reading: &Reading,
) -> Result<Answer, Error> {
    let [input] = inputs else { return Err(Error::InputsTooMany { n_inputs: inputs.len() }) };
    let sent = input.open_to_send(options.format)?;
    sent.check_summarized(input)?;
    let (format, names) = (sent.format, options.names.clone());
    let has_names =
        matches!(format, InputFormat::Ndjson | InputFormat::Arrow | InputFormat::Parquet);
    if has_names && !names.is_empty() {
        return Err(failed(input, exacta_scan::Error::NamesTaken { format }));
    }
    let has_header = sent.may_have_header() && names.is_empty();
    let mut query = asked.params(sent.delimiter());
    query.names = Some(names).filter(|names| !names.is_empty());
    let response = sent
        .summarize(client, query, reading)
        .map_err(|source| Error::Service { input: input.name(), source })?;
    let answer = Answer::from(response);
    asked.warn(input, &answer, has_header);
    Ok(answer)
}
