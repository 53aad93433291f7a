//! The numbers that every contender is given, in all the forms in which they are taken, and
//! the answer that all of them must give. Nothing here is timed.

use std::fs;
use std::path::{Path, PathBuf};

use exacta::{Statistic, Summary};
use exacta_client::{
    ColumnInput, ColumnSummary, PredictRequest, PredictResponse, SummarizeRequest,
    SummarizeResponse,
};

use crate::error::{Error, at};

/// So many numbers.
pub(crate) struct Input {
    pub(crate) values: Vec<f64>,
    pub(crate) predict: PredictRequest,
    pub(crate) summarize: SummarizeRequest,
    /// The numbers as text, one a line.
    pub(crate) csv: String,
    pub(crate) predict_json: String,
    /// The same three texts as files.
    pub(crate) csv_file: PathBuf,
    pub(crate) predict_file: PathBuf,
    pub(crate) summarize_file: PathBuf,
    pub(crate) answer: Answer,
}

impl Input {
    /// Makes the numbers and writes the files into the folder.
    pub(crate) fn new(n_numbers: usize, folder: &Path) -> Result<Self, Error> {
        let values = numbers(n_numbers);
        let predict = PredictRequest { input: values.clone() };
        let column = ColumnInput { name: "x".to_owned(), values: values.clone() };
        let summarize = SummarizeRequest { columns: vec![column], plan: None };
        let predict_json = serde_json::to_string(&predict)?;
        let csv: String =
            values.iter().flat_map(|value| [value.to_string(), "\n".to_owned()]).collect();
        let write = |name: &str, text: &str| {
            let path = folder.join(format!("{n_numbers}-{name}"));
            fs::write(&path, text).map_err(at(&path)).map(|()| path)
        };
        Ok(Self {
            csv_file: write("numbers.csv", &csv)?,
            predict_file: write("predict.json", &predict_json)?,
            summarize_file: write("summarize.json", &serde_json::to_string(&summarize)?)?,
            answer: Answer::of_summary(&exacta::summarize(&values)),
            values,
            predict,
            summarize,
            csv,
            predict_json,
        })
    }
}

/// Multiples of 2⁻¹⁰ below 2²⁰ from a fixed seed. A million of them have a sum of at most 50 bits, so that
/// plain addition is exact too, and a server that adds plainly can agree to the bit.
fn numbers(n_numbers: usize) -> Vec<f64> {
    let mut state = 1u64;
    let next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 34) as f64 / 1024.0
    };
    std::iter::repeat_with(next).take(n_numbers).collect()
}

/// What a contender says of the numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer {
    count: u64,
    sum: f64,
    mean: f64,
    min: f64,
    max: f64,
    /// `/predict` has none.
    stddev: Option<f64>,
}

impl Answer {
    /// Whether both say the same, to the bit, where both say anything.
    pub(crate) fn agrees(&self, other: &Self) -> bool {
        let bits =
            |answer: &Self| [answer.sum, answer.mean, answer.min, answer.max].map(f64::to_bits);
        let stddevs = self.stddev.zip(other.stddev);
        self.count == other.count
            && bits(self) == bits(other)
            && stddevs.is_none_or(|(mine, theirs)| mine.to_bits() == theirs.to_bits())
    }

    pub(crate) fn of_summary(summary: &Summary) -> Self {
        let finite = |statistic| summary.get(statistic).and_then(exacta::Outcome::finite);
        let figure = |statistic| finite(statistic).expect("the numbers are finite and several");
        Self {
            count: summary.counts().count,
            sum: figure(Statistic::Sum),
            mean: figure(Statistic::Mean),
            min: figure(Statistic::Min),
            max: figure(Statistic::Max),
            stddev: Some(figure(Statistic::Stddev)),
        }
    }

    pub(crate) fn of_prediction(answer: &PredictResponse) -> Self {
        let PredictResponse { sum, count, average, min, max, .. } = *answer;
        Self { count, sum, mean: average, min, max, stddev: None }
    }

    /// From the one column that was asked about.
    pub(crate) fn of_columns(answer: &SummarizeResponse) -> Option<Self> {
        let [column] = answer.columns.as_slice() else { return None };
        let ColumnSummary { count, sum, mean, min, max, stddev, .. } = *column;
        Some(Self { count, sum: sum?, mean: mean?, min: min?, max: max?, stddev: Some(stddev?) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_sums_of_the_numbers_are_exact() {
        let values = numbers(1_000_000);
        let plain: f64 = values.iter().sum();
        let answer = Answer::of_summary(&exacta::summarize(&values));
        assert_eq!(plain.to_bits(), answer.sum.to_bits());
        assert_eq!((plain / 1e6).to_bits(), answer.mean.to_bits());
    }

    #[test]
    fn one_bit_is_a_disagreement() {
        let answer = Answer::of_summary(&exacta::summarize(&[1.0, 2.0]));
        let without = Answer { stddev: None, ..answer };
        assert!(answer.agrees(&answer) && answer.agrees(&without));
        assert!(!answer.agrees(&Answer { mean: answer.mean.next_up(), ..without }));
        assert!(!answer.agrees(&Answer { stddev: Some(0.0), ..answer }));
        assert!(!answer.agrees(&Answer { count: 3, ..answer }));
    }
}
