//! Moments as milliseconds since 1970 in UTC, and how they are written. Time zones and parsing are not here.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// A moment in UTC, to the millisecond. Displayed by RFC 3339: `2026-01-31T23:59:59.007Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment so many milliseconds after the beginning of 1970.
    pub const fn from_unix_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// The milliseconds since the beginning of 1970.
    pub const fn unix_millis(self) -> i64 {
        self.0
    }

    /// What the system's clock says; the beginning of 1970 where it says less.
    pub(crate) fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(self.0.div_euclid(DAY_MILLIS));
        let millis = self.0.rem_euclid(DAY_MILLIS);
        let (hour, minute) = (millis / 3_600_000, millis / 60_000 % 60);
        let (second, millis) = (millis / 1000 % 60, millis % 1000);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
    }
}

/// Year, month and day of a day counted from 1970-01-01.
///
/// Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`. Years begin in
/// March there, so that the leap day is a year's last, and repeat every 400.
fn civil(day: i64) -> (i64, i64, i64) {
    let day = day + 719_468;
    let (era, doe) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = era * 400 + yoe + i64::from(month <= 2);
    (year, month, doy - (153 * mp + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rusqlite::Connection;

    /// `SQLite`'s calendar, which we did not write.
    fn sqlite(connection: &Connection, millis: i64) -> String {
        let sql =
            "SELECT strftime('%Y-%m-%dT%H:%M:', ?1, 'unixepoch') || printf('%02d.%03dZ', ?2, ?3)";
        let (seconds, rest) = (millis.div_euclid(1000), millis.rem_euclid(1000));
        let mut statement = connection.prepare_cached(sql).unwrap();
        statement.query_row((seconds, seconds.rem_euclid(60), rest), |row| row.get(0)).unwrap()
    }

    #[test]
    fn display_agrees_with_sqlite_on_every_day_of_eight_centuries() {
        let connection = Connection::open_in_memory().unwrap();
        for day in -150_000..150_000 {
            let millis = day * DAY_MILLIS + day.rem_euclid(1000);
            assert_eq!(Timestamp(millis).to_string(), sqlite(&connection, millis));
        }
    }

    proptest! {
        #[test]
        fn display_agrees_with_sqlite_at_any_millisecond(millis in -60_000_000_000_000i64..250_000_000_000_000) {
            let connection = Connection::open_in_memory().unwrap();
            prop_assert_eq!(Timestamp(millis).to_string(), sqlite(&connection, millis));
        }

        #[test]
        fn display_takes_any_number(millis: i64) {
            prop_assert!(Timestamp(millis).to_string().ends_with('Z'));
        }
    }
}
