//! A blocking client of the exacta service.
//!
//! The models and one method per operation are generated from openapi/exacta.json
//! and from nothing else, as a client in any other language would be. Written by hand
//! is how they travel: connections, limits, bodies from any reader, typed errors.
//! Computing is not here. TLS is a feature, `tls`, on by default.
//!
//! ```no_run
//! use exacta_client::{Body, Client, SummarizeCsvParams};
//!
//! let client = Client::new("http://127.0.0.1:8080")?;
//! let file = std::fs::File::open("weather.csv")?;
//! let answer = client.summarize_csv(Body::new(file), &SummarizeCsvParams::default())?;
//! for column in answer.columns {
//!     println!("{} {:?}", column.name, column.mean);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod body;
mod connection;
mod error;
// Written by prettyplease, which breaks lines otherwise than rustfmt.
#[rustfmt::skip]
mod generated;
mod json;
mod request;
#[cfg(feature = "tls")]
mod tls;
mod token;
mod trace;
mod url;

pub use body::{Body, Encoding};
pub use error::Error;
pub use generated::*;
pub use request::{Client, Options, Tls};
pub use token::Token;
pub use trace::{Trace, TraceError};
pub use url::without_secrets;
