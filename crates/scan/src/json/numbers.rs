//! The numbers of an array that lie in memory: many at a time as long as they are numbers, in any form. What is wrong
//! with one that is none, the reader finds.

use super::cursor::Cursor;
pub(super) use crate::arch::Progress;
use crate::{
    arch::{InstructionSet, elements},
    number::{self, Decimal, Reading},
};

/// Reads numbers of an array from `at` on, where one begins, and puts them behind `values`: some thousands at the most,
/// up to the first element that is no number or does not end in the bytes.
pub(super) fn read(
    set: InstructionSet,
    bytes: &[u8],
    at: usize,
    values: &mut Vec<f64>,
) -> Progress {
    elements(set, bytes, at, values, cell)
}

/// The binary64 nearest to the number that a text is, if it is one with nothing but spaces around it.
fn cell(text: &[u8]) -> Option<f64> {
    let mut cursor = Cursor::new(text, 0, false);
    cursor.space();
    let start = cursor.at;
    let decimal = cursor.number().ok()?;
    let literal = &text[start..cursor.at];
    cursor.space();
    if cursor.at < text.len() { None } else { nearest(decimal, literal) }
}

/// The binary64 nearest to a literal of JSON, which is `decimal` if it is a short one; `None` beyond their range.
#[inline]
pub(super) fn nearest(decimal: Option<Decimal>, literal: &[u8]) -> Option<f64> {
    decimal.and_then(Decimal::nearest).or_else(|| plainly(literal))
}

/// The same without haste.
fn plainly(literal: &[u8]) -> Option<f64> {
    match number::read_plainly(literal) {
        Reading::Float(value) => Some(value),
        Reading::Wide(value) => Some(value.to_f64()),
        Reading::Null | Reading::Overflow | Reading::Text => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All numbers from `at` on, and where that ends.
    fn read(set: InstructionSet, bytes: &[u8], mut at: usize) -> (Vec<u64>, Progress) {
        let mut values = Vec::new();
        loop {
            let progress = super::read(set, bytes, at, &mut values);
            if progress.closed || progress.at == at {
                return (values.into_iter().map(f64::to_bits).collect(), progress);
            }
            at = progress.at;
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_instruction_set_reads_what_the_portable_one_does(
            start in 0usize..70,
            pieces in prop::collection::vec(
                prop_oneof![
                    20 => "-?[0-9]{1,20}(\\.[0-9]{1,20})?(e-?[0-9]{1,3})?",
                    4 => " ?-?(0|[1-9][0-9]{0,3})\\.?[0-9]{0,17} ?",
                    1 => "[-+.eE0-9 \\]\\[\"é,]{0,40}",
                ],
                0..200,
            ),
        ) {
            let text = format!("{}{}", "[".repeat(start), pieces.join(","));
            let expected = read(InstructionSet::Portable, text.as_bytes(), start);
            for set in InstructionSet::available() {
                prop_assert_eq!(&read(set, text.as_bytes(), start), &expected, "{:?}: {}", set, text);
            }
        }

        /// What is wrong is found wherever it stands in a bunch, and all before it is read.
        #[test]
        fn every_instruction_set_stops_at_what_is_no_json(
            start in 0usize..70,
            n_before in 0usize..150,
            space in " ?",
            odd in "-?(01|1\\.|\\.1|00\\.5|1\\.e-?[0-9]|1-|)|--1",
            n_behind in 0usize..150,
        ) {
            let good = |n_numbers| format!("{space}-0.25,").repeat(n_numbers);
            let before = format!("{}{}", "[".repeat(start), good(n_before));
            let text = format!("{before}{space}{odd},{}", good(n_behind));
            let progress = Progress { at: before.len(), closed: false };
            let expected = (vec![(-0.25f64).to_bits(); n_before], progress);
            for set in InstructionSet::available() {
                prop_assert_eq!(&read(set, text.as_bytes(), start), &expected, "{:?}: {}", set, text);
            }
        }
    }
}
