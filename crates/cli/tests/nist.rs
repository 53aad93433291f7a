//! The binary against the certified values of NIST's Statistical Reference Datasets. The values and the data
//! are read from NIST's own files.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::run;
use serde_json::Value;

/// How many digits of the standard deviation are met where it is fewer than the promise. The result is the
/// correctly rounded one for the binary64 nearest to each decimal; rounding those is what costs the digits.
const STDDEV_DIGITS: [(&str, f64); 4] =
    [("Mavro", 13.0), ("Michelso", 13.0), ("NumAcc3", 9.0), ("NumAcc4", 8.0)];

/// The promise.
const DIGITS: f64 = 14.0;

/// A file of NIST's.
struct DataSet {
    mean: f64,
    stddev: f64,
    n_observations: u64,
    /// One number a line.
    data: String,
}

impl DataSet {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        // The second "Data:" heads the numbers; a line of dashes follows it.
        let (about, data) = text.rsplit_once("Data: Y").unwrap();
        let (dashes, data) = data.trim_start().split_once('\n').unwrap();
        assert!(dashes.trim_end().bytes().all(|byte| byte == b'-'), "{dashes}");
        let after = |label: &str| {
            let line = about.lines().find(|line| line.starts_with(label)).unwrap();
            line.rsplit_once(':').unwrap().1.trim()
        };
        Self {
            mean: after("Sample Mean").parse().unwrap(),
            stddev: after("Sample Standard Deviation").parse().unwrap(),
            n_observations: after("Number of Observations").parse().unwrap(),
            data: data.to_owned(),
        }
    }
}

/// The number of digits in which a value agrees with a certified one.
fn digits(value: f64, certified: f64) -> f64 {
    let difference = (value - certified).abs();
    if difference == 0.0 { f64::INFINITY } else { -(difference / certified.abs()).log10() }
}

#[test]
fn certified_values_are_met() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/nist");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let paths: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|e| e == "dat")).collect();
    assert_eq!(paths.len(), 8);
    for path in paths {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let set = DataSet::read(&path);
        let answer = run(&["stats", "--json"], set.data.as_bytes());
        assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{name}");
        let answer: Value = serde_json::from_str(&answer.stdout).unwrap();
        let column = &answer["columns"][0];
        assert_eq!(column["count"], set.n_observations, "{name}");
        let mean = digits(column["mean"].as_f64().unwrap(), set.mean);
        let stddev = digits(column["stddev"].as_f64().unwrap(), set.stddev);
        println!("{name}: mean {mean:.1}, stddev {stddev:.1} digits");
        assert!(mean >= DIGITS, "{name}: {mean} digits of the mean");
        let exception = STDDEV_DIGITS.iter().find(|(set, _)| *set == name);
        let (least, most) =
            exception.map_or((DIGITS, f64::INFINITY), |(_, digits)| (*digits, digits + 1.0));
        assert!((least..=most).contains(&stddev), "{name}: {stddev} digits of stddev");
    }
}
