//! The working state of one column while values stream in. It holds what the plan's statistics need and
//! no more; turning it into bytes or into numbers is not done here.

mod counts;
mod extremes;
mod multiset;

use alloc::boxed::Box;
use alloc::string::ToString;
pub use counts::Counts;
pub use extremes::Extremes;
pub use multiset::Multiset;

use crate::error::{Error, NonfiniteKind};
use crate::exact::{SquareAccumulator, SumAccumulator, Value};
use crate::kernel::{self, environment, parallel};
use crate::plan::{Nonfinite, Plan};
use crate::stat::States;

/// Values taken into the states at once: small enough to stay in the first-level cache.
const BLOCK_LENGTH: usize = 1024;

/// How many things merged accumulators may have taken: what is taken one by one after that cannot fill the
/// other half of the 64 bits in any machine's lifetime, so only merging has to look.
const MERGED_TOTAL_MAX: u64 = 1 << 63;

/// Takes values of one column and keeps the exact states that a plan needs.
///
/// Memory is constant (2 KB) unless the plan asks for an order statistic, which keeps every value.
///
/// ```
/// use exacta::{Accumulator, Plan, Statistic};
/// let plan = Plan::new([Statistic::Sum]);
/// let mut accumulator = Accumulator::new(&plan);
/// accumulator.update(&[1e16, 1.0])?;
/// accumulator.push(-1e16)?;
/// accumulator.push_null();
/// let summary = accumulator.into_partial().finalize(&plan)?;
/// assert_eq!(summary.get(Statistic::Sum).unwrap().finite(), Some(1.0));
/// assert_eq!((summary.counts().count, summary.counts().null), (3, 1));
/// # Ok::<(), exacta::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Accumulator {
    pub(crate) states: States,
    reject: bool,
    pub(crate) counts: Counts,
    pub(crate) sum: Option<Box<SumAccumulator>>,
    pub(crate) sum_squares: Option<Box<SquareAccumulator>>,
    pub(crate) extremes: Option<Extremes>,
    pub(crate) values: Option<Multiset>,
}

impl Accumulator {
    /// An accumulator that has taken nothing, with the states that `plan` needs.
    pub fn new(plan: &Plan) -> Self {
        Self::with_states(plan.states(), plan.nonfinite() == Nonfinite::Reject)
    }

    fn with_states(states: States, reject: bool) -> Self {
        Self {
            states,
            reject,
            counts: Counts::default(),
            sum: states.contains(States::SUM).then(Box::default),
            sum_squares: states.contains(States::SUM_SQUARES).then(Box::default),
            extremes: states.contains(States::EXTREMES).then(Extremes::default),
            values: states.contains(States::VALUES).then(Multiset::default),
        }
    }

    /// What has been taken so far.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Takes one value.
    ///
    /// # Errors
    /// [`Error::NonfiniteRejected`] for NaN and infinities when the plan's policy is `reject`; the
    /// accumulator stays as it was.
    pub fn push(&mut self, value: impl Into<Value>) -> Result<(), Error> {
        let value = value.into();
        if !self.admit(value)? {
            return Ok(());
        }
        if value.remainder() == 0 {
            self.take_finite(&[value.to_f64()]);
        } else {
            self.take_wide_integer(value);
        }
        Ok(())
    }

    /// Counts a missing value.
    pub fn push_null(&mut self) {
        self.counts.null += 1;
    }

    /// Counts a cell that is no number.
    pub fn push_invalid(&mut self) {
        self.counts.invalid += 1;
    }

    /// Takes every value of a slice.
    ///
    /// # Errors
    /// [`Error::NonfiniteRejected`] at the first NaN or infinity when the plan's policy is `reject`; the
    /// values before it have been taken.
    pub fn update<T: Copy + Into<Value>>(&mut self, values: &[T]) -> Result<(), Error> {
        environment::with_default(|| {
            values.chunks(BLOCK_LENGTH).try_for_each(|block| self.take_block(block))
        })
    }

    /// Takes every value of a slice with the threads of rayon's current pool: the same bits as
    /// [`Accumulator::update`], and the same error.
    ///
    /// # Errors
    /// As [`Accumulator::update`].
    pub fn update_parallel<T: Copy + Into<Value> + Sync>(
        &mut self,
        values: &[T],
    ) -> Result<(), Error> {
        // Under `reject` the first offender has to be named: one thread finds it.
        if self.reject || values.len() <= parallel::CHUNK_LENGTH {
            return self.update(values);
        }
        let states = self.states;
        let taken = parallel::fold(
            values,
            || Self::with_states(states, false),
            |mut state, chunk| {
                state.update(chunk).expect("nothing is rejected");
                state
            },
            |mut left, right| {
                left.merge(right).expect("the states are the same and slices can be counted");
                left
            },
        );
        self.merge(taken)
    }

    /// Takes what another accumulator has taken.
    ///
    /// # Errors
    /// [`Error::StatesDiffer`] when the two were made for plans with different states,
    /// [`Error::CountOverflow`] when they would have taken more than 2^63 things; the accumulator stays as
    /// it was.
    pub fn merge(&mut self, other: Self) -> Result<(), Error> {
        if self.states != other.states {
            let (left, right) = (self.states.to_string(), other.states.to_string());
            return Err(Error::StatesDiffer { left, right });
        }
        let counts = self.counts.merged(&other.counts)?;
        if counts.total() > MERGED_TOTAL_MAX {
            return Err(Error::CountOverflow);
        }
        self.counts = counts;
        if let (Some(sum), Some(other)) = (&mut self.sum, &other.sum) {
            sum.merge(other);
        }
        if let (Some(sum), Some(other)) = (&mut self.sum_squares, &other.sum_squares) {
            sum.merge(other);
        }
        if let (Some(extremes), Some(other)) = (&mut self.extremes, other.extremes) {
            extremes.merge(other);
        }
        if let (Some(values), Some(other)) = (&mut self.values, other.values) {
            values.merge(other);
        }
        Ok(())
    }

    /// Takes at most `BLOCK_LENGTH` values: the finite ones among them at once.
    fn take_block<T: Copy + Into<Value>>(&mut self, block: &[T]) -> Result<(), Error> {
        let mut finite = [0.0; BLOCK_LENGTH];
        let mut length = 0;
        let outcome = block.iter().try_for_each(|value| {
            let value = (*value).into();
            if !self.admit(value)? {
                return Ok(());
            }
            if value.remainder() == 0 {
                finite[length] = value.to_f64();
                length += 1;
            } else {
                self.take_wide_integer(value);
            }
            Ok(())
        });
        self.take_finite(&finite[..length]);
        outcome
    }

    /// Counts a value; whether it is finite and has to be taken into the states.
    #[inline]
    fn admit(&mut self, value: Value) -> Result<bool, Error> {
        if value.is_finite() {
            self.counts.count += 1;
            return Ok(true);
        }
        let kind = match value.to_f64() {
            nearest if nearest.is_nan() => NonfiniteKind::Nan,
            nearest if nearest > 0.0 => NonfiniteKind::PosInf,
            _ => NonfiniteKind::NegInf,
        };
        if self.reject {
            return Err(Error::NonfiniteRejected { kind, index: self.counts.total() });
        }
        self.counts.add_nonfinite(kind);
        Ok(false)
    }

    fn take_finite(&mut self, values: &[f64]) {
        let tally = match (&mut self.sum, &mut self.sum_squares, &self.extremes) {
            (Some(sum), Some(squares), _) => kernel::moments(values, None, sum, squares),
            (Some(sum), None, None) => kernel::sum(values, None, sum),
            (Some(sum), None, Some(_)) => {
                kernel::sum(values, None, sum);
                kernel::extremes(values, None)
            }
            (None, Some(squares), _) => {
                kernel::moments(values, None, &mut SumAccumulator::default(), squares)
            }
            (None, None, Some(_)) => kernel::extremes(values, None),
            (None, None, None) => kernel::Tally::default(),
        };
        if let (Some(extremes), Some(found)) = (&mut self.extremes, tally.extremes) {
            extremes.merge(found.into());
        }
        if let Some(kept) = &mut self.values {
            kept.extend(values);
        }
    }

    /// An integer beyond 2^53 that is no binary64.
    fn take_wide_integer(&mut self, value: Value) {
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
        if let Some(kept) = &mut self.values {
            kept.push_run(value, 1);
        }
    }
}
