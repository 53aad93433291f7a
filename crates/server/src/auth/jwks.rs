//! The keys that an issuer signs JWTs with, as its key set (RFC 7517) has them.
//!
//! A key says which algorithm it is for; what a token says of that is never asked. Where key
//! sets come from is in [`keeper`](super::keeper).

use jsonwebtoken::jwk::{
    AlgorithmParameters, CommonParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations,
    PublicKeyUse,
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::Value;

use crate::error::Error;

/// How far the clocks of issuer and service may be apart, in seconds.
const LEEWAY_SECONDS: u64 = 30;

/// How many keys a set may have.
const KEYS_MAX: usize = 100;

/// What a JWT must say for itself.
struct Expected {
    issuer: String,
    audience: String,
}

/// The keys of an issuer that tokens may be signed with.
#[derive(Debug, Default)]
pub(crate) struct KeySet {
    keys: Vec<Key>,
}

/// A key, with the one algorithm that it verifies and what else a token of it must hold.
#[derive(Debug)]
pub(crate) struct Key {
    id: Option<String>,
    pub(crate) decoding: DecodingKey,
    pub(crate) validation: Validation,
}

/// A set as it comes: a key that is not understood is passed over, so that an issuer can
/// bring in new kinds.
#[derive(Deserialize)]
struct RawSet {
    keys: Vec<Value>,
}

/// What reads key sets whose tokens must say this for themselves.
#[expect(clippy::unnecessary_wraps, reason = "a build without JWTs refuses")]
pub(super) fn parser(
    issuer: &str,
    audience: &str,
) -> Result<impl Fn(&[u8]) -> Result<KeySet, String> + use<>, Error> {
    let expected = Expected { issuer: issuer.to_owned(), audience: audience.to_owned() };
    Ok(move |bytes: &[u8]| KeySet::parse(bytes, &expected))
}

impl KeySet {
    /// Reads a key set.
    fn parse(bytes: &[u8], expected: &Expected) -> Result<Self, String> {
        let raw: RawSet = serde_json::from_slice(bytes)
            .map_err(|error| format!("it is no JSON object with a list `keys`: {error}"))?;
        if raw.keys.len() > KEYS_MAX {
            return Err(format!("it has more than {KEYS_MAX} keys"));
        }
        let mut keys: Vec<Key> = Vec::new();
        for raw in raw.keys {
            if raw["kty"] == "oct" || raw.get("d").is_some() {
                // Whoever can read it could sign with it.
                return Err(
                    "it holds a key to sign with: take it out, and use it no more".to_owned()
                );
            }
            let Some(key) = Key::read(raw, expected) else { continue };
            if keys.iter().any(|known| known.id == key.id) {
                return Err("two of its keys have one `kid`, or none: give each its own".to_owned());
            }
            keys.push(key);
        }
        if keys.is_empty() {
            return Err(
                "it has no key to verify signatures with: RSA, P-256, P-384 or Ed25519".to_owned()
            );
        }
        Ok(Self { keys })
    }

    /// The key of this name. A token that names none is of the only key, where there is but one.
    pub(crate) fn find(&self, id: Option<&str>) -> Option<&Key> {
        match (id, &self.keys[..]) {
            (None, [only]) => Some(only),
            (None, _) => None,
            (Some(_), keys) => keys.iter().find(|key| key.id.as_deref() == id),
        }
    }
}

impl Key {
    /// A key for signatures of a kind that is known, or nothing.
    fn read(raw: Value, expected: &Expected) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(raw).ok()?;
        let algorithm = algorithm(&jwk).filter(|_| is_to_verify(&jwk.common))?;
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[&expected.issuer]);
        validation.set_audience(&[&expected.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY_SECONDS;
        let decoding = DecodingKey::from_jwk(&jwk).ok()?;
        Some(Self { id: jwk.common.key_id, decoding, validation })
    }
}

/// Whether a key may be used for signatures.
fn is_to_verify(key: &CommonParameters) -> bool {
    let is_for_signatures = |r#use: &PublicKeyUse| *r#use == PublicKeyUse::Signature;
    key.public_key_use.as_ref().is_none_or(is_for_signatures)
        && key.key_operations.as_ref().is_none_or(|list| list.contains(&KeyOperations::Verify))
}

/// The algorithm of a key: what it says, if a key of its kind can; an RSA key that says
/// nothing is for RS256, which every issuer has.
fn algorithm(jwk: &Jwk) -> Option<Algorithm> {
    use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
    let possible: &[Algorithm] = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => &[RS256, RS384, RS512, PS256, PS384, PS512],
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 => &[ES256],
            EllipticCurve::P384 => &[ES384],
            _ => &[],
        },
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => &[EdDSA],
        _ => &[],
    };
    match &jwk.common.key_algorithm {
        None => possible.first().copied(),
        Some(said) => possible.iter().copied().find(|one| KeyAlgorithm::from(*one) == *said),
    }
}
