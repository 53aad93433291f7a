//! The way to the collector: HTTP by the client that the repository has anyway, on the threads of the exporters, which
//! may wait. How a message is made, and whether it is sent again, is the exporters' affair.
//!
//! As for all that the server asks of others, it is direct: variables that name a proxy are not heeded, since what is
//! told of a server is not to go through whatever its environment names.

use std::time::Duration;

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use ureq::Agent;

/// How long a collector may take for one message. The exporters stop trying after as long.
const TIMEOUT: Duration = Duration::from_secs(10);

/// More than any answer of a collector has.
const ANSWER_BYTES_MAX: u64 = 1 << 20;

#[derive(Clone, Debug)]
pub(super) struct Transport(Agent);

impl Default for Transport {
    fn default() -> Self {
        let builder = Agent::config_builder();
        #[cfg(feature = "tls")]
        let builder = builder.tls_config(crate::tls::outgoing());
        let config = builder
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(TIMEOUT))
            .proxy(None)
            .user_agent(concat!("exacta/", env!("CARGO_PKG_VERSION")));
        Self(config.build().into())
    }
}

#[async_trait]
impl HttpClient for Transport {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let answer = self.0.run(Request::from_parts(head, &*body))?;
        let (head, mut body) = answer.into_parts();
        let bytes = body.with_config().limit(ANSWER_BYTES_MAX).read_to_vec()?;
        Ok(Response::from_parts(head, bytes.into()))
    }
}
