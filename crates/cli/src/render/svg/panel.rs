//! The panel of one column: its name, its histogram, its box plot and its results. Where panels are is not here.

use exacta_client::ColumnSummary;

use super::markup::{escaped, narrow_text, path_of, rounded, text};
use super::{GAP, NAME_WIDTH_MAX};
use crate::render::axis::{Axis, Tick};
use crate::render::grid::{Grid, Row};
use crate::render::picture::{FIVE_NAMES, Picture, sample_text};
use crate::text::{clipped, one_line};

/// The size of a panel without its results.
pub(super) const PANEL_WIDTH: usize = 432;
const PANEL_HEIGHT: usize = 250;

/// Where a panel has its bars. The results stand between the same margins.
const PLOT_LEFT: usize = 56;
pub(super) const PLOT_WIDTH: usize = PANEL_WIDTH - PLOT_LEFT - GAP;
const PLOT_TOP: usize = 60;
const PLOT_HEIGHT: usize = 116;
const PLOT_BOTTOM: usize = PLOT_TOP + PLOT_HEIGHT;

/// Where it has its box.
const BOX_MIDDLE: usize = 222;
const BOX_HEIGHT: usize = 20;

/// How high a line of results is, how many results stand in it, and how wide one of them is.
const RESULTS_HEIGHT: usize = 36;
const N_BESIDE: usize = 5;
const RESULT_WIDTH: usize = (PANEL_WIDTH - 2 * GAP) / N_BESIDE;

/// How wide a character of a label is, or less.
const LABEL_CHAR_WIDTH: f64 = 6.2;

/// The counts of values and of what is none, which stand below the name.
const COUNTS: [&str; 6] = ["count", "null", "nan", "inf", "-inf", "invalid"];

/// What the five numbers are called in a table.
const FIVE_HEADINGS: [&str; 6] = ["min", "max", "median", "q(0.25)", "q(0.5)", "q(0.75)"];

/// What is shown of a column.
pub(super) struct Panel<'a> {
    column: &'a ColumnSummary,
    picture: Picture,
    /// Names and numbers below the picture.
    results: Vec<(String, String)>,
}

impl<'a> Panel<'a> {
    pub(super) fn new(column: &'a ColumnSummary, picture: Picture, grid: &Grid, row: &Row) -> Self {
        let five = FIVE_NAMES.iter().zip(picture.five_numbers);
        let five = five.map(|(name, value)| ((*name).to_owned(), picture.rounded(value)));
        let asked = grid.headings.iter().zip(row.lines.first().into_iter().flatten());
        let is_new = |(name, _): &(&String, &String)| {
            !COUNTS.contains(&name.as_str()) && !FIVE_HEADINGS.contains(&name.as_str())
        };
        let asked = asked.filter(is_new).map(|(name, number)| {
            (name.clone(), picture.rounded_text(number).unwrap_or_else(|| number.clone()))
        });
        let results = five.chain(asked).collect();
        Self { column, picture, results }
    }

    pub(super) fn height(&self) -> usize {
        PANEL_HEIGHT + self.results.len().div_ceil(N_BESIDE) * RESULTS_HEIGHT
    }

    /// What the picture says, in a sentence.
    pub(super) fn description(&self) -> String {
        let numbers = self.results.iter().map(|(name, number)| format!("{name} {number}"));
        let numbers: Vec<_> = numbers.collect();
        format!("{}: {}; {}.", self.name(), sample_text(self.column), numbers.join(", "))
    }

    fn name(&self) -> String {
        one_line(&self.column.name)
    }

    pub(super) fn show(&self, (left, top): (usize, usize), height: usize) -> String {
        let parts = [
            format!("<g transform=\"translate({left} {top})\">\n"),
            format!("<title>{}</title>\n", escaped(&self.name())),
            format!(
                "<rect class=\"panel\" width=\"{PANEL_WIDTH}\" height=\"{height}\" rx=\"8\"/>\n"
            ),
            text("name", GAP, 26, &clipped(&self.name(), NAME_WIDTH_MAX)),
            text("aside", GAP, 44, &sample_text(self.column)),
            self.scale(),
            self.bars(),
            self.axis(),
            self.box_plot(),
            self.results(),
            "</g>\n".to_owned(),
        ];
        parts.concat()
    }

    /// How many pixels wide a bar is, and all of them.
    fn widths(&self) -> (usize, usize) {
        let n_bars = self.picture.bars.counts.len();
        (PLOT_WIDTH / n_bars, PLOT_WIDTH / n_bars * n_bars)
    }

    /// Where a number is on the axis.
    fn place(&self, value: f64) -> f64 {
        PLOT_LEFT as f64 + self.picture.bars.axis.share(value) * self.widths().1 as f64
    }

    /// Lines at round counts, and their labels.
    fn scale(&self) -> String {
        let scale = Axis::new(0.0, self.picture.bars.count_max() as f64);
        let ticks = scale.map(|scale| scale.with_step(1.0).ticks(5)).unwrap_or_default();
        let right = PLOT_LEFT + self.widths().1;
        let line = |tick: &Tick| {
            let share = scale.map_or(0.0, |scale| scale.share(tick.value));
            let y = PLOT_BOTTOM as f64 - share * PLOT_HEIGHT as f64;
            let path = format!("M{PLOT_LEFT} {}H{right}", rounded(y));
            path_of("grid", &path)
                + &text("aside end", PLOT_LEFT - 8, rounded(y + 4.0), &tick.label)
        };
        ticks.iter().map(line).collect()
    }

    fn bars(&self) -> String {
        let bars = &self.picture.bars;
        let (width, _) = self.widths();
        // Bars of single numbers are no areas: they stand for themselves.
        let gap = if bars.is_of_single { (width / 5).clamp(1, 24) } else { usize::from(width > 3) };
        let bar = |(index, count): (usize, &u64)| {
            let height = *count as f64 / bars.count_max() as f64 * PLOT_HEIGHT as f64;
            let (left, height) = (PLOT_LEFT + index * width + gap / 2, rounded(height.max(1.0)));
            let width = (width - gap).max(1);
            format!("M{left} {PLOT_BOTTOM}v-{height}h{width}v{height}z")
        };
        let shown = bars.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        path_of("bars", &shown.map(bar).collect::<String>())
    }

    /// The line below the bars, with round numbers.
    fn axis(&self) -> String {
        let (_, width) = self.widths();
        let ticks = self.picture.bars.axis.ticks_within((width as f64 / LABEL_CHAR_WIDTH) as usize);
        let mark = |tick: &Tick| format!("M{} {PLOT_BOTTOM}v5", rounded(self.place(tick.value)));
        let label = |tick: &Tick| {
            // A label at the end of the axis stays in the panel.
            let half = tick.label.len() as f64 * LABEL_CHAR_WIDTH / 2.0;
            let middle = self.place(tick.value).min(PANEL_WIDTH as f64 - 4.0 - half);
            text("aside middle", rounded(middle), PLOT_BOTTOM + 18, &tick.label)
        };
        let line = format!("M{PLOT_LEFT} {PLOT_BOTTOM}h{width}");
        let line = line + &ticks.iter().map(mark).collect::<String>();
        path_of("axis", &line) + &ticks.iter().map(label).collect::<String>()
    }

    /// A box from quartile to quartile, the median in it, and whiskers to the smallest and the largest value.
    fn box_plot(&self) -> String {
        let [min, lower, median, upper, max] =
            self.picture.five_numbers.map(|value| self.place(value));
        let (top, bottom) = (BOX_MIDDLE - BOX_HEIGHT / 2, BOX_MIDDLE + BOX_HEIGHT / 2);
        let cap = BOX_HEIGHT / 4;
        let whisker = |end: f64, quartile: f64| {
            let (end, quartile) = (rounded(end), rounded(quartile));
            format!("M{end} {}v{}M{end} {BOX_MIDDLE}H{quartile}", BOX_MIDDLE - cap, 2 * cap)
        };
        let whiskers = path_of("whisker", &(whisker(min, lower) + &whisker(max, upper)));
        let size = format!("y=\"{top}\" height=\"{BOX_HEIGHT}\" rx=\"2\"");
        let (left, width) = (rounded(lower), rounded(upper - lower));
        let quartiles = format!("<rect class=\"box\" x=\"{left}\" width=\"{width}\" {size}/>\n");
        whiskers + &quartiles + &path_of("median", &format!("M{} {top}V{bottom}", rounded(median)))
    }

    /// Names and numbers, in lines.
    fn results(&self) -> String {
        let result = |(index, (name, number)): (usize, &(String, String))| {
            let top = PANEL_HEIGHT + index / N_BESIDE * RESULTS_HEIGHT;
            let (left, width) = (GAP + index % N_BESIDE * RESULT_WIDTH, RESULT_WIDTH - 6);
            narrow_text("aside", (left, top + 10), width, name)
                + &narrow_text("number", (left, top + 26), width, number)
        };
        self.results.iter().enumerate().map(result).collect()
    }
}
