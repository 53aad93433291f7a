//! Where a service may listen: where this machine alone can reach it, unless it proves who it is
//! and asks who calls, or somebody says that it need not.
//!
//! How it proves that, and what is asked of a caller, is not here.

use std::net::SocketAddr;

use crate::config::{ClientAuth, Config};
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
    /// What a configuration has. Who must show a certificate is asked who calls.
    pub(crate) fn of(config: &Config) -> Self {
        let tls = &config.tls;
        let needs_certificate = tls.client_ca.is_some() && tls.client_auth == ClientAuth::Required;
        let has_auth = config.auth.is_on() || needs_certificate;
        let is_insecure_meant = config.insecure_bind_without_auth_and_tls;
        Self { has_tls: tls.is_on(), has_auth, is_insecure_meant }
    }
}

/// Refuses an address that other machines can reach, while a guard is missing that nobody said
/// is not needed.
pub(crate) fn check(address: SocketAddr, guards: Guards) -> Result<(), Error> {
    let missing = match (guards.has_tls, guards.has_auth) {
        (true, true) => return Ok(()),
        (true, false) => "without authentication",
        (false, true) => "without TLS",
        (false, false) => "without authentication and TLS",
    };
    // `::ffff:127.0.0.1` is loopback, too; `0.0.0.0` and `::` are every address there is.
    let is_loopback = address.ip().to_canonical().is_loopback();
    if is_loopback || guards.is_insecure_meant {
        Ok(())
    } else {
        Err(Error::Exposed { address, missing })
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
