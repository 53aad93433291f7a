//! Statistics of columns, which come as JSON or as a CSV file.
//!
//! How statistics are computed and how a file is read is not here.

use std::sync::Arc;

use axum::extract::State;
use exacta::{Accumulator, Plan};
use exacta_api::limit::{check_columns, check_results};
use exacta_api::{ColumnInput, ColumnSummary, FirstInvalid, SummarizeRequest, SummarizeResponse};
use exacta_jobs::Cancellation;
use exacta_scan::{Column, Kind, Place, scan_csv};

use crate::app::App;
use crate::decode::json;
use crate::document::BodyProblems;
use crate::encode::Answer;
use crate::estimate;
use crate::extract::{CsvBody, JsonBody};
use crate::kernel::Interruptible;
use crate::problem::Refusal;
use crate::query::CsvQuery;

/// How many values are taken between two looks at the sign to stop.
const CHUNK_LENGTH: usize = 1 << 18;

/// Summarize columns of numbers
///
/// Each result is the binary64 nearest to the exact value, whatever the order of the values.
/// A result without a finite value is absent, and `undefined` says why.
#[utoipa::path(
    post,
    path = "/v1/summarize",
    operation_id = "summarize",
    tag = "statistics",
    request_body(content = SummarizeRequest, description = "The columns and the plan."),
    responses(
        (status = 200, description = "A summary of each column.", body = SummarizeResponse),
        BodyProblems,
    )
)]
pub(crate) async fn summarize(
    State(app): State<Arc<App>>,
    JsonBody(mut body): JsonBody,
) -> Result<Answer, Refusal> {
    let job = move || {
        body.charge(estimate::parsing(&body.bytes))?;
        let request = json(&body.bytes)?;
        body.charge(estimate::columns(&request))?;
        Ok(Answer::new(&summarize_json(&request, &Cancellation::default())?))
    };
    app.compute(job).await
}

/// Summarize the columns of a CSV file
///
/// The body is the file (RFC 4180, in UTF-8), the plan is in the query; a list there is
/// separated by commas, so that an item cannot hold one, and the whole address has at most
/// 32 KiB. At most 10,000 columns are answered: a wider file needs `columns`. A column with
/// a cell that is no number is answered as text, with its counts; asked for by name it is an error.
#[utoipa::path(
    post,
    path = "/v1/summarize/csv",
    operation_id = "summarize_csv",
    tag = "statistics",
    params(CsvQuery),
    request_body(content = inline(crate::document::Octets), content_type = "application/octet-stream",
        description = "The file. The media type text/csv is taken as well."),
    responses(
        (status = 200, description = "A summary of each column.", body = SummarizeResponse),
        BodyProblems,
    )
)]
pub(crate) async fn summarize_csv(
    State(app): State<Arc<App>>,
    query: CsvQuery, // before the body, which need not be sent for a query that is refused
    CsvBody(mut body): CsvBody,
) -> Result<Answer, Refusal> {
    let job = move || {
        body.charge(estimate::table(&body.bytes, &query.options, &query.plan))?;
        Ok(Answer::new(&summarize_file(&body.bytes, &query, &Cancellation::default())?))
    };
    app.compute(job).await
}

/// What a request asks: its plan, and whether it wants bits.
pub(crate) fn question(request: &SummarizeRequest) -> Result<(Plan, bool), exacta_api::Error> {
    request.check()?;
    let asked = request.plan.clone().unwrap_or_default();
    let plan = asked.to_plan().map_err(|error| error.within("/plan"))?;
    check_results(request.columns.len(), &plan)?;
    Ok((plan, asked.bits.unwrap_or(false)))
}

/// The answer to a request, or none once it is time to stop.
pub(crate) fn summarize_json(
    request: &SummarizeRequest,
    stop: &Cancellation,
) -> Result<SummarizeResponse, Refusal> {
    let (plan, bits) = question(request)?;
    let columns = request.columns.iter().map(|column| summary(column, &plan, bits, stop));
    Ok(SummarizeResponse { columns: check_columns(columns)? })
}

fn summary(
    column: &ColumnInput,
    plan: &Plan,
    bits: bool,
    stop: &Cancellation,
) -> Result<ColumnSummary, Refusal> {
    let mut accumulator = Accumulator::new(plan);
    for chunk in column.values.chunks(CHUNK_LENGTH) {
        if stop.is_cancelled() {
            return Err(Refusal::Interrupted);
        }
        accumulator.update_parallel(chunk)?;
    }
    Ok(ColumnSummary::number(&column.name, &accumulator.into_partial().finalize(plan)?, bits))
}

/// The answer to a file, or none once it is time to stop.
pub(crate) fn summarize_file(
    file: &[u8],
    query: &CsvQuery,
    stop: &Cancellation,
) -> Result<SummarizeResponse, Refusal> {
    let input = Interruptible { input: file, stop };
    let table = scan_csv(input, &query.options, &query.plan)?;
    check_results(table.columns.len(), &query.plan)?;
    let columns = table.columns.iter().map(|column| column_summary(column, query));
    Ok(SummarizeResponse { columns: check_columns(columns)? })
}

fn column_summary(column: &Column, query: &CsvQuery) -> Result<ColumnSummary, Refusal> {
    let Column { name, partial, kind, first_invalid, .. } = column;
    let place = first_invalid.and_then(|place| match place {
        Place::Text { line, column, offset } => Some(FirstInvalid { line, column, offset }),
        Place::Row(_) => None,
    });
    let is_text = *kind == Kind::Text;
    Ok(ColumnSummary::of_file(name, partial, &query.plan, query.bits, place, is_text)?)
}
