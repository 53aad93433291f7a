//! Where a request stands in a trace: the W3C header `traceparent` and back.
//!
//! Spans are not here, and neither is `tracestate`, which only those need who send requests on.

use hyper::HeaderMap;
use hyper::header::HeaderName;

/// The header that names a trace.
static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// A trace, and the span in it that this request belongs under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TraceContext {
    pub(crate) trace_id: TraceId,
    pub(crate) parent: Option<Parent>,
}

/// The span of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parent {
    pub(crate) span_id: u64,
    /// Whether the caller keeps the trace.
    pub(crate) is_sampled: bool,
}

/// The name of a trace: never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TraceId(pub(crate) u128);

impl TraceId {
    /// Its hexadecimal digits, written into the array: each request tells them, and what formats anything takes
    /// some ten times as long.
    pub(crate) fn write(self, digits: &mut [u8; 32]) -> &str {
        let digit = |nibble: u8| b"0123456789abcdef"[usize::from(nibble)];
        for (byte, pair) in self.0.to_be_bytes().into_iter().zip(digits.as_chunks_mut().0) {
            *pair = [digit(byte >> 4), digit(byte & 15)];
        }
        str::from_utf8(digits).expect("digits are ASCII")
    }
}

impl TraceContext {
    /// The trace that a request says it belongs to, or a new one: a header that is malformed, or there twice,
    /// says nothing.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(&TRACEPARENT).iter();
        match (values.next(), values.next()) {
            (Some(value), None) => parse(value.as_bytes()).unwrap_or_else(Self::new),
            _ => Self::new(),
        }
    }

    fn new() -> Self {
        Self { trace_id: TraceId(fastrand::u128(1..)), parent: None }
    }
}

/// Reads `version-trace-parent-flags`. Of a version that is not known yet, what this one has is read.
fn parse(text: &[u8]) -> Option<TraceContext> {
    let (known, rest) = text.split_at_checked(55)?;
    let [version, trace_id, span_id, flags] = split(known)?;
    let version = hex(version)?;
    let is_whole = if version == 0 { rest.is_empty() } else { matches!(rest, [] | [b'-', ..]) };
    let trace_id = hex(trace_id)?;
    let span_id = hex(span_id)? as u64;
    let is_sampled = hex(flags)? & 1 == 1;
    let is_valid = is_whole && version != 0xff && trace_id != 0 && span_id != 0;
    let parent = Some(Parent { span_id, is_sampled });
    is_valid.then_some(TraceContext { trace_id: TraceId(trace_id), parent })
}

/// The four fields between dashes at their places.
fn split(text: &[u8]) -> Option<[&[u8]; 4]> {
    let is_split = [2, 35, 52].into_iter().all(|place| text[place] == b'-');
    is_split.then(|| [&text[..2], &text[3..35], &text[36..52], &text[53..]])
}

/// A number in lower-case hexadecimal digits.
fn hex(digits: &[u8]) -> Option<u128> {
    digits.iter().try_fold(0, |number, digit| {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(number << 4 | u128::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    const SPAN: &str = "b7ad6b7169203331";

    fn of(values: &[&str]) -> TraceContext {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(&TRACEPARENT, HeaderValue::from_str(value).unwrap());
        }
        TraceContext::of(&headers)
    }

    #[test]
    fn a_header_names_the_trace() {
        for (text, is_sampled) in [
            (format!("00-{TRACE}-{SPAN}-01"), true),
            (format!("00-{TRACE}-{SPAN}-00"), false),
            (format!("00-{TRACE}-{SPAN}-fe"), false),
            (format!("cc-{TRACE}-{SPAN}-01"), true),
            (format!("cc-{TRACE}-{SPAN}-01-what-will-come"), true),
        ] {
            let context = of(&[&text]);
            assert_eq!(context.trace_id.write(&mut [0; 32]), TRACE, "{text}");
            let parent = Parent { span_id: 0xb7ad_6b71_6920_3331, is_sampled };
            assert_eq!(context.parent, Some(parent), "{text}");
        }
    }

    #[test]
    fn a_malformed_header_begins_a_new_trace() {
        let good = format!("00-{TRACE}-{SPAN}-01");
        let cases = [
            String::new(),
            "00".to_owned(),
            format!("00-{TRACE}-{SPAN}"),
            format!("00-{TRACE}-{SPAN}-0"),
            format!("00-{TRACE}-{SPAN}-01-"),
            format!("00-{TRACE}-{SPAN}-01x"),
            format!("cc-{TRACE}-{SPAN}-01x"),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("0x-{TRACE}-{SPAN}-01"),
            format!("00-{}-{SPAN}-01", "0".repeat(32)),
            format!("00-{TRACE}-{}-01", "0".repeat(16)),
            format!("00-{TRACE}-{SPAN}-0g"),
            good.to_uppercase(),
            good.replace('-', "_"),
            format!("00-{TRACE}a-{SPAN}-1"),
            format!(" {good}"),
        ];
        for text in cases {
            let context = of(&[&text]);
            assert_eq!(context.parent, None, "{text:?}");
            assert_ne!(context.trace_id.write(&mut [0; 32]), TRACE, "{text:?}");
            assert_ne!(context, of(&[&text]), "each time another one");
        }
        assert_eq!(of(&[&good, &good]).parent, None);
        assert_eq!(of(&[]).parent, None);
    }
}
