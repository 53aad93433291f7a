//! The feature `serde`: names travel as names, partials as their bytes.

use exacta::{Accumulator, Nonfinite, Partial, QuantileMethod, Reason, Statistic};

#[test]
fn what_has_a_name_travels_as_its_name() {
    let names: Vec<_> = Statistic::ALL.iter().map(|statistic| statistic.name()).collect();
    let json = serde_json::to_string(&names).unwrap();
    assert_eq!(serde_json::to_string(Statistic::ALL).unwrap(), json);
    assert_eq!(serde_json::from_str::<Vec<Statistic>>(&json).unwrap(), Statistic::ALL);
    assert_eq!(serde_json::to_string(&Reason::TooFew).unwrap(), "\"too_few\"");
    assert_eq!(serde_json::from_str::<Nonfinite>("\"skip\"").unwrap(), Nonfinite::Skip);
    let error = serde_json::from_str::<QuantileMethod>("\"type7\"").unwrap_err().to_string();
    assert!(error.contains("hazen"), "{error}");
}

#[test]
fn a_partial_travels_as_its_bytes() {
    let partial = [0.1, 0.2, f64::NAN].iter().collect::<Accumulator>().into_partial();
    let json = serde_json::to_string(&partial).unwrap();
    let read: Partial = serde_json::from_str(&json).unwrap();
    assert_eq!(read.to_bytes().unwrap(), partial.to_bytes().unwrap());
    let cut = json.replacen(',', ",0,", 1);
    assert!(serde_json::from_str::<Partial>(&cut).unwrap_err().to_string().contains("partial"));
}
