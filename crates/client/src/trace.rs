//! The trace that requests belong to: the W3C header `traceparent`, made or passed on. What a trace looks like in the
//! end is seen by whoever collects it, not here.

use std::fmt;
use std::str::FromStr;

/// A trace, and the span in it under which the service puts what it does.
///
/// ```
/// use exacta_client::Trace;
///
/// let passed_on: Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse()?;
/// assert_eq!(passed_on.to_string(), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
/// assert_ne!(Trace::new(), Trace::new());
/// # Ok::<(), exacta_client::TraceError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace(String);

impl Trace {
    /// A new one, which a service that keeps traces is asked to keep.
    #[expect(clippy::new_without_default, reason = "each is another one")]
    pub fn new() -> Self {
        Self(format!("00-{:032x}-{:016x}-01", fastrand::u128(1..), fastrand::u64(1..)))
    }
}

impl FromStr for Trace {
    type Err = TraceError;

    /// Takes a `traceparent`, to be passed on as it is.
    fn from_str(text: &str) -> Result<Self, TraceError> {
        if is_traceparent(text.as_bytes()) { Ok(Self(text.to_owned())) } else { Err(TraceError) }
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text is no `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no traceparent of version 00: write 00-TRACE-SPAN-FLAGS in lower-case hexadecimal")]
pub struct TraceError;

/// Whether it is one of version 00, which alone can be passed on without being understood in part only.
fn is_traceparent(text: &[u8]) -> bool {
    let is_hex =
        |digits: &[u8]| digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    let is_name = |digits: &[u8]| is_hex(digits) && digits.iter().any(|digit| *digit != b'0');
    text.len() == 55
        && text.starts_with(b"00-")
        && text[35] == b'-'
        && text[52] == b'-'
        && is_name(&text[3..35])
        && is_name(&text[36..52])
        && is_hex(&text[53..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_traceparent_is_refused() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
        assert!(good.parse::<Trace>().is_ok());
        assert!(Trace::new().to_string().parse::<Trace>().is_ok());
        for text in [
            "",
            "00",
            &good[..54],
            &format!("{good}-"),
            &good.to_uppercase(),
            &good.replace("00-0", "01-0"),
            &good.replace('7', "g"),
            &good.replace('-', "_"),
            &format!("00-{}-b7ad6b7169203331-00", "0".repeat(32)),
            &format!("00-0af7651916cd43dd8448eb211c80319c-{}-00", "0".repeat(16)),
        ] {
            assert_eq!(text.parse::<Trace>(), Err(TraceError), "{text}");
        }
    }
}
