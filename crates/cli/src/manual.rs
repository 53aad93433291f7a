//! `exacta completions` and `exacta man`: what shells and readers are told of the command line, made from
//! the one definition of it in `args`.

use clap_mangen::Man;

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
        command = known.ok_or_else(|| Error::CommandUnknown { name: name.clone() })?;
    }
    let mut page = Vec::new();
    Man::new(command).render(&mut page).map_err(Error::Output)?;
    output::print(&String::from_utf8_lossy(&page))
}
