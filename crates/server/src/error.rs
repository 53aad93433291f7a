//! Why a server does not start, or does not stop as it should.
//!
//! What is wrong with one request is not here: that is a [`Refusal`](crate::problem::Refusal).

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why the server failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address cannot be listened on.
    #[error(
        "cannot listen on {listen}: {source}; choose another HOST:PORT, or port 0 for a free one"
    )]
    Bind {
        /// The address as it was given.
        listen: String,
        /// What the system says.
        source: io::Error,
    },
    /// Other machines could reach a service that lacks what such a service must have.
    #[error(
        "{address} can be reached from other machines, and the service is {missing}; listen on 127.0.0.1, set up what is missing, or say --insecure-bind-without-auth-and-tls"
    )]
    Exposed {
        /// Where it was to listen.
        address: SocketAddr,
        /// What it is without.
        missing: &'static str,
    },
    /// A file that TLS needs is of no use.
    #[error("{}: {what}", path.display())]
    TlsFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what is right.
        what: String,
    },
    /// TLS is asked for, and this build has none.
    #[error(
        "this build has no TLS: build it with the feature `tls`, or leave out the certificate and https:// addresses"
    )]
    TlsAbsent,
    /// The runtime or the signal handlers cannot be set up.
    #[error("cannot start the server: {0}")]
    Start(io::Error),
    /// A setting cannot stand as it is.
    #[error("serve.{setting}: {what}")]
    Config {
        /// Which one, as in `limits.body_max`.
        setting: String,
        /// Why, and what to do.
        what: String,
    },
    /// A token cannot be made for somebody of this name.
    #[error("{what}")]
    PrincipalName {
        /// What is wrong with it.
        what: String,
    },
    /// The system has no chance to give, of which secrets are made.
    #[error("the system gives no random bytes: {0}; a token without them would be no secret")]
    Entropy(io::Error),
    /// The jobs cannot be opened.
    #[error(transparent)]
    Jobs(#[from] exacta_jobs::Error),
    /// The threads that jobs compute with cannot be started.
    #[error("no threads can be started for jobs: {0}; raise the limit on threads")]
    Threads(rayon::ThreadPoolBuildError),
    /// What is told of the server cannot be sent as it is set.
    #[error("telemetry cannot be sent: {reason}")]
    Telemetry {
        /// What is wrong with the setting.
        reason: String,
    },
    /// Requests were still under way when the time to finish them was over.
    #[error("connections were cut while their requests were under way: allow more time to drain")]
    Cut,
}

impl Error {
    /// The setting that is wrong, as in `limits.body_max`, if it is one.
    pub fn setting(&self) -> Option<&str> {
        match self {
            Self::Config { setting, .. } => Some(setting),
            Self::Exposed { .. } => Some("listen"),
            _ => None,
        }
    }

    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Bind { .. } => "server.bind",
            Self::Config { .. } => "config.invalid",
            Self::Exposed { .. } => "server.exposed",
            Self::TlsFile { .. } => "server.tls_file",
            Self::TlsAbsent => "server.tls_absent",
            Self::Start(_) => "server.start",
            Self::PrincipalName { .. } => "auth.name",
            Self::Entropy(_) => "auth.entropy",
            Self::Jobs(error) => error.code(),
            Self::Threads(_) => "jobs.threads",
            Self::Telemetry { .. } => "server.telemetry",
            Self::Cut => "server.cut",
        }
    }
}
