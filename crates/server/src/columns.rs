//! The columns of a JSON request, summarized while they are read: no values are kept once the plan is known, but for
//! those that the plan itself needs.
//!
//! Where the text comes from is not here, and neither is who may hold how much memory.

use exacta::{Accumulator, Plan, Summary};
use exacta_api::limit::{check_results, count_results};
use exacta_api::{ColumnNames, ColumnSummary, Kernel, PlanRequest, SummarizeResponse};
use exacta_scan::JsonReader;

use crate::decode::{Members, part};
use crate::problem::Refusal;

/// How many values that were kept are taken between two looks at whether to go on.
const CHUNK_LENGTH: usize = 1 << 18;

/// Room for so many numbers costs nothing, and spares most requests moving them.
const FEW: usize = 128;

/// What is asked of each column.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ask {
    pub(crate) plan: Plan,
    pub(crate) bits: bool,
}

/// Is told how many bytes the values take that are kept, every few thousand of them; what it refuses ends the work.
pub(crate) type Hold<'a> = dyn FnMut(u64) -> Result<(), Refusal> + Send + 'a;

/// What becomes of the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Summarize,
    /// They are only looked at.
    Check,
}

/// A request that is being read.
pub(crate) struct Request<'a> {
    purpose: Purpose,
    /// As soon as it is known.
    ask: Option<Ask>,
    /// Whether it stood in the query.
    is_asked: bool,
    hold: &'a mut Hold<'a>,
    names: ColumnNames,
    columns: Vec<Column>,
    n_results: usize,
    bytes_kept: u64,
}

enum Column {
    Summarized(Box<ColumnSummary>),
    /// The values wait for the plan.
    Kept {
        name: String,
        values: Vec<f64>,
    },
}

/// The values of a column, whose name may be yet to come.
enum Values {
    Summarized(Box<Summary>),
    Kept(Vec<f64>),
}

impl<'a> Request<'a> {
    /// A request to be answered; `asked` is what its query asks, if anything.
    pub(crate) fn new(asked: Option<Ask>, hold: &'a mut Hold<'a>) -> Self {
        Self {
            purpose: Purpose::Summarize,
            is_asked: asked.is_some(),
            ask: asked,
            hold,
            names: ColumnNames::default(),
            columns: Vec::new(),
            n_results: 0,
            bytes_kept: 0,
        }
    }

    /// A request of which it is only to be known whether it can be answered.
    pub(crate) fn checked(hold: &'a mut Hold<'a>) -> Self {
        Self { purpose: Purpose::Check, ..Self::new(None, hold) }
    }

    /// Reads a whole text that is a request.
    pub(crate) fn read(&mut self, mut reader: JsonReader<'_>) -> Result<(), Refusal> {
        self.request(&mut reader)?;
        Ok(reader.end()?)
    }

    /// Reads a whole text that is a job: a kind of work, and the request that it is done with.
    pub(crate) fn read_job(&mut self, mut reader: JsonReader<'_>) -> Result<Kernel, Refusal> {
        let mut members = Members::begin(&mut reader, &["kernel", "aggregate"], 2)?;
        let mut kernel = String::new();
        while let Some(member) = members.next(&mut reader)? {
            match member {
                "kernel" => kernel = reader.string().map_err(|error| within(error, member))?,
                _ => self.request(&mut reader).map_err(of_aggregate)?,
            }
        }
        reader.end()?;
        Ok(kernel.parse()?)
    }

    /// Reads an object with columns and perhaps a plan.
    fn request(&mut self, reader: &mut JsonReader<'_>) -> Result<(), Refusal> {
        let mut members = Members::begin(reader, &["columns", "plan"], 1)?;
        while let Some(member) = members.next(reader)? {
            let read = match member {
                "columns" => self.columns(reader),
                _ => self.plan(reader),
            };
            read.map_err(|error| error.within(member))?;
        }
        Ok(())
    }

    fn plan(&mut self, reader: &mut JsonReader<'_>) -> Result<(), Refusal> {
        let (text, offset) = reader.object_text()?;
        let request: PlanRequest = part(&text, offset)?;
        let plan = request.to_plan().map_err(|error| error.within("/plan"))?;
        if self.is_asked {
            return Err(Refusal::PlanRepeated);
        }
        self.ask = Some(Ask { plan, bits: request.bits.unwrap_or(false) });
        Ok(())
    }

    fn columns(&mut self, reader: &mut JsonReader<'_>) -> Result<(), Refusal> {
        reader.begin_array()?;
        while reader.next_element()? {
            let index = self.columns.len();
            let column = self.column(reader).map_err(|error| error.within(index))?;
            self.columns.push(column);
        }
        Ok(())
    }

    fn column(&mut self, reader: &mut JsonReader<'_>) -> Result<Column, Refusal> {
        let mut members = Members::begin(reader, &["name", "values"], 2)?;
        let (mut name, mut values) = (String::new(), Values::Kept(Vec::new()));
        while let Some(member) = members.next(reader)? {
            match member {
                "name" => name = reader.string().map_err(|error| within(error, member))?,
                _ => values = self.values(reader).map_err(|error| error.within(member))?,
            }
        }
        self.names.add(&name)?;
        match (values, &self.ask) {
            (Values::Summarized(summary), Some(ask)) => {
                check_results(self.columns.len() + 1, &ask.plan)?;
                let column = ColumnSummary::number(&name, &summary, ask.bits);
                count_results(&mut self.n_results, &column)?;
                Ok(Column::Summarized(Box::new(column)))
            }
            (Values::Kept(values), _) => Ok(Column::Kept { name, values }),
            (Values::Summarized(_), None) => unreachable!("a plan that is known stays known"),
        }
    }

    /// Reads an array of numbers, and does with it what can be done by now.
    fn values(&mut self, reader: &mut JsonReader<'_>) -> Result<Values, Refusal> {
        match (&self.ask, self.purpose) {
            (_, Purpose::Check) => check_numbers(reader).map(|()| Values::Kept(Vec::new())),
            (Some(ask), Purpose::Summarize) => {
                let summary = summarize(reader, &ask.plan, self.bytes_kept, self.hold)?;
                Ok(Values::Summarized(Box::new(summary)))
            }
            (None, Purpose::Summarize) => self.keep(reader).map(Values::Kept),
        }
    }

    /// Keeps the numbers of an array, of which nobody knows yet what to do with them.
    fn keep(&mut self, reader: &mut JsonReader<'_>) -> Result<Vec<f64>, Refusal> {
        reader.begin_array()?;
        let (mut values, mut batch) = (Vec::new(), Vec::new());
        let mut more = true;
        while more {
            more = reader.numbers(&mut batch)?;
            values.extend_from_slice(&batch);
            (self.hold)(self.bytes_kept + bytes(&values))?;
        }
        values.shrink_to_fit();
        self.bytes_kept += bytes(&values);
        Ok(values)
    }

    /// Checks a request that was read: what only all of it can tell.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        let plan = self.ask.as_ref().map_or_else(Plan::default, |ask| ask.plan.clone());
        Ok(check_results(self.columns.len(), &plan)?)
    }

    /// The answer to a request that was read.
    pub(crate) fn answer(mut self) -> Result<SummarizeResponse, Refusal> {
        self.check()?;
        let ask = self.ask.take().unwrap_or_default();
        let mut columns = Vec::with_capacity(self.columns.len());
        for column in std::mem::take(&mut self.columns) {
            columns.push(match column {
                Column::Summarized(column) => *column,
                Column::Kept { name, values } => self.summarize(&name, &values, &ask)?,
            });
        }
        Ok(SummarizeResponse { columns })
    }

    /// Summarizes a column that was kept.
    fn summarize(
        &mut self,
        name: &str,
        values: &[f64],
        ask: &Ask,
    ) -> Result<ColumnSummary, Refusal> {
        let mut accumulator = Accumulator::new(&ask.plan);
        for chunk in values.chunks(CHUNK_LENGTH) {
            accumulator.update_parallel(chunk)?;
            (self.hold)(self.bytes_kept + accumulator.bytes_kept())?;
        }
        let summary = accumulator.into_partial().finalize(&ask.plan)?;
        let column = ColumnSummary::number(name, &summary, ask.bits);
        count_results(&mut self.n_results, &column)?;
        Ok(column)
    }
}

/// Summarizes the numbers of the array that must stand here, beside values that are kept.
pub(crate) fn summarize(
    reader: &mut JsonReader<'_>,
    plan: &Plan,
    bytes_kept: u64,
    hold: &mut Hold<'_>,
) -> Result<Summary, Refusal> {
    reader.begin_array()?;
    let mut batch = Vec::with_capacity(FEW);
    if !reader.numbers(&mut batch)? {
        return Ok(plan.summarize(&batch)?);
    }
    let mut accumulator = Accumulator::new(plan);
    accumulator.update(&batch)?;
    let take = |accumulator: &mut Accumulator, batch: &[f64]| {
        accumulator.update(batch).expect("numbers of JSON are finite");
    };
    let join = |accumulator: &mut Accumulator, others: Vec<Accumulator>| {
        others.into_iter().try_for_each(|other| accumulator.merge(other))?;
        hold(bytes_kept + accumulator.bytes_kept())
    };
    reader.fold_numbers(&mut accumulator, || Accumulator::new(plan), take, join)?;
    Ok(accumulator.into_partial().finalize(plan)?)
}

/// Reads the numbers of the array that must stand here, and drops them.
fn check_numbers(reader: &mut JsonReader<'_>) -> Result<(), Refusal> {
    reader.begin_array()?;
    let mut batch = Vec::new();
    while reader.numbers(&mut batch)? {}
    Ok(())
}

fn bytes(values: &Vec<f64>) -> u64 {
    (values.capacity() * size_of::<f64>()) as u64
}

fn within(error: exacta_scan::JsonError, segment: &str) -> Refusal {
    Refusal::from(error).within(segment)
}

/// A refusal of the request that a job is done with.
fn of_aggregate(refusal: Refusal) -> Refusal {
    match refusal.within("aggregate") {
        Refusal::Api(error) => Refusal::Api(error.within("/aggregate")),
        other => other,
    }
}
