//! What no request may be, whatever it asks for: too large in its head, or such that two servers
//! may take it for two different requests.
//!
//! Which hosts it may name is in [`hosts`](crate::hosts).
//!
//! What hyper cannot read it refuses by itself. Beside a Transfer-Encoding it hides a
//! Content-Length, and closes the connection after the answer, so that nothing is left to be
//! taken for another request.

use hyper::header::{HOST, HeaderValue, TRANSFER_ENCODING};
use hyper::http::uri::Authority;
use hyper::{Request, Version};

use crate::app::App;
use crate::problem::Refusal;

/// Checks what can be known before anything is done with a request.
pub(crate) fn check<B>(request: &Request<B>, app: &App) -> Result<(), Refusal> {
    let host = host(request)?;
    if let Some(hosts) = &app.hosts {
        hosts.check(host.as_ref(), request.headers())?;
    }
    let limits = &app.config.limits;
    let address = request.uri().path_and_query().map_or("", |address| address.as_str());
    if !is_framing_clear(request) {
        Err(Refusal::TransferEncoding)
    } else if address.len() as u64 > limits.address_max.bytes() {
        Err(Refusal::AddressTooLong { bytes_max: limits.address_max.bytes() })
    } else if request.headers().len() > limits.headers_max.get() as usize {
        Err(Refusal::TooManyHeaders { headers_max: limits.headers_max.get() })
    } else {
        Ok(())
    }
}

/// Whom the request is for, if it says so once, or twice the same. In HTTP/1.0 it need not say it at all.
fn host<B>(request: &Request<B>) -> Result<Option<Authority>, Refusal> {
    let mut hosts = request.headers().get_all(HOST).iter();
    let (host, other) = (hosts.next().map(authority), hosts.next());
    let target = request.uri().authority();
    let is_clear = match (target, &host) {
        (_, Some(None)) => false,
        (Some(target), Some(Some(host))) => target == host,
        (None, Some(Some(_))) => true,
        // HTTP/2 says it in the target.
        (Some(target), None) => request.version() != Version::HTTP_11 && is_plain(target),
        (None, None) => request.version() < Version::HTTP_11,
    };
    if is_clear && other.is_none() {
        Ok(host.flatten().or_else(|| target.cloned()))
    } else {
        Err(Refusal::Host)
    }
}

fn authority(host: &HeaderValue) -> Option<Authority> {
    Authority::try_from(host.as_bytes()).ok().filter(is_plain)
}

/// Whether it names a host and perhaps a port that there can be, and no user, whom some would take for the host.
fn is_plain(authority: &Authority) -> bool {
    let is_port = |digits: &str| {
        digits.bytes().all(|byte| byte.is_ascii_digit())
            && (digits.is_empty() || digits.parse::<u16>().is_ok())
    };
    match authority.as_str().strip_prefix(authority.host()) {
        Some("") => true,
        Some(rest) => rest.strip_prefix(':').is_some_and(is_port),
        None => false,
    }
}

/// Whether there is but one way to tell where the body ends.
fn is_framing_clear<B>(request: &Request<B>) -> bool {
    let mut encodings = request.headers().get_all(TRANSFER_ENCODING).iter();
    let is_chunked = |encoding: &HeaderValue| encoding.as_bytes().eq_ignore_ascii_case(b"chunked");
    encodings.next().is_none_or(is_chunked) && encodings.next().is_none()
}
