//! Where bytes come from: a file or stdin, opened for reading and named for messages. What they mean is
//! not here.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::text::one_line;

/// One input of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    Stdin,
    File(PathBuf),
}

/// An input that can be read.
pub(crate) struct Opened {
    pub(crate) reader: Box<dyn Read + Send>,
    /// Its length in bytes, where that is known beforehand.
    pub(crate) length: Option<u64>,
}

impl Input {
    /// The inputs that a list of paths names: stdin for `-`, and for no path at all.
    pub(crate) fn list(paths: &[PathBuf]) -> Result<Vec<Self>, Error> {
        if paths.is_empty() {
            let is_bare = io::stdin().is_terminal();
            return if is_bare { Err(Error::NoInput) } else { Ok(vec![Self::Stdin]) };
        }
        let is_stdin = |path: &&PathBuf| path.as_path() == Path::new("-");
        if paths.iter().filter(is_stdin).count() > 1 {
            return Err(Error::StdinTwice);
        }
        let input = |path| if is_stdin(&path) { Self::Stdin } else { Self::File(path.clone()) };
        Ok(paths.iter().map(input).collect())
    }

    /// Its name in messages, fit for one line.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Stdin => "<stdin>".to_owned(),
            Self::File(path) => one_line(&path.to_string_lossy()),
        }
    }

    /// Opens it.
    pub(crate) fn open(&self) -> Result<Opened, Error> {
        let Self::File(path) = self else {
            return Ok(Opened { reader: Box::new(io::stdin()), length: None });
        };
        let file = File::open(path).map_err(|source| Error::Open { input: self.name(), source })?;
        // What is no regular file says 0 for its length, whatever it holds.
        let metadata = file.metadata().ok().filter(std::fs::Metadata::is_file);
        Ok(Opened { length: metadata.map(|metadata| metadata.len()), reader: Box::new(file) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dash_is_stdin_once() {
        let list =
            |paths: &[&str]| Input::list(&paths.iter().map(PathBuf::from).collect::<Vec<_>>());
        let file = Input::File("./-".into());
        assert_eq!(list(&["-", "./-"]).unwrap(), [Input::Stdin, file]);
        assert!(matches!(list(&["-", "a", "-"]), Err(Error::StdinTwice)));
    }

    #[test]
    fn names_stay_in_their_line() {
        assert_eq!(Input::File("a\nb\u{1b}[1mé".into()).name(), "a\\nb\\u{1b}[1mé");
    }
}
