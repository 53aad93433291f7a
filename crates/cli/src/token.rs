//! `exacta token`: tokens, and their lines for the file of principals. What they are made of is in
//! `exacta_server`.

use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::path::Path;

use exacta_server::NewToken;

use crate::args::{NewTokenArguments, TokenCommand};
use crate::error::Error;
use crate::output;
use crate::text::one_line;

/// Does what the command says.
pub(crate) fn run(command: &TokenCommand) -> Result<(), Error> {
    match command {
        TokenCommand::New(arguments) => new(arguments),
    }
}

/// Prints the token in a line of its own, and then the line for the file, unless that is added.
fn new(arguments: &NewTokenArguments) -> Result<(), Error> {
    let new = NewToken::new(arguments.name.as_deref(), &arguments.scopes)?;
    let Some(path) = &arguments.add_to else {
        output::notify(
            &"the token, which is not shown again, and the line for the file of principals:",
        );
        return output::print(&format!("{}\n{}\n", new.token(), new.line()));
    };
    add(path, &new.line()).map_err(|source| Error::OutputFile {
        path: one_line(&path.to_string_lossy()),
        source,
        mend: "check its folder, and that this user may write there",
    })?;
    output::print(&format!("{}\n", new.token()))
}

/// Adds a line, also behind one that has no end. A file that is made is for this user alone.
fn add(path: &Path, line: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let mut known = Vec::new();
    file.read_to_end(&mut known)?;
    let end = if known.last().is_none_or(|byte| *byte == b'\n') { "" } else { "\n" };
    file.write_all(format!("{end}{line}\n").as_bytes())
}
