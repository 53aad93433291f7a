//! What stands below the table: approximate quantiles of a column with their bounds, its histogram as bars,
//! and its exact values with all digits.

use exacta::Statistic;
use exacta_client::{ApproxQuantileSummary, ColumnSummary, HistogramSummary};

use super::Headings;
use super::grid::{UNDEFINED, number};
use super::table::{Aligned, GAP, Line};
use crate::text::excerpt;

/// How many characters the longest bar has: so many where there is room, and at least a few.
const BAR_WIDTH_MAX: usize = 40;
const BAR_WIDTH_MIN: usize = 8;

/// The sections of a column, each after an empty line, with bars that end before `width_max`.
pub(super) fn sections(column: &ColumnSummary, headings: &Headings, width_max: usize) -> Vec<Line> {
    sections_of(&excerpt(&column.name), column, headings, width_max)
}

/// The same, with another name for the column.
pub(super) fn sections_of(
    name: &str,
    column: &ColumnSummary,
    headings: &Headings,
    width_max: usize,
) -> Vec<Line> {
    let quantiles = column.approx_quantiles.as_deref().unwrap_or_default();
    let quantiles = (!quantiles.is_empty())
        .then(|| (format!("{name}, approximate quantiles"), approx_quantiles(quantiles, headings)));
    let histogram = column.histogram.as_ref();
    let histogram =
        histogram.map(|histogram| (format!("{name}, histogram"), bars(histogram, width_max)));
    let exact = exact(column);
    let exact = (!exact.is_empty()).then(|| (format!("{name}, exact"), exact));
    let section = |(heading, lines): (String, Vec<Line>)| {
        [Line::Plain(String::new()), Line::Heading(heading)].into_iter().chain(lines)
    };
    [quantiles, histogram, exact].into_iter().flatten().flat_map(section).collect()
}

/// A section of numbers with their names, each with a word on it, after an empty line.
pub(crate) fn named_numbers(title: String, rows: Vec<(String, String, String)>) -> Vec<Line> {
    let cells =
        rows.into_iter().map(|(name, number, word)| vec![format!("  {name}"), number, word]);
    let lines = Aligned::new(1, cells.collect()).lines.into_iter().map(Line::Plain);
    [Line::Plain(String::new()), Line::Heading(title)].into_iter().chain(lines).collect()
}

/// A result as people read it.
pub(crate) fn shown(value: Option<f64>) -> String {
    value.map_or_else(|| UNDEFINED.to_owned(), |value| number(&format!("{:016x}", value.to_bits())))
}

/// A line a quantile: its estimate, and the bounds that the exact one lies between.
fn approx_quantiles(quantiles: &[ApproxQuantileSummary], headings: &Headings) -> Vec<Line> {
    let cells = |(asked, quantile): (&String, &ApproxQuantileSummary)| {
        let bounds = quantile.lower.zip(quantile.upper);
        let reason = quantile.undefined.as_ref().map(ToString::to_string);
        vec![
            format!("  {asked}"),
            quantile.bits.as_deref().map_or_else(|| UNDEFINED.to_owned(), number),
            bounds
                .map(|(lower, upper)| format!("[{lower:?}, {upper:?}]"))
                .or(reason)
                .unwrap_or_default(),
        ]
    };
    let aligned =
        Aligned::new(1, headings.approx_quantiles.iter().zip(quantiles).map(cells).collect());
    aligned.lines.into_iter().map(Line::Plain).collect()
}

/// A line a bin: its edges, its count, and a bar.
fn bars(histogram: &HistogramSummary, width_max: usize) -> Vec<Line> {
    let count_max = histogram.counts.iter().copied().max().unwrap_or(0).max(1);
    let last = histogram.counts.len().saturating_sub(1);
    let bins = histogram.edges.windows(2).zip(&histogram.counts).enumerate();
    let bins = bins.map(|(index, (edges, count))| {
        let end = if index == last { ']' } else { ')' };
        (format!("[{:?}, {:?}{end}", edges[0], edges[1]), *count)
    });
    let beyond = [("below", histogram.under), ("above", histogram.over)];
    let beyond = beyond.into_iter().filter(|(_, count)| *count > 0);
    let rows: Vec<_> = bins.chain(beyond.map(|(name, count)| (name.to_owned(), count))).collect();
    let texts = rows.iter().map(|(name, count)| vec![format!("  {name}"), count.to_string()]);
    let aligned = Aligned::new(1, texts.collect());
    // The gap after the counts is on the line already.
    let room = width_max.saturating_sub(aligned.width() + usize::from(GAP));
    let width = room.clamp(BAR_WIDTH_MIN, BAR_WIDTH_MAX);
    let texts = aligned.lines.into_iter().zip(&rows);
    texts.map(|(text, (_, count))| Line::Bar(text, bar(*count, count_max, width))).collect()
}

/// A bar of block characters, to an eighth of one.
fn bar(count: u64, count_max: u64, width: usize) -> String {
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = u128::from(count.min(count_max)) * (8 * width as u128) / u128::from(count_max);
    let eighths = (eighths as usize).max(usize::from(count > 0));
    "█".repeat(eighths / 8) + PARTS[eighths % 8]
}

/// A line for each exact value, in the order of the statistics.
fn exact(column: &ColumnSummary) -> Vec<Line> {
    let decimal = |statistic: &Statistic| column.exact.as_ref()?.get(statistic.name());
    let line = |statistic: &Statistic| {
        decimal(statistic).map(|decimal| Line::Plain(format!("  {statistic} = {decimal}")))
    };
    Statistic::ALL.iter().filter_map(line).collect()
}
