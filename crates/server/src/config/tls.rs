//! `[serve.tls]`: how the service proves who it is, and whether clients must.
//!
//! What must be in the files is not here but in [`tls`](crate::tls), which reads them.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::units::Time;
use super::wrong;
use crate::error::Error;

/// How the service proves who it is, and whether clients must.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// File with the certificate of the service in PEM, then those between it and its authority; with it the service
    /// speaks TLS and nothing else.
    #[schemars(title = "FILE")]
    pub cert: Option<PathBuf>,
    /// File with the private key of the certificate in PEM (PKCS#8, PKCS#1 or SEC1, not encrypted), where it is not in
    /// the same file.
    #[schemars(title = "FILE")]
    pub key: Option<PathBuf>,
    /// File with the authorities in PEM whose certificates clients show; without it none is asked for.
    #[schemars(title = "FILE")]
    pub client_ca: Option<PathBuf>,
    /// Whether each client must show a certificate, or may.
    pub client_auth: ClientAuth,
    /// Time that a handshake may take.
    pub handshake_timeout: Time,
    /// Time between two looks at the files, which hold from then on if they have changed; SIGHUP asks for a look at
    /// once.
    pub reload_interval: Time,
}

/// Whether clients show a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuth {
    /// Who shows none is served, too.
    Optional,
    /// Who shows none is not served.
    Required,
}

impl Default for Tls {
    fn default() -> Self {
        Self {
            cert: None,
            key: None,
            client_ca: None,
            client_auth: ClientAuth::Required,
            handshake_timeout: Time::secs(10),
            reload_interval: Time::secs(10),
        }
    }
}

impl Tls {
    /// Whether the service speaks TLS.
    pub fn is_on(&self) -> bool {
        self.cert.is_some()
    }

    /// Whether who shows no certificate is not served.
    pub fn needs_certificates(&self) -> bool {
        self.client_ca.is_some() && self.client_auth == ClientAuth::Required
    }

    /// Reads the files too, so that a server that starts has them in order.
    pub(super) fn check(&self) -> Result<(), Error> {
        let alone = "it is of use with a certificate alone; set tls.cert, too";
        let timeouts = [
            ("tls.handshake_timeout", self.handshake_timeout),
            ("tls.reload_interval", self.reload_interval),
        ];
        if self.cert.is_none() && self.key.is_some() {
            return Err(wrong("tls.key", alone));
        }
        if self.cert.is_none() && self.client_ca.is_some() {
            return Err(wrong("tls.client_ca", alone));
        }
        match timeouts.iter().find(|(_, time)| *time == Time::ZERO) {
            Some((name, _)) => Err(wrong(name, "it takes some time; allow some seconds")),
            None => crate::tls::check(self),
        }
    }
}
