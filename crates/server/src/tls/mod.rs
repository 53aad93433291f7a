//! TLS in front of HTTP: handshakes, with certificates that are read again while the server runs.
//!
//! What must be in the files is in [`files`], and how a change is found in [`fresh`]. What the owner
//! of a certificate may do is not here.

mod files;
mod fresh;

use std::convert::Infallible;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use tokio::net::TcpStream;
use tokio::sync::{Notify, watch};
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use ureq::tls::{RootCerts, TlsConfig};
use webpki::EndEntityCert;

use crate::config;
use crate::error::Error;
use crate::peer::PeerIdentities;
use files::Files;
use fresh::Fresh;

/// HTTP/2 by the name that it has in a handshake.
const H2: &[u8] = b"h2";

/// HTTP/1.1, which is also spoken with whoever names nothing.
const HTTP1: &[u8] = b"http/1.1";

/// What handshakes are made with.
pub(crate) struct Tls {
    current: watch::Sender<Arc<ServerConfig>>,
    fresh: Mutex<Fresh>,
    asked: Notify,
    handshake_timeout: Duration,
    reload_interval: Duration,
}

/// What a new connection turned out to be.
pub(crate) enum Accepted {
    Secure(Box<Secured>),
    /// The peer speaks HTTP, and knows nothing of TLS.
    Plain(TcpStream),
}

/// A connection after its handshake.
pub(crate) struct Secured {
    pub(crate) stream: TlsStream<TcpStream>,
    pub(crate) is_http2: bool,
    pub(crate) peer: PeerIdentities,
}

/// TLS of requests that the server makes itself, to services that the system trusts.
pub(crate) fn outgoing() -> TlsConfig {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = TlsConfig::builder().unversioned_rustls_crypto_provider(provider);
    builder.root_certs(RootCerts::PlatformVerifier).build()
}

/// Whether the files that the settings name are of use, if there is to be TLS.
pub(crate) fn check(settings: &config::Tls) -> Result<(), Error> {
    match Files::named(settings) {
        Some(files) => files.config(&files.read()?).map(drop),
        None => Ok(()),
    }
}

impl Tls {
    /// Reads the files that the settings name, if there is to be TLS.
    pub(crate) fn open(settings: &config::Tls) -> Result<Option<Arc<Self>>, Error> {
        let Some(files) = Files::named(settings) else { return Ok(None) };
        let (fresh, config) = Fresh::begin(files)?;
        Ok(Some(Arc::new(Self {
            current: watch::Sender::new(config),
            fresh: Mutex::new(fresh),
            asked: Notify::new(),
            handshake_timeout: settings.handshake_timeout.duration(),
            reload_interval: settings.reload_interval.duration(),
        })))
    }

    /// Shakes hands with a peer, in time.
    pub(crate) async fn accept(&self, stream: TcpStream) -> io::Result<Accepted> {
        timeout(self.handshake_timeout, self.shake_hands(stream)).await?
    }

    async fn shake_hands(&self, stream: TcpStream) -> io::Result<Accepted> {
        // Nothing of TLS begins with a capital letter, and each method of HTTP does.
        let mut first = [0];
        if stream.peek(&mut first).await? == 1 && first[0].is_ascii_uppercase() {
            return Ok(Accepted::Plain(stream));
        }
        let config = Arc::clone(&self.current.borrow());
        let stream = TlsAcceptor::from(config).accept(stream).await?;
        let (_, session) = stream.get_ref();
        let is_http2 = session.alpn_protocol() == Some(H2);
        let certificate = session.peer_certificates().and_then(<[_]>::first);
        let peer = certificate.map(identities).unwrap_or_default();
        Ok(Accepted::Secure(Box::new(Secured { stream, is_http2, peer })))
    }

    /// Has the files looked at now.
    pub(crate) fn reload(&self) {
        self.asked.notify_one();
    }

    /// Looks at the files now and then, and when asked to.
    pub(crate) async fn keep_fresh(self: &Arc<Self>) -> Infallible {
        loop {
            let is_asked = timeout(self.reload_interval, self.asked.notified()).await.is_ok();
            let this = Arc::clone(self);
            let look = spawn_blocking(move || {
                let mut fresh = this.fresh.lock().unwrap_or_else(PoisonError::into_inner);
                fresh.look(is_asked)
            });
            if let Ok(Some(config)) = look.await {
                self.current.send_replace(config);
            }
        }
    }
}

/// The names in a certificate, which the handshake has verified.
fn identities(certificate: &CertificateDer<'_>) -> PeerIdentities {
    let Ok(certificate) = EndEntityCert::try_from(certificate) else {
        return PeerIdentities::default();
    };
    let uris = certificate.valid_uri_names().map(|name| format!("uri:{name}"));
    let hosts = certificate.valid_dns_names();
    let hosts = hosts.map(|name| format!("dns:{}", name.to_ascii_lowercase()));
    uris.chain(hosts).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::net::TcpListener;

    use rcgen::{CertificateParams, KeyPair, SanType};
    use ureq::Agent;

    use super::*;

    #[test]
    fn names_in_a_certificate_have_their_kind() {
        let names = ["Worker.Example.org", "10.0.0.1"].map(str::to_owned);
        let mut params = CertificateParams::new(names).unwrap();
        for uri in ["spiffe://example.org/Worker", "worker.example.org", "dns:other.example.org"] {
            params.subject_alt_names.push(SanType::URI(uri.try_into().unwrap()));
        }
        let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        let known = identities(certificate.der());
        let expected = [
            "uri:spiffe://example.org/Worker",
            "uri:worker.example.org",
            "uri:dns:other.example.org",
            "dns:worker.example.org",
        ];
        assert_eq!(known.names(), expected);
        assert_eq!(identities(&CertificateDer::from(vec![1, 2, 3])), PeerIdentities::default());
    }

    #[test]
    fn requests_of_the_server_itself_can_speak_tls() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let peer = std::thread::spawn(move || {
            let mut first = [0];
            listener.accept().unwrap().0.read_exact(&mut first).unwrap();
            first
        });
        let config = Agent::config_builder().tls_config(outgoing()).proxy(None).build();
        assert!(Agent::from(config).get(url).call().is_err(), "the peer hangs up");
        assert_eq!(peer.join().unwrap(), [22], "it begins a handshake");
    }
}
