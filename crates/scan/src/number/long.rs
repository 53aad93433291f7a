//! Literals of more than a thousand bytes, made short without a change of what they round to; and literals whose last
//! digits are zeros, without these.

use super::{magnitude, signed};

/// Longer literals are rewritten before `str::parse` reads them. It is right for all that are shorter,
/// but it stops reading an exponent after six digits, and reads 0.000…1e700001 as zero.
pub(super) const BYTES_MAX: usize = 1024;

/// Significant digits that a rewritten literal keeps. A point half way between two neighbouring
/// binary64 has at most 767, so what follows matters only by being zero or not.
const DIGITS_MAX: usize = 800;

/// A decimal exponent beyond it, either way, gives zero or an infinity whatever the digits are.
const EXPONENT_MAX: i64 = 10_000;

/// A literal of the same nearest binary64 in a thousand bytes: `±0.DIGITSeEXPONENT`.
///
/// Takes digits, point and exponent; anything else is `None`, or text that is no number either.
pub(super) fn shortened(text: &str) -> Option<String> {
    let Literal { sign, whole, fraction, exponent } = Literal::parse(text)?;
    let mut digits = whole.bytes().chain(fraction.bytes());
    let n_leading = digits.clone().take_while(|byte| *byte == b'0').count();
    let point = whole.len() as i64 - n_leading as i64;
    let exponent = exponent.saturating_add(point).clamp(-EXPONENT_MAX, EXPONENT_MAX);
    let kept: String = digits.by_ref().skip(n_leading).take(DIGITS_MAX).map(char::from).collect();
    let sticky = if digits.any(|byte| byte != b'0') { "1" } else { "" };
    Some(format!("{sign}0.{kept}{sticky}e{exponent}"))
}

/// The same number, whose last digit is not zero: `±DIGITSeEXPONENT`.
///
/// Takes and refuses what [`shortened`] does.
pub(super) fn without_zeros(text: &str) -> Option<String> {
    let Literal { sign, whole, fraction, exponent } = Literal::parse(text)?;
    let fraction = fraction.trim_end_matches('0');
    // Those before the point are at the end as well if nothing is behind it.
    let digits = if fraction.is_empty() { whole.trim_end_matches('0') } else { whole };
    let n_zeros = whole.len() - digits.len();
    let exponent = exponent.saturating_add(n_zeros as i64).saturating_sub(fraction.len() as i64);
    let zero = if digits.is_empty() && fraction.is_empty() { "0" } else { "" };
    Some(format!("{sign}{zero}{digits}{fraction}e{exponent}"))
}

/// A literal in its parts.
struct Literal<'a> {
    sign: &'static str,
    /// The digits before the point and behind it.
    whole: &'a str,
    fraction: &'a str,
    exponent: i64,
}

impl<'a> Literal<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (negative, unsigned) = signed(text);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, decimal_exponent(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut digits = whole.bytes().chain(fraction.bytes()).peekable();
        digits.peek()?;
        let sign = if negative { "-" } else { "" };
        digits.all(|byte| byte.is_ascii_digit()).then_some(Self { sign, whole, fraction, exponent })
    }
}

/// An exponent of any length, at the ends of i64 where it is beyond them.
fn decimal_exponent(text: &str) -> Option<i64> {
    let (negative, digits) = signed(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Half of i64, so that adding the place of the point cannot leave it.
    let magnitude = magnitude(digits)
        .map_or(i64::MAX / 2, |magnitude| magnitude.min(i64::MAX as u64 / 2) as i64);
    Some(if negative { -magnitude } else { magnitude })
}
