//! Any bytes as an object of arrays of numbers, read where they lie and in pieces: no panic, one outcome, and the numbers
//! that serde_json reads. The first byte is the size of the pieces.

#![no_main]

use std::collections::BTreeMap;

use exacta_scan::{JsonError, JsonReader};
use exacta_scan_fuzz::Pieces;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((size, bytes)) = data.split_first() else { return };
    let whole = arrays(JsonReader::from_bytes(bytes));
    let pieces = Pieces { bytes, size: usize::from(*size) + 1 };
    let cut = arrays(JsonReader::from_input(pieces));
    assert_eq!(format!("{cut:?}"), format!("{whole:?}"));
    match (whole, serde_json::from_slice::<BTreeMap<String, Vec<f64>>>(bytes)) {
        (Ok(arrays), Ok(expected)) => {
            let bits = |values: Vec<f64>| values.into_iter().map(f64::to_bits).collect();
            let expected: BTreeMap<_, Vec<_>> =
                expected.into_iter().map(|(name, values)| (name, bits(values))).collect();
            assert_eq!(arrays, expected);
        }
        (Err(_), Err(_)) => {}
        (whole, expected) => panic!("{whole:?}, not {expected:?}"),
    }
});

/// The arrays as bits; of members with one name the last.
fn arrays(mut reader: JsonReader<'_>) -> Result<BTreeMap<String, Vec<u64>>, JsonError> {
    let (mut arrays, mut batch) = (BTreeMap::new(), Vec::new());
    reader.begin_object()?;
    while let Some(name) = reader.next_name()? {
        let mut values = Vec::new();
        reader.begin_array()?;
        while reader.numbers(&mut batch)? {
            values.extend(batch.iter().map(|value| value.to_bits()));
        }
        values.extend(batch.iter().map(|value| value.to_bits()));
        arrays.insert(name, values);
    }
    reader.end().map(|()| arrays)
}
