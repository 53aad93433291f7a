//! `exacta partial` and `exacta merge`: a table becomes a file of partials, and such files become one table again. Their
//! bytes are in `exacta_scan`, how files are read in `stats`.

use std::io::{self, IsTerminal, Read};

use exacta::{Plan, States, Statistic};
use exacta_scan::{Error as ScanError, Kind, ScanOptions, Table, nearest};

use crate::advice;
use crate::answer::Answer;
use crate::args::{
    Format, MergeArguments, PartialArguments, PlanArguments, Question, is_stdout, yielding,
};
use crate::asked::{Asked, quartiles};
use crate::error::Error;
use crate::input::{self, Input};
use crate::output::Target;
use crate::progress::Reading;
use crate::stats::{self, options, scan_all, unmerged};
use crate::text::one_line;
use crate::threads;

/// Writes what is to be known of the files.
pub(crate) fn run(arguments: &PartialArguments) -> Result<(), Error> {
    let inputs = Input::list(&arguments.files)?;
    let file = arguments.output.as_deref().filter(|path| !is_stdout(path));
    if let Some(path) = file.filter(|path| Format::of_file(path).is_some()) {
        return Err(Error::PartialNamed { path: one_line(&path.to_string_lossy()) });
    }
    let target = Target::new(file, &inputs)?;
    if matches!(target, Target::Stdout) && io::stdout().is_terminal() {
        return Err(Error::BinaryOnTerminal);
    }
    let asked = Asked::new(&arguments.question, false);
    let options = ScanOptions {
        filters: arguments.filters.conditions.clone(),
        ..options(&asked, &arguments.from, &arguments.compute)
    };
    let reading = Reading::new(input::length(&inputs));
    let bytes = threads::in_pool(arguments.compute.threads, || {
        let (table, _) = scan_all(&inputs, &asked, &options, &reading)?;
        encoded(&table, &inputs)
    })?;
    drop(reading);
    target.write(&bytes)
}

/// The bytes of a table that was made of these inputs.
fn encoded(table: &Table, inputs: &[Input]) -> Result<Vec<u8>, Error> {
    let input = || match inputs {
        [one] => one.name(),
        [first, others @ ..] => format!("{} and {} more", first.name(), others.len()),
        [] => unreachable!("there is at least one input"),
    };
    table.to_bytes().map_err(|source| Error::Scan { input: input(), source })
}

/// Merges files of partials, and shows their statistics or writes what was merged.
pub(crate) fn merge(arguments: &MergeArguments) -> Result<(), Error> {
    let inputs = Input::list(&arguments.files)?;
    let target = Target::new(arguments.output.file.as_deref(), &inputs)?;
    let reading = Reading::new(input::length(&inputs));
    let table = merged(&inputs, arguments, &reading)?;
    drop(reading);
    let Some(format) = arguments.output.format else {
        return target.write(&encoded(&table, &inputs)?);
    };
    let question = Question::of_plan(allowed(&arguments.plan, &table));
    let ask = |format| Asked::in_format(&question, format);
    let (asked, format) = yielding(format, arguments.output.is_general, ask)?;
    let answer =
        Answer::new(&table.columns, &asked.plan).map_err(|source| Error::Merged(source.into()))?;
    advice::warn_nonfinite(&answer);
    answer.about(input::names(&inputs)).write(&asked.headings(), format, &target)
}

/// The columns that are asked for, of the tables of all files as one. Each must have them, unless it may lack some.
fn merged(inputs: &[Input], asked: &MergeArguments, reading: &Reading) -> Result<Table, Error> {
    let MergeArguments { flexible, columns, .. } = asked;
    let mut whole: Option<Table> = None;
    for input in inputs {
        let failed = |source| Error::Scan { input: input.name(), source };
        let mut bytes = Vec::new();
        let read = input.open()?.counted(reading).reader.read_to_end(&mut bytes);
        read.map_err(|source| Error::Read { input: input.name(), source })?;
        let table = Table::from_bytes(&bytes).map_err(failed)?;
        let table = if *flexible { table } else { selected(table, columns).map_err(failed)? };
        match &mut whole {
            Some(whole) => stats::merge(whole, table, *flexible)
                .map_err(|source| unmerged(whole, [&inputs[0], input], source))?,
            None => whole = Some(table),
        }
    }
    let whole = whole.expect("there is at least one input");
    if *flexible { selected(whole, columns).map_err(Error::Merged) } else { Ok(whole) }
}

/// The columns with these names, in this order; all, if none is named.
fn selected(mut table: Table, names: &[String]) -> Result<Table, ScanError> {
    if names.is_empty() {
        return Ok(table);
    }
    let mut columns = Vec::with_capacity(names.len());
    for name in names {
        if columns.iter().any(|column: &exacta_scan::Column| column.name == *name) {
            return Err(ScanError::ColumnRepeated { name: name.clone() });
        }
        let known = table.columns.iter().position(|column| column.name == *name);
        let unknown = || {
            let names: Vec<_> = table.columns.iter().map(|column| column.name.clone()).collect();
            let nearest = nearest(name, &names).cloned();
            ScanError::ColumnUnknown { name: name.clone(), nearest, names }
        };
        columns.push(table.columns[known.ok_or_else(unknown)?].clone());
    }
    table.columns = columns;
    Ok(table)
}

/// The plan, where it does not say what to compute with what the partials allow.
fn allowed(asked: &PlanArguments, table: &Table) -> PlanArguments {
    let number = table.columns.iter().find(|column| column.kind == Kind::Number);
    let states = number.map_or(States::NONE, |column| column.partial.states());
    let mut plan = asked.clone();
    if plan.statistics.is_some() {
        return plan;
    }
    let wanted =
        if plan.all { Statistic::ALL.to_vec() } else { Plan::default().statistics().to_vec() };
    let is_allowed = |statistic: &Statistic| states.contains(Plan::new([*statistic]).states());
    plan.statistics = Some(wanted.into_iter().filter(is_allowed).collect());
    let has_quartiles = plan.approx_quantiles.is_empty() && states.contains(States::VALUES);
    plan.quantiles = plan.quantiles.or_else(|| has_quartiles.then(quartiles));
    plan.all = false;
    plan
}
