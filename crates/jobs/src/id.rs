//! Names of jobs: 128 bits that sort as the jobs were submitted, written as 26 letters and digits. When a
//! name is given out is not here: the store does that inside the transaction that adds the job.

use std::fmt;
use std::str::FromStr;

use crate::{Error, Timestamp};

/// Crockford's base 32 in lower case: no `i`, `l`, `o` or `u`, and in the order of ASCII.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// 26 digits of 5 bits hold 128 bits, with 2 to spare in the first.
const DIGITS: usize = 26;
const RANDOM_BITS: u32 = 80;

/// The name of a job: opaque, and later jobs have greater ones. Displayed as 26 characters, which sort alike.
///
/// Whatever text is no such name is the name of no job: parsing fails with [`Error::NotFound`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(u128);

impl JobId {
    /// The name after `last`: the clock's milliseconds (48 bits) and chance (80 bits), or one more than
    /// `last` where that is not greater, as within a millisecond and after the clock was set back.
    ///
    /// After the greatest name of all comes the same again, which a primary key refuses.
    pub(crate) fn after(last: Option<Self>, now: Timestamp, random: [u8; 10]) -> Self {
        let millis = u128::from(now.unix_millis().max(0).unsigned_abs()) & ((1 << 48) - 1);
        let random = random.iter().fold(0, |bits, byte| bits << 8 | u128::from(*byte));
        let fresh = millis << RANDOM_BITS | random;
        Self(last.map_or(fresh, |last| fresh.max(last.0.saturating_add(1))))
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digit = |index: usize| ALPHABET[(self.0 >> (5 * (DIGITS - 1 - index)) & 31) as usize];
        let text: String = (0..DIGITS).map(|index| char::from(digit(index))).collect();
        f.pad(&text)
    }
}

impl FromStr for JobId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        parse(text).ok_or_else(|| Error::NotFound { id: text.chars().take(2 * DIGITS).collect() })
    }
}

fn parse(text: &str) -> Option<JobId> {
    if text.len() != DIGITS || text.as_bytes()[0] > b'7' {
        return None;
    }
    let digit = |byte| ALPHABET.iter().position(|known| *known == byte);
    let bits = text.bytes().try_fold(0, |bits, byte| Some(bits << 5 | digit(byte)? as u128))?;
    Some(JobId(bits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_the_published_example_of_crockford_base_32() {
        // The first example of the ULID specification, in lower case.
        let id: JobId = "01arz3ndektsv4rrffq69g5fav".parse().unwrap();
        assert_eq!(id.0, 0x0156_3e3a_b5d3_d676_4c61_efb9_9302_bd5b);
        assert_eq!(id.to_string(), "01arz3ndektsv4rrffq69g5fav");
    }

    #[test]
    fn every_other_text_is_the_name_of_no_job() {
        let wrong = ["", "1", "01arz3ndektsv4rrffq69g5fa", "01arz3ndektsv4rrffq69g5favv"];
        let wrong =
            wrong.into_iter().chain(["81arz3ndektsv4rrffq69g5fav", "01ARZ3NDEKTSV4RRFFQ69G5FAV"]);
        for text in wrong.chain(["01arz3ndektsv4rrffq69g5fau", "01arz3ndektsv4rrffq69g5fé", "\n"])
        {
            let error = text.parse::<JobId>().unwrap_err();
            assert_eq!(error.code(), "job.not_found", "{text:?}");
            assert!(!error.to_string().contains('\n'));
        }
    }

    #[test]
    fn after_the_last_name_of_all_comes_the_same_again() {
        let last = JobId(u128::MAX);
        assert_eq!(JobId::after(Some(last), Timestamp::now(), [0; 10]), last);
    }

    proptest! {
        #[test]
        fn text_keeps_value_and_order(left: u128, right: u128) {
            let (left, right) = (JobId(left), JobId(right));
            prop_assert_eq!(left.to_string().parse::<JobId>().unwrap(), left);
            prop_assert_eq!(left.cmp(&right), left.to_string().cmp(&right.to_string()));
        }

        #[test]
        fn names_ascend_whatever_the_clock_says(moments in prop::collection::vec((any::<i32>(), any::<[u8; 10]>()), 1..50)) {
            let mut last = None;
            for (millis, random) in moments {
                let next = JobId::after(last, Timestamp::from_unix_millis(millis.into()), random);
                prop_assert!(last.is_none_or(|last| last < next));
                last = Some(next);
            }
        }

        #[test]
        fn a_name_begins_with_its_millisecond(millis in 0i64..1 << 48, random: [u8; 10]) {
            let id = JobId::after(None, Timestamp::from_unix_millis(millis), random);
            prop_assert_eq!(id.0 >> RANDOM_BITS, millis as u128);
        }
    }
}
