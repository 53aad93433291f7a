//! Addresses: the base that a client is given, and what is appended to it. Names
//! are resolved by ureq, not here.

use std::borrow::Cow;
use std::fmt::Write;
use std::net::IpAddr;

use ureq::http::Uri;

use crate::Error;

/// The base address without a slash at its end, once it is known to be usable.
pub(crate) fn base(url: &str) -> Result<String, Error> {
    let refuse = |reason| Error::Address { url: without_secrets(url).into_owned(), reason };
    let example = "is no address of a service: write it like http://127.0.0.1:8080";
    let uri: Uri = url.parse().map_err(|_| refuse(example))?;
    let (host, port) = (uri.host().unwrap_or_default(), uri.port_u16());
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    if authority.contains('@') {
        return Err(refuse("holds a user name, which this client does not send: leave it out"));
    }
    let is_secure = uri.scheme_str() == Some("https");
    if is_secure && !cfg!(feature = "tls") {
        return Err(refuse(
            "asks for TLS, which this build has not: build it with the feature `tls`",
        ));
    }
    if !(is_secure || uri.scheme_str() == Some("http"))
        || host.is_empty()
        || (authority != host && port.is_none())
    {
        return Err(refuse(example));
    }
    if uri.query().is_some() || url.contains('#') {
        return Err(refuse("has a query or a fragment: end it before the `?` or `#`"));
    }
    Ok(url.trim_end_matches('/').to_owned())
}

/// The address as it may be shown: without a user name, a password and a query, if it has them.
pub fn without_secrets(url: &str) -> Cow<'_, str> {
    let Some((scheme, rest)) = url.split_once("://") else { return url.into() };
    // A password may hold any letter: what stands before the last `@` is not shown, whatever it is.
    let (user, rest) = rest.rfind('@').map_or(("", rest), |at| ("…", &rest[at..]));
    let (rest, query) = rest.split_once('?').map_or((rest, ""), |(rest, _)| (rest, "?…"));
    if user.is_empty() && query.is_empty() {
        return url.into();
    }
    format!("{scheme}://{user}{rest}{query}").into()
}

/// Whether what is sent there can be read by nobody on the way: by TLS, or on this machine.
pub(crate) fn is_private(base: &str) -> bool {
    let uri: Uri = base.parse().expect("it is a base address");
    let host = uri.host().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    let is_loopback = address.is_ok_and(|address| address.to_canonical().is_loopback());
    uri.scheme_str() == Some("https") || is_loopback || host.eq_ignore_ascii_case("localhost")
}

/// Appends text in which only unreserved characters (RFC 3986, 2.3) stay as they are.
pub(crate) fn push_encoded(url: &mut String, text: &str) {
    for &byte in text.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            write!(url, "%{byte:02X}").expect("a String takes all that is written");
        }
    }
}

/// Appends one segment of a path; `.` and `..` would be steps, not names.
pub(crate) fn push_segment(url: &mut String, text: &str) {
    match text {
        "." => url.push_str("%2E"),
        ".." => url.push_str("%2E%2E"),
        _ => push_encoded(url, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bases() {
        let cases = [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://[::1]:8080/", "http://[::1]:8080"),
            ("http://example.org/stats//", "http://example.org/stats"),
            #[cfg(feature = "tls")]
            ("https://example.org", "https://example.org"),
        ];
        for (url, expected) in cases {
            assert_eq!(base(url).unwrap(), expected);
        }
    }

    #[test]
    fn bases_that_nobody_else_reads() {
        for url in [
            "http://127.0.0.1:8080",
            "http://127.9.9.9",
            "http://[::1]:8080",
            "http://[::ffff:127.0.0.1]",
            "http://LocalHost:1/stats",
            "https://example.org",
        ] {
            assert!(is_private(url), "{url}");
        }
        for url in [
            "http://example.org",
            "http://10.0.0.1",
            "http://0.0.0.0",
            "http://127.0.0.1.example.org",
            "http://localhost.example.org",
            "http://[::2]",
        ] {
            assert!(!is_private(url), "{url}");
        }
    }

    #[test]
    fn refused_bases() {
        let cases = [
            #[cfg(not(feature = "tls"))]
            ("https://example.org", "asks for TLS"),
            ("", "is no address"),
            ("example.org:80", "is no address"),
            ("/v1", "is no address"),
            ("ftp://example.org", "is no address"),
            ("http://", "is no address"),
            ("http://example.org:port", "is no address"),
            ("http://example.org:65536", "is no address"),
            ("http://example.org:", "is no address"),
            ("https://", "is no address"),
            ("http://exa mple.org", "is no address"),
            ("http://example.org?a=b", "has a query"),
            ("http://example.org/#a", "has a query or a fragment"),
            ("http://user:secret@example.org", "holds a user name"),
        ];
        for (url, expected) in cases {
            let error = base(url).unwrap_err();
            assert_eq!(error.code(), "client.address");
            assert!(error.to_string().contains(expected), "{error}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    #[test]
    fn an_address_is_shown_without_its_secrets() {
        for (url, shown) in [
            ("https://ann:secret@example.org/a?b", "https://…@example.org/a?…"),
            ("https://example.org/a?key=secret", "https://example.org/a?…"),
            ("http://ann:se/cr@et@example.org", "http://…@example.org"),
            ("http://secret@[::1]:80", "http://…@[::1]:80"),
            ("http://example.org/a", "http://example.org/a"),
            ("/etc/keys@2.json", "/etc/keys@2.json"),
        ] {
            assert_eq!(without_secrets(url), shown);
        }
    }

    #[test]
    fn encoding() {
        let mut url = String::new();
        push_encoded(&mut url, "no/pe?a=ü&b%~");
        assert_eq!(url, "no%2Fpe%3Fa%3D%C3%BC%26b%25~");
        for (text, expected) in [(".", "%2E"), ("..", "%2E%2E"), ("a.b", "a.b")] {
            let mut url = String::new();
            push_segment(&mut url, text);
            assert_eq!(url, expected);
        }
    }
}
