//! Jobs as they travel: what is submitted, how a job stands, and a page of them.
//!
//! How jobs are kept and run is not here, and neither are the names of their
//! states: those belong to the store, and the server puts them into the document.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{Array, Object, ObjectBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::error::Error;
use crate::limit::{JOBS_MAX, PAGE_TOKEN_CHARS_MAX};
use crate::problem::Problem;
use crate::schema::{array, reference};
use crate::strict::deserialize_object_only;
use crate::summarize::SummarizeRequest;

/// A kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kernel {
    /// Statistics of columns.
    Aggregate,
}

impl Kernel {
    /// Every kind.
    pub const ALL: &'static [Self] = &[Self::Aggregate];

    /// Its name in requests and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Aggregate => "aggregate",
        }
    }
}

impl FromStr for Kernel {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let known = Self::ALL.iter().find(|kernel| kernel.name() == name);
        known.copied().ok_or_else(|| Error::kernel_unknown(name))
    }
}

/// The names of the kinds of work.
#[derive(Debug)]
pub enum KernelName {}

impl PartialSchema for KernelName {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(Kernel::ALL.iter().map(|kernel| kernel.name())))
            .description(Some("A kind of work: `aggregate` summarizes columns. More may be added."))
            .into()
    }
}

impl ToSchema for KernelName {
    fn name() -> std::borrow::Cow<'static, str> {
        "KernelName".into()
    }
}

/// Work to be done, whatever becomes of the connection: which kind, and what it is done with,
/// in the member of that name.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct JobRequest {
    /// Which kind of work.
    #[schema(value_type = KernelName)]
    pub kernel: String,
    /// The columns and the plan, as `/v1/summarize` takes them.
    pub aggregate: SummarizeRequest,
}
deserialize_object_only!(JobRequest);

/// How a job stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Job {
    /// The name of the job, an opaque text. The names of later jobs are greater, character by
    /// character.
    pub id: String,
    /// Which kind of work it is.
    #[schema(value_type = KernelName)]
    pub kernel: String,
    /// Where it stands.
    #[schema(schema_with = state_schema)]
    pub state: &'static str,
    /// When it was accepted.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it was taken up; a job that was interrupted is taken up again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime, nullable = false)]
    pub started_at: Option<String>,
    /// When it came to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime, nullable = false)]
    pub finished_at: Option<String>,
    /// Why it failed: what the direct route would have answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub error: Option<Problem>,
}

/// The component that the server declares, where the states are known.
fn state_schema() -> Ref {
    Ref::from_schema_name("JobState")
}

/// Some jobs, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct JobList {
    /// The jobs.
    #[schema(schema_with = jobs_schema)]
    pub jobs: Vec<Job>,
    /// What the next page is asked for with, an opaque text; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = page_token_schema)]
    pub next_page_token: Option<String>,
}

fn page_token_schema() -> Object {
    page_token("What the next page is asked for with, an opaque text; absent on the last page.")
        .build()
}

/// The end of a page, from which the next one starts.
pub fn page_token(description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .max_length(Some(PAGE_TOKEN_CHARS_MAX))
        .description(Some(description))
}

fn jobs_schema() -> Array {
    array(reference::<Job>(), JOBS_MAX, "The jobs.").build()
}
