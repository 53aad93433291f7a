//! Exact numbers as decimal text. Every sum, product and difference of binary64 numbers is a finite decimal,
//! since two divides ten. Quotients and roots are not here: most of them have no end.
//!
//! How: m·2^-k is m·5^k / 10^k, so the digits are those of an integer, and the point stands k places from the end.

use super::{Dyadic, Natural};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// An exact number as a decimal with all its digits, in one form: equal numbers have equal texts.
///
/// From 10^-6 up to 10^21 the digits stand as people write them (`0.125`, `-18446744073709551616`), beyond in
/// scientific form (`1.5e-7`, `1e21`): the rule of JSON and `JavaScript`. There are no zeros after the last
/// digit, no `+`, and zero is `0`. The longest, a sum of squares of subnormals, has about 1500 digits.
///
/// Cost: quadratic in the number of digits: microseconds for ordinary sums.
///
/// ```
/// use exacta::{Plan, Statistic};
/// let plan = Plan::new([Statistic::Sum]).with_exact();
/// let sum = |values: &[f64]| -> Result<String, exacta::Error> {
///     Ok(plan.summarize(values)?.exact(Statistic::Sum).unwrap().to_string())
/// };
/// assert_eq!(sum(&[0.5, -0.75])?, "-0.25");
/// assert_eq!(sum(&[1e21, 0.0])?, "1e21");
/// assert_eq!(sum(&[1.0, -1.0])?, "0");
/// # Ok::<(), exacta::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decimal(String);

/// From this power of ten on the form is scientific, and below the other one.
const PLAIN_END: i64 = 21;
const PLAIN_BEGIN: i64 = -6;

impl Decimal {
    /// Its text.
    ///
    /// ```
    /// use exacta::{Accumulator, Plan, Statistic};
    /// let plan = Plan::new([Statistic::Sum]).with_exact();
    /// let mut accumulator = Accumulator::new(&plan);
    /// accumulator.update(&[0.1, 0.2])?;
    /// let summary = accumulator.into_partial().finalize(&plan)?;
    /// assert_eq!(
    ///     summary.exact(Statistic::Sum).unwrap().as_str(),
    ///     "0.3000000000000000166533453693773481063544750213623046875",
    /// );
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl core::fmt::Display for Decimal {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(&self.0)
    }
}

impl From<Decimal> for String {
    fn from(decimal: Decimal) -> Self {
        decimal.0
    }
}

impl From<&Dyadic> for Decimal {
    fn from(number: &Dyadic) -> Self {
        Self::scaled(number, 0)
    }
}

impl Decimal {
    /// The text of `number` · 10^-`scale`.
    pub(crate) fn scaled(number: &Dyadic, scale: u32) -> Self {
        let (digits, power) = digits(number);
        let power = power - i64::from(scale);
        if digits.is_empty() {
            return Self("0".into());
        }
        let sign = if number.is_negative() { "-" } else { "" };
        let (first, rest) = digits.split_at(1);
        let text = match power {
            PLAIN_BEGIN..0 => format!("{sign}0.{:0>1$}{digits}", "", (-power - 1) as usize),
            0..PLAIN_END if digits.len() as i64 <= power + 1 => {
                format!("{sign}{digits:0<0$}", power as usize + 1)
            }
            0..PLAIN_END => {
                let (whole, fraction) = digits.split_at(power as usize + 1);
                format!("{sign}{whole}.{fraction}")
            }
            _ if rest.is_empty() => format!("{sign}{first}e{power}"),
            _ => format!("{sign}{first}.{rest}e{power}"),
        };
        Self(text)
    }
}

/// The digits from the first to the last that is not zero, and the power of ten of the first.
fn digits(number: &Dyadic) -> (String, i64) {
    let exponent = number.exponent();
    // m / 2^k = m·5^k / 10^k
    let (integer, scale) = if exponent < 0 {
        let power = exponent.unsigned_abs();
        (number.magnitude().mul(&power_of_five(power)), i64::from(power))
    } else {
        (number.magnitude().shl(exponent.unsigned_abs().into()), 0)
    };
    let mut digits = integer_digits(integer);
    let power = digits.len() as i64 - 1 - scale;
    digits.truncate(digits.trim_end_matches('0').len());
    (digits, power)
}

fn power_of_five(exponent: u32) -> Natural {
    (0..exponent).fold(Natural::from(1u64), |power, _| power.mul_u64(5))
}

/// The digits of an integer; none for zero.
///
/// Nineteen digits a division by one limb: the largest power of ten that a limb holds.
fn integer_digits(mut integer: Natural) -> String {
    const GROUP: u64 = 10_000_000_000_000_000_000;
    let mut groups = Vec::new();
    while !integer.is_zero() {
        let (rest, group) = integer.div_rem(&Natural::from(GROUP));
        groups.push(format!("{:019}", group.to_u64().expect("a remainder is below its divisor")));
        integer = rest;
    }
    groups.reverse();
    groups.concat().trim_start_matches('0').into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact::Value;
    use num_bigint::BigInt;
    use proptest::prelude::*;

    fn text(value: impl Into<Value>) -> String {
        Decimal::from(&value.into().to_dyadic()).into()
    }

    #[test]
    fn forms_by_the_power_of_ten() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (6.0, "6"),
            (-0.125, "-0.125"),
            (100.0, "100"),
            (1.5e20, "150000000000000000000"),
            (1e21, "1e21"),
            (-1.5e21, "-1.5e21"),
            (2f64.powi(-20), "9.5367431640625e-7"),
            (2f64.powi(-3) + 2f64.powi(-20), "0.12500095367431640625"),
            (12.5, "12.5"),
            (0.1, "0.1000000000000000055511151231257827021181583404541015625"),
        ];
        for (value, expected) in cases {
            assert_eq!(text(value), expected);
        }
        assert_eq!(text(u64::MAX), "18446744073709551615");
        assert_eq!(
            text(0.000_000_5),
            "4.999999999999999773740559129431293428069693618454039096832275390625e-7"
        );
        assert_eq!(
            text(0.000_001),
            "9.99999999999999954748111825886258685613938723690807819366455078125e-7"
        );
        assert_eq!(text(2f64.powi(-19)), "0.0000019073486328125");
        assert!(
            text(f64::from_bits(1))
                .starts_with("4.94065645841246544176568792868221372365059802614")
        );
        assert!(text(f64::from_bits(1)).ends_with("e-324"));
    }

    proptest! {
        /// Reads the text back as an integer of big-integer arithmetic, scaled by a power of ten.
        #[test]
        fn the_text_is_the_number(limbs in proptest::collection::vec(any::<u64>(), 0..6), e in -400i32..400, negative in any::<bool>()) {
            let number = Dyadic::new(negative, &Natural::from_limbs(limbs), e);
            let text = String::from(Decimal::from(&number));
            let (mantissa, power) = text.split_once('e').unwrap_or((&text, "0"));
            let fraction = mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len() as i32);
            let integer: BigInt = mantissa.replace('.', "").parse().unwrap();
            let shift = power.parse::<i32>().unwrap() - fraction + 1000;
            let read = integer * BigInt::from(10).pow(shift as u32);
            let magnitude = BigInt::from_bytes_le(num_bigint::Sign::Plus, &number.magnitude().to_le_bytes());
            let tens: BigInt = magnitude * BigInt::from(10).pow(1000);
            let scaled: BigInt = (tens << 1000u32) >> (1000 - number.exponent()) as u32;
            prop_assert_eq!(read, if number.is_negative() { -scaled } else { scaled });
            prop_assert!(!text.ends_with(".0") && !mantissa.ends_with('.'));
        }
    }
}
