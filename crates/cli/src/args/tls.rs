//! The arguments of commands that ask a service: whom to trust, and as whom to come.

use std::env;
use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use exacta_client::{Client, Options, Tls, Trace};

use super::bearer::TokenArguments;
use crate::error::Error;
use crate::text::one_line;

/// Whom to trust, and as whom to come.
#[derive(Clone, Debug, Args)]
pub(crate) struct TlsArguments {
    /// Authorities to trust at an https:// address, in PEM, instead of those of the system
    #[arg(long, value_name = "FILE", env = "EXACTA_CACERT")]
    cacert: Option<PathBuf>,

    /// Certificate to show to a service that asks for one, in PEM
    #[arg(long, value_name = "FILE", env = "EXACTA_CERT")]
    cert: Option<PathBuf>,

    /// Private key of that certificate, where it is not in the same file
    #[arg(long, value_name = "FILE", env = "EXACTA_KEY")]
    key: Option<PathBuf>,

    #[command(flatten)]
    token: TokenArguments,
}

impl TlsArguments {
    /// A client of the service at this address. All that a command asks belongs to one trace: that of who called the
    /// command, if the environment names one, as other tools have it.
    pub(crate) fn client(&self, url: &str) -> Result<Client, Error> {
        let Self { cacert, cert, key, token } = self.clone();
        let options = Options { tls: Tls { cacert, cert, key }, ..token.options() };
        let given = env::var("TRACEPARENT").ok().and_then(|text| text.parse().ok());
        let trace = given.unwrap_or_else(Trace::new);
        Ok(Client::with_options(url, options)?.with_trace(Some(trace)))
    }

    /// The same on another command line, with a blank in front of each word.
    pub(crate) fn words(&self) -> String {
        let flags = [
            ("cacert", &self.cacert),
            ("cert", &self.cert),
            ("key", &self.key),
            ("token-file", &self.token.token_file),
        ];
        let mut words = String::new();
        for (flag, path) in flags {
            if let Some(path) = path {
                write!(words, " --{flag} {}", one_line(&path.to_string_lossy()))
                    .expect("a String takes all that is written");
            }
        }
        if self.token.token_in_clear {
            words.push_str(" --token-in-clear");
        }
        words
    }
}
