//! New tokens: a name, a dot, and 256 bits of chance in hexadecimal digits.
//!
//! How one is recognised is in [`principals`](super::principals).

use std::fmt::{self, Write};

use sha2::{Digest, Sha256};

use super::principals::check_name;
use super::scope::{Scope, Scopes};
use crate::error::Error;

/// A token that was just made. Its secret is here, and nowhere else.
pub struct NewToken {
    name: String,
    secret: String,
    scopes: Scopes,
}

impl NewToken {
    /// Makes a token for a principal of this name, or of a new one.
    ///
    /// # Errors
    /// When the name is none, and when the system has no chance to give.
    pub fn new(name: Option<&str>, scopes: &[Scope]) -> Result<Self, Error> {
        let name = match name {
            Some(name) => {
                check_name(name).map_err(|what| Error::PrincipalName { what })?.to_owned()
            }
            None => hex(&random::<6>()?),
        };
        Ok(Self { name, secret: hex(&random::<32>()?), scopes: scopes.iter().copied().collect() })
    }

    /// The token, for whoever is to send it.
    pub fn token(&self) -> String {
        format!("{}.{}", self.name, self.secret)
    }

    /// The line for the file of principals, which holds nothing secret.
    pub fn line(&self) -> String {
        format!("{} sha256:{} {}", self.name, hex(&Sha256::digest(&self.secret)), self.scopes)
    }
}

impl fmt::Debug for NewToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewToken").field("name", &self.name).finish_non_exhaustive()
    }
}

fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|source| Error::Entropy(source.into()))?;
    Ok(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes all that is written");
        text
    })
}
