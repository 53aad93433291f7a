//! JWTs (RFC 7519) that an issuer elsewhere has signed.
//!
//! Which keys there are, and what each demands, is in [`jwks`](super::jwks).

use jsonwebtoken::dangerous::insecure_decode_claims;
use jsonwebtoken::{Algorithm, decode, decode_header};
use serde::Deserialize;

use super::jwks::KeySet;
use super::principal::{Principal, is_name};
use super::scope::Scopes;

/// How long the name of a subject may be.
const SUBJECT_BYTES_MAX: usize = 256;

/// Why a token is not taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Untrusted {
    /// Its key is not in the set, which may be an old one.
    KeyUnknown,
    /// It is not in order, or not for this service, or not now.
    Invalid,
}

/// What is read of a token. An issuer that is a list, which the library would take, is not.
#[derive(Deserialize)]
struct Claims {
    #[serde(rename = "iss")]
    _issuer: String,
    #[serde(rename = "sub")]
    subject: String,
    /// Scopes with blanks between them (RFC 8693, 4.2); those of other services are none here.
    #[serde(default)]
    scope: String,
}

/// Whose token it is, if it is in order.
pub(crate) fn verify(token: &str, keys: &KeySet) -> Result<Principal, Untrusted> {
    let invalid = |_| Untrusted::Invalid;
    let header = decode_header(token).map_err(invalid)?;
    if header.crit.is_some() {
        // What must be understood (RFC 7515, 4.1.11) is not.
        return Err(Untrusted::Invalid);
    }
    let Some(key) = keys.find(header.kid.as_deref()) else {
        // What no key could verify is not worth a look for one.
        let is_possible = !is_hmac(header.alg) && insecure_decode_claims::<Claims>(token).is_ok();
        return Err(if is_possible { Untrusted::KeyUnknown } else { Untrusted::Invalid });
    };
    let claims = decode::<Claims>(token, &key.decoding, &key.validation).map_err(invalid)?.claims;
    if !is_name(&claims.subject, SUBJECT_BYTES_MAX) {
        return Err(Untrusted::Invalid);
    }
    let scopes: Scopes = claims.scope.split(' ').filter_map(|name| name.parse().ok()).collect();
    // No name in the file of principals has a colon.
    Ok(Principal::new(format!("jwt:{}", claims.subject).into(), scopes))
}

/// Whether an algorithm has keys that are secrets, which no key set holds.
fn is_hmac(algorithm: Algorithm) -> bool {
    matches!(algorithm, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512)
}
