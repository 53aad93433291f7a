//! The wire types of the exacta service, and how a [`Summary`](exacta::Summary) becomes one.
//!
//! Here are the JSON shapes of requests and responses, their limits and their
//! schemas; the server and the command line print the same object because both
//! take it from here. HTTP (statuses, headers, reading bodies) is not here.

pub mod column;
pub mod error;
pub mod group;
pub mod health;
pub mod histogram;
pub mod job;
pub mod limit;
pub mod pair;
pub mod plan;
pub mod predict;
pub mod problem;
pub mod schema;
mod strict;
pub mod summarize;

pub use column::{ApproxQuantileSummary, ColumnSummary, FirstInvalid, QuantileSummary};
pub use error::Error;
pub use group::GroupSummary;
pub use health::{Health, HealthStatus};
pub use histogram::{HistogramRequest, HistogramSummary};
pub use job::{Job, JobList, JobRequest, Kernel};
pub use pair::{PairSummary, RowResults};
pub use plan::PlanRequest;
pub use predict::{PredictError, PredictRequest, PredictResponse};
pub use problem::Problem;
pub use summarize::{ColumnInput, ColumnNames, SummarizeRequest, SummarizeResponse};
