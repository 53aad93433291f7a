//! The arguments of commands that ask a service, for one that knows its callers.

use std::path::PathBuf;

use clap::Args;
use exacta_client::{Options, Token};

/// As whom to come, by a token.
#[derive(Clone, Debug, Args)]
pub(crate) struct TokenArguments {
    /// File with the token that the service knows the caller by; it is read for each request
    #[arg(long, value_name = "FILE", env = "EXACTA_TOKEN_FILE")]
    pub(super) token_file: Option<PathBuf>,

    /// Send the token to another machine without TLS too, for everybody on the way to read
    #[arg(long, requires = "token_file")]
    pub(super) token_in_clear: bool,
}

impl TokenArguments {
    /// What a client is told of it.
    pub(super) fn options(&self) -> Options {
        Options {
            token: self.token_file.clone().map(Token::from_file),
            token_in_clear: self.token_in_clear,
            ..Options::default()
        }
    }
}
