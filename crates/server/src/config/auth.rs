//! `[serve.auth]`: who may call.
//!
//! What the files hold that are named here is in [`auth`](crate::auth).

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who may call; everybody where nothing of it is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AuthConfig {
    /// File of principals: a line for each token, with whose it is and what it allows; without it and without keys for
    /// JWTs everybody may call.
    #[schemars(title = "FILE")]
    pub principals: Option<PathBuf>,
}

impl AuthConfig {
    /// Whether callers are asked who they are.
    pub fn is_on(&self) -> bool {
        self.principals.is_some()
    }
}
