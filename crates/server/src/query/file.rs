//! What is asked of a file and how it is read, as they stand in a query; the plan in it is in `plan`.
//!
//! What they mean is the affair of the plan and of the scan.

use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use exacta::Plan;
use exacta_api::limit::{COLUMNS_MAX, NAME_CHARS_MAX};
use exacta_scan::{Format, Input, Memory, ScanOptions, Table, scan_as};
use hyper::Uri;
use hyper::http::request::Parts;

use crate::app::App;
use crate::format::{Csv, FileFormat};
use crate::problem::Refusal;
use crate::upload::Scan;

use super::{ListLimit, Parameters, PlanQuery, QueryError, owned, value_error};

pub(crate) const COLUMNS: ListLimit = ListLimit { items: 1_000, chars: NAME_CHARS_MAX };
pub(crate) const NULLS: ListLimit = ListLimit { items: 64, chars: 64 };

/// What is asked of a summary of a file, beside how that is read.
const OF_SUMMARIES: &[&str] = &["columns"];

/// The same of a partial, which knows nothing of how results are told.
const OF_PARTIALS: &[&str] =
    &["statistics", "quantiles", "nonfinite", "approx_quantiles", "histogram", "columns"];

/// What is asked of a file of some format.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) format: Format,
    pub(crate) plan: Plan,
    pub(crate) bits: bool,
    pub(crate) options: ScanOptions,
}

impl Question {
    /// Reads the query of an address, of these parameters.
    fn from_uri(format: Format, uri: &Uri, names: Vec<&'static str>) -> Result<Self, QueryError> {
        let parameters = Parameters::from_uri(uri, names)?;
        let (plan, bits) = (parameters.plan()?, parameters.flag("bits")?);
        Ok(Self { format, plan, bits, options: parameters.options()? })
    }

    /// Reads the query of a CSV file that stood in an address before.
    pub(crate) fn of_csv(query: &str) -> Result<Self, QueryError> {
        let uri = format!("/?{query}").parse().map_err(|_| QueryError::Encoding)?;
        Ok(FileQuery::<Csv>::from_uri(&uri)?.question)
    }

    /// The table of a file.
    pub(crate) fn table(&self, input: Input<'_>) -> Result<Table, Refusal> {
        Ok(scan_as(self.format, input, &self.options, &self.plan)?)
    }

    /// The table of a file that arrives. Its watch sees to the memory that values take: there is no file for them.
    pub(crate) fn table_of(&mut self, scan: Scan, batch_bytes_max: u64) -> Result<Table, Refusal> {
        self.options.memory = Memory::new(u64::MAX);
        self.options.batch_bytes_max = batch_bytes_max;
        self.options.watch = Some(scan.watch);
        self.table(scan.input)
    }
}

/// The query of a summary of a file.
pub(crate) struct FileQuery<F> {
    pub(crate) question: Question,
    format: PhantomData<F>,
}

/// The query of a partial of a file.
pub(crate) struct PartialQuery<F> {
    pub(crate) question: Question,
    format: PhantomData<F>,
}

impl<F: FileFormat> FileQuery<F> {
    /// The names of the parameters.
    pub(crate) fn names() -> Vec<&'static str> {
        [PlanQuery::NAMES, OF_SUMMARIES, F::PARAMETERS].concat()
    }

    /// Reads the query of an address.
    pub(crate) fn from_uri(uri: &Uri) -> Result<Self, QueryError> {
        let question = Question::from_uri(F::FORMAT, uri, Self::names())?;
        Ok(Self { question, format: PhantomData })
    }
}

impl<F: FileFormat> PartialQuery<F> {
    /// The names of the parameters.
    pub(crate) fn names() -> Vec<&'static str> {
        [OF_PARTIALS, F::PARAMETERS].concat()
    }

    /// Reads the query of an address.
    pub(crate) fn from_uri(uri: &Uri) -> Result<Self, QueryError> {
        let question = Question::from_uri(F::FORMAT, uri, Self::names())?;
        Ok(Self { question, format: PhantomData })
    }
}

impl<F: FileFormat> FromRequestParts<Arc<App>> for FileQuery<F> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Refusal> {
        Ok(Self::from_uri(&parts.uri)?)
    }
}

impl<F: FileFormat> FromRequestParts<Arc<App>> for PartialQuery<F> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Refusal> {
        Ok(Self::from_uri(&parts.uri)?)
    }
}

impl Parameters {
    fn options(&self) -> Result<ScanOptions, QueryError> {
        let headers = !self.flag("no_headers")?;
        let mut options =
            ScanOptions { headers, columns_max: COLUMNS_MAX, ..ScanOptions::default() };
        if let Some(columns) = self.list("columns", COLUMNS)? {
            options.columns = owned(&columns);
        }
        if let Some(nulls) = self.list("null", NULLS)? {
            options.null = owned(&nulls);
        }
        if let Some(names) = self.list("names", COLUMNS)? {
            options.names = owned(&names);
        }
        if let Some(text) = self.text("delimiter") {
            options.delimiter = delimiter(text)?;
        }
        if let Some(text) = self.text("invalid") {
            options.invalid = text.parse()?;
        }
        options.check()?;
        Ok(options)
    }
}

/// One byte. Which can separate cells is for the scan to say.
fn delimiter(text: &str) -> Result<u8, QueryError> {
    match text.as_bytes() {
        [byte] => Ok(*byte),
        _ => Err(value_error("delimiter", text, "it must be one ASCII character")),
    }
}
