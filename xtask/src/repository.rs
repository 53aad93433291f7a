//! The repository that the tasks run on: where it is, what it holds, its cargo.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the repository this program was built in.
pub(crate) fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().expect("xtask/ stands in the root").to_owned()
}

/// The cargo that runs this program, to be run in the root.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}
