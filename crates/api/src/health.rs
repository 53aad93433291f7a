//! What the service says of itself: that it lives, that it is ready.
//!
//! That it is *not* ready is a problem, in the module of that name.

use serde::Serialize;
use utoipa::ToSchema;

/// The state of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(examples(json!({"status": "ok"})))]
pub struct Health {
    /// `ok`: it lives; `ready`: it takes requests.
    pub status: HealthStatus,
}

/// A state of the service. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HealthStatus {
    /// The process lives.
    Ok,
    /// Requests are taken.
    Ready,
}
