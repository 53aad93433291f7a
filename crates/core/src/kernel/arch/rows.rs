//! The moments of two columns and of their products row by row, by the digits of [`super::digits`].
//!
//! The nine products of a digit of x and one of y are summed by the sum of their levels, in five
//! sums: three of 44 bits reach the middle one for each row, so a lane takes 2^5 rows before its
//! sums are read and not 2^7. All other bounds are those of a column by itself. The exponents of
//! both columns are known beforehand, so no value is too large here; only what a third digit leaves
//! is looked for.

use super::digits::{
    BLOCK, Digits, EXPONENTS, GROUP, LEVELS, LevelSums, SPILL_SHARE, STEP, Starts, Totals,
    first_place, middle,
};
use super::vector::LANES_MAX;
use super::{Kernel, Vector, run};
use crate::kernel::InstructionSet;
use alloc::vec::Vec;
use core::array;

/// How many sums products of two columns have: by the sum of the levels, up to three products in each.
/// Nine sums of their own would not fit the registers beside the eighteen of the columns.
const CROSSED: usize = 2 * LEVELS - 1;

/// How many values a lane takes before its sums are read: three times 2^5 products are less than 2^7.
/// 32·3 = 96 products of 2^44 stay below 2^51.
const DEPTH: usize = 32;

/// What the digits of two columns and their products summed up to.
/// Twenty-one integers with exponents; what they are of is at most a block.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct RowSums {
    /// Those of each column.
    pub(in super::super) columns: [LevelSums; 2],
    place: i32,
    products: [i64; CROSSED],
}

impl RowSums {
    /// Σxy as parts times powers of two.
    pub(in super::super) fn products(&self) -> impl Iterator<Item = (i64, i32)> {
        self.products.into_iter().zip((0..).map(|levels| self.place - STEP * levels))
    }
}

/// Rows of which a value has more than three digits: each value with what is left of it.
pub(in super::super) type RowSpill = Vec<[(f64, f64); 2]>;

/// The sums of at most [`BLOCK`] rows by digits below 2^`exponents`, or none where too many have more. The
/// values must be below.
///
/// # Panics
/// When the columns differ in length, there are more rows than sums have room for, or products
/// could over- or underflow.
pub(in super::super) fn rows(
    set: InstructionSet,
    columns: [&[f64]; 2],
    exponents: [i32; 2],
    spill: &mut RowSpill,
) -> Option<RowSums> {
    let [xs, ys] = columns;
    assert!(xs.len() == ys.len() && xs.len() <= BLOCK, "rows are whole, and sums have room");
    assert!(exponents.iter().all(|exponent| EXPONENTS.contains(exponent)), "products have room");
    spill.clear();
    run(set, Rows { columns, exponents, spill })
}

/// The arguments of [`rows`].
struct Rows<'a> {
    columns: [&'a [f64]; 2],
    exponents: [i32; 2],
    spill: &'a mut RowSpill,
}

impl Kernel for Rows<'_> {
    type Output = Option<RowSums>;

    #[inline(always)]
    unsafe fn vectors<V: Vector>(self) -> Option<RowSums> {
        let Self { columns: [xs, ys], exponents, spill } = self;
        let limit = xs.len() / SPILL_SHARE;
        let starts = exponents.map(Starts::below);
        let place = exponents.map(first_place).iter().sum();
        let crossed_starts: [f64; CROSSED] =
            array::from_fn(|sum| middle(place - STEP * sum as i32));
        let mut totals = [Totals::default(), Totals::default()];
        let mut crossed_totals = Totals::default();
        let group_length = GROUP * V::LANES;
        let one = core::hint::black_box(1.0);
        // Not known to the compiler, which would unroll the loop until no sum is left in a register.
        let vectors = core::hint::black_box(GROUP);
        let mut rests = [[0.0; GROUP * LANES_MAX]; 2];
        let mut padded;
        // SAFETY: the caller vouches for the instruction set. A group is either `group_length` values of a
        // slice or an array that long.
        unsafe {
            let one = V::splat(one);
            let length = DEPTH * V::LANES;
            for (xs, ys) in xs.chunks(length).zip(ys.chunks(length)) {
                let [mut x_sums, mut y_sums] =
                    [Digits::<V>::new(&starts[0]), Digits::new(&starts[1])];
                let mut crossed = crossed_starts.map(|start| V::splat(start));
                for (x, y) in xs.chunks(group_length).zip(ys.chunks(group_length)) {
                    let (mut from_x, mut from_y) = (x.as_ptr(), y.as_ptr());
                    if x.len() < group_length {
                        padded = [[0.0; GROUP * LANES_MAX]; 2];
                        padded[0][..x.len()].copy_from_slice(x);
                        padded[1][..y.len()].copy_from_slice(y);
                        (from_x, from_y) = (padded[0].as_ptr(), padded[1].as_ptr());
                    }
                    let mut left = V::splat(0.0);
                    for at in (0..vectors).map(|vector| vector * V::LANES) {
                        let (x_digits, x_rest) = x_sums.take(V::load(from_x.add(at)), one);
                        let (y_digits, y_rest) = y_sums.take(V::load(from_y.add(at)), one);
                        for (level, x_digit) in x_digits.into_iter().enumerate() {
                            for (sum, y_digit) in crossed[level..].iter_mut().zip(y_digits) {
                                *sum = x_digit.mul_add(y_digit, *sum);
                            }
                        }
                        x_rest.store(rests[0].as_mut_ptr().add(at));
                        y_rest.store(rests[1].as_mut_ptr().add(at));
                        left = left.or(x_rest.or(y_rest));
                    }
                    if left.nonzero() != 0 && !take([x, y], &rests, spill, limit) {
                        return None;
                    }
                }
                totals[0].add(&x_sums.0);
                totals[1].add(&y_sums.0);
                crossed_totals.add(&crossed);
            }
        }
        let columns =
            array::from_fn(|column| totals[column].read(exponents[column], &starts[column]));
        Some(RowSums { columns, place, products: crossed_totals.moved(&crossed_starts) })
    }
}

/// Takes the rows that leave something; whether there was room.
///
/// A row of which either value leaves something: its products are put right as a whole. Rows that
/// only fill up a group are not among them, since the slices end before.
#[cold]
fn take(
    [xs, ys]: [&[f64]; 2],
    [x_rests, y_rests]: &[[f64; GROUP * LANES_MAX]; 2],
    spill: &mut RowSpill,
    limit: usize,
) -> bool {
    for ((x, x_rest), (y, y_rest)) in xs.iter().zip(x_rests).zip(ys.iter().zip(y_rests)) {
        if *x_rest != 0.0 || *y_rest != 0.0 {
            spill.push([(*x, *x_rest), (*y, *y_rest)]);
        }
    }
    spill.len() <= limit
}
