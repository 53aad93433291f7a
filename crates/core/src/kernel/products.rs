//! The exact sums of two columns taken row by row, from which covariance, correlation and the line of best
//! fit follow. What those are is not known here.
//!
//! Rows go the way of [`super::moments`], with three digits of x and three of y: nine products give
//! Σxy, six each Σx² and Σy², and all of them have at most 44 bits. A row enters when both of its
//! values are finite and there; so the two columns lose the same rows, and n is one number for all
//! five sums.
//!
//! The bound of a block is looked for beforehand here, one read more: two exponents would have to
//! be guessed right at once. A block whose rows have too many further digits, or lie outside the
//! exponents in which products are exact, is added one by one.

use super::arch::{self, BLOCK, EXPONENTS, RowSpill, RowSums, SLACK};
use super::moments::Sums;
use super::{InstructionSet, Tally, Validity};
use crate::exact::{SquareAccumulator, SumAccumulator, Value};
use alloc::vec::Vec;

/// Below so many rows the loop over them is faster than setting up.
const SHORT: usize = 32;

/// Σx, Σy, Σx², Σy² and Σxy over the same rows.
///
/// Cost: 0.6 KB for each plain sum and 1.1 KB for each sum of products.
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
    /// Adds one row of finite values.
    ///
    /// Integers beyond 2^53 among them: significands have up to 64 bits and products 128.
    pub fn add(&mut self, x: Value, y: Value) {
        let (negative_x, x, exponent_x) = x.to_parts();
        let (negative_y, y, exponent_y) = y.to_parts();
        let product = |a: u64, b: u64| u128::from(a) * u128::from(b);
        self.x.add(negative_x, x, exponent_x);
        self.y.add(negative_y, y, exponent_y);
        self.squares_x.add_wide(false, product(x, x), 2 * exponent_x);
        self.squares_y.add_wide(false, product(y, y), 2 * exponent_y);
        self.products.add_wide(negative_x != negative_y, product(x, y), exponent_x + exponent_y);
    }

    /// Those of the first column.
    fn of_x(&mut self) -> Sums<'_> {
        Sums { sum: &mut self.x, squares: &mut self.squares_x }
    }

    /// Those of the second column.
    fn of_y(&mut self) -> Sums<'_> {
        Sums { sum: &mut self.y, squares: &mut self.squares_y }
    }

    fn add_rows(&mut self, rows: &RowSums) {
        self.of_x().add(&rows.columns[0]);
        self.of_y().add(&rows.columns[1]);
        for (part, exponent) in rows.products().filter(|(part, _)| *part != 0) {
            self.products.add(part < 0, part.unsigned_abs(), exponent);
        }
    }

    /// Adds what the digits of a row have left: of products, the difference to that of the digits.
    ///
    /// With x = c + r and y = d + s the digits have given c², d² and cd; what is missing is x² −
    /// c², y² − d² and xy − cd, each added as two exact products of opposite sign.
    fn add_rest(&mut self, [(x, x_rest), (y, y_rest)]: [(f64, f64); 2]) {
        self.of_x().add_rest(x, x_rest);
        self.of_y().add_rest(y, y_rest);
        self.add_product(false, x, y);
        self.add_product(true, x - x_rest, y - y_rest);
    }

    /// Adds ±xy.
    fn add_product(&mut self, is_subtracted: bool, x: f64, y: f64) {
        let (x_negative, x, x_exponent) = Value::from(x).to_parts();
        let (y_negative, y, y_exponent) = Value::from(y).to_parts();
        let is_negative = is_subtracted ^ x_negative ^ y_negative;
        self.products.add_wide(is_negative, u128::from(x) * u128::from(y), x_exponent + y_exponent);
    }

    /// Adds what `other` holds.
    ///
    /// Associative and commutative to the bit.
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
    products_with(InstructionSet::current(), xs, ys, validity, sums)
}

/// The same with a given instruction set.
fn products_with(
    set: InstructionSet,
    xs: &[f64],
    ys: &[f64],
    validity: Option<Validity<'_>>,
    sums: &mut ProductSums,
) -> Tally {
    assert_eq!(xs.len(), ys.len(), "a row has a value in either column");
    if set == InstructionSet::Portable || xs.len() < SHORT {
        return one_by_one(xs, ys, validity, sums);
    }
    let mut pass = Pass {
        set,
        sums,
        tally: Tally::default(),
        spill: Vec::new(),
        kept: [const { Vec::new() }; 2],
    };
    for (index, (x, y)) in xs.chunks(BLOCK).zip(ys.chunks(BLOCK)).enumerate() {
        pass.take(x, y, validity.map(|validity| validity.slice(index * BLOCK, x.len())));
    }
    pass.tally
}

/// The plain loop, in integers: what the others have to equal.
fn one_by_one(
    xs: &[f64],
    ys: &[f64],
    validity: Option<Validity<'_>>,
    sums: &mut ProductSums,
) -> Tally {
    let mut tally = Tally::default();
    for (index, (x, y)) in xs.iter().zip(ys).enumerate() {
        if validity.is_some_and(|validity| !validity.is_valid(index)) {
            tally.null += 1;
        } else if tally.admit(worst(*x, *y)) {
            sums.add((*x).into(), (*y).into());
        }
    }
    tally
}

/// The state of a pass over rows.
/// Rows of a block are taken or not at all, so the counts and the sums always agree.
struct Pass<'a> {
    set: InstructionSet,
    sums: &'a mut ProductSums,
    tally: Tally,
    spill: RowSpill,
    /// Where rows stand close together that stood between some that are left out.
    kept: [Vec<f64>; 2],
}

impl Pass<'_> {
    /// A full block is tried as it lies; one with holes, or one that turns out to have something
    /// that is not finite, is compacted first, both columns by the same lanes.
    fn take(&mut self, xs: &[f64], ys: &[f64], validity: Option<Validity<'_>>) {
        if validity.is_none_or(|validity| validity.is_full()) && self.take_finite(xs, ys) {
            self.tally.finite += xs.len() as u64;
            return;
        }
        let mut kept = core::mem::take(&mut self.kept);
        kept.iter_mut().for_each(|column| column.resize(BLOCK + SLACK, 0.0));
        let buffers = kept.each_mut().map(Vec::as_mut_slice);
        let found = arch::compact_rows(self.set, [xs, ys], validity, buffers);
        self.tally.finite += found.finite as u64;
        self.tally.null += (xs.len() - found.valid) as u64;
        self.tally.nan += found.nan as u64;
        if found.finite + found.nan < found.valid {
            self.count_infinities(xs, ys, validity);
        }
        let rows = ..found.finite;
        let is_taken = found.finite == 0 || self.take_finite(&kept[0][rows], &kept[1][rows]);
        assert!(is_taken, "what is kept is finite");
        self.kept = kept;
    }

    /// Infinite rows are few, and looked for only when the counts leave some over.
    #[cold]
    fn count_infinities(&mut self, xs: &[f64], ys: &[f64], validity: Option<Validity<'_>>) {
        for (index, (x, y)) in xs.iter().zip(ys).enumerate() {
            let worst = worst(*x, *y);
            if worst.is_infinite() && validity.is_none_or(|validity| validity.is_valid(index)) {
                self.tally.admit(worst);
            }
        }
    }

    /// Takes rows that are all valid; none of them, and false, if a value is not finite.
    fn take_finite(&mut self, xs: &[f64], ys: &[f64]) -> bool {
        let bounds = [xs, ys].map(|column| arch::bounds(self.set, column));
        if !bounds.iter().all(|column| column.finite) {
            return false;
        }
        let exponents = bounds.map(|column| column.exponent().max(*EXPONENTS.start()));
        let have_room = exponents.iter().all(|exponent| EXPONENTS.contains(exponent));
        match have_room
            .then(|| arch::rows(self.set, [xs, ys], exponents, &mut self.spill))
            .flatten()
        {
            Some(found) => {
                self.sums.add_rows(&found);
                self.spill.iter().for_each(|row| self.sums.add_rest(*row));
            }
            None => {
                one_by_one(xs, ys, None, self.sums);
            }
        }
        true
    }
}

/// The value that decides what a row is.
///
/// A NaN before an infinity, and x before y, as the counts promise.
fn worst(x: f64, y: f64) -> f64 {
    if x.is_nan() || x.is_infinite() && !y.is_nan() { x } else { y }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{KINDS, Random, at_every_alignment, cases, fast_sets, mask};
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

    type Columns<'a> = [&'a [f64]; 2];
    type Found = (Tally, [Dyadic; 2], [Dyadic; 3]);

    fn pass(set: InstructionSet, [xs, ys]: Columns<'_>, validity: Option<Validity<'_>>) -> Found {
        let mut sums = ProductSums::default();
        let tally = products_with(set, xs, ys, validity, &mut sums);
        let squares = [sums.squares_x, sums.squares_y, sums.products].map(|sum| sum.to_dyadic());
        (tally, [sums.x, sums.y].map(|sum| sum.to_dyadic()), squares)
    }

    #[track_caller]
    fn check(xs: &[f64], ys: &[f64], validity: Option<Validity<'_>>) {
        let expected = pass(InstructionSet::Portable, [xs, ys], validity);
        check_against(&expected, [xs, ys], validity);
    }

    #[track_caller]
    fn check_against(expected: &Found, columns: Columns<'_>, validity: Option<Validity<'_>>) {
        for set in fast_sets() {
            let found = pass(set, columns, validity);
            assert!(found == *expected, "{set:?}, {} rows: {columns:?}", columns[0].len());
        }
    }

    #[test]
    fn every_pair_of_kinds_equals_the_plain_loop() {
        let mut random = Random::new(11);
        for (round, kind) in KINDS.iter().cycle().take(4 * KINDS.len()).enumerate() {
            let length = if round % 2 == 0 { 32 + round } else { 400 * round };
            let xs = random.values(*kind, length);
            let other = KINDS[random.below(KINDS.len())];
            let ys = random.values(if round < 2 * KINDS.len() { *kind } else { other }, length);
            check(&xs, &ys, None);
            let bytes = mask(&mut random, round + length);
            check(&xs, &ys, Validity::new(&bytes, round, length));
        }
    }

    /// Of either column: 64 pairs of alignments.
    #[test]
    fn every_length_and_alignment_equals_the_plain_loop() {
        let mut random = Random::new(12);
        for length in 0..=300 {
            let kind = |of: usize| KINDS[of % KINDS.len()];
            let (xs, ys) = (
                random.values(kind(length), length),
                random.values(kind(length + length / KINDS.len()), length),
            );
            let expected = pass(InstructionSet::Portable, [&xs, &ys], None);
            at_every_alignment(&xs, |xs| {
                at_every_alignment(&ys, |ys| check_against(&expected, [xs, ys], None));
            });
        }
    }

    #[test]
    fn many_short_arrays_equal_the_plain_loop() {
        let mut random = Random::new(13);
        for case in 0..cases(10) {
            let length = SHORT + random.below(10);
            let xs = random.values(KINDS[case % KINDS.len()], length);
            let ys = random.values(KINDS[case / KINDS.len() % KINDS.len()], length);
            check(&xs, &ys, None);
        }
    }

    #[test]
    fn the_largest_sums_have_room() {
        let most = vec![1.0f64.next_down(); 5000];
        let least: Vec<f64> = most.iter().map(|value| -value).collect();
        check(&most, &most, None);
        check(&most, &least, None);
    }

    #[test]
    fn a_row_is_what_its_worst_value_is() {
        let (inf, nan) = (f64::INFINITY, f64::NAN);
        let (xs, ys) = ([1.0, inf, nan, inf, 1.0, 1.0], [2.0, nan, inf, -inf, -inf, nan]);
        let tally = products(&xs, &ys, None, &mut ProductSums::default());
        assert_eq!((tally.finite, tally.nan, tally.pos_inf, tally.neg_inf), (1, 3, 1, 1));
    }
}
