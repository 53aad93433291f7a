//! How fast the JSON of an array of numbers is read, each to the nearest binary64: by `serde_json` into a vector, and by
//! the reader that the service has, on one core and on two.

use std::hint::black_box;
use std::thread;
use std::time::Instant;

use exacta_scan::{JsonError, JsonReader};
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::Error;
use crate::kernel::numbers::Kind;
use crate::spread::Spread;

pub(super) const SERDE: &str = "`serde_json` (`float_roundtrip`), into a `Vec<f64>`";
pub(super) const ONE: &str = "exacta, one core";
pub(super) const TWO: &str = "exacta, two cores";

/// Reads the text, and tells of its numbers.
type Way<'a> = &'a dyn Fn() -> Result<Sum, Error>;

/// What one way of reading does.
pub(super) struct Parse {
    pub(super) name: &'static str,
    /// Bytes of text a second.
    pub(super) rate: Spread,
    /// To `serde_json` in the same round.
    pub(super) ratio: Spread,
}

/// Reads numbers with all their digits, in turns.
///
/// It runs on a thread of its own, which is one of the two that read. Beside a thread that only waits for them there
/// would be three, and the kernel may leave both on one core while the other idles.
pub(super) fn measure(n_numbers: usize, n_rounds: usize) -> Result<Vec<Parse>, Error> {
    let race = || race(n_numbers, n_rounds);
    thread::scope(|scope| scope.spawn(race).join()).expect("nothing in it panics")
}

fn race(n_numbers: usize, n_rounds: usize) -> Result<Vec<Parse>, Error> {
    let numbers = Kind::Uniform.numbers(n_numbers);
    let text = serde_json::to_string(&numbers)?;
    let expected = Sum::of(&numbers);
    let one = ThreadPoolBuilder::new().num_threads(1).build()?;
    let two = ThreadPoolBuilder::new().num_threads(2).use_current_thread().build()?;
    let ways: [(&str, Way); 3] = [
        (SERDE, &|| Ok(Sum::of(&serde_json::from_str::<Vec<f64>>(black_box(&text))?))),
        (ONE, &|| by_exacta(&one, black_box(&text))),
        (TWO, &|| by_exacta(&two, black_box(&text))),
    ];
    let mut rates = ways.map(|_| Vec::with_capacity(n_rounds));
    for round in 0..n_rounds {
        for index in (0..ways.len()).map(|index| (index + round) % ways.len()) {
            let (contender, way) = ways[index];
            let start = Instant::now();
            let sum = way()?;
            rates[index].push(text.len() as f64 / start.elapsed().as_secs_f64());
            if sum != expected {
                return Err(Error::Wrong { contender, n_numbers });
            }
        }
    }
    let parse = |index: usize| {
        let ratios = rates[index].iter().zip(&rates[0]).map(|(rate, base)| rate / base);
        let ratio = Spread::of(&ratios.collect::<Vec<_>>())?;
        Ok(Parse { name: ways[index].0, rate: Spread::of(&rates[index])?, ratio })
    };
    (0..ways.len()).map(parse).collect()
}

/// What tells numbers from others without taking time: how many, and the sum of their bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    n_numbers: usize,
    bits: u64,
}

impl Sum {
    fn of(numbers: &[f64]) -> Self {
        let bits = numbers.iter().fold(0u64, |sum, number| sum.wrapping_add(number.to_bits()));
        Self { n_numbers: numbers.len(), bits }
    }

    fn add(&mut self, other: Self) {
        self.n_numbers += other.n_numbers;
        self.bits = self.bits.wrapping_add(other.bits);
    }
}

fn by_exacta(pool: &ThreadPool, text: &str) -> Result<Sum, Error> {
    let read = || {
        let mut reader = JsonReader::from_bytes(text.as_bytes());
        let mut sum = Sum::default();
        reader.begin_array()?;
        let take = |sum: &mut Sum, numbers: &[f64]| sum.add(Sum::of(numbers));
        let join = |sum: &mut Sum, shares: Vec<Sum>| {
            shares.into_iter().for_each(|share| sum.add(share));
            Ok::<_, JsonError>(())
        };
        reader.fold_numbers(&mut sum, Sum::default, take, join)?;
        Ok::<_, JsonError>(sum)
    };
    pool.install(read).map_err(|error| Error::Unread(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_ways_read_the_same() {
        let parses = measure(10_000, 1).unwrap();
        assert_eq!(parses.len(), 3);
        assert_eq!(parses[0].ratio.median, 1.0);
    }
}
