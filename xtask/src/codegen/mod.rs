//! `cargo xtask codegen`: the document from the server's own account of itself, and
//! the Rust client's generated part from the document. The emitter is the contract's
//! linter: it refuses, by JSON pointer, every shape that the writing rules do not allow.

mod document;
mod emit;
mod name;
mod node;
mod schema;

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::repository;

const DOCUMENT: &str = "openapi/exacta.json";
/// The folder that holds nothing but what is generated.
pub(crate) const CLIENT: &str = "crates/client/src/generated";

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("the server could not say its document:\n{stderr}")]
    Server { stderr: String },
    #[error("{DOCUMENT}: {0}")]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Refused(#[from] node::Refusal),
    #[error(transparent)]
    Output(#[from] emit::InvalidOutput),
    #[error("{} is stale: run `cargo xtask codegen` and commit what it writes", path.display())]
    Stale { path: PathBuf },
    #[error("{} is not generated, and {CLIENT} holds nothing else: move it elsewhere", path.display())]
    Stranger { path: PathBuf },
}

/// Writes what is generated, or with `is_check` only compares.
pub(crate) fn run(root: &Path, is_check: bool) -> Result<(), Error> {
    bring(root, &generate(&ask_server(root)?)?, is_check)
}

/// Brings the files to what they should be, or finds the first that is not.
fn bring(root: &Path, files: &[(PathBuf, String)], is_check: bool) -> Result<(), Error> {
    for (path, text) in files {
        let is_fresh = read(&root.join(path))?.is_some_and(|found| found == *text);
        match (is_fresh, is_check) {
            (true, _) => {}
            (false, true) => return Err(Error::Stale { path: path.clone() }),
            (false, false) => write(root, path, text)?,
        }
    }
    for path in strangers(root, files)? {
        if is_check {
            return Err(Error::Stale { path });
        }
        remove_generated(root, path)?;
    }
    Ok(())
}

/// The generated files, by path from the root.
fn generate(json: &str) -> Result<Vec<(PathBuf, String)>, Error> {
    let document = document::Document::read(&serde_json::from_str(json)?)?;
    let client = emit::client(&document)?;
    let client = client.map(|(name, text)| (Path::new(CLIENT).join(name), text));
    Ok([(PathBuf::from(DOCUMENT), json.to_owned())].into_iter().chain(client).collect())
}

/// The command that prints the server's document.
const ASK: &str = "run --quiet --color=never --package=xtask --features=document --bin=document";

/// The document as the server's types and routes make it now.
///
/// The server embeds the file that this is to write, so one must be there for it
/// to compile: an empty object stands in while there is none. The program that asks
/// is another one than this, so that this one can be built meanwhile.
fn ask_server(root: &Path) -> Result<String, Error> {
    let path = root.join(DOCUMENT);
    let is_missing = read(&path)?.is_none();
    if is_missing {
        fs::create_dir_all(path.parent().unwrap_or(root)).map_err(at(&path))?;
        fs::write(&path, "{}\n").map_err(at(&path))?;
    }
    let output = repository::cargo(root).args(ASK.split(' ')).output();
    if is_missing {
        fs::remove_file(&path).map_err(at(&path))?;
    }
    let output = output.map_err(at(Path::new("cargo")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(Error::Server { stderr: String::from_utf8_lossy(&output.stderr).into_owned() })
}

/// The files in the generated folder that are not among the generated ones.
fn strangers(root: &Path, files: &[(PathBuf, String)]) -> Result<Vec<PathBuf>, Error> {
    let folder = root.join(CLIENT);
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(at(&folder))?,
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = Path::new(CLIENT).join(entry.map_err(at(&folder))?.file_name());
        if files.iter().all(|(known, _)| *known != path) {
            paths.push(path);
        }
    }
    Ok(paths)
}

/// Removes what an earlier run wrote; what a person wrote is theirs to move.
fn remove_generated(root: &Path, path: PathBuf) -> Result<(), Error> {
    let full = root.join(&path);
    if !full.is_file() || !read(&full)?.is_some_and(|text| text.starts_with(emit::MARK)) {
        return Err(Error::Stranger { path });
    }
    fs::remove_file(&full).map_err(at(&full))?;
    println!("removed {}", path.display());
    Ok(())
}

fn read(path: &Path) -> Result<Option<String>, Error> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(at(path)(error)),
    }
}

fn write(root: &Path, path: &Path, text: &str) -> Result<(), Error> {
    let full = root.join(path);
    fs::create_dir_all(full.parent().unwrap_or(root)).map_err(at(&full))?;
    fs::write(&full, text).map_err(at(&full))?;
    println!("wrote {}", path.display());
    Ok(())
}

/// Says at which path an input or output failed.
fn at(path: &Path) -> impl Fn(io::Error) -> Error {
    move |source| Error::Io { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests;
