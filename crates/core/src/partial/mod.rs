//! What a shard knows of its share of the data: canonical, mergeable and encodable. Equal multisets under
//! equal states have equal bytes. Rounding is not done here.
//!
//! `container`, `bytes` and `wire` encode from the frame down to the integer; `consistency` refuses states that no data
//! has; `subtract` takes shares out again; `compact`, `pair` and `weighted` make partials of other accumulators.

mod bytes;
mod compact;
mod consistency;
mod container;
mod decimal;
mod pair;
mod registers;
mod rows;
mod subtract;
mod weighted;
mod wire;

pub use pair::PairPartial;
pub use weighted::WeightedPartial;

use crate::accumulator::{Accumulator, Counts, Extremes, FixedStates, Multiset};
use crate::error::Error;
use crate::exact::Dyadic;
use crate::kernel::environment;
use crate::stat::{Decimals, States};
use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;

/// The exact states of a share of a column.
///
/// `merge` is associative and commutative to the bit: whatever the order, cut and merge tree,
/// [`Partial::to_bytes`] gives the same bytes for the same multiset of values.
///
/// What is in it is known before any question is asked: probabilities, the quantile method, the policy and the
/// statistics act in [`Partial::finalize`].
/// Limits: 2^64 − 1 things in all. Memory is that of the exact numbers, some hundred bytes, unless all values are held.
///
/// ```
/// use exacta::{Accumulator, Partial, Plan};
/// let plan = Plan::default();
/// let partial = |values: &[f64]| -> Result<Partial, exacta::Error> {
///     let mut accumulator = Accumulator::new(&plan);
///     accumulator.update(values)?;
///     Ok(accumulator.into_partial())
/// };
/// let mut merged = partial(&[0.1, 0.2])?;
/// merged.merge(partial(&[0.3])?)?;
/// assert_eq!(merged.to_bytes()?, partial(&[0.3, 0.1, 0.2])?.to_bytes()?);
/// # Ok::<(), exacta::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Partial {
    pub(crate) counts: Counts,
    pub(crate) sum: Option<Dyadic>,
    pub(crate) sum_squares: Option<Dyadic>,
    pub(crate) extremes: Option<Extremes>,
    pub(crate) values: Option<Multiset>,
    pub(crate) sum_cubes: Option<Dyadic>,
    pub(crate) sum_fourths: Option<Dyadic>,
    pub(crate) fixed: FixedStates,
    /// Where the numbers are decimals: what the sums are in units of.
    pub(crate) decimals: Option<Box<Decimals>>,
}

impl Accumulator {
    /// What has been taken, as a partial: canonical, mergeable, encodable.
    ///
    /// ```
    /// use exacta::{Accumulator, States};
    /// let partial = [1, 2, 3].iter().collect::<Accumulator>().into_partial();
    /// assert!(partial.states().contains(States::EXTREMES));
    /// ```
    pub fn into_partial(mut self) -> Partial {
        self.settle();
        environment::with_default(|| Partial {
            counts: self.counts,
            sum: self.sum.map(|sum| sum.to_dyadic()),
            sum_squares: self.sum_squares.map(|sum| sum.to_dyadic()),
            extremes: self.extremes,
            values: self.values,
            sum_cubes: self.sum_cubes.map(|sum| sum.to_dyadic()),
            sum_fourths: self.sum_fourths.map(|sum| sum.to_dyadic()),
            fixed: self.fixed,
            decimals: None,
        })
    }
}

impl Partial {
    /// The most bytes that [`Partial::to_bytes`] writes: 1 GiB, which is about a hundred million different values.
    /// Reading has no limit but the bytes themselves.
    ///
    /// ```
    /// use exacta::Partial;
    /// let partial = Partial::default();
    /// assert_eq!(partial.to_bytes_within(Partial::BYTES_MAX), partial.to_bytes());
    /// ```
    pub const BYTES_MAX: u64 = 1 << 30;

    /// A partial that holds counts and no state: what remains to be known of a column without numbers.
    ///
    /// # Errors
    /// [`Error::CountOverflow`] when their total passes 2^64 − 1.
    ///
    /// # Example
    /// ```
    /// use exacta::{Counts, Partial, Plan, Statistic};
    /// let partial = Partial::from_counts(Counts { null: 2, ..Counts::default() })?;
    /// let summary = partial.finalize(&Plan::new([Statistic::Count]))?;
    /// assert_eq!(summary.get(Statistic::Count).unwrap().finite(), Some(0.0));
    /// let too_many = Counts { count: u64::MAX, null: 1, ..Counts::default() };
    /// assert_eq!(Partial::from_counts(too_many).unwrap_err().code(), "count.overflow");
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn from_counts(counts: Counts) -> Result<Self, Error> {
        let counts = Counts::from_array(counts.to_array())?;
        Ok(Self { counts, ..Self::default() })
    }

    /// How many values of which kind there are.
    ///
    /// ```
    /// use exacta::{Counts, Partial};
    /// let counts = Counts { null: 3, ..Counts::default() };
    /// assert_eq!(Partial::from_counts(counts)?.counts().null, 3);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Counts so many missing cells more, as of rows that do not have the column.
    ///
    /// # Errors
    /// [`Error::CountOverflow`] when the counts would pass 2^64 − 1 together; the partial stays as it was.
    ///
    /// # Example
    /// ```
    /// use exacta::Accumulator;
    /// let mut partial = [1, 2].iter().collect::<Accumulator>().into_partial();
    /// partial.push_nulls(3)?;
    /// assert_eq!((partial.counts().count, partial.counts().null), (2, 3));
    /// assert_eq!(partial.push_nulls(u64::MAX).unwrap_err().code(), "count.overflow");
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn push_nulls(&mut self, n_nulls: u64) -> Result<(), Error> {
        self.counts = self.counts.merged(&Counts { null: n_nulls, ..Counts::default() })?;
        Ok(())
    }

    /// How many bytes of memory it takes, about: those of its fixed part, of the values that it keeps, of registers and
    /// of bins. Few bytes of an encoding may be many: those of registers.
    ///
    /// ```
    /// use exacta::{Accumulator, Plan, Statistic};
    /// let partial = Accumulator::new(&Plan::new([Statistic::ApproxDistinct])).into_partial();
    /// assert!(partial.to_bytes()?.len() < 100 && partial.bytes_kept() > 1 << 14);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn bytes_kept(&self) -> u64 {
        let values = self.values.as_ref().map_or(0, Multiset::bytes_kept);
        size_of::<Self>() as u64 + values + self.fixed.bytes_kept()
    }

    /// The states that it holds.
    ///
    /// Any plan can be finalized whose [`Plan::states`](crate::Plan::states) are among them.
    ///
    /// ```
    /// use exacta::{Accumulator, Plan, States, Statistic};
    /// let plan = Plan::new([Statistic::Stddev]);
    /// let partial = Accumulator::new(&plan).into_partial();
    /// assert_eq!(partial.states(), States::SUM.union(States::SUM_SQUARES));
    /// assert!(partial.states().contains(Plan::new([Statistic::Rms]).states()));
    /// ```
    pub fn states(&self) -> States {
        let held = [
            (self.sum.is_some(), States::SUM),
            (self.sum_squares.is_some(), States::SUM_SQUARES),
            (self.extremes.is_some(), States::EXTREMES),
            (self.values.is_some(), States::VALUES),
            (self.sum_cubes.is_some(), States::SUM_CUBES),
            (self.sum_fourths.is_some(), States::SUM_FOURTHS),
            (self.decimals.is_some(), States::DECIMALS),
        ];
        let held = held.into_iter().filter(|(held, _)| *held);
        held.map(|(_, state)| state).chain([self.fixed.states()]).collect()
    }

    /// Takes in another share. Associative and commutative, to the bit.
    ///
    /// Cost: a microsecond; where all values are held, that of appending the fewer to the more.
    ///
    /// # Errors
    /// [`Error::StatesDiffer`] when the two hold different states, [`Error::EdgesDiffer`] when their
    /// histograms have different edges, [`Error::CountOverflow`] when a count would pass 2^64 − 1; the
    /// partial stays as it was.
    ///
    /// # Example
    /// ```
    /// use exacta::{Accumulator, Plan, Statistic};
    /// let (mean, median) = (Plan::new([Statistic::Mean]), Plan::new([Statistic::Median]));
    /// let mut partial = Accumulator::new(&mean).into_partial();
    /// partial.merge(Accumulator::new(&mean).into_partial())?;
    /// let error = partial.merge(Accumulator::new(&median).into_partial()).unwrap_err();
    /// assert_eq!(error.code(), "plan.mismatch");
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn merge(&mut self, mut other: Self) -> Result<(), Error> {
        self.check_states(&other)?;
        self.counts = self.counts.merged(&other.counts)?;
        self.align_decimals(&mut other);
        add(&mut self.sum, other.sum);
        add(&mut self.sum_squares, other.sum_squares);
        add(&mut self.sum_cubes, other.sum_cubes);
        add(&mut self.sum_fourths, other.sum_fourths);
        self.fixed.merge(&other.fixed);
        if let (Some(extremes), Some(other)) = (&mut self.extremes, other.extremes) {
            extremes.merge(other);
        }
        if let (Some(values), Some(other)) = (&mut self.values, other.values) {
            values.merge(other);
        }
        Ok(())
    }

    /// Refuses another one that holds other states, or the same by other parameters: before anything is changed.
    fn check_states(&self, other: &Self) -> Result<(), Error> {
        if self.states() == other.states() {
            return self.fixed.check_parameters(&other.fixed);
        }
        let (left, right) = (self.states().to_string(), other.states().to_string());
        Err(Error::StatesDiffer { left, right })
    }

    /// The canonical bytes, of format version 1: equal multisets under equal states give equal bytes, from
    /// every build and machine, now and later. `docs/FORMAT.md` in the repository draws them.
    ///
    /// Cost: microseconds and about a hundred bytes for sums and extremes; a sort and ten bytes or more for each
    /// different value where all are held.
    ///
    /// # Errors
    /// [`Error::PartialTooLarge`] when they would be more than [`Partial::BYTES_MAX`], [`Error::ValuesUnreadable`] when
    /// values lie elsewhere and cannot be read, and [`Error::PartialDecimal`] for the partial of a
    /// [`DecimalAccumulator`](crate::DecimalAccumulator), for which version 1 has no form.
    ///
    /// # Example
    /// ```
    /// use exacta::Accumulator;
    /// let bytes = |values: [f64; 3]| values.iter().collect::<Accumulator>().into_partial().to_bytes();
    /// assert_eq!(bytes([0.1, 0.2, 0.3])?, bytes([0.3, 0.2, 0.1])?);
    /// assert!(bytes([0.1, 0.2, 0.3])?.starts_with(b"EXCT"));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        self.to_bytes_within(Self::BYTES_MAX)
    }

    /// As [`Partial::to_bytes`], with a limit of one's own.
    ///
    /// For those who send partials as messages with a limit. Hardly more bytes are built than that.
    ///
    /// # Errors
    /// [`Error::PartialTooLarge`] when they would be more than `bytes_max`, [`Error::ValuesUnreadable`] when values lie
    /// elsewhere and cannot be read, and [`Error::PartialDecimal`] for the partial of a
    /// [`DecimalAccumulator`](crate::DecimalAccumulator).
    ///
    /// # Example
    /// ```
    /// use exacta::{Accumulator, Plan, Statistic};
    /// let mut accumulator = Accumulator::new(&Plan::new([Statistic::Median]));
    /// accumulator.update(&[1, 2, 3, 4, 5])?;
    /// let partial = accumulator.into_partial();
    /// assert!(partial.to_bytes_within(1_000).is_ok());
    /// assert_eq!(partial.to_bytes_within(30).unwrap_err().code(), "partial.too_large");
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn to_bytes_within(&self, bytes_max: u64) -> Result<Vec<u8>, Error> {
        bytes::encode(self, bytes_max)
    }

    /// Reads what [`Partial::to_bytes`] wrote. Safe on any bytes: memory and time stay proportional to them, but for
    /// the registers of a sketch, which take up to 256 KB whatever their bytes.
    ///
    /// # Errors
    /// [`Error::PartialVersion`] for another format version; [`Error::PartialInvalid`] for anything that
    /// `to_bytes` does not write: another checksum, a form that is not canonical, or states that no
    /// multiset of values can have, as far as cheap tests tell; [`Error::CountOverflow`] for counts whose total
    /// passes 2^64 − 1.
    ///
    /// # Example
    /// ```
    /// use exacta::{Accumulator, Partial, Plan};
    /// let plan = Plan::default();
    /// let mut accumulator = Accumulator::new(&plan);
    /// accumulator.update(&[0.1, 0.2])?;
    /// let bytes = accumulator.into_partial().to_bytes()?;
    /// assert_eq!(Partial::from_bytes(&bytes)?.finalize(&plan)?, exacta::summarize(&[0.1, 0.2]));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        container::whole(Self::from_prefix(bytes)?)
    }

    /// Reads the partial that `bytes` begin with, and gives it with the bytes after it: partials may stand
    /// one after another in a file or in a request.
    ///
    /// # Errors
    /// As [`Partial::from_bytes`], but that bytes may follow.
    ///
    /// # Example
    /// ```
    /// use exacta::{Accumulator, Partial, Plan};
    /// let mut two = Vec::new();
    /// for values in [[0.1, 0.2], [0.3, 0.4]] {
    ///     let mut accumulator = Accumulator::new(&Plan::default());
    ///     accumulator.update(&values)?;
    ///     two.extend(accumulator.into_partial().to_bytes()?);
    /// }
    /// let (mut first, rest) = Partial::from_prefix(&two)?;
    /// let (second, rest) = Partial::from_prefix(rest)?;
    /// assert!(rest.is_empty());
    /// first.merge(second)?;
    /// assert_eq!(first.counts().count, 4);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn from_prefix(bytes: &[u8]) -> Result<(Self, &[u8]), Error> {
        let (partial, length) = bytes::decode(bytes)?;
        consistency::check(&partial)?;
        Ok((partial, &bytes[length..]))
    }
}

/// Adds a sum that both hold.
fn add(sum: &mut Option<Dyadic>, other: Option<Dyadic>) {
    if let (Some(sum), Some(other)) = (sum, other) {
        *sum = sum.add(&other);
    }
}
