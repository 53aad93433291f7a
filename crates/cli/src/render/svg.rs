//! Pictures as one SVG document: a panel for each column of numbers with its histogram, its box plot and its results.
//! Colours follow the light or dark scheme of the reader; there are no scripts, and nothing is fetched. What there is to
//! draw is decided in `picture`.

use exacta_client::ColumnSummary;

use super::Headings;
use super::axis::{Axis, Tick};
use super::grid::{Grid, Row};
use super::picture::{FIVE_NAMES, Picture, sample_text};
use crate::answer::Answer;
use crate::text::{clipped, one_line};

/// How everything is set. The dark scheme changes colours alone.
const STYLE: &str = "
svg {
  --page: #ffffff; --panel: #f6f8fa; --line: #d8dee4; --text: #1f2328; --aside: #59636e; --bar: #3f87d9; --box: #cfe2f7;
  font: 12px system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif;
  font-variant-numeric: tabular-nums;
}
@media (prefers-color-scheme: dark) {
  svg { --page: #0d1117; --panel: #161b22; --line: #30363d; --text: #e6edf3; --aside: #9198a1; --bar: #4493f8; --box: #1d3b61; }
}
text { fill: var(--text); }
.page { fill: var(--page); }
.panel { fill: var(--panel); stroke: var(--line); }
.heading { font-size: 17px; font-weight: 600; }
.name { font-size: 14px; font-weight: 600; }
.aside { fill: var(--aside); font-size: 11px; }
.middle { text-anchor: middle; }
.end { text-anchor: end; }
.grid { stroke: var(--line); }
.axis { stroke: var(--aside); fill: none; }
.bars { fill: var(--bar); }
.box { fill: var(--box); stroke: var(--text); }
.whisker { stroke: var(--text); fill: none; }
.median { stroke: var(--text); stroke-width: 2.5; }
";

/// The size of a panel without its results, and the space around everything.
const PANEL_WIDTH: usize = 432;
const PANEL_HEIGHT: usize = 250;
const GAP: usize = 16;

/// Where a panel has its bars. The results stand between the same margins.
const PLOT_LEFT: usize = 56;
const PLOT_WIDTH: usize = PANEL_WIDTH - PLOT_LEFT - GAP;
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

/// How high the heading of a document is, and a line of words below the panels.
const HEADING_HEIGHT: usize = 34;
const WORDS_HEIGHT: usize = 18;

/// How wide a character of a label is, or less.
const LABEL_CHAR_WIDTH: f64 = 6.2;

/// How many columns of a terminal a name takes at most, which fits in a panel whatever the letters.
const NAME_WIDTH_MAX: usize = 40;

/// The most characters of a result, and of its name, that are sure to leave room before the next one.
const RESULT_CHARS_MAX: usize = 11;

/// The most panels in a row of them.
const N_COLUMNS_MAX: usize = 4;

/// The answer as a document.
pub(super) fn svg(answer: &Answer, headings: &Headings) -> String {
    let grid = Grid::new(&answer.without_pictures(headings), headings);
    let mut panels = Vec::new();
    let mut words: Vec<(String, Vec<String>)> = Vec::new();
    for (column, row) in answer.columns().iter().zip(&grid.rows) {
        match Picture::new(column, PLOT_WIDTH) {
            Ok(picture) => panels.push(Panel::new(column, picture, &grid, row)),
            Err(why) => {
                let name = one_line(&column.name);
                match words.iter_mut().find(|(said, _)| *said == why) {
                    Some((_, names)) => names.push(name),
                    None => words.push((why, vec![name])),
                }
            }
        }
    }
    let words = words.iter().map(|(why, names)| format!("{}: {why}", names.join(", ")));
    document(answer.subject(), &panels, &words.collect::<Vec<_>>())
}

/// Panels in rows that make about a square of them, a heading above and words below.
fn document(subject: &str, panels: &[Panel], words: &[String]) -> String {
    let n_columns = (1..N_COLUMNS_MAX).find(|n| n * n >= panels.len()).unwrap_or(N_COLUMNS_MAX);
    let panel_height = panels.iter().map(Panel::height).max().unwrap_or(0);
    let top = GAP + if subject.is_empty() { 0 } else { HEADING_HEIGHT };
    let place = |index: usize| {
        let (row, column) = (index / n_columns, index % n_columns);
        (GAP + column * (PANEL_WIDTH + GAP), top + row * (panel_height + GAP))
    };
    let width = place(n_columns - 1).0 + PANEL_WIDTH + GAP;
    let bottom = top + panels.len().div_ceil(n_columns) * (panel_height + GAP);
    let height = bottom + words.len() * WORDS_HEIGHT + if words.is_empty() { 0 } else { GAP };
    let heading = text("heading", GAP, GAP + 16, &clipped(subject, n_columns * NAME_WIDTH_MAX));
    let words = words.iter().enumerate().map(|(index, words)| {
        let words = clipped(words, n_columns * PANEL_WIDTH / 7);
        text("aside", GAP, bottom + 12 + index * WORDS_HEIGHT, &words)
    });
    let drawn =
        panels.iter().enumerate().map(|(index, panel)| panel.show(place(index), panel_height));
    let title = if subject.is_empty() { "Columns of numbers" } else { subject };
    let described: Vec<_> = panels.iter().map(Panel::description).collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"title desc\">\n\
         <title id=\"title\">{}</title>\n\
         <desc id=\"desc\">A histogram and a box plot of each column of numbers. {}</desc>\n\
         <style>{STYLE}</style>\n\
         <rect class=\"page\" width=\"{width}\" height=\"{height}\"/>\n{heading}{}{}</svg>\n",
        escaped(title),
        escaped(&described.join(" ")),
        drawn.collect::<String>(),
        words.collect::<String>(),
    )
}

/// What is shown of a column.
struct Panel<'a> {
    column: &'a ColumnSummary,
    picture: Picture,
    /// Names and numbers below the picture.
    results: Vec<(String, String)>,
}

impl<'a> Panel<'a> {
    fn new(column: &'a ColumnSummary, picture: Picture, grid: &Grid, row: &Row) -> Self {
        let five = FIVE_NAMES.iter().zip(picture.five_numbers);
        let five = five.map(|(name, value)| ((*name).to_owned(), picture.rounded(value)));
        let asked = grid.headings.iter().zip(row.lines.first().into_iter().flatten());
        // What is counted stands below the name, and the five numbers stand here already.
        let counts = ["count", "null", "nan", "inf", "-inf", "invalid"];
        let five_numbers = ["min", "max", "median", "q(0.25)", "q(0.5)", "q(0.75)"];
        let is_new = |(name, _): &(&String, &String)| {
            !counts.contains(&name.as_str()) && !five_numbers.contains(&name.as_str())
        };
        let asked = asked.filter(is_new).map(|(name, number)| {
            (name.clone(), picture.rounded_text(number).unwrap_or_else(|| number.clone()))
        });
        let results = five.chain(asked).collect();
        Self { column, picture, results }
    }

    fn height(&self) -> usize {
        PANEL_HEIGHT + self.results.len().div_ceil(N_BESIDE) * RESULTS_HEIGHT
    }

    /// What the picture says, in a sentence.
    fn description(&self) -> String {
        let numbers = self.results.iter().map(|(name, number)| format!("{name} {number}"));
        let numbers: Vec<_> = numbers.collect();
        format!("{}: {}; {}.", self.name(), sample_text(self.column), numbers.join(", "))
    }

    fn name(&self) -> String {
        one_line(&self.column.name)
    }

    fn show(&self, (left, top): (usize, usize), height: usize) -> String {
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
            let left = GAP + index % N_BESIDE * RESULT_WIDTH;
            let top = PANEL_HEIGHT + index / N_BESIDE * RESULTS_HEIGHT;
            narrow_text("aside", left, top + 10, name)
                + &narrow_text("number", left, top + 26, number)
        };
        self.results.iter().enumerate().map(result).collect()
    }
}

/// A length, to a tenth of a pixel.
fn rounded(length: f64) -> f64 {
    (length * 10.0).round() / 10.0
}

fn path_of(class: &str, path: &str) -> String {
    format!("<path class=\"{class}\" d=\"{path}\"/>\n")
}

fn text(class: &str, x: impl std::fmt::Display, y: impl std::fmt::Display, text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>\n", escaped(text))
}

/// A text that is made narrower if it might not leave room before the next result.
fn narrow_text(class: &str, x: usize, y: usize, text: &str) -> String {
    if text.chars().count() <= RESULT_CHARS_MAX {
        return self::text(class, x, y, text);
    }
    let length = RESULT_WIDTH - 6;
    let size = format!("textLength=\"{length}\" lengthAdjust=\"spacingAndGlyphs\"");
    format!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\" {size}>{}</text>\n", escaped(text))
}

/// Text as it stands between tags. It has no control characters; other characters that XML lacks are replaced.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ => escaped.push(c),
        }
    }
    escaped
}
