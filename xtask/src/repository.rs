//! The repository that the tasks run on: where it is, what it holds, its cargo.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{program} did not start: {source}")]
    Start { program: &'static str, source: io::Error },
    #[error("{program} failed:\n{stderr}")]
    Failed { program: &'static str, stderr: String },
    #[error("cargo metadata is no JSON: {0}")]
    Json(#[from] serde_json::Error),
}

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

/// The files that git tracks or would, by path from the root.
pub(crate) fn files(root: &Path) -> Result<Vec<String>, Error> {
    let mut git = Command::new("git");
    git.current_dir(root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let listing = output("git", git)?;
    let mut files: Vec<_> = listing.split_terminator('\0').map(str::to_owned).collect();
    files.retain(|path| root.join(path).is_file());
    files.sort();
    Ok(files)
}

/// What cargo says of the packages of the workspace.
pub(crate) fn metadata(root: &Path) -> Result<Value, Error> {
    let mut cargo = cargo(root);
    cargo.args(["metadata", "--format-version=1", "--no-deps"]);
    Ok(serde_json::from_str(&output("cargo", cargo)?)?)
}

fn output(program: &'static str, mut command: Command) -> Result<String, Error> {
    let output = command.output().map_err(|source| Error::Start { program, source })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(Error::Failed { program, stderr })
}
