//! Who calls, and what they may do.
//!
//! A caller shows a token (`Authorization: Bearer`), which is one that the file of principals knows
//! or a JWT that an issuer has signed, or a certificate. Whichever it is, what comes of it is one
//! [`Principal`]. Where certificates are required and nothing else is said of callers, the one that a certificate names
//! may do everything. What an operation asks of one is declared with its [`route`].

#[cfg(feature = "jwt")]
mod jwks;
#[cfg(feature = "jwt")]
mod jwt;
mod keeper;
#[cfg(not(feature = "jwt"))]
mod no_jwt;
mod principal;
mod principals;
pub(crate) mod route;
mod scope;
mod source;
mod token;

use std::sync::Arc;

use hyper::header::{AUTHORIZATION, HeaderValue};
use hyper::http::request::Parts;

use crate::config::{AuthConfig, Config};
use crate::error::Error;
use crate::peer::PeerIdentities;
use crate::problem::Refusal;
use jwt::Untrusted;
use keeper::Keeper;
#[cfg(not(feature = "jwt"))]
use no_jwt::{self as jwks, self as jwt};

pub(crate) use principal::Principal;
pub use scope::{Scope, UnknownScope};
pub use token::NewToken;

/// How long a token may be.
const TOKEN_BYTES_MAX: usize = 16 << 10;

/// How callers are recognised.
pub(crate) struct Auth {
    keeper: Keeper,
    /// Whether a certificate is all that is asked for, and the authority's word on who is let in.
    is_by_certificate_alone: bool,
}

/// Sees that all that the configuration names is in order.
pub(crate) fn check(config: &AuthConfig) -> Result<(), Error> {
    Keeper::check(config)
}

impl Auth {
    /// What the configuration says of callers, or nothing where they are not asked who they are.
    pub(crate) fn open(config: &Config) -> Result<Option<Self>, Error> {
        let is_by_certificate_alone = !config.auth.is_on();
        let open = |keeper| Self { keeper, is_by_certificate_alone };
        config.asks_who_calls().then(|| Keeper::start(&config.auth).map(open)).transpose()
    }

    /// The caller of a request. Who sends a token is known by that alone, also if there is a certificate.
    async fn principal(&self, head: &Parts) -> Result<Principal, Refusal> {
        let mut headers = head.headers.get_all(AUTHORIZATION).iter();
        match (headers.next(), headers.next()) {
            (None, _) => self.by_certificate(head),
            (Some(header), None) => self.by_header(header).await,
            (Some(_), Some(_)) => Err(Refusal::TokenInvalid),
        }
    }

    /// TLS has proved the names; whose they are is in the file, where there is one.
    fn by_certificate(&self, head: &Parts) -> Result<Principal, Refusal> {
        let names = head.extensions.get().map_or(&[][..], PeerIdentities::names);
        if self.is_by_certificate_alone {
            Principal::certified(names).ok_or(Refusal::CertificateNameless)
        } else {
            let known = self.keeper.known().principals.by_certificate(names);
            known.ok_or(Refusal::TokenMissing)
        }
    }

    async fn by_header(&self, header: &HeaderValue) -> Result<Principal, Refusal> {
        let token = bearer(header).ok_or(Refusal::TokenInvalid)?;
        match token.split_once('.') {
            Some((_, rest)) if rest.contains('.') => self.by_jwt(token).await,
            Some((name, secret)) => {
                let known = self.keeper.known().principals.by_token(name, secret);
                known.ok_or(Refusal::TokenInvalid)
            }
            None => Err(Refusal::TokenInvalid),
        }
    }

    /// An issuer may have taken a new key since its set was read. While it cannot be asked, a token of an unknown key
    /// is no bad one, which its owner would throw away.
    async fn by_jwt(&self, token: &str) -> Result<Principal, Refusal> {
        let keys = Arc::clone(&self.keeper.known().keys);
        match jwt::verify(token, &keys) {
            Err(Untrusted::KeyUnknown) => {}
            verified => return verified.map_err(|_| Refusal::TokenInvalid),
        }
        let known = self.keeper.fresh().await;
        jwt::verify(token, &known.keys).map_err(|untrusted| match untrusted {
            Untrusted::KeyUnknown if known.are_keys_behind => Refusal::KeysUnavailable,
            _ => Refusal::TokenInvalid,
        })
    }
}

/// The token of a header, if there is one that can be.
fn bearer(header: &HeaderValue) -> Option<&str> {
    let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
    let token = token.trim_matches(' ');
    let is_possible = scheme.eq_ignore_ascii_case("bearer") && token.len() <= TOKEN_BYTES_MAX;
    is_possible.then_some(token)
}
