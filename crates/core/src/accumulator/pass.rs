//! One pass over the data, which fills every state that the plan wants: which kernel fills which state is
//! known here alone.
//!
//! Kernels take NaN, infinities and nulls in their stride and count them, so values are looked at beforehand only under
//! `reject`, where the place of the first offender is asked for. Which instructions a kernel uses is not known here.

use super::{Accumulator, Multiset};
use crate::error::{Error, NonfiniteKind};
use crate::exact::{FourthAccumulator, SumAccumulator, Value};
use crate::kernel::{self, Tally, Validity};
use alloc::vec::Vec;

/// Values that are taken before the next: where several kernels read them, they come from memory once and from
/// the cache afterwards. 32 KB of them fit the smallest cache of common processors.
const PASS_LENGTH: usize = 1 << 12;

impl Accumulator {
    /// Takes the values that are there, and under `reject` none from the first NaN or infinity on.
    ///
    /// # Errors
    /// [`Error::NonfiniteRejected`] at that one, with its place among everything that was taken.
    pub(super) fn take_floats(
        &mut self,
        values: &[f64],
        validity: Option<Validity<'_>>,
    ) -> Result<(), Error> {
        let in_parts = self.reject || !self.takes_one_kernel();
        let length = if in_parts { PASS_LENGTH } else { values.len().max(1) };
        for (values, start) in values.chunks(length).zip((0..).step_by(length)) {
            let validity = validity.map(|validity| validity.slice(start, values.len()));
            let offender = if self.reject { first_nonfinite(values, validity) } else { None };
            let Some((index, kind)) = offender else {
                let tally = self.fill(values, validity);
                self.counts.add(&tally);
                continue;
            };
            let tally =
                self.fill(&values[..index], validity.map(|validity| validity.slice(0, index)));
            self.counts.add(&tally);
            return Err(Error::NonfiniteRejected { kind, index: self.counts.total() });
        }
        Ok(())
    }

    /// Whether one kernel fills all states, so that any number of values may be given to it at once.
    ///
    /// Then a kernel reads ahead and learns from the data as far as it likes, which short parts would cut.
    fn takes_one_kernel(&self) -> bool {
        let sums = self.sum_squares.is_some() || self.sum.is_none() || self.extremes.is_none();
        sums && self.values.is_none() && self.fixed.is_empty()
    }

    /// Puts the finite values that are there into every state, and tells what there was.
    ///
    /// The tally is not counted here: values that were pushed have been counted before.
    pub(super) fn fill(&mut self, values: &[f64], validity: Option<Validity<'_>>) -> Tally {
        let tally = self.fill_sums(values, validity);
        if let (Some(extremes), Some(found)) = (&mut self.extremes, tally.extremes) {
            extremes.merge(found.into());
        }
        if let Some(kept) = &mut self.values {
            keep(kept, values, validity, &tally);
        }
        match validity {
            _ if self.fixed.is_empty() => {}
            None => self.fixed.update(values),
            Some(_) => self.fixed.update(&finite(values, validity).collect::<Vec<_>>()),
        }
        tally
    }

    /// Gives the values to the kernel that fills the sums which are held, and the extremes beside them.
    ///
    /// A kernel that fills more than is asked for gets a state to throw away, which is quicker than one more variant of
    /// each would be worth.
    fn fill_sums(&mut self, values: &[f64], validity: Option<Validity<'_>>) -> Tally {
        match (&mut self.sum, &mut self.sum_squares) {
            // Whoever asks for the higher powers asks for the lower ones too.
            (Some(sum), Some(squares)) if let Some(cubes) = &mut self.sum_cubes => {
                let mut unused = FourthAccumulator::default();
                let fourths = self.sum_fourths.as_deref_mut().unwrap_or(&mut unused);
                kernel::powers(values, validity, sum, squares, cubes, fourths)
            }
            (Some(sum), Some(squares)) => kernel::moments(values, validity, sum, squares),
            (None, Some(squares)) => {
                kernel::moments(values, validity, &mut SumAccumulator::default(), squares)
            }
            (Some(sum), None) => {
                let tally = kernel::sum(values, validity, sum);
                if self.extremes.is_some() { kernel::extremes(values, validity) } else { tally }
            }
            (None, None) if self.extremes.is_some() => kernel::extremes(values, validity),
            // Nothing counts faster than the kernel for sums.
            (None, None) => kernel::sum(values, validity, &mut SumAccumulator::default()),
        }
    }

    /// Takes the integers that are there, which may be no binary64: all at once into the sums and the extremes, and one
    /// by one into what is rarely asked for with them.
    pub(super) fn take_integers(&mut self, values: &[i128], validity: Option<Validity<'_>>) {
        let mut unused = SumAccumulator::default();
        let sum = self.sum.as_deref_mut().unwrap_or(&mut unused);
        let tally = match &mut self.sum_squares {
            Some(squares) => kernel::integers::moments(values, validity, sum, squares),
            None => kernel::integers::sum(values, validity, sum),
        };
        self.counts.add(&tally);
        if let (Some(extremes), Some(found)) = (&mut self.extremes, tally.extremes) {
            extremes.merge(found.into());
        }
        let has_more = self.sum_cubes.is_some() || self.values.is_some() || !self.fixed.is_empty();
        if has_more {
            let present = kernel::integers::present(values, validity);
            present.for_each(|(_, value)| self.fill_rest(Value::from_wide(value)));
        }
    }

    /// Puts an integer beyond 2^53, which is no binary64, into every state.
    #[cold]
    pub(super) fn fill_wide(&mut self, value: Value) {
        let (negative, magnitude, exponent) = value.to_parts();
        if let Some(sum) = &mut self.sum {
            sum.add(negative, magnitude, exponent);
        }
        if let Some(sum) = &mut self.sum_squares {
            let square = u128::from(magnitude) * u128::from(magnitude);
            sum.add_wide(false, square, 2 * exponent);
        }
        if let Some(extremes) = &mut self.extremes {
            extremes.merge((value, value).into());
        }
        self.fill_rest(value);
    }

    /// Puts an integer into the states that are no sums of values and squares, nor extremes.
    fn fill_rest(&mut self, value: Value) {
        if let Some(sum) = &mut self.sum_cubes {
            sum.add_cube(value);
        }
        if let Some(sum) = &mut self.sum_fourths {
            sum.add_fourth(value);
        }
        if let Some(kept) = &mut self.values {
            kept.push_run(value, 1);
        }
        self.fixed.push_times(value, 1);
    }
}

/// Keeps the finite values that are there; all at once where the tally says that they all are.
///
/// That is the common case, and the values are copied in pieces then.
fn keep(kept: &mut Multiset, values: &[f64], validity: Option<Validity<'_>>, tally: &Tally) {
    if tally.finite == values.len() as u64 {
        return kept.extend(values.iter().copied());
    }
    kept.extend(finite(values, validity));
}

/// The finite values that are there, in their order.
fn finite(values: &[f64], validity: Option<Validity<'_>>) -> impl Iterator<Item = f64> {
    let is_there = move |index| validity.is_none_or(|validity| validity.is_valid(index));
    let values = values.iter().copied().enumerate();
    values.filter(move |(index, value)| value.is_finite() && is_there(*index)).map(|(_, x)| x)
}

/// The first NaN or infinity that is there, and its index. What a mask hides is not there, whatever its bits.
///
/// Under `reject` every part is looked at twice, once here and once by the kernels: it comes from the cache then.
fn first_nonfinite(
    values: &[f64],
    validity: Option<Validity<'_>>,
) -> Option<(usize, NonfiniteKind)> {
    // Without a branch a value: it is rare that there is one at all.
    if values.iter().fold(true, |finite, value| finite & value.is_finite()) {
        return None;
    }
    let is_there = |index| validity.is_none_or(|validity| validity.is_valid(index));
    let mut found = values.iter().enumerate().filter(|(index, _)| is_there(*index));
    found.find_map(|(index, value)| Some((index, NonfiniteKind::of(*value)?)))
}
