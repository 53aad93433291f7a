//! Partials: what is known of the columns of a file, exact and to be merged, as bytes; and the merging of such bytes.
//!
//! The bytes are in [`exacta_scan`], and drawn in docs/FORMAT.md.

use std::sync::Arc;

use axum::extract::State;
use exacta_scan::{Column, Progress, Table};
use hyper::Uri;

use crate::app::App;
use crate::document::BodyProblems;
use crate::encode::Octets;
use crate::extract::{FileBody, PartialsBody};
use crate::format::{Arrow, Csv, F64, FileFormat, Ndjson, Npy, Parquet, Tsv};
use crate::problem::Refusal;
use crate::query::{PartialQuery, Question, check_none};
use crate::routes::files;
use crate::upload::{Session, Upload};

/// Defines the operation of a format: its words, its name and its path.
macro_rules! operations {
    ($($(#[doc = $doc:tt])+ $name:ident, $path:tt, $id:tt, $format:ident;)+) => {$(
        $(#[doc = $doc])+
        #[utoipa::path(
            post,
            path = $path,
            operation_id = $id,
            tag = "partials",
            params(PartialQuery::<$format>),
            request_body(content = inline(crate::document::Octets),
                content_type = "application/octet-stream", description = <$format as FileFormat>::BODY),
            responses(
                (status = 200, description = "The partial.", body = inline(crate::document::Octets),
                    content_type = "application/octet-stream"),
                BodyProblems,
            )
        )]
        pub(crate) async fn $name(
            State(app): State<Arc<App>>,
            query: PartialQuery<$format>, // before the body, which need not be sent for a query that is refused
            body: FileBody<$format>,
        ) -> Result<Octets, Refusal> {
            partial(&app, query.question, body.upload).await
        }
    )+};
}

operations! {
    /// Make a partial of a CSV file
    ///
    /// The body is the file and is read as `/v1/summarize/csv` reads it. The answer holds the exact
    /// states that the statistics of the plan are made of: equal tables give equal bytes, whatever the
    /// order of their rows. `/v1/merge` joins them, and so does `exacta merge`.
    partial_csv, "/v1/partials/csv", "partial_csv", Csv;

    /// Make a partial of a TSV file
    ///
    /// As `/v1/partials/csv`, with tabs between cells.
    partial_tsv, "/v1/partials/tsv", "partial_tsv", Tsv;

    /// Make a partial of JSON records
    ///
    /// The body holds a JSON record a line and is read as `/v1/summarize/ndjson` reads it.
    partial_ndjson, "/v1/partials/ndjson", "partial_ndjson", Ndjson;

    /// Make a partial of Arrow data
    ///
    /// The body is read as `/v1/summarize/arrow` reads it.
    partial_arrow, "/v1/partials/arrow", "partial_arrow", Arrow;

    /// Make a partial of a Parquet file
    ///
    /// The body is read as `/v1/summarize/parquet` reads it.
    partial_parquet, "/v1/partials/parquet", "partial_parquet", Parquet;

    /// Make a partial of an array that `numpy.save` wrote
    ///
    /// The body is read as `/v1/summarize/npy` reads it.
    partial_npy, "/v1/partials/npy", "partial_npy", Npy;

    /// Make a partial of raw numbers
    ///
    /// The body is read as `/v1/summarize/f64` reads it.
    partial_f64, "/v1/partials/f64", "partial_f64", F64;
}

async fn partial(app: &App, question: Question, upload: Upload) -> Result<Octets, Refusal> {
    let answer = |table: &Table, _: &Question, session: &Session| octets(table, session);
    files::scan(app, question, upload, answer).await
}

/// The bytes of a table, which are hardly more than it takes in memory.
fn octets(table: &Table, session: &Session) -> Result<Octets, Refusal> {
    session.charge_answer(bytes_kept(table))?;
    Ok(Octets(table.to_bytes()?))
}

fn bytes_kept(table: &Table) -> u64 {
    table.columns.iter().map(|column| column.partial.bytes_kept()).sum()
}

/// Merge partials
///
/// The body holds partials one after the other, of which each tells its own end. The answer is the
/// partial of all their rows together, whatever the order in which they come. They must have been made
/// with plans that keep the same states, and have columns of the same names.
#[utoipa::path(
    post,
    path = "/v1/merge",
    operation_id = "merge",
    tag = "partials",
    request_body(content = inline(crate::document::Octets), content_type = "application/octet-stream",
        description = "The partials, as `/v1/partials` or `exacta partial` gives them."),
    responses(
        (status = 200, description = "The partial of all rows together.",
            body = inline(crate::document::Octets), content_type = "application/octet-stream"),
        BodyProblems,
    )
)]
pub(crate) async fn merge(
    State(app): State<Arc<App>>,
    uri: Uri,
    PartialsBody(upload): PartialsBody,
) -> Result<Octets, Refusal> {
    check_none(&uri)?;
    let job = |bytes: &[u8], session: &Session| octets(&merged(bytes, session)?, session);
    upload.read_whole(&app, job).await
}

/// The table of all partials in a body. What is kept of them is told with each column.
fn merged(bytes: &[u8], session: &Session) -> Result<Table, Refusal> {
    let mut whole: Option<Table> = None;
    let mut rest = bytes;
    for number in 1.. {
        if rest.is_empty() {
            break;
        }
        let offset = (bytes.len() - rest.len()) as u64;
        let failed = |source| Refusal::Partial { number, offset, source };
        let mut kept = whole.as_ref().map_or(0, bytes_kept);
        let watch = |column: &Column| {
            kept += column.partial.bytes_kept();
            session.note(Progress::Rows(kept))
        };
        let (table, behind) = Table::from_prefix_watched(rest, watch).map_err(failed)?;
        match &mut whole {
            Some(whole) => whole.merge(table).map_err(failed)?,
            None => whole = Some(table),
        }
        rest = behind;
    }
    whole.ok_or(Refusal::PartialsMissing)
}
