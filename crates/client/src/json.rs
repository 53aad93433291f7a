//! JSON in and out, to the last bit. Which types travel is in the generated part.

use std::io;

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter};

/// The value as JSON; a number that JSON cannot hold is an error.
pub(crate) fn encode(value: &impl Serialize) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = Vec::new();
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, Strict))?;
    Ok(bytes)
}

/// The compact form without `null`: what is absent is left out of a request, so the
/// only `null` there could be is serde's word for NaN or an infinity.
struct Strict;

impl Formatter for Strict {
    fn write_null<W: ?Sized + io::Write>(&mut self, _writer: &mut W) -> io::Result<()> {
        Err(io::Error::other("it holds NaN or an infinity, and JSON has no such number: send CSV"))
    }

    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        CompactFormatter.write_f64(writer, value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_json_cannot_hold_is_refused() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let error = encode(&[1.0, value]).unwrap_err().to_string();
            assert_eq!(error, "it holds NaN or an infinity, and JSON has no such number: send CSV");
        }
    }

    /// Fails when `serde_json` loses its feature `float_roundtrip`: each of these
    /// decimals is then read as a neighbour of the nearest double, or refused.
    #[test]
    fn decimals_are_read_to_the_nearest_double() {
        let cases = [
            ("0.9856906946328695", 0x3fef_8ac7_362d_6e29_u64),
            ("0.21291890726713458", 0x3fcb_40ed_3fb4_c984),
            ("1.7976931348623158e308", 0x7fef_ffff_ffff_ffff),
        ];
        for (text, bits) in cases {
            let value: f64 = serde_json::from_str(text).unwrap();
            assert_eq!(format!("{:016x}", value.to_bits()), format!("{bits:016x}"), "{text}");
        }
    }
}
