//! `cargo xtask tidy`: what the compiler cannot see of the house's order. Each rule is
//! a function from what it looks at to its findings; here they are only gathered.

mod crates;
mod docs;
mod manifests;
mod prose;
mod rooms;
mod sources;
mod tree;
mod words;

use std::fmt;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::repository;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Repository(#[from] repository::Error),
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{0} finding(s): see above")]
    Untidy(usize),
}

/// One thing that is not in order: where, what, and the mend.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    path: String,
    line: usize,
    what: String,
}

impl Finding {
    fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

/// A text file of the repository; the path is relative to the root, with slashes.
#[derive(Debug)]
struct File {
    path: String,
    text: String,
}

/// Prints every finding; none is success.
pub(crate) fn run(root: &Path) -> Result<(), Error> {
    let findings = findings(root)?;
    for finding in &findings {
        println!("{finding}");
    }
    if findings.is_empty() { Ok(()) } else { Err(Error::Untidy(findings.len())) }
}

fn findings(root: &Path) -> Result<Vec<Finding>, Error> {
    let paths = repository::files(root)?;
    let read = |is_wanted: fn(&str) -> bool| read(root, &paths, is_wanted);
    let sources = read(|path| Path::new(path).extension().is_some_and(|end| end == "rs"))?;
    let manifests = read(|path| path.ends_with("Cargo.toml"))?;
    let mut findings = tree::check_root(&paths);
    findings.extend(tree::check_generated(&read(tree::is_generated)?));
    findings.extend(manifests.iter().flat_map(manifests::check));
    let pages = read(|path| path == prose::PAGE)?;
    findings.extend(pages.iter().flat_map(|page| prose::check(page, &paths, &sources)));
    findings.extend(crates::check(&repository::metadata(root)?, &manifests));
    findings.extend(docs::check(&sources));
    for source in &sources {
        findings.extend(sources::check(source));
        findings.extend(rooms::check(source));
    }
    findings.sort();
    Ok(findings)
}

fn read(root: &Path, paths: &[String], is_wanted: fn(&str) -> bool) -> Result<Vec<File>, Error> {
    let read = |path: &String| match fs::read(root.join(path)) {
        Ok(bytes) => {
            Ok(File { path: path.clone(), text: String::from_utf8_lossy(&bytes).into_owned() })
        }
        Err(source) => Err(Error::Io { path: path.into(), source }),
    };
    paths.iter().filter(|path| is_wanted(path)).map(read).collect()
}

/// Runs a rule on one file that breaks it, for the tests of the rules.
#[cfg(test)]
fn findings_of(
    rule: impl Fn(&File) -> Vec<Finding>,
    path: &str,
    text: &str,
) -> Vec<(usize, String)> {
    let file = File { path: path.to_owned(), text: text.to_owned() };
    rule(&file).into_iter().map(|finding| (finding.line, finding.what)).collect()
}
