//! What is asked of a file of numbers and how the file is read: the flags that every command with such a
//! question shares. The names of statistics, methods and policies come from the crates that define them.

use std::fmt::Debug;
use std::str::FromStr;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use exacta::{Bins, Nonfinite, Probability, QuantileMethod, Statistic};
use exacta_scan::Invalid;

/// What is to be computed.
#[derive(Clone, Debug, Args)]
pub(crate) struct PlanArguments {
    /// Statistics to compute
    #[arg(short, long, value_name = "LIST", value_delimiter = ',', value_parser = statistic_parser())]
    #[arg(help_heading = "What to compute")]
    pub(crate) statistics: Option<Vec<Statistic>>,

    /// Every statistic, and the quartiles unless -q says otherwise
    #[arg(long, conflicts_with = "statistics", help_heading = "What to compute")]
    pub(crate) all: bool,

    /// Quantiles to compute: decimals or ratios, such as 0.5,0.99,1/3
    #[arg(short, long, value_name = "LIST", value_delimiter = ',')]
    #[arg(help_heading = "What to compute")]
    pub(crate) quantiles: Option<Vec<Spelled<Probability>>>,

    /// Which definition of the quantile, the median too, under NumPy's names
    #[arg(long, value_name = "METHOD", default_value = QuantileMethod::default().name())]
    #[arg(value_parser = name_parser(QuantileMethod::ALL, QuantileMethod::name))]
    #[arg(help_heading = "What to compute")]
    pub(crate) quantile_method: QuantileMethod,

    /// What NaN and infinities do: enter as in IEEE 754, be left out, or be errors
    #[arg(long, value_name = "POLICY", default_value = Nonfinite::default().name())]
    #[arg(value_parser = name_parser(Nonfinite::ALL, Nonfinite::name))]
    #[arg(help_heading = "What to compute")]
    pub(crate) nonfinite: Nonfinite,

    /// Quantiles to approximate in bounded memory, each with bounds that the exact one lies between
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    #[arg(help_heading = "What to compute")]
    pub(crate) approx_quantiles: Vec<Spelled<Probability>>,

    /// Count a histogram: by a rule (auto, fd, doane, scott, stone, rice, sturges, sqrt), in a number of
    /// bins, or between edges such as 0,1,10
    #[arg(long, value_name = "BINS", allow_hyphen_values = true)]
    #[arg(help_heading = "What to compute")]
    pub(crate) histogram: Option<Spelled<Bins>>,

    /// Add the exact sum, sum_squares, min, max and range, with all their digits
    #[arg(long, help_heading = "What to write")]
    pub(crate) exact: bool,

    /// Add the bits of every result as 16 hexadecimal digits
    #[arg(long, help_heading = "What to write")]
    pub(crate) bits: bool,
}

/// What is to be computed, and from which cells.
#[derive(Debug, Args)]
pub(crate) struct Question {
    #[command(flatten)]
    pub(crate) plan: PlanArguments,

    /// Columns to summarize, in this order; a text column named here is an error
    #[arg(short, long, value_name = "LIST", value_delimiter = ',')]
    #[arg(help_heading = "How to read")]
    pub(crate) columns: Vec<String>,

    /// What separates cells, if not the comma: one ASCII character; `\t` and `tab` mean the tab
    #[arg(short, long, value_name = "CHAR", value_parser = delimiter)]
    #[arg(help_heading = "How to read")]
    pub(crate) delimiter: Option<u8>,

    /// The first record is data; columns are named 1, 2 and so on
    #[arg(short, long, help_heading = "How to read")]
    pub(crate) no_headers: bool,

    /// What a cell that is no number does: make its column text, or be counted and left out
    #[arg(long, value_name = "RULE", default_value = Invalid::default().name())]
    #[arg(value_parser = name_parser(Invalid::ALL, Invalid::name))]
    #[arg(help_heading = "How to read")]
    pub(crate) invalid: Invalid,

    /// Spellings of a missing value, beside the empty cell
    #[arg(long, value_name = "LIST", value_delimiter = ',', allow_hyphen_values = true)]
    #[arg(help_heading = "How to read")]
    pub(crate) null: Vec<String>,
}

impl Question {
    /// The question of a table that is there already.
    pub(crate) fn of_plan(plan: PlanArguments) -> Self {
        Self {
            plan,
            columns: Vec::new(),
            delimiter: None,
            no_headers: false,
            invalid: Invalid::default(),
            null: Vec::new(),
        }
    }
}

/// Something of the library, and how it was written.
#[derive(Clone, Debug)]
pub(crate) struct Spelled<T> {
    pub(crate) value: T,
    pub(crate) text: String,
}

impl<T: FromStr<Err = exacta::Error>> FromStr for Spelled<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err("there is nothing in it".to_owned());
        }
        let value = text.parse().map_err(|error: exacta::Error| error.to_string())?;
        Ok(Self { value, text: trimmed.to_owned() })
    }
}

/// Takes the names in a list of the library, and no others.
pub(super) fn name_parser<T>(
    all: &'static [T],
    name: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T>
where
    T: Copy + Debug + FromStr<Err: Debug> + Send + Sync + 'static,
{
    PossibleValuesParser::new(all.iter().map(|item| name(*item))).map(|name| from_name(&name))
}

/// The same for statistics, which the long help explains one by one.
fn statistic_parser() -> impl TypedValueParser<Value = Statistic> {
    let value =
        |statistic: &Statistic| PossibleValue::new(statistic.name()).help(statistic.description());
    PossibleValuesParser::new(Statistic::ALL.iter().map(value)).map(|name| from_name(&name))
}

fn from_name<T: FromStr<Err: Debug>>(name: &str) -> T {
    name.parse().expect("a name of the list is read back")
}

/// One byte, or a word for the tab. Which bytes can separate cells is for the scan to say.
fn delimiter(text: &str) -> Result<u8, &'static str> {
    match text.as_bytes() {
        b"\\t" | b"tab" => Ok(b'\t'),
        [byte] => Ok(*byte),
        _ => Err("one ASCII character is taken, or `tab`"),
    }
}

#[cfg(test)]
mod tests {
    use clap::Command;

    use super::*;

    /// A statistic that is added to the library is in the help and in errors without a line here.
    #[test]
    fn names_come_from_the_library() {
        let command = Question::augment_args(Command::new("exacta"));
        let names = |id: &str| -> Vec<String> {
            let argument = command.get_arguments().find(|argument| argument.get_id() == id);
            let values = argument.unwrap().get_possible_values();
            values.iter().map(|value| value.get_name().to_owned()).collect()
        };
        assert!(names("statistics").iter().eq(Statistic::ALL.iter().map(|s| s.name())));
        assert!(names("quantile_method").iter().eq(QuantileMethod::ALL.iter().map(|m| m.name())));
        assert!(names("nonfinite").iter().eq(Nonfinite::ALL.iter().map(|n| n.name())));
        assert!(names("invalid").iter().eq(Invalid::ALL.iter().map(|i| i.name())));
    }
}
