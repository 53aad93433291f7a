//! The simple contract of `/predict`: numbers in, five figures out.
//!
//! It is older than the rest of the interface and keeps its own shape of errors.

use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;

use crate::schema::count;
use crate::strict::deserialize_object_only;

/// The numbers to describe.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(remote = "Self", deny_unknown_fields)]
#[schema(examples(json!({"input": [1, 2, 3]})))]
pub struct PredictRequest {
    /// The numbers, at least one.
    #[schema(value_type = Vec<f64>, min_items = 1)]
    pub input: Vec<f64>,
}
deserialize_object_only!(PredictRequest);

/// What describes the numbers. Each figure is the binary64 nearest to the exact value;
/// an integral one below 2^53 is written without a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
#[schema(examples(json!({"sum": 6, "count": 3, "average": 2, "min": 1, "max": 3})))]
pub struct PredictResponse {
    /// The sum.
    #[serde(serialize_with = "bare")]
    pub sum: f64,
    /// How many numbers there are.
    #[schema(schema_with = count_schema)]
    pub count: u64,
    /// The arithmetic mean.
    #[serde(serialize_with = "bare")]
    pub average: f64,
    /// The smallest number.
    #[serde(serialize_with = "bare")]
    pub min: f64,
    /// The largest number.
    #[serde(serialize_with = "bare")]
    pub max: f64,
}

fn count_schema() -> utoipa::openapi::schema::Object {
    count("How many numbers there are.").build()
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(examples(json!({"error": "input must include at least one value"})))]
pub struct PredictError {
    /// One line for a person: what happened and what to do.
    pub error: String,
}

/// Writes an integral number below 2^53 as an integer. Negative zero keeps its
/// sign, which an integer has no room for, as `-0.0`.
#[allow(clippy::trivially_copy_pass_by_ref)] // serde's signature
fn bare<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    let integer = *value as i64;
    let is_integral =
        integer.unsigned_abs() < 1 << 53 && (integer as f64).to_bits() == value.to_bits();
    if is_integral { serializer.serialize_i64(integer) } else { serializer.serialize_f64(*value) }
}
