//! Which kind of answer a client takes, as `Accept` says (RFC 9110, 12.5.1).
//!
//! `headers_accept` reads the header and puts the most specific ranges first. Its own choice wants the parameters of a
//! range and of an answer to be the same ones, and so refuses `application/json; charset=utf-8` where there is JSON.

use std::cmp::Reverse;

use headers_accept::Accept;
use hyper::HeaderMap;
use hyper::header::ACCEPT;
use mediatype::{MediaTypeBuf, ReadParams, names};

/// The answer that a client likes best, by its place among those that there are; of equals, the one that is named first
/// by the client, then by the server. What is empty or cannot be read excludes nothing.
pub(crate) fn choose(headers: &HeaderMap, answers: &[MediaTypeBuf]) -> Option<usize> {
    let lines = headers.get_all(ACCEPT);
    if lines.iter().all(|line| line == "*/*") {
        return Some(0);
    }
    let lines: Vec<_> = lines.iter().map(|line| line.to_str().unwrap_or("*/*")).collect();
    let Ok(accept) = lines.join(",").parse::<Accept>() else { return Some(0) };
    let ranges: Vec<_> = accept.media_types().collect();
    if ranges.is_empty() {
        return Some(0);
    }
    let rated = answers.iter().enumerate().filter_map(|(index, answer)| {
        let place = ranges.iter().position(|range| covers(range, answer))?;
        Some((quality(ranges[place]), Reverse(place), Reverse(index)))
    });
    let best = rated.filter(|(quality, ..)| *quality > 0).max();
    best.map(|(.., Reverse(index))| index)
}

/// Whether a range has an answer in it. Of its parameters those count that the answer has too, such as a version.
fn covers(range: &MediaTypeBuf, answer: &MediaTypeBuf) -> bool {
    let is_type = range.ty() == names::_STAR || range.ty() == answer.ty();
    let is_subtype = range.subty() == names::_STAR
        || (range.subty() == answer.subty() && range.suffix() == answer.suffix());
    is_type
        && is_subtype
        && range.params().all(|(name, value)| {
            answer
                .get_param(name)
                .is_none_or(|own| own.unquoted_str().eq_ignore_ascii_case(&value.unquoted_str()))
        })
}

/// How much a range is liked, in thousandths; one that does not say so, wholly.
fn quality(range: &MediaTypeBuf) -> u16 {
    let said = range.get_param(names::Q).and_then(|q| q.as_str().parse::<f64>().ok());
    let said = said.filter(|q| (0.0..=1.0).contains(q));
    said.map_or(1000, |q| (q * 1000.0).round() as u16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    const METRICS: [&str; 2] = [
        "text/plain; version=0.0.4; charset=utf-8",
        "application/openmetrics-text; version=1.0.0; charset=utf-8",
    ];

    fn chosen(lines: &[&str], answers: &[&str]) -> Option<usize> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(ACCEPT, HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        let answers: Vec<_> = answers.iter().map(|name| name.parse().unwrap()).collect();
        choose(&headers, &answers)
    }

    #[test]
    fn json() {
        for taken in [
            "application/json",
            "application/json;charset=utf-8",
            "application/json; charset=utf-8; q=0.1",
            "Application/JSON",
            "application/*",
            "text/html, */*;q=0.001",
            "text/html;q=0, application/json;profile=\"a,b\"",
            "",
            ",,",
            "no media type",
            "\u{e9}",
        ] {
            assert_eq!(chosen(&[taken], &["application/json"]), Some(0), "{taken}");
        }
        for refused in [
            "text/html",
            "application/json;q=0",
            "application/json;q=0.000, */*",
            "application/json;charset=utf-8;q=0, */*",
            "*/*;q=0",
            "application/*;q=0, */*",
            "application/problem+json",
        ] {
            assert_eq!(chosen(&[refused], &["application/json"]), None, "{refused}");
        }
        assert_eq!(chosen(&[], &["application/json"]), Some(0));
        assert_eq!(chosen(&["text/html", "application/json"], &["application/json"]), Some(0));
        assert_eq!(chosen(&["*/*", "*/*"], &["application/json"]), Some(0));
    }

    /// What Prometheus sends, by version, and what people write.
    #[test]
    fn metrics() {
        let (text, open) = (Some(0), Some(1));
        for (accept, expected) in [
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
                open,
            ),
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                open,
            ),
            (
                "application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                text,
            ),
            ("text/plain;version=0.0.4;q=1,*/*;q=0.1", text),
            ("text/plain;version=0.0.4", text),
            ("text/plain", text),
            ("text/*", text),
            ("application/openmetrics-text; version=1.0.0", open),
            ("application/openmetrics-text; version=\"1.0.0\"; charset=UTF-8", open),
            ("application/openmetrics-text;q=0.1, text/plain;q=0.2", text),
            ("text/plain;q=0, application/openmetrics-text", open),
            ("application/openmetrics-text;q=0, */*", text),
            ("application/openmetrics-text, text/plain", open),
            ("text/plain, application/openmetrics-text", text),
            ("*/*", text),
            ("text/plain;version=1.0.0", None),
            ("application/json", None),
        ] {
            assert_eq!(chosen(&[accept], &METRICS), expected, "{accept}");
        }
    }
}
