//! What would help: warnings about an answer that teach the flag for it. What is wrong with an input is told by the scan.

use std::collections::BTreeMap;
use std::slice;

use exacta::{Plan, Statistic};
use exacta_client::{ColumnSummary, ReasonName};
use exacta_scan::{Column, Excerpt, Group};

use crate::answer::Answer;
use crate::output;
use crate::render::number;
use crate::text::one_line;

/// Tells which columns have no mean, or whatever else was asked for, because of values that are not finite.
pub(crate) fn warn_nonfinite(answer: &Answer) {
    answer.columns().iter().filter_map(nonfinite).for_each(|advice| output::warn(&advice));
}

/// What is told of groups by the column and the kind of its values: in how many of them these spoil a result.
#[derive(Default)]
pub(crate) struct GroupAdvice {
    spoiled: BTreeMap<(String, &'static str), (String, usize)>,
    n_groups: usize,
}

impl GroupAdvice {
    /// Takes note of a group.
    pub(crate) fn note(&mut self, group: &Group, plan: &Plan) -> Result<(), exacta::Error> {
        self.n_groups += 1;
        for column in group.columns.iter().filter(|column| has_nonfinite(column)) {
            let answer = Answer::new(slice::from_ref(column), plan)?;
            let Some(spoiled) = Spoiled::of(&answer.columns()[0]) else { continue };
            let Spoiled { kind, what, value, .. } = spoiled;
            let key = (column.name.clone(), kind);
            let (_, n) = self.spoiled.entry(key).or_insert_with(|| (format!("{what} {value}"), 0));
            *n += 1;
        }
        Ok(())
    }

    /// Tells of all that were noted.
    pub(crate) fn warn(&self) {
        for ((name, kind), (result, n)) in &self.spoiled {
            output::warn(&format!(
                "values in {} are {kind} and make its {result} in {n} of {} groups; `--nonfinite skip` leaves them out",
                Excerpt(name),
                self.n_groups
            ));
        }
    }
}

fn has_nonfinite(column: &Column) -> bool {
    let counts = column.partial.counts();
    counts.nan > 0 || counts.pos_inf > 0 || counts.neg_inf > 0
}

fn nonfinite(column: &ColumnSummary) -> Option<String> {
    let Spoiled { n_values, n_all, kind, what, value } = Spoiled::of(column)?;
    let (are, make, them) =
        if n_values == 1 { ("is", "makes", "it") } else { ("are", "make", "them") };
    Some(format!(
        "{n_values} of {n_all} values in {} {are} {kind} and {make} its {what} {value}; `--nonfinite skip` leaves {them} out",
        Excerpt(&column.name)
    ))
}

/// A result that values which are not finite leave without a finite value.
struct Spoiled {
    n_values: u64,
    n_all: u64,
    /// What the values are.
    kind: &'static str,
    what: &'static str,
    /// What the result is instead.
    value: String,
}

impl Spoiled {
    fn of(column: &ColumnSummary) -> Option<Self> {
        let [nan, pos_inf, neg_inf] =
            [column.nan, column.pos_inf, column.neg_inf].map(|count| count.unwrap_or(0));
        let (n_values, kind, reason) = match nan {
            0 => (pos_inf + neg_inf, "infinite", ReasonName::Infinite),
            _ => (nan, "NaN", ReasonName::Nan),
        };
        let (what, value) = spoiled(column, &reason)?;
        let n_all = column.count + nan + pos_inf + neg_inf;
        Some(Self { n_values, n_all, kind, what, value })
    }
}

/// What is said of a column of numbers that is text only because of one spelling, which may mean a missing value.
pub(crate) fn repeated(column: &Column) -> Option<String> {
    let text = column.invalid_text.as_ref()?;
    let counts = column.partial.counts();
    // A list is separated by commas, and blanks around its items are not theirs.
    let can_be_named =
        !text.contains([',', '\'']) && text.trim() == text && one_line(text) == *text;
    // What stands there once is a slip, or a header that is read as data.
    if counts.count == 0 || counts.invalid < 2 || !can_be_named {
        return None;
    }
    let is_plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c));
    let word = if is_plain { text.clone() } else { format!("'{text}'") };
    Some(format!(
        "column {} is text, no statistics, only because of {} {} times: `--null {word}` if it means a missing value",
        Excerpt(&column.name),
        Excerpt(text),
        counts.invalid
    ))
}

/// A result that the reason leaves without a finite value, the mean if it is one, and what it is instead.
fn spoiled(column: &ColumnSummary, reason: &ReasonName) -> Option<(&'static str, String)> {
    let is_spoiled = |statistic: &&Statistic| {
        column.undefined.as_ref().is_some_and(|all| all.get(statistic.name()) == Some(reason))
    };
    let value =
        |bits: Option<&String>| bits.map_or_else(|| "undefined".to_owned(), |bits| number(bits));
    let statistics = [Statistic::Mean].iter().chain(Statistic::ALL);
    if let Some(statistic) = statistics.clone().find(is_spoiled) {
        let bits = column.bits.as_ref().and_then(|all| all.get(statistic.name()));
        return Some((statistic.name(), value(bits)));
    }
    let mut quantiles = column.quantiles.iter().flatten();
    let quantile = quantiles.find(|quantile| quantile.undefined.as_ref() == Some(reason))?;
    Some(("quantiles", value(quantile.bits.as_ref())))
}
