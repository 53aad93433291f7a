//! What can go wrong in the kernel: one closed list, each with a stable code. Nothing here depends on
//! another room, so every room can fail with it.
//!
//! Texts are lower case and fit to follow "failed to"; they name what was met and what to do about it. Programs
//! go by [`Error::code`]: exit codes, documents of problems and metrics are made from it, and none of them from
//! the text.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// Which value outside the reals was met.
///
/// It displays as `NaN`, `inf` or `-inf`, whatever the sign or payload of a NaN.
///
/// ```
/// use exacta::{Accumulator, Error, Nonfinite, NonfiniteKind, Plan};
/// let mut accumulator = Accumulator::new(&Plan::default().with_nonfinite(Nonfinite::Reject));
/// let error = accumulator.update(&[0.5, f64::NEG_INFINITY]).unwrap_err();
/// assert_eq!(error, Error::NonfiniteRejected { kind: NonfiniteKind::NegInf, index: 1 });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NonfiniteKind {
    /// Not a number.
    Nan,
    /// Positive infinity.
    PosInf,
    /// Negative infinity.
    NegInf,
}

impl NonfiniteKind {
    /// Which of them a value is, unless it is finite.
    ///
    /// ```
    /// use exacta::NonfiniteKind;
    /// assert_eq!(NonfiniteKind::of(f64::NEG_INFINITY), Some(NonfiniteKind::NegInf));
    /// assert_eq!(NonfiniteKind::of(1.0), None);
    /// ```
    #[inline]
    pub fn of(value: f64) -> Option<Self> {
        if value.is_finite() {
            return None;
        }
        Some(match value {
            f64::INFINITY => Self::PosInf,
            f64::NEG_INFINITY => Self::NegInf,
            _ => Self::Nan,
        })
    }
}

impl core::fmt::Display for NonfiniteKind {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Nan => "NaN",
            Self::PosInf => "inf",
            Self::NegInf => "-inf",
        })
    }
}

/// An error of the kernel. The text says what happened, why, and what to do; [`Error::code`] is for
/// programs and never changes.
///
/// It is what refuses a question or an input. A result that the data does not have is no error: it is an
/// [`Outcome`](crate::Outcome) with its [`Reason`](crate::Reason). A call that fails leaves what it was
/// called on as it was, but for `update`, which says what it has taken.
///
/// ```
/// use exacta::{Error, Partial};
/// let error = Partial::from_bytes(b"EXCT").unwrap_err();
/// assert!(matches!(error, Error::PartialInvalid { reason: "it is cut short" }));
/// assert_eq!(error.to_string(), "not a valid partial: it is cut short; write it again from its data");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Two working states or partials that hold different states were to be merged.
    ///
    /// Statistics and probabilities may differ between the two; what counts is [`Plan::states`](crate::Plan::states).
    #[error(
        "states differ: one holds {left}, the other {right}; build both with plans that ask for the same states"
    )]
    StatesDiffer {
        /// The states of the receiver.
        left: String,
        /// The states of the other.
        right: String,
    },
    /// Two histograms with different edges were to be merged, or one to be told by a plan with others.
    ///
    /// Two edges are the same when they are the same number: −0.0 and +0.0 are.
    #[error("the edges of the histograms differ; build both with plans that have the same edges")]
    EdgesDiffer,
    /// Two sketches of different sizes were to be merged.
    ///
    /// Sketches made by plans have one size; others come from bytes.
    #[error("the sizes of the sketches differ; build both with the same size")]
    SketchesDiffer,
    /// Edges of a histogram do not ascend, are not finite, or are fewer than two.
    ///
    /// Raised where bins are made, before any data: by [`Bins::edges`](crate::Bins::edges) or when read from text.
    #[error(
        "edge {index} is missing, not finite, or not above the one before; give two edges or more, ascending"
    )]
    EdgesInvalid {
        /// The 0-based place of the first such edge.
        index: usize,
    },
    /// A histogram would have no bin, or too many.
    ///
    /// Raised where bins are made, before any data.
    #[error(
        "a histogram of {asked} bins is asked for, and it may have from 1 to {bins_max}; give a number of bins, or edges that leave outliers out"
    )]
    BinsOutOfRange {
        /// How many bins are asked for.
        asked: u64,
        /// The most bins there may be.
        bins_max: u64,
    },
    /// A rule such as `fd` makes more bins of the values than a histogram may have.
    ///
    /// It knows their number only from the data: this is raised when the partial is finalized, as after an outlier that would
    /// ask for terabytes.
    #[error(
        "the rule `{rule}` makes {} of these values, and a histogram has {bins_max} at most; give a number of bins, another rule, or edges that leave outliers out",
        Asked(*.asked)
    )]
    BinsTooMany {
        /// The name of the rule.
        rule: &'static str,
        /// How many bins it makes; 2^64 − 1 stands for more than that as well.
        asked: u64,
        /// The most bins there may be.
        bins_max: u64,
    },
    /// A weight is negative, NaN or infinite.
    ///
    /// A weight of zero is fine, of either sign. Raised as the row arrives, whatever the policy for values.
    #[error(
        "the weight at index {index} is negative, NaN or infinite; give finite weights from zero on"
    )]
    WeightInvalid {
        /// Its 0-based position among everything that the accumulator took.
        index: u64,
    },
    /// A plan asks for a statistic whose state was never kept.
    ///
    /// Raised by `finalize`, and by [`Groups`](crate::Groups) and [`CompactAccumulator`](crate::CompactAccumulator)
    /// for plans that ask for more than they keep.
    #[error(
        "the plan needs {missing}, which this state does not hold; accumulate with a plan that asks for the same statistics"
    )]
    StatesMissing {
        /// The states that are missing.
        missing: String,
    },
    /// Two things that belong together value by value are not of one length.
    ///
    /// Columns of a pair, values and weights, ids and values, a column and its mask. Nothing has been taken.
    #[error("lengths differ: {left} and {right}; hand in as many of the one as of the other")]
    LengthsDiffer {
        /// How many there are of the first.
        left: usize,
        /// How many there are of the other.
        right: usize,
    },
    /// A row belongs to a group that there is not.
    ///
    /// All ids are looked at before the first row is taken.
    #[error(
        "group {id} is unknown, there are {n_groups}; number groups from 0, and make room for all"
    )]
    GroupUnknown {
        /// The id of the group.
        id: u32,
        /// How many groups there are.
        n_groups: usize,
    },
    /// A NaN or an infinity came under the policy `reject`.
    ///
    /// The values before it have been taken, and the accumulator can go on after it.
    #[error("{kind} at index {index} is rejected; use the policy skip or propagate to let it pass")]
    NonfiniteRejected {
        /// What came.
        kind: NonfiniteKind,
        /// Its 0-based position among everything that the accumulator took, missing and invalid ones too.
        index: u64,
    },
    /// A partial holds NaN or infinities and was to be finalized under the policy `reject`.
    ///
    /// The place is not known any more: a partial keeps counts.
    #[error(
        "{count} values are NaN or infinite and the policy is reject; use skip or propagate to let them pass"
    )]
    NonfiniteHeld {
        /// How many.
        count: u64,
    },
    /// A probability is not between 0 and 1, or not a number at all.
    ///
    /// From numbers, texts and ratios alike; NaN is one of them.
    #[error("probability {given} is not a number from 0 to 1, nor a ratio such as 1/3")]
    ProbabilityInvalid {
        /// The text or number as given.
        given: String,
    },
    /// A name is not in its list.
    ///
    /// Names are compared as they are: case and spaces count.
    #[error("unknown {what} {name:?}; known: {known}")]
    UnknownName {
        /// What was to be named: `statistic`, `quantile_method`, `bin_rule`, `nonfinite`.
        what: &'static str,
        /// The name as given, cut to 64 characters.
        name: String,
        /// The names there are.
        known: String,
    },
    /// Bytes are not a partial, or one that no data can give.
    ///
    /// The bytes were damaged, cut, made by hand, or are no partial at all. Nothing of them is used.
    #[error("not a valid partial: {reason}; write it again from its data")]
    PartialInvalid {
        /// What is wrong.
        reason: &'static str,
    },
    /// Bytes are a partial of another format version.
    ///
    /// It is looked at before the checksum, so that a newer format is told apart from damage.
    #[error(
        "partial has format version {found}, this build reads version {known}; write it again from its data"
    )]
    PartialVersion {
        /// The version found.
        found: u8,
        /// The version that this build reads.
        known: u8,
    },
    /// A partial holds states from which nothing can be taken out again.
    ///
    /// The smallest of the values that stay is not known from the smallest of all, and a sketch forgets as well.
    #[error(
        "{states} cannot be subtracted: what is left without a share was never kept; keep all values (a plan with a median does), or a partial per share, and merge those that stay"
    )]
    NotSubtractable {
        /// The states that give nothing back.
        states: String,
    },
    /// A partial was to be taken out of one that it is no share of.
    ///
    /// Found by counts and by sums that no values can have; not every share that was never taken in is found out.
    #[error(
        "the partial to subtract is no share of this one; subtract only what was merged before"
    )]
    NotContained,
    /// A partial holds too many different values to encode.
    ///
    /// Only states that keep every value grow with the data; all others take some KB at most.
    #[error(
        "partial takes more than {bytes_max} bytes; merge it in memory, raise the limit, or ask for approx_quantile and approx_distinct, whose sketches stay small"
    )]
    PartialTooLarge {
        /// The limit.
        bytes_max: u64,
    },
    /// A partial of decimals was to be encoded, for which there are no bytes yet.
    #[error(
        "a partial of decimals has no bytes yet; keep it in memory, or take the numbers as binary64"
    )]
    PartialDecimal,
    /// The exponent of a decimal is beyond what is taken.
    #[error(
        "the exponent of a decimal is not within {exponent_min} and {exponent_max}; mend it, or take the numbers as binary64"
    )]
    DecimalOutOfRange {
        /// The smallest exponent.
        exponent_min: i32,
        /// The largest exponent.
        exponent_max: i32,
    },
    /// Values that lie elsewhere than in memory could not be read.
    ///
    /// What was computed from them is not told.
    #[error(
        "values that were moved out of memory cannot be read: {reason}; allow more memory, or look after the place they lie in"
    )]
    ValuesUnreadable {
        /// What [`SortedValues::failure`](crate::SortedValues::failure) says.
        reason: String,
    },
    /// A count would pass 2^64 − 1.
    ///
    /// No data has as many values: they come from bytes that claim them, or from merging a partial with itself
    /// again and again.
    #[error("a count passes 2^64 - 1; these partials hold more values than can be counted")]
    CountOverflow,
}

/// A number of bins, as far as it is known.
struct Asked(u64);

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            u64::MAX => f.write_str("more than 2^64 bins"),
            asked => write!(f, "{asked} bins"),
        }
    }
}

impl Error {
    /// The stable dotted code: the same in every language and door. Several variants may share one, where a program
    /// would do the same about them.
    ///
    /// ```
    /// let error = "1.5".parse::<exacta::Probability>().unwrap_err();
    /// assert_eq!(error.code(), "probability.invalid");
    /// assert_eq!(error.to_string(), "probability 1.5 is not a number from 0 to 1, nor a ratio such as 1/3");
    /// let error = "avg".parse::<exacta::Statistic>().unwrap_err();
    /// assert_eq!(error.code(), "statistic.unknown");
    /// ```
    pub fn code(&self) -> &'static str {
        match self {
            Self::StatesDiffer { .. }
            | Self::StatesMissing { .. }
            | Self::EdgesDiffer
            | Self::SketchesDiffer => "plan.mismatch",
            Self::WeightInvalid { .. } => "weight.invalid",
            Self::EdgesInvalid { .. } => "edges.invalid",
            Self::BinsOutOfRange { .. } => "bins.out_of_range",
            Self::BinsTooMany { .. } => "bins.too_many",
            Self::LengthsDiffer { .. } => "column.length_mismatch",
            Self::NonfiniteRejected { .. } | Self::NonfiniteHeld { .. } => "value.nonfinite",
            Self::GroupUnknown { .. } => "group.unknown",
            Self::ProbabilityInvalid { .. } => "probability.invalid",
            Self::UnknownName { what: "statistic", .. } => "statistic.unknown",
            Self::UnknownName { what: "quantile_method", .. } => "quantile_method.unknown",
            Self::UnknownName { what: "bin_rule" | "bins", .. } => "bin_rule.unknown",
            Self::UnknownName { .. } => "nonfinite.unknown",
            Self::PartialInvalid { .. } => "partial.invalid",
            Self::PartialVersion { .. } => "partial.version",
            Self::NotSubtractable { .. } => "partial.not_subtractable",
            Self::NotContained => "partial.not_contained",
            Self::PartialTooLarge { .. } => "partial.too_large",
            Self::PartialDecimal => "partial.decimal",
            Self::DecimalOutOfRange { .. } => "decimal.out_of_range",
            Self::ValuesUnreadable { .. } => "values.unreadable",
            Self::CountOverflow => "count.overflow",
        }
    }
}

/// Finds `name` in a closed list of named things.
///
/// The name in the error is cut to 64 characters, so that an error is never as large as a hostile input.
pub(crate) fn by_name<T: Copy>(
    what: &'static str,
    name: &str,
    all: &[T],
    name_of: fn(T) -> &'static str,
) -> Result<T, Error> {
    all.iter().copied().find(|item| name_of(*item) == name).ok_or_else(|| Error::UnknownName {
        what,
        name: name.chars().take(64).collect(),
        known: all.iter().map(|item| name_of(*item)).collect::<Vec<_>>().join(", "),
    })
}
