//! What a picture of a column shows, before it is drawn: bars and a box on one axis, or words for why there are
//! none. `plot` draws it with characters, `svg` with lines.

use exacta::{Bins, Probability, Statistic};
use exacta_client::ColumnSummary;

use super::axis::{Axis, decimal_exponent};
use super::bars::{Bars, N_BINS, Sample};
use super::decimal::{Decimal, texts};
use crate::args::Spelled;

/// How many significant digits a number in a picture has at least, and how many that the range of the values shows:
/// those that the eye can use. All of them are in the table.
const N_DIGITS_MIN: i32 = 6;
const N_DIGITS_OF_RANGE: i32 = 4;

/// How many tell every binary64 from any other.
const N_DIGITS_MAX: i32 = 17;

/// The statistics that a picture is drawn from.
pub(crate) const STATISTICS: [Statistic; 3] = [Statistic::Min, Statistic::Max, Statistic::Distinct];

/// The quantiles likewise.
const QUARTILES: [Probability; 3] =
    [Probability::QUARTER, Probability::HALF, Probability::THREE_QUARTERS];

/// The histogram likewise.
pub(crate) fn bins() -> Spelled<Bins> {
    N_BINS.to_string().parse().expect("there may be more bins than that")
}

/// What a picture shows of a column of numbers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Picture {
    pub(super) bars: Bars,
    /// The smallest value, the quartiles and the largest value. The whiskers of the box end at the first and the last.
    pub(super) five_numbers: [f64; 5],
}

/// What the five numbers are called.
pub(super) const FIVE_NAMES: [&str; 5] = ["min", "q1", "median", "q3", "max"];

impl Picture {
    /// The picture of a column that is so many characters or pixels wide.
    ///
    /// # Errors
    /// Words for a column that has nothing to draw.
    pub(super) fn new(column: &ColumnSummary, width: usize) -> Result<Self, String> {
        let drawn = || {
            let five_numbers = five_numbers(column)?;
            let [min, lower, _, upper, max] = five_numbers;
            let axis = Axis::new(min, max)?;
            let iqr_share = axis.share(upper) - axis.share(lower);
            let sample = Sample { count: column.count, distinct: column.distinct?, iqr_share };
            let bars = Bars::new(column.histogram.as_ref()?, sample, width)?;
            Some(Self { bars, five_numbers })
        };
        drawn().ok_or_else(|| why_not(column))
    }

    /// A number as the picture shows it.
    pub(super) fn rounded(&self, value: f64) -> String {
        let [min, .., max] = self.five_numbers;
        // Halves, since the range may be beyond binary64.
        rounded(value, max / 2.0 - min / 2.0)
    }

    /// The same for the text of a number in the table, unless it is a word; an integer is as it was.
    pub(super) fn rounded_text(&self, text: &str) -> Option<String> {
        let value = text.parse().ok().filter(|value: &f64| value.is_finite())?;
        let is_count = text.bytes().all(|byte| byte.is_ascii_digit());
        (!is_count).then(|| self.rounded(value))
    }
}

/// The five numbers, where all of them are finite.
fn five_numbers(column: &ColumnSummary) -> Option<[f64; 5]> {
    let quantile = |probability: Probability| {
        let mut quantiles = column.quantiles.as_deref().unwrap_or_default().iter();
        quantiles.find(|quantile| quantile.p == probability.to_f64())?.value
    };
    let [lower, median, upper] = QUARTILES.map(quantile);
    Some([column.min?, lower?, median?, upper?, column.max?])
}

/// Why nothing is drawn of a column.
fn why_not(column: &ColumnSummary) -> String {
    let [n_nan, n_pos_inf, n_neg_inf] =
        [column.nan, column.pos_inf, column.neg_inf].map(|count| count.unwrap_or(0));
    let n_values = column.count + n_nan + n_pos_inf + n_neg_inf;
    let advice = "--nonfinite skip draws the others";
    match (column.min, column.max) {
        _ if column.r#type.is_some() => "text".to_owned(),
        _ if n_values == 0 => "no values".to_owned(),
        _ if n_nan > 0 && column.min.is_none() => {
            format!("{n_nan} of {n_values} values NaN; {advice}")
        }
        (Some(min), Some(max)) if min == max && column.count == 1 => {
            format!("one value, {}", rounded(min, 0.0))
        }
        (Some(min), Some(max)) if min == max => {
            format!("{} values, all {}", column.count, rounded(min, 0.0))
        }
        _ if n_pos_inf + n_neg_inf > 0 => {
            format!("{} of {n_values} values infinite; {advice}", n_pos_inf + n_neg_inf)
        }
        _ => "not asked for what a picture is drawn from".to_owned(),
    }
}

/// How many values there are, and how many cells are not among them.
pub(super) fn sample_text(column: &ColumnSummary) -> String {
    let infinite = column.pos_inf.unwrap_or(0) + column.neg_inf.unwrap_or(0);
    let others = [
        ("missing", column.null.unwrap_or(0)),
        ("NaN left out", column.nan.unwrap_or(0)),
        ("infinite left out", infinite),
        ("invalid left out", column.invalid.unwrap_or(0)),
    ];
    let others = others.into_iter().filter(|(_, count)| *count > 0);
    let values = if column.count == 1 { "value" } else { "values" };
    let parts = std::iter::once(format!("{} {values}", column.count));
    parts
        .chain(others.map(|(what, count)| format!("{count} {what}")))
        .collect::<Vec<_>>()
        .join(", ")
}

/// A number as a picture of these values shows it.
fn rounded(value: f64, range: f64) -> String {
    let n_digits = decimal_exponent(value.abs()) - decimal_exponent(range) + N_DIGITS_OF_RANGE;
    let n_digits = n_digits.clamp(N_DIGITS_MIN, N_DIGITS_MAX);
    texts(&[Decimal::rounded(value, n_digits as usize)]).remove(0)
}
