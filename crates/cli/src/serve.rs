//! `exacta serve`: the service in this process. What it answers is in `exacta_server`.

use std::env;

use exacta_scan::nearest;
use exacta_server::{LogFormat, Setting, settings};

use crate::args::ServeArguments;
use crate::config::{self, Config};
use crate::error::Error;
use crate::output;
use crate::text::excerpt;

/// What the variables of all settings begin with.
const PREFIX: &str = "EXACTA_SERVE_";

/// Serves until it is told to stop. The address, known only now if the port was 0, is the first line on
/// stderr, so that a script can wait for it.
pub(crate) fn run(arguments: &ServeArguments, file: &Config) -> Result<(), Error> {
    refuse_unknown_variables()?;
    let service = &arguments.service;
    if arguments.print_config {
        return config::print(service, file);
    }
    let config = service.config();
    // What starts asks for telemetry itself.
    let check = if arguments.check { exacta_server::check } else { exacta_server::Config::check };
    check(&config).map_err(|error| refused(&error, arguments, file))?;
    if arguments.check {
        output::notify(&"the settings are in order");
        return Ok(());
    }
    let scheme = if config.tls.is_on() { "https" } else { "http" };
    // A log for programs says it in its own way, and has no other lines.
    let is_for_people = config.telemetry.log_format == LogFormat::Pretty;
    let on_bound = |address| {
        if is_for_people {
            output::notify(&format_args!("listening on {scheme}://{address}"));
        }
    };
    Ok(exacta_server::run(&config, on_bound)?)
}

/// A variable that is named like a setting, and is none, would not be heeded by a service that somebody believes to be
/// guarded by it.
fn refuse_unknown_variables() -> Result<(), Error> {
    let known: Vec<String> = settings().iter().map(Setting::variable).collect();
    let given = env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    let unknown = given.filter(|name| name.starts_with(PREFIX) && !known.contains(name)).min();
    let Some(name) = unknown else { return Ok(()) };
    let ends: Vec<String> = known.iter().map(|name| name[PREFIX.len()..].to_owned()).collect();
    let advice = match nearest(&name[PREFIX.len()..], &ends) {
        Some(end) => format!("is {PREFIX}{end} meant?"),
        None => "`exacta serve --help` names those that there are".to_owned(),
    };
    Err(Error::Setting(format!("{}: there is no such setting; {advice}", excerpt(&name))))
}

/// What is wrong with a setting, with who set it so.
fn refused(error: &exacta_server::Error, arguments: &ServeArguments, file: &Config) -> Error {
    let Some(setting) = error.setting() else {
        return Error::Setting(error.to_string());
    };
    let given = arguments.service.0.iter().find(|given| given.setting.path() == setting);
    let origin = given.and_then(|given| config::origin(given, file));
    let origin = origin.map_or_else(String::new, |origin| format!("{origin}: "));
    Error::Setting(format!("{origin}{error}"))
}
