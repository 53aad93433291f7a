//! The exact sums of two columns taken row by row, from which covariance, correlation and the line of best
//! fit follow. What those are is not known here.

use super::{Tally, Validity};
use crate::exact::{SquareAccumulator, SumAccumulator, Value};

/// Σx, Σy, Σx², Σy² and Σxy over the same rows.
#[derive(Clone, Debug, Default)]
pub struct ProductSums {
    /// Σx.
    pub x: SumAccumulator,
    /// Σy.
    pub y: SumAccumulator,
    /// Σx².
    pub squares_x: SquareAccumulator,
    /// Σy².
    pub squares_y: SquareAccumulator,
    /// Σxy.
    pub products: SquareAccumulator,
}

impl ProductSums {
    fn add(&mut self, x: f64, y: f64) {
        self.x.add_f64(x);
        self.y.add_f64(y);
        self.squares_x.add_square(x);
        self.squares_y.add_square(y);
        let (negative_x, significand_x, exponent_x) = Value::from(x).to_parts();
        let (negative_y, significand_y, exponent_y) = Value::from(y).to_parts();
        let product = u128::from(significand_x) * u128::from(significand_y);
        self.products.add_wide(negative_x != negative_y, product, exponent_x + exponent_y);
    }

    /// Adds what `other` holds.
    pub fn merge(&mut self, other: &Self) {
        self.x.merge(&other.x);
        self.y.merge(&other.y);
        self.squares_x.merge(&other.squares_x);
        self.squares_y.merge(&other.squares_y);
        self.products.merge(&other.products);
    }
}

/// Adds every row of `xs` and `ys` whose values are both finite. What is counted is rows: one with a NaN is
/// a NaN, else one with an infinity is the first of its infinities.
///
/// # Panics
/// When the columns differ in length.
pub fn products(
    xs: &[f64],
    ys: &[f64],
    validity: Option<Validity<'_>>,
    sums: &mut ProductSums,
) -> Tally {
    assert_eq!(xs.len(), ys.len(), "a row has a value in either column");
    let mut tally = Tally::default();
    for (index, (x, y)) in xs.iter().zip(ys).enumerate() {
        if validity.is_some_and(|validity| !validity.is_valid(index)) {
            tally.null += 1;
        } else if tally.admit(worst(*x, *y)) {
            sums.add(*x, *y);
        }
    }
    tally
}

/// The value that decides what a row is.
fn worst(x: f64, y: f64) -> f64 {
    if x.is_nan() || x.is_infinite() && !y.is_nan() { x } else { y }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact::Dyadic;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn products_equal_those_of_dyadic_arithmetic(
            rows in proptest::collection::vec((any::<f64>(), any::<f64>(), any::<bool>()), 0..40),
        ) {
            let xs: Vec<f64> = rows.iter().map(|row| row.0).collect();
            let ys: Vec<f64> = rows.iter().map(|row| row.1).collect();
            let mut bytes = [0u8; 5];
            for (index, row) in rows.iter().enumerate() {
                bytes[index / 8] |= u8::from(row.2) << (index % 8);
            }
            let mut sums = ProductSums::default();
            let tally = products(&xs, &ys, Validity::new(&bytes, 0, rows.len()), &mut sums);
            let enters = |row: &&(f64, f64, bool)| row.2 && row.0.is_finite() && row.1.is_finite();
            let exact = |value: f64| Value::from(value).to_dyadic();
            let total = rows.iter().filter(enters).fold(Dyadic::default(), |total, row| {
                total.add(&exact(row.0).mul(&exact(row.1)))
            });
            prop_assert_eq!(sums.products.to_dyadic(), total);
            prop_assert_eq!(tally.finite, rows.iter().filter(enters).count() as u64);
        }
    }

    #[test]
    fn a_row_is_what_its_worst_value_is() {
        let (inf, nan) = (f64::INFINITY, f64::NAN);
        let (xs, ys) = ([1.0, inf, nan, inf, 1.0, 1.0], [2.0, nan, inf, -inf, -inf, nan]);
        let tally = products(&xs, &ys, None, &mut ProductSums::default());
        assert_eq!((tally.finite, tally.nan, tally.pos_inf, tally.neg_inf), (1, 3, 1, 1));
    }
}
