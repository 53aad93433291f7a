//! What `summarize` takes, and the columns that it answers.
//!
//! What is known of one column is in [`column`](crate::column); reading a file
//! and computing are not here at all.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::{Array, Object, ObjectBuilder, Type};

use crate::column::ColumnSummary;
use crate::error::{Error, check_limit};
use crate::limit::{COLUMNS_MAX, NAME_CHARS_MAX};
use crate::plan::PlanRequest;
use crate::schema::{array, reference};
use crate::strict::{deserialize_object_only, present};

/// Columns of numbers, and what is asked of each.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct SummarizeRequest {
    /// The columns, each with its own name. They need not be of one length.
    #[schema(schema_with = columns_schema)]
    pub columns: Vec<ColumnInput>,
    /// What to compute; the default plan when absent.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    pub plan: Option<PlanRequest>,
}
deserialize_object_only!(SummarizeRequest);

/// A column of numbers.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct ColumnInput {
    /// The name, which comes back with the answer.
    #[schema(schema_with = name_schema)]
    pub name: String,
    /// The values. Each is taken as the binary64 nearest to its decimal.
    pub values: Vec<f64>,
}
deserialize_object_only!(ColumnInput);

fn columns_schema() -> Array {
    array(
        reference::<ColumnInput>(),
        COLUMNS_MAX,
        "The columns, each with its own name. They need not be of one length.",
    )
    .build()
}

fn name_schema() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .max_length(Some(NAME_CHARS_MAX))
        .description(Some("The name, which comes back with the answer."))
        .build()
}

impl SummarizeRequest {
    /// Checks what the shape alone does not: the limits, and that names differ.
    ///
    /// # Errors
    /// At the first column that breaks a limit or repeats a name.
    pub fn check(&self) -> Result<(), Error> {
        let mut names = ColumnNames::default();
        self.columns.iter().try_for_each(|column| names.add(&column.name))
    }
}

/// The names of columns that come one by one.
#[derive(Clone, Debug, Default)]
pub struct ColumnNames(HashMap<String, usize>);

impl ColumnNames {
    /// Adds the name of the next column.
    ///
    /// # Errors
    /// When it breaks a limit, or a column has it already.
    pub fn add(&mut self, name: &str) -> Result<(), Error> {
        let index = self.0.len();
        check_limit("/columns", index + 1, "items", COLUMNS_MAX)?;
        let pointer = format!("/columns/{index}/name");
        check_limit(pointer.as_str(), name.chars().count(), "characters", NAME_CHARS_MAX)?;
        match self.0.insert(name.to_owned(), index) {
            None => Ok(()),
            Some(first) => Err(Error::ColumnDuplicate { pointer, first }),
        }
    }
}

/// A summary of each column, in the order of the request or of the file.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SummarizeResponse {
    /// The columns.
    pub columns: Vec<ColumnSummary>,
}
