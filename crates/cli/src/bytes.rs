//! A number of bytes as people write it: `512M`, `2GiB`, `1000000`.

/// What stands for 1024 and its powers.
const UNITS: &str = "KMGTPE";

/// Reads digits and perhaps a unit, in either case and with or without `B` or `iB` behind it.
pub(crate) fn parse(text: &str) -> Result<u64, &'static str> {
    let upper = text.trim().to_ascii_uppercase();
    let number = upper.strip_suffix("IB").or_else(|| upper.strip_suffix('B')).unwrap_or(&upper);
    let unit = UNITS.char_indices().find(|(_, unit)| number.ends_with(*unit));
    let digits = &number[..number.len() - usize::from(unit.is_some())];
    let bytes = digits.trim_end().parse::<u64>().ok().and_then(|digits| {
        digits.checked_mul(unit.map_or(1, |(index, _)| 1 << (10 * (index + 1))))
    });
    bytes.ok_or("a number of bytes is taken, such as 512M, 2GiB or 1000000")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_powers_of_1024() {
        let cases = [
            ("0", 0),
            ("1000000", 1_000_000),
            ("12B", 12),
            ("64K", 1 << 16),
            ("64 kB", 1 << 16),
            ("512M", 1 << 29),
            ("2GiB", 1 << 31),
            (" 2gib ", 1 << 31),
            ("15E", 15 << 60),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text), Ok(expected), "{text:?}");
        }
        for text in ["", "M", "-1", "1.5G", "1X", "1KK", "16E", "99999999999999999999", "½K"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
