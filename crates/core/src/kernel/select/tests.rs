//! Selection against sorting, whatever the data, the sample, the instruction set and the threads.

use super::*;
use crate::kernel::samples::{KINDS, Random, cases, with_each_set};
use proptest::prelude::*;

/// Samples of a few values and narrow brackets: most guesses are wrong.
const MISLED: Tuning = Tuning {
    plain_max: 4,
    sample_percent: 5,
    margin_squared_quarters: 1,
    margin_least: 0,
    ..Tuning::DEFAULT
};

/// As in use, but for any length.
const EAGER: Tuning = Tuning { plain_max: 4, serial_max: 1 << 10, ..Tuning::DEFAULT };

fn pseudo_random(index: u64) -> u64 {
    let mixed = (index + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) ^ mixed >> 32
}

/// A name, and the value at an index among as many.
type Kind = (&'static str, Box<dyn Fn(u64, u64) -> f64>);

/// Data that selection may find hard, each of any length.
fn kinds() -> Vec<Kind> {
    let finite = |bits: u64| Some(f64::from_bits(bits)).filter(|x| x.is_finite()).unwrap_or(1.5);
    vec![
        ("any bits", Box::new(move |i, _| finite(pseudo_random(i)))),
        ("uniform", Box::new(|i, _| (pseudo_random(i) >> 11) as f64)),
        ("narrow", Box::new(|i, _| 1e6 + (pseudo_random(i) >> 11) as f64 * 2f64.powi(-53))),
        ("all equal", Box::new(|_, _| 0.1)),
        ("two values", Box::new(|i, _| if pseudo_random(i) & 1 == 0 { -2.5 } else { 7.0 })),
        ("few values", Box::new(|i, _| (pseudo_random(i) % 5) as f64)),
        (
            "mostly zero",
            Box::new(|i, _| if i % 3 == 0 { pseudo_random(i) as f64 - 9e18 } else { 0.0 }),
        ),
        ("sorted", Box::new(|i, _| i as f64)),
        ("reversed", Box::new(|i, _| -(i as f64))),
        ("organ pipe", Box::new(|i, n| i.min(n - i) as f64)),
        ("zeros", Box::new(|i, _| if pseudo_random(i) & 1 == 0 { -0.0 } else { 0.0 })),
        ("around zero", Box::new(|i, _| f64::from_bits(pseudo_random(i) & 0x8000_0000_0000_0003))),
        (
            "subnormal",
            Box::new(move |i, _| f64::from_bits(pseudo_random(i) & 0x800f_ffff_ffff_ffff)),
        ),
        ("extreme", Box::new(|i, _| [f64::MIN, f64::MAX, 1.0][(pseudo_random(i) % 3) as usize])),
        (
            "one in eight not finite",
            Box::new(|i, _| match pseudo_random(i) % 32 {
                0 => f64::NAN,
                1 => -f64::NAN,
                2 => f64::INFINITY,
                3 => f64::NEG_INFINITY,
                other => other as f64 - (i % 100) as f64,
            }),
        ),
    ]
}

/// Chunks with what selection has to find in them.
struct Case<'a> {
    name: &'a str,
    chunks: &'a [Chunk<'a>],
    tally: Tally,
    sorted: Vec<f64>,
}

impl<'a> Case<'a> {
    fn new(name: &'a str, chunks: &'a [Chunk<'a>]) -> Self {
        let mut tally = Tally::default();
        let mut sorted = Vec::new();
        for chunk in chunks {
            let indices = 0..chunk.values.len();
            sorted.extend(indices.filter_map(|index| chunk.admit(index, &mut tally)));
        }
        sorted.sort_by(f64::total_cmp);
        Self { name, chunks, tally, sorted }
    }

    #[track_caller]
    fn check(&self, ranks: &dyn Fn(u64) -> Vec<u64>, tuning: &Tuning) {
        let (name, n) = (self.name, self.sorted.len());
        let element = |rank: u64| (rank, Value::from(self.sorted[rank as usize]));
        let elements = ranks(n as u64).into_iter().map(element).collect();
        let expected = Selection { tally: self.tally, elements };
        let found = select_tuned(self.chunks, &|tally| ranks(tally.finite), tuning);
        assert_eq!(found, expected, "{name}, {n} values, {tuning:?}");
    }
}

fn all(n: u64) -> Vec<u64> {
    (0..n).collect()
}

/// The ends, the middle, and some neighbours.
fn some(n: u64) -> Vec<u64> {
    let mut ranks: Vec<u64> =
        [0, 1, n / 100, n / 4, n / 4 + 1, n / 2, 3 * n / 4, n.saturating_sub(1)]
            .into_iter()
            .filter(|rank| *rank < n)
            .collect();
    ranks.sort_unstable();
    ranks.dedup();
    ranks
}

fn middle(n: u64) -> Vec<u64> {
    (n / 2..n).take(1).collect()
}

#[test]
fn every_rank_of_every_short_length() {
    with_each_set(|_| {
        for (name, value) in kinds() {
            for length in 0..=300 {
                let values: Vec<f64> = (0..length).map(|i| value(i, length)).collect();
                let chunks = [Chunk::from(&values[..])];
                let case = Case::new(name, &chunks);
                for tuning in [MISLED, EAGER] {
                    case.check(&all, &tuning);
                    case.check(&some, &tuning);
                    case.check(&middle, &tuning);
                }
            }
        }
    });
}

#[test]
fn many_short_arrays_are_selected_from_as_if_sorted() {
    with_each_set(|_| {
        let mut random = Random::new(18);
        for case in 0..cases(2) {
            let length = random.below(40);
            let values = random.values(KINDS[case % KINDS.len()], length);
            let chunks = [Chunk::from(&values[..])];
            Case::new("short", &chunks).check(&some, &[MISLED, EAGER][case % 2]);
        }
    });
}

#[test]
fn lengths_around_every_threshold() {
    let Tuning { plain_max, serial_max, .. } = Tuning::DEFAULT;
    for (name, value) in kinds() {
        for length in [plain_max, TASK_LENGTH as u64, serial_max, 200_000]
            .iter()
            .flat_map(|at| [at - 1, *at, at + 1])
        {
            let values: Vec<f64> = (0..length).map(|i| value(i, length)).collect();
            let chunks = [Chunk::from(&values[..])];
            let case = Case::new(name, &chunks);
            with_each_set(|_| {
                for tuning in [MISLED, EAGER, Tuning::DEFAULT] {
                    case.check(&some, &tuning);
                    case.check(&middle, &tuning);
                }
            });
        }
    }
}

#[test]
fn threads_give_what_one_thread_gives() {
    let threads = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    let length = 3 * Tuning::DEFAULT.serial_max;
    for (name, value) in kinds() {
        let values: Vec<f64> = (0..length).map(|i| value(i, length)).collect();
        let chunks = [Chunk::from(&values[..1000]), Chunk::from(&values[1000..])];
        let case = Case::new(name, &chunks);
        threads.install(|| case.check(&some, &Tuning::DEFAULT));
    }
}

fn any_value() -> impl Strategy<Value = f64> {
    let few = prop::sample::select(vec![-1.0, -0.0, 0.0, 1.0, f64::INFINITY, f64::NAN]);
    prop_oneof![any::<u64>().prop_map(f64::from_bits), -1e3..1e3, few]
}

proptest! {
    #[test]
    fn any_chunks_masks_and_ranks(
        parts in prop::collection::vec(
            (prop::collection::vec(any_value(), 0..400), any::<bool>(), 0usize..9),
            0..5,
        ),
        bytes in prop::collection::vec(any::<u8>(), 64),
        probabilities in prop::collection::vec(0.0..1.0, 0..40),
        tuning in prop::sample::select(vec![MISLED, EAGER, Tuning::DEFAULT]),
    ) {
        let chunks: Vec<Chunk<'_>> = parts.iter().map(|(values, masked, offset)| Chunk {
            values,
            validity: masked.then(|| Validity::new(&bytes, *offset, values.len()).unwrap()),
        }).collect();
        let ranks = |n: u64| {
            let mut ranks: Vec<u64> =
                probabilities.iter().map(|p| (p * n as f64) as u64).filter(|rank| *rank < n).collect();
            ranks.sort_unstable();
            ranks.dedup();
            ranks
        };
        Case::new("any", &chunks).check(&ranks, &tuning);
    }
}

#[test]
fn the_public_way_asks_for_ranks_of_what_is_there() {
    let values = [f64::NAN, 3.0, f64::NEG_INFINITY, 1.0, 2.0];
    let validity = Validity::new(&[0b0_1111], 0, 5);
    let found =
        select_finite(&[Chunk { values: &values, validity }], |tally| vec![tally.finite / 2]);
    assert_eq!(found.elements, [(1, Value::from(3.0))]);
    assert_eq!(found.tally, Tally { finite: 2, null: 1, nan: 1, neg_inf: 1, ..Tally::default() });
    assert_eq!(select(&values, &[0, 2]), [(0, Value::from(1.0)), (2, Value::from(3.0))]);
}
