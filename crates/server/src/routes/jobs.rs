//! Jobs: work that is accepted at once, done later, and outlives connections and restarts.
//!
//! How they are kept is not here, and neither is what is done when they run.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use exacta_api::{Job, JobList, JobRequest, Kernel, SummarizeResponse};
use hyper::header::{HeaderValue, LOCATION};
use hyper::{StatusCode, Uri};

use crate::app::App;
use crate::document::{BodyProblems, JobListProblems, JobProblems, JobResultProblems};
use crate::encode::{Answer, JSON, response};
use crate::extract::{CsvBody, JobName, JobStore, JsonBody};
use crate::format::Csv;
use crate::kernel::{Spec, check_json};
use crate::problem::Refusal;
use crate::query::{FileQuery, JobsQuery};

/// Submit a job
///
/// The job is on disk when the answer comes, and is run to its end even if the server is killed
/// meanwhile. What can be known to fail is refused at once; what only the data can tell is the
/// `error` of the job. All job routes are refused with `jobs.disabled` by a server without a data
/// directory.
#[utoipa::path(
    post,
    path = "/v1/jobs",
    operation_id = "submit_job",
    tag = "jobs",
    request_body(content = JobRequest, description = "The kind of work, and what it is done with."),
    responses(
        (status = 202, description = "The job, which is accepted.", body = Job,
            headers(("Location" = String, description = "Where the job is to be asked after.")),
        ),
        BodyProblems,
    )
)]
pub(crate) async fn submit_job(
    JobStore(jobs): JobStore,
    State(app): State<Arc<App>>,
    JsonBody(body): JsonBody,
) -> Result<Response, Refusal> {
    let len = body.bytes.len() as u64;
    let check = move || check_json(&body.bytes).map(|kernel| (kernel, body));
    let (kernel, body) = app.computing.by_size(len, check).await?;
    Ok(accepted(&jobs.submit(kernel, &Spec::Json, body).await?))
}

/// Submit a CSV file as a job
///
/// The body is the file and the plan is in the query, as `/v1/summarize/csv` takes them. The query
/// is checked at once; the file, unless it is empty, when the job runs.
#[utoipa::path(
    post,
    path = "/v1/jobs/csv",
    operation_id = "submit_job_csv",
    tag = "jobs",
    params(FileQuery::<Csv>),
    request_body(content = inline(crate::document::Octets), content_type = "application/octet-stream",
        description = "The file. The media type text/csv is taken as well."),
    responses(
        (status = 202, description = "The job, which is accepted.", body = Job,
            headers(("Location" = String, description = "Where the job is to be asked after.")),
        ),
        BodyProblems,
    )
)]
pub(crate) async fn submit_job_csv(
    JobStore(jobs): JobStore,
    _checked: FileQuery<Csv>, // before the body, which need not be sent for a query that is refused
    uri: Uri,
    CsvBody(body): CsvBody,
) -> Result<Response, Refusal> {
    if body.bytes.is_empty() {
        return Err(exacta_scan::Error::Empty.into());
    }
    let spec = Spec::Csv { query: uri.query().unwrap_or_default().to_owned() };
    Ok(accepted(&jobs.submit(Kernel::Aggregate, &spec, body).await?))
}

fn accepted(job: &Job) -> Response {
    let location = HeaderValue::try_from(format!("/v1/jobs/{}", job.id));
    let location = location.expect("names of jobs are letters and digits");
    ([(LOCATION, location)], response(StatusCode::ACCEPTED, JSON, job)).into_response()
}

/// Ask how a job stands
///
/// The states `succeeded`, `failed` and `cancelled` are final.
#[utoipa::path(
    get,
    path = "/v1/jobs/{id}",
    operation_id = "get_job",
    tag = "jobs",
    params(("id" = String, Path, description = "The name of the job.")),
    responses((status = 200, description = "The job.", body = Job), JobProblems)
)]
pub(crate) async fn get_job(
    JobStore(jobs): JobStore,
    JobName(id): JobName,
) -> Result<Answer, Refusal> {
    Ok(Answer::new(&jobs.job(id).await?))
}

/// Get the result of a job
///
/// The bytes are those that `/v1/summarize` or `/v1/summarize/csv` would have answered. A job that
/// has no result is a problem: `job.not_finished`, `job.failed` or `job.cancelled`.
#[utoipa::path(
    get,
    path = "/v1/jobs/{id}/result",
    operation_id = "get_job_result",
    tag = "jobs",
    params(("id" = String, Path, description = "The name of the job.")),
    responses(
        (status = 200, description = "A summary of each column.", body = SummarizeResponse),
        JobResultProblems,
    )
)]
pub(crate) async fn get_job_result(
    JobStore(jobs): JobStore,
    JobName(id): JobName,
) -> Result<Answer, Refusal> {
    Ok(Answer::from_bytes(jobs.result(id).await?))
}

/// Cancel a job
///
/// A queued job is never run, a running one stops soon and whatever it still finds is dropped. A job
/// that has ended stays as it is, so that to cancel it twice is to cancel it once.
#[utoipa::path(
    post,
    path = "/v1/jobs/{id}/cancel",
    operation_id = "cancel_job",
    tag = "jobs",
    params(("id" = String, Path, description = "The name of the job.")),
    responses((status = 200, description = "The job, as it stands now.", body = Job), JobProblems)
)]
pub(crate) async fn cancel_job(
    JobStore(jobs): JobStore,
    JobName(id): JobName,
) -> Result<Answer, Refusal> {
    Ok(Answer::new(&jobs.cancel(id).await?))
}

/// List jobs
///
/// The newest come first. Page by page, each job that was there at the first page is listed once,
/// whatever is submitted meanwhile.
#[utoipa::path(
    get,
    path = "/v1/jobs",
    operation_id = "list_jobs",
    tag = "jobs",
    params(JobsQuery),
    responses((status = 200, description = "A page of jobs.", body = JobList), JobListProblems)
)]
pub(crate) async fn list_jobs(JobStore(jobs): JobStore, uri: Uri) -> Result<Answer, Refusal> {
    let JobsQuery(query) = JobsQuery::from_uri(&uri)?;
    Ok(Answer::new(&jobs.list(query).await?))
}
