//! `exacta serve`: the service in this process. What it answers is in `exacta_server`.

use exacta_server::LogFormat;
use rayon::ThreadPoolBuilder;

use crate::args::ServeArguments;
use crate::config::{self, Config};
use crate::error::Error;
use crate::{output, threads};

/// Serves until it is told to stop. The address, known only now if the port was 0, is the first line on
/// stderr, so that a script can wait for it.
pub(crate) fn run(arguments: &ServeArguments, file: &Config) -> Result<(), Error> {
    let service = &arguments.service;
    if arguments.print_config {
        return config::print(service, file);
    }
    let n_threads = threads::asked(None)?;
    let config = service.config();
    config.check().map_err(|error| refused(&error, arguments, file))?;
    if arguments.check {
        output::notify(&"the settings are in order");
        return Ok(());
    }
    if let Some(n_threads) = n_threads {
        let pool = ThreadPoolBuilder::new().num_threads(n_threads.into());
        pool.build_global().map_err(|source| Error::Threads { n_threads, source })?;
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

/// What is wrong with a setting, with who set it so.
fn refused(error: &exacta_server::Error, arguments: &ServeArguments, file: &Config) -> Error {
    let exacta_server::Error::Config { setting, .. } = error else {
        return Error::Setting(error.to_string());
    };
    let given = arguments.service.0.iter().find(|given| given.setting.path() == *setting);
    let origin = given.and_then(|given| config::origin(given, file));
    let origin = origin.map_or_else(String::new, |origin| format!("{origin}: "));
    Error::Setting(format!("{origin}{error}"))
}
