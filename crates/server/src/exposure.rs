//! Where a service may listen: where this machine alone can reach it, unless it proves who it is
//! and asks who calls, or somebody says that it need not.
//!
//! How it proves that, and what is asked of a caller, is not here.

use std::net::SocketAddr;

use crate::config::Config;
use crate::error::Error;

/// What stands between the service and whoever can reach it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Guards {
    pub(crate) has_tls: bool,
    pub(crate) has_auth: bool,
    /// Whether somebody said that they are not needed.
    pub(crate) is_insecure_meant: bool,
}

impl Guards {
    /// What a configuration has.
    pub(crate) fn of(config: &Config) -> Self {
        Self {
            has_tls: config.tls.is_on(),
            has_auth: config.asks_who_calls(),
            is_insecure_meant: config.insecure_bind_without_auth_and_tls,
        }
    }
}

/// Refuses an address that other machines can reach, while a guard is missing that nobody said
/// is not needed.
pub(crate) fn check(address: SocketAddr, guards: Guards) -> Result<(), Error> {
    match missing(address, guards) {
        Some(missing) if !guards.is_insecure_meant => Err(Error::Exposed { address, missing }),
        _ => Ok(()),
    }
}

/// What a service lacks where other machines can reach it.
pub(crate) fn missing(address: SocketAddr, guards: Guards) -> Option<&'static str> {
    // `::ffff:127.0.0.1` is loopback, too; `0.0.0.0` and `::` are every address there is.
    if address.ip().to_canonical().is_loopback() {
        return None;
    }
    match (guards.has_tls, guards.has_auth) {
        (true, true) => None,
        (true, false) => Some("without authentication"),
        (false, true) => Some("without TLS"),
        (false, false) => Some("without authentication and TLS"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_open_to_everybody() {
        let none = Guards { has_tls: false, has_auth: false, is_insecure_meant: false };
        let cases = [
            ("127.0.0.1:80", true),
            ("127.8.9.10:80", true),
            ("[::1]:80", true),
            ("[::ffff:127.0.0.1]:80", true),
            ("0.0.0.0:80", false),
            ("[::]:80", false),
            ("[::ffff:0.0.0.0]:80", false),
            ("10.0.0.1:80", false),
            ("169.254.0.1:80", false),
            ("[fe80::1]:80", false),
            ("[2001:db8::1]:80", false),
        ];
        for (address, is_loopback) in cases {
            let address = address.parse().unwrap();
            assert_eq!(check(address, none).is_ok(), is_loopback, "{address}");
            let both = Guards { has_tls: true, has_auth: true, ..none };
            assert!(check(address, both).is_ok());
            assert!(check(address, Guards { is_insecure_meant: true, ..none }).is_ok());
            for (has_tls, has_auth, missing) in
                [(true, false, "is without authentication;"), (false, true, "is without TLS;")]
            {
                let told = check(address, Guards { has_tls, has_auth, ..none });
                let told = told.map_err(|error| error.to_string());
                assert_eq!(told.is_ok(), is_loopback);
                assert!(told.is_ok() || told.unwrap_err().contains(missing), "{address}");
            }
        }
    }
}
