//! Bytes from outside: refused, or a partial whose only encoding they are, that can be merged, subtracted and
//! finalized, whatever is asked of it.
#![no_main]

use exacta::{
    Bins, Nonfinite, PairPartial, Partial, Plan, Probability, QuantileMethod, Statistic,
    WeightedPartial,
};
use libfuzzer_sys::fuzz_target;

/// The checksum would hide everything behind it: the last four bytes are made to fit.
fn with_checksum(bytes: &[u8]) -> Vec<u8> {
    let body = &bytes[..bytes.len().saturating_sub(4)];
    let mut mended = body.to_vec();
    mended.extend(crc32(body).to_le_bytes());
    mended
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            crc >> 1 ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

/// Plans that together ask for everything, each for what needs one state more than the others.
fn plans() -> impl Iterator<Item = Plan> {
    let probabilities = || ["0", "1/3", "0.99"].map(|p| p.parse::<Probability>().unwrap());
    let statistics = Statistic::ALL.iter().map(|statistic| Plan::new([*statistic]).with_exact());
    let methods = QuantileMethod::ALL.iter().map(move |method| {
        Plan::new([Statistic::Iqr, Statistic::Mad])
            .with_quantiles(probabilities())
            .with_quantile_method(*method)
    });
    let edges = Bins::edges([0.0, 1.0, 4.0]).unwrap();
    statistics.chain(methods).chain([
        Plan::new([]).with_approx_quantiles(probabilities()),
        Plan::new([]).with_histogram(edges),
    ])
}

const POLICIES: [Nonfinite; 3] = [Nonfinite::Propagate, Nonfinite::Skip, Nonfinite::Reject];

fn column(candidate: &[u8]) {
    let Ok(partial) = Partial::from_bytes(candidate) else { return };
    assert_eq!(partial.to_bytes().unwrap(), candidate);
    for plan in plans() {
        for policy in POLICIES {
            let _ = partial.finalize(&plan.clone().with_nonfinite(policy));
        }
    }
    let mut doubled = partial.clone();
    if doubled.merge(partial.clone()).is_ok() && doubled.subtract(&partial).is_ok() {
        assert_eq!(doubled.to_bytes().unwrap(), candidate);
    }
}

/// The partials of rows are alike in all but their type.
macro_rules! rows {
    ($type:ty, $candidate:expr) => {
        if let Ok(partial) = <$type>::from_bytes($candidate) {
            assert_eq!(partial.to_bytes(), *$candidate);
            for policy in POLICIES {
                let _ = partial.finalize(policy);
            }
            let mut doubled = partial.clone();
            if doubled.merge(partial.clone()).is_ok() && doubled.subtract(&partial).is_ok() {
                assert_eq!(doubled.to_bytes(), *$candidate);
            }
        }
    };
}

fuzz_target!(|bytes: &[u8]| {
    for candidate in [bytes.to_vec(), with_checksum(bytes)] {
        column(&candidate);
        rows!(PairPartial, &candidate);
        rows!(WeightedPartial, &candidate);
    }
});
