//! Sizes and times as people write them, with their units.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// A number of bytes, such as `64MiB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(u64);

/// What stands for 1024 and its powers.
const SIZE_UNITS: [char; 6] = ['K', 'M', 'G', 'T', 'P', 'E'];

impl Size {
    /// So many bytes.
    pub const fn of(bytes: u64) -> Self {
        Self(bytes)
    }

    /// How many bytes it is.
    pub const fn bytes(self) -> u64 {
        self.0
    }

    /// What a file may have for one, as a JSON Schema.
    pub fn schema() -> serde_json::Value {
        serde_json::json!({
            "title": "BYTES",
            "type": ["string", "integer"],
            "minimum": 0,
            "pattern": "^ *[0-9]+ *([KMGTPEkmgtpe]?[Ii]?[Bb]|[KMGTPEkmgtpe])? *$",
        })
    }
}

/// Digits and perhaps a unit, in either case and with or without `B` or `iB` behind it.
impl FromStr for Size {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let upper = text.trim().to_ascii_uppercase();
        let number = upper.strip_suffix("IB").or_else(|| upper.strip_suffix('B')).unwrap_or(&upper);
        let unit = SIZE_UNITS.iter().position(|unit| number.ends_with(*unit));
        let digits = &number[..number.len() - usize::from(unit.is_some())];
        let factor = unit.map_or(1, |index| 1 << (10 * (index + 1)));
        let bytes = digits.trim_end().parse::<u64>().ok().and_then(|n| n.checked_mul(factor));
        bytes.map(Self).ok_or("a number of bytes is taken, such as 512M, 2GiB or 1000000")
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let power = (self.0.trailing_zeros() / 10).min(SIZE_UNITS.len() as u32);
        match power.checked_sub(1).filter(|_| self.0 > 0) {
            Some(index) => write!(f, "{}{}iB", self.0 >> (10 * power), SIZE_UNITS[index as usize]),
            None => write!(f, "{}", self.0),
        }
    }
}

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SizeVisitor;

        impl Visitor<'_> for SizeVisitor {
            type Value = Size;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of bytes, such as 512M, 2GiB or 1000000")
            }

            fn visit_u64<E: de::Error>(self, bytes: u64) -> Result<Size, E> {
                Ok(Size(bytes))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Size, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_any(SizeVisitor)
    }
}

impl JsonSchema for Size {
    fn schema_name() -> Cow<'static, str> {
        "Size".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        Self::schema().try_into().expect("it is an object")
    }
}

/// A time to wait, such as `30s`. It has a unit always, and an end: [`Time::MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Time(Duration);

/// The units, each in milliseconds, the largest first.
const TIME_UNITS: [(&str, u64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1)];

impl Time {
    /// No time at all.
    pub const ZERO: Self = Self(Duration::ZERO);

    /// The longest that can be set: clocks bear no more.
    pub const MAX: Self = Self(Duration::from_hours(24 * 365));

    /// So many seconds.
    pub const fn secs(n: u64) -> Self {
        Self(Duration::from_secs(n))
    }

    /// How long it is.
    pub const fn duration(self) -> Duration {
        self.0
    }
}

impl From<Duration> for Time {
    fn from(duration: Duration) -> Self {
        Self(duration)
    }
}

impl FromStr for Time {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let (_, factor) = TIME_UNITS
            .iter()
            .find(|(unit, _)| *unit == &text[digits.len()..])
            .ok_or("a time with its unit is taken, such as 500ms, 30s, 5min, 1h or 2d")?;
        let millis = digits.trim_end().parse::<u64>().ok().and_then(|n| n.checked_mul(*factor));
        let time = millis.map(|millis| Self(Duration::from_millis(millis)));
        time.filter(|time| *time <= Self::MAX)
            .ok_or("a whole number of units is taken, 365d at the most")
    }
}

impl TryFrom<String> for Time {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Time> for String {
    fn from(time: Time) -> Self {
        time.to_string()
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis() as u64;
        let is_whole = |(_, factor): &&(&str, u64)| millis.is_multiple_of(*factor);
        match TIME_UNITS.iter().find(is_whole).filter(|_| millis > 0) {
            Some((unit, factor)) => write!(f, "{}{unit}", millis / factor),
            None => f.write_str("0s"),
        }
    }
}

impl JsonSchema for Time {
    fn schema_name() -> Cow<'static, str> {
        "Time".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "title": "TIME",
            "type": "string",
            "pattern": "^ *[0-9]+ *(ms|s|min|h|d) *$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_size_are_powers_of_1024() {
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
            assert_eq!(text.parse(), Ok(Size(expected)), "{text:?}");
        }
        for text in ["", "M", "-1", "1.5G", "1X", "1KK", "16E", "99999999999999999999", "½K"] {
            assert!(text.parse::<Size>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn times_have_a_unit_and_an_end() {
        for (text, millis) in [
            ("0s", 0),
            ("250ms", 250),
            ("30 s", 30_000),
            (" 2h", 7_200_000),
            ("365d", 31_536_000_000),
        ] {
            assert_eq!(text.parse(), Ok(Time(Duration::from_millis(millis))), "{text:?}");
        }
        for text in [
            "",
            "s",
            "30",
            "-1s",
            "1.5s",
            "30S",
            "1h30min",
            "366d",
            "99999999999999999999s",
            "1½s",
            "é",
        ] {
            assert!(text.parse::<Time>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        for bytes in [0, 1, 1023, 1024, 1 << 20, 3 << 30, 15 << 60, u64::MAX] {
            assert_eq!(Size(bytes).to_string().parse(), Ok(Size(bytes)));
        }
        for (millis, text) in
            [(0, "0s"), (1, "1ms"), (1_500, "1500ms"), (60_000, "1min"), (86_400_000, "1d")]
        {
            let time = Time(Duration::from_millis(millis));
            assert_eq!(time.to_string(), text);
            assert_eq!(text.parse(), Ok(time));
        }
    }
}
