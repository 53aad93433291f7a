//! A connection that lets the service answer before it has the whole request.
//!
//! A service that refuses a body (413) answers and closes while the client still
//! sends. ureq then reports the broken pipe and never looks at the answer. Here a
//! failed write is kept, the rest of the request is dropped, and the answer is read;
//! only where there is none is the failed write the error. It stands below TLS, which
//! would not read before everything is written. Nothing else is changed about ureq's
//! connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ureq::Error;
#[cfg(feature = "tls")]
use ureq::unversioned::transport::RustlsConnector;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, NextTimeout, TcpConnector, Transport,
};

/// Whether the service stopped taking the request; shared with the request's body.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cut(Arc<AtomicBool>);

impl Cut {
    pub(crate) fn is_cut(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How a connection is opened, and TLS is spoken on it if the address says so.
#[cfg(feature = "tls")]
pub(crate) fn connector(cut: Cut, secure: &Secure) -> impl Connector {
    ().chain(TcpConnector::default()).chain(Patient(cut)).chain(secure.clone())
}

/// How a connection is opened.
#[cfg(not(feature = "tls"))]
pub(crate) fn connector(cut: Cut, _: &Secure) -> impl Connector {
    ().chain(TcpConnector::default()).chain(Patient(cut))
}

/// TLS, with what is prepared for it once for all connections of a client.
#[cfg(feature = "tls")]
#[derive(Clone, Debug, Default)]
pub(crate) struct Secure(Arc<RustlsConnector>);

/// What stands for it in a build without TLS.
#[cfg(not(feature = "tls"))]
#[derive(Clone, Debug, Default)]
pub(crate) struct Secure {}

#[cfg(feature = "tls")]
impl<In: Transport> Connector<In> for Secure {
    type Out = <RustlsConnector as Connector<In>>::Out;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        self.0.connect(details, chained)
    }
}

/// Wraps the connections that ureq opens.
#[derive(Debug)]
struct Patient(Cut);

impl<In: Transport> Connector<In> for Patient {
    type Out = PatientTransport<In>;

    fn connect(
        &self,
        _details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        let cut = self.0.clone();
        Ok(chained.map(|inner| PatientTransport { inner, cut, failed_write: None, is_open: true }))
    }
}

#[derive(Debug)]
pub(crate) struct PatientTransport<In> {
    inner: In,
    cut: Cut,
    /// The write that failed, until nothing better is known.
    failed_write: Option<Error>,
    is_open: bool,
}

impl<In: Transport> Transport for PatientTransport<In> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if !self.is_open {
            return Ok(());
        }
        if let Err(error) = self.inner.transmit_output(amount, timeout) {
            self.is_open = false;
            self.failed_write = Some(error);
            self.cut.0.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let answer = self.inner.await_input(timeout);
        let is_silent = self.inner.buffers().input().is_empty();
        match self.failed_write.take() {
            Some(failed_write) if is_silent => Err(failed_write),
            _ => answer,
        }
    }

    fn is_open(&mut self) -> bool {
        self.is_open && self.inner.is_open()
    }
}
