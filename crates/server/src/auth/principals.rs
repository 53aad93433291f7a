//! The file of principals: one credential a line, and what it allows.
//!
//! ```text
//! # who       by what                                what for
//! reporting   sha256:9f86d081884c7d659a2feaa0c5…     statistics,jobs:read,jobs:write
//! reporting   uri:spiffe://example.org/reporting     statistics
//! scraper     dns:prometheus.example.org             metrics
//! ```
//!
//! A name may have several lines: a token is rotated by adding the new one before the old one
//! is taken away. The file holds digests of secrets, never a secret. When it is read again is in
//! [`keeper`](super::keeper).

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::slice;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

use super::principal::Principal;
use super::scope::{Scope, Scopes};

/// How long a name may be.
const NAME_BYTES_MAX: usize = 64;

/// How long a name in a certificate may be.
pub(super) const CERTIFIED_BYTES_MAX: usize = 2048;

/// Who is known, by what they show.
#[derive(Debug)]
pub(crate) struct Principals {
    by_name: HashMap<Arc<str>, Vec<Secret>>,
    by_certificate: HashMap<String, Principal>,
    /// Whom secrets of unknown names are compared with.
    nobody: Secret,
}

/// A secret of a principal, of which only the digest is known.
#[derive(Debug)]
struct Secret {
    digest: Digest,
    principal: Principal,
}

#[derive(PartialEq, Eq)]
struct Digest([u8; 32]);

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(…)")
    }
}

/// What is wrong with a line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub(crate) struct Fault {
    line: usize,
    what: String,
}

impl Default for Principals {
    fn default() -> Self {
        // No secret is known that has this digest.
        let nobody = Principal::new(Arc::from(""), Scopes::default());
        let nobody = Secret { digest: Digest([0; 32]), principal: nobody };
        Self { by_name: HashMap::new(), by_certificate: HashMap::new(), nobody }
    }
}

impl Principals {
    /// Reads the file.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let mut principals = Self::default();
        for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let fault = |what| Fault { line: index + 1, what };
            let line = str::from_utf8(line).map_err(|_| fault("it is no UTF-8".to_owned()))?;
            let fields: Vec<&str> = line.split_ascii_whitespace().collect();
            if !fields.first().is_none_or(|first| first.starts_with('#')) {
                principals.add(&fields).map_err(fault)?;
            }
        }
        Ok(principals)
    }

    fn add(&mut self, fields: &[&str]) -> Result<(), String> {
        let &[name, credential, scopes] = fields else {
            return Err(format!(
                "it has {} words: write a name, a credential and scopes with commas between them",
                fields.len()
            ));
        };
        let name: Arc<str> = check_name(name)?.into();
        let principal = Principal::new(Arc::clone(&name), parse_scopes(scopes)?);
        match credential.split_once(':') {
            Some(("sha256", digest)) => self.add_secret(name, digest, principal),
            Some(("uri", known)) if !known.is_empty() => {
                self.add_certificate(credential.to_owned(), principal)
            }
            Some(("dns", known)) if !known.is_empty() => {
                self.add_certificate(credential.to_ascii_lowercase(), principal)
            }
            _ => {
                Err("the credential is none: write sha256:DIGEST, uri:NAME or dns:NAME".to_owned())
            }
        }
    }

    fn add_secret(
        &mut self,
        name: Arc<str>,
        digest: &str,
        principal: Principal,
    ) -> Result<(), String> {
        let digest = parse_digest(digest)
            .ok_or("the digest is none: `exacta token new` prints a line with one")?;
        let secrets = self.by_name.entry(name).or_default();
        if secrets.iter().any(|known| known.digest == digest) {
            return Err("the same token stands above: take one of them away".to_owned());
        }
        secrets.push(Secret { digest, principal });
        Ok(())
    }

    fn add_certificate(&mut self, credential: String, principal: Principal) -> Result<(), String> {
        if credential.len() > CERTIFIED_BYTES_MAX {
            return Err(format!("the credential is longer than {CERTIFIED_BYTES_MAX} bytes"));
        }
        match self.by_certificate.entry(credential) {
            Entry::Vacant(entry) => drop(entry.insert(principal)),
            Entry::Occupied(entry) => {
                return Err(format!("{} stands above: take one of them away", entry.key()));
            }
        }
        Ok(())
    }

    /// Whose token it is. A name that nobody has takes as long as a secret that is wrong.
    pub(crate) fn by_token(&self, name: &str, secret: &str) -> Option<Principal> {
        let digest: [u8; 32] = Sha256::digest(secret).into();
        let nobody = slice::from_ref(&self.nobody);
        let secrets = self.by_name.get(name).map_or(nobody, Vec::as_slice);
        let same = secrets.iter().find(|known| known.digest.0.ct_eq(&digest).into());
        same.map(|known| known.principal.clone())
    }

    /// Whose certificate it is that proves these names, each with its kind in front.
    pub(crate) fn by_certificate(&self, names: &[String]) -> Option<Principal> {
        names.iter().find_map(|name| self.by_certificate.get(name).cloned())
    }
}

pub(super) fn check_name(name: &str) -> Result<&str, String> {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(is_letter) {
        Ok(name)
    } else {
        Err(format!("the name is none: take up to {NAME_BYTES_MAX} letters, digits, - and _"))
    }
}

fn parse_scopes(list: &str) -> Result<Scopes, String> {
    let scopes = list.split(',').map(str::parse::<Scope>).collect::<Result<Scopes, _>>();
    // What stands there is not told: it may be a secret in the wrong place.
    scopes.map_err(|_| format!("the last word is no list of scopes; known: {}", Scopes::ALL))
}

fn parse_digest(text: &str) -> Option<Digest> {
    let mut digest = [0; 32];
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    if pairs.len() != digest.len() || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, pair) in digest.iter_mut().zip(pairs) {
        *byte = u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(Digest(digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_formatted_holds_a_secret_or_its_digest() {
        let new = super::super::NewToken::new(Some("ann"), Scope::ALL).unwrap();
        let (token, line) = (new.token(), new.line());
        let principals = Principals::parse(line.as_bytes()).unwrap();
        let (name, secret) = token.split_once('.').unwrap();
        let principal = principals.by_token(name, secret).unwrap();
        let digest = &line[11..75];
        let told = format!("{principals:?} {principal:?} {new:?}");
        assert!(told.contains("\"ann\"") && told.contains("jobs:read"), "{told}");
        assert!(!told.contains(secret) && !told.contains(digest), "{told}");
        let numbers = format!("{:?}", parse_digest(digest).unwrap().0);
        assert!(!told.contains(numbers.trim_matches(['[', ']'])), "{told}");
    }
}
