//! The numbers of a column as they are written, for who adds them up as decimals. What binary64 they are is in `batch`.

use std::ops::Range;

use crate::number::{Decimal, Written};

/// The cells of one column of a batch, as they are written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Literals {
    /// ±mantissa of the literals that an i64 has room for, one behind the other, and their powers of ten.
    mantissas: Vec<i64>,
    exponents: Vec<i16>,
    /// The rows between them that have anything else, ascending.
    others: Vec<(u32, Written)>,
}

impl Literals {
    /// Forgets all rows, and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.mantissas.clear();
        self.exponents.clear();
        self.others.clear();
    }

    /// How many rows there are.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.mantissas.len() + self.others.len()
    }

    /// The mantissas and the exponents of the literals that have their place here.
    pub(crate) fn common(&self) -> (&[i64], &[i16]) {
        (&self.mantissas, &self.exponents)
    }

    /// All other rows.
    pub(crate) fn others(&self) -> &[(u32, Written)] {
        &self.others
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, written: Written) {
        match common(written) {
            Some((mantissa, exponent)) => {
                self.mantissas.push(mantissa);
                self.exponents.push(exponent);
            }
            None => self.others.push((self.len() as u32, written)),
        }
    }

    /// Adds as many rows as there is room for in `others`. `read` writes their mantissas and exponents, but for some rows
    /// whose indices among them it puts into `others`, ascending, and gives their number. What those have, `other` knows.
    pub(crate) fn extend(
        &mut self,
        others: &mut [u32],
        read: impl FnOnce(&mut [i64], &mut [i16], &mut [u32]) -> usize,
        other: impl Fn(usize) -> Written,
    ) {
        let (row, start, n_rows) = (self.len() as u32, self.mantissas.len(), others.len());
        self.mantissas.resize(start + n_rows, 0);
        self.exponents.resize(start + n_rows, 0);
        let n_others = read(&mut self.mantissas[start..], &mut self.exponents[start..], others);
        // Where the next literal belongs, and where it stands.
        let (mut to, mut from) = (start, start);
        for other_row in &others[..n_others] {
            let at = start + *other_row as usize;
            to = self.move_up(from..at, to);
            from = at + 1;
            let written = other(*other_row as usize);
            match common(written) {
                Some((mantissa, exponent)) => {
                    (self.mantissas[to], self.exponents[to]) = (mantissa, exponent);
                    to += 1;
                }
                None => self.others.push((row + *other_row, written)),
            }
        }
        let n_literals = self.move_up(from..start + n_rows, to);
        self.mantissas.truncate(n_literals);
        self.exponents.truncate(n_literals);
    }

    /// Moves some literals to a place before them, and gives the place behind.
    fn move_up(&mut self, from: Range<usize>, to: usize) -> usize {
        let behind = to + from.len();
        if from.start > to {
            self.mantissas.copy_within(from.clone(), to);
            self.exponents.copy_within(from, to);
        }
        behind
    }

    /// Adds some rows of others, given in ascending order; nothing, where those were not wanted.
    pub(crate) fn extend_rows(&mut self, literals: &Self, rows: &[u32]) {
        let rows = if literals.len() == 0 { &[] } else { rows };
        let mut n_others = 0;
        for row in rows {
            let others = &literals.others[n_others..];
            n_others += others.iter().take_while(|(other, _)| other < row).count();
            match literals.others.get(n_others) {
                Some((other, written)) if other == row => self.push(*written),
                _ => {
                    let place = *row as usize - n_others;
                    self.mantissas.push(literals.mantissas[place]);
                    self.exponents.push(literals.exponents[place]);
                }
            }
        }
    }

    /// Takes the rows away behind the first so many.
    pub(crate) fn truncate(&mut self, n_rows: usize) {
        let n_others = self.others.partition_point(|(row, _)| (*row as usize) < n_rows);
        self.others.truncate(n_others);
        self.mantissas.truncate(n_rows - n_others);
        self.exponents.truncate(n_rows - n_others);
    }
}

/// ±mantissa and exponent of a literal, if an i64 has room for it.
fn common(written: Written) -> Option<(i64, i16)> {
    let Written::Decimal(Decimal { mantissa, exponent, negative, .. }) = written else {
        return None;
    };
    let magnitude = i64::try_from(mantissa).ok()?;
    Some((if negative { -magnitude } else { magnitude }, exponent as i16))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written() -> impl Strategy<Value = Written> {
        let texts = ["1", "-2.5", "3e7", "9999999999999999999", "", "nan", "x", "1e300"];
        prop::sample::select(texts.to_vec()).prop_map(crate::number::read_written)
    }

    /// All that is known of each row.
    fn rows(literals: &Literals) -> Vec<String> {
        let row = |row| {
            let mut alone = Literals::default();
            alone.extend_rows(literals, &[row]);
            format!("{alone:?}")
        };
        (0..literals.len() as u32).map(row).collect()
    }

    fn pushed(cells: impl IntoIterator<Item = Written>) -> Literals {
        let mut literals = Literals::default();
        cells.into_iter().for_each(|written| literals.push(written));
        literals
    }

    proptest! {
        #[test]
        fn rows_come_one_by_one_or_together(
            cells in prop::collection::vec((written(), any::<bool>()), 0..30), n_before in 0usize..30,
        ) {
            let n_before = n_before.min(cells.len());
            let all: Vec<_> = cells.iter().map(|(written, _)| *written).collect();
            let mut literals = pushed(all[..n_before].iter().copied());
            let late = &cells[n_before..];
            let read = |mantissas: &mut [i64], exponents: &mut [i16], others: &mut [u32]| {
                let mut n_others = 0;
                for (row, (written, is_other)) in late.iter().enumerate() {
                    match common(*written) {
                        Some(literal) if !is_other => (mantissas[row], exponents[row]) = literal,
                        _ => {
                            others[n_others] = row as u32;
                            n_others += 1;
                        }
                    }
                }
                n_others
            };
            literals.extend(&mut vec![0; late.len()], read, |row| late[row].0);
            prop_assert_eq!(format!("{literals:?}"), format!("{:?}", pushed(all)));
        }

        #[test]
        fn rows_are_chosen_and_left_out(
            cells in prop::collection::vec((written(), any::<bool>()), 0..30), n_kept in 0usize..30,
        ) {
            let literals = pushed(cells.iter().map(|(written, _)| *written));
            let chosen: Vec<_> =
                (0..).zip(&cells).filter(|(_, (_, is_chosen))| *is_chosen).map(|(row, _)| row).collect();
            let mut some = Literals::default();
            some.extend_rows(&literals, &chosen);
            let expected = pushed(chosen.iter().map(|row| cells[*row as usize].0));
            prop_assert_eq!(format!("{some:?}"), format!("{expected:?}"));
            let mut first = literals.clone();
            first.truncate(n_kept);
            prop_assert_eq!(rows(&first), rows(&literals).into_iter().take(n_kept).collect::<Vec<_>>());
        }
    }
}
