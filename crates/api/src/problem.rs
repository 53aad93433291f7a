//! The shape of an error answer: problem details by RFC 9457.
//!
//! Which error has which status is not here.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::schema::count;

/// What went wrong, where, and what to do about it (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: `code` tells problems apart.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference")]
    pub type_uri: String,
    /// The phrase of the status.
    pub title: String,
    /// The status of the answer, once more.
    #[schema(value_type = i32, minimum = 400, maximum = 599)]
    pub status: u16,
    /// What went wrong, as a stable dotted name. More may be added.
    #[schema(value_type = String, pattern = "^[a-z][a-z0-9_]*([.][a-z][a-z0-9_]*)+$")]
    pub code: String,
    /// One line for a person: what happened and what to do.
    pub detail: String,
    /// The member of the JSON body that is at fault, as an RFC 6901 pointer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub pointer: Option<String>,
    /// Where in the body reading stopped, in bytes from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = offset_schema)]
    pub offset: Option<u64>,
    /// The line of the body, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = line_schema)]
    pub line: Option<u64>,
    /// The byte in that line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = column_schema)]
    pub column: Option<u64>,
}

fn offset_schema() -> utoipa::openapi::schema::Object {
    count("Where in the body it is, in bytes from 0.").build()
}

fn line_schema() -> utoipa::openapi::schema::Object {
    count("The line of the body, from 1.").build()
}

fn column_schema() -> utoipa::openapi::schema::Object {
    count("The byte in that line, from 1.").build()
}

impl Problem {
    /// A problem without a place.
    pub fn new(
        status: u16,
        title: impl Into<String>,
        code: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            type_uri: "about:blank".to_owned(),
            title: title.into(),
            status,
            code: code.into(),
            detail: detail.into(),
            pointer: None,
            offset: None,
            line: None,
            column: None,
        }
    }
}
