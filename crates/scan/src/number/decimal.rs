//! The literal of a number as an integer and a power of ten: its digits, its sign, and where its point stands. What
//! binary64 that is, is in `binary`.

use exacta::DecimalAccumulator;

use super::{Reading, binary::nearest, wide};

/// Digits that always fit in 64 bits.
const DIGITS_MAX: usize = 19;

/// Digits of an exponent beyond which a literal is left to the slow way.
const EXPONENT_DIGITS_MAX: usize = 5;

/// A literal: ± `mantissa` · 10^`exponent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    pub(crate) mantissa: u64,
    pub(crate) exponent: i32,
    pub(crate) negative: bool,
    pub(crate) form: Form,
}

/// How a literal is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Digits alone.
    Integer,
    /// With a point or an exponent.
    Fraction,
    /// As none of these, or with more digits: to be read the slow way.
    Other,
}

impl Decimal {
    /// Something that has to be read the slow way.
    pub(crate) const OTHER: Self =
        Self { mantissa: 0, exponent: 0, negative: false, form: Form::Other };

    /// The literal that a text is; `None` if it is none, or one of so many digits that they may not fit.
    #[inline]
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        Self::find(text).ok()
    }

    /// The same of a literal that has no exponent of its own.
    #[inline]
    pub(crate) fn parse_plain(text: &[u8]) -> Option<Self> {
        let (decimal, rest) = Self::begin(text).ok()?;
        rest.is_empty().then_some(decimal)
    }

    /// The literal that a text is, or in what way it is none.
    #[inline]
    pub(super) fn find(text: &[u8]) -> Result<Self, NoDecimal> {
        match Self::begin(text)? {
            (decimal, []) => Ok(decimal),
            (decimal, [b'e' | b'E', power @ ..]) => {
                let exponent =
                    exponent(power).and_then(|power| power.checked_add(decimal.exponent));
                let exponent = exponent.ok_or(NoDecimal::Long)?;
                Ok(Self { exponent, form: Form::Fraction, ..decimal })
            }
            _ => Err(NoDecimal::Text),
        }
    }

    /// What the sign, the digits and the point at the beginning of a text are, and the text behind them.
    #[inline]
    fn begin(text: &[u8]) -> Result<(Self, &[u8]), NoDecimal> {
        let (negative, unsigned) = match text {
            [b'-', unsigned @ ..] => (true, unsigned),
            [b'+', unsigned @ ..] => (false, unsigned),
            _ => (false, text),
        };
        let (mut mantissa, mut rest) = digits(0, unsigned);
        let mut n_digits = unsigned.len() - rest.len();
        let mut decimal = Self { mantissa, exponent: 0, negative, form: Form::Integer };
        if let [b'.', fraction @ ..] = rest {
            (mantissa, rest) = digits(mantissa, fraction);
            let n_behind = fraction.len() - rest.len();
            n_digits += n_behind;
            let exponent = -i32::try_from(n_behind).map_err(|_| NoDecimal::Long)?;
            decimal = Self { mantissa, exponent, negative, form: Form::Fraction };
        }
        if n_digits == 0 {
            return Err(NoDecimal::Word);
        }
        if n_digits > DIGITS_MAX && n_digits - n_leading(unsigned, n_digits) > DIGITS_MAX {
            return Err(NoDecimal::Long);
        }
        Ok((decimal, rest))
    }

    /// The same number with an exponent that decimals may have, if there is one: zero has any.
    pub(super) fn within_limits(self) -> Option<Self> {
        let exponent = if self.mantissa == 0 { 0 } else { self.exponent };
        let is_within = DecimalAccumulator::EXPONENTS.contains(&exponent);
        is_within.then_some(Self { exponent, ..self })
    }

    /// What it means; `None` where that has to be found out the slow way.
    #[inline]
    pub(crate) fn reading(self) -> Option<Reading> {
        if let Some(value) = self.float() {
            return Some(Reading::Float(value));
        }
        (self.form == Form::Integer).then(|| wide(self.negative, self.mantissa))?
    }

    /// The binary64 nearest to it; `None` if it has to be read the slow way.
    #[inline(always)] // into loops that are compiled for better processors
    pub(crate) fn nearest(self) -> Option<f64> {
        if self.form != Form::Integer {
            return self.float();
        }
        let magnitude = self.mantissa as f64;
        Some(if self.negative { -magnitude } else { magnitude })
    }

    /// The binary64 that it means; `None` if it is an integer that may be none, or has to be read the slow way.
    #[inline(always)] // into loops that are compiled for better processors
    pub(crate) fn float(self) -> Option<f64> {
        let Self { mantissa, exponent, negative, form } = self;
        let exact = mantissa < 1 << f64::MANTISSA_DIGITS;
        let magnitude = match form {
            Form::Integer if exact => mantissa as f64,
            Form::Fraction if mantissa == 0 => 0.0,
            Form::Fraction => nearest(mantissa, exponent)?,
            Form::Integer | Form::Other => return None,
        };
        Some(if negative { -magnitude } else { magnitude })
    }
}

/// In what way a text is no decimal that is read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoDecimal {
    /// It has digits, perhaps more than fit, and may be a number.
    Long,
    /// It has no digit at its beginning, and may be a number by name.
    Word,
    /// It is no number.
    Text,
}

/// Appends the digits at the beginning of a text to a number, which may overflow, and gives the text behind them.
#[inline]
fn digits(mut number: u64, mut text: &[u8]) -> (u64, &[u8]) {
    while let Some((eight, rest)) = text.split_first_chunk()
        && let Some(value) = eight_digits(*eight)
    {
        number = number.wrapping_mul(100_000_000).wrapping_add(value);
        text = rest;
    }
    while let [digit @ b'0'..=b'9', rest @ ..] = text {
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
        text = rest;
    }
    (number, text)
}

/// The number that eight digits make, all at once in one word.
#[inline]
fn eight_digits(text: [u8; 8]) -> Option<u64> {
    let word = u64::from_le_bytes(text);
    // A byte is a digit if its high half is 3, and still is when 6 is added.
    let halves = |word: u64| word & 0xf0f0_f0f0_f0f0_f0f0;
    let zeros = 0x3030_3030_3030_3030;
    if halves(word) != zeros || halves(word.wrapping_add(0x0606_0606_0606_0606)) != zeros {
        return None;
    }
    let word = word - zeros;
    // Neighbours become pairs, pairs fours, fours all eight: each time the earlier one counts for more.
    let pairs = (word * 10 + (word >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    Some((fours * 10_000 + (fours >> 32)) & 0xffff_ffff)
}

/// How many of the digits are zeros before the first other one.
#[cold]
fn n_leading(unsigned: &[u8], n_digits: usize) -> usize {
    let digits = unsigned.iter().filter(|byte| **byte != b'.').take(n_digits);
    digits.take_while(|byte| **byte == b'0').count()
}

/// The exponent behind an `e`, if it is one and short.
fn exponent(text: &[u8]) -> Option<i32> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        _ => (false, text),
    };
    if digits.is_empty() || digits.len() > EXPONENT_DIGITS_MAX {
        return None;
    }
    let magnitude = digits.iter().try_fold(0, |magnitude, byte| {
        byte.is_ascii_digit().then(|| magnitude * 10 + i32::from(byte - b'0'))
    })?;
    Some(if negative { -magnitude } else { magnitude })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(u64, i32, bool, Form)>) {
        let found = Decimal::parse(text.as_bytes());
        let parts =
            |decimal: Decimal| (decimal.mantissa, decimal.exponent, decimal.negative, decimal.form);
        assert_eq!(found.map(parts), expected, "{text}");
    }

    #[test]
    fn literals_are_taken_apart() {
        check("0", Some((0, 0, false, Form::Integer)));
        check("-007", Some((7, 0, true, Form::Integer)));
        check("+1234567890123456789", Some((1_234_567_890_123_456_789, 0, false, Form::Integer)));
        check("00000000000012.5", Some((125, -1, false, Form::Fraction)));
        check("1.", Some((1, 0, false, Form::Fraction)));
        check("-.5", Some((5, -1, true, Form::Fraction)));
        check("1e5", Some((1, 5, false, Form::Fraction)));
        check(
            "123456789.123456789E-05",
            Some((123_456_789_123_456_789, -14, false, Form::Fraction)),
        );
        check(".00000000000000000000012", Some((12, -23, false, Form::Fraction)));
    }

    #[test]
    fn what_is_no_literal_or_a_long_one_is_left() {
        for text in ["", "-", ".", "e5", "1e", "1e+", "1e123456", "1.2.3", "--1", "1 ", "1/", "1:"]
        {
            check(text, None);
        }
        check("0000000000000000000..0000", None);
        check("00000000000000000000..0000", None);
        check("12345678901234567890", None);
        check("1.2345678901234567890", None);
        check("12345/78", None);
        check("1234:678", None);
        check("12345678\u{b0}2345", None);
    }
}
