//! What stands for JWTs in a build without them: settings that ask for them are refused, and no token is one.

use super::principal::Principal;
use crate::config::wrong;
use crate::error::Error;

/// The keys of an issuer: there are none.
#[derive(Debug, Default)]
pub(crate) struct KeySet;

/// Reads a key set.
pub(super) type Parse = fn(&[u8]) -> Result<KeySet, String>;

/// Why a token is not taken.
#[expect(dead_code, reason = "there is no key that could be unknown")]
pub(crate) enum Untrusted {
    KeyUnknown,
    Invalid,
}

/// Refuses settings that ask for JWTs.
pub(super) fn parser(_: &str, _: &str) -> Result<Parse, Error> {
    Err(wrong("auth.jwks", "this build takes no JWTs; build it with the feature `jwt`"))
}

/// Whose token it is: nobody's.
pub(crate) fn verify(_: &str, _: &KeySet) -> Result<Principal, Untrusted> {
    Err(Untrusted::Invalid)
}
