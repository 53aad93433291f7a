//! Statistics of the columns of files, which are read while they arrive: an operation for each format.
//!
//! How a body becomes a stream is in [`upload`](crate::upload), what a query asks in [`query`](crate::query).

use std::sync::Arc;

use axum::extract::State;
use exacta_api::limit::{check_columns, check_results};
use exacta_api::{ColumnSummary, FirstInvalid, SummarizeResponse};
use exacta_scan::{Column, Kind, Place, Table};

use crate::app::App;
use crate::document::BodyProblems;
use crate::encode::Answer;
use crate::estimate;
use crate::extract::FileBody;
use crate::format::{Arrow, Csv, F64, FileFormat, Ndjson, Npy, Parquet, Tsv};
use crate::problem::Refusal;
use crate::query::{FileQuery, Question};
use crate::upload::{Session, Upload};

/// Defines the operation of a format: its words, its name and its path.
macro_rules! operations {
    ($($(#[doc = $doc:tt])+ $name:ident, $path:tt, $id:tt, $format:ident;)+) => {$(
        $(#[doc = $doc])+
        #[utoipa::path(
            post,
            path = $path,
            operation_id = $id,
            tag = "statistics",
            params(FileQuery::<$format>),
            request_body(content = inline(crate::document::Octets),
                content_type = "application/octet-stream", description = <$format as FileFormat>::BODY),
            responses(
                (status = 200, description = "A summary of each column.", body = SummarizeResponse),
                BodyProblems,
            )
        )]
        pub(crate) async fn $name(
            State(app): State<Arc<App>>,
            query: FileQuery<$format>, // before the body, which need not be sent for a query that is refused
            body: FileBody<$format>,
        ) -> Result<Answer, Refusal> {
            summarize(&app, query.question, body.upload).await
        }
    )+};
}

operations! {
    /// Summarize the columns of a CSV file
    ///
    /// The body is the file (RFC 4180, in UTF-8), the plan is in the query; a list there is
    /// separated by commas, so that an item cannot hold one, and the whole address has at most
    /// 32 KiB. At most 10,000 columns are answered: a wider file needs `columns`. A column with
    /// a cell that is no number is answered as text, with its counts; asked for by name it is an error.
    ///
    /// The file is read while it arrives, in memory that does not grow with it; only order
    /// statistics, `mode`, `distinct` and derived bins keep values, up to a limit of the server's
    /// (`plan.needs_memory`). `Content-Encoding` may be `gzip` or `zstd`. All this holds for the
    /// files of each format.
    summarize_csv, "/v1/summarize/csv", "summarize_csv", Csv;

    /// Summarize the columns of a TSV file
    ///
    /// As `/v1/summarize/csv`, with tabs between cells.
    summarize_tsv, "/v1/summarize/tsv", "summarize_tsv", Tsv;

    /// Summarize the members of JSON records
    ///
    /// The body holds a JSON record a line (NDJSON), each an object as a rule. Members are columns
    /// by their dotted paths; an absent member is null, and a string that is no number makes its column text.
    summarize_ndjson, "/v1/summarize/ndjson", "summarize_ndjson", Ndjson;

    /// Summarize the columns of Arrow data
    ///
    /// The body is a stream or a file of Apache Arrow's IPC. A record batch is held as a whole.
    summarize_arrow, "/v1/summarize/arrow", "summarize_arrow", Arrow;

    /// Summarize the columns of a Parquet file
    ///
    /// What a Parquet file holds is said at its end: it is kept in a temporary file until it is there.
    summarize_parquet, "/v1/summarize/parquet", "summarize_parquet", Parquet;

    /// Summarize an array that `numpy.save` wrote
    ///
    /// The body is a file in the format `.npy`. An array of one dimension is a column, one of two a
    /// table; one in the order of Fortran is kept in a temporary file until it is there.
    summarize_npy, "/v1/summarize/npy", "summarize_npy", Npy;

    /// Summarize raw numbers
    ///
    /// The body holds nothing but numbers of binary64, each of eight bytes, the lowest first: row
    /// after row, as many in a row as there are `names`.
    summarize_f64, "/v1/summarize/f64", "summarize_f64", F64;
}

async fn summarize(app: &App, question: Question, upload: Upload) -> Result<Answer, Refusal> {
    let answer =
        |table: &Table, asked: &Question, _: &Session| Ok(Answer::new(&response(table, asked)?));
    scan(app, question, upload, answer).await
}

/// What is made of the table of a file that arrives, on the thread that has scanned it.
pub(super) async fn scan<T: Send + 'static>(
    app: &App,
    mut question: Question,
    upload: Upload,
    answer: impl FnOnce(&Table, &Question, &Session) -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let column_bytes = estimate::accumulator(&question.plan);
    let batch_bytes_max = app.config.limits.memory_max.bytes();
    let job = move |scan, session: &Session| {
        answer(&question.table_of(scan, batch_bytes_max)?, &question, session)
    };
    upload.scan(app, column_bytes, job).await
}

/// The answer to a question about a table.
pub(crate) fn response(table: &Table, question: &Question) -> Result<SummarizeResponse, Refusal> {
    check_results(table.columns.len(), &question.plan)?;
    let columns = table.columns.iter().map(|column| column_summary(column, question));
    Ok(SummarizeResponse { columns: check_columns(columns)? })
}

fn column_summary(column: &Column, question: &Question) -> Result<ColumnSummary, Refusal> {
    let Column { name, partial, kind, first_invalid, .. } = column;
    let place = first_invalid.and_then(|place| match place {
        Place::Text { line, column, offset } => Some(FirstInvalid { line, column, offset }),
        Place::Row(_) => None,
    });
    let is_text = *kind == Kind::Text;
    Ok(ColumnSummary::of_file(name, partial, &question.plan, question.bits, place, is_text)?)
}
