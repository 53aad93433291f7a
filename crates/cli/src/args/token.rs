//! The arguments of `exacta token`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use exacta_server::Scope;

const NEW_EXAMPLES: &str = "\
Examples:
  exacta token new                                         the token, and the line for the file of principals
  exacta token new --name reporting --add-to principals > reporting.token
  exacta token new --name ci --scope jobs:read --scope jobs:write

The token is shown this once: the file of principals holds its SHA-256. A second token of the same name is the
same principal; so one is exchanged: add the new, hand it out, take the line of the old away.";

/// Make tokens, by which callers of a service are known
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    New(NewTokenArguments),
}

/// Make a token out of the chance of the system
#[derive(Debug, Args)]
#[command(after_help = NEW_EXAMPLES)]
pub(crate) struct NewTokenArguments {
    /// Who is to have it, as letters, digits, - and _; by default somebody new
    #[arg(long)]
    pub(crate) name: Option<String>,

    /// What it is for: statistics, jobs:read, jobs:write or metrics; several may be given
    #[arg(long = "scope", value_name = "SCOPE", default_values_t = [Scope::Statistics])]
    pub(crate) scopes: Vec<Scope>,

    /// File of principals to add the line to, instead of printing it
    #[arg(long, value_name = "FILE")]
    pub(crate) add_to: Option<PathBuf>,
}
