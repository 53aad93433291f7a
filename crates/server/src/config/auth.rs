//! `[serve.auth]`: who may call.
//!
//! What the files hold that are named here is in [`auth`](crate::auth).

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::units::Time;

/// Who may call; everybody where nothing of it is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AuthConfig {
    /// File of principals: a line for each token and certificate, with whose it is and what it allows; without it, without keys for
    /// JWTs and without client certificates that are required everybody may call.
    #[schemars(title = "FILE")]
    pub principals: Option<PathBuf>,
    /// Keys that JWTs are signed with: the key set (JWKS) of an issuer, in a file or at an https:// URL.
    #[schemars(title = "FILE|URL")]
    pub jwks: Option<String>,
    /// Issuer of JWTs, as their `iss` has it.
    #[schemars(title = "TEXT")]
    pub jwt_issuer: Option<String>,
    /// Name of this service for that issuer, as the `aud` of JWTs has it.
    #[schemars(title = "TEXT")]
    pub jwt_audience: Option<String>,
    /// Least time from one look at a key set behind a URL to the next, however many tokens have a key that is not in it.
    pub jwks_pause: Time,
}

impl Default for AuthConfig {
    fn default() -> Self {
        Self {
            principals: None,
            jwks: None,
            jwt_issuer: None,
            jwt_audience: None,
            jwks_pause: Time::secs(30),
        }
    }
}

impl AuthConfig {
    /// Whether callers are asked who they are.
    pub fn is_on(&self) -> bool {
        let jwt = [&self.jwks, &self.jwt_issuer, &self.jwt_audience];
        self.principals.is_some() || jwt.iter().any(|setting| setting.is_some())
    }
}
