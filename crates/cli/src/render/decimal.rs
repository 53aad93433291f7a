//! Decimals for pictures: short texts of round and of rounded numbers. The text that has every digit of a binary64 is
//! in `grid`.

/// Up to how many characters a number is written without an exponent, however many zeros that takes.
const PLAIN_CHARS_MAX: usize = 7;

/// An integer times a power of ten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    pub(super) digits: i128,
    pub(super) exponent: i32,
}

impl Decimal {
    /// A finite number, rounded to so many significant digits; if they are more than decimals keep in binary64, the
    /// shortest one that reads back to the number.
    pub(super) fn rounded(value: f64, n_digits: usize) -> Self {
        let shortest = format!("{value:e}");
        let n_shortest = shortest.bytes().take_while(|byte| *byte != b'e');
        let n_shortest = n_shortest.filter(u8::is_ascii_digit).count();
        // The smallest numbers have fewer digits than they can be written with.
        let is_rounded = n_digits <= f64::DIGITS as usize && n_digits < n_shortest;
        let text = if is_rounded { format!("{value:.*e}", n_digits - 1) } else { shortest };
        let (digits, exponent) = text.split_once('e').expect("the format has an exponent");
        let n_decimals = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let digits = digits.replace('.', "").parse().expect("they are digits");
        let exponent: i32 = exponent.parse().expect("it is a number");
        Self { digits, exponent: exponent - n_decimals as i32 }
    }

    /// The nearest binary64.
    pub(super) fn value(self) -> f64 {
        format!("{}e{}", self.digits, self.exponent).parse().expect("it is a number")
    }

    /// The same number without zeros at its end.
    fn shortest(mut self) -> Self {
        while self.digits != 0 && self.digits % 10 == 0 {
            self.digits /= 10;
            self.exponent += 1;
        }
        self
    }

    /// Such as `-0.25` and `1500`.
    fn plain(self) -> String {
        let Self { digits, exponent } = self.shortest();
        let sign = if digits < 0 { "-" } else { "" };
        let text = digits.unsigned_abs().to_string();
        if digits == 0 || exponent >= 0 {
            let n_zeros = if digits == 0 { 0 } else { exponent as usize };
            return format!("{sign}{text}{}", "0".repeat(n_zeros));
        }
        let n_decimals = exponent.unsigned_abs() as usize;
        let text = format!("{text:0>width$}", width = n_decimals + 1);
        let (whole, part) = text.split_at(text.len() - n_decimals);
        format!("{sign}{whole}.{part}")
    }

    /// Such as `-2.5e-7` and `1.5e9`.
    fn scientific(self) -> String {
        let Self { digits, exponent } = self.shortest();
        if digits == 0 {
            return "0".to_owned();
        }
        let sign = if digits < 0 { "-" } else { "" };
        let text = digits.unsigned_abs().to_string();
        let (first, rest) = text.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        format!("{sign}{first}{point}{rest}e{}", exponent + rest.len() as i32)
    }
}

/// The texts of numbers that stand together, all in the notation that suits them best.
pub(super) fn texts(decimals: &[Decimal]) -> Vec<String> {
    let [plain, scientific] = [Decimal::plain, Decimal::scientific]
        .map(|text| decimals.iter().map(|decimal| text(*decimal)).collect::<Vec<_>>());
    let [length, length_scientific] =
        [&plain, &scientific].map(|texts| texts.iter().map(String::len).max().unwrap_or(0));
    let is_plain = length <= PLAIN_CHARS_MAX || length < length_scientific;
    if is_plain { plain } else { scientific }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_and_short() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (5.0, "5"),
            (16.439_082_819_986_31, "16.4391"),
            (-1.6, "-1.6"),
            (999_999.9, "1000000"),
            (123_456_789.0, "1.23457e8"),
            (0.000_123_456_789, "1.23457e-4"),
            (1.5e-9, "1.5e-9"),
            (5e-324, "5e-324"),
            (1.5e-323, "1.5e-323"),
            (f64::MAX, "1.79769e308"),
            (0.1 + 0.2, "0.3"),
        ];
        for (value, expected) in cases {
            assert_eq!(texts(&[Decimal::rounded(value, 6)]), [expected]);
        }
    }

    #[test]
    fn many_digits_are_the_shortest() {
        let cases = [(7.1, "7.1"), (0.1 + 0.2, "0.30000000000000004"), (1e23, "1e23"), (-0.0, "0")];
        for (value, expected) in cases {
            assert_eq!(texts(&[Decimal::rounded(value, 17)]), [expected]);
        }
    }

    #[test]
    fn both_notations_read_back_to_the_number() {
        for exponent in [-323, -9, -3, -1, 0, 1, 5, 300] {
            for digits in [-1500, -7, 0, 1, 10, 12_345] {
                let decimal = Decimal { digits, exponent };
                let value = decimal.value();
                for text in [decimal.plain(), decimal.scientific()] {
                    assert_eq!(text.parse(), Ok(value), "{decimal:?}");
                }
            }
        }
    }
}
