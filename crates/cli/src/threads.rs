//! How many threads compute: what the command line says, else what `RAYON_NUM_THREADS` says. Read here, since
//! rayon takes any number there, and ignores what is none.

use std::env;

use rayon::ThreadPoolBuilder;

use crate::error::Error;

/// The most threads that can be asked for.
pub(crate) const THREADS_MAX: u16 = 1024;

const VARIABLE: &str = "RAYON_NUM_THREADS";

/// The number that is asked for; none means one thread for each core.
pub(crate) fn asked(given: Option<u16>) -> Result<Option<u16>, Error> {
    match (given, env::var_os(VARIABLE)) {
        (None, Some(text)) => number(&text.to_string_lossy()),
        (given, _) => Ok(given),
    }
}

/// Does the work with as many threads as are asked for.
pub(crate) fn in_pool<T: Send>(
    given: Option<u16>,
    work: impl FnOnce() -> Result<T, Error> + Send,
) -> Result<T, Error> {
    let Some(n_threads) = asked(given)? else { return work() };
    let pool = ThreadPoolBuilder::new().num_threads(n_threads.into()).build();
    pool.map_err(|source| Error::Threads { n_threads, source })?.install(work)
}

fn number(text: &str) -> Result<Option<u16>, Error> {
    match text.trim().parse() {
        _ if text.trim().is_empty() => Ok(None),
        Ok(0) => Ok(None), // as rayon has it
        Ok(n_threads) if n_threads <= THREADS_MAX => Ok(Some(n_threads)),
        _ => Err(Error::ThreadsVariable { given: text.chars().take(32).collect() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_within_the_limit_or_nothing() {
        for (text, expected) in [("", None), ("0", None), (" 2 ", Some(2)), ("1024", Some(1024))] {
            assert_eq!(number(text).unwrap(), expected, "{text:?}");
        }
        for text in ["1025", "99999999999", "-1", "two", "2.0"] {
            assert!(number(text).is_err(), "{text:?}");
        }
    }
}
