//! Pictures in characters: for each column a histogram and, below its axis, a box plot; several columns beside each
//! other where the terminal is wide enough. What there is to draw is decided in `picture`.

use exacta_client::ColumnSummary;

use super::Terminal;
use super::axis::{Axis, Tick};
use super::canvas::Strip;
use super::picture::{FIVE_NAMES, Picture, sample_text};
use crate::color::Style;
use crate::text::{clipped, one_line};

/// How wide all pictures are together where lines have no end.
const WIDTH: usize = 80;

/// How wide a picture is: at least, for others to stand beside it, and at most.
const PANEL_WIDTH_MIN: usize = 72;
const PANEL_WIDTH_MAX: usize = 110;

/// Spaces between pictures beside each other.
const GAP: usize = 3;

/// How many lines the tallest bar takes at most.
const HEIGHT: usize = 10;

/// How many characters the numbers beside the bars have at most.
const SCALE_WIDTH_MAX: usize = 7;

/// How much of a name is shown, even if the line becomes too long.
const NAME_WIDTH_MIN: usize = 16;

/// A character filled from below, to an eighth.
const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The pictures of the columns of numbers, and a line for each that has none, after an empty line each.
pub(super) fn plots(columns: &[ColumnSummary], terminal: &Terminal) -> String {
    let columns: Vec<_> = columns.iter().filter(|column| column.r#type.is_none()).collect();
    let width = terminal.width.unwrap_or(WIDTH);
    let n_beside = ((width + GAP) / (PANEL_WIDTH_MIN + GAP)).clamp(1, columns.len().max(1));
    let count_max = columns.iter().map(|column| column.count).max().unwrap_or(0);
    let frame = Frame {
        width: ((width + GAP) / n_beside).saturating_sub(GAP).min(PANEL_WIDTH_MAX),
        scale_width: count_max.to_string().len().min(SCALE_WIDTH_MAX),
    };
    let (mut panels, mut words) = (Vec::new(), Vec::new());
    for column in columns {
        match Picture::new(column, frame.body_width()) {
            Ok(picture) => panels.push(frame.panel(column, &picture)),
            Err(why) => words.push(frame.title(&column.name, &why)),
        }
    }
    let rows = panels.chunks(n_beside).map(|panels| frame.beside(panels));
    let blocks = rows.chain((!words.is_empty()).then_some(words));
    let lines = blocks.flat_map(|lines| [vec![Strip::default()], lines].concat());
    lines.map(|line| line.show(terminal.paint)).collect()
}

/// Where things stand in a picture: the numbers beside the bars, the bars, and a margin.
#[derive(Clone, Copy)]
struct Frame {
    width: usize,
    scale_width: usize,
}

impl Frame {
    /// How many characters the bars have, at least one.
    fn body_width(self) -> usize {
        // The scale and its line on the left, and on the right as much as half a label may need.
        self.width.saturating_sub(self.scale_width + 5).max(1)
    }

    /// Panels beside each other: their titles in the first line, their axes in one, too.
    fn beside(self, panels: &[Vec<Strip>]) -> Vec<Strip> {
        let n_lines = panels.iter().map(Vec::len).max().unwrap_or(0);
        let mut lines = vec![Strip::default(); n_lines];
        for (place, panel) in panels.iter().enumerate() {
            let n_missing = n_lines - panel.len();
            for (index, strip) in panel.iter().enumerate() {
                let line = &mut lines[if index == 0 { 0 } else { index + n_missing }];
                line.pad(place * (self.width + GAP));
                line.append(strip.clone());
            }
        }
        lines
    }

    /// The name of a column and what is to be said of it.
    fn title(self, name: &str, words: &str) -> Strip {
        let mut line = Strip::default();
        let words = format!("  {words}");
        let name_width = self.width.saturating_sub(words.len()).max(NAME_WIDTH_MIN);
        line.push(Some(Style::Heading), clipped(&one_line(name), name_width));
        line.push(Some(Style::Aside), words);
        line
    }

    /// The lines of one picture.
    fn panel(self, column: &ColumnSummary, picture: &Picture) -> Vec<Strip> {
        let body = Body::new(picture, self.body_width());
        let mut lines = vec![self.title(&column.name, &sample_text(column))];
        lines.extend(self.histogram(picture, body));
        lines.push(self.labels(body));
        let box_plot = body.box_plot(&picture.five_numbers).into_iter();
        lines.extend(box_plot.map(|text| self.row("", ' ', None, text)));
        lines.extend(self.numbers(picture));
        lines
    }

    /// A line of the picture: what stands beside the axis, the axis, and what is right of it.
    fn row(self, scale: &str, axis: char, style: Option<Style>, text: String) -> Strip {
        let mut line = Strip::default();
        line.push(Some(Style::Aside), format!("{scale:>width$} {axis}", width = self.scale_width));
        line.push(style, text);
        line
    }

    /// The bars from above, and the axis below them.
    fn histogram(self, picture: &Picture, body: Body) -> Vec<Strip> {
        let scale = Scale::new(picture.bars.count_max());
        let mut labels = vec![String::new(); scale.n_lines];
        for tick in &scale.ticks {
            labels[scale.eighths(tick.value as u64) / 8 - 1].clone_from(&tick.label);
        }
        let row = |(index, label): (usize, &String)| {
            let axis = if label.is_empty() { '│' } else { '┤' };
            let cell = |count| EIGHTHS[scale.eighths(count).saturating_sub(8 * index).min(8)];
            let cells = picture.bars.counts.iter().flat_map(|count| body.bar(cell(*count)));
            self.row(label, axis, Some(Style::Bar), cells.collect())
        };
        let lines = labels.iter().enumerate().rev().map(row);
        lines.chain([self.row("0", '┼', Some(Style::Aside), body.axis_line())]).collect()
    }

    /// The round numbers below the axis.
    fn labels(self, body: Body) -> Strip {
        let mut line = Strip::default();
        for tick in body.axis.ticks_within(body.width) {
            let middle = self.scale_width + 2 + body.place(tick.value);
            let start = middle.saturating_sub(tick.label.len() / 2);
            let start = start.min(self.width.saturating_sub(tick.label.len()));
            if line.width() == 0 || line.width() < start {
                line.pad(start);
                line.push(Some(Style::Aside), tick.label);
            }
        }
        line
    }

    /// The five numbers with their names, in as many lines as they take.
    fn numbers(self, picture: &Picture) -> Vec<Strip> {
        let indent = self.scale_width + 2;
        let mut lines = vec![Strip::default()];
        for (name, value) in FIVE_NAMES.iter().zip(&picture.five_numbers) {
            let text = format!("{name} {}", picture.rounded(*value));
            let line = lines.last_mut().expect("there is one");
            if line.width() > 0 && line.width() + 3 + text.len() > self.width {
                lines.push(Strip::default());
            }
            let line = lines.last_mut().expect("there is one");
            line.pad(if line.width() == 0 { indent } else { line.width() + 3 });
            line.push(None, text);
        }
        lines
    }
}

/// What has the axis below it.
#[derive(Clone, Copy)]
struct Body {
    axis: Axis,
    bar_width: usize,
    /// Whether bars have a gap between them.
    has_gaps: bool,
    width: usize,
}

impl Body {
    fn new(picture: &Picture, width_max: usize) -> Self {
        let n_bars = picture.bars.counts.len();
        let bar_width = (width_max / n_bars).max(1);
        // Bars of single numbers are no areas: they stand for themselves.
        let has_gaps = picture.bars.is_of_single && bar_width > 2;
        Self { axis: picture.bars.axis, bar_width, has_gaps, width: bar_width * n_bars }
    }

    /// A part of a bar.
    fn bar(self, cell: char) -> impl Iterator<Item = char> {
        let end = if self.has_gaps { ' ' } else { cell };
        std::iter::repeat_n(cell, self.bar_width - 1).chain([end])
    }

    /// The character in which a number lies.
    fn place(self, value: f64) -> usize {
        ((self.axis.share(value) * self.width as f64) as usize).min(self.width - 1)
    }

    fn axis_line(self) -> String {
        let mut line = vec!['─'; self.width];
        for tick in self.axis.ticks_within(self.width) {
            line[self.place(tick.value)] = '┬';
        }
        line.into_iter().collect()
    }

    /// A box from the lower quartile to the upper, the median in it, and whiskers to the smallest and largest value.
    fn box_plot(self, five_numbers: &[f64; 5]) -> [String; 3] {
        let [min, lower, median, upper, max] = five_numbers.map(|value| self.place(value));
        let mut lines = [const { Vec::new() }; 3].map(|_: Vec<char>| vec![' '; self.width]);
        let [top, middle, bottom] = &mut lines;
        middle[min..=max].fill('─');
        middle[lower..=upper].fill(' ');
        (middle[min], middle[max]) = ('├', '┤');
        for (line, [left, across, tee, right]) in
            [(top, ['╭', '─', '┬', '╮']), (bottom, ['╰', '─', '┴', '╯'])]
        {
            line[lower..=upper].fill(across);
            line[median] = tee;
            if lower < upper {
                (line[lower], line[upper]) = (left, right);
            }
        }
        middle[lower] = if min < lower { '┤' } else { '│' };
        middle[upper] = if upper < max { '├' } else { '│' };
        middle[median] = '┃';
        lines.map(|line| line.into_iter().collect())
    }
}

/// How counts become heights: so that round ones end with a line.
struct Scale {
    /// Round counts above zero.
    ticks: Vec<Tick>,
    /// The first of them, and how many lines it has.
    step: u64,
    lines_per_step: usize,
    /// How many lines the tallest bar takes.
    n_lines: usize,
}

impl Scale {
    /// The scale with which the tallest bar takes most of the height, of those with two ticks and room between them.
    fn new(count_max: u64) -> Self {
        let scales = (1..=5).filter_map(|n_ticks| Self::with_ticks(count_max, n_ticks));
        let rank =
            |scale: &Self| (scale.ticks.len() > 1 && scale.lines_per_step > 1, scale.n_lines);
        scales.max_by_key(rank).expect("one tick fits")
    }

    /// The scale with up to so many ticks, unless they would be nearer than two lines.
    fn with_ticks(count_max: u64, n_ticks: usize) -> Option<Self> {
        let axis = Axis::new(0.0, count_max as f64)?.with_step(1.0);
        let ticks = axis.ticks(n_ticks + 1).split_off(1);
        let step = ticks.first()?.value as u64;
        let lines_per_step = (u128::from(step) * HEIGHT as u128 / u128::from(count_max)) as usize;
        let lines_per_step = lines_per_step.min(HEIGHT / 2);
        let mut scale = Self { ticks, step, lines_per_step, n_lines: 0 };
        scale.n_lines = scale.eighths(count_max).div_ceil(8);
        (lines_per_step > 0).then_some(scale)
    }

    /// How high a bar is in eighths of a line: something, if there is anything.
    fn eighths(&self, count: u64) -> usize {
        let eighths = u128::from(count) * (8 * self.lines_per_step) as u128 / u128::from(self.step);
        (eighths as usize).max(usize::from(count > 0))
    }
}
