//! A question as the library, the scan and the service take it, and what is remarkable about an answer to
//! it. Who answers is not here.

use exacta::{Bins, Plan, Probability, Statistic};
use exacta_client::{ColumnSummary, SubmitJobCsvParams, SummarizeCsvParams};
use exacta_scan::{Column, Excerpt, Place, ScanOptions, Warning};

use crate::advice;
use crate::answer::Answer;
use crate::args::{Format, Question, RowArguments, Spelled};
use crate::error::{Error, at};
use crate::input::Input;
use crate::output;
use crate::render::{Headings, picture};

/// How many columns of text are named: what a person reads.
const NAMES_SHOWN_MAX: usize = 5;

/// The quantiles of a command line that asks for nothing in particular.
const QUARTILES: [&str; 3] = ["0.25", "0.5", "0.75"];

/// What a command line asks for.
pub(crate) struct Asked<'a> {
    question: &'a Question,
    rows: Option<&'a RowArguments>,
    /// What is asked for, and what pictures are drawn from.
    pub(crate) plan: Plan,
    /// Those that are asked for, in the order of the answer.
    statistics: Vec<Statistic>,
    /// Those of the plan, each with its spelling; what is asked for comes first.
    quantiles: Vec<Spelled<Probability>>,
    n_quantiles_shown: usize,
    /// The approximate ones likewise.
    approx_quantiles: Vec<Spelled<Probability>>,
    histogram: Option<Spelled<Bins>>,
    pictures: bool,
}

impl<'a> Asked<'a> {
    /// The question, and with `pictures` the results that they are drawn from.
    pub(crate) fn new(question: &'a Question, pictures: bool) -> Self {
        let mut quantiles = quantiles(question);
        let n_quantiles_shown = quantiles.len();
        let approx_quantiles = each_once(question.plan.approx_quantiles.clone());
        let mut plan = match &question.plan.statistics {
            _ if question.plan.all => Plan::new(Statistic::ALL.iter().copied()),
            Some(statistics) => Plan::new(statistics.iter().copied()),
            None => Plan::default(),
        };
        let statistics = plan.statistics().to_vec();
        let mut histogram = question.plan.histogram.clone();
        if pictures {
            plan = Plan::new(statistics.iter().copied().chain(picture::STATISTICS));
            quantiles = each_once([quantiles, quartiles()].concat());
            histogram = Some(picture::bins());
        }
        plan = plan
            .with_quantiles(quantiles.iter().map(|quantile| quantile.value))
            .with_quantile_method(question.plan.quantile_method)
            .with_nonfinite(question.plan.nonfinite)
            .with_approx_quantiles(approx_quantiles.iter().map(|asked| asked.value));
        if let Some(bins) = &histogram {
            plan = plan.with_histogram(bins.value.clone());
        }
        if question.plan.exact {
            plan = plan.with_exact();
        }
        Self {
            question,
            rows: None,
            plan,
            statistics,
            quantiles,
            n_quantiles_shown,
            approx_quantiles,
            histogram,
            pictures,
        }
    }

    /// The question with what a format takes, if it has a place for what is asked for.
    pub(crate) fn in_format(question: &'a Question, format: Format) -> Result<Self, Error> {
        let asked = Self::new(question, format == Format::Svg);
        asked.check_format(format)?;
        Ok(asked)
    }

    /// The same without the quartiles that nobody asked for: decimals have none.
    pub(crate) fn without_quartiles(self) -> Self {
        if self.question.plan.quantiles.is_some() {
            return self;
        }
        let plan = self.plan.with_quantiles([]);
        Self { plan, quantiles: Vec::new(), n_quantiles_shown: 0, ..self }
    }

    /// The same, and what is asked of rows.
    pub(crate) fn with_rows(self, rows: &'a RowArguments) -> Self {
        Self { rows: Some(rows), ..self }
    }

    /// Whether it says what separates cells.
    pub(crate) fn is_delimited(&self) -> bool {
        self.question.delimiter.is_some()
    }

    pub(crate) fn csv_options(&self) -> ScanOptions {
        let mut options = ScanOptions {
            delimiter: self.question.delimiter.unwrap_or(b','),
            headers: !self.question.no_headers,
            columns: self.question.columns.clone(),
            invalid: self.question.invalid,
            null: self.question.null.clone(),
            ..ScanOptions::default()
        };
        self.rows.iter().for_each(|rows| rows.add_to(&mut options));
        options
    }

    /// The query that asks for the same of an input whose cells are separated by `delimiter`, if nothing else is said.
    pub(crate) fn params(&self, delimiter: u8) -> SummarizeCsvParams {
        let question = self.question;
        let approx_quantiles: Vec<_> =
            self.approx_quantiles.iter().map(|asked| asked.text.clone()).collect();
        SummarizeCsvParams {
            statistics: Some(self.plan.statistics().iter().map(known).collect()),
            quantiles: Some(self.quantiles.iter().map(|quantile| quantile.text.clone()).collect()),
            quantile_method: Some(known(&question.plan.quantile_method)),
            nonfinite: Some(known(&question.plan.nonfinite)),
            approx_quantiles: some_list(&approx_quantiles),
            histogram: self.histogram.as_ref().map(|bins| bins.text.clone()),
            exact: question.plan.exact.then_some(true),
            bits: Some(true),
            columns: some_list(&question.columns),
            delimiter: Some(char::from(question.delimiter.unwrap_or(delimiter)).to_string()),
            no_headers: Some(question.no_headers),
            invalid: Some(known(&question.invalid)),
            null: some_list(&question.null),
            names: None,
        }
    }

    /// The same query for a job.
    pub(crate) fn job_params(&self, delimiter: u8) -> SubmitJobCsvParams {
        let SummarizeCsvParams {
            statistics,
            quantiles,
            quantile_method,
            nonfinite,
            approx_quantiles,
            histogram,
            exact,
            bits,
            columns,
            delimiter,
            no_headers,
            invalid,
            null,
            names,
        } = self.params(delimiter);
        SubmitJobCsvParams {
            statistics,
            quantiles,
            quantile_method,
            nonfinite,
            approx_quantiles,
            histogram,
            exact,
            bits,
            columns,
            delimiter,
            no_headers,
            invalid,
            null,
            names,
        }
    }

    /// Refuses a format that has no place for what is asked for.
    pub(crate) fn check_format(&self, format: Format) -> Result<(), Error> {
        let has_results = self.rows.is_some_and(RowArguments::has_results);
        let is_grouped = self.rows.is_some_and(|rows| !rows.by.is_empty());
        let is_listed = self.rows.is_some_and(|rows| rows.top.is_some());
        match self.question.plan.histogram {
            _ if is_grouped && self.pictures => Err(Error::GroupsInPicture),
            _ if has_results && (format.is_flat() || format == Format::Svg) => {
                Err(Error::PairsInRows)
            }
            _ if is_listed && (format.is_flat() || format == Format::Svg) => Err(Error::TopInRows),
            Some(_) if format.is_flat() => Err(Error::HistogramInRows),
            Some(_) if self.pictures => Err(Error::HistogramInPicture),
            _ => Ok(()),
        }
    }

    /// The headings of an answer as a table.
    pub(crate) fn headings(&self) -> Headings {
        let mut headings = Headings::new(
            &self.statistics,
            &self.quantiles[..self.n_quantiles_shown],
            &self.approx_quantiles,
            self.question.plan.bits,
            self.pictures,
        );
        headings.is_filtered = self.rows.is_some_and(|rows| !rows.filters.conditions.is_empty());
        headings
    }

    /// Tells what is remarkable about the answer of a service.
    /// Its input may begin with the names of columns.
    pub(crate) fn warn(&self, input: &Input, answer: &Answer, has_header: bool) {
        let header = self.numeric_header(answer).filter(|_| has_header).into_iter();
        let warnings: Vec<_> = header.chain(text_columns(answer)).collect();
        warn_once(input, &warnings, &[], &mut Vec::new());
    }

    /// The warning that all names in the answer of a service are numbers, as those of data are.
    fn numeric_header(&self, answer: &Answer) -> Option<Warning> {
        let ScanOptions { headers, columns, null, .. } = self.csv_options();
        let is_number = |name: &str| name.trim().parse::<f64>().is_ok();
        let is_missing = |name: &String| name.trim().is_empty() || null.contains(name);
        let mut names = answer.columns().iter().map(|column| &column.name);
        let is_whole_header = headers && columns.is_empty() && answer.columns().len() > 1;
        let is_numeric = names.clone().any(|name| is_number(name))
            && names.all(|name| is_number(name) || is_missing(name));
        let place = Place::Text { line: 1, column: 1, offset: 0 };
        (is_whole_header && is_numeric).then_some(Warning::NumericHeader { place })
    }
}

/// The quantiles asked for, each once; the quartiles, if neither they nor statistics are asked for.
fn quantiles(question: &Question) -> Vec<Spelled<Probability>> {
    let given = match (&question.plan.quantiles, &question.plan.statistics) {
        (Some(quantiles), _) => quantiles.clone(),
        (None, None) if question.plan.approx_quantiles.is_empty() => quartiles(),
        (None, _) => Vec::new(),
    };
    each_once(given)
}

/// The quartiles as they are spelled without being asked for.
pub(crate) fn quartiles() -> Vec<Spelled<Probability>> {
    QUARTILES.map(|text| text.parse().expect("it is a probability")).to_vec()
}

/// The first spelling of each probability, in order.
fn each_once(given: Vec<Spelled<Probability>>) -> Vec<Spelled<Probability>> {
    let mut each_once: Vec<Spelled<Probability>> = Vec::with_capacity(given.len());
    for quantile in given {
        if each_once.iter().all(|earlier| earlier.value != quantile.value) {
            each_once.push(quantile);
        }
    }
    each_once
}

/// A name of the library in the words of the client, whose document has the same list.
fn known<T: std::fmt::Display, U: std::str::FromStr<Err: std::fmt::Debug>>(item: &T) -> U {
    item.to_string().parse().expect("the document lists what the library has")
}

/// A list for the query, which leaves out an empty one.
fn some_list(items: &[String]) -> Option<Vec<String>> {
    (!items.is_empty()).then(|| items.to_vec())
}

/// Tells what is remarkable, a text column in the first input where it is one, with what would help if its column tells.
pub(crate) fn warn_once(
    input: &Input,
    warnings: &[Warning],
    columns: &[Column],
    warned: &mut Vec<String>,
) {
    let mut text_columns = Vec::new();
    for warning in warnings {
        let (place, advice) = match warning {
            Warning::TextColumn { name, .. } if warned.contains(name) => continue,
            Warning::TextColumn { name, place } => {
                warned.push(name.clone());
                let column = columns.iter().find(|column| column.name == *name);
                let Some(advice) = column.and_then(advice::repeated) else {
                    text_columns.push((name.as_str(), *place, warning));
                    continue;
                };
                (Some(*place), advice)
            }
            Warning::NumericHeader { place } | Warning::OtherDelimiter { place, .. } => {
                (Some(*place), warning.to_string())
            }
            _ => (None, warning.to_string()),
        };
        output::warn(&at(&input.name(), place, &advice));
    }
    warn_text(input, &text_columns);
}

/// Tells which columns are text, in one line however many there are.
fn warn_text(input: &Input, columns: &[(&str, Place, &Warning)]) {
    let text = match columns {
        [] => return,
        [(.., warning)] => warning.to_string(),
        _ => {
            let names =
                columns.iter().take(NAMES_SHOWN_MAX).map(|(name, ..)| Excerpt(name).to_string());
            let more = columns.len().saturating_sub(NAMES_SHOWN_MAX);
            let more = (more > 0).then(|| format!("{more} more"));
            let names: Vec<_> = names.chain(more).collect();
            let (last, others) = names.split_last().expect("there are at least two");
            format!(
                "columns {} and {last} are text, no statistics; use --invalid count to summarize their numbers",
                others.join(", ")
            )
        }
    };
    output::warn(&at(&input.name(), columns.iter().map(|(_, place, _)| *place).min(), &text));
}

/// The warnings that the answer of a service calls for.
fn text_columns(answer: &Answer) -> impl Iterator<Item = Warning> {
    let warning = |column: &ColumnSummary| {
        let first = column.r#type.as_ref().and(column.first_invalid.as_ref())?;
        let place = Place::Text { line: first.line, column: first.column, offset: first.offset };
        Some(Warning::TextColumn { name: column.name.clone(), place })
    };
    answer.columns().iter().filter_map(warning)
}
