//! A sample of the data and where it expects the wanted ranks: guesses, on which only speed depends.
//!
//! With s values of a random sample, the rank of an element among them is binomial: its standard
//! deviation is √(p(1 − p)s). A bracket of 4.5 of these on each side around p·s holds the element
//! but once in 10^5, and 9·√(p(1 − p)/s) of the data lies within. So the work of the sample grows
//! with s and that of the brackets falls with √s, and both are alike for s ~ n^(2/3).
//!
//! The seed is fixed: equal data takes equal time. Whoever knows the seed can build data on which
//! the guess fails, and gains nothing but slowness.

use super::sieve::Sieve;
use super::{Chunk, Tuning, keys, plain};
use crate::kernel::Tally;
use alloc::vec::Vec;

/// A value that fills at least this part of a bracket is answered without keeping its occurrences.
/// Constants, flags and rounded prices fill brackets with one value; keeping a million copies of it
/// would be a copy of the data.
const HEAVY: usize = 8;

/// Values drawn from one page of memory, since finding a page can cost more than reading it.
const CLUSTER: u64 = 8;

/// How far the values of a cluster lie apart at most: as far as a page allows.
/// 64 values of 8 bytes, eight of them, are a page.
const SPACING_MAX: u64 = 64;

/// The finite ones of some values, a few drawn from each stretch of the data: as good as independent draws
/// where the order of the data means nothing.
///
/// The estimate matters where values are missing: ranks are ranks among the finite ones, whose
/// number is not known yet.
pub struct Sample {
    keys: Vec<i64>,
    /// What the data holds if it is like the sample.
    pub estimate: Tally,
}

impl Sample {
    /// Draws from the `length` values of `chunks`: about `n^(2/3)` of them, so that looking at the sample
    /// and at what lies in its brackets costs alike.
    ///
    /// One cluster from each stretch of equal length rather than clusters from anywhere, so that
    /// data that drifts from begin to end is still seen in proportion.
    pub fn draw(chunks: &[Chunk<'_>], length: u64, tuning: &Tuning) -> Self {
        let wanted = cube_root(length).pow(2) * tuning.sample_percent / 100;
        let stretch = (length / (wanted / CLUSTER).max(1)).max(CLUSTER);
        let count = length / stretch;
        let mut drawn = Tally::default();
        let mut values = Vec::with_capacity((count * CLUSTER) as usize);
        let mut chunks = chunks.iter();
        let (mut chunk, mut start, mut end) = (Chunk::from(&[][..]), 0, 0);
        // Nothing is done with the values yet, so that many can be on their way from memory at once.
        for index in 0..count {
            for place in cluster(index, stretch) {
                while place >= end {
                    chunk = *chunks.next().expect("the place lies within the chunks");
                    (start, end) = (end, end + chunk.values.len() as u64);
                }
                let place = (place - start) as usize;
                if chunk.is_there(place) {
                    values.push(chunk.values[place]);
                } else {
                    drawn.null += 1;
                }
            }
        }
        let finite = values.into_iter().filter(|value| drawn.admit(*value));
        Self { keys: finite.map(keys::of).collect(), estimate: scaled(&drawn, length) }
    }

    /// Cuts around the places where `ranks` are expected among as many finite values as are estimated;
    /// none where so many are wanted that sifting would not pay.
    ///
    /// Brackets that overlap become one where that is not much wider; else the later one begins
    /// where the earlier ends, so that cuts ascend.
    pub fn sieve(&mut self, ranks: &[u64], tuning: &Tuning) -> Option<Sieve> {
        let mut brackets: Vec<(usize, usize)> = Vec::new();
        for rank in ranks {
            let (mut low, high) = self.bracket(*rank, tuning);
            if let Some(last) = brackets.last_mut() {
                let merged_is_narrow = high - last.0 <= 2 * (high - low);
                if low < last.1 && merged_is_narrow {
                    last.1 = last.1.max(high);
                    continue;
                }
                low = low.max(last.1);
            }
            if low < high {
                brackets.push((low, high));
            }
        }
        (brackets.len() <= Sieve::BRACKETS_MAX).then(|| self.cut(&brackets))
    }

    /// Between which places of the sorted sample the element at `rank` is expected: 4.5 standard
    /// deviations around where it would be if the sample were the data, and a little for small samples.
    /// 0 is before the sample and `length + 1` behind it.
    fn bracket(&self, rank: u64, tuning: &Tuning) -> (usize, usize) {
        let length = self.keys.len() as u64;
        let place = u128::from(rank) * u128::from(length) / u128::from(self.estimate.finite.max(1));
        let place = (place as u64).min(length);
        let variance = u128::from(place) * u128::from(length - place) / u128::from(length.max(1));
        let margin =
            (variance as u64 * tuning.margin_squared_quarters / 4).isqrt() + tuning.margin_least;
        let low = place.saturating_sub(margin);
        (low as usize, (place + margin).min(length + 1) as usize)
    }

    /// The keys at the ends of the brackets are selected from the sample, not sorted out of it. An
    /// end before or behind the sample is that of all finite values.
    fn cut(&mut self, brackets: &[(usize, usize)]) -> Sieve {
        let length = self.keys.len();
        let mut places: Vec<u64> = brackets
            .iter()
            .flat_map(|(low, high)| [*low, *high])
            .filter(|place| (1..=length).contains(place))
            .map(|place| place as u64 - 1)
            .collect();
        places.dedup();
        let found = plain::select(&mut self.keys, &places);
        let key = |place: usize| match place {
            0 => keys::FINITE.start,
            place if place > length => keys::FINITE.end - 1,
            place => {
                found[places.binary_search(&(place as u64 - 1)).expect("the place was selected")]
            }
        };
        let mut sieve = Sieve::default();
        for (low, high) in brackets {
            let heavy_from = (high - low) / HEAVY;
            let heavy = |key: i64| {
                self.keys.iter().filter(|other| **other == key).count() > heavy_from.max(1)
            };
            let (first, last) = (key(*low), key(*high));
            if heavy(first) {
                sieve.keep(first, first + 1);
            }
            if heavy(last) {
                sieve.keep(first, last);
            }
            sieve.keep(first, last + 1);
        }
        sieve
    }
}

/// Where in the `index`-th stretch to draw: scrambled by the finalizer of `SplitMix64` (Steele, Lea and
/// Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
///
/// A function of the stretch's number alone; no state is carried along, and no clock or address has
/// a part in it.
fn cluster(index: u64, stretch: u64) -> impl Iterator<Item = u64> {
    let mut mixed = index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    let spacing = (stretch / (2 * CLUSTER)).clamp(1, SPACING_MAX);
    let room = stretch - (CLUSTER - 1) * spacing;
    let first = index * stretch + ((u128::from(mixed) * u128::from(room)) >> 64) as u64;
    (0..CLUSTER).map(move |value| first + value * spacing)
}

/// Shares of the sample, as numbers of the data.
fn scaled(drawn: &Tally, length: u64) -> Tally {
    let total = drawn.finite + drawn.null + drawn.nan + drawn.pos_inf + drawn.neg_inf;
    let scale =
        |count: u64| (u128::from(count) * u128::from(length) / u128::from(total.max(1))) as u64;
    Tally {
        finite: scale(drawn.finite),
        null: scale(drawn.null),
        nan: scale(drawn.nan),
        pos_inf: scale(drawn.pos_inf),
        neg_inf: scale(drawn.neg_inf),
        extremes: None,
    }
}

/// ⌊∛n⌋, a bit at a time.
/// In integers, so that the size of a sample is the same on every machine.
fn cube_root(n: u64) -> u64 {
    (0..22).rev().fold(0, |root, bit| {
        let next: u64 = root | 1 << bit;
        if u128::from(next).pow(3) <= u128::from(n) { next } else { root }
    })
}
