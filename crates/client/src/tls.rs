//! TLS: whom the client trusts, as whom it comes, and what is said when that fails.
//!
//! The handshake is rustls's, and how it is wired into ureq is in `connection`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{AlertDescription, CertificateError, InvalidMessage, RootCertStore};
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};

use crate::Error;
use crate::request::Tls;

const DAY_SECS: u64 = 24 * 60 * 60;

/// What ureq is told of TLS. Files are read here, so that what is wrong with one is known before
/// the first request.
pub(crate) fn config(tls: &Tls) -> Result<TlsConfig, Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let roots = match &tls.cacert {
        Some(path) => roots(path)?,
        None => RootCerts::PlatformVerifier,
    };
    let identity = match (&tls.cert, &tls.key) {
        (Some(cert), key) => Some(identity(cert, key.as_ref().unwrap_or(cert), &provider)?),
        (None, Some(key)) => return Err(refuse(key, "a key is of use with its certificate alone")),
        (None, None) => None,
    };
    let builder = TlsConfig::builder().root_certs(roots).client_cert(identity);
    Ok(builder.unversioned_rustls_crypto_provider(provider).build())
}

/// The authorities in a file.
fn roots(path: &Path) -> Result<RootCerts, Error> {
    let certificates = certificates(path, &read(path)?)?;
    let mut store = RootCertStore::empty();
    for certificate in &certificates {
        let added = store.add(certificate.clone());
        added.map_err(|error| refuse(path, &format!("a certificate in it is broken: {error}")))?;
    }
    Ok(RootCerts::new_with_certs(&wrapped(&certificates)))
}

/// The certificate of this client, if its key fits.
fn identity(cert: &Path, key: &Path, provider: &CryptoProvider) -> Result<ClientCert, Error> {
    let chain = certificates(cert, &read(cert)?)?;
    let pem = read(key)?;
    let none =
        "there is no private key in it: PEM is taken, as PKCS#8, PKCS#1 or SEC1, not encrypted";
    let der = PrivateKeyDer::from_pem_slice(&pem).map_err(|_| refuse(key, none))?;
    // ureq panics on what does not fit.
    CertifiedKey::from_der(chain.clone(), der, provider).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => {
            refuse(key, &format!("it is not the key of the certificate in {}", cert.display()))
        }
        rustls::Error::InvalidCertificate(error) => {
            refuse(cert, &format!("a certificate in it is broken: {error}"))
        }
        error => refuse(key, &format!("its private key is of no use: {error}")),
    })?;
    let wrapped_key = PrivateKey::from_pem(&pem).map_err(|_| refuse(key, none))?;
    Ok(ClientCert::new_with_certs(&wrapped(&chain), wrapped_key))
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|error| refuse(path, &format!("it cannot be read: {error}")))
}

fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
    let certificates = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(refuse(path, "there is no certificate in it: PEM is taken")),
    }
}

fn wrapped(certificates: &[CertificateDer<'_>]) -> Vec<Certificate<'static>> {
    certificates.iter().map(|der| Certificate::from_der(der).to_owned()).collect()
}

fn refuse(path: &Path, what: &str) -> Error {
    Error::TlsFile { path: PathBuf::from(path), what: what.to_owned() }
}

/// What TLS has to do with a failed request, if it has.
pub(crate) fn reason(error: &ureq::Error) -> Option<String> {
    match error {
        ureq::Error::Rustls(error) => Some(told(error)),
        ureq::Error::Io(error) => error.get_ref()?.downcast_ref().map(told),
        _ => None,
    }
}

fn told(error: &rustls::Error) -> String {
    use AlertDescription as Alert;
    match error {
        rustls::Error::InvalidCertificate(error) => distrust(error),
        rustls::Error::InvalidMessage(
            InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion,
        ) => "what answers does not speak TLS; for plain HTTP write http://".to_owned(),
        rustls::Error::AlertReceived(Alert::CertificateRequired | Alert::NoCertificate) => {
            "it asks for a client certificate; give one and its key (cert, key)".to_owned()
        }
        rustls::Error::AlertReceived(
            alert @ (Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::UnknownCA
            | Alert::AccessDenied
            | Alert::DecryptError),
        ) => format!("it does not take the certificate of this client: {alert:?}"),
        rustls::Error::General(what) if what.contains("No CA certificates") => {
            "this system names no authorities to trust; install them, or name a file (cacert)"
                .to_owned()
        }
        error => format!("TLS failed: {error}"),
    }
}

/// Why the certificate of a service is not taken.
fn distrust(error: &CertificateError) -> String {
    match error {
        // The signature is wrong where another authority has the name of one that is trusted.
        CertificateError::UnknownIssuer
        | CertificateError::BadSignature
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "its certificate is of an authority that is not trusted here; name the file of one that is (cacert)".to_owned()
        }
        CertificateError::NotValidForNameContext { expected, presented } => {
            // A kind with the name in quotes: `DnsName("example.org")`.
            let names = presented.iter().map(|name| name.split('"').nth(1).unwrap_or(name));
            let names = names.collect::<Vec<_>>().join(", ");
            let names = if names.is_empty() { "no name" } else { &names };
            format!(
                "its certificate is for {names}, not for {}; use the name that it is for",
                expected.to_str()
            )
        }
        CertificateError::ExpiredContext { time, not_after } => {
            let days = time.as_secs().saturating_sub(not_after.as_secs()) / DAY_SECS;
            format!("its certificate expired {days} days ago; have it renewed, or set the clock here")
        }
        CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet; look at the clocks here and there".to_owned()
        }
        error => format!("its certificate is not taken: {error}"),
    }
}
