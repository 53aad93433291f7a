//! What stands for TLS in a build without it: a server whose settings ask for it does not start.

use std::convert::Infallible;
use std::future::Ready;
use std::io;
use std::sync::Arc;

use tokio::net::TcpStream;

use crate::config;
use crate::error::Error;
use crate::peer::PeerIdentities;

/// There is none.
pub(crate) enum Tls {}

/// What a new connection turned out to be.
#[expect(dead_code, reason = "without TLS there are no handshakes to come of")]
pub(crate) enum Accepted {
    Secure(Box<Secured>),
    Plain(TcpStream),
}

/// A connection after its handshake.
pub(crate) struct Secured {
    pub(crate) stream: TcpStream,
    pub(crate) is_http2: bool,
    pub(crate) peer: PeerIdentities,
}

/// Refuses settings that ask for TLS.
pub(crate) fn check(settings: &config::Tls) -> Result<(), Error> {
    if settings.is_on() { Err(Error::TlsAbsent) } else { Ok(()) }
}

impl Tls {
    pub(crate) fn open(settings: &config::Tls) -> Result<Option<Arc<Self>>, Error> {
        check(settings).map(|()| None)
    }

    pub(crate) fn accept(&self, _: TcpStream) -> Ready<io::Result<Accepted>> {
        match *self {}
    }

    pub(crate) fn keep_fresh(&self) -> Ready<Infallible> {
        match *self {}
    }

    pub(crate) fn reload(&self) {
        match *self {}
    }
}
