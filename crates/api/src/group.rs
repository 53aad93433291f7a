//! What is known of a group of rows, as JSON: the cells that make the group, how many rows it has, and its columns.
//!
//! The service takes no question about groups yet, so that the document has no
//! component for them. What is known of one column is in [`column`](crate::column).

use serde::{Serialize, Serializer};

use crate::column::ColumnSummary;

/// What is known of a group: `{"by":{"weather":"rain"},"rows":2,"columns":[…]}`.
///
/// ```
/// use exacta_api::GroupSummary;
/// let by = vec![("weather".to_owned(), Some("rain".to_owned())), ("year".to_owned(), None)];
/// let group = GroupSummary { by, rows: 2, columns: Vec::new() };
/// let expected = r#"{"by":{"weather":"rain"},"rows":2,"columns":[]}"#;
/// assert_eq!(serde_json::to_string(&group).unwrap(), expected);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroupSummary {
    /// The cells of the key by the names of their columns. A missing one is no member.
    #[serde(serialize_with = "present")]
    pub by: Vec<(String, Option<String>)>,
    /// How many rows it has.
    pub rows: u64,
    /// The columns.
    pub columns: Vec<ColumnSummary>,
}

fn present<S: Serializer>(
    by: &[(String, Option<String>)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(by.iter().filter_map(|(name, cell)| Some((name, cell.as_ref()?))))
}
