//! How fast the numbers of a JSON array are read, beside `serde_json` with `float_roundtrip`: into a `Vec<f64>` both, by
//! one thread and by two; and those of small bodies, as a service gets them. The contenders take turns, so that whatever
//! else the machine does meets all of them; a ratio is taken within a round, and the median over the rounds is told.
//! `cargo bench -p exacta-scan --bench json`.

use std::hint::black_box;
use std::time::Instant;

use exacta_scan::{JsonError, JsonReader};
use rayon::{ThreadPool, ThreadPoolBuilder};

const N_NUMBERS: usize = 1_000_000;
const N_ROUNDS: usize = 21;

fn main() {
    let pool = |n_threads| ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
    let (one, two) = (pool(1), pool(2));
    for (name, number) in KINDS {
        let mut state = 1;
        let numbers: Vec<_> = (0..N_NUMBERS).map(|_| number(random(&mut state))).collect();
        let text = format!("[{}]", numbers.join(","));
        let contenders: [(&str, Contender); 4] = [
            ("serde_json", Box::new(|| serde_json::from_str(&text).unwrap())),
            ("batches", Box::new(|| by_batches(&text).unwrap())),
            ("one thread", Box::new(|| by_threads(&one, &text).unwrap())),
            ("two threads", Box::new(|| by_threads(&two, &text).unwrap())),
        ];
        let expected = bits(&contenders[0].1());
        assert!(contenders.iter().all(|(_, read)| bits(&read()) == expected), "all read the same");
        race(name, text.len(), &contenders);
    }
    [1, 10, 30, 100, 300].into_iter().for_each(bodies);
}

/// Reads small bodies again and again.
fn bodies(n_numbers: usize) {
    let mut state = 1;
    let numbers: Vec<_> =
        (0..n_numbers).map(|_| ((random(&mut state) >> 34) as f64 / 1024.0).to_string()).collect();
    let text = format!("{{\"input\":[{}]}}", numbers.join(","));
    let n_bodies = 100_000 / n_numbers;
    let again = |read: &dyn Fn(&str) -> Vec<f64>| {
        for _ in 1..n_bodies {
            black_box(read(black_box(&text)));
        }
        read(&text)
    };
    let contenders: [(&str, Contender); 2] = [
        (
            "serde_json",
            Box::new(|| again(&|text| serde_json::from_str::<Body>(text).unwrap().input)),
        ),
        ("batches", Box::new(|| again(&|text| input(text).unwrap()))),
    ];
    assert_eq!(bits(&contenders[1].1()), bits(&contenders[0].1()));
    race(&format!("{n_numbers} a body"), n_bodies * text.len(), &contenders);
}

#[derive(serde::Deserialize)]
struct Body {
    input: Vec<f64>,
}

fn input(text: &str) -> Result<Vec<f64>, JsonError> {
    let mut reader = JsonReader::from_bytes(text.as_bytes());
    let mut values = Vec::new();
    reader.begin_object()?;
    while reader.next_name()?.is_some() {
        reader.begin_array()?;
        reader.numbers(&mut values)?;
    }
    reader.end().map(|()| values)
}

type Contender<'a> = Box<dyn Fn() -> Vec<f64> + 'a>;

/// Makes a number of random bits.
type Number = fn(u64) -> String;

/// What numbers there are.
const KINDS: [(&str, Number); 4] = [
    ("uniform", |bits| format!("{:?}", (bits >> 11) as f64 / (1u64 << 53) as f64)),
    ("any bits", |bits| {
        let value = f64::from_bits(bits);
        if value.is_finite() { format!("{value:e}") } else { "0".to_owned() }
    }),
    ("prices", |bits| format!("{:.2}", (bits >> 48) as f64 / 100.0)),
    ("integers", |bits| (bits >> 44).to_string()),
];

/// `SplitMix64`.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut word = *state;
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

fn by_batches(text: &str) -> Result<Vec<f64>, JsonError> {
    let mut reader = JsonReader::from_bytes(text.as_bytes());
    let (mut values, mut batch) = (Vec::new(), Vec::new());
    reader.begin_array()?;
    while reader.numbers(&mut batch)? {
        values.extend_from_slice(&batch);
    }
    values.extend_from_slice(&batch);
    Ok(values)
}

fn by_threads(pool: &ThreadPool, text: &str) -> Result<Vec<f64>, JsonError> {
    let mut reader = JsonReader::from_bytes(text.as_bytes());
    let mut values = Vec::new();
    reader.begin_array()?;
    pool.install(|| reader.fold_numbers(&mut values, Vec::new, take, join)).map(|()| values)
}

fn take(share: &mut Vec<f64>, batch: &[f64]) {
    share.extend_from_slice(batch);
}

#[allow(clippy::unnecessary_wraps)] // that of others may fail
fn join(values: &mut Vec<f64>, mut shares: Vec<Vec<f64>>) -> Result<(), JsonError> {
    shares.iter_mut().for_each(|share| values.append(share));
    Ok(())
}

fn race(name: &str, n_bytes: usize, contenders: &[(&str, Contender)]) {
    let mut times = vec![Vec::new(); contenders.len()];
    for round in 0..N_ROUNDS {
        for index in (0..contenders.len()).map(|index| (index + round) % contenders.len()) {
            let start = Instant::now();
            black_box(contenders[index].1());
            times[index].push(start.elapsed().as_secs_f64());
        }
    }
    for ((contender, _), own) in contenders.iter().zip(&times) {
        let rate = median(own.iter().map(|time| n_bytes as f64 / time / 1e9));
        let ratio = median(times[0].iter().zip(own).map(|(base, time)| base / time));
        println!("{name:>10} {contender:>12} {rate:6.2} GB/s {ratio:6.2} x");
    }
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<_> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
