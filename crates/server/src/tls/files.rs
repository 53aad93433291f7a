//! The files of TLS: what must be in them, and what is odd about them though they are of use.
//!
//! Whom a certificate names is not asked: that is for those who connect.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{RootCertStore, ServerConfig};
use webpki::{EndEntityCert, KeyUsage};

use super::{H2, HTTP1};
use crate::config::{self, ClientAuth};
use crate::error::Error;
use crate::small_file;

const DAY: Duration = Duration::from_hours(24);

/// For how long before its end a certificate is told to end.
const NOTICE: Duration = DAY.saturating_mul(14);

/// Which files there are.
#[derive(Debug)]
pub(super) struct Files {
    cert: PathBuf,
    /// The certificate's own file, where the key is in it.
    key: PathBuf,
    clients: Option<Clients>,
}

/// Whose certificates are taken from clients.
#[derive(Debug)]
struct Clients {
    ca: PathBuf,
    auth: ClientAuth,
}

/// What the files hold. It has the key, and is not to be shown.
#[derive(PartialEq, Eq)]
pub(super) struct Texts {
    cert: Vec<u8>,
    key: Vec<u8>,
    ca: Option<Vec<u8>>,
}

impl Files {
    /// The files that the settings name, if there is to be TLS.
    pub(super) fn named(settings: &config::Tls) -> Option<Self> {
        let cert = settings.cert.clone()?;
        let key = settings.key.clone().unwrap_or_else(|| cert.clone());
        let clients = |ca| Clients { ca, auth: settings.client_auth };
        Some(Self { cert, key, clients: settings.client_ca.clone().map(clients) })
    }

    pub(super) fn read(&self) -> Result<Texts, Error> {
        let ca = self.clients.as_ref().map(|clients| read(&clients.ca)).transpose()?;
        Ok(Texts { cert: read(&self.cert)?, key: read(&self.key)?, ca })
    }

    /// What handshakes are made with.
    pub(super) fn config(&self, texts: &Texts) -> Result<Arc<ServerConfig>, Error> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier = match (&self.clients, &texts.ca) {
            (Some(clients), Some(ca)) => clients.verifier(ca, &provider)?,
            _ => WebPkiClientVerifier::no_client_auth(),
        };
        let chain = certificates(&self.cert, &texts.cert)?;
        let key = PrivateKeyDer::from_pem_slice(&texts.key).map_err(|_| {
            let what = "there is no private key in it: PEM is taken, as PKCS#8, PKCS#1 or SEC1, not encrypted";
            refuse(&self.key, what)
        })?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider speaks TLS 1.2 and 1.3")
            .with_client_cert_verifier(verifier)
            .with_single_cert(chain, key)
            .map_err(|error| self.unfit(error))?;
        config.alpn_protocols = vec![H2.to_vec(), HTTP1.to_vec()];
        if self.clients.is_some() {
            // A session that is resumed does not look at the certificate of the client again.
            config.session_storage = Arc::new(NoServerSessionStorage {});
            config.send_tls13_tickets = 0;
        }
        Ok(Arc::new(config))
    }

    /// What is wrong with a certificate and a key that are there.
    fn unfit(&self, error: rustls::Error) -> Error {
        match error {
            rustls::Error::InconsistentKeys(_) => {
                let cert = self.cert.display();
                refuse(&self.key, &format!("it is not the key of the certificate in {cert}"))
            }
            rustls::Error::InvalidCertificate(error) => {
                refuse(&self.cert, &format!("a certificate in it is broken: {error}"))
            }
            error => refuse(&self.key, &format!("its private key is of no use: {error}")),
        }
    }

    /// What a person should look at, though it keeps nobody from connecting yet.
    pub(super) fn warnings(&self, texts: &Texts) -> Vec<String> {
        let chain = certificates(&self.cert, &texts.cert).unwrap_or_default();
        let about_cert = chain.first().and_then(|leaf| trouble_ahead(leaf, UnixTime::now()));
        let about_cert = about_cert.map(|what| format!("{}: {what}", self.cert.display()));
        let about_key = is_open_to_others(&self.key).then(|| {
            let key = self.key.display();
            format!("{key}: the private key can be read by others than its owner; chmod go= {key}")
        });
        about_cert.into_iter().chain(about_key).collect()
    }
}

impl Clients {
    fn verifier(
        &self,
        ca: &[u8],
        provider: &Arc<CryptoProvider>,
    ) -> Result<Arc<dyn ClientCertVerifier>, Error> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates(&self.ca, ca)? {
            let added = roots.add(certificate);
            added.map_err(|error| {
                refuse(&self.ca, &format!("a certificate in it is broken: {error}"))
            })?;
        }
        let builder =
            WebPkiClientVerifier::builder_with_provider(roots.into(), Arc::clone(provider));
        let builder = match self.auth {
            ClientAuth::Required => builder,
            ClientAuth::Optional => builder.allow_unauthenticated(),
        };
        Ok(builder.build().expect("there are roots, and no revocation lists to be broken"))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let bytes = small_file::read(path);
    let bytes = bytes.map_err(|error| refuse(path, &format!("it cannot be read: {error}")))?;
    bytes.ok_or_else(|| refuse(path, "it is longer than 1 MiB"))
}

fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
    let certificates = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(refuse(path, "there is no certificate in it: PEM is taken")),
    }
}

fn refuse(path: &Path, what: &str) -> Error {
    Error::TlsFile { path: path.to_owned(), what: what.to_owned() }
}

/// Why clients will not take a certificate, or soon will not.
///
/// What does not depend on who issued it is looked at before its issuer, of whom nothing is known
/// here: so that an unknown issuer means that the rest is in order.
fn trouble_ahead(certificate: &CertificateDer<'_>, now: UnixTime) -> Option<String> {
    let certificate = EndEntityCert::try_from(certificate).ok()?;
    let trouble = |time| {
        let usage = KeyUsage::server_auth();
        certificate.verify_for_usage(&[], &[], &[], time, usage, None, None).err()
    };
    let soon = UnixTime::since_unix_epoch(Duration::from_secs(now.as_secs()) + NOTICE);
    let days = |from: u64, to: u64| to.saturating_sub(from) / DAY.as_secs();
    match (trouble(now)?, trouble(soon)?) {
        (webpki::Error::CertExpired { not_after, .. }, _) => {
            let days = days(not_after.as_secs(), now.as_secs());
            Some(format!("the certificate expired {days} days ago; have it renewed"))
        }
        (webpki::Error::CertNotValidYet { .. }, _) => {
            Some("the certificate is not valid yet; look at the clock of this machine".to_owned())
        }
        (webpki::Error::RequiredEkuNotFoundContext(_), _) => {
            Some("the certificate is not for servers; have one issued that is".to_owned())
        }
        (_, webpki::Error::CertExpired { not_after, .. }) => {
            let days = days(now.as_secs(), not_after.as_secs());
            Some(format!("the certificate expires in {days} days; have it renewed"))
        }
        _ => None,
    }
}

#[cfg(unix)]
fn is_open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair, date_time_ymd};

    use super::*;

    fn told(change: impl FnOnce(&mut CertificateParams)) -> Option<String> {
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        (params.not_before, params.not_after) =
            (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
        change(&mut params);
        let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        // 1 June 2020.
        let now = UnixTime::since_unix_epoch(DAY * 18_414);
        trouble_ahead(certificate.der(), now)
    }

    #[test]
    fn what_is_ahead_of_a_certificate_is_told() {
        assert_eq!(told(|_| ()), None);
        let until = |month, day| told(|params| params.not_after = date_time_ymd(2020, month, day));
        assert_eq!(until(6, 16), None);
        assert!(until(6, 14).unwrap().contains("expires in 13 days"));
        assert!(until(6, 1).unwrap().contains("expires in 0 days"));
        assert!(until(5, 30).unwrap().contains("expired 2 days ago"));
        let from = told(|params| params.not_before = date_time_ymd(2020, 7, 1));
        assert!(from.unwrap().contains("not valid yet"));
        let usage = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let other = told(|params| params.extended_key_usages = usage);
        assert!(other.unwrap().contains("not for servers"));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_told() {
        use std::os::unix::fs::PermissionsExt;
        let file = tempfile::NamedTempFile::new().unwrap();
        for (mode, is_open) in [(0o600, false), (0o400, false), (0o640, true), (0o604, true)] {
            fs::set_permissions(file.path(), fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(is_open_to_others(file.path()), is_open, "{mode:o}");
        }
    }
}
