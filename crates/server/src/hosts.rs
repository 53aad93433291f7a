//! Whom a service answers that asks nobody who they are, and has nothing but its address to keep others out.
//!
//! Any page can have the browser of somebody at this machine send a request here. If it is sent to a name of this
//! machine, the browser says where the page is from; if to a name of the page's own, which was made to lead here (DNS
//! rebinding), that name is foreign. Whether a request names one host at all is not looked at here, but in
//! [`head`](crate::head).

use std::net::IpAddr;

use hyper::header::{HeaderMap, HeaderName, HeaderValue, ORIGIN};
use hyper::http::uri::{Authority, Uri};

use crate::config::{Config, wrong};
use crate::error::Error;
use crate::problem::Refusal;

/// How far off the page is whose browser sends a request (Fetch Metadata).
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The hosts that requests may be for, and pages from, beside those that mean this machine.
pub(crate) struct Hosts {
    names: Vec<String>,
}

/// Sees that each of these is a host, and nothing more.
pub(crate) fn check(names: &[String]) -> Result<(), Error> {
    let is_host = |name: &str| {
        Authority::try_from(name)
            .is_ok_and(|authority| !name.is_empty() && authority.host() == name)
    };
    match names.iter().find(|name| !is_host(name)) {
        Some(name) => {
            let what = format!(
                "`{name}` is no host, such as stats.example.org, or has a port, which counts for nothing"
            );
            Err(wrong("hosts", &what))
        }
        None => Ok(()),
    }
}

impl Hosts {
    /// What a configuration says of them; nothing where every host will do, since callers are asked who they are or
    /// somebody said that none of it is needed.
    pub(crate) fn of(config: &Config) -> Option<Self> {
        let is_guarded = config.asks_who_calls() || config.insecure_bind_without_auth_and_tls;
        // A name that is listened on leads to this machine, or it could not be.
        let listen = config.listen.rsplit_once(':').map(|(host, _)| host);
        let names = config.hosts.iter().map(String::as_str).chain(listen);
        (!is_guarded).then(|| Self { names: names.map(|name| rooted(name).to_owned()).collect() })
    }

    /// Refuses a request for a foreign host, or from a foreign page. One that names no host is of no browser.
    pub(crate) fn check(
        &self,
        host: Option<&Authority>,
        headers: &HeaderMap,
    ) -> Result<(), Refusal> {
        if !host.is_none_or(|host| self.has(host.host())) {
            Err(Refusal::HostForeign)
        } else if !self.is_from_here(headers) {
            Err(Refusal::OriginForeign)
        } else {
            Ok(())
        }
    }

    /// Whether no page sends it, or one that may. What the browser says of the origin says more than whether that is
    /// another site: `localhost` and `127.0.0.1` are two.
    fn is_from_here(&self, headers: &HeaderMap) -> bool {
        let mut origins = headers.get_all(ORIGIN).iter().peekable();
        if origins.peek().is_some() {
            return origins.all(|origin| self.has_origin(origin));
        }
        headers.get(&SEC_FETCH_SITE).is_none_or(|site| site != "cross-site")
    }

    /// Whether a page is from one of the hosts. That of a page without an origin (`null`) is none.
    fn has_origin(&self, origin: &HeaderValue) -> bool {
        let origin = Uri::try_from(origin.as_bytes()).ok();
        let origin = origin.filter(|origin| origin.scheme().is_some());
        origin.is_some_and(|origin| origin.host().is_some_and(|host| self.has(host)))
    }

    fn has(&self, host: &str) -> bool {
        let host = rooted(host);
        is_this_machine(host) || self.names.iter().any(|name| name.eq_ignore_ascii_case(host))
    }
}

/// A name without the dot at its end, which means the same.
fn rooted(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// Whether a host can be no other machine, whoever is asked for its address (RFC 6761, 6.3).
fn is_this_machine(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or(host);
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    last.eq_ignore_ascii_case("localhost")
        || address.is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_this_machine_or_one_that_is_set() {
        let set = vec!["Stats.Example.ORG".to_owned()];
        let listen = "here.internal:80".to_owned();
        let hosts = Hosts::of(&Config { hosts: set, listen, ..Config::default() }).unwrap();
        for (host, is_known) in [
            ("localhost", true),
            ("LocalHost.", true),
            ("a.b.localhost", true),
            ("127.0.0.1", true),
            ("127.255.0.9", true),
            ("[::1]", true),
            ("[::ffff:127.0.0.1]", true),
            ("stats.example.org", true),
            ("stats.example.org.", true),
            ("here.internal", true),
            ("", false),
            (".", false),
            ("evil.example", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example", false),
            ("xlocalhost", false),
            ("a.stats.example.org", false),
            ("0.0.0.0", false),
            ("10.0.0.1", false),
            ("[::]", false),
            ("[fe80::1]", false),
        ] {
            assert_eq!(hosts.has(host), is_known, "{host}");
        }
    }

    #[test]
    fn what_is_set_is_a_host_alone() {
        for name in ["", "a:80", "a@b", "http://a", "a/b", "*.a b", "::1", "a,b:c"] {
            assert!(check(&[name.to_owned()]).is_err(), "{name}");
        }
        for name in ["a", "stats.example.org", "10.0.0.1", "[2001:db8::1]"] {
            assert!(check(&[name.to_owned()]).is_ok(), "{name}");
        }
    }
}
