//! What is asked of rows rather than of columns, which `exacta stats` answers where it runs. What is asked of each
//! column is in `question`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use exacta_scan::{Filter, ScanOptions, quoted};

/// Which rows, and what of them together.
#[derive(Debug, Default, Args)]
pub(crate) struct RowArguments {
    /// Group rows by the cells of these columns; each group has its number of rows and its statistics. Cells that
    /// are the same number are one key. In order: numbers by value, then text by its bytes, missing cells last. An
    /// empty cell of a CSV is missing, an empty string of another format is a text
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    #[arg(conflicts_with = "server", help_heading = "Which rows")]
    pub(crate) by: Vec<String>,

    /// Covariance, correlation, slope and intercept of y on x, as in x,y; once for each pair
    #[arg(long = "pair", value_name = "X,Y", value_parser = pair)]
    #[arg(conflicts_with_all = ["server", "by"], help_heading = "Which rows")]
    pub(crate) pairs: Vec<[String; 2]>,

    /// Mean and variances of each column with the weights in this one, which is summarized only if -c names it
    #[arg(long, value_name = "COL", conflicts_with_all = ["server", "by"], help_heading = "Which rows")]
    pub(crate) weights: Option<String>,

    /// The most frequent values of each column, 10 unless N says otherwise, also of columns of text, which -c may
    /// name then. In descending order; of those as frequent numbers by value, then text by its bytes
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "10")]
    #[arg(value_parser = n_top)]
    #[arg(conflicts_with_all = ["server", "by", "decimal", "plot"], help_heading = "What to compute")]
    pub(crate) top: Option<NonZeroUsize>,

    #[command(flatten)]
    pub(crate) filters: FilterArguments,
}

/// Which rows.
#[derive(Debug, Default, Args)]
pub(crate) struct FilterArguments {
    /// Only rows for which this holds, such as 'wind >= 5' or 'weather != "rain"'; all of several must.
    /// Numbers compare as numbers, text by its bytes, and a missing cell matches nothing: an empty one of a CSV, a
    /// null of other formats, in which an empty string is a text
    #[arg(id = "where", long = "where", value_name = "COL OP VALUE", allow_hyphen_values = true)]
    #[arg(help_heading = "Which rows")]
    pub(crate) conditions: Vec<Filter>,
}

/// How many values. None at all are not asked for.
fn n_top(text: &str) -> Result<NonZeroUsize, &'static str> {
    text.parse().map_err(|_| "a whole number from 1 up is taken")
}

/// Two names. One that has a comma in it stands in double quotes, as in a CSV.
fn pair(text: &str) -> Result<[String; 2], &'static str> {
    let (x, rest) = name(text).ok_or("a quote is not closed")?;
    let (y, rest) =
        rest.strip_prefix(',').and_then(name).ok_or("two names are taken, as in x,y")?;
    let is_whole = rest.is_empty() && !x.is_empty() && !y.is_empty();
    is_whole.then_some([x, y]).ok_or("two names are taken, as in x,y")
}

/// The name that a text begins with, and what follows it.
fn name(text: &str) -> Option<(String, &str)> {
    if text.starts_with('"') {
        return quoted(text);
    }
    let (name, rest) = text.split_at(text.find(',').unwrap_or(text.len()));
    Some((name.to_owned(), rest))
}

impl RowArguments {
    /// The file that was meant as the number of --top, if there is one: a name that is a number, of a file that is not
    /// there.
    pub(crate) fn lost_top<'a>(&self, files: &'a [PathBuf]) -> Option<&'a str> {
        self.top?;
        let mut names = files.iter().filter(|path| !path.exists()).filter_map(|path| path.to_str());
        names.find(|name| n_top(name).is_ok())
    }

    /// Whether there are results beside those of columns.
    pub(crate) fn has_results(&self) -> bool {
        !self.pairs.is_empty() || self.weights.is_some()
    }

    /// Adds what is asked to what is told to the scan.
    pub(crate) fn add_to(&self, options: &mut ScanOptions) {
        options.by.clone_from(&self.by);
        options.pairs.clone_from(&self.pairs);
        options.weights.clone_from(&self.weights);
        options.top = self.top;
        options.filters.clone_from(&self.filters.conditions);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_two_names() {
        let cases = [
            ("x,y", Some(["x", "y"])),
            ("a b,\"c,\"\"d\"", Some(["a b", "c,\"d"])),
            ("\"x\",y", Some(["x", "y"])),
            ("x", None),
            ("x,", None),
            ("x,y,z", None),
            ("\"x,y", None),
        ];
        for (text, expected) in cases {
            assert_eq!(pair(text).ok(), expected.map(|it| it.map(str::to_owned)), "{text}");
        }
    }
}
