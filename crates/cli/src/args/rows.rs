//! What is asked of rows rather than of columns, which `exacta stats` answers where it runs. What is asked of each
//! column is in `question`.

use clap::Args;
use exacta_scan::{Filter, ScanOptions};

/// Which rows, and what of them together.
#[derive(Debug, Default, Args)]
pub(crate) struct RowArguments {
    /// Group rows by the cells of these columns; each group has its statistics. Cells that are the same
    /// number are one key. In order: numbers by value, then text by its bytes, missing cells last
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    #[arg(conflicts_with = "server", help_heading = "Which rows")]
    pub(crate) by: Vec<String>,

    /// Only rows for which this holds, such as 'wind >= 5' or 'weather != "rain"'; all of several must.
    /// Numbers compare as numbers, text by its bytes, and a missing cell matches nothing
    #[arg(long = "where", value_name = "COL OP VALUE", allow_hyphen_values = true)]
    #[arg(conflicts_with = "server", help_heading = "Which rows")]
    pub(crate) filters: Vec<Filter>,
}

impl RowArguments {
    /// Adds what is asked to what is told to the scan.
    pub(crate) fn add_to(&self, options: &mut ScanOptions) {
        options.by.clone_from(&self.by);
        options.filters.clone_from(&self.filters);
    }
}
