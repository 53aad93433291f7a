//! What the text of a number means, the same wherever it stands: from its digits to the value, quickly for the common
//! forms and rightly for all. How a number is found in a file, and which texts are null, is not here.
#![allow(clippy::inline_always)] // loops that are compiled for better processors take the arithmetic into them

mod binary;
mod decimal;
mod long;
mod powers;

#[cfg(doc)]
use exacta::DecimalAccumulator;
use exacta::Value;

use self::decimal::NoDecimal;
pub(crate) use self::{
    binary::nearest_of_many,
    decimal::{Decimal, Form},
};
#[cfg(target_arch = "x86_64")]
pub(crate) use self::{
    binary::{FRACTION_BITS, LOG2_OF_TEN, TIES},
    powers::FRACTION_HALVES,
};

/// What a text was read as.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Reading {
    /// No value.
    Null,
    /// A number that a binary64 holds, NaN and the infinities too.
    Float(f64),
    /// An integer beyond what a binary64 holds.
    Wide(Value),
    /// A finite literal that rounds to an infinity.
    Overflow,
    /// Anything else.
    Text,
}

/// What a text is where numbers are taken as they are written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Written {
    /// No value.
    Null,
    /// A literal whose exponent is one of [`DecimalAccumulator::EXPONENTS`], perhaps without zeros at its end.
    Decimal(Decimal),
    /// NaN or an infinity, by name.
    Nonfinite(f64),
    /// A number of more digits, or with another exponent.
    Beyond,
    /// Anything else, a finite literal that rounds to an infinity too.
    Text,
}

/// Reads a text without blanks around it as it is written: the same ones are numbers that [`read`] takes for some.
pub(crate) fn read_written(text: impl AsRef<[u8]>) -> Written {
    let text = text.as_ref();
    let decimal = match Decimal::find(text) {
        Ok(decimal) => decimal.within_limits().or_else(|| without_zeros(text)),
        Err(NoDecimal::Long) => without_zeros(text),
        Err(NoDecimal::Word | NoDecimal::Text) => None,
    };
    if let Some(decimal) = decimal {
        return Written::Decimal(decimal);
    }
    match read(text) {
        Reading::Null => Written::Null,
        Reading::Float(value) if !value.is_finite() => Written::Nonfinite(value),
        Reading::Float(_) | Reading::Wide(_) => Written::Beyond,
        Reading::Overflow | Reading::Text => Written::Text,
    }
}

/// The number of a literal without the zeros at the end of its digits, which do not matter.
#[cold]
fn without_zeros(text: &[u8]) -> Option<Decimal> {
    let literal = long::without_zeros(str::from_utf8(text).ok()?)?;
    Decimal::parse(literal.as_bytes())?.within_limits()
}

/// Reads a text without blanks around it.
///
/// An integer literal within i64 or u64 is that integer exactly; any other number is the nearest binary64; no text at
/// all is null. To be called in the default floating-point environment: floats are multiplied and divided on the way.
#[inline]
pub(crate) fn read(text: impl AsRef<[u8]>) -> Reading {
    let text = text.as_ref();
    match Decimal::find(text) {
        Ok(decimal) => decimal.reading().unwrap_or_else(|| read_plainly(text)),
        Err(NoDecimal::Text) => Reading::Text,
        Err(NoDecimal::Long | NoDecimal::Word) => read_plainly(text),
    }
}

/// The same for every text, without haste: the standard library rounds, with help where it is wrong.
pub(crate) fn read_plainly(text: &[u8]) -> Reading {
    match text.first() {
        None => Reading::Null,
        Some(b'0'..=b'9' | b'+' | b'-' | b'.' | b'i' | b'I' | b'n' | b'N') => {
            std::str::from_utf8(text).map_or(Reading::Text, read_literal)
        }
        Some(_) => Reading::Text,
    }
}

/// The number that a text is, if it is one.
#[cold]
fn read_literal(text: &str) -> Reading {
    integer(text).unwrap_or_else(|| float(text))
}

/// The integer, if the text is the literal of one within i64 or u64.
fn integer(text: &str) -> Option<Reading> {
    let (negative, digits) = signed(text);
    let magnitude = magnitude(digits)?;
    let nearest = if negative { -(magnitude as f64) } else { magnitude as f64 };
    // Below 2^53 every integer is a binary64; −0 is −0.0.
    if magnitude < 1 << f64::MANTISSA_DIGITS {
        return Some(Reading::Float(nearest));
    }
    wide(negative, magnitude)
}

/// The integer, if it is within i64 or u64.
fn wide(negative: bool, magnitude: u64) -> Option<Reading> {
    if negative {
        return 0i64.checked_sub_unsigned(magnitude).map(|integer| Reading::Wide(integer.into()));
    }
    Some(Reading::Wide(magnitude.into()))
}

/// Whether a minus stands before the text, and the text without its sign.
fn signed(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(unsigned) => (true, unsigned),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// The number that decimal digits make, if there are digits only and it is within u64.
fn magnitude(digits: &str) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.bytes().try_fold(0u64, |magnitude, byte| {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 { None } else { magnitude.checked_mul(10)?.checked_add(u64::from(digit)) }
    })
}

/// The nearest binary64. The grammar of `str::parse` is ours: an optional sign; digits with at most
/// one point among, before or after them and an optional exponent, or inf, infinity, nan in any case.
fn float(text: &str) -> Reading {
    let parsed = match text.len() {
        ..=long::BYTES_MAX => text.parse::<f64>(),
        _ => match long::shortened(text) {
            Some(literal) => literal.parse(),
            None => return Reading::Text,
        },
    };
    match parsed {
        Ok(value) if value.is_infinite() && !is_infinity(text) => Reading::Overflow,
        Ok(value) => Reading::Float(value),
        Err(_) => Reading::Text,
    }
}

/// Whether a literal that gives an infinity spells it.
fn is_infinity(text: &str) -> bool {
    signed(text).1.starts_with(['i', 'I'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The fast way and the plain one, by what they say: −0.0 is not 0.0 there, and NaN is NaN.
    fn check_ways(text: &str) -> Result<(), TestCaseError> {
        let (fast, plain) = (read(text), read_plainly(text.as_bytes()));
        prop_assert_eq!(format!("{fast:?}"), format!("{plain:?}"), "{}", text);
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn every_literal_is_read_as_the_plain_way_does(
            text in "[+-]?[0-9]{0,22}(\\.[0-9]{0,22})?([eE][+-]?[0-9]{1,3})?",
        ) {
            check_ways(&text)?;
        }

        #[test]
        fn every_text_is_read_as_the_plain_way_does(text in "[-+.0-9eEinfaty x]{0,24}") {
            check_ways(&text)?;
        }

        #[test]
        fn every_float_comes_back(value: f64, precision in 0usize..20) {
            for text in [format!("{value:?}"), format!("{value:e}"), format!("{value:.precision$}")] {
                check_ways(&text)?;
            }
        }
    }

    /// Compares bits, and says which of the cases it was even if that is very long.
    fn check_float(text: &str, expected: f64) {
        let Reading::Float(value) = read(text) else { panic!("{text:.60}: {:?}", read(text)) };
        let (bits, expected) = (value.to_bits(), expected.to_bits());
        assert_eq!(bits, expected, "{text:.60}: {bits:016x}, not {expected:016x}");
    }

    #[test]
    fn numbers_are_the_nearest_binary64() {
        let cases = [
            ("0", 0.0),
            ("-0", -0.0),
            ("+0", 0.0),
            ("-000", -0.0),
            ("007", 7.0),
            ("+5", 5.0),
            ("-5", -5.0),
            (".5", 0.5),
            ("-.5", -0.5),
            ("1.", 1.0),
            ("1.e2", 100.0),
            ("1e3", 1000.0),
            ("1E+3", 1000.0),
            ("1e-3", 0.001),
            ("-0.0", -0.0),
            ("0e999999", 0.0),
            ("-1e-400", -0.0),
            ("9007199254740991", 9_007_199_254_740_991.0),
            ("18446744073709551616", 18_446_744_073_709_551_616.0),
            ("-9223372036854775809", -9_223_372_036_854_775_808.0),
            ("1.7976931348623157e308", f64::MAX),
            ("1.7976931348623158e308", f64::MAX),
            ("5e-324", f64::from_bits(1)),
            ("2.4703282292062328e-324", f64::from_bits(1)),
            ("2.4703282292062327e-324", 0.0),
            ("inf", f64::INFINITY),
            ("+Infinity", f64::INFINITY),
            ("-INF", f64::NEG_INFINITY),
        ];
        for (text, expected) in cases {
            check_float(text, expected);
        }
        for text in ["nan", "NaN", "+NAN", "-nan"] {
            assert!(matches!(read(text), Reading::Float(value) if value.is_nan()), "{text}");
        }
    }

    #[test]
    fn integers_of_64_bits_are_exact() {
        for integer in [i64::MIN, i64::MIN + 1, -(1 << 53) - 1, (1 << 53) + 1, i64::MAX] {
            assert_eq!(read(integer.to_string()), Reading::Wide(integer.into()));
            assert_eq!(read(format!("{integer}.")), Reading::Float(integer as f64));
        }
        for integer in [1 << 63, (1 << 63) + 1, u64::MAX] {
            assert_eq!(read(format!("+00{integer}")), Reading::Wide(integer.into()));
        }
    }

    #[test]
    fn a_literal_beyond_binary64_is_none() {
        let integer = "9".repeat(400);
        for text in
            ["1e309", "-1e309", "1.7976931348623159e308", "1e99999999999999999999", &integer]
        {
            assert_eq!(read(text), Reading::Overflow, "{text}");
        }
    }

    #[test]
    fn anything_else_is_text() {
        let long = "1".repeat(long::BYTES_MAX);
        let cases = [
            ".", "+", "-", "e5", ".e5", "1e", "1e+", "+-1", "--1", "1_000", "1,000", "0x10", "1f",
            "infin", "nano", "in", "1 2", "٣", "½", "−1", "1\u{a0}", "\"1\"", "1.2.3", "1e5.0",
            "1e5e5", "true",
        ];
        for text in cases {
            assert_eq!(read(text), Reading::Text, "{text}");
            let long = format!("{long}{text}");
            assert!(!matches!(read(&long), Reading::Null | Reading::Wide(_)), "{text}");
        }
        for text in ["x", "e", "e+", ".5.5", "e5e5", "-", "_0", "e0x"] {
            assert_eq!(read(format!("{long}{text}")), Reading::Text, "{text}");
            assert_eq!(read(format!("{text}{long}{text}")), Reading::Text, "{text}");
        }
    }

    /// `str::parse` gives 0 and inf for the first two.
    #[test]
    fn literals_of_any_length_are_the_nearest_binary64() {
        let zeros = |n_zeros: usize| "0".repeat(n_zeros);
        check_float(&format!("0.{}1e700001", zeros(700_000)), 1.0);
        check_float(&format!("1{}e-700000", zeros(700_000)), 1.0);
        check_float(&format!("-{}25{}.{}E-700000", zeros(9), zeros(699_999), zeros(9)), -2.5);
        check_float(&format!("{}.{}", zeros(5000), zeros(5000)), 0.0);
        check_float(&format!("-{}e99999999999999999999", zeros(5000)), -0.0);
        check_float(&format!("+0.1{}", zeros(5000)), 0.1);
        assert_eq!(read(format!("1{}", zeros(5000))), Reading::Overflow);
        assert_eq!(read(format!("1e{}1000", zeros(5000))), Reading::Overflow);
    }

    /// Half way between 1 and its successor the last digit decides, however far away it is.
    #[test]
    fn no_digit_is_too_far_away_to_count() {
        let half = "1.00000000000000011102230246251565404236316680908203125";
        for n_zeros in [0, 700, 750, 1000, 100_000] {
            let zeros = "0".repeat(n_zeros);
            check_float(&format!("{half}{zeros}"), 1.0);
            check_float(&format!("{half}{zeros}1"), 1.0 + f64::EPSILON);
            check_float(&format!("{half}{zeros}1{zeros}"), 1.0 + f64::EPSILON);
        }
    }
}
