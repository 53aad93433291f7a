//! What is known of a group of rows, as JSON: the cells that make the group, and its columns.
//!
//! The service takes no question about groups yet, so that the document has no
//! component for them. What is known of one column is in [`column`](crate::column).

use serde::{Serialize, Serializer};

use crate::column::ColumnSummary;

/// What is known of a group: `{"by":{"weather":"rain"},"columns":[…]}`.
///
/// ```
/// use exacta_api::GroupSummary;
/// let by = vec![("weather".to_owned(), Some("rain".to_owned())), ("year".to_owned(), None)];
/// let group = GroupSummary { by, columns: Vec::new() };
/// assert_eq!(serde_json::to_string(&group).unwrap(), r#"{"by":{"weather":"rain"},"columns":[]}"#);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroupSummary {
    /// The cells of the key by the names of their columns. A missing one is no member.
    #[serde(serialize_with = "present")]
    pub by: Vec<(String, Option<String>)>,
    /// The columns.
    pub columns: Vec<ColumnSummary>,
}

fn present<S: Serializer>(
    by: &[(String, Option<String>)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(by.iter().filter_map(|(name, cell)| Some((name, cell.as_ref()?))))
}
