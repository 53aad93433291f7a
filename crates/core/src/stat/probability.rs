//! Probabilities as exact rationals: 0.99 means 99/100, not the binary64 below it.
//!
//! A quantile jumps, or bends, where n·p is an integer, and so the last bit of p decides: with 0.29
//! as a binary64, 100·p lies just below 29. People mean 29/100, and the shortest decimal that reads
//! back is what they wrote.

use crate::error::Error;
use crate::exact::{Dyadic, Natural, Ratio};
use crate::kernel::environment;
use alloc::format;
use alloc::string::ToString;

/// A probability, exactly: the shortest decimal that reads back to a given binary64, or a ratio.
///
/// ```
/// use exacta::Probability;
/// assert_eq!(Probability::new(0.5)?, Probability::ratio(1, 2)?);
/// assert_eq!("1/3".parse::<Probability>()?.to_f64(), 1.0 / 3.0);
/// assert!(Probability::new(1.5).is_err());
/// # Ok::<(), exacta::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Probability {
    numerator: u64,
    denominator: Denominator,
}

/// Lowest terms wherever the denominator fits 64 bits, so that equal probabilities are equal field by field.
///
/// Two forms, since 5e-324 is a probability too: its denominator 10^324 has no room in 64 bits, but
/// its exponent has. A decimal has at most 17 digits, so the numerator always fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Denominator {
    Whole(u64),
    /// 10 to this power, with a numerator that 10 does not divide.
    PowerOfTen(u16),
}

impl Probability {
    /// One quarter.
    /// The lower quartile.
    ///
    /// ```
    /// use exacta::Probability;
    /// assert_eq!(Probability::QUARTER, "1/4".parse()?);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub const QUARTER: Self = Self { numerator: 1, denominator: Denominator::Whole(4) };
    /// Three quarters.
    /// The upper quartile.
    ///
    /// ```
    /// use exacta::Probability;
    /// assert_eq!(Probability::THREE_QUARTERS, "3/4".parse()?);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub const THREE_QUARTERS: Self = Self { numerator: 3, denominator: Denominator::Whole(4) };
    /// One half.
    /// The median.
    ///
    /// ```
    /// use exacta::Probability;
    /// assert_eq!(Probability::HALF, "1/2".parse()?);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub const HALF: Self = Self { numerator: 1, denominator: Denominator::Whole(2) };

    /// The probability whose decimal is the shortest that reads back to `p`: 0.1 is one tenth, not the
    /// binary64 beside it.
    ///
    /// ```
    /// use exacta::Probability;
    /// assert_eq!(Probability::new(0.1)?, Probability::ratio(1, 10)?);
    /// assert_eq!(Probability::try_from(1.0 + f64::EPSILON).unwrap_err().code(), "probability.invalid");
    /// # Ok::<(), exacta::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::ProbabilityInvalid`] unless 0 ≤ p ≤ 1.
    pub fn new(p: f64) -> Result<Self, Error> {
        let invalid = || Error::ProbabilityInvalid { given: p.to_string() };
        // By bits: a host that set denormals-are-zero cannot change the comparison.
        let magnitude = p.to_bits() & (u64::MAX >> 1);
        if magnitude != 0 && p.to_bits() > 1f64.to_bits() {
            return Err(invalid());
        }
        // The shortest decimal in scientific form: "9.9e-1".
        let text = format!("{:e}", f64::from_bits(magnitude));
        let (digits, exponent) = text.split_once('e').ok_or_else(invalid)?;
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let numerator = format!("{whole}{fraction}").parse().map_err(|_| invalid())?;
        let exponent: i32 = exponent.parse().map_err(|_| invalid())?;
        Ok(Self::decimal(numerator, fraction.len() as u16 + exponent.unsigned_abs() as u16))
    }

    /// `numerator / denominator`, for what no decimal is.
    ///
    /// ```
    /// use exacta::Probability;
    /// assert_eq!(Probability::ratio(2, 6)?, "1/3".parse()?);
    /// assert!(Probability::ratio(3, 2).is_err() && Probability::ratio(0, 0).is_err());
    /// # Ok::<(), exacta::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::ProbabilityInvalid`] when the denominator is zero or smaller than the numerator.
    pub fn ratio(numerator: u64, denominator: u64) -> Result<Self, Error> {
        if denominator == 0 || numerator > denominator {
            return Err(Error::ProbabilityInvalid { given: format!("{numerator}/{denominator}") });
        }
        let divisor = greatest_common_divisor(numerator, denominator);
        let denominator = Denominator::Whole(denominator / divisor);
        Ok(Self { numerator: numerator / divisor, denominator })
    }

    /// The nearest binary64.
    ///
    /// ```
    /// assert_eq!(exacta::Probability::HALF.to_f64(), 0.5);
    /// ```
    pub fn to_f64(self) -> f64 {
        let (numerator, denominator) = self.terms();
        Ratio::new(&Dyadic::from(numerator), &Dyadic::from(denominator)).round()
    }

    /// Numerator and denominator.
    pub(super) fn terms(self) -> (Natural, Natural) {
        let denominator = match self.denominator {
            Denominator::Whole(denominator) => Natural::from(denominator),
            Denominator::PowerOfTen(power) => Natural::power_of_ten(power.into()),
        };
        (Natural::from(self.numerator), denominator)
    }

    /// `numerator`/10^`power` in lowest terms, or with as few tens as may be: two decimals of one
    /// number become equal field by field, which is what lets the type derive equality and a hash.
    fn decimal(numerator: u64, power: u16) -> Self {
        if numerator == 0 {
            return Self { numerator, denominator: Denominator::Whole(1) };
        }
        // What 2 and 5 cancel: a numerator below 2^64 has at most 63 factors of either.
        let (twos, fives) = (factors(numerator, 2).min(power), factors(numerator, 5).min(power));
        let reduced = numerator / 2u64.pow(twos.into()) / 5u64.pow(fives.into());
        let denominator = 2u64
            .checked_pow((power - twos).into())
            .zip(5u64.checked_pow((power - fives).into()))
            .and_then(|(two, five)| two.checked_mul(five));
        match denominator {
            Some(denominator) => {
                Self { numerator: reduced, denominator: Denominator::Whole(denominator) }
            }
            None => {
                let tens = twos.min(fives);
                let numerator = numerator / 10u64.pow(tens.into());
                Self { numerator, denominator: Denominator::PowerOfTen(power - tens) }
            }
        }
    }
}

fn factors(mut number: u64, prime: u64) -> u16 {
    let mut count = 0;
    while number.is_multiple_of(prime) {
        number /= prime;
        count += 1;
    }
    count
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

impl TryFrom<f64> for Probability {
    type Error = Error;

    /// As [`Probability::new`].
    fn try_from(p: f64) -> Result<Self, Error> {
        Self::new(p)
    }
}

impl core::str::FromStr for Probability {
    type Err = Error;

    /// Reads a decimal such as `0.99` or a ratio such as `1/3`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let invalid = || Error::ProbabilityInvalid { given: text.chars().take(64).collect() };
        match text.split_once('/') {
            Some((numerator, denominator)) => {
                let term = |text: &str| text.trim().parse().map_err(|_| invalid());
                Self::ratio(term(numerator)?, term(denominator)?).map_err(|_| invalid())
            }
            None => {
                // The standard library's parser multiplies floats, which the host's rounding mode would change.
                let p = environment::with_default(|| text.trim().parse()).map_err(|_| invalid())?;
                Self::new(p).map_err(|_| invalid())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_decimal_reads_back(p in 0.0f64..=1.0) {
            prop_assert_eq!(Probability::new(p).unwrap().to_f64().to_bits(), p.to_bits());
        }

        #[test]
        fn tiny_ones_read_back(bits in 0u64..=0x3ff0_0000_0000_0000) {
            let probability = Probability::new(f64::from_bits(bits)).unwrap();
            prop_assert_eq!(probability.to_f64().to_bits(), bits);
        }

        #[test]
        fn a_ratio_is_the_quotient(n in any::<u32>(), d in 1u32..) {
            prop_assume!(n <= d);
            let probability = Probability::ratio(n.into(), d.into()).unwrap();
            prop_assert_eq!(probability.to_f64(), f64::from(n) / f64::from(d));
        }
    }

    #[test]
    fn equal_probabilities_are_equal() {
        let of = |text: &str| text.parse::<Probability>().unwrap();
        for (left, right) in [
            ("0.5", "1/2"),
            ("0.25", "2/8"),
            ("0", "0/7"),
            ("1", "3/3"),
            ("-0", "0"),
            ("5e-1", ".5"),
        ] {
            assert_eq!(of(left), of(right), "{left} {right}");
        }
        assert_ne!(of("0.3333333333333333"), of("1/3"));
    }

    #[test]
    fn what_is_no_probability_is_refused() {
        for text in
            ["1.5", "-0.1", "-5e-324", "nan", "inf", "", "x", "1/0", "2/1", "-1/2", "1/", "150"]
        {
            assert_eq!(
                text.parse::<Probability>().unwrap_err().code(),
                "probability.invalid",
                "{text}"
            );
        }
    }
}
