//! Who calls, and what they may do.
//!
//! A caller shows a token (`Authorization: Bearer`): one that the file of principals knows, or a
//! JWT that an issuer has signed. Whichever it is, what comes of it is one [`Principal`]. What an operation asks of one is declared with its [`route`].

mod jwks;
mod jwt;
mod keeper;
mod principal;
mod principals;
pub(crate) mod route;
mod scope;
mod source;
mod token;

use hyper::header::{AUTHORIZATION, HeaderValue};
use hyper::http::request::Parts;

use crate::config::AuthConfig;
use crate::error::Error;
use crate::problem::Refusal;
use jwt::Untrusted;
use keeper::Keeper;

pub(crate) use principal::Principal;
pub use scope::{Scope, UnknownScope};
pub use token::NewToken;

/// How long a token may be.
const TOKEN_BYTES_MAX: usize = 16 << 10;

/// How callers are recognised.
pub(crate) struct Auth(Keeper);

/// Sees that all that the configuration names is in order.
pub(crate) fn check(config: &AuthConfig) -> Result<(), Error> {
    Keeper::check(config)
}

impl Auth {
    /// What the configuration says of callers, or nothing where they are not asked who they are.
    pub(crate) fn open(config: &AuthConfig) -> Result<Option<Self>, Error> {
        config.is_on().then(|| Keeper::start(config).map(Self)).transpose()
    }

    /// The caller of a request, who may do what has this scope.
    pub(crate) async fn admit(&self, head: &Parts, scope: Scope) -> Result<Principal, Refusal> {
        let principal = self.principal(head).await?;
        if principal.may(scope) { Ok(principal) } else { Err(Refusal::ScopeMissing { scope }) }
    }

    async fn principal(&self, head: &Parts) -> Result<Principal, Refusal> {
        let mut headers = head.headers.get_all(AUTHORIZATION).iter();
        let found = match (headers.next(), headers.next()) {
            (None, _) => return Err(Refusal::TokenMissing),
            (Some(header), None) => self.by_header(header).await,
            (Some(_), Some(_)) => None,
        };
        found.ok_or(Refusal::TokenInvalid)
    }

    async fn by_header(&self, header: &HeaderValue) -> Option<Principal> {
        let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
        let token = token.trim_matches(' ');
        if !scheme.eq_ignore_ascii_case("bearer") || token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        match token.split_once('.')? {
            (_, rest) if rest.contains('.') => self.by_jwt(token).await,
            (name, secret) => self.0.known().principals.by_token(name, secret),
        }
    }

    /// An issuer may have taken a new key since its set was read.
    async fn by_jwt(&self, token: &str) -> Option<Principal> {
        match jwt::verify(token, &self.0.known().keys) {
            Err(Untrusted::KeyUnknown) => jwt::verify(token, &self.0.fresh().await.keys).ok(),
            verified => verified.ok(),
        }
    }
}
