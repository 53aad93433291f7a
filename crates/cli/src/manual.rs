//! `exacta completions` and `exacta man`: what shells and readers are told of the command line, made from
//! the one definition of it in `args`.

use clap::Command;
use clap_mangen::Man;
use exacta_scan::nearest;

use crate::args::{CompletionsArguments, ManArguments, definition};
use crate::error::Error;
use crate::output;

/// Prints the completions for a shell.
pub(crate) fn completions(arguments: &CompletionsArguments) -> Result<(), Error> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut definition(), "exacta", &mut script);
    output::print(&String::from_utf8_lossy(&script))
}

/// Prints a page of the manual, in roff.
pub(crate) fn page(arguments: &ManArguments) -> Result<(), Error> {
    let mut command = definition();
    for name in &arguments.commands {
        let known = command.find_subcommand(name).cloned();
        command = known.ok_or_else(|| unknown(name, &command))?;
    }
    let mut page = Vec::new();
    Man::new(command).render(&mut page).map_err(Error::Output)?;
    output::print(&String::from_utf8_lossy(&page))
}

/// The error about a command that is not there.
fn unknown(name: &str, command: &Command) -> Error {
    let names = command.get_subcommands().map(|known| known.get_name().to_owned());
    let names: Vec<_> = names.collect();
    Error::CommandUnknown { name: name.to_owned(), nearest: nearest(name, &names).cloned() }
}
