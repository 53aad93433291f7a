//! The numbers of an array that lie in memory: many at a time as long as they are numbers, in any form. What is wrong
//! with one that is none, the reader finds.

use super::cursor::Cursor;
use crate::{
    arch::{Found, InstructionSet, Tile, elements},
    number::{self, Decimal, Reading},
};

/// Reads numbers of arrays.
pub(super) struct Numbers {
    set: InstructionSet,
    tile: Box<Tile>,
}

/// How far numbers were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Progress {
    /// The position behind the last comma, or behind the bracket that closes the array.
    pub(super) at: usize,
    pub(super) closed: bool,
}

impl Numbers {
    pub(super) fn new() -> Self {
        Self::with(InstructionSet::best())
    }

    fn with(set: InstructionSet) -> Self {
        Self { set, tile: Tile::new() }
    }

    /// Reads the elements of a tile from `at` on, where one begins, up to the first that is no number or does not end
    /// there.
    pub(super) fn read(&mut self, bytes: &[u8], at: usize, values: &mut Vec<f64>) -> Progress {
        let Found { n_elements, n_others, closed } = elements(self.set, bytes, at, &mut self.tile);
        let Tile { ends, floats, others } = &mut *self.tile;
        let end = |n_elements: usize| at + ends[n_elements].wrapping_add(1) as usize;
        for other in &others[..n_others] {
            let other = *other as usize;
            let Some(value) = cell(&bytes[end(other)..end(other + 1) - 1]) else {
                values.extend_from_slice(&floats[..other]);
                return Progress { at: end(other), closed: false };
            };
            floats[other] = value;
        }
        values.extend_from_slice(&floats[..n_elements]);
        Progress { at: end(n_elements), closed }
    }
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

    /// All numbers from `at` on, a tile at a time as long as there is one, and where that ends.
    fn read(set: InstructionSet, bytes: &[u8], mut at: usize) -> (Vec<u64>, Progress) {
        let (mut numbers, mut values) = (Numbers::with(set), Vec::new());
        loop {
            let progress = numbers.read(bytes, at, &mut values);
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
    }
}
