//! `exacta serve`: the service in this process. What it answers is in `exacta_server`.

use exacta_server::Config;
use rayon::ThreadPoolBuilder;

use crate::args::ServeArguments;
use crate::error::Error;
use crate::{output, threads};

/// Serves until it is told to stop. The address, known only now if the port was 0, is the first line on
/// stderr, so that a script can wait for it.
pub(crate) fn run(arguments: &ServeArguments) -> Result<(), Error> {
    let config = Config {
        listen: arguments.listen.clone(),
        body_bytes_max: arguments.body_max,
        data: arguments.data.clone(),
        ..Config::default()
    };
    if let Some(n_threads) = threads::asked(None)? {
        let pool = ThreadPoolBuilder::new().num_threads(n_threads.into());
        pool.build_global().map_err(|source| Error::Threads { n_threads, source })?;
    }
    let on_bound = |address| output::notify(&format_args!("listening on http://{address}"));
    Ok(exacta_server::run(&config, on_bound)?)
}
