//! What can go wrong with a request, told apart by where it went wrong. Which
//! problems the service reports is in the document, not here.

use std::error::Error as StdError;
use std::io;
use std::path::PathBuf;

use crate::generated::{PredictError, Problem};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address of the service is none that this client can use.
    #[error("the address `{url}` {reason}")]
    Address {
        /// The address, as it was given, but without a user name.
        url: String,
        /// What is wrong with it, and what would be right.
        reason: &'static str,
    },
    /// The token cannot be sent.
    #[error("{}", one_line(.what))]
    Token {
        /// What is wrong with it, and where it is.
        what: String,
    },
    /// The token would travel where others can read it.
    #[error(
        "the token would travel to {url} for everybody on the way to read: use https://, or `token_in_clear` if that is meant"
    )]
    TokenInClear {
        /// Where to.
        url: String,
    },
    /// The service refused the request and says why.
    #[error("{}", one_line(&.0.detail))]
    Problem(Box<Problem>),
    /// `/predict` refused the request and says why.
    #[error("{}", one_line(&.error.error))]
    Predict {
        /// The status of the answer.
        status: u16,
        /// The body of the answer.
        error: PredictError,
    },
    /// What answered is not the service, or is outside its document.
    #[error("{url} answered {status}, which is not expected there: {}", quoted(.excerpt))]
    Unexpected {
        /// What was asked.
        url: String,
        /// The status of the answer.
        status: u16,
        /// The start of its body.
        excerpt: String,
    },
    /// The service claims success without having taken the whole request.
    #[error("{url} answered before it had all of the data: its answer is of no use, try again")]
    Early {
        /// What was asked.
        url: String,
    },
    /// The request could not be sent, or no answer came.
    #[error("no answer from {url}: {source}: check the address, and that the service runs")]
    Transport {
        /// What was asked.
        url: String,
        /// What failed.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// What answered does not speak HTTP.
    #[error("what answers at {url} does not speak HTTP; if it speaks TLS, write https://")]
    NotHttp {
        /// What was asked.
        url: String,
    },
    /// A file that TLS needs is of no use.
    #[error("{}: {what}", one_line(&.path.to_string_lossy()))]
    TlsFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The service did not prove who it is, or did not take this client's proof.
    #[error("no answer from {url}: {}", one_line(.reason))]
    Tls {
        /// What was asked.
        url: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The source of the request's body failed while it was sent.
    #[error("the body of the request could not be read: {0}")]
    Body(#[source] io::Error),
    /// The answer is longer than this client takes.
    #[error(
        "the answer of {url} is longer than {bytes_max} bytes: ask for less, or raise `response_bytes_max`"
    )]
    ResponseTooLarge {
        /// What was asked.
        url: String,
        /// How many bytes this client takes.
        bytes_max: u64,
    },
    /// An item of a list in the query holds the comma that separates items there.
    #[error("`{}` cannot stand in `{name}`: a comma separates items there", one_line(.item))]
    ListItem {
        /// The query parameter.
        name: &'static str,
        /// The item.
        item: String,
    },
    /// The request cannot be written as JSON.
    #[error("the request cannot be written as JSON: {0}")]
    Encode(#[source] serde_json::Error),
    /// The answer is not what the document says.
    #[error(
        "the answer of {url} is not what its document says: {source}: the service may be of another version"
    )]
    Decode {
        /// What was asked.
        url: String,
        /// Where the answer differs.
        source: serde_json::Error,
    },
}

impl Error {
    /// The stable name of what went wrong; for a problem, the one the service gave it.
    pub fn code(&self) -> &str {
        match self {
            Self::Address { .. } => "client.address",
            Self::Token { .. } => "client.token",
            Self::TokenInClear { .. } => "client.token_in_clear",
            Self::Problem(problem) => &problem.code,
            Self::Predict { .. } => "predict.refused",
            Self::Unexpected { .. } => "client.unexpected",
            Self::Early { .. } => "client.early",
            Self::Transport { .. } => "client.transport",
            Self::NotHttp { .. } => "client.not_http",
            Self::TlsFile { .. } => "client.tls_file",
            Self::Tls { .. } => "client.tls",
            Self::Body(_) => "client.body",
            Self::ResponseTooLarge { .. } => "client.response_too_large",
            Self::ListItem { .. } => "client.list_item",
            Self::Encode(_) => "client.encode",
            Self::Decode { .. } => "client.decode",
        }
    }
}

/// Text from elsewhere, fit to stand in one line on a terminal.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn quoted(excerpt: &str) -> String {
    match excerpt.trim() {
        "" => "its body is empty".to_owned(),
        text => format!("`{}`", one_line(text)),
    }
}
